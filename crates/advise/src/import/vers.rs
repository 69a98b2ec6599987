//! Ranges of versions in CSAF: `vers:` ranges, and what vendors write instead (`< V2.9.3`, `All versions`, `>= 1.0 < 2.0`).

use crate::advisory::{Bound, Span};
use crate::version::{Scheme, compare};

/// Constraints of one range; more are not read.
const CONSTRAINTS_MAX: usize = 500;

/// The spans and single versions of a range; `None` if it is not one that is read. A range is never read as less than it says.
pub(super) fn read(text: &str, scheme: Scheme) -> Option<(Vec<Span>, Vec<String>)> {
    let text = text.trim();
    let constraints = match text.strip_prefix("vers:") {
        Some(rest) => vers(rest)?,
        None => loose(text)?,
    };
    if constraints.len() > CONSTRAINTS_MAX {
        return None;
    }
    build(constraints, scheme)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Op {
    Any,
    Equal,
    Not,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

const OPS: &[(&str, Op)] = &[
    ("<=", Op::LessEqual),
    (">=", Op::GreaterEqual),
    ("!=", Op::Not),
    ("≤", Op::LessEqual),
    ("≥", Op::GreaterEqual),
    ("<", Op::Less),
    (">", Op::Greater),
    ("=", Op::Equal),
];

/// `scheme/constraint|constraint…`
fn vers(text: &str) -> Option<Vec<(Op, String)>> {
    let (_, constraints) = text.split_once('/')?;
    let mut out = Vec::new();
    for constraint in constraints.split('|').map(str::trim).filter(|c| !c.is_empty()) {
        if constraint == "*" {
            out.push((Op::Any, String::new()));
            continue;
        }
        let (op, version) = OPS
            .iter()
            .find_map(|(sign, op)| Some((*op, constraint.strip_prefix(sign)?)))
            .unwrap_or((Op::Equal, constraint));
        out.push((op, usable(version)?));
    }
    (!out.is_empty()).then_some(out)
}

fn usable(version: &str) -> Option<String> {
    let version = version.trim().replace("%2B", "+").replace("%3A", ":").replace("%7E", "~");
    crate::text::token(&version, super::TOKEN_BYTES_MAX).map(ToOwned::to_owned)
}

/// What vendors write by hand.
fn loose(text: &str) -> Option<Vec<(Op, String)>> {
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "*" | "all" | "all versions" | "all version" | "any") {
        return Some(vec![(Op::Any, String::new())]);
    }
    let text = lower.strip_prefix("all versions").and_then(|rest| text.get(text.len() - rest.len()..)).unwrap_or(text);
    let mut rest = text.trim();
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (op, after) = OPS.iter().find_map(|(sign, op)| Some((*op, rest.strip_prefix(sign)?)))?;
        let after = after.trim_start();
        let end = after.find(['<', '>', '=', '|', ',', '≤', '≥']).unwrap_or(after.len());
        let (version, next) = after.split_at(end);
        let version = version.trim().trim_end_matches(" and").trim();
        // More than one word is a sentence.
        if version.split(' ').count() > 3 || !version.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        out.push((op, usable(version)?));
        rest = next.trim_start_matches([',', '|', ' ']);
    }
    (!out.is_empty()).then_some(out)
}

fn build(mut all: Vec<(Op, String)>, scheme: Scheme) -> Option<(Vec<Span>, Vec<String>)> {
    if all.iter().any(|(op, _)| *op == Op::Any) {
        return (all.len() == 1).then(|| (vec![Span::all()], Vec::new()));
    }
    all.sort_by(|a, b| compare(scheme, &a.1, &b.1));
    let (mut spans, mut versions, mut not): (Vec<Span>, Vec<String>, Vec<String>) =
        (Vec::new(), Vec::new(), Vec::new());
    let mut open: Option<Bound> = None;
    let mut bounded = false;
    for (op, version) in all {
        match op {
            Op::Equal => versions.push(version),
            Op::Not => not.push(version),
            Op::Less | Op::LessEqual => {
                // Of two upper ends in a row the later one holds.
                if open.is_none()
                    && let Some(last) = spans.last_mut()
                {
                    last.high = Some(Bound { version, inclusive: op == Op::LessEqual });
                } else {
                    let high = Some(Bound { version, inclusive: op == Op::LessEqual });
                    spans.push(Span { low: open.take(), high, fix: op == Op::Less });
                }
                bounded = true;
            }
            Op::Greater | Op::GreaterEqual => {
                bounded = true;
                if open.is_none() {
                    open = Some(Bound { version, inclusive: op == Op::GreaterEqual });
                }
            }
            Op::Any => {}
        }
    }
    if open.is_some() {
        spans.push(Span { low: open, high: None, fix: false });
    }
    if !bounded && versions.is_empty() && !not.is_empty() {
        spans.push(Span::all());
    }
    for version in not {
        spans = spans.into_iter().flat_map(|s| without(s, scheme, &version)).collect();
    }
    Some((spans, versions))
}

/// A span with one version taken out.
fn without(span: Span, scheme: Scheme, version: &str) -> Vec<Span> {
    if !span.holds(scheme, version) {
        return vec![span];
    }
    let end = || Some(Bound { version: version.to_owned(), inclusive: false });
    vec![Span { low: span.low, high: end(), fix: false }, Span { low: end(), high: span.high, fix: span.fix }]
}
