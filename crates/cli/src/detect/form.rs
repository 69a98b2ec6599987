//! Alerts and what a run came to: for a terminal, as JSON, CSV, SARIF, HTML, and as a layer for the ATT&CK Navigator.

use crate::Face;
use detect::run::{Answer, Found, Order, Outcome};
use evidence::{Origin, Say, Time};
use report::words;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Rules, hosts and hours named in a summary.
const NAMED_MAX: usize = 10;
/// A rule with more than this share of all matches, and at least [`NOISY_MIN`], is called noisy.
const NOISY_SHARE: u64 = 4;
const NOISY_MIN: u64 = 50;
const VALUE_CHARS_MAX: usize = 160;

fn clean(text: &str, chars: usize) -> String {
    report::harmless(&text.replace(['\n', '\r', '\t'], " "), chars, report::inert)
}

fn time(ms: Option<i64>) -> String {
    ms.map_or_else(|| "-".to_owned(), |ms| Time::from_millis(ms).to_string())
}

fn level(found: &Found, order: &Order<'_>) -> &'static str {
    order.rules.rules.get(found.rule).level.map_or("informational", sigma::Level::as_str)
}

/// One alert in a line.
pub(super) fn line(face: &Face, found: &Found, order: &Order<'_>) -> String {
    let rule = order.rules.rules.get(found.rule);
    let mark = words::text(face.lang, &format!("detect-level.{}", level(found, order))).to_owned();
    let fields: Vec<String> =
        found.fields.iter().map(|(n, v)| format!("{}={}", clean(n, 60), clean(v, VALUE_CHARS_MAX))).collect();
    let id = found.id.to_string();
    let short = id.rsplit(':').next().unwrap_or(&id).get(..12).unwrap_or_default();
    format!(
        "{}  {mark}  {}  {}  [{short}]  {}:{}\n    {}",
        time(found.time),
        clean(found.host.as_deref().unwrap_or("-"), 80),
        clean(&rule.title, 200),
        clean(&found.log, 400),
        found.position.number,
        fields.join("  "),
    )
}

/// One alert for programs.
pub(super) fn alert(found: &Found, order: &Order<'_>) -> Value {
    let rule = order.rules.rules.get(found.rule);
    let fields: BTreeMap<&str, &str> = found.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let mut out = json!({
        "alert": found.alert(order, Origin::Replay),
        "rule": {"id": rule.id, "title": rule.title, "level": level(found, order), "file": rule.file, "line": rule.line,
                 "tags": rule.tags, "digest": order.rules.digest(found.rule)},
        "at": {"log": &*found.log, "number": found.position.number, "offset": found.position.offset},
        "time": found.time.map(|t| Time::from_millis(t).to_string()),
        "last": found.last.map(|t| Time::from_millis(t).to_string()),
        "host": found.host,
        "fields": fields,
        "count": found.count,
    });
    if let (Some((events, figure)), Some(map)) = (found.correlated, out.as_object_mut()) {
        map.insert("correlation".to_owned(), json!({"events": events, "figure": figure.to_string()}));
    }
    out
}

/// Titles with counts, most first.
fn top(outcome: &Outcome, order: &Order<'_>) -> Vec<(String, &'static str, u64)> {
    let all = order.rules.rules.all();
    let mut rows: Vec<(String, &'static str, u64)> = outcome
        .summary
        .by_rule
        .iter()
        .filter_map(|(at, n)| {
            all.get(*at).map(|r| (r.title.clone(), r.level.map_or("informational", sigma::Level::as_str), *n))
        })
        .collect();
    rows.sort_by(|a, b| (b.2, &a.0).cmp(&(a.2, &b.0)));
    rows
}

fn by_level(outcome: &Outcome, order: &Order<'_>) -> BTreeMap<&'static str, u64> {
    let mut out = BTreeMap::new();
    for (_, level, n) in top(outcome, order) {
        *out.entry(level).or_default() += n;
    }
    out
}

const LEVELS: [&str; 5] = ["critical", "high", "medium", "low", "informational"];

fn noisy(rows: &[(String, &'static str, u64)]) -> Vec<(String, u64)> {
    let all: u64 = rows.iter().map(|r| r.2).sum();
    let loud = |r: &&(String, &'static str, u64)| r.2 >= NOISY_MIN && r.2 * NOISY_SHARE > all;
    rows.iter().filter(loud).map(|r| (r.0.clone(), r.2)).collect()
}

/// What a run came to, in sentences.
pub(super) fn summary(face: &Face, outcome: &Outcome, order: &Order<'_>, seconds: f64) -> String {
    let c = &outcome.counts;
    let say = |key: &str| Say::new(format!("cli.say.{key}"));
    let matches: u64 = outcome.summary.by_rule.values().sum();
    let rate = if seconds > 0.0 { format!("{:.0}", c.events as f64 / seconds) } else { "-".to_owned() };
    let mut lines = vec![
        face.say(
            &say("detect_done")
                .with("events", c.events)
                .with("files", c.files)
                .with("rate", rate)
                .with("rules", order.rules.rules.all().len())
                .with("matches", matches)
                .with("alerts", outcome.found.len()),
        ),
    ];
    let levels = by_level(outcome, order);
    let shown: Vec<String> = LEVELS
        .iter()
        .filter_map(|l| levels.get(l).map(|n| format!("{} {n}", words::text(face.lang, &format!("detect-level.{l}")))))
        .collect();
    if !shown.is_empty() {
        lines.push(face.say(&say("detect_levels").with("levels", shown.join(", "))));
    }
    let rows = top(outcome, order);
    for (title, _, n) in rows.iter().take(NAMED_MAX) {
        lines.push(format!("  {n:>8}  {}", clean(title, 160)));
    }
    let mut hosts: Vec<_> = outcome.summary.by_host.iter().collect();
    hosts.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    let hosts: Vec<String> = hosts.iter().take(NAMED_MAX).map(|(h, n)| format!("{} {n}", clean(h, 80))).collect();
    if !hosts.is_empty() {
        lines.push(face.say(&say("detect_hosts").with("hosts", hosts.join(", "))));
    }
    lines.extend(histogram(outcome));
    for (title, n) in noisy(&rows) {
        lines.push(face.say(&say("detect_noisy").with("title", title).with("count", n)));
    }
    let mut note = |key: &str, n: u64| {
        if n > 0 {
            lines.push(face.say(&say(key).with("count", n)));
        }
    };
    note("detect_outside", c.outside);
    note("detect_untimed", c.untimed);
    note("detect_unzoned", c.unzoned);
    note("detect_unmapped", c.unmapped);
    note("detect_cut", c.cut);
    note("detect_unkept", outcome.summary.unkept);
    note("detect_late", outcome.summary.correlations.late);
    note("detect_evicted", outcome.summary.correlations.groups_evicted + outcome.summary.correlations.window_evicted);
    note("detect_refused", order.rules.refusals.len() as u64);
    let unserved: usize = order.rules.unserved.iter().map(|(_, n)| n).sum();
    note("detect_unserved", unserved as u64);
    for gap in outcome.gaps.iter().take(NAMED_MAX) {
        let at = gap.at.map_or(String::new(), |at| format!(":{at}"));
        let said = say("detect_gap").with("path", format!("{}{at}", gap.path.as_str()));
        lines.push(face.say(&said.with("reason", gap.reason.name()).with("count", gap.count)));
    }
    let more = outcome.gaps.len().saturating_sub(NAMED_MAX) as u64 + outcome.gaps_unnamed;
    if more > 0 {
        lines.push(face.say(&say("detect_gaps_more").with("count", more)));
    }
    lines.join("\n")
}

/// Matches by hour, at most [`NAMED_MAX`] hours, the fullest ones, in the order of time.
fn histogram(outcome: &Outcome) -> Vec<String> {
    let mut hours: Vec<(&i64, &u64)> = outcome.summary.by_hour.iter().collect();
    hours.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    hours.truncate(NAMED_MAX);
    hours.sort();
    let most = hours.iter().map(|(_, n)| **n).max().unwrap_or(1).max(1);
    let bar = |n: u64| "#".repeat(usize::try_from((n * 40).div_ceil(most)).unwrap_or(40));
    hours.iter().map(|(h, n)| format!("  {}  {n:>8}  {}", Time::from_millis(**h * 3_600_000), bar(**n))).collect()
}

/// The whole run as one document.
pub(super) fn document(outcome: &Outcome, order: &Order<'_>) -> Value {
    let c = &outcome.counts;
    let gaps: Vec<Value> = outcome
        .gaps
        .iter()
        .map(|g| json!({"path": g.path.as_str(), "reason": g.reason, "count": g.count, "at": g.at}))
        .collect();
    let rows: Vec<Value> =
        top(outcome, order).into_iter().map(|(t, l, n)| json!({"title": t, "level": l, "count": n})).collect();
    let unserved: Vec<Value> =
        order.rules.unserved.iter().map(|(s, n)| json!({"logsource": s.to_string(), "rules": n})).collect();
    let hours: BTreeMap<String, u64> =
        outcome.summary.by_hour.iter().map(|(h, n)| (Time::from_millis(h * 3_600_000).to_string(), *n)).collect();
    json!({
        "alerts": outcome.found.iter().map(|f| alert(f, order)).collect::<Vec<_>>(),
        "counts": {"files": c.files, "bytes": c.bytes, "events": c.events, "outside": c.outside, "untimed": c.untimed,
                   "unzoned": c.unzoned, "unmapped": c.unmapped, "cut": c.cut},
        "summary": {"levels": by_level(outcome, order), "rules": rows, "hosts": outcome.summary.by_host, "hours": hours,
                    "not_kept": outcome.summary.unkept},
        "rules": {"used": order.rules.rules.all().len(), "refused": order.rules.refusals.len(), "unserved": unserved},
        "gaps": gaps,
        "gaps_not_named": outcome.gaps_unnamed,
    })
}

/// One row an alert. A cell that a spreadsheet would take for a formula begins with an apostrophe.
pub(super) fn csv(face: &Face, outcome: &Outcome, order: &Order<'_>) -> String {
    let heading = ["time", "last", "level", "host", "title", "rule", "log", "number", "count", "fields", "alert"];
    let name = |h: &&str| words::text(face.lang, &format!("detect-column.{h}")).to_owned();
    let mut out = format!("{}{}\n", crate::CSV_MARK, heading.iter().map(name).collect::<Vec<_>>().join(","));
    for f in &outcome.found {
        let rule = order.rules.rules.get(f.rule);
        let fields: Vec<String> = f.fields.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let cells = [
            time(f.time),
            time(f.last),
            level(f, order).to_owned(),
            f.host.clone().unwrap_or_default(),
            rule.title.clone(),
            rule.id.clone().unwrap_or_default(),
            f.log.to_string(),
            f.position.number.to_string(),
            f.count.to_string(),
            fields.join("; "),
            f.id.to_string(),
        ];
        let cell = |text: &String| {
            let text = clean(text, 4096);
            let formula = text.starts_with(['=', '+', '-', '@']) && text != "-";
            format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
        };
        out.push_str(&cells.iter().map(cell).collect::<Vec<_>>().join(","));
        out.push('\n');
    }
    out
}

/// SARIF 2.1.0.
pub(super) fn sarif(outcome: &Outcome, order: &Order<'_>) -> Value {
    let name = |l: &str| match l {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    };
    let results: Vec<Value> = outcome
        .found
        .iter()
        .map(|f| {
            let rule = order.rules.rules.get(f.rule);
            let region = json!({"startLine": f.position.number.max(1)});
            json!({
                "ruleId": rule.id.clone().unwrap_or_else(|| rule.title.clone()),
                "level": name(level(f, order)),
                "message": {"text": rule.title},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": &*f.log}, "region": region}}],
                "occurrenceCount": f.count,
                "partialFingerprints": {"alert-v1": f.id},
            })
        })
        .collect();
    let driver = json!({"name": "watchfire", "version": env!("CARGO_PKG_VERSION"), "rules": []});
    json!({"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
           "runs": [{"tool": {"driver": driver}, "results": results}]})
}

/// A page that needs nothing else: counts, hours, and a table of alerts.
pub(super) fn html(face: &Face, outcome: &Outcome, order: &Order<'_>, seconds: f64) -> String {
    let escape = |t: &str| t.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let word = |key: &str| escape(words::text(face.lang, key));
    let lang = if face.lang == evidence::Lang::Zh { "zh-CN" } else { "en" };
    let mut out = format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><title>{0}</title><style>body{{font:15px/1.5 \
         system-ui,sans-serif;margin:2rem;color:#111}}table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;\
         padding:.3rem .5rem;border-bottom:1px solid #ccc;vertical-align:top;overflow-wrap:anywhere}}pre{{white-space:\
         pre-wrap}}@media print{{body{{margin:0}}}}</style><h1>{0}</h1><pre>{1}</pre><table><thead><tr>",
        word("detect-column.heading"),
        escape(&summary(face, outcome, order, seconds)),
    );
    for column in ["time", "level", "host", "title", "log", "count", "fields"] {
        let _ = write!(out, "<th scope=\"col\">{}", word(&format!("detect-column.{column}")));
    }
    out.push_str("</thead><tbody>");
    for f in &outcome.found {
        let fields: Vec<String> = f.fields.iter().map(|(n, v)| format!("{}={}", clean(n, 60), clean(v, 512))).collect();
        let place = format!("{}:{}", clean(&f.log, 400), f.position.number);
        let cells = [
            time(f.time),
            words::text(face.lang, &format!("detect-level.{}", level(f, order))).to_owned(),
            clean(f.host.as_deref().unwrap_or("-"), 80),
            clean(&order.rules.rules.get(f.rule).title, 200),
            place,
            f.count.to_string(),
            fields.join("  "),
        ];
        out.push_str("<tr>");
        for cell in &cells {
            let _ = write!(out, "<td>{}", escape(cell));
        }
    }
    out.push_str("</tbody></table></html>");
    out
}

/// A layer of the ATT&CK Navigator: techniques by how often their rules matched.
pub(super) fn layer(outcome: &Outcome, order: &Order<'_>) -> Value {
    let mut scores: BTreeMap<String, u64> = BTreeMap::new();
    let all = order.rules.rules.all();
    for (at, n) in &outcome.summary.by_rule {
        let tags = all.get(*at).map_or(&[][..], |r| r.tags.as_slice());
        for technique in tags.iter().filter_map(|t| t.strip_prefix("attack.t")) {
            *scores.entry(format!("T{}", technique.to_uppercase())).or_default() += n;
        }
    }
    let techniques: Vec<Value> = scores.iter().map(|(t, n)| json!({"techniqueID": t, "score": n})).collect();
    let most = scores.values().max().copied().unwrap_or(1);
    json!({"name": "watchfire detect", "versions": {"layer": "4.5"}, "domain": "enterprise-attack", "techniques": techniques,
           "gradient": {"colors": ["#ffffff", "#d62728"], "minValue": 0, "maxValue": most}})
}

/// Why a rule does or does not match.
pub(super) fn answer(face: &Face, answer: &Answer, order: &Order<'_>) -> String {
    let rule = order.rules.rules.get(answer.rule);
    let say = |key: &str| Say::new(format!("cli.say.{key}"));
    let matches = answer.looked_at && answer.explanation.as_ref().is_some_and(|e| e.matches);
    let key = if matches { "detect_matches" } else { "detect_matches_not" };
    let mut lines = vec![face.say(&say(key).with("title", &rule.title).with("number", answer.position.number))];
    let named = if answer.logsources.is_empty() { "-".to_owned() } else { answer.logsources.join(", ") };
    let sources = say("detect_sources").with("rule_source", rule.logsource.to_string()).with("event_sources", named);
    lines.push(face.say(&sources));
    if !answer.looked_at {
        lines.push(face.say(&say("detect_not_looked_at")));
    }
    for part in answer.explanation.iter().flat_map(|e| &e.parts) {
        let mark = if part.holds { "+" } else { "-" };
        lines.push(format!("{mark} {}", clean(&part.name, 120)));
        for r in &part.reasons {
            let mark = if r.holds { "+" } else { "-" };
            let found =
                r.found.as_ref().map_or(String::new(), |(n, v)| format!("   <- {}={}", clean(n, 60), clean(v, 200)));
            let wanted = if r.wanted.is_empty() { String::new() } else { format!(": {}", clean(&r.wanted, 200)) };
            lines.push(format!("  {}{mark} {}{wanted}{found}", "  ".repeat(r.depth), clean(&r.item, 120)));
        }
    }
    lines.join("\n")
}
