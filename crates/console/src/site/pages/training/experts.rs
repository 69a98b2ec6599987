//! The pool of experts: who may be called, until when, and about whom not. Names are for who keeps the pool; that they were read stands among the accesses.

use super::{TIES, day, day_ends, links, reason, reasons, tie};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::parts;
use crate::site::said::expert_json;
use evidence::Say;
use judge::ExpertState;
use maud::{Markup, html};
use node::accounts::Act;
use node::{ExpertOrder, KeptExpert};
use serde_json::{Value, json};

/// Lines of a page.
const LINES: usize = 50;
/// So many days before its end a certification is called near it.
const NEAR_DAYS: i64 = 60;

/// An expert without the name, for whom it is none of their business.
fn nameless(ask: &Ask<'_>, mut e: KeptExpert) -> KeptExpert {
    if !ask.may(Act::ManageExperts) {
        e.named = None;
    }
    e
}

fn value(e: &KeptExpert) -> Value {
    let who =
        e.named.as_ref().map(|n| json!({"name": n.name, "mark": n.mark, "employer": n.employer, "contact": n.contact}));
    expert_json(&e.standing, who.as_ref())
}

fn state(ask: &Ask<'_>, e: &KeptExpert) -> Markup {
    let s = &e.standing;
    let near =
        s.state == ExpertState::Valid && ask.now.plus_minutes(NEAR_DAYS * 24 * 60).is_some_and(|n| s.expires <= n);
    let tone = match s.state {
        ExpertState::Valid if near => "warn",
        ExpertState::Valid => "good",
        ExpertState::Expired => "warn",
        ExpertState::Revoked => "bad",
    };
    html! {
        (parts::mark(tone, &ask.word("expert-state", s.state.name())))
        @if near { p.small { (ask.t("console.training.near")) } }
        @if let Some(why) = s.reason { p.small { (ask.word("training-reason", why.name())) } }
    }
}

fn who(ask: &Ask<'_>, e: &KeptExpert) -> Markup {
    match &e.named {
        Some(n) => html! { (n.name) @if !n.employer.is_empty() { " (" (n.employer) ")" } },
        None if ask.may(Act::ManageExperts) => html! { (ask.t("console.training.not-kept")) },
        None => html! { "–" },
    }
}

pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let mut all: Vec<KeptExpert> = ask.site.node().experts(ask.now)?.into_iter().map(|e| nameless(ask, e)).collect();
    let total = all.len();
    let counts: Vec<(ExpertState, usize)> =
        ExpertState::ALL.into_iter().map(|s| (s, all.iter().filter(|e| e.standing.state == s).count())).collect();
    let wanted = ask.wanted("state");
    all.retain(|e| wanted.is_empty() || e.standing.state.name() == wanted);
    let fitting = all.len();
    let from = match ask.wanted("after") {
        "" => 0,
        after => all.iter().position(|e| e.standing.id == after).map_or(fitting, |n| n + 1),
    };
    let page: Vec<&KeptExpert> = all.iter().skip(from).take(LINES).collect();
    let next = if from + page.len() < fitting { page.last().map(|e| e.standing.id.clone()) } else { None };
    let choices: Vec<(&str, String)> = std::iter::once(("", ask.t("console.nodes.all-standings").to_owned()))
        .chain(super::STATES.iter().map(|s| (*s, ask.word("expert-state", s))))
        .collect();
    ask.page(
        ask.t("console.place.experts"),
        || {
            html! {
                (links(ask))
                div.tiles { @for (s, n) in &counts { (parts::tile(&ask.word("expert-state", s.name()), &n.to_string(), &ask.say(&Say::new("console.nodes.of").with("all", total)))) } }
                @if total == 0 { (parts::empty(ask.t("console.training.no-experts"), ask.t("console.training.no-experts-hint"))) }
                @else {
                    (form::filter(ask, form::choice("state", ask.t("console.state"), &choices, wanted)))
                    p.small { (ask.say(&Say::new("console.nodes.shown").with("shown", page.len()).with("fitting", fitting).with("all", total))) }
                    (parts::table(ask.t("console.place.experts"), &[ask.t("console.head.id"), ask.t("console.training.name"), ask.t("console.training.field"), ask.t("console.head.until"), ask.t("console.state"), ask.t("console.training.conflicts")],
                        page.iter().map(|e| vec![
                            html! { a href={ "/experts/" (e.standing.id) } { code { (e.standing.id) } } },
                            who(ask, e),
                            html! { (e.standing.field) },
                            html! { (e.standing.expires.date()) },
                            state(ask, e),
                            html! { (e.standing.conflicts.iter().filter(|c| c.in_force).count()) " / " (e.standing.conflicts.len()) },
                        ]).collect()))
                    (parts::next(ask, &[("state", wanted)], next.as_deref()))
                }
                @if ask.may(Act::ManageExperts) {
                    h2 { (ask.t("console.training.certify")) }
                    (form::form(ask, "/experts", html! {
                        (form::line("person", ask.t("console.training.name"), Line { needed: true, hint: ask.t("console.training.person-hint"), fill: "off", ..Line::default() }))
                        (form::line("field", ask.t("console.training.field"), Line { needed: true, ..Line::default() }))
                        (form::line("until", ask.t("console.head.until"), Line { needed: true, kind: "date", ..Line::default() }))
                        (form::line("employer", ask.t("console.training.employer"), Line { fill: "off", ..Line::default() }))
                        (form::line("contact", ask.t("console.training.contact"), Line { hint: ask.t("console.training.contact-hint"), fill: "off", ..Line::default() }))
                    }, ask.t("console.training.certify")))
                }
            }
        },
        || json!({"experts": page.iter().map(|e| value(e)).collect::<Vec<_>>(), "next": next}),
    )
}

fn known(ask: &Ask<'_>) -> Result<KeptExpert, Fault> {
    let id = ask.part("id");
    let found = ask.site.node().experts(ask.now)?.into_iter().find(|e| e.standing.id == id);
    found.map(|e| nameless(ask, e)).ok_or_else(Fault::none)
}

pub(super) fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let e = known(ask)?;
    let s = &e.standing;
    let here = format!("/experts/{}", s.id);
    // About which enterprises somebody is tied: those that the visitor may know of.
    let scope = &ask.who()?.scope;
    let conflicts: Vec<_> = s.conflicts.iter().filter(|c| scope.covers(&c.enterprise, None)).collect();
    let ties: Vec<(&str, String)> = TIES.iter().map(|t| (*t, ask.word("conflict", t))).collect();
    ask.page(
        &s.id.clone(),
        || {
            html! {
                (links(ask))
                dl.facts {
                    dt { (ask.t("console.training.name")) } dd { (who(ask, &e)) }
                    @if let Some(n) = e.named.as_ref().filter(|n| !n.contact.is_empty()) { dt { (ask.t("console.training.contact")) } dd { (n.contact) } }
                    dt { (ask.t("console.training.person")) } dd { code { (s.person.to_string()) } }
                    dt { (ask.t("console.training.field")) } dd { (s.field) }
                    dt { (ask.t("console.state")) } dd { (state(ask, &e)) }
                    dt { (ask.t("console.training.certified")) } dd { (s.certified.date()) }
                    dt { (ask.t("console.head.until")) } dd { (s.expires.date()) }
                    dt { (ask.t("console.training.documented")) } dd { (ask.t(if s.documented { "console.yes" } else { "console.no" })) }
                    dt { (ask.t("console.nodes.record")) } dd { @if ask.may(Act::SeeEvidence) { a href={ "/evidence/" (s.leaf.hex()) } { code { (s.leaf.short()) } } } @else { code { (s.leaf.short()) } } }
                }
                h2 { (ask.t("console.training.conflicts")) }
                @if conflicts.is_empty() { (parts::empty(ask.t("console.training.no-conflicts"), "")) }
                @else {
                    (parts::table(ask.t("console.training.conflicts"), &[ask.t("console.training.enterprise"), ask.t("console.training.tie"), ask.t("console.head.since"), ask.t("console.head.until"), ask.t("console.state")],
                        conflicts.iter().map(|c| vec![
                            html! { code { (c.enterprise) } },
                            html! { (ask.word("conflict", c.kind.name())) },
                            html! { (c.since.date()) },
                            html! { (c.until.map_or_else(|| "…".to_owned(), evidence::Time::date)) },
                            parts::mark(if c.in_force { "warn" } else { "calm" }, &ask.word("in-force", if c.in_force { "yes" } else { "no" })),
                        ]).collect()))
                }
                @if ask.may(Act::ManageExperts) {
                    h2 { (ask.t("console.training.conflict-add")) }
                    (form::form(ask, &format!("{here}/conflict"), html! {
                        (form::line("enterprise", ask.t("console.nodes.uscc"), Line { needed: true, ..Line::default() }))
                        (form::choice("kind", ask.t("console.training.tie"), &ties, ""))
                        (form::line("since", ask.t("console.head.since"), Line { kind: "date", ..Line::default() }))
                        (form::line("until", ask.t("console.head.until"), Line { kind: "date", hint: ask.t("console.training.until-hint"), ..Line::default() }))
                    }, ask.t("console.save")))
                    @if s.state != ExpertState::Revoked {
                        details {
                            summary { (ask.t("console.training.renew")) }
                            (form::form(ask, &format!("{here}/renew"), form::line("expires", ask.t("console.head.until"), Line { needed: true, kind: "date", ..Line::default() }), ask.t("console.training.renew")))
                        }
                        details {
                            summary { (ask.t("console.training.revoke")) }
                            (form::form(ask, &format!("{here}/revoke"), form::choice("reason", ask.t("console.head.reason"), &reasons(ask), ""), ask.t("console.training.revoke")))
                        }
                    }
                }
            }
        },
        || {
            let mut out = value(&e);
            if let Some(all) = out["conflicts"].as_array_mut() {
                all.retain(|c| c["enterprise"].as_str().is_some_and(|u| scope.covers(u, None)));
            }
            out
        },
    )
}

pub(super) fn certify(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let expires = day_ends(ask, "until").ok_or_else(|| Fault::field("until", "console.fault.not-date"))?;
    let order = ExpertOrder {
        person: ask.text("person"),
        field: ask.text("field"),
        expires,
        document: None,
        employer: ask.text("employer"),
        contact: ask.text("contact"),
        badge: None,
        with_name: false,
    };
    let (kept, _) = ask.node().expert_certify(&order, None)?;
    ask.done(&format!("/experts/{}", kept.standing.id), "expert-certified", value(&kept))
}

pub(super) fn renew(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let e = known(ask)?;
    let expires = day_ends(ask, "expires").ok_or_else(|| Fault::field("expires", "console.fault.not-date"))?;
    let (kept, _) = ask.node().expert_renew(&e.standing.id, expires, None, None, None)?;
    ask.done(&format!("/experts/{}", kept.standing.id), "expert-renewed", value(&kept))
}

pub(super) fn revoke(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let e = known(ask)?;
    let kept = ask.node().expert_revoke(&e.standing.id, reason(ask)?, None)?;
    ask.done(&format!("/experts/{}", kept.standing.id), "expert-revoked", value(&kept))
}

pub(super) fn conflict(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let e = known(ask)?;
    let period = (day(ask, "since"), day_ends(ask, "until"));
    let kept = ask.node().expert_conflict(&e.standing.id, ask.text("enterprise"), tie(ask)?, period, None)?;
    ask.done(&format!("/experts/{}", kept.standing.id), "expert-conflict", value(&kept))
}
