//! Sums near a threshold, and flows that look as if one had been cut into several.

use super::entries::Entries;
use super::need::{Weighed, exporters, weigh};
use super::zone::{self, Zone};
use evidence::{Digest, ExporterStanding, Flow, NoteKind, Say, Span, Time, TransferNote};
use plan::CheckedPlan;
use std::collections::BTreeMap;

/// A threshold that can be neared: about whom, from how many people on.
type Bound = (&'static str, u64);

/// Thresholds that hold for everybody.
fn bounds(plan: &CheckedPlan) -> Vec<Bound> {
    let mut out: Vec<Bound> = Vec::new();
    for t in plan.transfers().iter().filter(|t| t.exporter.is_empty() && t.case.is_empty()) {
        let about = match t.about.as_str() {
            "personal" => "personal",
            "sensitive-personal" => "sensitive-personal",
            _ => continue,
        };
        // From one person on there is nothing to come near to.
        out.extend(t.min.and_then(|m| u64::try_from(m).ok()).filter(|m| *m > 1).map(|m| (about, m)));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// What is known of a number: its upper bound, or its lower one.
fn known(s: Span) -> u64 {
    s.most.unwrap_or(s.least)
}

fn of<'s>(about: &str, personal: &'s Span, sensitive: &'s Span) -> &'s Span {
    if about == "personal" { personal } else { sensitive }
}

fn is_near(n: u64, bound: u64, percent: i64) -> bool {
    let percent = u128::try_from(percent.max(0)).unwrap_or(0);
    u128::from(n) * 100 >= u128::from(bound) * percent
}

/// Sums that come near a threshold.
pub(crate) fn approaching(
    plan: &CheckedPlan,
    sums: &BTreeMap<String, ExporterStanding>,
    notes: &mut Vec<TransferNote>,
) {
    let percent = plan.parameter("transfer_warn_percent").unwrap_or(80);
    for sum in sums.values() {
        for (about, bound) in bounds(plan) {
            let n = known(*of(about, &sum.personal, &sum.sensitive));
            if n < bound && is_near(n, bound, percent) {
                // The node itself has no name here; the words have one.
                let name = if sum.exporter.is_empty() { "this-node" } else { &sum.exporter };
                let say = Say::new("transfer-note.approaching").with("exporter", name).with("about", about);
                let say = say.with("count", n).with("bound", bound).with("percent", percent);
                notes.push(TransferNote { kind: NoteKind::Warning, say, about: sum.exporter.clone() });
            }
        }
    }
}

/// Several flows of one purpose, system or recipient, each below a threshold and together not.
pub(crate) fn together(plan: &CheckedPlan, flows: &[Weighed<'_>], notes: &mut Vec<TransferNote>) {
    let mut groups: BTreeMap<(&str, String), Vec<&Weighed<'_>>> = BTreeMap::new();
    for w in flows.iter().filter(|w| !w.past && !w.case && w.people.1) {
        let f = w.flow;
        let recipient = if f.group.is_empty() { &f.recipient } else { &f.group };
        for (by, text) in [("purpose", &f.purpose), ("system", &f.system), ("recipient", recipient)] {
            let text = text.trim().to_lowercase();
            if !text.is_empty() {
                groups.entry((by, text)).or_default().push(w);
            }
        }
    }
    // The same flows may be of one purpose and of one system: they are named once, at the largest threshold.
    let mut told: BTreeMap<(Vec<&str>, &str), (u64, u64, &str)> = BTreeMap::new();
    for ((by, _), group) in &groups {
        for (about, bound) in bounds(plan) {
            let each: Vec<u64> = group.iter().map(|w| known(*of(about, &w.personal, &w.sensitive))).collect();
            let sum = each.iter().fold(0_u64, |a, b| a.saturating_add(*b));
            let parts = each.iter().filter(|n| **n > 0).count();
            if parts < 2 || sum < bound || each.iter().any(|n| *n >= bound) {
                continue;
            }
            let ids: Vec<&str> = group.iter().map(|w| w.flow.id.as_str()).collect();
            let old = told.entry((ids, about)).or_insert((bound, sum, by));
            if old.0 < bound {
                *old = (bound, sum, by);
            }
        }
    }
    for ((ids, about), (bound, sum, by)) in told {
        let say =
            Say::new("transfer-note.split").with("flows", ids.join(", ")).with("criterion", by).with("about", about);
        let say = say.with("sum", sum).with("bound", bound);
        notes.push(TransferNote {
            kind: NoteKind::Warning,
            say,
            about: ids.first().copied().unwrap_or_default().to_owned(),
        });
    }
}

/// A new recipient in the same country for the same data, soon after the sums came near a threshold.
pub(crate) fn fresh(
    plan: &CheckedPlan,
    entries: &Entries<'_>,
    zone: &Zone,
    (year, as_of): (i64, Time),
    notes: &mut Vec<TransferNote>,
) {
    let percent = plan.parameter("transfer_warn_percent").unwrap_or(80);
    let window = plan.parameter("transfer_split_days").unwrap_or(90);
    let from = zone::days(zone.day(as_of), -window);
    let kin = kin(entries);
    // What the sums were just before an instant: made once of each, without the flows that came at it or later.
    let mut before: BTreeMap<Time, BTreeMap<String, ExporterStanding>> = BTreeMap::new();
    for (id, declared) in entries.first.iter().filter(|(_, at)| zone.day(**at) >= from) {
        let Some(flow) = entries.flows.get(id) else { continue };
        let others = data(flow).filter_map(|d| kin.get(&(flow.country.as_str(), d))).flatten();
        let Some(other) = others
            .filter(|o| {
                entries.first.get(o.id.as_str()).is_some_and(|at| at < declared) && o.recipient != flow.recipient
            })
            .map(|o| o.id.as_str())
            .min()
        else {
            continue;
        };
        let sums = before.entry(*declared).or_insert_with(|| {
            let earlier =
                entries.flows.values().filter(|f| entries.first.get(f.id.as_str()).is_some_and(|at| at < declared));
            let weighed: Vec<Weighed<'_>> = earlier.map(|f| weigh(plan, entries, f, year, *declared)).collect();
            exporters(plan, &weighed)
        });
        let near = sums.get(&flow.exporter).and_then(|sum| {
            bounds(plan)
                .into_iter()
                .rev()
                .find(|(about, bound)| is_near(known(*of(about, &sum.personal, &sum.sensitive)), *bound, percent))
        });
        if let Some((about, bound)) = near {
            let say = Say::new("transfer-note.split-new").with("flow", *id).with("other", other);
            let say = say.with("about", about).with("bound", bound).with("date", zone.day(*declared));
            notes.push(TransferNote { kind: NoteKind::Warning, say, about: (*id).to_owned() });
        }
    }
}

/// Where the data of a flow comes from: its assets and its system.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source<'a> {
    Asset(Digest),
    System(&'a str),
}

fn data(flow: &Flow) -> impl Iterator<Item = Source<'_>> {
    let system = Some(Source::System(flow.system.as_str())).filter(|_| !flow.system.is_empty());
    flow.assets.iter().map(|a| Source::Asset(*a)).chain(system)
}

/// Flows by country and by where their data comes from.
fn kin<'a>(entries: &Entries<'a>) -> BTreeMap<(&'a str, Source<'a>), Vec<&'a Flow>> {
    let mut out: BTreeMap<_, Vec<&'a Flow>> = BTreeMap::new();
    for flow in entries.flows.values().copied() {
        for source in data(flow) {
            out.entry((flow.country.as_str(), source)).or_default().push(flow);
        }
    }
    out
}
