//! Some enterprises are judged again, over everything that is held of them, and what is kept of them changes by the difference.

use super::intake::Fetch;
use super::sums::{contributions, place_of};
use super::{json, kind};
use crate::federation::{in_parallel, judged_again, open_under};
use crate::{Node, NodeError};
use evidence::{Digest, Doubt, Enterprise, NodeId, NodeRole, Part, Roll, RollRow, Time};
use judge::{
    EnterpriseClaims, EnterpriseState, Oversight, OversightInput, ProgressInput, ReceivedReport, Reobserved, RollRows,
    SomeRows, some_claims,
};
use plan::CheckedPlan;
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};
use store::{EnterpriseLine, HeldLine, MatterLine, Mirror, PageTables, ReadTable, TallyKey};

/// Rows that are judged at once.
pub(super) const CHUNK: usize = 2048;
/// Weeks before now that are counted when all is made anew.
pub(super) const WEEKS: usize = 8;
const WEEK_MILLIS: i64 = 7 * 86_400_000;
/// Behind every code.
pub(super) const LAST: &str = "\u{10ffff}";

/// What is the same for all enterprises of one following.
pub(super) struct Bench<'a> {
    pub(super) node: &'a Node,
    pub(super) plan: &'a CheckedPlan,
    pub(super) mirror: Option<&'a Mirror>,
    pub(super) part: Option<Part>,
    pub(super) registry: Option<Digest>,
    /// Leaf of the selection that holds.
    pub(super) selection: Option<Digest>,
    /// Rules of selection that the plan has and whose top is known.
    pub(super) rules: BTreeSet<String>,
    pub(super) rolls: BTreeMap<Digest, Roll>,
    pub(super) as_of: Time,
    /// All is made anew.
    pub(super) bulk: bool,
    pub(super) totals: BTreeMap<(i64, String), i64>,
    pub(super) tally: BTreeMap<TallyKey, i64>,
    /// Of earlier weeks, when all is made anew: by counter, the oldest last.
    pub(super) weeks: BTreeMap<String, [u64; WEEKS]>,
    pub(super) judged: u64,
}

/// What all rows say of one enterprise.
#[derive(Clone, Copy, Default)]
pub(super) struct Mark {
    pub(super) selected: Option<bool>,
    pub(super) tops: i64,
}

/// Records of some enterprises, verified.
#[derive(Default)]
struct Records {
    members: Vec<Witness>,
    orders: Vec<Witness>,
    equivocations: Vec<Witness>,
    reports: Vec<ReceivedReport>,
    rolls: Vec<RollRows>,
    openings: Vec<Reobserved>,
    checks: Vec<Reobserved>,
    /// Codes that anything is held or told about.
    codes: BTreeSet<String>,
}

impl Bench<'_> {
    /// Judges rows of the registry and whatever else has a code in the ranges. Rows ascend.
    pub(super) fn judge(
        &mut self,
        tables: &mut PageTables,
        rows: &[Enterprise<'_>],
        marks: &[Mark],
        ranges: &[(String, String)],
    ) -> Result<(), NodeError> {
        let records = self.records(tables, ranges)?;
        let (part, plan) = (self.part.clone(), self.plan);
        let selected = self.selection.map(|leaf| (marks.iter().map(|m| m.selected == Some(true)).collect(), leaf));
        let some = SomeRows { registry: self.registry, rows, selected };
        let input = OversightInput {
            part: part.as_ref(),
            members: &records.members,
            reports: &records.reports,
            rolls: &records.rolls,
            orders: &records.orders,
            openings: &records.openings,
            checks: &records.checks,
            equivocations: &records.equivocations,
            ..OversightInput::default()
        };
        let oversight = Oversight::of_some(plan, some, &input, self.as_of);
        let progress = ProgressInput {
            reports: &records.reports,
            rolls: &records.rolls,
            checks: &records.checks,
            ..ProgressInput::default()
        };
        let tops = self.tops(marks);
        let claims = some_claims(self.plan, rows, &tops, &progress, self.as_of);
        if self.bulk {
            self.count_weeks(rows, &tops, &progress);
        }
        let mut lines = Vec::new();
        for (n, row) in rows.iter().enumerate() {
            let mark = marks.get(n).copied().unwrap_or_default();
            let told = claims.rows.get(n).cloned().unwrap_or_default();
            let due = claims.changes.get(n).copied().flatten();
            let bare = !records.codes.contains(row.uscc.as_ref());
            let line = self.line(&oversight, Whose::Row(row, mark), (told, due), bare, tables)?;
            self.keep(tables, line, &mut lines)?;
        }
        // Whom the registry does not have: each alone, so that its part of the sums is known.
        for code in records.codes.iter().filter(|c| !has(rows, c)) {
            let reports: Vec<_> = records.reports.iter().filter(|r| r.report().uscc == **code).cloned().collect();
            let of = |r: &RollRows| r.rows().iter().filter(|row| row.uscc == **code).cloned().collect::<Vec<_>>();
            let rolls: Vec<_> =
                records.rolls.iter().map(|r| RollRows::some(r.leaf(), r.roll().clone(), of(r))).collect();
            let input = ProgressInput { reports: &reports, rolls: &rolls, ..ProgressInput::default() };
            let told = some_claims(self.plan, &[], &BTreeMap::new(), &input, self.as_of).strangers;
            let to_come = reports.iter().map(|r| r.received_at).chain(rolls.iter().map(|r| r.roll().stated_at));
            let due = to_come.filter(|t| *t > self.as_of).min();
            let line = self.line(&oversight, Whose::Stranger(code), (told, due), false, tables)?;
            self.keep(tables, line, &mut lines)?;
        }
        if self.bulk {
            tables.put_all(&lines)?;
        }
        Ok(())
    }

    fn tops(&self, marks: &[Mark]) -> BTreeMap<String, Vec<bool>> {
        let rules = self.plan.selection().iter().zip(0_u32..).filter(|(r, _)| self.rules.contains(&r.id));
        let bit = |n: u32| marks.iter().map(|m| m.tops.checked_shr(n).unwrap_or(0) & 1 == 1).collect();
        rules.map(|(r, n)| (r.id.clone(), bit(n))).collect()
    }

    /// The same rows as of earlier weeks, for the beginning of the series.
    fn count_weeks(&mut self, rows: &[Enterprise<'_>], tops: &BTreeMap<String, Vec<bool>>, input: &ProgressInput<'_>) {
        if input.reports.is_empty() && input.rolls.is_empty() {
            return;
        }
        for back in 0..WEEKS {
            let at = week_before(self.as_of, back);
            for of in some_claims(self.plan, rows, tops, input, at).rows {
                for (counter, claim) in of.by {
                    let min = self.plan.counter(&counter).map(|c| c.rung_min);
                    if claim.rung.zip(min).is_some_and(|(rung, min)| rung >= min) {
                        self.weeks.entry(counter).or_default()[back] += 1;
                    }
                }
            }
        }
    }

    /// What is kept of an enterprise; none: nothing names it.
    fn line(
        &self,
        oversight: &Oversight<'_>,
        whose: Whose<'_>,
        (claims, due): (EnterpriseClaims, Option<Time>),
        bare: bool,
        tables: &mut PageTables,
    ) -> Result<Kept, NodeError> {
        let code = match whose {
            Whose::Row(row, _) => row.uscc.as_ref(),
            Whose::Stranger(code) => code,
        };
        let told = if claims == EnterpriseClaims::default() { String::new() } else { json(&claims) };
        let mut line = EnterpriseLine { code: code.to_owned(), claims: told, ..EnterpriseLine::default() };
        if let Whose::Row(row, mark) = whose {
            line.name = row.name.to_string();
            line.area = row.area.to_string();
            line.supervisor = row.supervisor.to_string();
            line.industry = row.industry.to_string();
            line.group = row.group.to_string();
            line.listed = true;
            line.above = row.above && row.is_industrial();
            line.selected = self.selection.and(mark.selected);
            line.tops = mark.tops;
        }
        let next = if bare { oversight.daily() } else { oversight.changes(code) };
        let next = next.into_iter().chain(due).min();
        line.due = next.map(Time::millis);
        let (Some(s), Some(state)) = (oversight.standing(code), oversight.state(code)) else {
            // Not this node's to see, but it may count.
            let counts = line.listed || !line.claims.is_empty();
            return Ok(Kept { code: line.code.clone(), line: counts.then_some(line), life: None, matters: Vec::new() });
        };
        let mut life = oversight.life(code).unwrap_or_default();
        let id = self.node.id();
        line.seen = true;
        (line.name, line.area, line.supervisor) = (s.name, s.area, s.supervisor);
        (line.industry, line.group) = (s.industry, s.group);
        line.member = life.members.iter().any(|m| m.by == id);
        line.selected = s.selected;
        line.enrolled = s.enrolled;
        line.report_at = s.report.map(|r| r.0.millis());
        line.report_leaf = s.report.map(|r| r.1);
        (line.most, line.least) = (s.most, s.least);
        line.orders = s.orders;
        line.measures = s.measures;
        line.measured = !life.orders.is_empty() || s.measures.is_some_and(|m| m.0 > 0 || m.2 > 0);
        line.state = EnterpriseState::ALL.iter().position(|a| *a == state).map_or(0, |n| i64::try_from(n).unwrap_or(0));
        if !s.reasons.is_empty() {
            line.reasons = json(&s.reasons);
            if bare {
                // Of whom nothing is held, many have the same reasons.
                let id = Digest::of(line.reasons.as_bytes()).hex();
                let id = id.get(..32).unwrap_or(&id);
                tables.share(id, &line.reasons)?;
                line.reasons = format!("@{id}");
            }
        }
        let matters = std::mem::take(&mut life.matters);
        let matters = matters.iter().map(|m| super::matter_line(code, m)).collect();
        let silent = life == judge::Life { return_state: "not-asked".to_owned(), ..judge::Life::default() };
        let life = (!silent).then(|| json(&life));
        Ok(Kept { code: line.code.clone(), line: Some(line), life, matters })
    }

    fn keep(&mut self, tables: &mut PageTables, kept: Kept, lines: &mut Vec<EnterpriseLine>) -> Result<(), NodeError> {
        self.judged += 1;
        let Kept { code, line, life, matters } = kept;
        let old = tables.line(&code)?;
        for (line, sign) in [(old.as_ref(), -1), (line.as_ref(), 1)] {
            let Some(line) = line else { continue };
            for (key, n) in contributions(self.plan, &self.rules, line, &place_of(line)) {
                *self.tally.entry(key).or_default() += sign * n;
            }
        }
        if self.bulk {
            let mut none = BTreeMap::new();
            if life.is_some() {
                tables.set_life(&code, life.as_deref())?;
            }
            tables.set_matters((&code, None, line.as_ref()), &matters, &mut none)?;
            lines.extend(line);
            return Ok(());
        }
        tables.set_matters((&code, old.as_ref(), line.as_ref()), &matters, &mut self.totals)?;
        tables.set_life(&code, life.as_deref())?;
        tables.put(old.as_ref(), line.as_ref(), &mut self.totals)?;
        Ok(())
    }

    fn records(&self, tables: &mut PageTables, ranges: &[(String, String)]) -> Result<Records, NodeError> {
        let mut out = Records::default();
        let mut fetch = Fetch::new(self.node, self.mirror);
        let (mut children, mut orders) = (BTreeSet::new(), BTreeSet::new());
        let mut told: BTreeMap<Digest, Vec<RollRow>> = BTreeMap::new();
        for (from, to) in ranges {
            let mut reports = Vec::new();
            for h in tables.held_between(from, to)? {
                out.codes.insert(h.code.clone());
                match h.kind {
                    kind::REPORT => reports.push(h),
                    kind::MEMBER => drop(children.insert(h.subject)),
                    kind::ORDER => drop(orders.insert(h.subject)),
                    _ => {}
                }
            }
            out.reports.extend(self.reports(&mut fetch, reports)?);
            for (leaf, line) in tables.told_between(from, to)? {
                let row: RollRow = serde_json::from_str(&line).map_err(|e| NodeError::Internal(e.to_string()))?;
                out.codes.insert(row.uscc.clone());
                told.entry(leaf).or_default().push(row);
            }
            for c in tables.checked(from, to)? {
                let list = if c.kind == 0 { &mut out.openings } else { &mut out.checks };
                out.codes.insert(c.code.clone());
                list.push(Reobserved { uscc: c.code, at: Time::from_millis(c.at), leaf: c.leaf, held: c.held });
            }
        }
        for child in &children {
            for h in tables.held_about(child, kind::MEMBER)? {
                out.members.push(fetch.witness(&h)?);
            }
            for h in tables.held_about(child, kind::EQUIVOCATION)? {
                out.equivocations.push(fetch.witness(&h)?);
            }
        }
        for order in &orders {
            out.orders.extend(self.node.store().records_about(order, &[evidence::RecordKind::Order])?);
        }
        for (leaf, mut rows) in told {
            let Some(roll) = self.rolls.get(&leaf) else { continue };
            rows.sort_by(|a, b| a.uscc.cmp(&b.uscc));
            out.rolls.push(RollRows::some(leaf, roll.clone(), rows));
        }
        Ok(out)
    }

    /// Reports, verified on all cores where there are many.
    fn reports(&self, fetch: &mut Fetch<'_>, held: Vec<HeldLine>) -> Result<Vec<ReceivedReport>, NodeError> {
        let none = || Part { role: NodeRole::Plant, name: String::new(), area: String::new(), uscc: String::new() };
        let own = self.part.clone().unwrap_or_else(none);
        let mut jobs = Vec::with_capacity(held.len());
        for h in held {
            jobs.push(match fetch.certified(&h)? {
                Some(by) => (by.part.clone(), Some((by, fetch.envelope(&h)?)), h),
                None => (own.clone(), None, h),
            });
        }
        let verified = in_parallel(&jobs, |(_, below, h)| match below {
            Some((by, envelope)) => {
                let what = format!("record {} of {}", h.leaf, h.node);
                let record = open_under(&what, envelope, h.leaf, &by.chain)?;
                Ok(Witness { record, items: None })
            }
            None => Ok(self.node.store().witness(h.leaf)?),
        });
        let mut out = Vec::with_capacity(jobs.len());
        for ((part, below, h), witness) in jobs.into_iter().zip(verified) {
            let witness: Result<Witness, NodeError> = witness;
            let witness = witness?;
            let mut doubts: Vec<Doubt> = Vec::new();
            if !h.doubts.is_empty() {
                doubts = serde_json::from_str(&h.doubts).map_err(|e| NodeError::Internal(e.to_string()))?;
            }
            if below.is_some() {
                doubts = judged_again(doubts, witness.record.value(), Time::from_millis(h.at));
            }
            let child = NodeId::new(h.node.as_str());
            out.extend(ReceivedReport::new(witness, (child, part), h.receipt, Time::from_millis(h.seen), doubts));
        }
        Ok(out)
    }

    /// Judges enterprises by their codes: those of the registry with their rows as the read table has them.
    pub(super) fn judge_codes(
        &mut self,
        tables: &mut PageTables,
        table: Option<&dyn ReadTable>,
        codes: &BTreeSet<String>,
    ) -> Result<(), NodeError> {
        let codes: Vec<&String> = codes.iter().filter(|c| !c.is_empty()).collect();
        for part in codes.chunks(CHUNK / 4) {
            let (mut found, mut marks) = (Vec::new(), Vec::new());
            for code in part {
                let Some(line) = table.map(|t| t.one(code)).transpose()?.flatten() else { continue };
                let kept = tables.line(code)?;
                marks.push(kept.map_or_else(Mark::default, |k| Mark { selected: k.selected, tops: k.tops }));
                found.push(line);
            }
            let rows: Vec<Enterprise<'_>> = found
                .iter()
                .map(|l| Enterprise::from_line(l).map_err(NodeError::Internal))
                .collect::<Result<_, _>>()?;
            let ranges: Vec<_> = part.iter().map(|c| ((*c).clone(), (*c).clone())).collect();
            self.judge(tables, &rows, &marks, &ranges)?;
        }
        Ok(())
    }
}

pub(super) fn week_before(as_of: Time, back: usize) -> Time {
    let back = i64::try_from(back + 1).unwrap_or(i64::MAX);
    Time::from_millis(as_of.millis().saturating_sub(back.saturating_mul(WEEK_MILLIS)))
}

#[derive(Clone, Copy)]
enum Whose<'a> {
    Row(&'a Enterprise<'a>, Mark),
    Stranger(&'a str),
}

struct Kept {
    code: String,
    line: Option<EnterpriseLine>,
    life: Option<String>,
    matters: Vec<MatterLine>,
}

fn has(rows: &[Enterprise<'_>], code: &str) -> bool {
    rows.binary_search_by(|r| r.uscc.as_ref().cmp(code)).is_ok()
}
