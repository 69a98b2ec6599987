//! What earlier runs read: unchanged files are not read again.
//!
//! A memo belongs to one root. It is a row of entries of fixed size, sorted, and a heap for what does not fit into one.
//! An entry does not say which file it is of: it begins with a *stamp*, the keyed digest of device, inode, size, times
//! of content and of status, and path. A file whose stamp is there is as it was; one that was changed, moved or replaced
//! has another stamp and is read. So an entry without findings takes 28 bytes, in memory as on disk, and a memo lists
//! neither names nor sizes. `docs/specs/memo-v1.md` says what lies where.
//!
//! What keeps it true:
//! - Only a whole reading of a file that was then as before is remembered, and only if its faults lie in its content.
//! - Only if its times were older than the run by [`MARGIN_SECONDS`]: a change within the grain of a time stamp, or
//!   through a memory map that the system has not written back yet, need not show in the times.
//! - The time of status (`ctime`) is the kernel's; no program can set it, so `touch -d` hides nothing. Where a file
//!   system keeps no such time of its own, nothing is remembered (`walk`).
//! - A memo is of use only under the scope in which it was made: program, detectors, limits, formats, key. It carries a
//!   keyed digest over all its bytes and is refused as a whole if that does not fit.
//!
//! Refused: a table by path (a tree of millions of names in memory); a database (a lookup a file costs more than the
//! file's `stat`); believing size and time of content alone.

mod code;
mod event;
mod tape;
#[cfg(test)]
mod tests;

pub(crate) use event::Event;
pub(crate) use tape::{Noted, Tape};

use crate::gather::Count;
use crate::{Config, Reading};
use classify::format::formats;
use evidence::{Digest, Hasher, KeyedDigester, PathText};
use rustix::fs::Stat;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Files that changed so short a time before the run are read again in the next one. Two seconds cover the grain of
/// every file system's times; the rest is for memory maps: their pages are written back within half a minute
/// (`vm.dirty_expire_centisecs`), and only then does the next change touch the times again.
const MARGIN_SECONDS: i64 = 60;

const MAGIC: &[u8] = b"watchfire-memo-v1\n";
const STAMP_BYTES: usize = 16;
const ENTRY_BYTES: usize = STAMP_BYTES + 4 + 8;
const MAC_BYTES: usize = 16;
const HEAD_BYTES: usize = MAGIC.len() + 32 + 8;

type Stamp = [u8; STAMP_BYTES];

/// The word of an entry: its highest bit says that the rest is a place in the heap.
const IN_HEAP: u64 = 1 << 63;
/// In the heap: place and length.
const LENGTH_BITS: u32 = 27;
/// Without the heap: bytes decoded, scanned, binary, and the number of the one format plus one.
const DECODED_BITS: u32 = 40;
const FEW_BITS: u32 = 4;

/// One file's outcome without the heap, if it is as plain as most.
fn word(noted: &Noted) -> Option<u64> {
    let [decoded, scanned, binary, members, tables] = noted.counts;
    let format = match noted.formats.as_slice() {
        [] => 0,
        [(format, 1)] => formats().iter().position(|f| f.id == *format)? as u64 + 1,
        _ => return None,
    };
    let plain = noted.events.is_empty() && members == 0 && tables == 0;
    let fits = decoded >> DECODED_BITS == 0 && (scanned | binary) >> FEW_BITS == 0;
    let low = decoded | scanned << DECODED_BITS | binary << (DECODED_BITS + FEW_BITS);
    let high = format.checked_mul(1 << (DECODED_BITS + 2 * FEW_BITS)).filter(|high| *high < IN_HEAP)?;
    (plain && fits).then_some(low | high)
}
/// What such a word says.
fn events_of(word: u64) -> Option<Vec<Event>> {
    let part = |from: u32, bits: u32| word >> from & ((1 << bits) - 1);
    let counted = [
        (Count::DecodedBytes, part(0, DECODED_BITS)),
        (Count::Scanned, part(DECODED_BITS, FEW_BITS)),
        (Count::Binary, part(DECODED_BITS + FEW_BITS, FEW_BITS)),
    ];
    let mut events: Vec<Event> = counted.into_iter().map(|(what, n)| Event::Count { what, n }).collect();
    if let Some(number) = (word >> (DECODED_BITS + 2 * FEW_BITS)).checked_sub(1) {
        let format = formats().get(usize::try_from(number).ok()?)?.id;
        events.push(Event::Format { format, n: 1 });
    }
    Some(events)
}

/// An entry: stamp, when its file was read (seconds since 1970), word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    stamp: Stamp,
    read: u32,
    word: u64,
}
impl Entry {
    fn from(bytes: &[u8]) -> Option<Self> {
        let (stamp, rest) = bytes.split_first_chunk()?;
        let (read, rest) = rest.split_first_chunk()?;
        let (read, word) = (u32::from_le_bytes(*read), u64::from_le_bytes(*rest.first_chunk()?));
        Some(Self { stamp: *stamp, read, word })
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.stamp);
        out.extend_from_slice(&self.read.to_le_bytes());
        out.extend_from_slice(&self.word.to_le_bytes());
    }
    /// Its part of the heap, if it has one.
    fn heap<'h>(&self, heap: &'h [u8]) -> Option<&'h [u8]> {
        let at = usize::try_from((self.word & !IN_HEAP) >> LENGTH_BITS).ok()?;
        let length = usize::try_from(self.word & ((1 << LENGTH_BITS) - 1)).ok()?;
        heap.get(at..at.checked_add(length)?)
    }
}
/// The word for a part of the heap.
fn heap_word(at: usize, length: usize) -> Option<u64> {
    let (at, length) = (at as u64, length as u64);
    (at < 1 << (63 - LENGTH_BITS) && length < 1 << LENGTH_BITS).then_some(IN_HEAP | at << LENGTH_BITS | length)
}

/// Entries of an earlier run.
#[derive(Default)]
struct Old {
    /// As they lie in the file: head, entries, heap, digest.
    bytes: Vec<u8>,
    count: usize,
    /// One bit an entry: its file was met again.
    met: Vec<AtomicU64>,
}

/// Why a memo is not used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refused {
    /// Made under another scope.
    Scope,
    /// Its bytes are not what was written, or another key wrote them.
    Damaged,
}

impl Old {
    fn parse(bytes: Vec<u8>, mac: KeyedDigester, scope: &Digest) -> Result<Self, Refused> {
        let count = Self::check(&bytes, mac, scope)?;
        let met = std::iter::repeat_with(AtomicU64::default).take(count.div_ceil(64)).collect();
        Ok(Self { bytes, count, met })
    }
    fn check(bytes: &[u8], mut mac: KeyedDigester, scope: &Digest) -> Result<usize, Refused> {
        let (body, end) = bytes.split_last_chunk::<MAC_BYTES>().ok_or(Refused::Damaged)?;
        mac.update(body);
        let rest = body.strip_prefix(MAGIC).filter(|_| mac.finish().0 == *end).ok_or(Refused::Damaged)?;
        let (theirs, rest) = rest.split_first_chunk::<32>().ok_or(Refused::Damaged)?;
        if *theirs != scope.0 {
            return Err(Refused::Scope);
        }
        let (count, rest) = rest.split_first_chunk().ok_or(Refused::Damaged)?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok();
        let count = count.filter(|n| n.checked_mul(ENTRY_BYTES).is_some_and(|bytes| bytes <= rest.len()));
        let count = count.ok_or(Refused::Damaged)?;
        let stamps = rest.chunks_exact(ENTRY_BYTES).take(count).map(|entry| entry.get(..STAMP_BYTES));
        if stamps.is_sorted_by(|a, b| a < b) { Ok(count) } else { Err(Refused::Damaged) }
    }
    fn entry(&self, n: usize) -> Option<Entry> {
        let at = HEAD_BYTES.checked_add(n.checked_mul(ENTRY_BYTES)?)?;
        Entry::from(self.bytes.get(at..at.checked_add(ENTRY_BYTES)?)?)
    }
    fn find(&self, stamp: &Stamp) -> Option<(usize, Entry)> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            let entry = self.entry(middle)?;
            match entry.stamp.cmp(stamp) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some((middle, entry)),
            }
        }
        None
    }
    fn heap(&self) -> &[u8] {
        let from = HEAD_BYTES.saturating_add(self.count.saturating_mul(ENTRY_BYTES));
        let to = self.bytes.len().saturating_sub(MAC_BYTES);
        self.bytes.get(from..to).unwrap_or_default()
    }
    fn meet(&self, n: usize) {
        if let Some(word) = self.met.get(n / 64) {
            word.fetch_or(1 << (n % 64), Ordering::Relaxed);
        }
    }
    fn was_met(&self, n: usize) -> bool {
        self.met.get(n / 64).is_some_and(|word| word.load(Ordering::Relaxed) >> (n % 64) & 1 == 1)
    }
}

/// Entries of this run.
#[derive(Default)]
struct New {
    entries: Vec<Entry>,
    heap: Vec<u8>,
}
impl New {
    fn bytes(&self) -> usize {
        self.entries.len() * ENTRY_BYTES + self.heap.len()
    }
    /// Adds an entry with its part of the heap.
    fn add(&mut self, entry: Entry, part: Option<&[u8]>) {
        let word = match part {
            None => Some(entry.word),
            Some(part) => heap_word(self.heap.len(), part.len()),
        };
        if let Some(word) = word {
            self.heap.extend_from_slice(part.unwrap_or_default());
            self.entries.push(Entry { word, ..entry });
        }
    }
}

/// What earlier runs read under one root, and what this one adds.
pub(crate) struct Memo {
    scope: Digest,
    /// Under the key, for stamps and for the memo itself.
    stamps: KeyedDigester,
    mac: KeyedDigester,
    old: Old,
    new: Mutex<New>,
    refused: bool,
    /// When this run began, in seconds since 1970.
    now: i64,
    /// When the oldest reading was made that this run used.
    since: AtomicU64,
    bytes_max: usize,
    entry_bytes_max: usize,
}

/// Under which name a state keeps the memo of a root.
pub(crate) fn name(root: &PathText) -> String {
    format!("memo:{root}")
}

/// Everything that decides what a reading gives, but the file and the key.
fn scope(config: &Config, program: &str) -> Digest {
    let mut hasher = Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(program.as_bytes());
    part(&config.detectors.digest().0);
    // Classes are kept by their number.
    config.detectors.list().iter().for_each(|d| part(d.id.as_str().as_bytes()));
    // Every limit there is or will be.
    part(format!("{:?}", config.limits).as_bytes());
    formats().iter().for_each(|f| part(f.id.as_bytes()));
    hasher.finish()
}

impl Memo {
    /// The memo of a root, from what was kept of it; nothing if nothing is to be remembered.
    pub(crate) fn open(config: &Config, kept: impl FnOnce() -> Option<Vec<u8>>) -> Option<Self> {
        let remember = config.remember.as_ref()?;
        let (key, limits) = (&config.key, &config.limits);
        let (scope, mac) = (scope(config, &remember.program), key.begin("memo"));
        let kept = if remember.reading == Reading::Everything { None } else { kept() };
        let old = kept.map_or(Ok(Old::default()), |bytes| Old::parse(bytes, mac.clone(), &scope));
        let refused = matches!(old, Err(Refused::Damaged));
        let bytes = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Some(Self {
            scope,
            stamps: key.begin("memo-stamp"),
            mac,
            old: old.unwrap_or_default(),
            new: Mutex::default(),
            refused,
            now: remember.now.millis().div_euclid(1000),
            since: AtomicU64::new(u64::MAX),
            bytes_max: bytes(limits.memo_bytes_max),
            entry_bytes_max: bytes(limits.memo_entry_bytes_max).min((1 << LENGTH_BITS) - 1),
        })
    }
    /// True if something was kept and was damaged.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }
    /// When the oldest reading was made that this run used: seconds since 1970.
    pub(crate) fn since(&self) -> Option<u64> {
        Some(self.since.load(Ordering::Relaxed)).filter(|s| *s != u64::MAX)
    }
    /// Longest outcome of one file that is remembered, in bytes.
    pub(crate) fn entry_bytes_max(&self) -> usize {
        self.entry_bytes_max
    }
    fn stamp(&self, path: &Path, s: &Stat) -> Stamp {
        let mut keyed = self.stamps.clone();
        let numbers: [i128; 7] = [
            s.st_dev.into(),
            s.st_ino.into(),
            s.st_size.into(),
            s.st_mtime.into(),
            s.st_mtime_nsec.into(),
            s.st_ctime.into(),
            s.st_ctime_nsec.into(),
        ];
        let mut bytes = [0; 7 * 16];
        for (to, n) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
            *to = n.to_le_bytes();
        }
        keyed.update(&bytes);
        keyed.update(path.as_os_str().as_bytes());
        keyed.finish().0
    }
    /// What an earlier run read in the file at `path`, if it is as it was then.
    pub(crate) fn recall(&self, path: &Path, meta: &Stat, config: &Config) -> Option<Vec<Event>> {
        if self.old.count == 0 {
            return None;
        }
        let (n, entry) = self.old.find(&self.stamp(path, meta))?;
        let events = if entry.word & IN_HEAP == 0 {
            events_of(entry.word)?
        } else {
            code::take(entry.heap(self.old.heap())?, &config.detectors)?
        };
        self.old.meet(n);
        self.since.fetch_min(entry.read.into(), Ordering::Relaxed);
        Some(events)
    }
    /// Remembers what the file at `path` gave, if its times are old enough. `meta` was the same before and after.
    pub(crate) fn keep(&self, path: &Path, meta: &Stat, noted: &Noted, config: &Config) {
        let settled = |seconds: i64| seconds < self.now.saturating_sub(MARGIN_SECONDS);
        let (Ok(read), true) = (u32::try_from(self.now), settled(meta.st_ctime) && settled(meta.st_mtime)) else {
            return;
        };
        let word = word(noted);
        let part = if word.is_some() { None } else { code::whole(noted, &config.detectors) };
        if word.is_none() && part.as_ref().is_none_or(|part| part.len() > self.entry_bytes_max) {
            return;
        }
        let entry = Entry { stamp: self.stamp(path, meta), read, word: word.unwrap_or(0) };
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        if new.bytes() + ENTRY_BYTES + part.as_ref().map_or(0, Vec::len) <= self.bytes_max {
            new.add(entry, part.as_deref());
        }
    }
    /// What is to be kept for the next run; nothing if that is what is kept already. Of a run that was stopped, what
    /// it did not come to stays.
    pub(crate) fn close(self, whole: bool) -> Option<Vec<u8>> {
        let new = self.new.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stays = |n: &usize| !whole || self.old.was_met(*n);
        if new.entries.is_empty() && (0..self.old.count).all(|n| stays(&n)) && !self.refused {
            return None;
        }
        let mut all = New::default();
        for entry in (0..self.old.count).filter(stays).filter_map(|n| self.old.entry(n)) {
            let part = if entry.word & IN_HEAP == 0 { None } else { Some(entry.heap(self.old.heap())?) };
            if all.bytes() + ENTRY_BYTES + part.map_or(0, <[u8]>::len) <= self.bytes_max {
                all.add(entry, part);
            }
        }
        drop(self.old);
        for entry in &new.entries {
            let part = if entry.word & IN_HEAP == 0 { None } else { Some(entry.heap(&new.heap)?) };
            if all.bytes() + ENTRY_BYTES + part.map_or(0, <[u8]>::len) <= self.bytes_max {
                all.add(*entry, part);
            }
        }
        drop(new);
        Some(write(all, self.mac, &self.scope))
    }
}

/// A memo as bytes.
fn write(mut new: New, mut mac: KeyedDigester, scope: &Digest) -> Vec<u8> {
    new.entries.sort_unstable();
    // A stamp is there once; twice only if the same file was read twice in one run.
    new.entries.dedup_by_key(|e| e.stamp);
    let mut out = Vec::with_capacity(HEAD_BYTES + new.bytes() + MAC_BYTES);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&scope.0);
    out.extend_from_slice(&(new.entries.len() as u64).to_le_bytes());
    new.entries.iter().for_each(|e| e.put(&mut out));
    out.extend_from_slice(&new.heap);
    mac.update(&out);
    out.extend_from_slice(&mac.finish().0);
    out
}

/// Reads `bytes` as a memo and everything in it. For fuzzing: the keyed digest, which no fuzzer finds, is made to fit.
pub fn read_memo(bytes: &[u8], config: &Config) -> usize {
    let scope = scope(config, "");
    let head = bytes.len().min(MAGIC.len() + 32);
    let mut whole = [MAGIC, &scope.0].concat();
    whole.extend_from_slice(bytes.get(head..).unwrap_or_default());
    let mut mac = config.key.begin("memo");
    mac.update(&whole);
    whole.extend_from_slice(&mac.finish().0);
    let Ok(old) = Old::parse(whole, config.key.begin("memo"), &scope) else { return 0 };
    let entries = (0..old.count).filter_map(|n| old.entry(n));
    let events = entries.filter_map(|entry| {
        if entry.word & IN_HEAP == 0 {
            events_of(entry.word)
        } else {
            code::take(entry.heap(old.heap())?, &config.detectors)
        }
    });
    events.map(|e| e.len()).sum()
}
