//! What comes out of a file by reference - a piece of a stream, a shared string, a chain of sectors - counts as if it
//! were unpacked, so that a small file cannot say a large thing any number of times.

use crate::Limits;
use crate::content::Worker;
use crate::turn::fault;
use evidence::GapReason;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Counts for the file at hand.
#[derive(Clone)]
pub(crate) struct Toll<'a> {
    total: Rc<Cell<u64>>,
    packed: u64,
    limits: &'a Limits,
}
impl<'a> Toll<'a> {
    pub(crate) fn of(worker: &Worker<'a>) -> Self {
        Self { total: Rc::clone(&worker.unpacked), packed: worker.packed, limits: &worker.config().limits }
    }
    /// Counts so many bytes; an error once they are too many.
    pub(crate) fn pay(&self, bytes: usize) -> Result<(), GapReason> {
        let total = self.total.get().saturating_add(bytes as u64);
        self.total.set(total);
        let l = self.limits;
        if total > l.bomb_bytes_min && total / l.container_ratio_max.max(1) > self.packed {
            return Err(GapReason::Bomb);
        }
        if total > l.container_bytes_max { Err(GapReason::TooLarge) } else { Ok(()) }
    }
    /// A member that pays for what it gives.
    pub(crate) fn paid<R>(self, inner: R) -> Paid<'a, R> {
        Paid { inner, toll: self, out: 0 }
    }
}
/// A source that pays.
pub(crate) struct Paid<'a, R> {
    inner: R,
    toll: Toll<'a>,
    out: u64,
}
impl<R: Read> Read for Paid<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.out = self.out.saturating_add(n as u64);
        self.toll.pay(n).map_err(fault)?;
        if self.out > self.toll.limits.member_bytes_max { Err(fault(GapReason::TooLarge)) } else { Ok(n) }
    }
}
