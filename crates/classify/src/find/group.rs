//! Digits in groups: `139-6183-5674`, `6228 4804 0256 4890 018`, `0571-88888888`, `(010) 8888 8888`.

use super::{Finder, free_left, free_right};
use crate::check::{Issuer, Validity, issuer, luhn, mobile, validator};
use crate::detectors::Native;
use crate::view::View;
use std::ops::Range;

/// Most units that a grouped number spans.
const SPAN_MAX: usize = 32;

/// A number written in groups, all parted by the same sign.
struct Grouped {
    range: Range<usize>,
    /// Lengths of the groups.
    sizes: Vec<usize>,
    digits: String,
}

/// The groups of digits around the gap at `at`.
fn grouped(view: &View<'_>, at: usize) -> Option<Grouped> {
    let sign = view.at(at);
    let is_digit = |i: usize| view.at(i).is_ascii_digit() && !view.is_trail(i);
    let low = at.saturating_sub(SPAN_MAX);
    let mut start = at;
    while start > low && (is_digit(start - 1) || (view.at(start - 1) == sign && start >= 2 && is_digit(start - 2))) {
        start -= 1;
    }
    if view.at(start) == sign {
        start += 1;
    }
    let high = (start + SPAN_MAX).min(view.units.len());
    let mut end = at + 1;
    while end < high && (is_digit(end) || (view.at(end) == sign && is_digit(end + 1))) {
        end += 1;
    }
    if end == high && is_digit(end) {
        return None;
    }
    let groups: Vec<&[u8]> = view.units[start..end].split(|b| *b == sign).collect();
    let sizes = groups.iter().map(|g| g.len()).collect();
    let digits = groups.concat().iter().map(|b| char::from(*b)).collect();
    Some(Grouped { range: start..end, sizes, digits })
}

impl Finder<'_, '_> {
    /// Looks at the groups around the gap at `at`; returns where they end.
    pub(super) fn groups(&mut self, at: usize) -> usize {
        let view = self.view;
        let Some(g) = grouped(view, at) else { return at + SPAN_MAX };
        let end = g.range.end;
        if !free_right(view, end) {
            return end;
        }
        // `+86 139 6183 5674`, `86-139-6183-5674`: the code is a group of its own.
        let coded = matches!(g.sizes[..], [2, 3, 4, 4]) && g.digits.starts_with("86");
        let bare = matches!(g.sizes[..], [3, 4, 4]) || matches!(g.sizes[..], [3, 8]);
        if bare || coded {
            let skip = if coded { 3 } else { 0 };
            let range = g.range.start + skip..end;
            let digits = &g.digits[if coded { 2 } else { 0 }..];
            if mobile(digits.as_bytes()) && (coded || free_left(view, g.range.start)) {
                // The groups themselves are a sign: few other numbers are written so.
                let before = view.before(g.range.start, 1);
                let offset = if coded || before == b'+' { 14 } else { 4 };
                if bare && before == b'+' {
                    return end;
                }
                let need = if coded { Some(crate::pack::Need::No) } else { None };
                self.native(Native::Mobile, range, digits.to_owned(), offset, need);
                self.untie();
                return end;
            }
        }
        if !free_left(view, g.range.start) {
            return end;
        }
        let fours = g.sizes.len() >= 4 && g.sizes[..g.sizes.len() - 1].iter().all(|n| *n == 4);
        if fours && luhn(g.digits.as_bytes()) {
            let offset = match issuer(g.digits.as_bytes()) {
                Some(Issuer::UnionPay) => 12,
                Some(Issuer::International) => 8,
                Some(Issuer::OldDomestic) => 0,
                None => return end,
            };
            self.native(Native::BankCard, g.range, g.digits, offset, None);
            self.untie();
            return end;
        }
        self.landline(g)
    }

    fn landline(&mut self, mut g: Grouped) -> usize {
        let end = g.range.end;
        // `+86-512-68095123`: abroad the area loses its zero.
        let coded = matches!(g.sizes[..], [2, 2 | 3, 7 | 8]) && g.digits.starts_with("86");
        if coded && self.view.before(g.range.start, 1) == b'+' {
            g.digits.replace_range(..2, "0");
            g.sizes = vec![g.sizes[1] + 1, g.sizes[2]];
        }
        let shaped = matches!(g.sizes[..], [3, 8] | [4, 7] | [4, 8] | [3, 4, 4] | [4, 4, 4] | [4, 3, 4]);
        if shaped && g.digits.starts_with('0') {
            let grade = validator("cn-landline").map_or(Validity::Weak, |check| check(g.digits.as_bytes()));
            if let Some(tenths) = grade.tenths() {
                self.native(Native::Landline, g.range, g.digits, tenths, None);
                self.untie();
            }
        }
        end
    }

    /// The dashes are the number's own.
    fn untie(&mut self) {
        if let Some(c) = self.out.last_mut() {
            c.joined = false;
        }
    }
}
