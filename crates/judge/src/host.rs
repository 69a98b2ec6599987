//! The items of one run of the host sensor, arranged by fact.

use crate::select::Run;
use evidence::{Body, Cited, FactId, FactValue, GapReason, Place, Shape, fact};
use std::collections::BTreeMap;

/// A value with the item that shows it.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) value: &'a FactValue,
    pub(crate) at: &'a Place,
    pub(crate) item: u64,
}

/// Why a fact is missing or incomplete.
#[derive(Clone, Copy)]
pub(crate) struct Lack {
    pub(crate) reason: GapReason,
    pub(crate) count: u64,
    pub(crate) item: u64,
}

/// One examined host.
pub(crate) struct Host<'a> {
    pub(crate) run: Run<'a>,
    pub(crate) one: BTreeMap<&'a FactId, Seen<'a>>,
    pub(crate) rows: BTreeMap<&'a FactId, Vec<Seen<'a>>>,
    /// Item of the `Covered` of a fact, by its id.
    covered: BTreeMap<&'a str, u64>,
    /// The first gap of a fact, with the places of all of them.
    lacks: BTreeMap<&'a str, Lack>,
}

impl<'a> Host<'a> {
    pub(crate) fn new(run: &Run<'a>) -> Self {
        let mut host = Self {
            run: *run,
            one: BTreeMap::new(),
            rows: BTreeMap::new(),
            covered: BTreeMap::new(),
            lacks: BTreeMap::new(),
        };
        for item in run.witness.items.iter().flat_map(|i| i.items()) {
            match &item.body {
                Body::Fact(f) => {
                    let seen = Seen { value: &f.value, at: &f.at, item: item.n };
                    match fact::find(f.fact.as_str()).map(|d| d.shape) {
                        // Items come in the order of their bytes: of two values of a single fact the first counts.
                        Some(Shape::One(_)) => {
                            host.one.entry(&f.fact).or_insert(seen);
                        }
                        Some(Shape::Many(_)) => host.rows.entry(&f.fact).or_default().push(seen),
                        None => {}
                    }
                }
                Body::Covered(c) => {
                    if let Some(id) = c.what.strip_prefix("fact:") {
                        host.covered.insert(id, item.n);
                    }
                }
                Body::Gap(g) => {
                    if let Some(id) = g.what.strip_prefix("fact:") {
                        let lack = Lack { reason: g.reason, count: 0, item: item.n };
                        host.lacks.entry(id).or_insert(lack).count += g.count;
                    }
                }
                _ => {}
            }
        }
        host
    }

    pub(crate) fn name(&self) -> &'a str {
        &self.run.examination.subject.host
    }
    pub(crate) fn cite(&self, item: u64) -> Cited {
        Cited { leaf: self.run.leaf(), item: Some(item) }
    }
    pub(crate) fn lack(&self, fact: &FactId) -> Option<Lack> {
        self.lacks.get(fact.as_str()).copied()
    }
    pub(crate) fn covered(&self, fact: &FactId) -> Option<u64> {
        self.covered.get(fact.as_str()).copied()
    }
    /// The rows of a table; `None` if nothing is known of it: neither a row nor that it was looked at.
    pub(crate) fn table(&self, fact: &FactId) -> Option<&[Seen<'a>]> {
        match self.rows.get(fact) {
            Some(rows) => Some(rows),
            None => self.covered(fact).map(|_| &[][..]),
        }
    }
    /// Whether all rows of a table are known.
    pub(crate) fn complete(&self, fact: &FactId) -> bool {
        self.covered(fact).is_some() && self.lack(fact).is_none()
    }
    /// Numbers of rows that a condition may count on: all of them, or at least so many.
    pub(crate) fn counts(&self) -> Vec<(&'a FactId, i64)> {
        let number = |rows: &Vec<Seen<'_>>| i64::try_from(rows.len()).unwrap_or(i64::MAX);
        self.rows.iter().map(|(id, rows)| (*id, number(rows))).collect()
    }
}
