//! Compressions of one stream: gzip, bzip2, xz, lzma, Zstandard, lz4. Streams that follow each other are read to the
//! end.

use super::frames::Frames;
use super::guard::{Guard, Source, Taken, reason};
use super::memory::Claim;
use super::{Container, PACKED_BYTES, container, inner};
use crate::content::Worker;
use crate::text::fill;
use bzip2::bufread::MultiBzDecoder;
use evidence::PathText;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use std::io::{self, BufReader, Cursor, ErrorKind, Read};
use std::rc::Rc;

/// What a decoder of bzip2 holds at the largest block size (bzip2's manual, 2.5). Bytes.
const BZIP2_BYTES: u64 = 3700 << 10;
/// What a decoder of LZMA takes beside its dictionary, at usual properties. KiB.
const LZMA_BESIDE_KIB: u32 = 256;
/// An end mark of LZMA with what the range coder keeps behind it is no longer. Bytes.
const END_MARK_BYTES_MAX: usize = 12;
/// A stream of xz may have blocks with several dictionaries; the first one is known. Larger ones may follow up to
/// here, the default of xz. Bytes.
const XZ_DICTIONARY_BYTES: u32 = 8 << 20;

/// Reads a compressed stream.
pub(crate) fn stream(worker: &mut Worker<'_>, kind: Container, head: &[u8], src: &mut dyn Read, inside: &[PathText]) {
    let taken = Rc::new(Taken::default());
    let packed = BufReader::with_capacity(PACKED_BYTES, Source::new(src, &taken));
    let claim = worker.memory.claim();
    let mut name: Vec<u8> = default_name(kind, head).into();
    let opened: io::Result<Box<dyn Read + '_>> = match kind {
        Container::Gzip => {
            let decoder = MultiGzDecoder::new(packed);
            if let Some(given) = decoder.header().and_then(|h| h.filename()) {
                name = given.to_vec();
            }
            Ok(Box::new(decoder))
        }
        Container::Bzip2 => bzip2(packed, claim),
        Container::Xz => xz(packed, xz_dictionary(head), claim, worker),
        Container::Lzma => lzma(packed, head, claim, worker),
        _ => Ok(Box::new(Frames::new(packed, claim, worker.config().limits.dictionary_bytes_max))),
    };
    let inner = inner(inside, &name);
    match opened {
        Ok(decoder) => unpacked(worker, Guard::new(worker, decoder, taken), &inner),
        Err(e) => worker.gap(reason(&e), &inner),
    }
}

/// Looks at what a stream unpacks to. An archive in it is bounded as a whole, not as one member.
fn unpacked<'a>(worker: &mut Worker<'a>, mut src: Guard<'a, Box<dyn Read + '_>>, inner: &[PathText]) {
    const HEAD_BYTES: usize = 1 << 10;
    let (mut head, mut filled) = ([0; HEAD_BYTES], 0);
    // A fault meets whoever reads on.
    let _ = fill(&mut src, &mut head, &mut filled);
    let head = &head[..filled];
    let src = if container(head).is_some() { src.of_many() } else { src };
    worker.content(&mut Cursor::new(head).chain(src), inner);
}

fn default_name(kind: Container, head: &[u8]) -> &'static [u8] {
    match (kind, head) {
        (Container::Gzip, _) => b"gzip",
        (Container::Bzip2, _) => b"bzip2",
        (Container::Xz, _) => b"xz",
        (Container::Lzma, _) => b"lzma",
        (_, [0x02 | 0x04, ..]) => b"lz4",
        _ => b"zstd",
    }
}

pub(super) fn bzip2<'s>(packed: impl io::BufRead + 's, mut claim: Claim<'s>) -> io::Result<Box<dyn Read + 's>> {
    claim.grow(BZIP2_BYTES)?;
    Ok(Box::new(Claimed::new(MultiBzDecoder::new(packed), claim)))
}

pub(super) fn xz<'s>(
    packed: impl Read + 's,
    dictionary: u32,
    claim: Claim<'s>,
    worker: &Worker<'_>,
) -> io::Result<Box<dyn Read + 's>> {
    let dictionary = dictionary.max(XZ_DICTIONARY_BYTES);
    let kib = kib_of(dictionary, worker)?;
    Ok(Box::new(Window::new(XzReader::new_mem_limit(packed, true, kib), dictionary.into(), claim)))
}

fn lzma<'s>(
    packed: impl Read + 's,
    head: &[u8],
    claim: Claim<'s>,
    worker: &Worker<'_>,
) -> io::Result<Box<dyn Read + 's>> {
    let dictionary = u32_le(head, 1).ok_or(ErrorKind::UnexpectedEof)?;
    let kib = kib_of(dictionary, worker)?;
    let decoder = Lone { decoder: Some(LzmaReader::new_mem_limit(packed, kib, None)?) };
    Ok(Box::new(Window::new(decoder, dictionary.into(), claim)))
}

/// A stream after which nothing may follow but an end mark, which some write even where the size is told.
struct Lone<R> {
    decoder: Option<LzmaReader<R>>,
}
impl<R: Read> Read for Lone<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.decoder.as_mut().map_or(Ok(0), |d| d.read(buf))?;
        if n == 0
            && !buf.is_empty()
            && let Some((mut src, unused)) = self.decoder.take().map(LzmaReader::into_parts)
            && (unused.len() > END_MARK_BYTES_MAX || src.read(&mut [0])? > 0)
        {
            return Err(ErrorKind::InvalidData.into());
        }
        Ok(n)
    }
}

/// The memory limit for a decoder with this dictionary, KiB.
///
/// # Errors
/// `FileTooLarge` if it is larger than allowed.
fn kib_of(dictionary: u32, worker: &Worker<'_>) -> io::Result<u32> {
    if u64::from(dictionary) > worker.config().limits.dictionary_bytes_max {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(dictionary / 1024 + LZMA_BESIDE_KIB)
}

fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes)
}

/// Holds memory as long as a decoder that took all of it at once.
pub(super) struct Claimed<'a, R> {
    inner: R,
    _claim: Claim<'a>,
}
impl<'a, R> Claimed<'a, R> {
    pub(super) fn new(inner: R, claim: Claim<'a>) -> Self {
        Self { inner, _claim: claim }
    }
}
impl<R: Read> Read for Claimed<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf)
    }
}

/// A decoder whose memory grows with what it gives, up to its dictionary; twice as much at times.
pub(super) struct Window<'a, R> {
    inner: R,
    dictionary: u64,
    out: u64,
    claim: Claim<'a>,
}
impl<'a, R> Window<'a, R> {
    pub(super) fn new(inner: R, dictionary: u64, claim: Claim<'a>) -> Self {
        Self { inner, dictionary, out: 0, claim }
    }
}
impl<R: Read> Read for Window<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let beside = u64::from(LZMA_BESIDE_KIB) << 10;
        let grown = self.out.saturating_add(buf.len() as u64).saturating_mul(2);
        self.claim.grow(grown.min(self.dictionary) + beside)?;
        let n = self.inner.read(buf)?;
        self.out = self.out.saturating_add(n as u64);
        Ok(n)
    }
}

/// The dictionary of the first block of an xz stream, bytes; zero if there is none, or none is told.
///
/// The .xz file format 1.2.1: stream header (12 bytes), block header (3.1), LZMA2 (5.3.1).
pub(super) fn xz_dictionary(head: &[u8]) -> u32 {
    fn number(at: &mut &[u8]) -> Option<u64> {
        let mut value = 0;
        for i in 0..9 {
            let (byte, rest) = at.split_first()?;
            *at = rest;
            value |= u64::from(byte & 0x7F) << (7 * i);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
    fn find(head: &[u8]) -> Option<u32> {
        let flags = *head.get(13)?;
        let mut at = head.get(14..)?;
        for size_is_told in [0x40, 0x80] {
            if flags & size_is_told != 0 {
                number(&mut at)?;
            }
        }
        for _ in 0..=flags & 3 {
            let (id, bytes) = (number(&mut at)?, usize::try_from(number(&mut at)?).ok()?);
            let properties = at.get(..bytes)?;
            at = &at[bytes..];
            if id == 0x21 {
                return lzma2_dictionary(*properties.first()?);
            }
        }
        None
    }
    find(head).unwrap_or(0)
}
/// What the one byte of properties of LZMA2 says of its dictionary, bytes.
pub(super) fn lzma2_dictionary(bits: u8) -> Option<u32> {
    match bits {
        0..40 => Some((2 | u32::from(bits & 1)) << (bits / 2 + 11)),
        40 => Some(u32::MAX),
        _ => None,
    }
}

/// True for the old `.lzma`, which has no signature: the properties that every known writer uses, a dictionary as
/// liblzma accepts it (a power of two, or one and a half), a size of up to 256 GiB or none, and the zero byte that
/// every stream of the range coder begins with (LZMA specification; liblzma's `lzma_alone_decoder`).
pub(super) fn is_lzma(head: &[u8]) -> bool {
    const SIZE_MAX: u64 = 1 << 38;
    let (Some(dictionary), Some(size)) = (u32_le(head, 1), head.get(5..13)) else { return false };
    let size = size.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b));
    let usual = dictionary == u32::MAX
        || (dictionary >= 1 << 12 && (dictionary.is_power_of_two() || (dictionary / 3 * 2).is_power_of_two()));
    let usual = usual && (dictionary == u32::MAX || dictionary.count_ones() <= 2);
    head.first() == Some(&0x5D)
        && usual
        && (size == u64::MAX || (1..SIZE_MAX).contains(&size))
        && head.get(13) == Some(&0)
}
