//! The small languages inside a mail: header values (RFC 2047, 2231) and transfer encodings (RFC 2045), as mails in
//! the wild have them rather than as they should be.

use crate::charset::Decode;
use crate::turn::{Turn, all};
use evidence::GapReason;

/// All of `bytes` in UTF-8, given what is said of their character set.
fn decoded(label: Option<&[u8]>, bytes: &[u8], out: &mut Vec<u8>) {
    all(Decode::labelled(label), bytes, out);
}

/// A header's value in UTF-8: encoded words are decoded; neighbours of one set are one text, for writers cut
/// characters in two.
pub(crate) fn header_text(mut value: &[u8], out: &mut Vec<u8>) {
    let mut open: Option<(&[u8], Vec<u8>)> = None;
    let close = |open: &mut Option<(&[u8], Vec<u8>)>, out: &mut Vec<u8>| {
        if let Some((set, bytes)) = open.take() {
            decoded(Some(set), &bytes, out);
        }
    };
    while let Some(at) = memchr::memmem::find(value, b"=?") {
        let (before, rest) = value.split_at(at);
        let Some((set, bytes, length)) = encoded_word(rest) else {
            close(&mut open, out);
            decoded(None, &value[..at + 2], out);
            value = &value[at + 2..];
            continue;
        };
        let joins = open.as_ref().is_some_and(|(s, _)| s.eq_ignore_ascii_case(set)) && before.trim_ascii().is_empty();
        if !joins {
            let apart = open.is_none() || !before.trim_ascii().is_empty();
            close(&mut open, out);
            if apart {
                decoded(None, before, out);
            }
        }
        open.get_or_insert((set, Vec::new())).1.extend_from_slice(&bytes);
        value = &rest[length..];
    }
    close(&mut open, out);
    decoded(None, value, out);
}
/// Longest encoded word that is decoded (RFC 2047 ends at 75). Bytes.
const WORD_BYTES_MAX: usize = 4096;
/// Set, bytes and length of the encoded word at the beginning of `rest`.
fn encoded_word(rest: &[u8]) -> Option<(&[u8], Vec<u8>, usize)> {
    let rest = &rest[..rest.len().min(WORD_BYTES_MAX)];
    let mut parts = rest.get(2..)?.splitn(3, |b| *b == b'?');
    let (set, how, tail) = (parts.next()?, parts.next()?, parts.next()?);
    let end = memchr::memmem::find(tail, b"?=")?;
    let text = &tail[..end];
    if set.is_empty() || set.iter().any(|b| !b.is_ascii_graphic()) || text.contains(&b'\n') {
        return None;
    }
    let mut bytes = Vec::new();
    match how {
        b"B" | b"b" => all(Base64::default(), text, &mut bytes),
        b"Q" | b"q" => {
            let blanks: Vec<u8> = text.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
            all(QuotedPrintable, &blanks, &mut bytes);
        }
        _ => return None,
    }
    // RFC 2231: a language may follow the set.
    let set = set.split(|b| *b == b'*').next()?;
    Some((set, bytes, 2 + rest.get(2..)?.len() - tail.len() + end + 2))
}
/// A structured header's value: what stands first, in lower case, and its parameters.
#[derive(Default)]
pub(crate) struct Value {
    pub(crate) first: Vec<u8>,
    parameters: Vec<(Vec<u8>, Vec<u8>)>,
}
/// Parameters of one header; those beyond are not looked at.
const PARAMETERS_MAX: usize = 100;
impl Value {
    pub(crate) fn parse(raw: &[u8]) -> Self {
        let mut pieces = Vec::new();
        let (mut piece, mut quoted, mut escaped) = (Vec::new(), false, false);
        for b in raw {
            match b {
                _ if escaped => {
                    piece.push(*b);
                    escaped = false;
                }
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b';' if !quoted && pieces.len() < PARAMETERS_MAX => pieces.push(std::mem::take(&mut piece)),
                b'\r' | b'\n' => {}
                _ => piece.push(*b),
            }
        }
        pieces.push(piece);
        let mut pieces = pieces.into_iter();
        let first = pieces.next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
        let parameter = |p: Vec<u8>| {
            let at = p.iter().position(|b| *b == b'=')?;
            Some((p[..at].trim_ascii().to_ascii_lowercase(), p[at + 1..].trim_ascii().to_vec()))
        };
        Self { first, parameters: pieces.filter_map(parameter).collect() }
    }
    /// A parameter as it stands.
    pub(crate) fn raw(&self, name: &[u8]) -> Option<&[u8]> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_slice())
    }
    /// A parameter in UTF-8: in the forms of RFC 2231, in pieces or not, or with encoded words, as many mails have it.
    pub(crate) fn text(&self, name: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        if let Some(extended) = self.raw(&[name, b"*"].concat()) {
            extended_text(extended, true, &mut out);
            return Some(out);
        }
        if let Some(plain) = self.raw(name) {
            header_text(plain, &mut out);
            return Some(out);
        }
        let (mut bytes, mut set) = (Vec::new(), None);
        for i in 0..PARAMETERS_MAX {
            let numbered = [name, b"*", i.to_string().as_bytes()].concat();
            if let Some(piece) = self.raw(&[&numbered[..], b"*"].concat()) {
                let piece = if i == 0 { split_set(piece, &mut set) } else { piece };
                percent(piece, &mut bytes);
            } else if let Some(piece) = self.raw(&numbered) {
                bytes.extend_from_slice(piece);
            } else {
                break;
            }
        }
        (!bytes.is_empty()).then(|| {
            decoded(set.as_deref(), &bytes, &mut out);
            out
        })
    }
}
/// `gb2312'zh'%C9%ED` without its set, which goes to `set`.
fn split_set<'v>(value: &'v [u8], set: &mut Option<Vec<u8>>) -> &'v [u8] {
    let mut parts = value.splitn(3, |b| *b == b'\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(label), Some(_), Some(text)) => {
            *set = Some(label.to_vec()).filter(|l| !l.is_empty());
            text
        }
        _ => value,
    }
}
fn extended_text(value: &[u8], with_set: bool, out: &mut Vec<u8>) {
    let mut set = None;
    let text = if with_set { split_set(value, &mut set) } else { value };
    let mut bytes = Vec::new();
    percent(text, &mut bytes);
    decoded(set.as_deref(), &bytes, out);
}
fn percent(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some((first, rest)) = text.split_first() {
        let byte = rest.get(..2).filter(|_| *first == b'%').and_then(hex);
        out.push(byte.unwrap_or(*first));
        text = if byte.is_some() { &rest[2..] } else { rest };
    }
}
fn hex(digits: &[u8]) -> Option<u8> {
    let value = |b: u8| char::from(b).to_digit(16);
    u8::try_from(value(*digits.first()?)? << 4 | value(*digits.get(1)?)?).ok()
}

/// Base64, whatever stands between its characters; padding ends a group, and another may follow.
#[derive(Default)]
pub(crate) struct Base64 {
    bits: u32,
    count: u8,
}
impl Base64 {
    const VALUES: [u8; 256] = {
        let mut table = [0xFF; 256];
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut i = 0;
        while i < 64 {
            table[letters[i] as usize] = i as u8;
            i += 1;
        }
        table
    };
    fn flush(&mut self, out: &mut Vec<u8>) {
        let bytes = usize::from(self.count * 3 / 4);
        let whole = self.bits << (6 * (4 - u32::from(self.count))) << 8;
        out.extend_from_slice(&whole.to_be_bytes()[..bytes]);
        (self.bits, self.count) = (0, 0);
    }
}
impl Turn for Base64 {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        for b in input {
            let value = Self::VALUES[usize::from(*b)];
            if value < 64 {
                self.bits = self.bits << 6 | u32::from(value);
                self.count += 1;
            }
            if self.count == 4 || (*b == b'=' && self.count > 0) {
                self.flush(out);
            }
        }
        if last && input.is_empty() && self.count > 0 {
            self.flush(out);
        }
        Ok(input.len())
    }
}

/// Quoted-printable; what is no valid sequence stands for itself.
pub(crate) struct QuotedPrintable;
impl Turn for QuotedPrintable {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'=', &input[at..]) {
            out.extend_from_slice(&input[at..at + found]);
            at += found;
            let rest = &input[at + 1..];
            // Blanks may stand between the sign and the end of the line that it joins to the next.
            let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
            at += match (rest.get(..2).and_then(hex), rest.get(blanks)) {
                (Some(byte), _) => {
                    out.push(byte);
                    3
                }
                (_, Some(b'\n')) => blanks + 2,
                _ if !last && blanks < 1000 && (rest.len() < 2 || blanks == rest.len()) => return Ok(at),
                _ => {
                    out.push(b'=');
                    1
                }
            };
        }
        out.extend_from_slice(&input[at..]);
        Ok(input.len())
    }
}

/// Lines of uuencode, between `begin` and `end`.
#[derive(Default)]
pub(crate) struct Uuencode;
impl Turn for Uuencode {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        let mut used = 0;
        while let Some(rest) = input.get(used..).filter(|r| !r.is_empty()) {
            let end = memchr::memchr(b'\n', rest);
            if end.is_none() && !last {
                break;
            }
            let line = rest[..end.unwrap_or(rest.len())].trim_ascii_end();
            used += end.map_or(rest.len(), |e| e + 1);
            let Some((count, body)) = line.split_first() else { continue };
            if line.starts_with(b"begin ") || line == b"end" || !(0x20..=0x60).contains(count) {
                continue;
            }
            let (from, mut count) = (out.len(), usize::from((count - 0x20) & 0x3F));
            for group in body.chunks(4) {
                let mut bits = 0u32;
                for i in 0..4 {
                    bits = bits << 6 | u32::from(group.get(i).map_or(0, |b| b.wrapping_sub(0x20) & 0x3F));
                }
                out.extend_from_slice(&bits.to_be_bytes()[1..]);
            }
            count = count.min(out.len() - from);
            out.truncate(from + count);
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_decoded_as_mails_have_them() {
        // Python: email.header.Header('张三的身份证', 'gb2312').encode() and by hand.
        for (raw, expect) in [
            ("=?gb2312?B?1cXI/bXEye233dak?= <a@b.cn>", "张三的身份证 <a@b.cn>"),
            ("=?GBK?Q?=D5=C5=C8=FD_x?=", "张三 x"),
            ("=?big5?b?qK2l98PSuLk=?=", "身份證號"),
            // One character cut in two, and blanks between words that are none.
            ("=?utf-8?B?6Lqr5A==?=\n =?utf-8?B?u70=?= end", "身份 end"),
            ("a =?x?= b =?utf-8*en?q?c?= d", "a =?x?= b c d"),
            ("plain", "plain"),
        ] {
            let mut out = Vec::new();
            header_text(raw.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expect, "{raw}");
        }
        let mut out = Vec::new();
        header_text(b"raw \xd5\xc5\xc8\xfd\xb5\xc4\xc9\xed\xb7\xdd\xd6\xa4", &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "raw 张三的身份证");
    }

    #[test]
    fn parameters_have_many_forms() {
        for (raw, expect) in [
            ("attachment; filename=\"a;b\\\"c.txt\"; size=3", "a;b\"c.txt"),
            ("attachment; FILENAME*=gb2312''%D5%C5%C8%FD.xls", "张三.xls"),
            ("attachment; filename*0*=utf-8''%E5%BC%A0; filename*1=\"b.txt\"", "张b.txt"),
            ("attachment; filename=\"=?gb2312?B?1cXI/Q==?=.doc\"", "张三.doc"),
        ] {
            let value = Value::parse(raw.as_bytes());
            assert_eq!(value.first, b"attachment");
            assert_eq!(String::from_utf8_lossy(&value.text(b"filename").unwrap()), expect, "{raw}");
        }
        assert_eq!(Value::parse(b"text/plain; charset = UTF-8").raw(b"charset"), Some(&b"UTF-8"[..]));
        assert!(Value::parse(b"text/plain").text(b"name").is_none());
    }

    #[test]
    fn transfer_encodings() {
        let check = |rule: &mut dyn FnMut(&[u8], &mut Vec<u8>), raw: &str, expect: &str| {
            let mut out = Vec::new();
            rule(raw.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expect, "{raw}");
        };
        let mut base64 = |raw: &[u8], out: &mut Vec<u8>| all(Base64::default(), raw, out);
        for (raw, expect) in [("YWJj\r\nZA==", "abcd"), ("YQ==YmM=", "abc"), ("YW Jj*ZGU", "abcde"), ("Y", "")] {
            check(&mut base64, raw, expect);
        }
        let mut quoted = |raw: &[u8], out: &mut Vec<u8>| all(QuotedPrintable, raw, out);
        for (raw, expect) in
            [("139=\r\n6183=  \n5674", "13961835674"), ("=e8=BA=AB", "身"), ("a=b=", "a=b="), ("=3D=", "==")]
        {
            check(&mut quoted, raw, expect);
        }
        // Python: binascii.b2a_uu(b'13961835674 phone')
        let mut uu = |raw: &[u8], out: &mut Vec<u8>| all(Uuencode, raw, out);
        check(&mut uu, "begin 644 a\n1,3,Y-C$X,S4V-S0@<&AO;F4 \n \nend\n", "13961835674 phone");
    }
}
