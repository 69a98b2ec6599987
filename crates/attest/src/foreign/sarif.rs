//! SARIF 2.1.0 (OASIS): results of static and other scanners.

use super::{Foreign, empty, list, said};
use crate::clean;
use evidence::{ForeignRow, ForeignStatus, Say};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn read(sarif: &Value) -> Result<Foreign, Say> {
    let mut out = Foreign { form: "sarif", ..Foreign::default() };
    let (mut tools, mut known): (Vec<String>, BTreeSet<String>) = Default::default();
    let mut number = 0;
    for run in list(sarif, "runs") {
        let driver = run.get("tool").and_then(|t| t.get("driver")).unwrap_or(&Value::Null);
        let version = [said(driver, "semanticVersion"), said(driver, "version")].into_iter().find(|v| !v.is_empty());
        let tool = clean(&format!("{} {}", said(driver, "name"), version.unwrap_or_default()));
        if known.insert(tool.clone()) {
            tools.push(tool);
        }
        for invocation in list(run, "invocations") {
            out.seen_at(said(invocation, "startTimeUtc"));
            out.seen_at(said(invocation, "endTimeUtc"));
        }
        let rules = Rules::of(driver);
        for result in list(run, "results") {
            number += 1;
            let passed = matches!(said(result, "kind"), "pass" | "notApplicable");
            if passed || suppressed(result) {
                out.left_out += 1;
            } else {
                out.row(number, row(result, &rules))?;
            }
        }
    }
    out.tool = clean(&tools.join(", "));
    Ok(out)
}

/// A suppression that was asked for or turned down (3.35) suppresses nothing, and no other beside it does.
fn suppressed(result: &Value) -> bool {
    let all = list(result, "suppressions");
    !all.is_empty() && !all.iter().any(|s| matches!(said(s, "status"), "rejected" | "underReview"))
}

/// Rules of one run.
struct Rules<'a> {
    all: &'a [Value],
    /// The first of each id: looking through all of them for each result would take the product of both.
    by_id: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Rules<'a> {
    fn of(driver: &'a Value) -> Self {
        let all = list(driver, "rules");
        // Of equal keys the last one stays.
        Self { all, by_id: all.iter().rev().map(|r| (said(r, "id"), r)).collect() }
    }
}

fn row(result: &Value, rules: &Rules<'_>) -> Result<ForeignRow, Say> {
    let index = result.get("ruleIndex").or_else(|| result.get("rule")?.get("index")).and_then(Value::as_u64);
    let by_index = index.and_then(|n| rules.all.get(usize::try_from(n).ok()?));
    let named = [said(result, "ruleId"), result.get("rule").map_or("", |r| said(r, "id"))];
    let id = named.into_iter().find(|id| !id.is_empty()).or_else(|| by_index.map(|r| said(r, "id")));
    let id = id.unwrap_or_default();
    let rule = by_index.filter(|r| id.starts_with(said(r, "id")));
    let rule = rule.or_else(|| rules.by_id.get(id).copied()).unwrap_or(&Value::Null);
    let default = || rule.get("defaultConfiguration").map(|c| said(c, "level")).filter(|l| !l.is_empty());
    let level = Some(said(result, "level")).filter(|l| !l.is_empty()).or_else(default).unwrap_or("warning");
    let text = rule.get("shortDescription").map_or("", |d| said(d, "text"));
    let title = if text.is_empty() { said(rule, "name") } else { text };
    let place = list(result, "locations").first().and_then(|l| l.get("physicalLocation"));
    let uri = place.and_then(|p| p.get("artifactLocation")).map_or("", |a| said(a, "uri"));
    let line = place.and_then(|p| p.get("region")?.get("startLine")?.as_u64());
    Ok(ForeignRow {
        severity: level.to_owned(),
        title: title.to_owned(),
        place: line.map_or_else(|| uri.to_owned(), |line| format!("{uri}:{line}")),
        ..empty(id, ForeignStatus::Found)
    })
}
