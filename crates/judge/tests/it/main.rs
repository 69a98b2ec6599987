//! The judge, held to what a reader of a judgement relies on.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be built ends the test")]

mod catalogue;
mod challenge;
mod compare;
mod control;
mod data;
mod exposure;
mod fixture;
mod incident;
mod measures;
mod oversight;
mod pages;
mod programme;
mod selection;
mod training;
mod transfers;
mod warning;
mod windows;

use evidence::{FactValue, GapReason, Judgement, Origin, Outcome, RunState, ScopeKind, Severity, Sure, canonical};
use fixture::{Exam, PLAN, answer, scope, t};
use judge::judge;
use proof::Witness;

const NOW: &str = "2026-11-23";

fn run(records: &[Witness]) -> Judgement {
    judge(&PLAN, records, t(NOW))
}

/// The outcome of one check on one host, with its reason.
fn outcome(j: &Judgement, check: &str, host: &str) -> (Outcome, String) {
    let r = j.checks.iter().find(|c| c.check.as_str() == check && c.host == host);
    let r = r.unwrap_or_else(|| panic!("no result of {check} on {host:?}"));
    (r.outcome, r.because.as_ref().map_or_else(String::new, |s| s.key.clone()))
}

fn doubts(j: &Judgement) -> Vec<&str> {
    j.doubts.iter().map(|d| d.say.key.as_str()).collect()
}

/// One host, one check: what comes out and why.
fn check(exam: impl std::borrow::Borrow<Exam>, check: &str, want: Outcome, because: &str) {
    let j = run(&[exam.borrow().sign()]);
    assert_eq!(outcome(&j, check, "h1"), (want, because.to_owned()), "{check}");
}

fn host() -> Exam {
    Exam::of("h1", "2026-11-20")
}
fn account(name: &str, uid: i64) -> [(&'static str, FactValue); 2] {
    [("name", name.into()), ("uid", uid.into())]
}

#[test]
fn a_single_fact_passes_fails_does_not_apply_or_cannot_be_told() {
    let ssh = || host().one("ssh.server_present", true);
    let name = "ssh-password-login";
    check(ssh().one("ssh.password_authentication", false), name, Outcome::Pass, "");
    check(ssh().one("ssh.password_authentication", true), name, Outcome::Fail, "");
    check(host().one("ssh.server_present", false), name, Outcome::NotApplicable, "because.does-not-apply");
    check(ssh(), name, Outcome::CannotTell, "because.fact-unknown");
    let refused = ssh().gap("fact:ssh.password_authentication", GapReason::PermissionDenied);
    check(refused, name, Outcome::CannotTell, "because.fact-missing");
    // Read from a part of the configuration only: the value may be another one.
    let partly = ssh().one("ssh.password_authentication", true);
    let partly = partly.gap("fact:ssh.password_authentication", GapReason::PermissionDenied);
    check(partly, name, Outcome::CannotTell, "because.fact-missing");
    // Whether it applies is not known either: never "not applicable" by default.
    check(host().one("host.name", "h1"), name, Outcome::CannotTell, "because.fact-unknown");
}

#[test]
fn an_or_does_not_need_the_side_that_is_not_known() {
    // "no root login" settles it; whether passwords are accepted does not matter.
    let exam = host().one("ssh.server_present", true).one("ssh.permit_root_login", "no");
    check(exam, "ssh-root-login", Outcome::Pass, "");
}

#[test]
fn a_table_passes_only_if_it_was_seen_to_the_end() {
    let name = "account-second-root";
    let good = || host().row("account", account("root", 0));
    let bad = || good().row("account", account("toor", 0));
    check(good().covered("account"), name, Outcome::Pass, "");
    check(good(), name, Outcome::CannotTell, "because.table-uncovered");
    let partial = |e: Exam| e.covered("account").gap("fact:account", GapReason::TooMany);
    check(partial(good()), name, Outcome::CannotTell, "because.table-incomplete");
    check(bad().covered("account"), name, Outcome::Fail, "");
    check(partial(bad()), name, Outcome::Fail, "because.table-incomplete");
    check(host().one("host.name", "h1"), name, Outcome::CannotTell, "because.fact-unknown");
    let refused = host().gap("fact:account", GapReason::PermissionDenied);
    check(refused, name, Outcome::CannotTell, "because.fact-missing");
    check(host().covered("account"), name, Outcome::Pass, "");
}

#[test]
fn a_row_without_the_field_is_not_a_pass() {
    let row = [("path", FactValue::from("/tmp/x"))];
    let exam = host().row("file.temp_executable", row).covered("file.temp_executable");
    check(exam, "temp-program", Outcome::CannotTell, "because.field-missing");
}

#[test]
fn none_means_none_only_where_somebody_looked() {
    check(host().covered("backup.tool"), "backup-tool", Outcome::Fail, "");
    check(host().one("host.name", "h1"), "backup-tool", Outcome::CannotTell, "because.fact-unknown");
    let gap = host().covered("backup.tool").gap("fact:backup.tool", GapReason::IoError);
    check(gap, "backup-tool", Outcome::CannotTell, "because.fact-missing");
}

#[test]
fn a_finding_names_object_place_values_and_items() {
    let exam = host().row("account", account("toor", 0)).row("account", account("root", 0)).covered("account");
    let w = exam.sign();
    let j = run(std::slice::from_ref(&w));
    let f = j.findings.iter().find(|f| f.check.as_str() == "account-second-root").unwrap();
    assert_eq!((f.object.as_str(), f.host.as_str(), f.severity), ("toor", "h1", Severity::Critical));
    assert_eq!(f.at.as_ref().map(ToString::to_string).as_deref(), Some("/etc/y"));
    assert_eq!(f.with.get("uid").map(String::as_str), Some("0"));
    let item = f.evidence[0].item.unwrap();
    let items = w.items.as_ref().unwrap().items();
    assert_eq!(
        (f.evidence.len(), f.evidence[0].leaf, items[usize::try_from(item).unwrap()].n),
        (1, w.record.leaf(), item)
    );
    // The same finding tomorrow has the same id, on another host another.
    let again = run(&[Exam { ended: t("2026-11-21"), ..exam.clone() }.sign()]);
    assert!(again.findings.iter().any(|g| g.id == f.id));
    let other = run(&[Exam { host: "h2", ..exam }.sign()]);
    assert!(other.findings.iter().all(|g| g.id != f.id));
}

#[test]
fn the_newest_examination_counts_and_the_future_does_not() {
    let old = host().covered("backup.tool");
    let row = [("name", FactValue::from("restic"))];
    let new = Exam { ended: t("2026-11-22"), ..host() }.row("backup.tool", row).covered("backup.tool");
    let future = Exam { ended: t("2026-12-24"), ..host() }.covered("backup.tool");
    let j = run(&[new.sign(), old.sign(), future.sign()]);
    assert_eq!(outcome(&j, "backup-tool", "h1").0, Outcome::Pass);
    assert!(doubts(&j).contains(&"doubt.after-as-of"));
    assert_eq!(j.cites.len(), 2, "the newest and the one of the future; the old one had no part");
}

#[test]
fn a_later_look_at_folders_does_not_hide_the_host() {
    let on_host = host().covered("backup.tool");
    let folders = Exam { ended: t("2026-11-22"), folders: vec!["/srv"], ..host() }.tally("vin", "/srv", [1, 0, 0], 1);
    let j = run(&[on_host.sign(), folders.sign()]);
    assert_eq!(outcome(&j, "backup-tool", "h1").0, Outcome::Fail);
    assert_eq!(j.data.len(), 1);
}

#[test]
fn a_drill_never_enters() {
    let live = host().covered("backup.tool");
    let drill = Exam { ended: t("2026-11-22"), origin: Origin::Drill, host: "replica", ..host() };
    let drill = drill.row("account", account("toor", 0)).covered("account");
    let with = run(&[live.sign(), drill.sign()]);
    assert!(with.findings.iter().all(|f| f.host != "replica"));
    assert!(with.checks.iter().all(|c| c.host != "replica"));
    assert_eq!(with.cites.len(), 1);
}

#[test]
fn an_image_is_its_own_subject() {
    let live = host().covered("backup.tool");
    let image = Exam { origin: Origin::Replay, root: Some("/mnt"), ..host() }.covered("account");
    let j = run(&[live.sign(), image.sign()]);
    assert_eq!(outcome(&j, "backup-tool", "h1").0, Outcome::Fail);
    assert_eq!(outcome(&j, "backup-tool", "h1:/mnt").0, Outcome::CannotTell);
    assert!(doubts(&j).contains(&"doubt.image"));
}

#[test]
fn answers_are_documented_or_declared_and_expire() {
    let sure = |records: &[Witness], want: Outcome, because: &str, sure: Option<Sure>| {
        let j = run(records);
        assert_eq!(outcome(&j, "org-training", ""), (want, because.to_owned()));
        assert_eq!(j.checks.iter().find(|c| c.check.as_str() == "org-training").unwrap().sure, sure);
    };
    sure(&[], Outcome::CannotTell, "because.not-answered", None);
    sure(&[answer("org-training", true, "2026-06-01", true)], Outcome::Pass, "", Some(Sure::Documented));
    sure(&[answer("org-training", true, "2026-06-01", false)], Outcome::Pass, "", Some(Sure::Declared));
    sure(&[answer("org-training", false, "2026-06-01", true)], Outcome::Fail, "", Some(Sure::Documented));
    // 365 days: in force on the last day, expired after it.
    sure(&[answer("org-training", true, "2025-11-23", true)], Outcome::Pass, "", Some(Sure::Documented));
    sure(&[answer("org-training", true, "2025-11-22", true)], Outcome::CannotTell, "because.answer-expired", None);
    let both = [answer("org-training", false, "2026-07-01", true), answer("org-training", true, "2026-06-01", true)];
    sure(&both, Outcome::Fail, "", Some(Sure::Documented));
    sure(&[answer("org-training", true, "2026-12-01", true)], Outcome::CannotTell, "because.not-answered", None);
}

#[test]
fn paper_against_machine_is_a_doubt_and_answers_to_machines_count_for_nothing() {
    let exam = host().one("log.retention_days", 20);
    let j = run(&[exam.sign(), answer("org-log-keeping", true, "2026-06-01", true)]);
    assert_eq!(outcome(&j, "log-retention", "h1").0, Outcome::Fail);
    assert_eq!(outcome(&j, "org-log-keeping", "").0, Outcome::Pass);
    assert!(doubts(&j).contains(&"doubt.contradiction"));
    let j = run(&[
        exam.sign(),
        answer("log-retention", true, "2026-06-01", true),
        answer("nonsense", true, "2026-06-01", true),
    ]);
    assert_eq!(outcome(&j, "log-retention", "h1").0, Outcome::Fail);
    assert!(doubts(&j).contains(&"doubt.answer-machine-check"));
    assert!(doubts(&j).contains(&"doubt.answer-unknown-check"));
}

#[test]
fn data_is_general_and_more_is_only_proposed() {
    let exam = Exam { folders: vec!["/srv"], ..host() }
        .tally("cn.resident-id", "/srv", [900_000, 200_000, 7], 1_000_000)
        .tally("cn.mobile", "/srv", [10, 5, 90], 999_999)
        .tally("vin", "/srv", [5_000_000, 0, 0], 5_000_000)
        .tally("email", "/srv", [0, 0, 40], 0)
        .tally("x.unheard-of", "/srv", [1, 0, 0], 1);
    let j = run(&[exam.sign()]);
    let seen: Vec<_> = j
        .data
        .iter()
        .map(|d| (d.class.as_str(), d.category.as_str(), d.level.level.as_str(), d.level.proposed, d.hits))
        .collect();
    // The bound of a million people is inclusive; vehicles are not people; low confidence alone is no group.
    assert_eq!(
        seen,
        [
            ("cn.resident-id", "personal", "important", true, 1_100_000),
            ("cn.mobile", "personal", "general", false, 15),
            ("vin", "production", "general", false, 5_000_000),
            ("x.unheard-of", "unclassified", "general", false, 1),
        ]
    );
    assert!(doubts(&j).contains(&"doubt.unknown-class"));
    assert!(j.data.iter().all(|d| d.level.level.as_str() != "core"));
}

#[test]
fn coverage_is_examined_of_declared() {
    let exam = Exam { folders: vec!["/srv/data", "/opt/odd"], ..host() }.covered("account");
    let exam = exam.folder("/srv/data", 3).folder("/opt/odd", 1);
    let other = Exam { host: "h9", ..host() }.covered("account");
    let declared = scope(
        "2026-01-01",
        &[
            (ScopeKind::Host, "H1"),
            (ScopeKind::Host, "h2"),
            (ScopeKind::Share, "h1:/srv/data/sales"),
            (ScopeKind::Share, "nas:/srv/data"),
            (ScopeKind::Person, "hmac-sha256-128:00"),
        ],
    );
    let j = run(&[exam.sign(), other.sign(), declared]);
    let row = |k: ScopeKind| j.coverage.iter().find(|c| c.kind == k).map(|c| (c.examined, c.declared, c.undeclared));
    assert_eq!(row(ScopeKind::Host), Some((1, 2, 1)));
    assert_eq!(row(ScopeKind::Share), Some((1, 2, 1)), "the share on nas was not examined by looking at h1");
    assert_eq!(row(ScopeKind::Person), Some((0, 1, 0)));
    assert!(doubts(&j).contains(&"doubt.undeclared-host") && doubts(&j).contains(&"doubt.undeclared-folder"));
    assert!(!doubts(&j).contains(&"doubt.no-scope"));
    assert!(doubts(&run(&[exam.sign()])).contains(&"doubt.no-scope"));
}

#[test]
fn what_weakens_a_run_is_a_doubt() {
    let exam = Exam { privileged: false, state: RunState::Stopped, started: t("2026-11-21"), ..host() };
    let j = run(&[exam
        .covered("account")
        .gap("folder:/srv", GapReason::Encrypted)
        .gap("folder:/opt", GapReason::Encrypted)
        .sign()]);
    for key in ["doubt.unprivileged", "doubt.stopped", "doubt.clock-backwards", "doubt.times-self-declared"] {
        assert!(doubts(&j).contains(&key), "{key}");
    }
    let gap = &j.gaps[0];
    assert_eq!(
        (gap.host.as_str(), gap.area.as_str(), gap.reason, gap.count),
        ("h1", "folder", GapReason::Encrypted, 4)
    );
    assert!(doubts(&run(&[])).contains(&"doubt.nothing-examined"));
}

#[test]
fn a_fact_that_does_not_fit_the_dictionary_is_left_out_and_named() {
    let exam = host().one("firewall.enabled", "yes").one("pam.lockout", true).one("pam.lockout", false);
    let j = run(&[exam.sign()]);
    assert_eq!(outcome(&j, "firewall", "h1").0, Outcome::CannotTell);
    assert!(doubts(&j).contains(&"doubt.bad-fact") && doubts(&j).contains(&"doubt.two-values"));
}

#[test]
fn standings_add_up_and_paper_is_counted_apart() {
    let exam = host().one("log.retention_days", 20).one("audit.present", true).one("log.remote", true);
    let j = run(&[exam.sign(), answer("org-training", true, "2026-06-01", true)]);
    for s in &j.standings {
        let all = j.checks.iter().filter(|c| c.scenario == s.scenario).count() as u64;
        assert_eq!(s.failed + s.passed + s.not_applicable + s.cannot_tell, all, "{}", s.scenario);
    }
    let of = |id: &str| j.standings.iter().find(|s| s.scenario.as_str() == id).unwrap();
    assert_eq!((of("governance").passed, of("governance").passed_on_paper), (1, 1));
    assert_eq!((of("personnel").passed, of("personnel").passed_on_paper, of("personnel").failed), (2, 0, 1));
    assert_eq!(of("personnel").findings.get(&Severity::High), Some(&1));
}

#[test]
fn the_same_records_give_the_same_bytes_in_any_order_and_from_what_is_cited() {
    let mut records = vec![
        host().row("account", account("toor", 0)).covered("account").one("log.remote", false).sign(),
        Exam { ended: t("2026-10-01"), ..host() }.covered("backup.tool").sign(),
        Exam { host: "h2", folders: vec!["/srv"], ..host() }.tally("cn.mobile", "/srv", [3, 0, 0], 3).sign(),
        Exam { ended: t("2027-01-01"), ..host() }.covered("backup.tool").sign(),
        answer("org-training", true, "2026-06-01", true),
        answer("org-training", true, "2026-05-01", false),
        answer("org-drill-record", false, "2026-05-01", false),
        scope("2026-01-01", &[(ScopeKind::Host, "h1")]),
        scope("2025-01-01", &[(ScopeKind::Host, "h2")]),
    ];
    let bytes = |r: &[Witness]| canonical::to_vec(&run(r)).unwrap();
    let first = bytes(&records);
    assert_eq!(first, bytes(&records));
    records.reverse();
    assert_eq!(first, bytes(&records));
    records.rotate_left(4);
    records.push(records[0].clone());
    assert_eq!(first, bytes(&records));
    // Whoever has only the cited records comes to the same judgement: that is what `audit` does.
    let cited: Vec<_> = run(&records).cites.into_iter().map(|c| c.0).collect();
    assert!(cited.windows(2).all(|w| w[0] < w[1]), "sorted");
    records.retain(|w| cited.contains(&w.record.leaf()));
    assert_eq!(first, bytes(&records));
}

#[test]
fn a_defect_of_the_plan_is_named_and_nothing_else_suffers() {
    let mut source = plan::builtin();
    let check = r#"
[[check]]
id = "divides"
scenario = "personnel"
kind = "machine"
severity = "low"
pass = '10 / audit.rules >= 1'
source = "test"
sure = "D"
[[check.example]]
expect = "pass"
facts = { audit.rules = 5 }
[[check.example]]
expect = "fail"
facts = { audit.rules = 50 }
"#;
    source.files.insert("checks/zz.toml".to_owned(), check.to_owned());
    for lang in ["en", "zh"] {
        let words = source.files.get_mut(&format!("words/{lang}.toml")).unwrap();
        words.push_str("\n[check.divides]\ntitle = \"a\"\nwhy = \"b\"\nremedy = \"c\"\n");
    }
    let plan = plan::check(&source).unwrap_or_else(|e| panic!("{}", e[0]));
    let exam = host().one("audit.present", true).one("audit.rules", 0);
    let j = judge(&plan, &[exam.sign()], t(NOW));
    assert_eq!(outcome(&j, "divides", "h1"), (Outcome::CannotTell, "because.plan-defect".to_owned()));
    assert_eq!(outcome(&j, "audit-rules", "h1").0, Outcome::Fail);
    assert!(doubts(&j).contains(&"doubt.plan-defect"));
}

#[test]
fn every_key_that_is_said_is_listed_with_its_holes() {
    let exam = Exam { privileged: false, folders: vec!["/srv"], ..host() }
        .one("ssh.server_present", false)
        .row("account", account("toor", 0))
        .gap("fact:firewall.enabled", GapReason::Missing)
        .tally("cn.mobile", "/srv", [3, 0, 0], 3);
    let j =
        run(&[exam.sign(), answer("org-training", true, "2025-01-01", false), answer("x", true, "2026-01-01", true)]);
    let says = j.checks.iter().filter_map(|c| c.because.as_ref()).chain(j.doubts.iter().map(|d| &d.say));
    let says: Vec<_> = says.chain(j.data.iter().flat_map(|d| &d.level.because)).collect();
    assert!(says.len() > 50);
    for say in says {
        let (_, holes) = judge::SAY_KEYS.iter().find(|k| k.0 == say.key).unwrap_or_else(|| panic!("{}", say.key));
        let mut want: Vec<&str> = holes.to_vec();
        want.sort_unstable();
        assert_eq!(say.with.keys().map(String::as_str).collect::<Vec<_>>(), want, "{}", say.key);
    }
}

#[test]
fn words_of_a_finding_have_no_open_hole() {
    let row = [
        ("socket", FactValue::from("tcp *:5900")),
        ("proto", "tcp".into()),
        ("port", 5900.into()),
        ("exposed", true.into()),
    ];
    let exam = host().one("log.retention_days", 20).row("listen", row).covered("listen");
    let j = run(&[exam.sign()]);
    assert!(j.findings.len() >= 2);
    for f in &j.findings {
        for lang in evidence::Lang::ALL {
            let key = format!("check.{}.title", f.check);
            let text =
                evidence::Say { key: key.clone(), with: f.with.clone() }.fill(PLAN.words(lang).get(&key).unwrap());
            assert!(!text.contains('{'), "{text}");
        }
    }
}

#[test]
fn many_rows_are_judged_one_by_one() {
    let mut exam = host().covered("file.setuid").covered("file.world_writable");
    for n in 0..10_000_i64 {
        let path = FactValue::from(format!("/opt/{n}"));
        let odd = FactValue::from(n % 1_000 == 7);
        let setuid =
            [("path", path.clone()), ("setuid", true.into()), ("packaged", true.into()), ("writable", odd.clone())];
        exam = exam.row("file.setuid", setuid);
        let writable = [("path", path), ("directory", true.into()), ("sticky", FactValue::from(n % 1_000 != 7))];
        exam = exam.row("file.world_writable", writable);
    }
    let j = run(&[exam.sign()]);
    let of = |check: &str| j.findings.iter().filter(|f| f.check.as_str() == check).count();
    assert_eq!((of("setuid-writable"), of("world-writable-folder"), of("setuid-foreign")), (10, 10, 0));
}

#[test]
fn what_nobody_looked_at_is_not_covered() {
    let declared = scope("2026-01-01", &[(ScopeKind::Host, "h1"), (ScopeKind::Share, "h1:/srv/a")]);
    let covered = |exam: Exam| {
        let j = run(&[exam.sign(), declared.clone()]);
        let row = |k| j.coverage.iter().find(|c| c.kind == k).map(|c| (c.examined, c.declared)).unwrap();
        (row(ScopeKind::Host), row(ScopeKind::Share))
    };
    let srv = || Exam { folders: vec!["/srv"], ..host() };
    // Folders alone say nothing about the host.
    assert_eq!(covered(srv().folder("/srv", 2)), ((0, 1), (1, 1)));
    assert_eq!(covered(srv().covered("account")), ((1, 1), (0, 1)), "named, and nobody went there");
    assert_eq!(covered(srv().folder("/srv", 0)).1, (0, 1), "nothing there");
    for at in ["/srv/a", "/srv"] {
        let refused = srv().folder("/srv", 2).gap_at("/srv", at, GapReason::PermissionDenied);
        assert_eq!(covered(refused).1, (0, 1), "{at}");
    }
    let beside = srv().folder("/srv", 2).gap_at("/srv", "/srv/b", GapReason::PermissionDenied);
    assert_eq!(covered(beside).1, (1, 1));
    let stopped = Exam { state: RunState::Stopped, ..srv() };
    assert_eq!(covered(stopped.folder("/srv", 2)).1, (0, 1));
}

#[test]
fn a_row_that_cannot_be_read_leaves_its_table_incomplete() {
    let broken = host().row("account", account("root", 0)).covered("account").row("account", [("uid", "x".into())]);
    check(broken, "account-second-root", Outcome::CannotTell, "because.table-incomplete");
}

#[test]
fn two_values_of_one_fact_are_none() {
    let name = "ssh-password-login";
    let exam = host().one("ssh.server_present", true).one("ssh.password_authentication", false);
    let exam = exam.one("ssh.password_authentication", true);
    check(exam.clone(), name, Outcome::CannotTell, "because.fact-unknown");
    assert!(doubts(&run(&[exam.sign()])).contains(&"doubt.two-values"));
}
