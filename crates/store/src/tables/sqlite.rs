//! Read tables in SQLite: one file an import, named by the digest of its rows.
//!
//! A file is made beside its name and renamed, so it is whole or not there. Rows lie in the order of their codes in the tree of
//! the primary key, which so is an index that covers every column; lists and sums likewise.

use super::{
    CachedRow, Counted, Engine, KeptTable, Make, PAGE_ROWS_MAX, Pick, Present, ReadTable, ReadTables, Rollup,
    RowFilter, SOURCES_MAX, Sums, TABLES_MAX, bounded, division, province, sums_table,
};
use crate::durable;
use crate::error::StoreError;
use evidence::Digest;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, params};
use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long another process's change is waited for.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// The layout of a file; one of another is none.
const LAYOUT_NUMBER: i64 = 2;
const LAYOUT: &str = "
    CREATE TABLE rows (
        code TEXT PRIMARY KEY, area TEXT NOT NULL, industry TEXT NOT NULL, line BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE picks (
        list BLOB NOT NULL, code TEXT NOT NULL, province TEXT NOT NULL, division TEXT NOT NULL, PRIMARY KEY (list, code)
    ) WITHOUT ROWID;
    CREATE TABLE lists (list BLOB PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE sources (n INTEGER PRIMARY KEY AUTOINCREMENT, source BLOB NOT NULL UNIQUE);
    CREATE TABLE rollups (
        source BLOB NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, target TEXT NOT NULL, rung TEXT NOT NULL,
        amount INTEGER NOT NULL, denominator INTEGER NOT NULL, PRIMARY KEY (source, kind, key, target, rung)
    ) WITHOUT ROWID;
";
const INDEXES: &str = "
    CREATE INDEX by_area ON rows (substr(area, 1, 2), code);
    CREATE INDEX by_industry ON rows (substr(industry, 1, 3), code);
    CREATE INDEX picks_by_province ON picks (list, province, code);
    CREATE INDEX picks_by_division ON picks (list, division, code);
    CREATE TABLE whole (layout INTEGER NOT NULL, id BLOB NOT NULL, count INTEGER NOT NULL);
";

/// Read tables in the files of one folder.
#[derive(Debug)]
pub struct FileTables {
    folder: PathBuf,
}
impl FileTables {
    /// The tables of `folder`, which is made when it is needed.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn open(&self, id: Digest) -> Option<FileTable> {
        let path = self.folder.join(name(id));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags)
            .or_else(|_| Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY))
            .ok()?;
        db.busy_timeout(BUSY_WAIT).ok()?;
        let sql = "SELECT id FROM whole WHERE layout = ?1";
        let kept: Option<[u8; 32]> = db.query_row(sql, [LAYOUT_NUMBER], |r| r.get(0)).optional().ok()?;
        (kept? == id.0).then_some(FileTable { db, path })
    }

    fn write(
        &self,
        order: &Make<'_>,
        at: Option<&Path>,
        rows: &mut dyn Iterator<Item = CachedRow<'_>>,
    ) -> Result<Connection, StoreError> {
        let path = at.unwrap_or(Path::new(":memory:"));
        let fail = |e: rusqlite::Error| StoreError::sql(path, &e);
        let mut db = Connection::open(path).map_err(fail)?;
        // Nobody reads the file before it has its name: a crash leaves nothing that needs to be rolled back.
        db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;")
            .map_err(fail)?;
        let tx = db.transaction().map_err(fail)?;
        tx.execute_batch(LAYOUT).map_err(fail)?;
        let mut counted = Counted::new(order);
        {
            let mut put = tx.prepare("INSERT INTO rows VALUES (?1, ?2, ?3, ?4)").map_err(fail)?;
            for r in rows {
                put.execute(params![r.code, r.area, r.industry, r.line]).map_err(fail)?;
                counted.row()?;
            }
        }
        counted.whole()?;
        tx.execute_batch(INDEXES).map_err(fail)?;
        let count = i64::try_from(order.count).unwrap_or(i64::MAX);
        tx.execute("INSERT INTO whole VALUES (?1, ?2, ?3)", params![LAYOUT_NUMBER, order.id.0, count]).map_err(fail)?;
        tx.commit().map_err(fail)?;
        Ok(db)
    }

    /// The files that are tables, the oldest first.
    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
            .filter(|f| f.1.extension().is_some_and(|x| x == "sqlite3"))
            .collect();
        files.sort();
        files.into_iter().map(|f| f.1).collect()
    }

    /// Removes the oldest tables; one that cannot be removed stays.
    fn make_room(&self) {
        let sums = self.folder.join(name(sums_table()));
        let files: Vec<PathBuf> = self.files().into_iter().filter(|f| *f != sums).collect();
        let too_many = files.len().saturating_sub(TABLES_MAX);
        for path in files.into_iter().take(too_many) {
            let _ = fs::remove_file(path);
        }
    }
}

impl ReadTables for FileTables {
    fn engine(&self) -> Result<Engine, StoreError> {
        let place = self.folder.display().to_string();
        Ok(Engine { name: "sqlite", version: rusqlite::version().to_owned(), place })
    }

    fn table(&self, id: Digest) -> Result<Option<Box<dyn ReadTable>>, StoreError> {
        Ok(self.open(id).map(|t| Box::new(t) as Box<dyn ReadTable>))
    }

    /// Where the folder cannot be written the table is made in memory, for this time only.
    fn make(
        &self,
        order: &Make<'_>,
        rows: &mut dyn Iterator<Item = CachedRow<'_>>,
    ) -> Result<Box<dyn ReadTable>, StoreError> {
        if order.present == Present::Keep
            && let Some(table) = self.open(order.id)
        {
            return Ok(Box::new(table));
        }
        let part = self.folder.join(format!("{}.{}.part", name(order.id), std::process::id()));
        let _ = fs::remove_file(&part);
        let on_disk = durable::make_dir(&self.folder).is_ok()
            && fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&part).is_ok();
        if !on_disk {
            let db = self.write(order, None, rows)?;
            return Ok(Box::new(FileTable { db, path: PathBuf::from(":memory:") }));
        }
        // A crash from here to the rename leaves a `.part` file, which nobody reads.
        let written = self.write(order, Some(&part), rows).and_then(|db| {
            drop(db);
            let whole = self.folder.join(name(order.id));
            fs::rename(&part, &whole).map_err(|e| StoreError::io(&whole, e))
        });
        written.inspect_err(|_| drop(fs::remove_file(&part)))?;
        self.make_room();
        let made = self.open(order.id);
        let made = made.ok_or_else(|| StoreError::damaged("memory", "a table that was just made is not there"))?;
        Ok(Box::new(made))
    }

    fn sums(&self) -> Result<Box<dyn ReadTable>, StoreError> {
        let (progress, stop) = (stdx::Silent, stdx::Stop::new());
        let order = Make { id: sums_table(), count: 0, present: Present::Keep, progress: &progress, stop: &stop };
        self.make(&order, &mut std::iter::empty())
    }

    fn kept(&self) -> Result<Vec<KeptTable>, StoreError> {
        let mut out = Vec::new();
        for path in self.files() {
            let read = |db: &Connection| {
                let sql = "SELECT id, count, (SELECT count(*) FROM lists), (SELECT count(*) FROM sources) \
                           FROM whole WHERE layout = ?1";
                db.query_row(sql, [LAYOUT_NUMBER], |r| {
                    let number = |n: usize| r.get::<_, i64>(n).map(|v| u64::try_from(v).unwrap_or(0));
                    Ok((Digest(r.get(0)?), number(1)?, number(2)?, number(3)?))
                })
            };
            // A file that is none, or of another layout, is no table.
            let Ok(db) = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY) else { continue };
            let Ok((id, rows, lists, sources)) = read(&db) else { continue };
            let bytes = fs::metadata(&path).map_or(0, |m| m.len());
            out.push(KeptTable { id, rows, lists, sources, bytes });
        }
        out.sort_by_key(|t| t.id);
        Ok(out)
    }

    fn drop_one(&self, id: Digest) -> Result<(), StoreError> {
        removed(&self.folder.join(name(id)))
    }

    fn drop_all(&self) -> Result<(), StoreError> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(()) };
        for path in entries.flatten().map(|e| e.path()) {
            if path.extension().is_some_and(|x| x == "sqlite3" || x == "part") {
                removed(&path)?;
            }
        }
        Ok(())
    }
}

fn removed(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io(path, e)),
        _ => Ok(()),
    }
}

fn name(id: Digest) -> String {
    format!("{}.sqlite3", id.hex().chars().take(32).collect::<String>())
}

/// One file.
#[derive(Debug)]
struct FileTable {
    db: Connection,
    path: PathBuf,
}
impl FileTable {
    fn fail(&self, e: &rusqlite::Error) -> StoreError {
        StoreError::sql(&self.path, e)
    }
    fn exists(&self, sql: &str, params: impl rusqlite::Params) -> Result<bool, StoreError> {
        let found = self.db.query_row(sql, params, |_| Ok(())).optional();
        Ok(found.map_err(|e| self.fail(&e))?.is_some())
    }
    fn change(&mut self, f: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>) -> Result<(), StoreError> {
        let path = self.path.clone();
        let fail = |e: rusqlite::Error| StoreError::sql(&path, &e);
        let tx = self.db.transaction().map_err(fail)?;
        f(&tx).map_err(fail)?;
        tx.commit().map_err(fail)
    }
}

/// The narrowing of a page by a list: through the index of the list and the area, or the industry.
fn listed(filter: &RowFilter) -> &'static str {
    if filter.area.len() >= 2 {
        "picks p JOIN rows r ON r.code = p.code WHERE p.list = ?1 AND p.code > ?2 AND p.province = substr(?3, 1, 2)"
    } else if filter.industry.len() >= 3 {
        "picks p JOIN rows r ON r.code = p.code WHERE p.list = ?1 AND p.code > ?2 AND p.division = substr(?4, 1, 3)"
    } else {
        "picks p JOIN rows r ON r.code = p.code WHERE p.list = ?1 AND p.code > ?2"
    }
}
/// Without an index of both, the narrower one serves: an area and an industry at once read the area.
fn all(filter: &RowFilter) -> &'static str {
    if filter.area.len() >= 2 {
        "rows r WHERE ?1 IS NOT NULL AND r.code > ?2 AND substr(r.area, 1, 2) = substr(?3, 1, 2)"
    } else if filter.industry.len() >= 3 {
        "rows r WHERE ?1 IS NOT NULL AND r.code > ?2 AND substr(r.industry, 1, 3) = substr(?4, 1, 3)"
    } else {
        "rows r WHERE ?1 IS NOT NULL AND r.code > ?2"
    }
}

impl ReadTable for FileTable {
    fn page(&self, filter: &RowFilter) -> Result<Vec<Vec<u8>>, StoreError> {
        let (from, order) = match filter.list {
            Some(_) => (listed(filter), "p.code"),
            None => (all(filter), "r.code"),
        };
        let sql = format!(
            "SELECT r.line FROM {from} AND substr(r.area, 1, length(?3)) = ?3 \
             AND substr(r.industry, 1, length(?4)) = ?4 ORDER BY {order} LIMIT ?5"
        );
        let list = filter.list.map_or([0; 32], |l| l.0);
        let limit = i64::try_from(filter.limit.min(PAGE_ROWS_MAX)).unwrap_or(0);
        let mut get = self.db.prepare(&sql).map_err(|e| self.fail(&e))?;
        let rows = get
            .query_map(params![list, filter.after, filter.area, filter.industry, limit], |r| r.get(0))
            .map_err(|e| self.fail(&e))?;
        let rows: Vec<Vec<u8>> = rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))?;
        match filter.list {
            Some(list) if rows.is_empty() && !self.has_list(list)? => Err(StoreError::NotFound(list)),
            _ => Ok(rows),
        }
    }

    fn one(&self, code: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.db.query_row("SELECT line FROM rows WHERE code = ?1", [code], |r| r.get(0)).optional();
        row.map_err(|e| self.fail(&e))
    }

    fn province(&self, area: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT line FROM rows WHERE substr(area, 1, 2) = ?1 ORDER BY code";
        let mut get = self.db.prepare(sql).map_err(|e| self.fail(&e))?;
        let rows = get.query_map([area], |r| r.get(0)).map_err(|e| self.fail(&e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))
    }

    fn lines(&self, take: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        let mut get = self.db.prepare("SELECT line FROM rows ORDER BY code").map_err(|e| self.fail(&e))?;
        let mut rows = get.query([]).map_err(|e| self.fail(&e))?;
        while let Some(row) = rows.next().map_err(|e| self.fail(&e))? {
            let line = row.get_ref(0).map_err(|e| self.fail(&e))?;
            take(line.as_blob().map_err(|e| StoreError::damaged(self.path.display().to_string(), e))?);
        }
        Ok(())
    }

    fn count(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT substr(area, 1, 2), count(*) FROM rows GROUP BY 1 ORDER BY 1";
        let mut get = self.db.prepare(sql).map_err(|e| self.fail(&e))?;
        let one = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, u64::try_from(r.get::<_, i64>(1)?).unwrap_or(0)));
        let rows = get.query_map([], one).map_err(|e| self.fail(&e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))
    }

    fn has_list(&self, list: Digest) -> Result<bool, StoreError> {
        self.exists("SELECT 1 FROM lists WHERE list = ?1", [list.0])
    }

    fn on_list(&self, list: Digest, code: &str) -> Result<bool, StoreError> {
        self.exists("SELECT 1 FROM picks WHERE list = ?1 AND code = ?2", params![list.0, code])
    }

    fn keep_list(
        &mut self,
        list: Digest,
        picks: &mut dyn Iterator<Item = Pick<'_>>,
        sums: Option<&Sums<'_>>,
    ) -> Result<(), StoreError> {
        sums.map_or(Ok(()), bounded)?;
        self.change(|tx| {
            let mut put = tx.prepare("INSERT OR IGNORE INTO picks VALUES (?1, ?2, ?3, ?4)")?;
            for p in picks {
                put.execute(params![list.0, p.code, province(p.area), division(p.industry)])?;
            }
            tx.execute("INSERT OR IGNORE INTO lists VALUES (?1)", [list.0])?;
            sums.map_or(Ok(()), |s| replaced(tx, s))
        })
    }

    fn replace(&mut self, sums: &Sums<'_>) -> Result<(), StoreError> {
        bounded(sums)?;
        self.change(|tx| replaced(tx, sums))
    }

    fn rollups(&self, source: Digest, by: &str) -> Result<Option<Vec<Rollup>>, StoreError> {
        let sql = "SELECT key, target, rung, amount, denominator FROM rollups WHERE source = ?1 AND kind = ?2 \
                   ORDER BY key, target, rung";
        let mut get = self.db.prepare_cached(sql).map_err(|e| self.fail(&e))?;
        let one = |r: &rusqlite::Row<'_>| {
            Ok(Rollup {
                by: by.to_owned(),
                key: r.get(0)?,
                target: r.get(1)?,
                rung: r.get(2)?,
                amount: r.get(3)?,
                denominator: r.get(4)?,
            })
        };
        let rows = get.query_map(params![source.0, by], one).map_err(|e| self.fail(&e))?;
        let rows: Vec<Rollup> = rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))?;
        let here = !rows.is_empty() || self.exists("SELECT 1 FROM sources WHERE source = ?1", [source.0])?;
        Ok(here.then_some(rows))
    }
}

fn replaced(tx: &Transaction<'_>, sums: &Sums<'_>) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM rollups WHERE source = ?1", [sums.source.0])?;
    tx.execute("DELETE FROM sources WHERE source = ?1", [sums.source.0])?;
    tx.execute("INSERT INTO sources (source) VALUES (?1)", [sums.source.0])?;
    let mut put = tx.prepare("INSERT INTO rollups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for r in sums.rows {
        put.execute(params![sums.source.0, r.by, r.key, r.target, r.rung, r.amount, r.denominator])?;
    }
    let kept = i64::try_from(SOURCES_MAX).unwrap_or(i64::MAX);
    tx.execute("DELETE FROM sources WHERE n NOT IN (SELECT n FROM sources ORDER BY n DESC LIMIT ?1)", [kept])?;
    tx.execute("DELETE FROM rollups WHERE source NOT IN (SELECT source FROM sources)", [])?;
    Ok(())
}
