//! Targets from claims: amounts on every rung, denominators, groups, and a commitment to every counted member.

use super::claims::{Claim, Claims, claims};
use super::ground::Ground;
use super::input::{Closing, ProgressInput};
use crate::VERSION;
use crate::choose::doubt;
use evidence::{
    CellCount, ClosedPeriod, Digest, Doubt, Enterprise, GroupAmount, LateReport, ListRoot, MemberLine, NodeId,
    ProgressEvidence, ProgressJudgement, Record, RecordKind, Rung, RungAmount, Say, TargetProgress, Time,
    TogetherProgress, canonical, leaf_hash, merkle_root,
};
use plan::{CheckedPlan, Counter, Denominator, Target};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Most late reports that a closed period names; further ones are counted.
pub const LATE_MAX: usize = 10_000;

/// A judgement of progress, and the members behind each of its targets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progressed {
    /// The judgement.
    pub judgement: ProgressJudgement,
    /// One list a target, in the same order; each is what the target's `members` commits to.
    pub members: Vec<Vec<MemberLine>>,
}

/// Counts how far every target of the plan has come, as of an instant. The order of the input does not matter.
#[must_use]
pub fn progress(plan: &CheckedPlan, node: &NodeId, input: &ProgressInput<'_>, as_of: Time) -> Progressed {
    let ground = Ground::new(plan, input);
    let mut doubts = ground.doubts.clone();
    let mut known: BTreeMap<&str, Claims> = BTreeMap::new();
    let (mut targets, mut members) = (Vec::new(), Vec::new());
    for target in plan.targets() {
        let Some(counter) = plan.counter(&target.counter) else { continue };
        let told = known.entry(&counter.id).or_insert_with(|| claims(&ground, counter, as_of));
        if let Some(why) = &told.defect {
            let say = Say::new("doubt.progress-defect").with("counter", &counter.id).with("why", why);
            doubts.push(doubt(say, None));
        }
        let (progress, lines) = count(&ground, target, counter, told);
        targets.push(progress);
        members.push(lines);
    }
    let reporting = reporting(&ground, as_of);
    about(&ground, as_of, &mut doubts);
    doubts.sort();
    doubts.dedup();
    let judgement = ProgressJudgement {
        node: node.clone(),
        plan: plan.reference(),
        judge: VERSION.to_owned(),
        as_of,
        cites: cites(input, as_of),
        evidence: evidence(&ground, as_of, reporting),
        together: together(plan, &targets),
        targets,
        closed: input.closing.map(|c| closed(input, c, as_of)),
        doubts,
    };
    Progressed { judgement, members }
}

/// Records of this node's own log that were read.
fn cites(input: &ProgressInput<'_>, as_of: Time) -> Vec<(Digest, RecordKind)> {
    let mut out = BTreeSet::new();
    out.extend(input.registry.map(|r| (r.leaf(), RecordKind::Registry)));
    out.extend(input.selection.map(|w| (w.record.leaf(), RecordKind::SelectionJudgement)));
    let rolls = input.rolls.iter().filter(|r| r.roll().stated_at <= as_of);
    out.extend(rolls.map(|r| (r.leaf(), RecordKind::Roll)));
    out.extend(input.entries.iter().filter_map(|w| match w.record.value() {
        Record::ProgrammeEntry(e) if e.stated_at <= as_of => Some((w.record.leaf(), RecordKind::ProgrammeEntry)),
        _ => None,
    }));
    out.into_iter().collect()
}

/// Enterprises with at least one report that may count.
fn reporting(ground: &Ground<'_>, as_of: Time) -> u64 {
    let good = |a: &&super::ground::AtHand<'_>| {
        a.reports.iter().any(|r| r.0.received_at <= as_of && r.1 == super::ground::Standing::Good)
    };
    ground.at_hand.values().filter(good).count() as u64
}

fn about(ground: &Ground<'_>, as_of: Time, doubts: &mut Vec<Doubt>) {
    if let Some(r) = ground.input.registry.filter(|r| r.registry().stated_at > as_of) {
        let say = Say::new("doubt.after-as-of").with("kind", "registry").with("time", r.registry().stated_at);
        doubts.push(doubt(say, Some(r.leaf())));
    }
    let mut some = |key: &str, count: u64| {
        if count > 0 {
            doubts.push(doubt(Say::new(format!("doubt.{key}")).with("count", count), None));
        }
    };
    let reports = || ground.input.reports.iter().filter(|r| r.received_at <= as_of);
    some("progress-several-nodes", ground.shared(as_of));
    some("progress-own-times", reports().filter(|r| r.receipt.is_none()).count() as u64);
    some("progress-other-judge", reports().filter(|r| r.report().judge != VERSION).count() as u64);
    let strangers: usize = ground.strangers.iter().map(|s| s.iter().filter(|t| **t <= as_of).count()).sum();
    some("progress-not-in-registry", strangers as u64);
}

/// The line of a report in the commitment to all that were read.
#[derive(Serialize)]
struct ReportLine<'a> {
    child: &'a str,
    leaf: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Digest>,
    received_at: Time,
}
#[derive(Serialize)]
struct CountedLine<'a> {
    amount: u64,
    day: Time,
    id: &'a str,
    leaf: Digest,
    list: &'static str,
    rung: Rung,
    withdrawn: bool,
}
#[derive(Serialize)]
struct CheckLine<'a> {
    at: Time,
    held: bool,
    leaf: Digest,
    uscc: &'a str,
}

/// The commitment to lines: sorted, each once.
fn list_root<T: Serialize>(lines: impl Iterator<Item = T>) -> ListRoot {
    let mut lines: Vec<Vec<u8>> =
        lines.map(|l| canonical::to_vec(&l).expect("texts, integers and booleans can be written")).collect();
    lines.sort_unstable();
    lines.dedup();
    let hashes: Vec<Digest> = lines.iter().map(|l| leaf_hash(l)).collect();
    ListRoot { count: hashes.len() as u64, root: merkle_root(&hashes) }
}

fn evidence(ground: &Ground<'_>, as_of: Time, reporting: u64) -> ProgressEvidence {
    let input = ground.input;
    let horizon = input.closing.map_or(as_of, |c| c.at);
    let reports = input.reports.iter().filter(|r| r.received_at <= horizon);
    let lists =
        [("attendances", input.attendances), ("professionals", input.professionals), ("sessions", input.sessions)];
    let counted = lists.iter().flat_map(|(list, all)| all.iter().map(move |c| (*list, c)));
    ProgressEvidence {
        registry: input.registry.map(crate::SelectionRows::leaf),
        selection: input.selection.map(|w| w.record.leaf()),
        enterprises: ground.rows.len() as u64,
        above_size: ground.rows.iter().filter(|r| r.above && r.is_industrial()).count() as u64,
        reports: list_root(reports.map(|r| ReportLine {
            child: r.child.as_str(),
            leaf: r.leaf(),
            receipt: r.receipt,
            received_at: r.received_at,
        })),
        reporting,
        counted: list_root(counted.filter(|(_, c)| c.day <= as_of).map(|(list, c)| CountedLine {
            amount: c.amount,
            day: c.day,
            id: &c.id,
            leaf: c.leaf,
            list,
            rung: c.rung,
            withdrawn: c.withdrawn,
        })),
        checks: list_root(input.checks.iter().filter(|c| c.at <= as_of).map(|c| CheckLine {
            at: c.at,
            held: c.held,
            leaf: c.leaf,
            uscc: &c.uscc,
        })),
    }
}

/// Reports that came after the end of a period and are dated within it.
fn closed(input: &ProgressInput<'_>, closing: &Closing, as_of: Time) -> ClosedPeriod {
    let late = input.reports.iter().filter(|r| {
        let dated = r.report().as_of;
        r.received_at > as_of && r.received_at <= closing.at && dated >= closing.from && dated <= as_of
    });
    let mut late: Vec<LateReport> = late
        .map(|r| LateReport {
            received_at: r.received_at,
            dated: r.report().as_of,
            leaf: r.leaf(),
            uscc: r.report().uscc.clone(),
        })
        .collect();
    late.sort();
    late.dedup();
    let late_more = late.len().saturating_sub(LATE_MAX) as u64;
    late.truncate(LATE_MAX);
    ClosedPeriod { period: closing.period.clone(), from: closing.from, at: closing.at, late, late_more }
}

fn together(plan: &CheckedPlan, targets: &[TargetProgress]) -> Vec<TogetherProgress> {
    let mut out: BTreeMap<&str, TogetherProgress> = BTreeMap::new();
    for t in plan.targets() {
        let (Some(id), Some(progress)) = (&t.together, targets.iter().find(|p| p.target == t.id)) else { continue };
        let entry =
            out.entry(id).or_insert_with(|| TogetherProgress { id: id.clone(), targets: Vec::new(), reached: true });
        entry.targets.push(t.id.clone());
        entry.reached &= progress.reached;
    }
    out.into_values().collect()
}

pub(super) fn rung_index(rung: Rung) -> usize {
    Rung::ALL.iter().position(|r| *r == rung).unwrap_or(0)
}

/// Whether an amount reaches a target's bound.
pub(crate) fn reaches(target: &Target, amount: u64, of: Option<u64>) -> bool {
    let bound = u128::try_from(target.bound).unwrap_or(0);
    let (amount, bound) = match (target.unit == "percent", of) {
        (true, Some(of)) if of > 0 => (u128::from(amount) * 100, bound * u128::from(of)),
        (true, _) => return false,
        (false, _) => (u128::from(amount), bound),
    };
    if target.exclusive { amount > bound } else { amount >= bound }
}

fn count(ground: &Ground<'_>, target: &Target, counter: &Counter, told: &Claims) -> (TargetProgress, Vec<MemberLine>) {
    let mut own = [0_u64; 4];
    for c in &told.counted {
        if let Some(n) = own.get_mut(rung_index(c.rung)) {
            *n = n.saturating_add(c.amount);
        }
    }
    let at_least = |from: usize| own.iter().skip(from).fold(0_u64, |sum, n| sum.saturating_add(*n));
    let ladder: Vec<RungAmount> = Rung::ALL
        .iter()
        .enumerate()
        .map(|(n, rung)| RungAmount { rung: *rung, own: own.get(n).copied().unwrap_or(0), at_least: at_least(n) })
        .collect();
    let (mut left, mut fell) = (BTreeMap::new(), BTreeMap::new());
    for (_, why) in &told.left {
        *left.entry((*why).to_owned()).or_default() += 1;
    }
    for why in told.counted.iter().filter_map(|c| c.fell) {
        *fell.entry(why.to_owned()).or_default() += 1;
    }
    let of = counter.of.as_ref().map(|_| ground.members(counter).count() as u64);
    let held = told.counted.iter().filter(|c| c.checked == Some(true)).count() as u64;
    let lines: Vec<MemberLine> = told
        .counted
        .iter()
        .map(|c| MemberLine {
            amount: (c.amount != 1).then_some(c.amount),
            leaf: c.leaf,
            member: c.member.clone(),
            rung: c.rung,
        })
        .collect();
    let hashes: Vec<Digest> = lines.iter().map(|l| leaf_hash(&l.to_line())).collect();
    let progress = TargetProgress {
        target: target.id.clone(),
        counter: counter.id.clone(),
        reading_of: target.reading_of.clone(),
        bound: target.bound,
        exclusive: target.exclusive,
        unit: target.unit.clone(),
        due: target.due,
        rung_min: counter.rung_min,
        reached: reaches(target, at_least(rung_index(counter.rung_min)), of),
        ladder,
        of,
        cells: cells(ground, counter, &told.counted),
        checked: held + told.refuted.len() as u64,
        held,
        left,
        fell,
        by: groups(ground, counter, &told.counted),
        members: ListRoot { count: hashes.len() as u64, root: merkle_root(&hashes) },
    };
    (progress, lines)
}

/// The same targets by group of enterprises (the registry's column), by target. It is shown and stands in no judgement: groups there
/// may be as many as enterprises. Enterprises of no group are in none.
#[must_use]
pub fn progress_by_group(
    plan: &CheckedPlan,
    input: &ProgressInput<'_>,
    as_of: Time,
) -> BTreeMap<String, Vec<GroupAmount>> {
    let ground = Ground::new(plan, input);
    let mut out = BTreeMap::new();
    for target in plan.targets() {
        let Some(counter) = plan.counter(&target.counter) else { continue };
        let told = claims(&ground, counter, as_of);
        let mut by: BTreeMap<String, (u64, [u64; 4])> = BTreeMap::new();
        for (_, e) in ground.members(counter).filter(|(_, e)| !e.group.is_empty()) {
            by.entry(e.group.to_string()).or_default().0 += 1;
        }
        for c in &told.counted {
            let row = c.row.and_then(|n| ground.rows.get(n as usize));
            if let Some(e) = row.filter(|e| !e.group.is_empty()) {
                add(&mut by.entry(e.group.to_string()).or_default().1, c);
            }
        }
        let has_of = counter.of.is_some();
        let list = by.into_iter().map(|(group, (of, own))| GroupAmount { group, of: has_of.then_some(of), own });
        out.insert(target.id.clone(), list.collect());
    }
    out
}

/// The group of an enterprise.
pub(super) type GroupOf = fn(&Enterprise<'_>) -> String;
/// What enterprises are grouped by.
pub(super) const GROUPS: [(&str, GroupOf); 3] = [
    ("supervisor", |e| e.supervisor.to_string()),
    ("province", |e| e.province().to_owned()),
    ("industry", |e| e.division().to_owned()),
];

fn groups(ground: &Ground<'_>, counter: &Counter, counted: &[Claim]) -> BTreeMap<String, Vec<GroupAmount>> {
    let mut out = BTreeMap::new();
    if counted.iter().all(|c| c.row.is_none()) && counter.of.is_none() {
        let mut by: BTreeMap<String, [u64; 4]> = BTreeMap::new();
        for c in counted.iter().filter(|c| !c.industry.is_empty()) {
            add(by.entry(c.industry.clone()).or_default(), c);
        }
        if !by.is_empty() {
            let list = by.into_iter().map(|(group, own)| GroupAmount { group, of: None, own }).collect();
            out.insert("industry".to_owned(), list);
        }
        return out;
    }
    for (name, key) in GROUPS {
        let mut by: BTreeMap<String, (u64, [u64; 4])> = BTreeMap::new();
        for (_, e) in ground.members(counter) {
            by.entry(key(e)).or_default().0 += 1;
        }
        for c in counted {
            if let Some(e) = c.row.and_then(|n| ground.rows.get(n as usize)) {
                add(&mut by.entry(key(e)).or_default().1, c);
            }
        }
        let has_of = counter.of.is_some();
        let list = by.into_iter().map(|(group, (of, own))| GroupAmount { group, of: has_of.then_some(of), own });
        out.insert(name.to_owned(), list.collect());
    }
    out
}

fn add(own: &mut [u64; 4], claim: &Claim) {
    if let Some(n) = own.get_mut(rung_index(claim.rung)) {
        *n = n.saturating_add(claim.amount);
    }
}

/// Cells of a selection, and those of which every member counts on the rung that counts.
fn cells(ground: &Ground<'_>, counter: &Counter, counted: &[Claim]) -> Option<CellCount> {
    let Some(Denominator::Selected(rule)) = &counter.of else { return None };
    let per = &ground.tops.get(rule.as_str())?.per;
    let cell = |e: &Enterprise<'_>| -> Vec<String> {
        GROUPS.iter().filter(|(name, _)| per.iter().any(|p| p == name)).map(|(_, key)| key(e)).collect()
    };
    let mut open: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    for (_, e) in ground.members(counter) {
        *open.entry(cell(e)).or_default() += 1;
    }
    for c in counted.iter().filter(|c| c.rung >= counter.rung_min) {
        if let Some(e) = c.row.and_then(|n| ground.rows.get(n as usize)) {
            *open.entry(cell(e)).or_default() -= 1;
        }
    }
    Some(CellCount { cells: open.len() as u64, covered: open.values().filter(|n| **n == 0).count() as u64 })
}
