//! Addresses of the network: IPv4 (RFC 791) and hardware addresses (IEEE 802).

use super::{Finder, free_left};
use crate::check::{Validity, validator};
use crate::detectors::Native;

impl Finder<'_, '_> {
    /// Two dots between digits begin at `at`.
    pub(super) fn dotted(&mut self, at: usize) {
        let view = self.view;
        let mut start = at;
        while start > 0 && at - start < 4 && view.before(start, 1).is_ascii_digit() {
            start -= 1;
        }
        let is_part = |b: u8| b.is_ascii_digit() || b == b'.';
        let end = start + view.units[start..].iter().take(16).take_while(|b| is_part(**b)).count();
        let text = &view.units[start..end];
        let parts = text.split(|b| *b == b'.').count();
        // Four parts and no more: versions and object identifiers have others, and a version says so before it.
        let tied = matches!(view.before(start, 1), b'.' | b'-' | b'_' | b'v' | b'V');
        let goes_on = view.is_word(end) || (view.at(end) == b'.' && view.at(end + 1).is_ascii_digit());
        if parts != 4 || tied || goes_on || !free_left(view, start) {
            return;
        }
        let grade = validator("ipv4").map_or(Validity::Weak, |check| check(text));
        if let Some(tenths) = grade.tenths() {
            let value = self.capitals(start..end);
            self.native(Native::Ipv4, start..end, value, tenths, None);
        }
    }

    /// Three colons or dashes, three apart, begin at `at`.
    pub(super) fn colons(&mut self, at: usize) {
        let view = self.view;
        let (Some(start), sign) = (at.checked_sub(2), view.at(at)) else { return };
        let Some(text) = view.units.get(start..start + 17).filter(|_| matches!(sign, b':' | b'-')) else { return };
        let fits = |(i, b): (usize, &u8)| if i % 3 == 2 { *b == sign } else { b.is_ascii_hexdigit() };
        let part_of_more = view.at(start + 17) == sign || view.before(start, 1) == sign;
        if !text.iter().enumerate().all(fits) || part_of_more || !free_left(view, start) || view.is_word(start + 17) {
            return;
        }
        let value: String = text.iter().filter(|b| **b != sign).map(|b| char::from(b.to_ascii_uppercase())).collect();
        let grade = validator("mac").map_or(Validity::Weak, |check| check(text));
        if let Some(tenths) = grade.tenths() {
            self.native(Native::Mac, start..start + 17, value, tenths, None);
        }
    }
}
