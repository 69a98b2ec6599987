//! Tables as people keep them: CSV (comma, semicolon or tab; UTF-8, GB18030, or UTF-16 with its mark) and XLSX, first sheet.

use calamine::{Data, DataRef, Reader as _, Xlsx};
use evidence::Say;
use std::borrow::Cow;
use std::io::{Cursor, Read as _};

/// What is read at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of a table.
    pub rows_max: usize,
    /// Bytes of a table file.
    pub file_bytes_max: usize,
    /// Bytes that the members of a workbook unpack to, together.
    pub unpacked_bytes_max: u64,
    /// Columns of a workbook; cells further right are not looked at.
    pub columns_max: usize,
}

/// Longest text of a cell that is kept, in characters: one more than any entry may have, so that it is still refused.
const CELL_CHARS_MAX: usize = crate::TEXT_CHARS_MAX + 1;
impl Default for Limits {
    fn default() -> Self {
        Self { rows_max: 200_000, file_bytes_max: 64 << 20, unpacked_bytes_max: 256 << 20, columns_max: 256 }
    }
}

/// Fewer than one broken place for so many characters beyond ASCII: the text is UTF-8, damaged.
const BROKEN_SHARE: usize = 20;

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
    /// Neither UTF-8 (from this byte on) nor GB18030 nor UTF-16 with its mark: save as "CSV UTF-8" or XLSX.
    Encoding(usize),
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
            Self::Encoding(at) => {
                write!(f, "not UTF-8 at byte {at}, and neither GB18030 nor UTF-16; save it as \"CSV UTF-8\" or XLSX")
            }
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
pub(crate) type Rows = Vec<(u64, Vec<String>)>;

/// Reads all of a table.
pub(crate) fn rows(bytes: &[u8], limits: &Limits) -> Result<Rows, TableError> {
    if bytes.len() > limits.file_bytes_max {
        return Err(TableError::TooLarge(limits.file_bytes_max));
    }
    let rows = match Format::of(bytes) {
        Format::Csv => csv_rows(bytes, limits)?,
        Format::Xlsx => xlsx_rows(bytes, limits)?,
    };
    if rows.is_empty() { Err(TableError::Empty) } else { Ok(rows) }
}

/// Hands the rows of a table on, one by one, until `take` says that it has enough: a text of half a million rows never
/// stands in memory as cells. A workbook does.
pub(crate) fn each(
    bytes: &[u8],
    limits: &Limits,
    take: &mut dyn FnMut(u64, &[&str]) -> bool,
) -> Result<(), TableError> {
    if bytes.len() > limits.file_bytes_max {
        return Err(TableError::TooLarge(limits.file_bytes_max));
    }
    if Format::of(bytes) == Format::Csv {
        return csv_each(bytes, limits, take);
    }
    for (row, cells) in xlsx_rows(bytes, limits)? {
        if !take(row, &cells.iter().map(String::as_str).collect::<Vec<_>>()) {
            break;
        }
    }
    Ok(())
}

fn csv_rows(bytes: &[u8], limits: &Limits) -> Result<Rows, TableError> {
    let mut rows = Vec::new();
    csv_each(bytes, limits, &mut |line, cells| {
        rows.push((line, cells.iter().map(|c| (*c).to_owned()).collect()));
        true
    })?;
    Ok(rows)
}

fn csv_each(bytes: &[u8], limits: &Limits, take: &mut dyn FnMut(u64, &[&str]) -> bool) -> Result<(), TableError> {
    let text = text(bytes)?;
    let heading = text.lines().next().unwrap_or_default();
    let most = |d: &u8| heading.bytes().filter(|b| b == d).count();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(most).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let (mut counted, mut line) = (0, 1);
    for (n, record) in reader.records().enumerate() {
        // Text that is UTF-8 and flexible in length cannot be wrong CSV.
        let Ok(record) = record else { continue };
        if n > limits.rows_max {
            return Err(TableError::TooManyRows(limits.rows_max));
        }
        // The reader's own line number stays on the blank lines before a record: count from its first byte.
        let start = record.position().map_or(counted, |p| usize::try_from(p.byte()).unwrap_or(counted));
        let blank = text.as_bytes()[start..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        line += text.as_bytes()[counted..start + blank].iter().filter(|b| **b == b'\n').count() as u64;
        counted = start + blank;
        if !take(line, &record.iter().map(str::trim).collect::<Vec<_>>()) {
            break;
        }
    }
    Ok(())
}

/// A table as text: UTF-8; UTF-16 with its mark; and what Excel saves as "CSV" on a Chinese system: GB18030, of which GBK is a part.
/// UTF-8 comes first: Chinese text in GB18030 is hardly ever valid UTF-8, while the other way round anything goes.
fn text(bytes: &[u8]) -> Result<Cow<'_, str>, TableError> {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let at = match std::str::from_utf8(plain) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(e) => e.valid_up_to(),
    };
    // UTF-8 with a few broken bytes would read as GB18030 too, with other characters: it is refused, at the place.
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in plain.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if bad * BROKEN_SHARE < good {
        return Err(TableError::Encoding(at));
    }
    let encoding = match bytes {
        [0xff, 0xfe, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, ..] => encoding_rs::UTF_16BE,
        _ => encoding_rs::GB18030,
    };
    let body = if encoding == encoding_rs::GB18030 { plain } else { bytes.get(2..).unwrap_or_default() };
    encoding.decode_without_bom_handling_and_without_replacement(body).ok_or(TableError::Encoding(at))
}

/// The reader of workbooks unpacks whole members into memory: what they come to is counted first, by unpacking them
/// into nothing, because the sizes that an archive states can lie.
fn unpacked_within(bytes: &[u8], limits: &Limits) -> Result<(), TableError> {
    let wrong = |e: &dyn std::fmt::Display| TableError::Workbook(e.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| wrong(&e))?;
    let mut left = limits.unpacked_bytes_max;
    for i in 0..archive.len() {
        let member = archive.by_index(i).map_err(|e| wrong(&e))?;
        let got = std::io::copy(&mut member.take(left + 1), &mut std::io::sink()).map_err(|e| wrong(&e))?;
        left = left.checked_sub(got).ok_or(TableError::TooLarge(limits.file_bytes_max))?;
    }
    Ok(())
}

/// The cells of the sheet of this name, if a workbook has one.
pub(crate) fn sheet(bytes: &[u8], name: &str, limits: &Limits) -> Result<Option<Rows>, TableError> {
    if bytes.len() > limits.file_bytes_max {
        return Err(TableError::TooLarge(limits.file_bytes_max));
    }
    xlsx_sheet(bytes, Some(name), limits)
}

/// Cells come one by one: a sheet that names its last row and column must not become a grid of 10^10 empty cells.
fn xlsx_rows(bytes: &[u8], limits: &Limits) -> Result<Rows, TableError> {
    xlsx_sheet(bytes, None, limits)?.ok_or(TableError::Empty)
}

/// The rows of a sheet by its name, or of the first one.
fn xlsx_sheet(bytes: &[u8], wanted: Option<&str>, limits: &Limits) -> Result<Option<Rows>, TableError> {
    unpacked_within(bytes, limits)?;
    let wrong = |e: calamine::XlsxError| TableError::Workbook(e.to_string());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
    let names = book.sheet_names();
    let name = match wanted {
        Some(wanted) => names.iter().find(|n| *n == wanted),
        None => names.first(),
    };
    let Some(name) = name.cloned() else { return Ok(None) };
    let mut reader = book.worksheet_cells_reader(&name).map_err(wrong)?;
    let mut rows: std::collections::BTreeMap<u32, Vec<String>> = std::collections::BTreeMap::new();
    while let Some(cell) = reader.next_cell().map_err(wrong)? {
        let (row, column) = cell.get_position();
        let Some(column) = usize::try_from(column).ok().filter(|c| *c < limits.columns_max) else { continue };
        let text = match cell.get_value() {
            // A whole number typed into a sheet is stored as a float; people mean the number.
            DataRef::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => format!("{x:.0}"),
            DataRef::SharedString(s) => s.trim().to_owned(),
            other => Data::from(other.clone()).to_string().trim().to_owned(),
        };
        if text.is_empty() {
            continue;
        }
        let cells = rows.entry(row).or_default();
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(at) = cells.get_mut(column) {
            *at = text.chars().take(CELL_CHARS_MAX).collect();
        }
        if rows.len() > limits.rows_max + 1 {
            return Err(TableError::TooManyRows(limits.rows_max));
        }
    }
    Ok(Some(rows.into_iter().map(|(n, cells)| (u64::from(n) + 1, cells)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// A workbook of one sheet with this `sheetData`.
    fn book(data: &str) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let members = [
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{rel}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>")),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{rel}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{rel}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>"),
            ),
        ];
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in members {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_sheet_that_names_its_last_corner_is_read_like_any_other() {
        let cell = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        let data = format!(
            "<row r=\"1\">{}{}</row><row r=\"3\"><c r=\"A3\"><v>7</v></c></row><row r=\"1048576\">{}</row>",
            cell("A1", "kind"),
            cell("B1", "id"),
            cell("XFD1048576", "far")
        );
        let got = rows(&book(&data), &Limits::default()).unwrap();
        assert_eq!(got, [(1, vec!["kind".to_owned(), "id".to_owned()]), (3, vec!["7".to_owned()])]);
    }

    #[test]
    fn what_excel_saves_on_a_chinese_system_reads_like_utf_8() {
        let table = "统一社会信用代码,企业名称,备注\n91350100M000100Y43,青山厂,镕\n";
        let want = rows(table.as_bytes(), &Limits::default()).unwrap();
        let (gbk, _, lost) = encoding_rs::GB18030.encode(table);
        assert!(!lost && std::str::from_utf8(&gbk).is_err());
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(table.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [&gbk[..], &utf16[..]] {
            assert_eq!(rows(bytes, &Limits::default()).unwrap(), want);
        }
    }

    /// GB18030 would take these bytes, and give other names.
    #[test]
    fn damaged_utf_8_is_refused_at_its_place_and_not_read_as_something_else() {
        let mut bytes = "企业名称\n一家有着很长名称的机械制造有限责任公司及其分公司\n".as_bytes().to_vec();
        let at = bytes.len() - 4;
        bytes[at] = 0xff;
        // The character that lost its last byte begins two bytes earlier.
        assert_eq!(rows(&bytes, &Limits::default()), Err(TableError::Encoding(at)));
    }

    #[test]
    fn a_workbook_that_unpacks_to_more_than_the_limit_is_refused() {
        let blank = book(&" ".repeat(200_000));
        assert!(blank.len() < 20_000, "it is small while packed");
        let small = Limits { unpacked_bytes_max: 100_000, ..Limits::default() };
        assert_eq!(rows(&blank, &small), Err(TableError::TooLarge(small.file_bytes_max)));
    }
}
