//! Clocks of an incident: which concern it, when they began, when they are over, what stopped them.

use super::fold::{Folded, Report};
use super::forms::HandedOver;
use super::grade::{self, Known, must_be_sealed};
use crate::choose::doubt;
use evidence::{ClockStanding, ClockState, Digest, Doubt, Grade, Say, Time};
use plan::{CheckedPlan, Clock, Comes, Days, Limit};
use std::collections::{BTreeMap, BTreeSet};

/// Shares of a clock's time, if the plan does not say: half, four fifths.
const WARN_PERCENT: i64 = 50;
const DUE_PERCENT: i64 = 80;

/// One clock on its way.
struct Running<'p> {
    clock: &'p Clock,
    ours: bool,
    certain: bool,
}

pub(crate) fn all(
    plan: &CheckedPlan,
    folded: &Folded<'_>,
    known: &Known,
    grades: &[Grade],
    as_of: Time,
    doubts: &mut Vec<Doubt>,
) -> Vec<ClockStanding> {
    let shown = concerned(plan, folded, known, grades);
    let days = Days::of(plan.calendar());
    let mut ticks = Ticks {
        plan,
        folded,
        days,
        as_of,
        met: BTreeMap::new(),
        used: BTreeSet::new(),
        unknown_years: BTreeSet::new(),
    };
    // A clock that begins when another is met comes after that one, whatever the order of the plan.
    let mut out = BTreeMap::new();
    for r in &shown {
        ticks.standing(r.clock, &shown, &mut out, 0, doubts);
    }
    ticks.unused(&shown, doubts);
    for year in ticks.unknown_years {
        doubts.push(doubt(Say::new("doubt.calendar-year").with("year", year), None));
    }
    shown.iter().filter_map(|r| out.remove(r.clock.id.as_str())).collect()
}

/// Clocks that may concern the incident, in the plan's order: those that this node must keep, and those of whoever is told by a clock that is shown.
fn concerned<'p>(plan: &'p CheckedPlan, folded: &Folded<'_>, known: &Known, grades: &[Grade]) -> Vec<Running<'p>> {
    let actors: BTreeSet<&str> = folded.opened.actors.iter().map(String::as_str).collect();
    let data = known.data(plan);
    let mut possible: Vec<Running<'p>> = Vec::new();
    for clock in plan.clocks().iter().filter(|c| !c.incident.is_empty()) {
        if clock.unless.iter().any(|a| actors.contains(a.as_str())) {
            continue;
        }
        let starts = clock.starts.as_str();
        // Of an instant that not every incident comes to (somebody asks, an incident is foreseen) it is shown once that has come.
        if clock.after.is_none() && plan.comes(starts) == Comes::Said && !folded.moments.contains_key(starts) {
            continue;
        }
        let Some(by_level) = by_level(plan, clock, grades).map(|certain| certain || clock.foreseen) else { continue };
        let by_data = match &data {
            _ if clock.data.is_empty() => true,
            Some(d) if clock.data.contains(d) => true,
            Some(_) => continue,
            None => false,
        };
        let ours = actors.contains(clock.actor.as_str());
        possible.push(Running { clock, ours, certain: by_level && by_data });
    }
    let mut told: BTreeSet<&str> = actors;
    loop {
        let more: Vec<&str> = possible
            .iter()
            .filter(|r| told.contains(r.clock.actor.as_str()) && !told.contains(r.clock.recipient.as_str()))
            .map(|r| r.clock.recipient.as_str())
            .collect();
        if more.is_empty() {
            break;
        }
        told.extend(more);
    }
    possible.retain(|r| told.contains(r.clock.actor.as_str()));
    possible
}

/// `Some(true)`: the level asks for it; `Some(false)`: it may; `None`: it cannot.
fn by_level(plan: &CheckedPlan, clock: &Clock, grades: &[Grade]) -> Option<bool> {
    let grade = grades.iter().find(|g| g.regime == clock.incident)?;
    if clock.levels.is_empty() {
        return Some(true);
    }
    let levels = grade::levels(plan, &clock.incident);
    let at = |id: &str| levels.iter().position(|l| l.id == id);
    let least = grade.proposed.as_deref().and_then(at).or(at(&grade.at_least))?;
    let most = at(&grade.at_most)?;
    let asks = |n: usize| levels.get(n).is_some_and(|l| clock.levels.contains(&l.id));
    // The clocks of every level that is still possible, up to the gravest; what is proposed is reckoned with as if it were certain.
    match (asks(least), (most..=least).any(asks)) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

struct Ticks<'a, 'f> {
    plan: &'a CheckedPlan,
    folded: &'a Folded<'f>,
    days: Days,
    as_of: Time,
    met: BTreeMap<&'a str, Time>,
    used: BTreeSet<(Digest, String)>,
    unknown_years: BTreeSet<i64>,
}

impl<'a> Ticks<'a, '_> {
    /// Longest chain of clocks that begin when another is met.
    const CHAIN_MAX: usize = 8;

    fn standing(
        &mut self,
        clock: &'a Clock,
        shown: &[Running<'a>],
        out: &mut BTreeMap<&'a str, ClockStanding>,
        depth: usize,
        doubts: &mut Vec<Doubt>,
    ) {
        if out.contains_key(clock.id.as_str()) || depth > Self::CHAIN_MAX {
            return;
        }
        if let Some(first) = clock.after.as_deref().and_then(|a| shown.iter().find(|r| r.clock.id == a)) {
            self.standing(first.clock, shown, out, depth + 1, doubts);
        }
        let Some(running) = shown.iter().find(|r| r.clock.id == clock.id) else { return };
        let moment = || self.folded.moments.get(clock.starts.as_str()).map(|m| m.at);
        let started = match &clock.after {
            // What this node itself has to do first, it knows; what others did, it is told of by a moment (`receipt`).
            Some(other) if shown.iter().any(|r| r.clock.id == *other) => self.met.get(other.as_str()).copied(),
            Some(_) if running.ours => moment(),
            Some(_) => None,
            // When somebody else discovered or received it, this node does not know.
            None if !running.ours => None,
            None => moment(),
        };
        let started = started.filter(|s| *s <= self.as_of);
        let end = started.map(|s| self.days.end(s, clock.limit)).unwrap_or_default();
        self.unknown_years.extend(&end.unknown_years);
        let met = started.and_then(|s| self.stopped(clock, s, doubts));
        if let Some((at, _)) = met {
            self.met.insert(&clock.id, at);
        }
        let (state, next) = self.state(clock.limit, started, end.at, met.map(|m| m.0));
        out.insert(
            &clock.id,
            ClockStanding {
                clock: clock.id.clone(),
                ours: running.ours,
                certain: running.certain,
                state,
                started,
                due: end.at,
                next,
                met: met.map(|m| m.0),
                met_by: met.map(|m| m.1),
            },
        );
    }

    fn state(
        &self,
        limit: Limit,
        started: Option<Time>,
        due: Option<Time>,
        met: Option<Time>,
    ) -> (ClockState, Option<Time>) {
        let Some(started) = started else { return (ClockState::Waiting, None) };
        if let Some(met) = met {
            let late = due.is_some_and(|d| met > d);
            return (if late { ClockState::MetLate } else { ClockState::Met }, None);
        }
        let Some(due) = due else {
            let remind = self.plan.parameter("immediately_minutes").and_then(|m| started.plus_minutes(m));
            let next = remind.filter(|r| *r > self.as_of);
            let state = if limit == Limit::Immediately { ClockState::Due } else { ClockState::Running };
            return (state, next);
        };
        let share = |id: &str, default: i64| {
            let percent = self.plan.parameter(id).filter(|p| (1..100).contains(p)).unwrap_or(default);
            let span = due.millis().saturating_sub(started.millis());
            Time::from_millis(started.millis().saturating_add(span / 100 * percent))
        };
        let late = Time::from_millis(due.millis().saturating_add(1));
        let (warned, nearly) = (share("clock_warn_percent", WARN_PERCENT), share("clock_due_percent", DUE_PERCENT));
        let now = self.as_of;
        if now >= late {
            (ClockState::Late, None)
        } else if now >= nearly {
            (ClockState::Due, Some(late))
        } else if now >= warned {
            (ClockState::Warned, Some(nearly))
        } else {
            (ClockState::Running, Some(warned))
        }
    }

    /// The earliest report that stops it.
    fn stopped(&mut self, clock: &Clock, started: Time, doubts: &mut Vec<Doubt>) -> Option<(Time, Digest)> {
        let mut found = None;
        for r in self.folded.reports.iter().filter(|r| r.report.clocks.contains(&clock.id)) {
            self.used.insert((r.leaf, clock.id.clone()));
            match self.refused(clock, started, r) {
                None => found = found.or(Some((r.report.at.max(started), r.leaf))),
                Some(key) => {
                    let say = Say::new(key).with("clock", &clock.id).with("at", r.report.at);
                    doubts.push(doubt(say, Some(r.leaf)));
                }
            }
        }
        found
    }

    /// Why a report does not stop a clock.
    fn refused(&self, clock: &Clock, started: Time, told: &Report<'_>) -> Option<&'static str> {
        let r = told.report;
        if r.at > self.as_of {
            return Some("doubt.report-future");
        }
        // What is owed at once may have been done before it was written down that it is owed.
        let first = self.folded.moments.values().map(|m| m.at).min().unwrap_or(started);
        let from = if clock.limit == Limit::Immediately { first.min(started) } else { started };
        if r.at < from {
            return Some("doubt.report-before-start");
        }
        let over = match clock.channel.as_str() {
            "any" => true,
            "written" => matches!(r.channel.as_str(), "written" | "form"),
            other => r.channel == other,
        };
        if !over {
            return Some("doubt.report-channel");
        }
        let Some(form) = &r.form else {
            // A call needs no paper; what is owed in writing on a form that has to be sealed does.
            let mut forms = self.plan.forms().iter().filter(|f| f.meets.contains(&clock.id));
            let sealed =
                clock.channel == "written" && forms.any(|f| must_be_sealed(self.plan, self.folded, f, told.stated_at));
            return sealed.then_some("doubt.report-unsealed");
        };
        // As it stood when the report was written down: what becomes of the form later changes nothing about that.
        match told.form {
            Some(HandedOver { frozen: Some(frozen), .. }) if frozen > r.at => Some("doubt.report-form-later"),
            Some(HandedOver { frozen: Some(_), sealed }) => {
                let id = form.serial.split('/').nth(1).unwrap_or_default();
                let of_plan = self.plan.forms().iter().find(|f| f.id == id);
                let must = of_plan.is_some_and(|f| must_be_sealed(self.plan, self.folded, f, told.stated_at));
                (must && !sealed).then_some("doubt.report-unsealed")
            }
            _ => Some("doubt.report-form"),
        }
    }

    /// Reports that name a clock which does not run here.
    fn unused(&self, shown: &[Running<'_>], doubts: &mut Vec<Doubt>) {
        for r in &self.folded.reports {
            let leaf = &r.leaf;
            for id in r.report.clocks.iter().filter(|c| !self.used.contains(&(*leaf, (*c).clone()))) {
                let key = match shown.iter().any(|s| &s.clock.id == id) {
                    true => "doubt.report-not-started",
                    false => "doubt.report-clock",
                };
                doubts.push(doubt(Say::new(key).with("clock", id), Some(*leaf)));
            }
        }
    }
}
