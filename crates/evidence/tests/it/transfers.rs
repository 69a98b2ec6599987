//! Records about transfers, for the golden files.

use evidence::*;

fn at() -> Time {
    "2026-11-23T20:44:52.123Z".parse().unwrap()
}

fn document(name: &str) -> Document {
    Document { name: name.into(), digest: Digest::of(name.as_bytes()), bytes: 3 }
}

fn flow() -> Flow {
    Flow {
        id: Flow::id_of("青山厂", "HR", "Headquarters", "DE", "人事管理", Way::RemoteAccess),
        exporter: "青山厂".into(),
        cii: true,
        system: "HR".into(),
        assets: vec![Digest::of(b"asset")],
        holds: vec![Holds::Personal, Holds::SensitivePersonal],
        recipient: "Headquarters".into(),
        group: "Group".into(),
        country: "DE".into(),
        way: Way::RemoteAccess,
        hosts: vec!["203.0.113.0/24".into(), "hr.example.com".into()],
        purpose: "人事管理".into(),
        ground: "contract".into(),
        case: "cross-border-staff".into(),
        reason: "collective agreement".into(),
        disjoint: true,
        impact: Some(document("pia.pdf")),
    }
}

fn entry(what: TransferMove) -> Record {
    let author = Author { name: "李明".into(), authenticated: Authenticated::TypedName };
    let node = NodeId::new("0123456789abcdef");
    Record::Transfer(Box::new(TransferEntry { node, author, stated_at: at(), what }))
}

pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let date = |d: &str| Time::from_date(d).unwrap();
    let id = flow().id;
    let counted = PeopleCounted {
        flow: id.clone(),
        year: 2026,
        personal: Span::between(5_000, 8_000),
        sensitive: Span::at_least(1),
        as_of: date("2026-06-30"),
    };
    let decided = Decided {
        flows: vec![id.clone()],
        grant: Grant::Certification,
        outcome: Granted::Granted,
        number: "No. 7".into(),
        since: date("2026-01-15"),
        until: Some(date("2029-01-14")),
        document: Some(document("certificate.pdf")),
    };
    let provided = Provided {
        id: "p-1".into(),
        flow: id.clone(),
        recipient: "Lab".into(),
        data: "samples".into(),
        purpose: "analysis".into(),
        entrusted: true,
        at: date("2026-02-28"),
        contract: Some(document("contract.pdf")),
    };
    let request = AuthorityRequest {
        id: "r-1".into(),
        authority: "Court".into(),
        country: "US".into(),
        asked: "mail".into(),
        basis: "subpoena".into(),
        received: date("2026-06-01"),
        document: Some(document("letter.pdf")),
    };
    let moved = RequestMoved {
        request: "r-1".into(),
        step: RequestStep::Passed,
        at: date("2026-06-02"),
        document: None,
        note: "by courier".into(),
    };
    let need = |needs: &str| Some(TransferNeed { rule: "personal-middle".into(), needs: needs.into() });
    let judgement = TransferJudgement {
        plan: PlanRef { id: "miit-2024-2026".into(), version: "1".into(), digest: Digest::of(b"plan") },
        judge: "watchfire-judge/4".into(),
        as_of: at(),
        year: 2026,
        cites: vec![(Digest::of(b"leaf"), RecordKind::Transfer)],
        exporters: vec![ExporterStanding {
            exporter: String::new(),
            cii: false,
            flows: 1,
            personal: Span::exact(5),
            sensitive: Span::exact(0),
        }],
        flows: vec![FlowStanding {
            flow: id.clone(),
            state: FlowState::InHand,
            at_least: need("contract-or-certification"),
            at_most: need("assessment"),
            personal: Span::exact(5),
            sensitive: Span::exact(0),
            level: Some("important".into()),
            in_hand: Some(InHand {
                grant: Grant::Certification,
                number: "No. 7".into(),
                until: Some(date("2029-01-14")),
                renew_by: Some(date("2028-07-14")),
                documented: true,
                leaf: Digest::of(b"leaf"),
            }),
            lacks: vec!["impact".into()],
        }],
        requests: vec![RequestStanding {
            request: "r-1".into(),
            step: Some(RequestStep::Passed),
            approved: false,
            closed: false,
            days: 29,
        }],
        provisions: vec![ProvisionStanding {
            provision: "p-1".into(),
            keep_until: Some(date("2029-02-28")),
            contract: true,
        }],
        notes: vec![TransferNote {
            kind: NoteKind::Warning,
            say: Say::new("transfer-note.request-waiting").with("request", "r-1"),
            about: "r-1".into(),
        }],
        doubts: vec![],
    };
    let countries = CountryTable {
        documents: vec![document("delegated-apnic-extended-latest")],
        digest: Digest::of(b"table"),
        form: "delegated".into(),
        dated: Some(date("2026-01-01")),
        rows: 4,
        refused: 5,
        dropped: false,
    };
    let author = Author { name: "李明".into(), authenticated: Authenticated::TypedName };
    let stated = Attestation::country_table(NodeId::new("0123456789abcdef"), author, at(), countries);
    let row = FlowRow { flow: flow(), counted: Some(counted.clone()) };
    let table = FlowTable { document: document("flows.xlsx"), left_out: 2, rows: vec![row] };
    let ended = TransferMove::Ended { flow: id, at: date("2026-12-31"), reason: "contract over".into() };
    vec![
        ("transfer-flow", entry(TransferMove::Flow(Box::new(flow())))),
        ("transfer-table", entry(TransferMove::Table(table))),
        ("transfer-counted", entry(TransferMove::Counted(counted))),
        ("transfer-decided", entry(TransferMove::Decided(decided))),
        ("transfer-ended", entry(ended)),
        ("transfer-provided", entry(TransferMove::Provided(provided))),
        ("transfer-request", entry(TransferMove::Request(request))),
        ("transfer-request-moved", entry(TransferMove::RequestMoved(moved))),
        ("transfer-observed", entry(TransferMove::Observed { examination: Digest::of(b"run") })),
        ("transfer-judgement", Record::TransferJudgement(Box::new(judgement))),
        ("country-table", Record::Attestation(stated)),
    ]
}

/// The names that records carry are those that serde writes.
#[test]
fn names_are_the_wire_names() {
    fn hold<T: serde::Serialize + Copy>(all: &[T], name: impl Fn(T) -> &'static str) {
        for one in all {
            assert_eq!(serde_json::to_value(one).unwrap(), name(*one));
        }
    }
    hold(Holds::ALL, Holds::name);
    hold(Way::ALL, Way::name);
    hold(Grant::ALL, Grant::name);
    hold(Granted::ALL, Granted::name);
    hold(RequestStep::ALL, RequestStep::name);
    hold(FlowState::ALL, FlowState::name);
    hold(NoteKind::ALL, NoteKind::name);
}
