//! Who may start, change and end a response, by the plan.

use super::fold::Folded;
use crate::choose::doubt;
use evidence::{Digest, Doubt, Response, Say};
use plan::{CheckedPlan, ResponseRule};

/// Doubts what the plan does not provide for. The decision stands as it was recorded: what happened, happened.
pub(crate) fn check(plan: &CheckedPlan, folded: &Folded<'_>, doubts: &mut Vec<Doubt>) {
    let mut before: Option<&Response> = None;
    for (leaf, r) in &folded.responses {
        let was = before.filter(|b| b.regime == r.regime).and_then(|b| b.level.as_deref());
        one(plan, *leaf, r, was, doubts);
        before = Some(r);
    }
}

fn rule<'p>(plan: &'p CheckedPlan, regime: &str, level: &str) -> Option<&'p ResponseRule> {
    let level = plan.incident_levels().iter().find(|l| l.regime == regime && l.id == level)?;
    level.response.as_ref()
}

fn one(plan: &CheckedPlan, leaf: Digest, r: &Response, was: Option<&str>, doubts: &mut Vec<Doubt>) {
    let mut say = |key: &str, level: &str, who: &str| {
        let say = Say::new(key).with("level", level).with("who", who).with("by", &r.by);
        doubts.push(doubt(say, Some(leaf)));
    };
    let may = |allowed: &[String]| {
        let consents = r.consents.iter().map(|c| c.actor.as_str());
        allowed.is_empty() || consents.chain([r.by.as_str()]).any(|a| allowed.iter().any(|x| x == a))
    };
    match (was, r.level.as_deref()) {
        (None, Some(level)) => match rule(plan, &r.regime, level) {
            Some(rule) if may(&rule.started_by) => {}
            Some(rule) => say("doubt.response-start", level, &rule.started_by.join(", ")),
            None => say("doubt.response-level", level, ""),
        },
        (Some(old), Some(new)) if old != new => {
            if rule(plan, &r.regime, new).is_none() {
                say("doubt.response-level", new, "");
            }
            // Both the level that is left and the one that is taken may demand somebody's consent.
            for level in [old, new] {
                let consent = rule(plan, &r.regime, level).map_or("", |x| x.change_consent.as_str());
                if !consent.is_empty() && r.by != consent && !r.consents.iter().any(|c| c.actor == consent) {
                    say("doubt.response-consent", level, consent);
                }
            }
        }
        (None, None) => say("doubt.response-none", "", ""),
        (Some(old), None) => match rule(plan, &r.regime, old) {
            Some(rule) if !may(&rule.ended_by) => say("doubt.response-end", old, &rule.ended_by.join(", ")),
            _ => {}
        },
        _ => {}
    }
}
