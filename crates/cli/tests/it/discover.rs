//! `watchfire discover`: five forms of one run, why a finding is what it is, and no planted value in any of them.

use crate::bench::{Dir, files, gaps, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use testing::plant::{self, CLASSES, Grow, Rng};

/// A folder with two staff tables, a note, something low and something locked.
pub(crate) fn staffed(dir: &Dir, people: usize) -> Vec<String> {
    let mut rng = Rng::new(23);
    let mut secrets = Vec::new();
    let mut table = "姓名,身份证号,手机号\n".to_owned();
    for n in 0..people {
        let (id, phone) = (plant::resident_id(&mut rng), plant::mobile(&mut rng));
        table += &format!("员工{n},{id},{phone}\n");
        secrets.extend([id, phone]);
    }
    dir.file("data/hr/staff.csv", &table);
    let phone = plant::mobile(&mut rng);
    dir.file("data/sales/note.txt", format!("联系电话：{phone}\n"));
    secrets.push(phone);
    dir.file("data/sales/broken.zip", b"PK\x03\x04 no archive");
    secrets
}

#[test]
fn one_run_in_five_forms_verified_and_audited() {
    let dir = Dir::new();
    staffed(&dir, 20);
    let ran = dir.run(&["discover", "data", "--out", "out", "--format", "text,json,csv,sarif,html"]).done();
    ran.says(&["Data found", "resident identity number", "out/discover.html", "watchfire verify out/evidence.json"]);
    let json: Value = serde_json::from_slice(&fs::read(dir.at("out/discover.json")).unwrap()).unwrap();
    assert_eq!(json["format"], "watchfire-discover-v1");
    let of = |class: &str| json["classes"].as_array().unwrap().iter().find(|c| c["class"] == class).unwrap().clone();
    assert_eq!((&of("cn.resident-id")["distinct"], &of("cn.mobile")["distinct"]), (&20.into(), &21.into()));
    assert_eq!(gaps(&json, "corrupt"), 1);
    let csv = fs::read_to_string(dir.at("out/discover.csv")).unwrap();
    assert!(csv.starts_with("\u{feff}kind,id,class,"), "a mark for spreadsheets");
    let sarif: Value = serde_json::from_slice(&fs::read(dir.at("out/discover.sarif")).unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let told = |list: &str| json[list].as_array().unwrap().len();
    assert_eq!(results.len(), told("files") + told("columns"));
    let html = fs::read_to_string(dir.at("out/discover.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<svg") && !html.contains("http:"));
    // The same ids in every form.
    for file in json["files"].as_array().unwrap() {
        let id = file["id"].as_str().unwrap();
        assert!(csv.contains(id) && html.contains(id) && sarif.to_string().contains(id), "{id}");
    }
    dir.run(&["verify", "out/evidence.json"]).done().says(&["the same bytes"]);
    let audit = dir.json(&["audit", "--format", "json"]);
    assert_eq!((&audit["holds"], &audit["derived"]), (&Value::Bool(true), &Value::from(1)));
    // The host was not looked at.
    assert_eq!(json["examination"]["sensors"].as_array().unwrap().len(), 1);
    assert_eq!(json["examination"]["facts"], 0);
}

#[test]
fn a_form_on_the_screen_is_that_form_and_nothing_else() {
    let dir = Dir::new();
    staffed(&dir, 3);
    dir.json(&["discover", "data", "--format", "json"]);
    dir.json(&["discover", "data", "--format", "sarif", "--lang", "zh"]);
    let csv = dir.run(&["discover", "data", "--format", "csv"]).done();
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let kinds: BTreeSet<String> = reader.records().map(|r| r.unwrap()[0].to_owned()).collect();
    assert_eq!(kinds, ["column", "file", "gap", "sample"].map(str::to_owned).into());
    assert_eq!(csv.err, "");
    for wrong in
        [&["--format", "html"][..], &["--format", "json,csv"], &["--format", "text,json"], &["--format", "pdf"]]
    {
        dir.run(&[&["discover", "data"], wrong].concat()).ends(2).complains(&["error: "]);
    }
}

#[test]
fn fail_on_counts_the_surest_hit() {
    let dir = Dir::new();
    dir.file("none/a.txt", "the pump is at rest\n");
    dir.file("low/a.txt", "13912345617\n");
    staffed(&dir, 2);
    let code = |target: &str, on: &str| dir.run(&["discover", target, "--quiet", "--fail-on", on]).code();
    assert_eq!([code("none", "low"), code("low", "low"), code("low", "medium")], [0, 1, 0]);
    assert_eq!([code("data", "high"), code("data", "low"), code("data", "enormous")], [1, 1, 2]);
    // What does not exist is a gap, not a pass and not an error.
    let json = dir.json(&["discover", "nowhere", "--format", "json"]);
    assert_eq!(gaps(&json, "missing"), 1);
}

#[test]
fn a_finding_is_explained_from_the_log_after_its_file_is_gone() {
    let dir = Dir::new();
    staffed(&dir, 3);
    let json = dir.json(&["discover", "data", "--format", "json"]);
    fs::remove_dir_all(dir.at("data/hr")).unwrap();
    let file = json["files"].as_array().unwrap().iter().find(|f| f["class"] == "cn.resident-id").unwrap();
    let (id, sample) = (file["id"].as_str().unwrap(), &file["samples"][0]);
    let mask = sample["mask"].as_str().unwrap();
    dir.run(&["discover", "--explain", id]).done().says(&["staff.csv", "high", "Masked samples", mask, "ISO 7064"]);
    let one = sample["id"].as_str().unwrap();
    let told = dir.run(&["discover", "--explain", one]).done();
    told.says(&["line 2, column", mask, sample["keyed"].as_str().unwrap(), "sha256:", "What would change it"]);
    let zh = dir.run(&["discover", "--explain", one, "--lang", "zh"]).done();
    zh.says(&["第 2 行", mask, "什么会改变结论"]);
    let explained = dir.json(&["discover", "--explain", &one[..8], "--format", "json"]);
    assert_eq!((&explained["kind"], &explained["newest"]), (&"sample".into(), &Value::Bool(true)));
    let record = explained["examination"].as_str().unwrap().to_owned();
    assert_eq!(dir.json(&["log", "show", "--format", "json"])["records"][0]["leaf"], record.as_str());
    // A later look at the same folder does not have it any more; a look elsewhere says nothing about it.
    dir.file("other/a.txt", "x");
    dir.run(&["discover", "other", "--quiet"]).done();
    assert_eq!(dir.json(&["discover", "--explain", one, "--format", "json"])["newest"], true);
    dir.run(&["discover", "data", "--quiet"]).done();
    dir.run(&["discover", "--explain", one]).done().says(&["A later run has looked at data"]);
    for (wrong, why) in [("0123456789ab", "Nothing found"), ("12", "Nothing found"), ("no-such-id", "Nothing found")] {
        dir.run(&["discover", "--explain", wrong]).ends(2).complains(&[why]);
    }
    dir.run(&["discover", "--explain", one, "--format", "csv"]).ends(2).complains(&["text or json"]);
    dir.run(&["discover", "data", "--explain", one]).ends(2);
    assert_eq!(dir.json(&["audit", "--format", "json"])["judgements"], 3, "explaining writes nothing");
}

#[test]
fn an_address_with_a_password_is_refused_and_not_repeated() {
    let dir = Dir::new();
    for address in ["postgres://mes:S3cretWord@db/x", "mysql://db/x?password=S3cretWord"] {
        let ran = dir.run(&["discover", address]).ends(2).complains(&["password"]);
        assert!(!ran.err.contains("S3cretWord"), "{}", ran.err);
    }
    assert!(!dir.home().exists() || files(&dir.home()).is_empty() || !dir.at("home/log.db").exists());
}

#[test]
fn planted_values_appear_in_no_form_and_no_explanation() {
    let dir = Dir::new();
    let mut rng = Rng::new(31);
    let mut secrets = staffed(&dir, 5);
    for (class, make, [chinese, english]) in CLASSES.into_iter().filter(|c| c.0 != "private-key") {
        let (one, two) = (make(&mut rng), make(&mut rng));
        dir.file(&format!("data/{}.txt", class.replace('.', "-")), format!("{chinese}{one}\n{english}{two}\n"));
        secrets.extend([one, two]);
    }
    for planted in plant::tree(&dir.at("data/tree"), Grow { seed: 3, files: 40, file_bytes: 300, every: 2 }).unwrap() {
        let parts = planted.value.lines().filter(|l| !l.starts_with("-----"));
        secrets.extend(parts.map(str::to_owned));
    }
    let mut said = Vec::new();
    let mut run = |arguments: &[&str]| {
        let ran = dir.run(arguments).done();
        said.push((arguments.join(" "), ran.out + &ran.err));
    };
    run(&["discover", "data", "--out", "out", "--format", "json,csv,sarif,html"]);
    run(&["discover", "data", "--lang", "zh", "--out", "zh", "--format", "csv,html,sarif"]);
    let json: Value = serde_json::from_slice(&fs::read(dir.at("out/discover.json")).unwrap()).unwrap();
    let mut explained = BTreeSet::new();
    for file in json["files"].as_array().unwrap() {
        if explained.insert(file["class"].to_string()) {
            run(&["discover", "--explain", file["id"].as_str().unwrap()]);
            run(&["discover", "--explain", file["samples"][0]["id"].as_str().unwrap(), "--format", "json"]);
        }
    }
    assert!(explained.len() + 1 >= CLASSES.len(), "each class that is surely there");
    let mut outputs: Vec<(String, Vec<u8>)> = said.into_iter().map(|(k, v)| (k, v.into_bytes())).collect();
    for folder in ["home", "out", "zh"] {
        outputs.extend(files(&dir.at(folder)).into_iter().map(|p| (text(&p).to_owned(), fs::read(&p).unwrap())));
    }
    for (name, bytes) in &outputs {
        for secret in &secrets {
            let leak = bytes.windows(secret.len()).position(|w| w == secret.as_bytes());
            assert_eq!(leak, None, "a planted value of {} bytes is in {name}", secret.len());
        }
    }
}

/// A class that the program does not know, as a user writes it.
const BADGES: &str = r#"
[[detector]]
id = "plant.badge"
name = { en = "Works badge", zh = "工牌号" }
category = "personal"
counts = "people"
finder = "pattern"
trigger = { literals = ["WB-"] }
pattern = 'WB-[0-9]{6}'
base = 20
mask = [3, 0]
hit = ["WB-123456"]
miss = ["WB-12"]
"#;

#[test]
fn a_class_of_the_users_own_is_found_named_and_graded_without_the_program_knowing_it() {
    let dir = Dir::new();
    dir.file("badges.toml", BADGES);
    dir.file("data/gate.log", "WB-204817 in\nWB-204818 in\nWB-204817 out\n");
    let discover = ["discover", "data", "--detectors", "badges.toml"];
    let json = dir.json(&[&discover[..], &["--format", "json"]].concat());
    let class = json["classes"].as_array().unwrap().iter().find(|c| c["class"] == "plant.badge").unwrap();
    assert_eq!((&class["class_name"]["zh"], &class["distinct"]), (&"工牌号".into(), &2.into()));
    assert_eq!(class["graded"]["category"], "personal");
    dir.run(&[&discover[..], &["--lang", "zh"]].concat()).done().says(&["工牌号"]);
    let id = json["files"][0]["id"].as_str().unwrap();
    dir.run(&["discover", "--explain", id]).done().says(&["Works badge (plant.badge)"]);
    assert_eq!(dir.json(&["audit", "--format", "json"])["holds"], true);
    dir.file("badges.toml", BADGES.replace("WB-123456", "WB-1234"));
    dir.run(&discover).ends(2).complains(&["badges.toml", "plant.badge"]);
}

/// Files that lie in the checkout, and so are older than what a run trusts.
fn old_files() -> String {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../discover/tests/data/documents").display().to_string()
}

#[test]
fn a_second_run_reads_nothing_again_and_says_so_until_it_is_told_to() {
    let dir = Dir::new();
    let old = old_files();
    let tree = |json: &Value| {
        let trees = json["trees"].as_array().unwrap();
        trees.iter().find(|t| t["what"].as_str().unwrap().starts_with("folder:")).unwrap()["counts"].clone()
    };
    let discover = |extra: &[&str]| dir.json(&[&["discover", &old, "--format", "json"], extra].concat());
    let first = discover(&[]);
    let files = tree(&first)["files"].clone();
    assert!(files.as_u64() > Some(10) && tree(&first).get("remembered").is_none());
    let second = discover(&[]);
    assert_eq!(tree(&second)["remembered"], files);
    for list in ["files", "columns", "contents", "gaps", "classes"] {
        assert_eq!(first[list], second[list], "{list}");
    }
    dir.run(&["discover", &old]).done().says(&["Not read again", "as earlier runs read them"]);
    dir.run(&["discover", &old, "--lang", "zh"]).done().says(&["未重新读取"]);
    dir.run(&["examine", "--no-host", &old]).done().says(&["Not read again"]);
    assert!(tree(&discover(&["--fresh"])).get("remembered").is_none());
    assert_eq!(tree(&discover(&[]))["remembered"], files, "what was read anew is remembered");
    // What is kept is for this account alone; damaged, it is refused and said.
    let memory = dir.home().join("memory/discover");
    let kept: Vec<_> = fs::read_dir(&memory).unwrap().map(|e| e.unwrap().path()).collect();
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(kept).unwrap().permissions().mode() & 0o777, 0o600);
    let mut bytes = fs::read(kept).unwrap();
    bytes.pop();
    fs::write(kept, bytes).unwrap();
    dir.run(&["discover", &old]).done().says(&["was damaged and not used"]);
    assert_eq!(tree(&discover(&[]))["remembered"], files);
    dir.run(&["audit"]).done();
    // What was written a moment ago is not trusted yet.
    staffed(&dir, 3);
    dir.run(&["discover", "data", "--quiet"]).done();
    assert!(tree(&dir.json(&["discover", "data", "--format", "json"])).get("remembered").is_none());
}

#[test]
fn files_of_one_content_are_one_row_and_every_place_stays() {
    let dir = Dir::new();
    let secrets = staffed(&dir, 5);
    for n in 0..7 {
        fs::create_dir_all(dir.at(&format!("data/copy{n}"))).unwrap();
        fs::copy(dir.at("data/hr/staff.csv"), dir.at(&format!("data/copy{n}/list.csv"))).unwrap();
    }
    let json = dir.json(&["discover", "data", "--format", "json"]);
    let copies = json["copies"].as_array().unwrap();
    assert_eq!((copies.len(), &copies[0]["count"]), (1, &Value::from(8)));
    assert_eq!(copies[0]["places"].as_array().unwrap().len(), 8);
    let of = |class: &str| json["files"].as_array().unwrap().iter().filter(|f| f["class"] == class).count();
    assert_eq!(of("cn.resident-id"), 8, "every place is there");
    // People are counted once.
    let ids = json["classes"].as_array().unwrap().iter().find(|c| c["class"] == "cn.resident-id").unwrap();
    assert_eq!((&ids["files"], &ids["distinct"]), (&8.into(), &5.into()));
    let text = dir.run(&["discover", "data", "--out", "out", "--format", "html,csv"]).done();
    let text = text.says(&["Files of the same content (1) lie in 8 places", "one row"]);
    let html = fs::read_to_string(dir.at("out/discover.html")).unwrap();
    assert!(html.contains("The same content also in") && html.contains("and 2 more places"));
    let csv = fs::read_to_string(dir.at("out/discover.csv")).unwrap();
    assert_eq!(csv.matches(copies[0]["content"].as_str().unwrap()).count(), 16, "two classes in eight files");
    let shown = text.out + &html + &csv;
    assert!(secrets.iter().all(|s| !shown.contains(s.as_str())));
}
