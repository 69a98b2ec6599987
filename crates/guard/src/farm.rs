//! The link farm: every file of the share has a second name in the vault, so that removing or replacing it removes a name only.
//!
//! The kernel asks nobody before `unlink`, `rename` or `truncate(path)`; a hard link made in time is the one thing that survives
//! the first two. Links are made by a sweep at the start and then by events of names; between the making of a file and its
//! link lies the exposure (µs to ms), which concerns new files only. A link whose inode has no other name is a lost file: that holds
//! even if every event was missed. Of a path only a 64-bit hash stays in memory (17 bytes a file); the text lies in `farm.index`.
//!
//! Price, said in the manual: files have a link count of 2, and links hold the blocks of removed files until they expire.

use crate::error::GuardError;
use evidence::PathText;
use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Depth of folders that a sweep goes into.
const DEPTH_MAX: usize = 128;
/// Longest line of the index, bytes.
const INDEX_LINE_BYTES_MAX: u64 = 32 << 10;

/// Where the link of an inode lies, within the vault.
#[must_use]
pub fn file_of(ino: u64) -> String {
    format!("farm/{:02x}/{ino:x}", ino % 256)
}

fn key(path: &[u8]) -> u64 {
    ransom::id(path)
}

/// The farm of one share.
#[derive(Debug)]
pub struct Farm {
    vault: PathBuf,
    share: PathBuf,
    names: Mutex<HashMap<u64, u64>>,
    index: Mutex<std::fs::File>,
}

/// A file that lost its last name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lost {
    /// Path within the share, as the index has it.
    pub path: PathText,
    /// Inode.
    pub ino: u64,
    /// Size, bytes.
    pub bytes: u64,
}

impl Farm {
    /// Opens the farm of a vault.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(vault: &Path, share: &Path) -> Result<Self, GuardError> {
        let disk = |e: std::io::Error| GuardError::disk(vault, &e);
        for shard in 0..256 {
            std::fs::create_dir_all(vault.join(format!("farm/{shard:02x}"))).map_err(disk)?;
        }
        let index =
            std::fs::OpenOptions::new().append(true).create(true).open(vault.join("farm.index")).map_err(disk)?;
        Ok(Self { vault: vault.to_owned(), share: share.to_owned(), names: Mutex::default(), index: Mutex::new(index) })
    }
    /// Path within the share.
    #[must_use]
    pub fn within(&self, path: &Path) -> Option<PathText> {
        let rest = path.strip_prefix(&self.share).ok()?;
        Some(PathText::from_bytes(rest.as_os_str().as_encoded_bytes()))
    }
    /// Links a file of the share. False if it is none (a folder, a device) or gone; an error if it cannot be linked.
    ///
    /// # Errors
    /// The kernel's, such as `EMLINK`.
    pub fn link(&self, path: &Path) -> std::io::Result<bool> {
        use rustix::fs::{AtFlags, CWD, Mode, OFlags};
        let Ok(place) = rustix::fs::open(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) else {
            return Ok(false);
        };
        let stat = rustix::fs::fstat(&place)?;
        if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
            return Ok(false);
        }
        let known = self.names().insert(key(path.as_os_str().as_encoded_bytes()), stat.st_ino);
        let to = self.vault.join(file_of(stat.st_ino));
        let from = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&place));
        match rustix::fs::linkat(CWD, from.as_str(), CWD, &to, AtFlags::SYMLINK_FOLLOW) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(rustix::io::Errno::NOENT) => return Ok(false),
            Err(e) => return Err(e.into()),
        }
        if known != Some(stat.st_ino)
            && let Some(within) = self.within(path)
        {
            let line = format!("{:x}\t{within}\n", stat.st_ino);
            self.index.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes())?;
        }
        Ok(true)
    }
    fn names(&self) -> std::sync::MutexGuard<'_, HashMap<u64, u64>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Files that are known by name.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.names().len() as u64
    }
    /// The inode that had this name, the name being forgotten.
    #[must_use]
    pub fn forget(&self, path: &Path) -> Option<u64> {
        self.names().remove(&key(path.as_os_str().as_encoded_bytes()))
    }
    /// The inode that has this name.
    #[must_use]
    pub fn known(&self, path: &Path) -> Option<u64> {
        self.names().get(&key(path.as_os_str().as_encoded_bytes())).copied()
    }
    /// Size of a linked file that has no other name; `None` if it has one, or is not in the farm.
    #[must_use]
    pub fn lost(&self, ino: u64) -> Option<u64> {
        let meta = std::fs::symlink_metadata(self.vault.join(file_of(ino))).ok()?;
        (meta.nlink() == 1).then_some(meta.len())
    }
    /// Links everything under a folder. `failed` is told of what could not be.
    pub fn sweep(&self, from: &Path, failed: &mut dyn FnMut(&Path, &std::io::Error)) -> u64 {
        let device = std::fs::symlink_metadata(&self.share).map(|m| m.dev()).ok();
        let (mut stack, mut count) = (vec![(from.to_owned(), 0)], 0);
        while let Some((folder, depth)) = stack.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() {
                    let same = std::fs::symlink_metadata(&path).map(|m| m.dev()).ok() == device;
                    if same && depth < DEPTH_MAX && !path.starts_with(&self.vault) {
                        stack.push((path, depth + 1));
                    }
                } else if kind.is_file() {
                    match self.link(&path) {
                        Ok(linked) => count += u64::from(linked),
                        Err(e) => failed(&path, &e),
                    }
                }
            }
        }
        count
    }
}

/// Every file of a vault's farm that lost its last name, by its last path. Works without a journal and without events.
///
/// # Errors
/// The disk's.
pub fn all_lost(vault: &Path) -> Result<Vec<Lost>, GuardError> {
    let index = vault.join("farm.index");
    let disk = |e: std::io::Error| GuardError::disk(&index, &e);
    let mut paths = HashMap::new();
    if let Ok(file) = std::fs::File::open(&index) {
        let mut from = std::io::BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let len =
                std::io::Read::take(&mut from, INDEX_LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(disk)?;
            if len == 0 {
                break;
            }
            let Ok(text) = std::str::from_utf8(&line) else { continue };
            let Some((ino, path)) = text.trim_end_matches('\n').split_once('\t') else { continue };
            if let Ok(ino) = u64::from_str_radix(ino, 16) {
                paths.insert(ino, path.to_owned());
            }
        }
    }
    let mut out = Vec::new();
    for shard in 0..256 {
        let Ok(entries) = std::fs::read_dir(vault.join(format!("farm/{shard:02x}"))) else { continue };
        for entry in entries.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.nlink() == 1
                && let Some(path) = paths.get(&meta.ino())
            {
                // The text is what `PathText` made of the bytes; made again it would be escaped twice.
                let path = serde_json::from_value(serde_json::Value::String(path.clone()));
                let Ok(path) = path else { continue };
                out.push(Lost { path, ino: meta.ino(), bytes: meta.len() });
            }
        }
    }
    out.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    Ok(out)
}
