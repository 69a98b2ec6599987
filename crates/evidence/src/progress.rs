//! How far a programme has come, counted from records (`docs/specs/programme-v1.md` §6).
//!
//! The record holds sums and commitments; the members behind a sum follow from the same inputs and can be shown one by one under
//! the root that stands here.

use crate::{Digest, Doubt, NodeId, PlanRef, RecordKind, Rung, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An amount on one rung of the ladder.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RungAmount {
    /// Which rung.
    pub rung: Rung,
    /// So much on this rung alone.
    pub own: u64,
    /// So much on this rung and all that are surer.
    pub at_least: u64,
}

/// Part of an amount: of a supervisor, a province, a division.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupAmount {
    /// Its code.
    pub group: String,
    /// Members of the denominator; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Amounts on each rung alone, the least sure first.
    pub own: [u64; 4],
}

/// Cells of a selection (province and industry), and how many of them are covered whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellCount {
    /// Cells that have a member.
    pub cells: u64,
    /// Of these, cells of which every member counts on the rung that counts.
    pub covered: u64,
}

/// A commitment to a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRoot {
    /// Its entries.
    pub count: u64,
    /// RFC 6962 Merkle root over its lines.
    pub root: Digest,
}

/// One counted member, as a line of the list that [`TargetProgress::members`] commits to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberLine {
    /// How much it counts; absent if 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// The record that shows it.
    pub leaf: Digest,
    /// Credit code, id of a thing, or leaf of what was counted.
    pub member: String,
    /// On which rung.
    pub rung: Rung,
}
impl MemberLine {
    /// The canonical line, without a line feed. The fields stand in the order of their names.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and integers can be written")
    }
}

/// How one target stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetProgress {
    /// Target of the plan.
    pub target: String,
    /// Its counter.
    pub counter: String,
    /// The target of which it is another reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_of: Option<String>,
    /// At least, or if `exclusive` more than, so much.
    pub bound: i64,
    /// The bound itself is not enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// `percent`, or what is counted.
    pub unit: String,
    /// Last day.
    pub due: Time,
    /// From which rung on an amount counts for the target.
    pub rung_min: Rung,
    /// Amounts on every rung, the least sure first.
    pub ladder: Vec<RungAmount>,
    /// Members of the denominator; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// The bound is reached on `rung_min` and surer.
    pub reached: bool,
    /// Cells of a selection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<CellCount>,
    /// Members that were observed anew at random.
    pub checked: u64,
    /// Of these, what they said held.
    pub held: u64,
    /// What is at hand and does not count, by reason. Words `progress-left.<reason>`.
    pub left: BTreeMap<String, u64>,
    /// What counts on a lower rung than it says, by reason. Words `progress-fell.<reason>`.
    pub fell: BTreeMap<String, u64>,
    /// By `supervisor`, `province`, `industry`; absent where members have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by: BTreeMap<String, Vec<GroupAmount>>,
    /// Commitment to the counted members.
    pub members: ListRoot,
}

/// Targets that are reached only together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TogetherProgress {
    /// Id in the plan.
    pub id: String,
    /// The targets.
    pub targets: Vec<String>,
    /// All of them are reached.
    pub reached: bool,
}

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgressEvidence {
    /// The registry, by leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<Digest>,
    /// The selection, by leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Digest>,
    /// Enterprises of the registry.
    pub enterprises: u64,
    /// Of these, industrial ones above the designated size.
    pub above_size: u64,
    /// Reports that were received.
    pub reports: ListRoot,
    /// Enterprises with at least one valid report.
    pub reporting: u64,
    /// Attendances, sessions and professionals that were handed in.
    pub counted: ListRoot,
    /// Re-observations that were handed in.
    pub checks: ListRoot,
}

/// A report that is dated within a closed period and was received after its end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateReport {
    /// When it was received.
    pub received_at: Time,
    /// What it is dated.
    pub dated: Time,
    /// Its leaf.
    pub leaf: Digest,
    /// Enterprise.
    pub uscc: String,
}

/// A period that was closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedPeriod {
    /// `2026`, `2026-Q4`, `2026-12`, `2026-W48`.
    pub period: String,
    /// First instant.
    pub from: Time,
    /// When it was closed.
    pub at: Time,
    /// Reports that came after its end and are dated within it, at most 10,000.
    pub late: Vec<LateReport>,
    /// Further ones.
    #[serde(default, skip_serializing_if = "crate::examination::is_zero")]
    pub late_more: u64,
}

/// How far the programme has come, as of an instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgressJudgement {
    /// Who counts.
    pub node: NodeId,
    /// The plan.
    pub plan: PlanRef,
    /// The judge.
    pub judge: String,
    /// As of when: evidence received later is not read.
    pub as_of: Time,
    /// Records of this node's log that it follows from, by leaf, sorted.
    pub cites: Vec<(Digest, RecordKind)>,
    /// What was read.
    pub evidence: ProgressEvidence,
    /// Targets, in the plan's order.
    pub targets: Vec<TargetProgress>,
    /// Targets that are reached only together, by id.
    pub together: Vec<TogetherProgress>,
    /// The period, if this closes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<ClosedPeriod>,
    /// What makes it weaker than it looks, sorted.
    pub doubts: Vec<Doubt>,
}
