//! Days that people name, in the zone of a plan: their first and last instants, and how days of before are shown.

use evidence::Time;
use plan::Days;

/// The built-in calendar in another zone.
fn days(rule: &str) -> Days {
    let plan = plan::check(&plan::builtin()).unwrap_or_else(|e| panic!("{}", e[0]));
    let mut calendar = plan.calendar().expect("the built-in plan has one").clone();
    rule.clone_into(&mut calendar.zone_rule);
    Days::of(Some(&calendar))
}

fn at(text: &str) -> Time {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// By hand: Beijing is eight hours ahead of UTC, New York five behind it; on 25 October 2026 the day has 25 hours in Berlin, on 29 March 23.
#[test]
fn a_named_day_ends_at_its_own_midnight() {
    for (rule, day, begins, ends) in [
        ("CST-8", "2026-11-30", "2026-11-29T16:00:00.000Z", "2026-11-30T15:59:59.999Z"),
        ("EST5", "2026-11-30", "2026-11-30T05:00:00.000Z", "2026-12-01T04:59:59.999Z"),
        ("UTC0", "2026-11-30", "2026-11-30T00:00:00.000Z", "2026-11-30T23:59:59.999Z"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T22:59:59.999Z"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T21:59:59.999Z"),
        ("CST-8", "2026-12-31", "2026-12-30T16:00:00.000Z", "2026-12-31T15:59:59.999Z"),
    ] {
        let (days, date) = (days(rule), Time::from_date(day).unwrap());
        assert_eq!((days.day_begins(date), days.day_ends(date)), (at(begins), at(ends)), "{rule} {day}");
        for instant in [begins, ends] {
            assert_eq!(days.day_named(at(instant)), day, "{rule}: {instant}");
        }
        // A millisecond beyond either end is another day.
        let beside = [at(begins).millis() - 1, at(ends).millis() + 1].map(|m| days.date(Time::from_millis(m)));
        assert!(beside[0].as_str() < day && beside[1].as_str() > day, "{rule} {day}: {beside:?}");
    }
    // Without a calendar a day is one of UTC.
    let date = Time::from_date("2026-11-30").unwrap();
    assert_eq!(Days::of(None).day_ends(date), at("2026-11-30T23:59:59.999Z"));
}

/// A record of before says the day in UTC; its reader sees the day that was typed, in any zone.
#[test]
fn days_that_were_kept_in_utc_are_shown_as_they_were_typed() {
    for rule in ["CST-8", "EST5", "UTC0"] {
        let days = days(rule);
        assert_eq!(days.day_named(at("2026-11-30T23:59:59.999Z")), "2026-11-30", "{rule}");
        assert_eq!(days.day_named(at("2026-11-30T00:00:00.000Z")), "2026-11-30", "{rule}");
    }
}
