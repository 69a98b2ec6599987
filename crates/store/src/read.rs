//! Reading: whatever comes out of the log was verified on the way, against the keys that the node has had.

use crate::log::{index_of, to_sql};
use crate::tree::Tree;
use crate::{Store, StoreError, schema};
use evidence::{Digest, Record, RecordKind};
use proof::{Checkpoint, Envelope, PublicKey, Verified, Witness};
use rusqlite::{OptionalExtension as _, Row};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// A row of the log, as it lies there.
pub(crate) struct Raw {
    pub(crate) index: u64,
    pub(crate) hash: Digest,
    pub(crate) kind: String,
    pub(crate) body: Vec<u8>,
    pub(crate) envelope: Vec<u8>,
    pub(crate) items: Option<Vec<u8>>,
}
pub(crate) const RAW: &str = "SELECT l.idx, l.hash, l.kind, l.body, l.envelope, i.lines \
                              FROM leaves l LEFT JOIN items i ON i.idx = l.idx";
/// The same without the items, which can be large.
const RAW_ALONE: &str = "SELECT l.idx, l.hash, l.kind, l.body, l.envelope, NULL FROM leaves l";
impl Raw {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            index: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX),
            hash: Digest(row.get(1)?),
            kind: row.get(2)?,
            body: row.get(3)?,
            envelope: row.get(4)?,
            items: row.get(5)?,
        })
    }
    fn damaged(&self, why: String) -> StoreError {
        StoreError::damaged(format!("record {}", self.index), why)
    }
    /// The envelope and its record, without the items.
    fn verify_record(&self, keys: &[PublicKey]) -> Result<(Envelope, Verified<Record>), StoreError> {
        let envelope = Envelope::from_json(&self.envelope).map_err(|e| self.damaged(e.to_string()))?;
        let record = proof::verify_envelope(&envelope, keys).map_err(|e| self.damaged(e.to_string()))?;
        if record.leaf() != self.hash {
            return Err(self.damaged("the envelope does not have the leaf hash that the log has".into()));
        }
        Ok((envelope, record))
    }
    /// Kinds of records that are about one thing each.
    pub(crate) fn about_kinds() -> [RecordKind; 9] {
        [
            RecordKind::Incident,
            RecordKind::IncidentJudgement,
            RecordKind::Warning,
            RecordKind::Notice,
            RecordKind::Member,
            RecordKind::Receipt,
            RecordKind::Equivocation,
            RecordKind::Order,
            RecordKind::Challenge,
        ]
    }
    /// What the record is about, as it says itself; `None` also if it does not read, which is found elsewhere.
    pub(crate) fn about(&self) -> Option<String> {
        // Examinations and judgements are large and are about no one thing.
        if !self.is_about() {
            return None;
        }
        let envelope = Envelope::from_json(&self.envelope).ok()?;
        let record = Record::from_statement(envelope.payload()).ok()?;
        record.about().map(str::to_owned)
    }
    /// True if records of its kind are about one thing each.
    pub(crate) fn is_about(&self) -> bool {
        Self::about_kinds().iter().any(|k| k.predicate_type() == self.kind)
    }
    pub(crate) fn verify(&self, keys: &[PublicKey]) -> Result<Witness, StoreError> {
        let (_, record) = self.verify_record(keys)?;
        let items = self.items.as_ref().map(|lines| proof::open_items(&record, lines));
        let items = items.transpose().map_err(|e| self.damaged(format!("items: {e}")))?;
        Ok(Witness { record, items })
    }
}

/// A proof that a leaf stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inclusion {
    /// Index of the leaf.
    pub index: u64,
    /// Audit path, nearest sibling first.
    pub path: Vec<Digest>,
    /// The checkpoint that it leads to.
    pub checkpoint: Checkpoint,
}

/// A record of the log with its envelope, to be sent on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Its index.
    pub index: u64,
    /// The envelope.
    pub envelope: Envelope,
    /// What it says.
    pub record: Verified<Record>,
}

impl Store {
    fn sql(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::sql(&self.db_path, error)
    }

    /// The records of the given kinds (all, if none is given) in the order of the log, verified, with their items. Of other
    /// kinds only the name is read: items of examinations are large.
    pub fn records(&self, kinds: &[RecordKind]) -> Result<Vec<Witness>, StoreError> {
        let keys = self.keys().evidence_keys();
        self.leaves(kinds)?.into_iter().map(|leaf| self.raw(leaf)?.verify(&keys)).collect()
    }

    /// The leaves of the records of the given kinds (all, if none is given) in the order of the log, as they are named there:
    /// nothing is read or verified but the names, so that a long log can be gone through record by record.
    pub fn leaves(&self, kinds: &[RecordKind]) -> Result<Vec<Digest>, StoreError> {
        let db = self.db();
        // Of some kinds through their index: a log of a million records holds few of most kinds.
        let which = if kinds.is_empty() { String::new() } else { format!(" WHERE kind IN ({})", named(kinds)) };
        let sql = format!("SELECT hash FROM leaves{which} ORDER BY idx");
        let mut query = db.prepare(&sql).map_err(|e| self.sql(&e))?;
        let rows = query.query_map([], |r| r.get(0)).map_err(|e| self.sql(&e))?;
        let hashes: Result<Vec<[u8; 32]>, _> = rows.collect();
        Ok(hashes.map_err(|e| self.sql(&e))?.into_iter().map(Digest).collect())
    }

    /// The records of some kinds about one incident, warning or the like, in the order of the log, verified.
    pub fn records_about(&self, subject: &str, kinds: &[RecordKind]) -> Result<Vec<Witness>, StoreError> {
        let keys = self.keys().evidence_keys();
        let leaves = self.leaves_about(subject, kinds)?;
        leaves.into_iter().map(|leaf| self.raw(leaf)?.verify(&keys)).collect()
    }

    /// The newest record of a kind about one incident, warning or the like, verified.
    pub fn newest_about(&self, subject: &str, kind: RecordKind) -> Result<Option<Witness>, StoreError> {
        let which = "s.subject = ?1 AND l.kind = ?2";
        let newest =
            self.subjects::<[u8; 32]>("l.hash", which, &[subject, kind.predicate_type()], "DESC LIMIT 1")?.pop();
        newest.map(Digest).map(|leaf| self.raw(leaf)?.verify(&self.keys().evidence_keys())).transpose()
    }

    /// The leaves of the records of some kinds about one incident, warning or the like, in the order of the log; only names are read.
    pub fn leaves_about(&self, subject: &str, kinds: &[RecordKind]) -> Result<Vec<Digest>, StoreError> {
        let which = format!("s.subject = ?1 AND l.kind IN ({})", named(kinds));
        Ok(self.subjects::<[u8; 32]>("l.hash", &which, &[subject], "")?.into_iter().map(Digest).collect())
    }

    /// What records are about, of everything that begins so; sorted, each once.
    pub fn subjects_from(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let which = "substr(s.subject, 1, length(?1)) = ?1 GROUP BY s.subject";
        let mut all: Vec<String> = self.subjects("s.subject", which, &[prefix], "")?;
        all.sort();
        Ok(all)
    }

    /// What records of some kinds are about; sorted, each once.
    pub fn subjects_of(&self, kinds: &[RecordKind]) -> Result<Vec<String>, StoreError> {
        let mut all: Vec<String> = self.subjects("s.subject", &format!("l.kind IN ({})", named(kinds)), &[], "")?;
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    fn subjects<T: rusqlite::types::FromSql>(
        &self,
        column: &str,
        which: &str,
        values: &[&str],
        order: &str,
    ) -> Result<Vec<T>, StoreError> {
        let db = self.db();
        if schema::version(&db).map_err(|e| self.sql(&e))? < schema::SUBJECTS_SINCE {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {column} FROM subjects s JOIN leaves l ON l.idx = s.idx WHERE {which} ORDER BY s.idx {order}"
        );
        let mut query = db.prepare_cached(&sql).map_err(|e| self.sql(&e))?;
        let rows = query.query_map(rusqlite::params_from_iter(values), |r| r.get(0)).map_err(|e| self.sql(&e))?;
        rows.collect::<Result<Vec<T>, _>>().map_err(|e| self.sql(&e))
    }

    /// The records of the given kinds from an index on, in the order of the log, verified; with the index to go on from.
    pub fn records_from(&self, kinds: &[RecordKind], index: u64) -> Result<(Vec<Witness>, u64), StoreError> {
        let mut rows = Vec::new();
        let size = {
            let db = self.db();
            let mut query = db
                .prepare("SELECT idx, hash, kind FROM leaves WHERE idx >= ?1 ORDER BY idx")
                .map_err(|e| self.sql(&e))?;
            let mut found = query.query([to_sql(index)]).map_err(|e| self.sql(&e))?;
            let mut next = index;
            while let Some(row) = found.next().map_err(|e| self.sql(&e))? {
                let at: i64 = row.get(0).map_err(|e| self.sql(&e))?;
                next = u64::try_from(at).unwrap_or(0) + 1;
                let kind: String = row.get(2).map_err(|e| self.sql(&e))?;
                if kinds.iter().any(|k| k.predicate_type() == kind) {
                    rows.push(Digest(row.get(1).map_err(|e| self.sql(&e))?));
                }
            }
            next
        };
        let keys = self.keys().evidence_keys();
        let records = rows.into_iter().map(|leaf| self.raw(leaf)?.verify(&keys)).collect::<Result<_, _>>()?;
        Ok((records, size))
    }

    /// How many records of each kind there are from an index on, with the index to go on from; nothing of them is read or verified.
    pub fn kinds_from(&self, index: u64) -> Result<(BTreeMap<RecordKind, u64>, u64), StoreError> {
        let db = self.db();
        let sql = "SELECT kind, count(*), max(idx) FROM leaves WHERE idx >= ?1 GROUP BY kind";
        let mut query = db.prepare_cached(sql).map_err(|e| self.sql(&e))?;
        let mut rows = query.query([to_sql(index)]).map_err(|e| self.sql(&e))?;
        let (mut kinds, mut next) = (BTreeMap::new(), index);
        while let Some(row) = rows.next().map_err(|e| self.sql(&e))? {
            let kind: String = row.get(0).map_err(|e| self.sql(&e))?;
            let count: i64 = row.get(1).map_err(|e| self.sql(&e))?;
            let last: i64 = row.get(2).map_err(|e| self.sql(&e))?;
            next = next.max(u64::try_from(last).unwrap_or(0) + 1);
            if let Some(kind) = RecordKind::ALL.iter().find(|k| k.predicate_type() == kind) {
                kinds.insert(*kind, u64::try_from(count).unwrap_or(0));
            }
        }
        Ok((kinds, next))
    }

    /// Leaf hashes `from..to` of the log.
    pub fn hashes(&self, from: u64, to: u64) -> Result<Vec<Digest>, StoreError> {
        let db = self.db();
        let sql = "SELECT hash FROM leaves WHERE idx >= ?1 AND idx < ?2 ORDER BY idx";
        let mut query = db.prepare_cached(sql).map_err(|e| self.sql(&e))?;
        let rows = query.query_map((to_sql(from), to_sql(to)), |r| r.get(0).map(Digest)).map_err(|e| self.sql(&e))?;
        let hashes: Vec<Digest> = rows.collect::<Result<_, _>>().map_err(|e| self.sql(&e))?;
        let whole = hashes.len() as u64 == to.saturating_sub(from);
        if whole { Ok(hashes) } else { Err(StoreError::NoSuchSize(to)) }
    }

    /// Records of the given kinds with an index in `from..to`, with their envelopes, in the order of the log, verified.
    pub fn sent(&self, kinds: &[RecordKind], from: u64, to: u64) -> Result<Vec<Sent>, StoreError> {
        let sql = format!("{RAW} WHERE l.kind IN ({}) AND l.idx >= ?1 AND l.idx < ?2 ORDER BY l.idx", named(kinds));
        let rows: Vec<Raw> = {
            let db = self.db();
            let mut query = db.prepare(&sql).map_err(|e| self.sql(&e))?;
            let rows = query.query_map((to_sql(from), to_sql(to)), Raw::from_row).map_err(|e| self.sql(&e))?;
            rows.collect::<Result<_, _>>().map_err(|e| self.sql(&e))?
        };
        let keys = self.keys().evidence_keys();
        let sent = |raw: Raw| {
            let (envelope, record) = raw.verify_record(&keys)?;
            Ok(Sent { index: raw.index, envelope, record })
        };
        rows.into_iter().map(sent).collect()
    }

    /// The newest records of a kind (of all, without one), newest first: at most `max`, with an index below `before`; verified, without their items.
    pub fn newest(&self, kind: Option<RecordKind>, before: Option<u64>, max: u32) -> Result<Vec<Sent>, StoreError> {
        let which = kind.map_or(String::new(), |k| format!(" AND l.kind = '{}'", k.predicate_type()));
        let sql = format!("{RAW_ALONE} WHERE l.idx < ?1{which} ORDER BY l.idx DESC LIMIT ?2");
        self.alone(&sql, before.map_or(i64::MAX, to_sql), i64::from(max))
    }

    /// Records from an index on, in the order of the log: at most `max`; verified, without their items.
    pub fn following(&self, index: u64, max: u32) -> Result<Vec<Sent>, StoreError> {
        self.alone(&format!("{RAW_ALONE} WHERE l.idx >= ?1 ORDER BY l.idx LIMIT ?2"), to_sql(index), i64::from(max))
    }

    /// One record with its index and envelope, verified, without its items.
    pub fn one(&self, leaf: Digest) -> Result<Sent, StoreError> {
        let index = index_of(&self.db(), &self.db_path, leaf)?.ok_or(StoreError::NotFound(leaf))?;
        self.following(index, 1)?.pop().ok_or(StoreError::NotFound(leaf))
    }

    fn alone(&self, sql: &str, from: i64, max: i64) -> Result<Vec<Sent>, StoreError> {
        let rows: Vec<Raw> = {
            let db = self.db();
            let mut query = db.prepare_cached(sql).map_err(|e| self.sql(&e))?;
            let rows = query.query_map([from, max], Raw::from_row).map_err(|e| self.sql(&e))?;
            rows.collect::<Result<_, _>>().map_err(|e| self.sql(&e))?
        };
        let keys = self.keys().evidence_keys();
        let sent = |raw: Raw| {
            let (envelope, record) = raw.verify_record(&keys)?;
            Ok(Sent { index: raw.index, envelope, record })
        };
        rows.into_iter().map(sent).collect()
    }

    /// Which of these are leaves of the log: index, leaf and kind, by index.
    pub fn standing_in(&self, digests: &[Digest]) -> Result<Vec<(u64, Digest, RecordKind)>, StoreError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT idx, kind FROM leaves WHERE hash = ?1").map_err(|e| self.sql(&e))?;
        let mut found = Vec::new();
        for digest in digests {
            let row = query.query_row([digest.0], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?))).optional();
            let Some((index, kind)) = row.map_err(|e| self.sql(&e))? else { continue };
            let kind = RecordKind::ALL.iter().copied().find(|k| k.predicate_type() == kind);
            if let (Some(kind), Ok(index)) = (kind, u64::try_from(index)) {
                found.push((index, *digest, kind));
            }
        }
        found.sort_unstable_by_key(|f| f.0);
        found.dedup();
        Ok(found)
    }

    /// How many records were read out of the log since it was opened: what a caller that goes on from where it was must not read again.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn raw(&self, leaf: Digest) -> Result<Raw, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let db = self.db();
        let sql = format!("{RAW} WHERE l.hash = ?1");
        let row = db.prepare_cached(&sql).and_then(|mut q| q.query_row([leaf.0], Raw::from_row).optional());
        row.map_err(|e| self.sql(&e))?.ok_or(StoreError::NotFound(leaf))
    }

    /// One record by its leaf hash, verified.
    pub fn witness(&self, leaf: Digest) -> Result<Witness, StoreError> {
        self.raw(leaf)?.verify(&self.keys().evidence_keys())
    }

    /// A record as [`Store::verify_all`] of this process found it a moment ago: its signature is not checked a second time, and
    /// nothing that it says may be believed without that. `None` if it does not read, which that audit has named.
    pub fn audited(&self, leaf: Digest) -> Result<Option<Record>, StoreError> {
        let read: Option<Vec<u8>> = {
            let db = self.db();
            let query = db.prepare_cached("SELECT envelope FROM leaves WHERE hash = ?1");
            query.and_then(|mut q| q.query_row([leaf.0], |r| r.get(0)).optional()).map_err(|e| self.sql(&e))?
        };
        let envelope = Envelope::from_json(&read.ok_or(StoreError::NotFound(leaf))?).ok();
        Ok(envelope.and_then(|e| Record::from_statement(e.payload()).ok()))
    }

    /// The envelope of a record by its leaf hash, verified.
    pub fn envelope(&self, leaf: Digest) -> Result<Envelope, StoreError> {
        Ok(self.raw(leaf)?.verify_record(&self.keys().evidence_keys())?.0)
    }

    /// The file of items of an examination, verified; `None` for other records.
    pub fn items(&self, leaf: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let raw = self.raw(leaf)?;
        raw.verify(&self.keys().evidence_keys())?;
        Ok(raw.items)
    }

    /// Bytes that were kept with a record, by their SHA-256.
    pub fn artifact(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        let db = self.db();
        let bytes: Option<Vec<u8>> = db
            .query_row("SELECT bytes FROM artifacts WHERE digest = ?1", [digest.0], |r| r.get(0))
            .optional()
            .map_err(|e| self.sql(&e))?;
        let bytes = bytes.ok_or(StoreError::NotFound(digest))?;
        if Digest::of(&bytes) == digest {
            Ok(bytes)
        } else {
            Err(StoreError::damaged(format!("artifact {digest}"), "its bytes have another digest"))
        }
    }

    /// Number of records in the log.
    pub fn size(&self) -> Result<u64, StoreError> {
        Tree { db: &self.db(), path: &self.db_path }.size()
    }

    /// The newest signed checkpoint, verified; `None` of an empty log.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let note: Option<String> = self
            .db()
            .query_row("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1", [], |r| r.get(0))
            .optional()
            .map_err(|e| self.sql(&e))?;
        let note = note.map(|n| Checkpoint::verify(&n, &self.keys().log_keys()));
        note.transpose().map_err(|e| StoreError::damaged("checkpoint", e))
    }

    /// Proves that a record stands in the tree of the newest checkpoint.
    pub fn inclusion(&self, leaf: Digest) -> Result<Inclusion, StoreError> {
        let checkpoint = self.checkpoint()?.ok_or(StoreError::NotFound(leaf))?;
        let db = self.db();
        let index = index_of(&db, &self.db_path, leaf)?.ok_or(StoreError::NotFound(leaf))?;
        if index >= checkpoint.size() {
            // Only a record that arrived between the two reads: its own checkpoint came with it.
            return Err(StoreError::NoSuchSize(index));
        }
        let path = Tree { db: &db, path: &self.db_path }.inclusion(index, checkpoint.size())?;
        proof::merkle::verify_inclusion(index, checkpoint.size(), leaf, &path, checkpoint.root())
            .map_err(|e| StoreError::damaged("tree", e))?;
        Ok(Inclusion { index, path, checkpoint })
    }

    /// The root that the tree had at `size`.
    pub fn root(&self, size: u64) -> Result<Digest, StoreError> {
        let db = self.db();
        let tree = Tree { db: &db, path: &self.db_path };
        if size > tree.size()? {
            return Err(StoreError::NoSuchSize(size));
        }
        tree.range(0, size)
    }

    /// Proves that the tree of `new` leaves contains the tree of `old` leaves as its beginning.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, StoreError> {
        let db = self.db();
        let tree = Tree { db: &db, path: &self.db_path };
        if old > new || new > tree.size()? {
            return Err(StoreError::NoSuchSize(old.max(new)));
        }
        tree.consistency(old, new)
    }

    /// The signed checkpoint over exactly `size` leaves, if one was signed.
    pub fn checkpoint_at(&self, size: u64) -> Result<Option<Checkpoint>, StoreError> {
        let note: Option<String> = self
            .db()
            .query_row("SELECT note FROM checkpoints WHERE size = ?1", [to_sql(size)], |r| r.get(0))
            .optional()
            .map_err(|e| self.sql(&e))?;
        let note = note.map(|n| Checkpoint::verify(&n, &self.keys().log_keys()));
        note.transpose().map_err(|e| StoreError::damaged(format!("checkpoint {size}"), e))
    }

    /// The newest signed checkpoint over at most `size` leaves, verified.
    pub fn checkpoint_upto(&self, size: u64) -> Result<Option<Checkpoint>, StoreError> {
        let note: Option<String> = self
            .db()
            .query_row(
                "SELECT note FROM checkpoints WHERE size <= ?1 ORDER BY size DESC LIMIT 1",
                [to_sql(size)],
                |r| r.get(0),
            )
            .optional()
            .map_err(|e| self.sql(&e))?;
        let note = note.map(|n| Checkpoint::verify(&n, &self.keys().log_keys()));
        note.transpose().map_err(|e| StoreError::damaged("checkpoint", e))
    }

    /// Bundles about records that this process has just appended and verified, under one checkpoint: the signatures that were
    /// made a moment ago are not checked a second time, the paths are.
    pub fn bundles(&self, records: &[(&Envelope, Digest)]) -> Result<Vec<Vec<u8>>, StoreError> {
        let Some(checkpoint) = self.checkpoint()? else { return Ok(Vec::new()) };
        let keys = self.keys().evidence_keys();
        let db = self.db();
        let mut indexes = Vec::with_capacity(records.len());
        for (_, leaf) in records {
            let index = index_of(&db, &self.db_path, *leaf)?.ok_or(StoreError::NotFound(*leaf))?;
            if index >= checkpoint.size() {
                return Err(StoreError::NoSuchSize(index));
            }
            indexes.push(index);
        }
        let paths = Tree { db: &db, path: &self.db_path }.inclusions(&indexes, checkpoint.size())?;
        let mut out = Vec::with_capacity(records.len());
        for (((envelope, leaf), index), path) in records.iter().zip(indexes).zip(paths) {
            proof::merkle::verify_inclusion(index, checkpoint.size(), *leaf, &path, checkpoint.root())
                .map_err(|e| StoreError::damaged("tree", e))?;
            let id = envelope.signatures().first().map(|s| s.keyid.clone()).unwrap_or_default();
            let key = keys.iter().find(|k| k.id() == id).ok_or(proof::ProofError::UnknownKey(id))?;
            out.push(proof::bundle_json(envelope, key, index, &path, &checkpoint)?);
        }
        Ok(out)
    }

    /// A Sigstore bundle v0.3 about one record: JSON that anyone can check offline with the node's public keys.
    pub fn bundle(&self, leaf: Digest) -> Result<serde_json::Value, StoreError> {
        let envelope = self.envelope(leaf)?;
        let at = self.inclusion(leaf)?;
        let id = envelope.signatures().first().map(|s| s.keyid.clone()).unwrap_or_default();
        let keys = self.keys().evidence_keys();
        let key = keys.iter().find(|k| k.id() == id).ok_or(proof::ProofError::UnknownKey(id))?;
        let json = proof::bundle_json(&envelope, key, at.index, &at.path, &at.checkpoint)?;
        serde_json::from_slice(&json).map_err(|e| StoreError::Database(e.to_string()))
    }

    /// A `.tlog-proof` about one record's leaf.
    pub fn tlog_proof(&self, leaf: Digest) -> Result<String, StoreError> {
        let at = self.inclusion(leaf)?;
        Ok(proof::tlog_proof_text(at.index, &at.path, at.checkpoint.note()))
    }

    /// The body of a record's leaf: what is hashed into the tree.
    pub fn leaf_body(&self, leaf: Digest) -> Result<Vec<u8>, StoreError> {
        self.raw(leaf).map(|raw| raw.body)
    }
}

/// Kinds as a list in SQL. Their names are constants of this program.
fn named(kinds: &[RecordKind]) -> String {
    kinds.iter().map(|k| format!("'{}'", k.predicate_type())).collect::<Vec<_>>().join(", ")
}
