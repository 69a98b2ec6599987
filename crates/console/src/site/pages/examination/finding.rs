//! One finding: what it is, what shows it, why it matters, what became of it, what is done about it.

use super::list::{object, title};
use super::tabs;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use evidence::{Body, Digest, Say};
use maud::{Markup, html};
use node::accounts::Act;
use node::{Became, FindingNow, KeptMeasure};
use plan::CheckKind;
use report::Speech;
use serde_json::json;

pub(super) fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let now = node.finding_now(ask.part("id"))?;
    let measures: Vec<KeptMeasure> =
        node.measures()?.into_iter().filter(|k| k.measure.findings.contains(&now.finding.id)).collect();
    let speech = Speech::new(ask.plan(), ask.lang);
    ask.page(
        &title(ask, speech, &now.finding),
        || {
            html! {
                (tabs(ask))
                (facts(ask, speech, &now))
                (became(ask, speech, &now))
                (shown(ask, speech, &now))
                (about(ask, speech, &now))
                h2 { (ask.t("console.exam.measures")) }
                @if measures.is_empty() { (parts::empty(ask.t("console.exam.no-measure"), "")) }
                @else { (super::measures::table(ask, speech, &measures)) }
                @if ask.may(Act::Assign) { (add(ask, &now)) }
            }
        },
        || {
            let evidence: Vec<_> = now.evidence.iter().map(|(leaf, item, body)| json!({"record": leaf, "item": item, "body": body})).collect();
            let measures: Vec<_> = measures.iter().map(|k| k.value(ask.now)).collect();
            json!({
                "format": "watchfire-finding-v1", "finding": now.finding, "first_seen": now.first, "became": now.became.name(),
                "asked": {"record": now.asked.0, "as_of": now.asked.1}, "evidence": evidence, "measures": measures,
            })
        },
    )
}

fn facts(ask: &Ask<'_>, speech: Speech<'_>, now: &FindingNow) -> Markup {
    let f = &now.finding;
    html! {
        p { (parts::severity(ask, f.severity)) " " (speech.scenario(&f.scenario)) }
        dl.facts {
            dt { (ask.t("console.exam.host")) } dd { @if f.host.is_empty() { (ask.t("report.whole-node")) } @else { (speech.text(&f.host)) } }
            dt { (ask.t("console.exam.object")) } dd { (object(ask, f)) }
            @if let Some(at) = &f.at { dt { (ask.t("console.exam.place")) } dd { (speech.place(at)) } }
            dt { (ask.t("console.exam.first")) } dd { (time(ask, now.first)) }
            dt { (ask.t("console.exam.id")) } dd { code { (f.id.hex()) } }
        }
    }
}

/// How it stands by the newest run that asked, and how to ask again.
fn became(ask: &Ask<'_>, speech: Speech<'_>, now: &FindingNow) -> Markup {
    let word = ask.word("console.exam.became", now.became.name());
    let tone = match now.became {
        Became::StillThere => "bad",
        Became::Approved(_) => "calm",
        Became::Mended => "good",
        Became::CannotTell(_) => "warn",
    };
    html! {
        h2 { (ask.t("console.exam.recheck")) }
        p {
            (parts::mark(tone, &word)) " " (ask.t("console.exam.by-run")) " " (time(ask, now.asked.1)) " ("
            a href={ "/examination?run=" (now.asked.0.hex()) } { code { (now.asked.0.short()) } } ")"
            @if let Became::Approved(until) = now.became { " · " (ask.t("console.head.until")) " " (plan::Days::of(ask.plan().calendar()).day_named(until)) }
        }
        @if let Became::CannotTell(Some(why)) = &now.became { p { (speech.say(why)) } }
        @if !now.finding.host.is_empty() { p.small { (ask.t("console.exam.recheck-how")) " " code { "watchfire inspect --recheck " (now.finding.id.short()) } } }
        @else { p.small { a href={ "/examination/answers/" (now.finding.check) } { (ask.t("console.exam.answer-anew")) } } }
    }
}

fn shown(ask: &Ask<'_>, speech: Speech<'_>, now: &FindingNow) -> Markup {
    let line = |(leaf, item, body): &(Digest, Option<u64>, Option<Body>)| {
        let place = html! { code title=(leaf.hex()) { (leaf.short()) } @if let Some(n) = item { " #" (n) } };
        match body {
            Some(body) => {
                let s = speech.shown(body);
                vec![
                    html! { (s.what) },
                    html! { (s.value) },
                    html! { (s.place) @if let Some(d) = s.digest { " " code { (d) } } },
                    place,
                ]
            }
            None => vec![html! { (ask.t("console.exam.a-record")) }, html! { "–" }, html! { "–" }, place],
        }
    };
    let heads = [
        ask.t("console.exam.what"),
        ask.t("console.exam.seen"),
        ask.t("console.exam.place"),
        ask.t("console.exam.record"),
    ];
    html! {
        h2 { (ask.t("console.exam.evidence")) }
        @if now.evidence.is_empty() { (parts::empty(ask.t("console.exam.no-evidence"), ask.t("console.exam.no-evidence-hint"))) }
        @else { (parts::table(ask.t("console.exam.evidence"), &heads, now.evidence.iter().map(line).collect())) }
        @let more = now.finding.evidence.len().saturating_sub(now.evidence.len());
        @if more > 0 { p.small { (ask.say(&Say::new("console.exam.more").with("count", more))) } }
    }
}

fn about(ask: &Ask<'_>, speech: Speech<'_>, now: &FindingNow) -> Markup {
    let f = &now.finding;
    let Some(check) = ask.plan().check(&f.check) else {
        return html! { p { (parts::mark("warn", ask.t("console.exam.other-plan"))) } };
    };
    let (source, sure) = speech.source(&check.sourced);
    let rows: Vec<String> = check.rows.iter().map(ToString::to_string).collect();
    let days = match &check.kind {
        CheckKind::Machine(m) => m.approval_days,
        CheckKind::Answer(_) => None,
    };
    html! {
        h2 { (ask.t("console.exam.rule")) }
        dl.facts {
            dt { (ask.t("console.exam.check")) } dd { code { (f.check) } }
            dt { (ask.t("console.exam.why")) } dd { (speech.check(&f.check, "why", &f.with)) }
            dt { (ask.t("console.exam.remedy")) } dd { (speech.check(&f.check, "remedy", &f.with)) }
            dt { (ask.t("console.exam.source")) } dd { (source) " · " (sure) }
            @if !rows.is_empty() { dt { (ask.t("console.exam.rows")) } dd { (rows.join(ask.t("report.list-join"))) } }
            @if !check.mappings.is_empty() { dt { (ask.t("console.exam.mappings")) } dd { (speech.text(&check.mappings.join(ask.t("report.list-join")))) } }
            dt { (ask.t("console.exam.exceptable")) } dd { @match days { Some(days) => (ask.say(&Say::new("console.exam.exceptable-days").with("days", days))), None => (ask.t("console.exam.exceptable-not")) } }
        }
    }
}

fn add(ask: &Ask<'_>, now: &FindingNow) -> Markup {
    let kinds = [
        ("measure", ask.t("console.exam.kind-measure").to_owned()),
        ("exception", ask.t("console.exam.kind-exception").to_owned()),
    ];
    html! {
        h2 { (ask.t("console.exam.open-measure")) }
        (form::form(ask, "/examination/measures", html! {
            input type="hidden" name="finding" value=(now.finding.id.hex());
            (form::choice("kind", ask.t("console.exam.kind"), &kinds, "measure"))
            (form::text("action", ask.t("console.exam.action"), Line { needed: true, hint: ask.t("console.exam.action-hint"), ..Line::default() }))
            (form::line("owner", ask.t("console.exam.owner"), Line { needed: true, fill: "off", ..Line::default() }))
            (form::line("deputy", ask.t("console.exam.deputy"), Line { fill: "off", ..Line::default() }))
            (form::line("until", ask.t("console.exam.due"), Line { needed: true, kind: "date", ..Line::default() }))
            details {
                summary { (ask.t("console.exam.for-exception")) }
                (form::line("approver", ask.t("console.exam.approver"), Line { fill: "off", hint: ask.t("console.exam.approver-hint"), ..Line::default() }))
                (form::line("since", ask.t("console.exam.since"), Line { kind: "date", ..Line::default() }))
                (form::paper(ask))
            }
        }, ask.t("console.exam.record-it")))
    }
}
