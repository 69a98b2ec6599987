//! Organisational checks: what people have to answer, and what they answered.

use super::tabs;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::parts;
use evidence::{CheckId, Say, Sure, Time};
use maud::{Markup, html};
use node::OpenAnswer;
use node::accounts::Act;
use plan::{CheckKind, Days};
use report::Speech;
use serde_json::json;
use std::collections::BTreeMap;

fn state(ask: &Ask<'_>, o: &OpenAnswer) -> Markup {
    match o.answered {
        None => parts::mark("warn", ask.t("console.exam.unanswered")),
        Some((false, ..)) => parts::mark("bad", ask.t("console.exam.not-fulfilled")),
        Some((true, Sure::Declared, _)) => parts::mark("calm", ask.t("console.exam.fulfilled")),
        Some((true, ..)) => parts::mark("good", ask.t("console.exam.fulfilled")),
    }
}

fn title(speech: Speech<'_>, id: &CheckId) -> String {
    speech.check(id, "title", &BTreeMap::new())
}

pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let answers = ask.node().answers(ask.plan())?;
    ask.page(
        ask.t("console.exam.answers"),
        || {
            let (speech, days) = (Speech::new(ask.plan(), ask.lang), Days::of(ask.plan().calendar()));
            let of = ask.say(&Say::new("console.exam.of-checks").with("count", answers.len()));
            let count = |f: fn(&Option<(bool, Sure, Time)>) -> bool| answers.iter().filter(|o| f(&o.answered)).count().to_string();
            let heads = [ask.t("console.exam.check"), ask.t("console.state"), ask.t("console.exam.sure"), ask.t("console.exam.effective"), ask.t("console.exam.scenario")];
            html! {
                (tabs(ask))
                p { (ask.t("console.exam.answers-about")) }
                div.tiles {
                    (parts::tile(ask.t("console.exam.unanswered"), &count(Option::is_none), &of))
                    (parts::tile(ask.t("console.exam.not-fulfilled"), &count(|a| a.is_some_and(|a| !a.0)), &of))
                    (parts::tile(ask.t("console.exam.fulfilled"), &count(|a| a.is_some_and(|a| a.0)), &of))
                    (parts::tile(ask.t("console.exam.with-paper"), &count(|a| a.is_some_and(|a| a.0 && a.1 != Sure::Declared)), &of))
                }
                @if answers.is_empty() { (parts::empty(ask.t("console.exam.no-answers"), "")) }
                @else {
                    (parts::table(ask.t("console.exam.answers"), &heads, answers.iter().map(|o| vec![
                        html! { a href={ "/examination/answers/" (o.check) } { (title(speech, &o.check)) } },
                        state(ask, o),
                        html! { (o.answered.map_or_else(|| "–".to_owned(), |a| ask.word("sure", a.1.name()))) },
                        html! { (o.answered.map_or_else(|| "–".to_owned(), |a| days.day_named(a.2))) },
                        html! { (ask.plan().check(&o.check).map_or_else(String::new, |c| speech.scenario(&c.scenario))) },
                    ]).collect()))
                }
            }
        },
        || node::answers_value(ask.plan(), ask.lang, &answers),
    )
}

pub(super) fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let id = CheckId::new(ask.part("check"));
    let open = ask.node().answers(ask.plan())?.into_iter().find(|o| o.check == id).ok_or_else(Fault::none)?;
    let check = ask.plan().check(&id).ok_or_else(Fault::none)?;
    let CheckKind::Answer(answerable) = &check.kind else { return Err(Fault::none()) };
    let speech = Speech::new(ask.plan(), ask.lang);
    ask.page(
        &title(speech, &id),
        || {
            let (source, sure) = speech.source(&check.sourced);
            let days = Days::of(ask.plan().calendar());
            let today = days.day_named(ask.now);
            let options = [("yes", ask.t("console.exam.fulfilled").to_owned()), ("no", ask.t("console.exam.not-fulfilled").to_owned())];
            html! {
                (tabs(ask))
                p { (state(ask, &open))
                    @if let Some((_, sure, since)) = open.answered { " " (ask.word("sure", sure.name())) " · " (ask.t("console.exam.effective")) " " (days.day_named(since)) } }
                dl.facts {
                    dt { (ask.t("console.exam.why")) } dd { (speech.check(&id, "why", &BTreeMap::new())) }
                    dt { (ask.t("console.exam.remedy")) } dd { (speech.check(&id, "remedy", &BTreeMap::new())) }
                    dt { (ask.t("console.exam.source")) } dd { (source) " · " (sure) }
                    @if let Some(days) = answerable.valid_days { dt { (ask.t("console.exam.valid")) } dd { (ask.say(&Say::new("console.exam.valid-days").with("days", days))) } }
                }
                @if ask.may(Act::Answer) {
                    h2 { (ask.t("console.exam.answer-it")) }
                    p.small { (ask.t("console.exam.answer-about")) }
                    (form::form(ask, &format!("/examination/answers/{id}"), html! {
                        (form::choice("fulfilled", ask.t("console.exam.answer"), &options, "yes"))
                        (form::line("effective", ask.t("console.exam.effective"), Line { value: &today, needed: true, kind: "date", ..Line::default() }))
                        (form::line("approver", ask.t("console.exam.approver"), Line { needed: true, fill: "off", ..Line::default() }))
                        (form::paper(ask))
                    }, ask.t("console.exam.record-it")))
                }
            }
        },
        || node::answers_value(ask.plan(), ask.lang, std::slice::from_ref(&open)),
    )
}

pub(super) fn say(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let effective =
        Time::from_date(ask.text("effective")).map_err(|_| Fault::field("effective", "console.fault.not-date"))?;
    let answer = evidence::Answer {
        check: CheckId::new(ask.part("check")),
        fulfilled: ask.text("fulfilled") == "yes",
        document: form::paper_of(ask)?,
        effective,
        approver: ask.text("approver").trim().to_owned(),
    };
    let (leaf, sure) = ask.node().answer(ask.plan(), answer, None)?;
    ask.done("/examination/answers", "answered", json!({"record": leaf, "sure": sure}))
}
