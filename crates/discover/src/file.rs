//! One regular file, from open to emitted.

use crate::content::Worker;
use crate::unpack;
use evidence::{ContentDigest, GapReason, PathText, Place};
use rustix::fs::{Mode, OFlags, SeekFrom as Hole};
use rustix::io::Errno;
use std::fs::{File, Metadata};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::atomic::Ordering;

/// What a hole in a sparse file is read as: so many zero bytes, then on to the next data.
const HOLE_BYTES: u64 = 4096;

/// Reads with `pread`, up to the size the file had when it was opened.
struct FileRead<'f> {
    file: &'f File,
    at: u64,
    size: u64,
    /// Skips holes; the data that follows is known to begin and end here.
    data: Option<std::ops::Range<u64>>,
}
impl<'f> FileRead<'f> {
    fn new(file: &'f File, size: u64, sparse: bool) -> Self {
        Self { file, at: 0, size, data: sparse.then_some(0..0) }
    }
    /// Bytes that may be read at `at` in one piece, and whether they are a hole's.
    fn stretch(&mut self) -> (u64, bool) {
        let rest = self.size.saturating_sub(self.at);
        let Some(data) = &mut self.data else { return (rest, false) };
        if self.at >= data.end {
            let start = rustix::fs::seek(self.file, Hole::Data(self.at)).unwrap_or(self.size);
            let end = rustix::fs::seek(self.file, Hole::Hole(start)).unwrap_or(self.size);
            *data = start..end.max(start);
        }
        if self.at < data.start { (HOLE_BYTES.min(data.start - self.at), true) } else { (data.end - self.at, false) }
    }
}
impl Read for FileRead<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || buf.is_empty() {
            return Ok(0);
        }
        let (stretch, hole) = self.stretch();
        let want = buf.len().min(usize::try_from(stretch).unwrap_or(usize::MAX));
        if hole {
            buf[..want].fill(0);
            self.at = self.data.as_ref().map_or(self.size, |d| d.start).min(self.size);
            return Ok(want);
        }
        let n = self.file.read_at(&mut buf[..want], self.at)?;
        self.at += n as u64;
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

fn open_reason(e: Errno) -> GapReason {
    match e {
        Errno::ACCESS | Errno::PERM => GapReason::PermissionDenied,
        Errno::NOENT => GapReason::Vanished,
        Errno::LOOP => GapReason::Link,
        Errno::NXIO | Errno::NODEV => GapReason::NotAFile,
        _ => GapReason::IoError,
    }
}

/// Size and times: what differs when a file was written to.
fn stamp(m: &Metadata) -> (u64, i64, i64, i64, i64) {
    (m.len(), m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec())
}

/// Reads one file. `path` was a regular file when the folder was listed.
pub(crate) fn read(worker: &mut Worker<'_>, path: &Path) {
    let text = PathText::from_bytes(path.as_os_str().as_bytes());
    let root = worker.root;
    let gap = |reason| root.gap(reason, Place::file(text.clone()));
    // Not blocking: should a pipe have taken the file's place meanwhile, nothing waits for a writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => File::from(fd),
        Err(e) => return gap(open_reason(e)),
    };
    let Ok(meta) = file.metadata() else { return gap(GapReason::IoError) };
    if !meta.is_file() {
        return gap(GapReason::NotAFile);
    }
    if meta.nlink() > 1 && !root.first_meeting(meta.dev(), meta.ino()) {
        root.counts.same_inode.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let size = meta.len();
    root.counts.files.fetch_add(1, Ordering::Relaxed);
    let used = root.counts.bytes.fetch_add(size, Ordering::Relaxed);
    let limits = &root.config.limits;
    if size > limits.file_bytes_max || used.saturating_add(size) > limits.root_bytes_max {
        root.counts.bytes.fetch_sub(size, Ordering::Relaxed);
        return gap(GapReason::TooLarge);
    }
    worker.begin(text.clone(), size);
    contents(worker, &file, &meta);
    match file.metadata() {
        Ok(after) if stamp(&after) == stamp(&meta) => {}
        Ok(_) => gap(GapReason::ChangedWhileRead),
        Err(_) => gap(GapReason::IoError),
    }
    if worker.has_found() {
        let digest = digest(worker, &file, size);
        worker.emit(digest);
    }
}

fn contents(worker: &mut Worker<'_>, file: &File, meta: &Metadata) {
    let size = meta.len();
    let sparse = meta.blocks().saturating_mul(512) < size && size > HOLE_BYTES;
    (worker.leave_archive, worker.is_archive) = (true, false);
    worker.content(&mut FileRead::new(file, size, sparse), &[]);
    if worker.is_archive {
        // Archives are read through their directory, which stands at the end.
        let src = BufReader::with_capacity(64 << 10, FileRead::new(file, size, false));
        unpack::zip(worker, src, &[]);
    }
}

/// The keyed digest of a file with hits: a second reading, from the page cache, of the few that have any.
fn digest(worker: &Worker<'_>, file: &File, size: u64) -> Option<ContentDigest> {
    let mut keyed = worker.config().key.begin("file");
    let mut src = FileRead::new(file, size, false);
    let mut buf = vec![0; 64 << 10];
    loop {
        match src.read(&mut buf) {
            Ok(0) => return Some(ContentDigest::Keyed(keyed.finish())),
            Ok(n) => keyed.update(&buf[..n]),
            Err(_) => return None,
        }
        if worker.root.stopped() {
            return None;
        }
    }
}
