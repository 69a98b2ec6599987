//! The guards around everything that is unpacked: size, ratio, and how a fault is told apart.
//!
//! Each decoder sits between a [`Source`], which counts what it takes and remembers how that failed, and a [`Guard`],
//! which counts what it gives. So one rule holds for all of them, whatever a decoder makes of its input's errors.
//! What lies in an archive as it is (tar, cpio, ar) is a [`Part`]: it is bounded, but nothing is unpacked by it.

use crate::Limits;
use crate::content::Worker;
use crate::gather::Count;
use evidence::{GapReason, PathText};
use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

/// Why reading ended with `error`. The guards speak through kinds that readers do not use themselves.
pub(crate) fn reason(error: &io::Error) -> GapReason {
    use ErrorKind as K;
    if let Some(reason) = crate::turn::reason_in(error) {
        return reason;
    }
    match error.kind() {
        // Decoders that are given a memory limit report it as memory that there is not.
        K::FileTooLarge | K::OutOfMemory => GapReason::TooLarge,
        K::QuotaExceeded => GapReason::Bomb,
        K::PermissionDenied => GapReason::PermissionDenied,
        K::NotFound => GapReason::Vanished,
        K::Unsupported => GapReason::Unsupported,
        K::InvalidData | K::InvalidInput | K::UnexpectedEof | K::Other => GapReason::Corrupt,
        _ => GapReason::IoError,
    }
}

/// What a decoder took from its source.
#[derive(Default)]
pub(crate) struct Taken {
    /// Bytes; an archive may know them beforehand.
    pub(crate) bytes: Cell<u64>,
    failed: Cell<Option<ErrorKind>>,
}

/// Counts what passes, and fails for good once it failed.
pub(crate) struct Source<R> {
    inner: R,
    taken: Rc<Taken>,
}
impl<R> Source<R> {
    pub(crate) fn new(inner: R, taken: &Rc<Taken>) -> Self {
        Self { inner, taken: Rc::clone(taken) }
    }
}
impl<R: Read> Read for Source<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(kind) = self.taken.failed.get() {
            return Err(kind.into());
        }
        match self.inner.read(buf) {
            Ok(n) => {
                self.taken.bytes.set(self.taken.bytes.get().saturating_add(n as u64));
                Ok(n)
            }
            Err(e) => {
                if e.kind() != ErrorKind::Interrupted {
                    self.taken.failed.set(Some(e.kind()));
                }
                Err(e)
            }
        }
    }
}

/// True if so much came out of so little.
pub(crate) fn is_bomb(limits: &Limits, out: u64, packed: u64) -> bool {
    out > limits.bomb_bytes_min && out / limits.container_ratio_max.max(1) > packed
}
/// Counts bytes that came out of the file at hand not by inflating but by references, as if they were unpacked.
pub(crate) fn expanded(worker: &Worker<'_>, bytes: usize) -> Result<(), GapReason> {
    let total = worker.unpacked.get().saturating_add(bytes as u64);
    worker.unpacked.set(total);
    let limits = &worker.config().limits;
    if is_bomb(limits, total, worker.packed) {
        return Err(GapReason::Bomb);
    }
    if total > limits.container_bytes_max { Err(GapReason::TooLarge) } else { Ok(()) }
}

/// Ends what unpacks to too much: of itself, against its packed size, or together with all else in its file.
/// Once it has failed it fails in the same way for good.
pub(crate) struct Guard<'a, R> {
    inner: R,
    out: u64,
    /// A single stream is cut here; a stream of many members is not, each member is.
    bytes_max: u64,
    packed: Rc<Taken>,
    total: Rc<Cell<u64>>,
    file_packed: u64,
    limits: &'a Limits,
    failed: Option<ErrorKind>,
}
impl<'a, R> Guard<'a, R> {
    pub(crate) fn new(worker: &Worker<'a>, inner: R, packed: Rc<Taken>) -> Self {
        let (total, file_packed) = (Rc::clone(&worker.unpacked), worker.packed);
        let limits = &worker.config().limits;
        let bytes_max = limits.member_bytes_max;
        Self { inner, out: 0, bytes_max, packed, total, file_packed, limits, failed: None }
    }
    /// Of many members: only all of them together are bounded here.
    pub(crate) fn of_many(self) -> Self {
        Self { bytes_max: u64::MAX, ..self }
    }
    fn check(&self) -> Result<(), ErrorKind> {
        let (l, total) = (self.limits, self.total.get());
        if is_bomb(l, self.out, self.packed.bytes.get()) || is_bomb(l, total, self.file_packed) {
            return Err(ErrorKind::QuotaExceeded);
        }
        if self.out > self.bytes_max || total > l.container_bytes_max {
            return Err(ErrorKind::FileTooLarge);
        }
        Ok(())
    }
}
impl<R: Read> Read for Guard<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(kind) = self.failed {
            return Err(kind.into());
        }
        let result = match self.inner.read(buf) {
            Err(e) if e.kind() == ErrorKind::Interrupted => return Err(e),
            // Decoders dress up the errors of their sources.
            Err(e) => Err(self.packed.failed.get().unwrap_or(e.kind())),
            Ok(n) => {
                self.out = self.out.saturating_add(n as u64);
                self.total.set(self.total.get().saturating_add(n as u64));
                self.check().map(|()| n)
            }
        };
        result.map_err(|kind| {
            self.failed = Some(kind);
            kind.into()
        })
    }
}

/// One member of known size that lies in its archive as it is.
pub(crate) struct Part<'s> {
    src: &'s mut dyn Read,
    left: u64,
    /// What may still be given; beyond is too large.
    quota: u64,
    sum: Option<(flate2::Crc, u32)>,
}
impl<'s> Part<'s> {
    pub(crate) fn new(worker: &Worker<'_>, src: &'s mut dyn Read, bytes: u64) -> Self {
        Self { src, left: bytes, quota: worker.config().limits.member_bytes_max, sum: None }
    }
    /// One that is packed: how much of it is read is up to its decoder's guard.
    pub(crate) fn packed(src: &'s mut dyn Read, bytes: u64) -> Self {
        Self { src, left: bytes, quota: u64::MAX, sum: None }
    }
    /// With the CRC-32 that all of it should have.
    pub(crate) fn summed(self, crc: Option<u32>) -> Self {
        Self { sum: crc.map(|c| (flate2::Crc::new(), c)), ..self }
    }
    fn pull(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = buf.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if want == 0 {
            return Ok(0);
        }
        let n = self.src.read(&mut buf[..want])?;
        if n == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left -= n as u64;
        if let Some((sum, _)) = &mut self.sum {
            sum.update(&buf[..n]);
        }
        Ok(n)
    }
    /// Passes over what was not read, and checks the sum.
    ///
    /// # Errors
    /// Those of the source, which is of no more use then. `false` if the member is not what its sum says.
    pub(crate) fn finish(mut self, worker: &mut Worker<'_>) -> io::Result<bool> {
        let mut buf = worker.buffer();
        let result = loop {
            match self.pull(&mut buf) {
                Ok(0) => break Ok(self.sum.is_none_or(|(sum, expected)| sum.sum() == expected)),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => break Err(e),
                // Whoever stopped does not want to know.
                Ok(_) if worker.root.stopped() => break Ok(true),
                Ok(_) => {}
            }
        };
        worker.put_back(buf);
        result
    }
}
impl Read for Part<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = buf.len().min(usize::try_from(self.quota).unwrap_or(usize::MAX));
        if want == 0 && self.left > 0 && !buf.is_empty() {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let n = self.pull(&mut buf[..want])?;
        self.quota -= n as u64;
        Ok(n)
    }
}

/// Looks at a member of `bytes` bytes that begins at `src`, and leaves `src` behind it.
///
/// # Errors
/// Those of the source; what lies behind the member cannot be read then.
pub(crate) fn member(worker: &mut Worker<'_>, src: &mut dyn Read, bytes: u64, inside: &[PathText]) -> io::Result<()> {
    worker.count(Count::Members, 1);
    let mut part = Part::new(worker, src, bytes);
    worker.content(&mut part, inside);
    part.finish(worker).map(|_| ())
}
/// Passes over `bytes` bytes.
///
/// # Errors
/// Those of the source, or that it ends before.
pub(crate) fn pass(worker: &mut Worker<'_>, src: &mut dyn Read, bytes: u64) -> io::Result<()> {
    Part::new(worker, src, bytes).finish(worker).map(|_| ())
}

/// Passes over all that is left of `src`.
///
/// # Errors
/// Those of the source.
pub(crate) fn drain(worker: &mut Worker<'_>, src: &mut dyn Read) -> io::Result<()> {
    let mut buf = worker.buffer();
    let result = loop {
        match src.read(&mut buf) {
            Ok(0) => break Ok(()),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => break Err(e),
            Ok(_) if worker.root.stopped() => break Ok(()),
            Ok(_) => {}
        }
    };
    worker.put_back(buf);
    result
}

/// Reads until `buf` is full. `false` if the source ended before the first byte.
///
/// # Errors
/// Those of the source, or that it ended within.
pub(crate) fn exact(src: &mut dyn Read, buf: &mut [u8]) -> io::Result<bool> {
    let mut filled = 0;
    match crate::text::fill(src, buf, &mut filled)? {
        true if filled == 0 && !buf.is_empty() => Ok(false),
        true if filled < buf.len() => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(true),
    }
}
