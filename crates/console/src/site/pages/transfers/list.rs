//! All flows: how they stand, what the judge says of them, and the ways in - one flow, or a table.

use super::{HOLDS, LINES, STATES, TABLE_CHARS_MAX, WAYS, country, options, shown, span, state, tabs, today};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::parts;
use evidence::{FlowStanding, FlowState, NoteKind, Say, TransferJudgement};
use maud::{Markup, html};
use node::accounts::Act;
use report::Speech;
use report::transfers::{self as face, TransferInput};
use serde_json::{Value, json};

/// Notes of a kind that a page shows.
const NOTES: usize = 30;

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let standing = ask.node().transfers(ask.plan())?;
    let (register, judgement) = &standing;
    let wanted = ask.wanted("state");
    let fits =
        |f: &&FlowStanding| if wanted.is_empty() { f.state != FlowState::Ended } else { f.state.name() == wanted };
    let flows: Vec<&FlowStanding> = judgement.flows.iter().filter(fits).collect();
    let (here, next) = parts::after(&flows, ask.wanted("after"), |f| f.flow.clone(), LINES);
    ask.page(
        ask.t("console.place.transfers"),
        || {
            let input = shown(ask, &standing);
            let all: Vec<(&str, String)> = std::iter::once(("", ask.t("console.transfer.all-open").to_owned())).chain(options(ask, "flow-state", STATES)).collect();
            html! {
                (tabs(ask))
                p { (ask.t("console.transfer.about")) }
                @if judgement.flows.is_empty() {
                    (parts::empty(ask.t("console.transfer.none"), ask.t("console.transfer.none-hint")))
                } @else {
                    (tiles(ask, judgement))
                    (exporters(ask, judgement))
                    (form::filter(ask, form::choice("state", ask.t("console.state"), &all, wanted)))
                    @if here.is_empty() { (parts::empty(ask.t("console.transfer.none-of-state"), "")) }
                    @else { (table(ask, &input, here)) }
                    (parts::next(ask, &[("state", wanted)], next.as_deref()))
                    p.links { (ask.t("console.transfer.export")) ": " @for kind in ["xlsx", "csv", "json"] { a href={ "/transfers/export?as=" (kind) } { (kind.to_uppercase()) } } }
                }
                (notes(ask, judgement, ""))
                @if ask.may(Act::ManageTransfers) {
                    h2 { (ask.t("console.transfer.judge")) }
                    p.small { (ask.t("console.transfer.judge-about")) }
                    (form::button(ask, "/transfers/assess", &[], ask.t("console.transfer.judge-it"), ""))
                    details { summary { (ask.t("console.transfer.add")) } (add(ask)) }
                    details { summary { (ask.t("console.transfer.bring")) } (bring(ask)) }
                }
            }
        },
        || {
            json!({
                "year": judgement.year, "as_of": judgement.as_of, "exporters": judgement.exporters,
                "flows": here.iter().map(|s| json!({"flow": register.flows.get(&s.flow), "standing": s})).collect::<Vec<_>>(),
                "notes": judgement.notes, "doubts": judgement.doubts, "next": next,
            })
        },
    )
}

fn tiles(ask: &Ask<'_>, j: &TransferJudgement) -> Markup {
    let open = j.flows.iter().filter(|f| f.state != FlowState::Ended).count();
    let of = ask.say(&Say::new("console.transfer.of").with("count", open));
    let count = |states: &[FlowState]| j.flows.iter().filter(|f| states.contains(&f.state)).count().to_string();
    html! {
        div.tiles {
            (parts::tile(ask.t("console.transfer.lacking"), &count(&[FlowState::Expired, FlowState::Missing]), &of))
            (parts::tile(ask.t("console.transfer.to-renew"), &count(&[FlowState::Renew]), &of))
            (parts::tile(ask.t("console.transfer.unclear"), &count(&[FlowState::Unclear]), &of))
            (parts::tile(ask.t("console.transfer.settled"), &count(&[FlowState::InHand, FlowState::Exempt]), &of))
        }
    }
}

fn exporters(ask: &Ask<'_>, j: &TransferJudgement) -> Markup {
    let head = |c: &str| face::column(ask.lang, c);
    let heads = [head("exporter"), ask.t("console.transfer.flows"), head("personal"), head("sensitive"), head("cii")];
    let speech = Speech::new(ask.plan(), ask.lang);
    let said = ask.say(&Say::new("console.transfer.sums").with("year", j.year));
    let line = |e: &evidence::ExporterStanding| {
        let name =
            if e.exporter.is_empty() { ask.t("transfer.this-node").to_owned() } else { speech.text(&e.exporter) };
        vec![
            html! { (name) },
            html! { (e.flows) },
            html! { (span(e.personal)) },
            html! { (span(e.sensitive)) },
            html! { (ask.t(if e.cii { "console.yes" } else { "console.no" })) },
        ]
    };
    parts::table(&said, &heads, j.exporters.iter().map(line).collect())
}

fn table(ask: &Ask<'_>, input: &TransferInput<'_>, here: &[&FlowStanding]) -> Markup {
    let heads: Vec<&str> = ["id", "recipient", "country", "need", "in_hand", "until", "state", "lacks"]
        .map(|c| face::column(ask.lang, c))
        .to_vec();
    let line = |s: &&FlowStanding| {
        let cells = face::cells(input, ask.lang, s).unwrap_or_default();
        let cell = |c: &str| cells.get(c).map(String::as_str).filter(|t| !t.is_empty()).unwrap_or("–").to_owned();
        let speech = Speech::new(ask.plan(), ask.lang);
        vec![
            html! { a href={ "/transfers/flows/" (s.flow) } { code { (s.flow) } } },
            html! { (speech.text(&cell("recipient"))) },
            html! { (country(ask, &cell("country"))) },
            html! { (cell("need")) },
            html! { (speech.text(&cell("in_hand"))) },
            html! { (cell("until")) },
            state(ask, s.state),
            html! { (cell("lacks")) },
        ]
    };
    parts::table(ask.t("console.transfer.flows"), &heads, here.iter().map(line).collect())
}

/// What the judge notes: about one flow or request, or all of it.
pub(super) fn notes(ask: &Ask<'_>, j: &TransferJudgement, about: &str) -> Markup {
    let speech = Speech::new(ask.plan(), ask.lang);
    let of = |kind: NoteKind| {
        let fits = move |n: &&evidence::TransferNote| n.kind == kind && (about.is_empty() || n.about == about);
        j.notes.iter().filter(fits).collect::<Vec<_>>()
    };
    html! {
        @for kind in NoteKind::ALL {
            @let notes = of(*kind);
            @if !notes.is_empty() {
                h2 { (ask.word("note-kind", kind.name())) " (" (notes.len()) ")" }
                ul { @for n in notes.iter().take(NOTES) { li {
                    (parts::mark(match kind { NoteKind::Finding => "bad", NoteKind::Warning => "warn", NoteKind::Note => "calm" }, &ask.word("console.transfer.note", kind.name())))
                    " " (speech.say(&n.say))
                } } }
                @if notes.len() > NOTES { p.small { (ask.say(&Say::new("console.exam.more").with("count", notes.len() - NOTES))) } }
            }
        }
        @if about.is_empty() && !j.doubts.is_empty() {
            details { summary { (ask.t("transfer.doubts")) " (" (j.doubts.len()) ")" } ul { @for d in &j.doubts { li { (speech.say(&d.say)) } } } }
        }
    }
}

fn add(ask: &Ask<'_>) -> Markup {
    let head = |c: &str| face::column(ask.lang, c);
    let line = |c: &str, hint: &'static str| form::line(c, head(c), Line { fill: "off", hint, ..Line::default() });
    let must = |c: &str, hint: &'static str| {
        form::line(c, head(c), Line { needed: true, fill: "off", hint, ..Line::default() })
    };
    let hint = |k: &str| ask.t(&format!("console.transfer.hint-{k}"));
    let mut cases = vec![("", "–".to_owned())];
    let speech = Speech::new(ask.plan(), ask.lang);
    for t in ask.plan().transfers().iter().filter(|t| !t.case.is_empty()) {
        if !cases.iter().any(|c| c.0 == t.case) {
            cases.push((t.case.as_str(), speech.plan_text(&format!("transfer.{}.name", t.id), &t.case)));
        }
    }
    form::form(
        ask,
        "/transfers",
        html! {
            p.small { (ask.t("console.transfer.add-about")) }
            (must("recipient", ""))
            (must("country", hint("country")))
            (must("purpose", ""))
            (line("system", hint("system")))
            (form::choice("way", head("way"), &options(ask, "way", WAYS), "sent"))
            (form::ticks("holds", head("holds"), &options(ask, "holds", HOLDS), &[]))
            (line("personal", hint("people")))
            (line("sensitive", hint("people")))
            (line("ground", ""))
            details {
                summary { (ask.t("console.inc.more-fields")) }
                (line("exporter", hint("exporter")))
                (form::tick("cii", head("cii"), false))
                (line("group", ""))
                (form::text("assets", head("assets"), Line { hint: hint("assets"), ..Line::default() }))
                (form::text("hosts", head("hosts"), Line { hint: hint("hosts"), ..Line::default() }))
                (form::choice("case", head("case"), &cases, ""))
                (line("reason", hint("reason")))
                (form::tick("disjoint", head("disjoint"), false))
            }
            p.small { (ask.t("console.transfer.impact-about")) }
            (form::paper(ask))
        },
        ask.t("console.transfer.add-it"),
    )
}

fn bring(ask: &Ask<'_>) -> Markup {
    let about = ask.say(&Say::new("console.transfer.bring-about").with("max", TABLE_CHARS_MAX));
    form::form(
        ask,
        "/transfers/table",
        html! {
            p.small { (about) }
            (form::table_text(ask, TABLE_CHARS_MAX))
        },
        ask.t("console.transfer.bring-it"),
    )
}

pub(super) fn export(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let standing = ask.node().transfers(ask.plan())?;
    let input = shown(ask, &standing);
    let name = |ending: &str| format!("transfers-{}.{ending}", today(ask));
    Ok(match ask.wanted("as") {
        // Excel takes a CSV file for the system's old code page unless it begins with this mark.
        "csv" => Answer::File(
            "text/csv; charset=utf-8",
            name("csv"),
            format!("\u{feff}{}", face::csv(&input, ask.lang)).into_bytes(),
        ),
        "json" => {
            let (register, judgement) = &standing;
            let value: Value = json!({
                "judgement": judgement, "flows": register.flows, "requests": register.requests, "provided": register.provided,
            });
            Answer::File("application/json", name("json"), format!("{value:#}\n").into_bytes())
        }
        _ => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Answer::File(kind, name("xlsx"), face::xlsx(&input, ask.lang).map_err(Fault::inside)?)
        }
    })
}
