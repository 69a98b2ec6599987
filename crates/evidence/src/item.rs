//! What sensors emit. An item says what was seen and where; whether that is bad is not said here.

use crate::{
    Column, Content, Digest, FactId, FactValue, Hits, KeyedDigest, Masked, Measured, Place, ScenarioId, Tally, Time,
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
    /// What a file says of its own extent or precision.
    Measured(Measured),
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
    fn reason_names_are_the_wire_names() {
        for r in GapReason::ALL {
            assert_eq!(serde_json::to_value(r).unwrap(), r.name());
        }
        for s in Severity::ALL {
            assert_eq!(serde_json::to_value(s).unwrap(), s.name());
        }
    }
}
