//! What data was found, and at which level it stands: general, or more as a proposal that a person must confirm.

use crate::BASIS_MAX;
use crate::choose::{Bench, Root, doubt};
use crate::sums::Draft;
use evidence::{
    Band, Bands, Body, CategoryId, Cited, ClassId, Column, Content, Counts, DataGroup, DataLevel, FormatTold, Hits,
    Item, LevelId, OwnClass, PathText, Place, Say, Tally,
};
use plan::{CheckedPlan, Effect};
use std::collections::{BTreeMap, BTreeSet};

/// Category of a class that neither the plan nor the record knows.
const UNCLASSIFIED: &str = "unclassified";

/// What is known of a class: from the plan, or from the record if it is one of the user's own.
#[derive(Clone)]
pub(crate) struct About {
    pub(crate) category: CategoryId,
    pub(crate) counts: Counts,
    /// One of the kinds of sensitive personal information.
    pub(crate) sensitive: bool,
    pub(crate) known: bool,
}

/// What the user's own detectors say of their classes in a run.
pub(crate) type Own<'a> = BTreeMap<&'a ClassId, &'a OwnClass>;

pub(crate) fn own(items: &[Item]) -> Own<'_> {
    let mut out = Own::new();
    for item in items {
        if let Body::Tally(Tally { class, own: Some(own), .. }) = &item.body {
            out.entry(class).or_insert(own);
        }
    }
    out
}

/// The plan first: it may overrule what a detector says of itself.
pub(crate) fn about(plan: &CheckedPlan, own: &Own, class: &ClassId) -> About {
    if let Some(rule) = plan.class(class) {
        return About {
            category: rule.category.clone(),
            counts: rule.counts,
            sensitive: rule.kind.is_some(),
            known: true,
        };
    }
    match own.get(class) {
        Some(o) => About { category: o.category.clone(), counts: o.counts, sensitive: o.kind.is_some(), known: true },
        None => About { category: UNCLASSIFIED.into(), counts: Counts::Things, sensitive: false, known: false },
    }
}

/// Totals of one class under one root.
#[derive(Default)]
struct Sum {
    files: u64,
    bands: Bands,
    distinct: u64,
    floor: bool,
    tallied: bool,
    columns: u64,
    contents: u64,
    evidence: Vec<u64>,
}

pub(crate) fn judge(plan: &CheckedPlan, bench: &Bench, out: &mut Draft) {
    let host_leaves: BTreeSet<_> = bench.hosts.iter().map(|h| h.leaf).collect();
    let mut counted = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for root in &bench.roots {
        let own = own(root.items);
        for (class, sum) in sums(root) {
            if sum.bands.sure() > 0 || sum.columns > 0 || sum.contents > 0 {
                out.data.push(group(plan, root, &own, class, sum, &mut unknown));
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

/// Totals by class: the sensor's own tally, or, without one, what files and columns add up to.
fn sums<'a>(root: &Root<'a>) -> BTreeMap<&'a ClassId, Sum> {
    let mut sums: BTreeMap<&ClassId, Sum> = BTreeMap::new();
    for item in root.items {
        if let Body::Tally(t) = &item.body
            && t.root.as_str() == root.root
        {
            sums.entry(&t.class).or_default().tally(t, item.n);
        }
    }
    let mut files = BTreeSet::new();
    for item in root.items {
        if let Body::Hits(h) = &item.body
            && belongs(&h.at, root)
        {
            files.insert((&h.class, &h.at.path, &h.at.inside));
            sums.entry(&h.class).or_default().hits(h, item.n);
        }
    }
    for item in root.items {
        match &item.body {
            Body::Column(c) if belongs(&c.at, root) => {
                let first = files.insert((&c.class, &c.at.path, &c.at.inside));
                sums.entry(&c.class).or_default().column(c, first, item.n);
            }
            Body::Content(c) if belongs(&c.at, root) => sums.entry(&c.class).or_default().content(c, item.n),
            _ => {}
        }
    }
    sums
}

impl Sum {
    /// A folder that was named as a root has two tallies if files lie in it directly: of the tree, and of itself. The
    /// tree's is never the smaller one.
    fn tally(&mut self, t: &Tally, n: u64) {
        let size = |files: u64, bands: Bands, distinct: u64| (files, bands.all(), distinct);
        if !self.tallied || size(t.files, t.bands, t.distinct) > size(self.files, self.bands, self.distinct) {
            (self.files, self.bands, self.distinct, self.floor) = (t.files, t.bands, t.distinct, t.distinct_is_floor);
            self.evidence = vec![n];
        }
        self.tallied = true;
    }

    fn hits(&mut self, h: &Hits, n: u64) {
        if !self.tallied {
            self.files = self.files.saturating_add(1);
            self.bands = self.bands.plus(h.bands);
            // Files may share values, so the largest file is all that is certain.
            self.distinct = self.distinct.max(h.distinct);
            self.floor = true;
        }
        self.cite(n);
    }

    /// A column of a table; if its table has no hits of its own, the column's values count.
    fn column(&mut self, c: &Column, first: bool, n: u64) {
        let sure = Band::of(c.confidence) > Band::Low;
        self.columns = self.columns.saturating_add(u64::from(sure));
        if !self.tallied && first {
            self.files = self.files.saturating_add(1);
            let bands = match Band::of(c.confidence) {
                Band::High => Bands { high: c.holding, ..Bands::default() },
                Band::Medium => Bands { medium: c.holding, ..Bands::default() },
                Band::Low => Bands { low: c.holding, ..Bands::default() },
            };
            self.bands = self.bands.plus(bands);
            self.distinct = self.distinct.max(c.distinct);
            self.floor = true;
        }
        self.cite(n);
    }

    /// A file by its format. A name alone is a hint and counts for nothing.
    fn content(&mut self, c: &Content, n: u64) {
        if c.how != FormatTold::NameHint {
            self.contents = self.contents.saturating_add(1);
            if !self.tallied {
                self.files = self.files.saturating_add(1);
            }
        }
        self.cite(n);
    }

    fn cite(&mut self, n: u64) {
        if self.evidence.len() < BASIS_MAX {
            self.evidence.push(n);
        }
    }
}

/// What lies in a file belongs to the deepest examined root above it.
fn belongs(at: &Place, root: &Root) -> bool {
    let path = at.path.as_str();
    let deepest = root.examination.subject.folders.iter().map(PathText::as_str).filter(|f| is_under(path, f));
    deepest.max_by_key(|f| f.len()) == Some(root.root)
}

/// Whether `path` is `folder` or lies in it.
pub(crate) fn is_under(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn group(
    plan: &CheckedPlan,
    root: &Root,
    own: &Own,
    class: &ClassId,
    sum: Sum,
    unknown: &mut BTreeSet<String>,
) -> DataGroup {
    let about = about(plan, own, class);
    if !about.known {
        unknown.insert(class.as_str().to_owned());
    }
    let level = level(plan, &about.category, if about.counts == Counts::People { sum.distinct } else { 0 });
    let mut items = sum.evidence;
    items.sort_unstable();
    DataGroup {
        host: root.label.clone(),
        root: PathText::from(root.root),
        category: about.category,
        class: class.clone(),
        files: sum.files,
        hits: sum.bands.sure(),
        distinct: sum.distinct,
        distinct_is_floor: sum.floor,
        columns: sum.columns,
        contents: sum.contents,
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
