//! Holds one file against what is known of it.

use super::known::{Group, Known};
use crate::host::{Host, Miss};
use crate::md5;
use crate::opened::Opened;
use crate::parse::{Sum, SumKind};
use ::md5::{Digest as _, Md5};
use evidence::GapReason;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use std::cell::RefCell;
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// As its package has it.
    Same,
    /// Not there.
    Missing,
    /// Another content.
    Content,
    /// Other permission bits.
    Mode,
    /// No regular file.
    Kind,
    /// It could not be read.
    Unread(GapReason),
    /// The time was up.
    Late,
}

enum Hasher {
    Md5(Md5),
    Sha(Context),
}
impl Hasher {
    fn new(kind: SumKind) -> Self {
        match kind {
            SumKind::Md5 => Self::Md5(Md5::new()),
            SumKind::Sha1 => Self::Sha(Context::new(&SHA1_FOR_LEGACY_USE_ONLY)),
            SumKind::Sha256 => Self::Sha(Context::new(&SHA256)),
            SumKind::Sha384 => Self::Sha(Context::new(&SHA384)),
            SumKind::Sha512 => Self::Sha(Context::new(&SHA512)),
        }
    }
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(h) => h.update(bytes),
            Self::Sha(h) => h.update(bytes),
        }
    }
    fn is(self, sum: &Sum) -> bool {
        match self {
            Self::Md5(h) => h.finalize().as_slice() == &*sum.bytes,
            Self::Sha(h) => h.finish().as_ref() == &*sum.bytes,
        }
    }
}

/// A file that is known by one MD5 alone, opened: what nearly all files of dpkg are. They are hashed side by side.
struct Waiting<'g> {
    n: usize,
    group: &'g Group<'g>,
    known: &'g Known,
    opened: Opened,
}

/// What holds until a verdict is told: a path that nobody tells of was not looked at. Of an empty group nothing is known.
fn untold(groups: &[Group<'_>]) -> Vec<(Verdict, u64)> {
    groups.iter().map(|g| (if g.is_empty() { Verdict::Same } else { Verdict::Late }, 0)).collect()
}

/// Verdicts on paths in their order, each with the bytes read for it.
pub(super) fn check(host: &Host, groups: &[Group<'_>], deadline: Instant) -> Vec<(Verdict, u64)> {
    let mut out = untold(groups);
    let told = RefCell::new(&mut out);
    let tell = |n: usize, verdict| {
        if let Some(slot) = told.borrow_mut().get_mut(n) {
            *slot = verdict;
        }
    };
    let mut left = groups.iter().enumerate();
    let next = || {
        for (n, group) in left.by_ref() {
            let Some(first) = group.first() else { continue };
            match open(host, group, first) {
                Err(verdict) => tell(n, (verdict, 0)),
                Ok(opened) => match group {
                    [known] if known.sum.as_ref().is_some_and(|s| s.kind == SumKind::Md5) => {
                        return Some(Waiting { n, group, known, opened });
                    }
                    _ => tell(n, contents(host, group, &opened, deadline)),
                },
            }
        }
        None
    };
    let fill = |w: &mut Waiting<'_>, at: u64, piece: &mut [u8]| match Instant::now() >= deadline {
        true => Err(Verdict::Late),
        false => w.opened.fill(at, piece).map_err(unread),
    };
    let done = |w: Waiting<'_>, sum: Result<([u8; 16], u64), Verdict>| match sum {
        Err(verdict) => tell(w.n, (verdict, 0)),
        Ok((sum, bytes)) => {
            let same = w.known.sum.as_ref().is_some_and(|s| *s.bytes == sum);
            tell(w.n, (weigh(host, w.group, &w.opened, w.known, same), bytes));
        }
    };
    md5::each(next, fill, done);
    out
}

fn open(host: &Host, group: &Group<'_>, first: &Known) -> Result<Opened, Verdict> {
    host.open_file(&first.path).map_err(|miss| match miss {
        Miss::Absent => absent(host, group),
        Miss::Gap(GapReason::NotAFile) if link_is_as_known(host, group) => Verdict::Same,
        Miss::Gap(GapReason::NotAFile) => Verdict::Kind,
        Miss::Gap(reason) => Verdict::Unread(reason),
    })
}

fn unread(miss: Miss) -> Verdict {
    match miss {
        Miss::Gap(reason) => Verdict::Unread(reason),
        Miss::Absent => Verdict::Unread(GapReason::Vanished),
    }
}

/// The verdict on a file whose content was compared with the one that is known.
fn weigh(host: &Host, group: &Group<'_>, opened: &Opened, known: &Known, same: bool) -> Verdict {
    match same {
        true if known.mode.is_none_or(|m| m == opened.meta.mode) => Verdict::Same,
        true => Verdict::Mode,
        // A link of apk that leads to a file: its target's text is what is known of it.
        false if link_is_as_known(host, group) => Verdict::Same,
        false => Verdict::Content,
    }
}

/// The verdict on a file of which several things are known, or by another sum.
fn contents(host: &Host, group: &Group<'_>, opened: &Opened, deadline: Instant) -> (Verdict, u64) {
    let mut best = Verdict::Content;
    let mut bytes = 0;
    for known in *group {
        match content(opened, known, deadline) {
            Ok((true, read)) => {
                bytes += read;
                let mode = known.mode.is_none_or(|m| m == opened.meta.mode);
                if mode {
                    return (Verdict::Same, bytes);
                }
                best = Verdict::Mode;
            }
            Ok((false, read)) => bytes += read,
            Err(verdict) => return (verdict, bytes),
        }
    }
    // A link of apk that leads to a file: its target's text is what is known of it.
    if best == Verdict::Content && link_is_as_known(host, group) {
        best = Verdict::Same;
    }
    (best, bytes)
}

fn absent(host: &Host, group: &Group<'_>) -> Verdict {
    let lost = !group.iter().any(|k| k.may_be_missing) && !link_is_as_known(host, group);
    if lost { Verdict::Missing } else { Verdict::Same }
}

fn link_is_as_known(host: &Host, group: &Group<'_>) -> bool {
    let Some(first) = group.first() else { return false };
    let Ok(target) = host.read_link(&first.path) else { return false };
    group.iter().filter_map(|k| k.sum.as_ref()).any(|sum| {
        let mut hasher = Hasher::new(sum.kind);
        hasher.update(target.as_os_str().as_bytes());
        hasher.is(sum)
    })
}

fn content(opened: &Opened, known: &Known, deadline: Instant) -> Result<(bool, u64), Verdict> {
    let Some(sum) = &known.sum else { return Ok((true, 0)) };
    let mut hasher = Hasher::new(sum.kind);
    let mut late = false;
    let read = opened.each(|piece| {
        hasher.update(piece);
        late = Instant::now() >= deadline;
        !late
    });
    match read {
        _ if late => Err(Verdict::Late),
        Ok(read) => Ok((hasher.is(sum), read)),
        Err(miss) => Err(unread(miss)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_tells_of_was_not_looked_at() {
        let known = [Known::of_path("/usr/bin/x")];
        assert_eq!(untold(&[&known, &[]]), [(Verdict::Late, 0), (Verdict::Same, 0)]);
    }
}
