//! VEX: what a supplier or plant says of a vulnerability in a component. CycloneDX (ECMA-424) and OpenVEX 0.2.

use super::{Foreign, empty, list, said, status};
use crate::clean;
use evidence::{ForeignRow, ForeignStatus, Say};
use serde_json::Value;
use std::collections::BTreeMap;

/// Deepest nesting of components that are looked up.
const DEPTH_MAX: usize = 64;

/// Components of a bill by their reference: package URL or name, and version.
type Components<'a> = BTreeMap<&'a str, (&'a str, &'a str)>;

fn components<'a>(value: &'a Value, depth: usize, out: &mut Components<'a>) {
    for c in list(value, "components").iter().chain(value.get("metadata").and_then(|m| m.get("component"))) {
        let name = if said(c, "purl").is_empty() { said(c, "name") } else { said(c, "purl") };
        out.insert(said(c, "bom-ref"), (name, said(c, "version")));
        if depth < DEPTH_MAX {
            components(c, depth + 1, out);
        }
    }
}

pub(super) fn cyclonedx(bom: &Value) -> Result<Foreign, Say> {
    let mut out = Foreign { form: "cyclonedx", ..Foreign::default() };
    let metadata = bom.get("metadata").unwrap_or(&Value::Null);
    let tools = metadata.get("tools").unwrap_or(&Value::Null);
    let first = list(tools, "components").first().or_else(|| tools.as_array().and_then(|t| t.first()));
    let first = first.or_else(|| metadata.get("supplier")).unwrap_or(&Value::Null);
    out.tool = clean(&format!("{} {}", said(first, "name"), said(first, "version")));
    out.seen_at(said(metadata, "timestamp"));
    let mut known = Components::new();
    components(bom, 0, &mut known);
    let mut number = 0;
    for vulnerability in list(bom, "vulnerabilities") {
        let analysis = vulnerability.get("analysis").unwrap_or(&Value::Null);
        let rating = list(vulnerability, "ratings").iter().map(|r| said(r, "severity")).find(|s| !s.is_empty());
        let affects = list(vulnerability, "affects");
        let bare = Value::Null;
        let affects = if affects.is_empty() { std::slice::from_ref(&bare) } else { affects };
        for one in affects {
            number += 1;
            // A reference into another document: `urn:cdx:SERIAL/VERSION#bom-ref`.
            let reference = said(one, "ref");
            let local = reference.rsplit_once('#').filter(|_| reference.starts_with("urn:cdx:"));
            let local = local.map_or(reference, |r| r.1);
            let (package, version) = known.get(local).copied().unwrap_or((local, ""));
            out.row(
                number,
                status(said(analysis, "state")).map(|status| ForeignRow {
                    package: package.to_owned(),
                    version: version.to_owned(),
                    severity: rating.unwrap_or_default().to_owned(),
                    justification: said(analysis, "justification").to_owned(),
                    ..empty(said(vulnerability, "id"), status)
                }),
            )?;
        }
    }
    Ok(out)
}

pub(super) fn openvex(vex: &Value) -> Result<Foreign, Say> {
    let mut out = Foreign { form: "openvex", tool: clean(said(vex, "author")), ..Foreign::default() };
    out.seen_at(said(vex, "timestamp"));
    out.seen_at(said(vex, "last_updated"));
    let mut number = 0;
    for statement in list(vex, "statements") {
        let vulnerability = statement.get("vulnerability").unwrap_or(&Value::Null);
        let id = vulnerability.as_str().unwrap_or_else(|| said(vulnerability, "name"));
        for product in list(statement, "products") {
            number += 1;
            let told: Result<ForeignStatus, Say> = match said(statement, "status") {
                // Nothing here is a finding of a tool: a statement without a status says nothing.
                "" => Err(Say::new("row.unknown-status").with("value", "")),
                word => status(word),
            };
            let named = product.get("identifiers").map_or("", |i| said(i, "purl"));
            let package = if named.is_empty() { said(product, "@id") } else { named };
            out.row(
                number,
                told.map(|status| ForeignRow {
                    package: product.as_str().unwrap_or(package).to_owned(),
                    justification: said(statement, "justification").to_owned(),
                    ..empty(id, status)
                }),
            )?;
        }
    }
    Ok(out)
}
