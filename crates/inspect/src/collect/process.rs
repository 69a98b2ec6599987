//! Running programs, and processes that the list of processes does not show.
//!
//! The kernel answers for `/proc/N` of every process; a listing of `/proc` is what a rootkit filters. So each number up
//! to the newest is asked for, and what the groups of control name is looked up too. A process that starts or ends
//! meanwhile is none: it must be missing from a listing before and one after, and answer at the end.
//!
//! The other way to hide needs no rootkit: something mounted over `/proc/N` leaves the number in the listing and takes
//! away everything below it. Nothing mounts there for a good reason, so the table of mounts tells.

use super::sockets;
use crate::collect::with;
use crate::host::place;
use crate::out::Out;
use crate::{parse, shared};
use evidence::{FactValue, GapReason};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts about running programs.
pub(crate) const FACTS: &[&str] = &["process"];
/// Facts about hidden processes.
pub(crate) const HIDDEN_FACTS: &[&str] = &["process.hidden"];

/// Most folders of control groups that are read.
const GROUPS_MAX: usize = 20_000;
/// Most bytes of one list of a control group.
const GROUP_BYTES_MAX: u64 = 4 << 20;

#[derive(Default)]
struct Program {
    name: String,
    count: i64,
    listening: bool,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    if !out.host.live {
        return;
    }
    let processes = out.shared.processes(out.host);
    let waiting = sockets::waiting_inodes(out);
    let mut programs: BTreeMap<(String, u32, Option<&'static str>), Program> = BTreeMap::new();
    let mut closed = None;
    for p in &processes.value {
        if stop.requested() {
            return out.gap_at(FACTS, GapReason::Stopped, Path::new("/proc"));
        }
        // Threads of the kernel have no program.
        let Some(exe) = p.exe.as_deref().map(shared::text_of) else { continue };
        let exe = exe.strip_suffix(" (deleted)").unwrap_or(&exe).to_owned();
        let folder = PathBuf::from(format!("/proc/{}", p.pid));
        let groups =
            out.host.bytes(&folder.join("cgroup"), GROUP_BYTES_MAX).map(|(bytes, _)| bytes).unwrap_or_default();
        let container = parse::container(&String::from_utf8_lossy(&groups));
        let program = programs.entry((exe, p.uid, container)).or_default();
        program.count += 1;
        if program.name.is_empty() {
            program.name.clone_from(&p.name);
        }
        match sockets::holds_one(out.host, p.pid, &waiting) {
            Ok(holds) => program.listening |= holds,
            Err(path) => closed = closed.or(Some(path)),
        }
    }
    for ((exe, uid, container), program) in programs {
        let mut row = FactValue::row([
            ("exe", exe.as_str().into()),
            ("name", program.name.into()),
            ("uid", i64::from(uid).into()),
            ("count", program.count.into()),
            ("listening", program.listening.into()),
        ]);
        // A path in a container is one of another file system.
        let packaged = out.shared.packaged(out.host, Path::new(&exe)).filter(|_| container.is_none());
        with(&mut row, "packaged", packaged);
        with(&mut row, "container", container);
        out.fact("process", row, place(Path::new(&exe)));
    }
    if let Some(path) = closed {
        out.field_gap("process.listening", GapReason::PermissionDenied, &path);
    }
    out.gaps(FACTS, &processes.misses);
    out.gaps(FACTS, &out.shared.owned(out.host).misses.clone());
}

/// Collects.
pub(crate) fn hidden(out: &mut Out<'_>, stop: &Stop) {
    if !out.host.live {
        return;
    }
    let mut look = out.look();
    let before = listed(&mut look);
    let newest = look.read("/proc/loadavg").and_then(|f| f.text().split_whitespace().last()?.parse::<u32>().ok());
    let top = before.last().copied().max(newest).unwrap_or(0);
    let max = out.host.limits.pids_max;
    if top > max {
        out.gap_at(HIDDEN_FACTS, GapReason::TooMany, Path::new("/proc"));
    }
    let mut suspects: BTreeMap<u32, &str> = BTreeMap::new();
    for pid in 1..=top.min(max) {
        if stop.requested() {
            return out.gap_at(HIDDEN_FACTS, GapReason::Stopped, Path::new("/proc"));
        }
        if !before.contains(&pid) && leads(out, pid) {
            suspects.insert(pid, "unlisted");
        }
    }
    let groups = grouped(out, stop);
    if groups.is_none() {
        out.gap_at(HIDDEN_FACTS, GapReason::TooMany, Path::new("/sys/fs/cgroup"));
    }
    for pid in groups.unwrap_or_default() {
        if !before.contains(&pid) {
            suspects.entry(pid).or_insert("cgroup");
        }
    }
    let after = listed(&mut look);
    let still = if suspects.is_empty() { BTreeSet::new() } else { grouped(out, stop).unwrap_or_default() };
    for (pid, reason) in suspects {
        let there = match reason {
            "unlisted" => leads(out, pid),
            _ => still.contains(&pid),
        };
        if after.contains(&pid) || !there {
            continue;
        }
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let mut row = FactValue::row([
            ("process", format!("pid {pid}").into()),
            ("pid", i64::from(pid).into()),
            ("reason", reason.into()),
        ]);
        let exe = out.host.read_link(&folder.join("exe")).ok();
        with(&mut row, "exe", exe.as_deref().map(shared::text_of));
        out.fact("process.hidden", row, place(&folder));
    }
    covered(out, &mut look);
    out.gaps(HIDDEN_FACTS, &look.misses);
}

/// Processes over which something is mounted.
fn covered(out: &mut Out<'_>, look: &mut crate::host::Look<'_>) {
    let Some(file) = look.read("/proc/self/mounts") else { return };
    for (pid, line) in covers(&file.text()) {
        let row = FactValue::row([
            ("process", format!("pid {pid}").into()),
            ("pid", i64::from(pid).into()),
            ("reason", "covered".into()),
        ]);
        out.fact("process.hidden", row, file.line(line));
    }
}
/// Numbers of processes that a mount lies over, or over a part of, each once with its line.
fn covers(mounts: &str) -> BTreeMap<u32, usize> {
    let mut found = BTreeMap::new();
    for row in parse::mount_table(mounts) {
        let below = row.target.strip_prefix("/proc/").and_then(|rest| rest.split('/').next());
        if let Some(pid) = below.and_then(|name| name.parse().ok()) {
            found.entry(pid).or_insert(row.line);
        }
    }
    found
}

/// Numbers of processes that `/proc` lists.
fn listed(look: &mut crate::host::Look<'_>) -> BTreeSet<u32> {
    look.list("/proc").iter().filter_map(|e| e.text().parse().ok()).collect()
}

/// `/proc/PID` answers, and for a process rather than for one of its threads, which are never listed.
fn leads(out: &Out<'_>, pid: u32) -> bool {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    if out.host.stat(&folder).is_err() {
        return false;
    }
    let Ok((status, _)) = out.host.bytes(&folder.join("status"), 64 << 10) else { return false };
    let status = String::from_utf8_lossy(&status);
    let leader = status.lines().find_map(|l| l.strip_prefix("Tgid:")?.trim().parse::<u32>().ok());
    leader == Some(pid)
}

/// Numbers of processes that control groups name; those of other namespaces read as 0. Nothing if there are too many
/// groups to read.
fn grouped(out: &Out<'_>, stop: &Stop) -> Option<BTreeSet<u32>> {
    let mut found = BTreeSet::new();
    let mut todo = vec![PathBuf::from("/sys/fs/cgroup")];
    let mut seen: HashSet<PathBuf> = HashSet::new();
    while let Some(folder) = todo.pop() {
        if stop.requested() || seen.len() >= GROUPS_MAX {
            return None;
        }
        if !seen.insert(folder.clone()) {
            continue;
        }
        if let Ok((bytes, _)) = out.host.bytes(&folder.join("cgroup.procs"), GROUP_BYTES_MAX) {
            found.extend(
                String::from_utf8_lossy(&bytes).lines().filter_map(|l| l.parse::<u32>().ok()).filter(|p| *p != 0),
            );
        }
        for e in out.host.list(&folder).unwrap_or_default() {
            // Links lead to other names of the same groups.
            let link = out.host.read_link(&e.path).is_ok();
            if !link && out.host.stat(&e.path).is_ok_and(|m| m.is_dir()) {
                todo.push(e.path);
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::covers;
    use std::collections::BTreeMap;

    #[test]
    fn a_mount_over_a_process_is_none_over_the_rest_of_proc() {
        let mounts = "proc /proc proc rw 0 0\ntmpfs /proc/kcore tmpfs rw 0 0\nproc /proc/sys proc ro 0 0\n/dev/sda1 /proc/4711 ext4 rw 0 0\ntmpfs /proc/12/exe tmpfs rw 0 0\ntmpfs /proc/12 tmpfs rw 0 0\n/dev/sda1 /srv/proc/9 ext4 rw 0 0\n";
        assert_eq!(covers(mounts), BTreeMap::from([(4711, 4), (12, 5)]));
    }
}
