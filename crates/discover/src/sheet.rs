//! Worksheets as lines of cells, whatever workbook they come from. The first row with two or more cells names the
//! columns.

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
pub(crate) const CELL_BYTES_MAX: usize = 1 << 20;
/// A sheet's name is cut here (Excel itself ends at 31 characters). Bytes.
const NAME_BYTES_MAX: usize = 1024;
/// Text of one sheet that stands in no cell; what is beyond is a gap (`TooLarge`).
const ASIDE_BYTES_MAX: usize = 4 << 20;

/// Cells of the sheets of one workbook, on their way to the scanner. Whoever reads a workbook puts them here.
pub(crate) struct Cells<'w, 'a, 'i> {
    pub(crate) worker: &'w mut Worker<'a>,
    inside: &'i [PathText],
    findings: Findings,
    name: String,
    text: Vec<u8>,
    /// Offset in `text`, row and column, both from 1.
    cells: Vec<(usize, u32, u32)>,
    header: Option<Header>,
    headed: bool,
    line: usize,
    row: u32,
    column: u32,
    /// Text of the sheet that stands in no cell.
    aside: Vec<u8>,
    /// A cell was cut.
    cut: bool,
    /// The text begins with a line break that is not the sheet's: headers speak for lines whose beginning is seen.
    continued: bool,
}
impl<'w, 'a, 'i> Cells<'w, 'a, 'i> {
    pub(crate) fn new(worker: &'w mut Worker<'a>, inside: &'i [PathText]) -> Self {
        Self {
            worker,
            inside,
            findings: Findings::default(),
            name: String::new(),
            text: Vec::new(),
            cells: Vec::new(),
            header: None,
            headed: false,
            line: 0,
            row: 0,
            column: 1,
            aside: Vec::new(),
            cut: false,
            continued: false,
        }
    }
    /// Begins the sheet `name`; the one before is done.
    pub(crate) fn sheet(&mut self, name: &str) {
        self.end_sheet();
        name[..name.floor_char_boundary(NAME_BYTES_MAX)].clone_into(&mut self.name);
        (self.header, self.headed, self.row) = (None, false, 0);
    }
    fn end_sheet(&mut self) {
        if self.line < self.text.len() {
            self.end_row();
        }
        self.flush();
        let aside = std::mem::take(&mut self.aside);
        if !aside.is_empty() {
            let mut inner = self.inside.to_vec();
            inner.push(PathText::from(self.name.as_str()));
            // Memory gives no error.
            let _ = self.worker.plain(&mut &aside[..], &inner);
        }
    }
    /// Ends the last sheet and keeps what was found.
    pub(crate) fn finish(mut self) -> Result<(), GapReason> {
        self.end_sheet();
        let Self { worker, inside, findings, cut, .. } = self;
        worker.count_scanned();
        worker.keep(inside, findings);
        if cut { Err(GapReason::TooLarge) } else { Ok(()) }
    }
    /// A line of text that stands in no cell: of a text box, a header, a note.
    pub(crate) fn aside(&mut self, text: &[u8]) {
        let fits = self.aside.len() + text.len() <= ASIDE_BYTES_MAX;
        self.cut |= !fits;
        if fits && !text.is_empty() {
            self.aside.extend_from_slice(text);
            self.aside.push(b'\n');
        }
    }
    /// Puts the text of a cell; row and column are counted from 1. Rows and the columns in them usually climb.
    pub(crate) fn put(&mut self, row: u32, column: u32, all: &[u8]) {
        let text = cut(all, CELL_BYTES_MAX);
        self.cut |= text.len() < all.len();
        if text.is_empty() {
            return;
        }
        if row != self.row && self.line < self.text.len() {
            self.end_row();
        }
        self.row = row;
        while self.column < column.min(COLUMNS_MAX) {
            self.text.push(b'\t');
            self.column += 1;
        }
        self.cells.push((self.text.len(), row, column));
        // A line break inside a cell would end the row.
        self.text.extend(text.iter().map(|b| if matches!(b, b'\n' | b'\r' | b'\t') { b' ' } else { *b }));
        // A blank keeps neighbours apart where columns are beyond the limit.
        self.text.push(b' ');
        if self.text.len() >= FLUSH_BYTES * ROW_FLUSHES_MAX {
            self.flush();
            self.column = 1;
        }
    }
    /// Ends a row.
    pub(crate) fn end_row(&mut self) {
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
            let spot = Spot::Cell { sheet: self.name.clone(), cell: format!("{}{row}", letters(column)) };
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

#[derive(Default)]
struct Cell {
    row: u32,
    column: u32,
    kind: Vec<u8>,
    value: Vec<u8>,
    open: bool,
}

/// A worksheet of an Excel workbook (2007 on) under way.
pub(crate) struct Sheet<'w, 'a, 's> {
    cells: Cells<'w, 'a, 's>,
    strings: &'s Strings,
    cell: Cell,
}
impl<'w, 'a, 's> Sheet<'w, 'a, 's> {
    /// Reads the sheet `name` from its XML.
    pub(crate) fn read(
        worker: &'w mut Worker<'a>,
        src: &mut dyn Read,
        inside: &'s [PathText],
        name: &str,
        strings: &'s Strings,
    ) -> Result<(), GapReason> {
        let mut buf = worker.buffer();
        let root = worker.root;
        let mut this = Self { cells: Cells::new(worker, inside), strings, cell: Cell::default() };
        this.cells.sheet(name);
        let result = xml::read(&mut buf, src, &|| root.stopped(), |node| this.node(&node));
        this.cells.worker.put_back(buf);
        result.and(this.cells.finish())
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
                self.cells.cut |= !fits;
                if fits {
                    self.cell.value.extend_from_slice(text);
                }
            }
            Node::Close(b"c") => return self.put(),
            Node::Close(b"row") => self.cells.end_row(),
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self) -> Result<(), GapReason> {
        let Cell { row, column, kind, value, .. } = &self.cell;
        if kind == b"s" {
            let shared = number(value.trim_ascii()).and_then(|i| self.strings.get(i as usize));
            let text = shared.unwrap_or_default();
            // A few bytes of the sheet stand for a long text, any number of times.
            unpack::expanded(self.cells.worker, text.len().min(CELL_BYTES_MAX))?;
            self.cells.put(*row, *column, text);
            return Ok(());
        }
        match whole_number(value).filter(|_| kind.is_empty() || kind == b"n") {
            Some(number) => self.cells.put(*row, *column, number.as_bytes()),
            None => self.cells.put(*row, *column, value),
        }
        Ok(())
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
