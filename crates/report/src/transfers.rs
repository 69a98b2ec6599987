//! Transfers for a terminal and as a table that people keep: what each flow needs, has and lacks.
//!
//! The table's columns are those that an import reads, and behind them what the judge makes of each flow, so that what
//! was written can be brought in again.

use crate::Style;
use crate::catalogue::span;
use crate::discover::{safe, write};
use crate::paper::{Ink, Paper};
use crate::view::{Own, Tongue};
use evidence::{Flow, FlowStanding, Lang, NoteKind, PeopleCounted, TransferJudgement, TransferNeed};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use std::collections::BTreeMap;

/// The columns of the table; words `transfer.column.<name>`.
pub const COLUMNS: [&str; 25] = [
    "id",
    "exporter",
    "cii",
    "system",
    "assets",
    "holds",
    "recipient",
    "group",
    "country",
    "way",
    "hosts",
    "purpose",
    "ground",
    "case",
    "reason",
    "disjoint",
    "year",
    "personal",
    "sensitive",
    "as_of",
    "need",
    "in_hand",
    "until",
    "state",
    "lacks",
];
/// Longest text of a cell that Excel takes, in characters.
const CELL_CHARS_MAX: usize = 32_000;
/// Width of a column of the workbook, in characters.
const WIDTH: f64 = 18.0;

/// What transfers are shown from.
#[derive(Clone, Copy, Debug)]
pub struct TransferInput<'a> {
    /// How they stand.
    pub judgement: &'a TransferJudgement,
    /// Its leaf, if it was recorded.
    pub leaf: Option<evidence::Digest>,
    /// The flows.
    pub flows: &'a BTreeMap<String, Flow>,
    /// The newest counts by flow and year.
    pub counted: &'a BTreeMap<(String, i64), PeopleCounted>,
    /// The plan.
    pub plan: &'a plan::CheckedPlan,
}

/// For a terminal. Ends with a line feed.
#[must_use]
pub fn terminal(input: &TransferInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    let tongue = Tongue { lang, plan: input.plan, own: &own };
    let j = input.judgement;
    let mut paper = Paper::new(tongue, style);
    paper.title(
        &tongue.f(
            "transfer.heading",
            &[("year", &j.year), ("date", &plan::Days::of(input.plan.calendar()).date(j.as_of))],
        ),
    );
    for e in &j.exporters {
        let name = if e.exporter.is_empty() { tongue.t("transfer.this-node") } else { &e.exporter };
        let with: [(&str, &dyn std::fmt::Display); 4] = [
            ("exporter", &crate::clean::clean(name)),
            ("flows", &e.flows),
            ("personal", &span(e.personal)),
            ("sensitive", &span(e.sensitive)),
        ];
        paper.para("", None, &tongue.f("transfer.exporter-line", &with));
    }
    if !j.flows.is_empty() {
        paper.line("");
        let shown = ["id", "recipient", "country", "personal", "sensitive", "need", "in_hand", "until", "state"];
        let head: Vec<(&str, bool)> =
            shown.iter().map(|c| (column(lang, c), matches!(*c, "personal" | "sensitive"))).collect();
        let rows: Vec<Vec<String>> = j
            .flows
            .iter()
            .filter_map(|s| {
                let row = row(tongue, input, s, input.flows.get(&s.flow)?);
                Some(shown.iter().map(|c| row.get(c).map_or_else(String::new, |t| crate::clean::clean(t))).collect())
            })
            .collect();
        paper.table(&head, &rows);
        for s in j.flows.iter().filter(|s| !s.lacks.is_empty()) {
            let lacks: Vec<String> = s.lacks.iter().map(|l| tongue.code("lacks", l)).collect();
            let with: [(&str, &dyn std::fmt::Display); 2] =
                [("flow", &s.flow), ("lacks", &lacks.join(tongue.t("report.list-join")))];
            paper.para("  ", None, &tongue.f("transfer.lacks-line", &with));
        }
    }
    for (kind, ink) in [(NoteKind::Finding, Ink::Red), (NoteKind::Warning, Ink::Yellow), (NoteKind::Note, Ink::Dim)] {
        let notes: Vec<_> = j.notes.iter().filter(|n| n.kind == kind).collect();
        if notes.is_empty() {
            continue;
        }
        paper.line("");
        paper.para("", None, &crate::incident::beside(tongue, &tongue.code("note-kind", kind.name()), &notes.len()));
        for n in notes {
            paper.para("  - ", Some(ink), &tongue.say(&n.say));
        }
    }
    if !j.doubts.is_empty() {
        paper.line("");
        paper.para("", None, tongue.t("transfer.doubts"));
        for d in &j.doubts {
            paper.para("  ? ", Some(Ink::Dim), &tongue.say(&d.say));
        }
    }
    if let Some(first) = j.provisions.iter().find_map(|p| p.keep_until) {
        paper.line("");
        let with: [(&str, &dyn std::fmt::Display); 2] = [("count", &j.provisions.len()), ("until", &first.date())];
        paper.para("", Some(Ink::Dim), &tongue.f("transfer.kept-line", &with));
    }
    if let Some(leaf) = input.leaf {
        paper.line("");
        paper.para("", Some(Ink::Dim), &tongue.f("transfer.record", &[("leaf", &leaf.short())]));
    }
    paper.into_text()
}

/// The heading of a column.
#[must_use]
pub fn column(lang: Lang, name: &str) -> &'static str {
    let key = format!("transfer.column.{}", name.replace('_', "-"));
    crate::words::find(lang, &key).unwrap_or("?")
}

fn need(tongue: Tongue<'_>, least: Option<&TransferNeed>, most: Option<&TransferNeed>) -> String {
    let word = |n: Option<&TransferNeed>| n.map_or_else(|| "?".to_owned(), |n| tongue.code("transfer.need", &n.needs));
    let (least, most) = (word(least), word(most));
    if least == most { least } else { format!("{least} … {most}") }
}

/// The cells of a flow by column.
fn row(tongue: Tongue<'_>, input: &TransferInput<'_>, s: &FlowStanding, f: &Flow) -> BTreeMap<&'static str, String> {
    let yes = |b: bool| if b { tongue.t("report.yes") } else { "" }.to_owned();
    let counted = input.counted.get(&(f.id.clone(), input.judgement.year));
    let people = |n: Option<evidence::Span>| n.map(range).unwrap_or_default();
    let hand = s.in_hand.as_ref();
    let grant = hand.map(|h| format!("{} {}", tongue.code("grant", h.grant.name()), h.number).trim().to_owned());
    let ended = s.state == evidence::FlowState::Ended;
    let join = |all: Vec<String>| all.join("; ");
    BTreeMap::from([
        ("id", f.id.clone()),
        ("exporter", f.exporter.clone()),
        ("cii", yes(f.cii)),
        ("system", f.system.clone()),
        ("assets", join(f.assets.iter().map(|a| a.hex()[..16].to_owned()).collect())),
        ("holds", join(f.holds.iter().map(|h| tongue.code("holds", h.name())).collect())),
        ("recipient", f.recipient.clone()),
        ("group", f.group.clone()),
        ("country", f.country.clone()),
        ("way", tongue.code("way", f.way.name())),
        ("hosts", join(f.hosts.clone())),
        ("purpose", f.purpose.clone()),
        ("ground", f.ground.clone()),
        ("case", f.case.clone()),
        ("reason", f.reason.clone()),
        ("disjoint", yes(f.disjoint)),
        ("year", input.judgement.year.to_string()),
        ("personal", people(counted.map(|c| c.personal))),
        ("sensitive", people(counted.map(|c| c.sensitive))),
        ("as_of", counted.map(|c| c.as_of.date()).unwrap_or_default()),
        ("need", if ended { String::new() } else { need(tongue, s.at_least.as_ref(), s.at_most.as_ref()) }),
        ("in_hand", grant.unwrap_or_default()),
        ("until", hand.and_then(|h| h.until).map(evidence::Time::date).unwrap_or_default()),
        ("state", tongue.code("flow-state", s.state.name())),
        ("lacks", join(s.lacks.iter().map(|l| tongue.code("lacks", l)).collect())),
    ])
}

/// The cells of a flow as the table shows them, by column ([`COLUMNS`]); `None` if the flow is not among them.
#[must_use]
pub fn cells(input: &TransferInput<'_>, lang: Lang, s: &FlowStanding) -> Option<BTreeMap<&'static str, String>> {
    let own = Own::default();
    Some(row(Tongue { lang, plan: input.plan, own: &own }, input, s, input.flows.get(&s.flow)?))
}

/// A number as an import reads it again: `12`, `12-40`, `>=12`.
fn range(s: evidence::Span) -> String {
    match (s.known(), s.most) {
        (Some(n), _) => n.to_string(),
        (None, Some(most)) => format!("{}-{most}", s.least),
        (None, None) => format!(">={}", s.least),
    }
}

fn table(input: &TransferInput<'_>, lang: Lang) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let own = Own::default();
    let tongue = Tongue { lang, plan: input.plan, own: &own };
    // The table is kept and brought in again: what has ended must not come back by that. JSON and the text have it.
    let lives = input.judgement.flows.iter().filter(|s| s.state != evidence::FlowState::Ended);
    let rows = lives.filter_map(|s| {
        let cells = row(tongue, input, s, input.flows.get(&s.flow)?);
        Some(COLUMNS.iter().map(|c| cells.get(c).cloned().unwrap_or_default()).collect())
    });
    (COLUMNS.iter().map(|c| column(lang, c)).collect(), rows.collect())
}

/// The register as CSV, without a byte order mark.
#[must_use]
pub fn csv(input: &TransferInput<'_>, lang: Lang) -> String {
    let (head, rows) = table(input, lang);
    let head = head.into_iter().map(str::to_owned).collect();
    write(std::iter::once(head).chain(rows.iter().map(|r| r.iter().map(|c| safe(c)).collect())))
}

/// The register as a workbook; texts only, no formula.
///
/// # Errors
/// If the workbook cannot be written: more cells than the format allows.
pub fn xlsx(input: &TransferInput<'_>, lang: Lang) -> Result<Vec<u8>, String> {
    book(input, lang).map_err(|e| e.to_string())
}

fn book(input: &TransferInput<'_>, lang: Lang) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let (head, rows) = table(input, lang);
    let mut book = Workbook::new();
    // The same judgement gives the same bytes.
    let at = ExcelDateTime::from_timestamp(input.judgement.as_of.secs())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&at).set_author("watchfire"));
    let sheet = book.add_worksheet();
    sheet.set_name(crate::words::text(lang, "transfer.sheet"))?;
    let bold = Format::new().set_bold().set_text_wrap();
    for (column, text) in (0_u16..).zip(&head) {
        sheet.write_string_with_format(0, column, *text, &bold)?.set_column_width(column, WIDTH)?;
    }
    for (row, cells) in (1_u32..).zip(&rows) {
        for (column, text) in (0_u16..).zip(cells) {
            let text: String = text.chars().take(CELL_CHARS_MAX).collect();
            sheet.write_string(row, column, text)?;
        }
    }
    sheet.set_freeze_panes(1, 1)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    book.save_to_buffer()
}
