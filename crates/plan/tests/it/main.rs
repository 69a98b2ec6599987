//! What an author of a plan sees: every fault of a broken plan, at its place, with a hint.

mod breadth;
mod counters;
mod days;
mod incidents;
mod nis2;
mod oversight;
mod regulation;
mod response;

use evidence::{FactId, FactValue, Lang, Time};
use plan::{CheckKind, Effect, HowSure, Limit, LimitUnit, Measured, Scene, Source, Told, builtin, check};

/// The built-in plan with one change.
pub(crate) fn broken(file: &str, from: &str, to: &str) -> Source {
    let mut source = builtin();
    let text = source.files.get_mut(file).unwrap_or_else(|| panic!("no file {file}"));
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replacen(from, to, 1);
    source
}

/// One change, and the code, the marked text and (part of) the hint that it must give.
pub(crate) fn fault(file: &str, from: &str, to: &str, code: &str, marked: &str, hint: &str) {
    let errors = check(&broken(file, from, to)).expect_err("the change is a fault");
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let e = errors.iter().find(|e| e.code == code).unwrap_or_else(|| panic!("no {code} in\n{}", text.join("\n")));
    let at: String = e.snippet.chars().skip(e.column - 1).take(e.width).collect();
    assert!(at.starts_with(marked), "{code}: marked {at:?} in\n{e}");
    assert!(e.hint.as_deref().unwrap_or("").contains(hint), "{code}: {:?}", e.hint);
    assert_eq!(e.say.key, format!("plan-error.{code}"));
}

const RM: &str = "checks/remote-maintenance.toml";
const PE: &str = "checks/personnel.toml";

#[test]
fn toml_faults() {
    fault(RM, "severity = \"high\"", "severity = high\"", "syntax", "", "");
    fault(RM, "severity = \"high\"", "severty = \"high\"", "unknown-key", "severty", "did you mean `severity`?");
    fault(RM, "severity = \"high\"", "severity = \"hihg\"", "bad-value", "\"hihg\"", "did you mean `high`?");
    fault(RM, "severity = \"high\"", "severity = 3", "wrong-type", "3", "");
    fault(RM, "severity = \"high\"\n", "", "missing-key", "[[check]]", "");
    fault(RM, "id = \"ssh-root-login\"", "id = \"ssh root\"", "bad-id", "\"ssh root\"", "");
    fault(RM, "id = \"ssh-password-login\"", "id = \"ssh-root-login\"", "duplicate-id", "[[check]]", "");
    fault(RM, "sure = \"D\"", "sure = \"X\"", "bad-value", "\"X\"", "");
    fault(
        "plan.toml",
        "id = \"log_days_min\"",
        "id = \"log-days-min\"",
        "bad-id",
        "\"log-days-min\"",
        "a name in conditions",
    );
    fault("plan.toml", "value = 2048", "value = 99_999_999_999_999_999_999", "bad-value", "99_999", "");
    fault("clocks/clocks.toml", "unit = \"minutes\"", "unit = \"minuts\"", "bad-value", "\"minuts\"", "minutes");
}

#[test]
fn faults_of_reference_and_bounds() {
    fault(
        RM,
        "scenario = \"remote-maintenance\"",
        "scenario = \"remote-maintenence\"",
        "dangling-id",
        "[[check]]",
        "remote-maintenance",
    );
    fault(RM, "rows = [12]", "rows = [26]", "dangling-id", "[[check]]", "");
    fault(
        "levels/data.toml",
        "category = \"personal\"",
        "category = \"persona\"",
        "dangling-id",
        "[[class]]",
        "personal",
    );
    // A lower bound above the next level's, an overlap, a hole, nothing at all.
    let miit = "incidents/miit.toml";
    fault(miit, "min = 1_000_000_000\n", "min = 900_000_000\n", "bounds", "[[incident.criterion]]", "");
    fault(miit, "min = 1_000_000_000\n", "min = 1_100_000_000\n", "bounds", "[[incident.criterion]]", "");
    fault(miit, "below = 1_000_000_000\n", "below = 100_000_000\n", "bounds", "[[incident.criterion]]", "");
    fault(miit, "rank = 2", "rank = 1", "bounds", "[[incident]]", "");
    fault("levels/data.toml", "rank = 2", "rank = 3", "bounds", "[[level]]", "");
    fault("transfers/abroad.toml", "below = 1_000_000\n", "below = 2_000_000\n", "bounds", "[[transfer]]", "");
    fault("selection/key-enterprises.toml", "top_percent = 10", "top_percent = 110", "bounds", "[[selection]]", "");
    fault("plan.toml", "until = \"2026-12-31\"", "until = \"2023-12-31\"", "bounds", "\"2023-12-31\"", "");
    fault(
        "drills/drills.toml",
        "every_months = \"drill_months\"",
        "every_months = \"dril_months\"",
        "dangling-id",
        "[[drill]]",
        "drill_months",
    );
}

#[test]
fn faults_of_words() {
    let en = "words/en.toml";
    fault(en, "[check.ssh-root-login]\ntitle", "[check.ssh-root-login]\ntitel", "words-for-nothing", "titel", "title");
    fault(
        "words/zh.toml",
        "[check.ssh-root-login]\ntitle",
        "[check.ssh-root-login]\nx",
        "missing-words",
        "[[check]]",
        "words/zh.toml",
    );
    fault(en, "{ssh.max_auth_tries}", "{ssh.max_auth_trie}", "words-differ", "why", "ssh.max_auth_tries");
    let mut source = builtin();
    source.files.remove("words/zh.toml");
    assert!(check(&source).unwrap_err().iter().any(|e| e.code == "missing-file" && e.file == "words/zh.toml"));
    source.files.insert("cheks/a.toml".to_owned(), String::new());
    let errors = check(&source).unwrap_err();
    let e = errors.iter().find(|e| e.code == "unknown-file").unwrap();
    assert_eq!((e.file.as_str(), e.hint.as_deref()), ("cheks/a.toml", Some("did you mean `checks`?")));
}

/// A condition over rows of `account`, and what it must give.
fn each(condition: &str, code: &str, marked: &str, hint: &str) {
    fault(PE, "fail = \"it.uid == 0 && it.name != 'root'\"", &format!("fail = \"{condition}\""), code, marked, hint);
}

#[test]
fn faults_of_conditions() {
    let from = "pass = '!ssh.password_authentication'";
    let pass = |condition: &str, code: &str, marked: &str, hint: &str| {
        fault(RM, from, &format!("pass = \"{condition}\""), code, marked, hint);
    };
    pass(
        "!ssh.password_authentification",
        "cel-unknown",
        "ssh.password_authentification",
        "ssh.password_authentication",
    );
    pass(
        "ssh.x11_forwarding && !ssh.pasword_authentication",
        "cel-unknown",
        "ssh.pasword_authentication",
        "did you mean",
    );
    pass("ssh.password_authentication == 'no'", "cel-type", "", "");
    pass("ssh.permit_root_login > 3", "cel-type", "ssh.permit_root_login", "");
    pass("ssh.max_auth_tries", "cel-type", "ssh.max_auth_tries", "");
    pass("ssh.max_auth_tries < param.ssh_auth_tries", "cel-unknown", "param.ssh_auth_tries", "ssh_auth_tries_max");
    pass("account.uid == 0", "cel-unknown", "account.uid", "");
    pass("count.acount > 0", "cel-unknown", "count.acount", "account");
    pass("os.name.matches('x')", "cel-function", "", "allowed");
    pass("timestamp(os.name) < now", "cel-function", "", "");
    pass("has(ssh.x11_forwarding)", "cel-function", "", "cannot tell");
    pass("1 < 2", "cel-constant", "", "");
    pass("os.support_end > 1.5", "cel-type", "", "");
    pass("!ssh.password_authentication &&", "cel-syntax", "", "");
    pass(&format!("{}firewall.enabled{}", "(".repeat(60), ")".repeat(60)), "cel-limit", "", "");
    pass(&"firewall.enabled && ".repeat(200), "cel-limit", "", "");
    each("it.uidd == 0", "cel-unknown", "it.uidd", "uid");
    each("it == 0", "cel-unknown", "it", "it.<field>");
    each("it.uid == '0'", "cel-type", "", "");
}

#[test]
fn faults_of_examples() {
    fault(
        PE,
        "facts = { log.retention_days = 200,",
        "facts = { log.retention_days = 20,",
        "example",
        "[[check.example]]",
        "",
    );
    fault(
        PE,
        "facts = { log.retention_days = 200,",
        "facts = { log.retention_day = 200,",
        "example-fact",
        "retention_day",
        "log.retention_days",
    );
    fault(
        PE,
        "facts = { log.retention_days = 200,",
        "facts = { log.retention_days = \"200\",",
        "example-fact",
        "retention_days",
        "",
    );
    fault(
        PE,
        "expect = \"fail\"\nfacts = { time.sync = \"none\" }",
        "expect = \"pass\"\nfacts = { time.sync = \"ntpd\" }",
        "example-missing",
        "[[check]]",
        "",
    );
    fault(
        PE,
        "rows = [{ name = \"toor\", uid = 0 }]",
        "rows = [{ name = \"toor\", uidd = 0 }]",
        "example-fact",
        "uidd",
        "uid",
    );
}

#[test]
fn all_faults_are_named_at_once_and_the_printed_form_points() {
    let mut source = broken(RM, "severity = \"high\"", "severty = \"high\"");
    let words = source.files.get_mut("words/zh.toml").unwrap();
    *words = words.replacen("[scenario.ransomware]\nname", "[scenario.ransomware]\nnamen", 1);
    let plan = source.files.get_mut("plan.toml").unwrap();
    *plan = plan.replacen("value = 2048", "value = \"2048\"", 1);
    let errors = check(&source).unwrap_err();
    let codes: Vec<&str> = errors.iter().map(|e| e.code).collect();
    for code in ["unknown-key", "missing-key", "wrong-type", "words-for-nothing", "missing-words"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    let e = errors.iter().find(|e| e.code == "unknown-key").unwrap();
    let want = format!(
        "{RM}:7:1: unknown key severty [unknown-key]\n   |\n 7 | severty = \"high\"\n   | ^^^^^^^\n   = hint: did you mean `severity`?"
    );
    assert_eq!(e.to_string(), want);
}

#[test]
fn hostile_text_is_an_error_and_no_panic() {
    let deep = format!("[[check]]\npass = '{}'", "!".repeat(3_000));
    let bracket = format!("a = {}", "[".repeat(100_000));
    for text in
        ["\u{0}", "=", "[[check]]\nid = 5", "check = 1", "[check]", &deep, &bracket, "[[check]]\npass = '数据 == 1'"]
    {
        let mut source = builtin();
        source.files.insert("checks/zz.toml".to_owned(), text.to_owned());
        let errors = check(&source).unwrap_err();
        assert!(errors.iter().any(|e| e.file == "checks/zz.toml"), "{:?}", text.chars().take(30).collect::<String>());
        errors.iter().for_each(|e| assert!(!e.to_string().is_empty()));
    }
    assert!(check(&Source::default()).is_err());
}

#[test]
fn the_plan_holds_the_figures_of_the_regulation() {
    let p = check(&builtin()).unwrap();
    let target = |id: &str| p.targets().iter().find(|t| t.id == id).unwrap();
    // Ministry plan of 2024-02-23: more than 45,000 and, beside it, the top tenth per province and industry.
    assert_eq!((target("T2").bound, target("T2").exclusive), (45_000, true));
    assert_eq!(target("T2b").per, ["province", "industry"]);
    assert_eq!((target("T5").bound, target("T5").unit.as_str()), (30_000, "person-times"));
    assert!(p.targets().iter().any(|t| t.counter == "drilled_enterprises" && t.reading_of.as_deref() == Some("T2")));
    // Contingency plan annex 4: 1,000,000,000 yuan is level I, 100,000,000 level II (inclusive).
    let bounds = |level: &str, dimension: &str| {
        let l = p.incident_levels().iter().find(|l| l.regime == "miit" && l.id == level).unwrap();
        l.criteria.iter().find(|c| c.dimension == dimension).map(|c| c.measured.clone())
    };
    let Some(Measured::Bounds { min, below, marked_inclusive, .. }) = bounds("II", "loss-yuan") else { panic!() };
    assert_eq!((min, below, marked_inclusive), (Some(100_000_000), Some(1_000_000_000), true));
    let Some(Measured::Bounds { min, marked_inclusive, .. }) = bounds("I", "hours-telecom") else { panic!() };
    assert_eq!((min, marked_inclusive), (Some(24), false), "hours are without 含");
    // No hours for industrial data.
    let branches = p.incident_levels().iter().flat_map(|l| &l.criteria).filter(|c| c.branch == "industrial");
    assert!(
        branches.clone().count() == 4 && branches.into_iter().all(|c| matches!(c.measured, Measured::Words { .. }))
    );
    let phone = p.clocks().iter().find(|c| c.id == "regulator-phone").unwrap();
    assert_eq!((phone.limit, phone.actor.as_str()), (Limit::Within(10, LimitUnit::Minutes), "local-regulator"));
    let own = p.clocks().iter().find(|c| c.id == "self-judged").unwrap();
    assert_eq!((own.limit, own.actor.as_str()), (Limit::Immediately, "enterprise"));
    assert_eq!(p.rows().len(), 25);
    for row in p.rows() {
        let by_answer = |c: &&plan::Check| matches!(c.kind, CheckKind::Answer(_)) && c.rows.contains(&row.number);
        assert_eq!(p.checks().iter().filter(by_answer).count(), 1, "row {}", row.number);
    }
    // GB/T 43697: a serious effect on national security is core, a general one important.
    let cell = |o: &str, h: &str| {
        p.effects().iter().find_map(|e| match e {
            Effect::Cell { object, harm, level, .. } if object == o && harm == h => Some(level.as_str()),
            _ => None,
        })
    };
    assert_eq!(cell("national-security", "serious"), Some("core"));
    assert_eq!(cell("national-security", "general"), Some("important"));
    assert_eq!(cell("economic-operation", "general"), Some("general"));
    assert!(p.levels().iter().all(|l| l.proposed_only == (l.rank > 1)));
}

#[test]
fn every_risk_scenario_has_at_least_eight_machine_checks() {
    let p = check(&builtin()).unwrap();
    for s in p.scenarios().iter().filter(|s| s.risk) {
        let n = p.checks().iter().filter(|c| c.scenario == s.id && matches!(c.kind, CheckKind::Machine(_))).count();
        assert!(n >= 8, "{} has {n}", s.id);
    }
}

#[test]
fn what_is_not_confirmed_is_listed() {
    let p = check(&builtin()).unwrap();
    let open = p.unconfirmed();
    let has = |id: &str| open.iter().any(|u| u.id == id);
    // Known from excerpts, from the press, from a draft; and one that was read in full.
    assert!(has("target T2b") && has("target T5-press") && has("parameter duty_hours") && has("criterion cac-loss-II"));
    assert!(!has("clock regulator-phone"));
    assert!(open.iter().all(|u| u.draft || matches!(u.sure, HowSure::Excerpt | HowSure::Secondary | HowSure::Memory)));
    assert!(open.iter().all(|u| !u.source.is_empty() && u.file.ends_with(".toml")));
}

#[test]
fn a_check_reads_times_in_seconds_and_reserved_names() {
    let p = check(&builtin()).unwrap();
    let CheckKind::Machine(m) = &p.check(&"package-lists".into()).unwrap().kind else { panic!() };
    let fact = FactId::from("package.lists_refreshed");
    let at = |date: &str| {
        let value = FactValue::time(Time::from_date(date).unwrap());
        let now = Time::from_date("2026-11-23").unwrap();
        m.tell(&Scene::new([(&fact, &value)], [], now, p.parameters()), None)
    };
    // 30 days before 2026-11-23 is 2026-10-24.
    assert_eq!(at("2026-10-24"), Told::Pass);
    assert_eq!(at("2026-10-23"), Told::Fail { rows: Vec::new(), unclear: 0, field: String::new() });
}

#[test]
fn a_difference_names_what_changed() {
    let old = check(&builtin()).unwrap();
    let new = check(&broken("plan.toml", "value = 2048", "value = 3072")).unwrap_or_else(|e| panic!("{}", e[0]));
    let changes = plan::diff(&old, &new);
    assert_eq!(changes.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["parameter rsa_bits_min"]);
    assert!(plan::diff(&old, &old).is_empty());
    assert_ne!(old.digest(), new.digest());
    assert_eq!(Source::from_bytes(&old.source().to_bytes()).unwrap().digest(), old.digest());
}

#[test]
fn both_languages_have_the_same_keys_and_chinese_is_chinese() {
    let p = check(&builtin()).unwrap();
    let keys = |l: Lang| p.words(l).iter().map(|(k, _)| k.to_owned()).collect::<Vec<_>>();
    assert_eq!(keys(Lang::En), keys(Lang::Zh));
    // Classes have the names of their detectors, and some are product names.
    for (key, text) in p.words(Lang::Zh).iter().filter(|(k, _)| !k.starts_with("class.")) {
        assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{key}: {text}");
    }
}
