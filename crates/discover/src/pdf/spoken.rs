//! The lines of pages, handed to the scanner.

use super::Said;
use super::layout::Line;
use crate::content::Worker;
use crate::gather::{Findings, Pending};
use crate::text;
use classify::{Encoding, Header, Text};
use evidence::{PathText, Spot};
use std::ops::Range;

/// A line with such a run of digits is data, and names no columns.
const NUMBER_DIGITS_MIN: usize = 5;
/// Cells of a line that names columns are no longer than this. Bytes.
const NAME_BYTES_MAX: usize = 48;
/// After so many lines of one cell a table is over.
const APART_LINES_MAX: usize = 3;

/// The text of a document under way.
pub(super) struct Spoken<'w, 'a> {
    worker: &'w mut Worker<'a>,
    findings: Findings,
    page: u64,
    /// Lines of the page that were looked at before.
    lines: u64,
}
impl<'w, 'a> Spoken<'w, 'a> {
    pub(super) fn new(worker: &'w mut Worker<'a>) -> Self {
        Self { worker, findings: Findings::default(), page: 0, lines: 0 }
    }
    /// Looks at what page number `page` says; the pages come in order.
    pub(super) fn hear(&mut self, page: u64, said: Said) {
        if page != self.page {
            (self.page, self.lines) = (page, 0);
        }
        match said {
            Said::Lines(lines) => self.lines(lines),
            Said::Loose(lines) => self.loose(&lines),
        }
    }
    fn lines(&mut self, lines: Vec<Line>) {
        let sections = self.sections(lines);
        let mut text = String::new();
        let mut parts: Vec<(Range<usize>, Option<Header>)> = Vec::new();
        for section in sections {
            let start = text.len();
            for line in section.lines {
                text.push_str(&line);
                text.push('\n');
            }
            parts.push((start..text.len(), section.header));
        }
        self.scan(&text, &parts);
    }
    /// Text that has no place on the page stands behind its lines.
    fn loose(&mut self, lines: &[String]) {
        let mut text = lines.join("\n");
        text.push('\n');
        let whole = 0..text.len();
        if !lines.is_empty() {
            self.scan(&text, &[(whole, None)]);
        }
    }
    fn scan(&mut self, text: &str, parts: &[(Range<usize>, Option<Header>)]) {
        let mut place = Place { at: 0, line: self.lines + 1, column: 1 };
        let page = self.page;
        for (core, header) in parts {
            let spot = |place: &Place| Spot::Page { page, line: place.line, column: place.column };
            look(self.worker, &mut self.findings, text, core.clone(), header.as_ref(), &mut place, spot);
        }
        place.advance(text, text.len());
        self.lines = place.line - 1;
        self.worker.decoded(text.len() as u64);
    }
    /// Keeps what was found.
    pub(super) fn keep(self, inside: &[PathText]) {
        self.worker.keep(inside, self.findings);
    }

    /// Cuts a page where tables begin and end: the first line of a table names its columns.
    fn sections(&mut self, lines: Vec<Line>) -> Vec<Section> {
        let mut sections = vec![Section::default()];
        let mut apart = 0;
        for line in lines {
            apart = if line.cells.len() > 1 { 0 } else { apart + 1 };
            let header = if line.cells.len() > 1 && names_columns(&line.text) {
                // A header is one of what follows it.
                self.worker.scanner.header(format!("{}\n", line.text).as_bytes(), Encoding::Utf8)
            } else {
                None
            };
            if header.is_some() {
                let columns = line.cells.clone();
                sections.push(Section { lines: vec![line.text], header, columns });
                continue;
            }
            if let Some(section) = sections.last_mut().filter(|s| s.header.is_none() || apart < APART_LINES_MAX) {
                section.add(&line);
            } else {
                sections.push(Section { lines: vec![line.text], ..Section::default() });
            }
        }
        sections
    }
}

/// Lines that belong together.
#[derive(Default)]
struct Section {
    lines: Vec<String>,
    header: Option<Header>,
    /// Where the columns that the header names begin and end.
    columns: Vec<(f64, f64)>,
}
impl Section {
    /// Adds a line; in a table each of its cells goes under its column, for empty ones leave no trace.
    fn add(&mut self, line: &Line) {
        if self.header.is_none() || line.cells.len() < 2 {
            return self.lines.push(line.text.clone());
        }
        let (mut out, mut column) = (String::new(), 0);
        for (i, (cell, (from, to))) in line.text.split('\t').zip(&line.cells).enumerate() {
            let own = self.column(*from, *to).max(column);
            if own == column && i > 0 {
                out.push(' ');
            }
            out.extend(std::iter::repeat_n('\t', own - column));
            out.push_str(cell);
            column = own;
        }
        self.lines.push(out);
    }
    /// The column that a cell overlaps most, or is nearest to.
    fn column(&self, from: f64, to: f64) -> usize {
        let distance = |c: &(f64, f64)| {
            let apart = from.max(c.0) - to.min(c.1);
            if apart > 0.0 { apart } else { apart / (to - from).min(c.1 - c.0).max(1e-6) }
        };
        let nearest = self.columns.iter().enumerate().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
        nearest.map_or(0, |(i, _)| i)
    }
}
/// True if a line of cells may be a table's first: short cells and no data.
fn names_columns(text: &str) -> bool {
    let runs = text.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let number = |run: &[u8]| run.len() >= NUMBER_DIGITS_MIN && run.first().is_some_and(u8::is_ascii_digit);
    text.split('\t').all(|cell| cell.len() <= NAME_BYTES_MAX) && !runs.into_iter().any(number)
}

/// Line and column of a place that only moves forward.
struct Place {
    at: usize,
    line: u64,
    column: u64,
}
impl Place {
    fn advance(&mut self, text: &str, to: usize) {
        let part = text.get(self.at..to).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', part.as_bytes()).count() as u64;
        let tail = part.rsplit('\n').next().unwrap_or_default().chars().count() as u64;
        self.line += lines;
        self.column = if lines > 0 { 1 } else { self.column } + tail;
        self.at = to;
    }
}

/// Looks at a part of a text and puts what is found at its place.
fn look(
    worker: &mut Worker<'_>,
    findings: &mut Findings,
    text: &str,
    core: Range<usize>,
    header: Option<&Header>,
    place: &mut Place,
    spot: impl Fn(&Place) -> Spot,
) {
    let mut pending: Vec<Pending> = Vec::new();
    let config = worker.config();
    let part = Text { bytes: text.as_bytes(), encoding: Encoding::Utf8, core, header };
    text::collect(&mut worker.scanner, config, findings, &part, &mut pending);
    pending.sort_by_key(|p| p.at);
    for p in pending {
        place.advance(text, p.at);
        let (class, sample) = p.placed(spot(place));
        findings.sample(class, sample);
    }
}

/// Looks at a list of texts that is a member of its own.
pub(super) fn list(worker: &mut Worker<'_>, lines: &[String], inside: &[PathText]) {
    if lines.is_empty() {
        return;
    }
    let mut findings = Findings::default();
    let text: String = lines.iter().flat_map(|l| [l.as_str(), "\n"]).collect();
    let mut place = Place { at: 0, line: 1, column: 1 };
    let spot = |place: &Place| Spot::Line { line: place.line, column: place.column };
    look(worker, &mut findings, &text, 0..text.len(), None, &mut place, spot);
    worker.decoded(text.len() as u64);
    worker.count_scanned();
    worker.keep(inside, findings);
}
