//! Patterns of the packs: a regular expression that only confirms, and its shape, which is asked before it.

use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{self, NFA, State};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use regex_automata::{Input, PatternID};
use std::ops::Range;
use std::sync::OnceLock;

/// Largest compiled form of one pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// What one pattern's automaton may keep, per thread, in bytes.
const CACHE_BYTES_MAX: usize = 256 << 10;
/// Farthest that a match may begin before its trigger, in units.
const LEAD_MAX: usize = 160;
/// How many units of a match its shape tells of.
const SHAPE_UNITS: usize = 16;

/// A pattern; compiled when it is first needed, because most texts need few of them.
pub(crate) struct Pattern {
    text: String,
    compiled: OnceLock<Option<Compiled>>,
    shape: OnceLock<Shape>,
    /// So many units before its trigger a match may begin; 0: at the trigger.
    pub(crate) lead: usize,
    /// It has characters outside ASCII, so it looks at decoded text.
    pub(crate) wide: bool,
}

/// A compiled pattern and the number of its group `v`, 0 if there is none.
pub(crate) struct Compiled {
    regex: Regex,
    value: usize,
}
/// Groups of a pattern that are kept track of; the value's must be among them.
const GROUPS_MAX: usize = 8;
impl Compiled {
    /// A match in `input`: all of it, and its value.
    pub(crate) fn find(&self, input: &Input<'_>) -> Option<(Range<usize>, Range<usize>)> {
        let mut slots = [None; GROUPS_MAX * 2];
        let used = &mut slots[..(self.value + 1) * 2];
        self.regex.search_slots(input, used)?;
        let group = |n: usize| Some(used.get(n * 2).copied()??.get()..used.get(n * 2 + 1).copied()??.get());
        Some((group(0)?, group(self.value)?))
    }
}

/// Of each of the first units of a match the bytes that may stand there, whatever stands at the others.
///
/// Nine of ten candidates that a trigger wakes end here, at a table look-up a unit.
#[derive(Default)]
pub(crate) struct Shape(Vec<[u64; 4]>);
impl Shape {
    /// The shape of `text`; without limits if it cannot be told.
    fn of(text: &str) -> Self {
        let config = thompson::Config::new()
            .utf8(false)
            .which_captures(thompson::WhichCaptures::None)
            .nfa_size_limit(Some(PATTERN_BYTES_MAX));
        let nfa = thompson::Compiler::new().syntax(syntax_of(text)).configure(config).build(text);
        nfa.map(|nfa| Self::walk(&nfa)).unwrap_or_default()
    }
    /// Follows all paths of the automaton at once, and notes by which bytes they go on.
    fn walk(nfa: &NFA) -> Self {
        let mut units = Vec::new();
        let (mut at, mut seen) = (vec![nfa.start_anchored()], vec![usize::MAX; nfa.states().len()]);
        for step in 0..SHAPE_UNITS {
            let (mut bytes, mut next) = ([0u64; 4], Vec::new());
            while let Some(id) = at.pop() {
                // A state is looked at once a step.
                if std::mem::replace(&mut seen[id.as_usize()], step) == step {
                    continue;
                }
                let mut go = |low: u8, high: u8, to: StateID| {
                    (low..=high).for_each(|b| bytes[usize::from(b / 64)] |= 1 << (b % 64));
                    next.push(to);
                };
                match nfa.state(id) {
                    State::ByteRange { trans } => go(trans.start, trans.end, trans.next),
                    State::Sparse(sparse) => sparse.transitions.iter().for_each(|t| go(t.start, t.end, t.next)),
                    State::Dense(dense) => {
                        let known = (0..=255u8).zip(dense.transitions.iter()).filter(|(_, to)| **to != StateID::ZERO);
                        known.for_each(|(b, to)| go(b, b, *to));
                    }
                    State::Look { next, .. } | State::Capture { next, .. } => at.push(*next),
                    State::Union { alternates } => at.extend(alternates.iter()),
                    State::BinaryUnion { alt1, alt2 } => at.extend([alt1, alt2]),
                    State::Fail => {}
                    // It may end here: of what follows nothing is known.
                    State::Match { .. } => return Self(units),
                }
            }
            next.sort_unstable();
            next.dedup();
            units.push(bytes);
            at = next;
        }
        Self(units)
    }
    /// False if no match begins at `at`.
    #[inline]
    pub(crate) fn fits(&self, units: &[u8], at: usize) -> bool {
        let Some(rest) = units.get(at..) else { return false };
        let has = |set: &[u64; 4], b: u8| set[usize::from(b / 64)] >> (b % 64) & 1 != 0;
        rest.len() >= self.0.len() && self.0.iter().zip(rest).all(|(set, b)| has(set, *b))
    }
}

/// Patterns without a character outside ASCII speak of bytes; `\d` and `\w` then mean ASCII, as in every encoding's
/// shadow.
fn syntax_of(text: &str) -> syntax::Config {
    syntax::Config::new().unicode(!text.is_ascii()).utf8(false)
}

impl Pattern {
    /// The pattern of `text`, whose matches may begin `lead` units before their trigger.
    pub(crate) fn new(text: String, lead: usize) -> Self {
        let wide = !text.is_ascii();
        Self { text, compiled: OnceLock::new(), shape: OnceLock::new(), lead: lead.min(LEAD_MAX), wide }
    }
    fn compile(text: &str) -> Result<Compiled, String> {
        let regex = Regex::builder()
            .syntax(syntax_of(text))
            .configure(Regex::config().nfa_size_limit(Some(PATTERN_BYTES_MAX)).hybrid_cache_capacity(CACHE_BYTES_MAX))
            .build(text)
            .map_err(|e| std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string))?;
        let value = regex.group_info().to_index(PatternID::ZERO, "v").unwrap_or(0);
        if value < GROUPS_MAX { Ok(Compiled { regex, value }) } else { Err("more than 7 groups".to_owned()) }
    }
    /// What is otherwise told when it is first needed: whether it can be used, or why not.
    pub(crate) fn check(&self) -> Result<(), String> {
        Self::compile(&self.text).map(|_| ())
    }
    pub(crate) fn compiled(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| Self::compile(&self.text).ok()).as_ref()
    }
    /// What the first units of a match look like.
    #[inline]
    pub(crate) fn shape(&self) -> &Shape {
        self.shape.get_or_init(|| Shape::of(&self.text))
    }
}

/// `*`, `+` or `{n,}` outside a class of characters and not escaped.
pub(crate) fn is_unbounded(pattern: &str) -> bool {
    let (mut in_class, mut chars) = (false, pattern.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' if !in_class => in_class = true,
            ']' if in_class => in_class = false,
            '*' | '+' if !in_class => return true,
            '{' if !in_class => {
                let inner: String = chars.by_ref().take_while(|c| *c != '}').collect();
                if inner.ends_with(',') {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_patterns_are_told_from_bounded_ones() {
        for endless in ["a+", "a*b", "(a|b)+", "a{3,}", "[+]+"] {
            assert!(is_unbounded(endless), "{endless}");
        }
        for bounded in ["a{1,3}", r"a\+b", "[+*]", "a?", r"\d{4}", r"[a-z{,]"] {
            assert!(!is_unbounded(bounded), "{bounded}");
        }
    }

    #[test]
    fn a_shape_lets_every_match_through_and_little_else() {
        for (pattern, fits, not) in [
            (
                "[HM][0-9]{8}(?:[0-9]{2})?",
                vec!["H12345678", "M1234567890x"],
                vec!["X12345678", "H1234567", "H1234a678"],
            ),
            ("(?:GB|D)1?x", vec!["GB1x", "GBx", "D1x", "Dx"], vec!["A1x", "B1x", "GZx", "G", ""]),
            (r"\bab$", vec!["ab"], vec!["ac", "a"]),
            ("度[0-9]", vec!["度5"], vec!["庳5", "度x"]),
            ("a{0,3}", vec!["", "b", "aa"], vec![]),
        ] {
            let shape = Shape::of(pattern);
            for text in fits {
                assert!(shape.fits(text.as_bytes(), 0), "{pattern} {text}");
            }
            for text in not {
                assert!(!shape.fits(text.as_bytes(), 0), "{pattern} {text}");
            }
        }
    }
}
