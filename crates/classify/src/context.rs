//! Words near a candidate. Each part of the text is tokenised at most once, and only near candidates.

use crate::pack::Detector;
use crate::score::Weigh;
use crate::view::{Encoding, KIND, LOWER, UPPER, View};
use crate::wide::Forms;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

/// How far words speak, in units to each side.
pub(crate) const REACH_UNITS: usize = 300;
/// Longest Latin word of the table.
const LATIN_BYTES_MAX: usize = 16;

/// What a word speaks of: a class's number, or [`NEG`].
pub(crate) type About = u16;
/// The word speaks against any class.
pub(crate) const NEG: About = u16::MAX;

/// A word that was met.
#[derive(Clone, Copy)]
pub(crate) struct Met {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Its number in the lexicon.
    pub(crate) word: u16,
}

/// The words in a form that is quick to look up. Built once per set of detectors.
pub(crate) struct Lexicon {
    /// Every word once; what it speaks of.
    words: Vec<(String, Vec<(About, i16)>)>,
    /// Latin words by hash; a slot holds the packed word and its number.
    latin: Vec<(u128, u16)>,
    /// Bits of the hashes of Latin words: most tokens of a text are none, and end here.
    hashes: Box<[u64; 1024]>,
    forms: [OnceLock<Forms>; 5],
}

fn hash(word: u128) -> u64 {
    let folded = (word as u64) ^ ((word >> 64) as u64).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    folded.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
fn slot(hash: u64, slots: usize) -> usize {
    (hash >> 32) as usize & (slots - 1)
}
/// Letters in small, the last one lowest; of a longer word nothing.
#[inline]
fn pack(letters: &[u8]) -> u128 {
    let small = |n: usize| u128::from_be_bytes([0x20; 16]) >> (128 - 8 * n);
    let n = letters.len();
    match (letters.first_chunk::<8>(), letters.last_chunk::<8>()) {
        // The two halves may overlap.
        (Some(first), Some(last)) if n <= LATIN_BYTES_MAX => {
            let first = u128::from(u64::from_be_bytes(*first)) << (8 * (n - 8));
            first | u128::from(u64::from_be_bytes(*last)) | small(n)
        }
        (None, _) if n > 0 => letters.iter().fold(0u64, |all, b| all << 8 | u64::from(b | 0x20)).into(),
        _ => 0,
    }
}
fn packed(word: &str) -> u128 {
    word.bytes().fold(0u128, |p, b| p << 8 | u128::from(b))
}
/// Latin letters of a word in small, without blanks: `id card` is met as `IdCard`, `id_card` and `ID card`.
fn latin_key(word: &str) -> Option<String> {
    let key: String = word.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).map(|c| c.to_ascii_lowercase()).collect();
    let fits = (2..=LATIN_BYTES_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_lowercase());
    fits.then_some(key)
}

impl Lexicon {
    pub(crate) fn new(detectors: &[Detector], against: &[(String, i16)]) -> Self {
        let mut all: HashMap<String, Vec<(About, i16)>> = HashMap::new();
        let mut add = |word: &str, about, weight| {
            let key = if word.is_ascii() { latin_key(word) } else { Some(word.to_owned()) };
            if let Some(key) = key {
                all.entry(key).or_default().push((about, weight));
            }
        };
        for (n, d) in (0u16..).zip(detectors) {
            for (word, weight) in &d.words {
                add(word, n, *weight);
            }
            for (word, weight) in &d.against {
                add(word, n, -*weight);
            }
        }
        for (word, weight) in against {
            add(word, NEG, -*weight);
        }
        let mut words: Vec<_> = all.into_iter().collect();
        words.sort();
        words.truncate(usize::from(u16::MAX));
        let slots = (words.len() * 4).next_power_of_two();
        let (mut latin, mut hashes) = (vec![(0u128, 0u16); slots], Box::new([0u64; 1024]));
        for (n, (word, _)) in (0u16..).zip(&words).filter(|(_, w)| w.0.is_ascii()) {
            let hash = hash(packed(word));
            hashes[(hash >> 54) as usize] |= 1 << (hash >> 48 & 63);
            let mut at = slot(hash, slots);
            while latin[at].0 != 0 {
                at = (at + 1) & (slots - 1);
            }
            latin[at] = (packed(word), n);
        }
        Self { words, latin, hashes, forms: [const { OnceLock::new() }; 5] }
    }

    /// The number of a Latin word.
    pub(crate) fn number(&self, word: &str) -> Option<u16> {
        self.latin(packed(&latin_key(word)?))
    }
    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }
    /// The word with this number.
    pub(crate) fn word(&self, number: u16) -> &str {
        self.words.get(usize::from(number)).map_or("", |w| &w.0)
    }
    fn forms(&self, encoding: Encoding) -> Option<&Forms> {
        let slot = match encoding {
            Encoding::Utf8 | Encoding::Ascii => 0,
            Encoding::Gb18030 => 1,
            Encoding::Big5 => 2,
            Encoding::Utf16Le => 3,
            Encoding::Utf16Be => 4,
            Encoding::Other => return None,
        };
        let texts = || (0u16..).zip(&self.words).map(|(n, w)| (n, w.0.as_str()));
        Some(self.forms[slot].get_or_init(|| Forms::new(texts(), encoding)))
    }

    /// What a word speaks of, and how strongly; negative is against.
    pub(crate) fn says(&self, number: u16) -> &[(About, i16)] {
        self.words.get(usize::from(number)).map_or(&[], |w| &w.1)
    }
    fn latin(&self, packed: u128) -> Option<u16> {
        let hash = hash(packed);
        if self.hashes[(hash >> 54) as usize] >> (hash >> 48 & 63) & 1 == 0 {
            return None;
        }
        let mut i = slot(hash, self.latin.len());
        while self.latin[i].0 != 0 {
            if self.latin[i].0 == packed {
                return Some(self.latin[i].1);
            }
            i = (i + 1) & (self.latin.len() - 1);
        }
        None
    }

    /// Appends every word in `range` to `out`, in order.
    pub(crate) fn read(&self, view: &View<'_>, range: Range<usize>, out: &mut Vec<Met>) {
        let end = range.end.min(view.units.len());
        let (forms, unit) = (self.forms(view.encoding), view.unit());
        let bytes = if unit == 2 { view.wide } else { view.units };
        let mut token = Token::default();
        let mut i = range.start;
        while i < end {
            let byte = view.units[i];
            if KIND[usize::from(byte)] & (UPPER | LOWER) != 0 {
                i = self.letters(view, i, &mut token, out);
            } else if byte >= 0x80 {
                token = Token::default();
                let (Some(forms), Some(rest)) = (forms, bytes.get(i * unit..)) else {
                    i += 1;
                    continue;
                };
                i += match forms.at(rest) {
                    Some((length, number)) => {
                        let units = length / unit;
                        out.push(Met { start: i, end: i + units, word: number });
                        units
                    }
                    None => rest.first().map_or(1, |lead| forms.step(*lead, unit)),
                };
            } else {
                i += 1;
            }
        }
    }

    /// Reads the run of letters at `i`; returns its end.
    fn letters(&self, view: &View<'_>, i: usize, last: &mut Token, out: &mut Vec<Met>) -> usize {
        let rest = &view.units[i..];
        // Most words have no capital but their first letter.
        let small = rest.iter().skip(1).take_while(|b| b.is_ascii_lowercase()).count();
        let end = i + 1 + small;
        if rest.get(1 + small).is_none_or(|b| !b.is_ascii_uppercase()) {
            let token = Token { packed: pack(&rest[..1 + small]), start: i, end };
            self.token(token, last, out);
            *last = token;
            return end;
        }
        self.camel(view, i, last, out)
    }

    /// The same for a run with capitals in it, cut where `camelCase` and `HTTPServer` are cut.
    fn camel(&self, view: &View<'_>, i: usize, last_token: &mut Token, out: &mut Vec<Met>) -> usize {
        let (mut start, mut at) = (i, i);
        let mut flush = |range: Range<usize>| {
            let token = Token { packed: pack(&view.units[range.clone()]), start: range.start, end: range.end };
            self.token(token, last_token, out);
            *last_token = token;
        };
        let (mut before, mut last) = (0, 0);
        while let Some(byte) = view.units.get(at) {
            let kind = KIND[usize::from(*byte)];
            if kind & (UPPER | LOWER) == 0 {
                break;
            }
            if kind == UPPER && last == LOWER {
                flush(start..at);
                start = at;
            } else if kind == LOWER && last == UPPER && before == UPPER {
                flush(start..at - 1);
                start = at - 1;
            }
            (before, last) = (last, kind);
            at += 1;
        }
        flush(start..at);
        at
    }

    /// A token alone, and with the one before it if at most one unit parts them: the longer word counts.
    fn token(&self, token: Token, before: &Token, out: &mut Vec<Met>) {
        let length = token.end - token.start;
        if length > LATIN_BYTES_MAX {
            return;
        }
        let both = length + (before.end - before.start);
        if before.packed != 0 && token.start <= before.end + 1 && both <= LATIN_BYTES_MAX {
            let joined = before.packed << (8 * length) | token.packed;
            if let Some(number) = self.latin(joined) {
                return out.push(Met { start: before.start, end: token.end, word: number });
            }
        }
        if length >= 2
            && let Some(number) = self.latin(token.packed)
        {
            out.push(Met { start: token.start, end: token.end, word: number });
        }
    }
}

/// Letters between two cuts.
#[derive(Clone, Copy, Default)]
struct Token {
    packed: u128,
    start: usize,
    end: usize,
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
        let line_start = memchr::memrchr(b'\n', &view.units[low..at.start]).map_or(low, |i| low + i + 1);
        let line_end = memchr::memchr(b'\n', &view.units[at.end..high]).map_or(high, |i| at.end + i);
        // Only what may speak is read.
        let (low, high) = if own_line { (line_start, line_end) } else { (low, high) };
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
        let mut sum = Weigh::default();
        for met in self.met.iter().rev() {
            if met.start >= high || (met.start < at.end && met.end > at.start) {
                continue;
            }
            if met.end <= low {
                break;
            }
            for (_, weight) in lexicon.says(met.word).iter().filter(|s| s.0 == about || s.0 == NEG) {
                let same_line = met.start >= line_start && met.end <= line_end;
                if own_line && !same_line {
                    break;
                }
                let weight = i32::from(*weight) * eighths(met, at, same_line) / 8;
                let before = met.end <= at.start;
                let away = if before { met.end as i64 - at.start as i64 } else { met.start as i64 - at.end as i64 };
                sum.add(weight, Some(met.word), Some(away));
            }
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
    use crate::Detectors;
    use crate::view::{Encoding, View};

    #[test]
    fn tokens_are_words_and_not_parts_of_words() {
        let set = Detectors::builtin();
        let read = |text: &str| {
            let mut out = Vec::new();
            let view = View { units: text.as_bytes(), encoding: Encoding::Utf8, wide: &[] };
            set.lexicon.read(&view, 0..text.len(), &mut out);
            let mut words: Vec<_> = out.iter().map(|m| text[m.start..m.end].to_owned()).collect();
            words.dedup();
            words
        };
        assert_eq!(read("acid wildcard discard phones"), Vec::<String>::new());
        assert_eq!(read("theirPhone id_card BANKCard VIN:"), ["Phone", "id_card", "BANK", "BANKCard", "VIN"]);
        assert_eq!(read("联系电话：1，身份证号 2，测试"), ["联系电话", "身份证号", "测试"]);
    }
}
