//! The first line of a table names its columns, however far away the value stands.

use crate::Detectors;
use crate::context::{About, Met, NEG};
use crate::pack::FinderKind;
use crate::score::Weigh;
use crate::view::View;
use std::ops::Range;

/// Longest first line that is taken for a header, in units.
const LINE_UNITS_MAX: usize = 4096;
/// Most columns remembered.
const COLUMNS_MAX: usize = 1024;

/// What a column's name says.
#[derive(Clone, Debug, Default)]
struct Column {
    /// Class, tenths, word.
    says: Vec<(About, i16, u16)>,
    /// The classes that have no structure of their own and are told by such a header alone.
    outright: Vec<u16>,
}

/// The named columns of a text that looks like a table.
#[derive(Clone, Debug)]
pub struct Header {
    separator: u8,
    columns: Vec<Column>,
}
impl Header {
    /// Reads the first line of `view`; nothing if it is no table or names nothing known. The next lines must have as many
    /// cells, if there are any: a line of prose with a comma names no columns.
    pub(crate) fn read(set: &Detectors, view: &View<'_>) -> Option<Self> {
        let head = view.units.get(..LINE_UNITS_MAX.min(view.units.len()))?;
        let line = memchr::memchr(b'\n', head)?;
        let count = |s: u8| view.units[..line].iter().filter(|b| **b == s).count();
        let (n, separator) = [b'\t', b';', b','].into_iter().map(|s| (count(s), s)).max()?;
        if n == 0 || n >= COLUMNS_MAX || !is_followed(&view.units[line + 1..], separator, n) {
            return None;
        }
        Self::of(set, view, 0..line, separator, n + 1)
    }

    /// The header of a table whose columns are the cells of `line`.
    pub(crate) fn of(set: &Detectors, view: &View<'_>, line: Range<usize>, separator: u8, n: usize) -> Option<Self> {
        let mut met: Vec<Met> = Vec::new();
        set.lexicon.read(view, line.clone(), &mut met);
        let mut columns = vec![Column::default(); n];
        for m in met {
            let column = column(view, line.start, m.start, separator);
            if let Some(c) = columns.get_mut(column) {
                c.says.extend(set.lexicon.says(m.word).iter().map(|(about, weight)| (*about, *weight, m.word)));
            }
        }
        for (i, cell) in cells(view, line, separator).enumerate().take(n) {
            let name = view.text(cell);
            for class in set.by_header(name.trim().trim_matches('"')) {
                columns[i].says.push((*class, OUTRIGHT, u16::MAX));
                if matches!(set.list()[usize::from(*class)].finder, FinderKind::Table | FinderKind::Pattern) {
                    columns[i].outright.push(*class);
                }
            }
        }
        let known = |c: &Column| c.says.iter().any(|w| w.0 != NEG);
        columns.iter().any(known).then_some(Self { separator, columns })
    }

    /// True if there are columns whose values are told by the header alone.
    pub(crate) fn has_outright(&self) -> bool {
        self.columns.iter().any(|c| !c.outright.is_empty())
    }
    /// Calls `on` with every filled cell of such columns in the lines that begin in `core`.
    pub(crate) fn outright(&self, view: &View<'_>, core: Range<usize>, mut on: impl FnMut(u16, Range<usize>)) {
        // The first line is the header itself.
        let mut start = match core.start {
            0 => memchr::memchr(b'\n', view.units).map_or(view.units.len(), |i| i + 1),
            s => memchr::memchr(b'\n', &view.units[s - 1..]).map_or(view.units.len(), |i| s + i),
        };
        while start < core.end {
            let end = memchr::memchr(b'\n', &view.units[start..]).map_or(view.units.len(), |i| start + i);
            let line_end = if end > start && view.at(end - 1) == b'\r' { end - 1 } else { end };
            for (cell, column) in cells(view, start..line_end, self.separator).zip(&self.columns) {
                for class in &column.outright {
                    on(*class, trimmed(view, cell.clone()));
                }
            }
            start = end + 1;
        }
    }

    /// The header of a table of one column that has no separators.
    pub(crate) fn single(set: &Detectors, view: &View<'_>) -> Self {
        // No line holds the end of a line.
        const SEPARATOR: u8 = b'\n';
        let none = Self { separator: SEPARATOR, columns: vec![Column::default()] };
        Self::of(set, view, 0..view.units.len(), SEPARATOR, 1).unwrap_or(none)
    }
    /// Takes in what another name of the same column says.
    pub(crate) fn join(&mut self, other: Self) {
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.says.extend(more.says);
            for class in more.outright {
                if !column.outright.contains(&class) {
                    column.outright.push(class);
                }
            }
        }
    }
    /// True if the first column's name speaks for class number `class`.
    #[must_use]
    pub fn names(&self, class: usize) -> bool {
        self.columns.first().is_some_and(|c| c.says.iter().any(|w| usize::from(w.0) == class && w.1 > 0))
    }

    /// True if a column's name speaks for some class.
    #[must_use]
    pub fn names_any(&self) -> bool {
        self.columns.iter().flat_map(|c| &c.says).any(|w| w.0 != NEG && w.1 > 0)
    }

    /// What the header says of the value at `at`, if the line's beginning is in sight.
    pub(crate) fn weigh(&self, view: &View<'_>, at: usize, about: About) -> Option<Weigh> {
        let low = at.saturating_sub(LINE_UNITS_MAX);
        let start = match memchr::memrchr(b'\n', view.units.get(low..at)?) {
            Some(i) => low + i + 1,
            None if low == 0 => 0,
            None => return None,
        };
        let column = self.columns.get(column(view, start, at, self.separator))?;
        let mut sum = Weigh::default();
        for (which, weight, word) in &column.says {
            if *which == about || *which == NEG {
                sum.add(i32::from(*weight), Some(*word), None);
            }
        }
        Some(sum)
    }
}

/// Lines that are compared with the first one.
const ROWS: usize = 4;

/// True if the first line of `rest` has `n` separators, or at least half of the first ones; or if nothing follows.
/// Quotes may hide separators: such a line fits.
fn is_followed(rest: &[u8], separator: u8, n: usize) -> bool {
    let fits = |line: &&[u8]| line.iter().filter(|b| **b == separator).count() == n || line.contains(&b'"');
    let lines = || rest.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).take(ROWS);
    lines().next().is_none_or(|l| fits(&l)) || lines().filter(fits).count() * 2 >= lines().count()
}

/// What a header that names a class outright adds, in tenths.
const OUTRIGHT: i16 = 34;

/// A cell without blanks and quotes around it.
fn trimmed(view: &View<'_>, cell: Range<usize>) -> Range<usize> {
    let blank = |i: usize| matches!(view.at(i), b' ' | b'"' | b'\r');
    let (mut start, mut end) = (cell.start, cell.end);
    while start < end && blank(start) {
        start += 1;
    }
    while end > start && blank(end - 1) && !view.is_trail(end - 1) {
        end -= 1;
    }
    start..end
}

/// The cells of a line; separators between double quotes do not count.
fn cells<'v>(view: &'v View<'_>, line: Range<usize>, separator: u8) -> impl Iterator<Item = Range<usize>> + 'v {
    let mut at = Some(line.start);
    std::iter::from_fn(move || {
        let start = at?;
        let (mut quoted, mut i) = (false, start);
        while i < line.end {
            let byte = view.at(i);
            if byte == b'"' {
                quoted = !quoted;
            } else if byte == separator && !quoted {
                at = Some(i + 1);
                return Some(start..i);
            }
            i += if byte >= 0x81 && view.encoding.is_double() { 2 } else { 1 };
        }
        at = None;
        Some(start..line.end)
    })
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
        i += if byte >= 0x81 && view.encoding.is_double() { 2 } else { 1 };
    }
    column
}
