//! A home as one file: made while others write, refused when one byte is another, and then a node like before.

use crate::material::{Folder, answer, answers, assert_clean, filled};
use evidence::{Digest, Time};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use store::{Ack, Options, Store, StoreError, restore_home};

const PASSPHRASE: &str = "a long passphrase";

fn given() -> Option<String> {
    Some(PASSPHRASE.into())
}
fn now() -> Time {
    Time::from_secs(1_790_000_000)
}

#[test]
fn a_backup_made_while_others_write_holds_everything_acknowledged_before_it() {
    let folder = Folder::new("backup-busy");
    let home = folder.home();
    let store = filled(&home, 3);
    let (stop, acknowledged) = (AtomicBool::new(false), AtomicU64::new(4));
    std::thread::scope(|s| {
        s.spawn(|| {
            let writer = Store::open(&home).unwrap();
            for n in 100.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                writer.append(&answers(&writer, n..n + 1)).unwrap();
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
        });
        for n in 0..4 {
            let before = acknowledged.load(Ordering::SeqCst);
            let (file, to) = (folder.0.join(format!("b{n}")), folder.0.join(format!("restored-{n}")));
            let made = store.backup(&file, Some(PASSPHRASE), now()).unwrap();
            let told = restore_home(&to, &file, &given).unwrap();
            assert_eq!(made, told);
            let restored = Store::open(&to).unwrap();
            assert_clean(&restored);
            // What the log in it lacks waits in its spool.
            restored.drain().unwrap();
            let size = restored.checkpoint().unwrap().unwrap().size();
            assert!(size >= before, "{size} of {before}");
            assert_eq!(restored.keys().node(), store.keys().node());
            restored.append(&answers(&restored, 9_000..9_002)).unwrap();
            assert_clean(&restored);
            assert!(!to.join("memory").exists() && !to.join("keys.backup").exists());
        }
        stop.store(true, Ordering::SeqCst);
    });
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(left.iter().all(|n| !n.to_string_lossy().contains("part")), "{left:?}");
}

#[test]
fn one_byte_more_less_or_other_is_refused_and_leaves_no_home() {
    let folder = Folder::new("backup-cut");
    let file = folder.0.join("b");
    filled(&folder.home(), 1).backup(&file, None, now()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let to = folder.0.join("to");
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&file, bytes).unwrap();
        let error = restore_home(&to, &file, &given).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error}");
        assert!(!to.exists(), "{what}");
    };
    for at in (0..whole.len()).step_by(whole.len() / 150).chain([0, 19, 20, whole.len() - 1, whole.len() - 2]) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        refused(&changed, &format!("byte {at}"));
        refused(&whole[..at], &format!("cut at {at}"));
    }
    refused(&[&whole[..], b"\n"].concat(), "longer");
    refused(b"", "empty");
    std::fs::write(&file, &whole).unwrap();
    restore_home(&to, &file, &given).unwrap();
}

/// A file whose digests are all right, by somebody who knows how, with names that would leave the home or are not of one.
#[test]
fn names_that_no_home_has_are_refused() {
    let folder = Folder::new("backup-names");
    let file = folder.0.join("b");
    let store = filled(&folder.home(), 0);
    let made = store.backup(&file, None, now()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let body = whole.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(1).unwrap().0 + 1;
    let content = &whole[body..whole.len() - 65];
    let log = &made.files[0];
    let list = |files: &str| {
        let node = store.keys().node();
        format!(
            "{{\"files\":[{files}],\"format\":\"watchfire-backup-v1\",\"made\":\"{}\",\"node\":\"{node}\",\"root\":\"{}\",\"size\":{}}}",
            made.made, made.root, made.size
        )
    };
    let entry =
        |name: &str, bytes: u64, sha: Digest| format!("{{\"bytes\":{bytes},\"name\":\"{name}\",\"sha256\":\"{sha}\"}}");
    let write = |files: &str, content: &[u8]| {
        let bytes = [format!("watchfire-backup-v1\n{}\n", list(files)).as_bytes(), content].concat();
        let end = format!("{}\n", Digest::of(&bytes).hex());
        std::fs::write(&file, [&bytes[..], end.as_bytes()].concat()).unwrap();
    };
    let to = folder.0.join("to");
    let good = entry("log.db", log.bytes, log.sha256);
    write(&good, content);
    restore_home(&to, &file, &given).unwrap();
    std::fs::remove_dir_all(&to).unwrap();
    for name in
        ["../x.db", "/etc/x.toml", "keys/evidence.1.key", "spool/../../x.spool", "a/b.db", ".x.db", "x.sh", "log.db"]
    {
        write(&format!("{good},{}", entry(name, 0, Digest::of(b""))), content);
        assert!(matches!(restore_home(&to, &file, &given), Err(StoreError::Damaged { .. })), "{name}");
    }
    write(&entry("x.db", log.bytes, log.sha256), content);
    assert!(restore_home(&to, &file, &given).is_err(), "a home without a log");
    write(&format!("{good},{}", entry("x.db", u64::MAX, Digest::of(b""))), content);
    assert!(restore_home(&to, &file, &given).is_err());
    assert!(!to.exists() && !folder.0.join("x.db").exists());
}

#[test]
fn without_keys_it_is_a_log_that_waits_for_them() {
    let folder = Folder::new("backup-keyless");
    let (file, keys, to) = (folder.0.join("b"), folder.0.join("k"), folder.0.join("to"));
    let store = filled(&folder.home(), 2);
    let made = store.backup(&file, None, now()).unwrap();
    assert!(!made.has_keys() && made.size == 3);
    let text = std::fs::read(&file).unwrap();
    let secret = std::fs::read_to_string(folder.home().join("keys/evidence.1.key")).unwrap();
    let secret = secret.split('"').find(|t| t.len() > 80).unwrap();
    assert!(!text.windows(secret.len()).any(|w| w == secret.as_bytes()));
    restore_home(&to, &file, &|| panic!("nothing to ask for")).unwrap();
    assert!(matches!(Store::open(&to), Err(StoreError::KeysMissing(_))), "no new identity is made");
    store.keys().backup(&keys, PASSPHRASE).unwrap();
    store::restore(&to, &keys, PASSPHRASE).unwrap();
    let restored = Store::open(&to).unwrap();
    restored.append(&answers(&restored, 7..8)).unwrap();
    assert_clean(&restored);
}

#[test]
fn what_waits_in_the_spool_goes_along() {
    let folder = Folder::new("backup-spool");
    let (home, file, to) = (folder.home(), folder.0.join("b"), folder.0.join("to"));
    drop(filled(&home, 0));
    let lock = std::fs::File::open(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let options = Options { lock_wait: Some(Duration::from_millis(10)), ..Options::default() };
    let store = Store::open_with(&home, options).unwrap();
    let ack = store.record(&answer(store.keys().node(), 5), None, vec![]).unwrap();
    assert!(matches!(ack, Ack::Spooled { .. }));
    store.backup(&file, Some(PASSPHRASE), now()).unwrap();
    restore_home(&to, &file, &given).unwrap();
    let restored = Store::open(&to).unwrap();
    assert_eq!(restored.drain().unwrap().unwrap().appended, 1);
    assert!(restored.inclusion(ack.leaf()).is_ok());
}

#[test]
fn nothing_is_overwritten_and_a_wrong_passphrase_leaves_nothing() {
    let folder = Folder::new("backup-exists");
    let (file, to) = (folder.0.join("b"), folder.0.join("to"));
    let store = filled(&folder.home(), 0);
    assert!(matches!(store.backup(&file, Some(""), now()), Err(StoreError::PassphraseEmpty)));
    assert!(!file.exists());
    store.backup(&file, Some(PASSPHRASE), now()).unwrap();
    assert!(matches!(store.backup(&file, None, now()), Err(StoreError::Exists(_))));
    assert!(matches!(restore_home(&folder.home(), &file, &given), Err(StoreError::Exists(_))));
    let wrong = || Some("another".to_owned());
    assert!(matches!(restore_home(&to, &file, &wrong), Err(StoreError::WrongPassphrase)));
    assert!(matches!(restore_home(&to, &file, &|| None), Err(StoreError::KeysLocked)));
    assert!(!to.exists());
    assert!(restore_home(&to, Path::new("/nowhere"), &given).is_err());
    // An empty folder that somebody made for it is as good as none.
    std::fs::create_dir(&to).unwrap();
    restore_home(&to, &file, &given).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&to).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
}
