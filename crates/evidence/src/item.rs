//! What sensors emit. An item says what was seen and where; whether that is bad is not said here.

use crate::{
    ClassId, Column, Content, ContentDigest, Digest, FactId, FactValue, KeyedDigest, Masked, ScenarioId, Time, Why,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// From which world an observation comes. Set when a sensor is built, never changed; views never mix them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The real world, now.
    Live,
    /// A rehearsal inside its fence.
    Drill,
    /// Recorded material, read again (a carried bundle, an old log). An image is read live; its subject names the root.
    Replay,
}

/// One observation or gap of a run, before it is numbered and salted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Body {
    /// A fact of the dictionary was read.
    Fact(Fact),
    /// A kind of fact, or a folder, was looked at to the end: the proof that "none" means none.
    Covered(Covered),
    /// Data of one class was found in one file (or container member).
    Hits(Hits),
    /// Totals of one class over one root.
    Tally(Tally),
    /// Something could not be looked at.
    Gap(Gap),
    /// A rule fired on an event.
    Alert(Alert),
    /// What a column of a table holds.
    Column(Column),
    /// A file is of a format that says by itself what its data is.
    Content(Content),
}

/// A body under its number in the run, with the salt that hides it until it is opened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What was seen.
    pub body: Body,
    /// Number within the run, from 0, in the order of the canonical bytes of the bodies.
    pub n: u64,
    /// 32 hexadecimal digits; without them a low-entropy body could be guessed from its hash.
    pub salt: String,
}

/// A path as text. Bytes that are not UTF-8, control characters and the backslash are written `\xHH`, so the
/// text is printable, unambiguous and reversible.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathText(String);
impl PathText {
    /// From the raw bytes of a path.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        use std::fmt::Write as _;
        let mut out = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() || c == '\\' {
                    for b in c.encode_utf8(&mut [0; 4]).bytes() {
                        let _ = write!(out, "\\x{b:02x}");
                    }
                } else {
                    out.push(c);
                }
            }
            for b in chunk.invalid() {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
        Self(out)
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl From<&str> for PathText {
    fn from(s: &str) -> Self {
        Self::from_bytes(s.as_bytes())
    }
}
impl std::fmt::Display for PathText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where inside a text something stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "kebab-case")]
pub enum Spot {
    /// Line and column, both from 1; the column counts characters of the decoded text.
    Line {
        /// Line, from 1.
        line: u64,
        /// Column, from 1, in characters.
        column: u64,
    },
    /// A spreadsheet cell.
    Cell {
        /// Sheet name.
        sheet: String,
        /// Cell reference, such as `B7`.
        cell: String,
    },
    /// A byte offset, from 0, in the decoded bytes.
    Byte {
        /// Offset, from 0.
        offset: u64,
    },
    /// A line of the text of a page.
    Page {
        /// Page, from 1.
        page: u64,
        /// Line of the page's text, from 1.
        line: u64,
        /// Column, from 1, in characters.
        column: u64,
    },
    /// A value in a table.
    Field {
        /// Column name.
        column: String,
        /// Row as read, from 1; of a sample, its number in the sample.
        row: u64,
    },
}

/// Where something was seen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, as seen from the examined root.
    pub path: PathText,
    /// Members on the way into nested containers, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<PathText>,
    /// Where in the innermost text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
    /// Digest of the file as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<ContentDigest>,
}
impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(path: impl Into<PathText>) -> Self {
        Self { path: path.into(), inside: Vec::new(), spot: None, digest: None }
    }
    /// The same place at a line (from 1), column 1.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.spot = Some(Spot::Line { line, column: 1 });
        self
    }
    /// The same place with the plain digest of the file as read.
    #[must_use]
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = Some(ContentDigest::Plain(digest));
        self
    }
}
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path)?;
        for member in &self.inside {
            write!(f, "!{member}")?;
        }
        match &self.spot {
            Some(Spot::Line { line, column: 1 }) => write!(f, ":{line}"),
            Some(Spot::Line { line, column }) => write!(f, ":{line}:{column}"),
            Some(Spot::Cell { sheet, cell }) => write!(f, "#{sheet}!{cell}"),
            Some(Spot::Byte { offset }) => write!(f, "@{offset}"),
            Some(Spot::Page { page, line, column }) => write!(f, "#p{page}:{line}:{column}"),
            Some(Spot::Field { column, row }) => write!(f, "#{column}[{row}]"),
            None => Ok(()),
        }
    }
}

/// A fact of the dictionary, as read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Which fact.
    pub fact: FactId,
    /// Its value, of the type that the dictionary gives.
    pub value: FactValue,
    /// What it was read from.
    pub at: Place,
}

/// What was looked at to the end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// `fact:<id>` for a kind of fact, `folder:<path>` for a tree.
    pub what: String,
    /// Named counts: `found` for facts; `files`, `bytes`, `decoded_bytes`, `folders` for trees.
    pub counts: BTreeMap<String, u64>,
}

/// How many of the hits fall in which band of confidence: high ≥ 85 %, medium ≥ 65 %, low below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// Structure, check digit and context agree (or the check alone is strong enough).
    pub high: u64,
    /// Structure and check agree; the context is silent.
    pub medium: u64,
    /// Looks like it.
    pub low: u64,
}
impl Bands {
    /// All hits.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.high + self.medium + self.low
    }
}

/// Data of one class in one file or container member.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hits {
    /// Which class of data.
    pub class: ClassId,
    /// The file (and member); no spot.
    pub at: Place,
    /// Hits by confidence.
    pub bands: Bands,
    /// Distinct values among them, exact.
    pub distinct: u64,
    /// The first few, masked.
    pub samples: Vec<Sample>,
}

/// One masked hit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Where in the file.
    pub spot: Spot,
    /// The value, masked.
    pub mask: Masked,
    /// Keyed digest of the normalised value: equal values are recognised without being known.
    pub keyed: KeyedDigest,
    /// Confidence in per cent, 1 to 99.
    pub confidence: u8,
    /// What the confidence is made of; their tenths add up to its log-odds, before it is held to its bounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Why>,
}

/// Totals of one class over one examined root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Which class.
    pub class: ClassId,
    /// The root that was walked.
    pub root: PathText,
    /// Files (or container members) with at least one hit.
    pub files: u64,
    /// Hits by confidence.
    pub bands: Bands,
    /// Distinct values at medium confidence or better.
    pub distinct: u64,
    /// True if the count of distinct values stopped at the sensor's limit: then it is a lower bound.
    pub distinct_is_floor: bool,
}

/// Why something was not looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The system refused access to this account.
    PermissionDenied,
    /// It was there and then was not.
    Vanished,
    /// It changed while it was read.
    ChangedWhileRead,
    /// It does not exist.
    Missing,
    /// The device or file system reported an error.
    IoError,
    /// Larger than the sensor's limit.
    TooLarge,
    /// Containers or folders nested deeper than the limit.
    TooDeep,
    /// More entries than the limit.
    TooMany,
    /// Unpacks to more than the allowed multiple of its size.
    Bomb,
    /// Encrypted.
    Encrypted,
    /// A format or encoding that this version cannot read.
    Unsupported,
    /// Broken: does not follow its own format.
    Corrupt,
    /// A socket, device or pipe: never opened.
    NotAFile,
    /// A symbolic link was not followed.
    Link,
    /// A file system of the kernel (proc, sys) or another mount that was left out.
    OtherFilesystem,
    /// Can only be seen on a running host, and this was an image.
    NotLive,
    /// The user or a time budget stopped the run.
    Stopped,
}
impl GapReason {
    /// Every reason; `words` must know each.
    pub const ALL: [GapReason; 17] = [
        Self::PermissionDenied,
        Self::Vanished,
        Self::ChangedWhileRead,
        Self::Missing,
        Self::IoError,
        Self::TooLarge,
        Self::TooDeep,
        Self::TooMany,
        Self::Bomb,
        Self::Encrypted,
        Self::Unsupported,
        Self::Corrupt,
        Self::NotAFile,
        Self::Link,
        Self::OtherFilesystem,
        Self::NotLive,
        Self::Stopped,
    ];
    /// The name as it stands in records and in the key `gap.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PermissionDenied => "permission-denied",
            Self::Vanished => "vanished",
            Self::ChangedWhileRead => "changed-while-read",
            Self::Missing => "missing",
            Self::IoError => "io-error",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
            Self::TooMany => "too-many",
            Self::Bomb => "bomb",
            Self::Encrypted => "encrypted",
            Self::Unsupported => "unsupported",
            Self::Corrupt => "corrupt",
            Self::NotAFile => "not-a-file",
            Self::Link => "link",
            Self::OtherFilesystem => "other-filesystem",
            Self::NotLive => "not-live",
            Self::Stopped => "stopped",
        }
    }
}

/// Something that was not looked at. Never silence.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// `fact:<id>` if a fact is missing or incomplete because of it, `folder:<root>` if a file of a tree is.
    pub what: String,
    /// Why.
    pub reason: GapReason,
    /// The one place, or the first of `count` places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// How many places this gap stands for; a sensor names the first hundred of a reason and counts the rest.
    pub count: u64,
}

/// How bad a finding or alert is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Weakens protection.
    Medium,
    /// Opens a way in or removes a way back.
    High,
    /// Open now.
    Critical,
}
impl Severity {
    /// From least to worst.
    pub const ALL: [Severity; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];
    /// The name in records, options and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// `alert-v1`: a rule fired on an event. The person behind it is a pseudonym.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Digest of (rule digest, source position): the same event under the same rule is the same alert.
    pub id: Digest,
    /// When the event happened, by its source.
    pub observed_at: Time,
    /// From which world.
    pub origin: Origin,
    /// Pseudonym of whoever acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<KeyedDigest>,
    /// Which risk scenario it belongs to.
    pub scenario: ScenarioId,
    /// How bad.
    pub severity: Severity,
    /// Event fields, masked.
    pub fields: BTreeMap<String, Masked>,
}
impl Alert {
    /// The id of an alert: SHA-256 over the rule's digest and the position in its source.
    #[must_use]
    pub fn id_of(rule: &Digest, source: &str, position: u64) -> Digest {
        Digest::of(format!("alert-v1\n{rule}\n{source}\n{position}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_utf8_stays_printable_and_distinct() {
        assert_eq!(PathText::from_bytes(b"/a/\xff\nb").as_str(), "/a/\\xff\\x0ab");
        assert_eq!(PathText::from_bytes(b"/a/\\xff").as_str(), "/a/\\x5cxff");
        assert_eq!(PathText::from_bytes("/数据/表.csv".as_bytes()).as_str(), "/数据/表.csv");
    }

    #[test]
    fn reason_names_are_the_wire_names() {
        for r in GapReason::ALL {
            assert_eq!(serde_json::to_value(r).unwrap(), r.name());
        }
        for s in Severity::ALL {
            assert_eq!(serde_json::to_value(s).unwrap(), s.name());
        }
    }
}
