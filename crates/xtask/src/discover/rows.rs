//! Rows of a table of costs, the floors that stand in them, and a loop that does nothing but count.

use crate::run::{Cost, cost_of, spread};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A table of commands over the same bytes; its head is printed with it.
pub(super) struct Table {
    runs: usize,
    bytes: u64,
}
impl Table {
    /// `bytes` are what each command works through; none if 0.
    pub(super) fn new(runs: usize, bytes: u64) -> Self {
        println!("| what | CPU s | wall s | peak MiB | MB of text per CPU s |\n| --- | --- | --- | --- | --- |");
        Self { runs, bytes }
    }
    /// Measures a command; returns its CPU seconds, the median.
    pub(super) fn row(&self, label: &str, command: impl Fn() -> Result<Command, String>) -> Result<f64, String> {
        self.row_of(&[0, 1], label, command)
    }
    /// The same for a command that has other good ends.
    pub(super) fn row_of(
        &self,
        good: &[i32],
        label: &str,
        command: impl Fn() -> Result<Command, String>,
    ) -> Result<f64, String> {
        self.measured(good, label, self.bytes, command)
    }
    /// A row of a command that works through nothing.
    pub(super) fn start(
        &self,
        good: &[i32],
        label: &str,
        command: impl Fn() -> Result<Command, String>,
    ) -> Result<f64, String> {
        self.measured(good, label, 0, command)
    }
    fn measured(
        &self,
        good: &[i32],
        label: &str,
        bytes: u64,
        command: impl Fn() -> Result<Command, String>,
    ) -> Result<f64, String> {
        cost_of(&mut command()?, good)?;
        let runs = (0..self.runs).map(|_| cost_of(&mut command()?, good)).collect::<Result<Vec<Cost>, _>>()?;
        let of = |f: &dyn Fn(&Cost) -> f64| spread(runs.iter().map(f).collect());
        let (c, w, p) = (of(&|r| r.cpu), of(&|r| r.wall), of(&|r| r.peak_mib));
        // The accounts tick in hundredths of a second: nothing that took less has a rate.
        let rate = |cpu: f64| {
            if bytes == 0 || cpu < 0.05 { "–".to_owned() } else { format!("{:.1}", bytes as f64 / cpu / 1e6) }
        };
        println!(
            "| {label} | {:.2} / {:.2} / {:.2} | {:.3} / {:.3} / {:.3} | {:.0} | {} / {} / {} |",
            c.0,
            c.1,
            c.2,
            w.0,
            w.1,
            w.2,
            p.2,
            rate(c.2),
            rate(c.1),
            rate(c.0)
        );
        Ok(c.1.max(0.01))
    }
}

/// Reads every file and throws it away.
pub(super) fn cat(dir: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg("find \"$0\" -type f -exec cat {} +").arg(dir);
    command
}
/// The least that a reader can do: this program opens, reads and closes every file, in one thread.
pub(super) fn bare(dir: &Path) -> Result<Command, String> {
    let mut command = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
    command.arg("read").arg(dir);
    Ok(command)
}
/// What [`bare`] runs.
pub(crate) fn read_all(dir: &str) -> Result<(), String> {
    let mut all = Vec::new();
    files(Path::new(dir), &mut all).map_err(|e| e.to_string())?;
    let mut buffer = vec![0; 256 << 10];
    for path in all {
        let mut file = std::fs::File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        while file.read(&mut buffer).map_err(|e| e.to_string())? > 0 {}
    }
    Ok(())
}
/// One pattern over every file.
pub(super) fn grep(dir: &Path) -> Command {
    let mut command = Command::new("grep");
    command.env("LC_ALL", "C").args(["-r", "-c", "-E", "[0-9]{17}[0-9Xx]"]).arg(dir);
    command
}
/// What tells whether a file changed, of every file.
pub(super) fn walk(dir: &Path) -> Command {
    let mut command = Command::new("find");
    command.arg(dir).args(["-type", "f", "-printf", "%D %i %s %T@ %C@\\n"]);
    command
}

/// Every file under `dir`; links are not followed.
pub(super) fn files(dir: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files(&entry.path(), out)?;
        } else if kind.is_file() {
            out.push(entry.path());
        }
    }
    Ok(())
}

fn count(steps: u64) -> u64 {
    (0..steps).fold(0x9E37_79B9, |x: u64, _| {
        let x = x ^ x << 13;
        let x = x ^ x >> 7;
        std::hint::black_box(x ^ x << 17)
    })
}
/// Seconds that `steps` take, shared by so many threads.
pub(super) fn spin(steps: u64, threads: u64) -> f64 {
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| std::hint::black_box(count(steps / threads)));
        }
    });
    began.elapsed().as_secs_f64()
}
/// How fast the loop is on this machine.
pub(super) fn steps_per_second() -> f64 {
    const STEPS: u64 = 200_000_000;
    STEPS as f64 / spin(STEPS, 1)
}
