//! What the checks say of hosts, for other programs: CSV for a spreadsheet, SARIF for review tools, OCSF for security
//! lakes; and two judgements side by side.
//!
//! Terminal, HTML and JSON are those of every judgement. In all of these forms a check that could not be told is said
//! with its reason: an export without it would read as a pass.

mod compare;
mod csv;
mod cyclonedx;
mod ocsf;
mod purl;
mod sarif;
mod spdx;

use crate::view::{Own, Tongue};
use crate::{Input, findings};
pub use compare::{COMPARE_FORMAT, compare_json, compare_terminal};
use evidence::{Approved, CheckResult, Finding, Lang, Outcome, Place};
use std::collections::BTreeMap;

/// CSV (RFC 4180): one row a check of a host, a finding, or a kind of gap; texts in `lang`. No cell begins a formula.
#[must_use]
pub fn csv(input: &Input<'_>, lang: Lang) -> String {
    let own = Own::of(input.items);
    csv::render(input, Tongue { lang, plan: input.plan, own: &own })
}

/// SARIF 2.1.0, with texts in `lang`. Ends with a line feed.
#[must_use]
pub fn sarif(input: &Input<'_>, lang: Lang) -> String {
    let own = Own::of(input.items);
    sarif::render(input, Tongue { lang, plan: input.plan, own: &own })
}

/// OCSF 1.3: one Compliance Finding (class 2003) a line, with texts in `lang`.
#[must_use]
pub fn ocsf(input: &Input<'_>, lang: Lang) -> String {
    let own = Own::of(input.items);
    ocsf::render(input, Tongue { lang, plan: input.plan, own: &own })
}

/// CycloneDX 1.6: the software of the hosts, and which of it has known vulnerabilities. Ends with a line feed.
#[must_use]
pub fn cyclonedx(input: &Input<'_>) -> String {
    cyclonedx::render(input)
}

/// SPDX 2.3 as JSON: the software of the hosts. Ends with a line feed.
#[must_use]
pub fn spdx(input: &Input<'_>) -> String {
    spdx::render(input)
}

/// A check on a host, or a finding of a failed one.
pub(crate) enum Line<'a> {
    /// Passed, does not apply, cannot be told; or failed without a finding of its own.
    Check(&'a CheckResult),
    /// One violation, and the exception in force that answers it.
    Finding(&'a Finding, Option<&'a Approved>),
}

/// Every result in the order of the judgement; a failed check stands as its findings.
pub(crate) fn lines<'a>(input: &Input<'a>) -> Vec<Line<'a>> {
    let j = input.judgement;
    let mut by_check: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for f in &j.findings {
        by_check.entry((f.check.as_str(), &f.host)).or_default().push(f);
    }
    let mut out = Vec::new();
    for c in &j.checks {
        match by_check.get(&(c.check.as_str(), c.host.as_str())) {
            Some(list) if c.outcome == Outcome::Fail => out.extend(list.iter().map(|f| Line::Finding(f, None))),
            _ => out.push(Line::Check(c)),
        }
        let of_check = |a: &&Approved| a.finding.check == c.check && a.finding.host == c.host;
        out.extend(j.approved.iter().filter(of_check).map(|a| Line::Finding(&a.finding, Some(a))));
    }
    out
}

/// Which measure answers a finding, and until when.
pub(crate) fn said(tongue: Tongue<'_>, a: &Approved) -> String {
    let until = plan::Days::of(tongue.plan.calendar()).day_named(a.until);
    tongue.f("measure.stands.approved", &[("measure", &crate::clean::clean(&a.measure)), ("until", &until)])
}

/// Where a finding was seen: its own place, or that of the first item that shows it.
pub(crate) fn place_of<'a>(input: &Input<'a>, finding: &'a Finding) -> Option<&'a Place> {
    let shown = || finding.evidence.iter().find_map(|c| findings::place_of(findings::item(input, c)?));
    finding.at.as_ref().or_else(shown)
}
