//! What is unknown and could raise a level; the question whose answer matters most first.

use super::grade::{self, Fact, Known, Range};
use evidence::{Ask, Grade, Would};
use plan::{CheckedPlan, Dimension, DimensionKind, IncidentLevel, Measured};
use std::collections::BTreeSet;

/// A regime with its levels and where it stands.
struct Standing<'p> {
    regime: &'p str,
    levels: Vec<&'p IncidentLevel>,
    range: Range,
}

pub(crate) fn questions(plan: &CheckedPlan, known: &Known, grades: &[Grade]) -> Vec<Ask> {
    let standings: Vec<Standing<'_>> = plan
        .regimes()
        .iter()
        .filter(|r| grades.iter().any(|g| g.regime == r.id))
        .filter_map(|r| {
            let levels = grade::levels(plan, &r.id);
            let range = grade::range(plan, known, &levels)?;
            Some(Standing { regime: &r.id, levels, range })
        })
        .collect();
    // While the plan proposes a level, its confirmation comes before everything else.
    let mut out: Vec<(u32, usize, usize, Ask)> = Vec::new();
    for (order, d) in plan.dimensions().iter().enumerate() {
        if settled(known, d) {
            continue;
        }
        let would: Vec<Would> = standings.iter().flat_map(|s| changes(plan, known, d, s)).collect();
        let rank = |w: &Would| {
            plan.incident_levels().iter().find(|l| l.regime == w.regime && l.id == w.level).map_or(u32::MAX, |l| l.rank)
        };
        let Some(gravest) = would.iter().map(rank).min() else { continue };
        let regimes: BTreeSet<&str> = would.iter().map(|w| w.regime.as_str()).collect();
        let proposed = d.kind == DimensionKind::Confirmation && standings.iter().any(|s| s.range.proposed.is_some());
        let regimes = if proposed { usize::MAX } else { regimes.len() };
        out.push((gravest, usize::MAX - regimes, order, Ask { dimension: d.id.clone(), would }));
    }
    out.sort_by_key(|o| (o.0, o.1, o.2));
    out.into_iter().map(|o| o.3).collect()
}

/// Exactly known.
fn settled(known: &Known, d: &Dimension) -> bool {
    match known.facts.get(&d.id) {
        Some(Fact::Number { least, most }) => *most == Some(*least),
        Some(Fact::Chosen(_)) => true,
        None => false,
    }
}

/// What answers to this dimension would change in one regime: each level once, with the smallest answer that gives it.
fn changes(plan: &CheckedPlan, known: &Known, d: &Dimension, s: &Standing<'_>) -> Vec<Would> {
    let mut best: Vec<Would> = Vec::new();
    let mut reached = BTreeSet::new();
    for fact in candidates(plan, known, d, s) {
        let Some(range) = grade::range(plan, &known.with(&d.id, fact.clone()), &s.levels) else { continue };
        // What a person confirms is measured against what is certain, everything else against what is reckoned with already.
        let confirms = d.kind == DimensionKind::Confirmation;
        let (level, from) = if confirms { (range.least, s.range.least) } else { (range.reached(), s.range.reached()) };
        if level >= from || !reached.insert(level) {
            continue;
        }
        let Some(l) = s.levels.get(level) else { continue };
        let (from, chosen) = match fact {
            Fact::Number { least, .. } => (Some(least), None),
            Fact::Chosen(word) => (None, Some(word)),
        };
        best.push(Would { regime: s.regime.to_owned(), level: l.id.clone(), from, chosen });
    }
    if best.is_empty() && together(known, d, s) {
        let level = s.levels.get(s.range.most).map_or_else(String::new, |l| l.id.clone());
        best.push(Would { regime: s.regime.to_owned(), level, from: None, chosen: None });
    }
    // Gravest first.
    best.sort_by_key(|w| s.levels.iter().position(|l| l.id == w.level));
    best
}

/// Answers worth trying, the smallest first.
fn candidates(plan: &CheckedPlan, known: &Known, d: &Dimension, s: &Standing<'_>) -> Vec<Fact> {
    let criteria = || s.levels.iter().flat_map(|l| &l.criteria).filter(|c| c.dimension == d.id);
    match d.kind {
        DimensionKind::Number => {
            let most = match known.facts.get(&d.id) {
                Some(Fact::Number { most, .. }) => *most,
                _ => None,
            };
            let mins = criteria().filter_map(|c| match c.measured {
                Measured::Bounds { min, .. } => Some(min.unwrap_or(1)),
                Measured::Words { .. } => None,
            });
            let possible: BTreeSet<i64> = mins.filter(|m| most.is_none_or(|most| most >= *m)).collect();
            possible.into_iter().map(|least| Fact::Number { least, most: Some(least) }).collect()
        }
        DimensionKind::Words if criteria().next().is_none() => Vec::new(),
        DimensionKind::Words | DimensionKind::Confirmation => {
            s.levels.iter().rev().map(|l| Fact::Chosen(l.id.clone())).collect()
        }
        DimensionKind::DataLevel => plan.levels().iter().map(|l| Fact::Chosen(l.id.as_str().to_owned())).collect(),
    }
}

/// It changes nothing alone, but together with another open answer of a group.
fn together(known: &Known, d: &Dimension, s: &Standing<'_>) -> bool {
    if s.range.most >= s.range.least {
        return false;
    }
    let Some(level) = s.levels.get(s.range.most) else { return false };
    let grouped = |c: &plan::Criterion| !c.group.is_empty() || level.groups.iter().any(|g| g.requires.contains(&c.id));
    level
        .criteria
        .iter()
        .any(|c| c.dimension == d.id && grouped(c) && (c.branch.is_empty() || known.branches.contains(&c.branch)))
}
