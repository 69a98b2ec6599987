//! Text on its way to the scanner: what a reader finds piece by piece becomes one stream, and bytes of one form
//! become bytes of another (a transfer encoding, a character set, escapes).
//!
//! Everything is pulled: a stream holds one buffer of fixed size and what one step made of it, so that no document
//! is ever whole in memory. Refused: a chain of `String`s, which is what most readers of documents give.

use crate::text::fill;
use evidence::GapReason;
use std::io::{self, Read};

/// A reason on its way through readers.
#[derive(Debug)]
struct Fault(GapReason);
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}
impl std::error::Error for Fault {}
/// An error that says why a reader ended. Its kind says nearly the same, for those who look at nothing else.
pub(crate) fn fault(reason: GapReason) -> io::Error {
    let kind = match reason {
        GapReason::TooLarge => io::ErrorKind::FileTooLarge,
        GapReason::Bomb => io::ErrorKind::QuotaExceeded,
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, Fault(reason))
}
/// The reason in an error that [`fault`] made.
pub(crate) fn reason_in(error: &io::Error) -> Option<GapReason> {
    error.get_ref()?.downcast_ref().map(|Fault(reason)| *reason)
}

/// Text that `more` finds piece by piece, as one stream of UTF-8.
///
/// `more` appends to what it is given and says whether there may be more; it need not append on every call.
pub(crate) struct Pieces<'p, F> {
    more: F,
    stopped: &'p dyn Fn() -> bool,
    out: Vec<u8>,
    at: usize,
    ended: Option<Result<(), GapReason>>,
}
impl<'p, F: FnMut(&mut Vec<u8>) -> Result<bool, GapReason>> Pieces<'p, F> {
    pub(crate) fn new(stopped: &'p dyn Fn() -> bool, more: F) -> Self {
        Self { more, stopped, out: Vec::new(), at: 0, ended: None }
    }
    fn fetch(&mut self) {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && self.ended.is_none() {
            self.ended = match (self.more)(&mut self.out) {
                Ok(true) if (self.stopped)() => Some(Ok(())),
                Ok(true) => None,
                Ok(false) => Some(Ok(())),
                Err(reason) => Some(Err(reason)),
            };
        }
    }
}
impl<F: FnMut(&mut Vec<u8>) -> Result<bool, GapReason>> Read for Pieces<'_, F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut n = 0;
        while n < buf.len() {
            if self.at >= self.out.len() {
                self.fetch();
            }
            let rest = self.out.get(self.at..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let take = rest.len().min(buf.len() - n);
            buf[n..n + take].copy_from_slice(&rest[..take]);
            (n, self.at) = (n + take, self.at + take);
        }
        match self.ended {
            Some(Err(reason)) if n == 0 && !buf.is_empty() => Err(fault(reason)),
            _ => Ok(n),
        }
    }
}

/// A rule that turns bytes into bytes.
pub(crate) trait Turn {
    /// Appends to `out` what the beginning of `input` turns into and returns how many bytes it used. What is left
    /// comes again with more behind it; under `last` nothing more comes, and all must be used.
    ///
    /// The end of a text is told by an empty `input` under `last`.
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason>;
}
impl<T: Turn + ?Sized> Turn for Box<T> {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        (**self).turn(input, last, out)
    }
}

/// Turns all of a short text; a rule that ends with a fault ends the text.
pub(crate) fn all(mut rule: impl Turn, mut input: &[u8], out: &mut Vec<u8>) {
    while !input.is_empty() {
        let Ok(used) = rule.turn(input, true, out) else { return };
        if used == 0 {
            out.extend_from_slice(input);
        }
        input = input.get(used..).filter(|_| used > 0).unwrap_or_default();
    }
    let _ = rule.turn(&[], true, out);
}

/// How much of a source is turned at a time.
const PIECE_BYTES: usize = 32 << 10;

/// A source, turned.
pub(crate) struct Turned<'s, T> {
    src: &'s mut dyn Read,
    turn: T,
    buf: Vec<u8>,
    start: usize,
    filled: usize,
    /// The source gives no more, and why.
    ended: Option<io::Result<()>>,
    out: Vec<u8>,
    at: usize,
    done: bool,
}
impl<'s, T: Turn> Turned<'s, T> {
    pub(crate) fn new(src: &'s mut dyn Read, turn: T) -> Self {
        let buf = vec![0; PIECE_BYTES];
        Self { src, turn, buf, start: 0, filled: 0, ended: None, out: Vec::new(), at: 0, done: false }
    }
    fn fetch(&mut self) {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && !self.done {
            if self.ended.is_none() {
                self.buf.copy_within(self.start..self.filled, 0);
                (self.filled, self.start) = (self.filled - self.start, 0);
                self.ended = match fill(self.src, &mut self.buf, &mut self.filled) {
                    Ok(false) => None,
                    Ok(true) => Some(Ok(())),
                    Err(e) => Some(Err(e)),
                };
            }
            let input = &self.buf[self.start..self.filled];
            let last = self.ended.is_some();
            self.done = last && input.is_empty();
            match self.turn.turn(input, last, &mut self.out) {
                // A full buffer that a rule cannot use any of passes as it is.
                Ok(0) if !input.is_empty() && (last || input.len() == self.buf.len()) => {
                    self.out.extend_from_slice(input);
                    self.start = self.filled;
                }
                Ok(used) => self.start = (self.start + used).min(self.filled),
                Err(reason) => (self.ended, self.done) = (Some(Err(fault(reason))), true),
            }
        }
    }
}
impl<T: Turn> Read for Turned<'_, T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.out.len() {
            self.fetch();
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        if rest.is_empty() && !buf.is_empty() {
            return match self.ended.take() {
                Some(Err(e)) => Err(e),
                _ => Ok(0),
            };
        }
        let take = rest.len().min(buf.len());
        buf[..take].copy_from_slice(&rest[..take]);
        self.at += take;
        Ok(take)
    }
}

/// UTF-16 units on their way to UTF-8. A half of a pair that stands alone is a blank.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Units {
    high: Option<u16>,
}
impl Units {
    pub(crate) fn push(&mut self, unit: u16, out: &mut Vec<u8>) {
        let high = self.high.take();
        if unit & 0xFC00 == 0xD800 {
            self.high = Some(unit);
            return;
        }
        let c = match high {
            Some(high) => char::decode_utf16([high, unit]).next().and_then(Result::ok),
            None => char::from_u32(unit.into()),
        };
        out.extend_from_slice(c.unwrap_or(' ').encode_utf8(&mut [0; 4]).as_bytes());
    }
    /// All of `bytes`, two a unit, little end first.
    pub(crate) fn push_all(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for pair in bytes.as_chunks::<2>().0 {
            self.push(u16::from_le_bytes(*pair), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns `ab` into `X`, whatever the cuts.
    struct Pairs;
    impl Turn for Pairs {
        fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
            let mut used = 0;
            while let Some(rest) = input.get(used..).filter(|r| !r.is_empty()) {
                match rest {
                    [b'a', b'b', ..] => (used, _) = (used + 2, out.push(b'X')),
                    b"a" if !last => break,
                    [b'!', ..] => return Err(GapReason::TooDeep),
                    [b, ..] => (used, _) = (used + 1, out.push(*b)),
                    [] => break,
                }
            }
            Ok(used)
        }
    }
    struct OneByOne<'a>(&'a [u8]);
    impl Read for OneByOne<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let n = buf.len().min(1);
            self.0.read(&mut buf[..n])
        }
    }

    #[test]
    fn a_rule_sees_what_it_left_again() {
        let text = "ab-a-aab".repeat(20_000);
        let mut out = String::new();
        Turned::new(&mut OneByOne(text.as_bytes()), Pairs).read_to_string(&mut out).unwrap();
        assert_eq!(out, text.replace("ab", "X"));
        let mut out = Vec::new();
        let error = Turned::new(&mut &b"abab!ab"[..], Pairs).read_to_end(&mut out).unwrap_err();
        assert_eq!((&out[..], crate::unpack::reason(&error)), (&b"XX"[..], GapReason::TooDeep));
    }

    #[test]
    fn pieces_end_with_what_ended_them() {
        let mut n = 0;
        let mut pieces = Pieces::new(&|| false, |out| {
            n += 1;
            out.extend_from_slice(["", "ab", "", "c"][n % 4].as_bytes());
            if n > 8 { Err(GapReason::Bomb) } else { Ok(true) }
        });
        let mut out = Vec::new();
        let error = pieces.read_to_end(&mut out).unwrap_err();
        assert_eq!((&out[..], crate::unpack::reason(&error)), (&b"abcabcab"[..], GapReason::Bomb));
    }

    #[test]
    fn units_become_characters() {
        let mut out = Vec::new();
        let mut units = Units::default();
        for unit in [0x4E2D, 0xD83D, 0xDE00, 0xDC00, 0xD800, 0x61] {
            units.push(unit, &mut out);
        }
        assert_eq!(String::from_utf8(out).unwrap(), "中😀  ");
    }
}
