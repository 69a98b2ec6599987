//! What a parent can read of those below it, verified again each time: own children's records under the keys that this log
//! certifies, and what they brought of others under the keys that they certify.

use super::chain::Chain;
use super::parallel::{each_in_parallel, in_parallel};
use super::parents::Parent;
use super::wire::clip;
use crate::{Node, NodeError};
use evidence::{Digest, Doubt, Member, NodeId, Part, Receipt, Record, RecordKind, Time, merkle_root};
use proof::{Envelope, Verified, Witness};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{Brought, Holder, Mirror, Shipped, StoreError};

/// Deepest chain of nodes that certify one another: ministry, province, city, group, plant.
const DEPTH_MAX: usize = 5;
/// Most envelopes of others that are in memory at a time.
const PAGE_ROWS_MAX: usize = 1024;

/// A record of a node below.
#[derive(Clone, Debug)]
pub struct ReceivedRecord {
    /// The node whose record it is.
    pub child: NodeId,
    /// What its parent certified it to be, newest.
    pub part: Part,
    /// Leaf of the record.
    pub leaf: Digest,
    /// Its index in that node's log.
    pub index: u64,
    /// When the node's own parent took it in, by that parent's clock.
    pub at: Time,
    /// Leaf, in that parent's log, of the receipt.
    pub receipt: Digest,
    /// When it was taken in here; of an own child the same.
    pub seen: Time,
    /// The nodes that it came by, the node's own parent first; of an own child none.
    pub path: Vec<NodeId>,
    /// The record.
    pub witness: Witness,
    /// What was wrong with it when it was judged on arrival, there or here: it counts nothing then.
    pub doubts: Vec<Doubt>,
}

/// How a receipt names a record.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) index: u64,
    pub(crate) at: Time,
    pub(crate) receipt: Digest,
    pub(crate) doubts: Vec<Doubt>,
}

/// What receipts of nodes below name, by the node and the leaf.
type NamedBelow = HashMap<(NodeId, Digest), Named>;

/// A node that somebody below certified.
#[derive(Clone)]
pub(crate) struct Certified {
    pub(crate) part: Part,
    pub(crate) chain: Chain,
    pub(crate) path: Vec<NodeId>,
}

/// Reads and verifies, and remembers whom it knows.
pub(crate) struct Reader<'a> {
    node: &'a Node,
    pub(crate) mirror: &'a Mirror,
    own: HashMap<NodeId, Certified>,
    below: HashMap<(NodeId, NodeId), Certified>,
}

fn damaged(what: String, why: impl std::fmt::Display) -> NodeError {
    StoreError::Damaged { what, why: why.to_string() }.into()
}

/// An envelope from the mirror under keys, held against its leaf.
pub(crate) fn open(what: &str, bytes: &[u8], leaf: Digest, chain: &Chain) -> Result<Verified<Record>, NodeError> {
    let envelope = Envelope::from_json(bytes).map_err(|e| damaged(what.to_owned(), e))?;
    let record = proof::verify_envelope(&envelope, &chain.evidence_keys()).map_err(|e| damaged(what.to_owned(), e))?;
    match record.leaf() == leaf {
        true => Ok(record),
        false => Err(damaged(what.to_owned(), "it has another leaf than is named")),
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(node: &'a Node, mirror: &'a Mirror) -> Self {
        Self { node, mirror, own: HashMap::new(), below: HashMap::new() }
    }

    /// An own child, with every key that its own changes led to.
    pub(crate) fn child(&mut self, child: &NodeId) -> Result<Certified, NodeError> {
        if let Some(known) = self.own.get(child) {
            return Ok(known.clone());
        }
        let mut roster = self.node.roster()?;
        let known = self.node.known(&mut roster, child)?;
        drop(roster);
        let known = known.ok_or_else(|| damaged(format!("mirror of {child}"), "this log never certified it"))?;
        let chain = self.changes(child, known.chain.clone())?;
        let certified = Certified { part: known.member.part.clone(), chain, path: Vec::new() };
        self.own.insert(child.clone(), certified.clone());
        Ok(certified)
    }

    /// A record of an own child, and what the child was certified as.
    pub(crate) fn shipped(&mut self, s: &Shipped) -> Result<(Witness, Part), NodeError> {
        let by = self.child(&s.child)?;
        let record = open(&format!("record {} of {}", s.index, s.child), &s.envelope, s.leaf, &by.chain)?;
        Ok((Witness { record, items: None }, by.part))
    }

    fn changes(&self, child: &NodeId, mut chain: Chain) -> Result<Chain, NodeError> {
        for shipped in self.mirror.read(|m| m.shipped_by(child, RecordKind::Attestation))? {
            let what = format!("record {} of {child}", shipped.index);
            let record = open(&what, &shipped.envelope, shipped.leaf, &chain)?;
            if let Record::Attestation(a) = record.value()
                && let Some(change) = a.as_key_change()
            {
                chain.change(shipped.index, change).map_err(|e| damaged(what, e))?;
            }
        }
        Ok(chain)
    }

    /// A node below a child: the newest membership about it that the child, or somebody below, signed.
    pub(crate) fn below(&mut self, child: &NodeId, node: &NodeId, depth: usize) -> Result<Certified, NodeError> {
        let key = (child.clone(), node.clone());
        if let Some(known) = self.below.get(&key) {
            return Ok(known.clone());
        }
        let what = format!("{node} below {child}");
        if depth > DEPTH_MAX {
            return Err(damaged(what, "certified in a circle"));
        }
        let own = self.mirror.read(|m| m.newest_shipped_about(child, RecordKind::Member, node))?;
        let (record, mut path) = match own {
            Some(shipped) => {
                let by = self.child(child)?;
                (open(&what, &shipped.envelope, shipped.leaf, &by.chain)?, vec![child.clone()])
            }
            None => {
                let brought = self.mirror.read(|m| m.newest_brought_about(child, RecordKind::Member, node))?;
                let brought = brought.ok_or_else(|| damaged(what.clone(), "nobody certified it"))?;
                let by = self.below(child, &brought.node, depth + 1)?;
                let mut path = vec![brought.node.clone()];
                path.extend(by.path);
                (open(&what, &brought.envelope, brought.leaf, &by.chain)?, path)
            }
        };
        let Record::Member(member) = record.into_value() else { return Err(damaged(what, "not a membership")) };
        if member.child != *node || path.first() != Some(&member.node) {
            return Err(damaged(what, "the membership is of others"));
        }
        path.dedup();
        let chain = self.member_chain(child, &member)?;
        let certified = Certified { part: member.part, chain, path };
        self.below.insert(key, certified.clone());
        Ok(certified)
    }

    fn member_chain(&self, child: &NodeId, member: &Member) -> Result<Chain, NodeError> {
        Chain::member(member).map_err(|e| damaged(format!("{} below {child}", member.child), e))
    }

    /// What the receipt at an index of a child's log, and the receipts that came under it, name.
    pub(crate) fn named(&mut self, child: &NodeId, under: u64) -> Result<NamedBelow, NodeError> {
        let mut named = HashMap::new();
        let what = format!("record {under} of {child}");
        let shipped = self.mirror.read(|m| m.shipped_between(child, under, under + 1))?;
        let shipped = shipped.first().ok_or_else(|| damaged(what.clone(), "missing"))?;
        let by = self.child(child)?;
        let record = open(&what, &shipped.envelope, shipped.leaf, &by.chain)?;
        let Record::Receipt(receipt) = record.value() else { return Err(damaged(what, "not a receipt")) };
        name(&mut named, receipt, record.leaf());
        for brought in self.mirror.read(|m| m.brought_under(child, under))? {
            if brought.kind != RecordKind::Receipt.predicate_type() {
                continue;
            }
            let by = self.below(child, &brought.node, 0)?;
            let record = open(&what, &brought.envelope, brought.leaf, &by.chain)?;
            if let Record::Receipt(receipt) = record.value() {
                name(&mut named, receipt, record.leaf());
            }
        }
        Ok(named)
    }
}

fn name(named: &mut NamedBelow, receipt: &Receipt, leaf: Digest) {
    for r in &receipt.records {
        let how = Named { index: r.index, at: receipt.at, receipt: leaf, doubts: r.doubts.clone() };
        named.entry((receipt.child.clone(), r.leaf)).or_insert(how);
    }
}

/// The doubts of whoever took a report in, and those that follow from it here: who stands between may have looked away.
pub(crate) fn judged_again(mut doubts: Vec<Doubt>, record: &Record, at: Time) -> Vec<Doubt> {
    if let Record::ProgrammeReport(report) = record {
        doubts.extend(judge::report_doubts(report, at));
        doubts.sort();
        doubts.dedup();
    }
    doubts
}

impl Node {
    /// Records of a kind that were received: child by child its own and those of nodes below it, in the order of their indexes, each
    /// leaf once (what came by two paths counts by the one that was first). Verified again under the members' keys. What no receipt
    /// names yet is left out. Errors: damage to what is kept.
    pub fn received(&self, kind: RecordKind) -> Result<Vec<ReceivedRecord>, NodeError> {
        let Some(mirror) = self.mirror_if_any()? else { return Ok(Vec::new()) };
        let holders = mirror.read(|m| m.holders(kind))?;
        let mut out = Vec::new();
        for of_one in each_in_parallel(&holders, |holder| self.received_of(&mirror, kind, holder)) {
            out.extend(of_one?);
        }
        let mut first: HashMap<Digest, Time> = HashMap::new();
        for r in &out {
            let at = first.entry(r.leaf).or_insert(r.at);
            *at = r.at.min(*at);
        }
        let mut seen = HashSet::new();
        out.retain(|r| first.get(&r.leaf) == Some(&r.at) && seen.insert(r.leaf));
        Ok(out)
    }

    /// What came by one child: its own records, then what it brought, in the order of the receipts that it came under.
    fn received_of(
        &self,
        mirror: &Mirror,
        kind: RecordKind,
        holder: &Holder,
    ) -> Result<Vec<ReceivedRecord>, NodeError> {
        let mut reader = Reader::new(self, mirror);
        let child = &holder.child;
        let mut named: HashMap<Digest, Named> = HashMap::new();
        for leaf in self.store().leaves_about(child.as_str(), &[RecordKind::Receipt])? {
            let w = self.store().witness(leaf)?;
            let Record::Receipt(receipt) = w.record.value() else { continue };
            for r in &receipt.records {
                let how = Named { index: r.index, at: receipt.at, receipt: leaf, doubts: r.doubts.clone() };
                named.entry(r.leaf).or_insert(how);
            }
        }
        let mut out = self.own_of(&mut reader, kind, child, &named)?;
        for places in holder.brought.chunks(PAGE_ROWS_MAX) {
            let page = mirror.read(|m| m.brought_at(places))?;
            self.brought(&mut reader, &named, page, &mut out)?;
        }
        Ok(out)
    }

    fn own_of(
        &self,
        reader: &mut Reader<'_>,
        kind: RecordKind,
        child: &NodeId,
        named: &HashMap<Digest, Named>,
    ) -> Result<Vec<ReceivedRecord>, NodeError> {
        let mut jobs = reader.mirror.read(|m| m.shipped_by(child, kind))?;
        jobs.retain(|s| named.contains_key(&s.leaf));
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let by = reader.child(child)?;
        let opened =
            in_parallel(&jobs, |s| open(&format!("record {} of {child}", s.index), &s.envelope, s.leaf, &by.chain));
        let made = jobs.into_iter().zip(opened).filter_map(|(s, record)| {
            let how = named.get(&s.leaf)?.clone();
            Some(record.map(|record| ReceivedRecord {
                doubts: judged_again(how.doubts, record.value(), how.at),
                child: s.child,
                part: by.part.clone(),
                leaf: s.leaf,
                index: s.index,
                at: how.at,
                receipt: how.receipt,
                seen: how.at,
                path: Vec::new(),
                witness: Witness { record, items: None },
            }))
        });
        made.collect()
    }

    fn brought(
        &self,
        reader: &mut Reader<'_>,
        named: &HashMap<Digest, Named>,
        page: Vec<Brought>,
        out: &mut Vec<ReceivedRecord>,
    ) -> Result<(), NodeError> {
        let mut jobs = Vec::with_capacity(page.len());
        // The receipt that was looked at last: what came under one stands together.
        let mut at: Option<(u64, Option<Time>, NamedBelow)> = None;
        for b in page {
            if at.as_ref().is_none_or(|a| a.0 != b.under) {
                let under = reader.mirror.read(|m| m.leaves(&b.child, b.under, b.under + 1))?;
                let seen = under.first().and_then(|leaf| named.get(leaf)).map(|n| n.at);
                let names = if seen.is_some() { reader.named(&b.child, b.under)? } else { HashMap::new() };
                at = Some((b.under, seen, names));
            }
            let Some((_, Some(seen), names)) = &at else { continue };
            let how = names.get(&(b.node.clone(), b.leaf)).cloned();
            let how = how.ok_or_else(|| damaged(format!("{} below {}", b.leaf, b.child), "no receipt names it"))?;
            jobs.push((reader.below(&b.child, &b.node, 0)?, how, *seen, b));
        }
        let opened = in_parallel(&jobs, |(by, _, _, b)| {
            open(&format!("record of {} below {}", b.node, b.child), &b.envelope, b.leaf, &by.chain)
        });
        for ((by, how, seen, b), record) in jobs.into_iter().zip(opened) {
            let record = record?;
            let doubts = judged_again(how.doubts, record.value(), how.at);
            out.push(ReceivedRecord {
                child: b.node,
                part: by.part,
                leaf: b.leaf,
                index: how.index,
                at: how.at,
                receipt: how.receipt,
                seen,
                path: by.path,
                witness: Witness { record, items: None },
                doubts,
            });
        }
        Ok(())
    }
}

/// `format` of a file of receipts.
const RECEIPTS: &str = "watchfire-receipts-v1";
/// Largest file of receipts, in bytes.
const RECEIPTS_BYTES_MAX: usize = 512 << 20;

/// Receipts to be put beside an evidence file: with every leaf hash of the own log, so that a reader computes the roots.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptsFile {
    format: String,
    node: NodeId,
    leaves: String,
    parents: Vec<ParentReceipts>,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParentReceipts {
    node: NodeId,
    part: Part,
    origin: String,
    evidence_keys: Vec<String>,
    log_keys: Vec<String>,
    receipts: Vec<OneReceipt>,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneReceipt {
    bundle: serde_json::Value,
    checkpoint: String,
}

/// A parent's word that it held records by an instant.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The parent.
    pub parent: NodeId,
    /// Its name, as the file says.
    pub name: String,
    /// By when, by the parent's clock.
    pub at: Time,
    /// Size of the log that its receipt is over.
    pub size: u64,
}

impl Node {
    /// The receipts of every parent, as a file.
    pub fn receipts_file(&self) -> Result<Vec<u8>, NodeError> {
        let size = self.store().size()?;
        let leaves = super::wire::leaves_text(&self.store().hashes(0, size)?);
        let outbox = self.outbox_if_any()?;
        let mut parents = Vec::new();
        for parent in self.parents()? {
            let kept = match &outbox {
                Some(outbox) => outbox.receipts(&parent.node)?,
                None => Vec::new(),
            };
            let mut receipts = Vec::with_capacity(kept.len());
            for k in kept {
                let bundle = serde_json::from_slice(&k.bundle).map_err(|e| damaged("outbox.db".to_owned(), e))?;
                receipts.push(OneReceipt { bundle, checkpoint: k.checkpoint });
            }
            let Parent { node, part, origin, evidence_keys, log_keys, .. } = parent;
            parents.push(ParentReceipts { node, part, origin, evidence_keys, log_keys, receipts });
        }
        let file = ReceiptsFile { format: RECEIPTS.to_owned(), node: self.id(), leaves, parents };
        serde_json::to_vec(&file).map_err(|e| NodeError::Internal(e.to_string()))
    }
}

/// By which parents, and by when, a file of receipts covers all of these leaves: of each parent the earliest receipt that does.
/// Checks signatures, inclusion in the parents' logs and roots; whose the parents' keys are it cannot tell.
pub fn covered(path: &std::path::Path, bytes: &[u8], leaves: &[Digest]) -> Result<Vec<Covered>, NodeError> {
    let not = |why: String| NodeError::NotEvidence(path.to_owned(), clip(&why));
    let refused = |e: proof::ProofError| NodeError::Refused(e.to_string());
    if bytes.len() > RECEIPTS_BYTES_MAX {
        return Err(NodeError::TooLarge { path: path.to_owned(), bytes_max: RECEIPTS_BYTES_MAX as u64 });
    }
    let file: ReceiptsFile = serde_json::from_slice(bytes).map_err(|e| not(e.to_string()))?;
    if file.format != RECEIPTS {
        return Err(not(format!("format {:?} is not {RECEIPTS}", file.format)));
    }
    let raw = data_encoding::BASE64.decode(file.leaves.as_bytes()).map_err(|e| not(e.to_string()))?;
    let log: Vec<Digest> = raw.chunks_exact(32).map(|c| Digest(c.try_into().expect("32 bytes"))).collect();
    let places: BTreeMap<Digest, u64> = log.iter().zip(0_u64..).map(|(leaf, n)| (*leaf, n)).collect();
    let Some(last) = leaves.iter().map(|l| places.get(l).copied()).collect::<Option<Vec<u64>>>() else {
        return Ok(Vec::new());
    };
    let needed = last.into_iter().max().map_or(0, |n| n + 1);
    let mut out = Vec::new();
    for parent in file.parents {
        let chain = Chain::of(&parent.origin, &parent.evidence_keys, &parent.log_keys).map_err(refused)?;
        let mut earliest: Option<Covered> = None;
        for one in parent.receipts {
            let json = one.bundle.to_string();
            let logged = proof::verify_bundle(json.as_bytes(), &chain.evidence_keys(), &chain.log_keys());
            let Record::Receipt(r) = logged.map_err(refused)?.record.into_value() else {
                return Err(NodeError::Refused("a receipt is another record".to_owned()));
            };
            if r.child != file.node || r.node != parent.node {
                return Err(NodeError::Refused("a receipt is of others".to_owned()));
            }
            if r.size < needed || earliest.as_ref().is_some_and(|e| e.at <= r.at) {
                continue;
            }
            let covers = usize::try_from(r.size).ok().and_then(|n| log.get(..n)).map(merkle_root);
            if covers != Some(r.root) {
                return Err(NodeError::Refused("a receipt is over other leaves than the file has".to_owned()));
            }
            proof::verify_cosignature(&one.checkpoint, &chain.log_keys()).map_err(refused)?;
            let (parent, name) = (parent.node.clone(), clip(&parent.part.name));
            earliest = Some(Covered { parent, name, at: r.at, size: r.size });
        }
        out.extend(earliest);
    }
    Ok(out)
}
