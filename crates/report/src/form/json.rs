//! A form for programs: ids and values as data, the words of both languages beside them.

use super::said::Said;
use super::{FormInput, face};
use evidence::{FieldValue, Lang};
use plan::{FieldRule, FormField};
use serde_json::{Map, Value, json};

/// Ids stay as they are, so they are not cleaned; JSON escapes what steers.
pub(super) fn render(input: &FormInput<'_>) -> Value {
    let known = |id: &String| input.form.fields.iter().any(|f| f.id == *id);
    let mut fields: Vec<Value> = input.form.fields.iter().map(|f| field(input, f)).collect();
    let others = input.fields.iter().filter(|(id, _)| !known(id));
    fields.extend(others.map(|(id, value)| {
        json!({ "id": id, "kind": "other", "value": value, "shown": shown(input, value), "missing": false })
    }));
    let code = face::code(input);
    json!({
        "format": super::FORM_FACE_FORMAT,
        "form": input.form.id,
        "name": words(input, |said| said.form_name(input.form)),
        "serial": input.serial,
        "version": input.version,
        "state": input.state.name(),
        "state_label": words(input, |said| said.lines(input.state.key())),
        "digest": input.digest,
        "code": code.as_ref().map(|c| c.digits.replace(' ', "")),
        "qr": code.as_ref().map(|c| c.text.clone()),
        "incident": input.incident,
        "title": input.title,
        "plan": input.plan.reference(),
        "printed": input.printed,
        "seal": input.seal,
        "drill": input.drill,
        "missing": input.missing,
        "fields": fields,
    })
}

fn field(input: &FormInput<'_>, field: &FormField) -> Value {
    let form = input.form;
    let kind = match &field.kind {
        FieldRule::Text => "text",
        FieldRule::Minute => "minute",
        FieldRule::Choice(_) => "choice",
        FieldRule::Number => "number",
        FieldRule::GigabytesAndRecords => "gigabytes-and-records",
    };
    let mut out = json!({
        "id": field.id,
        "kind": kind,
        "group": field.group,
        "group_label": words(input, |said| said.group(form, &field.group)),
        "label": words(input, |said| said.field(form, field)),
        "may_be_unknown": field.may_be_unknown,
        "optional": field.optional,
        "missing": input.missing.contains(&field.id),
        "value": input.fields.get(&field.id),
        "shown": input.fields.get(&field.id).map(|v| shown(input, v)),
    });
    if let (FieldRule::Choice(choices), Some(out)) = (&field.kind, out.as_object_mut()) {
        let choices =
            choices.iter().map(|c| json!({ "id": c, "label": words(input, |said| vec![said.choice(form, c)]) }));
        out.insert("choices".to_owned(), choices.collect());
    }
    out
}

/// A value as the paper shows it.
fn shown(input: &FormInput<'_>, value: &FieldValue) -> Value {
    words(input, |said| vec![said.short(input.form, value)])
}

fn words(input: &FormInput<'_>, text: impl Fn(Said<'_>) -> Vec<String>) -> Value {
    let one = |lang: Lang| {
        let name = match lang {
            Lang::En => "en",
            Lang::Zh => "zh",
        };
        (name.to_owned(), Value::from(text(Said { plan: input.plan, langs: &[lang] }).join(" ")))
    };
    Value::Object(Lang::ALL.map(one).into_iter().collect::<Map<String, Value>>())
}
