//! Clocks, the calendars that they count by, and forms.

use crate::error::Errors;
use crate::model::{Calendar, CalendarYear, Clock, Draft, FieldRule, Form, FormField, Limit, LimitUnit};
use crate::read::Table;
use evidence::{LevelId, Time};

pub(crate) fn clocks(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "clock") {
        let sourced = t.sourced(errors);
        plan.clocks.push(Clock {
            id: t.id(errors, "id"),
            regime: t.id(errors, "regime"),
            actor: t.id(errors, "actor"),
            recipient: t.id(errors, "recipient"),
            channel: t.text_or(errors, "channel", "any"),
            starts: t.id(errors, "starts"),
            incident: t.text_or(errors, "incident", ""),
            levels: t.texts(errors, "levels"),
            data: t.texts(errors, "data").into_iter().map(LevelId::new).collect(),
            unless: t.texts(errors, "unless"),
            foreseen: t.flag(errors, "foreseen"),
            after: t.opt_text(errors, "after"),
            limit: limit(&t, errors),
            sourced,
        });
        t.finish(errors);
    }
}

/// `within = 10, unit = "minutes"`, or `by = "12-25"`, or `limit = "immediately" | "unstated"`.
fn limit(t: &Table, errors: &mut Errors) -> Limit {
    if t.has("by") {
        let day = t.text(errors, "by");
        return by(&day).unwrap_or_else(|| {
            let with = [("key", "by"), ("want", "month and day, such as 12-25"), ("got", day.as_str())];
            errors.add(&t.at("by"), "bad-value", &with, None);
            Limit::Unstated
        });
    }
    if !t.has("within") {
        let words = [("immediately", Limit::Immediately), ("unstated", Limit::Unstated)];
        return t.choice(errors, "limit", &words).unwrap_or(Limit::Unstated);
    }
    let units: Vec<(&'static str, LimitUnit)> = LimitUnit::ALL.iter().map(|u| (u.name(), *u)).collect();
    let amount = t.int(errors, "within");
    if amount < 1 {
        let got = amount.to_string();
        let with = [("key", "within"), ("want", "at least 1"), ("got", got.as_str())];
        errors.add(&t.at("within"), "bad-value", &with, None);
    }
    t.choice(errors, "unit", &units).map_or(Limit::Unstated, |unit| Limit::Within(amount, unit))
}

/// A month and a day that every year has.
fn by(text: &str) -> Option<Limit> {
    Time::from_date(&format!("2025-{text}")).ok()?;
    let (month, day) = text.split_once('-')?;
    Some(Limit::By(month.parse().ok()?, day.parse().ok()?))
}

pub(crate) fn forms(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "form") {
        let sourced = t.sourced(errors);
        let fields = t.tables(errors, "field").iter().map(|f| field(f, errors)).collect();
        plan.forms.push(Form {
            id: t.id(errors, "id"),
            regime: t.text_or(errors, "regime", ""),
            stages: t.texts(errors, "stages"),
            meets: t.texts(errors, "meets"),
            sealed_for: t.texts(errors, "sealed_for"),
            fields,
            sourced,
        });
        t.finish(errors);
    }
}

fn field(t: &Table, errors: &mut Errors) -> FormField {
    let kinds = [("text", 0), ("minute", 1), ("choice", 2), ("gigabytes-and-records", 3), ("number", 4)];
    let kind = match t.choice(errors, "kind", &kinds) {
        Some(1) => FieldRule::Minute,
        Some(2) => {
            let choices = t.texts(errors, "choices");
            if choices.is_empty() {
                errors.add(&t.at, "missing-key", &[("key", "choices")], None);
            }
            FieldRule::Choice(choices)
        }
        Some(3) => FieldRule::GigabytesAndRecords,
        Some(4) => FieldRule::Number,
        _ => FieldRule::Text,
    };
    let field = FormField {
        id: t.id(errors, "id"),
        group: t.id(errors, "group"),
        kind,
        may_be_unknown: t.flag(errors, "may_be_unknown"),
        optional: t.flag(errors, "optional"),
        prefill: t.text_or(errors, "prefill", ""),
    };
    t.finish(errors);
    field
}

pub(crate) fn calendars(root: &Table, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "calendar") {
        let sourced = t.sourced(errors);
        let years = t.tables(errors, "year").iter().map(|y| year(y, errors)).collect();
        plan.calendars.push(Calendar {
            id: t.id(errors, "id"),
            zone: t.text(errors, "zone"),
            zone_rule: t.text(errors, "zone_rule"),
            rest: t.numbers(errors, "rest"),
            years,
            sourced,
        });
        t.finish(errors);
    }
}

fn year(t: &Table, errors: &mut Errors) -> CalendarYear {
    let sourced = t.sourced(errors);
    let year = CalendarYear {
        year: t.int(errors, "year"),
        off: days(t, errors, "off"),
        work: days(t, errors, "work"),
        sourced,
    };
    t.finish(errors);
    year
}

/// Days `2026-10-01`, or spans `2026-10-01/2026-10-07`, one by one.
fn days(t: &Table, errors: &mut Errors, key: &'static str) -> Vec<String> {
    const DAY_MINUTES: i64 = 24 * 60;
    /// Longest span, in days.
    const SPAN_DAYS_MAX: usize = 31;
    let mut out = Vec::new();
    for text in t.texts(errors, key) {
        let (first, last) = text.split_once('/').unwrap_or((&text, &text));
        let span = Time::from_date(first).and_then(|f| Time::from_date(last).map(|l| (f, l)));
        let Ok((first, last)) = span else {
            let with = [("key", key), ("want", "days, such as 2026-10-01 or 2026-10-01/2026-10-07"), ("got", &text)];
            errors.add(&t.at(key), "bad-value", &with, None);
            continue;
        };
        let next = |day: &Time| day.plus_minutes(DAY_MINUTES).filter(|d| *d <= last);
        let all: Vec<String> =
            std::iter::successors(Some(first), next).take(SPAN_DAYS_MAX + 1).map(Time::date).collect();
        if last < first || all.len() > SPAN_DAYS_MAX {
            let with = [("key", key), ("want", "a span of 1 to 31 days"), ("got", text.as_str())];
            errors.add(&t.at(key), "bad-value", &with, None);
        }
        out.extend(all);
    }
    out
}
