//! Tape archives: the old format, POSIX ustar and pax, GNU with long names, sparse members of both kinds.
//!
//! A stream of blocks of 512 bytes; one header is held at a time (POSIX.1-2017, pax; GNU tar manual, "Basic Tar
//! Format" and "Storing Sparse Files"). After a broken header the next one that sums up is gone on with, as GNU tar
//! does, so that a fault costs one member. Members behind the end mark are read too: two archives end to end are one.

use super::guard::{self, Guard, Source, Taken, exact, reason};
use super::{Entries, inner};
use crate::content::Worker;
use crate::gather::Count;
use evidence::{GapReason, PathText};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

const BLOCK_BYTES: usize = 512;
type Block = [u8; BLOCK_BYTES];

/// What is read of the name or the pax records of one member. Bytes.
const EXTENSION_BYTES_MAX: u64 = 1 << 20;
/// Stretches of data in one sparse member; more are a gap (`TooMany`).
const STRETCHES_MAX: usize = 1 << 16;
/// A hole is read as so many zero bytes at most, as in files.
const HOLE_BYTES: u64 = 4096;

/// True if a content that begins so is one: its first header says so, or sums up.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
        || head.first_chunk::<BLOCK_BYTES>().is_some_and(|block| block[0] != 0 && sums_up(block))
}

/// The sum of a header's bytes, its own eight taken as blanks, as old and new writers count it.
fn sums_up(block: &Block) -> bool {
    let Some(told) = octal(&block[148..156]) else { return false };
    let (mut unsigned, mut signed) = (8 * 32, 8 * 32);
    for (_, b) in block.iter().enumerate().filter(|(i, _)| !(148..156).contains(i)) {
        unsigned += i64::from(*b);
        signed += i64::from(b.cast_signed());
    }
    i64::try_from(told).is_ok_and(|told| told == unsigned || told == signed)
}

/// Digits to the base of eight, after blanks, up to a blank or a zero byte.
fn octal(field: &[u8]) -> Option<u64> {
    let mut value = 0u64;
    let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| !matches!(b, 0 | b' '));
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|d| *d < 8)?;
        value = value.checked_mul(8)?.checked_add(digit.into())?;
    }
    Some(value)
}
/// A number: octal, or to the base of 256 if its first bit is set. None that is negative or beyond 64 bits.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => {
            let (high, low) = rest.split_at(rest.len().checked_sub(8)?);
            high.iter().all(|b| *b == 0).then(|| low.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
        }
        [0x81..=0xFF, ..] => None,
        _ => octal(field),
    }
}
fn text(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

/// What extension headers say of the member that follows.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: Map,
    /// The map stands before the data (pax format 1.0 of GNU tar).
    map_leads: bool,
}
/// Where data lies in a sparse member: begin and length. What lies between are holes.
#[derive(Default)]
struct Map {
    stretches: VecDeque<(u64, u64)>,
    size: u64,
    is_sparse: bool,
}
impl Map {
    fn push(&mut self, at: u64, bytes: u64) -> Result<(), GapReason> {
        if self.stretches.len() >= STRETCHES_MAX {
            return Err(GapReason::TooMany);
        }
        self.is_sparse = true;
        let begin = self.stretches.back().map_or(Some(0), |(at, bytes)| at.checked_add(*bytes));
        let end = at.checked_add(bytes);
        if begin.is_none_or(|begin| at < begin) || end.is_none() {
            return Err(GapReason::Corrupt);
        }
        self.stretches.push_back((at, bytes));
        Ok(())
    }
}

/// Reads every member of an archive.
pub(super) fn tar(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    let mut archive = Archive { entries: Entries::default(), ended: false, is_lost: false, is_pax: false };
    if let Err(e) = archive.read(worker, src, inside) {
        worker.gap(reason(&e), inside);
    }
}

struct Archive {
    entries: Entries,
    /// The last block was one of zeros.
    ended: bool,
    /// The last block was no header, and this has been said.
    is_lost: bool,
    /// Some member had pax records.
    is_pax: bool,
}
impl Archive {
    fn read(&mut self, worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> io::Result<()> {
        let mut block = [0; BLOCK_BYTES];
        let mut extension = Extension::default();
        while !worker.root.stopped() {
            if !exact(src, &mut block)? {
                // Without blocks of zeros at its end an archive may have been cut between two members.
                return if self.ended { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) };
            }
            self.ended = block.iter().all(|b| *b == 0);
            if self.ended {
                continue;
            }
            if !sums_up(&block) {
                if !std::mem::replace(&mut self.is_lost, true) {
                    worker.gap(GapReason::Corrupt, inside);
                }
                continue;
            }
            self.is_lost = false;
            if !self.entries.another(worker, inside) {
                break;
            }
            self.entry(worker, src, &mut block, &mut extension, inside)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        worker: &mut Worker<'_>,
        src: &mut dyn Read,
        block: &mut Block,
        extension: &mut Extension,
        inside: &[PathText],
    ) -> io::Result<()> {
        let Some(told) = number(&block[124..136]) else {
            worker.gap(GapReason::Corrupt, inside);
            return Ok(());
        };
        let kind = block[156];
        match kind {
            b'L' | b'K' | b'x' | b'X' | b'g' => {
                let records = held(worker, src, told, inside)?;
                pad(worker, src, told)?;
                let Some(records) = records else { return Ok(()) };
                self.is_pax |= matches!(kind, b'x' | b'X');
                let result = match kind {
                    b'L' => {
                        extension.name = Some(text(&records).to_vec());
                        Ok(())
                    }
                    b'x' | b'X' => pax(&records, extension),
                    // Names that links point to, and what holds for all members: nothing that is asked here.
                    _ => Ok(()),
                };
                result.unwrap_or_else(|reason| worker.gap(reason, inside));
                return Ok(());
            }
            _ => {}
        }
        let mut extension = std::mem::take(extension);
        let name = extension.name.take().unwrap_or_else(|| own_name(block));
        let bytes = match kind {
            // A link's size may be that of its target, whose data it does not carry; pax archives may carry it.
            b'1' if !self.is_pax => 0,
            b'2'..=b'6' => 0,
            _ => extension.size.unwrap_or(told),
        };
        let is_link = kind == b'1' && bytes == 0;
        let is_file = !(is_link || matches!(kind, b'2'..=b'6' | b'V') || name.ends_with(b"/"));
        let inner = inner(inside, &name);
        let map = match sparse_map(worker, src, block, kind, extension) {
            Ok(map) => map,
            Err(MapFault::Source(e)) => return Err(e),
            Err(MapFault::Map(reason, map)) => {
                worker.gap(reason, &inner);
                map
            }
        };
        let rest = bytes.saturating_sub(map.as_ref().map_or(0, |m| m.lead));
        match map {
            _ if !is_file => guard::pass(worker, src, rest)?,
            Some(map) => sparse(worker, src, rest, map.map, &inner)?,
            None => guard::member(worker, src, rest, &inner)?,
        }
        pad(worker, src, bytes)
    }
}

/// The name in a header; POSIX has room for folders before it.
fn own_name(block: &Block) -> Vec<u8> {
    let mut name = Vec::new();
    let folders = text(&block[345..500]);
    if block[257..263] == *b"ustar\0" && !folders.is_empty() {
        name.extend_from_slice(folders);
        name.push(b'/');
    }
    name.extend_from_slice(text(&block[..100]));
    name
}

/// An extension's data. More than there may be is passed over, and a gap.
fn held(worker: &mut Worker<'_>, src: &mut dyn Read, bytes: u64, inside: &[PathText]) -> io::Result<Option<Vec<u8>>> {
    if bytes > EXTENSION_BYTES_MAX {
        worker.gap(GapReason::TooLarge, inside);
        guard::pass(worker, src, bytes)?;
        return Ok(None);
    }
    let mut held = Vec::new();
    src.take(bytes).read_to_end(&mut held)?;
    if (held.len() as u64) < bytes { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(Some(held)) }
}
/// Passes over what fills the last block of `bytes` bytes.
fn pad(worker: &mut Worker<'_>, src: &mut dyn Read, bytes: u64) -> io::Result<()> {
    let block = BLOCK_BYTES as u64;
    guard::pass(worker, src, (block - bytes % block) % block)
}

/// Records of `length key=value` and a line feed (POSIX, pax Extended Header; GNU tar manual, "PAX Format").
fn pax(mut records: &[u8], extension: &mut Extension) -> Result<(), GapReason> {
    let decimal = |value: &[u8]| std::str::from_utf8(value).ok()?.parse::<u64>().ok();
    let mut offset = 0;
    while !records.is_empty() && records[0] != 0 {
        let blank = memchr::memchr(b' ', records).ok_or(GapReason::Corrupt)?;
        let length = decimal(&records[..blank]).and_then(|n| usize::try_from(n).ok()).ok_or(GapReason::Corrupt)?;
        let record = records.get(blank + 1..length).ok_or(GapReason::Corrupt)?;
        records = &records[length..];
        let equals = memchr::memchr(b'=', record).ok_or(GapReason::Corrupt)?;
        let (key, value) = (&record[..equals], record[equals + 1..].strip_suffix(b"\n").ok_or(GapReason::Corrupt)?);
        let number = || decimal(value).ok_or(GapReason::Corrupt);
        match key {
            b"path" if extension.name.is_none() => extension.name = Some(value.to_vec()),
            // The other name is made up, for readers that do not know sparse members.
            b"GNU.sparse.name" => extension.name = Some(value.to_vec()),
            b"size" => extension.size = Some(number()?),
            b"GNU.sparse.major" => extension.map_leads = number()? >= 1,
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
                extension.sparse.size = number()?;
                extension.sparse.is_sparse = true;
            }
            b"GNU.sparse.offset" => offset = number()?,
            b"GNU.sparse.numbytes" => extension.sparse.push(offset, number()?)?,
            b"GNU.sparse.map" => {
                let mut numbers = value.split(|b| *b == b',').map(decimal);
                while let Some(at) = numbers.next() {
                    let (Some(at), Some(Some(bytes))) = (at, numbers.next()) else { return Err(GapReason::Corrupt) };
                    extension.sparse.push(at, bytes)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A map, and how many bytes of the member's data it took.
struct Led {
    map: Map,
    lead: u64,
}
enum MapFault {
    Source(io::Error),
    /// The map is of no use; the data is read as it lies.
    Map(GapReason, Option<Led>),
}
impl From<io::Error> for MapFault {
    fn from(e: io::Error) -> Self {
        Self::Source(e)
    }
}

/// Where a sparse member's data belongs; `None` for a member that is not sparse.
fn sparse_map(
    worker: &mut Worker<'_>,
    src: &mut dyn Read,
    block: &mut Block,
    kind: u8,
    extension: Extension,
) -> Result<Option<Led>, MapFault> {
    if kind == b'S' {
        let mut map = Map { size: number(&block[483..495]).unwrap_or(0), is_sparse: true, ..Map::default() };
        let mut result = Ok(());
        let (mut fields, mut more) = (block[386..482].to_vec(), block[482]);
        loop {
            for field in fields.chunks_exact(24).take_while(|f| f[0] != 0) {
                let pair = number(&field[..12]).zip(number(&field[12..])).ok_or(GapReason::Corrupt);
                result = result.and_then(|()| pair.and_then(|(at, bytes)| map.push(at, bytes)));
            }
            if more == 0 || worker.root.stopped() {
                break;
            }
            if !exact(src, block)? {
                return Err(MapFault::Source(ErrorKind::UnexpectedEof.into()));
            }
            (fields, more) = (block[..504].to_vec(), block[504]);
        }
        return result.map(|()| Some(Led { map, lead: 0 })).map_err(|reason| MapFault::Map(reason, None));
    }
    if !extension.sparse.is_sparse {
        return Ok(None);
    }
    let mut map = extension.sparse;
    if !extension.map_leads {
        return Ok(Some(Led { map, lead: 0 }));
    }
    // Decimal numbers, a line each: how many stretches, then begin and length of each; whole blocks.
    let (mut lead, mut numbers, mut at, mut left) = (0, None::<u64>, None, u64::MAX);
    let mut result = Ok(());
    while left > 0 {
        if !exact(src, block)? {
            return Err(MapFault::Source(ErrorKind::UnexpectedEof.into()));
        }
        lead += BLOCK_BYTES as u64;
        for b in block.iter() {
            match b {
                _ if left == 0 => break,
                b'0'..=b'9' => {
                    let digit = u64::from(b - b'0');
                    numbers = numbers.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit));
                }
                b'\n' => match (numbers.take(), left, at.take()) {
                    (Some(count), u64::MAX, _) if count < u64::MAX / 2 => left = 2 * count,
                    (Some(begin), _, None) => (at, left) = (Some(begin), left - 1),
                    (Some(bytes), _, Some(begin)) => {
                        left -= 1;
                        result = result.and_then(|()| map.push(begin, bytes));
                    }
                    _ => (result, left) = (Err(GapReason::Corrupt), 0),
                },
                _ => (result, left) = (Err(GapReason::Corrupt), 0),
            }
        }
        if result.is_err() || worker.root.stopped() {
            break;
        }
    }
    let led = Led { map, lead };
    match result {
        Ok(()) => Ok(Some(led)),
        Err(reason) => Err(MapFault::Map(reason, Some(Led { map: Map::default(), ..led }))),
    }
}

/// A sparse member, its holes cut short.
struct Sparse<'s> {
    part: guard::Part<'s>,
    map: Map,
    at: u64,
}
impl Read for Sparse<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let (begin, bytes) = self.map.stretches.front().copied().unwrap_or((self.map.size, 0));
            if self.at < begin {
                let zeros = (begin - self.at).min(HOLE_BYTES).min(buf.len() as u64);
                let n = usize::try_from(zeros).unwrap_or(buf.len());
                buf[..n].fill(0);
                // The rest of a long hole is passed over at once.
                self.at = if begin - self.at > HOLE_BYTES { begin } else { self.at + zeros };
                return Ok(n);
            }
            let left = begin.saturating_add(bytes).saturating_sub(self.at);
            if left > 0 {
                let want = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let n = self.part.read(&mut buf[..want])?;
                self.at += n as u64;
                // What the map promises beyond the data is not there.
                return if n == 0 && want > 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(n) };
            }
            if self.map.stretches.pop_front().is_none() {
                // Data that the map does not know is read at the end.
                return self.part.read(buf);
            }
        }
    }
}
fn sparse(worker: &mut Worker<'_>, src: &mut dyn Read, bytes: u64, map: Map, inner: &[PathText]) -> io::Result<()> {
    worker.count(Count::Members, 1);
    let taken = Rc::new(Taken::default());
    let mut src = Source::new(src, &taken);
    let part = guard::Part::new(worker, &mut src, bytes);
    // Holes come out of nothing, so they are guarded as what is unpacked.
    let mut guarded = Guard::new(worker, Sparse { part, map, at: 0 }, Rc::clone(&taken));
    worker.content(&mut guarded, inner);
    drop(guarded);
    let rest = bytes.saturating_sub(taken.bytes.get());
    guard::pass(worker, &mut src, rest)
}
