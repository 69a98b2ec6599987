//! Words near a candidate. Each part of the text is tokenised at most once, and only near candidates.

use crate::score::Weigh;
use crate::view::{Encoding, KIND, LOWER, UPPER, View};
use crate::words::{About, HAN, LATIN, NEG};
use std::ops::Range;

/// How far words speak, in units to each side.
pub(crate) const REACH_UNITS: usize = 300;
/// Longest Latin word of the table.
const LATIN_BYTES_MAX: usize = 16;

/// A word that was met.
#[derive(Clone, Copy)]
pub(crate) struct Met {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) about: About,
    pub(crate) weight: i16,
}

/// The words in a form that is quick to look up. Built once per scanner.
pub(crate) struct Lexicon {
    /// Latin words by hash; a slot holds the packed word and its indices in `LATIN`.
    latin: Vec<(u128, u8, u8)>,
    /// By hash of the first character: indices into `HAN`, in table order, per form.
    utf8: Vec<Vec<u8>>,
    gb: Vec<Vec<u8>>,
    wide: Vec<Vec<u8>>,
    units: Vec<Vec<u16>>,
}

const SLOTS: usize = 1024;
const NONE: u8 = u8::MAX;
fn slot(word: u128) -> usize {
    let folded = (word as u64) ^ ((word >> 64) as u64);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize % SLOTS
}
fn pair(a: u8, b: u8) -> usize {
    usize::from(a.wrapping_mul(31).wrapping_add(b))
}

impl Lexicon {
    pub(crate) fn new() -> Self {
        let mut latin = vec![(0u128, NONE, NONE); SLOTS];
        for (i, entry) in (0u8..).zip(LATIN) {
            let packed = entry.word.bytes().fold(0u128, |p, b| p << 8 | u128::from(b));
            let mut at = slot(packed);
            while latin[at].0 != 0 && latin[at].0 != packed {
                at = (at + 1) % SLOTS;
            }
            let second = if latin[at].0 == packed { i } else { NONE };
            latin[at] = if second == NONE { (packed, i, NONE) } else { (packed, latin[at].1, i) };
        }
        let mut this = Self {
            latin,
            utf8: vec![Vec::new(); 256],
            gb: vec![Vec::new(); 256],
            wide: vec![Vec::new(); 256],
            units: HAN.iter().map(|h| h.utf8.encode_utf16().collect()).collect(),
        };
        for (i, han) in (0u8..).zip(HAN) {
            let utf8 = han.utf8.as_bytes();
            this.utf8[pair(utf8[1], utf8[2])].push(i);
            this.gb[pair(han.gb[0], han.gb[1])].push(i);
            let [low, high] = this.units[usize::from(i)][0].to_le_bytes();
            this.wide[pair(low, high)].push(i);
        }
        this
    }

    fn latin(&self, packed: u128, at: Range<usize>, out: &mut Vec<Met>) {
        let mut i = slot(packed);
        while self.latin[i].0 != 0 {
            if self.latin[i].0 == packed {
                for n in [self.latin[i].1, self.latin[i].2] {
                    if let Some(e) = LATIN.get(usize::from(n)) {
                        out.push(Met { start: at.start, end: at.end, about: e.about, weight: e.weight });
                    }
                }
                return;
            }
            i = (i + 1) % SLOTS;
        }
    }

    /// The word that begins at `i`, if one does.
    fn han(&self, view: &View<'_>, i: usize) -> Option<Met> {
        let met = |n: u8, length: usize| {
            let h = &HAN[usize::from(n)];
            Met { start: i, end: i + length, about: h.about, weight: h.weight }
        };
        if view.unit() == 2 {
            let [low, high] = view.wide_at(i).to_le_bytes();
            return self.wide[pair(low, high)].iter().find_map(|n| {
                let word = &self.units[usize::from(*n)];
                word.iter().enumerate().all(|(k, u)| view.wide_at(i + k) == *u).then(|| met(*n, word.len()))
            });
        }
        let rest = &view.units[i..];
        if view.encoding == Encoding::Gb18030 {
            let key = pair(*rest.first()?, *rest.get(1)?);
            return self.gb[key].iter().find_map(|n| {
                let word = HAN[usize::from(*n)].gb;
                rest.starts_with(word).then(|| met(*n, word.len()))
            });
        }
        let key = pair(*rest.get(1)?, *rest.get(2)?);
        self.utf8[key].iter().find_map(|n| {
            let word = HAN[usize::from(*n)].utf8.as_bytes();
            rest.starts_with(word).then(|| met(*n, word.len()))
        })
    }

    /// Appends every word in `range` to `out`, in order.
    pub(crate) fn read(&self, view: &View<'_>, range: Range<usize>, out: &mut Vec<Met>) {
        let end = range.end.min(view.units.len());
        let mut i = range.start;
        while i < end {
            let byte = view.units[i];
            if KIND[usize::from(byte)] & (UPPER | LOWER) != 0 {
                i = self.letters(view, i, out);
            } else if byte >= 0x80 {
                i += match self.han(view, i) {
                    Some(met) => {
                        out.push(met);
                        met.end - met.start
                    }
                    None if view.unit() == 2 => 1,
                    None => match (view.encoding, byte) {
                        (Encoding::Gb18030, _) => 2,
                        (Encoding::Utf8 | Encoding::Ascii, 0xE0..=0xEF) => 3,
                        _ => 1,
                    },
                };
            } else {
                i += 1;
            }
        }
    }

    /// Reads the run of letters at `i`, cut where `camelCase` and `HTTPServer` are cut; returns its end.
    fn letters(&self, view: &View<'_>, i: usize, out: &mut Vec<Met>) -> usize {
        let (mut packed, mut start, mut at) = (0u128, i, i);
        let mut flush = |packed: u128, range: Range<usize>| {
            if (2..=LATIN_BYTES_MAX).contains(&range.len()) {
                self.latin(packed, range, out);
            }
        };
        let (mut before, mut last) = (0, 0);
        while let Some(byte) = view.units.get(at) {
            let kind = KIND[usize::from(*byte)];
            if kind & (UPPER | LOWER) == 0 {
                break;
            }
            if kind == UPPER && last == LOWER {
                flush(packed, start..at);
                (packed, start) = (0, at);
            } else if kind == LOWER && last == UPPER && before == UPPER {
                flush(packed >> 8, start..at - 1);
                (packed, start) = (packed & 0xFF, at - 1);
            }
            packed = packed << 8 | u128::from(byte | 0x20);
            (before, last) = (last, kind);
            at += 1;
        }
        flush(packed, start..at);
        at
    }
}

/// The words met so far around the candidates of one text.
#[derive(Default)]
pub(crate) struct Nearby {
    met: Vec<Met>,
    read_to: usize,
}
impl Nearby {
    pub(crate) fn clear(&mut self) {
        self.met.clear();
        self.read_to = 0;
    }

    /// What the words around `at` say about class number `about`. With `own_line`, other lines are silent
    /// (a table's header speaks for its columns, not the row above).
    pub(crate) fn weigh(
        &mut self,
        lexicon: &Lexicon,
        view: &View<'_>,
        at: &Range<usize>,
        about: About,
        own_line: bool,
    ) -> Weigh {
        let low = at.start.saturating_sub(REACH_UNITS);
        let high = (at.end + REACH_UNITS).min(view.units.len());
        if low > self.read_to {
            self.met.clear();
            self.read_to = boundary(view, low);
        }
        if high > self.read_to {
            let from = self.read_to;
            lexicon.read(view, from..high, &mut self.met);
            self.read_to = self.met.last().map_or(high, |m| m.end.max(high));
            // A run of letters may reach beyond `high`; it was read to its end.
            while self.read_to < view.units.len() && view.is_word(self.read_to) && view.is_word(self.read_to - 1) {
                self.read_to += 1;
            }
        }
        let line_start = memchr::memrchr(b'\n', &view.units[low..at.start]).map_or(low, |i| low + i + 1);
        let line_end = memchr::memchr(b'\n', &view.units[at.end..high]).map_or(high, |i| at.end + i);
        let mut sum = Weigh::default();
        for met in self.met.iter().rev() {
            if met.start >= high || (met.start < at.end && met.end > at.start) {
                continue;
            }
            if met.end <= low {
                break;
            }
            let same_line = met.start >= line_start && met.end <= line_end;
            if (met.about != about && met.about != NEG) || (own_line && !same_line) {
                continue;
            }
            sum.add(met.about == NEG, i32::from(met.weight) * eighths(met, at, same_line) / 8);
        }
        sum
    }
}

/// How much of a word's weight reaches the candidate: near and before on the same line all, elsewhere less.
fn eighths(met: &Met, at: &Range<usize>, same_line: bool) -> i32 {
    let before = met.end <= at.start;
    let gap = if before { at.start - met.end } else { met.start - at.end };
    match (same_line, before, gap) {
        (true, true, 0..=40) => 8,
        (true, true, 41..=120) | (true, false, 0..=40) => 6,
        (true, true, _) => 4,
        (true, false, _) => 3,
        (false, true, 0..=100) => 4,
        (false, true, _) | (false, false, 0..=60) => 2,
        (false, false, _) => 0,
    }
}

/// The first place at or after `low` where a character and a word may begin.
fn boundary(view: &View<'_>, low: usize) -> usize {
    let ends = |b: &u8| *b < 0x30;
    let near = view.units[..low].iter().rev().take(64).position(ends);
    match near {
        Some(back) => low - back,
        None if view.encoding == Encoding::Gb18030 && view.is_trail(low) => low + 1,
        None => low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_words_and_not_parts_of_words() {
        let lexicon = Lexicon::new();
        let read = |text: &str| {
            let mut out = Vec::new();
            let view = View { units: text.as_bytes(), encoding: Encoding::Utf8, wide: &[] };
            lexicon.read(&view, 0..text.len(), &mut out);
            out.iter().map(|m| text[m.start..m.end].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(read("acid wildcard discard phones"), Vec::<String>::new());
        assert_eq!(read("customerPhone id_card BANKCard VIN:"), ["Phone", "card", "BANK", "Card", "VIN"]);
        assert_eq!(read("联系电话：1，身份证号 2，测试"), ["联系电话", "身份证号", "测试"]);
    }
}
