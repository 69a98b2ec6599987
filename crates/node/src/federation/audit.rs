//! Everything that this node says of others, and others of it, computed again: roots of mirrors from their leaves, kept envelopes
//! against leaves and keys, receipts against both.

use super::parallel::each_in_parallel;
use super::received::{Reader, open};
use crate::registry_up::registry_doubts;
use crate::{Node, NodeError};
use evidence::{Digest, NodeId, Receipt, Record, RecordKind, Say};
use proof::Checkpoint;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use stdx::Stop;
use store::{Brought, Mirror, Remade, Shipped, StoreError};

/// Most problems of one child that are named; an audit of a destroyed mirror need not name every leaf.
const PROBLEMS_MAX: usize = 1000;

/// What was found of one child.
struct Found {
    problems: Vec<Say>,
    notes: Vec<Say>,
}

/// What a mirror holds between the receipt before and this one, read at one moment.
struct Stretch {
    leaves: Vec<Digest>,
    kept: Vec<Shipped>,
    /// In the order of the receipts that it came under.
    brought: Vec<Brought>,
}
impl Stretch {
    fn read(mirror: &Mirror, tree: &mut Remade, r: &Receipt) -> Result<Self, StoreError> {
        mirror.read(|m| {
            Ok(Self {
                leaves: tree.grow(m, r.from, r.size)?,
                kept: m.shipped_between(&r.child, r.from, r.size)?,
                brought: m.brought_between(&r.child, r.from, r.size)?,
            })
        })
    }
    fn brought_under(&self, index: u64) -> &[Brought] {
        let (first, end) =
            (self.brought.partition_point(|b| b.under < index), self.brought.partition_point(|b| b.under <= index));
        self.brought.get(first..end).unwrap_or_default()
    }
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
        // Whom the log speaks of and of whom something is held: each alone, so that all cores have work.
        let kinds = [RecordKind::Receipt, RecordKind::Equivocation];
        let mut children: BTreeSet<NodeId> = self.store().subjects_of(&kinds)?.into_iter().map(NodeId::new).collect();
        children.extend(mirror.children()?);
        let mut children: Vec<NodeId> = children.into_iter().collect();
        // The longest first: begun last, one core would be left with it alone.
        let sizes: HashMap<NodeId, u64> =
            mirror.read(|m| children.iter().map(|c| Ok((c.clone(), m.held(c)?.size))).collect())?;
        children.sort_by_key(|c| Reverse(sizes.get(c).copied()));
        let first = Arc::clone(&mirror);
        // Before them what the engine says of its pages, which is one long work too: the first that finds a core begins with it.
        let work: Vec<Option<NodeId>> = std::iter::once(None).chain(children.into_iter().map(Some)).collect();
        // A connection each at work: the first is the one that is open already.
        let connections = Mutex::new(vec![mirror]);
        let open = || connections.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let checked = each_in_parallel(&work, |of| {
            let mirror = match open() {
                Some(mirror) => mirror,
                None => Arc::new(first.beside()?),
            };
            let mut found = Found { problems: Vec::new(), notes: Vec::new() };
            let done = match of {
                Some(child) => self.audit_child(&mirror, child, &mut found, stop),
                None => Self::audit_pages(&mirror, &mut found),
            };
            connections.lock().unwrap_or_else(PoisonError::into_inner).push(mirror);
            done.map(|()| found)
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

    /// What the engine says of the mirror's pages.
    fn audit_pages(mirror: &Mirror, found: &mut Found) -> Result<(), NodeError> {
        for line in mirror.check_pages()? {
            found.problems.push(Say::new("cli.say.audit_damage").with("what", "mirror.db").with("why", line));
        }
        Ok(())
    }

    /// Everything about one child: receipt by receipt, so that one stretch of its log is in memory at a time.
    fn audit_child(&self, mirror: &Mirror, child: &NodeId, found: &mut Found, stop: &Stop) -> Result<(), NodeError> {
        let mut reader = Reader::new(self, mirror);
        let mut tree = Remade::new(child);
        let (mut size, mut brought) = (0, 0);
        let kinds = [RecordKind::Receipt, RecordKind::Equivocation];
        for leaf in self.store().leaves_about(child.as_str(), &kinds)? {
            if stop.requested() || found.problems.len() > PROBLEMS_MAX {
                return Ok(());
            }
            let held = match self.store().audited(leaf)? {
                Some(Record::Receipt(r)) => {
                    let from = std::mem::replace(&mut size, r.size);
                    self.audit_receipt(&mut reader, &mut tree, &r, from, found).map(|under| brought += under)
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
        Self::audit_mirror(mirror, child, tree, size, found);
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
        tree: &mut Remade,
        r: &Receipt,
        from: u64,
        found: &mut Found,
    ) -> Result<u64, NodeError> {
        let wrong = |why: &str| Err(NodeError::Refused(why.to_owned()));
        if r.from != from || r.size < r.from {
            return wrong("it does not begin where the one before ends");
        }
        let stretch = Stretch::read(reader.mirror, tree, r)?;
        if tree.root() != r.root {
            // The next receipt is held against what the tiles say, so that one wrong leaf is not found in every one after it.
            reader.mirror.read(|m| tree.take_up(m, r.size))?;
            return wrong("the leaves that are held have another root");
        }
        let child = reader.child(&r.child)?;
        let checkpoint = Checkpoint::verify(&r.checkpoint, &child.chain.log_keys());
        let checkpoint = checkpoint.map_err(|e| NodeError::Refused(e.to_string()))?;
        if (checkpoint.size(), checkpoint.root()) != (r.size, r.root) {
            return wrong("the checkpoint in it is of another size or root");
        }
        if stretch.kept.len() != r.records.len() {
            return wrong("it names other records than are kept");
        }
        let mut under = 0;
        for (named, kept) in r.records.iter().zip(&stretch.kept) {
            let what = format!("record {} of {}", kept.index, kept.child);
            let leaf = kept.index.checked_sub(r.from).and_then(|n| stretch.leaves.get(usize::try_from(n).ok()?));
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
                    under += Self::audit_brought(reader, receipt, stretch.brought_under(kept.index), found);
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
    fn audit_brought(reader: &mut Reader<'_>, receipt: &Receipt, brought: &[Brought], found: &mut Found) -> u64 {
        let mut named: HashSet<(NodeId, Digest)> = HashSet::new();
        let mut name = |r: &Receipt| named.extend(r.records.iter().map(|n| (r.child.clone(), n.leaf)));
        name(receipt);
        let mut opened = Vec::with_capacity(brought.len());
        for b in brought {
            let by = reader.below(&b.child, &b.node, 0);
            let record = by.and_then(|by| open("record", &b.envelope, b.leaf, &by.chain));
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
                let say = Say::new("cli.say.audit_brought").with("leaf", b.leaf).with("child", &b.child);
                found.problems.push(say.with("why", words(&e)));
            }
        }
        brought.len() as u64
    }

    /// The tiles of a mirror.
    fn audit_mirror(mirror: &Mirror, child: &NodeId, tree: Remade, receipted: u64, found: &mut Found) {
        let checked = mirror.read(|m| {
            tree.finish(m)?;
            m.held(child)
        });
        let problem = match checked {
            Ok(held) if held.accepted < receipted => {
                Some(format!("holds {} leaves, fewer than its receipts are over", held.accepted))
            }
            Ok(_) => None,
            Err(StoreError::Damaged { why, .. }) => Some(why),
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
