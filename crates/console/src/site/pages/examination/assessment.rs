//! The yearly risk-assessment report: what records say of each content, and what a person has still to write.

use super::tabs;
use crate::site::answer::Answer;
use crate::site::ask::{Ask, Face};
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::parts;
use crate::site::route::{Field, Takes, may_be, needed};
use evidence::FieldValue;
use maud::{Markup, html};
use node::Assessment;
use node::accounts::Act;
use report::Speech;
use report::form as paper;

pub(super) const KINDS: &[&str] = &["html", "docx", "json"];
/// Fields that people write in the form of the built-in plan.
pub(super) const WRITE: &[Field] = &[
    needed("as", Takes::OneOf(KINDS)),
    may_be("holder", Takes::Text(8_000)),
    may_be("contact", Takes::Text(8_000)),
    may_be("team", Takes::Text(8_000)),
    may_be("third-party", Takes::Text(8_000)),
    may_be("period", Takes::Text(8_000)),
    may_be("activities", Takes::Text(8_000)),
    may_be("legality-assessed", Takes::Text(8_000)),
    may_be("rules-assessed", Takes::Text(8_000)),
    may_be("organisation-assessed", Takes::Text(8_000)),
    may_be("protection-assessed", Takes::Text(8_000)),
    may_be("staff-assessed", Takes::Text(8_000)),
    may_be("risk-assessed", Takes::Text(8_000)),
    may_be("recipients-assessed", Takes::Text(8_000)),
    may_be("export-assessed", Takes::Text(8_000)),
    may_be("conclusion", Takes::Text(8_000)),
    may_be("measures", Takes::Text(8_000)),
];

fn text(drawn: &Assessment, field: &str) -> String {
    match drawn.fields.get(field) {
        Some(FieldValue::Text { text }) => text.clone(),
        _ => String::new(),
    }
}

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    let drawn = ask.node().assessment(plan, ask.lang, &[])?;
    let input = drawn.input(plan)?;
    ask.page(
        ask.t("console.assessment.title"),
        || {
            let speech = Speech::new(plan, ask.lang);
            let heads = [ask.t("form-face.group"), ask.t("form-face.field"), ask.t("form-face.value")];
            let of = input.form.fields.len();
            let of = ask.say(&evidence::Say::new("console.assessment.of").with("count", of));
            html! {
                (tabs(ask))
                p { (ask.t("console.assessment.about")) }
                div.tiles {
                    (parts::tile(ask.t("console.assessment.from-records"), &drawn.drawn.len().to_string(), &of))
                    (parts::tile(ask.t("console.assessment.to-write"), &drawn.missing.len().to_string(), &of))
                }
                p.links { (ask.t("console.assessment.files")) ": " @for kind in KINDS { a href={ "/examination/assessment/file?as=" (kind) } { (kind.to_uppercase()) } } }
                (parts::table(ask.t("console.assessment.title"), &heads, input.form.fields.iter().map(|f| {
                    let said = text(&drawn, &f.id);
                    vec![
                        html! { (speech.plan_text(&format!("form.{}.group.{}", input.form.id, f.group), &f.group)) },
                        html! { (speech.plan_text(&format!("form.{}.field.{}", input.form.id, f.id), &f.id)) },
                        html! {
                            @if said.is_empty() && f.optional { "–" }
                            @else if said.is_empty() { (parts::mark("warn", ask.t("console.assessment.empty"))) }
                            @for (n, line) in said.lines().enumerate() { @if n > 0 { br; } (speech.text(line)) }
                        },
                    ]
                }).collect()))
                @if ask.may(Act::Answer) { details { summary { (ask.t("console.assessment.write")) } (writing(ask, speech, &drawn, &input)) } }
            }
        },
        || paper::form_json(&input),
    )
}

fn writing(ask: &Ask<'_>, speech: Speech<'_>, drawn: &Assessment, input: &paper::FormInput<'_>) -> Markup {
    let kinds: Vec<(&str, String)> = KINDS.iter().map(|k| (*k, k.to_uppercase())).collect();
    let known = |f: &&plan::FormField| WRITE.iter().any(|w| w.name == f.id);
    form::form(
        ask,
        "/examination/assessment",
        html! {
            p.small { (ask.t("console.assessment.write-about")) }
            @for f in input.form.fields.iter().filter(known) {
                (form::text(&f.id, &speech.plan_text(&format!("form.{}.field.{}", input.form.id, f.id), &f.id), Line { value: &text(drawn, &f.id), ..Line::default() }))
            }
            (form::choice("as", ask.t("console.assessment.as"), &kinds, "docx"))
        },
        ask.t("console.assessment.take"),
    )
}

fn given(ask: &Ask<'_>, drawn: &Assessment, kind: &str) -> Result<Answer, Fault> {
    let input = drawn.input(ask.plan())?;
    if ask.face == Face::Api {
        return Ok(Answer::Json(200, paper::form_json(&input)));
    }
    let name = |ending: &str| format!("{}.{ending}", input.serial.replace('/', "-"));
    Ok(match kind {
        "html" => {
            Answer::File("text/html; charset=utf-8", name("html"), paper::form_html(&input, ask.lang).into_bytes())
        }
        "json" => {
            Answer::File("application/json", name("json"), format!("{:#}\n", paper::form_json(&input)).into_bytes())
        }
        _ => {
            let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
            Answer::File(kind, name("docx"), paper::form_docx(&input, ask.lang))
        }
    })
}

pub(super) fn file(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let drawn = ask.node().assessment(ask.plan(), ask.lang, &[])?;
    given(ask, &drawn, ask.wanted("as"))
}

/// The document with what the visitor wrote; the node keeps nothing of it.
pub(super) fn write(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let texts = WRITE.iter().filter(|f| f.name != "as").map(|f| (f.name.to_owned(), ask.text(f.name).to_owned()));
    let set: Vec<(String, String)> = texts.filter(|t| !t.1.trim().is_empty()).collect();
    let drawn = ask.node().assessment(ask.plan(), ask.lang, &set)?;
    given(ask, &drawn, ask.text("as"))
}
