//! What is kept, held against the judge over everything that is at hand.

use super::{EnterpriseSort, Pages, PagesChecked, ProgressKept, Scope};
use crate::{Counting, Looking, Node, NodeError};
use evidence::{Say, TargetProgress};
use judge::{EnterpriseStanding, ListFilter, ListOf, Oversight, QueueItem, TargetShown};
use plan::CheckedPlan;

/// Differences that are named.
const NAMED_MAX: usize = 100;
/// Rows that are compared at once.
const PAGE: usize = 200;

impl Node {
    /// Whether what pages show is what the judge makes of everything at hand, as of the same instant: every row of every list, every
    /// matter, every target. Costs what judging everything costs.
    pub fn pages_verify(&self, plan: &CheckedPlan) -> Result<PagesChecked, NodeError> {
        let pages = self.pages(plan)?;
        let mut out = PagesChecked::default();
        let how = Looking { as_of: Some(pages.as_of()), year: None };
        self.oversight(plan, how, |o| compare(&pages, o, &mut out))??;
        let counting = Counting { as_of: Some(pages.as_of()), ..Counting::default() };
        let counted = self.progress(plan, &counting)?.progressed.judgement;
        let shown = pages.progress()?;
        let kept = ProgressKept {
            enterprises: shown.enterprises,
            above_size: shown.above_size,
            reporting: shown.reporting,
            ..ProgressKept::default()
        };
        let e = &counted.evidence;
        if (kept.enterprises, kept.above_size, kept.reporting) != (e.enterprises, e.above_size, e.reporting) {
            differs(&mut out, "progress: enterprises");
        }
        for t in &counted.targets {
            out.targets += 1;
            let kept = shown.targets.iter().find(|s| s.target.target == t.target);
            if kept.is_none_or(|k| k.target != TargetShown::from(t)) {
                differs(&mut out, &format!("target {}", named(t)));
            }
        }
        Ok(out)
    }
}

fn named(t: &TargetProgress) -> &str {
    &t.target
}

fn differs(out: &mut PagesChecked, what: &str) {
    if out.differ.len() < NAMED_MAX {
        out.differ.push(what.to_owned());
    }
}

/// Every enterprise by code, then the lists in their order, then the queue.
fn compare(pages: &Pages<'_>, o: &Oversight<'_>, out: &mut PagesChecked) -> Result<(), NodeError> {
    let every = ListFilter::default();
    let mut codes: Vec<&str> = o.seen_codes().collect();
    codes.sort_unstable();
    let mut want = codes.iter();
    let filter = super::EnterpriseFilter::default();
    let mut after: Option<String> = None;
    loop {
        let page = pages.enterprises(&Scope::Node, &filter, EnterpriseSort::Code, after.as_deref(), PAGE)?;
        if after.is_none() && page.total != Some(codes.len() as u64) {
            differs(out, &format!("enterprises: {:?} instead of {}", page.total, codes.len()));
        }
        for row in &page.rows {
            out.enterprises += 1;
            let expected = want.next().and_then(|code| o.standing(code));
            if expected.as_ref() != Some(row) {
                differs(out, &format!("enterprise {}{}", row.uscc, why(expected.as_ref(), row)));
            }
        }
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    if want.next().is_some() {
        differs(out, "enterprises: some are missing");
    }
    for of in ListOf::ALL {
        let mut after: Option<String> = None;
        loop {
            let is = pages.list(&Scope::Node, of, &every, after.as_deref(), PAGE)?;
            let expected = o.list(of, &every, after.as_deref(), PAGE);
            let same = expected.as_ref().is_some_and(|e| {
                let codes = |rows: &[EnterpriseStanding]| rows.iter().map(|r| r.uscc.clone()).collect::<Vec<_>>();
                codes(&e.rows) == codes(&is.rows) && e.next == is.next && is.total == Some(e.total)
            });
            if !same {
                differs(out, &format!("list {} after {after:?}", of.name()));
            }
            after = is.next;
            // Each page of the judge goes over everything: of a long list the first few say enough.
            if after.is_none() || out.enterprises > 20_000 {
                break;
            }
        }
    }
    let mut after: Option<String> = None;
    loop {
        let is = pages.queue(&Scope::Node, &[], &every, after.as_deref(), PAGE)?;
        let expected = o.queue(&[], &every, after.as_deref(), PAGE);
        out.matters += is.items.len() as u64;
        let same =
            expected.as_ref().is_some_and(|e| e.items == is.items && e.next == is.next && is.total == Some(e.total));
        if !same {
            let first = |items: &[QueueItem]| items.first().map(|i| format!("{} {}", i.kind.name(), i.uscc));
            let wanted = expected.as_ref().map(|e| (e.items.len(), e.total, first(&e.items)));
            differs(
                out,
                &format!(
                    "queue after {after:?}: {:?} instead of {wanted:?}",
                    (is.items.len(), is.total, first(&is.items))
                ),
            );
        }
        after = is.next;
        if after.is_none() || out.enterprises > 20_000 {
            break;
        }
    }
    let counts = pages.counts(&Scope::Node, &every)?;
    for (of, n) in [(ListOf::Key, counts.key), (ListOf::Risk, counts.risk), (ListOf::Measures, counts.measures)] {
        if o.list(of, &every, None, 1).map(|l| l.total) != Some(n) {
            differs(out, &Say::new(of.name()).key);
        }
    }
    Ok(())
}

fn why(expected: Option<&EnterpriseStanding>, is: &EnterpriseStanding) -> String {
    let Some(e) = expected else { return " is not there".to_owned() };
    format!(
        ": {} {} {}..{} instead of {} {} {}..{}",
        is.uscc, is.enrolled, is.least, is.most, e.uscc, e.enrolled, e.least, e.most
    )
}
