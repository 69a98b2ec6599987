//! Sends what is due and records what became of it.
//!
//! Order of each attempt: send, sign and append the record (durable), report. A crash after the sending and before the
//! appending leaves no record: the message is sent again. It may come twice; it is never lost.

use super::config::Config;
use super::due::{Attempt, NOBODY, Seen, WayKey, due};
use super::message::{Obligation, Worded};
use super::pace::Pace;
use super::rota::Roster;
use super::send::{Job, Outcome, send};
use super::{FILE, load};
use crate::{Node, NodeError};
use evidence::{Digest, Notice, NoticeState, Record, RecordKind, Say, Time};
use plan::{Calendar, CheckedPlan};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

/// Attempts that run at once, each in a thread of its own.
pub const WORKERS_MAX: usize = 8;
/// Of these, how many may be on channels with a limit a minute: a slow robot must not take the telephone's threads.
const PACED_WORKERS_MAX: usize = WORKERS_MAX / 2;
/// How long one call waits for outcomes: the caller's loop has other things to do.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How long after its time an attempt may still answer, before it counts as failed.
const GRACE: Duration = Duration::from_secs(30);
/// When to look again while attempts are on their way.
const SOON_MILLIS: i64 = 1000;

/// What a call did.
#[derive(Debug, Default)]
pub struct Ran {
    /// The attempts whose record was made in this call.
    pub notices: Vec<Notice>,
    /// When to call again, if nothing else happens before.
    pub next: Option<Time>,
    /// Attempts that are still on their way.
    pub flying: usize,
    /// What cannot be told to anybody, and why; what is wrong with a changed configuration.
    pub problems: BTreeSet<Say>,
}

/// Time within a call: the caller's instant, and what has gone by since.
struct Clock {
    now: Time,
    started: Instant,
}
impl Clock {
    fn new(now: Time) -> Self {
        Self { now, started: Instant::now() }
    }
    fn now(&self) -> Time {
        let gone = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(0);
        Time::from_millis(self.now.millis().saturating_add(gone))
    }
    fn left(&self, of: Duration) -> Duration {
        of.saturating_sub(self.started.elapsed())
    }
}

/// What became of attempts that were due.
struct Begun {
    /// So many could go out now.
    wanted: usize,
    /// So many were begun.
    begun: usize,
    /// When the first of those that wait for a channel may go out.
    turn: Option<Time>,
}

struct Flight {
    attempt: Attempt,
    since: Instant,
    limit: Duration,
}

/// Keeps in memory what the log says, so that a call costs little.
pub struct Notifier {
    path: PathBuf,
    /// Of the file that was read last.
    dated: [Option<SystemTime>; 2],
    calendar: Option<Calendar>,
    config: Arc<Config>,
    roster: Roster,
    seen: Seen,
    pace: Pace,
    /// Leaves of the log that were read.
    known: HashSet<Digest>,
    /// Index of the log to read on from.
    index: u64,
    /// Records that could not be appended yet.
    unrecorded: Vec<Notice>,
    flights: HashMap<WayKey, Flight>,
    done: Sender<(WayKey, Outcome)>,
    outcomes: Receiver<(WayKey, Outcome)>,
}

impl Notifier {
    /// Reads the configuration of the node's home. The plan gives the calendar.
    pub fn open(node: &Node, plan: &CheckedPlan) -> Result<Self, NodeError> {
        let home = node.store().home();
        let config = load::config(home)?;
        let path = home.join(FILE);
        let calendar = plan.calendar().cloned();
        let roster = Roster::new(&config, calendar.as_ref());
        let (done, outcomes) = channel();
        Ok(Self {
            dated: dated(&path),
            path,
            calendar,
            config: Arc::new(config),
            roster,
            seen: Seen::default(),
            pace: Pace::default(),
            known: HashSet::new(),
            index: 0,
            unrecorded: Vec::new(),
            flights: HashMap::new(),
            done,
            outcomes,
        })
    }

    /// The configuration that is in use.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Sends what is due, records what became of it, says when to call again. Waits at most two seconds for answers; what
    /// comes later is recorded by the next call. `open` are all obligations that are open now.
    pub fn run_due(&mut self, node: &Node, now: Time, open: &[Obligation]) -> Result<Ran, NodeError> {
        let clock = Clock::new(now);
        let mut ran = Ran::default();
        self.reload(&mut ran.problems);
        self.record_left(node, &mut ran.problems);
        self.refresh(node)?;
        loop {
            self.collect(node, &clock, Duration::ZERO, &mut ran)?;
            let plan = due(clock.now(), &self.config, &self.roster, &self.seen, open);
            let Begun { wanted, begun, turn } = self.begin(node, plan.attempts, &clock, &mut ran)?;
            ran.problems.extend(plan.problems);
            let waits = begun < wanted || !self.flights.is_empty();
            let left = clock.left(WAIT_MAX);
            if (wanted == 0 && !waits) || left.is_zero() {
                let soon = waits.then(|| Time::from_millis(clock.now().millis() + SOON_MILLIS));
                ran.next = [plan.next, soon, turn].into_iter().flatten().min();
                ran.flying = self.flights.len();
                return Ok(ran);
            }
            if !self.flights.is_empty() {
                self.collect(node, &clock, left, &mut ran)?;
            }
        }
    }

    /// Waits for what is on its way, each for its own time at most, and records it: for the end of a program.
    pub fn finish(&mut self, node: &Node, now: Time) -> Result<Vec<Notice>, NodeError> {
        let clock = Clock::new(now);
        let mut ran = Ran::default();
        while !self.flights.is_empty() {
            self.collect(node, &clock, SOON, &mut ran)?;
        }
        self.record_left(node, &mut ran.problems);
        Ok(ran.notices)
    }

    /// A configuration that was changed is used from now on; one that cannot be read is named, and the old one stays.
    fn reload(&mut self, problems: &mut BTreeSet<Say>) {
        let dated = dated(&self.path);
        if dated == self.dated {
            return;
        }
        let read = self.path.parent().map(load::config);
        match read {
            Some(Ok(config)) => {
                let fresh = Roster::new(&config, self.calendar.as_ref());
                let old = std::mem::replace(&mut self.roster, fresh);
                self.roster.inherit(old);
                self.config = Arc::new(config);
                self.dated = dated;
            }
            Some(Err(e)) => drop(problems.insert(e.say())),
            None => {}
        }
    }

    /// Reads what others wrote into the log since: acknowledgements, delegations.
    fn refresh(&mut self, node: &Node) -> Result<(), NodeError> {
        let (records, next) = node.store().records_from(&[RecordKind::Notice, RecordKind::Attestation], self.index)?;
        self.index = next;
        for w in records {
            let leaf = w.record.leaf();
            if self.known.insert(leaf) {
                match w.record.value() {
                    Record::Notice(n) => {
                        self.seen.add(n);
                        self.pace.add(n);
                    }
                    Record::Attestation(a) => {
                        if let Some(d) = a.as_delegation() {
                            self.roster.delegate(a.stated_at, leaf, d.clone());
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Begins attempts while there are threads for them and the channel takes more in this minute.
    fn begin(&mut self, node: &Node, attempts: Vec<Attempt>, clock: &Clock, ran: &mut Ran) -> Result<Begun, NodeError> {
        let (mut wanted, mut begun, mut turn) = (attempts.len(), 0, None);
        for a in attempts {
            if clock.left(WAIT_MAX).is_zero() {
                break;
            }
            let Some(message) = a.message.as_ref().filter(|_| !a.quiet) else {
                let (state, proof) = if a.quiet { (NoticeState::Quiet, "") } else { (NoticeState::GivenUp, NOBODY) };
                self.record(node, &a, state, proof.to_owned(), clock, ran);
                begun += 1;
                continue;
            };
            let paced = self.is_paced(&a);
            if paced && let Some(at) = self.pace.waits(&self.config, &a.key.channel, clock.now()) {
                wanted -= 1;
                turn = [turn, Some(at)].into_iter().flatten().min();
                if !a.waits {
                    let limit = self.config.channel(&a.key.channel).and_then(|c| c.pace.as_ref());
                    let proof = limit.map_or_else(String::new, |p| format!("{}/min", p.per_minute));
                    self.record(node, &a, NoticeState::Waiting, proof, clock, ran);
                }
                continue;
            }
            let slow = self.flights.values().filter(|f| self.is_paced(&f.attempt)).count();
            if self.flights.len() >= WORKERS_MAX || (paced && slow >= PACED_WORKERS_MAX) {
                continue;
            }
            let worded = Worded::new(message, self.config.lang, self.roster.zone());
            let id = attempt_id(&a);
            let job = Job { worded, address: a.address.clone(), id, now: clock.now() };
            let (config, done, key) = (Arc::clone(&self.config), self.done.clone(), a.key.clone());
            let limit = config.channel(&a.key.channel).map_or(Duration::ZERO, |c| c.timeout);
            std::thread::spawn(move || {
                let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let gone = || Outcome::Refused("no such channel".to_owned());
                    config.channel(&key.channel).map_or_else(gone, |c| send(c, &job))
                }));
                let _ = done.send((key, sent.unwrap_or_else(|_| Outcome::Again("internal".to_owned()))));
            });
            if paced {
                self.pace.used(&a.key.channel, clock.now());
            }
            self.seen.flying.insert(a.key.clone());
            self.flights.insert(a.key.clone(), Flight { attempt: a, since: Instant::now(), limit });
            begun += 1;
        }
        Ok(Begun { wanted, begun, turn })
    }

    fn is_paced(&self, a: &Attempt) -> bool {
        self.config.channel(&a.key.channel).is_some_and(|c| c.pace.is_some())
    }

    /// Records outcomes that have come; waits so long for the first one.
    fn collect(&mut self, node: &Node, clock: &Clock, wait: Duration, ran: &mut Ran) -> Result<(), NodeError> {
        let mut come: Vec<(WayKey, Outcome)> = self.outcomes.recv_timeout(wait).into_iter().collect();
        come.extend(self.outcomes.try_iter());
        let over = |f: &Flight| f.since.elapsed() > f.limit + GRACE;
        let late: Vec<WayKey> = self.flights.iter().filter(|(_, f)| over(f)).map(|(k, _)| k.clone()).collect();
        come.extend(late.into_iter().map(|k| (k, Outcome::Again("time limit".to_owned()))));
        for (key, outcome) in come {
            let Some(flight) = self.flights.remove(&key) else { continue };
            self.seen.flying.remove(&key);
            let (state, proof) = state(outcome, flight.attempt.last);
            self.record(node, &flight.attempt, state, proof, clock, ran);
        }
        Ok(())
    }

    fn record(&mut self, node: &Node, a: &Attempt, state: NoticeState, proof: String, clock: &Clock, ran: &mut Ran) {
        let notice = Notice {
            node: node.id(),
            author: node.author(None),
            stated_at: clock.now(),
            notice: a.key.notice.clone(),
            about: a.key.about.clone(),
            clock: a.key.clock.clone(),
            origin: a.origin,
            channel: a.key.channel.clone(),
            to: a.key.to.clone(),
            step: a.key.step,
            attempt: a.attempt,
            state,
            proof,
        };
        // It was sent, whatever becomes of its record: it is not sent again at once.
        self.seen.add(&notice);
        match node.keep_notice(&notice) {
            Ok(leaf) => drop(self.known.insert(leaf)),
            // Telling people goes on while the disk is full: what was sent is remembered here and recorded later.
            Err(e) => {
                ran.problems.insert(e.say());
                self.unrecorded.push(notice.clone());
            }
        }
        ran.notices.push(notice);
    }

    /// Records what could not be recorded before (a full disk).
    fn record_left(&mut self, node: &Node, problems: &mut BTreeSet<Say>) {
        while let Some(notice) = self.unrecorded.last() {
            match node.keep_notice(notice) {
                Ok(leaf) => {
                    self.known.insert(leaf);
                    self.unrecorded.pop();
                }
                Err(e) => {
                    problems.insert(e.say());
                    return;
                }
            }
        }
    }
}

/// How long the end of a program waits at a time.
const SOON: Duration = Duration::from_millis(500);

/// When the files beside each other were written last.
fn dated(path: &std::path::Path) -> [Option<SystemTime>; 2] {
    let home = path.parent().unwrap_or(path);
    super::switch::files(home).map(|p| std::fs::metadata(p).and_then(|m| m.modified()).ok())
}

/// Tells an attempt from every other one, and nothing about it.
fn attempt_id(a: &Attempt) -> String {
    Digest::of(format!("{:?} {}", a.key, a.attempt).as_bytes()).hex()[..24].to_owned()
}

/// The state that an outcome leaves.
pub(super) fn state(outcome: Outcome, last: bool) -> (NoticeState, String) {
    match outcome {
        Outcome::Delivered(proof) => (NoticeState::Delivered, proof),
        Outcome::Again(proof) if !last => (NoticeState::Failed, proof),
        Outcome::Again(proof) | Outcome::Refused(proof) => (NoticeState::GivenUp, proof),
    }
}

impl Node {
    /// Signs and appends a record of an attempt.
    pub(super) fn keep_notice(&self, notice: &Notice) -> Result<Digest, NodeError> {
        let kept = self.append(&Record::Notice(notice.clone()), None, Vec::new())?;
        Ok(kept.witness.record.leaf())
    }
}
