//! Which registry and which selection count as of an instant: one answer for everybody who asks.
//!
//! What was stated later did not count then: a quarter that is closed in January is counted from the registry and selection of December.

use crate::{KeptRegistry, KeptSelection, Node, NodeError};
use evidence::{Digest, Record, RecordKind, Say, Time};
use proof::Witness;

impl Node {
    /// The newest registry of a year, or of the newest year.
    pub(crate) fn registry_witness(&self, year: Option<i64>) -> Result<Option<Witness>, NodeError> {
        self.newest_registry(year, |_| true)
    }

    /// The newest registry of a year (or of the newest year) that was stated by an instant. Where none was, the newest there is: the
    /// judge says that it is later.
    pub(crate) fn registry_at(&self, year: Option<i64>, as_of: Time) -> Result<Option<Witness>, NodeError> {
        match self.newest_registry(year, |at| at <= as_of)? {
            Some(w) => Ok(Some(w)),
            None => self.registry_witness(year),
        }
    }

    fn newest_registry(&self, year: Option<i64>, takes: impl Fn(Time) -> bool) -> Result<Option<Witness>, NodeError> {
        let mut newest: Option<((i64, Time, Digest), Witness)> = None;
        for w in self.store().records(&[RecordKind::Registry])? {
            let Record::Registry(r) = w.record.value() else { continue };
            let rank = (r.year, r.stated_at, w.record.leaf());
            let fits = takes(r.stated_at) && year.is_none_or(|y| y == r.year);
            if fits && newest.as_ref().is_none_or(|n| n.0 < rank) {
                newest = Some((rank, w));
            }
        }
        Ok(newest.map(|n| n.1))
    }

    /// Of the selections from a registry that were made by an instant (of all, if none is named) the newest: the later `as_of`, of two
    /// at one instant the greater leaf. Everybody who asks which selection counts asks here; a process reads and verifies each once.
    fn newest_selection(&self, registry: Digest, as_of: Option<Time>) -> Result<Option<Digest>, NodeError> {
        let kinds = [RecordKind::SelectionJudgement];
        let mut known = self.tables.selections();
        let (records, next) = match known.next {
            // Size first: what comes in between is read the next time.
            None => self.store().size().and_then(|size| Ok((self.store().records(&kinds)?, size)))?,
            Some(next) => self.store().records_from(&kinds, next)?,
        };
        for w in records {
            let leaf = w.record.leaf();
            let Record::SelectionJudgement(j) = w.record.into_value() else { continue };
            let (snapshot, rank) = (j.snapshot, (j.as_of, leaf));
            let of = known.of.entry(snapshot).or_default();
            of.insert(rank);
            if of.last() == Some(&rank) {
                known.newest.insert(snapshot, KeptSelection { judgement: *j, leaf });
            }
        }
        known.next = Some(next);
        let Some(of) = known.of.get(&registry) else { return Ok(None) };
        Ok(of.iter().rev().find(|(at, _)| as_of.is_none_or(|t| *at <= t)).map(|(_, leaf)| *leaf))
    }

    /// The newest selection from a registry, of those that were made by an instant, if one is named; verified.
    pub(crate) fn selection_witness(
        &self,
        registry: Digest,
        as_of: Option<Time>,
    ) -> Result<Option<Witness>, NodeError> {
        let newest = self.newest_selection(registry, as_of)?;
        Ok(newest.map(|leaf| self.store().witness(leaf)).transpose()?)
    }

    /// The newest selection of a registry, as this process verified it: one of a thousand groups costs more than any page.
    pub(crate) fn selection_of(&self, kept: &KeptRegistry) -> Result<KeptSelection, NodeError> {
        let newest = self.newest_selection(kept.leaf, None)?;
        let known = self.tables.selections().newest.get(&kept.leaf).cloned();
        match (newest, known) {
            (Some(_), Some(kept)) => Ok(kept),
            _ => Err(NodeError::Entry(Say::new("error.not-selected").with("year", kept.registry.year))),
        }
    }
}
