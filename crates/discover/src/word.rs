//! Word 97 to 2003 (MS-DOC): the text of a document by its piece table.
//!
//! All text of a document - body, footnotes, headers, comments, endnotes, text boxes - is one sequence of characters,
//! and the piece table says where in the stream each part of it lies. Text that no piece leads to (what fast saves
//! leave) is not read. Earlier versions have no table we read: what lies between the marks of their header is
//! scanned, and the rest is `Unsupported`.

use crate::charset;
use crate::content::Worker;
use crate::legacy::Names;
use crate::ole::{Ole, u32_at};
use crate::toll::Toll;
use crate::turn::Units;
use crate::unpack::reason;
use evidence::{GapReason, PathText};
use std::io::{Read, Seek};

/// Bytes of the header that are looked at; the longest one is shorter.
const FIB_BYTES: usize = 4096;
/// Largest piece table: so much is some 700,000 pieces. Beyond is a gap (`TooLarge`). Bytes.
const PIECES_BYTES_MAX: usize = 8 << 20;
/// Text that is read in one go. Bytes.
const STEP_BYTES: usize = 16 << 10;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    u32_at(bytes, at).map(|n| n as u16)
}

/// Reads the document in the stream `doc`; `names` are its neighbours.
pub(crate) fn read<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    doc: usize,
    names: &Names,
    inside: &[PathText],
) -> Result<(), GapReason> {
    let mut fib = vec![0; FIB_BYTES];
    let mut filled = 0;
    let begun = crate::text::fill(&mut ole.open_stream(doc), &mut fib, &mut filled);
    fib.truncate(filled);
    let version = u16_at(&fib, 2).ok_or(GapReason::Corrupt)?;
    let flags = u16_at(&fib, 10).ok_or(GapReason::Corrupt)?;
    if flags & 0x0100 != 0 {
        return Err(GapReason::Encrypted);
    }
    match u16_at(&fib, 0) {
        // Word 97 is 0xC1; betas and other writers' files say less.
        Some(0xA5EC) if version >= 0xC0 => {}
        Some(0xA5EC | 0xA5DC | 0xA699 | 0xA697) => return old(worker, ole, doc, &fib, inside),
        _ => return Err(GapReason::Corrupt),
    }
    begun.map_err(|e| reason(&e))?;
    let (at, length) = piece_table_at(&fib).ok_or(GapReason::Corrupt)?;
    if length as usize > PIECES_BYTES_MAX {
        return Err(GapReason::TooLarge);
    }
    let table = names.get(if flags & 0x0200 != 0 { "1Table" } else { "0Table" }).ok_or(GapReason::Corrupt)?;
    let mut clx = Vec::new();
    let mut src = ole.open_stream(table);
    src.go(at.into());
    src.take(length.into()).read_to_end(&mut clx).map_err(|e| reason(&e))?;
    let pieces = Pieces::find(&clx).ok_or(GapReason::Corrupt)?;
    text(worker, ole, doc, pieces, inside)
}

/// Where the piece table lies in its stream, and its length (MS-DOC 2.5.1: number 33 of the pairs).
fn piece_table_at(fib: &[u8]) -> Option<(u32, u32)> {
    let words = usize::from(u16_at(fib, 32)?);
    let longs_at = 34 + words * 2;
    let longs = usize::from(u16_at(fib, longs_at)?);
    let pairs_at = longs_at + 2 + longs * 4;
    let pair = pairs_at + 2 + 33 * 8;
    (usize::from(u16_at(fib, pairs_at)?) > 33).then_some(())?;
    Some((u32_at(fib, pair)?, u32_at(fib, pair + 4)?))
}

/// The piece table: character positions, then what lies there.
#[derive(Clone, Copy)]
struct Pieces<'c> {
    positions: &'c [u8],
    places: &'c [u8],
    next: usize,
}
impl<'c> Pieces<'c> {
    /// Finds the table behind the formats (MS-DOC 2.9.38).
    fn find(mut clx: &'c [u8]) -> Option<Self> {
        while let [1, rest @ ..] = clx {
            clx = rest.get(2 + usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]))..)?;
        }
        let [2, rest @ ..] = clx else { return None };
        let length = (u32_at(rest, 0)? as usize).min(rest.len() - 4);
        let table = rest.get(4..4 + length)?;
        let count = table.len().checked_sub(4)? / 12;
        let (positions, places) = table.split_at_checked((count + 1) * 4)?;
        Some(Self { positions, places, next: 0 })
    }
    /// Where the next piece begins in the stream, its characters, and whether they take one byte each.
    fn piece(&mut self) -> Option<(u64, u64, bool)> {
        let i = self.next;
        let (from, to) = (u32_at(self.positions, i * 4)?, u32_at(self.positions, i * 4 + 4)?);
        let place = u32_at(self.places, i * 8 + 2)?;
        self.next += 1;
        let narrow = place & 0x4000_0000 != 0;
        let at = u64::from(place & 0x3FFF_FFFF);
        Some((if narrow { at / 2 } else { at }, to.saturating_sub(from).into(), narrow))
    }
}

fn text<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    doc: usize,
    mut pieces: Pieces<'_>,
    inside: &[PathText],
) -> Result<(), GapReason> {
    let mut src = ole.open_stream(doc);
    let toll = Toll::of(worker);
    let mut buf = vec![0; STEP_BYTES];
    let (mut left, mut narrow) = (0u64, false);
    let (mut marks, mut broken) = (Marks::default(), None);
    let result = worker.pieces(inside, |out| {
        if left == 0 {
            let Some((at, characters, one)) = pieces.piece() else { return Ok(false) };
            (left, narrow) = (if one { characters } else { characters * 2 }, one);
            src.go(at);
            // Pieces cost something even if they are empty.
            toll.pay(8)?;
            return Ok(true);
        }
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let mut filled = 0;
        let read = crate::text::fill(&mut (&mut src).take(want as u64), &mut buf[..want], &mut filled);
        toll.pay(filled)?;
        left -= filled as u64;
        if read.is_err() || filled == 0 {
            // A piece outside the stream: the others are read.
            broken = Some(read.map_or_else(|e| reason(&e), |_| GapReason::Corrupt));
            left = 0;
        }
        if narrow {
            for b in &buf[..filled] {
                marks.push(western(*b), out);
            }
        } else {
            for pair in buf[..filled].as_chunks::<2>().0 {
                marks.push(u16::from_le_bytes(*pair), out);
            }
        }
        Ok(true)
    });
    result.and(broken.map_or(Ok(()), Err))
}

/// A character of one byte: Windows' Western European set (MS-DOC 2.9.73).
fn western(byte: u8) -> u16 {
    if !(0x80..0xA0).contains(&byte) {
        return byte.into();
    }
    let (decoded, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte));
    decoded.encode_utf16().next().unwrap_or(0x20)
}

/// Units of text in which marks stand for breaks, cells, fields and things that are no text.
#[derive(Default)]
struct Marks {
    units: Units,
    cell_before: bool,
}
impl Marks {
    fn push(&mut self, unit: u16, out: &mut Vec<u8>) {
        let cell_before = std::mem::replace(&mut self.cell_before, unit == 7);
        match unit {
            // Two marks of cells in a row: the second ends the row (or an empty cell, which costs little).
            7 if cell_before => out.push(b'\n'),
            7 => out.push(b'\t'),
            9 => out.push(b'\t'),
            0x0A..=0x0E => out.push(b'\n'),
            // Begin, middle and end of a field.
            0x13..=0x15 => out.push(b' '),
            0x1E => out.push(b'-'),
            0xA0 => out.push(b' '),
            // Anchors of pictures, notes and comments, and hyphens that show only at the end of a line.
            0..=0x1F => {}
            _ => self.units.push(unit, out),
        }
    }
}

/// Word 6 and 95: the text lies between two marks of the header, in the code page of the document's language.
fn old<R: Read + Seek>(
    worker: &mut Worker<'_>,
    ole: &mut Ole<R>,
    doc: usize,
    fib: &[u8],
    inside: &[PathText],
) -> Result<(), GapReason> {
    let (from, to) = (u32_at(fib, 0x18).ok_or(GapReason::Corrupt)?, u32_at(fib, 0x1C).ok_or(GapReason::Corrupt)?);
    let set = charset::by_language(u16_at(fib, 6).unwrap_or(0));
    let mut src = ole.open_stream(doc);
    src.go(from.into());
    let mut decoder = set.new_decoder_without_bom_handling();
    let (mut left, mut buf) = (u64::from(to.saturating_sub(from)), vec![0; STEP_BYTES]);
    let toll = Toll::of(worker);
    worker.pieces(inside, |out| {
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let n = src.read(&mut buf[..want]).map_err(|e| reason(&e))?;
        toll.pay(n)?;
        left -= n as u64;
        let ended = n == 0;
        for b in &mut buf[..n] {
            *b = match *b {
                7 => b'\t',
                0x0B..=0x0E => b'\n',
                1..=8 | 0x13..=0x15 => b' ',
                other => other,
            };
        }
        charset::decode(&mut decoder, &buf[..n], ended, out);
        Ok(!ended)
    })?;
    Err(GapReason::Unsupported)
}
