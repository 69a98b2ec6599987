//! What people declare and answer: the bad is named, the good is kept, and paper is never called machine evidence.

use crate::bench::{Dir, files, host};
use serde_json::Value;
use std::fs;

const ROWS: [[&str; 3]; 6] = [
    ["host", "plant-7", "Pump house"],
    ["robot", "r2", ""],
    ["person", "司马青云", "foreman"],
    ["host", "", "nameless"],
    ["share", "/srv/share", "Drawings"],
    ["host", "plant-7", "again"],
];

fn imported(dir: &Dir, table: &str) {
    let ran = dir.run(&["scope", "import", table]).done();
    ran.says(&["3 entries"]).complains(&["row 3 ", "robot", "row 5 ", "row 7 ", "row 2"]);
    let shown = dir.json(&["scope", "show", "--format", "json"]);
    let entries = shown["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert!(entries.iter().any(|e| e["kind"] == "host" && e["id"] == "plant-7" && e["label"] == "Pump house"));
    let person = entries.iter().find(|e| e["kind"] == "person").unwrap();
    assert!(person["label"].as_str().unwrap_or_default().is_empty(), "{person}");
    for path in files(&dir.home()) {
        let bytes = fs::read(&path).unwrap();
        let name = "司马青云".as_bytes();
        assert!(!bytes.windows(name.len()).any(|w| w == name), "a person's name is in {}", path.display());
    }
}

#[test]
fn a_table_of_the_scope_is_taken_row_by_row() {
    let dir = Dir::new();
    let lines: Vec<String> = ROWS.iter().map(|r| r.join(",")).collect();
    dir.file("scope.csv", format!("kind,id,label\n{}\n", lines.join("\n")));
    imported(&dir, "scope.csv");
}

#[test]
fn a_workbook_of_the_scope_is_the_same_to_the_row() {
    let dir = Dir::new();
    let rows = [["kind", "id", "label"]].into_iter().chain(ROWS);
    dir.file("scope.xlsx", workbook(rows));
    imported(&dir, "scope.xlsx");
}

/// The parts that ECMA-376 asks of a workbook with one sheet, and nothing more.
fn workbook(rows: impl Iterator<Item = [&'static str; 3]>) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let link = |kind: &str, target: &str| {
        let one = format!("<Relationship Id=\"rId1\" Type=\"{office}/{kind}\" Target=\"{target}\"/>");
        format!("<Relationships xmlns=\"{package}/relationships\">{one}</Relationships>")
    };
    let mut sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>");
    for (n, row) in (1..).zip(rows) {
        let cells = ["A", "B", "C"]
            .iter()
            .zip(row)
            .filter(|(_, value)| !value.is_empty())
            .map(|(column, value)| format!("<c r=\"{column}{n}\" t=\"inlineStr\"><is><t>{value}</t></is></c>"));
        sheet += &format!("<row r=\"{n}\">{}</row>", cells.collect::<String>());
    }
    sheet += "</sheetData></worksheet>";
    let kind = |part: &str, of: &str| {
        let office = "application/vnd.openxmlformats-officedocument.spreadsheetml";
        format!("<Override PartName=\"/xl/{part}\" ContentType=\"{office}.{of}+xml\"/>")
    };
    let types = kind("workbook.xml", "sheet.main") + &kind("worksheets/sheet1.xml", "worksheet");
    let types = format!("<Types xmlns=\"{package}/content-types\">{types}</Types>");
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Scope\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    testing::plant::zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", link("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", link("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
    .unwrap()
}

#[test]
fn what_is_no_table_changes_nothing() {
    let dir = Dir::new();
    dir.run(&["scope", "add", "host", "plant-7"]).done();
    dir.file("noise.csv", [0xff, 0xfe, 0x00, 0x80]);
    dir.file("columns.csv", "a,b\n1,2\n");
    dir.file("empty.csv", "");
    dir.file("broken.xlsx", b"PK\x03\x04 no archive");
    for table in ["noise.csv", "columns.csv", "empty.csv", "broken.xlsx", "missing.csv", "."] {
        dir.run(&["scope", "import", table]).ends(2).complains(&["error: "]);
    }
    dir.run(&["scope", "add", "robot", "r2"]).ends(2).complains(&["robot", "host"]);
    dir.run(&["scope", "add", "host", " "]).ends(2);
    assert_eq!(dir.json(&["scope", "show", "--format", "json"])["entries"].as_array().unwrap().len(), 1);
    assert_eq!(dir.json(&["log", "show", "--format", "json"])["size"], 1);
}

#[test]
fn the_declared_scope_is_the_denominator() {
    let dir = Dir::new();
    host(&dir);
    dir.file("scope.csv", "kind,id\nhost,plant-7\nhost,plant-8\n");
    dir.run(&["scope", "import", "scope.csv"]).done();
    let report = dir.json(&["examine", "--root", "host", "--format", "json"]);
    let hosts = report["coverage"].as_array().unwrap().iter().find(|c| c["kind"] == "host").unwrap();
    assert_eq!((&hosts["examined"], &hosts["declared"]), (&Value::from(1), &Value::from(2)));
}

fn outcome(report: &Value, check: &str) -> (String, String) {
    let rows = report["checks"].as_array().unwrap();
    let row = rows.iter().find(|c| c["check"] == check).unwrap_or_else(|| panic!("no {check}"));
    let text = |k: &str| row[k].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("sure"))
}

#[test]
fn answers_stand_on_the_rung_that_they_earned() {
    let dir = Dir::new();
    dir.file("contracts.pdf", "signed and sealed");
    let answer = |check: &str, extra: &[&str]| {
        let base = ["answer", check, "--effective", "2026-06-01", "--approver", "Li Wei"];
        dir.run(&[&base, extra].concat())
    };
    answer("org-contracts", &["--document", "contracts.pdf"]).done().says(&["documented"]);
    answer("org-destruction", &[]).done().says(&["declared"]);
    answer("org-complaints", &["--not-fulfilled"]).done();
    let report = dir.json(&["examine", "--no-host", "--format", "json", "--quiet"]);
    assert_eq!(outcome(&report, "org-contracts"), ("pass".into(), "documented".into()));
    assert_eq!(outcome(&report, "org-destruction"), ("pass".into(), "declared".into()));
    assert_eq!(outcome(&report, "org-complaints").0, "fail");
    assert_eq!(outcome(&report, "org-contingency-plan").0, "cannot-tell", "nobody answered");
    assert_eq!(report["summary"]["passed_on_paper"], 2);
    let text = dir.run(&["examine", "--no-host", "--quiet"]).done();
    text.says(&["2 of them on paper only"]);
    // The document is named by its digest: SHA-256, as every tool computes it.
    let bundle = dir.json(&["log", "show", "--format", "json"]);
    let leaf = bundle["records"][0]["leaf"].as_str().unwrap().to_owned();
    let bundle = dir.json(&["log", "bundle", &leaf]);
    let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
    let statement = data_encoding::BASE64.decode(payload.as_bytes()).unwrap();
    let statement: Value = serde_json::from_slice(&statement).unwrap();
    let digest = evidence::Digest::of(b"signed and sealed");
    assert!(statement.to_string().contains(&digest.hex()), "{statement}");
    // Answered ones leave the list of open ones, and the newest answer counts.
    let listed = dir.run(&["answer"]).done();
    assert!(!listed.out.contains("org-contracts ") && listed.out.contains("org-contingency-plan"));
    answer("org-contracts", &["--not-fulfilled"]).done();
    let report = dir.json(&["examine", "--no-host", "--format", "json", "--quiet"]);
    assert_eq!(outcome(&report, "org-contracts").0, "fail");
}

#[test]
fn an_answer_that_is_too_old_or_too_early_does_not_count() {
    let dir = Dir::new();
    let answer = |date: &str| {
        dir.run(&["answer", "org-restore-test", "--effective", date, "--approver", "Li Wei"]).done();
        outcome(&dir.json(&["examine", "--no-host", "--format", "json", "--quiet"]), "org-restore-test").0
    };
    // A restore test holds for a time that the plan states; one of 1999 is past any, one of 2990 is not yet true.
    assert_ne!(answer("1999-01-01"), "pass");
    assert_ne!(answer("2990-01-01"), "pass");
    assert!(dir.run(&["answer"]).done().out.contains("org-restore-test"));
}

#[test]
fn an_incomplete_answer_is_not_kept() {
    let dir = Dir::new();
    let wrong: [(&[&str], &str); 8] = [
        (&["org-nothing"], "org-nothing"),
        (&["ssh-root-login", "--effective", "2026-06-01", "--approver", "x"], "ssh-root-login"),
        (&["org-contracts"], "--effective"),
        (&["org-contracts", "--effective", "2026-06-01"], "--approver"),
        (&["org-contracts", "--effective", "2026-06-01", "--approver", " "], "--approver"),
        (&["org-contracts", "--effective", "2026-02-30", "--approver", "x"], "2026-02-30"),
        (
            &["org-contracts", "--effective", "2026-06-01", "--approver", "x", "--document", "nowhere.pdf"],
            "nowhere.pdf",
        ),
        (&["org-contracts", "--effective", "2026-06-01", "--approver", "x", "--document", "."], "."),
    ];
    for (arguments, names) in wrong {
        dir.run(&[&["answer"], arguments].concat()).ends(2).complains(&["error: ", names]);
    }
    if dir.home().join("log.db").exists() {
        assert_eq!(dir.json(&["log", "show", "--format", "json"])["size"], 0);
    }
}
