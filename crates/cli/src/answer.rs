//! `watchfire answer`: a person answers an organisational check.

use crate::args::{Answer, Format};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::{CheckId, Say};
use serde_json::json;
use std::fmt::Write as _;

pub(crate) fn run(face: &Face, a: &Answer) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let Some(check) = &a.check else { return list(face, a, &plan) };
    let check = CheckId::new(check.as_str());
    if !plan.check(&check).is_some_and(|c| matches!(c.kind, plan::CheckKind::Answer(_))) {
        return Err(CliError::new(Say::new("error.unknown-check").with("id", &check)));
    }
    let missing = |what: &str| CliError::new(Say::new("error.missing-answer").with("what", what));
    let effective = a.effective.as_deref().ok_or_else(|| missing("--effective"))?;
    let effective = attest::date(effective)
        .ok_or_else(|| CliError::new(Say::new("error.bad-date").with("value", attest::clean(effective))))?;
    let approver = attest::clean(a.approver.as_deref().unwrap_or_default());
    if approver.is_empty() {
        return Err(missing("--approver"));
    }
    let document = a.document.as_deref().map(node::document).transpose()?;
    let answer = evidence::Answer { check, fulfilled: !a.not_fulfilled, document, effective, approver };
    let (leaf, sure) = face.node()?.answer(&plan, answer, a.author.as_deref())?;
    if a.format == Format::Json {
        print_json(&json!({"record": leaf, "sure": sure}));
    } else {
        print(&face.say(&Say::new("cli.say.answer_kept").with("sure", sure.name()).with("leaf", leaf.short())));
    }
    Ok(exit::DONE)
}

fn list(face: &Face, a: &Answer, plan: &plan::CheckedPlan) -> Result<u8, CliError> {
    let answers = match face.node_read_only() {
        Ok(node) => node.answers(plan)?,
        Err(e) if e.no_log() => node::open_answers(plan),
        Err(e) => return Err(e),
    };
    let title = |id: &CheckId| plan.words(face.lang).get(&format!("check.{id}.title")).unwrap_or_default().to_owned();
    if a.format == Format::Json {
        print_json(&node::answers_value(plan, face.lang, &answers));
        return Ok(exit::DONE);
    }
    let open: Vec<_> = answers.iter().filter(|o| o.answered.is_none()).collect();
    let mut out = String::new();
    for o in &open {
        let _ = writeln!(out, "  {:<28} {}", o.check.as_str(), title(&o.check));
    }
    let say = if open.is_empty() {
        Say::new("cli.say.answers_none")
    } else {
        Say::new("cli.say.answers_open").with("count", open.len())
    };
    print(&format!("{}\n{out}", face.say(&say)));
    Ok(exit::DONE)
}
