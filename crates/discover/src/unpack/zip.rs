//! zip archives, and the office documents that are ones.

use super::guard::{Guard, Taken, reason};
use crate::content::Worker;
use crate::office;
use evidence::{GapReason, PathText};
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use zip::ZipArchive;
use zip::result::ZipError;

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
    let mut archive = match ZipArchive::new(src) {
        Ok(archive) => archive,
        Err(e) => return worker.gap(zip_reason(&e), inside),
    };
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
    let mut inner = inside.to_vec();
    let error = match archive.by_index(i) {
        Ok(member) if member.is_dir() => return,
        Ok(member) => {
            worker.root.counts.members.fetch_add(1, Ordering::Relaxed);
            inner.push(PathText::from_bytes(member.name_raw()));
            let packed = Rc::new(Taken::default());
            packed.bytes.set(member.compressed_size());
            let mut guarded = Guard::new(worker, member, packed);
            if let Err(reason) = run(worker, &mut guarded, &inner) {
                worker.gap(reason, &inner);
            }
            return;
        }
        Err(e) => zip_reason(&e),
    };
    // What cannot be opened still has a name, if its header can be read.
    if let Ok(member) = archive.by_index_raw(i) {
        inner.push(PathText::from_bytes(member.name_raw()));
        worker.root.counts.members.fetch_add(1, Ordering::Relaxed);
    }
    worker.gap(error, &inner);
}
