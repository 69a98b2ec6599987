//! Requests of foreign authorities, and records of what was provided or entrusted.

use super::list::notes;
use super::{LINES, STEPS, country, options, tabs, today};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::parts;
use evidence::{ProvisionStanding, RequestStanding, RequestStep};
use maud::{Markup, html};
use node::accounts::Act;
use report::Speech;
use report::transfers as face;
use serde_json::json;

fn step(ask: &Ask<'_>, s: &RequestStanding) -> Markup {
    let word = ask.word("request", s.step.map_or("new", RequestStep::name));
    parts::mark(
        if s.closed {
            "calm"
        } else if s.approved {
            "good"
        } else {
            "warn"
        },
        &word,
    )
}

pub(super) fn requests(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (register, judgement) = ask.node().transfers(ask.plan())?;
    let (here, next) = parts::after(&judgement.requests, ask.wanted("after"), |s| s.request.clone(), LINES);
    ask.page(
        ask.t("console.transfer.requests"),
        || {
            let heads = [ask.t("console.transfer.request"), ask.t("console.transfer.authority"), ask.t("console.transfer.asked"), ask.t("console.transfer.received"), ask.t("console.transfer.days"), ask.t("console.state")];
            let speech = Speech::new(ask.plan(), ask.lang);
            let lines = here.iter().filter_map(|s| Some((s, register.requests.get(&s.request)?)));
            html! {
                (tabs(ask))
                p { (ask.t("console.transfer.requests-about")) }
                @if here.is_empty() { (parts::empty(ask.t("cli.say.transfer_no_requests"), ask.t("console.transfer.requests-hint"))) }
                @else {
                    (parts::table(ask.t("console.transfer.requests"), &heads, lines.clone().map(|(s, r)| vec![
                        html! { code { (r.id) } }, html! { (speech.text(&r.authority)) " · " (country(ask, &r.country)) },
                        html! { (speech.text(&r.asked)) @if !r.basis.is_empty() { br; span.small { (speech.text(&r.basis)) } } },
                        html! { (r.received.date()) }, html! { (s.days) }, step(ask, s),
                    ]).collect()))
                    (parts::next(ask, &[], next.as_deref()))
                    @for s in here { (notes(ask, &judgement, &s.request)) }
                }
                @if ask.may(Act::ManageTransfers) {
                    @for (s, r) in lines.filter(|l| !l.0.closed) {
                        details { summary { (ask.t("console.transfer.step-of")) " " code { (s.request) } " · " (speech.text(&r.authority)) }
                            (form::form(ask, &format!("/transfers/requests/{}/steps", s.request), html! {
                                (form::choice_of(&s.request, "step", ask.t("console.transfer.step"), &options(ask, "request", STEPS), ""))
                                (form::line("at", ask.t("console.transfer.day"), Line { value: &today(ask), needed: true, kind: "date", of: &s.request, ..Line::default() }))
                                (form::text("note", ask.t("console.inc.note"), Line { of: &s.request, ..Line::default() }))
                                (form::paper_in(ask, &s.request))
                            }, ask.t("console.exam.record-it")))
                        }
                    }
                    details { summary { (ask.t("console.transfer.request-add")) }
                        (form::form(ask, "/transfers/requests", html! {
                            (form::line("authority", ask.t("console.transfer.authority"), Line { needed: true, fill: "off", ..Line::default() }))
                            (form::line("country", ask.t("console.transfer.country"), Line { needed: true, fill: "off", hint: ask.t("console.transfer.hint-code"), ..Line::default() }))
                            (form::text("asked", ask.t("console.transfer.asked"), Line { needed: true, hint: ask.t("console.transfer.hint-asked"), ..Line::default() }))
                            (form::line("basis", ask.t("console.transfer.basis"), Line { fill: "off", ..Line::default() }))
                            (form::line("received", ask.t("console.transfer.received"), Line { value: &today(ask), needed: true, kind: "date", ..Line::default() }))
                            (form::paper(ask))
                        }, ask.t("console.exam.record-it")))
                    }
                }
            }
        },
        || json!({
            "requests": here.iter().map(|s| json!({"request": register.requests.get(&s.request), "standing": s})).collect::<Vec<_>>(), "next": next,
        }),
    )
}

pub(super) fn provided(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (register, judgement) = ask.node().transfers(ask.plan())?;
    let (here, next) = parts::after(&judgement.provisions, ask.wanted("after"), |p| p.provision.clone(), LINES);
    ask.page(
        ask.t("console.transfer.provided"),
        || {
            let heads = [ask.t("console.transfer.day"), face::column(ask.lang, "recipient"), ask.t("console.transfer.data"), face::column(ask.lang, "purpose"), ask.t("console.transfer.contract"), ask.t("console.transfer.keep")];
            let speech = Speech::new(ask.plan(), ask.lang);
            let line = |p: &ProvisionStanding| {
                let r = register.provided.get(&p.provision)?;
                Some(vec![
                    html! { (r.at.date()) }, html! { (speech.text(&r.recipient)) @if r.entrusted { " · " (ask.t("console.transfer.entrusted")) } @if !r.flow.is_empty() { br; a href={ "/transfers/flows/" (r.flow) } { code { (r.flow) } } } },
                    html! { (speech.text(&r.data)) }, html! { (speech.text(&r.purpose)) },
                    if p.contract { parts::mark("good", ask.t("console.yes")) } else { parts::mark("warn", ask.t("console.no")) },
                    html! { (p.keep_until.map_or_else(|| "–".to_owned(), evidence::Time::date)) },
                ])
            };
            html! {
                (tabs(ask))
                p { (ask.t("console.transfer.provided-about")) }
                @if here.is_empty() { (parts::empty(ask.t("console.transfer.none-provided"), ask.t("console.transfer.none-provided-hint"))) }
                @else {
                    (parts::table(ask.t("console.transfer.provided"), &heads, here.iter().filter_map(line).collect()))
                    (parts::next(ask, &[], next.as_deref()))
                }
                @if ask.may(Act::ManageTransfers) {
                    details { summary { (ask.t("console.transfer.provided-add")) }
                        (form::form(ask, "/transfers/provided", html! {
                            (form::line("recipient", face::column(ask.lang, "recipient"), Line { needed: true, fill: "off", ..Line::default() }))
                            (form::line("data", ask.t("console.transfer.data"), Line { needed: true, fill: "off", hint: ask.t("console.transfer.hint-data"), ..Line::default() }))
                            (form::line("purpose", face::column(ask.lang, "purpose"), Line { needed: true, fill: "off", ..Line::default() }))
                            (form::line("flow", face::column(ask.lang, "id"), Line { fill: "off", ..Line::default() }))
                            (form::tick("entrusted", ask.t("console.transfer.entrusted-long"), false))
                            (form::line("at", ask.t("console.transfer.day"), Line { value: &today(ask), needed: true, kind: "date", ..Line::default() }))
                            (form::paper(ask))
                        }, ask.t("console.exam.record-it")))
                    }
                }
            }
        },
        || json!({
            "provided": here.iter().map(|p| json!({"provided": register.provided.get(&p.provision), "standing": p})).collect::<Vec<_>>(), "next": next,
        }),
    )
}
