//! Captures as files: pcap and pcapng, read frame by frame in constant memory.
//!
//! Both formats are a page each, and the readers at hand either hold a whole file in memory or read more than is wanted:
//! of pcapng the secrets of decryption and the resolved names are never looked at here. A block that is not known is
//! skipped. A file that ends in the middle of a record gives all frames before it and then a fault.

use super::bytes::{be32, le32, rest, slice};
use std::io::Read;

/// Largest record of a frame, in bytes: what libpcap itself refuses beyond.
pub const FRAME_BYTES_MAX: usize = 256 << 10;
/// Largest block of pcapng that is looked into, in bytes.
const BLOCK_BYTES_MAX: usize = FRAME_BYTES_MAX + (64 << 10);
/// Most interfaces of a section of pcapng.
const INTERFACES_MAX: usize = 4096;

/// One captured frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Number in the file, from 1, as Wireshark counts.
    pub number: u64,
    /// Nanoseconds since 1970; `None` where the format has no time.
    pub nanos: Option<i64>,
    /// Link type by the registry of tcpdump.org.
    pub link: u16,
    /// Length on the wire, in bytes.
    pub original: u32,
    /// What was captured of it.
    pub data: &'a [u8],
}

/// Why reading ended early.
#[derive(Debug)]
pub enum Fault {
    /// No capture of a known form.
    NotACapture,
    /// Does not follow its own format, or ends in the middle of a record.
    Corrupt,
    /// The device reported an error, or a limit of the reader below was reached.
    Io(std::io::Error),
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    snap: u32,
    /// Ticks of a second.
    ticks: u64,
    offset: i64,
    dropped: u64,
}

#[derive(Debug)]
enum Form {
    Pcap { big: bool, nanos: bool, link: u16 },
    Ng { big: bool, interfaces: Vec<Interface> },
}

/// Reads a capture.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    form: Form,
    buffer: Vec<u8>,
    number: u64,
    /// Frames that the capturing system lost in sections that have ended.
    dropped: Option<u64>,
}

fn word(big: bool, data: &[u8], at: usize) -> Option<u32> {
    if big { be32(data, at) } else { le32(data, at) }
}
fn half(big: bool, data: &[u8], at: usize) -> Option<u16> {
    let pair: [u8; 2] = slice(data, at, 2)?.try_into().ok()?;
    Some(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
}
fn long(big: bool, data: &[u8], at: usize) -> Option<u64> {
    let (a, b) = (u64::from(word(big, data, at)?), u64::from(word(big, data, at.checked_add(4)?)?));
    Some(if big { a << 32 | b } else { b << 32 | a })
}
fn size(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// Fills `out`; false if the input ends before its first byte.
fn fill(input: &mut impl Read, out: &mut [u8]) -> Result<bool, Fault> {
    let mut have = 0;
    while let Some(space) = out.get_mut(have..).filter(|s| !s.is_empty()) {
        match input.read(space) {
            Ok(0) if have == 0 => return Ok(false),
            Ok(0) => return Err(Fault::Corrupt),
            Ok(n) => have += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Fault::Io(e)),
        }
    }
    Ok(true)
}

impl<R: Read> Reader<R> {
    /// Reads the head of the file.
    pub fn new(mut input: R) -> Result<Self, Fault> {
        let mut magic = [0; 4];
        match fill(&mut input, &mut magic) {
            Ok(true) => {}
            Ok(false) | Err(Fault::Corrupt) => return Err(Fault::NotACapture),
            Err(e) => return Err(e),
        }
        let pcap = match magic {
            [0xa1, 0xb2, 0xc3, 0xd4] => Some((true, false)),
            [0xd4, 0xc3, 0xb2, 0xa1] => Some((false, false)),
            [0xa1, 0xb2, 0x3c, 0x4d] => Some((true, true)),
            [0x4d, 0x3c, 0xb2, 0xa1] => Some((false, true)),
            [0x0a, 0x0d, 0x0d, 0x0a] => None,
            _ => return Err(Fault::NotACapture),
        };
        let form = match pcap {
            Some((big, nanos)) => {
                let mut head = [0; 20];
                if !fill(&mut input, &mut head)? {
                    return Err(Fault::Corrupt);
                }
                // The upper half tells whether frames keep their check sequence.
                let link = word(big, &head, 16).unwrap_or_default() & 0xffff;
                Form::Pcap { big, nanos, link: u16::try_from(link).unwrap_or_default() }
            }
            None => Form::Ng { big: false, interfaces: Vec::new() },
        };
        let mut reader = Self { input, form, buffer: Vec::new(), number: 0, dropped: None };
        if pcap.is_none() {
            reader.section()?;
        }
        Ok(reader)
    }

    /// The next frame; `None` at the end.
    pub fn frame(&mut self) -> Result<Option<Frame<'_>>, Fault> {
        match self.form {
            Form::Pcap { big, nanos, link } => self.record(big, nanos, link),
            Form::Ng { .. } => self.block(),
        }
    }

    /// Frames that the capturing system says it lost; `None` if it says nothing.
    #[must_use]
    pub fn dropped(&self) -> Option<u64> {
        let Form::Ng { interfaces, .. } = &self.form else { return None };
        let here = interfaces.iter().map(|i| i.dropped).fold(0, u64::saturating_add);
        self.dropped.map(|d| d.saturating_add(here))
    }

    /// What is read from.
    pub(crate) fn input(&mut self) -> &mut R {
        &mut self.input
    }

    fn load(&mut self, bytes: usize) -> Result<(), Fault> {
        self.buffer.resize(bytes, 0);
        if bytes > 0 && !fill(&mut self.input, &mut self.buffer)? {
            return Err(Fault::Corrupt);
        }
        Ok(())
    }

    fn record(&mut self, big: bool, nano: bool, link: u16) -> Result<Option<Frame<'_>>, Fault> {
        let mut head = [0; 16];
        if !fill(&mut self.input, &mut head)? {
            return Ok(None);
        }
        let at = |n| word(big, &head, n).unwrap_or_default();
        let bytes = size(at(8));
        if bytes > FRAME_BYTES_MAX {
            return Err(Fault::Corrupt);
        }
        let part = i64::from(at(4)).saturating_mul(if nano { 1 } else { 1000 });
        let nanos = i64::from(at(0)).checked_mul(1_000_000_000).and_then(|s| s.checked_add(part));
        let original = at(12);
        self.load(bytes)?;
        self.number += 1;
        Ok(Some(Frame { number: self.number, nanos, link, original, data: &self.buffer }))
    }

    /// A section header after its type.
    fn section(&mut self) -> Result<(), Fault> {
        let mut head = [0; 8];
        if !fill(&mut self.input, &mut head)? {
            return Err(Fault::Corrupt);
        }
        let big = match head.get(4..) {
            Some([0x1a, 0x2b, 0x3c, 0x4d]) => true,
            Some([0x4d, 0x3c, 0x2b, 0x1a]) => false,
            _ => return Err(Fault::Corrupt),
        };
        let total = size(word(big, &head, 0).unwrap_or_default());
        let left = total.checked_sub(12).filter(|n| *n >= 16 && total.is_multiple_of(4)).ok_or(Fault::Corrupt)?;
        self.skip(left)?;
        if let Some(before) = self.dropped() {
            self.dropped = Some(before);
        }
        self.form = Form::Ng { big, interfaces: Vec::new() };
        Ok(())
    }

    fn skip(&mut self, mut bytes: usize) -> Result<(), Fault> {
        while bytes > 0 {
            let step = bytes.min(64 << 10);
            self.load(step)?;
            bytes -= step;
        }
        Ok(())
    }

    fn block(&mut self) -> Result<Option<Frame<'_>>, Fault> {
        loop {
            let mut kind = [0; 4];
            if !fill(&mut self.input, &mut kind)? {
                return Ok(None);
            }
            if kind == [0x0a, 0x0d, 0x0d, 0x0a] {
                self.section()?;
                continue;
            }
            let Form::Ng { big, .. } = self.form else { return Err(Fault::Corrupt) };
            let mut length = [0; 4];
            if !fill(&mut self.input, &mut length)? {
                return Err(Fault::Corrupt);
            }
            let total = size(word(big, &length, 0).unwrap_or_default());
            let body = total.checked_sub(12).filter(|_| total.is_multiple_of(4)).ok_or(Fault::Corrupt)?;
            let kind = word(big, &kind, 0).unwrap_or_default();
            if !matches!(kind, 1 | 2 | 3 | 5 | 6) {
                self.skip(body)?;
                self.tail(big, total)?;
                continue;
            }
            if body > BLOCK_BYTES_MAX {
                return Err(Fault::Corrupt);
            }
            self.load(body)?;
            self.tail(big, total)?;
            match kind {
                1 => self.interface(big)?,
                5 => self.statistics(big),
                _ => {
                    let found = self.packet(big, kind).ok_or(Fault::Corrupt)?;
                    self.number += 1;
                    let Found { nanos, link, original, from, len } = found;
                    let data = slice(&self.buffer, from, len).ok_or(Fault::Corrupt)?;
                    return Ok(Some(Frame { number: self.number, nanos, link, original, data }));
                }
            }
        }
    }

    /// The length stands once more at the end of a block.
    fn tail(&mut self, big: bool, total: usize) -> Result<(), Fault> {
        let mut again = [0; 4];
        let there = fill(&mut self.input, &mut again)?;
        let same = word(big, &again, 0).map(size) == Some(total);
        if there && same { Ok(()) } else { Err(Fault::Corrupt) }
    }

    fn interface(&mut self, big: bool) -> Result<(), Fault> {
        let body = self.buffer.as_slice();
        let (Some(link), Some(snap)) = (half(big, body, 0), word(big, body, 4)) else { return Err(Fault::Corrupt) };
        let mut new = Interface { link, snap, ticks: 1_000_000, offset: 0, dropped: 0 };
        for (code, value) in options(big, rest(body, 8)) {
            match (code, value) {
                (9, [resolution, ..]) => new.ticks = ticks(*resolution).ok_or(Fault::Corrupt)?,
                (14, value) => new.offset = long(big, value, 0).map_or(0, u64::cast_signed),
                _ => {}
            }
        }
        let Form::Ng { interfaces, .. } = &mut self.form else { return Ok(()) };
        if interfaces.len() >= INTERFACES_MAX {
            return Err(Fault::Corrupt);
        }
        interfaces.push(new);
        Ok(())
    }

    fn statistics(&mut self, big: bool) {
        let body = self.buffer.as_slice();
        let Some(id) = word(big, body, 0) else { return };
        let lost = options(big, rest(body, 12)).filter(|(code, _)| matches!(code, 5 | 7));
        let counts: Vec<u64> = lost.filter_map(|(_, value)| long(big, value, 0)).collect();
        let Form::Ng { interfaces, .. } = &mut self.form else { return };
        if let (Some(interface), false) = (interfaces.get_mut(size(id)), counts.is_empty()) {
            // The counts of an interface grow; the newest is the sum.
            interface.dropped = counts.into_iter().fold(0, u64::saturating_add);
            self.dropped.get_or_insert(0);
        }
    }

    fn packet(&self, big: bool, kind: u32) -> Option<Found> {
        let Form::Ng { interfaces, .. } = &self.form else { return None };
        let body = self.buffer.as_slice();
        if kind == 3 {
            let interface = interfaces.first()?;
            let original = word(big, body, 0)?;
            let snap = if interface.snap == 0 { u32::MAX } else { interface.snap };
            let len = size(original.min(snap)).min(body.len().saturating_sub(4));
            return Some(Found { nanos: None, link: interface.link, original, from: 4, len });
        }
        let id = if kind == 2 { u32::from(half(big, body, 0)?) } else { word(big, body, 0)? };
        let interface = interfaces.get(size(id))?;
        let ticks = u64::from(word(big, body, 4)?) << 32 | u64::from(word(big, body, 8)?);
        let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(interface.ticks);
        let nanos = i64::try_from(nanos).ok().and_then(|n| {
            let offset = interface.offset.checked_mul(1_000_000_000)?;
            n.checked_add(offset)
        });
        let (len, original) = (size(word(big, body, 12)?), word(big, body, 16)?);
        (len <= FRAME_BYTES_MAX).then_some(Found { nanos, link: interface.link, original, from: 20, len })
    }
}

struct Found {
    nanos: Option<i64>,
    link: u16,
    original: u32,
    from: usize,
    len: usize,
}

/// Ticks of a second by `if_tsresol`: a power of ten, or of two with the highest bit set.
fn ticks(resolution: u8) -> Option<u64> {
    let exponent = u32::from(resolution & 0x7f);
    if resolution & 0x80 == 0 { 10_u64.checked_pow(exponent) } else { 1_u64.checked_shl(exponent) }
}

/// Options of a block: code and value.
fn options(big: bool, mut data: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (code, len) = (half(big, data, 0)?, usize::from(half(big, data, 2)?));
        let value = slice(data, 4, len)?;
        data = rest(data, 4 + len.next_multiple_of(4));
        (code != 0).then_some((code, value))
    })
}
