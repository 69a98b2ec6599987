//! Recomputing everything: every leaf, node, root, signature and item, so that damage is found before it is needed.

use crate::log::to_sql;
use crate::read::{RAW, Raw};
use crate::tree::{Growth, Tree};
use crate::{Keys, Store, StoreError, schema, spool};
use evidence::{Digest, leaf_hash};
use proof::Checkpoint;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use stdx::{Progress, Step, Stop};

/// Most places of damage that are named; beyond them they are counted.
const DAMAGE_MAX: usize = 1000;
/// Most rows, and bytes of envelopes and items, that one worker verifies at a time; a record larger than that goes alone.
const BATCH_ROWS_MAX: usize = 256;
const BATCH_BYTES_MAX: usize = 2 << 20;
/// Batches that wait for each worker.
const BATCHES_WAITING: usize = 2;

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
    /// Verifies the whole log, as it is at one moment: what others append meanwhile is not looked at. Damage is named,
    /// not returned as an error, as far as the database can be read at all.
    pub fn verify_all(&self, progress: &dyn Progress, stop: &Stop) -> Result<Audit, StoreError> {
        let mut audit = Audit::default();
        let guard = self.db();
        // Only read in, and rolled back when it is dropped.
        let db = guard.unchecked_transaction().map_err(|e| StoreError::sql(&self.db_path, &e))?;
        // The first read fixes the moment; the keys are read after it, because a key signs only when it is kept.
        let size = Tree { db: &db, path: &self.db_path }.size()?;
        let keys = self.keys();
        let keys = match keys.stale() {
            true => Arc::new(Keys::load(&self.home.join("keys"), None, false)?),
            false => keys,
        };
        progress.begin(Step::Leaves, Some(size));
        let (roots, pages) = std::thread::scope(|scope| {
            // What the engine says of its pages takes one core as long as the signatures take: beside them, on a connection of its own.
            let beside = scope.spawn(|| schema::open_read_only(&self.db_path).ok().map(|beside| pages_of(&beside)));
            let roots = self.audit_leaves(&db, &keys, &mut audit, progress, stop);
            (roots, beside.join().ok().flatten())
        });
        progress.end();
        match roots {
            // The database cannot be read on: what lies behind is damaged as a whole.
            Err(e) => audit.add("log", e),
            Ok(roots) => {
                if let Err(e) = self.audit_rest(&db, &keys, &mut audit, &roots, size) {
                    audit.add("log", e);
                }
            }
        }
        for line in pages.unwrap_or_else(|| pages_of(&db)) {
            audit.add("database", line);
        }
        match spool::list_aside(&self.home.join("spool")) {
            Ok(names) => {
                for name in names {
                    audit.add(format!("spool/{name}"), "a batch that could not be read was put aside");
                }
            }
            Err(e) => audit.add("spool", e),
        }
        audit.complete = !stop.requested();
        Ok(audit)
    }

    /// Walks the leaves in order: this thread reads and rebuilds the tree, as many as there are cores verify what it has read.
    /// Answers the recomputed root of every size for which a checkpoint was signed.
    fn audit_leaves(
        &self,
        db: &Connection,
        keys: &Keys,
        audit: &mut Audit,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<BTreeMap<u64, Digest>, StoreError> {
        let fail = |e: rusqlite::Error| StoreError::sql(&self.db_path, &e);
        let keys = keys.evidence_keys();
        let mut sizes = db.prepare("SELECT size FROM checkpoints").map_err(fail)?;
        let sizes = sizes.query_map([], |r| r.get::<_, i64>(0)).map_err(fail)?;
        let mut wanted = BTreeMap::new();
        for size in sizes {
            wanted.insert(u64::try_from(size.map_err(fail)?).unwrap_or(0), Digest::of(b""));
        }
        let mut walk = Walk { db, path: &self.db_path, audit, progress, growth: Growth::new(Vec::new(), 0), wanted };
        let mut query = db.prepare(&format!("{RAW} ORDER BY l.idx")).map_err(fail)?;
        let mut rows = query.query([]).map_err(fail)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let looked_at = |batch: Vec<Row>| batch.into_iter().map(|row| look_at(row, &keys)).collect::<Vec<_>>();
        std::thread::scope(|scope| -> Result<(), StoreError> {
            // Each worker has its own two channels and takes every n-th batch: so batches come back in their order.
            let workers: Vec<_> = (0..threads)
                .map(|_| {
                    let (batches, taken) = sync_channel::<Vec<Row>>(BATCHES_WAITING);
                    let (done, looked) = sync_channel::<Vec<Looked>>(BATCHES_WAITING + 1);
                    let looked_at = &looked_at;
                    scope.spawn(move || {
                        // The walk ends first when it failed: then nobody asks for what is left.
                        for batch in taken {
                            if done.send(looked_at(batch)).is_err() {
                                break;
                            }
                        }
                    });
                    (batches, looked)
                })
                .collect();
            let lost = || StoreError::Database("a worker of the audit ended early".to_owned());
            let (mut sent, mut received, mut next) = (0_usize, 0_usize, 0_u64);
            loop {
                let batch =
                    if stop.requested() { Vec::new() } else { read_batch(&mut rows, &mut next).map_err(fail)? };
                let ended = batch.is_empty();
                if !ended {
                    workers[sent % threads].0.send(batch).map_err(|_| lost())?;
                    sent += 1;
                }
                while received < sent && (ended || sent - received > threads * BATCHES_WAITING) {
                    let looked = workers[received % threads].1.recv().map_err(|_| lost())?;
                    received += 1;
                    looked.into_iter().try_for_each(|l| walk.take(l))?;
                }
                if ended {
                    return Ok(());
                }
            }
        })?;
        Ok(walk.wanted)
    }

    /// Every record is named once (`Walk::subject`); a row more would put a record into a view where it does not belong.
    fn audit_index(&self, db: &Connection, audit: &mut Audit) -> Result<(), StoreError> {
        let kinds = Raw::about_kinds().map(|k| format!("'{}'", k.predicate_type())).join(", ");
        let extra: i64 = db
            .query_row(
                &format!(
                    "SELECT (SELECT count(*) FROM subjects) - (SELECT count(*) FROM leaves WHERE kind IN ({kinds}))"
                ),
                [],
                |r| r.get(0),
            )
            .map_err(|e| StoreError::sql(&self.db_path, &e))?;
        if extra > 0 {
            audit.add("index of subjects", format!("names {extra} records that are about nothing of the kind"));
        }
        Ok(())
    }

    fn audit_rest(
        &self,
        db: &Connection,
        keys: &Keys,
        audit: &mut Audit,
        roots: &BTreeMap<u64, Digest>,
        size: u64,
    ) -> Result<(), StoreError> {
        let fail = |e: rusqlite::Error| StoreError::sql(&self.db_path, &e);
        self.audit_index(db, audit)?;
        let keys = keys.log_keys();
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
}

/// A row as it was read, with the index where it should stand.
struct Row {
    expected: u64,
    raw: rusqlite::Result<Raw>,
}

/// What was found out about a row, without the row.
struct Looked {
    expected: u64,
    bytes: u64,
    items: u64,
    hash: Digest,
    index: u64,
    subject: Option<String>,
    damage: Vec<Damage>,
}

/// The next rows, up to a number of rows or bytes.
fn read_batch(rows: &mut rusqlite::Rows<'_>, next: &mut u64) -> rusqlite::Result<Vec<Row>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH_ROWS_MAX && bytes < BATCH_BYTES_MAX {
        let Some(row) = rows.next()? else { break };
        let raw = Raw::from_row(row);
        bytes += raw.as_ref().map_or(0, |r| r.envelope.len() + r.items.as_ref().map_or(0, Vec::len));
        batch.push(Row { expected: *next, raw });
        *next += 1;
    }
    Ok(batch)
}

/// Everything about a leaf that needs nothing but itself.
fn look_at(row: Row, keys: &[proof::PublicKey]) -> Looked {
    let expected = row.expected;
    let mut looked =
        Looked { expected, bytes: 0, items: 0, hash: Digest::of(b""), index: expected, subject: None, damage: vec![] };
    let mut damaged = |what: u64, why: String| looked.damage.push(Damage { what: format!("record {what}"), why });
    let raw = match row.raw {
        Ok(raw) => raw,
        Err(e) => {
            damaged(expected, e.to_string());
            return looked;
        }
    };
    if raw.index != expected {
        damaged(raw.index, format!("stands where {expected} belongs: a record is missing"));
    }
    if leaf_hash(&raw.body) != raw.hash {
        damaged(raw.index, "its body does not have its leaf hash".to_owned());
    }
    match raw.verify(keys) {
        Err(e) => {
            damaged(raw.index, if let StoreError::Damaged { why, .. } = e { why } else { e.to_string() });
            looked.subject = raw.about();
        }
        Ok(witness) => {
            let record = witness.record.value();
            looked.subject = record.about().filter(|_| raw.is_about()).map(str::to_owned);
            if crate::log::kind_name(record) != raw.kind {
                damaged(raw.index, "is listed under another kind".to_owned());
            }
            if matches!(record, evidence::Record::Examination(_)) && witness.items.is_none() {
                damaged(raw.index, "its items are missing".to_owned());
            }
            looked.items = witness.items.map_or(0, |i| i.items().len() as u64);
        }
    }
    looked.bytes = raw.envelope.len() as u64 + raw.items.as_ref().map_or(0, Vec::len) as u64;
    (looked.hash, looked.index) = (raw.hash, raw.index);
    looked
}

/// The walk over the leaves, at the place that it has reached.
struct Walk<'a> {
    db: &'a Connection,
    path: &'a Path,
    audit: &'a mut Audit,
    progress: &'a dyn Progress,
    growth: Growth,
    wanted: BTreeMap<u64, Digest>,
}
impl Walk<'_> {
    fn take(&mut self, looked: Looked) -> Result<(), StoreError> {
        debug_assert_eq!(looked.expected, self.growth.size);
        self.audit.leaves += 1;
        self.audit.items += looked.items;
        self.progress.advance(1, looked.bytes);
        for d in looked.damage {
            self.audit.add(d.what, d.why);
        }
        if let Some(subject) = looked.subject {
            self.subject(&subject, looked.index)?;
        }
        let (db, path, audit) = (self.db, self.path, &mut *self.audit);
        self.growth.push(looked.hash, |level, pos, hash| {
            let kept = Tree { db, path }.range(pos << level, (pos + 1) << level);
            match kept {
                Ok(kept) if kept == hash => {}
                Ok(_) => audit.add(format!("node {level}/{pos}"), "is not the hash of what is below it"),
                Err(e) => audit.add(format!("node {level}/{pos}"), e),
            }
            Ok::<(), StoreError>(())
        })?;
        if let Some(root) = self.wanted.get_mut(&self.growth.size) {
            *root = self.growth.root();
        }
        Ok(())
    }

    /// An entry that the index does not name would be missing in views of its incident.
    fn subject(&mut self, subject: &str, index: u64) -> Result<(), StoreError> {
        let named = self
            .db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM subjects WHERE subject = ?1 AND idx = ?2)")
            .and_then(|mut q| q.query_row((subject, to_sql(index)), |r| r.get::<_, bool>(0)))
            .map_err(|e| StoreError::sql(self.path, &e))?;
        if !named {
            self.audit.add(format!("record {index}"), "the index of subjects does not name it");
        }
        Ok(())
    }
}

/// What the database engine itself says about its pages; nothing: they are well.
fn pages_of(db: &Connection) -> Vec<String> {
    let lines = db
        .prepare("PRAGMA integrity_check(100)")
        .and_then(|mut q| q.query_map([], |r| r.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<String>>>());
    match lines {
        Err(e) => vec![e.to_string()],
        Ok(lines) => lines.into_iter().filter(|l| l != "ok").collect(),
    }
}
