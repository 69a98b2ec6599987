//! A plant's report: what it follows from, what can be found wrong in it, and the way that is still to go.

use super::*;

#[test]
fn each_fault_of_a_report_has_its_own_name() {
    let good = report(0, "2026-10-01");
    assert_eq!(programme_doubts(&good, &PLAN, Some(t("2026-10-01"))), []);
    let key = |r: &ProgrammeReport| {
        let all = programme_doubts(r, &PLAN, Some(t("2026-10-01")));
        all.iter().map(|d| d.say.key.trim_start_matches("doubt.programme-").to_owned()).collect::<Vec<_>>()
    };
    let with = |change: &dyn Fn(&mut ProgrammeReport)| {
        let mut r = good.clone();
        change(&mut r);
        key(&r)
    };
    assert_eq!(with(&|r| r.plan.digest = Digest::of(b"x")), ["plan"]);
    assert_eq!(with(&|r| r.uscc = "91440300000000000I".into()), ["uscc"]);
    assert_eq!(with(&|r| r.scope[0].examined = 11), ["scope"]);
    assert_eq!(with(&|r| r.scope.push(r.scope[0].clone())), ["scope"]);
    assert_eq!(with(&|r| r.cites.clear()), ["cites"]);
    assert_eq!(with(&|r| r.cites.push(r.cites[0])), ["cites"]);
    assert_eq!(with(&|r| r.catalogue.as_mut().unwrap().confirmed = 13), ["confirmed"]);
    assert_eq!(with(&|r| r.catalogue.as_mut().unwrap().rung = Rung::ReObserved), ["rung"]);
    assert_eq!(with(&|r| r.scope[0].examined = 0), ["rung"]);
    assert_eq!(with(&|r| r.catalogue.as_mut().unwrap().as_of = t("2026-10-02")), ["catalogue-later"]);
    assert_eq!(with(&|r| r.measures.overdue = 1), ["overdue"]);
    assert_eq!(with(&|r| r.incidents.late = 1), ["late"]);
    let level = |r: &mut ProgrammeReport| {
        r.catalogue.as_mut().unwrap().levels.insert("secret".into(), 1);
    };
    assert_eq!(with(&level), ["level"]);
    // A day ahead is a clock, more is a fault.
    assert_eq!(with(&|r| r.as_of = t("2026-10-02")), Vec::<String>::new());
    assert_eq!(with(&|r| r.as_of = t("2026-10-03")), ["future"]);
    // Sums that run over do not.
    let over = |r: &mut ProgrammeReport| {
        r.catalogue.as_mut().unwrap().ungraded = u64::MAX;
    };
    assert_eq!(with(&over), Vec::<String>::new());
}

fn scope(entries: &[(ScopeKind, &str)], day: &str) -> Witness {
    let of = |(kind, id): &(ScopeKind, &str)| ScopeEntry {
        kind: *kind,
        id: (*id).into(),
        label: String::new(),
        site: String::new(),
        country: String::new(),
    };
    sign_record(&Record::Scope(Scope {
        node: node(),
        author: author(),
        stated_at: t(day),
        document: None,
        entries: entries.iter().map(of).collect(),
    }))
}

#[test]
fn a_report_follows_from_what_it_cites_alone() {
    let run = Exam::of("plant-7", "2026-10-01")
        .one("os.family", "linux")
        .one("ssh.server_present", true)
        .one("ssh.permit_root_login", "yes")
        .one("ssh.password_authentication", true)
        .sign();
    let declared = scope(&[(ScopeKind::Host, "plant-7"), (ScopeKind::Host, "plant-8")], "2026-09-01");
    let judged = judge::judge(&PLAN, &[run.clone(), declared.clone()], t("2026-10-02"));
    let judgement = sign_record(&Record::Judgement(Box::new(judged.clone())));
    let who = node();
    let who = Reporter { node: &who, uscc: &code(0) };
    let records = [judgement.clone(), declared.clone(), run];
    let r = programme_report(&PLAN, &records, &who, t("2026-10-03"));
    let hosts = &r.scope[0];
    assert_eq!((hosts.kind.as_str(), hosts.declared, hosts.examined), ("host", 2, 1));
    let all: u64 =
        r.scenarios.iter().map(|s| s.passed + s.failed + s.accepted + s.not_applicable + s.not_examined).sum();
    assert_eq!(all, judged.checks.len() as u64, "the five add up to what was asked");
    let failed: u64 = r.scenarios.iter().map(|s| s.failed).sum();
    assert_eq!(failed, judged.standings.iter().map(|s| s.failed).sum::<u64>());
    assert!(failed > 0, "root may log in");
    assert_eq!(programme_doubts(&r, &PLAN, Some(t("2026-10-03"))), []);
    // From what it cites alone, in another order, the same bytes.
    let cited: Vec<Witness> =
        records.iter().rev().filter(|w| r.cites.iter().any(|c| c.0 == w.record.leaf())).cloned().collect();
    assert_eq!(cited.len(), 3, "a judgement, a scope and the run, whose items are counted");
    assert_eq!(r.examinations.iter().map(|e| e.items).sum::<u64>(), 4);
    assert_eq!(programme_report(&PLAN, &cited, &who, t("2026-10-03")), r);
    // A scope that the judgement has not seen makes the denominator, and a doubt.
    let wider =
        scope(&[(ScopeKind::Host, "plant-7"), (ScopeKind::Host, "b"), (ScopeKind::Share, "/srv")], "2026-10-02");
    let r = programme_report(&PLAN, &[judgement.clone(), declared, wider.clone()], &who, t("2026-10-03"));
    assert_eq!((r.scope[0].declared, r.scope[0].examined, r.scope[1].declared), (2, 1, 1));
    assert_eq!(r.doubts.get("scope-newer"), Some(&1));
    // What is later than the report is not read; a judgement under another plan neither.
    let r = programme_report(&PLAN, &[judgement, wider], &who, t("2026-10-01"));
    assert_eq!((r.cites.len(), r.scenarios.len(), r.scope[0].declared), (0, 0, 0));
}

#[test]
fn the_guide_counts_back_from_the_last_day() {
    let mut r = report(0, "2026-11-20");
    r.catalogue.as_mut().unwrap().ungraded = 3;
    let g = guide(&PLAN, &r, t(AS_OF));
    let item = |id: &str| g.items.iter().find(|i| i.lead == id).unwrap();
    assert_eq!(g.due, Some(t("2026-12-31")));
    for done in ["declare-scope", "examine", "draw-up-catalogue", "report"] {
        assert_eq!(item(done).state, GuideState::Done, "{done}");
    }
    // Ten days for the levels and three for the report: 13 before 31 December.
    let levels = item("decide-levels");
    assert_eq!((levels.state, levels.start_by), (GuideState::Next, Some(t("2026-12-18"))));
    assert_eq!(levels.targets, ["T2", "T2b"]);
    assert_eq!(item("file-catalogue").before, ["decide-levels"]);
    assert_eq!(
        (item("drill").targets.as_slice(), item("drill").start_by),
        (&["T2-press".to_owned()][..], Some(t("2026-12-21")))
    );
    // What must begin first stands first; without a day after that; what is done last.
    let order: Vec<&str> = g.items.iter().map(|i| i.lead.as_str()).take(4).collect();
    assert_eq!(order, ["decide-levels", "drill", "file-catalogue", "mend-findings"]);
    // A day later than the last day to begin.
    let late = guide(&PLAN, &r, t("2026-12-19"));
    assert_eq!(late.items[0].state, GuideState::Overdue);
}

fn happened(incident: &str, day: &str, origin: Origin, what: Happening) -> Witness {
    sign_record(&Record::Incident(Box::new(IncidentEntry {
        node: node(),
        author: author(),
        stated_at: t(day),
        incident: incident.into(),
        origin,
        what,
    })))
}

fn opened() -> Happening {
    Happening::Opened(Opened { title: "x".into(), actors: vec!["enterprise".into()], branches: Vec::new() })
}

#[test]
fn incidents_of_the_live_world_measures_and_filings_are_counted() {
    let lost = BTreeMap::from([(
        "loss-yuan".to_owned(),
        Answered::Number { least: Some(60_000_000), most: Some(60_000_000) },
    )]);
    let measured = |id: &str, state: MeasureState, due: &str| {
        let mut m = measure(id, Digest::of(b"f"), t(due));
        (m.state, m.stated_at) = (state, t("2026-09-01"));
        sign_measure(&m)
    };
    let mut again = measure("m-2", Digest::of(b"f"), t("2026-09-10"));
    (again.state, again.stated_at) = (MeasureState::Done, t("2026-09-20"));
    let filing = |day: &str| {
        let receipt = Document { name: "r.pdf".into(), digest: Digest::of(b"r"), bytes: 1 };
        let filing = Filing { catalogue: Digest::of(b"c"), date: t(day), receipt };
        sign_record(&Record::Attestation(Attestation::filing(node(), author(), t("2026-09-25"), filing)))
    };
    let records = [
        happened("i-00000001", "2026-09-01", Origin::Live, opened()),
        happened("i-00000001", "2026-09-02", Origin::Live, Happening::Answered { answers: lost }),
        happened("i-00000002", "2026-09-01", Origin::Live, opened()),
        happened(
            "i-00000002",
            "2026-09-03",
            Origin::Live,
            Happening::Closed { lessons: "mended".into(), measures: Vec::new(), anyway: String::new() },
        ),
        happened("i-00000003", "2026-09-01", Origin::Drill, opened()),
        happened("i-00000004", "2026-10-09", Origin::Live, opened()),
        measured("m-1", MeasureState::Running, "2026-09-10"),
        measured("m-2", MeasureState::Planned, "2026-09-10"),
        sign_measure(&again),
        measured("m-3", MeasureState::Planned, "2026-12-01"),
        measured("m-4", MeasureState::Withdrawn, "2026-09-10"),
        filing("2026-09-24"),
        filing("2026-03-01"),
    ];
    let who = node();
    let who = Reporter { node: &who, uscc: &code(0) };
    let r = programme_report(&PLAN, &records, &who, t("2026-10-03"));
    assert_eq!(
        (r.incidents.open, r.incidents.levels.values().sum::<u64>()),
        (1, 2),
        "the drill and the later one are none"
    );
    // 60 million yuan are III; of the other nothing is certain but the least level.
    let first = PLAN.regimes().first().unwrap().id.clone();
    assert_eq!(first, "miit");
    assert_eq!(r.incidents.levels.get("III"), Some(&1), "{:?}", r.incidents.levels);
    assert_eq!((r.measures.open, r.measures.overdue, r.measures.done), (2, 1, 1));
    // Without a catalogue a filing says nothing of one; it is read all the same.
    assert!(r.catalogue.is_none());
    let kinds: Vec<RecordKind> = r.cites.iter().map(|c| c.1).collect();
    let count = |kind| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!((count(RecordKind::Incident), count(RecordKind::Measure), count(RecordKind::Attestation)), (4, 4, 1));
    let cited: Vec<Witness> =
        records.iter().filter(|w| r.cites.iter().any(|c| c.0 == w.record.leaf())).cloned().collect();
    assert_eq!(programme_report(&PLAN, &cited, &who, t("2026-10-03")), r);
}

#[test]
fn a_catalogue_is_as_sure_as_the_least_sure_of_what_a_sensor_can_look_at() {
    let keyed = DigestKey::new([1; 32]).digest("x", b"y");
    let spot = Spot::Line { line: 1, column: 1 };
    let hits = Body::Hits(Hits {
        class: "cn.resident-id".into(),
        at: Place::file("/srv/a.csv"),
        bands: Bands { high: 9, ..Bands::default() },
        distinct: 9,
        samples: vec![Sample { spot, mask: Masked::hide(6), keyed, confidence: 90, why: Vec::new() }],
    });
    let run = Exam::of("h", "2026-09-01").in_folders(&["/srv"]).folder("/srv", 3);
    let found = run.tally("cn.resident-id", "/srv", [9, 0, 0], 9).body(hits).sign();
    let row = |kind: CarrierKind, path: &str| ListedAsset {
        carrier: Carrier { kind, host: String::new(), path: path.into(), inside: Vec::new() },
        name: path.into(),
        category: None,
        level: Some(LevelId::new("general")),
        bytes: None,
        records: None,
        texts: ListedTexts::default(),
    };
    let listing = |assets: Vec<ListedAsset>| {
        let document = Document { name: "l.csv".into(), digest: Digest::of(b"l"), bytes: 1 };
        let listing = Listing { document, assets, left_out: 0 };
        sign_record(&Record::Attestation(Attestation::listing(node(), author(), t("2026-09-02"), listing)))
    };
    let who = node();
    let who = Reporter { node: &who, uscc: &code(0) };
    let rung = |records: &[Witness]| {
        let drawn = judge::catalogue(&PLAN, records, t("2026-09-03"), 0);
        let w = sign_record(&Record::Catalogue(Box::new(drawn)));
        let c = programme_report(&PLAN, &[w], &who, t("2026-10-03")).catalogue.unwrap();
        (c.rung, c.levels.values().sum::<u64>() + c.ungraded)
    };
    assert_eq!(rung(std::slice::from_ref(&found)), (Rung::MachineEvidenced, 1));
    // A cabinet is nothing that a sensor can look at.
    let cabinet = listing(vec![row(CarrierKind::Elsewhere, "cabinet 3")]);
    assert_eq!(rung(&[found.clone(), cabinet.clone()]), (Rung::MachineEvidenced, 2));
    // A folder that nobody looked at is.
    let unseen = listing(vec![row(CarrierKind::Folder, "/elsewhere")]);
    assert_eq!(rung(&[found, unseen]), (Rung::Declared, 2));
    assert_eq!(rung(std::slice::from_ref(&cabinet)), (Rung::Declared, 1));
    // One that was drawn up under another text of the plan is read, with a doubt; under another plan it is not.
    let mut drawn = judge::catalogue(&PLAN, &[cabinet], t("2026-09-03"), 0);
    let mut told = |id: &str| {
        drawn.plan = PlanRef { id: id.into(), digest: Digest::of(b"other"), ..PLAN.reference() };
        let w = sign_record(&Record::Catalogue(Box::new(drawn.clone())));
        let r = programme_report(&PLAN, &[w], &who, t("2026-10-03"));
        (r.catalogue.is_some(), r.doubts.get("catalogue-other-text").copied())
    };
    assert_eq!(told("miit-2024-2026"), (true, Some(1)));
    assert_eq!(told("nis2"), (false, None));
}
