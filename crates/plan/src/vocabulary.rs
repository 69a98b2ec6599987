//! What the engine has to know of a plan's words: at which moments it sets a clock going by itself, and who a node is that says nothing of itself.
//!
//! The engine knows no moment and no actor by name. A plan says of each moment of its incidents how it comes (`[[moment]]`), and who its nodes are unless
//! their profile says otherwise (`own_actor`, `own_branch` of `[plan]`). A clock that begins at a moment which nothing ever brings would wait for ever,
//! silently; so a plan that does not say it is refused.
//!
//! Records of before these tables cite plans without them. [`check_kept`](crate::check_kept) reads such a plan as the engine did then: [`DEFAULTS`].

use crate::cross::Names;
use crate::error::{At, Errors, nearest};
use crate::model::{Comes, Draft, Moment};

/// How the engine read the moments of a plan that does not declare any.
const DEFAULTS: [(&str, Comes); 6] = [
    ("occurrence", Comes::Occurred),
    ("discovery", Comes::Opened),
    ("awareness", Comes::Opened),
    ("judgement", Comes::Graded),
    ("classification", Comes::Graded),
    ("end", Comes::Ended),
];
/// Who a node was.
const DEFAULT_ACTOR: &str = "enterprise";
const DEFAULT_BRANCH: &str = "industrial";

/// Gives a plan of before what the engine took for granted then.
pub(crate) fn complete(plan: &mut Draft) {
    if !plan.moments.is_empty() || !has_incidents(plan) {
        return;
    }
    let at = plan.head.clone();
    plan.moments = DEFAULTS.map(|(id, comes)| Moment { id: id.to_owned(), comes, words: false, at: at.clone() }).into();
    plan.own_actor = DEFAULT_ACTOR.to_owned();
    plan.own_branch = DEFAULT_BRANCH.to_owned();
    plan.kept = true;
}

/// Refuses a plan of incidents that does not say what the engine has to know.
pub(crate) fn check(plan: &Draft, errors: &mut Errors) {
    if !has_incidents(plan) || plan.kept {
        return;
    }
    if plan.moments.is_empty() {
        let hint = "say of each moment of an incident how it comes: [[moment]] id = \"discovery\", comes = \"opened\"";
        errors.add(&plan.head, "missing-key", &[("key", "[[moment]]")], Some(hint.to_owned()));
    } else {
        moments(plan, errors);
    }
    own(plan, errors);
}

fn moments(plan: &Draft, errors: &mut Errors) {
    let known = Names::new("moment", plan.moments.iter().map(|m| m.id.as_str()));
    for c in plan.clocks.iter().filter(|c| !c.incident.is_empty()) {
        known.need(&c.starts, &c.sourced.at, errors);
    }
    for f in plan.forms.iter().filter(|f| !f.regime.is_empty()) {
        for moment in f.fields.iter().filter_map(|f| f.prefill.strip_prefix("moment.")) {
            known.need(moment, &f.sourced.at, errors);
        }
    }
    for (n, m) in plan.moments.iter().enumerate() {
        if plan.moments.iter().take(n).any(|before| before.id == m.id) {
            let with = [("id", m.id.as_str()), ("why", "is declared twice")];
            errors.add(&m.at, "bounds", &with, None);
        }
    }
    if !plan.moments.iter().any(|m| m.comes == Comes::Opened) {
        let with = [
            ("id", "[[moment]]"),
            ("why", "none comes when an incident is opened, so that no clock would begin by itself"),
        ];
        errors.add(&plan.head, "bounds", &with, None);
    }
}

fn own(plan: &Draft, errors: &mut Errors) {
    let actors = plan.clocks.iter().filter(|c| !c.incident.is_empty()).map(|c| c.actor.as_str());
    let criteria = plan.incidents.iter().flat_map(|i| &i.criteria);
    let branches = criteria.map(|c| c.branch.as_str()).filter(|b| !b.is_empty());
    if plan.own_actor.is_empty() {
        errors.add(
            &plan.head,
            "missing-key",
            &[("key", "own_actor")],
            Some("who a node is unless its profile says otherwise: an actor of a clock of incidents".to_owned()),
        );
    } else {
        need("actor of a clock of incidents", &plan.own_actor, &actors.collect::<Vec<_>>(), &plan.head, errors);
    }
    if !plan.own_branch.is_empty() {
        need("branch of a criterion", &plan.own_branch, &branches.collect::<Vec<_>>(), &plan.head, errors);
    }
}

fn need(what: &'static str, id: &str, known: &[&str], at: &At, errors: &mut Errors) {
    if !known.contains(&id) {
        errors.add(at, "dangling-id", &[("what", what), ("id", id)], nearest(id, known.iter().copied()));
    }
}

fn has_incidents(plan: &Draft) -> bool {
    plan.clocks.iter().any(|c| !c.incident.is_empty())
}
