//! Enterprises as a table that people keep, and the rows of a table that could not be taken.
//!
//! The headings are those that an import reads, so that what was written can be brought in again.

use crate::discover::{safe, write};
use crate::words;
use evidence::{Enterprise, Lang, Say};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// The columns; words `registry.column.<name>`.
pub const COLUMNS: [&str; 8] = ["uscc", "name", "area", "supervisor", "industry", "revenue", "above", "group"];
/// Columns of rows that could not be taken; words `registry.bad.<name>`.
pub const BAD_COLUMNS: [&str; 3] = ["row", "reason", "why"];
/// Longest text of a cell of a workbook, in characters (Excel's own limit).
const CELL_CHARS_MAX: usize = 32_767;
const WIDTH: f64 = 22.0;

fn cells(e: &Enterprise<'_>, lang: Lang) -> [String; 8] {
    let above = words::text(lang, if e.above { "registry.yes" } else { "registry.no" });
    [
        e.uscc.to_string(),
        e.name.to_string(),
        e.area.to_string(),
        e.supervisor.to_string(),
        e.industry.to_string(),
        e.revenue.to_string(),
        above.to_owned(),
        e.group.to_string(),
    ]
}

fn heading(lang: Lang) -> Vec<String> {
    COLUMNS.iter().map(|c| words::text(lang, &format!("registry.column.{c}")).to_owned()).collect()
}

/// Enterprises as CSV, without a byte order mark.
#[must_use]
pub fn csv<'e>(rows: impl Iterator<Item = &'e Enterprise<'e>>, lang: Lang) -> String {
    let rows = rows.map(|e| cells(e, lang).iter().map(|c| safe(c)).collect());
    write(std::iter::once(heading(lang)).chain(rows))
}

/// Enterprises as a workbook: texts and, for revenue, numbers; no formula.
///
/// # Errors
/// If the workbook cannot be written: more rows than the format allows.
pub fn xlsx<'e>(rows: impl Iterator<Item = &'e Enterprise<'e>>, lang: Lang) -> Result<Vec<u8>, String> {
    book(rows, lang).map_err(|e| e.to_string())
}

fn book<'e>(rows: impl Iterator<Item = &'e Enterprise<'e>>, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(words::text(lang, "registry.sheet"))?;
    let bold = Format::new().set_bold().set_text_wrap();
    for (column, text) in (0_u16..).zip(&heading(lang)) {
        sheet.write_string_with_format(0, column, text, &bold)?.set_column_width(column, WIDTH)?;
    }
    for (row, e) in (1_u32..).zip(rows) {
        for ((column, name), text) in (0_u16..).zip(COLUMNS).zip(cells(e, lang)) {
            // A float holds every integer of a record exactly.
            if name == "revenue" {
                sheet.write_number(row, column, e.revenue as f64)?;
            } else {
                let text: String = text.chars().take(CELL_CHARS_MAX).collect();
                sheet.write_string(row, column, text)?;
            }
        }
    }
    sheet.set_freeze_panes(1, 1)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    book.save_to_buffer()
}

/// Rows that could not be taken, as CSV without a byte order mark: the row, the reason as a key and as a sentence.
#[must_use]
pub fn bad_rows<'s>(rows: impl Iterator<Item = (u64, &'s Say)>, lang: Lang) -> String {
    let head = BAD_COLUMNS.iter().map(|c| words::text(lang, &format!("registry.bad.{c}")).to_owned()).collect();
    let rows = rows.map(|(row, say)| vec![row.to_string(), safe(&say.key), safe(&words::say(lang, say))]);
    write(std::iter::once(head).chain(rows))
}
