//! What decoders and archives hold in memory, kept to a sum that does not depend on the input.
//!
//! A decoder looks back into what it gave: up to its dictionary, whose size the input claims. All that one file's
//! decoders hold at a time, nested as they are, may be `held_bytes_max`; the rest is a gap. A worker whose file takes
//! more than [`LIGHT_BYTES`] needs one of [`HEAVY_WORKERS`] seats and waits for it, so that the sum stays the same on
//! any number of processors. A worker waits while it holds no seat and never needs two: nothing can lock.
//!
//! Refused: a share for each worker (thirty-two workers would leave too little for a usual dictionary); a gap
//! when others hold too much (what is found must not depend on what else is read at the time).

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Any worker may hold so much: a decoder of bzip2 takes 3.7 MB, one of deflate 32 KiB. Bytes.
const LIGHT_BYTES: u64 = 4 << 20;
/// Workers that may hold more at a time, of all that read a root.
const HEAVY_WORKERS: usize = 2;

/// The seats of those who hold much.
pub(crate) struct Seats {
    free: Mutex<usize>,
    freed: Condvar,
}
impl Default for Seats {
    fn default() -> Self {
        Self { free: Mutex::new(HEAVY_WORKERS), freed: Condvar::new() }
    }
}
impl Seats {
    /// Waits for a seat; `false` if work was stopped meanwhile.
    fn enter(&self, stopped: &dyn Fn() -> bool) -> bool {
        const LOOK_UP: Duration = Duration::from_millis(50);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            if stopped() {
                return false;
            }
            free = self.freed.wait_timeout(free, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        true
    }
    fn leave(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
    }
}

/// What one worker holds.
pub(crate) struct Memory<'a> {
    root: &'a crate::gather::Root<'a>,
    held: Cell<u64>,
    has_seat: Cell<bool>,
}
impl<'a> Memory<'a> {
    pub(crate) fn new(root: &'a crate::gather::Root<'a>) -> Rc<Self> {
        Rc::new(Self { root, held: Cell::new(0), has_seat: Cell::new(false) })
    }
    /// A claim on nothing yet.
    pub(crate) fn claim(self: &Rc<Self>) -> Claim<'a> {
        Claim { memory: Rc::clone(self), bytes: 0 }
    }
}

/// Bytes that are held until this is dropped.
pub(crate) struct Claim<'a> {
    memory: Rc<Memory<'a>>,
    bytes: u64,
}
impl Claim<'_> {
    /// Holds `bytes` in all, if it held less; may wait for others to be done.
    ///
    /// # Errors
    /// `FileTooLarge` if the file at hand would hold more than `held_bytes_max`.
    pub(crate) fn grow(&mut self, bytes: u64) -> io::Result<()> {
        let memory = &*self.memory;
        let held = memory.held.get().saturating_add(bytes.saturating_sub(self.bytes));
        if held > memory.root.config.limits.held_bytes_max {
            return Err(ErrorKind::FileTooLarge.into());
        }
        if held > LIGHT_BYTES && !memory.has_seat.get() {
            memory.has_seat.set(memory.root.seats.enter(&|| memory.root.stopped()));
        }
        memory.held.set(held);
        self.bytes = self.bytes.max(bytes);
        Ok(())
    }
}
impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let memory = &*self.memory;
        memory.held.set(memory.held.get().saturating_sub(self.bytes));
        if memory.held.get() <= LIGHT_BYTES && memory.has_seat.replace(false) {
            memory.root.seats.leave();
        }
    }
}
