//! The catalogue over HTTP: drawn up, decided on by one, core data by two, compared, taken away as a file.

use crate::site_bed::{Browser, Open, PASSWORD, open};
use evidence::NodeRole;
use node::Order;
use node::accounts::{AccountRole, AccountScope, Wanted};

fn value(browser: &mut Browser, path: &str) -> serde_json::Value {
    let answer = browser.get(&format!("/api/v1{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// A site whose node has found personal data in a folder with a hostile name.
fn found() -> Open {
    let site = open(NodeRole::Plant);
    let folder = site.folder.path("<b>share");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("people.csv"), "name,id\n张伟,11010519491231002X\n李娜,440524188001010014\n").unwrap();
    let order = Order { folders: vec![folder], workers: 1, ..Order::default() };
    let plan = node::load_plan(None).unwrap();
    site.node.examine(&order, &plan, &stdx::Silent, &stdx::Stop::new()).unwrap();
    let second = Wanted {
        login: "second",
        name: "赵强",
        role: AccountRole::Officer,
        scope: AccountScope::default(),
        lang: "en",
    };
    site.accounts.make(&second, Some(PASSWORD)).unwrap();
    site
}

#[test]
fn a_proposal_is_decided_by_one_and_core_data_by_two_who_are_both_named() {
    let site = found();
    let mut officer = site.signed_in("officer");
    assert!(officer.get("/catalogue").body.contains("No catalogue is drawn up"));
    assert_eq!(officer.get("/catalogue/export?as=csv").status, 404);
    assert_eq!(officer.post("/catalogue/build", &[]).status, 303);
    let page = officer.get("/catalogue");
    assert!(
        page.status == 200 && page.body.contains("<svg class=\"plot bars\"") && !page.body.contains("<b>share"),
        "{}",
        page.body
    );
    let asset = value(&mut officer, "/catalogue")["assets"][0].clone();
    let id = asset["id"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let here = format!("/catalogue/assets/{id}");
    assert!(!officer.get(&here).body.contains("<b>share"));
    let confirm =
        |browser: &mut Browser, level: &str| browser.post(&here, &[("decision", "confirm"), ("level", level)]).status;
    assert_eq!(confirm(&mut officer, "no-such-level"), 422);
    assert_eq!(confirm(&mut officer, ""), 422);
    assert_eq!(confirm(&mut officer, "important"), 303);
    let now = value(&mut officer, &here);
    assert_eq!((&now["level"]["level"], &now["level"]["proposed"]), (&"important".into(), &false.into()), "{now}");
    assert!(now["level"]["by"].to_string().contains("王芳"), "{now}");
    // Core data: nothing changes until another one has agreed, and whoever asked is not another one.
    assert_eq!(confirm(&mut officer, "core"), 303);
    assert_eq!(value(&mut officer, &here)["level"]["level"], "important");
    let asked = value(&mut officer, "/two")["acts"][0]["id"].as_str().unwrap().to_owned();
    let agree = [("decision", "yes")];
    assert_eq!(officer.post(&format!("/two/{asked}"), &agree).status, 422);
    assert_eq!(site.signed_in("auditor").post(&format!("/two/{asked}"), &agree).status, 422);
    let mut second = site.signed_in("second");
    assert_eq!(second.post(&format!("/two/{asked}"), &agree).status, 303);
    let now = value(&mut officer, &here);
    assert_eq!(now["level"]["level"], "core");
    let by = now["level"]["by"].to_string();
    assert!(by.contains("王芳") && by.contains("赵强"), "{by}");
    // What two confirmed, one does not take back.
    assert_eq!(officer.post(&here, &[("decision", "reject")]).status, 303);
    assert_eq!(value(&mut officer, &here)["level"]["level"], "core");
    let mut auditor = site.signed_in("auditor");
    assert_eq!((auditor.get(&here).status, auditor.post(&here, &[("decision", "reject")]).status), (200, 403));
    assert_eq!(officer.get(&format!("/catalogue/assets/{}", "0".repeat(64))).status, 404);
}

#[test]
fn the_filing_form_is_taken_away_as_a_file_and_the_drift_says_what_it_is_held_against() {
    let site = found();
    let mut officer = site.signed_in("officer");
    assert!(officer.get("/catalogue/drift").body.contains("No catalogue"));
    officer.post("/catalogue/build", &[]);
    assert!(officer.get("/catalogue/drift").body.contains("nothing to compare"));
    officer.post("/catalogue/build", &[]);
    let drift = officer.get("/catalogue/drift");
    assert!(drift.status == 200 && drift.body.contains("against the catalogue before"), "{}", drift.body);
    for (kind, begins) in [("csv", "\u{feff}"), ("xlsx", "PK"), ("html", "<!DOCTYPE html>"), ("json", "{")] {
        let file = officer.get(&format!("/catalogue/export?as={kind}"));
        assert!(file.status == 200 && file.body.starts_with(begins), "{kind}: {}", &file.head);
        assert!(file.field("content-disposition").unwrap().contains(&format!("catalogue.{kind}")));
    }
    assert_eq!(officer.get("/catalogue/export?as=pdf").status, 422);
    assert_eq!(officer.get("/catalogue/export?as=csv&from=nowhere").status, 422);
    assert_eq!(site.signed_in("duty").get("/catalogue").status, 403);
}
