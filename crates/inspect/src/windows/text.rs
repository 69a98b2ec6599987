//! Text as Windows writes it: UTF-16 with or without a mark, UTF-8, or the code page of the console.
//!
//! A bundle says which code page its host's console has. Without that, bytes that are neither UTF-16 nor UTF-8 are
//! read with every byte above ASCII as U+FFFD: a name may become unreadable, a structure never does.

use encoding_rs::Encoding;

/// Bytes at the beginning that are looked at to tell UTF-16 without a mark.
const SNIFF_BYTES: usize = 512;

/// The text of `bytes`. `code_page` is the number of the console's code page, such as 936.
#[must_use]
pub fn decode(bytes: &[u8], code_page: Option<u16>) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(rest).into_owned();
    }
    // A text file of ASCII with a NUL behind each letter. Chinese text alone would not show this, but every source
    // here begins with a name or a tag in ASCII.
    let head = bytes.get(..bytes.len().min(SNIFF_BYTES)).unwrap_or_default();
    let zeros = head.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
    if zeros > 0 && zeros * 3 >= head.len() / 2 {
        return utf16(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match code_page.and_then(encoding) {
            Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            None => bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '\u{fffd}' }).collect(),
        },
    }
}

/// UTF-16, little-endian; an odd last byte is left out, a lone surrogate becomes U+FFFD.
#[must_use]
pub(crate) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|c| u16::from_le_bytes([first(c), second(c)]));
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
}
fn first(c: &[u8]) -> u8 {
    c.first().copied().unwrap_or(0)
}
fn second(c: &[u8]) -> u8 {
    c.get(1).copied().unwrap_or(0)
}

/// Code pages of consoles that the WHATWG encodings cover; 437 and 850 are not among them.
fn encoding(code_page: u16) -> Option<&'static Encoding> {
    Some(match code_page {
        936 | 54936 => encoding_rs::GB18030,
        950 => encoding_rs::BIG5,
        932 => encoding_rs::SHIFT_JIS,
        949 => encoding_rs::EUC_KR,
        866 => encoding_rs::IBM866,
        874 => encoding_rs::WINDOWS_874,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1252 => encoding_rs::WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1258 => encoding_rs::WINDOWS_1258,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 向日葵 in GBK is CF F2 C8 D5 BF FB (the table of GB 2312-80).
    #[test]
    fn every_way_to_write_a_text() {
        let sixteen: Vec<u8> = "Name 向日葵".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&[b"\xff\xfe", &sixteen[..]].concat(), None), "Name 向日葵");
        assert_eq!(decode(&sixteen, None), "Name 向日葵");
        assert_eq!(decode("\u{feff}向日葵".as_bytes(), None), "向日葵");
        assert_eq!(decode(b"a \xcf\xf2\xc8\xd5\xbf\xfb", Some(936)), "a 向日葵");
        assert_eq!(decode(b"a \xcf\xf2", Some(437)), "a \u{fffd}\u{fffd}");
        assert_eq!(utf16(b"\x00\xd8x"), "\u{fffd}");
        assert_eq!((decode(b"", None), decode(b"\xff", None)), (String::new(), "\u{fffd}".into()));
    }
}
