//! Which entries count: the newest of each subject that is not of the future.

use crate::choose::doubt;
use evidence::{
    AuthorityRequest, Body, Catalogue, CountryTable, Decided, Digest, Doubt, Fact, Flow, PeopleCounted, Provided,
    Record, RecordKind, RequestMoved, Say, SensorId, Time, TransferMove,
};
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// A count with the instant at which it was stated.
pub(crate) type Stated<'a> = (Time, &'a PeopleCounted);

/// Everything that counts.
#[derive(Default)]
pub(crate) struct Entries<'a> {
    /// By id.
    pub(crate) flows: BTreeMap<&'a str, &'a Flow>,
    /// When each flow was first declared.
    pub(crate) first: BTreeMap<&'a str, Time>,
    /// Last day of flows that have ended.
    pub(crate) ended: BTreeMap<&'a str, Time>,
    /// Every count, in order of time.
    pub(crate) counted: Vec<Stated<'a>>,
    /// The same by flow and year.
    by_year: BTreeMap<(&'a str, i64), Vec<Stated<'a>>>,
    /// Every decision.
    pub(crate) decided: Vec<(Digest, &'a Decided)>,
    pub(crate) provided: Vec<&'a Provided>,
    pub(crate) requests: BTreeMap<&'a str, &'a AuthorityRequest>,
    pub(crate) moved: Vec<&'a RequestMoved>,
    /// The newest catalogue.
    pub(crate) catalogue: Option<(&'a Catalogue, Digest)>,
    /// Facts of the logs, one list an examination.
    pub(crate) logs: Vec<Vec<&'a Fact>>,
    /// The table of countries in use.
    pub(crate) countries: Option<&'a CountryTable>,
    pub(crate) cites: BTreeSet<(Digest, RecordKind)>,
    pub(crate) doubts: Vec<Doubt>,
}

impl<'a> Entries<'a> {
    pub(crate) fn of(records: &'a [Witness], as_of: Time) -> Self {
        let mut out = Self::default();
        let mut sorted: BTreeMap<Digest, &'a Witness> = BTreeMap::new();
        for w in records {
            let best = sorted.entry(w.record.leaf()).or_insert(w);
            if best.items.is_none() {
                *best = w;
            }
        }
        let mut entries = Vec::new();
        let mut countries: Option<(Time, Digest, &CountryTable)> = None;
        for (leaf, w) in sorted {
            match w.record.value() {
                Record::Transfer(e) if out.is_past(RecordKind::Transfer, e.stated_at, leaf, as_of) => {
                    out.cites.insert((leaf, RecordKind::Transfer));
                    entries.push((e.stated_at, leaf, &e.what));
                }
                Record::Catalogue(c)
                    if out.is_past(RecordKind::Catalogue, c.as_of, leaf, as_of)
                        && out.catalogue.is_none_or(|old| (old.0.as_of, old.1) < (c.as_of, leaf)) =>
                {
                    out.catalogue = Some((c, leaf));
                }
                Record::Examination(e)
                    if e.sensors.iter().any(|s| s.sensor == SensorId::from("flows"))
                        && out.is_past(RecordKind::Examination, e.ended.max(e.started), leaf, as_of) =>
                {
                    out.cites.insert((leaf, RecordKind::Examination));
                    out.examination(w, leaf, &e.subject.host);
                }
                Record::Attestation(a) => {
                    let Some(table) = a.as_country_table() else { continue };
                    if out.is_past(RecordKind::Attestation, a.stated_at, leaf, as_of)
                        && countries.is_none_or(|old| (old.0, old.1) < (a.stated_at, leaf))
                    {
                        countries = Some((a.stated_at, leaf, table));
                    }
                }
                _ => {}
            }
        }
        out.cites.extend(out.catalogue.map(|c| (c.1, RecordKind::Catalogue)));
        if let Some((_, leaf, table)) = countries {
            out.cites.insert((leaf, RecordKind::Attestation));
            out.countries = Some(table).filter(|t| !t.dropped);
        }
        entries.sort_by_key(|e| (e.0, e.1));
        for (at, leaf, what) in entries {
            out.entry(at, leaf, what);
        }
        out
    }

    /// False, with a doubt, for a record of the future.
    fn is_past(&mut self, kind: RecordKind, time: Time, leaf: Digest, as_of: Time) -> bool {
        if time <= as_of {
            return true;
        }
        let name = kind.predicate_type().split(':').nth(2).unwrap_or_default();
        self.doubts.push(doubt(Say::new("doubt.after-as-of").with("kind", name).with("time", time), Some(leaf)));
        self.cites.insert((leaf, kind));
        false
    }

    fn examination(&mut self, w: &'a Witness, leaf: Digest, host: &str) {
        match w.items.as_ref().filter(|i| i.of() == leaf) {
            Some(items) => {
                let facts = items.items().iter().filter_map(|i| match &i.body {
                    Body::Fact(f) if f.fact.as_str() == "egress.flow" => Some(f),
                    _ => None,
                });
                self.logs.push(facts.collect());
                let gaps =
                    items.items().iter().filter(|i| matches!(&i.body, Body::Gap(g) if g.what == "fact:egress.log"));
                let count = gaps.count();
                if count > 0 {
                    let say = Say::new("doubt.transfer-logs-incomplete").with("count", count);
                    self.doubts.push(doubt(say, Some(leaf)));
                }
            }
            None => self.doubts.push(doubt(Say::new("doubt.items-missing").with("host", host), Some(leaf))),
        }
    }

    fn entry(&mut self, at: Time, leaf: Digest, what: &'a TransferMove) {
        match what {
            TransferMove::Flow(flow) => self.flow(at, flow),
            TransferMove::Table(table) => {
                for row in &table.rows {
                    self.flow(at, &row.flow);
                    row.counted.iter().for_each(|c| self.count_stated(at, c));
                }
            }
            TransferMove::Counted(c) => self.count_stated(at, c),
            TransferMove::Decided(d) => self.decided.push((leaf, d)),
            TransferMove::Ended { flow, at, .. } => {
                self.ended.insert(flow, *at);
            }
            TransferMove::Provided(p) => self.provided.push(p),
            TransferMove::Request(r) => {
                self.requests.insert(&r.id, r);
            }
            TransferMove::RequestMoved(m) => self.moved.push(m),
            TransferMove::Observed { .. } => {}
        }
    }

    fn flow(&mut self, at: Time, flow: &'a Flow) {
        self.flows.insert(&flow.id, flow);
        self.first.entry(&flow.id).or_insert(at);
        self.ended.remove(flow.id.as_str());
    }

    fn count_stated(&mut self, at: Time, count: &'a PeopleCounted) {
        self.counted.push((at, count));
        self.by_year.entry((&count.flow, count.year)).or_default().push((at, count));
    }

    /// The count of a flow and year that counts, as of an instant.
    pub(crate) fn count(&self, flow: &str, year: i64, until: Time) -> Option<&'a PeopleCounted> {
        let all = self.by_year.get(&(flow, year))?;
        all.get(..all.partition_point(|c| c.0 <= until))?.last().map(|c| c.1)
    }
}
