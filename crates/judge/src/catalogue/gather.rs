//! What was found, summed up by asset.

use super::place::{Places, covers};
use super::sources::{Run, Sources};
use super::{ASSETS_MAX, EVIDENCE_MAX};
use crate::choose::{Root, Subject, doubt, subject};
use crate::data::{About, Own, about, own};
use evidence::{
    Band, Body, Carrier, CarrierKind, Cited, ClassId, Column, Content, Digest, FormatTold, Gap, GapReason, Hits, Item,
    Measured, PathText, Place, Say, Span, Tally, Time,
};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};

/// A file, a member of one, or a table.
type At<'a> = (&'a PathText, &'a [PathText]);

/// One class in an asset.
#[derive(Default)]
pub(crate) struct ClassDraft<'a> {
    /// Places with a hit of any confidence: what the sensor's tallies count.
    touched: BTreeSet<At<'a>>,
    /// Places with something sure.
    pub(crate) places: BTreeSet<At<'a>>,
    pub(crate) hits: u64,
    /// From the largest place to the sum of all.
    pub(crate) distinct: Span,
    pub(crate) columns: u64,
    pub(crate) contents: u64,
    pub(crate) about: Option<About>,
}

/// One asset under way.
#[derive(Default)]
pub(crate) struct Draft<'a> {
    pub(crate) listed: Option<usize>,
    pub(crate) classes: BTreeMap<&'a ClassId, ClassDraft<'a>>,
    pub(crate) gaps: BTreeMap<GapReason, u64>,
    pub(crate) measured: Vec<&'a Measured>,
    pub(crate) seen: Option<Time>,
    pub(crate) evidence: BTreeSet<(Digest, u64)>,
    /// Files with something sure in them.
    pub(crate) files: BTreeSet<&'a PathText>,
    /// By place: hits of its fullest class, and of all.
    hits: BTreeMap<At<'a>, (u64, u64)>,
    /// Rows of tables, where they are known.
    rows: BTreeMap<At<'a>, u64>,
    /// Sizes of recognised files.
    sizes: BTreeMap<&'a PathText, u64>,
    /// Bytes of the files that hold something, as the sensor says.
    holding: Option<u64>,
}
impl Draft<'_> {
    /// Whether anything was found there, not only gaps.
    pub(crate) fn is_found(&self) -> bool {
        self.classes.values().any(|c| c.hits > 0 || c.columns > 0 || c.contents > 0)
    }
    /// Rows where they are known, else hits.
    pub(crate) fn records(&self) -> Span {
        let at = self.rows.keys().chain(self.hits.keys()).collect::<BTreeSet<_>>();
        at.into_iter().fold(Span::exact(0), |sum, at| match (self.rows.get(at), self.hits.get(at)) {
            (Some(rows), _) => sum.plus(Span::exact(*rows)),
            (None, Some((most, all))) => sum.plus(Span::between(*most, *all)),
            (None, None) => sum,
        })
    }
    /// Bytes of what holds something, as far as they are known.
    pub(crate) fn bytes(&self) -> Option<Span> {
        if let Some(bytes) = self.holding {
            return Some(Span::exact(bytes));
        }
        let known = self.files.iter().filter_map(|f| self.sizes.get(f)).fold(0_u64, |sum, n| sum.saturating_add(*n));
        let all = self.files.iter().all(|f| self.sizes.contains_key(f));
        match (self.files.is_empty(), all, known) {
            (true, ..) | (_, false, 0) => None,
            (_, true, n) => Some(Span::exact(n)),
            (_, false, n) => Some(Span::at_least(n)),
        }
    }
    /// The items that show it, capped.
    pub(crate) fn cited(&self) -> Vec<Cited> {
        self.evidence.iter().take(EVIDENCE_MAX).map(|(leaf, n)| Cited { leaf: *leaf, item: Some(*n) }).collect()
    }
}

/// Assets by place.
pub(crate) type Drafts<'a> = BTreeMap<Carrier, Draft<'a>>;
/// First run that saw something at a place, by its end.
pub(crate) type Since = BTreeMap<Carrier, Time>;

/// Everything found in the newest run of each root; and since when each place has been seen.
pub(crate) fn drafts<'a>(plan: &CheckedPlan, sources: &mut Sources<'a>) -> (Drafts<'a>, Since) {
    let mut places = Places::new(sources.listing.map(|l| l.0), &sources.runs);
    let depth = roll_up(&mut places, &sources.bench.roots);
    let mut drafts = Drafts::new();
    let mut unknown = BTreeSet::new();
    for root in &sources.bench.roots {
        let newer: Vec<&Root<'_>> =
            sources.bench.roots.iter().filter(|r| r.label == root.label && is_newer(r, root)).collect();
        let mut under = Under { plan, root, newer, places: &places, own: own(root.items), unknown: &mut unknown };
        under.all(&mut drafts);
    }
    for root in &sources.bench.roots {
        tallies(root, &mut drafts);
    }
    let since = since(sources, &places);
    let doubts = &mut sources.bench.doubts;
    doubts.extend(unknown.iter().map(|class| doubt(Say::new("doubt.unknown-class").with("class", class), None)));
    doubts.extend(depth.map(|d| doubt(Say::new("doubt.rolled-up").with("depth", d).with("max", ASSETS_MAX), None)));
    (drafts, since)
}

fn is_newer(a: &Root<'_>, b: &Root<'_>) -> bool {
    (b.examination.ended, b.leaf, b.root.len()) < (a.examination.ended, a.leaf, a.root.len())
}

/// The class, place and sureness of something found.
fn found(item: &Item) -> Option<(&ClassId, &Place, bool)> {
    match &item.body {
        Body::Hits(h) => Some((&h.class, &h.at, h.bands.sure() > 0)),
        Body::Column(c) => Some((&c.class, &c.at, Band::of(c.confidence) > Band::Low)),
        Body::Content(c) => Some((&c.class, &c.at, c.how != FormatTold::NameHint)),
        _ => None,
    }
}

fn roll_up(places: &mut Places<'_>, roots: &[Root<'_>]) -> Option<usize> {
    let mut folders = BTreeSet::new();
    for root in roots {
        for item in root.items {
            if let Some((_, at, true)) = found(item) {
                let (carrier, listed) = places.of(root.leaf, &root.label, at);
                if listed.is_none() && carrier.kind == CarrierKind::Folder {
                    folders.insert((carrier.host, carrier.path.as_str().to_owned()));
                }
            }
        }
    }
    places.roll_up(&folders, ASSETS_MAX)
}

/// Since when something was seen at each place, over all runs that were handed in.
fn since(sources: &Sources<'_>, places: &Places<'_>) -> Since {
    let labels: BTreeMap<Subject, &str> =
        sources.bench.roots.iter().map(|r| (subject(r.examination), r.label.as_str())).collect();
    let mut out = Since::new();
    for Run { leaf, examination, items } in &sources.runs {
        let Some(label) = labels.get(&subject(examination)) else { continue };
        for item in *items {
            if let Some((_, at, true)) = found(item) {
                let first = out.entry(places.of(*leaf, label, at).0).or_insert(examination.ended);
                *first = (*first).min(examination.ended);
            }
        }
    }
    out
}

/// One root with what lies under it.
struct Under<'r, 'a> {
    plan: &'r CheckedPlan,
    root: &'r Root<'a>,
    /// Roots on the same host with a newer run: what lies under them is theirs.
    newer: Vec<&'r Root<'a>>,
    places: &'r Places<'a>,
    own: Own<'a>,
    unknown: &'r mut BTreeSet<String>,
}

impl<'a> Under<'_, 'a> {
    /// Whether this root's run is the one that speaks for a place.
    fn speaks(&self, at: &Place) -> bool {
        let path = at.path.as_str();
        let folders = &self.root.examination.subject.folders;
        let deepest = folders.iter().map(PathText::as_str).filter(|f| covers(f, path)).max_by_key(|f| f.len());
        deepest == Some(self.root.root) && !self.newer.iter().any(|n| n.leaf != self.root.leaf && covers(n.root, path))
    }

    fn all(&mut self, drafts: &mut Drafts<'a>) {
        let mut hit = BTreeSet::new();
        for item in self.root.items {
            match &item.body {
                Body::Hits(h) if self.speaks(&h.at) => {
                    hit.insert((&h.class, &h.at.path, h.at.inside.as_slice()));
                    self.hits(drafts, h, item.n);
                }
                Body::Content(c) if self.speaks(&c.at) => self.content(drafts, c, item.n),
                Body::Measured(m) if self.speaks(&m.at) => {
                    let draft = self.draft(drafts, &m.at);
                    draft.measured.push(m);
                    draft.evidence.insert((self.root.leaf, item.n));
                }
                Body::Gap(g) => self.gap(drafts, g),
                _ => {}
            }
        }
        for item in self.root.items {
            match &item.body {
                Body::Column(c) if self.speaks(&c.at) => {
                    let first = hit.insert((&c.class, &c.at.path, c.at.inside.as_slice()));
                    self.column(drafts, c, first, item.n);
                }
                Body::Covered(c) => {
                    if let (Some(folder), Some(bytes)) = (c.what.strip_prefix("holding:"), c.counts.get("bytes")) {
                        self.holding(drafts, folder, c.counts.get("files").copied(), *bytes);
                    }
                }
                _ => {}
            }
        }
    }

    fn draft<'d>(&self, drafts: &'d mut Drafts<'a>, at: &Place) -> &'d mut Draft<'a> {
        let (carrier, listed) = self.places.of(self.root.leaf, &self.root.label, at);
        let draft = drafts.entry(carrier).or_default();
        draft.listed = listed.or(draft.listed);
        draft
    }

    /// The class of a draft, with something of it at a place.
    fn class<'d>(&mut self, draft: &'d mut Draft<'a>, class: &'a ClassId) -> &'d mut ClassDraft<'a> {
        let about = about(self.plan, &self.own, class);
        if !about.known {
            self.unknown.insert(class.as_str().to_owned());
        }
        let c = draft.classes.entry(class).or_default();
        c.about.get_or_insert(about);
        c
    }

    fn seen(&self, draft: &mut Draft<'a>, at: &'a Place, n: u64) {
        draft.files.insert(&at.path);
        draft.seen = draft.seen.max(Some(self.root.examination.ended));
        draft.evidence.insert((self.root.leaf, n));
    }

    fn hits(&mut self, drafts: &mut Drafts<'a>, h: &'a Hits, n: u64) {
        let draft = self.draft(drafts, &h.at);
        let at: At<'a> = (&h.at.path, &h.at.inside);
        let sure = h.bands.sure();
        let class = self.class(draft, &h.class);
        class.touched.insert(at);
        if sure == 0 {
            return;
        }
        let (least, most) = h.sure_distinct();
        class.places.insert(at);
        class.hits = class.hits.saturating_add(sure);
        class.distinct = class.distinct_or_none().joined(Span::between(least, most));
        let fullest = draft.hits.entry(at).or_default();
        *fullest = (fullest.0.max(sure), fullest.1.saturating_add(sure));
        self.seen(draft, &h.at, n);
    }

    fn column(&mut self, drafts: &mut Drafts<'a>, c: &'a Column, first: bool, n: u64) {
        if Band::of(c.confidence) == Band::Low {
            return;
        }
        let draft = self.draft(drafts, &c.at);
        let at: At<'a> = (&c.at.path, &c.at.inside);
        let whole = c.rows.is_some_and(|rows| rows <= c.sampled);
        let class = self.class(draft, &c.class);
        class.columns = class.columns.saturating_add(1);
        class.places.insert(at);
        if first {
            class.hits = class.hits.saturating_add(c.holding);
            class.touched.insert(at);
        }
        // What was only sampled has no upper bound; hits of the same table speak of the sample too.
        if first || !whole {
            let distinct = if whole { Span::exact(c.distinct) } else { Span::at_least(c.distinct) };
            class.distinct = class.distinct_or_none().joined(distinct);
        }
        if first {
            let fullest = draft.hits.entry(at).or_default();
            *fullest = (fullest.0.max(c.holding), fullest.1.saturating_add(c.holding));
        }
        if let Some(rows) = c.rows {
            let known = draft.rows.entry(at).or_default();
            *known = (*known).max(rows);
        }
        self.seen(draft, &c.at, n);
    }

    fn content(&mut self, drafts: &mut Drafts<'a>, c: &'a Content, n: u64) {
        if c.how == FormatTold::NameHint {
            return;
        }
        let draft = self.draft(drafts, &c.at);
        let class = self.class(draft, &c.class);
        class.contents = class.contents.saturating_add(1);
        class.places.insert((&c.at.path, &c.at.inside));
        if let (Some(bytes), true) = (c.bytes, c.at.inside.is_empty()) {
            draft.sizes.insert(&c.at.path, bytes);
        }
        self.seen(draft, &c.at, n);
    }

    /// A gap under a root belongs to the asset that would hold the place.
    fn gap(&self, drafts: &mut Drafts<'a>, g: &'a Gap) {
        let Some(at) = g.at.as_ref().filter(|at| self.speaks(at)) else { return };
        let count = self.draft(drafts, at).gaps.entry(g.reason).or_default();
        *count = count.saturating_add(g.count);
    }

    /// The sensor says how many bytes of a folder hold something.
    fn holding(&self, drafts: &mut Drafts<'a>, folder: &str, files: Option<u64>, bytes: u64) {
        let carrier = Carrier {
            kind: CarrierKind::Folder,
            host: self.root.label.clone(),
            path: folder.into(),
            inside: Vec::new(),
        };
        if let Some(draft) = drafts.get_mut(&carrier)
            && files.is_none_or(|n| n == draft.files.len() as u64)
        {
            draft.holding = Some(bytes);
        }
    }
}

impl ClassDraft<'_> {
    /// The span so far; before the first place it is nothing, exactly.
    fn distinct_or_none(&self) -> Span {
        if self.distinct == Span::default() { Span::exact(0) } else { self.distinct }
    }
}

/// The sensor's own totals make bounds narrower: exact where a tally counts just the files of an asset, else a cap.
fn tallies<'a>(root: &Root<'a>, drafts: &mut Drafts<'a>) {
    let mut by: BTreeMap<(&str, &ClassId), Vec<&Tally>> = BTreeMap::new();
    for item in root.items {
        if let Body::Tally(t) = &item.body {
            by.entry((t.root.as_str(), &t.class)).or_default().push(t);
        }
    }
    for (carrier, draft) in drafts.iter_mut().filter(|(c, _)| c.host == root.label) {
        if !covers(root.root, carrier.path.as_str()) && !covers(carrier.path.as_str(), root.root) {
            continue;
        }
        for (class, sum) in &mut draft.classes {
            let files = sum.touched.len() as u64;
            let same = by.get(&(carrier.path.as_str(), *class)).into_iter().flatten().find(|t| t.files == files);
            if let Some(t) = same.filter(|_| carrier.inside.is_empty() && files > 0) {
                let told = if t.distinct_is_floor { Span::at_least(t.distinct) } else { Span::exact(t.distinct) };
                // Columns that were only sampled hold more than the tally saw.
                sum.distinct =
                    if sum.distinct.most.is_none() { Span::at_least(t.distinct.max(sum.distinct.least)) } else { told };
                continue;
            }
            let tree = by.get(&(root.root, *class)).into_iter().flatten().max_by_key(|t| (t.files, t.distinct));
            let tree = tree.filter(|t| !t.distinct_is_floor && covers(root.root, carrier.path.as_str()));
            if let (Some(t), Some(most)) = (tree, sum.distinct.most) {
                sum.distinct = sum.distinct.capped(most.min(t.distinct));
            }
        }
    }
}
