//! dpkg's order, Debian Policy §5.6.12: epoch, then upstream version, then revision.
//!
//! Runs of other characters and runs of digits take turns. Among the former `~` sorts before the end, the end before
//! letters, letters before all else. A missing revision equals `0`.

use super::{Number, by_token, epoch, front};
use std::cmp::Ordering;

/// One character between numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Tilde,
    End,
    Letter(u8),
    Other(u8),
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (ea, a) = epoch(a);
    let (eb, b) = epoch(b);
    let (ua, ra) = a.rsplit_once('-').unwrap_or((a, ""));
    let (ub, rb) = b.rsplit_once('-').unwrap_or((b, ""));
    ea.cmp(&eb).then_with(|| part(ua, ub)).then_with(|| part(ra, rb))
}

fn part(a: &str, b: &str) -> Ordering {
    // Behind the end come, for ever, an empty run of characters and the number zero.
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while !a.is_empty() || !b.is_empty() {
        let (words_a, rest_a) = front(a, |c| !c.is_ascii_digit());
        let (words_b, rest_b) = front(b, |c| !c.is_ascii_digit());
        let order = by_token(words(words_a), words(words_b), Token::End);
        let (number_a, next_a) = front(rest_a, |c| c.is_ascii_digit());
        let (number_b, next_b) = front(rest_b, |c| c.is_ascii_digit());
        let numbers = || Number::new(number_a).cmp(&Number::new(number_b));
        match order.then_with(numbers) {
            Ordering::Equal => (a, b) = (next_a, next_b),
            other => return other,
        }
    }
    Ordering::Equal
}

fn words(run: &[u8]) -> impl Iterator<Item = Token> {
    run.iter().map(|c| match c {
        b'~' => Token::Tilde,
        c if c.is_ascii_alphabetic() => Token::Letter(*c),
        c => Token::Other(*c),
    })
}
