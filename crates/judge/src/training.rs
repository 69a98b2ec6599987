//! What training comes to: sessions, person-times and people, each by how sure it is (`docs/specs/training-v1.md` §3).
//!
//! The plan counts person-times. One person in one session is one, whichever lists the person stands in and on however many
//! of its days; the best rung counts. What the judge cannot see it says: without the lines of a batch its number is an upper bound.
//!
//! Refused: believing a rung. A check-in by door code counts as one only while the door's record, which is older than it, says so.

use crate::choose::doubt;
use evidence::{
    AttendanceBatch, AttendanceLine, Audience, DOOR_MINUTES_MAX, Digest, DoorOpened, Doubt, ItemRoot, KeyedDigest,
    NodeId, Record, Rung, Say, SessionAdded, TakenBack, TestBatch, TestLine, Time, TrainingEntry, TrainingMove,
    read_training_lines,
};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// Days begin in the east fourteen hours before UTC and end in the west twelve hours after it.
const DAY_BEGINS: i64 = -14 * 60;
const DAY_ENDS: i64 = (24 + 12) * 60;

/// One session in numbers: what a programme counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionCount {
    /// Leaf of the record that announced it.
    pub leaf: Digest,
    /// Which node.
    pub node: NodeId,
    /// Its id.
    pub session: String,
    /// Course.
    pub course: String,
    /// Its first day.
    pub date: Time,
    /// Its last day.
    pub last: Time,
    /// For whom.
    pub audience: Audience,
    /// Person-times by the best rung of each person; 0 of all if withdrawn.
    pub person_times: BTreeMap<Rung, u64>,
    /// People who attended and were tested.
    pub tested: u64,
    /// People who attended and passed.
    pub passed: u64,
    /// Why it does not count.
    pub withdrawn: Option<TakenBack>,
    /// Of a withdrawn session: what it would count.
    pub was: u64,
    /// It still takes attendance.
    pub open: bool,
    /// False: lines were missing, and the numbers are upper bounds.
    pub exact: bool,
}
impl SessionCount {
    /// Person-times of all rungs.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.person_times.values().sum()
    }
}

/// Numbers of a part of the sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TrainingSums {
    /// Sessions that count.
    pub sessions: u64,
    /// Person-times.
    pub person_times: u64,
    /// Distinct people, as far as lines are at hand.
    pub people: u64,
    /// Distinct people who passed.
    pub passed: u64,
}

/// What training comes to as of an instant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrainingStanding {
    /// Every session until then, by date and id, withdrawn ones too.
    pub sessions: Vec<SessionCount>,
    /// All that count.
    pub sums: TrainingSums,
    /// Person-times by rung.
    pub person_times: BTreeMap<Rung, u64>,
    /// Person-times of sessions in which at least one person was tested.
    pub with_test: u64,
    /// By audience.
    pub by_audience: BTreeMap<Audience, TrainingSums>,
    /// By month of the first day, `YYYY-MM`.
    pub by_month: BTreeMap<String, TrainingSums>,
    /// Sessions whose day is still to come.
    pub to_come: u64,
    /// Certificates in force, expired, revoked.
    pub certificates: [u64; 3],
    /// What makes it weaker than it looks.
    pub doubts: Vec<Doubt>,
}

/// The lines of batches, by the digest of their file. They are believed only where a record commits to them.
pub type TrainingFiles = BTreeMap<Digest, Vec<u8>>;

/// Who was there, and who passed: by node and digest.
type Crowd<'a> = [BTreeSet<(&'a str, KeyedDigest)>; 2];

/// Everything said about one session.
struct Held<'a> {
    leaf: Digest,
    node: &'a NodeId,
    session: &'a SessionAdded,
    batches: Vec<(Digest, Time, &'a AttendanceBatch)>,
    tests: Vec<(Digest, Time, &'a TestBatch)>,
    closed: Option<Time>,
    withdrawn: Option<TakenBack>,
    gone: BTreeSet<Digest>,
}

/// What stands in the records, gathered.
#[derive(Default)]
struct Gathered<'a> {
    held: BTreeMap<(&'a str, &'a str), Held<'a>>,
    doors: BTreeMap<Digest, (Time, &'a NodeId, &'a DoorOpened)>,
    issued: BTreeMap<&'a str, Option<Time>>,
    revoked: BTreeSet<&'a str>,
    doubts: Vec<Doubt>,
}

impl<'a> Gathered<'a> {
    fn of(records: &'a [Witness], as_of: Time) -> Self {
        let mut entries: Vec<(&'a TrainingEntry, Digest)> = Vec::new();
        for w in records {
            if let Record::Training(e) = w.record.value()
                && e.stated_at <= as_of
            {
                entries.push((e, w.record.leaf()));
            }
        }
        entries.sort_by_key(|(e, leaf)| (e.stated_at, *leaf));
        // A record handed in twice counts once.
        entries.dedup_by_key(|e| e.1);
        let mut out = Self::default();
        for (e, leaf) in &entries {
            out.first(e, *leaf);
        }
        for (e, leaf) in entries {
            out.then(e, leaf);
        }
        for w in records {
            if let Record::Expert(e) = w.record.value()
                && e.stated_at <= as_of
            {
                out.expert(&e.what);
            }
        }
        out
    }

    /// What others refer to.
    fn first(&mut self, e: &'a TrainingEntry, leaf: Digest) {
        match &e.what {
            TrainingMove::Session(session) => {
                let held = Held {
                    leaf,
                    node: &e.node,
                    session,
                    batches: Vec::new(),
                    tests: Vec::new(),
                    closed: None,
                    withdrawn: None,
                    gone: BTreeSet::new(),
                };
                self.held.entry((e.node.as_str(), &session.session)).or_insert(held);
            }
            TrainingMove::Door(door) => {
                self.doors.insert(leaf, (e.stated_at, &e.node, door));
            }
            _ => {}
        }
    }

    fn then(&mut self, e: &'a TrainingEntry, leaf: Digest) {
        let session = match &e.what {
            TrainingMove::Attendance(b) => &b.session,
            TrainingMove::Test(t) => &t.session,
            TrainingMove::Closed { session } | TrainingMove::Withdrawn { session, .. } => session,
            TrainingMove::Certified { certificate, .. } => {
                self.issued.insert(&certificate.id, certificate.expires);
                return;
            }
            TrainingMove::Revoked { certificate, .. } => {
                self.revoked.insert(certificate);
                return;
            }
            _ => return,
        };
        let Some(held) = self.held.get_mut(&(e.node.as_str(), session.as_str())) else {
            let say = Say::new("doubt.training-unknown-session").with("session", session);
            self.doubts.push(doubt(say, Some(leaf)));
            return;
        };
        match &e.what {
            TrainingMove::Attendance(b) => held.batches.push((leaf, e.stated_at, b)),
            TrainingMove::Test(t) => held.tests.push((leaf, e.stated_at, t)),
            TrainingMove::Closed { .. } => held.closed = held.closed.or(Some(e.stated_at)),
            TrainingMove::Withdrawn { batch: Some(batch), .. } => {
                held.gone.insert(*batch);
            }
            TrainingMove::Withdrawn { reason, .. } => held.withdrawn = held.withdrawn.or(Some(*reason)),
            _ => {}
        }
    }

    fn expert(&mut self, what: &'a evidence::ExpertMove) {
        if let evidence::ExpertMove::Certified { certificate: Some(c), .. }
        | evidence::ExpertMove::Renewed { certificate: Some(c), .. } = what
        {
            self.issued.insert(&c.id, c.expires);
        }
    }
}

/// Lines of a batch, if they are at hand and are what the record commits to.
fn lines<T>(
    read: fn(&ItemRoot, &[u8]) -> Result<Vec<T>, String>,
    files: &TrainingFiles,
    root: &ItemRoot,
    leaf: Digest,
    doubts: &mut Vec<Doubt>,
) -> Option<Vec<T>> {
    match files.get(&root.file).map(|file| read(root, file)) {
        Some(Ok(lines)) => Some(lines),
        Some(Err(why)) => {
            doubts.push(doubt(Say::new("doubt.training-lines").with("why", why), Some(leaf)));
            None
        }
        None => {
            doubts.push(doubt(Say::new("doubt.training-no-lines").with("count", root.count), Some(leaf)));
            None
        }
    }
}

/// The rung that a batch really has.
fn rung(g: &Gathered<'_>, held: &Held<'_>, stated: Time, b: &AttendanceBatch) -> (Rung, Option<&'static str>) {
    match b.rung {
        Rung::Declared => (Rung::Declared, None),
        Rung::Documented if b.document.is_some() => (Rung::Documented, None),
        Rung::Documented => (Rung::Declared, Some("doubt.training-no-document")),
        // Nothing re-observes an attendance.
        Rung::MachineEvidenced | Rung::ReObserved => {
            let door = b.door.and_then(|d| g.doors.get(&d));
            let holds = door.is_some_and(|(at, node, door)| {
                let day = held.session.day.plus_minutes(DAY_BEGINS);
                let end = held.session.last_day.plus_minutes(DAY_ENDS);
                let minutes = (door.until.millis().saturating_sub(door.from.millis())) / 60_000;
                door.session == b.session
                    && *node == held.node
                    && *at <= door.from
                    && day.is_some_and(|d| d <= door.from)
                    && end.is_some_and(|e| door.until <= e)
                    && (0..=DOOR_MINUTES_MAX).contains(&minutes)
                    && door.from <= stated
                    && stated < door.until
                    && b.rows.count == 1
            });
            if holds { (Rung::MachineEvidenced, None) } else { (Rung::Declared, Some("doubt.training-door")) }
        }
    }
}

/// Who was there and who passed, of one session.
#[derive(Default)]
struct There {
    best: BTreeMap<KeyedDigest, Rung>,
    unseen: BTreeMap<Rung, u64>,
    tested: BTreeSet<KeyedDigest>,
    passed: BTreeSet<KeyedDigest>,
    unseen_tested: u64,
    unseen_passed: u64,
    exact: bool,
}

fn there(g: &Gathered<'_>, held: &Held<'_>, files: &TrainingFiles, doubts: &mut Vec<Doubt>) -> There {
    let mut out = There { exact: true, ..There::default() };
    for (leaf, stated, b) in &held.batches {
        if held.gone.contains(leaf) {
            continue;
        }
        if held.closed.is_some_and(|c| c < *stated) {
            let say = Say::new("doubt.training-after-close").with("session", &b.session).with("count", b.rows.count);
            doubts.push(doubt(say, Some(*leaf)));
            continue;
        }
        let (rung, why) = rung(g, held, *stated, b);
        doubts.extend(why.map(|key| doubt(Say::new(key).with("session", &b.session), Some(*leaf))));
        match lines(read_training_lines::<AttendanceLine>, files, &b.rows, *leaf, doubts) {
            Some(lines) => {
                for line in lines {
                    let best = out.best.entry(line.person).or_insert(rung);
                    *best = rung.max(*best);
                }
            }
            None => {
                out.exact = false;
                *out.unseen.entry(rung).or_default() += b.rows.count;
            }
        }
    }
    for (leaf, _, t) in held.tests.iter().filter(|t| !held.gone.contains(&t.0)) {
        match lines(read_training_lines::<TestLine>, files, &t.rows, *leaf, doubts) {
            Some(lines) => {
                for line in lines.into_iter().filter(|l| out.best.contains_key(&l.person)) {
                    out.tested.insert(line.person);
                    if evidence::passes(line.right, t.asked, t.pass_percent) {
                        out.passed.insert(line.person);
                    }
                }
            }
            None => {
                out.exact = false;
                out.unseen_tested += t.rows.count;
                out.unseen_passed += t.passed.min(t.rows.count);
            }
        }
    }
    out
}

fn count(held: &Held<'_>, there: &There) -> SessionCount {
    let mut person_times = there.unseen.clone();
    for rung in there.best.values() {
        *person_times.entry(*rung).or_default() += 1;
    }
    let all: u64 = person_times.values().sum();
    let gone = held.withdrawn.is_some();
    SessionCount {
        leaf: held.leaf,
        node: held.node.clone(),
        session: held.session.session.clone(),
        course: held.session.course.clone(),
        date: held.session.day,
        last: held.session.last_day,
        audience: held.session.audience,
        tested: if gone { 0 } else { (there.tested.len() as u64 + there.unseen_tested).min(all) },
        passed: if gone { 0 } else { (there.passed.len() as u64 + there.unseen_passed).min(all) },
        person_times: if gone { BTreeMap::new() } else { person_times },
        withdrawn: held.withdrawn,
        was: if gone { all } else { 0 },
        open: held.closed.is_none() && !gone,
        exact: there.exact,
    }
}

/// Adds one session to some sums.
fn add(sums: &mut TrainingSums, c: &SessionCount) {
    sums.sessions += 1;
    sums.person_times += c.total();
}

/// What training comes to as of an instant. `files` are the lines of batches; those that nobody commits to are not read.
#[must_use]
pub fn training(records: &[Witness], files: &TrainingFiles, as_of: Time) -> TrainingStanding {
    let mut g = Gathered::of(records, as_of);
    let mut out = TrainingStanding { doubts: std::mem::take(&mut g.doubts), ..TrainingStanding::default() };
    // People of two nodes are two people: each node has a key of its own, and nobody above can tell.
    let mut people: BTreeMap<Option<Audience>, Crowd<'_>> = BTreeMap::new();
    let mut months: BTreeMap<String, Crowd<'_>> = BTreeMap::new();
    for held in g.held.values() {
        // A day begins in the east before it begins in UTC.
        if held.session.day.plus_minutes(DAY_BEGINS).is_some_and(|d| as_of < d) {
            out.to_come += 1;
            continue;
        }
        let there = there(&g, held, files, &mut out.doubts);
        let c = count(held, &there);
        if c.withdrawn.is_none() {
            let month = c.date.date().get(..7).unwrap_or_default().to_owned();
            add(&mut out.sums, &c);
            add(out.by_audience.entry(c.audience).or_default(), &c);
            add(out.by_month.entry(month.clone()).or_default(), &c);
            for (rung, n) in &c.person_times {
                *out.person_times.entry(*rung).or_default() += n;
            }
            out.with_test += if c.tested > 0 { c.total() } else { 0 };
            let node = held.node.as_str();
            let month = months.entry(month).or_default();
            for key in [None, Some(c.audience)] {
                let sets = people.entry(key).or_default();
                sets[0].extend(there.best.keys().map(|p| (node, *p)));
                sets[1].extend(there.passed.iter().map(|p| (node, *p)));
            }
            month[0].extend(there.best.keys().map(|p| (node, *p)));
            month[1].extend(there.passed.iter().map(|p| (node, *p)));
        }
        out.sessions.push(c);
    }
    for (key, sets) in people {
        let sums = match key {
            None => &mut out.sums,
            Some(audience) => out.by_audience.entry(audience).or_default(),
        };
        (sums.people, sums.passed) = (sets[0].len() as u64, sets[1].len() as u64);
    }
    for (month, sets) in months {
        let sums = out.by_month.entry(month).or_default();
        (sums.people, sums.passed) = (sets[0].len() as u64, sets[1].len() as u64);
    }
    for (id, expires) in &g.issued {
        let place = match expires {
            _ if g.revoked.contains(id) => 2,
            Some(e) if *e <= as_of => 1,
            _ => 0,
        };
        out.certificates[place] += 1;
    }
    out.sessions.sort_by(|a, b| (a.date, &a.session, &a.node).cmp(&(b.date, &b.session, &b.node)));
    out.doubts.sort();
    out
}
