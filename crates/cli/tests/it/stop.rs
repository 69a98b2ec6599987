//! Stopped, killed, run twice at once, read through a closed pipe: the log is whole afterwards.

use crate::bench::{Dir, Started, host, run, until};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A tree that keeps an unoptimised build busy for long enough to be stopped, and any build for a while.
fn long_tree(dir: &Dir) {
    let line = "the pump station reports pressure within limits 设备运行正常 13912345678 of its recipe\n";
    let block = line.repeat((4 << 20) / line.len());
    dir.file("data/0.txt", &block);
    for n in 1..400 {
        // One body under many names: each is read, the disk holds it once.
        fs::hard_link(dir.at("data/0.txt"), dir.at(&format!("data/{n}.txt"))).unwrap();
    }
    for n in 0..40 {
        dir.file(&format!("data/own{n}.txt"), &block);
    }
}

/// Starts a long run and returns when it is in the middle of reading.
fn begin(dir: &Dir, extra: &[&str]) -> Started {
    begun(dir, Started::new(&mut dir.watchfire(&[&["examine", "--no-host", "data"], extra].concat())))
}

/// Returns when a run is in the middle of reading.
fn begun(dir: &Dir, mut started: Started) -> Started {
    until("the home", || {
        assert!(started.child.try_wait().unwrap().is_none(), "it ended before it began");
        dir.at("home/log.db").exists()
    });
    std::thread::sleep(Duration::from_millis(800));
    started
}

#[test]
fn an_interrupted_discovery_keeps_what_it_saw_and_says_so_in_every_form() {
    let dir = Dir::new();
    long_tree(&dir);
    let mut command = dir.watchfire(&["discover", "data", "--out", "out", "--format", "json,sarif"]);
    let started = begun(&dir, Started::new(&mut command));
    started.signal(Signal::INT);
    started.wait("interrupted").ends(2).says(&["stopped", "Stopped."]);
    let json: Value = serde_json::from_slice(&fs::read(dir.at("out/discover.json")).unwrap()).unwrap();
    assert_eq!(json["examination"]["state"], "stopped");
    assert!(crate::bench::gaps(&json, "stopped") > 0);
    let sarif: Value = serde_json::from_slice(&fs::read(dir.at("out/discover.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
    dir.run(&["verify", "out/evidence.json"]).done();
    holds(&dir, 1);
}

fn holds(dir: &Dir, judgements: u64) {
    let audit = dir.json(&["audit", "--format", "json"]);
    assert_eq!(audit["holds"], true, "{audit}");
    assert_eq!(audit["judgements"], judgements, "{audit}");
}

#[test]
fn the_first_interrupt_ends_the_run_cleanly_and_the_report_says_so() {
    let dir = Dir::new();
    long_tree(&dir);
    let started = begin(&dir, &["--out", "report", "--format", "json"]);
    let from = Instant::now();
    started.signal(Signal::INT);
    let ran = started.wait("interrupted");
    assert!(from.elapsed() < Duration::from_secs(60), "{:?} after the signal", from.elapsed());
    let ran = ran.ends(2).says(&["stopped", "Stopped."]);
    assert!(ran.out.contains("report/evidence.json"), "what was seen is kept: {}", ran.out);
    let report: Value = serde_json::from_slice(&fs::read(dir.at("report/report.json")).unwrap()).unwrap();
    assert_eq!(report["examination"]["state"], "stopped");
    assert!(crate::bench::gaps(&report, "stopped") > 0);
    dir.run(&["verify", "report/evidence.json"]).done();
    holds(&dir, 1);
}

#[test]
fn killed_in_the_middle_it_works_the_next_time() {
    let dir = Dir::new();
    long_tree(&dir);
    let started = begin(&dir, &[]);
    started.signal(Signal::KILL);
    assert_eq!(started.wait("killed").status.code(), None);
    dir.run(&["examine", "--no-host", "data/0.txt", "--quiet"]).done();
    holds(&dir, 1);
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let dir = Dir::new();
    long_tree(&dir);
    let started = begin(&dir, &[]);
    // As fast after one another as a person cannot; the first is taken before the second is sent.
    started.signal(Signal::INT);
    std::thread::sleep(Duration::from_millis(20));
    started.signal(Signal::INT);
    let code = started.wait("interrupted twice").code();
    assert!(matches!(code, 130 | 2), "130, or 2 if it had ended by then: {code}");
    dir.run(&["audit"]).done();
}

#[test]
fn two_runs_in_one_home_both_succeed_and_nothing_is_lost() {
    let dir = Dir::new();
    host(&dir);
    let all: Vec<Started> = (0..4)
        .map(|n| {
            let out = format!("r{n}");
            Started::new(&mut dir.watchfire(&["examine", "--root", "host", "--out", &out, "--format", "json"]))
        })
        .collect();
    for started in all {
        started.wait("one of four").done();
    }
    // Whatever waits in the spool is appended by the next run.
    dir.run(&["examine", "--root", "host", "--quiet"]).done();
    let log = dir.json(&["log", "show", "--format", "json"]);
    assert_eq!(log["size"], 10, "five examinations, five judgements");
    holds(&dir, 5);
    for n in 0..4 {
        dir.run(&["verify", &format!("r{n}/evidence.json")]).done();
    }
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let dir = Dir::new();
    host(&dir);
    for arguments in
        [&["plan", "show"][..], &["examine", "--root", "host"], &["examine", "--root", "host", "--format", "json"]]
    {
        let mut command: Command = dir.watchfire(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut err).unwrap();
        let status = child.wait().unwrap();
        assert!(!err.contains("panicked"), "{arguments:?}: {err}");
        assert!(matches!(status.code(), Some(0) | None), "{arguments:?}: {status:?} {err}");
    }
    holds(&dir, 2);
    // A full disk behind standard output is something else: what was asked for did not arrive.
    if std::path::Path::new("/dev/full").exists() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let status = dir.watchfire(&["plan", "show"]).stdout(full).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2));
    }
}

#[test]
fn a_run_interrupted_before_the_home_is_made_leaves_a_home_that_works() {
    let dir = Dir::new();
    host(&dir);
    for wait in [0, 5, 15, 30, 60] {
        let started = Started::new(&mut dir.watchfire(&["examine", "--root", "host", "--quiet"]));
        std::thread::sleep(Duration::from_millis(wait));
        started.signal(Signal::KILL);
        started.wait("killed early");
    }
    run(&mut dir.watchfire(&["examine", "--root", "host", "--quiet"])).done();
    dir.run(&["audit"]).done();
}
