//! Many hosts, over the system's own ssh: its keys, its known hosts, its configuration.
//!
//! On each host one command runs, `inspect --collect`, and its answer comes back as a carried file. Nothing stays on
//! the host. Where the program is not installed there, `send = true` writes this program into a temporary file of the
//! host, runs it and removes it: said in the file of hosts, host by host, never assumed.
//!
//! Refused: an ssh library of our own, passwords in the file, and a host that did not answer counting as anything else
//! than a gap.

use crate::carried::CARRIED_BYTES_MAX;
use crate::{NodeError, home};
use evidence::{GapReason, Say};
use serde::Deserialize;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use stdx::{Progress, Step, Stop};

/// The largest file of hosts, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Most hosts of one file.
const HOSTS_MAX: usize = 2_000;
/// Most of what ssh says on standard error that is kept, in bytes.
const STDERR_BYTES_MAX: u64 = 4 << 10;
/// How often a running ssh is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Written into a temporary file of the host, run and removed there; the program comes on standard input.
const SEND: &str =
    "f=$(mktemp) && cat >\"$f\" && chmod 700 \"$f\" && \"$f\" inspect --collect; r=$?; rm -f \"$f\"; exit $r";
/// The same with the rights of root, without asking for a password.
const SEND_SUDO: &str =
    "f=$(mktemp) && cat >\"$f\" && chmod 700 \"$f\" && sudo -n \"$f\" inspect --collect; r=$?; rm -f \"$f\"; exit $r";

/// A file of hosts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Hosts asked at the same time.
    #[serde(default = "at_once")]
    at_once: usize,
    /// Longest time for one host, in seconds.
    #[serde(default = "seconds")]
    timeout_seconds: u64,
    host: Vec<Host>,
}
fn at_once() -> usize {
    8
}
fn seconds() -> u64 {
    600
}

/// A host of the file.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Host {
    /// As it is called where it does not answer.
    name: String,
    /// As ssh takes it: `host`, `user@host`, or a name of ssh's own configuration.
    address: String,
    #[serde(default)]
    port: Option<u16>,
    /// The program there.
    #[serde(default)]
    command: Option<String>,
    /// Through `sudo -n`.
    #[serde(default)]
    sudo: bool,
    /// Send this program instead.
    #[serde(default)]
    send: bool,
    /// Options for ssh, before the address.
    #[serde(default)]
    options: Vec<String>,
}

/// Why a host did not answer.
pub struct Fault {
    /// As a gap.
    pub reason: GapReason,
    /// As a sentence.
    pub say: Say,
}

/// What became of one host.
pub struct Answer {
    /// Its name in the file.
    pub name: String,
    /// The carried file, or why there is none.
    pub told: Result<Vec<u8>, Fault>,
}

/// Asks every host of the file. Never fails for a host; only for the file itself.
pub fn ask(file: &Path, progress: &dyn Progress, stop: &Stop) -> Result<Vec<Answer>, NodeError> {
    let fleet = read(file)?;
    let send = match fleet.host.iter().any(|h| h.send) {
        true => std::env::current_exe().and_then(std::fs::read).map_err(|e| NodeError::io("watchfire", &e))?,
        false => Vec::new(),
    };
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, Answer)>> = Mutex::default();
    let limit = Duration::from_secs(fleet.timeout_seconds);
    progress.begin(Step::Hosts, Some(fleet.host.len() as u64));
    std::thread::scope(|s| {
        for _ in 0..fleet.at_once.clamp(1, 64).min(fleet.host.len()) {
            s.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(host) = fleet.host.get(n) else { break };
                    let told = one(host, &send, limit, stop);
                    progress.advance(1, 0);
                    if let Ok(mut all) = answers.lock() {
                        all.push((n, Answer { name: host.name.clone(), told }));
                    }
                }
            });
        }
    });
    progress.end();
    let mut answers = answers.into_inner().unwrap_or_default();
    answers.sort_by_key(|a| a.0);
    Ok(answers.into_iter().map(|a| a.1).collect())
}

fn read(path: &Path) -> Result<File, NodeError> {
    let bytes = home::read(path, FILE_BYTES_MAX)?;
    let text = String::from_utf8(bytes)
        .map_err(|e| NodeError::NotUtf8 { path: path.to_owned(), at: e.utf8_error().valid_up_to() })?;
    let wrong = |why: String| NodeError::Fleet { path: path.to_owned(), why };
    let file: File = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    if file.host.is_empty() || file.host.len() > HOSTS_MAX {
        return Err(wrong(format!("{} hosts; from 1 to {HOSTS_MAX} are taken", file.host.len())));
    }
    let mut names: Vec<&str> = file.host.iter().map(|h| h.name.as_str()).collect();
    names.sort_unstable();
    for h in &file.host {
        // What begins with a hyphen is an option for ssh, which can run programs.
        if h.address.starts_with('-') || h.address.trim().is_empty() || h.name.trim().is_empty() {
            return Err(wrong(format!("host {:?}: the address {:?} is none", h.name, h.address)));
        }
        if h.send && h.command.is_some() {
            return Err(wrong(format!("host {:?}: either `send` or `command`", h.name)));
        }
    }
    match names.windows(2).find(|w| w[0] == w[1]) {
        Some(w) => Err(wrong(format!("two hosts are called {:?}", w[0]))),
        None => Ok(file),
    }
}

/// A word for the shell of the other side.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn command(host: &Host) -> Command {
    let mut c = Command::new("ssh");
    c.args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15", "-T"]);
    if let Some(port) = host.port {
        c.args(["-p", &port.to_string()]);
    }
    c.args(&host.options).arg("--").arg(&host.address);
    let there = match (host.send, host.sudo) {
        (true, false) => SEND.to_owned(),
        (true, true) => SEND_SUDO.to_owned(),
        (false, sudo) => {
            let program = quoted(host.command.as_deref().unwrap_or("watchfire"));
            let front = if sudo { "sudo -n " } else { "" };
            format!("{front}{program} inspect --collect")
        }
    };
    c.arg(there).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    c
}

fn fault(reason: GapReason, key: &str, host: &Host, why: &dyn std::fmt::Display) -> Fault {
    let why = attest::clean(&why.to_string());
    Fault { reason, say: Say::new(format!("fleet.{key}")).with("host", attest::clean(&host.name)).with("why", why) }
}

fn one(host: &Host, send: &[u8], limit: Duration, stop: &Stop) -> Result<Vec<u8>, Fault> {
    if stop.requested() {
        return Err(fault(GapReason::Stopped, "stopped", host, &""));
    }
    let mut child = command(host).spawn().map_err(|e| fault(GapReason::Missing, "no-ssh", host, &e))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|s| {
        let out = s.spawn(|| capped(stdout, CARRIED_BYTES_MAX));
        let err = s.spawn(|| capped(stderr, STDERR_BYTES_MAX));
        s.spawn(move || {
            if let (true, Some(mut stdin)) = (host.send, stdin) {
                let _ = stdin.write_all(send);
            }
        });
        let ended = wait(&mut child, limit, stop);
        let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
        let said = String::from_utf8_lossy(&err.0);
        let last = said.lines().rfind(|l| !l.trim().is_empty()).unwrap_or_default();
        match ended {
            Ended::Well if out.1 => Err(fault(GapReason::TooLarge, "too-large", host, &CARRIED_BYTES_MAX)),
            Ended::Well => Ok(out.0),
            // ssh's own failures: no route, refused, key unknown.
            Ended::With(Some(255)) => Err(fault(GapReason::Missing, "unreachable", host, &last)),
            Ended::With(Some(126 | 127)) => Err(fault(GapReason::Unsupported, "no-program", host, &last)),
            Ended::With(_) => Err(fault(GapReason::IoError, "failed", host, &last)),
            Ended::Late => Err(fault(GapReason::Stopped, "late", host, &limit.as_secs())),
            Ended::Stopped => Err(fault(GapReason::Stopped, "stopped", host, &"")),
        }
    })
}

enum Ended {
    Well,
    With(Option<i32>),
    Late,
    Stopped,
}

fn wait(child: &mut Child, limit: Duration, stop: &Stop) -> Ended {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ended::Well,
            Ok(Some(status)) => return Ended::With(status.code()),
            Ok(None) => {}
            Err(_) => return Ended::With(None),
        }
        let over = match (stop.requested(), begun.elapsed() > limit) {
            (true, _) => Some(Ended::Stopped),
            (false, true) => Some(Ended::Late),
            (false, false) => None,
        };
        if let Some(ended) = over {
            let _ = child.kill();
            let _ = child.wait();
            return ended;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Everything up to a limit, and whether there was more; what is over the limit is read and dropped, so that the other
/// side is not blocked.
fn capped(from: Option<impl std::io::Read>, bytes_max: u64) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let Some(mut from) = from else { return (out, false) };
    let _ = from.by_ref().take(bytes_max).read_to_end(&mut out);
    let more = std::io::copy(&mut from, &mut std::io::sink()).is_ok_and(|n| n > 0);
    (out, more)
}
