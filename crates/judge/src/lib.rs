//! Judgement: a checked plan, verified records and an instant in; findings, levels, standings and doubts out.
//!
//! Pure: the same three give the same bytes, on any machine, in any year; `watchfire audit` relies on it. Nothing is
//! judged that is not cited, and nothing that was not looked at reads as a pass:
//!
//! - [`select`] chooses among the records: the newest live run of each subject, the newest scope, the newest answer to
//!   each check, all of them not later than the instant.
//! - [`host`] arranges the items of one run by fact: values, rows, what was covered, what is missing and why.
//! - [`checks`] applies the plan's checks; [`data`] grades what was found; [`standing`] counts.
//!
//! Refused: a score. A weighted sum of passes hides the one door that stands open; four counts and the worst finding
//! do not.
#![forbid(unsafe_code)]

mod checks;
mod data;
mod host;
mod select;
mod standing;

use evidence::{Doubt, Judgement, Say, Time};
use plan::CheckedPlan;
use proof::Witness;

/// Name and version of the judge: the same version judges the same records to the same bytes.
pub const VERSION: &str = concat!("watchfire-judge/", env!("CARGO_PKG_VERSION"));

/// Keys of every sentence that the judge can say, with their holes; `words` must know each.
pub const SAY_KEYS: &[(&str, &[&str])] = &[
    ("because.fact-missing", &["fact"]),
    ("because.fact-gap", &["fact", "reason"]),
    ("because.field-missing", &["fact", "field", "rows"]),
    ("because.incomplete", &["fact", "reason", "count"]),
    ("because.not-applicable", &["condition"]),
    ("because.plan-defect", &["why"]),
    ("because.no-host", &[]),
    ("because.not-answered", &[]),
    ("because.answer-expired", &["until"]),
    ("because.answer-not-yet", &["effective"]),
    ("because.level-default", &[]),
    ("because.people-estimated", &[]),
    ("doubt.no-scope", &[]),
    ("doubt.undeclared-host", &["host"]),
    ("doubt.undeclared-folder", &["folder"]),
    ("doubt.unprivileged", &["host"]),
    ("doubt.stopped", &["host"]),
    ("doubt.clock-backwards", &["host"]),
    ("doubt.self-declared-time", &[]),
    ("doubt.future-record", &["at"]),
    ("doubt.items-missing", &["host"]),
    ("doubt.plan-defect", &["check", "why"]),
    ("doubt.rows-unclear", &["check", "rows"]),
    ("doubt.rows-incomplete", &["check", "fact", "reason"]),
    ("doubt.unknown-class", &["class"]),
];

/// Judges `records` under `plan` as of an instant. The order of `records` does not matter; records that do not bear on
/// the judgement are left out and not cited.
#[must_use]
pub fn judge(plan: &CheckedPlan, records: &[Witness], as_of: Time) -> Judgement {
    let mut doubts = Vec::new();
    let chosen = select::select(records, as_of, &mut doubts);
    let hosts: Vec<host::Host<'_>> = chosen.hosts.iter().map(|w| host::Host::new(w)).collect();
    let mut results = checks::machine(plan, &hosts, as_of, &mut doubts);
    results.extend(checks::answered(plan, &chosen.answers, as_of));
    let data = data::grade(plan, &chosen.data, &mut doubts);
    let coverage = standing::coverage(chosen.scope, &chosen, &mut doubts);
    let gaps = standing::gaps(&chosen);
    if !chosen.hosts.is_empty() || !chosen.data.is_empty() {
        doubts.push(doubt(Say::new("doubt.self-declared-time"), None));
    }
    doubts.sort();
    doubts.dedup();
    let (mut results, mut findings): (Vec<_>, Vec<_>) = results.into_iter().unzip();
    results.sort_by(|a, b| (&a.check, &a.host).cmp(&(&b.check, &b.host)));
    let mut findings: Vec<_> = findings.drain(..).flatten().collect();
    findings.sort_by(|a, b| {
        (b.severity, &a.check, &a.host, &a.object, &a.id).cmp(&(a.severity, &b.check, &b.host, &b.object, &b.id))
    });
    Judgement {
        judge: VERSION.to_owned(),
        plan: plan.reference(),
        as_of,
        cites: chosen.cites,
        standings: standing::standings(plan, &results, &findings),
        checks: results,
        findings,
        data,
        coverage,
        gaps,
        doubts,
    }
}

pub(crate) fn doubt(say: Say, cited: Option<evidence::Cited>) -> Doubt {
    Doubt { say, cited }
}
