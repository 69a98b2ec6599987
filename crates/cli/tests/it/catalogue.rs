//! `watchfire catalogue`: drawn up, reconciled, graded, filed, compared, exported; derived again by the audit; no value in
//! any of it.

use crate::bench::{Dir, Ran, files, text};
use crate::discover::staffed;
use serde_json::Value;
use std::fs;
use testing::plant::{self, Rng};

fn assets(catalogue: &Value) -> &Vec<Value> {
    catalogue["assets"].as_array().unwrap()
}

#[track_caller]
fn at<'c>(catalogue: &'c Value, ending: &str) -> &'c Value {
    let of = |a: &&Value| a["carrier"]["path"].as_str().unwrap().ends_with(ending);
    assets(catalogue).iter().find(of).unwrap_or_else(|| panic!("no {ending} in {catalogue}"))
}

fn build(dir: &Dir) -> Value {
    dir.json(&["catalogue", "build", "--format", "json"])
}

fn holds(dir: &Dir) {
    let audit = dir.json(&["audit", "--format", "json"]);
    assert_eq!((&audit["holds"], &audit["derived"]), (&Value::Bool(true), &audit["judgements"]), "{audit}");
}

/// The plant's own list: two folders that are there, one that is empty, one elsewhere, and three bad rows.
fn list(dir: &Dir) -> String {
    let data = text(&dir.at("data")).to_owned();
    dir.file("data/empty/readme.txt", "nothing");
    let rows = format!(
        "企业数据目录,,,,\n名称,级别,载体,规模,责任人,备注\n员工名册,重要数据,{data}/hr,12 万条,王芳,x\n\
         图纸,绝密,{data}/cad,,,\n,一般,,,,\n空目录,重要,{data}/empty,,,\n名册,重要,{data}/hr/,,,\n纸质档案,核心,档案室,,李雷,\n"
    );
    text(&dir.file("list.csv", rows)).to_owned()
}

#[test]
fn found_and_listed_are_reconciled_and_every_catalogue_is_derived_again() {
    let dir = Dir::new();
    staffed(&dir, 20);
    dir.run(&["catalogue", "show"]).ends(2).complains(&["There is no log"]);
    dir.run(&["discover", "data", "--quiet"]).done();
    dir.run(&["catalogue", "show"]).ends(2).complains(&["No catalogue", "catalogue build"]);
    let first = build(&dir);
    assert_eq!(first["format"], "watchfire-catalogue-v1");
    assert_eq!(assets(&first).len(), 2, "two folders with findings");
    let hr = at(&first, "/hr");
    assert_eq!(
        (&hr["standing"], &hr["level"]["basis"], &hr["size"]["files"]),
        (&"found".into(), &"found".into(), &1.into())
    );
    assert_eq!(hr["people"]["least"], 20);
    assert_eq!(at(&first, "/sales")["people"], serde_json::json!({"least": 1, "most": 1}));
    assert_eq!(at(&first, "/sales")["gaps"][0]["reason"], "corrupt");

    let table = list(&dir);
    let tried = dir.run(&["catalogue", "import", &table, "--dry-run", "--format", "json"]).done().json();
    assert_eq!((&tried["kept"], &tried["mapping"]["heading_row"]), (&Value::Bool(false), &2.into()));
    let bad: Vec<(u64, &str)> = tried["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| (b["row"].as_u64().unwrap(), b["say"]["key"].as_str().unwrap()))
        .collect();
    assert_eq!(bad, [(4, "row.unknown-level"), (5, "row.missing-name-or-carrier"), (7, "row.duplicate")]);
    let before = dir.json(&["log", "show", "--format", "json"])["size"].clone();
    dir.run(&["catalogue", "import", &table])
        .done()
        .says(&["column 1", "not used: column 6", "3 assets taken, 3 rows left out"])
        .complains(&["row 4 was left out", "绝密"]);
    assert_ne!(dir.json(&["log", "show", "--format", "json"])["size"], before);

    let second = build(&dir);
    let standing = |p: &str| at(&second, p)["standing"].as_str().unwrap().to_owned();
    assert_eq!(
        [standing("/hr"), standing("/sales"), standing("/empty"), standing("档案室")],
        ["both", "found", "missing", "not-examined"]
    );
    let hr = at(&second, "/hr");
    assert_eq!((&hr["level"]["level"], &hr["level"]["basis"]), (&"important".into(), &"listed".into()));
    assert_eq!(hr["listed"]["texts"]["responsible"], "王芳");
    assert_eq!(hr["since"], at(&first, "/hr")["since"]);
    assert_eq!(second["previous"], first["leaf"]);
    assert_eq!(at(&second, "档案室")["level"]["level"], "core");
    holds(&dir);
    // Another day's run without the folder: what is listed is now missing, and since is carried by the chain.
    fs::remove_dir_all(dir.at("data/hr")).unwrap();
    dir.run(&["discover", "data", "--quiet"]).done();
    let third = build(&dir);
    assert_eq!(at(&third, "/hr")["standing"], "missing");
    assert_eq!(at(&third, "/sales")["since"], at(&first, "/sales")["since"]);
    holds(&dir);
    let shown = dir.run(&["catalogue", "show", "--lang", "zh"]).done();
    shown.says(&["已列入，未发现", "核心数据", "数据目录"]);
    dir.run(&["catalogue", "show", at(&third, "/sales")["short"].as_str().unwrap()])
        .done()
        .says(&["mobile phone number", "not declared"]);
}

#[test]
fn a_person_decides_the_name_is_shown_as_typed_and_the_next_build_keeps_it() {
    let dir = Dir::new();
    staffed(&dir, 5);
    dir.run(&["discover", "data", "--quiet"]).done();
    let first = build(&dir);
    let id = at(&first, "/hr")["short"].as_str().unwrap();
    dir.file("decision.pdf", "signed and sealed");
    let confirm = |extra: &[&str]| dir.run(&[&["catalogue", "confirm", id, "--by", "王芳"], extra].concat());
    let said = confirm(&["--level", "core", "--document", "decision.pdf"]).done();
    said.says(&["Core", "王芳", "name as typed"]);
    let second = build(&dir);
    let level = &at(&second, "/hr")["level"];
    assert_eq!(
        (&level["level"], &level["basis"], &level["proposed"]),
        (&"core".into(), &"confirmed".into(), &Value::Bool(false))
    );
    assert_eq!((&level["by"]["by"], level["by"]["document"]["name"].as_str()), (&"王芳".into(), Some("decision.pdf")));
    assert_ne!(level["by"]["account"], "王芳", "the account is not the typed name");
    dir.run(&["catalogue", "show", id]).done().says(&["confirmed by a person", "王芳 (name as typed; recorded by"]);
    // A later run keeps it; the newest decision counts; the matrix gives a level.
    dir.run(&["discover", "data", "--quiet"]).done();
    assert_eq!(at(&build(&dir), "/hr")["level"]["basis"], "confirmed");
    confirm(&["--object", "economic-operation", "--harm", "serious"]).done().says(&["Important", "No document"]);
    let path = at(&first, "/hr")["carrier"]["path"].as_str().unwrap();
    dir.run(&["catalogue", "reject", path, "--by", "Li Wei"]).done().says(&["rejected", "General"]);
    let rejected = build(&dir);
    let level = &at(&rejected, "/hr")["level"];
    assert_eq!((&level["level"], &level["basis"]), (&"general".into(), &"rejected".into()));
    holds(&dir);
    let wrong: [(&[&str], &str); 8] = [
        (&[], "a level is needed"),
        (&["--level", "secret"], "secret"),
        (&["--object", "economic-operation"], "stand together"),
        (&["--object", "economic-operation", "--harm", "none"], "economic-operation × none"),
        (&["--object", "economic-operation", "--harm", "serious", "--level", "core"], "not what the matrix gives"),
        (&["--level", "core", "--document", "nowhere.pdf"], "nowhere.pdf"),
        (&["--level", "core", "--document", "."], "."),
        (&["--level", "core", "--by", " "], "twice"),
    ];
    for (extra, names) in wrong {
        let ran = confirm(extra).ends(2);
        assert!(ran.err.contains(names) || names == "twice", "{extra:?}: {}", ran.err);
    }
    dir.run(&["catalogue", "confirm", id, "--level", "core", "--by", " "]).ends(2).complains(&["empty"]);
    dir.run(&["catalogue", "confirm", "ffffffff", "--level", "core", "--by", "x"]).ends(2).complains(&["no asset"]);
}

/// People in one folder, listed as important: so many.
fn people(dir: &Dir, count: usize) {
    let mut rng = Rng::new(9);
    let rows: String = (0..count).map(|_| format!("身份证号：{}\n", plant::resident_id(&mut rng))).collect();
    dir.file("data/hr/staff.txt", rows);
    dir.run(&["discover", "data", "--quiet"]).done();
}

#[test]
fn twenty_nine_per_cent_is_no_duty_and_thirty_one_is() {
    let dir = Dir::new();
    people(&dir, 100);
    let carrier = text(&dir.at("data/hr")).to_owned();
    dir.file("list.csv", format!("name,level,carrier,responsible person\nstaff,important,{carrier},Wang\n"));
    dir.run(&["catalogue", "import", "list.csv"]).done();
    let filed = build(&dir);
    dir.run(&["catalogue", "diff"]).ends(2).complains(&["no catalogue before"]);
    dir.file("receipt.pdf", "received");
    dir.run(&["catalogue", "file", "--date", "2990-01-01", "--receipt-document", "receipt.pdf"])
        .ends(2)
        .complains(&["ahead"]);
    dir.run(&["catalogue", "file", "--date", "soon", "--receipt-document", "receipt.pdf"]).ends(2).complains(&["soon"]);
    dir.run(&["catalogue", "file", "--date", "2026-01-05", "--receipt-document", "receipt.pdf"])
        .done()
        .says(&["2026-01-05"]);
    let drift = |extra: &[&str]| dir.run(&[&["catalogue", "diff"], extra].concat());
    people(&dir, 129);
    build(&dir);
    let small = drift(&["--format", "json", "--fail-on", "possible"]).done().json();
    let records = &small["kinds"][0]["records"];
    assert_eq!(
        (&records["percent_least"], &records["percent_most"], &small["verdict"]),
        (&29.into(), &29.into(), &"no".into())
    );
    assert_eq!((small.get("due"), &small["change_percent"]), (None, &30.into()));
    drift(&[]).done().says(&["No kind changed by 30 % or more", "filed on 2026-01-05", "100 → 129"]);
    people(&dir, 131);
    let third = build(&dir);
    let large = drift(&["--format", "json", "--fail-on", "due"]).ends(1).json();
    assert_eq!((&large["kinds"][0]["records"]["percent_least"], &large["verdict"]), (&31.into(), &"certain".into()));
    assert_eq!((&large["due"]["duty"], &large["due"]["clock"]), (&"catalogue-change".into(), &"change-filing".into()));
    assert_eq!(large["before"]["leaf"], filed["leaf"], "the filed one is the baseline, not the one before");
    drift(&[]).done().says(&["must be filed", "31 %"]);
    drift(&["--lang", "zh"]).done().says(&["须备案的变更", "31%"]);
    // Two named catalogues; and any other filed item is a change too.
    let named =
        drift(&[&filed["leaf"].as_str().unwrap()[7..15], &third["leaf"].as_str().unwrap()[7..15], "--format", "json"])
            .done()
            .json();
    assert_eq!(named["verdict"], "certain");
    drift(&["abcd", "ef01"]).ends(2).complains(&["no catalogue ef01"]);
    people(&dir, 100);
    dir.file("list.csv", format!("name,level,carrier,responsible person\nstaff,important,{carrier},Zhao\n"));
    dir.run(&["catalogue", "import", "list.csv"]).done();
    build(&dir);
    let text = drift(&["--format", "json", "--fail-on", "due"]).ends(1).json();
    assert_eq!((&text["verdict"], &text["items"][0]["fields"][0]["field"]), (&"no".into(), &"responsible".into()));
    holds(&dir);
}

/// Signs and appends the newest catalogue, changed: whoever holds the keys can sign anything. He cannot make it follow.
fn doctored(dir: &Dir, change: impl FnOnce(&mut evidence::Catalogue)) {
    let store = store::Store::open_with(&dir.home(), store::Options::default()).unwrap();
    let newest = store.records(&[evidence::RecordKind::Catalogue]).unwrap().pop().unwrap();
    let evidence::Record::Catalogue(mut catalogue) = newest.record.into_value() else { panic!("no catalogue") };
    change(&mut catalogue);
    store.record(&evidence::Record::Catalogue(catalogue), None, Vec::new()).unwrap();
}

#[test]
fn a_doctored_catalogue_is_named_by_the_audit() {
    let doctor = |change: fn(&mut evidence::Catalogue), field: &str| {
        let dir = Dir::new();
        staffed(&dir, 3);
        dir.run(&["discover", "data", "--quiet"]).done();
        build(&dir);
        holds(&dir);
        doctored(&dir, change);
        let ran = dir.run(&["audit"]).ends(1);
        ran.says(&[&format!("does not follow from its records: {field}")]);
    };
    doctor(|c| c.assets.clear(), "assets");
    doctor(|c| c.assets[0].people = evidence::Span::exact(0), "assets");
    doctor(|c| c.assets[0].level.level = "core".into(), "assets");
    doctor(|c| c.doubts.clear(), "doubts");
    doctor(|c| c.skipped = 4, "doubts");
    doctor(|c| c.cites.push(c.cites[0]), "cites");
}

#[test]
fn the_form_is_written_four_ways_and_comes_back_in() {
    let dir = Dir::new();
    staffed(&dir, 12);
    dir.run(&["discover", "data", "--quiet"]).done();
    let table = list(&dir);
    dir.run(&["catalogue", "import", &table]).done();
    let first = build(&dir);
    for lang in ["en", "zh"] {
        let out = format!("out-{lang}");
        dir.run(&["catalogue", "export", "--lang", lang, "--format", "csv,xlsx,html,json", "--out", &out]).done();
        for name in ["catalogue.csv", "catalogue.xlsx"] {
            let exported = text(&dir.at(&format!("{out}/{name}"))).to_owned();
            let read = dir.json(&["catalogue", "import", &exported, "--dry-run", "--format", "json"]);
            assert_eq!(read["left_out"], serde_json::json!([]), "{name} {lang}");
            let back = read["assets"].as_array().unwrap();
            assert_eq!(back.len(), assets(&first).len(), "{name} {lang}");
            let hr = back.iter().find(|a| a["name"] == "员工名册").unwrap();
            assert_eq!((&hr["level"], &hr["records"]), (&"important".into(), &120_000.into()), "{name} {lang}");
            assert_eq!(
                (&hr["carrier"]["path"], &hr["texts"]["responsible"]),
                (&at(&first, "/hr")["carrier"]["path"], &"王芳".into())
            );
        }
        let html = fs::read_to_string(dir.at(&format!("{out}/catalogue.html"))).unwrap();
        assert!(html.contains("员工名册") && !html.contains("<script") && !html.contains("http:"));
    }
    let json: Value = serde_json::from_slice(&fs::read(dir.at("out-en/catalogue.json")).unwrap()).unwrap();
    assert_eq!(json["leaf"], first["leaf"]);
    // Two exports of one catalogue are the same bytes, the workbook too.
    dir.run(&["catalogue", "export", "--format", "xlsx", "--out", "again"]).done();
    assert!(fs::read(dir.at("again/catalogue.xlsx")).unwrap() == fs::read(dir.at("out-en/catalogue.xlsx")).unwrap());
    // Only what is filed.
    let csv = dir.run(&["catalogue", "export", "--format", "csv", "--from", "important"]).done().out;
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let fails = |extra: &[&str]| -> Ran { dir.run(&[&["catalogue", "export"], extra].concat()).ends(2) };
    fails(&["--format", "xlsx"]).complains(&["--out"]);
    fails(&["--format", "csv,json"]).complains(&["--out"]);
    fails(&["--format", "csv", "--from", "secret"]).complains(&["secret"]);
    fails(&["--format", "csv", "--of", "00000000"]).complains(&["no catalogue"]);
}

#[test]
fn transfers_read_the_catalogue_and_where_things_stand_is_what_was_declared() {
    let dir = Dir::new();
    staffed(&dir, 30);
    let hr = text(&dir.at("data/hr")).to_owned();
    dir.run(&["scope", "add", "share", &hr, "staff", "--site", "苏州一厂", "--country", "cn"]).done();
    dir.run(&["scope", "add", "share", "/x", "--country", "Germany"]).ends(2).complains(&["Germany"]);
    dir.run(&["discover", "data", "--quiet"]).done();
    let catalogue = build(&dir);
    assert_eq!((&at(&catalogue, "/hr")["site"], &at(&catalogue, "/hr")["country"]), (&"苏州一厂".into(), &"CN".into()));
    assert_eq!(at(&catalogue, "/sales").get("country"), None);
    let shown = dir.json(&["catalogue", "show", "--transfers", "--format", "json"]);
    assert_eq!(shown["transfers"]["by_country"]["CN"]["people"]["least"], 30);
    assert_eq!(shown["transfers"]["needs_at_least"]["rule"], "personal-small");
    dir.run(&["catalogue", "show", "--transfers"]).done().says(&["CN", "not declared", "It would need"]);
    dir.run(&["catalogue", "show", "--transfers", "--lang", "zh"]).done().says(&["未申报", "所需手续"]);
}

#[test]
fn a_table_that_is_no_catalogue_changes_nothing() {
    let dir = Dir::new();
    staffed(&dir, 2);
    dir.run(&["discover", "data", "--quiet"]).done();
    let size = || dir.json(&["log", "show", "--format", "json"])["size"].clone();
    let before = size();
    dir.file("noise.csv", [0xff, 0xfe, 0x00, 0x80]);
    dir.file("other.csv", "a,b\n1,2\n");
    dir.file("empty.csv", "");
    dir.file("broken.xlsx", b"PK\x03\x04 no archive");
    dir.file("bad.csv", "name,level\nx,secret\n,general\n");
    dir.file("password.csv", "name,carrier\nmes,postgres://u:S3cretWord@db/x\n");
    for table in ["noise.csv", "other.csv", "empty.csv", "broken.xlsx", "missing.csv", ".", "bad.csv", "password.csv"] {
        let ran = dir.run(&["catalogue", "import", table]).ends(2).complains(&["error: "]);
        assert!(!ran.err.contains("S3cretWord"), "{}", ran.err);
    }
    dir.run(&["catalogue", "import", "other.csv", "--map", "colour=a"]).ends(2).complains(&["colour", "known"]);
    dir.run(&["catalogue", "import", "other.csv", "--map", "name"]).ends(2).complains(&["name"]);
    dir.run(&["catalogue", "import", "other.csv", "--map", "name=Q"]).ends(2).complains(&["Q"]);
    assert_eq!(size(), before);
    dir.run(&["catalogue", "import", "other.csv", "--map", "name=a", "--map", "carrier=2"]).done();
    assert_ne!(size(), before);
}

#[test]
fn no_value_and_no_mask_is_in_any_form_of_the_catalogue() {
    let dir = Dir::new();
    let secrets = staffed(&dir, 8);
    dir.run(&["discover", "data", "--quiet"]).done();
    let discovered = dir.json(&["discover", "data", "--format", "json", "--quiet"]);
    let masks: Vec<String> = discovered["files"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|f| f["samples"].as_array().unwrap())
        .map(|s| s["mask"].as_str().unwrap().to_owned())
        .collect();
    assert!(masks.len() > 8);
    let table = list(&dir);
    dir.run(&["catalogue", "import", &table]).done();
    let json = build(&dir);
    let id = at(&json, "/hr")["short"].as_str().unwrap().to_owned();
    let mut said = json.to_string();
    let verbs: [&[&str]; 7] = [
        &["catalogue", "show"],
        &["catalogue", "show", &id],
        &["catalogue", "show", &id, "--format", "json"],
        &["catalogue", "show", "--transfers"],
        &["catalogue", "export", "--format", "csv", "--lang", "zh"],
        &["catalogue", "export", "--format", "csv,xlsx,html,json", "--out", "out"],
        &["catalogue", "confirm", &id, "--level", "important", "--by", "x"],
    ];
    for verb in verbs {
        let ran = dir.run(verb).done();
        said += &ran.out;
        said += &ran.err;
    }
    build(&dir);
    said += &dir.run(&["catalogue", "diff"]).done().out;
    let mut outputs = vec![("the screen".to_owned(), said.into_bytes())];
    outputs.extend(files(&dir.at("out")).into_iter().map(|p| (text(&p).to_owned(), fs::read(&p).unwrap())));
    outputs.extend(files(&dir.home()).into_iter().map(|p| (text(&p).to_owned(), fs::read(&p).unwrap())));
    for (name, bytes) in &outputs {
        let of_log = name.contains("/home/");
        let kept: &[String] = if of_log { &[] } else { &masks };
        for secret in secrets.iter().chain(kept) {
            let leak = bytes.windows(secret.len()).position(|w| w == secret.as_bytes());
            assert_eq!(leak, None, "a value or mask of {} bytes is in {name}", secret.len());
        }
    }
    // The workbook is packed: its parts are looked through too.
    let book = fs::read(dir.at("out/catalogue.xlsx")).unwrap();
    for secret in secrets.iter().chain(&masks) {
        assert!(!unpacked(&book).contains(secret.as_str()));
    }
    assert!(unpacked(&book).contains("员工名册"));
}

/// All text of a workbook.
fn unpacked(book: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut out = String::new();
    for n in 0..archive.len() {
        std::io::Read::read_to_string(&mut archive.by_index(n).unwrap(), &mut out).unwrap();
    }
    out
}
