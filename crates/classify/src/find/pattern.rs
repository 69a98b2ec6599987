//! Patterns of the packs: a trigger wakes them, a regular expression confirms, validators grade.

use super::{Finder, free_left, free_right};
use crate::check::Validity;
use crate::events::{CONTINUED, name_end};
use crate::pattern::Pattern;
use crate::view::{Encoding, View};
use regex_automata::{Anchored, Input};
use std::ops::Range;

/// How far after its trigger a match may end, in units; and of a text that must be decoded for it.
const AFTER_MAX: usize = 600;
const DECODED_MAX: usize = 160;
/// Signs and blanks between a label and its value.
const VALUE_AWAY_MAX: usize = 6;
/// How far before its `@` an address with credentials may begin, in units.
const CREDENTIALS_MAX: usize = 160;
/// Longest name before a sign.
const LABEL_MAX: usize = 32;

/// A window of text in UTF-8, and where its characters stand in the view.
struct Decoded {
    text: String,
    /// Of each character its offset in `text` and in the view; the end is the last.
    marks: Vec<(usize, usize)>,
}
impl Decoded {
    fn new(view: &View<'_>, range: Range<usize>) -> Self {
        let text = view.text(range.clone()).into_owned();
        let (mut marks, mut at) = (Vec::new(), range.start);
        for (i, c) in text.char_indices() {
            marks.push((i, at));
            at += match view.encoding {
                Encoding::Utf8 | Encoding::Ascii => c.len_utf8(),
                Encoding::Utf16Le | Encoding::Utf16Be => c.len_utf16(),
                Encoding::Other => 1,
                Encoding::Gb18030 | Encoding::Big5 => match (view.at(at), view.at(at + 1)) {
                    (..0x81, _) => 1,
                    (_, b'0'..=b'9') => 4,
                    _ => 2,
                },
            };
        }
        marks.push((text.len(), at.min(range.end)));
        Self { text, marks }
    }
    fn in_view(&self, offset: usize) -> usize {
        let i = self.marks.partition_point(|m| m.0 < offset);
        self.marks.get(i).or(self.marks.last()).map_or(0, |m| m.1)
    }
    fn in_text(&self, at: usize) -> usize {
        let i = self.marks.partition_point(|m| m.1 < at);
        self.marks.get(i).or(self.marks.last()).map_or(0, |m| m.0)
    }
}

/// The match of `pattern` in `text` that covers `trigger`: all of it, and its value.
fn matched(pattern: &Pattern, text: &[u8], trigger: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let shape = pattern.shape();
    let end = (trigger.end + AFTER_MAX).min(text.len());
    // Anchored at each place where it may begin: such a search ends with the first unit that does not fit, while a
    // free one would read on to the end.
    let from = trigger.start.saturating_sub(pattern.lead);
    let to = if pattern.lead == 0 { trigger.start + 1 } else { trigger.end };
    let begins = |b: u8| b & 0xC0 != 0x80 || !pattern.wide;
    let mut places = (from..to.min(end)).filter(|at| shape.fits(text, *at) && begins(text[*at]));
    places.find_map(|at| {
        let input = Input::new(text).span(at..end).anchored(Anchored::Yes);
        pattern.compiled()?.find(&input).filter(|(all, _)| all.end > trigger.start)
    })
}

impl Finder<'_, '_> {
    /// False if the pattern of class number `number` has no match that begins at `at`, and none before.
    #[inline]
    pub(super) fn may_confirm(&self, number: u16, at: usize) -> bool {
        let pattern = self.set.list().get(usize::from(number)).and_then(|d| d.pattern.as_ref());
        pattern.is_some_and(|p| p.lead > 0 || p.wide || p.shape().fits(self.view.units, at))
    }

    /// Asks the pattern of class number `number` about `trigger`.
    pub(super) fn confirm(&mut self, number: u16, trigger: Range<usize>) {
        let set = self.set;
        let Some(d) = set.list().get(usize::from(number)) else { return };
        let Some(pattern) = &d.pattern else { return };
        let view = self.view;
        if d.trigger.after_digit && !view.before(trigger.start, 1).is_ascii_digit() {
            return;
        }
        // UTF-8 is what patterns are written in.
        let (range, value) = if pattern.wide && !matches!(view.encoding, Encoding::Utf8 | Encoding::Ascii) {
            let low = match pattern.lead {
                0 => trigger.start,
                lead => char_start(view, trigger.start.saturating_sub(lead)),
            };
            let decoded = Decoded::new(view, low..(trigger.end + DECODED_MAX).min(view.units.len()));
            let woken = decoded.in_text(trigger.start)..decoded.in_text(trigger.end);
            let Some((_, value)) = matched(pattern, decoded.text.as_bytes(), woken) else { return };
            (decoded.in_view(value.start)..decoded.in_view(value.end), decoded.text[value].to_owned())
        } else {
            let Some((_, value)) = matched(pattern, view.units, trigger) else { return };
            let text = view.text(value.clone()).into_owned();
            (value, text)
        };
        let first_is_word = value.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        let last_is_word = value.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric);
        if range.is_empty()
            || (first_is_word && !free_left(view, range.start))
            || (last_is_word && !free_right(view, range.end))
        {
            return;
        }
        if let Some(offset) = grade(&d.validate, value.as_bytes()) {
            self.told(number, range, value, offset);
        }
    }

    /// Wakes the patterns of every word outside ASCII.
    pub(crate) fn wide_words(&mut self, found: &mut Vec<(Range<usize>, u16)>) {
        let (set, view) = (self.set, self.view);
        found.clear();
        if let Some(forms) = set.wide(view.encoding) {
            forms.each(view, self.high, |range, number| {
                found.extend(set.wide_wakes(number).iter().map(|n| (range.clone(), *n)));
                if set.is_wide_colon(number) {
                    found.push((range, u16::MAX));
                }
            });
        }
        for (range, number) in found.drain(..) {
            match number {
                u16::MAX => self.label(range.start),
                _ => {
                    let end = range.end;
                    self.woken(number, range, end);
                }
            }
        }
    }

    /// A sign that may stand between a name and its value, at `at`: wakes the patterns of the name's last words.
    pub(super) fn label(&mut self, at: usize) {
        let (set, view) = (self.set, self.view);
        let Some(end) = name_end(view.units, at) else { return };
        // `date of birth:`, `full_name =`: of a longer name the last words count.
        let is_name = |b: &&u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b' ' | b'.');
        let name = view.units[..end].iter().rev().take(LABEL_MAX).take_while(is_name).count();
        let start = end - name;
        let mut met = std::mem::take(self.met);
        met.clear();
        set.lexicon.read(view, start..end, &mut met);
        // What ends at the sign is its label, or what goes before a word such as `number`.
        let last = view.units[..end].iter().rev().take(8).take_while(|b| b.is_ascii_alphabetic()).count();
        let tail = &view.units[end - last..end];
        if !CONTINUED.iter().any(|word| {
            tail.len() >= word.len() && tail[tail.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
        }) {
            met.retain(|m| m.end == end);
        }
        let mut last = None;
        for m in met.iter().filter(|m| last.replace((m.start, m.word)) != Some((m.start, m.word))) {
            for number in set.label_wakes(m.word) {
                self.woken(*number, m.start..m.end, at + 1);
            }
        }
        *self.met = met;
    }

    /// What begins like a literal at `at`.
    pub(super) fn literal(&mut self, at: usize) {
        let (set, view) = (self.set, self.view);
        if view.is_trail(at) {
            return;
        }
        set.begun(&view.units[at..], |length, wakes| {
            for number in wakes {
                self.confirm(*number, at..at + length);
            }
        });
    }

    /// A word woke a pattern: it looks at the word, or, if it is about the value alone, at what stands behind.
    fn woken(&mut self, number: u16, word: Range<usize>, after: usize) {
        let set = self.set;
        if !set.list().get(usize::from(number)).is_some_and(|d| d.trigger.label) {
            return self.confirm(number, word);
        }
        let view = self.view;
        let mut at = after;
        for _ in 0..VALUE_AWAY_MAX {
            match view.at(at) {
                b' ' | b'"' | b'\'' | b':' | b'=' | b'\t' | b'(' | b',' | b'|' if at < view.units.len() => at += 1,
                _ if view.text(at..at + 3).starts_with('：') => {
                    at += view.encoding.encode("：").map_or(1, |b| b.len() / view.unit());
                }
                _ => break,
            }
        }
        if at < view.units.len() {
            self.confirm(number, at..at + 1);
        }
    }

    /// An `@`: credentials in an address stand before it.
    pub(super) fn credentials(&mut self, at: usize) {
        let (set, view) = (self.set, self.view);
        if set.ats.is_empty() {
            return;
        }
        let before = &view.units[at.saturating_sub(CREDENTIALS_MAX)..at];
        let blank = |b: &u8| matches!(b, 0..=b' ' | b'"' | b'\'' | b'<' | b'>' | b'`');
        let address = before.rsplit(blank).next().unwrap_or_default();
        if memchr::memmem::find(address, b"://").is_some() {
            for number in &set.ats {
                self.confirm(*number, at..at + 1);
            }
        }
    }

    /// A bracket after six digits.
    pub(super) fn bracket(&mut self, at: usize) {
        let set = self.set;
        for number in &set.brackets {
            self.confirm(*number, at..at + 1);
        }
    }

    /// A cell of a column whose header names a class that has no structure of its own.
    pub(crate) fn cell(&mut self, number: u16, range: Range<usize>) {
        let set = self.set;
        let Some(d) = set.list().get(usize::from(number)) else { return };
        let (least, most) = (1, 256);
        if !(least..=most).contains(&range.len()) {
            return;
        }
        let value = self.view.text(range.clone()).into_owned();
        let fits = || match &d.pattern {
            // The pattern may ask for a label that a cell does not have; validators speak of the value alone.
            Some(p) if d.validate.is_empty() => matched(p, value.as_bytes(), 0..value.len()).is_some(),
            _ => true,
        };
        if let Some(offset) = grade(&d.validate, value.as_bytes()).filter(|_| fits()) {
            self.told(number, range, value, offset);
        }
    }
}

/// What validators add, all of which must pass; the weakest speaks. Without any nothing is added.
pub(crate) fn grade(validate: &[fn(&[u8]) -> Validity], value: &[u8]) -> Option<i32> {
    validate.iter().map(|check| check(value)).min().map_or(Some(0), Validity::tenths)
}

/// The first place at or after `at` where a character begins.
fn char_start(view: &View<'_>, at: usize) -> usize {
    match view.encoding {
        Encoding::Utf8 => (at..at + 4).find(|i| view.at(*i) & 0xC0 != 0x80).unwrap_or(at),
        Encoding::Gb18030 | Encoding::Big5 if view.is_trail(at) => at + 1,
        Encoding::Utf16Le | Encoding::Utf16Be if view.wide_at(at) & 0xFC00 == 0xDC00 => at + 1,
        _ => at,
    }
}
