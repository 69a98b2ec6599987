//! Collects facts about a host: read-only, and without running any program. A Linux host live or from a mounted root,
//! a Windows host from a mounted disk or from the bundle of its collector script ([`windows`]); a control network from
//! packet captures ([`capture`]).
//!
//! A collector ([`collect`]) reads through the one door [`host`] and hands text to a pure parser ([`parse`]).
//! What it saw becomes facts of the dictionary with their file, line and digest; what it could not see becomes
//! gaps. The same code answers for the running system and for an image, because nothing is asked of commands.
//!
//! Refused: calling `ss`, `dpkg`, `systemctl` and the like. Their answers depend on locale and version, they do
//! not exist in an image, and a compromised host answers what its owner wants. Refused too: any word about good
//! or bad; that is the judge's.
#![forbid(unsafe_code)]

pub mod capture;
mod collect;
mod host;
mod lists;
mod md5;
mod opened;
pub mod origin;
mod out;
mod packages;
pub mod packs;
pub mod parse;
mod shared;
mod walk;
pub mod windows;
pub mod yara;

use evidence::{Digest, DigestKey, KeyedDigest, Sink, State, Time};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::{Progress, Step, Stop};

/// What is examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The running system.
    Live,
    /// A mounted or unpacked image, of Linux or of Windows.
    Root(PathBuf),
    /// What the collector script wrote on a Windows host: a folder or a zip (docs/specs/windows-bundle-v1.md).
    Bundle(PathBuf),
    /// Packet captures of a control network (docs/specs/capture-v1.md).
    Capture {
        /// The files, pcap or pcapng, also in gzip.
        files: Vec<PathBuf>,
        /// Name of the network; `None`: the name of the first file.
        name: Option<String>,
    },
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
    /// Longest time for the programs and libraries among them, in milliseconds; what is left then is a gap `too-many`.
    pub integrity_programs_millis_max: u64,
    /// Longest time for the others, in milliseconds.
    pub integrity_millis_max: u64,
    /// Most others that are begun with: a part of them would decide nothing, and cost as much.
    pub integrity_others_max: usize,
    /// Most files of libraries and programs that the walk remembers; more is a gap `too-many`.
    pub library_files_max: usize,
    /// Largest log that is searched whole, in bytes, unpacked; a larger one is a gap.
    pub log_bytes_max: u64,
    /// Highest number of a process that is asked for; a higher one in use is a gap `too-many`.
    pub pids_max: u32,
    /// First bytes of a file in which a private key is looked for.
    pub key_bytes_max: u64,
    /// Largest registry hive or transaction log, in bytes; a larger one is a gap `too-large`.
    pub hive_bytes_max: u64,
    /// Most bytes of a bundle, as a zip and unpacked; what is beyond is a gap `too-large`.
    pub bundle_bytes_max: u64,
    /// Longest time for trying YARA rules on what starts by itself, shared folders and web roots, in milliseconds; what is
    /// not reached is a gap `stopped`.
    pub yara_likely_millis_max: u64,
    /// Longest time for trying them on other files, in milliseconds.
    pub yara_millis_max: u64,
    /// Largest file that they are tried on, in bytes.
    pub yara_file_bytes_max: u64,
    /// Most entries visited below one of the folders where files are looked for.
    pub yara_entries_max: u64,
    /// Longest time for looking into pages of web roots for servers of maps, in milliseconds.
    pub geo_millis_max: u64,
    /// Largest page, project or settings file that is looked into for them, in bytes.
    pub geo_file_bytes_max: u64,
    /// Most entries visited below web roots.
    pub geo_entries_max: u64,
    /// Of packet captures.
    pub capture: capture::Limits,
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
            integrity_programs_millis_max: 60_000,
            integrity_millis_max: 3_000,
            integrity_others_max: 20_000,
            library_files_max: 200_000,
            log_bytes_max: 128 << 20,
            pids_max: 1 << 20,
            key_bytes_max: 64 << 10,
            hive_bytes_max: 512 << 20,
            bundle_bytes_max: 512 << 20,
            yara_likely_millis_max: 20_000,
            yara_millis_max: 3_000,
            yara_file_bytes_max: 32 << 20,
            yara_entries_max: 200_000,
            geo_millis_max: 3_000,
            geo_file_bytes_max: 8 << 20,
            geo_entries_max: 50_000,
            capture: capture::Limits::default(),
        }
    }
}

impl Limits {
    /// For a run that may take its time: an hour each for what has a time of its own.
    #[must_use]
    pub fn thorough() -> Self {
        let hour = 3_600_000;
        Self {
            integrity_programs_millis_max: hour,
            integrity_millis_max: hour,
            integrity_others_max: usize::MAX,
            yara_likely_millis_max: hour,
            yara_millis_max: hour,
            yara_file_bytes_max: 128 << 20,
            walk_millis_max: hour,
            geo_millis_max: hour,
            geo_entries_max: 5_000_000,
            ..Self::default()
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
    /// YARA rules.
    pub yara: Arc<yara::Rules>,
    /// Lists of products.
    pub products: Arc<packs::Products>,
}
impl Config {
    /// With the default limits and the starter set of YARA rules.
    #[must_use]
    pub fn new(key: DigestKey, now: Time) -> Self {
        Self { key, now, limits: Limits::default(), yara: yara::Rules::starter(), products: packs::Products::builtin() }
    }
}

/// Which host was examined, and with what rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Host name, or `unknown`.
    pub host: String,
    /// Keyed digest of `/etc/machine-id`, or of Windows' own identifier (`MachineGuid`), if there is one.
    pub machine: Option<KeyedDigest>,
    /// The run has root's rights; of a bundle, its collector had an administrator's.
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
    /// The folder or zip holds no manifest of a bundle, or is no whole zip.
    NotABundle(PathBuf),
    /// The file is no packet capture of a known form.
    NotACapture(PathBuf),
}
impl std::fmt::Display for InspectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RootMissing(p) => write!(f, "there is no folder {}", p.display()),
            Self::RootNotAFolder(p) => write!(f, "{} is not a folder", p.display()),
            Self::RootRefused(p, why) => write!(f, "cannot open {}: {why}", p.display()),
            Self::NotABundle(p) => write!(f, "{} is no bundle of the Windows collector", p.display()),
            Self::NotACapture(p) => write!(f, "{} is no packet capture", p.display()),
        }
    }
}
impl std::error::Error for InspectError {}

/// The sensor.
#[derive(Debug)]
pub struct Inspector {
    host: host::Host,
    config: Config,
    /// Read when the target is opened, if it is Windows.
    world: Option<windows::World>,
    /// The captures, if it is a control network.
    network: Option<capture::World>,
}

/// Opens a folder as the root of everything that is read.
fn open(root: &Path, live: bool, limits: Limits) -> Result<host::Host, InspectError> {
    use rustix::io::Errno;
    host::Host::open(root, live, limits).map_err(|e| match e {
        Errno::NOENT => InspectError::RootMissing(root.to_owned()),
        Errno::NOTDIR => InspectError::RootNotAFolder(root.to_owned()),
        e => InspectError::RootRefused(root.to_owned(), e.to_string()),
    })
}

impl Inspector {
    /// Opens the target. The only errors are a root that is not there, is no folder, or may not be opened, and a
    /// bundle that is none. Hives of a Windows disk, and a bundle, are read here.
    pub fn new(target: Target, config: Config) -> Result<Self, InspectError> {
        let mut network = None;
        let (host, world) = match target {
            Target::Capture { files, name } => {
                network = Some(capture::World::new(&files, name, &config)?);
                // Limits alone are asked of it.
                (open(Path::new("/"), false, config.limits)?, None)
            }
            Target::Live => (open(Path::new("/"), true, config.limits)?, None),
            Target::Root(root) => {
                let host = open(&root, false, config.limits)?;
                let world = windows::is_windows(&host).then(|| windows::World::disk(&host, &config.key));
                (host, world)
            }
            Target::Bundle(path) => {
                let (host, zip) = match open(&path, false, config.limits) {
                    // Of a zip, the folder that it lies in is the root.
                    Err(InspectError::RootNotAFolder(_)) => {
                        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
                        (open(folder, false, config.limits)?, path.file_name())
                    }
                    other => (other?, None),
                };
                let zip = zip.map(|name| Path::new("/").join(name));
                let bundle = windows::bundle::Bundle::read(&host, zip.as_deref());
                let bundle = bundle.ok_or_else(|| InspectError::NotABundle(path.clone()))?;
                let world = windows::World::bundle(bundle, &config.key);
                (host, Some(world))
            }
        };
        Ok(Self { host, config, world, network })
    }
    /// Which host this is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let unknown = || "unknown".to_owned();
        let digest = |id: String| self.config.key.digest("machine", id.as_bytes());
        let root = rustix::process::geteuid().is_root();
        if let Some(network) = &self.network {
            // A file is read or it is not: rights show as a gap.
            return Identity { host: network.name.clone(), machine: None, privileged: true };
        }
        if let Some(world) = &self.world {
            let host = world.host_name().unwrap_or_else(unknown);
            let machine = world.machine().map(digest);
            return Identity { host, machine, privileged: world.elevated().unwrap_or(root) };
        }
        let mut look = host::Look::new(&self.host);
        let host = collect::host_name(&mut look).map_or_else(unknown, |(name, _)| name);
        let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id"].iter().find_map(|p| look.read(p));
        let machine = machine.map(|f| f.text().trim().to_owned()).filter(|id| !id.is_empty() && id != "uninitialized");
        Identity { host, machine: machine.map(digest), privileged: root }
    }
    /// When and whether whole a bundle was collected; `None` for a host that is read here.
    #[must_use]
    pub fn collected(&self) -> Option<windows::Collected> {
        self.world.as_ref().and_then(windows::World::collected)
    }
    /// When packets of a control network were captured, and the digest of the files; `None` for a host, and before the run.
    #[must_use]
    pub fn captured(&self) -> Option<capture::Captured> {
        self.network.as_ref().and_then(|n| n.captured.get().copied())
    }
    /// Digest over the lists (products, origin) and the YARA rules.
    #[must_use]
    pub fn rules(&self) -> Digest {
        let all = [
            self.config.products.digest().to_string(),
            origin::digest().to_string(),
            self.config.yara.digest().to_string(),
        ];
        Digest::of(all.join("\n").as_bytes())
    }
    /// How many facts the collectors for Linux provide.
    #[must_use]
    pub fn fact_count() -> usize {
        collect::TABLE.iter().map(|row| row.facts.len()).sum()
    }
    /// Ids of the facts that a run over this target covers or names as gaps, sorted. Other facts do not exist there.
    #[must_use]
    pub fn facts(&self) -> Vec<&'static str> {
        let mut ids: Vec<&'static str> = match &self.world {
            None if self.network.is_some() => capture::FACTS.to_vec(),
            Some(_) => windows::TABLE.iter().flat_map(|row| row.facts.iter().copied()).collect(),
            None => collect::TABLE.iter().flat_map(|row| row.facts.iter().copied()).collect(),
        };
        ids.sort_unstable();
        ids
    }
    /// Reads everything. Never fails: what could not be read is a gap.
    pub fn run(&self, sink: &dyn Sink, _state: &dyn State, progress: &dyn Progress, stop: &Stop) {
        let shared =
            shared::Shared::new(self.config.now, Arc::clone(&self.config.yara), Arc::clone(&self.config.products));
        if let Some(network) = &self.network {
            let out = out::Out::new(&self.host, &shared, sink, capture::FACTS);
            return network.run(out, self.config.limits.capture, progress, stop);
        }
        progress.begin(Step::Facts, Some(self.facts().len() as u64));
        if let Some(world) = &self.world {
            for row in windows::TABLE {
                let out = out::Out::new(&self.host, &shared, sink, row.facts);
                windows::run_row(row, out, world, stop, progress);
            }
            return progress.end();
        }
        // Three hands: one walks the file system and then looks for products by what the walk met, one tries YARA rules
        // on files, the third reads everything else. All write to the same sink; the order of items carries no meaning.
        let work = |hand: collect::Hand| {
            for row in collect::TABLE.iter().filter(|row| row.hand == hand) {
                let out = out::Out::new(&self.host, &shared, sink, row.facts);
                collect::run_row(row, out, stop, progress);
            }
        };
        std::thread::scope(|s| {
            s.spawn(|| work(collect::Hand::Walk));
            s.spawn(|| work(collect::Hand::Scan));
            work(collect::Hand::Read);
        });
        progress.end();
    }
}
