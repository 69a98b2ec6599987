//! Transfers against the regulation's figures: CAC Order 16 arts 2 to 10 (facts: 1,000,000 people, 100,000 people, 10,000
//! and 1 of sensitive information), three years and sixty working days, the year in the plan's zone.

use crate::fixture::{Exam, node, sign_record, signed, t};
use evidence::*;
use judge::transfers;
use plan::CheckedPlan;
use proof::Witness;
use std::sync::LazyLock;

/// The built-in plan with a calendar of China, also while it has none of its own: the zone, and of 2026 one week off.
static PLAN: LazyLock<CheckedPlan> =
    LazyLock::new(|| with_calendar("off = [\"2026-10-01/2026-10-07\"]\nwork = [\"2026-10-10\"]"));

fn with_calendar(year: &str) -> CheckedPlan {
    let mut source = plan::builtin();
    source.files.retain(|path, _| !path.starts_with("calendars/"));
    let calendar = format!(
        "[[calendar]]\nid = \"cn\"\nzone = \"Asia/Shanghai\"\nzone_rule = \"CST-8\"\nrest = [6, 7]\nsource = \"test\"\nsure = \"D\"\n\n\
         [[calendar.year]]\nyear = 2026\n{year}\nsource = \"test\"\nsure = \"D\"\n"
    );
    source.files.insert("calendars/test.toml".to_owned(), calendar);
    match plan::check(&source) {
        Ok(plan) => plan,
        Err(errors) => panic!("{errors:?}"),
    }
}

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn said(stated_at: Time, what: TransferMove) -> Witness {
    let author = Author { name: "Li".to_owned(), authenticated: Authenticated::TypedName };
    sign_record(&Record::Transfer(Box::new(TransferEntry { node: node(), author, stated_at, what })))
}

/// A flow with personal data to Germany.
fn flow(recipient: &str) -> Flow {
    let (system, country, purpose) = ("HR", "DE", "payroll");
    Flow {
        id: Flow::id_of("", system, recipient, country, purpose, Way::Sent),
        exporter: String::new(),
        cii: false,
        system: system.to_owned(),
        assets: Vec::new(),
        holds: vec![Holds::Personal, Holds::SensitivePersonal],
        recipient: recipient.to_owned(),
        group: String::new(),
        country: country.to_owned(),
        way: Way::Sent,
        hosts: Vec::new(),
        purpose: purpose.to_owned(),
        ground: "contract".to_owned(),
        case: String::new(),
        reason: String::new(),
        disjoint: false,
        impact: Some(Document { name: "pia.pdf".to_owned(), digest: Digest::of(b"pia"), bytes: 3 }),
    }
}

fn declared(f: &Flow, date: &str) -> Witness {
    said(t(date), TransferMove::Flow(Box::new(f.clone())))
}

fn counted(f: &Flow, year: i64, personal: Span, sensitive: Span, date: &str) -> Witness {
    let count = PeopleCounted { flow: f.id.clone(), year, personal, sensitive, as_of: t(date) };
    said(t(date), TransferMove::Counted(count))
}

fn granted(f: &Flow, grant: Grant, since: &str, until: Option<&str>) -> Witness {
    let decided = Decided {
        flows: vec![f.id.clone()],
        grant,
        outcome: Granted::Granted,
        number: "No. 7".to_owned(),
        since: t(since),
        until: until.map(t),
        document: None,
    };
    said(t(since), TransferMove::Decided(decided))
}

const NOW: &str = "2026-06-30";

fn judged(records: &[Witness]) -> TransferJudgement {
    transfers(&PLAN, records, t(NOW))
}

/// What is needed at both ends of the only flow.
fn needs(j: &TransferJudgement) -> (&str, &str) {
    let need = |n: &Option<TransferNeed>| {
        n.as_ref().map_or("none", |n| match n.needs.as_str() {
            "assessment" => "assessment",
            "contract-or-certification" => "contract",
            "exempt" => "exempt",
            _ => "?",
        })
    };
    let [f] = j.flows.as_slice() else { panic!("{:?}", j.flows) };
    (need(&f.at_least), need(&f.at_most))
}

fn of(personal: u64, sensitive: u64) -> TransferJudgement {
    let f = flow("HQ");
    let people = counted(&f, 2026, Span::exact(personal), Span::exact(sensitive), "2026-06-01");
    judged(&[declared(&f, "2026-01-10"), people])
}

fn keys(j: &TransferJudgement) -> Vec<&str> {
    j.notes.iter().map(|n| n.say.key.trim_start_matches("transfer-note.")).collect()
}
fn doubts(j: &TransferJudgement) -> Vec<&str> {
    j.doubts.iter().map(|d| d.say.key.as_str()).collect()
}

#[test]
fn each_threshold_holds_from_its_number_on() {
    for (personal, sensitive, want) in [
        (0, 0, "exempt"),
        (99_999, 0, "exempt"),
        (100_000, 0, "contract"),
        (100_001, 0, "contract"),
        (999_999, 0, "contract"),
        (1_000_000, 0, "assessment"),
        (1_000_001, 0, "assessment"),
        (0, 1, "contract"),
        (0, 2, "contract"),
        (0, 9_999, "contract"),
        (0, 10_000, "assessment"),
        (0, 10_001, "assessment"),
        (99_999, 1, "contract"),
        (999_999, 9_999, "contract"),
    ] {
        assert_eq!(needs(&of(personal, sensitive)), (want, want), "{personal} {sensitive}");
    }
}

#[test]
fn more_people_never_lower_what_is_needed() {
    let weight = |n: &str| ["exempt", "contract", "assessment"].iter().position(|w| *w == n).unwrap();
    let steps = [0, 1, 2, 9_999, 10_000, 50_000, 99_999, 100_000, 500_000, 999_999, 1_000_000, 9_000_000];
    // A fixed seed: the same numbers in every run.
    let mut seed = 7_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        steps[usize::try_from(seed >> 33).unwrap() % steps.len()] + (seed >> 20) % 3
    };
    for _ in 0..300 {
        let (p, s, more_p, more_s) = (next(), next(), next(), next());
        let (few, many) = (of(p, s), of(p + more_p, s + more_s));
        assert!(weight(needs(&few).0) <= weight(needs(&many).0), "{p}+{more_p} {s}+{more_s}");
        assert!(weight(needs(&few).1) <= weight(needs(&many).1), "{p}+{more_p} {s}+{more_s}");
    }
}

#[test]
fn people_of_several_flows_are_between_the_largest_and_the_sum() {
    let (a, b) = (flow("A"), flow("B"));
    let records = |disjoint: bool| {
        let flows = [&a, &b].map(|f| Flow { disjoint, ..f.clone() });
        let mut out: Vec<Witness> = flows.iter().map(|f| declared(f, "2026-01-10")).collect();
        out.extend([&a, &b].map(|f| counted(f, 2026, Span::exact(60_000), Span::exact(0), "2026-06-01")));
        out
    };
    let j = judged(&records(false));
    assert_eq!(j.exporters[0].personal, Span::between(60_000, 120_000));
    assert!(j.flows.iter().all(|f| f.state == FlowState::Unclear), "{:?}", j.flows);
    let j = judged(&records(true));
    assert_eq!(j.exporters[0].personal, Span::exact(120_000));
    assert!(j.flows.iter().all(|f| f.state == FlowState::Missing));
}

#[test]
fn the_year_is_that_of_the_plan_s_zone_and_begins_anew() {
    let f = flow("HQ");
    let records = [declared(&f, "2025-02-01"), counted(&f, 2025, Span::exact(2_000_000), Span::exact(0), "2025-12-30")];
    let before = transfers(&PLAN, &records, at("2025-12-31T15:59:59.999Z"));
    assert_eq!((before.year, needs(&before)), (2025, ("assessment", "assessment")));
    // 00:00 of 1 January in China.
    let after = transfers(&PLAN, &records, at("2025-12-31T16:00:00.000Z"));
    assert_eq!((after.year, needs(&after)), (2026, ("exempt", "assessment")), "nobody counted yet");
    assert!(doubts(&after).contains(&"doubt.transfer-uncounted"));
    let mut more = records.to_vec();
    more.push(counted(&f, 2026, Span::exact(10), Span::exact(0), "2026-01-02"));
    assert_eq!(needs(&transfers(&PLAN, &more, t("2026-01-03"))), ("exempt", "exempt"));
}

#[test]
fn exempt_cases_critical_infrastructure_and_important_data() {
    let with = |change: &dyn Fn(&mut Flow)| {
        let mut f = flow("HQ");
        change(&mut f);
        let people = counted(&f, 2026, Span::exact(2_000_000), Span::exact(20_000), "2026-06-01");
        judged(&[declared(&f, "2026-01-10"), people])
    };
    for case in [
        "foreign-personal-processed-here",
        "contract-with-the-individual",
        "cross-border-staff",
        "emergency",
        "outside-negative-list",
    ] {
        let j = with(&|f: &mut Flow| (f.case, f.reason) = (case.to_owned(), "because".to_owned()));
        assert_eq!(needs(&j), ("exempt", "exempt"), "{case}");
        assert!(keys(&j).contains(&"exempt-not-free"), "{case}: notice, consent and assessment remain");
    }
    // Critical infrastructure stands before the exempt cases in the plan, important data before all.
    let j = with(&|f: &mut Flow| {
        f.cii = true;
        (f.case, f.reason) = ("emergency".to_owned(), "because".to_owned());
    });
    assert_eq!(needs(&j), ("assessment", "assessment"));
    let j = with(&|f: &mut Flow| {
        f.holds.push(Holds::Important);
        (f.case, f.reason) = ("emergency".to_owned(), "because".to_owned());
    });
    assert_eq!(needs(&j), ("assessment", "assessment"));
    // One person of a critical operator is enough.
    let mut one = flow("HQ");
    one.cii = true;
    let j = judged(&[declared(&one, "2026-01-10"), counted(&one, 2026, Span::exact(1), Span::exact(0), "2026-06-01")]);
    assert_eq!(needs(&j), ("assessment", "assessment"));
    // Neither personal nor important data: exempt without anybody stating it.
    let mut bare = flow("HQ");
    bare.holds.clear();
    let j = judged(&[declared(&bare, "2026-01-10")]);
    assert_eq!(needs(&j), ("exempt", "exempt"));
    assert_eq!(j.flows[0].at_least.as_ref().unwrap().rule, "exempt-without-personal-or-important");
    let j = with(&|f: &mut Flow| f.case = "holiday".to_owned());
    assert_eq!((needs(&j).0, doubts(&j).contains(&"doubt.transfer-unknown-case")), ("assessment", true));
}

#[test]
fn an_assessment_is_valid_for_three_years_and_extended_sixty_working_days_before_its_end() {
    let f = flow("HQ");
    let state = |grant, since: &str, until: Option<&str>, now: &str| {
        let people = counted(&f, now[..4].parse().unwrap(), Span::exact(1_000_000), Span::exact(0), now);
        let j = transfers(&PLAN, &[declared(&f, "2023-01-10"), granted(&f, grant, since, until), people], t(now));
        (j.flows[0].state, j)
    };
    let (got, j) = state(Grant::Assessment, "2024-03-01", None, "2026-06-01");
    assert_eq!(got, FlowState::InHand);
    assert_eq!(j.flows[0].in_hand.as_ref().unwrap().until, Some(t("2027-02-28")));
    // Valid through its last day, over the day after.
    assert_eq!(state(Grant::Assessment, "2024-03-01", Some("2026-06-30"), "2026-06-30").0, FlowState::Renew);
    assert_eq!(state(Grant::Assessment, "2024-03-01", Some("2026-06-30"), "2026-07-01").0, FlowState::Expired);
    // 60 working days up to and with Friday 2026-10-30: the week of 1 to 7 October is off (five working days less), Saturday the
    // 10th is worked. October has 18 (22 − 5 + 1), September 22, August from the 4th on 20: so it is to be asked for by Monday, 3 August.
    let (_, j) = state(Grant::Assessment, "2024-03-01", Some("2026-10-30"), "2026-06-01");
    assert_eq!(j.flows[0].in_hand.as_ref().unwrap().renew_by, Some(t("2026-08-03")));
    assert!(!doubts(&j).contains(&"doubt.transfer-calendar-year"));
    // The calendar does not know 2027: week days alone, and that is said.
    let (_, j) = state(Grant::Assessment, "2025-06-01", Some("2027-10-29"), "2026-06-01");
    assert_eq!(j.flows[0].in_hand.as_ref().unwrap().renew_by, Some(t("2027-08-06")));
    assert!(doubts(&j).contains(&"doubt.transfer-calendar-year"));
    let (_, j) = state(Grant::Assessment, "2024-03-01", Some("2028-01-01"), "2026-06-01");
    assert!(doubts(&j).contains(&"doubt.transfer-too-long"));
    // A contract is not enough for a million people; an assessment is enough for everything.
    assert_eq!(state(Grant::Contract, "2024-03-01", None, "2026-06-01").0, FlowState::Missing);
}

#[test]
fn a_certificate_is_renewed_six_months_before_and_answers_the_middle_need() {
    let f = flow("HQ");
    let people = counted(&f, 2026, Span::exact(100_000), Span::exact(0), "2026-06-01");
    let j =
        judged(&[declared(&f, "2026-01-10"), granted(&f, Grant::Certification, "2026-01-15", None), people.clone()]);
    let hand = j.flows[0].in_hand.as_ref().unwrap();
    assert_eq!((hand.until, hand.renew_by), (Some(t("2029-01-14")), Some(t("2028-07-14"))));
    assert_eq!((j.flows[0].state, j.flows[0].lacks.as_slice()), (FlowState::InHand, [].as_slice()));
    let bare = Flow { impact: None, ground: String::new(), ..f };
    let j = judged(&[declared(&bare, "2026-01-10"), people]);
    assert_eq!(j.flows[0].lacks, ["contract-or-certification", "impact", "ground"]);
}

#[test]
fn sums_near_a_threshold_are_warned_of_from_four_fifths_on() {
    assert!(!keys(&of(79_999, 0)).contains(&"approaching"));
    assert!(keys(&of(80_000, 0)).contains(&"approaching"));
    assert!(keys(&of(99_999, 0)).contains(&"approaching"));
    assert!(!keys(&of(100_000, 0)).contains(&"approaching"), "it is met");
    assert!(keys(&of(0, 8_000)).contains(&"approaching"));
}

#[test]
fn cut_in_pieces_and_a_new_recipient_after_the_numbers_came_near() {
    let (a, b) = (flow("A"), Flow { exporter: "Plant 2".to_owned(), ..flow("B") });
    let half = |f: &Flow, n: u64| counted(f, 2026, Span::exact(n), Span::exact(0), "2026-06-01");
    let both = |n: u64| judged(&[declared(&a, "2026-01-10"), declared(&b, "2026-01-10"), half(&a, n), half(&b, n)]);
    assert!(!keys(&both(49_999)).contains(&"split"), "together below");
    let j = both(50_000);
    let split = j.notes.iter().find(|n| n.say.key == "transfer-note.split").unwrap();
    assert_eq!((split.say.with["sum"].as_str(), split.say.with["bound"].as_str()), ("100000", "100000"));
    assert!(keys(&j).contains(&"others-above"), "exporters elsewhere are not seen here");
    // Near 100,000 in April, and in May somebody else in the same country gets the same.
    let fresh = flow("C");
    let records = |count: u64, second: &str| {
        let near = counted(&a, 2026, Span::exact(count), Span::exact(0), "2026-04-20");
        judged(&[declared(&a, "2026-01-10"), near, declared(&fresh, second)])
    };
    assert!(keys(&records(85_000, "2026-05-10")).contains(&"split-new"));
    assert!(!keys(&records(10_000, "2026-05-10")).contains(&"split-new"), "nothing was near");
    assert!(!keys(&records(85_000, "2026-02-10")).contains(&"split-new"), "before anything was near");
}

fn asset(level: &str, proposed: bool, country: Option<&str>) -> Asset {
    let path = format!("/srv/{level}{proposed}");
    let carrier =
        Carrier { kind: CarrierKind::Folder, host: "h1".to_owned(), path: path.as_str().into(), inside: Vec::new() };
    let level = AssetLevel {
        level: level.into(),
        basis: LevelBasis::Confirmed,
        proposed,
        proposal: None,
        because: vec![],
        by: None,
    };
    Asset {
        id: carrier.id(),
        carrier,
        standing: AssetStanding::Found,
        category: "production".into(),
        categories: vec![],
        classes: vec![],
        level,
        size: AssetSize::default(),
        people: Span::exact(0),
        sensitive_people: Span::exact(0),
        since: None,
        seen: None,
        gaps: vec![],
        site: None,
        country: country.map(str::to_owned),
        listed: None,
        differs: vec![],
        evidence: vec![],
    }
}

fn catalogue(assets: Vec<Asset>) -> Witness {
    signed(&Catalogue {
        judge: judge::VERSION.to_owned(),
        plan: PLAN.reference(),
        as_of: t("2026-05-01"),
        cites: vec![],
        skipped: 0,
        previous: None,
        roots: vec![],
        assets,
        doubts: vec![],
    })
}

#[test]
fn the_catalogue_overrules_a_flow_that_says_less_and_names_what_lies_abroad() {
    let sure = asset("important", false, Some("CN"));
    let mut f = flow("HQ");
    f.holds.clear();
    f.assets = vec![sure.id];
    let j = judged(&[declared(&f, "2026-01-10"), catalogue(vec![sure])]);
    assert_eq!(needs(&j), ("assessment", "assessment"));
    assert!(keys(&j).contains(&"level-higher"));
    let proposed = asset("important", true, None);
    f.assets = vec![proposed.id];
    let j = judged(&[declared(&f, "2026-01-10"), catalogue(vec![proposed])]);
    assert_eq!(needs(&j), ("exempt", "assessment"), "nobody confirmed it yet");
    let j = judged(&[catalogue(vec![
        asset("core", false, Some("SG")),
        asset("general", false, Some("US")),
        asset("important", false, None),
        asset("important", true, Some("CN")),
    ])]);
    assert_eq!(keys(&j), ["stored-abroad", "place-unknown"]);
    assert_eq!(j.notes[0].say.with["country"], "SG");
}

#[test]
fn an_authority_abroad_is_answered_only_after_the_ministry_approved() {
    let request = said(
        t("2026-06-01"),
        TransferMove::Request(AuthorityRequest {
            id: "r-1".to_owned(),
            authority: "Court".to_owned(),
            country: "US".to_owned(),
            asked: "mail".to_owned(),
            basis: String::new(),
            received: t("2026-06-01"),
            document: None,
        }),
    );
    let step = |step, date: &str| {
        let moved = RequestMoved { request: "r-1".to_owned(), step, at: t(date), document: None, note: String::new() };
        said(t(date), TransferMove::RequestMoved(moved))
    };
    use RequestStep::{Answered, Approved, Passed, Refused};
    let run = |steps: &[Witness]| judged(&[std::slice::from_ref(&request), steps].concat());
    let j = run(&[]);
    assert_eq!((keys(&j), j.requests[0].days, j.requests[0].closed), (vec!["request-open"], 29, false));
    assert_eq!(keys(&run(&[step(Passed, "2026-06-02")])), ["request-waiting"]);
    let good = [step(Passed, "2026-06-02"), step(Approved, "2026-06-10"), step(Answered, "2026-06-11")];
    let j = run(&good);
    assert_eq!((keys(&j).len(), j.requests[0].closed, j.requests[0].days), (0, true, 10));
    assert_eq!(keys(&run(&[step(Passed, "2026-06-02"), step(Answered, "2026-06-03")])), ["request-answered"]);
    let refused = [step(Approved, "2026-06-02"), step(Refused, "2026-06-03"), step(Answered, "2026-06-04")];
    assert_eq!(keys(&run(&refused)), ["request-answered"]);
}

#[test]
fn a_record_of_providing_is_kept_three_years() {
    let provided = Provided {
        id: "p-1".to_owned(),
        flow: String::new(),
        recipient: "Lab".to_owned(),
        data: "samples".to_owned(),
        purpose: "analysis".to_owned(),
        entrusted: true,
        at: t("2026-02-28"),
        contract: None,
    };
    let j = judged(&[said(t("2026-03-01"), TransferMove::Provided(provided))]);
    assert_eq!(j.provisions[0].keep_until, Some(t("2029-02-28")));
    assert_eq!(keys(&j), ["provision-no-contract", "keep-logs"]);
}

fn logs(rows: &[(&str, &str, &str, i64)]) -> Witness {
    let mut exam = Exam::of("h1", "2026-06-01");
    exam.sensor = "flows";
    for (destination, address, country, out) in rows {
        let mut fields = vec![
            ("destination", FactValue::from(*destination)),
            ("address", (*address).into()),
            ("bytes_out", (*out).into()),
            ("connections", 3.into()),
        ];
        if !country.is_empty() {
            fields.push(("country", (*country).into()));
        }
        let row = FactValue::Row(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
        let fact = Fact { fact: "egress.flow".into(), value: row, at: Place::file("egress/x") };
        exam = exam.body(Body::Fact(fact));
    }
    exam.sign()
}

#[test]
fn what_the_logs_show_is_held_against_what_is_declared() {
    let named = Flow { hosts: vec!["203.0.113.0/24".to_owned(), "*.hq.example".to_owned()], ..flow("HQ") };
    let silent = Flow { hosts: vec!["198.51.100.7".to_owned()], ..flow("Quiet") };
    let seen = logs(&[
        ("203.0.113.9", "203.0.113.9", "DE", 9_000_000),
        ("mail.hq.example", "192.0.2.1", "FR", 5),
        ("drop.example", "192.0.2.9", "US", 1_000_000),
        ("small.example", "192.0.2.8", "US", 999_999),
        ("home.example", "192.0.2.7", "CN", 9_000_000),
        ("nowhere.example", "", "", 9_000_000),
    ]);
    let j = judged(&[declared(&named, "2026-01-10"), declared(&silent, "2026-01-10"), seen.clone(), seen]);
    let note = |key: &str| {
        let key = format!("transfer-note.{key}");
        j.notes.iter().filter(|n| n.say.key == key).map(|n| (n.kind, n.about.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(note("undeclared"), [(NoteKind::Finding, "drop.example")]);
    assert_eq!(note("other-country"), [(NoteKind::Warning, named.id.as_str())]);
    assert_eq!(note("never-seen"), [(NoteKind::Note, silent.id.as_str())]);
    let bytes = |key: &str| {
        let found = j.notes.iter().find(|n| n.say.key == format!("transfer-note.{key}")).unwrap();
        (found.say.with["count"].clone(), found.say.with["bytes"].clone())
    };
    assert_eq!(bytes("undeclared-small"), ("1".to_owned(), "999999".to_owned()));
    assert_eq!(bytes("country-unknown"), ("1".to_owned(), "9000000".to_owned()));
    assert!(doubts(&j).contains(&"doubt.transfer-no-countries"));
}

#[test]
fn the_order_of_records_changes_nothing_and_the_future_is_not_read() {
    let f = flow("HQ");
    let late = counted(&f, 2026, Span::exact(5), Span::exact(0), "2026-12-01");
    let mut records = vec![
        declared(&f, "2026-01-10"),
        counted(&f, 2026, Span::exact(9), Span::exact(0), "2026-05-01"),
        counted(&f, 2026, Span::exact(4), Span::exact(0), "2026-06-01"),
        late,
    ];
    let j = judged(&records);
    records.reverse();
    assert_eq!(judged(&records), j);
    assert_eq!(j.flows[0].personal, Span::exact(4), "the newest count");
    assert!(doubts(&j).contains(&"doubt.transfer-count-lower") && doubts(&j).contains(&"doubt.after-as-of"));
    let known = judge::SAY_KEYS;
    for say in j.notes.iter().map(|n| &n.say).chain(j.doubts.iter().map(|d| &d.say)) {
        assert!(known.iter().any(|k| k.0 == say.key), "{}", say.key);
    }
}

/// A log that saw one destination, and when last.
fn log_until(destination: &str, country: &str, last: &str) -> Witness {
    let mut exam = Exam::of("h1", "2026-06-20");
    exam.sensor = "flows";
    let row = FactValue::row([
        ("destination", destination.into()),
        ("country", country.into()),
        ("bytes_out", 9_000_000.into()),
        ("connections", 3.into()),
        ("last", FactValue::time(at(last))),
    ]);
    exam.body(Body::Fact(Fact { fact: "egress.flow".into(), value: row, at: Place::file("egress/x") })).sign()
}

#[test]
fn traffic_after_the_end_of_a_flow_is_not_declared_by_it() {
    let f = Flow { hosts: vec!["hq.example".to_owned()], ..flow("HQ") };
    let ended =
        said(t("2026-03-02"), TransferMove::Ended { flow: f.id.clone(), at: t("2026-03-31"), reason: String::new() });
    let judged = |last: &str| judged(&[declared(&f, "2026-01-10"), ended.clone(), log_until("hq.example", "DE", last)]);
    let j = judged("2026-05-01T00:00:00.000Z");
    let note = j.notes.iter().find(|n| n.say.key == "transfer-note.ended-traffic").unwrap();
    assert_eq!(
        (note.kind, note.about.as_str(), note.say.with["end"].as_str()),
        (NoteKind::Finding, f.id.as_str(), "2026-03-31")
    );
    // The last day counts, in the zone of the plan: 15:59 UTC is 23:59 there.
    assert!(!keys(&judged("2026-03-31T15:59:00.000Z")).contains(&"ended-traffic"));
    assert!(keys(&judged("2026-03-31T16:00:00.000Z")).contains(&"ended-traffic"));
}

#[test]
fn a_case_does_not_stand_against_the_flow_s_own_data() {
    let f = Flow { case: "without-personal-or-important".to_owned(), reason: "none".to_owned(), ..flow("HQ") };
    let people = counted(&f, 2026, Span::exact(2_000_000), Span::exact(0), "2026-06-01");
    let j = judged(&[declared(&f, "2026-01-10"), people]);
    assert_eq!(needs(&j), ("assessment", "assessment"));
    assert_eq!(j.exporters[0].personal, Span::exact(2_000_000), "its people are summed up");
    assert!(j.notes.iter().any(|n| n.say.key == "transfer-note.case-contradicted" && n.kind == NoteKind::Finding));
    // Art. 5 covers sensitive information too, and that is said.
    let f = Flow { case: "cross-border-staff".to_owned(), reason: "agreement".to_owned(), ..flow("HQ") };
    assert!(keys(&judged(&[declared(&f, "2026-01-10")])).contains(&"case-sensitive"));
}

#[test]
fn a_decision_is_corrected_by_a_newer_one_of_its_number_and_taken_back() {
    let f = flow("HQ");
    let people = counted(&f, 2026, Span::exact(1_000_000), Span::exact(0), "2026-06-01");
    let decided = |day: &str, outcome: Granted, until: &str| {
        let d = Decided {
            flows: vec![f.id.clone()],
            grant: Grant::Assessment,
            outcome,
            number: "No. 7".to_owned(),
            since: t("2025-03-01"),
            until: Some(t(until)),
            document: None,
        };
        said(t(day), TransferMove::Decided(d))
    };
    let state = |more: &[Witness]| {
        let mut all =
            vec![declared(&f, "2026-01-10"), people.clone(), decided("2026-02-01", Granted::Granted, "2036-01-01")];
        all.extend_from_slice(more);
        let j = judged(&all);
        (j.flows[0].state, j.flows[0].in_hand.as_ref().and_then(|h| h.until))
    };
    // Three years from 1 March 2025: not ten, whatever is typed.
    assert_eq!(state(&[]), (FlowState::InHand, Some(t("2028-03-01"))));
    assert_eq!(state(&[decided("2026-02-02", Granted::Granted, "2026-05-31")]).0, FlowState::Expired);
    assert_eq!(state(&[decided("2026-02-02", Granted::Withdrawn, "2026-05-31")]).0, FlowState::Missing);
    // An extension that was asked for takes nothing away.
    assert_eq!(state(&[decided("2026-02-02", Granted::Filed, "2026-05-31")]).0, FlowState::InHand);
}

#[test]
fn without_a_home_country_nothing_is_abroad() {
    let plan = plan::check(&crate::incident::folder("nis2")).unwrap_or_else(|e| panic!("{}", e[0]));
    assert_eq!(plan.parameter("home_country"), None);
    let j = transfers(&plan, &[log_until("drop.example", "US", "2026-05-01T00:00:00.000Z")], t(NOW));
    assert!(!keys(&j).iter().any(|k| k.starts_with("undeclared")), "{:?}", keys(&j));
    assert!(doubts(&j).contains(&"doubt.transfer-no-home"));
}

#[test]
fn each_flow_is_held_against_the_sums_just_before_it() {
    let mut records = Vec::new();
    for n in 0..300_i64 {
        let day = Time::from_millis(t("2026-05-01").millis() + n * 60_000);
        let f = flow(&format!("R{n}"));
        let (flow, personal, as_of) = (f.id.clone(), Span::exact(300), t("2026-05-01"));
        let count = PeopleCounted { flow, year: 2026, personal, sensitive: Span::exact(0), as_of };
        records.push(said(day, TransferMove::Flow(Box::new(f))));
        records.push(said(day, TransferMove::Counted(count)));
    }
    let j = judged(&records);
    // 80,000 of 100,000 people are reached with the 267th flow: each after it came when the sums were near.
    assert_eq!(keys(&j).iter().filter(|k| **k == "split-new").count(), 300 - 267);
}
