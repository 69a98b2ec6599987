//! Transfers and the risk-assessment report over HTTP: what is declared on a page is what the judge reads; bad rows are named; logs stand against flows.

use crate::site_bed::{Browser, open};
use evidence::{NodeRole, RecordKind};
use serde_json::{Value, json};
use stdx::{Silent, Stop};

fn value(browser: &mut Browser, path: &str) -> Value {
    let answer = browser.get(&format!("/api/v1{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

const FLOW: [(&str, &str); 8] = [
    ("recipient", "Example GmbH"),
    ("country", "DE"),
    ("purpose", "售后服务"),
    ("system", "ERP"),
    ("personal", "120000"),
    ("ground", "合同"),
    ("hosts", "*.example.com\n203.0.113.0/24"),
    ("holds", "personal"),
];

#[test]
fn a_flow_lives_on_pages_from_its_declaration_to_its_end() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    assert!(officer.get("/transfers").body.contains("No flow is declared"));
    let answer = officer.post("/transfers", &FLOW);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let here = answer.field("location").unwrap().split('?').next().unwrap().to_owned();
    let one = value(&mut officer, &here);
    // 120,000 people: standard contract or certification (CAC Order 16), and none is there.
    assert_eq!(one["standing"]["state"], "missing");
    assert_eq!(one["standing"]["at_least"]["needs"], "contract-or-certification");
    assert_eq!(one["flow"]["hosts"], json!(["*.example.com", "203.0.113.0/24"]));
    let page = officer.get(&here).body;
    assert!(page.contains("MISSING") && page.contains("Flow declared"), "{page}");
    let decided = [
        ("grant", "contract"),
        ("outcome", "granted"),
        ("number", "SCC-1"),
        ("since", "2026-01-05"),
        ("document_name", "contract.pdf"),
        ("document_bytes", "10"),
        ("document_sha256", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"),
    ];
    assert_eq!(officer.post(&format!("{here}/decide"), &decided).status, 303);
    let one = value(&mut officer, &here);
    assert_eq!(one["standing"]["state"], "in-hand", "{one}");
    assert_eq!(one["standing"]["in_hand"]["documented"], true);
    // The impact assessment is owed as well.
    assert_eq!(one["standing"]["lacks"], json!(["impact"]));
    assert_eq!(officer.post(&format!("{here}/count"), &[("personal", "many")]).status, 422);
    assert_eq!(officer.post(&format!("{here}/count"), &[("personal", "1200000"), ("sensitive", "0")]).status, 303);
    assert_eq!(value(&mut officer, &here)["standing"]["at_least"]["needs"], "assessment", "a million people");
    assert_eq!(officer.post(&format!("{here}/end"), &[("at", "2026-02-01"), ("reason", "项目结束")]).status, 303);
    let one = value(&mut officer, &here);
    assert_eq!((one["standing"]["state"].as_str(), one["entries"].as_array().unwrap().len()), (Some("ended"), 5));
    let kept = &one["entries"][4]["entry"];
    assert_eq!(kept["author"]["authenticated"]["how"], "node-account", "stated by who is signed in: {kept}");
    assert!(officer.get(&here).body.contains("项目结束"));
    assert_eq!(officer.post("/transfers/flows/t-00000000/end", &[("at", "2026-02-01")]).status, 404);
    // A judgement is a record, and whoever only reads makes none.
    let mut auditor = site.signed_in("auditor");
    assert_eq!(auditor.post("/transfers/assess", &[]).status, 403);
    assert!(!auditor.get("/transfers").body.contains("method=\"post\" action=\"/transfers"));
    assert_eq!(officer.post("/transfers/assess", &[]).status, 303);
    let judged = site.node.store().records(&[RecordKind::TransferJudgement]).unwrap();
    assert_eq!(judged.len(), 1);
}

#[test]
fn a_table_names_its_bad_rows_and_the_good_ones_are_kept() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    let table = "境外接收方,国家,出境目的,业务系统,人数\nA GmbH,DE,服务,ERP,100\nB Ltd,哪里,服务,ERP,100\nC SA,FR,服务,ERP,几个\n";
    let page = officer.post("/transfers/table", &[("name", "flows.csv"), ("table", table)]);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(
        page.body.contains("Rows taken: 1") && page.body.contains("哪里") && page.body.contains("几个"),
        "{}",
        page.body
    );
    let flows = value(&mut officer, "/transfers");
    assert_eq!(flows["flows"].as_array().unwrap().len(), 1);
    assert_eq!(flows["flows"][0]["flow"]["recipient"], "A GmbH");
    let again = officer.post("/transfers/table", &[("name", "flows.csv"), ("table", table)]).body;
    assert!(again.contains("No row was taken"), "{again}");
    let refused = officer.api("/transfers/table", &json!({"table": "境外接收方,国家\nX,哪里\n"}).to_string());
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("Row 2"), "{}", refused.body);
    let csv = officer.get("/transfers/export?as=csv");
    assert!(csv.field("content-disposition").unwrap().contains("transfers-") && csv.body.contains("A GmbH"));
}

#[test]
fn logs_stand_against_flows_and_requests_and_provisions_are_kept() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    assert!(officer.get("/transfers/seen").body.contains("No logs were read"));
    officer.post("/transfers", &FLOW);
    let write = |name: &str, text: &str| {
        let path = site.folder.path(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let countries = write("countries.csv", "network,country\n203.0.113.0/24,DE\n192.0.2.0/24,US\n");
    let line = |to: &str, out: u64| {
        json!({"ts": 1_767_600_000.0, "uid": "C", "id.orig_h": "10.1.0.5", "id.orig_p": 5, "id.resp_h": to, "id.resp_p": 443, "proto": "tcp", "orig_bytes": out, "resp_bytes": 9}).to_string()
    };
    let log = write("conn.log", &format!("{}\n{}\n", line("203.0.113.9", 5_000), line("192.0.2.40", 900_000_000)));
    site.node.countries_import(&[countries], None).unwrap();
    site.node.transfer_observe(&[log], None, &Silent, &Stop::new()).unwrap();
    let seen = value(&mut officer, "/transfers/seen");
    let said: Vec<_> = seen["destinations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| (d["address"].as_str().unwrap(), d["seen_as"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("192.0.2.40", "undeclared"), ("203.0.113.9", "declared")]);
    // The list and the judge's notes are of one mind.
    let notes = value(&mut officer, "/transfers")["notes"].to_string();
    assert!(
        notes.contains("transfer-note.undeclared") && notes.contains("192.0.2.40") && !notes.contains("203.0.113.9")
    );
    let asked =
        [("authority", "Example Court"), ("country", "us"), ("asked", "员工通讯录"), ("received", "2026-01-05")];
    assert_eq!(officer.post("/transfers/requests", &asked).status, 303);
    let id = value(&mut officer, "/transfers/requests")["requests"][0]["request"]["id"].as_str().unwrap().to_owned();
    let step = [("step", "answered"), ("at", "2026-01-06")];
    assert_eq!(officer.post(&format!("/transfers/requests/{id}/steps"), &step).status, 303);
    assert!(officer.get("/transfers/requests").body.contains("class=\"mark bad\""), "answered without approval");
    assert_eq!(officer.post("/transfers/requests", &[asked[0], ("country", "XX"), asked[2], asked[3]]).status, 422);
    let given =
        [("recipient", "甲公司"), ("data", "订单"), ("purpose", "配送"), ("entrusted", "1"), ("at", "2026-01-05")];
    assert_eq!(officer.post("/transfers/provided", &given).status, 303);
    let kept = value(&mut officer, "/transfers/provided");
    assert_eq!(
        (&kept["provided"][0]["provided"]["entrusted"], &kept["provided"][0]["standing"]["contract"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn the_assessment_says_what_records_say_and_leaves_the_rest_to_people() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    officer.post("/transfers", &FLOW);
    let page = officer.get("/examination/assessment").body;
    for content in ["1. Legality", "8. Export-assessment duty", "Flows abroad declared: 1", "a person must write it"] {
        assert!(page.contains(content), "{content}: {page}");
    }
    let html = officer.get("/examination/assessment/file?as=html");
    assert_eq!(html.status, 200);
    // Eight assessments, team, period, activities, conclusion, measures; the contact of the profile.
    let empty = ["legality", "rules", "organisation", "protection", "staff", "risk", "recipients", "export"];
    let json: Value = serde_json::from_str(&officer.get("/examination/assessment/file?as=json").body).unwrap();
    let missing = json["missing"].to_string();
    assert!(empty.iter().all(|c| missing.contains(&format!("{c}-assessed"))), "{missing}");
    let written = officer.post("/examination/assessment", &[("as", "html"), ("conclusion", "总体风险<b>可控</b>")]);
    assert!(written.body.contains("总体风险") && !written.body.contains("<b>可控"), "{}", written.status);
    assert!(!officer.get("/examination/assessment").body.contains("总体风险"), "nothing of it is kept");
    assert_eq!(officer.post("/examination/assessment", &[("as", "html"), ("risk-records", "x")]).status, 422);
    assert_eq!(site.signed_in("auditor").post("/examination/assessment", &[("as", "html")]).status, 403);
}
