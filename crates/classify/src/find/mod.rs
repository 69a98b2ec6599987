//! From a place in the text to a candidate: structure, check digit, boundaries. What the words around it say
//! comes later.
//!
//! One file a family of structures. Each finder is given a place that the vector pass or a literal search spotted
//! and looks no further than a few dozen units around it.

mod full;
mod group;
mod key;
mod mail;
mod net;
mod pattern;
mod place;
mod plate;
mod run;

pub(crate) use key::ARMOUR;

use crate::context::Met;
use crate::detectors::{Class, Detectors, Native};
use crate::events::{Event, Spotted};
use crate::pack::Need;
use crate::scan::Note;
use crate::view::View;
use std::ops::Range;

/// A value that has the structure of its class.
pub(crate) struct Candidate {
    pub(crate) class: Class,
    /// In units of the view.
    pub(crate) range: Range<usize>,
    /// Log-odds of structure and check, in tenths.
    pub(crate) base: i32,
    pub(crate) need: Need,
    /// Known from manuals, tests and keyboards.
    pub(crate) dummy: bool,
    /// Tied to a neighbour by `-` or `_`.
    pub(crate) joined: bool,
    pub(crate) note: Option<Note>,
    /// The value in its normal form.
    pub(crate) value: String,
}

/// What the finders share: the set, the text, and where candidates go.
pub(crate) struct Finder<'s, 'v> {
    pub(crate) set: &'s Detectors,
    pub(crate) view: &'v View<'v>,
    pub(crate) out: &'v mut Vec<Candidate>,
    /// For the body of a key.
    pub(crate) body: &'v mut Vec<u8>,
    /// For the words of a label.
    pub(crate) met: &'v mut Vec<Met>,
    /// Which units are outside ASCII, 64 a word.
    pub(crate) high: &'v [u64],
}

/// A candidate of a class with a structure of its own, before its boundaries and value are added.
#[derive(Clone, Copy)]
struct Structured {
    class: Class,
    /// Added to the detector's base.
    offset: i32,
    /// Instead of what the detector asks.
    need: Option<Need>,
}

impl Finder<'_, '_> {
    /// Looks at everything that was spotted.
    pub(crate) fn spotted(&mut self, spotted: &[Spotted]) {
        let mut run_end = 0;
        let mut group_end = 0;
        for s in spotted {
            let at = s.at as usize;
            match s.event {
                Event::Run if at >= run_end => run_end = self.run(at),
                Event::Groups if at >= group_end => group_end = self.groups(at),
                Event::Run | Event::Groups => {}
                Event::Dotted => self.dotted(at),
                Event::Decimal => self.decimal(at),
                Event::Colons => self.colons(at),
                Event::At => {
                    self.mail(at);
                    self.credentials(at);
                }
                Event::Plate => self.plate(at),
                Event::Label => self.label(at),
                Event::Literal => {
                    self.literal(at);
                    self.armour(at);
                }
                Event::Bracket => self.bracket(at),
            }
        }
    }

    fn class(&self, native: Native) -> Option<Class> {
        self.set.native(native)
    }

    /// Adds a candidate of a class with a structure of its own.
    fn native(&mut self, native: Native, range: Range<usize>, value: String, offset: i32, need: Option<Need>) {
        let Some(class) = self.class(native) else { return };
        self.push(Structured { class, offset, need }, range, value, None);
    }

    fn push(&mut self, n: Structured, range: Range<usize>, value: String, note: Option<Note>) {
        let d = self.set.of(n.class);
        let dummy = is_climbing(value.as_bytes()) || d.dummies.iter().any(|known| known.eq_ignore_ascii_case(&value));
        let joined = joined(self.view, &range);
        self.out.push(Candidate {
            class: n.class,
            base: d.base + n.offset,
            need: n.need.unwrap_or(d.need),
            range,
            dummy,
            joined,
            note,
            value,
        });
    }
    /// The units of `range` in capitals.
    fn capitals(&self, range: Range<usize>) -> String {
        self.view.units[range].iter().map(|b| char::from(b.to_ascii_uppercase())).collect()
    }
}

/// Digits that climb or stay the same in the value's middle: typed by hand, not given out.
fn is_climbing(value: &[u8]) -> bool {
    let body = value.get(3..value.len().saturating_sub(1)).unwrap_or_default();
    let digits = body.iter().all(u8::is_ascii_digit);
    let climbs = body.windows(2).all(|w| w[1] == w[0] + 1 || (w[0] == b'9' && w[1] == b'0'));
    let flat = body.windows(2).all(|w| w[0] == w[1]);
    digits && body.len() >= 7 && (climbs || flat)
}

/// True if a value may begin here: no letter or digit goes before, except the letter of an escape such as `\n`.
fn free_left(view: &View<'_>, start: usize) -> bool {
    let Some(i) = start.checked_sub(1) else { return true };
    let escape = matches!(view.at(i), b'n' | b't' | b'r') && view.before(i, 1) == b'\\';
    let decimal = view.at(i) == b'.' && view.before(i, 1).is_ascii_digit();
    (!view.is_word(i) || escape) && !decimal
}
/// True if a value may end here.
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
