//! Oversight: reasons with their points, the queue's kinds, and what orders can rest on.

use crate::error::{At, Errors, nearest};
use crate::load_checks::EXAMPLE_DAY;
use crate::load_counters::{between, facts, over};
use crate::model::{Basis, Draft, Matter, MatterKind, OVERSIGHT_FACTS, Reason, ReasonExample};
use crate::read::Table;
use evidence::{NodeRole, Time};
use std::collections::BTreeSet;

/// Most points of one reason.
const POINTS_MAX: i64 = 1_000;
/// Most working days of an order, and of its extensions.
const WORKING_DAYS_MAX: i64 = 1_000;
/// Most extensions of an order.
const TIMES_MAX: i64 = 100;
/// Most days of a kind of the queue.
const DAYS_MAX: i64 = 36_500;

pub(crate) fn oversight(root: &Table, parameters: &BTreeSet<String>, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "reason") {
        plan.reasons.extend(reason(&t, parameters, errors));
    }
    for t in root.tables(errors, "matter") {
        plan.matters.extend(matter(&t, errors));
    }
    for t in root.tables(errors, "basis") {
        plan.bases.push(basis(&t, errors));
    }
}

fn reason(t: &Table, parameters: &BTreeSet<String>, errors: &mut Errors) -> Option<Reason> {
    let sourced = t.sourced(errors);
    let id = t.id(errors, "id");
    let points = needed(t, "points", 1, POINTS_MAX, errors);
    let text = t.text(errors, "when");
    let when = over(t, "when", &text, &OVERSIGHT_FACTS, parameters, errors);
    let needs = t.texts(errors, "needs");
    let examples = t.tables(errors, "example").iter().filter_map(|e| example(e, errors)).collect();
    t.finish(errors);
    let when = when?;
    for need in needs.iter().filter(|n| !when.fields().contains(*n)) {
        let hint = nearest(need, when.fields().iter().map(String::as_str));
        let with = [("key", "needs"), ("want", "facts that `when` reads"), ("got", need.as_str())];
        errors.add(&t.at("needs"), "bad-value", &with, hint);
    }
    let points = u64::try_from(points).unwrap_or(1);
    Some(Reason { id, points, when, needs, examples, sourced })
}

fn example(t: &Table, errors: &mut Errors) -> Option<ReasonExample> {
    let holds = t.choice(errors, "expect", &[("holds", true), ("holds-not", false)]);
    let now = t.opt_date(errors, "now").or_else(|| Time::from_date(EXAMPLE_DAY).ok())?;
    let facts = facts(t, &OVERSIGHT_FACTS, errors);
    let at = At { file: t.at.file.clone(), span: t.at.span.clone() };
    t.finish(errors);
    Some(ReasonExample { holds: holds?, facts, now, at })
}

fn matter(t: &Table, errors: &mut Errors) -> Option<Matter> {
    let sourced = t.sourced(errors);
    let kind = t.choice(errors, "kind", &MatterKind::ALL.map(|k| (k.name(), k)));
    let rank = t.small(errors, "rank");
    let days = match kind {
        Some(k) if k.takes_days() => Some(needed(t, "days", 1, DAYS_MAX, errors)),
        _ => None,
    };
    let basis = t.opt_text(errors, "basis");
    t.finish(errors);
    Some(Matter { kind: kind?, rank, days, basis, sourced })
}

fn basis(t: &Table, errors: &mut Errors) -> Basis {
    let sourced = t.sourced(errors);
    let id = t.id(errors, "id");
    let mut issuers = Vec::new();
    for name in t.texts(errors, "issuers") {
        match NodeRole::ALL.into_iter().find(|r| r.name() == name && *r != NodeRole::Plant) {
            Some(role) => issuers.push(role),
            None => {
                let hint = nearest(&name, NodeRole::ALL.into_iter().map(NodeRole::name));
                let with = [("key", "issuers"), ("want", "a role above a plant"), ("got", name.as_str())];
                errors.add(&t.at("issuers"), "bad-value", &with, hint);
            }
        }
    }
    if issuers.is_empty() {
        let why = "nobody may issue it";
        errors.add(&t.at, "bounds", &[("id", &id), ("why", why)], None);
    }
    let basis = Basis {
        id,
        issuers,
        working_days: needed(t, "working_days", 1, WORKING_DAYS_MAX, errors),
        extend_times: needed(t, "extend_times", 0, TIMES_MAX, errors),
        extend_working_days: needed(t, "extend_working_days", 0, WORKING_DAYS_MAX, errors),
        names: t.flag(errors, "names"),
        sourced,
    };
    t.finish(errors);
    basis
}

/// A whole number within bounds that must be there.
fn needed(t: &Table, key: &'static str, least: i64, most: i64, errors: &mut Errors) -> i64 {
    if !t.has(key) {
        errors.add(&t.at, "missing-key", &[("key", key)], None);
    }
    between(t, key, least, most, errors).unwrap_or(least)
}
