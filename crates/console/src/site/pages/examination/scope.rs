//! What this node answers for: the denominator of every standing.

use super::{KINDS, LINES, tabs};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use evidence::ScopeKind;
use maud::html;
use node::ScopeTyped;
use node::accounts::Act;
use report::Speech;
use serde_json::json;

pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let scope = ask.node().scope()?;
    let entries = scope.as_ref().map(|s| s.entries.as_slice()).unwrap_or_default();
    let key = |e: &evidence::ScopeEntry| format!("{}:{}", e.kind.name(), e.id);
    let (here, next) = parts::after(entries, ask.wanted("after"), key, LINES);
    ask.page(
        ask.t("console.exam.scope"),
        || {
            let speech = Speech::new(ask.plan(), ask.lang);
            let heads = [ask.t("console.exam.scope-kind"), ask.t("console.exam.scope-id"), ask.t("console.exam.scope-label"), ask.t("console.exam.scope-site"), ask.t("console.exam.scope-country")];
            let kinds: Vec<(&str, String)> = KINDS.iter().map(|k| (*k, ask.word("scope", k))).collect();
            let hint = |e: &evidence::ScopeEntry| if e.kind == ScopeKind::Person { e.id.chars().take(16).collect() } else { speech.text(&e.id) };
            html! {
                (tabs(ask))
                p { (ask.t("console.exam.scope-about")) @if let Some(s) = &scope { " " (ask.t("console.exam.scope-since")) " " (time(ask, s.stated_at)) " · " (speech.text(&s.author.name)) } }
                @if entries.is_empty() { (parts::empty(ask.t("console.exam.no-scope-yet"), ask.t("console.exam.no-scope-hint"))) }
                @else {
                    div.tiles { @for k in ScopeKind::ALL { (parts::tile(&ask.word("scope", k.name()), &entries.iter().filter(|e| e.kind == k).count().to_string(), "")) } }
                    (parts::table(ask.t("console.exam.scope"), &heads, here.iter().map(|e| vec![
                        html! { (ask.word("scope", e.kind.name())) }, html! { code { (hint(e)) } }, html! { (speech.text(&e.label)) }, html! { (speech.text(&e.site)) }, html! { (speech.text(&e.country)) },
                    ]).collect()))
                    (parts::next(ask, &[], next.as_deref()))
                }
                @if ask.may(Act::Answer) {
                    h2 { (ask.t("console.exam.scope-add")) }
                    p.small { (ask.t("console.exam.scope-add-about")) " " code { "watchfire scope import TABLE" } }
                    (form::form(ask, "/examination/scope", html! {
                        (form::choice("kind", ask.t("console.exam.scope-kind"), &kinds, "host"))
                        (form::line("id", ask.t("console.exam.scope-id"), Line { needed: true, fill: "off", hint: ask.t("console.exam.scope-id-hint"), ..Line::default() }))
                        (form::line("label", ask.t("console.exam.scope-label"), Line { fill: "off", ..Line::default() }))
                        (form::line("site", ask.t("console.exam.scope-site"), Line { fill: "off", ..Line::default() }))
                        (form::line("country", ask.t("console.exam.scope-country"), Line { fill: "off", hint: ask.t("console.exam.scope-country-hint"), ..Line::default() }))
                    }, ask.t("console.exam.record-it")))
                }
            }
        },
        || json!({"entries": here, "next": next}),
    )
}

pub(super) fn add(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let typed = ScopeTyped {
        kind: ask.text("kind"),
        id: ask.text("id"),
        label: ask.text("label"),
        site: ask.text("site"),
        country: ask.text("country"),
    };
    let set = ask.node().scope_add(typed, None)?;
    ask.done("/examination/scope", "scope", json!({"record": set.leaf, "entries": set.entries.len()}))
}
