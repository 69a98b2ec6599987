//! Says what every file below the given folders is, by its bytes alone.
//! `cargo run --release -p classify --example formats -- DIR...` prints a line a file;
//! with `--industrial` only those that belong to a plant; with `--time` the processor time a file takes, beside `file`(1).
#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "an example reads files; the room does not")]

use classify::format::{PIECE_BYTES_MAX, Verdict, recognise, recognise_at};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn walk(at: &Path, out: &mut Vec<PathBuf>) {
    let Ok(meta) = std::fs::symlink_metadata(at) else { return };
    if meta.is_file() {
        out.push(at.to_owned());
    } else if meta.is_dir() {
        let Ok(entries) = std::fs::read_dir(at) else { return };
        let mut names: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        names.sort();
        names.iter().for_each(|name| walk(name, out));
    }
}
fn read(file: &mut File, at: u64, out: &mut [u8]) -> usize {
    let mut got = 0;
    if file.seek(SeekFrom::Start(at)).is_err() {
        return 0;
    }
    while let Some(rest) = out.get_mut(got..).filter(|r| !r.is_empty()) {
        match file.read(rest) {
            Ok(0) | Err(_) => break,
            Ok(n) => got += n,
        }
    }
    got
}
fn verdict(path: &Path) -> Option<Verdict> {
    let mut file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    Some(recognise_at(&mut |at, out| read(&mut file, at, out), size))
}

/// Processor time in ticks of 1/100 s: this process, its ended children (proc_pid_stat(5), fields 14 to 17).
fn ticks() -> (u64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let sum = |at: [usize; 2]| at.iter().filter_map(|i| fields.get(*i)?.parse::<u64>().ok()).sum();
    (sum([11, 12]), sum([13, 14]))
}
fn each(ticks: u64, rounds: u64, files: usize) -> u64 {
    ticks * 10_000_000 / rounds.max(1) / (files as u64).max(1)
}

/// Processor time a file: over all heads of 4 KiB, of 64 KiB with as long a tail, opened and read, and `file -b -f -`.
fn time(files: &[PathBuf]) {
    for (head_bytes, tail_bytes) in [(4 << 10, 0), (PIECE_BYTES_MAX, PIECE_BYTES_MAX)] {
        let pieces: Vec<_> = files
            .iter()
            .filter_map(|path| {
                let mut file = File::open(path).ok()?;
                let size = file.metadata().ok()?.len();
                let mut head = vec![0; head_bytes.min(size as usize)];
                let got = read(&mut file, 0, &mut head);
                head.truncate(got);
                let mut tail = vec![0; tail_bytes.min(size as usize)];
                let from = size - tail.len() as u64;
                let got = read(&mut file, from, &mut tail);
                tail.truncate(got);
                Some((head, tail, size))
            })
            .collect();
        let (start, mut rounds) = (ticks().0, 0);
        while ticks().0 - start < 100 {
            for (head, tail, size) in &pieces {
                std::hint::black_box(recognise(head, tail, Some(*size)));
            }
            rounds += 1;
        }
        let each = each(ticks().0 - start, rounds, pieces.len());
        println!(
            "{} files, head {head_bytes} tail {tail_bytes}: {each} ns of processor time a file, from memory",
            pieces.len()
        );
    }
    let start = ticks().0;
    let named = files.iter().filter(|path| verdict(path).is_some()).count();
    println!("{named} files, opened and read: {} ns", each(ticks().0 - start, 1, named));
    let start = ticks().1;
    let Ok(mut child) =
        Command::new("file").args(["-b", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()
    else {
        println!("file(1) is not here");
        return;
    };
    if let Some(mut input) = child.stdin.take() {
        for path in files {
            let _ = writeln!(input, "{}", path.display());
        }
    }
    let _ = child.wait();
    println!("{} files, file(1): {} ns", files.len(), each(ticks().1 - start, 1, files.len()));
}

fn main() {
    let (options, folders): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let mut files = Vec::new();
    folders.iter().for_each(|folder| walk(Path::new(folder), &mut files));
    if options.iter().any(|o| o == "--time") {
        return time(&files);
    }
    let industrial = options.iter().any(|o| o == "--industrial");
    let out = std::io::stdout();
    let mut out = std::io::BufWriter::new(out.lock());
    for path in &files {
        let Some(v) = verdict(path) else { continue };
        if !industrial || v.format.family.is_industrial() {
            let (detail, needs) = (v.detail.unwrap_or("-"), v.needs);
            let _ = writeln!(out, "{}\t{:?}\t{detail}\t{needs:?}\t{}", v.format.id, v.how, path.display());
        }
    }
}
