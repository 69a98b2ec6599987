//! A plant's report and the programme's progress, counted by hand.

use crate::fixture::{Exam, PLAN, measure, node, sign_measure, sign_record, t};
use evidence::{
    Answered, Attestation, Authenticated, Author, Bands, Body, Carrier, CarrierKind, CatalogueCounts, Digest,
    DigestKey, Document, Enterprise, EnterpriseFile, Filing, Happening, Hits, IncidentCounts, IncidentEntry, LevelId,
    ListedAsset, ListedTexts, Listing, Masked, MeasureCounts, MeasureState, NodeId, NodeRole, Opened, Origin, Part,
    Place, PlanRef, ProgrammeEntry, ProgrammeReport, ProgrammeThing, ProgressJudgement, Record, RecordKind, Registry,
    Roll, RollRow, Rung, Sample, Scope, ScopeEntry, ScopeKind, ScopeShare, Spot, TargetProgress, Time, canonical,
    leaf_hash, merkle_root, roll_file,
};
use judge::{
    Closing, Counted, Forecast, GuideState, ProgressInput, ReceivedReport, Reobserved, Reporter, RollRows,
    SelectionRows, burn_up, forecast, guide, programme_doubts, programme_report, progress,
};
use proof::Witness;
use std::collections::BTreeMap;

const AS_OF: &str = "2026-11-23";

pub(crate) fn author() -> Author {
    Author { name: "李明".into(), authenticated: Authenticated::TypedName }
}

/// A code of the right form; its check character is not looked at here.
pub(crate) fn code(n: usize) -> String {
    format!("91440300000000{n:03}X")
}

fn enterprise(n: usize, area: &str, industry: &str, millions: i64) -> Enterprise<'static> {
    Enterprise {
        above: millions >= 20,
        area: area.to_owned().into(),
        derived: false,
        group: String::new().into(),
        industry: industry.to_owned().into(),
        name: "厂".into(),
        revenue: millions * 1_000_000,
        supervisor: evidence::supervisor_of(area).unwrap().into(),
        uscc: code(n).into(),
    }
}

/// Twelve of Guangdong C34 (the top tenth of 12 is 2: 000 and 001), ten of Jiangsu C35 (one: 012); 022 is small, 023 a bank.
pub(crate) fn registry() -> (Witness, Vec<u8>) {
    let mut rows: Vec<Enterprise<'_>> = (0..12).map(|n| enterprise(n, "440100", "C3451", 900 - n as i64)).collect();
    rows.extend((12..22).map(|n| enterprise(n, "320500", "C3511", 900 - n as i64)));
    rows.push(enterprise(22, "440100", "C3451", 5));
    rows.push(enterprise(23, "440100", "J6621", 5_000));
    let lines = rows.iter().map(|e| (e.uscc.to_string(), e.to_line())).collect();
    let file = EnterpriseFile::write(lines);
    let registry = Registry {
        node: node(),
        author: author(),
        stated_at: t("2026-01-01"),
        year: 2025,
        document: Document { name: "a.csv".into(), digest: Digest::of(b"a"), bytes: 1 },
        unit: "yuan".into(),
        rows: file.root,
        packed: Digest::of(b"packed"),
        left_out: BTreeMap::new(),
        derived: 0,
    };
    (sign_record(&Record::Registry(Box::new(registry))), file.lines)
}

/// A report of a plant that has graded twelve assets, found by sensors, with nine of ten hosts examined.
pub(crate) fn report(n: usize, day: &str) -> ProgrammeReport {
    let leaf = Digest::of(code(n).as_bytes());
    ProgrammeReport {
        node: NodeId::new(format!("plant-{n:03}")),
        uscc: code(n),
        plan: PLAN.reference(),
        judge: judge::VERSION.to_owned(),
        as_of: t(day),
        cites: vec![(leaf, RecordKind::Catalogue)],
        scope: vec![ScopeShare { kind: "host".into(), declared: 10, examined: 9, undeclared: 0 }],
        scenarios: Vec::new(),
        examinations: Vec::new(),
        catalogue: Some(CatalogueCounts {
            leaf,
            as_of: t(day),
            rung: Rung::MachineEvidenced,
            levels: BTreeMap::from([("general".to_owned(), 10), ("important".to_owned(), 2)]),
            ungraded: 0,
            confirmed: 2,
            filed: None,
        }),
        drills: None,
        incidents: IncidentCounts::default(),
        measures: MeasureCounts::default(),
        doubts: BTreeMap::new(),
    }
}

pub(crate) fn received(r: ProgrammeReport, day: &str) -> ReceivedReport {
    let child = r.node.clone();
    let part = Part { role: NodeRole::Plant, name: String::new(), area: "44".into(), uscc: r.uscc.clone() };
    let receipt = Some(Digest::of(b"receipt"));
    let w = sign_record(&Record::ProgrammeReport(Box::new(r)));
    ReceivedReport::new(w, (child, part), receipt, t(day), Vec::new()).unwrap()
}

pub(crate) fn roll(of: &str, day: &str, rows: &[RollRow]) -> RollRows {
    let (lines, root) = roll_file(rows);
    let roll = Roll {
        node: node(),
        author: author(),
        stated_at: t(day),
        of: of.into(),
        document: Document { name: "a.csv".into(), digest: Digest::of(b"a"), bytes: 1 },
        rows: root,
        packed: Digest::of(b"packed"),
        left_out: BTreeMap::new(),
        doubts: Vec::new(),
    };
    RollRows::open(&sign_record(&Record::Roll(Box::new(roll))), &lines).unwrap()
}

fn entry(thing: ProgrammeThing, id: &str, stage: &str, industry: &str, day: &str) -> ProgrammeEntry {
    ProgrammeEntry {
        node: node(),
        author: author(),
        stated_at: t(day),
        thing,
        id: id.into(),
        title: id.into(),
        stage: stage.into(),
        industry: industry.into(),
        effective: t(day),
        document: Some(Document { name: "a.pdf".into(), digest: Digest::of(b"a"), bytes: 1 }),
        withdrawn: false,
        reason: String::new(),
    }
}

fn entries(list: Vec<ProgrammeEntry>) -> Vec<Witness> {
    list.into_iter().map(|e| sign_record(&Record::ProgrammeEntry(Box::new(e)))).collect()
}

fn of<'j>(j: &'j ProgressJudgement, id: &str) -> &'j TargetProgress {
    j.targets.iter().find(|t| t.target == id).unwrap()
}

fn own(p: &TargetProgress) -> [u64; 4] {
    [p.ladder[0].own, p.ladder[1].own, p.ladder[2].own, p.ladder[3].own]
}

fn left<const N: usize>(want: [(&str, u64); N]) -> BTreeMap<String, u64> {
    want.into_iter().map(|(k, n)| (k.to_owned(), n)).collect()
}

fn keys(j: &ProgressJudgement) -> Vec<&str> {
    j.doubts.iter().map(|d| d.say.key.trim_start_matches("doubt.")).collect()
}

/// Everything that can become of an enterprise, once.
fn many() -> Vec<ReceivedReport> {
    let mut all = vec![
        // Counts by machine; the older one of the same plant does not matter.
        received(report(0, "2026-10-01"), "2026-10-02"),
        received(report(0, "2026-03-01"), "2026-03-02"),
        // Another node for the same enterprise: once.
        received(ProgrammeReport { node: NodeId::new("group"), ..report(0, "2026-09-01") }, "2026-09-02"),
        // A year and more ago: 400 days end on 2026-11-04.
        received(report(2, "2025-09-30"), "2025-09-30"),
        // Received after the day of counting, dated before it.
        received(report(3, "2026-11-01"), "2026-11-24"),
    ];
    // Seven of ten hosts: no more than declared.
    let mut few = report(1, "2026-10-01");
    few.scope[0].examined = 7;
    all.push(received(few, "2026-10-02"));
    // One asset is only proposed.
    let mut proposed = report(4, "2026-10-01");
    proposed.catalogue.as_mut().unwrap().ungraded = 1;
    all.push(received(proposed, "2026-10-02"));
    // No catalogue: it cannot be told.
    all.push(received(ProgrammeReport { catalogue: None, ..report(5, "2026-10-01") }, "2026-10-02"));
    // More examined than declared; an older good report still counts.
    let mut wrong = report(12, "2026-10-01");
    wrong.scope[0].examined = 11;
    all.push(received(wrong, "2026-10-02"));
    all.push(received(report(12, "2026-08-01"), "2026-08-02"));
    // Another plan.
    let plan = PlanRef { digest: Digest::of(b"other"), ..PLAN.reference() };
    all.push(received(ProgrammeReport { plan, ..report(13, "2026-10-01") }, "2026-10-02"));
    // Small, but it grades: it counts for the number, not for a share.
    all.push(received(report(22, "2026-10-01"), "2026-10-02"));
    // Nobody knows it.
    all.push(received(report(99, "2026-10-01"), "2026-10-02"));
    all
}

#[test]
fn every_enterprise_counts_once_and_what_does_not_count_says_why() {
    let (w, file) = registry();
    let rows = SelectionRows::open(&w, &file).unwrap();
    let reports = many();
    let input = ProgressInput { registry: Some(&rows), reports: &reports, ..ProgressInput::default() };
    let done = progress(&PLAN, &node(), &input, t(AS_OF));
    let j = &done.judgement;
    let t2 = of(j, "T2");
    // By machine: 000, 012, 022. Declared: 001.
    assert_eq!(own(t2), [1, 0, 3, 0]);
    assert_eq!([t2.ladder[0].at_least, t2.ladder[1].at_least, t2.ladder[2].at_least], [4, 3, 3]);
    let want = [
        ("cannot-tell", 1),
        ("condition", 1),
        ("doubted", 1),
        ("expired", 1),
        ("not-in-registry", 1),
        ("other-plan", 1),
    ];
    assert_eq!(t2.left, left(want));
    assert_eq!(t2.fell, left([("coverage", 1)]));
    assert_eq!((t2.of, t2.reached, t2.checked), (None, false, 0));
    // The top tenth: 000 and 001 of Guangdong, 012 of Jiangsu; by machine 000 and 012.
    let t2b = of(j, "T2b");
    assert_eq!((own(t2b), t2b.of), ([1, 0, 2, 0], Some(3)));
    let cells = t2b.cells.unwrap();
    assert_eq!((cells.cells, cells.covered), (2, 1), "Jiangsu is covered whole, Guangdong is not");
    let supervisors: Vec<(&str, Option<u64>, [u64; 4])> =
        t2b.by["supervisor"].iter().map(|g| (g.group.as_str(), g.of, g.own)).collect();
    assert_eq!(supervisors, [("32", Some(1), [0, 0, 1, 0]), ("44", Some(2), [1, 0, 1, 0])]);
    let industries: Vec<(&str, Option<u64>)> = t2b.by["industry"].iter().map(|g| (g.group.as_str(), g.of)).collect();
    assert_eq!(industries, [("C34", Some(2)), ("C35", Some(1))]);
    // Nobody drills yet: 0 drills is known, so the condition is false, for whoever has a valid report that is not expired.
    assert_eq!(own(of(j, "T2-press")), [0; 4]);
    assert_eq!((j.evidence.enterprises, j.evidence.above_size), (24, 22));
    assert_eq!((j.evidence.reports.count, j.evidence.reporting), (12, 7), "of 13 one was received later");
    assert_eq!(
        keys(j),
        ["progress-no-selection", "progress-not-in-registry", "progress-several-nodes"],
        "one stranger, one shared enterprise"
    );
    // The members are what the root commits to.
    let at = j.targets.iter().position(|t| t.target == "T2").unwrap();
    let members: Vec<(&str, Rung)> = done.members[at].iter().map(|m| (m.member.as_str(), m.rung)).collect();
    let (d, m) = (Rung::Declared, Rung::MachineEvidenced);
    assert_eq!(members, [(&*code(0), m), (&*code(1), d), (&*code(12), m), (&*code(22), m)]);
    let hashes: Vec<Digest> = done.members[at].iter().map(|m| leaf_hash(&m.to_line())).collect();
    assert_eq!((t2.members.count, t2.members.root), (4, merkle_root(&hashes)));
    let newest = reports[0].leaf();
    assert_eq!(done.members[at][0].leaf, newest, "the newest valid report speaks");
}

#[test]
fn the_order_of_what_is_handed_in_does_not_matter() {
    let (w, file) = registry();
    let rows = SelectionRows::open(&w, &file).unwrap();
    let mut reports = many();
    let mut stated = entries(vec![
        entry(ProgrammeThing::Standard, "s1", "approved", "", "2025-02-01"),
        entry(ProgrammeThing::Standard, "s1", "published", "", "2026-02-01"),
        entry(ProgrammeThing::Case, "c1", "", "C3451", "2025-02-01"),
    ]);
    let bytes = |reports: &[ReceivedReport], entries: &[Witness]| {
        let input = ProgressInput { registry: Some(&rows), reports, entries, ..ProgressInput::default() };
        canonical::to_vec(&progress(&PLAN, &node(), &input, t(AS_OF)).judgement).unwrap()
    };
    let first = bytes(&reports, &stated);
    reports.reverse();
    stated.reverse();
    assert_eq!(first, bytes(&reports, &stated));
    reports.rotate_left(5);
    reports.push(reports[0].clone());
    stated.push(stated[0].clone());
    assert_eq!(first, bytes(&reports, &stated), "one handed in twice counts once");
}

#[test]
fn things_count_by_stage_span_and_document() {
    let mut undocumented = entry(ProgrammeThing::Case, "c3", "", "C3511", "2025-02-01");
    undocumented.document = None;
    let mut back = entry(ProgrammeThing::Standard, "s2", "drafting", "", "2026-03-01");
    back.withdrawn = true;
    let stated = entries(vec![
        entry(ProgrammeThing::Standard, "s1", "approved", "", "2025-02-01"),
        entry(ProgrammeThing::Standard, "s2", "drafting", "", "2025-02-01"),
        back,
        entry(ProgrammeThing::Standard, "s3", "published", "", "2025-02-01"),
        // Before the plan began.
        entry(ProgrammeThing::Standard, "s4", "approved", "", "2023-12-31"),
        entry(ProgrammeThing::Case, "c1", "", "C3451", "2025-02-01"),
        entry(ProgrammeThing::Case, "c2", "", "C3462", "2025-02-01"),
        undocumented,
    ]);
    let counted = |id: &str, amount, rung, withdrawn| Counted {
        id: id.into(),
        leaf: Digest::of(id.as_bytes()),
        day: t("2025-05-05"),
        amount,
        rung,
        withdrawn,
    };
    let attendances = [
        counted("a", 24, Rung::Documented, false),
        counted("b", 10, Rung::Declared, false),
        counted("c", 7, Rung::Documented, true),
        Counted { day: t("2023-05-05"), ..counted("d", 5, Rung::Documented, false) },
    ];
    let professionals = [Counted { day: t("2023-05-05"), ..counted("p", 1, Rung::Documented, false) }];
    let input = ProgressInput {
        entries: &stated,
        attendances: &attendances,
        professionals: &professionals,
        ..ProgressInput::default()
    };
    let j = progress(&PLAN, &node(), &input, t(AS_OF)).judgement;
    assert_eq!(own(of(&j, "T3")), [0, 1, 0, 0]);
    assert_eq!(of(&j, "T3").left, left([("condition", 1), ("out-of-span", 1), ("withdrawn", 1)]));
    assert_eq!(own(of(&j, "T4")), [1, 2, 0, 0]);
    // C34 twice and C35 without a document.
    assert_eq!(own(of(&j, "T4-industries")), [1, 1, 0, 0]);
    assert_eq!(own(of(&j, "T5")), [10, 24, 0, 0], "person-times are added up");
    assert_eq!(of(&j, "T5").left, left([("out-of-span", 1), ("withdrawn", 1)]));
    assert_eq!(own(of(&j, "T6")), [0, 1, 0, 0], "whoever was certified before the plan is one all the same");
    // A share of nothing is not reached.
    assert_eq!((of(&j, "T1").of, of(&j, "T1").reached), (Some(0), false));
    assert!(keys(&j).contains(&"progress-no-registry"));
}

#[test]
fn publicity_is_a_share_of_those_above_the_designated_size_and_returns_are_declared() {
    let (w, file) = registry();
    let rows = SelectionRows::open(&w, &file).unwrap();
    let told =
        |n: usize, day: &str| RollRow { uscc: code(n), day: Some(t(day)), way: "letter".into(), ..RollRow::default() };
    let mut all: Vec<RollRow> = (0..22).map(|n| told(n, "2026-03-01")).collect();
    all.push(told(22, "2026-03-01"));
    let answer = |n: usize, graded| RollRow {
        uscc: code(n),
        day: Some(t("2026-03-01")),
        assets: Some(4),
        graded: Some(graded),
        ..RollRow::default()
    };
    let rolls = [
        roll("publicity", "2026-04-01", &all[..21]),
        roll("returns", "2026-04-01", &[answer(0, 4), answer(14, 4), answer(15, 3)]),
        roll("asked", "2026-04-01", &[told(16, "2026-12-01")]),
    ];
    let mut bad = report(0, "2026-10-01");
    bad.catalogue.as_mut().unwrap().ungraded = 2;
    let reports = [received(bad, "2026-10-02")];
    let input = ProgressInput { registry: Some(&rows), rolls: &rolls, reports: &reports, ..ProgressInput::default() };
    let j = progress(&PLAN, &node(), &input, t(AS_OF)).judgement;
    let t1 = of(&j, "T1");
    assert_eq!((own(t1), t1.of, t1.reached), ([0, 21, 0, 0], Some(22), false));
    // 000 reports that it has not graded everything: its return does not outweigh that. 015 has not either.
    assert_eq!(own(of(&j, "T2")), [1, 0, 0, 0]);
    assert_eq!(of(&j, "T2").left, left([("condition", 2)]));
    // The last one is reached: 22 of 22 is all; the small one is no part of it.
    let rolls = [roll("publicity", "2026-04-01", &all)];
    let input = ProgressInput { registry: Some(&rows), rolls: &rolls, ..ProgressInput::default() };
    let j = progress(&PLAN, &node(), &input, t(AS_OF)).judgement;
    assert_eq!((own(of(&j, "T1")), of(&j, "T1").reached), ([0, 22, 0, 0], true));
    // Before the table came in nothing was known of it.
    let j = progress(&PLAN, &node(), &input, t("2026-03-31")).judgement;
    assert_eq!(own(of(&j, "T1")), [0; 4]);
}

#[test]
fn what_was_observed_anew_is_surest_or_out() {
    let (w, file) = registry();
    let rows = SelectionRows::open(&w, &file).unwrap();
    let reports: Vec<ReceivedReport> = [0, 1, 2, 3].map(|n| received(report(n, "2026-10-01"), "2026-10-02")).into();
    let seen = |n: usize, day: &str, held| Reobserved { uscc: code(n), at: t(day), leaf: Digest::of(b"seen"), held };
    // 000 did not hold, and held when it was looked at again; 001 does not; 002 was looked at after the day of counting.
    let checks = [
        seen(0, "2026-11-10", true),
        seen(0, "2026-11-01", false),
        seen(1, "2026-11-01", false),
        seen(2, "2026-11-24", false),
    ];
    let input = ProgressInput { registry: Some(&rows), reports: &reports, checks: &checks, ..ProgressInput::default() };
    let j = progress(&PLAN, &node(), &input, t(AS_OF)).judgement;
    let t2 = of(&j, "T2");
    assert_eq!(own(t2), [0, 0, 2, 1]);
    assert_eq!((t2.checked, t2.held), (2, 1));
    assert_eq!(t2.left, left([("refuted", 1)]));
}

#[test]
fn two_floors_are_reached_only_together_and_a_share_must_be_whole() {
    let (w, file) = registry();
    let rows = SelectionRows::open(&w, &file).unwrap();
    let all: Vec<ReceivedReport> = [0, 1, 12].map(|n| received(report(n, "2026-10-01"), "2026-10-02")).into();
    let judged = |reports: &[ReceivedReport]| {
        let input = ProgressInput { registry: Some(&rows), reports, ..ProgressInput::default() };
        progress(&PLAN, &node(), &input, t(AS_OF)).judgement
    };
    let j = judged(&all[..2]);
    assert!(!of(&j, "T2b").reached, "two of three");
    let j = judged(&all);
    assert!(of(&j, "T2b").reached && !of(&j, "T2").reached, "three are not more than 45,000");
    let floors: Vec<(&str, bool)> = j.together.iter().map(|g| (g.id.as_str(), g.reached)).collect();
    assert_eq!(floors, [("grading", false)]);
}

#[test]
fn a_closed_period_lists_what_came_late_with_both_dates() {
    let (w, file) = registry();
    let rows = SelectionRows::open(&w, &file).unwrap();
    let reports = [
        received(report(0, "2026-09-30"), "2026-09-30"),
        received(report(1, "2026-09-20"), "2026-10-05"),
        received(report(2, "2026-10-02"), "2026-10-05"),
        received(report(3, "2026-06-30"), "2026-10-05"),
    ];
    let end = Time::from_millis(t("2026-10-01").millis() - 1);
    let closing = Closing { period: "2026-Q3".into(), from: t("2026-07-01"), at: t("2026-10-10") };
    let input =
        ProgressInput { registry: Some(&rows), reports: &reports, closing: Some(&closing), ..ProgressInput::default() };
    let j = progress(&PLAN, &node(), &input, end).judgement;
    assert_eq!(own(of(&j, "T2")), [0, 0, 1, 0]);
    let late: Vec<(String, String, &str)> = j
        .closed
        .as_ref()
        .unwrap()
        .late
        .iter()
        .map(|l| (l.dated.date(), l.received_at.date(), l.uscc.as_str()))
        .collect();
    assert_eq!(late, [("2026-09-20".to_owned(), "2026-10-05".to_owned(), &*code(1))]);
}

#[test]
fn the_forecast_is_a_straight_line_through_the_weeks() {
    let (w, file) = registry();
    let rows = SelectionRows::open(&w, &file).unwrap();
    // One more every week from 5 October on; the last one on 23 November.
    let days = [
        "2026-10-05",
        "2026-10-12",
        "2026-10-19",
        "2026-10-26",
        "2026-11-02",
        "2026-11-09",
        "2026-11-16",
        "2026-11-23",
    ];
    let reports: Vec<ReceivedReport> = days.iter().enumerate().map(|(n, d)| received(report(n, d), d)).collect();
    let input = ProgressInput { registry: Some(&rows), reports: &reports, ..ProgressInput::default() };
    let weeks = burn_up(&PLAN, &input, t(AS_OF));
    let amounts: Vec<u64> = weeks["T2"].iter().map(|w| w.1).collect();
    assert_eq!(amounts, [1, 2, 3, 4, 5, 6, 7, 8]);
    let target = |id: &str| PLAN.targets().iter().find(|t| t.id == id).unwrap();
    // One a week; from midnight of 23 November to the end of 31 December are 39 days, 5.57 weeks: 13.57 of 45,001.
    assert_eq!(forecast(target("T2"), &weeks["T2"], None), Forecast::Short(45_001 - 13));
    let mut few = target("T2").clone();
    // More than 10: 11 are needed, three weeks more.
    few.bound = 10;
    assert_eq!(forecast(&few, &weeks["T2"], None), Forecast::On(t("2026-12-14")));
    few.bound = 7;
    assert_eq!(forecast(&few, &weeks["T2"], None), Forecast::Reached);
    few.bound = 10;
    assert_eq!(forecast(&few, &weeks["T2"][..2], None), Forecast::CannotTell);
    let flat: Vec<(Time, u64)> = days.iter().map(|d| (t(d), 4)).collect();
    assert_eq!(forecast(&few, &flat, None), Forecast::Short(7));
    // A share of nothing cannot be told.
    assert_eq!(forecast(target("T2b"), &weeks["T2b"], Some(0)), Forecast::CannotTell);
    // 3 of the selection, two of them there: 000 and 001; of these the second came in the second week.
    assert_eq!(weeks["T2b"].iter().map(|w| w.1).collect::<Vec<_>>(), [1, 2, 2, 2, 2, 2, 2, 2]);
}

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
