//! What others say: scanners of the plant and suppliers, brought in by a person. Shown in a section of its own and beside the
//! findings that it is about; in no count, because nobody here saw it.

use crate::clean::clean;
use crate::view::{DocumentedBlock, Tongue};
use crate::{Documented, Input};
use evidence::{Digest, Document, Finding, ForeignReport, ForeignRow, ForeignStatus, Time};
use serde::Serialize;
use std::fmt::Display;

/// Statements beside one finding.
const BESIDE_MAX: usize = 5;

fn date(time: Option<Time>) -> String {
    time.map_or_else(|| "–".to_owned(), Time::date)
}

/// The section: a block for each report.
pub(crate) fn blocks(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<DocumentedBlock> {
    let block = |d: &Documented<'_>| {
        let r = d.report;
        let counted = |s: &ForeignStatus| (*s, r.rows.iter().filter(|row| row.status == *s).count());
        let counts = ForeignStatus::ALL.iter().map(counted).filter(|c| c.1 > 0);
        let join = tongue.t("report.label-join");
        let counts: Vec<String> =
            counts.map(|(s, n)| format!("{}{join}{n}", tongue.code("stated", s.name()))).collect();
        let counts = counts.join(tongue.t("report.list-join"));
        let with: [(&str, &dyn Display); 3] = [("tool", &clean(&r.tool)), ("date", &date(r.at)), ("counts", &counts)];
        let digest = r.document.digest.short();
        let from: [(&str, &dyn Display); 6] = [
            ("document", &clean(&r.document.name)),
            ("digest", &digest),
            ("author", &clean(d.author)),
            ("at", &d.at.date()),
            ("bad", &r.bad),
            ("left_out", &r.left_out),
        ];
        DocumentedBlock {
            says: tongue.f("report.documented.says", &with),
            from: tongue.f("report.documented.from", &from),
            rows: r.rows.iter().map(|row| cells(r, row, tongue)).collect(),
        }
    };
    input.documented.iter().map(block).collect()
}

fn cells(report: &ForeignReport, row: &ForeignRow, tongue: Tongue<'_>) -> [String; 6] {
    let package = clean(format!("{} {}", row.package, row.version).trim());
    let host = if row.host.is_empty() { &report.host } else { &row.host };
    let more = [&row.title, &row.justification, &row.place].map(|t| clean(t));
    let more: Vec<String> = more.into_iter().filter(|t| !t.is_empty()).collect();
    let status = tongue.code("stated", row.status.name());
    [clean(&row.id), status, package, clean(host), clean(&row.severity), more.join(" · ")]
}

/// What is said of the vulnerabilities behind a finding, by who brought a statement on this package.
pub(crate) fn beside(input: &Input<'_>, tongue: Tongue<'_>, finding: &Finding) -> Vec<String> {
    let Some(ids) = finding.with.get("advisories") else { return Vec::new() };
    let ids: Vec<&str> = ids.split(", ").collect();
    let mut out = Vec::new();
    for d in input.documented {
        let rows = d.report.rows.iter().filter(|r| r.status != ForeignStatus::Found);
        for row in rows.filter(|r| ids.contains(&r.id.as_str()) && fits(d.report, r, finding)) {
            let status = tongue.code("stated", row.status.name());
            let why =
                if row.justification.is_empty() { String::new() } else { format!(" ({})", clean(&row.justification)) };
            let with: [(&str, &dyn Display); 5] = [
                ("tool", &clean(&d.report.tool)),
                ("date", &date(d.report.at)),
                ("id", &clean(&row.id)),
                ("status", &status),
                ("why", &why),
            ];
            out.push(tongue.f("report.documented.beside", &with));
        }
    }
    out.truncate(BESIDE_MAX);
    out
}

/// The row is about the package and host of the finding.
fn fits(report: &ForeignReport, row: &ForeignRow, finding: &Finding) -> bool {
    let of = |field: &str| finding.with.get(field).map(String::as_str).unwrap_or_default();
    let host = if row.host.is_empty() { &report.host } else { &row.host };
    let family = of("ecosystem").split(':').next().unwrap_or_default();
    !row.package.is_empty()
        && row.package.eq_ignore_ascii_case(of("package"))
        && (row.version.is_empty() || row.version == of("version"))
        && (row.ecosystem.is_empty() || row.ecosystem.eq_ignore_ascii_case(family))
        && (host.is_empty() || finding.host.eq_ignore_ascii_case(host))
}

/// A report of others in the JSON form.
#[derive(Serialize)]
pub(crate) struct Out<'a> {
    name: &'a str,
    form: &'a str,
    tool: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    document: &'a Document,
    author: &'a str,
    imported: Time,
    leaf: Digest,
    #[serde(skip_serializing_if = "str::is_empty")]
    host: &'a str,
    bad: u64,
    left_out: u64,
    rows: &'a [ForeignRow],
}

/// As the record has it.
pub(crate) fn out<'a>(d: &Documented<'a>) -> Out<'a> {
    let r = d.report;
    Out {
        name: &r.name,
        form: &r.form,
        tool: &r.tool,
        at: r.at,
        document: &r.document,
        author: d.author,
        imported: d.at,
        leaf: d.leaf,
        host: &r.host,
        bad: r.bad,
        left_out: r.left_out,
        rows: &r.rows,
    }
}
