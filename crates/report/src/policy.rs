//! The plan itself, for whoever reads it: the values that `watchfire plan show` and the console give programs, and texts of the plan with its own figures in them.

use evidence::Lang;
use plan::{CheckKind, CheckedPlan};
use serde_json::{Value, json};

/// A text of the plan. A parameter in it has its value; what only a finding fills reads as an ellipsis. A key that has no text reads as itself.
#[must_use]
pub fn plan_word(plan: &CheckedPlan, lang: Lang, key: &str) -> String {
    let text = plan.words(lang).get(key).unwrap_or(key).to_owned();
    crate::words::holes(&text).into_iter().fold(text.clone(), |said, hole| {
        let parameter = plan.parameters().iter().find(|p| hole.strip_prefix("param.") == Some(p.id.as_str()));
        let value = parameter.map_or_else(|| "…".to_owned(), |p| p.value.to_string());
        said.replace(&format!("{{{hole}}}"), &value)
    })
}

/// The checks of a plan, by scenario as the plan has them.
#[must_use]
pub fn plan_json(plan: &CheckedPlan, lang: Lang) -> Value {
    let one = |c: &plan::Check| {
        let kind = if matches!(c.kind, CheckKind::Machine(_)) { "machine" } else { "answer" };
        json!({"id": c.id, "scenario": c.scenario, "severity": c.severity, "kind": kind,
               "title": plan_word(plan, lang, &format!("check.{}.title", c.id)), "source": c.sourced.source,
               "sure": c.sourced.sure.letter()})
    };
    json!({"plan": plan.reference(), "checks": plan.checks().iter().map(one).collect::<Vec<_>>()})
}

/// What of a plan still needs the official text.
#[must_use]
pub fn unconfirmed_json(plan: &CheckedPlan) -> Value {
    let open = plan.unconfirmed();
    let one = |u: &plan::Unconfirmed| json!({"file": u.file, "id": u.id, "source": u.source, "sure": u.sure.letter(), "draft": u.draft});
    json!({"unconfirmed": open.iter().map(one).collect::<Vec<_>>()})
}
