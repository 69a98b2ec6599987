//! Two judgements side by side: what is new, what was mended, what is no longer seen.
//!
//! The ids of findings are stable, so the same finding of two runs is the same id. Nothing counts as mended because
//! nobody looked: a finding that is gone while its check could not be told is *unseen*, and a finding that appears
//! where the check could not be told before is *first seen*, not new. One that somebody approved is neither gone nor mended; when
//! the approval ends it is new again.

use evidence::{CheckId, CheckResult, Finding, FindingId, Judgement, Outcome, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// A finding that stands in one of the two judgements only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The finding, as the judgement that has it says it.
    pub finding: Finding,
    /// What the other judgement says of its check on its host; `None` if it says nothing.
    pub other: Option<Outcome>,
}

/// A finding of both judgements whose severity differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reweighed {
    /// The finding as it is now.
    pub finding: Finding,
    /// Its severity before.
    pub before: Severity,
}

/// A check that could be told in one judgement and not in the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Which check.
    pub check: CheckId,
    /// On which host.
    pub host: String,
    /// Before; `None` if the earlier judgement says nothing of it.
    pub before: Option<Outcome>,
    /// Now; `None` if the later judgement says nothing of it.
    pub after: Option<Outcome>,
}

/// What changed between two judgements. Every list is in the order of the judgement that it comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// There now, and not before although the check was told then.
    pub new: Vec<Changed>,
    /// There now; before, nobody could tell.
    pub first_seen: Vec<Changed>,
    /// Gone, and the check was told: it passes, fails on others, or does not apply any more.
    pub mended: Vec<Changed>,
    /// Gone, but nobody could tell this time.
    pub unseen: Vec<Changed>,
    /// Still there, and an exception answers it now.
    pub approved: Vec<Changed>,
    /// Severity went up.
    pub worse: Vec<Reweighed>,
    /// Severity went down.
    pub better: Vec<Reweighed>,
    /// Findings of both, severity unchanged.
    pub same: u64,
    /// Checks that can no longer be told.
    pub blind: Vec<Told>,
    /// Checks that can be told now.
    pub sighted: Vec<Told>,
    /// True if the two were judged under plans of different digests.
    pub other_plan: bool,
}

impl Compared {
    /// True if something got worse: a finding appeared, weighs more, or cannot be seen any more.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        !(self.new.is_empty() && self.worse.is_empty() && self.unseen.is_empty() && self.blind.is_empty())
    }
}

type Results<'a> = BTreeMap<(&'a CheckId, &'a str), &'a CheckResult>;

fn results(j: &Judgement) -> Results<'_> {
    j.checks.iter().map(|c| ((&c.check, c.host.as_str()), c)).collect()
}
fn findings(j: &Judgement) -> BTreeMap<FindingId, &Finding> {
    j.findings.iter().map(|f| (f.id, f)).collect()
}
fn told(outcome: Option<Outcome>) -> bool {
    outcome.is_some_and(|o| o != Outcome::CannotTell)
}

/// Compares two judgements. Only checks that can be asked of hosts and people alike by id and host; data is the
/// catalogue's ([`crate::diff`]).
#[must_use]
pub fn compare(before: &Judgement, after: &Judgement) -> Compared {
    let (was, is) = (results(before), results(after));
    let (old, new) = (findings(before), findings(after));
    let outcome = |of: &Results, f: &Finding| of.get(&(&f.check, f.host.as_str())).map(|r| r.outcome);
    let mut out = Compared { other_plan: before.plan.digest != after.plan.digest, ..Compared::default() };
    for f in &after.findings {
        match old.get(&f.id) {
            Some(b) if b.severity < f.severity => {
                out.worse.push(Reweighed { finding: f.clone(), before: b.severity });
            }
            Some(b) if b.severity > f.severity => {
                out.better.push(Reweighed { finding: f.clone(), before: b.severity });
            }
            Some(_) => out.same += 1,
            None => {
                let other = outcome(&was, f);
                let list = if told(other) { &mut out.new } else { &mut out.first_seen };
                list.push(Changed { finding: f.clone(), other });
            }
        }
    }
    let approved: BTreeSet<FindingId> = after.approved.iter().map(|a| a.finding.id).collect();
    for f in before.findings.iter().filter(|f| !new.contains_key(&f.id)) {
        let other = outcome(&is, f);
        let list = match told(other) {
            _ if approved.contains(&f.id) => &mut out.approved,
            true => &mut out.mended,
            false => &mut out.unseen,
        };
        list.push(Changed { finding: f.clone(), other });
    }
    let mut keys: Vec<_> = was.keys().chain(is.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    for (check, host) in keys {
        let of = |r: &Results| r.get(&(check, host)).map(|r| r.outcome);
        let (b, a) = (of(&was), of(&is));
        let told_of = Told { check: check.clone(), host: host.to_owned(), before: b, after: a };
        match (told(b), told(a)) {
            (true, false) => out.blind.push(told_of),
            (false, true) => out.sighted.push(told_of),
            _ => {}
        }
    }
    out
}
