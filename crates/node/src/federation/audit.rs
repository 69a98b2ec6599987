//! Everything that this node says of others, and others of it, computed again: roots of mirrors from their leaves, kept envelopes
//! against leaves and keys, receipts against both.

use super::received::{Reader, open};
use crate::registry_up::registry_doubts;
use crate::{Node, NodeError};
use evidence::{NodeId, Receipt, Record, RecordKind, Say, merkle_root};
use proof::Checkpoint;
use std::collections::HashMap;
use stdx::Stop;
use store::{Cursor, Mirror, StoreError};

/// Most problems that are named; an audit of a destroyed mirror need not name every leaf.
const PROBLEMS_MAX: usize = 1000;

impl Node {
    /// Checks mirrors, receipts given and receipts got; adds what does not hold. `notes`: what is no fault and should be known.
    pub(crate) fn audit_federation(
        &self,
        problems: &mut Vec<Say>,
        notes: &mut Vec<Say>,
        stop: &Stop,
    ) -> Result<(), NodeError> {
        self.audit_got(problems)?;
        let said = match self.store().records(&[RecordKind::Receipt, RecordKind::Equivocation]) {
            Ok(said) => said,
            Err(_) if !problems.is_empty() => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        let Some(mirror) = self.mirror_if_any()? else {
            if !said.is_empty() {
                problems.push(Say::new("cli.say.audit_no_mirror").with("count", said.len()));
            }
            return Ok(());
        };
        for line in mirror.check_pages()? {
            problems.push(Say::new("cli.say.audit_damage").with("what", "mirror.db").with("why", line));
        }
        let mut reader = Reader::new(self, &mirror);
        let mut sizes: HashMap<NodeId, u64> = HashMap::new();
        for w in &said {
            if stop.requested() || problems.len() > PROBLEMS_MAX {
                return Ok(());
            }
            let what = Say::new("cli.say.audit_receipt").with("leaf", w.record.leaf());
            let held = match w.record.value() {
                Record::Receipt(r) => {
                    let from = sizes.insert(r.child.clone(), r.size).unwrap_or(0);
                    self.audit_receipt(&mut reader, r, from, notes)
                }
                Record::Equivocation(e) => reader.child(&e.child).and_then(|c| Self::check_caught(e, &c.chain)),
                _ => Ok(()),
            };
            if let Err(e) = held {
                problems.push(what.with("child", about(w.record.value())).with("why", words(&e)));
            }
        }
        self.audit_mirrors(&mut reader, &sizes, problems, stop)
    }

    fn audit_receipt(
        &self,
        reader: &mut Reader<'_>,
        r: &Receipt,
        from: u64,
        notes: &mut Vec<Say>,
    ) -> Result<(), NodeError> {
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
        for (named, kept) in r.records.iter().zip(kept) {
            let what = format!("record {} of {}", kept.index, kept.child);
            let leaf = reader.mirror.read(|m| m.leaves(&r.child, kept.index, kept.index + 1))?;
            if (named.index, named.leaf) != (kept.index, kept.leaf) || leaf.first() != Some(&kept.leaf) {
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
                _ => None,
            };
            if again.is_some_and(|doubts| doubts != named.doubts) {
                notes.push(Say::new("cli.say.audit_doubts").with("leaf", named.leaf).with("child", &r.child));
            }
        }
        Ok(())
    }

    /// The tiles of every mirror, and what children brought of others.
    fn audit_mirrors(
        &self,
        reader: &mut Reader<'_>,
        sizes: &HashMap<NodeId, u64>,
        problems: &mut Vec<Say>,
        stop: &Stop,
    ) -> Result<(), NodeError> {
        let mirror: &Mirror = reader.mirror;
        for child in mirror.children()? {
            if stop.requested() || problems.len() > PROBLEMS_MAX {
                return Ok(());
            }
            let checked = mirror.read(|m| {
                let held = m.held(&child)?;
                let leaves = m.leaves(&child, 0, held.size)?;
                Ok((merkle_root(&leaves) == m.root(&child, held.size)?, held))
            });
            let problem = match checked {
                Ok((false, _)) => Some("the tiles above the leaves are not their roots".to_owned()),
                Ok((true, held)) if held.accepted < sizes.get(&child).copied().unwrap_or(0) => {
                    Some(format!("holds {} leaves, fewer than its receipts are over", held.accepted))
                }
                Ok(_) => None,
                Err(e) => Some(e.to_string()),
            };
            let what = |why| Say::new("cli.say.audit_mirror").with("child", &child).with("why", why);
            problems.extend(problem.map(what));
        }
        for kind in RecordKind::ALL {
            let mut after = Cursor::default();
            loop {
                let page = mirror.read(|m| m.brought_page(*kind, &mut after))?;
                if page.is_empty() || stop.requested() || problems.len() > PROBLEMS_MAX {
                    break;
                }
                for b in page {
                    let why = (|| {
                        let named = reader.named(&b.child, b.under)?.contains_key(&(b.node.clone(), b.leaf));
                        let by = reader.below(&b.child, &b.node, 0)?;
                        open("record", &b.envelope, b.leaf, &by.chain)?;
                        if named { Ok(()) } else { Err(NodeError::Refused("no receipt names it".to_owned())) }
                    })();
                    if let Err(e) = why {
                        let say = Say::new("cli.say.audit_brought").with("leaf", b.leaf).with("child", &b.child);
                        problems.push(say.with("why", words(&e)));
                    }
                }
            }
        }
        Ok(())
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

fn about(record: &Record) -> String {
    record.about().map(|a| a.chars().take(16).collect()).unwrap_or_default()
}

fn words(e: &NodeError) -> String {
    match e {
        NodeError::Refused(why) => why.clone(),
        NodeError::Store(e) => e.to_string(),
        other => other.to_string(),
    }
}
