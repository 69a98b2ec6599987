//! What a plant has still to do, counted back from the plan's days.

use super::facts;
use evidence::{ProgrammeReport, Time};
use plan::{CheckedPlan, EvalError, Lead, Scene};
use std::collections::{BTreeMap, BTreeSet};

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// Where a step stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum GuideState {
    /// It is open, and its last day to begin is over.
    Overdue,
    /// It is open, and what comes before it is done.
    Next,
    /// It is open, and something comes before it.
    Waiting,
    /// Done.
    Done,
}
impl GuideState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Next, Self::Waiting, Self::Done];
    /// Its name. Words `guide-state.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Next => "next",
            Self::Waiting => "waiting",
            Self::Done => "done",
        }
    }
}

/// One step of the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuideItem {
    /// Lead of the plan.
    pub lead: String,
    /// Where it stands.
    pub state: GuideState,
    /// How many days it takes.
    pub days: i64,
    /// The day on which it must begin so that everything after it ends in time; absent where no target is served.
    pub start_by: Option<Time>,
    /// Targets that it serves, itself or through what comes after it.
    pub targets: Vec<String>,
    /// Duties that it serves.
    pub duties: Vec<String>,
    /// Open leads that come before it.
    pub before: Vec<String>,
    /// The fact that is not known, if it is not done for that alone.
    pub unknown: Option<String>,
}

/// The way of one plant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guide {
    /// As of when.
    pub as_of: Time,
    /// Last day of the first target that is served.
    pub due: Option<Time>,
    /// Steps, what must begin first before the others; what is done last.
    pub items: Vec<GuideItem>,
}

/// What is missing, by a plant's own report.
#[must_use]
pub fn guide(plan: &CheckedPlan, report: &ProgrammeReport, as_of: Time) -> Guide {
    let facts = facts::of_report(report);
    let scene = Scene::new([], [], as_of, plan.parameters());
    let done: BTreeMap<&str, Result<bool, EvalError>> =
        plan.leads().iter().map(|l| (l.id.as_str(), l.done.holds(&scene, Some(&facts)))).collect();
    let is_done = |id: &str| matches!(done.get(id), Some(Ok(true)));
    let mut items = Vec::new();
    for lead in plan.leads() {
        let (start_by, targets) = start_by(plan, lead);
        let before: Vec<String> = lead.after.iter().filter(|a| !is_done(a)).cloned().collect();
        let state = if is_done(&lead.id) {
            GuideState::Done
        } else if start_by.is_some_and(|s| s < as_of) {
            GuideState::Overdue
        } else if before.is_empty() {
            GuideState::Next
        } else {
            GuideState::Waiting
        };
        let unknown = match done.get(lead.id.as_str()) {
            Some(Err(EvalError::Field(field))) => Some(field.clone()),
            _ => None,
        };
        let (lead_id, days, duties) = (lead.id.clone(), lead.days, lead.duties.clone());
        items.push(GuideItem { lead: lead_id, state, days, start_by, targets, duties, before, unknown });
    }
    // A stable sort: what is equal stays as the plan has it.
    items.sort_by_key(|i| (i.state == GuideState::Done, i.start_by.is_none(), i.start_by));
    let due = plan.targets().iter().filter(|t| items.iter().any(|i| i.targets.contains(&t.id))).map(|t| t.due).min();
    Guide { as_of, due, items }
}

/// The last day to begin: the earliest, over all targets that the lead serves by itself or through what comes after it, of the target's
/// last day less the days from here to there.
fn start_by(plan: &CheckedPlan, lead: &Lead) -> (Option<Time>, Vec<String>) {
    let mut earliest: Option<Time> = None;
    let mut targets = BTreeSet::new();
    // Longest way from the begin of `lead` to the end of each lead after it. The plan's checker holds that there is no circle.
    let mut days: BTreeMap<&str, i64> = BTreeMap::from([(lead.id.as_str(), lead.days)]);
    let mut open = vec![lead];
    while let Some(at) = open.pop() {
        let so_far = days.get(at.id.as_str()).copied().unwrap_or(0);
        for next in plan.leads().iter().filter(|l| l.after.contains(&at.id)) {
            let way = so_far.saturating_add(next.days);
            let longest = days.entry(next.id.as_str()).or_insert(i64::MIN);
            if *longest < way {
                *longest = way;
                open.push(next);
            }
        }
    }
    for (id, way) in days {
        let Some(served) = plan.leads().iter().find(|l| l.id == id) else { continue };
        for t in plan.targets().iter().filter(|t| served.serves.contains(&t.counter)) {
            let begin = Time::from_millis(t.due.millis().saturating_sub(way.saturating_mul(DAY_MILLIS)));
            earliest = Some(earliest.map_or(begin, |e| e.min(begin)));
            targets.insert(t.id.clone());
        }
    }
    let order = plan.targets().iter().filter(|t| targets.contains(&t.id)).map(|t| t.id.clone());
    (earliest, order.collect())
}
