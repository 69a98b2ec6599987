//! Records become words, once for all faces.

use super::ProgressView;
use crate::clean::clean;
use crate::incident::number;
use crate::view::Tongue;
use evidence::{GroupAmount, Rung, TargetProgress};
use judge::Forecast;
use std::collections::BTreeMap;
use std::fmt::Display;

/// A target in words.
pub(crate) struct TargetText {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Reached: also said in `standing`.
    pub(crate) reached: bool,
    /// The target of which it is another reading, as a sentence.
    pub(crate) reading: Option<String>,
    /// Name of a rung, the amount on it and on surer ones, the amount on it alone; the least sure first.
    pub(crate) ladder: Vec<(String, String, String)>,
    /// What would be enough.
    pub(crate) bound: String,
    /// What counts, and what it is a part of.
    pub(crate) counts: String,
    /// Reached, or by how much not.
    pub(crate) standing: String,
    pub(crate) due: String,
    pub(crate) forecast: Option<String>,
    pub(crate) checked: String,
    /// What does not count, what counts lower, cells of a selection: whole sentences.
    pub(crate) notes: Vec<String>,
}

/// An unsigned amount with its thousands apart.
pub(crate) fn amount(n: u64) -> String {
    number(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(crate) fn rung(t: Tongue<'_>, rung: Rung) -> String {
    t.code("sure", rung.name())
}

/// A share in per cent with one place, cut off: 99.99 is not 100.
pub(crate) fn percent(part: u64, of: u64) -> String {
    if of == 0 {
        return "0.0".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(of);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Parts of ten thousand as per cent.
fn parts(n: u32) -> String {
    format!("{}.{:02}", n / 100, n % 100)
}

/// What counts for the target.
pub(crate) fn counting(p: &TargetProgress) -> u64 {
    p.ladder.iter().find(|r| r.rung == p.rung_min).map_or(0, |r| r.at_least)
}

fn unit(t: Tongue<'_>, unit: &str) -> String {
    t.code("progress-unit", unit)
}

/// How much is missing of what is counted.
pub(crate) fn short(p: &TargetProgress) -> Option<u64> {
    let counts = u128::from(counting(p));
    let bound = u128::try_from(p.bound).unwrap_or(0);
    let needed = if p.unit == "percent" {
        let of = u128::from(p.of.filter(|of| *of > 0)?);
        let hundredths = bound * of;
        hundredths.div_ceil(100) + u128::from(p.exclusive && hundredths.is_multiple_of(100))
    } else {
        bound + u128::from(p.exclusive)
    };
    u64::try_from(needed.saturating_sub(counts)).ok()
}

fn bound(t: Tongue<'_>, p: &TargetProgress) -> String {
    let n = number(p.bound);
    if p.unit == "percent" {
        return t.f("progress.bound-share", &[("bound", &n)]);
    }
    let unit = unit(t, &p.unit);
    let key = if p.exclusive { "progress.bound-more" } else { "progress.bound-least" };
    t.f(key, &[("bound", &n), ("unit", &unit)])
}

fn reasons(t: Tongue<'_>, key: &str, family: &str, list: &BTreeMap<String, u64>) -> Option<String> {
    if list.is_empty() {
        return None;
    }
    let said: Vec<String> = list.iter().map(|(why, n)| format!("{} {}", t.code(family, why), amount(*n))).collect();
    Some(t.f(key, &[("list", &said.join(", "))]))
}

fn forecast(t: Tongue<'_>, told: Forecast) -> String {
    match told {
        Forecast::Reached => t.t("progress.forecast-reached").to_owned(),
        Forecast::On(day) => t.f("progress.forecast-on", &[("day", &day.date())]),
        Forecast::Short(n) => t.f("progress.forecast-short", &[("count", &amount(n))]),
        Forecast::CannotTell => t.t("progress.forecast-cannot").to_owned(),
    }
}

fn checked(t: Tongue<'_>, p: &TargetProgress) -> String {
    match judge::wilson(p.held, p.checked) {
        None => t.t("progress.not-checked").to_owned(),
        Some((low, high)) => {
            let with: [(&str, &dyn Display); 4] =
                [("checked", &p.checked), ("held", &p.held), ("low", &parts(low)), ("high", &parts(high))];
            t.f("progress.checked", &with)
        }
    }
}

/// A target in words.
pub(crate) fn target(t: Tongue<'_>, v: &ProgressView<'_>, p: &TargetProgress) -> TargetText {
    let name = t.plan_word(&format!("target.{}.name", p.target)).map_or_else(|| clean(&p.target), clean);
    let from = rung(t, p.rung_min);
    let n = counting(p);
    let counts = match p.of {
        Some(of) => {
            let with: [(&str, &dyn Display); 4] =
                [("rung", &from), ("count", &amount(n)), ("of", &amount(of)), ("percent", &percent(n, of))];
            t.f("progress.counts-of", &with)
        }
        None => t.f("progress.counts", &[("rung", &from), ("count", &amount(n))]),
    };
    let standing = match short(p) {
        _ if p.reached => t.t("progress.reached").to_owned(),
        Some(n) => t.f("progress.short", &[("count", &amount(n))]),
        None => t.t("progress.nothing-of").to_owned(),
    };
    let mut notes = Vec::new();
    if let Some(c) = p.cells {
        notes.push(t.f("progress.cells", &[("covered", &amount(c.covered)), ("cells", &amount(c.cells))]));
    }
    notes.extend(reasons(t, "progress.left", "progress-left", &p.left));
    notes.extend(reasons(t, "progress.fell", "progress-fell", &p.fell));
    let ladder = p.ladder.iter().map(|r| (rung(t, r.rung), amount(r.at_least), amount(r.own)));
    TargetText {
        id: clean(&p.target),
        name,
        reached: p.reached,
        reading: p.reading_of.as_ref().map(|of| t.f("progress.reading", &[("target", &clean(of))])),
        ladder: ladder.collect(),
        bound: bound(t, p),
        counts,
        standing,
        due: t.f("progress.due", &[("day", &p.due.date())]),
        forecast: v.forecast.get(&p.target).map(|f| forecast(t, *f)),
        checked: checked(t, p),
        notes,
    }
}

/// What was read, as sentences.
pub(crate) fn head(t: Tongue<'_>, v: &ProgressView<'_>) -> Vec<String> {
    let j = v.judgement;
    let as_of = crate::gather::instant(j.as_of);
    let with: [(&str, &dyn Display); 4] = [
        ("plan", &clean(j.plan.id.as_str())),
        ("version", &clean(&j.plan.version)),
        ("as_of", &as_of),
        ("judge", &clean(&j.judge)),
    ];
    let mut out = vec![t.f("progress.as-of", &with)];
    let e = &j.evidence;
    out.push(match e.registry {
        None => t.t("progress.no-registry").to_owned(),
        Some(_) => {
            let with: [(&str, &dyn Display); 4] = [
                ("enterprises", &amount(e.enterprises)),
                ("above", &amount(e.above_size)),
                ("reporting", &amount(e.reporting)),
                ("reports", &amount(e.reports.count)),
            ];
            t.f("progress.registry", &with)
        }
    });
    if let Some(c) = &j.closed {
        let late = c.late.len() as u64 + c.late_more;
        let with: [(&str, &dyn Display); 3] =
            [("period", &clean(&c.period)), ("at", &crate::gather::instant(c.at)), ("late", &amount(late))];
        out.push(t.f("progress.closed", &with));
    }
    out
}

/// Targets that are reached only together, as sentences with whether they are.
pub(crate) fn together(t: Tongue<'_>, v: &ProgressView<'_>) -> Vec<(bool, String)> {
    let say = |g: &evidence::TogetherProgress| {
        let name = t.plan_word(&format!("together.{}.name", g.id)).map_or_else(|| clean(&g.id), clean);
        let targets = g.targets.iter().map(|i| clean(i)).collect::<Vec<_>>().join(", ");
        let key = if g.reached { "progress.together-reached" } else { "progress.together-not" };
        (g.reached, t.f(key, &[("name", &name), ("targets", &targets)]))
    };
    v.judgement.together.iter().map(say).collect()
}

/// The name of a group.
pub(crate) fn group(t: Tongue<'_>, by: &str, code: &str) -> String {
    let known = match by {
        "industry" => None,
        _ => crate::words::find(t.lang, &format!("supervisor.{code}")),
    };
    known.map_or_else(|| clean(code), |name| format!("{code} {name}"))
}

/// Cells of a group: its name, amounts on each rung and surer, the denominator and the share that counts.
pub(crate) fn group_row(t: Tongue<'_>, by: &str, p: &TargetProgress, g: &GroupAmount) -> Vec<String> {
    let mut row = vec![group(t, by, &g.group)];
    let at_least = |from: usize| g.own.iter().skip(from).fold(0_u64, |sum, n| sum.saturating_add(*n));
    row.extend((0..g.own.len()).map(|n| amount(at_least(n))));
    let from = Rung::ALL.iter().position(|r| *r == p.rung_min).unwrap_or(0);
    row.push(g.of.map_or_else(String::new, amount));
    row.push(g.of.map_or_else(String::new, |of| format!("{} %", percent(at_least(from), of))));
    row
}

/// Headings of such rows.
pub(crate) fn group_head(t: Tongue<'_>, by: &str) -> Vec<String> {
    let mut head = vec![t.t(&format!("progress.by.{by}")).to_owned()];
    head.extend(Rung::ALL.map(|r| rung(t, r)));
    head.extend([t.t("progress.of").to_owned(), t.t("progress.share").to_owned()]);
    head
}
