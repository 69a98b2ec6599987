//! Self-examination over HTTP: what a real image of a host shows, and what people say of it.

use crate::site_bed::{Browser, Open, open};
use evidence::{NodeRole, Record, RecordKind};
use node::{How, Subject, Target};

/// An account whose name is a text that would run if it were shown as it stands.
const HOSTILE: &str = "<script>alert(1)</script>";

/// A site whose node has examined an image of a careless host twice; the hostile account is there the second time.
fn examined() -> Open {
    let site = open(NodeRole::Plant);
    let root = site.folder.path("image");
    std::fs::create_dir_all(root.join("etc/ssh")).unwrap();
    std::fs::write(root.join("etc/hostname"), "mes-01\n").unwrap();
    std::fs::write(root.join("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\n").unwrap();
    std::fs::write(root.join("etc/ssh/sshd_config"), "PermitRootLogin yes\nPermitEmptyPasswords yes\n").unwrap();
    let passwd = |more: &str| {
        let all = format!("root:x:0:0::/root:/bin/sh\n{more}");
        std::fs::write(root.join("etc/passwd"), all).unwrap();
    };
    let shadow = format!("root:$6$x$y:19000::::::\n{HOSTILE}::19000::::::\n");
    std::fs::write(root.join("etc/shadow"), shadow).unwrap();
    for more in [String::new(), format!("{HOSTILE}::0:0::/:/bin/sh\n")] {
        passwd(&more);
        let plan = node::load_plan(None).unwrap();
        let subjects = vec![Subject::Here(Target::Root(root.clone()))];
        site.node.inspect(subjects, &How::default(), &plan, &stdx::Silent, &stdx::Stop::new()).unwrap();
    }
    site
}

fn value(browser: &mut Browser, path: &str) -> serde_json::Value {
    let answer = browser.get(&format!("/api/v1{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Who stated the newest record of a kind.
fn author(site: &Open, kind: RecordKind) -> serde_json::Value {
    let newest = site.node.store().records(&[kind]).unwrap().pop().unwrap();
    let author = match newest.record.into_value() {
        Record::Measure(m) => m.author,
        Record::Attestation(a) => a.author,
        Record::Scope(s) => s.author,
        other => panic!("no author is looked for in {other:?}"),
    };
    serde_json::to_value(author).unwrap()
}
fn by_the_officer(site: &Open, kind: RecordKind) {
    let author = author(site, kind);
    assert_eq!(author["authenticated"]["how"], "node-account", "{author}");
    assert!(author.to_string().contains("\"officer\""), "{author}");
}

#[test]
fn findings_are_shown_with_their_evidence_their_denominators_and_what_nobody_saw() {
    let site = examined();
    let mut auditor = site.signed_in("auditor");
    let all = value(&mut auditor, "/examination");
    let findings = all["findings"].as_array().unwrap();
    assert!(!findings.is_empty() && !all["gaps"].as_array().unwrap().is_empty(), "{all}");
    let page = auditor.get("/examination");
    for said in
        ["Not examined, and why", "cannot be told", "<svg class=\"plot bars\"", "No scope is declared", "mes-01"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(page.body.len() < 100 << 10, "{} bytes", page.body.len());
    // Each filter leaves what fits it, and nothing else.
    for severity in ["critical", "high", "medium", "low"] {
        let some = value(&mut auditor, &format!("/examination?severity={severity}"));
        let some = some["findings"].as_array().unwrap();
        let right = findings.iter().filter(|f| f["severity"] == severity).count();
        assert!(
            some.iter().all(|f| f["severity"] == severity) && (some.len() == right || findings.len() == 50),
            "{severity}"
        );
    }
    let blind = value(&mut auditor, "/examination?outcome=cannot-tell");
    let blind = blind["checks"].as_array().unwrap();
    assert!(!blind.is_empty() && blind.iter().all(|c| c["outcome"] == "cannot-tell"));
    assert_eq!(auditor.get("/examination?host=elsewhere").status, 200);
    assert_eq!(auditor.get("/examination?severity=worst").status, 422);
    assert_eq!(auditor.get("/examination?run=ffffffffffff").status, 404);
    let hosted = findings.iter().find(|f| f["host"] != "").unwrap();
    let id = hosted["id"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let page = auditor.get(&format!("/examination/findings/{id}"));
    for said in ["still there", "Remedy", "Source", "watchfire inspect --recheck"] {
        assert!(page.status == 200 && page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(!page.body.contains("action=\"/examination/measures\""), "who only reads is offered nothing to do");
    let one = value(&mut auditor, &format!("/examination/findings/{id}"));
    assert_eq!(one["became"], "still-there");
    assert!(one["evidence"].as_array().unwrap().iter().any(|e| !e["body"].is_null()), "{one}");
    assert_eq!(auditor.get(&format!("/examination/findings/{}", "0".repeat(64))).status, 404);
    assert_eq!(site.signed_in("trainer").get("/examination").status, 403);
}

#[test]
fn what_changed_between_two_runs_is_shown_and_a_hostile_name_stays_a_text() {
    let site = examined();
    let mut officer = site.signed_in("officer");
    let changed = value(&mut officer, "/examination/changes");
    assert!(changed["new"].as_array().unwrap().iter().any(|f| f.to_string().contains("script")), "{changed}");
    for path in ["/examination/changes", "/examination", "/examination?outcome=pass"] {
        let page = officer.get(path);
        assert!(page.status == 200 && !page.body.contains("<script>alert"), "{path}");
    }
    assert!(officer.get("/examination/changes").body.contains("&lt;script&gt;"));
    assert!(officer.get("/examination/changes?host=nobody").body.contains("not yet two runs"));
}

#[test]
fn a_measure_is_opened_from_a_finding_given_to_another_and_not_verified_while_it_stands() {
    let site = examined();
    let mut officer = site.signed_in("officer");
    let findings = value(&mut officer, "/examination")["findings"].clone();
    let hosted = findings.as_array().unwrap().iter().find(|f| f["host"] != "").unwrap();
    let id = hosted["id"].as_str().unwrap().to_owned();
    let mut fields = vec![
        ("finding", id.as_str()),
        ("kind", "measure"),
        ("action", HOSTILE),
        ("owner", "李明"),
        ("until", "2100-01-01"),
    ];
    let made = officer.post("/examination/measures", &fields);
    assert_eq!(made.status, 303, "{}", made.body);
    by_the_officer(&site, RecordKind::Measure);
    let here = made.field("location").unwrap().split('?').next().unwrap().to_owned();
    let page = officer.get(&here);
    assert!(page.body.contains("李明") && !page.body.contains("<script>alert"), "{}", page.body);
    let to = [("action", "turn it off"), ("owner", "赵强"), ("until", "2100-02-01")];
    assert_eq!(officer.post(&here, &to).status, 303);
    assert_eq!(value(&mut officer, &here)["measure"]["owner"], "赵强");
    assert_eq!(site.node.measures().unwrap().len(), 1, "a change is a newer record of the same measure");
    // It still stands, or nobody looked since: neither is a proof.
    let refused = officer.post(&format!("{here}/state"), &[("state", "verified")]);
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(value(&mut officer, &here)["measure"]["state"], "planned");
    let paper =
        [("state", "done"), ("document_name", "C:\\proof.pdf"), ("document_bytes", "12"), ("document_sha256", "ab")];
    assert_eq!(officer.post(&format!("{here}/state"), &paper).status, 422, "half a digest is none");
    let digest = "cd".repeat(32);
    let paper =
        [("state", "done"), ("document_name", "C:\\proof.pdf"), ("document_bytes", "12"), ("document_sha256", &digest)];
    assert_eq!(officer.post(&format!("{here}/state"), &paper).status, 303);
    let kept = value(&mut officer, &here);
    assert_eq!(
        (&kept["measure"]["state"], &kept["measure"]["document"]["name"]),
        (&"done".into(), &"proof.pdf".into())
    );
    // What is over, unknown or in the past is refused, and nothing is written.
    let before = site.node.store().records(&[RecordKind::Measure]).unwrap().len();
    fields[4] = ("until", "2001-01-01");
    assert_eq!(officer.post("/examination/measures", &fields).status, 422);
    fields[4] = ("until", "2100-01-01");
    fields[1] = ("kind", "exception");
    assert_eq!(officer.post("/examination/measures", &fields).status, 422, "an exception needs an approver");
    let unknown = "0".repeat(64);
    fields[0] = ("finding", &unknown);
    assert_eq!(officer.post("/examination/measures", &fields).status, 422);
    assert_eq!(officer.get("/examination/measures/m-00000000").status, 404);
    assert_eq!(site.node.store().records(&[RecordKind::Measure]).unwrap().len(), before);
    assert_eq!(site.signed_in("auditor").post(&format!("{here}/state"), &[("state", "withdrawn")]).status, 403);
}

#[test]
fn every_organisational_check_can_be_answered_with_a_paper_by_digest() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    let checks = value(&mut officer, "/examination/answers")["checks"].as_array().unwrap().clone();
    assert!(checks.len() > 5 && checks.iter().all(|c| c["answer"].is_null()));
    let (digest, today) = ("ab".repeat(32), node::now().date());
    for (n, check) in checks.iter().enumerate() {
        let here = format!("/examination/answers/{}", check["check"].as_str().unwrap());
        assert_eq!(officer.get(&here).status, 200, "{here}");
        let mut fields =
            vec![("fulfilled", if n == 0 { "no" } else { "yes" }), ("effective", today.as_str()), ("approver", "王芳")];
        if n > 1 {
            fields.extend([
                ("document_name", "制度.pdf"),
                ("document_bytes", "1024"),
                ("document_sha256", digest.as_str()),
            ]);
        }
        assert_eq!(officer.post(&here, &fields).status, 303, "{here}");
    }
    by_the_officer(&site, RecordKind::Attestation);
    let now = value(&mut officer, "/examination/answers")["checks"].as_array().unwrap().clone();
    let sure: Vec<&str> = now.iter().filter_map(|c| c["answer"]["sure"].as_str()).collect();
    assert!(sure.len() > 5 && sure.contains(&"declared") && sure.contains(&"documented"), "{sure:?}");
    assert_eq!(now[0]["answer"]["fulfilled"], false);
    let bad = [("fulfilled", "yes"), ("effective", "2026-13-01"), ("approver", "王芳")];
    let here = format!("/examination/answers/{}", checks[0]["check"].as_str().unwrap());
    assert_eq!(officer.post(&here, &bad).status, 422);
    assert_eq!(
        officer
            .post(
                "/examination/answers/no-such",
                &[("fulfilled", "yes"), ("effective", "2026-01-01"), ("approver", "x")]
            )
            .status,
        404
    );
    let mut analyst = site.signed_in("analyst");
    assert_eq!(analyst.get(&here).status, 200);
    assert_eq!(analyst.post(&here, &bad).status, 403);
}

#[test]
fn the_scope_grows_by_an_entry_and_keeps_no_name_of_a_person() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    assert!(officer.get("/examination/scope").body.contains("No scope is declared"));
    for (kind, id, label) in [("host", "mes-01", HOSTILE), ("person", "张伟强", "")] {
        let fields = [("kind", kind), ("id", id), ("label", label), ("country", "CN")];
        let fields = if kind == "person" { &fields[..2] } else { &fields[..] };
        let answer = officer.post("/examination/scope", fields);
        assert_eq!(answer.status, 303, "{kind}: {}", answer.body);
    }
    by_the_officer(&site, RecordKind::Scope);
    let page = officer.get("/examination/scope");
    assert!(page.body.contains("mes-01") && !page.body.contains("张伟强") && !page.body.contains("<script>alert"));
    assert_eq!(value(&mut officer, "/examination/scope")["entries"].as_array().unwrap().len(), 2);
    assert_eq!(
        officer.post("/examination/scope", &[("kind", "host"), ("id", "x"), ("country", "Nowhere")]).status,
        422
    );
    assert_eq!(officer.post("/examination/scope", &[("kind", "moon"), ("id", "x")]).status, 422);
    assert_eq!(site.signed_in("auditor").post("/examination/scope", &[("kind", "host"), ("id", "y")]).status, 403);
    assert_eq!(site.node.scope().unwrap().unwrap().entries.len(), 2);
}
