//! What can go wrong with the node's state, by what a person can do about it.

use crate::tables::TablesFault;
use evidence::Digest;
use proof::ProofError;
use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do what was asked. Whatever was acknowledged before stays.
#[derive(Debug)]
pub enum StoreError {
    /// The system refused or failed.
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// No space is left.
    Full(PathBuf),
    /// The home, or its file system, cannot be written.
    ReadOnly(PathBuf),
    /// There is no log in this folder.
    NoHome(PathBuf),
    /// The home was written by a newer version.
    Newer {
        /// Version of the layout found.
        found: u32,
        /// Newest version that this program knows.
        known: u32,
    },
    /// The log is damaged; `watchfire audit` names every place.
    Damaged {
        /// What is damaged.
        what: String,
        /// How it shows.
        why: String,
    },
    /// Another process held the writer's lock for longer than the bounded wait.
    Busy,
    /// A key file can be read by others; its mode in octal.
    LoosePermissions {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A key file is damaged.
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The keys are locked and no passphrase was given.
    KeysLocked,
    /// The passphrase does not open the keys.
    WrongPassphrase,
    /// Sealed bytes that the key does not open: sealed to another key, about something else, or changed.
    Letter,
    /// There is a log but its keys are gone; a new identity is never made silently.
    KeysMissing(PathBuf),
    /// Keys are already there; a backup is restored only where there are none.
    KeysExist(PathBuf),
    /// A file is there already and is not overwritten.
    Exists(PathBuf),
    /// An empty passphrase protects nothing.
    PassphraseEmpty,
    /// The store was opened for reading only.
    OpenedReadOnly,
    /// Bytes offered to the log, or found in it, do not verify.
    Proof(ProofError),
    /// An examination was offered without its items.
    ItemsMissing(Digest),
    /// More than a limit; in bytes or entries.
    TooLarge {
        /// What.
        what: &'static str,
        /// How much at most.
        max: u64,
    },
    /// Nothing under this digest.
    NotFound(Digest),
    /// No such index or size in the log.
    NoSuchSize(u64),
    /// A server of read tables; the log is not touched by it.
    Tables(TablesFault),
    /// The database engine failed in a way that is none of the above.
    Database(String),
}

impl StoreError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path.to_owned()),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path.to_owned()),
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
    pub(crate) fn damaged(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self::Damaged { what: what.into(), why: why.to_string() }
    }
    pub(crate) fn sql(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        match error.sqlite_error_code() {
            Some(C::DiskFull) => Self::Full(path.to_owned()),
            Some(C::ReadOnly | C::PermissionDenied) => Self::ReadOnly(path.to_owned()),
            Some(C::DatabaseCorrupt | C::NotADatabase) => Self::damaged(path.display().to_string(), error),
            Some(C::DatabaseBusy | C::DatabaseLocked) => Self::Busy,
            // The engine does not say why; the system does, if asked the same again.
            Some(C::CannotOpen) => match std::fs::OpenOptions::new().append(true).open(path) {
                Err(source) => Self::io(path, source),
                Ok(_) => Self::Io { path: path.to_owned(), source: io::Error::other(error.to_string()) },
            },
            _ if is_value(error) => Self::damaged(path.display().to_string(), error),
            _ => Self::Database(error.to_string()),
        }
    }
}

/// A value of another type or length than was written.
fn is_value(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::InvalidColumnType(..) | E::FromSqlConversionFailure(..) | E::IntegralValueOutOfRange(..) | E::Utf8Error(..)
    )
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Full(path) => write!(f, "{}: no space left; nothing that was acknowledged is lost", path.display()),
            Self::ReadOnly(path) => write!(f, "{}: cannot be written", path.display()),
            Self::NoHome(path) => write!(f, "{}: there is no log here", path.display()),
            Self::Newer { found, known } => {
                write!(f, "the home has layout {found}, this program knows up to {known}: use a newer program")
            }
            Self::Damaged { what, why } => write!(f, "{what} is damaged: {why}"),
            Self::Busy => f.write_str("another process is writing to the log and did not finish in time"),
            Self::LoosePermissions { path, mode } => {
                write!(f, "{}: mode {mode:04o} lets others read a secret key; it must be 0600", path.display())
            }
            Self::KeyFile { path, why } => write!(f, "{}: {why}", path.display()),
            Self::KeysLocked => f.write_str("the keys are protected by a passphrase and none was given"),
            Self::Letter => f.write_str("the sealed bytes do not open under this key and order"),
            Self::WrongPassphrase => f.write_str("the passphrase does not open the keys"),
            Self::KeysMissing(path) => {
                write!(f, "{}: the log is there but its keys are not; restore them from their backup", path.display())
            }
            Self::KeysExist(path) => write!(f, "{}: there are keys already", path.display()),
            Self::Exists(path) => write!(f, "{}: exists already", path.display()),
            Self::PassphraseEmpty => f.write_str("the passphrase is empty"),
            Self::OpenedReadOnly => f.write_str("the log was opened for reading only"),
            Self::Proof(e) => write!(f, "{e}"),
            Self::ItemsMissing(leaf) => write!(f, "examination {leaf} came without its items"),
            Self::TooLarge { what, max } => write!(f, "{what} is larger than {max}"),
            Self::NotFound(digest) => write!(f, "the log has nothing under {digest}"),
            Self::NoSuchSize(n) => write!(f, "the log has no leaf or size {n}"),
            Self::Tables(fault) => write!(f, "{fault}"),
            Self::Database(why) => write!(f, "database: {why}"),
        }
    }
}
impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Proof(e) => Some(e),
            _ => None,
        }
    }
}
impl From<ProofError> for StoreError {
    fn from(e: ProofError) -> Self {
        Self::Proof(e)
    }
}
