//! Days, years and working days in the zone of the plan's calendar.

use evidence::Time;
use jiff::ToSpan as _;
use jiff::civil::Date;
use plan::{CheckedPlan, Days, Limit, LimitUnit};

/// No limit of working days reaches further, in days.
const BACK_DAYS_MAX: i64 = 3_660;

/// How days are counted.
pub(crate) struct Zone {
    days: Days,
    /// False: the plan has no calendar; days are those of UTC.
    pub(crate) known: bool,
}

impl Zone {
    pub(crate) fn of(plan: &CheckedPlan) -> Self {
        Self { days: Days::of(plan.calendar()), known: plan.calendar().is_some() }
    }

    /// The day that an instant is on.
    pub(crate) fn day(&self, at: Time) -> Date {
        self.days.civil(at)
    }

    /// The last working day after which so many working days still lie, up to and with `end`; false: some year of them is
    /// not in the calendar.
    pub(crate) fn working_back(&self, end: Date, count: i64) -> (Date, bool) {
        let (mut day, mut left, mut known) = (end, count, true);
        for _ in 0..BACK_DAYS_MAX {
            let (working, told) = self.days.works_on(day);
            known &= told;
            // Nobody takes a request on a day at rest.
            if left <= 0 && working {
                break;
            }
            left -= i64::from(working);
            day = day.yesterday().unwrap_or(day);
        }
        (day, known)
    }
}

/// The day of a date in a record, which is midnight UTC.
pub(crate) fn date(at: Time) -> Date {
    at.date().parse().unwrap_or(Date::ZERO)
}

/// A day as a date in a record.
pub(crate) fn time(day: Date) -> Time {
    Time::from_date(&day.to_string()).unwrap_or(Time::from_millis(0))
}

/// So many months later; the last day of a month stays its last.
pub(crate) fn months(day: Date, months: i64) -> Date {
    day.checked_add(months.clamp(-12_000, 12_000).months()).unwrap_or(day)
}

/// So many days later.
pub(crate) fn days(day: Date, days: i64) -> Date {
    day.checked_add(days.clamp(-400_000, 400_000).days()).unwrap_or(day)
}

/// The last day of what a clock of the plan lets be valid from `since` on.
pub(crate) fn valid_until(plan: &CheckedPlan, clock: &str, since: Date) -> Option<Date> {
    let clock = plan.clocks().iter().find(|c| c.id == clock)?;
    let end = match clock.limit {
        Limit::Within(n, LimitUnit::Years) => months(since, n.saturating_mul(12)),
        Limit::Within(n, LimitUnit::Months) => months(since, n),
        Limit::Within(n, LimitUnit::Days) => days(since, n),
        _ => return None,
    };
    // The day on which the time is over is not one of it any more: the earlier end is the safe one.
    end.yesterday().ok()
}

/// Whole days from one day to another.
pub(crate) fn between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |s| i64::from(s.get_days()))
}
