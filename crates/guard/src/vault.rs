//! Where pre-images stand: a root-only folder on the file system of the share.
//!
//! On btrfs and xfs a pre-image is a reflink (30 µs, whatever the size; blocks are shared until somebody writes); elsewhere a copy up
//! to a stated cap, above which the file is a gap that is counted. First the file, then the journal's line, then the opener
//! goes on. A content that did not change since its last pre-image, or that the same tree wrote a moment ago, needs no new one.
//! The quota counts logical bytes: the most that the vault can come to hold when every original is overwritten.

use crate::error::{GuardError, shown};
use crate::journal::{By, Entry, GapKind, Journal, Line};
use evidence::{Digest, Hasher, PathText, Time};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Larger pre-images are not hashed when they are taken, in bytes: reading them would take the disk from the share.
pub const HASH_BYTES_MAX: u64 = 1 << 30;
/// Inodes whose last pre-image is remembered; over it everything is forgotten, which only costs pre-images anew.
const LAST_MAX: usize = 400_000;
const SHARDS: u64 = 256;

/// Now, as a record has it.
#[must_use]
pub fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Limits of a vault.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Logical bytes of pre-images and held links.
    pub quota_bytes: u64,
    /// Largest file that is copied where there are no reflinks, bytes.
    pub copy_bytes_max: u64,
    /// The same tree writing the same file again within this time needs no new pre-image.
    pub again: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    ctime: (i64, i64),
    tree: u64,
    at: Instant,
    number: u64,
}

/// What became of a request for a pre-image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Captured {
    /// It stands in this file of the vault.
    Taken(String),
    /// An earlier one serves: this file.
    Stands(String),
    /// There is nothing to lose: no regular file, or an empty one.
    Nothing,
    /// It could not be; the journal has the gap.
    Gap(GapKind),
}

/// A vault.
#[derive(Debug)]
pub struct Vault {
    root: PathBuf,
    /// Its journal.
    pub journal: Journal,
    limits: Limits,
    reflink: AtomicBool,
    used: AtomicU64,
    next: AtomicU64,
    last: Mutex<HashMap<u64, Last>>,
    /// Pre-images taken and gaps met since the start.
    pub taken: AtomicU64,
    /// Gaps since the start.
    pub gaps: AtomicU64,
}

fn file_of(number: u64) -> String {
    format!("pre/{:02x}/{number:012x}", number % SHARDS)
}
fn number_of(file: &str) -> Option<u64> {
    u64::from_str_radix(file.rsplit('/').next()?, 16).ok()
}

impl Vault {
    /// Opens a vault or makes one; a pre-image that no line of the journal names is removed.
    ///
    /// # Errors
    /// The vault on another file system than the share, a journal that does not hold, the disk's.
    pub fn open(root: &Path, share: &Path, limits: Limits) -> Result<Self, GuardError> {
        let disk = |e: std::io::Error| GuardError::disk(root, &e);
        let mut make = std::fs::DirBuilder::new();
        make.recursive(true).mode(0o700);
        for shard in 0..SHARDS {
            make.create(root.join(format!("pre/{shard:02x}"))).map_err(disk)?;
        }
        make.create(root.join("farm")).map_err(disk)?;
        make.create(root.join("restores")).map_err(disk)?;
        std::fs::set_permissions(root, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(disk)?;
        let device = |p: &Path| std::fs::metadata(p).map(|m| m.dev()).map_err(|e| GuardError::disk(p, &e));
        if device(root)? != device(share)? {
            return Err(GuardError::VaultElsewhere { path: shown(root) });
        }
        let (mut named, mut used, mut sizes) = (HashSet::new(), 0_u64, HashMap::new());
        let journal = Journal::open(root, |line| match &line.entry {
            Entry::Pre { file, bytes, .. } => {
                if let Some(n) = number_of(file) {
                    named.insert(n);
                    sizes.insert(n, *bytes);
                }
            }
            Entry::Expired { file } => {
                number_of(file).map(|n| sizes.remove(&n));
            }
            _ => {}
        })?;
        used += sizes.values().sum::<u64>();
        let mut next = named.iter().max().map_or(0, |n| n + 1);
        for shard in 0..SHARDS {
            for entry in std::fs::read_dir(root.join(format!("pre/{shard:02x}"))).map_err(disk)?.flatten() {
                match entry.file_name().to_str().and_then(number_of) {
                    Some(n) if named.contains(&n) => {}
                    Some(n) => {
                        next = next.max(n + 1);
                        let _ = std::fs::remove_file(entry.path());
                    }
                    None => {}
                }
            }
        }
        Ok(Self {
            root: root.to_owned(),
            journal,
            limits,
            reflink: AtomicBool::new(true),
            used: AtomicU64::new(used),
            next: AtomicU64::new(next),
            last: Mutex::default(),
            taken: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
        })
    }
    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Whether the file system shares blocks: known after the first pre-image or [`Vault::probe`].
    #[must_use]
    pub fn reflinks(&self) -> bool {
        self.reflink.load(Ordering::Relaxed)
    }
    /// Logical bytes in use.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
    /// Share of the quota in use, 0 to 100.
    #[must_use]
    pub fn percent(&self) -> u8 {
        u8::try_from((self.used().saturating_mul(100) / self.limits.quota_bytes.max(1)).min(100)).unwrap_or(100)
    }
    /// Counts bytes that a removed file keeps in the farm.
    pub fn holds_more(&self, bytes: u64) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }
    /// Tries a reflink between two files of the vault.
    ///
    /// # Errors
    /// The disk's.
    pub fn probe(&self) -> Result<bool, GuardError> {
        let (a, b) = (self.root.join("probe.a"), self.root.join("probe.b"));
        let made = (|| {
            std::fs::write(&a, [7_u8; 4096])?;
            let (from, to) = (File::open(&a)?, File::create(&b)?);
            Ok(rustix::fs::ioctl_ficlone(&to, &from).is_ok())
        })();
        let _ = (std::fs::remove_file(&a), std::fs::remove_file(&b));
        let yes = made.map_err(|e| GuardError::disk(&self.root, &e))?;
        self.reflink.store(yes, Ordering::Relaxed);
        Ok(yes)
    }

    /// Writes a line; a journal that cannot be written is an error of the whole request.
    ///
    /// # Errors
    /// The disk's.
    pub fn note(&self, entry: Entry) -> Result<u64, GuardError> {
        self.journal.add(now(), entry)
    }
    /// Notes a gap and counts it.
    pub fn gap(&self, kind: GapKind, path: Option<PathText>, bytes: u64) -> Captured {
        self.gaps.fetch_add(1, Ordering::Relaxed);
        let _ = self.note(Entry::Gap { kind, path, bytes });
        Captured::Gap(kind)
    }

    /// Takes a pre-image of an open file before somebody writes to it. `path` lies within the share.
    pub fn capture(&self, file: &File, path: &PathText, by: &By) -> Captured {
        let Ok(meta) = file.metadata() else {
            return self.gap(GapKind::CaptureFailed, Some(path.clone()), 0);
        };
        if !meta.is_file() || meta.len() == 0 {
            return Captured::Nothing;
        }
        let ctime = (meta.ctime(), meta.ctime_nsec());
        if let Some(last) = self.last.lock().unwrap_or_else(PoisonError::into_inner).get(&meta.ino())
            && (last.ctime == ctime || (last.tree == by.tree && last.at.elapsed() < self.limits.again))
        {
            return Captured::Stands(file_of(last.number));
        }
        if self.used().saturating_add(meta.len()) > self.limits.quota_bytes {
            return self.gap(GapKind::VaultFull, Some(path.clone()), meta.len());
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = file_of(number);
        let into = self.root.join(&name);
        let gap = |kind| {
            let _ = std::fs::remove_file(&into);
            self.gap(kind, Some(path.clone()), meta.len())
        };
        match self.copy(file, &into, meta.len()) {
            Ok(true) => {}
            Ok(false) => return gap(GapKind::OverCopyCap),
            Err(e) if e.kind() == std::io::ErrorKind::StorageFull => return gap(GapKind::VaultFull),
            Err(_) => return gap(GapKind::CaptureFailed),
        }
        let entry = Entry::Pre {
            file: name.clone(),
            path: path.clone(),
            ino: meta.ino(),
            bytes: meta.len(),
            mode: u64::from(meta.mode() & 0o7777),
            uid: u64::from(meta.uid()),
            gid: u64::from(meta.gid()),
            mtime_ns: (i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec())).to_string(),
            by: by.clone(),
        };
        if self.note(entry).is_err() {
            return gap(GapKind::VaultFull);
        }
        self.used.fetch_add(meta.len(), Ordering::Relaxed);
        self.taken.fetch_add(1, Ordering::Relaxed);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= LAST_MAX {
            last.clear();
        }
        last.insert(meta.ino(), Last { ctime, tree: by.tree, at: Instant::now(), number });
        Captured::Taken(name)
    }
    /// The last pre-image of an inode since the start.
    #[must_use]
    pub fn last_of(&self, ino: u64) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).get(&ino).map(|l| file_of(l.number))
    }

    /// Reflink or copy; false if it is over the cap of copies.
    fn copy(&self, from: &File, into: &Path, bytes: u64) -> std::io::Result<bool> {
        let mut to = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(into)?;
        if self.reflinks() && rustix::fs::ioctl_ficlone(&to, from).is_ok() {
            return Ok(true);
        }
        if bytes > self.limits.copy_bytes_max {
            return Ok(false);
        }
        copy_all(from, &mut to)?;
        Ok(true)
    }

    /// Hashes a pre-image and notes it.
    ///
    /// # Errors
    /// The disk's.
    pub fn hash(&self, name: &str) -> Result<(), GuardError> {
        let path = self.root.join(name);
        let disk = |e: std::io::Error| GuardError::disk(&path, &e);
        let file = File::open(&path).map_err(disk)?;
        if file.metadata().map_err(disk)?.len() > HASH_BYTES_MAX {
            return Ok(());
        }
        let sha256 = digest(&file).map_err(disk)?;
        self.note(Entry::Hashed { file: name.to_owned(), sha256 }).map(|_| ())
    }

    /// Removes what is older than `keep`; the answer is how many files went.
    ///
    /// # Errors
    /// The journal's.
    pub fn expire(&self, keep: Duration) -> Result<u64, GuardError> {
        let limit = now().millis() - i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let lines = crate::journal::read(&self.root)?;
        let gone: HashSet<&str> = lines
            .iter()
            .filter_map(|l| if let Entry::Expired { file } = &l.entry { Some(file.as_str()) } else { None })
            .collect();
        let mut count = 0;
        for Line { at, entry, .. } in &lines {
            let (file, bytes) = match entry {
                Entry::Pre { file, bytes, .. } if at.millis() < limit => (file.clone(), *bytes),
                Entry::Lost { ino, .. } if at.millis() < limit => (crate::farm::file_of(*ino), 0),
                _ => continue,
            };
            let path = self.root.join(&file);
            // A name that came back is no loss any more: its link stays in the farm.
            let back =
                matches!(entry, Entry::Lost { .. }) && std::fs::symlink_metadata(&path).is_ok_and(|m| m.nlink() > 1);
            if gone.contains(file.as_str()) || back || std::fs::remove_file(&path).is_err() {
                continue;
            }
            self.note(Entry::Expired { file })?;
            let _ = self.used.try_update(Ordering::Relaxed, Ordering::Relaxed, |u| Some(u.saturating_sub(bytes)));
            count += 1;
        }
        Ok(count)
    }
}

/// Copies from the beginning of one file to another, by pieces of 128 KiB.
pub(crate) fn copy_all(from: &File, to: &mut File) -> std::io::Result<u64> {
    use std::os::unix::fs::FileExt as _;
    let (mut piece, mut at) = (vec![0_u8; 128 << 10], 0);
    loop {
        let len = from.read_at(&mut piece, at)?;
        if len == 0 {
            return Ok(at);
        }
        to.write_all(&piece[..len])?;
        at += len as u64;
    }
}

/// SHA-256 of a file from its beginning.
pub(crate) fn digest(file: &File) -> std::io::Result<Digest> {
    let (mut from, mut piece, mut hasher) = (file, vec![0_u8; 128 << 10], Hasher::new());
    loop {
        let len = from.read(&mut piece)?;
        if len == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&piece[..len]);
    }
}

/// The path that a descriptor stands for.
pub(crate) fn path_of(file: impl AsFd) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd())).ok()
}
