//! A reader that stops at a limit and says so, instead of filling memory or ending as if the input had ended.

use std::io::{self, Read};

/// The limit of a [`Capped`] reader was reached; the kind of the `io::Error` is [`io::ErrorKind::FileTooLarge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapError {
    /// The limit in bytes.
    pub bytes_max: u64,
}
impl std::fmt::Display for CapError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "more than {} bytes", self.bytes_max)
    }
}
impl std::error::Error for CapError {}

/// Reads at most `bytes_max` bytes from `inner`; one byte more is an error, not an end.
#[derive(Debug)]
pub struct Capped<R> {
    inner: R,
    bytes_max: u64,
    left: u64,
}
impl<R: Read> Capped<R> {
    /// Caps `inner` at `bytes_max` bytes.
    pub fn new(inner: R, bytes_max: u64) -> Self {
        Self { inner, bytes_max, left: bytes_max }
    }
    /// Bytes read so far.
    pub fn read_so_far(&self) -> u64 {
        self.bytes_max - self.left
    }
    /// The reader below.
    pub fn inner(&mut self) -> &mut R {
        &mut self.inner
    }
    /// True if `error` came from a cap.
    #[must_use]
    pub fn is_cap(error: &io::Error) -> bool {
        match error.get_ref() {
            Some(inner) => inner.is::<CapError>(),
            None => false,
        }
    }
}
impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            let over = self.inner.read(&mut [0])? > 0;
            let error = io::Error::new(io::ErrorKind::FileTooLarge, CapError { bytes_max: self.bytes_max });
            return if over { Err(error) } else { Ok(0) };
        }
        let want = buf.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let got = self.inner.read(&mut buf[..want])?;
        self.left -= got as u64;
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_limit_is_fine_and_one_more_is_an_error() {
        let mut out = Vec::new();
        assert_eq!(Capped::new(&b"abcde"[..], 5).read_to_end(&mut out).unwrap(), 5);
        let error = Capped::new(&b"abcdef"[..], 5).read_to_end(&mut Vec::new()).unwrap_err();
        assert!(Capped::<&[u8]>::is_cap(&error));
        assert_eq!(error.to_string(), "more than 5 bytes");
        assert_eq!(Capped::new(&b""[..], 0).read_to_end(&mut Vec::new()).unwrap(), 0);
    }
}
