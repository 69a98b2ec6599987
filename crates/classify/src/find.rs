//! From a place in the text to a candidate: structure, check digit, boundaries. What the words around it say
//! comes later.

use crate::Class;
use crate::check::{Issuer, issuer, luhn, mobile, resident_id, uscc, vin};
use crate::view::{DIGIT, KIND, View};
use std::ops::Range;

/// A value that has the structure of its class.
pub(crate) struct Candidate {
    pub(crate) class: Class,
    /// In units of the view.
    pub(crate) range: Range<usize>,
    /// Log-odds before context, in tenths.
    pub(crate) base: i32,
    pub(crate) context: Need,
}
/// What a class asks of its context.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The structure speaks for itself.
    No,
    /// Without a word for it the confidence stays low.
    ForMore,
    /// Without a word for it there is no hit.
    ForAny,
}

/// Values known from manuals, tests and keyboards.
const DUMMIES: [&[u8]; 12] = [
    b"13800138000",
    b"13800000000",
    b"13888888888",
    b"13812345678",
    b"15888888888",
    b"18888888888",
    b"4111111111111111",
    b"4242424242424242",
    b"5555555555554444",
    b"378282246310005",
    b"6222222222222222",
    b"1M8GDM9AXKP042788",
];
/// Subtracted for a dummy.
const DUMMY: i32 = 30;
/// Subtracted if the value is one part of a longer token with dashes or underscores.
const JOINED: i32 = 14;

fn is_dummy(value: &[u8]) -> bool {
    let body = value.get(3..value.len().saturating_sub(1)).unwrap_or_default();
    let climbs = body.len() >= 7 && body.windows(2).all(|w| w[1] == w[0] + 1 || (w[0] == b'9' && w[1] == b'0'));
    let flat = body.len() >= 7 && body.windows(2).all(|w| w[0] == w[1]);
    climbs || flat || DUMMIES.contains(&value)
}

/// True if a value may end here: no letter or digit follows on, except the letter of an escape such as `\n`.
fn free_left(view: &View<'_>, start: usize) -> bool {
    let Some(i) = start.checked_sub(1) else { return true };
    let escape = matches!(view.at(i), b'n' | b't' | b'r') && view.before(i, 1) == b'\\';
    let decimal = view.at(i) == b'.' && view.before(i, 1).is_ascii_digit();
    (!view.is_word(i) || escape) && !decimal
}
fn free_right(view: &View<'_>, end: usize) -> bool {
    let decimal = view.at(end) == b'.' && view.at(end + 1).is_ascii_digit();
    !view.is_word(end) && !decimal
}
/// True if `-` or `_` ties the value to a neighbour.
fn joined(view: &View<'_>, range: &Range<usize>) -> bool {
    let ties = |b: u8| matches!(b, b'-' | b'_');
    let left = ties(view.before(range.start, 1)) && range.start >= 2 && view.is_word(range.start - 2);
    left || (ties(view.at(range.end)) && view.is_word(range.end + 1))
}

/// The candidate in a maximal run of digits and capitals, if there is one.
pub(crate) fn in_run(view: &View<'_>, run: Range<usize>) -> Option<Candidate> {
    if !(11..=19).contains(&run.len()) || !free_left(view, run.start) {
        return None;
    }
    let value = &view.units[run.clone()];
    let digits = value.iter().filter(|b| KIND[usize::from(**b)] == DIGIT).count();
    let small_x = digits == 17 && value.len() == 17 && view.at(run.end) == b'x';
    let range = if small_x { run.start..run.end + 1 } else { run };
    if !free_right(view, range.end) {
        return None;
    }
    let value = &view.units[range.clone()];
    let found = match value.len() {
        18 if digits >= 17 && resident_id(value) => {
            Some((Class::ResidentId, if value[0] == b'9' { 12 } else { 24 }, Need::No))
        }
        18 if digits < 18 && uscc(value) => Some(uscc_base(value, digits)),
        18 if digits == 18 && uscc(value) && !luhn_card(value) => Some((Class::Uscc, -8, Need::ForAny)),
        17 if (5..17).contains(&digits) && vin(value) => vin_base(value),
        n if digits == n => return digit_run(view, range),
        _ => None,
    };
    let (class, base, context) = found?;
    Some(finish(view, class, range, base, context))
}

fn finish(view: &View<'_>, class: Class, range: Range<usize>, base: i32, context: Need) -> Candidate {
    let dummy = if is_dummy(&view.units[range.clone()]) { DUMMY } else { 0 };
    let tied = if joined(view, &range) { JOINED } else { 0 };
    Candidate { class, base: base - dummy - tied, range, context }
}

fn luhn_card(value: &[u8]) -> bool {
    issuer(value).is_some() && luhn(value)
}

fn uscc_base(value: &[u8], digits: usize) -> (Class, i32, Need) {
    // Two letters among 18 is what a random organisation code has; the departments in real use come first.
    let usual = matches!(value[0], b'1' | b'5' | b'9') && value[1].is_ascii_digit();
    (Class::Uscc, if usual { 22 } else { 6 } - if digits == 17 { 4 } else { 0 }, Need::No)
}

fn vin_base(value: &[u8]) -> Option<(Class, i32, Need)> {
    let serial = value[13..].iter().all(u8::is_ascii_digit);
    let year = !matches!(value[9], b'U' | b'Z' | b'0');
    // World manufacturer codes: regions in wide use, L for China.
    let maker = matches!(value[0], b'L' | b'1'..=b'5' | b'J' | b'K' | b'W' | b'S' | b'V' | b'Z' | b'Y');
    let letters = value[..3].iter().any(u8::is_ascii_uppercase);
    (serial && year).then_some((Class::Vin, if maker && letters { 8 } else { -4 }, Need::No))
}

/// Runs of digits alone: mobile numbers, with or without the country's code, and cards.
fn digit_run(view: &View<'_>, range: Range<usize>) -> Option<Candidate> {
    let value = &view.units[range.clone()];
    let (start, coded) = match value {
        [b'0', b'0', b'8', b'6', rest @ ..] if rest.len() == 11 => (4, true),
        [b'8', b'6', rest @ ..] if rest.len() == 11 => (2, view.before(range.start, 1) == b'+'),
        _ => (
            0,
            matches!((view.before(range.start, 3), view.before(range.start, 2)), (b'8', b'6'))
                && matches!(view.before(range.start, 1), b' ' | b'-'),
        ),
    };
    // `+1` is the North American plan's: its eleven digits look like ours.
    let abroad = start == 0 && view.before(range.start, 1) == b'+';
    if !abroad && value.get(start..).is_some_and(mobile) {
        let number = range.start + start..range.end;
        let mut c = finish(
            view,
            Class::Mobile,
            number,
            if coded { 8 } else { -6 },
            if coded { Need::No } else { Need::ForMore },
        );
        if coded && start == 0 && view.before(range.start, 1) == b'-' {
            c.base += JOINED;
        }
        return Some(c);
    }
    let base = match issuer(value).filter(|_| luhn(value))? {
        Issuer::UnionPay => -4,
        Issuer::International => -8,
        Issuer::OldDomestic => -14,
    };
    Some(finish(view, Class::BankCard, range, base, Need::ForMore))
}

/// Longest local part and domain (RFC 5321 §4.5.3.1).
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 255;

/// The address around the `@` at `at`.
pub(crate) fn email(view: &View<'_>, at: usize) -> Option<Candidate> {
    let is_local = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-');
    let is_domain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let mut local = view.units[..at].iter().rev().take(LOCAL_BYTES_MAX + 1).take_while(|b| is_local(b)).count();
    let mut domain = view.units[at + 1..].iter().take(DOMAIN_BYTES_MAX + 1).take_while(|b| is_domain(b)).count();
    while domain > 0 && matches!(view.at(at + domain), b'.' | b'-') {
        domain -= 1;
    }
    if local == 0 || local > LOCAL_BYTES_MAX || domain == 0 || domain > DOMAIN_BYTES_MAX || view.is_trail(at) {
        return None;
    }
    let escape = view.before(at - local, 1) == b'\\' && matches!(view.at(at - local), b'n' | b't' | b'r');
    if view.is_trail(at - local) || escape {
        local -= 1;
    }
    while local > 0 && matches!(view.at(at - local), b'.' | b'-' | b'%') {
        local -= 1;
    }
    let range = at - local..at + 1 + domain;
    let name = &view.units[range.start..at];
    let host = &view.units[at + 1..range.end];
    if name.is_empty() || name.ends_with(b".") || name.windows(2).any(|w| w == b"..") {
        return None;
    }
    let labels: Vec<&[u8]> = host.split(|b| *b == b'.').collect();
    let well_formed = |l: &&[u8]| (1..=63).contains(&l.len()) && l[0] != b'-' && l[l.len() - 1] != b'-';
    if labels.len() < 2 || !labels.iter().all(well_formed) || !is_top_level(labels[labels.len() - 1]) {
        return None;
    }
    let after = view.at(range.end);
    let userinfo = matches!(view.before(range.start, 1), b'/' | b':')
        && view.before(range.start, 1) != b' '
        && !preceded_by_mailto(view, range.start);
    let scp = after == b':' && view.is_word(range.end + 1);
    let base = if is_reserved(host) {
        -12
    } else if userinfo || scp {
        -14
    } else if is_mail_house(host) {
        16
    } else {
        9
    };
    Some(Candidate { class: Class::Email, range, base, context: Need::No })
}
fn preceded_by_mailto(view: &View<'_>, start: usize) -> bool {
    view.units[..start].to_ascii_lowercase_ends_with(b"mailto:")
}
trait EndsWith {
    fn to_ascii_lowercase_ends_with(&self, end: &[u8]) -> bool;
}
impl EndsWith for [u8] {
    fn to_ascii_lowercase_ends_with(&self, end: &[u8]) -> bool {
        self.len() >= end.len() && self[self.len() - end.len()..].eq_ignore_ascii_case(end)
    }
}
/// Names that RFC 2606 reserves, and what tests use in their place.
fn is_reserved(host: &[u8]) -> bool {
    let names: [&[u8]; 9] = [
        b"example.com",
        b"example.org",
        b"example.net",
        b"example.cn",
        b"test.com",
        b"domain.com",
        b"email.com",
        b"foo.com",
        b"users.noreply.github.com",
    ];
    names.iter().any(|n| {
        host.eq_ignore_ascii_case(n)
            || (host.len() > n.len() && host.to_ascii_lowercase_ends_with(n) && host[host.len() - n.len() - 1] == b'.')
    })
}
/// Houses that do nothing but mail.
fn is_mail_house(host: &[u8]) -> bool {
    let names: [&[u8]; 12] = [
        b"qq.com",
        b"163.com",
        b"126.com",
        b"foxmail.com",
        b"139.com",
        b"189.cn",
        b"sina.com",
        b"sohu.com",
        b"gmail.com",
        b"outlook.com",
        b"hotmail.com",
        b"yeah.net",
    ];
    names.iter().any(|n| host.eq_ignore_ascii_case(n))
}
/// Two letters (ISO 3166 country codes are not spelt out) or one of the generic names in wide use.
fn is_top_level(label: &[u8]) -> bool {
    const GENERIC: &str = " com net org edu gov mil int info biz name pro mobi aero coop museum top xyz wang online site tech store shop club vip ltd group ink work live art fun cloud app dev asia ";
    // File endings that read like countries but stand behind an `@` in sources far more often.
    const NOT: [&[u8]; 8] = [b"py", b"rs", b"js", b"ts", b"sh", b"so", b"md", b"pl"];
    let low = label.to_ascii_lowercase();
    let letters = low.iter().all(u8::is_ascii_lowercase);
    let generic = || std::str::from_utf8(&low).is_ok_and(|t| GENERIC.split(' ').any(|g| g == t));
    letters && ((low.len() == 2 && !NOT.contains(&&low[..])) || (low.len() > 2 && generic()))
}

/// The private key whose `-----BEGIN` stands at `at`: its range, and whether it is encrypted. The body's base64
/// characters are appended to `body`.
pub(crate) fn private_key(view: &View<'_>, at: usize, body: &mut Vec<u8>) -> Option<(Range<usize>, bool)> {
    const LABEL_BYTES_MAX: usize = 64;
    const BODY_BYTES_MIN: usize = 40;
    const KEY_BYTES_MAX: usize = 16 * 1024;
    let rest = &view.units[at..view.units.len().min(at + KEY_BYTES_MAX)];
    let label_end = 11 + memchr::memmem::find(rest.get(11..rest.len().min(11 + LABEL_BYTES_MAX))?, b"-----")?;
    let label = rest.get(11..label_end)?;
    let known: [&[u8]; 7] = [
        b"PRIVATE KEY",
        b"RSA PRIVATE KEY",
        b"EC PRIVATE KEY",
        b"DSA PRIVATE KEY",
        b"OPENSSH PRIVATE KEY",
        b"ENCRYPTED PRIVATE KEY",
        b"PGP PRIVATE KEY BLOCK",
    ];
    if !known.contains(&label) {
        return None;
    }
    let inner = rest.get(label_end + 5..)?;
    let stop = memchr::memmem::find(inner, b"-----");
    let text = &inner[..stop.unwrap_or(inner.len())];
    let mut encrypted = label.starts_with(b"ENCRYPTED") || memchr::memmem::find(text, b"4,ENCRYPTED").is_some();
    body.clear();
    let lines = text.split(|b| matches!(b, b'\n' | b'\r'));
    for line in lines.filter(|l| !l.contains(&b':')) {
        let mut escaped = false;
        for b in line {
            match b {
                b'\\' => escaped = true,
                _ if escaped => escaped = false,
                b'+' | b'/' | b'=' => body.push(*b),
                _ if b.is_ascii_alphanumeric() => body.push(*b),
                b' ' | b'\t' | b'"' | b'\'' | b',' | b'-' | b'>' | b'|' => {}
                _ => return None,
            }
        }
    }
    body.truncate(1024);
    // `openssh-key-v1`, then the cipher's name: anything but `none` is encrypted.
    if label.starts_with(b"OPENSSH") && !body.starts_with(b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU") {
        encrypted = true;
    }
    let end = stop.map_or(rest.len(), |s| label_end + 5 + s);
    (body.len() >= BODY_BYTES_MIN).then_some((at..at + end, encrypted))
}
