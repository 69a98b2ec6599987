//! Compressions of zip members that the crate `zip` would decode without a limit to their memory (APPNOTE 4.4.5).

use super::super::frames::Frames;
use super::super::guard::{Guard, Source, Taken};
use super::super::streams::{self, Claimed, Window};
use crate::content::Worker;
use crate::unpack::PACKED_BYTES;
use deflate64::Deflate64Decoder;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::LzmaReader;
use ppmd_rust::Ppmd8Decoder;
use std::io::{self, BufReader, ErrorKind, Read};
use std::rc::Rc;
use zip::CompressionMethod;
use zip::read::ZipFile;

/// What is told of a member.
pub(super) struct About {
    pub(super) method: u16,
    /// Unpacked; `None` if that stands behind the data.
    pub(super) bytes: Option<u64>,
    pub(super) crc: Option<u32>,
}
impl About {
    pub(super) fn of<R: Read>(member: &ZipFile<'_, R>) -> Self {
        Self { method: number(member.compression()), bytes: Some(member.size()), crc: Some(member.crc32()) }
    }
}

#[expect(deprecated, reason = "the crate has no other way to name a method that it does not know")]
fn number(method: CompressionMethod) -> u16 {
    method.to_u16()
}
/// True for what the crate decodes without a dictionary.
pub(super) fn is_plain(method: CompressionMethod) -> bool {
    matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated)
}

/// Holds what comes out against what was told of it.
struct Checked<R> {
    inner: R,
    bytes: Option<u64>,
    crc: Option<u32>,
    seen: u64,
    sum: flate2::Crc,
}
impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.seen = self.seen.saturating_add(n as u64);
        self.sum.update(&buf[..n]);
        let is_wrong = self.bytes.is_some_and(|b| b != self.seen) || self.crc.is_some_and(|c| c != self.sum.sum());
        if n == 0 && !buf.is_empty() && is_wrong { Err(ErrorKind::InvalidData.into()) } else { Ok(n) }
    }
}

/// A guarded decoder for the packed member `src`.
///
/// # Errors
/// `Unsupported`, or that the member is broken or wants too much memory.
pub(super) fn decoder<'s, 'a: 's>(
    worker: &Worker<'a>,
    about: &About,
    src: impl Read + 's,
) -> io::Result<Guard<'a, Box<dyn Read + 's>>> {
    let taken = Rc::new(Taken::default());
    let src = BufReader::with_capacity(PACKED_BYTES, Source::new(src, &taken));
    let inner = plain(worker, about, src)?;
    let checked = Checked { inner, bytes: about.bytes, crc: about.crc, seen: 0, sum: flate2::Crc::new() };
    Ok(Guard::new(worker, Box::new(checked), taken))
}

fn plain<'s, 'a: 's>(
    worker: &Worker<'a>,
    about: &About,
    mut src: impl io::BufRead + 's,
) -> io::Result<Box<dyn Read + 's>> {
    let mut claim = worker.memory.claim();
    let dictionary_bytes_max = worker.config().limits.dictionary_bytes_max;
    let too_large = |bytes: u32| u64::from(bytes) > dictionary_bytes_max;
    Ok(match about.method {
        0 => Box::new(src),
        8 => Box::new(DeflateDecoder::new(src)),
        9 => Box::new(Deflate64Decoder::with_buffer(src)),
        12 => streams::bzip2(src, claim)?,
        // Version, length of the properties, the properties (5.8.8).
        14 => {
            let mut head = [0; 9];
            src.read_exact(&mut head)?;
            let [_, _, 5, 0, bits, dictionary @ ..] = head else { return Err(ErrorKind::InvalidData.into()) };
            let bytes = about.bytes.unwrap_or(u64::MAX);
            let dictionary = u32::from_le_bytes(dictionary).min(u32::try_from(bytes).unwrap_or(u32::MAX).max(4096));
            if too_large(dictionary) {
                return Err(ErrorKind::FileTooLarge.into());
            }
            let decoder = LzmaReader::new_with_props(src, bytes, bits, dictionary, None)?;
            Box::new(Window::new(decoder, dictionary.into(), claim))
        }
        93 => Box::new(Frames::new(src, claim, dictionary_bytes_max)),
        95 => {
            let dictionary = streams::xz_dictionary(src.fill_buf()?);
            streams::xz(src, dictionary, claim, worker)?
        }
        // Order, memory, what to do when it is full (5.10.1).
        98 => {
            let mut head = [0; 2];
            src.read_exact(&mut head)?;
            let head = u16::from_le_bytes(head);
            let bytes = (u32::from(head >> 4 & 0xFF) + 1) << 20;
            if too_large(bytes) {
                return Err(ErrorKind::FileTooLarge.into());
            }
            claim.grow(bytes.into())?;
            let decoder = Ppmd8Decoder::new(src, u32::from(head & 0xF) + 1, bytes, (head >> 12).into());
            let decoder = Claimed::new(decoder.map_err(|_| ErrorKind::InvalidData)?, claim);
            Box::new(decoder.take(about.bytes.unwrap_or(u64::MAX)))
        }
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}
