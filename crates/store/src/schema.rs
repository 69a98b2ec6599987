//! The databases - the log, the mirror of other logs, the outbox -: how they are opened and how their layouts grow.
//!
//! Migrations are numbered and their digests are kept, so that a home that a changed program wrote is noticed.
//! WAL with `synchronous=FULL`: a commit returns after its log records are on disk.

use crate::StoreError;
use evidence::Digest;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction};
use std::path::Path;
use std::time::Duration;

/// Pages of a database that stay in memory, in KiB: an audit reads every one of them, and with the 2 MiB that are SQLite's own it read a log of
/// 700,000 records forty times over.
const CACHE_KIB: i64 = 16 << 10;
/// How long the database itself waits for another connection.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Never edit one that was released: add the next.
const MIGRATIONS: [&str; 2] = [
    "
    CREATE TABLE leaves (idx INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind TEXT NOT NULL,
                         body BLOB NOT NULL, envelope BLOB NOT NULL);
    CREATE INDEX leaves_by_kind ON leaves (kind, idx);
    CREATE TABLE nodes (level INTEGER NOT NULL, pos INTEGER NOT NULL, hash BLOB NOT NULL,
                        PRIMARY KEY (level, pos)) WITHOUT ROWID;
    CREATE TABLE items (idx INTEGER PRIMARY KEY, lines BLOB NOT NULL);
    CREATE TABLE artifacts (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL);
",
    // What records are about, for those that have such a thing. None that was written before has one.
    "
    CREATE TABLE subjects (subject TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (subject, idx)) WITHOUT ROWID;
",
];
/// The layout that brought the index of subjects.
pub(crate) const SUBJECTS_SINCE: u32 = 2;

/// Newest layout of the log that this program knows.
pub(crate) fn known() -> u32 {
    newest(&MIGRATIONS)
}

fn newest(layout: &[&str]) -> u32 {
    u32::try_from(layout.len()).unwrap_or(u32::MAX)
}

/// Opens the log for writing, making or migrating it.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    open_as(path, &MIGRATIONS)
}

/// Opens a database of this layout for writing, making or migrating it.
pub(crate) fn open_as(path: &Path, layout: &[&str]) -> Result<Connection, StoreError> {
    let fail = |e: rusqlite::Error| StoreError::sql(path, &e);
    let mut db = Connection::open(path).map_err(fail)?;
    db.busy_timeout(BUSY_WAIT).map_err(fail)?;
    db.pragma_update(None, "journal_mode", "WAL").map_err(fail)?;
    db.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
    db.pragma_update(None, "trusted_schema", false).map_err(fail)?;
    db.pragma_update(None, "cell_size_check", true).map_err(fail)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB).map_err(fail)?;
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(fail)?;
    migrate(&tx, path, layout)?;
    // A crash before this commit leaves no layout or the one before, never half of one.
    tx.commit().map_err(fail)?;
    Ok(db)
}

/// True if the log has the newest layout: then opening it changes nothing and needs no lock.
pub(crate) fn is_current(path: &Path) -> bool {
    path.exists() && open_read_only(path).is_ok_and(|db| version(&db).is_ok_and(|v| v == known()))
}

/// Opens the log for reading; on a medium that cannot be written too, if the log was closed cleanly.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, StoreError> {
    open_read_only_as(path, &MIGRATIONS)
}

/// Opens a database of this layout for reading.
pub(crate) fn open_read_only_as(path: &Path, layout: &[&str]) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::NoHome(path.to_owned()));
    }
    let fail = |e: rusqlite::Error| StoreError::sql(path, &e);
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fail)?;
    db.busy_timeout(BUSY_WAIT).map_err(fail)?;
    let db = match version(&db) {
        Ok(_) => db,
        Err(error) => immutable(path).ok_or_else(|| StoreError::sql(path, &error))?,
    };
    check_version(&db, path, layout)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB).map_err(fail)?;
    Ok(db)
}

/// SQLite needs a writable folder to read a WAL database, unless it is told that nobody writes: true here only if
/// there is no WAL.
fn immutable(path: &Path) -> Option<Connection> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    if std::fs::metadata(wal).is_ok_and(|m| m.len() > 0) {
        return None;
    }
    let escaped = path.to_str()?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags).ok()?;
    version(&db).is_ok().then_some(db)
}

pub(crate) fn version(db: &Connection) -> rusqlite::Result<u32> {
    let has: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations')",
        [],
        |r| r.get(0),
    )?;
    if !has {
        return Ok(0);
    }
    db.query_row("SELECT coalesce(max(version), 0) FROM migrations", [], |r| r.get(0))
}

fn check_version(db: &Connection, path: &Path, layout: &[&str]) -> Result<u32, StoreError> {
    let found = version(db).map_err(|e| StoreError::sql(path, &e))?;
    let known = newest(layout);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    Ok(found)
}

fn migrate(tx: &Transaction<'_>, path: &Path, layout: &[&str]) -> Result<(), StoreError> {
    let fail = |e: rusqlite::Error| StoreError::sql(path, &e);
    let found = check_version(tx, path, layout)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, digest TEXT NOT NULL)")
        .map_err(fail)?;
    for (version, sql) in (1_u32..).zip(layout.iter().copied()) {
        let digest = Digest::of(sql.as_bytes()).to_string();
        if version > found {
            tx.execute_batch(sql).map_err(fail)?;
            tx.execute("INSERT INTO migrations VALUES (?1, ?2)", (version, &digest)).map_err(fail)?;
            continue;
        }
        let kept: Option<String> = tx
            .query_row("SELECT digest FROM migrations WHERE version = ?1", [version], |r| r.get(0))
            .optional()
            .map_err(fail)?;
        if kept.as_ref() != Some(&digest) {
            return Err(StoreError::damaged(
                format!("layout {version}"),
                "made by a program that differs from this one",
            ));
        }
    }
    Ok(())
}
