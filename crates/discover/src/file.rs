//! One regular file, from open to emitted.

use crate::beneath;
use crate::content::Worker;
use crate::gather::Count;
use crate::legacy;
use crate::memo::Memo;
use crate::table;
use crate::text::Skips;
use crate::unpack;
use evidence::{GapReason, KeyedDigest, KeyedDigester};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, SeekFrom as Hole, Stat, fstat, statat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::rc::Rc;

/// What a hole in a sparse file is read as: so many zero bytes, then on to the next data. What is passed over still
/// counts where columns are counted.
const HOLE_BYTES: u64 = 4096;

/// Reads with `pread`, up to the size the file had when it was opened.
struct FileRead<'f> {
    file: &'f File,
    at: u64,
    size: u64,
    /// Skips holes; the data that follows is known to begin and end here.
    data: Option<std::ops::Range<u64>>,
    /// Bytes given so far, and where holes were cut short.
    given: u64,
    skips: Skips,
}
impl<'f> FileRead<'f> {
    fn new(file: &'f File, size: u64, sparse: bool) -> Self {
        Self { file, at: 0, size, data: sparse.then_some(0..0), given: 0, skips: Skips::default() }
    }
    /// Bytes that may be read at `at` in one piece, and whether they are a hole's.
    fn stretch(&mut self) -> io::Result<(u64, bool)> {
        let rest = self.size.saturating_sub(self.at);
        let Some(data) = &mut self.data else { return Ok((rest, false)) };
        if self.at >= data.end {
            let (file, size) = (self.file, self.size);
            let next = |from| match rustix::fs::seek(file, from) {
                Ok(at) => Ok(at.min(size)),
                // Nothing but a hole up to the end.
                Err(Errno::NXIO) => Ok(size),
                // Whatever else the system says, it does not say that there is no data.
                Err(_) => Err(io::Error::from(io::ErrorKind::NotSeekable)),
            };
            let start = next(Hole::Data(self.at))?;
            let end = next(Hole::Hole(start))?;
            *data = start..end.max(start);
        }
        Ok(if self.at < data.start {
            (HOLE_BYTES.min(data.start - self.at), true)
        } else {
            (data.end - self.at, false)
        })
    }
    /// Goes to where data is, if this is a hole; tells of the data if it begins here.
    fn pass_hole(&mut self) -> io::Result<Option<std::ops::Range<u64>>> {
        if self.at < self.size {
            self.stretch()?;
        }
        let Some(data) = self.data.clone().filter(|d| self.at <= d.start && !d.is_empty()) else { return Ok(None) };
        self.at = data.start;
        Ok(Some(data))
    }
}
impl Read for FileRead<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || buf.is_empty() {
            return Ok(0);
        }
        let (stretch, hole) = self.stretch()?;
        let want = buf.len().min(usize::try_from(stretch).unwrap_or(usize::MAX));
        if hole {
            buf[..want].fill(0);
            let next = self.data.as_ref().map_or(self.size, |d| d.start).min(self.size);
            let rest = next.saturating_sub(self.at.saturating_add(want as u64));
            self.at = next;
            self.given += want as u64;
            self.skips.borrow_mut().push((self.given, rest));
            return Ok(want);
        }
        let n = self.file.read_at(&mut buf[..want], self.at)?;
        self.at += n as u64;
        self.given += n as u64;
        Ok(n)
    }
}
impl Seek for FileRead<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Size and times: what differs when a file was written to.
fn stamp(s: &Stat) -> [i128; 5] {
    [s.st_size.into(), s.st_mtime.into(), s.st_mtime_nsec.into(), s.st_ctime.into(), s.st_ctime_nsec.into()]
}

/// Reads one file, or says again what an earlier run read in it. `path` was a regular file when the folder was listed;
/// `folder` is a handle on the folder, if what is read may be remembered.
pub(crate) fn read(worker: &mut Worker<'_>, path: PathBuf, folder: Option<&OwnedFd>) {
    // Until it is open and its size is known, nothing of it counts as unpacked.
    worker.begin(path, 0);
    let memo = worker.root.memo.as_ref().filter(|_| folder.is_some());
    if let (Some(memo), Some(folder)) = (memo, folder)
        && recall(worker, memo, folder).is_some()
    {
        return;
    }
    let file = match open(worker) {
        Ok(fd) => File::from(fd),
        Err(e) => return worker.gap(beneath::reason(e), &[]),
    };
    let Ok(meta) = fstat(&file) else { return worker.gap(GapReason::IoError, &[]) };
    if FileType::from_raw_mode(meta.st_mode) != FileType::RegularFile {
        return worker.gap(GapReason::NotAFile, &[]);
    }
    let Some(size) = admit(worker, &meta) else { return };
    worker.packed = size;
    worker.tape.start(memo.map_or(0, Memo::entry_bytes_max));
    let is_whole = read_open(worker, &file, &meta, size);
    if let (Some(memo), Some(noted)) = (memo, worker.tape.end())
        && is_whole
        && !worker.root.stopped()
    {
        memo.keep(worker.path(), &meta, &noted, worker.config());
    }
}

/// Says what an earlier run read in the file at hand, or nothing if this run met it by another name; `None` if it is to
/// be read. The file is not opened; its name is looked up in its folder alone, so no link is followed.
fn recall(worker: &mut Worker<'_>, memo: &Memo, folder: &OwnedFd) -> Option<()> {
    let root = worker.root;
    let meta = statat(folder, worker.path().file_name()?, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    if FileType::from_raw_mode(meta.st_mode) != FileType::RegularFile {
        return None;
    }
    let again = meta.st_nlink > 1 && root.was_met(meta.st_dev, meta.st_ino);
    let events = if again { Vec::new() } else { memo.recall(worker.path(), &meta, root.config)? };
    if let Some(size) = admit(worker, &meta) {
        worker.packed = size;
        root.count(Count::Remembered, 1);
        root.count(Count::RememberedBytes, size);
        worker.give_again(events);
    }
    Some(())
}

fn open(worker: &Worker<'_>) -> rustix::io::Result<OwnedFd> {
    // Not blocking: should a pipe have taken the file's place meanwhile, nothing waits for a writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    match worker.root.beneath.get() {
        Some(beneath) => beneath.open(worker.path(), flags),
        None => rustix::fs::open(worker.path(), flags, Mode::empty()),
    }
}

/// Counts the file at hand; its size, or nothing if it is one that was met before or that is beyond a limit.
fn admit(worker: &Worker<'_>, meta: &Stat) -> Option<u64> {
    let root = worker.root;
    if meta.st_nlink > 1 && !root.first_meeting(meta.st_dev, meta.st_ino) {
        root.count(Count::SameInode, 1);
        return None;
    }
    let size = u64::try_from(meta.st_size).unwrap_or(0);
    root.count(Count::Files, 1);
    let used = root.count(Count::Bytes, size);
    let limits = &root.config.limits;
    if size > limits.file_bytes_max || used.saturating_add(size) > limits.root_bytes_max {
        root.uncount(Count::Bytes, size);
        worker.gap(GapReason::TooLarge, &[]);
        return None;
    }
    Some(size)
}

/// Reads the file at hand, which is open. True if it was read to its end and stayed as it was.
fn read_open(worker: &mut Worker<'_>, file: &File, meta: &Stat, size: u64) -> bool {
    let sparse = is_sparse(meta, size);
    contents(worker, file, size, sparse);
    match fstat(file) {
        Ok(after) if stamp(&after) == stamp(meta) => {}
        Ok(_) => worker.gap(GapReason::ChangedWhileRead, &[]),
        Err(_) => worker.gap(GapReason::IoError, &[]),
    }
    worker.settle(file, size);
    worker.emit_told();
    if !worker.has_found() {
        return true;
    }
    let digest = digest(worker, file, size, sparse);
    worker.emit(digest);
    digest.is_some()
}

fn is_sparse(meta: &Stat, size: u64) -> bool {
    let blocks = u64::try_from(meta.st_blocks).unwrap_or(0);
    blocks.saturating_mul(512) < size && size > HOLE_BYTES
}

fn contents(worker: &mut Worker<'_>, file: &File, size: u64, sparse: bool) {
    (worker.leave_archive, worker.is_archive, worker.is_compound, worker.keeper) = (true, None, false, None);
    let mut src = FileRead::new(file, size, sparse);
    src.skips = Rc::clone(&worker.skips);
    worker.content(&mut src, &[]);
    if let Some(kind) = worker.is_archive {
        // These are read through their directory, which stands at the end.
        unpack::seekable(worker, kind, FileRead::new(file, size, false), &[]);
    }
    if worker.is_compound {
        // These have their directory anywhere, and a buffer of their own.
        legacy::compound(worker, FileRead::new(file, size, false), &[]);
    }
    if let Some(keeper) = worker.keeper.take() {
        table::file(worker, keeper, file);
    }
}

/// The keyed digest of a file with hits: of the buffer, or for a file that did not fit by a second reading.
///
/// Of a file with holes it is that of its size and its stretches of data, each after its begin and end, under a
/// domain of its own: a few bytes on disk may stand for terabytes of holes.
fn digest(worker: &mut Worker<'_>, file: &File, size: u64, sparse: bool) -> Option<KeyedDigest> {
    let key = &worker.config().key;
    if let Some(whole) = worker.whole() {
        let mut keyed = key.begin("file");
        keyed.update(whole);
        return Some(keyed.finish());
    }
    // Files that the file system compresses take few blocks and have no holes: theirs is the plain one.
    let sparse = sparse && FileRead::new(file, size, true).stretch().ok()? != (size, false);
    let mut keyed = key.begin(if sparse { "file-with-holes" } else { "file" });
    if sparse {
        keyed.update(&size.to_le_bytes());
    }
    let mut buf = worker.buffer();
    let result = reread(worker, FileRead::new(file, size, sparse), &mut buf, keyed);
    worker.put_back(buf);
    result
}
fn reread(worker: &Worker<'_>, mut src: FileRead<'_>, buf: &mut [u8], mut keyed: KeyedDigester) -> Option<KeyedDigest> {
    loop {
        if let Some(data) = src.pass_hole().ok()? {
            keyed.update(&data.start.to_le_bytes());
            keyed.update(&data.end.to_le_bytes());
        }
        match src.read(buf) {
            Ok(0) => return Some(keyed.finish()),
            Ok(n) => keyed.update(&buf[..n]),
            Err(_) => return None,
        }
        if worker.root.stopped() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_say_where_its_data_is_is_no_hole() {
        // A pipe cannot seek (ESPIPE).
        let (pipe, _other) = io::pipe().unwrap();
        let file = File::from(OwnedFd::from(pipe));
        let error = FileRead::new(&file, 1 << 20, true).read(&mut [0; 64]).unwrap_err();
        assert_eq!(unpack::reason(&error), GapReason::IoError);
    }
}
