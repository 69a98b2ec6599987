//! What a person states of the node itself: its keys and its packs of advisories.

use crate::{Digest, Time};
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
    /// True: not to be used any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
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
