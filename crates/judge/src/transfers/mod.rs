//! Transfers: what exports need and have, where important data lies, what the logs show, what must be kept.
//!
//! The rules are those of `docs/specs/transfers-v1.md`. Reading order: `entries` (what counts), `zone` (days and years),
//! `need` (sums and rules), `standing` (in hand, missing), `splitting`, `observed`, `registers`.
//!
//! Refused: one number of people where only bounds are known. The same people may be in several flows; so a need is a
//! range until the flows say that they are not.

mod entries;
mod need;
mod observed;
mod registers;
mod splitting;
mod standing;
mod zone;

use crate::VERSION;
use crate::choose::doubt;
use entries::Entries;
use evidence::{Holds, NoteKind, Say, Time, TransferJudgement, TransferNote};
use need::Weighed;
pub use observed::{SeenAs, SeenDestination};
use plan::CheckedPlan;
use proof::Witness;
use std::collections::BTreeMap;
use zone::Zone;

/// Holds transfers against the plan as of an instant. Reads entries about transfers, the newest catalogue, the newest
/// table of countries and examinations of logs; nothing else.
#[must_use]
pub fn transfers(plan: &CheckedPlan, records: &[Witness], as_of: Time) -> TransferJudgement {
    let mut entries = Entries::of(records, as_of);
    let zone = Zone::of(plan);
    let today = zone.day(as_of);
    let year = i64::from(today.year());
    let flows: Vec<Weighed<'_>> = entries.flows.values().map(|f| need::weigh(plan, &entries, f, year, as_of)).collect();
    let sums = need::exporters(plan, &flows);
    let rules = need::rules(plan);
    let mut notes = Vec::new();
    let mut judged = standing::Judged { plan, zone: &zone, today, unknown_year: false };
    let mut standings: Vec<_> = flows
        .iter()
        .map(|w| {
            let needs = match sums.get(&w.flow.exporter).filter(|_| !w.past) {
                Some(sum) => (need::need(&rules, w, sum, false), need::need(&rules, w, sum, true)),
                None => (None, None),
            };
            judged.standing(&entries, w, needs, &mut notes)
        })
        .collect();
    standings.sort_by(|a, b| (a.state, &a.flow).cmp(&(b.state, &b.flow)));
    cases(&flows, &mut notes);
    splitting::approaching(plan, &sums, &mut notes);
    splitting::together(plan, &flows, &mut notes);
    splitting::fresh(plan, &entries, &zone, (year, as_of), &mut notes);
    registers::residency(plan, &entries, &flows, &mut notes);
    let requests = registers::requests(&entries, &zone, as_of, &mut notes);
    let provisions = registers::provisions(plan, &entries, &mut notes);
    if !flows.is_empty() {
        let say = Say::new("transfer-note.others-above").with("count", sums.len());
        notes.push(TransferNote { kind: NoteKind::Note, say, about: String::new() });
    }
    let said = doubts(plan, &entries, &flows, &zone, (year, judged.unknown_year));
    drop(flows);
    entries.doubts.extend(said);
    observed::judge(plan, &mut entries, &zone, as_of, &mut notes);
    notes.sort();
    notes.dedup();
    entries.doubts.sort();
    entries.doubts.dedup();
    TransferJudgement {
        plan: plan.reference(),
        judge: VERSION.to_owned(),
        as_of,
        year,
        cites: entries.cites.into_iter().collect(),
        exporters: sums.into_values().collect(),
        flows: standings,
        requests,
        provisions,
        notes,
        doubts: entries.doubts,
    }
}

/// Every destination that the logs show, held against the flows; the same records as [`transfers`] reads.
#[must_use]
pub fn transfers_seen(plan: &CheckedPlan, records: &[Witness], as_of: Time) -> Vec<SeenDestination> {
    observed::list(plan, &Entries::of(records, as_of), &Zone::of(plan))
}

/// What exempt cases must not cover without a word: a case that the flow's own data contradicts, and sensitive or possibly
/// important data in a case that is about something else.
fn cases(flows: &[Weighed<'_>], notes: &mut Vec<TransferNote>) {
    for w in flows.iter().filter(|w| !w.past) {
        let mut tell = |kind, key: &str| {
            let say = Say::new(format!("transfer-note.{key}")).with("flow", &w.flow.id).with("case", &w.flow.case);
            notes.push(TransferNote { kind, say, about: w.flow.id.clone() });
        };
        if w.contradicted {
            tell(NoteKind::Finding, "case-contradicted");
        }
        if w.case && (w.flow.holds(Holds::SensitivePersonal) || w.sensitive.least > 0) {
            tell(NoteKind::Warning, "case-sensitive");
        }
        if w.case && w.important.1 {
            tell(NoteKind::Warning, "case-important");
        }
    }
}

fn doubts(
    plan: &CheckedPlan,
    entries: &Entries<'_>,
    flows: &[Weighed<'_>],
    zone: &Zone,
    (year, unknown_year): (i64, bool),
) -> Vec<evidence::Doubt> {
    let mut out = Vec::new();
    if flows.is_empty() {
        return out;
    }
    if !zone.known {
        out.push(doubt(Say::new("doubt.transfer-no-calendar"), None));
    }
    if plan.transfers().is_empty() {
        out.push(doubt(Say::new("doubt.transfer-no-rules"), None));
    }
    if unknown_year {
        out.push(doubt(Say::new("doubt.transfer-calendar-year"), None));
    }
    for w in flows.iter().filter(|w| w.uncounted && !w.past) {
        let say = Say::new("doubt.transfer-uncounted").with("flow", &w.flow.id).with("year", year);
        out.push(doubt(say, None));
    }
    for w in flows.iter().filter(|w| !w.flow.case.is_empty() && !w.case && !w.contradicted) {
        out.push(doubt(
            Say::new("doubt.transfer-unknown-case").with("flow", &w.flow.id).with("case", &w.flow.case),
            None,
        ));
    }
    // Distinct people since 1 January only become more; a number that sank was wrong once.
    let mut highest: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, c) in entries.counted.iter().filter(|c| c.1.year == year) {
        let known = c.personal.least.saturating_add(c.sensitive.least);
        let old = highest.entry(&c.flow).or_default();
        let most = c.personal.most.zip(c.sensitive.most).map_or(u64::MAX, |(a, b)| a.saturating_add(b));
        if most < *old {
            out.push(doubt(Say::new("doubt.transfer-count-lower").with("flow", &c.flow).with("year", year), None));
        }
        *old = known.max(*old);
    }
    for (leaf, d) in &entries.decided {
        out.extend(standing::too_long(plan, d, *leaf));
        let unknown = d.flows.iter().filter(|f| !entries.flows.contains_key(f.as_str())).count();
        if unknown > 0 {
            let say = Say::new("doubt.transfer-unknown-flow").with("grant", d.grant.name()).with("count", unknown);
            out.push(doubt(say, Some(*leaf)));
        }
    }
    out
}
