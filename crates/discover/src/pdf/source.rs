//! The bytes of a document, read from any place.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};

/// What a document is read from: a file, or memory.
pub(crate) trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

/// A document's bytes. Several streams are read at once, so each says where it reads.
pub(super) struct Source<'s> {
    inner: RefCell<&'s mut dyn Seekable>,
    bytes: u64,
}
impl<'s> Source<'s> {
    pub(super) fn new(inner: &'s mut dyn Seekable) -> io::Result<Self> {
        let bytes = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner: RefCell::new(inner), bytes })
    }
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
    /// The bytes from `at` on, `bytes` of them or what there is.
    pub(super) fn range(&self, at: u64, bytes: u64) -> Range<'_> {
        let end = at.saturating_add(bytes).min(self.bytes);
        Range { source: self, at: at.min(end), end }
    }
    /// A few bytes at `at`, as many as there are.
    pub(super) fn piece(&self, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        self.range(at, bytes as u64).read_to_end(&mut out)?;
        Ok(out)
    }
}

/// Reading at a place.
trait ReadAt {
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize>;
}
impl ReadAt for Source<'_> {
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.inner.borrow_mut();
        inner.seek(SeekFrom::Start(at))?;
        inner.read(buf)
    }
}
/// A stretch of a document.
pub(super) struct Range<'d> {
    source: &'d dyn ReadAt,
    at: u64,
    end: u64,
}
impl Read for Range<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let want = buf.len().min(rest);
        let n = if want == 0 { 0 } else { self.source.read_at(self.at, &mut buf[..want])? };
        self.at += n as u64;
        Ok(n)
    }
}
