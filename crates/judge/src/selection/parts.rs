//! A selection by supervisor and by industry, whatever groups its rule ranks in.
//!
//! The groups of a reading are those of its rule: provinces, or industries within them. Who reads by supervisor (37 of them, and six lie
//! within provinces of their own) or by industry alone cannot add them up. These parts can be: over all keys of one kind
//! they give the reading's own sums.

use super::rank::Grouping;
use super::{Selected, SelectionRows, selection};
use evidence::{Enterprise, SelectionSums};
use plan::CheckedPlan;
use std::collections::BTreeMap;

/// One part of one reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SelectionPart {
    /// The rule.
    pub rule: String,
    /// `all`, `supervisor` or `industry` (the division: letter and two digits).
    pub by: &'static str,
    /// Which; empty of `all`.
    pub key: String,
    /// Numbers; `share` is 0, for a share is of a rule's own groups.
    pub sums: SelectionSums,
}

type Parts<'a> = BTreeMap<(&'static str, &'a str), SelectionSums>;

fn add<'a>(parts: &mut Parts<'a>, e: &'a Enterprise<'_>, mut f: impl FnMut(&mut SelectionSums)) {
    for key in [("all", ""), ("supervisor", &*e.supervisor), ("industry", e.division())] {
        f(parts.entry(key).or_default());
    }
}

/// The parts of every reading of `selected`, which was made of `rows` by `plan`.
#[must_use]
pub fn selection_parts(plan: &CheckedPlan, rows: &SelectionRows<'_>, selected: &Selected) -> Vec<SelectionPart> {
    let mut population = Parts::new();
    for e in rows.rows().iter().filter(|e| Grouping::counts(e)) {
        add(&mut population, e, |s| s.enterprises += 1);
    }
    // Without words of people the selection is the top.
    let made;
    let tops = if selected.judgement.adjusted.is_empty() {
        &selected.lists
    } else {
        made = selection(plan, rows, &[], selected.judgement.as_of);
        &made.lists
    };
    let mut out = Vec::new();
    for ((reading, list), top) in selected.judgement.readings.iter().zip(&selected.lists).zip(tops) {
        let mut parts = population.clone();
        for e in list.iter().filter_map(|n| rows.rows().get(*n as usize)) {
            add(&mut parts, e, |s| s.selected += 1);
        }
        for n in top {
            let Some(e) = rows.rows().get(*n as usize) else { continue };
            let removed = list.binary_search(n).is_err();
            add(&mut parts, e, |s| {
                s.top += 1;
                s.removed += u64::from(removed);
            });
        }
        for n in list.iter().filter(|n| top.binary_search(n).is_err()) {
            let Some(e) = rows.rows().get(*n as usize) else { continue };
            add(&mut parts, e, |s| s.added += 1);
        }
        let part = |((by, key), sums): ((&'static str, &str), SelectionSums)| SelectionPart {
            rule: reading.rule.clone(),
            by,
            key: key.to_owned(),
            sums,
        };
        out.extend(parts.into_iter().map(part));
    }
    out
}
