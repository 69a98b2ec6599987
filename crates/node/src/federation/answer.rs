//! Answers to packages: how a parent makes them, and what a child believes of them.
//!
//! A child believes nothing that does not verify under the parent's keys of enrolment and those that the parent's own signed changes
//! lead to. A refusal and what is held are claims; a claim about what is held is compared with the own log and so cannot mislead,
//! and a refusal costs no more than silence.

use super::caught;
use super::chain::Chain;
use super::enrol::foreign;
use super::fault::Fault;
use super::parallel::in_parallel;
use super::parents::Parent;
use super::take::Taken;
use super::wire::{ANSWER, Answer, HeldThere, Knows, State};
use crate::{Node, NodeError, home};
use evidence::{Digest, NodeId, Receipt, Record, RecordKind, Say, canonical};
use proof::{Checkpoint, Envelope};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Ack, BATCH_MAX, KeptReceipt, Role, StoreError, Submission};

/// Most of what a parent wants that one answer brings.
const ORDERS_MAX: usize = crate::challenge::ORDERS_MAX + crate::oversight::LINE_ENTRIES_MAX;

/// What an answer says, after everything in it was verified.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Size that the parent holds.
    pub held: u64,
    /// Size that it acknowledged, by a receipt that verified; 0 without one.
    pub acknowledged: u64,
    /// `None`: not refused.
    pub refused: Option<Say>,
    /// The parent waits for the rest of what was sent.
    pub more: bool,
    /// What was sent begins after what the parent holds.
    pub behind: bool,
    /// The own log had another root at the size that the parent holds: the two histories differ.
    pub differs: bool,
    /// Challenges that came with it and can be believed.
    pub orders: u64,
    /// Entries of orders that came with it and were new.
    pub ordered: u64,
    /// Entries of orders that came with it and were not taken.
    pub dropped: u64,
}

impl Node {
    /// Writes what the packages led to into the log and answers each.
    pub(crate) fn answers_to(&self, taken: &[Taken]) -> Result<Vec<Vec<u8>>, NodeError> {
        let all: Vec<(usize, usize, &Record)> = taken
            .iter()
            .enumerate()
            .flat_map(|(at, t)| t.said.iter().enumerate().map(move |(n, r)| (at, n, r)))
            .collect();
        let signed = in_parallel(&all, |(_, _, record)| self.store().sign(record));
        let signed: Vec<Envelope> = signed.into_iter().collect::<Result<_, _>>()?;
        let (mut leaves, mut envelopes) = (BTreeMap::<usize, BTreeMap<usize, Digest>>::new(), BTreeMap::new());
        let (mut spooled, mut first, mut last) = (false, None, None);
        for (part, said) in signed.chunks(BATCH_MAX).zip(all.chunks(BATCH_MAX)) {
            let batch: Vec<Submission> =
                part.iter().map(|e| Submission { envelope: e.clone(), items: None, artifacts: Vec::new() }).collect();
            for ((ack, envelope), (at, n, _)) in self.store().append(&batch)?.into_iter().zip(part).zip(said) {
                match ack {
                    Ack::Appended { index, leaf } => {
                        first.get_or_insert(index);
                        last = Some(index);
                        leaves.entry(*at).or_default().insert(*n, leaf);
                        envelopes.insert(leaf, envelope.clone());
                    }
                    // It will stand in the log; until then nobody can be shown that it does.
                    Ack::Spooled { .. } => spooled = true,
                }
            }
        }
        self.seen(taken, &leaves, spooled, first.zip(last))?;
        let receipts = self.receipts_of(taken, &leaves, &envelopes)?;
        let empty = BTreeMap::new();
        let made: Vec<(usize, &Taken)> = taken.iter().enumerate().collect();
        let answers = in_parallel(&made, |(at, taken)| {
            let late = spooled && leaves.get(at).unwrap_or(&empty).len() < taken.said.len();
            self.answer_to(taken, receipts.get(at), late)
        });
        answers.into_iter().collect()
    }

    /// Keeps the roster up to date with what this process itself has just appended.
    fn seen(
        &self,
        taken: &[Taken],
        leaves: &BTreeMap<usize, BTreeMap<usize, Digest>>,
        spooled: bool,
        appended: Option<(u64, u64)>,
    ) -> Result<(), NodeError> {
        let Some((first, last)) = appended else { return Ok(()) };
        let mut roster = self.federation.roster.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut newest = BTreeMap::new();
        for (at, t) in taken.iter().enumerate().filter(|(_, t)| !t.said.is_empty()) {
            if let Some(to) = &t.to {
                newest.insert(to.clone(), (at, newest.contains_key(to)));
            }
        }
        for (child, (at, several)) in newest {
            let known = leaves.get(&at).and_then(|l| self.note(taken.get(at)?, l));
            match known {
                Some(known) if !spooled && !several => roster.put(child, known),
                _ => roster.forget(&child),
            }
        }
        // Nobody else wrote in between: what stands there is what was just put.
        if roster.next == Some(first) && !spooled {
            roster.next = Some(last + 1);
        }
        Ok(())
    }

    /// The newest receipt of each child that gets one, as a bundle; by place of the package.
    fn receipts_of(
        &self,
        taken: &[Taken],
        leaves: &BTreeMap<usize, BTreeMap<usize, Digest>>,
        envelopes: &BTreeMap<Digest, Envelope>,
    ) -> Result<BTreeMap<usize, (Vec<u8>, Receipt)>, NodeError> {
        let mut wanted: Vec<(usize, Envelope, Digest)> = Vec::new();
        let mut newest: BTreeMap<&NodeId, Digest> = BTreeMap::new();
        for (at, t) in taken.iter().enumerate() {
            let Some(to) = &t.to else { continue };
            let new = t.said.iter().enumerate().find(|(_, r)| matches!(r, Record::Receipt(_)));
            if let Some(leaf) = new.and_then(|(n, _)| leaves.get(&at)?.get(&n)) {
                newest.insert(to, *leaf);
            }
            if t.state != State::Accepted {
                continue;
            }
            let before = t.known.as_ref().and_then(|k| k.receipt.as_ref()).map(|r| r.leaf);
            let Some(leaf) = newest.get(to).copied().or(before) else { continue };
            let envelope = match envelopes.get(&leaf) {
                Some(envelope) => envelope.clone(),
                None => self.store().envelope(leaf)?,
            };
            wanted.push((at, envelope, leaf));
        }
        let pairs: Vec<(&Envelope, Digest)> = wanted.iter().map(|(_, e, leaf)| (e, *leaf)).collect();
        let bundles = self.store().bundles(&pairs)?;
        let mut out = BTreeMap::new();
        for ((at, envelope, _), bundle) in wanted.iter().zip(bundles) {
            if let Ok(Record::Receipt(receipt)) = Record::from_statement(envelope.payload()) {
                out.insert(*at, (bundle, *receipt));
            }
        }
        Ok(out)
    }

    fn answer_to(&self, taken: &Taken, receipt: Option<&(Vec<u8>, Receipt)>, late: bool) -> Result<Vec<u8>, NodeError> {
        let inside = |e: &dyn std::fmt::Display| NodeError::Internal(e.to_string());
        let knows = taken.package.as_ref().filter(|_| taken.known.is_some()).map(|p| &p.knows);
        let receipt = receipt.filter(|_| !late);
        let cosigned = receipt.map(|(_, r)| self.store().keys().cosign(&r.checkpoint, home::now())).transpose()?;
        let line = cosigned.and_then(|note| note.lines().last().map(|l| format!("{l}\n")));
        let known = taken.to.as_ref().filter(|_| taken.known.is_some() && taken.state != State::Refused);
        let mut orders = known.map(|to| self.orders_for(to)).transpose()?.unwrap_or_default();
        if let (Some(knows), Some(member)) = (knows.filter(|_| known.is_some()), &taken.known) {
            orders.extend(self.ordered_for(&member.member.part.uscc, knows.orders)?);
        }
        let answer = Answer {
            format: ANSWER.to_owned(),
            from: self.id(),
            to: taken.to.clone().unwrap_or_else(|| NodeId::new("")),
            held: HeldThere { size: taken.held.0, root: taken.held.1 },
            state: if late { State::Refused } else { taken.state },
            refused: if late { Some(Fault::Busy.say()) } else { taken.fault.as_ref().map(Fault::say) },
            receipt: receipt.map(|(bundle, _)| serde_json::from_slice(bundle)).transpose().map_err(|e| inside(&e))?,
            cosignature: line,
            member: knows.map(|k| self.newer_member(k, taken)).transpose()?.flatten(),
            changes: knows.map(|k| self.newer_keys(k)).transpose()?.unwrap_or_default(),
            orders,
        };
        canonical::to_vec(&answer).map_err(|e| inside(&e))
    }

    /// The newest membership, if the child does not know it.
    fn newer_member(&self, knows: &Knows, taken: &Taken) -> Result<Option<Value>, NodeError> {
        let renewed = taken.said.iter().any(|r| matches!(r, Record::Member(_)));
        let Some(known) = taken.known.as_ref().filter(|k| renewed || k.leaf != knows.member) else { return Ok(None) };
        let newest = self.store().newest_about(known.member.child.as_str(), RecordKind::Member)?;
        match newest.map(|w| w.record.leaf()) {
            Some(leaf) if leaf != knows.member => Ok(Some(self.store().bundle(leaf)?)),
            _ => Ok(None),
        }
    }

    /// This node's own changes of keys, if the child does not know where they led.
    fn newer_keys(&self, knows: &Knows) -> Result<Vec<Envelope>, NodeError> {
        let keys = self.store().keys();
        let (evidence, log) = (keys.current(Role::Evidence).id(), keys.current(Role::Log).id());
        if knows.evidence_key == evidence && knows.log_key == log {
            return Ok(Vec::new());
        }
        let size = self.store().size()?;
        let sent = self.store().sent(&[RecordKind::Attestation], 0, size)?;
        let change = |r: &Record| matches!(r, Record::Attestation(a) if a.as_key_change().is_some());
        Ok(sent.into_iter().filter(|s| change(s.record.value())).map(|s| s.envelope).collect())
    }

    /// Reads a parent's answer, verifies everything in it, keeps what is worth keeping: its new keys, the membership, the receipt.
    pub fn answer_taken(&self, parent: &mut Parent, bytes: &[u8]) -> Result<Answered, NodeError> {
        let answer = Answer::read(bytes).map_err(|f| NodeError::Entry(f.say()))?;
        if answer.from != parent.node || answer.to != self.id() {
            return Err(NodeError::Refused("the answer is of another parent, or to another node".to_owned()));
        }
        let before = parent.clone();
        follow_keys(parent, &answer.changes)?;
        let chain = parent.chain()?;
        if let Some(member) = &answer.member {
            self.believe_member(parent, &chain, member)?;
        }
        if *parent != before {
            self.keep_parent(parent.clone())?;
        }
        let size = self.store().size()?;
        let differs = answer.held.size > size || self.store().root(answer.held.size)? != answer.held.root;
        let receipt = match (&answer.receipt, &answer.cosignature) {
            // A receipt over what the own log does not have is no receipt of this node's; that the two differ is said.
            _ if differs => None,
            (Some(bundle), Some(line)) => Some(self.believe_receipt(parent, &chain, bundle, line)?),
            (None, None) => None,
            _ => return Err(NodeError::Refused("a receipt comes with a cosignature".to_owned())),
        };
        if answer.state == State::Accepted && receipt.is_none() && !differs {
            return Err(NodeError::Refused("accepted without a receipt".to_owned()));
        }
        if let Some(kept) = &receipt {
            let outbox = self.outbox()?;
            // An old answer that was found again does not take anything back.
            let before = outbox.posted(&parent.node)?.map_or(0, |p| p.size);
            let acknowledged = before.min(size).max(kept.size);
            let root = self.store().root(acknowledged)?;
            outbox.acknowledged(&parent.node, acknowledged, root, home::now(), Some(kept))?;
        }
        let mut orders = 0;
        let sent = answer.orders.get(..ORDERS_MAX.min(answer.orders.len())).unwrap_or_default();
        for order in sent {
            orders += u64::from(self.order_came(parent, &chain, order)?);
        }
        let came = self.ordered_came(parent, &chain, sent)?;
        if came.mark != parent.orders {
            parent.orders = came.mark;
            self.keep_parent(parent.clone())?;
        }
        Ok(Answered {
            held: answer.held.size,
            acknowledged: receipt.map_or(0, |r| r.size),
            refused: answer.refused.as_ref().map(foreign),
            more: answer.state == State::More,
            behind: answer.state == State::Behind,
            differs,
            orders,
            ordered: came.new,
            dropped: came.dropped,
        })
    }

    fn believe_member(&self, parent: &mut Parent, chain: &Chain, bundle: &Value) -> Result<(), NodeError> {
        let refused = |e: proof::ProofError| NodeError::Refused(e.to_string());
        let json = bundle.to_string();
        let logged = proof::verify_bundle(json.as_bytes(), &chain.evidence_keys(), &chain.log_keys());
        let logged = logged.map_err(refused)?;
        let (leaf, index) = (logged.record.leaf(), logged.index);
        match logged.record.into_value() {
            // An older membership does not take the place of a newer one.
            Record::Member(m) if m.child == self.id() && m.node == parent.node => {
                if index > parent.index {
                    (parent.member, parent.leaf, parent.index) = (*m, leaf, index);
                }
                Ok(())
            }
            _ => Err(NodeError::Refused("the membership is not of this parent and this node".to_owned())),
        }
    }

    /// A receipt: in the parent's log, signed by it, over exactly what the own log has.
    fn believe_receipt(
        &self,
        parent: &Parent,
        chain: &Chain,
        bundle: &Value,
        line: &str,
    ) -> Result<KeptReceipt, NodeError> {
        let refused = |e: proof::ProofError| NodeError::Refused(e.to_string());
        let wrong = |why: &str| Err(NodeError::Refused(why.to_owned()));
        let json = bundle.to_string().into_bytes();
        let logged = proof::verify_bundle(&json, &chain.evidence_keys(), &chain.log_keys()).map_err(refused)?;
        let leaf = logged.record.leaf();
        let Record::Receipt(receipt) = logged.record.into_value() else {
            return wrong("the receipt is another record");
        };
        if receipt.node != parent.node || receipt.child != self.id() {
            return wrong("the receipt is not of this parent for this node");
        }
        if receipt.size > self.store().size()? || self.store().root(receipt.size)? != receipt.root {
            return wrong("the receipt is over another history than the own log has");
        }
        let own = Checkpoint::verify(&receipt.checkpoint, &self.store().keys().log_keys()).map_err(refused)?;
        if (own.size(), own.root()) != (receipt.size, receipt.root) {
            return wrong("the checkpoint of the receipt is of another size or root");
        }
        let checkpoint = format!("{}{line}", receipt.checkpoint);
        proof::verify_cosignature(&checkpoint, &chain.log_keys()).map_err(refused)?;
        Ok(KeptReceipt { size: receipt.size, leaf, at: receipt.at, bundle: json, checkpoint })
    }

    /// Size and root that a parent acknowledged; held against the own log.
    pub(crate) fn acknowledged(&self, parent: &Parent) -> Result<(u64, Digest), NodeError> {
        let Some(posted) = self.outbox_if_any()?.map(|o| o.posted(&parent.node)).transpose()?.flatten() else {
            return Ok((0, Digest::of(b"")));
        };
        match self.store().root(posted.size) {
            Ok(root) if root == posted.root => Ok((posted.size, root)),
            Ok(_) | Err(StoreError::NoSuchSize(_)) => {
                let say = Say::new("error.log-rolled-back").with("size", posted.size);
                Err(NodeError::Entry(say.with("name", attest::clean(&parent.part.name))))
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Checks an equivocation that this node or a child recorded, against the log keys of the node that it is about.
    pub(crate) fn check_caught(e: &evidence::Equivocation, chain: &Chain) -> Result<(), NodeError> {
        caught::check(e, &chain.log_keys()).map_err(|e| NodeError::Refused(e.to_string()))
    }
}

/// Takes up the parent's own changes of keys: each signed with a key that was known before it.
fn follow_keys(parent: &mut Parent, changes: &[Envelope]) -> Result<(), NodeError> {
    if changes.is_empty() {
        return Ok(());
    }
    let refused = |e: proof::ProofError| NodeError::Refused(e.to_string());
    let mut chain = parent.chain()?;
    for (n, envelope) in changes.iter().enumerate() {
        // Changes from before the enrolment are signed with keys that the parent showed then.
        let record = proof::verify_envelope(envelope, &chain.evidence_keys()).map_err(refused)?;
        let change = match record.value() {
            Record::Attestation(a) if a.node == parent.node => a.as_key_change(),
            _ => None,
        };
        let change = change.ok_or_else(|| NodeError::Refused("not a change of the parent's keys".to_owned()))?;
        chain.change(n as u64, change).map_err(refused)?;
    }
    (parent.evidence_keys, parent.log_keys) = chain.texts();
    Ok(())
}
