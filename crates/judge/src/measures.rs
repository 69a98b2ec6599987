//! Measures: what people do about findings, and which findings an exception in force answers.
//!
//! The rules are those of `docs/specs/measures-v1.md`. An approval never makes a machine's word of a person's: the check
//! passes on paper, the finding stays on the page beside who approved it and until when, and what nobody approved
//! fails. Only measures about findings that are there are read and cited; of the others this judgement knows nothing.

use crate::answers::DAY_MILLIS;
use crate::choose::{Bench, doubt};
use crate::sums::Draft;
use evidence::{
    Approved, Digest, Finding, FindingId, Measure, MeasureStanding, MeasureState, RecordKind, Say, Stands, Sure, Time,
};
use plan::{CheckKind, CheckedPlan};
use std::collections::{BTreeMap, BTreeSet};

/// The doubt about an exception that is longer than the plan allows.
const TOO_LONG: &str = "doubt.exception-too-long";

/// Measures by finding; of each id only the record that counts.
#[derive(Default)]
pub(crate) struct Measures<'a> {
    by_id: BTreeMap<&'a str, (Digest, &'a Measure)>,
    of: BTreeMap<FindingId, Vec<(Digest, &'a Measure)>>,
}

impl<'a> Measures<'a> {
    /// Takes a record; the newest statement of an id counts.
    pub(crate) fn add(&mut self, leaf: Digest, measure: &'a Measure) {
        let old = self.by_id.entry(&measure.id).or_insert((leaf, measure));
        if (old.1.stated_at, old.0) < (measure.stated_at, leaf) {
            *old = (leaf, measure);
        }
    }

    /// To be called when every record was added.
    pub(crate) fn sort(&mut self) {
        for (leaf, measure) in self.by_id.values().filter(|m| m.1.state != MeasureState::Withdrawn) {
            for finding in measure.findings.iter().collect::<BTreeSet<_>>() {
                self.of.entry(*finding).or_default().push((*leaf, measure));
            }
        }
    }

    fn of(&self, finding: &Finding) -> &[(Digest, &'a Measure)] {
        self.of.get(&finding.id).map_or(&[], Vec::as_slice)
    }

    /// The approval of a finding that ends last, if one is in force.
    pub(crate) fn approval(&self, finding: &Finding, days: Option<i64>, as_of: Time) -> Option<Approved> {
        let counts = |m: &&(Digest, &Measure)| stands(m.1, days, as_of).0 == Stands::Approved;
        let best = self.of(finding).iter().filter(counts).max_by_key(|(leaf, m)| (m.expires, *leaf))?.1;
        Some(Approved {
            finding: finding.clone(),
            measure: best.id.clone(),
            until: best.expires.unwrap_or(best.due),
            sure: if best.document.is_some() { Sure::Documented } else { Sure::Declared },
        })
    }
}

/// How a measure about a finding that is there stands, until when, and why an exception is refused.
fn stands(m: &Measure, days: Option<i64>, as_of: Time) -> (Stands, Time, Option<&'static str>) {
    match m.state {
        MeasureState::Done | MeasureState::Verified => (Stands::Contradicted, m.due, None),
        MeasureState::Planned | MeasureState::Running if m.due < as_of => (Stands::Late, m.due, None),
        MeasureState::Excepted => {
            let since = m.since.unwrap_or(m.stated_at);
            // An exception without an end cannot be written; one from elsewhere ends when it is due.
            let until = m.expires.unwrap_or(m.due);
            if as_of < since {
                return (Stands::Waiting, since, None);
            }
            if until <= as_of {
                return (Stands::Lapsed, until, None);
            }
            let Some(days) = days else { return (Stands::Accepted, until, None) };
            let refused = refused(m, days);
            (if refused.is_some() { Stands::Refused } else { Stands::Approved }, until, refused)
        }
        _ => (Stands::Open, m.due, None),
    }
}

/// Why an exception from a check that may be approved for `days` does not count, as the key of a doubt.
#[must_use]
pub fn refused(m: &Measure, days: i64) -> Option<&'static str> {
    let since = m.since.unwrap_or(m.stated_at);
    let until = m.expires.unwrap_or(m.due);
    let long = until.millis().saturating_sub(since.millis()) > days.saturating_mul(DAY_MILLIS);
    match approver(m) {
        None => Some("doubt.exception-unapproved"),
        Some(_) if long => Some(TOO_LONG),
        // Without an owner nobody is anybody else.
        Some(a) if same(a, &m.owner) || !m.owner.chars().any(char::is_alphabetic) => Some("doubt.exception-own"),
        Some(_) => None,
    }
}

/// A name has a letter.
fn approver(m: &Measure) -> Option<&str> {
    m.approver.as_deref().filter(|a| a.chars().any(char::is_alphabetic))
}

/// One name in two spellings is one person: what is no letter and no digit - a space, a dot, a mark of no width - does not
/// tell people apart, and neither do capitals and the wide forms of Latin letters.
fn same(a: &str, b: &str) -> bool {
    let narrow = |c: char| match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    };
    let plain = |s: &str| {
        s.chars().map(narrow).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    plain(a) == plain(b)
}

/// Says how the measures about all findings stand.
pub(crate) fn judge(plan: &CheckedPlan, bench: &mut Bench<'_>, as_of: Time, out: &mut Draft) {
    let days = |finding: &Finding| match plan.check(&finding.check).map(|c| &c.kind) {
        Some(CheckKind::Machine(m)) => m.approval_days,
        _ => None,
    };
    let (mut typed, mut cites) = (BTreeSet::new(), BTreeSet::new());
    let there = out.findings.iter().chain(out.approved.iter().map(|a| &a.finding));
    for finding in there {
        for (leaf, m) in bench.measures.of(finding) {
            let (stands, until, refused) = stands(m, days(finding), as_of);
            cites.insert((*leaf, RecordKind::Measure));
            // Whoever recorded it may be known; who approved it is a name that was typed.
            if stands == Stands::Approved {
                typed.insert(m.id.as_str());
            }
            let key = refused.or_else(|| (stands == Stands::Contradicted).then_some("doubt.measure-contradicted"));
            if let Some(key) = key {
                let mut say = Say::new(key).with("measure", &m.id).with("check", &finding.check);
                say = say.with("host", &finding.host);
                if key == TOO_LONG {
                    say = say.with("days", days(finding).unwrap_or_default());
                }
                out.doubts.push(doubt(say, Some(*leaf)));
            }
            out.measures.push(MeasureStanding {
                finding: finding.id,
                measure: m.id.clone(),
                leaf: *leaf,
                stands,
                until,
            });
        }
    }
    if !typed.is_empty() {
        out.doubts.push(doubt(Say::new("doubt.typed-approvals").with("count", typed.len()), None));
    }
    bench.cites.append(&mut cites);
}
