//! Zstandard frames (RFC 8878) and lz4 frames, one after the other, and those that are to be skipped.
//!
//! Each frame gets a decoder of its own, because each says anew how much it looks back. What decoders of this kind
//! keep silent about is an error here: an end within a frame, a wrong checksum.

use super::memory::Claim;
use lz4_flex::frame::FrameDecoder as Lz4;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder as Zstd};
use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Cursor, ErrorKind, Read};
use std::rc::Rc;

/// A block of Zstandard, and what the decoder takes beside its window: tables, literals. Bytes.
const ZSTD_BESIDE_BYTES: u64 = 1 << 20;
/// What lz4 looks back. Bytes.
const LZ4_WINDOW_BYTES: u64 = 64 << 10;

/// The source, lent to the decoder of a frame.
struct Lent<R> {
    src: Rc<RefCell<R>>,
    /// The decoder was told that nothing follows.
    ended: Rc<Cell<bool>>,
}
impl<R: Read> Read for Lent<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.src.borrow_mut().read(buf)?;
        if n == 0 && !buf.is_empty() {
            self.ended.set(true);
        }
        Ok(n)
    }
}

type Lz4Frame<R> = Lz4<io::Chain<Cursor<Vec<u8>>, Lent<R>>>;

enum Now<R: Read> {
    Between,
    Zstd(Box<Zstd>),
    /// With whether the frame has no end mark and may end with its source.
    Lz4(Box<Lz4Frame<R>>, bool),
}

/// Reads frames to the end of their source.
pub(super) struct Frames<'a, R: Read> {
    src: Rc<RefCell<R>>,
    now: Now<R>,
    ended: Rc<Cell<bool>>,
    claim: Claim<'a>,
    dictionary_bytes_max: u64,
}
impl<'a, R: BufRead> Frames<'a, R> {
    /// Frames of `src` that look back up to `dictionary_bytes_max` bytes.
    pub(super) fn new(src: R, claim: Claim<'a>, dictionary_bytes_max: u64) -> Self {
        let (src, ended) = (Rc::new(RefCell::new(src)), Rc::default());
        Self { src, now: Now::Between, ended, claim, dictionary_bytes_max }
    }
    /// Appends `n` bytes to `header`. `false` if nothing at all follows.
    fn more(&self, header: &mut Vec<u8>, n: u64) -> io::Result<bool> {
        let before = header.len();
        (&mut *self.src.borrow_mut()).take(n).read_to_end(header)?;
        match (header.len() - before) as u64 {
            0 if before == 0 => Ok(false),
            got if got < n => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(true),
        }
    }
    /// Begins the next frame; `false` if there is none.
    fn begin(&mut self) -> io::Result<bool> {
        let mut header = Vec::with_capacity(20);
        if !self.more(&mut header, 4)? {
            return Ok(false);
        }
        match header[..] {
            [0x28, 0xB5, 0x2F, 0xFD] => self.zstd(header)?,
            [0x04, 0x22, 0x4D, 0x18] => {
                self.more(&mut header, 2)?;
                // BD, bits 6 to 4: a block holds 2 to the power of 8 and twice that (lz4_Frame_format.md).
                let block = 1u64 << (8 + 2 * (header.last().map_or(0, |b| b >> 4 & 7)));
                self.lz4(header, block, false)?;
            }
            // The old format knows only blocks of 8 MiB, and no end but its file's.
            [0x02, 0x21, 0x4C, 0x18] => self.lz4(header, 8 << 20, true)?,
            [0x50..=0x5F, 0x2A, 0x4D, 0x18] => self.skip(header)?,
            _ => return Err(ErrorKind::InvalidData.into()),
        }
        Ok(true)
    }
    fn skip(&self, mut header: Vec<u8>) -> io::Result<()> {
        self.more(&mut header, 4)?;
        let bytes = header[4..].iter().rev().fold(0, |v, b| v << 8 | u64::from(*b));
        let passed = io::copy(&mut (&mut *self.src.borrow_mut()).take(bytes), &mut io::sink())?;
        if passed == bytes { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
    /// RFC 8878, 3.1.1.1: the frame header says how much the decoder must hold.
    fn zstd(&mut self, mut header: Vec<u8>) -> io::Result<()> {
        self.more(&mut header, 1)?;
        let descriptor = header[4];
        let is_single = descriptor & 0x20 != 0;
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let size = [u64::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
        let fixed = u64::from(!is_single) + dictionary;
        self.more(&mut header, fixed + size)?;
        let window = if is_single {
            let size = header[5 + dictionary as usize..].iter().rev().fold(0, |v, b| v << 8 | u64::from(*b));
            size + if header.len() == 7 + dictionary as usize { 256 } else { 0 }
        } else {
            let (exponent, mantissa) = (header[5] >> 3, u64::from(header[5] & 7));
            (8 + mantissa) << (7 + exponent)
        };
        if window > self.dictionary_bytes_max {
            return Err(ErrorKind::FileTooLarge.into());
        }
        // The ring grows by doubling.
        self.claim.grow(window.next_power_of_two() + ZSTD_BESIDE_BYTES)?;
        let mut decoder = Box::new(Zstd::new());
        decoder.set_max_window_size(self.dictionary_bytes_max);
        decoder.init(Cursor::new(header).chain(&mut *self.src.borrow_mut())).map_err(|e| zstd_error(&e))?;
        self.now = Now::Zstd(decoder);
        Ok(())
    }
    fn lz4(&mut self, header: Vec<u8>, block: u64, is_legacy: bool) -> io::Result<()> {
        self.claim.grow(3 * block + LZ4_WINDOW_BYTES)?;
        self.ended.set(false);
        let lent = Lent { src: Rc::clone(&self.src), ended: Rc::clone(&self.ended) };
        let decoder = Lz4::new(Cursor::new(header).chain(lent));
        self.now = Now::Lz4(Box::new(decoder), is_legacy);
        Ok(())
    }
}
impl<R: BufRead> Read for Frames<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match &mut self.now {
                Now::Between => {
                    if !self.begin()? {
                        return Ok(0);
                    }
                }
                Now::Zstd(decoder) => {
                    let n = zstd_read(decoder, &mut *self.src.borrow_mut(), buf)?;
                    if n > 0 {
                        return Ok(n);
                    }
                    if decoder
                        .get_checksum_from_data()
                        .is_some_and(|sum| decoder.get_calculated_checksum() != Some(sum))
                    {
                        return Err(ErrorKind::InvalidData.into());
                    }
                    self.now = Now::Between;
                }
                Now::Lz4(decoder, is_legacy) => {
                    let n = decoder.read(buf)?;
                    if n > 0 {
                        return Ok(n);
                    }
                    if self.ended.get() && !*is_legacy {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                    self.now = Now::Between;
                }
            }
        }
    }
}

fn zstd_read(decoder: &mut Zstd, src: &mut impl Read, buf: &mut [u8]) -> io::Result<usize> {
    while decoder.can_collect() == 0 && !decoder.is_finished() {
        decoder.decode_blocks(&mut *src, BlockDecodingStrategy::UptoBlocks(1)).map_err(|e| zstd_error(&e))?;
    }
    decoder.read(buf)
}
fn zstd_error(error: &FrameDecoderError) -> io::Error {
    match error {
        FrameDecoderError::WindowSizeTooBig { .. } => ErrorKind::FileTooLarge.into(),
        FrameDecoderError::DictNotProvided { .. } => ErrorKind::Unsupported.into(),
        // It may quote what it read.
        _ => ErrorKind::InvalidData.into(),
    }
}
