//! The encodings of values and levels. (Format: `Encodings.md` of apache/parquet-format.)
//!
//! Runs stay runs: a page that claims two thousand million empty values costs one step. Nothing is allocated by a
//! number that the file claims.

/// The bytes do not follow the encoding, or end too early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Broken;

fn varint(bytes: &mut &[u8]) -> Result<u64, Broken> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Broken)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Broken)
}
fn zigzag(bytes: &mut &[u8]) -> Result<i64, Broken> {
    let n = varint(bytes)?;
    Ok((n >> 1) as i64 ^ -((n & 1) as i64))
}
/// `width` bits from bit `at` on, low ends first.
fn bits(bytes: &[u8], at: usize, width: u32) -> u64 {
    let mut value = 0u128;
    for (i, byte) in bytes.iter().skip(at / 8).take(9).enumerate() {
        value |= u128::from(*byte) << (8 * i);
    }
    let mask = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
    (value >> (at % 8)) as u64 & mask
}

/// Levels and dictionary numbers: runs of equal values and stretches of packed ones (`RLE`).
pub(super) struct Runs<'a> {
    bytes: &'a [u8],
    width: u32,
    /// The run at hand: its value and how many are left; or packed bits, the next, and the end.
    run: (u64, u64),
    packed: &'a [u8],
    next: usize,
    end: usize,
}
impl<'a> Runs<'a> {
    pub(super) fn new(bytes: &'a [u8], width: u32) -> Self {
        Self { bytes, width, run: (0, 0), packed: &[], next: 0, end: 0 }
    }
    /// As many levels as there are, all zero: a column without levels.
    pub(super) fn zeros() -> Self {
        Self { bytes: &[], width: 0, run: (0, u64::MAX), packed: &[], next: 0, end: 0 }
    }
    /// Bits alone, the lowest first.
    pub(super) fn packed(bytes: &'a [u8]) -> Self {
        Self { bytes: &[], width: 1, run: (0, 0), packed: bytes, next: 0, end: bytes.len().saturating_mul(8) }
    }
    /// The next value and how often it follows, at most `most` times; nothing at the end.
    pub(super) fn next(&mut self, most: u64) -> Result<Option<(u64, u64)>, Broken> {
        loop {
            if self.run.1 > 0 {
                let n = self.run.1.min(most);
                if self.run.1 != u64::MAX {
                    self.run.1 -= n;
                }
                return Ok(Some((self.run.0, n)));
            }
            if self.next < self.end {
                let width = self.width as usize;
                let value = bits(self.packed, self.next * width, self.width);
                self.next += 1;
                return Ok(Some((value, 1)));
            }
            if self.bytes.is_empty() {
                return Ok(None);
            }
            let head = varint(&mut self.bytes)?;
            if head & 1 == 0 {
                let size = self.width.div_ceil(8) as usize;
                let value = self.bytes.get(..size).ok_or(Broken)?;
                self.run = (value.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)), head >> 1);
                self.bytes = &self.bytes[size..];
            } else {
                // Groups of eight. The last may be cut short.
                let groups = usize::try_from(head >> 1).map_err(|_| Broken)?;
                let size = groups.checked_mul(self.width as usize).ok_or(Broken)?.min(self.bytes.len());
                self.packed = &self.bytes[..size];
                self.bytes = &self.bytes[size..];
                let values = if self.width == 0 { groups.saturating_mul(8) } else { size * 8 / self.width as usize };
                if self.width == 0 {
                    (self.run, self.next, self.end) = ((0, values as u64), 0, 0);
                } else {
                    (self.next, self.end) = (0, values);
                }
            }
        }
    }
}

/// Values of one stretch of differences; writers use 32.
const MINI_VALUES_MAX: usize = 1 << 16;

/// Whole numbers as differences (`DELTA_BINARY_PACKED`).
pub(super) struct Deltas<'a> {
    bytes: &'a [u8],
    minis: usize,
    mini_values: usize,
    left: u64,
    value: i64,
    first: bool,
    least: i64,
    widths: &'a [u8],
    packed: &'a [u8],
    next: usize,
}
impl<'a> Deltas<'a> {
    pub(super) fn new(mut bytes: &'a [u8]) -> Result<Self, Broken> {
        let block = usize::try_from(varint(&mut bytes)?).map_err(|_| Broken)?;
        let minis = usize::try_from(varint(&mut bytes)?).map_err(|_| Broken)?;
        let left = varint(&mut bytes)?;
        let value = zigzag(&mut bytes)?;
        let mini_values = block.checked_div(minis).ok_or(Broken)?;
        if mini_values == 0 || mini_values > MINI_VALUES_MAX {
            return Err(Broken);
        }
        let (first, least, next) = (true, 0, mini_values);
        Ok(Self { bytes, minis, mini_values, left, value, first, least, widths: &[], packed: &[], next })
    }
    pub(super) fn next(&mut self) -> Result<Option<i64>, Broken> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        if std::mem::take(&mut self.first) {
            return Ok(Some(self.value));
        }
        if self.next == self.mini_values {
            self.mini()?;
        }
        let width = u32::from(*self.widths.first().ok_or(Broken)?);
        let delta = bits(self.packed, self.next * width as usize, width);
        self.next += 1;
        if self.next == self.mini_values {
            self.widths = &self.widths[1..];
        }
        self.value = self.value.wrapping_add(self.least).wrapping_add(delta as i64);
        Ok(Some(self.value))
    }
    fn mini(&mut self) -> Result<(), Broken> {
        if self.widths.is_empty() {
            self.least = zigzag(&mut self.bytes)?;
            self.widths = self.bytes.get(..self.minis).ok_or(Broken)?;
            self.bytes = &self.bytes[self.minis..];
        }
        let width = usize::from(*self.widths.first().ok_or(Broken)?);
        if width > 64 {
            return Err(Broken);
        }
        // The last may be cut short.
        let size = (self.mini_values * width).div_ceil(8).min(self.bytes.len());
        (self.packed, self.bytes) = self.bytes.split_at(size);
        self.next = 0;
        Ok(())
    }
    /// What follows the numbers. Those that are left are stepped over, a stretch at a time.
    fn rest(mut self) -> Result<&'a [u8], Broken> {
        self.left -= u64::from(self.left > 0 && self.first);
        while self.left > 0 {
            if self.next == self.mini_values {
                self.mini()?;
            }
            let values = self.mini_values - self.next;
            self.left = self.left.saturating_sub(values as u64);
            self.next = self.mini_values;
            self.widths = self.widths.get(1..).ok_or(Broken)?;
        }
        Ok(self.bytes)
    }
}

/// Texts, one after the other.
pub(super) enum Texts<'a> {
    /// Each after its length.
    Plain(&'a [u8]),
    /// Of one length.
    Fixed(&'a [u8], usize),
    /// All lengths before all texts.
    Lengths(Deltas<'a>, &'a [u8]),
    /// The length of what each shares with the one before, then the rest of each.
    Shared { prefixes: Deltas<'a>, lengths: Deltas<'a>, texts: &'a [u8], last: Vec<u8>, bytes_max: usize },
}
impl<'a> Texts<'a> {
    pub(super) fn lengths(bytes: &'a [u8]) -> Result<Self, Broken> {
        Ok(Self::Lengths(Deltas::new(bytes)?, Deltas::new(bytes)?.rest()?))
    }
    /// Of texts that share their beginnings no more than `bytes_max` of each is kept.
    pub(super) fn shared(bytes: &'a [u8], bytes_max: usize) -> Result<Self, Broken> {
        let suffixes = Deltas::new(bytes)?.rest()?;
        let (prefixes, lengths) = (Deltas::new(bytes)?, Deltas::new(suffixes)?);
        let texts = Deltas::new(suffixes)?.rest()?;
        Ok(Self::Shared { prefixes, lengths, texts, last: Vec::new(), bytes_max })
    }
    /// The next text.
    pub(super) fn next(&mut self) -> Result<&[u8], Broken> {
        let take = |bytes: &mut &'a [u8], n: usize| {
            let part = bytes.get(..n).ok_or(Broken)?;
            *bytes = &bytes[n..];
            Ok(part)
        };
        let size = |n: Option<i64>| n.and_then(|n| usize::try_from(n).ok()).ok_or(Broken);
        match self {
            Self::Plain(bytes) => {
                let n = take(bytes, 4)?.iter().rev().fold(0usize, |n, b| n << 8 | usize::from(*b));
                take(bytes, n)
            }
            Self::Fixed(bytes, n) => take(bytes, *n),
            Self::Lengths(lengths, texts) => take(texts, size(lengths.next()?)?),
            Self::Shared { prefixes, lengths, texts, last, bytes_max } => {
                let prefix = size(prefixes.next()?)?;
                let suffix = take(texts, size(lengths.next()?)?)?;
                // What is beyond the limit is not kept, so a longer prefix cannot be told from a broken one.
                if prefix > last.len() && last.len() < *bytes_max {
                    return Err(Broken);
                }
                last.truncate(prefix);
                let room = bytes_max.saturating_sub(last.len()).min(suffix.len());
                last.extend_from_slice(&suffix[..room]);
                Ok(last)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_stretches() {
        // The example of Encodings.md: 0 to 7 in three bits are 0x88 0xC6 0xFA; then five times 4.
        let mut runs = Runs::new(&[3, 0x88, 0xC6, 0xFA, 10, 4], 3);
        let mut got = Vec::new();
        while let Some((value, n)) = runs.next(u64::MAX).unwrap() {
            got.push((value, n));
        }
        assert_eq!(got, [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (4, 5)]);
        // Two thousand million values in a few bytes are one step.
        let mut huge = Runs::new(&[0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 1], 1);
        assert_eq!(huge.next(u64::MAX).unwrap(), Some((1, 0x7FFF_FFFF)));
        assert_eq!(Runs::new(&[2], 8).next(1), Err(Broken));
    }
}
