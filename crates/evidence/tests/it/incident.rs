//! Incidents, their judgement and messages in their written form.

use evidence::{
    Answered, Ask, Authenticated, Author, ClockStanding, ClockState, Consent, Custody, Digest, Document, Doubt,
    FieldValue, FormMove, FormRef, FormStep, Grade, Happening, IncidentEntry, IncidentJudgement, Met, Moment, NodeId,
    Notice, NoticeState, Opened, Origin, PlanRef, Record, RecordKind, Reported, Response, Say, Seen, StepTaken, Task,
    TaskState, Time, Would,
};
use std::collections::BTreeMap;

fn at(day: &str) -> Time {
    Time::from_date(day).unwrap()
}

fn author() -> Author {
    Author { name: "王芳".into(), authenticated: Authenticated::OsAccount { account: "wang".into(), uid: 1000 } }
}

fn entry(what: Happening) -> Record {
    Record::Incident(Box::new(IncidentEntry {
        node: NodeId::new("0123456789abcdef"),
        author: author(),
        stated_at: at("2026-11-21"),
        incident: "i-3f2a91c0".into(),
        origin: Origin::Live,
        what,
    }))
}

/// An entry of each kind, a judgement and a message, for the golden bytes.
pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let document = Document { name: "盖章件.pdf".into(), digest: Digest::of(b"pdf"), bytes: 3 };
    let answers = BTreeMap::from([
        ("loss-yuan".to_owned(), Answered::Number { least: Some(5), most: None }),
        ("operations".to_owned(), Answered::Chosen { value: "III".into(), reason: "两条产线停产".into() }),
        ("people-personal".to_owned(), Answered::Unknown),
    ]);
    let fields = BTreeMap::from([
        ("cause".to_owned(), FieldValue::Text { text: "弱口令\n第二行".into() }),
        ("personal".to_owned(), FieldValue::None),
        ("size".to_owned(), FieldValue::Size { bytes: Some(12_500_000_000), records: None }),
        ("system".to_owned(), FieldValue::NotYetKnown),
        ("time".to_owned(), FieldValue::Minute { at: at("2026-11-20") }),
    ]);
    let consent = Consent {
        actor: "mechanism".into(),
        person: "赵".into(),
        at: at("2026-11-21"),
        document: Some(document.clone()),
    };
    let digest = Digest::of(b"frozen");
    let step = |step: FormMove| {
        Happening::Form(FormStep { serial: "i-3f2a91c0/annex-2/1".into(), form: "annex-2".into(), step })
    };
    let judgement = IncidentJudgement {
        plan: PlanRef { id: "p".into(), version: "1".into(), digest: Digest::of(b"plan") },
        judge: "watchfire-judge/4".into(),
        as_of: at("2026-11-22"),
        incident: "i-3f2a91c0".into(),
        origin: Origin::Live,
        cites: vec![(Digest::of(b"entry"), RecordKind::Incident)],
        grades: vec![Grade {
            regime: "miit".into(),
            at_least: "III".into(),
            at_most: "I".into(),
            proposed: Some("I".into()),
            met: vec![Met { criterion: "loss-III".into(), level: "III".into(), value: ">=50000000".into() }],
        }],
        ask: vec![Ask {
            dimension: "people-personal".into(),
            would: vec![Would { regime: "miit".into(), level: "II".into(), from: Some(10_000_000), chosen: None }],
        }],
        clocks: vec![ClockStanding {
            clock: "cac-other".into(),
            ours: true,
            certain: true,
            state: ClockState::MetLate,
            started: Some(at("2026-11-20")),
            due: Some(at("2026-11-21")),
            next: None,
            met: Some(at("2026-11-22")),
            met_by: Some(Digest::of(b"report")),
        }],
        doubts: vec![Doubt { say: Say::new("doubt.calendar-year").with("year", 2027), cited: None }],
    };
    let notice = Notice {
        node: NodeId::new("0123456789abcdef"),
        author: author(),
        stated_at: at("2026-11-21"),
        notice: "n-00000001".into(),
        about: "i-3f2a91c0".into(),
        clock: "cac-other".into(),
        origin: Origin::Drill,
        channel: "mail".into(),
        to: "li".into(),
        step: 1,
        attempt: 2,
        state: NoticeState::GivenUp,
        proof: "550".into(),
    };
    let waiting = Notice { state: NoticeState::Waiting, proof: "20/min".into(), ..notice.clone() };
    vec![
        (
            "incident-opened",
            entry(Happening::Opened(Opened {
                title: "二车间共享目录被加密".into(),
                actors: vec!["enterprise".into()],
                branches: vec!["industrial".into()],
            })),
        ),
        (
            "incident-moment",
            entry(Happening::Moment(Moment { moment: "discovery".into(), at: at("2026-11-20"), note: String::new() })),
        ),
        ("incident-answered", entry(Happening::Answered { answers })),
        ("incident-noted", entry(Happening::Noted { at: at("2026-11-20"), text: "第一行\n第二行".into() })),
        (
            "incident-seen",
            entry(Happening::Seen(Seen {
                source: "finding".into(),
                id: "ab12".into(),
                leaf: Some(Digest::of(b"leaf")),
                at: at("2026-11-20"),
                text: "ssh-root-login".into(),
            })),
        ),
        (
            "incident-reported",
            entry(Happening::Reported(Reported {
                clocks: vec!["cac-other".into()],
                channel: "form".into(),
                at: at("2026-11-21"),
                by: "李四".into(),
                to: "省厅 王五".into(),
                form: Some(FormRef { serial: "i-3f2a91c0/annex-2/1".into(), digest }),
                receipt: Some(document.clone()),
                note: String::new(),
            })),
        ),
        ("incident-drafted", entry(step(FormMove::Drafted { fields }))),
        ("incident-reviewed", entry(step(FormMove::Reviewed { reviewer: "赵六".into() }))),
        ("incident-frozen", entry(step(FormMove::Frozen { digest, plan: Digest::of(b"plan") }))),
        ("incident-printed", entry(step(FormMove::Printed))),
        ("incident-sealed", entry(step(FormMove::Sealed { scan: document.clone(), signatory: "厂长".into(), digest }))),
        ("incident-voided", entry(step(FormMove::Voided { reason: "笔误".into() }))),
        (
            "incident-response",
            entry(Happening::Response(Response {
                regime: "miit".into(),
                level: Some("II".into()),
                at: at("2026-11-21"),
                by: "local-regulator".into(),
                consents: vec![consent],
                note: String::new(),
            })),
        ),
        (
            "incident-step",
            entry(Happening::Step(StepTaken {
                step: "preserve-evidence".into(),
                done: false,
                at: at("2026-11-21"),
                by: "张三".into(),
                note: "无磁盘".into(),
                document: None,
            })),
        ),
        (
            "incident-task",
            entry(Happening::Task(Task {
                number: 1,
                text: "恢复".into(),
                owner: "李四".into(),
                due: Some(at("2026-11-30")),
                state: TaskState::Open,
            })),
        ),
        (
            "incident-custody",
            entry(Happening::Custody(Custody {
                document,
                what: "三号服务器镜像".into(),
                from: "三号服务器".into(),
                to: "张三".into(),
                at: at("2026-11-21"),
                note: String::new(),
            })),
        ),
        (
            "incident-closed",
            entry(Happening::Closed {
                lessons: "每月恢复测试".into(),
                measures: vec!["m-1a2b3c4d".into()],
                anyway: "已电话说明".into(),
            }),
        ),
        ("incident-reopened", entry(Happening::Reopened { reason: "又一共享目录".into() })),
        ("incident-judgement", Record::IncidentJudgement(Box::new(judgement))),
        ("notice-waiting", Record::Notice(waiting)),
        ("notice", Record::Notice(notice)),
    ]
}
