//! SARIF 2.1.0 (OASIS): results of static and other scanners.

use super::{Foreign, empty, list, said};
use crate::clean;
use evidence::{ForeignRow, ForeignStatus, Say};
use serde_json::Value;

pub(super) fn read(sarif: &Value) -> Foreign {
    let mut out = Foreign { form: "sarif", ..Foreign::default() };
    let mut tools: Vec<String> = Vec::new();
    let mut number = 0;
    for run in list(sarif, "runs") {
        let driver = run.get("tool").and_then(|t| t.get("driver")).unwrap_or(&Value::Null);
        let version = [said(driver, "semanticVersion"), said(driver, "version")].into_iter().find(|v| !v.is_empty());
        let tool = clean(&format!("{} {}", said(driver, "name"), version.unwrap_or_default()));
        if !tools.contains(&tool) {
            tools.push(tool);
        }
        for invocation in list(run, "invocations") {
            out.seen_at(said(invocation, "startTimeUtc"));
            out.seen_at(said(invocation, "endTimeUtc"));
        }
        for result in list(run, "results") {
            number += 1;
            let passed = matches!(said(result, "kind"), "pass" | "notApplicable");
            if passed || !list(result, "suppressions").is_empty() {
                out.left_out += 1;
            } else {
                out.row(number, row(result, driver));
            }
        }
    }
    out.tool = clean(&tools.join(", "));
    out
}

fn row(result: &Value, driver: &Value) -> Result<ForeignRow, Say> {
    let index = result.get("ruleIndex").or_else(|| result.get("rule")?.get("index")).and_then(Value::as_u64);
    let by_index = index.and_then(|n| list(driver, "rules").get(usize::try_from(n).ok()?));
    let named = [said(result, "ruleId"), result.get("rule").map_or("", |r| said(r, "id"))];
    let id = named.into_iter().find(|id| !id.is_empty()).or_else(|| by_index.map(|r| said(r, "id")));
    let id = id.unwrap_or_default();
    let rule = by_index.filter(|r| id.starts_with(said(r, "id")));
    let rule = rule.or_else(|| list(driver, "rules").iter().find(|r| said(r, "id") == id)).unwrap_or(&Value::Null);
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
