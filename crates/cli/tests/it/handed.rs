//! What one node hands to another, signed: after the signer changed its key, and why it is not taken, in the reader's language alone.

use crate::bench::Dir;
use serde_json::{Value, json};

fn keys(of: &Dir, to: &Dir, name: &str) {
    to.file(name, of.run(&["key", "show", "--format", "json"]).done().out);
}
fn rotate(dir: &Dir) {
    dir.run(&["key", "rotate", "evidence"]).done();
}
/// A regulator with a blue warning.
fn issuer() -> (Dir, String) {
    let dir = Dir::new();
    dir.run(&["incident", "profile", "--actor", "local-regulator", "--name", "Department"]).done();
    let mut issue = vec!["warning", "issue", "--colour", "blue", "--format", "json"];
    let fields = ["scope-and-harm=x", "matters=x", "precautions=x", "time-limit=x", "distribution=x"];
    fields.iter().for_each(|f| issue.extend(["--set", f]));
    let id = dir.json(&issue)["warning"].as_str().unwrap().to_owned();
    (dir, id)
}
fn pack(dir: &Dir) {
    let osv = json!({
        "schema_version": "1.6.0", "id": "TEST-1", "modified": "2026-11-20T00:00:00Z", "summary": "made up",
        "affected": [{"package": {"ecosystem": "Debian:12", "name": "openssl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.9-1"}]}]}],
    });
    dir.file("osv/a.json", osv.to_string());
    dir.run(&["advisories", "import", "osv", "--name", "debian", "--source", "tracker"]).done();
}
fn export(dir: &Dir, id: &str, name: &str) -> Value {
    dir.run(&["warning", "export", id, "--out", name]).done();
    serde_json::from_slice(&std::fs::read(dir.at(name)).unwrap()).unwrap()
}

#[test]
fn a_changed_key_is_followed_from_the_one_that_is_known() {
    let ((province, id), (stranger, other), plant) = (issuer(), issuer(), Dir::new());
    keys(&province, &plant, "known.json");
    assert!(export(&province, &id, "before.json").get("keys").is_none(), "without a change the file is as before");
    // Twice changed; what was said before and after is one file.
    rotate(&province);
    province.run(&["warning", "change", &id, "--set", "matters=worse"]).done();
    rotate(&province);
    province.run(&["warning", "lift", &id, "--reason", "over"]).done();
    let whole = export(&province, &id, "w.json");
    assert_eq!(whole["keys"].as_array().unwrap().len(), 2);
    let receive = |name: &str, file: &Value| {
        plant.file(name, file.to_string());
        plant.run(&["warning", "receive", name, "--publisher", "known.json"])
    };
    let with = |keys: Vec<Value>| {
        let mut file = whole.clone();
        file["keys"] = keys.into();
        file
    };
    let changes = |n: usize| whole["keys"][n].clone();
    // The changes of another node, a step left out, steps in the wrong order, a byte of one: nothing is taken.
    rotate(&stranger);
    let forged = export(&stranger, &other, "other.json")["keys"][0].clone();
    let mut torn = changes(1);
    let payload = torn["payload"].as_str().unwrap().to_owned();
    let (head, tail) = payload.split_at(payload.len() / 2);
    torn["payload"] = format!("{head}{}{}", if tail.starts_with('A') { "B" } else { "A" }, &tail[1..]).into();
    for (name, keys, why) in [
        ("forged.json", vec![forged.clone()], "change of key 1 is signed with a key that is not known"),
        ("behind.json", vec![changes(0), changes(1), forged], "change of key 3 is signed with a key that is not known"),
        ("gap.json", vec![changes(1)], "change of key 1 is signed with a key that is not known"),
        ("order.json", vec![changes(1), changes(0)], "change of key 1 is signed"),
        ("torn.json", vec![changes(0), torn], "change of key 2 has a signature that does not belong"),
        ("entry.json", vec![whole["envelopes"][0].clone()], "change of key 1 is no change of a key"),
        ("many.json", vec![changes(0); 101], "more than 100 changes"),
    ] {
        receive(name, &with(keys)).ends(2).complains(&["was not taken", why]);
    }
    receive("none.json", &with(Vec::new())).ends(2).complains(&["entry 2 is signed with key", "which was not given"]);
    let newest = province.json(&["key", "show", "--format", "json"])["evidence"][2]["id"].as_str().unwrap().to_owned();
    receive("w.json", &whole).done().says(&["Lifted", "new entries: 3", "changed its key", &newest]);
    // Who knows all keys is told nothing; the file alone adds to no file of keys.
    keys(&province, &plant, "known.json");
    let again = plant.run(&["warning", "receive", "w.json", "--publisher", "known.json"]).done().says(&["Nothing new"]);
    assert!(!again.out.contains("changed its key"));
    plant.run(&["audit"]).done();
}

#[test]
fn a_pack_of_advisories_is_taken_after_its_publisher_changed_its_key() {
    let (province, plant) = (Dir::new(), Dir::new());
    pack(&province);
    keys(&province, &plant, "known.json");
    rotate(&province);
    pack(&province);
    province.run(&["advisories", "export", "debian", "--out", "p.wfp"]).done();
    let bytes = std::fs::read(province.at("p.wfp")).unwrap();
    let line = bytes.iter().position(|b| *b == b'\n').unwrap();
    let mut head: Value = serde_json::from_slice(&bytes[..line]).unwrap();
    let take = |name: &str, head: &Value| {
        plant.file(name, [head.to_string().as_bytes(), &bytes[line..]].concat());
        plant.run(&["advisories", "import", name, "--name", "d", "--publisher", "known.json"])
    };
    // Another node's change in place of the publisher's.
    let stranger = Dir::new();
    pack(&stranger);
    rotate(&stranger);
    stranger.run(&["advisories", "export", "debian", "--out", "p.wfp"]).done();
    let theirs = std::fs::read(stranger.at("p.wfp")).unwrap();
    let theirs: Value = serde_json::from_slice(theirs.split(|b| *b == b'\n').next().unwrap()).unwrap();
    let good = head.clone();
    head["keys"] = theirs["keys"].clone();
    take("forged.wfp", &head).ends(2).complains(&["not taken", "change of key 1 is signed with a key"]);
    head["keys"] = json!([]);
    take("none.wfp", &head).ends(2).complains(&["not taken", "which was not given"]);
    take("p.wfp", &good).done().says(&["1 rows", "changed its key"]);
}

/// A reader of Chinese reads Chinese: names of files, options and formats are all that may be in other letters.
#[track_caller]
fn chinese(said: &str) {
    let allowed = [
        "watchfire",
        "key",
        "show",
        "format",
        "json",
        "publisher",
        "wfp",
        "osv",
        "csv",
        "delegated",
        "apnic",
        "extended",
        "latest",
        "GeoLite",
        "blocks",
        "locations",
        "PEM",
        "ECDSA",
        "Ed",
        "pem",
        "pack",
        "warning",
        "transfer",
        "countries",
        "import",
        "CSV",
        "bad",
        "cut",
        "key",
        "keys",
        "hex",
        "json",
        "txt",
        "country",
        "bin",
        "v1",
    ];
    let words = said.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 2 && !allowed.contains(w));
    let left: Vec<&str> = words.filter(|w| !w.bytes().all(|b| b.is_ascii_hexdigit())).collect();
    assert!(said.starts_with("错误") && left.is_empty(), "{left:?} in {said}");
}

#[test]
fn why_a_file_is_not_taken_is_said_in_one_language() {
    let ((province, id), plant) = (issuer(), Dir::new());
    keys(&province, &plant, "known.json");
    let zh = |more: &[&str]| {
        let err = plant.run(&[&["--lang", "zh"], more].concat()).ends(2).err;
        chinese(&err);
        err
    };
    // Tables of countries.
    plant.file("bad.txt", "nothing of it\n");
    plant.file("country.csv", "1.0.0.0,1.0.0.255,ZZ\n");
    plant.file("blocks.csv", "network,geoname_id,registered_country_geoname_id\n1.0.0.0/24,1,1\n");
    let table = |file: &str| zh(&["transfer", "countries", "import", file]);
    assert!(table("bad.txt").contains("bad.txt 既不是分配统计文件"));
    assert!(table("country.csv").contains("没有任何国家代码"));
    assert!(table("blocks.csv").contains("两个文件"));
    // Warnings.
    let whole = export(&province, &id, "w.json");
    let receive = |name: &str, text: String| {
        plant.file(name, text);
        zh(&["warning", "receive", name, "--publisher", "known.json"])
    };
    receive("cut.json", whole.to_string()[..100].to_owned());
    receive("bad.json", json!({"envelopes": [{}], "format": "watchfire-warning-v1", "warning": id}).to_string());
    let mut envelope = whole.clone();
    envelope["envelopes"][0]["signatures"] = json!([]);
    receive("bad.json", envelope.to_string());
    // Packs.
    pack(&province);
    province.run(&["advisories", "export", "debian", "--out", "p.wfp"]).done();
    let bytes = std::fs::read(province.at("p.wfp")).unwrap();
    let line = bytes.iter().position(|b| *b == b'\n').unwrap();
    let take = |bytes: &[u8], keys: &str| {
        plant.file("bad.wfp", bytes);
        zh(&["advisories", "import", "bad.wfp", "--name", "d", "--publisher", keys])
    };
    for cut in [&bytes[..40], &bytes[..line], &bytes[..line + 1], &bytes[..bytes.len() - 1], b"\n", b"{}\n"] {
        take(cut, "known.json");
    }
    plant.file("bad.json", "{}");
    plant.file("bad.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    assert!(take(&bytes, "bad.json").contains("没有节点的公钥"));
    assert!(take(&bytes, "bad.pem").contains("不是节点的公钥"));
}
