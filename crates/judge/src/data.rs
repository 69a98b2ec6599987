//! Found data: category and level by the plan's rules.

use crate::doubt;
use crate::select::Run;
use evidence::{Body, Cited, DataGroup, DataLevel, Doubt, PathText, Say, Tally};
use plan::{CheckedPlan, ClassRule, Counts, DataLevelDef, Effect};
use std::cmp::Reverse;

pub(crate) fn grade(plan: &CheckedPlan, runs: &[(Run<'_>, Vec<&PathText>)], doubts: &mut Vec<Doubt>) -> Vec<DataGroup> {
    let mut groups = Vec::new();
    for (run, folders) in runs {
        for item in run.witness.items.iter().flat_map(|i| i.items()) {
            let Body::Tally(tally) = &item.body else { continue };
            if !folders.contains(&&tally.root) {
                continue;
            }
            let cited = Cited { leaf: run.leaf(), item: Some(item.n) };
            match plan.class(&tally.class) {
                Some(rule) => groups.extend(group(plan, rule, tally, &run.examination.subject.host, cited)),
                None => {
                    let say = Say::new("doubt.unknown-class").with("class", &tally.class);
                    doubts.push(doubt(say, Some(cited)));
                }
            }
        }
    }
    let rank = |g: &DataGroup| plan.levels().iter().find(|l| l.id == g.level.level).map_or(0, |l| l.rank);
    groups.sort_by_cached_key(|g| {
        (Reverse(rank(g)), g.host.clone(), g.root.clone(), g.category.clone(), g.class.clone())
    });
    groups
}

/// A group, if anything was found at medium confidence or better: what merely looks like it is not graded.
fn group(plan: &CheckedPlan, rule: &ClassRule, tally: &Tally, host: &str, cited: Cited) -> Option<DataGroup> {
    let hits = tally.bands.high + tally.bands.medium;
    if hits == 0 {
        return None;
    }
    Some(DataGroup {
        host: host.to_owned(),
        root: tally.root.clone(),
        category: rule.category.clone(),
        class: tally.class.clone(),
        files: tally.files,
        hits,
        distinct: tally.distinct,
        distinct_is_floor: tally.distinct_is_floor,
        level: level(plan, rule, tally),
        evidence: vec![cited],
    })
}

/// The highest level that a rule gives for so many distinct values; without one, the lowest level there is.
fn level(plan: &CheckedPlan, rule: &ClassRule, tally: &Tally) -> DataLevel {
    let rank = |l: &DataLevelDef| l.rank;
    let found = plan.effects().iter().filter_map(|e| match e {
        Effect::Found { id, category, at_least, level, .. } => {
            let enough = u64::try_from(*at_least).is_ok_and(|n| tally.distinct >= n);
            let def = plan.levels().iter().find(|l| &l.id == level)?;
            (category == &rule.category && enough).then_some((def, id, *at_least))
        }
        Effect::Cell { .. } => None,
    });
    let mut because = Vec::new();
    let def = match found.max_by_key(|(def, id, _)| (rank(def), Reverse((*id).clone()))) {
        Some((def, id, at_least)) => {
            let say = Say::new(format!("effect.{id}.because"));
            because.push(say.with("distinct", tally.distinct).with("at_least", at_least));
            Some(def)
        }
        None => {
            because.push(Say::new("because.level-default"));
            plan.levels().iter().min_by_key(|l| l.rank)
        }
    };
    if rule.counts == Counts::People {
        because.push(Say::new("because.people-estimated"));
    }
    DataLevel {
        level: def.map_or_else(|| "general".into(), |d| d.id.clone()),
        proposed: def.is_some_and(|d| d.proposed_only),
        because,
    }
}
