//! The machine that runs the tests: every fact answers, with and without root's rights.

use crate::Said;
use evidence::{Body, GapReason};
use inspect::{Inspector, Limits, Target};

/// Enough to see each fact answer.
pub(crate) fn few() -> Limits {
    Limits { walk_entries_max: 20_000, integrity_bytes_max: 1 << 20, ..Limits::default() }
}

#[test]
fn the_running_system_answers_for_every_fact() {
    let said = Said::of(Target::Live, few());
    assert!(said.one("kernel.release").is_some());
    assert!(!said.rows("account").is_empty());
    assert!(said.rows("mount").len() > 1);
    assert!(Inspector::fact_count() >= 60);
    assert!(said.0.iter().all(|b| !matches!(b, Body::Gap(g) if g.reason == GapReason::NotLive)));
}

/// Runs the tests again as nobody; there shadow and other people's folders are closed.
#[test]
fn without_rights_there_are_gaps_instead_of_silence() {
    if !rustix::process::geteuid().is_root() {
        let said = Said::of(Target::Live, few());
        assert_eq!(said.gap("account"), Some(GapReason::PermissionDenied));
        assert_eq!(said.gap("sudo.rule").is_some(), std::path::Path::new("/etc/sudoers").exists());
        return;
    }
    // A copy in a folder that everybody may enter: the build folder may be closed.
    let dir = std::env::temp_dir().join(format!("inspect-unprivileged-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let copy = dir.join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    let done = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&copy)
        .args(["--exact", "live::without_rights_there_are_gaps_instead_of_silence"])
        .output();
    let _ = std::fs::remove_dir_all(&dir);
    match done {
        Ok(out) => assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout)),
        Err(e) => println!("SKIPPED: cannot drop rights: {e}"),
    }
}
