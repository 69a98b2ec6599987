//! Two engines under one set of statements: a SQLite file, and a PostgreSQL server.
//!
//! The statements are written for SQLite (`?1`, `TEXT`, `BLOB`, `INTEGER`) in what both understand, and are put into the server's words
//! here. Texts are ordered by bytes in both.

use crate::error::StoreError;
use crate::tables::{Address, TablesFault, server_fit};
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Statement};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one waits for another that writes.
const BUSY_WAIT: Duration = Duration::from_secs(60);
/// Rows of one statement that writes many, on a server: each statement is a round trip.
const MANY_ROWS: usize = 100;
/// Statements that a connection keeps planned.
const PREPARED_MAX: usize = 200;
/// As for the read tables: names that nobody else can put in the way, no answer without an end.
const SESSION: &str = "SET client_encoding = 'UTF8'; SET jit = off; SET random_page_cost = 1.1; \
    SET statement_timeout = '600s'; SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = '600s'";

/// A value of a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
impl From<u64> for Value {
    fn from(n: u64) -> Self {
        Self::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }
}
impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}
impl From<evidence::Digest> for Value {
    fn from(digest: evidence::Digest) -> Self {
        Self::Blob(digest.0.to_vec())
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(t) => ValueRef::Text(t.as_bytes()),
            Self::Blob(b) => ValueRef::Blob(b),
        }))
    }
}
impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql(ty, out),
            Self::Text(t) => t.to_sql(ty, out),
            Self::Blob(b) => b.to_sql(ty, out),
        }
    }
    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT | Type::BYTEA)
    }
    to_sql_checked!();
}

pub(crate) type Row = Vec<Value>;

/// What both engines can.
pub(crate) enum Engine {
    File { db: Connection, path: PathBuf },
    Server(Box<Server>),
}

pub(crate) struct Server {
    client: Client,
    prepared: HashMap<String, Statement>,
    schema: String,
}

impl Server {
    /// The schema that everything lies in.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }
}

fn said(e: &postgres::Error) -> StoreError {
    StoreError::Tables(TablesFault::of(e))
}

impl Engine {
    /// The file; none where the folder cannot be made or written: then in memory, for this time only.
    pub(crate) fn file(path: Option<&Path>) -> Result<Self, StoreError> {
        let memory = PathBuf::from(":memory:");
        let path = path.map_or(memory, Path::to_owned);
        let fail = |e: rusqlite::Error| StoreError::sql(&path, &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags).map_err(fail)?;
        db.busy_timeout(BUSY_WAIT).map_err(fail)?;
        // What a crash of the machine takes away is made again: the file must only stay whole.
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA temp_store = FILE;")
            .map_err(fail)?;
        db.set_prepared_statement_cache_capacity(PREPARED_MAX);
        Ok(Self::File { db, path })
    }

    pub(crate) fn server(address: &Address, schema: &str) -> Result<Self, StoreError> {
        let client = address.config.connect(NoTls).map_err(|e| StoreError::Tables(TablesFault::of_connecting(&e)))?;
        let mut server = Server { client, prepared: HashMap::new(), schema: schema.to_owned() };
        server_fit(&mut server.client).map_err(StoreError::Tables)?;
        let c = &mut server.client;
        c.batch_execute(SESSION).map_err(|e| said(&e))?;
        c.batch_execute(&format!("SET search_path = {schema}, pg_catalog")).map_err(|e| said(&e))?;
        Ok(Self::Server(Box::new(server)))
    }

    pub(crate) fn is_lost(&self) -> bool {
        match self {
            // A file that was put in its place is another one.
            Self::File { path, .. } => path.as_os_str() != ":memory:" && !path.exists(),
            Self::Server(s) => s.client.is_closed(),
        }
    }

    /// Statements without values, one after another.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::File { db, path } => db.execute_batch(sql).map_err(|e| StoreError::sql(path, &e)),
            Self::Server(s) => s.client.batch_execute(&served(sql)).map_err(|e| said(&e)),
        }
    }

    /// Begins what is whole or not there; who writes at the same time waits.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            Self::File { .. } => self.batch("BEGIN IMMEDIATE"),
            Self::Server(s) => {
                let schema = s.schema.clone();
                s.client.batch_execute("BEGIN").map_err(|e| said(&e))?;
                let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 11))";
                s.client.query_one(lock, &[&schema]).map_err(|e| said(&e))?;
                s.client.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).map_err(|e| said(&e))
            }
        }
    }

    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<(), StoreError> {
        match self {
            Self::File { db, path } => {
                let done = db.prepare_cached(sql).and_then(|mut q| q.execute(rusqlite::params_from_iter(values)));
                done.map(drop).map_err(|e| StoreError::sql(path, &e))
            }
            Self::Server(s) => s.run(&served(sql), values).map(drop),
        }
    }

    pub(crate) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::File { db, path } => {
                let fail = |e: rusqlite::Error| StoreError::sql(path, &e);
                let mut query = db.prepare_cached(sql).map_err(fail)?;
                let columns = query.column_count();
                let read = |r: &rusqlite::Row<'_>| (0..columns).map(|n| Ok(from_file(r.get_ref(n)?))).collect();
                let rows = query.query_map(rusqlite::params_from_iter(values), read).map_err(fail)?;
                rows.collect::<Result<_, _>>().map_err(fail)
            }
            Self::Server(s) => {
                let rows = s.run(&served(sql), values)?;
                Ok(rows.iter().map(|r| (0..r.len()).map(|n| from_server(r, n)).collect()).collect())
            }
        }
    }

    /// Writes rows into a table. `tail`: what becomes of rows that are there, such as `ON CONFLICT DO NOTHING`.
    pub(crate) fn insert(&mut self, table: &str, rows: &[Row], tail: &str) -> Result<(), StoreError> {
        let Some(columns) = rows.first().map(Vec::len) else { return Ok(()) };
        let at_once = if matches!(self, Self::File { .. }) { 1 } else { MANY_ROWS };
        let statement = |count: usize| {
            let row = |r: usize| {
                let places: Vec<String> = (1..=columns).map(|c| format!("?{}", r * columns + c)).collect();
                format!("({})", places.join(","))
            };
            let rows: Vec<String> = (0..count).map(row).collect();
            format!("INSERT INTO {table} VALUES {} {tail}", rows.join(","))
        };
        let whole = statement(at_once);
        for part in rows.chunks(at_once) {
            if at_once == 1 {
                self.execute(&whole, &part[0])?;
                continue;
            }
            let values: Row = part.iter().flatten().cloned().collect();
            let last = (part.len() < at_once).then(|| statement(part.len()));
            self.execute(last.as_deref().unwrap_or(&whole), &values)?;
        }
        Ok(())
    }
}

impl Server {
    fn run(&mut self, sql: &str, values: &[Value]) -> Result<Vec<postgres::Row>, StoreError> {
        let statement = match self.prepared.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                if self.prepared.len() >= PREPARED_MAX {
                    self.prepared.clear();
                }
                let made = self.client.prepare(sql).map_err(|e| said(&e))?;
                self.prepared.insert(sql.to_owned(), made.clone());
                made
            }
        };
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        self.client.query(&statement, &values).map_err(|e| said(&e))
    }
}

/// The server's words for a statement.
fn served(sql: &str) -> String {
    let sql = sql.replace('?', "$").replace(" WITHOUT ROWID", "").replace(" BLOB", " bytea");
    sql.replace(" INTEGER", " int8").replace(" TEXT", " text COLLATE \"C\"")
}

fn from_file(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Real(_) => Value::Null,
        ValueRef::Text(t) => Value::Text(String::from_utf8_lossy(t).into_owned()),
        ValueRef::Blob(b) => Value::Blob(b.to_vec()),
    }
}

fn from_server(row: &postgres::Row, n: usize) -> Value {
    let ty = row.columns().get(n).map(|c| c.type_().clone());
    match ty {
        Some(Type::INT8) => row.get::<_, Option<i64>>(n).into(),
        Some(Type::BYTEA) => row.get::<_, Option<Vec<u8>>>(n).map_or(Value::Null, Value::Blob),
        _ => row.get::<_, Option<String>>(n).map_or(Value::Null, Value::Text),
    }
}

/// Reads a row from the left to the right.
pub(crate) struct Columns<'a>(pub(crate) std::slice::Iter<'a, Value>);
impl<'a> Columns<'a> {
    pub(crate) fn of(row: &'a Row) -> Self {
        Self(row.iter())
    }
    pub(crate) fn text(&mut self) -> String {
        match self.0.next() {
            Some(Value::Text(t)) => t.clone(),
            _ => String::new(),
        }
    }
    pub(crate) fn int(&mut self) -> Option<i64> {
        match self.0.next() {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        }
    }
    pub(crate) fn number(&mut self) -> u64 {
        self.int().and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
    }
    pub(crate) fn is(&mut self) -> bool {
        self.int() == Some(1)
    }
    pub(crate) fn digest(&mut self) -> Option<evidence::Digest> {
        match self.0.next() {
            Some(Value::Blob(b)) => b.as_slice().try_into().ok().map(evidence::Digest),
            _ => None,
        }
    }
}
