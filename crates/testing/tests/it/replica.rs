//! Replicas: equal from equal seeds, of formats that are recognised and hold, brought back by `undo`.

use ransom::Standing;
use std::path::{Path, PathBuf};
use std::process::Command;
use testing::attack::drive::{self, MODES};
use testing::attack::pattern::Key;
use testing::attack::replica::{self, Grow, Now};
use testing::attack::{Attack, record};

fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("watchfire-replica-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

#[test]
fn every_kind_is_recognised_and_holds_and_is_broken_when_its_middle_is() {
    let grow = Grow { seed: 11, files: 27, big: false };
    for number in 0..grow.files {
        let (path, bytes) = replica::file(grow, number);
        assert_eq!(replica::file(grow, number).1, bytes);
        let seen = record::seen(&bytes);
        assert_eq!(seen.standing, Standing::Valid, "{} is {seen:?}", path.display());
        assert_ne!(seen.format, "binary", "{}", path.display());
        // Structures that are followed beyond the first bytes.
        let ext = path.extension().unwrap().to_str().unwrap();
        if matches!(ext, "docx" | "xlsx" | "pdf" | "png") {
            let mut cut = bytes.clone();
            cut.truncate(bytes.len() - bytes.len() / 3);
            assert_eq!(record::seen(&cut).standing, Standing::Broken, "{} cut", path.display());
        }
        if ext == "png" {
            let mut hit = bytes.clone();
            hit[bytes.len() / 2] ^= 1;
            assert_eq!(record::seen(&hit).standing, Standing::Broken, "one bit of {}", path.display());
        }
    }
    assert_eq!(record::seen(&[0; 4096]).standing, Standing::Empty);
}

#[test]
fn undo_brings_every_file_back_after_every_mode() {
    for mode in MODES {
        let dir = scratch(mode.id);
        let (fence, manifest) = replica::make(&dir, Grow { seed: 12, files: 9, big: false }).unwrap();
        let attack = Attack { mode, key: Key(3), part: 0, parts: 1 };
        assert!(drive::drive(&fence, &manifest, &attack, |_, _| true).is_err(), "not without a stored key");
        drive::arm(&fence, &attack).unwrap();
        assert_eq!(drive::drive(&fence, &manifest, &attack, |_, _| true).unwrap(), 9);
        assert!(drive::arm(&fence, &attack).is_err(), "a second run would mix keys");
        assert!(replica::check(&fence, &manifest).iter().all(|(_, now)| *now != Now::Intact), "{}", mode.id);
        // As another process, later.
        let (fence, manifest) = replica::open(&dir).unwrap();
        assert_eq!(drive::undo(&fence, &manifest).unwrap(), 9, "{}", mode.id);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}

fn run(words: &[&str], dir: &Path) -> (Option<i32>, serde_json::Value) {
    let out = Command::new(env!("CARGO_BIN_EXE_attack")).arg(words[0]).arg(dir).args(&words[1..]).output().unwrap();
    (out.status.code(), serde_json::from_slice(&out.stdout).unwrap_or_default())
}

#[test]
fn the_program_works_on_its_replica_alone() {
    let dir = scratch("program");
    let (code, made) = run(&["make", "--files", "40", "--seed", "5"], &dir);
    assert_eq!((code, made["files"].as_array().unwrap().len()), (Some(0), 40));
    assert!(made["files"][0]["digest"].as_str().unwrap().starts_with("sha256:"));
    let (code, ran) = run(&["run", "--mode", "64-per-4096", "--processes", "8"], &dir);
    assert_eq!((code, &ran["files"]["changed"], &ran["stopped"]), (Some(0), &40.into(), &serde_json::Value::Null));
    let (_, undone) = run(&["undo"], &dir);
    assert_eq!((&undone["intact"], &undone["of"]), (&40.into(), &40.into()));
    std::fs::remove_dir_all(&dir).unwrap();
    // A folder of somebody's.
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("work.txt"), "mine").unwrap();
    for words in [&["run", "--mode", "in-place"][..], &["benign", "--job", "gzip"], &["make"], &["undo"]] {
        assert_eq!(run(words, &dir).0, Some(2), "{words:?}");
    }
    assert_eq!(std::fs::read_to_string(dir.join("work.txt")).unwrap(), "mine");
    std::fs::remove_dir_all(&dir).unwrap();
}
