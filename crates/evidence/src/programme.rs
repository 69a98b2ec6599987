//! What a plant says of itself to the level above (`docs/specs/programme-v1.md`): counts, standings and digests. No finding, no
//! name of a host, file or person.

use crate::registry::{file_of, lines_of};
use crate::{Author, Digest, Doubt, ItemRoot, NodeId, PlanRef, RecordKind, Time};
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
    /// How sure the grading is: the least sure of the assets that a sensor can look at (`docs/specs/programme-v1.md` §2).
    pub rung: Rung,
    /// Assets by level in force, of the plan's levels.
    pub levels: BTreeMap<String, u64>,
    /// Assets whose level is only proposed: a person must still decide.
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

/// An examination that a report rests on, so that the level above can draw items of it (`docs/specs/challenge-v1.md`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExaminedItems {
    /// Leaf of the examination in the plant's log.
    pub leaf: Digest,
    /// Number of its items.
    pub items: u64,
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
    /// Records of its own log that it follows from, by leaf, sorted.
    pub cites: Vec<(Digest, RecordKind)>,
    /// Of what: declared and examined, by kind.
    pub scope: Vec<ScopeShare>,
    /// Self-examination, by scenario.
    pub scenarios: Vec<ScenarioCounts>,
    /// The examinations that the judgement cites, by leaf, sorted; absent in reports from before there were challenges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examinations: Vec<ExaminedItems>,
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
impl ProgrammeThing {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Case];
    /// The name in records. Words `programme-thing.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Case => "case",
        }
    }
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
    pub rows: ItemRoot,
    /// SHA-256 of the rows as they are kept beside the record (one zlib stream).
    pub packed: Digest,
    /// Rows that were left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// What makes it weaker than it looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// Most rows of one roll.
pub const ROLL_ROWS_MAX: usize = 2_000_000;
/// The longest line of a roll that is read, in bytes.
const LINE_BYTES_MAX: usize = 4 << 10;

/// What one row of a roll says of an enterprise. The fields stand in the order of their names: so it is written in canonical form.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollRow {
    /// Of a return: assets of its catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets: Option<u64>,
    /// Of a return: of these, so many whose level a person confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<u64>,
    /// The day that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Time>,
    /// Of a return: drills that were held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drills: Option<u64>,
    /// Of a return: the day on which the catalogue was filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed: Option<Time>,
    /// Of a return: assets with a level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graded: Option<u64>,
    /// Unified social credit code.
    pub uscc: String,
    /// Of publicity: the way that it went; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub way: String,
}
impl RollRow {
    /// The canonical line, without a line feed.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and integers can be written")
    }
}

/// Writes rows as the file that a roll commits to. The caller has seen to it that no code stands there twice.
#[must_use]
pub fn roll_file(rows: &[RollRow]) -> (Vec<u8>, ItemRoot) {
    let lines = rows.iter().map(|r| (r.uscc.clone(), r.to_line())).collect();
    let file = file_of(lines);
    (file.lines, file.root)
}

/// The rows that `root` commits to, read from the bytes of the file. Errors, as a reason: other bytes, another number of rows, rows
/// out of order or twice, a line that is none.
pub fn roll_rows(root: &ItemRoot, file: &[u8]) -> Result<Vec<RollRow>, String> {
    if Digest::of(file) != root.file {
        return Err("the file has another digest".to_owned());
    }
    if root.count > ROLL_ROWS_MAX as u64 {
        return Err(format!("more than {ROLL_ROWS_MAX} rows"));
    }
    let mut rows: Vec<RollRow> = Vec::with_capacity(usize::try_from(root.count).unwrap_or(0));
    for (n, line) in (1_u64..).zip(lines_of(file)) {
        if line.len() > LINE_BYTES_MAX {
            return Err(format!("line {n}: longer than {LINE_BYTES_MAX} bytes"));
        }
        let row: RollRow = serde_json::from_slice(line).map_err(|why| format!("line {n}: {why}"))?;
        if rows.last().is_some_and(|last| last.uscc >= row.uscc) {
            return Err(format!("line {n}: out of order"));
        }
        rows.push(row);
    }
    if rows.len() as u64 == root.count { Ok(rows) } else { Err("another number of rows".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;

    #[test]
    fn rows_of_a_roll_are_canonical_and_other_rows_are_refused() {
        let row = |uscc: &str| RollRow {
            assets: Some(3),
            day: Some("2026-03-01T00:00:00.000Z".parse().unwrap()),
            uscc: uscc.to_owned(),
            way: "letter".to_owned(),
            ..RollRow::default()
        };
        assert_eq!(row("A").to_line(), canonical::to_vec(&row("A")).unwrap());
        let (lines, root) = roll_file(&[row("B"), row("A")]);
        let codes: Vec<String> = roll_rows(&root, &lines).unwrap().into_iter().map(|r| r.uscc).collect();
        assert_eq!(codes, ["A", "B"]);
        let mut other = lines.clone();
        other[0] = b' ';
        assert!(roll_rows(&root, &other).is_err());
        assert!(roll_rows(&ItemRoot { count: 1, ..root }, &lines).is_err());
        assert!(roll_rows(&ItemRoot { count: u64::MAX, ..root }, &lines).is_err());
        let twice = [row("A").to_line(), b"\n".to_vec(), row("A").to_line(), b"\n".to_vec()].concat();
        let lying = ItemRoot { file: Digest::of(&twice), ..root };
        assert_eq!(roll_rows(&lying, &twice), Err("line 2: out of order".to_owned()));
    }
}
