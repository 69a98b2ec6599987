//! Which files the YARA rules are tried on, and what they say.
//!
//! Not every file of a host: programs that a package owns are compared with their package instead (`program.altered`).
//! Rules are tried where back doors are put. What starts by itself, what runs, folders for passing files and web roots
//! are a table of their own, `yara.match`, with time enough to come to their end on usual hosts. Program folders,
//! `/usr/local`, `/opt`, `/srv` and homes, which can be of any size, go into `yara.elsewhere` under a short time. Caches
//! and libraries of others' sources are left out, as for keys. What was not reached is a gap with its count.

use super::{PROGRAM_FOLDERS, at};
use crate::host::{Look, Meta, path_text, place};
use crate::out::Out;
use crate::yara::Named;
use evidence::{Digest, FactValue, GapReason};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["yara.elsewhere", "yara.match", "yara.rules", "yara.scanned"];

/// Folders for passing files: every file in them is tried.
const TEMPORARY: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/run/user"];
const TEMPORARY_DEPTH_MAX: usize = 4;
/// Programs and data that no package brought.
const OWN: [&str; 5] = ["/usr/local", "/opt", "/srv", "/root", "/home"];
const OWN_DEPTH_MAX: usize = 8;
/// Folders of caches and of others' sources.
const LEFT_OUT: [&str; 12] = [
    ".cache",
    ".cargo",
    ".git",
    ".m2",
    ".npm",
    ".rustup",
    "node_modules",
    "site-packages",
    "dist-packages",
    "pkg",
    "__pycache__",
    ".venv",
];
/// Endings of scripts, server pages, libraries and configurations that rules speak of.
const ENDINGS: [&str; 27] = [
    "php", "php3", "php5", "php7", "phtml", "phar", "inc", "jsp", "jspx", "jspf", "asp", "asa", "aspx", "ashx", "asmx",
    "cer", "cgi", "pl", "py", "sh", "ps1", "bat", "cmd", "vbs", "so", "ini", "toml",
];

/// Ranks from this one on belong to `yara.elsewhere`.
const ELSEWHERE: u8 = 3;
/// A file to be tried; lower ranks first.
type Candidate = (u8, PathBuf);

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    let rules = Arc::clone(&out.shared.rules);
    out.fact("yara.rules", i64::try_from(rules.count()).unwrap_or(i64::MAX), at("/"));
    for refused in rules.refused() {
        out.gap("yara.rules", GapReason::Unsupported, Some(at(&refused.file)));
    }
    let mut look = out.look();
    // The same file may be likely for several reasons; its best place counts.
    let mut seen = BTreeSet::new();
    let found = candidates(out, &mut look);
    let list: Vec<Candidate> = found.into_iter().filter(|(_, p)| seen.insert(p.clone())).collect();
    let (likely, others) = list.split_at(list.partition_point(|(rank, _)| *rank < ELSEWHERE));
    let limits = out.host.limits;
    let mut scanned: i64 = 0;
    for (fact, part, millis) in
        [("yara.match", likely, limits.yara_likely_millis_max), ("yara.elsewhere", others, limits.yara_millis_max)]
    {
        let (started, limit) = (Instant::now(), Duration::from_millis(millis));
        let mut look = out.look();
        let mut left = 0;
        for (_, path) in part {
            if stop.requested() || out.closed() || started.elapsed() > limit {
                left += 1;
            } else {
                scanned += i64::from(one(out, &mut look, fact, path));
            }
        }
        out.gaps(&[fact, "yara.scanned"], &look.misses);
        if left > 0 {
            out.gap_count(fact, GapReason::Stopped, left);
        }
    }
    out.fact("yara.scanned", scanned, at("/"));
    out.gaps(&["yara.scanned"], &look.misses);
    // A unit or a job that could not be read starts something that was not tried.
    let (units, jobs) = (out.shared.units(out.host), out.shared.jobs(out.host));
    for misses in [&units.misses, &jobs.misses, &out.shared.processes(out.host).misses] {
        out.gaps(&["yara.match"], misses);
    }
}

/// Tries the rules on one file; true if it was read.
fn one(out: &mut Out<'_>, look: &mut Look<'_>, fact: &'static str, path: &Path) -> bool {
    let bytes = match out.host.bytes(path, out.host.limits.yara_file_bytes_max) {
        Ok((bytes, _)) => bytes,
        Err(crate::host::Miss::Absent) => return false,
        Err(crate::host::Miss::Gap(reason)) => {
            look.miss(reason, path);
            return false;
        }
    };
    let text = path_text(path);
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let (matches, late) = out.shared.rules.scan(&bytes, Named { name: &name, path: &text });
    if late {
        look.miss(GapReason::Stopped, path);
    }
    if matches.is_empty() {
        return true;
    }
    let digest = Digest::of(&bytes);
    for m in matches {
        let row = FactValue::row([
            ("path", text.clone().into()),
            ("rule", crate::parse::printable(&m.rule).into()),
            ("pack", crate::parse::printable(&m.pack).into()),
            ("severity", m.severity.name().into()),
            ("about", m.about.into()),
        ]);
        out.fact(fact, row, place(path).digest(digest));
    }
    true
}

fn candidates(out: &mut Out<'_>, look: &mut Look<'_>) -> BTreeSet<Candidate> {
    let mut found = BTreeSet::new();
    let host = out.host;
    let foreign = |path: &Path| out.shared.packaged(host, path) != Some(true);
    let mut add = |rank: u8, path: &Path| {
        if path.is_absolute() && foreign(path) {
            found.insert((rank, path.to_owned()));
        }
    };
    for unit in &out.shared.units(host).value {
        unit.words.iter().take(3).for_each(|w| add(0, Path::new(w)));
    }
    for job in &out.shared.jobs(host).value {
        job.command.split_whitespace().take(4).for_each(|w| add(0, Path::new(w)));
    }
    for process in &out.shared.processes(host).value {
        process.exe.iter().for_each(|exe| add(0, exe));
    }
    for (rank, folders, depth, all) in [
        (1, &TEMPORARY[..], TEMPORARY_DEPTH_MAX, true),
        (2, &super::WEB_FOLDERS[..], OWN_DEPTH_MAX, false),
        (3, &PROGRAM_FOLDERS[..], 1, true),
        (4, &OWN[..], OWN_DEPTH_MAX, false),
    ] {
        for folder in folders {
            let mut walk = Walk { look, found: Vec::new(), entries: 0, all };
            walk.folder(Path::new(folder), depth);
            let met = walk.found;
            let misses = std::mem::take(&mut look.misses);
            out.gaps(&[if rank < ELSEWHERE { "yara.match" } else { "yara.elsewhere" }, "yara.scanned"], &misses);
            for path in met {
                if foreign(&path) {
                    found.insert((rank, path));
                }
            }
        }
    }
    // What is missing is not a file that could not be read.
    found.retain(|(rank, path)| *rank > 0 || host.stat(path).is_ok_and(|m| m.is_file()));
    found
}

/// A walk below one folder, in the order of names, without following links.
struct Walk<'l, 'h> {
    look: &'l mut Look<'h>,
    found: Vec<PathBuf>,
    entries: u64,
    all: bool,
}
impl Walk<'_, '_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth == 0 || self.entries > self.look.host.limits.yara_entries_max {
            return;
        }
        let dir = match self.look.host.dir(folder) {
            Ok(dir) => dir,
            Err(crate::host::Miss::Gap(GapReason::Link) | crate::host::Miss::Absent) => return,
            Err(crate::host::Miss::Gap(reason)) => return self.look.miss(reason, folder),
        };
        for entry in self.look.list(folder) {
            self.entries += 1;
            if self.entries > self.look.host.limits.yara_entries_max {
                return self.look.miss(GapReason::TooMany, folder);
            }
            let meta = match crate::host::Host::stat_in(std::os::fd::AsFd::as_fd(&dir), &entry.name) {
                Ok(meta) => meta,
                Err(crate::host::Miss::Absent) => continue,
                Err(crate::host::Miss::Gap(reason)) => {
                    self.look.miss(reason, &entry.path);
                    continue;
                }
            };
            if meta.is_dir() && !LEFT_OUT.iter().any(|l| entry.name == OsStr::new(l)) {
                self.folder(&entry.path, depth - 1);
            } else if meta.is_file() && self.wanted(&entry.path, &meta) {
                self.found.push(entry.path);
            }
        }
    }
    fn wanted(&self, path: &Path, meta: &Meta) -> bool {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        let spoken_of = ending.is_some_and(|e| ENDINGS.contains(&e.as_str()));
        meta.size > 0 && (self.all || meta.mode & 0o111 != 0 || spoken_of)
    }
}
