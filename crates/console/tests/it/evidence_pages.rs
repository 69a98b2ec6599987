//! The log on its pages: what is listed, what one record says and proves, and who may see it.

use crate::site_bed::{Open, USCC, encoded, open, open_with};
use evidence::{NodeRole, Part};
use node::accounts::{AccountRole, AccountScope, Wanted};
use serde_json::Value;

/// Says what the node is once more, under this name: one more record.
fn said(site: &Open, name: &str) {
    let part = Part { role: NodeRole::Province, name: name.to_owned(), area: "32".to_owned(), uscc: String::new() };
    site.node.profile_set(part, None).unwrap();
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {body}"))
}

#[test]
fn records_are_listed_newest_first_page_by_page_and_by_kind() {
    let site = open(NodeRole::Province);
    for n in 0..60 {
        said(&site, &format!("省厅 {n}"));
    }
    let size = site.node.store().size().unwrap();
    let mut auditor = site.signed_in("auditor");
    let first = json(&auditor.get("/api/v1/evidence").body);
    let of = |page: &Value| -> Vec<u64> {
        page["records"].as_array().unwrap().iter().map(|r| r["index"].as_u64().unwrap()).collect()
    };
    let second = json(&auditor.get(&format!("/api/v1/evidence?after={}", first["next"])).body);
    let all: Vec<u64> = of(&first).into_iter().chain(of(&second)).collect();
    assert_eq!(all, (0..size).rev().collect::<Vec<_>>(), "every record once, newest first");
    assert_eq!((of(&first).len(), &second["next"]), (50, &Value::Null));
    assert_eq!(first["size"], size);
    assert_eq!(json(&auditor.get("/api/v1/evidence?kind=incident").body)["records"].as_array().unwrap().len(), 0);
    assert!(auditor.get("/evidence?kind=incident").body.contains("no record of this kind"));
    assert_eq!(auditor.get("/evidence?kind=moon").status, 422);
    let page = auditor.get("/evidence").body;
    assert!(page.contains("rel=\"next\"") && page.contains(first["key"].as_str().unwrap()), "{page}");
    // A page of a log that nothing stands in says what makes something stand there.
    assert_eq!(site.signed_in("administrator").get("/evidence").status, 403, "who keeps accounts sees no data");
    assert_eq!(site.signed_in("trainer").get("/evidence").status, 403);
}

#[test]
fn a_record_is_shown_with_its_proof_and_downloaded_as_what_is_checked() {
    let site = open(NodeRole::Province);
    let bad = "</pre><script>alert(1)</script>";
    said(&site, bad);
    said(&site, "last");
    let mut auditor = site.signed_in("auditor");
    let leaves = site.node.store().leaves(&[]).unwrap();
    let leaf = leaves[leaves.len() - 2];
    let page = auditor.get(&format!("/evidence/{}", leaf.hex()));
    assert_eq!(page.status, 200);
    assert!(!page.body.contains(bad) && page.body.contains("&lt;/pre&gt;"), "a text is a text");
    let script = page.body.split("/asset/verify-").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(auditor.get(&format!("/asset/verify-{script}")).status, 200);
    let told = json(&auditor.get(&format!("/api/v1/evidence/{}", leaf.hex())).body);
    assert_eq!(
        told["predicate"]["what"]["profile"]["part"]["name"]
            .as_str()
            .or(told["predicate"]["what"]["part"]["name"].as_str()),
        Some(bad),
        "{told}"
    );
    assert_eq!(told["index"].as_u64().unwrap(), leaves.len() as u64 - 2);
    assert_eq!(told["cited_by_looked_to"].as_u64().unwrap(), leaves.len() as u64);

    // The bundle is the log's own, and the evidence is what the program verifies.
    let bundle = auditor.get(&format!("/evidence/{}/download/bundle", leaf.hex()));
    assert_eq!(bundle.body, format!("{:#}\n", site.node.store().bundle(leaf).unwrap()));
    assert!(bundle.field("content-disposition").unwrap().contains("attachment"));
    let file = auditor.get(&format!("/evidence/{}/download/evidence", leaf.hex()));
    let verdict = node::verify(std::path::Path::new("evidence.json"), file.body.as_bytes(), None, &[]).unwrap();
    assert_eq!(verdict.leaves, [leaf]);

    for none in ["0".repeat(64), "moon".to_owned(), "sha256:".to_owned()] {
        assert_eq!(auditor.get(&format!("/evidence/{none}")).status, 404, "{none}");
        assert_eq!(auditor.get(&format!("/api/v1/evidence/{none}/download/bundle")).status, 404, "{none}");
    }
    // Who read a record stands among the accesses.
    let accesses = json(&auditor.get("/api/v1/accesses?login=auditor").body);
    assert!(accesses["accesses"].to_string().contains(&leaf.hex()), "{accesses}");
}

#[test]
fn what_the_log_says_is_for_those_whose_scope_is_everything() {
    let site = open_with(NodeRole::Province, &[AccountRole::Auditor], |_| {});
    said(&site, "CANARY");
    let leaf = *site.node.store().leaves(&[]).unwrap().last().unwrap();
    // The head of every page names the node.
    said(&site, "省厅");
    let scope = AccountScope { areas: vec!["3201".to_owned()], enterprises: Vec::new() };
    let wanted = Wanted { login: "nanjing", name: "李明", role: AccountRole::Auditor, scope, lang: "en" };
    site.accounts.make(&wanted, Some(crate::site_bed::PASSWORD)).unwrap();
    let mut part = site.signed_in("nanjing");
    for path in ["", &format!("/{}", leaf.hex()), &format!("/{}/download/bundle", leaf.hex())] {
        let said = part.get(&format!("/evidence{path}"));
        assert!(said.status == 403 && !said.body.contains("CANARY"), "{path}");
        assert_eq!(part.get(&format!("/api/v1/evidence{path}")).status, 403, "{path}");
    }
    assert_eq!(part.get("/nodes/preview").status, 403);
    assert_eq!(site.signed_in("auditor").get(&format!("/evidence/{}", leaf.hex())).status, 200);
    // A plant's log speaks of the plant: whoever's scope is the plant reads it, whoever's is another sees that there are records.
    let plant = open_with(NodeRole::Plant, &[], |_| {});
    for (login, uscc) in [("own", USCC), ("other", "91320100000000002B")] {
        let scope = AccountScope { areas: Vec::new(), enterprises: vec![uscc.to_owned()] };
        let wanted = Wanted { login, name: "李明", role: AccountRole::Auditor, scope, lang: "en" };
        plant.accounts.make(&wanted, Some(crate::site_bed::PASSWORD)).unwrap();
    }
    let leaf = *plant.node.store().leaves(&[]).unwrap().last().unwrap();
    assert_eq!(plant.signed_in("own").get(&format!("/evidence/{}", leaf.hex())).status, 200);
    let mut other = plant.signed_in("other");
    let list = other.get("/evidence");
    assert!(list.status == 200 && list.body.contains("Your scope is a part"), "{}", list.body);
    assert!(json(&other.get("/api/v1/evidence").body)["records"][0].get("author").is_none());
    for path in ["", "/download/bundle", "/download/evidence"] {
        assert_eq!(other.get(&format!("/evidence/{}{path}", leaf.hex())).status, 403, "{path}");
        assert_eq!(other.get(&format!("/api/v1/evidence/{}{path}", leaf.hex())).status, 403, "{path}");
    }
}

#[test]
fn the_plan_is_readable_with_its_sources_and_what_is_not_sure_of_it() {
    let site = open(NodeRole::Plant);
    let mut trainer = site.signed_in("trainer");
    let plan = node::load_plan(None).unwrap();
    let page = trainer.get("/plan").body;
    for text in [plan.digest().to_string(), "days left".to_owned(), "until 2026-12-31".to_owned()] {
        assert!(page.contains(&text), "{text}");
    }
    for t in plan.targets() {
        assert!(page.contains(&format!("<code>{}</code>", t.id)), "{}", t.id);
    }
    let open = trainer.get("/plan/unconfirmed").body;
    assert_eq!(open.matches("<tr>").count(), plan.unconfirmed().len() + 1);
    for scenario in plan.scenarios() {
        let page = trainer.get(&format!("/plan/checks?scenario={}", scenario.id)).body;
        let own = plan.checks().iter().filter(|c| c.scenario == scenario.id).count();
        assert_eq!(page.matches("<tr>").count(), own + 1, "{}", scenario.id);
        assert!(page.len() < 100 << 10, "{}: {} bytes", scenario.id, page.len());
    }
    assert_eq!(trainer.get("/plan/checks?scenario=moon").status, 404);
    let clocks = trainer.get("/plan/clocks").body;
    assert_eq!(clocks.matches("<tr>").count(), plan.clocks().len() + 1);
    assert!(trainer.get("/plan/levels").body.contains("Especially grave"));
    assert!(trainer.get("/plan/bases").body.contains("Data Security Law, article 44"));
    // The API says what the command line says.
    let checks = json(&trainer.get("/api/v1/plan/checks").body);
    assert_eq!(checks["checks"].as_array().unwrap().len(), plan.checks().len());
    let unconfirmed = json(&trainer.get("/api/v1/plan/unconfirmed").body);
    assert_eq!(unconfirmed["unconfirmed"].as_array().unwrap().len(), plan.unconfirmed().len());
    // No raw key or hole of the plan's words.
    for path in ["/plan", "/plan/levels", "/plan/clocks", "/plan/bases"] {
        for lang in ["en", "zh"] {
            trainer.get(&format!("/lang/{lang}"));
            let page = trainer.get(path).body;
            for raw in ["{param.", ".name<", ".what<"] {
                assert!(!page.contains(raw), "{path} {lang}: {raw}");
            }
        }
    }
}

#[test]
fn a_child_is_invited_with_a_code_that_is_shown_once_and_the_log_names_the_account() {
    let site = open(NodeRole::Province);
    let mut officer = site.signed_in("officer");
    let fields = |name, area| [("role", "plant"), ("name", name), ("area", area), ("uscc", USCC), ("days", "30")];
    let page = officer.post("/nodes/invitations", &fields("一厂<b>", "320500"));
    assert_eq!(page.status, 200, "{}", page.body);
    let code = page.body.split("class=\"secret\"><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(node::Code::read(&code).is_some(), "{code}");
    let list = officer.get("/nodes/invitations").body;
    assert!(!list.contains(&code) && list.contains("一厂&lt;b&gt;") && list.contains("Open: 1 of 1"), "{list}");
    let newest = |site: &Open| {
        let leaf = *site.node.store().leaves(&[]).unwrap().last().unwrap();
        let envelope = site.node.store().envelope(leaf).unwrap();
        json(std::str::from_utf8(envelope.payload()).unwrap())["predicate"].clone()
    };
    let author = newest(&site)["author"].clone();
    assert_eq!(
        (&author["authenticated"]["how"], &author["authenticated"]["login"]),
        (&"node-account".into(), &"officer".into()),
        "{author}"
    );
    // What nobody could be is refused with its sentence, and nothing is written.
    let size = site.node.store().size().unwrap();
    for (name, area) in [("一厂", "440100"), ("", "320500")] {
        assert_eq!(officer.post("/nodes/invitations", &fields(name, area)).status, 422, "{name} {area}");
    }
    assert_eq!(site.node.store().size().unwrap(), size);
    let id = site.node.invitations().unwrap()[0].invitation.id.clone();
    assert_eq!(officer.post(&format!("/nodes/invitations/{id}/withdraw"), &[]).status, 303);
    assert!(officer.get("/nodes/invitations").body.contains("withdrawn"));
    assert_eq!(officer.post(&format!("/nodes/invitations/{id}/withdraw"), &[]).status, 422, "once");
    assert_eq!(officer.post("/nodes/invitations/n-00000000/withdraw", &[]).status, 404);
    let mut auditor = site.signed_in("auditor");
    assert_eq!(auditor.post("/nodes/invitations", &fields("一厂", "320500")).status, 403);
    assert!(!auditor.get("/nodes/invitations").body.contains("name=\"uscc\""), "who may not is offered nothing");
}

#[test]
fn a_plant_without_a_parent_is_told_so_and_nothing_is_sent() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    let page = officer.get("/nodes");
    assert!(page.status == 200 && page.body.contains("no parent") && page.body.contains("watchfire node enrol"));
    let said = officer.post("/nodes/submit", &[]);
    assert!(said.status == 422 && said.body.contains("no parent"), "{}", said.body);
    assert_eq!(officer.get(&format!("/nodes/preview?{}", encoded(&[("parent", "<b>")]))).status, 422);
    assert!(officer.get("/nodes/receipts").body.contains("no receipt yet"));
    assert_eq!(officer.get("/nodes/members/x").status, 404);
}
