//! What can go wrong in the node, as a sentence for the face.

use evidence::Say;
use std::path::{Path, PathBuf};

/// Why the node could not do what it was asked.
#[derive(Debug)]
pub enum NodeError {
    /// Neither an option nor the environment names a home.
    NoHome,
    /// The system refused; path and reason.
    Io(PathBuf, String),
    /// Not a regular file.
    NotAFile(PathBuf),
    /// A file is over a limit.
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The limit in bytes.
        bytes_max: u64,
    },
    /// A folder holds more files than the limit.
    TooManyFiles {
        /// Which folder.
        path: PathBuf,
        /// The limit.
        files_max: usize,
    },
    /// Not UTF-8.
    NotUtf8 {
        /// Which file.
        path: PathBuf,
        /// First bad byte.
        at: usize,
    },
    /// A plan folder without a plan.
    EmptyPlan(PathBuf),
    /// A plan with errors.
    Plan(Vec<plan::PlanError>),
    /// The log or the keys.
    Store(store::StoreError),
    /// The root to be examined.
    Root(PathBuf, String),
    /// An evidence file that is none.
    NotEvidence(PathBuf, String),
    /// Evidence that does not hold.
    Refused(String),
    /// No such organisational check.
    UnknownCheck(String),
    /// A table that cannot be read at all.
    Table(PathBuf, attest::TableError),
    /// A row or entry that cannot be taken, as a sentence.
    Entry(Say),
    /// No record with this leaf.
    UnknownLeaf(String),
    /// More than one record with these first digits.
    AmbiguousLeaf(String),
    /// A file or folder that would be overwritten.
    Exists(PathBuf),
    /// A defect of the program.
    Internal(String),
}

impl NodeError {
    pub(crate) fn io(path: impl AsRef<Path>, error: &std::io::Error) -> Self {
        Self::Io(path.as_ref().to_owned(), error.to_string())
    }

    /// The sentence for a person; key `error.<kind>`, a hint may stand under `error.<kind>-hint`.
    #[must_use]
    pub fn say(&self) -> Say {
        let path = |key: &str, p: &Path| Say::new(key).with("path", evidence::PathText::from_bytes(bytes(p)));
        match self {
            Self::NoHome => Say::new("error.no-home"),
            Self::Io(p, why) => path("error.io", p).with("why", why),
            Self::NotAFile(p) => path("error.not-a-file", p),
            Self::TooLarge { path: p, bytes_max } => path("error.too-large", p).with("max", bytes_max),
            Self::TooManyFiles { path: p, files_max } => path("error.too-many-files", p).with("max", files_max),
            Self::NotUtf8 { path: p, at } => path("error.not-utf8", p).with("at", at),
            Self::EmptyPlan(p) => path("error.empty-plan", p),
            Self::Plan(_) => Say::new("error.plan"),
            Self::Store(e) => Say::new("error.store").with("why", e),
            Self::Root(p, why) => path("error.root", p).with("why", why),
            Self::NotEvidence(p, why) => path("error.not-evidence", p).with("why", why),
            Self::Refused(why) => Say::new("error.refused").with("why", why),
            Self::UnknownCheck(id) => Say::new("error.unknown-check").with("id", id),
            Self::Table(p, e) => path("error.table", p).with("why", e),
            Self::Entry(say) => say.clone(),
            Self::UnknownLeaf(id) => Say::new("error.unknown-leaf").with("id", id),
            Self::AmbiguousLeaf(id) => Say::new("error.ambiguous-leaf").with("id", id),
            Self::Exists(p) => path("error.exists", p),
            Self::Internal(why) => Say::new("error.internal").with("why", why),
        }
    }
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

impl std::fmt::Display for NodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let say = self.say();
        write!(f, "{} {:?}", say.key, say.with)
    }
}
impl std::error::Error for NodeError {}
impl From<store::StoreError> for NodeError {
    fn from(e: store::StoreError) -> Self {
        Self::Store(e)
    }
}
