//! Whether a file of a known format still holds together, from its beginning and its end.
//!
//! `classify` says what a content claims to be; a file whose first bytes were left alone still claims it after the rest was
//! encrypted. So the cheap parts of a structure are followed as far as the two pieces reach: zip's directory and the headers
//! that it points to, checksums of PNG chunks, markers of JPEG, the end of a PDF, the headers of SQLite, gzip and OLE2. What has no
//! rule here holds if it was recognised. Refused: unpacking; a guard answers thousands of opens a second.

use crate::Standing;

/// How a content stands that `classify` recognised as `format`. `head` and `tail` are its first and last bytes (64 KiB each serve
/// well; they may overlap), `bytes` its size.
#[must_use]
pub fn standing(format: &str, head: &[u8], tail: &[u8], bytes: u64) -> Standing {
    if bytes == 0 || (head.iter().all(|b| *b == 0) && tail.iter().all(|b| *b == 0)) {
        return Standing::Empty;
    }
    if matches!(format, "binary" | "empty") {
        return Standing::Opaque;
    }
    let file = File { head, tail, bytes };
    if file.holds() { Standing::Valid } else { Standing::Broken }
}

struct File<'a> {
    head: &'a [u8],
    tail: &'a [u8],
    bytes: u64,
}

impl<'a> File<'a> {
    fn holds(&self) -> bool {
        let begins = |magic: &[u8]| self.head.starts_with(magic);
        if begins(b"PK\x03\x04") {
            self.zip()
        } else if begins(b"\x89PNG\r\n\x1a\n") {
            self.png()
        } else if begins(b"\xff\xd8\xff") {
            self.jpeg()
        } else if begins(b"%PDF-") {
            let end = self.end(2048);
            find(end, b"startxref").is_some() && find(end, b"%%EOF").is_some()
        } else if begins(b"\x1f\x8b") {
            // RFC 1952 §2.3.1: method 8, reserved flags zero.
            self.head.get(2) == Some(&8) && self.head.get(3).is_some_and(|flags| flags & 0xE0 == 0)
        } else if begins(b"SQLite format 3\0") {
            self.sqlite()
        } else if begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            // [MS-CFB] 2.2: byte order mark, sector shift 9 or 12, mini sector shift 6.
            self.head.get(28..34).is_some_and(|h| h[..2] == [0xFE, 0xFF] && matches!(h[2], 9 | 12) && h[4..] == [6, 0])
        } else {
            true
        }
    }
    /// The last bytes, at most so many.
    fn end(&self, max: usize) -> &'a [u8] {
        let from = if self.tail.is_empty() { self.head } else { self.tail };
        &from[from.len().saturating_sub(max)..]
    }
    /// Bytes at an offset of the file, if one of the pieces has them all.
    fn at(&self, offset: u64, len: usize) -> Option<&'a [u8]> {
        let within = |piece: &'a [u8], begin: u64| {
            let from = usize::try_from(offset.checked_sub(begin)?).ok()?;
            piece.get(from..from.checked_add(len)?)
        };
        within(self.head, 0).or_else(|| within(self.tail, self.bytes.checked_sub(self.tail.len() as u64)?))
    }

    /// APPNOTE 4.3: the end record names the directory, the directory names the local headers.
    fn zip(&self) -> bool {
        const END: usize = 22;
        let end = self.end(END + 0xFFFF);
        let Some(at) = rfind(end, b"PK\x05\x06") else { return false };
        let Some(record) = end.get(at..at + END) else { return false };
        let (count, size, offset) = (u16_at(record, 10), u32_at(record, 12), u32_at(record, 16));
        if offset == u32::MAX || count == u16::MAX {
            return true; // zip64: the record holds, the rest is not followed.
        }
        let Some(end_at) = self.bytes.checked_sub((end.len() - at) as u64) else { return false };
        let mut entry = u64::from(offset);
        if entry + u64::from(size) > end_at {
            return false;
        }
        for _ in 0..count.min(4096) {
            let Some(fixed) = self.at(entry, 46) else { return true };
            if !fixed.starts_with(b"PK\x01\x02") {
                return false;
            }
            let (name, extra, comment) = (u16_at(fixed, 28), u16_at(fixed, 30), u16_at(fixed, 32));
            let local = u64::from(u32_at(fixed, 42));
            let named = self.at(entry + 46, usize::from(name));
            let there = self.at(local, 30).zip(self.at(local + 30, usize::from(name)));
            let fits = |(header, inner): (&[u8], &[u8])| {
                header.starts_with(b"PK\x03\x04") && u16_at(header, 26) == name && named.is_none_or(|n| n == inner)
            };
            if !there.is_none_or(fits) {
                return false;
            }
            entry += 46 + u64::from(name) + u64::from(extra) + u64::from(comment);
        }
        true
    }

    /// PNG (ISO/IEC 15948) 5.3: length, type, data, CRC-32 of type and data; IEND last.
    fn png(&self) -> bool {
        let mut at = 8_u64;
        while let Some(header) = self.at(at, 8) {
            let length = u64::from(u32::from_be_bytes([header[0], header[1], header[2], header[3]]));
            if !header[4..].iter().all(u8::is_ascii_alphabetic) || at + 12 + length > self.bytes {
                return false;
            }
            let whole = usize::try_from(length).ok().and_then(|n| self.at(at + 4, n + 8));
            let Some((data, sum)) = whole.and_then(<[u8]>::split_last_chunk::<4>) else { break };
            if crc32(data) != u32::from_be_bytes(*sum) {
                return false;
            }
            if &header[4..] == b"IEND" {
                return true;
            }
            at += 12 + length;
        }
        find(self.end(64), b"IEND").is_some()
    }

    /// ITU-T T.81 B.1: segments up to the scan, in which 0xFF is followed by 0 or a restart; EOI at the end.
    fn jpeg(&self) -> bool {
        let mut at = 2_usize;
        while let Some(segment) = self.head.get(at..at + 4) {
            if segment[0] != 0xFF || segment[1] < 0xC0 {
                return false;
            }
            let length = usize::from(u16::from_be_bytes([segment[2], segment[3]]));
            if length < 2 {
                return false;
            }
            at += 2 + length;
            if segment[1] == 0xDA {
                break;
            }
        }
        let scan = self.head.get(at..).unwrap_or_default();
        // Further tables and scans of a progressive picture may follow; a foreign marker may not.
        let marks = |w: &[u8]| w[0] == 0xFF && !matches!(w[1], 0 | 0xC4 | 0xD0..=0xD9 | 0xDA..=0xDD | 0xFE | 0xFF);
        !scan.windows(2).any(marks) && find(self.end(4096), b"\xff\xd9").is_some()
    }

    /// <https://www.sqlite.org/fileformat2.html> 1.3.
    fn sqlite(&self) -> bool {
        let Some(header) = self.head.get(..100) else { return false };
        let page = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => u64::from(size),
        };
        page >= 512
            && page.is_power_of_two()
            && matches!(header[18], 1 | 2)
            && header[21..24] == [64, 32, 32]
            && self.bytes.is_multiple_of(page)
            && self.head.get(100).is_some_and(|kind| matches!(kind, 2 | 5 | 10 | 13))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|w| w == needle)
}
fn rfind(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).rposition(|w| w == needle)
}

const CRC: [u32; 256] = {
    let mut table = [0_u32; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xEDB8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
};
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, b| (crc >> 8) ^ CRC[usize::from((crc as u8) ^ b)])
}
