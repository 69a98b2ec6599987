//! What stands beside a finding without being one: how it is known, where that is not by a sensor; whether what it is about runs; what others
//! say of it.
//!
//! A note never changes a severity or a count. It is a sentence of its own, so that a reader who wants only findings can pass over
//! it.

use crate::clean::clean;
use crate::view::Tongue;
use crate::{Input, documented};
use evidence::{Finding, Sure};

/// The notes of a finding, in the order in which they matter.
pub(crate) fn of(input: &Input<'_>, tongue: Tongue<'_>, finding: &Finding) -> Vec<String> {
    let mut out = Vec::new();
    if on_paper(input, finding) {
        out.push(tongue.t("report.findings.note-documented").to_owned());
    }
    out.extend(running(tongue, finding));
    out.extend(documented::beside(input, tongue, finding));
    out
}

/// Whether a vulnerable package was seen running: the fields that `advise` put beside it.
fn running(tongue: Tongue<'_>, finding: &Finding) -> Option<String> {
    let said = |field: &str| finding.with.get(field).map(|v| clean(v));
    let key = match finding.with.get("running")?.as_str() {
        "program" => "report.findings.note-program",
        "library" => "report.findings.note-library",
        "no" => return Some(tongue.t("report.findings.note-not-seen").to_owned()),
        "not-live" => return Some(tongue.t("report.findings.note-not-live").to_owned()),
        _ => return Some(tongue.t("report.findings.note-unknown").to_owned()),
    };
    let mut out = tongue.f(key, &[("programs", &said("programs").unwrap_or_default())]);
    match said("listening").as_deref() {
        None => {}
        Some("") => out.push_str(tongue.t("report.findings.note-silent")),
        Some(sockets) => out.push_str(&tongue.f("report.findings.note-listening", &[("sockets", &sockets)])),
    }
    Some(out)
}

/// A machine check of a host that only a document describes.
fn on_paper(input: &Input<'_>, finding: &Finding) -> bool {
    let of = |c: &&evidence::CheckResult| c.check == finding.check && c.host == finding.host && !c.host.is_empty();
    input.judgement.checks.iter().find(of).is_some_and(|c| matches!(c.sure, Some(Sure::Declared | Sure::Documented)))
}
