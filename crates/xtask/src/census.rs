//! `cargo xtask census DIR…`: what is found where nothing should be.
//!
//! Over real trees that hold no identifiers of people (system files, sources): hits per class and band, per GB of decoded
//! text, and every high hit in a table with an empty column for the verdict of whoever looks. Values stay masked; who
//! adjudicates opens the file at the place. It asks the sensor itself for its bodies, since the product keeps the first
//! eight samples of a file and class and a census must show them all.

use crate::options::Options;
use crate::program::bodies;
use crate::seen::Seen;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Confidence from which a hit is high, per cent.
const HIGH: u8 = 85;

/// The job; `words` are folders and `--out FILE` (default: `census.md` in the temporary folder), `--least PERCENT`.
pub(crate) fn census(words: &[&str]) -> Result<(), String> {
    let options = Options::parse(words, &[], &["out", "least"])?;
    if options.rest.is_empty() {
        return Err("cargo xtask census [--out FILE] [--least PERCENT] DIR…".to_owned());
    }
    let least = u8::try_from(options.number("least", usize::from(HIGH))?).map_err(|e| e.to_string())?;
    let out = options.value("out").map_or_else(|| std::env::temp_dir().join("census.md"), PathBuf::from);
    let mut table = format!("# Hits of at least {least} per cent, for adjudication by hand\n");
    for root in &options.rest {
        let began = Instant::now();
        let seen = bodies(least, &[Path::new(root)])?;
        println!("\n## `{root}` ({:.0} s)\n", began.elapsed().as_secs_f64());
        per_gb(&seen);
        let rows = adjudicate(&seen, root, &mut table);
        println!("\n{rows} hits of at least {least} per cent are listed in {}", out.display());
    }
    std::fs::write(&out, table).map_err(|e| format!("{}: {e}", out.display()))
}

fn per_gb(seen: &Seen) {
    let count = |name: &str| seen.counts.get(name).copied().unwrap_or(0);
    let gb = count("decoded_bytes") as f64 / 1e9;
    println!(
        "{} files, {} bytes on disk, {} bytes of decoded text, {} texts, {} members\n",
        count("files"),
        count("bytes"),
        count("decoded_bytes"),
        count("scanned"),
        count("members")
    );
    println!("| class | files | high | medium | low | high per GB | medium per GB | low per GB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (class, (files, bands)) in &seen.tallies {
        let per = |n: u64| if gb > 0.0 { n as f64 / gb } else { f64::NAN };
        let (h, m, l) = (bands.high, bands.medium, bands.low);
        println!("| {class} | {files} | {h} | {m} | {l} | {:.2} | {:.1} | {:.1} |", per(h), per(m), per(l));
    }
    println!("\ncolumns and contents: {:?}\n\ngaps: {:?}", seen.others, seen.gaps);
}

/// Writes a row a hit, by class and place; says how many.
fn adjudicate(seen: &Seen, root: &str, table: &mut String) -> usize {
    let mut hits: Vec<_> = seen.hits.iter().collect();
    hits.sort_by(|a, b| (&a.class, &a.path, &a.inside).cmp(&(&b.class, &b.path, &b.inside)));
    let _ = write!(table, "\n## `{root}`\n\n| no. | class | % | file | member | place | mask | why | verdict |\n");
    table.push_str("| ---: | --- | ---: | --- | --- | --- | --- | --- | --- |\n");
    let mut n = 0;
    for hit in hits {
        for s in &hit.samples {
            n += 1;
            let cells = [&hit.path, &hit.inside, &s.spot, &s.mask, &s.why].map(|c| c.replace('|', "\\|"));
            let _ = writeln!(table, "| {n} | {} | {} | {} | |", hit.class, s.confidence, cells.join(" | "));
        }
    }
    n
}
