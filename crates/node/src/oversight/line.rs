//! Orders over the line: an authority's own entries go down in the answers to packages of the child that they are for, the enterprise's
//! entries come up as records of its packages.
//!
//! What a child has is a mark: the index, in its parent's log, up to which entries came. It travels with every package, so an answer that
//! was lost costs nothing and what has come is not sent again; below it everything is a `carried` entry, known by the leaf of its statement, so a file
//! and the line together are one entry each.
//!
//! Refused: passing on the orders of a third node. Who stands between would have to be believed about somebody whose keys the plant
//! does not hold; such an order goes as a file, with its issuer's keys.

use super::handed::issued;
use super::orders::{ENTRIES_MAX, OrderFile};
use crate::federation::{Chain, Parent};
use crate::handed::{self, Checked, Entry as _};
use crate::{Node, NodeError};
use evidence::{Digest, Doubt, NodeId, OrderEntry, OrderMove, Part, Record, RecordKind, Say, Time};
use proof::Envelope;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Most entries of orders in one answer.
pub(crate) const LINE_ENTRIES_MAX: usize = 100;
/// Most bytes of them; one entry that is larger goes alone.
const LINE_BYTES_MAX: usize = 4 << 20;
const ENTRY: &str = "watchfire-order-entry-v1";

/// What is said of an entry that came up and is not taken over, with what fills it, for the test of the words.
pub(crate) const DOUBTS: &[(&str, &[&str])] = &[("doubt.order-strange", &[]), ("doubt.order-many", &[])];

/// An entry on its way down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CarriedEntry {
    /// Sigstore bundle.
    entry: Value,
    format: String,
}

/// This node's own entries of orders, by enterprise; kept up to date by the size of the log.
#[derive(Default)]
pub(crate) struct Ordered {
    next: u64,
    by_uscc: HashMap<String, BTreeMap<u64, Digest>>,
    uscc_of: HashMap<String, String>,
}

/// What came down.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct CameDown {
    /// Entries that were new.
    pub(crate) new: u64,
    /// Entries that cannot be believed or do not fit: dropped.
    pub(crate) dropped: u64,
    /// Where the next one begins.
    pub(crate) mark: u64,
}

impl Node {
    /// This node's own entries for the enterprise of a member that stand at `mark` or behind it, the oldest first.
    pub(crate) fn ordered_for(&self, uscc: &str, mark: u64) -> Result<Vec<Value>, NodeError> {
        if uscc.is_empty() {
            return Ok(Vec::new());
        }
        let leaves: Vec<Digest> = {
            let mut ordered = self.federation.ordered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            self.note_ordered(&mut ordered)?;
            let of = ordered.by_uscc.get(uscc);
            of.map_or_else(Vec::new, |o| o.range(mark..).map(|(_, leaf)| *leaf).take(LINE_ENTRIES_MAX).collect())
        };
        let (mut out, mut bytes) = (Vec::with_capacity(leaves.len()), 0);
        for leaf in leaves {
            let carried = CarriedEntry { entry: self.store().bundle(leaf)?, format: ENTRY.to_owned() };
            let value = serde_json::to_value(&carried).map_err(|e| NodeError::Internal(e.to_string()))?;
            bytes += value.to_string().len();
            if bytes > LINE_BYTES_MAX && !out.is_empty() {
                break;
            }
            out.push(value);
        }
        Ok(out)
    }

    fn note_ordered(&self, ordered: &mut Ordered) -> Result<(), NodeError> {
        if self.store().size()? <= ordered.next {
            return Ok(());
        }
        let (records, next) = self.store().records_from(&[RecordKind::Order], ordered.next)?;
        for w in records {
            let leaf = w.record.leaf();
            let Record::Order(entry) = w.record.value() else { continue };
            if entry.node != self.id() || entry.what.is_of_enterprise() {
                continue;
            }
            match &entry.what {
                OrderMove::Carried { .. } => continue,
                OrderMove::Issued(text) => {
                    ordered.uscc_of.insert(entry.order.clone(), text.uscc.clone());
                }
                _ => {}
            }
            if let (Some(uscc), Some(at)) = (ordered.uscc_of.get(&entry.order), self.index(leaf)?) {
                ordered.by_uscc.entry(uscc.clone()).or_default().insert(at, leaf);
            }
        }
        ordered.next = next;
        Ok(())
    }

    /// Takes entries in that a parent sent with an answer: each in the parent's log, signed by it, its own act, for this enterprise. What cannot be
    /// believed is dropped; the rest is as if it had come as a file.
    pub(crate) fn ordered_came(&self, parent: &Parent, chain: &Chain, values: &[Value]) -> Result<CameDown, NodeError> {
        let mut came = CameDown { mark: parent.orders, ..CameDown::default() };
        let mut by_order: BTreeMap<String, Vec<Checked<OrderEntry>>> = BTreeMap::new();
        for value in values {
            let Ok(carried) = serde_json::from_value::<CarriedEntry>(value.clone()) else { continue };
            let logged =
                proof::verify_bundle(carried.entry.to_string().as_bytes(), &chain.evidence_keys(), &chain.log_keys());
            let Some(logged) = logged.ok().filter(|_| carried.format == ENTRY) else {
                came.dropped += 1;
                continue;
            };
            let (leaf, index) = (logged.record.leaf(), logged.index);
            // It stands in the parent's log: what becomes of it here, it need not come again.
            came.mark = came.mark.max(index.saturating_add(1));
            match OrderEntry::out_of(logged.record.into_value()) {
                Some(entry) if entry.node == parent.node && entry.misfit(None).is_none() => {
                    by_order.entry(entry.order.clone()).or_default().push(Checked { leaf, entry });
                }
                _ => came.dropped += 1,
            }
        }
        for (id, entries) in by_order {
            let count = entries.len() as u64;
            let file = self.order_known(&id)?;
            let own = |c: &Checked<OrderEntry>| match &c.entry.what {
                OrderMove::Issued(text) => text.uscc == parent.member.part.uscc,
                _ => true,
            };
            if !entries.iter().all(own) {
                came.dropped += count;
                continue;
            }
            match self.order_take(file, &entries, &parent.node, (Vec::new(), None))? {
                Ok((file, new)) => {
                    came.new += new as u64;
                    match self.order_acknowledge(None, file, &parent.node, None) {
                        // What cannot be said now a person says; that it came is in the log.
                        Ok(_) | Err(NodeError::Entry(_)) => {}
                        Err(e) => return Err(e),
                    }
                }
                Err(_) => came.dropped += count,
            }
        }
        Ok(came)
    }

    /// Whether an entry goes up to a parent: it answers an order of that very node. What one authority asked for is no business of another.
    pub(crate) fn answers_order_of(&self, entry: &OrderEntry, parent: &NodeId) -> Result<bool, NodeError> {
        Ok(issued(&self.order_known(&entry.order)?).is_some_and(|(issuer, _)| issuer == parent))
    }

    /// An entry that a child's package brought, as it enters this log; `None`: it is known. `Err`: why it is not taken.
    pub(crate) fn order_from_below(
        &self,
        child: &NodeId,
        part: &Part,
        (leaf, envelope): (Digest, &[u8]),
        now: Time,
    ) -> Result<Result<Option<Record>, Doubt>, NodeError> {
        let read = Envelope::from_json(envelope).ok().and_then(|e| Record::from_statement(e.payload()).ok());
        let doubt = |key: &str| {
            let say = Say::new(format!("doubt.order-{key}"));
            Err(Doubt { say, cited: Some(evidence::Cited { leaf, item: None }) })
        };
        // Its signature was checked before it was kept.
        let Some(entry) = read.and_then(OrderEntry::out_of).filter(|e| e.node == *child) else {
            return Ok(doubt("strange"));
        };
        let file: OrderFile = self.order_known(&entry.order)?;
        let ours = issued(&file).is_some_and(|(issuer, text)| *issuer == self.id() && text.uscc == part.uscc);
        if !ours || !entry.what.is_of_enterprise() {
            return Ok(doubt("strange"));
        }
        if handed::statements::<OrderEntry>(&file.records).contains(&leaf) {
            return Ok(Ok(None));
        }
        if file.records.len() >= ENTRIES_MAX {
            return Ok(doubt("many"));
        }
        let now = now.max(file.now());
        Ok(Ok(Some(Record::Order(Box::new(self.as_carried(&Checked { leaf, entry }, now, None))))))
    }
}
