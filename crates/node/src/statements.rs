//! What others say of our hosts: reports of scanners and suppliers, brought in as statements (docs/specs/statements-v1.md).
//!
//! Only the log is asked and only the log is written. No judgement reads these statements; a report shows them beside its own
//! findings. What a package URL means in its ecosystem is settled here, where both rooms meet that know a part of it.

use crate::{Node, NodeError, home};
use advise::purl::{Kept, Purl};
use attest::BadRow;
use evidence::{Attestation, Digest, ForeignReport, ForeignRow, Record, RecordKind, Say, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A report of somebody else, as the log has it.
#[derive(Clone)]
pub struct KeptReport {
    /// What was brought in.
    pub report: ForeignReport,
    /// By whom.
    pub author: String,
    /// When.
    pub at: Time,
    /// The leaf of the statement.
    pub leaf: Digest,
}

/// What whoever imports says of a file.
#[derive(Clone, Copy, Default)]
pub struct Told<'a> {
    /// Name of the report; a report of the same name is replaced.
    pub name: &'a str,
    /// Host of every row that names none.
    pub host: Option<&'a str>,
    /// Tool, where the file does not say.
    pub tool: Option<&'a str>,
    /// When it looked, where the file does not say.
    pub date: Option<Time>,
}

impl Node {
    /// Every report that counts, by name.
    pub fn foreign_reports(&self) -> Result<Vec<KeptReport>, NodeError> {
        let mut newest: BTreeMap<String, KeptReport> = BTreeMap::new();
        for w in self.store().records(&[RecordKind::Attestation])? {
            let Record::Attestation(a) = w.record.value() else { continue };
            if let Some(report) = a.as_foreign_report() {
                let (author, leaf) = (a.author.name.clone(), w.record.leaf());
                let kept = KeptReport { report: report.clone(), author, at: a.stated_at, leaf };
                newest.insert(report.name.clone(), kept);
            }
        }
        Ok(newest.into_values().filter(|k| !k.report.dropped).collect())
    }

    /// Those of them that name one of these hosts, or no host; rows of other hosts are left out.
    pub fn foreign_reports_of(&self, hosts: &BTreeSet<String>) -> Result<Vec<KeptReport>, NodeError> {
        let mut all = self.foreign_reports()?;
        for kept in &mut all {
            let ForeignReport { host, rows, .. } = &mut kept.report;
            rows.retain(|r| {
                let of = if r.host.is_empty() { host.as_str() } else { r.host.as_str() };
                of.is_empty() || hosts.iter().any(|h| h.eq_ignore_ascii_case(of))
            });
        }
        all.retain(|k| !k.report.rows.is_empty());
        Ok(all)
    }

    /// Reads the report of somebody else's tool and states what it says. The bad rows come back beside it.
    pub fn statements_import(
        &self,
        path: &Path,
        told: Told<'_>,
        author: Option<&str>,
    ) -> Result<(KeptReport, Vec<BadRow>), NodeError> {
        let limits = attest::Limits::default();
        let bytes = home::read(path, limits.file_bytes_max as u64)?;
        let read = attest::foreign(&bytes, &limits).map_err(NodeError::Entry)?;
        if read.rows.is_empty() && !read.bad.is_empty() {
            return Err(NodeError::NoGoodRow(path.to_owned(), read.bad));
        }
        let said = |text: Option<&str>| text.map(attest::clean).filter(|t| !t.is_empty());
        let tool = said(Some(&read.tool)).or_else(|| said(told.tool));
        let tool = tool.ok_or_else(|| NodeError::Entry(Say::new("row.missing-tool")))?;
        let at = read.at.or(told.date);
        let now = home::now();
        match at {
            None if read.form == "table" => return Err(NodeError::Entry(Say::new("row.missing-date"))),
            Some(at) if at > now => return Err(NodeError::Entry(Say::new("row.date-ahead").with("date", at.date()))),
            _ => {}
        }
        let report = ForeignReport {
            name: attest::clean(told.name),
            form: read.form.to_owned(),
            document: home::document(path)?,
            tool,
            at,
            host: said(told.host).unwrap_or_default(),
            rows: read.rows.into_iter().map(placed).collect(),
            bad: read.bad.len() as u64,
            left_out: read.left_out,
            dropped: false,
        };
        Ok((self.state_report(report, author)?, read.bad))
    }

    /// States that a report does not count any more.
    pub fn statements_drop(&self, name: &str, author: Option<&str>) -> Result<KeptReport, NodeError> {
        let kept = self.foreign_reports()?.into_iter().find(|k| k.report.name == name);
        let kept = kept.ok_or_else(|| NodeError::UnknownReport(attest::clean(name)))?;
        self.state_report(ForeignReport { dropped: true, rows: Vec::new(), ..kept.report }, author)
    }

    fn state_report(&self, report: ForeignReport, author: Option<&str>) -> Result<KeptReport, NodeError> {
        let (author, at) = (self.author(author), home::now());
        let name = author.name.clone();
        let stated = Attestation::foreign_report(self.id(), author, at, report.clone());
        let leaf = self.append(&Record::Attestation(stated), None, Vec::new())?.witness.record.leaf();
        Ok(KeptReport { report, author: name, at, leaf })
    }
}

/// A row whose package is a URL, with the package that the URL names.
fn placed(row: ForeignRow) -> ForeignRow {
    let Some(purl) = Purl::parse(&row.package) else { return row };
    let ecosystem = match purl.kept() {
        Some(Kept::Language(ecosystem)) => ecosystem.to_owned(),
        // A release is not asked for: what a supplier says of a version holds wherever that version is.
        Some(Kept::System(_)) => {
            purl.distribution().map(|d| advise::ecosystem::family(&d).to_owned()).unwrap_or_default()
        }
        None => String::new(),
    };
    let version = purl.full_version().unwrap_or(row.version);
    ForeignRow { package: attest::clean(&purl.full_name()), version: attest::clean(&version), ecosystem, ..row }
}
