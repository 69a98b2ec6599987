//! What a node has sent to its parents: sizes that they acknowledged, their receipts, the last fault, when to try again.
//!
//! `home/outbox.db` (`docs/specs/federation-v1.md` §4). What is still owed is not here: it is the size of the log less the size
//! that was acknowledged, so nothing can be lost from an outbox. Losing all of it costs one exchange with the parent, which
//! says what it holds; only the receipts would have to be asked for again.

use crate::log::to_sql;
use crate::{Steps, StoreError, durable, schema};
use evidence::{Digest, NodeId, Time};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Never edit one that was released: add the next.
const LAYOUT: [&str; 1] = ["
    CREATE TABLE parents (node TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, answered INTEGER,
                          fault TEXT, attempts INTEGER NOT NULL, next INTEGER);
    CREATE TABLE receipts (parent TEXT NOT NULL, size INTEGER NOT NULL, leaf BLOB NOT NULL, at INTEGER NOT NULL,
                           bundle BLOB NOT NULL, checkpoint TEXT NOT NULL, PRIMARY KEY (parent, leaf));
"];
/// Wait after the first failed attempt, and the longest, in minutes.
const WAIT_MINUTES: (i64, i64) = (1, 6 * 60);

/// What is known of one parent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posted {
    /// Size that it acknowledged last.
    pub size: u64,
    /// Root of that size, as both sides computed it.
    pub root: Digest,
    /// When it answered last.
    pub answered: Option<Time>,
    /// Why the last attempt failed: a sentence as canonical JSON; absent after one that did not.
    pub fault: Option<String>,
    /// Failed attempts since.
    pub attempts: u32,
    /// Not before then again.
    pub next: Option<Time>,
}

/// A receipt, as it was verified on arrival.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptReceipt {
    /// Size of this node's log that it covers.
    pub size: u64,
    /// Leaf of the receipt in the parent's log.
    pub leaf: Digest,
    /// When, by the parent's clock.
    pub at: Time,
    /// Sigstore bundle of the receipt, JSON.
    pub bundle: Vec<u8>,
    /// This node's checkpoint with the parent's cosignature.
    pub checkpoint: String,
}

/// The outbox of a node.
pub struct Outbox {
    path: PathBuf,
    db: Mutex<Connection>,
    steps: Steps,
}
impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outbox({})", self.path.display())
    }
}

impl Outbox {
    /// Opens the outbox of a home, making it at first use.
    pub fn open(home: &Path, steps: Steps) -> Result<Self, StoreError> {
        let path = home.join("outbox.db");
        let made = !path.exists();
        let db = schema::open_as(&path, &LAYOUT)?;
        if made {
            durable::sync_dir(home)?;
            steps.done("outbox-made");
        }
        Ok(Self { path, db: Mutex::new(db), steps })
    }

    /// Opens the outbox for reading; `None` if there is none.
    pub fn open_read_only(home: &Path) -> Result<Option<Self>, StoreError> {
        let path = home.join("outbox.db");
        if !path.exists() {
            return Ok(None);
        }
        let db = Mutex::new(schema::open_read_only_as(&path, &LAYOUT)?);
        Ok(Some(Self { path, db, steps: Steps::default() }))
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn fail(&self, e: &rusqlite::Error) -> StoreError {
        StoreError::sql(&self.path, e)
    }

    /// What is known of a parent; `None` if nothing was sent to it yet.
    pub fn posted(&self, parent: &NodeId) -> Result<Option<Posted>, StoreError> {
        let sql = "SELECT size, root, answered, fault, attempts, next FROM parents WHERE node = ?1";
        let read = |r: &Row<'_>| {
            Ok(Posted {
                size: u64::try_from(r.get::<_, i64>(0)?).unwrap_or(0),
                root: Digest(r.get(1)?),
                answered: r.get::<_, Option<i64>>(2)?.map(Time::from_millis),
                fault: r.get(3)?,
                attempts: r.get(4)?,
                next: r.get::<_, Option<i64>>(5)?.map(Time::from_millis),
            })
        };
        self.db().query_row(sql, [parent.as_str()], read).optional().map_err(|e| self.fail(&e))
    }

    /// The parent acknowledged so much, with these receipts. One transaction, durable when it returns.
    pub fn acknowledged(
        &self,
        parent: &NodeId,
        size: u64,
        root: Digest,
        at: Time,
        receipt: Option<&KeptReceipt>,
    ) -> Result<(), StoreError> {
        let mut db = self.db();
        let fail = |e: rusqlite::Error| StoreError::sql(&self.path, &e);
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(fail)?;
        tx.execute(
            "INSERT INTO parents VALUES (?1, ?2, ?3, ?4, NULL, 0, NULL)
             ON CONFLICT (node) DO UPDATE SET size = ?2, root = ?3, answered = ?4, fault = NULL, attempts = 0, next = NULL",
            params![parent.as_str(), to_sql(size), root.0, at.millis()],
        )
        .map_err(fail)?;
        if let Some(r) = receipt {
            tx.execute(
                "INSERT OR IGNORE INTO receipts VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![parent.as_str(), to_sql(r.size), r.leaf.0, r.at.millis(), r.bundle, r.checkpoint],
            )
            .map_err(fail)?;
        }
        self.steps.done("outbox-before-commit");
        // A crash before the commit: the next attempt learns from the parent what it holds, and gets the same receipt.
        tx.commit().map_err(fail)?;
        self.steps.done("outbox-committed");
        Ok(())
    }

    /// An attempt failed; `fault` is a sentence as canonical JSON. Answers when to try again: after one minute, then twice as
    /// long each time, six hours at most.
    pub fn failed(&self, parent: &NodeId, fault: &str, at: Time) -> Result<Time, StoreError> {
        let attempts = self.posted(parent)?.map_or(0, |p| p.attempts).saturating_add(1);
        let minutes = WAIT_MINUTES.0.checked_shl(attempts.saturating_sub(1)).unwrap_or(i64::MAX);
        let minutes = if minutes < 1 || attempts > 16 { WAIT_MINUTES.1 } else { minutes.min(WAIT_MINUTES.1) };
        let next = at.plus_minutes(minutes).unwrap_or(at);
        self.db()
            .execute(
                "INSERT INTO parents VALUES (?1, 0, ?2, NULL, ?3, ?4, ?5)
                 ON CONFLICT (node) DO UPDATE SET fault = ?3, attempts = ?4, next = ?5",
                params![parent.as_str(), Digest::of(b"").0, fault, attempts, next.millis()],
            )
            .map_err(|e| self.fail(&e))?;
        Ok(next)
    }

    /// Receipts of a parent, by the size that they cover.
    pub fn receipts(&self, parent: &NodeId) -> Result<Vec<KeptReceipt>, StoreError> {
        let db = self.db();
        let sql = "SELECT size, leaf, at, bundle, checkpoint FROM receipts WHERE parent = ?1 ORDER BY size, at";
        let mut query = db.prepare(sql).map_err(|e| self.fail(&e))?;
        let read = |r: &Row<'_>| {
            Ok(KeptReceipt {
                size: u64::try_from(r.get::<_, i64>(0)?).unwrap_or(0),
                leaf: Digest(r.get(1)?),
                at: Time::from_millis(r.get(2)?),
                bundle: r.get(3)?,
                checkpoint: r.get(4)?,
            })
        };
        let rows = query.query_map([parent.as_str()], read).map_err(|e| self.fail(&e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))
    }
}
