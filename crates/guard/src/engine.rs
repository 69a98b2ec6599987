//! The event core: one reader that never waits, workers that take pre-images, one reader of names.
//!
//! The reader answers our own threads first: the vault lies on the guarded file system, so every file that a worker opens raises an
//! event that only the reader can answer. It opens nothing outside `/proc` and takes no lock that a worker holds while it opens
//! something; that is the whole of the cure against the dead-lock. Readers of files are let through by it at once; whoever is about
//! to write waits for a worker. Nobody is let through because we are slow: a slow worker makes openers wait, which status shows.

use crate::actor::{Actors, Who};
use crate::behaviour::{self, Behaviour};
use crate::config::{Config, Fail, Full, Mode, ShareConfig};
use crate::desk::{Ask, Desk, Orders, by};
use crate::error::{GuardError, shown};
use crate::farm::Farm;
use crate::intent::{self, Intent};
use crate::journal::{Entry, GapKind};
use crate::smb::Sessions;
use crate::sys::{self, Group};
use crate::vault::{Captured, Limits, Vault, path_of};
use evidence::PathText;
use ransom::What;
use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes that one read of events takes.
const EVENT_BYTES: usize = 256 << 10;
/// How often a thread looks whether it is to end, milliseconds.
const LOOK_MS: i32 = 100;

/// A share under guard.
#[derive(Debug)]
pub struct Share {
    /// Its settings.
    pub config: ShareConfig,
    /// Its vault.
    pub vault: Arc<Vault>,
    /// Its link farm.
    pub farm: Farm,
    /// Id of the tree for the judge.
    pub id: u64,
    pub(crate) device: u64,
    pub(crate) root: File,
    /// Names are told.
    pub names: bool,
    /// `truncate(path)` is told.
    pub truncate: bool,
    /// File system, as `/proc/self/mountinfo` names it.
    pub file_system: String,
}
impl Share {
    /// Whether a path lies in it; the vault does not.
    #[must_use]
    pub fn has(&self, path: &Path) -> bool {
        path.starts_with(&self.config.path) && !path.starts_with(&self.config.vault)
    }
    /// Path within the share, as the journal has it.
    #[must_use]
    pub fn within(&self, path: &Path) -> PathText {
        self.farm.within(path).unwrap_or_else(|| shown(path))
    }
    fn canary(&self, path: &Path) -> bool {
        let Ok(rest) = path.strip_prefix(&self.config.path) else { return false };
        self.config.canaries.iter().any(|c| c == rest)
    }
}

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Counters {
    /// Permission events.
    pub events: AtomicU64,
    /// Those that were about to write.
    pub writes: AtomicU64,
    /// Longest wait, microseconds.
    pub slowest_us: AtomicU64,
    /// Sum of waits of writers, microseconds.
    pub waited_us: AtomicU64,
    /// Lost events.
    pub overflows: AtomicU64,
}

/// The groups and their marks: made before anything runs, and shared with the supervisor.
#[derive(Debug)]
pub struct Door {
    /// Permission events.
    pub group: Arc<Group>,
    /// Names, if the kernel tells them.
    pub names: Option<Group>,
    /// For each share: names and truncation are told.
    pub told: Vec<(bool, bool)>,
}
impl Door {
    /// Makes groups and marks. From here on every open on the file systems waits for an answer.
    ///
    /// # Errors
    /// No right, or a kernel without permission events.
    pub fn open(config: &Config) -> Result<Self, GuardError> {
        let kernel = |what| move |e: std::io::Error| GuardError::Kernel { what, why: e.to_string() };
        let (group, pre) = Group::permission().map_err(kernel("fanotify_init"))?;
        let names = Group::names().ok();
        let mut told = Vec::new();
        for share in &config.shares {
            let mask = sys::CREATE | sys::DELETE | sys::RENAME | sys::CLOSE_WRITE | sys::ON_DIR;
            let with_names = names.as_ref().is_some_and(|n| n.mark(sys::Cover::FileSystem, mask, &share.path).is_ok());
            group.mark(share.cover(), sys::OPEN_PERM, &share.path).map_err(kernel("fanotify_mark"))?;
            let cut = pre && share.truncate && group.mark(share.cover(), sys::PRE_ACCESS, &share.path).is_ok();
            told.push((with_names, cut));
        }
        Ok(Self { group: Arc::new(group), names, told })
    }
}

/// The running guard.
#[derive(Debug)]
pub struct Engine {
    /// Shares under guard.
    pub shares: Vec<Share>,
    /// Who is held.
    pub desk: Desk,
    /// The judge of behaviour.
    pub behaviour: Behaviour,
    /// Who is who.
    pub actors: Actors,
    /// Samba's sessions.
    pub smb: Arc<Sessions>,
    /// Counters.
    pub counters: Counters,
    /// What the plan lets it do.
    pub orders: Orders,
    /// Whether it holds anybody.
    pub mode: Mode,
    /// Since when it runs.
    pub since: evidence::Time,
    /// Pid of the supervisor; 0 without one.
    pub supervisor: AtomicI32,
    pub(crate) stop: AtomicBool,
    pub(crate) group: Arc<Group>,
    restoring: Mutex<HashSet<i32>>,
    hashes: Mutex<Option<Sender<(usize, String)>>>,
}

impl Engine {
    /// Opens the vaults. The reader must run already or no mark be set: vaults lie on the guarded file systems.
    ///
    /// # Errors
    /// A vault that cannot be used.
    pub fn new(config: &Config, door: &Door, orders: Orders) -> Result<Self, GuardError> {
        let mut shares = Vec::new();
        for (one, (names, truncate)) in config.shares.iter().zip(&door.told) {
            shares.push(share(one, *names, *truncate)?);
        }
        let smb = Arc::new(Sessions::default());
        let mut chance = [0; 256];
        let random = File::open("/dev/urandom").and_then(|mut f| std::io::Read::read_exact(&mut f, &mut chance));
        random.map_err(|e| GuardError::disk(Path::new("/dev/urandom"), &e))?;
        Ok(Self {
            shares,
            desk: Desk::default(),
            behaviour: Behaviour::new(&chance),
            actors: Actors::new(Arc::clone(&smb)),
            smb,
            counters: Counters::default(),
            orders,
            mode: config.mode,
            since: crate::vault::now(),
            supervisor: AtomicI32::new(0),
            stop: AtomicBool::new(false),
            group: Arc::clone(&door.group),
            restoring: Mutex::default(),
            hashes: Mutex::new(None),
        })
    }
    /// Ends every thread.
    pub fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
    pub(crate) fn ends(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
    /// A process that puts files back is not judged.
    pub fn restores(&self, pid: i32) {
        let mut all = self.restoring.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|p| sys::signal(*p, 0).is_ok());
        all.insert(pid);
    }
    fn is_restoring(&self, pid: i32) -> bool {
        self.restoring.lock().unwrap_or_else(PoisonError::into_inner).contains(&pid)
    }
    /// The share that a path lies in.
    pub(crate) fn share_of(&self, path: &Path) -> Option<(usize, &Share)> {
        self.shares.iter().enumerate().find(|(_, s)| s.has(path))
    }

    /// A worker: takes what is asked until the reader ends.
    pub fn work(&self, asks: &Mutex<Receiver<Ask>>) {
        loop {
            let next = asks.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(Duration::from_millis(100));
            match next {
                Ok(ask) => self.decide(ask),
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) if !self.ends() => {}
                Err(_) => return,
            }
        }
    }
    fn let_go(&self, ask: Ask, allow: bool) {
        let waited = u64::try_from(ask.answer(allow).as_micros()).unwrap_or(u64::MAX);
        self.counters.waited_us.fetch_add(waited, Ordering::Relaxed);
        self.counters.slowest_us.fetch_max(waited, Ordering::Relaxed);
    }
    /// One write intent: pre-image, verdict, answer or hold.
    fn decide(&self, ask: Ask) {
        self.counters.writes.fetch_add(1, Ordering::Relaxed);
        let (Some(path), Ok(meta)) = (path_of(&ask.file), ask.file.metadata()) else {
            return self.let_go(ask, true);
        };
        if let Some(share) = self.shares.iter().find(|s| path.starts_with(&s.config.vault)) {
            // The vault is written by us only; we answered ourselves already.
            let who = self.actors.who(ask.tid, share.id);
            return self.let_go(ask, self.is_restoring(who.pid));
        }
        let Some((at, share)) = self.share_of(&path).or_else(|| self.strange(&path, &meta)) else {
            return self.let_go(ask, true);
        };
        let who = self.actors.who(ask.tid, share.id);
        let mut whose = by(&who);
        let restoring = self.is_restoring(who.pid);
        if restoring {
            whose.program = crate::restore::PROGRAM.to_owned();
        }
        let captured = share.vault.capture(&ask.file, &share.within(&path), &whose);
        if let Captured::Taken(name) = &captured
            && let Some(hashes) = &*self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
        {
            let _ = hashes.send((at, name.clone()));
        }
        if captured == Captured::Gap(GapKind::VaultFull) {
            self.behaviour.take(&who.actor, What::VaultPressure { percent: 100 });
            if share.config.full == Full::Deny {
                return self.let_go(ask, false);
            }
        }
        if restoring {
            return self.let_go(ask, true);
        }
        self.judge(ask, &who, share, &path, &meta, &captured);
    }
    /// A file of a share that is reached by another way: a bind mount, another mount namespace. Its link in the farm tells; so does
    /// a path that leads to nothing here, which is guarded because we cannot tell.
    fn strange(&self, path: &Path, meta: &std::fs::Metadata) -> Option<(usize, &Share)> {
        let of = |s: &Share| {
            let linked = s.vault.root().join(crate::farm::file_of(meta.ino()));
            s.device == meta.dev() && std::fs::symlink_metadata(linked).is_ok()
        };
        let farmed = self.shares.iter().enumerate().find(|(_, s)| of(s));
        let here = std::fs::symlink_metadata(path).is_ok_and(|m| (m.dev(), m.ino()) == (meta.dev(), meta.ino()));
        farmed.or_else(|| self.shares.iter().enumerate().find(|(_, s)| !here && s.device == meta.dev()))
    }
    fn judge(&self, ask: Ask, who: &Who, share: &Share, path: &Path, meta: &std::fs::Metadata, captured: &Captured) {
        let order = if self.mode == Mode::Hold { self.orders.hold.as_deref() } else { None };
        let ask = match (self.desk.holds(&who.actor), order) {
            (Some(hold), _) => match self.desk.join(hold, who, ask, order.unwrap_or("person")) {
                Ok(()) => return,
                Err(ask) => ask,
            },
            _ => ask,
        };
        let (Captured::Taken(pre) | Captured::Stands(pre)) = captured else {
            return self.let_go(ask, true);
        };
        let file = self.behaviour.file(path, meta.ino(), meta.len());
        let what = match ask.intent {
            _ if share.canary(path) => What::Canary { file },
            Intent::Truncate => {
                let cut = self.behaviour.file(path, meta.ino(), 0);
                What::Truncate { file: cut, before: behaviour::seen(&ask.file), from_bytes: meta.len() }
            }
            _ => {
                let one = behaviour::pending(&share.vault, pre, path, meta.ino(), who.actor);
                self.behaviour.opened(one);
                What::OpenWrite { file }
            }
        };
        let mut verdict = self.behaviour.take(&who.actor, what);
        if verdict.examine && !behaviour::stops(&verdict) {
            verdict = self.behaviour.examine(verdict);
        }
        self.pressure(who, share);
        if captured != &Captured::Stands(pre.clone()) && share.config.ignore_seconds > 0 {
            let _ = self.group.ignore(std::os::fd::AsFd::as_fd(&ask.file), sys::OPEN_PERM);
        }
        match order {
            Some(order) if behaviour::stops(&verdict) => {
                self.desk.hold(who, &verdict, order, Some(ask), &share.vault);
            }
            _ => self.let_go(ask, true),
        }
    }
    fn pressure(&self, who: &Who, share: &Share) {
        let percent = share.vault.percent();
        if percent >= 80 && share.vault.taken.load(Ordering::Relaxed).is_multiple_of(16) {
            self.behaviour.take(&who.actor, What::VaultPressure { percent });
        }
    }
    /// Hashes pre-images as they come.
    pub fn hash_pre_images(&self, from: &Receiver<(usize, String)>) {
        while !self.ends() {
            if let Ok((share, name)) = from.recv_timeout(Duration::from_millis(100)) {
                let _ = self.shares[share].vault.hash(&name);
            }
        }
    }
    pub(crate) fn hashes_to(&self, sender: Sender<(usize, String)>) {
        *self.hashes.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
    }
    /// What was open for writing before the marks: a pre-image of now, and a gap until it is closed.
    pub fn open_before(&self) {
        for pid in crate::actor::processes() {
            let Ok(all) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
            for entry in all.flatten() {
                let Ok(path) = std::fs::read_link(entry.path()) else { continue };
                let Some((_, share)) = self.share_of(&path) else { continue };
                let number = entry.file_name();
                let info = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{}", number.to_string_lossy()));
                let flags = info.ok().and_then(|t| t.lines().find_map(|l| l.strip_prefix("flags:").map(str::to_owned)));
                let flags = flags.and_then(|f| i32::from_str_radix(f.trim(), 8).ok()).unwrap_or(0);
                if flags & libc::O_ACCMODE == libc::O_RDONLY {
                    continue;
                }
                let within = share.within(&path);
                let bytes = std::fs::metadata(&path).map_or(0, |m| m.len());
                if let Ok(file) = File::open(&path) {
                    let who = self.actors.who(pid, share.id);
                    share.vault.capture(&file, &within, &by(&who));
                }
                share.vault.gap(GapKind::OpenAtStart, Some(within), bytes);
            }
        }
    }
}

/// Reads permission events: own threads and readers are answered here, writers go to the workers.
pub fn read(group: &Arc<Group>, counters: impl Fn() -> Option<Arc<Engine>>, stop: &AtomicBool, to: &Sender<Ask>) {
    let mut bytes = vec![0; EVENT_BYTES];
    loop {
        // Told to end, it takes what is still queued and then goes.
        let ends = stop.load(Ordering::Relaxed);
        let Ok(len) = group.read(&mut bytes, LOOK_MS) else { return };
        if len == 0 && ends {
            return;
        }
        let engine = counters();
        for event in sys::events(&bytes[..len]) {
            if event.mask & sys::OVERFLOW != 0 {
                engine.as_ref().map(|e| e.counters.overflows.fetch_add(1, Ordering::Relaxed));
                continue;
            }
            let Some(file) = event.file else { continue };
            let raw = std::os::fd::AsRawFd::as_raw_fd(&file);
            let intent = if sys::is_own_thread(event.pid) { Intent::Read } else { intent::of(event.pid) };
            // Before content is touched only the cutting of a path is new to us: what writes was opened for it
            // (`intent` counts those calls as reading).
            let asks = intent.writes();
            if !asks {
                let _ = group.answer(raw, true);
                continue;
            }
            let _ = to.send(Ask::new(File::from(file), event.pid, intent, Arc::clone(group)));
        }
        if let Some(engine) = engine {
            engine.counters.events.fetch_add((len / 24) as u64, Ordering::Relaxed);
        }
    }
}

fn share(config: &ShareConfig, names: bool, truncate: bool) -> Result<Share, GuardError> {
    let limits = Limits {
        quota_bytes: config.quota_bytes,
        copy_bytes_max: config.copy_bytes_max,
        again: Duration::from_secs(config.again_seconds),
    };
    let vault = Vault::open(&config.vault, &config.path, limits)?;
    vault.probe()?;
    let disk = |e: std::io::Error| GuardError::disk(&config.path, &e);
    let root = File::open(&config.path).map_err(disk)?;
    let device = root.metadata().map_err(disk)?.dev();
    let format = crate::JOURNAL.to_owned();
    vault.note(Entry::Began { format, share: shown(&config.path) })?;
    let farm = Farm::open(&config.vault, &config.path)?;
    let id = ransom::id(config.path.as_os_str().as_encoded_bytes());
    let file_system = file_system(&config.path);
    Ok(Share { config: config.clone(), vault: Arc::new(vault), farm, id, device, root, names, truncate, file_system })
}

/// Name of the file system under a path, from `/proc/self/mountinfo`.
#[must_use]
pub fn file_system(path: &Path) -> String {
    let text = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut best: (usize, String) = (0, "unknown".to_owned());
    for line in text.lines() {
        let Some((left, right)) = line.split_once(" - ") else { continue };
        let Some(mount) = left.split(' ').nth(4) else { continue };
        let mount = PathBuf::from(mount.replace("\\040", " "));
        let depth = mount.components().count();
        if path.starts_with(&mount) && depth >= best.0 {
            best = (depth, right.split(' ').next().unwrap_or("unknown").to_owned());
        }
    }
    best.1
}

/// Whether writes are refused when the guard dies.
#[must_use]
pub fn closes(config: &Config) -> bool {
    config.shares.iter().any(|s| s.fail == Fail::Closed)
}
