//! One flow: what it is, what it needs, has and lacks, what the logs show of it, and everything that was ever said about it.

use super::list::notes;
use super::{GRANTS, OUTCOMES, country, options, shown, span, state, tabs, today};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use evidence::{Digest, FlowState, Say, TransferEntry, TransferMove};
use maud::{Markup, html};
use node::accounts::Act;
use report::Speech;
use report::transfers as face;
use serde_json::json;

/// True if an entry is about the flow.
fn about(entry: &TransferEntry, flow: &str) -> bool {
    match &entry.what {
        TransferMove::Flow(f) => f.id == flow,
        TransferMove::Table(t) => t.rows.iter().any(|r| r.flow.id == flow),
        TransferMove::Counted(c) => c.flow == flow,
        TransferMove::Decided(d) => d.flows.iter().any(|f| f == flow),
        TransferMove::Ended { flow: f, .. } => f == flow,
        TransferMove::Provided(p) => p.flow == flow,
        TransferMove::Request(_) | TransferMove::RequestMoved(_) | TransferMove::Observed { .. } => false,
    }
}

/// What an entry says, in a line.
fn said(ask: &Ask<'_>, speech: Speech<'_>, what: &TransferMove, flow: &str) -> String {
    let say = |key: &str| Say::new(format!("console.transfer.said-{key}"));
    let sentence = match what {
        TransferMove::Table(t) => say("table").with("name", speech.text(&t.document.name)),
        TransferMove::Counted(c) => say("counted")
            .with("year", c.year)
            .with("personal", span(c.personal))
            .with("sensitive", span(c.sensitive))
            .with("date", c.as_of.date()),
        TransferMove::Decided(d) => say("decided")
            .with("what", ask.word("grant", d.grant.name()))
            .with("result", ask.word("outcome-of", d.outcome.name()))
            .with("number", speech.text(&d.number))
            .with("since", d.since.date()),
        TransferMove::Ended { at, reason, .. } => {
            say("ended").with("date", at.date()).with("because", speech.text(reason))
        }
        TransferMove::Provided(p) => say("provided").with("data", speech.text(&p.data)).with("date", p.at.date()),
        TransferMove::Flow(_)
        | TransferMove::Request(_)
        | TransferMove::RequestMoved(_)
        | TransferMove::Observed { .. } => say("flow"),
    };
    debug_assert!(!flow.is_empty());
    ask.say(&sentence)
}

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let standing = node.transfers(ask.plan())?;
    let id = ask.part("id");
    let flow = standing.0.flows.get(id).ok_or_else(Fault::none)?;
    let stands = standing.1.flows.iter().find(|s| s.flow == id).ok_or_else(Fault::none)?;
    let entries: Vec<(Digest, TransferEntry)> =
        node.transfer_entries()?.into_iter().filter(|e| about(&e.1, id)).collect();
    let seen: Vec<_> =
        node.transfers_seen(ask.plan())?.into_iter().filter(|d| d.flows.iter().any(|f| f == id)).collect();
    let speech = Speech::new(ask.plan(), ask.lang);
    let title = format!("{} · {}", speech.text(&flow.recipient), country(ask, &flow.country));
    ask.page(
        &title,
        || {
            let input = shown(ask, &standing);
            let cells = face::cells(&input, ask.lang, stands).unwrap_or_default();
            let head = |c: &str| face::column(ask.lang, c);
            let heads = [ask.t("console.head.when"), ask.t("console.transfer.said"), ask.t("console.transfer.by"), ask.t("console.transfer.record")];
            html! {
                (tabs(ask))
                p { code { (flow.id) } " " (state(ask, stands.state))
                    @if !stands.lacks.is_empty() { " · " (head("lacks")) ": " (cells.get("lacks").map_or("", String::as_str)) } }
                dl.facts {
                    @for c in face::COLUMNS.iter().filter(|c| !matches!(**c, "id" | "state" | "lacks" | "as_of")) {
                        @if let Some(text) = cells.get(c).filter(|t| !t.is_empty()) { dt { (head(c)) } dd { (speech.text(text)) } }
                    }
                    @if let Some(by) = stands.in_hand.as_ref().and_then(|h| h.renew_by) { dt { (ask.t("console.transfer.renew-by")) } dd { (by.date()) } }
                    @if let Some(level) = &stands.level { dt { (ask.t("console.transfer.level")) } dd { (speech.level(level)) } }
                    @if let Some(i) = &flow.impact { dt { (ask.t("lacks.impact")) } dd { (speech.text(&i.name)) " · " code { (i.digest.short()) } } }
                }
                (rules(ask, speech, stands))
                (notes(ask, &standing.1, id))
                h2 { (ask.t("console.transfer.tab-seen")) }
                @if flow.hosts.is_empty() { (parts::empty(ask.t("console.transfer.no-hosts"), "")) }
                @else if seen.is_empty() { (parts::empty(ask.t("console.transfer.not-seen"), "")) }
                @else { (super::seen::table(ask, &seen)) }
                h2 { (ask.t("console.transfer.life")) }
                (parts::table(ask.t("console.transfer.life"), &heads, entries.iter().rev().map(|(leaf, e)| vec![
                    time(ask, e.stated_at), html! { (said(ask, speech, &e.what, id)) }, html! { (speech.text(&e.author.name)) },
                    html! { @if ask.may(Act::SeeEvidence) { a href={ "/evidence/" (leaf.hex()) } { code { (leaf.short()) } } } @else { code { (leaf.short()) } } },
                ]).collect()))
                @if ask.may(Act::ManageTransfers) { (forms(ask, id, stands.state)) }
            }
        },
        || {
            json!({
                "flow": flow, "standing": stands,
                "notes": standing.1.notes.iter().filter(|n| n.about == id).collect::<Vec<_>>(),
                "seen": seen.iter().map(super::seen::value).collect::<Vec<_>>(),
                "entries": entries.iter().map(|(leaf, e)| json!({"record": leaf, "entry": e})).collect::<Vec<_>>(),
            })
        },
    )
}

/// Which rules of the plan the need comes from, with their sources.
fn rules(ask: &Ask<'_>, speech: Speech<'_>, s: &evidence::FlowStanding) -> Markup {
    let mut ids: Vec<&str> = [&s.at_least, &s.at_most].into_iter().flatten().map(|n| n.rule.as_str()).collect();
    ids.dedup();
    let found = ids.iter().filter_map(|id| ask.plan().transfers().iter().find(|t| t.id == **id));
    let rules: Vec<_> = found.collect();
    html! {
        @if s.state != FlowState::Ended && !rules.is_empty() {
            h2 { (ask.t("console.transfer.rule")) }
            @for r in &rules {
                @let (source, sure) = speech.source(&r.sourced);
                p { (speech.plan_text(&format!("transfer.{}.name", r.id), &r.id)) br; span.small { (source) " · " (sure) } }
            }
            @if rules.len() > 1 { p.small { (ask.t("console.transfer.between")) } }
        }
    }
}

fn forms(ask: &Ask<'_>, id: &str, state: FlowState) -> Markup {
    let here = format!("/transfers/flows/{id}");
    let head = |c: &str| face::column(ask.lang, c);
    let today = today(ask);
    let people = ask.t("console.transfer.hint-people");
    html! {
        details { summary { (ask.t("console.transfer.count")) }
            (form::form(ask, &format!("{here}/count"), html! {
                (form::line("personal", head("personal"), Line { needed: true, fill: "off", hint: people, ..Line::default() }))
                (form::line("sensitive", head("sensitive"), Line { fill: "off", hint: people, ..Line::default() }))
                (form::line("as_of", head("as_of"), Line { value: &today, kind: "date", ..Line::default() }))
            }, ask.t("console.exam.record-it")))
        }
        details { summary { (ask.t("console.transfer.decide")) }
            (form::form(ask, &format!("{here}/decide"), html! {
                (form::choice("grant", ask.t("console.transfer.what"), &options(ask, "grant", GRANTS), ""))
                (form::choice("outcome", ask.t("console.transfer.how-far"), &options(ask, "outcome-of", OUTCOMES), "granted"))
                (form::line("number", ask.t("console.transfer.number"), Line { fill: "off", ..Line::default() }))
                (form::line("since", ask.t("console.transfer.since"), Line { value: &today, needed: true, kind: "date", ..Line::default() }))
                (form::line("until", head("until"), Line { kind: "date", hint: ask.t("console.transfer.hint-until"), ..Line::default() }))
                (form::paper(ask))
            }, ask.t("console.exam.record-it")))
        }
        @if state != FlowState::Ended {
            details { summary { (ask.t("console.transfer.end")) }
                (form::form(ask, &format!("{here}/end"), html! {
                    (form::line("at", ask.t("console.transfer.last-day"), Line { value: &today, needed: true, kind: "date", of: "end", ..Line::default() }))
                    (form::line("reason", ask.t("console.head.reason"), Line { fill: "off", of: "end", ..Line::default() }))
                }, ask.t("console.exam.record-it")))
            }
        }
    }
}
