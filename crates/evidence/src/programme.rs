//! What a plant says of itself to the level above (`docs/specs/programme-v1.md`): counts, standings and digests. No finding, no
//! name of a host, file or person.

use crate::{Author, Digest, Doubt, NodeId, PlanRef, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How sure a claim is. The order is that of the ladder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// Somebody said so.
    Declared,
    /// A document that is named by its digest says so.
    Documented,
    /// Records of sensors, in the signer's own log, say so.
    MachineEvidenced,
    /// A fresh, witnessed run that the level above ordered says so.
    ReObserved,
}
impl Rung {
    /// All of them, the least sure first.
    pub const ALL: [Rung; 4] = [Self::Declared, Self::Documented, Self::MachineEvidenced, Self::ReObserved];
    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Documented => "documented",
            Self::MachineEvidenced => "machine-evidenced",
            Self::ReObserved => "re-observed",
        }
    }
}

/// How much of a kind of thing was examined, of how much that was declared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeShare {
    /// `host`, `share`, `database`, `control-network`, `person`.
    pub kind: String,
    /// Things declared.
    pub declared: u64,
    /// Of these, things that the newest judgement rests on.
    pub examined: u64,
    /// Things that were seen and not declared.
    pub undeclared: u64,
}

/// The checks of one scenario, by answer. The five add up to what was asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioCounts {
    /// Scenario of the plan.
    pub scenario: String,
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Failed, and answered by an exception in force.
    pub accepted: u64,
    /// Not applicable, with proof.
    pub not_applicable: u64,
    /// Not examined.
    pub not_examined: u64,
}

/// The data catalogue in counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueCounts {
    /// Leaf of the catalogue in the plant's log.
    pub leaf: Digest,
    /// As of when it was drawn up.
    pub as_of: Time,
    /// How sure the grading is: `declared` from the plant's own list alone, `machine-evidenced` where sensors found what is graded.
    pub rung: Rung,
    /// Assets by level of the plan (`core`, `important`, `general`); what has no level stands in `ungraded`.
    pub levels: BTreeMap<String, u64>,
    /// Assets without a level.
    pub ungraded: u64,
    /// Assets whose level a person decided or confirmed.
    pub confirmed: u64,
    /// When the catalogue, or an earlier one, was filed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed: Option<Time>,
}

/// A plant's own measures in counts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureCounts {
    /// Open.
    pub open: u64,
    /// Open and past their due date.
    pub overdue: u64,
    /// Done.
    pub done: u64,
}

/// A plant's incidents in counts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentCounts {
    /// Not closed.
    pub open: u64,
    /// With a clock that ran out.
    pub late: u64,
    /// By the least level that is certain in the plan's first regime; `none` where none is.
    pub levels: BTreeMap<String, u64>,
}

/// Drills in counts; none until drills exist.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillCounts {
    /// How sure.
    pub rung: Rung,
    /// How many in the plan's period.
    pub held: u64,
    /// The newest.
    pub newest: Time,
}

/// What a plant says of itself to the level above. It follows from the cited records of its own log, the plan, the judge and
/// `as_of` alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeReport {
    /// The plant's node.
    pub node: NodeId,
    /// Unified social credit code that it reports for.
    pub uscc: String,
    /// Under which plan.
    pub plan: PlanRef,
    /// By which judge.
    pub judge: String,
    /// As of when.
    pub as_of: Time,
    /// Leaves of its own log that it follows from, sorted.
    pub cites: Vec<Digest>,
    /// Of what: declared and examined, by kind.
    pub scope: Vec<ScopeShare>,
    /// Self-examination, by scenario.
    pub scenarios: Vec<ScenarioCounts>,
    /// The catalogue, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<CatalogueCounts>,
    /// Drills, if there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drills: Option<DrillCounts>,
    /// Incidents.
    pub incidents: IncidentCounts,
    /// Measures.
    pub measures: MeasureCounts,
    /// What makes it weaker than it looks, by code and number; no text of the plant's.
    pub doubts: BTreeMap<String, u64>,
}

/// Kinds of things that count for a target and that no plant reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProgrammeThing {
    /// A standard or specification, at project approval or drafting.
    Standard,
    /// A typical case.
    Case,
}

/// An authority states that something exists that counts for a target, or takes it back. The newest entry of an id counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeEntry {
    /// The authority's node.
    pub node: NodeId,
    /// Who states it.
    pub author: Author,
    /// When, by the node's clock.
    pub stated_at: Time,
    /// What it is.
    pub thing: ProgrammeThing,
    /// Its number or name, in the authority's own scheme: one thing, one id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Of a standard: `approved`, `drafting`, `published`; of a case empty.
    pub stage: String,
    /// GB/T 4754 division, where it is of one; else empty.
    pub industry: String,
    /// From which day on it counts.
    pub effective: Time,
    /// The document that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<crate::Document>,
    /// True: it does not count any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// Why it is taken back; else empty.
    pub reason: String,
}

/// What a document in hand shows of many enterprises: publicity that reached them, or returns of plants without Watchfire. One
/// record a table; its rows lie beside it (`docs/specs/programme-v1.md`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roll {
    /// The authority's node.
    pub node: NodeId,
    /// Who brought it in.
    pub author: Author,
    /// When, by the node's clock.
    pub stated_at: Time,
    /// `publicity` or `returns`.
    pub of: String,
    /// The table as it came.
    pub document: crate::Document,
    /// Commitment to the rows.
    pub rows: crate::ItemRoot,
    /// SHA-256 of the rows as they are kept beside the record (one zlib stream).
    pub packed: Digest,
    /// Rows that were left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// What makes it weaker than it looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}
