//! Nodes above and below as their keepers meet them: a code that is carried, packages as files, receipts beside evidence.

use crate::bench::{Dir, Ran};
use serde_json::Value;
use std::fs;

/// A credit code with a valid check character (GB 32100-2015), of nobody.
const USCC: &str = "91350100M000100Y43";

struct Two(Dir);
impl Two {
    fn at(&self, who: &str, args: &[&str]) -> Ran {
        self.0.run(&[&["--home", who], args].concat())
    }
    fn json(&self, who: &str, args: &[&str]) -> Value {
        self.at(who, &[args, &["--format", "json"]].concat()).done().json()
    }
    /// A province and a plant that is its child by files alone.
    fn new() -> Self {
        let two = Self(Dir::new());
        two.at("province", &["node", "init", "--role", "province", "--name", "江苏省工信厅", "--area", "32"]).done();
        two.at("plant", &["node", "init", "--role", "plant", "--name", "青山厂", "--area", "3201", "--uscc", USCC])
            .done();
        two
    }
    fn invite(&self) -> String {
        let plant = ["--role", "plant", "--name", "青山厂", "--area", "3201", "--uscc", USCC];
        let invited = self.json("province", &[&["node", "invite"], &plant[..]].concat());
        invited["code"].as_str().unwrap().to_owned()
    }
    fn join(&self) {
        let code = self.invite();
        self.at("plant", &["node", "enrol", "--code", &code, "--request-out", "request.json"]).done();
        self.at("province", &["node", "admit", "request.json", "--answer-out", "answer.json"]).done();
        let done =
            self.at("plant", &["node", "enrol", "--code", &code.to_lowercase(), "--answer", "answer.json"]).done();
        done.says(&["江苏省工信厅"]);
    }
}

#[test]
fn a_plant_reports_by_files_and_is_told_that_the_roots_are_equal() {
    let two = Two::new();
    two.join();
    assert_eq!(two.json("plant", &["outbox"])["outbox"][0]["owed"], 1);
    // Nothing but hashes would leave, and nothing was sent.
    let preview = two.json("plant", &["submit", "--preview"]);
    assert_eq!((&preview["leaves_only"], preview["records"].as_array().unwrap().len()), (&Value::from(1), 0));
    two.at("plant", &["submit", "--preview"]).done().says(&["Nothing was sent", "only the leaf hash"]);
    two.at("plant", &["submit", "--out", "up.json"]).done().says(&["records 0 to 1"]);
    two.at("province", &["node", "receive", "up.json", "--answer-out", "back"]).done().says(&["up to 1 is held"]);
    let done = two.at("plant", &["submit", "--answer", "back/up.answer.json"]).done();
    let root = two.json("plant", &["log", "show"])["root"].as_str().unwrap().to_owned();
    done.says(&[&format!("root {root} at size 1 equals yours")]);
    assert_eq!(two.json("plant", &["outbox"])["outbox"][0]["owed"], 0);
    assert_eq!(two.json("plant", &["receipts"])["receipts"][0]["size"], 1);
    let member = &two.json("province", &["node", "members", "--area", "32"])["members"][0];
    assert_eq!((&member["held"], &member["member"]["standing"]), (&Value::from(1), &Value::from("certified")));
    assert_eq!(two.json("province", &["node", "members", "--area", "44"])["members"].as_array().unwrap().len(), 0);
    for who in ["plant", "province"] {
        two.at(who, &["audit"]).done();
        two.at(who, &["node", "show"]).done();
    }
    // A package that was changed on the way, and one of a member that is suspended: exit 1, and why.
    let bytes = fs::read_to_string(two.0.at("up.json")).unwrap();
    two.0.file("bad.json", bytes.replace("\"start\":0", "\"start\":9"));
    two.at("province", &["node", "receive", "bad.json"]).ends(1).says(&["not taken"]);
    two.at("province", &["node", "suspend", USCC, "--reason", "moved"]).done();
    two.at("province", &["node", "receive", "up.json", "--answer-out", "back"]).ends(1).says(&["suspended"]);
    two.at("plant", &["submit", "--answer", "back/up.answer.json"]).ends(2).says(&["refused", "suspended"]);
    two.at("plant", &["outbox"]).done().says(&["last fault", "suspended"]);
    let chinese = two.at("plant", &["--lang", "zh", "outbox"]).done();
    chinese.says(&["上次故障", "已暂停"]);
}

#[test]
fn receipts_beside_evidence_say_by_when_it_was_signed() {
    let two = Two::new();
    two.join();
    two.at("plant", &["examine", "--no-host", "--quiet", "--out", "first"]).done();
    two.at("plant", &["submit", "--out", "up.json"]).done();
    two.at("province", &["node", "receive", "up.json", "--answer-out", "back"]).done();
    two.at("plant", &["submit", "--answer", "back/up.answer.json"]).done();
    two.at("plant", &["examine", "--no-host", "--quiet", "--out", "second"]).done();
    two.at("plant", &["receipts", "--export", "receipts.json"]).done();
    let keys = |v: &Value, of: &str| -> Vec<String> {
        v[of].as_array().unwrap().iter().map(|s| s["key"].as_str().unwrap().to_owned()).collect()
    };
    let has = |list: &[String], key: &str| list.iter().any(|k| k == key);
    let alone = two.json("plant", &["verify", "first/evidence.json"]);
    assert!(has(&keys(&alone, "not_proven"), "verify.time_self"));
    let beside = two.json("plant", &["verify", "first/evidence.json", "--receipt", "receipts.json"]);
    assert!(has(&keys(&beside, "proven"), "verify.received"));
    assert!(!has(&keys(&beside, "not_proven"), "verify.time_self"));
    let later = two.json("plant", &["verify", "second/evidence.json", "--receipt", "receipts.json"]);
    assert!(has(&keys(&later, "not_proven"), "verify.time_self"), "no receipt covers the second run");
    assert!(has(&keys(&later, "not_proven"), "verify.no_receipt_covers"));
}

#[test]
fn what_cannot_be_is_said_in_both_languages() {
    let two = Two::new();
    let code = two.invite();
    let cases: [(&str, &[&str], &str); 12] = [
        ("plant", &["submit"], "no parent"),
        ("plant", &["node", "enrol", "--code", "0000"], "no code"),
        ("plant", &["node", "enrol", "--code", &code], "how the parent is reached"),
        ("plant", &["node", "enrol", "--code", &code, "--answer", "none.json"], "none.json"),
        (
            "plant",
            &["node", "invite", "--role", "plant", "--name", "x", "--area", "3201", "--uscc", USCC],
            "does not certify",
        ),
        ("province", &["node", "invite", "--role", "plant", "--name", "x", "--area", "3301", "--uscc", USCC], "3301"),
        ("province", &["node", "invite", "--role", "plant", "--name", "x", "--area", "3201"], "credit code"),
        ("province", &["node", "init", "--role", "province", "--name", "x", "--area", "99"], "area"),
        ("province", &["node", "invitations", "--withdraw", "n-00000000"], "n-00000000"),
        ("province", &["node", "lost", "nobody", "--reason", "x"], "nobody"),
        (
            "new",
            &["node", "invite", "--role", "plant", "--name", "x", "--area", "3201", "--uscc", USCC],
            "has not said",
        ),
        ("province", &["node", "receive", "none.json"], "none.json"),
    ];
    for (who, args, want) in cases {
        let said = two.at(who, args).ends(2);
        assert!(said.err.contains(want), "{args:?}: no {want:?} in {}", said.err);
        let zh = two.at(who, &[&["--lang", "zh"], args].concat()).ends(2);
        assert!(zh.err.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{args:?}: {}", zh.err);
    }
    two.at("plant", &["node", "enrol", "--code", &code, "--request-out", "request.json"]).done();
    two.at("province", &["node", "invitations"]).done().says(&["open", "青山厂"]);
    let id = two.json("province", &["node", "invitations"])["invitations"][0]["invitation"]["id"].clone();
    two.at("province", &["node", "invitations", "--withdraw", id.as_str().unwrap()]).done();
    two.at("province", &["node", "admit", "request.json", "--answer-out", "no.json"]).ends(1).says(&["taken back"]);
    let refused = two.at("plant", &["node", "enrol", "--code", &code, "--answer", "no.json"]).ends(2);
    assert!(refused.err.contains("taken back"), "{}", refused.err);
}
