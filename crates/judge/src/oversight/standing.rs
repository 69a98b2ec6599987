//! Reasons, and the range that they come to.

use super::ground::{Held, Oversight};
use crate::choose::doubt;
use evidence::{Digest, FactValue, Say, Time};
use plan::{EvalError, Reason, Scene};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Answers to facts that are kept while enterprises are gone through.
const ANSWERS_MAX: usize = 50_000;

/// What a reason comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    Holds,
    HoldsNot,
    CannotTell,
}

/// What all reasons come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Outcome {
    pub(crate) least: u64,
    pub(crate) most: u64,
    /// One a reason, in the plan's order.
    pub(crate) told: Vec<Told>,
}

/// A reason that holds, or that cannot be told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReasonStanding {
    /// Reason of the plan.
    pub reason: String,
    /// Its points.
    pub points: u64,
    /// False: it cannot be told.
    pub holds: bool,
    /// Records that it follows from, by leaf, sorted; of what follows from the absence of records none.
    pub from: Vec<Digest>,
    /// Facts that are not known; empty if it holds.
    pub missing: Vec<String>,
}

/// Where an enterprise stands, as an authority sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnterpriseStanding {
    /// Unified social credit code.
    pub uscc: String,
    /// Name; empty if nobody says it.
    pub name: String,
    /// GB/T 2260 code.
    pub area: String,
    /// Which of the 37 local supervisors.
    pub supervisor: String,
    /// GB/T 4754.
    pub industry: String,
    /// Code of its group.
    pub group: String,
    /// The registry has it.
    pub listed: bool,
    /// The plan's own rule selects it; `None`: there is no selection.
    pub selected: Option<bool>,
    /// A node of it is certified.
    pub enrolled: bool,
    /// Day and leaf of the newest report that counts.
    pub report: Option<(Time, Digest)>,
    /// Points of the reasons that hold.
    pub least: u64,
    /// These, and those of the reasons that cannot be told.
    pub most: u64,
    /// Both kinds, in the plan's order.
    pub reasons: Vec<ReasonStanding>,
    /// Orders that are open, and of these overdue.
    pub orders: (u64, u64),
    /// Its own measures by its newest report: open, of these overdue, done.
    pub measures: Option<(u64, u64, u64)>,
}

/// Answers the reasons of every enterprise that is seen: of facts that agree in what is read, once.
pub(crate) fn outcomes(all: &mut Oversight<'_>) {
    let reasons = all.plan.reasons();
    let read: BTreeSet<&str> =
        reasons.iter().flat_map(|r| r.when.fields().iter().chain(&r.needs)).map(String::as_str).collect();
    let read: Vec<&str> = read.into_iter().collect();
    let scene = Scene::new([], [], all.as_of, all.plan.parameters());
    let mut known: BTreeMap<Vec<Option<FactValue>>, u32> = BTreeMap::new();
    let mut defects: BTreeMap<&str, String> = BTreeMap::new();
    let (mut told, mut outcome) = (Vec::new(), Vec::with_capacity(all.seen.len()));
    let mut facts: Vec<Option<FactValue>> = Vec::with_capacity(read.len());
    for (n, seen) in (0_u32..).zip(&all.seen) {
        if !seen {
            outcome.push(u32::MAX);
            continue;
        }
        facts.clear();
        facts.extend(read.iter().map(|name| all.fact(n, name)));
        let at = match known.get(&facts) {
            Some(at) => *at,
            None => {
                let at = u32::try_from(told.len()).unwrap_or(u32::MAX);
                told.push(answer(reasons, &scene, (&read, &facts), &mut defects));
                if known.len() < ANSWERS_MAX {
                    known.insert(facts.clone(), at);
                }
                at
            }
        };
        outcome.push(at);
    }
    for (reason, why) in defects {
        let say = Say::new("doubt.oversight-defect").with("reason", reason).with("why", why);
        all.doubts.push(doubt(say, None));
    }
    (all.told, all.outcome) = (told, outcome);
}

fn answer<'p>(
    reasons: &'p [Reason],
    scene: &Scene<'_>,
    (read, facts): (&[&str], &[Option<FactValue>]),
    defects: &mut BTreeMap<&'p str, String>,
) -> Outcome {
    let known = read.iter().zip(facts).filter_map(|(name, v)| Some(((*name).to_owned(), v.clone()?)));
    let row = FactValue::Row(known.collect());
    let mut out = Outcome { least: 0, most: 0, told: Vec::with_capacity(reasons.len()) };
    for r in reasons {
        let told = match r.holds(scene, &row) {
            Ok(true) => Told::Holds,
            Ok(false) => Told::HoldsNot,
            Err(EvalError::Field(_) | EvalError::Fact(_)) => Told::CannotTell,
            Err(EvalError::Defect(why)) => {
                defects.entry(&r.id).or_insert(why);
                Told::CannotTell
            }
        };
        out.least = out.least.saturating_add(if told == Told::Holds { r.points } else { 0 });
        out.most = out.most.saturating_add(if told == Told::HoldsNot { 0 } else { r.points });
        out.told.push(told);
    }
    out
}

impl Oversight<'_> {
    /// Where an enterprise stands; `None` if nothing names it, or it is not this node's to see.
    #[must_use]
    pub fn standing(&self, uscc: &str) -> Option<EnterpriseStanding> {
        let n = self.find(uscc)?;
        self.seen.get(n as usize)?.then(|| self.of(n))
    }

    /// Points of an enterprise that is seen: least and most.
    pub(crate) fn points(&self, n: u32) -> (u64, u64) {
        self.outcome_of(n).map_or((0, 0), |o| (o.least, o.most))
    }

    fn outcome_of(&self, n: u32) -> Option<&Outcome> {
        self.told.get(*self.outcome.get(n as usize)? as usize)
    }

    pub(crate) fn of(&self, n: u32) -> EnterpriseStanding {
        let (who, held) = (self.who(n), self.held.get(&n));
        let report = held.and_then(Held::report);
        let told = self.outcome_of(n).map_or(&[][..], |o| &o.told);
        let (least, most) = self.points(n);
        let orders = held.map_or(&[][..], |h| &h.orders);
        let so_many = |which: fn(&super::OrderView<'_>) -> bool| orders.iter().filter(|o| which(o)).count() as u64;
        EnterpriseStanding {
            uscc: who.uscc.to_owned(),
            name: who.name.to_owned(),
            area: who.area.to_owned(),
            supervisor: who.supervisor.to_owned(),
            industry: who.industry.to_owned(),
            group: who.group.to_owned(),
            listed: who.listed,
            selected: self.is_selected(n),
            enrolled: held.is_some_and(Held::is_enrolled),
            report: report.map(|r| (r.report().as_of, r.leaf())),
            least,
            most,
            reasons: self.plan.reasons().iter().zip(told).filter_map(|(r, t)| self.reason(n, r, *t)).collect(),
            orders: (so_many(|o| o.state.is_open()), so_many(|o| o.overdue)),
            measures: report.map(|r| {
                let m = &r.report().measures;
                (m.open, m.overdue, m.done)
            }),
        }
    }

    fn reason(&self, n: u32, reason: &Reason, told: Told) -> Option<ReasonStanding> {
        if told == Told::HoldsNot {
            return None;
        }
        let fields = reason.when.fields();
        let from: BTreeSet<Digest> = fields.iter().flat_map(|f| self.sources(n, f)).collect();
        let holds = told == Told::Holds;
        let unknown = fields.iter().filter(|f| !holds && self.fact(n, f).is_none());
        Some(ReasonStanding {
            reason: reason.id.clone(),
            points: reason.points,
            holds,
            from: from.into_iter().collect(),
            missing: unknown.cloned().collect(),
        })
    }
}
