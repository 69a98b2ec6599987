//! Orders from node to node, as signed files: the authority's entries to the enterprise, and the enterprise's back.
//!
//! As with warnings the file holds a node's own entries as they stand in its log, and whoever takes it says with whose keys it must be
//! signed. It is taken as a whole or not at all. An answer of a node that is a member must be that of the enterprise that was ordered.

use super::orders::{ENTRIES_MAX, OrderFile, refused};
use crate::{Node, NodeError, home};
use evidence::{
    Digest, Member, MemberStanding, NodeId, OrderEntry, OrderMove, PathText, Record, RecordKind, Say, Time, canonical,
};
use judge::OrderState;
use plan::CheckedPlan;
use proof::{Envelope, ProofError, PublicKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// `format` of the file.
const FORMAT: &str = "watchfire-order-v1";
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Hexadecimal digits of an id, behind `o-`.
const ID_DIGITS: usize = 8;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Handed {
    envelopes: Vec<serde_json::Value>,
    format: String,
    order: String,
}

/// What came of a file.
pub struct TookOrder {
    /// The order as it is now.
    pub file: OrderFile,
    /// Entries that were new.
    pub new: usize,
    /// Entries that were known already.
    pub known: usize,
    /// The node that made them.
    pub from: NodeId,
}

/// An entry of a file, its signature checked.
struct Checked {
    leaf: Digest,
    entry: OrderEntry,
}

fn fault(key: &str) -> Say {
    Say::new(format!("error.order-file-{key}"))
}
fn unread(why: &dyn std::fmt::Display) -> Say {
    Say::new("error.order-file").with("why", attest::clean(&why.to_string()))
}

impl Node {
    /// The bytes of a file with this node's own entries about an order.
    pub fn order_export(&self, file: &OrderFile) -> Result<Vec<u8>, NodeError> {
        let mut own: Vec<(Time, Digest)> = Vec::new();
        for w in &file.records {
            if let Record::Order(e) = w.record.value()
                && e.node == self.id()
                && !matches!(e.what, OrderMove::Carried { .. })
            {
                own.push((e.stated_at, w.record.leaf()));
            }
        }
        if own.is_empty() {
            return Err(NodeError::Entry(refused("nothing-own").with("order", &file.id)));
        }
        own.sort_unstable();
        let mut envelopes = Vec::with_capacity(own.len());
        for (_, leaf) in own {
            let json = self.store().envelope(leaf)?.to_json();
            envelopes.push(serde_json::from_slice(&json).map_err(|e| NodeError::Internal(e.to_string()))?);
        }
        let handed = Handed { envelopes, format: FORMAT.to_owned(), order: file.id.clone() };
        let mut out = canonical::to_vec(&handed).map_err(|e| NodeError::Internal(e.to_string()))?;
        out.push(b'\n');
        Ok(out)
    }

    /// Takes a file that another node signed: what is new of it enters the log. An enterprise that had not seen the order says that
    /// it has it now.
    pub fn order_receive(
        &self,
        plan: &CheckedPlan,
        path: &Path,
        publisher: &[PublicKey],
        author: Option<&str>,
    ) -> Result<TookOrder, NodeError> {
        let bytes = home::read(path, FILE_BYTES_MAX)?;
        let refuse =
            |say: Say| NodeError::Entry(say.with("path", PathText::from_bytes(path.as_os_str().as_encoded_bytes())));
        let (id, entries) = open(&bytes, publisher).map_err(refuse)?;
        let first = entries.first().ok_or_else(|| refuse(fault("empty")))?;
        let from = first.entry.node.clone();
        if from == self.id() {
            return Err(refuse(fault("own")));
        }
        let mut file = OrderFile { records: self.store().records_about(&id, &[RecordKind::Order])?, id };
        file.records.retain(|w| matches!(w.record.value(), Record::Order(_)));
        self.fits(&file, &entries, &from).map_err(refuse)?;
        let known = statements(&file);
        let now = file.now();
        let fresh: Vec<Record> = entries
            .iter()
            .filter(|c| !known.contains(&c.leaf))
            .map(|c| {
                let what = OrderMove::Carried {
                    from: from.clone(),
                    statement: c.leaf,
                    stated_at: c.entry.stated_at,
                    what: Box::new(c.entry.what.clone()),
                };
                let order = file.id.clone();
                let entry = OrderEntry { node: self.id(), author: self.author(author), stated_at: now, order, what };
                Record::Order(Box::new(entry))
            })
            .collect();
        if file.records.len() + fresh.len() > ENTRIES_MAX {
            return Err(NodeError::Entry(refused("entries").with("max", ENTRIES_MAX)));
        }
        let (new, all) = (fresh.len(), entries.len());
        if new > 0 {
            file.records.extend(self.append_all(&fresh)?);
        }
        let open = file.view(plan, file.now()).filter(|v| v.state == OrderState::Open && *v.issuer == from);
        let same_plan = open.is_some_and(|v| v.text.plan.digest == plan.digest());
        if same_plan {
            file = self.order_say(plan, file, OrderMove::Received {}, author)?;
        }
        Ok(TookOrder { file, new, known: all - new, from })
    }

    /// Whether entries of a node fit what is known of the order, and whose node it is.
    fn fits(&self, file: &OrderFile, entries: &[Checked], from: &NodeId) -> Result<(), Say> {
        let issued = file.records.iter().find_map(|w| match w.record.value() {
            Record::Order(e) => match &e.what {
                OrderMove::Issued(text) => Some((&e.node, text)),
                OrderMove::Carried { from, what, .. } => match &**what {
                    OrderMove::Issued(text) => Some((from, text)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        });
        match (issued, entries.first().map(|c| &c.entry.what)) {
            // More of the authority.
            (Some((issuer, _)), _) if issuer == from => Ok(()),
            // Of the enterprise, to the authority.
            (Some((issuer, text)), _) if *issuer == self.id() => {
                let own_word = |c: &Checked| {
                    matches!(c.entry.what, OrderMove::Received {} | OrderMove::Answered { on_paper: None, .. })
                };
                if !entries.iter().all(own_word) {
                    return Err(fault("not-theirs"));
                }
                self.speaks_for(from, &text.uscc)
            }
            (Some(_), _) => Err(fault("other-node")),
            // A new order.
            (None, Some(OrderMove::Issued(text))) => match self.part().ok().flatten() {
                Some(part) if part.uscc != text.uscc => Err(fault("other-enterprise").with("uscc", &text.uscc)),
                _ => Ok(()),
            },
            (None, _) => Err(fault("no-issue")),
        }
    }

    /// A node that this one certified speaks for the enterprise that it was certified for, while it is.
    fn speaks_for(&self, node: &NodeId, uscc: &str) -> Result<(), Say> {
        let all = self.store().records(&[RecordKind::Member]).map_err(|e| unread(&e))?;
        let of = all.iter().filter_map(|w| match w.record.value() {
            Record::Member(m) if m.child == *node => Some((m.stated_at, w.record.leaf(), &**m)),
            _ => None,
        });
        let newest: Option<&Member> = of.max_by_key(|m| (m.0, m.1)).map(|m| m.2);
        match newest {
            Some(m) if m.standing != MemberStanding::Certified => {
                Err(fault("not-certified").with("node", node).with("member_standing", m.standing.name()))
            }
            Some(m) if m.part.uscc != uscc => Err(fault("other-enterprise").with("uscc", &m.part.uscc)),
            // Whose keys these are is the word of who takes the file.
            _ => Ok(()),
        }
    }
}

/// Leaves of the statements that are known: carried here, or made here.
fn statements(file: &OrderFile) -> BTreeSet<Digest> {
    let of = |w: &proof::Witness| match w.record.value() {
        Record::Order(e) => match &e.what {
            OrderMove::Carried { statement, .. } => *statement,
            _ => w.record.leaf(),
        },
        _ => w.record.leaf(),
    };
    file.records.iter().map(of).collect()
}

/// A signature that does not hold.
fn unproven(n: usize, why: &ProofError) -> Say {
    match why {
        ProofError::UnknownKey(key) => fault("key").with("entry", n).with("value", attest::clean(key)),
        ProofError::Signature { .. } => fault("signature").with("entry", n),
        other => unread(&format!("{n}: {other}")),
    }
}

/// The order's id and its entries, every signature checked.
fn open(bytes: &[u8], publisher: &[PublicKey]) -> Result<(String, Vec<Checked>), Say> {
    let handed: Handed = serde_json::from_slice(bytes).map_err(|e| unread(&e))?;
    if handed.format != FORMAT {
        return Err(fault("format").with("value", attest::clean(&handed.format)).with("known", FORMAT));
    }
    let id = handed.order;
    let digits = id.strip_prefix("o-").unwrap_or_default();
    if digits.len() != ID_DIGITS || !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(fault("id"));
    }
    if handed.envelopes.len() > ENTRIES_MAX {
        return Err(fault("many").with("max", ENTRIES_MAX));
    }
    let mut out: Vec<Checked> = Vec::with_capacity(handed.envelopes.len());
    for (at, value) in handed.envelopes.iter().enumerate() {
        let n = at + 1;
        let json = serde_json::to_vec(value).map_err(|e| unread(&e))?;
        let envelope = Envelope::from_json(&json).map_err(|e| unproven(n, &e))?;
        let record = proof::verify_envelope(&envelope, publisher).map_err(|e| unproven(n, &e))?;
        let leaf = record.leaf();
        let Record::Order(entry) = record.into_value() else { return Err(fault("kind").with("entry", n)) };
        let key = match out.first().map(|c| &c.entry) {
            _ if entry.order != id => Some("other-order"),
            _ if matches!(entry.what, OrderMove::Carried { .. }) => Some("nested"),
            Some(first) if first.node != entry.node => Some("mixed"),
            // A node's id is the id of its first key, and the first key of the file is that: another node's key beside it must
            // not speak for it.
            None if publisher.first().is_none_or(|k| k.id() != entry.node.as_str()) => Some("node"),
            _ if out.last().is_some_and(|c| c.entry.stated_at >= entry.stated_at) => Some("order"),
            _ => None,
        };
        if let Some(key) = key {
            return Err(fault(key).with("entry", n));
        }
        out.push(Checked { leaf, entry: *entry });
    }
    Ok((id, out))
}
