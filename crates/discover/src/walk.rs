//! Walks a root in sorted order and hands batches of files to the workers.

use crate::beneath::{self, Beneath};
use crate::content::Worker;
use crate::file;
use crate::gather::{Count, Root};
use evidence::{GapReason, PathText, Place};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, fstatfs, statat};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use std::collections::HashSet;
use std::ffi::{CStr, OsStr};
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::{Queue, Sender};

/// Files that a worker takes at once.
const BATCH: usize = 32;
/// Progress is shown per batch, or after so many bytes.
const SHOWN_BYTES: u64 = 4 << 20;
/// Batches that wait.
const WAITING_MAX: usize = 64;

/// File systems in which the kernel shows itself: `statfs(2)` and the kernel's `magic.h`.
const PSEUDO: [u64; 17] = [
    0x9FA0,
    0x6265_6572,
    0x1CD1,
    0x0027_E0EB,
    0x6367_7270,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0xCAFE_4A11,
    0x6165_676C,
    0xDE5E_81E4,
    0x1980_0202,
    0x9584_58F6,
    0x6265_6570,
    0x4249_4E4D,
    0x6E73_6673,
    0xF97C_FF8C,
];

/// File systems that keep no time of status of their own, or whatever they are told: FAT (two numbers), exFAT, HFS, and
/// file systems of user programs. What was read there is not remembered.
const FORGETFUL: [u64; 4] = [0x4D44, 0x2011_BAB0, 0x4244, 0x6573_5546];

/// Files of a row; those of one folder with a handle on it, if what is read of them may be remembered.
#[derive(Default)]
struct Batch {
    folder: Option<Arc<OwnedFd>>,
    paths: Vec<PathBuf>,
}

/// What a folder's file system is for us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Its times tell every change.
    Times,
    /// They do not.
    Nothing,
}

fn place(path: &Path) -> Place {
    Place::file(PathText::from_bytes(path.as_os_str().as_bytes()))
}

/// Walks `path` with the root's workers.
pub(crate) fn root(path: &Path, root: &Root<'_>) {
    let (sender, receiver) = Queue::new::<Batch>(WAITING_MAX);
    std::thread::scope(|scope| {
        for _ in 0..root.config.workers.max(1) {
            let receiver = receiver.clone();
            scope.spawn(move || {
                let mut worker = Worker::new(root);
                while let Some(batch) = receiver.recv() {
                    let (mut files, mut bytes) = (0, 0);
                    for path in batch.paths {
                        if root.stopped() {
                            break;
                        }
                        file::read(&mut worker, path, batch.folder.as_deref());
                        (files, bytes) = (files + 1, bytes + worker.packed);
                        if bytes >= SHOWN_BYTES {
                            root.progress.advance(files, bytes);
                            (files, bytes) = (0, 0);
                        }
                    }
                    root.progress.advance(files, bytes);
                }
                worker.hand_over_formats();
            });
        }
        drop(receiver);
        let mut walk = Walk { root, sender, batch: Batch::default(), seen: HashSet::new() };
        walk.begin(path);
        walk.flush();
    });
}

/// A folder that waits to be listed, with what was learnt of the one that it lies in.
struct Folder {
    path: PathBuf,
    device: u64,
    kept: Kept,
    depth: usize,
}

struct Walk<'r, 'a> {
    root: &'r Root<'a>,
    sender: Sender<Batch>,
    batch: Batch,
    seen: HashSet<(u64, u64)>,
}
impl Walk<'_, '_> {
    fn flush(&mut self) {
        let batch = Batch { folder: self.batch.folder.clone(), paths: std::mem::take(&mut self.batch.paths) };
        if !batch.paths.is_empty() {
            // No receiver is left only when every worker has died; then there is nobody to tell.
            let _ = self.sender.send(batch);
        }
    }
    fn file(&mut self, path: PathBuf) {
        self.batch.paths.push(path);
        if self.batch.paths.len() >= BATCH {
            self.flush();
        }
    }
    /// The files that follow lie in `folder`. Batches are of one folder then, so that few handles wait with them.
    fn enter(&mut self, folder: Option<OwnedFd>) {
        if folder.is_some() || self.batch.folder.is_some() {
            self.flush();
            self.batch.folder = folder.map(Arc::new);
        }
    }
    /// A handle on a folder to be kept beside the one that is listed, if what is read in it may be remembered.
    fn kept(&self, folder: &OwnedFd, kept: Kept) -> Option<OwnedFd> {
        let wanted = self.root.memo.is_some() && kept == Kept::Times;
        wanted.then(|| fcntl_dupfd_cloexec(folder, 0).ok()).flatten()
    }
    /// A root that is a file.
    fn alone(&mut self, path: PathBuf) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = path.parent().and_then(|folder| rustix::fs::open(folder, flags, Mode::empty()).ok());
        let folder = folder.filter(|folder| self.root.memo.is_some() && keeps(folder) == Kept::Times);
        self.enter(folder);
        self.file(path);
    }

    /// A root that is itself a link is followed: somebody named it.
    fn begin(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(m) if m.is_dir() => match Beneath::new(path) {
                Ok(beneath) => self.folders(self.root.beneath.get_or_init(|| beneath), path),
                Err(e) => self.root.gap(beneath::reason(e), place(path)),
            },
            Ok(m) if m.is_file() => self.alone(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())),
            Ok(_) => self.root.gap(GapReason::NotAFile, place(path)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.root.gap(GapReason::Missing, place(path)),
            Err(e) => self.root.gap(reason(&e), place(path)),
        }
    }

    fn folders(&mut self, beneath: &Beneath, path: &Path) {
        // An explicit stack: a tree may be deeper than a thread's. Paths, not handles: a process may hold few.
        let mut stack = vec![Folder { path: path.to_owned(), device: 0, kept: Kept::Times, depth: 0 }];
        while let Some(Folder { path, device, mut kept, depth }) = stack.pop() {
            if self.root.stopped() {
                return;
            }
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let opened = beneath.open(&path, flags).and_then(|handle| Ok((fstat(&handle)?, handle)));
            let (meta, handle) = match opened {
                Ok(opened) => opened,
                Err(e) => {
                    self.root.gap(beneath::reason(e), place(&path));
                    continue;
                }
            };
            if depth == 0 || meta.st_dev != device {
                if is_pseudo(&handle) {
                    self.root.gap(GapReason::OtherFilesystem, place(&path));
                    continue;
                }
                kept = keeps(&handle);
            }
            // The same folder by another mount: read once.
            if !self.seen.insert((meta.st_dev, meta.st_ino)) {
                continue;
            }
            if depth > self.root.config.limits.folder_depth_max {
                self.root.gap(GapReason::TooDeep, place(&path));
                continue;
            }
            self.folder(Folder { path, device: meta.st_dev, kept, depth }, handle, &mut stack);
        }
    }

    fn folder(&mut self, folder: Folder, handle: OwnedFd, stack: &mut Vec<Folder>) {
        let Folder { path, device, kept, depth } = folder;
        let path = &*path;
        let beside = self.kept(&handle, kept);
        let mut entries = match Dir::new(handle) {
            Ok(entries) => entries,
            Err(e) => return self.root.gap(beneath::reason(e), place(path)),
        };
        self.root.count(Count::Folders, 1);
        let mut sorted = Vec::new();
        while let Some(entry) = entries.read() {
            let entry = entry.and_then(|e| match e.file_name().to_bytes() {
                b"." | b".." => Ok(None),
                name => Ok(Some((path.join(OsStr::from_bytes(name)), kind(&entries, e.file_name(), e.file_type())?))),
            });
            match entry {
                Ok(entry) => sorted.extend(entry),
                Err(e) => self.root.gap(beneath::reason(e), place(path)),
            }
        }
        // All lie in one folder, so the order of the names' bytes is the order of the paths.
        sorted.sort_unstable_by(|a, b| a.0.as_os_str().as_bytes().cmp(b.0.as_os_str().as_bytes()));
        let mut below = Vec::new();
        self.enter(beside);
        for (path, kind) in sorted {
            if kind == FileType::Directory {
                below.push(Folder { path, device, kept, depth: depth + 1 });
            } else if kind == FileType::Symlink {
                self.root.gap(GapReason::Link, place(&path));
            } else if kind == FileType::RegularFile {
                self.file(path);
            } else {
                self.root.gap(GapReason::NotAFile, place(&path));
            }
        }
        stack.extend(below.into_iter().rev());
    }
}

fn reason(error: &io::Error) -> GapReason {
    match error.kind() {
        io::ErrorKind::PermissionDenied => GapReason::PermissionDenied,
        io::ErrorKind::NotFound => GapReason::Vanished,
        _ => GapReason::IoError,
    }
}

/// What an entry is; some file systems do not say so in the folder.
fn kind(folder: &Dir, name: &CStr, told: FileType) -> Result<FileType, Errno> {
    if told != FileType::Unknown {
        return Ok(told);
    }
    let meta = statat(folder.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(meta.st_mode))
}

/// The number of a folder's file system.
fn file_system(folder: &OwnedFd) -> Option<u64> {
    fstatfs(folder).ok().map(|s| s.f_type as u64 & 0xFFFF_FFFF)
}
fn is_pseudo(folder: &OwnedFd) -> bool {
    file_system(folder).is_some_and(|number| PSEUDO.contains(&number))
}
fn keeps(folder: &OwnedFd) -> Kept {
    match file_system(folder) {
        Some(number) if !FORGETFUL.contains(&number) => Kept::Times,
        _ => Kept::Nothing,
    }
}
