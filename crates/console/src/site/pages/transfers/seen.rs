//! What the logs show, destination by destination, against what is declared.

use super::{LINES, SEEN, country, options, tabs};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form;
use crate::site::frame::time;
use crate::site::parts;
use evidence::Say;
use judge::{SeenAs, SeenDestination};
use maud::{Markup, html};
use report::Speech;
use serde_json::{Value, json};

fn id(d: &SeenDestination) -> String {
    format!("{} {}", d.destination, d.address)
}

pub(super) fn value(d: &SeenDestination) -> Value {
    json!({
        "destination": d.destination, "address": d.address, "country": d.country, "bytes_out": d.bytes_out, "unmeasured": d.unmeasured,
        "connections": d.connections, "last": d.last, "seen_as": d.seen_as.name(), "flows": d.flows,
    })
}

fn mark(ask: &Ask<'_>, seen: SeenAs) -> Markup {
    let tone = match seen {
        SeenAs::AfterEnd | SeenAs::Undeclared => "bad",
        SeenAs::Unmeasured | SeenAs::OtherCountry | SeenAs::CountryUnknown => "warn",
        SeenAs::Declared => "good",
        SeenAs::Small | SeenAs::Home => "calm",
    };
    parts::mark(tone, &ask.word("console.transfer.seen-as", seen.name()))
}

pub(super) fn table<D: std::borrow::Borrow<SeenDestination>>(ask: &Ask<'_>, here: &[D]) -> Markup {
    let heads = [
        ask.t("field.destination"),
        ask.t("console.transfer.country"),
        ask.t("field.bytes_out"),
        ask.t("field.connections"),
        ask.t("console.transfer.last-seen"),
        ask.t("console.state"),
        ask.t("console.transfer.flows"),
    ];
    let speech = Speech::new(ask.plan(), ask.lang);
    let line = |d: &D| {
        let d: &SeenDestination = d.borrow();
        vec![
            html! { (speech.text(&d.destination)) @if !d.address.is_empty() && d.address != d.destination { br; span.small { (speech.text(&d.address)) } } },
            html! { (country(ask, &d.country)) },
            html! { (d.bytes_out) @if d.unmeasured > 0 { br; span.small { (ask.say(&Say::new("console.transfer.unmeasured").with("count", d.unmeasured))) } } },
            html! { (d.connections) },
            d.last.map_or_else(|| html! { "–" }, |at| time(ask, at)),
            mark(ask, d.seen_as),
            html! { @if d.flows.is_empty() { "–" } @for (n, f) in d.flows.iter().enumerate() { @if n > 0 { ", " } a href={ "/transfers/flows/" (f) } { code { (f) } } } },
        ]
    };
    parts::table(ask.t("console.transfer.destinations"), &heads, here.iter().map(line).collect())
}

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let (all, countries) = (node.transfers_seen(ask.plan())?, node.countries()?);
    let wanted = ask.wanted("as");
    let shown: Vec<&SeenDestination> = all.iter().filter(|d| wanted.is_empty() || d.seen_as.name() == wanted).collect();
    let (here, next) = parts::after(&shown, ask.wanted("after"), |d| id(d), LINES);
    ask.page(
        ask.t("console.transfer.seen-title"),
        || {
            let of = ask.say(&Say::new("console.transfer.of-destinations").with("count", all.len()));
            let count = |of: &[SeenAs]| all.iter().filter(|d| of.contains(&d.seen_as)).count().to_string();
            let choices: Vec<(&str, String)> = std::iter::once(("", ask.t("console.exam.all").to_owned())).chain(options(ask, "console.transfer.seen-as", SEEN)).collect();
            html! {
                (tabs(ask))
                p { (ask.t("console.transfer.seen-about")) }
                @match &countries {
                    None => p { (parts::mark("warn", ask.t("console.transfer.no-countries"))) " " code { "watchfire transfer countries import" } }
                    Some(k) => p.small { (ask.say(&Say::new("console.transfer.countries").with("rows", k.table.rows).with("at", k.at.date()))) }
                }
                @if all.is_empty() { (parts::empty(ask.t("console.transfer.nothing-seen"), ask.t("console.transfer.nothing-seen-hint"))) }
                @else {
                    div.tiles {
                        (parts::tile(&ask.word("console.transfer.seen-as", "undeclared"), &count(&[SeenAs::Undeclared, SeenAs::Unmeasured]), &of))
                        (parts::tile(&ask.word("console.transfer.seen-as", "after-end"), &count(&[SeenAs::AfterEnd]), &of))
                        (parts::tile(&ask.word("console.transfer.seen-as", "country-unknown"), &count(&[SeenAs::CountryUnknown]), &of))
                        (parts::tile(&ask.word("console.transfer.seen-as", "declared"), &count(&[SeenAs::Declared, SeenAs::OtherCountry]), &of))
                    }
                    (form::filter(ask, form::choice("as", ask.t("console.state"), &choices, wanted)))
                    @if here.is_empty() { (parts::empty(ask.t("console.transfer.none-of-state"), "")) }
                    @else { (table(ask, here)) }
                    (parts::next(ask, &[("as", wanted)], next.as_deref()))
                }
            }
        },
        || json!({"destinations": here.iter().map(|d| value(d)).collect::<Vec<_>>(), "count": all.len(), "countries": countries.as_ref().map(|c| &c.table), "next": next}),
    )
}
