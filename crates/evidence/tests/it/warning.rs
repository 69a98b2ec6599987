//! Warnings in their written form.

use evidence::{
    Authenticated, Author, Consent, Digest, Document, FieldValue, NodeId, Origin, Record, Time, WarningEntry,
    WarningMove, WarningText,
};
use std::collections::BTreeMap;

fn at(date: &str) -> Time {
    Time::from_date(date).unwrap()
}

fn entry(node: &str, what: WarningMove) -> Record {
    Record::Warning(Box::new(WarningEntry {
        node: NodeId::new(node),
        author: Author { name: "王芳".into(), authenticated: Authenticated::TypedName },
        stated_at: at("2026-11-21"),
        warning: "w-3f2a91c0".into(),
        origin: Origin::Live,
        what,
    }))
}

fn received(what: WarningMove) -> Record {
    let what = WarningMove::Received {
        from: NodeId::new("0123456789abcdef"),
        statement: Digest::of(b"statement"),
        stated_at: at("2026-11-20"),
        known_as: String::new(),
        what: Box::new(what),
    };
    entry("fedcba9876543210", what)
}

/// A warning of each kind, for the golden bytes.
pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let document = Document { name: "同意.pdf".into(), digest: Digest::of(b"pdf"), bytes: 3 };
    let text = WarningText {
        regime: "miit".into(),
        level: "II".into(),
        issuer: "mechanism".into(),
        approval: Some(Consent {
            actor: "leading-group".into(),
            person: "赵敏".into(),
            at: at("2026-11-19"),
            document: Some(document),
        }),
        areas: vec!["32".into(), "65-XPCC".into()],
        sectors: vec!["C26".into()],
        start: at("2026-11-20"),
        fields: BTreeMap::from([
            ("level".into(), FieldValue::Choice { choice: "II".into() }),
            ("matters".into(), FieldValue::Text { text: "发现针对供应商门户的扫描".into() }),
        ]),
    };
    vec![
        ("warning-issued", entry("0123456789abcdef", WarningMove::Issued(text.clone()))),
        ("warning-received", received(WarningMove::Changed(WarningText { approval: None, ..text }))),
        ("warning-lifted", received(WarningMove::Lifted { reason: "风险已消除".into(), approval: None })),
        (
            "warning-noted",
            entry("fedcba9876543210", WarningMove::Acknowledged { by: "李明".into(), note: String::new() }),
        ),
        (
            "warning-duty",
            entry(
                "fedcba9876543210",
                WarningMove::Duty { duty: "more-monitoring".into(), done: false, note: "停产".into() },
            ),
        ),
    ]
}

#[test]
fn kinds_have_the_names_that_they_are_written_with() {
    for (name, record) in records() {
        let Record::Warning(e) = &record else { panic!("{name}") };
        assert_eq!(serde_json::to_value(&e.what).unwrap()["is"], e.what.name(), "{name}");
        assert!(WarningMove::NAMES.contains(&e.what.name()));
        assert_eq!(record.about(), Some("w-3f2a91c0"));
    }
}
