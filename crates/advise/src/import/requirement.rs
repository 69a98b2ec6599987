//! Requirements as Cargo writes them (`>= 0.12.3, < 0.13.0`, `^1.2`), as spans, and what such spans leave out.

use crate::advisory::{Bound, Span};
use crate::version::{Scheme, compare};
use std::cmp::Ordering;

/// The span of a requirement; `None` if it is not one that is read.
pub(super) fn span(text: &str) -> Option<Span> {
    let mut out = Span::all();
    for part in text.split(',').map(str::trim) {
        let at = part.find(|c: char| !matches!(c, '<' | '>' | '=' | '^' | '~' | ' ')).unwrap_or(part.len());
        let (op, version) = part.split_at(at);
        if version == "*" && op.is_empty() {
            continue;
        }
        if !version.starts_with(|c: char| c.is_ascii_digit()) || version.contains([' ', '*']) {
            return None;
        }
        let bound = |inclusive| Some(Bound { version: version.to_owned(), inclusive });
        match op.trim() {
            ">=" => out.low = bound(true),
            ">" => out.low = bound(false),
            "<" => out.high = bound(false),
            "<=" => out.high = bound(true),
            "=" => (out.low, out.high) = (bound(true), bound(true)),
            op @ ("^" | "~" | "") => {
                out.low = bound(true);
                out.high = Some(Bound { version: next(version, op == "~")?, inclusive: false });
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The first version that `^version` (or `~version`) does not allow.
fn next(version: &str, tilde: bool) -> Option<String> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers = core.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
    let place = if tilde {
        numbers.len().min(2) - 1
    } else {
        numbers.iter().position(|n| *n != 0).unwrap_or(numbers.len() - 1)
    };
    let mut out: Vec<String> = numbers.iter().take(place).map(ToString::to_string).collect();
    out.push(numbers.get(place)?.checked_add(1)?.to_string());
    out.resize(3, "0".to_owned());
    // Its pre-releases are not allowed either.
    Some(out.join(".") + "-0")
}

/// The versions that no span holds. A gap that ends where a span with a fix begins ends with that fix.
pub(super) fn complement(scheme: Scheme, mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| match (&a.low, &b.low) {
        (Some(a), Some(b)) => compare(scheme, &a.version, &b.version).then(b.inclusive.cmp(&a.inclusive)),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    let mut out = Vec::new();
    // From where nothing is held yet.
    let mut from: Option<Bound> = None;
    for span in spans {
        if let Some(low) = &span.low
            && from.as_ref().is_none_or(|f| gap(scheme, f, low))
        {
            let high = Some(Bound { version: low.version.clone(), inclusive: !low.inclusive });
            out.push(Span { low: from.clone(), high, fix: span.fix && low.inclusive });
        }
        let Some(high) = span.high else { return out };
        let after = Bound { version: high.version, inclusive: !high.inclusive };
        if from.as_ref().is_none_or(|f| compare(scheme, &f.version, &after.version).is_lt()) {
            from = Some(after);
        }
    }
    out.push(Span { low: from, high: None, fix: false });
    out
}

/// Whether anything lies between where nothing is held and where a span begins.
fn gap(scheme: Scheme, from: &Bound, low: &Bound) -> bool {
    match compare(scheme, &from.version, &low.version) {
        Ordering::Less => true,
        Ordering::Equal => from.inclusive && !low.inclusive,
        Ordering::Greater => false,
    }
}
