//! What a person states of the node itself: its keys, its packs of advisories, its list of staff.

use crate::{Digest, Document, NodeId, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A pack of advisories was imported, or is not to be used any more. The newest statement of a name counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvisoryPack {
    /// The name that the plant gave it.
    pub name: String,
    /// `advisories`, `exploited` or `likelihoods`.
    pub kind: String,
    /// SHA-256 of the pack, which is kept beside the record.
    pub digest: Digest,
    /// Where its data came from, in the words of who imported it.
    pub source: String,
    /// Newest time of change that the data itself states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated: Option<Time>,
    /// Rows in it.
    pub rows: u64,
    /// Rows, or parts of them, that could not be read.
    pub refused: u64,
    /// Advisories by ecosystem.
    pub ecosystems: BTreeMap<String, u64>,
    /// Who compiled and signed it, where that was another node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Publisher>,
    /// True: not to be used any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
}

/// Another node that signed a pack; its signature was checked against a key that the importer brought.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// The node, as it names itself: the id of its first key.
    pub node: NodeId,
    /// Leaf of its statement in its own log.
    pub statement: Digest,
    /// When it stated it, by its own clock.
    pub stated_at: Time,
}

/// A key of the node was replaced; signed with the old key while it is still trusted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// `evidence` or `log`.
    pub role: String,
    /// Key id before.
    pub from: String,
    /// Key id after.
    pub to: String,
    /// The new public key, DER `SubjectPublicKeyInfo`, base64.
    pub public_key: String,
}

/// Whose an account is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffStanding {
    /// Of a person who works here.
    Active,
    /// Of a person who left.
    Left,
    /// Of several people.
    Shared,
    /// Of no person.
    Service,
}
impl StaffStanding {
    /// All of them.
    pub const ALL: [StaffStanding; 4] = [Self::Active, Self::Left, Self::Shared, Self::Service];
    /// The name in records and facts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Left => "left",
            Self::Shared => "shared",
            Self::Service => "service",
        }
    }
}

/// One account of a list of staff (`docs/specs/staff-v1.md`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffEntry {
    /// Keyed digest of the host and the account's name, as it is written.
    pub account: String,
    /// The same of the name in lower case: on Windows capitals do not tell accounts apart.
    pub folded: String,
    /// Whose it is.
    pub standing: StaffStanding,
    /// The day on which the person left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Time>,
}

/// The plant's list of staff; the newest counts, an empty one takes it back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// The table it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Rows that were left out.
    pub left_out: u64,
    /// The accounts, sorted.
    pub entries: Vec<StaffEntry>,
}
