//! Counting: standings per scenario, examined of declared, gaps.

use crate::doubt;
use crate::select::{Chosen, Run};
use evidence::{
    Body, CheckResult, Coverage, Doubt, Finding, GapCount, GapReason, Outcome, Say, Scope, ScopeKind, Standing, Sure,
};
use plan::CheckedPlan;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn standings(plan: &CheckedPlan, results: &[CheckResult], findings: &[Finding]) -> Vec<Standing> {
    let one = |scenario: &plan::Scenario| {
        let of = || results.iter().filter(|r| r.scenario == scenario.id);
        let number = |o: Outcome| of().filter(|r| r.outcome == o).count() as u64;
        let on_paper =
            |r: &&CheckResult| r.outcome == Outcome::Pass && matches!(r.sure, Some(Sure::Declared | Sure::Documented));
        let mut by_severity = BTreeMap::new();
        for f in findings.iter().filter(|f| f.scenario == scenario.id) {
            *by_severity.entry(f.severity).or_insert(0) += 1;
        }
        Standing {
            scenario: scenario.id.clone(),
            failed: number(Outcome::Fail),
            passed: number(Outcome::Pass),
            passed_on_paper: of().filter(on_paper).count() as u64,
            not_applicable: number(Outcome::NotApplicable),
            cannot_tell: number(Outcome::CannotTell),
            findings: by_severity,
        }
    };
    plan.scenarios().iter().map(one).collect()
}

pub(crate) fn coverage(scope: Option<&Scope>, chosen: &Chosen<'_>, doubts: &mut Vec<Doubt>) -> Vec<Coverage> {
    let Some(scope) = scope else {
        doubts.push(doubt(Say::new("doubt.no-scope"), None));
        return Vec::new();
    };
    let ids = |kind| scope.entries.iter().filter(move |e| e.kind == kind).map(|e| e.id.as_str());
    let hosts: BTreeSet<&str> = chosen.hosts.iter().map(|r| r.examination.subject.host.as_str()).collect();
    let folders: BTreeSet<(&str, &str)> = chosen
        .data
        .iter()
        .flat_map(|(run, folders)| {
            let host = run.examination.subject.host.as_str();
            folders.iter().map(move |f| (host, f.as_str()))
        })
        .collect();
    let mut out = Vec::new();
    for kind in ScopeKind::ALL {
        let declared = ids(kind).count() as u64;
        let (examined, undeclared) = match kind {
            ScopeKind::Host => {
                let new: Vec<&&str> = hosts.iter().filter(|h| !ids(kind).any(|id| id == **h)).collect();
                for host in &new {
                    doubts.push(doubt(Say::new("doubt.undeclared-host").with("host", host), None));
                }
                (ids(kind).filter(|id| hosts.contains(id)).count(), new.len())
            }
            ScopeKind::Share => {
                let new: Vec<_> =
                    folders.iter().filter(|f| !ids(kind).any(|id| covers(id, f) || examined_in(id, f))).collect();
                for (_, folder) in &new {
                    doubts.push(doubt(Say::new("doubt.undeclared-folder").with("folder", folder), None));
                }
                (ids(kind).filter(|id| folders.iter().any(|f| examined_in(id, f))).count(), new.len())
            }
            // Nothing examines these yet; they stay in the denominator.
            ScopeKind::Database | ScopeKind::ControlNetwork | ScopeKind::Person => (0, 0),
        };
        if declared > 0 || undeclared > 0 {
            out.push(Coverage { kind, declared, examined: examined as u64, undeclared: undeclared as u64 });
        }
    }
    out
}

/// A declared share `host:/path` or `/path`, taken apart.
fn share(id: &str) -> (Option<&str>, &str) {
    match id.split_once(":/") {
        Some((host, _)) if !host.is_empty() && !host.contains('/') => (Some(host), &id[host.len() + 1..]),
        _ => (None, id),
    }
}

fn within(outer: &str, inner: &str) -> bool {
    let outer = outer.trim_end_matches('/');
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The declared share lies in (or is) the examined folder: it was examined as a whole.
fn examined_in(id: &str, (host, folder): &(&str, &str)) -> bool {
    let (on, path) = share(id);
    on.is_none_or(|on| on == *host) && within(folder, path)
}

/// The examined folder is a part of the declared share: it is declared, but this does not examine the share.
fn covers(id: &str, (host, folder): &(&str, &str)) -> bool {
    let (on, path) = share(id);
    on.is_none_or(|on| on == *host) && within(path, folder)
}

pub(crate) fn gaps(chosen: &Chosen<'_>) -> Vec<GapCount> {
    let mut runs: BTreeMap<_, Run<'_>> = BTreeMap::new();
    for run in chosen.hosts.iter().chain(chosen.data.iter().map(|d| &d.0)) {
        runs.insert(run.leaf(), *run);
    }
    let mut counts: BTreeMap<(String, String, GapReason), u64> = BTreeMap::new();
    for run in runs.values() {
        for item in run.witness.items.iter().flat_map(|i| i.items()) {
            if let Body::Gap(g) = &item.body {
                let area = g.what.split(':').next().unwrap_or_default().to_owned();
                *counts.entry((run.examination.subject.host.clone(), area, g.reason)).or_insert(0) += g.count;
            }
        }
    }
    counts.into_iter().map(|((host, area, reason), count)| GapCount { host, area, reason, count }).collect()
}
