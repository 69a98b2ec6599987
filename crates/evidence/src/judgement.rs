//! What the judge says. Everything in it follows from the records that it cites, the plan and the instant.

use crate::examination::is_zero;
use crate::{
    CategoryId, CheckId, ClassId, Digest, GapReason, LevelId, PathText, Place, PlanId, RecordKind, Say, ScenarioId,
    ScopeKind, Severity, Time,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The plan that was applied.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRef {
    /// Its id.
    pub id: PlanId,
    /// Its version, as the plan states it.
    pub version: String,
    /// Digest over all its files.
    pub digest: Digest,
}

/// How sure a result is: the ladder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sure {
    /// Somebody says so.
    Declared,
    /// A document, named by its digest, says so.
    Documented,
    /// A sensor saw it.
    MachineEvidenced,
    /// A second, ordered run saw it again.
    ReObserved,
}
impl Sure {
    /// From weakest to strongest.
    pub const ALL: [Sure; 4] = [Self::Declared, Self::Documented, Self::MachineEvidenced, Self::ReObserved];
    /// The name in records and word keys.
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

/// What became of a check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The condition was violated; there are findings.
    Fail,
    /// Could not be told: the facts are missing, or nobody answered.
    CannotTell,
    /// The condition holds.
    Pass,
    /// Does not apply here, with proof.
    NotApplicable,
}
impl Outcome {
    /// Worst first.
    pub const ALL: [Outcome; 4] = [Self::Fail, Self::CannotTell, Self::Pass, Self::NotApplicable];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::CannotTell => "cannot-tell",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A pointer to evidence: an item of an examination, or a whole record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// Leaf hash of the record in the log.
    pub leaf: Digest,
    /// Number of the item, for an examination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u64>,
}

/// Stable id of a finding: digest of the check and the object, not of the text or the run, so that it is the
/// same tomorrow.
pub type FindingId = Digest;

/// One violation at one object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Stable id.
    pub id: FindingId,
    /// The check that was violated.
    pub check: CheckId,
    /// Its scenario.
    pub scenario: ScenarioId,
    /// How bad.
    pub severity: Severity,
    /// Host that it was found on.
    pub host: String,
    /// What it is about: an account, a path, a port; empty for the host as a whole.
    pub object: String,
    /// Values for the holes in the plan's words for this check.
    pub with: BTreeMap<String, String>,
    /// Where it was seen, if at one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// The items that show it.
    pub evidence: Vec<Cited>,
}

impl Finding {
    /// The stable id of a finding: SHA-256 over the canonical array `["finding-v1", check, host, object]`.
    #[must_use]
    pub fn id_of(check: &CheckId, host: &str, object: &str) -> FindingId {
        let parts = ["finding-v1", check.as_str(), host, object];
        Digest::of(&crate::canonical::to_vec(&parts).expect("texts have a canonical form"))
    }
}

/// A finding that an exception in force answers: no violation while it lasts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// The finding, as it would stand.
    pub finding: Finding,
    /// Id of the measure that excepts it.
    pub measure: String,
    /// When the exception ends.
    pub until: Time,
    /// Documented if the exception names a document, declared otherwise.
    pub sure: Sure,
}

/// How a measure stands at the instant of a judgement (`docs/specs/measures-v1.md`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// An exception in force that the plan allows.
    Approved,
    /// An exception in force for a check that the plan lets nobody approve: known, and still a violation.
    Accepted,
    /// An exception that does not count: too long, or approved by its owner.
    Refused,
    /// An exception that has not begun.
    Waiting,
    /// An exception that has ended.
    Lapsed,
    /// Said to be done, and the finding is there.
    Contradicted,
    /// Past its due time and not done.
    Late,
    /// Planned or under way, in time.
    Open,
}
impl Stands {
    /// All of them.
    pub const ALL: [Stands; 8] = [
        Self::Approved,
        Self::Accepted,
        Self::Refused,
        Self::Waiting,
        Self::Lapsed,
        Self::Contradicted,
        Self::Late,
        Self::Open,
    ];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
            Self::Lapsed => "lapsed",
            Self::Contradicted => "contradicted",
            Self::Late => "late",
            Self::Open => "open",
        }
    }
}

/// A measure about findings of a judgement.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureStanding {
    /// The finding, of `findings` or `approved`.
    pub finding: FindingId,
    /// Id of the measure.
    pub measure: String,
    /// Its record that counts.
    pub leaf: Digest,
    /// How it stands.
    pub stands: Stands,
    /// When it is due, or when the exception begins (waiting) or ends.
    pub until: Time,
}

/// What became of one check on one host (or, for organisational checks, of the node).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckResult {
    /// Which check.
    pub check: CheckId,
    /// Its scenario.
    pub scenario: ScenarioId,
    /// Host; empty for organisational checks.
    pub host: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How sure. `None` where nothing is claimed (cannot tell).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure: Option<Sure>,
    /// Why, where the outcome needs a reason (cannot tell, not applicable).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Say>,
    /// Items or records that it rests on, capped; findings carry their own.
    pub basis: Vec<Cited>,
    /// Number of findings.
    pub findings: u64,
}

/// How a scenario stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Which scenario.
    pub scenario: ScenarioId,
    /// Results by outcome.
    pub failed: u64,
    /// Passed, all rungs of the ladder.
    pub passed: u64,
    /// Of the passed: only declared or documented, not seen by a machine.
    pub passed_on_paper: u64,
    /// Not applicable, with proof.
    pub not_applicable: u64,
    /// Cannot tell.
    pub cannot_tell: u64,
    /// Findings by severity; severities without findings are absent.
    pub findings: BTreeMap<Severity, u64>,
}

/// Examined of declared, per kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Which kind.
    pub kind: ScopeKind,
    /// Declared in the newest scope.
    pub declared: u64,
    /// Of those, examined.
    pub examined: u64,
    /// Seen but not declared; each is a doubt too.
    pub undeclared: u64,
}

/// The level of a group of data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataLevel {
    /// The level.
    pub level: LevelId,
    /// True: only proposed, a person must confirm. Always so for important and core.
    pub proposed: bool,
    /// Why.
    pub because: Vec<Say>,
}

/// Data of one category under one root.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataGroup {
    /// Host.
    pub host: String,
    /// Root that was walked.
    pub root: PathText,
    /// Category of the plan.
    pub category: CategoryId,
    /// Class of data.
    pub class: ClassId,
    /// Files with at least one hit, or that are of the class by their format.
    pub files: u64,
    /// Hits at medium confidence or better.
    pub hits: u64,
    /// Distinct values among them.
    pub distinct: u64,
    /// True if `distinct` is a lower bound.
    pub distinct_is_floor: bool,
    /// Columns of tables that are of the class or hold it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub columns: u64,
    /// Files that are of the class by their format.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub contents: u64,
    /// Its level.
    pub level: DataLevel,
    /// The items that show it.
    pub evidence: Vec<Cited>,
}

/// What could not be looked at, counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapCount {
    /// Host.
    pub host: String,
    /// `fact` or `folder`.
    pub area: String,
    /// Why.
    pub reason: GapReason,
    /// How many places.
    pub count: u64,
}

/// Something that makes the judgement less certain than it looks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// What.
    pub say: Say,
    /// The record that raises it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited: Option<Cited>,
}

/// A judgement over verified records, as of an instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The judge, with its version: the same version judges the same records to the same bytes.
    pub judge: String,
    /// The plan.
    pub plan: PlanRef,
    /// The instant that stands for now.
    pub as_of: Time,
    /// The records that were read, by leaf, sorted.
    pub cites: Vec<(Digest, RecordKind)>,
    /// Standings by scenario, in the plan's order.
    pub standings: Vec<Standing>,
    /// Every check, on every host, sorted by (check, host).
    pub checks: Vec<CheckResult>,
    /// Findings, worst first, then by check, host, object.
    pub findings: Vec<Finding>,
    /// Findings that an exception in force answers, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<Approved>,
    /// What people do about the findings, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureStanding>,
    /// Data groups, highest level first.
    pub data: Vec<DataGroup>,
    /// Examined of declared.
    pub coverage: Vec<Coverage>,
    /// What could not be looked at.
    pub gaps: Vec<GapCount>,
    /// Doubts, sorted.
    pub doubts: Vec<Doubt>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_wire_names() {
        for o in Outcome::ALL {
            assert_eq!(serde_json::to_value(o).unwrap(), o.name());
        }
        for s in Sure::ALL {
            assert_eq!(serde_json::to_value(s).unwrap(), s.name());
        }
        for s in Stands::ALL {
            assert_eq!(serde_json::to_value(s).unwrap(), s.name());
        }
        for k in ScopeKind::ALL {
            assert_eq!(serde_json::to_value(k).unwrap(), k.name());
        }
    }
}
