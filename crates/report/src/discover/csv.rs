//! The CSV face: one row a finding, sample or gap, so that a spreadsheet alone is not silent about what was not read.
//!
//! Names of files and columns are foreign. A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a
//! carriage return (and, in East Asian editions, the full-width forms) for a formula; such a cell gets an apostrophe.

use super::found::{Found, band, confidence};
use crate::Input;
use crate::clean::{harmless, inert};
use crate::view::{Own, Tongue};
use evidence::{Band, ClassId, ColumnVerdict, Lang, Place, Spot};

/// The columns. Fixed: programs read them.
const HEAD: [&str; 30] = [
    "kind",
    "id",
    "class",
    "class_name",
    "category",
    "level",
    "proposed",
    "host",
    "path",
    "inside",
    "place",
    "column",
    "verdict",
    "format",
    "how",
    "band",
    "confidence",
    "high",
    "medium",
    "low",
    "distinct",
    "mask",
    "keyed",
    "sampled",
    "rows",
    "filled",
    "holding",
    "bytes",
    "reason",
    "count",
];

/// Where a cell stands.
fn at(name: &str) -> usize {
    HEAD.iter().position(|h| *h == name).unwrap_or_default()
}

/// One row, filled by names of columns.
struct Row([String; HEAD.len()]);
impl Row {
    fn new(kind: &str, host: &str) -> Self {
        let mut row = Self([const { String::new() }; HEAD.len()]);
        row.set("kind", kind);
        row.set("host", host);
        row
    }
    fn set(&mut self, name: &str, value: impl std::fmt::Display) {
        if let Some(cell) = self.0.get_mut(at(name)) {
            *cell = safe(&value.to_string());
        }
    }
    fn place(&mut self, place: &Place) {
        self.set("path", place.path.as_str());
        let inside: Vec<&str> = place.inside.iter().map(evidence::PathText::as_str).collect();
        self.set("inside", inside.join("!"));
    }
}

/// A text that no spreadsheet takes for a formula and no terminal for a command.
pub(crate) fn safe(text: &str) -> String {
    let inert = harmless(text, usize::MAX, inert);
    let formula = inert.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if formula { format!("'{inert}") } else { inert }
}

/// The whole text.
pub(crate) fn render(input: &Input<'_>, lang: Lang) -> String {
    let own = Own::of(input.items);
    let tongue = Tongue { lang, plan: input.plan, own: &own };
    let found = Found::of(input);
    let host = input.examination.map_or("", |(e, _)| e.subject.host.as_str());
    let rows = Rows { tongue, found: &found, host };
    let mut out = write(std::iter::once(HEAD.map(str::to_owned).to_vec()));
    out.push_str(&write(rows.all()));
    out
}

/// Rows as CSV.
pub(crate) fn write(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        // Writing into memory cannot fail.
        let _ = writer.write_record(&row);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

struct Rows<'f, 'i> {
    tongue: Tongue<'f>,
    found: &'f Found<'i>,
    host: &'f str,
}
impl<'f> Rows<'f, '_> {
    fn all(&'f self) -> impl Iterator<Item = Vec<String>> + 'f {
        let files = self.found.files.iter().flat_map(|h| self.file(h));
        let columns = self.found.columns.iter().map(|c| self.column(c));
        let contents = self.found.contents.iter().map(|c| self.content(c));
        let gaps = self.found.gaps.iter().map(|g| self.gap(g));
        files.chain(columns).chain(contents).chain(gaps).map(|r| r.0.to_vec())
    }

    fn row(&self, kind: &str, id: &evidence::Digest, class: &ClassId, place: &Place) -> Row {
        let mut row = Row::new(kind, self.host);
        row.set("id", id.short());
        row.set("class", class);
        row.set("class_name", self.tongue.class(class));
        row.place(place);
        if let Some(g) = self.found.group(class, place) {
            row.set("category", &g.category);
            row.set("level", &g.level.level);
            row.set("proposed", if g.level.proposed { "yes" } else { "no" });
        }
        row
    }

    fn file(&self, h: &evidence::Hits) -> Vec<Row> {
        let mut row = self.row("file", &h.id(), &h.class, &h.at);
        row.set("band", band(h).name());
        row.set("confidence", confidence(h));
        for (name, n) in [("high", h.bands.high), ("medium", h.bands.medium), ("low", h.bands.low)] {
            row.set(name, n);
        }
        row.set("distinct", h.distinct);
        // Of a file, that of its content: rows with the same are copies.
        if let Some(content) = h.at.digest {
            row.set("keyed", content);
        }
        let mut out = vec![row];
        out.extend(h.samples.iter().map(|s| {
            let mut row = self.row("sample", &h.sample_id(s), &h.class, &h.at);
            row.set("place", spot(&s.spot));
            row.set("band", Band::of(s.confidence).name());
            row.set("confidence", s.confidence);
            row.set("mask", s.mask.as_str());
            row.set("keyed", s.keyed);
            row
        }));
        out
    }

    fn column(&self, c: &evidence::Column) -> Row {
        let mut row = self.row("column", &c.id(), &c.class, &c.at);
        row.set("column", &c.column);
        row.set("verdict", if c.verdict == ColumnVerdict::Is { "is" } else { "contains" });
        row.set("band", Band::of(c.confidence).name());
        row.set("confidence", c.confidence);
        row.set("distinct", c.distinct);
        row.set("sampled", c.sampled);
        if let Some(rows) = c.rows {
            row.set("rows", rows);
        }
        row.set("filled", c.filled);
        row.set("holding", c.holding);
        row
    }

    fn content(&self, c: &evidence::Content) -> Row {
        let mut row = self.row("content", &c.id(), &c.class, &c.at);
        row.set("format", &c.format);
        row.set("how", c.how.name());
        if let Some(bytes) = c.bytes {
            row.set("bytes", bytes);
        }
        row
    }

    fn gap(&self, g: &evidence::Gap) -> Row {
        let mut row = Row::new("gap", self.host);
        if let Some(place) = &g.at {
            row.place(place);
        }
        row.set("reason", g.reason.name());
        row.set("count", g.count);
        row
    }
}

/// A spot as a cell: `line:column`, `sheet!B7`, `@offset`, `p3:4:1`, `column[row]`.
fn spot(spot: &Spot) -> String {
    match spot {
        Spot::Line { line, column } => format!("{line}:{column}"),
        Spot::Cell { sheet, cell } => format!("{sheet}!{cell}"),
        Spot::Byte { offset } => format!("byte {offset}"),
        Spot::Page { page, line, column } => format!("p{page}:{line}:{column}"),
        Spot::Field { column, row } => format!("{column}[{row}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for bad in ["=1+1", "+86", "-1", "@sum", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"] {
            let cell = safe(bad);
            assert!(cell.starts_with(['\'', '\\']), "{bad:?} {cell:?}");
        }
        assert_eq!(safe("a=b"), "a=b");
        assert_eq!(safe("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(write([vec!["a,b".to_owned(), "c\"d".to_owned()]].into_iter()), "\"a,b\",\"c\"\"d\"\n");
    }
}
