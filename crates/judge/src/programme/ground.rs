//! What does not change with time while progress is counted as of several instants: the registry with its groups and denominators, and
//! which evidence is about which enterprise.

use super::doubts::programme_doubts;
use super::input::{ProgressInput, ReceivedReport};
use crate::SelectionRows;
use crate::choose::doubt;
use evidence::{Doubt, Enterprise, Record, RollRow, Say, Time};
use plan::{CheckedPlan, Counter, Denominator};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a report may count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Good,
    Doubted,
    OtherPlan,
}

/// Whether a report may count under this plan.
pub(crate) fn judged(plan: &CheckedPlan, r: &ReceivedReport) -> Standing {
    let found = programme_doubts(r.report(), plan, Some(r.received_at));
    let of_plan = |d: &Doubt| d.say.key == "doubt.programme-plan";
    let foreign = r.report().node != r.child;
    if foreign || r.doubts.iter().chain(&found).any(|d| !of_plan(d)) {
        Standing::Doubted
    } else if found.iter().any(of_plan) {
        Standing::OtherPlan
    } else {
        // A plan that was another on arrival and is this one now is no fault.
        Standing::Good
    }
}

/// What is at hand about one enterprise.
#[derive(Default)]
pub(crate) struct AtHand<'a> {
    /// Reports, the oldest first.
    pub(crate) reports: Vec<(&'a ReceivedReport, Standing)>,
    /// Returns with the instant that their roll was stated, the oldest day first.
    pub(crate) returns: Vec<OfRoll<'a>>,
    /// Rows of publicity, likewise.
    pub(crate) publicity: Vec<OfRoll<'a>>,
}

/// A row of a roll.
#[derive(Clone, Copy)]
pub(crate) struct OfRoll<'a> {
    pub(crate) row: &'a RollRow,
    /// The day that it is of.
    pub(crate) day: Time,
    pub(crate) stated_at: Time,
    pub(crate) leaf: evidence::Digest,
}

/// Enterprises of one rule of selection.
pub(crate) struct Top {
    pub(crate) inside: Vec<bool>,
    pub(crate) per: Vec<String>,
}

pub(crate) struct Ground<'a> {
    pub(crate) plan: &'a CheckedPlan,
    pub(crate) input: &'a ProgressInput<'a>,
    pub(crate) rows: &'a [Enterprise<'a>],
    pub(crate) tops: BTreeMap<&'a str, Top>,
    pub(crate) at_hand: BTreeMap<u32, AtHand<'a>>,
    /// Reports, returns and rows of publicity about enterprises that the registry does not have, with when they came.
    pub(crate) strangers: [Vec<Time>; 3],
    /// Re-observations by enterprise, the oldest first.
    pub(crate) checks: BTreeMap<u32, Vec<(Time, bool)>>,
    pub(crate) doubts: Vec<Doubt>,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(plan: &'a CheckedPlan, input: &'a ProgressInput<'a>) -> Self {
        let mut ground = Self::of_registry(plan, input);
        ground.gather();
        ground
    }

    /// The registry alone, with the top of every rule of selection.
    pub(crate) fn of_registry(plan: &'a CheckedPlan, input: &'a ProgressInput<'a>) -> Self {
        let mut ground = Self::bare(plan, input, input.registry.map_or(&[][..], SelectionRows::rows));
        ground.select();
        ground
    }

    /// Some rows, with the tops of these.
    pub(crate) fn of_some(
        plan: &'a CheckedPlan,
        rows: &'a [Enterprise<'a>],
        tops: &BTreeMap<String, Vec<bool>>,
        input: &'a ProgressInput<'a>,
    ) -> Self {
        let mut ground = Self::bare(plan, input, rows);
        for rule in plan.selection() {
            if let Some(inside) = tops.get(&rule.id) {
                ground.tops.insert(&rule.id, Top { inside: inside.clone(), per: rule.per.clone() });
            }
        }
        ground.gather();
        ground
    }

    fn bare(plan: &'a CheckedPlan, input: &'a ProgressInput<'a>, rows: &'a [Enterprise<'a>]) -> Self {
        Self {
            plan,
            input,
            rows,
            tops: BTreeMap::new(),
            at_hand: BTreeMap::new(),
            strangers: [Vec::new(), Vec::new(), Vec::new()],
            checks: BTreeMap::new(),
            doubts: Vec::new(),
        }
    }

    fn gather(&mut self) {
        self.reports();
        self.rolls();
        let mut checks: Vec<_> = self.input.checks.iter().collect();
        checks.sort();
        for c in checks {
            if let Some(row) = self.row(&c.uscc) {
                self.checks.entry(row).or_default().push((c.at, c.held));
            }
        }
        self.checks.values_mut().for_each(|c| c.sort_unstable());
    }

    pub(crate) fn row(&self, uscc: &str) -> Option<u32> {
        self.rows.binary_search_by(|r| r.uscc.as_ref().cmp(uscc)).ok().and_then(|n| u32::try_from(n).ok())
    }

    /// The top of every rule, whatever a person says of it: that is what the coverage targets ask for. It must be the one that was signed.
    fn select(&mut self) {
        let Some(registry) = self.input.registry else {
            self.doubts.push(doubt(Say::new("doubt.progress-no-registry"), None));
            return;
        };
        let signed = self.input.selection.and_then(|w| match w.record.value() {
            Record::SelectionJudgement(j) => Some((w.record.leaf(), &**j)),
            _ => None,
        });
        if signed.is_none() {
            self.doubts.push(doubt(Say::new("doubt.progress-no-selection"), None));
        }
        let made = crate::selection(self.plan, registry, &[], signed.map_or(Time::from_secs(0), |s| s.1.as_of));
        for (reading, list) in made.judgement.readings.iter().zip(&made.lists) {
            let Some(rule) = self.plan.selection().iter().find(|s| s.id == reading.rule) else { continue };
            let mut inside = vec![false; self.rows.len()];
            for n in list {
                if let Some(is_in) = inside.get_mut(*n as usize) {
                    *is_in = true;
                }
            }
            self.tops.insert(&rule.id, Top { inside, per: reading.per.clone() });
            let Some((leaf, judgement)) = signed else { continue };
            let same = |r: &&evidence::SelectionReading| {
                r.rule == rule.id
                    && (r.sums.enterprises, r.sums.share, r.sums.top)
                        == (reading.sums.enterprises, reading.sums.share, reading.sums.top)
            };
            match judgement.readings.iter().find(same).filter(|_| judgement.snapshot == registry.leaf()) {
                None => {
                    let say = Say::new("doubt.progress-selection-differs").with("rule", &rule.id);
                    self.doubts.push(doubt(say, Some(leaf)));
                }
                Some(r) if r.sums.removed > 0 => {
                    let say = Say::new("doubt.progress-removed").with("rule", &rule.id).with("count", r.sums.removed);
                    self.doubts.push(doubt(say, Some(leaf)));
                }
                Some(_) => {}
            }
        }
    }

    fn reports(&mut self) {
        let mut sorted: Vec<&ReceivedReport> = self.input.reports.iter().collect();
        sorted.sort_by_key(|r| (r.report().as_of, r.leaf(), r.received_at));
        sorted.dedup_by_key(|r| r.leaf());
        for r in sorted {
            let Some(row) = self.row(&r.report().uscc) else {
                self.strangers[0].push(r.received_at);
                continue;
            };
            let standing = judged(self.plan, r);
            self.at_hand.entry(row).or_default().reports.push((r, standing));
        }
    }

    fn rolls(&mut self) {
        let mut rolls: Vec<_> = self.input.rolls.iter().collect();
        rolls.sort_by_key(|r| (r.roll().stated_at, r.leaf()));
        rolls.dedup_by_key(|r| r.leaf());
        for roll in rolls {
            let (stated_at, leaf) = (roll.roll().stated_at, roll.leaf());
            let publicity = match roll.roll().of.as_str() {
                "publicity" => true,
                "returns" => false,
                // Who was asked has not answered by that.
                _ => continue,
            };
            for row in roll.rows() {
                let Some(n) = self.row(&row.uscc) else {
                    self.strangers[if publicity { 2 } else { 1 }].push(stated_at);
                    continue;
                };
                let of = OfRoll { row, day: row.day.unwrap_or(stated_at), stated_at, leaf };
                let at_hand = self.at_hand.entry(n).or_default();
                let list = if publicity { &mut at_hand.publicity } else { &mut at_hand.returns };
                list.push(of);
            }
        }
        for a in self.at_hand.values_mut() {
            a.returns.sort_by_key(|r| (r.day, r.stated_at, r.leaf));
            a.publicity.sort_by_key(|r| (r.day, r.stated_at, r.leaf));
        }
    }

    /// Whether an enterprise is of a counter's denominator; all are of none.
    pub(crate) fn is_in(&self, counter: &Counter, row: u32) -> bool {
        match &counter.of {
            None => true,
            Some(Denominator::AboveSize) => self.rows.get(row as usize).is_some_and(|r| r.above && r.is_industrial()),
            Some(Denominator::Selected(rule)) => {
                self.tops.get(rule.as_str()).and_then(|t| t.inside.get(row as usize)).copied().unwrap_or(false)
            }
        }
    }

    /// Every enterprise of a counter's denominator; of none, nobody.
    pub(crate) fn members<'s>(&'s self, counter: &'s Counter) -> impl Iterator<Item = (u32, &'s Enterprise<'a>)> {
        let any = counter.of.is_some();
        (0_u32..).zip(self.rows).filter(move |(n, _)| any && self.is_in(counter, *n))
    }

    /// How many enterprises are of several nodes, as of an instant.
    pub(crate) fn shared(&self, at: Time) -> u64 {
        let several = |a: &&AtHand<'_>| {
            let nodes = a.reports.iter().filter(|r| r.0.received_at <= at).map(|r| &r.0.child);
            nodes.collect::<BTreeSet<_>>().len() > 1
        };
        self.at_hand.values().filter(several).count() as u64
    }
}
