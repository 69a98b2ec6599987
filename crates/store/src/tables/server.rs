//! Read tables in PostgreSQL: one table an import, partitioned by province, in a schema of the node's own.
//!
//! An import is one transaction: tables, rows (binary `COPY`), indexes, the line that makes it known. The server's own
//! transactions carry what renaming carries in files, so a connection that ends in the middle leaves what was there. Each import has
//! tables of its own, because dropping a table costs nothing and deleting half a million rows does.
//!
//! Texts are ordered by bytes (`COLLATE "C"`): the order of a file of rows, whatever the database's own is. Nothing is asked
//! again silently: only a table that another process has just replaced is looked up once more.

use super::fault::{LAYOUT, fit};
use super::{
    Address, CachedRow, Counted, Engine, KeptTable, Make, PAGE_ROWS_MAX, Pick, Present, ReadTable, ReadTables, Rollup,
    RowFilter, SOURCES_MAX, Sums, TABLES_MAX, TablesFault, bounded, division, fault, province, sums_table,
};
use crate::error::StoreError;
use evidence::Digest;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::{ToSql, Type};
use postgres::{Client, NoTls, Row, Statement, Transaction};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The provinces of GB/T 2260 that have supervisors (the Corps lies in 65); what is in none of them goes to a last partition.
const PROVINCES: [&str; 31] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
];
/// What holds for every session: plans that are cheap to make, no answer without an end, names that nobody else can put in the way.
const SESSION: &str = "SET search_path = pg_catalog; SET client_encoding = 'UTF8'; SET jit = off; SET random_page_cost = 1.1; \
    SET statement_timeout = '60s'; SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = '600s'";
/// Statements that a connection keeps planned; beyond them it begins again.
const PREPARED_MAX: usize = 64;
/// Held by whoever makes or drops tables, within one schema.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7))";

/// Read tables on one server.
pub struct ServerTables {
    line: Arc<Line>,
}

/// The one connection, made at first use and again after it ended.
struct Line {
    address: Address,
    schema: String,
    client: Mutex<Option<Session>>,
}

/// A connection and the statements that it has planned. Of one that is asked often the server keeps the plan, which costs more
/// than a page of 32 partitions does.
struct Session {
    client: Client,
    prepared: HashMap<String, Statement>,
}
impl Session {
    fn query(&mut self, sql: &str, params: &Params<'_>) -> Result<Vec<Row>, postgres::Error> {
        let statement = match self.prepared.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                if self.prepared.len() >= PREPARED_MAX {
                    self.prepared.clear();
                }
                let made = self.client.prepare(sql)?;
                self.prepared.insert(sql.to_owned(), made.clone());
                made
            }
        };
        self.client.query(&statement, params)
    }
}

/// A connection that is in use.
struct Held<'a>(MutexGuard<'a, Option<Session>>);
impl Held<'_> {
    fn session(&mut self) -> Result<&mut Session, StoreError> {
        self.0.as_mut().ok_or_else(|| fault(TablesFault::Lost))
    }
    fn client(&mut self) -> Result<&mut Client, StoreError> {
        self.session().map(|s| &mut s.client)
    }
}

fn said(e: &postgres::Error) -> StoreError {
    fault(TablesFault::of(e))
}
fn is(e: &postgres::Error, code: &SqlState) -> bool {
    e.code() == Some(code)
}

impl Line {
    fn held(&self) -> Result<Held<'_>, StoreError> {
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|s| s.client.is_closed()) {
            *kept = None;
            *kept = Some(Session { client: self.connect().map_err(fault)?, prepared: HashMap::new() });
        }
        Ok(Held(kept))
    }

    fn connect(&self) -> Result<Client, TablesFault> {
        let mut client = self.address.config.connect(NoTls).map_err(|e| TablesFault::of_connecting(&e))?;
        server_fit(&mut client)?;
        client.batch_execute(SESSION).map_err(|e| TablesFault::of(&e))?;
        Ok(client)
    }

    /// The number of an import; none: it is not there. Errors: another layout.
    fn number(&self, client: &mut Client, id: Digest) -> Result<Option<i64>, StoreError> {
        let sql =
            format!("SELECT l.version, i.n FROM {s}.layout l LEFT JOIN {s}.imports i ON i.id = $1", s = self.schema);
        match client.query_opt(&sql, &[&&id.0[..]]) {
            Ok(Some(row)) => {
                laid_out(row.get(0))?;
                Ok(row.get(1))
            }
            Ok(None) => Ok(None),
            Err(e) if is(&e, &SqlState::UNDEFINED_TABLE) || is(&e, &SqlState::INVALID_SCHEMA_NAME) => Ok(None),
            Err(e) => Err(said(&e)),
        }
    }
}

/// Holds the server behind a connection against what is needed.
pub(crate) fn server_fit(client: &mut Client) -> Result<(), TablesFault> {
    let sql = "SELECT current_setting('server_version_num')::int4, current_setting('server_encoding')";
    let row = client.query_one(sql, &[]).map_err(|e| TablesFault::of(&e))?;
    fit(row.get(0), row.get(1))
}

fn laid_out(found: i32) -> Result<(), StoreError> {
    if found == LAYOUT { Ok(()) } else { Err(fault(TablesFault::Layout(found, LAYOUT))) }
}

impl ServerTables {
    /// The tables of `space` (letters, digits, `_`: a schema of its own) on a server, which is called at first use.
    #[must_use]
    pub fn new(address: Address, space: &str) -> Self {
        let name: String = space.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        let schema = format!("watchfire_{}", name.to_lowercase());
        Self { line: Arc::new(Line { address, schema, client: Mutex::new(None) }) }
    }

    fn open(&self, n: i64, id: Digest) -> Box<dyn ReadTable> {
        Box::new(ServerTable { line: Arc::clone(&self.line), n: Cell::new(n), id })
    }

    /// Drops the oldest imports. One that others hold on to stays until the next time.
    fn make_room(&self, client: &mut Client) -> Result<(), StoreError> {
        let s = &self.line.schema;
        let sql = format!("SELECT id FROM {s}.imports WHERE id <> $1 ORDER BY n DESC OFFSET $2");
        let kept = i64::try_from(TABLES_MAX).unwrap_or(i64::MAX);
        let rows = client.query(&sql, &[&&sums_table().0[..], &kept]).map_err(|e| said(&e))?;
        for row in rows {
            let id: Vec<u8> = row.get(0);
            match self.dropped(client, &id, "2s") {
                Err(StoreError::Tables(TablesFault::Late)) => {}
                other => other?,
            }
        }
        Ok(())
    }

    fn dropped(&self, client: &mut Client, id: &[u8], wait: &str) -> Result<(), StoreError> {
        let s = &self.line.schema;
        let mut tx = client.transaction().map_err(|e| said(&e))?;
        tx.batch_execute(&format!("SET LOCAL lock_timeout = '{wait}'")).map_err(|e| said(&e))?;
        let sql = format!("DELETE FROM {s}.imports WHERE id = $1 RETURNING n");
        if let Some(row) = tx.query_opt(&sql, &[&id]).map_err(|e| said(&e))? {
            tx.batch_execute(&drop_tables(s, row.get(0))).map_err(|e| said(&e))?;
        }
        tx.commit().map_err(|e| said(&e))
    }
}

fn drop_tables(schema: &str, n: i64) -> String {
    format!("DROP TABLE IF EXISTS {schema}.rows_{n}, {schema}.picks_{n}")
}

/// The schema and what is of no import. Held by the lock.
fn lay_out(tx: &mut Transaction<'_>, s: &str) -> Result<(), StoreError> {
    let has = tx.query_one("SELECT to_regclass($1) IS NOT NULL", &[&format!("{s}.layout")]).map_err(|e| said(&e))?;
    if has.get(0) {
        let row = tx.query_one(&format!("SELECT version FROM {s}.layout"), &[]).map_err(|e| said(&e))?;
        return laid_out(row.get(0));
    }
    let sql = format!(
        r#"CREATE SCHEMA IF NOT EXISTS {s};
        CREATE TABLE {s}.layout (version int4 NOT NULL);
        INSERT INTO {s}.layout VALUES ({LAYOUT});
        CREATE SEQUENCE {s}.numbers;
        CREATE TABLE {s}.imports (n int8 PRIMARY KEY, id bytea NOT NULL UNIQUE, rows int8 NOT NULL);
        CREATE TABLE {s}.lists (
            n int8 NOT NULL REFERENCES {s}.imports ON DELETE CASCADE, list bytea NOT NULL, PRIMARY KEY (n, list));
        CREATE TABLE {s}.sources (
            n int8 NOT NULL REFERENCES {s}.imports ON DELETE CASCADE, source bytea NOT NULL, at int8 NOT NULL,
            PRIMARY KEY (n, source));
        CREATE TABLE {s}.rollups (
            n int8 NOT NULL, source bytea NOT NULL, kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
            target text COLLATE "C" NOT NULL, rung text COLLATE "C" NOT NULL, amount int8 NOT NULL, denominator int8 NOT NULL,
            PRIMARY KEY (n, source, kind, key, target, rung) INCLUDE (amount, denominator),
            FOREIGN KEY (n, source) REFERENCES {s}.sources ON DELETE CASCADE)"#
    );
    tx.batch_execute(&sql).map_err(|e| said(&e))
}

/// The tables of an import, without indexes.
fn rows_tables(s: &str, n: i64) -> String {
    let mut sql = format!(
        r#"CREATE TABLE {s}.rows_{n} (
            province text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, division text COLLATE "C" NOT NULL,
            area text COLLATE "C" NOT NULL, industry text COLLATE "C" NOT NULL, line bytea NOT NULL
        ) PARTITION BY LIST (province);
        CREATE TABLE {s}.picks_{n} (
            list bytea NOT NULL, province text COLLATE "C" NOT NULL, division text COLLATE "C" NOT NULL,
            code text COLLATE "C" NOT NULL, PRIMARY KEY (list, code) INCLUDE (province));
        CREATE INDEX ON {s}.picks_{n} (list, province, code);
        CREATE INDEX ON {s}.picks_{n} (list, division, code) INCLUDE (province);
        CREATE TABLE {s}.rows_{n}_rest PARTITION OF {s}.rows_{n} DEFAULT;"#
    );
    for p in PROVINCES {
        sql += &format!("CREATE TABLE {s}.rows_{n}_{p} PARTITION OF {s}.rows_{n} FOR VALUES IN ('{p}');");
    }
    sql
}

/// The code comes first: pages over all provinces merge the partitions in its order.
fn rows_indexes(s: &str, n: i64) -> String {
    format!(
        "ALTER TABLE {s}.rows_{n} ADD PRIMARY KEY (code, province); CREATE INDEX ON {s}.rows_{n} (division, code); \
         ANALYZE {s}.rows_{n}"
    )
}

impl ReadTables for ServerTables {
    fn engine(&self) -> Result<Engine, StoreError> {
        let mut held = self.line.held()?;
        let row = held.client()?.query_one("SELECT current_setting('server_version')", &[]).map_err(|e| said(&e))?;
        let place = format!("{} ({})", self.line.address.shown(), self.line.schema);
        Ok(Engine { name: "postgresql", version: row.get(0), place })
    }

    fn table(&self, id: Digest) -> Result<Option<Box<dyn ReadTable>>, StoreError> {
        let mut held = self.line.held()?;
        let found = self.line.number(held.client()?, id)?;
        Ok(found.map(|n| self.open(n, id)))
    }

    fn make(
        &self,
        order: &Make<'_>,
        rows: &mut dyn Iterator<Item = CachedRow<'_>>,
    ) -> Result<Box<dyn ReadTable>, StoreError> {
        let s = &self.line.schema;
        let mut held = self.line.held()?;
        let client = held.client()?;
        let mut tx = client.transaction().map_err(|e| said(&e))?;
        tx.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '128MB'")
            .map_err(|e| said(&e))?;
        tx.query_one(LOCK, &[s]).map_err(|e| said(&e))?;
        lay_out(&mut tx, s)?;
        let id = &order.id.0[..];
        let old = tx.query_opt(&format!("SELECT n FROM {s}.imports WHERE id = $1"), &[&id]).map_err(|e| said(&e))?;
        let old: Option<i64> = old.map(|r| r.get(0));
        if let (Some(n), Present::Keep) = (old, order.present) {
            tx.commit().map_err(|e| said(&e))?;
            return Ok(self.open(n, order.id));
        }
        let n: i64 = tx
            .query_one("SELECT nextval($1::text::regclass)", &[&format!("{s}.numbers")])
            .map_err(|e| said(&e))?
            .get(0);
        if order.id != sums_table() {
            tx.batch_execute(&rows_tables(s, n)).map_err(|e| said(&e))?;
            copied(&mut tx, s, n, order, rows)?;
            tx.batch_execute(&rows_indexes(s, n)).map_err(|e| said(&e))?;
        }
        // Only now, for a moment, are readers of the one before kept waiting.
        if let Some(old) = old {
            tx.execute(&format!("DELETE FROM {s}.imports WHERE n = $1"), &[&old]).map_err(|e| said(&e))?;
            tx.batch_execute(&drop_tables(s, old)).map_err(|e| said(&e))?;
        }
        let count = i64::try_from(order.count).unwrap_or(i64::MAX);
        let sql = format!("INSERT INTO {s}.imports VALUES ($1, $2, $3)");
        tx.execute(&sql, &[&n, &id, &count]).map_err(|e| said(&e))?;
        // A crash before this commit leaves what was there before.
        tx.commit().map_err(|e| said(&e))?;
        self.make_room(client)?;
        Ok(self.open(n, order.id))
    }

    fn sums(&self) -> Result<Box<dyn ReadTable>, StoreError> {
        let (progress, stop) = (stdx::Silent, stdx::Stop::new());
        let order = Make { id: sums_table(), count: 0, present: Present::Keep, progress: &progress, stop: &stop };
        self.make(&order, &mut std::iter::empty())
    }

    fn kept(&self) -> Result<Vec<KeptTable>, StoreError> {
        let s = &self.line.schema;
        let mut held = self.line.held()?;
        let client = held.client()?;
        // Asks for the layout too.
        if self.line.number(client, sums_table())?.is_none() && !has_layout(client, s)? {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT id, rows, (SELECT count(*) FROM {s}.lists l WHERE l.n = i.n), \
             (SELECT count(*) FROM {s}.sources o WHERE o.n = i.n), \
             (SELECT coalesce(sum(pg_total_relation_size(t.relid)), 0)::int8 \
              FROM pg_partition_tree(to_regclass('{s}.rows_' || n)) t) \
             + coalesce(pg_total_relation_size(to_regclass('{s}.picks_' || n)), 0) FROM {s}.imports i"
        );
        let rows = client.query(&sql, &[]).map_err(|e| said(&e))?;
        let mut out: Vec<KeptTable> = rows.iter().map(kept).collect::<Result<_, _>>()?;
        out.sort_by_key(|t| t.id);
        Ok(out)
    }

    fn drop_one(&self, id: Digest) -> Result<(), StoreError> {
        let mut held = self.line.held()?;
        let client = held.client()?;
        if self.line.number(client, id)?.is_none() {
            return Ok(());
        }
        self.dropped(client, &id.0, "60s")
    }

    fn drop_all(&self) -> Result<(), StoreError> {
        let s = &self.line.schema;
        let mut held = self.line.held()?;
        let mut tx = held.client()?.transaction().map_err(|e| said(&e))?;
        tx.query_one(LOCK, &[s]).map_err(|e| said(&e))?;
        tx.batch_execute(&format!("SET LOCAL client_min_messages = error; DROP SCHEMA IF EXISTS {s} CASCADE"))
            .map_err(|e| said(&e))?;
        tx.commit().map_err(|e| said(&e))
    }
}

fn has_layout(client: &mut Client, s: &str) -> Result<bool, StoreError> {
    let row = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&format!("{s}.layout")]);
    Ok(row.map_err(|e| said(&e))?.get(0))
}

fn kept(row: &Row) -> Result<KeptTable, StoreError> {
    let number = |at: usize| u64::try_from(row.get::<_, i64>(at)).unwrap_or(0);
    Ok(KeptTable { id: digest(row.get(0))?, rows: number(1), lists: number(2), sources: number(3), bytes: number(4) })
}
fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes.try_into().map(Digest).map_err(|_| StoreError::damaged("read tables", "a digest of another length"))
}

/// The rows, by binary `COPY`.
fn copied(
    tx: &mut Transaction<'_>,
    s: &str,
    n: i64,
    order: &Make<'_>,
    rows: &mut dyn Iterator<Item = CachedRow<'_>>,
) -> Result<(), StoreError> {
    let sql = format!("COPY {s}.rows_{n} (province, code, division, area, industry, line) FROM STDIN (FORMAT binary)");
    let writer = tx.copy_in(&sql).map_err(|e| said(&e))?;
    let mut writer =
        BinaryCopyInWriter::new(writer, &[Type::TEXT, Type::TEXT, Type::TEXT, Type::TEXT, Type::TEXT, Type::BYTEA]);
    let mut counted = Counted::new(order);
    for r in rows {
        let values: [&(dyn ToSql + Sync); 6] =
            [&province(r.area), &r.code, &division(r.industry), &r.area, &r.industry, &r.line];
        writer.write(&values).map_err(|e| said(&e))?;
        counted.row()?;
    }
    counted.whole()?;
    writer.finish().map_err(|e| said(&e))?;
    Ok(())
}

/// One import.
struct ServerTable {
    line: Arc<Line>,
    n: Cell<i64>,
    id: Digest,
}

type Params<'a> = [&'a (dyn ToSql + Sync)];

impl ServerTable {
    /// Asks for all rows of an answer. A table that was replaced meanwhile is looked up once more.
    fn ask(&self, sql: &dyn Fn(&str, i64) -> String, params: &Params<'_>) -> Result<Vec<Row>, StoreError> {
        let mut held = self.line.held()?;
        let session = held.session()?;
        match session.query(&sql(&self.line.schema, self.n.get()), params) {
            Ok(rows) => Ok(rows),
            Err(e) if is(&e, &SqlState::UNDEFINED_TABLE) => {
                let n = self.line.number(&mut session.client, self.id)?.ok_or_else(|| said(&e))?;
                self.n.set(n);
                session.query(&sql(&self.line.schema, n), params).map_err(|e| said(&e))
            }
            Err(e) => Err(said(&e)),
        }
    }

    fn change(
        &self,
        f: &mut dyn FnMut(&mut Transaction<'_>, &str, i64) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut held = self.line.held()?;
        let client = held.client()?;
        let n = self.line.number(client, self.id)?.ok_or_else(|| fault(TablesFault::Lost))?;
        self.n.set(n);
        let mut tx = client.transaction().map_err(|e| said(&e))?;
        f(&mut tx, &self.line.schema, n)?;
        tx.commit().map_err(|e| said(&e))
    }
}

/// The statement of a page: `$1` the code before it, `$2` the list, `$3` the area, `$4` the industry. The limit stands in it as a
/// number, and otherwise only what narrows: a limit that is not known, or a condition that holds for every row makes the planner think that few are left, and read them all.
fn page_sql(filter: &RowFilter, s: &str, n: i64) -> String {
    let of_list = filter.list.is_some();
    let at = if of_list { "p" } else { "r" };
    let mut sql = match of_list {
        true => format!(
            "SELECT r.line FROM {s}.picks_{n} p JOIN {s}.rows_{n} r ON r.code = p.code AND r.province = p.province \
             WHERE p.list = $2 AND p.code > $1"
        ),
        false => format!("SELECT r.line FROM {s}.rows_{n} r WHERE $2::bytea IS NOT NULL AND r.code > $1"),
    };
    let (area, industry) = (filter.area.chars().count(), filter.industry.chars().count());
    sql += &match area {
        0 => " AND $3::text IS NOT NULL".to_owned(),
        2 => format!(" AND {at}.province = $3"),
        n if n > 2 => format!(" AND {at}.province = left($3, 2) AND r.area ^@ $3"),
        _ => " AND r.area ^@ $3::text".to_owned(),
    };
    sql += &match industry {
        0 => " AND $4::text IS NOT NULL".to_owned(),
        3 => format!(" AND {at}.division = $4"),
        n if n > 3 => format!(" AND {at}.division = left($4, 3) AND r.industry ^@ $4"),
        _ => format!(" AND {at}.division ^@ $4::text"),
    };
    sql += &format!(" ORDER BY {at}.code LIMIT {}", filter.limit.min(PAGE_ROWS_MAX));
    sql
}

fn lines_of(rows: &[Row]) -> Vec<Vec<u8>> {
    rows.iter().map(|r| r.get(0)).collect()
}

impl ReadTable for ServerTable {
    fn page(&self, filter: &RowFilter) -> Result<Vec<Vec<u8>>, StoreError> {
        let list = filter.list.map_or([0; 32], |l| l.0);
        let params: [&(dyn ToSql + Sync); 4] = [&filter.after, &&list[..], &filter.area, &filter.industry];
        let rows = self.ask(&|s, n| page_sql(filter, s, n), &params)?;
        match filter.list {
            // Also of a table that another process has just made again, without its lists.
            Some(list) if rows.is_empty() && !self.has_list(list)? => Err(StoreError::NotFound(list)),
            _ => Ok(lines_of(&rows)),
        }
    }

    fn one(&self, code: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.ask(&|s, n| format!("SELECT line FROM {s}.rows_{n} WHERE code = $1"), &[&code])?;
        Ok(rows.first().map(|r| r.get(0)))
    }

    fn province(&self, area: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = |s: &str, n: i64| format!("SELECT line FROM {s}.rows_{n} WHERE province = $1 ORDER BY code");
        Ok(lines_of(&self.ask(&sql, &[&area])?))
    }

    fn lines(&self, take: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        let mut held = self.line.held()?;
        let client = held.client()?;
        let n = self.line.number(client, self.id)?.ok_or_else(|| fault(TablesFault::Lost))?;
        let sql = format!("SELECT line FROM {}.rows_{n} ORDER BY code", self.line.schema);
        // Two million rows may take longer than a page may.
        let mut tx = client.build_transaction().read_only(true).start().map_err(|e| said(&e))?;
        tx.batch_execute("SET LOCAL statement_timeout = 0").map_err(|e| said(&e))?;
        let mut rows = tx.query_raw(&sql, None::<i32>).map_err(|e| said(&e))?;
        while let Some(row) = rows.next().map_err(|e| said(&e))? {
            take(row.get(0));
        }
        Ok(())
    }

    fn count(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = |s: &str, n: i64| format!("SELECT province, count(*) FROM {s}.rows_{n} GROUP BY 1 ORDER BY 1");
        let rows = self.ask(&sql, &[])?;
        Ok(rows.iter().map(|r| (r.get(0), u64::try_from(r.get::<_, i64>(1)).unwrap_or(0))).collect())
    }

    fn has_list(&self, list: Digest) -> Result<bool, StoreError> {
        let sql = |s: &str, n: i64| format!("SELECT 1 FROM {s}.lists WHERE n = {n} AND list = $1");
        Ok(!self.ask(&sql, &[&&list.0[..]])?.is_empty())
    }

    fn on_list(&self, list: Digest, code: &str) -> Result<bool, StoreError> {
        let sql = |s: &str, n: i64| format!("SELECT 1 FROM {s}.picks_{n} WHERE list = $1 AND code = $2");
        Ok(!self.ask(&sql, &[&&list.0[..], &code])?.is_empty())
    }

    fn keep_list(
        &mut self,
        list: Digest,
        picks: &mut dyn Iterator<Item = Pick<'_>>,
        sums: Option<&Sums<'_>>,
    ) -> Result<(), StoreError> {
        sums.map_or(Ok(()), bounded)?;
        self.change(&mut |tx, s, n| {
            let sql = format!("INSERT INTO {s}.lists VALUES ($1, $2) ON CONFLICT DO NOTHING");
            // Of two that write the same list the second waits here, and then has nothing to do.
            if tx.execute(&sql, &[&n, &&list.0[..]]).map_err(|e| said(&e))? == 1 {
                let sql = format!("COPY {s}.picks_{n} (list, province, division, code) FROM STDIN (FORMAT binary)");
                let writer = tx.copy_in(&sql).map_err(|e| said(&e))?;
                let mut writer = BinaryCopyInWriter::new(writer, &[Type::BYTEA, Type::TEXT, Type::TEXT, Type::TEXT]);
                for p in &mut *picks {
                    let values: [&(dyn ToSql + Sync); 4] =
                        [&&list.0[..], &province(p.area), &division(p.industry), &p.code];
                    writer.write(&values).map_err(|e| said(&e))?;
                }
                writer.finish().map_err(|e| said(&e))?;
                // Without it the first pages are planned as if the list were empty.
                tx.batch_execute(&format!("ANALYZE {s}.picks_{n}")).map_err(|e| said(&e))?;
            }
            sums.map_or(Ok(()), |sums| replaced(tx, s, n, sums))
        })
    }

    fn replace(&mut self, sums: &Sums<'_>) -> Result<(), StoreError> {
        bounded(sums)?;
        self.change(&mut |tx, s, n| replaced(tx, s, n, sums))
    }

    fn rollups(&self, source: Digest, by: &str) -> Result<Option<Vec<Rollup>>, StoreError> {
        let sql = |s: &str, n: i64| {
            format!(
                "SELECT key, target, rung, amount, denominator FROM {s}.rollups WHERE n = {n} AND source = $1 AND kind = $2 \
                 ORDER BY key, target, rung"
            )
        };
        let rows = self.ask(&sql, &[&&source.0[..], &by])?;
        let one = |r: &Row| Rollup {
            by: by.to_owned(),
            key: r.get(0),
            target: r.get(1),
            rung: r.get(2),
            amount: r.get(3),
            denominator: r.get(4),
        };
        let here = |s: &str, n: i64| format!("SELECT 1 FROM {s}.sources WHERE n = {n} AND source = $1");
        if rows.is_empty() && self.ask(&here, &[&&source.0[..]])?.is_empty() {
            return Ok(None);
        }
        Ok(Some(rows.iter().map(one).collect()))
    }
}

fn replaced(tx: &mut Transaction<'_>, s: &str, n: i64, sums: &Sums<'_>) -> Result<(), StoreError> {
    let source = &sums.source.0[..];
    tx.query_one(LOCK, &[&format!("{s}.sums")]).map_err(|e| said(&e))?;
    tx.execute(&format!("DELETE FROM {s}.sources WHERE n = $1 AND source = $2"), &[&n, &source])
        .map_err(|e| said(&e))?;
    let sql = format!("INSERT INTO {s}.sources VALUES ($1, $2, nextval($3::text::regclass))");
    tx.execute(&sql, &[&n, &source, &format!("{s}.numbers")]).map_err(|e| said(&e))?;
    let sql = format!("COPY {s}.rollups FROM STDIN (FORMAT binary)");
    let writer = tx.copy_in(&sql).map_err(|e| said(&e))?;
    let types = [Type::INT8, Type::BYTEA, Type::TEXT, Type::TEXT, Type::TEXT, Type::TEXT, Type::INT8, Type::INT8];
    let mut writer = BinaryCopyInWriter::new(writer, &types);
    for r in sums.rows {
        let values: [&(dyn ToSql + Sync); 8] =
            [&n, &source, &r.by, &r.key, &r.target, &r.rung, &r.amount, &r.denominator];
        writer.write(&values).map_err(|e| said(&e))?;
    }
    writer.finish().map_err(|e| said(&e))?;
    let kept = i64::try_from(SOURCES_MAX).unwrap_or(i64::MAX);
    let sql = format!(
        "DELETE FROM {s}.sources WHERE n = $1 AND at NOT IN (SELECT at FROM {s}.sources WHERE n = $1 ORDER BY at DESC LIMIT $2)"
    );
    tx.execute(&sql, &[&n, &kept]).map_err(|e| said(&e))?;
    Ok(())
}
