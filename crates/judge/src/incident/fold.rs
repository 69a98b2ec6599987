//! Entries become one view: the newest of each subject, the order of time, and what could not be read.

use super::forms::{self, FormView, HandedOver};
use crate::choose::doubt;
use evidence::{
    Answered, Custody, Digest, Doubt, Happening, IncidentEntry, Moment, Opened, Origin, Reported, Response, Say,
    StepTaken, Task, Time,
};
use plan::{CheckedPlan, Comes, Step};
use std::collections::{BTreeMap, BTreeSet};

/// An entry with its leaf.
pub(crate) type Entry<'a> = (Digest, &'a IncidentEntry);

/// Who was told, with when that was written down.
pub(crate) struct Report<'a> {
    pub(crate) leaf: Digest,
    pub(crate) stated_at: Time,
    pub(crate) report: &'a Reported,
    /// How the form that it hands over stood when this was written down.
    pub(crate) form: Option<HandedOver>,
}

/// One incident, as its entries say it.
pub(crate) struct Folded<'a> {
    pub(crate) incident: &'a str,
    pub(crate) origin: Origin,
    pub(crate) opened: &'a Opened,
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) answers: BTreeMap<&'a str, &'a Answered>,
    pub(crate) moments: BTreeMap<&'a str, &'a Moment>,
    pub(crate) reports: Vec<Report<'a>>,
    pub(crate) responses: Vec<(Digest, &'a Response)>,
    pub(crate) forms: Vec<FormView<'a>>,
    pub(crate) closed: Option<&'a IncidentEntry>,
    pub(crate) cites: BTreeSet<Digest>,
    pub(crate) doubts: Vec<Doubt>,
}

/// What an incident looks like.
pub struct IncidentView<'a> {
    /// Id.
    pub incident: &'a str,
    /// From which world.
    pub origin: Origin,
    /// How it began.
    pub opened: &'a Opened,
    /// When that was written down.
    pub opened_at: Time,
    /// Every entry that is read, in order of time.
    pub entries: Vec<(Digest, &'a IncidentEntry)>,
    /// What is known, by dimension.
    pub answers: BTreeMap<&'a str, &'a Answered>,
    /// Instants that clocks start from, by name.
    pub moments: BTreeMap<&'a str, &'a Moment>,
    /// Who was told, in order of time.
    pub reports: Vec<(Digest, &'a Reported)>,
    /// The response, if one was started.
    pub response: Option<ResponseView<'a>>,
    /// Forms, by serial.
    pub forms: Vec<FormView<'a>>,
    /// Steps of the plan that the response's level asks for, or that were taken anyway.
    pub steps: Vec<StepView<'a>>,
    /// Tasks, by number.
    pub tasks: Vec<&'a Task>,
    /// Pieces of evidence, each with its chain in order of time.
    pub custody: Vec<Vec<&'a Custody>>,
    /// The entry that closed it, if it is closed.
    pub closed: Option<&'a IncidentEntry>,
}

/// The response as it stands.
#[derive(Clone, Debug)]
pub struct ResponseView<'a> {
    /// Its newest decision.
    pub last: &'a Response,
    /// When it was started.
    pub since: Time,
}

/// A step of a check list.
#[derive(Clone, Debug)]
pub struct StepView<'a> {
    /// Id in the plan.
    pub step: String,
    /// What was done about it.
    pub taken: Option<&'a StepTaken>,
}

/// The origin of an incident is that of its first entry.
pub(crate) fn fold<'a>(
    plan: &CheckedPlan,
    entries: impl Iterator<Item = Entry<'a>>,
    as_of: Time,
) -> Option<Folded<'a>> {
    let mut doubts = Vec::new();
    let mut all: Vec<Entry<'a>> = Vec::new();
    // What is not read is cited too: the doubt about it must be derived again.
    let mut cites = BTreeSet::new();
    for (leaf, e) in entries {
        cites.insert(leaf);
        if e.stated_at > as_of {
            let say = Say::new("doubt.after-as-of").with("kind", "incident").with("time", e.stated_at);
            doubts.push(doubt(say, Some(leaf)));
        } else {
            all.push((leaf, e));
        }
    }
    all.sort_by_key(|(leaf, e)| (e.stated_at, *leaf));
    all.dedup_by_key(|e| e.0);
    let (first, opened) = all.iter().find_map(|(_, e)| match &e.what {
        Happening::Opened(o) => Some((*e, o)),
        _ => None,
    })?;
    let origin = first.origin;
    all.retain(|(leaf, e)| {
        let same = e.origin == origin;
        if !same {
            doubts.push(doubt(Say::new("doubt.incident-origin"), Some(*leaf)));
        }
        same
    });
    let mut out = Folded {
        incident: &first.incident,
        origin,
        opened,
        answers: BTreeMap::new(),
        moments: BTreeMap::new(),
        reports: Vec::new(),
        responses: Vec::new(),
        forms: Vec::new(),
        closed: None,
        cites,
        doubts,
        entries: Vec::new(),
    };
    for (leaf, e) in &all {
        out.take(plan, *leaf, e);
    }
    let forms = forms::fold(plan, &all);
    for r in &mut out.reports {
        r.form = forms.handed_over.get(&r.leaf).copied();
    }
    out.reports.sort_by_key(|r| (r.report.at, r.leaf));
    out.forms = forms.views;
    out.doubts.extend(forms.doubts);
    out.entries = all;
    Some(out)
}

impl<'a> Folded<'a> {
    fn take(&mut self, plan: &CheckedPlan, leaf: Digest, e: &'a IncidentEntry) {
        let ended = |moment: &str| plan.comes(moment) == Comes::Ended;
        match &e.what {
            Happening::Answered { answers } => {
                for (dimension, answer) in answers {
                    self.answers.insert(dimension, answer);
                }
            }
            Happening::Moment(m) => {
                let before = self.moments.insert(&m.moment, m);
                // A later start makes a clock end later: that is said, for whoever asks why it is not late.
                if let Some(before) = before.filter(|b| b.at < m.at && !ended(&m.moment)) {
                    let say = Say::new("doubt.moment-restated").with("moment", &m.moment);
                    self.doubts.push(doubt(say.with("before", before.at).with("after", m.at), Some(leaf)));
                }
            }
            Happening::Reported(r) => {
                self.reports.push(Report { leaf, stated_at: e.stated_at, report: r, form: None });
            }
            Happening::Response(r) => {
                // A response that goes on has not ended.
                if r.level.is_some() {
                    self.moments.retain(|m, _| !ended(m));
                }
                self.responses.push((leaf, r));
            }
            Happening::Closed { .. } => self.closed = Some(e),
            Happening::Reopened { .. } => {
                self.closed = None;
                self.moments.retain(|m, _| !ended(m));
            }
            _ => {}
        }
    }

    pub(crate) fn view(self, plan: &CheckedPlan) -> IncidentView<'a> {
        let response = self.responses.last().map(|(_, last)| {
            // Since it was last started after an end.
            let began = self.responses.iter().rev().take_while(|r| r.1.level.is_some()).last();
            ResponseView { last, since: began.map_or(last.at, |r| r.1.at) }
        });
        let mut tasks: BTreeMap<u32, &Task> = BTreeMap::new();
        let mut taken: BTreeMap<&str, &StepTaken> = BTreeMap::new();
        let mut custody: BTreeMap<Digest, Vec<&Custody>> = BTreeMap::new();
        let mut opened_at = None;
        for (_, e) in &self.entries {
            match &e.what {
                Happening::Opened(_) => opened_at = opened_at.or(Some(e.stated_at)),
                Happening::Task(t) => {
                    tasks.insert(t.number, t);
                }
                Happening::Step(s) => {
                    taken.insert(&s.step, s);
                }
                Happening::Custody(c) => custody.entry(c.document.digest).or_default().push(c),
                _ => {}
            }
        }
        for chain in custody.values_mut() {
            chain.sort_by_key(|c| c.at);
        }
        let level = response.as_ref().map(|r| (r.last.regime.as_str(), r.last.level.as_deref()));
        let asked = |s: &&Step| match level {
            Some((regime, Some(level))) => s.regime == regime && s.levels.iter().any(|l| l == level),
            _ => false,
        };
        let mut steps: Vec<StepView<'a>> = Vec::new();
        for s in plan.steps() {
            let done = taken.remove(s.id.as_str());
            if done.is_some() || asked(&s) {
                steps.push(StepView { step: s.id.clone(), taken: done });
            }
        }
        steps.extend(taken.into_iter().map(|(step, t)| StepView { step: step.to_owned(), taken: Some(t) }));
        IncidentView {
            incident: self.incident,
            origin: self.origin,
            opened: self.opened,
            opened_at: opened_at.expect("a folded incident was opened"),
            entries: self.entries,
            answers: self.answers,
            moments: self.moments,
            reports: self.reports.iter().map(|r| (r.leaf, r.report)).collect(),
            response,
            forms: self.forms,
            steps,
            tasks: tasks.into_values().collect(),
            custody: custody.into_values().collect(),
            closed: self.closed,
        }
    }
}
