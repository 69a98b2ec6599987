//! Forms of an incident: drafted, reviewed, frozen, printed, sealed; and the paper set for a plant whose computers are down.

use super::{kept, pair};
use crate::args::{self, FormVerb, PaperFormat};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, written};
use evidence::{Lang, Say};
use judge::FormState;
use node::{Drafting, FormDone, NodeError};
use plan::CheckedPlan;
use report::form::{self, FormInput};
use std::path::Path;

/// Draws a form up and writes it.
pub(crate) fn report(face: &Face, r: &args::Report) -> Result<u8, CliError> {
    let json_only = r.format == [PaperFormat::Json];
    if r.out.is_none() && !json_only {
        return Err(CliError::new(Say::new("error.form-needs-out")));
    }
    let (plan, node) = (face.plan()?, face.node()?);
    let file = node.incident_for_writing(&r.incident)?;
    let set = r.set.iter().map(|s| pair(s)).collect::<Result<Vec<_>, _>>()?;
    let wanted = Drafting { form: &r.form, regime: r.regime.as_deref(), set: &set, next: r.next, amend: r.amend };
    let done = node.form_draft(&plan, file, &wanted, r.author.as_deref())?;
    papers(face, &plan, &done, (r.out.as_deref(), &r.format))?;
    Ok(exit::DONE)
}

pub(crate) fn form(face: &Face, verb: &FormVerb) -> Result<u8, CliError> {
    let (plan, node) = (face.plan()?, face.node()?);
    let (done, said) = match verb {
        FormVerb::Review { serial, reviewer, said } => {
            (node.form_review(&plan, serial, reviewer, said.author.as_deref())?, said)
        }
        FormVerb::Freeze { serial, said } => (node.form_freeze(&plan, serial, said.author.as_deref())?, said),
        FormVerb::Seal { serial, scan, signatory, code, said } => {
            let scan = node::document(scan)?;
            (node.form_seal(&plan, serial, (scan, signatory, code), said.author.as_deref())?, said)
        }
        FormVerb::Void { serial, reason, said } => {
            (node.form_void(&plan, serial, reason, said.author.as_deref())?, said)
        }
        FormVerb::Print { serial, out, author, format } => {
            let done = node.form_printed(&plan, serial, author.as_deref())?;
            papers(face, &plan, &done, (Some(out), format))?;
            return Ok(exit::DONE);
        }
    };
    kept(face, &plan, &done.kept, said.format)?;
    if said.format == args::Format::Text {
        print(&face.say(&state(&plan, &done)));
    }
    Ok(exit::DONE)
}

/// How far a form has come, and the code of what was frozen.
fn state(plan: &CheckedPlan, done: &FormDone) -> Say {
    let now = done.kept.judgement.as_of;
    let view = done.kept.file.view(plan, now);
    let form = view.as_ref().and_then(|v| v.forms.iter().find(|f| f.serial == done.serial));
    match form.and_then(|f| f.digest) {
        Some(digest) => Say::new("cli.say.form_code").with("serial", &done.serial).with("code", node::code_of(digest)),
        None => Say::new("cli.say.form_state").with("serial", &done.serial),
    }
}

/// Writes a form in every format that was asked for, in the reader's language.
fn papers(
    face: &Face,
    plan: &CheckedPlan,
    done: &FormDone,
    (out, formats): (Option<&Path>, &[PaperFormat]),
) -> Result<(), CliError> {
    let unknown = || CliError::new(Say::new("error.unknown-form").with("value", &done.serial));
    let as_of = done.kept.judgement.as_of;
    let view = done.kept.file.view(plan, as_of).ok_or_else(unknown)?;
    let of = view.forms.iter().find(|f| f.serial == done.serial).ok_or_else(unknown)?;
    node::form_shown(plan, &done.kept.file, &done.serial, |input| {
        written_out(face, (of.state, of.form), input, (out, formats))
    })?
}

/// A form as its faces of paper have it, in files; `state` tells what is printed from what is frozen.
fn written_out(
    face: &Face,
    (state, of_form): (FormState, &str),
    input: &FormInput<'_>,
    (out, formats): (Option<&Path>, &[PaperFormat]),
) -> Result<(), CliError> {
    let Some(out) = out else {
        print_json(&form::form_json(input));
        return Ok(());
    };
    std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    let name = input.serial.replace('/', "-");
    for format in formats {
        let (end, bytes) = match format {
            PaperFormat::Html => ("html", form::form_html(input, face.lang).into_bytes()),
            PaperFormat::Docx => ("docx", form::form_docx(input, face.lang)),
            PaperFormat::Json => ("json", format!("{:#}\n", form::form_json(input)).into_bytes()),
        };
        print(&face.say(&written(out, &format!("{name}.{end}"), &bytes, "form_written")?));
    }
    if !input.missing.is_empty() {
        let word =
            |f: &String| input.plan.words(face.lang).get(&format!("form.{of_form}.field.{f}")).unwrap_or(f).to_owned();
        let named: Vec<String> = input.missing.iter().map(|f| format!("{} [{f}]", word(f))).collect();
        let joined = named.join(if face.lang == Lang::Zh { "、" } else { ", " });
        print(&face.say(&Say::new("cli.say.form_missing").with("count", input.missing.len()).with("fields", joined)));
    }
    let next = match state {
        FormState::Draft if input.missing.is_empty() => "cli.say.form_next_review",
        FormState::Draft => "cli.say.form_next_fill",
        FormState::Reviewed => "cli.say.form_next_freeze",
        FormState::Frozen => "cli.say.form_next_print",
        FormState::Printed if input.seal => "cli.say.form_next_seal",
        _ => "cli.say.form_next_send",
    };
    let next = Say::new(next).with("serial", input.serial).with("id", input.incident);
    print(&face.say(&next.with("code", input.digest.map_or_else(String::new, node::code_of))));
    Ok(())
}

/// The paper set.
pub(crate) fn kit(face: &Face, regime: Option<&str>, out: &Path, formats: &[PaperFormat]) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let known: Vec<&str> = plan.regimes().iter().map(|r| r.id.as_str()).collect();
    let wanted = match regime {
        Some(r) if known.contains(&r) => vec![r],
        Some(r) => {
            let say = Say::new("error.incident-regime").with("value", attest::clean(r));
            return Err(CliError::new(say.with("known", known.join(", "))));
        }
        // Regimes without forms of their own have nothing to print.
        None => known.into_iter().filter(|r| plan.forms().iter().any(|f| f.regime == *r)).collect(),
    };
    if formats.contains(&PaperFormat::Json) {
        return Err(CliError::new(Say::new("error.kit-json")));
    }
    // Whose duties: the profile's, if there is a home; a paper set makes none.
    let home = node::home(face.common.home.as_deref())?;
    let actors = node::own_actors(&plan, &node::Profile::load(&home)?);
    std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    for regime in wanted {
        for format in formats {
            let (end, bytes) = match format {
                PaperFormat::Docx => ("docx", form::kit_docx(&plan, regime, &actors, node::now())),
                _ => ("html", form::kit_html(&plan, regime, &actors, node::now()).into_bytes()),
            };
            print(&face.say(&written(out, &format!("kit-{regime}.{end}"), &bytes, "kit_written")?));
        }
    }
    Ok(exit::DONE)
}
