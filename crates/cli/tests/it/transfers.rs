//! The register of what leaves the country, from the first table to a judgement that `audit` derives again.

use crate::bench::Dir;
use serde_json::Value;
use std::io::Write as _;

/// Made by hand, as people do: a title above the heading, merged thoughts, bad rows between good ones.
const TABLE: &str = concat!(
    "\u{feff}2026年数据出境台账,,,,,,,\n",
    "业务系统,境外接收方,国家或地区,出境目的,个人信息人数,敏感个人信息人数,接收地址,备注\n",
    "HR,总部,德国,人事管理,12万,0,hr.example.com,甲\n",
    "HR,,DE,人事管理,1,0,,\n",
    "CRM,伙伴,US,售后支持,很多,0,,\n",
    "CRM,伙伴,US,售后支持,500,0,,\n",
);

fn flows(list: &Value) -> Vec<(String, String, String)> {
    let of = |f: &Value| {
        let flow = &list["flows"][f["flow"].as_str().unwrap()];
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        (text(&flow["recipient"]), text(&f["state"]), text(&f["at_most"]["needs"]))
    };
    let mut out: Vec<_> = list["judgement"]["flows"].as_array().unwrap().iter().map(of).collect();
    out.sort();
    out
}

/// A workbook with one sheet of texts, as Excel writes them.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let mut data = String::new();
    for (n, cells) in rows.iter().enumerate() {
        data.push_str(&format!("<row r=\"{}\">", n + 1));
        for (column, text) in ('A'..).zip(*cells) {
            data.push_str(&format!("<c r=\"{column}{}\" t=\"inlineStr\"><is><t>{text}</t></is></c>", n + 1));
        }
        data.push_str("</row>");
    }
    let members = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{rel}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{rel}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{rel}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>")),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_hand_made_table_comes_in_with_its_bad_rows_named_and_goes_out_and_in_again() {
    let dir = Dir::new();
    dir.file("flows.csv", TABLE);
    let ran = dir.run(&["--lang", "zh", "transfer", "import", "flows.csv"]).done();
    ran.says(&["已导入流向 2 条；未导入 2 行"]).complains(&["境外接收方 为空", "很多", "备注"]);
    let list = dir.json(&["transfer", "list", "--format", "json"]);
    let contract = "contract-or-certification".to_owned();
    // The people of one may be among the other's: at least 120,000, at most 120,500 - a contract either way.
    let want = [
        ("伙伴".to_owned(), "missing".to_owned(), contract.clone()),
        ("总部".to_owned(), "missing".to_owned(), contract),
    ];
    assert_eq!(flows(&list), want);
    assert_eq!(list["judgement"]["exporters"][0]["personal"], serde_json::json!({"least": 120_000, "most": 120_500}));

    // What was written comes back, in both languages and both forms, and changes nothing.
    for (lang, form) in [("en", "csv"), ("zh", "csv"), ("en", "xlsx"), ("zh", "xlsx")] {
        let name = format!("{lang}.{form}");
        dir.run(&["--lang", lang, "transfer", "export", &name, "--format", form]).done();
        let other = Dir::new();
        std::fs::copy(dir.at(&name), other.at(&name)).unwrap();
        let got = other.json(&["transfer", "import", &name, "--format", "json"]);
        assert_eq!((&got["left_out"], &got["unused"]), (&serde_json::json!([]), &serde_json::json!([])), "{name}");
        let again = other.json(&["transfer", "list", "--format", "json"]);
        assert_eq!((&again["flows"], flows(&again)), (&list["flows"], flows(&list)), "{name}");
        assert_eq!(again["judgement"]["exporters"], list["judgement"]["exporters"], "{name}");
    }
}

#[test]
fn a_workbook_names_its_bad_rows_too() {
    let dir = Dir::new();
    let rows: [&[&str]; 4] = [
        &["System", "Recipient", "Country", "Purpose", "Personal", "Sensitive"],
        &["HR", "HQ", "DE", "payroll", "5", "1"],
        &["HR", "HQ", "Atlantis", "payroll", "5", "1"],
        &["HR", "HQ", "CN", "payroll", "5", "1"],
    ];
    dir.file("flows.xlsx", workbook(&rows));
    let got = dir.json(&["transfer", "import", "flows.xlsx", "--format", "json"]);
    let bad: Vec<_> =
        got["left_out"].as_array().unwrap().iter().map(|b| (b["row"].clone(), b["say"]["key"].clone())).collect();
    assert_eq!(bad, [(3.into(), "row.bad-country".into()), (4.into(), "row.home-country".into())]);
    assert_eq!(got["rows"].as_array().unwrap().len(), 1);
    // Brought in again it is the same flow, not a second one.
    dir.run(&["transfer", "import", "flows.xlsx"]).done();
    assert_eq!(dir.json(&["transfer", "list", "--format", "json"])["flows"].as_object().unwrap().len(), 1);
    dir.file("none.csv", "a,b\n1,2\n");
    dir.run(&["transfer", "import", "none.csv"]).ends(2).complains(&["recipient"]);
    dir.file("all-bad.csv", "system,recipient,country,purpose\nHR,,DE,x\n");
    dir.run(&["transfer", "import", "all-bad.csv"]).ends(2);
}

#[test]
fn a_flow_from_declared_to_assessed_and_its_judgement_derived_again() {
    let dir = Dir::new();
    dir.run(&["transfer", "list"]).done().says(&["No flows are declared"]);
    let add = ["transfer", "add", "--recipient", "HQ", "--country", "de", "--purpose", "payroll", "--system", "HR"];
    let made = dir
        .json(&[add.as_slice(), &["--personal", "1,000,000", "--host", "203.0.113.0/24", "--format", "json"]].concat());
    let id = made["flow"]["id"].as_str().unwrap().to_owned();
    dir.run(&["transfer", "add", "--recipient", "HQ", "--country", "CN", "--purpose", "x", "--system", "HR"])
        .ends(2)
        .complains(&["home country"]);
    let failed = dir.run(&["transfer", "assess", "--fail-on", "finding"]).ends(1);
    failed.says(&[
        "MISSING",
        "not in hand: Security assessment",
        "lacks: security assessment, impact assessment, legal ground",
    ]);
    dir.file("approval.pdf", "approved");
    let today = evidence::Time::from_secs(
        i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap(),
    )
    .date();
    let decide = ["transfer", "decide", &id, "--grant", "assessment", "--since", &today, "--document", "approval.pdf"];
    dir.run(&decide).done().says(&["security assessment: granted"]);
    dir.run(&["transfer", "assess", "--fail-on", "finding"]).done().says(&["in hand", "security assessment"]);
    dir.run(&["transfer", "count", &id, "--personal", "50"]).done();
    dir.run(&["transfer", "count", &id, "--personal", "many"]).ends(2).complains(&["no number of people"]);
    dir.run(&["transfer", "count", "t-ffffffffff", "--personal", "5"]).ends(2).complains(&["t-ffffffffff"]);
    let list = dir.json(&["transfer", "list", "--format", "json"]);
    assert_eq!(flows(&list), [("HQ".to_owned(), "exempt".to_owned(), "exempt".to_owned())]);
    assert!(list["judgement"]["doubts"].to_string().contains("doubt.transfer-count-lower"));
    dir.run(&["--lang", "zh", "transfer", "list"]).done().says(&["免予办理", "告知、单独同意"]);
    dir.run(&["transfer", "end", &id, "--at", "2020-01-01", "--reason", "over"]).done();
    assert_eq!(flows(&dir.json(&["transfer", "list", "--format", "json"]))[0].1, "ended");

    let provided = ["transfer", "provided", "--recipient", "Lab", "--data", "samples", "--purpose", "analysis"];
    dir.run(&[provided.as_slice(), &["--at", "2026-02-28", "--entrusted"]].concat()).done();
    dir.run(&["transfer", "list"]).done().says(&["2029-02-28", "no contract with Lab"]);
    dir.run(&["transfer", "assess"]).done();
    dir.run(&["audit"]).done().says(&["3 judgements"]);
}

#[test]
fn a_request_from_abroad_is_not_to_be_answered_without_approval() {
    let dir = Dir::new();
    let add = ["transfer", "request", "add", "--authority", "Court", "--country", "us", "--asked", "mail"];
    let made = dir.json(&[add.as_slice(), &["--received", "2026-06-01", "--format", "json"]].concat());
    let id = made["request"]["id"].as_str().unwrap().to_owned();
    dir.run(&["transfer", "request", "list"]).done().says(&[&id, "Court (US)", "new"]);
    dir.run(&["transfer", "request", "move", &id, "passed", "--at", "2026-06-02"])
        .done()
        .says(&["passed to the ministry"]);
    dir.run(&["transfer", "assess", "--fail-on", "finding"]).done();
    dir.run(&["transfer", "request", "move", &id, "answered", "--at", "2026-06-03"]).done();
    let ran = dir.run(&["transfer", "assess", "--fail-on", "finding"]).ends(1);
    ran.says(&["without approval of the ministry"]);
    dir.run(&["audit"]).done();
}

#[test]
fn logs_are_held_against_what_is_declared() {
    let dir = Dir::new();
    let add = ["transfer", "add", "--recipient", "HQ", "--country", "DE", "--purpose", "payroll", "--system", "HR"];
    dir.run(&[add.as_slice(), &["--personal", "5", "--host", "*.hq.example", "--host", "192.0.2.0/24"]].concat())
        .done();
    dir.file(
        "logs/flows.csv",
        "src,host,dst_ip,dst_port,bytes_out,bytes_in\n\
         10.0.0.5,mail.hq.example,198.51.100.1,443,10,10\n\
         10.0.0.5,drop.example,203.0.113.5,443,2000000,10\n\
         10.0.0.5,drop.example,bad\n",
    );
    dir.run(&["transfer", "observe", "logs"])
        .done()
        .says(&["No table of countries"])
        .complains(&["flows.csv:4", "broken"]);
    dir.file(
        "delegated-ripencc-extended-latest",
        "2|ripencc|1767308399|2|19830705|20251231|+0100\nripencc|*|ipv4|*|2|summary\n\
         ripencc|FR|ipv4|198.51.100.0|256|20200101|allocated|x\nripencc|GB|ipv4|203.0.113.0|256|20200101|assigned|x\n",
    );
    dir.file("words.txt", "not a table\n");
    dir.run(&["transfer", "countries", "import", "words.txt"]).ends(2).complains(&["words.txt"]);
    dir.run(&["transfer", "countries", "import", "delegated-ripencc-extended-latest"])
        .done()
        .says(&["2 ranges", "2025-12-31"]);
    let seen = dir.json(&["transfer", "observe", "logs", "--format", "json"]);
    assert_eq!(seen["flows"].as_array().unwrap().len(), 2);
    assert_eq!(seen["logs"][0]["bad"], 1);
    let ran = dir.run(&["transfer", "assess", "--fail-on", "finding"]).ends(1);
    ran.says(&["drop.example (GB), 2000000 bytes out", "mail.hq.example is in FR by the table; declared is DE"]);
    // Nobody's address stands in the log.
    assert!(!dir.run(&["transfer", "observe", "logs", "--format", "json"]).done().out.contains("10.0.0.5"));
    dir.run(&["audit"]).done();
    dir.run(&["transfer", "countries", "drop"]).done();
    dir.run(&["transfer", "countries", "show"]).done().says(&["No table of countries"]);
    dir.run(&["transfer", "countries", "drop"]).ends(2);
    dir.run(&["transfer", "observe", "/does-not-exist"]).ends(2);
}

#[test]
fn an_export_that_comes_back_brings_no_ended_flow_to_life() {
    let dir = Dir::new();
    dir.file("table.csv", TABLE);
    dir.run(&["transfer", "import", "table.csv"]).done();
    // With the ended flow still in it, as somebody exported it the day before.
    dir.run(&["transfer", "export", "before.csv", "--format", "csv"]).done();
    let list = dir.json(&["transfer", "list", "--format", "json"]);
    let hr = list["flows"].as_object().unwrap().iter().find(|f| f.1["system"] == "HR").unwrap().0.clone();
    dir.run(&["transfer", "end", &hr, "--at", "2026-01-31"]).done().says(&["has ended"]);
    let states = || flows(&dir.json(&["transfer", "list", "--format", "json"]));
    let ended = states();
    assert!(ended.iter().any(|f| f.0 == "总部" && f.1 == "ended"), "{ended:?}");
    dir.run(&["transfer", "import", "before.csv"]).done().says(&["known already", "2"]);
    dir.run(&["transfer", "export", "after.csv", "--format", "csv"]).done();
    assert!(!std::fs::read_to_string(dir.at("after.csv")).unwrap().contains("总部"));
    dir.run(&["transfer", "import", "after.csv"]).done();
    assert_eq!(states(), ended);
    dir.run(&["transfer", "end", &hr, "--at", "2099-01-31"]).done().says(&["ends on 2099-01-31"]);
}

#[test]
fn refusals_say_which_rows_and_which_option() {
    let dir = Dir::new();
    dir.file("bad.csv", "system,recipient,country,purpose\nHR,HQ,XX,pay\nHR,,DE,pay\n");
    let refused = dir.run(&["transfer", "import", "bad.csv"]).ends(2);
    refused.complains(&["XX", "recipient", "2 bad rows", "named above"]);
    dir.file("good.csv", "system,recipient,country,purpose\nHR,HQ,DE,pay\n");
    dir.run(&["transfer", "import", "good.csv"]).done();
    let host = ["transfer", "add", "--recipient", "x", "--country", "DE", "--purpose", "y", "--system", "z"];
    let long = "g".repeat(501);
    dir.run(&[&host[..], &["--ground", &long]].concat()).ends(2).complains(&["--ground", "500"]);
    let case = ["--personal", "5", "--case", "without-personal-or-important", "--reason", "none"];
    dir.run(&[&host[..], &case].concat()).ends(2).complains(&["without personal or important data"]);
    let list = dir.json(&["transfer", "list", "--format", "json"]);
    let id = list["flows"].as_object().unwrap().keys().next().unwrap().clone();
    let decide = ["transfer", "decide", &id, "--grant", "contract", "--outcome", "granted"];
    let order = ["--since", "2026-05-01", "--until", "2026-04-01"];
    dir.run(&[&decide[..], &order].concat()).ends(2).complains(&["2026-04-01", "before it begins on 2026-05-01"]);
    let ahead = ["transfer", "count", &id, "--personal", "1", "--sensitive", "0", "--as-of", "2099-01-01"];
    dir.run(&ahead).ends(2).complains(&["still to come"]);
}
