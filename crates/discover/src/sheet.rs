//! A worksheet as lines of cells. The first row with two or more cells names the columns.

use crate::content::Worker;
use crate::gather::Findings;
use crate::office::Strings;
use crate::text;
use crate::unpack;
use crate::xml::{self, Node};
use classify::{Encoding, Header, Text};
use evidence::{GapReason, PathText, Spot};
use std::io::Read;

/// Widest row; cells further right are still read, but lose their column (Excel itself ends at 16,384).
const COLUMNS_MAX: u32 = 1024;
/// Text gathered before it is looked at, in bytes; at the end of a row, or anywhere in a row of this many times it.
const FLUSH_BYTES: usize = 128 << 10;
const ROW_FLUSHES_MAX: usize = 8;
/// Longest text of a cell (Excel itself ends at 32,767 characters); what is beyond is a gap (`TooLarge`).
const CELL_BYTES_MAX: usize = 1 << 20;

#[derive(Default)]
struct Cell {
    row: u32,
    column: u32,
    kind: Vec<u8>,
    value: Vec<u8>,
    open: bool,
}

/// A worksheet under way.
pub(crate) struct Sheet<'w, 'a, 's> {
    worker: &'w mut Worker<'a>,
    findings: Findings,
    name: &'s str,
    strings: &'s Strings,
    text: Vec<u8>,
    /// Offset in `text`, row and column, both from 1.
    cells: Vec<(usize, u32, u32)>,
    header: Option<Header>,
    headed: bool,
    line: usize,
    column: u32,
    cell: Cell,
    /// A cell was cut.
    cut: bool,
    /// The text begins with a line break that is not the sheet's: headers speak for lines whose beginning is seen.
    continued: bool,
}

impl<'w, 'a, 's> Sheet<'w, 'a, 's> {
    /// Reads the sheet `name` from its XML.
    pub(crate) fn read(
        worker: &'w mut Worker<'a>,
        src: &mut dyn Read,
        inside: &[PathText],
        name: &'s str,
        strings: &'s Strings,
    ) -> Result<(), GapReason> {
        let mut this = Self {
            worker,
            findings: Findings::default(),
            name,
            strings,
            text: Vec::new(),
            cells: Vec::new(),
            header: None,
            headed: false,
            line: 0,
            column: 1,
            cell: Cell::default(),
            cut: false,
            continued: false,
        };
        let mut buf = this.worker.buffer();
        let root = this.worker.root;
        let result = xml::read(&mut buf, src, &|| root.stopped(), |node| this.node(&node));
        this.flush();
        let Self { worker, findings, cut, .. } = this;
        worker.put_back(buf);
        worker.count_scanned();
        worker.keep(inside, findings);
        if cut { result.and(Err(GapReason::TooLarge)) } else { result }
    }

    fn node(&mut self, node: &Node<'_>) -> Result<(), GapReason> {
        match node {
            Node::Open(b"row", tag) => {
                let next = self.cell.row.saturating_add(1);
                self.cell.row = next;
                tag.attributes(|name, value| {
                    if let (b"r", Some(row)) = (name, number(value)) {
                        self.cell.row = row;
                    }
                });
                self.cell.column = 0;
            }
            Node::Open(b"c", tag) => {
                let cell = &mut self.cell;
                cell.column = cell.column.saturating_add(1);
                cell.kind.clear();
                cell.value.clear();
                tag.attributes(|name, value| match name {
                    b"r" => cell.column = column_of(value).unwrap_or(cell.column),
                    b"t" => cell.kind.extend_from_slice(value),
                    _ => {}
                });
            }
            Node::Open(b"v" | b"t", _) => self.cell.open = true,
            Node::Close(b"v" | b"t") => self.cell.open = false,
            Node::Text(text) if self.cell.open => {
                let fits = self.cell.value.len() + text.len() <= CELL_BYTES_MAX;
                self.cut |= !fits;
                if fits {
                    self.cell.value.extend_from_slice(text);
                }
            }
            Node::Close(b"c") => return self.put(),
            Node::Close(b"row") => self.end_row(),
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self) -> Result<(), GapReason> {
        let Cell { row, column, kind, value, .. } = &self.cell;
        let shared = || number(value.trim_ascii()).and_then(|i| self.strings.get(i as usize));
        let text: &[u8] = if kind == b"s" {
            let all = shared().unwrap_or_default();
            let text = cut(all, CELL_BYTES_MAX);
            self.cut |= text.len() < all.len();
            // A few bytes of the sheet stand for a long text, any number of times.
            unpack::expanded(self.worker, text.len())?;
            text
        } else {
            value
        };
        if text.is_empty() {
            return Ok(());
        }
        while self.column < (*column).min(COLUMNS_MAX) {
            self.text.push(b'\t');
            self.column += 1;
        }
        self.cells.push((self.text.len(), *row, *column));
        match whole_number(text).filter(|_| kind.is_empty() || kind == b"n") {
            Some(number) => self.text.extend_from_slice(number.as_bytes()),
            // A line break inside a cell would end the row.
            None => self.text.extend(text.iter().map(|b| if matches!(b, b'\n' | b'\r' | b'\t') { b' ' } else { *b })),
        }
        // A blank keeps neighbours apart where columns are beyond the limit.
        self.text.push(b' ');
        if self.text.len() >= FLUSH_BYTES * ROW_FLUSHES_MAX {
            self.flush();
            self.column = 1;
        }
        Ok(())
    }

    fn end_row(&mut self) {
        self.text.push(b'\n');
        let cells_here = self.cells.iter().rev().take_while(|c| c.0 >= self.line).count();
        if !self.headed && cells_here >= 2 {
            self.headed = true;
            self.header = self.worker.scanner.header(&self.text[self.line..], Encoding::Utf8);
        }
        self.line = self.text.len();
        self.column = 1;
        if self.text.len() >= FLUSH_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let config = self.worker.config();
        let mut pending = Vec::new();
        let text = Text { header: self.header.as_ref(), ..Text::whole(&self.text, Encoding::Utf8) };
        if !self.continued {
            text::kind_of_document(&mut self.worker.scanner, config, &mut self.findings, &text, &mut pending);
        }
        text::collect(&mut self.worker.scanner, config, &mut self.findings, &text, &mut pending);
        for p in pending {
            let i = self.cells.partition_point(|c| c.0 <= p.at).saturating_sub(1);
            let (_, row, column) = self.cells.get(i).copied().unwrap_or((0, 1, 1));
            let spot = Spot::Cell { sheet: self.name.to_owned(), cell: format!("{}{row}", letters(column)) };
            let (class, sample) = p.placed(spot);
            self.findings.sample(class, sample);
        }
        self.worker.decoded((self.text.len() - usize::from(self.continued)) as u64);
        self.text.clear();
        self.text.push(b'\n');
        self.continued = true;
        self.cells.clear();
        self.line = self.text.len();
    }
}

/// The first `bytes_max` bytes of a UTF-8 text, less what would be part of a character.
fn cut(text: &[u8], bytes_max: usize) -> &[u8] {
    if text.len() <= bytes_max {
        return text;
    }
    let end = text[..=bytes_max].iter().rposition(|b| b & 0xC0 != 0x80).unwrap_or(0);
    &text[..end]
}
fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
/// `BC7` is column 55.
fn column_of(reference: &[u8]) -> Option<u32> {
    let letters = reference.iter().take_while(|b| b.is_ascii_uppercase());
    let n = letters.take(4).fold(0u32, |n, b| n * 26 + u32::from(b - b'A' + 1));
    (n > 0).then_some(n)
}
fn letters(mut column: u32) -> String {
    let mut out = Vec::new();
    while column > 0 {
        column -= 1;
        out.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        column /= 26;
    }
    out.iter().rev().collect()
}
/// `1.3800138E10` is 13800138000: some writers store long numbers so. Beyond 15 digits nothing is exact.
fn whole_number(text: &[u8]) -> Option<String> {
    if text.len() > 32 || memchr::memchr3(b'E', b'e', b'.', text).is_none() {
        return None;
    }
    let value: f64 = std::str::from_utf8(text).ok()?.trim().parse().ok()?;
    ((1e9..1e15).contains(&value) && value.fract() == 0.0).then(|| format!("{value:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (reference, number) in [("A1", 1), ("Z9", 26), ("AA1", 27), ("BC7", 55), ("XFD1", 16384)] {
            assert_eq!(column_of(reference.as_bytes()), Some(number));
            assert!(reference.starts_with(&letters(number)));
        }
        assert_eq!(column_of(b"7"), None);
        assert_eq!(whole_number(b"1.3800138E10").as_deref(), Some("13800138000"));
        assert_eq!(whole_number(b"13800138000"), None);
        assert_eq!((cut(b"abc", 3), cut(b"abc", 2)), (&b"abc"[..], &b"ab"[..]));
        assert_eq!(cut("a中".as_bytes(), 3), b"a");
    }
}
