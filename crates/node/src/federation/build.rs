//! A child's packages: from what the parent acknowledged up to a checkpoint of the own log.
//!
//! A package ends at the largest checkpoint whose content fits; each is whole in itself and gets its own receipt. Only where one
//! step of the log alone is over the limits does a package end before its checkpoint, and says that more follows.

use super::parents::Parent;
use super::upward::{UPWARD, artifact, artifact_goes_up, goes_up};
use super::wire::{Below, Carried, LEAVES_MAX, PACKAGE, Package, RECORDS_MAX, leaves_text};
use crate::{Node, NodeError};
use data_encoding::BASE64;
use evidence::{Digest, NodeId, Record, RecordKind, Say, canonical};
use proof::{Checkpoint, Envelope};
use serde_json::Value;
use store::{Mirror, Sent};

/// What a package's content should not be over, in bytes: half of what is taken, so that one more record never is.
const CONTENT_BYTES: usize = 14 << 20;

/// A package, ready to be sent.
#[derive(Clone, Debug)]
pub struct Built {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Index of its first leaf.
    pub start: u64,
    /// Where its leaves end.
    pub end: u64,
    /// Size of its checkpoint.
    pub size: u64,
}

/// A record whose content would leave the node.
#[derive(Clone, Debug)]
pub struct PreviewRecord {
    /// Index in the own log; of a node below, that of the receipt that it came by.
    pub index: u64,
    /// Whose record it is.
    pub node: NodeId,
    /// SHA-256 of what is signed.
    pub digest: Digest,
    /// What kind.
    pub kind: RecordKind,
    /// The record, every field.
    pub statement: Value,
    /// Sizes of the bytes that go with it.
    pub artifacts: Vec<usize>,
}

/// What would leave the node, all of it.
#[derive(Clone, Debug)]
pub struct Preview {
    /// To whom.
    pub parent: NodeId,
    /// From this index of the own log on.
    pub start: u64,
    /// Up to this size.
    pub size: u64,
    /// Digest of the plan that is named.
    pub plan: Option<Digest>,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// Records with their content.
    pub records: Vec<PreviewRecord>,
    /// Records of which only the leaf hash goes: 32 bytes that say nothing of them.
    pub leaves_only: u64,
    /// Bytes of all packages.
    pub bytes: u64,
}

/// One record that goes up, with what goes with it: never split.
struct Unit {
    sent: Sent,
    artifacts: Vec<Vec<u8>>,
    below: Vec<(NodeId, Envelope)>,
    bytes: usize,
}

impl Node {
    /// The next package for a parent from `start` on; `None` if there is nothing to send.
    pub(crate) fn package(&self, parent: &Parent, start: u64) -> Result<Option<Built>, NodeError> {
        let Some(newest) = self.store().checkpoint()? else { return Ok(None) };
        if start >= newest.size() {
            return Ok(None);
        }
        let reach = newest.size().min(start + LEAVES_MAX as u64);
        let (units, end) = self.units(parent, start, reach)?;
        // The largest checkpoint within; if the content ends before the next one, this package ends before it too.
        let within = self.store().checkpoint_upto(end)?.filter(|c| c.size() > start);
        let (checkpoint, end) = match within {
            Some(c) => {
                let size = c.size();
                (c, size)
            }
            None => (newest, end),
        };
        self.packed(parent, start, end, &checkpoint, units).map(Some)
    }

    fn packed(
        &self,
        parent: &Parent,
        start: u64,
        end: u64,
        checkpoint: &Checkpoint,
        units: Vec<Unit>,
    ) -> Result<Built, NodeError> {
        let plan = units.iter().rev().find_map(|u| u.sent.record.value().plan()).map(|p| p.digest);
        let (mut records, mut nested) = (Vec::new(), Vec::new());
        for unit in units.into_iter().take_while(|u| u.sent.index < end) {
            let under = unit.sent.index;
            let artifacts = unit.artifacts.iter().map(|a| BASE64.encode(a)).collect();
            records.push(Carried { index: under, envelope: unit.sent.envelope, artifacts });
            nested.extend(unit.below.into_iter().map(|(child, envelope)| Below { child, under, envelope }));
        }
        let package = Package {
            format: PACKAGE.to_owned(),
            from: self.id(),
            to: parent.node.clone(),
            plan,
            checkpoint: checkpoint.note().to_owned(),
            start,
            leaves: leaves_text(&self.store().hashes(start, end)?),
            more: end < checkpoint.size(),
            records,
            nested,
            knows: parent.knows()?,
        };
        let bytes = canonical::to_vec(&package).map_err(|e| NodeError::Internal(e.to_string()))?;
        Ok(Built { bytes, start, end, size: checkpoint.size() })
    }

    /// What goes up of `start..reach`, as far as it fits; and where it ends.
    fn units(&self, parent: &Parent, start: u64, reach: u64) -> Result<(Vec<Unit>, u64), NodeError> {
        let mirror = self.mirror_if_any()?;
        let (mut units, mut bytes, mut below) = (Vec::new(), 0_usize, 0_usize);
        // In steps, so that a long log of an authority is not read whole for one package.
        let mut at = start;
        while at < reach {
            let to = reach.min(at + RECORDS_MAX as u64);
            for sent in self.store().sent(&UPWARD, at, to)? {
                if !goes_up(parent.member.part.role, sent.record.value()) {
                    continue;
                }
                if let Record::Order(entry) = sent.record.value()
                    && !self.answers_order_of(entry, &parent.node)?
                {
                    continue;
                }
                let index = sent.index;
                let unit = self.unit(sent, mirror.as_deref())?;
                let full = bytes.saturating_add(unit.bytes) > CONTENT_BYTES
                    || units.len() == RECORDS_MAX
                    || below + unit.below.len() > RECORDS_MAX;
                if full && !units.is_empty() {
                    return Ok((units, index));
                }
                bytes = bytes.saturating_add(unit.bytes);
                below += unit.below.len();
                units.push(unit);
            }
            at = to;
        }
        Ok((units, reach))
    }

    fn unit(&self, sent: Sent, mirror: Option<&Mirror>) -> Result<Unit, NodeError> {
        let mut artifacts = Vec::new();
        if let Some(digest) = artifact(sent.record.value()) {
            let bytes = self.store().artifact(digest)?;
            artifacts.extend(artifact_goes_up(sent.record.value(), bytes.len()).then_some(bytes));
        }
        let mut below = Vec::new();
        if let (Record::Receipt(receipt), Some(mirror)) = (sent.record.value(), mirror) {
            let read = |bytes: &[u8]| Envelope::from_json(bytes).map_err(|e| damaged(&e));
            // What an enterprise answers stays with whoever asked.
            let between = |kind: &str| kind == RecordKind::Order.predicate_type();
            for named in receipt.records.iter().filter(|r| !between(&r.kind)) {
                let shipped =
                    mirror.read(|m| m.shipped_between(&receipt.child, named.index, named.index.saturating_add(1)))?;
                let Some(shipped) = shipped.first().filter(|s| s.leaf == named.leaf) else {
                    return Err(damaged(&format!("record {} of {} is missing", named.index, receipt.child)));
                };
                below.push((receipt.child.clone(), read(&shipped.envelope)?));
                for brought in mirror.read(|m| m.brought_under(&receipt.child, named.index))? {
                    below.push((brought.node, read(&brought.envelope)?));
                }
            }
        }
        let size = |e: &Envelope| e.payload().len() * 4 / 3 + 512;
        let bytes = size(&sent.envelope)
            + artifacts.iter().map(|a| a.len() * 4 / 3).sum::<usize>()
            + below.iter().map(|(_, e)| size(e)).sum::<usize>();
        Ok(Unit { sent, artifacts, below, bytes })
    }

    /// Everything that would leave for a parent, from what it acknowledged (or `from`) on. Sends nothing.
    pub fn submit_preview(&self, named: Option<&str>, from: Option<u64>) -> Result<Preview, NodeError> {
        let parent = self.parent(named)?;
        let start = match from {
            Some(from) => from,
            None => self.acknowledged(&parent)?.0,
        };
        let checkpoint = self.checkpoint_text()?;
        let size = self.store().checkpoint()?.map_or(0, |c| c.size());
        let mut preview = Preview {
            parent: parent.node.clone(),
            start,
            size,
            plan: None,
            checkpoint,
            records: Vec::new(),
            leaves_only: 0,
            bytes: 0,
        };
        let mut at = start;
        while let Some(built) = self.package(&parent, at)? {
            preview.bytes += built.bytes.len() as u64;
            let (package, _) = Package::read(&built.bytes).map_err(|f| NodeError::Internal(format!("{f:?}")))?;
            preview.plan = package.plan.or(preview.plan);
            preview.leaves_only += built.end - built.start - package.records.len() as u64;
            self.show(package, &mut preview)?;
            at = built.end;
        }
        Ok(preview)
    }

    fn show(&self, package: Package, preview: &mut Preview) -> Result<(), NodeError> {
        let own = package.records.into_iter().map(|c| {
            let sizes = c.artifacts.iter().map(|a| a.len() / 4 * 3).collect();
            (c.index, self.id(), c.envelope, sizes)
        });
        let below = package.nested.into_iter().map(|b| (b.under, b.child, b.envelope, Vec::new()));
        for (index, node, envelope, artifacts) in own.chain(below) {
            let wrong = |e: &dyn std::fmt::Display| NodeError::Internal(e.to_string());
            let record = Record::from_statement(envelope.payload()).map_err(|e| wrong(&e))?;
            let statement = serde_json::from_slice(envelope.payload()).map_err(|e| wrong(&e))?;
            let digest = Digest::of(envelope.payload());
            preview.records.push(PreviewRecord { index, node, digest, kind: record.kind(), statement, artifacts });
        }
        Ok(())
    }
}

fn damaged(why: &dyn std::fmt::Display) -> NodeError {
    NodeError::Entry(Say::new("error.damaged").with("what", "mirror.db").with("why", why))
}
