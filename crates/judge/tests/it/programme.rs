//! A plant's report and the programme's progress, counted by hand.

mod report;

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
        merged: None,
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
