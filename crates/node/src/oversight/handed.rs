//! Orders from node to node: the authority's entries to the enterprise, and the enterprise's back - as a signed file here, over the line in
//! `line`. Both ways end in [`Node::order_take`], so that what came by both is one entry each.
//!
//! An answer of a node that is a member must be that of the enterprise that was ordered.

use super::orders::{ENTRIES_MAX, OrderFile, refused};
use crate::handed::{self, Checked, Entry, FILE_BYTES_MAX};
use crate::{Node, NodeError, home};
use evidence::{
    Digest, Member, MemberStanding, NodeId, OrderEntry, OrderMove, OrderText, PathText, Record, RecordKind, Say, Time,
};
use judge::OrderState;
use plan::CheckedPlan;
use proof::PublicKey;
use std::path::Path;

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
    /// The newest key of that node, if the file led to one that was not given.
    pub newer_key: Option<String>,
}

impl Entry for OrderEntry {
    const FORMAT: &'static str = "watchfire-order-v1";
    const OF: &'static str = "error.order-file";
    const ABOUT: &'static str = "order";
    const PREFIX: &'static str = "o-";
    fn of(record: &Record) -> Option<&Self> {
        match record {
            Record::Order(e) => Some(e),
            _ => None,
        }
    }
    fn out_of(record: Record) -> Option<Self> {
        match record {
            Record::Order(e) => Some(*e),
            _ => None,
        }
    }
    fn about(&self) -> &str {
        &self.order
    }
    fn node(&self) -> &NodeId {
        &self.node
    }
    fn stated_at(&self) -> Time {
        self.stated_at
    }
    fn taken_over(&self) -> Option<Digest> {
        match &self.what {
            OrderMove::Carried { statement, .. } => Some(*statement),
            _ => None,
        }
    }
    fn misfit(&self, _: Option<&Self>) -> Option<&'static str> {
        matches!(self.what, OrderMove::Carried { .. }).then_some("nested")
    }
    fn letter(&self) -> Option<Digest> {
        match &self.what {
            OrderMove::Given(given) => Some(given.sealed),
            _ => None,
        }
    }
}

pub(super) fn fault(key: &str) -> Say {
    handed::fault::<OrderEntry>(key)
}

/// Reads what a file says without taking it: every limit and every signature is checked (fuzz target `order_file`). The order's id, and how many
/// entries.
///
/// # Errors
/// Why it is not taken, as a sentence.
pub fn order_file_check(bytes: &[u8], publisher: &[PublicKey]) -> Result<(String, usize), Say> {
    handed::open::<OrderEntry>(bytes, publisher).map(|h| (h.id, h.entries.len()))
}

impl Node {
    /// The bytes of a file with this node's own entries about an order, and the letters that they name.
    pub fn order_export(&self, file: &OrderFile) -> Result<Vec<u8>, NodeError> {
        let mut own: Vec<(&OrderEntry, Digest)> = Vec::new();
        for w in &file.records {
            if let Record::Order(e) = w.record.value()
                && e.node == self.id()
                && !matches!(e.what, OrderMove::Carried { .. })
            {
                own.push((e, w.record.leaf()));
            }
        }
        if own.is_empty() {
            return Err(NodeError::Entry(refused("nothing-own").with("order", &file.id)));
        }
        own.sort_by_key(|(e, leaf)| (e.stated_at, *leaf));
        self.hand_out(&file.id, &own)
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
        let opened = handed::open::<OrderEntry>(&bytes, publisher).map_err(refuse)?;
        let from = opened.from(&self.id()).map_err(refuse)?;
        let handed::Opened { id, entries, newer_key, letters } = opened;
        let file = self.order_known(&id)?;
        let (mut file, new) = self.order_take(file, &entries, &from, (letters, author))?.map_err(refuse)?;
        let known = entries.len() - new;
        file = self.order_acknowledge(Some(plan), file, &from, author)?;
        Ok(TookOrder { file, new, known, from, newer_key })
    }

    /// What the log has about an order; nothing if it is not known.
    pub(super) fn order_known(&self, id: &str) -> Result<OrderFile, NodeError> {
        let mut file = OrderFile { records: self.store().records_about(id, &[RecordKind::Order])?, id: id.to_owned() };
        file.records.retain(|w| matches!(w.record.value(), Record::Order(_)));
        Ok(file)
    }

    /// Takes entries of another node about one order in, whose signatures were checked: those that are new enter the log as `carried`. How many;
    /// or why none of them is taken.
    pub(super) fn order_take(
        &self,
        mut file: OrderFile,
        entries: &[Checked<OrderEntry>],
        from: &NodeId,
        (letters, author): (Vec<Vec<u8>>, Option<&str>),
    ) -> Result<Result<(OrderFile, usize), Say>, NodeError> {
        if let Err(why) = self.fits(&file, entries, from) {
            return Ok(Err(why));
        }
        let known = handed::statements::<OrderEntry>(&file.records);
        let now = file.now();
        let fresh: Vec<(Record, Option<Digest>)> = entries
            .iter()
            .filter(|c| !known.contains(&c.leaf))
            .map(|c| (Record::Order(Box::new(self.as_carried(c, now, author))), c.entry.letter()))
            .collect();
        if file.records.len() + fresh.len() > ENTRIES_MAX {
            return Ok(Err(refused("entries").with("max", ENTRIES_MAX)));
        }
        let new = fresh.len();
        if letters.is_empty() {
            let fresh: Vec<Record> = fresh.into_iter().map(|f| f.0).collect();
            file.records.extend(self.append_all(&fresh)?);
        } else {
            for (record, letter) in fresh {
                let beside = letters.iter().filter(|l| letter == Some(Digest::of(l))).cloned().collect();
                file.records.push(self.append(&record, None, beside)?.witness);
            }
        }
        Ok(Ok((file, new)))
    }

    /// Another node's entry, as this node takes it over.
    pub(super) fn as_carried(&self, c: &Checked<OrderEntry>, now: Time, author: Option<&str>) -> OrderEntry {
        let what = OrderMove::Carried {
            from: c.entry.node.clone(),
            statement: c.leaf,
            stated_at: c.entry.stated_at,
            what: Box::new(c.entry.what.clone()),
        };
        let order = c.entry.order.clone();
        OrderEntry { node: self.id(), author: self.author(author), stated_at: now, order, what }
    }

    /// Says that this node has an order, if that is still to be said. It is said under the plan that the order stands under: `given`, or what
    /// is at hand; under another one it is left to a person.
    pub(super) fn order_acknowledge(
        &self,
        given: Option<&CheckedPlan>,
        file: OrderFile,
        from: &NodeId,
        author: Option<&str>,
    ) -> Result<OrderFile, NodeError> {
        let Some((issuer, text)) = issued(&file) else { return Ok(file) };
        if issuer != from || *issuer == self.id() {
            return Ok(file);
        }
        let wanted = text.plan.clone();
        let other = match given {
            Some(plan) if plan.digest() == wanted.digest => None,
            _ => self.source_of(&wanted)?.filter(|s| s.digest() == wanted.digest).and_then(|s| plan::check(&s).ok()),
        };
        let Some(plan) = other.as_ref().or(given).filter(|p| p.digest() == wanted.digest) else { return Ok(file) };
        let open = file.view(plan, file.now()).is_some_and(|v| v.state == OrderState::Open);
        if open { self.order_say(plan, file, OrderMove::Received {}, author) } else { Ok(file) }
    }

    /// Whether entries of a node fit what is known of the order, and whose node it is.
    fn fits(&self, file: &OrderFile, entries: &[Checked<OrderEntry>], from: &NodeId) -> Result<(), Say> {
        let of_enterprise = |c: &Checked<OrderEntry>| c.entry.what.is_of_enterprise();
        match (issued(file), entries.first().map(|c| &c.entry.what)) {
            // More of the authority.
            (Some((issuer, _)), _) if issuer == from => {
                if entries.iter().any(of_enterprise) {
                    Err(fault("not-an-authority"))
                } else {
                    Ok(())
                }
            }
            // Of the enterprise, to the authority.
            (Some((issuer, text)), _) if *issuer == self.id() => {
                if !entries.iter().all(of_enterprise) {
                    return Err(fault("not-theirs"));
                }
                self.speaks_for(from, &text.uscc)
            }
            (Some(_), _) => Err(fault("other-node")),
            // A new order.
            (None, Some(OrderMove::Issued(text))) => match self.part().ok().flatten() {
                Some(part) if part.uscc != text.uscc => Err(fault("other-enterprise").with("uscc", &text.uscc)),
                _ if entries.iter().any(of_enterprise) => Err(fault("not-an-authority")),
                _ => Ok(()),
            },
            (None, _) => Err(fault("no-issue")),
        }
    }

    /// A node that this one certified speaks for the enterprise that it was certified for, while it is.
    fn speaks_for(&self, node: &NodeId, uscc: &str) -> Result<(), Say> {
        let unread = |e: &dyn std::fmt::Display| fault("unread").with("why", attest::clean(&e.to_string()));
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

/// Who issued an order, and what it says.
pub(super) fn issued(file: &OrderFile) -> Option<(&NodeId, &OrderText)> {
    file.records.iter().find_map(|w| match w.record.value() {
        Record::Order(e) => match &e.what {
            OrderMove::Issued(text) => Some((&e.node, &**text)),
            OrderMove::Carried { from, what, .. } => match &**what {
                OrderMove::Issued(text) => Some((from, &**text)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
