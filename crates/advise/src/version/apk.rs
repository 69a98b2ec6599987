//! apk's order (apk-tools 3, `apk-package(5)`): `digits(.digits)*[letter](_suffix[digits])*[~hash][-r digits]`.
//!
//! A later number with a leading zero is compared as text, as a fraction is (`1.01` < `1.1`). Suffixes `_alpha`, `_beta`,
//! `_pre`, `_rc` sort before the end, `_cvs`, `_svn`, `_git`, `_hg`, `_p` behind it.
//!
//! Known conflict: a text outside that form (`1.9.5p1`, `0..1`) is invalid for apk, and other databases order it in
//! their own ways. Here its valid front counts first, and the rest sorts behind the end of the same front.

use super::{Number, by_token, front};
use std::cmp::Ordering;

/// The order of the variants is the order of versions that agree up to there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    /// A suffix that sorts before the end: its rank.
    Before(u8),
    End,
    Invalid(&'a [u8]),
    Revision(Number<'a>),
    Commit(&'a [u8]),
    SuffixNumber(Number<'a>),
    /// A suffix that sorts behind the end: its rank.
    Behind(u8),
    Letter(u8),
    /// A number with a leading zero, compared as text.
    Fraction(&'a [u8]),
    Number(Number<'a>),
}

const BEFORE: &[&[u8]] = &[b"alpha", b"beta", b"pre", b"rc"];
const BEHIND: &[&[u8]] = &[b"cvs", b"svn", b"git", b"hg", b"p"];

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    by_token(Tokens::new(a), Tokens::new(b), Token::End)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Start,
    Numbers,
    Suffixes,
    SuffixName,
    Tail,
}

struct Tokens<'a> {
    text: &'a [u8],
    at: At,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: At::Start }
    }
    fn take(&mut self, rest: &'a [u8], at: At, token: Token<'a>) -> Option<Token<'a>> {
        (self.text, self.at) = (rest, at);
        Some(token)
    }
    fn suffix(&mut self, text: &'a [u8]) -> Option<Token<'a>> {
        let (name, rest) = front(text, |c| c.is_ascii_lowercase());
        let rank = |list: &[&[u8]]| list.iter().position(|s| *s == name).and_then(|i| u8::try_from(i).ok());
        match (rank(BEFORE), rank(BEHIND)) {
            (Some(rank), _) => self.take(rest, At::SuffixName, Token::Before(rank)),
            (_, Some(rank)) => self.take(rest, At::SuffixName, Token::Behind(rank)),
            _ => self.invalid(),
        }
    }
    fn invalid(&mut self) -> Option<Token<'a>> {
        let rest = self.text;
        self.take(&[], At::Tail, Token::Invalid(rest))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;
    fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.text.split_first()?;
        let (digits, behind) = front(self.text, |c| c.is_ascii_digit());
        match (self.at, *first) {
            (At::Start, _) if !digits.is_empty() => self.take(behind, At::Numbers, Token::Number(Number::new(digits))),
            (At::Numbers, b'.') => {
                let (digits, behind) = front(rest, |c| c.is_ascii_digit());
                match digits.first() {
                    None => self.invalid(),
                    Some(b'0') => self.take(behind, At::Numbers, Token::Fraction(digits)),
                    Some(_) => self.take(behind, At::Numbers, Token::Number(Number::new(digits))),
                }
            }
            (At::Numbers, letter) if letter.is_ascii_lowercase() => {
                self.take(rest, At::Suffixes, Token::Letter(letter))
            }
            (At::SuffixName, _) if !digits.is_empty() => {
                self.take(behind, At::Suffixes, Token::SuffixNumber(Number::new(digits)))
            }
            (At::Numbers | At::Suffixes | At::SuffixName, b'_') => self.suffix(rest),
            (At::Numbers | At::Suffixes | At::SuffixName, b'~') => {
                let (hash, behind) = front(rest, |c| c.is_ascii_hexdigit());
                self.take(behind, At::Tail, Token::Commit(hash))
            }
            (At::Numbers | At::Suffixes | At::SuffixName | At::Tail, b'-') => match rest.strip_prefix(b"r") {
                Some(number) if !number.is_empty() && number.iter().all(u8::is_ascii_digit) => {
                    self.take(&[], At::Tail, Token::Revision(Number::new(number)))
                }
                _ => self.invalid(),
            },
            _ => self.invalid(),
        }
    }
}
