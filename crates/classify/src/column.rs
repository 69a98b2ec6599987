//! Columns of tables: cells in, verdicts out.
//!
//! A table tells more than a text. Its header names the column once for all rows; and a column of values is an
//! experiment repeated: of fifty order numbers five pass a check digit by luck, of fifty card numbers fifty do. So
//! two things are asked of a column and never mixed. It *is* of a class if most filled values are, as a whole, and
//! luck does not explain it. It *contains* a class if any value holds one that the scanner is sure of: one identity
//! number in fifty rows of remarks counts, and a million rows more do not make it less (an average would).
//!
//! Hits come from the scanner: the cells of a batch are joined into one text, a line a cell, with the column's name
//! as its header; so a column pays for a scan a batch, not a cell. What decides is whole numbers and tables
//! ([`fixed`]): the same rows give the same verdict on every platform.
//!
//! Refused: a score divided by the sample's size; a verdict from the name alone (a column of hashed telephone
//! numbers is still called `phone`); floating point.

mod fixed;
mod luck;
mod sample;
mod stats;

pub use sample::{ALIKE_PER_MILLE, Confidence, Sample, Sampling, at_most_ppm, rows_needed, sampling};
pub use stats::{CellHit, ColumnStats, Judged};

use crate::header::Header;
use crate::scan::{Match, Scanner, Text};
use crate::view::{Encoding, View};

/// Ends a cell. It occurs in none: [`Cells::push`] sees to it.
const END: u8 = b'\n';

/// Cells of one column, in UTF-8, waiting to be looked at.
///
/// Begins with a line end, so that the header speaks for the first cell too.
#[derive(Clone, Debug)]
pub struct Cells {
    text: Vec<u8>,
    /// Where each cell begins, and its row.
    starts: Vec<(usize, u64)>,
}
impl Default for Cells {
    fn default() -> Self {
        Self { text: vec![END], starts: Vec::new() }
    }
}
impl Cells {
    /// Adds the cell of `row`. Its line ends become carriage returns, which the scanner takes for line ends too
    /// where they matter (in keys).
    pub fn push(&mut self, row: u64, cell: &[u8]) {
        self.starts.push((self.text.len(), row));
        let from = self.text.len();
        self.text.extend_from_slice(cell);
        if memchr::memchr(END, cell).is_some() {
            self.text[from..].iter_mut().filter(|b| **b == END).for_each(|b| *b = b'\r');
        }
        self.text.push(END);
    }
    /// How many cells wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }
    /// True if none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
    /// Bytes of text that wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len() - 1
    }
    /// Forgets the cells, keeps the memory.
    pub fn clear(&mut self) {
        self.text.truncate(1);
        self.starts.clear();
    }
    /// The row of cell `i`, and its text.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<(u64, &[u8])> {
        let (start, row) = *self.starts.get(i)?;
        let end = self.starts.get(i + 1).map_or(self.text.len(), |next| next.0) - 1;
        Some((row, self.text.get(start..end)?))
    }
}

/// A match in a cell.
pub struct CellMatch<'c, 'm> {
    /// Number of the cell in its batch, from 0.
    pub cell: usize,
    /// Its row.
    pub row: u64,
    /// The text of the cell.
    pub text: &'c [u8],
    /// The cell is the value and nothing else, but for blanks, brackets and the like.
    pub whole: bool,
    /// What was found.
    pub found: &'c Match<'m>,
}

impl Scanner<'_> {
    /// The header of one column from its names: its own, and what else is said of it (a comment in the schema).
    pub fn column_header(&mut self, names: &[&str]) -> Header {
        let single = |name: &&str| {
            let line = name.replace(['\n', '\r', '"'], " ");
            Header::single(self.detectors(), &View { units: line.as_bytes(), encoding: Encoding::Utf8, wide: &[] })
        };
        let mut all = names.iter().filter(|n| !n.is_empty()).map(single);
        let mut header = all.next().unwrap_or_else(|| single(&""));
        all.for_each(|other| header.join(other));
        header
    }

    /// Looks at the cells of one column under its header. Of one class, matches come in the order of the cells.
    pub fn cells(&mut self, cells: &Cells, header: &Header, on: &mut impl FnMut(&CellMatch<'_, '_>)) {
        let text = Text { header: Some(header), ..Text::whole(&cells.text, Encoding::Utf8) };
        self.scan(&text, &mut |found| {
            let cell = cells.starts.partition_point(|s| s.0 <= found.range.start).saturating_sub(1);
            let Some((row, text)) = cells.get(cell) else { return };
            let start = cells.starts.get(cell).map_or(0, |s| s.0);
            let before = text.get(..found.range.start.saturating_sub(start)).unwrap_or_default();
            let after = text.get(found.range.end.saturating_sub(start)..).unwrap_or_default();
            on(&CellMatch { cell, row, text, whole: is_whole(before, after), found });
        });
    }
}

/// True if nothing but marks stands around a value, or the country's code before it.
#[must_use]
pub fn is_whole(before: &[u8], after: &[u8]) -> bool {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80;
    let mut code = before.iter().filter(|b| is_word(b)).copied();
    let code = [code.next(), code.next(), code.next(), code.next(), code.next()];
    let coded =
        matches!(code.map(|b| b.unwrap_or(b'.')), [b'.', ..] | [b'8', b'6', b'.', ..] | [b'0', b'0', b'8', b'6', b'.']);
    coded && !after.iter().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_their_rows_and_their_texts() {
        let mut cells = Cells::default();
        for (row, text) in [(1, "a"), (7, ""), (9, "b\nc")] {
            cells.push(row, text.as_bytes());
        }
        let got: Vec<_> = (0..4).filter_map(|i| cells.get(i)).collect();
        assert_eq!(got, [(1, &b"a"[..]), (7, b""), (9, b"b\rc")]);
        assert_eq!((cells.len(), cells.bytes()), (3, 7));
        cells.clear();
        assert!(cells.is_empty() && cells.get(0).is_none());
    }

    #[test]
    fn marks_and_the_countrys_code_leave_a_value_whole() {
        for (before, after, want) in [
            ("", "", true),
            (" (", ") ", true),
            ("+86 ", "", true),
            ("0086-", "", true),
            ("tel ", "", false),
            ("", " x", false),
            ("电话", "", false),
            ("865", "", false),
            ("008", "", false),
        ] {
            assert_eq!(is_whole(before.as_bytes(), after.as_bytes()), want, "{before} {after}");
        }
    }
}
