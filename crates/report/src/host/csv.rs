//! The CSV face: one row a result, so that a spreadsheet alone is not silent about what could not be told.

use super::{Line, lines, place_of, said};
use crate::Input;
use crate::discover::{safe, write};
use crate::view::Tongue;
use evidence::{CheckId, Outcome};
use std::collections::BTreeMap;

/// The columns. Fixed: programs read them.
const HEAD: [&str; 17] = [
    "kind", "id", "check", "title", "scenario", "host", "outcome", "severity", "object", "path", "place", "digest",
    "because", "remedy", "source", "rows", "mappings",
];

/// The whole text.
pub(crate) fn render(input: &Input<'_>, tongue: Tongue<'_>) -> String {
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    rows.extend(lines(input).iter().map(|line| row(input, tongue, line)));
    for c in crate::origin::components(input) {
        let name = [c.text("name"), c.text("component")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
        let place = &c.fact.at;
        let cells = BTreeMap::from([
            ("kind", "origin".to_owned()),
            ("id", c.text("component").to_owned()),
            ("title", name.to_owned()),
            ("host", c.host.to_owned()),
            ("outcome", c.seat.name().to_owned()),
            ("object", tongue.code("made-kind", c.text("kind"))),
            ("path", place.path.as_str().to_owned()),
            ("place", place.to_string()),
            ("digest", place.digest.map(|d| d.to_string()).unwrap_or_default()),
            ("because", crate::origin::line(tongue, &c)),
        ]);
        rows.push(in_order(&cells));
    }
    for g in &input.judgement.gaps {
        let mut cells = BTreeMap::from([("kind", "gap".to_owned()), ("host", g.host.clone())]);
        cells.insert("object", g.area.clone());
        cells.insert("because", format!("{} ({})", tongue.code("gap", g.reason.name()), g.count));
        rows.push(in_order(&cells));
    }
    write(rows.into_iter())
}

fn in_order(cells: &BTreeMap<&str, String>) -> Vec<String> {
    HEAD.iter().map(|h| safe(cells.get(h).map_or("", String::as_str))).collect()
}

fn row(input: &Input<'_>, tongue: Tongue<'_>, line: &Line<'_>) -> Vec<String> {
    let none = BTreeMap::new();
    let mut cells: BTreeMap<&str, String> = BTreeMap::new();
    let (check, with) = match line {
        Line::Check(c) => {
            cells.insert("kind", "check".to_owned());
            cells.insert("host", c.host.clone());
            cells.insert("outcome", c.outcome.name().to_owned());
            cells.insert("because", c.because.as_ref().map(|b| tongue.say(b)).unwrap_or_default());
            (&c.check, &none)
        }
        Line::Finding(f, approved) => {
            cells.insert("kind", if approved.is_some() { "approved" } else { "finding" }.to_owned());
            cells.insert("id", f.id.hex());
            cells.insert("host", f.host.clone());
            if let Some(a) = approved {
                cells.insert("because", said(tongue, a));
            } else {
                cells.insert("outcome", Outcome::Fail.name().to_owned());
            }
            cells.insert("severity", f.severity.name().to_owned());
            cells.insert("object", f.object.clone());
            if let Some(at) = place_of(input, f) {
                cells.insert("path", at.path.as_str().to_owned());
                cells.insert("place", at.to_string());
                cells.insert("digest", at.digest.map(|d| d.to_string()).unwrap_or_default());
            }
            (&f.check, &f.with)
        }
    };
    about(&mut cells, input, tongue, check, with);
    in_order(&cells)
}

fn about(
    cells: &mut BTreeMap<&str, String>,
    input: &Input<'_>,
    tongue: Tongue<'_>,
    id: &CheckId,
    with: &BTreeMap<String, String>,
) {
    cells.insert("check", id.as_str().to_owned());
    cells.insert("title", tongue.check(id, "title", with));
    cells.insert("remedy", tongue.check(id, "remedy", with));
    if let Some(check) = input.plan.check(id) {
        cells.insert("scenario", tongue.scenario(&check.scenario));
        cells.insert("source", check.sourced.source.clone());
        let rows: Vec<String> = check.rows.iter().map(ToString::to_string).collect();
        cells.insert("rows", rows.join(" "));
        cells.insert("mappings", check.mappings.join("; "));
        cells.entry("severity").or_insert_with(|| check.severity.name().to_owned());
    }
}
