//! `cargo xtask bench registry`: 480,000 enterprises brought in, selected, listed and explained by the program itself; then the same with the
//! read tables on PostgreSQL, where it is installed.

use crate::bench::{Scratch, build, measure, release};
use crate::run::cost;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use testing::postgres::Server;

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
    build(&["--release", "--package", "node", "--example", "registry_page"])?;
    println!("\nIn files (SQLite):");
    example("registry_page", &[home.0.as_os_str()])?;
    served(&table, &home.0, &run)
}

/// The same on a PostgreSQL server of its own, with its disk waited for; beside it the plainest way to bring the same rows in.
fn served(table: &Path, home: &Path, run: &dyn Fn(&[&str]) -> Command) -> Result<(), String> {
    let Some(server) = Server::start_with("bench registry", "-c shared_buffers=512MB -c max_wal_size=4GB") else {
        return Ok(());
    };
    let url = server.url("postgres");
    let process = server.process().ok_or("the server has no process")?;
    println!("\nOn PostgreSQL ({}):", server.psql("postgres", "SHOW server_version"));
    println!("\n| what | CPU s, client | CPU s, server | wall s |\n| --- | --- | --- | --- |");
    let both = |label: &str, command: &mut Command| -> Result<(), String> {
        let before = family_ticks(process);
        let c = cost(command)?;
        let served = (family_ticks(process) - before) / 100.0;
        println!("| {label} | {:.2} | {served:.2} | {:.2} |", c.cpu, c.wall);
        Ok(())
    };
    let plain = "CREATE TABLE plain (uscc text, name text, area text, industry text, revenue int8)";
    let copy = format!(r"\copy plain FROM '{}' WITH (FORMAT csv, HEADER)", table.display());
    let _ = server.psql("postgres", plain);
    both("floor: `psql` `\\copy` of the table, no index", server.client("postgres").args(["-c", &copy]))?;
    both("floor: its primary key", server.client("postgres").args(["-c", "ALTER TABLE plain ADD PRIMARY KEY (uscc)"]))?;
    // The rows are in the log; what is measured is the tables, with the lists and sums of the newest selection.
    let rebuild = || run_tables(home, &["tables", "rebuild", "--tables", &url]);
    both("`tables rebuild`, empty server", &mut rebuild())?;
    both("`tables rebuild` again, replacing", &mut rebuild())?;
    both("`registry select --from tables`", &mut run(&["select", "--from", "tables", "--tables", &url]))?;
    both("`registry select` (from the log)", &mut run(&["select", "--tables", &url]))?;
    both("`registry list --limit 50`", &mut run(&["list", "--limit", "50", "--tables", &url]))?;
    both("`registry sums`", &mut run(&["sums", "--tables", &url]))?;
    both("floor: `psql -c 'SELECT 1'`", server.client("postgres").args(["-c", "SELECT 1"]))?;
    let size = "SELECT pg_size_pretty(pg_database_size('postgres') - pg_total_relation_size('plain'))";
    println!("\non disk: {}, the plain table {}", server.psql("postgres", size), {
        server.psql("postgres", "SELECT pg_size_pretty(pg_total_relation_size('plain'))")
    });
    example("registry_page", &[home.as_os_str(), url.as_ref(), process.to_string().as_ref()])
}

fn run_tables(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(release("watchfire"));
    command.arg("--home").arg(home).arg("--quiet").args(arguments);
    command
}

fn example(name: &str, arguments: &[&OsStr]) -> Result<(), String> {
    let ended = Command::new(release("examples").join(name)).args(arguments).status().map_err(|e| e.to_string())?;
    if ended.success() { Ok(()) } else { Err(format!("{name} ended with {ended}")) }
}

/// User + system ticks of a process, of its children that ended, and of those that live.
fn family_ticks(process: u32) -> f64 {
    let ticks = |pid: &str, fields: &[usize]| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let rest: Vec<&str> = text.rsplit_once(')').map_or("", |t| t.1).split_whitespace().collect();
        fields.iter().filter_map(|n| rest.get(n - 3).and_then(|f| f.parse::<f64>().ok())).sum::<f64>()
    };
    let list = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    // Fields of proc(5): 14 and 15 its own, 16 and 17 those of children that it has waited for.
    ticks(&process.to_string(), &[14, 15, 16, 17]) + list.split_whitespace().map(|c| ticks(c, &[14, 15])).sum::<f64>()
}
