//! zip archives, and the office documents that are ones.
//!
//! The crate `zip` reads the directory, and members that are stored or deflated. Other compressions are decoded here:
//! its own decoders take no memory limit. An archive whose directory cannot be read is read along its local headers.

mod locals;
mod methods;

pub(super) use locals::locals;

use super::guard::{Guard, Taken, reason};
use crate::content::Worker;
use crate::gather::Count;
use crate::office;
use evidence::{GapReason, PathText};
use std::cell::Cell;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::rc::Rc;
use zip::ZipArchive;
use zip::result::ZipError;

/// A directory is read up to here: names, and what stands beside them. Bytes.
const DIRECTORY_BYTES_MAX: u64 = 32 << 20;
/// What the crate keeps of an entry, about. Bytes.
const ENTRY_BYTES: u64 = 512;

/// Reads no more than is allowed until the limit is lifted.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}
impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        let left = self.left.get().checked_sub(n as u64).ok_or(ErrorKind::FileTooLarge)?;
        self.left.set(left);
        Ok(n)
    }
}
impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

fn zip_reason(error: &ZipError) -> GapReason {
    match error {
        ZipError::Io(e) => reason(e),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => GapReason::Encrypted,
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => GapReason::Unsupported,
        _ => GapReason::Corrupt,
    }
}

/// How many entries the end of the archive claims, in the field of two bytes and in the zip64 record, if there is
/// one (APPNOTE 4.3.14 and 4.3.16).
struct Claimed {
    short: u64,
    long: Option<u64>,
}
impl Claimed {
    /// What the field of two bytes holds when the number stands in the zip64 record.
    const ELSEWHERE: u64 = 0xFFFF;

    fn is_too_many(&self, entries_max: u64) -> bool {
        self.short.max(self.long.unwrap_or(0)) > entries_max || (self.short == Self::ELSEWHERE && self.long.is_none())
    }
    /// True if so many entries are what is claimed. The record is searched for, so it may be another archive's:
    /// either number will do.
    fn is(&self, entries: usize) -> bool {
        let entries = entries as u64;
        self.short == entries || self.long == Some(entries)
    }
}
/// A directory is not parsed before this is known.
fn claimed_entries(src: &mut (impl Read + Seek)) -> io::Result<Claimed> {
    const TAIL_BYTES: u64 = 66 << 10;
    let size = src.seek(SeekFrom::End(0))?;
    src.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    src.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let number = |at: usize, n: usize| {
        tail.get(at..at + n).map_or(0, |b| b.iter().rev().fold(0u64, |v, x| v << 8 | u64::from(*x)))
    };
    let Some(end) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else {
        return Ok(Claimed { short: 0, long: None });
    };
    let large = memchr::memmem::rfind(&tail[..end], b"PK\x06\x06");
    Ok(Claimed { short: number(end + 10, 2), long: large.map(|at| number(at + 32, 8)) })
}

/// Reads every member of an archive; office documents by their own rules.
pub(crate) fn zip<R: Read + Seek>(worker: &mut Worker<'_>, mut src: R, inside: &[PathText]) {
    if inside.len() >= worker.config().limits.container_depth_max {
        return worker.gap(GapReason::TooDeep, inside);
    }
    let claimed = match claimed_entries(&mut src) {
        Ok(n) if n.is_too_many(worker.config().limits.container_entries_max) => {
            return worker.gap(GapReason::TooMany, inside);
        }
        Ok(n) => n,
        Err(e) => return worker.gap(reason(&e), inside),
    };
    let mut claim = worker.memory.claim();
    let entries = claimed.short.max(claimed.long.unwrap_or(0));
    let left = Rc::new(Cell::new(DIRECTORY_BYTES_MAX));
    let archive = match claim.grow(entries * ENTRY_BYTES) {
        Ok(()) => ZipArchive::new(Metered { inner: &mut src, left: Rc::clone(&left) }),
        Err(e) => Err(e.into()),
    };
    left.set(u64::MAX);
    match archive {
        Ok(archive) => members(worker, archive, &claimed, inside),
        Err(e) => {
            worker.gap(zip_reason(&e), inside);
            drop(claim);
            // Even what stands before a fault is looked at.
            if src.seek(SeekFrom::Start(0)).is_ok() {
                locals(worker, &mut BufReader::with_capacity(super::PACKED_BYTES, src), inside);
            }
        }
    }
}

fn members<R: Read + Seek>(
    worker: &mut Worker<'_>,
    mut archive: ZipArchive<R>,
    claimed: &Claimed,
    inside: &[PathText],
) {
    // Of members of one name only the last can be opened; the others were not looked at.
    if !claimed.is(archive.len()) {
        worker.gap(GapReason::Corrupt, inside);
    }
    let mut done = office::members(worker, &mut archive, inside);
    done.resize(archive.len(), false);
    for (i, done) in done.into_iter().enumerate() {
        if worker.root.stopped() {
            return;
        }
        if !done {
            with_member(worker, &mut archive, i, inside, &mut |worker, src, inner| {
                worker.content(src, inner);
                Ok(())
            });
        }
    }
}

/// What to do with an opened member.
pub(crate) type Reader<'f> = dyn FnMut(&mut Worker<'_>, &mut dyn Read, &[PathText]) -> Result<(), GapReason> + 'f;

/// Opens member `i` under guard and hands it to `run`. What fails is a gap at the member.
pub(crate) fn with_member<R: Read + Seek>(
    worker: &mut Worker<'_>,
    archive: &mut ZipArchive<R>,
    i: usize,
    inside: &[PathText],
    run: &mut Reader<'_>,
) {
    let entry = match archive.by_index_data(i) {
        Ok(entry) if entry.is_dir() => return,
        Ok(entry) => entry,
        Err(e) => return worker.gap(zip_reason(&e), inside),
    };
    let inner = super::inner(inside, entry.name_raw());
    // The crate's own decoders, or ours; of an encrypted member the first says so.
    let is_ours = !entry.encrypted() && !methods::is_plain(entry.compression());
    worker.count(Count::Members, 1);
    let result = match if is_ours { archive.by_index_raw(i) } else { archive.by_index(i) } {
        Ok(member) if is_ours => {
            let about = methods::About::of(&member);
            let decoder = methods::decoder(worker, &about, member).map_err(|e| reason(&e));
            decoder.and_then(|mut decoder| run(worker, &mut decoder, &inner))
        }
        Ok(member) => {
            let packed = Rc::new(Taken::default());
            packed.bytes.set(member.compressed_size());
            run(worker, &mut Guard::new(worker, member, packed), &inner)
        }
        Err(e) => Err(zip_reason(&e)),
    };
    if let Err(reason) = result {
        worker.gap(reason, &inner);
    }
}
