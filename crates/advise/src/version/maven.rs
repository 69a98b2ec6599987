//! Maven's order, as the POM reference states it ("Version Order Specification").
//!
//! Tokens end at dots, hyphens, underscores and between digits and letters. Zeros and the words that mean a release
//! are dropped at the end and before each hyphen. A word counts as if a hyphen stood before it (`2.0.x` = `2-x`,
//! MNG-7644), which also makes the order transitive: the padding rule of the older text is not.

use super::{Number, by_token, front};
use std::cmp::Ordering;

/// The order of the variants is the order of versions that agree up to there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    /// Words before a release: their rank.
    Before(usize),
    /// The end, and the words that mean a release.
    Release,
    ServicePack,
    Word(&'a str),
    /// Behind a hyphen.
    Hyphen(Number<'a>),
    Dot(Number<'a>),
}

const BEFORE: &[&str] = &["alpha", "beta", "milestone", "rc", "snapshot"];

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    by_token(tokens(&a).into_iter(), tokens(&b).into_iter(), Token::Release)
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    let mut hyphen = false;
    loop {
        let (digits, behind) = front(rest, |c| c.is_ascii_digit());
        let (word, behind_word) = front(rest, |c| !c.is_ascii_digit() && !separates(c));
        if word.is_empty() {
            number(&mut out, Number::new(digits), hyphen);
            rest = behind;
        } else {
            let followed = behind_word.first().is_some_and(u8::is_ascii_digit);
            trim(&mut out);
            out.push(qualifier(std::str::from_utf8(word).unwrap_or_default(), followed));
            rest = behind_word;
        }
        match rest.split_first() {
            None => break,
            Some((c, after)) if separates(*c) => {
                hyphen = *c != b'.';
                rest = after;
            }
            Some(_) => hyphen = true,
        }
    }
    trim(&mut out);
    out
}

fn separates(c: u8) -> bool {
    matches!(c, b'.' | b'-' | b'_')
}

fn number<'a>(out: &mut Vec<Token<'a>>, number: Number<'a>, hyphen: bool) {
    if hyphen {
        trim(out);
        out.push(Token::Hyphen(number));
    } else {
        out.push(Token::Dot(number));
    }
}

/// Drops what means nothing at an end.
fn trim(out: &mut Vec<Token<'_>>) {
    while match out.last() {
        Some(Token::Release) => true,
        Some(Token::Dot(n) | Token::Hyphen(n)) => n.is_zero(),
        _ => false,
    } {
        out.pop();
    }
}

fn qualifier(word: &str, followed: bool) -> Token<'_> {
    let word = match (word, followed) {
        ("a", true) => "alpha",
        ("b", true) => "beta",
        ("m", true) => "milestone",
        ("cr", _) => "rc",
        (word, _) => word,
    };
    match word {
        "ga" | "final" | "release" => Token::Release,
        "sp" => Token::ServicePack,
        _ => BEFORE.iter().position(|b| *b == word).map_or(Token::Word(word), Token::Before),
    }
}
