//! Everything that this node says of others, and others of it, computed again: roots of mirrors from their leaves, kept envelopes
//! against leaves and keys, receipts against both.

use super::parallel::each_in_parallel;
use super::received::{Reader, open};
use crate::registry_up::registry_doubts;
use crate::{Node, NodeError};
use evidence::{Digest, NodeId, Receipt, Record, RecordKind, Say, merkle_root};
use proof::Checkpoint;
use std::collections::{BTreeSet, HashSet};
use stdx::Stop;
use store::{Mirror, StoreError};

/// Most problems of one child that are named; an audit of a destroyed mirror need not name every leaf.
const PROBLEMS_MAX: usize = 1000;

/// What was found of one child.
struct Found {
    problems: Vec<Say>,
    notes: Vec<Say>,
}

impl Node {
    /// Checks mirrors, receipts given and receipts got; adds what does not hold. `notes`: what is no fault and should be known. The own
    /// log has been verified: what it says of others is not verified a second time.
    pub(crate) fn audit_federation(
        &self,
        problems: &mut Vec<Say>,
        notes: &mut Vec<Say>,
        stop: &Stop,
    ) -> Result<(), NodeError> {
        self.audit_got(problems)?;
        let said = self.store().leaves(&[RecordKind::Receipt, RecordKind::Equivocation])?.len();
        let Some(mirror) = self.mirror_if_any()? else {
            if said > 0 {
                problems.push(Say::new("cli.say.audit_no_mirror").with("count", said));
            }
            return Ok(());
        };
        for line in mirror.check_pages()? {
            problems.push(Say::new("cli.say.audit_damage").with("what", "mirror.db").with("why", line));
        }
        // Whom the log speaks of and of whom something is held: each alone, so that all cores have work.
        let kinds = [RecordKind::Receipt, RecordKind::Equivocation];
        let mut children: BTreeSet<NodeId> = self.store().subjects_of(&kinds)?.into_iter().map(NodeId::new).collect();
        children.extend(mirror.children()?);
        let children: Vec<NodeId> = children.into_iter().collect();
        let checked = each_in_parallel(&children, |child| {
            let mut found = Found { problems: Vec::new(), notes: Vec::new() };
            self.audit_child(&mirror, child, &mut found, stop).map(|()| found)
        });
        for found in checked {
            // A damaged record must not hide what else was found.
            let found = match found {
                Err(_) if !problems.is_empty() => continue,
                found => found?,
            };
            problems.extend(found.problems);
            notes.extend(found.notes);
        }
        Ok(())
    }

    /// Everything about one child: receipt by receipt, so that one stretch of its log is in memory at a time.
    fn audit_child(&self, mirror: &Mirror, child: &NodeId, found: &mut Found, stop: &Stop) -> Result<(), NodeError> {
        let mut reader = Reader::new(self, mirror);
        let (mut size, mut brought) = (0, 0);
        let kinds = [RecordKind::Receipt, RecordKind::Equivocation];
        for leaf in self.store().leaves_about(child.as_str(), &kinds)? {
            if stop.requested() || found.problems.len() > PROBLEMS_MAX {
                return Ok(());
            }
            let held = match self.store().audited(leaf)? {
                Some(Record::Receipt(r)) => {
                    let from = std::mem::replace(&mut size, r.size);
                    self.audit_receipt(&mut reader, &r, from, found).map(|under| brought += under)
                }
                Some(Record::Equivocation(e)) => reader.child(&e.child).and_then(|c| Self::check_caught(&e, &c.chain)),
                _ => Ok(()),
            };
            if let Err(e) = held {
                let what = Say::new("cli.say.audit_receipt").with("leaf", leaf);
                let named: String = child.as_str().chars().take(16).collect();
                found.problems.push(what.with("child", named).with("why", words(&e)));
            }
        }
        Self::audit_mirror(mirror, child, size, found);
        if found.problems.is_empty() && mirror.read(|m| m.brought_count(child))? != brought {
            let why = "it brought records of others under none of its receipts";
            found.problems.push(Say::new("cli.say.audit_mirror").with("child", child).with("why", why));
        }
        Ok(())
    }

    /// One receipt against what is held; answers how many records of others came under it.
    fn audit_receipt(
        &self,
        reader: &mut Reader<'_>,
        r: &Receipt,
        from: u64,
        found: &mut Found,
    ) -> Result<u64, NodeError> {
        let wrong = |why: &str| Err(NodeError::Refused(why.to_owned()));
        if r.from != from || r.size < r.from {
            return wrong("it does not begin where the one before ends");
        }
        if reader.mirror.read(|m| m.root(&r.child, r.size))? != r.root {
            return wrong("the leaves that are held have another root");
        }
        let child = reader.child(&r.child)?;
        let checkpoint = Checkpoint::verify(&r.checkpoint, &child.chain.log_keys());
        let checkpoint = checkpoint.map_err(|e| NodeError::Refused(e.to_string()))?;
        if (checkpoint.size(), checkpoint.root()) != (r.size, r.root) {
            return wrong("the checkpoint in it is of another size or root");
        }
        let kept = reader.mirror.read(|m| m.shipped_between(&r.child, r.from, r.size))?;
        if kept.len() != r.records.len() {
            return wrong("it names other records than are kept");
        }
        let mut under = 0;
        // The leaves of its stretch once: one at a time, each would read a whole tile.
        let leaves = reader.mirror.read(|m| m.leaves(&r.child, r.from, r.size))?;
        for (named, kept) in r.records.iter().zip(kept) {
            let what = format!("record {} of {}", kept.index, kept.child);
            let leaf = kept.index.checked_sub(r.from).and_then(|n| leaves.get(usize::try_from(n).ok()?));
            if (named.index, named.leaf) != (kept.index, kept.leaf) || leaf != Some(&kept.leaf) {
                return wrong("a record that it names does not stand where it says");
            }
            let record = open(&what, &kept.envelope, kept.leaf, &child.chain)?;
            let again = match record.value() {
                Record::ProgrammeReport(report) => Some(judge::report_doubts(report, r.at)),
                Record::Registry(g) => {
                    let packed = match reader.mirror.read(|m| m.artifact(g.packed)) {
                        Ok(bytes) => Some(bytes),
                        Err(StoreError::NotFound(_)) => None,
                        Err(e) => return Err(e.into()),
                    };
                    Some(registry_doubts(&child.part, g, packed.as_deref()))
                }
                Record::Receipt(receipt) => {
                    under += Self::audit_brought(reader, &r.child, kept.index, receipt, found)?;
                    None
                }
                _ => None,
            };
            if again.is_some_and(|doubts| doubts != named.doubts) {
                found.notes.push(Say::new("cli.say.audit_doubts").with("leaf", named.leaf).with("child", &r.child));
            }
        }
        Ok(under)
    }

    /// What came under a child's receipt: signed by whom somebody below certified, and named by it or by a receipt under it.
    fn audit_brought(
        reader: &mut Reader<'_>,
        child: &NodeId,
        under: u64,
        receipt: &Receipt,
        found: &mut Found,
    ) -> Result<u64, NodeError> {
        let mut named: HashSet<(NodeId, Digest)> = HashSet::new();
        let mut name = |r: &Receipt| named.extend(r.records.iter().map(|n| (r.child.clone(), n.leaf)));
        name(receipt);
        let brought = reader.mirror.read(|m| m.brought_under(child, under))?;
        let mut opened = Vec::with_capacity(brought.len());
        for b in &brought {
            let record = reader.below(child, &b.node, 0).and_then(|by| open("record", &b.envelope, b.leaf, &by.chain));
            if let Ok(Record::Receipt(r)) = record.as_ref().map(proof::Verified::value) {
                name(r);
            }
            opened.push(record.map(|_| ()));
        }
        for (b, record) in brought.iter().zip(opened) {
            let unnamed = || NodeError::Refused("no receipt names it".to_owned());
            let held =
                record.and_then(|()| named.contains(&(b.node.clone(), b.leaf)).then_some(()).ok_or_else(unnamed));
            if let Err(e) = held {
                let say = Say::new("cli.say.audit_brought").with("leaf", b.leaf).with("child", child);
                found.problems.push(say.with("why", words(&e)));
            }
        }
        Ok(brought.len() as u64)
    }

    /// The tiles of a mirror.
    fn audit_mirror(mirror: &Mirror, child: &NodeId, receipted: u64, found: &mut Found) {
        let checked = mirror.read(|m| {
            let held = m.held(child)?;
            let leaves = m.leaves(child, 0, held.size)?;
            Ok((merkle_root(&leaves) == m.root(child, held.size)?, held))
        });
        let problem = match checked {
            Ok((false, _)) => Some("the tiles above the leaves are not their roots".to_owned()),
            Ok((true, held)) if held.accepted < receipted => {
                Some(format!("holds {} leaves, fewer than its receipts are over", held.accepted))
            }
            Ok(_) => None,
            Err(e) => Some(e.to_string()),
        };
        let what = |why| Say::new("cli.say.audit_mirror").with("child", child).with("why", why);
        found.problems.extend(problem.map(what));
    }

    /// Receipts that parents gave: in their logs, signed by them, over roots that the own log has.
    fn audit_got(&self, problems: &mut Vec<Say>) -> Result<(), NodeError> {
        let Some(outbox) = self.outbox_if_any()? else { return Ok(()) };
        for parent in self.parents()? {
            let chain = parent.chain()?;
            for kept in outbox.receipts(&parent.node)? {
                let why = (|| {
                    let logged = proof::verify_bundle(&kept.bundle, &chain.evidence_keys(), &chain.log_keys());
                    let logged = logged.map_err(|e| NodeError::Refused(e.to_string()))?;
                    let Record::Receipt(r) = logged.record.value() else {
                        return Err(NodeError::Refused("another record".to_owned()));
                    };
                    proof::verify_cosignature(&kept.checkpoint, &chain.log_keys())
                        .map_err(|e| NodeError::Refused(e.to_string()))?;
                    let root = self.store().root(r.size)?;
                    let own = r.child == self.id() && r.node == parent.node && r.size == kept.size && root == r.root;
                    if own { Ok(()) } else { Err(NodeError::Refused("over another history".to_owned())) }
                })();
                if let Err(e) = why {
                    let say = Say::new("cli.say.audit_got").with("leaf", kept.leaf).with("size", kept.size);
                    problems.push(say.with("name", attest::clean(&parent.part.name)).with("why", words(&e)));
                }
            }
        }
        Ok(())
    }
}

fn words(e: &NodeError) -> String {
    match e {
        NodeError::Refused(why) => why.clone(),
        NodeError::Store(e) => e.to_string(),
        other => other.to_string(),
    }
}
