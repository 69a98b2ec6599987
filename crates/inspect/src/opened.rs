//! An open regular file that is read in pieces: large files of which only a part is wanted, or all of it once.

use crate::host::{Meta, Miss};
use rustix::io::Errno;
use std::os::fd::OwnedFd;

/// Bytes of one piece where a whole file is passed on.
const PIECE_BYTES: usize = 256 << 10;

/// An open file.
#[derive(Debug)]
pub(crate) struct Opened {
    handle: OwnedFd,
    /// What the file system said when it was opened.
    pub meta: Meta,
}
impl Opened {
    /// Takes a handle of a regular file.
    pub(crate) fn new(handle: OwnedFd, meta: Meta) -> Self {
        Self { handle, meta }
    }
    /// At most `len` bytes from `offset`; fewer at the file's end.
    pub(crate) fn piece(&self, offset: u64, len: usize) -> Result<Vec<u8>, Miss> {
        // Files of the kernel say that they are empty; those are read by their name only, never in pieces.
        let there = usize::try_from(self.meta.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut out = vec![0; len.min(there)];
        let have = self.fill(offset, &mut out)?;
        out.truncate(have);
        Ok(out)
    }
    /// Fills `out` from `offset`; gives the number of bytes, fewer than asked only at the file's end.
    pub(crate) fn fill(&self, offset: u64, out: &mut [u8]) -> Result<usize, Miss> {
        let mut have = 0;
        while let Some(rest) = out.get_mut(have..).filter(|r| !r.is_empty()) {
            match rustix::io::pread(&self.handle, rest, offset.saturating_add(have as u64)) {
                Ok(0) => break,
                Ok(n) => have += n,
                Err(Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(have)
    }
    /// Some bytes from `offset`; none at the file's end.
    pub(crate) fn read_at(&self, offset: u64, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match rustix::io::pread(&self.handle, &mut *out, offset) {
                Err(Errno::INTR) => {}
                done => return Ok(done?),
            }
        }
    }
    /// Passes the file on, piece by piece, until `take` wants no more; gives the number of bytes.
    pub(crate) fn each(&self, mut take: impl FnMut(&[u8]) -> bool) -> Result<u64, Miss> {
        let mut buffer = vec![0; PIECE_BYTES];
        let mut at = 0;
        loop {
            let have = self.fill(at, &mut buffer)?;
            let more = take(buffer.get(..have).unwrap_or_default());
            at += have as u64;
            if !more || have < buffer.len() {
                return Ok(at);
            }
        }
    }
    /// The extended attribute `name`, if the file has one and its file system knows such.
    pub(crate) fn attribute(&self, name: &str, bytes_max: usize) -> Option<Vec<u8>> {
        let mut out = vec![0; bytes_max];
        let have = rustix::fs::fgetxattr(&self.handle, name, &mut out).ok()?;
        out.truncate(have);
        Some(out)
    }
}
