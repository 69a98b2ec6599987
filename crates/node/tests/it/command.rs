//! A program of the user's.

use crate::bed::{Bed, TEXT, around};
use evidence::{Notice, NoticeState};
use serde_json::Value;
use std::time::{Duration, Instant};

fn hook(bed: &Bed, script: &str) -> Notice {
    bed.file("hook.sh", script, 0o700);
    let channel = format!(
        "kind = \"command\"\nprogram = \"/bin/sh\"\nargs = [\"{0}/hook.sh\", \"{0}\"]\ntimeout_seconds = 1",
        bed.home.display()
    );
    bed.file("notify.toml", &around(&channel, "13912345617"), 0o600);
    bed.one()
}

#[test]
fn it_gets_the_message_and_none_of_our_environment() {
    let bed = Bed::new();
    let notice = hook(&bed, "cat > \"$1/got.json\"; env > \"$1/got.env\"; echo taken 42; echo more\n");
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Delivered, "exit 0: taken 42"));
    let got: Value = serde_json::from_slice(&std::fs::read(bed.home.join("got.json")).unwrap()).unwrap();
    assert_eq!((got["text"].as_str(), got["address"].as_str()), (Some(TEXT), Some("13912345617")));
    let env = std::fs::read_to_string(bed.home.join("got.env")).unwrap();
    // The shell itself adds PWD, SHLVL, OLDPWD, _.
    for line in env.lines() {
        let name = line.split('=').next().unwrap();
        assert!(["PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_"].contains(&name), "{line}");
    }
}

#[test]
fn its_exit_code_is_the_outcome() {
    let state = |script: &str| {
        let notice = hook(&Bed::new(), script);
        (notice.state, notice.proof)
    };
    assert_eq!(state("echo no 13912345617 >&2; exit 1\n"), (NoticeState::Failed, "exit 1: no ***".to_owned()));
    assert_eq!(state("exit 75\n"), (NoticeState::Failed, "exit 75".to_owned()));
    assert_eq!(state("exit 67\n"), (NoticeState::GivenUp, "exit 67".to_owned()));
    assert_eq!(state("kill -9 $$\n"), (NoticeState::Failed, "signal 9".to_owned()));
    let flood = state("yes CANARY | head -c 300000; printf '\\033[31m'; exit 0\n");
    assert_eq!(flood, (NoticeState::Delivered, "exit 0: CANARY".to_owned()));
    let none = Bed::with(&around("kind = \"command\"\nprogram = \"/does/not/exist\"", "")).one();
    assert_eq!((none.state, none.proof.as_str()), (NoticeState::GivenUp, "cannot be started"));
}

#[test]
fn at_its_limit_it_is_killed_with_its_children() {
    let bed = Bed::new();
    let from = Instant::now();
    let notice = hook(&bed, "sleep 300 & echo $! > \"$1/child\"; echo $$ > \"$1/self\"; wait\n");
    assert_eq!((notice.state, notice.proof.as_str()), (NoticeState::Failed, "time limit"));
    assert!(from.elapsed() < Duration::from_secs(60));
    for name in ["child", "self"] {
        let pid = std::fs::read_to_string(bed.home.join(name)).unwrap();
        let gone = || {
            let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
            // A killed child may still wait to be collected by init.
            status.map_or(true, |s| s.rsplit_once(") ").is_some_and(|s| s.1.starts_with('Z')))
        };
        let ended = (0..500).any(|_| {
            gone() || {
                std::thread::sleep(Duration::from_millis(10));
                false
            }
        });
        assert!(ended, "{name} still runs");
    }
}
