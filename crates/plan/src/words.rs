//! The plan's own words in one language.

use std::collections::BTreeMap;

/// Key to text; keys are the tables of `words/<lang>.toml` joined with dots: `check.ssh-root-login.title`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Words {
    pub(crate) by_key: BTreeMap<String, String>,
    /// Byte ranges of the keys in the file.
    pub(crate) places: BTreeMap<String, std::ops::Range<usize>>,
    pub(crate) file: String,
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
