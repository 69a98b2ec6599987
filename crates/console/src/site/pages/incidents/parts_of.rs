//! What may be said of an incident: forms beside what they are about.

use super::one::at;
use crate::site::ask::Ask;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use evidence::TaskState;
use judge::FormState;
use maud::{Markup, html};
use plan::DimensionKind;
use report::{IncidentInput, Speech};

/// Somebody was told.
pub(super) fn told(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>, here: &str) -> Markup {
    let clocks: Vec<(&str, String)> =
        super::board::running(i.judgement).iter().map(|c| (c.clock.as_str(), speech.clock(&c.clock))).collect();
    let channels: Vec<(&str, String)> =
        ["phone", "written", "form", "other"].map(|c| (c, ask.word("incident.channel", c))).into();
    let mut forms: Vec<(&str, String)> = vec![("", ask.t("incident.none").to_owned())];
    forms.extend(
        i.view
            .forms
            .iter()
            .filter(|f| f.digest.is_some() && f.state != FormState::Void)
            .map(|f| (f.serial, f.serial.to_owned())),
    );
    html! {
        @if !clocks.is_empty() {
            details {
                summary { (ask.t("console.inc.told")) }
                (form::form(ask, &format!("{here}/told"), html! {
                    (form::ticks("clocks", ask.t("console.inc.clocks"), &clocks, &[]))
                    (form::line("to", ask.t("console.inc.to"), Line { needed: true, fill: "off", ..Line::default() }))
                    (form::choice("channel", ask.t("console.inc.channel"), &channels, "phone"))
                    (form::choice("form", ask.t("console.inc.form"), &forms, ""))
                    (at(ask, "told"))
                    (form::text("note", ask.t("console.inc.note"), Line { of: "told", ..Line::default() }))
                    (form::paper(ask))
                }, ask.t("console.exam.record-it")))
            }
        }
    }
}

/// A fact of the grading.
pub(super) fn fact(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>, here: &str) -> Markup {
    let plan = ask.plan();
    let dimensions: Vec<(&str, String)> = plan
        .dimensions()
        .iter()
        .map(|d| (d.id.as_str(), speech.plan_text(&format!("dimension.{}.name", d.id), &d.id)))
        .collect();
    let first = i.judgement.ask.first().map_or("", |a| a.dimension.as_str());
    // What can be chosen, for the dimensions that are no numbers.
    let words: Vec<(String, Vec<(String, String)>)> = plan
        .dimensions()
        .iter()
        .filter(|d| d.kind != DimensionKind::Number)
        .map(|d| {
            let mut known: Vec<String> = match d.kind {
                DimensionKind::DataLevel => plan.levels().iter().map(|l| l.id.to_string()).collect(),
                DimensionKind::Confirmation => plan.incident_levels().iter().map(|l| l.id.clone()).collect(),
                _ => plan
                    .incident_levels()
                    .iter()
                    .filter(|l| l.criteria.iter().any(|c| c.dimension == d.id))
                    .map(|l| l.id.clone())
                    .collect(),
            };
            known.sort();
            known.dedup();
            let named = known
                .into_iter()
                .map(|k| {
                    let said = speech.chosen(&d.id, &k);
                    (k, said)
                })
                .collect();
            (speech.plan_text(&format!("dimension.{}.name", d.id), &d.id), named)
        })
        .collect();
    html! {
        details open[i.view.answers.is_empty()] {
            summary { (ask.t("console.inc.set-fact")) }
            (form::form(ask, &format!("{here}/facts"), html! {
                (form::choice("dimension", ask.t("console.inc.dimension"), &dimensions, first))
                (form::line("value", ask.t("console.inc.value"), Line { needed: true, fill: "off", hint: ask.t("console.inc.value-hint"), ..Line::default() }))
                (form::text("reason", ask.t("console.head.reason"), Line { hint: ask.t("console.inc.reason-hint"), ..Line::default() }))
                (at(ask, "fact"))
            }, ask.t("console.exam.record-it")))
            details {
                summary { (ask.t("console.inc.words")) }
                dl.facts { @for (name, words) in &words { dt { (name) } dd { ul { @for (id, said) in words { li { code { (id) } " " (said) } } } } } }
            }
        }
    }
}

fn form_state(ask: &Ask<'_>, state: FormState) -> Markup {
    let (tone, word) = match state {
        FormState::Draft => ("warn", "draft"),
        FormState::Reviewed => ("warn", "reviewed"),
        FormState::Frozen => ("calm", "frozen"),
        FormState::Printed => ("calm", "printed"),
        FormState::Sealed => ("good", "sealed"),
        FormState::Void => ("bad", "void"),
    };
    parts::mark(tone, &ask.word("incident.form-state", word))
}

/// The official forms.
pub(super) fn forms(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>, here: &str, may: bool) -> Markup {
    let name = |id: &str| speech.plan_text(&format!("form.{id}.name"), id);
    let of_plan: Vec<(&str, String)> = ask
        .plan()
        .forms()
        .iter()
        .filter(|f| !f.regime.is_empty())
        .map(|f| {
            let stages: Vec<String> = f.stages.iter().map(|s| ask.word("console.inc.stage", s)).collect();
            (f.id.as_str(), format!("{} ({})", name(&f.id), stages.join(ask.t("report.list-join"))))
        })
        .collect();
    let how: Vec<(&str, String)> = ["draft", "next", "amend"].map(|h| (h, ask.word("console.inc.how", h))).into();
    let heads = [
        ask.t("console.inc.serial"),
        ask.t("console.inc.form"),
        ask.t("console.state"),
        ask.t("console.inc.version"),
        ask.t("console.inc.files"),
    ];
    html! {
        h2 { (ask.t("console.inc.forms")) }
        @if i.view.forms.is_empty() { (parts::empty(ask.t("console.inc.no-forms"), ask.t("console.inc.no-forms-hint"))) }
        @else {
            (parts::table(ask.t("console.inc.forms"), &heads, i.view.forms.iter().map(|f| {
                let page = format!("/incidents/{}", f.serial.replacen('/', "/forms/", 1));
                vec![
                    html! { a href=(page) { code { (f.serial) } } }, html! { (name(f.form)) }, form_state(ask, f.state), html! { (f.version) },
                    html! { a href={ (page) "?as=html" } { "HTML" } " " a href={ (page) "?as=docx" } { "DOCX" } " " a href={ (page) "?as=json" } { "JSON" } },
                ]
            }).collect()))
        }
        @if may {
            details {
                summary { (ask.t("console.inc.draft")) }
                (form::form(ask, &format!("{here}/forms"), html! {
                    (form::choice_of("draft", "form", ask.t("console.inc.form"), &of_plan, ""))
                    (form::choice("how", ask.t("console.inc.how-head"), &how, "draft"))
                }, ask.t("console.inc.draw-up")))
            }
        }
    }
}

pub(super) fn tasks(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>, here: &str, open: bool) -> Markup {
    let heads = [
        "#",
        ask.t("console.inc.task"),
        ask.t("console.exam.owner"),
        ask.t("console.exam.due"),
        ask.t("console.state"),
        "",
    ];
    let done = i.view.tasks.iter().filter(|t| t.state == TaskState::Done).count();
    html! {
        h2 { (ask.t("console.inc.tasks")) " (" (done) " / " (i.view.tasks.len()) ")" }
        @if i.view.tasks.is_empty() { (parts::empty(ask.t("console.inc.no-tasks"), "")) }
        @else {
            (parts::table(ask.t("console.inc.tasks"), &heads, i.view.tasks.iter().map(|t| {
                let late = t.state == TaskState::Open && t.due.is_some_and(|d| d < i.now);
                let state = match (t.state, late) {
                    (TaskState::Open, true) => parts::mark("bad", ask.t("measure.late")),
                    (TaskState::Open, false) => parts::mark("calm", &ask.word("incident.task", "open")),
                    (TaskState::Done, _) => parts::mark("good", &ask.word("incident.task", "done")),
                    (TaskState::Dropped, _) => parts::mark("calm", &ask.word("incident.task", "dropped")),
                };
                let to = format!("{here}/tasks/{}", t.number);
                vec![
                    html! { (t.number) }, html! { (speech.text(&t.text)) }, html! { (speech.text(&t.owner)) }, html! { @match t.due { Some(d) => (time(ask, d)), None => "–" } }, state,
                    html! { @if open && t.state == TaskState::Open { (form::button(ask, &to, &[("state", "done")], ask.t("console.inc.task-done"), "quiet")) (form::button(ask, &to, &[("state", "dropped")], ask.t("console.inc.task-drop"), "quiet")) } },
                ]
            }).collect()))
        }
        @if open {
            details {
                summary { (ask.t("console.inc.new-task")) }
                (form::form(ask, &format!("{here}/tasks"), html! {
                    (form::text("text", ask.t("console.inc.task"), Line { needed: true, of: "task", ..Line::default() }))
                    (form::line("owner", ask.t("console.exam.owner"), Line { fill: "off", hint: ask.t("console.inc.owner-hint"), ..Line::default() }))
                    (form::line("due", ask.t("console.exam.due"), Line { fill: "off", hint: ask.t("console.inc.due-hint"), ..Line::default() }))
                }, ask.t("console.exam.record-it")))
            }
        }
    }
}

/// The steps that the response's level asks for.
pub(super) fn steps(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>, here: &str, open: bool) -> Markup {
    if i.view.steps.is_empty() {
        return html! {};
    }
    let what = |id: &str| speech.plan_text(&format!("step.{id}.what"), id);
    let heads = [ask.t("console.inc.step"), ask.t("console.state"), ask.t("console.inc.by")];
    let done = i.view.steps.iter().filter(|s| s.taken.is_some()).count();
    let owed: Vec<(&str, String)> =
        i.view.steps.iter().filter(|s| s.taken.is_none()).map(|s| (s.step.as_str(), what(&s.step))).collect();
    html! {
        h2 { (ask.t("console.inc.steps")) " (" (done) " / " (i.view.steps.len()) ")" }
        (parts::table(ask.t("console.inc.steps"), &heads, i.view.steps.iter().map(|s| vec![
            html! { (what(&s.step)) },
            match s.taken { None => parts::mark("warn", ask.t("console.inc.step-open")), Some(t) if t.done => parts::mark("good", ask.t("console.inc.step-done")), Some(_) => parts::mark("calm", ask.t("console.inc.step-skipped")) },
            html! { @if let Some(t) = s.taken { (speech.text(&t.by)) " · " (time(ask, t.at)) @if !t.note.is_empty() { " · " (speech.text(&t.note)) } } @else { "–" } },
        ]).collect()))
        @if open && !owed.is_empty() {
            details {
                summary { (ask.t("console.inc.take-step")) }
                (form::form(ask, &format!("{here}/steps"), html! {
                    (form::choice("step", ask.t("console.inc.step"), &owed, ""))
                    (form::tick("skipped", ask.t("console.inc.skip"), false))
                    (form::text("note", ask.t("console.inc.note"), Line { of: "step", hint: ask.t("console.inc.skip-hint"), ..Line::default() }))
                    (at(ask, "step"))
                }, ask.t("console.exam.record-it")))
            }
        }
    }
}

/// Notes, moments, the end.
pub(super) fn say(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>, here: &str) -> Markup {
    let moments: Vec<(&str, String)> = node::moments(ask.plan()).into_iter().map(|m| (m, speech.moment(m))).collect();
    let closed = i.view.closed.is_some();
    html! {
        details {
            summary { (ask.t("console.inc.new-note")) }
            (form::form(ask, &format!("{here}/notes"), html! { (form::text("text", ask.t("console.inc.note"), Line { needed: true, of: "note", ..Line::default() })) (at(ask, "note")) }, ask.t("console.exam.record-it")))
        }
        @if !closed {
            details {
                summary { (ask.t("console.inc.new-moment")) }
                (form::form(ask, &format!("{here}/moments"), html! { (form::choice("moment", ask.t("console.inc.moment"), &moments, "")) (at(ask, "moment")) (form::text("note", ask.t("console.inc.note"), Line { of: "moment", ..Line::default() })) }, ask.t("console.exam.record-it")))
            }
            details {
                summary { (ask.t("console.inc.close")) }
                (form::form(ask, &format!("{here}/close"), html! {
                    (form::text("lessons", ask.t("console.inc.lessons"), Line { needed: true, ..Line::default() }))
                    (form::text("anyway", ask.t("console.inc.anyway"), Line { hint: ask.t("console.inc.anyway-hint"), ..Line::default() }))
                }, ask.t("console.inc.close-it")))
            }
        } @else {
            details {
                summary { (ask.t("console.inc.reopen")) }
                (form::form(ask, &format!("{here}/reopen"), form::text("reason", ask.t("console.head.reason"), Line { needed: true, of: "reopen", ..Line::default() }), ask.t("console.inc.reopen")))
            }
        }
    }
}
