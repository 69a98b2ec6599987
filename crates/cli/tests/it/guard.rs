//! A share under guard, as its administrator runs it: an attacker is held, the guard is killed, what was spoilt comes back.

use crate::bench::{Dir, Started, files, root_or_skip, text, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of its own; unmounted at the end.
struct Mount(PathBuf);
impl Mount {
    fn new(dir: &Dir) -> Self {
        let (image, at) = (dir.at("share.img"), dir.at("mount"));
        fs::File::create(&image).unwrap().set_len(400 << 20).unwrap();
        fs::create_dir_all(&at).unwrap();
        let ran = |program: &str, args: &[&str]| assert!(Command::new(program).args(args).status().unwrap().success());
        ran("mkfs.btrfs", &["-q", text(&image)]);
        ran("mount", &["-o", "loop", text(&image), text(&at)]);
        Self(at)
    }
}
impl Drop for Mount {
    fn drop(&mut self) {
        for _ in 0..50 {
            if Command::new("umount").arg(&self.0).status().is_ok_and(|s| s.success()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}

fn children(of: u32) -> Vec<i32> {
    let all = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    all.split_whitespace().map(|p| p.parse().unwrap()).collect()
}
fn contents(of: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(of).into_iter().map(|f| (f.clone(), fs::read(f).unwrap())).collect()
}
/// Files that are not as they were, gone, or new.
fn other(before: &BTreeMap<PathBuf, Vec<u8>>, of: &Path) -> Vec<PathBuf> {
    let now = contents(of);
    let names: BTreeSet<&PathBuf> = before.keys().chain(now.keys()).collect();
    names.into_iter().filter(|n| before.get(*n) != now.get(*n)).cloned().collect()
}
/// A guard that is ended even when the test fails: it would go on for ever.
struct Guard(Option<Started>);
impl Guard {
    fn started(&self) -> &Started {
        self.0.as_ref().unwrap()
    }
}
impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut guard) = self.0.take() {
            for pid in children(guard.child.id()) {
                let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
            }
            let _ = guard.child.kill();
            let _ = guard.child.wait();
        }
    }
}

#[test]
fn an_attacker_stays_held_when_the_guard_is_killed_and_every_file_comes_back() {
    if !root_or_skip("an attacker on a share under guard") {
        return;
    }
    let dir = Dir::new();
    let mount = Mount::new(&dir);
    let ground = mount.0.join("share/plant");
    fs::create_dir_all(mount.0.join("share")).unwrap();
    let token = ::guard::trial::prepare(&ground, 40, 5000).unwrap();
    let before = contents(&ground);
    let socket = dir.at("guard.sock");
    let share = format!(
        "path = {:?}\nvault = {:?}\nquota-bytes = 100000000\n",
        ground.parent().unwrap(),
        mount.0.join("vault")
    );
    let config = dir.file("guard.toml", format!("mode = \"hold\"\nsocket = {socket:?}\n[[share]]\n{share}"));
    let (config, socket) = (text(&config), text(&socket));
    let status = || -> Option<Value> {
        let ran = dir.run(&["guard", "status", "--socket", socket, "--format", "json"]);
        (ran.code() < 2).then(|| ran.json())
    };
    let holds = || status().map_or(Value::Null, |s| s["holds"].clone());

    dir.run(&["guard", "status", "--socket", socket]).complains(&["guard.sock"]);
    let mut guard = Guard(Some(Started::new(&mut dir.watchfire(&["guard", "run", "--config", config]))));
    until("a guard that answers", || status().is_some());
    let first = status().unwrap();
    assert_eq!((first["mode"].as_str(), first["order"].as_str()), (Some("hold"), Some("hold-attacker")));
    assert_eq!(first["supervised"], true);

    let mut attacker = dir.watchfire(&["guard", "trial", "in-place", text(&ground), &token]).spawn().unwrap();
    until("a hold", || holds().as_array().is_some_and(|h| h.len() == 1));
    assert_eq!(holds()[0]["pid"].as_u64(), Some(u64::from(attacker.id())));
    dir.run(&["guard", "status", "--socket", socket]).ends(1).says(&["held", "watchfire"]);

    // The worker dies; another one takes over and finds the attacker where it was.
    let workers = children(guard.started().child.id());
    assert_eq!(workers.len(), 1);
    kill_process(Pid::from_raw(workers[0]).unwrap(), Signal::KILL).unwrap();
    until("another worker", || children(guard.started().child.id()).iter().any(|p| *p != workers[0]));
    until("the hold again", || holds().as_array().is_some_and(|h| h.len() == 1));
    let hold = holds()[0]["hold"].to_string();
    assert!(attacker.try_wait().unwrap().is_none(), "it is still there");

    dir.run(&["guard", "kill", "999", "--socket", socket]).complains(&["nobody is held under this number"]);
    dir.run(&["guard", "kill", &hold, "--socket", socket, "--by", "李"]).done();
    assert_eq!(attacker.wait().unwrap().signal(), Some(9));
    let spoilt = other(&before, &ground).len();
    assert!((1..40).contains(&spoilt), "{spoilt} of 40 were spoilt");

    let restore = |more: &[&str]| dir.run(&[&["guard", "restore", "--config", config], more].concat());
    restore(&["--dry-run"]).done();
    assert_eq!(other(&before, &ground).len(), spoilt, "a dry run writes nothing");
    restore(&["--incident", &hold]).done();
    assert_eq!(other(&before, &ground), Vec::<PathBuf>::new());
    guard.started().signal(Signal::TERM);
    guard.0.take().unwrap().wait("guard run").done();
}

#[test]
fn what_a_folder_can_and_cannot_have_is_tried_and_told() {
    if !root_or_skip("the self-test of the guard") {
        return;
    }
    let dir = Dir::new();
    let mount = Mount::new(&dir);
    let found = dir.json(&["guard", "check", text(&mount.0), "--format", "json"]);
    assert_eq!((found["file_system"].as_str(), found["reflinks"].as_bool()), (Some("btrfs"), Some(true)));
    assert_eq!(fs::read_dir(&mount.0).unwrap().count(), 0, "nothing is left behind");
    dir.run(&["guard", "check", "nowhere"]).complains(&["nowhere"]);
    let config = dir.file("guard.toml", "mode = \"sleep\"\n");
    dir.run(&["guard", "run", "--config", text(&config)]).complains(&["guard.toml", "sleep"]);
}
