//! Holds one file against what is known of it.

use super::known::{Group, Known};
use crate::host::{Host, Miss};
use crate::opened::Opened;
use crate::parse::{Sum, SumKind};
use evidence::GapReason;
use md5::{Digest as _, Md5};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
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

/// The verdict on a path, and the bytes read for it.
pub(super) fn check(host: &Host, group: &Group<'_>, deadline: Instant) -> (Verdict, u64) {
    let Some(first) = group.first() else { return (Verdict::Same, 0) };
    let opened = match host.open_file(&first.path) {
        Ok(opened) => opened,
        Err(Miss::Absent) => return (absent(host, group), 0),
        Err(Miss::Gap(GapReason::NotAFile)) if link_is_as_known(host, group) => return (Verdict::Same, 0),
        Err(Miss::Gap(GapReason::NotAFile)) => return (Verdict::Kind, 0),
        Err(Miss::Gap(reason)) => return (Verdict::Unread(reason), 0),
    };
    let mut best = Verdict::Content;
    let mut bytes = 0;
    for known in *group {
        match content(&opened, known, deadline) {
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
        Err(Miss::Gap(reason)) => Err(Verdict::Unread(reason)),
        Err(Miss::Absent) => Err(Verdict::Unread(GapReason::Vanished)),
    }
}
