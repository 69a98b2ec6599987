//! What a parent holds of its children's logs: leaf hashes, accepted checkpoints, envelopes that came with their content.
//!
//! `home/mirror.db` (`docs/specs/federation-v1.md` §5). It is evidence of others, not of this node: what this node says of it
//! stands in its own log, as receipts. One transaction takes in many packages of many children and is durable when it ends
//! ([`Mirror::take`]); before it, nothing of them is there, after it, all of it.
//!
//! Leaves that came without the end of their checkpoint are kept beside those that a checkpoint covers ([`Held`]): a long log
//! survives a line that breaks, and nothing is acknowledged that no checkpoint was computed for.
//!
//! This room verifies no signature of a child: it does not know who is a member. Who reads envelopes from here gets bytes, and
//! verifies them under the keys that the parent's log certifies. Damage to what lies here is found by whoever computes a root.
//!
//! Refused: one database a child (fifty thousand files, fifty thousand fsyncs), a row a leaf (`tiles`), deleting what was
//! accepted.

mod intake;
mod reading;
mod remade;
mod tiles;

pub use intake::{Deposit, Grown, Intake};
pub use reading::{Brought, Held, Holder, Mirrored, Shipped};
pub use remade::Remade;

use crate::durable::{self, Steps};
use crate::log::lock_file;
use crate::{StoreError, schema};
use evidence::NodeId;
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Never edit one that was released: add the next.
pub(crate) const LAYOUT: [&str; 1] = ["
    CREATE TABLE children (id INTEGER PRIMARY KEY, node TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, accepted INTEGER NOT NULL);
    CREATE TABLE tiles (child INTEGER NOT NULL, level INTEGER NOT NULL, n INTEGER NOT NULL, hashes BLOB NOT NULL,
                        PRIMARY KEY (child, level, n));
    CREATE TABLE checkpoints (child INTEGER NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (child, size));
    CREATE TABLE shipped (child INTEGER NOT NULL, idx INTEGER NOT NULL, leaf BLOB NOT NULL, kind TEXT NOT NULL,
                          about TEXT NOT NULL, envelope BLOB NOT NULL, PRIMARY KEY (child, idx));
    CREATE INDEX shipped_by_kind ON shipped (kind, child, idx);
    CREATE INDEX shipped_about ON shipped (child, about, idx) WHERE about != '';
    CREATE TABLE nested (seq INTEGER PRIMARY KEY, child INTEGER NOT NULL, under INTEGER NOT NULL, node TEXT NOT NULL,
                         leaf BLOB NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL, envelope BLOB NOT NULL,
                         UNIQUE (child, under, node, leaf));
    CREATE INDEX nested_by_kind ON nested (kind, seq);
    CREATE INDEX nested_about ON nested (child, about, seq) WHERE about != '';
    CREATE TABLE artifacts (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL);
"];

/// The mirrors of all children.
pub struct Mirror {
    home: PathBuf,
    path: PathBuf,
    db: Mutex<Connection>,
    steps: Steps,
    writable: bool,
}
impl std::fmt::Debug for Mirror {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mirror({})", self.path.display())
    }
}

/// The one who takes in packages or enrols children of this home, among all processes, until it is dropped.
#[derive(Debug)]
pub struct Desk(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Mirror {
    /// Opens the mirrors of a home, making them at first use.
    pub fn open(home: &Path, steps: Steps) -> Result<Self, StoreError> {
        let path = home.join("mirror.db");
        let made = !path.exists();
        let db = schema::open_as(&path, &LAYOUT)?;
        if made {
            durable::sync_dir(home)?;
            steps.done("mirror-made");
        }
        Ok(Self { home: home.to_owned(), path, db: Mutex::new(db), steps, writable: true })
    }

    /// Opens the mirrors of a home for reading; `None` if there are none.
    pub fn open_read_only(home: &Path) -> Result<Option<Self>, StoreError> {
        let path = home.join("mirror.db");
        if !path.exists() {
            return Ok(None);
        }
        let db = Mutex::new(schema::open_read_only_as(&path, &LAYOUT)?);
        Ok(Some(Self { home: home.to_owned(), path, db, steps: Steps::default(), writable: false }))
    }

    /// The same mirrors through a connection of its own, for reading: two threads that read much would wait for each other.
    pub fn beside(&self) -> Result<Self, StoreError> {
        Self::open_read_only(&self.home)?.ok_or_else(|| StoreError::NoHome(self.path.clone()))
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the desk: between the transaction of a package and its receipt nobody else may take one in.
    /// `Err(Busy)` if another process kept it for longer than `wait`.
    pub fn desk(&self, wait: Duration) -> Result<Desk, StoreError> {
        lock_file(&self.home.join("mirror.lock"), wait)?.map(Desk).ok_or(StoreError::Busy)
    }

    /// Reads at one moment.
    pub fn read<T>(&self, read: impl FnOnce(&Mirrored<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let db = self.db();
        let tx = db.unchecked_transaction().map_err(|e| StoreError::sql(&self.path, &e))?;
        read(&Mirrored { db: &tx, path: &self.path })
    }

    /// Every child of which something is held, by name.
    pub fn children(&self) -> Result<Vec<NodeId>, StoreError> {
        let fail = |e: rusqlite::Error| StoreError::sql(&self.path, &e);
        let db = self.db();
        let mut query = db.prepare("SELECT node FROM children ORDER BY node").map_err(fail)?;
        let rows = query.query_map([], |r| r.get::<_, String>(0)).map_err(fail)?;
        rows.map(|r| r.map(NodeId::new)).collect::<Result<_, _>>().map_err(fail)
    }

    /// One transaction: what `take` wrote is durable when this returns, whole, or nothing of it is there.
    pub fn take<T>(
        &self,
        _desk: &Desk,
        take: impl FnOnce(&Intake<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.writable {
            return Err(StoreError::OpenedReadOnly);
        }
        let fail = |e: rusqlite::Error| StoreError::sql(&self.path, &e);
        let mut db = self.db();
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(fail)?;
        let done = take(&Intake(Mirrored { db: &tx, path: &self.path }))?;
        self.steps.done("mirror-before-commit");
        // A crash before the commit leaves the mirror as it was: the child sends again.
        tx.commit().map_err(fail)?;
        // A crash here leaves leaves without a receipt: the child's next package makes it.
        self.steps.done("mirror-committed");
        Ok(done)
    }

    /// What the database engine itself says about its pages; empty: nothing is wrong.
    pub fn check_pages(&self) -> Result<Vec<String>, StoreError> {
        let db = self.db();
        let mut query = db.prepare("PRAGMA integrity_check(100)").map_err(|e| StoreError::sql(&self.path, &e))?;
        let lines = query.query_map([], |r| r.get::<_, String>(0)).map_err(|e| StoreError::sql(&self.path, &e))?;
        let lines = lines.collect::<Result<Vec<_>, _>>().map_err(|e| StoreError::sql(&self.path, &e))?;
        Ok(lines.into_iter().filter(|l| l != "ok").collect())
    }
}
