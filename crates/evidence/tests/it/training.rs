//! Records about training and experts, for the golden files.

use evidence::*;
use std::collections::BTreeMap;

fn at() -> Time {
    "2026-11-23T20:44:52.123Z".parse().unwrap()
}

fn person(n: u8) -> KeyedDigest {
    KeyedDigest([n; 16])
}

fn document() -> Document {
    Document { name: "list.csv".into(), digest: Digest::of(b"list"), bytes: 4 }
}

fn author() -> Author {
    Author { name: "李明".into(), authenticated: Authenticated::TypedName }
}

fn training(what: TrainingMove) -> Record {
    let node = NodeId::new("0123456789abcdef");
    Record::Training(Box::new(TrainingEntry { node, author: author(), stated_at: at(), what }))
}

fn expert(what: ExpertMove) -> Record {
    let (node, expert) = (NodeId::new("0123456789abcdef"), "x-01234567".to_owned());
    Record::Expert(Box::new(ExpertEntry { node, author: author(), stated_at: at(), expert, what }))
}

pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let date = |d: &str| Time::from_date(d).unwrap();
    let session = || "t-01234567".to_owned();
    let certificate = CertificateIssued {
        id: "urn:uuid:00000000-0000-4000-8000-000000000000".into(),
        digest: Digest::of(b"jws"),
        key: Digest::of(b"key").hex(),
        issued: date("2026-11-24"),
        expires: Some(date("2028-11-24")),
        year: 2026,
        index: 7,
    };
    let course = CourseAdded {
        code: "officer".into(),
        digest: Digest::of(b"course"),
        minutes: 240,
        audience: Audience::Officer,
        validity_months: 24,
        pass_percent: 80,
        asked: 12,
    };
    let added = SessionAdded {
        session: session(),
        course: "officer".into(),
        digest: Digest::of(b"course"),
        audience: Audience::Officer,
        day: date("2026-11-23"),
        last_day: date("2026-11-24"),
    };
    let attended = AttendanceBatch {
        session: session(),
        rows: training_lines(&[AttendanceLine { person: person(1) }, AttendanceLine { person: person(2) }]).1,
        rung: Rung::Documented,
        document: Some(document()),
        door: None,
        left_out: BTreeMap::from([("row.absent".into(), 1)]),
    };
    let tested = TestBatch {
        session: session(),
        rows: training_lines(&[TestLine { passed: true, person: person(1), right: 10 }]).1,
        rung: Rung::MachineEvidenced,
        passed: 1,
        asked: 12,
        pass_percent: 80,
        document: None,
        left_out: BTreeMap::new(),
    };
    let door = DoorOpened {
        session: session(),
        commitment: door_commitment("00ff", "12345678"),
        from: at(),
        until: at().plus_minutes(30).unwrap(),
    };
    let withdrawn =
        TrainingMove::Withdrawn { session: session(), batch: Some(Digest::of(b"leaf")), reason: TakenBack::Error };
    let certified = TrainingMove::Certified { session: session(), person: person(1), certificate: certificate.clone() };
    let expires = date("2027-11-23");
    let of_expert = ExpertMove::Certified {
        person: person(3),
        field: "工业控制".into(),
        expires,
        document: Some(document()),
        certificate: None,
    };
    let conflict = ExpertMove::Conflict {
        enterprise: "91350100M000100Y43".into(),
        kind: ConflictKind::Contract,
        since: date("2026-01-01"),
        until: Some(date("2026-12-31")),
    };
    vec![
        ("training-course", training(TrainingMove::Course(course))),
        ("training-session", training(TrainingMove::Session(added))),
        ("training-attendance", training(TrainingMove::Attendance(attended))),
        ("training-test", training(TrainingMove::Test(tested))),
        ("training-door", training(TrainingMove::Door(door))),
        ("training-closed", training(TrainingMove::Closed { session: session() })),
        ("training-withdrawn", training(withdrawn)),
        ("training-certified", training(certified)),
        (
            "training-revoked",
            training(TrainingMove::Revoked { certificate: certificate.id.clone(), reason: TakenBack::Other }),
        ),
        ("training-forgotten", training(TrainingMove::Forgotten { person: person(1) })),
        ("expert-certified", expert(of_expert)),
        ("expert-renewed", expert(ExpertMove::Renewed { expires, document: None, certificate: Some(certificate) })),
        ("expert-revoked", expert(ExpertMove::Revoked { reason: TakenBack::Misconduct })),
        ("expert-conflict", expert(conflict)),
    ]
}

#[test]
fn lines_are_read_only_as_they_were_committed_to() {
    let lines = [2, 1, 2].map(|n| AttendanceLine { person: person(n) });
    let (file, root) = training_lines(&lines);
    assert_eq!(root.count, 2, "one person once");
    let back: Vec<AttendanceLine> = read_training_lines(&root, &file).unwrap();
    assert_eq!(back, [1, 2].map(|n| AttendanceLine { person: person(n) }));
    // A line is written in canonical form: the fields stand in the order of their names.
    let line = TestLine { passed: true, person: person(1), right: 3 };
    assert_eq!(
        training_lines(std::slice::from_ref(&line)).0,
        [canonical::to_vec(&line).unwrap(), b"\n".to_vec()].concat()
    );
    // The same lines in another order, under a commitment to these bytes: refused all the same.
    let turned: Vec<u8> = file.split_inclusive(|b| *b == b'\n').rev().flatten().copied().collect();
    let other = ItemRoot { file: Digest::of(&turned), ..root };
    assert!(read_training_lines::<AttendanceLine>(&other, &turned).is_err());
    assert!(read_training_lines::<AttendanceLine>(&root, &turned).is_err());
    assert!(read_training_lines::<AttendanceLine>(&ItemRoot { count: 3, ..root }, &file).is_err());
    assert!(read_training_lines::<TestLine>(&root, &file).is_err());
    // 80 % of 12 are 9.6: nine are too few, ten are enough.
    assert_eq!([passes(9, 12, 80), passes(10, 12, 80), passes(0, 0, 80)], [false, true, false]);
}
