//! Person-times, people and sessions counted by hand; rungs that do not hold; experts over time.

use crate::fixture::{node, sign_record, t};
use evidence::{
    AttendanceBatch, AttendanceLine, Audience, Authenticated, Author, CertificateIssued, ConflictKind, Digest,
    Document, DoorOpened, ExpertEntry, ExpertMove, KeyedDigest, Record, Rung, SessionAdded, TakenBack, TestBatch,
    TestLine, Time, TrainingEntry, TrainingMove, door_commitment, training_lines,
};
use judge::{ExpertState, SessionCount, TrainingFiles, TrainingStanding, experts, pool, training};
use proof::Witness;
use std::collections::BTreeMap;

const AS_OF: &str = "2026-11-23";

fn author() -> Author {
    Author { name: "李明".into(), authenticated: Authenticated::TypedName }
}

fn person(n: u8) -> KeyedDigest {
    KeyedDigest([n; 16])
}

/// Records and the files beside them.
#[derive(Default)]
struct Log {
    records: Vec<Witness>,
    files: TrainingFiles,
}
impl Log {
    fn say(&mut self, at: Time, what: TrainingMove) -> Digest {
        let entry = TrainingEntry { node: node(), author: author(), stated_at: at, what };
        let w = sign_record(&Record::Training(Box::new(entry)));
        let leaf = w.record.leaf();
        self.records.push(w);
        leaf
    }
    fn session(&mut self, id: &str, audience: Audience, day: &str) {
        let (session, course) = (id.to_owned(), "c".to_owned());
        let (day, digest) = (t(day), Digest::of(b"course"));
        let added = SessionAdded { session, course, digest, audience, day, last_day: day };
        self.say(t("2026-01-01"), TrainingMove::Session(added));
    }
    fn batch(&mut self, id: &str, people: &[u8], rung: Rung, at: Time, door: Option<Digest>) -> Digest {
        let lines: Vec<AttendanceLine> = people.iter().map(|n| AttendanceLine { person: person(*n) }).collect();
        let (file, rows) = training_lines(&lines);
        self.files.insert(rows.file, file);
        let document = Document { name: "list.csv".into(), digest: Digest::of(b"list"), bytes: 4 };
        let batch = AttendanceBatch {
            session: id.to_owned(),
            rows,
            rung,
            document: (rung == Rung::Documented).then_some(document),
            door,
            left_out: BTreeMap::new(),
        };
        self.say(at, TrainingMove::Attendance(batch))
    }
    fn test(&mut self, id: &str, right: &[(u8, u64)], at: Time) {
        // 8 of 10 pass.
        let line = |(n, r): &(u8, u64)| TestLine { passed: *r >= 8, person: person(*n), right: *r };
        let lines: Vec<TestLine> = right.iter().map(line).collect();
        let (file, rows) = training_lines(&lines);
        self.files.insert(rows.file, file);
        let batch = TestBatch {
            session: id.to_owned(),
            rows,
            rung: Rung::MachineEvidenced,
            passed: lines.iter().filter(|l| l.passed).count() as u64,
            asked: 10,
            pass_percent: 80,
            document: None,
            left_out: BTreeMap::new(),
        };
        self.say(at, TrainingMove::Test(batch));
    }
    fn door(&mut self, id: &str, at: Time, (from, until): (Time, Time)) -> Digest {
        let commitment = door_commitment("salt", "12345678");
        self.say(at, TrainingMove::Door(DoorOpened { session: id.to_owned(), commitment, from, until }))
    }
    fn judge(&self) -> TrainingStanding {
        let standing = training(&self.records, &self.files, t(AS_OF));
        // Whatever the order of the records, and if one is handed in twice.
        let turned: Vec<Witness> = self.records.iter().rev().chain(&self.records).cloned().collect();
        assert_eq!(training(&turned, &self.files, t(AS_OF)), standing);
        standing
    }
}

fn rungs(c: &SessionCount) -> [u64; 3] {
    [Rung::Declared, Rung::Documented, Rung::MachineEvidenced]
        .map(|r| c.person_times.get(&r).copied().unwrap_or_default())
}

fn doubts(s: &TrainingStanding) -> Vec<&str> {
    s.doubts.iter().map(|d| d.say.key.as_str()).collect()
}

fn hour(day: &str, hours: i64) -> Time {
    t(day).plus_minutes(hours * 60).unwrap()
}

#[test]
fn one_person_counts_once_a_session_at_the_best_rung_and_again_in_the_next() {
    let mut log = Log::default();
    log.session("t-1", Audience::Officer, "2026-03-02");
    log.session("t-2", Audience::PlantStaff, "2026-04-06");
    log.batch("t-1", &[1, 2, 3], Rung::Declared, t("2026-03-03"), None);
    log.batch("t-1", &[2, 3, 4], Rung::Documented, t("2026-03-04"), None);
    log.batch("t-2", &[1, 5], Rung::Declared, t("2026-04-07"), None);
    log.test("t-1", &[(2, 7), (3, 8), (9, 10)], t("2026-03-05"));
    log.test("t-1", &[(2, 9)], t("2026-03-06"));
    let s = log.judge();
    // t-1: 1 declared; 2, 3, 4 documented. t-2: 1 and 5 declared. Six person-times, five people.
    assert_eq!((s.sums.sessions, s.sums.person_times, s.sums.people), (2, 6, 5));
    assert_eq!(s.sessions.iter().map(rungs).collect::<Vec<_>>(), [[1, 3, 0], [2, 0, 0]]);
    // 2 passed at the second try, 3 at the first; 9 was never there.
    assert_eq!((s.sessions[0].tested, s.sessions[0].passed, s.sums.passed, s.with_test), (2, 2, 2, 4));
    assert_eq!(s.by_audience[&Audience::Officer].people, 4);
    assert_eq!(
        s.by_month.iter().map(|(m, x)| (m.as_str(), x.person_times)).collect::<Vec<_>>(),
        [("2026-03", 4), ("2026-04", 2)]
    );
    assert!(s.doubts.is_empty() && s.sessions.iter().all(|c| c.exact && c.open));
}

#[test]
fn what_is_later_withdrawn_or_after_the_close_leaves_the_count_and_is_seen() {
    let mut log = Log::default();
    log.session("t-1", Audience::Officer, "2026-03-02");
    log.session("t-2", Audience::Officer, "2026-03-09");
    log.session("t-3", Audience::Officer, "2026-12-24");
    log.batch("t-1", &[1, 2], Rung::Declared, t("2026-03-03"), None);
    let wrong = log.batch("t-1", &[7, 8, 9], Rung::Documented, t("2026-03-04"), None);
    log.say(
        t("2026-03-05"),
        TrainingMove::Withdrawn { session: "t-1".into(), batch: Some(wrong), reason: TakenBack::Error },
    );
    log.say(t("2026-03-06"), TrainingMove::Closed { session: "t-1".into() });
    log.batch("t-1", &[3], Rung::Declared, t("2026-03-07"), None);
    // After the instant that is judged: not read.
    log.batch("t-2", &[6], Rung::Declared, t("2026-11-24"), None);
    log.batch("t-2", &[4, 5], Rung::Declared, t("2026-03-10"), None);
    log.say(
        t("2026-03-11"),
        TrainingMove::Withdrawn { session: "t-2".into(), batch: None, reason: TakenBack::NotHeld },
    );
    log.batch("t-9", &[1], Rung::Declared, t("2026-03-10"), None);
    let s = log.judge();
    assert_eq!((s.sums.sessions, s.sums.person_times, s.sums.people, s.to_come), (1, 2, 2, 1));
    let gone = &s.sessions[1];
    assert_eq!((gone.withdrawn, gone.was, gone.total(), gone.open), (Some(TakenBack::NotHeld), 2, 0, false));
    assert_eq!(doubts(&s), ["doubt.training-after-close", "doubt.training-unknown-session"]);
}

#[test]
fn a_check_in_counts_as_one_only_while_its_door_was_open() {
    let day = "2026-03-02";
    let mut log = Log::default();
    log.session("t-1", Audience::Officer, day);
    log.session("t-2", Audience::Officer, day);
    let door = log.door("t-1", hour(day, 1), (hour(day, 1), hour(day, 2)));
    log.batch("t-1", &[1], Rung::MachineEvidenced, hour(day, 1), Some(door));
    // At the last moment the window is over; a list of two is no check-in; another session; no door; a door of the past.
    log.batch("t-1", &[2], Rung::MachineEvidenced, hour(day, 2), Some(door));
    log.batch("t-1", &[3, 4], Rung::MachineEvidenced, hour(day, 1), Some(door));
    log.batch("t-2", &[5], Rung::MachineEvidenced, hour(day, 1), Some(door));
    log.batch("t-1", &[6], Rung::MachineEvidenced, hour(day, 1), None);
    let late = log.door("t-1", hour("2026-05-01", 1), (hour(day, 1), hour(day, 2)));
    log.batch("t-1", &[7], Rung::MachineEvidenced, hour(day, 1), Some(late));
    // A day that is none of the session's; a window that is too long.
    let other = log.door("t-1", hour("2026-03-05", 1), (hour("2026-03-05", 1), hour("2026-03-05", 2)));
    log.batch("t-1", &[8], Rung::MachineEvidenced, hour("2026-03-05", 1), Some(other));
    let long = log.door("t-1", hour(day, 0), (hour(day, 0), hour(day, 13)));
    log.batch("t-1", &[9], Rung::MachineEvidenced, hour(day, 1), Some(long));
    let s = log.judge();
    assert_eq!(s.sessions.iter().map(rungs).collect::<Vec<_>>(), [[7, 0, 1], [1, 0, 0]]);
    assert_eq!(doubts(&s), ["doubt.training-door"; 7]);
}

#[test]
fn a_rung_needs_what_it_says_and_missing_lines_make_an_upper_bound() {
    let mut log = Log::default();
    log.session("t-1", Audience::Regulator, "2026-03-02");
    log.batch("t-1", &[1, 2], Rung::Declared, t("2026-03-03"), None);
    log.batch("t-1", &[2, 3], Rung::Documented, t("2026-03-04"), None);
    // Only the first list is at hand: 2 seen, and 2 that may be among them.
    let first = training_lines(&[AttendanceLine { person: person(1) }, AttendanceLine { person: person(2) }]).1;
    log.files.retain(|digest, _| *digest == first.file);
    let s = log.judge();
    assert_eq!((rungs(&s.sessions[0]), s.sums.people, s.sessions[0].exact), ([2, 2, 0], 2, false));
    assert_eq!(doubts(&s), ["doubt.training-no-lines"]);
    // Lines that the record does not commit to are not believed.
    let [(digest, mut file)] = log.files.clone().into_iter().collect::<Vec<_>>().try_into().unwrap();
    file.extend_from_slice(b"{}\n");
    log.files.insert(digest, file);
    let s = log.judge();
    assert_eq!((s.sums.people, s.sums.person_times), (0, 4));
    assert!(doubts(&s).contains(&"doubt.training-lines"));
}

#[test]
fn certificates_expire_and_are_revoked() {
    let mut log = Log::default();
    log.session("t-1", Audience::Officer, "2026-03-02");
    for (n, expires) in [(1, Some("2026-11-23")), (2, Some("2026-11-24")), (3, None), (4, None)] {
        let certificate = CertificateIssued {
            id: format!("urn:uuid:{n}"),
            digest: Digest::of(b"jws"),
            key: String::new(),
            issued: t("2026-03-03"),
            expires: expires.map(t),
            year: 2026,
            index: n,
        };
        let person = person(u8::try_from(n).unwrap());
        log.say(t("2026-03-03"), TrainingMove::Certified { session: "t-1".into(), person, certificate });
    }
    let revoked = TrainingMove::Revoked { certificate: "urn:uuid:4".into(), reason: TakenBack::Error };
    log.say(t("2026-03-04"), revoked);
    // 1 ended at the instant itself; 2 and 3 are in force; 4 was taken back.
    assert_eq!(log.judge().certificates, [2, 1, 1]);
}

fn say(expert: &str, day: &str, what: ExpertMove) -> Witness {
    let entry = ExpertEntry { node: node(), author: author(), stated_at: t(day), expert: expert.into(), what };
    sign_record(&Record::Expert(Box::new(entry)))
}

fn certified(n: u8, until: &str) -> ExpertMove {
    let (person, field, expires) = (person(n), "ics".to_owned(), t(until));
    ExpertMove::Certified { person, field, expires, document: None, certificate: None }
}

#[test]
fn experts_expire_renew_and_stay_away_from_their_own() {
    const X: &str = "91350100M000100Y43";
    const Y: &str = "91110000600037341L";
    let tie = |enterprise: &str, since: &str, until: Option<&str>| ExpertMove::Conflict {
        enterprise: enterprise.into(),
        kind: ConflictKind::Contract,
        since: t(since),
        until: until.map(t),
    };
    let renewed = |until: &str| ExpertMove::Renewed { expires: t(until), document: None, certificate: None };
    let records = [
        say("x-1", "2025-01-01", certified(1, "2026-01-01")),
        say("x-1", "2025-12-01", renewed("2027-01-01")),
        say("x-2", "2025-01-01", certified(2, AS_OF)),
        say("x-3", "2025-01-01", certified(3, "2027-01-01")),
        say("x-3", "2026-02-01", ExpertMove::Revoked { reason: TakenBack::Misconduct }),
        // A renewal does not undo a revocation.
        say("x-3", "2026-03-01", renewed("2028-01-01")),
        say("x-4", "2025-01-01", certified(4, "2027-01-01")),
        say("x-4", "2025-02-01", tie(X, "2025-01-01", None)),
        say("x-1", "2025-02-01", tie(X, "2025-01-01", Some("2026-01-01"))),
        say("x-1", "2025-02-01", tie(Y, "2026-06-01", None)),
        // Nobody was certified under this id.
        say("x-9", "2025-02-01", tie(X, "2025-01-01", None)),
    ];
    let all = experts(&records, t(AS_OF));
    let states: Vec<(&str, ExpertState)> = all.iter().map(|e| (e.id.as_str(), e.state)).collect();
    let (valid, expired, revoked) = (ExpertState::Valid, ExpertState::Expired, ExpertState::Revoked);
    assert_eq!(states, [("x-1", valid), ("x-2", expired), ("x-3", revoked), ("x-4", valid)]);
    let free = |enterprise: &str, day: &str| {
        let places = pool(experts(&records, t(day)), enterprise);
        places.iter().filter(|p| p.free()).map(|p| p.standing.id.clone()).collect::<Vec<_>>()
    };
    // The tie of x-1 to X ended; that of x-4 lasts.
    assert_eq!(free(X, AS_OF), ["x-1"]);
    assert_eq!(free(X, "2025-06-01"), ["x-2", "x-3"]);
    assert_eq!(free(Y, AS_OF), ["x-4"]);
    assert_eq!(free("91440300708461136T", AS_OF), ["x-1", "x-4"]);
    let out = pool(all, X);
    let why: Vec<ConflictKind> = out[3].against.iter().map(|c| c.kind).collect();
    assert_eq!((out[3].standing.id.as_str(), why), ("x-4", vec![ConflictKind::Contract]));
}
