//! RubyGems' order (`Gem::Version`): runs of digits and of letters, words before numbers, zeros at the end of the
//! numbers in front and at the end of all do not count. `-` reads as `.pre.`.

use super::{Number, by_token, front};
use std::cmp::Ordering;

/// A missing segment is zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    Word(&'a [u8]),
    Number(Number<'a>),
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    by_token(tokens(a.as_bytes()).into_iter(), tokens(b.as_bytes()).into_iter(), Token::Number(Number::ZERO))
}

fn tokens(mut text: &[u8]) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    loop {
        let (apart, at) = front(text, |c| !c.is_ascii_alphanumeric());
        for _ in apart.iter().filter(|c| **c == b'-') {
            word(&mut out, b"pre");
        }
        let (digits, behind_digits) = front(at, |c| c.is_ascii_digit());
        let (letters, behind_letters) = front(at, |c| c.is_ascii_alphabetic());
        if !digits.is_empty() {
            out.push(Token::Number(Number::new(digits)));
            text = behind_digits;
        } else if !letters.is_empty() {
            word(&mut out, letters);
            text = behind_letters;
        } else {
            return out;
        }
    }
}

fn word<'a>(out: &mut Vec<Token<'a>>, word: &'a [u8]) {
    if out.iter().all(|t| matches!(t, Token::Number(_))) {
        while matches!(out.last(), Some(Token::Number(n)) if n.is_zero()) {
            out.pop();
        }
    }
    out.push(Token::Word(word));
}
