//! Opens gzip and zip, under guard: size, ratio, depth and number of entries.

use crate::content::Worker;
use crate::office;
use crate::pdf;
use evidence::{GapReason, PathText};
use flate2::bufread::MultiGzDecoder;
use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use stdx::Capped;
use zip::ZipArchive;
use zip::result::ZipError;

/// Why reading ended with `error`. The guards below speak through kinds that readers do not use themselves.
pub(crate) fn reason(error: &io::Error) -> GapReason {
    use io::ErrorKind as K;
    match error.kind() {
        K::FileTooLarge => GapReason::TooLarge,
        K::QuotaExceeded => GapReason::Bomb,
        K::PermissionDenied => GapReason::PermissionDenied,
        K::NotFound => GapReason::Vanished,
        K::InvalidData | K::InvalidInput | K::UnexpectedEof | K::Other => GapReason::Corrupt,
        _ => GapReason::IoError,
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

/// Counts what passes.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}
impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}

/// True if so much came out of so little.
pub(crate) fn is_bomb(limits: &crate::Limits, out: u64, packed: u64) -> bool {
    out > limits.bomb_bytes_min && out / limits.container_ratio_max.max(1) > packed
}
/// Counts bytes that came out of the file at hand not by inflating but by references, as if they were unpacked.
pub(crate) fn expanded(worker: &Worker<'_>, bytes: usize) -> Result<(), GapReason> {
    let total = worker.unpacked.get().saturating_add(bytes as u64);
    worker.unpacked.set(total);
    let limits = &worker.config().limits;
    if is_bomb(limits, total, worker.packed) {
        return Err(GapReason::Bomb);
    }
    if total > limits.container_bytes_max { Err(GapReason::TooLarge) } else { Ok(()) }
}

/// Ends what unpacks to too much: of itself, against its packed size, or together with all else in its file.
struct Guard<R> {
    inner: R,
    out: u64,
    packed: Rc<Cell<u64>>,
    total: Rc<Cell<u64>>,
    file_packed: u64,
    limits: crate::Limits,
}
impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.out += n as u64;
        self.total.set(self.total.get() + n as u64);
        let l = &self.limits;
        if is_bomb(l, self.out, self.packed.get()) || is_bomb(l, self.total.get(), self.file_packed) {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        if self.out > l.member_bytes_max || self.total.get() > l.container_bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(n)
    }
}
fn guard<R: Read>(worker: &Worker<'_>, inner: R, packed: Rc<Cell<u64>>) -> Guard<R> {
    let (total, file_packed) = (Rc::clone(&worker.unpacked), worker.packed);
    Guard { inner, out: 0, packed, total, file_packed, limits: worker.config().limits.clone() }
}

/// Unpacks a gzip stream.
pub(crate) fn gzip(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    let packed = Rc::new(Cell::new(0));
    let counted = BufReader::with_capacity(32 << 10, Counted { inner: src, count: Rc::clone(&packed) });
    let decoder = MultiGzDecoder::new(counted);
    let name = decoder.header().and_then(|h| h.filename()).map_or(PathText::from("gzip"), PathText::from_bytes);
    let mut inner = inside.to_vec();
    inner.push(name);
    worker.content(&mut guard(worker, decoder, packed), &inner);
}

/// An archive inside a container is held in memory, up to a limit, because its directory stands at its end.
pub(crate) fn nested_zip(worker: &mut Worker<'_>, head: &[u8], src: &mut dyn Read, inside: &[PathText]) {
    let mut all = Vec::new();
    let mut capped = Capped::new(Cursor::new(head).chain(src), worker.config().limits.nested_bytes_max);
    match capped.read_to_end(&mut all) {
        Ok(_) => zip(worker, Cursor::new(all), inside),
        Err(e) => worker.gap(reason(&e), inside),
    }
}

/// So is a document, whose table of objects stands at its end.
pub(crate) fn nested_pdf(worker: &mut Worker<'_>, head: &[u8], src: &mut dyn Read, inside: &[PathText]) {
    let mut all = Vec::new();
    let mut capped = Capped::new(Cursor::new(head).chain(src), worker.config().limits.nested_bytes_max);
    match capped.read_to_end(&mut all) {
        Ok(_) => pdf::read(worker, &mut Cursor::new(all), inside),
        Err(e) => {
            // What came before a fault may hold pages; what is too large is no document that can be searched.
            let reason = reason(&e);
            if reason == GapReason::Corrupt {
                pdf::read(worker, &mut Cursor::new(all), inside);
            }
            worker.gap(reason, inside);
        }
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
            let packed = member.compressed_size();
            let mut guarded = guard(worker, member, Rc::new(Cell::new(packed)));
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
