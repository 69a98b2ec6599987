//! Advisories of the RustSec database: a TOML front (`[advisory]`, `[versions]`) and Markdown.
//!
//! They say which versions are patched and which never were affected; what is left is affected.

use super::{FaultKind, Form, ImportError, Sink, bad, requirement, token};
use crate::advisory::{Advisory, Affected, Names, Severity, Status};
use crate::version::Scheme;
use crate::{SUMMARY_CHARS_MAX, cvss, text};
use toml::{Table, Value};

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let broken = |why: &str| ImportError::Broken(Form::RustSec, text::line(why, 200));
    let text = text.trim_start();
    let (open, close) = if text.starts_with("+++") { ("+++", "\n+++") } else { ("```toml", "\n```") };
    let inside = text.strip_prefix(open).and_then(|t| t.split_once(close));
    let (front, body) = inside.ok_or_else(|| broken("its TOML front does not end"))?;
    let front: Table = front.parse().map_err(|e: toml::de::Error| broken(e.message()))?;
    sink.place.clear();
    match advisory(&front, body, sink) {
        Ok(Some(advisory)) => sink.advisory(advisory),
        Ok(None) => sink.out.left_out.withdrawn += 1,
        Err(kind) => sink.fault("", kind),
    }
    Ok(())
}

fn advisory(front: &Table, body: &str, sink: &mut Sink<'_>) -> Result<Option<Advisory>, FaultKind> {
    let about = front.get("advisory").and_then(Value::as_table).ok_or(FaultKind::Missing("[advisory]"))?;
    let str_at = |key: &str| about.get(key).and_then(Value::as_str);
    let id = token("id", str_at("id"))?;
    id.clone_into(&mut sink.place);
    let date = str_at("date").and_then(text::instant);
    if about.contains_key("withdrawn") {
        sink.dated(date);
        return Ok(None);
    }
    let name = token("package", str_at("package"))?;
    let versions = front.get("versions").and_then(Value::as_table).ok_or(FaultKind::Missing("[versions]"))?;
    let mut safe = Vec::new();
    for (key, fix) in [("patched", true), ("unaffected", false)] {
        let list = versions.get(key).and_then(Value::as_array);
        for text in list.into_iter().flatten() {
            let text = text.as_str().ok_or(FaultKind::Missing("requirement"))?;
            let mut span = requirement::span(text).ok_or_else(|| bad("requirement", text))?;
            span.fix = fix;
            safe.push(span);
        }
    }
    let spans = requirement::complement(Scheme::Semver, safe);
    if spans.is_empty() {
        return Err(FaultKind::NoVersions);
    }
    let affected = vec![Affected {
        ecosystem: "crates.io".to_owned(),
        name: name.to_owned(),
        names: Names::Any,
        scheme: Scheme::Semver,
        status: Status::Affected,
        spans,
        versions: Vec::new(),
    }];
    let aliases = about.get("aliases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut aliases: Vec<String> = aliases
        .take(sink.limits.aliases_max)
        .filter_map(|a| token("alias", Some(a)).ok())
        .map(ToOwned::to_owned)
        .collect();
    aliases.sort_unstable();
    let score = str_at("cvss").and_then(cvss::base_score);
    // A notice (unmaintained, unsound) is no rated vulnerability.
    let notice = about.contains_key("informational").then_some(Severity::None);
    let title = body.lines().find_map(|l| l.strip_prefix("# ")).or_else(|| str_at("title")).unwrap_or_default();
    Ok(Some(Advisory {
        id: id.to_owned(),
        aliases,
        covers: Vec::new(),
        summary: text::line(title, SUMMARY_CHARS_MAX),
        modified: date,
        severity: score.map(cvss::rating).or(notice).unwrap_or_default(),
        score,
        malicious: title.to_ascii_lowercase().contains("malicious"),
        affected,
    }))
}
