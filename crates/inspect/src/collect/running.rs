//! Which packages are in use: the programs that run, the libraries that they have loaded, the sockets on which they wait.
//!
//! It says what an advisory means at this moment, and no more: what does not run now may run tonight. So a package without a row
//! was "not running" only if every process could be looked at and every package has a list of its files; anything else is a gap.
//! Files that an interpreter reads in (jars, modules of Python, what `python3 -m` names) are mapped as data or not at all, so of
//! a package with such files the missing row says nothing: the field `native` of `package` tells those whose use would show.
//! A process in a container, or in a root of its own, has the files of another tree: its paths are not ours.

use super::sockets;
use crate::collect::with;
use crate::host::{Host, Miss, place};
use crate::out::Out;
use crate::{parse, shared};
use evidence::{FactValue, GapReason};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts about packages in use.
pub(crate) const FACTS: &[&str] = &["package.running"];

/// Most bytes of the map of one process.
const MAPS_BYTES_MAX: u64 = 16 << 20;
/// Most bytes of the command line of one process; a longer one is a gap.
const CMDLINE_BYTES_MAX: u64 = 1 << 20;
/// Most bytes of the groups of one process.
const GROUP_BYTES_MAX: u64 = 64 << 10;
/// Most processes whose maps are read.
const PROCESSES_MAX: usize = 10_000;
/// Programs named in one row.
const PROGRAMS_MAX: usize = 8;
/// Sockets named in one row.
const SOCKETS_MAX: usize = 16;
/// Managers that keep no list of files which this program reads.
pub(crate) const LISTLESS: [&str; 2] = ["snap", "flatpak"];

#[derive(Default)]
struct Use {
    package: String,
    program: bool,
    count: i64,
    programs: BTreeSet<String>,
    sockets: BTreeSet<String>,
    /// One of the processes may not be asked what it waits on.
    deaf: bool,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    if !out.host.live {
        return;
    }
    let owned = out.shared.owned(out.host);
    unlisted(out);
    out.gaps(FACTS, &owned.misses);
    let processes = out.shared.processes(out.host);
    out.gaps(FACTS, &processes.misses);
    if processes.value.len() > PROCESSES_MAX {
        out.gap_count(FACTS[0], GapReason::TooMany, (processes.value.len() - PROCESSES_MAX) as u64);
    }
    let Some(owners) = &owned.value else { return };
    let waiting = sockets::waiting(out);
    let own_groups = groups(out.host, Path::new("/proc/self"));
    let mut uses: BTreeMap<PathBuf, Use> = BTreeMap::new();
    for p in processes.value.iter().take(PROCESSES_MAX) {
        if stop.requested() {
            return out.gap_at(FACTS, GapReason::Stopped, Path::new("/proc"));
        }
        // A thread of the kernel has no program; one that may not be seen is a gap already.
        let Some(exe) = &p.exe else { continue };
        let folder = PathBuf::from(format!("/proc/{}", p.pid));
        let groups = groups(out.host, &folder);
        let container = groups != own_groups && parse::container(&groups).is_some();
        if container || out.host.read_link(&folder.join("root")).is_ok_and(|root| root != Path::new("/")) {
            continue;
        }
        let mut files = BTreeSet::from([undeleted(exe)]);
        match out.host.bytes(&folder.join("maps"), MAPS_BYTES_MAX) {
            Ok((bytes, _)) => files.extend(parse::mapped_programs(&bytes).into_iter().map(|f| undeleted(&f))),
            Err(Miss::Gap(reason)) => out.gap(FACTS[0], reason, Some(place(&folder.join("maps")))),
            // The process has ended.
            Err(Miss::Absent) => {}
        }
        // What an interpreter runs is a script; nothing of the command leaves this function but paths that packages own.
        let command = match out.host.bytes(&folder.join("cmdline"), CMDLINE_BYTES_MAX) {
            Ok((bytes, _)) => bytes,
            Err(Miss::Gap(reason)) => {
                out.gap(FACTS[0], reason, Some(place(&folder.join("cmdline"))));
                Vec::new()
            }
            Err(Miss::Absent) => Vec::new(),
        };
        let scripts = parse::named_scripts(&command);
        files.extend(scripts.iter().cloned());
        let heard = heard(out.host, &folder, &waiting);
        let program = undeleted(exe);
        for file in files {
            let Some(package) = owners.package_of(&file) else { continue };
            let is_program = file == program || scripts.contains(&file);
            let used = uses.entry(file).or_default();
            package.clone_into(&mut used.package);
            used.program |= is_program;
            used.count += 1;
            used.programs.insert(p.base());
            match &heard {
                Some(sockets) => used.sockets.extend(sockets.iter().cloned()),
                None => used.deaf = true,
            }
        }
    }
    for (file, used) in uses {
        emit(out, &file, used);
    }
}

fn emit(out: &mut Out<'_>, file: &Path, used: Use) {
    let mut row = FactValue::row([
        ("package", parse::printable(&used.package).into()),
        ("file", shared::text_of(file).into()),
        ("how", if used.program { "program" } else { "library" }.into()),
        ("count", used.count.into()),
        ("programs", FactValue::Texts(used.programs.into_iter().take(PROGRAMS_MAX).collect())),
    ]);
    let sockets = (!used.deaf).then(|| FactValue::Texts(used.sockets.into_iter().take(SOCKETS_MAX).collect()));
    with(&mut row, "listening", sockets);
    out.fact(FACTS[0], row, place(file));
}

/// Counts the packages whose files nobody lists: whether they run cannot be told.
fn unlisted(out: &mut Out<'_>) {
    let packages = out.shared.packages(out.host);
    let listed = out.shared.owned(out.host).value.as_ref().map(|o| o.listed()).unwrap_or_default();
    let system = packages.value.all().filter(|(set, _)| !LISTLESS.contains(&set.manager));
    let missing = system.filter(|(_, p)| !listed.contains(p.name.as_str())).count();
    if missing > 0 {
        out.gap_count(FACTS[0], GapReason::Missing, missing as u64);
    }
}

fn groups(host: &Host, folder: &Path) -> String {
    let bytes = host.bytes(&folder.join("cgroup"), GROUP_BYTES_MAX).map(|(bytes, _)| bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The path of a file that may have been replaced since: an update leaves the old one running, under the same name.
fn undeleted(path: &Path) -> PathBuf {
    path.to_str().and_then(|p| p.strip_suffix(" (deleted)")).map_or_else(|| path.to_owned(), PathBuf::from)
}

/// The sockets on which a process waits; nothing if its handles may not be read.
fn heard(host: &Host, folder: &Path, waiting: &HashMap<u64, String>) -> Option<BTreeSet<String>> {
    if waiting.is_empty() {
        return Some(BTreeSet::new());
    }
    match host.list(&folder.join("fd")) {
        Ok(entries) => {
            let held = entries.iter().filter_map(|e| sockets::inode_of(host, e));
            Some(held.filter_map(|inode| waiting.get(&inode).cloned()).collect())
        }
        Err(Miss::Gap(GapReason::PermissionDenied)) => None,
        Err(_) => Some(BTreeSet::new()),
    }
}
