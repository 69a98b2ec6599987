//! Ways that an administrator has switched off: beside `notify.toml`, which stays as its operator wrote it (`docs/specs/notify-v1.md` §3).

use super::config::Config;
use super::load::FILE;
use crate::{NodeError, home};
use evidence::{Say, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Name of the file in the node's home.
pub const SWITCHES: &str = "notify-off.json";
/// Largest file of switches, in bytes.
const SWITCHES_BYTES_MAX: u64 = 1 << 16;
const FORMAT: &str = "watchfire-notify-off-v1";

/// A way on which nothing is sent until it is switched on again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchedOff {
    /// Id of the channel.
    pub channel: String,
    /// Since when.
    pub at: Time,
    /// Login of who switched it off.
    pub by: String,
}

/// What a way is switched to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Switch {
    /// Messages go out on it.
    On,
    /// None do.
    Off,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    off: Vec<SwitchedOff>,
}

fn path(home: &Path) -> PathBuf {
    home.join(SWITCHES)
}

/// The ways that are switched off in a home, by their ids.
///
/// # Errors
/// A file that does not read: to send on a way that somebody has switched off would be worse than to say so.
pub fn switched_off(home: &Path) -> Result<Vec<SwitchedOff>, NodeError> {
    let path = path(home);
    let bytes = match home::read(&path, SWITCHES_BYTES_MAX) {
        Err(NodeError::Io(_, std::io::ErrorKind::NotFound, _)) => return Ok(Vec::new()),
        other => other?,
    };
    let broken = || NodeError::Notify { path: path.clone(), line: 1, say: Box::new(Say::new("error.notify-off")) };
    let file: File = serde_json::from_slice(&bytes).map_err(|_| broken())?;
    let ids: BTreeSet<&str> = file.off.iter().map(|o| o.channel.as_str()).collect();
    if file.format == FORMAT && ids.len() == file.off.len() { Ok(file.off) } else { Err(broken()) }
}

/// Switches a way of the configuration; what stands in the file of ways that there are no longer falls out of it.
///
/// # Errors
/// There is no such way, or the file cannot be read or written.
pub fn switch(home: &Path, config: &Config, channel: &str, to: Switch, by: &str) -> Result<(), NodeError> {
    if config.channel(channel).is_none() {
        return Err(NodeError::UnknownInNotify(attest::clean(channel)));
    }
    let mut off = switched_off(home)?;
    off.retain(|o| o.channel != channel && config.channel(&o.channel).is_some());
    if to == Switch::Off {
        off.push(SwitchedOff { channel: channel.to_owned(), at: home::now(), by: by.to_owned() });
    }
    off.sort_by(|a, b| a.channel.cmp(&b.channel));
    let file = File { format: FORMAT.to_owned(), off };
    let mut bytes = serde_json::to_vec_pretty(&file).map_err(|e| NodeError::Internal(e.to_string()))?;
    bytes.push(b'\n');
    home::write(&path(home), &bytes)
}

/// The files that say whom to tell, for whoever looks whether one of them is newer.
pub(crate) fn files(home: &Path) -> [PathBuf; 2] {
    [home.join(FILE), path(home)]
}
