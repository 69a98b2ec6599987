//! How far the programme has come: everything that this node holds is gathered, counted by the judge and signed.

use crate::{Node, NodeError, home};
use evidence::{Digest, GroupAmount, ProgressJudgement, Record, Say, Time};
use judge::{Closing, Forecast, Progressed};
use plan::{CheckedPlan, Days};
use std::collections::BTreeMap;
use store::StoreError;

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// A judgement of progress.
#[derive(Clone, Debug)]
pub struct KeptProgress {
    /// What was counted, with the members behind it.
    pub progressed: Progressed,
    /// Its leaf; `None` if it was only looked at.
    pub leaf: Option<Digest>,
    /// What the last weeks say of each target.
    pub forecast: BTreeMap<String, Forecast>,
    /// The weeks behind the forecast, the oldest first.
    pub weeks: BTreeMap<String, Vec<(Time, u64)>>,
    /// By target and group of enterprises, if it was asked for; it stands in no record.
    pub by_group: BTreeMap<String, Vec<GroupAmount>>,
    /// Receipt of each report that was read, by the leaf of the report.
    pub receipts: BTreeMap<Digest, Digest>,
}

/// How to count.
#[derive(Clone, Debug, Default)]
pub struct Counting {
    /// As of when; now if it does not say. An instant to come is now.
    pub as_of: Option<Time>,
    /// The year of the registry; the newest if it does not say.
    pub year: Option<i64>,
    /// Sign the judgement and append it.
    pub sign: bool,
    /// The period to close.
    pub period: Option<Period>,
    /// Draw the line through the last weeks.
    pub forecast: bool,
    /// Count by group of enterprises too.
    pub by_group: bool,
}

/// A period: a year, a quarter, a month or a week.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Period {
    /// As it is written.
    pub name: String,
    /// Its first instant, in the zone of the plan's calendar.
    pub from: Time,
    /// Its last instant.
    pub until: Time,
}
impl Period {
    /// `2026`, `2026-Q4`, `2026-12`, `2026-W48` (ISO 8601 weeks). `None` of anything else.
    #[must_use]
    pub fn read(typed: &str, days: &Days) -> Option<Self> {
        let name = typed.trim().to_uppercase();
        let (year, rest) = name.split_once('-').unwrap_or((name.as_str(), ""));
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: i64 = year.parse().ok()?;
        let month = |n: i64| Time::from_date(&format!("{number:04}-{n:02}-01")).ok();
        let small = |digits: &str, most: i64| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse::<i64>().ok().filter(|n| plain && (1..=most).contains(n))
        };
        let (from, until) = match rest.split_at_checked(1) {
            None if !name.contains('-') => (month(1)?, month(1)?.plus_months(12)?),
            Some(("Q", n)) if n.len() == 1 => {
                let from = month(3 * small(n, 4)? - 2)?;
                (from, from.plus_months(3)?)
            }
            Some(("W", n)) if n.len() == 2 => {
                let year = i16::try_from(number).ok()?;
                let week = i8::try_from(small(n, 53)?).ok()?;
                let monday = jiff::civil::ISOWeekDate::new(year, week, jiff::civil::Weekday::Monday).ok()?;
                let from = Time::from_date(&monday.date().to_string()).ok()?;
                (from, Time::from_millis(from.millis().checked_add(7 * DAY_MILLIS)?))
            }
            Some(_) if rest.len() == 2 => {
                let from = month(small(rest, 12)?)?;
                (from, from.plus_months(1)?)
            }
            _ => return None,
        };
        let until = Time::from_millis(days.day_begins(until).millis() - 1);
        Some(Self { name, from: days.day_begins(from), until })
    }
}

impl Node {
    /// Counts how far the targets are reached.
    pub fn progress(&self, plan: &CheckedPlan, how: &Counting) -> Result<KeptProgress, NodeError> {
        let now = home::now();
        let as_of = how.as_of.map_or(now, |t| t.min(now));
        let closing = match &how.period {
            Some(p) if p.until >= now => {
                let say = Say::new("error.period-runs").with("period", &p.name).with("until", p.until.date());
                return Err(NodeError::Entry(say));
            }
            Some(p) => Some(Closing { period: p.name.clone(), from: p.from, at: now }),
            None => None,
        };
        let as_of = how.period.as_ref().map_or(as_of, |p| p.until);
        let registry = self.registry_at(how.year, as_of)?;
        let selection = match &registry {
            Some(w) => self.selection_witness(w.record.leaf(), Some(as_of))?,
            None => None,
        };
        let gathered = self.gather(registry, selection, as_of)?;
        let node = self.id();
        let (progressed, weeks, by_group) = gathered.with(closing.as_ref(), |input| {
            let weeks = if how.forecast { judge::burn_up(plan, input, as_of) } else { BTreeMap::new() };
            let groups = if how.by_group { judge::progress_by_group(plan, input, as_of) } else { BTreeMap::new() };
            (judge::progress(plan, &node, input, as_of), weeks, groups)
        })?;
        let forecast = plan.targets().iter().filter_map(|t| {
            let of = progressed.judgement.targets.iter().find(|p| p.target == t.id)?.of;
            Some((t.id.clone(), judge::forecast(t, weeks.get(&t.id)?, of)))
        });
        let forecast = forecast.collect();
        let receipts = gathered.reports.iter().filter_map(|r| Some((r.leaf(), r.receipt?))).collect();
        let leaf = if how.sign || how.period.is_some() {
            let record = Record::ProgressJudgement(Box::new(progressed.judgement.clone()));
            let kept = self.append(&record, None, vec![plan.source().to_bytes()])?;
            Some(kept.witness.record.leaf())
        } else {
            None
        };
        Ok(KeptProgress { progressed, leaf, forecast, weeks, by_group, receipts })
    }

    /// Counts again what a judgement of progress says; `Err` is what cannot be had.
    pub(crate) fn progress_again(
        &self,
        plan: &CheckedPlan,
        j: &ProgressJudgement,
    ) -> Result<ProgressJudgement, StoreError> {
        let find = |leaf: Option<Digest>| leaf.map(|l| self.store().witness(l)).transpose();
        let (registry, selection) = (find(j.evidence.registry)?, find(j.evidence.selection)?);
        let other = |e: NodeError| match e {
            NodeError::Store(e) => e,
            e => StoreError::Damaged { what: "the evidence of progress".to_owned(), why: format!("{e:?}") },
        };
        let gathered = self.gather(registry, selection, j.as_of).map_err(other)?;
        let closing = j.closed.as_ref().map(|c| Closing { period: c.period.clone(), from: c.from, at: c.at });
        let again = gathered.with(closing.as_ref(), |input| judge::progress(plan, &j.node, input, j.as_of).judgement);
        again.map_err(other)
    }
}

#[cfg(test)]
mod tests {
    use super::{Days, Period};

    #[test]
    fn periods_as_people_write_them() {
        let days = |typed: &str| Period::read(typed, &Days::of(None)).map(|p| (p.from.date(), p.until.date()));
        let span = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(days("2026"), span("2026-01-01", "2026-12-31"));
        assert_eq!(days("2026-q4"), span("2026-10-01", "2026-12-31"));
        assert_eq!(days("2026-02"), span("2026-02-01", "2026-02-28"));
        // ISO 8601: the first week of 2026 begins on Monday, 29 December 2025.
        assert_eq!(days("2026-W01"), span("2025-12-29", "2026-01-04"));
        assert_eq!(days("2026-W48"), span("2026-11-23", "2026-11-29"));
        for wrong in [
            "", "26", "2026-Q5", "2026-13", "2026-W54", "2025-W53", "2026-", "2026-x", "2026-界", "2026-+1", "2026-W+1",
        ] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
        // In China the quarter begins eight hours before it does by UTC.
        let plan = plan::check(&plan::builtin()).unwrap();
        let quarter = Period::read("2026-Q4", &Days::of(plan.calendar())).unwrap();
        assert_eq!(quarter.from.to_string(), "2026-09-30T16:00:00.000Z");
        assert_eq!(quarter.until.to_string(), "2026-12-31T15:59:59.999Z");
    }
}
