//! E-mail addresses, from their `@` outwards (RFC 5321 lengths, RFC 2606 reserved names).

use super::Finder;
use crate::detectors::Native;
use crate::view::View;
use std::ops::Range;

impl Finder<'_, '_> {
    pub(super) fn mail(&mut self, at: usize) {
        if let Some((range, offset)) = email(self.view, at) {
            let value = self.view.units[range.clone()].iter().map(|b| char::from(b.to_ascii_lowercase())).collect();
            self.native(Native::Email, range, value, offset, None);
        }
    }
}

/// Longest local part and domain (RFC 5321 §4.5.3.1).
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 255;

/// The address around the `@` at `at`.
fn email(view: &View<'_>, at: usize) -> Option<(Range<usize>, i32)> {
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
    let offset = if is_reserved(host) {
        -21
    } else if userinfo || scp {
        -23
    } else if is_mail_house(host) {
        7
    } else {
        0
    };
    Some((range, offset))
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
