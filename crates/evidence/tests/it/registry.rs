//! Records about the registry of enterprises, for the golden files.

use evidence::*;
use std::collections::BTreeMap;

pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let at: Time = "2026-11-23T20:44:52.123Z".parse().unwrap();
    let node = NodeId::new("0123456789abcdef");
    let author = Author { name: "李明".into(), authenticated: Authenticated::TypedName };
    let row = Enterprise {
        above: true,
        area: "440300".into(),
        derived: true,
        group: "91110000600037341L".into(),
        industry: "C3451".into(),
        name: "青山厂".into(),
        revenue: 20_000_000,
        supervisor: "4403".into(),
        uscc: "91350100M000100Y43".into(),
    };
    let file = EnterpriseFile::write(vec![(row.uscc.to_string(), row.to_line())]);
    let registry = Registry {
        node: node.clone(),
        author: author.clone(),
        stated_at: at,
        year: 2025,
        document: Document { name: "名录.csv".into(), digest: Digest::of(b"csv"), bytes: 3 },
        unit: "wan".into(),
        rows: file.root,
        packed: Digest::of(b"packed"),
        left_out: BTreeMap::from([("row.bad-uscc".to_owned(), 2)]),
        derived: 1,
        merged: None,
    };
    let adjustment = Adjustment {
        year: 2025,
        uscc: "91350100M000100Y43".into(),
        act: Adjust::Remove,
        reason: "merged into its group".into(),
    };
    let sums = SelectionSums { enterprises: 1, share: 1, top: 1, added: 0, removed: 1, selected: 0 };
    let reading = SelectionReading {
        rule: "top-tenth-press".into(),
        reading_of: Some("top-tenth".into()),
        per: vec!["province".into()],
        top_percent: 10,
        rounding: "ceil".into(),
        ties: "all".into(),
        sums,
        root: merkle_root(&[]),
        file: Digest::of(b""),
        count_floor: Some(CountFloor { target: "T2".into(), bound: 45_000, exclusive: true, reached: false }),
        covers: false,
        groups: vec![SelectionGroup { group: vec!["44".into()], sums, lowest: Some(20_000_000) }],
    };
    let judgement = SelectionJudgement {
        plan: PlanRef { id: PlanId::new("miit-2024-2026"), version: "1".into(), digest: Digest::of(b"plan") },
        judge: "watchfire-judge/4".into(),
        as_of: at,
        year: 2025,
        cites: vec![(Digest::of(b"registry"), RecordKind::Registry)],
        snapshot: Digest::of(b"registry"),
        enterprises: 1,
        readings: vec![reading],
        adjusted: BTreeMap::from([("91350100M000100Y43".to_owned(), Adjust::Remove)]),
        doubts: vec![Doubt { say: Say::new("doubt.size-derived").with("count", 1), cited: None }],
    };
    let source = MergedSource {
        supervisor: "4403".into(),
        node: node.clone(),
        leaf: Digest::of(b"province"),
        stated_at: at,
        rows: file.root,
        taken: 1,
    };
    let twice = Twice { uscc: "91350100M000100Y43".into(), counts: "4403".into(), other: "35".into() };
    let merged = Merged {
        sources: vec![source],
        base: Some(Digest::of(b"import")),
        base_rows: 0,
        twice: 1,
        twice_first: vec![twice],
    };
    let union = Registry { unit: "yuan".into(), packed: file.root.file, merged: Some(merged), ..registry.clone() };
    vec![
        ("registry", Record::Registry(Box::new(registry))),
        ("registry-union", Record::Registry(Box::new(union))),
        ("adjustment", Record::Attestation(Attestation::adjustment(node, author, at, adjustment))),
        ("selection-judgement", Record::SelectionJudgement(Box::new(judgement))),
    ]
}
