//! Which records count for the catalogue: runs over data, the newest list, the newest decision on each place.

use crate::choose::{Bench, doubt, examination_doubts};
use evidence::{
    Attestation, Authenticated, Catalogue, Digest, Examination, Grading, Item, Listing, Origin, Record, RecordKind,
    Say, Time,
};
use proof::Witness;
use std::collections::BTreeMap;

/// One run over data.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) leaf: Digest,
    pub(crate) examination: &'a Examination,
    pub(crate) items: &'a [Item],
}

/// A decision on a level.
#[derive(Clone, Copy)]
pub(crate) struct Graded<'a> {
    pub(crate) attestation: &'a Attestation,
    pub(crate) grading: &'a Grading,
    pub(crate) leaf: Digest,
}

/// What the catalogue is made from.
pub(crate) struct Sources<'a> {
    /// Roots with their newest run, scope, doubts, citations.
    pub(crate) bench: Bench<'a>,
    /// Every run handed in, newest first.
    pub(crate) runs: Vec<Run<'a>>,
    pub(crate) listing: Option<(&'a Listing, Digest)>,
    /// The newest of each place.
    pub(crate) gradings: Vec<Graded<'a>>,
    /// The catalogue before.
    pub(crate) previous: Option<(&'a Catalogue, Digest)>,
}

pub(crate) fn choose(records: &[Witness], as_of: Time) -> Sources<'_> {
    let mut bench = Bench::default();
    let mut sorted: BTreeMap<Digest, &Witness> = BTreeMap::new();
    for w in records {
        let best = sorted.entry(w.record.leaf()).or_insert(w);
        if best.items.is_none() {
            *best = w;
        }
    }
    let mut examinations = Vec::new();
    let mut listing: Option<(&Listing, Digest, Time)> = None;
    let mut gradings: Vec<Graded<'_>> = Vec::new();
    let mut previous: Option<(&Catalogue, Digest)> = None;
    for (leaf, w) in sorted {
        match w.record.value() {
            Record::Examination(e) if is_data(e) && past(e, as_of) => {
                examinations.extend(bench.items(e, w, leaf).map(|items| (leaf, e, items)));
            }
            Record::Attestation(a) if a.stated_at <= as_of => {
                if let Some(l) = a.as_listing()
                    && listing.is_none_or(|old| (old.2, old.1) < (a.stated_at, leaf))
                {
                    listing = Some((l, leaf, a.stated_at));
                }
                gradings.extend(a.as_grading().map(|grading| Graded { attestation: a, grading, leaf }));
            }
            Record::Scope(s) if s.stated_at <= as_of => {
                let newer = |old: &(&evidence::Scope, Digest)| (old.0.stated_at, old.1) < (s.stated_at, leaf);
                if bench.scope.as_ref().is_none_or(newer) {
                    bench.scope = Some((s, leaf));
                }
            }
            Record::Catalogue(c)
                if c.as_of <= as_of && previous.is_none_or(|old| (old.0.as_of, old.1) < (c.as_of, leaf)) =>
            {
                previous = Some((c, leaf));
            }
            _ => {}
        }
    }
    bench.subjects(&examinations);
    let mut runs: Vec<Run<'_>> =
        examinations.into_iter().map(|(leaf, examination, items)| Run { leaf, examination, items }).collect();
    runs.sort_by_key(|r| std::cmp::Reverse((r.examination.ended, r.leaf)));
    let listing = listing.map(|l| (l.0, l.1));
    let mut sources = Sources { bench, runs, listing, gradings: newest(gradings), previous };
    sources.cite();
    sources
}

/// A run over data that is not a drill's.
fn is_data(e: &Examination) -> bool {
    e.origin != Origin::Drill && !e.subject.folders.is_empty()
}

fn past(e: &Examination, as_of: Time) -> bool {
    e.ended.max(e.started) <= as_of
}

/// The newest decision on each place; a decision that names no host replaces, and is replaced by, one that does.
fn newest(mut gradings: Vec<Graded<'_>>) -> Vec<Graded<'_>> {
    gradings.sort_by_key(|g| std::cmp::Reverse((g.attestation.stated_at, g.leaf)));
    let mut out: Vec<Graded<'_>> = Vec::new();
    for g in gradings {
        if !out.iter().any(|o| o.grading.carrier.same_place(&g.grading.carrier)) {
            out.push(g);
        }
    }
    out
}

impl Sources<'_> {
    fn cite(&mut self) {
        let cites = &mut self.bench.cites;
        cites.extend(self.runs.iter().map(|r| (r.leaf, RecordKind::Examination)));
        cites.extend(self.listing.iter().map(|l| (l.1, RecordKind::Attestation)));
        cites.extend(self.gradings.iter().map(|g| (g.leaf, RecordKind::Attestation)));
        cites.extend(self.bench.scope.iter().map(|s| (s.1, RecordKind::Scope)));
        cites.extend(self.previous.iter().map(|p| (p.1, RecordKind::Catalogue)));
    }

    /// What makes the catalogue weaker than it looks.
    pub(crate) fn doubts(&mut self, skipped: u64) {
        let mut doubts = std::mem::take(&mut self.bench.doubts);
        let mut used: BTreeMap<Digest, (&str, &Examination)> = BTreeMap::new();
        for r in &self.bench.roots {
            used.insert(r.leaf, (&r.label, r.examination));
        }
        for (leaf, (label, e)) in &used {
            examination_doubts(label, e, *leaf, &mut doubts);
        }
        let typed = |g: &&Graded<'_>| g.attestation.author.authenticated == Authenticated::TypedName;
        let by_name = self.gradings.iter().filter(typed).count();
        if by_name > 0 {
            doubts.push(doubt(Say::new("doubt.typed-gradings").with("count", by_name), None));
        }
        if let Some((l, leaf)) = self.listing.filter(|l| l.0.left_out > 0) {
            doubts.push(doubt(Say::new("doubt.rows-left-out").with("count", l.left_out), Some(leaf)));
        }
        if skipped > 0 {
            doubts.push(doubt(Say::new("doubt.older-runs").with("count", skipped), None));
        }
        if self.bench.scope.is_none() {
            doubts.push(doubt(Say::new("doubt.no-scope"), None));
        }
        if used.is_empty() {
            doubts.push(doubt(Say::new("doubt.nothing-examined"), None));
        }
        doubts.push(doubt(Say::new("doubt.times-self-declared"), None));
        doubts.sort();
        doubts.dedup();
        self.bench.doubts = doubts;
    }
}
