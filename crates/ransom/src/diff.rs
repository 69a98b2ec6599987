//! What differs between two contents of a file: ranges, how regularly they come, and what the bytes in them look like.
//!
//! Byte by byte at equal offsets, in one pass, in pieces of any size, in memory that does not grow with the file. Encryption
//! leaves every byte where it was; an office program that saves anew moves them, and then nearly everything differs - what the
//! bytes look like tells the two apart, not how many there are. A short stretch of equal bytes inside a range belongs to
//! it ([`JOIN_BYTES_MAX`]): of random bytes one in 256 equals by luck what it replaced. Refused: a diff that finds moved text (it needs
//! memory, and no evidence here asks for it).

use crate::{Histogram, Veil};
use serde::{Deserialize, Serialize};

/// A stretch of equal bytes up to this long does not end a range. Less than half of the shortest pattern in use (16 bytes on, 16 off).
pub const JOIN_BYTES_MAX: u64 = 3;
/// Distances between the beginnings of ranges are counted rounded to this many bytes, because a range may begin late by luck.
pub const STRIDE_GRAIN: u64 = 16;
/// Different distances that are told apart in one file; further ones count as irregular.
const STRIDES_MAX: usize = 16;

/// What differs between a pre-image and what is there now. Of the histograms one counts the bytes that were in the changed
/// ranges, one those that are.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Size of the pre-image that was compared, bytes.
    pub before_bytes: u64,
    /// Size now, bytes.
    pub after_bytes: u64,
    /// Bytes in changed ranges, up to the shorter size.
    pub changed_bytes: u64,
    /// Number of changed ranges.
    pub ranges: u64,
    /// The commonest distance between the beginnings of successive ranges, in bytes, rounded to [`STRIDE_GRAIN`]; 0 if there are no two.
    pub stride: u64,
    /// How many distances are that one.
    pub stride_places: u64,
    /// Bytes in the changed ranges that no text has (control characters but tab, line and page ends): before.
    pub controls_before: u64,
    /// The same: now.
    pub controls_after: u64,
    /// Byte values that were in the changed ranges, veiled.
    pub was: Histogram,
    /// Byte values that are in them now, veiled.
    pub now: Histogram,
}

/// Compares two contents that come in pieces.
#[derive(Clone, Debug)]
pub struct Differ {
    veil: Veil,
    change: Change,
    at: u64,
    /// The range that is open: where it began and how many equal bytes stand at its end.
    open: Option<u64>,
    equal: Vec<u8>,
    last_begin: Option<u64>,
    strides: Vec<(u64, u64)>,
}

impl Differ {
    /// At the beginning of both contents.
    #[must_use]
    pub fn new(veil: Veil) -> Self {
        Self {
            veil,
            change: Change::default(),
            at: 0,
            open: None,
            equal: Vec::new(),
            last_begin: None,
            strides: Vec::new(),
        }
    }
    /// The next piece of both, from the same offset. Pieces of unequal length are the last ones: what follows on the
    /// longer side is only counted. A caller that knows from the file system that both share a stretch may [`Differ::skip`] it.
    pub fn feed(&mut self, before: &[u8], after: &[u8]) {
        let both = before.len().min(after.len());
        let (mut a, mut b) = (&before[..both], &after[..both]);
        while !a.is_empty() {
            // Long equal stretches are the usual case and cost a comparison of slices.
            if self.open.is_none() {
                let piece = a.len().min(256);
                if a[..piece] == b[..piece] {
                    self.at += piece as u64;
                    (a, b) = (&a[piece..], &b[piece..]);
                    continue;
                }
            }
            let piece = a.len().min(256);
            a[..piece].iter().zip(&b[..piece]).for_each(|(x, y)| self.byte(*x, *y));
            (a, b) = (&a[piece..], &b[piece..]);
        }
        self.change.before_bytes += before.len() as u64;
        self.change.after_bytes += after.len() as u64;
    }
    /// Passes over a stretch that is known to be equal on both sides.
    pub fn skip(&mut self, bytes: u64) {
        self.close();
        self.at += bytes;
        self.change.before_bytes += bytes;
        self.change.after_bytes += bytes;
    }
    fn byte(&mut self, was: u8, now: u8) {
        if was == now {
            if self.open.is_some() {
                self.equal.push(was);
                if self.equal.len() as u64 > JOIN_BYTES_MAX {
                    self.close();
                }
            }
        } else {
            if self.open.is_none() {
                self.begin();
            }
            for equal in std::mem::take(&mut self.equal) {
                self.count(equal, equal);
            }
            self.count(was, now);
        }
        self.at += 1;
    }
    fn begin(&mut self) {
        self.open = Some(self.at);
        self.change.ranges += 1;
        if let Some(last) = self.last_begin.replace(self.at) {
            let stride = (self.at - last + STRIDE_GRAIN / 2) / STRIDE_GRAIN * STRIDE_GRAIN;
            match self.strides.iter().position(|(s, _)| *s == stride) {
                Some(at) => self.strides[at].1 += 1,
                None if self.strides.len() < STRIDES_MAX => self.strides.push((stride, 1)),
                None => {}
            }
        }
    }
    fn count(&mut self, was: u8, now: u8) {
        self.change.changed_bytes += 1;
        self.change.controls_before += u64::from(is_control(was));
        self.change.controls_after += u64::from(is_control(now));
        self.change.was.add(self.veil.of(was));
        self.change.now.add(self.veil.of(now));
    }
    fn close(&mut self) {
        self.open = None;
        self.equal.clear();
    }
    /// What was found.
    #[must_use]
    pub fn finish(mut self) -> Change {
        // The commonest; of equally common ones the smallest, so that the answer does not depend on their order.
        if let Some((stride, places)) = self.strides.iter().max_by_key(|(s, n)| (*n, std::cmp::Reverse(*s))) {
            (self.change.stride, self.change.stride_places) = (*stride, *places);
        }
        self.change
    }
}

/// A byte that no text in UTF-8, GB 18030 or Latin has. (UTF-16 has zeros: its callers see a text before and after.)
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127)
}

/// The change between two whole contents.
#[must_use]
pub fn diff(before: &[u8], after: &[u8], veil: &Veil) -> Change {
    let mut differ = Differ::new(veil.clone());
    differ.feed(before, after);
    differ.finish()
}
