//! Counters and the way to them: their conditions read the facts of one source, as `it.<fact>`, and nothing of a host.

use crate::cond::{Condition, Scope};
use crate::error::{At, Errors, nearest};
use crate::load_checks::{EXAMPLE_DAY, condition, value};
use crate::model::{ClaimRung, CountOf, CountSource, Counter, CounterExample, Denominator, Draft, Lead};
use crate::read::Table;
use evidence::{FactDef, FactValue, Rung, ScopeKind, Shape, Time};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn counters(root: &Table, parameters: &BTreeSet<String>, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "counter") {
        let id = t.id(errors, "id");
        match counter(&t, id.clone(), parameters, errors) {
            Some(counter) => plan.counters.push(counter),
            None => {
                plan.broken_counts.insert(id);
            }
        }
    }
}

fn counter(t: &Table, id: String, parameters: &BTreeSet<String>, errors: &mut Errors) -> Option<Counter> {
    let sourced = t.sourced(errors);
    let unit = t.text(errors, "unit");
    let counts = t.choice(errors, "counts", &CountOf::ALL.map(|c| (c.name(), c)));
    let from = t.choice(errors, "from", &CountSource::ALL.map(|s| (s.name(), s)))?;
    let def = from.facts();
    let when = t.text(errors, "when");
    let when = over(t, "when", &when, def, parameters, errors);
    let rung_min = t.choice(errors, "rung_min", &Rung::ALL.map(|r| (r.name(), r)));
    let is_report = from == CountSource::Report;
    let rung = if is_report {
        t.choice(errors, "rung", &[("catalogue", ClaimRung::Catalogue), ("drills", ClaimRung::Drills)])
    } else {
        None
    };
    let (mut coverage_percent, mut coverage_of) = (None, Vec::new());
    if is_report {
        coverage_percent = between(t, "coverage_percent", 1, 100, errors);
        coverage_of = kinds(t, errors);
    }
    let valid_days = between(t, "valid_days", 1, 36_500, errors);
    let of = denominator(t, errors);
    let examples = t.tables(errors, "example").iter().filter_map(|e| example(e, def, errors)).collect();
    // Without a source nobody can say which keys there are.
    t.finish(errors);
    if let Some(counts) = counts.filter(|c| !from.gives(*c)) {
        let fits: Vec<&str> = CountOf::ALL.iter().filter(|c| from.gives(**c)).map(|c| c.name()).collect();
        let (want, got) = (fits.join(" or "), counts.name());
        errors.add(&t.at("counts"), "bad-value", &[("key", "counts"), ("want", &want), ("got", got)], None);
        return None;
    }
    if of.is_some() && counts != Some(CountOf::Enterprise) {
        let why = "only enterprises are a part of the registry";
        errors.add(&t.at("of"), "bounds", &[("id", &id), ("why", why)], None);
    }
    let complete = counts.zip(when).zip(rung_min).filter(|_| !is_report || rung.is_some());
    let ((counts, when), rung_min) = complete?;
    Some(Counter {
        id,
        unit,
        counts,
        from,
        when,
        rung,
        rung_min,
        coverage_percent,
        coverage_of,
        valid_days,
        of,
        examples,
        sourced,
    })
}

/// A whole number within bounds, if it is there.
pub(crate) fn between(t: &Table, key: &'static str, least: i64, most: i64, errors: &mut Errors) -> Option<i64> {
    let n = t.opt_int(errors, key)?;
    if (least..=most).contains(&n) {
        return Some(n);
    }
    let (want, got) = (format!("{least} to {most}"), n.to_string());
    errors.add(&t.at(key), "bad-value", &[("key", key), ("want", &want), ("got", &got)], None);
    None
}

fn kinds(t: &Table, errors: &mut Errors) -> Vec<ScopeKind> {
    let mut out = Vec::new();
    for name in t.texts(errors, "coverage_of") {
        match ScopeKind::ALL.into_iter().find(|k| k.name() == name) {
            Some(kind) => out.push(kind),
            None => {
                let hint = nearest(&name, ScopeKind::ALL.into_iter().map(ScopeKind::name));
                let with = [("key", "coverage_of"), ("want", "a kind of scope"), ("got", name.as_str())];
                errors.add(&t.at("coverage_of"), "bad-value", &with, hint);
            }
        }
    }
    out
}

fn denominator(t: &Table, errors: &mut Errors) -> Option<Denominator> {
    if !t.has("of") {
        return None;
    }
    match t.choice(errors, "of", &[("above-size", false), ("selected", true)])? {
        false => Some(Denominator::AboveSize),
        true => Some(Denominator::Selected(t.id(errors, "selection"))),
    }
}

/// A condition over the facts of a source. A single fact of a host or a number of rows is not known here.
pub(crate) fn over(
    t: &Table,
    key: &'static str,
    text: &str,
    def: &'static FactDef,
    parameters: &BTreeSet<String>,
    errors: &mut Errors,
) -> Option<Condition> {
    let made = condition(t, key, text, Scope { table: Some(def), parameters }, errors)?;
    match made.facts().iter().chain(made.counts()).next() {
        None => Some(made),
        Some(other) => {
            let hint = Some(format!("read here is `it.<fact>` of {}", def.id));
            let with = [("name", other.as_str()), ("what", "a fact of what is counted")];
            errors.add(&t.at(key), "cel-unknown", &with, hint);
            None
        }
    }
}

fn example(t: &Table, def: &'static FactDef, errors: &mut Errors) -> Option<CounterExample> {
    let counts = t.choice(errors, "expect", &[("counts", true), ("counts-not", false)]);
    let now = t.opt_date(errors, "now").or_else(|| Time::from_date(EXAMPLE_DAY).ok())?;
    let facts = facts(t, def, errors);
    let at = At { file: t.at.file.clone(), span: t.at.span.clone() };
    t.finish(errors);
    Some(CounterExample { counts: counts?, facts, now, at })
}

/// The facts of an example, each of its type.
pub(crate) fn facts(t: &Table, def: &'static FactDef, errors: &mut Errors) -> FactValue {
    let fields = if let Shape::Many(fields) = def.shape { fields } else { &[] };
    let mut row = BTreeMap::new();
    for (name, at, leaf) in t.table(errors, "facts").iter().flat_map(Table::leaves) {
        let known = fields.iter().find(|f| f.0 == name);
        match known.and_then(|f| value(leaf, f.1)) {
            Some(value) => {
                row.insert(name, value);
            }
            None => {
                let hint = nearest(&name, fields.iter().map(|f| f.0));
                let why = match known {
                    Some(_) => format!("{name} has another type"),
                    None => format!("{} has no fact {name}", def.id),
                };
                errors.add(&at, "example-fact", &[("why", &why)], hint);
            }
        }
    }
    FactValue::Row(row)
}

pub(crate) fn leads(root: &Table, parameters: &BTreeSet<String>, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "lead") {
        let sourced = t.sourced(errors);
        let id = t.id(errors, "id");
        if !t.has("days") {
            errors.add(&t.at, "missing-key", &[("key", "days")], None);
        }
        let days = between(&t, "days", 0, 3_650, errors).unwrap_or(0);
        let text = t.text(errors, "done");
        let done = over(&t, "done", &text, CountSource::Report.facts(), parameters, errors);
        let (serves, duties) = (t.texts(errors, "serves"), t.texts(errors, "duties"));
        let after = t.texts(errors, "after");
        match done {
            Some(done) => plan.leads.push(Lead { id, days, done, serves, duties, after, sourced }),
            None => {
                plan.broken_counts.insert(id);
            }
        }
        t.finish(errors);
    }
}
