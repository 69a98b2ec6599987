//! Requests of foreign authorities, records of providing, and where important data lies.

use super::entries::Entries;
use super::need::{Weighed, rank};
use super::zone::{self, Zone};
use crate::country::home;
use evidence::{Holds, NoteKind, ProvisionStanding, RequestStanding, RequestStep, Say, Time, TransferNote};
use plan::CheckedPlan;

/// The clock of records of providing.
const KEEP: &str = "provision-records";

fn note(kind: NoteKind, key: &str, about: &str) -> TransferNote {
    TransferNote { kind, say: Say::new(format!("transfer-note.{key}")), about: about.to_owned() }
}

/// How requests stand: no answer without the ministry's approval.
pub(crate) fn requests(
    entries: &Entries<'_>,
    zone: &Zone,
    as_of: Time,
    notes: &mut Vec<TransferNote>,
) -> Vec<RequestStanding> {
    let mut out: Vec<(Time, RequestStanding)> = Vec::new();
    for r in entries.requests.values() {
        let mut steps: Vec<_> = entries.moved.iter().filter(|m| m.request == r.id && m.at <= as_of).collect();
        steps.sort_by_key(|m| m.at);
        let (mut approved, mut answered, mut passed) = (false, false, false);
        for m in &steps {
            match m.step {
                RequestStep::Passed => passed = true,
                RequestStep::Approved => approved = true,
                RequestStep::Refused => approved = false,
                RequestStep::Answered if !approved => {
                    let mut n = note(NoteKind::Finding, "request-answered", &r.id);
                    n.say = n.say.with("request", &r.id).with("authority", &r.authority).with("date", m.at.date());
                    notes.push(n);
                    answered = true;
                }
                RequestStep::Answered => answered = true,
                RequestStep::Declined | RequestStep::Withdrawn => {}
            }
        }
        let last = steps.last();
        let ends = [RequestStep::Answered, RequestStep::Declined, RequestStep::Withdrawn];
        let closed = answered || last.is_some_and(|m| ends.contains(&m.step));
        let end = last.filter(|_| closed).map_or_else(|| zone.day(as_of), |m| zone.day(m.at));
        let days = zone::between(zone::date(r.received), end);
        if !closed {
            let key = match (approved, passed) {
                (true, _) => "request-approved",
                (false, true) => "request-waiting",
                (false, false) => "request-open",
            };
            let mut n = note(if approved { NoteKind::Note } else { NoteKind::Warning }, key, &r.id);
            n.say = n.say.with("request", &r.id).with("authority", &r.authority).with("days", days);
            notes.push(n);
        }
        let standing = RequestStanding { request: r.id.clone(), step: last.map(|m| m.step), approved, closed, days };
        out.push((r.received, standing));
    }
    out.sort_by(|a, b| (a.0, &a.1.request).cmp(&(b.0, &b.1.request)));
    out.into_iter().map(|r| r.1).collect()
}

/// How long records of providing are to be kept.
pub(crate) fn provisions(
    plan: &CheckedPlan,
    entries: &Entries<'_>,
    notes: &mut Vec<TransferNote>,
) -> Vec<ProvisionStanding> {
    let mut out: Vec<ProvisionStanding> = Vec::new();
    for p in &entries.provided {
        if p.contract.is_none() {
            let mut n = note(NoteKind::Warning, "provision-no-contract", &p.id);
            n.say = n.say.with("provision", &p.id).with("recipient", &p.recipient);
            notes.push(n);
        }
        out.push(ProvisionStanding {
            provision: p.id.clone(),
            // At least so long: the day on which the time is over is still kept.
            keep_until: zone::valid_until(plan, KEEP, zone::date(p.at)).map(|d| zone::time(zone::days(d, 1))),
            contract: p.contract.is_some(),
        });
    }
    out.sort_by(|a, b| (a.keep_until, &a.provision).cmp(&(b.keep_until, &b.provision)));
    if let (Some(days), false) = (plan.parameter("log_days_min"), entries.flows.is_empty() && out.is_empty()) {
        let mut n = note(NoteKind::Note, "keep-logs", "");
        n.say = n.say.with("days", days);
        notes.push(n);
    }
    out
}

/// Where important data lies, and whether flows say of it what the catalogue does.
pub(crate) fn residency(
    plan: &CheckedPlan,
    entries: &Entries<'_>,
    flows: &[Weighed<'_>],
    notes: &mut Vec<TransferNote>,
) {
    let Some((catalogue, _)) = entries.catalogue else {
        if !flows.is_empty() {
            notes.push(note(NoteKind::Note, "no-catalogue", ""));
        }
        return;
    };
    let home = home(plan);
    let mut silent = 0_u64;
    for a in catalogue.assets.iter().filter(|a| rank(plan, &a.level.level) > 1) {
        match (&a.country, home) {
            (Some(c), Some(home)) if c != home => {
                let id = a.id.hex();
                // A level that nobody confirmed is no finding yet.
                let kind = if a.level.proposed { NoteKind::Warning } else { NoteKind::Finding };
                let mut n = note(kind, "stored-abroad", &id);
                n.say = n.say.with("asset", &a.carrier).with("host", &a.carrier.host);
                n.say = n.say.with("level", &a.level.level).with("country", c);
                notes.push(n);
            }
            (None, Some(_)) => silent += 1,
            _ => {}
        }
    }
    if silent > 0 {
        let mut n = note(NoteKind::Note, "place-unknown", "");
        n.say = n.say.with("count", silent);
        notes.push(n);
    }
    for w in flows.iter().filter(|w| !w.past) {
        let f = w.flow;
        let gone = f.assets.iter().filter(|id| !catalogue.assets.iter().any(|a| a.id == **id)).count();
        if gone > 0 {
            let mut n = note(NoteKind::Warning, "asset-gone", &f.id);
            n.say = n.say.with("flow", &f.id).with("count", gone);
            notes.push(n);
        }
        let stated = f.holds(Holds::Important) || f.holds(Holds::Core);
        let level = w.level.as_ref().map_or(0, |l| rank(plan, l));
        let highest = plan.levels().last().map_or(0, |l| l.rank);
        let below = (level > 1 && !stated) || (level == highest && highest > 1 && !f.holds(Holds::Core));
        if let Some(l) = w.level.as_ref().filter(|_| below) {
            let kind = if w.important.0 { NoteKind::Finding } else { NoteKind::Warning };
            let mut n = note(kind, "level-higher", &f.id);
            n.say = n.say.with("flow", &f.id).with("level", l);
            notes.push(n);
        }
        if w.people.1 && !w.people.0 {
            let mut n = note(NoteKind::Warning, "people-unsaid", &f.id);
            n.say = n.say.with("flow", &f.id);
            notes.push(n);
        }
    }
}
