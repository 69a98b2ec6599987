//! What a union of registries says of its sources (`docs/specs/registry-v1.md` §7).

use crate::{Digest, ItemRoot, NodeId, Time};
use serde::{Deserialize, Serialize};

/// Most codes that more than one supervisor claims that a union names; further ones are counted.
pub const TWICE_MAX: usize = 100;

/// What a union was made of. Follows from the rows of its sources alone, in whatever order they came.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merged {
    /// One a supervisor that reported, in ascending order of the supervisor.
    pub sources: Vec<MergedSource>,
    /// Leaf of the own import that stands in for supervisors that did not report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Digest>,
    /// Rows of the own import in the union.
    pub base_rows: u64,
    /// Codes that more than one claims.
    pub twice: u64,
    /// The first of them, by code; at most [`TWICE_MAX`].
    pub twice_first: Vec<Twice>,
}

/// The registry of one supervisor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergedSource {
    /// One of the 37.
    pub supervisor: String,
    /// The node that signed it.
    pub node: NodeId,
    /// Its leaf in that node's log.
    pub leaf: Digest,
    /// When it was stated, by that node's clock.
    pub stated_at: Time,
    /// Commitment to its rows.
    pub rows: ItemRoot,
    /// Rows of it that stand in the union.
    pub taken: u64,
}

/// A code that more than one claims.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twice {
    /// The code.
    pub uscc: String,
    /// The supervisor whose row counts.
    pub counts: String,
    /// The supervisor whose row does not.
    pub other: String,
}
