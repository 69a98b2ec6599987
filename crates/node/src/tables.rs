//! Read tables of the node: where they are, how they are made from the log, what they hold.
//!
//! They stand in files under the home unless something names a PostgreSQL server: `--tables`, the environment's `WATCHFIRE_TABLES`, or
//! `tables.toml` in the home, in this order. A server that is named and does not answer is an error: nothing falls back to files
//! in silence, for then two nodes of one office would show different pages.
//!
//! Refused: anything here that cannot be made again from the log.

use crate::registry::{reading, rows_differ};
use crate::{KeptRegistry, KeptSelection, Node, NodeError, home};
use evidence::{Digest, Enterprise, Record, RecordKind, Registry, Say, Time};
use judge::{Selected, SelectionRows};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use stdx::{Progress, Silent, Stop};
use store::{
    Address, CachedRow, Engine, FileTables, KeptTable, Make, PageTables, Pick, Present, Reach, ReadTable, ReadTables,
    Rollup, ServerTables, StoreError, Sums, TABLES_MAX, TablesFault,
};

/// Where the files are, under the home.
const FOLDER: &str = "memory/registry";
/// The file that pages are read from, under the home.
const PAGES: &str = "memory/pages.db";
/// The file that names a server, in the home.
const FILE: &str = "tables.toml";
/// Largest `tables.toml`, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// Names the files under the home, where a server would be named.
const FILES: &str = "files";

/// Where the read tables are: what was said, and what it came to at first use.
pub(crate) struct Tables {
    home: PathBuf,
    said: Option<String>,
    reach: Reach,
    made: OnceLock<Box<dyn ReadTables>>,
    /// What pages are read from: one connection, one at a time.
    pages: Mutex<Option<PageTables>>,
    selections: Mutex<Selections>,
}

/// The newest selection of each registry, as far as the log was read.
#[derive(Default)]
pub(crate) struct Selections {
    /// Up to here; `None`: not at all.
    pub(crate) next: Option<u64>,
    /// When each was made, and its leaf, by the leaf of the registry.
    pub(crate) of: BTreeMap<Digest, BTreeSet<(Time, Digest)>>,
    /// The last of those.
    pub(crate) newest: BTreeMap<Digest, KeptSelection>,
}

impl Tables {
    pub(crate) fn new(home: &Path) -> Self {
        Self {
            home: home.to_owned(),
            said: None,
            reach: Reach::Local,
            made: OnceLock::new(),
            selections: Mutex::default(),
            pages: Mutex::new(None),
        }
    }

    pub(crate) fn selections(&self) -> MutexGuard<'_, Selections> {
        self.selections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, space: &str) -> Result<&dyn ReadTables, NodeError> {
        if let Some(made) = self.made.get() {
            return Ok(&**made);
        }
        let made = self.make(space)?;
        Ok(&**self.made.get_or_init(|| made))
    }

    fn make(&self, space: &str) -> Result<Box<dyn ReadTables>, NodeError> {
        Ok(match self.address()? {
            Some(address) => Box::new(ServerTables::new(address, space)),
            None => Box::new(FileTables::new(&self.home.join(FOLDER))),
        })
    }

    /// The server that somebody named; none: files under the home.
    fn address(&self) -> Result<Option<Address>, NodeError> {
        let var = |name| std::env::var_os(name).filter(|v| !v.is_empty());
        let env = || var("WATCHFIRE_TABLES").map(|v| v.to_string_lossy().into_owned());
        let (url, reach) = match self.said.clone().or_else(env) {
            Some(url) => (Some(url), self.reach),
            None => configured(&self.home.join(FILE), self.reach)?,
        };
        let Some(url) = url.filter(|u| u != FILES) else { return Ok(None) };
        let passfile = var("PGPASSFILE").map(PathBuf::from);
        Ok(Some(Address::parse(&url, reach, passfile.as_deref()).map_err(StoreError::Tables)?))
    }
}

/// What `tables.toml` says; nothing, if there is none.
fn configured(path: &Path, reach: Reach) -> Result<(Option<String>, Reach), NodeError> {
    if !path.exists() {
        return Ok((None, reach));
    }
    let wrong = |why: &str| {
        let shown = evidence::PathText::from_bytes(path.as_os_str().as_encoded_bytes());
        NodeError::Entry(Say::new("error.tables-config").with("path", shown).with("why", attest::clean(why)))
    };
    let bytes = home::read(path, FILE_BYTES_MAX)?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("UTF-8"))?;
    let table: toml::Table = toml::from_str(&text).map_err(|e| wrong(e.message()))?;
    let (mut url, mut reach) = (None, reach);
    for (key, value) in &table {
        match (key.as_str(), value) {
            ("url", toml::Value::String(given)) => url = Some(given.clone()),
            ("plain", toml::Value::Boolean(true)) => reach = Reach::Plain,
            ("plain", toml::Value::Boolean(false)) => {}
            (key, _) => return Err(wrong(key)),
        }
    }
    Ok((url, reach))
}

/// A table and the registry that it was made of.
#[derive(Debug)]
pub struct TableSeen {
    /// The registry.
    pub registry: KeptRegistry,
    /// The table; none: it is made when somebody asks.
    pub kept: Option<KeptTable>,
    /// Whether its rows are those that the log commits to; none: not looked at.
    pub holds: Option<bool>,
}

/// What stands behind the read tables and what they hold.
#[derive(Debug)]
pub struct TablesSeen {
    /// The engine.
    pub engine: Engine,
    /// By registry: the newest of each year, and every other one that has a table; by year.
    pub tables: Vec<TableSeen>,
    /// Tables of no registry of this log, without those of sums.
    pub others: usize,
}

/// What was made anew.
#[derive(Debug)]
pub struct RebuiltTables {
    /// The engine.
    pub engine: Engine,
    /// Registries whose tables were made, by year.
    pub registries: Vec<KeptRegistry>,
    /// Rows of all of them.
    pub rows: u64,
    /// Selections whose lists and sums were made.
    pub selections: u64,
}

/// The sums of a selection.
#[derive(Debug)]
pub struct RegistrySums {
    /// The judgement.
    pub kept: KeptSelection,
    /// The reading.
    pub rule: String,
    /// By key and part: `enterprises`, `top`, `added`, `removed`, `selected`.
    pub keys: BTreeMap<String, BTreeMap<String, i64>>,
}

fn cached<'a>(row: &'a Enterprise<'_>, line: &'a [u8]) -> CachedRow<'a> {
    CachedRow { code: &row.uscc, area: area(row), industry: &row.industry, line }
}
/// The Corps is found under its own code.
fn area<'a>(row: &'a Enterprise<'_>) -> &'a str {
    if row.supervisor == "65-XPCC" { "65-XPCC" } else { &row.area }
}

/// The sums of a selection for the read tables.
fn sums(plan: &CheckedPlan, rows: &SelectionRows<'_>, selected: &Selected) -> Vec<Rollup> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut out = Vec::new();
    for part in judge::selection_parts(plan, rows, selected) {
        let s = part.sums;
        for (rung, amount) in [
            ("enterprises", s.enterprises),
            ("top", s.top),
            ("added", s.added),
            ("removed", s.removed),
            ("selected", s.selected),
        ] {
            out.push(Rollup {
                by: part.by.to_owned(),
                key: part.key.clone(),
                target: part.rule.clone(),
                rung: rung.to_owned(),
                amount: number(amount),
                denominator: number(s.enterprises),
            });
        }
    }
    out
}

impl Node {
    /// Puts the read tables where `said` says: the address of a PostgreSQL server, or `files`. `None`: as the environment or the
    /// home says.
    #[must_use]
    pub fn with_tables(mut self, said: Option<&str>, reach: Reach) -> Self {
        let home = self.tables.home.clone();
        let said = said.map(str::to_owned);
        self.tables = Arc::new(Tables { said, reach, ..Tables::new(&home) });
        self
    }

    /// Hands the tables of pages to `work`, one at a time.
    pub(crate) fn with_pages<T>(
        &self,
        work: impl FnOnce(&mut PageTables) -> Result<T, NodeError>,
    ) -> Result<T, NodeError> {
        let mut kept = self.tables.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(PageTables::is_lost) {
            *kept = None;
        }
        if kept.is_none() {
            let id = self.id().to_string();
            *kept = Some(match self.tables.address()? {
                Some(address) => PageTables::server(&address, id.get(..16).unwrap_or(&id))?,
                None => PageTables::file(&self.tables.home.join(PAGES))?,
            });
        }
        let tables = kept.as_mut().ok_or_else(|| NodeError::Internal("no tables of pages".to_owned()))?;
        work(tables)
    }

    /// Removes the tables of pages.
    fn drop_pages(&self) -> Result<(), NodeError> {
        self.with_pages(|_| Ok(()))?;
        let kept = self.tables.pages.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.map_or(Ok(()), PageTables::drop_all).map_err(NodeError::from)
    }

    /// The read tables, for whoever keeps sums of his own in them.
    pub(crate) fn read_tables(&self) -> Result<&dyn ReadTables, NodeError> {
        let id = self.id().to_string();
        self.tables.get(id.get(..16).unwrap_or(&id))
    }

    /// The read table of a registry; made if it is not there.
    pub(crate) fn table_of(&self, registry: &Registry) -> Result<Box<dyn ReadTable>, NodeError> {
        self.table_with(registry, None, &Silent, &Stop::new())
    }

    pub(crate) fn table_with(
        &self,
        registry: &Registry,
        file: Option<&[u8]>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Box<dyn ReadTable>, NodeError> {
        if let Some(table) = self.read_tables()?.table(registry.rows.file)? {
            return Ok(table);
        }
        match file {
            Some(file) => self.table_from(registry, file, Present::Keep, progress, stop),
            None => self.table_from(registry, &self.registry_file(registry)?, Present::Keep, progress, stop),
        }
    }

    fn table_from(
        &self,
        registry: &Registry,
        file: &[u8],
        present: Present,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Box<dyn ReadTable>, NodeError> {
        let rows = evidence::enterprises(&registry.rows, file).map_err(rows_differ(registry))?;
        let order = Make { id: registry.rows.file, count: registry.rows.count, present, progress, stop };
        let lines = file.split(|b| *b == b'\n');
        let mut rows = rows.iter().zip(lines).map(|(row, line)| cached(row, line));
        Ok(self.read_tables()?.make(&order, &mut rows)?)
    }

    /// The file of rows of a registry as its read table gives it: the same bytes, or an error.
    pub(crate) fn file_of_table(&self, registry: &Registry) -> Result<Vec<u8>, NodeError> {
        let mut file = Vec::new();
        self.table_of(registry)?.lines(&mut |line| {
            file.extend_from_slice(line);
            file.push(b'\n');
        })?;
        if Digest::of(&file) == registry.rows.file { Ok(file) } else { Err(differ()) }
    }

    /// Keeps the lists and sums of a selection, where the registry has a read table.
    pub(crate) fn lists_of(
        &self,
        registry: &Registry,
        plan: &CheckedPlan,
        leaf: Digest,
        rows: &SelectionRows<'_>,
        selected: &Selected,
    ) -> Result<(), NodeError> {
        let Some(mut table) = self.read_tables()?.table(registry.rows.file)? else { return Ok(()) };
        kept(&mut *table, plan, leaf, rows, selected)
    }

    /// Makes the lists and sums of a selection again.
    pub(crate) fn keep_selection(
        &self,
        table: &mut dyn ReadTable,
        registry: &Registry,
        chosen: &KeptSelection,
    ) -> Result<(), NodeError> {
        self.selected_again(registry, chosen, |plan, rows, selected| kept(table, plan, chosen.leaf, rows, selected))
    }

    /// The sums of the newest selection of a year under a reading (empty: the plan's own), by `all`, `supervisor` or `industry`.
    pub fn registry_sums(&self, rule: &str, by: &str, year: Option<i64>) -> Result<RegistrySums, NodeError> {
        let registry = self.registry(year)?;
        let chosen = self.selection_of(&registry)?;
        let rule = reading(&chosen.judgement, rule)?.rule.clone();
        let mut table = self.table_of(&registry.registry)?;
        let found = match table.rollups(chosen.leaf, by)? {
            Some(found) => found,
            None => {
                self.keep_selection(&mut *table, &registry.registry, &chosen)?;
                let missing = || StoreError::NotFound(chosen.leaf);
                table.rollups(chosen.leaf, by)?.ok_or_else(missing)?
            }
        };
        let mut keys: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
        for r in found.into_iter().filter(|r| r.target == rule) {
            keys.entry(r.key).or_default().insert(r.rung, r.amount);
        }
        Ok(RegistrySums { kept: chosen, rule, keys })
    }

    /// Every registry of the log, by year and instant.
    fn registries(&self) -> Result<Vec<KeptRegistry>, NodeError> {
        let mut out = Vec::new();
        for w in self.store.records(&[RecordKind::Registry])? {
            let leaf = w.record.leaf();
            if let Record::Registry(r) = w.record.into_value() {
                out.push(KeptRegistry { registry: *r, leaf });
            }
        }
        out.sort_by_key(|k| (k.registry.year, k.registry.stated_at, k.leaf));
        Ok(out)
    }

    /// What stands behind the read tables and what they hold. With `verify`, every row is read and held against the log.
    pub fn tables_seen(&self, verify: Option<&dyn Progress>) -> Result<TablesSeen, NodeError> {
        let tables = self.read_tables()?;
        let engine = tables.engine()?;
        let mut kept: BTreeMap<Digest, KeptTable> = tables.kept()?.into_iter().map(|k| (k.id, k)).collect();
        kept.remove(&store::sums_table());
        let all = self.registries()?;
        let mut seen = Vec::new();
        let mut met = BTreeSet::new();
        for (n, registry) in all.iter().enumerate() {
            let newest = all.get(n + 1).is_none_or(|next| next.registry.year != registry.registry.year);
            let id = registry.registry.rows.file;
            let table =
                kept.get(&id).cloned().filter(|_| newest || !all[n + 1..].iter().any(|o| o.registry.rows.file == id));
            if table.is_none() && !newest {
                continue;
            }
            met.extend(table.as_ref().map(|t| t.id));
            let holds = match (verify, &table) {
                (Some(_), Some(_)) => Some(match self.file_of_table(&registry.registry) {
                    Ok(_) => true,
                    Err(NodeError::Store(StoreError::Tables(TablesFault::Differs))) => false,
                    Err(e) => return Err(e),
                }),
                _ => None,
            };
            seen.push(TableSeen { registry: registry.clone(), kept: table, holds });
        }
        let others = kept.keys().filter(|id| !met.contains(*id)).count();
        Ok(TablesSeen { engine, tables: seen, others })
    }

    /// Makes the read tables anew from the log: of the newest registry of each of the newest years, with lists and sums of its newest
    /// selection. Each table takes the place of the old one at once, when it is whole; the rest is dropped at the end. What is
    /// stopped can be asked for again.
    pub fn tables_rebuild(&self, progress: &dyn Progress, stop: &Stop) -> Result<RebuiltTables, NodeError> {
        let tables = self.read_tables()?;
        match tables.kept() {
            // What another version laid out cannot be replaced one by one.
            Err(StoreError::Tables(TablesFault::Layout(..))) => tables.drop_all()?,
            other => drop(other?),
        }
        let all = self.registries()?;
        let newest: BTreeMap<i64, &KeptRegistry> = all.iter().map(|k| (k.registry.year, k)).collect();
        let wanted: Vec<&KeptRegistry> = newest.into_values().rev().take(TABLES_MAX).collect();
        let mut done = RebuiltTables { engine: tables.engine()?, registries: Vec::new(), rows: 0, selections: 0 };
        // The newest last: beyond the limit the oldest goes.
        for registry in wanted.iter().rev() {
            let file = self.registry_file(&registry.registry)?;
            let mut table = self.table_from(&registry.registry, &file, Present::Replace, progress, stop)?;
            done.rows += registry.registry.rows.count;
            done.registries.push((*registry).clone());
            if let Ok(chosen) = self.selection_of(registry) {
                self.keep_selection(&mut *table, &registry.registry, &chosen)?;
                done.selections += 1;
            }
        }
        for table in tables.kept()? {
            let is_wanted = wanted.iter().any(|k| k.registry.rows.file == table.id);
            if !is_wanted && table.id != store::sums_table() {
                tables.drop_one(table.id)?;
            }
        }
        Ok(done)
    }

    /// Drops every read table of this node. They are made again when somebody asks.
    pub fn tables_drop(&self) -> Result<Engine, NodeError> {
        let tables = self.read_tables()?;
        tables.drop_all()?;
        self.drop_pages()?;
        Ok(tables.engine()?)
    }
}

fn differ() -> NodeError {
    NodeError::Store(StoreError::Tables(TablesFault::Differs))
}

/// Keeps every list of a selection, and with the last one the sums over all of them.
fn kept(
    table: &mut dyn ReadTable,
    plan: &CheckedPlan,
    leaf: Digest,
    rows: &SelectionRows<'_>,
    selected: &Selected,
) -> Result<(), NodeError> {
    let sums = sums(plan, rows, selected);
    let lists: Vec<_> = selected.judgement.readings.iter().zip(&selected.lists).collect();
    for (n, (reading, list)) in lists.iter().enumerate() {
        let sums = (n + 1 == lists.len()).then_some(Sums { source: leaf, rows: &sums });
        if sums.is_none() && table.has_list(reading.file)? {
            continue;
        }
        let picked = list.iter().filter_map(|n| rows.rows().get(*n as usize));
        let mut picks = picked.map(|r| Pick { code: &r.uscc, area: area(r), industry: &r.industry });
        table.keep_list(reading.file, &mut picks, sums.as_ref())?;
    }
    Ok(())
}
