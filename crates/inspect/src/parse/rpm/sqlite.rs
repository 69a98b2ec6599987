//! `rpmdb.sqlite`, read by SQLite from memory: nothing is written, and the file's own statements stay off.

use super::Taker;
use evidence::GapReason;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};

/// Longest header, in bytes; rpm's own figure.
const HEADER_BYTES_MAX: i32 = 256 << 20;
/// Longest statement, ours or of the schema, in bytes.
const STATEMENT_BYTES_MAX: i32 = 1 << 20;
/// Instructions between two looks at the count, and the most of such looks.
const INSTRUCTIONS: i32 = 4000;
const LOOKS_MAX: u32 = 20_000;

/// Hands every header to `taker`.
pub(super) fn blobs(mut bytes: Vec<u8>, taker: &mut Taker) -> Result<(), GapReason> {
    // Whether it keeps a write-ahead log is written at 18 and 19; in memory there is none, and SQLite would refuse.
    if let Some(kind) = bytes.get_mut(18..20).filter(|k| *k == [2, 2]) {
        kind.fill(1);
    }
    let mut connection = open(&bytes).map_err(|e| reason(&e))?;
    drop(bytes);
    harden(&mut connection).map_err(|e| reason(&e))?;
    let mut statement = connection.prepare("SELECT blob FROM Packages ORDER BY rowid").map_err(|e| reason(&e))?;
    let mut rows = statement.query([]).map_err(|e| reason(&e))?;
    while let Some(row) = rows.next().map_err(|e| reason(&e))? {
        match row.get_ref(0) {
            Ok(ValueRef::Blob(blob)) => taker.take(blob)?,
            _ => taker.fault = Some(GapReason::Corrupt),
        }
    }
    Ok(())
}

fn open(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.deserialize_read_exact("main", bytes, bytes.len(), true)?;
    Ok(connection)
}

fn harden(c: &mut Connection) -> rusqlite::Result<()> {
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    for (limit, to) in [
        (Limit::SQLITE_LIMIT_LENGTH, HEADER_BYTES_MAX),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, STATEMENT_BYTES_MAX),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        c.set_limit(limit, to)?;
    }
    let mut looks = 0;
    c.progress_handler(
        INSTRUCTIONS,
        Some(move || {
            looks += 1;
            looks > LOOKS_MAX
        }),
    )?;
    // Some of these look at the schema and so fail where it is broken; the statement that follows will tell.
    for pragma in ["cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY", "query_only=ON"] {
        let _ = c.execute_batch(&format!("PRAGMA {pragma}"));
    }
    Ok(())
}

fn reason(error: &rusqlite::Error) -> GapReason {
    match error.sqlite_error_code() {
        Some(ErrorCode::TooBig | ErrorCode::OutOfMemory) => GapReason::TooLarge,
        Some(ErrorCode::OperationInterrupted) => GapReason::TooMany,
        _ => GapReason::Corrupt,
    }
}
