//! Words outside ASCII, found in text of any encoding without transcoding it.
//!
//! Every character outside ASCII is asked once: a bit in a table of 64 Ki says whether a word of the list begins with
//! it, and most do not. Refused: a packed search (it takes some fifty words at a time, and there are hundreds); an
//! automaton over all words (half the speed, and a table per encoding that leaves the cache).

use crate::view::{Encoding, View};
use std::ops::Range;

/// Words in the form of one encoding, by their first character.
pub(crate) struct Forms {
    encoding: Encoding,
    begins: Vec<u64>,
    /// Of each word its bytes and its number; longer ones first.
    buckets: Vec<Vec<(Box<[u8]>, u16)>>,
}

const BUCKETS: usize = 4096;

/// 16 bits that the first character of `rest` decides.
fn key(rest: &[u8], encoding: Encoding) -> usize {
    let byte = |i: usize| u32::from(rest.get(i).copied().unwrap_or(0));
    let first = match encoding {
        Encoding::Utf8 | Encoding::Ascii if byte(0) < 0xE0 => byte(0) << 8 | byte(1),
        Encoding::Utf8 | Encoding::Ascii => byte(0) << 16 | byte(1) << 8 | byte(2),
        _ => byte(0) << 8 | byte(1),
    };
    (first.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

impl Forms {
    /// The words of `texts`, each with its number. ASCII words are left out: they are found as tokens.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = (u16, &'t str)>, encoding: Encoding) -> Self {
        let (mut begins, mut buckets) = (vec![0u64; 1024], vec![Vec::new(); BUCKETS]);
        for (number, text) in texts.filter(|(_, t)| t.chars().next().is_some_and(|c| !c.is_ascii())) {
            let Some(bytes) = encoding.encode(text) else { continue };
            let key = key(&bytes, encoding);
            begins[key / 64] |= 1 << (key % 64);
            buckets[key % BUCKETS].push((bytes.into_boxed_slice(), number));
        }
        for bucket in &mut buckets {
            bucket.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        }
        Self { encoding, begins, buckets }
    }

    /// The longest word that `rest` begins with: its length in bytes and its number.
    pub(crate) fn at(&self, rest: &[u8]) -> Option<(usize, u16)> {
        let key = key(rest, self.encoding);
        if self.begins[key / 64] >> (key % 64) & 1 == 0 {
            return None;
        }
        self.buckets[key % BUCKETS].iter().find(|w| rest.starts_with(&w.0)).map(|w| (w.0.len(), w.1))
    }

    /// Calls `on` with every word of `view`, in order; words do not overlap.
    pub(crate) fn each(&self, view: &View<'_>, mut on: impl FnMut(Range<usize>, u16)) {
        let unit = view.unit();
        let bytes = if unit == 2 { view.wide } else { view.units };
        let mut i = 0;
        while let Some(&byte) = view.units.get(i) {
            if byte < 0x80 {
                i += ascii_ahead(&view.units[i..]);
                continue;
            }
            let rest = bytes.get(i * unit..).unwrap_or_default();
            match self.at(rest) {
                Some((length, number)) => {
                    on(i..i + length / unit, number);
                    i += (length / unit).max(1);
                }
                None => i += step(byte, view.encoding),
            }
        }
    }
}

/// How many ASCII units come next, up to eight.
fn ascii_ahead(rest: &[u8]) -> usize {
    match rest.first_chunk::<8>() {
        Some(eight) => {
            let high = u64::from_le_bytes(*eight) & 0x8080_8080_8080_8080;
            (high.trailing_zeros() / 8) as usize
        }
        None => 1,
    }
    .max(1)
}

/// Units of the character that begins with `lead`, which is not ASCII.
pub(crate) fn step(lead: u8, encoding: Encoding) -> usize {
    match (encoding, lead) {
        (Encoding::Gb18030 | Encoding::Big5, 0x81..) => 2,
        (Encoding::Utf8 | Encoding::Ascii, 0xE0..=0xEF) => 3,
        (Encoding::Utf8 | Encoding::Ascii, 0xC0..=0xDF) => 2,
        (Encoding::Utf8 | Encoding::Ascii, 0xF0..) => 4,
        _ => 1,
    }
}
