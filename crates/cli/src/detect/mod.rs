//! `watchfire detect`: rules over logs. What matched is printed as it is found (text and JSON lines) or as one document.

mod form;
pub(crate) mod rules;

use crate::args::{Detect, DetectFormat};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress};
use detect::logs::Clock;
use detect::mappings::Mappings;
use detect::run::{Answer, Found, Loaded, Order, Outcome, Question};
use evidence::Say;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Digits of an id that are enough to ask about it.
const ID_DIGITS_MIN: usize = 6;

pub(crate) fn run(face: &Face, a: &Detect) -> Result<u8, CliError> {
    let mappings = mappings(a.mappings.as_deref())?;
    let rules = loaded(&a.rules, &mappings)?;
    if a.follow && a.paths.len() != 1 {
        return Err(CliError::new(Say::new("error.detect-follow-one")));
    }
    let ahead_minutes = zone(a.zone.as_deref())?;
    let instant = |text: &Option<String>| text.as_deref().map(|t| at(t, ahead_minutes)).transpose();
    let order = Order {
        rules: &rules,
        mappings: &mappings,
        clock: Clock { ahead_minutes, newest: node::now().millis() },
        from: instant(&a.from)?,
        to: instant(&a.to)?,
        level: a.level.map(Into::into),
        workers: a.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        follow: a.follow,
        question: question(a, &rules)?,
    };
    let quiet = face.common.quiet || a.follow;
    let bar = progress::bar(quiet, face.lang);
    let asked = order.question.is_some();
    let mut each = |found: &Found| match a.format {
        _ if asked => {}
        DetectFormat::Jsonl => print(&form::alert(found, &order).to_string()),
        DetectFormat::Text => print(&form::line(face, found, &order)),
        _ => {}
    };
    let began = std::time::Instant::now();
    let outcome = order.run(&a.paths, &mut each, &*bar, &face.stop);
    let seconds = began.elapsed().as_secs_f64();
    if asked {
        return answer(face, a, &order, &outcome);
    }
    if let Some(path) = &a.layer {
        node::write(path, format!("{:#}\n", form::layer(&outcome, &order)).as_bytes())?;
    }
    match a.format {
        DetectFormat::Text => print(&form::summary(face, &outcome, &order, seconds)),
        DetectFormat::Json => print_json(&form::document(&outcome, &order)),
        DetectFormat::Jsonl => eprintln!("{}", form::summary(face, &outcome, &order, seconds)),
        DetectFormat::Csv => print(&form::csv(face, &outcome, &order)),
        DetectFormat::Sarif => print_json(&form::sarif(&outcome, &order)),
        DetectFormat::Html => print(&form::html(face, &outcome, &order, seconds)),
    }
    let over = a
        .fail_on
        .map(sigma::Level::from)
        .is_some_and(|least| outcome.found.iter().any(|f| rules.rules.get(f.rule).level.is_some_and(|l| l >= least)));
    // Of a log that could not be read at all nothing is known; that is not "nothing found".
    let nothing_read = outcome.counts.events == 0 && !outcome.gaps.is_empty();
    Ok(match (over, nothing_read || (face.stop.requested() && !a.follow)) {
        (true, _) => exit::FINDINGS,
        (false, true) => exit::COULD_NOT,
        (false, false) => exit::DONE,
    })
}

/// The built-in mappings, or those of a folder.
pub(crate) fn mappings(dir: Option<&Path>) -> Result<Mappings, CliError> {
    let Some(dir) = dir else { return Ok(Mappings::built_in()) };
    let unread = |path: &Path, e: &std::io::Error| CliError::from(node::NodeError::io(path, e));
    let mut files = Vec::new();
    let all = std::fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|e| unread(dir, &e))?;
    for path in all.iter().map(std::fs::DirEntry::path).filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let text = std::fs::read_to_string(&path).map_err(|e| unread(&path, &e))?;
        files.push((path.display().to_string(), text));
    }
    files.sort();
    Mappings::read(files.iter().map(|(n, t)| (n.as_str(), t.as_str())))
        .map_err(|e| CliError::new(Say::new("error.detect-mapping").with("path", e.file).with("why", e.why)))
}

/// Rules of paths, or the built-in ones; at least one must be usable.
fn loaded(paths: &[PathBuf], mappings: &Mappings) -> Result<Loaded, CliError> {
    let loaded = rules::read(paths, mappings);
    if loaded.rules.all().is_empty() {
        let refused = loaded.refusals.len() + loaded.unread.len();
        return Err(CliError::new(Say::new("error.detect-no-rules").with("count", refused)));
    }
    Ok(loaded)
}

/// Minutes ahead of UTC of `+08:00`, `-0330` or `Z`.
fn zone(text: Option<&str>) -> Result<i64, CliError> {
    let Some(text) = text.filter(|t| !matches!(*t, "Z" | "z" | "UTC")) else { return Ok(0) };
    let bad = || CliError::new(Say::new("error.detect-zone").with("value", attest::clean(text)));
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return Err(bad()),
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2).ok_or_else(bad)?;
    match (hours.parse::<i64>(), minutes.parse::<i64>()) {
        (Ok(h @ 0..=14), Ok(m @ 0..=59)) if minutes.len() == 2 => Ok(sign * (h * 60 + m)),
        _ => Err(bad()),
    }
}

/// A time that somebody typed; without a zone it is of the assumed one.
fn at(text: &str, ahead_minutes: i64) -> Result<i64, CliError> {
    let bad = || CliError::new(Say::new("error.bad-date").with("value", attest::clean(text)));
    let millis = detect::instant(text).ok_or_else(bad)?;
    let zoned = text.ends_with(['Z', 'z']) || text.get(10..).is_some_and(|t| t.contains(['+', '-']));
    Ok(if zoned { millis } else { millis - ahead_minutes * 60_000 })
}

fn question(a: &Detect, rules: &Loaded) -> Result<Option<Question>, CliError> {
    if let Some(id) = &a.explain {
        let digits = id.strip_prefix("sha256:").unwrap_or(id).to_ascii_lowercase();
        if digits.len() < ID_DIGITS_MIN || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(CliError::new(Say::new("error.detect-alert-id").with("value", attest::clean(id))));
        }
        return Ok(Some(Question::Alert(digits)));
    }
    let Some([rule, event]) = a.why_not.as_deref() else { return Ok(None) };
    let found = rules.rules.find(rule).or_else(|| rules::titled(rules, rule));
    let unknown = || CliError::new(Say::new("error.detect-rule").with("value", attest::clean(rule)));
    let number =
        event.parse().map_err(|_| CliError::new(Say::new("error.detect-event").with("value", attest::clean(event))));
    Ok(Some(Question::WhyNot(found.ok_or_else(unknown)?, number?)))
}

fn answer(face: &Face, a: &Detect, order: &Order<'_>, outcome: &Outcome) -> Result<u8, CliError> {
    let Some(answer) = &outcome.answer else {
        return Err(CliError::new(Say::new("error.detect-not-there")));
    };
    if a.format == DetectFormat::Text {
        print(&form::answer(face, answer, order));
    } else {
        print_json(&value(answer, order));
    }
    Ok(exit::DONE)
}

fn value(answer: &Answer, order: &Order<'_>) -> serde_json::Value {
    let rule = order.rules.rules.get(answer.rule);
    let part = |p: &sigma::Part| {
        let reasons: Vec<_> = p
            .reasons
            .iter()
            .map(|r| json!({"depth": r.depth, "item": r.item, "wanted": r.wanted, "holds": r.holds, "found": r.found}))
            .collect();
        json!({"name": p.name, "filter": p.filter, "holds": p.holds, "reasons": reasons})
    };
    json!({
        "rule": {"id": rule.id, "title": rule.title, "logsource": rule.logsource.to_string()},
        "event": {"number": answer.position.number, "offset": answer.position.offset, "logsources": answer.logsources},
        "looked_at": answer.looked_at,
        "matches": answer.explanation.as_ref().map(|e| e.matches),
        "parts": answer.explanation.as_ref().map(|e| e.parts.iter().map(part).collect::<Vec<_>>()),
    })
}
