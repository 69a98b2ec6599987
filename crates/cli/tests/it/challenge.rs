//! Challenges as people meet them: a province that commits, draws and judges, a plant that answers, by files.

use crate::bench::{Dir, Ran, as_nobody, root_or_skip, run, text};
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
    /// A province, and a plant that is its child by files alone, with a share that is declared and looked at.
    fn new() -> Self {
        let two = Self(Dir::new());
        two.at("province", &["node", "init", "--role", "province", "--name", "江苏省工信厅", "--area", "32"]).done();
        let plant = ["--role", "plant", "--name", "青山厂", "--area", "3201", "--uscc", USCC];
        two.at("plant", &[&["node", "init"], &plant[..]].concat()).done();
        let code =
            two.json("province", &[&["node", "invite"], &plant[..]].concat())["code"].as_str().unwrap().to_owned();
        two.at("plant", &["node", "enrol", "--code", &code, "--request-out", "request.json"]).done();
        two.at("province", &["node", "admit", "request.json", "--answer-out", "answer.json"]).done();
        two.at("plant", &["node", "enrol", "--code", &code, "--answer", "answer.json"]).done();
        let rows: String = (0..40).map(|n| format!("张三{n},360426199101010071,138001380{n:02}\n")).collect();
        two.0.file("share/staff.csv", format!("姓名,身份证号,手机\n{rows}"));
        for n in 0..30 {
            two.0.file(&format!("share/f{n}.csv"), format!("姓名,手机\n李四,139{n:08}\n王五,137{n:08}\n"));
        }
        two.at("plant", &["scope", "add", "share", text(&two.0.at("share"))]).done();
        two.at("plant", &["discover", text(&two.0.at("share")), "--quiet"]).done();
        two
    }
    fn report(&self) {
        self.at("plant", &["standing", "--sign"]).done();
        self.carry();
    }
    /// The plant's packages up, the province's answer down.
    fn carry(&self) {
        self.at("plant", &["submit", "--out", "up.json"]).done();
        self.at("province", &["node", "receive", "up.json", "--answer-out", "back"]).done();
        self.at("plant", &["submit", "--answer", "back/up.answer.json"]).done();
    }
}

#[test]
fn a_plant_opens_what_was_drawn_and_its_province_finds_it_kept() {
    let two = Two::new();
    two.report();
    // A commitment that comes after the report is none for it.
    two.at("province", &["challenge", "commit", "--round", "2026-Q4"]).done().says(&["2026-Q4"]);
    two.at("province", &["challenge", "commit", "--round", "2026-Q4"]).ends(2).complains(&["already"]);
    two.at("province", &["challenge", "open", USCC]).ends(2).complains(&["before the receipt"]);
    two.report();
    let drawn = two.json("province", &["challenge", "open", USCC, "--count", "12", "--out", "order.json"]);
    let id = drawn["challenge"].as_str().unwrap().to_owned();
    two.at("province", &["challenge", "open", USCC]).ends(2).complains(&[&id]);
    two.at("plant", &["challenge", "answer", "order.json", "--out", "reply.json"])
        .done()
        .says(&[&id, "12 shown, 0 not"]);
    // Asked again it is the same answer.
    let first = fs::read(two.0.at("reply.json")).unwrap();
    two.at("plant", &["challenge", "answer", "order.json", "--out", "reply.json"]).done().says(&["answered before"]);
    assert_eq!(fs::read(two.0.at("reply.json")).unwrap(), first);
    // What is in the answer cannot be read on the way.
    let sealed = String::from_utf8_lossy(&first).into_owned();
    assert!(!sealed.contains("staff") && !sealed.contains("share"));
    let taken = two.at("province", &["challenge", "take", "reply.json", "--format", "json"]).done().json();
    let judged = &taken["taken"][0]["entry"]["what"];
    assert_eq!((&judged["verdict"], &judged["opening"]["held"]), (&Value::from("kept"), &Value::from(12)));
    // Once more, and by the next package: judged before.
    two.at("province", &["challenge", "take", "reply.json"]).ends(1).says(&["judged before"]);
    two.carry();
    two.at("province", &["challenge", "take"]).done().says(&["Nothing to judge"]);
    // Nothing of what was shown stays at the province.
    for name in ["log.db", "challenges.json", "log.db-wal"] {
        if let Ok(bytes) = fs::read(two.0.at("province").join(name)) {
            assert!(!String::from_utf8_lossy(&bytes).contains("staff.csv"), "{name}");
        }
    }
    let keys: Value = serde_json::from_slice(&fs::read(two.0.at("province/challenges.json")).unwrap()).unwrap();
    assert_eq!(keys["keys"], serde_json::json!({}), "the key is destroyed");
    for who in ["plant", "province"] {
        two.at(who, &["audit"]).done();
        for lang in ["en", "zh"] {
            let ran = two.at(who, &["--lang", lang, "challenge", "list"]).done();
            assert_eq!(crate::speech::raw(&ran.out), None);
            let ran = two.at(who, &["--lang", lang, "challenge", "show", &id]).done();
            assert_eq!(crate::speech::raw(&ran.out), None);
        }
    }
    two.at("province", &["challenge", "list"]).done().says(&["seed open", "kept"]);
    two.at("province", &["challenge", "show", "--lies"]).done().says(&["Items thrown away", "not seen"]);
}

#[test]
fn answers_and_orders_that_are_not_what_they_should_be_are_refused_with_the_reason() {
    let two = Two::new();
    two.at("province", &["challenge", "commit", "--round", "a"]).done();
    two.at("province", &["challenge", USCC, "--open", "5"]).ends(2).complains(&["free of doubts"]);
    two.report();
    two.at("province", &["challenge"]).ends(2);
    two.at("province", &["challenge", USCC, "--open", "5", "--out", "order.json"]).done();
    // Orders: of a stranger, for another, changed.
    let stranger = Two::new();
    stranger.at("province", &["challenge", "commit", "--round", "a"]).done();
    stranger.report();
    stranger.at("province", &["challenge", USCC, "--open", "5", "--out", "order.json"]).done();
    let theirs = stranger.0.at("order.json");
    two.at("plant", &["challenge", "answer", text(&theirs)]).ends(1).says(&["signed by nobody"]);
    let order = fs::read_to_string(two.0.at("order.json")).unwrap();
    two.0.file("bad.json", order.replacen("\"committed\"", "\"other\"", 1));
    two.at("plant", &["challenge", "answer", "bad.json"]).ends(1).says(&["form"]);
    // Without the commitment the seed may be anything.
    let mut bare: Value = serde_json::from_str(&order).unwrap();
    bare.as_object_mut().unwrap().remove("committed");
    two.0.file("bare.json", bare.to_string());
    two.at("plant", &["challenge", "answer", "bare.json"]).ends(1).says(&["committed to before"]);
    two.at("plant", &["challenge", "answer", "order.json", "--out", "reply.json"]).done();
    // Answers: a tampered seal, another enterprise's, one that is none.
    let reply: Value = serde_json::from_slice(&fs::read(two.0.at("reply.json")).unwrap()).unwrap();
    let mut other = reply.clone();
    let sealed = other["sealed"].as_str().unwrap().to_owned();
    let at = sealed.len() / 2;
    let c = if &sealed[at..=at] == "A" { "B" } else { "A" };
    other["sealed"] = Value::from(format!("{}{c}{}", &sealed[..at], &sealed[at + 1..]));
    two.0.file("sealed.json", other.to_string());
    two.at("province", &["challenge", "take", "sealed.json"]).ends(1).says(&["does not open"]);
    stranger.at("province", &["challenge", "take", text(&two.0.at("reply.json"))]).ends(1).says(&["nobody"]);
    two.at("province", &["challenge", "take", "order.json"]).ends(1).says(&["form"]);
    // None of it has changed anything.
    two.at("province", &["challenge", "take", "reply.json"]).done().says(&["kept", "held 5"]);
    two.at("province", &["--lang", "zh", "challenge", "take", "reply.json"]).ends(1).says(&["已评判过"]);
}

#[test]
fn orders_go_down_with_an_answer_and_answers_up_with_a_package() {
    let two = Two::new();
    two.at("province", &["challenge", "commit", "--round", "a"]).done();
    two.report();
    two.at("province", &["challenge", USCC, "--open", "7"]).done();
    two.at("plant", &["challenge", "answer"]).done().says(&["No order"]);
    // Something is sent; the order comes back with the answer to it.
    two.report();
    two.at("plant", &["challenge", "list"]).done().says(&["opening of 7 items", "waits for an answer"]);
    two.at("plant", &["challenge", "answer"]).done().says(&["7 shown"]);
    two.carry();
    two.at("province", &["challenge", "take"]).done().says(&["kept", "held 7"]);
    // Items that the plant has no more are named, and the plant is told apart from one that keeps them.
    two.at("province", &["challenge", "commit", "--round", "b"]).done();
    two.report();
    two.at("province", &["challenge", USCC, "--open", "7", "--out", "order.json"]).done();
    let lost = std::process::Command::new("python3")
        .args(["-c", "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute('DELETE FROM items'); d.commit()"])
        .arg(two.0.at("plant/log.db"))
        .status();
    if !lost.is_ok_and(|s| s.success()) {
        println!("SKIPPED: items that are lost are named: no python3");
        return;
    }
    two.at("plant", &["challenge", "answer", "order.json", "--out", "reply.json"]).done().says(&["0 shown, 7 not"]);
    two.at("province", &["challenge", "take", "reply.json"]).ends(1).says(&["failed", "missing 7"]);
    two.at("province", &["audit"]).done();
}

#[test]
fn a_share_is_observed_anew_before_a_witness() {
    let two = Two::new();
    two.report();
    two.at("province", &["challenge", "reobserve", USCC, "--count", "1", "--out", "order.json"]).done();
    // Nobody has seen it yet: the run is made and waits.
    two.at("plant", &["challenge", "witness", "c-"]).ends(2);
    two.at("plant", &["challenge", "answer", "order.json"]).ends(2).says(&["second person"]);
    // The account that made the run is no second person, and neither is a typed name.
    two.at("plant", &["challenge", "witness", "c-"]).done().says(&["1 runs"]);
    two.at("plant", &["challenge", "answer", "order.json", "--out", "reply.json"]).done().says(&["1 shown"]);
    let taken = two.at("province", &["challenge", "take", "reply.json", "--format", "json"]).ends(1).json();
    let judged = &taken["taken"][0]["entry"]["what"];
    let n = &judged["reobservation"];
    assert_eq!(
        (&n["observed"], &n["worse"], &n["gone"], &n["wrong"]),
        (&1.into(), &0.into(), &0.into(), &serde_json::json!({}))
    );
    assert!(n["same"].as_u64().unwrap() >= 1, "{n}");
    assert_eq!((&judged["verdict"], &n["witness"]), (&Value::from("failed"), &Value::from("same-account")));
    two.at("province", &["audit"]).done();
    two.at("plant", &["audit"]).done();
}

/// The word of a second person: an account of its own, with a home of its own, over a ticket.
fn seen_by_nobody(dir: &Dir, ticket: &str) -> String {
    let word = dir.at("nobody/word.json");
    // The first call brings the binary and makes the folder.
    let ticket = dir.at(ticket);
    run(&mut as_nobody(dir, &["challenge", "witness", "--ticket", text(&ticket), "--out", text(&word)]))
        .done()
        .says(&["share", "1 runs", "nobody"]);
    text(&word).to_owned()
}

#[test]
fn a_share_is_observed_anew_before_another_account_and_kept() {
    if !root_or_skip("a_share_is_observed_anew_before_another_account_and_kept") {
        return;
    }
    let two = Two::new();
    two.report();
    let reobserve = ["challenge", "reobserve", USCC, "--count", "1", "--out"];
    two.at("province", &[&reobserve[..], &["order.json"]].concat()).done();
    two.at("plant", &["challenge", "answer", "order.json", "--ticket", "ticket.json"])
        .ends(2)
        .says(&["ticket.json", "second person"]);
    // The account that answers is no second person, whatever home it takes; the plant's own home is none.
    two.at("plant", &["challenge", "witness", "--ticket", "ticket.json", "--out", "own.json"])
        .ends(2)
        .complains(&["very home"]);
    two.at("mine", &["challenge", "witness", "--ticket", "ticket.json", "--out", "same.json"]).done();
    let answer = |word: &str, out: &str| {
        two.at("plant", &["challenge", "answer", "order.json", "--witnessed", word, "--out", out])
    };
    answer("same.json", "no.json").ends(2).complains(&["no second person"]);
    answer("ticket.json", "no.json").ends(2).complains(&["no word of a witness"]);
    let word = seen_by_nobody(&two.0, "ticket.json");
    // A word is about one order and one run: changed it is nobody's, and for another order it is not enough.
    let signed = fs::read_to_string(&word).unwrap();
    let payload = signed.split("\"payload\":\"").nth(1).unwrap();
    two.0.file("bent.json", signed.replacen(&payload[40..48], "AAAAAAAA", 1));
    answer("bent.json", "no.json").ends(2).complains(&["no word of a witness"]);
    answer(&word, "reply.json").done().says(&["1 shown"]);
    let taken = two.at("province", &["challenge", "take", "reply.json", "--format", "json"]).done().json();
    let judged = &taken["taken"][0]["entry"]["what"];
    assert_eq!(judged["verdict"], "kept", "{judged}");
    assert_eq!(judged["reobservation"]["witness"], "other-account");
    two.at("province", &[&reobserve[..], &["second.json"]].concat()).done();
    two.at("plant", &["challenge", "answer", "second.json", "--witnessed", &word]).ends(2).says(&["second person"]);
    // What was kept lifts the plant's claim to the rung of what was seen again.
    two.at("province", &["challenge", "list"]).done().says(&["kept"]);
    let mut listed = as_nobody(&two.0, &["--lang", "zh", "challenge", "list"]);
    run(&mut listed).done().says(&["为其他节点所作见证"]);
    two.at("province", &["audit"]).done();
    two.at("plant", &["audit"]).done();
}
