//! A writer in a process of its own: this test binary, started again with an environment variable that makes its
//! one test append answers and write each acknowledged leaf to its standard output.

use crate::material::answers;
use evidence::Digest;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use store::{Options, Steps, Store};

const HOME: &str = "WATCHFIRE_TEST_WRITER";
const FROM: &str = "WATCHFIRE_TEST_WRITER_FROM";
const COUNT: &str = "WATCHFIRE_TEST_WRITER_COUNT";
const DIE_AT: &str = "WATCHFIRE_TEST_WRITER_DIE_AT";
const ACK: &str = "acknowledged sha256:";

/// The other process.
pub(crate) struct Writer {
    child: Child,
    out: BufReader<ChildStdout>,
}
impl Writer {
    /// Starts a writer of answers from number `from`, `count` of them or without end.
    pub(crate) fn start(home: &Path, from: u64, count: Option<u64>) -> Self {
        Self::spawn(home, from, count, None)
    }
    /// Starts a writer that kills itself (SIGKILL) right after the `n`th durable step.
    pub(crate) fn dying(home: &Path, from: u64, at_step: u64) -> Self {
        Self::spawn(home, from, Some(8), Some(at_step))
    }
    fn spawn(home: &Path, from: u64, count: Option<u64>, die_at: Option<u64>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "writer::be_the_writer", "--nocapture", "--test-threads=1"]);
        command.env(HOME, home).env(FROM, from.to_string()).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(count) = count {
            command.env(COUNT, count.to_string());
        }
        if let Some(step) = die_at {
            command.env(DIE_AT, step.to_string());
        }
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }
    /// The next acknowledged leaf; `None` when the writer has ended.
    pub(crate) fn next(&mut self) -> Option<Digest> {
        loop {
            let mut line = String::new();
            if self.out.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // The harness writes on the same line before the first.
            if let Some((_, hex)) = line.split_once(ACK) {
                return Digest::from_hex(hex.trim_end()).ok();
            }
        }
    }
    /// Waits for its end and answers what was acknowledged since the last look.
    pub(crate) fn finish(mut self) -> Vec<Digest> {
        let acks = std::iter::from_fn(|| self.next()).collect();
        self.child.wait().unwrap();
        acks
    }
    /// Sends it a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }
    /// Kills it at once (SIGKILL) and answers what was acknowledged since the last look.
    pub(crate) fn kill(mut self) -> Vec<Digest> {
        self.child.kill().unwrap();
        self.finish()
    }
}

#[test]
fn be_the_writer() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let steps = match number(DIE_AT) {
        None => Steps::default(),
        Some(at) => {
            let seen = std::sync::atomic::AtomicU64::new(0);
            Steps::new(move |_| {
                if seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1 == at {
                    // `kill -9` of itself: no destructor, no flush.
                    let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
                    std::thread::sleep(std::time::Duration::from_secs(60));
                }
            })
        }
    };
    let store = Store::open_with(Path::new(&home), Options { steps, ..Options::default() }).unwrap();
    let from = number(FROM).unwrap_or(0);
    for n in from..number(COUNT).map_or(u64::MAX, |count| from + count) {
        let acks = store.append(&answers(&store, n..n + 1)).unwrap();
        println!("{ACK}{}", acks[0].leaf().hex());
        std::io::stdout().flush().unwrap();
    }
}
