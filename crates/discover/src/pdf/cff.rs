//! The encoding inside a font program in the Compact Font Format (Adobe Technical Note 5176): which code has which
//! name. Nothing else of the font is read.

use std::sync::LazyLock;

static STRINGS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("data/strings.txt").lines().filter(|l| !l.starts_with('#')).flat_map(|l| l.split(' ')).collect()
});

/// Bytes that are read from the front; nothing is read beyond their end.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}
impl<'a> Cursor<'a> {
    fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(n)?;
        let part = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(part)
    }
    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |v, b| v << 8 | usize::from(*b)))
    }
    /// An INDEX (5): where its items are.
    fn index(&mut self) -> Option<Index<'a>> {
        let count = self.number(2)?;
        if count == 0 {
            return Some(Index { offsets: &[], size: 1, data: &[], count });
        }
        let size = self.number(1).filter(|s| (1..=4).contains(s))?;
        let offsets = self.take((count + 1) * size)?;
        let index = Index { offsets, size, data: self.bytes.get(self.at.checked_sub(1)?..)?, count };
        self.at = (self.at - 1).checked_add(index.offset(count)?)?;
        Some(index)
    }
}
struct Index<'a> {
    offsets: &'a [u8],
    size: usize,
    /// Begins a byte before the items, for offsets begin with 1.
    data: &'a [u8],
    count: usize,
}
impl<'a> Index<'a> {
    fn offset(&self, i: usize) -> Option<usize> {
        Cursor::at(self.offsets, i * self.size).number(self.size)
    }
    fn get(&self, i: usize) -> Option<&'a [u8]> {
        if i >= self.count {
            return None;
        }
        self.data.get(self.offset(i)?..self.offset(i + 1)?)
    }
}

/// Where the first font's charset, encoding and glyphs are (9, table 9).
fn places(dict: &[u8]) -> Option<(usize, usize, usize)> {
    let (mut charset, mut encoding, mut glyphs, mut last) = (0, 0, None, 0usize);
    let mut cursor = Cursor::at(dict, 0);
    while let Some(b) = cursor.number(1) {
        match b {
            15 => charset = last,
            16 => encoding = last,
            17 => glyphs = Some(last),
            12 => _ = cursor.number(1),
            0..=21 => {}
            28 => last = cursor.number(2)?,
            29 => last = cursor.number(4)?,
            30 => while cursor.number(1)? & 0x0F != 0x0F {},
            32..=246 => last = b.saturating_sub(139),
            247..=250 => last = (b - 247) * 256 + cursor.number(1)? + 108,
            251..=254 => {
                // A negative number; no place is one.
                cursor.number(1)?;
                last = 0;
            }
            _ => return None,
        }
    }
    Some((charset, encoding, glyphs?))
}

/// The string number of each glyph (13).
fn charset(font: &[u8], at: usize, glyphs: usize) -> Option<Vec<usize>> {
    if at == 0 {
        return Some((0..glyphs).collect());
    }
    let mut cursor = Cursor::at(font, at);
    let mut out = vec![0];
    match cursor.number(1)? {
        0 => {
            while out.len() < glyphs {
                out.push(cursor.number(2)?);
            }
        }
        format @ (1 | 2) => {
            while out.len() < glyphs {
                let first = cursor.number(2)?;
                let more = cursor.number(format)?;
                out.extend((first..=first + more).take(glyphs - out.len()));
            }
        }
        _ => return None,
    }
    Some(out)
}

/// Calls `on` with every code and its glyph's name. False if the font has the standard encoding, or cannot be read.
pub(super) fn encoding(font: &[u8], on: &mut dyn FnMut(usize, &[u8])) -> bool {
    read(font, on).is_some()
}
fn read(font: &[u8], on: &mut dyn FnMut(usize, &[u8])) -> Option<()> {
    let mut cursor = Cursor::at(font, Cursor::at(font, 2).number(1)?);
    cursor.index()?;
    let (sets, at, glyphs) = places(cursor.index()?.get(0)?)?;
    let strings = cursor.index()?;
    if at < 2 {
        return None;
    }
    let glyphs = Cursor::at(font, glyphs).index()?.count;
    let sids = charset(font, sets, glyphs)?;
    let mut put = |code: usize, sid: usize| {
        let name = match STRINGS.get(sid) {
            Some(name) => name.as_bytes(),
            None => strings.get(sid - STRINGS.len()).unwrap_or_default(),
        };
        on(code, name);
    };
    let mut cursor = Cursor::at(font, at);
    let format = cursor.number(1)?;
    let count = cursor.number(1)?;
    let mut sids_left = sids.iter().skip(1);
    for _ in 0..count {
        let first = cursor.number(1)?;
        let more = if format & 0x7F == 1 { cursor.number(1)? } else { 0 };
        for code in first..=first + more {
            put(code, *sids_left.next()?);
        }
    }
    if format & 0x80 != 0 {
        for _ in 0..cursor.number(1)? {
            put(cursor.number(1)?, cursor.number(2)?);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names_and_nothing_breaks_it() {
        // Header, one name, a dictionary (charset at 51, encoding at 46, glyphs at 39), the string "pump", no routines.
        let mut font = b"\x01\0\x04\x01".to_vec();
        font.extend(b"\0\x01\x01\x01\x02F");
        font.extend(b"\0\x01\x01\x01\x0B\x1C\0\x33\x0F\x1C\0\x2E\x10\xB2\x11");
        font.extend(b"\0\x01\x01\x01\x05pump");
        font.extend(b"\0\0");
        assert_eq!(font.len(), 36);
        font.extend(b"\0\0\0");
        // Three glyphs; the first is none.
        font.extend(b"\0\x03\x01\x01\x01\x01\x01");
        font.extend(b"\0\x02\x07\x41\0");
        font.extend(b"\x01\0\x12\0\x01\x87\0");
        let names = |font: &[u8]| {
            let mut out = Vec::new();
            let good = encoding(font, &mut |code, name| out.push((code, String::from_utf8_lossy(name).into_owned())));
            (good, out)
        };
        assert_eq!(names(&font), (true, vec![(7, "one".to_owned()), (0x41, "pump".to_owned())]));
        for i in 0..font.len() {
            let _ = names(&font[..i]);
            for b in [0, 1, 0x7F, 0xFF] {
                let mut other = font.clone();
                other[i] = b;
                let _ = names(&other);
            }
        }
    }
}
