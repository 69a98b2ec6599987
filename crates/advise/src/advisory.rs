//! The neutral form of an advisory: what every format is read into, and what a pack holds.

use crate::version::{Scheme, compare};
use std::cmp::Ordering;

/// How bad, in the words that vendors share. The order is the order of badness; [`Severity::Unknown`] is lowest and
/// means that nobody said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Severity {
    /// Nobody said.
    #[default]
    Unknown,
    /// Rated as no danger, or a notice (an unmaintained crate).
    None,
    /// Low, negligible, minor.
    Low,
    /// Medium, moderate.
    Medium,
    /// High, important.
    High,
    /// Critical.
    Critical,
}
impl Severity {
    /// All, from unknown to critical; the place is the number in a pack.
    pub const ALL: [Self; 6] = [Self::Unknown, Self::None, Self::Low, Self::Medium, Self::High, Self::Critical];
    /// A key for words: `critical`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
    /// A rating as vendors write it; `None` for a word that is no rating.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "none" | "informational" | "unimportant" => Self::None,
            "low" | "minor" | "negligible" => Self::Low,
            "medium" | "moderate" => Self::Medium,
            "high" | "important" | "major" => Self::High,
            "critical" | "urgent" => Self::Critical,
            _ => return None,
        })
    }
}

/// What the publisher says of a package.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Status {
    /// The versions named are affected.
    #[default]
    Affected,
    /// They are affected and the publisher will not mend them.
    WontFix,
    /// The publisher does not know yet.
    UnderInvestigation,
    /// They are not affected. Never a match: it clears one.
    NotAffected,
}
impl Status {
    /// All; the place is the number in a pack.
    pub const ALL: [Self; 4] = [Self::Affected, Self::WontFix, Self::UnderInvestigation, Self::NotAffected];
    /// A key for words: `wont-fix`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::WontFix => "wont-fix",
            Self::UnderInvestigation => "under-investigation",
            Self::NotAffected => "not-affected",
        }
    }
}

/// Which of a distribution's two names a publisher uses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Names {
    /// Either, or there is only one.
    #[default]
    Any,
    /// Of source packages.
    Source,
    /// Of installed packages.
    Binary,
}
impl Names {
    /// All; the place is the number in a pack.
    pub const ALL: [Self; 3] = [Self::Any, Self::Source, Self::Binary];
}

/// One end of a span.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Bound {
    /// The version.
    pub version: String,
    /// It belongs to the span.
    pub inclusive: bool,
}

/// Versions from one to another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// `None`: from the first version ever.
    pub low: Option<Bound>,
    /// `None`: to the newest there is.
    pub high: Option<Bound>,
    /// The publisher calls the (excluded) high end the fix.
    pub fix: bool,
}

/// What an advisory says of one package of one ecosystem.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Affected {
    /// In the canonical form of [`crate::ecosystem::canonical`].
    pub ecosystem: String,
    /// In the form of [`crate::ecosystem::name`].
    pub name: String,
    /// Which kind of name that is.
    pub names: Names,
    /// How its versions are ordered.
    pub scheme: Scheme,
    /// What is said.
    pub status: Status,
    /// Of these versions;
    pub spans: Vec<Span>,
    /// and of these.
    pub versions: Vec<String>,
}

/// An advisory in neutral form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advisory {
    /// The publisher's id.
    pub id: String,
    /// Other ids of the same vulnerability.
    pub aliases: Vec<String>,
    /// Ids of vulnerabilities that a bulletin covers; several may be one bulletin's.
    pub covers: Vec<String>,
    /// One line without control characters, [`crate::SUMMARY_CHARS_MAX`] at most.
    pub summary: String,
    /// When it was last changed, seconds since 1970.
    pub modified: Option<i64>,
    /// The publisher's rating, or what follows from the score.
    pub severity: Severity,
    /// CVSS base score in tenths.
    pub score: Option<u16>,
    /// The package itself is the attack.
    pub malicious: bool,
    /// What is affected.
    pub affected: Vec<Affected>,
}

/// Whether a span holds a version.
pub(crate) fn holds(scheme: Scheme, low: Option<(&str, bool)>, high: Option<(&str, bool)>, version: &str) -> bool {
    let above = low.is_none_or(|(v, inclusive)| match compare(scheme, version, v) {
        Ordering::Greater => true,
        Ordering::Equal => inclusive,
        Ordering::Less => false,
    });
    above
        && high.is_none_or(|(v, inclusive)| match compare(scheme, version, v) {
            Ordering::Less => true,
            Ordering::Equal => inclusive,
            Ordering::Greater => false,
        })
}

impl Span {
    /// Every version.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }
    /// Up to the fix, which is not in it.
    #[must_use]
    pub fn until_fix(version: &str) -> Self {
        Self { low: None, high: Some(Bound { version: version.to_owned(), inclusive: false }), fix: true }
    }
    /// Whether it holds a version.
    #[must_use]
    pub fn holds(&self, scheme: Scheme, version: &str) -> bool {
        fn end(b: &Option<Bound>) -> Option<(&str, bool)> {
            b.as_ref().map(|b| (b.version.as_str(), b.inclusive))
        }
        holds(scheme, end(&self.low), end(&self.high), version)
    }
}

impl Affected {
    /// Whether the statement is about a version.
    #[must_use]
    pub fn holds(&self, version: &str) -> bool {
        self.spans.iter().any(|s| s.holds(self.scheme, version))
            || self.versions.iter().any(|v| compare(self.scheme, v, version).is_eq())
    }
}
