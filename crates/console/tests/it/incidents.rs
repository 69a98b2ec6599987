//! Incidents over HTTP: opened, graded, told of, papered, closed - each as an entry of the log by the one who is signed in.

use crate::site_bed::{Browser, Open, open};
use evidence::{NodeRole, Record, RecordKind};

const HOSTILE: &str = "<img src=x onerror=alert(1)>";

fn value(browser: &mut Browser, path: &str) -> serde_json::Value {
    let answer = browser.get(&format!("/api/v1{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn opened(site: &Open, browser: &mut Browser) -> String {
    let fields = [("title", HOSTILE), ("discovered", "50m"), ("occurred", "3h")];
    let answer = browser.post("/incidents", &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let newest = site.node.store().records(&[RecordKind::Incident]).unwrap().pop().unwrap();
    let Record::Incident(entry) = newest.record.into_value() else { panic!("no entry") };
    let author = serde_json::to_value(&entry.author).unwrap();
    assert_eq!(author["authenticated"]["how"], "node-account", "{author}");
    answer.field("location").unwrap().split('?').next().unwrap().to_owned()
}

#[test]
fn an_incident_is_opened_graded_told_of_and_closed_by_whoever_is_signed_in() {
    let site = open(NodeRole::Plant);
    let mut duty = site.signed_in("duty");
    assert!(duty.get("/incidents").body.contains("No incident is open"));
    let here = opened(&site, &mut duty);
    let page = duty.get(&here);
    assert!(
        page.status == 200 && !page.body.contains("<img src=x") && page.body.contains("&lt;img src=x"),
        "{}",
        page.body
    );
    let before = value(&mut duty, &here);
    assert!(before["ask"].as_array().unwrap().len() > 1, "much is unknown: {before}");
    // The largest loss of the contingency plan is the gravest level: what was possible is certain now.
    let facts = format!("{here}/facts");
    let set = |browser: &mut Browser, dimension: &str, typed: &str, reason: &str| {
        browser.post(&facts, &[("dimension", dimension), ("value", typed), ("reason", reason)]).status
    };
    assert_eq!(set(&mut duty, "loss-yuan", "2,000,000,000", ""), 303);
    let after = value(&mut duty, &here);
    let of =
        |v: &serde_json::Value| v["grades"].as_array().unwrap().iter().find(|g| g["regime"] == "miit").unwrap().clone();
    assert_eq!(of(&after)["at_least"], "I", "{}", of(&after));
    assert_ne!(of(&before)["at_least"], "I");
    for (dimension, typed) in [("loss-yuan", "much"), ("no-such", "1"), ("loss-yuan", "")] {
        assert_eq!(set(&mut duty, dimension, typed, ""), 422, "{dimension}={typed}");
    }
    // A board by colour, in words besides; the clocks run and say until when.
    let board = duty.get("/incidents");
    for said in ["tier-red", "Red", "Ⅰ", "<svg class=\"gauge\"", "tier-blue", "Blue"] {
        assert!(board.body.contains(said), "{said}: {}", board.body);
    }
    let running = after["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["ours"] == true && c["certain"] == true && c["met"].is_null() && !c["started"].is_null())
        .unwrap();
    let clock = running["clock"].as_str().unwrap();
    let told = [("clocks", clock), ("to", "江苏省工信厅值班室"), ("channel", "phone"), ("at", "1m")];
    assert_eq!(duty.post(&format!("{here}/told"), &told).status, 303);
    let met = value(&mut duty, &here);
    let met = met["clocks"].as_array().unwrap().iter().find(|c| c["clock"] == clock).unwrap();
    assert!(!met["met"].is_null(), "{met}");
    let ahead = [("clocks", clock), ("to", "x"), ("channel", "phone"), ("at", "2100-01-01 10:00")];
    assert_eq!(duty.post(&format!("{here}/told"), &ahead).status, 422);
    assert_eq!(duty.post(&format!("{here}/notes"), &[("text", HOSTILE), ("at", "yesterday")]).status, 422);
    assert_eq!(duty.post(&format!("{here}/notes"), &[("text", HOSTILE)]).status, 303);
    assert_eq!(duty.post(&format!("{here}/tasks"), &[("text", "disconnect the share")]).status, 303);
    let task = value(&mut duty, &here)["tasks"][0].clone();
    assert_eq!((&task["owner"], &task["state"]), (&"王芳".into(), &"open".into()), "who names nobody takes it himself");
    assert_eq!(duty.post(&format!("{here}/tasks/1"), &[("state", "done")]).status, 303);
    assert_eq!(duty.post(&format!("{here}/tasks/9"), &[("state", "done")]).status, 404);
    assert_eq!(value(&mut duty, &here)["tasks"][0]["state"], "done");
    assert!(!duty.get(&format!("{here}/timeline")).body.contains("<img src=x"));
    // What is still owed keeps it open, unless somebody says why not.
    assert_eq!(duty.post(&format!("{here}/close"), &[("lessons", "patch sooner")]).status, 422);
    assert_eq!(
        duty.post(&format!("{here}/close"), &[("lessons", "patch sooner"), ("anyway", "told by hand")]).status,
        303
    );
    assert!(!value(&mut duty, &here)["closed"].is_null());
    assert_eq!(set(&mut duty, "loss-yuan", "1", ""), 422, "a closed one is graded no more");
    assert_eq!(duty.post(&format!("{here}/reopen"), &[("reason", "again")]).status, 303);
    assert!(value(&mut duty, &here)["closed"].is_null());
}

#[test]
fn a_form_is_drawn_up_by_one_and_read_by_another_before_it_is_frozen() {
    let site = open(NodeRole::Plant);
    let mut duty = site.signed_in("duty");
    let here = opened(&site, &mut duty);
    let drafted = duty.post(&format!("{here}/forms"), &[("form", "initial")]);
    assert_eq!(drafted.status, 303, "{}", drafted.body);
    let form = drafted.field("location").unwrap().split('?').next().unwrap().to_owned();
    let page = duty.get(&form);
    assert!(page.status == 200 && page.body.contains("draft") && page.body.contains("missing"), "{}", page.body);
    assert!(!page.body.contains("&quot;kind&quot;"), "values are said as on the paper: {}", page.body);
    for (kind, begins, content) in
        [("html", "<!DOCTYPE html>", "text/html"), ("docx", "PK", "officedocument"), ("json", "{", "application/json")]
    {
        let file = duty.get(&format!("{form}?as={kind}"));
        assert!(file.status == 200 && file.body.starts_with(begins), "{kind}");
        assert!(
            file.field("content-type").unwrap().contains(content)
                && file.field("content-disposition").unwrap().contains("attachment")
        );
        // JSON is read by programs: a text is itself there, and no browser is let take it for a page.
        assert!(kind == "json" || !file.body.contains("<img src=x"), "{kind}");
        assert_eq!(file.field("x-content-type-options"), Some("nosniff"), "{kind}");
    }
    assert_eq!(duty.get(&format!("{form}?as=exe")).status, 422);
    // The drafter's own name is no second person's; what lacks a field is not frozen.
    assert_eq!(duty.post(&form, &[("step", "reviewed")]).status, 422);
    assert_eq!(duty.post(&form, &[("step", "frozen")]).status, 422);
    assert_eq!(duty.post(&form, &[("step", "voided")]).status, 422, "a reason is needed");
    assert_eq!(duty.post(&form, &[("step", "voided"), ("reason", "wrong form")]).status, 303);
    assert_eq!(duty.get(&form.replace("/1", "/7")).status, 404);
    assert_eq!(duty.post(&format!("{here}/forms"), &[("form", "no-such")]).status, 422);
}

#[test]
fn drills_stand_apart_and_who_may_not_changes_nothing() {
    let site = open(NodeRole::Plant);
    let mut officer = site.signed_in("officer");
    assert_eq!(officer.post("/incidents", &[("title", "rehearsal of spring"), ("drill", "1")]).status, 303);
    assert!(!officer.get("/incidents?all=1").body.contains("rehearsal of spring"));
    let drills = officer.get("/incidents?drill=1");
    assert!(drills.body.contains("rehearsal of spring") && drills.body.contains("DRILL"), "{}", drills.body);
    let here = opened(&site, &mut officer);
    let mut auditor = site.signed_in("auditor");
    assert_eq!(auditor.get(&here).status, 200);
    assert!(!auditor.get(&here).body.contains("<textarea"), "who only reads is offered nothing to write");
    let records = site.node.store().records(&[RecordKind::Incident]).unwrap().len();
    for path in ["/incidents".to_owned(), format!("{here}/notes"), format!("{here}/close")] {
        assert_eq!(auditor.post(&path, &[("title", "x"), ("text", "x"), ("lessons", "x")]).status, 403, "{path}");
    }
    assert_eq!(site.node.store().records(&[RecordKind::Incident]).unwrap().len(), records);
    assert_eq!(site.signed_in("trainer").get("/incidents").status, 403);
    assert_eq!(officer.get("/incidents/i-00000000").status, 404);
    assert_eq!(officer.post("/incidents/i-00000000/notes", &[("text", "x")]).status, 404);
    assert_eq!(officer.post("/incidents", &[("title", "   ")]).status, 422);
}
