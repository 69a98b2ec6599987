//! Writing: sign, spool, append.
//!
//! [`Store::append`] first writes the batch durably into the spool and then does what any start after a crash does:
//! takes the writer's lock, appends everything in the spool, signs a checkpoint, commits, empties the spool. The
//! happy path is the recovery path. Without the lock within the bounded wait the answer is [`Ack::Spooled`].

use crate::durable::{self, Steps};
use crate::keys::{Keys, Role};
use crate::tree::{Growth, Tree};
use crate::{StoreError, schema, spool};
use evidence::{Attestation, Author, Digest, KeyChange, Record, Time};
use proof::{Envelope, PublicKey, Verified, VerifiedItems};
use rusqlite::{Connection, OptionalExtension as _, Transaction};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Largest artifact, in bytes.
pub const ARTIFACT_BYTES_MAX: u64 = 256 << 20;
/// Most submissions of one batch.
pub const BATCH_MAX: usize = 10_000;
/// How long a writer waits for the lock, unless told otherwise.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// How often it asks meanwhile.
const LOCK_POLL: Duration = Duration::from_millis(5);

/// What goes into the log at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submission {
    /// The signed record.
    pub envelope: Envelope,
    /// The file of items, if the record is an examination.
    pub items: Option<Vec<u8>>,
    /// Bytes that the record names by their SHA-256, such as the sources of a plan.
    pub artifacts: Vec<Vec<u8>>,
}

/// The answer to an append: the record is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ack {
    /// It stands in the log, under a signed checkpoint.
    Appended {
        /// Its index.
        index: u64,
        /// Its leaf hash.
        leaf: Digest,
    },
    /// It waits in the spool for whoever writes next, because another process held the lock.
    Spooled {
        /// Its leaf hash.
        leaf: Digest,
    },
}
impl Ack {
    /// The leaf hash, by which other records cite it.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        match self {
            Self::Appended { leaf, .. } | Self::Spooled { leaf } => *leaf,
        }
    }
}

/// What emptying the spool came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drained {
    /// Records appended.
    pub appended: u64,
    /// Spool files that could not be read or did not verify, under their new names, with the reason.
    pub set_aside: Vec<(PathBuf, String)>,
}

/// How a store is opened.
#[derive(Clone, Default)]
pub struct Options {
    /// Opens the keys if they are protected; protects keys that are made.
    pub passphrase: Option<String>,
    /// How long to wait for another writer; ten seconds if `None`.
    pub lock_wait: Option<Duration>,
    /// Is told every durable step.
    pub steps: Steps,
}
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Options")
    }
}

/// A node's home, opened.
pub struct Store {
    pub(crate) home: PathBuf,
    pub(crate) db_path: PathBuf,
    db: Mutex<Connection>,
    keys: Mutex<Arc<Keys>>,
    options: Options,
    writable: bool,
    /// The items that were verified last: whoever meets the same bytes again need not read them again.
    opened: Mutex<Option<VerifiedItems>>,
}
impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.home.display())
    }
}

impl Store {
    /// Opens the home, making it, its keys and its log at first use.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        Self::open_with(home, Options::default())
    }

    /// Opens the home with options. Errors: keys that others can read, a wrong passphrase, a newer layout, a log
    /// without its keys, a home that cannot be written.
    pub fn open_with(home: &Path, options: Options) -> Result<Self, StoreError> {
        let db_path = home.join("log.db");
        let keys_dir = home.join("keys");
        let passphrase = options.passphrase.as_deref();
        durable::make_dir(home)?;
        durable::make_dir(&home.join("spool"))?;
        if !schema::is_current(&db_path) {
            let _lock = lock(home, options.lock_wait.unwrap_or(LOCK_WAIT))?.ok_or(StoreError::Busy)?;
            // Keys before the log: a crash in between leaves keys without a log, never a log without keys.
            if !db_path.exists() {
                Keys::make(&keys_dir, passphrase, &options.steps)?;
            }
            schema::open(&db_path)?;
            durable::sync_dir(home)?;
            options.steps.done("log-made");
        }
        let keys = Arc::new(Keys::load(&keys_dir, passphrase, true)?);
        let db = schema::open(&db_path)?;
        let (db, keys) = (Mutex::new(db), Mutex::new(keys));
        Ok(Self { home: home.to_owned(), db_path, db, keys, options, writable: true, opened: Mutex::new(None) })
    }

    /// Opens the home for reading: changes nothing, needs no passphrase.
    pub fn open_read_only(home: &Path) -> Result<Self, StoreError> {
        let db_path = home.join("log.db");
        let db = schema::open_read_only(&db_path)?;
        let keys = Arc::new(Keys::load(&home.join("keys"), None, false)?);
        let (db, keys) = (Mutex::new(db), Mutex::new(keys));
        Ok(Self {
            home: home.to_owned(),
            db_path,
            db,
            keys,
            options: Options::default(),
            writable: false,
            opened: Mutex::new(None),
        })
    }

    /// The node's home.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The node's keys, as last read.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs a record with the node's evidence key.
    pub fn sign(&self, record: &Record) -> Result<Envelope, StoreError> {
        let statement = record.to_statement().map_err(proof::ProofError::from)?;
        let keys = self.keys();
        let signature = keys.sign_evidence(&proof::pae(evidence::PAYLOAD_TYPE, &statement))?;
        Ok(Envelope::new(statement, keys.current(Role::Evidence).id().to_owned(), signature))
    }

    /// Signs one record and appends it.
    pub fn record(&self, record: &Record, items: Option<Vec<u8>>, artifacts: Vec<Vec<u8>>) -> Result<Ack, StoreError> {
        let envelope = self.sign(record)?;
        let acks = self.append(&[Submission { envelope, items, artifacts }])?;
        acks.into_iter().next().ok_or_else(|| StoreError::Database("an append without an answer".into()))
    }

    /// Appends a batch, all of it or none, durable when this returns. A record that is there already is answered with
    /// its index. Errors: a record that does not verify by the node's own keys, an examination without its items, a
    /// full disk (if the batch had reached the spool it is kept there and appended by the next writer).
    pub fn append(&self, batch: &[Submission]) -> Result<Vec<Ack>, StoreError> {
        if !self.writable {
            return Err(StoreError::OpenedReadOnly);
        }
        if batch.len() > BATCH_MAX {
            return Err(StoreError::TooLarge { what: "batch", max: BATCH_MAX as u64 });
        }
        let evidence_keys = self.keys().evidence_keys();
        let mut leaves = Vec::with_capacity(batch.len());
        for submission in batch {
            leaves.push(self.check(submission, &evidence_keys)?.leaf());
        }
        if !batch.is_empty() {
            spool::put(&self.home.join("spool"), batch, &self.options.steps)?;
        }
        if self.drain()?.is_none() {
            return Ok(leaves.into_iter().map(|leaf| Ack::Spooled { leaf }).collect());
        }
        let db = self.db();
        let mut acks = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let index = index_of(&db, &self.db_path, leaf)?.ok_or(StoreError::NotFound(leaf))?;
            acks.push(Ack::Appended { index, leaf });
        }
        Ok(acks)
    }

    /// Appends whatever waits in the spool; `None` if another writer held the lock for too long.
    pub fn drain(&self) -> Result<Option<Drained>, StoreError> {
        if !self.writable {
            return Err(StoreError::OpenedReadOnly);
        }
        let wait = self.options.lock_wait.unwrap_or(LOCK_WAIT);
        let mut db = self.db();
        let Some(_lock) = lock(&self.home, wait)? else { return Ok(None) };
        self.refresh_keys()?;
        let mut drained = Drained::default();
        loop {
            // One look takes up a bounded number of files: look until there are none, or one's own may be left behind.
            let files = spool::list(&self.home.join("spool"))?;
            if files.is_empty() {
                return Ok(Some(drained));
            }
            for file in files {
                let checked = spool::get(&file)?.and_then(|batch| self.check_all(batch));
                match checked {
                    Ok(batch) => drained.appended += self.commit(&mut db, &batch)?,
                    Err(why) => {
                        drained.set_aside.push((spool::set_aside(&file)?, why));
                        continue;
                    }
                }
                spool::remove(&file)?;
                self.options.steps.done("spool-removed");
            }
        }
    }

    fn refresh_keys(&self) -> Result<(), StoreError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.stale() {
            *keys = Arc::new(Keys::load(&self.home.join("keys"), self.options.passphrase.as_deref(), true)?);
        }
        Ok(())
    }

    fn check_all(&self, batch: Vec<Submission>) -> Result<Vec<(Submission, Verified<Record>)>, String> {
        let keys = self.keys().evidence_keys();
        let pair = |s: Submission| self.check(&s, &keys).map(|record| (s, record)).map_err(|e| e.to_string());
        batch.into_iter().map(pair).collect()
    }

    /// Verifies a submission by the node's own keys, its items and its limits.
    fn check(&self, submission: &Submission, keys: &[PublicKey]) -> Result<Verified<Record>, StoreError> {
        let record = proof::verify_envelope(&submission.envelope, keys)?;
        match (record.value(), &submission.items) {
            (Record::Examination(_), None) => return Err(StoreError::ItemsMissing(record.leaf())),
            (Record::Examination(e), Some(lines)) => {
                let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
                // The signed record names the digest of the bytes: the same bytes under it were verified already.
                let same =
                    opened.as_ref().is_some_and(|o| o.of() == record.leaf() && Digest::of(lines) == e.items.file);
                if !same {
                    *opened = Some(proof::open_items(&record, lines)?);
                }
            }
            (_, Some(lines)) => drop(proof::open_items(&record, lines)?),
            (_, None) => {}
        }
        if submission.artifacts.iter().any(|a| a.len() as u64 > ARTIFACT_BYTES_MAX) {
            return Err(StoreError::TooLarge { what: "artifact", max: ARTIFACT_BYTES_MAX });
        }
        Ok(record)
    }
    /// The items of an examination that was just appended, as they were verified on the way; `None` if others were
    /// verified after it.
    #[must_use]
    pub fn take_opened(&self, leaf: Digest) -> Option<VerifiedItems> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).take_if(|o| o.of() == leaf)
    }

    /// One transaction: leaves, nodes, items, artifacts and the checkpoint over the new size.
    fn commit(&self, db: &mut Connection, batch: &[(Submission, Verified<Record>)]) -> Result<u64, StoreError> {
        let fail = |e: rusqlite::Error| StoreError::sql(&self.db_path, &e);
        let keys = self.keys();
        let evidence_keys = keys.evidence_keys();
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(fail)?;
        let tree = Tree { db: &tx, path: &self.db_path };
        let before = tree.size()?;
        let signed: i64 =
            tx.query_row("SELECT coalesce(max(size), 0) FROM checkpoints", [], |r| r.get(0)).map_err(fail)?;
        if signed != to_sql(before) {
            let why = format!("a checkpoint was signed over {signed} records, but there are {before}");
            return Err(StoreError::damaged("log", why));
        }
        let mut growth = Growth::new(tree.frontier(before)?, before);
        for (submission, record) in batch {
            if index_of(&tx, &self.db_path, record.leaf())?.is_none() {
                let key = evidence_keys.iter().find(|k| k.id() == record.key_id());
                let key = key.ok_or_else(|| proof::ProofError::UnknownKey(record.key_id().to_owned()))?;
                insert(&tx, &mut growth, submission, record, key).map_err(fail)?;
            }
        }
        if growth.size > before {
            let log = keys.log_key()?;
            let text = proof::checkpoint_text(log.origin(), growth.size, growth.root());
            let note = proof::checkpoint_note(&text, &log, &keys.sign_log(text.as_bytes())?);
            // The size is the primary key: a second root for a size that was signed cannot be written.
            tx.execute("INSERT INTO checkpoints VALUES (?1, ?2, ?3)", (to_sql(growth.size), growth.root().0, note))
                .map_err(fail)?;
        }
        self.options.steps.done("before-commit");
        // A crash before the commit leaves the tree as it was and the batch in the spool.
        tx.commit().map_err(fail)?;
        // A crash here leaves the batch in both places; appending it again changes nothing.
        self.options.steps.done("committed");
        Ok(growth.size - before)
    }

    /// Replaces the key of `role`. The log is told first, signed with the key that is left. Crash-safe: begun again,
    /// it goes on with the same new key. `Err(Busy)` if another writer held the lock; nothing has changed then.
    pub fn rotate(&self, role: Role, author: Author, stated_at: Time) -> Result<KeyChange, StoreError> {
        if !self.writable {
            return Err(StoreError::OpenedReadOnly);
        }
        // Two rotations at once would prepare one number twice and leave a key without its secret.
        let wait = self.options.lock_wait.unwrap_or(LOCK_WAIT);
        let _rotation = lock_file(&self.home.join("rotate.lock"), wait)?.ok_or(StoreError::Busy)?;
        self.refresh_keys()?;
        let (keys, steps) = (self.keys(), &self.options.steps);
        let passphrase = self.options.passphrase.as_deref();
        let change = keys.prepare(role, passphrase, steps)?;
        let statement = Attestation::key_change(keys.node(), author, stated_at, change.clone());
        if let Ack::Spooled { .. } = self.record(&Record::Attestation(statement), None, Vec::new())? {
            return Err(StoreError::Busy);
        }
        // A crash here leaves the change in the log and the old key signing; rotating again finishes it.
        steps.done("rotation-logged");
        {
            let _lock = lock(&self.home, wait)?.ok_or(StoreError::Busy)?;
            keys.adopt(role, &change, passphrase, steps)?;
        }
        self.refresh_keys()?;
        Ok(change)
    }
}

fn insert(
    tx: &Transaction<'_>,
    growth: &mut Growth,
    submission: &Submission,
    record: &Verified<Record>,
    key: &PublicKey,
) -> rusqlite::Result<()> {
    let index = to_sql(growth.size);
    let body = proof::leaf_body(&submission.envelope, key).unwrap_or_default();
    tx.prepare_cached("INSERT INTO leaves VALUES (?1, ?2, ?3, ?4, ?5)")?.execute((
        index,
        record.leaf().0,
        kind_name(record.value()),
        body,
        submission.envelope.to_json(),
    ))?;
    if let Some(subject) = record.value().about() {
        tx.prepare_cached("INSERT INTO subjects VALUES (?1, ?2)")?.execute((subject, index))?;
    }
    if let Some(items) = &submission.items {
        tx.prepare_cached("INSERT INTO items VALUES (?1, ?2)")?.execute((index, items))?;
    }
    for artifact in &submission.artifacts {
        tx.prepare_cached("INSERT OR IGNORE INTO artifacts VALUES (?1, ?2)")?
            .execute((Digest::of(artifact).0, artifact))?;
    }
    let mut node = tx.prepare_cached("INSERT INTO nodes VALUES (?1, ?2, ?3)")?;
    growth.push(record.leaf(), |level, pos, hash| node.execute((level, to_sql(pos), hash.0)).map(|_| ()))
}

pub(crate) fn kind_name(record: &Record) -> &'static str {
    record.kind().predicate_type()
}

pub(crate) fn index_of(db: &Connection, path: &Path, leaf: Digest) -> Result<Option<u64>, StoreError> {
    let row = db
        .prepare_cached("SELECT idx FROM leaves WHERE hash = ?1")
        .and_then(|mut q| q.query_row([leaf.0], |r| r.get::<_, i64>(0)).optional())
        .map_err(|e| StoreError::sql(path, &e))?;
    Ok(row.and_then(|i| u64::try_from(i).ok()))
}

pub(crate) fn to_sql(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The writer's lock, asked for until `wait` has passed. The kernel frees it when its holder ends, however it ends.
fn lock(home: &Path, wait: Duration) -> Result<Option<File>, StoreError> {
    lock_file(&home.join("lock"), wait)
}

pub(crate) fn lock_file(path: &Path, wait: Duration) -> Result<Option<File>, StoreError> {
    let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(|e| StoreError::io(path, e))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) if begun.elapsed() < wait => std::thread::sleep(LOCK_POLL),
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(e)) => return Err(StoreError::io(path, e)),
        }
    }
}
