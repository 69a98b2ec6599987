//! What becomes of names: created, removed, renamed, closed after writing. Keeps the link farm and tells the judge.
//!
//! These events come after the deed and wait for nobody. What they say is a folder by its handle and a name in it; the folder's
//! path is asked of the kernel each time, so a folder that was renamed meanwhile is found where it is now.

use crate::behaviour;
use crate::desk::by;
use crate::engine::{Engine, Share};
use crate::journal::{Entry, GapKind};
use crate::sys::{self, Event, Group, Name};
use ransom::{Standing, Verdict, What};
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A new text up to this size may be a note, bytes.
const NOTE_BYTES_MAX: u64 = 64 << 10;

/// Reads events of names until the guard ends.
pub fn read(engine: &Engine, group: &Group) {
    let mut bytes = vec![0; 256 << 10];
    while !engine.ends() {
        let Ok(len) = group.read(&mut bytes, 100) else { return };
        for event in sys::events(&bytes[..len]) {
            if event.mask & sys::OVERFLOW != 0 {
                lost_events(engine);
            } else if !sys::is_own_thread(event.pid) {
                one(engine, &event);
            }
        }
    }
}

/// Events were lost: the farm is swept anew. What lost its name meanwhile is known by its link count.
fn lost_events(engine: &Engine) {
    for share in &engine.shares {
        share.vault.gap(GapKind::EventsLost, None, 0);
        sweep(share);
    }
}

/// Links everything in a share; what cannot be linked is a gap.
pub fn sweep(share: &Share) -> u64 {
    share.farm.sweep(&share.config.path, &mut |path, _| {
        let bytes = std::fs::symlink_metadata(path).map_or(0, |m| m.len());
        share.vault.gap(GapKind::NotLinked, Some(share.within(path)), bytes);
    })
}

fn place(engine: &Engine, name: &Name) -> Option<(PathBuf, usize)> {
    for (at, share) in engine.shares.iter().enumerate() {
        let Ok(folder) = sys::open_handle(share.root.as_fd(), &name.folder) else { continue };
        let mut path = crate::vault::path_of(&folder)?;
        path.push(OsStr::from_bytes(&name.name));
        return share.has(&path).then_some((path, at));
    }
    None
}

fn one(engine: &Engine, event: &Event) {
    let from = event.name.as_ref().and_then(|n| place(engine, n));
    let to = event.to.as_ref().and_then(|n| place(engine, n));
    let folder = event.mask & sys::ON_DIR != 0;
    let Some((share, at)) = from.as_ref().or(to.as_ref()).map(|(_, at)| (&engine.shares[*at], *at)) else { return };
    // The old path is in the share: whatever the event says happened to it.
    if event.mask & sys::RENAME != 0 {
        renamed(engine, share, event.pid, from.map(|f| f.0), to.map(|t| t.0), folder);
        return;
    }
    let Some((path, _)) = from else { return };
    if event.mask & sys::CREATE != 0 {
        created(engine, at, event.pid, &path, folder);
    }
    if event.mask & sys::CLOSE_WRITE != 0 && !folder {
        closed(engine, share, event.pid, &path);
    }
    if event.mask & sys::DELETE != 0 && !folder {
        removed(engine, share, event.pid, &path);
    }
}

fn heed(engine: &Engine, pid: i32, share: &Share, verdict: &Verdict) {
    if engine.mode != crate::config::Mode::Hold || !behaviour::stops(verdict) {
        return;
    }
    if let Some(order) = &engine.orders.hold {
        let who = engine.actors.who(pid, share.id);
        engine.desk.hold(&who, verdict, order, None, &share.vault);
    }
}

fn created(engine: &Engine, at: usize, pid: i32, path: &Path, folder: bool) {
    let share = &engine.shares[at];
    if folder {
        share.farm.sweep(path, &mut |_, _| {});
        return;
    }
    if share.farm.link(path).is_err() {
        share.vault.gap(GapKind::NotLinked, Some(share.within(path)), 0);
    }
    let ino = share.farm.known(path).unwrap_or(0);
    let who = engine.actors.who(pid, share.id);
    let verdict = engine.behaviour.take(&who.actor, What::Create { file: engine.behaviour.file(path, ino, 0) });
    heed(engine, pid, share, &verdict);
}

fn closed(engine: &Engine, share: &Share, pid: i32, path: &Path) {
    let Some(ino) = share.farm.known(path).or_else(|| std::fs::symlink_metadata(path).ok().map(|m| m.ino())) else {
        return;
    };
    let who = engine.actors.who(pid, share.id);
    if share.vault.last_of(ino).is_some() {
        let _ = share.vault.note(Entry::Closed { path: share.within(path), ino, by: by(&who) });
    }
    let verdict = match engine.behaviour.closed(ino) {
        Some(verdict) => verdict,
        None => match engine.behaviour.written(path) {
            Some((now, random, bytes)) => {
                let file = engine.behaviour.file(path, ino, bytes);
                if bytes <= NOTE_BYTES_MAX
                    && now.format == "text"
                    && let Ok(content) = std::fs::read(path)
                {
                    let name = path.file_name().unwrap_or_default();
                    let (name, content) = (ransom::id(name.as_bytes()), ransom::id(&content));
                    engine.behaviour.take(&who.actor, What::Note { file: file.clone(), name, content });
                }
                engine.behaviour.take(&who.actor, What::Written { file, now, random })
            }
            None => return,
        },
    };
    heed(engine, pid, share, &verdict);
}

fn removed(engine: &Engine, share: &Share, pid: i32, path: &Path) {
    let Some(ino) = share.farm.forget(path) else { return };
    let who = engine.actors.who(pid, share.id);
    let mut before = ransom::Seen { format: "binary".to_owned(), standing: Standing::Unseen };
    let mut bytes = 0;
    if let Some(held) = share.farm.lost(ino) {
        bytes = held;
        share.vault.holds_more(held);
        let lost = Entry::Lost { path: share.within(path), ino, replaced: false, by: by(&who) };
        let _ = share.vault.note(lost);
        if let Ok(file) = File::open(share.vault.root().join(crate::farm::file_of(ino))) {
            before = behaviour::seen(&file);
        }
    }
    let file = engine.behaviour.file(path, ino, bytes);
    let canary = share.config.canaries.iter().any(|c| share.config.path.join(c) == path);
    let what = if canary { What::Canary { file } } else { What::Unlink { file, before } };
    let verdict = engine.behaviour.take(&who.actor, what);
    heed(engine, pid, share, &verdict);
}

fn renamed(engine: &Engine, share: &Share, pid: i32, from: Option<PathBuf>, to: Option<PathBuf>, folder: bool) {
    let who = engine.actors.who(pid, share.id);
    if let (Some(from), Some(to)) = (&from, &to) {
        let moved = Entry::Moved { from: share.within(from), to: share.within(to), by: by(&who) };
        let _ = share.vault.note(moved);
    }
    if folder {
        // Everything below has other paths now.
        to.iter().for_each(|t| {
            share.farm.sweep(t, &mut |_, _| {});
        });
        return;
    }
    let ino = from.as_deref().and_then(|f| share.farm.forget(f));
    let Some(to) = to else { return };
    let replaced = share.farm.known(&to);
    let _ = share.farm.link(&to);
    let now = share.farm.known(&to).or(ino).unwrap_or(0);
    if let Some(old) = replaced.filter(|old| *old != now)
        && let Some(bytes) = share.farm.lost(old)
    {
        share.vault.holds_more(bytes);
        let _ = share.vault.note(Entry::Lost { path: share.within(&to), ino: old, replaced: true, by: by(&who) });
        let pre = crate::farm::file_of(old);
        let mut one = behaviour::pending(&share.vault, &pre, &to, now, who.actor);
        one.link = share.vault.root().join(crate::farm::file_of(now));
        engine.behaviour.opened(one);
        if let Some(verdict) = engine.behaviour.closed(now) {
            heed(engine, pid, share, &verdict);
        }
        return;
    }
    let Some(from) = from else { return };
    let bytes = std::fs::symlink_metadata(&to).map_or(0, |m| m.len());
    let (old, new) = (engine.behaviour.file(&from, now, bytes), engine.behaviour.file(&to, now, bytes));
    let verdict = engine.behaviour.take(&who.actor, What::Rename { from: old, to: new });
    heed(engine, pid, share, &verdict);
}
