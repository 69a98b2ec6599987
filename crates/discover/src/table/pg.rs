//! PostgreSQL: every table that is there for this login, read-only, a sample of the large ones.
//!
//! Nothing of the server's is trusted to be harmless. Sessions and transactions are read-only; names are looked for in
//! `pg_catalog` alone; a value becomes text by its type's own output function (`concat`), never by a cast, because a
//! cast may be anybody's function and would run with our rights. Rows that a policy hides are an error
//! (`row_security = off`) and so a gap, not silence.
//!
//! A large table is sampled by pages (`TABLESAMPLE SYSTEM`); each row tells its page, so that the sample knows how many
//! clusters it has.

use super::server::{attempt, cell_bytes, watched};
use super::{End, Extent, Lot, Named, Rows, Table};
use crate::content::Worker;
use crate::target::Server;
use classify::sampling;
use evidence::{GapReason, PathText};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{FromSql, Type};
use postgres::{Client, Config, NoTls};
use std::cell::RefCell;
use std::time::Duration;

/// How long another's lock is waited for.
const LOCK_SECONDS: u32 = 10;
/// Rows of a page, where the server does not know: what usual rows of a hundred bytes give.
const PAGE_ROWS: u64 = 60;
const PAGE_BYTES: u64 = 8192;

/// Reads a server, or the one database of it that is named.
pub(super) fn read(worker: &mut Worker<'_>, server: &Server) {
    if server.database.is_some() {
        return database(worker, server, None);
    }
    // Every database by itself; they are asked of the one that every server has.
    let first = server.in_database("postgres");
    let Some(mut client) = connect(worker, &first, &[]) else { return };
    let sql = "SELECT datname, datallowconn FROM pg_database WHERE NOT datistemplate ORDER BY datname";
    let names = client.query(sql, &[]).map(|rows| {
        let one = |row: &postgres::Row| Some((row.try_get::<_, String>(0).ok()?, row.try_get::<_, bool>(1).ok()?));
        rows.iter().filter_map(one).collect::<Vec<_>>()
    });
    drop(client);
    match names {
        Ok(names) => {
            for (name, open) in names {
                if worker.root.stopped() {
                    return;
                }
                let inside = PathText::from(&*name);
                if open {
                    let one = server.in_database(&name);
                    database(worker, &one, Some(inside));
                } else {
                    worker.gap(GapReason::PermissionDenied, &[inside]);
                }
            }
        }
        Err(e) => gap(worker, &e, &[]),
    }
}

fn connect(worker: &Worker<'_>, server: &Server, inside: &[PathText]) -> Option<Client> {
    let limits = &worker.config().limits.table;
    let mut config = Config::new();
    config.user(&server.login()).port(server.port).application_name("watchfire");
    config.connect_timeout(Duration::from_secs(limits.connect_seconds_max.into()));
    if server.host.starts_with('/') {
        config.host_path(&server.host)
    } else {
        config.host(&server.host)
    };
    if let Some(database) = &server.database {
        config.dbname(database);
    }
    if let Some(password) = server.password() {
        config.password(password.0);
    }
    let milliseconds = u64::from(limits.statement_seconds_max) * 1000;
    let session = format!(
        "SET default_transaction_read_only = on; SET statement_timeout = {milliseconds}; \
         SET lock_timeout = {lock}; SET row_security = off; SET search_path = pg_catalog; SET client_encoding = 'UTF8'; SET datestyle = 'ISO, YMD'",
        lock = LOCK_SECONDS * 1000
    );
    let made = attempt(worker.root, move || {
        let mut client = config.connect(NoTls)?;
        client.batch_execute(&session)?;
        Ok::<_, postgres::Error>(client)
    })?;
    made.map_err(|e| gap(worker, &e, inside)).ok()
}

/// Why the server did not go on.
fn end(worker: &Worker<'_>, error: &postgres::Error) -> End {
    let Some(code) = error.code() else {
        // Not the server's word: the connection's.
        return if worker.root.stopped() { End::Stopped } else { End::Gap(GapReason::IoError) };
    };
    let reason = match code {
        c if *c == SqlState::QUERY_CANCELED && worker.root.stopped() => return End::Stopped,
        c if *c == SqlState::QUERY_CANCELED => GapReason::TooLarge,
        c if *c == SqlState::INSUFFICIENT_PRIVILEGE
            || *c == SqlState::INVALID_PASSWORD
            || *c == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
        {
            GapReason::PermissionDenied
        }
        c if *c == SqlState::INVALID_CATALOG_NAME => GapReason::Missing,
        c if *c == SqlState::UNDEFINED_TABLE || *c == SqlState::UNDEFINED_COLUMN => GapReason::Vanished,
        c if *c == SqlState::LOCK_NOT_AVAILABLE => GapReason::ChangedWhileRead,
        c if *c == SqlState::DATA_CORRUPTED || *c == SqlState::INDEX_CORRUPTED => GapReason::Corrupt,
        c if *c == SqlState::FEATURE_NOT_SUPPORTED => GapReason::Unsupported,
        _ => GapReason::IoError,
    };
    End::Gap(reason)
}
fn gap(worker: &Worker<'_>, error: &postgres::Error, inside: &[PathText]) {
    if let End::Gap(reason) = end(worker, error) {
        worker.gap(reason, inside);
    }
}

fn database(worker: &mut Worker<'_>, server: &Server, inside: Option<PathText>) {
    let inside: Vec<PathText> = inside.into_iter().collect();
    let Some(client) = connect(worker, server, &inside) else { return };
    let token = client.cancel_token();
    let root = worker.root;
    watched(root, || drop(token.cancel_query(NoTls)), || tables(worker, client, &inside));
}

/// A table as the catalogue shows it.
struct Relation {
    oid: u32,
    schema: String,
    name: String,
    kind: i8,
    /// Rows and pages at the last look of the server; below 0 if it never looked.
    rows: f32,
    pages: i32,
    readable: bool,
}

/// Nothing here waits for the lock of a table.
const TABLES: &str = "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind, c.reltuples, c.relpages, \
    has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'm', 'f') AND c.relpersistence <> 't' \
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 2, 3 LIMIT $1";

fn tables(worker: &mut Worker<'_>, mut client: Client, inside: &[PathText]) {
    let max = worker.config().limits.table.tables_max;
    let limit = i64::try_from(max).unwrap_or(i64::MAX).saturating_add(1);
    let relations = client.query(TABLES, &[&limit]).and_then(|rows| {
        let one = |row: &postgres::Row| {
            Ok(Relation {
                oid: row.try_get(0)?,
                schema: row.try_get(1)?,
                name: row.try_get(2)?,
                kind: row.try_get(3)?,
                rows: row.try_get(4)?,
                pages: row.try_get(5)?,
                readable: row.try_get(6)?,
            })
        };
        rows.iter().map(one).collect::<Result<Vec<_>, _>>()
    });
    let relations = match relations {
        Ok(relations) => relations,
        Err(e) => return gap(worker, &e, inside),
    };
    worker.count_scanned();
    if relations.len() > max {
        worker.gap(GapReason::TooMany, inside);
    }
    let client = RefCell::new(client);
    for relation in relations.into_iter().take(max) {
        if worker.root.stopped() {
            return;
        }
        let mut inner = inside.to_vec();
        inner.extend([PathText::from(&*relation.schema), PathText::from(&*relation.name)]);
        if !relation.readable {
            worker.gap(GapReason::PermissionDenied, &inner);
            continue;
        }
        // A foreign table's rows are on another server.
        if relation.kind == b'f' as i8 {
            worker.gap(GapReason::Unsupported, &inner);
            continue;
        }
        let columns = client.borrow_mut().query(COLUMNS, &[&relation.oid]).map(|rows| attributes(&rows));
        match columns {
            Ok((columns, closed)) => {
                if closed {
                    worker.gap(GapReason::PermissionDenied, &inner);
                }
                super::read(worker, &mut Heap { client: &client, relation, columns, closed }, &inner);
                worker.emit(None);
            }
            Err(e) => gap(worker, &e, &inner),
        }
        if client.borrow().is_closed() && !worker.root.stopped() {
            // The rest is not looked at either.
            return worker.gap(GapReason::IoError, inside);
        }
    }
}

/// Domains are their base types. Comments help where names are abbreviations.
const COLUMNS: &str = "SELECT a.attname::text, coalesce(b.typname, t.typname)::text, t.typcategory, \
    coalesce(col_description(a.attrelid, a.attnum), ''), has_column_privilege(a.attrelid, a.attnum, 'SELECT') \
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0) \
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// How a column is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// Its type can hold nothing.
    Nothing,
    /// Its type can hold nothing but what the column's name says.
    Small,
    Text,
    Bytes,
}
struct Attribute {
    named: Named,
    ask: Ask,
}
impl Attribute {
    fn is_asked(&self, wanted: bool) -> bool {
        self.ask != Ask::Nothing && (self.ask != Ask::Small || wanted)
    }
}

/// The columns that may be read, and whether there are others.
fn attributes(rows: &[postgres::Row]) -> (Vec<Attribute>, bool) {
    let mut closed = false;
    let one = |row: &postgres::Row| {
        let name = row.try_get::<_, String>(0).ok()?;
        let (kind, category) = (row.try_get::<_, String>(1).ok()?, row.try_get::<_, i8>(2).ok()?);
        let note = row.try_get::<_, String>(3).unwrap_or_default();
        if !row.try_get::<_, bool>(4).unwrap_or(false) {
            closed = true;
            return None;
        }
        let ask = match (category.cast_unsigned(), kind.as_str()) {
            (_, "bytea") => Ask::Bytes,
            (_, "uuid" | "tsvector" | "tsquery") => Ask::Nothing,
            // Booleans, dates and times, spans of time; small numbers.
            (b'B' | b'D' | b'T', _) | (_, "int2" | "int4" | "oid") => Ask::Small,
            _ => Ask::Text,
        };
        Some(Attribute { named: Named { name, note }, ask })
    };
    let columns = rows.iter().filter_map(one).collect();
    (columns, closed)
}

/// Bytes as they came, of whatever type.
struct Raw<'r>(&'r [u8]);
impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

struct Heap<'c> {
    client: &'c RefCell<Client>,
    relation: Relation,
    columns: Vec<Attribute>,
    /// Some columns may not be read; then neither may the number of the page.
    closed: bool,
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Rows for Heap<'_> {
    fn columns(&self) -> Vec<Named> {
        self.columns.iter().map(|c| c.named.clone()).collect()
    }
    fn is_remote(&self) -> bool {
        true
    }

    fn read(&mut self, into: &mut Table<'_, '_>) -> Result<Extent, End> {
        let r = &self.relation;
        let size = self.client.borrow_mut().query_one("SELECT pg_relation_size($1::oid)", &[&r.oid]);
        let bytes = size.and_then(|row| row.try_get::<_, i64>(0)).map_err(|e| end(into.worker(), &e))?;
        let pages = u64::try_from(bytes).unwrap_or(0).div_ceil(PAGE_BYTES);
        // As the planner does: the density of then, the pages of now.
        let page_rows = match u64::try_from(r.pages) {
            Ok(pages @ 1..) if r.rows >= 0.0 => (r.rows as u64).div_ceil(pages).max(1),
            _ => PAGE_ROWS,
        };
        let about = pages.saturating_mul(page_rows);
        let plan = sampling(into.limits().unseen_ppm, into.statements(), page_rows);
        let size = cell_bytes(into.limits().cell_bytes_max, self.columns.len());
        if about <= plan.full_below {
            self.rows(into, None, size)?;
            return Ok(Extent::All);
        }
        // In millionths of a per cent; a tenth more, since pages come as they come.
        let share = u128::from(plan.rows) * 110_000_000 / u128::from(about);
        if share >= 50_000_000 {
            self.rows(into, None, size)?;
            return Ok(Extent::All);
        }
        let seed = Lot::new(into.worker(), format!("{}.{}", r.schema, r.name).as_bytes()).next() >> 33;
        let (whole, part) = (share / 1_000_000, share % 1_000_000);
        let sample = format!("TABLESAMPLE SYSTEM ({whole}.{part:06}) REPEATABLE ({seed})");
        let before = into.rows();
        let pages = self.rows(into, Some(&sample), size)?;
        let clusters = if self.closed { (into.rows() - before) / page_rows } else { pages };
        Ok(Extent::Drawn { clusters, about: Some(about) })
    }
}

impl Heap<'_> {
    /// Gives the rows; returns how many pages they came from.
    fn rows(&self, into: &mut Table<'_, '_>, sample: Option<&str>, size: usize) -> Result<u64, End> {
        let paged = sample.is_some() && !self.closed;
        let mut fields = vec![if paged { "ctid" } else { "1" }.to_owned()];
        for (_, c) in self.columns.iter().enumerate().filter(|(i, c)| c.is_asked(into.wants(*i))) {
            let name = quoted(&c.named.name);
            match c.ask {
                // One more, which tells that there is more.
                Ask::Text | Ask::Small | Ask::Nothing => {
                    fields.push(format!("CASE WHEN {name} IS NOT NULL THEN left(concat({name}), {}) END", size + 1));
                }
                Ask::Bytes => fields.push(format!("substring({name} FROM 1 FOR {})", size + 1)),
            }
        }
        let (fields, schema, table) = (fields.join(", "), quoted(&self.relation.schema), quoted(&self.relation.name));
        let sql = format!("SELECT {fields} FROM ONLY {schema}.{table} {}", sample.unwrap_or(""));
        let mut client = self.client.borrow_mut();
        let failed = |into: &Table<'_, '_>, e: &postgres::Error| end(into.worker(), e);
        let begun = client.build_transaction().read_only(true).start();
        let mut transaction = begun.map_err(|e| failed(into, &e))?;
        let mut rows = transaction.query_raw(&sql, None::<i32>).map_err(|e| failed(into, &e))?;
        let (mut clusters, mut page) = (0, None);
        while let Some(row) = rows.next().map_err(|e| failed(into, &e))? {
            into.begin_row();
            // The number of the page, then that of the row in it.
            let at =
                row.try_get::<_, Raw<'_>>(0).ok().filter(|_| paged).and_then(|ctid| ctid.0.first_chunk::<4>().copied());
            clusters += u64::from(page != at);
            page = at;
            let mut field = 1;
            for (i, c) in self.columns.iter().enumerate() {
                if !c.is_asked(into.wants(i)) {
                    into.plain(i, 0, 1);
                    continue;
                }
                let value = row.try_get::<_, Option<Raw<'_>>>(field).map_err(|e| failed(into, &e))?;
                field += 1;
                match value {
                    None => into.empty(i),
                    Some(Raw(value)) => {
                        let cut = value.get(..size).unwrap_or(value);
                        if cut.len() < value.len() {
                            into.cut();
                        }
                        if c.ask == Ask::Bytes { into.blob(i, cut) } else { into.text(i, cut) }
                    }
                }
            }
            into.end_row()?;
        }
        Ok(clusters)
    }
}
