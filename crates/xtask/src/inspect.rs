//! `cargo xtask bench inspect [--rules DIR]`: a live host beside Lynis, packages against advisories, YARA rules beside yara.

use crate::bench::{Scratch, build, example, measure, median_cpu, packages, release};
use crate::run::cost;
use std::path::Path;
use std::process::Command;

/// Where the rules are tried.
const PROGRAMS: &str = "/usr/bin";

pub(crate) fn bench(arguments: &[&str]) -> Result<(), String> {
    let rules = match arguments {
        [] => None,
        ["--rules", dir] => Some(*dir),
        _ => return Err("cargo xtask bench inspect [--rules DIR]".to_owned()),
    };
    build(&["--release", "--package", "watchfire"])?;
    build(&["--release", "--package", "advise", "--example", "match_rate"])?;
    build(&["--release", "--package", "inspect", "--example", "yara_rate"])?;
    host()?;
    println!("\npackages against advisories (generated, seeded), CPU ms of one thread:");
    example("match_rate", &[])?;
    yara(rules)
}

fn host() -> Result<(), String> {
    let watchfire = release("watchfire");
    let home = Scratch::new("inspect")?;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&watchfire);
        command.arg("--home").arg(&home.0).arg("--quiet").args(arguments);
        command
    };
    println!("packages on this host: {}", packages());
    println!(
        "\n| command | CPU s min / median / max | wall s min / median / max | peak MiB |\n| --- | --- | --- | --- |"
    );
    let usual = measure("`watchfire inspect`", || run(&["inspect"]))?;
    measure("`watchfire inspect --thorough`", || run(&["inspect", "--thorough"]))?;
    measure("floor: `find / -xdev -perm /6000`", || {
        let mut command = Command::new("find");
        command.args(["/", "-xdev", "-perm", "/6000"]);
        command
    })?;
    measure("peer: `dpkg --verify`", || {
        let mut command = Command::new("dpkg");
        command.arg("--verify");
        command
    })?;
    if !Path::new("/usr/sbin/lynis").is_file() {
        println!("lynis is not installed (apt-get install lynis): not compared");
        return Ok(());
    }
    // Minutes a run: once is enough for a ratio of this size.
    let mut command = Command::new("lynis");
    command.args(["audit", "system", "--quick", "--no-colors"]).current_dir(&home.0);
    let lynis = cost(&mut command)?;
    println!(
        "| peer: `lynis audit system --quick --no-colors`, one run | {:.1} | {:.1} | {:.0} |",
        lynis.cpu, lynis.wall, lynis.peak_mib
    );
    println!("\nCPU of Lynis: {:.1} × watchfire inspect", lynis.cpu / median_cpu(&usual).max(0.01));
    Ok(())
}

fn yara(rules: Option<&str>) -> Result<(), String> {
    println!("\nstarter rules over {PROGRAMS}, one thread:");
    example("yara_rate", &[Path::new("-"), Path::new(PROGRAMS)])?;
    let Some(rules) = rules else {
        println!("\nno --rules DIR: a large pack was not tried");
        return Ok(());
    };
    println!("\nrules of {rules} over {PROGRAMS}, one thread:");
    example("yara_rate", &[Path::new(rules), Path::new(PROGRAMS)])?;
    let mut files: Vec<_> = std::fs::read_dir(rules).map_err(|e| e.to_string())?.flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "yar" || e == "yara"));
    files.sort();
    println!(
        "\n| command | CPU s min / median / max | wall s min / median / max | peak MiB |\n| --- | --- | --- | --- |"
    );
    measure("peer: Debian's `yara -p 1 -r -N`, compiling included", || {
        let mut command = Command::new("yara");
        for name in ["filename", "filepath", "extension", "filetype", "owner"] {
            command.args(["-d", &format!("{name}=")]);
        }
        command.args(["-w", "-p", "1", "-r", "-N"]).args(&files).arg(PROGRAMS);
        command
    })?;
    Ok(())
}
