//! How many events a CPU second takes: reading alone, and reading with rules, in one run over the same files.
//!
//! `cargo run --release -p detect --example detect_rate -- LOGS RULES [LOGS AGAIN]`. One worker; CPU time of this process from
//! `/proc/self/stat` (100 ticks a second).

use detect::event::Event;
use detect::evtx::{CHUNK_BYTES, Chunk, HEADER_BYTES, is_log};
use detect::logs::{Clock, read};
use detect::mappings::Mappings;
use detect::run::{Loaded, Order, load};
use std::path::{Path, PathBuf};
use stdx::{Silent, Stop};

const CLOCK: Clock = Clock { ahead_minutes: 0, newest: 1_796_083_200_000 };

fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|t| t.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn files(at: &Path, out: &mut Vec<PathBuf>) {
    if at.is_dir() {
        let mut below: Vec<_> = std::fs::read_dir(at).into_iter().flatten().flatten().map(|e| e.path()).collect();
        below.sort();
        below.iter().for_each(|p| files(p, out));
    } else {
        out.push(at.to_owned());
    }
}

/// Every event is read into fields, nothing else.
fn reading(files: &[PathBuf]) -> (u64, u64) {
    let (mut events, mut values) = (0, 0);
    let (mut chunk, mut event) = (Chunk::default(), Event::default());
    for file in files {
        let bytes = std::fs::read(file).unwrap_or_default();
        if is_log(&bytes) {
            for part in bytes.get(HEADER_BYTES..).unwrap_or_default().chunks(CHUNK_BYTES) {
                chunk.read(part, 0, &mut event, &mut |e| {
                    events += 1;
                    values += e.len() as u64;
                });
            }
        } else {
            read(
                &mut bytes.as_slice(),
                CLOCK,
                &mut |e, _| {
                    events += 1;
                    values += e.len() as u64;
                },
                &Stop::new(),
            );
        }
    }
    (events, values)
}

fn main() {
    let given: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [logs, rules, ..] = given.as_slice() else {
        eprintln!("detect_rate LOGS RULES");
        return;
    };
    let mut all = Vec::new();
    files(logs, &mut all);
    let mappings = Mappings::built_in();
    let began = cpu();
    let (texts, _) = load(std::slice::from_ref(rules));
    let loaded = Loaded::of(&texts, &mappings, sigma::Options::default());
    println!("{} rules: {:.2} s of CPU", loaded.rules.all().len(), cpu() - began);
    for round in 1..=3 {
        let began = cpu();
        let (events, values) = reading(&all);
        let read = cpu() - began;
        let order = Order {
            rules: &loaded,
            mappings: &mappings,
            clock: CLOCK,
            from: None,
            to: None,
            level: None,
            workers: 1,
            follow: false,
            question: None,
        };
        let began = cpu();
        let done = order.run(&all, &mut |_| {}, &Silent, &Stop::new());
        let whole = cpu() - began;
        let matches: u64 = done.summary.by_rule.values().sum();
        println!(
            "round {round}: {events} events, {values} values; reading {read:.2} s ({:.0}/s); with rules {whole:.2} s ({:.0}/s); {matches} matches; ratio {:.2}",
            events as f64 / read.max(0.01),
            done.counts.events as f64 / whole.max(0.01),
            whole / read.max(0.01),
        );
    }
}
