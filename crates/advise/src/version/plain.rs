//! The order of versions that have no scheme: firmware, products, unknown ecosystems.
//!
//! A leading `v` does not count, nor does anything but letters and digits, nor zeros at the end of the numbers in
//! front (`V2.9` = `2.9.0`). Words that everywhere mean "before" (`rc`, `beta` ...) sort before the end, other words
//! behind it (`2.9 SP1` > `2.9`), numbers behind words.

use super::{Number, by_token, front};
use std::cmp::Ordering;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    Before(usize),
    End,
    Word(&'a str),
    Number(Number<'a>),
}

/// In their order.
const BEFORE: &[&str] = &["dev", "snapshot", "nightly", "alpha", "beta", "preview", "pre", "rc"];

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    by_token(tokens(&a).into_iter(), tokens(&b).into_iter(), Token::End)
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let numbered = text.strip_prefix('v').map(|t| t.trim_start_matches([' ', '.']));
    let text = numbered.filter(|t| t.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text);
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut rest = text.as_bytes();
    let mut numbers_only = true;
    loop {
        let (_, at) = front(rest, |c| !c.is_ascii_alphanumeric());
        let (digits, behind_digits) = front(at, |c| c.is_ascii_digit());
        let (letters, behind_letters) = front(at, |c| c.is_ascii_alphabetic());
        if !digits.is_empty() {
            out.push(Token::Number(Number::new(digits)));
            rest = behind_digits;
            continue;
        }
        if numbers_only {
            while matches!(out.last(), Some(Token::Number(n)) if n.is_zero()) {
                out.pop();
            }
        }
        if letters.is_empty() {
            return out;
        }
        numbers_only = false;
        let word = std::str::from_utf8(letters).unwrap_or_default();
        out.push(BEFORE.iter().position(|b| *b == word).map_or(Token::Word(word), Token::Before));
        rest = behind_letters;
    }
}
