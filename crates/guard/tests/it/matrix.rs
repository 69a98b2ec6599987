//! Every form of attack on every file system: what is lost when nobody is stopped, and how far an attacker comes.

use crate::bench::{mount, orders, program};

fn trial(kind: &str) {
    let Some(mount) = mount(kind, "matrix") else { return };
    let found = guard::check::check(&mount.at, &orders(), &program, &mut |_, _| true).expect("a check");
    println!("{}", serde_json::to_string(&found).expect("JSON"));
    assert_eq!(found.file_system, kind);
    assert_eq!(found.reflinks, kind != "ext4");
    assert_eq!(found.unseen.len(), 11);
    for tried in &found.unseen {
        let told = tried.form != "truncate" || found.truncate;
        assert!(tried.spoilt == tried.files, "the attack did nothing: {tried:?}");
        assert!(!told || tried.recovered == tried.files, "{kind}: {tried:?}");
    }
    for tried in &found.stopped {
        // What is spread thin, and a new file beside the removed one, is judged late or not at all; it loses nothing.
        if matches!(tried.form, "in-place" | "rewrite") {
            assert!(tried.held && tried.spoilt <= 9, "{kind}: {tried:?}");
        }
        assert_eq!(tried.recovered, tried.files, "{kind}: {tried:?}");
    }
}

#[test]
fn an_attack_that_nobody_sees_loses_nothing_on_btrfs() {
    trial("btrfs");
}
#[test]
fn an_attack_that_nobody_sees_loses_nothing_on_xfs() {
    trial("xfs");
}
#[test]
fn an_attack_that_nobody_sees_loses_nothing_under_the_cap_on_ext4() {
    trial("ext4");
}
