//! The items of a run by kind and in order, and sums over them: no words yet.

use crate::Input;
use evidence::{
    Band, Bands, Body, ClassId, Column, Content, ContentDigest, Covered, DataGroup, FormatTold, Gap, Hits, PathText,
    Place, Tally,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a run found.
pub(crate) struct Found<'i> {
    /// Files with hits of a class, the surest and fullest first.
    pub(crate) files: Vec<&'i Hits>,
    /// Columns, the surest first.
    pub(crate) columns: Vec<&'i Column>,
    /// Files by their format, by class, format and place; hints by name last.
    pub(crate) contents: Vec<&'i Content>,
    pub(crate) gaps: Vec<&'i Gap>,
    pub(crate) covered: Vec<&'i Covered>,
    tallies: Vec<&'i Tally>,
    roots: Vec<&'i str>,
    groups: &'i [DataGroup],
}

/// Files of one content: where the same bytes lie, as the keyed digests tell.
pub(crate) struct Copies<'i> {
    pub(crate) content: ContentDigest,
    pub(crate) places: BTreeSet<&'i PathText>,
}

/// One class under one root.
pub(crate) struct Sum<'i> {
    pub(crate) root: &'i str,
    pub(crate) class: &'i ClassId,
    pub(crate) files: u64,
    pub(crate) bands: Bands,
    pub(crate) distinct: u64,
    pub(crate) floor: bool,
    pub(crate) columns: u64,
    pub(crate) contents: u64,
    /// What was judged of it; nothing if all of it is of low confidence.
    pub(crate) group: Option<&'i DataGroup>,
}

impl<'i> Found<'i> {
    pub(crate) fn of(input: &Input<'i>) -> Self {
        let mut out = Self {
            files: Vec::new(),
            columns: Vec::new(),
            contents: Vec::new(),
            gaps: Vec::new(),
            covered: Vec::new(),
            tallies: Vec::new(),
            roots: Vec::new(),
            groups: &input.judgement.data,
        };
        if let Some((e, _)) = input.examination {
            out.roots = e.subject.folders.iter().map(PathText::as_str).collect();
        }
        for item in input.items {
            match &item.body {
                Body::Hits(h) => out.files.push(h),
                Body::Column(c) => out.columns.push(c),
                Body::Content(c) => out.contents.push(c),
                Body::Tally(t) => out.tallies.push(t),
                Body::Gap(g) => out.gaps.push(g),
                Body::Covered(c) => out.covered.push(c),
                Body::Fact(_) | Body::Alert(_) | Body::Measured(_) => {}
            }
        }
        out.files.sort_by(|a, b| {
            let rank = |h: &Hits| (h.bands.best(), h.bands.sure(), h.bands.all());
            (rank(b), &a.at, &a.class).cmp(&(rank(a), &b.at, &b.class))
        });
        out.columns.sort_by(|a, b| (b.confidence, &a.at, &a.column, a).cmp(&(a.confidence, &b.at, &b.column, b)));
        out.contents.sort_by(|a, b| {
            let rank = |c: &Content| c.how == FormatTold::NameHint;
            (rank(a), &a.class, &a.format, &a.at).cmp(&(rank(b), &b.class, &b.format, &b.at))
        });
        out
    }

    /// The examined root that a place lies under: the deepest.
    pub(crate) fn root_of(&self, at: &Place) -> &'i str {
        let under = self.roots.iter().filter(|r| under(at.path.as_str(), r));
        under.max_by_key(|r| r.len()).copied().unwrap_or_default()
    }

    /// The same hits in files of the same content under the same root, as rows of one: the first in order stands for
    /// all.
    pub(crate) fn merged(&self, files: &[&'i Hits]) -> Vec<Vec<&'i Hits>> {
        let mut rows: Vec<Vec<&'i Hits>> = Vec::new();
        let mut row_of = BTreeMap::new();
        for h in files {
            let same = h.at.digest.map(|content| (content, &h.at.inside, &h.class, self.root_of(&h.at)));
            match same.and_then(|same| row_of.get(&same).copied()).and_then(|n: usize| rows.get_mut(n)) {
                Some(row) => row.push(h),
                None => {
                    row_of.extend(same.map(|same| (same, rows.len())));
                    rows.push(vec![h]);
                }
            }
        }
        rows
    }

    /// Contents with hits of medium confidence or better that lie in more than one place, the most frequent first.
    pub(crate) fn copies(&self) -> Vec<Copies<'i>> {
        let mut by: BTreeMap<ContentDigest, BTreeSet<&'i PathText>> = BTreeMap::new();
        for h in self.files.iter().filter(|h| h.bands.sure() > 0) {
            if let Some(content) = h.at.digest {
                by.entry(content).or_default().insert(&h.at.path);
            }
        }
        let copies = by.into_iter().map(|(content, places)| Copies { content, places });
        let mut copies: Vec<Copies<'i>> = copies.filter(|c| c.places.len() > 1).collect();
        copies.sort_by(|a, b| (b.places.len(), &a.places).cmp(&(a.places.len(), &b.places)));
        copies
    }

    /// What was judged of a class where a place lies.
    pub(crate) fn group(&self, class: &ClassId, at: &Place) -> Option<&'i DataGroup> {
        let root = self.root_of(at);
        self.groups.iter().find(|g| g.class == *class && g.root.as_str() == root)
    }

    /// Each class under each root, the highest level first (as the judgement has it), low ones last.
    pub(crate) fn sums(&self) -> Vec<Sum<'i>> {
        let mut by: BTreeMap<(&str, &ClassId), Sum<'i>> = BTreeMap::new();
        let groups = self.groups;
        let group =
            |root: &str, class: &ClassId| groups.iter().position(|g| g.class == *class && g.root.as_str() == root);
        let new = |root: &'i str, class: &'i ClassId| {
            let group = group(root, class).and_then(|n| groups.get(n));
            let judged = |f: fn(&DataGroup) -> u64| group.map_or(0, f);
            Sum {
                root,
                class,
                files: judged(|g| g.files),
                bands: Bands::default(),
                distinct: judged(|g| g.distinct),
                floor: group.is_some_and(|g| g.distinct_is_floor),
                columns: judged(|g| g.columns),
                contents: judged(|g| g.contents),
                group,
            }
        };
        for t in &self.tallies {
            // Of the tallies of one folder the tree's is the larger one.
            if let Some(root) = self.roots.iter().find(|r| **r == t.root.as_str()) {
                let sum = by.entry((root, &t.class)).or_insert_with(|| new(root, &t.class));
                if t.bands.all() >= sum.bands.all() {
                    sum.bands = t.bands;
                    if sum.group.is_none() {
                        (sum.files, sum.distinct, sum.floor) = (t.files, t.distinct, t.distinct_is_floor);
                    }
                }
            }
        }
        let tallied: Vec<(&str, &ClassId)> = by.keys().copied().collect();
        for h in &self.files {
            let root = self.root_of(&h.at);
            if tallied.contains(&(root, &h.class)) {
                continue;
            }
            let sum = by.entry((root, &h.class)).or_insert_with(|| new(root, &h.class));
            sum.bands = sum.bands.plus(h.bands);
            if sum.group.is_none() {
                sum.files = sum.files.saturating_add(1);
                sum.distinct = sum.distinct.max(h.distinct);
                sum.floor = true;
            }
        }
        for (class, at) in self.columns.iter().map(|c| (&c.class, &c.at)) {
            let root = self.root_of(at);
            by.entry((root, class)).or_insert_with(|| new(root, class));
        }
        for content in &self.contents {
            let root = self.root_of(&content.at);
            by.entry((root, &content.class)).or_insert_with(|| new(root, &content.class));
        }
        let mut out: Vec<Sum<'i>> = by.into_values().collect();
        out.sort_by_key(|s| (group(s.root, s.class).unwrap_or(usize::MAX), s.root, s.class));
        out
    }

    /// Counts of the trees that were walked, added up: `files`, `bytes` and the like.
    pub(crate) fn covered_sum(&self, name: &str) -> u64 {
        let trees = self.covered.iter().filter(|c| self.roots.iter().any(|r| c.what == format!("folder:{r}")));
        trees.filter_map(|c| c.counts.get(name)).fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Hits of all files by band.
    pub(crate) fn bands(&self) -> Bands {
        self.files.iter().fold(Bands::default(), |sum, h| sum.plus(h.bands))
    }
}

/// Whether `path` is `root` or lies in it.
pub(crate) fn under(path: &str, root: &str) -> bool {
    let root = root.trim_end_matches('/');
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The band of a file's best hit.
pub(crate) fn band(h: &Hits) -> Band {
    h.bands.best().unwrap_or(Band::Low)
}

/// The highest confidence among a file's samples; where there is none, the beginning of its band.
pub(crate) fn confidence(h: &Hits) -> u8 {
    let floor = match band(h) {
        Band::High => 85,
        Band::Medium => 65,
        Band::Low => 1,
    };
    h.samples.iter().map(|s| s.confidence).max().unwrap_or(floor).max(floor)
}
