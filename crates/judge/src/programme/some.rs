//! Progress for whoever keeps what was counted (`docs/specs/pages-v1.md` §5): what counts of some enterprises, until when that holds,
//! and targets from sums of it.
//!
//! The claims are those of `claims`; the targets are put together from sums as `progress` does from members. A sum cannot be proved: who
//! must show members counts from records.

use super::claims::claims;
use super::ground::{Ground, Standing};
use super::input::ProgressInput;
use super::progress::{GROUPS, reaches, rung_index};
use crate::VERSION;
use crate::oversight::{Changes, computes_with_now, next_day};
use evidence::{CellCount, Enterprise, GroupAmount, Rung, RungAmount, TargetProgress, Time};
use plan::{CheckedPlan, CountSource, Counter, Denominator};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// What one counter makes of one enterprise.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct KeptClaim {
    /// It counts, on this rung.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rung: Option<Rung>,
    /// It says more than it counts for: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fell: Option<String>,
    /// It counts, and a re-observation held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// A re-observation did not hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuted: bool,
    /// Why the rest of what is at hand does not count; a reason as often as it stands for something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// What is counted of one enterprise.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct EnterpriseClaims {
    /// It has a report that may count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reporting: bool,
    /// Doubts about numbers, by key, as often as something of it is behind them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub doubts: BTreeMap<String, u64>,
    /// By counter; of counters that it has nothing for, nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by: BTreeMap<String, KeptClaim>,
}

/// What is counted of some enterprises.
#[derive(Clone, Debug)]
pub struct SomeClaims {
    /// One a row, in the same order.
    pub rows: Vec<EnterpriseClaims>,
    /// The earliest instant to come at which it can change although nothing arrives, one a row.
    pub changes: Vec<Option<Time>>,
    /// Of enterprises that the registry does not have, together.
    pub strangers: EnterpriseClaims,
}

/// Where sums are: supervisor, province, division; of what has no row, nowhere.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct SumsPlace {
    /// One of the 37.
    pub supervisor: String,
    /// Two digits.
    pub province: String,
    /// Letter and two digits.
    pub division: String,
}
impl SumsPlace {
    /// The place of a row.
    #[must_use]
    pub fn of(row: &Enterprise<'_>) -> Self {
        let [supervisor, province, division] = GROUPS.map(|(_, key)| key(row));
        Self { supervisor, province, division }
    }
    fn group(&self, name: &str) -> &str {
        match name {
            "supervisor" => &self.supervisor,
            "province" => &self.province,
            _ => &self.division,
        }
    }
}

/// Sums of one counter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CounterSums {
    /// Enterprises that count, by place and rung.
    pub counted: BTreeMap<(SumsPlace, Rung), u64>,
    /// Members of the denominator, by place.
    pub members: BTreeMap<SumsPlace, u64>,
    /// What does not count, by reason.
    pub left: BTreeMap<String, u64>,
    /// What fell, by reason.
    pub fell: BTreeMap<String, u64>,
    /// Counted ones whose re-observation held.
    pub held: u64,
    /// Those whose re-observation did not.
    pub refuted: u64,
}

/// How one target stands, as sums say it: [`TargetProgress`] without the commitment to its members.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of `evidence::TargetProgress`")]
pub struct TargetShown {
    pub target: String,
    pub counter: String,
    pub reading_of: Option<String>,
    pub bound: i64,
    pub exclusive: bool,
    pub unit: String,
    pub due: Time,
    pub rung_min: Rung,
    pub ladder: Vec<RungAmount>,
    pub of: Option<u64>,
    pub reached: bool,
    pub cells: Option<CellCount>,
    pub checked: u64,
    pub held: u64,
    pub left: BTreeMap<String, u64>,
    pub fell: BTreeMap<String, u64>,
    pub by: BTreeMap<String, Vec<GroupAmount>>,
}
impl From<&TargetProgress> for TargetShown {
    fn from(t: &TargetProgress) -> Self {
        let t = t.clone();
        Self {
            target: t.target,
            counter: t.counter,
            reading_of: t.reading_of,
            bound: t.bound,
            exclusive: t.exclusive,
            unit: t.unit,
            due: t.due,
            rung_min: t.rung_min,
            ladder: t.ladder,
            of: t.of,
            reached: t.reached,
            cells: t.cells,
            checked: t.checked,
            held: t.held,
            left: t.left,
            fell: t.fell,
            by: t.by,
        }
    }
}

fn counts_enterprises(counter: &Counter) -> bool {
    matches!(counter.from, CountSource::Report | CountSource::Publicity)
}

/// The top of every rule of selection, whatever people say of it: by rule, whether each row is in it.
#[must_use]
pub fn tops(plan: &CheckedPlan, input: &ProgressInput<'_>) -> (BTreeMap<String, Vec<bool>>, Vec<evidence::Doubt>) {
    let ground = Ground::of_registry(plan, input);
    let inside = ground.tops.iter().map(|(rule, top)| ((*rule).to_owned(), top.inside.clone()));
    (inside.collect(), ground.doubts.clone())
}

/// What every counter over enterprises makes of some rows of the registry. `tops` are of these rows; of the input, reports, rolls and
/// checks are read. Everything about these enterprises must be handed in, and of enterprises that the registry does not have
/// everything that is about them.
#[must_use]
pub fn some_claims(
    plan: &CheckedPlan,
    rows: &[Enterprise<'_>],
    tops: &BTreeMap<String, Vec<bool>>,
    input: &ProgressInput<'_>,
    as_of: Time,
) -> SomeClaims {
    let ground = Ground::of_some(plan, rows, tops, input);
    let mut out = SomeClaims {
        rows: vec![EnterpriseClaims::default(); rows.len()],
        changes: vec![None; rows.len()],
        strangers: EnterpriseClaims::default(),
    };
    for counter in plan.counters().iter().filter(|c| counts_enterprises(c)) {
        let told = claims(&ground, counter, as_of);
        for c in &told.counted {
            if let Some(of) = c.row.and_then(|n| out.rows.get_mut(n as usize)) {
                let claim = of.by.entry(counter.id.clone()).or_default();
                claim.rung = Some(c.rung);
                claim.fell = c.fell.map(str::to_owned);
                claim.held = c.checked == Some(true);
            }
        }
        for (row, why) in &told.left {
            let of = match row {
                Some(n) => out.rows.get_mut(*n as usize),
                None => Some(&mut out.strangers),
            };
            if let Some(of) = of {
                of.by.entry(counter.id.clone()).or_default().left.push((*why).to_owned());
            }
        }
        for n in &told.refuted {
            if let Some(of) = out.rows.get_mut(*n as usize) {
                of.by.entry(counter.id.clone()).or_default().refuted = true;
            }
        }
    }
    for (n, at_hand) in &ground.at_hand {
        let Some(of) = out.rows.get_mut(*n as usize) else { continue };
        let here = || at_hand.reports.iter().filter(|r| r.0.received_at <= as_of);
        of.reporting = here().any(|r| r.1 == Standing::Good);
        let nodes: BTreeSet<_> = here().map(|r| &r.0.child).collect();
        about(of, here().map(|r| r.0));
        if nodes.len() > 1 {
            of.doubts.insert("progress-several-nodes".to_owned(), 1);
        }
        if let Some(at) = out.changes.get_mut(*n as usize) {
            *at = changes(&ground, at_hand, as_of);
        }
    }
    let unknown = input.reports.iter().filter(|r| r.received_at <= as_of && ground.row(&r.report().uscc).is_none());
    about(&mut out.strangers, unknown);
    let strangers: usize = ground.strangers.iter().map(|s| s.iter().filter(|t| **t <= as_of).count()).sum();
    if strangers > 0 {
        out.strangers.doubts.insert("progress-not-in-registry".to_owned(), strangers as u64);
    }
    out
}

fn about<'a>(of: &mut EnterpriseClaims, reports: impl Iterator<Item = &'a super::input::ReceivedReport>) {
    for r in reports {
        if r.receipt.is_none() {
            *of.doubts.entry("progress-own-times".to_owned()).or_default() += 1;
        }
        if r.report().judge != VERSION {
            *of.doubts.entry("progress-other-judge".to_owned()).or_default() += 1;
        }
    }
}

/// When the claims of an enterprise can change next by time alone.
fn changes(ground: &Ground<'_>, at_hand: &super::ground::AtHand<'_>, as_of: Time) -> Option<Time> {
    let mut at = Changes { as_of, next: None };
    let plus = |t: Time, millis: i64| Time::from_millis(t.millis().saturating_add(millis));
    let dated = |r: &super::ground::OfRoll<'_>| [r.day, r.stated_at].into_iter().chain(r.row.filed).chain(r.row.day);
    for (r, _) in &at_hand.reports {
        at.on(r.received_at);
    }
    for r in at_hand.returns.iter().chain(&at_hand.publicity) {
        dated(r).for_each(|t| at.on(t));
    }
    for counter in ground.plan.counters().iter().filter(|c| counts_enterprises(c)) {
        if computes_with_now(counter.when.text()) {
            at.on(next_day(as_of));
        }
        let Some(days) = counter.valid_days else { continue };
        let end = |t: Time| plus(t, days.saturating_mul(DAY_MILLIS).saturating_add(1));
        for (r, _) in &at_hand.reports {
            at.on(end(r.report().as_of));
        }
        for r in at_hand.returns.iter().chain(&at_hand.publicity) {
            at.on(end(r.day));
        }
    }
    // A condition may compare the clock with a day that a report names.
    for (r, _) in &at_hand.reports {
        let report = r.report();
        let catalogue = report.catalogue.as_ref();
        let named = [Some(report.as_of), catalogue.map(|c| c.as_of), catalogue.and_then(|c| c.filed)];
        named.into_iter().flatten().chain(report.drills.as_ref().map(|d| d.newest)).for_each(|t| at.on(t));
    }
    at.next
}

/// Every target, put together from sums of its counter; those over anything but enterprises as `things` has them, which are a judgement
/// without registry and reports. `registry`: there is one, so that rules of selection have cells.
#[must_use]
pub fn targets_from_sums(
    plan: &CheckedPlan,
    sums: &BTreeMap<String, CounterSums>,
    things: &[TargetProgress],
    registry: bool,
) -> Vec<TargetShown> {
    let none = CounterSums::default();
    let targets = plan.targets().iter().filter_map(|target| {
        let counter = plan.counter(&target.counter)?;
        if !counts_enterprises(counter) {
            return things.iter().find(|t| t.target == target.id).map(TargetShown::from);
        }
        let sums = sums.get(&counter.id).unwrap_or(&none);
        let mut own = [0_u64; 4];
        for ((_, rung), n) in &sums.counted {
            own[rung_index(*rung)] += n;
        }
        let at_least = |from: usize| own.iter().skip(from).sum::<u64>();
        let of = counter.of.as_ref().map(|_| sums.members.values().sum());
        let rung = |(n, rung): (usize, &Rung)| RungAmount { rung: *rung, own: own[n], at_least: at_least(n) };
        Some(TargetShown {
            target: target.id.clone(),
            counter: counter.id.clone(),
            reading_of: target.reading_of.clone(),
            bound: target.bound,
            exclusive: target.exclusive,
            unit: target.unit.clone(),
            due: target.due,
            rung_min: counter.rung_min,
            ladder: Rung::ALL.iter().enumerate().map(rung).collect(),
            of,
            reached: reaches(target, at_least(rung_index(counter.rung_min)), of),
            cells: cells(plan, counter, sums).filter(|_| registry),
            checked: sums.held + sums.refuted,
            held: sums.held,
            left: sums.left.clone(),
            fell: sums.fell.clone(),
            by: groups(counter, sums),
        })
    });
    targets.collect()
}

fn groups(counter: &Counter, sums: &CounterSums) -> BTreeMap<String, Vec<GroupAmount>> {
    let mut out = BTreeMap::new();
    let has_of = counter.of.is_some();
    if !has_of && sums.counted.values().all(|n| *n == 0) {
        return out;
    }
    for (name, _) in GROUPS {
        let mut by: BTreeMap<&str, (u64, [u64; 4])> = BTreeMap::new();
        for (place, n) in sums.members.iter().filter(|m| has_of && *m.1 > 0) {
            by.entry(place.group(name)).or_default().0 += n;
        }
        for ((place, rung), n) in sums.counted.iter().filter(|c| *c.1 > 0) {
            by.entry(place.group(name)).or_default().1[rung_index(*rung)] += n;
        }
        let amount =
            |(group, (of, own)): (&str, _)| GroupAmount { group: group.to_owned(), of: has_of.then_some(of), own };
        out.insert(name.to_owned(), by.into_iter().map(amount).collect());
    }
    out
}

fn cells(plan: &CheckedPlan, counter: &Counter, sums: &CounterSums) -> Option<CellCount> {
    let Some(Denominator::Selected(rule)) = &counter.of else { return None };
    let per = &plan.selection().iter().find(|s| s.id == *rule)?.per;
    let cell = |place: &SumsPlace| -> Vec<String> {
        let names = GROUPS.iter().filter(|(name, _)| per.iter().any(|p| p == name));
        names.map(|(name, _)| place.group(name).to_owned()).collect()
    };
    let mut open: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    for (place, n) in sums.members.iter().filter(|m| *m.1 > 0) {
        *open.entry(cell(place)).or_default() += signed(*n);
    }
    for ((place, rung), n) in sums.counted.iter().filter(|c| *c.1 > 0) {
        if *rung >= counter.rung_min {
            *open.entry(cell(place)).or_default() -= signed(*n);
        }
    }
    Some(CellCount { cells: open.len() as u64, covered: open.values().filter(|n| **n == 0).count() as u64 })
}
