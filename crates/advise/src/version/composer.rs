//! Packagist's order: Composer's normal form under PHP's `version_compare`.
//!
//! A leading `v`, a flag (`@dev`) and build metadata (`+…`) do not count; missing numbers in front are zero. Then:
//! unknown words < `dev` < `alpha` < `beta` < `RC` < the end < a number < `patch`. Branches (`dev-main`) sort below all
//! numbered versions. PHP calls any two unknown words equal; here their letters decide.

use super::{Number, by_token, front};
use std::cmp::Ordering;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    Unknown(&'a str),
    Dev,
    Alpha,
    Beta,
    Candidate,
    End,
    Number(Number<'a>),
    Patch,
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let ((core_a, rest_a), (core_b, rest_b)) = (split(&a), split(&b));
    let core = by_token(core_a.iter().copied(), core_b.iter().copied(), Number::ZERO);
    let rest = || by_token(Tokens(rest_a), Tokens(rest_b), Token::End);
    core_b.is_empty().cmp(&core_a.is_empty()).then(core).then_with(rest)
}

/// The numbers in front, and what follows them.
fn split(text: &str) -> (Vec<Number<'_>>, &[u8]) {
    let text = text.split(['@', '+']).next().unwrap_or_default();
    let numbered = text.strip_prefix('v').filter(|t| t.starts_with(|c: char| c.is_ascii_digit()));
    let mut rest = numbered.unwrap_or(text).as_bytes();
    let mut core = Vec::new();
    loop {
        let (_, at) = front(rest, |c| !c.is_ascii_alphanumeric());
        let (digits, behind) = front(at, |c| c.is_ascii_digit());
        if digits.is_empty() {
            return (core, rest);
        }
        core.push(Number::new(digits));
        rest = behind;
    }
}

struct Tokens<'a>(&'a [u8]);
impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (_, at) = front(self.0, |c| !c.is_ascii_alphanumeric());
            let (digits, behind_digits) = front(at, |c| c.is_ascii_digit());
            if !digits.is_empty() {
                self.0 = behind_digits;
                return Some(Token::Number(Number::new(digits)));
            }
            let (letters, behind_letters) = front(at, |c| c.is_ascii_alphabetic());
            self.0 = behind_letters;
            return Some(match letters {
                b"" => return None,
                b"stable" => continue,
                b"dev" => Token::Dev,
                b"alpha" | b"a" => Token::Alpha,
                b"beta" | b"b" => Token::Beta,
                b"rc" => Token::Candidate,
                b"patch" | b"pl" | b"p" => Token::Patch,
                word => Token::Unknown(std::str::from_utf8(word).unwrap_or_default()),
            });
        }
    }
}
