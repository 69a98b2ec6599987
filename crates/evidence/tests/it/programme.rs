//! Records of the programme, for the golden files.

use evidence::*;
use std::collections::BTreeMap;

pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let at: Time = "2026-11-23T20:44:52.123Z".parse().unwrap();
    let day = Time::from_date("2026-03-01").unwrap();
    let node = NodeId::new("0123456789abcdef");
    let author = Author { name: "李明".into(), authenticated: Authenticated::TypedName };
    let plan = PlanRef { id: PlanId::new("miit-2024-2026"), version: "1".into(), digest: Digest::of(b"plan") };
    let document = Document { name: "标准.pdf".into(), digest: Digest::of(b"pdf"), bytes: 3 };
    let report = ProgrammeReport {
        node: node.clone(),
        uscc: "91350100M000100Y43".into(),
        plan: plan.clone(),
        judge: "watchfire-judge/4".into(),
        as_of: at,
        cites: vec![(Digest::of(b"catalogue"), RecordKind::Catalogue)],
        scope: vec![ScopeShare { kind: "host".into(), declared: 10, examined: 9, undeclared: 1 }],
        scenarios: vec![ScenarioCounts {
            scenario: "ransomware".into(),
            passed: 3,
            failed: 1,
            accepted: 1,
            not_applicable: 2,
            not_examined: 4,
        }],
        examinations: Vec::new(),
        catalogue: Some(CatalogueCounts {
            leaf: Digest::of(b"catalogue"),
            as_of: at,
            rung: Rung::MachineEvidenced,
            levels: BTreeMap::from([("general".into(), 10), ("important".into(), 2)]),
            ungraded: 1,
            confirmed: 2,
            filed: Some(day),
        }),
        drills: Some(DrillCounts { rung: Rung::Documented, held: 1, newest: day }),
        incidents: IncidentCounts { open: 1, late: 1, levels: BTreeMap::from([("III".into(), 1)]) },
        measures: MeasureCounts { open: 2, overdue: 1, done: 3 },
        doubts: BTreeMap::from([("times-self-declared".into(), 2)]),
    };
    let examinations = vec![ExaminedItems { leaf: Digest::of(b"examination"), items: 1234 }];
    let examined = ProgrammeReport { examinations, ..report.clone() };
    let entry = ProgrammeEntry {
        node: node.clone(),
        author: author.clone(),
        stated_at: at,
        thing: ProgrammeThing::Standard,
        id: "YD/T 4981".into(),
        title: "一项标准".into(),
        stage: "approved".into(),
        industry: "C34".into(),
        effective: day,
        document: Some(document.clone()),
        withdrawn: true,
        reason: "counted twice".into(),
    };
    let rows = [
        RollRow { uscc: "91350100M000100Y43".into(), day: Some(day), way: "letter".into(), ..RollRow::default() },
        RollRow {
            uscc: "91110000600037341L".into(),
            day: Some(day),
            assets: Some(4),
            graded: Some(4),
            confirmed: Some(1),
            drills: Some(1),
            filed: Some(day),
            ..RollRow::default()
        },
    ];
    let roll = Roll {
        node: node.clone(),
        author,
        stated_at: at,
        of: "publicity".into(),
        document,
        rows: roll_file(&rows).1,
        packed: Digest::of(b"packed"),
        left_out: BTreeMap::from([("row.bad-uscc".to_owned(), 2)]),
        doubts: Vec::new(),
    };
    vec![
        ("programme-report", Record::ProgrammeReport(Box::new(report))),
        ("programme-report-examined", Record::ProgrammeReport(Box::new(examined))),
        ("programme-entry", Record::ProgrammeEntry(Box::new(entry))),
        ("roll", Record::Roll(Box::new(roll))),
        ("progress-judgement", Record::ProgressJudgement(Box::new(progress(node, plan, at)))),
    ]
}

fn progress(node: NodeId, plan: PlanRef, at: Time) -> ProgressJudgement {
    let line = MemberLine {
        amount: Some(24),
        leaf: Digest::of(b"report"),
        member: "91350100M000100Y43".into(),
        rung: Rung::MachineEvidenced,
    };
    let list = ListRoot { count: 1, root: merkle_root(&[leaf_hash(&line.to_line())]) };
    let amounts = Rung::ALL.map(|rung| RungAmount { rung, own: 1, at_least: 4 });
    let target = TargetProgress {
        target: "T2b".into(),
        counter: "graded_share_of_top_tenth".into(),
        reading_of: Some("T2".into()),
        bound: 100,
        exclusive: true,
        unit: "percent".into(),
        due: Time::from_date("2026-12-31").unwrap(),
        rung_min: Rung::MachineEvidenced,
        ladder: amounts.to_vec(),
        of: Some(5),
        reached: false,
        cells: Some(CellCount { cells: 2, covered: 1 }),
        checked: 3,
        held: 2,
        left: BTreeMap::from([("expired".into(), 1)]),
        fell: BTreeMap::from([("coverage".into(), 1)]),
        by: BTreeMap::from([(
            "supervisor".into(),
            vec![GroupAmount { group: "4403".into(), of: Some(5), own: [1, 1, 1, 1] }],
        )]),
        members: list,
    };
    ProgressJudgement {
        node,
        plan,
        judge: "watchfire-judge/4".into(),
        as_of: at,
        cites: vec![(Digest::of(b"registry"), RecordKind::Registry)],
        evidence: ProgressEvidence {
            registry: Some(Digest::of(b"registry")),
            selection: Some(Digest::of(b"selection")),
            enterprises: 24,
            above_size: 22,
            reports: list,
            reporting: 1,
            counted: list,
            checks: list,
        },
        targets: vec![target],
        together: vec![TogetherProgress { id: "grading".into(), targets: vec!["T2".into()], reached: false }],
        closed: Some(ClosedPeriod {
            period: "2026-Q3".into(),
            from: Time::from_date("2026-07-01").unwrap(),
            at,
            late: vec![LateReport {
                received_at: at,
                dated: Time::from_date("2026-09-20").unwrap(),
                leaf: Digest::of(b"late"),
                uscc: "91350100M000100Y43".into(),
            }],
            late_more: 1,
        }),
        doubts: vec![Doubt { say: Say::new("doubt.progress-own-times").with("count", 1), cited: None }],
    }
}

#[test]
fn a_line_of_a_member_is_canonical() {
    let mut line =
        MemberLine { amount: None, leaf: Digest::of(b"x"), member: "厂 \"A\"".into(), rung: Rung::Declared };
    assert_eq!(line.to_line(), canonical::to_vec(&line).unwrap());
    line.amount = Some(24);
    assert_eq!(line.to_line(), canonical::to_vec(&line).unwrap());
}

#[test]
fn names_are_the_wire_names() {
    for r in Rung::ALL {
        assert_eq!(serde_json::to_value(r).unwrap(), r.name());
    }
    for t in ProgrammeThing::ALL {
        assert_eq!(serde_json::to_value(t).unwrap(), t.name());
    }
}
