//! cpio archives: the new format with and without sums, the portable one, the old binary one in both orders.
//!
//! Read as a stream, one header at a time (cpio(5) of libarchive). What stands behind the end mark is read as one more
//! member: an initial memory disk is often several archives and compressions end to end.

use super::guard::{self, exact, reason};
use super::{Entries, inner};
use crate::content::Worker;
use evidence::PathText;
use std::io::{self, Cursor, ErrorKind, Read};

/// A longer name is no name. Bytes.
const NAME_BYTES_MAX: u64 = 64 << 10;
/// The name of the end mark.
const TRAILER: &[u8] = b"TRAILER!!!";
/// `S_IFMT` and `S_IFREG` of stat(2).
const KIND: u64 = 0o170_000;
const REGULAR: u64 = 0o100_000;

/// How the headers of an archive are written.
#[derive(Clone, Copy)]
enum Format {
    /// `newc` and `crc`: hexadecimal, everything in fours.
    New,
    /// `odc`: octal, nothing filled up.
    Portable,
    /// Words of 16 bits, everything in twos.
    Binary { is_big: bool },
}
impl Format {
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [b'0', b'7', b'0', b'7', b'0', b'1' | b'2', ..] => Some(Self::New),
            [b'0', b'7', b'0', b'7', b'0', b'7', ..] => Some(Self::Portable),
            [0xC7, 0x71, ..] => Some(Self::Binary { is_big: false }),
            [0x71, 0xC7, ..] => Some(Self::Binary { is_big: true }),
            _ => None,
        }
    }
    fn header_bytes(self) -> usize {
        match self {
            Self::New => 110,
            Self::Portable => 76,
            Self::Binary { .. } => 26,
        }
    }
    /// Names and data begin at multiples of this.
    fn unit(self) -> u64 {
        match self {
            Self::New => 4,
            Self::Portable => 1,
            Self::Binary { .. } => 2,
        }
    }
}

/// What a header says of its member.
#[derive(Debug, PartialEq)]
struct Header {
    mode: u64,
    name_bytes: u64,
    bytes: u64,
}
fn header(format: Format, bytes: &[u8]) -> Option<Header> {
    let digits = |from: usize, to: usize, radix: u32| {
        bytes
            .get(from..to)?
            .iter()
            .try_fold(0u64, |v, b| v.checked_mul(radix.into())?.checked_add(char::from(*b).to_digit(radix)?.into()))
    };
    let word = |at: usize, is_big: bool| {
        let pair = [*bytes.get(at)?, *bytes.get(at + 1)?];
        Some(u64::from(if is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }))
    };
    Some(match format {
        Format::New => {
            Header { mode: digits(14, 22, 16)?, name_bytes: digits(94, 102, 16)?, bytes: digits(54, 62, 16)? }
        }
        Format::Portable => {
            Header { mode: digits(18, 24, 8)?, name_bytes: digits(59, 65, 8)?, bytes: digits(65, 76, 8)? }
        }
        // The size is two words, the high one first in either order.
        Format::Binary { is_big } => Header {
            mode: word(6, is_big)?,
            name_bytes: word(20, is_big)?,
            bytes: word(22, is_big)? << 16 | word(24, is_big)?,
        },
    })
}

/// True if a content that begins so is one. The old binary mark is short, so what it says must make sense too.
pub(super) fn is_cpio(head: &[u8]) -> bool {
    let Some(format) = Format::of(head) else { return false };
    let Some(header) = header(format, head) else { return false };
    match format {
        Format::Binary { .. } => {
            let name = head.get(26..26 + usize::try_from(header.name_bytes).unwrap_or(usize::MAX));
            let kinds = [0o010_000, 0o020_000, 0o040_000, 0o060_000, 0o100_000, 0o120_000, 0o140_000];
            kinds.contains(&(header.mode & KIND))
                && name.is_some_and(|n| n.len() > 1 && memchr::memchr(0, n) == Some(n.len() - 1))
        }
        _ => true,
    }
}

/// Reads every member of an archive.
pub(super) fn cpio(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    if let Err(e) = read(worker, src, inside) {
        worker.gap(reason(&e), inside);
    }
}

fn read(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> io::Result<()> {
    let mut entries = Entries::default();
    let (mut begin, mut has_trailer) = ([0; 6], false);
    while !worker.root.stopped() {
        let filled = mark(worker, src, &mut begin, has_trailer)?;
        let mut rest = Cursor::new(begin).take(filled as u64).chain(&mut *src);
        has_trailer = match Format::of(&begin[..filled]) {
            None if filled == 0 && has_trailer => return Ok(()),
            // An archive that ends without its mark may have been cut.
            None if filled == 0 => return Err(ErrorKind::UnexpectedEof.into()),
            None if has_trailer => {
                worker.content(&mut rest, &inner(inside, b"after the trailer"));
                return Ok(());
            }
            None => return Err(ErrorKind::InvalidData.into()),
            Some(format) => match entry(worker, &mut rest, format, &mut entries, inside)? {
                Next::Member => false,
                Next::Trailer => true,
                Next::Enough => return Ok(()),
            },
        };
    }
    Ok(())
}

/// Reads the mark of the next header; after the end mark past zeros, which fill its block. Returns the bytes read.
fn mark(worker: &Worker<'_>, src: &mut dyn Read, begin: &mut [u8; 6], has_trailer: bool) -> io::Result<usize> {
    let mut filled = 0;
    loop {
        let ended = crate::text::fill(src, begin, &mut filled)?;
        let zeros = if has_trailer { begin[..filled].iter().take_while(|b| **b == 0).count() } else { 0 };
        begin.copy_within(zeros..filled, 0);
        filled -= zeros;
        if ended || filled == begin.len() || worker.root.stopped() {
            return Ok(filled);
        }
    }
}

enum Next {
    Member,
    Trailer,
    Enough,
}
fn entry(
    worker: &mut Worker<'_>,
    src: &mut dyn Read,
    format: Format,
    entries: &mut Entries,
    inside: &[PathText],
) -> io::Result<Next> {
    let mut held = [0; 110];
    let held = &mut held[..format.header_bytes()];
    if !exact(src, held)? {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let Some(header) = header(format, held).filter(|h| h.name_bytes <= NAME_BYTES_MAX) else {
        return Err(ErrorKind::InvalidData.into());
    };
    let mut name = Vec::new();
    src.take(header.name_bytes).read_to_end(&mut name)?;
    if (name.len() as u64) < header.name_bytes {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let name = name.split(|b| *b == 0).next().unwrap_or_default();
    let fill = |bytes: u64| (format.unit() - bytes % format.unit()) % format.unit();
    guard::pass(worker, src, fill(held.len() as u64 + header.name_bytes))?;
    if name == TRAILER && header.bytes == 0 {
        return Ok(Next::Trailer);
    }
    if !entries.another(worker, inside) {
        return Ok(Next::Enough);
    }
    if header.mode & KIND == REGULAR {
        guard::member(worker, src, header.bytes, &inner(inside, name))?;
    } else {
        guard::pass(worker, src, header.bytes)?;
    }
    guard::pass(worker, src, fill(header.bytes))?;
    Ok(Next::Member)
}
