//! Who stands behind a thread: process, tree, control group, user, and for Samba the session.
//!
//! A process id alone is never an actor: a pool of processes shows each of them as harmless. The tree is named by its session
//! leader (pid and start time, so that a pid that was used again is another one). smbd's children are sessions: one child a
//! connection; its tree and control group are everybody's and are left out. Answers are kept for a second, because
//! an attack asks thousands of times; a thread that is gone before we look has the share as its only scope.

use crate::smb::Sessions;
use ransom::{Actor, id};
use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is used again.
const KEEP: Duration = Duration::from_secs(1);
/// Answers that are kept.
const KEPT_MAX: usize = 8192;

/// A process as people know it, beside the numbers that `ransom` judges by.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// For the judge of behaviour.
    pub actor: Actor,
    /// The process.
    pub pid: i32,
    /// The session leader of its tree; 0 if not known.
    pub leader: i32,
    /// The program's name, at most 15 bytes (the kernel's `comm`).
    pub program: String,
    /// Its user.
    pub uid: u32,
    /// SMB user and address.
    pub peer: Option<(String, String)>,
}

/// Tells actors apart, and remembers the last answers.
#[derive(Debug)]
pub struct Actors {
    kept: Mutex<HashMap<i32, (Instant, Who)>>,
    smb: Arc<Sessions>,
}

impl Actors {
    /// With what is known of Samba's sessions.
    #[must_use]
    pub fn new(smb: Arc<Sessions>) -> Self {
        Self { kept: Mutex::default(), smb }
    }
    /// Who a thread or process is. `share` is the id of the guarded tree.
    #[must_use]
    pub fn who(&self, tid: i32, share: u64) -> Who {
        let now = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, who)) = kept.get(&tid)
            && now.duration_since(*at) < KEEP
        {
            let mut who = who.clone();
            who.actor.share = share;
            return who;
        }
        let old = kept.get(&tid).map(|k| k.1.clone());
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, (at, _)| now.duration_since(*at) < KEEP);
        }
        // What is gone is known from when it was there: events about names come after the deed.
        let mut who = self.read(tid).or(old).unwrap_or_else(|| Who { pid: tid, ..Who::default() });
        who.actor.share = share;
        kept.insert(tid, (now, who.clone()));
        who
    }

    fn read(&self, tid: i32) -> Option<Who> {
        let status = std::fs::read_to_string(format!("/proc/{tid}/status")).ok()?;
        let field = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
        let pid: i32 = field("Tgid:")?.parse().ok()?;
        let uid: u32 = field("Uid:")?.split_ascii_whitespace().nth(2)?.parse().ok()?;
        let program = field("Name:")?.to_owned();
        let (leader, start) = stat(pid)?;
        let mut actor = Actor { process: process_id(pid, start), user: Some(u64::from(uid)), ..Actor::default() };
        let mut peer = None;
        if program == "smbd" {
            actor.session = Some(actor.process);
            peer = self.smb.peer(pid);
            actor.peer = peer.as_ref().map(|(user, host)| id(format!("{user}\0{host}").as_bytes()));
            actor.user = None;
        } else {
            let begun = stat(leader).map_or(0, |s| s.1);
            actor.tree = Some(process_id(leader, begun));
            actor.cgroup = cgroup(pid);
        }
        Some(Who { actor, pid, leader, program, uid, peer })
    }
}

fn process_id(pid: i32, start: u64) -> u64 {
    id(format!("{pid} {start}").as_bytes())
}

/// Session and start time of a process.
fn stat(pid: i32) -> Option<(i32, u64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything, brackets too.
    let mut rest = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let session = rest.nth(3)?.parse().ok()?;
    let start = rest.nth(15)?.parse().ok()?;
    Some((session, start))
}

/// Inode of the control group, unless it is the root.
fn cgroup(pid: i32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let path = text.lines().find_map(|l| l.strip_prefix("0::"))?;
    if path == "/" {
        return None;
    }
    std::fs::metadata(format!("/sys/fs/cgroup{path}")).ok().map(|m| m.ino())
}

/// Every process of a tree (same session leader), the leader too. For stopping and killing.
#[must_use]
pub fn tree(leader: i32) -> Vec<i32> {
    processes().filter(|pid| stat(*pid).is_some_and(|(session, _)| session == leader)).collect()
}

/// Every process that is there now.
pub fn processes() -> impl Iterator<Item = i32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten();
    all.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok())
}
