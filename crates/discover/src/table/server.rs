//! What every database server has: it is waited for, it is asked to break off, it says no.
//!
//! A driver blocks. So a connection is made in a thread of its own, which is left to its timeout when the run stops,
//! and while statements run a second thread watches: when the run stops it tells the server to cancel, again and again
//! until the statement has ended. The server is believed to speak its protocol; what it sends is bounded by what is
//! asked of it (so many bytes of a cell, one row at a time).

use crate::gather::Root;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// How often is asked whether to go on.
const TICK: Duration = Duration::from_millis(100);

/// Runs `make`, which may block, in a thread; nothing if the run stops first.
pub(super) fn attempt<T: Send + 'static>(root: &Root<'_>, make: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody may be waiting any more.
        let _ = sender.send(make());
    });
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(made) => return Some(made),
            Err(mpsc::RecvTimeoutError::Timeout) if !root.stopped() => {}
            Err(_) => return None,
        }
    }
}

/// Runs `work`; calls `cancel` while it goes on after the run was stopped.
pub(super) fn watched<T>(root: &Root<'_>, cancel: impl Fn() + Sync, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                if root.stopped() {
                    cancel();
                }
                std::thread::park_timeout(TICK);
            }
        });
        let result = work();
        done.store(true, Ordering::Release);
        watcher.thread().unpark();
        result
    })
}

/// So much of a cell is asked for, in bytes, so that a row of all columns stays below 64 MiB.
pub(super) fn cell_bytes(cell_bytes_max: usize, columns: usize) -> usize {
    const ROW_BYTES_MAX: usize = 64 << 20;
    cell_bytes_max.min(ROW_BYTES_MAX / columns.max(1))
}
