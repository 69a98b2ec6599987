//! Number plates: a province, a letter, five or six more (GA 36-2018).

use super::Finder;
use crate::check::validator;
use crate::detectors::Native;
use crate::view::Encoding;

/// Units looked at after the capital.
const SPAN_MAX: usize = 14;

impl Finder<'_, '_> {
    /// A capital after a character outside ASCII stands at `at`.
    pub(super) fn plate(&mut self, at: usize) {
        if self.class(Native::Plate).is_none() {
            return;
        }
        let view = self.view;
        let width = match view.encoding {
            Encoding::Utf8 => 3,
            Encoding::Gb18030 | Encoding::Big5 => 2,
            Encoding::Utf16Le | Encoding::Utf16Be => 1,
            Encoding::Ascii | Encoding::Other => return,
        };
        let Some(start) = at.checked_sub(width).filter(|_| !view.is_trail(at)) else { return };
        let high = view.units[start..at].iter().all(|b| *b >= 0x80 || width == 2);
        if !high {
            return;
        }
        let text = view.text(start..(at + SPAN_MAX).min(view.units.len()));
        let dots = ['·', '•', '・'];
        let (mut value, mut units) = (String::new(), 0);
        for (i, c) in text.chars().enumerate() {
            let is_part = c.is_ascii_uppercase() || c.is_ascii_digit() || i == 0 || "挂学警港澳".contains(c);
            if is_part && value.chars().count() < 8 {
                value.push(c);
            } else if !(i == 2 && dots.contains(&c)) {
                break;
            }
            units += view.encoding.encode(c.encode_utf8(&mut [0; 4])).map_or(1, |b| b.len() / view.unit());
        }
        let end = start + units;
        if view.is_word(end) {
            return;
        }
        for (native, name) in [(Native::Plate, "cn-plate"), (Native::PlateNev, "cn-plate-nev")] {
            if let Some(tenths) = validator(name).and_then(|check| check(value.as_bytes()).tenths()) {
                return self.native(native, start..end, value, tenths, None);
            }
        }
    }
}
