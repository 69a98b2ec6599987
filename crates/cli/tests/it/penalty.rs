//! Exposure to penalties as people read it: articles, amounts as the text has them, why, and what it is not.

use crate::bench::{Dir, host};
use serde_json::Value;

fn list(dir: &Dir, extra: &[&str]) -> Value {
    dir.json(&[&["penalty", "list", "--format", "json"], extra].concat())
}
fn ids(list: &Value) -> Vec<&str> {
    list["penalties"].as_array().unwrap().iter().map(|p| p["penalty"].as_str().unwrap()).collect()
}
fn row<'a>(list: &'a Value, id: &str) -> &'a Value {
    let all = list["penalties"].as_array().unwrap();
    all.iter().find(|p| p["penalty"] == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn nothing_touched_is_not_no_risk() {
    let dir = Dir::new();
    let text = dir.run(&["penalty", "list"]).done();
    let text = text.says(&["does not mean that there is no", "not legal advice", "No findings were looked at"]).out;
    assert!(!text.to_lowercase().contains("no risk.") && !text.contains("Total"), "{text}");
    dir.run(&["penalty", "list", "--lang", "zh"]).done().says(&["不表示没有风险", "不构成法律意见"]);
    assert!(!dir.home().exists(), "looking makes no home");
    let all = list(&dir, &["--all"]);
    assert!(ids(&all).contains(&"dsl-48-foreign") && all["touched"] == 0, "{all}");
    dir.run(&["penalty", "list", "--all"]).done().says(&["not touched by what was looked at"]);
    // What nothing can touch says why.
    assert!(row(&all, "dsl-48-refusal")["untouched"]["en"].as_str().unwrap().contains("article 35"));
    assert!(row(&all, "dsl-48-foreign")["untouched"].is_null());
    dir.run(&["penalty", "list", "--all", "--lang", "zh"]).done().says(&["第三十五条"]);
}

#[test]
fn findings_and_incidents_touch_articles_with_their_amounts_and_sources() {
    let dir = Dir::new();
    host(&dir);
    dir.run(&["inspect", "--root", "host"]).done();
    let shown = list(&dir, &[]);
    // Root may log in over SSH: duties to protect, in the two laws.
    for id in ["dsl-45", "csl-61"] {
        assert!(ids(&shown).contains(&id), "{id} in {:?}", ids(&shown));
    }
    assert!(shown["judgement"]["leaf"].as_str().unwrap().starts_with("sha256:"));
    let data_law = row(&shown, "dsl-45");
    assert_eq!((&data_law["from"], &data_law["to"]), (&50_000.into(), &500_000.into()));
    assert_eq!(data_law["person"], serde_json::json!({"from": 10_000, "to": 100_000}));
    assert!(data_law["because"].as_array().unwrap().iter().all(|b| b["what"] == "finding"));
    assert!(!ids(&shown).iter().any(|i| i.starts_with("dsl-46") || i.starts_with("dsl-48")), "{:?}", ids(&shown));

    // One finding alone touches no more than all of them.
    let because = data_law["because"][0]["id"].as_str().unwrap().to_owned();
    let one = list(&dir, &["--finding", &because[..12]]);
    assert_eq!((&one["looked_at"]["findings"], &one["judgement"]), (&1.into(), &Value::Null));
    assert!(ids(&one).iter().all(|i| ids(&shown).contains(i)) && ids(&one).contains(&"dsl-45"));
    dir.run(&["penalty", "list", "--finding", "ffffffffffff"]).ends(2).complains(&["ffffffffffff"]);

    let opened = dir.json(&["incident", "open", "--title", "leak", "--format", "json"]);
    let incident = opened["incident"].as_str().unwrap().to_owned();
    let important = ["incident", "grade", &incident, "--set", "data-level=important"];
    dir.run(&important).done();
    let with = list(&dir, &["--incident", &incident]);
    assert!(ids(&with).contains(&"dsl-45") && ids(&with).contains(&"order-790-56"), "{:?}", ids(&with));
    assert_eq!(row(&with, "order-790-56")["because"][0]["via"], "data:important");
    // How many are concerned is not known yet: a mass leak is possible, no more.
    assert_eq!(row(&with, "csl-61-mass-leak")["because"][0]["certain"], false);
    let text = dir.run(&["penalty", "list", "--incident", &incident]).done().out;
    for said in ["50,000 to 500,000 yuan", "up to 5 per cent", "possibly, as long as", &incident, "source:"] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    dir.run(&["penalty", "list", "--lang", "zh"]).done().says(&[
        "《数据安全法》第四十五条第一款",
        "50,000 至 500,000 元",
        "裁量",
    ]);
    let csv = dir.run(&["penalty", "list", "--all", "--format", "csv"]).done().out;
    assert!(csv.starts_with("\u{feff}penalty,basis,offence,currency,from,to"), "{csv}");
    assert!(csv.contains("dsl-45,《数据安全法》第四十五条第一款,"), "{csv}");

    // A closed incident was dealt with, and a drill touches no law.
    dir.run(&["incident", "close", &incident, "--lessons", "none", "--anyway", "only a trial"]).done();
    dir.run(&["incident", "open", "--title", "rehearsal", "--drill"]).done();
    assert_eq!(list(&dir, &[])["looked_at"]["incidents"], 0);
}

#[test]
fn a_transfer_is_asked_about_by_its_rule() {
    let dir = Dir::new();
    let shown = list(&dir, &["--transfer", "important-data"]);
    assert_eq!(ids(&shown), ["dsl-46", "dsl-46-serious"]);
    let serious = row(&shown, "dsl-46-serious");
    assert_eq!(
        (&serious["from"], &serious["to"], &serious["serious"]),
        (&1_000_000.into(), &10_000_000.into(), &true.into())
    );
    dir.run(&["penalty", "list", "--transfer", "nothing"]).ends(2).complains(&["important-data"]);
}

#[test]
fn another_countrys_plan_has_its_own_money_and_marks_what_is_not_confirmed() {
    let dir = Dir::new();
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plans/nis2");
    dir.run(&["--plan", plan, "penalty", "list", "--all"]).done().says(&[
        "up to 10,000,000 euro",
        "1.4 per cent",
        "not confirmed",
    ]);
}
