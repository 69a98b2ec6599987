//! What this node judged of challenges, held against its own log and the mirror: the commitment, its place, the draws made again, the
//! numbers, the verdict. What was shown is not at hand any more, so the numbers themselves are the judge's word.

use super::order::seed_of;
use super::{ChallengeMove, committed, order_of};
use crate::{Node, NodeError};
use evidence::{ChallengeEntry, ChallengeJudged, Digest, OpeningOrder, RecordKind, Say, seed_commitment};
use std::collections::BTreeMap;

impl Node {
    /// Adds what does not hold.
    pub(crate) fn audit_challenges(&self, problems: &mut Vec<Say>) -> Result<(), NodeError> {
        let entries = match self.challenge_entries() {
            Ok(entries) => entries,
            Err(_) if !problems.is_empty() => return Ok(()),
            Err(e) => return Err(e),
        };
        let by_leaf: BTreeMap<Digest, &ChallengeEntry> = entries.iter().map(|(e, leaf)| (*leaf, e)).collect();
        for (entry, leaf) in &entries {
            let held = match &entry.what {
                ChallengeMove::Drawn(order) => self.audit_drawn(&by_leaf, order, *leaf),
                ChallengeMove::Judged(judged) => self.audit_judged(&by_leaf, judged),
                _ => Ok(None),
            };
            let why = match held {
                Ok(None) => continue,
                Ok(Some(why)) => why.to_owned(),
                Err(e) => e.to_string(),
            };
            problems.push(Say::new("cli.say.audit_challenge").with("leaf", leaf).with("why", why));
        }
        Ok(())
    }

    /// The seed is the one that was committed to, before the report came and before any draw opened it.
    fn audit_drawn(
        &self,
        by_leaf: &BTreeMap<Digest, &ChallengeEntry>,
        order: &OpeningOrder,
        leaf: Digest,
    ) -> Result<Option<&'static str>, NodeError> {
        let commitment = match by_leaf.get(&order.committed).map(|e| &e.what) {
            Some(ChallengeMove::Committed(c)) if c.round == order.round => c.seed,
            _ => return Ok(Some("its commitment is not in the log")),
        };
        if seed_of(order).map(|s| seed_commitment(&s)) != Some(commitment) {
            return Ok(Some("the seed is not the one that was committed to"));
        }
        let report = self.received(RecordKind::ProgrammeReport)?.into_iter().find(|r| r.leaf == order.report);
        let Some(report) = report else { return Ok(Some("its report is not at hand")) };
        let mut first = None;
        for (other, entry) in by_leaf {
            if committed(entry) == Some(order.committed) {
                let at = self.index(*other)?;
                first = Some(first.map_or(at, |f: Option<u64>| f.min(at)));
            }
        }
        let (at, received) = (self.index(order.committed)?, self.index(report.receipt)?);
        match (at, received, first.flatten().or(self.index(leaf)?)) {
            (Some(committed), Some(received), Some(drawn)) if committed < received && received < drawn => Ok(None),
            _ => Ok(Some("the report did not come between the commitment and the first draw")),
        }
    }

    fn audit_judged(
        &self,
        by_leaf: &BTreeMap<Digest, &ChallengeEntry>,
        judged: &ChallengeJudged,
    ) -> Result<Option<&'static str>, NodeError> {
        let Some(order) = by_leaf.get(&judged.order) else { return Ok(Some("its order is not in the log")) };
        let Some(of) = order_of(order).filter(|o| *o.child == judged.child && o.report == judged.report) else {
            return Ok(Some("its order is about another child or report"));
        };
        let verdict = match (&judged.opening, &judged.reobservation) {
            (Some(_), Some(_)) => return Ok(Some("it is of two kinds")),
            (Some(n), None) => judge::opening_verdict(of.due, judged.answered_at.map(|at| (at, n))),
            (None, n) => judge::reobservation_verdict(of.due, judged.answered_at.zip(n.as_ref())),
        };
        if verdict != judged.verdict {
            return Ok(Some("the verdict does not follow from the numbers"));
        }
        if let (Some(n), ChallengeMove::Drawn(order)) = (&judged.opening, &order.what) {
            let report = self.report_of(&judged.child, judged.report)?.1;
            let seed = seed_of(order).unwrap_or_default();
            let draws = judge::draw(&seed, &order.child, order.report, &report.examinations, order.count);
            let counted = n.wrong.values().fold(n.held.saturating_add(n.missing), |sum, w| sum.saturating_add(*w));
            if judge::draws_digest(&draws) != n.draws {
                return Ok(Some("drawn again, other items come out"));
            }
            if counted != draws.len() as u64 {
                return Ok(Some("its numbers are not the number of the drawn items"));
            }
        }
        Ok(None)
    }
}
