//! The program under measurement: which verb it has for data, and what that verb takes. Asked of its own `--help`, so that
//! the same instrument measures the program before and after `discover` came.

use crate::bench::{build, release};
use crate::seen::Seen;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The built program and its verb.
pub(crate) struct Program {
    path: PathBuf,
    verb: String,
    help: String,
}
impl Program {
    /// Builds it and finds the verb: the one asked for, else `discover` if there is one, else `examine`.
    pub(crate) fn built(verb: Option<&str>) -> Result<Self, String> {
        build(&["--release", "--package", "watchfire"])?;
        let path = release("watchfire");
        let help = |verb: &str| {
            let out = Command::new(&path).args([verb, "--help"]).env("LC_ALL", "C").stdin(Stdio::null()).output();
            out.ok().filter(|o| o.status.success()).map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
        };
        let asked: Vec<&str> = verb.map_or_else(|| vec!["discover", "examine"], |v| vec![v]);
        let found = asked.iter().find_map(|v| help(v).map(|h| ((*v).to_owned(), h)));
        let (verb, help) = found.ok_or_else(|| format!("{} has no verb {asked:?}", path.display()))?;
        Ok(Self { path, verb, help })
    }
    /// How it is called, for the table.
    pub(crate) fn called(&self) -> String {
        let host = if self.takes("--no-host") { " --no-host" } else { "" };
        format!("watchfire {}{host}", self.verb)
    }
    fn takes(&self, option: &str) -> bool {
        self.help.contains(option)
    }
    /// The program alone, for its start-up.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments);
        command
    }
    /// A look at `roots` with its state under `home`.
    pub(crate) fn look(&self, home: &Path, roots: &[&Path], workers: Option<usize>) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("--home").arg(home).arg("--quiet").arg(&self.verb);
        if self.takes("--no-host") {
            command.arg("--no-host");
        }
        if let Some(n) = workers.filter(|_| self.takes("--workers")) {
            command.arg("--workers").arg(n.to_string());
        }
        command.args(roots);
        command
    }
    /// Looks once and reads what was seen: from the evidence file where the verb writes one, else from its JSON.
    pub(crate) fn seen(&self, scratch: &Path, roots: &[&Path]) -> Result<Seen, String> {
        let (home, out) = (scratch.join("home-seen"), scratch.join("out-seen"));
        let mut command = self.look(&home, roots, None);
        if self.takes("--format") {
            command.args(["--format", "json"]);
        }
        if self.takes("--out") {
            command.arg("--out").arg(&out);
        }
        let done = command.stdin(Stdio::null()).output().map_err(|e| format!("{command:?}: {e}"))?;
        if done.status.code().is_none_or(|c| c > 1) {
            return Err(format!("{command:?} ended with {}", done.status));
        }
        let evidence = std::fs::read_to_string(out.join("evidence.json"));
        let seen = Seen::parse(&evidence.unwrap_or_else(|_| String::from_utf8_lossy(&done.stdout).into_owned()));
        for dir in [home, out] {
            let _ = std::fs::remove_dir_all(dir);
        }
        seen
    }
}

/// What the sensor says of `roots`, with every sample of at least `least` per cent. The product keeps eight samples of a
/// file and class, so a census and a comparison by line ask the sensor itself (`crates/discover/examples/bodies.rs`).
pub(crate) fn bodies(least: u8, roots: &[&Path]) -> Result<Seen, String> {
    build(&["--release", "--package", "discover", "--example", "bodies"])?;
    let program = release("examples").join("bodies");
    let mut command = Command::new(&program);
    command.arg(least.to_string()).args(roots).stdin(Stdio::null());
    let done = command.output().map_err(|e| format!("{}: {e}", program.display()))?;
    if !done.status.success() {
        return Err(format!("bodies ended with {}", done.status));
    }
    Seen::parse(&String::from_utf8_lossy(&done.stdout))
}
