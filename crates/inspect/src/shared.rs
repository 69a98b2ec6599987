//! What several collectors need, read once: accounts, packages and what they own, enabled units, jobs, processes.

use crate::host::{Host, Look, Meta, path_text};
use crate::packages::{self, Owned, Packages};
use crate::parse;
use evidence::{GapReason, Time};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What could not be seen while something was read.
pub(crate) type Misses = Vec<(GapReason, PathBuf)>;

/// A value and what is missing from it.
#[derive(Debug)]
pub(crate) struct Seen<T> {
    /// The value.
    pub value: T,
    /// What could not be seen.
    pub misses: Misses,
}

/// Things read once per run.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The time of the run.
    pub now: Time,
    /// YARA rules.
    pub rules: Arc<crate::yara::Rules>,
    /// Lists of products.
    pub products: Arc<crate::packs::Products>,
    accounts: OnceLock<Seen<Vec<parse::Passwd>>>,
    packages: OnceLock<Seen<Packages>>,
    owned: OnceLock<Seen<Option<Owned>>>,
    units: OnceLock<Seen<Vec<Unit>>>,
    jobs: OnceLock<Seen<Vec<Job>>>,
    processes: OnceLock<Seen<Vec<Process>>>,
    /// Folders that web servers serve, by their configuration.
    roots: Mutex<Vec<PathBuf>>,
    /// Files that the walk met and whose names belong to a product.
    met: Mutex<Vec<PathBuf>>,
    /// What the walk could not see.
    unwalked: Mutex<Misses>,
}

impl Shared {
    /// Nothing read yet.
    pub(crate) fn new(now: Time, rules: Arc<crate::yara::Rules>, products: Arc<crate::packs::Products>) -> Self {
        let (accounts, packages, owned) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        let (units, jobs, processes) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self {
            now,
            rules,
            products,
            accounts,
            packages,
            owned,
            units,
            jobs,
            processes,
            roots: Mutex::default(),
            met: Mutex::default(),
            unwalked: Mutex::default(),
        }
    }
    /// Accounts of `/etc/passwd`.
    pub(crate) fn accounts(&self, host: &Host) -> &Seen<Vec<parse::Passwd>> {
        self.accounts.get_or_init(|| {
            let mut look = Look::new(host);
            let value = look.read("/etc/passwd").map(|f| parse::passwd(&f.text())).unwrap_or_default();
            Seen { value, misses: look.misses }
        })
    }
    /// Installed packages.
    pub(crate) fn packages(&self, host: &Host) -> &Seen<Packages> {
        self.packages.get_or_init(|| {
            let mut look = Look::new(host);
            let value = packages::read(&mut look);
            Seen { value, misses: look.misses }
        })
    }
    /// Paths that packages own; no value if there is no package database to ask.
    pub(crate) fn owned(&self, host: &Host) -> &Seen<Option<Owned>> {
        self.owned.get_or_init(|| {
            let mut look = Look::new(host);
            let packages = self.packages(host);
            let value = Owned::read(&mut look, packages);
            // A database that was read in part knows a part of the paths.
            let misses = look.misses.into_iter().chain(packages.misses.clone()).collect();
            Seen { value, misses }
        })
    }
    /// Whether a package owns `path`; unknown without a database.
    pub(crate) fn packaged(&self, host: &Host, path: &Path) -> Option<bool> {
        self.owned(host).value.as_ref().map(|o| o.has(path))
    }
    /// Enabled units.
    pub(crate) fn units(&self, host: &Host) -> &Seen<Vec<Unit>> {
        self.units.get_or_init(|| {
            let mut look = Look::new(host);
            let value = crate::collect::enabled_units(&mut look, self);
            Seen { value, misses: look.misses }
        })
    }
    /// True if a unit of this name (suffix included) is enabled.
    pub(crate) fn unit_enabled(&self, host: &Host, name: &str) -> bool {
        self.units(host).value.iter().any(|u| u.name == name)
    }
    /// Jobs of cron and anacron.
    pub(crate) fn jobs(&self, host: &Host) -> &Seen<Vec<Job>> {
        self.jobs.get_or_init(|| {
            let mut look = Look::new(host);
            let value = crate::collect::cron_jobs(&mut look);
            Seen { value, misses: look.misses }
        })
    }
    /// Running processes; none for an image.
    pub(crate) fn processes(&self, host: &Host) -> &Seen<Vec<Process>> {
        self.processes.get_or_init(|| {
            let mut look = Look::new(host);
            let value = if host.live { processes(&mut look) } else { Vec::new() };
            Seen { value, misses: look.misses }
        })
    }
    /// Remembers a folder that a web server serves.
    pub(crate) fn serve(&self, path: PathBuf) {
        self.roots.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }
    /// Folders that web servers serve, as far as their configuration was read.
    pub(crate) fn web_roots(&self) -> Vec<PathBuf> {
        self.roots.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Remembers a file whose name belongs to a product.
    pub(crate) fn meet(&self, path: PathBuf) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }
    /// Remembers a place that the walk could not see.
    pub(crate) fn lose(&self, reason: GapReason, path: &Path) {
        self.unwalked.lock().unwrap_or_else(PoisonError::into_inner).push((reason, path.to_owned()));
    }
    /// What the walk could not see.
    pub(crate) fn unwalked(&self) -> Misses {
        self.unwalked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// The files met so far.
    pub(crate) fn met(&self) -> Vec<PathBuf> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A unit that something starts.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// Name with its suffix.
    pub name: String,
    /// The unit file, or the link if the file is missing.
    pub path: PathBuf,
    /// `service`, `timer`, …, `generator`, or with `user-` in front.
    pub kind: String,
    /// First command, scrubbed.
    pub exec: Option<String>,
    /// Words of that command, not scrubbed; never emitted.
    pub words: Vec<String>,
    /// `OnCalendar` and the like of a timer.
    pub when: Option<String>,
    /// Where it was read.
    pub at: evidence::Place,
    /// The unit file or its program can be written by others.
    pub writable: bool,
    /// What the unit's environment and commands say about backup targets: (line, text).
    pub lines: Vec<parse::UnitLine>,
}

/// A job with its account.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// File.
    pub file: String,
    /// Place with line.
    pub at: evidence::Place,
    /// Account.
    pub user: String,
    /// Schedule.
    pub schedule: String,
    /// The command as written; scrubbed before it leaves.
    pub command: String,
    /// The file or program can be written by others.
    pub writable: bool,
}

/// A running process.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    /// Process id.
    pub pid: u32,
    /// Name in the kernel's table (15 characters).
    pub name: String,
    /// The program's file, if it may be seen.
    pub exe: Option<PathBuf>,
    /// Owner.
    pub uid: u32,
}
impl Process {
    /// The file name of the program, or the name in the kernel's table.
    pub(crate) fn base(&self) -> String {
        let base = self.exe.as_deref().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
        base.unwrap_or_else(|| self.name.clone())
    }
}

fn processes(look: &mut Look<'_>) -> Vec<Process> {
    let mut out = Vec::new();
    for e in look.list("/proc") {
        let Ok(pid) = e.text().parse::<u32>() else { continue };
        let Ok((comm, _)) = look.host.bytes(&e.path.join("comm"), 4096) else { continue };
        let Ok(meta) = look.host.stat(&e.path) else { continue };
        let exe = match look.host.read_link(&e.path.join("exe")) {
            Ok(target) => Some(target),
            Err(crate::host::Miss::Gap(GapReason::PermissionDenied)) => {
                look.miss(GapReason::PermissionDenied, &e.path.join("exe"));
                None
            }
            // A thread of the kernel has no file.
            Err(_) => None,
        };
        let name = parse::printable(String::from_utf8_lossy(&comm).trim());
        out.push(Process { pid, name, exe, uid: meta.uid });
    }
    out.sort_by_key(|p| p.pid);
    out
}

/// The program named by an absolute first word can be written by others than root and `user`.
pub(crate) fn program_writable(look: &mut Look<'_>, word: &str, user_uid: u32) -> bool {
    let path = Path::new(word);
    if !path.is_absolute() {
        return false;
    }
    let writable = |m: &Meta| m.is_file() && (m.writable_by_others() || (m.uid != 0 && m.uid != user_uid));
    look.host.stat(path).is_ok_and(|m| writable(&m))
}

/// The account's home folders that are worth a look, without repeats.
pub(crate) fn homes(accounts: &[parse::Passwd]) -> Vec<(&parse::Passwd, PathBuf)> {
    let mut seen = HashSet::new();
    accounts
        .iter()
        .filter(|a| a.home.starts_with('/') && a.home != "/" && !a.home.starts_with("/proc"))
        .filter(|a| seen.insert((a.home.clone(), a.uid)))
        .map(|a| (a, PathBuf::from(&a.home)))
        .collect()
}

/// The path as text, for a field of a row.
pub(crate) fn text_of(path: &Path) -> String {
    path_text(path)
}
