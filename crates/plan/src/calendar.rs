//! Days of a calendar: when a limit in days, working days, months or years is over.
//!
//! A zone is a POSIX `TZ` rule out of the plan, never a file of the machine: the same record must give the same instant
//! everywhere and for ever. `docs/specs/incidents-v1.md` §3 says how days are counted, and why.

use crate::model::{Calendar, Limit, LimitUnit};
use evidence::Time;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::collections::BTreeSet;

/// Most working days that are counted one by one.
const WORKING_DAYS_MAX: i64 = 4_000;

/// Milliseconds of a day of UTC.
const DAY_MILLIS: i64 = 86_400_000;

/// A calendar, ready to count by.
#[derive(Clone, Debug)]
pub struct Days {
    zone: TimeZone,
    rest: BTreeSet<u32>,
    off: BTreeSet<String>,
    work: BTreeSet<String>,
    years: BTreeSet<i64>,
}

/// When something ends.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct End {
    /// The last instant in time; `None` where there is no figure, or beyond the year 9998.
    pub at: Option<Time>,
    /// Years whose holidays the calendar does not know, although working days in them were counted.
    pub unknown_years: BTreeSet<i64>,
}

impl Days {
    /// Of a plan's calendar; without one UTC, at rest on Saturday and Sunday, and no year known.
    #[must_use]
    pub fn of(calendar: Option<&Calendar>) -> Self {
        let Some(c) = calendar else {
            let none = BTreeSet::new;
            return Self { zone: TimeZone::UTC, rest: [6, 7].into(), off: none(), work: none(), years: [].into() };
        };
        let all = |pick: fn(&crate::CalendarYear) -> &Vec<String>| c.years.iter().flat_map(pick).cloned().collect();
        Self {
            // The checker of plans refuses a rule that does not parse.
            zone: TimeZone::posix(&c.zone_rule).unwrap_or(TimeZone::UTC),
            rest: c.rest.iter().copied().collect(),
            off: all(|y| &y.off),
            work: all(|y| &y.work),
            years: c.years.iter().map(|y| y.year).collect(),
        }
    }

    /// Whether people work on the day of the instant, and whether the calendar knows that year's holidays.
    #[must_use]
    pub fn works(&self, at: Time) -> (bool, bool) {
        self.day(at).map_or((true, false), |d| self.works_on(d))
    }

    /// Whether people work on a day, and whether the calendar knows that year's holidays.
    #[must_use]
    pub fn works_on(&self, day: Date) -> (bool, bool) {
        (self.is_working(day), self.years.contains(&i64::from(day.year())))
    }

    /// The day that an instant is on in the calendar's zone; of an instant beyond all calendars the first day of 1970.
    #[must_use]
    pub fn civil(&self, at: Time) -> Date {
        self.day(at).unwrap_or(jiff::civil::date(1970, 1, 1))
    }

    /// The instant in the calendar's zone: `2026-11-29 20:30 +08:00`.
    #[must_use]
    pub fn local(&self, at: Time) -> String {
        let Ok(t) = Timestamp::from_millisecond(at.millis()) else { return at.to_string() };
        let offset = self.zone.to_offset(t);
        let seconds = offset.seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        let local = offset.to_datetime(t).strftime("%Y-%m-%d %H:%M").to_string();
        format!("{local} {sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// The end of a limit: the last instant of a day is its 24:00, not the beginning of the day after.
    #[must_use]
    pub fn local_end(&self, at: Time) -> String {
        let text = self.local(at);
        match text.split_once(" 00:00 ") {
            Some((_, offset)) => {
                let last = self.day(at).and_then(|d| d.yesterday().ok());
                last.map_or(text.clone(), |d| format!("{d} 24:00 {offset}"))
            }
            None => text,
        }
    }

    /// The date in the calendar's zone: `2026-11-29`.
    #[must_use]
    pub fn date(&self, at: Time) -> String {
        self.day(at).map_or_else(|| at.date(), |d| d.to_string())
    }

    /// The first instant, in the calendar's zone, of a day that stands as midnight UTC of its date.
    #[must_use]
    pub fn day_begins(&self, date: Time) -> Time {
        self.named(date).and_then(|d| self.begins(d)).unwrap_or(date)
    }

    /// The last millisecond, in the calendar's zone, of a day that stands as midnight UTC of its date: who is told "until the 30th" has all of it.
    #[must_use]
    pub fn day_ends(&self, date: Time) -> Time {
        let utc = || date.plus_minutes(24 * 60).unwrap_or(date);
        let over = self.named(date).and_then(|d| self.ends(d)).unwrap_or_else(utc);
        Time::from_millis(over.millis() - 1)
    }

    /// The day that somebody named whose first or last instant this is. Measures used to keep such days in UTC: what begins or ends a day there to
    /// the millisecond is that day, whatever the zone.
    #[must_use]
    pub fn day_named(&self, at: Time) -> String {
        let in_day = at.millis().rem_euclid(DAY_MILLIS);
        if in_day == 0 || in_day == DAY_MILLIS - 1 { at.date() } else { self.date(at) }
    }

    /// Reads what people type as local time: `2026-11-29 20:30`, with `T` or seconds if they like, or a date alone (its beginning).
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Time> {
        let text = text.trim();
        let after = text.get(10..).unwrap_or_default();
        if after.contains(['Z', 'z', '+', '-']) {
            // With an offset it is an instant, whatever the zone of the calendar.
            let at: Timestamp = text.parse().ok()?;
            return Some(Time::from_millis(at.as_millisecond()));
        }
        let local = match text.len() {
            10 => text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight()),
            _ => text.replace(' ', "T").parse::<jiff::civil::DateTime>().ok()?,
        };
        Some(Time::from_millis(self.zone.to_timestamp(local).ok()?.as_millisecond()))
    }

    /// 1 January of the year of the instant, in the calendar's zone.
    #[must_use]
    pub fn year_begins(&self, at: Time) -> Time {
        let first = self.day(at).and_then(|d| Date::new(d.year(), 1, 1).ok());
        first.and_then(|d| self.begins(d)).unwrap_or(at)
    }

    /// When a limit that begins at `start` is over.
    #[must_use]
    pub fn end(&self, start: Time, limit: Limit) -> End {
        let mut end = End::default();
        end.at = match limit {
            Limit::Immediately | Limit::Unstated => None,
            Limit::By(month, day) => self.by(start, month, day),
            Limit::Within(n, LimitUnit::Minutes) => start.plus_minutes(n),
            Limit::Within(n, LimitUnit::Hours) => n.checked_mul(60).and_then(|m| start.plus_minutes(m)),
            Limit::Within(n, LimitUnit::WorkingDays) => self.after_working_days(start, n, &mut end.unknown_years),
            Limit::Within(n, unit) => {
                let span = match unit {
                    LimitUnit::Months => Span::new().try_months(n),
                    LimitUnit::Years => Span::new().try_years(n),
                    _ => Span::new().try_days(n),
                };
                let last = span.ok().zip(self.day(start)).and_then(|(s, d)| d.checked_add(s).ok());
                last.and_then(|d| self.ends(d))
            }
        };
        end
    }

    fn after_working_days(&self, start: Time, n: i64, unknown: &mut BTreeSet<i64>) -> Option<Time> {
        let mut day = self.day(start)?;
        let mut left = n.min(WORKING_DAYS_MAX);
        while left > 0 {
            day = day.tomorrow().ok()?;
            let year = i64::from(day.year());
            if !self.years.contains(&year) {
                unknown.insert(year);
            }
            left -= i64::from(self.is_working(day));
        }
        self.ends(day)
    }

    fn by(&self, start: Time, month: u32, day: u32) -> Option<Time> {
        let of = |year: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
        let began = self.day(start)?;
        let this = self.ends(of(began.year())?)?;
        if this >= start { Some(this) } else { self.ends(of(began.year() + 1)?) }
    }

    fn is_working(&self, day: Date) -> bool {
        let text = day.to_string();
        if self.work.contains(&text) {
            return true;
        }
        let week_day = u32::try_from(day.weekday().to_monday_one_offset()).unwrap_or(1);
        !self.off.contains(&text) && !self.rest.contains(&week_day)
    }

    /// The date of an instant that stands for a day.
    fn named(&self, date: Time) -> Option<Date> {
        Some(TimeZone::UTC.to_datetime(Timestamp::from_millisecond(date.millis()).ok()?).date())
    }
    fn day(&self, at: Time) -> Option<Date> {
        Some(self.zone.to_datetime(Timestamp::from_millisecond(at.millis()).ok()?).date())
    }
    fn begins(&self, day: Date) -> Option<Time> {
        let midnight = day.to_datetime(jiff::civil::Time::midnight());
        Some(Time::from_millis(self.zone.to_timestamp(midnight).ok()?.as_millisecond()))
    }
    /// 24:00 of the day.
    fn ends(&self, day: Date) -> Option<Time> {
        self.begins(day.tomorrow().ok()?)
    }
}
