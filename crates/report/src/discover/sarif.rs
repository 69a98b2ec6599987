//! SARIF 2.1.0 (OASIS): what tools for code review and security dashboards read.
//!
//! One result is one class in one file, one column, or one file by its format. Its first location is the surest sample;
//! the others are related locations. What lies inside a container has no region in the outer file: the way inside
//! stands as a logical location. Gaps are notifications of the invocation: a run that could not read something says so.

use super::found::{Found, band};
use crate::Input;
use crate::clean::{harmless, inert};
use crate::json::escape;
use crate::view::{Own, Tongue, place};
use evidence::{Band, ClassId, FormatTold, Lang, Place, RunState, Sample, Spot};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Samples shown beside the first, as related locations.
const RELATED_MAX: usize = 7;

/// The whole text.
pub(crate) fn render(input: &Input<'_>, lang: Lang) -> String {
    let own = Own::of(input.items);
    let tongue = Tongue { lang, plan: input.plan, own: &own };
    let found = Found::of(input);
    let mut rules: BTreeMap<&ClassId, usize> = BTreeMap::new();
    let classes = found.files.iter().map(|h| &h.class);
    let classes = classes.chain(found.columns.iter().map(|c| &c.class)).chain(found.contents.iter().map(|c| &c.class));
    for class in classes {
        rules.entry(class).or_default();
    }
    for (n, index) in rules.values_mut().enumerate() {
        *index = n;
    }
    let log = Log { tongue, found: &found, rules: &rules };
    let (name, version) = input.program.split_once(' ').unwrap_or((input.program, ""));
    let run = json!({
        "tool": {"driver": {
            "name": name,
            "version": version,
            "rules": rules.keys().map(|c| log.rule(c)).collect::<Vec<_>>(),
            "notifications": log.notification_kinds(),
        }},
        "invocations": [log.invocation(input)],
        "language": lang.tag(),
        "columnKind": "unicodeCodePoints",
        "results": log.results(),
        "properties": {
            "judgement": input.judgement_leaf,
            "plan": input.judgement.plan,
        },
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    escape(&serde_json::to_string_pretty(&document).expect("a JSON value has a text"))
}

struct Log<'l, 'i> {
    tongue: Tongue<'l>,
    found: &'l Found<'i>,
    rules: &'l BTreeMap<&'l ClassId, usize>,
}
impl Log<'_, '_> {
    fn rule(&self, class: &ClassId) -> Value {
        let name = self.tongue.class(class);
        let category = self.tongue.plan.class(class).map(|r| self.tongue.category(&r.category)).unwrap_or_default();
        json!({
            "id": class.as_str(),
            "name": class.as_str(),
            "shortDescription": {"text": name},
            "properties": {"category": category},
        })
    }

    fn results(&self) -> Vec<Value> {
        let files = self.found.files.iter().map(|h| self.file(h));
        let columns = self.found.columns.iter().map(|c| self.column(c));
        let contents = self.found.contents.iter().map(|c| self.content(c));
        files.chain(columns).chain(contents).collect()
    }

    fn result(&self, class: &ClassId, id: &evidence::Digest, level: &str, text: &str, at: &Place) -> Value {
        let mut properties = json!({"id": id.short()});
        if let Some(g) = self.found.group(class, at) {
            properties["category"] = json!(g.category);
            properties["level"] = json!(g.level.level);
            properties["proposed"] = json!(g.level.proposed);
        }
        json!({
            "ruleId": class.as_str(),
            "ruleIndex": self.rules.get(class),
            "level": level,
            "message": {"text": text},
            "locations": [location(at, None)],
            "partialFingerprints": {"watchfireHit/v1": id.hex()},
            "properties": properties,
        })
    }

    fn file(&self, h: &evidence::Hits) -> Value {
        let name = self.tongue.class(&h.class);
        let with: [(&str, &dyn std::fmt::Display); 5] = [
            ("class", &name),
            ("hits", &h.bands.all()),
            ("high", &h.bands.high),
            ("distinct", &h.distinct),
            ("place", &place(&h.at)),
        ];
        let text = self.tongue.f("discover.sarif.file", &with);
        let mut result = self.result(&h.class, &h.id(), sarif_level(band(h)), &text, &h.at);
        let mut samples: Vec<&Sample> = h.samples.iter().collect();
        samples.sort_by_key(|s| (std::cmp::Reverse(s.confidence), &s.spot));
        if let Some((first, rest)) = samples.split_first() {
            result["locations"] = json!([self.sample(h, first)]);
            let related: Vec<Value> = rest.iter().take(RELATED_MAX).map(|s| self.sample(h, s)).collect();
            if !related.is_empty() {
                result["relatedLocations"] = Value::Array(related);
            }
            result["rank"] = json!(first.confidence);
        }
        result["properties"]["hits"] = json!(h.bands);
        result["properties"]["distinct"] = json!(h.distinct);
        result
    }

    fn sample(&self, h: &evidence::Hits, s: &Sample) -> Value {
        let mut at = location(&h.at, Some(&s.spot));
        let with: [(&str, &dyn std::fmt::Display); 3] = [
            ("mask", &harmless(s.mask.as_str(), usize::MAX, inert)),
            ("confidence", &s.confidence),
            ("id", &h.sample_id(s).short()),
        ];
        at["message"] = json!({"text": self.tongue.f("discover.sarif.sample", &with)});
        at
    }

    fn column(&self, c: &evidence::Column) -> Value {
        let key = match c.verdict {
            evidence::ColumnVerdict::Is => "discover.sarif.column-is",
            evidence::ColumnVerdict::Contains => "discover.sarif.column-contains",
        };
        let (class, column) = (self.tongue.class(&c.class), harmless(&c.column, usize::MAX, inert));
        let with: [(&str, &dyn std::fmt::Display); 3] =
            [("class", &class), ("column", &column), ("place", &place(&c.at))];
        let text = self.tongue.f(key, &with);
        let mut result = self.result(&c.class, &c.id(), sarif_level(Band::of(c.confidence)), &text, &c.at);
        result["rank"] = json!(c.confidence);
        result["locations"][0]["logicalLocations"] = json!([{"name": c.column, "kind": "column",
            "fullyQualifiedName": format!("{}#{}", c.at, c.column)}]);
        result["properties"]["sampled"] = json!(c.sampled);
        result["properties"]["holding"] = json!(c.holding);
        result
    }

    fn content(&self, c: &evidence::Content) -> Value {
        let (class, format) = (self.tongue.class(&c.class), harmless(&c.format, usize::MAX, inert));
        let how = self.tongue.code("told", c.how.name());
        let with: [(&str, &dyn std::fmt::Display); 4] =
            [("class", &class), ("format", &format), ("how", &how), ("place", &place(&c.at))];
        let text = self.tongue.f("discover.sarif.content", &with);
        let level = if c.how == FormatTold::NameHint { "note" } else { "warning" };
        self.result(&c.class, &c.id(), level, &text, &c.at)
    }

    fn notification_kinds(&self) -> Vec<Value> {
        let mut reasons: Vec<_> = self.found.gaps.iter().map(|g| g.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let kind = |r: evidence::GapReason| json!({"id": format!("gap/{}", r.name()), "shortDescription": {"text": self.tongue.code("gap", r.name())}});
        reasons.into_iter().map(kind).collect()
    }

    fn invocation(&self, input: &Input<'_>) -> Value {
        let notes: Vec<Value> = self
            .found
            .gaps
            .iter()
            .map(|g| {
                let reason = self.tongue.code("gap", g.reason.name());
                let text = self.tongue.f("discover.sarif.gap", &[("reason", &reason), ("count", &g.count)]);
                let mut note = json!({
                    "descriptor": {"id": format!("gap/{}", g.reason.name())},
                    "level": "warning",
                    "message": {"text": text},
                });
                if let Some(at) = &g.at {
                    note["locations"] = json!([location(at, None)]);
                }
                note
            })
            .collect();
        let complete = input.examination.is_none_or(|(e, _)| e.state == RunState::Complete);
        let mut out = json!({"executionSuccessful": complete, "toolExecutionNotifications": notes});
        if let Some((e, _)) = input.examination {
            out["startTimeUtc"] = json!(e.started);
            out["endTimeUtc"] = json!(e.ended);
            out["machine"] = json!(e.subject.host);
        }
        out
    }
}

/// Bands as SARIF's levels.
fn sarif_level(band: Band) -> &'static str {
    match band {
        Band::High => "error",
        Band::Medium => "warning",
        Band::Low => "note",
    }
}

/// A place as SARIF says it: file, and line or byte where it has one.
pub(crate) fn location(at: &Place, spot: Option<&Spot>) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(at.path.as_str(), &at.path.to_bytes())}});
    let whole = Place { spot: spot.cloned(), digest: None, ..at.clone() };
    let region = match spot {
        _ if !at.inside.is_empty() => None,
        Some(Spot::Line { line, column }) => Some(json!({"startLine": line, "startColumn": column})),
        Some(Spot::Byte { offset }) => Some(json!({"byteOffset": offset})),
        _ => None,
    };
    let is_inside = region.is_none() && (!at.inside.is_empty() || spot.is_some());
    if let Some(region) = region {
        physical["region"] = region;
    }
    let mut out = json!({ "physicalLocation": physical });
    if is_inside {
        let name = whole.to_string();
        out["logicalLocations"] = json!([{"fullyQualifiedName": name, "kind": "member"}]);
    }
    out
}

/// An absolute path as a `file` URI (RFC 8089), its bytes percent-encoded; an address of another scheme as it is,
/// with what a URI does not allow percent-encoded.
fn uri(text: &str, bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let address = text.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    });
    let mut out = String::from(if text.starts_with('/') { "file://" } else { "" });
    for b in bytes {
        let free = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/');
        let of_address = address && matches!(b, b':' | b'?' | b'=' | b'&' | b'@' | b'#');
        if free || of_address {
            out.push(char::from(*b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri_of_ascii() {
        let of = |p: &[u8]| {
            let path = evidence::PathText::from_bytes(p);
            uri(path.as_str(), &path.to_bytes())
        };
        assert_eq!(of(b"/srv/a b/\xff%.csv"), "file:///srv/a%20b/%FF%25.csv");
        assert_eq!(of("/数".as_bytes()), "file:///%E6%95%B0");
        assert_eq!(of(b"postgres://db:5432/mes"), "postgres://db:5432/mes");
        assert_eq!(of(b"a:b/c"), "a:b/c");
        assert_eq!(of(b"/a:b"), "file:///a%3Ab");
    }
}
