//! What docs/measurements.md states, measured. Each figure comes with a floor or a peer of the same run.

use crate::run::{Cost, cost, spread};
use std::path::{Path, PathBuf};
use std::process::Command;
use testing::plant::{self, Grow};

/// Counted runs of each command, after one that is not counted.
const RUNS: usize = 5;

/// Runs `cargo build`. What an outer cargo set for this program is taken away: build scripts that look at it would run
/// again, and with them half the tree, each time a build from here follows one from a shell.
pub(crate) fn build(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|p| name.to_string_lossy().starts_with(p))
        {
            command.env_remove(name);
        }
    }
    let status = command.arg("build").args(arguments).status().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("cargo build {arguments:?} failed")) }
}

pub(crate) fn release(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("release").join(name)
}

/// A folder that goes away with the value.
pub(crate) struct Scratch(pub(crate) PathBuf);
impl Scratch {
    pub(crate) fn new(name: &str) -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("watchfire-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|e| e.to_string())?;
        Ok(Self(path))
    }
}
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn measure(label: &str, command: impl Fn() -> Command) -> Result<Vec<Cost>, String> {
    cost(&mut command())?;
    let runs: Vec<Cost> = (0..RUNS).map(|_| cost(&mut command())).collect::<Result<_, _>>()?;
    let of = |f: fn(&Cost) -> f64| spread(runs.iter().map(f).collect());
    let (c, w, p) = (of(|r| r.cpu), of(|r| r.wall), of(|r| r.peak_mib));
    println!("| {label} | {:.2} / {:.2} / {:.2} | {:.3} / {:.3} / {:.3} | {:.0} |", c.0, c.1, c.2, w.0, w.1, w.2, p.2);
    Ok(runs)
}

pub(crate) fn median_cpu(runs: &[Cost]) -> f64 {
    spread(runs.iter().map(|r| r.cpu).collect()).1
}

/// `cargo xtask bench examine`: host, data, start-up.
pub(crate) fn examine() -> Result<(), String> {
    build(&["--release", "--package", "watchfire"])?;
    build(&["--release", "--package", "discover", "--example", "rate"])?;
    let watchfire = release("watchfire");
    let home = Scratch::new("home")?;
    let tree = Scratch::new("tree")?;
    let grow = Grow { seed: 1, files: 20_000, file_bytes: 12_000, every: 10 };
    plant::tree(&tree.0, grow).map_err(|e| e.to_string())?;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&watchfire);
        command.arg("--home").arg(&home.0).arg("--quiet").args(arguments);
        command
    };
    println!("packages on this host: {}", packages());
    println!(
        "tree: seed {}, {} files of about {} bytes; {RUNS} runs after one warm-up",
        grow.seed, grow.files, grow.file_bytes
    );
    println!(
        "\n| command | CPU s min / median / max | wall s min / median / max | peak MiB |\n| --- | --- | --- | --- |"
    );
    measure("floor: `/bin/true`", || Command::new("/bin/true"))?;
    measure("start-up: `watchfire --version`", || {
        let mut command = Command::new(&watchfire);
        command.arg("--version");
        command
    })?;
    measure("host: `watchfire examine --no-data`", || run(&["examine", "--no-data"]))?;
    measure("peer: `find / -xdev -perm /6000`, the file facts' walk alone", || {
        let mut command = Command::new("find");
        command.args(["/", "-xdev", "-perm", "/6000"]);
        command
    })?;
    let folder = tree.0.to_string_lossy().into_owned();
    let data = measure("data: `watchfire examine --no-host --fresh TREE`", || {
        run(&["examine", "--no-host", "--fresh", &folder])
    })?;
    let grep = measure("peer: `grep -rcE` for one 18-digit pattern over TREE", || {
        let mut command = Command::new("grep");
        command.env("LC_ALL", "C").args(["-r", "-c", "-E", "[0-9]{17}[0-9Xx]"]).arg(&tree.0);
        command
    })?;
    let cat = measure("floor: `cat` of every file of TREE", || {
        let mut command = Command::new("sh");
        command.arg("-c").arg("find \"$0\" -type f -exec cat {} +").arg(&tree.0);
        command
    })?;
    let ratio = |other: &[Cost]| median_cpu(&data) / median_cpu(other).max(0.01);
    println!("\nCPU of the data run: {:.2} × grep with one pattern, {:.2} × cat", ratio(&grep), ratio(&cat));
    println!("\ndecoded bytes per CPU second (in process, same tree generator):");
    example("rate", &[])
}

/// `cargo xtask bench store`: appending and verifying.
pub(crate) fn store() -> Result<(), String> {
    build(&["--release", "--package", "store", "--example", "append_bench"])?;
    example("append_bench", &[])
}

/// Ten thousand open incidents under one watch.
pub(crate) fn watch() -> Result<(), String> {
    build(&["--release", "--package", "node", "--example", "watch_bench"])?;
    example("watch_bench", &[])
}

/// Packages of two thousand children taken in by one parent.
pub(crate) fn federation() -> Result<(), String> {
    build(&["--release", "--package", "node", "--example", "federation_bench"])?;
    example("federation_bench", &[])
}

/// A country: `--supervisors N --plants N --seed N --dir DIR`.
pub(crate) fn simulation(rest: &[&str]) -> Result<(), String> {
    build(&["--release", "--package", "node", "--example", "simulation"])?;
    let arguments: Vec<&Path> = rest.iter().map(Path::new).collect();
    example("simulation", &arguments)
}

pub(crate) fn notify() -> Result<(), String> {
    build(&["--release", "--package", "node", "--example", "notify_bench"])?;
    example("notify_bench", &[])
}

/// 48,000 reports over 480,000 enterprises.
pub(crate) fn progress() -> Result<(), String> {
    build(&["--release", "--package", "node", "--example", "progress_bench"])?;
    example("progress_bench", &[])
}

/// 480,000 enterprises, 450,000 reports and their receipts: about a million records. The store goes into the folder that is named, and
/// stays there; it is used again.
pub(crate) fn pages(more: &[&str]) -> Result<(), String> {
    build(&["--release", "--package", "node", "--example", "pages_bench"])?;
    let more: Vec<&Path> = more.iter().map(Path::new).collect();
    let fixed = std::env::temp_dir().join("watchfire-bench-pages");
    if more.is_empty() { example("pages_bench", &[&fixed]) } else { example("pages_bench", &more) }
}

pub(crate) fn example(name: &str, arguments: &[&Path]) -> Result<(), String> {
    let program = release("examples").join(name);
    let status = Command::new(&program).args(arguments).status().map_err(|e| format!("{}: {e}", program.display()))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

/// Packages that dpkg knows as installed.
pub(crate) fn packages() -> usize {
    let status = std::fs::read_to_string("/var/lib/dpkg/status").unwrap_or_default();
    status.lines().filter(|l| *l == "Status: install ok installed").count()
}
