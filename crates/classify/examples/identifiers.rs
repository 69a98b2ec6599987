//! "Identifiers only, memory to hits": GB per CPU second on one large text of a plant's mixture, in each encoding, beside
//! the machine's floor for reading memory (one `memchr` pass for a byte that is not there) on the same bytes.
//! `cargo run --release -p classify --example identifiers -- [MIB [SEED]]`
//!
//! [`scanner`] is the one place that says which detectors run.
#![forbid(unsafe_code)]

use classify::{Detectors, Encoding, Scanner, Text};
use testing::mixture;
use testing::plant::Rng;

/// Windows as `discover` gives them.
const WINDOW_BYTES: usize = 256 << 10;
/// Each figure is taken so many times, each over at least [`TICKS_MIN`].
const ROUNDS: usize = 5;
const TICKS_MIN: u64 = 40;
/// One planted value for about so many bytes.
const EVERY_BYTES: usize = 120_000;

/// The detectors of identifiers. Those of today are all there are.
fn scanner() -> Scanner<'static> {
    Scanner::new(Detectors::only(&["cn.resident-id", "cn.uscc", "vin", "bank-card", "cn.mobile"]))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads its own processor time")]
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    // utime and stime are fields 14 and 15 of proc_pid_stat(5), in clock ticks of 1/100 s.
    [11, 12].iter().filter_map(|i| fields.get(*i)?.parse::<u64>().ok()).sum()
}

/// GB per CPU second of `work` over `bytes` bytes: minimum, median, maximum.
fn rate(bytes: usize, mut work: impl FnMut()) -> [f64; 3] {
    let mut all: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let (from, mut times) = (ticks(), 0);
            while ticks() - from < TICKS_MIN {
                work();
                times += 1;
            }
            f64::from(times) * bytes as f64 / ((ticks() - from) as f64 / 100.0) / 1e9
        })
        .collect();
    all.sort_by(f64::total_cmp);
    [all[0], all[ROUNDS / 2], all[ROUNDS - 1]]
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise: usize| arguments.next().and_then(|a| a.parse().ok()).unwrap_or(otherwise);
    let (mib, seed) = (number(256), number(1));
    let mut rng = Rng::new(seed as u64);
    let mut utf8 = String::new();
    while utf8.len() < mib << 20 {
        utf8.push_str(&mixture::text(&mut rng, 1 << 20, EVERY_BYTES).text);
    }
    println!(
        "text: seed {seed}, {} MB in UTF-8, a planted value for about every {EVERY_BYTES} bytes",
        utf8.len() / 1_000_000
    );
    println!("| encoding | memory read, GB per CPU s | to hits, GB per CPU s | hits |\n| --- | --- | --- | --- |");
    for encoding in [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16Le] {
        let bytes = match encoding {
            Encoding::Utf8 => utf8.clone().into_bytes(),
            Encoding::Gb18030 => encoding_rs::GB18030.encode(&utf8).0.into_owned(),
            _ => utf8.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        // 0xFF is no byte of UTF-8 or GB18030; in UTF-16 a pass for it stops at full-width forms and goes on.
        let read = rate(bytes.len(), || {
            for window in bytes.chunks(WINDOW_BYTES) {
                std::hint::black_box(memchr::memchr_iter(0xFF, window).count());
            }
        });
        let (mut scanner, mut hits) = (scanner(), 0_u64);
        let scan = rate(bytes.len(), || {
            hits = 0;
            for window in bytes.chunks(WINDOW_BYTES) {
                scanner.scan(&Text::whole(window, encoding), &mut |_| hits += 1);
            }
        });
        println!("| {encoding:?} | {} | {} | {hits} |", three(read), three(scan));
    }
}

fn three(v: [f64; 3]) -> String {
    format!("{:.2} / {:.2} / {:.2}", v[0], v[1], v[2])
}
