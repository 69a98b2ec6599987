//! RAR archives, old (1.5 to 4) and new (5): members are named; stored ones are read, packed ones are gaps.
//!
//! There is no decoder that may be used: UnRAR's licence forbids what others would make of it, and the free one is C.
//! Read as a stream, one header at a time (technote of RAR 4; "RAR 5.0 archive format").

use super::guard::{Part, exact, pass, reason};
use super::{Entries, inner, unread, windows_path};
use crate::content::Worker;
use crate::gather::Count;
use evidence::{GapReason, PathText};
use std::io::{self, ErrorKind, Read};

pub(super) const OLD: &[u8] = b"Rar!\x1A\x07\0";
pub(super) const NEW: &[u8] = b"Rar!\x1A\x07\x01\0";
/// Longer headers are none; the new format's own limit. Bytes.
const HEADER_BYTES_MAX: u64 = 2 << 20;

/// What a header says.
enum Block {
    /// Nothing that is asked: its data is passed over.
    Other,
    Member {
        name: Vec<u8>,
        crc: Option<u32>,
        state: State,
    },
    /// All that follows is encrypted.
    Locked,
    End,
}
#[derive(Clone, Copy)]
enum State {
    Stored,
    Folder,
    Encrypted,
    /// Packed, or a part of what goes on in another file.
    Packed,
}

/// Reads every member of an archive.
pub(super) fn rar(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    if let Err(e) = read(worker, src, inside) {
        worker.gap(reason(&e), inside);
    }
}

fn read(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> io::Result<()> {
    let mut mark = [0; OLD.len()];
    src.read_exact(&mut mark)?;
    let is_new = mark != *OLD;
    if is_new {
        src.read_exact(&mut [0])?;
    }
    let mut entries = Entries::default();
    while !worker.root.stopped() {
        let (block, bytes) = if is_new { new_block(src)? } else { old_block(src)? };
        let (name, crc, state) = match block {
            Block::End => return Ok(()),
            Block::Locked => {
                worker.gap(GapReason::Encrypted, inside);
                return Ok(());
            }
            Block::Other => {
                pass(worker, src, bytes)?;
                continue;
            }
            Block::Member { name, crc, state } => (name, crc, state),
        };
        if !entries.another(worker, inside) {
            return Ok(());
        }
        let inner = inner(inside, &name);
        match state {
            State::Stored => {
                worker.count(Count::Members, 1);
                let mut part = Part::new(worker, src, bytes).summed(crc);
                worker.content(&mut part, &inner);
                if !part.finish(worker)? {
                    worker.gap(GapReason::Corrupt, &inner);
                }
                continue;
            }
            State::Folder => {}
            State::Encrypted => unread(worker, GapReason::Encrypted, &inner),
            State::Packed => unread(worker, GapReason::Unsupported, &inner),
        }
        pass(worker, src, bytes)?;
    }
    Ok(())
}

/// Little-endian numbers of a header; beyond its end they are zero.
fn number(bytes: &[u8], at: usize, n: usize) -> u64 {
    bytes.get(at..at + n).unwrap_or_default().iter().rev().fold(0, |v, b| v << 8 | u64::from(*b))
}

/// The rest of a header of `bytes` bytes, of which `begun` are read.
fn rest(src: &mut dyn Read, begun: &[u8], bytes: u64) -> io::Result<Vec<u8>> {
    let more =
        bytes.checked_sub(begun.len() as u64).filter(|_| bytes <= HEADER_BYTES_MAX).ok_or(ErrorKind::InvalidData)?;
    let mut header = begun.to_vec();
    src.take(more).read_to_end(&mut header)?;
    if (header.len() as u64) < bytes { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(header) }
}

/// A block of the old format, and how much data follows its header.
fn old_block(src: &mut dyn Read) -> io::Result<(Block, u64)> {
    let mut begun = [0; 7];
    if !exact(src, &mut begun)? {
        return Ok((Block::End, 0));
    }
    let header = rest(src, &begun, number(&begun, 5, 2))?;
    let (kind, flags) = (header[2], number(&header, 3, 2));
    if number(&header, 0, 2) != u64::from(crc(&header[2..]) & 0xFFFF) {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytes = if flags & 0x8000 != 0 { number(&header, 7, 4) } else { 0 };
    let block = match kind {
        0x73 if flags & 0x80 != 0 => Block::Locked,
        0x7B => Block::End,
        0x74 => {
            let is_large = flags & 0x100 != 0;
            bytes |= if is_large { number(&header, 32, 4) << 32 } else { 0 };
            let begin = if is_large { 40 } else { 32 };
            let name = header.get(begin..).unwrap_or_default();
            let name = &name[..name.len().min(usize::try_from(number(&header, 26, 2)).unwrap_or(0))];
            let mut name = match name.iter().position(|b| *b == 0) {
                Some(end) if flags & 0x200 != 0 => wide_name(&name[..end], &name[end + 1..]),
                _ => name.to_vec(),
            };
            windows_path(&mut name);
            let state = match header.get(25) {
                _ if flags & 0xE0 == 0xE0 => State::Folder,
                _ if flags & 4 != 0 => State::Encrypted,
                Some(0x30) if flags & 3 == 0 => State::Stored,
                _ => State::Packed,
            };
            let crc = u32::try_from(number(&header, 16, 4)).ok();
            Block::Member { name, crc, state }
        }
        _ => Block::Other,
    };
    Ok((block, bytes))
}

/// The name in Unicode, which stands behind the one in the writer's own code page: two bits for each unit or run of
/// units say whether it is a low byte, one with the common high byte, both bytes, or a run of the other name's.
fn wide_name(narrow: &[u8], packed: &[u8]) -> Vec<u8> {
    let Some((high, packed)) = packed.split_first() else { return narrow.to_vec() };
    let high = u16::from(*high) << 8;
    let (mut units, mut packed) = (Vec::<u16>::new(), packed.iter().copied());
    let (mut flags, mut bits) = (0, 0);
    while units.len() < HEADER_BYTES_MAX as usize {
        if bits == 0 {
            let Some(next) = packed.next() else { break };
            (flags, bits) = (next, 8);
        }
        bits -= 2;
        let Some(first) = packed.next() else { break };
        match flags >> bits & 3 {
            0 => units.push(first.into()),
            1 => units.push(high | u16::from(first)),
            2 => units.push(u16::from_le_bytes([first, packed.next().unwrap_or(0)])),
            _ => {
                let added = if first & 0x80 != 0 { packed.next() } else { None };
                let run = narrow.iter().skip(units.len()).take(usize::from(first & 0x7F) + 2);
                units.extend(run.map(|b| added.map_or((*b).into(), |a| high | u16::from(b.wrapping_add(a)))));
            }
        }
    }
    let wide = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    wide.collect::<String>().into_bytes()
}

fn crc(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

/// Reads the numbers of the new format: seven bits a byte, the lowest first.
struct Fields<'h>(&'h [u8]);
impl<'h> Fields<'h> {
    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for i in 0..10 {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7F).checked_shl(7 * i)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
    fn bytes(&mut self, n: u64) -> Option<&'h [u8]> {
        let (bytes, rest) = self.0.split_at_checked(usize::try_from(n).ok()?)?;
        self.0 = rest;
        Some(bytes)
    }
}

/// A block of the new format, and how much data follows its header.
fn new_block(src: &mut dyn Read) -> io::Result<(Block, u64)> {
    let mut sum = [0; 4];
    if !exact(src, &mut sum)? {
        // A file that ends without the end's block was cut.
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let mut length = Vec::new();
    while length.len() < 3 && length.last().is_none_or(|b| b & 0x80 != 0) {
        let mut byte = [0];
        src.read_exact(&mut byte)?;
        length.push(byte[0]);
    }
    let bytes = Fields(&length).number().ok_or(ErrorKind::InvalidData)?;
    let header = rest(src, &length, bytes.saturating_add(length.len() as u64))?;
    if crc(&header) != u32::from_le_bytes(sum) {
        return Err(ErrorKind::InvalidData.into());
    }
    parse(&header[length.len()..]).ok_or_else(|| ErrorKind::InvalidData.into())
}
fn parse(header: &[u8]) -> Option<(Block, u64)> {
    let mut at = Fields(header);
    let (kind, flags) = (at.number()?, at.number()?);
    let extra = if flags & 1 != 0 { at.number()? } else { 0 };
    let bytes = if flags & 2 != 0 { at.number()? } else { 0 };
    let block = match kind {
        2 => {
            let about = at.number()?;
            let _unpacked = at.number()?;
            let _attributes = at.number()?;
            at.bytes(if about & 2 != 0 { 4 } else { 0 })?;
            let crc = if about & 4 != 0 { Some(number(at.bytes(4)?, 0, 4)) } else { None };
            let (packing, _system) = (at.number()?, at.number()?);
            let length = at.number()?;
            let name = at.bytes(length)?.to_vec();
            let state = if about & 1 != 0 {
                State::Folder
            } else if is_encrypted(header, extra)? {
                State::Encrypted
            } else if packing >> 7 & 7 == 0 && flags & 0x18 == 0 {
                State::Stored
            } else {
                State::Packed
            };
            Block::Member { name, crc: crc.and_then(|c| u32::try_from(c).ok()), state }
        }
        4 => Block::Locked,
        5 => Block::End,
        _ => Block::Other,
    };
    Some((block, bytes))
}
/// True if the records at a header's end, `extra` bytes of it, have one of encryption.
fn is_encrypted(header: &[u8], extra: u64) -> Option<bool> {
    let at = header.len().checked_sub(usize::try_from(extra).ok()?)?;
    let mut records = Fields(&header[at..]);
    while !records.0.is_empty() {
        let length = records.number()?;
        if Fields(records.bytes(length)?).number()? == 1 {
            return Some(true);
        }
    }
    Some(false)
}
