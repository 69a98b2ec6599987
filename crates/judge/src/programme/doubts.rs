//! What can be found wrong in a plant's report by itself.

use crate::choose::doubt;
use evidence::{Doubt, ProgrammeReport, RecordKind, Rung, Say, Time};
use plan::CheckedPlan;
use std::collections::BTreeSet;

/// How far the clock of a plant may be ahead of that of the level above, in milliseconds.
const AHEAD_MILLIS_MAX: i64 = 24 * 3_600_000;
/// Longest text of a report that is repeated in a doubt, in characters.
const TOLD_CHARS_MAX: usize = 64;

/// Everything in a report that cannot be, by itself and under this plan, sorted. A report with a doubt counts nothing.
/// `received_at`: when the level above took it in, if that is known.
#[must_use]
pub fn programme_doubts(report: &ProgrammeReport, plan: &CheckedPlan, received_at: Option<Time>) -> Vec<Doubt> {
    let mut out = by_itself(report, received_at);
    if !plan.accepts(report.plan.digest) {
        let say = Say::new("doubt.programme-plan").with("plan", told(report.plan.id.as_str()));
        out.push(say.with("version", told(&report.plan.version)));
    }
    let of_plan = |scenario: &str| plan.scenarios().iter().any(|p| p.id.as_str() == scenario);
    for s in report.scenarios.iter().filter(|s| !of_plan(&s.scenario)) {
        out.push(Say::new("doubt.programme-scenario").with("scenario", told(&s.scenario)));
    }
    for level in report.catalogue.iter().flat_map(|c| c.levels.keys()) {
        if !plan.levels().iter().any(|l| l.id.as_str() == level) {
            out.push(Say::new("doubt.programme-level").with("level", told(level)));
        }
    }
    sorted(out)
}

/// What of it needs no plan: so a report is looked at when it arrives.
#[must_use]
pub fn report_doubts(report: &ProgrammeReport, received_at: Time) -> Vec<Doubt> {
    sorted(by_itself(report, Some(received_at)))
}

fn sorted(out: Vec<Say>) -> Vec<Doubt> {
    let mut out: Vec<Doubt> = out.into_iter().map(|say| doubt(say, None)).collect();
    out.sort();
    out.dedup();
    out
}

fn by_itself(report: &ProgrammeReport, received_at: Option<Time>) -> Vec<Say> {
    let mut out: Vec<Say> = Vec::new();
    if !is_code(&report.uscc) {
        out.push(Say::new("doubt.programme-uscc").with("uscc", told(&report.uscc)));
    }
    if let Some(received) = received_at
        && report.as_of.millis().saturating_sub(received.millis()) > AHEAD_MILLIS_MAX
    {
        out.push(Say::new("doubt.programme-future").with("time", report.as_of).with("received", received));
    }
    if !report.cites.is_sorted_by(|a, b| a.0 < b.0) {
        out.push(Say::new("doubt.programme-cites"));
    }
    scope(report, &mut out);
    let mut seen = BTreeSet::new();
    for s in report.scenarios.iter().filter(|s| !seen.insert(s.scenario.as_str())) {
        out.push(Say::new("doubt.programme-scenario").with("scenario", told(&s.scenario)));
    }
    catalogue(report, &mut out);
    if report.drills.as_ref().is_some_and(|d| d.rung >= Rung::MachineEvidenced) {
        out.push(Say::new("doubt.programme-rung").with("what", "drills"));
    }
    if report.measures.overdue > report.measures.open {
        out.push(Say::new("doubt.programme-overdue"));
    }
    let incidents = report.incidents.levels.values().fold(0_u64, |sum, n| sum.saturating_add(*n));
    if report.incidents.open > incidents || report.incidents.late > incidents {
        out.push(Say::new("doubt.programme-late"));
    }
    out
}

/// What stands in a report may be anything.
fn told(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TOLD_CHARS_MAX).collect()
}

/// Eighteen characters of the alphabet of GB 32100; its check character is the matter of who enrols a plant.
fn is_code(uscc: &str) -> bool {
    let known = |b: u8| b.is_ascii_digit() || (b.is_ascii_uppercase() && !b"IOSVZ".contains(&b));
    uscc.len() == 18 && uscc.bytes().all(known)
}

fn scope(report: &ProgrammeReport, out: &mut Vec<Say>) {
    let mut kinds = BTreeSet::new();
    for s in &report.scope {
        if s.examined > s.declared || !kinds.insert(s.kind.as_str()) {
            out.push(Say::new("doubt.programme-scope").with("kind", told(&s.kind)));
        }
    }
}

fn catalogue(report: &ProgrammeReport, out: &mut Vec<Say>) {
    let Some(c) = &report.catalogue else { return };
    let assets = c.levels.values().fold(c.ungraded, |sum, n| sum.saturating_add(*n));
    if c.confirmed > assets {
        out.push(Say::new("doubt.programme-confirmed").with("confirmed", c.confirmed).with("assets", assets));
    }
    let examined = report.scope.iter().any(|s| s.examined > 0 || s.undeclared > 0);
    let basis = match c.rung {
        Rung::ReObserved => false,
        Rung::MachineEvidenced => examined,
        Rung::Declared | Rung::Documented => true,
    };
    if !basis {
        out.push(Say::new("doubt.programme-rung").with("what", "catalogue"));
    }
    if c.as_of > report.as_of || c.filed.is_some_and(|f| f > report.as_of) {
        out.push(Say::new("doubt.programme-catalogue-later"));
    }
    if !report.cites.contains(&(c.leaf, RecordKind::Catalogue)) {
        out.push(Say::new("doubt.programme-cites"));
    }
}
