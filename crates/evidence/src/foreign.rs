//! What a scanner or supplier says, brought in by a person: a statement that is documented and never evidence of ours.

use crate::{Document, Time};
use serde::{Deserialize, Serialize};

/// A report of somebody else's tool (`docs/specs/statements-v1.md`). The newest of a name counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignReport {
    /// The name that the plant gave it.
    pub name: String,
    /// `sarif`, `cyclonedx`, `openvex` or `table`.
    pub form: String,
    /// The file, by digest.
    pub document: Document,
    /// Name and version of the tool, or who wrote it.
    pub tool: String,
    /// When the tool says that it looked, or the writer that he wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Host of every row that names none itself; empty if that was not said either.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// What it says, in its own order.
    pub rows: Vec<ForeignRow>,
    /// Rows that could not be read.
    pub bad: u64,
    /// Rows that say that nothing is wrong, or that were suppressed there.
    pub left_out: u64,
    /// True: does not count any more; it then has no rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
}

/// What such a row says of a vulnerability or rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForeignStatus {
    /// The tool found it.
    Found,
    /// The component is affected.
    Affected,
    /// It is still looked into.
    UnderInvestigation,
    /// It was mended.
    Fixed,
    /// The component is not affected.
    NotAffected,
}
impl ForeignStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Found, Self::Affected, Self::UnderInvestigation, Self::Fixed, Self::NotAffected];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Affected => "affected",
            Self::UnderInvestigation => "under-investigation",
            Self::Fixed => "fixed",
            Self::NotAffected => "not-affected",
        }
    }
}

/// One row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignRow {
    /// CVE, or the tool's own rule.
    pub id: String,
    /// What it says.
    pub status: ForeignStatus,
    /// Host, if the row names one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// Package, as its ecosystem spells it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Its ecosystem, without a release; empty if the row does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ecosystem: String,
    /// The tool's word for how bad it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub severity: String,
    /// Name of the rule or vulnerability.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Why it is not affected, in the word of the form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub justification: String,
    /// Path and line, or a port.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

impl crate::Attestation {
    /// A report of somebody else's tool was brought in or dropped.
    #[must_use]
    pub fn foreign_report(node: crate::NodeId, author: crate::Author, stated_at: Time, report: ForeignReport) -> Self {
        Self { node, author, stated_at, what: crate::attestation::Stated::ForeignReport(report) }
    }
    /// The report of somebody else's tool, if it is one.
    #[must_use]
    pub fn as_foreign_report(&self) -> Option<&ForeignReport> {
        match &self.what {
            crate::attestation::Stated::ForeignReport(r) => Some(r),
            _ => None,
        }
    }
}
