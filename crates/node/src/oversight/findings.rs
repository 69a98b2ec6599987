//! Findings on order (`docs/specs/oversight-v1.md` §7). Here: an authority's key for an order that asks, what of its newest report a plant would
//! give, the plant's decision, and the authority's reading.
//!
//! A person decides at the plant, over exactly the bytes that would leave: giving names the digest of what was looked at. A person reads at
//! the authority, and that is an entry of the order before anything is shown. The clear text is in memory alone; the secret key goes when the
//! order ends.
//!
//! Refused: giving by itself, and keeping what was opened.

use super::orders::{NewOrder, OrderFile, refused, text};
use crate::challenge::bytes_of;
use crate::federation::Reader;
use crate::registry::{unzlib, zlib};
use crate::{Node, NodeError};
use data_encoding::HEXLOWER;
use evidence::{
    Digest, Doubt, FindingsGiven, FindingsWanted, OrderMove, Record, RecordKind, Severity, Time, canonical,
};
use judge::{FindingsAsked, FindingsCase, FindingsContent};
use plan::CheckedPlan;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use store::{LetterKey, StoreError};

/// Hexadecimal digits of a pseudonym: 48 bits.
const PSEUDONYM_DIGITS: usize = 12;
/// Fewest digits by which somebody names what was looked at.
const SEEN_DIGITS: usize = 8;

/// Which findings an order is to ask for, as typed.
#[derive(Clone, Debug)]
pub struct NewWanted<'a> {
    /// Scenarios of the plan; none: all.
    pub scenarios: &'a [String],
    /// Of this severity and worse.
    pub severity: Option<Severity>,
    /// Seen or stated at or after this instant.
    pub since: Option<Time>,
    /// So many at most.
    pub most: u64,
}

/// What would leave the plant.
#[derive(Clone, Debug)]
pub struct FindingsPreview {
    /// All of it, before it is sealed.
    pub content: FindingsContent,
    /// SHA-256 of its canonical bytes: giving names it.
    pub digest: Digest,
    /// Bytes of it.
    pub bytes: u64,
}

/// What an authority has opened.
#[derive(Clone, Debug)]
pub struct OpenedFindings {
    /// All of it.
    pub content: FindingsContent,
    /// What of it does not hold, or cannot be told.
    pub doubts: Vec<Doubt>,
}

impl Node {
    /// What an order asks for, with a key that was made for it; the key is kept under the order's id by [`Self::keep_order_key`].
    pub(super) fn order_wants(
        &self,
        plan: &CheckedPlan,
        new: &NewOrder<'_>,
    ) -> Result<Option<(FindingsWanted, LetterKey)>, NodeError> {
        let Some(wanted) = &new.wants else { return Ok(None) };
        if wanted.most == 0 || wanted.most > FindingsWanted::MOST_MAX {
            return Err(NodeError::Entry(refused("findings-most").with("max", FindingsWanted::MOST_MAX)));
        }
        let scenarios: BTreeSet<String> = wanted.scenarios.iter().cloned().collect();
        if let Some(other) = scenarios.iter().find(|s| !plan.scenarios().iter().any(|p| p.id.as_str() == **s)) {
            let known: Vec<&str> = plan.scenarios().iter().map(|s| s.id.as_str()).collect();
            let say = refused("findings-scenario").with("value", attest::clean(other));
            return Err(NodeError::Entry(say.with("known", known.join(", "))));
        }
        let key = LetterKey::new()?;
        let wants = FindingsWanted {
            scenarios: scenarios.into_iter().collect(),
            severity: wanted.severity,
            since: wanted.since,
            most: wanted.most,
            key: HEXLOWER.encode(&key.public()),
        };
        Ok(Some((wants, key)))
    }

    /// Before the order is signed: a crash between the two leaves a key to an order that nobody has.
    pub(super) fn keep_order_key(&self, order: &str, key: &LetterKey) -> Result<(), NodeError> {
        let _desk = self.desk()?;
        let mut secrets = self.challenge_secrets()?;
        secrets.keep_key(order.to_owned(), key);
        self.keep_challenge_secrets(&secrets)
    }

    /// The order has ended: nobody reads what was given any more.
    pub(super) fn destroy_order_key(&self, file: &OrderFile) -> Result<(), NodeError> {
        if super::handed::issued(file).is_none_or(|(_, text)| text.wants.is_none()) {
            return Ok(());
        }
        let _desk = self.desk()?;
        let mut secrets = self.challenge_secrets()?;
        secrets.destroy_key(&file.id);
        self.keep_challenge_secrets(&secrets)
    }

    /// Exactly what would leave this node if it gave what an order asks for: of the judgement behind its newest report.
    pub fn order_findings(&self, plan: &CheckedPlan, file: &OrderFile) -> Result<FindingsPreview, NodeError> {
        let unknown = || NodeError::Entry(refused("unknown").with("value", &file.id));
        let none = |key: &str| NodeError::Entry(refused(key).with("order", &file.id));
        let view = file.view(plan, file.now()).ok_or_else(unknown)?;
        let wanted = view.text.wants.as_ref().ok_or_else(|| none("findings-none"))?;
        if *view.issuer == self.id() {
            return Err(none("findings-own"));
        }
        let newest = self.reports_up()?.pop().ok_or_else(|| none("findings-no-report"))?;
        let report = newest.leaf.ok_or_else(|| none("findings-no-report"))?;
        let cited = newest.report.cites.iter().find(|c| c.1 == RecordKind::Judgement);
        let leaf = cited.ok_or_else(|| none("findings-no-report"))?.0;
        let Record::Judgement(judgement) = self.store().witness(leaf)?.record.into_value() else {
            return Err(none("findings-no-report"));
        };
        let times: RefCell<HashMap<Digest, Option<Time>>> = RefCell::default();
        let seen = |leaf: Digest| *times.borrow_mut().entry(leaf).or_insert_with(|| self.said_at(leaf));
        let key = self.store().keys().digest_key()?;
        let pseudonym = |kind: &str, name: &str| {
            let digest = key.digest(&format!("order-findings-{kind}"), name.as_bytes());
            format!("{kind}-{}", HEXLOWER.encode(&digest.0).get(..PSEUDONYM_DIGITS).unwrap_or_default())
        };
        // Under another text of the plan nobody can say what its basis allows.
        let names = plan.digest() == view.text.plan.digest && plan.basis(&view.text.basis).is_some_and(|b| b.names);
        let content = judge::findings_asked(&FindingsAsked {
            wanted,
            order: issued_at(&view),
            report,
            judgement: (leaf, &judgement),
            seen: &seen,
            pseudonym: if names { None } else { Some(&pseudonym) },
        });
        let clear = canonical::to_vec(&content).map_err(|e| NodeError::Internal(e.to_string()))?;
        Ok(FindingsPreview { content, digest: Digest::of(&clear), bytes: clear.len() as u64 })
    }

    /// When what a record says was seen or stated.
    fn said_at(&self, leaf: Digest) -> Option<Time> {
        let envelope = self.store().envelope(leaf).ok()?;
        match Record::from_statement(envelope.payload()).ok()? {
            Record::Examination(e) => Some(e.ended),
            Record::Attestation(a) => Some(a.stated_at),
            Record::Scope(s) => Some(s.stated_at),
            _ => None,
        }
    }

    /// Gives what was looked at: `seen` begins the digest of the preview. What has changed since is not given.
    pub fn order_give(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        seen: &str,
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let preview = self.order_findings(plan, &file)?;
        let seen = seen.trim().trim_start_matches("sha256:").to_ascii_lowercase();
        if seen.len() < SEEN_DIGITS || !preview.digest.hex().starts_with(&seen) {
            return Err(NodeError::Entry(refused("findings-seen").with("order", &file.id)));
        }
        let view = file.view(plan, file.now());
        let wanted = view.as_ref().and_then(|v| Some((v.text.wants.as_ref()?, issued_at(v))));
        let (to, order) = wanted
            .and_then(|(w, order)| Some((bytes_of(&w.key)?, order)))
            .ok_or_else(|| NodeError::Entry(refused("findings-key").with("order", &file.id)))?;
        let clear = canonical::to_vec(&preview.content).map_err(|e| NodeError::Internal(e.to_string()))?;
        let sealed = store::seal_to(&to, &zlib(&clear)?, &order.0)?;
        drop(clear);
        let given = FindingsGiven {
            report: preview.content.report,
            judgement: preview.content.judgement,
            sealed: Digest::of(&sealed),
            bytes: sealed.len() as u64,
            shown: preview.content.findings.len() as u64,
            left_out: preview.content.left_out,
        };
        self.order_say_with(plan, file, (OrderMove::Given(given), vec![sealed]), author)
    }

    /// Says that what was asked for is not given, and why.
    pub fn order_withhold(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        reason: &str,
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let reason = text("--reason", reason)?;
        self.order_say(plan, file, OrderMove::Withheld { reason }, author)
    }

    /// Opens what was given last, in memory, after it was written down who reads it and why.
    pub fn order_open(
        &self,
        plan: &CheckedPlan,
        file: OrderFile,
        reason: &str,
        author: Option<&str>,
    ) -> Result<(OrderFile, OpenedFindings), NodeError> {
        let reason = text("--reason", reason)?;
        let wrong = |key: &str| NodeError::Entry(refused(key).with("order", &file.id));
        let (given, statement, from, wanted, order) = {
            let view = file.view(plan, file.now()).ok_or_else(|| wrong("findings-nothing"))?;
            let last = view.given().last().ok_or_else(|| wrong("findings-nothing"))?;
            let given = last.findings.cloned().ok_or_else(|| wrong("findings-nothing"))?;
            let step = view.steps.iter().find(|s| s.statement == last.statement);
            let from = step.map(|s| s.node.clone()).ok_or_else(|| wrong("findings-nothing"))?;
            let wanted = view.text.wants.clone().ok_or_else(|| wrong("findings-none"))?;
            (given, last.statement, from, wanted, issued_at(&view))
        };
        let key = self.challenge_secrets()?.key(&file.id).ok_or_else(|| wrong("findings-no-key"))?;
        let mirror = self.mirror_if_any()?;
        let sealed = match (self.store().artifact(given.sealed), &mirror) {
            (Ok(sealed), _) => sealed,
            (Err(StoreError::NotFound(_)), Some(mirror)) => match mirror.read(|m| m.artifact(given.sealed)) {
                Ok(sealed) => sealed,
                Err(StoreError::NotFound(_)) => return Err(wrong("findings-no-letter")),
                Err(e) => return Err(e.into()),
            },
            (Err(StoreError::NotFound(_)), None) => return Err(wrong("findings-no-letter")),
            (Err(e), _) => return Err(e.into()),
        };
        let packed = match key.open(&sealed, &order.0) {
            Ok(packed) => packed,
            Err(StoreError::Letter | StoreError::TooLarge { .. }) => return Err(wrong("findings-seal")),
            Err(e) => return Err(e.into()),
        };
        let content = |why: String| {
            let why = attest::clean(&why.chars().take(200).collect::<String>());
            NodeError::Entry(refused("findings-content").with("order", &file.id).with("why", why))
        };
        let clear = unzlib(&packed, judge::FINDINGS_BYTES_MAX as u64).map_err(content)?;
        let shown = judge::read_findings(&clear).map_err(content)?;
        drop(clear);
        if shown.order != order {
            return Err(wrong("findings-seal"));
        }
        let received = self.received(RecordKind::ProgrammeReport)?;
        let report = received.into_iter().find(|r| r.child == from && r.leaf == given.report && r.doubts.is_empty());
        let report = report.and_then(|r| match r.witness.record.into_value() {
            Record::ProgrammeReport(report) => Some(*report),
            _ => None,
        });
        let places = match &mirror {
            Some(mirror) if self.is_child(&from)? => {
                let reader = Reader::new(self, mirror);
                self.places(&reader, &from)?
            }
            _ => HashMap::new(),
        };
        let doubts = judge::findings_doubts(&FindingsCase {
            plan,
            wanted: &wanted,
            given: &given,
            report: report.as_ref(),
            index: places.get(&statement).copied(),
            place: &|leaf| places.get(&leaf).copied(),
            shown: &shown,
        });
        // Nothing is shown that is not written down as read.
        let file = self.order_say(plan, file, OrderMove::Read { of: statement, reason }, author)?;
        Ok((file, OpenedFindings { content: shown, doubts }))
    }

    fn is_child(&self, node: &evidence::NodeId) -> Result<bool, NodeError> {
        let mut roster = self.roster()?;
        Ok(self.known(&mut roster, node)?.is_some())
    }
}

/// Leaf of the order where it was issued: what a letter is bound to, the same at both ends.
fn issued_at(view: &judge::OrderView<'_>) -> Digest {
    view.steps.iter().find(|s| matches!(s.what, OrderMove::Issued(_))).map_or(view.leaf, |s| s.statement)
}
