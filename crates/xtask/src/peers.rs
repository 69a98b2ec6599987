//! Other people's scanners, installed by pip into a virtual environment outside the repository.
//!
//! Nothing of theirs is called over the network: validation is switched off in each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A peer that is installed.
pub(crate) struct Peer {
    /// Name of its package.
    pub(crate) name: &'static str,
    pub(crate) version: String,
    /// How much of a tree it is given, bytes: slow ones get a sample.
    pub(crate) sample_bytes: u64,
    /// Exit codes that mean that it did its work.
    pub(crate) good: &'static [i32],
    bin: PathBuf,
    cache: PathBuf,
}

const MIB: u64 = 1 << 20;
/// Package, sample in bytes, good ends. Kingfisher ends with 200 if it found something, 205 if something is live.
const PEERS: [(&str, u64, &[i32]); 3] =
    [("kingfisher-bin", u64::MAX, &[0, 200, 205]), ("detect-secrets", MIB, &[0]), ("presidio-analyzer", MIB / 4, &[0])];

/// Installs what is missing of `names` and says for each whether it is there.
pub(crate) fn installed(cache: &Path, names: &[&str]) -> Result<Vec<Result<Peer, String>>, String> {
    let bin = environment(cache)?;
    let wanted = PEERS.iter().filter(|(name, ..)| names.contains(name));
    Ok(wanted.map(|&(name, sample_bytes, good)| peer(cache, &bin, name, sample_bytes, good)).collect())
}

/// The `bin` of a virtual environment under `cache`, made if it is not there.
pub(crate) fn environment(cache: &Path) -> Result<PathBuf, String> {
    let bin = cache.join("peers/bin");
    if !bin.join("pip").exists() {
        quiet(Command::new("python3").args(["-m", "venv"]).arg(cache.join("peers")))?;
    }
    Ok(bin)
}

fn peer(cache: &Path, bin: &Path, name: &'static str, sample_bytes: u64, good: &'static [i32]) -> Result<Peer, String> {
    let pip = || Command::new(bin.join("pip"));
    let show = || quiet(pip().args(["show", "--disable-pip-version-check", name]));
    let about = show().or_else(|_| {
        let install = ["install", "--quiet", "--disable-pip-version-check", name];
        quiet(pip().args(install)).map_err(|e| format!("{name} could not be installed: {e}"))?;
        show()
    })?;
    let version = about.lines().find_map(|l| l.strip_prefix("Version: ")).unwrap_or("?").to_owned();
    std::fs::write(cache.join("presidio.py"), include_str!("peers/presidio.py")).map_err(|e| e.to_string())?;
    Ok(Peer { name, version, sample_bytes, good, bin: bin.to_owned(), cache: cache.to_owned() })
}

impl Peer {
    /// The command that looks at `dir` and prints JSON (Presidio: a number).
    pub(crate) fn look(&self, dir: &Path) -> Command {
        match self.name {
            "kingfisher-bin" => {
                let mut c = Command::new(self.bin.join("kingfisher"));
                c.arg("scan").arg(dir).args(["--no-validate", "--no-update-check", "--no-dedup"]);
                c.args(["--git-history", "none", "--format", "jsonl", "-j", "2", "--rule-cache-dir"]);
                c.arg(self.cache.join("kingfisher-rules"));
                c
            }
            "detect-secrets" => {
                let mut c = Command::new(self.bin.join("detect-secrets"));
                // From inside: given an absolute path, 1.5.0 reports nothing.
                c.args(["scan", "--all-files", "--no-verify", "."]).current_dir(dir);
                c
            }
            _ => {
                let mut c = Command::new(self.bin.join("python"));
                c.arg(self.cache.join("presidio.py")).arg(dir);
                c
            }
        }
    }
}

/// Runs a command for what it prints; its errors are its last line.
pub(crate) fn quiet(command: &mut Command) -> Result<String, String> {
    let done = command.stdin(Stdio::null()).output().map_err(|e| format!("{command:?}: {e}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    Err(errors.lines().last().map_or_else(|| done.status.to_string(), str::to_owned))
}
