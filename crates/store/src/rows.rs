//! A read table over the rows of one registry: a cache, made from the file of rows and named by its digest.
//!
//! It may be deleted at any time and is made again from what the signed record commits to. No total, judgement or export
//! is made from it; it answers pages, single rows and groups, which would otherwise cost reading every row.

use crate::durable;
use crate::error::StoreError;
use evidence::Digest;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Tables that are kept; beyond them the oldest goes.
const TABLES_MAX: usize = 6;
/// What a page holds at most, in rows.
pub const PAGE_ROWS_MAX: u64 = 10_000;

const LAYOUT: &str = "
    CREATE TABLE rows (
        code TEXT PRIMARY KEY, area TEXT NOT NULL, industry TEXT NOT NULL, line BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE picks (list BLOB NOT NULL, code TEXT NOT NULL, PRIMARY KEY (list, code)) WITHOUT ROWID;
    CREATE TABLE lists (list BLOB PRIMARY KEY) WITHOUT ROWID;
";
const INDEXES: &str = "
    CREATE INDEX by_area ON rows (substr(area, 1, 2), code);
    CREATE INDEX by_industry ON rows (substr(industry, 1, 3), code);
    CREATE TABLE whole (id BLOB NOT NULL);
";

/// A row on its way into the table.
#[derive(Clone, Copy, Debug)]
pub struct CachedRow<'a> {
    /// Its code.
    pub code: &'a str,
    /// Area.
    pub area: &'a str,
    /// Industry.
    pub industry: &'a str,
    /// The line.
    pub line: &'a [u8],
}

/// Which rows of a page.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// Areas that begin so; empty: all.
    pub area: String,
    /// Industries that begin so; empty: all.
    pub industry: String,
    /// Only those of this list.
    pub list: Option<Digest>,
    /// Only codes after this one.
    pub after: String,
    /// So many rows.
    pub limit: u64,
}

/// The table.
#[derive(Debug)]
pub struct RowTable {
    db: Connection,
    path: PathBuf,
}

impl RowTable {
    /// The table of this file of rows in `folder`, if there is a whole one.
    #[must_use]
    pub fn open(folder: &Path, id: Digest) -> Option<Self> {
        let path = folder.join(name(id));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags)
            .or_else(|_| Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY))
            .ok()?;
        let kept: Option<[u8; 32]> = db.query_row("SELECT id FROM whole", [], |r| r.get(0)).optional().ok()?;
        (kept? == id.0).then_some(Self { db, path })
    }

    /// Makes the table. Where `folder` cannot be written it is made in memory, for this time only.
    pub fn build<'a>(folder: &Path, id: Digest, rows: impl Iterator<Item = CachedRow<'a>>) -> Result<Self, StoreError> {
        let part = folder.join(format!("{}.{}.part", name(id), std::process::id()));
        let _ = fs::remove_file(&part);
        let on_disk = durable::make_dir(folder).is_ok()
            && fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&part).is_ok();
        let path = if on_disk { part.clone() } else { PathBuf::from(":memory:") };
        let fail = |e: rusqlite::Error| {
            // A crash here leaves a `.part` file, which nobody reads.
            let _ = fs::remove_file(&part);
            StoreError::sql(&path, &e)
        };
        let mut db = Connection::open(&path).map_err(&fail)?;
        db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;")
            .map_err(&fail)?;
        let tx = db.transaction().map_err(&fail)?;
        tx.execute_batch(LAYOUT).map_err(&fail)?;
        {
            let mut put = tx.prepare("INSERT INTO rows VALUES (?1, ?2, ?3, ?4)").map_err(&fail)?;
            for r in rows {
                put.execute(params![r.code, r.area, r.industry, r.line]).map_err(&fail)?;
            }
        }
        tx.execute_batch(INDEXES).map_err(&fail)?;
        tx.execute("INSERT INTO whole VALUES (?1)", [id.0]).map_err(&fail)?;
        tx.commit().map_err(&fail)?;
        if !on_disk {
            return Ok(Self { db, path });
        }
        drop(db);
        let whole = folder.join(name(id));
        fs::rename(&part, &whole).map_err(|e| StoreError::io(&whole, e))?;
        make_room(folder);
        Self::open(folder, id).ok_or_else(|| StoreError::damaged("memory", "a table that was just made is not there"))
    }

    fn fail(&self, e: &rusqlite::Error) -> StoreError {
        StoreError::sql(&self.path, e)
    }

    /// A page of lines in ascending order of the code; at most [`PAGE_ROWS_MAX`].
    pub fn page(&self, filter: &RowFilter) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut sql = String::from("SELECT r.line FROM ");
        sql.push_str(match filter.list {
            Some(_) => "picks p JOIN rows r ON r.code = p.code WHERE p.list = ?1 AND p.code > ?2",
            None => "rows r WHERE ?1 IS NOT NULL AND r.code > ?2",
        });
        // Without an index of both, the narrower one serves: an area and an industry at once read the area.
        if filter.area.len() >= 2 {
            sql.push_str(" AND substr(r.area, 1, 2) = substr(?3, 1, 2)");
        } else if filter.industry.len() >= 3 {
            sql.push_str(" AND substr(r.industry, 1, 3) = substr(?4, 1, 3)");
        }
        sql.push_str(" AND substr(r.area, 1, length(?3)) = ?3 AND substr(r.industry, 1, length(?4)) = ?4");
        sql.push_str(if filter.list.is_some() { " ORDER BY p.code LIMIT ?5" } else { " ORDER BY r.code LIMIT ?5" });
        let list = filter.list.map_or([0; 32], |l| l.0);
        let limit = i64::try_from(filter.limit.min(PAGE_ROWS_MAX)).unwrap_or(0);
        let mut get = self.db.prepare(&sql).map_err(|e| self.fail(&e))?;
        let rows = get
            .query_map(params![list, filter.after, filter.area, filter.industry, limit], |r| r.get(0))
            .map_err(|e| self.fail(&e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))
    }

    /// The line of a code.
    pub fn one(&self, code: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.db.query_row("SELECT line FROM rows WHERE code = ?1", [code], |r| r.get(0)).optional();
        row.map_err(|e| self.fail(&e))
    }

    /// The lines of a province (two digits), in ascending order of the code.
    pub fn province(&self, area: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT line FROM rows WHERE substr(area, 1, 2) = ?1 ORDER BY code";
        let mut get = self.db.prepare(sql).map_err(|e| self.fail(&e))?;
        let rows = get.query_map([area], |r| r.get(0)).map_err(|e| self.fail(&e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.fail(&e))
    }

    /// Whether a list of codes is here.
    #[must_use]
    pub fn has_list(&self, list: Digest) -> bool {
        let found = self.db.query_row("SELECT 1 FROM lists WHERE list = ?1", [list.0], |_| Ok(())).optional();
        matches!(found, Ok(Some(())))
    }

    /// Whether a code is on a list that is here.
    pub fn on_list(&self, list: Digest, code: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM picks WHERE list = ?1 AND code = ?2";
        let found = self.db.query_row(sql, params![list.0, code], |_| Ok(())).optional();
        Ok(found.map_err(|e| self.fail(&e))?.is_some())
    }

    /// Keeps a list of codes under its digest.
    pub fn keep_list<'a>(&mut self, list: Digest, codes: impl Iterator<Item = &'a str>) -> Result<(), StoreError> {
        let path = self.path.clone();
        let fail = |e: rusqlite::Error| StoreError::sql(&path, &e);
        let tx = self.db.transaction().map_err(fail)?;
        {
            let mut put = tx.prepare("INSERT OR IGNORE INTO picks VALUES (?1, ?2)").map_err(fail)?;
            for code in codes {
                put.execute(params![list.0, code]).map_err(fail)?;
            }
        }
        tx.execute("INSERT OR IGNORE INTO lists VALUES (?1)", [list.0]).map_err(fail)?;
        tx.commit().map_err(fail)
    }
}

fn name(id: Digest) -> String {
    format!("{}.sqlite3", id.hex().chars().take(32).collect::<String>())
}

/// Removes the oldest tables; one that cannot be removed stays.
fn make_room(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .filter(|f| f.1.extension().is_some_and(|x| x == "sqlite3"))
        .collect();
    files.sort();
    let too_many = files.len().saturating_sub(TABLES_MAX);
    for (_, path) in files.into_iter().take(too_many) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(folder: &Path) -> RowTable {
        let id = Digest::of(b"rows");
        let rows =
            [("A", "440300", "C3451"), ("B", "4401", "C3452"), ("C", "210200", "C3451"), ("D", "440300", "B0610")];
        let cached =
            rows.iter().map(|(code, area, industry)| CachedRow { code, area, industry, line: code.as_bytes() });
        RowTable::open(folder, id).unwrap_or_else(|| RowTable::build(folder, id, cached).unwrap())
    }

    fn page(t: &RowTable, area: &str, industry: &str, after: &str, limit: u64, list: Option<Digest>) -> String {
        let (area, industry, after) = (area.to_owned(), industry.to_owned(), after.to_owned());
        let got = t.page(&RowFilter { area, industry, list, after, limit }).unwrap();
        String::from_utf8(got.concat()).unwrap()
    }

    #[test]
    fn pages_follow_the_code_and_the_filter() {
        let folder = std::env::temp_dir().join(format!("store-rows-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        // Where nothing can be written it works all the same.
        for at in [folder.as_path(), folder.as_path(), Path::new("/dev/null/none")] {
            let mut t = table(at);
            assert_eq!(page(&t, "", "", "", 2, None), "AB");
            assert_eq!(page(&t, "", "", "B", 9, None), "CD");
            assert_eq!(page(&t, "44", "", "", 9, None), "ABD");
            assert_eq!(page(&t, "4403", "", "", 9, None), "AD");
            assert_eq!(page(&t, "44", "C", "", 9, None), "AB");
            assert_eq!(page(&t, "", "C345", "", 9, None), "ABC");
            assert_eq!(page(&t, "", "C3451", "A", 9, None), "C");
            let list = Digest::of(b"list");
            assert_eq!(page(&t, "", "", "", 9, Some(Digest::of(b"other"))), "");
            t.keep_list(list, ["B", "D"].into_iter()).unwrap();
            assert!(t.has_list(list) && t.on_list(list, "B").unwrap() && !t.on_list(list, "A").unwrap());
            assert_eq!(page(&t, "", "", "", 9, Some(list)), "BD");
            assert_eq!(page(&t, "44", "C", "", 9, Some(list)), "B");
            assert_eq!(t.one("C").unwrap().as_deref(), Some(&b"C"[..]));
            assert_eq!(t.province("44").unwrap().concat(), b"ABD");
        }
        // Half a table is none.
        let path = folder.join(name(Digest::of(b"rows")));
        fs::write(&path, b"SQLite format 3\0 and then nothing").unwrap();
        assert!(RowTable::open(&folder, Digest::of(b"rows")).is_none());
        fs::remove_dir_all(&folder).unwrap();
    }
}
