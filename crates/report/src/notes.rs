//! What stands beside a finding without being one: how it is known, where that is not by a sensor.
//!
//! A note never changes a severity or a count. It is a sentence of its own, so that a reader who wants only findings can pass over
//! it.

use crate::Input;
use crate::view::Tongue;
use evidence::{Finding, Sure};

/// The notes of a finding, in the order in which they matter.
pub(crate) fn of(input: &Input<'_>, tongue: Tongue<'_>, finding: &Finding) -> Vec<String> {
    let mut out = Vec::new();
    if documented(input, finding) {
        out.push(tongue.t("report.findings.note-documented").to_owned());
    }
    out
}

/// A machine check of a host that only a document describes.
fn documented(input: &Input<'_>, finding: &Finding) -> bool {
    let of = |c: &&evidence::CheckResult| c.check == finding.check && c.host == finding.host && !c.host.is_empty();
    input.judgement.checks.iter().find(of).is_some_and(|c| matches!(c.sure, Some(Sure::Declared | Sure::Documented)))
}
