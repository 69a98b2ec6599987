//! The judgements of this node's own examinations, looked at again: which there are, what changed between two, what became of one finding.

use crate::hosts::Judged;
use crate::{Node, NodeError};
use evidence::{Approved, Body, Digest, Finding, Outcome, Record, RecordKind, Say, Time};
use std::collections::BTreeSet;

/// Most judgements that are looked back through for one finding.
const BACK_MAX: usize = 500;
/// Most items of evidence of one finding that are read again.
const ITEMS_MAX: usize = 100;

/// What became of a finding since it was first seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Became {
    /// The newest judgement that asked its check on its host has it.
    StillThere,
    /// It is there, and an exception answers it until then.
    Approved(Time),
    /// The check could be told, and it is gone.
    Mended,
    /// The newest judgement that asked could not tell, and says why.
    CannotTell(Option<Say>),
}
impl Became {
    /// Its name in words and the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::StillThere => "still-there",
            Self::Approved(_) => "approved",
            Self::Mended => "mended",
            Self::CannotTell(_) => "cannot-tell",
        }
    }
}

/// An item that shows a finding: its record, its number, and its body if it is here.
pub type ShownBy = (Digest, Option<u64>, Option<Body>);

/// A finding with what became of it.
pub struct FindingNow {
    /// As the newest judgement that has it says it.
    pub finding: Finding,
    /// As of when a judgement first had it, of those that were looked back through.
    pub first: Time,
    /// The newest judgement that asked its check on its host, and as of when.
    pub asked: (Digest, Time),
    /// What that one says.
    pub became: Became,
    /// What its evidence shows: the leaf and number of each item, and its body if it is here.
    pub evidence: Vec<ShownBy>,
}

impl Node {
    /// The newest judgements, at most so many, the newest first.
    pub fn judgements(&self, most: usize) -> Result<Vec<Judged>, NodeError> {
        let leaves = self.store().leaves(&[RecordKind::Judgement])?;
        leaves.into_iter().rev().take(most).map(|leaf| self.judged(leaf)).collect()
    }

    /// The newest two judgements that asked something of this host, the earlier first, narrowed to it.
    pub fn newest_pair_of(&self, host: &str) -> Result<(Judged, Judged), NodeError> {
        let mut newest: Option<Judged> = None;
        for leaf in self.store().leaves(&[RecordKind::Judgement])?.into_iter().rev() {
            let mut judged = self.judged(leaf)?;
            if !judged.hosts().contains(host) {
                continue;
            }
            let j = &mut judged.judgement;
            j.checks.retain(|c| c.host == host);
            j.findings.retain(|f| f.host == host);
            j.approved.retain(|a| a.finding.host == host);
            match newest {
                Some(newest) => return Ok((judged, newest)),
                None => newest = Some(judged),
            }
        }
        Err(NodeError::NothingToCompare)
    }

    /// What became of the finding whose id begins with `typed`.
    pub fn finding_now(&self, typed: &str) -> Result<FindingNow, NodeError> {
        let unknown = || NodeError::UnknownFinding(attest::clean(typed));
        let finding = self.findings_of(&[typed.to_owned()])?.pop().ok_or_else(unknown)?;
        let (mut first, mut asked) = (None, None);
        for judged in self.judgements(BACK_MAX)? {
            let j = &judged.judgement;
            let approved = j.approved.iter().find(|a: &&Approved| a.finding.id == finding.id);
            let there = j.findings.iter().any(|f| f.id == finding.id);
            if there || approved.is_some() {
                first = Some(j.as_of);
            }
            let Some(check) = j.checks.iter().find(|c| c.check == finding.check && c.host == finding.host) else {
                continue;
            };
            if asked.is_some() {
                continue;
            }
            let became = match (there, approved, check.outcome) {
                (true, ..) => Became::StillThere,
                (_, Some(a), _) => Became::Approved(a.until),
                (_, _, Outcome::CannotTell) => Became::CannotTell(check.because.clone()),
                _ => Became::Mended,
            };
            asked = Some(((judged.leaf, j.as_of), became));
        }
        let (asked, became) = asked.ok_or_else(unknown)?;
        let evidence = self.evidence_of(&finding)?;
        Ok(FindingNow { first: first.unwrap_or(asked.1), finding, asked, became, evidence })
    }

    /// The items that show a finding, each read again from its own record.
    fn evidence_of(&self, finding: &Finding) -> Result<Vec<ShownBy>, NodeError> {
        let cited = finding.evidence.iter().take(ITEMS_MAX);
        let leaves: BTreeSet<Digest> = cited.clone().map(|c| c.leaf).collect();
        let mut items = Vec::new();
        for leaf in leaves {
            let witness = self.store().witness(leaf)?;
            // Of a paper - an answer, a statement - there are no items: the record is what shows it.
            if !matches!(witness.record.value(), Record::Examination(_)) {
                continue;
            }
            items.extend(witness.items.map(proof::VerifiedItems::into_items).map(|i| (leaf, i)));
        }
        let body = |leaf: Digest, n: u64| {
            let all = &items.iter().find(|i| i.0 == leaf)?.1;
            all.iter().find(|i| i.n == n).map(|i| i.body.clone())
        };
        Ok(cited.map(|c| (c.leaf, c.item, c.item.and_then(|n| body(c.leaf, n)))).collect())
    }
}
