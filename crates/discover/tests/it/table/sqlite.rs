//! SQLite files as programs leave them, and as nobody should.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::{covered, id, named, verdicts};
use crate::{ID, config, folder, gaps, hits, run};
use discover::Limits;
use evidence::{Body, GapReason, Spot};
use rusqlite::{Connection, params};
use std::path::Path;

/// A plant's database: people, an empty table, remarks with one number, hashes, an index for search.
fn plant(path: &Path, encoding: &str) {
    let db = Connection::open(path).unwrap();
    db.execute_batch(&format!(
        "PRAGMA encoding='{encoding}';
         CREATE TABLE 员工 (id INTEGER PRIMARY KEY, xm TEXT, sfzh TEXT, 手机号 INTEGER, hired DATE, photo BLOB);
         CREATE TABLE empty_one (\"身份证号\" TEXT, b);
         CREATE TABLE remarks (remark TEXT, n NUMERIC) ;
         CREATE TABLE pairs (a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID;
         CREATE VIEW everything AS SELECT * FROM 员工;
         CREATE VIRTUAL TABLE notes USING fts5(body);"
    ))
    .unwrap();
    for n in 0..60u64 {
        let photo: &[u8] = if n == 7 { b"\xFF\xD8\xFF\xE0\0\x10JFIF\0" } else { b"" };
        let row = params![
            format!("员工{n}"),
            id(n),
            13_900_000_000i64 + i64::try_from(n * 1_237_891).unwrap(),
            "2020-01-01",
            photo
        ];
        db.execute("INSERT INTO 员工 (xm, sfzh, 手机号, hired, photo) VALUES (?1, ?2, ?3, ?4, ?5)", row).unwrap();
        let remark = if n == 31 { format!("见员工 {ID} 的记录") } else { format!("批次 {n} 合格") };
        db.execute("INSERT INTO remarks VALUES (?1, ?2)", params![remark, n.to_string()]).unwrap();
        db.execute("INSERT INTO pairs VALUES (?1, ?2)", params![format!("k{n}"), format!("{:032x}", n + 1)]).unwrap();
    }
    db.execute("INSERT INTO notes VALUES (?1)", [format!("carol 身份证号 {ID}")]).unwrap();
}

#[test]
fn a_database_is_read_table_by_table() {
    for encoding in ["UTF-8", "UTF-16le"] {
        let dir = folder("sqlite");
        let path = dir.join("plant #1?.db");
        plant(&path, encoding);
        let before = std::fs::read(&path).unwrap();
        let bodies = run(&dir, Limits::default());
        let file = path.display().to_string();
        assert_eq!(
            verdicts(&bodies, &file),
            [
                "!notes_content.c0 cn.resident-id contains 0/1/1 of 1",
                "!remarks.remark cn.resident-id contains 0/1/1 of 60",
                "!员工.sfzh cn.resident-id is 60/60/60 of 60",
                "!员工.手机号 cn.mobile is 60/60/60 of 60",
            ],
            "{encoding}"
        );
        let told = covered(&bodies, &file);
        assert!(told.contains(&"!empty_one at_most_ppm_99=0 columns=2 rows=0 sampled=0".to_owned()), "{told:?}");
        assert!(told.contains(&"!员工 at_most_ppm_99=0 columns=6 rows=60 sampled=60".to_owned()), "{told:?}");
        assert!(told.iter().any(|t| t.starts_with("!pairs ")) && !told.iter().any(|t| t.contains("everything")));
        assert_eq!((named(&bodies, "!empty_one"), named(&bodies, "!pairs")), (1, 0));
        assert_eq!(gaps(&bodies), []);
        let remark = hits(&bodies).into_iter().find(|h| h.at.inside.iter().any(|i| i.as_str() == "remarks")).unwrap();
        assert_eq!(remark.samples[0].spot, Spot::Field { column: "remark".to_owned(), row: 32 });
        assert!(matches!(remark.at.digest, Some(evidence::ContentDigest::Keyed(_))));
        assert!(!serde_json::to_string(&bodies).unwrap().contains(ID));
        // Nothing was written, not even beside it.
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}

#[test]
fn a_database_in_an_archive_is_read_from_memory() {
    let dir = folder("sqlite-zip");
    plant(&dir.join("a.db"), "UTF-8");
    let zip = testing::plant::zip(&[("x/a.db", &std::fs::read(dir.join("a.db")).unwrap())]).unwrap();
    let bodies = discover::fuzz::read_bytes(&zip, &config(Limits::default()));
    assert_eq!(verdicts(&bodies, "/bytes").len(), 4);
    assert_eq!(verdicts(&bodies, "/bytes")[2], "!x/a.db!员工.sfzh cn.resident-id is 60/60/60 of 60");
    let small = Limits { nested_bytes_max: 8192, ..Limits::default() };
    assert_eq!(gaps(&discover::fuzz::read_bytes(&zip, &config(small))), [GapReason::TooLarge]);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn cells_of_every_kind() {
    let dir = folder("sqlite-cells");
    let path = dir.join("a.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE t (text TEXT, bytes BLOB, rowid TEXT, _rowid_ TEXT, oid TEXT)").unwrap();
    // 身份证号 in GB18030, as programs of the time left it in SQLite.
    let gb = [b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5\xa3\xba", id(1).as_bytes()].concat();
    let utf16: Vec<u8> = format!("身份证号 {}", id(2)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let docx = testing::plant::docx(&[&format!("身份证号 {}", id(3))]).unwrap();
    let long = format!("{} {}", "x".repeat(2 << 20), id(4));
    db.execute("INSERT INTO t (text) VALUES (CAST(?1 AS TEXT))", [&gb]).unwrap();
    for bytes in [&gb, &utf16, &docx, &b"%PDF-1.7\n\0\0".to_vec()] {
        db.execute("INSERT INTO t (bytes) VALUES (?1)", [bytes]).unwrap();
    }
    db.execute("INSERT INTO t (text) VALUES (?1)", [&long]).unwrap();
    db.execute("INSERT INTO t (text) VALUES (?1)", [format!("见 {}", id(5))]).unwrap();
    drop(db);
    let bodies = run(&dir, Limits::default());
    assert_eq!(
        verdicts(&bodies, &path.display().to_string()),
        ["!t.bytes cn.resident-id contains 0/2/2 of 4", "!t.text cn.resident-id contains 0/2/2 of 3"]
    );
    let inside: Vec<String> = hits(&bodies).iter().map(|h| h.at.to_string()).collect();
    assert!(inside.iter().any(|at| at.ends_with("a.db!t!bytes[4]!word/document.xml")), "{inside:?}");
    // The tail of the long cell was not looked at, and the PDF is none.
    assert_eq!(gaps(&bodies), [GapReason::TooLarge, GapReason::Corrupt]);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn what_lies_in_a_journal_beside_it_is_a_gap() {
    let dir = folder("sqlite-wal");
    let db = Connection::open(dir.join("live.db")).unwrap();
    db.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t (a); PRAGMA wal_checkpoint; INSERT INTO t VALUES ('x')")
        .unwrap();
    let before: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).collect();
    let bodies = run(&dir, Limits::default());
    let gap = bodies.iter().find_map(|b| if let Body::Gap(g) = b { Some(g) } else { None }).unwrap();
    assert_eq!(gap.reason, GapReason::Unsupported);
    assert!(gap.at.as_ref().unwrap().path.as_str().ends_with("live.db-wal"));
    let after: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).collect();
    assert_eq!(before, after);
    std::fs::remove_dir_all(&dir).unwrap();
}

fn numbers(path: &Path, rows: u64, step: u64, planted: impl Fn(u64) -> bool) {
    let mut db = Connection::open(path).unwrap();
    db.execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE t (remark TEXT, sfzh TEXT)")
        .unwrap();
    let tx = db.transaction().unwrap();
    {
        let mut insert = tx.prepare("INSERT INTO t (rowid, remark, sfzh) VALUES (?1, ?2, ?3)").unwrap();
        for n in 0..rows {
            let remark = if planted(n) { format!("见 {}", id(n)) } else { format!("批次 {n} 合格") };
            insert.execute(params![i64::try_from(n * step).unwrap(), remark, id(n)]).unwrap();
        }
    }
    tx.commit().unwrap();
}

#[test]
fn three_values_in_a_hundred_thousand_rows_are_found() {
    let dir = folder("sqlite-100k");
    let path = dir.join("a.db");
    numbers(&path, 100_000, 1, |n| n % 40_000 == 39_999 || n == 99_999);
    let bodies = run(&dir, Limits::default());
    let file = path.display().to_string();
    assert_eq!(
        verdicts(&bodies, &file),
        [
            "!t.remark cn.resident-id contains 0/3/3 of 100000",
            "!t.sfzh cn.resident-id is 100000/100000/100000 of 100000"
        ]
    );
    assert_eq!(covered(&bodies, &file), ["!t at_most_ppm_99=0 columns=2 rows=100000 sampled=100000"]);
    std::fs::remove_dir_all(&dir).unwrap();
}

/// Columns of a sampled table, and what is said of it.
fn sampled(rows: u64, step: u64, unseen_ppm: u32) -> (Vec<String>, u64, u64, u64) {
    let dir = folder(&format!("sqlite-sampled-{step}"));
    let path = dir.join("a.db");
    numbers(&path, rows, step, |n| n % 10 == 3);
    let mut limits = Limits::default();
    limits.table.unseen_ppm = unseen_ppm;
    let bodies = run(&dir, limits);
    let file = path.display().to_string();
    let table = bodies.iter().find_map(|b| match b {
        Body::Covered(c) if c.what.starts_with("table:") => Some(c.counts.clone()),
        _ => None,
    });
    let table = table.unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let names = verdicts(&bodies, &file).iter().map(|v| v.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect();
    (names, table["sampled"], table["at_most_ppm_99"], table["rows_about"])
}

#[test]
fn a_large_table_is_sampled_and_says_so() {
    for step in [1, 1000, 1 << 40] {
        let (names, sampled, ppm, about) = sampled(50_000, step, 10_000);
        assert_eq!(names, ["!t.remark cn.resident-id contains", "!t.sfzh cn.resident-id is"], "{step}");
        assert!((1500..3000).contains(&sampled) && (7_000..=10_000).contains(&ppm), "{step}: {sampled} {ppm}");
        assert!((49_000..=51_000).contains(&about), "{step}: {about}");
    }
}

#[test]
#[ignore = "five million rows: half a minute in a debug build"]
fn five_million_rows_are_sampled_under_the_usual_limits() {
    let (names, sampled, ppm, about) = sampled(5_000_000, 1, Limits::default().table.unseen_ppm);
    println!("5,000,000 rows, about {about}: {sampled} looked at, at most {ppm} in a million unseen");
    assert_eq!(names, ["!t.remark cn.resident-id contains", "!t.sfzh cn.resident-id is"]);
    assert!(sampled < 500_000 && ppm <= 100, "{sampled} {ppm}");
}

/// A tree of twenty levels, each page with a hundred ways to the next: 10^38 rows in 90 kB.
#[test]
fn a_tree_that_grows_without_end_is_corrupt() {
    let dir = folder("sqlite-tree");
    let path = dir.join("a.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA page_size=4096; CREATE TABLE t (a); INSERT INTO t VALUES ('x'); CREATE TABLE fill (a BLOB); INSERT INTO fill VALUES (zeroblob(90000))").unwrap();
    drop(db);
    let mut all = std::fs::read(&path).unwrap();
    // Page 2 is the table's root. Pages 4 to 20 become inner pages, each leading to the next; the last is the old root.
    let leaf = all[4096..8192].to_vec();
    let pages: Vec<usize> = [2].into_iter().chain(4..20).collect();
    for (i, page) in pages.iter().enumerate() {
        let next = u32::try_from(pages.get(i + 1).copied().unwrap_or(20)).unwrap();
        let at = (page - 1) * 4096;
        let inner = &mut all[at..at + 4096];
        inner.fill(0);
        let cells = 100usize;
        inner[0] = 5;
        inner[3..5].copy_from_slice(&u16::try_from(cells).unwrap().to_be_bytes());
        inner[5..7].copy_from_slice(&u16::try_from(4096 - cells * 5).unwrap().to_be_bytes());
        inner[8..12].copy_from_slice(&next.to_be_bytes());
        for cell in 0..cells {
            let start = 4096 - (cell + 1) * 5;
            inner[12 + cell * 2..14 + cell * 2].copy_from_slice(&u16::try_from(start).unwrap().to_be_bytes());
            inner[start..start + 4].copy_from_slice(&next.to_be_bytes());
            inner[start + 4] = u8::try_from(cell).unwrap();
        }
    }
    all[19 * 4096..20 * 4096].copy_from_slice(&leaf);
    let bodies = discover::fuzz::read_bytes(&all, &config(Limits::default()));
    assert!(gaps(&bodies).contains(&GapReason::Corrupt), "{bodies:?}");
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn any_cut_and_any_flip_is_read_without_a_panic() {
    let dir = folder("sqlite-cut");
    let path = dir.join("a.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA page_size=512; CREATE TABLE t (a TEXT, b)").unwrap();
    for n in 0..40 {
        db.execute("INSERT INTO t VALUES (?1, ?2)", params![id(n), "x".repeat(usize::try_from(n * 20).unwrap())])
            .unwrap();
    }
    drop(db);
    let whole = std::fs::read(&path).unwrap();
    for n in (0..whole.len()).step_by(31) {
        let _ = discover::fuzz::read_bytes(&whole[..n], &config(Limits::default()));
        let mut other = whole.clone();
        other[n] ^= 0x55;
        let _ = discover::fuzz::read_bytes(&other, &config(Limits::default()));
    }
    // The part before a fault is looked at.
    let cut = whole.len() - 4 * 512;
    let bodies = discover::fuzz::read_bytes(&whole[..cut], &config(Limits::default()));
    assert!(gaps(&bodies).contains(&GapReason::Corrupt) && !hits(&bodies).is_empty(), "{bodies:?}");
    std::fs::remove_dir_all(&dir).unwrap();
}
