//! Findings on order: what of a judgement an order asks for, and what of an answer holds (`docs/specs/oversight-v1.md` §7).
//!
//! What leaves a plant says which rule, how bad, where it stands and which items show it. Names - of hosts, accounts, files - are pseudonyms, unless
//! the basis of the order says otherwise; the same name is the same pseudonym, so that findings of one host stand together.
//!
//! What is shown is held against what the plant has signed, as far as that binds it: the report that its authority has received, the places of
//! judgement and evidence in the mirrored log, the numbers of the report. A judgement is one envelope, so a single finding of it cannot be proven
//! without showing all of them: what that leaves open is said in the specification.

use crate::choose::doubt;
use evidence::{
    CheckId, Cited, Digest, Doubt, Finding, FindingId, FindingsGiven, FindingsWanted, Judgement, ProgrammeReport,
    RecordKind, Say, ScenarioId, Severity, Stands, Time, canonical,
};
use plan::CheckedPlan;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// `format` of what is sealed.
const FORMAT: &str = "watchfire-findings-v1";
/// Largest content, unpacked, in bytes.
pub const FINDINGS_BYTES_MAX: usize = 16 << 20;
/// Most digits of a number that stays: longer ones can be somebody's, a telephone number, say.
const DIGITS_MAX: usize = 6;

/// One finding, as it leaves the plant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownFinding {
    /// The check that was violated.
    pub check: CheckId,
    /// Its scenario.
    pub scenario: ScenarioId,
    /// How bad.
    pub severity: Severity,
    /// Host, or its pseudonym; empty for the node as a whole.
    pub host: String,
    /// What it is about, or its pseudonym.
    pub object: String,
    /// Values for the holes in the plan's words for this check; names are pseudonyms.
    pub with: BTreeMap<String, String>,
    /// An exception in force answers it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// How the measures about it stand, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Stands>,
    /// The items that show it, in records of the plant's log.
    pub evidence: Vec<Cited>,
}

/// What an answer holds, before it is sealed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingsContent {
    /// `watchfire-findings-v1`.
    pub format: String,
    /// Leaf of the order, in its issuer's log.
    pub order: Digest,
    /// Leaf of the report that they stand behind.
    pub report: Digest,
    /// Leaf of the judgement that they are taken from.
    pub judgement: Digest,
    /// Digest of the plan that it was judged under.
    pub plan: Digest,
    /// As of when.
    pub as_of: Time,
    /// True: names stand in it as they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub names: bool,
    /// The findings, worst first.
    pub findings: Vec<ShownFinding>,
    /// So many more were asked for and are beyond what the order takes.
    pub left_out: u64,
}

/// Makes the pseudonym of a name: of which kind, and which.
pub type Pseudonym<'a> = &'a dyn Fn(&str, &str) -> String;

/// What is to be shown, and from what.
pub struct FindingsAsked<'a> {
    /// What the order asks for.
    pub wanted: &'a FindingsWanted,
    /// Leaf of the order.
    pub order: Digest,
    /// Leaf of the report, and what it follows from: leaf and judgement.
    pub report: Digest,
    /// The judgement that the report cites, with its leaf.
    pub judgement: (Digest, &'a Judgement),
    /// When what a record says was seen or stated; `None` if that is not known.
    pub seen: &'a dyn Fn(Digest) -> Option<Time>,
    /// The pseudonym of a name: kind (`host`, `object`, `value`) and name. `None`: names stand as they are.
    pub pseudonym: Option<Pseudonym<'a>>,
}

/// What of a judgement an order asks for.
#[must_use]
pub fn findings_asked(asked: &FindingsAsked<'_>) -> FindingsContent {
    let (leaf, judgement) = asked.judgement;
    let all = judgement.findings.iter().map(|f| (f, false));
    let all = all.chain(judgement.approved.iter().map(|a| (&a.finding, true)));
    let mut fits: Vec<(&Finding, bool)> = all.filter(|(f, _)| asks_for(asked, f)).collect();
    fits.sort_by_key(|(f, _)| std::cmp::Reverse(f.severity));
    let most = usize::try_from(asked.wanted.most.min(FindingsWanted::MOST_MAX)).unwrap_or(usize::MAX);
    let left_out = fits.len().saturating_sub(most) as u64;
    let mut measures: BTreeMap<FindingId, Vec<Stands>> = BTreeMap::new();
    for m in &judgement.measures {
        measures.entry(m.finding).or_default().push(m.stands);
    }
    // The plan's own numbers stand in the plan.
    let own = |(hole, _): &(&String, &String)| !hole.starts_with("param.");
    let shown = |(f, approved): (&Finding, bool)| {
        let mut measures = measures.get(&f.id).cloned().unwrap_or_default();
        measures.sort_unstable();
        measures.dedup();
        ShownFinding {
            check: f.check.clone(),
            scenario: f.scenario.clone(),
            severity: f.severity,
            host: hidden(asked, "host", &f.host),
            object: hidden(asked, "object", &f.object),
            with: f.with.iter().filter(own).map(|(k, v)| (k.clone(), value(asked, v, f))).collect(),
            approved,
            measures,
            evidence: f.evidence.clone(),
        }
    };
    FindingsContent {
        format: FORMAT.to_owned(),
        order: asked.order,
        report: asked.report,
        judgement: leaf,
        plan: judgement.plan.digest,
        as_of: judgement.as_of,
        names: asked.pseudonym.is_none(),
        findings: fits.into_iter().take(most).map(shown).collect(),
        left_out,
    }
}

fn asks_for(asked: &FindingsAsked<'_>, f: &Finding) -> bool {
    let wanted = asked.wanted;
    let since = |since: Time| {
        let newest = f.evidence.iter().filter_map(|c| (asked.seen)(c.leaf)).max();
        // What rests on nothing that is at hand is as new as the judgement.
        newest.unwrap_or(asked.judgement.1.as_of) >= since
    };
    (wanted.scenarios.is_empty() || wanted.scenarios.iter().any(|s| *s == f.scenario.as_str()))
        && wanted.severity.is_none_or(|least| f.severity >= least)
        && wanted.since.is_none_or(since)
}

fn hidden(asked: &FindingsAsked<'_>, kind: &str, name: &str) -> String {
    match asked.pseudonym {
        Some(pseudonym) if !name.is_empty() => pseudonym(kind, name),
        _ => name.to_owned(),
    }
}

/// A value of the words: short numbers say how many or how long; whatever else could be a name. The host and the object keep their
/// pseudonym, so that a sentence speaks of the same thing.
fn value(asked: &FindingsAsked<'_>, value: &str, f: &Finding) -> String {
    let number = !value.is_empty() && value.len() <= DIGITS_MAX && value.bytes().all(|b| b.is_ascii_digit());
    match value {
        v if number => v.to_owned(),
        v if v == f.host => hidden(asked, "host", v),
        v if v == f.object => hidden(asked, "object", v),
        v => hidden(asked, "value", v),
    }
}

/// Reads what was sealed. Errors, as a reason: not canonical, another form, over a limit.
pub fn read_findings(bytes: &[u8]) -> Result<FindingsContent, String> {
    if bytes.len() > FINDINGS_BYTES_MAX {
        return Err(format!("more than {FINDINGS_BYTES_MAX} bytes"));
    }
    let content: FindingsContent = canonical::from_slice(bytes).map_err(|e| e.to_string())?;
    if content.format != FORMAT {
        return Err(format!("its format is not {FORMAT}"));
    }
    let many = content.findings.len() as u64 > FindingsWanted::MOST_MAX;
    if many { Err(format!("more than {} findings", FindingsWanted::MOST_MAX)) } else { Ok(content) }
}

/// An answer, and what is at hand to hold it against.
pub struct FindingsCase<'a> {
    /// The plan of who reads.
    pub plan: &'a CheckedPlan,
    /// What was asked for.
    pub wanted: &'a FindingsWanted,
    /// What the signed entry says.
    pub given: &'a FindingsGiven,
    /// The report that it names, if it was received from that node and counts.
    pub report: Option<&'a ProgrammeReport>,
    /// The index, in the log of who gave them, of the entry that gave them; `None`: that log is not mirrored here.
    pub index: Option<u64>,
    /// Where a record stands in that log.
    pub place: &'a dyn Fn(Digest) -> Option<u64>,
    /// What was shown.
    pub shown: &'a FindingsContent,
}

/// What does not hold, or cannot be told. Nothing: everything that can be held against what the plant signed fits.
#[must_use]
pub fn findings_doubts(case: &FindingsCase<'_>) -> Vec<Doubt> {
    let mut out = Vec::new();
    let mut say = |say: Say| out.push(doubt(say, None));
    let (shown, given) = (case.shown, case.given);
    if (shown.report, shown.judgement) != (given.report, given.judgement)
        || (shown.findings.len() as u64, shown.left_out) != (given.shown, given.left_out)
    {
        say(Say::new("doubt.findings-other"));
    }
    places(case, &mut say);
    if shown.plan != case.plan.digest() {
        say(Say::new("doubt.findings-plan"));
    } else {
        let wrong = shown
            .findings
            .iter()
            .filter(|f| case.plan.check(&f.check).is_none_or(|c| c.scenario != f.scenario || c.severity != f.severity));
        let wrong = wrong.count();
        if wrong > 0 {
            say(Say::new("doubt.findings-rule").with("count", wrong));
        }
    }
    let unasked = shown.findings.iter().filter(|f| {
        !(case.wanted.scenarios.is_empty() || case.wanted.scenarios.iter().any(|s| *s == f.scenario.as_str()))
            || case.wanted.severity.is_some_and(|least| f.severity < least)
    });
    let unasked = unasked.count();
    if unasked > 0 {
        say(Say::new("doubt.findings-unasked").with("count", unasked));
    }
    match case.report {
        None => say(Say::new("doubt.findings-report")),
        Some(report) if !report.cites.contains(&(shown.judgement, RecordKind::Judgement)) => {
            say(Say::new("doubt.findings-judgement"));
        }
        Some(report) => numbers(case, report, &mut say),
    }
    out.sort();
    out.dedup();
    out
}

/// Judgement and evidence stand in the log that was acknowledged, before the entry that gave them.
fn places(case: &FindingsCase<'_>, say: &mut impl FnMut(Say)) {
    let Some(entry) = case.index else {
        say(Say::new("doubt.findings-no-log"));
        return;
    };
    let judgement = (case.place)(case.shown.judgement).filter(|at| *at < entry);
    let Some(judgement) = judgement else {
        say(Say::new("doubt.findings-not-signed"));
        return;
    };
    let cited: BTreeSet<Digest> = case.shown.findings.iter().flat_map(|f| f.evidence.iter().map(|c| c.leaf)).collect();
    let strange = cited.iter().filter(|leaf| (case.place)(**leaf).is_none_or(|at| at > judgement)).count();
    if strange > 0 {
        say(Say::new("doubt.findings-evidence").with("count", strange));
    }
}

/// Checks that fail, on so many hosts, by what is shown and by the report - where everything of a scenario was asked for.
fn numbers(case: &FindingsCase<'_>, report: &ProgrammeReport, say: &mut impl FnMut(Say)) {
    let filtered = case.wanted.severity.is_some() || case.wanted.since.is_some() || case.shown.left_out > 0;
    if filtered {
        say(Say::new("doubt.findings-part"));
        return;
    }
    let mut shown: BTreeMap<&str, [BTreeSet<(&CheckId, &str)>; 2]> = BTreeMap::new();
    for f in &case.shown.findings {
        let of = shown.entry(f.scenario.as_str()).or_default();
        of[usize::from(f.approved)].insert((&f.check, f.host.as_str()));
    }
    for s in &report.scenarios {
        if !case.wanted.scenarios.is_empty() && !case.wanted.scenarios.contains(&s.scenario) {
            continue;
        }
        let (failed, accepted) = shown.get(s.scenario.as_str()).map_or((0, 0), |[open, approved]| {
            // A check of which one finding is excepted and another is not fails.
            (open.len() as u64, approved.difference(open).count() as u64)
        });
        if (failed, accepted) != (s.failed, s.accepted) {
            let say_of =
                Say::new("doubt.findings-number").with("scenario", &s.scenario).with("shown", failed + accepted);
            say(say_of.with("reported", s.failed + s.accepted));
        }
    }
}
