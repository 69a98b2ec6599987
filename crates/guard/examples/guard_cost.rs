//! What a guard costs those who work on a share: `cargo run --release -p guard --example guard_cost -- FOLDER [FILES [ROUNDS]]` as root,
//! FOLDER on the file system to be measured and empty. A child opens each file for writing and writes 64 bytes, opens each for reading
//! and reads it, makes a new file, renames and removes it; rounds without and with a guard alternate in one run. One line of JSON: for
//! each deed microseconds at the median and the 99th of a hundred, without and with, and the ratio of the medians.

use guard::config::{Config, Mode, ShareConfig};
use guard::service::Running;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

type Waits = BTreeMap<String, Vec<u64>>;
type Fault = Box<dyn std::error::Error>;

const BYTES: usize = 6000;

fn name(folder: &Path, n: usize) -> PathBuf {
    folder.join(format!("d{:02}", n % 16)).join(format!("{n:06}.csv"))
}

fn timed(into: &mut Vec<u64>, what: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<()> {
    let began = Instant::now();
    what()?;
    into.push(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX));
    Ok(())
}

/// The child: does its work and prints how long each deed took, nanoseconds.
fn work(folder: &Path, files: usize) -> Result<(), Fault> {
    let mut waits = Waits::new();
    let mut all = |deed: &str, what: &mut dyn FnMut(&Path) -> std::io::Result<()>| -> std::io::Result<()> {
        let into = waits.entry(deed.to_owned()).or_default();
        (0..files).try_for_each(|n| timed(into, || what(&name(folder, n))))
    };
    all("write", &mut |p| OpenOptions::new().write(true).open(p)?.write_all(&[b'x'; 64]))?;
    let mut bytes = Vec::with_capacity(BYTES);
    all("read", &mut |p| {
        bytes.clear();
        File::open(p)?.read_to_end(&mut bytes).map(drop)
    })?;
    all("create", &mut |p| fs::write(p.with_extension("new"), [b'n'; 64]))?;
    all("rename", &mut |p| fs::rename(p.with_extension("new"), p.with_extension("old")))?;
    all("remove", &mut |p| fs::remove_file(p.with_extension("old")))?;
    println!("{}", serde_json::to_string(&waits)?);
    Ok(())
}

fn round(folder: &Path, files: usize, into: &mut Waits) -> Result<(), Fault> {
    let me = std::env::current_exe()?;
    let out = Command::new(me).arg("--work").arg(folder).arg(files.to_string()).output()?;
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned().into());
    }
    for (deed, mut waits) in serde_json::from_slice::<Waits>(&out.stdout)? {
        into.entry(deed).or_default().append(&mut waits);
    }
    Ok(())
}

fn at(waits: &mut [u64], percent: usize) -> f64 {
    waits.sort_unstable();
    waits.get(waits.len().saturating_sub(1) * percent / 100).map_or(0.0, |ns| (ns / 10) as f64 / 100.0)
}

fn main() -> Result<(), Fault> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [word, folder, files] = args.as_slice()
        && word == "--work"
    {
        return work(Path::new(folder), files.parse()?);
    }
    let Some(base) = args.first().map(PathBuf::from) else { return Err("which folder?".into()) };
    let files: usize = args.get(1).map_or(Ok(1000), |n| n.parse())?;
    let rounds: usize = args.get(2).map_or(Ok(5), |n| n.parse())?;
    let share = base.join("share");
    (0..16).try_for_each(|n| fs::create_dir_all(share.join(format!("d{n:02}"))))?;
    let line = "17;2026-01-01;压力;629;ok\n";
    let body: Vec<u8> = line.bytes().cycle().take(BYTES).collect();
    (0..files).try_for_each(|n| fs::write(name(&share, n), &body))?;

    let mut one = ShareConfig::new(&share, &base.join("vault"));
    // The same child comes again: each of its rounds is to have its pre-images.
    one.again_seconds = 0;
    guard::config::settle(&mut one)?;
    let config =
        Config { socket: base.join("guard.sock"), metrics: None, mode: Mode::Observe, workers: 2, shares: vec![one] };
    let (mut without, mut with) = (Waits::new(), Waits::new());
    let (mut events, mut slowest) = (0, 0);
    for _ in 0..rounds {
        round(&share, files, &mut without)?;
        let running = Running::start(&config, guard::Orders::default())?;
        let done = round(&share, files, &mut with);
        let counters = &running.engine.counters;
        events += counters.events.load(std::sync::atomic::Ordering::Relaxed);
        slowest = slowest.max(counters.slowest_us.load(std::sync::atomic::Ordering::Relaxed));
        running.end();
        done?;
    }
    let mut deeds = serde_json::Map::new();
    for (deed, plain) in &mut without {
        let guarded = with.entry(deed.clone()).or_default();
        let (a, b) = (at(plain, 50), at(guarded, 50));
        let of = serde_json::json!({
            "without_us": a, "with_us": b, "ratio": (b / a * 100.0).round() / 100.0,
            "without_p99_us": at(plain, 99), "with_p99_us": at(guarded, 99),
        });
        deeds.insert(deed.clone(), of);
    }
    println!(
        "{}",
        serde_json::json!({"files": files, "rounds": rounds, "bytes": BYTES, "deeds": deeds, "events": events, "slowest_us": slowest})
    );
    Ok(())
}
