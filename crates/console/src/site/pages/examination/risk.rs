//! How grave and how wide: every check that is violated, by its severity and by the places in which it is.

use crate::site::ask::Ask;
use crate::site::parts;
use evidence::{CheckId, Judgement, Severity};
use maud::{Markup, html};
use report::Speech;
use report::plot::{Band, Point, scatter};
use std::collections::{BTreeMap, BTreeSet};

/// Lines of the table behind; the rest is counted.
const LINES: usize = 50;

/// A violated check.
struct Wide<'j> {
    check: &'j CheckId,
    severity: Severity,
    places: u64,
    hosts: BTreeSet<&'j str>,
}

/// Findings of a judgement by check, the gravest and widest first. A check whose findings differ in severity counts by its gravest.
fn by_check(j: &Judgement) -> Vec<Wide<'_>> {
    let mut all: BTreeMap<&CheckId, Wide<'_>> = BTreeMap::new();
    for f in &j.findings {
        let new = || Wide { check: &f.check, severity: f.severity, places: 0, hosts: BTreeSet::new() };
        let wide = all.entry(&f.check).or_insert_with(new);
        wide.severity = wide.severity.max(f.severity);
        wide.places += 1;
        wide.hosts.insert(&f.host);
    }
    let mut all: Vec<Wide<'_>> = all.into_values().collect();
    all.sort_by_key(|w| std::cmp::Reverse((w.severity, w.places)));
    all
}

/// The plot with its table; nothing if nothing was found.
pub(super) fn spread(ask: &Ask<'_>, speech: Speech<'_>, j: &Judgement) -> Markup {
    let all = by_check(j);
    if all.is_empty() {
        return html! {};
    }
    let severities: Vec<Severity> = Severity::ALL.iter().rev().copied().collect();
    let words: Vec<String> = severities.iter().map(|s| ask.word("severity", s.name())).collect();
    let tone = |s: &Severity| match s {
        Severity::Critical | Severity::High => "bad",
        Severity::Medium => "warn",
        Severity::Low => "calm",
    };
    let bands: Vec<Band<'_>> = severities.iter().zip(&words).map(|(s, name)| Band { name, tone: tone(s) }).collect();
    let band = |s: Severity| severities.iter().position(|o| *o == s).unwrap_or(0);
    let points: Vec<Point> = all.iter().map(|w| Point { band: band(w.severity), wide: w.places }).collect();
    let (title, about) = (ask.t("console.plot.risk"), ask.t("console.plot.risk-about"));
    let heads = [
        ask.t("console.exam.severity"),
        ask.t("console.exam.check"),
        ask.t("console.exam.places"),
        ask.t("console.plot.hosts"),
    ];
    html! {
        h2 { (title) }
        p.small { (about) }
        (scatter("risk", (title, about, ask.t("console.plot.risk-axis")), &bands, &points))
        details {
            summary { (ask.t("above.as-table")) }
            (parts::table(title, &heads, all.iter().take(LINES).map(|w| vec![
                parts::severity(ask, w.severity), html! { (speech.check(w.check, "title", &BTreeMap::new())) }, html! { (w.places) }, html! { (w.hosts.iter().filter(|h| !h.is_empty()).count()) },
            ]).collect()))
            @if all.len() > LINES { p.small { (ask.say(&evidence::Say::new("console.exam.more").with("count", all.len() - LINES))) } }
        }
    }
}
