//! Changed evidence is refused, whatever was changed; a log edited behind the program's back is named by the audit.

use crate::bench::{Dir, host};
use serde_json::Value;
use std::fs;

fn examined() -> (Dir, Value) {
    let dir = Dir::new();
    host(&dir);
    dir.file("scope.csv", "kind,id,label\nhost,plant-7,\n");
    dir.run(&["scope", "import", "scope.csv"]).done();
    dir.run(&["examine", "--root", "host", "--out", "report"]).done();
    let evidence = serde_json::from_slice(&fs::read(dir.at("report/evidence.json")).unwrap()).unwrap();
    (dir, evidence)
}

/// Another letter in the middle of a text.
fn bend(value: &mut Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
    let at = (text.len() / 2..text.len()).find(|i| text.as_bytes()[*i].is_ascii_alphanumeric()).unwrap();
    let other = if text.as_bytes()[at] == b'B' { "C" } else { "B" };
    *value = Value::from(format!("{}{other}{}", &text[..at], &text[at + 1..]));
}

#[test]
fn every_changed_part_of_the_evidence_is_refused() {
    let (dir, evidence) = examined();
    let refused = |what: &str, changed: &Value| {
        let path = dir.file("changed.json", changed.to_string());
        let ran = dir.run(&["verify", crate::bench::text(&path)]);
        assert!(matches!(ran.code(), 1 | 2), "{what}: accepted\n{}", ran.out);
        assert!(ran.err.starts_with("error: ") && !ran.out.contains("Proven:"), "{what}: {ran:?}");
        ran.code()
    };
    dir.run(&["verify", "report/evidence.json"]).done();
    let records = evidence["records"].as_array().unwrap().len();
    assert_eq!(records, 3, "scope, examination, judgement");
    // Where the parts of a Sigstore bundle v0.3 stand (docs/specs/log-v1.md).
    let entry = "/bundle/verificationMaterial/tlogEntries/0";
    let parts = [
        "/bundle/dsseEnvelope/payload".to_owned(),
        "/bundle/dsseEnvelope/signatures/0/sig".to_owned(),
        format!("{entry}/canonicalizedBody"),
        format!("{entry}/inclusionProof/rootHash"),
        format!("{entry}/inclusionProof/hashes/0"),
        format!("{entry}/inclusionProof/checkpoint/envelope"),
    ];
    for n in 0..records {
        for part in &parts {
            let mut changed = evidence.clone();
            let Some(value) = changed.pointer_mut(&format!("/records/{n}{part}")) else {
                panic!("record {n} has no {part}")
            };
            bend(value);
            assert_eq!(refused(&format!("record {n} {part}"), &changed), 1);
        }
        let mut changed = evidence.clone();
        let index = changed.pointer_mut(&format!("/records/{n}{entry}/inclusionProof/logIndex")).unwrap();
        *index = Value::from(if index == "0" { "1" } else { "0" });
        refused("another index", &changed);
    }
    let with_items = (0..records).find(|n| evidence["records"][n]["items"].is_string()).unwrap();
    for bent in 0..3 {
        let mut changed = evidence.clone();
        let items = &mut changed["records"][with_items]["items"];
        let text = items.as_str().unwrap();
        let line_end = text.find('\n').unwrap() + 1;
        *items = match bent {
            0 => Value::from(text.replacen("plant-7", "plant-8", 1)),
            1 => Value::from(&text[line_end..]),
            _ => Value::from(format!("{text}{}", &text[..line_end])),
        };
        assert_eq!(refused("items", &changed), 1);
    }
    // Two records that are each true, in each other's place.
    let mut changed = evidence.clone();
    let (a, b) = (changed["records"][0]["bundle"].clone(), changed["records"][1]["bundle"].clone());
    (changed["records"][0]["bundle"]["dsseEnvelope"], changed["records"][1]["bundle"]["dsseEnvelope"]) =
        (b["dsseEnvelope"].clone(), a["dsseEnvelope"].clone());
    refused("swapped envelopes", &changed);
    for (key, at) in [("log_keys", 0), ("evidence_keys", 0)] {
        let mut changed = evidence.clone();
        changed[key] = Value::Array(Vec::new());
        assert_eq!(refused(key, &changed), 1, "without keys nothing holds ({at})");
    }
    let mut changed = evidence.clone();
    let plan = changed["plan"]["plan.toml"].as_str().unwrap().to_owned() + "\n";
    changed["plan"]["plan.toml"] = Value::from(plan);
    assert_eq!(refused("the plan's text, by one line feed", &changed), 1);
    let mut changed = evidence.clone();
    bend(&mut changed["origin"]);
    refused("origin", &changed);
    let mut changed = evidence.clone();
    changed["extra"] = Value::from("x");
    refused("an unknown field", &changed);
    for bytes in [&b""[..], b"{}", b"[1", b"\xff\xfe", b"{\"format\":\"watchfire-evidence-v9\"}"] {
        dir.file("bytes.json", bytes);
        dir.run(&["verify", "bytes.json"]).ends(2);
    }
}

#[test]
fn a_judgement_whose_records_are_not_all_there_is_not_called_proven() {
    let (dir, mut evidence) = examined();
    evidence["records"].as_array_mut().unwrap().remove(0);
    dir.file("fewer.json", evidence.to_string());
    let ran = dir.run(&["verify", "fewer.json"]);
    // What is there holds; what was left out is named, and nothing is derived from it.
    if ran.code() == 0 {
        let (proven, not) = ran.out.split_once("Not proven:").unwrap();
        assert!(!proven.contains("the same bytes") && not.contains("judgement follows"), "{}", ran.out);
    }
}

#[test]
fn a_key_from_elsewhere_decides_who_signed() {
    let (dir, _) = examined();
    let right = dir.json(&["key", "show", "--format", "json"]);
    dir.file("right.json", right.to_string());
    dir.file("right.pem", right["evidence"][0]["pem"].as_str().unwrap());
    let log_is_own = "is the file's own";
    let all = dir.run(&["verify", "report/evidence.json", "--key", "right.json"]).done();
    assert!(!all.says(&["The keys are the ones"]).out.contains(log_is_own));
    // A bare key says who signed the records; whose log they stand in it does not say.
    let half = ["The keys that signed the records are the ones", log_is_own];
    dir.run(&["verify", "report/evidence.json", "--key", "right.pem"]).done().says(&half);
    dir.run(&["verify", "report/evidence.json"]).done().says(&[log_is_own, "brings its own keys"]);
    dir.run(&["--home", "other", "examine", "--no-host", "--quiet"]).done();
    dir.file("wrong.json", dir.json(&["--home", "other", "key", "show", "--format", "json"]).to_string());
    dir.run(&["verify", "report/evidence.json", "--key", "wrong.json"]).ends(1).complains(&["does not hold"]);
    // The right node in another's log.
    let mut log = right.clone();
    log["vkeys"] = dir.json(&["--home", "other", "key", "show", "--format", "json"])["vkeys"].clone();
    dir.file("log.json", log.to_string());
    dir.run(&["verify", "report/evidence.json", "--key", "log.json"]).ends(1).complains(&["not known here"]);
    log["vkeys"] = Value::from(vec!["no key"]);
    dir.file("log.json", log.to_string());
    dir.run(&["verify", "report/evidence.json", "--key", "log.json"]).ends(2);
    let json = dir.run(&["verify", "report/evidence.json", "--key", "wrong.json", "--format", "json"]).ends(1).json();
    assert_eq!(json["holds"], false);
    dir.file("empty.json", "{\"evidence\":[]}");
    dir.run(&["verify", "report/evidence.json", "--key", "empty.json"]).ends(2);
    dir.run(&["verify", "report/evidence.json", "--key", "/does-not-exist"]).ends(2);
}

/// The evidence of one more examination of the host, by the node in `home`.
fn once_more(dir: &Dir, home: &str, out: &str) -> Value {
    dir.run(&["--home", home, "examine", "--root", "host", "--quiet", "--out", out]).done();
    serde_json::from_slice(&fs::read(dir.at(out).join("evidence.json")).unwrap()).unwrap()
}

/// One file with the records of both.
fn merged(dir: &Dir, one: &Value, other: &Value) -> crate::bench::Ran {
    let mut both = one.clone();
    both["records"].as_array_mut().unwrap().extend(other["records"].as_array().unwrap().iter().cloned());
    dir.file("both.json", both.to_string());
    dir.run(&["verify", "both.json"])
}

#[test]
fn a_log_that_shows_two_faces_is_refused_and_every_index_is_claimed_under_its_own_root() {
    let (dir, first) = examined();
    let copied = std::process::Command::new("cp").arg("-a").args([dir.home(), dir.at("twin")]).status().unwrap();
    assert!(copied.success());
    let second = once_more(&dir, "home", "second");
    // Scope, examination and judgement of three leaves; two more records of five.
    merged(&dir, &first, &second).done().says(&[" of 3, under the root", " of 5, under the root", "the same bytes"]);
    merged(&dir, &second, &second).done().says(&["3 records were signed"]);
    // The same keys, another continuation: no log has both.
    let fork = once_more(&dir, "twin", "fork");
    merged(&dir, &second, &fork).ends(1).complains(&["two roots of one tree size"]);
    once_more(&dir, "twin", "longer");
    let mut split = fork.clone();
    // A later root over the forked leaves: its size is no other's, its indexes are.
    for record in split["records"].as_array_mut().unwrap() {
        let leaf = leaf_of(record);
        let bundle = dir.json(&["--home", "twin", "log", "bundle", &leaf]);
        record["bundle"] = bundle;
    }
    merged(&dir, &second, &split).ends(1).complains(&["two records at one index"]);
}

/// Leaf hash of a bundle: RFC 9162 §2.1.1 over the body of its entry.
fn leaf_of(record: &Value) -> String {
    let body = &record["bundle"]["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"];
    let body = data_encoding::BASE64.decode(body.as_str().unwrap().as_bytes()).unwrap();
    evidence::leaf_hash(&body).to_string()
}

#[test]
fn every_judgement_of_the_file_is_judged_again() {
    let (dir, evidence) = examined();
    let leaf = doctored(&dir, |judged| judged.findings.clear());
    let bundle = dir.json(&["log", "bundle", &leaf.to_string()]);
    for front in [true, false] {
        let mut changed = evidence.clone();
        let records = changed["records"].as_array_mut().unwrap();
        records.insert(if front { 0 } else { records.len() }, serde_json::json!({ "bundle": bundle }));
        dir.file("two.json", changed.to_string());
        dir.run(&["verify", "two.json"]).ends(1).complains(&["does not follow from its records: findings"]);
    }
}

/// Signs and appends the judgement, changed: whoever holds the keys can sign anything. He cannot make it follow.
fn doctored(dir: &Dir, change: impl FnOnce(&mut evidence::Judgement)) -> evidence::Digest {
    let store = store::Store::open_with(&dir.home(), store::Options::default()).unwrap();
    let judged = store.records(&[evidence::RecordKind::Judgement]).unwrap().remove(0);
    let evidence::Record::Judgement(mut doctored) = judged.record.into_value() else { panic!("no judgement") };
    assert!(!doctored.findings.is_empty());
    change(&mut doctored);
    store.record(&evidence::Record::Judgement(doctored), None, Vec::new()).unwrap().leaf()
}

/// Edits the database as somebody who has the file would.
fn edit(dir: &Dir, sql: &str) {
    let db = rusqlite::Connection::open(dir.at("home/log.db")).unwrap();
    assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
}

#[test]
fn the_audit_names_what_was_edited_in_the_database() {
    let edits = [
        "UPDATE leaves SET envelope = replace(envelope, x'61', x'62') WHERE idx = 1",
        "UPDATE leaves SET body = CAST(body || ' ' AS BLOB) WHERE idx = 2",
        "UPDATE leaves SET hash = randomblob(32) WHERE idx = 1",
        "UPDATE items SET lines = CAST(replace(CAST(lines AS TEXT), 'plant-7', 'plant-8') AS BLOB)",
        "UPDATE artifacts SET bytes = CAST(replace(CAST(bytes AS TEXT), '1.0.0', '1.0.1') AS BLOB)",
        "DELETE FROM leaves WHERE idx = 0",
        "DELETE FROM items",
        "UPDATE nodes SET hash = randomblob(32) WHERE level = 1",
        "UPDATE checkpoints SET note = replace(note, 'A', 'B')",
        "UPDATE checkpoints SET root = randomblob(32)",
    ];
    let (dir, _) = examined();
    dir.run(&["audit"]).done();
    let whole = fs::read(dir.at("home/log.db")).unwrap();
    for sql in edits {
        fs::write(dir.at("home/log.db"), &whole).unwrap();
        edit(&dir, sql);
        let ran = dir.run(&["audit"]);
        assert_eq!(ran.code(), 1, "{sql}: {ran:?}");
        assert!(ran.out.contains("do not hold") && ran.err.is_empty(), "{sql}: {ran:?}");
    }
}

#[test]
fn a_judgement_that_does_not_follow_is_named_although_it_is_signed() {
    let (dir, _) = examined();
    doctored(&dir, |judged| judged.findings.clear());
    let audit = dir.run(&["audit", "--format", "json"]).ends(1).json();
    assert_eq!((&audit["holds"], &audit["judgements"]), (&Value::Bool(false), &Value::from(2)));
    dir.run(&["audit"]).ends(1).says(&["does not follow from its records: findings"]);
}

#[test]
fn damage_under_a_judgement_hides_no_other_damage() {
    let (dir, _) = examined();
    edit(&dir, "UPDATE items SET lines = CAST(replace(CAST(lines AS TEXT), 'plant-7', 'plant-8') AS BLOB)");
    edit(&dir, "UPDATE checkpoints SET root = randomblob(32)");
    let ran = dir.run(&["audit"]).ends(1);
    let ran = ran.says(&["things do not hold", "record 1: ", "checkpoint", "cannot be derived again"]);
    assert!(ran.err.is_empty(), "{}", ran.err);
}

#[test]
fn a_judgement_of_another_judge_is_not_counted_as_derived_again() {
    let (dir, _) = examined();
    dir.run(&["audit"]).done().says(&["1 judgements checked", "every judgement comes out the same"]);
    doctored(&dir, |judged| judged.judge = "watchfire-judge 0.0.0".to_owned());
    let ran = dir.run(&["audit"]).done().says(&["1 of 2 judgements derived again", "cannot derive it again"]);
    assert!(!ran.out.contains("every judgement"), "{}", ran.out);
    let json = dir.json(&["audit", "--format", "json"]);
    assert_eq!((&json["judgements"], &json["derived"]), (&Value::from(2), &Value::from(1)));
    dir.run(&["--lang", "zh", "audit"]).done().says(&["2 项判定中重新推导了 1 项"]);
}

/// A title for the window, red, and text that runs backwards.
const STEERING: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}\u{9b}2Jred";

#[test]
fn foreign_text_does_not_steer_the_terminal() {
    let inert = |text: &str| {
        let steers = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(!text.contains(steers), "{text:?}");
        assert!(text.contains("\\u{1b}]0;owned\\u{7}\\u{1b}[31m\\u{202e}\\u{9b}2Jred"), "{text:?}");
    };
    let (dir, evidence) = examined();
    let mut changed = evidence.clone();
    changed[STEERING] = Value::from("x");
    dir.file("field.json", changed.to_string());
    inert(&dir.run(&["verify", "field.json"]).ends(2).err);
    inert(&dir.run(&["--lang", "zh", "verify", "field.json"]).ends(2).err);
    // A judgement that somebody signed, by a judge with such a name: it is said on standard output.
    let leaf = doctored(&dir, |judged| judged.judge = STEERING.to_owned());
    let mut changed = evidence;
    let bundle = dir.json(&["log", "bundle", &leaf.to_string()]);
    changed["records"].as_array_mut().unwrap().push(serde_json::json!({ "bundle": bundle }));
    dir.file("judge.json", changed.to_string());
    inert(&dir.run(&["verify", "judge.json"]).done().out);
    inert(&dir.run(&["audit"]).done().out);
    // Programs get what is there.
    let json = dir.json(&["verify", "judge.json", "--format", "json"]);
    let why = json["not_proven"].as_array().unwrap().iter().find(|s| s["key"] == "verify.not_rejudged_judge");
    assert_eq!(why.unwrap()["with"]["judge"], STEERING);
    // A plan's source line is shown under its error; its line feeds stay.
    dir.file("plan/plan.toml", format!("[plan]\nid = {STEERING}\n"));
    let ran = dir.run(&["--plan", "plan", "plan", "check"]).ends(1);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{:?}", ran.out);
}
