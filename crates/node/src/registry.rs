//! The registry of enterprises and the selection of key enterprises (`docs/specs/registry-v1.md`).
//!
//! The log holds one record an import and, beside it, the file of rows. Pages and single rows come from a read table that is
//! made from that file and may be thrown away; selections and exports never do.

use crate::{Node, NodeError, home};
use attest::{BadRow, RegistryFault, RegistryTerms, RevenueUnit, TableError};
use evidence::{
    Adjust, Adjustment, Attestation, Digest, Enterprise, Lang, Record, RecordKind, Registry, SUPERVISORS, Say,
    SelectionJudgement,
};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use judge::{Placed, Selected, SelectionRows};
use plan::CheckedPlan;
use proof::Witness;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;
use stdx::{Progress, Step, Stop};
use store::{RowFilter, StoreError};

/// Largest file of rows, unpacked, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// What to bring in.
pub struct ImportOrder<'a> {
    /// The table.
    pub table: &'a Path,
    /// The year that the revenues are of.
    pub year: i64,
    /// Unit of amounts that state none.
    pub unit: RevenueUnit,
    /// Fields and the headings that this table has for them.
    pub columns: &'a [(String, String)],
    /// Who brings it in.
    pub author: Option<&'a str>,
}

/// What came in.
#[derive(Debug)]
pub struct ImportedSnapshot {
    /// The record.
    pub kept: KeptRegistry,
    /// Headings that were not read.
    pub unused: Vec<String>,
    /// Why there is no read table of it; the record stands all the same.
    pub no_table: Option<Say>,
    /// Why its rows do not go up from a province, if they do not.
    pub stays: Option<Say>,
    /// Why the union of registries that it makes due could not be made, at a ministry; the record stands all the same.
    pub no_union: Option<Say>,
}

/// A registry as the log has it.
#[derive(Clone, Debug)]
pub struct KeptRegistry {
    /// The record.
    pub registry: Registry,
    /// Its leaf.
    pub leaf: Digest,
}

/// A selection as the log has it.
#[derive(Clone, Debug)]
pub struct KeptSelection {
    /// The judgement.
    pub judgement: SelectionJudgement,
    /// Its leaf.
    pub leaf: Digest,
}

/// Where the rows of a selection are read from. Either way they are held against the digest that the log commits to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RowsFrom {
    /// From the file of rows in the log.
    #[default]
    Log,
    /// From the read table.
    Tables,
}

/// One row, with what a list shows beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnterpriseRow(pub Enterprise<'static>);

/// Which rows to list.
#[derive(Clone, Debug, Default)]
pub struct PageOrder {
    /// The year; none: the newest.
    pub year: Option<i64>,
    /// Area or supervisor that it begins with.
    pub area: String,
    /// Industry that it begins with.
    pub industry: String,
    /// Only those selected under this reading; empty: under the plan's own.
    pub selected: Option<String>,
    /// Only codes after this one.
    pub after: String,
    /// So many rows.
    pub limit: u64,
}

/// The selected rows of one reading.
#[derive(Debug)]
pub struct SelectedRows {
    /// The judgement that they are of.
    pub kept: KeptSelection,
    /// The reading.
    pub rule: String,
    /// The rows, by code.
    pub rows: Vec<EnterpriseRow>,
}

/// A word on the selection.
#[derive(Clone, Debug)]
pub struct AdjustmentMade {
    /// What was said.
    pub adjustment: Adjustment,
    /// By whom.
    pub author: String,
    /// When.
    pub at: evidence::Time,
    /// Its record.
    pub leaf: Digest,
}

/// Why an enterprise is in or out.
#[derive(Debug)]
pub struct Explanation {
    /// The registry.
    pub kept: KeptRegistry,
    /// The enterprise.
    pub row: EnterpriseRow,
    /// One a rule.
    pub placed: Vec<Placed>,
    /// What people said of it, oldest first.
    pub said: Vec<AdjustmentMade>,
}
/// What `registry show` gives.
pub type Explained = (KeptRegistry, EnterpriseRow);

fn entry(say: Say) -> NodeError {
    NodeError::Entry(say)
}

pub(crate) fn owned(line: &[u8]) -> Result<EnterpriseRow, NodeError> {
    let e = Enterprise::from_line(line).map_err(NodeError::Internal)?;
    let own = |t: &str| std::borrow::Cow::Owned(t.to_owned());
    Ok(EnterpriseRow(Enterprise {
        above: e.above,
        area: own(&e.area),
        derived: e.derived,
        group: own(&e.group),
        industry: own(&e.industry),
        name: own(&e.name),
        revenue: e.revenue,
        supervisor: own(&e.supervisor),
        uscc: own(&e.uscc),
    }))
}

/// Names of the 37 supervisors' areas in both languages, and their codes.
fn areas() -> Vec<(String, String)> {
    let named = |lang: Lang| {
        SUPERVISORS.iter().filter_map(move |code| {
            let name = report::words::find(lang, &format!("supervisor.{code}"))?;
            Some((name.to_owned(), (*code).to_owned()))
        })
    };
    Lang::ALL.into_iter().flat_map(named).collect()
}

/// The code of an area that was typed as a code or a name.
#[must_use]
pub fn area_code(typed: &str) -> String {
    let lower = typed.trim().to_lowercase();
    areas().into_iter().find(|a| a.0.to_lowercase() == lower).map_or_else(|| typed.trim().to_uppercase(), |a| a.1)
}

pub(crate) fn zlib(bytes: &[u8]) -> Result<Vec<u8>, NodeError> {
    let internal = |e: std::io::Error| NodeError::Internal(e.to_string());
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).map_err(internal)?;
    out.finish().map_err(internal)
}

/// Rows that were left out, by reason.
pub(crate) fn reasons(bad: &[BadRow]) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for b in bad {
        *out.entry(b.say.key.clone()).or_default() += 1;
    }
    out
}

/// Unpacks a zlib stream of at most so many bytes. Errors, as a reason: broken, or larger.
pub(crate) fn unzlib(packed: &[u8], bytes_max: u64) -> Result<Vec<u8>, String> {
    let mut file = Vec::with_capacity(packed.len().saturating_mul(4));
    ZlibDecoder::new(packed).take(bytes_max + 1).read_to_end(&mut file).map_err(|e| e.to_string())?;
    if file.len() as u64 > bytes_max {
        return Err(format!("unpacks to more than {bytes_max} bytes"));
    }
    Ok(file)
}

fn fault(table: &Path, fault: RegistryFault) -> NodeError {
    match fault {
        RegistryFault::Table(e) => NodeError::Table(table.to_owned(), e),
        RegistryFault::Stopped => NodeError::Stopped,
        RegistryFault::Parquet => entry(Say::new("error.registry-parquet")),
        RegistryFault::Field(value) => {
            let known: Vec<&str> = attest::REGISTRY_FIELDS.iter().map(|f| f.0).collect();
            entry(Say::new("error.registry-field").with("value", attest::clean(&value)).with("known", known.join(", ")))
        }
        RegistryFault::Heading(value) => entry(Say::new("error.registry-heading").with("value", attest::clean(&value))),
    }
}

/// The limits of a table, for Parquet.
fn parquet_limits(limits: &attest::Limits) -> discover::RowLimits {
    discover::RowLimits {
        rows_max: limits.rows_max as u64,
        unpacked_bytes_max: limits.unpacked_bytes_max,
        group_bytes_max: limits.file_bytes_max,
        cell_chars_max: attest::TEXT_CHARS_MAX,
    }
}

fn parquet_fault(fault: discover::RowFault) -> RegistryFault {
    match fault {
        discover::RowFault::TooLarge => TableError::TooManyRows(attest::REGISTRY_LIMITS.rows_max).into(),
        discover::RowFault::Unreadable(_) => RegistryFault::Parquet,
    }
}

impl Node {
    /// Brings in a table as the registry of a year. `bad` is told of the rows that are left out before anything is signed;
    /// an error of it ends the import.
    pub fn registry_import(
        &self,
        order: &ImportOrder<'_>,
        bad: &mut dyn FnMut(&[BadRow]) -> Result<(), NodeError>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<ImportedSnapshot, NodeError> {
        if !(1949..=9999).contains(&order.year) {
            return Err(entry(Say::new("error.registry-year").with("value", order.year)));
        }
        let limits = attest::REGISTRY_LIMITS;
        let bytes = home::read(order.table, limits.file_bytes_max as u64)?;
        let document = home::document_of(order.table, &bytes);
        let areas = areas();
        let terms = RegistryTerms { uscc: &classify::uscc, areas: &areas, columns: order.columns, unit: order.unit };
        progress.begin(Step::Enterprises, None);
        let mut left_out = Vec::new();
        let mut go_on = |rows| {
            progress.advance(rows, 0);
            !stop.requested()
        };
        let read = if bytes.starts_with(b"PAR1") {
            attest::registry_rows(&terms, &mut go_on, &mut |take| {
                left_out = discover::parquet_rows(&bytes, &parquet_limits(&limits), take).map_err(parquet_fault)?;
                Ok(())
            })
        } else {
            attest::registry(&bytes, &limits, &terms, &mut go_on)
        };
        progress.end();
        let mut read = read.map_err(|f| fault(order.table, f))?;
        read.unused.extend(left_out.iter().map(|name| attest::clean(name)));
        drop(bytes);
        bad(&read.bad)?;
        if read.file.root.count == 0 {
            let few = read.bad.into_iter().take(20).collect();
            return Err(NodeError::NoGoodRow(order.table.to_owned(), few));
        }
        let left_out = reasons(&read.bad);
        let packed = zlib(&read.file.lines)?;
        if stop.requested() {
            return Err(NodeError::Stopped);
        }
        let registry = Registry {
            node: self.id(),
            author: self.author(order.author),
            stated_at: home::now(),
            year: order.year,
            document,
            unit: read.unit.name().to_owned(),
            rows: read.file.root,
            packed: Digest::of(&packed),
            left_out,
            derived: read.derived,
            merged: None,
        };
        let record = Record::Registry(Box::new(registry.clone()));
        let kept = self.append(&record, None, vec![packed])?;
        let kept = KeptRegistry { registry, leaf: kept.witness.record.leaf() };
        // The record stands; a table that cannot be made now is made when it is asked for, or the reason is told again.
        let table = self.table_with(&kept.registry, Some(&read.file.lines), progress, stop);
        let goes_up = self.goes_up_of(&kept.registry)?;
        // The record stands whatever becomes of the union.
        let no_union = self.unions_due().err().map(|e| e.say());
        let no_table = table.err().map(|e| e.say());
        Ok(ImportedSnapshot { kept, unused: read.unused, no_table, stays: goes_up.err(), no_union })
    }

    /// The file of rows of a registry, unpacked.
    pub(crate) fn registry_file(&self, registry: &Registry) -> Result<Vec<u8>, StoreError> {
        if let Some(merged) = &registry.merged {
            return self.union_file(registry, merged);
        }
        let packed = self.store.artifact(registry.packed)?;
        let damaged = |why: String| StoreError::Damaged { what: format!("artifact {}", registry.packed), why };
        unzlib(&packed, FILE_BYTES_MAX).map_err(damaged)
    }

    /// The newest registry of a year, or of the newest year; an error if there is none.
    pub fn registry(&self, year: Option<i64>) -> Result<KeptRegistry, NodeError> {
        let w = self.registry_witness(year)?.ok_or_else(|| no_registry(year))?;
        let leaf = w.record.leaf();
        match w.record.into_value() {
            Record::Registry(r) => Ok(KeptRegistry { registry: *r, leaf }),
            _ => Err(no_registry(year)),
        }
    }

    /// A page of rows in the order of their codes.
    pub fn registry_page(
        &self,
        order: &PageOrder,
    ) -> Result<(KeptRegistry, Option<KeptSelection>, Vec<EnterpriseRow>), NodeError> {
        let kept = self.registry(order.year)?;
        let mut table = self.table_of(&kept.registry)?;
        let (mut selection, mut list) = (None, None);
        if let Some(rule) = &order.selected {
            let chosen = self.selection_of(&kept)?;
            list = Some(reading(&chosen.judgement, rule)?.file);
            selection = Some(chosen);
        }
        let filter = RowFilter {
            area: if order.area.is_empty() { String::new() } else { area_code(&order.area) },
            industry: order.industry.trim().to_uppercase(),
            list,
            after: order.after.trim().to_uppercase(),
            limit: order.limit,
        };
        let lines = match (table.page(&filter), &selection) {
            // The list is not there yet, or the table was made anew meanwhile.
            (Err(StoreError::NotFound(_)), Some(chosen)) => {
                self.keep_selection(&mut *table, &kept.registry, chosen)?;
                table.page(&filter)?
            }
            (lines, _) => lines?,
        };
        let rows = lines.iter().map(|line| owned(line)).collect::<Result<_, _>>()?;
        Ok((kept, selection, rows))
    }

    /// One enterprise.
    pub fn registry_show(&self, uscc: &str, year: Option<i64>) -> Result<Explained, NodeError> {
        let kept = self.registry(year)?;
        let code = uscc.trim().to_uppercase();
        let line = self.table_of(&kept.registry)?.one(&code)?;
        let line = line.ok_or_else(|| not_there(&code, kept.registry.year))?;
        Ok((kept, owned(&line)?))
    }

    /// Everything that people said about the selection of a year, oldest first; of one enterprise or of all.
    pub fn adjustments(&self, year: i64, uscc: Option<&str>) -> Result<Vec<AdjustmentMade>, NodeError> {
        let mut out = Vec::new();
        for w in self.store.records(&[RecordKind::Attestation])? {
            let Record::Attestation(a) = w.record.value() else { continue };
            let Some(x) = a.as_adjustment().filter(|x| x.year == year && uscc.is_none_or(|u| u == x.uscc)) else {
                continue;
            };
            out.push(AdjustmentMade {
                adjustment: x.clone(),
                author: a.author.name.clone(),
                at: a.stated_at,
                leaf: w.record.leaf(),
            });
        }
        out.sort_by_key(|m| (m.at, m.leaf));
        Ok(out)
    }

    /// Records a word on the selection of an enterprise that the registry has.
    pub fn registry_adjust(
        &self,
        uscc: &str,
        act: Adjust,
        reason: &str,
        year: Option<i64>,
        author: Option<&str>,
    ) -> Result<(Adjustment, Digest), NodeError> {
        let (kept, row) = self.registry_show(uscc, year)?;
        let (year, uscc) = (kept.registry.year, row.0.uscc.into_owned());
        let reason = attest::clean(reason);
        if reason.is_empty() {
            return Err(entry(Say::new("error.registry-reason")));
        }
        let last = self.adjustments(year, Some(&uscc))?.pop().map(|m| m.adjustment.act);
        if act == Adjust::Withdraw && last.is_none_or(|l| l == Adjust::Withdraw) {
            return Err(entry(Say::new("error.registry-nothing-to-withdraw").with("uscc", &uscc)));
        }
        let adjustment = Adjustment { year, uscc, act, reason };
        let stated = Attestation::adjustment(self.id(), self.author(author), home::now(), adjustment.clone());
        let kept = self.append(&Record::Attestation(stated), None, Vec::new())?;
        Ok((adjustment, kept.witness.record.leaf()))
    }

    /// Why an enterprise is in or out, by the rows and words of now.
    pub fn registry_explain(
        &self,
        plan: &CheckedPlan,
        uscc: &str,
        year: Option<i64>,
    ) -> Result<Explanation, NodeError> {
        let (kept, row) = self.registry_show(uscc, year)?;
        let said = self.adjustments(kept.registry.year, Some(&row.0.uscc))?;
        let adjusted = said.last().map(|m| m.adjustment.act).filter(|a| *a != Adjust::Withdraw);
        // A group within a province needs no more than the province's rows.
        let within = |per: &[String]| per.iter().any(|p| p == "province" || p == "supervisor");
        let placed = if plan.selection().iter().all(|s| within(&s.per)) {
            let lines = self.table_of(&kept.registry)?.province(row.0.province())?;
            let rows: Result<Vec<Enterprise<'_>>, String> = lines.iter().map(|l| Enterprise::from_line(l)).collect();
            judge::explain(plan, &rows.map_err(NodeError::Internal)?, &row.0.uscc, adjusted)
        } else {
            let file = self.registry_file(&kept.registry)?;
            let rows = evidence::enterprises(&kept.registry.rows, &file).map_err(rows_differ(&kept.registry))?;
            judge::explain(plan, &rows, &row.0.uscc, adjusted)
        };
        let placed = placed.ok_or_else(|| not_there(&row.0.uscc, kept.registry.year))?;
        Ok(Explanation { kept, row, placed, said })
    }

    /// Selects by every rule of the plan and records the judgement, which `audit` derives again. What comes back beside it says why
    /// the read tables could not take it, if they could not: the judgement stands all the same.
    pub fn registry_select(
        &self,
        plan: &CheckedPlan,
        year: Option<i64>,
        from: RowsFrom,
    ) -> Result<(KeptSelection, Option<Say>), NodeError> {
        self.unions_due()?;
        let w = self.registry_witness(year)?.ok_or_else(|| no_registry(year))?;
        let Record::Registry(registry) = w.record.value() else { return Err(no_registry(year)) };
        let file = match from {
            RowsFrom::Log => self.registry_file(registry)?,
            RowsFrom::Tables => self.file_of_table(registry)?,
        };
        let rows = SelectionRows::open(&w, &file).map_err(rows_differ(registry))?;
        let said = self.store.records(&[RecordKind::Attestation])?;
        let selected = judge::selection(plan, &rows, &said, home::now());
        let record = Record::SelectionJudgement(Box::new(selected.judgement.clone()));
        let appended = self.append(&record, None, vec![plan.source().to_bytes()])?;
        let leaf = appended.witness.record.leaf();
        // Lists and sums for pages, where there is a table: made again where they are missing.
        let kept = self.lists_of(registry, plan, leaf, &rows, &selected);
        Ok((KeptSelection { judgement: selected.judgement, leaf }, kept.err().map(|e| e.say())))
    }

    /// Makes a signed selection again under its own plan and hands it on, if it is the same.
    pub(crate) fn selected_again<T>(
        &self,
        registry: &Registry,
        kept: &KeptSelection,
        then: impl FnOnce(&CheckedPlan, &SelectionRows<'_>, &Selected) -> Result<T, NodeError>,
    ) -> Result<T, NodeError> {
        let judgement = &kept.judgement;
        let source = plan::Source::from_bytes(&self.store.artifact(judgement.plan.digest)?);
        let source = source.map_err(|e| NodeError::Internal(e.to_string()))?;
        let plan = plan::check_kept(&source).map_err(NodeError::Plan)?;
        let file = self.registry_file(registry)?;
        let w = self.store.witness(judgement.snapshot)?;
        let rows = SelectionRows::open(&w, &file).map_err(rows_differ(registry))?;
        let said: Result<Vec<Witness>, StoreError> = judgement
            .cites
            .iter()
            .filter(|c| c.1 == RecordKind::Attestation)
            .map(|c| self.store.witness(c.0))
            .collect();
        let again = judge::selection(&plan, &rows, &said?, judgement.as_of);
        let lists = |j: &SelectionJudgement| j.readings.iter().map(|r| (r.rule.clone(), r.file)).collect::<Vec<_>>();
        if lists(&again.judgement) != lists(judgement) {
            return Err(NodeError::Refused("the selection does not follow from its records".to_owned()));
        }
        then(&plan, &rows, &again)
    }

    /// The rows of the newest selection under a reading (empty: the plan's own), from the file of rows.
    pub fn registry_selected(&self, rule: &str, year: Option<i64>) -> Result<SelectedRows, NodeError> {
        let registry = self.registry(year)?;
        let kept = self.selection_of(&registry)?;
        let name = reading(&kept.judgement, rule)?.rule.clone();
        let rows = self.selected_again(&registry.registry, &kept, |_, rows, again| {
            let list = again.judgement.readings.iter().zip(&again.lists).find(|(r, _)| r.rule == name);
            let list = list.map(|(_, list)| list.as_slice()).unwrap_or_default();
            list.iter().filter_map(|n| rows.rows().get(*n as usize)).map(|r| owned(&r.to_line())).collect()
        })?;
        Ok(SelectedRows { kept, rule: name, rows })
    }

    /// Every row of a registry, from its file.
    pub fn registry_rows(&self, year: Option<i64>) -> Result<(KeptRegistry, Vec<EnterpriseRow>), NodeError> {
        let kept = self.registry(year)?;
        let file = self.registry_file(&kept.registry)?;
        let rows = evidence::enterprises(&kept.registry.rows, &file).map_err(rows_differ(&kept.registry))?;
        let rows = rows.iter().map(|r| owned(&r.to_line())).collect::<Result<_, _>>()?;
        Ok((kept, rows))
    }
}

/// The reading of a rule; empty: the first that is no other reading of another.
pub(crate) fn reading<'j>(
    judgement: &'j SelectionJudgement,
    rule: &str,
) -> Result<&'j evidence::SelectionReading, NodeError> {
    let found = match rule {
        "" => judgement.readings.iter().find(|r| r.reading_of.is_none()),
        rule => judgement.readings.iter().find(|r| r.rule == rule),
    };
    found.ok_or_else(|| {
        let known: Vec<&str> = judgement.readings.iter().map(|r| r.rule.as_str()).collect();
        entry(Say::new("error.unknown-reading").with("value", attest::clean(rule)).with("known", known.join(", ")))
    })
}

fn no_registry(year: Option<i64>) -> NodeError {
    entry(match year {
        Some(year) => Say::new("error.no-registry-of").with("year", year),
        None => Say::new("error.no-registry"),
    })
}

fn not_there(code: &str, year: i64) -> NodeError {
    entry(Say::new("error.unknown-enterprise").with("uscc", attest::clean(code)).with("year", year))
}

pub(crate) fn rows_differ(registry: &Registry) -> impl Fn(String) -> NodeError {
    let what = format!("artifact {}", registry.packed);
    move |why| NodeError::Store(StoreError::Damaged { what: what.clone(), why })
}
