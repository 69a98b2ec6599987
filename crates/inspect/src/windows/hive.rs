//! A registry hive as it lies on the disk (`regf`), read only.
//!
//! Keys are walked on demand: only the cells on the way to an asked key are looked at, and of a value only the bytes
//! that someone asks for. So a hive with secrets can be asked for a name or a flag while the rest is never touched.
//! The format is not documented by its maker; the layout here follows the published descriptions of it (M. Suhanov,
//! "Windows registry file format specification").
//!
//! Refused: the crate `notatin` (81 crates for what these lines do), recovering deleted keys, and following what
//! does not fit: each broken cell is an error of the question that met it, never a guess.

use super::data::Data;
use super::text;
use evidence::Time;

/// Bytes of the header; cells are counted from its end.
pub(crate) const BASE_BYTES: usize = 4096;
/// Most children or values of one key that are looked at.
const CHILDREN_MAX: usize = 200_000;
/// Most lists that the children of one key may be spread over.
const LISTS_MAX: usize = 20_000;
/// Longest data of one value, in bytes.
const VALUE_BYTES_MAX: usize = 1 << 20;
/// Bytes of one segment of big data.
const SEGMENT_BYTES: usize = 16_344;
/// Offset that stands for "none".
const NONE: u32 = u32::MAX;

/// Why bytes are no hive, or a question has no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HiveError {
    /// The signature, the version or the checksum of the header is wrong.
    NotAHive,
    /// A cell lies outside the file, has the wrong signature or a size that cannot be.
    Broken,
    /// More children, lists or bytes than the limit.
    TooMany,
}
impl std::fmt::Display for HiveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAHive => "not a registry hive",
            Self::Broken => "a cell of the hive is broken",
            Self::TooMany => "the hive exceeds a limit",
        })
    }
}
impl std::error::Error for HiveError {}

/// A key, found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HiveKey {
    /// Name.
    pub name: String,
    /// Last write.
    pub written: Option<Time>,
    children: u32,
    list: u32,
    values: u32,
    value_list: u32,
}

/// A value, found; its data is read by [`Hive::data`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HiveValue {
    /// Name; empty for the default value.
    pub name: String,
    /// Type.
    pub kind: u32,
    size: u32,
    cell: u32,
}

/// A hive.
#[derive(Clone)]
pub struct Hive {
    pub(crate) bytes: Vec<u8>,
    root: u32,
    minor: u32,
    dirty: bool,
}
impl std::fmt::Debug for Hive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hive({} bytes, dirty: {})", self.bytes.len(), self.dirty)
    }
}

fn word16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}
pub(crate) fn word32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
pub(crate) fn word64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
fn index(n: u32) -> Result<usize, HiveError> {
    usize::try_from(n).map_err(|_| HiveError::Broken)
}

/// The checksum of a header: its first 127 words, exclusive-or; 0 and all ones are moved by one.
pub(crate) fn checksum(base: &[u8]) -> Option<u32> {
    let words = base.get(..508)?.chunks_exact(4).filter_map(|c| word32(c, 0));
    Some(match words.fold(0, |a, w| a ^ w) {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    })
}

impl Hive {
    /// Opens a hive. Whether its last change was written to the end is told by [`Hive::dirty`].
    pub fn open(bytes: Vec<u8>) -> Result<Self, HiveError> {
        let base = bytes.get(..BASE_BYTES).ok_or(HiveError::NotAHive)?;
        let at = |n| word32(base, n).ok_or(HiveError::NotAHive);
        let (major, minor) = (at(20)?, at(24)?);
        if !base.starts_with(b"regf") || major != 1 || !(2..=6).contains(&minor) || at(28)? != 0 {
            return Err(HiveError::NotAHive);
        }
        // A header that was half written is a dirty hive too: its log holds a whole one.
        let dirty = at(4)? != at(8)? || checksum(base) != word32(base, 508);
        let root = at(36)?;
        Ok(Self { root, minor, dirty, bytes })
    }
    /// The last change did not reach the file, or not all of it; the transaction log holds it.
    #[must_use]
    pub fn dirty(&self) -> bool {
        self.dirty
    }

    /// The bytes of an allocated cell.
    fn cell(&self, offset: u32) -> Result<&[u8], HiveError> {
        let at = BASE_BYTES.checked_add(index(offset)?).ok_or(HiveError::Broken)?;
        let size = word32(&self.bytes, at).ok_or(HiveError::Broken)?.cast_signed();
        let len =
            size.checked_neg().and_then(|n| usize::try_from(n).ok()).filter(|n| *n >= 8).ok_or(HiveError::Broken)?;
        let end = at.checked_add(len).ok_or(HiveError::Broken)?;
        self.bytes.get(at + 4..end).ok_or(HiveError::Broken)
    }
    fn key_at(&self, offset: u32) -> Result<HiveKey, HiveError> {
        let cell = self.cell(offset)?;
        if !cell.starts_with(b"nk") {
            return Err(HiveError::Broken);
        }
        let w = |n| word32(cell, n).ok_or(HiveError::Broken);
        let flags = word16(cell, 2).ok_or(HiveError::Broken)?;
        let len = usize::from(word16(cell, 72).ok_or(HiveError::Broken)?);
        let name = cell.get(76..76 + len).ok_or(HiveError::Broken)?;
        Ok(HiveKey {
            name: name_text(name, flags & 0x20 != 0),
            written: super::data::filetime(word64(cell, 4).ok_or(HiveError::Broken)?),
            children: w(20)?,
            list: w(28)?,
            values: w(36)?,
            value_list: w(40)?,
        })
    }
    /// The key at the top.
    pub fn root(&self) -> Result<HiveKey, HiveError> {
        self.key_at(self.root)
    }
    /// The keys right below `key`.
    pub fn subkeys(&self, key: &HiveKey) -> Result<Vec<HiveKey>, HiveError> {
        let mut out = Vec::new();
        self.each_child(key, |offset| {
            out.push(self.key_at(offset)?);
            Ok(true)
        })?;
        Ok(out)
    }
    /// The key `name` right below `key`, in any case.
    pub fn subkey(&self, key: &HiveKey, name: &str) -> Result<Option<HiveKey>, HiveError> {
        let wanted = name.to_lowercase();
        let mut found = None;
        self.each_child(key, |offset| {
            let child = self.key_at(offset)?;
            if child.name.to_lowercase() == wanted {
                found = Some(child);
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }
    /// The key at a path of names with backslashes between, from the top.
    pub fn key(&self, path: &str) -> Result<Option<HiveKey>, HiveError> {
        let mut key = self.root()?;
        for name in path.split('\\').filter(|n| !n.is_empty()) {
            match self.subkey(&key, name)? {
                Some(child) => key = child,
                None => return Ok(None),
            }
        }
        Ok(Some(key))
    }
    fn each_child(&self, key: &HiveKey, mut take: impl FnMut(u32) -> Result<bool, HiveError>) -> Result<(), HiveError> {
        if key.children == 0 || key.list == NONE {
            return Ok(());
        }
        let mut seen = 0;
        let top = self.cell(key.list)?;
        if !top.starts_with(b"ri") {
            return self.each_of(top, &mut seen, &mut take).map(drop);
        }
        // A list of lists; never a list of lists of lists.
        let lists = usize::from(word16(top, 2).ok_or(HiveError::Broken)?);
        if lists > LISTS_MAX {
            return Err(HiveError::TooMany);
        }
        for n in 0..lists {
            let list = self.cell(word32(top, 4 + 4 * n).ok_or(HiveError::Broken)?)?;
            if !self.each_of(list, &mut seen, &mut take)? {
                break;
            }
        }
        Ok(())
    }
    fn each_of(
        &self,
        list: &[u8],
        seen: &mut usize,
        take: &mut impl FnMut(u32) -> Result<bool, HiveError>,
    ) -> Result<bool, HiveError> {
        let width = match list.get(..2) {
            Some(b"lf" | b"lh") => 8,
            Some(b"li") => 4,
            _ => return Err(HiveError::Broken),
        };
        for n in 0..usize::from(word16(list, 2).ok_or(HiveError::Broken)?) {
            *seen += 1;
            if *seen > CHILDREN_MAX {
                return Err(HiveError::TooMany);
            }
            if !take(word32(list, 4 + width * n).ok_or(HiveError::Broken)?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// The values of `key`, without their data.
    pub fn values(&self, key: &HiveKey) -> Result<Vec<HiveValue>, HiveError> {
        if key.values == 0 || key.value_list == NONE {
            return Ok(Vec::new());
        }
        let count = index(key.values)?;
        if count > CHILDREN_MAX {
            return Err(HiveError::TooMany);
        }
        let list = self.cell(key.value_list)?;
        (0..count).map(|n| self.value_at(word32(list, 4 * n).ok_or(HiveError::Broken)?)).collect()
    }
    fn value_at(&self, offset: u32) -> Result<HiveValue, HiveError> {
        let cell = self.cell(offset)?;
        if !cell.starts_with(b"vk") {
            return Err(HiveError::Broken);
        }
        let w = |n| word32(cell, n).ok_or(HiveError::Broken);
        let len = usize::from(word16(cell, 2).ok_or(HiveError::Broken)?);
        let ascii = word16(cell, 16).ok_or(HiveError::Broken)? & 1 != 0;
        let name = cell.get(20..20 + len).ok_or(HiveError::Broken)?;
        // Data of up to four bytes stands in the cell itself.
        let (size, cell_offset) = (w(4)?, if w(4)? & 0x8000_0000 == 0 { w(8)? } else { offset });
        Ok(HiveValue { name: name_text(name, ascii), kind: w(12)?, size, cell: cell_offset })
    }
    /// At most the first `bytes_max` bytes of a value's data; what is behind them is not looked at.
    pub fn bytes(&self, value: &HiveValue, bytes_max: usize) -> Result<Vec<u8>, HiveError> {
        let size = index(value.size & 0x7fff_ffff)?;
        let want = size.min(bytes_max);
        let cell = self.cell(value.cell)?;
        if value.size & 0x8000_0000 != 0 {
            return cell.get(8..8 + want).filter(|_| size <= 4).map(<[u8]>::to_vec).ok_or(HiveError::Broken);
        }
        if size > SEGMENT_BYTES && self.minor >= 4 {
            return self.big(cell, want);
        }
        cell.get(..want).map(<[u8]>::to_vec).ok_or(HiveError::Broken)
    }
    fn big(&self, cell: &[u8], want: usize) -> Result<Vec<u8>, HiveError> {
        if !cell.starts_with(b"db") {
            return Err(HiveError::Broken);
        }
        let segments = usize::from(word16(cell, 2).ok_or(HiveError::Broken)?);
        let list = self.cell(word32(cell, 4).ok_or(HiveError::Broken)?)?;
        let mut out = Vec::new();
        for n in 0..segments {
            let take = want.saturating_sub(out.len()).min(SEGMENT_BYTES);
            if take == 0 {
                break;
            }
            let segment = self.cell(word32(list, 4 * n).ok_or(HiveError::Broken)?)?;
            out.extend_from_slice(segment.get(..take).ok_or(HiveError::Broken)?);
        }
        if out.len() == want { Ok(out) } else { Err(HiveError::Broken) }
    }
    /// The data of a value.
    pub fn data(&self, value: &HiveValue) -> Result<Data, HiveError> {
        if index(value.size & 0x7fff_ffff)? > VALUE_BYTES_MAX {
            return Err(HiveError::TooMany);
        }
        Ok(Data::of(value.kind, &self.bytes(value, VALUE_BYTES_MAX)?))
    }
}

/// A name: bytes of Latin-1, or UTF-16.
fn name_text(bytes: &[u8], compressed: bool) -> String {
    if compressed { bytes.iter().map(|b| char::from(*b)).collect() } else { text::utf16(bytes) }
}
