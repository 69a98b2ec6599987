//! CycloneDX 1.6 (ECMA-424): the software of the hosts as a bill of materials, with what is known of its vulnerabilities.
//!
//! A host is a component of type `device`; its packages and libraries stand inside it, each with a package URL where its
//! ecosystem has one and with the place where it was seen. What could not be read is in the report, not here: a bill of
//! materials has no word for it, so the completeness is declared `incomplete` where there is a gap.

use super::purl::Named;
use crate::{Input, Ran};
use evidence::{Body, Fact, FactValue};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The whole text.
pub(crate) fn render(input: &Input<'_>) -> String {
    let runs: Vec<Ran<'_>> = input.runs().collect();
    let hosts: Vec<Value> = runs.iter().map(device).collect();
    let vulnerabilities: Vec<Value> = runs.iter().flat_map(vulnerabilities).collect();
    let gaps = runs.iter().any(incomplete);
    let (name, version) = input.program.split_once(' ').unwrap_or((input.program, ""));
    let refs: Vec<&Value> = hosts.iter().map(|h| &h["bom-ref"]).collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": input.judgement.as_of,
            "tools": {"components": [{"type": "application", "name": name, "version": version}]},
            "properties": [{"name": "watchfire:judgement", "value": input.judgement_leaf}],
        },
        "compositions": [{"aggregate": if gaps { "incomplete" } else { "complete" }, "assemblies": refs}],
        "components": hosts,
        "vulnerabilities": vulnerabilities,
    });
    crate::json::escape(&serde_json::to_string_pretty(&document).expect("a JSON value has a text"))
}

/// Some software could not be seen.
pub(super) fn incomplete(run: &Ran<'_>) -> bool {
    let software = |what: &str| what == "fact:package" || what == "fact:library" || what == "run";
    run.items.iter().any(|i| matches!(&i.body, Body::Gap(g) if software(&g.what)))
}

/// What a package or library is called in a package URL.
pub(super) fn named<'a>(row: &'a FactValue, os: (&'a str, &'a str)) -> Named<'a> {
    let manager = text(row, "manager");
    Named {
        from: if manager.is_empty() { text(row, "ecosystem") } else { manager },
        name: text(row, "name"),
        version: text(row, "version"),
        arch: text(row, "arch"),
        source: (text(row, "source"), text(row, "source_version")),
        ecosystem: text(row, "ecosystem"),
        os,
    }
}

pub(super) fn facts<'a>(run: &Ran<'a>, id: &'a str) -> impl Iterator<Item = &'a Fact> {
    run.items.iter().filter_map(move |i| match &i.body {
        Body::Fact(f) if f.fact.as_str() == id => Some(f),
        _ => None,
    })
}
pub(super) fn text<'a>(row: &'a FactValue, field: &str) -> &'a str {
    match row.field(field) {
        Some(FactValue::Text(t)) => t,
        _ => "",
    }
}
pub(super) fn one(run: &Ran<'_>, id: &str) -> String {
    run.items
        .iter()
        .find_map(|i| match &i.body {
            Body::Fact(f) if f.fact.as_str() == id => Some(f.value.to_string()),
            _ => None,
        })
        .unwrap_or_default()
}

fn device(run: &Ran<'_>) -> Value {
    let host = &run.examination.subject.host;
    let (os, release) = (one(run, "os.id"), one(run, "os.version"));
    let mut components: BTreeMap<String, Value> = BTreeMap::new();
    if !os.is_empty() {
        let mut system = json!({"type": "operating-system", "name": os, "bom-ref": format!("{host}/os")});
        if !release.is_empty() {
            system["version"] = json!(release);
        }
        components.insert(String::new(), system);
    }
    made(run, &mut components, OF_SYSTEM);
    for (fact, kind) in [("package", "application"), ("library", "library")] {
        for f in facts(run, fact) {
            let (reference, component) = component(host, kind, f, (&os, &release));
            match components.get_mut(&reference).and_then(|c| c["evidence"]["occurrences"].as_array_mut()) {
                Some(places) => places.push(json!({"location": f.at.to_string()})),
                None => {
                    components.insert(reference, component);
                }
            }
        }
    }
    made(run, &mut components, OF_PARTS);
    let mut device = json!({
        "type": "device",
        "name": host,
        "bom-ref": host,
        "components": components.into_values().collect::<Vec<_>>(),
    });
    if let Some(machine) = facts(run, "origin.hardware").find(|f| text(&f.value, "component") == "system") {
        supply(&mut device, &machine.value);
    }
    device
}

/// The system alone: it is the first component of a host.
const OF_SYSTEM: bool = true;
/// Programs and hardware.
const OF_PARTS: bool = false;

/// Adds who made it: the entity with its country, and what belongs to it as properties.
fn supply(component: &mut Value, row: &FactValue) {
    let (supplier, country) = (text(row, "supplier"), text(row, "country"));
    if !supplier.is_empty() {
        component["supplier"] = json!({"name": supplier});
        if country.len() == 2 {
            component["supplier"]["address"] = json!({"country": country});
        }
    }
    let mut properties = Vec::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            properties.push(json!({"name": format!("watchfire:{name}"), "value": value}));
        }
    };
    put("kind", text(row, "kind"));
    // A community has no country; a maker that nobody knows has none either, and that is said.
    put("origin", if country.is_empty() { "unknown" } else { country });
    put("support_end", text(row, "support_end").split('T').next().unwrap_or_default());
    put("dated", text(row, "dated").split('T').next().unwrap_or_default());
    for list in ["counterparts", "depends"] {
        if let Some(FactValue::Texts(all)) = row.field(list) {
            all.iter().for_each(|t| put(list, t));
        }
    }
    component["properties"] = json!(properties);
}

/// Adds components by who made them. A program that is a package already is that component; others stand for themselves.
fn made(run: &Ran<'_>, components: &mut BTreeMap<String, Value>, system: bool) {
    let host = &run.examination.subject.host;
    if system {
        let row = facts(run, "origin.component").find(|f| text(&f.value, "kind") == "os");
        if let (Some(row), Some(os)) = (row, components.get_mut("")) {
            supply(os, &row.value);
        }
        return;
    }
    for f in facts(run, "origin.component").filter(|f| text(&f.value, "kind") != "os") {
        let row = &f.value;
        let at = f.at.to_string();
        let same = components.values_mut().find(|c| {
            let places = c["evidence"]["occurrences"].as_array();
            text(row, "known") == "package" && places.is_some_and(|p| p.iter().any(|o| o["location"] == json!(at)))
        });
        if let Some(package) = same {
            supply(package, row);
            continue;
        }
        let reference = format!("{host}/origin/{}", text(row, "component"));
        components.entry(reference.clone()).or_insert_with(|| part("application", &reference, f));
    }
    for f in facts(run, "origin.hardware").filter(|f| text(&f.value, "component") != "system") {
        let kind = if text(&f.value, "kind") == "firmware" { "firmware" } else { "device" };
        let reference = format!("{host}/hardware/{}", text(&f.value, "component"));
        components.entry(reference.clone()).or_insert_with(|| part(kind, &reference, f));
    }
}

fn part(kind: &str, reference: &str, f: &Fact) -> Value {
    let row = &f.value;
    let name = [text(row, "name"), text(row, "component")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
    let mut out = json!({
        "type": kind,
        "name": name,
        "bom-ref": reference,
        "evidence": {"occurrences": [{"location": f.at.to_string()}]},
    });
    if !text(row, "version").is_empty() {
        out["version"] = json!(text(row, "version"));
    }
    supply(&mut out, row);
    out
}

fn component(host: &str, kind: &str, f: &Fact, os: (&str, &str)) -> (String, Value) {
    let (name, version) = (text(&f.value, "name"), text(&f.value, "version"));
    let from = match kind {
        "library" => text(&f.value, "ecosystem"),
        _ => text(&f.value, "manager"),
    };
    let reference = format!("{host}/{from}/{name}@{version}");
    let mut out = json!({
        "type": kind,
        "name": name,
        "bom-ref": reference,
        "evidence": {"occurrences": [{"location": f.at.to_string()}]},
    });
    if !version.is_empty() {
        out["version"] = json!(version);
    }
    if let Some(purl) = named(&f.value, os).purl() {
        out["purl"] = json!(purl);
    }
    if f.value.field("packaged") == Some(&FactValue::Bool(true)) {
        out["properties"] = json!([{"name": "watchfire:packaged", "value": "true"}]);
    }
    (reference, out)
}

/// One entry an advisory; `affects` names every package that it was found in.
fn vulnerabilities(run: &Ran<'_>) -> Vec<Value> {
    let host = &run.examination.subject.host;
    let mut affected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (fact, table, from) in
        [("vulnerable.package", "package", "manager"), ("vulnerable.library", "library", "ecosystem")]
    {
        let key = |row: &Fact, name: &str| (text(&row.value, name).to_owned(), text(&row.value, "version").to_owned());
        let seen: BTreeMap<_, _> = facts(run, table).map(|p| (key(p, "name"), text(&p.value, from))).collect();
        for f in facts(run, fact) {
            let of = key(f, "package");
            let from = seen.get(&of).copied().unwrap_or_default();
            let (name, version) = of;
            if let Some(FactValue::Texts(ids)) = f.value.field("advisories") {
                for id in ids {
                    affected.entry(id.clone()).or_default().insert(format!("{host}/{from}/{name}@{version}"));
                }
            }
        }
    }
    let entry = |(id, refs): (String, BTreeSet<String>)| {
        let affects: Vec<Value> = refs.iter().map(|r| json!({"ref": r})).collect();
        json!({"id": id, "affects": affects})
    };
    affected.into_iter().map(entry).collect()
}
