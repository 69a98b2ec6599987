//! The scanner: candidates, their context, a confidence.

use crate::context::{Lexicon, Nearby};
use crate::find::{self, Candidate, Need};
use crate::header::Header;
use crate::run::runs;
use crate::score::{LOW_MAX, Weigh, percent};
use crate::view::{Encoding, View, narrow};
use crate::words::{HAN, LATIN};
use crate::{Class, PROVINCES};
use evidence::{Digest, DigestKey, KeyedDigest, Masked};
use std::ops::Range;

/// Raised whenever a finder, a base or a decay changes: equal rules give equal hits.
const RULES_VERSION: u32 = 2;

/// The digest of everything that decides what is found and how sure: version, words, weights, ranges.
#[must_use]
pub fn rules() -> Digest {
    Digest::of(
        format!("classify-rules {RULES_VERSION}\n{HAN:?}\n{LATIN:?}\n{PROVINCES:?}\n{:?}", Class::ALL).as_bytes(),
    )
}

/// A text, or a window on one.
pub struct Text<'a> {
    /// The bytes of the window.
    pub bytes: &'a [u8],
    /// Their encoding. UTF-16 begins at a unit; other encodings begin at a character.
    pub encoding: Encoding,
    /// Where matches may begin, in bytes; what surrounds it serves as context.
    pub core: Range<usize>,
    /// The header of the text, if the window is not its beginning.
    pub header: Option<&'a Header>,
}
impl<'a> Text<'a> {
    /// All of a text.
    #[must_use]
    pub fn whole(bytes: &'a [u8], encoding: Encoding) -> Self {
        Self { bytes, encoding, core: 0..bytes.len(), header: None }
    }
}

/// A remark on a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Note {
    /// The private key is encrypted under a passphrase.
    Encrypted,
}

/// A hit. Lives only inside the callback and has no `Debug`: it holds the value.
pub struct Match<'a> {
    /// Its class.
    pub class: Class,
    /// Where it stands, in bytes of the window.
    pub range: Range<usize>,
    /// Per cent, 1 to 99; high from 85, medium from 65.
    pub confidence: u8,
    /// A remark.
    pub note: Option<Note>,
    value: &'a str,
}
impl Match<'_> {
    /// The value, masked.
    #[must_use]
    pub fn mask(&self) -> Masked {
        self.class.mask(self.value)
    }
    /// The keyed digest of the normalised value; its domain is the class id.
    #[must_use]
    pub fn keyed(&self, key: &DigestKey) -> KeyedDigest {
        key.digest(self.class.name(), self.value.as_bytes())
    }
}

/// Finds the classes in texts. Keeps its buffers: one per worker.
pub struct Scanner {
    lexicon: Lexicon,
    nearby: Nearby,
    shadow: Vec<u8>,
    body: Vec<u8>,
    value: String,
    at: memchr::memmem::Finder<'static>,
}
impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}
impl Scanner {
    /// A scanner for all classes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            lexicon: Lexicon::new(),
            nearby: Nearby::default(),
            shadow: Vec::new(),
            body: Vec::new(),
            value: String::new(),
            at: memchr::memmem::Finder::new(b"-----BEGIN ").into_owned(),
        }
    }

    pub(crate) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The header in the first window of a text, to be given with the later ones.
    #[must_use]
    pub fn header(&mut self, bytes: &[u8], encoding: Encoding) -> Option<Header> {
        let head = &bytes[..bytes.len().min(8192)];
        with_view(&mut self.shadow, head, encoding, |view| Header::read(&self.lexicon, view))
    }

    /// Calls `on` for every match that begins in the core of `text`: runs first, then addresses, then keys.
    pub fn scan(&mut self, text: &Text<'_>, on: &mut impl FnMut(&Match<'_>)) {
        let mut shadow = std::mem::take(&mut self.shadow);
        with_view(&mut shadow, text.bytes, text.encoding, |view| {
            let unit = view.unit();
            let core = text.core.start.div_ceil(unit)..text.core.end.div_ceil(unit).min(view.units.len());
            self.scan_view(view, core, text.header, on);
        });
        self.shadow = shadow;
    }

    fn scan_view(
        &mut self,
        view: &View<'_>,
        core: Range<usize>,
        header: Option<&Header>,
        on: &mut impl FnMut(&Match<'_>),
    ) {
        if core.is_empty() {
            return;
        }
        self.nearby.clear();
        runs(view, core.clone(), |run| {
            if let Some(c) = find::in_run(view, run) {
                self.judge(view, &c, header, on);
            }
        });
        self.nearby.clear();
        for i in memchr::memchr_iter(b'@', view.units) {
            if let Some(c) = find::email(view, i).filter(|c| core.contains(&c.range.start)) {
                self.judge(view, &c, header, on);
            }
        }
        let starts: Vec<usize> = self.at.find_iter(&view.units[core.clone()]).map(|i| core.start + i).collect();
        // The finder above sees only beginnings that lie wholly in the core; one that straddles its end is below.
        let straddling = (core.end.saturating_sub(10)..core.end).find(|i| view.units[*i..].starts_with(b"-----BEGIN "));
        for i in starts.into_iter().chain(straddling) {
            self.key(view, i, on);
        }
    }

    fn judge(&mut self, view: &View<'_>, c: &Candidate, header: Option<&Header>, on: &mut impl FnMut(&Match<'_>)) {
        let about = c.class as u8;
        let column = header.and_then(|h| h.weigh(view, c.range.start, about));
        let mut weigh = self.nearby.weigh(&self.lexicon, view, &c.range, about, column.is_some());
        if let Some(Weigh { plus, minus }) = column {
            weigh.add(false, plus);
            weigh.add(true, minus);
        }
        if c.context == Need::ForAny && weigh.plus == 0 {
            return;
        }
        let mut odds = c.base + weigh.sum();
        if c.context == Need::ForMore && weigh.plus == 0 {
            odds = odds.min(LOW_MAX);
        }
        self.value.clear();
        let fold = |b: &u8| if c.class == Class::Email { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        self.value.extend(view.units[c.range.clone()].iter().map(|b| char::from(fold(b))));
        let range = c.range.start * view.unit()..c.range.end * view.unit();
        on(&Match { class: c.class, range, confidence: percent(odds), note: None, value: &self.value });
    }

    fn key(&mut self, view: &View<'_>, at: usize, on: &mut impl FnMut(&Match<'_>)) {
        let Some((range, encrypted)) = find::private_key(view, at, &mut self.body) else { return };
        self.value.clear();
        self.value.extend(self.body.iter().map(|b| char::from(*b)));
        let note = encrypted.then_some(Note::Encrypted);
        let confidence = percent(if encrypted { 8 } else { 40 });
        let range = range.start * view.unit()..range.end * view.unit();
        on(&Match { class: Class::PrivateKey, range, confidence, note, value: &self.value });
    }
}

fn with_view<T>(shadow: &mut Vec<u8>, bytes: &[u8], encoding: Encoding, run: impl FnOnce(&View<'_>) -> T) -> T {
    if encoding.unit() == 1 {
        return run(&View { units: bytes, encoding, wide: &[] });
    }
    narrow(bytes, encoding, shadow);
    run(&View { units: shadow, encoding, wide: bytes })
}
