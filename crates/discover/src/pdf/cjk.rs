//! The character codes of Chinese, Japanese and Korean fonts that PDF knows by name (ISO 32000-1, 9.7.5.2).
//!
//! Most predefined CMaps are an encoding in other clothes: `GBK-EUC-H` is GBK, `UniGB-UCS2-H` is UTF-16, `ETen-B5-H` is
//! Big5. So `encoding_rs` reads them, and none of Adobe's tables, some megabytes of them, is needed. Numbers of
//! glyphs in a character collection (CID) follow the order of the national standard for the characters of that
//! standard; a table of runs, some kilobytes, turns those into text. Rarer ones stay unread, and are counted as such.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_16BE};
use std::sync::LazyLock;

/// A character collection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Gb1,
    Japan1,
    Korea1,
    Cns1,
}
impl Collection {
    /// By the `Ordering` of a CIDSystemInfo.
    pub(super) fn named(ordering: &[u8]) -> Option<Self> {
        Some(match ordering {
            b"GB1" => Self::Gb1,
            b"Japan1" => Self::Japan1,
            b"Korea1" => Self::Korea1,
            b"CNS1" => Self::Cns1,
            _ => return None,
        })
    }
    /// Puts the text of a glyph number behind `out`; false if it is not known.
    pub(super) fn text(self, cid: u32, out: &mut String) -> bool {
        // Proportional ASCII stands first everywhere; half-width ASCII has its place in each.
        let half = match self {
            Self::Gb1 => (814, 0x21),
            Self::Japan1 => (231, 0x20),
            Self::Korea1 => (8094, 0x20),
            Self::Cns1 => (13648, 0x20),
        };
        let in_run = |(first, c): (u32, u32)| cid.checked_sub(first).map(|n| n + c).filter(|c| *c <= 0x7E);
        let ascii = [(1, 0x20), half].into_iter().find_map(in_run);
        if let Some(c) = ascii.and_then(char::from_u32) {
            out.push(c);
            return true;
        }
        let runs = &RUNS[self as usize];
        let run = runs.get(runs.partition_point(|r| r.0 <= cid).wrapping_sub(1));
        let Some((first, _, cell)) = run.filter(|r| cid - r.0 < r.1) else { return false };
        let cell = cell + (cid - first);
        let width = if self == Self::Cns1 { 157 } else { 94 };
        let (row, column) = (cell / width, cell % width);
        let trail = match self {
            Self::Cns1 if column < 63 => 0x40 + column,
            Self::Cns1 => 0xA1 + column - 63,
            _ => 0xA1 + column,
        };
        let bytes = [row + 0xA1, trail].map(|b| u8::try_from(b).unwrap_or(0));
        let encoding = match self {
            Self::Gb1 => GB18030,
            Self::Japan1 => EUC_JP,
            Self::Korea1 => EUC_KR,
            Self::Cns1 => BIG5,
        };
        decoded(encoding, &bytes, out)
    }
}

/// First CID, how many, first cell; by collection.
static RUNS: LazyLock<[Vec<(u32, u32, u32)>; 4]> = LazyLock::new(|| {
    let mut all: [Vec<_>; 4] = Default::default();
    let mut collection = Collection::Gb1;
    for line in include_str!("data/cids.txt").lines().filter(|l| !l.starts_with('#')) {
        if let Some(named) = Collection::named(line.as_bytes()) {
            collection = named;
            continue;
        }
        for run in line.split(", ") {
            let mut numbers = run.split(' ').filter_map(|n| n.parse().ok());
            if let (Some(first), Some(count), Some(cell)) = (numbers.next(), numbers.next(), numbers.next()) {
                all[collection as usize].push((first, count, cell));
            }
        }
    }
    all
});

fn decoded(encoding: &'static Encoding, bytes: &[u8], out: &mut String) -> bool {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    out.push_str(text.as_deref().unwrap_or_default());
    text.is_some_and(|t| !t.is_empty())
}

/// How codes are cut and read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    /// UTF-16, big end first; `UCS2` is the same without pairs.
    Wide,
    Utf8,
    Utf32,
    /// An encoding of one, two or four bytes.
    Mixed(&'static Encoding),
    /// JIS in its seven-bit form.
    Jis,
}

/// A CMap that is known by its name.
#[derive(Clone, Copy)]
pub(super) struct Predefined {
    coding: Coding,
    pub(super) vertical: bool,
    /// ASCII is half as wide as Chinese; otherwise it is what the widths say of the first glyphs.
    half: bool,
    unicode: bool,
}

/// The predefined CMap of this name, if it is one that can be read.
pub(super) fn predefined(name: &[u8]) -> Option<Predefined> {
    let name = std::str::from_utf8(name).ok()?;
    let (stem, vertical) = match name {
        "H" => ("", false),
        "V" => ("", true),
        _ => name.strip_suffix("-H").map(|s| (s, false)).or_else(|| name.strip_suffix("-V").map(|s| (s, true)))?,
    };
    let coding = match stem {
        "" => Coding::Jis,
        "GB-EUC" | "GBpc-EUC" | "GBK-EUC" | "GBKp-EUC" | "GBK2K" => Coding::Mixed(GB18030),
        "B5pc" | "HKscs-B5" | "ETen-B5" | "ETenms-B5" => Coding::Mixed(BIG5),
        "83pv-RKSJ" | "90ms-RKSJ" | "90msp-RKSJ" | "90pv-RKSJ" | "Add-RKSJ" | "Ext-RKSJ" => Coding::Mixed(SHIFT_JIS),
        "EUC" => Coding::Mixed(EUC_JP),
        "KSC-EUC" | "KSCms-UHC" | "KSCms-UHC-HW" | "KSCpc-EUC" => Coding::Mixed(EUC_KR),
        _ => unicode(stem)?,
    };
    let half =
        matches!(stem, "GB-EUC" | "GBK-EUC" | "ETen-B5" | "90ms-RKSJ" | "Add-RKSJ" | "Ext-RKSJ" | "EUC" | "KSC-EUC")
            || stem.ends_with("-HW");
    Some(Predefined { coding, vertical, half, unicode: !matches!(coding, Coding::Mixed(_) | Coding::Jis) })
}
/// `UniGB-UCS2`, `UniJIS2004-UTF16`, `UniKS-UTF8` and their like.
fn unicode(stem: &str) -> Option<Coding> {
    let stem = stem.strip_suffix("-HW").unwrap_or(stem);
    let (whose, form) = stem.strip_prefix("Uni")?.split_once('-')?;
    if !matches!(whose, "GB" | "CNS" | "JIS" | "JIS2004" | "JISX0213" | "JISX02132004" | "JISPro" | "KS" | "AKR") {
        return None;
    }
    Some(match form {
        "UCS2" | "UTF16" => Coding::Wide,
        "UTF8" => Coding::Utf8,
        "UTF32" => Coding::Utf32,
        _ => return None,
    })
}

impl Predefined {
    /// How many bytes of `bytes` are the next code; at least one, if there are any.
    pub(super) fn length(&self, bytes: &[u8]) -> usize {
        let first = bytes.first().copied().unwrap_or(0);
        let second = bytes.get(1).copied().unwrap_or(0);
        let n = match self.coding {
            Coding::Jis => 2,
            Coding::Utf32 => 4,
            Coding::Wide if first & 0xFC == 0xD8 => 4,
            Coding::Wide => 2,
            Coding::Utf8 => match first {
                ..0xC0 => 1,
                0xC0..0xE0 => 2,
                0xE0..0xF0 => 3,
                0xF0.. => 4,
            },
            Coding::Mixed(encoding) => match first {
                ..0x81 | 0xFF => 1,
                0xA0..=0xDF if encoding == SHIFT_JIS => 1,
                _ if encoding == GB18030 && second.is_ascii_digit() => 4,
                _ => 2,
            },
        };
        n.min(bytes.len())
    }
    /// Puts the text of one code behind `out`; false if it is not known.
    pub(super) fn text(&self, code: &[u8], out: &mut String) -> bool {
        match (self.coding, code) {
            (Coding::Jis, [a, b]) => decoded(EUC_JP, &[a | 0x80, b | 0x80], out),
            (Coding::Wide, _) => decoded(UTF_16BE, code, out),
            (Coding::Utf8, _) => std::str::from_utf8(code).map(|t| out.push_str(t)).is_ok(),
            (Coding::Utf32, [a, b, c, d]) => {
                char::from_u32(u32::from_be_bytes([*a, *b, *c, *d])).map(|c| out.push(c)).is_some()
            }
            (Coding::Mixed(encoding), _) => decoded(encoding, code, out),
            _ => false,
        }
    }
    /// The glyph number of a code, where it is known without a table: for ASCII.
    pub(super) fn cid(&self, code: &[u8]) -> Cid {
        let ascii = match code {
            [b] => Some(*b),
            [0, b] | [0, 0, 0, b] if self.unicode => Some(*b),
            _ => None,
        };
        match ascii.filter(|b| (0x20..0x7F).contains(b)) {
            Some(_) if self.half => Cid::Half,
            Some(b) => Cid::Number(u32::from(b) - 31),
            None => Cid::Unknown,
        }
    }
}
/// What is known of a code's glyph number.
pub(super) enum Cid {
    Number(u32),
    /// One of half width.
    Half,
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predefined_maps_are_encodings() {
        // The codes are from Python's codecs; the names from table 118 of the standard.
        let table: [(&str, &[u8], &str); 14] = [
            ("GBK-EUC-H", b"\xD6\xD0\xB9\xFA1", "中国1"),
            ("GB-EUC-V", b"\xD6\xD0", "中"),
            ("GBK2K-H", b"\x81\x30\x81\x32A\xD6\xD0", "\u{82}A中"),
            ("UniGB-UCS2-H", b"\x4E\x2D\0A", "中A"),
            ("UniGB-UTF16-H", b"\xD8\x40\xDC\x0B", "\u{2000B}"),
            ("UniCNS-UTF8-H", "國a".as_bytes(), "國a"),
            ("UniJIS-UTF32-H", b"\0\0\x4E\x2D", "中"),
            ("UniJIS-UCS2-HW-H", b"\0A", "A"),
            ("ETen-B5-H", b"\xA4\xA4\xB0\xEAx", "中國x"),
            ("90ms-RKSJ-H", b"\x92\x86\xB1x", "中\u{FF71}x"),
            ("EUC-H", b"\xC3\xE6", "中"),
            ("H", b"\x43\x66", "中"),
            ("KSCms-UHC-H", b"\xC7\xD1", "한"),
            ("KSC-EUC-V", b"\xB1\xE2", "기"),
        ];
        for (name, mut bytes, expect) in table {
            let map = predefined(name.as_bytes()).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(map.vertical, name.ends_with('V'), "{name}");
            let mut text = String::new();
            while !bytes.is_empty() {
                let (code, rest) = bytes.split_at(map.length(bytes));
                assert!(map.text(code, &mut text), "{name}");
                bytes = rest;
            }
            assert_eq!(text, expect, "{name}");
        }
        for name in ["Identity-H", "CNS-EUC-H", "Uni-H", "UniXX-UCS2-H", "\u{7}", ""] {
            assert!(predefined(name.as_bytes()).is_none(), "{name}");
        }
    }

    #[test]
    fn glyph_numbers_of_collections() {
        // From cid2code.txt of the collections.
        let table = [
            (Collection::Gb1, 34, Some("A")),
            (Collection::Gb1, 814, Some("!")),
            (Collection::Gb1, 940, Some("啊")),
            (Collection::Gb1, 4559, Some("中")),
            (Collection::Gb1, 7702, Some("齄")),
            (Collection::Gb1, 20000, None),
            (Collection::Japan1, 1125, Some("亜")),
            (Collection::Japan1, 247, Some("0")),
            (Collection::Korea1, 1086, Some("가")),
            (Collection::Cns1, 595, Some("一")),
            (Collection::Cns1, 0, None),
        ];
        for (collection, cid, expect) in table {
            let mut text = String::new();
            let known = collection.text(cid, &mut text);
            assert_eq!(known.then_some(text.as_str()), expect, "{cid}");
        }
    }
}
