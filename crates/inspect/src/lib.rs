//! Collects facts about a Linux host, live or from a mounted root: read-only, and without running any program.
//!
//! A collector ([`collect`]) reads through the one door [`host`] and hands text to a pure parser ([`parse`]).
//! What it saw becomes facts of the dictionary with their file, line and digest; what it could not see becomes
//! gaps. The same code answers for the running system and for an image, because nothing is asked of commands.
//!
//! Refused: calling `ss`, `dpkg`, `systemctl` and the like. Their answers depend on locale and version, they do
//! not exist in an image, and a compromised host answers what its owner wants. Refused too: any word about good
//! or bad; that is the judge's.
#![forbid(unsafe_code)]

mod collect;
mod host;
mod opened;
mod out;
mod packages;
pub mod packs;
pub mod parse;
mod shared;
mod walk;

use evidence::{Digest, DigestKey, KeyedDigest, Sink, State, Time};
use std::path::PathBuf;
use stdx::{Progress, Step, Stop};

/// What is examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The running system.
    Live,
    /// A mounted or unpacked image.
    Root(PathBuf),
}

/// Limits on everything that reads foreign bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read whole, in bytes; a larger one is a gap `too-large`.
    pub file_bytes_max: u64,
    /// Most entries of one directory; more is a gap `too-many`.
    pub entries_max: u64,
    /// Most entries that the walk over the file system visits; more is a gap `too-many`.
    pub walk_entries_max: u64,
    /// Longest time for that walk, in milliseconds; more is a gap `stopped`.
    pub walk_millis_max: u64,
    /// Deepest folder of that walk; deeper is a gap `too-deep`.
    pub walk_depth_max: usize,
    /// Most rows of one fact; more is a gap `too-many`.
    pub items_per_fact_max: u64,
    /// Largest database of packages that is read whole, in bytes; a larger one is a gap `too-large`.
    pub package_bytes_max: u64,
    /// Bytes of installed files that are held against their packages; what is left then is a gap `too-many`.
    pub integrity_bytes_max: u64,
    /// Longest time for that, in milliseconds.
    pub integrity_millis_max: u64,
    /// Most files of libraries and programs that the walk remembers; more is a gap `too-many`.
    pub library_files_max: usize,
    /// Largest log that is searched whole, in bytes, unpacked; a larger one is a gap.
    pub log_bytes_max: u64,
    /// Highest number of a process that is asked for; a higher one in use is a gap `too-many`.
    pub pids_max: u32,
    /// First bytes of a file in which a private key is looked for.
    pub key_bytes_max: u64,
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 32 << 20,
            entries_max: 200_000,
            walk_entries_max: 5_000_000,
            walk_millis_max: 120_000,
            walk_depth_max: 64,
            items_per_fact_max: 10_000,
            package_bytes_max: 512 << 20,
            integrity_bytes_max: 16 << 30,
            integrity_millis_max: 60_000,
            library_files_max: 200_000,
            log_bytes_max: 128 << 20,
            pids_max: 1 << 20,
            key_bytes_max: 64 << 10,
        }
    }
}

/// What the inspector needs besides its target.
#[derive(Clone, Debug)]
pub struct Config {
    /// Under which the machine's id is digested.
    pub key: DigestKey,
    /// The time of the run.
    pub now: Time,
    /// Limits.
    pub limits: Limits,
}

/// Which host was examined, and with what rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Host name, or `unknown`.
    pub host: String,
    /// Keyed digest of `/etc/machine-id`, if there is one.
    pub machine: Option<KeyedDigest>,
    /// The run has root's rights.
    pub privileged: bool,
}

/// Why there is nothing to inspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectError {
    /// The root does not exist.
    RootMissing(PathBuf),
    /// The root is not a folder.
    RootNotAFolder(PathBuf),
    /// The root cannot be opened; the system's own message.
    RootRefused(PathBuf, String),
}
impl std::fmt::Display for InspectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RootMissing(p) => write!(f, "there is no folder {}", p.display()),
            Self::RootNotAFolder(p) => write!(f, "{} is not a folder", p.display()),
            Self::RootRefused(p, why) => write!(f, "cannot open {}: {why}", p.display()),
        }
    }
}
impl std::error::Error for InspectError {}

/// The sensor.
#[derive(Debug)]
pub struct Inspector {
    host: host::Host,
    config: Config,
}

impl Inspector {
    /// Opens the target. The only errors are a root that is not there, is no folder, or may not be opened.
    pub fn new(target: Target, config: Config) -> Result<Self, InspectError> {
        let (root, live) = match target {
            Target::Live => (PathBuf::from("/"), true),
            Target::Root(root) => (root, false),
        };
        use rustix::io::Errno;
        match host::Host::open(&root, live, config.limits) {
            Ok(host) => Ok(Self { host, config }),
            Err(Errno::NOENT) => Err(InspectError::RootMissing(root)),
            Err(Errno::NOTDIR) => Err(InspectError::RootNotAFolder(root)),
            Err(e) => Err(InspectError::RootRefused(root, e.to_string())),
        }
    }
    /// Which host this is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let mut look = host::Look::new(&self.host);
        let host = collect::host_name(&mut look).map_or_else(|| "unknown".to_owned(), |(name, _)| name);
        let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id"].iter().find_map(|p| look.read(p));
        let machine = machine.map(|f| f.text().trim().to_owned()).filter(|id| !id.is_empty() && id != "uninitialized");
        Identity {
            host,
            machine: machine.map(|id| self.config.key.digest("machine", id.as_bytes())),
            privileged: rustix::process::geteuid().is_root(),
        }
    }
    /// Digest over the built-in product packs.
    #[must_use]
    pub fn rules(&self) -> Digest {
        packs::digest()
    }
    /// How many facts the collectors provide.
    #[must_use]
    pub fn fact_count() -> usize {
        collect::TABLE.iter().map(|row| row.facts.len()).sum()
    }
    /// Reads everything. Never fails: what could not be read is a gap.
    pub fn run(&self, sink: &dyn Sink, _state: &dyn State, progress: &dyn Progress, stop: &Stop) {
        progress.begin(Step::Facts, Some(Self::fact_count() as u64));
        let shared = shared::Shared::new(self.config.now);
        // Two hands: one walks the file system and then looks for products by what the walk met, the other reads
        // everything else. Both write to the same sink; the order of items carries no meaning.
        let work = |hand: collect::Hand| {
            for row in collect::TABLE.iter().filter(|row| row.hand == hand) {
                let out = out::Out::new(&self.host, &shared, sink, row.facts);
                collect::run_row(row, out, stop, progress);
            }
        };
        std::thread::scope(|s| {
            s.spawn(|| work(collect::Hand::Walk));
            work(collect::Hand::Read);
        });
        progress.end();
    }
}
