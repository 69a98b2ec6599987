//! Writes what the sensor emits as JSON lines, with every sample of a file instead of the first few: a census must
//! list each high hit, and the product's own records keep only eight of a file and class.
//! `cargo run --release -p discover --example bodies -- LEAST PATH…`
//!
//! Samples under LEAST per cent are left out, and hits without a sample; tallies, what was covered, columns,
//! contents and gaps are written as they are.
#![forbid(unsafe_code)]

use discover::{Config, Discoverer, Limits};
use evidence::{Body, DigestKey, MemoryState, Sink, SinkClosed};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Samples of a file and class.
const SAMPLES_MAX: usize = 100_000;

struct Lines {
    out: Mutex<BufWriter<Stdout>>,
    least: u8,
}
impl Sink for Lines {
    fn put(&self, mut body: Body) -> Result<(), SinkClosed> {
        if let Body::Hits(hits) = &mut body {
            hits.samples.retain(|s| s.confidence >= self.least);
            if hits.samples.is_empty() {
                return Ok(());
            }
        }
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_writer(&mut *out, &body).map_err(|_| SinkClosed)?;
        out.write_all(b"\n").map_err(|_| SinkClosed)
    }
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let least = arguments.next().and_then(|a| a.to_str()?.parse().ok());
    let (Some(least), roots) = (least, arguments.map(PathBuf::from).collect::<Vec<_>>()) else {
        return Err(io::Error::other("bodies LEAST PATH…"));
    };
    let limits = Limits { samples_per_hit_max: SAMPLES_MAX, ..Limits::default() };
    let config = Config { limits, ..Config::new(DigestKey::new([7; 32]), 2) };
    let sink = Lines { out: Mutex::new(BufWriter::new(io::stdout())), least };
    Discoverer::new(roots, config).run(&sink, &MemoryState::default(), &stdx::Silent, &stdx::Stop::new());
    sink.out.into_inner().unwrap_or_else(PoisonError::into_inner).flush()
}
