//! What is at hand about which enterprise, and the facts that a plan's reasons read of it.
//!
//! Enterprises are the rows of the registry and, behind them, those that only a membership, a report or an order names: what was caught
//! of a node must not vanish because a table forgot it.

use super::input::OversightInput;
use super::may::{Act, Whose, may};
use super::order::{OrderState, OrderView, orders};
use super::some::SomeRows;
use super::standing::{Outcome, outcomes};
use crate::choose::doubt;
use crate::programme::{Standing, judged};
use crate::{ReceivedReport, Reobserved, SelectionRows};
use evidence::{
    Adjust, Digest, Doubt, Enterprise, Equivocation, FactValue, Member, MemberStanding, NodeRole, ProgrammeReport,
    Record, Say, ScenarioCounts, SelectionJudgement, Time,
};
use plan::{CheckedPlan, CountSource};
use std::collections::BTreeMap;

/// Milliseconds of a day.
pub(crate) const DAY_MILLIS: i64 = 86_400_000;

/// An enterprise that the registry does not have.
#[derive(Clone, Copy, Default)]
struct Stranger<'a> {
    uscc: &'a str,
    name: &'a str,
    area: &'a str,
}

/// An enterprise, whoever names it.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) uscc: &'a str,
    pub(crate) name: &'a str,
    pub(crate) area: &'a str,
    pub(crate) supervisor: &'a str,
    pub(crate) industry: &'a str,
    pub(crate) group: &'a str,
    pub(crate) above: Option<bool>,
    pub(crate) listed: bool,
}

/// Whether it was asked for a return, and by whom.
#[derive(Clone)]
pub(crate) struct Asked<'a> {
    /// When it was asked first.
    since: Time,
    /// When the newest word was said.
    at: Time,
    way: &'a str,
    pub(crate) until: Time,
    pub(crate) owner: &'a str,
    leaf: Digest,
}

/// What is at hand about one enterprise.
#[derive(Default)]
pub(crate) struct Held<'a> {
    /// The newest membership of each node.
    pub(crate) members: Vec<(&'a Member, Digest)>,
    /// Reports, the oldest first.
    pub(crate) reports: Vec<(&'a ReceivedReport, Standing)>,
    pub(crate) asked: Option<Asked<'a>>,
    returned: Option<(Time, Digest)>,
    pub(crate) orders: Vec<OrderView<'a>>,
    pub(crate) opening: Option<&'a Reobserved>,
    pub(crate) check: Option<&'a Reobserved>,
    pub(crate) caught: Vec<(&'a Equivocation, Digest)>,
}
impl<'a> Held<'a> {
    pub(crate) fn member(&self, standing: MemberStanding) -> Option<&(&'a Member, Digest)> {
        self.members.iter().filter(|m| m.0.standing == standing).max_by_key(|m| (m.0.stated_at, m.1))
    }
    /// A node of it is certified.
    pub(crate) fn is_enrolled(&self) -> bool {
        self.member(MemberStanding::Certified).is_some()
    }
    /// The newest report that counts.
    pub(crate) fn report(&self) -> Option<&'a ReceivedReport> {
        self.reports.iter().rev().find(|r| r.1 == Standing::Good).map(|r| r.0)
    }
}

/// Everything that an authority knows of the enterprises of its part, as of an instant.
pub struct Oversight<'a> {
    pub(crate) plan: &'a CheckedPlan,
    pub(crate) as_of: Time,
    /// Leaf of the registry.
    registry: Option<Digest>,
    rows: &'a [Enterprise<'a>],
    strangers: Vec<Stranger<'a>>,
    pub(crate) held: BTreeMap<u32, Held<'a>>,
    /// Of the registry's rows: selected; `None` without a selection that holds.
    selected: Option<(Vec<bool>, Digest)>,
    pub(crate) seen: Vec<bool>,
    /// Whoever looks sees also enterprises that nothing here names.
    pub(crate) sees_all: bool,
    /// Of nodes that no enterprise is known for.
    pub(crate) loose: Vec<(&'a Equivocation, Digest, Option<&'a Member>)>,
    /// Shortest time that a report counts, in days.
    pub(crate) valid_days: Option<i64>,
    pub(crate) told: Vec<Outcome>,
    /// Of each enterprise, which outcome is its own.
    pub(crate) outcome: Vec<u32>,
    /// The earliest instant to come at which something that is at hand begins to count.
    pub(crate) later: Option<Time>,
    pub(crate) doubts: Vec<Doubt>,
}

impl<'a> Oversight<'a> {
    /// Reads everything that is at hand and dated by `as_of`.
    #[must_use]
    pub fn new(plan: &'a CheckedPlan, input: &OversightInput<'a>, as_of: Time) -> Self {
        let (selected, mut doubts) = oversight_selection(plan, input, as_of);
        let some = SomeRows {
            registry: input.registry.map(SelectionRows::leaf),
            rows: input.registry.map_or(&[][..], SelectionRows::rows),
            selected,
        };
        if input.part.is_none() {
            doubts.push(doubt(Say::new("doubt.oversight-no-part"), None));
        }
        let mut all = Self::of_some(plan, some, input, as_of);
        let outside = (0..).zip(&all.seen).filter(|(n, s)| **s && *n as usize >= all.rows.len()).count();
        if outside > 0 && all.registry.is_some() {
            doubts.push(doubt(Say::new("doubt.oversight-not-in-registry").with("count", outside), None));
        }
        all.doubts.append(&mut doubts);
        all.doubts.sort();
        all.doubts.dedup();
        all
    }

    /// The same over some enterprises: their rows, and what is at hand of them. What it says of each of them is what [`Self::new`] over
    /// everything says, if everything that is about them is handed in; of the doubts only those that are about them are there.
    #[must_use]
    pub fn of_some(plan: &'a CheckedPlan, some: SomeRows<'a>, input: &OversightInput<'a>, as_of: Time) -> Self {
        let reports = plan.counters().iter().filter(|c| c.from == CountSource::Report);
        let mut all = Self {
            plan,
            as_of,
            registry: some.registry,
            rows: some.rows,
            strangers: Vec::new(),
            held: BTreeMap::new(),
            selected: some.selected,
            seen: Vec::new(),
            sees_all: input.part.is_none_or(|p| matches!(p.role, NodeRole::Ministry | NodeRole::Group)),
            loose: Vec::new(),
            valid_days: reports.filter_map(|c| c.valid_days).min(),
            told: Vec::new(),
            outcome: Vec::new(),
            later: super::some::later(input, as_of),
            doubts: Vec::new(),
        };
        let mut strangers = BTreeMap::new();
        let members = all.members(input, &mut strangers);
        all.reports(input, &mut strangers);
        all.orders(input, &mut strangers);
        all.rolls(input);
        all.checks(input);
        all.equivocations(input, &members);
        all.seen = (0..all.count()).map(|n| all.sees(input, n)).collect();
        outcomes(&mut all);
        all.doubts.sort();
        all.doubts.dedup();
        all
    }

    /// What makes all of it weaker than it looks.
    #[must_use]
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }
    /// As of when.
    #[must_use]
    pub fn as_of(&self) -> Time {
        self.as_of
    }

    pub(crate) fn has_registry(&self) -> bool {
        self.registry.is_some()
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.rows.len() + self.strangers.len()).unwrap_or(u32::MAX)
    }

    /// An enterprise of the registry, or a stranger.
    fn at(&mut self, uscc: &'a str, name: (&'a str, &'a str), strangers: &mut BTreeMap<&'a str, u32>) -> u32 {
        if let Some(n) = self.row(uscc) {
            return n;
        }
        let next = self.count();
        let n = *strangers.entry(uscc).or_insert(next);
        if n == next {
            self.strangers.push(Stranger { uscc, name: name.0, area: name.1 });
        }
        n
    }
    fn row(&self, uscc: &str) -> Option<u32> {
        self.rows.binary_search_by(|r| r.uscc.as_ref().cmp(uscc)).ok().and_then(|n| u32::try_from(n).ok())
    }
    /// The place of an enterprise by its code.
    pub(crate) fn find(&self, uscc: &str) -> Option<u32> {
        let stranger = || {
            let n = self.strangers.iter().position(|s| s.uscc == uscc)?;
            u32::try_from(self.rows.len() + n).ok()
        };
        self.row(uscc).or_else(stranger)
    }

    pub(crate) fn who(&self, n: u32) -> Who<'_> {
        let n = n as usize;
        match self.rows.get(n) {
            Some(r) => Who {
                uscc: &r.uscc,
                name: &r.name,
                area: &r.area,
                supervisor: &r.supervisor,
                industry: &r.industry,
                group: &r.group,
                above: Some(r.above && r.is_industrial()),
                listed: true,
            },
            None => {
                let s = self.strangers.get(n.saturating_sub(self.rows.len())).copied().unwrap_or_default();
                let supervisor = evidence::supervisor_of(s.area).unwrap_or_default();
                let (industry, group) = ("", "");
                Who {
                    uscc: s.uscc,
                    name: s.name,
                    area: s.area,
                    supervisor,
                    industry,
                    group,
                    above: None,
                    listed: false,
                }
            }
        }
    }

    /// The newest word on every child; answers whose each node is.
    fn members(
        &mut self,
        input: &OversightInput<'a>,
        strangers: &mut BTreeMap<&'a str, u32>,
    ) -> BTreeMap<&'a str, &'a Member> {
        let mut newest: BTreeMap<&str, (&'a Member, Digest)> = BTreeMap::new();
        for w in input.members {
            let Record::Member(m) = w.record.value() else { continue };
            if m.stated_at > self.as_of {
                continue;
            }
            let new = (&**m, w.record.leaf());
            match newest.get(m.child.as_str()) {
                Some(kept) if (kept.0.stated_at, kept.1) >= (m.stated_at, new.1) => {}
                _ => {
                    newest.insert(m.child.as_str(), new);
                }
            }
        }
        for (m, leaf) in newest.values() {
            if matches!(m.part.role, NodeRole::Plant | NodeRole::Group) && !m.part.uscc.is_empty() {
                let n = self.at(&m.part.uscc, (&m.part.name, &m.part.area), strangers);
                self.held.entry(n).or_default().members.push((m, *leaf));
            }
        }
        newest.into_iter().map(|(child, (m, _))| (child, m)).collect()
    }

    fn reports(&mut self, input: &OversightInput<'a>, strangers: &mut BTreeMap<&'a str, u32>) {
        let mut sorted: Vec<&ReceivedReport> = input.reports.iter().filter(|r| r.received_at <= self.as_of).collect();
        sorted.sort_by_key(|r| (r.report().as_of, r.leaf(), r.received_at));
        sorted.dedup_by_key(|r| r.leaf());
        for r in sorted {
            let named =
                if r.part.uscc == r.report().uscc { (r.part.name.as_str(), r.part.area.as_str()) } else { ("", "") };
            let n = self.at(&r.report().uscc, named, strangers);
            let standing = judged(self.plan, r);
            self.held.entry(n).or_default().reports.push((r, standing));
        }
    }

    fn orders(&mut self, input: &OversightInput<'a>, strangers: &mut BTreeMap<&'a str, u32>) {
        for view in orders(self.plan, input.orders, self.as_of) {
            self.doubts.extend(view.doubts.iter().cloned());
            let n = self.at(&view.text.uscc, ("", ""), strangers);
            self.held.entry(n).or_default().orders.push(view);
        }
    }

    fn rolls(&mut self, input: &OversightInput<'a>) {
        for rows in input.rolls {
            let (roll, leaf) = (rows.roll(), rows.leaf());
            let (asked, returns) = (roll.of == "asked", roll.of == "returns");
            if roll.stated_at > self.as_of || !(asked || returns) {
                continue;
            }
            for r in rows.rows() {
                let Some(n) = self.row(&r.uscc) else { continue };
                let held = self.held.entry(n).or_default();
                if returns {
                    held.returned = held.returned.max(Some((roll.stated_at, leaf)));
                    continue;
                }
                let new = Asked {
                    since: roll.stated_at,
                    at: roll.stated_at,
                    way: &r.way,
                    until: r.day.unwrap_or(roll.stated_at),
                    owner: &roll.author.name,
                    leaf,
                };
                held.asked = Some(match held.asked.take() {
                    None => new,
                    // A reminder does not begin silence anew: an answer to the first asking is an answer.
                    Some(old) if (old.at, old.leaf) < (new.at, new.leaf) => {
                        Asked { since: old.since.min(new.since), ..new }
                    }
                    Some(old) => Asked { since: old.since.min(new.since), ..old },
                });
            }
        }
    }

    fn checks(&mut self, input: &OversightInput<'a>) {
        for (list, is_opening) in [(input.openings, true), (input.checks, false)] {
            for c in list.iter().filter(|c| c.at <= self.as_of) {
                let Some(n) = self.find(&c.uscc) else { continue };
                let held = self.held.entry(n).or_default();
                let kept = if is_opening { &mut held.opening } else { &mut held.check };
                if kept.is_none_or(|k| (k.at, k.leaf) < (c.at, c.leaf)) {
                    *kept = Some(c);
                }
            }
        }
    }

    fn equivocations(&mut self, input: &OversightInput<'a>, members: &BTreeMap<&'a str, &'a Member>) {
        for w in input.equivocations {
            let Record::Equivocation(e) = w.record.value() else { continue };
            if e.at > self.as_of {
                continue;
            }
            let member = members.get(e.child.as_str()).copied();
            let leaf = w.record.leaf();
            match member.and_then(|m| self.find(&m.part.uscc)) {
                Some(n) => self.held.entry(n).or_default().caught.push((e, leaf)),
                None => self.loose.push((e, leaf, member)),
            }
        }
    }

    fn sees(&self, input: &OversightInput<'_>, n: u32) -> bool {
        let Some(part) = input.part else { return true };
        let who = self.who(n);
        let member = self.held.get(&n).is_some_and(|h| !h.members.is_empty());
        let whose = Whose { uscc: who.uscc, area: who.area, supervisor: who.supervisor, member };
        // Whom this node certified itself it sees, although a certificate may name no area.
        may(part, Act::See, &whose) || (member && !who.listed)
    }

    pub(crate) fn is_selected(&self, n: u32) -> Option<bool> {
        let (inside, _) = self.selected.as_ref()?;
        Some(inside.get(n as usize).copied().unwrap_or(false))
    }

    pub(crate) fn return_state(&self, held: Option<&Held<'_>>) -> &'static str {
        let Some(held) = held else { return "not-asked" };
        match (&held.asked, held.returned) {
            (None, None) => "not-asked",
            (None, Some(_)) => "answered",
            (Some(a), Some((at, _))) if at >= a.since => "answered",
            (Some(a), _) if a.way == "escalated" => "escalated",
            (Some(a), _) if a.until.millis().saturating_add(DAY_MILLIS) <= self.as_of.millis() => "overdue",
            (Some(a), _) if a.way == "reminded" => "reminded",
            (Some(_), _) => "asked",
        }
    }

    /// The instant at which a report is too old to count.
    pub(crate) fn expires(&self, report: &ProgrammeReport) -> Option<Time> {
        let days = self.valid_days?;
        Some(Time::from_millis(report.as_of.millis().saturating_add(days.saturating_mul(DAY_MILLIS))))
    }

    fn days_since(&self, at: Time) -> FactValue {
        FactValue::Int(self.as_of.millis().saturating_sub(at.millis()).max(0) / DAY_MILLIS)
    }

    /// A fact of an enterprise; `None`: it is not known.
    pub(crate) fn fact(&self, n: u32, name: &str) -> Option<FactValue> {
        let held = self.held.get(&n);
        let int = |n: u64| Some(FactValue::Int(i64::try_from(n).unwrap_or(i64::MAX)));
        let is = |yes: bool| Some(FactValue::Bool(yes));
        match name {
            "selected" => self.is_selected(n).map(FactValue::Bool),
            "above_size" => self.who(n).above.map(FactValue::Bool),
            "industry" | "supervisor" => {
                let who = self.who(n);
                let text = if name == "industry" { who.industry } else { who.supervisor };
                (!text.is_empty()).then(|| FactValue::from(text))
            }
            "enrolled" => is(held.is_some_and(Held::is_enrolled)),
            "reports" => int(held.map_or(0, |h| h.reports.len() as u64)),
            "doubted" => held.and_then(|h| h.reports.last()).and_then(|r| is(r.1 != Standing::Good)),
            "return_state" => Some(FactValue::from(self.return_state(held))),
            "orders_open" => int(held.map_or(0, |h| count(h, |o| o.state.is_open()))),
            "orders_overdue" => int(held.map_or(0, |h| count(h, |o| o.overdue))),
            "challenge_failed" => is(held.and_then(|h| h.opening).is_some_and(|o| !o.held)),
            "reobserved" => is(held.and_then(|h| h.check).is_some_and(|c| c.held)),
            "refuted" => is(held.and_then(|h| h.check).is_some_and(|c| !c.held)),
            "equivocated" => is(held.is_some_and(|h| !h.caught.is_empty())),
            _ => self.fact_of_report(held?.report()?.report(), name),
        }
    }

    fn fact_of_report(&self, r: &ProgrammeReport, name: &str) -> Option<FactValue> {
        let int = |n: u64| Some(FactValue::Int(i64::try_from(n).unwrap_or(i64::MAX)));
        let scenarios = |of: fn(&ScenarioCounts) -> u64| {
            let sum = r.scenarios.iter().fold(0_u64, |sum, s| sum.saturating_add(of(s)));
            if r.scenarios.is_empty() { None } else { int(sum) }
        };
        let scope =
            |of: fn(&evidence::ScopeShare) -> u64| r.scope.iter().fold(0_u64, |sum, s| sum.saturating_add(of(s)));
        match name {
            "report_days" => Some(self.days_since(r.as_of)),
            "expired" => self.expires(r).map(|at| FactValue::Bool(at < self.as_of)),
            "graded" => int(r.catalogue.as_ref()?.levels.values().fold(0_u64, |sum, n| sum.saturating_add(*n))),
            "ungraded" => int(r.catalogue.as_ref()?.ungraded),
            "core" | "important" | "general" => int(r.catalogue.as_ref()?.levels.get(name).copied().unwrap_or(0)),
            "failed" => scenarios(|s| s.failed),
            "accepted" => scenarios(|s| s.accepted),
            "not_examined" => scenarios(|s| s.not_examined),
            "declared" => int(scope(|s| s.declared)),
            "examined" => int(scope(|s| s.examined)),
            "open_incidents" => int(r.incidents.open),
            "late_incidents" => int(r.incidents.late),
            "open_measures" => int(r.measures.open),
            "overdue_measures" => int(r.measures.overdue),
            "drill_days" => r.drills.as_ref().map(|d| self.days_since(d.newest)),
            _ => None,
        }
    }

    /// The records that a fact follows from; of what follows from the absence of records none.
    pub(crate) fn sources(&self, n: u32, name: &str) -> Vec<Digest> {
        let held = self.held.get(&n);
        let of_orders = |keep: fn(&OrderView<'_>) -> bool| {
            held.map_or_else(Vec::new, |h| h.orders.iter().filter(|o| keep(o)).map(|o| o.leaf).collect())
        };
        let leaf = |found: Option<Digest>| found.into_iter().collect();
        match name {
            "selected" => leaf(self.selected.as_ref().map(|s| s.1)),
            "above_size" | "industry" | "supervisor" => leaf(self.registry),
            "enrolled" => held.map_or_else(Vec::new, |h| h.members.iter().map(|m| m.1).collect()),
            "reports" | "doubted" => leaf(held.and_then(|h| h.reports.last()).map(|r| r.0.leaf())),
            "return_state" => {
                let asked = held.and_then(|h| h.asked.as_ref()).map(|a| a.leaf);
                asked.into_iter().chain(held.and_then(|h| h.returned).map(|r| r.1)).collect()
            }
            "orders_open" => of_orders(|o| o.state.is_open()),
            "orders_overdue" => of_orders(|o| o.overdue),
            "challenge_failed" => leaf(held.and_then(|h| h.opening).map(|c| c.leaf)),
            "reobserved" | "refuted" => leaf(held.and_then(|h| h.check).map(|c| c.leaf)),
            "equivocated" => held.map_or_else(Vec::new, |h| h.caught.iter().map(|c| c.1).collect()),
            _ => leaf(held.and_then(Held::report).map(ReceivedReport::leaf)),
        }
    }
}

fn count(held: &Held<'_>, which: impl Fn(&OrderView<'_>) -> bool) -> u64 {
    held.orders.iter().filter(|o| which(o)).count() as u64
}

/// The plan's own selection, as it was signed, with what people added and removed; and why there is none, or what weakens it.
#[must_use]
pub fn oversight_selection(
    plan: &CheckedPlan,
    input: &OversightInput<'_>,
    as_of: Time,
) -> (Option<(Vec<bool>, Digest)>, Vec<Doubt>) {
    let Some(registry) = input.registry else {
        return (None, vec![doubt(Say::new("doubt.oversight-no-registry"), None)]);
    };
    let signed = input.selection.and_then(|w| match w.record.value() {
        Record::SelectionJudgement(j) if j.as_of <= as_of => Some((w.record.leaf(), &**j)),
        _ => None,
    });
    let Some((leaf, judgement)) = signed else {
        return (None, vec![doubt(Say::new("doubt.oversight-no-selection"), None)]);
    };
    match chosen(plan, registry, judgement, input) {
        Some(inside) => (Some((inside, leaf)), Vec::new()),
        None => (None, vec![doubt(Say::new("doubt.oversight-selection-differs"), Some(leaf))]),
    }
}

/// Which rows the plan's own rule selects, made again; `None` if it is not what was signed.
fn chosen(
    plan: &CheckedPlan,
    registry: &SelectionRows<'_>,
    signed: &SelectionJudgement,
    input: &OversightInput<'_>,
) -> Option<Vec<bool>> {
    let made = crate::selection(plan, registry, input.words, signed.as_of);
    let rule = |r: &evidence::SelectionReading| r.reading_of.is_none();
    let at = made.judgement.readings.iter().position(rule)?;
    let reading = made.judgement.readings.get(at)?;
    let same = signed.readings.iter().any(|r| r.rule == reading.rule && r.file == reading.file);
    let adjusted: &BTreeMap<String, Adjust> = &signed.adjusted;
    if !same || signed.snapshot != registry.leaf() || made.judgement.adjusted != *adjusted {
        return None;
    }
    let mut inside = vec![false; registry.rows().len()];
    for n in made.lists.get(at)? {
        if let Some(is_in) = inside.get_mut(*n as usize) {
            *is_in = true;
        }
    }
    Some(inside)
}

/// Whether an order asks something of the authority.
pub(crate) fn awaits(state: OrderState) -> bool {
    matches!(state, OrderState::Answered | OrderState::Mended)
}
