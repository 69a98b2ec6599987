//! Compound files (MS-CFB), the containers of Office before 2007 and of Outlook messages: storages like folders,
//! streams like files, each a chain of sectors through a table (the FAT).
//!
//! A file may claim anything, so: the table is read where it lies, sector by sector, and never held whole; a chain is
//! followed only as far as it is read, and never beyond the number of sectors there are; following chains has a
//! budget for the whole file. Refused: the `cfb` crate, which loads and checks the whole table and all of the
//! directory when a file is opened, and refuses files that real programs wrote.

use crate::text::fill;
use crate::turn::fault;
use crate::unpack::reason;
use evidence::GapReason;
use std::io::{self, Read, Seek, SeekFrom};
use stdx::Capped;

/// Marks in the table (MS-CFB 2.1): the last number of a sector, and the end of a chain.
const SECTOR_MAX: u32 = 0xFFFF_FFFA;
const END: u32 = 0xFFFF_FFFE;
/// No entry of the directory.
const NONE: u32 = 0xFFFF_FFFF;
/// Sectors of the small streams, in bits of their size.
const MINI_BITS: u32 = 6;
/// Bytes of an entry of the directory.
const ENTRY_BYTES: usize = 128;
/// Pieces of one chain that do not lie side by side; more is a gap (`TooMany`).
const PIECES_MAX: usize = 1 << 20;
/// Reads smaller than this go through a block of this size. Bytes.
const BLOCK_BYTES: usize = 4096;

/// What an entry of the directory is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Storage,
    Stream,
}
/// An entry of the directory.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) what: What,
    /// Claimed size in bytes.
    pub(crate) size: u64,
    start: u32,
    left: u32,
    right: u32,
    child: u32,
}

/// The sectors of a stream, as far as they were asked for.
#[derive(Clone, Default)]
struct Chain {
    /// Number in the chain and in the file, of the first sector of each piece.
    pieces: Vec<(u32, u32)>,
    sectors: u32,
    ended: bool,
}
impl Chain {
    fn new(start: u32) -> Self {
        if start > SECTOR_MAX {
            return Self { ended: true, ..Self::default() };
        }
        Self { pieces: vec![(0, start)], sectors: 1, ended: false }
    }
    fn last(&self) -> Option<u32> {
        let (at, first) = self.pieces.last()?;
        first.checked_add(self.sectors - 1 - at)
    }
    fn push(&mut self, sector: u32) -> Result<(), GapReason> {
        if self.last().and_then(|l| l.checked_add(1)) != Some(sector) {
            if self.pieces.len() >= PIECES_MAX {
                return Err(GapReason::TooMany);
            }
            self.pieces.push((self.sectors, sector));
        }
        self.sectors += 1;
        Ok(())
    }
    /// The sector in place `index`, and how many lie side by side from it on.
    fn at(&self, index: u32) -> Option<(u32, u32)> {
        if index >= self.sectors {
            return None;
        }
        let i = self.pieces.partition_point(|p| p.0 <= index).checked_sub(1)?;
        let (at, first) = *self.pieces.get(i)?;
        let end = self.pieces.get(i + 1).map_or(self.sectors, |next| next.0);
        Some((first.checked_add(index - at)?, end - index))
    }
}

/// A stream that is read.
#[derive(Clone)]
pub(crate) struct Stream {
    chain: Chain,
    mini: bool,
    size: u64,
    at: u64,
}

/// A compound file.
pub(crate) struct Ole<R> {
    src: R,
    sector_bits: u32,
    sectors: u32,
    mini_below: u64,
    /// Sectors that hold the table.
    table: Vec<u32>,
    /// The sector of the table read last, by its number in `table`.
    page: (usize, Vec<u8>),
    block: (u64, Vec<u8>),
    mini_table: Chain,
    mini: Chain,
    entries: Vec<Entry>,
    /// Entries that were given to their storage.
    taken: Vec<bool>,
    /// What is wrong with the directory.
    fault: Option<GapReason>,
    /// Steps along chains that are still allowed.
    steps: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}
/// The number of four bytes at `at`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

impl<R: Read + Seek> Ole<R> {
    /// Reads header and directory.
    pub(crate) fn open(mut src: R, entries_max: u64) -> Result<Self, GapReason> {
        let io = |e: io::Error| reason(&e);
        let size = src.seek(SeekFrom::End(0)).map_err(io)?;
        let mut head = vec![0; 512];
        src.seek(SeekFrom::Start(0)).map_err(io)?;
        src.read_exact(&mut head).map_err(io)?;
        let field = |at| u32_at(&head, at).ok_or(GapReason::Corrupt);
        let sector_bits = u32::from(u16_at(&head, 30).ok_or(GapReason::Corrupt)?);
        if !matches!(sector_bits, 9 | 12) || u16_at(&head, 32).map(u32::from) != Some(MINI_BITS) {
            return Err(GapReason::Corrupt);
        }
        let sectors = u32::try_from(size >> sector_bits).map_err(|_| GapReason::TooLarge)?.min(SECTOR_MAX);
        let mut this = Self {
            src,
            sector_bits,
            sectors,
            mini_below: field(56)?.into(),
            table: Vec::new(),
            page: (usize::MAX, Vec::new()),
            block: (u64::MAX, Vec::new()),
            mini_table: Chain::new(field(60)?),
            mini: Chain::default(),
            entries: Vec::new(),
            taken: Vec::new(),
            fault: None,
            steps: 16 * u64::from(sectors) + (1 << 16),
        };
        this.tables(&head, field(68)?).map_err(io)?;
        this.directory(Chain::new(field(48)?), entries_max)?;
        this.taken = vec![false; this.entries.len()];
        let root = this.entries.first().ok_or(GapReason::Corrupt)?;
        this.mini = Chain::new(root.start);
        Ok(this)
    }
    /// Finds the sectors that hold the table: the first 109 in the header, the others in a chain of their own.
    fn tables(&mut self, head: &[u8], mut next: u32) -> io::Result<()> {
        let per_sector = 1u32 << (self.sector_bits - 2);
        let most = (self.sectors / per_sector + 2) as usize;
        let numbers = |bytes: &[u8]| -> Vec<u32> {
            let (words, _) = bytes.as_chunks::<4>();
            words.iter().map(|w| u32::from_le_bytes(*w)).collect()
        };
        let mut found = numbers(&head[76..]);
        let mut sector = vec![0; 1 << self.sector_bits];
        let mut rounds = 0;
        while next <= SECTOR_MAX && found.iter().rev().take(1).all(|n| *n <= SECTOR_MAX) {
            rounds += 1;
            if rounds > most {
                return Err(fault(GapReason::Corrupt));
            }
            self.read_whole(self.offset(next), &mut sector)?;
            let mut more = numbers(&sector);
            next = more.pop().unwrap_or(END);
            found.extend(more);
            if found.len() > most + 109 + per_sector as usize {
                break;
            }
        }
        found.truncate(found.iter().position(|n| *n > SECTOR_MAX).unwrap_or(found.len()));
        self.table = found;
        Ok(())
    }
    fn directory(&mut self, mut chain: Chain, entries_max: u64) -> Result<(), GapReason> {
        let mut entry = [0; ENTRY_BYTES];
        let mut at = 0;
        loop {
            match self.read_chain(&mut chain, at, &mut entry, true) {
                Ok(ENTRY_BYTES) => at += ENTRY_BYTES as u64,
                Ok(0) => return Ok(()),
                Ok(_) => self.fault = Some(GapReason::Corrupt),
                Err(e) => self.fault = Some(reason(&e)),
            }
            if self.fault.is_some() {
                return Ok(());
            }
            if self.entries.len() as u64 >= entries_max {
                return Err(GapReason::TooMany);
            }
            self.entries.push(self.entry(&entry));
        }
    }
    fn entry(&self, bytes: &[u8; ENTRY_BYTES]) -> Entry {
        let units = usize::from(u16_at(bytes, 64).unwrap_or(0).min(64) / 2).saturating_sub(1);
        let (pairs, _) = bytes[..units * 2].as_chunks::<2>();
        let name: Vec<u16> = pairs.iter().map(|p| u16::from_le_bytes(*p)).collect();
        let number = |at| u32_at(bytes, at).unwrap_or(NONE);
        let high = if self.sector_bits == 12 { u64::from(number(124)) << 32 } else { 0 };
        Entry {
            name: String::from_utf16_lossy(&name),
            what: if bytes[66] == 2 { What::Stream } else { What::Storage },
            size: high | u64::from(number(120)),
            start: number(116),
            left: number(68),
            right: number(72),
            // What is not in use leads nowhere.
            child: if matches!(bytes[66], 1 | 5) { number(76) } else { NONE },
        }
    }
    /// What lies in the storage `parent`; 0 is the root. An entry is given once: a directory that leads to one twice is
    /// at fault.
    pub(crate) fn children(&mut self, parent: usize) -> Vec<usize> {
        let mut all = Vec::new();
        let mut todo: Vec<u32> = self.entries.get(parent).map(|e| e.child).into_iter().collect();
        while let Some(id) = todo.pop().filter(|id| *id != NONE) {
            let id = id as usize;
            match (self.entries.get(id), self.taken.get_mut(id)) {
                (Some(entry), Some(taken @ false)) if id != 0 => {
                    *taken = true;
                    all.push(id);
                    todo.extend([entry.left, entry.right].iter().filter(|n| **n != NONE));
                }
                _ => self.fault = Some(GapReason::Corrupt),
            }
        }
        all.sort_unstable();
        all
    }
    /// Streams that no storage leads to, once all storages were asked for theirs.
    pub(crate) fn orphans(&self) -> Vec<usize> {
        let free = |i: &usize| {
            let in_use = self.entries.get(*i).is_some_and(|e| e.what == What::Stream && e.size > 0);
            in_use && self.taken.get(*i) == Some(&false)
        };
        (1..self.entries.len()).filter(free).collect()
    }
    /// What is wrong with the directory, if anything.
    pub(crate) fn fault(&self) -> Option<GapReason> {
        self.fault
    }
    pub(crate) fn get(&self, id: usize) -> Option<&Entry> {
        self.entries.get(id)
    }
    /// Opens a stream.
    pub(crate) fn open_stream(&mut self, id: usize) -> Open<'_, R> {
        let (start, size) = self.entries.get(id).map_or((END, 0), |e| (e.start, e.size));
        let stream = Stream { chain: Chain::new(start), mini: size < self.mini_below, size, at: 0 };
        Open { ole: self, stream }
    }

    fn offset(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) << self.sector_bits
    }
    /// Reads from the file itself, less than is wanted where it ends; small reads through a block that is kept.
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut n = 0;
        if buf.len() >= BLOCK_BYTES {
            self.src.seek(SeekFrom::Start(offset))?;
            fill(&mut self.src, buf, &mut n)?;
            return Ok(n);
        }
        let base = offset - offset % BLOCK_BYTES as u64;
        if self.block.0 != base {
            self.block.0 = u64::MAX;
            self.src.seek(SeekFrom::Start(base))?;
            // Two blocks, so that what begins in one may end in the next.
            self.block.1.resize(2 * BLOCK_BYTES, 0);
            fill(&mut self.src, &mut self.block.1, &mut n)?;
            self.block.1.truncate(n);
            self.block.0 = base;
        }
        let from = usize::try_from(offset - base).unwrap_or(usize::MAX);
        let have = self.block.1.get(from..).unwrap_or_default();
        let n = have.len().min(buf.len());
        buf[..n].copy_from_slice(&have[..n]);
        Ok(n)
    }
    fn read_whole(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        if self.read_at(offset, buf)? < buf.len() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
    fn step(&mut self) -> io::Result<()> {
        self.steps = self.steps.checked_sub(1).ok_or_else(|| fault(GapReason::Bomb))?;
        Ok(())
    }
    /// What the table says follows a sector.
    fn next(&mut self, sector: u32) -> io::Result<u32> {
        self.step()?;
        let in_page = self.sector_bits - 2;
        let number = (sector >> in_page) as usize;
        if self.page.0 != number {
            let table = *self.table.get(number).ok_or_else(|| fault(GapReason::Corrupt))?;
            let (mut bytes, offset) = (std::mem::take(&mut self.page.1), self.offset(table));
            self.page.0 = usize::MAX;
            bytes.resize(1 << self.sector_bits, 0);
            let read = self.read_whole(offset, &mut bytes);
            self.page.1 = bytes;
            read?;
            self.page.0 = number;
        }
        let at = (sector & ((1 << in_page) - 1)) as usize * 4;
        u32_at(&self.page.1, at).ok_or_else(|| fault(GapReason::Corrupt))
    }
    fn next_mini(&mut self, sector: u32) -> io::Result<u32> {
        self.step()?;
        let mut chain = std::mem::take(&mut self.mini_table);
        let mut word = [0; 4];
        let read = self.read_chain(&mut chain, u64::from(sector) * 4, &mut word, true);
        self.mini_table = chain;
        if read? < 4 {
            return Err(fault(GapReason::Corrupt));
        }
        Ok(u32::from_le_bytes(word))
    }
    /// Follows `chain` up to its sector `index`; false if it ends before.
    fn follow(&mut self, chain: &mut Chain, index: u64, big: bool) -> io::Result<bool> {
        while u64::from(chain.sectors) <= index && !chain.ended {
            let Some(last) = chain.last() else { return Ok(false) };
            let next = if big { self.next(last)? } else { self.next_mini(last)? };
            let most =
                if big { self.sectors } else { self.sectors.saturating_mul(1 << (self.sector_bits - MINI_BITS)) };
            match next {
                END => chain.ended = true,
                _ if next > SECTOR_MAX || chain.sectors > most => return Err(fault(GapReason::Corrupt)),
                _ => chain.push(next).map_err(fault)?,
            }
        }
        Ok(u64::from(chain.sectors) > index)
    }
    /// Reads from a chain at `at`: one stretch that lies side by side, or if `all` until `buf` is full or the chain
    /// ends.
    fn read_chain(&mut self, chain: &mut Chain, at: u64, buf: &mut [u8], all: bool) -> io::Result<usize> {
        let mut n = 0;
        while n < buf.len() {
            let here = at + n as u64;
            let index = here >> self.sector_bits;
            // As much of the chain as is wanted, so that it is read in one go.
            let last = (at + buf.len() as u64 - 1) >> self.sector_bits;
            if !self.follow(chain, index, true)? {
                break;
            }
            // A fault further on is met when it is come to.
            let _ = self.follow(chain, last, true);
            let index = u32::try_from(index).map_err(|_| fault(GapReason::TooLarge))?;
            let Some((sector, run)) = chain.at(index) else { break };
            let within = here & ((1 << self.sector_bits) - 1);
            let bytes = (u64::from(run) << self.sector_bits) - within;
            let want = (buf.len() - n).min(usize::try_from(bytes).unwrap_or(usize::MAX));
            let got = self.read_at(self.offset(sector) + within, &mut buf[n..n + want])?;
            n += got;
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !all || got < want {
                break;
            }
        }
        Ok(n)
    }
    fn read_stream(&mut self, stream: &mut Stream, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(stream.size.saturating_sub(stream.at)).unwrap_or(usize::MAX);
        let want = buf.len().min(left);
        if want == 0 {
            return Ok(0);
        }
        let buf = &mut buf[..want];
        let n = if stream.mini {
            let index = stream.at >> MINI_BITS;
            if self.follow(&mut stream.chain, index, false)? {
                let index = u32::try_from(index).map_err(|_| fault(GapReason::Corrupt))?;
                let (sector, _) = stream.chain.at(index).ok_or_else(|| fault(GapReason::Corrupt))?;
                let within = stream.at & ((1 << MINI_BITS) - 1);
                let few = buf.len().min((1 << MINI_BITS) - within as usize);
                let mut chain = std::mem::take(&mut self.mini);
                let read =
                    self.read_chain(&mut chain, (u64::from(sector) << MINI_BITS) + within, &mut buf[..few], true);
                self.mini = chain;
                read?
            } else {
                0
            }
        } else {
            self.read_chain(&mut stream.chain, stream.at, buf, false)?
        };
        stream.at += n as u64;
        // A chain that is shorter than its stream claims to be.
        if n == 0 { Err(fault(GapReason::Corrupt)) } else { Ok(n) }
    }
}

/// A stream under way. It can be sought in.
pub(crate) struct Open<'o, R> {
    ole: &'o mut Ole<R>,
    stream: Stream,
}
impl<R: Read + Seek> Open<'_, R> {
    /// Goes on at `at`.
    pub(crate) fn go(&mut self, at: u64) {
        self.stream.at = at;
    }
    /// All of the stream, if it is no longer than `bytes_max`.
    pub(crate) fn whole(&mut self, bytes_max: u64) -> Result<Vec<u8>, GapReason> {
        let mut all = Vec::new();
        Capped::new(self, bytes_max).read_to_end(&mut all).map_err(|e| reason(&e))?;
        Ok(all)
    }
}
impl<R: Read + Seek> Read for Open<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.ole.read_stream(&mut self.stream, buf)
    }
}
