//! OSV schema 1.x, as publishers fill it: <https://ossf.github.io/osv-schema/>.
//!
//! Ranges become spans here, so that a pack needs no events: introduced `0` is the first version ever, events are sorted by
//! the scheme's order, versions that a span holds already are not listed again. `GIT` ranges are counted, not read.
//! `aliases` are the same vulnerability; `upstream`, and in distributions' bulletins `related`, are what a bulletin
//! covers - one alone is the same vulnerability (`DEBIAN-CVE-…`).

use super::{FaultKind, Sink, bad, token};
use crate::advisory::{Advisory, Affected, Bound, Names, Severity, Span, Status};
use crate::version::{Scheme, compare};
use crate::{SUMMARY_CHARS_MAX, cvss, ecosystem, text};
use serde_json::Value;

fn str_at<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}
fn list_at<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn read(osv: &Value, sink: &mut Sink<'_>) {
    sink.place.clear();
    let id = match token("id", str_at(osv, "id")) {
        Ok(id) => id,
        Err(kind) => return sink.fault("", kind),
    };
    id.clone_into(&mut sink.place);
    let modified = str_at(osv, "modified").and_then(text::instant);
    if osv.get("withdrawn").is_some_and(|w| !w.is_null()) {
        sink.out.left_out.withdrawn += 1;
        return sink.dated(modified);
    }
    let statements = list_at(osv, "affected");
    if statements.len() > sink.limits.affected_max {
        return sink.fault("affected", FaultKind::TooMany("packages", sink.limits.affected_max));
    }
    let mut affected = Vec::new();
    for (n, statement) in statements.iter().enumerate() {
        match package(statement, sink) {
            Ok(Some(one)) => affected.push(one),
            Ok(None) => {}
            Err(kind) => sink.fault(&format!("affected[{n}]"), kind),
        }
    }
    let (aliases, covers) = ids(osv, id, &affected, sink);
    let (severity, score) = severity(osv, statements);
    let summary = summary(osv);
    let malicious = is_malicious(osv, id, &aliases, &summary);
    sink.dated(modified);
    if !affected.is_empty() {
        let id = id.to_owned();
        sink.advisory(Advisory { id, aliases, covers, summary, modified, severity, score, malicious, affected });
    }
}

fn summary(osv: &Value) -> String {
    let given = str_at(osv, "summary").filter(|s| !s.trim().is_empty());
    text::line(given.or_else(|| str_at(osv, "details")).unwrap_or_default(), SUMMARY_CHARS_MAX)
}

/// Ids of the same vulnerability, and ids that a bulletin covers.
fn ids(osv: &Value, id: &str, affected: &[Affected], sink: &mut Sink<'_>) -> (Vec<String>, Vec<String>) {
    let mut list = |key: &'static str| {
        let all = list_at(osv, key);
        if all.len() > sink.limits.aliases_max {
            sink.fault(key, FaultKind::TooMany("ids", sink.limits.aliases_max));
        }
        let mut out = Vec::new();
        for value in all.iter().take(sink.limits.aliases_max) {
            match token("id", value.as_str()) {
                Ok(other) if other != id => out.push(other.to_owned()),
                Ok(_) => {}
                Err(kind) => sink.fault(key, kind),
            }
        }
        out
    };
    let (mut aliases, mut covers) = (list("aliases"), list("upstream"));
    // A bulletin of a distribution names what it mends as related; elsewhere related is something else.
    let bulletin = affected.iter().any(|a| matches!(a.scheme, Scheme::Deb | Scheme::Rpm | Scheme::Apk));
    if bulletin && covers.is_empty() && aliases.is_empty() {
        covers = list("related");
        covers.retain(|c| c.starts_with("CVE-"));
    }
    if aliases.is_empty() && covers.len() == 1 {
        std::mem::swap(&mut aliases, &mut covers);
    }
    for ids in [&mut aliases, &mut covers] {
        ids.sort_unstable();
        ids.dedup();
    }
    (aliases, covers)
}

fn severity(osv: &Value, statements: &[Value]) -> (Severity, Option<u16>) {
    let mut lists: Vec<&Value> = list_at(osv, "severity").iter().collect();
    lists.extend(statements.iter().flat_map(|s| list_at(s, "severity")));
    let specific = |key: &'static str| {
        let places = std::iter::once(osv).chain(statements);
        places
            .flat_map(|v| [v.get("database_specific"), v.get("ecosystem_specific")])
            .flatten()
            .filter_map(move |s| s.get(key))
    };
    let mut vectors: Vec<&str> = lists.iter().filter_map(|s| str_at(s, "score")).collect();
    vectors.extend(
        specific("cvss")
            .filter_map(|c| c.as_str().or_else(|| str_at(c, "vector_string").or_else(|| str_at(c, "score")))),
    );
    // A later version of CVSS counts before an earlier one.
    vectors.sort_by_key(|v| !v.starts_with("CVSS:"));
    let score = vectors.iter().find_map(|v| cvss::base_score(v));
    let mut words =
        specific("severity").chain(specific("urgency")).filter_map(Value::as_str).chain(vectors.iter().copied());
    let stated = words.find_map(Severity::from_text);
    (stated.or(score.map(cvss::rating)).unwrap_or_default(), score)
}

/// OpenSSF's malicious packages have ids `MAL-…`; others say so in words.
fn is_malicious(osv: &Value, id: &str, aliases: &[String], summary: &str) -> bool {
    let named = std::iter::once(id).chain(aliases.iter().map(String::as_str)).any(|i| i.starts_with("MAL-"));
    let origins = osv.get("database_specific").is_some_and(|d| d.get("malicious-packages-origins").is_some());
    let lower = summary.to_ascii_lowercase();
    named
        || origins
        || ["malicious code in ", "malicious package", "embedded malicious code"].iter().any(|m| lower.starts_with(m))
}

/// One package; `None` if all that is said of it was left out on purpose.
fn package(statement: &Value, sink: &mut Sink<'_>) -> Result<Option<Affected>, FaultKind> {
    let ranges = list_at(statement, "ranges");
    let commits = ranges.iter().filter(|r| str_at(r, "type") == Some("GIT")).count();
    sink.out.left_out.commit_ranges += u64::try_from(commits).unwrap_or(u64::MAX);
    let listed = list_at(statement, "versions");
    let only_commits = commits > 0 && commits == ranges.len();
    let Some(package) = statement.get("package").filter(|p| p.is_object()) else {
        return if only_commits { Ok(None) } else { Err(FaultKind::Missing("package")) };
    };
    if only_commits && listed.is_empty() {
        return Ok(None);
    }
    let ecosystem = ecosystem::canonical(token("ecosystem", str_at(package, "ecosystem"))?);
    let name = ecosystem::name(&ecosystem, token("package name", str_at(package, "name"))?);
    let mut scheme = Scheme::of(&ecosystem);
    if scheme == Scheme::Plain && ranges.iter().any(|r| str_at(r, "type") == Some("SEMVER")) {
        scheme = Scheme::Semver;
    }
    let limit = sink.limits.versions_max;
    let mut spans = Vec::new();
    for range in ranges.iter().filter(|r| str_at(r, "type") != Some("GIT")) {
        spans.extend(range_spans(range, scheme, limit)?);
    }
    if listed.len() > limit {
        return Err(FaultKind::TooMany("versions", limit));
    }
    let mut versions = Vec::new();
    for version in listed {
        let version = token("version", version.as_str())?;
        if !spans.iter().any(|s| s.holds(scheme, version)) {
            versions.push(version.to_owned());
        }
    }
    if spans.is_empty() && versions.is_empty() {
        return Err(FaultKind::NoVersions);
    }
    let names = names(&ecosystem);
    Ok(Some(Affected { ecosystem, name, names, scheme, status: Status::Affected, spans, versions }))
}

/// Which names publishers of a distribution's OSV data use: their own documentation and data.
fn names(ecosystem: &str) -> Names {
    match ecosystem::family(ecosystem) {
        "Debian" | "Ubuntu" | "Alpine" | "Wolfi" | "Chainguard" => Names::Source,
        "AlmaLinux" | "Rocky Linux" | "Red Hat" => Names::Binary,
        _ => Names::Any,
    }
}

/// What happens at a version; at the same version in this order, so that neither end of a span is lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Fixed,
    Introduced,
    LastAffected,
}

/// Spans of a range: "Evaluation" in the schema.
fn range_spans(range: &Value, scheme: Scheme, limit: usize) -> Result<Vec<Span>, FaultKind> {
    let events = list_at(range, "events");
    if events.len() > limit {
        return Err(FaultKind::TooMany("events", limit));
    }
    let (mut sorted, mut limits): (Vec<(&str, Event)>, Vec<&str>) = (Vec::new(), Vec::new());
    for event in events {
        let object = event.as_object().ok_or_else(|| bad("event", &event.to_string()))?;
        for (key, value) in object {
            let version = token("version", value.as_str())?;
            match key.as_str() {
                "introduced" => sorted.push((version, Event::Introduced)),
                "fixed" => sorted.push((version, Event::Fixed)),
                "last_affected" => sorted.push((version, Event::LastAffected)),
                "limit" if version != "*" => limits.push(version),
                "limit" => {}
                _ => return Err(bad("event", key)),
            }
        }
    }
    let first = |e: &(&str, Event)| e.1 == Event::Introduced && e.0 == "0";
    sorted.sort_by(|a, b| first(b).cmp(&first(a)).then_with(|| compare(scheme, a.0, b.0)).then(a.1.cmp(&b.1)));
    let mut spans = Vec::new();
    let mut open: Option<Option<Bound>> = None;
    for event in &sorted {
        let version = event.0.to_owned();
        match (event.1, open.take()) {
            (Event::Introduced, Some(low)) => open = Some(low),
            (Event::Introduced, None) => open = Some((!first(event)).then_some(Bound { version, inclusive: true })),
            (_, None) => {}
            (end, Some(low)) => {
                let high = Some(Bound { version, inclusive: end == Event::LastAffected });
                spans.push(Span { low, high, fix: end == Event::Fixed });
            }
        }
    }
    if let Some(low) = open {
        let limit = limits.into_iter().max_by(|a, b| compare(scheme, a, b));
        let high = limit.map(|l| Bound { version: l.to_owned(), inclusive: false });
        spans.push(Span { low, high, fix: false });
    }
    Ok(spans)
}
