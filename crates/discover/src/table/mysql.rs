//! MySQL and MariaDB: every table that this login is shown, read-only, a sample of the large ones.
//!
//! Sessions and transactions are read-only; rows are streamed, a cell is cut by the server; a file that the server asks
//! for (`LOCAL INFILE`) is not given. Tables on which the login has no right at all are not shown by the server: they
//! cannot even be counted.
//!
//! There is no sampling by pages. A table with a whole number for its key is sampled by ranges of keys, others by
//! throwing a die for each row, for which the server reads the whole table but sends little.

use super::server::{attempt, cell_bytes, watched};
use super::{End, Extent, Lot, Named, Rows, Table};
use crate::content::Worker;
use crate::target::Server;
use classify::sampling;
use evidence::{GapReason, PathText};
use mysql::prelude::Queryable;
use mysql::{Conn, Opts, OptsBuilder, Value};
use std::cell::RefCell;
use std::time::Duration;

/// Longest packet that is taken from a server, in bytes: a row of cells, each cut.
const PACKET_BYTES_MAX: usize = 80 << 20;
/// Rows of a range, and ranges asked for at once: one way to the server and back for all of them.
const CLUSTER_ROWS: u64 = 16;
const RANGES: u64 = 16;
/// Schemas that the server keeps for itself.
const OWN: &str = "'mysql', 'information_schema', 'performance_schema', 'sys'";

/// Reads a server, or the one database of it that is named.
pub(super) fn read(worker: &mut Worker<'_>, server: &Server) {
    let limits = &worker.config().limits.table;
    let password = server.password().map(|p| p.0);
    let mut builder = OptsBuilder::new()
        .user(Some(server.login()))
        .pass(password)
        .prefer_socket(false)
        .max_allowed_packet(Some(PACKET_BYTES_MAX))
        .tcp_connect_timeout(Some(Duration::from_secs(limits.connect_seconds_max.into())))
        .init(vec!["SET NAMES utf8mb4", "SET SESSION TRANSACTION READ ONLY"]);
    builder = if server.host.starts_with('/') {
        builder.socket(Some(server.host.clone()))
    } else {
        builder.ip_or_hostname(Some(server.host.clone())).tcp_port(server.port)
    };
    let options = Opts::from(builder);
    let (first, seconds) = (options.clone(), limits.statement_seconds_max);
    let made = attempt(worker.root, move || {
        let mut connection = Conn::new(first)?;
        limit(&mut connection, seconds)?;
        Ok::<_, mysql::Error>(connection)
    });
    let connection = match made {
        None => return,
        Some(Ok(connection)) => connection,
        Some(Err(e)) => return gap(worker, &e, &[]),
    };
    let (id, root) = (connection.connection_id(), worker.root);
    let cancel = || {
        // A statement is broken off through another connection.
        if let Ok(mut other) = Conn::new(options.clone()) {
            let _ = other.query_drop(format!("KILL QUERY {id}"));
        }
    };
    watched(root, cancel, || tables(worker, connection, server.database.as_deref()));
}

/// The longest a statement may run: MariaDB counts seconds, MySQL milliseconds.
fn limit(connection: &mut Conn, seconds: u32) -> mysql::Result<()> {
    let version: Option<String> = connection.query_first("SELECT VERSION()")?;
    let sql = if version.is_some_and(|v| v.contains("MariaDB")) {
        format!("SET SESSION max_statement_time = {seconds}")
    } else {
        format!("SET SESSION max_execution_time = {}", u64::from(seconds) * 1000)
    };
    connection.query_drop(sql)
}

/// Why the server did not go on.
fn end(worker: &Worker<'_>, error: &mysql::Error) -> End {
    if worker.root.stopped() {
        return End::Stopped;
    }
    let mysql::Error::MySqlError(e) = error else { return End::Gap(GapReason::IoError) };
    End::Gap(match e.code {
        // Access denied: to the server, a database, a table, a column, an operation.
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698 => GapReason::PermissionDenied,
        1049 => GapReason::Missing,
        1146 | 1054 | 1412 => GapReason::Vanished,
        // A statement took too long: MariaDB, MySQL.
        1969 | 3024 => GapReason::TooLarge,
        1205 => GapReason::ChangedWhileRead,
        126 | 127 | 1034 | 1194 | 1195 | 1712 | 1877 => GapReason::Corrupt,
        1286 | 1235 => GapReason::Unsupported,
        _ => GapReason::IoError,
    })
}
fn gap(worker: &Worker<'_>, error: &mysql::Error, inside: &[PathText]) {
    if let End::Gap(reason) = end(worker, error) {
        worker.gap(reason, inside);
    }
}

/// A table as the catalogue shows it.
struct Relation {
    schema: String,
    name: String,
    /// Nothing for a table that the server itself cannot open.
    engine: Option<String>,
    /// About how many rows.
    rows: Option<u64>,
}

fn tables(worker: &mut Worker<'_>, mut connection: Conn, database: Option<&str>) {
    let max = worker.config().limits.table.tables_max;
    let sql = format!(
        "SELECT table_schema, table_name, engine, table_rows FROM information_schema.tables \
         WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_schema NOT IN ({OWN}) \
         AND (? IS NULL OR table_schema = ?) ORDER BY 1, 2 LIMIT ?"
    );
    let one = |(schema, name, engine, rows)| Relation { schema, name, engine, rows };
    let relations = connection.exec_map(sql, (database, database, max.saturating_add(1)), one);
    let relations = match relations {
        Ok(relations) => relations,
        Err(e) => return gap(worker, &e, &[]),
    };
    worker.count_scanned();
    if relations.len() > max {
        worker.gap(GapReason::TooMany, &[]);
    }
    let connection = RefCell::new(connection);
    for relation in relations.into_iter().take(max) {
        if worker.root.stopped() {
            return;
        }
        let mut inside = vec![PathText::from(&*relation.name)];
        if database.is_none() {
            inside.insert(0, PathText::from(&*relation.schema));
        }
        match relation.engine.as_deref().map(str::to_ascii_uppercase).as_deref() {
            None => {
                worker.gap(GapReason::Corrupt, &inside);
                continue;
            }
            // Rows of these are on other servers or in other files.
            Some("FEDERATED" | "CONNECT" | "SPIDER" | "S3" | "OQGRAPH" | "SPHINX") => {
                worker.gap(GapReason::Unsupported, &inside);
                continue;
            }
            Some(_) => {}
        }
        let columns = attributes(&mut connection.borrow_mut(), &relation);
        match columns {
            Ok(columns) => {
                super::read(worker, &mut Stored { connection: &connection, relation, columns }, &inside);
                worker.emit(None);
            }
            Err(e) => gap(worker, &e, &inside),
        }
        if !worker.root.stopped() && connection.borrow_mut().ping().is_err() {
            // The rest is not looked at either.
            return worker.gap(GapReason::IoError, &[]);
        }
    }
}

/// How a column is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// Its type can hold nothing.
    Nothing,
    /// Its type can hold nothing but what the column's name says.
    Small,
    Number,
    Text,
    Bytes,
}
struct Attribute {
    named: Named,
    ask: Ask,
    /// The only column of the primary key, and a whole number.
    key: bool,
}

fn attributes(connection: &mut Conn, relation: &Relation) -> mysql::Result<Vec<Attribute>> {
    let sql = "SELECT column_name, data_type, column_comment, column_key, extra FROM information_schema.columns \
               WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position";
    let rows: Vec<(String, String, String, String, String)> =
        connection.exec(sql, (&relation.schema, &relation.name))?;
    let keys = rows.iter().filter(|r| r.3 == "PRI").count();
    let one = |(name, kind, note, key, extra): (String, String, String, String, String)| {
        let kind = kind.to_ascii_lowercase();
        let whole = matches!(&*kind, "tinyint" | "smallint" | "mediumint" | "int" | "bigint");
        let ask = match &*kind {
            "bigint" | "decimal" | "float" | "double" => Ask::Number,
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" | "json" => Ask::Text,
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Ask::Bytes,
            "inet4" | "inet6" => Ask::Number,
            "tinyint" | "smallint" | "mediumint" | "int" | "year" | "date" | "datetime" | "timestamp" => Ask::Small,
            _ => Ask::Nothing,
        };
        // What is computed when asked shows the other columns.
        let computed = extra.to_ascii_uppercase().contains("VIRTUAL");
        let key = keys == 1 && key == "PRI" && whole;
        (!computed).then_some(Attribute { named: Named { name, note }, ask, key })
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

struct Stored<'c> {
    connection: &'c RefCell<Conn>,
    relation: Relation,
    columns: Vec<Attribute>,
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

impl Attribute {
    fn is_asked(&self, wanted: bool) -> bool {
        self.ask != Ask::Nothing && (self.ask != Ask::Small || wanted)
    }
}

impl Rows for Stored<'_> {
    fn columns(&self) -> Vec<Named> {
        self.columns.iter().map(|c| c.named.clone()).collect()
    }
    fn is_remote(&self) -> bool {
        true
    }

    fn read(&mut self, into: &mut Table<'_, '_>) -> Result<Extent, End> {
        let (statements, ppm) = (into.statements(), into.limits().unseen_ppm);
        let plan = sampling(ppm, statements, CLUSTER_ROWS);
        let about = self.relation.rows.unwrap_or(0);
        let size = cell_bytes(into.limits().cell_bytes_max, self.columns.len());
        if about <= plan.full_below {
            self.rows(into, &self.select(into, "", size), size)?;
            return Ok(Extent::All);
        }
        let name = format!("{}.{}", self.relation.schema, self.relation.name);
        let mut lot = Lot::new(into.worker(), name.as_bytes());
        if let Some((key, first, last)) = self.span(into)? {
            let clusters = self.ranges(into, &mut lot, (&key, first, last), plan.rows, size)?;
            return Ok(Extent::Drawn { clusters, about: Some(about) });
        }
        let wanted = sampling(ppm, statements, 1).rows;
        let share = u128::from(wanted) * 1_050_000 / u128::from(about);
        let die = format!("WHERE RAND({}) < {share} / 1000000", lot.next() >> 33);
        let given = self.rows(into, &self.select(into, &die, size), size)?;
        Ok(Extent::Drawn { clusters: given, about: Some(about) })
    }
}

impl Stored<'_> {
    fn table(&self) -> String {
        format!("{}.{}", quoted(&self.relation.schema), quoted(&self.relation.name))
    }
    fn select(&self, into: &Table<'_, '_>, which: &str, size: usize) -> String {
        let field = |(i, c): (usize, &Attribute)| {
            let name = quoted(&c.named.name);
            match c.ask {
                _ if !c.is_asked(into.wants(i)) => None,
                Ask::Number | Ask::Small | Ask::Nothing => Some(format!("CAST({name} AS CHAR)")),
                // One more, which tells that there is more.
                Ask::Text => Some(format!("LEFT(CONVERT({name} USING utf8mb4), {})", size + 1)),
                Ask::Bytes => Some(format!("LEFT({name}, {})", size + 1)),
            }
        };
        let fields: Vec<String> = self.columns.iter().enumerate().filter_map(field).collect();
        let fields = if fields.is_empty() { "1".to_owned() } else { fields.join(", ") };
        format!("SELECT {fields} FROM {} {which}", self.table())
    }
    /// The key by which rows can be drawn, its first value and its last.
    fn span(&self, into: &Table<'_, '_>) -> Result<Option<(String, i128, i128)>, End> {
        let Some(key) = self.columns.iter().find(|c| c.key).map(|c| quoted(&c.named.name)) else { return Ok(None) };
        let sql = format!("SELECT CAST(MIN({key}) AS CHAR), CAST(MAX({key}) AS CHAR) FROM {}", self.table());
        let ends: Option<(Option<String>, Option<String>)> =
            self.connection.borrow_mut().query_first(sql).map_err(|e| end(into.worker(), &e))?;
        let number = |text: Option<String>| text.and_then(|t| t.parse::<i128>().ok());
        Ok(ends.and_then(|(first, last)| Some((key, number(first)?, number(last)?))))
    }
    /// Gives ranges of rows, drawn by lot; returns how many.
    fn ranges(
        &self,
        into: &mut Table<'_, '_>,
        lot: &mut Lot,
        (key, first, last): (&str, i128, i128),
        rows: u64,
        size: usize,
    ) -> Result<u64, End> {
        let keys = last.abs_diff(first).saturating_add(1);
        let parts = rows.div_ceil(CLUSTER_ROWS);
        let (mut part, mut given) = (0, 0);
        while part < parts {
            let range = |part| {
                let (from, to) = lot.key(first, keys, part, parts);
                let which = format!("WHERE {key} >= {from} AND {key} <= {to} ORDER BY {key} LIMIT {CLUSTER_ROWS}");
                format!("({})", self.select(into, &which, size))
            };
            let end = parts.min(part + RANGES);
            let all: Vec<String> = (part..end).map(range).collect();
            given += self.rows(into, &all.join(" UNION ALL "), size)?;
            part = end;
        }
        // Ranges in which keys are missing give fewer rows, or none.
        Ok(parts.min(given))
    }

    /// Gives the rows of a statement; returns how many.
    fn rows(&self, into: &mut Table<'_, '_>, sql: &str, size: usize) -> Result<u64, End> {
        let failed = |into: &Table<'_, '_>, e: &mysql::Error| end(into.worker(), e);
        let mut connection = self.connection.borrow_mut();
        // What is left of an answer is read to its end when it is let go; when the run stops, it ends soon.
        let rows = connection.query_iter(sql).map_err(|e| failed(into, &e))?;
        let mut given = 0;
        for row in rows {
            let row = row.map_err(|e| failed(into, &e))?;
            into.begin_row();
            given += 1;
            let mut field = 0;
            for (i, c) in self.columns.iter().enumerate() {
                if !c.is_asked(into.wants(i)) {
                    into.plain(i, 0, 1);
                    continue;
                }
                match row.as_ref(field) {
                    Some(Value::Bytes(value)) => {
                        let cut = value.get(..size).unwrap_or(value);
                        if cut.len() < value.len() {
                            into.cut();
                        }
                        if c.ask == Ask::Bytes { into.blob(i, cut) } else { into.text(i, cut) }
                    }
                    Some(Value::Int(n)) => into.integer(i, *n),
                    Some(_) | None => into.empty(i),
                }
                field += 1;
            }
            into.end_row()?;
        }
        Ok(given)
    }
}
