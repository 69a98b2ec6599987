//! Golden bytes: what was written once must read for ever.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may fail loudly and read its golden files")]

mod catalogue;
mod challenge;
mod incident;
mod member;
mod order;
mod programme;
mod registry;
mod training;
mod transfers;
mod warning;

use evidence::*;
use std::collections::BTreeMap;
use std::path::Path;

fn at() -> Time {
    "2026-11-23T20:44:52.123Z".parse().unwrap()
}

fn author() -> Author {
    Author {
        name: "李明 (data-security officer)".into(),
        authenticated: Authenticated::OsAccount { account: "liming".into(), uid: 1000 },
    }
}

fn bodies() -> Vec<Body> {
    let place = Place::file("/etc/ssh/sshd_config").line(33).digest(Digest::of(b"PermitRootLogin yes\n"));
    let key = DigestKey::new([7; 32]);
    vec![
        Body::Fact(Fact { fact: "ssh.permit_root_login".into(), value: "yes".into(), at: place }),
        Body::Covered(Covered { what: "fact:account".into(), counts: BTreeMap::from([("found".into(), 3)]) }),
        Body::Hits(Hits {
            class: "cn.resident-id".into(),
            at: Place {
                path: PathText::from_bytes(b"/srv/\xff/staff.zip"),
                inside: vec!["员工.xlsx".into()],
                spot: None,
                digest: Some(ContentDigest::Keyed(key.digest("file", b"content"))),
            },
            bands: Bands { high: 2, medium: 1, low: 0 },
            distinct: 2,
            samples: vec![Sample {
                spot: Spot::Cell { sheet: "Sheet1".into(), cell: "B7".into() },
                mask: Masked::keep("360426199101010071", 3, 2),
                keyed: key.digest("cn.resident-id", b"360426199101010071"),
                confidence: 97,
                why: Vec::new(),
            }],
        }),
        Body::Tally(Tally {
            class: "cn.resident-id".into(),
            root: "/srv".into(),
            files: 1,
            bands: Bands { high: 2, medium: 1, low: 0 },
            distinct: 2,
            distinct_is_floor: false,
            own: None,
        }),
        Body::Gap(Gap {
            what: "folder:/srv".into(),
            reason: GapReason::Encrypted,
            at: Some(Place::file("/srv/secret.zip")),
            count: 1,
        }),
        Body::Alert(Alert {
            id: Alert::id_of(&Digest::of(b"rule"), "security.evtx", 42),
            observed_at: at(),
            origin: Origin::Drill,
            actor: Some(key.digest("actor", b"CORP\\li")),
            scenario: "ransomware".into(),
            severity: Severity::High,
            fields: BTreeMap::from([("CommandLine".into(), Masked::keep("vssadmin delete shadows /all", 5, 0))]),
        }),
    ]
}

fn records() -> Vec<(&'static str, Record)> {
    let node = NodeId::new("0123456789abcdef");
    let sealed = seal(&bodies(), &[9; 32]).unwrap();
    let document = Document { name: "plan.pdf".into(), digest: Digest::of(b"pdf"), bytes: 3 };
    let examination = Examination {
        node: node.clone(),
        subject: SubjectRef {
            host: "plc-gw-01".into(),
            machine: Some(DigestKey::new([7; 32]).digest("machine", b"id")),
            root: None,
            folders: vec!["/srv".into()],
            carried: None,
        },
        origin: Origin::Live,
        started: at(),
        ended: at(),
        state: RunState::Complete,
        sensors: vec![SensorRun {
            sensor: "inspect".into(),
            version: "0.1.0".into(),
            rules: Digest::of(b"rules"),
            privileged: true,
        }],
        items: sealed.root,
        counts: ItemCounts { facts: 1, covered: 1, hits: 1, tallies: 1, gaps: 1, alerts: 1, ..ItemCounts::default() },
        nonce: None,
    };
    let answer = Answer {
        check: "drill-held".into(),
        fulfilled: true,
        document: Some(document.clone()),
        effective: Time::from_date("2026-03-01").unwrap(),
        approver: "王芳".into(),
    };
    let change = KeyChange { role: "evidence".into(), from: "a".into(), to: "b".into(), public_key: "AA==".into() };
    let cited = Cited { leaf: Digest::of(b"leaf"), item: Some(0) };
    let finding = Finding {
        id: Digest::of(b"finding"),
        check: "ssh-root-login".into(),
        scenario: "remote-maintenance".into(),
        severity: Severity::High,
        host: "plc-gw-01".into(),
        object: String::new(),
        with: BTreeMap::from([("value".into(), "yes".into())]),
        at: Some(Place::file("/etc/ssh/sshd_config").line(33)),
        evidence: vec![cited.clone()],
    };
    let judgement = Judgement {
        judge: "watchfire-judge/0.1.0".into(),
        plan: PlanRef { id: "miit-2024-2026".into(), version: "1".into(), digest: Digest::of(b"plan") },
        as_of: at(),
        cites: vec![(Digest::of(b"leaf"), RecordKind::Examination)],
        standings: vec![Standing {
            scenario: "remote-maintenance".into(),
            failed: 1,
            passed: 2,
            passed_on_paper: 1,
            not_applicable: 3,
            cannot_tell: 4,
            findings: BTreeMap::from([(Severity::High, 1)]),
        }],
        checks: vec![CheckResult {
            check: "ssh-root-login".into(),
            scenario: "remote-maintenance".into(),
            host: "plc-gw-01".into(),
            outcome: Outcome::Fail,
            sure: Some(Sure::MachineEvidenced),
            because: None,
            basis: vec![cited.clone()],
            findings: 1,
        }],
        findings: vec![finding],
        approved: vec![],
        measures: vec![],
        data: vec![DataGroup {
            host: "plc-gw-01".into(),
            root: "/srv".into(),
            category: "personal".into(),
            class: "cn.resident-id".into(),
            files: 1,
            hits: 3,
            distinct: 2,
            distinct_is_floor: false,
            columns: 0,
            contents: 0,
            level: DataLevel { level: "general".into(), proposed: false, because: vec![Say::new("because.default")] },
            evidence: vec![cited.clone()],
        }],
        coverage: vec![Coverage { kind: ScopeKind::Host, declared: 2, examined: 1, undeclared: 0 }],
        gaps: vec![GapCount {
            host: "plc-gw-01".into(),
            area: "folder".into(),
            reason: GapReason::Encrypted,
            count: 1,
        }],
        doubts: vec![Doubt { say: Say::new("doubt.no-scope"), cited: Some(cited) }],
    };
    let entry = |kind, id: &str, label: &str| ScopeEntry {
        kind,
        id: id.into(),
        label: label.into(),
        site: String::new(),
        country: String::new(),
    };
    let scope = Scope {
        node: node.clone(),
        author: author(),
        stated_at: at(),
        document: Some(document),
        entries: vec![entry(ScopeKind::Host, "plc-gw-01", "网关"), entry(ScopeKind::Share, "/srv", "")],
    };
    let measure = Measure {
        node: node.clone(),
        author: author(),
        stated_at: at(),
        id: "m-1".into(),
        findings: vec![Digest::of(b"finding")],
        incidents: Vec::new(),
        action: "禁止 root 登录".into(),
        owner: "李明".into(),
        deputy: "王芳".into(),
        due: at(),
        state: MeasureState::Excepted,
        verified_by: None,
        approver: Some("厂长".into()),
        expires: Some(at()),
        since: None,
        document: None,
    };
    let delegation = Delegation {
        id: "d-3f2a91c0".into(),
        role: "duty".into(),
        from: "li".into(),
        to: "wang".into(),
        since: at(),
        until: at().plus_minutes(7 * 24 * 60).unwrap(),
        scope: DelegationScope { areas: vec!["3202".into()], kinds: vec!["clock".into()] },
        revoked: true,
    };
    let typed = Author { name: "王芳".into(), authenticated: Authenticated::TypedName };
    vec![
        ("examination", Record::Examination(examination)),
        ("answer", Record::Attestation(Attestation::answer(node.clone(), author(), at(), answer))),
        ("key-change", Record::Attestation(Attestation::key_change(node.clone(), typed, at(), change))),
        ("delegation", Record::Attestation(Attestation::delegation(node, author(), at(), delegation))),
        ("judgement", Record::Judgement(Box::new(judgement))),
        ("scope", Record::Scope(scope)),
        ("measure", Record::Measure(measure)),
    ]
}

fn golden(name: &str, bytes: &[u8]) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    std::fs::read(&path).unwrap()
}

#[test]
fn records_read_from_golden_bytes_and_write_the_same() {
    let all = records()
        .into_iter()
        .chain(catalogue::records())
        .chain(transfers::records())
        .chain(warning::records())
        .chain(order::records());
    let all = all.chain(incident::records());
    let all = all.chain(registry::records()).chain(member::records());
    let all = all.chain(programme::records()).chain(training::records()).chain(challenge::records());
    for (name, record) in all {
        let written = record.to_statement().unwrap();
        let kept = golden(&format!("{name}.v1.json"), &written);
        assert!(written == kept, "{name}: the written form changed; version 1 is frozen");
        assert_eq!(Record::from_statement(&kept).unwrap(), record, "{name}");
    }
    for (name, bodies) in [("items", bodies()), ("items-later", catalogue::bodies())] {
        let sealed = seal(&bodies, &[9; 32]).unwrap();
        let kept = golden(&format!("{name}.v1.jsonl"), &sealed.lines);
        assert!(sealed.lines == kept, "{name}: the written form changed; version 1 is frozen");
        let lines = kept.split(|b| *b == b'\n').filter(|l| !l.is_empty());
        let items: Vec<Item> = lines.map(|l| canonical::from_slice(l).unwrap()).collect();
        assert!(items.iter().map(|i| i.n).eq(0..bodies.len() as u64));
        assert!(bodies.iter().all(|b| items.iter().any(|i| i.body == *b)), "{name}");
    }
}

/// Whatever byte is changed, left out or doubled: what is read at all writes those very bytes again.
#[test]
fn what_reads_writes_the_same_bytes_again() {
    let holds = |bytes: &[u8]| match Record::from_statement(bytes) {
        Ok(record) => assert_eq!(record.to_statement().unwrap(), bytes),
        Err(why) => drop(why.to_string()),
    };
    for (_, record) in records() {
        let text = record.to_statement().unwrap();
        assert_eq!(Record::from_statement(&text).as_ref(), Ok(&record));
        for at in (0..text.len()).step_by(1 + text.len() / 40) {
            for byte in [b' ', b'0', b'"', text[at] ^ 1] {
                let mut other = text.clone();
                other[at] = byte;
                holds(&other);
                other.insert(at, byte);
                holds(&other);
            }
            holds(&text[..at]);
            holds(&text[at..]);
            holds(&[&text[..at], &text[(at + 1).min(text.len())..]].concat());
        }
        // A second one behind the first, and one whose text looks like the place where its type stands.
        holds(&[text.as_slice(), &text].concat());
    }
    let (_, record) = records().into_iter().find(|(_, r)| matches!(r, Record::Measure(_))).unwrap();
    let Record::Measure(mut m) = record else { unreachable!() };
    m.action = ",\"predicateType\":\"urn:watchfire:scope:v1\"".to_owned();
    let record = Record::Measure(m);
    assert_eq!(Record::from_statement(&record.to_statement().unwrap()), Ok(record));
}

#[test]
fn a_statement_with_anything_foreign_in_it_is_refused() {
    let (_, record) = records().remove(0);
    let text = String::from_utf8(record.to_statement().unwrap()).unwrap();
    for (from, to) in [
        ("urn:watchfire:examination:v1", "urn:watchfire:examination:v2"),
        ("urn:watchfire:examination:v1", "urn:watchfire:scope:v1"),
        ("in-toto.io/Statement/v1", "in-toto.io/Statement/v2"),
        ("\"origin\":\"live\"", "\"origin\":\"life\""),
        ("\"origin\":\"live\"", "\"origin\":\"live\",\"zeal\":1"),
        ("\"count\":6", "\"count\":6.0"),
        ("\"node\":\"0123456789abcdef\",", "\"node\":\"0123456789abcdef\",\"nonce\":null,"),
        ("\"name\":\"items.jsonl\"", "\"name\":\"other\""),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(Record::from_statement(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
    let first = text.find("\"sha256\":\"").unwrap() + 10;
    let mut other = text.into_bytes();
    other[first] = if other[first] == b'0' { b'1' } else { b'0' };
    assert_eq!(Record::from_statement(&other), Err(StatementError::Subject));
}
