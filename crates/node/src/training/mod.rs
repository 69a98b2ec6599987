//! Training: courses, sessions, attendance, and the names of people beside the log (`docs/specs/training-v1.md`).
//!
//! `tests` marks papers, `badges` hands out certificates, `experts` keeps those who may be called. Names go into the private database before the record
//! that counts them goes into the log: a crash in between leaves a name too many, which can be forgotten, and never a count without one.

mod badges;
mod experts;
mod tests;

pub use badges::{BadgeVerdict, IssuedBadge, Revoked, badge_key, badge_key_said, badge_said, verify_badge};
pub use experts::{ExpertOrder, KeptExpert, PoolEntry};
pub use tests::{Marked, Paper};

use crate::registry::reasons;
use crate::{Node, NodeError, home};
use attest::{BadRow, Person};
use evidence::{
    AttendanceBatch, AttendanceLine, BATCH_LINES_MAX, CourseAdded, DOOR_MINUTES_MAX, Digest, Document, DoorOpened,
    KeyedDigest, Record, RecordKind, Rung, Say, SessionAdded, TakenBack, Time, TrainingEntry, TrainingMove,
    door_commitment, read_training_lines, training_lines,
};
use judge::{TrainingFiles, TrainingStanding};
use plan::Course;
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::{Named, Private};

/// Most names of one command.
const NAMES_MAX: usize = 1000;

pub(crate) fn entry(key: &str) -> Say {
    Say::new(format!("error.training-{key}"))
}

pub(crate) fn refused(say: Say) -> NodeError {
    NodeError::Entry(say)
}

/// A course that can be taught here.
#[derive(Clone, Debug)]
pub struct KnownCourse {
    /// The course.
    pub course: Course,
    /// The leaf of its record; `None` of one that is built in and was not used yet.
    pub leaf: Option<Digest>,
}

/// A session as the log has it.
#[derive(Clone, Debug)]
pub struct KeptSession {
    /// What was announced.
    pub session: SessionAdded,
    /// The leaf of that record.
    pub leaf: Digest,
    /// It takes no more attendance.
    pub closed: bool,
    /// It does not count any more.
    pub withdrawn: bool,
}

/// What became of an attendance.
#[derive(Debug)]
pub struct Attended {
    /// Its session.
    pub session: String,
    /// Its record; `None` if everybody was known at this rung already.
    pub leaf: Option<Digest>,
    /// How sure.
    pub rung: Rung,
    /// People counted anew, or at a better rung.
    pub counted: usize,
    /// People who were counted already.
    pub known: usize,
    /// Rows that were left out.
    pub bad: Vec<BadRow>,
    /// People whose names are not kept, because they were forgotten.
    pub forgotten: usize,
}

/// A door code; it stands nowhere else.
#[derive(Debug)]
pub struct DoorCode {
    /// Eight digits.
    pub code: String,
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Its record.
    pub leaf: Digest,
}

/// A document under a name that says nothing: what people call their files holds people's names.
pub(crate) fn nameless(path: &Path) -> Result<Document, NodeError> {
    let mut document = home::document(path)?;
    let known = ["csv", "xlsx", "pdf", "jpg", "jpeg", "png", "txt", "docx", "zip"];
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
    let ending = ending.filter(|e| known.contains(&e.as_str())).unwrap_or_else(|| "bin".to_owned());
    document.name = format!("list.{ending}");
    Ok(document)
}

/// The same of bytes that were read.
fn nameless_bytes(bytes: &[u8]) -> Document {
    let xlsx = attest::Format::of(bytes) == attest::Format::Xlsx;
    Document {
        name: if xlsx { "list.xlsx" } else { "list.csv" }.to_owned(),
        digest: Digest::of(bytes),
        bytes: bytes.len() as u64,
    }
}

fn named(p: &Person) -> Named {
    let own = String::clone;
    Named {
        person: p.digest,
        name: own(&p.name),
        mark: own(&p.mark),
        employer: own(&p.employer),
        contact: own(&p.contact),
    }
}

impl Node {
    /// The names of people.
    #[must_use]
    pub fn private(&self) -> Private {
        Private::of(self.store().home())
    }

    /// Everything said about training and experts.
    pub(crate) fn training_records(&self) -> Result<Vec<Witness>, NodeError> {
        Ok(self.store().records(&[RecordKind::Training, RecordKind::Expert])?)
    }

    /// The entries about training, oldest first.
    pub(crate) fn training_entries(&self) -> Result<Vec<(Digest, TrainingEntry)>, NodeError> {
        let mut out = Vec::new();
        for w in self.store().records(&[RecordKind::Training])? {
            let leaf = w.record.leaf();
            if let Record::Training(e) = w.record.into_value() {
                out.push((leaf, *e));
            }
        }
        out.sort_by_key(|(leaf, e)| (e.stated_at, *leaf));
        Ok(out)
    }

    /// The lines of every batch.
    pub(crate) fn training_files(&self, records: &[Witness]) -> Result<TrainingFiles, NodeError> {
        let mut files = TrainingFiles::new();
        for w in records {
            let Record::Training(e) = w.record.value() else { continue };
            let root = match &e.what {
                TrainingMove::Attendance(b) => b.rows,
                TrainingMove::Test(t) => t.rows,
                _ => continue,
            };
            files.insert(root.file, self.store().artifact(root.file)?);
        }
        Ok(files)
    }

    /// What training comes to.
    pub fn training_standing(&self, as_of: Time) -> Result<TrainingStanding, NodeError> {
        let records = self.training_records()?;
        let files = self.training_files(&records)?;
        Ok(judge::training(&records, &files, as_of))
    }

    /// Says something about training, with the lines that it commits to.
    pub(crate) fn train(
        &self,
        what: TrainingMove,
        author: Option<&str>,
        at: Time,
        beside: Vec<Vec<u8>>,
    ) -> Result<Digest, NodeError> {
        let entry = TrainingEntry { node: self.id(), author: self.author(author), stated_at: at, what };
        let kept = self.append(&Record::Training(Box::new(entry)), None, beside)?;
        Ok(kept.witness.record.leaf())
    }

    /// Courses: those of the log, the newest of a code, and those that are built in.
    pub fn courses(&self) -> Result<Vec<KnownCourse>, NodeError> {
        let mut all: BTreeMap<String, KnownCourse> =
            built_in()?.into_iter().map(|c| (c.course.code.clone(), c)).collect();
        for (leaf, e) in self.training_entries()? {
            let TrainingMove::Course(c) = e.what else { continue };
            let text = self.store().artifact(c.digest)?;
            let text = String::from_utf8(text).map_err(|e| NodeError::Internal(e.to_string()))?;
            let course = plan::course(&format!("{}.toml", c.code), &text).map_err(NodeError::Plan)?;
            // A newer version that the program brings is used for new sessions; old ones keep theirs.
            if all.get(&c.code).is_none_or(|known| known.leaf.is_some() || known.course.version <= course.version) {
                all.insert(c.code, KnownCourse { course, leaf: Some(leaf) });
            }
        }
        Ok(all.into_values().collect())
    }

    /// The course of this code.
    pub fn course(&self, code: &str) -> Result<KnownCourse, NodeError> {
        let mut all = self.courses()?;
        let at = all.iter().position(|c| c.course.code == code.trim());
        match at {
            Some(at) => Ok(all.swap_remove(at)),
            None => {
                let known: Vec<&str> = all.iter().map(|c| c.course.code.as_str()).collect();
                Err(refused(entry("unknown-course").with("value", attest::clean(code)).with("known", known.join(", "))))
            }
        }
    }

    /// Takes a course from its file.
    pub fn course_add(&self, file: &Path, author: Option<&str>) -> Result<KnownCourse, NodeError> {
        let bytes = home::read(file, plan::COURSE_BYTES_MAX as u64)?;
        let text = String::from_utf8(bytes)
            .map_err(|e| NodeError::NotUtf8 { path: file.to_owned(), at: e.utf8_error().valid_up_to() })?;
        let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let course = plan::course(&name, &text).map_err(NodeError::Plan)?;
        let leaf = self.keep_course(&course, text.into_bytes(), author)?;
        Ok(KnownCourse { course, leaf: Some(leaf) })
    }

    fn keep_course(&self, course: &Course, text: Vec<u8>, author: Option<&str>) -> Result<Digest, NodeError> {
        let added = CourseAdded {
            code: course.code.clone(),
            digest: course.digest,
            minutes: course.minutes,
            audience: course.audience,
            validity_months: course.validity_months,
            pass_percent: course.pass_percent,
            asked: course.asked as u64,
        };
        self.train(TrainingMove::Course(added), author, home::now(), vec![text])
    }

    /// The course that a session is of, as it was when the session was announced.
    pub(crate) fn course_of(&self, session: &SessionAdded) -> Result<Course, NodeError> {
        let text = String::from_utf8(self.store().artifact(session.digest)?);
        let text = text.map_err(|e| NodeError::Internal(e.to_string()))?;
        plan::course(&format!("{}.toml", session.course), &text).map_err(NodeError::Plan)
    }

    /// Announces a session.
    pub fn session_add(
        &self,
        code: &str,
        (day, last_day): (Time, Time),
        author: Option<&str>,
    ) -> Result<KeptSession, NodeError> {
        if last_day < day {
            return Err(refused(entry("days")));
        }
        let known = self.course(code)?;
        if known.leaf.is_none() {
            let text =
                plan::builtin_courses().into_iter().find(|(_, t)| Digest::of(t.as_bytes()) == known.course.digest);
            self.keep_course(&known.course, text.map_or_else(Vec::new, |t| t.1.as_bytes().to_vec()), author)?;
        }
        let now = home::now();
        let mut session = SessionAdded {
            session: String::new(),
            course: known.course.code.clone(),
            digest: known.course.digest,
            audience: known.course.audience,
            day,
            last_day,
        };
        let seed = format!("{}\n{}\n{}\n{day}\n{last_day}", self.id(), now, session.course);
        session.session = format!("t-{}", Digest::of(seed.as_bytes()).hex().get(..8).unwrap_or_default());
        let leaf = self.train(TrainingMove::Session(session.clone()), author, now, Vec::new())?;
        Ok(KeptSession { session, leaf, closed: false, withdrawn: false })
    }

    /// Every session, by day.
    pub fn sessions(&self) -> Result<Vec<KeptSession>, NodeError> {
        let mut all: Vec<KeptSession> = Vec::new();
        for (leaf, e) in self.training_entries()? {
            match e.what {
                TrainingMove::Session(session) => {
                    all.push(KeptSession { session, leaf, closed: false, withdrawn: false });
                }
                TrainingMove::Closed { session } => {
                    all.iter_mut().filter(|s| s.session.session == session).for_each(|s| s.closed = true);
                }
                TrainingMove::Withdrawn { session, batch: None, .. } => {
                    all.iter_mut().filter(|s| s.session.session == session).for_each(|s| s.withdrawn = true);
                }
                _ => {}
            }
        }
        all.sort_by(|a, b| (a.session.day, &a.session.session).cmp(&(b.session.day, &b.session.session)));
        Ok(all)
    }

    /// The session whose id begins so.
    pub fn session(&self, typed: &str) -> Result<KeptSession, NodeError> {
        let typed = typed.trim();
        let mut fits =
            self.sessions()?.into_iter().filter(|s| !typed.is_empty() && s.session.session.starts_with(typed));
        let unknown = || refused(entry("unknown-session").with("value", attest::clean(typed)));
        let first = fits.next().ok_or_else(unknown)?;
        if fits.next().is_some() { Err(unknown()) } else { Ok(first) }
    }

    /// A session that takes attendance now.
    fn open_session(&self, typed: &str, now: Time) -> Result<KeptSession, NodeError> {
        let s = self.session(typed)?;
        let id = &s.session.session;
        if s.withdrawn || s.closed {
            return Err(refused(entry("ended").with("session", id)));
        }
        // The day begins in the east fourteen hours before it does in UTC.
        if s.session.day.plus_minutes(-14 * 60).is_some_and(|begins| now < begins) {
            return Err(refused(entry("too-early").with("session", id).with("day", s.session.day.date())));
        }
        Ok(s)
    }

    /// Who is counted in a session, at which rung.
    pub(crate) fn counted_in(&self, session: &str) -> Result<BTreeMap<KeyedDigest, Rung>, NodeError> {
        let entries = self.training_entries()?;
        let gone: BTreeSet<Digest> = entries
            .iter()
            .filter_map(|(_, e)| match &e.what {
                TrainingMove::Withdrawn { batch, .. } => *batch,
                _ => None,
            })
            .collect();
        let mut out = BTreeMap::new();
        for (leaf, e) in &entries {
            let TrainingMove::Attendance(b) = &e.what else { continue };
            if b.session != session || gone.contains(leaf) {
                continue;
            }
            let lines: Vec<AttendanceLine> =
                read_training_lines(&b.rows, &self.store().artifact(b.rows.file)?).map_err(NodeError::Internal)?;
            for line in lines {
                let best = out.entry(line.person).or_insert(b.rung);
                *best = b.rung.max(*best);
            }
        }
        Ok(out)
    }

    /// Who is counted in a session, at which rung; with `names`, who they are as far as that is known.
    pub fn attendees(&self, session: &str, names: bool) -> Result<Vec<(KeyedDigest, Rung, Option<Named>)>, NodeError> {
        let who = |p| if names { self.private().person(p) } else { Ok(None) };
        self.counted_in(session)?.into_iter().map(|(p, rung)| Ok((p, rung, who(p)?))).collect()
    }

    /// Records a batch of people; who is known at this rung already is not recorded again.
    fn attendance(
        &self,
        session: &SessionAdded,
        people: &[Person],
        mut batch: AttendanceBatch,
        (author, now): (Option<&str>, Time),
        bad: Vec<BadRow>,
    ) -> Result<Attended, NodeError> {
        let counted = self.counted_in(&session.session)?;
        let fresh = |p: &&Person| counted.get(&p.digest).is_none_or(|r| *r < batch.rung);
        let lines: Vec<AttendanceLine> =
            people.iter().filter(fresh).map(|p| AttendanceLine { person: p.digest }).collect();
        let mut out = Attended {
            session: session.session.clone(),
            leaf: None,
            rung: batch.rung,
            counted: lines.len(),
            known: people.len() - lines.len(),
            bad,
            forgotten: 0,
        };
        if lines.is_empty() {
            return Ok(out);
        }
        // Whoever was forgotten does not come back by an old list; who comes again is typed, or checks in.
        let forgotten = if batch.rung == Rung::Documented { self.forgotten()? } else { BTreeSet::new() };
        let keep: Vec<Named> = people.iter().filter(|p| !forgotten.contains(&p.digest)).map(named).collect();
        out.forgotten = people.len() - keep.len();
        self.private().keep(&keep)?;
        let (file, root) = training_lines(&lines);
        batch.rows = root;
        out.counted = usize::try_from(root.count).unwrap_or(lines.len());
        out.leaf = Some(self.train(TrainingMove::Attendance(batch), author, now, vec![file])?);
        Ok(out)
    }

    fn batch(session: &SessionAdded, rung: Rung) -> AttendanceBatch {
        AttendanceBatch {
            session: session.session.clone(),
            rows: training_lines::<AttendanceLine>(&[]).1,
            rung,
            document: None,
            door: None,
            left_out: BTreeMap::new(),
        }
    }

    /// People who were typed: declared, or documented by a list that names them.
    pub fn attend(
        &self,
        session: &str,
        names: &[String],
        document: Option<&Path>,
        author: Option<&str>,
    ) -> Result<Attended, NodeError> {
        let now = home::now();
        let s = self.open_session(session, now)?.session;
        if names.len() > NAMES_MAX {
            return Err(refused(entry("names").with("max", NAMES_MAX)));
        }
        let key = self.store().keys().digest_key()?;
        let mut people: BTreeMap<KeyedDigest, Person> = BTreeMap::new();
        for name in names {
            let p = attest::person(&key, name).map_err(NodeError::Entry)?;
            people.entry(p.digest).or_insert(p);
        }
        let people: Vec<Person> = people.into_values().collect();
        let mut batch = Self::batch(&s, if document.is_some() { Rung::Documented } else { Rung::Declared });
        batch.document = document.map(nameless).transpose()?;
        self.attendance(&s, &people, batch, (author, now), Vec::new())
    }

    /// People of a table. The table is the document; a signed sheet names it better.
    pub fn attendance_import(
        &self,
        session: &str,
        table: &Path,
        document: Option<&Path>,
        author: Option<&str>,
    ) -> Result<Attended, NodeError> {
        let now = home::now();
        let s = self.open_session(session, now)?.session;
        let limits = attest::Limits { rows_max: BATCH_LINES_MAX, ..attest::Limits::default() };
        let bytes = home::read(table, limits.file_bytes_max as u64)?;
        let key = self.store().keys().digest_key()?;
        let read = attest::attendance(&bytes, &limits, (s.day, s.last_day), &key);
        let read = read.map_err(|e| NodeError::Table(table.to_owned(), e))?;
        if read.people.is_empty() {
            return Err(NodeError::NoGoodRow(table.to_owned(), read.bad.into_iter().take(20).collect()));
        }
        let mut batch = Self::batch(&s, Rung::Documented);
        batch.document = Some(document.map_or_else(|| Ok(nameless_bytes(&bytes)), nameless)?);
        batch.left_out = reasons(&read.bad);
        self.attendance(&s, &read.people, batch, (author, now), read.bad)
    }

    /// Sets a door code that is good from now on for so many minutes.
    pub fn door(&self, session: &str, minutes: i64, author: Option<&str>) -> Result<DoorCode, NodeError> {
        let from = home::now();
        let s = self.open_session(session, from)?.session;
        let ends = s.last_day.plus_minutes(36 * 60);
        let until = from.plus_minutes(minutes.clamp(1, DOOR_MINUTES_MAX));
        let until = until.filter(|u| ends.is_some_and(|e| *u <= e));
        let until = until.ok_or_else(|| refused(entry("door-day").with("day", s.last_day.date())))?;
        let secret = home::secret()?;
        let (number, salt) = secret.split_at(8);
        // The bias of 2^64 over 10^8 is far below one in 10^11.
        let number = u64::from_be_bytes(number.try_into().unwrap_or([0; 8])) % 100_000_000;
        let (code, salt) = (format!("{number:08}"), data_encoding::HEXLOWER.encode(salt));
        let commitment = door_commitment(&salt, &code);
        // The salt first: a door without it would open for nobody.
        self.private().keep_door(commitment, &salt, until)?;
        let opened = DoorOpened { session: s.session, commitment, from, until };
        let leaf = self.train(TrainingMove::Door(opened), author, from, Vec::new())?;
        Ok(DoorCode { code, from, until, leaf })
    }

    /// One person checks in with a door code.
    pub fn attend_by_door(
        &self,
        session: &str,
        name: &str,
        code: &str,
        author: Option<&str>,
    ) -> Result<Attended, NodeError> {
        let now = home::now();
        let s = self.open_session(session, now)?.session;
        let person = attest::person(&self.store().keys().digest_key()?, name).map_err(NodeError::Entry)?;
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let mut door = None;
        for (leaf, e) in self.training_entries()? {
            let TrainingMove::Door(d) = e.what else { continue };
            if d.session == s.session && d.from <= now && now < d.until {
                let salt = self.private().door(d.commitment)?;
                if salt.is_some_and(|salt| door_commitment(&salt, &code) == d.commitment) {
                    door = Some(leaf);
                }
            }
        }
        let door = door.ok_or_else(|| refused(entry("door").with("session", &s.session)))?;
        let mut batch = Self::batch(&s, Rung::MachineEvidenced);
        batch.door = Some(door);
        self.attendance(&s, &[person], batch, (author, now), Vec::new())
    }

    /// A session takes no more attendance.
    pub fn session_close(&self, session: &str, author: Option<&str>) -> Result<(String, Digest), NodeError> {
        let s = self.session(session)?;
        if s.closed || s.withdrawn {
            return Err(refused(entry("ended").with("session", &s.session.session)));
        }
        let session = s.session.session;
        let leaf = self.train(TrainingMove::Closed { session: session.clone() }, author, home::now(), Vec::new())?;
        Ok((session, leaf))
    }

    /// A session, or one batch of it, does not count any more.
    pub fn session_withdraw(
        &self,
        session: &str,
        batch: Option<&str>,
        reason: TakenBack,
        author: Option<&str>,
    ) -> Result<(String, Digest), NodeError> {
        let s = self.session(session)?;
        let session = s.session.session;
        let batch = match batch {
            None => None,
            Some(typed) => {
                let fits = |leaf: &Digest| !typed.is_empty() && leaf.hex().starts_with(typed);
                let mut of = Vec::new();
                for (leaf, e) in self.training_entries()? {
                    match e.what {
                        TrainingMove::Attendance(b) if b.session == session && fits(&leaf) => of.push(leaf),
                        TrainingMove::Test(t) if t.session == session && fits(&leaf) => of.push(leaf),
                        _ => {}
                    }
                }
                let [one] = of.as_slice() else { return Err(NodeError::UnknownLeaf(attest::clean(typed))) };
                Some(*one)
            }
        };
        let what = TrainingMove::Withdrawn { session: session.clone(), batch, reason };
        let leaf = self.train(what, author, home::now(), Vec::new())?;
        Ok((session, leaf))
    }

    /// Whom the log says was forgotten.
    pub fn forgotten(&self) -> Result<BTreeSet<KeyedDigest>, NodeError> {
        let gone = self.training_entries()?.into_iter().filter_map(|(_, e)| match e.what {
            TrainingMove::Forgotten { person } => Some(person),
            _ => None,
        });
        Ok(gone.collect())
    }

    /// The person that `NAME`, `NAME#MARK` or a digest means: exactly that one, or the only one known of this name.
    pub fn find_person(&self, typed: &str) -> Result<KeyedDigest, NodeError> {
        if let Ok(digest) = typed.trim().parse() {
            return Ok(digest);
        }
        let p = attest::person(&self.store().keys().digest_key()?, typed).map_err(NodeError::Entry)?;
        if self.private().person(p.digest)?.is_some() || !p.mark.is_empty() {
            return Ok(p.digest);
        }
        let same: Vec<Named> = self.private().people()?.into_iter().filter(|n| n.name == p.name).collect();
        match same.as_slice() {
            [] => Ok(p.digest),
            [one] => Ok(one.person),
            many => Err(refused(entry("ambiguous-person").with("count", many.len()))),
        }
    }

    /// Takes a person's name, and what else is known of them, out of the private database, and says in the log that it was done.
    pub fn forget(&self, typed: &str, author: Option<&str>) -> Result<(KeyedDigest, Option<Digest>), NodeError> {
        let person = self.find_person(typed)?;
        let now = home::now();
        // Always, also of somebody unknown: a run that was cut off may have left bytes behind.
        let gone = self.private().forget(&[person], now)?;
        if gone == 0 {
            return Ok((person, None));
        }
        let leaf = self.train(TrainingMove::Forgotten { person }, author, now, Vec::new())?;
        Ok((person, Some(leaf)))
    }
}

/// The courses that the program carries.
fn built_in() -> Result<Vec<KnownCourse>, NodeError> {
    let read = |(name, text): (&str, &str)| {
        let course = plan::course(name, text).map_err(NodeError::Plan)?;
        Ok(KnownCourse { course, leaf: None })
    };
    plan::builtin_courses().into_iter().map(read).collect()
}
