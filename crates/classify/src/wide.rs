//! Words outside ASCII, found in text of any encoding without transcoding it.
//!
//! Every character outside ASCII is asked once: a bit in a table of 64 Ki says whether a word of the list begins with
//! it, a second such table whether one goes on like this; most do not. Refused: a packed search (it takes some fifty
//! words at a time, and there are hundreds); an automaton over all words (half the speed, and a table per encoding
//! that leaves the cache).

use crate::view::{Encoding, View};
use std::ops::Range;

/// Words in the form of one encoding, by their first two characters.
pub(crate) struct Forms {
    /// Bytes of a character by its first byte.
    lengths: [u8; 256],
    /// First characters of words; those that are a word alone; first two characters.
    begins: Bits,
    alone: Bits,
    pairs: Bits,
    /// Of each word its bytes and its number; longer ones first. By the first character.
    buckets: Vec<Vec<(Box<[u8]>, u16)>>,
}

const BUCKETS: usize = 4096;

/// 64 Ki bits.
struct Bits(Box<[u64; 1024]>);
impl Bits {
    fn new() -> Self {
        Self(Box::new([0; 1024]))
    }
    fn set(&mut self, at: u16) {
        self.0[usize::from(at >> 6)] |= 1 << (at & 63);
    }
    #[inline]
    fn has(&self, at: u16) -> bool {
        self.0[usize::from(at >> 6)] >> (at & 63) & 1 != 0
    }
}

/// The first `n` bytes of `eight`, as 16 bits.
#[inline]
fn key(eight: u64, n: usize) -> u16 {
    /// The first bytes, by their number.
    const MASKS: [u64; 16] = {
        let mut masks = [u64::MAX; 16];
        let mut n = 0;
        while n < 8 {
            masks[n] = (1 << (8 * n)) - 1;
            n += 1;
        }
        masks
    };
    let kept = eight & MASKS[n & 15];
    (kept.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as u16
}
#[inline]
fn eight(rest: &[u8]) -> u64 {
    match rest.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => rest.iter().rev().fold(0, |all, b| all << 8 | u64::from(*b)),
    }
}
/// Bytes of the characters of an encoding, by their first byte.
fn lengths(encoding: Encoding) -> [u8; 256] {
    let mut lengths = [1; 256];
    for (lead, length) in (0..=255u8).zip(&mut lengths) {
        *length = match encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => 2,
            Encoding::Gb18030 | Encoding::Big5 if lead > 0x80 => 2,
            Encoding::Utf8 | Encoding::Ascii if lead >= 0xC0 => 2 + u8::from(lead >= 0xE0) + u8::from(lead >= 0xF0),
            _ => 1,
        };
    }
    lengths
}

impl Forms {
    /// The words of `texts`, each with its number. ASCII words are left out: they are found as tokens.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = (u16, &'t str)>, encoding: Encoding) -> Self {
        let buckets = vec![Vec::new(); BUCKETS];
        let lengths = lengths(encoding);
        let mut this = Self { lengths, begins: Bits::new(), alone: Bits::new(), pairs: Bits::new(), buckets };
        for (number, text) in texts.filter(|(_, t)| t.chars().next().is_some_and(|c| !c.is_ascii())) {
            let Some(bytes) = encoding.encode(text) else { continue };
            let Some(lead) = bytes.first() else { continue };
            let first = this.length(*lead);
            let begin = key(eight(&bytes), first);
            this.begins.set(begin);
            match bytes.get(first) {
                Some(next) => this.pairs.set(key(eight(&bytes), first + this.length(*next))),
                None => this.alone.set(begin),
            }
            this.buckets[usize::from(begin) % BUCKETS].push((bytes.into_boxed_slice(), number));
        }
        for bucket in &mut this.buckets {
            bucket.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        }
        this
    }
    /// Bytes of the character that begins with `lead`.
    #[inline]
    fn length(&self, lead: u8) -> usize {
        usize::from(self.lengths[usize::from(lead)])
    }
    /// Units of the character that begins with `lead`, in one-byte units or in those of UTF-16.
    #[inline]
    pub(crate) fn step(&self, lead: u8, unit: usize) -> usize {
        (self.length(lead) / unit).max(1)
    }

    /// The longest word that `rest` begins with: its length in bytes and its number.
    #[inline(always)]
    pub(crate) fn at(&self, rest: &[u8]) -> Option<(usize, u16)> {
        let eight = eight(rest);
        let first = self.length(eight as u8);
        let begin = key(eight, first);
        if !self.begins.has(begin) {
            return None;
        }
        let next = (eight >> (8 * first)) as u8;
        if self.pairs.has(key(eight, first + self.length(next))) || self.alone.has(begin) {
            return self.longest(rest, begin);
        }
        None
    }
    #[inline(never)]
    fn longest(&self, rest: &[u8], begin: u16) -> Option<(usize, u16)> {
        self.buckets[usize::from(begin) % BUCKETS].iter().find(|w| rest.starts_with(&w.0)).map(|w| (w.0.len(), w.1))
    }

    /// Calls `on` with every word of `view`, in order; words do not overlap. `high` says which units are outside ASCII, 64
    /// a word.
    pub(crate) fn each(&self, view: &View<'_>, high: &[u64], mut on: impl FnMut(Range<usize>, u16)) {
        let unit = view.unit();
        let bytes = if unit == 2 { view.wide } else { view.units };
        let mut i = 0;
        while let Some(at) = next(high, i) {
            let rest = bytes.get(at * unit..).unwrap_or_default();
            i = at
                + match self.at(rest) {
                    Some((length, number)) => {
                        on(at..at + length / unit, number);
                        (length / unit).max(1)
                    }
                    None => rest.first().map_or(1, |lead| self.step(*lead, unit)),
                };
        }
    }
}

/// The first bit at or after `from`.
#[inline]
fn next(bits: &[u64], from: usize) -> Option<usize> {
    let mut at = from / 64;
    let mut word = bits.get(at)? & u64::MAX << (from % 64);
    while word == 0 {
        at += 1;
        word = *bits.get(at)?;
    }
    Some(at * 64 + word.trailing_zeros() as usize)
}
