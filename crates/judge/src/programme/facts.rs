//! What conditions of counters read: one row of facts a report, a return, an entry. What is not known is absent, so that a condition
//! that needs it cannot be told.

use super::input::Counted;
use evidence::{FactValue, ProgrammeEntry, ProgrammeReport, RollRow, ScenarioCounts, Time};
use std::collections::BTreeMap;

type Row = BTreeMap<String, FactValue>;

fn number(row: &mut Row, name: &str, n: u64) {
    row.insert(name.to_owned(), FactValue::Int(i64::try_from(n).unwrap_or(i64::MAX)));
}
fn time(row: &mut Row, name: &str, at: Option<Time>) {
    if let Some(at) = at {
        row.insert(name.to_owned(), FactValue::time(at));
    }
}
fn text(row: &mut Row, name: &str, value: &str) {
    row.insert(name.to_owned(), FactValue::from(value));
}

/// Of a plant's report. A plant without a catalogue has none of its facts.
pub(crate) fn of_report(r: &ProgrammeReport) -> FactValue {
    let mut row = Row::new();
    if let Some(c) = &r.catalogue {
        let graded = c.levels.values().fold(0_u64, |sum, n| sum.saturating_add(*n));
        number(&mut row, "assets", graded.saturating_add(c.ungraded));
        number(&mut row, "graded", graded);
        number(&mut row, "ungraded", c.ungraded);
        number(&mut row, "confirmed", c.confirmed);
        time(&mut row, "catalogue_at", Some(c.as_of));
        time(&mut row, "filed", c.filed);
    }
    number(&mut row, "drills", r.drills.as_ref().map_or(0, |d| d.held));
    time(&mut row, "drill_at", r.drills.as_ref().map(|d| d.newest));
    time(&mut row, "as_of", Some(r.as_of));
    let scope = |of: fn(&evidence::ScopeShare) -> u64| r.scope.iter().fold(0_u64, |sum, s| sum.saturating_add(of(s)));
    number(&mut row, "declared", scope(|s| s.declared));
    number(&mut row, "examined", scope(|s| s.examined));
    number(&mut row, "undeclared", scope(|s| s.undeclared));
    if !r.scenarios.is_empty() {
        let sum = |of: fn(&ScenarioCounts) -> u64| r.scenarios.iter().fold(0_u64, |sum, s| sum.saturating_add(of(s)));
        number(&mut row, "passed", sum(|s| s.passed));
        number(&mut row, "failed", sum(|s| s.failed));
        number(&mut row, "accepted", sum(|s| s.accepted));
        number(&mut row, "not_examined", sum(|s| s.not_examined));
    }
    number(&mut row, "open_incidents", r.incidents.open);
    number(&mut row, "late_incidents", r.incidents.late);
    number(&mut row, "open_measures", r.measures.open);
    number(&mut row, "overdue_measures", r.measures.overdue);
    FactValue::Row(row)
}

/// Of a return: what it says, and nothing else.
pub(crate) fn of_return(r: &RollRow, as_of: Time) -> FactValue {
    let mut row = Row::new();
    for (name, n) in [("assets", r.assets), ("graded", r.graded), ("confirmed", r.confirmed), ("drills", r.drills)] {
        if let Some(n) = n {
            number(&mut row, name, n);
        }
    }
    if let (Some(assets), Some(graded)) = (r.assets, r.graded) {
        number(&mut row, "ungraded", assets.saturating_sub(graded));
    }
    time(&mut row, "filed", r.filed);
    time(&mut row, "as_of", Some(as_of));
    FactValue::Row(row)
}

/// Of a row of publicity.
pub(crate) fn of_publicity(r: &RollRow, day: Time) -> FactValue {
    let mut row = Row::new();
    text(&mut row, "way", &r.way);
    time(&mut row, "day", Some(r.day.unwrap_or(day)));
    FactValue::Row(row)
}

/// Of what an authority states.
pub(crate) fn of_entry(e: &ProgrammeEntry) -> FactValue {
    let mut row = Row::new();
    text(&mut row, "stage", &e.stage);
    text(&mut row, "industry", &e.industry);
    time(&mut row, "effective", Some(e.effective));
    row.insert("documented".to_owned(), FactValue::Bool(e.document.is_some()));
    FactValue::Row(row)
}

/// Of what was counted elsewhere.
pub(crate) fn of_counted(c: &Counted) -> FactValue {
    let mut row = Row::new();
    number(&mut row, "amount", c.amount);
    time(&mut row, "day", Some(c.day));
    FactValue::Row(row)
}
