//! The directory of a 7z archive (7zFormat.txt of the LZMA SDK): what the blocks are made of, and the members' names
//! and sizes.
//!
//! It is held as it lies; what is made of it is bounded by the number of entries. Every number in it is a claim: it is
//! held against what there is before anything is made of it.

use evidence::GapReason;

/// Properties of the format, by their numbers.
mod id {
    pub(super) const END: u64 = 0x00;
    pub(super) const HEADER: u64 = 0x01;
    pub(super) const ARCHIVE_PROPERTIES: u64 = 0x02;
    pub(super) const MAIN_STREAMS: u64 = 0x04;
    pub(super) const FILES: u64 = 0x05;
    pub(super) const PACK_INFO: u64 = 0x06;
    pub(super) const UNPACK_INFO: u64 = 0x07;
    pub(super) const SUB_STREAMS: u64 = 0x08;
    pub(super) const SIZE: u64 = 0x09;
    pub(super) const CRC: u64 = 0x0A;
    pub(super) const FOLDER: u64 = 0x0B;
    pub(super) const UNPACK_SIZE: u64 = 0x0C;
    pub(super) const NUM_STREAMS: u64 = 0x0D;
    pub(super) const EMPTY_STREAM: u64 = 0x0E;
    pub(super) const EMPTY_FILE: u64 = 0x0F;
    pub(super) const NAMES: u64 = 0x11;
    pub(super) const PACKED_HEADER: u64 = 0x17;
}

/// Decoders in one block; 7-Zip writes up to five (a filter of four streams and their packers, encrypted).
const CODERS_MAX: usize = 8;
/// What one decoder is told. Bytes.
const PROPERTIES_BYTES_MAX: u64 = 256;

/// One decoder of a block.
#[derive(Debug)]
pub(super) struct Coder {
    /// The method's number, its bytes as one big-endian number.
    pub(super) method: u64,
    pub(super) inputs: usize,
    pub(super) properties: Box<[u8]>,
    /// What it gives. Bytes.
    pub(super) bytes: u64,
}
/// A block: packed streams, the decoders that they run through, and which feeds which.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) coders: Box<[Coder]>,
    /// Pairs of an input and the coder that feeds it; inputs are counted through all coders.
    pub(super) pairs: Box<[(usize, usize)]>,
    /// The inputs that packed streams feed, in the order of the streams.
    pub(super) fed: Box<[usize]>,
    /// Where each packed stream lies, behind the start: begin and length.
    pub(super) packed: Box<[(u64, u64)]>,
    pub(super) crc: Option<u32>,
    /// Members in it, and which is the first of all.
    members: usize,
    first: usize,
}
impl Block {
    /// The coder that nobody takes from.
    pub(super) fn last(&self) -> Option<usize> {
        (0..self.coders.len()).find(|c| self.pairs.iter().all(|(_, from)| from != c))
    }
    /// What it unpacks to. Bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.last().and_then(|c| self.coders.get(c)).map_or(0, |c| c.bytes)
    }
    pub(super) fn is_encrypted(&self) -> bool {
        self.coders.iter().any(|c| c.method == super::coders::AES)
    }
}

/// What is known of the archive's members.
pub(super) struct Directory {
    raw: Vec<u8>,
    pub(super) blocks: Vec<Block>,
    sizes: Vec<(u64, Option<u32>)>,
    files: usize,
    /// Where in `raw` names and the bits of members without data begin.
    names: Option<usize>,
    empty: Option<usize>,
    empty_files: u64,
}
/// What a header turns out to be.
pub(super) enum Parsed {
    Directory(Box<Directory>),
    /// The header itself is in this block.
    Packed(Block),
}

type Result<T> = std::result::Result<T, GapReason>;

/// Reads numbers from a header.
struct Cursor<'r> {
    raw: &'r [u8],
    at: usize,
}
impl<'r> Cursor<'r> {
    fn bytes(&mut self, n: u64) -> Result<&'r [u8]> {
        let end = usize::try_from(n).ok().and_then(|n| self.at.checked_add(n)).ok_or(GapReason::Corrupt)?;
        let bytes = self.raw.get(self.at..end).ok_or(GapReason::Corrupt)?;
        self.at = end;
        Ok(bytes)
    }
    fn byte(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }
    fn u32(&mut self) -> Result<u32> {
        Ok(self.bytes(4)?.iter().rev().fold(0, |v, b| v << 8 | u32::from(*b)))
    }
    /// The leading ones of the first byte say how many follow; its other bits are the highest.
    fn number(&mut self) -> Result<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let low = self.bytes(more.into())?.iter().rev().fold(0u64, |v, b| v << 8 | u64::from(*b));
        let high = if more >= 7 { 0 } else { u64::from(first & (0x7F >> more)) << (8 * more) };
        Ok(low | high)
    }
    /// A number of things of which there may be so many. Each takes at least a bit of the header.
    fn count(&mut self, max: u64) -> Result<usize> {
        let n = self.number()?;
        if n > self.raw.len() as u64 * 8 {
            return Err(GapReason::Corrupt);
        }
        if n > max { Err(GapReason::TooMany) } else { Ok(usize::try_from(n).unwrap_or(0)) }
    }
    fn expect(&mut self, id: u64) -> Result<()> {
        if self.number()? == id { Ok(()) } else { Err(GapReason::Corrupt) }
    }
    /// A bit for each of `n`, or none if all are set.
    fn defined(&mut self, n: usize) -> Result<Bits<'r>> {
        let all = self.byte()? != 0;
        Ok(Bits { bytes: if all { None } else { Some(self.bytes((n as u64).div_ceil(8))?) } })
    }
    /// A CRC for those of `n` that have one.
    fn sums(&mut self, n: usize) -> Result<Vec<Option<u32>>> {
        let defined = self.defined(n)?;
        (0..n).map(|i| if defined.has(i) { self.u32().map(Some) } else { Ok(None) }).collect()
    }
}
struct Bits<'r> {
    bytes: Option<&'r [u8]>,
}
impl Bits<'_> {
    fn has(&self, i: usize) -> bool {
        self.bytes.is_none_or(|bytes| bytes.get(i / 8).is_some_and(|b| b & (0x80 >> (i % 8)) != 0))
    }
}

impl Directory {
    /// Parses a header.
    ///
    /// # Errors
    /// `Corrupt`, `TooMany` (more entries than `entries_max`), `Unsupported`.
    pub(super) fn parse(raw: Vec<u8>, entries_max: u64) -> Result<Parsed> {
        let mut at = Cursor { raw: &raw, at: 0 };
        let mut streams = Streams::default();
        match at.number()? {
            id::HEADER => {}
            id::PACKED_HEADER => {
                streams.parse(&mut at, entries_max)?;
                let block = streams.blocks.into_iter().next().ok_or(GapReason::Corrupt)?;
                return Ok(Parsed::Packed(block));
            }
            _ => return Err(GapReason::Corrupt),
        }
        let mut next = at.number()?;
        if next == id::ARCHIVE_PROPERTIES {
            while at.number()? != id::END {
                let bytes = at.number()?;
                at.bytes(bytes)?;
            }
            next = at.number()?;
        }
        if next == id::MAIN_STREAMS {
            streams.parse(&mut at, entries_max)?;
            next = at.number()?;
        }
        let Streams { blocks, sizes, .. } = streams;
        let mut directory = Self { raw: Vec::new(), blocks, sizes, files: 0, names: None, empty: None, empty_files: 0 };
        match next {
            id::FILES => directory.files(&mut at, entries_max)?,
            id::END => {}
            // Additional streams: no writer has any.
            _ => return Err(GapReason::Unsupported),
        }
        directory.raw = raw;
        Ok(Parsed::Directory(Box::new(directory)))
    }

    fn files(&mut self, at: &mut Cursor<'_>, entries_max: u64) -> Result<()> {
        self.files = at.count(entries_max)?;
        let mut empties = 0;
        loop {
            let property = at.number()?;
            if property == id::END {
                return Ok(());
            }
            let bytes = at.number()?;
            let begin = at.at;
            let body = at.bytes(bytes)?;
            match property {
                id::EMPTY_STREAM => {
                    let bits = Bits { bytes: Some(body) };
                    empties = (0..self.files).filter(|i| bits.has(*i)).count();
                    self.empty = Some(begin);
                }
                id::EMPTY_FILE => {
                    let bits = Bits { bytes: Some(body) };
                    self.empty_files = (0..empties).filter(|i| bits.has(*i)).count() as u64;
                }
                // One byte tells whether the names stand elsewhere; nobody puts them there.
                id::NAMES if body.first() == Some(&0) => self.names = Some(begin + 1),
                id::NAMES => return Err(GapReason::Unsupported),
                _ => {}
            }
        }
    }

    /// What it takes in memory, about.
    pub(super) fn bytes(&self) -> u64 {
        let blocks = self.blocks.len() * (size_of::<Block>() + size_of::<Coder>() + 96);
        (self.raw.len() + blocks + self.sizes.len() * size_of::<(u64, Option<u32>)>()) as u64
    }
    /// Sizes and sums of a block's members.
    pub(super) fn sizes_of(&self, block: &Block) -> impl Iterator<Item = (u64, Option<u32>)> + use<'_> {
        self.sizes.iter().skip(block.first).take(block.members).copied()
    }
    /// The members by name, in order.
    pub(super) fn members(&self) -> Members<'_> {
        Members { directory: self, next: 0, name: self.names }
    }
}

/// Walks along the names.
pub(super) struct Members<'d> {
    directory: &'d Directory,
    next: usize,
    name: Option<usize>,
}
impl Members<'_> {
    /// The name of the next member that has data, in UTF-8.
    pub(super) fn next_file(&mut self) -> Option<Vec<u8>> {
        let d = self.directory;
        while self.next < d.files {
            let name = self.name();
            let i = self.next;
            self.next += 1;
            let is_empty = d.empty.is_some_and(|at| d.raw.get(at + i / 8).is_some_and(|b| b & (0x80 >> (i % 8)) != 0));
            if !is_empty {
                return Some(name);
            }
        }
        None
    }
    pub(super) fn empty_files(&self) -> u64 {
        self.directory.empty_files
    }
    /// UTF-16 up to a zero. What is no UTF-16 is replaced: the name is shown, not opened.
    fn name(&mut self) -> Vec<u8> {
        let Some(at) = self.name else { return Vec::new() };
        let rest = self.directory.raw.get(at..).unwrap_or_default();
        let units = rest.as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p));
        let n = units.clone().take_while(|u| *u != 0).count();
        self.name = Some(at + 2 * (n + 1));
        char::decode_utf16(units.take(n))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>()
            .into_bytes()
    }
}

/// What a header says of packed streams and blocks.
#[derive(Default)]
struct Streams {
    packed: Vec<(u64, u64)>,
    blocks: Vec<Block>,
    sizes: Vec<(u64, Option<u32>)>,
}
impl Streams {
    fn parse(&mut self, at: &mut Cursor<'_>, entries_max: u64) -> Result<()> {
        let mut next = at.number()?;
        if next == id::PACK_INFO {
            self.pack_info(at, entries_max)?;
            next = at.number()?;
        }
        if next == id::UNPACK_INFO {
            self.unpack_info(at, entries_max)?;
            next = at.number()?;
        }
        for block in &mut self.blocks {
            block.members = 1;
        }
        if next == id::SUB_STREAMS {
            self.sub_streams(at, entries_max)?;
            next = at.number()?;
        } else {
            for (i, block) in self.blocks.iter_mut().enumerate() {
                block.first = i;
                self.sizes.push((block.bytes(), block.crc));
            }
        }
        if next == id::END { Ok(()) } else { Err(GapReason::Corrupt) }
    }

    fn pack_info(&mut self, at: &mut Cursor<'_>, entries_max: u64) -> Result<()> {
        let mut begin = at.number()?;
        // A block has as many packed streams as its last coder has inputs; no more than four.
        let n = at.count(entries_max.saturating_mul(4))?;
        let mut next = at.number()?;
        if next == id::SIZE {
            for _ in 0..n {
                let bytes = at.number()?;
                self.packed.push((begin, bytes));
                begin = begin.checked_add(bytes).ok_or(GapReason::Corrupt)?;
            }
            next = at.number()?;
        }
        if next == id::CRC {
            at.sums(n)?;
            next = at.number()?;
        }
        if next == id::END { Ok(()) } else { Err(GapReason::Corrupt) }
    }

    fn unpack_info(&mut self, at: &mut Cursor<'_>, entries_max: u64) -> Result<()> {
        at.expect(id::FOLDER)?;
        let n = at.count(entries_max)?;
        if at.byte()? != 0 {
            return Err(GapReason::Unsupported);
        }
        let mut packed = std::mem::take(&mut self.packed).into_iter();
        for _ in 0..n {
            let mut block = block(at)?;
            block.packed = packed.by_ref().take(block.fed.len()).collect();
            if block.packed.len() < block.fed.len() {
                return Err(GapReason::Corrupt);
            }
            self.blocks.push(block);
        }
        at.expect(id::UNPACK_SIZE)?;
        for coder in self.blocks.iter_mut().flat_map(|b| &mut b.coders) {
            coder.bytes = at.number()?;
        }
        let mut next = at.number()?;
        if next == id::CRC {
            let sums = at.sums(n)?;
            for (block, sum) in self.blocks.iter_mut().zip(sums) {
                block.crc = sum;
            }
            next = at.number()?;
        }
        if next == id::END { Ok(()) } else { Err(GapReason::Corrupt) }
    }

    fn sub_streams(&mut self, at: &mut Cursor<'_>, entries_max: u64) -> Result<()> {
        let mut next = at.number()?;
        let mut first = 0usize;
        if next == id::NUM_STREAMS {
            for block in &mut self.blocks {
                block.members = at.count(entries_max)?;
            }
            next = at.number()?;
        }
        for block in &mut self.blocks {
            block.first = first;
            first += block.members;
            if first as u64 > entries_max {
                return Err(GapReason::TooMany);
            }
        }
        // All sizes but the last of each block are told.
        for block in &self.blocks {
            let mut rest = block.bytes();
            for i in 1..=block.members {
                let bytes = if i == block.members {
                    rest
                } else if next == id::SIZE {
                    at.number()?
                } else {
                    return Err(GapReason::Corrupt);
                };
                rest = rest.checked_sub(bytes).ok_or(GapReason::Corrupt)?;
                self.sizes.push((bytes, None));
            }
        }
        if next == id::SIZE {
            next = at.number()?;
        }
        let is_told = |block: &Block| block.members == 1 && block.crc.is_some();
        let n = self.blocks.iter().filter(|b| !is_told(b)).map(|b| b.members).sum();
        let mut sums = Vec::new().into_iter();
        if next == id::CRC {
            sums = at.sums(n)?.into_iter();
            next = at.number()?;
        }
        for block in &self.blocks {
            for (_, sum) in self.sizes.iter_mut().skip(block.first).take(block.members) {
                *sum = if is_told(block) { block.crc } else { sums.next().flatten() };
            }
        }
        if next == id::END { Ok(()) } else { Err(GapReason::Corrupt) }
    }
}

/// Reads what a block is made of. What it unpacks to comes later.
fn block(at: &mut Cursor<'_>) -> Result<Block> {
    let n = at.number()?;
    if n == 0 || n > CODERS_MAX as u64 {
        return Err(if n == 0 { GapReason::Corrupt } else { GapReason::Unsupported });
    }
    let mut coders = Vec::new();
    for _ in 0..n {
        coders.push(coder(at)?);
    }
    let inputs: usize = coders.iter().map(|c| c.inputs).sum();
    let outputs = coders.len();
    let index = |at: &mut Cursor<'_>, below: usize| {
        usize::try_from(at.number()?).ok().filter(|i| *i < below).ok_or(GapReason::Corrupt)
    };
    let mut pairs = Vec::new();
    for _ in 1..outputs {
        let pair = (index(at, inputs)?, index(at, outputs)?);
        if pairs.iter().any(|(input, from)| *input == pair.0 || *from == pair.1) {
            return Err(GapReason::Corrupt);
        }
        pairs.push(pair);
    }
    let unbound = |i: &usize| pairs.iter().all(|(input, _)| input != i);
    let free = inputs.checked_sub(pairs.len()).filter(|n| *n > 0).ok_or(GapReason::Corrupt)?;
    let mut fed = Vec::new();
    if free == 1 {
        fed.extend((0..inputs).find(unbound));
    } else {
        for _ in 0..free {
            let input = index(at, inputs)?;
            if !unbound(&input) || fed.contains(&input) {
                return Err(GapReason::Corrupt);
            }
            fed.push(input);
        }
    }
    let (coders, pairs, fed) = (coders.into(), pairs.into(), fed.into());
    Ok(Block { coders, pairs, fed, packed: Box::default(), crc: None, members: 1, first: 0 })
}
fn coder(at: &mut Cursor<'_>) -> Result<Coder> {
    let flags = at.byte()?;
    if flags & 0xC0 != 0 {
        return Err(GapReason::Unsupported);
    }
    // Longer ones than eight bytes are nobody's.
    let id = at.bytes(u64::from(flags & 0x0F))?;
    let method = if id.len() > 8 { u64::MAX } else { id.iter().fold(0, |v, b| v << 8 | u64::from(*b)) };
    let (mut inputs, mut outputs) = (1, 1);
    if flags & 0x10 != 0 {
        (inputs, outputs) = (at.number()?, at.number()?);
    }
    if outputs != 1 || !(1..=4).contains(&inputs) {
        return Err(GapReason::Unsupported);
    }
    let mut properties = Box::default();
    if flags & 0x20 != 0 {
        let bytes = at.number()?;
        if bytes > PROPERTIES_BYTES_MAX {
            return Err(GapReason::Corrupt);
        }
        properties = at.bytes(bytes)?.into();
    }
    Ok(Coder { method, inputs: usize::try_from(inputs).unwrap_or(1), properties, bytes: 0 })
}
