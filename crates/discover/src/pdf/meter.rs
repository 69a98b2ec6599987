//! What reading one document may cost: bytes unpacked, as for every container, and work done.
//!
//! A PDF can refer to the same bytes any number of times: a form drawn ten times by a form drawn ten times. So
//! time is bounded by a count of what was done, in bytes read and steps taken, never by a clock: the same file
//! gives the same answer on any machine.

use crate::unpack;
use crate::{Config, Limits};
use evidence::GapReason;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Work that any document may cost, in units of about a byte read; then a gap (`TooMany`).
const WORK_MIN: u64 = 64 << 20;
/// What each of its bytes adds to that, and where that ends.
const WORK_PER_BYTE: u64 = 256;
const WORK_MAX: u64 = 4 << 30;
/// After so much work it is asked whether anybody still wants it.
const ASK_WORK: u64 = 1 << 20;

/// The account of one document.
pub(super) struct Account<'s> {
    pub(super) limits: Limits,
    /// What the file on disk has unpacked to, this document's part included, and its size.
    unpacked: Rc<Cell<u64>>,
    packed: u64,
    work: Cell<u64>,
    work_max: u64,
    asked: Cell<u64>,
    stopped: &'s dyn Fn() -> bool,
    is_stopped: Cell<bool>,
}
impl<'s> Account<'s> {
    /// `bytes` is the document's size, `packed` that of the file it lies in.
    pub(super) fn new(
        config: &Config,
        unpacked: Rc<Cell<u64>>,
        packed: u64,
        bytes: u64,
        stopped: &'s dyn Fn() -> bool,
    ) -> Self {
        let work_max = WORK_MIN.saturating_add(bytes.saturating_mul(WORK_PER_BYTE)).min(WORK_MAX);
        let limits = config.limits.clone();
        Self {
            limits,
            unpacked,
            packed,
            work: Cell::new(0),
            work_max,
            asked: Cell::new(0),
            stopped,
            is_stopped: Cell::new(false),
        }
    }
    /// Does `n` units of work; an error once there were too many, and from then on.
    pub(super) fn spend(&self, n: u64) -> Result<(), GapReason> {
        let work = self.work.get().saturating_add(n);
        self.work.set(work);
        if self.is_stopped.get() {
            return Err(GapReason::Stopped);
        }
        if work > self.work_max {
            return Err(GapReason::TooMany);
        }
        if work.saturating_sub(self.asked.get()) > ASK_WORK {
            self.asked.set(work);
            if (self.stopped)() {
                self.work.set(u64::MAX);
                self.is_stopped.set(true);
                return Err(GapReason::Stopped);
            }
        }
        Ok(())
    }
    /// True once nothing more may be done.
    pub(super) fn is_spent(&self) -> bool {
        self.work.get() > self.work_max
    }
    /// Counts bytes that came out of `packed` ones, of which `out` before.
    fn unpack(&self, n: u64, out: u64, packed: u64) -> Result<(), GapReason> {
        let total = self.unpacked.get().saturating_add(n);
        self.unpacked.set(total);
        let l = &self.limits;
        if unpack::is_bomb(l, out, packed) || unpack::is_bomb(l, total, self.packed) {
            return Err(GapReason::Bomb);
        }
        if out > l.member_bytes_max || total > l.container_bytes_max { Err(GapReason::TooLarge) } else { Ok(()) }
    }
}

/// What is read out of a stream, under account.
pub(super) struct Metered<'d, R> {
    inner: R,
    account: &'d Account<'d>,
    out: u64,
    packed: u64,
    /// Bytes are counted as unpacked the first time only: a letterhead is drawn on every page.
    counts: bool,
    /// Of an embedded file the work is its reader's.
    works: bool,
}
impl<'d, R: Read> Metered<'d, R> {
    pub(super) fn new(inner: R, account: &'d Account<'d>, packed: u64, counts: bool) -> Self {
        Self { inner, account, out: 0, packed, counts, works: true }
    }
    pub(super) fn file(inner: R, account: &'d Account<'d>, packed: u64) -> Self {
        Self { inner, account, out: 0, packed, counts: true, works: false }
    }
}
impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.out += n as u64;
        // A call is work too, if it gives nothing.
        if self.works {
            self.account.spend(n as u64 + 16).map_err(fault)?;
        }
        if self.counts {
            self.account.unpack(n as u64, self.out, self.packed).map_err(fault)?;
        }
        Ok(n)
    }
}

/// A reason on its way through readers.
#[derive(Debug)]
struct Fault(GapReason);
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}
impl std::error::Error for Fault {}
pub(super) fn fault(reason: GapReason) -> io::Error {
    match reason {
        // What readers outside know by these kinds.
        GapReason::Bomb => io::ErrorKind::QuotaExceeded.into(),
        GapReason::TooLarge => io::ErrorKind::FileTooLarge.into(),
        _ => io::Error::other(Fault(reason)),
    }
}
/// Why reading ended with `error`.
pub(super) fn reason(error: &io::Error) -> GapReason {
    match error.get_ref().and_then(|e| e.downcast_ref()) {
        Some(Fault(reason)) => *reason,
        None => unpack::reason(error),
    }
}
