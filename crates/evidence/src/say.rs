//! Words are keys until the face: a record that carries English would be a record in English for ever.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A language of the faces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文 (simplified Chinese).
    Zh,
}
impl Lang {
    /// Every language, in the order of the word files.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];
    /// The BCP 47 tag: `en`, `zh-CN`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
}

/// A sentence to be said in the reader's language: the key of a template and what fills its `{holes}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// Key in `words/*.toml`, such as `doubt.undeclared-host`.
    pub key: String,
    /// Values for the holes, already masked where they are sensitive.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
}
impl Say {
    /// A sentence without holes.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), with: BTreeMap::new() }
    }
    /// The same with one more hole filled.
    #[must_use]
    pub fn with(mut self, hole: &str, value: impl std::fmt::Display) -> Self {
        self.with.insert(hole.to_owned(), value.to_string());
        self
    }
    /// `template` with every `{hole}` that is known filled in; an unknown hole stays as it is, visibly.
    #[must_use]
    pub fn fill(&self, template: &str) -> String {
        fill(template, |hole| self.with.get(hole).map(String::as_str))
    }
}

fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let hole = from.find('}').map(|close| (&from[1..close], close));
        match hole.and_then(|(name, close)| value(name).map(|v| (v, close))) {
            Some((v, close)) => {
                out.push_str(v);
                rest = &from[close + 1..];
            }
            None => {
                out.push('{');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_once_and_never_from_values() {
        let say = Say::new("k").with("a", "{b}").with("b", 7);
        assert_eq!(say.fill("{a} {b} {c} {"), "{b} 7 {c} {");
    }
}
