//! `watchfire plan`: the policy as data.

use crate::args::{Format, Plan, PlanVerb};
use crate::error::{CliError, exit, plan_error};
use crate::{Face, print, print_json};
use ::plan::{CheckKind, CheckedPlan, PlanError};
use evidence::{PathText, Say};
use node::NodeError;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

pub(crate) fn run(face: &Face, a: &Plan) -> Result<u8, CliError> {
    match &a.what {
        PlanVerb::Check { folder, format } => check(face, folder.as_deref(), *format),
        PlanVerb::Show { unconfirmed, format } => {
            let plan = face.plan()?;
            if *unconfirmed {
                open_points(face, &plan, *format);
            } else {
                show(face, &plan, *format);
            }
            Ok(exit::DONE)
        }
        PlanVerb::Export { folder, format } => export(face, folder, *format),
    }
}

fn check(face: &Face, folder: Option<&Path>, format: Format) -> Result<u8, CliError> {
    match node::load_plan(folder.or(face.common.plan.as_deref())) {
        Ok(plan) => {
            if format == Format::Json {
                let checks = plan.checks().len();
                print_json(&json!({"holds": true, "plan": plan.reference(), "checks": checks, "errors": []}));
            } else {
                let say = Say::new("cli.say.plan_good").with("id", plan.id()).with("version", plan.version());
                let say = say.with("checks", plan.checks().len()).with("digest", plan.digest());
                print(&face.say(&say));
            }
            Ok(exit::DONE)
        }
        Err(NodeError::Plan(errors)) => {
            bad(face, &errors, format);
            Ok(exit::FINDINGS)
        }
        Err(other) => Err(other.into()),
    }
}

fn bad(face: &Face, errors: &[PlanError], format: Format) {
    if format == Format::Json {
        let rows: Vec<_> = errors
            .iter()
            .map(|e| {
                json!({"file": e.file, "line": e.line, "column": e.column, "code": e.code, "say": e.say,
                       "message": e.message, "hint": e.hint})
            })
            .collect();
        print_json(&json!({"holds": false, "errors": rows}));
        return;
    }
    let mut out = String::new();
    for error in errors {
        let _ = writeln!(out, "{}\n", plan_error(error, face.lang));
    }
    let _ = writeln!(out, "{}", face.say(&Say::new("cli.say.plan_bad").with("count", errors.len())));
    print(&out);
}

fn open_points(face: &Face, plan: &CheckedPlan, format: Format) {
    let open = plan.unconfirmed();
    if format == Format::Json {
        print_json(&report::unconfirmed_json(plan));
        return;
    }
    let mut out = face.say(&Say::new("cli.say.unconfirmed").with("count", open.len()));
    for u in open {
        let _ = write!(out, "\n  {:<40} {}  {}", u.id, u.sure.letter(), u.source);
    }
    print(&out);
}

fn show(face: &Face, plan: &CheckedPlan, format: Format) {
    if format == Format::Json {
        print_json(&report::plan_json(plan, face.lang));
        return;
    }
    let word = |key: String| report::plan_word(plan, face.lang, &key);
    let mut out = String::new();
    let _ = writeln!(out, "{} {}  {}", plan.id(), plan.version(), plan.digest());
    for scenario in plan.scenarios() {
        let _ = writeln!(out, "\n{}", word(format!("scenario.{}.name", scenario.id)));
        for c in plan.checks().iter().filter(|c| c.scenario == scenario.id) {
            let kind = if matches!(c.kind, CheckKind::Machine(_)) { ' ' } else { '?' };
            let title = word(format!("check.{}.title", c.id));
            let _ = writeln!(out, " {kind} {:<34} {:<9} {title}", c.id.as_str(), c.severity.name());
        }
    }
    print(&out);
}

fn export(face: &Face, folder: &Path, format: Format) -> Result<u8, CliError> {
    let source = node::plan_source(face.common.plan.as_deref())?;
    let count = node::write_plan(&source, folder)?;
    let path = PathText::from_bytes(folder.as_os_str().as_encoded_bytes());
    face.tell(&Say::new("cli.say.plan_exported").with("count", count).with("path", path), format);
    Ok(exit::DONE)
}
