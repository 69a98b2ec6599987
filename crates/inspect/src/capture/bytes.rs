//! Reads of numbers and texts in foreign bytes. Each says `None` beyond the end; nothing here can panic.

/// The byte at `at`.
pub(crate) fn u8_at(data: &[u8], at: usize) -> Option<u8> {
    data.get(at).copied()
}
fn array<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..at.checked_add(N)?)?.try_into().ok()
}
/// Big-endian 16 bits.
pub(crate) fn be16(data: &[u8], at: usize) -> Option<u16> {
    array(data, at).map(u16::from_be_bytes)
}
/// Big-endian 32 bits.
pub(crate) fn be32(data: &[u8], at: usize) -> Option<u32> {
    array(data, at).map(u32::from_be_bytes)
}
/// Little-endian 16 bits.
pub(crate) fn le16(data: &[u8], at: usize) -> Option<u16> {
    array(data, at).map(u16::from_le_bytes)
}
/// Little-endian 32 bits.
pub(crate) fn le32(data: &[u8], at: usize) -> Option<u32> {
    array(data, at).map(u32::from_le_bytes)
}
/// `len` bytes from `at`.
pub(crate) fn slice(data: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    data.get(at..at.checked_add(len)?)
}
/// Bytes from `at` to the end; empty beyond it.
pub(crate) fn rest(data: &[u8], at: usize) -> &[u8] {
    data.get(at..).unwrap_or_default()
}

/// Longest text that is kept of what a device says of itself, in characters.
const TEXT_CHARS_MAX: usize = 100;

/// What a device says of itself: UTF-8 (else with U+FFFD), up to the first zero byte, without control characters and
/// blanks at the ends, cut at 100 characters. `None` if nothing is left.
pub(crate) fn text(data: &[u8]) -> Option<String> {
    let data = data.split(|b| *b == 0).next().unwrap_or_default();
    let all = String::from_utf8_lossy(data);
    let kept: String = all.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// Walks forward through bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    data: &'a [u8],
    at: usize,
}
impl<'a> Cursor<'a> {
    /// At the beginning.
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }
    /// The next `len` bytes.
    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let out = slice(self.data, self.at, len)?;
        self.at += len;
        Some(out)
    }
    /// The next byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }
    /// The next 16 bits, little-endian.
    pub(crate) fn le16(&mut self) -> Option<u16> {
        le16(self.take(2)?, 0)
    }
    /// The next 32 bits, little-endian.
    pub(crate) fn le32(&mut self) -> Option<u32> {
        le32(self.take(4)?, 0)
    }
}
