//! The plan's own words in one language.

use crate::error::At;
use std::collections::BTreeMap;

/// Key to text; keys are the tables of `words/<lang>.toml` and `words/<lang>-<part>.toml` joined with dots:
/// `check.ssh-root-login.title`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Words {
    pub(crate) by_key: BTreeMap<String, String>,
    /// Where the keys stand.
    pub(crate) places: BTreeMap<String, At>,
}
impl Words {
    /// The text of a key, with its `{holes}`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.by_key.get(key).map(String::as_str)
    }
    /// Every key with its text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_key.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }
}
