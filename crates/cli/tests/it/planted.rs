//! `watchfire inspect` on a machine with planted conditions, and on its clean twin.
//!
//! What is planted, and where it should be found, is written in `testing::twin` in words of its own.

use crate::bench::{Dir, as_nobody, clean, root_or_skip, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;
use testing::twin;

/// Checks over facts that only a running system shows, and checks that need packs of advisories: an image without such
/// packs cannot tell, and says so.
const NOT_OF_AN_IMAGE: [&str; 0] = [];

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_default().to_owned()
}
/// `path:line` of each piece of evidence of a finding.
fn places(finding: &Value) -> BTreeSet<String> {
    let place = |e: &Value| match e["at"]["line"].as_u64() {
        Some(line) => format!("{}:{line}", text(&e["at"]["path"])),
        None => text(&e["at"]["path"]),
    };
    finding["evidence"].as_array().unwrap().iter().map(place).collect()
}
fn findings<'r>(report: &'r Value, check: &str) -> Vec<&'r Value> {
    report["findings"].as_array().unwrap().iter().filter(|f| f["check"] == check).collect()
}
/// Machine checks by outcome and reason.
fn outcomes(report: &Value) -> BTreeMap<String, (String, String)> {
    let all = report["checks"].as_array().unwrap().iter();
    all.map(|c| (text(&c["check"]), (text(&c["outcome"]), text(&c["because"]["key"])))).collect()
}

#[test]
fn every_planted_condition_is_found_with_its_object_and_place() {
    let dir = Dir::new();
    let machine = twin::planted(&dir.at("host"), SystemTime::now());
    let report = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    std::fs::write("/tmp/planted.json", serde_json::to_string_pretty(&report).unwrap()).unwrap();
    let privileged = rustix::process::getuid().is_root();
    let mut missed = Vec::new();
    for (scenario, plant) in twin::plants() {
        if !privileged && plant.steps.iter().any(|s| matches!(s, twin::Step::Capability(_) | twin::Step::Owner(..))) {
            println!("SKIPPED: {}: planting it needs root", plant.what);
            continue;
        }
        let (object, place) = (machine.object(&plant), machine.place(plant.at));
        let of = findings(&report, plant.check);
        let found = of.iter().find(|f| text(&f["object"]) == object);
        match found {
            None => {
                let why = &outcomes(&report)[plant.check];
                let others: Vec<String> = of.iter().map(|f| text(&f["object"])).collect();
                missed.push(format!("{scenario}: {}: {} names no {object:?}, but {others:?}; {why:?}", plant.what, plant.check));
            }
            Some(f) if !place.is_empty() && !places(f).contains(&place) => {
                missed.push(format!("{scenario}: {}: {} at {:?}, not at {place}", plant.what, plant.check, places(f)));
            }
            Some(_) => {}
        }
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), twin::plants().len(), missed.join("\n"));
}

#[test]
fn the_clean_twin_has_no_finding() {
    let dir = Dir::new();
    let _machine = twin::clean(&dir.at("host"), SystemTime::now());
    let report = dir.json(&["inspect", "--root", "host", "--format", "json"]);
    std::fs::write("/tmp/clean.json", serde_json::to_string_pretty(&report).unwrap()).unwrap();
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| format!("{} {} {:?}", text(&f["check"]), text(&f["object"]), places(f)))
        .collect();
    let open: Vec<String> = outcomes(&report)
        .into_iter()
        .filter(|(_, (outcome, _))| outcome == "cannot-tell")
        .map(|(check, (_, because))| format!("{check} {because}"))
        .collect();
    println!("cannot tell {}: {open:#?}", open.len());
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(open, NOT_OF_AN_IMAGE);
}
