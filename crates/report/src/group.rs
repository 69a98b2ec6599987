//! Groups as tables and as JSON: each enterprise one row, sums beside their denominator.

use crate::oversight::{Cell, Table};
use crate::words;
use evidence::{Lang, MemberStanding};
use judge::{GroupAmounts, GroupRow, GroupStanding};
use serde_json::{Map, Value, json};

/// Columns before the amounts; words `group.column.<name>`.
const COLUMNS: [&str; 6] = ["group", "uscc", "name", "belongs", "state", "date"];

/// What the report of a row comes to. Words `group.state.<name>`.
#[must_use]
pub fn state(r: &GroupRow) -> &'static str {
    match (&r.report, r.doubted, r.expired) {
        (None, true, _) => "doubted",
        (None, false, _) => "silent",
        (Some(_), _, true) => "expired",
        (Some(_), true, false) => "newer-doubted",
        (Some(_), false, false) => "counts",
    }
}

/// By whom it belongs to the group. Words `group.belongs.<name>`.
#[must_use]
pub fn belongs(r: &GroupRow) -> &'static str {
    let certified = r.certified == Some(MemberStanding::Certified);
    match (r.listed, certified) {
        (Some(true), true) => "both",
        (Some(true), false) => "registry",
        (_, true) => "group",
        (_, false) => "neither",
    }
}

fn amounts_json(amounts: &GroupAmounts) -> Value {
    let named = amounts.named();
    Value::Object(named.iter().map(|(name, n)| (name.replace('-', "_"), json!(n))).collect::<Map<_, _>>())
}

/// A group with all of its rows.
#[must_use]
pub fn group_json(g: &GroupStanding) -> Value {
    let rows = g.rows.iter().map(|r| {
        json!({
            "uscc": r.uscc, "name": r.name, "supervisor": r.supervisor, "in_registry": r.listed,
            "certified": r.certified.map(MemberStanding::name), "nodes": r.nodes, "belongs": belongs(r),
            "report": r.report.map(|(at, leaf)| json!({"as_of": at, "record": leaf})), "state": state(r),
            "doubted": r.doubted, "expired": r.expired, "amounts": r.amounts.as_ref().map(amounts_json),
        })
    });
    json!({
        "group": g.group, "name": g.name, "members": g.rows.len(), "reported": g.reported, "outside": g.outside,
        "sums": amounts_json(&g.sums), "rows": rows.collect::<Vec<_>>(), "doubts": g.doubts,
    })
}

/// One row an enterprise.
#[must_use]
pub fn table(lang: Lang, groups: &[GroupStanding]) -> Table {
    let text = |key: String| words::text(lang, &key).to_owned();
    let named = GroupAmounts::default().named();
    let heads = COLUMNS.iter().map(|c| text(format!("group.column.{c}")));
    let heads = heads.chain(named.iter().map(|(name, _)| text(format!("group.amount.{name}"))));
    let mut out = Table { title: text("group.title".to_owned()), head: heads.collect(), rows: Vec::new() };
    for g in groups {
        for r in &g.rows {
            let mut cells: Vec<Cell> = vec![
                g.group.as_str().into(),
                r.uscc.as_str().into(),
                r.name.as_str().into(),
                text(format!("group.belongs.{}", belongs(r))).into(),
                text(format!("group.state.{}", state(r))).into(),
                r.report.map_or_else(String::new, |(at, _)| at.date()).into(),
            ];
            match &r.amounts {
                Some(a) => cells.extend(a.named().iter().map(|(_, n)| Cell::Number(*n))),
                None => cells.extend(named.iter().map(|_| Cell::from(""))),
            }
            out.rows.push(cells);
        }
    }
    out
}
