//! The watch: clocks of open incidents go on while nobody types, late ones become signed facts, and people are told.
//!
//! Everything that it needs to know is in the log: it reads the records once, then only what is new, and sleeps until the next clock changes its state.
//! An incident or a warning is folded once when something is new about it or an instant of it has come, and not otherwise.
//! A watch that dies and is started again finds the same clocks; what changed meanwhile is judged at once, with the instant at which that is done.
//!
//! Refused: a timer a clock. One queue of instants wakes the watch; ten thousand incidents cost one sleeping thread.

use crate::incidents::{IncidentFile, by_incident};
use crate::measures::Measures;
use crate::notify::{self, About, Colour, Notifier, Numeral, Obligation};
use crate::warnings::{WarningFile, own_actors};
use crate::{Node, NodeError, Profile, home};
use evidence::{
    ClockStanding, ClockState, Digest, IncidentJudgement, MeasureState, NodeId, Notice, OrderMove, Origin, Record,
    RecordKind, Time,
};
use judge::{Concern, WarningState};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use stdx::Stop;

/// How often the log is asked whether another process wrote something.
const LOOK: Duration = Duration::from_secs(1);
/// How long one sleep lasts at most, so that Ctrl-C ends the watch soon.
const NAP: Duration = Duration::from_millis(200);

/// What the watch noticed.
#[derive(Clone, Debug)]
pub enum Noticed {
    /// A clock of this node changed its state.
    Clock {
        /// The incident.
        incident: String,
        /// From which world.
        origin: Origin,
        /// The clock as it stands now.
        clock: ClockStanding,
        /// The judgement that says so.
        leaf: Digest,
    },
    /// A message went out, or did not.
    Message(Box<Notice>),
    /// Something that keeps messages from going out, as a sentence.
    Problem(evidence::Say),
}

/// One incident under watch.
struct Watched {
    file: IncidentFile,
    /// States that the last judgement gave to clocks of this node.
    states: BTreeMap<String, ClockState>,
    judgement: Option<IncidentJudgement>,
    opened: Option<Time>,
    open: bool,
    /// When a state changes next.
    next: Option<Time>,
}

/// One warning under watch.
struct Warned {
    file: WarningFile,
    /// Something was read that was not looked at yet.
    news: bool,
    /// What people are to be told of.
    owed: Option<Obligation>,
    /// When it begins, if that is still to come.
    begins: Option<Time>,
}
impl Warned {
    fn of(id: String) -> Self {
        Self { file: WarningFile { id, records: Vec::new() }, news: true, owed: None, begins: None }
    }

    /// People are told of a warning of another node that is in force, may concern this node, and of whose newest text nobody here took note.
    fn look(&mut self, plan: &CheckedPlan, now: Time, id: &NodeId, here: (&Profile, &[String])) {
        // What says that it was made later than now (a clock that was set back) counts from then on.
        let ahead = self.file.records.iter().filter_map(|w| match w.record.value() {
            Record::Warning(e) if e.stated_at > now => Some(e.stated_at),
            _ => None,
        });
        (self.news, self.owed, self.begins) = (false, None, ahead.min());
        let Some(view) = self.file.view(plan, now, id, here) else { return };
        if view.node == id || view.concern() == Concern::No {
            return;
        }
        // Who took note of a blue warning has not taken note of the red one that it became.
        let noted = view.acknowledged.iter().any(|a| a.node == id && a.at > view.last.entry.stated_at);
        match view.state {
            WarningState::Announced => self.begins = [self.begins, Some(view.text.start)].into_iter().flatten().min(),
            WarningState::Lifted => {}
            WarningState::InForce if noted => {}
            WarningState::InForce => {
                let mut levels = plan.incident_levels().iter();
                let level = levels.find(|l| l.regime == view.text.regime && l.id == view.text.level);
                self.owed = Some(Obligation {
                    about: self.file.id.clone(),
                    clock: String::new(),
                    kind: About::Warning,
                    colour: level.and_then(|l| Colour::of(&l.colour)),
                    numeral: level.and_then(|l| Numeral::of(&l.numeral)),
                    deadline: None,
                    // Since it was known here and in force, not since it was issued elsewhere.
                    since: view.last.entry.stated_at.max(view.text.start),
                    origin: view.origin,
                    area: String::new(),
                });
            }
        }
    }
}

/// The watch of a node.
pub struct Watch<'n> {
    node: &'n Node,
    plan: &'n CheckedPlan,
    incidents: BTreeMap<String, Watched>,
    warnings: BTreeMap<String, Warned>,
    measures: Measures,
    /// What this node is, as its profile said when the warnings were looked at last.
    profile: Profile,
    due: BTreeSet<(Time, String)>,
    /// Incidents of which something was read that was not judged yet.
    news: BTreeSet<String>,
    /// Incidents whose newest change could not be signed yet.
    unsigned: BTreeSet<String>,
    /// Judgements that this watch wrote: they are no news to it.
    own: BTreeSet<Digest>,
    /// Index of the log to go on from.
    index: u64,
    folds: u64,
    notifier: Option<Notifier>,
}

impl<'n> Watch<'n> {
    /// Reads the log. Without `notify.toml` in the node's home nobody is told; clocks are watched all the same.
    pub fn open(node: &'n Node, plan: &'n CheckedPlan) -> Result<Self, NodeError> {
        let told = node.store().home().join(notify::FILE).exists();
        let notifier = if told { Some(Notifier::open(node, plan)?) } else { None };
        let mut watch = Self {
            node,
            plan,
            incidents: BTreeMap::new(),
            warnings: BTreeMap::new(),
            measures: Measures::default(),
            profile: Profile::default(),
            due: BTreeSet::new(),
            news: BTreeSet::new(),
            unsigned: BTreeSet::new(),
            own: BTreeSet::new(),
            index: 0,
            folds: 0,
            notifier,
        };
        watch.read()?;
        Ok(watch)
    }

    /// How many incidents are open.
    #[must_use]
    pub fn open_incidents(&self) -> usize {
        self.incidents.values().filter(|w| w.open).count()
    }

    /// How often entries were folded into an incident or a warning since it was opened.
    #[must_use]
    pub fn folds(&self) -> u64 {
        self.folds
    }

    /// True if people are told.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.notifier.is_some()
    }

    /// Takes in what the log has that was not read yet.
    fn read(&mut self) -> Result<(), NodeError> {
        let kinds = [RecordKind::Incident, RecordKind::IncidentJudgement, RecordKind::Warning, RecordKind::Measure];
        let (all, next) = self.node.store().records_from(&kinds, self.index)?;
        self.index = next;
        let mut records = Vec::new();
        for w in all {
            match w.record.value().kind() {
                RecordKind::Measure => self.measures.take(w),
                RecordKind::Warning => {
                    let Some(id) = w.record.value().about().map(str::to_owned) else { continue };
                    let known = self.warnings.entry(id.clone()).or_insert_with(|| Warned::of(id));
                    known.file.records.push(w);
                    known.news = true;
                }
                _ if self.own.remove(&w.record.leaf()) => {}
                _ => records.push(w),
            }
        }
        let mut changed = BTreeSet::new();
        for file in by_incident(records) {
            changed.insert(file.id.clone());
            let known = self.incidents.entry(file.id.clone()).or_insert_with(|| Watched {
                file: IncidentFile::of(file.id.clone()),
                states: BTreeMap::new(),
                judgement: None,
                opened: None,
                open: true,
                next: None,
            });
            known.file.records.extend(file.records);
        }
        for id in &changed {
            if let Some(w) = self.incidents.get_mut(id) {
                // What was judged last is what is known to everybody; what differs from it now is news.
                if let Some((judged, _)) = w.file.judged() {
                    w.states = states(judged);
                }
                w.file.keep_newest_judgement();
            }
        }
        self.news.extend(changed);
        Ok(())
    }

    /// Judges what changed or is due, keeps what that makes news, tells people; answers when to come again.
    pub fn round(&mut self, now: Time, tell: &mut dyn FnMut(&Noticed)) -> Result<Option<Time>, NodeError> {
        self.read()?;
        let mut look = std::mem::take(&mut self.news);
        look.append(&mut self.unsigned);
        while let Some((at, id)) = self.due.first().cloned() {
            if at > now {
                break;
            }
            self.due.remove(&(at, id.clone()));
            look.insert(id);
        }
        for id in look {
            self.judge(&id, now, tell)?;
        }
        let mut next = self.due.first().map(|d| d.0);
        if !self.unsigned.is_empty() {
            next = [next, now.plus_minutes(1)].into_iter().flatten().min();
        }
        let (open, later) = self.obligations(now)?;
        next = [next, later].into_iter().flatten().min();
        if let Some(notifier) = &mut self.notifier {
            let ran = notifier.run_due(self.node, now, &open)?;
            ran.notices.into_iter().for_each(|n| tell(&Noticed::Message(Box::new(n))));
            ran.problems.into_iter().for_each(|p| tell(&Noticed::Problem(p)));
            next = [next, ran.next].into_iter().flatten().min();
        }
        Ok(next)
    }

    fn judge(&mut self, id: &str, now: Time, tell: &mut dyn FnMut(&Noticed)) -> Result<(), NodeError> {
        let Some(w) = self.incidents.get_mut(id) else { return Ok(()) };
        let as_of = w.file.now().max(now);
        self.folds += 1;
        let Some((judgement, view)) = w.file.judge_and_view(self.plan, as_of) else { return Ok(()) };
        // Of a closed incident what is owed afterwards is watched on.
        let closed = view.closed.is_some();
        w.opened = (!closed && view.answers.is_empty()).then_some(view.opened_at);
        w.open = !closed || !crate::owed(&judgement).is_empty();
        let new = states(&judgement);
        let graver = |clock: &str, state: ClockState| {
            w.states.get(clock) != Some(&state)
                && matches!(state, ClockState::Warned | ClockState::Due | ClockState::Late)
        };
        let news: Vec<ClockStanding> =
            judgement.clocks.iter().filter(|c| c.ours && c.certain && graver(&c.clock, c.state)).cloned().collect();
        if !news.is_empty() {
            // Late is a signed fact, not a colour; so is each step on the way to it.
            match self.node.keep_incident_judgement(self.plan, &judgement) {
                Ok(witness) => {
                    let leaf = witness.record.leaf();
                    self.own.insert(leaf);
                    w.file.records.push(witness);
                    w.file.keep_newest_judgement();
                    for clock in news {
                        tell(&Noticed::Clock { incident: id.to_owned(), origin: judgement.origin, clock, leaf });
                    }
                }
                // A full disk silences nobody: people are told, and it is signed as soon as that can be done.
                Err(e) => {
                    tell(&Noticed::Problem(e.say()));
                    self.unsigned.insert(id.to_owned());
                }
            }
        }
        if let Some(before) = w.next.take() {
            self.due.remove(&(before, id.to_owned()));
        }
        w.next = judgement.clocks.iter().filter(|c| c.ours && c.certain).filter_map(|c| c.next).min();
        if let Some(next) = w.next {
            self.due.insert((next, id.to_owned()));
        }
        if !self.unsigned.contains(id) {
            w.states = new;
        }
        w.judgement = Some(judgement);
        Ok(())
    }

    /// What people are to be told of now, and when there will be more without anything new in the log.
    fn obligations(&mut self, now: Time) -> Result<(Vec<Obligation>, Option<Time>), NodeError> {
        if self.notifier.is_none() {
            return Ok((Vec::new(), None));
        }
        let mut out = Vec::new();
        for w in self.incidents.values().filter(|w| w.open) {
            let Some(j) = &w.judgement else { continue };
            let clocks = j.clocks.iter().filter(|c| c.ours && c.certain);
            let before = out.len();
            out.extend(clocks.filter_map(|c| self.of_clock(j, c)));
            // Nobody has graded it yet and nothing is owed for certain: people are to know that it was opened.
            if let Some(since) = w.opened.filter(|_| out.len() == before) {
                out.push(Obligation {
                    about: j.incident.clone(),
                    clock: String::new(),
                    kind: About::Incident,
                    colour: None,
                    numeral: None,
                    deadline: None,
                    since,
                    origin: j.origin,
                    area: String::new(),
                });
            }
        }
        let mut later = self.of_warnings(now, &mut out)?;
        for m in self.measures.iter() {
            if !matches!(m.measure.state, MeasureState::Planned | MeasureState::Running) {
                continue;
            }
            let due = m.measure.due;
            let reminder = self.plan.parameter("measure_reminder_days").unwrap_or(0).max(0);
            let before = due.plus_minutes(-reminder.saturating_mul(24 * 60)).unwrap_or(due);
            // Told some days before, and anew when the day is over.
            let since = if due < now { due } else { before };
            let ahead = [before, due].into_iter().filter(|t| *t > now).min();
            later = [later, ahead].into_iter().flatten().min();
            if since <= now {
                out.push(Obligation {
                    about: m.measure.id.clone(),
                    clock: String::new(),
                    kind: About::Measure,
                    colour: None,
                    numeral: None,
                    deadline: Some(due),
                    since,
                    origin: Origin::Live,
                    area: String::new(),
                });
            }
        }
        let orders = self.of_orders(now, &mut out)?;
        later = [later, orders].into_iter().flatten().min();
        Ok((out, later))
    }

    /// Orders: whoever must answer is told some days before the end and anew when it is over; whoever issued it, when it is over and
    /// when an answer waits. Answers when the next one changes without anything new in the log.
    fn of_orders(&self, now: Time, out: &mut Vec<Obligation>) -> Result<Option<Time>, NodeError> {
        let (id, mut later) = (self.node.id(), None);
        let reminder = self.plan.parameter("measure_reminder_days").unwrap_or(0).max(0);
        for file in self.node.order_files()? {
            let Some(view) = file.view(self.plan, now).filter(|v| v.state.is_open()) else { continue };
            let before = view.due.plus_minutes(-reminder.saturating_mul(24 * 60)).unwrap_or(view.due);
            // That somebody read is no news to anybody who must act.
            let acts = view.steps.iter().rev().find(|s| !matches!(s.what, OrderMove::Read { .. }));
            let newest = acts.map_or(view.issued_at, |s| s.taken_in);
            let (since, deadline) = match (view.state.owes(), *view.issuer == id) {
                (true, _) if view.overdue => (view.due, Some(view.due)),
                (true, false) => (before.max(newest), Some(view.due)),
                (true, true) => (view.due, Some(view.due)),
                (false, true) => (newest, None),
                (false, false) => continue,
            };
            let ahead = [since, view.due].into_iter().filter(|t| view.state.owes() && *t > now).min();
            later = [later, ahead].into_iter().flatten().min();
            if since <= now {
                out.push(Obligation {
                    about: file.id.clone(),
                    clock: String::new(),
                    kind: About::Order,
                    colour: None,
                    numeral: None,
                    deadline,
                    since,
                    origin: Origin::Live,
                    area: String::new(),
                });
            }
        }
        Ok(later)
    }

    /// A clock that runs, or is late: being late is told anew, from the first step of the escalation on.
    fn of_clock(&self, j: &IncidentJudgement, c: &ClockStanding) -> Option<Obligation> {
        let since = match (c.state, c.due) {
            (ClockState::Late, Some(due)) => due,
            (ClockState::Running | ClockState::Warned | ClockState::Due, _) => c.started?,
            _ => return None,
        };
        let level = self.level(j, &c.clock);
        Some(Obligation {
            about: j.incident.clone(),
            clock: c.clock.clone(),
            kind: About::Clock,
            colour: level.and_then(|l| Colour::of(&l.colour)),
            numeral: level.and_then(|l| Numeral::of(&l.numeral)),
            deadline: c.due,
            since,
            origin: j.origin,
            area: String::new(),
        })
    }

    /// Warnings of others that people are to be told of. Answers when the next one begins.
    fn of_warnings(&mut self, now: Time, out: &mut Vec<Obligation>) -> Result<Option<Time>, NodeError> {
        if self.warnings.is_empty() {
            return Ok(None);
        }
        let (profile, id) = (Profile::load(self.node.store().home())?, self.node.id());
        let actors = own_actors(self.plan, &profile);
        let moved = profile != self.profile;
        let mut begins = None;
        for w in self.warnings.values_mut() {
            if w.news || moved || w.begins.is_some_and(|b| b <= now) {
                self.folds += 1;
                w.look(self.plan, now, &id, (&profile, &actors));
            }
            begins = [begins, w.begins].into_iter().flatten().min();
            out.extend(w.owed.clone());
        }
        self.profile = profile;
        Ok(begins)
    }

    /// The level that a message speaks of: that of the first regime with colours, which is what people are drilled in; else that of the clock's regime.
    fn level(&self, j: &IncidentJudgement, clock: &str) -> Option<&'n plan::IncidentLevel> {
        let of = |g: &evidence::Grade| {
            let id = g.proposed.as_ref().unwrap_or(&g.at_least);
            self.plan.incident_levels().iter().find(|l| l.regime == g.regime && &l.id == id)
        };
        let coloured = j.grades.iter().filter_map(of).find(|l| !l.colour.is_empty());
        let of_clock = self.plan.clocks().iter().find(|p| p.id == clock).map(|p| p.incident.as_str());
        coloured.or_else(|| j.grades.iter().find(|g| Some(g.regime.as_str()) == of_clock).and_then(of))
    }

    /// Watches until it is stopped.
    pub fn run(&mut self, stop: &Stop, tell: &mut dyn FnMut(&Noticed)) -> Result<(), NodeError> {
        while !stop.requested() {
            let next = self.round(home::now(), tell)?;
            // Woken by the next clock, or by something new in the log.
            while !stop.requested() {
                let now = home::now();
                let left =
                    next.map_or(LOOK, |n| Duration::from_millis(u64::try_from(n.millis() - now.millis()).unwrap_or(0)));
                if left.is_zero() || self.node.store().size()? > self.index {
                    break;
                }
                nap(left.min(LOOK), stop);
            }
        }
        self.end(tell)
    }

    /// Waits for the messages that are still on their way, and records what became of them.
    pub fn end(&mut self, tell: &mut dyn FnMut(&Noticed)) -> Result<(), NodeError> {
        if let Some(notifier) = &mut self.notifier {
            let notices = notifier.finish(self.node, home::now())?;
            notices.into_iter().for_each(|n| tell(&Noticed::Message(Box::new(n))));
        }
        Ok(())
    }
}

/// Sleeps, in pieces that let Ctrl-C through.
fn nap(mut left: Duration, stop: &Stop) {
    while !left.is_zero() && !stop.requested() {
        let piece = left.min(NAP);
        std::thread::sleep(piece);
        left -= piece;
    }
}

/// States of the clocks that this node must keep.
fn states(j: &IncidentJudgement) -> BTreeMap<String, ClockState> {
    j.clocks.iter().filter(|c| c.ours && c.certain).map(|c| (c.clock.clone(), c.state)).collect()
}
