//! Tables: rows in, hits and verdicts on columns out, one way for every kind of table.
//!
//! A reader ([`Rows`]) knows a format or a server and gives cells; [`Table`] gathers the cells of each column, has
//! them scanned a batch at a time under the column's name, counts, and says at the end what each column is and
//! contains, which values lie where, and how much of the table that speaks of. Memory depends on the number of
//! columns, not of rows.
//!
//! A type comes first: numbers below 10^10, dates and booleans hold none of the classes that values tell, and are counted,
//! not read, unless the column's name speaks for a class (a salary, a date of birth); UUIDs hold none at all. Documents in binary cells are read like files, by their first bytes.
//!
//! Refused: views (they show what the tables hold); rows as structs (a column is what is judged); a guess at the
//! number of rows that reads like a count.

pub(crate) mod csv;
mod limits;
mod lot;
#[cfg(feature = "mysql")]
mod mysql;
pub(crate) mod parquet;
#[cfg(feature = "postgres")]
mod pg;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server;
pub(crate) mod sqlite;

pub use limits::TableLimits;
pub(crate) use lot::Lot;
pub use parquet::{RowFault, RowLimits, rows as parquet_rows};

use crate::content::Worker;
use crate::gather::{Count, Findings, Pending, short};
use crate::kind::{Form, form};
use crate::memo::Event;
use crate::target::{Dialect, Server};
use crate::unpack;
use classify::{Cells, ColumnStats, Confidence, Encoding, Header, Kind, Sample, sniff};
use evidence::{Column, ColumnVerdict, GapReason, PathText, Place, Spot};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::rc::Rc;
use stdx::Capped;

/// Cells of a column gathered before they are looked at, and of all columns together, in bytes.
const COLUMN_FLUSH_BYTES: usize = 128 << 10;
const FLUSH_BYTES: usize = 2 << 20;
/// Cells of a column gathered before they are looked at.
const FLUSH_CELLS: usize = 16 << 10;
/// Smaller whole numbers are no identifiers: the shortest of digits alone, a mobile number, has eleven.
const NUMBER_MIN: u64 = 10_000_000_000;
/// Samples per column and class, so that no column takes them all; and how many times those of a text a table has.
const COLUMN_SAMPLES_MAX: usize = 2;
const SAMPLES_TIMES: usize = 4;
/// Documents in binary cells kept until the next flush.
const DOCUMENTS_MAX: usize = 16;

/// A column as its table names it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    pub(crate) name: String,
    /// What the schema says of it beside its name: a comment.
    pub(crate) note: String,
}

/// How much of a table was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extent {
    /// Every row.
    All,
    /// Rows drawn by lot, in so many clusters; the table has about so many rows.
    Drawn { clusters: u64, about: Option<u64> },
    /// As much as there was before a fault or a limit; nothing is said of the rest.
    Part,
}
/// Why a reader ends before the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// Nobody wants more.
    Stopped,
    /// A gap at the table.
    Gap(GapReason),
}
impl From<GapReason> for End {
    fn from(reason: GapReason) -> Self {
        Self::Gap(reason)
    }
}

/// A table, whoever keeps it.
pub(crate) trait Rows {
    /// Its columns.
    fn columns(&self) -> Vec<Named>;
    /// True if it comes from elsewhere: then nothing of it was unpacked from a file at hand.
    fn is_remote(&self) -> bool {
        false
    }
    /// Gives its rows, or a sample, to `into`.
    fn read(&mut self, into: &mut Table<'_, '_>) -> Result<Extent, End>;
}

/// What keeps tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keeper {
    Sqlite,
    Parquet,
}

/// Reads the tables of the file at hand, which is open as `file`.
pub(crate) fn file(worker: &mut Worker<'_>, keeper: Keeper, file: &File) {
    match keeper {
        Keeper::Sqlite => match sqlite_path(worker, file) {
            Ok(path) => sqlite::file(worker, &path),
            Err(reason) => worker.gap(reason, &[]),
        },
        Keeper::Parquet => parquet::file(worker, file),
    }
}
/// Reads a database server.
pub(crate) fn server(worker: &mut Worker<'_>, server: &Server) {
    match server.dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => pg::read(worker, server),
        #[cfg(feature = "mysql")]
        Dialect::MySql => mysql::read(worker, server),
        #[cfg(not(all(feature = "mysql", feature = "postgres")))]
        _ => worker.gap(GapReason::Unsupported, &[]),
    }
}
/// SQLite opens files by name. The name must still be that of the file at hand.
fn sqlite_path(worker: &Worker<'_>, file: &File) -> Result<PathBuf, GapReason> {
    let io = |e: io::Error| unpack::reason(&e);
    let path = worker.path().canonicalize().map_err(io)?;
    let (open, named) = (file.metadata().map_err(io)?, path.metadata().map_err(io)?);
    let same = (open.dev(), open.ino()) == (named.dev(), named.ino());
    if same { Ok(path) } else { Err(GapReason::ChangedWhileRead) }
}
/// Reads the tables of a file inside a container, which is held in memory up to a limit.
pub(crate) fn nested(worker: &mut Worker<'_>, keeper: Keeper, head: &[u8], src: &mut dyn Read, inside: &[PathText]) {
    let mut all = Vec::new();
    let mut capped = Capped::new(Cursor::new(head).chain(src), worker.config().limits.nested_bytes_max);
    if let Err(e) = capped.read_to_end(&mut all) {
        return worker.gap(unpack::reason(&e), inside);
    }
    match keeper {
        Keeper::Sqlite => sqlite::memory(worker, &all, inside),
        Keeper::Parquet => parquet::memory(worker, &all, inside),
    }
}

struct Gathered {
    name: String,
    header: Header,
    /// The name speaks for a class: values of every type are read.
    wanted: bool,
    cells: Cells,
    /// Per cell, how many rows hold it; empty if one each.
    times: Vec<u64>,
    stats: ColumnStats,
    /// Samples taken, by class.
    samples: BTreeMap<usize, usize>,
}

/// A table under way.
pub(crate) struct Table<'w, 'a> {
    worker: &'w mut Worker<'a>,
    inside: Vec<PathText>,
    columns: Vec<Gathered>,
    findings: Findings,
    /// Bytes gathered in all columns.
    gathered: usize,
    steps: u32,
    /// A column is full.
    full: bool,
    row: u64,
    documents: Vec<(usize, u64, Vec<u8>)>,
    /// Some cell was longer than what is looked at.
    cut: bool,
    remote: bool,
    scratch: String,
}

/// Reads a table that lies `inside` the file or database at hand. True if it was read to its end.
pub(crate) fn read(worker: &mut Worker<'_>, rows: &mut dyn Rows, inside: &[PathText]) -> bool {
    worker.count(Count::Tables, 1);
    let named = rows.columns();
    if named.len() > worker.config().limits.table.columns_max {
        worker.gap(GapReason::TooMany, inside);
        return false;
    }
    let left = Rc::new(Cell::new(worker.config().limits.file_distinct_max));
    let columns = (1..).zip(named).map(|(number, named)| {
        let header = worker.scanner.column_header(&[&named.name, &named.note]);
        Gathered {
            wanted: header.names_any(),
            header,
            name: if named.name.is_empty() { format!("{number}") } else { named.name },
            cells: Cells::default(),
            times: Vec::new(),
            stats: ColumnStats::new(Rc::clone(&left)),
            samples: BTreeMap::new(),
        }
    });
    let columns = columns.collect();
    let mut table = Table {
        worker,
        inside: inside.to_vec(),
        columns,
        findings: Findings::default(),
        gathered: 0,
        steps: 0,
        full: false,
        row: 0,
        documents: Vec::new(),
        cut: false,
        remote: rows.is_remote(),
        scratch: String::new(),
    };
    let result = rows.read(&mut table);
    table.flush();
    table.finish(result)
}

impl<'a> Table<'_, 'a> {
    /// The limits.
    pub(crate) fn limits(&self) -> &'a TableLimits {
        &self.worker.config().limits.table
    }
    /// Who reads, for what counts against the file at hand.
    pub(crate) fn worker(&self) -> &Worker<'a> {
        self.worker
    }
    /// Columns times classes: how many things are looked for at once.
    pub(crate) fn statements(&self) -> u64 {
        statements(self.columns.len(), self.worker.config().detectors.len())
    }
    /// True if the column's name speaks for a class, so that values of every type count.
    pub(crate) fn wants(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|c| c.wanted)
    }
    /// Rows begun so far.
    pub(crate) fn rows(&self) -> u64 {
        self.row
    }

    /// Begins a row.
    pub(crate) fn begin_row(&mut self) {
        self.row += 1;
    }
    /// Goes to a row: for readers that take a table by its columns.
    pub(crate) fn at_row(&mut self, row: u64) {
        self.row = row;
    }
    /// Ends a row; what was gathered is looked at if it is enough.
    pub(crate) fn end_row(&mut self) -> Result<(), End> {
        if self.full || self.gathered >= FLUSH_BYTES || self.documents.len() >= DOCUMENTS_MAX {
            self.flush();
        }
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(1024) && self.worker.root.stopped() { Err(End::Stopped) } else { Ok(()) }
    }

    /// An empty cell.
    pub(crate) fn empty(&mut self, column: usize) {
        self.plain(column, 1, 0);
    }
    /// Cells that need no reading: empty ones, and filled ones whose type can hold nothing.
    pub(crate) fn plain(&mut self, column: usize, empty: u64, filled: u64) {
        if let Some(c) = self.columns.get_mut(column) {
            c.stats.count_plain(empty, filled);
        }
    }
    /// A whole number.
    pub(crate) fn integer(&mut self, column: usize, value: i64) {
        if value.unsigned_abs() < NUMBER_MIN && !self.wants(column) {
            return self.plain(column, 0, 1);
        }
        self.printed(column, format_args!("{value}"), 1);
    }
    /// A number with a fraction, that `times` rows hold.
    pub(crate) fn real(&mut self, column: usize, value: f64, times: u64) {
        // Written out in digits, these would be long and say nothing.
        if !value.is_finite() || value.abs() >= 1e18 || value.abs() < 1e-9 {
            return self.plain(column, 0, times);
        }
        self.printed(column, format_args!("{value}"), times);
    }
    /// A value in print, that `times` rows hold.
    pub(crate) fn printed(&mut self, column: usize, value: std::fmt::Arguments<'_>, times: u64) {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        // Writing to a string does not fail.
        let _ = std::fmt::write(&mut text, value);
        self.push(column, self.row, text.as_bytes(), times);
        self.scratch = text;
    }
    /// A text in any encoding. What is beyond the limit is not looked at.
    pub(crate) fn text(&mut self, column: usize, text: &[u8]) {
        self.texts(column, text, 1);
    }
    fn texts(&mut self, column: usize, text: &[u8], times: u64) {
        let max = self.limits().cell_bytes_max;
        let cut = text.get(..max).unwrap_or(text);
        self.cut |= cut.len() < text.len();
        match std::str::from_utf8(cut) {
            Ok(_) => self.push(column, self.row, cut, times),
            // The limit fell into a character.
            Err(e) if e.error_len().is_none() && cut.len() < text.len() => {
                self.push(column, self.row, &cut[..e.valid_up_to()], times);
            }
            Err(_) => match sniff(cut) {
                Kind::Text(encoding, mark) => self.decoded(column, &cut[mark..], encoding, times),
                Kind::Binary => self.push(column, self.row, cut, times),
            },
        }
    }
    /// Bytes: a text if they look like one, else a document if they are one.
    pub(crate) fn blob(&mut self, column: usize, bytes: &[u8]) {
        self.bytes(column, bytes, 1);
    }
    /// The same of bytes that `times` rows hold.
    pub(crate) fn bytes(&mut self, column: usize, bytes: &[u8], times: u64) {
        match sniff(bytes) {
            Kind::Text(Encoding::Ascii | Encoding::Utf8, mark) => self.texts(column, &bytes[mark..], times),
            Kind::Text(encoding, mark) => {
                let max = self.limits().cell_bytes_max;
                let cut = &bytes[mark..bytes.len().min(max.max(mark))];
                self.cut |= cut.len() + mark < bytes.len();
                self.decoded(column, cut, encoding, times);
            }
            Kind::Binary => {
                self.cut |= bytes.len() > self.limits().cell_bytes_max;
                self.plain(column, 0, times);
                if form(bytes) == Form::Binary {
                    self.worker.count_binary();
                } else {
                    self.documents.push((column, self.row, bytes.to_vec()));
                }
            }
        }
    }
    /// Says that a cell was longer than what was given of it.
    pub(crate) fn cut(&mut self) {
        self.cut = true;
    }
    fn decoded(&mut self, column: usize, text: &[u8], encoding: Encoding, times: u64) {
        let with = match encoding {
            Encoding::Gb18030 => encoding_rs::GB18030,
            Encoding::Big5 => encoding_rs::BIG5,
            Encoding::Utf16Le => encoding_rs::UTF_16LE,
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
            Encoding::Ascii | Encoding::Utf8 | Encoding::Other => return self.push(column, self.row, text, times),
        };
        let (text, _) = with.decode_without_bom_handling(text);
        self.push(column, self.row, text.as_bytes(), times);
    }
    fn push(&mut self, column: usize, row: u64, text: &[u8], times: u64) {
        let Some(c) = self.columns.get_mut(column) else { return };
        if text.is_empty() {
            return c.stats.count_plain(times, 0);
        }
        if times != 1 && c.times.is_empty() {
            c.times.resize(c.cells.len(), 1);
        }
        if times != 1 || !c.times.is_empty() {
            c.times.push(times);
        }
        c.cells.push(row, text);
        self.gathered += text.len() + 1;
        self.full |= c.cells.bytes() >= COLUMN_FLUSH_BYTES || c.cells.len() >= FLUSH_CELLS;
    }

    /// Looks at what was gathered.
    pub(crate) fn flush(&mut self) {
        let config = self.worker.config();
        for c in self.columns.iter_mut().filter(|c| !c.cells.is_empty()) {
            let Gathered { name, header, cells, times, stats, samples, .. } = c;
            let times = |cell: usize| times.get(cell).copied().unwrap_or(1);
            let findings = &mut self.findings;
            self.worker.scanner.cells(cells, header, &mut |m| {
                let (keyed, times) = (m.found.keyed(&config.key), times(m.cell));
                stats.found(m, header, short(keyed), times);
                findings.count(m.found, keyed, times, config);
                let class = m.found.class;
                let here = samples.entry(class.index()).or_insert(0);
                if *here < COLUMN_SAMPLES_MAX
                    && findings.samples(class) < config.limits.samples_per_hit_max * SAMPLES_TIMES
                {
                    *here += 1;
                    let (mask, confidence) = (m.found.mask(), m.found.confidence);
                    let pending = Pending { class, at: 0, keyed, mask, confidence, why: m.found.why() };
                    let (class, sample) = pending.placed(Spot::Field { column: name.clone(), row: m.row });
                    findings.sample(class, sample);
                }
            });
            stats.count(cells, times);
            cells.clear();
            c.times.clear();
        }
        self.worker.decoded(self.gathered as u64);
        (self.gathered, self.full) = (0, false);
        for (column, row, bytes) in std::mem::take(&mut self.documents) {
            let name = self.columns.get(column).map_or("", |c| &c.name);
            let mut inside = self.inside.clone();
            inside.push(PathText::from(&*format!("{name}[{row}]")));
            if self.remote {
                // What comes out of it is measured against itself.
                self.worker.packed = bytes.len() as u64;
                self.worker.unpacked.set(0);
            }
            self.worker.content(&mut &*bytes, &inside);
        }
    }

    fn finish(self, result: Result<Extent, End>) -> bool {
        let Self { worker, inside, columns, mut findings, row, cut, .. } = self;
        let overflow = columns.iter().any(|c| c.stats.overflow());
        let extent = result.unwrap_or(Extent::Part);
        let told = columns.iter().map(|c| Told { name: &c.name, header: &c.header, stats: &c.stats });
        tell(worker, &inside, &told.collect::<Vec<_>>(), row, extent, &mut findings);
        worker.keep(&inside, findings);
        let ended = result.err().and_then(|e| if let End::Gap(reason) = e { Some(reason) } else { None });
        let gaps = [overflow.then_some(GapReason::TooMany), cut.then_some(GapReason::TooLarge), ended];
        for reason in gaps.into_iter().flatten() {
            worker.gap(reason, &inside);
        }
        extent != Extent::Part
    }
}

/// A column of which everything was counted.
pub(crate) struct Told<'t> {
    pub(crate) name: &'t str,
    pub(crate) header: &'t Header,
    pub(crate) stats: &'t ColumnStats,
}

/// Columns times classes: how many things are looked for at once.
fn statements(columns: usize, classes: usize) -> u64 {
    (columns as u64).max(1) * classes as u64
}

/// Emits what the columns of a table are and contain, and how much of it that speaks of.
pub(crate) fn tell(
    worker: &Worker<'_>,
    inside: &[PathText],
    columns: &[Told<'_>],
    rows: u64,
    extent: Extent,
    findings: &mut Findings,
) {
    let statements = statements(columns.len(), worker.config().detectors.len());
    for c in columns {
        for j in c.stats.judge(statements) {
            if j.verdict == ColumnVerdict::Is
                && let (doubtful, Some(values)) = c.stats.doubtful(j.class)
            {
                findings.lift(j.class, doubtful, j.confidence, values);
            }
            let column = Column {
                class: j.id,
                at: Place::file(""),
                column: c.name.to_owned(),
                verdict: j.verdict,
                confidence: j.confidence,
                // A row may hold several values, or none if its part of the column could not be read.
                sampled: c.stats.looked().min(rows),
                rows: (extent == Extent::All).then_some(rows),
                filled: c.stats.filled(),
                whole: j.whole,
                holding: j.holding,
                distinct: j.distinct,
                header: j.header,
            };
            worker.happen(Event::Column { inside: inside.to_vec(), column });
        }
    }
    let named = columns.iter().filter(|c| c.header.names_any()).count() as u64;
    let mut counts = BTreeMap::from([("sampled", rows), ("columns", columns.len() as u64), ("named", named)]);
    match extent {
        Extent::All => counts.extend([("rows", rows), ("at_most_ppm_99", 0)]),
        Extent::Drawn { clusters, about } => {
            let sample = Sample { rows, clusters, statements };
            counts.insert("at_most_ppm_99", u64::from(sample.at_most_ppm(Confidence::P99)));
            counts.extend(about.map(|n| ("rows_about", n.max(rows))));
        }
        // What was not looked at to the end is not covered.
        Extent::Part => return,
    }
    let counts = counts.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    worker.happen(Event::Table { inside: inside.to_vec(), counts });
}
