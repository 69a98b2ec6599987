//! The judge over some enterprises, for whoever keeps what it said (`docs/specs/pages-v1.md`): how one stands, what its page shows, and
//! until when all of it holds.
//!
//! Nothing here judges in another way: rows and records are fewer, and each enterprise's are whole. A standing looks at no other
//! enterprise; the one thing that it takes from all of them, whether it is selected, is handed in.

use super::ground::{DAY_MILLIS, Held, Oversight};
use super::input::OversightInput;
use super::queue::QueueItem;
use crate::programme::Standing;
use evidence::{Digest, Doubt, Enterprise, MemberStanding, NodeId, NodeRole, Record, Time};
use plan::MatterKind;
use serde::{Deserialize, Serialize};

/// Most entries of one list of a life; what is older is counted.
pub const LIFE_MAX: usize = 200;

/// Some rows of the registry, and what is known of their place among all.
#[derive(Clone, Debug, Default)]
pub struct SomeRows<'a> {
    /// Leaf of the registry.
    pub registry: Option<Digest>,
    /// Rows, in ascending order of their codes.
    pub rows: &'a [Enterprise<'a>],
    /// Of these, which the plan's own selection has, with the leaf of its judgement ([`super::oversight_selection`]).
    pub selected: Option<(Vec<bool>, Digest)>,
}

/// Where an enterprise is on its way through the programme: the first that holds, from the last to the first. Words
/// `enterprise-state.<name>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnterpriseState {
    /// Nothing of it is at hand, and it is not selected.
    Outside,
    /// No node of it is certified, and no report of it is at hand.
    NotEnrolled,
    /// It is enrolled and never reported.
    Silent,
    /// It reported, and no report counts.
    Doubted,
    /// The newest report that counts is too old.
    Expired,
    /// The newest report that counts is in its time.
    Reporting,
}
impl EnterpriseState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Outside, Self::NotEnrolled, Self::Silent, Self::Doubted, Self::Expired, Self::Reporting];
    /// The name in JSON and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::NotEnrolled => "not-enrolled",
            Self::Silent => "silent",
            Self::Doubted => "doubted",
            Self::Expired => "expired",
            Self::Reporting => "reporting",
        }
    }
}

/// A node of an enterprise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LifeMember {
    /// The node.
    pub node: NodeId,
    /// Who certified it.
    pub by: NodeId,
    /// As what.
    pub role: NodeRole,
    /// Its name.
    pub name: String,
    /// Its area.
    pub area: String,
    /// Where it stands.
    pub standing: MemberStanding,
    /// Since when.
    pub since: Time,
    /// The record.
    pub leaf: Digest,
}

/// A report as it was received.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LifeReport {
    /// Its leaf in the log of the node that made it.
    pub leaf: Digest,
    /// That node.
    pub node: NodeId,
    /// As of when.
    pub as_of: Time,
    /// When it was received.
    pub received_at: Time,
    /// Leaf of the receipt.
    pub receipt: Option<Digest>,
    /// `good`, `doubted` or `other-plan`.
    pub standing: String,
    /// Declared scope, of all kinds together.
    pub declared: u64,
    /// Of it examined.
    pub examined: u64,
    /// Graded assets; absent without a catalogue.
    pub graded: Option<u64>,
    /// Assets that nobody graded.
    pub ungraded: Option<u64>,
    /// Incidents: open, and of these late.
    pub incidents: (u64, u64),
    /// Its own measures: open, of these overdue, done.
    pub measures: (u64, u64, u64),
    /// What was wrong with it on arrival.
    pub doubts: Vec<Doubt>,
}

/// An order to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LifeOrder {
    /// Id.
    pub order: String,
    /// What it rests on.
    pub basis: String,
    /// How it stands ([`super::OrderState::name`]).
    pub state: String,
    /// When it was issued.
    pub issued_at: Time,
    /// Its end.
    pub due: Time,
    /// Its end is over and an answer is owed.
    pub overdue: bool,
    /// The newest answer came after the end.
    pub late: bool,
    /// Leaf of the entry that issues it.
    pub leaf: Digest,
    /// What makes it weaker than it looks.
    pub doubts: Vec<Doubt>,
}

/// The newest opening, or the newest re-observation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LifeCheck {
    /// `opening` or `re-observation`.
    pub kind: String,
    /// When.
    pub at: Time,
    /// What was said held.
    pub held: bool,
    /// The record.
    pub leaf: Digest,
}

/// Two histories of a node of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LifeCaught {
    /// The node.
    pub node: NodeId,
    /// When it was caught.
    pub at: Time,
    /// The record.
    pub leaf: Digest,
}

/// What is at hand about one enterprise, the newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Life {
    /// Its nodes.
    pub members: Vec<LifeMember>,
    /// Its reports.
    pub reports: Vec<LifeReport>,
    /// Reports that are older than these.
    pub reports_more: u64,
    /// Orders to it.
    pub orders: Vec<LifeOrder>,
    /// Openings and re-observations.
    pub challenges: Vec<LifeCheck>,
    /// Equivocations.
    pub caught: Vec<LifeCaught>,
    /// Where it stands with its return (programme-v1 §8).
    pub return_state: String,
    /// Who asked last; empty: nobody.
    pub asked_by: String,
    /// What waits about it, in the order of the queue's kinds.
    pub matters: Vec<QueueItem>,
}

/// The earliest instant after `as_of` at which something that is handed in begins to be at hand.
pub(super) fn later(input: &OversightInput<'_>, as_of: Time) -> Option<Time> {
    let records = [input.members, input.orders, input.equivocations].into_iter().flatten();
    let stated = records.filter_map(|w| match w.record.value() {
        Record::Member(m) => Some(m.stated_at),
        Record::Order(e) => Some(e.stated_at),
        Record::Equivocation(e) => Some(e.at),
        _ => None,
    });
    let received = input.reports.iter().map(|r| r.received_at);
    let rolls = input.rolls.iter().map(|r| r.roll().stated_at);
    let checks = input.openings.iter().chain(input.checks).map(|c| c.at);
    stated.chain(received).chain(rolls).chain(checks).filter(|at| *at > as_of).min()
}

/// Whether a condition computes with the clock, beyond comparing it with a fact: then its answer changes at instants that do not stand
/// among the facts.
pub(crate) fn computes_with_now(text: &str) -> bool {
    let sign = |c: Option<char>| matches!(c, Some('+' | '-' | '*' | '/' | '%'));
    text.match_indices("now").any(|(at, found)| {
        let (before, after) = (text.get(..at).unwrap_or(""), text.get(at + found.len()..).unwrap_or(""));
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.');
        let alone = !word(before.chars().next_back()) && !word(after.chars().next());
        let (before, after) = (before.trim_end().chars().next_back(), after.trim_start().chars().next());
        alone && (sign(before) || sign(after) || before == Some('(') && after == Some(')'))
    })
}

/// The next instant at which a whole day by UTC begins.
pub(crate) fn next_day(at: Time) -> Time {
    let days = at.millis().div_euclid(DAY_MILLIS).saturating_add(1);
    Time::from_millis(days.saturating_mul(DAY_MILLIS))
}

impl Oversight<'_> {
    /// Codes of all enterprises that are seen, with their place: rows first, then those that only records name.
    pub fn seen_codes(&self) -> impl Iterator<Item = &str> {
        (0_u32..).zip(&self.seen).filter(|(_, s)| **s).map(|(n, _)| self.who(n).uscc)
    }

    /// Where an enterprise is on its way; `None` as with [`Self::standing`].
    #[must_use]
    pub fn state(&self, uscc: &str) -> Option<EnterpriseState> {
        let n = self.find(uscc)?;
        if !*self.seen.get(n as usize)? {
            return None;
        }
        let none = Held::default();
        let held = self.held.get(&n).unwrap_or(&none);
        let good = held.report();
        Some(match good {
            Some(r) if self.expires(r.report()).is_some_and(|at| at < self.as_of) => EnterpriseState::Expired,
            Some(_) => EnterpriseState::Reporting,
            None if !held.reports.is_empty() => EnterpriseState::Doubted,
            None if held.is_enrolled() => EnterpriseState::Silent,
            None if self.is_selected(n) == Some(true) || !held.members.is_empty() || !held.orders.is_empty() => {
                EnterpriseState::NotEnrolled
            }
            None => EnterpriseState::Outside,
        })
    }

    /// What is at hand about an enterprise, and what waits; `None` as with [`Self::standing`].
    #[must_use]
    pub fn life(&self, uscc: &str) -> Option<Life> {
        let n = self.find(uscc)?;
        if !*self.seen.get(n as usize)? {
            return None;
        }
        let held = self.held.get(&n);
        let mut life = Life { return_state: self.return_state(held).to_owned(), ..Life::default() };
        life.matters = self.matters_of(n);
        let Some(held) = held else { return Some(life) };
        life.asked_by = held.asked.as_ref().map_or_else(String::new, |a| a.owner.to_owned());
        life.members = held.members.iter().map(|(m, leaf)| member(m, *leaf)).collect();
        life.members.sort_by_key(|m| std::cmp::Reverse((m.since, m.leaf)));
        life.members.truncate(LIFE_MAX);
        life.reports = held.reports.iter().rev().take(LIFE_MAX).map(|(r, s)| report(r, *s)).collect();
        life.reports_more = held.reports.len().saturating_sub(LIFE_MAX) as u64;
        life.orders = held.orders.iter().map(order).collect();
        life.orders.sort_by(|a, b| (b.issued_at, &b.order).cmp(&(a.issued_at, &a.order)));
        life.orders.truncate(LIFE_MAX);
        for (kind, check) in [("opening", held.opening), ("re-observation", held.check)] {
            let shown =
                |c: &crate::Reobserved| LifeCheck { kind: kind.to_owned(), at: c.at, held: c.held, leaf: c.leaf };
            life.challenges.extend(check.map(shown));
        }
        life.caught =
            held.caught.iter().map(|(e, leaf)| LifeCaught { node: e.child.clone(), at: e.at, leaf: *leaf }).collect();
        life.caught.sort_by_key(|c| std::cmp::Reverse((c.at, c.leaf)));
        life.caught.truncate(LIFE_MAX);
        Some(life)
    }

    /// The same of an enterprise that nothing is at hand about: the next day, if a reason computes with the clock.
    #[must_use]
    pub fn daily(&self) -> Option<Time> {
        let computes = self.plan.reasons().iter().any(|r| computes_with_now(r.when.text()));
        computes.then(|| next_day(self.as_of))
    }

    /// The earliest instant after `as_of` at which a fact of an enterprise, or a matter of it, can change although nothing arrives.
    #[must_use]
    pub fn changes(&self, uscc: &str) -> Option<Time> {
        let n = self.find(uscc)?;
        let mut at = Changes { as_of: self.as_of, next: None };
        let reads =
            |name: &str| self.plan.reasons().iter().any(|r| r.when.fields().iter().chain(&r.needs).any(|f| f == name));
        at.next = self.daily().into_iter().chain(self.later).min();
        let Some(held) = self.held.get(&n) else { return at.next };
        for o in held.orders.iter().filter(|o| o.state.owes()) {
            at.on(o.due);
        }
        if let Some(asked) = &held.asked {
            at.on(after(asked.until, DAY_MILLIS));
        }
        let days = |kind: MatterKind| {
            self.plan
                .matters()
                .iter()
                .filter(move |m| m.kind == kind)
                .map(|m| m.days.unwrap_or(0).saturating_mul(DAY_MILLIS))
        };
        if let Some((member, _)) = held.member(MemberStanding::Certified) {
            days(MatterKind::Silent).for_each(|d| at.on(after(member.stated_at, d)));
        }
        if let Some(r) = held.report().map(crate::ReceivedReport::report) {
            if let Some(ends) = self.expires(r) {
                at.on(after(ends, 1));
                days(MatterKind::ReportExpiring).for_each(|d| at.on(after(ends, d.saturating_neg())));
            }
            if reads("report_days") {
                at.day_of(r.as_of);
            }
            if let Some(d) = r.drills.as_ref().filter(|_| reads("drill_days")) {
                at.day_of(d.newest);
            }
        }
        at.next
    }
}

fn after(at: Time, millis: i64) -> Time {
    Time::from_millis(at.millis().saturating_add(millis))
}

/// The earliest of instants to come.
pub(crate) struct Changes {
    pub(crate) as_of: Time,
    pub(crate) next: Option<Time>,
}
impl Changes {
    pub(crate) fn on(&mut self, at: Time) {
        if at > self.as_of {
            self.next = Some(self.next.map_or(at, |n| n.min(at)));
        }
    }
    /// At which the number of whole days since an instant is the next.
    fn day_of(&mut self, since: Time) {
        let gone = self.as_of.millis().saturating_sub(since.millis()).max(0) / DAY_MILLIS;
        self.on(after(since, gone.saturating_add(1).saturating_mul(DAY_MILLIS)));
    }
}

fn member(m: &evidence::Member, leaf: Digest) -> LifeMember {
    LifeMember {
        node: m.child.clone(),
        by: m.node.clone(),
        role: m.part.role,
        name: m.part.name.clone(),
        area: m.part.area.clone(),
        standing: m.standing,
        since: m.stated_at,
        leaf,
    }
}

fn report(r: &crate::ReceivedReport, standing: Standing) -> LifeReport {
    let says = r.report();
    let sum = |of: fn(&evidence::ScopeShare) -> u64| says.scope.iter().fold(0_u64, |sum, s| sum.saturating_add(of(s)));
    let standing = match standing {
        Standing::Good => "good",
        Standing::Doubted => "doubted",
        Standing::OtherPlan => "other-plan",
    };
    LifeReport {
        leaf: r.leaf(),
        node: r.child.clone(),
        as_of: says.as_of,
        received_at: r.received_at,
        receipt: r.receipt,
        standing: standing.to_owned(),
        declared: sum(|s| s.declared),
        examined: sum(|s| s.examined),
        graded: says.catalogue.as_ref().map(|c| c.levels.values().fold(0_u64, |sum, n| sum.saturating_add(*n))),
        ungraded: says.catalogue.as_ref().map(|c| c.ungraded),
        incidents: (says.incidents.open, says.incidents.late),
        measures: (says.measures.open, says.measures.overdue, says.measures.done),
        doubts: r.doubts.clone(),
    }
}

fn order(o: &super::OrderView<'_>) -> LifeOrder {
    LifeOrder {
        order: o.order.to_owned(),
        basis: o.text.basis.clone(),
        state: o.state.name().to_owned(),
        issued_at: o.issued_at,
        due: o.due,
        overdue: o.overdue,
        late: o.late(),
        leaf: o.leaf,
        doubts: o.doubts.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::computes_with_now;

    #[test]
    fn comparing_with_the_clock_is_not_computing_with_it() {
        for plain in
            ["it.day <= now", "it.way != '' && it.day <= now", "it.known > 3 - 1", "it.now - 3 > 0", "knownow - 1 > 0"]
        {
            assert!(!computes_with_now(plain), "{plain}");
        }
        for computed in
            ["now - it.day > 30 * day", "it.day + 30 * day < 5 && 3 -now > 2", "(now) > 3", "now+1 > it.day"]
        {
            assert!(computes_with_now(computed), "{computed}");
        }
        // What is added to the fact moves the instant as well.
        assert!(computes_with_now("now > it.day && it.day < now - day"));
    }
}
