//! What a child brings of nodes below it: records that its receipts name, of nodes that it - or somebody whom it certified -
//! certified. A parent takes the child's word for who those nodes are, and nobody's word for what they signed.

use super::chain::Chain;
use super::fault::Fault;
use super::take::check_about;
use super::upward::{goes_up, made_at};
use super::wire::Below;
use crate::NodeError;
use evidence::{Digest, Member, NodeId, Part, Receipt, Record, RecordKind};
use proof::{Envelope, Verified};
use std::collections::{HashMap, HashSet};
use store::Mirrored;

/// A nested record that was verified.
pub(crate) struct Vouched {
    pub(crate) child: NodeId,
    pub(crate) under: u64,
    pub(crate) record: Verified<Record>,
    pub(crate) json: Vec<u8>,
}

/// Verifies what a package brings, in its order. `own` are the sender's records of the package by index, already verified.
pub(crate) struct Vouching<'a> {
    sender: &'a NodeId,
    mirror: &'a Mirrored<'a>,
    own: &'a HashMap<u64, &'a Record>,
    /// Memberships that the sender's part of this package certifies.
    members: HashMap<NodeId, Member>,
    /// The receipt that is gone through, and what it and the receipts under it name.
    under: Option<u64>,
    named: HashSet<(NodeId, Digest)>,
    certified: HashMap<NodeId, (Part, Chain)>,
}

impl<'a> Vouching<'a> {
    pub(crate) fn new(sender: &'a NodeId, mirror: &'a Mirrored<'a>, own: &'a HashMap<u64, &'a Record>) -> Self {
        let mut members = HashMap::new();
        let mut indexes: Vec<_> = own.keys().copied().collect();
        indexes.sort_unstable();
        for index in indexes {
            if let Some(Record::Member(m)) = own.get(&index) {
                members.insert(m.child.clone(), (**m).clone());
            }
        }
        Self { sender, mirror, own, members, under: None, named: HashSet::new(), certified: HashMap::new() }
    }

    /// One record; the inner error refuses the package.
    pub(crate) fn take(&mut self, below: &Below) -> Result<Result<Vouched, Fault>, NodeError> {
        if self.under != Some(below.under) {
            self.under = Some(below.under);
            self.named.clear();
            match self.own.get(&below.under) {
                Some(Record::Receipt(receipt)) => self.name(receipt),
                _ => return Ok(Err(Fault::Nested("nested-unnamed"))),
            }
        }
        let Some((part, chain)) = self.certified(&below.child)? else {
            return Ok(Err(Fault::Nested("nested-unvouched")));
        };
        let Ok(record) = proof::verify_envelope(&below.envelope, &chain.evidence_keys()) else {
            return Ok(Err(Fault::Nested("nested-signature")));
        };
        // What its own parent would have refused is refused here too: a parent may have looked away.
        if !goes_up(part.role, record.value()) || matches!(record.value(), Record::Order(_)) {
            return Ok(Err(Fault::Kind(record.value().kind().predicate_type().to_owned())));
        }
        if made_at(record.value()).is_some_and(|node| *node != below.child) {
            return Ok(Err(Fault::WrongNode(below.under)));
        }
        if let Err(fault) = check_about(&part, record.value()) {
            return Ok(Err(fault));
        }
        if !self.named.contains(&(below.child.clone(), record.leaf())) {
            return Ok(Err(Fault::Nested("nested-unnamed")));
        }
        match record.value() {
            Record::Receipt(receipt) if receipt.node == below.child => self.name(receipt),
            Record::Member(m) if m.node == below.child => {
                self.members.insert(m.child.clone(), (**m).clone());
                self.certified.remove(&m.child);
            }
            _ => {}
        }
        let (child, under, json) = (below.child.clone(), below.under, below.envelope.to_json());
        Ok(Ok(Vouched { child, under, record, json }))
    }

    fn name(&mut self, receipt: &Receipt) {
        self.named.extend(receipt.records.iter().map(|r| (receipt.child.clone(), r.leaf)));
    }

    /// A node, by who certified it.
    fn certified(&mut self, node: &NodeId) -> Result<Option<(Part, Chain)>, NodeError> {
        if let Some(known) = self.certified.get(node) {
            return Ok(Some(known.clone()));
        }
        let member = match self.members.get(node) {
            Some(m) => Some(m.clone()),
            None => vouched_member(self.mirror, self.sender, node)?,
        };
        let known = member.and_then(|m| Some((m.part.clone(), Chain::member(&m).ok()?)));
        if let Some(known) = &known {
            self.certified.insert(node.clone(), known.clone());
        }
        Ok(known)
    }
}

/// What a child, or a node below it, certified of a node, newest; from what was kept. It was verified when it came, and whoever
/// counts on it verifies it again.
fn vouched_member(mirror: &Mirrored<'_>, sender: &NodeId, node: &NodeId) -> Result<Option<Member>, NodeError> {
    let own = mirror.newest_shipped_about(sender, RecordKind::Member, node)?.map(|s| s.envelope);
    let envelope = match own {
        Some(envelope) => Some(envelope),
        None => mirror.newest_brought_about(sender, RecordKind::Member, node)?.map(|b| b.envelope),
    };
    let record = envelope.and_then(|e| Record::from_statement(Envelope::from_json(&e).ok()?.payload()).ok());
    Ok(match record {
        Some(Record::Member(m)) => Some(*m),
        _ => None,
    })
}
