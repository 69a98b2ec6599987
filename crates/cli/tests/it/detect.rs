//! Rules over logs, as a user runs them.

use crate::bench::{Dir, text};

const RULE: &str = "title: Shadow copies go\nid: 7b7d3a3e-6c9d-4a0e-8b1e-000000000001\nlogsource:\n    product: windows\n    category: process_creation\ndetection:\n    s:\n        Image|endswith: \\vssadmin.exe\n        CommandLine|contains: delete\n    condition: s\nlevel: critical\ntags:\n    - attack.t1490\n";
const LOG: &str = "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"ENG01\",\"TimeCreated\":\"2026-03-02T01:02:03Z\",\"NewProcessName\":\"C:\\\\vssadmin.exe\",\"CommandLine\":\"vssadmin delete --password hunter2\"}\n{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"ENG01\",\"TimeCreated\":\"2026-03-02T01:02:04Z\",\"NewProcessName\":\"C:\\\\vssadmin.exe\",\"CommandLine\":\"vssadmin list\"}\n";

#[test]
fn rules_over_logs_from_alert_to_its_reason() {
    let dir = Dir::new();
    let (rules, log) = (dir.file("rules/a.yml", RULE), dir.file("log.json", LOG));
    let (rules, log) = (text(rules.parent().unwrap()).to_owned(), text(&log).to_owned());
    let run = |more: &[&str]| dir.run(&[&["detect", &log, "--rules", &rules, "--quiet"], more].concat());
    let shown = run(&[]).done().says(&["Shadow copies go", "log.json:1"]).out;
    assert!(!shown.contains("hunter2"), "{shown}");
    let lines = run(&["--format", "jsonl"]).done().out;
    let alert: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let of = |a: &str, b: &str| alert[a][b].to_string();
    assert_eq!(
        (of("rule", "level"), of("at", "number"), alert["host"].to_string()),
        ("\"critical\"".into(), "1".into(), "\"ENG01\"".into())
    );
    let id = alert["alert"]["id"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    run(&["--explain", &id[..12]]).done().says(&["matches event 1", "vssadmin.exe"]);
    run(&["--why-not", "7b7d3a3e-6c9d-4a0e-8b1e-000000000001", "2"]).done().says(&["does not match event 2"]);
    for (form, mark) in [("csv", "critical"), ("sarif", "2.1.0"), ("html", "<table>"), ("json", "\"alerts\"")] {
        run(&["--format", form]).done().says(&[mark]);
    }
    run(&["--fail-on", "high"]).ends(1);
    run(&["--from", "2026-03-03", "--fail-on", "high"]).ends(0);
    run(&["--explain", "000000000000"]).complains(&["no event that was read"]);
    let layer = dir.at("layer.json");
    run(&["--layer", text(&layer)]).done();
    assert!(std::fs::read_to_string(layer).unwrap().contains("T1490"));
}

#[test]
fn rules_are_checked_and_tried_on_their_samples() {
    let dir = Dir::new();
    let rules = dir.file("rules/a.yml", RULE);
    let rules = text(rules.parent().unwrap()).to_owned();
    let (first, second) = LOG.trim().split_once('\n').unwrap();
    let samples = |yes: &str, no: &str| format!("match:\n    - '{yes}'\nno-match:\n    - '{no}'\n");
    dir.file("rules/a.samples.yml", samples(first, second));
    dir.run(&["rules", "test", &rules]).done().says(&["faults: 0"]);
    dir.run(&["rules", "check", &rules]).done();
    dir.file("rules/a.samples.yml", samples(second, second));
    dir.run(&["rules", "test", &rules]).ends(1).says(&["that must match does not"]);
    dir.file("rules/b.yml", RULE.replace("endswith", "endwith"));
    dir.run(&["rules", "check", &rules]).ends(1).says(&["unknown-modifier", "b.yml:8"]);
    dir.run(&["rules", "check"]).done();
}
