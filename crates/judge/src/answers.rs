//! Organisational checks: what a person answered, as long as it counts.

use crate::choose::{Answered, Bench, doubt};
use crate::sums::Draft;
use evidence::{CheckResult, Cited, Finding, Outcome, Say, Sure, Time};
use plan::{Check, CheckKind, CheckedPlan};

/// Milliseconds of a day.
pub(crate) const DAY_MILLIS: i64 = 86_400_000;

pub(crate) fn judge(plan: &CheckedPlan, bench: &Bench, as_of: Time, out: &mut Draft) {
    let mut fulfilled: Vec<&Check> = Vec::new();
    for check in plan.checks() {
        let CheckKind::Answer(answerable) = &check.kind else { continue };
        let answered = bench.answers.get(&check.id);
        let (outcome, because) = match answered {
            None => (Outcome::CannotTell, Some(Say::new("because.not-answered"))),
            Some(a) => match answerable.valid_days.filter(|d| expired(a, *d, as_of)) {
                Some(days) => {
                    let say = Say::new("because.answer-expired").with("effective", a.answer.effective.date());
                    (Outcome::CannotTell, Some(say.with("days", days)))
                }
                None if a.answer.fulfilled => (Outcome::Pass, None),
                None => (Outcome::Fail, None),
            },
        };
        if outcome == Outcome::Pass {
            fulfilled.push(check);
        }
        let failed = answered.filter(|_| outcome == Outcome::Fail);
        out.findings.extend(failed.map(|a| finding(plan, check, a)));
        let sure = answered.filter(|_| outcome != Outcome::CannotTell).map(|a| match a.answer.document {
            Some(_) => Sure::Documented,
            None => Sure::Declared,
        });
        out.checks.push(CheckResult {
            check: check.id.clone(),
            scenario: check.scenario.clone(),
            host: String::new(),
            outcome,
            sure,
            because,
            basis: answered.iter().map(|a| Cited { leaf: a.leaf, item: None }).collect(),
            findings: u64::from(failed.is_some()),
        });
    }
    contradictions(plan, bench, &fulfilled, out);
}

fn expired(a: &Answered, days: i64, as_of: Time) -> bool {
    a.answer.effective.millis().saturating_add(days.saturating_mul(DAY_MILLIS)) < as_of.millis()
}

fn finding(plan: &CheckedPlan, check: &Check, a: &Answered) -> Finding {
    Finding {
        id: Finding::id_of(&check.id, "", ""),
        check: check.id.clone(),
        scenario: check.scenario.clone(),
        severity: check.severity,
        host: String::new(),
        object: String::new(),
        with: plan.parameters().iter().map(|p| (format!("param.{}", p.id), p.value.to_string())).collect(),
        at: None,
        evidence: vec![Cited { leaf: a.leaf, item: None }],
    }
}

/// A person says that a row is fulfilled, and a machine sees that something under it is not.
fn contradictions(plan: &CheckedPlan, bench: &Bench, fulfilled: &[&Check], out: &mut Draft) {
    let mut doubts = Vec::new();
    for check in fulfilled {
        let Some(leaf) = bench.answers.get(&check.id).map(|a| a.leaf) else { continue };
        for result in out.checks.iter().filter(|r| r.outcome == Outcome::Fail && !r.host.is_empty()) {
            let serves = plan.check(&result.check).is_some_and(|m| m.rows.iter().any(|r| check.rows.contains(r)));
            if serves {
                let say = Say::new("doubt.contradiction").with("check", &check.id).with("machine", &result.check);
                doubts.push(doubt(say.with("host", &result.host), Some(leaf)));
            }
        }
    }
    out.doubts.append(&mut doubts);
}
