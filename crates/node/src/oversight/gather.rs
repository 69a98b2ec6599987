//! Everything that a standing, a list or the queue is made from.

use crate::{Node, NodeError, home};
use evidence::{Part, Record, RecordKind, Time};
use judge::{Oversight, OversightInput, SelectionRows};
use plan::CheckedPlan;
use proof::Witness;
use store::StoreError;

/// How to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Looking {
    /// As of when; now if it does not say. An instant to come is now.
    pub as_of: Option<Time>,
    /// The year of the registry; the newest if it does not say.
    pub year: Option<i64>,
}

impl Node {
    /// Gathers what is at hand about every enterprise and hands what the judge makes of it to `work`.
    pub fn oversight<T>(
        &self,
        plan: &CheckedPlan,
        how: Looking,
        work: impl FnOnce(&Oversight<'_>) -> T,
    ) -> Result<T, NodeError> {
        let now = home::now();
        let as_of = how.as_of.map_or(now, |t| t.min(now));
        let part: Option<Part> = self.part()?;
        let registry = self.registry_at(how.year, as_of)?;
        let file = match registry.as_ref().map(|w| w.record.value()) {
            Some(Record::Registry(r)) => Some(self.registry_file(r)?),
            _ => None,
        };
        let selection = match &registry {
            Some(w) => self.selection_witness(w.record.leaf(), Some(as_of))?,
            None => None,
        };
        let words = self.cited_words(selection.as_ref())?;
        let damaged = |why| NodeError::Store(StoreError::Damaged { what: "the rows of the registry".to_owned(), why });
        let rows = match registry.as_ref().zip(file.as_deref()) {
            Some((w, file)) => Some(SelectionRows::open(w, file).map_err(damaged)?),
            None => None,
        };
        let reports = self.received_reports()?;
        let (openings, checks) = (self.opened(as_of)?, self.reobserved(as_of)?);
        let rolls = self.rolls_at_hand(as_of)?;
        // Of a node below a node below the newest word counts too, whoever said it.
        let mut members = self.store().records(&[RecordKind::Member])?;
        members.extend(self.taken_in(RecordKind::Member, as_of)?);
        let orders = self.store().records(&[RecordKind::Order])?;
        let mut equivocations = self.store().records(&[RecordKind::Equivocation])?;
        equivocations.extend(self.taken_in(RecordKind::Equivocation, as_of)?);
        let input = OversightInput {
            part: part.as_ref(),
            registry: rows.as_ref(),
            selection: selection.as_ref(),
            words: &words,
            members: &members,
            reports: &reports,
            rolls: &rolls,
            orders: &orders,
            openings: &openings,
            checks: &checks,
            equivocations: &equivocations,
        };
        Ok(work(&Oversight::new(plan, &input, as_of)))
    }

    /// The words of people that a selection cites.
    pub(crate) fn cited_words(&self, selection: Option<&Witness>) -> Result<Vec<Witness>, StoreError> {
        let Some(Record::SelectionJudgement(j)) = selection.map(|w| w.record.value()) else { return Ok(Vec::new()) };
        let cited = j.cites.iter().filter(|c| c.1 == RecordKind::Attestation);
        cited.map(|c| self.store().witness(c.0)).collect()
    }
}
