//! `cargo xtask bench registry`: 480,000 enterprises brought in, selected, listed and explained by the program itself.

use crate::bench::{Scratch, build, measure, release};
use crate::run::cost;
use std::process::Command;

/// About as many as there are industrial enterprises above the designated size.
const ROWS: u64 = 480_000;

pub(crate) fn bench() -> Result<(), String> {
    build(&["--release", "--package", "watchfire"])?;
    let (folder, home) = (Scratch::new("registry")?, Scratch::new("registry-home")?);
    let table = folder.0.join("enterprises.csv");
    let text = testing::registry::csv(1, ROWS);
    std::fs::write(&table, &text).map_err(|e| e.to_string())?;
    println!("registry: seed 1, {ROWS} rows, {:.1} MB of CSV", text.len() as f64 / 1e6);
    let code = |n: usize| text.lines().nth(n).and_then(|l| l.split(',').next()).unwrap_or_default().to_owned();
    let (some, middle) = (code(1), code(240_000));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(release("watchfire"));
        command.arg("--home").arg(&home.0).arg("--quiet").args(["registry"]).args(arguments);
        command
    };
    let file = table.to_string_lossy().into_owned();
    println!(
        "\n| command | CPU s min / median / max | wall s min / median / max | peak MiB |\n| --- | --- | --- | --- |"
    );
    // Each import stands alone: a second one into the same home would find its read table.
    let import = || {
        let alone = folder.0.join("home");
        let _ = std::fs::remove_dir_all(&alone);
        let mut command = Command::new(release("watchfire"));
        command.arg("--home").arg(&alone).args(["--quiet", "registry", "import", &file, "--year", "2025"]);
        command
    };
    measure("`registry import`", import)?;
    cost(&mut run(&["import", &file, "--year", "2025"]))?;
    measure("`registry select`", || run(&["select"]))?;
    measure("`registry list --limit 50`", || run(&["list", "--limit", "50", "--after", &middle]))?;
    measure("`registry list --selected --area 44 --limit 50`", || {
        run(&["list", "--selected", "--area", "44", "--limit", "50"])
    })?;
    measure("`registry explain`", || run(&["explain", &some]))?;
    measure("floor: `key show` (opens the log, shows nothing of it)", || {
        let mut command = Command::new(release("watchfire"));
        command.arg("--home").arg(&home.0).args(["--quiet", "key", "show"]);
        command
    })?;
    println!();
    let mut pages = Command::new("cargo");
    pages.args(["run", "--quiet", "--release", "--package", "node", "--example", "registry_page", "--"]).arg(&home.0);
    let ended = pages.status().map_err(|e| e.to_string())?;
    if ended.success() { Ok(()) } else { Err(format!("the example registry_page ended with {ended}")) }
}
