//! Texts one of which stands in whatever a regular expression or a pattern with wildcards matches: without it nobody need ask the expression.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::pattern::{Pattern, Piece, fold, fold_char};

/// Shortest text that is worth looking for.
const LEN_MIN: usize = 3;
/// Most texts of which one must be there.
const TEXTS_MAX: usize = 16;
/// Longest text that is put together.
const LEN_MAX: usize = 64;

/// Folded texts, one of which stands in the folded form of every match.
pub(crate) fn of_regex(hir: &Hir) -> Option<Vec<String>> {
    let exact = exact(hir).filter(|e| good(e));
    exact.or_else(|| inner(hir))
}

/// The longest text of a pattern.
pub(crate) fn of_pattern(pattern: &Pattern) -> Option<String> {
    let texts = pattern.pieces.iter().filter_map(|p| match p {
        Piece::Text(text) => Some(text),
        _ => None,
    });
    texts.max_by_key(|t| t.len()).filter(|t| !t.is_empty()).cloned()
}

fn good(texts: &[String]) -> bool {
    texts.len() <= TEXTS_MAX && texts.iter().all(|t| t.len() >= LEN_MIN)
}

/// Every text it matches, folded, if these are few.
fn exact(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![String::new()]),
        HirKind::Literal(literal) => {
            let mut folded = String::new();
            fold(std::str::from_utf8(&literal.0).ok()?, &mut folded);
            Some(vec![folded])
        }
        HirKind::Class(class) => letters(class),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Repetition(r) => match (r.min, r.max) {
            (0, Some(1)) => {
                let mut all = exact(&r.sub)?;
                all.push(String::new());
                Some(all)
            }
            (min, Some(max)) if min == max && min <= 8 => {
                let once = exact(&r.sub)?;
                (0..min).try_fold(vec![String::new()], |all, _| product(&all, &once))
            }
            _ => None,
        },
        HirKind::Concat(parts) => parts.iter().try_fold(vec![String::new()], |all, p| product(&all, &exact(p)?)),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.append(&mut exact(part)?);
                all.sort();
                all.dedup();
                if all.len() > TEXTS_MAX {
                    return None;
                }
            }
            Some(all)
        }
    }
}

fn product(a: &[String], b: &[String]) -> Option<Vec<String>> {
    if a.len() * b.len() > TEXTS_MAX {
        return None;
    }
    let all: Vec<String> = a.iter().flat_map(|x| b.iter().map(move |y| format!("{x}{y}"))).collect();
    all.iter().all(|t| t.len() <= LEN_MAX).then_some(all)
}

/// The characters of a class, folded, if these are few.
fn letters(class: &Class) -> Option<Vec<String>> {
    let Class::Unicode(class) = class else { return None };
    let count: usize = class.ranges().iter().map(|r| r.end() as usize - r.start() as usize + 1).sum();
    if count > 4 * TEXTS_MAX {
        return None;
    }
    let mut all: Vec<String> =
        class.ranges().iter().flat_map(|r| r.start()..=r.end()).map(|c| fold_char(c).to_string()).collect();
    all.sort();
    all.dedup();
    (all.len() <= TEXTS_MAX).then_some(all)
}

fn inner(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Capture(capture) => of_regex(&capture.sub),
        HirKind::Repetition(r) if r.min >= 1 => of_regex(&r.sub),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.append(&mut of_regex(part)?);
            }
            all.sort();
            all.dedup();
            good(&all).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut best: Option<Vec<String>> = None;
            let mut consider = |texts: Vec<String>| {
                let worth =
                    |t: &[String]| (t.iter().map(String::len).min().unwrap_or(0).min(8), std::cmp::Reverse(t.len()));
                if good(&texts) && best.as_ref().is_none_or(|b| worth(&texts) > worth(b)) {
                    best = Some(texts);
                }
            };
            let mut run = vec![String::new()];
            for part in parts {
                let here = exact(part);
                match here.as_ref().and_then(|e| product(&run, e)) {
                    Some(longer) => run = longer,
                    None => {
                        consider(std::mem::replace(&mut run, here.unwrap_or_else(|| vec![String::new()])));
                        inner(part).into_iter().for_each(&mut consider);
                    }
                }
            }
            consider(run);
            best
        }
        _ => None,
    }
}
