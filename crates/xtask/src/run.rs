//! Running a program as a whole process and reading what it cost from the kernel's own accounts.
//!
//! CPU time is user + system of the child after it ended (`/proc/self/stat`, fields 16 and 17, in ticks of 10 ms); peak
//! memory is the largest `VmHWM` seen while it ran, polled every millisecond: the kernel keeps the peak, so a poll
//! can only miss what happens in the child's last millisecond.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks a second of `/proc/*/stat`; fixed at 100 for user space on x86-64 Linux.
const TICKS: f64 = 100.0;

/// What a run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// User + system seconds.
    pub(crate) cpu: f64,
    /// Elapsed seconds.
    pub(crate) wall: f64,
    /// Peak resident memory, MiB.
    pub(crate) peak_mib: f64,
}

/// Runs `command` to its end and says what it cost; its output is thrown away. 0 and 1 are good ends.
pub(crate) fn cost(command: &mut Command) -> Result<Cost, String> {
    cost_of(command, &[0, 1])
}

/// The same for a program that has other good ends.
pub(crate) fn cost_of(command: &mut Command, good: &[i32]) -> Result<Cost, String> {
    let before = children_ticks()?;
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("{command:?}: {e}"))?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let ended = loop {
        peak_kib = peak_kib.max(high_water_kib(Path::new(&status)).unwrap_or(0));
        if let Some(ended) = child.try_wait().map_err(|e| e.to_string())? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let wall = began.elapsed().as_secs_f64();
    if ended.code().is_none_or(|c| !good.contains(&c)) {
        return Err(format!("{command:?} ended with {ended}"));
    }
    Ok(Cost { cpu: (children_ticks()? - before) / TICKS, wall, peak_mib: f64::from(peak_kib) / 1024.0 })
}

pub(crate) fn high_water_kib(status: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// User + system ticks of all children that have ended.
fn children_ticks() -> Result<f64, String> {
    let text = std::fs::read_to_string("/proc/self/stat").map_err(|e| e.to_string())?;
    let after_name = text.rsplit_once(')').ok_or("no name in /proc/self/stat")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    // Fields 16 and 17 of proc(5); the first after the name is field 3.
    let tick = |n: usize| fields.get(n - 3).and_then(|f| f.parse::<f64>().ok());
    tick(16).zip(tick(17)).map(|(u, s)| u + s).ok_or_else(|| "short /proc/self/stat".to_owned())
}

/// Minimum, median and maximum.
pub(crate) fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |i: usize| values.get(i).copied().unwrap_or(f64::NAN);
    (at(0), at(values.len() / 2), at(values.len().saturating_sub(1)))
}
