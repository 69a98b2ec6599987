//! What a collector writes to: facts with their places, and for every fact it provides the proof that it looked.
//!
//! A collector cannot forget a fact. It is opened for the ids of its row of the table, and closing writes for
//! each id either [`Covered`] or the gaps; there is no third way out.

use crate::host::{Host, Look, place};
use crate::shared::Shared;
use evidence::{Body, Covered, Fact, FactValue, Gap, GapReason, Place, Sink};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Places of one reason that are named one by one; the rest is counted.
const GAPS_NAMED_MAX: usize = 100;

#[derive(Default)]
struct Kept {
    found: u64,
    /// Gaps without places: reason and how many.
    counted: BTreeMap<GapReason, u64>,
    over: u64,
    gaps: BTreeMap<GapReason, Vec<Option<Place>>>,
}

/// Takes the facts of one collector.
pub(crate) struct Out<'a> {
    /// The examined host.
    pub host: &'a Host,
    /// What several collectors need, read once.
    pub shared: &'a Shared,
    sink: &'a dyn Sink,
    kept: BTreeMap<&'static str, Kept>,
    closed: bool,
}

impl<'a> Out<'a> {
    /// Opens for the facts `ids`.
    pub(crate) fn new(host: &'a Host, shared: &'a Shared, sink: &'a dyn Sink, ids: &[&'static str]) -> Self {
        let kept = ids.iter().map(|id| (*id, Kept::default())).collect();
        Self { host, shared, sink, kept, closed: false }
    }
    /// A fresh look at the host.
    pub(crate) fn look(&self) -> Look<'a> {
        Look::new(self.host)
    }
    fn put(&mut self, body: Body) {
        self.closed |= self.closed || self.sink.put(body).is_err();
    }
    /// True when nobody takes facts any more.
    pub(crate) fn closed(&self) -> bool {
        self.closed
    }
    /// Emits a fact.
    pub(crate) fn fact(&mut self, id: &'static str, value: impl Into<FactValue>, at: Place) {
        let max = self.host.limits.items_per_fact_max;
        let Some(kept) = self.kept.get_mut(id) else {
            debug_assert!(false, "{id} is not in this collector's row");
            return;
        };
        if kept.found >= max {
            kept.over += 1;
            return;
        }
        kept.found += 1;
        self.put(Body::Fact(Fact { fact: id.into(), value: value.into(), at }));
    }
    /// Notes that `id` is incomplete.
    pub(crate) fn gap(&mut self, id: &'static str, reason: GapReason, at: Option<Place>) {
        if let Some(kept) = self.kept.get_mut(id) {
            kept.gaps.entry(reason).or_default().push(at);
        }
    }
    /// Notes that `count` things were not looked at.
    pub(crate) fn gap_count(&mut self, id: &'static str, reason: GapReason, count: u64) {
        if let Some(kept) = self.kept.get_mut(id) {
            *kept.counted.entry(reason).or_default() += count;
        }
    }
    /// Notes that `count` objects of `id` were left out because a budget was used up.
    pub(crate) fn over(&mut self, id: &'static str, count: u64) {
        if let Some(kept) = self.kept.get_mut(id) {
            kept.over += count;
        }
    }
    /// Notes for each of `ids` what could not be seen.
    pub(crate) fn gaps(&mut self, ids: &[&'static str], misses: &[(GapReason, PathBuf)]) {
        for id in ids {
            for (reason, path) in misses {
                self.gap(id, *reason, Some(place(path)));
            }
        }
    }
    /// Notes one gap for each of `ids`.
    pub(crate) fn gap_at(&mut self, ids: &[&'static str], reason: GapReason, path: &Path) {
        for id in ids {
            self.gap(id, reason, Some(place(path)));
        }
    }
    /// Notes that a field of some rows of a table could not be seen; the table itself stays whole.
    pub(crate) fn field_gap(&mut self, field: &str, reason: GapReason, path: &Path) {
        self.put(Body::Gap(Gap { what: format!("fact:{field}"), reason, at: Some(place(path)), count: 1 }));
    }
    /// Notes a gap that belongs to a folder and leaves every fact whole.
    pub(crate) fn folder_gap(&mut self, reason: GapReason, path: &Path) {
        self.put(Body::Gap(Gap { what: "folder:/".into(), reason, at: Some(place(path)), count: 1 }));
    }
    /// Writes the coverage of every fact of this collector.
    pub(crate) fn close(mut self) {
        for (id, kept) in std::mem::take(&mut self.kept) {
            let what = format!("fact:{id}");
            let whole = kept.gaps.is_empty() && kept.counted.is_empty() && kept.over == 0;
            for (reason, count) in kept.counted {
                self.put(Body::Gap(Gap { what: what.clone(), reason, at: None, count }));
            }
            for (reason, mut places) in kept.gaps {
                places.sort();
                places.dedup();
                for gap in named(&what, reason, &places) {
                    self.put(gap);
                }
            }
            if kept.over > 0 {
                self.put(Body::Gap(Gap { what, reason: GapReason::TooMany, at: None, count: kept.over }));
            } else if whole {
                self.put(Body::Covered(Covered { what, counts: BTreeMap::from([("found".into(), kept.found)]) }));
            }
        }
    }
}

fn named(what: &str, reason: GapReason, places: &[Option<Place>]) -> Vec<Body> {
    let gap = |at: &Option<Place>, count| Body::Gap(Gap { what: what.to_owned(), reason, at: at.clone(), count });
    let (each, rest) = places.split_at(places.len().min(GAPS_NAMED_MAX));
    let mut out: Vec<Body> = each.iter().map(|at| gap(at, 1)).collect();
    if let Some(first) = rest.first() {
        out.push(gap(first, rest.len() as u64));
    }
    out
}
