//! Full-width digits and letters: `１３９６１８３５６７４`. In UTF-16 the shadow narrows them; in other encodings a run
//! of them is copied into its narrow form and looked at like any run.

use super::Finder;
use crate::events::RUN_MIN;
use crate::view::{Encoding, View};

/// The narrow form of the full-width character at the beginning of `rest`, and its length.
fn narrow(rest: &[u8], encoding: Encoding) -> Option<(u8, usize)> {
    let narrow = match (encoding, rest) {
        (Encoding::Utf8, [0xEF, 0xBC, n @ 0x90..=0x99, ..]) => b'0' + (n - 0x90),
        (Encoding::Utf8, [0xEF, 0xBC, n @ 0xA1..=0xBA, ..]) => b'A' + (n - 0xA1),
        (Encoding::Gb18030, [0xA3, n @ (0xB0..=0xB9 | 0xC1..=0xDA), ..]) => n - 0x80,
        (Encoding::Big5, [0xA2, n @ 0xAF..=0xB8, ..]) => b'0' + (n - 0xAF),
        _ => return None,
    };
    Some((narrow, if encoding == Encoding::Utf8 { 3 } else { 2 }))
}

impl Finder<'_, '_> {
    /// Looks at every run of full-width digits and capitals.
    pub(crate) fn full_width(&mut self) {
        let view = self.view;
        let (lead, width) = match view.encoding {
            Encoding::Utf8 => (0xEF, 3),
            Encoding::Gb18030 => (0xA3, 2),
            Encoding::Big5 => (0xA2, 2),
            _ => return,
        };
        let mut done = 0;
        for at in memchr::memchr_iter(lead, view.units) {
            if at < done {
                continue;
            }
            // A run of so many characters has the lead at every step; one look ahead drops punctuation.
            if view.units.get(at + width * (RUN_MIN - 1)) != Some(&lead) || view.is_trail(at) {
                continue;
            }
            let mut run = Vec::new();
            done = at;
            while let Some((unit, length)) = view.units.get(done..).and_then(|rest| narrow(rest, view.encoding)) {
                run.push(unit);
                done += length;
            }
            if run.len() >= RUN_MIN {
                self.narrowed(&run, at, width);
            }
        }
    }

    fn narrowed(&mut self, run: &[u8], at: usize, width: usize) {
        let view = View { units: run, encoding: Encoding::Ascii, wide: &[] };
        let mut found = Vec::new();
        let (mut body, mut met) = (Vec::new(), Vec::new());
        Finder { set: self.set, view: &view, out: &mut found, body: &mut body, met: &mut met, high: &[] }
            .whole_run(0..run.len());
        for mut c in found {
            c.range = at + c.range.start * width..at + c.range.end * width;
            self.out.push(c);
        }
    }
}
