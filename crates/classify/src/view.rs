//! One byte per unit, whatever the encoding: what the finders look at.

use std::ops::Range;

/// How the bytes of a text stand for characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Encoding {
    /// Only ASCII so far: what follows decides.
    Ascii,
    /// UTF-8.
    Utf8,
    /// GB18030 (and so GBK and GB2312).
    Gb18030,
    /// Big5, with Hong Kong's characters.
    Big5,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
    /// Another superset of ASCII; only its ASCII is understood.
    Other,
}
impl Encoding {
    /// Bytes per code unit.
    #[must_use]
    pub fn unit(self) -> usize {
        if matches!(self, Self::Utf16Le | Self::Utf16Be) { 2 } else { 1 }
    }
    /// True if a byte of 0x81 or more begins a character of two bytes.
    pub(crate) fn is_double(self) -> bool {
        matches!(self, Self::Gb18030 | Self::Big5)
    }
    /// `text` in this encoding, if it has a form there.
    pub(crate) fn encode(self, text: &str) -> Option<Vec<u8>> {
        let by = |codec: &'static encoding_rs::Encoding| {
            let (bytes, _, lossy) = codec.encode(text);
            (!lossy).then(|| bytes.into_owned())
        };
        match self {
            Self::Utf8 | Self::Ascii => Some(text.as_bytes().to_vec()),
            Self::Gb18030 => by(encoding_rs::GB18030),
            Self::Big5 => by(encoding_rs::BIG5),
            Self::Utf16Le => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Utf16Be => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Other => None,
        }
    }
    /// The text of `bytes`; what is not well formed becomes U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8]) -> std::borrow::Cow<'_, str> {
        let by = |codec: &'static encoding_rs::Encoding| codec.decode_without_bom_handling(bytes).0;
        match self {
            Self::Utf8 | Self::Ascii => String::from_utf8_lossy(bytes),
            Self::Gb18030 => by(encoding_rs::GB18030),
            Self::Big5 => by(encoding_rs::BIG5),
            Self::Utf16Le => by(encoding_rs::UTF_16LE),
            Self::Utf16Be => by(encoding_rs::UTF_16BE),
            Self::Other => by(encoding_rs::WINDOWS_1252),
        }
    }
}

/// What a byte can be part of.
pub(crate) const DIGIT: u8 = 1;
pub(crate) const UPPER: u8 = 2;
pub(crate) const LOWER: u8 = 4;
pub(crate) static KIND: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = match i as u8 {
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            _ => 0,
        };
        i += 1;
    }
    table
};

/// The stand-in for a UTF-16 unit outside ASCII. 0xFF occurs in no valid UTF-8.
pub(crate) const WIDE: u8 = 0xFF;

/// Narrows UTF-16 into one byte per unit: ASCII and full-width digits and letters as such, all else 0xFF.
pub fn narrow(bytes: &[u8], encoding: Encoding, out: &mut Vec<u8>) {
    // Full-width digits and letters are read as what they stand for.
    let one = |u: u16| match u {
        0..0x80 => u.to_le_bytes()[0],
        0xFF10..=0xFF19 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A => (u - 0xFEE0).to_le_bytes()[0],
        _ => WIDE,
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    out.clear();
    match encoding {
        Encoding::Utf16Be => out.extend(pairs.iter().map(|p| one(u16::from_be_bytes(*p)))),
        _ => out.extend(pairs.iter().map(|p| one(u16::from_le_bytes(*p)))),
    }
}

/// A text as the finders see it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// The bytes, or the shadow of UTF-16.
    pub(crate) units: &'a [u8],
    pub(crate) encoding: Encoding,
    /// The original bytes of UTF-16.
    pub(crate) wide: &'a [u8],
}
impl View<'_> {
    /// The unit at `i`, or a blank outside the text.
    pub(crate) fn at(&self, i: usize) -> u8 {
        self.units.get(i).copied().unwrap_or(b' ')
    }
    /// The unit `n` before `i`, or a blank.
    pub(crate) fn before(&self, i: usize, n: usize) -> u8 {
        i.checked_sub(n).map_or(b' ', |j| self.at(j))
    }
    /// UTF-16 unit at `i`.
    pub(crate) fn wide_at(&self, i: usize) -> u16 {
        match self.wide.get(i * 2..i * 2 + 2) {
            Some(&[a, b]) if self.encoding == Encoding::Utf16Be => u16::from_be_bytes([a, b]),
            Some(&[a, b]) => u16::from_le_bytes([a, b]),
            _ => 0,
        }
    }
    /// True if the byte at `i` is not a character of its own but the second byte of one in GB18030.
    ///
    /// A run of bytes over 0x80 begins with a lead byte (whatever stood before it ended a character), and
    /// leads and trails alternate in it; so a low byte after an odd number of them is a trail. This holds for
    /// the digits of the four-byte form too.
    pub(crate) fn is_trail(&self, i: usize) -> bool {
        if !self.encoding.is_double() {
            return false;
        }
        let Some(before) = self.units.get(..i) else { return false };
        before.iter().rev().take_while(|b| **b >= 0x81).count() % 2 == 1
    }
    /// True if a word character of ASCII stands at `i` (and is no trail byte).
    pub(crate) fn is_word(&self, i: usize) -> bool {
        self.units.get(i).is_some_and(|b| KIND[usize::from(*b)] != 0) && !self.is_trail(i)
    }
    /// The text of `range`, decoded.
    pub(crate) fn text(&self, range: Range<usize>) -> std::borrow::Cow<'_, str> {
        let unit = self.unit();
        let bytes = if unit == 2 { self.wide } else { self.units };
        let end = (range.end * unit).min(bytes.len());
        self.encoding.decode(bytes.get(range.start * unit..end).unwrap_or_default())
    }
    /// Bytes per unit in the original.
    pub(crate) fn unit(&self) -> usize {
        self.encoding.unit()
    }
}
