//! What was counted in a column, and the verdicts it gives.

use super::luck::{chance, price, speaks};
use super::{CellMatch, Cells};
use crate::header::Header;
use crate::score::{odds_of, percent};
use crate::view::KIND;
use evidence::{ClassId, ColumnVerdict};
use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;
use std::rc::Rc;

/// Shortest and longest value that has a shape: those of the classes whose checks are passed by luck.
const SHAPE_BYTES: RangeInclusive<usize> = 9..=40;
/// Shapes counted per column; values of others have none.
const SHAPES_MAX: usize = 256;
/// Beginnings remembered, to see whether values are of many kinds or one row of numbers.
const HEADS_MAX: usize = 8;
/// So many different beginnings are no row of numbers.
const HEADS_MANY: usize = 5;

/// Log-odds, in tenths, that a column is of a class that is looked for in it, before its values are seen: one in
/// eight.
const PRIOR: i64 = -20;
/// The most that passing a check adds; without a check; and without one when values are of few kinds.
const CHECKED_MAX: i64 = 60;
const VARIED_MAX: i64 = 45;
const UNCHECKED_MAX: i64 = 26;
/// Taken off if the header names the class but its values pass no more often than by luck.
const LUCKY: i64 = 20;
/// Below this confidence, in per cent, there is no verdict.
const VERDICT_MIN: u8 = 65;

/// Length, letters and first letter of a value: values of one shape try the same checks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Shape(u8, u8, u8);
impl Shape {
    fn of(value: &[u8]) -> Option<Self> {
        let length = u8::try_from(value.len()).ok().filter(|n| SHAPE_BYTES.contains(&usize::from(*n)))?;
        let kinds = value.iter().fold(0, |kinds, b| kinds | KIND[usize::from(*b)]);
        Some(Self(length, kinds, *value.first()?))
    }
}

/// What was found of one class.
#[derive(Clone, Debug)]
struct Seen {
    id: ClassId,
    named: bool,
    /// Cells that are a value; cells that are or hold one; the last of each, so that a cell counts once.
    whole: u64,
    holding: u64,
    last_whole: Option<u64>,
    last_holding: Option<u64>,
    /// Cells that are a value, by confidence.
    sure: [u64; 100],
    best_whole: u8,
    best_part: u8,
    shapes: Vec<Shape>,
    heads: Vec<[u8; 3]>,
    distinct: HashSet<u64>,
}

/// A hit in a cell, as it is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CellHit {
    /// Number of the class.
    pub class: usize,
    /// Per cent.
    pub confidence: u8,
    /// The cell is the value and nothing else.
    pub whole: bool,
    /// Keyed digest of the value, cut short.
    pub digest: u64,
}

/// A verdict on a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// Number of the class among the scanner's.
    pub class: usize,
    /// Its id.
    pub id: ClassId,
    /// Is or contains.
    pub verdict: ColumnVerdict,
    /// Per cent, 65 to 99.
    pub confidence: u8,
    /// Cells that are a value of the class.
    pub whole: u64,
    /// Cells that are or hold one.
    pub holding: u64,
    /// Distinct values, up to the limit given.
    pub distinct: u64,
    /// The header names the class.
    pub header: bool,
}

/// Counts of one column.
#[derive(Clone, Debug)]
pub struct ColumnStats {
    looked: u64,
    filled: u64,
    /// Texts seen: numbers the cells across batches.
    cells: u64,
    shapes: BTreeMap<Shape, u64>,
    /// The shape of the latest cells and how many there were of it, not yet among the shapes.
    latest: (Shape, u64),
    seen: BTreeMap<usize, Seen>,
    /// Distinct values that may still be remembered, here and in whatever shares it.
    distinct_left: Rc<Cell<usize>>,
    overflow: bool,
}
impl ColumnStats {
    /// Nothing counted yet. Remembers distinct values as long as some are left of `distinct_left`, which the columns of
    /// a table share.
    #[must_use]
    pub fn new(distinct_left: Rc<Cell<usize>>) -> Self {
        Self {
            looked: 0,
            filled: 0,
            cells: 0,
            shapes: BTreeMap::new(),
            latest: (Shape(0, 0, 0), 0),
            seen: BTreeMap::new(),
            distinct_left,
            overflow: false,
        }
    }
    /// Counts a batch of cells, after its matches were told by [`ColumnStats::found`]. `times` says how many rows hold
    /// cell `i`: one, unless the cells are a dictionary's.
    pub fn count(&mut self, cells: &Cells, times: impl Fn(usize) -> u64) {
        for i in 0..cells.len() {
            self.cell(cells.get(i).map_or(&b""[..], |c| c.1), times(i));
        }
    }
    /// Counts one cell that stands in `times` rows, after its matches were told.
    pub fn cell(&mut self, text: &[u8], times: u64) {
        self.cells += 1;
        self.looked += times;
        let text = text.trim_ascii();
        if text.is_empty() {
            return;
        }
        self.filled += times;
        let Some(shape) = Shape::of(text) else { return };
        // Neighbours in a column are mostly of one shape.
        if self.latest.0 != shape {
            self.keep_latest();
            self.latest = (shape, 0);
        }
        self.latest.1 += times;
    }
    fn keep_latest(&mut self) {
        let (shape, n) = self.latest;
        if let Some(count) = self.shapes.get_mut(&shape) {
            *count += n;
        } else if n > 0 && self.shapes.len() < SHAPES_MAX {
            self.shapes.insert(shape, n);
        }
    }
    /// How many cells have the shape of a value.
    fn tried(&self, shapes: &[Shape]) -> u64 {
        let kept: u64 = shapes.iter().filter_map(|s| self.shapes.get(s)).sum();
        kept + if shapes.contains(&self.latest.0) { self.latest.1 } else { 0 }
    }
    /// Counts cells that were looked at without reading a text: empty ones, and values whose type can hold nothing.
    pub fn count_plain(&mut self, empty: u64, filled: u64) {
        self.filled += filled;
        self.looked += empty + filled;
    }
    /// Counts `passed` more cells, which are as those of the `read` ones: as often empty, and of the same shapes.
    pub fn reckon(&mut self, read: u64, passed: u64) {
        if read == 0 || passed == 0 {
            return;
        }
        let share = |n: u64| {
            let n = u128::from(passed) * u128::from(n) / u128::from(read);
            u64::try_from(n).unwrap_or(u64::MAX).min(passed)
        };
        let filled = share(self.filled);
        self.count_plain(passed - filled, filled);
        self.latest.1 += share(self.latest.1);
        self.shapes.values_mut().for_each(|n| *n += share(*n));
    }
    /// Cells looked at so far.
    #[must_use]
    pub fn looked(&self) -> u64 {
        self.looked
    }
    /// Of these, cells that are not empty.
    #[must_use]
    pub fn filled(&self) -> u64 {
        self.filled
    }
    /// True if there were more distinct values than are remembered.
    #[must_use]
    pub fn overflow(&self) -> bool {
        self.overflow
    }
    /// True if nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.seen.is_empty()
    }

    /// Counts a match in the batch at hand, whose cell stands in `times` rows. `digest` is a keyed digest of its value,
    /// cut short. `header` is that of the column.
    pub fn found(&mut self, m: &CellMatch<'_, '_>, header: &Header, digest: u64, times: u64) {
        let class = m.found.class.index();
        let hit = CellHit { class, confidence: m.found.confidence, whole: m.whole, digest };
        self.hit(&hit, m.cell, m.text, times, || (m.found.id(), header.names(class)));
    }
    /// Counts a hit in the cell that comes `ahead` of the cells counted so far. `first` gives the class's id and whether
    /// the header names it; it is asked once a class.
    pub fn hit(
        &mut self,
        hit: &CellHit,
        ahead: usize,
        text: &[u8],
        times: u64,
        first: impl FnOnce() -> (ClassId, bool),
    ) {
        let cell = self.cells + ahead as u64;
        let seen = self.seen.entry(hit.class).or_insert_with(|| Seen::new(first()));
        if seen.last_holding != Some(cell) {
            seen.last_holding = Some(cell);
            seen.holding += times;
        }
        let left = self.distinct_left.get();
        if left > 0 {
            self.distinct_left.set(left - usize::from(seen.distinct.insert(hit.digest)));
        } else {
            self.overflow |= !seen.distinct.contains(&hit.digest);
        }
        let confidence = hit.confidence.min(99);
        if !hit.whole {
            seen.best_part = seen.best_part.max(confidence);
            return;
        }
        seen.best_whole = seen.best_whole.max(confidence);
        if seen.last_whole == Some(cell) {
            return;
        }
        seen.last_whole = Some(cell);
        seen.whole += times;
        seen.sure[usize::from(confidence)] += times;
        let text = text.trim_ascii();
        if let Some(shape) = Shape::of(text).filter(|s| !seen.shapes.contains(s)) {
            seen.shapes.push(shape);
        }
        if let Some(head) = text.first_chunk::<3>().filter(|h| seen.heads.len() < HEADS_MAX && !seen.heads.contains(h))
        {
            seen.heads.push(*head);
        }
    }

    /// What the column as a whole says of single values of a class that was judged to be the column's: how many were
    /// taken for doubtful by themselves, and the digests of all.
    #[must_use]
    pub fn doubtful(&self, class: usize) -> (u64, Option<&HashSet<u64>>) {
        let Some(seen) = self.seen.get(&class) else { return (0, None) };
        (seen.sure[..usize::from(VERDICT_MIN)].iter().sum(), Some(&seen.distinct))
    }

    /// The verdicts, in the order of the classes. `statements` is how many columns times classes the table has: what
    /// was looked for in many places must show more.
    #[must_use]
    pub fn judge(&self, statements: u64) -> Vec<Judged> {
        let judged = |(class, seen): (&usize, &Seen)| {
            let (verdict, odds) = self.verdict(seen, statements)?;
            let confidence = percent(i32::try_from(odds).unwrap_or(i32::MAX));
            (confidence >= VERDICT_MIN).then(|| Judged {
                class: *class,
                id: seen.id.clone(),
                verdict,
                confidence,
                whole: seen.whole,
                holding: seen.holding,
                distinct: seen.distinct.len() as u64,
                header: seen.named,
            })
        };
        self.seen.iter().filter_map(judged).collect()
    }

    fn verdict(&self, seen: &Seen, statements: u64) -> Option<(ColumnVerdict, i64)> {
        let tried = self.tried(&seen.shapes);
        let chance = chance(seen.id.as_str());
        let lucky = chance.is_some_and(|c| c.explains(seen.whole, tried));
        let together = chance.filter(|_| !lucky).map_or(i64::MIN, |c| {
            // A value that stands in many rows was drawn once.
            let passed = seen.whole.min(seen.distinct.len() as u64);
            let tried = u128::from(tried.max(seen.whole)) * u128::from(passed) / u128::from(seen.whole.max(1));
            let speaks = speaks(passed, u64::try_from(tried).unwrap_or(u64::MAX), c.ppm) - price(statements);
            let most = match c.checked {
                true => CHECKED_MAX,
                false if seen.heads.len() >= HEADS_MANY => VARIED_MAX,
                false => UNCHECKED_MAX,
            };
            PRIOR + speaks.min(most)
        });
        let usual = i64::from(odds_of(seen.median()));
        let is = usual.max(together);
        if !lucky && seen.whole * 2 > self.filled && percent_of(is) >= VERDICT_MIN {
            return Some((ColumnVerdict::Is, is));
        }
        let part = (seen.best_part > 0).then(|| i64::from(odds_of(seen.best_part)));
        let whole = (seen.best_whole > 0).then(|| i64::from(odds_of(seen.best_whole)));
        let whole = match lucky {
            false => whole,
            true if seen.named => whole.map(|w| w - LUCKY),
            true => None,
        };
        let odds = part.into_iter().chain(whole).chain((together > i64::MIN).then_some(together)).max()?;
        Some((ColumnVerdict::Contains, odds))
    }
}
impl Seen {
    fn new((id, named): (ClassId, bool)) -> Self {
        Self {
            id,
            named,
            whole: 0,
            holding: 0,
            last_whole: None,
            last_holding: None,
            sure: [0; 100],
            best_whole: 0,
            best_part: 0,
            shapes: Vec::new(),
            heads: Vec::new(),
            distinct: HashSet::new(),
        }
    }
    /// The confidence that half of the whole values reach.
    fn median(&self) -> u8 {
        let all: u64 = self.sure.iter().sum();
        let mut above = 0;
        for (confidence, n) in (0..100u8).zip(self.sure).rev() {
            above += n;
            if above * 2 >= all && all > 0 {
                return confidence;
            }
        }
        0
    }
}

fn percent_of(odds: i64) -> u8 {
    percent(i32::try_from(odds.clamp(-50, 50)).unwrap_or(0))
}
