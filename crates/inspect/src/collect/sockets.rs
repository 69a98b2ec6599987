//! What listens, who holds it, and which programs run from files that are gone.

use crate::host::{Host, Miss, place};
use crate::out::Out;
use crate::parse::{self, SocketState};
use crate::shared::Process;
use crate::{collect::with, shared};
use evidence::{FactValue, GapReason};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts about sockets.
pub(crate) const FACTS: &[&str] = &["listen"];
/// Facts about processes.
pub(crate) const PROCESS_FACTS: &[&str] = &["process.deleted_exe"];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    if !out.host.live {
        return;
    }
    let mut look = out.look();
    let mut sockets = Vec::new();
    for proto in ["tcp", "tcp6", "udp", "udp6"] {
        if let Some(f) = look.read(Path::new("/proc/net").join(proto)) {
            let waiting = parse::proc_net(&f.text()).into_iter().filter(|s| s.state == SocketState::Listening);
            sockets.extend(waiting.map(|s| (proto, s)));
        }
    }
    out.gaps(FACTS, &look.misses);
    let inodes: Vec<u64> = sockets.iter().map(|(_, s)| s.inode).collect();
    let (holders, closed) = holders(out, stop, &inodes);
    let mut unnamed = false;
    for (proto, s) in &sockets {
        let mut row = FactValue::row([
            ("socket", named(proto, s).into()),
            ("proto", (*proto).into()),
            ("address", s.address.to_string().into()),
            ("port", i64::from(s.port).into()),
            ("exposed", exposed(s.address).into()),
            ("uid", i64::from(s.uid).into()),
        ]);
        let holder = holders.get(&s.inode);
        unnamed |= holder.is_none();
        with(&mut row, "process", holder.map(|p| p.name.as_str()));
        with(&mut row, "exe", holder.and_then(|p| p.exe.as_deref()).map(shared::text_of));
        // The table changes all the time, so its digest would say nothing.
        out.fact("listen", row, place(&Path::new("/proc/net").join(proto)).line(s.line as u64));
    }
    if unnamed && let Some(path) = closed {
        // Who listens is unknown; that something listens, and where, is not: the table stays whole.
        out.field_gap("listen.process", GapReason::PermissionDenied, &path);
    }
}

/// The sockets that wait, by inode: `tcp 0.0.0.0:22`.
pub(super) fn waiting(out: &Out<'_>) -> HashMap<u64, String> {
    let mut found = HashMap::new();
    for proto in ["tcp", "tcp6", "udp", "udp6"] {
        if let Ok(f) = out.host.read(&Path::new("/proc/net").join(proto)) {
            let waiting = parse::proc_net(&f.text()).into_iter().filter(|s| s.state == SocketState::Listening);
            found.extend(waiting.map(|s| (s.inode, named(proto, &s))));
        }
    }
    found
}

/// A socket as people write it.
fn named(proto: &str, s: &parse::Socket) -> String {
    match s.address {
        IpAddr::V6(a) => format!("{proto} [{a}]:{}", s.port),
        IpAddr::V4(a) => format!("{proto} {a}:{}", s.port),
    }
}

/// Inodes of the sockets that wait.
pub(super) fn waiting_inodes(out: &Out<'_>) -> HashSet<u64> {
    waiting(out).into_keys().collect()
}

/// Whether a process holds one of these sockets; the folder of its handles if it may not be read.
pub(super) fn holds_one(host: &Host, pid: u32, wanted: &HashSet<u64>) -> Result<bool, PathBuf> {
    let fds = PathBuf::from(format!("/proc/{pid}/fd"));
    let entries = match host.list(&fds) {
        Ok(entries) => entries,
        Err(Miss::Gap(GapReason::PermissionDenied)) => return Err(fds),
        // The process has ended.
        Err(_) => return Ok(false),
    };
    Ok(entries.iter().filter_map(|e| inode_of(host, e)).any(|inode| wanted.contains(&inode)))
}
/// The inode of the socket that a handle leads to.
pub(super) fn inode_of(host: &Host, e: &crate::host::Entry) -> Option<u64> {
    host.read_link(&e.path).ok().as_deref().and_then(socket_inode)
}
/// `socket:[12345]`, as the handles of a process name a socket.
fn socket_inode(target: &Path) -> Option<u64> {
    target.to_string_lossy().strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

fn exposed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => !a.is_loopback(),
        IpAddr::V6(a) => !a.is_loopback() && !a.to_ipv4_mapped().is_some_and(|a| a.is_loopback()),
    }
}

/// Processes by the inode of their sockets, and the first folder of handles that may not be read.
pub(super) fn holders<'a>(out: &Out<'a>, stop: &Stop, wanted: &[u64]) -> (HashMap<u64, &'a Process>, Option<PathBuf>) {
    let mut found = HashMap::new();
    let mut closed = None;
    for p in &out.shared.processes(out.host).value {
        if stop.requested() || wanted.iter().all(|i| found.contains_key(i)) {
            break;
        }
        let fds = PathBuf::from(format!("/proc/{}/fd", p.pid));
        match out.host.list(&fds) {
            Ok(entries) => {
                for e in entries {
                    let target = match out.host.read_link(&e.path) {
                        Ok(target) => target,
                        Err(Miss::Gap(GapReason::PermissionDenied)) => {
                            closed.get_or_insert_with(|| fds.clone());
                            continue;
                        }
                        Err(_) => continue,
                    };
                    if let Some(inode) = socket_inode(&target).filter(|i| wanted.contains(i)) {
                        found.entry(inode).or_insert(p);
                    }
                }
            }
            Err(Miss::Gap(GapReason::PermissionDenied)) => {
                closed.get_or_insert(fds);
            }
            // The process has ended.
            Err(_) => {}
        }
    }
    (found, closed)
}

/// Programs whose file is gone. The kernel marks the link; a file only in memory counts as temporary.
pub(crate) fn deleted(out: &mut Out<'_>, _stop: &Stop) {
    if !out.host.live {
        return;
    }
    let processes = out.shared.processes(out.host);
    for p in &processes.value {
        let Some(exe) = p.exe.as_deref().map(shared::text_of) else { continue };
        let Some(exe) = exe.strip_suffix(" (deleted)") else { continue };
        let temporary = ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/", "/memfd:"].iter().any(|t| exe.starts_with(t));
        let row = FactValue::row([
            ("exe", exe.into()),
            ("pid", i64::from(p.pid).into()),
            ("uid", i64::from(p.uid).into()),
            ("name", p.name.as_str().into()),
            ("temporary", temporary.into()),
        ]);
        out.fact("process.deleted_exe", row, place(Path::new(&format!("/proc/{}/exe", p.pid))));
    }
    out.gaps(PROCESS_FACTS, &processes.misses);
}
