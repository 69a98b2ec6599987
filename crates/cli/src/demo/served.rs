//! A node that serves, in a process of its own.

use crate::error::CliError;
use evidence::Say;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// One of them; it ends with this value.
pub(super) struct Served {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) home: PathBuf,
    child: Child,
}
impl Served {
    /// Serves on this port of this machine; on a free one if it is taken.
    pub(super) fn new(program: &Path, home: &Path, name: &str, port: u16) -> Result<Self, CliError> {
        let first = Self::tried(program, home, name, port);
        if first.is_err() && port != 0 { Self::tried(program, home, name, 0) } else { first }
    }

    fn tried(program: &Path, home: &Path, name: &str, port: u16) -> Result<Self, CliError> {
        let fail = |why: String| CliError::new(Say::new("error.demo-serve").with("name", name).with("why", why));
        let mut child = Command::new(program)
            .arg("--home")
            .arg(home)
            .args(["serve", "--format", "json", "--quiet", "--listen", &format!("127.0.0.1:{port}")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| fail(e.to_string()))?;
        let mut lines = child.stdout.take().map(BufReader::new);
        let mut url = None;
        while let Some(out) = &mut lines {
            let mut line = String::new();
            if out.read_line(&mut line).unwrap_or(0) == 0 {
                break;
            }
            let value: Value = serde_json::from_str(&line).unwrap_or_default();
            if value["event"] == "listening" {
                url = value["url"].as_str().map(str::to_owned);
                break;
            }
        }
        let (Some(url), Some(mut out)) = (url, lines) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(fail(format!("port {port}")));
        };
        // What it says further on goes nowhere; a full pipe would hold it up.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Ok(Self { name: name.to_owned(), url, home: home.to_owned(), child })
    }

    /// True while it serves.
    pub(super) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}
impl Drop for Served {
    fn drop(&mut self) {
        // Asked first, so that what is under way is answered.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        for _ in 0..50 {
            if !self.lives() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
