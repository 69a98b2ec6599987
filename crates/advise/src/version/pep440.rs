//! PEP 440, "Summary of permitted suffixes and relative ordering", over its normal forms.
//!
//! What is outside of it (`0.1-bulbasaur`) once had a place below all versions; it keeps it here, by the plain order.

use super::{Number, by_token, front, plain};
use std::cmp::Ordering;

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (lower_a, lower_b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    match (Version::read(&lower_a), Version::read(&lower_b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => plain::compare(a, b),
    }
}

struct Version<'a> {
    epoch: Number<'a>,
    release: &'a [u8],
    suffix: Suffix<'a>,
    local: Option<&'a [u8]>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Suffix<'a> {
    pre: Pre<'a>,
    /// Absent sorts before present.
    post: Option<Number<'a>>,
    dev: Dev<'a>,
}
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Pre<'a> {
    /// Only a developer's release: before all pre-releases.
    DevOnly,
    Some(Phase, Number<'a>),
    None,
}
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Alpha,
    Beta,
    Candidate,
}
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Dev<'a> {
    Some(Number<'a>),
    None,
}

/// A segment of a local version; words before numbers, a longer one behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    End,
    Word(&'a [u8]),
    Number(Number<'a>),
}

const PRE: &[(&[u8], Phase)] = &[
    (b"alpha", Phase::Alpha),
    (b"a", Phase::Alpha),
    (b"beta", Phase::Beta),
    (b"b", Phase::Beta),
    (b"preview", Phase::Candidate),
    (b"pre", Phase::Candidate),
    (b"rc", Phase::Candidate),
    (b"c", Phase::Candidate),
];
const POST: &[(&[u8], ())] = &[(b"post", ()), (b"rev", ()), (b"r", ())];
const DEV: &[(&[u8], ())] = &[(b"dev", ())];

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, local) = match text.split_once('+') {
            Some((text, local)) => (text, Some(local.as_bytes())),
            None => (text, None),
        };
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, text)) => (all_digits(epoch.as_bytes())?, text),
            None => (Number::ZERO, text),
        };
        let (release, rest) = release(text.as_bytes())?;
        let (pre, rest) = named(rest, PRE);
        let (post, rest) = match rest.strip_prefix(b"-").map(|r| front(r, |c| c.is_ascii_digit())) {
            Some((digits, behind)) if !digits.is_empty() => (Some(((), Number::new(digits))), behind),
            _ => named(rest, POST),
        };
        let (dev, rest) = named(rest, DEV);
        let local_fits = local
            .is_none_or(|l| l.split(is_separator).all(|s| !s.is_empty() && s.iter().all(u8::is_ascii_alphanumeric)));
        if !rest.is_empty() || !local_fits {
            return None;
        }
        let pre = match (pre, &post, &dev) {
            (Some((phase, number)), ..) => Pre::Some(phase, number),
            (None, None, Some(_)) => Pre::DevOnly,
            _ => Pre::None,
        };
        let dev = dev.map_or(Dev::None, |(_, number)| Dev::Some(number));
        Some(Self { epoch, release, suffix: Suffix { pre, post: post.map(|p| p.1), dev }, local })
    }
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |release: &'a [u8]| release.split(|c| *c == b'.').map(Number::new);
        let locals = || match (self.local, other.local) {
            (Some(a), Some(b)) => by_token(segments(a), segments(b), Segment::End),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| {
                by_token(numbers(self.release), other.release.split(|c| *c == b'.').map(Number::new), Number::ZERO)
            })
            .then_with(|| self.suffix.cmp(&other.suffix))
            .then_with(locals)
    }
}

fn all_digits(text: &[u8]) -> Option<Number<'_>> {
    (!text.is_empty() && text.iter().all(u8::is_ascii_digit)).then(|| Number::new(text))
}

fn is_separator(c: &u8) -> bool {
    matches!(c, b'.' | b'-' | b'_')
}

/// `N(.N)*` and what follows.
fn release(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut len = front(text, |c| c.is_ascii_digit()).0.len();
    if len == 0 {
        return None;
    }
    while let Some(b'.') = text.get(len) {
        let digits = front(text.get(len + 1..)?, |c| c.is_ascii_digit()).0.len();
        if digits == 0 {
            break;
        }
        len += 1 + digits;
    }
    text.split_at_checked(len)
}

/// `[-_.]?name[-_.]?N?`: which name, its number, and what follows.
fn named<'a, T: Copy>(text: &'a [u8], names: &[(&[u8], T)]) -> (Option<(T, Number<'a>)>, &'a [u8]) {
    let skip = |t: &'a [u8]| match t.split_first() {
        Some((c, rest)) if is_separator(c) => rest,
        _ => t,
    };
    let at = skip(text);
    let Some((value, rest)) = names.iter().find_map(|(name, value)| Some((*value, at.strip_prefix(*name)?))) else {
        return (None, text);
    };
    let (digits, behind) = front(skip(rest), |c| c.is_ascii_digit());
    if digits.is_empty() { (Some((value, Number::ZERO)), rest) } else { (Some((value, Number::new(digits))), behind) }
}

fn segments(local: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    local.split(is_separator).map(|s| all_digits(s).map_or(Segment::Word(s), Segment::Number))
}
