//! How a flow stands: what is needed, what is in hand, what is missing.

use super::entries::Entries;
use super::need::{Weighed, weight};
use super::zone::{self, Zone};
use crate::choose::doubt;
use evidence::{
    Decided, Digest, Doubt, FlowStanding, FlowState, Grant, Granted, InHand, NoteKind, Say, TransferNeed, TransferNote,
};
use jiff::civil::Date;
use plan::CheckedPlan;
use std::collections::BTreeMap;

/// Whether what is in hand answers a need.
fn answers(grant: Grant, needs: &str) -> bool {
    match weight(needs) {
        0 => true,
        2 => grant == Grant::Assessment,
        _ => true,
    }
}

/// First and last day of a decision.
fn span(plan: &CheckedPlan, d: &Decided) -> (Date, Option<Date>) {
    let since = zone::date(d.since);
    let clock = match d.grant {
        Grant::Assessment => "export-valid",
        Grant::Certification => "certificate-valid",
        Grant::Contract => "",
    };
    // Longer than the clock gives is nobody's to say. A day more is how some read the same clock.
    let longest = zone::valid_until(plan, clock, since);
    let said = d.until.map(zone::date).map(|u| longest.map_or(u, |l| u.min(zone::days(l, 1))));
    (since, said.or(longest))
}

/// Of each kind and number the newest entry about a flow, if it says that it was granted. An entry can so be corrected, or
/// taken back. That an extension was asked for under the same number takes nothing away.
fn in_force<'e>(entries: &'e Entries<'_>, flow: &str) -> Vec<(Digest, &'e Decided)> {
    let mut newest: BTreeMap<(Grant, &str), (Digest, &'e Decided)> = BTreeMap::new();
    for (leaf, d) in &entries.decided {
        if d.outcome != Granted::Filed && d.flows.iter().any(|f| f == flow) {
            newest.insert((d.grant, &d.number), (*leaf, d));
        }
    }
    newest.into_values().filter(|n| n.1.outcome == Granted::Granted).collect()
}

/// A day more than the plan's clock gives is a doubt.
pub(crate) fn too_long(plan: &CheckedPlan, d: &Decided, leaf: Digest) -> Option<Doubt> {
    let clock = if d.grant == Grant::Assessment { "export-valid" } else { "certificate-valid" };
    let until = d.until.filter(|_| d.grant != Grant::Contract && d.outcome == Granted::Granted)?;
    let longest = zone::days(zone::valid_until(plan, clock, zone::date(d.since))?, 1);
    (zone::date(until) > longest).then(|| {
        let say = Say::new("doubt.transfer-too-long").with("grant", d.grant.name()).with("until", until.date());
        doubt(say.with("longest", longest), Some(leaf))
    })
}

/// Everything that a standing is made from.
pub(crate) struct Judged<'p> {
    pub(crate) plan: &'p CheckedPlan,
    pub(crate) zone: &'p Zone,
    pub(crate) today: Date,
    /// A year without a calendar was counted through.
    pub(crate) unknown_year: bool,
}

impl Judged<'_> {
    fn in_hand(&mut self, leaf: Digest, d: &Decided) -> InHand {
        let (_, until) = span(self.plan, d);
        let renew = until.and_then(|end| match d.grant {
            Grant::Assessment => {
                let count = self.plan.parameter("transfer_extension_working_days")?;
                let (day, known) = self.zone.working_back(end, count);
                self.unknown_year |= !known;
                Some(day)
            }
            Grant::Certification => {
                let count = self.plan.parameter("transfer_renewal_months")?;
                Some(zone::months(end, -count))
            }
            Grant::Contract => None,
        });
        InHand {
            grant: d.grant,
            number: d.number.clone(),
            until: until.map(zone::time),
            renew_by: renew.map(zone::time),
            documented: d.document.is_some(),
            leaf,
        }
    }

    pub(crate) fn standing(
        &mut self,
        entries: &Entries<'_>,
        w: &Weighed<'_>,
        needs: (Option<TransferNeed>, Option<TransferNeed>),
        notes: &mut Vec<TransferNote>,
    ) -> FlowStanding {
        let today = self.today;
        let (mut best, mut over): (Option<(Digest, &Decided)>, Option<&Decided>) = (None, None);
        let key = |d: &Decided| (d.grant == Grant::Assessment, span(self.plan, d).1.unwrap_or(Date::MAX));
        for (leaf, d) in in_force(entries, &w.flow.id) {
            let (since, until) = span(self.plan, d);
            if until.is_some_and(|u| u < today) {
                if over.is_none_or(|o| key(o) < key(d)) {
                    over = Some(d);
                }
            } else if since <= today && best.is_none_or(|b| key(b.1) < key(d)) {
                best = Some((leaf, d));
            }
        }
        let met = |need: &Option<TransferNeed>, d: Option<&Decided>| {
            need.as_ref().is_some_and(|n| weight(&n.needs) == 0 || d.is_some_and(|d| answers(d.grant, &n.needs)))
        };
        let had = best.map(|b| b.1);
        let (least, most) = (met(&needs.0, had), met(&needs.1, had));
        let in_hand = best.map(|(leaf, d)| self.in_hand(leaf, d));
        let exempt = needs.1.as_ref().is_some_and(|n| weight(&n.needs) == 0);
        let notice = self.plan.parameter("transfer_renew_notice_days").unwrap_or(0);
        let renew = in_hand.as_ref().and_then(|h| h.renew_by).map(zone::date);
        let ended = entries.ended.get(w.flow.id.as_str()).is_some_and(|at| zone::date(*at) < today);
        let state = match (least, most) {
            _ if ended => FlowState::Ended,
            (false, _) if needs.0.is_some() && met(&needs.0, over) => FlowState::Expired,
            (false, _) if needs.0.is_some() => FlowState::Missing,
            (true, true) if exempt => FlowState::Exempt,
            (true, true) if renew.is_some_and(|r| zone::days(r, -notice) <= today) => FlowState::Renew,
            (true, true) => FlowState::InHand,
            _ => FlowState::Unclear,
        };
        let about = |key: &str| Say::new(format!("transfer-note.{key}")).with("flow", &w.flow.id);
        let mut note = |kind, say| notes.push(TransferNote { kind, say, about: w.flow.id.clone() });
        if state == FlowState::Exempt
            && let Some(need) = &needs.1
        {
            note(NoteKind::Note, about("exempt-not-free").with("rule", &need.rule));
        }
        if let (FlowState::Renew, Some(by), Some(hand)) = (state, renew, &in_hand) {
            let key = if by < today { "renew-late" } else { "renew" };
            let until = hand.until.map(evidence::Time::date).unwrap_or_default();
            note(NoteKind::Warning, about(key).with("grant", hand.grant.name()).with("by", by).with("until", until));
        }
        if let Some(need) = needs.0.as_ref().filter(|_| matches!(state, FlowState::Missing | FlowState::Expired)) {
            let key = if state == FlowState::Missing { "missing" } else { "expired" };
            note(NoteKind::Finding, about(key).with("needs", &need.needs).with("rule", &need.rule));
        }
        let mut lacks = Vec::new();
        if state != FlowState::Ended {
            let lacking = if least { needs.1.as_ref().filter(|_| !most) } else { needs.0.as_ref() };
            lacks.extend(lacking.map(|n| n.needs.clone()));
            // Exempt flows owe them too.
            if w.people.0 {
                lacks.extend(w.flow.impact.is_none().then(|| "impact".to_owned()));
                lacks.extend(w.flow.ground.is_empty().then(|| "ground".to_owned()));
            }
        }
        FlowStanding {
            flow: w.flow.id.clone(),
            state,
            at_least: needs.0,
            at_most: needs.1,
            personal: w.personal,
            sensitive: w.sensitive,
            level: w.level.clone(),
            in_hand,
            lacks,
        }
    }
}
