//! Keys: made once, replaced safely, refused when they are unsafe.

use crate::material::{Folder, answer, answers, assert_clean, author, filled};
use evidence::{RecordKind, Time};
use std::os::unix::fs::PermissionsExt;
use store::{Ack, Options, Role, Steps, Store, StoreError};

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn secrets_are_for_the_owner_alone_and_loose_ones_are_refused() {
    let folder = Folder::new("modes");
    let home = folder.home();
    let node = Store::open(&home).unwrap().keys().node();
    assert_eq!((mode(&home), mode(&home.join("keys"))), (0o700, 0o700));
    for key in ["evidence.1.key", "log.1.key", "digest.1.key"] {
        assert_eq!(mode(&home.join("keys").join(key)), 0o600, "{key}");
    }
    assert_eq!(Store::open(&home).unwrap().keys().node(), node, "the same node tomorrow");
    let loose = home.join("keys/log.1.key");
    std::fs::set_permissions(&loose, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(Store::open(&home), Err(StoreError::LoosePermissions { mode: 0o640, .. })));
    assert!(Store::open_read_only(&home).is_ok(), "reading needs no secret");
}

#[test]
fn a_damaged_or_lost_key_is_named_and_never_replaced() {
    let folder = Folder::new("lost");
    let home = folder.home();
    drop(filled(&home, 0));
    let key = home.join("keys/evidence.1.key");
    let whole = std::fs::read(&key).unwrap();
    std::fs::write(&key, &whole[..whole.len() / 2]).unwrap();
    let error = Store::open(&home).unwrap_err();
    assert!(matches!(&error, StoreError::KeyFile { path, .. } if *path == key), "{error}");
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(Store::open(&home), Err(StoreError::KeysMissing(_))));
    std::fs::remove_dir_all(home.join("keys")).unwrap();
    assert!(matches!(Store::open(&home), Err(StoreError::KeysMissing(_))));
}

#[test]
fn a_passphrase_closes_the_keys() {
    let folder = Folder::new("passphrase");
    let home = folder.home();
    let with = |p: &str| Options { passphrase: Some(p.into()), ..Options::default() };
    let store = Store::open_with(&home, with("a long passphrase")).unwrap();
    store.record(&answer(store.keys().node(), 1), None, vec![]).unwrap();
    drop(store);
    assert!(matches!(Store::open_with(&home, with("another")), Err(StoreError::WrongPassphrase)));
    let text = std::fs::read_to_string(home.join("keys/evidence.1.key")).unwrap();
    assert!(text.contains("pbkdf2-hmac-sha256") && text.contains("600000"), "the file states its parameters");
    let closed = Store::open(&home).unwrap();
    assert_eq!(closed.records(&[]).unwrap().len(), 1, "reading needs no passphrase");
    assert!(matches!(closed.sign(&answer(closed.keys().node(), 2)), Err(StoreError::KeysLocked)));
    let weakened = text.replace("600000", "1000");
    std::fs::write(home.join("keys/evidence.1.key"), weakened).unwrap();
    let error = Store::open_with(&home, with("a long passphrase")).unwrap_err();
    assert!(matches!(error, StoreError::KeyFile { .. }), "{error}");
}

#[test]
fn after_a_rotation_old_records_still_verify_and_the_old_secret_is_gone() {
    let folder = Folder::new("rotate");
    let home = folder.home();
    let store = filled(&home, 2);
    let node = store.keys().node();
    for (role, at) in [(Role::Evidence, 1), (Role::Log, 2), (Role::Evidence, 3)] {
        let before = store.keys().current(role).id().to_owned();
        let change = store.rotate(role, author(), Time::from_secs(at)).unwrap();
        assert_eq!((change.from, change.to.as_str()), (before, store.keys().current(role).id()));
    }
    store.append(&answers(&store, 50..51)).unwrap();
    assert_eq!(store.keys().node(), node, "the node stays who it is");
    assert!(!home.join("keys/evidence.1.key").exists() && home.join("keys/evidence.1.pub").exists());
    let store = Store::open(&home).unwrap();
    let changes = store.records(&[RecordKind::Attestation]).unwrap();
    let changes: Vec<_> = changes
        .iter()
        .filter_map(|w| match w.record.value() {
            evidence::Record::Attestation(a) => a.as_key_change().map(|c| (c, w.record.key_id())),
            _ => None,
        })
        .collect();
    assert_eq!(changes.len(), 3);
    let (first, signed_by) = changes[0];
    assert_eq!(first.from, signed_by, "the change is signed with the key that is left");
    assert_eq!(store.keys().known().len(), 5);
    assert_clean(&store);
    assert!(matches!(store.rotate(Role::Digest, author(), Time::from_secs(9)), Err(StoreError::KeyFile { .. })));
}

/// A copy of the home at every durable step of a rotation is a home that opens, signs and finishes the rotation.
#[test]
fn a_rotation_can_be_cut_anywhere_and_begun_again() {
    let folder = Folder::new("cut");
    let home = folder.home();
    drop(filled(&home, 1));
    let copies = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (from, to, list) = (home.clone(), folder.0.clone(), std::sync::Arc::clone(&copies));
    let steps = Steps::new(move |step| {
        let mut list = list.lock().unwrap();
        let copy = to.join(format!("copy-{}", list.len()));
        let done = std::process::Command::new("cp").arg("-a").args([&from, &copy]).status().unwrap();
        assert!(done.success());
        list.push((step, copy));
    });
    let store = Store::open_with(&home, Options { steps, ..Options::default() }).unwrap();
    store.rotate(Role::Evidence, author(), Time::from_secs(5)).unwrap();
    drop(store);
    let copies = copies.lock().unwrap();
    assert!(copies.len() >= 10, "{copies:?}");
    for (step, copy) in copies.iter() {
        let store = Store::open(copy).unwrap_or_else(|e| panic!("after {step}: {e}"));
        store.append(&answers(&store, 7..8)).unwrap();
        store.rotate(Role::Evidence, author(), Time::from_secs(6)).unwrap();
        store.append(&answers(&store, 8..9)).unwrap();
        assert_clean(&store);
    }
}

#[test]
fn a_backup_restores_the_node_and_only_where_there_is_none() {
    let folder = Folder::new("backup");
    let home = folder.home();
    let store = filled(&home, 1);
    store.rotate(Role::Evidence, author(), Time::from_secs(5)).unwrap();
    let backup = folder.0.join("keys.backup");
    assert!(matches!(store.keys().backup(&backup, ""), Err(StoreError::PassphraseEmpty)));
    assert!(!backup.exists(), "nothing is written under an empty passphrase");
    store.keys().backup(&backup, "backup passphrase").unwrap();
    let written = std::fs::read(&backup).unwrap();
    assert!(matches!(store.keys().backup(&backup, "another"), Err(StoreError::Exists(_))));
    assert_eq!(std::fs::read(&backup).unwrap(), written, "an older backup is not overwritten");
    let (node, sum) = (store.keys().node(), store.keys().digest_key().unwrap().digest("d", b"v"));
    drop(store);
    assert!(matches!(store::restore(&home, &backup, "backup passphrase"), Err(StoreError::KeysExist(_))));
    std::fs::remove_dir_all(home.join("keys")).unwrap();
    assert!(matches!(store::restore(&home, &backup, "wrong"), Err(StoreError::WrongPassphrase)));
    store::restore(&home, &backup, "backup passphrase").unwrap();
    let store = Store::open(&home).unwrap();
    assert_eq!(store.keys().node(), node);
    assert_eq!(store.keys().digest_key().unwrap().digest("d", b"v"), sum);
    assert!(matches!(store.append(&answers(&store, 7..8)).unwrap()[0], Ack::Appended { .. }));
    assert_clean(&store);
}

#[test]
fn protected_keys_are_never_rotated_into_the_clear() {
    let folder = Folder::new("clear");
    let home = folder.home();
    let with = || Options { passphrase: Some("a long passphrase".into()), ..Options::default() };
    drop(Store::open_with(&home, with()).unwrap());
    let next = home.join("keys/evidence.2.next");
    let closed = Store::open(&home).unwrap();
    let refused = closed.rotate(Role::Evidence, author(), Time::from_secs(1));
    assert!(matches!(refused, Err(StoreError::KeysLocked)));
    assert!(!next.exists(), "no secret is written without the passphrase");
    drop(closed);
    // What another program may have left there: a whole key of the right role, in clear.
    let other = folder.0.join("other");
    drop(Store::open(&other).unwrap());
    std::fs::copy(other.join("keys/evidence.1.key"), &next).unwrap();
    let left = Store::open(&other).unwrap().keys().current(Role::Evidence).id().to_owned();
    let change = Store::open_with(&home, with()).unwrap().rotate(Role::Evidence, author(), Time::from_secs(2)).unwrap();
    assert_ne!(change.to, left, "a key that lay in clear is not taken up");
    let text = std::fs::read_to_string(home.join("keys/evidence.2.key")).unwrap();
    assert!(text.contains("pbkdf2-hmac-sha256"));
}

#[test]
fn rotations_at_once_follow_each_other_and_lose_no_key() {
    let folder = Folder::new("rotations");
    let home = folder.home();
    drop(filled(&home, 1));
    std::thread::scope(|s| {
        let rotate = |at| Store::open(&home).unwrap().rotate(Role::Evidence, author(), Time::from_secs(at)).unwrap();
        let all: Vec<_> = (1..4).map(|at| s.spawn(move || rotate(at))).collect();
        all.into_iter().for_each(|t| drop(t.join().unwrap()));
    });
    let store = Store::open(&home).unwrap();
    assert_eq!(store.keys().evidence_keys().len(), 4, "three changes, three new keys");
    store.append(&answers(&store, 5..6)).unwrap();
    assert_clean(&store);
}

#[test]
fn a_rotation_overwrites_no_other_key_and_waits_only_so_long() {
    let folder = Folder::new("numbers");
    let home = folder.home();
    let wait = Some(std::time::Duration::ZERO);
    drop(filled(&home, 1));
    let store = Store::open_with(&home, Options { lock_wait: wait, ..Options::default() }).unwrap();
    let held = std::fs::File::create(home.join("rotate.lock")).unwrap();
    held.lock().unwrap();
    assert!(matches!(store.rotate(Role::Evidence, author(), Time::from_secs(1)), Err(StoreError::Busy)));
    assert!(!home.join("keys/evidence.2.next").exists());
    drop(held);
    let half = home.join("keys/evidence.2.pub");
    std::fs::copy(home.join("keys/evidence.1.pub"), &half).unwrap();
    let before = std::fs::read(&half).unwrap();
    let refused = store.rotate(Role::Evidence, author(), Time::from_secs(2));
    assert!(matches!(refused, Err(StoreError::KeyFile { .. })));
    assert_eq!(std::fs::read(&half).unwrap(), before);
    assert!(home.join("keys/evidence.1.key").exists(), "the key that signs is still there");
}
