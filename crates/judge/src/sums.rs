//! Putting a judgement together: sums by scenario, and one order for everything.

use crate::VERSION;
use evidence::{
    Approved, CheckResult, Coverage, DataGroup, Digest, Doubt, Finding, Gap, GapCount, GapReason, Judgement,
    MeasureStanding, Outcome, RecordKind, Severity, Standing, Sure, Time,
};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};

/// A judgement under way.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) checks: Vec<CheckResult>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) approved: Vec<Approved>,
    pub(crate) measures: Vec<MeasureStanding>,
    pub(crate) data: Vec<DataGroup>,
    pub(crate) coverage: Vec<Coverage>,
    pub(crate) doubts: Vec<Doubt>,
    gaps: BTreeMap<(String, String, GapReason), u64>,
}
impl Draft {
    /// Counts a gap.
    pub(crate) fn gap(&mut self, host: &str, gap: &Gap) {
        let area = gap.what.split(':').next().unwrap_or_default();
        let count = self.gaps.entry((host.to_owned(), area.to_owned(), gap.reason)).or_default();
        *count = count.saturating_add(gap.count);
    }
}

pub(crate) fn finish(
    plan: &CheckedPlan,
    cites: BTreeSet<(Digest, RecordKind)>,
    mut draft: Draft,
    as_of: Time,
) -> Judgement {
    draft.checks.sort_by(|a, b| (&a.check, &a.host).cmp(&(&b.check, &b.host)));
    let worst_first = |a: &Finding, b: &Finding| {
        (b.severity, &a.check, &a.host, &a.object).cmp(&(a.severity, &b.check, &b.host, &b.object))
    };
    draft.findings.sort_by(worst_first);
    draft.approved.sort_by(|a, b| worst_first(&a.finding, &b.finding));
    draft.measures.sort();
    let rank = |d: &DataGroup| plan.levels().iter().find(|l| l.id == d.level.level).map_or(0, |l| l.rank);
    draft.data.sort_by(|a, b| {
        (rank(b), &a.host, &a.root, &a.category, &a.class).cmp(&(rank(a), &b.host, &b.root, &b.category, &b.class))
    });
    draft.doubts.sort();
    draft.doubts.dedup();
    let gaps = draft.gaps.into_iter();
    Judgement {
        judge: VERSION.to_owned(),
        plan: plan.reference(),
        as_of,
        cites: cites.into_iter().collect(),
        standings: standings(plan, &draft.checks, &draft.findings),
        checks: draft.checks,
        findings: draft.findings,
        approved: draft.approved,
        measures: draft.measures,
        data: draft.data,
        coverage: draft.coverage,
        gaps: gaps.map(|((host, area, reason), count)| GapCount { host, area, reason, count }).collect(),
        doubts: draft.doubts,
    }
}

fn standings(plan: &CheckedPlan, checks: &[CheckResult], findings: &[Finding]) -> Vec<Standing> {
    plan.scenarios()
        .iter()
        .map(|s| {
            let of = || checks.iter().filter(|c| c.scenario == s.id);
            let count = |outcome: Outcome| of().filter(|c| c.outcome == outcome).count() as u64;
            let paper = |c: &&CheckResult| {
                c.outcome == Outcome::Pass && matches!(c.sure, Some(Sure::Declared | Sure::Documented))
            };
            let mut by_severity: BTreeMap<Severity, u64> = BTreeMap::new();
            for f in findings.iter().filter(|f| f.scenario == s.id) {
                *by_severity.entry(f.severity).or_default() += 1;
            }
            Standing {
                scenario: s.id.clone(),
                failed: count(Outcome::Fail),
                passed: count(Outcome::Pass),
                passed_on_paper: of().filter(paper).count() as u64,
                not_applicable: count(Outcome::NotApplicable),
                cannot_tell: count(Outcome::CannotTell),
                findings: by_severity,
            }
        })
        .collect()
}
