//! Parquet files: a column at a time, page by page.
//!
//! The footer says which columns can hold anything: times of day, booleans and UUIDs cannot; whole numbers of 32 bits,
//! numbers whose greatest stays below 10^10, and dates only where the column's name says so. Of a column with a dictionary each distinct value is looked at once
//! and counted as often as it stands in the pages. Files are read whole up to a limit of unpacked bytes; beyond it,
//! row groups are drawn by lot.
//!
//! This is a reader of its own. The usual crate panics on broken files (five places, 332 of 42,000 flipped files) and
//! allocates what a page header claims, up to two gigabytes; neither can be had from outside. What is left out here:
//! pages of another file, encrypted columns, LZO, and levels packed the old way (`BIT_PACKED`), each a gap.

mod codec;
mod decode;
mod give;
mod meta;
mod rows;
mod thrift;

pub use rows::{RowFault, RowLimits, rows};

use super::{End, Extent, Lot, Named, Rows, Table};
use crate::content::Worker;
use crate::unpack;
use decode::{Broken, Deltas, Runs, Texts};
use evidence::{GapReason, PathText};
use give::{DECIMAL_BYTES_MAX, give};
use meta::{Chunk, Footer, Leaf, Meaning, Physical};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use thrift::{Thrift, Value};

/// The first and the last bytes of every Parquet file.
pub(crate) const MAGIC: &[u8] = b"PAR1";
/// Largest footer, in bytes; a file with a larger one is a gap (`TooLarge`).
const FOOTER_BYTES_MAX: u64 = 32 << 20;
/// Largest page, packed or unpacked, in bytes; writers make pages of a megabyte. The column of a larger one is a gap
/// (`TooLarge`).
const PAGE_BYTES_MAX: usize = 16 << 20;
/// Values of a dictionary; the column of a larger one is a gap (`TooLarge`).
const DICTIONARY_VALUES_MAX: u64 = 1 << 20;
/// Largest header of a page, in bytes; it may hold the page's least and greatest value.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Smaller whole numbers are no identifiers.
const NUMBER_MIN: u64 = super::NUMBER_MIN;

/// Where bytes are read from, anywhere.
trait Source {
    fn size(&self) -> u64;
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize>;
}
struct OnDisk<'f>(&'f File, u64);
impl Source for OnDisk<'_> {
    fn size(&self) -> u64 {
        self.1
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(buf, at)
    }
}
impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let n = from.len().min(buf.len());
        buf[..n].copy_from_slice(&from[..n]);
        Ok(n)
    }
}
/// Fills `buf` as far as there is something.
fn fill(src: &dyn Source, at: u64, buf: &mut [u8]) -> Result<usize, GapReason> {
    let mut n = 0;
    while n < buf.len() {
        match src.read_at(at.saturating_add(n as u64), &mut buf[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unpack::reason(&e)),
        }
    }
    Ok(n)
}
fn exactly(src: &dyn Source, at: u64, n: usize, buf: &mut Vec<u8>) -> Result<(), GapReason> {
    buf.resize(n, 0);
    if fill(src, at, buf)? == n { Ok(()) } else { Err(GapReason::Corrupt) }
}

/// Reads the file at hand.
pub(crate) fn file(worker: &mut Worker<'_>, file: &File) {
    let size = worker.packed;
    read(worker, &OnDisk(file, size), &[]);
}
/// Reads a file whose bytes are `all`.
pub(crate) fn memory(worker: &mut Worker<'_>, all: &[u8], inside: &[PathText]) {
    read(worker, &all, inside);
}

fn read(worker: &mut Worker<'_>, src: &dyn Source, inside: &[PathText]) {
    match footer(src) {
        Ok(footer) => {
            worker.count_scanned();
            super::read(worker, &mut Columns { src, footer }, inside);
        }
        Err(reason) => worker.gap(reason, inside),
    }
}

fn footer(src: &dyn Source) -> Result<Footer, GapReason> {
    let end = src.size().checked_sub(8).ok_or(GapReason::Corrupt)?;
    let mut tail = [0; 8];
    if fill(src, end, &mut tail)? < tail.len() {
        return Err(GapReason::Corrupt);
    }
    let (length, magic) = tail.split_at(4);
    if magic == b"PARE" {
        return Err(GapReason::Encrypted);
    }
    let length = length.iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    let start = end.checked_sub(length).filter(|_| magic == MAGIC).ok_or(GapReason::Corrupt)?;
    if length > FOOTER_BYTES_MAX {
        return Err(GapReason::TooLarge);
    }
    let mut bytes = Vec::new();
    exactly(src, start, usize::try_from(length).unwrap_or(0), &mut bytes)?;
    Footer::read(&bytes)
}

struct Columns<'s> {
    src: &'s dyn Source,
    footer: Footer,
}

impl Rows for Columns<'_> {
    fn columns(&self) -> Vec<Named> {
        let named = |leaf: &Leaf| {
            let name = leaf.name.as_str();
            // The two levels that a list of the usual form has below its name.
            let name = [".list.element", ".list.item", ".bag.array_element"]
                .iter()
                .find_map(|end| name.strip_suffix(end))
                .unwrap_or(name);
            Named { name: name.to_owned(), note: String::new() }
        };
        self.footer.leaves.iter().map(named).collect()
    }

    fn read(&mut self, into: &mut Table<'_, '_>) -> Result<Extent, End> {
        let (groups, all) = self.choose(into);
        let mut fault = None;
        let mut rows = 0;
        for (column, leaf) in self.footer.leaves.iter().enumerate() {
            rows = 0;
            for group in groups.iter().filter_map(|g| self.footer.groups.get(*g)) {
                let read = match group.chunks.get(column) {
                    Some(chunk) => self.chunk(into, Column { number: column, leaf, chunk, row: rows }),
                    None => Err(End::Gap(GapReason::Corrupt)),
                };
                match read {
                    // The other columns and row groups are looked at nevertheless.
                    Err(End::Gap(reason)) => {
                        fault.get_or_insert(reason);
                    }
                    read => read?,
                }
                rows += group.rows;
            }
        }
        into.at_row(rows);
        match fault {
            Some(reason) => Err(End::Gap(reason)),
            None if all => Ok(Extent::All),
            None => Ok(Extent::Drawn { clusters: groups.len() as u64, about: Some(self.footer.rows) }),
        }
    }
}

/// The part of a column in a row group, under way.
struct Column<'c> {
    number: usize,
    leaf: &'c Leaf,
    chunk: &'c Chunk,
    /// Rows before it.
    row: u64,
}
/// A dictionary.
#[derive(Default)]
struct Dictionary {
    bytes: Vec<u8>,
    /// Where each begins and ends.
    values: Vec<(u32, u32)>,
    /// How often it was met, and in which row first.
    met: Vec<(u64, u64)>,
}
/// The values of a page.
enum Values<'p> {
    Texts(Texts<'p>),
    Numbers(Deltas<'p>),
    /// The bytes of numbers, all first ones, all second ones, and so on; how many bytes one has, and the next.
    Split(&'p [u8], usize, usize),
    /// Numbers in the dictionary.
    Known(Runs<'p>),
}
/// The header of a page.
#[derive(Clone, Copy, Default)]
struct Page {
    kind: i64,
    unpacked: usize,
    packed: usize,
    values: u64,
    encoding: i64,
    levels: (i64, i64),
    /// Of the newer kind: bytes of both levels, which are not packed; whether the rest is.
    level_bytes: (usize, usize),
    is_packed: bool,
}

impl Columns<'_> {
    /// The row groups to read, and whether these are all.
    fn choose(&self, into: &Table<'_, '_>) -> (Vec<usize>, bool) {
        let weigh = |group: &meta::Group| {
            let chunks = group.chunks.iter().zip(&self.footer.leaves).enumerate();
            let read = chunks.filter(|(i, (c, leaf))| is_read(leaf, c, into.wants(*i)));
            read.fold(0u64, |sum, (_, (c, _))| sum.saturating_add(c.unpacked))
        };
        let weights: Vec<u64> = self.footer.groups.iter().map(weigh).collect();
        let mut left = into.limits().columnar_bytes_max;
        if weights.iter().fold(0u64, |sum, w| sum.saturating_add(*w)) <= left {
            return ((0..weights.len()).collect(), true);
        }
        let mut lot = Lot::new(into.worker(), b"row groups");
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_cached_key(|_| lot.next());
        // At least one, however large.
        let fits = |(place, group): &(usize, usize)| {
            let weight = weights.get(*group).copied().unwrap_or(0);
            let fits = *place == 0 || weight <= left;
            left = left.saturating_sub(weight);
            fits
        };
        let mut chosen: Vec<usize> = order.into_iter().enumerate().take_while(fits).map(|c| c.1).collect();
        chosen.sort_unstable();
        (chosen, false)
    }

    fn chunk(&self, into: &mut Table<'_, '_>, mut c: Column<'_>) -> Result<(), End> {
        if let Some(reason) = c.chunk.closed {
            return Err(End::Gap(reason));
        }
        if !is_read(c.leaf, c.chunk, into.wants(c.number)) {
            let empty = c.chunk.nulls.unwrap_or(0).min(c.chunk.values);
            into.plain(c.number, empty, c.chunk.values - empty);
            return Ok(());
        }
        let mut dictionary = Dictionary::default();
        let result = self.pages(into, &mut c, &mut dictionary);
        for ((start, end), (times, row)) in dictionary.values.iter().zip(&dictionary.met) {
            if *times > 0 {
                let value = dictionary.bytes.get(*start as usize..*end as usize);
                give(into, &c, *row, value.unwrap_or_default(), *times);
                into.end_row()?;
            }
        }
        result
    }

    fn pages(&self, into: &mut Table<'_, '_>, c: &mut Column<'_>, dictionary: &mut Dictionary) -> Result<(), End> {
        let (mut at, mut left) = (c.chunk.start, c.chunk.values);
        let end = at.checked_add(c.chunk.length).filter(|end| *end <= self.src.size()).ok_or(GapReason::Corrupt)?;
        let (mut packed, mut bytes) = (Vec::new(), Vec::new());
        while left > 0 {
            into.end_row()?;
            let (page, used) = self.header(at, end)?;
            at += used as u64;
            let next = at.checked_add(page.packed as u64).filter(|next| *next <= end).ok_or(GapReason::Corrupt)?;
            if page.packed > PAGE_BYTES_MAX || page.unpacked > PAGE_BYTES_MAX {
                return Err(End::Gap(GapReason::TooLarge));
            }
            unpack::expanded(into.worker(), page.unpacked)?;
            exactly(self.src, at, page.packed, &mut packed)?;
            at = next;
            match page.kind {
                2 => *dictionary = self.dictionary(c.leaf, c.chunk.codec, page, &packed)?,
                0 => {
                    codec::unpack(c.chunk.codec, &packed, page.unpacked, &mut bytes)?;
                    left = left.saturating_sub(page.values);
                    let parts = older(c.leaf, page, &bytes)?;
                    cells(into, c, dictionary, page, parts)?;
                }
                3 => {
                    left = left.saturating_sub(page.values);
                    let parts = newer(c.leaf, c.chunk.codec, page, &packed, &mut bytes)?;
                    cells(into, c, dictionary, page, parts)?;
                }
                // Index pages, which nobody writes.
                _ => {}
            }
        }
        Ok(())
    }

    fn header(&self, at: u64, end: u64) -> Result<(Page, usize), GapReason> {
        let mut buf = vec![0; 1 << 10];
        loop {
            let room = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(buf.len());
            let n = fill(self.src, at, &mut buf[..room])?;
            let mut t = Thrift::new(&buf[..n]);
            match page(&mut t) {
                Ok(page) => return Ok((page, t.used())),
                // Perhaps it is longer.
                Err(_) if n == buf.len() && n < HEADER_BYTES_MAX => buf.resize(HEADER_BYTES_MAX, 0),
                Err(_) => return Err(GapReason::Corrupt),
            }
        }
    }

    fn dictionary(&self, leaf: &Leaf, codec: i64, page: Page, packed: &[u8]) -> Result<Dictionary, GapReason> {
        let mut d = Dictionary::default();
        codec::unpack(codec, packed, page.unpacked, &mut d.bytes)?;
        let mut at = 0;
        if page.values > DICTIONARY_VALUES_MAX {
            return Err(GapReason::TooLarge);
        }
        for _ in 0..page.values {
            let length = match leaf.physical {
                Physical::Bytes => {
                    let length = d.bytes.get(at..at + 4).ok_or(GapReason::Corrupt)?;
                    at += 4;
                    length.iter().rev().fold(0usize, |n, b| n << 8 | usize::from(*b))
                }
                other => width(other).ok_or(GapReason::Corrupt)?,
            };
            let end = at.checked_add(length).filter(|end| *end <= d.bytes.len()).ok_or(GapReason::Corrupt)?;
            // A page is shorter than four gigabytes.
            d.values.push((u32::try_from(at).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX)));
            at = end;
        }
        d.met.resize(d.values.len(), (0, 0));
        Ok(d)
    }
}

/// Bytes of a value whose length is fixed.
fn width(physical: Physical) -> Option<usize> {
    match physical {
        Physical::Int64 | Physical::Double => Some(8),
        Physical::Float | Physical::Int32 => Some(4),
        Physical::Fixed(n) => Some(n),
        Physical::Bytes | Physical::Bool | Physical::Nothing => None,
    }
}

/// Whether values of a column can be what is looked for; `wanted` if its name says so.
fn is_read(leaf: &Leaf, chunk: &Chunk, wanted: bool) -> bool {
    let large = chunk.range.is_none_or(|(low, high)| low.unsigned_abs().max(high.unsigned_abs()) >= NUMBER_MIN);
    match (leaf.physical, leaf.meaning) {
        (Physical::Nothing | Physical::Bool, _) | (_, Meaning::Nothing) => false,
        (Physical::Int32, _) | (_, Meaning::Day(_)) => wanted,
        (Physical::Int64, _) => wanted || large,
        (Physical::Float | Physical::Double | Physical::Bytes | Physical::Fixed(_), _) => true,
    }
}

fn page(t: &mut Thrift<'_>) -> Result<Page, thrift::Broken> {
    let mut p = Page { kind: -1, is_packed: true, ..Page::default() };
    let size = |n: i64| usize::try_from(n).map_err(|_| thrift::Broken);
    let count = |n: i64| u64::try_from(n).map_err(|_| thrift::Broken);
    t.fields(&mut |t, id, value| {
        match (id, value) {
            (1, Value::Int(n)) => p.kind = n,
            (2, Value::Int(n)) => p.unpacked = size(n)?,
            (3, Value::Int(n)) => p.packed = size(n)?,
            (5 | 7 | 8, Value::Struct) => {
                let header = id;
                t.fields(&mut |_, id, value| {
                    match (header, id, value) {
                        (_, 1, Value::Int(n)) => p.values = count(n)?,
                        (5 | 7, 2, Value::Int(n)) | (8, 4, Value::Int(n)) => p.encoding = n,
                        (5, 3, Value::Int(n)) => p.levels.1 = n,
                        (5, 4, Value::Int(n)) => p.levels.0 = n,
                        (8, 5, Value::Int(n)) => p.level_bytes.1 = size(n)?,
                        (8, 6, Value::Int(n)) => p.level_bytes.0 = size(n)?,
                        (8, 7, Value::Bool(packed)) => p.is_packed = packed,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(p)
}

fn levels(max: u32, bytes: &[u8]) -> Runs<'_> {
    if max == 0 { Runs::zeros() } else { Runs::new(bytes, u32::BITS - max.leading_zeros()) }
}

/// The levels of a page and the bytes of its values.
type Parts<'p> = (Runs<'p>, Runs<'p>, &'p [u8]);

/// The first kind of data pages: everything is packed, levels have their length before them.
fn older<'p>(leaf: &Leaf, page: Page, bytes: &'p [u8]) -> Result<Parts<'p>, GapReason> {
    let mut rest = bytes;
    let mut take = |max: u32, encoding: i64| {
        if max == 0 {
            return Ok(Runs::zeros());
        }
        if encoding != 3 {
            return Err(GapReason::Unsupported);
        }
        let (length, after) = rest.split_first_chunk::<4>().ok_or(GapReason::Corrupt)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let part = after.get(..length).ok_or(GapReason::Corrupt)?;
        rest = &after[length..];
        Ok(levels(max, part))
    };
    let (repeats, defines) = (take(leaf.repeated, page.levels.0)?, take(leaf.defined, page.levels.1)?);
    Ok((repeats, defines, rest))
}

/// The second kind: levels stand before what is packed.
fn newer<'p>(
    leaf: &Leaf,
    codec: i64,
    page: Page,
    packed: &'p [u8],
    bytes: &'p mut Vec<u8>,
) -> Result<Parts<'p>, GapReason> {
    let (repeats, defines) = page.level_bytes;
    let (repeats, rest) = packed.split_at_checked(repeats).ok_or(GapReason::Corrupt)?;
    let (defines, rest) = rest.split_at_checked(defines).ok_or(GapReason::Corrupt)?;
    let levels_size = page.level_bytes.0 + page.level_bytes.1;
    let size = page.unpacked.checked_sub(levels_size).ok_or(GapReason::Corrupt)?;
    // A page of nothing but empty values has nothing to unpack.
    let codec = if page.is_packed && !rest.is_empty() { codec } else { 0 };
    codec::unpack(codec, rest, size, bytes)?;
    Ok((levels(leaf.repeated, repeats), levels(leaf.defined, defines), bytes))
}

fn values<'p>(leaf: &Leaf, page: Page, bytes: &'p [u8], cell_bytes_max: usize) -> Result<Values<'p>, GapReason> {
    let corrupt = |_: Broken| GapReason::Corrupt;
    Ok(match (page.encoding, leaf.physical) {
        (0, Physical::Bytes) => Values::Texts(Texts::Plain(bytes)),
        (0, other) => Values::Texts(Texts::Fixed(bytes, width(other).ok_or(GapReason::Corrupt)?)),
        (2 | 8, _) => match bytes.split_first() {
            Some((bits, rest)) if *bits <= 32 => Values::Known(Runs::new(rest, u32::from(*bits))),
            Some(_) => return Err(GapReason::Corrupt),
            None => Values::Known(Runs::new(&[], 0)),
        },
        (5, Physical::Int64 | Physical::Int32) => Values::Numbers(Deltas::new(bytes).map_err(corrupt)?),
        (6, Physical::Bytes) => Values::Texts(Texts::lengths(bytes).map_err(corrupt)?),
        (7, Physical::Bytes | Physical::Fixed(_)) => {
            // One more than is looked at, which tells that there is more.
            Values::Texts(Texts::shared(bytes, cell_bytes_max + 1).map_err(corrupt)?)
        }
        (9, other) => Values::Split(bytes, width(other).filter(|n| *n > 0).ok_or(GapReason::Corrupt)?, 0),
        _ => return Err(GapReason::Unsupported),
    })
}

/// Gives the cells of a page.
fn cells(
    into: &mut Table<'_, '_>,
    c: &mut Column<'_>,
    d: &mut Dictionary,
    page: Page,
    (mut repeats, mut defines, bytes): Parts<'_>,
) -> Result<(), End> {
    let broken = |_: Broken| End::Gap(GapReason::Corrupt);
    let missing = End::Gap(GapReason::Corrupt);
    let mut all = None;
    let mut left = page.values;
    let (mut repeat, mut define) = ((0, 0), (0, 0));
    while left > 0 {
        if repeat.1 == 0 {
            repeat = repeats.next(left).map_err(broken)?.ok_or(missing)?;
        }
        if define.1 == 0 {
            define = defines.next(left).map_err(broken)?.ok_or(missing)?;
        }
        let n = repeat.1.min(define.1).min(left);
        // A level of 0 begins a row.
        let rows = if repeat.0 == 0 { n } else { 0 };
        if define.0 < u64::from(c.leaf.defined) {
            into.plain(c.number, n, 0);
            c.row += rows;
        } else {
            let values = match &mut all {
                Some(values) => values,
                all => all.insert(values(c.leaf, page, bytes, into.limits().cell_bytes_max)?),
            };
            match values {
                Values::Known(runs) => known(c, d, runs, n, rows > 0)?,
                values => each(into, c, values, n, rows > 0)?,
            }
        }
        (repeat.1, define.1, left) = (repeat.1 - n, define.1 - n, left - n);
    }
    Ok(())
}

/// Counts `n` values of the dictionary.
fn known(c: &mut Column<'_>, d: &mut Dictionary, runs: &mut Runs<'_>, mut n: u64, rows: bool) -> Result<(), End> {
    let corrupt = End::Gap(GapReason::Corrupt);
    while n > 0 {
        let (value, times) = runs.next(n).map_err(|_| corrupt)?.ok_or(corrupt)?;
        let met = usize::try_from(value).ok().and_then(|i| d.met.get_mut(i)).ok_or(corrupt)?;
        if met.0 == 0 {
            met.1 = c.row + u64::from(rows);
        }
        met.0 += times;
        c.row += if rows { times } else { 0 };
        n -= times.min(n);
    }
    Ok(())
}

/// Gives `n` values, one by one.
fn each(into: &mut Table<'_, '_>, c: &mut Column<'_>, values: &mut Values<'_>, n: u64, rows: bool) -> Result<(), End> {
    // Values of no length take no bytes of the page: they count as one.
    unpack::expanded(into.worker(), usize::try_from(n).unwrap_or(usize::MAX))?;
    let corrupt = End::Gap(GapReason::Corrupt);
    for _ in 0..n {
        c.row += u64::from(rows);
        match values {
            Values::Texts(texts) => give(into, c, c.row, texts.next().map_err(|_| corrupt)?, 1),
            Values::Numbers(numbers) => {
                let number = numbers.next().map_err(|_| corrupt)?.ok_or(corrupt)?;
                give(into, c, c.row, &number.to_le_bytes(), 1);
            }
            Values::Split(bytes, width, next) => {
                let stride = bytes.len() / *width;
                let mut value = [0; DECIMAL_BYTES_MAX];
                let value = value.get_mut(..*width).ok_or(End::Gap(GapReason::Unsupported))?;
                for (i, byte) in value.iter_mut().enumerate() {
                    *byte = bytes.get(i * stride + *next).copied().filter(|_| *next < stride).ok_or(corrupt)?;
                }
                *next += 1;
                give(into, c, c.row, value, 1);
            }
            Values::Known(_) => return Err(corrupt),
        }
        into.end_row()?;
    }
    Ok(())
}
