//! rpm's order (`rpm-version(7)`) over epoch:version-release, and pacman's (`vercmp(8)`), which grew out of an older one.
//!
//! rpm: only ASCII letters, digits, `~` and `^` count; everything else separates. `~` sorts before the end, `^`
//! behind it but before any more text, letters before numbers. pacman has neither `~` nor `^`: letters that follow
//! without a separator sort before the end (`1.0rc` < `1.0`), and more separators sort behind fewer.
//!
//! rpm and pacman compare a release only where both have one. Under that rule `1-1` = `1` = `1-2` while `1-1` < `1-2`,
//! which is no order. Here a missing release sorts before every release, and an empty one (`1-`) is a missing one;
//! other programs put `1` before `1-`.

use super::{Number, by_token, epoch, front};
use std::cmp::Ordering;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a [u8]),
    Number(Number<'a>),
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    whole(a, b, |a, b| by_token(Tokens(a.as_bytes()), Tokens(b.as_bytes()), Token::End))
}

pub(super) fn alpm(a: &str, b: &str) -> Ordering {
    whole(a, b, |a, b| by_token(Alpm(a.as_bytes()), Alpm(b.as_bytes()), Piece::End))
}

fn whole(a: &str, b: &str, part: impl Fn(&str, &str) -> Ordering) -> Ordering {
    let (ea, a) = epoch(a);
    let (eb, b) = epoch(b);
    let (va, ra) = a.rsplit_once('-').unwrap_or((a, ""));
    let (vb, rb) = b.rsplit_once('-').unwrap_or((b, ""));
    let releases = || ra.is_empty().cmp(&rb.is_empty()).reverse().then_with(|| part(ra, rb));
    ea.cmp(&eb).then_with(|| part(va, vb)).then_with(releases)
}

struct Tokens<'a>(&'a [u8]);
impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;
    fn next(&mut self) -> Option<Token<'a>> {
        let counts = |c: u8| c.is_ascii_alphanumeric() || c == b'~' || c == b'^';
        let (_, text) = front(self.0, |c| !counts(c));
        let (token, rest) = match text.split_first() {
            None => return None,
            Some((b'~', rest)) => (Token::Tilde, rest),
            Some((b'^', rest)) => (Token::Caret, rest),
            Some((c, _)) if c.is_ascii_digit() => {
                let (digits, rest) = front(text, |c| c.is_ascii_digit());
                (Token::Number(Number::new(digits)), rest)
            }
            Some(_) => {
                let (letters, rest) = front(text, |c| c.is_ascii_alphabetic());
                (Token::Letters(letters), rest)
            }
        };
        self.0 = rest;
        Some(token)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// Letters that follow a number at once.
    Glued(&'a [u8]),
    End,
    /// A number that follows letters, or the front of the version.
    Number(Number<'a>),
    /// Separators, and what follows them.
    Apart(usize, Segment<'a>),
}
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Letters(&'a [u8]),
    Nothing,
    Number(Number<'a>),
}

struct Alpm<'a>(&'a [u8]);
impl<'a> Iterator for Alpm<'a> {
    type Item = Piece<'a>;
    fn next(&mut self) -> Option<Piece<'a>> {
        let (apart, text) = front(self.0, |c| !c.is_ascii_alphanumeric());
        let (digits, after_digits) = front(text, |c| c.is_ascii_digit());
        let (letters, after_letters) = front(text, |c| c.is_ascii_alphabetic());
        let (segment, rest) = if !digits.is_empty() {
            (Segment::Number(Number::new(digits)), after_digits)
        } else if !letters.is_empty() {
            (Segment::Letters(letters), after_letters)
        } else {
            (Segment::Nothing, text)
        };
        self.0 = rest;
        match (apart.len(), segment) {
            (0, Segment::Nothing) => None,
            (0, Segment::Letters(letters)) => Some(Piece::Glued(letters)),
            (0, Segment::Number(number)) => Some(Piece::Number(number)),
            (n, segment) => Some(Piece::Apart(n, segment)),
        }
    }
}
