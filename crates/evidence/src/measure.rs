//! What people do about findings, and what may stand for a while (`docs/specs/measures-v1.md`).

use crate::{Author, Digest, Document, NodeId, Time};
use serde::{Deserialize, Serialize};

/// How far a measure has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureState {
    /// Decided, not begun.
    Planned,
    /// Under way.
    Running,
    /// Said to be done.
    Done,
    /// Shown to be done by a run or a document.
    Verified,
    /// Not to be done until `expires`: an exception with an approver.
    Excepted,
    /// Not to be done any more, or an exception that is taken back.
    Withdrawn,
}
impl MeasureState {
    /// In the order in which a measure usually goes.
    pub const ALL: [MeasureState; 6] =
        [Self::Planned, Self::Running, Self::Done, Self::Verified, Self::Excepted, Self::Withdrawn];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Done => "done",
            Self::Verified => "verified",
            Self::Excepted => "excepted",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A corrective action for a finding, or an expiring exception from it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Which node.
    pub node: NodeId,
    /// By whom it was recorded.
    pub author: Author,
    /// When.
    pub stated_at: Time,
    /// Stable id of the measure; a later record of the same id replaces the earlier in views, never in the log.
    pub id: String,
    /// The findings that it answers; may be empty if it follows from an incident.
    pub findings: Vec<Digest>,
    /// Incidents that it follows from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<String>,
    /// What is to be done, in the words of the person; of an exception, why it may stand.
    pub action: String,
    /// Who does it.
    pub owner: String,
    /// Who stands in.
    pub deputy: String,
    /// Until when.
    pub due: Time,
    /// How far.
    pub state: MeasureState,
    /// The record that shows it done, by leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<Digest>,
    /// Who approved an exception.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// When an exception begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// When an exception ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
    /// The paper that backs the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}
