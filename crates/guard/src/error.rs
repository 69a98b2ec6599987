//! What can go wrong in this room, each with the sentence that says it.

use evidence::{PathText, Say};
use std::path::Path;

/// An error of the guard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GuardError {
    /// The disk refused.
    Disk {
        /// What.
        path: PathText,
        /// The system's word.
        why: String,
    },
    /// The journal does not hold.
    Journal {
        /// Its line, from 0.
        line: u64,
        /// Why.
        why: String,
    },
    /// guard.toml does not hold.
    Config {
        /// The key, or the place.
        key: String,
        /// Why.
        why: String,
    },
    /// The kernel gave no fanotify group or mark.
    Kernel {
        /// What was asked.
        what: &'static str,
        /// The system's word.
        why: String,
    },
    /// The share and its vault lie on different file systems.
    VaultElsewhere {
        /// The vault.
        path: PathText,
    },
    /// The vault lies in the share or the other way round.
    VaultInShare {
        /// The vault.
        path: PathText,
    },
    /// Something runs already.
    Running {
        /// Its socket.
        path: PathText,
    },
    /// No guard answers at the control socket.
    NoGuard {
        /// The socket.
        path: PathText,
    },
    /// The guard refused an order.
    Refused {
        /// Its word.
        why: String,
    },
}
impl GuardError {
    /// Of a path.
    #[must_use]
    pub fn disk(path: &Path, error: &std::io::Error) -> Self {
        Self::Disk { path: shown(path), why: error.to_string() }
    }
    /// The sentence `error.guard-*`.
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Disk { path, why } => Say::new("error.guard-disk").with("path", path).with("why", why),
            Self::Journal { line, why } => Say::new("error.guard-journal").with("line", line).with("why", why),
            Self::Config { key, why } => Say::new("error.guard-config").with("key", key).with("why", why),
            Self::Kernel { what, why } => Say::new("error.guard-kernel").with("what", what).with("why", why),
            Self::VaultElsewhere { path } => Say::new("error.guard-vault-elsewhere").with("path", path),
            Self::VaultInShare { path } => Say::new("error.guard-vault-in-share").with("path", path),
            Self::Running { path } => Say::new("error.guard-running").with("path", path),
            Self::NoGuard { path } => Say::new("error.guard-none").with("path", path),
            Self::Refused { why } => Say::new("error.guard-refused").with("refusal", why),
        }
    }
}
impl std::fmt::Display for GuardError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}
impl std::error::Error for GuardError {}

/// A path as evidence shows it.
#[must_use]
pub fn shown(path: &Path) -> PathText {
    PathText::from_bytes(path.as_os_str().as_encoded_bytes())
}
