//! Programs by their file names, wherever they lie: what was never installed has no entry anywhere else.
//!
//! Of a disk the folders are walked, without following links and without Windows' own stores, which hold Windows' own
//! files alone. Of a bundle the collector's list of programs is read.

use super::World;
use super::command::base;
use crate::host::{Host, Miss, path_text, place};
use crate::out::Out;
use evidence::{GapReason, Place};
use rustix::fs::{Dir, FileType};
use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stdx::Stop;

/// Folders that hold nothing but copies of Windows' own files, in lower case.
const STORES: [&str; 4] =
    ["/windows/winsxs", "/windows/servicing", "/windows/assembly", "/windows/softwaredistribution"];

/// Programs found: file name in lower case, to its path and place.
pub(crate) type Met = BTreeMap<String, (String, Place)>;

/// Looks for files whose names in lower case are among `names`. What was not looked at is a gap of `ids`.
pub(crate) fn programs(
    out: &mut Out<'_>,
    world: &World,
    stop: &Stop,
    names: &HashSet<String>,
    ids: &[&'static str],
) -> Met {
    match &world.bundle {
        None => walk(out, stop, names, ids),
        Some(_) => listed(out, world, names, ids),
    }
}

fn listed(out: &mut Out<'_>, world: &World, names: &HashSet<String>, ids: &[&'static str]) -> Met {
    let mut met = Met::new();
    let Some((text, at)) = world.answer(out, ids, "programs.txt", GapReason::NotLive) else { return met };
    for (n, path) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())) {
        let name = base(path);
        if names.contains(&name) {
            met.entry(name).or_insert_with(|| (path.to_owned(), at.clone().line(n as u64)));
        }
    }
    met
}

fn walk(out: &mut Out<'_>, stop: &Stop, names: &HashSet<String>, ids: &[&'static str]) -> Met {
    let (started, limits) = (Instant::now(), out.host.limits);
    let (mut met, mut entries) = (Met::new(), 0);
    let mut todo = vec![(PathBuf::from("/"), 0)];
    while let Some((folder, depth)) = todo.pop() {
        if stop.requested() || started.elapsed() > Duration::from_millis(limits.walk_millis_max) {
            out.gap_at(ids, GapReason::Stopped, &folder);
            break;
        }
        if entries >= limits.walk_entries_max {
            out.gap_at(ids, GapReason::TooMany, &folder);
            break;
        }
        if depth > limits.walk_depth_max {
            out.gap_at(ids, GapReason::TooDeep, &folder);
            continue;
        }
        let found = match read(out.host, &folder, limits.entries_max) {
            Ok(found) => found,
            Err(miss) => {
                let reason = if let Miss::Gap(reason) = miss { reason } else { GapReason::Vanished };
                out.gap_at(ids, reason, &folder);
                continue;
            }
        };
        entries += found.len() as u64;
        for (path, is_folder) in found {
            if is_folder {
                if !STORES.contains(&path.to_string_lossy().to_lowercase().as_str()) {
                    todo.push((path, depth + 1));
                }
            } else if let Some(name) = path.file_name().map(|n| n.to_string_lossy().to_lowercase())
                && names.contains(&name)
            {
                met.entry(name).or_insert_with(|| (path_text(&path), place(&path)));
            }
        }
    }
    met
}

/// Folders and regular files of a folder, in the order of their names.
fn read(host: &Host, folder: &Path, entries_max: u64) -> Result<Vec<(PathBuf, bool)>, Miss> {
    let mut handle = Dir::new(host.dir(folder)?)?;
    let mut out = Vec::new();
    let mut unknown = Vec::new();
    for entry in &mut handle {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
        if name == "." || name == ".." {
            continue;
        }
        match entry.file_type() {
            FileType::Directory => out.push((folder.join(name), true)),
            FileType::RegularFile => out.push((folder.join(name), false)),
            FileType::Unknown => unknown.push(name),
            _ => {}
        }
        if (out.len() + unknown.len()) as u64 > entries_max {
            return Err(Miss::Gap(GapReason::TooMany));
        }
    }
    let dir = handle.fd()?;
    for name in unknown {
        if let Ok(meta) = Host::stat_in(dir.as_fd(), &name)
            && (meta.is_dir() || meta.is_file())
        {
            out.push((folder.join(name), meta.is_dir()));
        }
    }
    out.sort();
    Ok(out)
}
