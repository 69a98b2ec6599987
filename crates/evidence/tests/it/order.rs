//! Orders in their written form.

use evidence::{
    Authenticated, Author, Digest, Document, FindingsGiven, FindingsWanted, Mending, NodeId, OrderEntry, OrderMove,
    OrderText, PlanId, PlanRef, Record, Severity, Time,
};

fn at(date: &str) -> Time {
    Time::from_date(date).unwrap()
}

fn entry(node: &str, what: OrderMove) -> Record {
    Record::Order(Box::new(OrderEntry {
        node: NodeId::new(node),
        author: Author { name: "王芳".into(), authenticated: Authenticated::TypedName },
        stated_at: at("2026-11-21"),
        order: "o-3f2a91c0".into(),
        what,
    }))
}

/// An order of each step, for the golden bytes.
pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let (authority, plant) = ("0123456789abcdef", "fedcba9876543210");
    let document = Document { name: "整改报告.pdf".into(), digest: Digest::of(b"pdf"), bytes: 3 };
    let plan = PlanRef { id: PlanId::new("miit-2024-2026"), version: "1.0".into(), digest: Digest::of(b"plan") };
    let text = OrderText {
        uscc: "91110000600037341L".into(),
        issuer: "某省工业和信息化厅".into(),
        plan,
        basis: "dsl-44".into(),
        demand: "关闭常设的远程运维通道".into(),
        reasons: vec!["scenarios-failed".into()],
        working_days: 15,
        due: at("2026-12-11"),
        document: Some(document.clone()),
        wants: None,
    };
    let wants = FindingsWanted {
        scenarios: vec!["remote-access".into()],
        severity: Some(Severity::High),
        since: Some(at("2026-11-01")),
        most: 200,
        key: "00".repeat(32),
    };
    let asks = OrderText { document: None, wants: Some(wants), ..text.clone() };
    let given = FindingsGiven {
        report: Digest::of(b"report"),
        judgement: Digest::of(b"judgement"),
        sealed: Digest::of(b"sealed"),
        bytes: 6,
        shown: 12,
        left_out: 0,
    };
    let read = OrderMove::Read { of: Digest::of(b"given"), reason: "复查前核对".into() };
    let answered = OrderMove::Answered { says: "已关闭".into(), documents: vec![document.clone()], on_paper: None };
    let carried = OrderMove::Carried {
        from: NodeId::new(plant),
        statement: Digest::of(b"statement"),
        stated_at: at("2026-11-20"),
        what: Box::new(answered.clone()),
    };
    let paper =
        OrderMove::Answered { says: String::new(), documents: vec![document], on_paper: Some(at("2026-11-19")) };
    let examined = OrderMove::Examined { result: Mending::NotMended, by: Some(Digest::of(b"r")), note: String::new() };
    let extended = OrderMove::Extended { reason: "设备到货延迟".into(), working_days: 5, due: at("2026-12-18") };
    vec![
        ("order-issued", entry(authority, OrderMove::Issued(Box::new(text)))),
        ("order-asks", entry(authority, OrderMove::Issued(Box::new(asks)))),
        ("order-given", entry(plant, OrderMove::Given(given))),
        ("order-withheld", entry(plant, OrderMove::Withheld { reason: "涉密系统".into() })),
        ("order-read", entry(authority, read)),
        ("order-received", entry(plant, OrderMove::Received {})),
        ("order-answered", entry(plant, answered)),
        ("order-paper", entry(authority, paper)),
        ("order-carried", entry(authority, carried)),
        ("order-extended", entry(authority, extended)),
        ("order-examined", entry(authority, examined)),
        ("order-closed", entry(authority, OrderMove::Closed { note: "复查合格".into() })),
        ("order-withdrawn", entry(authority, OrderMove::Withdrawn { reason: "重复下达".into() })),
    ]
}

#[test]
fn steps_have_the_names_that_they_are_written_with() {
    for (name, record) in records() {
        let Record::Order(e) = &record else { panic!("{name}") };
        assert_eq!(serde_json::to_value(&e.what).unwrap()["is"], e.what.name(), "{name}");
        assert_eq!(record.about(), Some("o-3f2a91c0"));
    }
}
