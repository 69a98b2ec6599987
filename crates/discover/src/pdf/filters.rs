//! The filters of streams (ISO 32000-1, 7.4), each a reader around a reader. Nothing is held but a window or a row.

use super::lzw::Lzw;
use super::meter::fault;
use crate::text::fill;
use evidence::GapReason;
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufRead, BufReader, Read};

/// Filters of one stream; more are a gap (`TooDeep`).
pub(super) const FILTERS_MAX: usize = 8;
/// A row of a predictor; longer ones are a gap (`TooLarge`). Bytes.
const ROW_BYTES_MAX: u64 = 1 << 20;
/// What is read of a packed stream at once. Bytes.
const PACKED_BYTES: usize = 8 << 10;

/// A filter with what it needs to know.
pub(super) enum Filter {
    Flate(Option<Predictor>),
    Lzw(bool, Option<Predictor>),
    Hex,
    Base85,
    RunLength,
}

/// Undoes what helps packing: rows that hold differences.
#[derive(Clone, Copy)]
pub(super) struct Predictor {
    /// TIFF's, of samples; otherwise PNG's, of bytes.
    tiff: bool,
    /// Bytes of a row, and of a pixel.
    row: usize,
    pixel: usize,
    /// Bits of a sample, and samples of a pixel.
    bits: usize,
    colours: usize,
}
impl Predictor {
    /// Nothing to undo is `None`.
    pub(super) fn new(kind: i64, colours: i64, bits: i64, columns: i64) -> Result<Option<Self>, GapReason> {
        if kind < 2 {
            return Ok(None);
        }
        let positive = |n: i64| u64::try_from(n).ok().filter(|n| *n > 0).ok_or(GapReason::Corrupt);
        let (colours, bits, columns) = (positive(colours)?, positive(bits)?, positive(columns)?);
        if colours > 64 || !matches!(bits, 1 | 2 | 4 | 8 | 16) {
            return Err(GapReason::Corrupt);
        }
        let pixel = colours * bits;
        let row = columns.checked_mul(pixel).ok_or(GapReason::TooLarge)?.div_ceil(8);
        if row > ROW_BYTES_MAX {
            return Err(GapReason::TooLarge);
        }
        let small = |n: u64| usize::try_from(n).map_err(|_| GapReason::TooLarge);
        Ok(Some(Self {
            tiff: kind == 2,
            row: small(row)?,
            pixel: small(pixel.div_ceil(8))?,
            bits: small(bits)?,
            colours: small(colours)?,
        }))
    }
}

/// Puts a filter around `src`.
pub(super) fn filtered<'a>(src: Box<dyn Read + 'a>, filter: &Filter) -> Box<dyn Read + 'a> {
    let buffered = BufReader::with_capacity(PACKED_BYTES, src);
    match filter {
        Filter::Flate(predictor) => predicted(Flate { decoder: None, src: Some(buffered) }, *predictor),
        Filter::Lzw(early, predictor) => predicted(Lzw::new(buffered, *early), *predictor),
        Filter::Hex => Box::new(Stepped::new(buffered, hex_step)),
        Filter::Base85 => Box::new(Stepped::new(buffered, base85_step)),
        Filter::RunLength => Box::new(Stepped::new(buffered, run_step)),
    }
}
fn predicted<'a>(src: impl Read + 'a, predictor: Option<Predictor>) -> Box<dyn Read + 'a> {
    match predictor {
        None => Box::new(src),
        Some(p) => {
            let (row, before) = (vec![0; p.row], vec![0; p.row]);
            Box::new(Rows { src, predictor: p, row, before, at: p.row, filled: p.row, fault: None })
        }
    }
}

/// Deflate behind a zlib header. The checksum at its end is not looked at: many writers get it wrong, and the text is
/// whole all the same.
struct Flate<R> {
    src: Option<R>,
    decoder: Option<DeflateDecoder<R>>,
}
impl<R: BufRead> Read for Flate<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(mut src) = self.src.take() {
            let head = src.fill_buf()?;
            // Some writers begin their data with a line end of their own.
            let blank = head.iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
            src.consume(blank);
            let zlib =
                |h: &[u8]| matches!(h, [a, b, ..] if a & 0x0F == 8 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0);
            if zlib(src.fill_buf()?) {
                src.consume(2);
            }
            self.decoder = Some(DeflateDecoder::new(src));
        }
        self.decoder.as_mut().map_or(Ok(0), |d| d.read(buf))
    }
}

/// What a step of a filter yields.
enum Step {
    More,
    End,
}
/// A filter that goes step by step, each of a few bytes.
struct Stepped<R, F> {
    src: R,
    step: F,
    out: Vec<u8>,
    at: usize,
    ended: bool,
    /// What went wrong, told once all before it was given.
    fault: Option<io::Error>,
}
impl<R: BufRead, F: FnMut(&mut R, &mut Vec<u8>) -> io::Result<Step>> Stepped<R, F> {
    fn new(src: R, step: F) -> Self {
        Self { src, step, out: Vec::new(), at: 0, ended: false, fault: None }
    }
}
impl<R: BufRead, F: FnMut(&mut R, &mut Vec<u8>) -> io::Result<Step>> Read for Stepped<R, F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.out.len() {
            self.out.clear();
            self.at = 0;
            while !self.ended && self.out.len() < PACKED_BYTES.min(buf.len()) {
                match (self.step)(&mut self.src, &mut self.out) {
                    Ok(Step::More) => {}
                    Ok(Step::End) => self.ended = true,
                    Err(e) => (self.ended, self.fault) = (true, Some(e)),
                }
            }
            if self.out.is_empty()
                && let Some(e) = self.fault.take()
            {
                return Err(e);
            }
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}
fn next(src: &mut impl BufRead) -> io::Result<Option<u8>> {
    let first = src.fill_buf()?.first().copied();
    if first.is_some() {
        src.consume(1);
    }
    Ok(first)
}

fn hex_step<R: BufRead>(src: &mut R, out: &mut Vec<u8>) -> io::Result<Step> {
    let mut half = None;
    loop {
        let digit = match next(src)? {
            None | Some(b'>') => {
                out.extend(half.map(|h: u8| h << 4));
                return Ok(Step::End);
            }
            Some(b) => char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()),
        };
        match (half, digit) {
            (_, None) => {}
            (None, Some(d)) => half = Some(d),
            (Some(h), Some(d)) => {
                out.push(h << 4 | d);
                return Ok(Step::More);
            }
        }
    }
}

fn base85_step<R: BufRead>(src: &mut R, out: &mut Vec<u8>) -> io::Result<Step> {
    let (mut value, mut n) = (0u32, 0usize);
    while n < 5 {
        match next(src)? {
            None | Some(b'~') => break,
            Some(b'z') if n == 0 => {
                out.extend([0; 4]);
                return Ok(Step::More);
            }
            Some(b @ b'!'..=b'u') => {
                // Too large a group wraps: it is broken, and so is what comes of it.
                value = value.wrapping_mul(85).wrapping_add(u32::from(b - b'!'));
                n += 1;
            }
            Some(_) => {}
        }
    }
    if n == 5 {
        out.extend(value.to_be_bytes());
        return Ok(Step::More);
    }
    for _ in n..5 {
        value = value.wrapping_mul(85).wrapping_add(84);
    }
    out.extend(&value.to_be_bytes()[..n.saturating_sub(1)]);
    Ok(Step::End)
}

fn run_step<R: BufRead>(src: &mut R, out: &mut Vec<u8>) -> io::Result<Step> {
    let Some(length) = next(src)? else { return Ok(Step::End) };
    match length {
        128 => return Ok(Step::End),
        0..128 => {
            for _ in 0..=length {
                let Some(b) = next(src)? else { return Ok(Step::End) };
                out.push(b);
            }
        }
        129.. => {
            let Some(b) = next(src)? else { return Ok(Step::End) };
            out.extend(std::iter::repeat_n(b, 257 - usize::from(length)));
        }
    }
    Ok(Step::More)
}

/// Rows with their differences undone.
struct Rows<R> {
    src: R,
    predictor: Predictor,
    row: Vec<u8>,
    before: Vec<u8>,
    at: usize,
    /// The last row may be short.
    filled: usize,
    /// What went wrong, told once all before it was given.
    fault: Option<io::Error>,
}
impl<R: Read> Rows<R> {
    fn more(&mut self) -> io::Result<()> {
        if let Some(e) = self.fault.take() {
            return Err(e);
        }
        std::mem::swap(&mut self.row, &mut self.before);
        (self.at, self.filled) = (0, 0);
        let p = self.predictor;
        let mut kind = [0];
        if !p.tiff && fill(&mut self.src, &mut kind, &mut 0)? {
            return Ok(());
        }
        match fill(&mut self.src, &mut self.row, &mut self.filled) {
            Err(e) if self.filled == 0 => return Err(e),
            // The part of a row before a fault is given.
            Err(e) => self.fault = Some(e),
            Ok(_) => {}
        }
        let row = &mut self.row[..self.filled];
        if p.tiff {
            undo_tiff(row, &p);
            return Ok(());
        }
        undo_png(kind[0], row, &self.before, p.pixel).map_err(fault)
    }
}
impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.filled {
            self.more()?;
        }
        let rest = self.row.get(self.at..self.filled).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

/// PNG, 9.2. `left` is what stands a pixel before.
fn undo_png(kind: u8, row: &mut [u8], before: &[u8], pixel: usize) -> Result<(), GapReason> {
    for i in 0..row.len() {
        let left = i.checked_sub(pixel).map_or(0, |j| row[j]);
        let up = before.get(i).copied().unwrap_or(0);
        let add = match kind {
            0 => return Ok(()),
            1 => left,
            2 => up,
            3 => left.midpoint(up),
            4 => paeth(left, up, i.checked_sub(pixel).and_then(|j| before.get(j)).copied().unwrap_or(0)),
            _ => return Err(GapReason::Corrupt),
        };
        row[i] = row[i].wrapping_add(add);
    }
    Ok(())
}
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let guess = a + b - c;
    let far = |x: i16| (guess - x).abs();
    if far(a) <= far(b) && far(a) <= far(c) {
        left
    } else if far(b) <= far(c) {
        up
    } else {
        corner
    }
}
/// TIFF 6.0, section 14.
fn undo_tiff(row: &mut [u8], p: &Predictor) {
    match p.bits {
        8 => {
            for i in p.colours..row.len() {
                row[i] = row[i].wrapping_add(row[i - p.colours]);
            }
        }
        16 => {
            for i in (2 * p.colours..row.len().saturating_sub(1)).step_by(2) {
                let wide = |row: &[u8], i: usize| u16::from_be_bytes([row[i], row[i + 1]]);
                let sum = wide(row, i).wrapping_add(wide(row, i - 2 * p.colours));
                [row[i], row[i + 1]] = sum.to_be_bytes();
            }
        }
        bits => {
            let mask = (1u8 << bits) - 1;
            let per_byte = 8 / bits;
            let shift = |i: usize| (per_byte - 1 - i % per_byte) * bits;
            for i in p.colours..row.len() * per_byte {
                let left = row[(i - p.colours) / per_byte] >> shift(i - p.colours) & mask;
                let own = row[i / per_byte] >> shift(i) & mask;
                let sum = own.wrapping_add(left) & mask;
                let byte = &mut row[i / per_byte];
                *byte = *byte & !(mask << shift(i)) | sum << shift(i);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(filter: &Filter, packed: &'static [u8]) -> Vec<u8> {
        let mut out = Vec::new();
        // What comes before a fault counts.
        let _ = filtered(Box::new(packed), filter).read_to_end(&mut out);
        out
    }

    #[test]
    fn small_filters() {
        assert_eq!(read(&Filter::Hex, b"48 65\n6c6C6f7>rest"), b"Hellop");
        // From Python's base64.a85encode.
        assert_eq!(read(&Filter::Base85, b"87cUR\nD]i,\"Ebo80~>x"), b"Hello World!");
        assert_eq!(read(&Filter::Base85, b"z87cUR~>"), b"\0\0\0\0Hell");
        assert_eq!(read(&Filter::Base85, b"87cURDZ~>"), b"Hello");
        assert_eq!(read(&Filter::RunLength, b"\x02abc\xFEx\x80zz"), b"abcxxx");
        assert_eq!(read(&Filter::RunLength, b"\x05ab"), b"ab");
    }

    #[test]
    fn predictors() {
        let png = |kind: u8, row: &[u8], before: &[u8]| {
            let mut row = row.to_vec();
            undo_png(kind, &mut row, before, 1).map(|()| row)
        };
        assert_eq!(png(0, &[1, 1, 1], &[5, 5, 5]), Ok(vec![1, 1, 1]));
        assert_eq!(png(1, &[1, 1, 1], &[5, 5, 5]), Ok(vec![1, 2, 3]));
        assert_eq!(png(2, &[1, 1, 255], &[5, 5, 5]), Ok(vec![6, 6, 4]));
        assert_eq!(png(3, &[1, 1, 1], &[4, 4, 4]), Ok(vec![3, 4, 5]));
        assert_eq!(png(4, &[1, 1, 1], &[5, 5, 5]), Ok(vec![6, 7, 8]));
        assert_eq!(png(9, &[1], &[5]), Err(GapReason::Corrupt));
        let tiff = |bits: i64, colours: i64, row: &[u8]| {
            let p = Predictor::new(2, colours, bits, 64).unwrap().unwrap();
            let mut row = row.to_vec();
            undo_tiff(&mut row, &p);
            row
        };
        assert_eq!(tiff(8, 1, &[1, 1, 1]), [1, 2, 3]);
        assert_eq!(tiff(8, 3, &[1, 2, 3, 1, 1, 1]), [1, 2, 3, 2, 3, 4]);
        assert_eq!(tiff(16, 1, &[0, 255, 0, 1]), [0, 255, 1, 0]);
        assert_eq!(tiff(4, 1, &[0x11, 0x11]), [0x12, 0x34]);
        assert_eq!(tiff(1, 1, &[0b1010_0000]), [0b1100_0000]);
    }

    #[test]
    fn rows_that_would_take_too_much_are_refused() {
        for (columns, reason) in
            [(1 << 31, GapReason::TooLarge), (i64::MAX, GapReason::TooLarge), (-1, GapReason::Corrupt)]
        {
            assert_eq!(Predictor::new(12, 4, 16, columns).err(), Some(reason));
        }
        assert!(matches!(Predictor::new(1, -1, 0, -1), Ok(None)));
    }
}
