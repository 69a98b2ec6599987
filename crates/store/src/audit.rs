//! Recomputing everything: every leaf, node, root, signature and item, so that damage is found before it is needed.

use crate::read::{RAW, Raw};
use crate::tree::{Growth, Tree};
use crate::{Store, StoreError};
use evidence::{Digest, leaf_hash};
use proof::Checkpoint;
use std::collections::BTreeMap;
use stdx::{Progress, Step, Stop};

/// Most places of damage that are named; beyond them they are counted.
const DAMAGE_MAX: usize = 1000;

/// One place that is not as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// What is damaged.
    pub what: String,
    /// How it shows.
    pub why: String,
}

/// What an audit of the log found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Audit {
    /// Leaves looked at.
    pub leaves: u64,
    /// Items looked at.
    pub items: u64,
    /// Checkpoints looked at.
    pub checkpoints: u64,
    /// Artifacts looked at.
    pub artifacts: u64,
    /// Everything damaged, in the order of the log; the first thousand places.
    pub damage: Vec<Damage>,
    /// How many more places there are.
    pub damage_more: u64,
    /// True if the audit came to its end.
    pub complete: bool,
}
impl Audit {
    /// True if everything was looked at and nothing is damaged.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.complete && self.damage.is_empty()
    }
    fn add(&mut self, what: impl Into<String>, why: impl std::fmt::Display) {
        if self.damage.len() < DAMAGE_MAX {
            self.damage.push(Damage { what: what.into(), why: why.to_string() });
        } else {
            self.damage_more += 1;
        }
    }
}

impl Store {
    /// Verifies the whole log. Damage is named, not returned as an error, as far as the database can be read at all.
    pub fn verify_all(&self, progress: &dyn Progress, stop: &Stop) -> Result<Audit, StoreError> {
        let mut audit = Audit::default();
        let size = self.size()?;
        progress.begin(Step::Leaves, Some(size));
        let roots = self.audit_leaves(&mut audit, progress, stop);
        progress.end();
        match roots {
            // The database cannot be read on: what lies behind is damaged as a whole.
            Err(e) => audit.add("log", e),
            Ok(roots) => {
                if let Err(e) = self.audit_rest(&mut audit, &roots, size) {
                    audit.add("log", e);
                }
            }
        }
        self.audit_pages(&mut audit);
        audit.complete = !stop.requested();
        Ok(audit)
    }

    /// Walks the leaves in order. Answers the recomputed root of every size for which a checkpoint was signed.
    fn audit_leaves(
        &self,
        audit: &mut Audit,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<BTreeMap<u64, Digest>, StoreError> {
        let fail = |e: rusqlite::Error| StoreError::sql(&self.db_path, &e);
        let keys = self.keys().evidence_keys();
        let db = self.db();
        let mut sizes = db.prepare("SELECT size FROM checkpoints").map_err(fail)?;
        let sizes = sizes.query_map([], |r| r.get::<_, i64>(0)).map_err(fail)?;
        let mut wanted = BTreeMap::new();
        for size in sizes {
            wanted.insert(u64::try_from(size.map_err(fail)?).unwrap_or(0), Digest::of(b""));
        }
        let mut growth = Growth::new(Vec::new(), 0);
        let mut query = db.prepare(&format!("{RAW} ORDER BY l.idx")).map_err(fail)?;
        let mut rows = query.query([]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            if stop.requested() {
                break;
            }
            audit.leaves += 1;
            let raw = match Raw::from_row(row) {
                Ok(raw) => raw,
                Err(e) => {
                    audit.add(format!("record {}", growth.size), e);
                    growth.push(Digest::of(b""), |_, _, _| Ok::<(), StoreError>(()))?;
                    continue;
                }
            };
            progress.advance(1, raw.envelope.len() as u64 + raw.items.as_ref().map_or(0, Vec::len) as u64);
            self.audit_leaf(audit, &raw, &keys, growth.size);
            growth.push(raw.hash, |level, pos, hash| {
                let kept = Tree { db: &db, path: &self.db_path }.range(pos << level, (pos + 1) << level);
                match kept {
                    Ok(kept) if kept == hash => {}
                    Ok(_) => audit.add(format!("node {level}/{pos}"), "is not the hash of what is below it"),
                    Err(e) => audit.add(format!("node {level}/{pos}"), e),
                }
                Ok::<(), StoreError>(())
            })?;
            if let Some(root) = wanted.get_mut(&growth.size) {
                *root = growth.root();
            }
        }
        Ok(wanted)
    }

    fn audit_leaf(&self, audit: &mut Audit, raw: &Raw, keys: &[proof::PublicKey], expected: u64) {
        let what = format!("record {}", raw.index);
        if raw.index != expected {
            audit.add(&what, format!("stands where {expected} belongs: a record is missing"));
        }
        if leaf_hash(&raw.body) != raw.hash {
            audit.add(&what, "its body does not have its leaf hash");
        }
        match raw.verify(keys) {
            Err(StoreError::Damaged { why, .. }) => audit.add(&what, why),
            Err(e) => audit.add(&what, e),
            Ok(witness) => {
                if crate::log::kind_name(witness.record.value()) != raw.kind {
                    audit.add(&what, "is listed under another kind");
                }
                if matches!(witness.record.value(), evidence::Record::Examination(_)) && witness.items.is_none() {
                    audit.add(&what, "its items are missing");
                }
                audit.items += witness.items.map_or(0, |i| i.items().len() as u64);
            }
        }
    }

    fn audit_rest(&self, audit: &mut Audit, roots: &BTreeMap<u64, Digest>, size: u64) -> Result<(), StoreError> {
        let fail = |e: rusqlite::Error| StoreError::sql(&self.db_path, &e);
        let keys = self.keys().log_keys();
        let db = self.db();
        let mut query = db.prepare("SELECT size, root, note FROM checkpoints ORDER BY size").map_err(fail)?;
        let mut rows = query.query([]).map_err(fail)?;
        let mut newest = 0;
        while let Some(row) = rows.next().map_err(fail)? {
            let at: i64 = row.get(0).map_err(fail)?;
            let at = u64::try_from(at).unwrap_or(0);
            let root = Digest(row.get(1).map_err(fail)?);
            let note: String = row.get(2).map_err(fail)?;
            audit.checkpoints += 1;
            newest = at;
            let what = format!("checkpoint {at}");
            match Checkpoint::verify(&note, &keys) {
                Err(e) => audit.add(what, e),
                Ok(c) if c.size() != at || c.root() != root => audit.add(what, "says another size or root"),
                Ok(c) if audit.leaves == size && roots.get(&at) != Some(&c.root()) => {
                    audit.add(what, "signs a root that the leaves do not have");
                }
                Ok(_) => {}
            }
        }
        if newest != size {
            audit.add("checkpoint", format!("the newest is over {newest} records, the log has {size}"));
        }
        let mut query = db.prepare("SELECT digest, bytes FROM artifacts").map_err(fail)?;
        let mut rows = query.query([]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let digest = Digest(row.get(0).map_err(fail)?);
            let bytes: Vec<u8> = row.get(1).map_err(fail)?;
            audit.artifacts += 1;
            if Digest::of(&bytes) != digest {
                audit.add(format!("artifact {digest}"), "its bytes have another digest");
            }
        }
        Ok(())
    }

    /// What the database engine itself says about its pages.
    fn audit_pages(&self, audit: &mut Audit) {
        let db = self.db();
        let lines = db
            .prepare("PRAGMA integrity_check(100)")
            .and_then(|mut q| q.query_map([], |r| r.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<String>>>());
        match lines {
            Err(e) => audit.add("database", e),
            Ok(lines) => {
                for line in lines.into_iter().filter(|l| l != "ok") {
                    audit.add("database", line);
                }
            }
        }
    }
}
