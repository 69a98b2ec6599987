//! The text of a plan, before anybody knows whether it is one.

use evidence::{Digest, canonical};
use std::collections::BTreeMap;

/// The files of a plan folder: relative path with `/` to text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Source {
    /// Path to text.
    pub files: BTreeMap<String, String>,
}

/// Bytes are not a stored plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceError(String);
impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a stored plan: {}", self.0)
    }
}
impl std::error::Error for SourceError {}

impl Source {
    /// SHA-256 of [`Source::to_bytes`]: names this plan, to the byte.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }
    /// Canonical JSON: an object of path to text. What the store keeps beside the records that cite the plan.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        canonical::to_vec(&self.files).expect("a map of texts has a canonical form")
    }
    /// Reads what [`Source::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SourceError> {
        let files = canonical::from_slice(bytes).map_err(|e| SourceError(e.to_string()))?;
        Ok(Self { files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_plan_reads_back_and_keeps_its_digest() {
        let source = Source { files: [("plan.toml".to_owned(), "[plan]\nid = \"数据\"\n".to_owned())].into() };
        let again = Source::from_bytes(&source.to_bytes()).unwrap();
        assert_eq!(again, source);
        assert_eq!(again.digest(), source.digest());
        assert!(Source::from_bytes(b"{\"a\": \"b\"}").is_err(), "a space is not canonical");
    }
}
