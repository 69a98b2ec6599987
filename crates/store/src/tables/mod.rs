//! Read tables: what grows with the number of enterprises and what many people read, laid out for reading.
//!
//! Everything here is made from the log and may be thrown away. The log itself stays one SQLite file at every level: its writer is
//! one. What stands beside it can stand in two places, and one acceptance trial holds both to the same answers:
//! SQLite, one file an import ([`sqlite`]), and PostgreSQL, one partitioned table an import ([`server`]).
//!
//! A *table* is what was made of one import, named by the digest of its rows. It is seen whole or not at all. The province is the
//! partition key; pages go by key, never by offset; what a page or a sum needs stands in an index. *Sums* are written in the
//! transaction that writes the rows that they sum, and all sums of one kind are one stretch of an index.
//!
//! Refused: taking what is read here as evidence (whoever can write to the file or the server can change what a page shows; rows
//! that a judgement is made from are held against the digest that the log commits to), a transaction over two imports or two
//! provinces (so that another engine can be put underneath), and an import that fills the table of the one before.

mod address;
mod fault;
mod server;
mod sqlite;

pub use address::{Address, Reach};
pub use fault::TablesFault;
pub use server::ServerTables;
pub(crate) use server::server_fit;
pub use sqlite::FileTables;

use crate::StoreError;
use evidence::Digest;
use stdx::{Progress, Stop};

/// Imports that are kept; beyond them the oldest goes.
pub const TABLES_MAX: usize = 6;
/// What a page holds at most, in rows.
pub const PAGE_ROWS_MAX: u64 = 10_000;
/// Sources of sums that a table keeps; beyond them the oldest goes.
pub const SOURCES_MAX: usize = 16;
/// Most sums of one source.
pub const SUMS_MAX: usize = 1_000_000;
/// After so many rows an import asks whether it is to stop.
const BATCH_ROWS: u64 = 4096;

/// A row on its way into a table.
#[derive(Clone, Copy, Debug)]
pub struct CachedRow<'a> {
    /// Its code.
    pub code: &'a str,
    /// Area: digits of GB/T 2260, or `65-XPCC`. Its first two characters are the partition key.
    pub area: &'a str,
    /// Industry.
    pub industry: &'a str,
    /// The line.
    pub line: &'a [u8],
}

/// One code of a list, with what lists are narrowed by.
#[derive(Clone, Copy, Debug)]
pub struct Pick<'a> {
    /// The code.
    pub code: &'a str,
    /// Its area.
    pub area: &'a str,
    /// Its industry.
    pub industry: &'a str,
}

/// Which rows of a page.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// Areas that begin so; empty: all.
    pub area: String,
    /// Industries that begin so; empty: all.
    pub industry: String,
    /// Only those of this list.
    pub list: Option<Digest>,
    /// Only codes after this one.
    pub after: String,
    /// So many rows; at most [`PAGE_ROWS_MAX`].
    pub limit: u64,
}

/// One sum: of what, by what, for which of it, how sure; how many, of how many.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rollup {
    /// What it is grouped by, such as `supervisor`.
    pub by: String,
    /// Which group, such as `44`; empty: all.
    pub key: String,
    /// What it is a sum of: the id of a target or of a rule.
    pub target: String,
    /// Which step of the ladder, or which part, such as `selected`.
    pub rung: String,
    /// How many.
    pub amount: i64,
    /// Of how many.
    pub denominator: i64,
}

/// The sums of one source, such as a judgement, by its leaf.
#[derive(Clone, Debug)]
pub struct Sums<'a> {
    /// What they were made from.
    pub source: Digest,
    /// The sums.
    pub rows: &'a [Rollup],
}

/// What is to be made.
pub struct Make<'a> {
    /// The digest of the rows.
    pub id: Digest,
    /// How many rows there are: fewer or more is an error, not a table.
    pub count: u64,
    /// What becomes of a table that is there already.
    pub present: Present,
    /// Is told of the rows.
    pub progress: &'a dyn Progress,
    /// Ends the import, with nothing changed.
    pub stop: &'a Stop,
}

/// What becomes of a table that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Present {
    /// It stays and is the answer.
    Keep,
    /// The new one takes its place, at once, when it is whole.
    Replace,
}

/// A table that is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptTable {
    /// The digest of its rows.
    pub id: Digest,
    /// Rows.
    pub rows: u64,
    /// Lists of selected codes.
    pub lists: u64,
    /// Sources of sums.
    pub sources: u64,
    /// What it takes on disk, in bytes, as the engine counts.
    pub bytes: u64,
}

/// What stands behind the read tables.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Engine {
    /// `sqlite` or `postgresql`.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    /// Where: a folder, or an address without login and password.
    pub place: String,
}

/// Read tables in one place.
pub trait ReadTables: Send + Sync {
    /// What stands behind them. Errors: the server is not there or does not fit.
    fn engine(&self) -> Result<Engine, StoreError>;
    /// The table of these rows, if there is a whole one.
    fn table(&self, id: Digest) -> Result<Option<Box<dyn ReadTable>>, StoreError>;
    /// Makes a table from its rows, which come in ascending order of their codes. Whatever ends it - an error, a crash, a lost
    /// connection, a stop - leaves what was there before. Beyond [`TABLES_MAX`] the oldest goes.
    fn make(
        &self,
        order: &Make<'_>,
        rows: &mut dyn Iterator<Item = CachedRow<'_>>,
    ) -> Result<Box<dyn ReadTable>, StoreError>;
    /// The table of sums that belong to no import; made if it is not there, never dropped for another.
    fn sums(&self) -> Result<Box<dyn ReadTable>, StoreError>;
    /// What is there, by digest.
    fn kept(&self) -> Result<Vec<KeptTable>, StoreError>;
    /// Drops one table, if it is there.
    fn drop_one(&self, id: Digest) -> Result<(), StoreError>;
    /// Drops everything; whatever layout it has.
    fn drop_all(&self) -> Result<(), StoreError>;
}

/// One table.
pub trait ReadTable {
    /// A page of lines in ascending order of the code by bytes. All of it or an error: [`StoreError::NotFound`] if the list is not
    /// here.
    fn page(&self, filter: &RowFilter) -> Result<Vec<Vec<u8>>, StoreError>;
    /// The line of a code.
    fn one(&self, code: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// The lines of a province (two digits), in ascending order of the code.
    fn province(&self, area: &str) -> Result<Vec<Vec<u8>>, StoreError>;
    /// Every line, in ascending order of the code, one at a time.
    fn lines(&self, take: &mut dyn FnMut(&[u8])) -> Result<(), StoreError>;
    /// How many rows there are by province.
    fn count(&self) -> Result<Vec<(String, u64)>, StoreError>;
    /// Whether a list of codes is here.
    fn has_list(&self, list: Digest) -> Result<bool, StoreError>;
    /// Whether a code is on a list that is here.
    fn on_list(&self, list: Digest, code: &str) -> Result<bool, StoreError>;
    /// Keeps a list of codes under its digest, and in the same transaction the sums over it.
    fn keep_list(
        &mut self,
        list: Digest,
        picks: &mut dyn Iterator<Item = Pick<'_>>,
        sums: Option<&Sums<'_>>,
    ) -> Result<(), StoreError>;
    /// Puts sums in the place of those of the same source, all at once. Beyond [`SOURCES_MAX`] the oldest source goes.
    fn replace(&mut self, sums: &Sums<'_>) -> Result<(), StoreError>;
    /// The sums of a source by one thing, in ascending order of key, target, rung: one stretch of an index. `None`: there are none of
    /// this source.
    fn rollups(&self, source: Digest, by: &str) -> Result<Option<Vec<Rollup>>, StoreError>;
}

/// The first two characters of an area: the partition key.
fn province(area: &str) -> &str {
    area.get(..2).unwrap_or(area)
}
/// The letter and two digits of an industry.
fn division(industry: &str) -> &str {
    industry.get(..3).unwrap_or(industry)
}
/// The id of the table of sums that belong to no import ([`ReadTables::sums`]).
#[must_use]
pub fn sums_table() -> Digest {
    Digest::of(b"watchfire-tables-sums-v1")
}
fn fault(fault: TablesFault) -> StoreError {
    StoreError::Tables(fault)
}
fn bounded(sums: &Sums<'_>) -> Result<(), StoreError> {
    if sums.rows.len() > SUMS_MAX {
        return Err(StoreError::TooLarge { what: "sums of one source", max: SUMS_MAX as u64 });
    }
    Ok(())
}

/// Hands rows on, counts them and looks now and then whether to stop.
struct Counted<'a, 'o> {
    order: &'a Make<'o>,
    count: u64,
    told: u64,
}
impl<'a, 'o> Counted<'a, 'o> {
    fn new(order: &'a Make<'o>) -> Self {
        order.progress.begin(stdx::Step::Enterprises, Some(order.count));
        Self { order, count: 0, told: 0 }
    }
    fn row(&mut self) -> Result<(), StoreError> {
        self.count += 1;
        if self.count - self.told >= BATCH_ROWS {
            self.order.progress.advance(self.count - self.told, 0);
            self.told = self.count;
            if self.order.stop.requested() {
                return Err(fault(TablesFault::Stopped));
            }
        }
        Ok(())
    }
    /// All rows came, no fewer and no more.
    fn whole(&self) -> Result<(), StoreError> {
        if self.order.stop.requested() {
            return Err(fault(TablesFault::Stopped));
        }
        if self.count != self.order.count {
            let why = format!("{} rows instead of {}", self.count, self.order.count);
            return Err(StoreError::damaged("rows of an import", why));
        }
        Ok(())
    }
}
impl Drop for Counted<'_, '_> {
    fn drop(&mut self) {
        self.order.progress.end();
    }
}
