//! Which enterprises the plan calls key enterprises: every rule of selection, side by side (`docs/specs/registry-v1.md`).
//!
//! A rule ranks the industrial enterprises above the designated size by revenue within each group and takes the top share.
//! What a person adds or removes is laid over every reading in the same way and is counted apart: nobody can lower the
//! coverage without that it shows.
//!
//! Refused: taking rows on trust. [`SelectionRows`] is the proof that they are the rows that a signed record commits to.

mod parts;
mod rank;
mod restated;
mod union;

pub use parts::{SelectionPart, selection_parts};
pub use rank::{Neighbour, Placed, Reason, explain};
pub use restated::restated;
pub use union::{Union, UnionPart, union};

use crate::VERSION;
use crate::choose::doubt;
use evidence::{
    Adjust, CountFloor, Digest, Doubt, Enterprise, Hasher, Record, RecordKind, Registry, SUPERVISORS, Say,
    SelectionGroup, SelectionJudgement, SelectionReading, SelectionSums, Time, leaf_hash, merkle_root,
};
use plan::{CheckedPlan, Selection};
use proof::Witness;
use rank::{Grouping, Key};
use std::collections::{BTreeMap, BTreeSet};

/// Counter of the plan's target that the number of selected enterprises is held against.
const COUNTER: &str = "graded_enterprises";

/// The rows of a registry, known to be those that its record commits to.
#[derive(Debug)]
pub struct SelectionRows<'a> {
    leaf: Digest,
    registry: &'a Registry,
    rows: Vec<Enterprise<'a>>,
}
impl<'a> SelectionRows<'a> {
    /// Reads the rows of `registry` from their file. Errors, as a reason: no registry, or not its rows.
    pub fn open(registry: &'a Witness, file: &'a [u8]) -> Result<Self, String> {
        let Record::Registry(r) = registry.record.value() else { return Err("no registry".to_owned()) };
        Ok(Self { leaf: registry.record.leaf(), registry: r, rows: evidence::enterprises(&r.rows, file)? })
    }
    /// The registry.
    #[must_use]
    pub fn registry(&self) -> &'a Registry {
        self.registry
    }
    /// Leaf of the registry.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }
    /// The rows, in ascending order of their codes.
    #[must_use]
    pub fn rows(&self) -> &[Enterprise<'a>] {
        &self.rows
    }
}

/// A judgement, and which rows each of its readings selects (places in [`SelectionRows::rows`], ascending).
#[derive(Debug)]
pub struct Selected {
    /// The judgement.
    pub judgement: SelectionJudgement,
    /// One list a reading, in the same order.
    pub lists: Vec<Vec<u32>>,
}

/// The words of people about a year that are in force as of an instant, by code, with what they rest on.
#[must_use]
pub fn adjustments(records: &[Witness], year: i64, as_of: Time) -> (BTreeMap<String, Adjust>, BTreeSet<Digest>) {
    let mut said: BTreeMap<&str, (Time, Digest, Adjust)> = BTreeMap::new();
    let mut cites = BTreeSet::new();
    for w in records {
        let Record::Attestation(a) = w.record.value() else { continue };
        let Some(adjustment) = a.as_adjustment().filter(|x| x.year == year && a.stated_at <= as_of) else { continue };
        let new = (a.stated_at, w.record.leaf(), adjustment.act);
        cites.insert(new.1);
        let kept = said.entry(&adjustment.uscc).or_insert(new);
        if (kept.0, kept.1) < (new.0, new.1) {
            *kept = new;
        }
    }
    let in_force = said.into_iter().filter(|(_, s)| s.2 != Adjust::Withdraw);
    (in_force.map(|(uscc, s)| (uscc.to_owned(), s.2)).collect(), cites)
}

/// Applies every rule of selection of the plan. `records` are the words of people; whatever else is among them is not read.
#[must_use]
pub fn selection(plan: &CheckedPlan, rows: &SelectionRows<'_>, records: &[Witness], as_of: Time) -> Selected {
    let year = rows.registry.year;
    let (adjusted, said) = adjustments(records, year, as_of);
    let mut cites: BTreeMap<Digest, RecordKind> = said.into_iter().map(|l| (l, RecordKind::Attestation)).collect();
    cites.insert(rows.leaf, RecordKind::Registry);
    let mut doubts = doubts(rows, &adjusted, as_of);
    let mut at: BTreeMap<u32, Adjust> = BTreeMap::new();
    for (uscc, act) in &adjusted {
        if let Ok(n) = rows.rows.binary_search_by(|r| r.uscc.as_ref().cmp(uscc)) {
            at.insert(u32::try_from(n).unwrap_or(u32::MAX), *act);
        }
    }
    let (mut readings, mut lists) = (Vec::new(), Vec::new());
    for rule in plan.selection() {
        match Grouping::of(rule) {
            Ok(grouping) => {
                let (reading, list) = read(plan, rule, &grouping, &rows.rows, &at);
                readings.push(reading);
                lists.push(list);
            }
            Err(value) => {
                doubts.push(doubt(Say::new("doubt.selection-rule").with("rule", &rule.id).with("value", value), None));
            }
        }
    }
    doubts.sort();
    doubts.dedup();
    let judgement = SelectionJudgement {
        plan: plan.reference(),
        judge: VERSION.to_owned(),
        as_of,
        year,
        cites: cites.into_iter().collect(),
        snapshot: rows.leaf,
        enterprises: rows.rows.len() as u64,
        readings,
        adjusted,
        doubts,
    };
    Selected { judgement, lists }
}

fn doubts(rows: &SelectionRows<'_>, adjusted: &BTreeMap<String, Adjust>, as_of: Time) -> Vec<Doubt> {
    let mut out = Vec::new();
    let mut about = |say: Say| out.push(doubt(say, Some(rows.leaf)));
    let r = rows.registry;
    if r.stated_at > as_of {
        about(Say::new("doubt.after-as-of").with("kind", "registry").with("time", r.stated_at));
    }
    let left_out: u64 = r.left_out.values().sum();
    if left_out > 0 {
        about(Say::new("doubt.registry-left-out").with("count", left_out));
    }
    if r.derived > 0 {
        about(Say::new("doubt.size-derived").with("count", r.derived));
    }
    if let Some(m) = &r.merged {
        if m.twice > 0 {
            about(Say::new("doubt.registry-twice").with("count", m.twice));
        }
        let there: BTreeSet<&str> = rows.rows.iter().map(|e| e.supervisor.as_ref()).collect();
        let missing: Vec<&str> = SUPERVISORS.into_iter().filter(|s| !there.contains(s)).collect();
        if !missing.is_empty() {
            let say = Say::new("doubt.registry-missing").with("count", missing.len());
            about(say.with("supervisors", missing.join(" ")));
        }
    }
    let absent = adjusted.keys().filter(|u| rows.rows.binary_search_by(|e| e.uscc.as_ref().cmp(u)).is_err());
    for uscc in absent {
        about(Say::new("doubt.adjusted-not-there").with("uscc", uscc));
    }
    out
}

/// One reading.
fn read(
    plan: &CheckedPlan,
    rule: &Selection,
    grouping: &Grouping<'_>,
    rows: &[Enterprise<'_>],
    adjusted: &BTreeMap<u32, Adjust>,
) -> (SelectionReading, Vec<u32>) {
    let mut groups: BTreeMap<Key, SelectionGroup> = BTreeMap::new();
    let mut inside = vec![false; rows.len()];
    for group in rank::groups(grouping, rows) {
        let cut = grouping.cut(&group);
        for place in group.iter().take(cut.top) {
            inside[place.row as usize] = true;
        }
        let (Some(first), Some(last)) = (group.first(), group.get(cut.top.saturating_sub(1))) else { continue };
        let row = &rows[first.row as usize];
        let sums = SelectionSums {
            enterprises: group.len() as u64,
            share: cut.share as u64,
            top: cut.top as u64,
            selected: cut.top as u64,
            ..SelectionSums::default()
        };
        groups.insert(first.key, SelectionGroup { group: grouping.names(row), sums, lowest: Some(last.revenue) });
    }
    for (n, act) in adjusted {
        let (Some(row), Some(is_in)) = (rows.get(*n as usize), inside.get_mut(*n as usize)) else { continue };
        let group = groups.entry(grouping.key(row)).or_insert_with(|| SelectionGroup {
            group: grouping.names(row),
            sums: SelectionSums::default(),
            lowest: None,
        });
        match act {
            Adjust::Add if !*is_in => {
                group.sums.added += 1;
                group.sums.selected += 1;
                *is_in = true;
            }
            Adjust::Remove if *is_in => {
                group.sums.removed += 1;
                group.sums.selected -= 1;
                *is_in = false;
            }
            _ => {}
        }
    }
    // A removal of one that is not in leaves a group of nothing.
    groups.retain(|_, g| g.sums != SelectionSums::default());
    let mut sums = SelectionSums::default();
    for g in groups.values() {
        sums.enterprises += g.sums.enterprises;
        sums.share += g.sums.share;
        sums.top += g.sums.top;
        sums.added += g.sums.added;
        sums.removed += g.sums.removed;
        sums.selected += g.sums.selected;
    }
    let list: Vec<u32> = (0_u32..).zip(&inside).filter(|(_, i)| **i).map(|(n, _)| n).collect();
    let mut file = Hasher::new();
    let mut hashes = Vec::with_capacity(list.len());
    for n in &list {
        let code = rows[*n as usize].uscc.as_bytes();
        hashes.push(leaf_hash(code));
        file.update(code);
        file.update(b"\n");
    }
    let target = plan.targets().iter().find(|t| t.counter == COUNTER && t.reading_of.is_none());
    let reading = SelectionReading {
        rule: rule.id.clone(),
        reading_of: rule.reading_of.clone(),
        per: rule.per.clone(),
        top_percent: rule.top_percent,
        rounding: rule.rounding.clone(),
        ties: rule.ties.clone(),
        root: merkle_root(&hashes),
        file: file.finish(),
        count_floor: target.map(|t| {
            let selected = i64::try_from(sums.selected).unwrap_or(i64::MAX);
            let reached = if t.exclusive { selected > t.bound } else { selected >= t.bound };
            CountFloor { target: t.id.clone(), bound: t.bound, exclusive: t.exclusive, reached }
        }),
        covers: sums.removed == 0,
        sums,
        groups: groups.into_values().collect(),
    };
    (reading, list)
}
