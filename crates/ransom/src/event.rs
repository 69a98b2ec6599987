//! What a guard saw: who, when, which file, and what became of it. Numbers and our own words; no path, no name, no content.
//!
//! Everything that the room judges by is in these types, so that a recorded stream of them is judged again to the same
//! verdicts (`docs/specs/ransom-v1.md` §2). Ids are opaque numbers below 2^53 that the guard makes ([`crate::id`]); it alone
//! knows which path or account stands behind one. Refused: process ids as actors (a pool of processes shows each of them
//! as harmless), and raw bytes in an event (a trace would be a copy of what it protects).

use crate::Change;
use serde::{Deserialize, Serialize};

/// Longest file extension that an event carries, in characters; longer ones are cut by the guard.
pub const EXT_CHARS_MAX: usize = 16;

/// Longest id of a format, in characters.
pub const FORMAT_CHARS_MAX: usize = 48;

/// Who did it: every scope that the guard can tell. What it cannot tell is absent, never invented.
///
/// Each present scope is scored for itself; a verdict names the narrowest that is over its threshold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// One SMB connection (one smbd child: its pid *and* start time, hashed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u64>,
    /// SMB user and client address together: survives a reconnect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<u64>,
    /// A process tree: pid and start time of its root (the session leader or the child of a service manager), hashed.
    /// Never given for an smbd child: the tree of smbd is everybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<u64>,
    /// The control group's inode. Not given for the root group or for one that serves many users (smbd's).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<u64>,
    /// The local user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<u64>,
    /// The share, that is the guarded file tree. Always given: who spreads over sessions still works on one tree.
    pub share: u64,
    /// The process (pid and start time, hashed): only counted as one of several that act together, never scored.
    pub process: u64,
}

/// A kind of scope; from the narrowest to the widest, which is the order in which a verdict names one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// [`Actor::session`].
    Session,
    /// [`Actor::tree`].
    Tree,
    /// [`Actor::peer`].
    Peer,
    /// [`Actor::cgroup`].
    Cgroup,
    /// [`Actor::user`].
    User,
    /// [`Actor::share`].
    Share,
}

/// Somebody, or a file tree, that a score is kept of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// What kind of scope.
    pub kind: ScopeKind,
    /// Its id within the kind.
    pub id: u64,
}

impl Actor {
    /// Every scope that is present, the narrowest first.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        let all = [
            (ScopeKind::Session, self.session),
            (ScopeKind::Tree, self.tree),
            (ScopeKind::Peer, self.peer),
            (ScopeKind::Cgroup, self.cgroup),
            (ScopeKind::User, self.user),
            (ScopeKind::Share, Some(self.share)),
        ];
        all.into_iter().filter_map(|(kind, id)| id.map(|id| Scope { kind, id }))
    }
}

/// A file as it is named at the moment of the event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Device, inode and generation, hashed: stays through a rename.
    pub id: u64,
    /// The folder it lies in.
    pub folder: u64,
    /// Its folder and its name up to the *first* dot after the first character, hashed: `a.docx` and `a.docx.locked` have the same.
    pub stem: u64,
    /// What follows the last dot, in lower case; empty if there is none. At most [`EXT_CHARS_MAX`] characters.
    pub ext: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What a content is, by `classify` and the guard's check of its structure ([`crate::shape`]).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A known format, and what was looked at of its structure holds. Text counts as one.
    Valid,
    /// Bears the marks of a known format, but its structure does not hold.
    Broken,
    /// Bytes of no known format.
    Opaque,
    /// No bytes, or zeros only.
    Empty,
    /// Not looked at, or it could not be read. Counts neither way.
    Unseen,
}

/// A format verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Id of the format in `classify`, such as `docx`, `text`, `binary`.
    pub format: String,
    /// Whether it holds.
    pub standing: Standing,
}

/// How a content came to be another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Written into, mapped or not.
    InPlace,
    /// Cut to nothing and written anew (`O_TRUNC`).
    Rewritten,
    /// Another file was renamed over it; the change compares the one that was there with the one that came.
    RenamedOver,
}

/// What happened to a file, a service or the vault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// An existing file was opened for writing; a pre-image stands. Says nothing yet, but is counted: see [`crate::Verdict::examine`].
    OpenWrite {
        /// The file.
        file: File,
    },
    /// An existing file's content differs from its pre-image. Sent when the file is closed, when the guard was asked to
    /// look ([`crate::Verdict::examine`]), or when a rename put another content in its place. May come again for the same
    /// file while it is written; each time it compares with the *pre-image*, and the last one counts.
    Changed {
        /// The file.
        file: File,
        /// How.
        way: Way,
        /// Verdict on the pre-image.
        before: Seen,
        /// Verdict on what is there now.
        after: Seen,
        /// What differs.
        change: Box<Change>,
    },
    /// A file that was open for writing was closed, or compared, and does not differ from its pre-image.
    Unchanged {
        /// The file.
        file: File,
    },
    /// A file was read (first read of it by this process, not each call).
    Read {
        /// The file.
        file: File,
    },
    /// A file was created.
    Create {
        /// The file.
        file: File,
    },
    /// A file that this actor created was written and closed: what it came to be.
    Written {
        /// The file.
        file: File,
        /// Verdict on it.
        now: Seen,
        /// Whether a sample of its content looks random: [`crate::Histogram::looks_random`] over the first 64 KiB.
        random: bool,
    },
    /// A file was renamed, nothing being replaced (else [`What::Changed`] follows for what was replaced).
    Rename {
        /// As it was named.
        from: File,
        /// As it is named.
        to: File,
    },
    /// A file was removed.
    Unlink {
        /// The file.
        file: File,
        /// Verdict on what was lost, from the link farm or the last look; [`Standing::Unseen`] if unknown.
        before: Seen,
    },
    /// A file was cut by its path, not by writing.
    Truncate {
        /// The file, with its new size.
        file: File,
        /// Verdict on the pre-image.
        before: Seen,
        /// Its size before, bytes.
        from_bytes: u64,
    },
    /// A small text file came to be that could be a note: at most 64 KiB, text, new.
    Note {
        /// The file.
        file: File,
        /// Its whole name, hashed.
        name: u64,
        /// Its content, under a keyed digest.
        content: u64,
    },
    /// A service stopped on the guarded host. Of the share: it counts for everybody who begins to change files soon after.
    ServiceStopped {
        /// The service, hashed.
        service: u64,
    },
    /// The vault is filling: the actor's pre-images hold so much of its quota.
    VaultPressure {
        /// Share of the quota in use, 0 to 100.
        percent: u8,
    },
    /// A canary was written, renamed, removed or cut.
    Canary {
        /// The file.
        file: File,
    },
    /// A person, or a standing order, said that a scope may go on. What is held against it is forgotten, in wider scopes too as
    /// far as it concerns the same files.
    Released {
        /// Who may go on.
        scope: Scope,
        /// Until then (`at_ms`) nothing that it does is charged to anybody; absent: it is charged anew from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until_ms: Option<u64>,
    },
}

/// Why an event cannot be recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventError {
    /// The field.
    pub field: &'static str,
    /// Most that it may hold.
    pub max: u64,
}
impl std::fmt::Display for EventError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is over {}", self.field, self.max)
    }
}
impl std::error::Error for EventError {}

impl What {
    /// The files that it names.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        let (one, two) = match self {
            Self::OpenWrite { file }
            | Self::Changed { file, .. }
            | Self::Unchanged { file }
            | Self::Read { file }
            | Self::Create { file }
            | Self::Written { file, .. }
            | Self::Unlink { file, .. }
            | Self::Truncate { file, .. }
            | Self::Note { file, .. }
            | Self::Canary { file } => (Some(file), None),
            Self::Rename { from, to } => (Some(from), Some(to)),
            Self::ServiceStopped { .. } | Self::VaultPressure { .. } | Self::Released { .. } => (None, None),
        };
        one.into_iter().chain(two)
    }
    fn formats(&self) -> impl Iterator<Item = &Seen> {
        let (one, two) = match self {
            Self::Changed { before, after, .. } => (Some(before), Some(after)),
            Self::Written { now, .. } => (Some(now), None),
            Self::Unlink { before, .. } | Self::Truncate { before, .. } => (Some(before), None),
            _ => (None, None),
        };
        one.into_iter().chain(two)
    }
}

/// One thing seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Milliseconds of a monotonic clock since the trace began. An earlier one than the last counts as the last.
    pub at_ms: u64,
    /// Who.
    pub by: Actor,
    /// What.
    pub what: What,
}

impl Event {
    /// Whether it keeps the limits of texts; those of numbers are held by the canonical form.
    pub fn check(&self) -> Result<(), EventError> {
        if self.what.files().any(|f| f.ext.chars().count() > EXT_CHARS_MAX) {
            return Err(EventError { field: "ext", max: EXT_CHARS_MAX as u64 });
        }
        if self.what.formats().any(|s| s.format.chars().count() > FORMAT_CHARS_MAX) {
            return Err(EventError { field: "format", max: FORMAT_CHARS_MAX as u64 });
        }
        Ok(())
    }
}
