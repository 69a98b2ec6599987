//! The first line of a table names its columns, however far away the value stands.

use crate::context::{Lexicon, Met};
use crate::score::Weigh;
use crate::view::{Encoding, View};
use crate::words::{About, NEG};

/// Longest first line that is taken for a header, in units.
const LINE_UNITS_MAX: usize = 4096;
/// Most columns remembered.
const COLUMNS_MAX: usize = 1024;

/// The named columns of a text that looks like a table.
#[derive(Clone, Debug)]
pub struct Header {
    separator: u8,
    columns: Vec<Vec<(About, i16)>>,
}
impl Header {
    /// Reads the first line of `view`; nothing if it is no table or names nothing known.
    pub(crate) fn read(lexicon: &Lexicon, view: &View<'_>) -> Option<Self> {
        let head = view.units.get(..LINE_UNITS_MAX.min(view.units.len()))?;
        let line = memchr::memchr(b'\n', head)?;
        let count = |s: u8| view.units[..line].iter().filter(|b| **b == s).count();
        let (n, separator) = [b'\t', b';', b','].into_iter().map(|s| (count(s), s)).max()?;
        if n == 0 || n >= COLUMNS_MAX {
            return None;
        }
        let mut met: Vec<Met> = Vec::new();
        lexicon.read(view, 0..line, &mut met);
        let mut columns = vec![Vec::new(); n + 1];
        for m in met {
            let column = column(view, 0, m.start, separator);
            if let Some(c) = columns.get_mut(column) {
                c.push((m.about, m.weight));
            }
        }
        columns.iter().any(|c| c.iter().any(|w| w.0 != NEG)).then_some(Self { separator, columns })
    }

    /// The header of a table of one column that has no separators.
    pub(crate) fn single(lexicon: &Lexicon, view: &View<'_>) -> Self {
        let mut met: Vec<Met> = Vec::new();
        lexicon.read(view, 0..view.units.len(), &mut met);
        // No line holds the end of a line.
        Self { separator: b'\n', columns: vec![met.iter().map(|m| (m.about, m.weight)).collect()] }
    }
    /// True if the first column's name speaks for class number `class`.
    #[must_use]
    pub fn names(&self, class: usize) -> bool {
        self.columns.first().is_some_and(|c| c.iter().any(|w| usize::from(w.0) == class && w.1 > 0))
    }

    /// True if a column's name speaks for some class.
    #[must_use]
    pub fn names_any(&self) -> bool {
        self.columns.iter().flatten().any(|w| w.0 != NEG && w.1 > 0)
    }

    /// What the header says of the value at `at`, if the line's beginning is in sight.
    pub(crate) fn weigh(&self, view: &View<'_>, at: usize, about: About) -> Option<Weigh> {
        let low = at.saturating_sub(LINE_UNITS_MAX);
        let start = memchr::memrchr(b'\n', view.units.get(low..at)?).map(|i| low + i + 1)?;
        let words = self.columns.get(column(view, start, at, self.separator))?;
        let mut sum = Weigh::default();
        for (which, weight) in words {
            if *which == about || *which == NEG {
                sum.add(*which == NEG, i32::from(*weight));
            }
        }
        Some(sum)
    }
}

/// The column of `at` in the line that begins at `start`; separators between double quotes do not count.
fn column(view: &View<'_>, start: usize, at: usize, separator: u8) -> usize {
    let (mut column, mut quoted, mut i) = (0, false, start);
    while i < at {
        let byte = view.at(i);
        if byte == b'"' {
            quoted = !quoted;
        } else if byte == separator && !quoted {
            column += 1;
        }
        i += if byte >= 0x81 && view.encoding == Encoding::Gb18030 { 2 } else { 1 };
    }
    column
}
