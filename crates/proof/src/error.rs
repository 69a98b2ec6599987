//! Why something was not accepted.

use evidence::{StatementError, canonical::CanonicalError};

/// Why bytes were not accepted as proof. Every variant means: treat the thing as unproven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofError {
    /// More than the named limit.
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How much at most (bytes, or entries of a list).
        max: u64,
    },
    /// Not of the form that the named thing has; the text says where.
    Shape {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Not a key of a kind that is supported (ECDSA P-256 or Ed25519, DER `SubjectPublicKeyInfo`).
    Key,
    /// Signed by a key that the caller does not know.
    UnknownKey(String),
    /// The signature does not belong to these bytes and this key.
    Signature {
        /// What was signed.
        what: &'static str,
    },
    /// Signed, but the payload is not a record.
    Statement(StatementError),
    /// The Merkle path does not lead from the leaf to the root.
    Inclusion,
    /// The smaller tree is not a prefix of the larger one.
    Consistency,
    /// Two places of one file that must agree do not.
    Mismatch(&'static str),
    /// A change of key that does not hold.
    Change {
        /// Which of the changes, from 1.
        number: usize,
        /// What is wrong with it.
        fault: crate::ChangeFault,
    },
    /// The record is not an examination and has no items.
    NoItems,
    /// An item (by line, from 0) is not what the examination committed to.
    Item {
        /// Line, from 0.
        line: u64,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl ProofError {
    pub(crate) fn shape(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Shape { what, why: why.to_string() }
    }
}
impl std::fmt::Display for ProofError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { what, max } => write!(f, "{what} is larger than {max}"),
            Self::Shape { what, why } => write!(f, "not a {what}: {why}"),
            Self::Key => f.write_str("not a public key of a supported kind (ECDSA P-256 or Ed25519)"),
            Self::UnknownKey(id) => write!(f, "signed by key {id:?}, which is not known here"),
            Self::Signature { what } => write!(f, "the signature of the {what} does not verify"),
            Self::Statement(e) => write!(f, "signed, but not a record: {e}"),
            Self::Inclusion => f.write_str("the inclusion proof does not lead to the root"),
            Self::Consistency => f.write_str("the larger tree does not contain the smaller one"),
            Self::Mismatch(what) => write!(f, "parts do not belong together: {what}"),
            Self::Change { number, fault } => write!(f, "change of key {number} does not hold: {}", fault.name()),
            Self::NoItems => f.write_str("only an examination has items"),
            Self::Item { line, why } => write!(f, "item {line}: {why}"),
        }
    }
}
impl std::error::Error for ProofError {}
impl From<StatementError> for ProofError {
    fn from(e: StatementError) -> Self {
        Self::Statement(e)
    }
}
impl From<CanonicalError> for ProofError {
    fn from(e: CanonicalError) -> Self {
        Self::Statement(StatementError::Canonical(e))
    }
}
