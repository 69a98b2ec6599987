//! Runs of digits and capitals: identity numbers, codes, cards, phones, vehicles, and the patterns of the packs.

use super::{Finder, Structured, free_left, free_right};
use crate::check::{Issuer, issuer, luhn, mobile, resident_id, uscc, vin};
use crate::detectors::{Native, RUN_MAX};
use crate::pack::Need;
use crate::view::{DIGIT, KIND, UPPER, View};
use std::ops::Range;

/// Lengths of what is looked for in a run: from a mobile number to a card, with a country's code and without.
const LENGTH_MIN: usize = 11;
const LENGTH_MAX: usize = 19;
/// Digits of the shortest card (ISO/IEC 7812).
const CARD_MIN: usize = 13;

/// Where the run of digits and capitals that begins at `start` ends; of a longer one only that it is too long.
fn end_of(units: &[u8], start: usize) -> usize {
    let run = units[start..].iter().take(RUN_MAX + 1);
    start + run.take_while(|b| KIND[usize::from(**b)] & (DIGIT | UPPER) != 0).count()
}

impl Finder<'_, '_> {
    /// Looks at the run that begins at `start`; returns its end.
    pub(super) fn run(&mut self, start: usize) -> usize {
        let end = end_of(self.view.units, start);
        // In GB18030 the first unit may be the second half of a character.
        let start = start + usize::from(self.view.is_trail(start));
        if end > start && end - start <= RUN_MAX {
            self.whole_run(start..end);
        }
        end
    }

    /// A maximal run. Also called for runs of full-width characters, on a view of their narrow forms.
    pub(super) fn whole_run(&mut self, run: Range<usize>) {
        let view = self.view;
        let digits = view.units[run.clone()].iter().map(|b| usize::from(b.is_ascii_digit())).sum::<usize>();
        if digits == 0 {
            return;
        }
        let length = run.len();
        let small_x = digits == 17 && length == 17 && view.at(run.end) == b'x';
        let range = if small_x { run.start..run.end + 1 } else { run.clone() };
        if (LENGTH_MIN..=LENGTH_MAX).contains(&length)
            && digits >= 5
            && free_left(view, run.start)
            && free_right(view, range.end)
        {
            self.identifiers(range, digits);
        }
        let set = self.set;
        let of_digits = if digits == length { set.by_digits(length) } else { &[] };
        for n in set.by_capitals(length).iter().chain(of_digits) {
            if self.may_confirm(*n, run.start) {
                self.confirm(*n, run.clone());
            }
        }
    }

    fn identifiers(&mut self, range: Range<usize>, digits: usize) {
        let view = self.view;
        let value = &view.units[range.clone()];
        let text = || value.iter().map(|b| char::from(b.to_ascii_uppercase())).collect::<String>();
        match value.len() {
            18 if digits >= 17 && resident_id(value) => {
                self.native(Native::ResidentId, range, text(), if value[0] == b'9' { -12 } else { 0 }, None);
            }
            18 if digits < 18 && uscc(value) => {
                // Two letters among 18 is what a random organisation code has; the departments in use come first.
                let usual = matches!(value[0], b'1' | b'5' | b'9') && value[1].is_ascii_digit();
                let offset = if usual { 0 } else { -16 } - if digits == 17 { 4 } else { 0 };
                self.native(Native::Uscc, range, text(), offset, None);
            }
            18 if digits == 18 && uscc(value) && !luhn_card(value) => {
                self.native(Native::Uscc, range, text(), -30, Some(Need::ForAny));
            }
            17 if (5..17).contains(&digits) && vin(value) => {
                if let Some(offset) = vin_offset(value) {
                    self.native(Native::Vin, range, text(), offset, None);
                }
            }
            n if digits == n => self.digits(range),
            _ => {}
        }
    }

    /// Runs of digits alone: mobile numbers, with or without the country's code, and cards.
    fn digits(&mut self, range: Range<usize>) {
        let view = self.view;
        let value = &view.units[range.clone()];
        let mobile = if matches!(value.len(), 11 | 13 | 15) { mobile_in(view, &range) } else { None };
        if let Some((number, coded, tied)) = mobile {
            let text = self.capitals(number.clone());
            let (offset, need) = if coded { (14, Some(Need::No)) } else { (0, None) };
            self.native(Native::Mobile, number, text, offset, need);
            if tied && let Some(c) = self.out.last_mut() {
                // The dash is that of the country's code.
                c.joined = false;
            }
            return;
        }
        let issuer = if value.len() >= CARD_MIN { issuer(value) } else { None };
        let offset = match issuer.filter(|_| luhn(value)) {
            Some(Issuer::UnionPay) => 0,
            Some(Issuer::International) => -4,
            Some(Issuer::OldDomestic) => -10,
            None => return,
        };
        let text = self.capitals(range.clone());
        self.native(Native::BankCard, range, text, offset, None);
    }

    /// Adds a candidate of class number `number` with a structure that a pattern told.
    pub(super) fn told(&mut self, number: u16, range: Range<usize>, value: String, offset: i32) {
        let class = crate::Class(number);
        self.push(Structured { class, offset, need: None }, range, value, None);
    }
}

/// The mobile number in a run of digits; whether the country's code stands before it, and a dash between.
fn mobile_in(view: &View<'_>, range: &Range<usize>) -> Option<(Range<usize>, bool, bool)> {
    let value = &view.units[range.clone()];
    let (start, coded) = match value {
        [b'0', b'0', b'8', b'6', rest @ ..] if rest.len() == 11 => (4, true),
        [b'8', b'6', rest @ ..] if rest.len() == 11 => (2, view.before(range.start, 1) == b'+'),
        _ => {
            let code = (view.before(range.start, 3), view.before(range.start, 2)) == (b'8', b'6');
            (0, code && matches!(view.before(range.start, 1), b' ' | b'-'))
        }
    };
    // `+1` is the North American plan's: its eleven digits look like ours.
    let abroad = start == 0 && view.before(range.start, 1) == b'+';
    let is_one = !abroad && value.get(start..).is_some_and(mobile);
    let tied = coded && start == 0 && view.before(range.start, 1) == b'-';
    is_one.then(|| (range.start + start..range.end, coded, tied))
}

fn luhn_card(value: &[u8]) -> bool {
    issuer(value).is_some() && luhn(value)
}

fn vin_offset(value: &[u8]) -> Option<i32> {
    let serial = value[13..].iter().all(u8::is_ascii_digit);
    let year = !matches!(value[9], b'U' | b'Z' | b'0');
    // World manufacturer codes: regions in wide use, L for China.
    let maker = matches!(value[0], b'L' | b'1'..=b'5' | b'J' | b'K' | b'W' | b'S' | b'V' | b'Z' | b'Y');
    let letters = value[..3].iter().any(u8::is_ascii_uppercase);
    (serial && year).then_some(if maker && letters { 0 } else { -12 })
}
