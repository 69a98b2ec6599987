//! The acceptance trial of read tables: whatever stands behind them, these hold.
//!
//! The oracle is a list in memory that is filtered row by row. Codes are chosen so that an order of a language would differ from that of
//! bytes; the server's database has the order of American English.

mod servers;

use crate::material::Folder;
use evidence::Digest;
use std::cell::Cell;
use std::collections::BTreeMap;
use stdx::{Silent, Stop};
use store::{
    CachedRow, FileTables, Make, Pick, Present, ReadTable, ReadTables, Rollup, RowFilter, SOURCES_MAX, StoreError,
    Sums, TABLES_MAX, TablesFault,
};

/// A row of the trial.
#[derive(Clone)]
pub(super) struct Row {
    code: String,
    area: String,
    industry: String,
    line: Vec<u8>,
}
impl Row {
    fn new(code: &str, area: &str, industry: &str) -> Self {
        let line = format!("{{\"{code}\":\"青山 {area} {industry}\"}}").into_bytes();
        Self { code: code.into(), area: area.into(), industry: industry.into(), line }
    }
    fn cached(&self) -> CachedRow<'_> {
        CachedRow { code: &self.code, area: &self.area, industry: &self.industry, line: &self.line }
    }
    fn pick(&self) -> Pick<'_> {
        Pick { code: &self.code, area: &self.area, industry: &self.industry }
    }
}

/// As many rows, in ascending order of their codes by bytes. `9_` stands after `9Z` and before `9a` there, and before both in English.
pub(super) fn rows(count: usize) -> Vec<Row> {
    const AREAS: [&str; 7] = ["11", "4403", "440300", "440100", "650100", "65-XPCC", "99"];
    const INDUSTRIES: [&str; 5] = ["B06", "C3451", "C3452", "C34", "D4411"];
    let mut rows: Vec<Row> = (0..count)
        .map(|n| {
            let middle = ["a", "Z", "_", "-", "1", "é"][n % 6];
            Row::new(&format!("9{middle}{n:06}"), AREAS[n * n % 7], INDUSTRIES[n / 3 % 5])
        })
        .collect();
    rows.sort_by(|a, b| a.code.as_bytes().cmp(b.code.as_bytes()));
    rows
}

pub(super) fn make(
    tables: &dyn ReadTables,
    id: Digest,
    rows: &[Row],
    present: Present,
) -> Result<Box<dyn ReadTable>, StoreError> {
    let stop = Stop::new();
    let order = Make { id, count: rows.len() as u64, present, progress: &Silent, stop: &stop };
    tables.make(&order, &mut rows.iter().map(Row::cached))
}

fn sum(by: &str, key: &str, rung: &str, amount: i64, denominator: i64) -> Rollup {
    Rollup { by: by.into(), key: key.into(), target: "top".into(), rung: rung.into(), amount, denominator }
}

/// Every page of a filter, with the key of the last row as the next one's beginning.
fn walk(table: &dyn ReadTable, filter: &RowFilter) -> Vec<Vec<u8>> {
    let (mut all, mut filter) = (Vec::new(), filter.clone());
    loop {
        let page = table.page(&filter).unwrap();
        assert!(page.len() as u64 <= filter.limit);
        let Some(last) = page.last() else { return all };
        let text = String::from_utf8(last.clone()).unwrap();
        filter.after = text[2..].split('"').next().unwrap().to_owned();
        all.extend(page);
    }
}

fn check_pages(table: &mut dyn ReadTable, rows: &[Row]) {
    let lines =
        |keep: &dyn Fn(&Row) -> bool| rows.iter().filter(|r| keep(r)).map(|r| r.line.clone()).collect::<Vec<_>>();
    let picked: Vec<&Row> = rows.iter().step_by(7).collect();
    let list = Digest::of(b"list");
    assert!(!table.has_list(list).unwrap());
    let absent = RowFilter { list: Some(list), limit: 9, ..RowFilter::default() };
    assert!(matches!(table.page(&absent), Err(StoreError::NotFound(d)) if d == list), "no list is not an empty one");
    table.keep_list(list, &mut picked.iter().map(|r| r.pick()), None).unwrap();
    table.keep_list(list, &mut picked.iter().map(|r| r.pick()), None).unwrap();
    assert!(table.has_list(list).unwrap());
    assert!(table.on_list(list, &picked[1].code).unwrap() && !table.on_list(list, &rows[1].code).unwrap());
    let is_picked = |r: &Row| picked.iter().any(|p| p.code == r.code);
    for (area, industry) in [
        ("", ""),
        ("44", ""),
        ("4403", ""),
        ("6", ""),
        ("65-XPCC", ""),
        ("99", ""),
        ("", "C"),
        ("", "C34"),
        ("", "C3451"),
        ("44", "C34"),
        ("4401", "D"),
        ("31", ""),
        ("é", "é"),
        ("%", "_"),
        ("' OR 1=1 --", ""),
    ] {
        for (limit, of_list) in [(50, false), (10_000, false), (50, true), (7, true)] {
            let list = of_list.then_some(list);
            let filter =
                RowFilter { area: area.into(), industry: industry.into(), list, limit, ..RowFilter::default() };
            let want =
                lines(&|r| r.area.starts_with(area) && r.industry.starts_with(industry) && (!of_list || is_picked(r)));
            assert_eq!(walk(table, &filter), want, "{area:?} {industry:?} {limit} {of_list}");
        }
    }
    let empty = Digest::of(b"nobody");
    table.keep_list(empty, &mut std::iter::empty(), None).unwrap();
    let none = RowFilter { list: Some(empty), limit: 9, ..RowFilter::default() };
    assert!(table.page(&none).unwrap().is_empty(), "a list of nobody is a list");
    assert_eq!(table.one(&rows[3].code).unwrap(), Some(rows[3].line.clone()));
    assert_eq!(table.one("9").unwrap(), None);
    assert_eq!(table.province("65").unwrap(), lines(&|r| r.area.starts_with("65")));
    assert!(table.province("12").unwrap().is_empty());
    let mut all = Vec::new();
    table.lines(&mut |line| all.push(line.to_vec())).unwrap();
    assert_eq!(all, lines(&|_| true));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    rows.iter().for_each(|r| *counts.entry(r.area[..2].to_owned()).or_default() += 1);
    assert_eq!(table.count().unwrap(), counts.into_iter().collect::<Vec<_>>());
}

fn check_sums(table: &mut dyn ReadTable, rows: &[Row]) {
    let (first, second, list) = (Digest::of(b"judgement 1"), Digest::of(b"judgement 2"), Digest::of(b"summed"));
    assert_eq!(table.rollups(first, "supervisor").unwrap(), None, "no sums are not sums of nothing");
    let sums = [
        sum("supervisor", "44", "selected", 12, 120),
        sum("supervisor", "11", "top", 3, 31),
        sum("supervisor", "11", "selected", 4, 31),
        sum("industry", "C34", "selected", i64::MAX, 1 << 53),
    ];
    table.keep_list(list, &mut rows[..2].iter().map(Row::pick), Some(&Sums { source: first, rows: &sums })).unwrap();
    let by = |t: &dyn ReadTable, source, by| t.rollups(source, by).unwrap();
    let want = [sums[2].clone(), sums[1].clone(), sums[0].clone()];
    assert_eq!(by(table, first, "supervisor").unwrap(), want, "by key, target, rung");
    assert_eq!(by(table, first, "industry").unwrap(), [sums[3].clone()]);
    assert_eq!(by(table, first, "city").unwrap(), []);
    // Another source stands beside it; the same source takes the place of its own.
    table.replace(&Sums { source: second, rows: &sums[..1] }).unwrap();
    table.replace(&Sums { source: first, rows: &[sum("supervisor", "44", "selected", 13, 120)] }).unwrap();
    assert_eq!(by(table, first, "supervisor").unwrap(), [sum("supervisor", "44", "selected", 13, 120)]);
    assert_eq!(by(table, first, "industry").unwrap(), []);
    assert_eq!(by(table, second, "supervisor").unwrap(), sums[..1]);
    // Sums that cannot be written - the same twice - leave those that were there, and no list without its sums.
    let twice = [sums[0].clone(), sums[0].clone()];
    let other = Digest::of(b"other list");
    assert!(
        table
            .keep_list(other, &mut rows[..2].iter().map(Row::pick), Some(&Sums { source: first, rows: &twice }))
            .is_err()
    );
    assert!(!table.has_list(other).unwrap());
    assert_eq!(by(table, first, "supervisor").unwrap(), [sum("supervisor", "44", "selected", 13, 120)]);
    for n in 0..SOURCES_MAX {
        table.replace(&Sums { source: Digest::of(&[1, n as u8]), rows: &sums }).unwrap();
    }
    assert_eq!(by(table, first, "supervisor"), None, "the oldest source goes");
    assert!(by(table, Digest::of(&[1, 0]), "supervisor").is_some());
}

fn check_imports(tables: &dyn ReadTables, rows: &[Row]) {
    let id = Digest::of(b"half");
    let stop = Stop::new();
    let order = |count: usize| Make { id, count: count as u64, present: Present::Keep, progress: &Silent, stop: &stop };
    // Fewer rows than stated, more, and a row that stands there twice.
    assert!(tables.make(&order(rows.len()), &mut rows[1..].iter().map(Row::cached)).is_err());
    assert!(tables.make(&order(3), &mut rows.iter().map(Row::cached)).is_err());
    let twice = [&rows[..2], &rows[..1]].concat();
    assert!(tables.make(&order(3), &mut twice.iter().map(Row::cached)).is_err());
    assert!(tables.table(id).unwrap().is_none(), "half an import is none");
    // Seen from beside while it is being made: not there. Stopped: not there.
    let (seen, many) = (Cell::new(0_u64), self::rows(9_000));
    let watched = many.iter().map(|r| {
        seen.set(seen.get() + 1);
        if seen.get() == 8_000 {
            stop.request();
        }
        r.cached()
    });
    let stopped = tables.make(&order(9_000), &mut { watched });
    assert!(matches!(stopped, Err(StoreError::Tables(TablesFault::Stopped))), "{:?}", stopped.err());
    assert!(tables.table(id).unwrap().is_none());
    // The same again is the same; another under its name takes its place.
    make(tables, id, rows, Present::Keep).unwrap();
    let mut old = tables.table(id).unwrap().unwrap();
    make(tables, id, &rows[..5], Present::Keep).unwrap();
    let count = |t: &dyn ReadTable| t.count().unwrap().iter().map(|c| c.1).sum::<u64>();
    assert_eq!(count(&*old), rows.len() as u64);
    old.keep_list(Digest::of(b"l"), &mut rows[..1].iter().map(Row::pick), None).unwrap();
    make(tables, id, &rows[..5], Present::Replace).unwrap();
    let new = tables.table(id).unwrap().unwrap();
    assert_eq!(count(&*new), 5);
    assert!(!new.has_list(Digest::of(b"l")).unwrap());
    // Who held the old one reads the old one or the new one, whole.
    assert!([5, rows.len() as u64].contains(&count(&*old)));
    // Several imports are kept; the oldest goes, and the sums of no import never do.
    let source = Digest::of(b"programme");
    tables.sums().unwrap().replace(&Sums { source, rows: &[sum("all", "", "x", 1, 2)] }).unwrap();
    for n in 0..TABLES_MAX {
        std::thread::sleep(std::time::Duration::from_millis(20));
        make(tables, Digest::of(&[2, n as u8]), &rows[..3], Present::Keep).unwrap();
    }
    assert!(tables.table(id).unwrap().is_none());
    assert!(tables.table(Digest::of(&[2, 0])).unwrap().is_some());
    assert_eq!(tables.sums().unwrap().rollups(source, "all").unwrap().unwrap(), [sum("all", "", "x", 1, 2)]);
    let kept = tables.kept().unwrap();
    assert_eq!(kept.len(), TABLES_MAX + 1);
    assert!(kept.iter().filter(|k| k.rows == 3 && k.bytes > 0).count() == TABLES_MAX, "{kept:?}");
    tables.drop_one(Digest::of(&[2, 0])).unwrap();
    tables.drop_one(Digest::of(&[2, 0])).unwrap();
    assert!(tables.table(Digest::of(&[2, 0])).unwrap().is_none());
    tables.drop_all().unwrap();
    tables.drop_all().unwrap();
    assert_eq!(tables.kept().unwrap(), []);
    assert!(tables.table(Digest::of(&[2, 1])).unwrap().is_none());
}

/// Holds one kind of read tables to all of it.
pub(super) fn accept(tables: &dyn ReadTables) {
    let rows = rows(1_500);
    assert_eq!(tables.kept().unwrap(), []);
    assert!(tables.table(Digest::of(b"rows")).unwrap().is_none());
    let mut table = make(tables, Digest::of(b"rows"), &rows, Present::Keep).unwrap();
    check_pages(&mut *table, &rows);
    check_sums(&mut *table, &rows);
    tables.drop_all().unwrap();
    check_imports(tables, &rows);
}

#[test]
fn files_pass_the_trial() {
    let folder = Folder::new("tables");
    accept(&FileTables::new(&folder.0.join("memory")));
}

#[test]
fn files_that_are_none_are_not_there_and_where_nothing_can_be_written_memory_serves() {
    let folder = Folder::new("tables-odd");
    let tables = FileTables::new(&folder.0);
    let rows = rows(40);
    let id = Digest::of(b"rows");
    make(&tables, id, &rows, Present::Keep).unwrap();
    let path = std::fs::read_dir(&folder.0).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&path).unwrap();
    // Cut, foreign, and of the layout before this one.
    for bytes in [&whole[..whole.len() / 2], b"SQLite format 3\0 and then nothing", b""] {
        std::fs::write(&path, bytes).unwrap();
        let there = tables.table(id).unwrap();
        assert!(there.is_none_or(|t| t.page(&RowFilter { limit: 99, ..RowFilter::default() }).is_err()));
    }
    std::fs::remove_file(&path).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE whole (id BLOB NOT NULL)").unwrap();
    db.execute("INSERT INTO whole VALUES (?1)", [id.0]).unwrap();
    drop(db);
    assert!(tables.table(id).unwrap().is_none());
    make(&tables, id, &rows, Present::Keep).unwrap();
    assert_eq!(
        tables.table(id).unwrap().unwrap().page(&RowFilter { limit: 99, ..RowFilter::default() }).unwrap().len(),
        40
    );
    let nowhere = FileTables::new(std::path::Path::new("/dev/null/none"));
    let table = make(&nowhere, id, &rows, Present::Keep).unwrap();
    assert_eq!(table.page(&RowFilter { limit: 3, ..RowFilter::default() }).unwrap().len(), 3);
}
