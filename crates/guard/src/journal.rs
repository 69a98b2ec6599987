//! The vault's journal: lines of canonical JSON, each of which carries the digest of the line before it.
//!
//! A line is written with one `write` at the end of the file, after the file that it speaks of stands in the vault. So a guard that
//! is killed at any moment leaves a journal whose last line may be torn and nothing else; the next start cuts the torn line off, and
//! a pre-image that no line names is removed. Against a power cut the journal is synced once a second (`fdatasync`): the last second
//! may be missing from it. Whoever changes or removes a line in the middle breaks the chain, which [`read`] says with its line.

use crate::error::GuardError;
use evidence::{Digest, PathText, Time, canonical};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Name of the journal in a vault.
pub const FILE: &str = "journal.jsonl";
/// Longest line, bytes.
pub const LINE_BYTES_MAX: usize = 32 << 10;

/// Who is meant in a journal: enough to choose by, without reading `/proc` of a process that is gone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// Process id at the time.
    pub pid: i64,
    /// Id of its tree or session: the same for everything that it started.
    pub tree: u64,
    /// User id.
    pub uid: u64,
    /// Program name.
    pub program: String,
    /// SMB user and address, `user@address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
}

/// Why something is not protected, or how a pre-image is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// Larger than the copy cap on a file system without reflinks.
    OverCopyCap,
    /// The vault's quota was used up and the share lets writes through.
    VaultFull,
    /// The pre-image could not be made.
    CaptureFailed,
    /// Open for writing when the guard started; a pre-image of that moment stands.
    OpenAtStart,
    /// The kernel has no event for `truncate(path)`.
    NoTruncateEvent,
    /// The file system does not tell names: removed and replaced files are found by the next sweep only.
    NoNameEvents,
    /// Could not be linked into the farm: its removal cannot be undone.
    NotLinked,
    /// The guard was not running: what happened meanwhile is not known.
    GuardWasDown,
    /// Events of names were lost; the farm was swept anew.
    EventsLost,
}
impl GapKind {
    /// As it stands in the journal and in `guard-gap.*` of the words.
    #[must_use]
    pub fn id(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// One thing that was done or seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// The guard began. `format` is `guard-journal-v1`.
    Began {
        /// Format and version.
        format: String,
        /// The share.
        share: PathText,
    },
    /// The guard ended in an orderly way.
    Ended,
    /// A pre-image stands in the vault.
    Pre {
        /// Its file in the vault.
        file: String,
        /// Path within the share.
        path: PathText,
        /// Inode of the original.
        ino: u64,
        /// Size, bytes.
        bytes: u64,
        /// Permission bits.
        mode: u64,
        /// Owner.
        uid: u64,
        /// Group.
        gid: u64,
        /// Last change of the original, nanoseconds since 1970, as text (it may exceed 2^53).
        mtime_ns: String,
        /// Who was about to write.
        by: By,
    },
    /// SHA-256 of a pre-image, computed after the opener went on.
    Hashed {
        /// Its file in the vault.
        file: String,
        /// Digest.
        sha256: Digest,
    },
    /// A name went away; the content is held by the farm.
    Lost {
        /// Path within the share.
        path: PathText,
        /// Inode.
        ino: u64,
        /// True if another file took its place.
        replaced: bool,
        /// Who did it, as far as it was still there to be asked.
        by: By,
    },
    /// A file or folder got another name.
    Moved {
        /// From, within the share.
        from: PathText,
        /// To.
        to: PathText,
        /// Who.
        by: By,
    },
    /// A file was closed after writing.
    Closed {
        /// Path within the share.
        path: PathText,
        /// Inode.
        ino: u64,
        /// Who.
        by: By,
    },
    /// Something is not protected.
    Gap {
        /// Why.
        kind: GapKind,
        /// Which file, if one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<PathText>,
        /// Its size, bytes.
        bytes: u64,
    },
    /// Something is about to be done to an actor.
    Intends {
        /// Hold that it belongs to.
        hold: u64,
        /// `hold`, `release`, `allow`, `kill`.
        act: String,
        /// Whose order: id of the plan's standing order, or `person:NAME uid:N`.
        order: String,
        /// About whom.
        by: By,
        /// The reasons at that moment: code and points.
        reasons: Vec<(String, u64)>,
    },
    /// It was done, or not.
    Outcome {
        /// Hold.
        hold: u64,
        /// What was to be done.
        act: String,
        /// Whether it was.
        done: bool,
        /// Processes that it reached.
        processes: u64,
        /// The system's word if it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A pre-image or a held link was removed when its time was over.
    Expired {
        /// Its file in the vault.
        file: String,
    },
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Number, from 0.
    pub seq: u64,
    /// Wall clock.
    pub at: Time,
    /// Digest of the line before, without its end; of the first, of nothing.
    pub prev: Digest,
    /// What.
    pub entry: Entry,
}

#[derive(Debug)]
struct Tail {
    file: std::fs::File,
    seq: u64,
    prev: Digest,
    unsynced: bool,
}

/// A journal that is written to.
#[derive(Debug)]
pub struct Journal {
    tail: Mutex<Tail>,
    path: PathBuf,
}

impl Journal {
    /// Opens or begins the journal of a vault; a torn last line is cut off. The lines that are there are handed to `each`.
    ///
    /// # Errors
    /// A chain that does not hold, with its line; or the disk's.
    pub fn open(vault: &Path, mut each: impl FnMut(&Line)) -> Result<Self, GuardError> {
        let path = vault.join(FILE);
        let disk = |e| GuardError::disk(&path, &e);
        let mut file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(disk)?;
        let (mut seq, mut prev, mut good) = (0, Digest::of(b""), 0);
        read_from(&file, &path, |line, digest, end| {
            each(line);
            (seq, prev, good) = (line.seq + 1, digest, end);
        })?;
        file.set_len(good).map_err(disk)?;
        file.seek(std::io::SeekFrom::Start(good)).map_err(disk)?;
        Ok(Self { tail: Mutex::new(Tail { file, seq, prev, unsynced: false }), path })
    }
    /// Appends a line. It is the kernel's when this returns.
    ///
    /// # Errors
    /// The disk's, such as a full one.
    pub fn add(&self, at: Time, entry: Entry) -> Result<u64, GuardError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let line = Line { seq: tail.seq, at, prev: tail.prev, entry };
        let mut bytes =
            canonical::to_vec(&line).map_err(|e| GuardError::Journal { line: tail.seq, why: e.to_string() })?;
        let digest = Digest::of(&bytes);
        bytes.push(b'\n');
        let good = tail.file.stream_position().map_err(|e| GuardError::disk(&self.path, &e))?;
        if let Err(e) = tail.file.write_all(&bytes) {
            // A part of a line would make the next one unreadable.
            let _ = tail.file.set_len(good);
            let _ = tail.file.seek(std::io::SeekFrom::Start(good));
            return Err(GuardError::disk(&self.path, &e));
        }
        (tail.seq, tail.prev, tail.unsynced) = (line.seq + 1, digest, true);
        Ok(line.seq)
    }
    /// Lets the disk have what was added since the last call.
    ///
    /// # Errors
    /// The disk's.
    pub fn sync(&self) -> Result<(), GuardError> {
        let file = {
            let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
            if !std::mem::take(&mut tail.unsynced) {
                return Ok(());
            }
            tail.file.try_clone().map_err(|e| GuardError::disk(&self.path, &e))?
        };
        file.sync_data().map_err(|e| GuardError::disk(&self.path, &e))
    }
}

/// Reads a journal and holds its chain. A torn last line is passed over.
///
/// # Errors
/// [`GuardError::Journal`] with the line that does not hold.
pub fn read(vault: &Path) -> Result<Vec<Line>, GuardError> {
    let path = vault.join(FILE);
    let file = std::fs::File::open(&path).map_err(|e| GuardError::disk(&path, &e))?;
    let mut out = Vec::new();
    read_from(&file, &path, |line, _, _| out.push(line.clone()))?;
    Ok(out)
}

fn read_from(file: &std::fs::File, path: &Path, mut each: impl FnMut(&Line, Digest, u64)) -> Result<(), GuardError> {
    let mut from = std::io::BufReader::with_capacity(1 << 16, file);
    let (mut bytes, mut end, mut seq, mut prev) = (Vec::new(), 0, 0, Digest::of(b""));
    loop {
        bytes.clear();
        let mut capped = std::io::Read::take(&mut from, LINE_BYTES_MAX as u64 + 1);
        let len = capped.read_until(b'\n', &mut bytes).map_err(|e| GuardError::disk(path, &e))?;
        if len == 0 || (bytes.last() != Some(&b'\n') && len <= LINE_BYTES_MAX) {
            return Ok(());
        }
        bytes.pop();
        let fault = |why: String| GuardError::Journal { line: seq, why };
        let line: Line = canonical::from_slice(&bytes).map_err(|e| fault(e.to_string()))?;
        if line.seq != seq || line.prev != prev {
            return Err(fault("the chain is broken".to_owned()));
        }
        (prev, seq, end) = (Digest::of(&bytes), seq + 1, end + len as u64);
        each(&line, prev, end);
    }
}
