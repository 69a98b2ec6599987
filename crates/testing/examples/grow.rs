//! Grows a mixture and keeps it, with its manifest beside it: for looking at what the benches look at.
//! `cargo run --release -p testing --example grow -- tree|containers DIR SEED FILES BYTES_MIN BYTES_MAX`, and
//! `… -- share DIR SEED` for the share of a small plant.
#![forbid(unsafe_code)]

use std::io;
use std::path::Path;
use testing::mixture::{self, Mix};
use testing::share;

/// One value is planted for about so many bytes, as in the benches.
const EVERY_BYTES: usize = 120_000;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| words.get(i).and_then(|w| w.parse::<usize>().ok());
    if let (Some("share"), Some(dir), Some(seed)) = (words.first().map(String::as_str), words.get(1), number(2)) {
        return share::write(Path::new(dir), &share::share(seed as u64)?);
    }
    let (Some(what), Some(dir), Some(seed), Some(files), Some(bytes_min), Some(bytes_max)) =
        (words.first(), words.get(1), number(2), number(3), number(4), number(5))
    else {
        return Err(io::Error::other("grow share DIR SEED, grow tree|containers DIR SEED FILES BYTES_MIN BYTES_MAX"));
    };
    let mix = Mix { seed: seed as u64, files, bytes_min, bytes_max, every_bytes: EVERY_BYTES };
    let grow = if what == "containers" { mixture::containers } else { mixture::tree };
    let grown = grow(Path::new(dir), &mix)?;
    std::fs::write(Path::new(dir).with_extension("manifest.tsv"), grown.manifest())?;
    println!("{} files, {} bytes of text, {} values", grown.files, grown.text_bytes, grown.planted.len());
    Ok(())
}
