//! One judgement, made by hand, in which every case of a report occurs once.

use evidence::{
    Approved, Bands, Body, CheckResult, Cited, ContentDigest, Coverage, DataGroup, DataLevel, Digest, DigestKey, Doubt,
    Examination, Fact, FactValue, Finding, Gap, GapCount, GapReason, Hits, Item, ItemCounts, ItemRoot, Judgement,
    Masked, MeasureStanding, Origin, Outcome, Place, RecordKind, RunState, Sample, Say, ScopeKind, SensorRun, Severity,
    Spot, Standing, Stands, SubjectRef, Sure, Tally, Time,
};
use plan::{CheckedPlan, Source};
use report::{Input, ProofSummary};

/// Everything that an [`Input`] borrows.
pub(crate) struct Fixture {
    pub(crate) plan: CheckedPlan,
    pub(crate) judgement: Judgement,
    pub(crate) examination: Examination,
    pub(crate) items: Vec<Item>,
    pub(crate) proof: ProofSummary,
}

const HOST: &str = "plant-7";

fn time(text: &str) -> Time {
    text.parse().expect("an instant")
}
fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// The sample plan's files, path and text.
pub(crate) fn plan_files() -> Vec<(String, String)> {
    let files = [
        ("plan.toml", include_str!("../plan/plan.toml")),
        ("checks/checks.toml", include_str!("../plan/checks/checks.toml")),
        ("levels/levels.toml", include_str!("../plan/levels/levels.toml")),
        ("words/en.toml", include_str!("../plan/words/en.toml")),
        ("words/zh.toml", include_str!("../plan/words/zh.toml")),
    ];
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

fn sample_plan() -> CheckedPlan {
    plan::check(&Source { files: plan_files().into_iter().collect() }).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    })
}

/// The bodies of the run; numbered in this order.
fn bodies() -> Vec<Body> {
    let fact = |id: &str, value: FactValue, at: Place| Body::Fact(Fact { fact: id.into(), value, at });
    let sshd = || Place::file("/etc/ssh/sshd_config").line(33).digest(digest("sshd_config"));
    let mut out = vec![
        fact("ssh.permit_root_login", "yes".into(), sshd()),
        fact(
            "database.server",
            FactValue::row([
                ("name", "postgresql".into()),
                ("config", "/etc/postgresql/15/main/postgresql.conf".into()),
                ("listen", FactValue::Texts(vec!["*".to_owned()])),
                ("open", true.into()),
            ]),
            Place::file("/etc/postgresql/15/main/postgresql.conf").line(60).digest(digest("postgresql.conf")),
        ),
        fact("usb.storage_blocked", false.into(), Place::file("/etc/modprobe.d")),
    ];
    for n in 1..=7_u64 {
        out.push(fact(
            "sudo.rule",
            FactValue::row([
                ("who", format!("maint{n}").into()),
                ("nopasswd", true.into()),
                ("all", true.into()),
                ("command", "ALL".into()),
            ]),
            Place::file("/etc/sudoers.d/vendors").line(n).digest(digest("sudoers.d/vendors")),
        ));
    }
    out.extend(data_bodies());
    let gap = |what: &str, reason, at: Option<&str>, count| {
        Body::Gap(Gap { what: what.to_owned(), reason, at: at.map(Place::file), count })
    };
    out.extend([
        gap("fact:firewall.enabled", GapReason::PermissionDenied, Some("/etc/nftables.conf"), 1),
        gap("folder:/srv/share", GapReason::Encrypted, Some("/srv/share/hr/payroll.xlsx"), 1),
        gap("folder:/srv/share", GapReason::Encrypted, Some("/srv/share/hr/contracts.zip"), 1),
        gap("folder:/srv/share", GapReason::TooLarge, Some("/srv/share/dump/full.sql"), 1),
        gap("folder:/srv/share", GapReason::Unsupported, None, 212),
    ]);
    out
}

fn data_bodies() -> Vec<Body> {
    let key = DigestKey::new([7; 32]);
    let hits = |path: &str, class: &str, high: u64, samples: Vec<Sample>| {
        let digest = ContentDigest::Keyed(key.digest("file", path.as_bytes()));
        let at = Place { digest: Some(digest), ..Place::file(path) };
        Body::Hits(Hits { class: class.into(), at, bands: Bands { high, medium: 3, low: 1 }, distinct: high, samples })
    };
    let sample = |spot: Spot, value: &str, confidence: u8| Sample {
        spot,
        mask: Masked::keep(value, 3, 2),
        keyed: key.digest("cn.resident-id", value.as_bytes()),
        confidence,
        why: Vec::new(),
    };
    // The identity number is the published test vector of the check digit, of no living person.
    let line = |line, column| Spot::Line { line, column };
    let cell = Spot::Cell { sheet: "员工".to_owned(), cell: "C7".to_owned() };
    vec![
        hits(
            "/srv/share/hr/staff.csv",
            "cn.resident-id",
            820,
            vec![sample(line(2, 14), "360426199101010071", 99), sample(line(3, 14), "11010519491231002X", 97)],
        ),
        hits("/srv/share/hr/员工名册.xlsx", "cn.resident-id", 400, vec![sample(cell, "360426199101010071", 96)]),
        hits("/srv/share/sales/suppliers.txt", "cn.uscc", 12, vec![sample(line(40, 1), "91110000600037341L", 92)]),
        Body::Tally(Tally {
            class: "cn.resident-id".into(),
            root: "/srv/share".into(),
            files: 2,
            bands: Bands { high: 1220, medium: 6, low: 2 },
            distinct: 100_000,
            distinct_is_floor: true,
            own: None,
        }),
    ]
}

/// The fixture.
pub(crate) fn fixture() -> Fixture {
    let plan = sample_plan();
    let items: Vec<Item> = (0_u64..).zip(bodies()).map(|(n, body)| Item { body, n, salt: "00".repeat(16) }).collect();
    let examination = examination(items.len() as u64);
    let judgement = judgement(&plan);
    let proof = ProofSummary {
        key_id: "k-5f0c2a9e7b1d4c3a".into(),
        log_origin: "watchfire.invalid/plant-7".to_owned(),
        judgement_index: Some(8),
        examination_index: Some(7),
        tree_size: 9,
        root: digest("root"),
        checkpoint_time: time("2026-11-23T20:45:02.500Z"),
        time_is_self_declared: true,
        spooled: false,
    };
    Fixture { plan, judgement, examination, items, proof }
}

impl Fixture {
    /// As a run that was just made.
    pub(crate) fn input(&self) -> Input<'_> {
        Input {
            judgement: &self.judgement,
            judgement_leaf: digest("judgement"),
            examination: Some((&self.examination, digest("examination"))),
            items: &self.items,
            others: &[],
            documented: &[],
            plan: &self.plan,
            proof: self.proof.clone(),
            generated: time("2026-11-23T20:45:03.000Z"),
            program: "watchfire 0.1.0",
        }
    }
}

fn examination(items: u64) -> Examination {
    let sensor = |name: &str, privileged| SensorRun {
        sensor: name.into(),
        version: "0.1.0".to_owned(),
        rules: digest(name),
        privileged,
    };
    Examination {
        node: "k-5f0c2a9e7b1d4c3a".into(),
        subject: SubjectRef {
            host: HOST.to_owned(),
            machine: None,
            root: None,
            folders: vec!["/srv/share".into(), "/home/operator".into()],
            carried: None,
        },
        origin: Origin::Live,
        started: time("2026-11-23T20:44:52.123Z"),
        ended: time("2026-11-23T20:45:01.900Z"),
        state: RunState::Stopped,
        sensors: vec![sensor("discover", true), sensor("inspect", false)],
        items: ItemRoot { count: items, root: digest("items"), file: digest("items.jsonl") },
        counts: ItemCounts { facts: 10, covered: 0, hits: 3, tallies: 1, gaps: 5, alerts: 0, ..ItemCounts::default() },
        nonce: None,
    }
}

fn cited(item: u64) -> Cited {
    Cited { leaf: digest("examination"), item: Some(item) }
}

fn findings() -> Vec<Finding> {
    let one = |check: &str, scenario: &str, severity, object: &str, with: &[(&str, &str)], at: Place, item| Finding {
        id: Finding::id_of(&check.into(), HOST, object),
        check: check.into(),
        scenario: scenario.into(),
        severity,
        host: HOST.to_owned(),
        object: object.to_owned(),
        with: with.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        at: Some(at),
        evidence: vec![cited(item)],
    };
    let database = Place::file("/etc/postgresql/15/main/postgresql.conf").line(60);
    let sshd = Place::file("/etc/ssh/sshd_config").line(33);
    let mut out = vec![
        one("database-open", "vulnerability", Severity::Critical, "postgresql", &[("name", "postgresql")], database, 1),
        one("ssh-root-login", "remote-maintenance", Severity::High, "", &[], sshd, 0),
    ];
    // An organisational question that was answered "not fulfilled": the evidence is an earlier record.
    out.push(Finding {
        host: String::new(),
        at: None,
        evidence: vec![Cited { leaf: digest("answer-contingency"), item: None }],
        ..one("contingency-plan", "organisation", Severity::High, "", &[], Place::file("-"), 0)
    });
    for n in 1..=7_u64 {
        let who = format!("maint{n}");
        let at = Place::file("/etc/sudoers.d/vendors").line(n);
        out.push(one("sudo-without-password", "personnel", Severity::Medium, &who, &[("who", &who)], at, n + 2));
    }
    out.push(one("usb-storage", "personnel", Severity::Low, "", &[], Place::file("/etc/modprobe.d"), 2));
    out
}

/// A tool that somebody approved until the end of the year.
fn approved() -> Vec<Approved> {
    let finding = Finding {
        id: Finding::id_of(&"remote-control-active".into(), HOST, "todesk"),
        check: "remote-control-active".into(),
        scenario: "remote-maintenance".into(),
        severity: Severity::High,
        host: HOST.to_owned(),
        object: "todesk".to_owned(),
        with: [("name".to_owned(), "todesk".to_owned())].into(),
        at: Some(Place::file("/opt/todesk")),
        evidence: vec![cited(0)],
    };
    let until = time("2026-12-31T23:59:59.999Z");
    vec![Approved { finding, measure: "m-51b0c0de".to_owned(), until, sure: Sure::Documented }]
}

fn measures() -> Vec<MeasureStanding> {
    let one = |finding, measure: &str, stands, until: &str| MeasureStanding {
        finding,
        measure: measure.to_owned(),
        leaf: digest(measure),
        stands,
        until: time(until),
    };
    let late = Finding::id_of(&"ssh-root-login".into(), HOST, "");
    let end = "2026-12-31T23:59:59.999Z";
    vec![
        one(approved()[0].finding.id, "m-51b0c0de", Stands::Approved, end),
        one(late, "m-0ddba110", Stands::Late, "2026-11-20T23:59:59.999Z"),
    ]
}

fn checks() -> Vec<CheckResult> {
    let of = |check: &str,
              scenario: &str,
              outcome: Outcome,
              sure: Option<Sure>,
              because: Option<Say>,
              findings: u64| {
        let person = ["restore-test", "training", "drill", "contingency-plan", "vendor-contract"].contains(&check);
        let leaf = if person { digest(&format!("answer-{check}")) } else { digest("examination") };
        let basis = if outcome == CannotTell { vec![] } else { vec![Cited { leaf, item: None }] };
        let host = if person { String::new() } else { HOST.to_owned() };
        CheckResult { check: check.into(), scenario: scenario.into(), host, outcome, sure, because, basis, findings }
    };
    use Outcome::{CannotTell, Fail, NotApplicable, Pass};
    let seen = Some(Sure::MachineEvidenced);
    let refused = Say::new("because.fact-missing").with("fact", "firewall.enabled").with("reason", "permission-denied");
    let unseen = Say::new("because.fact-unknown").with("fact", "audit.present");
    let no_share = Say::new("because.does-not-apply").with("condition", "size(table('share.smb')) > 0");
    let nobody = Say::new("because.not-answered");
    let expired = Say::new("because.answer-expired").with("effective", "2025-03-01").with("days", 365);
    vec![
        of("aslr", "vulnerability", Pass, seen, None, 0),
        of("backup-recent", "ransomware", CannotTell, None, Some(unseen), 0),
        of("contingency-plan", "organisation", Fail, Some(Sure::Declared), None, 1),
        of("database-open", "vulnerability", Fail, seen, None, 1),
        of("drill", "ransomware", CannotTell, None, Some(expired), 0),
        of("firewall-on", "vulnerability", CannotTell, None, Some(refused), 0),
        of("restore-test", "ransomware", Pass, Some(Sure::Documented), None, 0),
        of("session-timeout", "remote-maintenance", Pass, Some(Sure::ReObserved), None, 0),
        of("smb-old", "ransomware", NotApplicable, seen, Some(no_share), 0),
        of("ssh-root-login", "remote-maintenance", Fail, seen, None, 1),
        of("sudo-without-password", "personnel", Fail, seen, None, 7),
        of("training", "personnel", Pass, Some(Sure::Declared), None, 0),
        of("usb-storage", "personnel", Fail, seen, None, 1),
        of("vendor-contract", "remote-maintenance", CannotTell, None, Some(nobody), 0),
    ]
}

fn standings() -> Vec<Standing> {
    let of = |scenario: &str, counts: [u64; 5], findings: &[(Severity, u64)]| {
        let [failed, cannot_tell, passed, passed_on_paper, not_applicable] = counts;
        let findings = findings.iter().copied().collect();
        let scenario = scenario.into();
        Standing { scenario, failed, passed, passed_on_paper, not_applicable, cannot_tell, findings }
    };
    vec![
        of("ransomware", [0, 2, 1, 1, 1], &[]),
        of("vulnerability", [1, 1, 1, 0, 0], &[(Severity::Critical, 1)]),
        of("personnel", [2, 0, 1, 1, 0], &[(Severity::Medium, 7), (Severity::Low, 1)]),
        of("remote-maintenance", [1, 1, 1, 0, 0], &[(Severity::High, 1)]),
        of("organisation", [1, 0, 0, 0, 0], &[(Severity::High, 1)]),
    ]
}

fn data() -> Vec<DataGroup> {
    let of = |category: &str, class: &str, counts: [u64; 3], floor, level: &str, because: Vec<Say>| DataGroup {
        host: HOST.to_owned(),
        root: "/srv/share".into(),
        category: category.into(),
        class: class.into(),
        files: counts[0],
        hits: counts[1],
        distinct: counts[2],
        distinct_is_floor: floor,
        columns: 0,
        contents: 0,
        level: DataLevel { level: level.into(), proposed: level != "general", because },
        evidence: vec![cited(13)],
    };
    let many = Say::new("effect.many-people.because").with("distinct", 100_000).with("at_least", 100_000);
    vec![
        of("personal", "cn.resident-id", [2, 1226, 100_000], true, "important", vec![many]),
        of("management", "cn.uscc", [1, 15, 12], false, "general", vec![]),
    ]
}

fn judgement(plan: &CheckedPlan) -> Judgement {
    let gap = |area: &str, reason, count| GapCount { host: HOST.to_owned(), area: area.to_owned(), reason, count };
    let coverage = |kind, declared, examined, undeclared| Coverage { kind, declared, examined, undeclared };
    Judgement {
        judge: "watchfire-judge 1".to_owned(),
        plan: plan.reference(),
        as_of: time("2026-11-23T20:45:02.000Z"),
        cites: vec![(digest("examination"), RecordKind::Examination)],
        standings: standings(),
        checks: checks(),
        findings: findings(),
        approved: approved(),
        measures: measures(),
        data: data(),
        coverage: vec![coverage(ScopeKind::Host, 12, 1, 0), coverage(ScopeKind::Share, 3, 1, 1)],
        gaps: vec![
            gap("fact", GapReason::PermissionDenied, 1),
            gap("folder", GapReason::TooLarge, 1),
            gap("folder", GapReason::Encrypted, 2),
            gap("folder", GapReason::Unsupported, 212),
        ],
        doubts: vec![
            doubt(
                Say::new("doubt.contradiction")
                    .with("check", "training")
                    .with("machine", "usb-storage")
                    .with("host", HOST),
            ),
            doubt(Say::new("doubt.times-self-declared")),
            doubt(Say::new("doubt.typed-names").with("count", 2)),
            doubt(Say::new("doubt.undeclared-folder").with("root", "/home/operator").with("host", HOST)),
        ],
    }
}

fn doubt(say: Say) -> Doubt {
    Doubt { say, cited: Some(cited(13)) }
}
