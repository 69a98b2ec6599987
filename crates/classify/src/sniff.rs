//! Is it text, and in which encoding? From the first few kilobytes alone.

use crate::Encoding;

/// What the first bytes of a content look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text, with the length of its byte order mark.
    Text(Encoding, usize),
    /// No text.
    Binary,
}

/// How many bytes are looked at.
const HEAD_BYTES_MAX: usize = 4096;

/// Says what `head`, the beginning of a content, looks like. Empty is text.
#[must_use]
pub fn sniff(head: &[u8]) -> Kind {
    let head = &head[..head.len().min(HEAD_BYTES_MAX)];
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return Kind::Text(Encoding::Utf8, 3),
        [0xFF, 0xFE, 0, 0, ..] => return Kind::Binary,
        [0xFF, 0xFE, ..] => return Kind::Text(Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => return Kind::Text(Encoding::Utf16Be, 2),
        _ => {}
    }
    if memchr::memchr(0, head).is_some() {
        return utf16(head).map_or(Kind::Binary, |e| Kind::Text(e, 0));
    }
    if odd(head) * 50 > head.len() {
        return Kind::Binary;
    }
    if head.is_ascii() {
        return Kind::Text(Encoding::Ascii, 0);
    }
    match std::str::from_utf8(head) {
        Ok(_) => return Kind::Text(Encoding::Utf8, 0),
        Err(e) if e.error_len().is_none() && e.valid_up_to() > 0 => return Kind::Text(Encoding::Utf8, 0),
        Err(_) => {}
    }
    eight_bit(head)
}

/// Control characters that no text has. Counted in bytes over pieces of 255, which the compiler turns into vectors.
fn odd(head: &[u8]) -> usize {
    let is_odd = |b: u8| matches!(b, 1..=6 | 14..=26 | 28..=31 | 127);
    head.chunks(255).map(|piece| usize::from(piece.iter().map(|b| u8::from(is_odd(*b))).sum::<u8>())).sum()
}

/// UTF-16 without a mark: in one of the two orders nearly every unit is a usual character.
fn utf16(head: &[u8]) -> Option<Encoding> {
    let (pairs, _) = head.as_chunks::<2>();
    let usual = |u: u16| matches!(u, 9 | 10 | 13 | 0x20..=0x7E | 0xA0..=0x24F | 0x2010..=0x206F | 0x3000..=0x303F | 0x4E00..=0x9FFF | 0xFF00..=0xFFEF);
    let ascii = |u: u16| matches!(u, 9 | 10 | 13 | 0x20..=0x7E);
    let share = |order: fn([u8; 2]) -> u16| {
        let (mut bad, mut plain) = (0, 0);
        for p in pairs {
            let unit = order(*p);
            plain += usize::from(ascii(unit));
            bad += usize::from(!usual(unit));
            // More than one in twenty is unusual: nothing that follows changes that.
            if bad * 20 > pairs.len() {
                return (false, plain);
            }
        }
        (plain > 0, plain)
    };
    let (little, big) = (share(u16::from_le_bytes), share(u16::from_be_bytes));
    match (little.0, big.0) {
        _ if pairs.len() < 2 => None,
        (true, true) => Some(if little.1 >= big.1 { Encoding::Utf16Le } else { Encoding::Utf16Be }),
        (true, false) => Some(Encoding::Utf16Le),
        (false, true) => Some(Encoding::Utf16Be),
        (false, false) => None,
    }
}

/// How Big5 the high bytes look: characters, of these frequent ones (level 1, A440 to C67E), faults.
fn big5(head: &[u8]) -> (usize, usize, usize) {
    let (mut good, mut common, mut bad, mut i) = (0, 0, 0, 0);
    while let Some(&lead) = head.get(i) {
        if lead < 0x80 {
            i += 1;
            continue;
        }
        let Some(&trail) = head.get(i + 1) else { break };
        if matches!((lead, trail), (0x81..=0xFE, 0x40..=0x7E | 0xA1..=0xFE)) {
            good += 1;
            common += usize::from(matches!(lead, 0xA4..=0xC6) || (lead == 0xA1 && trail <= 0xBF));
            i += 2;
        } else {
            bad += 1;
            i += 1;
        }
    }
    (good, common, bad)
}

/// GB18030 if its characters are well formed and mostly from the common area, else another superset of ASCII.
fn eight_bit(head: &[u8]) -> Kind {
    let (mut good, mut common, mut bad, mut i) = (0usize, 0usize, 0usize, 0);
    while let Some(&lead) = head.get(i) {
        if lead < 0x80 {
            i += 1;
            continue;
        }
        let Some(&trail) = head.get(i + 1) else { break };
        match (lead, trail) {
            (0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE) => {
                good += 1;
                common += usize::from(matches!(lead, 0xA1..=0xA9 | 0xB0..=0xF7) && trail >= 0xA1);
                i += 2;
            }
            (0x81..=0xFE, b'0'..=b'9') if matches!(head.get(i + 2), None | Some(0x81..=0xFE)) => {
                good += 1;
                i += 4;
            }
            _ => {
                bad += 1;
                i += 1;
            }
        }
    }
    let gb = bad * 50 <= good && common * 10 >= good * 7;
    let (big, big_common, big_bad) = big5(head);
    // Half of the characters of either set are well formed in the other, but hardly ever frequent ones.
    let is_big5 = big_bad * 50 <= big && big_common * 10 >= big * 8 && big_common * good > common * big;
    if is_big5 && big > 0 {
        return Kind::Text(Encoding::Big5, 0);
    }
    if gb {
        return Kind::Text(Encoding::Gb18030, 0);
    }
    let high = head.iter().filter(|b| **b >= 0x80).count();
    if high * 10 <= head.len() * 4 { Kind::Text(Encoding::Other, 0) } else { Kind::Binary }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let text = "姓名,身份证号\n张三,1\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(sniff(text.as_bytes()), Kind::Text(Encoding::Utf8, 0));
        assert_eq!(sniff(&le), Kind::Text(Encoding::Utf16Le, 0));
        assert_eq!(sniff(&be), Kind::Text(Encoding::Utf16Be, 0));
        assert_eq!(sniff(b"\xff\xfea\0"), Kind::Text(Encoding::Utf16Le, 2));
        // "身份证号" in GB18030, from Python's codec.
        assert_eq!(sniff(b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5,1\n"), Kind::Text(Encoding::Gb18030, 0));
        // "身分證號碼，姓名：王小明。聯絡電話" in Big5, from Python's codec.
        let traditional = b"\xa8\xad\xa4\xc0\xc3\xd2\xb8\xb9\xbdX\xa1A\xa9m\xa6W\xa1G\xa4\xfd\xa4p\xa9\xfa\xa1C\xc1p\xb5\xb8\xb9q\xb8\xdc";
        assert_eq!(sniff(traditional), Kind::Text(Encoding::Big5, 0));
        assert_eq!(sniff(b"caf\xe9 au lait, d\xe9j\xe0 vu"), Kind::Text(Encoding::Other, 0));
        assert_eq!(sniff(b"plain"), Kind::Text(Encoding::Ascii, 0));
        assert_eq!(sniff(b""), Kind::Text(Encoding::Ascii, 0));
        assert_eq!(sniff(b"\x7fELF\x02\x01\x01\0\0\0\0\0"), Kind::Binary);
        assert_eq!(sniff(&[0; 4096]), Kind::Binary);
    }
}
