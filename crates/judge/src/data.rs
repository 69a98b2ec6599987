//! What data was found, and at which level it stands: general, or more as a proposal that a person must confirm.

use crate::BASIS_MAX;
use crate::choose::{Bench, Root, doubt};
use crate::sums::Draft;
use evidence::{Bands, Body, CategoryId, Cited, ClassId, DataGroup, DataLevel, Hits, LevelId, PathText, Say};
use plan::{CheckedPlan, Counts, Effect};
use std::collections::{BTreeMap, BTreeSet};

/// Category of a class that the plan does not know.
const UNCLASSIFIED: &str = "unclassified";

/// Totals of one class under one root.
#[derive(Default)]
struct Sum {
    files: u64,
    bands: Bands,
    distinct: u64,
    floor: bool,
    tallied: bool,
    evidence: Vec<u64>,
}

pub(crate) fn judge(plan: &CheckedPlan, bench: &Bench, out: &mut Draft) {
    let host_leaves: BTreeSet<_> = bench.hosts.iter().map(|h| h.leaf).collect();
    let mut counted = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for root in &bench.roots {
        for (class, sum) in sums(root) {
            if sum.bands.high.saturating_add(sum.bands.medium) > 0 {
                out.data.push(group(plan, root, class, sum, &mut unknown));
            }
        }
        // Gaps of an examination are counted once, with its host if it has one.
        if !host_leaves.contains(&root.leaf) && counted.insert(root.leaf) {
            for item in root.items {
                if let Body::Gap(g) = &item.body {
                    out.gap(&root.label, g);
                }
            }
        }
    }
    for class in unknown {
        out.doubts.push(doubt(Say::new("doubt.unknown-class").with("class", class), None));
    }
}

/// Totals by class: the sensor's own tally, or, without one, what the files add up to.
fn sums<'a>(root: &Root<'a>) -> BTreeMap<&'a ClassId, Sum> {
    let mut sums: BTreeMap<&ClassId, Sum> = BTreeMap::new();
    for item in root.items {
        if let Body::Tally(t) = &item.body
            && t.root.as_str() == root.root
        {
            let sum = sums.entry(&t.class).or_default();
            sum.files = sum.files.saturating_add(t.files);
            sum.add(t.bands);
            sum.distinct = sum.distinct.max(t.distinct);
            sum.floor |= t.distinct_is_floor || sum.tallied;
            sum.tallied = true;
            sum.evidence.push(item.n);
        }
    }
    for item in root.items {
        if let Body::Hits(h) = &item.body
            && belongs(h, root)
        {
            let sum = sums.entry(&h.class).or_default();
            if !sum.tallied {
                sum.files = sum.files.saturating_add(1);
                sum.add(h.bands);
                // Files may share values, so the largest file is all that is certain.
                sum.distinct = sum.distinct.max(h.distinct);
                sum.floor = true;
            }
            if sum.evidence.len() < BASIS_MAX {
                sum.evidence.push(item.n);
            }
        }
    }
    sums
}

impl Sum {
    fn add(&mut self, b: Bands) {
        self.bands.high = self.bands.high.saturating_add(b.high);
        self.bands.medium = self.bands.medium.saturating_add(b.medium);
        self.bands.low = self.bands.low.saturating_add(b.low);
    }
}

/// A file belongs to the deepest examined root above it.
fn belongs(h: &Hits, root: &Root) -> bool {
    let path = h.at.path.as_str();
    let deepest = root.examination.subject.folders.iter().map(PathText::as_str).filter(|f| is_under(path, f));
    deepest.max_by_key(|f| f.len()) == Some(root.root)
}

/// Whether `path` is `folder` or lies in it.
pub(crate) fn is_under(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn group(plan: &CheckedPlan, root: &Root, class: &ClassId, sum: Sum, unknown: &mut BTreeSet<String>) -> DataGroup {
    let rule = plan.class(class);
    if rule.is_none() {
        unknown.insert(class.as_str().to_owned());
    }
    let category = rule.map_or_else(|| CategoryId::from(UNCLASSIFIED), |r| r.category.clone());
    let people = rule.is_some_and(|r| r.counts == Counts::People);
    let level = level(plan, &category, if people { sum.distinct } else { 0 });
    let mut items = sum.evidence;
    items.sort_unstable();
    DataGroup {
        host: root.label.clone(),
        root: PathText::from(root.root),
        category,
        class: class.clone(),
        files: sum.files,
        hits: sum.bands.high.saturating_add(sum.bands.medium),
        distinct: sum.distinct,
        distinct_is_floor: sum.floor,
        level,
        evidence: items.into_iter().map(|n| Cited { leaf: root.leaf, item: Some(n) }).collect(),
    }
}

/// The lowest level, unless a rule of the plan proposes more for so many people.
fn level(plan: &CheckedPlan, category: &CategoryId, people: u64) -> DataLevel {
    let rank = |id: &LevelId| plan.levels().iter().find(|l| &l.id == id).map_or(0, |l| l.rank);
    let mut best: Option<(&str, i64, &LevelId)> = None;
    for effect in plan.effects() {
        if let Effect::Found { id, category: of, at_least, level, .. } = effect
            && of == category
            && u64::try_from(*at_least).is_ok_and(|n| people >= n)
            && best.is_none_or(|b| rank(b.2) < rank(level))
        {
            best = Some((id, *at_least, level));
        }
    }
    match best {
        Some((id, at_least, level)) => {
            let say = Say::new(format!("effect.{id}.because")).with("distinct", people).with("at_least", at_least);
            DataLevel { level: level.clone(), proposed: true, because: vec![say] }
        }
        None => {
            let lowest = plan.levels().first();
            let level = lowest.map_or_else(|| LevelId::from("general"), |l| l.id.clone());
            let proposed = lowest.is_some_and(|l| l.proposed_only);
            DataLevel { level, proposed, because: vec![Say::new("because.level-found")] }
        }
    }
}
