//! OCSF 1.3, Compliance Finding (class 2003): one JSON object a line, which security lakes load as it is.
//!
//! `compliance.status_id` is 1 for a pass, 3 for a fail and 0 for what could not be told or does not apply, with
//! `status_detail`; OCSF has no word of its own for either, and a pass would be a lie.

use super::{Line, lines, place_of};
use crate::Input;
use crate::clean::clean;
use crate::view::Tongue;
use evidence::{CheckId, Outcome, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Version of the schema.
const VERSION: &str = "1.3.0";

/// The whole text.
pub(crate) fn render(input: &Input<'_>, tongue: Tongue<'_>) -> String {
    let mut out = String::new();
    // What an exception answers is said by the event of its check.
    for line in lines(input).into_iter().filter(|l| !matches!(l, Line::Finding(_, Some(_)))) {
        let text = serde_json::to_string(&event(input, tongue, &line)).expect("a JSON value has a text");
        out.push_str(&crate::json::escape(&text));
    }
    out
}

fn severity_id(severity: Option<Severity>) -> u8 {
    match severity {
        None => 1,
        Some(Severity::Low) => 2,
        Some(Severity::Medium) => 3,
        Some(Severity::High) => 4,
        Some(Severity::Critical) => 5,
    }
}

fn event(input: &Input<'_>, tongue: Tongue<'_>, line: &Line<'_>) -> Value {
    let none = BTreeMap::new();
    let (check, host, with, outcome) = match line {
        Line::Check(c) => (&c.check, &c.host, &none, c.outcome),
        Line::Finding(f, _) => (&f.check, &f.host, &f.with, Outcome::Fail),
    };
    let severity = match line {
        Line::Finding(f, _) => Some(f.severity),
        Line::Check(_) => None,
    };
    let (name, version) = input.program.split_once(' ').unwrap_or((input.program, ""));
    let title = tongue.check(check, "title", with);
    let mut out = json!({
        "activity_id": 1,
        "category_uid": 2,
        "class_uid": 2003,
        "type_uid": 200_301,
        "time": input.judgement.as_of.millis(),
        "severity_id": severity_id(severity),
        "metadata": {"version": VERSION, "product": {"name": name, "vendor_name": name, "version": version},
            "uid": input.judgement_leaf},
        "finding_info": {"uid": uid(line, check, host), "title": title, "desc": tongue.check(check, "why", with)},
        "compliance": compliance(input, tongue, check, outcome, line),
        "remediation": {"desc": tongue.check(check, "remedy", with)},
    });
    if !host.is_empty() {
        out["device"] = json!({"hostname": host, "type_id": 0});
    }
    if let Line::Finding(f, _) = line {
        let mut resource = json!({"name": if f.object.is_empty() { host } else { &f.object }});
        if let Some(at) = place_of(input, f) {
            resource["uid"] = json!(at.to_string());
        }
        out["resources"] = json!([resource]);
    }
    out
}

fn uid(line: &Line<'_>, check: &CheckId, host: &str) -> String {
    match line {
        Line::Finding(f, _) => f.id.hex(),
        Line::Check(_) => format!("{check}@{}", clean(host)),
    }
}

fn compliance(input: &Input<'_>, tongue: Tongue<'_>, id: &CheckId, outcome: Outcome, line: &Line<'_>) -> Value {
    let status = match outcome {
        Outcome::Pass => 1,
        Outcome::Fail => 3,
        Outcome::CannotTell | Outcome::NotApplicable => 0,
    };
    let mut out = json!({"control": id.as_str(), "status_id": status, "status": tongue.outcome(outcome)});
    if let Line::Check(c) = line
        && let Some(because) = &c.because
    {
        out["status_detail"] = json!(tongue.say(because));
    }
    if let Some(check) = input.plan.check(id) {
        out["standards"] = json!([check.sourced.source]);
        out["requirements"] = json!(check.mappings);
    }
    out
}
