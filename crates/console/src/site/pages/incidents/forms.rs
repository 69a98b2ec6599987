//! Official forms of an incident: drawn up, read by a second person, frozen, printed, sealed; as HTML, DOCX and JSON.

use super::act::{self, form_value};
use crate::site::answer::{Answer, DOCX};
use crate::site::ask::{Ask, Face};
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::parts;
use evidence::FieldValue;
use maud::{Markup, html};
use node::accounts::Act;
use node::{Drafting, FormDone};
use report::Speech;
use report::form::{FormInput, FormState};

fn serial(ask: &Ask<'_>) -> Result<String, Fault> {
    let file = ask.node().incident_file(ask.part("id")).map_err(|_| Fault::none())?;
    Ok(format!("{}/{}/{}", file.id, ask.part("form"), ask.part("number")))
}

fn page_of(serial: &str) -> String {
    format!("/incidents/{}", serial.replacen('/', "/forms/", 1))
}

fn done(ask: &Ask<'_>, done: &FormDone, word: &str) -> Result<Answer, Fault> {
    match ask.face {
        Face::Api => act::done(ask, &done.kept, word),
        Face::Console => ask.done(&page_of(&done.serial), word, form_value(&done.serial)),
    }
}

pub(super) fn draft(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let file = super::writing(ask)?;
    let set: Vec<(String, String)> = match ask.text("field") {
        "" => Vec::new(),
        field => vec![(field.to_owned(), ask.text("value").to_owned())],
    };
    let how = ask.text("how");
    let wanted =
        Drafting { form: ask.text("form"), regime: None, set: &set, next: how == "next", amend: how == "amend" };
    let drafted = node.form_draft(ask.plan(), file, &wanted, None)?;
    done(ask, &drafted, "incident-form")
}

pub(super) fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let file = ask.node().incident_file(ask.part("id")).map_err(|_| Fault::none())?;
    let (serial, plan) = (serial(ask)?, ask.plan());
    let name = serial.replace('/', "-");
    let shown = |show: &dyn Fn(&FormInput<'_>) -> Answer| {
        node::form_shown(plan, &file, &serial, |input| show(input)).map_err(|_| Fault::none())
    };
    match ask.wanted("as") {
        "html" => shown(&|i| {
            Answer::File(
                "text/html; charset=utf-8",
                format!("{name}.html"),
                report::form::form_html(i, ask.lang).into_bytes(),
            )
        }),
        "docx" => shown(&|i| Answer::File(DOCX, format!("{name}.docx"), report::form::form_docx(i, ask.lang))),
        "json" => shown(&|i| {
            Answer::File(
                "application/json",
                format!("{name}.json"),
                format!("{:#}\n", report::form::form_json(i)).into_bytes(),
            )
        }),
        _ => node::form_shown(plan, &file, &serial, |input| page(ask, input)).map_err(|_| Fault::none())?,
    }
}

fn page(ask: &Ask<'_>, i: &FormInput<'_>) -> Result<Answer, Fault> {
    let speech = Speech::new(ask.plan(), ask.lang);
    let title = speech.plan_text(&format!("form.{}.name", i.form.id), &i.form.id);
    ask.page(&title, || body(ask, speech, i), || report::form::form_json(i))
}

fn body(ask: &Ask<'_>, speech: Speech<'_>, i: &FormInput<'_>) -> Markup {
    let here = page_of(i.serial);
    let field = |id: &str| speech.plan_text(&format!("form.{}.field.{id}", i.form.id), id);
    let fields: Vec<(&str, String)> = i.form.fields.iter().map(|f| (f.id.as_str(), field(&f.id))).collect();
    let tone = match i.state {
        FormState::Sealed => "good",
        FormState::Frozen => "calm",
        FormState::Void => "bad",
        _ => "warn",
    };
    let word = match i.state {
        FormState::Blank | FormState::Draft => "draft",
        FormState::Reviewed => "reviewed",
        FormState::Frozen => "frozen",
        FormState::Sealed => "sealed",
        FormState::Void => "void",
    };
    let heads = [ask.t("console.inc.field"), ask.t("console.inc.value"), ask.t("console.state")];
    html! {
        p.links { a href={ "/incidents/" (i.incident) } { (speech.text(i.title)) } a href={ (here) "?as=html" } { "HTML" } a href={ (here) "?as=docx" } { "DOCX" } a href={ (here) "?as=json" } { "JSON" } }
        @if i.drill { p { (parts::mark("warn", ask.t("incident.is-drill"))) } }
        p { (parts::mark(tone, &ask.word("incident.form-state", word))) " " code { (i.serial) } " · " (ask.t("console.inc.version")) " " (i.version)
            @if let Some(d) = i.digest { " · " (ask.t("console.inc.code")) " " code { (node::code_of(d)) } } @if i.seal { " · " (parts::mark("warn", ask.t("console.inc.needs-seal"))) } }
        (parts::table(&speech.plan_text(&format!("form.{}.name", i.form.id), &i.form.id), &heads, i.form.fields.iter().map(|f| {
            let said = i.fields.get(&f.id).map(|v| report::form::field_said(ask.plan(), i.form, v, ask.lang)).filter(|t| !t.is_empty());
            let state = match (i.missing.contains(&f.id), i.fields.get(&f.id)) {
                (true, _) => parts::mark("warn", ask.t("console.inc.missing")),
                (false, Some(FieldValue::NotYetKnown)) => parts::mark("calm", ask.t("incident.unknown")),
                (false, Some(_)) => parts::mark("good", ask.t("console.inc.filled")),
                (false, None) => parts::mark("calm", ask.t("console.inc.optional")),
            };
            vec![html! { (field(&f.id)) }, html! { (said.as_deref().unwrap_or("–")) }, state]
        }).collect()))
        @if ask.may(Act::ManageIncidents) && i.state != FormState::Void { (steps(ask, i, &here, &fields)) }
    }
}

fn steps(ask: &Ask<'_>, i: &FormInput<'_>, here: &str, fields: &[(&str, String)]) -> Markup {
    let draft = matches!(i.state, FormState::Draft | FormState::Reviewed);
    html! {
        @if draft {
            h2 { (ask.t("console.inc.fill")) }
            (form::form(ask, &format!("/incidents/{}/forms", i.incident), html! {
                input type="hidden" name="form" value=(i.form.id);
                (form::choice("field", ask.t("console.inc.field"), fields, i.missing.first().map_or("", String::as_str)))
                (form::text("value", ask.t("console.inc.value"), Line { needed: true, hint: ask.t("console.inc.field-hint"), ..Line::default() }))
            }, ask.t("console.save")))
        }
        h2 { (ask.t("console.exam.further")) }
        @if i.state == FormState::Draft { p.small { (ask.t("console.inc.review-about")) } (form::button(ask, here, &[("step", "reviewed")], ask.t("console.inc.review"), "")) }
        @if i.state == FormState::Reviewed { (form::button(ask, here, &[("step", "frozen")], ask.t("console.inc.freeze"), "")) }
        @if i.state == FormState::Frozen {
            (form::button(ask, here, &[("step", "printed")], ask.t("console.inc.printed"), "quiet"))
            details {
                summary { (ask.t("console.inc.seal")) }
                (form::form(ask, here, html! {
                    input type="hidden" name="step" value="sealed";
                    (form::line("signatory", ask.t("console.inc.signatory"), Line { needed: true, fill: "off", ..Line::default() }))
                    (form::line("code", ask.t("console.inc.code"), Line { needed: true, fill: "off", hint: ask.t("console.inc.code-hint"), ..Line::default() }))
                    (form::paper(ask))
                }, ask.t("console.inc.seal")))
            }
        }
        details {
            summary { (ask.t("console.inc.void")) }
            (form::form(ask, here, html! { input type="hidden" name="step" value="voided"; (form::line("reason", ask.t("console.head.reason"), Line { needed: true, ..Line::default() })) }, ask.t("console.inc.void")))
        }
    }
}

pub(super) fn step(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (node, plan, serial) = (ask.node(), ask.plan(), serial(ask)?);
    let stepped = match ask.text("step") {
        // Whoever is in this session read it: nobody types another's name.
        "reviewed" => node.form_review(plan, &serial, &ask.who()?.account.name, None)?,
        "frozen" => node.form_freeze(plan, &serial, None)?,
        "printed" => node.form_printed(plan, &serial, None)?,
        "sealed" => {
            let scan = form::paper_of(ask)?.ok_or_else(|| {
                Fault::field("document_sha256", "console.fault.needed").with("name", "document_sha256")
            })?;
            node.form_seal(plan, &serial, (scan, ask.text("signatory"), ask.text("code")), None)?
        }
        _ => node.form_void(plan, &serial, ask.text("reason"), None)?,
    };
    done(ask, &stepped, "incident-form")
}
