//! The watch under a test clock: what becomes late is signed, people are told once, and what is met is told no more.

use crate::bed::{Bed, around};
use evidence::{ClockState, Happening, Moment, NoticeState, Origin, Record, RecordKind, Reported, Time};
use node::{IncidentFile, Noticed, Opening, Watch};
use plan::CheckedPlan;

/// A node whose messages end in a file beside it.
fn bed() -> Bed {
    let bed = Bed::new();
    let out = bed.home.join("told");
    let hook = bed.file("hook.sh", &format!("#!/bin/sh\ncat >> {}\necho >> {}\n", out.display(), out.display()), 0o700);
    let channel = format!("kind = \"command\"\nprogram = \"{}\"", hook.display());
    bed.file("notify.toml", &around(&channel, "13800000000"), 0o600);
    bed
}

/// An incident of level III by its people, discovered at an instant.
fn opened(bed: &Bed, plan: &CheckedPlan, origin: Origin, discovered: Time) -> IncidentFile {
    let opening = Opening {
        title: "CANARY-TITLE".to_owned(),
        actors: vec!["enterprise".to_owned()],
        branches: vec!["industrial".to_owned()],
        moments: vec![("discovery".to_owned(), discovered)],
        origin,
        seen: Vec::new(),
    };
    let file = bed.node.incident_open(plan, opening, None).unwrap().file;
    let people = node::dimension(plan, "people").unwrap();
    let answers = [(people.id.clone(), node::answer(plan, people, "1000000", "").unwrap())].into();
    bed.node.incident_add(plan, file, vec![Happening::Answered { answers }], None).unwrap().file
}

fn after(start: Time, millis: i64) -> Time {
    Time::from_millis(start.millis() + millis)
}

fn told(bed: &Bed) -> String {
    std::fs::read_to_string(bed.home.join("told")).unwrap_or_default()
}

const HOUR: i64 = 3_600_000;

#[test]
fn a_clock_is_told_when_it_runs_and_again_when_it_is_late_which_is_signed() {
    let bed = bed();
    let plan = node::load_plan(None).unwrap();
    let start = node::now();
    let file = opened(&bed, &plan, Origin::Live, start);
    let mut watch = Watch::open(&bed.node, &plan).unwrap();
    assert_eq!(watch.open_incidents(), 1);
    let mut seen: Vec<(String, ClockState)> = Vec::new();
    let mut sent = 0;
    let mut round = |watch: &mut Watch<'_>, now: Time| {
        let mut states = Vec::new();
        let mut messages = 0;
        let mut tell = |n: &Noticed| match n {
            Noticed::Clock { clock, .. } => states.push((clock.clock.clone(), clock.state)),
            Noticed::Message(n) => {
                assert_eq!(n.state, NoticeState::Delivered, "{n:?}");
                messages += 1;
            }
            Noticed::Problem(say) => panic!("{say:?}"),
        };
        let next = watch.round(now, &mut tell).unwrap();
        watch.end(&mut tell).unwrap();
        seen.extend(states);
        sent += messages;
        (next, messages)
    };
    // Four hours to the provincial cyberspace administration: told at once. What is owed to the industry ministry waits for the judgement.
    let (next, first) = round(&mut watch, after(start, 1000));
    assert!(first >= 1);
    assert_eq!(next, Some(after(start, 2 * HOUR)), "the watch sleeps until half of the time is over");
    // Nothing new: nobody is told twice.
    assert_eq!(round(&mut watch, after(start, 2000)).1, 0);
    round(&mut watch, after(start, 2 * HOUR));
    round(&mut watch, after(start, 4 * HOUR));
    let (_, late) = round(&mut watch, after(start, 4 * HOUR + 1));
    assert!(late >= 1, "being late is told anew");
    let of = |id: &str| seen.iter().filter(|s| s.0 == id).map(|s| s.1).collect::<Vec<_>>();
    assert_eq!(of("cac-other"), [ClockState::Warned, ClockState::Due, ClockState::Late]);
    // The fact is in the log, signed, as of the very instant.
    let judged = bed.node.store().records(&[RecordKind::IncidentJudgement]).unwrap();
    let signed_late = judged.iter().any(|w| match w.record.value() {
        Record::IncidentJudgement(j) => {
            j.as_of == after(start, 4 * HOUR + 1)
                && j.clocks.iter().any(|c| c.clock == "cac-other" && c.state == ClockState::Late)
        }
        _ => false,
    });
    assert!(signed_late);
    // Number, colour and deadline go out; title, name and address of the person do not.
    let out = told(&bed);
    assert!(out.contains(&file.id) && out.contains("YELLOW"), "{out}");
    assert!(!out.contains("CANARY"), "{out}");
    // Another watch, started later, finds the same and says nothing anew.
    drop(watch);
    let mut again = Watch::open(&bed.node, &plan).unwrap();
    let mut noticed = 0;
    again.round(after(start, 4 * HOUR + 2), &mut |_| noticed += 1).unwrap();
    again.end(&mut |_| noticed += 1).unwrap();
    assert_eq!(noticed, 0, "a restart neither forgets nor repeats");
    assert!(bed.node.audit(&stdx::Silent, &stdx::Stop::new()).unwrap().problems.is_empty());
}

#[test]
fn what_was_reported_is_told_no_more_and_a_drill_stays_inside() {
    let bed = bed();
    let plan = node::load_plan(None).unwrap();
    let start = node::now();
    let file = opened(&bed, &plan, Origin::Live, start);
    opened(&bed, &plan, Origin::Drill, start);
    let report = Reported {
        clocks: vec!["cac-other".to_owned()],
        channel: "phone".to_owned(),
        at: after(start, 1),
        by: "li".to_owned(),
        to: "province".to_owned(),
        form: None,
        receipt: None,
        note: String::new(),
    };
    bed.node.incident_add(&plan, file, vec![Happening::Reported(report)], None).unwrap();
    let mut watch = Watch::open(&bed.node, &plan).unwrap();
    let mut states = Vec::new();
    for now in [after(start, 1000), after(start, 5 * HOUR)] {
        let mut tell = |n: &Noticed| {
            if let Noticed::Message(n) = n {
                states.push((n.about.clone(), n.clock.clone(), n.state));
            }
        };
        watch.round(now, &mut tell).unwrap();
        watch.end(&mut tell).unwrap();
    }
    assert!(
        !states.is_empty() && states.iter().all(|s| s.2 == NoticeState::Quiet),
        "only the drill, and quietly: {states:?}"
    );
    assert_eq!(told(&bed), "");
}

#[test]
fn what_another_process_writes_is_taken_in() {
    let bed = bed();
    let plan = node::load_plan(None).unwrap();
    let mut watch = Watch::open(&bed.node, &plan).unwrap();
    assert_eq!(watch.round(node::now(), &mut |_| ()).unwrap(), None, "nothing to wait for");
    let start = node::now();
    let file = opened(&bed, &plan, Origin::Live, start);
    watch.round(after(start, 10), &mut |_| ()).unwrap();
    assert_eq!(watch.open_incidents(), 1);
    let end = Moment { moment: "end".to_owned(), at: start, note: String::new() };
    let file = bed.node.incident_add(&plan, file, vec![Happening::Moment(end)], None).unwrap().file;
    let closed = Happening::Closed {
        lessons: "restore tests".to_owned(),
        measures: Vec::new(),
        anyway: "drill of the test".to_owned(),
    };
    bed.node.incident_add(&plan, file, vec![closed], None).unwrap();
    watch.round(after(start, 20), &mut |_| ()).unwrap();
    watch.end(&mut |_| ()).unwrap();
    // What is owed of a closed incident is watched on; once it is told, there is nothing left.
    assert_eq!(watch.open_incidents(), 1);
}

/// A round reads and folds what is new and nothing else: counted, for a minute of a quiet watch must cost nothing however long the log is.
#[test]
fn a_round_without_news_reads_no_record_and_folds_no_incident() {
    let bed = bed();
    let plan = node::load_plan(None).unwrap();
    let start = node::now();
    let file = opened(&bed, &plan, Origin::Live, start);
    opened(&bed, &plan, Origin::Live, start);
    let measure = |until: i64| {
        let incidents = [file.id.clone()];
        let wanted = node::Wanted {
            findings: &[],
            incidents: &incidents,
            action: "restore",
            owner: "li",
            deputy: "",
            until: after(start, until * 24 * HOUR),
        };
        bed.node.measure_add(&plan, &wanted, None, None).unwrap();
    };
    (0..5).for_each(|n| measure(100 + n));
    let mut watch = Watch::open(&bed.node, &plan).unwrap();
    let round = |watch: &mut Watch<'_>, millis: i64| {
        let before = (bed.node.store().reads(), watch.folds());
        watch.round(after(start, millis), &mut |_| ()).unwrap();
        watch.end(&mut |_| ()).unwrap();
        (bed.node.store().reads() - before.0, watch.folds() - before.1)
    };
    // Each of the two incidents once; then the notices that the first round left.
    assert_eq!(round(&mut watch, 1000).1, 2);
    round(&mut watch, 2000);
    for millis in [3000, 4000, 5000] {
        assert_eq!(round(&mut watch, millis), (0, 0), "nothing is new");
    }
    // Half of the time of both is over: judged once each, signed; what the watch wrote itself is read once and is no news to it.
    assert_eq!(round(&mut watch, 2 * HOUR), (0, 2));
    assert_eq!(round(&mut watch, 2 * HOUR + 1000), (2, 0));
    measure(200);
    assert_eq!(round(&mut watch, 2 * HOUR + 2000), (1, 0), "one measure, not all");
    let id = file.id.clone();
    let file = bed.node.incident_file(&id).unwrap();
    bed.node.incident_add(&plan, file, vec![Happening::Noted { at: start, text: "call".to_owned() }], None).unwrap();
    assert_eq!(round(&mut watch, 2 * HOUR + 3000), (1, 1), "one incident, not both");
}

#[test]
fn an_order_is_told_when_its_day_is_over_and_once() {
    use evidence::{Attestation, Authenticated, Author, NodeRole, Part, Profile};
    let bed = bed();
    let plan = node::load_plan(None).unwrap();
    let part = Part { role: NodeRole::Ministry, name: String::new(), area: String::new(), uscc: String::new() };
    let author = Author { name: "li".to_owned(), authenticated: Authenticated::TypedName };
    let stated = Attestation::profile(bed.node.id(), author, node::now(), Profile { part });
    let envelope = bed.node.store().sign(&Record::Attestation(stated)).unwrap();
    bed.node.store().append(&[store::Submission { envelope, items: None, artifacts: Vec::new() }]).unwrap();
    let order = node::NewOrder {
        wants: None,
        uscc: "91110000600037341L",
        basis: "dsl-44",
        demand: "CANARY-DEMAND",
        reasons: &[],
        working_days: Some(3),
        document: None,
        author: None,
    };
    let file = bed.node.order_issue(&plan, order).unwrap();
    let due = file.view(&plan, node::now()).unwrap().due;
    let mut watch = Watch::open(&bed.node, &plan).unwrap();
    let mut round = |now: Time| {
        let mut messages = Vec::new();
        let mut tell = |n: &Noticed| {
            if let Noticed::Message(n) = n {
                messages.push(n.about.clone());
            }
        };
        let next = watch.round(now, &mut tell).unwrap();
        watch.end(&mut tell).unwrap();
        (messages, next)
    };
    assert_eq!(round(after(due, -1)), (Vec::new(), Some(due)), "who issued it waits until its end");
    assert_eq!(round(due).0, std::slice::from_ref(&file.id));
    assert_eq!(round(after(due, 1)).0, Vec::<String>::new(), "told once");
    let said = told(&bed);
    assert!(said.contains(&file.id) && !said.contains("CANARY"), "{said}");
}
