//! Measures: what is done about findings, by whom, until when; and what may stand for a while.

use super::{LINES, tabs};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use evidence::{MeasureState, Say, Time};
use maud::{Markup, html};
use node::accounts::Act;
use node::{Exception, KeptMeasure, MeasureChange, Wanted};
use plan::Days;
use report::Speech;
use serde_json::json;

const HERE: &str = "/examination/measures";

fn over(k: &KeptMeasure) -> bool {
    matches!(k.measure.state, MeasureState::Verified | MeasureState::Withdrawn)
}

fn end(k: &KeptMeasure) -> Time {
    k.measure.expires.unwrap_or(k.measure.due)
}

fn state_mark(ask: &Ask<'_>, k: &KeptMeasure) -> Markup {
    let word = ask.word("measure.state", k.measure.state.name());
    let tone = match k.measure.state {
        _ if k.is_late(ask.now) => return parts::mark("bad", &format!("{word} · {}", ask.t("measure.late"))),
        MeasureState::Verified => "good",
        MeasureState::Done | MeasureState::Excepted => "warn",
        _ => "calm",
    };
    parts::mark(tone, &word)
}

/// Measures as a table; links to each.
pub(super) fn table(ask: &Ask<'_>, speech: Speech<'_>, measures: &[KeptMeasure]) -> Markup {
    lines(ask, speech, &measures.iter().collect::<Vec<_>>())
}

fn lines(ask: &Ask<'_>, speech: Speech<'_>, measures: &[&KeptMeasure]) -> Markup {
    let days = Days::of(ask.plan().calendar());
    let heads = [
        ask.t("console.exam.measure"),
        ask.t("console.state"),
        ask.t("console.exam.due"),
        ask.t("console.exam.owner"),
        ask.t("console.exam.action"),
        ask.t("console.exam.findings"),
    ];
    parts::table(
        ask.t("console.exam.measures"),
        &heads,
        measures
            .iter()
            .map(|k| {
                let m = &k.measure;
                vec![
                    html! { a href={ (HERE) "/" (m.id) } { code { (m.id) } } },
                    state_mark(ask, k),
                    html! { (days.day_named(end(k))) },
                    html! { (speech.text(&m.owner)) @if !m.deputy.is_empty() { " (" (speech.text(&m.deputy)) ")" } },
                    html! { (speech.text(&m.action)) },
                    html! { (m.findings.len()) },
                ]
            })
            .collect(),
    )
}

pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let all = ask.node().measures()?;
    let show = Some(ask.wanted("show")).filter(|s| !s.is_empty()).unwrap_or("open");
    let shown: Vec<&KeptMeasure> = all
        .iter()
        .filter(|k| match show {
            "late" => k.is_late(ask.now),
            "all" => true,
            _ => !over(k),
        })
        .collect();
    let (here, next) = parts::after(&shown, ask.wanted("after"), |k| k.measure.id.clone(), LINES);
    let late = all.iter().filter(|k| k.is_late(ask.now)).count();
    ask.page(
        ask.t("console.exam.measures"),
        || {
            let options: Vec<(&str, String)> = ["open", "late", "all"].map(|s| (s, ask.word("console.exam.show-measures", s))).into();
            let of = ask.say(&Say::new("console.exam.of-measures").with("count", all.len()));
            let done = all.iter().filter(|k| k.measure.state == MeasureState::Verified).count();
            html! {
                (tabs(ask))
                p { (ask.t("console.exam.measures-about")) }
                @if all.is_empty() { (parts::empty(ask.t("console.exam.no-measures"), ask.t("console.exam.no-measures-hint"))) }
                @else {
                    div.tiles {
                        (parts::tile(ask.t("console.exam.late"), &late.to_string(), &of))
                        (parts::tile(ask.t("console.exam.still-open"), &all.iter().filter(|k| !over(k)).count().to_string(), &of))
                        (parts::tile(ask.t("console.exam.verified"), &done.to_string(), &of))
                    }
                    (form::filter(ask, form::choice("show", ask.t("console.exam.show"), &options, show)))
                    @if here.is_empty() { (parts::empty(ask.t("console.exam.none-here"), ask.t("console.exam.none-here-hint"))) }
                    @else { (lines(ask, Speech::new(ask.plan(), ask.lang), here)) }
                    (parts::next(ask, &[("show", show)], next.as_deref()))
                }
            }
        },
        || json!({"measures": here.iter().map(|k| k.value(ask.now)).collect::<Vec<_>>(), "next": next}),
    )
}

pub(super) fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let kept = ask.node().measure(ask.part("id"))?;
    let m = &kept.measure;
    let here = format!("{HERE}/{}", m.id);
    let days = Days::of(ask.plan().calendar());
    ask.page(
        &m.id.clone(),
        || {
            let speech = Speech::new(ask.plan(), ask.lang);
            html! {
                (tabs(ask))
                p { (state_mark(ask, &kept)) }
                dl.facts {
                    dt { (ask.t("console.exam.action")) } dd { (speech.text(&m.action)) }
                    dt { (ask.t("console.exam.owner")) } dd { (speech.text(&m.owner)) }
                    @if !m.deputy.is_empty() { dt { (ask.t("console.exam.deputy")) } dd { (speech.text(&m.deputy)) } }
                    dt { (ask.t("console.exam.due")) } dd { (days.day_named(end(&kept))) }
                    @if let Some(a) = &m.approver { dt { (ask.t("console.exam.approver")) } dd { (speech.text(a)) } }
                    @if let Some(d) = &m.document { dt { (ask.t("console.paper.legend")) } dd { (speech.text(&d.name)) " · " (d.bytes) " B · " code { (d.digest) } } }
                    @if let Some(v) = m.verified_by { dt { (ask.t("console.exam.verified-by")) } dd { a href={ "/examination?run=" (v.hex()) } { code { (v.short()) } } } }
                    dt { (ask.t("console.exam.recorded")) } dd { (time(ask, kept.first)) }
                    dt { (ask.t("console.exam.last")) } dd { (time(ask, m.stated_at)) " · " (speech.text(&m.author.name)) }
                    @for i in &m.incidents { dt { (ask.t("console.exam.incident")) } dd { a href={ "/incidents/" (i) } { (i) } } }
                }
                @if !m.findings.is_empty() {
                    h2 { (ask.t("console.exam.findings")) " (" (m.findings.len()) ")" }
                    ul { @for f in m.findings.iter().take(LINES) { li { a href={ "/examination/findings/" (f.hex()) } { code { (f.short()) } } } } }
                }
                @if ask.may(Act::Assign) { (forms(ask, &kept, &here, &days)) }
            }
        },
        || kept.value(ask.now),
    )
}

/// What may still be done with it.
fn forms(ask: &Ask<'_>, kept: &KeptMeasure, here: &str, days: &Days) -> Markup {
    let m = &kept.measure;
    let next: &[&str] = match m.state {
        MeasureState::Planned => &["running", "done", "verified", "withdrawn"],
        MeasureState::Running | MeasureState::Done => &["done", "verified", "withdrawn"],
        MeasureState::Excepted | MeasureState::Verified => &["withdrawn"],
        MeasureState::Withdrawn => &[],
    };
    let options: Vec<(&str, String)> = next.iter().map(|s| (*s, ask.word("console.exam.to-state", s))).collect();
    html! {
        @if !options.is_empty() {
            h2 { (ask.t("console.exam.further")) }
            p.small { (ask.t("console.exam.further-about")) }
            (form::form(ask, &format!("{here}/state"), html! {
                (form::choice("state", ask.t("console.state"), &options, ""))
                (form::paper(ask))
            }, ask.t("console.exam.record-it")))
        }
        @if matches!(m.state, MeasureState::Planned | MeasureState::Running) {
            h2 { (ask.t("console.exam.change")) }
            (form::form(ask, here, html! {
                (form::text("action", ask.t("console.exam.action"), Line { value: &m.action, needed: true, ..Line::default() }))
                (form::line("owner", ask.t("console.exam.owner"), Line { value: &m.owner, needed: true, fill: "off", ..Line::default() }))
                (form::line("deputy", ask.t("console.exam.deputy"), Line { value: &m.deputy, fill: "off", ..Line::default() }))
                (form::line("until", ask.t("console.exam.due"), Line { value: &days.day_named(m.due), needed: true, kind: "date", ..Line::default() }))
            }, ask.t("console.save")))
        }
    }
}

/// The last instant of a day that was typed.
fn day(ask: &Ask<'_>, name: &'static str) -> Result<Time, Fault> {
    let date = Time::from_date(ask.text(name)).map_err(|_| Fault::field(name, "console.fault.not-date"))?;
    Ok(Days::of(ask.plan().calendar()).day_ends(date))
}

/// A text of several lines on one.
fn flat(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

pub(super) fn add(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let findings: Vec<String> = ask.texts("finding").into_iter().map(str::to_owned).collect();
    let action = flat(ask.text("action"));
    let wanted = Wanted {
        findings: &findings,
        incidents: &[],
        action: &action,
        owner: ask.text("owner"),
        deputy: ask.text("deputy"),
        until: day(ask, "until")?,
    };
    let days = Days::of(ask.plan().calendar());
    let exception = match ask.text("kind") {
        "exception" if ask.text("approver").trim().is_empty() => {
            return Err(Fault::field("approver", "console.fault.needed").with("name", "approver"));
        }
        "exception" => Some(Exception {
            approver: ask.text("approver"),
            since: Time::from_date(ask.text("since")).ok().map(|d| days.day_begins(d)),
            document: form::paper_of(ask)?,
        }),
        _ => None,
    };
    let made = ask.node().measure_add(ask.plan(), &wanted, exception, None)?;
    let done = if made.stand.is_empty() { "measure" } else { "measure-stands" };
    let mut value = made.kept.value(ask.now);
    value["stand"] = json!(made.stand);
    ask.done(&format!("{HERE}/{}", made.kept.measure.id), done, value)
}

pub(super) fn change(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let action = flat(ask.text("action"));
    let to = MeasureChange {
        action: &action,
        owner: ask.text("owner"),
        deputy: ask.text("deputy"),
        until: day(ask, "until")?,
    };
    let kept = ask.node().measure_change(ask.plan(), ask.part("id"), &to, None)?;
    ask.done(&format!("{HERE}/{}", kept.measure.id), "saved", kept.value(ask.now))
}

pub(super) fn state(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (node, id, paper) = (ask.node(), ask.part("id"), form::paper_of(ask)?);
    let kept = match ask.text("state") {
        "verified" => node.measure_verify(ask.plan(), id, paper, None)?,
        "running" => node.measure_state(id, MeasureState::Running, paper, None)?,
        "done" => node.measure_state(id, MeasureState::Done, paper, None)?,
        _ => node.measure_state(id, MeasureState::Withdrawn, paper, None)?,
    };
    ask.done(&format!("{HERE}/{}", kept.measure.id), "measure-state", kept.value(ask.now))
}
