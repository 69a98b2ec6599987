//! From files to a verified report, and back from the log to the same judgement.

use crate::bench::{Dir, host, text};
use serde_json::Value;
use std::fs;
use testing::plant::{self, Grow};

/// Nine in ten of the planted values must be found; the finders' own tests say more.
const FOUND_TENTHS: usize = 9;

#[test]
fn a_host_and_a_planted_tree_are_examined_reported_verified_and_audited() {
    let dir = Dir::new();
    host(&dir);
    let planted = plant::tree(&dir.at("data"), Grow { seed: 7, files: 60, file_bytes: 600, every: 2 }).unwrap();
    let arguments = ["examine", "data", "--root", "host", "--out", "report", "--format", "html,json"];
    let ran = dir.run(&arguments).done();
    ran.says(&["plant-7", "Findings", "Data found", "report/report.html", "watchfire verify report/evidence.json"]);

    let report: Value = serde_json::from_slice(&fs::read(dir.at("report/report.json")).unwrap()).unwrap();
    assert_eq!(report["format"], "watchfire-report-v1");
    assert_eq!(report["examination"]["state"], "complete");
    let failed: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["check"].as_str().unwrap()).collect();
    for check in ["ssh-root-login", "account-weak-hash"] {
        assert!(failed.contains(&check), "{check} is planted; found: {failed:?}");
    }
    let evidence: Value = serde_json::from_slice(&fs::read(dir.at("report/evidence.json")).unwrap()).unwrap();
    let items = evidence["records"].as_array().unwrap().iter().find_map(|r| r["items"].as_str()).unwrap();
    let hits: Vec<Value> = items.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["body"].clone()).collect();
    let hits: Vec<String> = hits.iter().filter(|b| b["kind"] == "hits").map(Value::to_string).collect();
    let found = planted.iter().filter(|p| {
        let name = p.path.file_name().unwrap().to_str().unwrap();
        hits.iter().any(|h| h.contains(name) && h.contains(&format!("\"{}\"", p.class)))
    });
    let (found, all) = (found.count(), planted.len());
    assert!(all >= 20 && found * 10 >= all * FOUND_TENTHS, "{found} of {all} planted values found");

    let html = fs::read_to_string(dir.at("report/report.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<svg"));
    for outside in ["src=\"http", "href=\"http", "@import", "url(http", "<script src", "<link rel=\"stylesheet\""] {
        assert!(!html.contains(outside), "the report must need no network: {outside}");
    }

    dir.run(&["verify", "report/evidence.json"]).done().says(&["Proven:", "the same bytes", "Not proven:"]);
    // A reader who trusts nobody has no home: verification needs none and makes none.
    fs::rename(dir.home(), dir.at("elsewhere")).unwrap();
    let verdict = dir.json(&["verify", "report/evidence.json", "--format", "json"]);
    assert_eq!(verdict["holds"], true);
    assert!(!dir.home().exists());
    fs::rename(dir.at("elsewhere"), dir.home()).unwrap();

    let audit = dir.json(&["audit", "--format", "json"]);
    assert_eq!((&audit["holds"], &audit["judgements"]), (&Value::Bool(true), &Value::from(1)));
    assert_eq!(audit["leaves"], 2, "one examination, one judgement");
    dir.run(&["audit"]).done().says(&["2 records and 1 judgements"]);
}

#[test]
fn exit_codes_follow_the_table() {
    let dir = Dir::new();
    host(&dir);
    let examine = |extra: &[&str]| dir.run(&[&["examine", "--root", "host", "--quiet"], extra].concat()).code();
    assert_eq!(examine(&[]), 0, "findings alone are no failure");
    assert_eq!(examine(&["--fail-on", "high"]), 1, "root may log in: high");
    assert_eq!(examine(&["--fail-on", "low"]), 1);
    assert_eq!(dir.run(&["examine", "--no-host", "--fail-on", "low"]).code(), 0, "no finding at all");
    assert_eq!(examine(&["--fail-on", "enormous"]), 2);
    assert_eq!(dir.run(&["examine", "--root", "nowhere"]).code(), 2);
    assert_eq!(dir.run(&["examine", "--root", "host", "--no-host"]).code(), 2, "contradiction");
    assert_eq!(dir.run(&[]).code(), 2);
    assert_eq!(dir.run(&["--version"]).code(), 0);
}

#[test]
fn json_on_standard_output_is_json_and_nothing_else() {
    let dir = Dir::new();
    host(&dir);
    dir.file("data/a.txt", "nothing");
    let report = dir.json(&["examine", "--root", "host", "data", "--format", "json"]);
    assert_eq!(report["format"], "watchfire-report-v1");
    let ran = dir.run(&["examine", "--root", "host", "data", "--format", "json", "--out", "report"]).done();
    assert!(ran.out.contains("report/report.json"), "into a folder: the screen gets text");
    let all: [&[&str]; 9] = [
        &["audit"],
        &["scope", "show"],
        &["answer"],
        &["plan", "check"],
        &["plan", "show"],
        &["plan", "show", "--unconfirmed"],
        &["key", "show"],
        &["log", "show"],
        &["verify", "report/evidence.json"],
    ];
    for verb in all {
        let ran = dir.run(&[verb, &["--format", "json"]].concat()).done();
        assert!(ran.json().is_object(), "{verb:?}");
        assert_eq!(ran.err, "", "{verb:?}");
    }
}

#[test]
fn judging_again_gives_the_same_bytes_and_no_record_is_lost_between_runs() {
    let dir = Dir::new();
    host(&dir);
    for n in 1..=3 {
        dir.run(&["examine", "--root", "host", "--out", &format!("r{n}"), "--format", "json"]).done();
    }
    let log = dir.json(&["log", "show", "--format", "json"]);
    assert_eq!(log["size"], 6);
    let audit = dir.json(&["audit", "--format", "json"]);
    assert_eq!((&audit["judgements"], &audit["holds"]), (&Value::from(3), &Value::Bool(true)));
    // The ids of findings are the same on another day's run: they follow from check, host and object.
    let ids = |n: u32| {
        let report: Value = serde_json::from_slice(&fs::read(dir.at(&format!("r{n}/report.json"))).unwrap()).unwrap();
        report["findings"].as_array().unwrap().iter().map(|f| f["id"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(1), ids(3));
    // The evidence of the first run still verifies after the log has grown.
    dir.run(&["verify", "r1/evidence.json"]).done();
}

#[test]
fn another_plan_is_kept_with_the_judgement_that_it_made() {
    let dir = Dir::new();
    host(&dir);
    dir.run(&["plan", "export", "mine"]).done();
    let path = dir.at("mine/plan.toml");
    let changed = fs::read_to_string(&path).unwrap().replacen("1.0.0", "1.0.1", 1);
    fs::write(&path, changed).unwrap();
    let good = dir.json(&["plan", "check", "mine", "--format", "json"]);
    assert_eq!(good["plan"]["version"], "1.0.1");
    dir.run(&["--plan", "mine", "examine", "--root", "host", "--out", "report"]).done().says(&["version 1.0.1"]);
    // The folder may go: the log holds the plan's text beside the judgement.
    fs::remove_dir_all(dir.at("mine")).unwrap();
    dir.run(&["audit"]).done();
    dir.run(&["verify", "report/evidence.json"]).done();
}

#[test]
fn keys_are_shown_rotated_and_backed_up_and_old_evidence_stays_good() {
    let dir = Dir::new();
    host(&dir);
    dir.run(&["examine", "--root", "host", "--out", "r1"]).done();
    dir.run(&["key", "rotate", "evidence"]).done();
    dir.run(&["key", "rotate", "log"]).done();
    dir.run(&["examine", "--root", "host", "--out", "r2"]).done();
    let keys = dir.json(&["key", "show", "--format", "json"]);
    assert_eq!(keys["evidence"].as_array().unwrap().len(), 2);
    dir.file("keys.json", keys.to_string());
    for evidence in ["r1/evidence.json", "r2/evidence.json"] {
        dir.run(&["verify", evidence]).done();
        dir.run(&["verify", evidence, "--key", "keys.json"]).done().says(&["The keys are the ones"]);
    }
    dir.run(&["audit"]).done();
    let sealed = dir.at("keys.sealed");
    let mut backup = dir.watchfire(&["key", "backup", text(&sealed)]);
    crate::bench::run(backup.env("WATCHFIRE_NEW_PASSPHRASE", "a long one")).done();
    let restore = |home: &str, passphrase: &str| {
        let mut c = dir.watchfire(&["--home", home, "key", "restore", text(&sealed)]);
        crate::bench::run(c.env("WATCHFIRE_PASSPHRASE", passphrase))
    };
    restore("other", "wrong").ends(2);
    restore("other", "a long one").done();
    let restored = dir.json(&["--home", "other", "key", "show", "--format", "json"]);
    assert_eq!(restored["node"], keys["node"]);
    restore("home", "a long one").ends(2).complains(&["already"]);
}

#[test]
fn protected_keys_sign_with_the_passphrase_only_and_need_none_for_looking() {
    let dir = Dir::new();
    let with = |passphrase: Option<&str>, arguments: &[&str]| {
        let mut command = dir.watchfire(arguments);
        crate::bench::run(command.envs(passphrase.map(|p| ("WATCHFIRE_PASSPHRASE", p))))
    };
    let examine = ["examine", "--no-host", "--quiet"];
    with(Some("a long one"), &examine).done();
    with(None, &examine).ends(2).complains(&["passphrase", "WATCHFIRE_PASSPHRASE"]);
    with(Some("another one"), &examine).ends(2).complains(&["passphrase does not open"]);
    with(None, &["audit"]).done();
    with(None, &["scope", "show"]).done();
    with(None, &["log", "show"]).done();
    assert_eq!(dir.json(&["audit", "--format", "json"])["judgements"], 1, "the refused runs left nothing");
}
