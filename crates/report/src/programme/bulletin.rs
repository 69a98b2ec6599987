//! The weekly bulletin: totals, changes since the week before, who lags, what is in doubt. A document to circulate and a workbook to
//! calculate with; both say the same.

use super::ProgressView;
use super::view::{amount, counting, group, head, percent, target, together};
use crate::clean::clean;
use crate::form::{Leaflet, leaflet_docx};
use crate::view::{Own, Tongue};
use evidence::{GroupAmount, Lang, ProgressJudgement, Rung, TargetProgress};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, XlsxError};

/// Supervisors that are named as lagging, a target.
const LAGGARDS_MAX: usize = 10;
/// Longest text of a cell that Excel takes, in characters.
const CELL_CHARS_MAX: usize = 32_000;
/// Width of a column, in characters.
const WIDTH: f64 = 20.0;

/// What a bulletin is made of.
#[derive(Clone, Copy, Debug)]
pub struct BulletinInput<'a> {
    /// The week as it is written.
    pub week: &'a str,
    /// Progress as of its end.
    pub now: ProgressView<'a>,
    /// Progress as of the end of the week before.
    pub before: &'a ProgressJudgement,
}

/// A table of the bulletin.
struct Part {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn parts(t: Tongue<'_>, input: &BulletinInput<'_>) -> Vec<Part> {
    let v = &input.now;
    let head = |keys: &[&str]| keys.iter().map(|k| t.t(k).to_owned()).collect::<Vec<_>>();
    let mut total_head = head(&["progress.target"]);
    total_head.extend(Rung::ALL.map(|r| super::view::rung(t, r)));
    total_head.extend(head(&["progress.counts-short", "progress.of", "progress.stands"]));
    let mut totals = Vec::new();
    let mut changes = Vec::new();
    for p in &v.judgement.targets {
        let x = target(t, v, p);
        let mut row = vec![format!("{} {}", x.id, x.name)];
        row.extend(x.ladder.iter().map(|l| l.1.clone()));
        row.extend([amount(counting(p)), p.of.map(amount).unwrap_or_default(), format!("{}; {}", x.standing, x.due)]);
        totals.push(row);
        let old = input.before.targets.iter().find(|b| b.target == p.target).map_or(0, counting);
        changes.push(vec![x.id, amount(old), amount(counting(p)), change(old, counting(p))]);
    }
    let doubts = v.judgement.doubts.iter().map(|d| vec![t.say(&d.say)]);
    let left = v.judgement.targets.iter().flat_map(|p| {
        let of = move |(why, n): (&String, &u64)| {
            vec![format!("{}: {} {}", clean(&p.target), t.code("progress-left", why), amount(*n))]
        };
        p.left.iter().map(of).collect::<Vec<_>>()
    });
    vec![
        Part { title: t.t("bulletin.totals").to_owned(), head: total_head, rows: totals },
        Part {
            title: t.t("bulletin.changes").to_owned(),
            head: head(&["progress.target", "bulletin.before", "bulletin.now", "bulletin.change"]),
            rows: changes,
        },
        Part {
            title: t.t("bulletin.laggards").to_owned(),
            head: head(&[
                "progress.target",
                "progress.by.supervisor",
                "progress.counts-short",
                "progress.of",
                "progress.share",
            ]),
            rows: v.judgement.targets.iter().flat_map(|p| laggards(t, p)).collect(),
        },
        Part {
            title: t.t("bulletin.doubts").to_owned(),
            head: head(&["bulletin.doubt"]),
            rows: doubts.chain(left).collect(),
        },
    ]
}

fn change(old: u64, new: u64) -> String {
    match new.checked_sub(old) {
        Some(0) => "0".to_owned(),
        Some(more) => format!("+{}", amount(more)),
        None => format!("−{}", amount(old - new)),
    }
}

/// Supervisors with the smallest share of a denominator, the smallest first; of equals the larger denominator.
fn laggards(t: Tongue<'_>, p: &TargetProgress) -> Vec<Vec<String>> {
    let from = Rung::ALL.iter().position(|r| *r == p.rung_min).unwrap_or(0);
    let counts = |g: &GroupAmount| g.own.iter().skip(from).fold(0_u64, |sum, n| sum.saturating_add(*n));
    let mut all: Vec<(&GroupAmount, u64, u64)> =
        p.by.get("supervisor")
            .into_iter()
            .flatten()
            .filter_map(|g| Some((g, counts(g), g.of.filter(|of| *of > 0)?)))
            .filter(|(_, n, of)| n < of)
            .collect();
    // a/b < c/d as a·d < c·b.
    all.sort_by(|a, b| {
        let (left, right) = (u128::from(a.1) * u128::from(b.2), u128::from(b.1) * u128::from(a.2));
        left.cmp(&right).then(b.2.cmp(&a.2)).then(a.0.group.cmp(&b.0.group))
    });
    let row = |(g, n, of): &(&GroupAmount, u64, u64)| {
        let name = group(t, "supervisor", &g.group);
        vec![clean(&p.target), name, amount(*n), amount(*of), format!("{} %", percent(*n, *of))]
    };
    all.iter().take(LAGGARDS_MAX).map(row).collect()
}

fn opening(t: Tongue<'_>, input: &BulletinInput<'_>) -> Vec<String> {
    let mut out = head(t, &input.now);
    out.extend(
        together(t, &input.now)
            .into_iter()
            .map(|(reached, text)| format!("{} {text}", if reached { "✓" } else { "✗" })),
    );
    out
}

/// The bulletin as a WordprocessingML document. The same input gives the same bytes.
#[must_use]
pub fn bulletin_docx(input: &BulletinInput<'_>, lang: Lang) -> Vec<u8> {
    let own = Own::default();
    let t = Tongue { lang, plan: input.now.plan, own: &own };
    let mut leaflet = Leaflet {
        title: t.f("bulletin.title", &[("week", &clean(input.week))]),
        under: opening(t, input),
        tables: Vec::new(),
        foot: input.now.leaf.map(|l| t.f("progress.signed", &[("leaf", &l.short())])).into_iter().collect(),
        printed: input.now.generated,
    };
    leaflet.tables = parts(t, input).into_iter().map(|p| (p.title, p.head, p.rows)).collect();
    leaflet_docx(input.now.plan, lang, &leaflet)
}

/// The bulletin as a workbook: one sheet a table, texts as texts, no formula.
///
/// # Errors
/// If the workbook cannot be written.
pub fn bulletin_xlsx(input: &BulletinInput<'_>, lang: Lang) -> Result<Vec<u8>, String> {
    let own = Own::default();
    book(Tongue { lang, plan: input.now.plan, own: &own }, input).map_err(|e| e.to_string())
}

fn book(t: Tongue<'_>, input: &BulletinInput<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let at = ExcelDateTime::from_timestamp(input.now.judgement.as_of.secs())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&at).set_author("watchfire"));
    let bold = Format::new().set_bold().set_border(FormatBorder::Thin).set_text_wrap();
    let cell = Format::new().set_border(FormatBorder::Thin).set_text_wrap();
    let about = book.add_worksheet();
    about.set_name(t.t("bulletin.about"))?.set_column_width(0, 5.0 * WIDTH)?;
    about.write_string(0, 0, t.f("bulletin.title", &[("week", &clean(input.week))]))?;
    for (row, text) in (1_u32..).zip(opening(t, input)) {
        about.write_string(row, 0, text)?;
    }
    for part in parts(t, input) {
        let sheet = book.add_worksheet();
        sheet.set_name(&part.title)?;
        for (column, text) in (0_u16..).zip(&part.head) {
            sheet.write_string_with_format(0, column, text, &bold)?.set_column_width(column, WIDTH)?;
        }
        for (row, cells) in (1_u32..).zip(&part.rows) {
            for (column, text) in (0_u16..).zip(cells) {
                let text: String = text.chars().take(CELL_CHARS_MAX).collect();
                match text.replace(',', "").parse::<u32>() {
                    Ok(n) => sheet.write_number_with_format(row, column, f64::from(n), &cell)?,
                    Err(_) => sheet.write_string_with_format(row, column, text, &cell)?,
                };
            }
        }
        sheet.set_freeze_panes(1, 1)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    }
    book.save_to_buffer()
}
