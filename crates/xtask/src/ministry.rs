//! `cargo xtask bench ministry DIR [REPORTS]`: a ministry with 480,000 enterprises and a million records, audited and asked. DIR keeps
//! what was made: a second run measures it again. Each command runs once, as a process of its own.

use crate::bench::{build, release};
use crate::run::{cost_of, high_water_kib};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// About as many as there are industrial enterprises above the designated size.
const ROWS: u64 = 480_000;
/// Reports of plants, two a package: with a receipt of the province for each and one of the ministry for each package, and the
/// memberships of 45,000 plants, a million records.
const REPORTS: &str = "382000";

pub(crate) fn bench(rest: &[&str]) -> Result<(), String> {
    let (dir, reports) = match rest {
        [dir] => (Path::new(dir), REPORTS),
        [dir, reports] => (Path::new(dir), *reports),
        _ => return Err("cargo xtask bench ministry DIR [REPORTS]".to_owned()),
    };
    build(&["--release", "--package", "watchfire"])?;
    build(&["--release", "--package", "node", "--example", "ministry"])?;
    make(dir, reports)?;
    println!("\nload average: {}", std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    println!("\n| command | CPU s | wall s | peak MiB |\n| --- | --- | --- | --- |");
    let run = |arguments: &[&str]| -> Result<(), String> {
        let c = cost_of(&mut watchfire(dir, arguments), &[0])?;
        println!("| `{}` | {:.2} | {:.1} | {:.0} |", arguments.join(" "), c.cpu, c.wall, c.peak_mib);
        Ok(())
    };
    run(&["key", "show"])?;
    run(&["audit"])?;
    run(&["registry", "list", "--limit", "50"])?;
    run(&["registry", "list", "--selected", "--limit", "50"])?;
    run(&["registry", "sums"])?;
    run(&["node", "list"])?;
    run(&["progress"])?;
    run(&["oversight", "list", "risk", "--limit", "50"])?;
    run(&["oversight", "queue", "--limit", "50"])?;
    served(dir)
}

fn watchfire(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(release("watchfire"));
    command.arg("--home").arg(dir.join("home")).arg("--quiet").args(arguments);
    command
}

fn make(dir: &Path, reports: &str) -> Result<(), String> {
    let made = dir.join("made");
    if let Ok(what) = std::fs::read_to_string(&made) {
        println!("{}, made before", what.trim());
        return Ok(());
    }
    let _ = std::fs::remove_dir_all(dir.join("home"));
    std::fs::create_dir_all(dir).map_err(|e| e.to_string())?;
    let table = dir.join("enterprises.csv");
    std::fs::write(&table, testing::registry::csv(1, ROWS)).map_err(|e| e.to_string())?;
    let out = Command::new(release("examples").join("ministry")).arg(dir).arg(&table).arg(reports).output();
    let out = out.map_err(|e| e.to_string())?;
    if !out.status.success() {
        return Err(format!("ministry: {}", String::from_utf8_lossy(&out.stderr)));
    }
    let import = ["registry", "import", &table.to_string_lossy(), "--year", "2025"];
    cost_of(&mut watchfire(dir, &import), &[0])?;
    cost_of(&mut watchfire(dir, &["registry", "select"]), &[0])?;
    let size = |name: &str| std::fs::metadata(dir.join("home").join(name)).map_or(0, |m| m.len()) / 1_000_000;
    let what = format!(
        "{}; {ROWS} enterprises; log {} MB, mirrors {} MB",
        String::from_utf8_lossy(&out.stdout).trim(),
        size("log.db"),
        size("mirror.db")
    );
    println!("{what}");
    std::fs::write(made, what).map_err(|e| e.to_string())
}

/// The node as it serves: opened, asked for its checkpoint and for what is not there.
fn served(dir: &Path) -> Result<(), String> {
    let why = |e: std::io::Error| format!("serve: {e}");
    let mut command = watchfire(dir, &["serve", "--listen", "127.0.0.1:0", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(why)?;
    let asked = (|| {
        let mut said = String::new();
        BufReader::new(child.stdout.take().ok_or("serve: no output")?).read_line(&mut said).map_err(why)?;
        let said: serde_json::Value = serde_json::from_str(&said).map_err(|e| format!("serve: {e}"))?;
        let address = said["address"].as_str().ok_or("serve: no address")?;
        for _ in 0..20 {
            let mut line = std::net::TcpStream::connect(address).map_err(why)?;
            line.write_all(b"GET /v1/checkpoint HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").map_err(why)?;
            let mut answer = String::new();
            line.read_to_string(&mut answer).map_err(why)?;
            if !answer.starts_with("HTTP/1.1 200") {
                return Err(format!("serve: {answer}"));
            }
        }
        high_water_kib(Path::new(&format!("/proc/{}/status", child.id()))).ok_or("serve: ended early".to_owned())
    })();
    let _ = child.kill();
    let _ = child.wait();
    println!("| `serve`, asked for its checkpoint 20 times | – | – | {:.0} |", f64::from(asked?) / 1024.0);
    Ok(())
}
