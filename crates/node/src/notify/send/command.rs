//! A program of the user's: the message as JSON on its standard input, no shell, nothing of our environment. At its time
//! limit it is killed with everything that it started.

use super::{Job, Outcome, PROOF_CHARS_MAX, Until};
use crate::notify::config::Command as Hook;
use crate::notify::secret::clean;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Output that is kept, in bytes; what comes after is read and forgotten.
const OUTPUT_BYTES_MAX: usize = 4096;
/// How often the program is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(10);
/// How long output may still come after the end.
const REST: Duration = Duration::from_millis(200);
/// `EX_TEMPFAIL` of sysexits.h.
const TEMPORARY: i32 = 75;

pub(super) fn send(hook: &Hook, job: &Job, until: Until) -> Outcome {
    let mut json = job.worded.json();
    json["address"] = job.address.clone().into();
    let started = Command::new(&hook.program)
        .args(&hook.args)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8")])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let Ok(mut child) = started else { return Outcome::Refused("cannot be started".to_owned()) };
    let output = drain(child.stdout.take());
    let complaints = drain(child.stderr.take());
    if let Some(mut input) = child.stdin.take() {
        // Into the pipe's buffer, which is larger than any message; a program that reads nothing may end before.
        let _ = input.write_all(json.to_string().as_bytes());
    }
    let ended = wait(&mut child, until);
    if ended.is_none() {
        kill(&mut child);
    }
    let said = [output, complaints].map(|r| r.recv_timeout(REST).unwrap_or_default());
    let first = said.iter().find(|s| !s.trim().is_empty()).and_then(|s| s.trim().lines().next()).unwrap_or_default();
    let proof = |how: String| {
        let text = if first.is_empty() { how } else { format!("{how}: {first}") };
        clean(&text, &[&job.address], PROOF_CHARS_MAX)
    };
    match ended {
        None => Outcome::Again(proof("time limit".to_owned())),
        Some(status) => match status.code() {
            Some(0) => Outcome::Delivered(proof("exit 0".to_owned())),
            Some(code @ 64..=78) if code != TEMPORARY => Outcome::Refused(proof(format!("exit {code}"))),
            Some(code) => Outcome::Again(proof(format!("exit {code}"))),
            None => Outcome::Again(proof(format!("signal {}", status.signal().unwrap_or_default()))),
        },
    }
}

fn wait(child: &mut Child, until: Until) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Err(_) => return None,
            Ok(None) => std::thread::sleep(LOOK.min(until.left()?)),
        }
    }
}

/// Kills the group: the program leads it, and what it started is in it.
fn kill(child: &mut Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a stream to its end in a thread of its own; the first bytes are kept.
fn drain(from: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let Some(mut from) = from else { return };
        let (mut kept, mut piece) = (Vec::new(), [0; 1024]);
        while let Ok(n @ 1..) = from.read(&mut piece) {
            let room = OUTPUT_BYTES_MAX - kept.len();
            kept.extend_from_slice(&piece[..n.min(room)]);
        }
        let _ = send.send(String::from_utf8_lossy(&kept).into_owned());
    });
    receive
}
