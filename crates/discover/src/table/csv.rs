//! Tables that are texts: values between commas, tabs, semicolons or bars.
//!
//! Their hits come from the scan of the text, with line and column, as of any other text; what is made here, beside
//! it and in the same pass, are the verdicts on the columns. A [`Watch`] sees every window after it was scanned:
//! whether the text is a table is told from the first, then its cells are counted and each hit is given to its cell.
//! A text that is no table costs the look at its first lines.
//!
//! Every row is scanned, so nothing is sampled. What costs is to count cells: of a long table, rows near which nothing
//! was found are counted in samples, and what their cells look like is reckoned from those that were read. Rows that
//! have other than the header's number of cells make a table doubtful; with one in ten of them nothing is said of
//! columns (the hits stay).
//!
//! Refused: the ending of the name as proof. It only decides whether a text of one line, or one in which nothing was
//! found, is worth telling of.

use super::{Extent, Told, statements, tell};
use crate::Config;
use crate::content::Worker;
use crate::gather::{Findings, short};
use classify::{CellHit, ColumnStats, Encoding, Header, Match, Scanner, Text, is_whole};
use evidence::{ClassId, KeyedDigest, PathText};
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::rc::Rc;

/// Most columns; a text with more is none of ours.
const COLUMNS_MAX: usize = 1024;
/// Longest first line that may be a header, and longest name in it, in bytes.
const HEADER_BYTES_MAX: usize = 64 << 10;
const NAME_BYTES_MAX: usize = 256;
/// Lines that are compared to see whether a text is a table.
const LINES: usize = 12;
/// A quoted cell longer than this, in bytes, was never closed.
const QUOTED_BYTES_MAX: u64 = 1 << 20;
/// So many rows are read in any case; after them so many bytes in a piece, and then, up to the next hit, so many are
/// passed over, whole rows.
const ROWS_READ: u64 = 4096;
const READ_BYTES: u64 = 2 << 10;
const PASSED_BYTES: u64 = 14 << 10;
/// What stands for a cell whose beginning is no longer at hand: filled, and too long to be a value.
const LONG: [u8; 64] = [b'x'; 64];

/// A window after it was scanned.
pub(crate) struct Seen<'s, 't> {
    pub(crate) text: &'s Text<'t>,
    /// Offset of the window in the text, in bytes.
    pub(crate) base: u64,
    /// Nothing follows.
    pub(crate) ended: bool,
}

/// A hit that waits for the end of its cell.
struct Hit {
    /// Offsets in the text, in bytes.
    start: u64,
    end: u64,
    hit: CellHit,
}

/// A window as one byte a unit.
struct Units<'u> {
    units: &'u [u8],
    /// Bytes a unit as a power of two, and the offset of the first, in bytes.
    shift: u32,
    base: u64,
}
impl Units<'_> {
    /// The unit at an offset; nothing if it is no longer at hand.
    fn at(&self, offset: u64) -> Option<usize> {
        usize::try_from(offset.checked_sub(self.base)? >> self.shift).ok()
    }
    fn between(&self, from: u64, to: u64) -> Option<&[u8]> {
        self.units.get(self.at(from)?..self.at(to)?)
    }
    fn offset(&self, unit: usize) -> u64 {
        self.base + ((unit as u64) << self.shift)
    }
    fn unit(&self) -> u64 {
        1 << self.shift
    }
}

struct Counted {
    name: String,
    header: Header,
    stats: ColumnStats,
}

/// What a text may be.
enum State {
    /// The first window is still to come.
    New,
    /// No table, or nobody asks.
    Text,
    Table(Sheet),
}

/// Watches a text for columns.
pub(crate) struct Watch {
    state: State,
    hits: VecDeque<Hit>,
    ids: BTreeMap<usize, ClassId>,
    hinted: bool,
    distinct_max: usize,
    units: Vec<u8>,
}

impl Watch {
    /// Watches a text that is called `name`.
    pub(crate) fn new(config: &Config, name: &[u8]) -> Self {
        let low = name.get(name.len().saturating_sub(4)..).unwrap_or_default().to_ascii_lowercase();
        let hinted = matches!(&low[..], b".csv" | b".tsv" | b".tab" | b".psv");
        Self { state: State::New, hinted, distinct_max: config.limits.file_distinct_max, ..Self::none() }
    }
    /// Watches nothing.
    pub(crate) fn none() -> Self {
        let (hits, ids, units) = (VecDeque::new(), BTreeMap::new(), Vec::new());
        Self { state: State::Text, hits, ids, hinted: false, distinct_max: 0, units }
    }

    /// Takes a hit of the window at `base`, which will be looked at next.
    pub(crate) fn found(&mut self, m: &Match<'_>, keyed: KeyedDigest, base: u64) {
        if matches!(self.state, State::Text) {
            return;
        }
        let class = m.class.index();
        self.ids.entry(class).or_insert_with(|| m.id());
        let hit = CellHit { class, confidence: m.confidence, whole: false, digest: short(keyed) };
        self.hits.push_back(Hit { start: base + m.range.start as u64, end: base + m.range.end as u64, hit });
    }

    /// Looks at a window whose hits were told.
    pub(crate) fn window(&mut self, seen: &Seen<'_, '_>, scanner: &mut Scanner) {
        if matches!(self.state, State::Text) {
            return;
        }
        self.hits.make_contiguous().sort_unstable_by_key(|h| (h.start, h.end));
        let (encoding, mut narrowed) = (seen.text.encoding, std::mem::take(&mut self.units));
        let units = if encoding.unit() == 2 {
            classify::narrow(seen.text.bytes, encoding, &mut narrowed);
            &narrowed
        } else {
            seen.text.bytes
        };
        let view = Units { units, shift: u32::from(encoding.unit() == 2), base: seen.base };
        if matches!(self.state, State::New) {
            let left = Rc::new(Cell::new(self.distinct_max));
            self.state = match Sheet::begin(seen, &view, &self.hits, self.hinted, scanner, &left) {
                Some(sheet) => State::Table(sheet),
                None => State::Text,
            };
        }
        match &mut self.state {
            State::Table(sheet) => sheet.read(seen, &view, &mut self.hits, &self.ids),
            State::New | State::Text => self.hits.clear(),
        }
        self.units = narrowed;
    }

    /// Emits the verdicts, if this is a table. `whole`: the text was read to its end.
    pub(crate) fn tell(self, worker: &Worker<'_>, inside: &[PathText], whole: bool, findings: &mut Findings) {
        let State::Table(mut sheet) = self.state else { return };
        if sheet.ragged > sheet.rows / 10 {
            return;
        }
        sheet.reckon();
        let statements = statements(sheet.columns.len(), worker.config().detectors.len());
        let tells = |c: &Counted| c.header.names_any() || !c.stats.judge(statements).is_empty();
        if !self.hinted && !sheet.columns.iter().any(tells) {
            return;
        }
        let told = sheet.columns.iter().map(|c| Told { name: &c.name, header: &c.header, stats: &c.stats });
        let extent = if whole { Extent::All } else { Extent::Part };
        tell(worker, inside, &told.collect::<Vec<_>>(), sheet.rows, extent, findings);
    }
}

/// A table under way. Offsets are in bytes of the text.
struct Sheet {
    separator: u8,
    columns: Vec<Counted>,
    /// How far it was read, where the cell at hand begins, and its column.
    at: u64,
    start: u64,
    column: usize,
    quoted: bool,
    /// Where the last quote closed: one that follows at once is part of the text.
    closed: u64,
    rows: u64,
    ragged: u64,
    /// Rows that were passed over, where reading began again, and whether a row with an end of line in a cell was met
    /// (then rows are not told from bytes alone, and none are passed over).
    passed: u64,
    resumed: u64,
    folded: bool,
}
impl Sheet {
    /// A table, if the first lines look like one.
    fn begin(
        seen: &Seen<'_, '_>,
        view: &Units<'_>,
        hits: &VecDeque<Hit>,
        hinted: bool,
        scanner: &mut Scanner,
        left: &Rc<Cell<usize>>,
    ) -> Option<Self> {
        let from = view.at(seen.base + seen.text.core.start as u64)?;
        let shape = shape(view.units.get(from..)?, seen.text.encoding, seen.ended, hinted)?;
        let (first, end) = (from + shape.first.start, from + shape.first.end);
        let cells = cells(view.units.get(first..end)?, shape.separator);
        let (low, high) = (view.offset(first), view.offset(end));
        let plain = |cell: &Range<usize>| is_name(&view.units[first + cell.start..first + cell.end]);
        let headed = !hits.iter().any(|h| (low..high).contains(&h.start)) && cells.iter().all(plain);
        let columns = (1..).zip(&cells).map(|(number, cell)| {
            let bytes = seen.text.encoding.unit();
            let text =
                seen.text.bytes.get((first + cell.start) * bytes..(first + cell.end) * bytes).unwrap_or_default();
            let name = if headed { name(text, seen.text.encoding) } else { String::new() };
            Counted {
                header: scanner.column_header(&[&name]),
                name: if name.is_empty() { format!("{number}") } else { name },
                stats: ColumnStats::new(Rc::clone(left)),
            }
        });
        let columns = columns.collect();
        let start = if headed { high + view.unit() } else { low };
        let (separator, closed) = (shape.separator, u64::MAX);
        Some(Self {
            separator,
            columns,
            at: start,
            start,
            column: 0,
            quoted: false,
            closed,
            rows: 0,
            ragged: 0,
            passed: 0,
            resumed: start,
            folded: false,
        })
    }

    /// Reads the core of a window.
    fn read(
        &mut self,
        seen: &Seen<'_, '_>,
        view: &Units<'_>,
        hits: &mut VecDeque<Hit>,
        ids: &BTreeMap<usize, ClassId>,
    ) {
        self.cells(view, seen.base + seen.text.core.end as u64, hits, ids);
        if seen.ended && self.at >= self.start && (self.at > self.start || self.column > 0) {
            self.cell(view, self.at, hits, ids, true);
            self.row();
        }
    }
    fn cells(&mut self, view: &Units<'_>, core_end: u64, hits: &mut VecDeque<Hit>, ids: &BTreeMap<usize, ClassId>) {
        let (Some(low), Some(high)) = (view.at(self.at), view.at(core_end)) else { return };
        let Some(part) = view.units.get(low..high) else { return };
        // Cells are short: looking at one byte after the other is quicker than a search for each.
        let separator = self.separator;
        let ends = |b: &u8| *b == separator || *b == b'\n' || *b == b'"';
        let mut i = 0;
        while let Some(found) = part.get(i..).and_then(|rest| rest.iter().position(ends)) {
            i += found;
            let at = view.offset(low + i);
            match part[i] {
                b'"' => self.quote(view, at),
                b'\n' if !self.quoted || at - self.start > QUOTED_BYTES_MAX => {
                    self.cell(view, at, hits, ids, true);
                    self.row();
                    (self.start, self.column, self.quoted) = (at + view.unit(), 0, false);
                    i += self.pass(view, &part[i + 1..], hits.front());
                }
                b'\n' => self.folded = true,
                _ if !self.quoted => {
                    self.cell(view, at, hits, ids, false);
                    (self.start, self.column) = (at + view.unit(), self.column + 1);
                }
                _ => {}
            }
            i += 1;
        }
        self.at = core_end;
    }
    /// At the beginning of a row: passes rows over, if enough were read and no hit is near. Returns the units passed.
    fn pass(&mut self, view: &Units<'_>, rest: &[u8], next: Option<&Hit>) -> usize {
        if self.rows < ROWS_READ || self.folded || self.start < self.resumed + READ_BYTES {
            return 0;
        }
        let most = next.map_or(PASSED_BYTES, |h| h.start.saturating_sub(self.start).min(PASSED_BYTES));
        let most = usize::try_from(most >> view.shift).unwrap_or(0).min(rest.len());
        let passed = memchr::memrchr(b'\n', &rest[..most]).map_or(0, |last| last + 1);
        self.passed += memchr::memchr_iter(b'\n', &rest[..passed]).count() as u64;
        self.start += (passed as u64) << view.shift;
        self.resumed = self.start;
        passed
    }
    /// Counts what was passed over as if it were what was read.
    fn reckon(&mut self) {
        for c in &mut self.columns {
            c.stats.reckon(self.rows, self.passed);
        }
        self.rows += self.passed;
    }

    /// A quote opens at the beginning of a cell; inside, one closes and two are one of the text.
    fn quote(&mut self, view: &Units<'_>, at: u64) {
        if self.quoted {
            (self.quoted, self.closed) = (false, at);
        } else {
            let again = at.checked_sub(view.unit()) == Some(self.closed);
            self.quoted = again || view.between(self.start, at).is_some_and(|b| b.trim_ascii().is_empty());
        }
    }

    /// Ends the cell at hand.
    fn cell(
        &mut self,
        view: &Units<'_>,
        end: u64,
        hits: &mut VecDeque<Hit>,
        ids: &BTreeMap<usize, ClassId>,
        last: bool,
    ) {
        let text = view.between(self.start, end);
        // A line without anything is no row.
        if last && self.column == 0 && text.is_some_and(|t| t.trim_ascii().is_empty()) {
            self.column = usize::MAX;
            return;
        }
        let bare = text.map_or(&LONG[..], |t| t.trim_ascii());
        let bare = bare.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\"")).unwrap_or(bare);
        let mut column = self.columns.get_mut(self.column);
        if hits.front().is_none_or(|h| h.start >= end) {
            if let Some(c) = column {
                c.stats.cell(bare, 1);
            }
            return;
        }
        while let Some(h) = hits.pop_front_if(|h| h.start < end) {
            // Those before the first row are the header's.
            let Some(Counted { header, stats, .. }) = column.as_deref_mut().filter(|_| h.start >= self.start) else {
                continue;
            };
            let around = view.between(self.start, h.start).zip(view.between(h.end.min(end), end));
            let whole = around.is_some_and(|(before, after)| is_whole(before, after));
            let first =
                || (ids.get(&h.hit.class).cloned().unwrap_or_else(|| ClassId::new("")), header.names(h.hit.class));
            stats.hit(&CellHit { whole, ..h.hit }, 0, bare, 1, first);
        }
        if let Some(c) = column {
            c.stats.cell(bare, 1);
        }
    }

    fn row(&mut self) {
        if self.column == usize::MAX {
            return;
        }
        self.rows += 1;
        self.ragged += u64::from(self.column + 1 != self.columns.len());
        for c in self.columns.iter_mut().skip(self.column + 1) {
            c.stats.count_plain(1, 0);
        }
    }
}

/// What the first lines show.
struct Shape {
    separator: u8,
    /// The first line with the usual number of cells, in units.
    first: Range<usize>,
}

/// Whether most of the first lines have the same number of cells, and of which separator. A title may stand before.
fn shape(units: &[u8], encoding: Encoding, ended: bool, hinted: bool) -> Option<Shape> {
    let head = &units[..units.len().min(HEADER_BYTES_MAX)];
    let ended = ended && head.len() == units.len();
    let quoted = lines(head, ended, true);
    let found = regular(head, &quoted, encoding, hinted);
    if found.is_some() || memchr::memchr(b'"', head).is_none() {
        return found;
    }
    // Where quotes are no quotes, lines end where lines end.
    regular(head, &lines(head, ended, false), encoding, hinted)
}

/// The first lines that are not empty; with `quotes`, a line does not end between two of them.
fn lines(head: &[u8], ended: bool, quotes: bool) -> Vec<Range<usize>> {
    let (mut out, mut start, mut quoted) = (Vec::new(), 0, false);
    let is_filled = |line: &Range<usize>| !head[line.clone()].trim_ascii().is_empty();
    for i in memchr::memchr2_iter(b'\n', b'"', head) {
        if head[i] == b'"' {
            quoted = quotes && !quoted;
        } else if !quoted {
            out.extend(Some(start..i).filter(is_filled));
            start = i + 1;
            if out.len() == LINES {
                return out;
            }
        }
    }
    out.extend(Some(start..head.len()).filter(|line| ended && is_filled(line)));
    out
}

fn regular(head: &[u8], lines: &[Range<usize>], encoding: Encoding, hinted: bool) -> Option<Shape> {
    if lines.is_empty() || (lines.len() == 1 && !hinted) {
        return None;
    }
    // The second byte of a character of two may be a bar.
    let bar = if encoding == Encoding::Gb18030 { b',' } else { b'|' };
    let mut best: Option<(usize, usize, Shape)> = None;
    for separator in [b',', b'\t', b';', bar] {
        // Most texts are no tables: no line of theirs has one.
        if memchr::memchr(separator, &head[..lines.last().map_or(0, |l| l.end)]).is_none() {
            continue;
        }
        let counts: Vec<usize> = lines.iter().map(|l| count(&head[l.clone()], separator)).collect();
        let usual = |n: usize| counts.iter().filter(|c| **c == n).count();
        let Some(n) = counts.iter().copied().filter(|n| (2..=COLUMNS_MAX).contains(n)).max_by_key(|n| (usual(*n), *n))
        else {
            continue;
        };
        let first = counts.iter().position(|c| *c == n).unwrap_or(0);
        let rest = lines.len() - first;
        if first > 3 || usual(n) * 5 < rest * 4 || best.as_ref().is_some_and(|b| (b.0, b.1) >= (usual(n), n)) {
            continue;
        }
        best = Some((usual(n), n, Shape { separator, first: lines[first].clone() }));
    }
    best.map(|b| b.2)
}

/// How many cells a line has.
fn count(line: &[u8], separator: u8) -> usize {
    let (mut n, mut quoted) = (1, false);
    for i in memchr::memchr2_iter(separator, b'"', line) {
        match line[i] {
            b'"' => quoted = !quoted,
            _ => n += usize::from(!quoted),
        }
    }
    n
}
/// The cells of a line. A separator between quotes is none.
fn cells(line: &[u8], separator: u8) -> Vec<Range<usize>> {
    let (mut out, mut start, mut quoted) = (Vec::new(), 0, false);
    for i in memchr::memchr2_iter(separator, b'"', line) {
        if line[i] == b'"' {
            quoted = !quoted;
        } else if !quoted {
            out.push(start..i);
            start = i + 1;
        }
    }
    out.push(start..line.len());
    out
}

/// True if a cell may name a column: it is no number, date or time, and not long.
fn is_name(cell: &[u8]) -> bool {
    let is_number = |b: &u8| {
        b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b'+' | b'/' | b':' | b' ' | b'%' | b'"' | b'\r')
    };
    cell.len() <= NAME_BYTES_MAX && (cell.trim_ascii().is_empty() || !cell.iter().all(is_number))
}

fn name(text: &[u8], encoding: Encoding) -> String {
    let with = match encoding {
        Encoding::Gb18030 => encoding_rs::GB18030,
        Encoding::Big5 => encoding_rs::BIG5,
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
        Encoding::Ascii | Encoding::Utf8 | Encoding::Other => encoding_rs::UTF_8,
    };
    let (text, _) = with.decode_without_bom_handling(text);
    text.trim().trim_matches('"').trim().chars().filter(|c| !c.is_control()).collect()
}
