//! SQLite files (and GeoPackage, MBTiles and whatever else is one), read by SQLite itself.
//!
//! Nothing is written and nothing is locked: the file is opened `immutable`, so no journal is replayed and no shared
//! memory is made beside it. What a live database keeps in its write-ahead log is then not seen; the log is a file of
//! its own and a gap of its own. A database inside a container is read from memory.
//!
//! The file may be hostile. SQLite is built to stand that, under limits: no trusted schema, cell sizes checked, no
//! attached files, no memory map, no statement of the file's own (views and triggers stay off), a handler that ends a
//! statement when the run stops or when it has yielded more rows than the file can hold (a tree that points into
//! itself would never end).
//!
//! Refused: `count(*)` (one instruction over the whole tree, which no handler can end).

use super::{End, Extent, Lot, Named, Rows, Table};
use crate::content::Worker;
use classify::sampling;
use evidence::{GapReason, PathText};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::cell::Cell;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Values longer than this are never loaded, in bytes; what of them would be looked at is then not.
const VALUE_BYTES_MAX: i32 = 64 << 20;
/// Longest statement, ours or of the schema, in bytes.
const STATEMENT_BYTES_MAX: i32 = 4 << 20;
/// Instructions between two questions whether to go on: well below a millisecond.
const INSTRUCTIONS: i32 = 4000;
/// A row takes at least so many bytes in a file: two of length and key, one of header, one in the page's index.
const ROW_BYTES_MIN: u64 = 4;
/// Memory for pages, in KiB.
const CACHE_KIB: i32 = 4096;
/// Rows that are read together where rows are drawn by lot: those of a page are read anyway.
const CLUSTER_ROWS: u64 = 16;
/// Ranges drawn first, to see how many rows there are.
const PROBES: u64 = 64;

/// The first bytes of every SQLite file.
pub(crate) const MAGIC: &[u8] = b"SQLite format 3\0";

/// Reads the database file at `path`.
pub(crate) fn file(worker: &mut Worker<'_>, path: &Path) {
    let opened = open(path);
    read(worker, opened, worker.packed, &[]);
}
/// Reads a database whose bytes are `all`.
pub(crate) fn memory(worker: &mut Worker<'_>, all: &[u8], inside: &[PathText]) {
    // Whether it keeps a write-ahead log is written at 18 and 19; in memory there is none, and SQLite would refuse.
    let plain: &[u8] = if all.get(18..20) == Some(&[2, 2]) { &[1, 1] } else { all.get(18..20).unwrap_or_default() };
    let (head, tail) = (all.get(..18).unwrap_or(all), all.get(20..).unwrap_or_default());
    let opened = Connection::open_in_memory().and_then(|mut c| {
        c.deserialize_read_exact("main", head.chain(plain).chain(tail), head.len() + plain.len() + tail.len(), true)?;
        Ok(c)
    });
    read(worker, opened, all.len() as u64, inside);
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'_' | b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(char::from(*byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    Connection::open_with_flags(uri, flags)
}

fn harden(c: &mut Connection, worker: &Worker<'_>) -> rusqlite::Result<()> {
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    for (limit, to) in [
        (Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, STATEMENT_BYTES_MAX),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        c.set_limit(limit, to)?;
    }
    let stop = worker.root.stop();
    c.progress_handler(INSTRUCTIONS, Some(move || stop.requested()))?;
    pragmas(c);
    Ok(())
}
/// Some of these look at the schema and so fail where it is broken; whoever reads it next will tell.
fn pragmas(c: &Connection) {
    for pragma in ["cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY", "query_only=ON"] {
        let _ = c.execute_batch(&format!("PRAGMA {pragma}"));
    }
    let _ = c.execute_batch(&format!("PRAGMA cache_size=-{CACHE_KIB}"));
}

/// Why SQLite did not go on.
fn end(worker: &Worker<'_>, error: &rusqlite::Error) -> End {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) if worker.root.stopped() => return End::Stopped,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => GapReason::Corrupt,
        Some(ErrorCode::TooBig | ErrorCode::OutOfMemory) => GapReason::TooLarge,
        Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => GapReason::PermissionDenied,
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::DatabaseBusy) => GapReason::IoError,
        // Among them: functions and collations that only the owner's program has.
        _ => GapReason::Unsupported,
    };
    End::Gap(reason)
}

fn read(worker: &mut Worker<'_>, opened: rusqlite::Result<Connection>, bytes: u64, inside: &[PathText]) {
    let tables_max = worker.config().limits.table.tables_max;
    let mut cut = false;
    let tables = opened.and_then(|mut c| {
        harden(&mut c, worker)?;
        let names = match tables(&c, tables_max) {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                // A file that was cut short is refused as a whole, unless SQLite believes that somebody repairs it.
                cut = true;
                c.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
                c.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
                pragmas(&c);
                tables(&c, tables_max)?
            }
            names => names?,
        };
        Ok((c, names))
    });
    let (connection, (names, more)) = match tables {
        Ok(opened) => opened,
        Err(e) => {
            if let End::Gap(reason) = end(worker, &e) {
                worker.gap(reason, inside);
            }
            return;
        }
    };
    if cut {
        worker.gap(GapReason::Corrupt, inside);
    }
    worker.count_scanned();
    if more {
        worker.gap(GapReason::TooMany, inside);
    }
    let loaded = Cell::new(0);
    for name in names {
        if worker.root.stopped() {
            return;
        }
        let mut inner = inside.to_vec();
        inner.push(PathText::from(&*name));
        match schema(&connection, &name) {
            Ok(columns) => {
                let mut rows = Tree { connection: &connection, name, columns, bytes, loaded: &loaded };
                super::read(worker, &mut rows, &inner);
            }
            Err(e) => {
                if let End::Gap(reason) = end(worker, &e) {
                    worker.gap(reason, &inner);
                }
            }
        }
    }
}

/// The tables that keep rows of their own, in the order of their making, and whether there are more. What SQLite keeps
/// for itself is left out, but its search indexes keep texts in usual tables.
fn tables(c: &Connection, tables_max: usize) -> rusqlite::Result<(Vec<String>, bool)> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT ?1";
    let mut statement = c.prepare(sql)?;
    let max = i64::try_from(tables_max).unwrap_or(i64::MAX);
    let names = statement.query_map([max.saturating_add(1)], |row| {
        // A name that is not UTF-8 cannot be asked for; SQLite itself writes no such.
        Ok(String::from_utf8_lossy(row.get_ref(0)?.as_bytes().unwrap_or_default()).into_owned())
    })?;
    let mut names = names.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = names.len() > tables_max;
    names.truncate(tables_max);
    Ok((names, more))
}

/// The columns that a table keeps. Those that SQLite computes when asked are left out: they show the others.
fn schema(c: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = c.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden NOT IN (1, 2) ORDER BY cid")?;
    let names = statement.query_map([table], |row| {
        Ok(String::from_utf8_lossy(row.get_ref(0)?.as_bytes().unwrap_or_default()).into_owned())
    })?;
    names.collect()
}

struct Tree<'c> {
    connection: &'c Connection,
    name: String,
    columns: Vec<String>,
    /// Size of the database, and what all its tables have given so far.
    bytes: u64,
    loaded: &'c Cell<u64>,
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Rows for Tree<'_> {
    fn columns(&self) -> Vec<Named> {
        self.columns.iter().map(|name| Named { name: name.clone(), note: String::new() }).collect()
    }

    fn read(&mut self, into: &mut Table<'_, '_>) -> Result<Extent, End> {
        let plan = sampling(into.limits().unseen_ppm, into.statements(), CLUSTER_ROWS);
        // Where the ends cannot be read, the way to them is broken: from the beginning, as far as it goes.
        let span = match self.span(into) {
            Err(End::Gap(_)) => None,
            span => span?,
        };
        let Some((key, first, last)) = span else { return self.all(into) };
        // From the first key to the last, both counted.
        let keys = u128::from(last.abs_diff(first)) + 1;
        if keys <= u128::from(plan.full_below) {
            return self.all(into);
        }
        let mut draw =
            Draw { tree: self, key, first, keys, lot: Lot::new(into.worker(), self.name.as_bytes()), seen: (0, 0) };
        let about = draw.about(into)?;
        if about <= plan.full_below {
            return self.all(into);
        }
        let ranges = plan.rows.div_ceil(CLUSTER_ROWS);
        let clusters = draw.rows(into, ranges)?;
        let about = draw.estimate();
        Ok(Extent::Drawn { clusters, about: Some(about) })
    }
}

impl Tree<'_> {
    /// What is read of each column: at most one byte more than is looked at, which tells that there is more.
    fn fields(&self, cell_bytes_max: usize) -> String {
        let field = |name: &String| {
            let c = quoted(name);
            format!(
                "CASE WHEN octet_length({c}) > {VALUE_BYTES_MAX} - 4096 THEN zeroblob({more}) \
                 WHEN octet_length({c}) > {cell_bytes_max} THEN substr(CAST({c} AS BLOB), 1, {more}) ELSE {c} END",
                more = cell_bytes_max + 1
            )
        };
        self.columns.iter().map(field).collect::<Vec<_>>().join(", ")
    }

    /// The name of the key by which rows can be drawn, the first and the last. Nothing if the table has no such key,
    /// or no rows.
    fn span(&self, into: &Table<'_, '_>) -> Result<Option<(&'static str, i64, i64)>, End> {
        let free = |key: &&str| !self.columns.iter().any(|c| c.eq_ignore_ascii_case(key));
        let Some(key) = ["rowid", "_rowid_", "oid"].into_iter().find(free) else { return Ok(None) };
        let sql = format!("SELECT (SELECT min({key}) FROM {0}), (SELECT max({key}) FROM {0})", quoted(&self.name));
        // A table without row ids does not know the name.
        let Ok(mut statement) = self.connection.prepare(&sql) else { return Ok(None) };
        let ends = statement.query_row([], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)));
        let ends = ends.map_err(|e| end(into.worker(), &e))?;
        Ok(if let (Some(first), Some(last)) = ends { Some((key, first, last)) } else { None })
    }

    fn all(&self, into: &mut Table<'_, '_>) -> Result<Extent, End> {
        let sql = format!("SELECT {} FROM {}", self.fields(into.limits().cell_bytes_max), quoted(&self.name));
        self.give(into, &sql, &[])?;
        Ok(Extent::All)
    }

    /// Gives the rows of a statement to `into`; returns how many.
    fn give(&self, into: &mut Table<'_, '_>, sql: &str, keys: &[i64]) -> Result<u64, End> {
        let failed = |into: &Table<'_, '_>, e: rusqlite::Error| end(into.worker(), &e);
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| failed(into, e))?;
        let mut rows = statement.query(rusqlite::params_from_iter(keys)).map_err(|e| failed(into, e))?;
        let mut given = 0;
        while let Some(row) = rows.next().map_err(|e| failed(into, e))? {
            into.begin_row();
            given += 1;
            if into.rows() > self.bytes / ROW_BYTES_MIN {
                return Err(End::Gap(GapReason::Corrupt));
            }
            for i in 0..self.columns.len() {
                let value = row.get_ref(i).map_err(|e| failed(into, e))?;
                let bytes = value.as_bytes_or_null().ok().flatten().map_or(0, <[u8]>::len);
                self.loaded.set(self.loaded.get().saturating_add(bytes as u64));
                cell(into, i, value);
            }
            // Rows may share the pages of a long value, any number of times.
            let limits = &into.worker().config().limits;
            let ratio = self.loaded.get() / limits.container_ratio_max.max(1);
            if self.loaded.get() > limits.bomb_bytes_min && ratio > self.bytes {
                return Err(End::Gap(GapReason::Bomb));
            }
            into.end_row()?;
        }
        Ok(given)
    }
}

fn cell(into: &mut Table<'_, '_>, column: usize, value: ValueRef<'_>) {
    let max = into.limits().cell_bytes_max;
    match value {
        ValueRef::Null => into.empty(column),
        ValueRef::Integer(n) => into.integer(column, n),
        ValueRef::Real(n) => into.real(column, n, 1),
        ValueRef::Text(text) => into.text(column, text),
        ValueRef::Blob(bytes) if bytes.len() > max => {
            into.cut();
            into.blob(column, &bytes[..max]);
        }
        ValueRef::Blob(bytes) => into.blob(column, bytes),
    }
}

/// Rows drawn by lot: the span of keys in equal parts, and in each the rows that follow a key drawn in it.
struct Draw<'t, 'c> {
    tree: &'t Tree<'c>,
    key: &'static str,
    first: i64,
    keys: u128,
    lot: Lot,
    /// Steps from one row to the next, and the keys that they span.
    seen: (u64, u128),
}
impl Draw<'_, '_> {
    fn bounds(&mut self, part: u64, parts: u64) -> (i64, i64) {
        let (from, to) = self.lot.key(self.first.into(), self.keys, part, parts);
        let key = |n: i128| i64::try_from(n).unwrap_or(i64::MAX);
        (key(from), key(to))
    }
    /// About how many rows the table has.
    fn about(&mut self, into: &Table<'_, '_>) -> Result<u64, End> {
        let sql = format!(
            "SELECT count(*), min(k), max(k) FROM (SELECT {0} AS k FROM {1} WHERE {0} >= ?1 ORDER BY {0} LIMIT {CLUSTER_ROWS})",
            self.key,
            quoted(&self.tree.name)
        );
        for part in 0..PROBES {
            let (from, _) = self.bounds(part, PROBES);
            let failed = |e: rusqlite::Error| end(into.worker(), &e);
            let mut statement = self.tree.connection.prepare_cached(&sql).map_err(failed)?;
            let ends = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?));
            let (rows, first, last): (i64, Option<i64>, Option<i64>) =
                statement.query_row([from], ends).map_err(failed)?;
            if let (Some(first), Some(last)) = (first, last) {
                // From one row to the next, so often.
                self.seen.0 += rows.unsigned_abs().saturating_sub(1);
                self.seen.1 += u128::from(last.abs_diff(first));
            }
        }
        Ok(self.estimate())
    }
    fn estimate(&self) -> u64 {
        let rows = self.keys * u128::from(self.seen.0) / self.seen.1.max(1);
        u64::try_from(rows.min(self.keys)).unwrap_or(u64::MAX)
    }
    /// Gives so many ranges; returns how many had rows.
    fn rows(&mut self, into: &mut Table<'_, '_>, ranges: u64) -> Result<u64, End> {
        let sql = format!(
            "SELECT {} FROM {} WHERE {2} >= ?1 AND {2} <= ?2 ORDER BY {2} LIMIT {CLUSTER_ROWS}",
            self.tree.fields(into.limits().cell_bytes_max),
            quoted(&self.tree.name),
            self.key
        );
        let mut clusters = 0;
        for part in 0..ranges {
            let (from, to) = self.bounds(part, ranges);
            clusters += u64::from(self.tree.give(into, &sql, &[from, to])? > 0);
        }
        Ok(clusters)
    }
}
