//! The workbook for plants without Watchfire: one row an enterprise, code and name locked, the other cells checked; and the workbook in
//! which rows that could not be taken go back.

use crate::words;
use evidence::{Lang, Say, Time};
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatBorder, ProtectionOptions,
    Workbook, Worksheet, XlsxError,
};

/// Name of the hidden sheet that binds the workbook; as `attest` reads it.
const HIDDEN: &str = "watchfire";
/// The columns after code and name.
const FIELDS: [&str; 6] = ["day", "assets", "graded", "confirmed", "filed", "drills"];
/// Most drills that the drop-down offers.
const DRILLS_MAX: u32 = 12;
/// Longest text of a cell that Excel takes, in characters.
const CELL_CHARS_MAX: usize = 32_000;

/// A text in both languages, one after the other.
fn both(key: &str) -> String {
    format!("{} / {}", words::text(Lang::Zh, key), words::text(Lang::En, key))
}

/// The workbook. `binding`: the lines of the hidden sheet; `rows`: code and name, in ascending order of the code. The same input gives the
/// same bytes.
///
/// # Errors
/// If the workbook cannot be written: more rows than the format allows.
pub fn returns_xlsx(
    binding: &[String],
    area: &str,
    year: i64,
    due: Time,
    rows: impl Iterator<Item = (String, String)>,
) -> Result<Vec<u8>, String> {
    book(binding, area, year, due, rows).map_err(|e| e.to_string())
}

fn book(
    binding: &[String],
    area: &str,
    year: i64,
    due: Time,
    rows: impl Iterator<Item = (String, String)>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let at = ExcelDateTime::from_timestamp(due.secs())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&at).set_author("watchfire"));
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_text_wrap();
    let locked = Format::new().set_border(FormatBorder::Thin).set_background_color("EEEEEE");
    let open = Format::new().set_border(FormatBorder::Thin).set_unlocked();
    let day = Format::new().set_border(FormatBorder::Thin).set_unlocked().set_num_format("yyyy-mm-dd");
    let sheet = book.add_worksheet();
    sheet.set_name(words::text(Lang::Zh, "returns.sheet"))?;
    let code = format!("{} / uscc", words::text(Lang::Zh, "registry.column.uscc"));
    sheet.write_string_with_format(0, 0, code, &head)?.write_string_with_format(0, 1, both("returns.name"), &head)?;
    for (column, field) in (2_u16..).zip(FIELDS) {
        sheet.write_string_with_format(0, column, both(&format!("returns.{field}")), &head)?;
        sheet.set_column_width(column, 16)?;
    }
    sheet.set_column_width(0, 24)?.set_column_width(1, 36)?;
    let mut last = 0;
    for (row, (code, name)) in (1_u32..).zip(rows) {
        let name: String = name.chars().take(CELL_CHARS_MAX).collect();
        sheet.write_string_with_format(row, 0, code, &locked)?.write_string_with_format(row, 1, name, &locked)?;
        for (column, field) in (2_u16..).zip(FIELDS) {
            sheet.write_blank(row, column, if matches!(field, "day" | "filed") { &day } else { &open })?;
        }
        last = row;
    }
    checks(sheet, last.max(1))?;
    sheet.set_freeze_panes(1, 2)?;
    // Rows may be made wider and filtered; what is locked stays.
    let options =
        ProtectionOptions { format_columns: true, format_rows: true, use_autofilter: true, ..ProtectionOptions::new() };
    sheet.protect_with_options(&options);
    let about = book.add_worksheet();
    about.set_name(words::text(Lang::Zh, "returns.about"))?.set_column_width(0, 100)?;
    let wrap = Format::new().set_text_wrap();
    let mut row = 0;
    for lang in [Lang::Zh, Lang::En] {
        let place = words::find(lang, &format!("supervisor.{area}")).unwrap_or(area);
        let heading = Say::new("returns.heading").with("area", place).with("year", year).with("due", due.date());
        for text in [words::say(lang, &heading), words::text(lang, "returns.how").to_owned()] {
            about.write_string_with_format(row, 0, text, &wrap)?;
            row += 1;
        }
    }
    about.protect();
    let hidden = book.add_worksheet();
    hidden.set_name(HIDDEN)?;
    for (row, line) in (0_u32..).zip(binding) {
        hidden.write_string(row, 0, line)?;
    }
    hidden.set_very_hidden(true).protect();
    book.save_to_buffer()
}

/// What a cell takes: days that are not odd, whole numbers, a choice of drills.
fn checks(sheet: &mut Worksheet, last: u32) -> Result<(), XlsxError> {
    let first = ExcelDateTime::from_ymd(2024, 1, 1)?;
    for (column, field) in (2_u16..).zip(FIELDS) {
        let check = match field {
            "day" | "filed" => DataValidation::new()
                .allow_date(DataValidationRule::GreaterThanOrEqualTo(first.clone()))
                .set_error_message(both("returns.day-error"))?,
            "drills" => {
                let choices: Vec<String> = (0..=DRILLS_MAX).map(|n| n.to_string()).collect();
                DataValidation::new().allow_list_strings(&choices)?
            }
            _ => DataValidation::new()
                .allow_whole_number(DataValidationRule::GreaterThanOrEqualTo(0))
                .set_error_message(both("returns.number-error"))?,
        };
        sheet.add_data_validation(1, column, last, column, &check)?;
    }
    Ok(())
}

/// Rows that could not be taken, each with its cell and the reason in both languages.
///
/// # Errors
/// If the workbook cannot be written.
pub fn returns_back_xlsx<'s>(rows: impl Iterator<Item = (u64, &'s Say)>) -> Result<Vec<u8>, String> {
    back(rows).map_err(|e| e.to_string())
}

fn back<'s>(rows: impl Iterator<Item = (u64, &'s Say)>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let head = Format::new().set_bold().set_border(FormatBorder::Thin);
    sheet.write_string_with_format(0, 0, both("returns.cell"), &head)?;
    sheet.write_string_with_format(0, 1, both("returns.reason"), &head)?;
    sheet.set_column_width(0, 12)?.set_column_width(1, 100)?;
    for (row, (number, say)) in (1_u32..).zip(rows) {
        sheet.write_string(row, 0, cell(number, say))?;
        let why = format!("{} / {}", words::say(Lang::Zh, say), words::say(Lang::En, say));
        sheet.write_string(row, 1, why.chars().take(CELL_CHARS_MAX).collect::<String>())?;
    }
    book.save_to_buffer()
}

/// The cell of a fault, if the sentence names its column; else the row.
fn cell(row: u64, say: &Say) -> String {
    let column = match say.with.get("column").map(String::as_str) {
        Some("uscc") => "A",
        Some("day") => "C",
        Some("assets") => "D",
        Some("graded") => "E",
        Some("confirmed") => "F",
        Some("filed") => "G",
        Some("drills") => "H",
        _ => return row.to_string(),
    };
    format!("{column}{row}")
}
