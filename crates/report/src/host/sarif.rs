//! SARIF 2.1.0 (OASIS). A rule is a check; a result is a finding (`fail`) or what became of a check on a host (`pass`,
//! `notApplicable`, and `open` for what could not be told, SARIF 3.27.9). A finding that
//! an exception answers is a `fail` with an accepted suppression (3.35). Gaps are notifications of the invocation.

use super::{Line, lines, place_of, said};
use crate::Input;
use crate::discover::location;
use crate::json::escape;
use crate::view::Tongue;
use evidence::{CheckId, Outcome, RunState, Severity, Spot};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The whole text.
pub(crate) fn render(input: &Input<'_>, tongue: Tongue<'_>) -> String {
    let ids: BTreeSet<&CheckId> = input.judgement.checks.iter().map(|c| &c.check).collect();
    let at: BTreeMap<&CheckId, usize> = ids.iter().enumerate().map(|(n, id)| (*id, n)).collect();
    let results: Vec<Value> = lines(input).iter().map(|l| result(input, tongue, &at, l)).collect();
    let (name, version) = input.program.split_once(' ').unwrap_or((input.program, ""));
    let run = json!({
        "tool": {"driver": {
            "name": name,
            "version": version,
            "rules": ids.iter().map(|id| rule(input, tongue, id)).collect::<Vec<_>>(),
            "notifications": kinds(input, tongue),
        }},
        "invocations": input.runs().map(|r| invocation(input, tongue, &r)).collect::<Vec<_>>(),
        "language": tongue.lang.tag(),
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"judgement": input.judgement_leaf, "plan": input.judgement.plan},
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    escape(&serde_json::to_string_pretty(&document).expect("a JSON value has a text"))
}

/// SARIF has three levels; `security-severity` (a number from 0 to 10, as code scanning reads it) keeps them apart.
fn level(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Critical => ("error", "9.5"),
        Severity::High => ("error", "8.0"),
        Severity::Medium => ("warning", "5.5"),
        Severity::Low => ("note", "2.0"),
    }
}

fn rule(input: &Input<'_>, tongue: Tongue<'_>, id: &CheckId) -> Value {
    let none = BTreeMap::new();
    let text = |part| tongue.check(id, part, &none);
    let mut out = json!({"id": id.as_str(), "shortDescription": {"text": text("title")}});
    if let Some(check) = input.plan.check(id) {
        let (level, number) = level(check.severity);
        out["fullDescription"] = json!({"text": text("why")});
        out["help"] = json!({"text": text("remedy")});
        out["defaultConfiguration"] = json!({"level": level});
        out["properties"] = json!({
            "scenario": check.scenario,
            "severity": check.severity,
            "security-severity": number,
            "source": check.sourced.source,
            "rows": check.rows,
            "tags": check.mappings,
        });
    }
    out
}

fn result(input: &Input<'_>, tongue: Tongue<'_>, at: &BTreeMap<&CheckId, usize>, line: &Line<'_>) -> Value {
    match line {
        Line::Finding(f, approved) => {
            let title = tongue.check(&f.check, "title", &f.with);
            let text = if f.object.is_empty() { title } else { format!("{title}: {}", crate::clean::clean(&f.object)) };
            let mut out = json!({
                "ruleId": f.check.as_str(),
                "ruleIndex": at.get(&f.check),
                "kind": "fail",
                "level": level(f.severity).0,
                "message": {"text": text},
                "partialFingerprints": {"watchfireFinding/v1": f.id.hex()},
                "properties": {"id": f.id.short(), "host": f.host, "object": f.object, "severity": f.severity},
            });
            if let Some(place) = place_of(input, f) {
                let spot = place.spot.clone().filter(|s| matches!(s, Spot::Line { .. }));
                out["locations"] = json!([location(place, spot.as_ref())]);
                if let Some(digest) = &place.digest {
                    out["properties"]["digest"] = json!(digest);
                }
            }
            if let Some(a) = approved {
                let why = said(tongue, a);
                out["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": why}]);
            }
            out
        }
        Line::Check(c) => {
            let kind = match c.outcome {
                Outcome::Pass => "pass",
                Outcome::NotApplicable => "notApplicable",
                Outcome::CannotTell => "open",
                Outcome::Fail => "fail",
            };
            let because = c.because.as_ref().map(|b| tongue.say(b));
            let text = because.unwrap_or_else(|| tongue.outcome(c.outcome));
            json!({
                "ruleId": c.check.as_str(),
                "ruleIndex": at.get(&c.check),
                "kind": kind,
                "level": if c.outcome == Outcome::Fail { "error" } else { "none" },
                "message": {"text": text},
                "properties": {"host": c.host},
            })
        }
    }
}

fn kinds(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<Value> {
    let reasons: BTreeSet<_> = input.judgement.gaps.iter().map(|g| g.reason).collect();
    let kind = |r: &evidence::GapReason| json!({"id": format!("gap/{}", r.name()), "shortDescription": {"text": tongue.code("gap", r.name())}});
    reasons.iter().map(kind).collect()
}

fn invocation(input: &Input<'_>, tongue: Tongue<'_>, run: &crate::Ran<'_>) -> Value {
    let subject = &run.examination.subject;
    let of_host = |host: &str| host == subject.host || host.starts_with(&format!("{}:", subject.host));
    let gaps = input.judgement.gaps.iter().filter(|g| of_host(&g.host));
    let notes: Vec<Value> = gaps
        .map(|g| {
            let reason = tongue.code("gap", g.reason.name());
            let text = tongue.f("host.gap", &[("area", &g.area), ("reason", &reason), ("count", &g.count)]);
            json!({
                "descriptor": {"id": format!("gap/{}", g.reason.name())},
                "level": "warning",
                "message": {"text": text},
            })
        })
        .collect();
    json!({
        "executionSuccessful": run.examination.state == RunState::Complete,
        "startTimeUtc": run.examination.started,
        "endTimeUtc": run.examination.ended,
        "machine": subject.host,
        "toolExecutionNotifications": notes,
    })
}
