//! Running programs of the machine that runs the tests.

use crate::live::few;
use crate::{Said, Tree};
use evidence::{Body, GapReason};
use inspect::Target;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn this_program_and_its_socket_are_seen() {
    let waiting = TcpListener::bind("127.0.0.1:0").unwrap();
    let said = Said::of(Target::Live, few());
    let own = std::env::current_exe().unwrap();
    let (row, _) = said.row("process", "exe", own.to_str().unwrap()).expect("the test itself runs");
    assert!(row.contains("listening=true") && row.contains("name=it-"), "{row}");
    drop(waiting);
    let image = Said::root(&Tree::new().0);
    assert_eq!(
        (image.gap("process"), image.gap("process.hidden")),
        (Some(GapReason::NotLive), Some(GapReason::NotLive))
    );
}

/// Two processes of one program are one row; a program that nobody packaged is said to be so.
#[test]
fn copies_are_counted() {
    let t = Tree::new();
    let sleep = t.0.join("own-sleep");
    std::fs::copy("/bin/sleep", &sleep).unwrap();
    let start = || Command::new(&sleep).arg("60").stdin(Stdio::null()).spawn().unwrap();
    let mut both = [start(), start()];
    let said = Said::of(Target::Live, few());
    for child in &mut both {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (row, _) = said.row("process", "exe", sleep.to_str().unwrap()).unwrap();
    assert!(row.contains("count=2") && row.contains("listening=false"), "{row}");
    if said.one("package.count").is_some() {
        assert!(row.contains("packaged=false"), "{row}");
    }
}

/// Processes that come and go, and threads, are not hidden ones.
#[test]
fn what_only_comes_and_goes_is_not_hidden() {
    let done = AtomicBool::new(false);
    std::thread::scope(|s| {
        s.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                Command::new("/bin/true").status().unwrap();
            }
        });
        let said = Said::of(Target::Live, few());
        done.store(true, Ordering::Relaxed);
        let rows = said.rows("process.hidden");
        assert!(rows.is_empty(), "{rows:?}");
    });
}

/// A program of a package that holds a waiting socket, and the C library that it has loaded.
#[test]
fn a_package_is_seen_in_use_with_its_sockets() {
    let said = Said::of(Target::Live, few());
    if said.gap("package.running") == Some(GapReason::Missing) || said.one("package.count").is_none() {
        println!("SKIPPED: no package manager with lists of files is on this machine");
        return;
    }
    let waiting = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = waiting.local_addr().unwrap().port();
    // The socket is the child's standard input, and the child is a program that a package brought.
    let stdin = Stdio::from(std::os::fd::OwnedFd::from(waiting));
    let mut child = Command::new("/bin/sleep").arg("60").stdin(stdin).spawn().unwrap();
    let said = Said::of(Target::Live, few());
    child.kill().unwrap();
    child.wait().unwrap();
    let rows: Vec<String> = said.rows("package.running").iter().map(|(row, _)| row.to_string()).collect();
    let sleep = rows.iter().find(|row| row.contains("/sleep") && row.contains("how=program"));
    let Some(sleep) = sleep else { panic!("no program of a package is called sleep in {rows:?}") };
    assert!(sleep.contains(&format!("tcp 127.0.0.1:{port}")) && sleep.contains("programs=sleep"), "{sleep}");
    assert!(rows.iter().any(|row| row.contains("how=library") && row.contains("/libc")), "{rows:?}");
    let image = Said::root(&Tree::new().0);
    assert_eq!(image.gap("package.running"), Some(GapReason::NotLive));
}

/// A command line that is too long to be read may name a script: then nobody can say what does not run.
#[test]
fn a_command_line_over_the_limit_is_a_gap() {
    let long = "x".repeat(100_000);
    let mut command = Command::new("/bin/sh");
    // The shell itself waits, and has no child to be left behind.
    command.args(["-c", "read line"]).args((0..12).map(|_| &long)).stdin(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("SKIPPED: this system takes no command line of more than a mebibyte");
        return;
    };
    let said = Said::of(Target::Live, few());
    child.kill().unwrap();
    child.wait().unwrap();
    if said.one("package.count").is_none() {
        println!("SKIPPED: no package manager is on this machine");
        return;
    }
    let at = format!("/proc/{}/cmdline", child.id());
    let gap = said.0.iter().any(|b| {
        matches!(b, Body::Gap(g) if g.what == "fact:package.running" && g.reason == GapReason::TooLarge
            && g.at.as_ref().is_some_and(|p| p.to_string() == at))
    });
    assert!(gap, "{at}");
}
