//! Secrets of ways: read from a file that nobody else can read, or from the environment; never shown.

use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Largest file of a secret, in bytes.
const SECRET_BYTES_MAX: u64 = 4096;
/// What stands where a secret stood.
const HIDDEN: &str = "***";

/// A secret. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Why a secret cannot be had.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecretError {
    /// There is none there.
    Missing,
    /// Others can read the file; its mode.
    Loose(u32),
    /// Empty, too long, or no text.
    Unfit,
}

impl Secret {
    /// The secret itself, for signing and authenticating.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
    fn of(text: &str) -> Result<Self, SecretError> {
        let text = text.trim_end_matches(['\r', '\n']);
        let good = !text.is_empty() && !text.chars().any(char::is_control);
        if good { Ok(Self(text.to_owned())) } else { Err(SecretError::Unfit) }
    }
    pub(crate) fn from_env(name: &str) -> Result<Self, SecretError> {
        Self::of(&std::env::var(name).map_err(|_| SecretError::Missing)?)
    }
    pub(crate) fn from_file(path: &Path) -> Result<Self, SecretError> {
        let file = std::fs::File::open(path).map_err(|_| SecretError::Missing)?;
        let meta = file.metadata().map_err(|_| SecretError::Missing)?;
        if !meta.is_file() {
            return Err(SecretError::Unfit);
        }
        if meta.mode() & 0o077 != 0 {
            return Err(SecretError::Loose(meta.mode() & 0o7777));
        }
        let mut bytes = Vec::new();
        file.take(SECRET_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|_| SecretError::Missing)?;
        if bytes.len() as u64 > SECRET_BYTES_MAX {
            return Err(SecretError::Unfit);
        }
        Self::of(std::str::from_utf8(&bytes).map_err(|_| SecretError::Unfit)?)
    }
}

/// A foreign text as a proof: one line without control characters, cut, with nothing in it of what must not be seen.
pub(crate) fn clean(text: &str, hide: &[&str], chars_max: usize) -> String {
    let mut out: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for secret in hide.iter().filter(|s| !s.is_empty()) {
        out = out.replace(secret, HIDDEN);
    }
    let kept: String = attest::clean(&out).chars().take(chars_max).collect();
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing() {
        let s = Secret::of("CANARY\n").unwrap();
        assert_eq!((format!("{s:?}").as_str(), s.reveal()), ("Secret(***)", "CANARY"));
        assert_eq!(Secret::of("\n"), Err(SecretError::Unfit));
        assert_eq!(clean("250 for CANARY\r\nqueued", &["CANARY"], 14), "250 for ***  q");
    }
}
