//! The control socket: one line of JSON each way (`docs/specs/guard-control-v1.md`). The socket is root's; who asks is asked of the kernel too.

use crate::desk::Decision;
use crate::engine::{Engine, Share};
use crate::error::{GuardError, shown};
use crate::vault::now;
use evidence::guard_control::{GuardAnswer, GuardAsk, GuardShare, GuardStatus, LINE_BYTES_MAX};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Longest wait for the other side, seconds.
const WAIT: Duration = Duration::from_secs(30);

/// Asks the guard behind a socket.
///
/// # Errors
/// [`GuardError::NoGuard`] if nobody answers, [`GuardError::Refused`] with its word.
pub fn ask(socket: &Path, what: &GuardAsk) -> Result<GuardAnswer, GuardError> {
    let none = |_| GuardError::NoGuard { path: shown(socket) };
    let mut stream = UnixStream::connect(socket).map_err(none)?;
    stream.set_read_timeout(Some(WAIT)).map_err(none)?;
    let mut line = serde_json::to_vec(what).expect("these types have no map with keys that are no text");
    line.push(b'\n');
    stream.write_all(&line).map_err(none)?;
    let mut answer = Vec::new();
    // A status with 256 holds is longer than a request may be.
    BufReader::new(stream).take(1 << 20).read_until(b'\n', &mut answer).map_err(none)?;
    match serde_json::from_slice(&answer) {
        Ok(GuardAnswer::Refused { why }) => Err(GuardError::Refused { why }),
        Ok(answer) => Ok(answer),
        Err(_) => Err(GuardError::NoGuard { path: shown(socket) }),
    }
}

/// Opens the socket for root only. One that nobody listens at is replaced.
///
/// # Errors
/// [`GuardError::Running`] if somebody answers there; the disk's.
pub fn listen(socket: &Path) -> Result<UnixListener, GuardError> {
    let disk = |e: std::io::Error| GuardError::disk(socket, &e);
    if UnixStream::connect(socket).is_ok() {
        return Err(GuardError::Running { path: shown(socket) });
    }
    if let Some(folder) = socket.parent() {
        std::fs::create_dir_all(folder).map_err(disk)?;
    }
    let _ = std::fs::remove_file(socket);
    let listener = UnixListener::bind(socket).map_err(disk)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(disk)?;
    listener.set_nonblocking(true).map_err(disk)?;
    Ok(listener)
}

/// Serves until the guard ends.
pub fn serve(engine: &Engine, listener: &UnixListener) {
    while !engine.ends() {
        match listener.accept() {
            Ok((stream, _)) => {
                let _ = one(engine, &stream);
            }
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn one(engine: &Engine, stream: &UnixStream) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let peer = rustix::net::sockopt::socket_peercred(stream)?;
    let (pid, uid) = (peer.pid.as_raw_nonzero().get(), peer.uid.as_raw());
    let mut line = Vec::new();
    BufReader::new(stream).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line)?;
    let answer = match serde_json::from_slice::<GuardAsk>(&line) {
        _ if uid != 0 => GuardAnswer::Refused { why: "not-root".to_owned() },
        Ok(what) => answer(engine, what, pid, uid),
        Err(_) => GuardAnswer::Refused { why: "not-understood".to_owned() },
    };
    let mut bytes = serde_json::to_vec(&answer)?;
    bytes.push(b'\n');
    let mut stream = stream;
    stream.write_all(&bytes)
}

fn answer(engine: &Engine, what: GuardAsk, pid: i32, uid: u32) -> GuardAnswer {
    let order = |by: &str| format!("person:{} uid:{uid}", by.chars().take(120).collect::<String>());
    let (hold, decision, by, minutes) = match what {
        GuardAsk::Status => return GuardAnswer::Status(Box::new(status(engine))),
        GuardAsk::Metrics => return GuardAnswer::Metrics { text: metrics(engine) },
        GuardAsk::Restoring => {
            engine.restores(pid);
            return GuardAnswer::Done { hold: None, processes: 1 };
        }
        GuardAsk::Hold { pid, by } => {
            let there = i32::try_from(pid).ok().filter(|p| *p > 1 && crate::sys::signal(*p, 0).is_ok());
            let (Some(pid), Some(share)) = (there, engine.shares.first()) else {
                return GuardAnswer::Refused { why: "no-such-process".to_owned() };
            };
            let who = engine.actors.who(pid, share.id);
            let hold = engine.desk.hold_by(&who, &order(&by), &share.vault);
            return GuardAnswer::Done { hold: Some(hold), processes: 1 };
        }
        GuardAsk::Release { hold, by } => (hold, Decision::Release, by, None),
        GuardAsk::Allow { hold, minutes, by } => (hold, Decision::Allow, by, Some(minutes)),
        GuardAsk::Kill { hold, by } => (hold, Decision::Kill, by, None),
    };
    // The judge forgets first: asks that are let go must not be held again.
    match decide(engine, hold, decision, &order(&by), minutes) {
        Ok(processes) => GuardAnswer::Done { hold: Some(hold), processes },
        Err(GuardError::Refused { why }) => GuardAnswer::Refused { why },
        Err(_) => GuardAnswer::Refused { why: "failed".to_owned() },
    }
}

/// Carries out a decision and tells the judge.
///
/// # Errors
/// No such hold; a journal that cannot be written: nothing is done then.
pub fn decide(
    engine: &Engine,
    hold: u64,
    what: Decision,
    order: &str,
    minutes: Option<u64>,
) -> Result<u64, GuardError> {
    if what != Decision::Kill
        && let Some((who, scope)) = engine.desk.whose(hold)
    {
        let until = minutes.map(|m| engine.behaviour.clock_ms().saturating_add(m.saturating_mul(60_000)));
        engine.behaviour.release(&who, scope, until);
        // Wider scopes hold by the same evidence: it is forgotten there too, but they are not excused from now on.
        for wider in who.actor.scopes().filter(|s| *s != scope) {
            engine.behaviour.release(&who, wider, None);
        }
    }
    let (_, _, processes) = engine.desk.decide(hold, what, order)?;
    Ok(processes)
}

/// How a guard stands.
#[must_use]
pub fn status(engine: &Engine) -> GuardStatus {
    let c = &engine.counters;
    let supervisor = engine.supervisor.load(Ordering::Relaxed);
    GuardStatus {
        since: engine.since,
        mode: if engine.mode == crate::config::Mode::Hold { "hold" } else { "observe" }.to_owned(),
        order: engine.orders.hold.clone(),
        supervised: supervisor != 0
            && rustix::process::getppid().is_some_and(|p| p.as_raw_nonzero().get() == supervisor),
        events: c.events.load(Ordering::Relaxed),
        writes: c.writes.load(Ordering::Relaxed),
        slowest_us: c.slowest_us.load(Ordering::Relaxed),
        overflows: c.overflows.load(Ordering::Relaxed),
        shares: engine.shares.iter().map(share_status).collect(),
        holds: engine.desk.list(),
    }
}
fn share_status(s: &Share) -> GuardShare {
    let closed = s.config.fail == crate::config::Fail::Closed;
    GuardShare {
        path: shown(&s.config.path),
        file_system: s.file_system.clone(),
        reflinks: s.vault.reflinks(),
        copy_bytes_max: s.config.copy_bytes_max,
        names: s.names,
        truncate: s.truncate,
        fail: if closed { "closed" } else { "open" }.to_owned(),
        pre_images: s.vault.taken.load(Ordering::Relaxed),
        gaps: s.vault.gaps.load(Ordering::Relaxed),
        linked: s.farm.count(),
        vault_bytes: s.vault.used(),
        quota_bytes: s.config.quota_bytes,
    }
}

/// The same for Prometheus, text format 0.0.4. Shares are numbered: their names stay here.
#[must_use]
pub fn metrics(engine: &Engine) -> String {
    let status = status(engine);
    let waited = engine.counters.waited_us.load(Ordering::Relaxed);
    let age = now().secs() - status.since.secs();
    let mut out = String::new();
    let mut add = |name: &str, kind: &str, value: u64| {
        let _ = writeln!(out, "# TYPE watchfire_guard_{name} {kind}\nwatchfire_guard_{name} {value}");
    };
    add("up_seconds", "gauge", u64::try_from(age).unwrap_or(0));
    add("supervised", "gauge", u64::from(status.supervised));
    add("events_total", "counter", status.events);
    add("writes_total", "counter", status.writes);
    add("waited_microseconds_total", "counter", waited);
    add("slowest_microseconds", "gauge", status.slowest_us);
    add("overflows_total", "counter", status.overflows);
    add("holds", "gauge", status.holds.len() as u64);
    type Column = (&'static str, &'static str, fn(&GuardShare) -> u64);
    let columns: [Column; 5] = [
        ("pre_images_total", "counter", |s| s.pre_images),
        ("gaps_total", "counter", |s| s.gaps),
        ("linked_files", "gauge", |s| s.linked),
        ("vault_bytes", "gauge", |s| s.vault_bytes),
        ("quota_bytes", "gauge", |s| s.quota_bytes),
    ];
    for (name, kind, of) in columns {
        let _ = writeln!(out, "# TYPE watchfire_guard_{name} {kind}");
        for (at, share) in status.shares.iter().enumerate() {
            let _ = writeln!(out, "watchfire_guard_{name}{{share=\"{at}\"}} {}", of(share));
        }
    }
    out
}
