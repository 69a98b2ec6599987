//! LZW as PDF has it (ISO 32000-1, 7.4.4): codes of 9 to 12 bits, high bit first.

use std::io::{self, BufRead, Read};

const CODES: usize = 4096;
const CLEAR: u16 = 256;
const END: u16 = 257;

/// One entry of the table: what went before, its last byte, its first byte, its length.
#[derive(Clone, Copy, Default)]
struct Entry {
    prefix: u16,
    last: u8,
    first: u8,
    length: u16,
}

/// A stream under way.
pub(super) struct Lzw<R> {
    src: R,
    /// Codes grow a code early, as most writers make them.
    early: bool,
    table: Vec<Entry>,
    before: Option<u16>,
    bits: u32,
    have: u32,
    width: u32,
    out: Vec<u8>,
    at: usize,
    ended: bool,
    /// What went wrong, told once all before it was given.
    fault: Option<io::Error>,
}
impl<R: BufRead> Lzw<R> {
    pub(super) fn new(src: R, early: bool) -> Self {
        let mut table = Vec::with_capacity(CODES);
        table.extend((0..=255u8).map(|b| Entry { prefix: 0, last: b, first: b, length: 1 }));
        table.resize(258, Entry::default());
        Self {
            src,
            early,
            table,
            before: None,
            bits: 0,
            have: 0,
            width: 9,
            out: Vec::new(),
            at: 0,
            ended: false,
            fault: None,
        }
    }
    fn code(&mut self) -> io::Result<Option<u16>> {
        while self.have < self.width {
            let buf = self.src.fill_buf()?;
            let Some(b) = buf.first() else { return Ok(None) };
            self.bits = self.bits << 8 | u32::from(*b);
            self.src.consume(1);
            self.have += 8;
        }
        self.have -= self.width;
        let code = self.bits >> self.have & ((1 << self.width) - 1);
        Ok(u16::try_from(code).ok())
    }
    fn step(&mut self) -> io::Result<()> {
        let Some(code) = self.code()? else {
            self.ended = true;
            return Ok(());
        };
        match code {
            CLEAR => {
                self.table.truncate(258);
                (self.width, self.before) = (9, None);
                return Ok(());
            }
            END => {
                self.ended = true;
                return Ok(());
            }
            _ => {}
        }
        let next = self.table.len();
        let known = usize::from(code) < next;
        if let Some(before) = self.before
            && next < CODES
        {
            let entry = |c: u16| self.table.get(usize::from(c)).copied().unwrap_or_default();
            // A code that is not there yet stands for what went before and its own first byte again.
            let last = if known { entry(code).first } else { entry(before).first };
            let Entry { first, length, .. } = entry(before);
            self.table.push(Entry { prefix: before, last, first, length: length + 1 });
        }
        if usize::from(code) >= self.table.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.put(code);
        self.before = Some(code);
        let size = self.table.len() + usize::from(self.early);
        self.width = match size {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        Ok(())
    }
    fn put(&mut self, mut code: u16) {
        let start = self.out.len();
        let length = self.table.get(usize::from(code)).map_or(0, |e| usize::from(e.length));
        self.out.resize(start + length, 0);
        for slot in self.out[start..].iter_mut().rev() {
            let Some(entry) = self.table.get(usize::from(code)) else { return };
            (*slot, code) = (entry.last, entry.prefix);
        }
    }
}
impl<R: BufRead> Read for Lzw<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.out.len() {
            self.out.clear();
            self.at = 0;
            while !self.ended && self.out.len() < buf.len().min(8 << 10) {
                if let Err(e) = self.step() {
                    (self.ended, self.fault) = (true, Some(e));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_read_and_a_code_from_nowhere_is_not() {
        let read = |packed: &'static [u8]| {
            let mut out = Vec::new();
            let result = Lzw::new(packed, true).read_to_end(&mut out);
            (out, result.is_ok())
        };
        // ISO 32000-1, 7.4.4.2, example 2.
        let (out, good) = read(b"\x80\x0B\x60\x50\x22\x0C\x0C\x85\x01");
        assert_eq!((out.as_slice(), good), (&[45, 45, 45, 45, 45, 65, 45, 45, 45, 66][..], true));
        let (out, good) = read(b"\x80\x0B\x7F\xC0");
        assert_eq!((out.as_slice(), good), (&[45][..], false));
    }
}
