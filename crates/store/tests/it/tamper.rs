//! Whatever is changed under us is named, and never comes out as evidence.

use crate::material::{Folder, assert_clean, author, filled, say};
use evidence::RecordKind;
use rusqlite::Connection;
use std::path::Path;
use store::{Audit, Store, StoreError};

fn audit(home: &Path) -> Result<Audit, StoreError> {
    Store::open_read_only(home)?.verify_all(&stdx::Silent, &stdx::Stop::new())
}

#[test]
fn every_column_of_the_log_is_covered_by_the_audit() {
    let folder = Folder::new("sql");
    let home = folder.home();
    drop(filled(&home, 6));
    assert!(audit(&home).unwrap().is_clean());
    let whole = std::fs::read(home.join("log.db")).unwrap();
    let flip =
        |column: &str| format!("{column} = CAST(substr({column}, 1, 9) || char(1) || substr({column}, 11) AS BLOB)");
    for (change, named) in [
        (format!("UPDATE leaves SET {} WHERE idx = 2", flip("body")), "record 2"),
        (format!("UPDATE leaves SET {} WHERE idx = 2", flip("envelope")), "record 2"),
        (format!("UPDATE leaves SET {} WHERE idx = 2", flip("hash")), "record 2"),
        ("UPDATE leaves SET kind = 'urn:watchfire:scope:v1' WHERE idx = 2".into(), "record 2"),
        ("UPDATE leaves SET hash = x'00' WHERE idx = 2".into(), "record 2"),
        ("UPDATE leaves SET body = 7 WHERE idx = 2".into(), "record 2"),
        ("DELETE FROM leaves WHERE idx = 3".into(), "record 4"),
        ("DELETE FROM leaves WHERE idx = 6".into(), "checkpoint 7"),
        ("UPDATE leaves SET envelope = (SELECT envelope FROM leaves WHERE idx = 1) WHERE idx = 2".into(), "record 2"),
        (format!("UPDATE items SET {}", flip("lines")), "record 0"),
        ("DELETE FROM items".into(), "record 0"),
        (format!("UPDATE nodes SET {} WHERE level = 1 AND pos = 1", flip("hash")), "node 1/1"),
        ("DELETE FROM nodes WHERE level = 2".into(), "node 2/0"),
        (format!("UPDATE checkpoints SET {} WHERE size = 4", flip("root")), "checkpoint 4"),
        ("UPDATE checkpoints SET note = replace(note, 'watchfire', 'watchfirf') WHERE size = 4".into(), "checkpoint 4"),
        ("DELETE FROM checkpoints WHERE size = 7".into(), "checkpoint"),
        (format!("UPDATE artifacts SET {}", flip("bytes")), "artifact "),
    ] {
        std::fs::write(home.join("log.db"), &whole).unwrap();
        let db = Connection::open(home.join("log.db")).unwrap();
        let changed = db.execute(&change, []).unwrap_or_else(|e| panic!("{change}: {e}"));
        assert!(changed > 0, "{change}");
        drop(db);
        let found = audit(&home).unwrap();
        assert!(found.damage.iter().any(|d| d.what.starts_with(named)), "{change}: {:#?}", found.damage);
    }
    std::fs::write(home.join("log.db"), &whole).unwrap();
    assert!(audit(&home).unwrap().is_clean());
}

/// An entry that the index hides, and one that it puts where it does not belong.
#[test]
fn the_index_of_subjects_is_held_against_the_records() {
    let folder = Folder::new("tamper");
    let home = folder.home();
    {
        let store = Store::open(&home).unwrap();
        for n in 0..2 {
            store.record(&note(store.keys().node(), n), None, Vec::new()).unwrap();
        }
        assert_eq!(store.records_about("i-00000001", &[RecordKind::Incident]).unwrap().len(), 2);
        assert_eq!(store.subjects_from("i-").unwrap(), ["i-00000001"]);
    }
    let problems = |change: &str| {
        let copy = Folder::new("tamper");
        let other = copy.home();
        copy_all(&home, &other);
        let db = Connection::open(other.join("log.db")).unwrap();
        db.execute(change, []).unwrap();
        drop(db);
        audit(&other).unwrap().damage.len()
    };
    assert_eq!(problems("UPDATE subjects SET idx = idx"), 0);
    assert!(problems("DELETE FROM subjects WHERE idx = 1") > 0);
    assert!(problems("INSERT INTO subjects VALUES ('i-ffffffff', 1)") > 0);
    assert!(problems("UPDATE subjects SET subject = 'i-ffffffff' WHERE idx = 1") > 0);
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The `n`th entry of one incident.
fn note(node: evidence::NodeId, n: i64) -> evidence::Record {
    evidence::Record::Incident(Box::new(evidence::IncidentEntry {
        node,
        author: author(),
        stated_at: evidence::Time::from_secs(1_790_000_000 + n),
        incident: "i-00000001".into(),
        origin: evidence::Origin::Live,
        what: evidence::Happening::Noted { at: evidence::Time::from_secs(1_790_000_000), text: "x".into() },
    }))
}

/// A home that a program before the index wrote is given it when it is opened; reading it alone changes nothing.
#[test]
fn a_home_without_the_index_gets_it() {
    let folder = Folder::new("layout");
    let home = folder.home();
    drop(Store::open(&home).unwrap());
    let db = Connection::open(home.join("log.db")).unwrap();
    db.execute_batch("DROP TABLE subjects; DELETE FROM migrations WHERE version = 2").unwrap();
    drop(db);
    let old = Store::open_read_only(&home).unwrap();
    assert!(old.records_about("i-00000001", &[RecordKind::Incident]).unwrap().is_empty());
    drop(old);
    let store = Store::open(&home).unwrap();
    store.record(&note(store.keys().node(), 0), None, Vec::new()).unwrap();
    assert_eq!(store.records_about("i-00000001", &[RecordKind::Incident]).unwrap().len(), 1);
}

#[test]
fn a_changed_record_is_an_error_and_not_a_witness() {
    let folder = Folder::new("witness");
    let home = folder.home();
    let store = filled(&home, 2);
    let leaf = store.records(&[]).unwrap()[1].record.leaf();
    let db = Connection::open(home.join("log.db")).unwrap();
    db.execute("UPDATE leaves SET envelope = CAST(replace(envelope, 'a', 'b') AS BLOB) WHERE idx = 1", []).unwrap();
    for error in [store.records(&[]).unwrap_err(), store.witness(leaf).unwrap_err(), store.bundle(leaf).unwrap_err()] {
        assert!(matches!(&error, StoreError::Damaged { what, .. } if what == "record 1"), "{error:?}");
    }
}

/// Overwrites a part of every page of the database in turn. What comes out is an error, named damage, or - where the
/// page had room that nobody uses - exactly the records that went in.
#[test]
fn a_corrupted_page_is_noticed() {
    let folder = Folder::new("page");
    let home = folder.home();
    let store = filled(&home, 30);
    let leaves: Vec<_> = store.records(&[]).unwrap().iter().map(|w| w.record.leaf()).collect();
    drop(store);
    let whole = std::fs::read(home.join("log.db")).unwrap();
    let (mut errors, mut named, mut harmless) = (0, 0, 0);
    for page in 0..whole.len() / 4096 {
        for at in [0, 64, 2048, 4000] {
            let mut changed = whole.clone();
            for byte in &mut changed[page * 4096 + at..page * 4096 + at + 64] {
                *byte ^= 0x5a;
            }
            std::fs::write(home.join("log.db"), changed).unwrap();
            match audit(&home) {
                Err(_) => errors += 1,
                Ok(found) if !found.damage.is_empty() => named += 1,
                Ok(_) => {
                    let store = Store::open_read_only(&home).unwrap();
                    let same: Vec<_> = store.records(&[]).unwrap().iter().map(|w| w.record.leaf()).collect();
                    assert_eq!(same, leaves, "page {page} at {at}");
                    harmless += 1;
                }
            }
        }
    }
    say(&format!("corrupted places: {errors} refused, {named} named, {harmless} in unused room"));
    assert!(errors > 0 && named > 0);
}

#[test]
fn a_home_of_a_newer_program_is_left_alone() {
    let folder = Folder::new("newer");
    let home = folder.home();
    drop(filled(&home, 1));
    let db = Connection::open(home.join("log.db")).unwrap();
    db.execute("INSERT INTO migrations VALUES (99, 'sha256:00')", []).unwrap();
    drop(db);
    assert!(matches!(Store::open(&home), Err(StoreError::Newer { found: 99, .. })));
    assert!(matches!(Store::open_read_only(&home), Err(StoreError::Newer { found: 99, .. })));
    assert!(matches!(Store::open_read_only(&folder.0.join("none")), Err(StoreError::NoHome(_))));
}

#[test]
fn no_second_root_is_ever_signed_for_a_size() {
    let folder = Folder::new("roots");
    let home = folder.home();
    let store = filled(&home, 3);
    let signed = store.checkpoint_at(2).unwrap().unwrap();
    drop(store);
    // The end of the log is cut off, as by a restored old copy of the database.
    let db = Connection::open(home.join("log.db")).unwrap();
    db.execute("DELETE FROM leaves WHERE idx > 1", []).unwrap();
    db.execute("DELETE FROM nodes WHERE level > 1 OR pos > 0", []).unwrap();
    drop(db);
    let store = Store::open(&home).unwrap();
    // Size 3 was signed once: another third record cannot be acknowledged.
    let error = store.append(&crate::material::answers(&store, 70..71)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert_eq!(store.checkpoint_at(2).unwrap().unwrap(), signed);
}

#[test]
fn an_untouched_log_is_clean_however_often_it_is_opened() {
    let folder = Folder::new("clean");
    for _ in 0..3 {
        assert_clean(&filled(&folder.home(), 2));
    }
}
