//! Character sets of old documents and mails: by number, by name, by looks; turned into UTF-8.

use crate::turn::Turn;
use classify::{Encoding, Kind, sniff};
use encoding_rs as enc;
use evidence::GapReason;

/// The character set of a Windows code page; what is not known counts as Western European, whose ASCII is right.
pub(crate) fn by_page(page: u16) -> &'static enc::Encoding {
    match page {
        874 => enc::WINDOWS_874,
        932 => enc::SHIFT_JIS,
        936 | 20936 | 51936 => enc::GBK,
        949 | 51949 => enc::EUC_KR,
        950 => enc::BIG5,
        1200 => enc::UTF_16LE,
        1201 => enc::UTF_16BE,
        1250 => enc::WINDOWS_1250,
        1251 => enc::WINDOWS_1251,
        1253 => enc::WINDOWS_1253,
        1254 => enc::WINDOWS_1254,
        1255 => enc::WINDOWS_1255,
        1256 => enc::WINDOWS_1256,
        1257 => enc::WINDOWS_1257,
        1258 => enc::WINDOWS_1258,
        10000 => enc::MACINTOSH,
        10007 => enc::X_MAC_CYRILLIC,
        20866 => enc::KOI8_R,
        51932 => enc::EUC_JP,
        54936 => enc::GB18030,
        65001 => enc::UTF_8,
        _ => enc::WINDOWS_1252,
    }
}

/// The character set of a Windows language id, for texts that name no code page.
pub(crate) fn by_language(id: u16) -> &'static enc::Encoding {
    by_page(match id & 0x3FF {
        0x04 if matches!(id, 0x0404 | 0x0C04 | 0x1404) => 950,
        0x04 => 936,
        0x11 => 932,
        0x12 => 949,
        0x19 | 0x22 | 0x23 => 1251,
        _ => 1252,
    })
}

/// All of a short text. UTF-16 has no mark here.
pub(crate) fn text(set: &'static enc::Encoding, bytes: &[u8], out: &mut Vec<u8>) {
    let (decoded, _) = set.decode_without_bom_handling(bytes);
    out.extend_from_slice(decoded.as_bytes());
}

/// Turns a text of a set, or of one that shows itself, into UTF-8.
pub(crate) struct Decode {
    /// What the text's container says, if it says anything that is known.
    declared: Option<&'static enc::Encoding>,
    decoder: Option<enc::Decoder>,
    /// HZ (RFC 1843): pairs of seven bits between `~{` and `~}`.
    hz: Option<bool>,
}
impl Decode {
    /// A text of which `label` is said.
    pub(crate) fn labelled(label: Option<&[u8]>) -> Self {
        let hz = label.is_some_and(|l| l.eq_ignore_ascii_case(b"hz-gb-2312") || l.eq_ignore_ascii_case(b"hz"));
        let declared = label.and_then(enc::Encoding::for_label).filter(|e| *e != enc::REPLACEMENT);
        Self { declared, decoder: None, hz: hz.then_some(false) }
    }
    /// A text that is known to be of `set`.
    pub(crate) fn of(set: &'static enc::Encoding) -> Self {
        Self { declared: None, decoder: Some(set.new_decoder_with_bom_removal()), hz: None }
    }
    /// True if `input` passes as it is. Decides at the first byte that is no ASCII; a text that is well-formed UTF-8
    /// is that, whatever is said of it, and a text that says it is UTF-8 and is not shows what it is.
    fn passes(&mut self, input: &[u8]) -> bool {
        if self.decoder.is_some() {
            return false;
        }
        // Sets whose ASCII is not ASCII show nothing: they are believed.
        if let Some(set) = self.declared.filter(|s| !s.is_ascii_compatible() || *s == enc::ISO_2022_JP) {
            self.decoder = Some(set.new_decoder_with_bom_removal());
            return false;
        }
        let Some(at) = input.iter().position(|b| *b >= 0x80) else { return true };
        let set = match (sniff(&input[at..]), self.declared) {
            (Kind::Text(Encoding::Utf8, _), _) => enc::UTF_8,
            // What says it is ASCII or Western European says little.
            (_, Some(set)) if set != enc::UTF_8 && set != enc::WINDOWS_1252 => set,
            (Kind::Text(Encoding::Gb18030, _), _) => enc::GB18030,
            _ => enc::WINDOWS_1252,
        };
        self.decoder = Some(set.new_decoder_with_bom_removal());
        false
    }
}
impl Turn for Decode {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        if let Some(on) = &mut self.hz {
            return Ok(hz(on, input, last, out));
        }
        if self.passes(input) {
            out.extend_from_slice(input);
            return Ok(input.len());
        }
        if let Some(decoder) = &mut self.decoder {
            decode(decoder, input, last && input.is_empty(), out);
        }
        Ok(input.len())
    }
}

/// Decodes all of `input`; a decoder that is told of the end takes nothing more.
pub(crate) fn decode(decoder: &mut enc::Decoder, mut input: &[u8], last: bool, out: &mut Vec<u8>) {
    let mut space = [0; 4096];
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(input, &mut space, last);
        out.extend_from_slice(&space[..written]);
        input = &input[read..];
        if result == enc::CoderResult::InputEmpty {
            return;
        }
    }
}

fn hz(on: &mut bool, input: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
    let mut used = 0;
    while let Some(rest) = input.get(used..).filter(|r| !r.is_empty()) {
        used += match rest {
            [_] if !last => break,
            [b'~', b'{', ..] => {
                *on = true;
                2
            }
            [b'~', b'}', ..] => {
                *on = false;
                2
            }
            [b'~', b'~', ..] if !*on => {
                out.push(b'~');
                2
            }
            [b'\n', ..] => {
                *on = false;
                out.push(b'\n');
                1
            }
            [a @ 0x21..=0x7E, b @ 0x21..=0x7E, ..] if *on => {
                text(enc::GBK, &[a | 0x80, b | 0x80], out);
                2
            }
            [b, ..] => {
                out.push(*b & 0x7F);
                1
            }
            [] => break,
        };
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::Turned;
    use std::io::Read;

    fn check(label: Option<&str>, bytes: &[u8], expect: &str) {
        let mut out = String::new();
        let mut src = bytes;
        Turned::new(&mut src, Decode::labelled(label.map(str::as_bytes))).read_to_string(&mut out).unwrap();
        assert_eq!(out, expect, "{label:?}");
    }

    #[test]
    fn texts_are_decoded_by_what_they_say_and_what_they_are() {
        // Python: '身份证号 1'.encode(...)
        check(Some("gb2312"), b"a \xc9\xed\xb7\xdd\xd6\xa4\xba\xc5 1", "a 身份证号 1");
        check(Some("GB18030"), b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5 1", "身份证号 1");
        check(Some("big5"), b"\xa8\xad\xa5\xf7\xc3\xd2\xb8\xb9", "身份證號");
        check(Some("utf-8"), "身份证号".as_bytes(), "身份证号");
        check(Some("utf-16le"), b"\xab\x8e\xfd\x4e", "身份");
        check(Some("iso-2022-jp"), b"\x1b$B?HJ,\x1b(B 1", "身分 1");
        check(Some("hz-gb-2312"), b"a ~{Im7]V$:E~} 1~~", "a 身份证号 1~");
        // What is said is wrong, or nothing.
        check(Some("gb2312"), "身份证号".as_bytes(), "身份证号");
        check(Some("us-ascii"), b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5", "身份证号");
        check(Some("iso-8859-1"), b"caf\xe9 au lait", "café au lait");
        check(Some("utf-8"), b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5", "身份证号");
        check(Some("x-nobody-knows"), b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5 1", "身份证号 1");
        check(None, b"plain, then \xc9\xed\xb7\xdd\xd6\xa4\xba\xc5 1", "plain, then 身份证号 1");
        check(None, b"", "");
        let long = "身份证号，".repeat(20_000);
        check(Some("gbk"), &enc::GBK.encode(&long).0, &long);
    }

    #[test]
    fn pages_and_languages() {
        assert_eq!((by_page(936), by_page(950), by_page(0)), (enc::GBK, enc::BIG5, enc::WINDOWS_1252));
        assert_eq!(
            (by_language(0x0804), by_language(0x0404), by_language(0x0409)),
            (enc::GBK, enc::BIG5, enc::WINDOWS_1252)
        );
    }
}
