//! Grows a mixed tree (or takes a folder) and says how fast it is read: decoded bytes per CPU second, hits against
//! what was planted, peak memory. `cargo run --release -p discover --example rate -- [DIR]`
//!
//! With `WORKERS=1` one worker reads, else two. With `SHOW=65` one masked sample per file and class of at least 65 per cent
//! is shown, with its place.
//! With `GROW=DIR` a tree is grown there and kept, so that two builds can be compared on the same files. With
//! `AGAIN=5` the tree is looked at so many times by a sensor that remembers, and only CPU seconds are shown. With
//! `DIGEST=1` a digest over all that was emitted is printed: equal digests mean that nothing changed but the speed.
#![forbid(unsafe_code)]

use discover::{Config, Discoverer, Reading, Remember};
use evidence::{Body, DigestKey, MemoryState, Time};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use testing::plant::{self, Grow};

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    // utime and stime are fields 14 and 15 of proc_pid_stat(5), in clock ticks of 1/100 s.
    [11, 12].iter().filter_map(|i| fields.get(*i)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn main() -> std::io::Result<()> {
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let grown = std::env::temp_dir().join(format!("discover-rate-{}", std::process::id()));
    let grow = Grow { seed: 1, files: 20_000, file_bytes: 12_000, every: 10 };
    if let Some(kept) = std::env::var_os("GROW") {
        plant::tree(&PathBuf::from(kept), grow)?;
        return Ok(());
    }
    let planted = match &given {
        Some(_) => Vec::new(),
        None => plant::tree(&grown, grow)?,
    };
    let dir = given.clone().unwrap_or_else(|| grown.clone());
    let workers = std::env::var("WORKERS").ok().and_then(|w| w.parse().ok()).unwrap_or(2);
    let mut config = Config::new(DigestKey::new([7; 32]), workers);
    let state = MemoryState::default();
    if let Some(runs) = std::env::var("AGAIN").ok().and_then(|n| n.parse::<u32>().ok()) {
        // An hour from now all that is there is old enough to be remembered.
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let now = Time::from_secs(i64::try_from(since.as_secs()).unwrap_or(i64::MAX).saturating_add(3600));
        config.remember = Some(Remember { now, program: "rate".to_owned(), reading: Reading::Changed });
        let sensor = Discoverer::new(vec![dir.clone()], config);
        for _ in 0..runs {
            let (sink, before) = (Mutex::new(Vec::new()), cpu_seconds());
            sensor.run(&sink, &state, &stdx::Silent, &stdx::Stop::new());
            println!("{:.2} CPU s", cpu_seconds() - before);
        }
        return Ok(());
    }
    let sink = Mutex::new(Vec::new());
    let before = cpu_seconds();
    Discoverer::new(vec![dir], config).run(&sink, &state, &stdx::Silent, &stdx::Stop::new());
    let cpu = cpu_seconds() - before;
    let bodies = sink.into_inner().unwrap_or_default();
    report(&bodies, cpu);
    if std::env::var_os("DIGEST").is_some() {
        let mut lines: Vec<String> = bodies.iter().map(|b| format!("{b:?}")).collect();
        lines.sort_unstable();
        println!("digest {:?}", evidence::Digest::of(lines.join("\n").as_bytes()));
    }
    if given.is_none() {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for p in &planted {
            *found.entry(p.class).or_default() += 1;
        }
        println!("planted {found:?}");
        std::fs::remove_dir_all(&grown)?;
    }
    Ok(())
}

fn report(bodies: &[Body], cpu: f64) {
    let mut gaps: BTreeMap<&str, u64> = BTreeMap::new();
    let show: u8 = std::env::var("SHOW").ok().and_then(|s| s.parse().ok()).unwrap_or(u8::MAX);
    for body in bodies {
        match body {
            Body::Covered(c) => {
                let bytes = c.counts.get("decoded_bytes").copied().unwrap_or(0);
                println!("{:?}", c.counts);
                println!(
                    "{cpu:.2} CPU s, {:.0} MB decoded per CPU second, peak {} KiB",
                    bytes as f64 / cpu / 1e6,
                    peak_kib()
                );
            }
            Body::Tally(t) => println!("{} files {} {:?} distinct {}", t.class, t.files, t.bands, t.distinct),
            Body::Gap(g) => *gaps.entry(g.reason.name()).or_default() += g.count,
            Body::Hits(h) if h.samples.iter().any(|s| s.confidence >= show) => {
                let sample = h.samples.iter().find(|s| s.confidence >= show);
                println!(
                    "hit {} {} {} {:?}",
                    h.class,
                    h.bands.high,
                    h.at,
                    sample.map(|s| (&s.spot, s.mask.as_str(), s.confidence))
                );
            }
            _ => {}
        }
    }
    println!("gaps {gaps:?}");
}
