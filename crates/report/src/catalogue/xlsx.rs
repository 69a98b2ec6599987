//! The filing form as a workbook: one sheet with the form, one with where it comes from.
//!
//! Texts are written as texts: no cell is a formula. The same catalogue gives the same bytes, so the time that a
//! workbook carries is the catalogue's.

use super::CatalogueInput;
use super::table::{Cell, Table, table};
use crate::gather::instant;
use crate::view::Tongue;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

/// Longest text of a cell that Excel takes, in characters.
const CELL_CHARS_MAX: usize = 32_000;
/// Width of a column, in characters.
const WIDTH: f64 = 18.0;

pub(crate) fn render(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let at = ExcelDateTime::from_timestamp(input.catalogue.as_of.secs())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&at).set_author("watchfire"));
    let table = table(input, tongue);
    let sheet = book.add_worksheet();
    sheet.set_name(tongue.t("catalogue.sheet"))?;
    form(sheet, &table)?;
    let about = book.add_worksheet();
    about.set_name(tongue.t("catalogue.about"))?;
    about.set_column_width(0, WIDTH)?.set_column_width(1, 4.0 * WIDTH)?;
    for (row, (label, value)) in (0_u32..).zip(origin(input, tongue)) {
        about.write_string(row, 0, label)?.write_string(row, 1, value)?;
    }
    book.save_to_buffer()
}

fn form(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_text_wrap().set_align(FormatAlign::Top);
    let cell = Format::new().set_border(FormatBorder::Thin).set_text_wrap().set_align(FormatAlign::Top);
    for (column, text) in (0_u16..).zip(&table.head) {
        sheet.write_string_with_format(0, column, text, &head)?.set_column_width(column, WIDTH)?;
    }
    for (row, cells) in (1_u32..).zip(&table.rows) {
        for (column, value) in (0_u16..).zip(cells) {
            match value {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a workbook's numbers are floats; larger ones are texts"
                )]
                Cell::Number(n) if *n < 1 << 53 => sheet.write_number_with_format(row, column, *n as f64, &cell)?,
                other => {
                    let text: String = other.text().chars().take(CELL_CHARS_MAX).collect();
                    sheet.write_string_with_format(row, column, text, &cell)?
                }
            };
        }
    }
    sheet.set_freeze_panes(1, 1)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// Where the form comes from.
pub(crate) fn origin(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Vec<(String, String)> {
    let c = input.catalogue;
    let t = |key: &str| tongue.t(key).to_owned();
    let plan: [(&str, &dyn std::fmt::Display); 3] =
        [("id", &c.plan.id), ("version", &c.plan.version), ("digest", &c.plan.digest.short())];
    let mut out = vec![
        (t("catalogue.as-of"), instant(c.as_of)),
        (t("catalogue.record"), input.leaf.to_string()),
        (t("report.result.plan"), tongue.f("report.result.plan-line", &plan)),
        (t("report.result.judge"), c.judge.clone()),
        (t("catalogue.note"), t("catalogue.no-values")),
    ];
    if let Some(f) = input.filed {
        let with: [(&str, &dyn std::fmt::Display); 2] = [("date", &f.date.date()), ("leaf", &f.catalogue.short())];
        out.push((t("catalogue.filed"), tongue.f("catalogue.filed-line", &with)));
    }
    out
}
