//! The registry from a table to a selection: a second program computes it too; bad rows are named; what was tampered with
//! is noticed.

use crate::bench::{Dir, files};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// Ranking and cut once more, in another language and by other means: fractions, dictionaries, no sorting by keys.
const ORACLE: &str = r#"
import csv, json, sys
from collections import defaultdict
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
out = {}
for name, group in (("top-tenth", lambda r: (r["area"][:2], r["industry"][1:3])), ("top-tenth-press", lambda r: r["area"][:2])):
    groups = defaultdict(list)
    for r in rows:
        if int(r["revenue"]) >= 20_000_000 and r["industry"][0] in "BCD":
            groups[group(r)].append(r)
    chosen = set()
    for members in groups.values():
        places = -(-len(members) // 10)
        for r in members:
            # In if fewer than `places` of the group are strictly larger: ties with the last one are in by themselves.
            larger = sum(1 for o in members if int(o["revenue"]) > int(r["revenue"]))
            if larger < places:
                chosen.add(r["uscc"])
    out[name] = {"groups": len(groups), "chosen": sorted(chosen)}
print(json.dumps(out))
"#;

fn list(dir: &Dir, more: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page =
            dir.json(&[&["registry", "list", "--limit", "700", "--format", "json", "--after", &after], more].concat());
        let codes = page["rows"].as_array().unwrap().iter().map(|r| r["uscc"].as_str().unwrap().to_owned());
        all.extend(codes);
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return all,
        }
    }
}

#[test]
fn a_second_program_selects_the_same_of_five_thousand() {
    let dir = Dir::new();
    let table = dir.file("enterprises.csv", testing::registry::csv(7, 5_000));
    let oracle = dir.file("oracle.py", ORACLE);
    let Ok(told) = Command::new("python3").arg(&oracle).arg(&table).output() else {
        println!("SKIPPED: no python3");
        return;
    };
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    dir.run(&["registry", "import", "enterprises.csv", "--year", "2025"]).done().says(&["5000 enterprises"]);
    let selected = dir.json(&["registry", "select", "--format", "json"]);
    for reading in selected["judgement"]["readings"].as_array().unwrap() {
        let rule = reading["rule"].as_str().unwrap();
        let want: Vec<&str> = told[rule]["chosen"].as_array().unwrap().iter().map(|u| u.as_str().unwrap()).collect();
        assert_eq!(reading["groups"].as_array().unwrap().len() as u64, told[rule]["groups"].as_u64().unwrap());
        assert_eq!(reading["sums"]["selected"].as_u64().unwrap(), want.len() as u64);
        assert!(want.len() > 450, "{rule}: a tenth of 5,000 and a little");
        assert_eq!(list(&dir, &["--selected", "--reading", rule]), want, "{rule}: pages");
        let out = dir.run(&["registry", "export", "--selected", "--reading", rule, "--format", "json"]).done().out;
        let exported: Vec<String> = out
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap()["uscc"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(exported, want, "{rule}: export");
    }
    // The read tables are a cache: without them everything comes out the same.
    let before = (list(&dir, &["--area", "4403"]), list(&dir, &["--industry", "C34", "--selected"]));
    fs::remove_dir_all(dir.home().join("memory")).unwrap();
    assert_eq!((list(&dir, &["--area", "4403"]), list(&dir, &["--industry", "C34", "--selected"])), before);
    assert!(!before.0.is_empty() && !before.1.is_empty());
    dir.run(&["audit"]).done();
}

fn table(dir: &Dir) -> Vec<String> {
    let code = |n| testing::registry::uscc(440_300, n);
    let mut text = "统一社会信用代码,企业名称,行政区划代码,行业代码,营业收入（万元）\n".to_owned();
    let codes: Vec<String> = (0..12).map(code).collect();
    for (n, code) in codes.iter().enumerate() {
        text += &format!("{code},=青山{n}厂,440300,C3451,{}\n", 9_000 - n * 100);
    }
    text += &format!("{},坏厂,440300,C3451,100\n", code(40).replace("440300", "440301"));
    text += &format!("{},又一厂,440300,C3451,100\n{},无此地,710000,C3451,100\n", code(0), code(41));
    text += &format!("{},无此业,44,C99,100\n{},负数厂,44,C34,-1\n", code(42), code(43));
    dir.file("t.csv", text);
    codes
}

#[test]
fn bad_rows_go_into_a_file_and_the_good_ones_are_kept_in_both_languages() {
    let dir = Dir::new();
    let codes = table(&dir);
    for (lang, want) in [("en", "is no unified social credit code"), ("zh", "不是有效的统一社会信用代码")]
    {
        let ran =
            dir.run(&["--lang", lang, "registry", "import", "t.csv", "--year", "2025", "--errors", "bad.csv"]).done();
        ran.says(&["12", "5"]);
        let bad = fs::read_to_string(dir.at("bad.csv")).unwrap();
        let keys: Vec<&str> = bad.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
        let all = ["row.bad-uscc", "row.duplicate", "row.unknown-area", "row.unknown-industry", "row.negative"];
        assert_eq!(keys, all, "{bad}");
        let rows: Vec<&str> = bad.lines().skip(1).map(|l| l.split(',').next().unwrap()).collect();
        assert_eq!(rows, ["14", "15", "16", "17", "18"]);
        assert!(bad.contains(want), "{bad}");
    }
    // What was written can be brought in again, from CSV and from a workbook; a name is no formula.
    dir.run(&["registry", "select"]).done().says(&["2 selected"]);
    let csv = dir.run(&["registry", "export"]).done().out;
    assert!(csv.contains("'=青山0厂"), "{csv}");
    for name in ["out.xlsx", "out.csv"] {
        let form = name.rsplit('.').next().unwrap();
        dir.run(&["--lang", "zh", "registry", "export", "--selected", "--format", form, "--out", name]).done();
        dir.run(&["registry", "import", name, "--year", "2024"]).done().says(&["2 enterprises taken, 0 rows"]);
        let rows = dir.json(&["registry", "list", "--year", "2024", "--format", "json"]);
        assert_eq!(rows["rows"][1]["uscc"], codes[1].as_str());
        assert_eq!(rows["rows"][1]["revenue"], 89_000_000);
    }
    for (lang, want) in [("en", "of the top share"), ("zh", "居本组前列")] {
        dir.run(&["--lang", lang, "registry", "explain", &codes[1], "--year", "2025"])
            .done()
            .says(&[want, &codes[0], &codes[2]]);
        let help = dir.run(&["--lang", lang, "registry", "adjust", "--help"]).done();
        assert_eq!(crate::speech::raw(&help.out), None);
    }
}

#[test]
fn a_persons_word_needs_a_reason_and_can_be_taken_back() {
    let dir = Dir::new();
    let codes = table(&dir);
    dir.run(&["registry", "list"]).ends(2);
    dir.run(&["registry", "import", "t.csv", "--year", "2025"]).done();
    dir.run(&["registry", "list", "--selected"]).ends(2).complains(&["select"]);
    let picked = |want: &[&String]| {
        dir.run(&["registry", "select"]).done();
        assert_eq!(list(&dir, &["--selected"]).iter().collect::<Vec<_>>(), want);
    };
    picked(&[&codes[0], &codes[1]]);
    dir.run(&["registry", "adjust", &codes[5], "--add", "--reason", " "]).ends(2);
    dir.run(&["registry", "adjust", &codes[5], "--withdraw", "--reason", "x"]).ends(2);
    dir.run(&["registry", "adjust", "91440300000000099X", "--add", "--reason", "x"]).ends(2);
    dir.run(&["registry", "adjust", &codes[5], "--add", "--remove", "--reason", "x"]).ends(2);
    dir.run(&["registry", "adjust", &codes[5], "--add", "--reason", "重要数据"]).done();
    dir.run(&["registry", "adjust", &codes[0], "--remove", "--reason", "missing"]).done();
    dir.run(&["registry", "explain", &codes[0]]).done().says(&["removed by a person", ": missing"]);
    picked(&[&codes[1], &codes[5]]);
    dir.run(&["registry", "adjust", &codes[0], "--withdraw", "--reason", "wrong"]).done();
    picked(&[&codes[0], &codes[1], &codes[5]]);
    dir.run(&["audit"]).done().says(&["3 judgements"]);
}

#[test]
fn rows_that_were_changed_or_are_gone_are_noticed() {
    let dir = Dir::new();
    table(&dir);
    dir.run(&["registry", "import", "t.csv", "--year", "2025"]).done();
    dir.run(&["registry", "select"]).done();
    dir.run(&["audit"]).done();
    let db = || rusqlite::Connection::open(dir.home().join("log.db")).unwrap();
    let record = dir.json(&["registry", "list", "--format", "json", "--limit", "1"])["record"].clone();
    let leaf = record.as_str().unwrap().to_owned();
    // The rows are the artifact that begins like zlib.
    let like = "hex(substr(bytes, 1, 1)) = '78'";
    assert_eq!(db().execute(&format!("UPDATE artifacts SET bytes = bytes || x'00' WHERE {like}"), []).unwrap(), 1);
    dir.run(&["audit"]).ends(1).says(&[&leaf]);
    dir.run(&["registry", "export", "--selected"]).ends(2);
    dir.run(&["registry", "select"]).ends(2);
    assert_eq!(db().execute(&format!("DELETE FROM artifacts WHERE {like}"), []).unwrap(), 1);
    dir.run(&["audit"]).ends(1).says(&[&leaf, "which the log does not hold"]);
}

#[test]
fn a_refused_or_hostile_table_leaves_nothing() {
    let dir = Dir::new();
    dir.run(&["key", "show"]);
    table(&dir);
    dir.run(&["registry", "import", "t.csv", "--year", "2025"]).done();
    let before = dir.run(&["log", "show"]).done().out;
    dir.file("p.parquet", "PAR1xxxxPAR1");
    dir.file("bin.csv", [0xff, 0xfe, 0, 1]);
    dir.file("zip.xlsx", b"PK\x03\x04 no zip");
    dir.file("none.csv", "统一社会信用代码,企业名称,行政区划代码,行业代码,营业收入\nX,a,44,C34,1\n");
    dir.file("deep.csv", "a,b\n1,2\n");
    for name in ["p.parquet", "bin.csv", "zip.xlsx", "none.csv", "deep.csv", "missing.csv"] {
        let ran = dir.run(&["registry", "import", name, "--year", "2025"]).ends(2);
        assert_eq!(crate::speech::raw(&ran.err), None);
    }
    dir.run(&["registry", "import", "t.csv", "--year", "12"]).ends(2);
    dir.run(&["registry", "import", "t.csv", "--year", "2025", "--map", "uscc"]).ends(2);
    dir.run(&["registry", "import", "t.csv", "--year", "2025", "--errors", "/no/such/folder/x.csv"]).ends(2);
    assert_eq!(dir.run(&["log", "show"]).done().out, before);
    assert!(files(&dir.home()).iter().all(|f| f.extension().is_none_or(|x| x != "part")));
}

/// pyarrow wrote the one table, plain Python the other (`crates/discover/tests/data/parquet/make.py`).
#[test]
fn a_parquet_table_gives_the_same_registry_as_the_csv_table_of_the_same_rows() {
    let data =
        |name: &str| fs::read(format!("{}/../discover/tests/data/parquet/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let dir = Dir::new();
    let mut roots = Vec::new();
    for name in ["enterprises.csv", "enterprises.parquet"] {
        dir.file(name, data(name));
        let told = dir.json(&["registry", "import", name, "--year", "2025", "--format", "json"]);
        assert_eq!(told["registry"]["rows"]["count"], 60, "{name}");
        assert_eq!(told["registry"]["derived"], 0, "{name}: the column of booleans was read");
        roots.push(told["registry"]["rows"]["root"].clone());
    }
    assert_eq!(roots[0], roots[1]);
    let told = dir.run(&["registry", "import", "enterprises.parquet", "--year", "2024"]).done();
    assert!(told.err.contains("标签"), "a column of lists is named as not read: {}", told.err);
    // Every place broken once: an answer in words, and nothing signed that was not read.
    let whole = data("enterprises.parquet");
    for at in (4..whole.len()).step_by(whole.len() / 40) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        dir.file("broken.parquet", broken);
        let run = dir.run(&["registry", "import", "broken.parquet", "--year", "2023"]);
        assert!(matches!(run.code(), 0 | 2), "{at}: {}", run.err);
        assert!(!run.err.contains("panicked"), "{at}: {}", run.err);
    }
}
