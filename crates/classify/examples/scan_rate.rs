//! How fast bytes in memory become hits, with all classes: GB per CPU second on prose and on source text, in each
//! encoding, beside the floor of the machine (one `memchr` search for bytes that are not there, on the same bytes).
//! `cargo run --release -p classify --example scan_rate`
#![forbid(unsafe_code)]

use classify::{Detectors, Encoding, Scanner, Text};
use std::fmt::Write;

/// Size of the UTF-8 text of each kind.
const TEXT_BYTES: usize = 8 << 20;
/// Windows as `discover` gives them.
const WINDOW_BYTES: usize = 256 << 10;
/// Each figure is the best of so many; each of them runs for at least [`TICKS_MIN`].
const ROUNDS: usize = 3;
const TICKS_MIN: u64 = 30;

#[expect(clippy::disallowed_methods, reason = "a measurement reads its own processor time")]
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    // utime and stime are fields 14 and 15 of proc_pid_stat(5), in clock ticks of 1/100 s.
    [11, 12].iter().filter_map(|i| fields.get(*i)?.parse::<u64>().ok()).sum()
}

/// GB per CPU second of `work`, which goes over `bytes` bytes.
fn rate(bytes: usize, mut work: impl FnMut()) -> f64 {
    let one = |work: &mut dyn FnMut()| {
        let (from, mut times) = (ticks(), 0);
        while ticks() - from < TICKS_MIN {
            work();
            times += 1;
        }
        f64::from(times) * bytes as f64 / ((ticks() - from) as f64 / 100.0) / 1e9
    };
    (0..ROUNDS).map(|_| one(&mut work)).fold(0.0, f64::max)
}

/// A multiplicative generator (Lehmer, modulus 2^31 - 1): good enough to vary text.
struct Draw(u64);
impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0 * 48271 % 0x7FFF_FFFF;
        self.0 as usize % n
    }
}

/// Values from the standards' examples, with and without their words; one about every 16 KiB.
const VALUES: [&str; 7] = [
    "身份证号：360426199101010071",
    "统一社会信用代码 91350100M000100Y43",
    "card 6228480402564890018",
    "手机 13961835674",
    "VIN: LATPAB071W1005301",
    "wang.wei@plant.com.cn",
    "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEAMIIEpAIBAAKCAQEAMIIEpAIBAAKCAQEA\n-----END PRIVATE KEY-----",
];
fn prose(draw: &mut Draw, out: &mut String) {
    const WORDS: [&str; 12] = [
        "the",
        "pump",
        "reports",
        "pressure",
        "within",
        "limits",
        "设备",
        "运行正常",
        "车间",
        "温度",
        "记录",
        "2024年",
    ];
    for _ in 0..12 + draw.below(12) {
        out.push_str(WORDS[draw.below(WORDS.len())]);
        out.push(' ');
    }
    out.push_str(".\n");
}
fn source(draw: &mut Draw, out: &mut String) {
    let (a, b) = (draw.below(1000), draw.below(100_000));
    let _ = match draw.below(5) {
        0 => writeln!(out, "    let value_{a} = self.table.get({b}).copied().unwrap_or_default();"),
        1 => writeln!(out, "#define MAX_BUFFER_LENGTH_{a} 0x{b:08X}u  /* see above */"),
        2 => writeln!(out, "        if (state->flags & FLAG_{a}) {{ return -EINVAL; }}"),
        3 => writeln!(out, "// Rows {a} to {b} are kept; the rest is written on the next pass."),
        _ => writeln!(out, "    pub fn handle_{a}(&mut self, at: usize) -> Result<u64, Error> {{"),
    };
}
fn text(line: fn(&mut Draw, &mut String)) -> String {
    let (mut draw, mut out, mut next) = (Draw(1), String::new(), 0);
    while out.len() < TEXT_BYTES {
        line(&mut draw, &mut out);
        if out.len() >= next {
            out.push_str(VALUES[draw.below(VALUES.len())]);
            out.push('\n');
            next += 16 << 10;
        }
    }
    out
}

fn main() {
    println!("text    encoding   MB   floor GB/s   scan GB/s   share   hits (GB per CPU second)");
    for (name, line) in [("prose", prose as fn(&mut Draw, &mut String)), ("source", source)] {
        let utf8 = text(line);
        let wide: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let gb = encoding_rs::GB18030.encode(&utf8).0.into_owned();
        let kinds = [(utf8.as_bytes(), Encoding::Utf8), (&gb[..], Encoding::Gb18030), (&wide[..], Encoding::Utf16Le)];
        for (bytes, encoding) in kinds {
            // Two bytes that occur in none of these texts.
            let floor = rate(bytes.len(), || {
                let found = bytes.chunks(WINDOW_BYTES).filter_map(|w| memchr::memmem::find(w, b"\xFF\xFF")).count();
                assert_eq!(std::hint::black_box(found), 0);
            });
            let (mut scanner, mut hits) = (Scanner::new(Detectors::builtin()), 0u64);
            let scan = rate(bytes.len(), || {
                hits = 0;
                for window in bytes.chunks(WINDOW_BYTES) {
                    scanner.scan(&Text::whole(window, encoding), &mut |_| hits += 1);
                }
            });
            let (mb, share) = (bytes.len() as f64 / 1e6, scan / floor * 100.0);
            println!("{name:7} {:9} {mb:5.1} {floor:12.2} {scan:11.2} {share:6.0} % {hits:6}", format!("{encoding:?}"));
        }
    }
}
