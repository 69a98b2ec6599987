//! Mirrors of other logs and the outbox: cut off after every durable step, shared between processes, larger than a tile.

use crate::crash::photograph;
use crate::disk::Disk;
use crate::material::{Folder, say, skipped};
use evidence::{Digest, NodeId, RecordKind, Time, merkle_root};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Deposit, Held, KeptReceipt, Mirror, Outbox, Remade, Steps, StoreError};

const DISK_MEGABYTES: u32 = 48;
const WAIT: Duration = Duration::from_secs(10);
const KIND: &str = "urn:watchfire:programme-report:v1";

fn leaf(child: u64, n: u64) -> Digest {
    Digest::of(&[child.to_be_bytes(), n.to_be_bytes()].concat())
}
fn child(n: u64) -> NodeId {
    NodeId::new(format!("child-{n}"))
}
fn note(size: u64) -> String {
    format!("a note over {size}\n")
}

/// Takes in leaves `from..to` of a child with one envelope, as an accepted package.
fn take(mirror: &Mirror, n: u64, from: u64, to: u64) {
    let desk = mirror.desk(WAIT).unwrap();
    let leaves: Vec<Digest> = (from..to).map(|i| leaf(n, i)).collect();
    mirror
        .take(&desk, |intake| {
            let grown = intake.grow(&child(n), from, &leaves)?;
            let all: Vec<Digest> = (0..to).map(|i| leaf(n, i)).collect();
            assert_eq!((grown.size(), grown.root()), (to, merkle_root(&all)));
            intake.keep(&grown)?;
            let envelope = format!("envelope {n} {from}");
            let deposit = Deposit { leaf: leaves[0], kind: KIND, about: "", envelope: envelope.as_bytes() };
            intake.ship(&child(n), from, &deposit)?;
            intake.accept(&child(n), &note(to))
        })
        .unwrap();
}

/// Everything that is held of a child agrees with itself, and is at least `size`.
fn holds(mirror: &Mirror, n: u64, size: u64, when: &str) {
    mirror
        .read(|m| {
            let Held { size: held, accepted } = m.held(&child(n))?;
            assert!(accepted >= size && held == accepted, "{when}: child {n} holds {held}, accepted {accepted}");
            let leaves: Vec<Digest> = (0..held).map(|i| leaf(n, i)).collect();
            assert_eq!(m.leaves(&child(n), 0, held)?, leaves, "{when}");
            assert_eq!(m.root(&child(n), held)?, merkle_root(&leaves), "{when}");
            if held > 0 {
                assert_eq!(m.checkpoint(&child(n), held)?, Some(note(held)), "{when}");
                assert_eq!(m.shipped_between(&child(n), 0, 1)?.len(), 1, "{when}: the envelope came with its leaf");
            }
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{when}: {e}"));
    assert_eq!(mirror.check_pages().unwrap(), Vec::<String>::new(), "{when}");
}

#[test]
fn no_acknowledged_package_is_lost_by_a_power_cut_after_any_durable_step() {
    let folder = Folder::new("mirror-steps");
    let disk = match Disk::make(&folder, DISK_MEGABYTES) {
        Ok(disk) => disk,
        Err(why) => {
            return skipped("no_acknowledged_package_is_lost_by_a_power_cut_after_any_durable_step", &why);
        }
    };
    std::fs::create_dir_all(disk.home()).unwrap();
    // What was acknowledged so far: sizes of two children, and of the outbox.
    let sizes: Arc<Mutex<(u64, u64, u64)>> = Arc::default();
    let seen: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let (image, to) = (disk.image.clone(), folder.0.clone());
    let (known, names) = (Arc::clone(&sizes), Arc::clone(&seen));
    let steps = Steps::new(move |step| {
        let (one, two, posted) = *known.lock().unwrap();
        names.lock().unwrap().push(step);
        let photo = to.join("photo");
        photograph(&image, &photo);
        let disk = Disk::mount(photo.clone(), to.join("seen")).unwrap();
        let home = disk.home();
        let mirror = Mirror::open(&home, Steps::default()).unwrap_or_else(|e| panic!("{step}: {e}"));
        holds(&mirror, 1, one, step);
        holds(&mirror, 2, two, step);
        if posted > 0 {
            let outbox = Outbox::open(&home, Steps::default()).unwrap();
            assert!(outbox.posted(&child(9)).unwrap().unwrap().size >= posted, "{step}");
        }
        // It goes on from there.
        let held = mirror.read(|m| m.held(&child(1))).unwrap().size;
        take(&mirror, 1, held, held + 3);
        drop(mirror);
        drop(disk);
        std::fs::remove_file(photo).unwrap();
    });
    let mirror = Mirror::open(&disk.home(), steps.clone()).unwrap();
    for (one, two) in [(1, 0), (255, 4), (257, 4), (300, 600)] {
        let (before, other, _) = *sizes.lock().unwrap();
        take(&mirror, 1, before, one);
        sizes.lock().unwrap().0 = one;
        if two > other {
            take(&mirror, 2, other, two);
            sizes.lock().unwrap().1 = two;
        }
    }
    let outbox = Outbox::open(&disk.home(), steps).unwrap();
    for size in [3, 7] {
        outbox.acknowledged(&child(9), size, leaf(9, size), Time::from_secs(1), Some(&receipt(size))).unwrap();
        sizes.lock().unwrap().2 = size;
    }
    let mut kinds = seen.lock().unwrap().clone();
    say(&format!("power cuts: {} durable steps of mirror and outbox photographed", kinds.len()));
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "mirror-before-commit",
            "mirror-committed",
            "mirror-made",
            "outbox-before-commit",
            "outbox-committed",
            "outbox-made"
        ]
    );
}

fn receipt(size: u64) -> KeptReceipt {
    let (leaf, at) = (leaf(8, size), Time::from_secs(1));
    KeptReceipt { size, leaf, at, bundle: b"{}".to_vec(), checkpoint: note(size) }
}

#[test]
fn what_waits_is_given_up_whole_and_what_was_accepted_stays() {
    let folder = Folder::new("mirror-cut");
    std::fs::create_dir_all(folder.home()).unwrap();
    let mirror = Mirror::open(&folder.home(), Steps::default()).unwrap();
    take(&mirror, 1, 0, 200);
    let desk = mirror.desk(WAIT).unwrap();
    let more: Vec<Digest> = (200..70_000).map(|i| leaf(1, i)).collect();
    let before = mirror.read(|m| m.root(&child(1), 200)).unwrap();
    mirror
        .take(&desk, |intake| {
            intake.keep(&intake.grow(&child(1), 200, &more)?)?;
            let deposit = Deposit { leaf: more[0], kind: KIND, about: "", envelope: b"late" };
            intake.ship(&child(1), 200, &deposit)?;
            intake.bring(&child(1), 200, &child(5), &deposit)
        })
        .unwrap();
    assert_eq!(mirror.read(|m| m.held(&child(1))).unwrap(), Held { size: 70_000, accepted: 200 });
    // An error within takes everything back.
    let failed = mirror.take(&desk, |intake| {
        intake.cut(&child(1))?;
        Err::<(), _>(StoreError::Busy)
    });
    assert!(failed.is_err());
    assert_eq!(mirror.read(|m| m.held(&child(1))).unwrap().size, 70_000);
    mirror.take(&desk, |intake| intake.cut(&child(1))).unwrap();
    assert_eq!(mirror.read(|m| m.held(&child(1))).unwrap(), Held { size: 200, accepted: 200 });
    assert_eq!(mirror.read(|m| m.root(&child(1), 200)).unwrap(), before);
    assert!(mirror.read(|m| m.brought_under(&child(1), 200)).unwrap().is_empty());
    assert_eq!(mirror.read(|m| m.shipped_between(&child(1), 0, 999)).unwrap().len(), 1);
    // More than is held cannot be grown upon.
    let beyond = mirror.take(&desk, |intake| intake.grow(&child(1), 201, &[]).map(|_| ()));
    assert!(matches!(beyond, Err(StoreError::NoSuchSize(201))));
    drop(desk);
    holds(&mirror, 1, 200, "after the cut");
}

#[test]
fn holders_of_a_kind_are_named_once_with_every_place() {
    let folder = Folder::new("mirror-holders");
    std::fs::create_dir_all(folder.home()).unwrap();
    let mirror = Mirror::open(&folder.home(), Steps::default()).unwrap();
    let desk = mirror.desk(WAIT).unwrap();
    // Even children have records of their own; every third brought some of others, the newest receipt first.
    mirror
        .take(&desk, |intake| {
            for n in 0..30 {
                let leaves: Vec<Digest> = (0..300).map(|i| leaf(n, i)).collect();
                intake.keep(&intake.grow(&child(n), 0, &leaves)?)?;
                let deposit = |leaf| Deposit { leaf, kind: KIND, about: "x", envelope: b"e" };
                for (i, leaf) in (0_u64..).zip(&leaves).filter(|_| n % 2 == 0) {
                    intake.ship(&child(n), i, &deposit(*leaf))?;
                }
                for under in (0..5).rev().filter(|_| n % 3 == 0) {
                    intake.bring(&child(n), under, &child(99), &deposit(leaf(99, under)))?;
                }
                intake.accept(&child(n), &note(300))?;
            }
            Ok(())
        })
        .unwrap();
    let holders = mirror.read(|m| m.holders(RecordKind::ProgrammeReport)).unwrap();
    let want: Vec<NodeId> = (0..30).filter(|n| n % 2 == 0 || n % 3 == 0).map(child).collect();
    assert_eq!(holders.iter().map(|h| h.child.clone()).collect::<Vec<_>>(), want);
    for (h, n) in holders.iter().zip((0..30).filter(|n| n % 2 == 0 || n % 3 == 0)) {
        let brought = mirror.read(|m| m.brought_at(&h.brought)).unwrap();
        let unders: Vec<u64> = brought.iter().map(|b| b.under).collect();
        assert_eq!(unders, if n % 3 == 0 { vec![0, 1, 2, 3, 4] } else { vec![] }, "of {n}");
        assert!(brought.iter().all(|b| b.child == h.child && b.leaf == leaf(99, b.under)));
        assert_eq!(mirror.read(|m| m.brought_count(&h.child)).unwrap(), unders.len() as u64);
        let own = mirror.read(|m| m.shipped_by(&h.child, RecordKind::ProgrammeReport)).unwrap();
        assert_eq!(own.len(), if n % 2 == 0 { 300 } else { 0 });
    }
    assert!(mirror.read(|m| m.holders(RecordKind::Member)).unwrap().is_empty());
}

#[test]
fn one_process_at_a_time_stands_at_the_desk_and_a_reader_makes_nothing() {
    let folder = Folder::new("mirror-desk");
    std::fs::create_dir_all(folder.home()).unwrap();
    assert!(Mirror::open_read_only(&folder.home()).unwrap().is_none());
    assert!(Outbox::open_read_only(&folder.home()).unwrap().is_none());
    let mirror = Mirror::open(&folder.home(), Steps::default()).unwrap();
    let desk = mirror.desk(WAIT).unwrap();
    let other = Mirror::open(&folder.home(), Steps::default()).unwrap();
    assert!(matches!(other.desk(Duration::from_millis(50)), Err(StoreError::Busy)));
    drop(desk);
    let desk = other.desk(WAIT).unwrap();
    let reader = Mirror::open_read_only(&folder.home()).unwrap().unwrap();
    assert!(matches!(reader.take(&desk, |_| Ok(())), Err(StoreError::OpenedReadOnly)));
    std::fs::write(folder.home().join("mirror.db"), b"not a database, but long enough to be looked at as one").unwrap();
    let _ = std::fs::remove_file(folder.home().join("mirror.db-wal"));
    assert!(Mirror::open(Path::new(&folder.home()), Steps::default()).is_err());
}

/// One minute, then twice as long each time, six hours at most (federation-v1 §4).
#[test]
fn the_outbox_waits_longer_each_time_and_forgets_a_fault_with_the_next_answer() {
    let folder = Folder::new("outbox");
    std::fs::create_dir_all(folder.home()).unwrap();
    let outbox = Outbox::open(&folder.home(), Steps::default()).unwrap();
    let at = Time::from_secs(1_790_000_000);
    let waits: Vec<i64> =
        (0..12).map(|_| (outbox.failed(&child(1), "{}", at).unwrap().millis() - at.millis()) / 60_000).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
    for _ in 0..70 {
        outbox.failed(&child(1), "{}", at).unwrap();
    }
    let posted = outbox.posted(&child(1)).unwrap().unwrap();
    assert_eq!((posted.size, posted.attempts, posted.next), (0, 82, at.plus_minutes(360)));
    outbox.acknowledged(&child(1), 5, leaf(1, 5), at, Some(&receipt(5))).unwrap();
    outbox.acknowledged(&child(1), 5, leaf(1, 5), at, Some(&receipt(5))).unwrap();
    let posted = outbox.posted(&child(1)).unwrap().unwrap();
    assert_eq!((posted.size, posted.attempts, posted.fault, posted.next), (5, 0, None, None));
    assert_eq!(outbox.receipts(&child(1)).unwrap(), [receipt(5)]);
    assert!(outbox.receipts(&child(2)).unwrap().is_empty());
}

/// The roots of a child's tree, made again leaf by leaf, are those of the plain list; and every single hash that lies there is held
/// against them, in full tiles of leaves and in those above, full ones and the last.
#[test]
fn a_tree_made_again_has_the_roots_of_its_leaves_and_finds_every_wrong_hash() {
    const LEAVES: u64 = 66_100;
    let folder = Folder::new("mirror-remade");
    let home = folder.0.clone();
    let mirror = Mirror::open(&home, Steps::default()).unwrap();
    let leaves: Vec<Digest> = (0..LEAVES).map(|n| leaf(1, n)).collect();
    let desk = mirror.desk(WAIT).unwrap();
    mirror
        .take(&desk, |intake| {
            intake.keep(&intake.grow(&child(1), 0, &leaves)?)?;
            intake.accept(&child(1), &note(LEAVES))
        })
        .unwrap();
    mirror
        .read(|m| {
            let mut tree = Remade::new(&child(1));
            for (from, to) in [(0, 1), (1, 255), (255, 257), (257, 40_000), (40_000, 65_536), (65_536, 66_000)] {
                assert_eq!(tree.grow(m, from, to)?, leaves[from as usize..to as usize]);
                assert_eq!(tree.root(), merkle_root(&leaves[..to as usize]), "{to}");
            }
            tree.finish(m)?;
            // Taken up in the middle, from what the tiles say, it goes on the same.
            let mut tree = Remade::new(&child(1));
            tree.grow(m, 300, 700)?;
            assert_eq!((tree.size(), tree.root()), (700, merkle_root(&leaves[..700])));
            tree.finish(m)
        })
        .unwrap();
    drop(mirror);
    let flip = "CAST(substr(hashes, 1, 33) || x'5a' || substr(hashes, 35) AS BLOB)";
    // A leaf in the last tile has nothing above it yet: the root in its receipt is what tells.
    let places = ["level = 0 AND n = 0", "level = 1 AND n = 0", "level = 1 AND n = 1"];
    for place in places {
        let copy = Folder::new("mirror-remade-copy");
        std::fs::copy(home.join("mirror.db"), copy.0.join("mirror.db")).unwrap();
        let db = rusqlite::Connection::open(copy.0.join("mirror.db")).unwrap();
        assert_eq!(db.execute(&format!("UPDATE tiles SET hashes = {flip} WHERE {place}"), []).unwrap(), 1, "{place}");
        drop(db);
        let copy = Mirror::open_read_only(&copy.0).unwrap().unwrap();
        let found = copy.read(|m| Remade::new(&child(1)).finish(m));
        assert!(matches!(found, Err(StoreError::Damaged { .. })), "{place}: {found:?}");
        // Also by who asked for the roots of receipts before, and where the tree was taken up in between.
        let found = copy.read(|m| {
            let mut tree = Remade::new(&child(1));
            let grown = tree.grow(m, 0, 600);
            tree.grow(m, 700, 66_000)?;
            grown?;
            tree.finish(m)
        });
        assert!(matches!(found, Err(StoreError::Damaged { .. })), "{place}: {found:?}");
    }
}
