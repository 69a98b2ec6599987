//! Which registry and which selection count as of an instant: one answer for everybody who asks.
//!
//! What was stated later did not count then: a quarter that is closed in January is counted from the registry and selection of December.

use crate::{Node, NodeError};
use evidence::{Digest, Record, RecordKind, Time};
use proof::Witness;
use store::StoreError;

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

    /// The newest selection from a registry, of those that were made by an instant, if one is named.
    pub(crate) fn selection_witness(
        &self,
        registry: Digest,
        as_of: Option<Time>,
    ) -> Result<Option<Witness>, StoreError> {
        let all = self.store().records(&[RecordKind::SelectionJudgement])?;
        let of = all.into_iter().filter_map(|w| match w.record.value() {
            Record::SelectionJudgement(j) if j.snapshot == registry && as_of.is_none_or(|t| j.as_of <= t) => {
                Some((j.as_of, w.record.leaf(), w))
            }
            _ => None,
        });
        Ok(of.max_by_key(|s| (s.0, s.1)).map(|s| s.2))
    }
}
