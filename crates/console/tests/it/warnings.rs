//! Warnings over HTTP: asked for by one, issued when another one agrees, taken note of.

use crate::site_bed::{PASSWORD, open};
use evidence::{NodeRole, RecordKind};
use node::accounts::{AccountRole, AccountScope, Wanted};

#[test]
fn a_warning_is_issued_by_two_and_a_plant_issues_none() {
    let site = open(NodeRole::Province);
    let second =
        Wanted { login: "second", name: "赵强", role: AccountRole::Duty, scope: AccountScope::default(), lang: "en" };
    site.accounts.make(&second, Some(PASSWORD)).unwrap();
    let mut officer = site.signed_in("officer");
    assert!(officer.get("/warnings").body.contains("No warning is in force"));
    let page = officer.get("/warnings").body;
    let level = page.split("<option value=\"miit/").nth(1).unwrap().split('"').next().unwrap();
    let level = format!("miit/{level}");
    let fields = |areas: &'static str| vec![("level", level.clone()), ("areas", areas.to_owned())];
    let post = |browser: &mut crate::site_bed::Browser, areas| {
        let fields = fields(areas);
        let fields: Vec<(&str, &str)> = fields.iter().map(|f| (f.0, f.1.as_str())).collect();
        browser.post("/warnings", &fields).status
    };
    assert_eq!(post(&mut officer, "9999"), 422, "no such area is said to whoever asks");
    assert_eq!(officer.post("/warnings", &[("level", "miit/none")]).status, 422);
    assert_eq!(post(&mut officer, "32"), 303);
    assert!(site.node.warning_files().unwrap().is_empty(), "nothing is issued by one");
    let asked = officer.get("/api/v1/two").body;
    let asked: serde_json::Value = serde_json::from_str(&asked).unwrap();
    let id = asked["acts"][0]["id"].as_str().unwrap();
    assert_eq!(officer.post(&format!("/two/{id}"), &[("decision", "yes")]).status, 422);
    let mut second = site.signed_in("second");
    let agreed = second.post(&format!("/two/{id}"), &[("decision", "yes")]);
    let files = site.node.warning_files().unwrap();
    assert_eq!((agreed.status, files.len()), (303, 1), "{}", agreed.body);
    let here = format!("/warnings/{}", files[0].id);
    assert_eq!(second.get(&here).status, 200);
    assert_eq!(second.post(&format!("{here}/acknowledge"), &[]).status, 303);
    assert!(second.get(&here).body.contains("赵强"));
    assert_eq!(site.node.store().records(&[RecordKind::Warning]).unwrap().len(), 2);
    assert_eq!(site.signed_in("auditor").post(&format!("{here}/acknowledge"), &[]).status, 403);
    let plant = open(NodeRole::Plant);
    let mut officer = plant.signed_in("officer");
    assert_eq!((officer.get("/warnings").status, post(&mut officer, "32")), (200, 403));
    assert_eq!(officer.get("/warnings/w-00000000").status, 404);
}
