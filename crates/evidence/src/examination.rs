//! One run of the sensors over one subject, as it is signed: what was looked at, with what, and the commitment to what was seen.

use crate::{Digest, ItemRoot, KeyedDigest, NodeId, Origin, PathText, SensorId, Time};
use serde::{Deserialize, Serialize};

/// Whether a run came to its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// All sensors ended by themselves.
    Complete,
    /// The user stopped it; what had been seen is kept, the rest is a gap.
    Stopped,
}

/// What was examined.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectRef {
    /// Name of the host, as it names itself.
    pub host: String,
    /// Keyed digest of the machine id, where there is one: tells two hosts of one name apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<KeyedDigest>,
    /// Root of the file system if it was an image, not the live host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<PathText>,
    /// Folders whose data was looked at, absolute.
    pub folders: Vec<PathText>,
    /// SHA-256 of the file that the observations were carried in, if they were not made by this node itself: what is in
    /// it was not signed where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Digest>,
}

/// A sensor as it ran.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorRun {
    /// Which sensor.
    pub sensor: SensorId,
    /// Version of the program that it came with.
    pub version: String,
    /// Digest of the rules or packs that it used.
    pub rules: Digest,
    /// The account that it ran under: an unprivileged run sees less.
    pub privileged: bool,
}

/// Items by kind, so that a reader knows what to expect before opening any.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemCounts {
    /// [`crate::Body::Fact`].
    pub facts: u64,
    /// [`crate::Body::Covered`].
    pub covered: u64,
    /// [`crate::Body::Hits`].
    pub hits: u64,
    /// [`crate::Body::Tally`].
    pub tallies: u64,
    /// [`crate::Body::Gap`].
    pub gaps: u64,
    /// [`crate::Body::Alert`].
    pub alerts: u64,
    /// [`crate::Body::Column`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
    /// [`crate::Body::Content`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub contents: u64,
    /// [`crate::Body::Measured`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub measured: u64,
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(crate) fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One run of the sensors over one subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examination {
    /// Who examined.
    pub node: NodeId,
    /// What.
    pub subject: SubjectRef,
    /// From which world.
    pub origin: Origin,
    /// When it began, by the node's own clock.
    pub started: Time,
    /// When it ended, by the node's own clock.
    pub ended: Time,
    /// Whether it came to its end.
    pub state: RunState,
    /// The sensors that took part.
    pub sensors: Vec<SensorRun>,
    /// Commitment to the items.
    pub items: ItemRoot,
    /// Items by kind.
    pub counts: ItemCounts,
    /// Nonce of a re-observation, if the run was ordered by the level above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}
