//! Tables as people keep them: CSV (comma, semicolon or tab; UTF-8 or with BOM) and XLSX, first sheet.

use calamine::{Data, Reader as _, Xlsx};
use evidence::Say;
use std::io::Cursor;

/// What is read at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of a table.
    pub rows_max: usize,
    /// Bytes of a table file.
    pub file_bytes_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Self { rows_max: 200_000, file_bytes_max: 64 << 20 }
    }
}

/// The form of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Comma-, semicolon- or tab-separated text.
    Csv,
    /// Office Open XML workbook; its first sheet is read.
    Xlsx,
}
impl Format {
    /// By content: a zip archive is XLSX, anything else is text.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"PK\x03\x04") { Self::Xlsx } else { Self::Csv }
    }
}

/// Why a whole table cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableError {
    /// Larger than [`Limits::file_bytes_max`].
    TooLarge(usize),
    /// More rows than [`Limits::rows_max`].
    TooManyRows(usize),
    /// Not UTF-8 at this byte: save as "CSV UTF-8" or XLSX.
    NotUtf8(usize),
    /// Not a workbook, or a broken one.
    Workbook(String),
    /// No row at all.
    Empty,
    /// The heading row lacks this column.
    Column(&'static str),
}
impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge(max) => write!(f, "larger than {max} bytes"),
            Self::TooManyRows(max) => write!(f, "more than {max} rows"),
            Self::NotUtf8(at) => write!(f, "not UTF-8 at byte {at}; save it as \"CSV UTF-8\" or XLSX"),
            Self::Workbook(why) => write!(f, "not a readable workbook: {why}"),
            Self::Empty => f.write_str("no rows"),
            Self::Column(name) => write!(f, "the heading row has no column {name:?}"),
        }
    }
}
impl std::error::Error for TableError {}

/// A row that was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadRow {
    /// Row as the person counts it: the heading is row 1.
    pub row: u64,
    /// Why.
    pub say: Say,
}

/// The cells of a table, with the row number of each.
pub(crate) fn rows(bytes: &[u8], limits: &Limits) -> Result<Vec<(u64, Vec<String>)>, TableError> {
    if bytes.len() > limits.file_bytes_max {
        return Err(TableError::TooLarge(limits.file_bytes_max));
    }
    let rows = match Format::of(bytes) {
        Format::Csv => csv_rows(bytes, limits)?,
        Format::Xlsx => xlsx_rows(bytes, limits)?,
    };
    if rows.is_empty() { Err(TableError::Empty) } else { Ok(rows) }
}

fn csv_rows(bytes: &[u8], limits: &Limits) -> Result<Vec<(u64, Vec<String>)>, TableError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| TableError::NotUtf8(e.valid_up_to()))?;
    let heading = text.lines().next().unwrap_or_default();
    let most = |d: &u8| heading.bytes().filter(|b| b == d).count();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(most).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let (mut counted, mut line) = (0, 1);
    for record in reader.records() {
        // Text that is UTF-8 and flexible in length cannot be wrong CSV.
        let Ok(record) = record else { continue };
        if rows.len() > limits.rows_max {
            return Err(TableError::TooManyRows(limits.rows_max));
        }
        // The reader's own line number stays on the blank lines before a record: count from its first byte.
        let start = record.position().map_or(counted, |p| usize::try_from(p.byte()).unwrap_or(counted));
        let blank = text.as_bytes()[start..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        line += text.as_bytes()[counted..start + blank].iter().filter(|b| **b == b'\n').count() as u64;
        counted = start + blank;
        rows.push((line, record.iter().map(|c| c.trim().to_owned()).collect()));
    }
    Ok(rows)
}

fn xlsx_rows(bytes: &[u8], limits: &Limits) -> Result<Vec<(u64, Vec<String>)>, TableError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| TableError::Workbook(e.to_string()))?;
    let name = book.sheet_names().first().cloned().ok_or(TableError::Empty)?;
    let range = book.worksheet_range(&name).map_err(|e| TableError::Workbook(e.to_string()))?;
    if range.height() > limits.rows_max + 1 {
        return Err(TableError::TooManyRows(limits.rows_max));
    }
    let first = u64::from(range.start().map_or(0, |s| s.0)) + 1;
    let cell = |c: &Data| match c {
        // A whole number typed into a sheet is stored as a float; people mean the number.
        Data::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => format!("{x:.0}"),
        other => other.to_string().trim().to_owned(),
    };
    let rows = range.rows().enumerate();
    Ok(rows.map(|(i, r)| (first + i as u64, r.iter().map(cell).collect())).collect())
}
