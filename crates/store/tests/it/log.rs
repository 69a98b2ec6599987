//! Appending, reading back, proving; spool; several writers.

use crate::material::{Folder, answer, answers, assert_clean, examination, filled};
use crate::writer::Writer;
use evidence::{Digest, RecordKind, State as _, Time};
use proof::merkle;
use std::time::Duration;
use store::{Ack, Cache, Options, Store, StoreError, Submission};

#[test]
fn what_was_appended_comes_back_verified_and_in_order() {
    let folder = Folder::new("order");
    let store = Store::open(&folder.home()).unwrap();
    let (record, lines) = examination(store.keys().node(), 1, 5);
    let first = store.record(&record, Some(lines.clone()), vec![b"plan".to_vec()]).unwrap();
    // The second record is older by its own clock: a clock set back changes no order.
    let second = store.record(&answer(store.keys().node(), 0), None, vec![]).unwrap();
    assert!(matches!(first, Ack::Appended { index: 0, .. }));
    assert!(matches!(second, Ack::Appended { index: 1, .. }));
    drop(store);

    let store = Store::open_read_only(&folder.home()).unwrap();
    let all = store.records(&[]).unwrap();
    assert_eq!(all.iter().map(|w| w.record.leaf()).collect::<Vec<_>>(), [first.leaf(), second.leaf()]);
    assert_eq!(all[0].record.value(), &record);
    assert_eq!(all[0].items.as_ref().unwrap().items().len(), 5);
    assert_eq!(store.records(&[RecordKind::Attestation]).unwrap().len(), 1);
    assert_eq!(store.items(first.leaf()).unwrap(), Some(lines));
    assert_eq!(store.artifact(Digest::of(b"plan")).unwrap(), b"plan");
    assert!(matches!(store.witness(Digest::of(b"?")), Err(StoreError::NotFound(_))));
    assert!(matches!(store.drain(), Err(StoreError::OpenedReadOnly)));
    assert_clean(&store);
}

#[test]
fn items_are_given_out_as_they_were_verified_last() {
    let folder = Folder::new("opened");
    let store = Store::open(&folder.home()).unwrap();
    let batch: Vec<Submission> = [(1, 3), (2, 4)]
        .map(|(n, gaps)| {
            let (record, lines) = examination(store.keys().node(), n, gaps);
            Submission { envelope: store.sign(&record).unwrap(), items: Some(lines), artifacts: vec![] }
        })
        .into();
    let acks = store.append(&batch).unwrap();
    assert_eq!(store.take_opened(acks[0].leaf()), None, "the second was verified after the first");
    let items = store.take_opened(acks[1].leaf()).unwrap();
    assert_eq!(Some(items), store.witness(acks[1].leaf()).unwrap().items, "what anybody would read from the log");
    assert_eq!(store.take_opened(acks[1].leaf()), None, "once");
    // Other bytes under the same record are not taken for those that were verified.
    let mut doctored = batch[1].clone();
    store.append(&batch[1..]).unwrap();
    doctored.items.as_mut().unwrap()[20] ^= 1;
    assert!(matches!(store.append(&[doctored]), Err(StoreError::Proof(_))));
}

#[test]
fn the_same_envelope_twice_is_one_record() {
    let folder = Folder::new("twice");
    let store = Store::open(&folder.home()).unwrap();
    let batch = answers(&store, 0..3);
    let once = store.append(&batch).unwrap();
    let doubled = [batch.clone(), batch].concat();
    let again = store.append(&doubled).unwrap();
    assert_eq!(again[..3], once[..]);
    assert_eq!(again[3..], once[..]);
    assert_eq!(store.size().unwrap(), 3);
    assert_clean(&store);
}

#[test]
fn an_examination_without_its_items_and_a_strangers_record_are_refused() {
    let (mine, theirs) = (Folder::new("mine"), Folder::new("theirs"));
    let store = Store::open(&mine.home()).unwrap();
    let (record, _) = examination(store.keys().node(), 1, 1);
    assert!(matches!(store.record(&record, None, vec![]), Err(StoreError::ItemsMissing(_))));
    let other = Store::open(&theirs.home()).unwrap();
    assert!(matches!(store.append(&answers(&other, 0..1)), Err(StoreError::Proof(_))));
    assert_eq!(store.size().unwrap(), 0);
}

#[test]
fn every_leaf_is_included_and_every_size_is_a_prefix() {
    let folder = Folder::new("proofs");
    let store = Store::open(&folder.home()).unwrap();
    let mut acks = Vec::new();
    for n in [1, 2, 4, 5, 9, 17] {
        acks.extend(store.append(&answers(&store, acks.len() as u64..n)).unwrap());
    }
    let (evidence_keys, logs) = (store.keys().evidence_keys(), store.keys().log_keys());
    for (n, ack) in acks.iter().enumerate() {
        let json = serde_json::to_vec(&store.bundle(ack.leaf()).unwrap()).unwrap();
        let logged = proof::verify_bundle(&json, &evidence_keys, &logs).unwrap();
        assert_eq!((logged.index, logged.checkpoint.size()), (n as u64, 17));
        let text = store.tlog_proof(ack.leaf()).unwrap();
        let body = store.leaf_body(ack.leaf()).unwrap();
        assert_eq!(proof::verify_tlog_proof(&text, &body, &logs).unwrap().0, n as u64);
    }
    for new in 0..=17 {
        for old in 0..=new {
            let path = store.consistency(old, new).unwrap();
            let (a, b) = (store.root(old).unwrap(), store.root(new).unwrap());
            merkle::verify_consistency(old, new, a, b, &path).unwrap();
        }
    }
    for signed in [1, 2, 4, 5, 9, 17] {
        assert_eq!(store.checkpoint_at(signed).unwrap().unwrap().root(), store.root(signed).unwrap());
    }
    assert!(store.checkpoint_at(3).unwrap().is_none(), "a size that was never acknowledged is not signed");
    assert!(matches!(store.consistency(3, 18), Err(StoreError::NoSuchSize(18))));
    assert_clean(&store);
}

#[test]
fn a_busy_log_spools_and_the_next_writer_appends() {
    let folder = Folder::new("busy");
    let home = folder.home();
    let store = filled(&home, 0);
    let options = Options { lock_wait: Some(Duration::from_millis(50)), ..Options::default() };
    let impatient = Store::open_with(&home, options).unwrap();
    let lock = std::fs::File::open(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let acks = impatient.append(&answers(&impatient, 10..12)).unwrap();
    assert!(acks.iter().all(|a| matches!(a, Ack::Spooled { .. })), "{acks:?}");
    assert!(matches!(
        impatient.rotate(store::Role::Log, crate::material::author(), Time::from_secs(0)),
        Err(StoreError::Busy)
    ));
    drop(lock);
    let drained = store.drain().unwrap().unwrap();
    assert_eq!(drained.appended, 3, "two answers and the announced change of keys");
    assert_eq!(std::fs::read_dir(home.join("spool")).unwrap().count(), 0);
    for ack in acks {
        store.witness(ack.leaf()).unwrap();
    }
    assert_clean(&store);
}

#[test]
fn a_damaged_spool_file_is_set_aside_and_blocks_nobody() {
    let folder = Folder::new("bad");
    let home = folder.home();
    let store = filled(&home, 1);
    let bad = home.join("spool/0000000000000001-00.spool");
    std::fs::write(&bad, b"watchfire-spool-v1\nrubbish").unwrap();
    // Left behind by a writer that died before the rename: nobody's business.
    std::fs::write(home.join("spool/.x.part"), b"half").unwrap();
    store.append(&answers(&store, 5..6)).unwrap();
    assert_eq!(store.size().unwrap(), 3);
    assert!(!bad.exists() && home.join("spool/0000000000000001-00.spool.bad").exists());
    std::fs::write(&bad, b"rubbish").unwrap();
    let drained = store.drain().unwrap().unwrap();
    assert_eq!(drained.set_aside.len(), 1);
    // The log is whole, but a batch that nobody could read is something a person has to look at.
    let audit = store.verify_all(&stdx::Silent, &stdx::Stop::new()).unwrap();
    let what: Vec<&str> = audit.damage.iter().map(|d| d.what.as_str()).collect();
    assert_eq!(what, ["spool/0000000000000001-00.spool.bad"]);
}

#[test]
fn a_record_behind_thousands_of_waiting_files_is_answered_with_its_index() {
    let folder = Folder::new("behind");
    let home = folder.home();
    let store = filled(&home, 1);
    let size = store.size().unwrap();
    // One more than a single look into the spool takes up.
    for n in 1..=4097 {
        std::fs::write(home.join(format!("spool/{n:016}-00.spool")), b"rubbish").unwrap();
    }
    let acks = store.append(&answers(&store, 5..6)).unwrap();
    assert!(matches!(acks[0], Ack::Appended { index, .. } if index == size));
}

/// Appends one record when the walk begins.
struct Meanwhile<'a>(&'a Store);
impl stdx::Progress for Meanwhile<'_> {
    fn begin(&self, _: stdx::Step, _: Option<u64>) {
        self.0.append(&answers(self.0, 40..41)).unwrap();
    }
    fn advance(&self, _: u64, _: u64) {}
    fn found(&self, _: u64) {}
    fn end(&self) {}
}

#[test]
fn an_append_during_an_audit_is_not_taken_for_damage() {
    let folder = Folder::new("meanwhile");
    let home = folder.home();
    let store = filled(&home, 2);
    let size = store.size().unwrap();
    let reader = Store::open_read_only(&home).unwrap();
    let audit = reader.verify_all(&Meanwhile(&store), &stdx::Stop::new()).unwrap();
    assert!(audit.is_clean(), "{audit:#?}");
    assert_eq!((audit.leaves, store.size().unwrap()), (size, size + 1));
    assert_eq!(reader.size().unwrap(), size + 1, "the reader is not held at that moment");
}

#[test]
fn threads_and_processes_append_at_once_and_nothing_is_lost_or_doubled() {
    let folder = Folder::new("many");
    let home = folder.home();
    drop(Store::open(&home).unwrap());
    let writers: Vec<Writer> = (0..3).map(|w| Writer::start(&home, w * 1000, Some(20))).collect();
    let mine: Vec<Ack> = std::thread::scope(|s| {
        let one = |from: u64| {
            let store = Store::open(&home).unwrap();
            (from..from + 20).flat_map(|n| store.append(&answers(&store, n..n + 1)).unwrap()).collect::<Vec<_>>()
        };
        let threads: Vec<_> = [5000, 6000].map(|from| s.spawn(move || one(from))).into_iter().collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    let theirs: Vec<Digest> = writers.into_iter().flat_map(Writer::finish).collect();
    let store = Store::open(&home).unwrap();
    store.drain().unwrap();
    assert_eq!(store.size().unwrap(), 100);
    assert_eq!((mine.len(), theirs.len()), (40, 60));
    for leaf in mine.iter().map(Ack::leaf).chain(theirs) {
        store.witness(leaf).unwrap();
    }
    assert_clean(&store);
}

#[test]
fn tiles_of_the_export_hash_to_the_checkpoint() {
    let folder = Folder::new("tiles");
    let store = Store::open(&folder.home()).unwrap();
    store.append(&answers(&store, 0..300)).unwrap();
    let out = folder.0.join("tiles");
    assert_eq!(store.export_tiles(&out).unwrap(), 300);
    // C2SP tlog-tiles: 300 leaves are one full tile, one of width 44, and one of width 1 above.
    let full = std::fs::read(out.join("tile/0/000")).unwrap();
    let rest = std::fs::read(out.join("tile/0/001.p/44")).unwrap();
    let above = std::fs::read(out.join("tile/1/000.p/1")).unwrap();
    assert_eq!((full.len(), rest.len(), above.len()), (8192, 44 * 32, 32));
    let hashes: Vec<Digest> = [full, rest].concat().chunks(32).map(|c| Digest(c.try_into().unwrap())).collect();
    assert_eq!(evidence::merkle_root(&hashes), store.checkpoint().unwrap().unwrap().root());
    assert_eq!(evidence::merkle_root(&hashes[..256]).0[..], above);
    let entries = std::fs::read(out.join("tile/entries/001.p/44")).unwrap();
    let length = usize::from(u16::from_be_bytes([entries[0], entries[1]]));
    assert_eq!(evidence::leaf_hash(&entries[2..2 + length]), hashes[256]);
}

#[test]
fn sensors_remember_between_runs_and_apart_from_each_other() {
    let folder = Folder::new("cache");
    let store = Store::open(&folder.home()).unwrap();
    Cache::open(store.home()).of("inspect").set("k", b"seen");
    let cache = Cache::open(store.home());
    assert_eq!(cache.of("inspect").get("k"), Some(b"seen".to_vec()));
    assert_eq!(cache.of("discover").get("k"), None);
}
