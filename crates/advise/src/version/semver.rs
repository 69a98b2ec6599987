//! Semantic Versioning 2.0.0 §11, with a lenient front, and two relatives: NuGet and Go.
//!
//! Lenient: a leading `v` or `=`, one to any number of numbers (missing ones are zero), a label without its hyphen
//! (`1.0.0rc1`). Build metadata (`+…`) does not count. A text that begins with no number sorts below all versions.
//! NuGet compares labels without case. Go's pseudo-versions (`v0.0.0-20191109021931-daa7c04131f5`) need no rule of
//! their own; names of Go releases (`go1.21rc2`) are read as `1.21-rc.2`.

use super::{Number, by_token, front};
use std::cmp::Ordering;

/// Identifiers of a label. Behind the end comes nothing: a longer label is the later one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Label<'a> {
    Number(Number<'a>),
    Text(Vec<u8>),
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    Version::read(a, false).cmp(&Version::read(b, false))
}
pub(super) fn nuget(a: &str, b: &str) -> Ordering {
    Version::read(a, true).cmp(&Version::read(b, true))
}
pub(super) fn go(a: &str, b: &str) -> Ordering {
    let (a, b) = (Release::read(a), Release::read(b));
    a.version().cmp(&b.version())
}

struct Version<'a> {
    /// Begins with a number.
    valid: bool,
    core: &'a [u8],
    /// Absent sorts behind every label.
    label: Option<Vec<Label<'a>>>,
}

impl<'a> Version<'a> {
    fn read(text: &'a str, fold: bool) -> Self {
        let text = text.trim_start_matches(['=', ' ']);
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split('+').next().unwrap_or_default();
        let (core, rest) = front(text.as_bytes(), |c| c.is_ascii_digit() || c == b'.');
        let valid = core.first().is_some_and(u8::is_ascii_digit);
        let label = rest.strip_prefix(b"-").unwrap_or(rest);
        let label = (!label.is_empty()).then(|| label.split(|c| *c == b'.').map(|l| identifier(l, fold)).collect());
        Self { valid, core, label }
    }
    fn cmp(&self, other: &Self) -> Ordering {
        let core = || by_token(numbers(self.core), numbers(other.core), Number::ZERO);
        let labels = || match (&self.label, &other.label) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.cmp(b),
        };
        self.valid.cmp(&other.valid).then_with(core).then_with(labels)
    }
}

fn identifier(text: &[u8], fold: bool) -> Label<'_> {
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        Label::Number(Number::new(text))
    } else {
        Label::Text(if fold { text.to_ascii_lowercase() } else { text.to_vec() })
    }
}

fn numbers(core: &[u8]) -> impl Iterator<Item = Number<'_>> {
    core.split(|c| *c == b'.').map(Number::new)
}

/// A Go version as semver writes it.
enum Release<'a> {
    Semver(&'a str),
    Named(String),
}
impl<'a> Release<'a> {
    fn read(text: &'a str) -> Self {
        let Some(name) = text.strip_prefix("go").filter(|n| n.starts_with(|c: char| c.is_ascii_digit())) else {
            return Self::Semver(text);
        };
        // Distributions append words: `go1.22.1 X:nocoverageredesign`, `go1.21.5-custom`.
        let name = name.split([' ', '-']).next().unwrap_or_default();
        let Some(at) = name.find(|c: char| c.is_ascii_alphabetic()) else { return Self::Named(name.to_owned()) };
        let (core, word) = name.split_at(at);
        let number = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
        let (word, number) = word.split_at(number);
        Self::Named(format!("{core}-{word}.{number}"))
    }
    fn version(&self) -> Version<'_> {
        match self {
            Self::Semver(text) => Version::read(text, false),
            Self::Named(text) => Version::read(text, false),
        }
    }
}
