//! The running service: threads, the end of them, and the process that stands behind.
//!
//! The supervisor makes the groups and marks, then splits. Both processes hold the groups, so when the worker is killed the kernel
//! does not let the waiting through: their events stay in the group, new ones queue. The supervisor answers what the dead worker
//! had taken (by the policy of the shares) and splits anew. It opens no file outside `/proc` and has one thread. If the worker dies again
//! and again, a guard with a share that fails closed refuses writes from then on, else the door is opened and the exit says so.
//! Whoever kills both opens the door; status says whether there is a second process.

use crate::config::Config;
use crate::control;
use crate::desk::{Decision, Orders};
use crate::engine::{self, Door, Engine};
use crate::error::{GuardError, shown};
use crate::intent::{self, Intent};
use crate::journal::{Entry, GapKind};
use crate::names;
use crate::sys;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::{Duration, Instant};

/// Deaths of the worker within [`DEATHS_WITHIN`] after which it is not started again.
const DEATHS_MAX: usize = 5;
const DEATHS_WITHIN: Duration = Duration::from_secs(60);
/// Numbers of descriptors that a dead worker may have had events under.
const EVENTS_MAX: i32 = 65_536;

/// A guard in this process, without a supervisor: for the self-test and for tests.
#[derive(Debug)]
pub struct Running {
    /// Its state.
    pub engine: Arc<Engine>,
    threads: Vec<std::thread::JoinHandle<()>>,
    reader: std::thread::JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

impl Running {
    /// Starts it.
    ///
    /// # Errors
    /// No right, no kernel for it, a vault that cannot be used, a socket that is in use.
    pub fn start(config: &Config, orders: Orders) -> Result<Self, GuardError> {
        let door = Door::open(config)?;
        Self::behind(config, door, orders, 0)
    }
    fn behind(config: &Config, door: Door, orders: Orders, supervisor: i32) -> Result<Self, GuardError> {
        let ready: Arc<OnceLock<Arc<Engine>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let (to, asks) = mpsc::channel();
        let mut threads = Vec::new();
        // The reader is first: opening the vault already raises events that it must answer.
        let (group, seen, ends) = (Arc::clone(&door.group), Arc::clone(&ready), Arc::clone(&stop));
        let reader = spawn("guard-reader", move || engine::read(&group, || seen.get().cloned(), &ends, &to));
        let opened =
            Engine::new(config, &door, orders).and_then(|e| Ok((Arc::new(e), control::listen(&config.socket)?)));
        let (engine, listener) = match opened {
            Ok(both) => both,
            Err(e) => {
                close(config, &door.group);
                stop.store(true, Ordering::Relaxed);
                let _ = reader.join();
                return Err(e);
            }
        };
        engine.supervisor.store(supervisor, Ordering::Relaxed);
        let _ = ready.set(Arc::clone(&engine));
        let asks = Arc::new(Mutex::new(asks));
        for _ in 0..config.workers {
            let (engine, asks) = (Arc::clone(&engine), Arc::clone(&asks));
            threads.push(spawn("guard-worker", move || engine.work(&asks)));
        }
        let (to, hashes) = mpsc::channel();
        engine.hashes_to(to);
        let of = Arc::clone(&engine);
        threads.push(spawn("guard-hash", move || of.hash_pre_images(&hashes)));
        if let Some(group) = door.names {
            let of = Arc::clone(&engine);
            threads.push(spawn("guard-names", move || names::read(&of, &group)));
        }
        prepare(&engine);
        let of = Arc::clone(&engine);
        threads.push(spawn("guard-control", move || control::serve(&of, &listener)));
        let (of, metrics) = (Arc::clone(&engine), config.metrics.clone());
        threads.push(spawn("guard-house", move || house(&of, metrics.as_deref())));
        Ok(Self { engine, threads, reader, stop })
    }
    /// Ends it: what is held is refused, the journal is synced.
    pub fn end(self) {
        self.engine.desk.end();
        self.engine.end();
        for thread in self.threads {
            let _ = thread.join();
        }
        // The reader goes last, after the marks: writing these lines raises events that it must answer.
        for share in &self.engine.shares {
            let _ = share.vault.note(Entry::Ended);
            let _ = share.vault.journal.sync();
        }
        for share in &self.engine.shares {
            unmark(&share.config, &self.engine.group);
        }
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.reader.join();
    }
}

fn unmark(share: &crate::config::ShareConfig, group: &sys::Group) {
    for mask in [sys::PRE_ACCESS, sys::OPEN_PERM] {
        let _ = group.unmark(share.cover(), mask, &share.path);
    }
}
/// Takes the marks back: from here on nobody waits for us.
fn close(config: &Config, group: &sys::Group) {
    config.shares.iter().for_each(|s| unmark(s, group));
}

fn spawn(name: &str, what: impl FnOnce() + Send + 'static) -> std::thread::JoinHandle<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(what)
        .expect("a host that cannot start a thread cannot be guarded")
}

/// The farm, what was open before, what was held before, what is not told.
fn prepare(engine: &Arc<Engine>) {
    engine.open_before();
    for share in &engine.shares {
        let lines = crate::journal::read(share.vault.root()).unwrap_or_default();
        let down =
            lines.iter().rev().skip(1).map(|l| &l.entry).find(|e| matches!(e, Entry::Ended | Entry::Began { .. }));
        if down.is_some() {
            share.vault.gap(GapKind::GuardWasDown, None, 0);
        }
        engine.desk.take_up(&lines, |pid| engine.actors.who(pid, share.id), &share.vault);
        if !share.names {
            share.vault.gap(GapKind::NoNameEvents, None, 0);
        }
        if !share.truncate {
            share.vault.gap(GapKind::NoTruncateEvent, None, 0);
        }
        names::sweep(share);
    }
}

/// Once a second: standing orders, syncing, Samba's sessions, expiry, metrics; sweeps where names are not told.
fn house(engine: &Arc<Engine>, metrics: Option<&Path>) {
    let mut second = 0_u64;
    while !engine.ends() {
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(100));
            if engine.ends() {
                return;
            }
        }
        second += 1;
        if let Some((order, after)) = &engine.orders.kill {
            for hold in engine.desk.older(*after) {
                let _ = control::decide(engine, hold, Decision::Kill, order, None);
            }
        }
        for share in &engine.shares {
            let _ = share.vault.journal.sync();
            if share.config.ignore_seconds > 0 && second.is_multiple_of(share.config.ignore_seconds) {
                let _ = engine.group.listen_again();
            }
            if second % 3600 == 1 {
                let _ = share.vault.expire(Duration::from_secs(share.config.keep_days * 86_400));
            }
            if !share.names && second.is_multiple_of(60) {
                names::sweep(share);
            }
        }
        if second.is_multiple_of(5) {
            engine.smb.refresh();
            if let Some(path) = metrics {
                let passing = path.with_extension("prom.new");
                if std::fs::write(&passing, control::metrics(engine)).is_ok() {
                    let _ = std::fs::rename(&passing, path);
                }
            }
        }
    }
}

/// Runs the service until `stop` says so: a supervisor with a worker behind it, or one process where splitting is not possible.
///
/// # Errors
/// As [`Running::start`]; [`GuardError::Kernel`] if the worker died again and again.
pub fn run(config: &Config, orders: &Orders, stop: &dyn Fn() -> bool) -> Result<(), GuardError> {
    let door = Door::open(config)?;
    let me = std::process::id().cast_signed();
    let mut deaths: Vec<Instant> = Vec::new();
    loop {
        let child = match sys::fork() {
            Ok(None) => return worker(config, door, orders, me, stop),
            Ok(Some(pid)) => pid,
            // More than one thread here: no second process, and status says so.
            Err(_) => return worker(config, door, orders, 0, stop),
        };
        let died = wait(child, stop)?;
        // Whatever it had taken out of the queue would wait for ever: numbers are all that an answer needs.
        for number in 3..EVENTS_MAX {
            let _ = door.group.answer(number, !engine::closes(config));
        }
        match died {
            None => return Ok(()),
            Some(0) if stop() => return Ok(()),
            Some(_) => {}
        }
        deaths.retain(|d| d.elapsed() < DEATHS_WITHIN);
        deaths.push(Instant::now());
        if deaths.len() >= DEATHS_MAX {
            if engine::closes(config) {
                refuse_writes(&door, stop);
            }
            return Err(GuardError::Kernel { what: "guard worker", why: format!("died {DEATHS_MAX} times") });
        }
    }
}

fn worker(
    config: &Config,
    door: Door,
    orders: &Orders,
    supervisor: i32,
    stop: &dyn Fn() -> bool,
) -> Result<(), GuardError> {
    let running = Running::behind(config, door, orders.clone(), supervisor)?;
    while !stop() {
        std::thread::sleep(Duration::from_millis(50));
    }
    running.end();
    Ok(())
}

/// Waits for the worker; asks it to end when we are. `None`: it ended because we wanted it to.
fn wait(child: i32, stop: &dyn Fn() -> bool) -> Result<Option<i32>, GuardError> {
    let kernel = |e: std::io::Error| GuardError::Kernel { what: "waitpid", why: e.to_string() };
    loop {
        if let Some(code) = sys::reap(child, false).map_err(kernel)? {
            return Ok(Some(code));
        }
        if stop() {
            let _ = sys::signal(child, libc::SIGTERM);
            sys::reap(child, true).map_err(kernel)?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Reads go, writes do not: what a share that fails closed is left with.
fn refuse_writes(door: &Door, stop: &dyn Fn() -> bool) {
    let mut bytes = vec![0; 64 << 10];
    while !stop() {
        let Ok(len) = door.group.read(&mut bytes, 100) else { return };
        for event in sys::events(&bytes[..len]) {
            let Some(file) = event.file else { continue };
            let cuts = event.mask & sys::PRE_ACCESS != 0;
            let intent = intent::of(event.pid);
            let refused = if cuts { intent == Intent::Truncate } else { intent.writes() };
            let _ = door.group.answer(std::os::fd::AsRawFd::as_raw_fd(&file), !refused);
        }
    }
}

/// For messages: the folder of a share.
#[must_use]
pub fn name(config: &Config) -> String {
    config.shares.iter().map(|s| shown(&s.path).to_string()).collect::<Vec<_>>().join(", ")
}
