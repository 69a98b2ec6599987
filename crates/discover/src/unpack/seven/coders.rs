//! Decoders of 7z blocks, put together as the directory says (Methods.txt of the LZMA SDK).

use super::super::frames::Frames;
use super::super::streams::{self, Window};
use super::directory::{Block, Coder};
use super::{Shared, reason};
use crate::content::Worker;
use crate::unpack::PACKED_BYTES;
use crate::unpack::guard::Taken;
use deflate64::Deflate64Decoder;
use evidence::GapReason;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::bcj2::Bcj2Reader;
use lzma_rust2::filter::delta::DeltaReader;
use lzma_rust2::{Lzma2Reader, LzmaReader};
use ppmd_rust::Ppmd7Decoder;
use std::io::{self, BufReader, ErrorKind, Read};
use std::rc::Rc;

/// AES with SHA-256.
pub(super) const AES: u64 = 0x06F1_0701;

type Stream<'s> = Box<dyn Read + 's>;

/// A decoder for a block.
///
/// # Errors
/// Why there is none: `Encrypted`, `Unsupported`, `TooLarge`, `Corrupt`.
pub(super) fn decoder<'s, 'a: 's>(
    worker: &Worker<'a>,
    src: &Shared<'s>,
    block: &Block,
    taken: &Rc<Taken>,
) -> Result<Stream<'s>, GapReason> {
    if block.is_encrypted() {
        return Err(GapReason::Encrypted);
    }
    let last = block.last().ok_or(GapReason::Corrupt)?;
    let mut builder = Builder { worker, src, block, taken, left: block.coders.len() };
    let decoder = builder.output(last)?;
    // Coders that nobody takes from, but themselves in a ring.
    if builder.left > 0 { Err(GapReason::Corrupt) } else { Ok(decoder) }
}

struct Builder<'b, 's, 'a> {
    worker: &'b Worker<'a>,
    src: &'b Shared<'s>,
    block: &'b Block,
    taken: &'b Rc<Taken>,
    /// Coders not yet used: a coder that would be used twice feeds itself.
    left: usize,
}
impl<'s, 'a: 's> Builder<'_, 's, 'a> {
    /// What coder `c` gives.
    fn output(&mut self, c: usize) -> Result<Stream<'s>, GapReason> {
        self.left = self.left.checked_sub(1).ok_or(GapReason::Corrupt)?;
        let coder = self.block.coders.get(c).ok_or(GapReason::Corrupt)?;
        let first: usize = self.block.coders[..c].iter().map(|c| c.inputs).sum();
        let inputs = (first..first + coder.inputs).map(|i| self.input(i)).collect::<Result<Vec<_>, _>>()?;
        self.coder(coder, inputs).map_err(|e| reason(&e))
    }
    /// What feeds input `i`.
    fn input(&mut self, i: usize) -> Result<Stream<'s>, GapReason> {
        if let Some(at) = self.block.fed.iter().position(|fed| *fed == i) {
            let (begin, bytes) = self.block.packed.get(at).copied().ok_or(GapReason::Corrupt)?;
            return Ok(Box::new(self.src.stream(begin, bytes, self.taken)));
        }
        let from = self.block.pairs.iter().find(|(input, _)| *input == i).ok_or(GapReason::Corrupt)?.1;
        self.output(from)
    }
    fn coder(&self, coder: &Coder, mut inputs: Vec<Stream<'s>>) -> io::Result<Stream<'s>> {
        if coder.method == 0x0303_011B {
            return match inputs.len() {
                4 => Ok(Box::new(Bcj2Reader::new(inputs, coder.bytes))),
                _ => Err(ErrorKind::InvalidData.into()),
            };
        }
        let (1, Some(input)) = (coder.inputs, inputs.pop()) else { return Err(ErrorKind::Unsupported.into()) };
        let properties = &*coder.properties;
        let mut claim = self.worker.memory.claim();
        let buffered = |input| BufReader::with_capacity(PACKED_BYTES, input);
        let dictionary_max = self.worker.config().limits.dictionary_bytes_max;
        // Nobody looks back further than to the beginning.
        let allowed = |dictionary: u32| {
            let dictionary = dictionary.min(u32::try_from(coder.bytes).unwrap_or(u32::MAX).max(4096));
            if u64::from(dictionary) > dictionary_max { Err(ErrorKind::FileTooLarge) } else { Ok(dictionary) }
        };
        Ok(match coder.method {
            0x00 => input,
            0x21 => {
                let bits = properties.first().copied().and_then(streams::lzma2_dictionary);
                let dictionary = allowed(bits.ok_or(ErrorKind::InvalidData)?)?;
                Box::new(Window::new(Lzma2Reader::new(input, dictionary, None), dictionary.into(), claim))
            }
            0x03_0101 => {
                let &[bits, ref dictionary @ ..] = properties else { return Err(ErrorKind::InvalidData.into()) };
                let dictionary = dictionary.try_into().map(u32::from_le_bytes).map_err(|_| ErrorKind::InvalidData)?;
                let dictionary = allowed(dictionary)?;
                let decoder = LzmaReader::new_with_props(input, coder.bytes, bits, dictionary, None)?;
                Box::new(Window::new(decoder, dictionary.into(), claim))
            }
            0x03_0401 => {
                let &[order, ref bytes @ ..] = properties else { return Err(ErrorKind::InvalidData.into()) };
                let bytes = bytes.try_into().map(u32::from_le_bytes).map_err(|_| ErrorKind::InvalidData)?;
                if u64::from(bytes) > dictionary_max {
                    return Err(ErrorKind::FileTooLarge.into());
                }
                claim.grow(bytes.into())?;
                let decoder = Ppmd7Decoder::new(buffered(input), order.into(), bytes);
                let decoder = decoder.map_err(|_| ErrorKind::InvalidData)?;
                Box::new(streams::Claimed::new(decoder, claim).take(coder.bytes))
            }
            0x04_0108 => Box::new(DeflateDecoder::new(buffered(input))),
            0x04_0109 => Box::new(Deflate64Decoder::with_buffer(buffered(input))),
            0x04_0202 => streams::bzip2(buffered(input), claim)?,
            // Zstandard and lz4, as the writers that add them number them.
            0x04F7_1101 | 0x04F7_1104 => Box::new(Frames::new(buffered(input), claim, dictionary_max)),
            0x03 => {
                let distance = properties.first().map_or(1, |b| usize::from(*b) + 1);
                Box::new(DeltaReader::new(input, distance))
            }
            method => Box::new(branches(method, input)?),
        })
    }
}

/// Filters that rewrite jumps in programs.
fn branches(method: u64, input: Stream<'_>) -> io::Result<BcjReader<Stream<'_>>> {
    Ok(match method {
        0x04 | 0x0303_0103 => BcjReader::new_x86(input, 0),
        0x05 | 0x0303_0205 => BcjReader::new_ppc(input, 0),
        0x06 | 0x0303_0401 => BcjReader::new_ia64(input, 0),
        0x07 | 0x0303_0501 => BcjReader::new_arm(input, 0),
        0x08 | 0x0303_0701 => BcjReader::new_arm_thumb(input, 0),
        0x09 | 0x0303_0805 => BcjReader::new_sparc(input, 0),
        0x0A => BcjReader::new_arm64(input, 0),
        0x0B => BcjReader::new_riscv(input, 0),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}
