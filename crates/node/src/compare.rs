//! Selections by provinces beside the one by whoever holds the union (`docs/specs/registry-v1.md` §7).

use crate::union::FromBelow;
use crate::{KeptRegistry, KeptSelection, Node, NodeError};
use evidence::{Digest, MergedSource, Record, RecordKind, Say, SelectionSums, Time};
use judge::SelectionRows;
use std::collections::{BTreeMap, BTreeSet};

/// Most codes that are named on each side; further ones are counted.
pub const COMPARED_MAX: usize = 1_000;

/// One supervisor's selection beside the own one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// Its registry in the union.
    pub source: MergedSource,
    /// Its newest selection from that registry: leaf, and as of when; `None`: it sent none.
    pub selection: Option<(Digest, Time)>,
    /// One a reading of the own selection.
    pub readings: Vec<ComparedReading>,
}

/// One reading on both sides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ComparedReading {
    /// The rule.
    pub rule: String,
    /// Enterprises of that supervisor that are selected here.
    pub ours: u64,
    /// Its own sums, if it has this reading.
    pub theirs: Option<SelectionSums>,
    /// What the two lists say one by one; `None`: its list does not follow from what is here.
    pub differs: Option<Differing>,
}

/// Codes that one side selects and the other does not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Differing {
    /// Selected here alone: how many, and the first by code.
    pub ours_alone: (u64, Vec<String>),
    /// Selected there alone, likewise.
    pub theirs_alone: (u64, Vec<String>),
}
impl Differing {
    /// Both lists are the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.ours_alone.0 == 0 && self.theirs_alone.0 == 0
    }
}

/// By rule the selected codes.
type Lists = BTreeMap<String, BTreeSet<String>>;

impl Node {
    /// The newest selection of this node beside those of the provinces whose registries it is of.
    pub fn registry_compare(&self, year: Option<i64>) -> Result<(KeptSelection, Vec<Compared>), NodeError> {
        let registry = self.registry(year)?;
        let Some(merged) = registry.registry.merged.clone() else {
            return Err(NodeError::Entry(Say::new("error.union-none").with("year", registry.registry.year)));
        };
        let ours = self.selection_of(&registry)?;
        let mine = self.own_lists(&registry, &ours)?;
        let selections = self.sent_up(RecordKind::SelectionJudgement)?;
        let mut out = Vec::with_capacity(merged.sources.len());
        for source in merged.sources {
            let newest =
                selections.iter().filter(|b| b.node == source.node).filter_map(|b| match b.witness.record.value() {
                    Record::SelectionJudgement(j) if j.snapshot == source.leaf => Some((j.as_of, b.leaf(), b)),
                    _ => None,
                });
            let newest = newest.max_by_key(|n| (n.0, n.1)).map(|n| n.2);
            out.push(self.compared(registry.registry.year, source, newest, &ours, &mine)?);
        }
        Ok((ours, out))
    }

    /// The own lists, by supervisor.
    fn own_lists(&self, registry: &KeptRegistry, ours: &KeptSelection) -> Result<BTreeMap<String, Lists>, NodeError> {
        self.selected_again(&registry.registry, ours, |_, rows, again| {
            let mut out: BTreeMap<String, Lists> = BTreeMap::new();
            for (reading, list) in again.judgement.readings.iter().zip(&again.lists) {
                for row in list.iter().filter_map(|n| rows.rows().get(*n as usize)) {
                    let of = out.entry(row.supervisor.to_string()).or_default();
                    of.entry(reading.rule.clone()).or_default().insert(row.uscc.to_string());
                }
            }
            Ok(out)
        })
    }

    fn compared(
        &self,
        year: i64,
        source: MergedSource,
        theirs: Option<&FromBelow>,
        ours: &KeptSelection,
        mine: &BTreeMap<String, Lists>,
    ) -> Result<Compared, NodeError> {
        let none = Lists::new();
        let mine = mine.get(&source.supervisor).unwrap_or(&none);
        let signed = theirs.and_then(|b| match b.witness.record.value() {
            Record::SelectionJudgement(j) => Some((b.leaf(), &**j)),
            _ => None,
        });
        let lists = match signed {
            // Under another text of the plan a rule of the same name may be another rule.
            Some((_, j)) if j.plan.digest == ours.judgement.plan.digest => self.lists_below(year, &source, j)?,
            _ => Lists::new(),
        };
        let readings = ours.judgement.readings.iter().map(|r| {
            let empty = BTreeSet::new();
            let mine = mine.get(&r.rule).unwrap_or(&empty);
            let alone = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
                let alone: Vec<&String> = a.difference(b).collect();
                (alone.len() as u64, alone.into_iter().take(COMPARED_MAX).cloned().collect())
            };
            ComparedReading {
                rule: r.rule.clone(),
                ours: mine.len() as u64,
                theirs: signed.and_then(|(_, j)| Some(j.readings.iter().find(|t| t.rule == r.rule)?.sums)),
                differs: lists
                    .get(&r.rule)
                    .map(|theirs| Differing { ours_alone: alone(mine, theirs), theirs_alone: alone(theirs, mine) }),
            }
        });
        let readings = readings.collect();
        Ok(Compared { selection: signed.map(|(leaf, j)| (leaf, j.as_of)), readings, source })
    }

    /// The lists of a province's selection, made again from its rows and the words that stand in it.
    fn lists_below(
        &self,
        year: i64,
        source: &MergedSource,
        judgement: &evidence::SelectionJudgement,
    ) -> Result<Lists, NodeError> {
        let Some((below, file)) = self.source_of_union(year, source)? else { return Ok(Lists::new()) };
        let Some(plan) = self.source_of(&judgement.plan)?.filter(|s| s.digest() == judgement.plan.digest) else {
            return Ok(Lists::new());
        };
        let plan = plan::check_kept(&plan).map_err(NodeError::Plan)?;
        let rows = SelectionRows::open(&below.witness, &file).map_err(NodeError::Internal)?;
        let codes = |list: Vec<u32>| -> BTreeSet<String> {
            list.iter().filter_map(|n| Some(rows.rows().get(*n as usize)?.uscc.to_string())).collect()
        };
        let lists = judge::restated(&plan, &rows, judgement);
        Ok(lists.into_iter().map(|(rule, list)| (rule, codes(list))).collect())
    }
}
