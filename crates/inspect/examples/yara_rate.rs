//! How fast YARA rules are tried: `cargo run --release -p inspect --example yara_rate RULES FOLDER`.
//!
//! RULES is a folder of `.yar` and `.yara` files, or `-` for the starter set alone; every regular file below FOLDER (links
//! are not followed, at most 32 MiB each) is tried by one thread. Prints files, bytes, matches, and CPU seconds of this
//! thread for compiling and for scanning, reading included. With SHOW set, also every match and every refused file.
#![expect(clippy::disallowed_methods, reason = "a bench walks files and reads the clock of its thread")]

use inspect::yara::{Named, Rules};
use std::path::{Path, PathBuf};

const FILE_BYTES_MAX: u64 = 32 << 20;

/// Seconds that this thread has run.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos: u64 = text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default();
    nanos as f64 / 1e9
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        match std::fs::symlink_metadata(&path) {
            Ok(m) if m.is_dir() => files(&path, out),
            Ok(m) if m.is_file() && m.len() <= FILE_BYTES_MAX => out.push(path),
            _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rules, folder] = arguments.as_slice() else { return Err("RULES FOLDER".into()) };
    let mut packs = Vec::new();
    if rules != "-" {
        let mut found = Vec::new();
        files(Path::new(rules), &mut found);
        for path in found.iter().filter(|p| p.extension().is_some_and(|e| e == "yar" || e == "yara")) {
            packs.push((path.display().to_string(), String::from_utf8_lossy(&std::fs::read(path)?).into_owned()));
        }
    }
    let before = cpu();
    let compiled = if packs.is_empty() { Rules::starter() } else { Rules::with(&packs) };
    let compile = cpu() - before;
    if std::env::var_os("SHOW").is_some() {
        compiled.refused().iter().for_each(|r| println!("{}: {}", r.file, r.why));
    }
    let mut list = Vec::new();
    files(Path::new(folder), &mut list);
    let (mut bytes, mut matches, mut late) = (0_u64, 0, 0);
    let before = cpu();
    for path in &list {
        let Ok(content) = std::fs::read(path) else { continue };
        bytes += content.len() as u64;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (found, over) = compiled.scan(&content, Named { name: &name, path: &path.to_string_lossy() });
        if std::env::var_os("SHOW").is_some() {
            found.iter().for_each(|m| println!("{} {}", m.rule, path.display()));
        }
        matches += found.len();
        late += usize::from(over);
    }
    let scan = cpu() - before;
    let mb = bytes as f64 / 1e6;
    println!("{} rules ({} files refused), compiled in {compile:.2} CPU s", compiled.count(), compiled.refused().len());
    println!(
        "{} files, {mb:.0} MB, {matches} matches, {late} over the time for one file: {scan:.2} CPU s, {:.0} MB/s",
        list.len(),
        mb / scan.max(1e-9)
    );
    Ok(())
}
