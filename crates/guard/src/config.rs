//! `guard.toml`: where the guard works. What may be done there, the plan says.

use crate::error::{GuardError, shown};
use crate::sys::Cover;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Largest file that is read, bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;
/// Most shares.
pub const SHARES_MAX: usize = 32;
/// The socket when guard.toml names none.
pub const SOCKET: &str = "/run/watchfire/guard.sock";

/// Whether anybody is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Pre-images and verdicts, nobody is stopped.
    Observe,
    /// Who is judged an attacker is held, if the plan has a standing order for it.
    #[default]
    Hold,
}

/// What becomes of writes when the guard dies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fail {
    /// They go through, unprotected.
    #[default]
    Open,
    /// They are refused as long as the supervisor lives.
    Closed,
}

/// What becomes of a write whose pre-image the quota has no room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Full {
    /// It is refused.
    #[default]
    Deny,
    /// It goes through; the gap is noted.
    Allow,
}

/// One share.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShareConfig {
    /// Folder that is guarded.
    pub path: PathBuf,
    /// Vault; on the same file system, outside the share or hidden in it.
    pub vault: PathBuf,
    /// Logical bytes that the vault may hold.
    #[serde(default = "quota")]
    pub quota_bytes: u64,
    /// Largest file that is copied where there are no reflinks, bytes.
    #[serde(default = "copy_max")]
    pub copy_bytes_max: u64,
    /// See [`Fail`].
    #[serde(default)]
    pub fail: Fail,
    /// See [`Full`].
    #[serde(default)]
    pub full: Full,
    /// Ask for `truncate(path)`: every read waits for us too.
    #[serde(default = "yes")]
    pub truncate: bool,
    /// Seconds within which the same tree needs no second pre-image of a file.
    #[serde(default = "again")]
    pub again_seconds: u64,
    /// Once a pre-image stands, do not ask about this file for so many seconds; 0: always ask. Cheaper, but who comes second is not seen.
    #[serde(default)]
    pub ignore_seconds: u64,
    /// Days that pre-images and removed files are kept.
    #[serde(default = "keep")]
    pub keep_days: u64,
    /// Mark the mount instead of the file system: other mounts of it are not guarded.
    #[serde(default)]
    pub mount_only: bool,
    /// Files within the share that nobody has a reason to write.
    #[serde(default)]
    pub canaries: Vec<PathBuf>,
}
impl ShareConfig {
    /// With every setting at its default.
    #[must_use]
    pub fn new(path: &Path, vault: &Path) -> Self {
        Self {
            path: path.to_owned(),
            vault: vault.to_owned(),
            quota_bytes: quota(),
            copy_bytes_max: copy_max(),
            fail: Fail::Open,
            full: Full::Deny,
            truncate: true,
            again_seconds: again(),
            ignore_seconds: 0,
            keep_days: keep(),
            mount_only: false,
            canaries: Vec::new(),
        }
    }
    /// What the mark covers.
    #[must_use]
    pub fn cover(&self) -> Cover {
        if self.mount_only { Cover::Mount } else { Cover::FileSystem }
    }
}

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Control socket.
    #[serde(default = "socket")]
    pub socket: PathBuf,
    /// File that metrics are written to every five seconds (for the text collector of Prometheus' node exporter).
    #[serde(default)]
    pub metrics: Option<PathBuf>,
    /// See [`Mode`].
    #[serde(default)]
    pub mode: Mode,
    /// Workers that take pre-images.
    #[serde(default = "workers")]
    pub workers: usize,
    /// The shares.
    #[serde(rename = "share", default)]
    pub shares: Vec<ShareConfig>,
}

fn quota() -> u64 {
    64 << 30
}
fn copy_max() -> u64 {
    256 << 10
}
fn yes() -> bool {
    true
}
fn again() -> u64 {
    60
}
fn keep() -> u64 {
    14
}
fn workers() -> usize {
    4
}
fn socket() -> PathBuf {
    SOCKET.into()
}

/// Reads and checks guard.toml.
///
/// # Errors
/// The key that does not hold and why.
pub fn load(path: &Path) -> Result<Config, GuardError> {
    let disk = |e: std::io::Error| GuardError::disk(path, &e);
    if std::fs::metadata(path).map_err(disk)?.len() > FILE_BYTES_MAX {
        return Err(GuardError::Config { key: "guard.toml".into(), why: format!("> {FILE_BYTES_MAX} bytes") });
    }
    parse(&std::fs::read_to_string(path).map_err(disk)?)
}

/// From its text.
///
/// # Errors
/// The key that does not hold and why.
pub fn parse(text: &str) -> Result<Config, GuardError> {
    let wrong = |key: &str, why: String| GuardError::Config { key: key.to_owned(), why };
    let mut config: Config = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |s| text[..s.start.min(text.len())].matches('\n').count() + 1);
        wrong(&format!("line {line}"), e.message().to_owned())
    })?;
    if config.shares.is_empty() || config.shares.len() > SHARES_MAX {
        return Err(wrong("share", format!("1..={SHARES_MAX}")));
    }
    if !(1..=64).contains(&config.workers) {
        return Err(wrong("workers", "1..=64".to_owned()));
    }
    for share in &mut config.shares {
        settle(share)?;
    }
    Ok(config)
}

/// Makes the paths of a share the kernel's own, and holds their order.
///
/// # Errors
/// A path that is not there; a share within its vault.
pub fn settle(share: &mut ShareConfig) -> Result<(), GuardError> {
    share.path = std::fs::canonicalize(&share.path).map_err(|e| GuardError::disk(&share.path, &e))?;
    let parent = share.vault.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = std::fs::canonicalize(parent).map_err(|e| GuardError::disk(parent, &e))?;
    if let Some(name) = share.vault.file_name() {
        share.vault = parent.join(name);
    }
    if share.path.starts_with(&share.vault) {
        return Err(GuardError::VaultInShare { path: shown(&share.vault) });
    }
    Ok(())
}
