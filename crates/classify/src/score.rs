//! Log-odds to per cent. Everything is in tenths of a natural unit of log-odds, so that no platform's `exp`
//! decides what stands in a signed record.

/// A word that counted.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    /// Tenths, after distance; negative against.
    pub(crate) tenths: i32,
    /// The word's number in the lexicon.
    pub(crate) word: Option<u16>,
    /// Units from the value to the word; of a header none.
    pub(crate) away: Option<i64>,
}

/// What the context says: the strongest word for, the strongest word against.
#[derive(Clone, Copy, Default)]
pub(crate) struct Weigh {
    pub(crate) plus: Option<Counted>,
    pub(crate) minus: Option<Counted>,
}
impl Weigh {
    /// Takes in a word; the strongest counts, so that a text cannot be talked up by repetition.
    pub(crate) fn add(&mut self, tenths: i32, word: Option<u16>, away: Option<i64>) {
        let side = if tenths < 0 { &mut self.minus } else { &mut self.plus };
        if tenths != 0 && side.is_none_or(|c| c.tenths.abs() < tenths.abs()) {
            *side = Some(Counted { tenths, word, away });
        }
    }
    /// Takes in what another context says.
    pub(crate) fn join(&mut self, other: Self) {
        for c in [other.plus, other.minus].into_iter().flatten() {
            self.add(c.tenths, c.word, c.away);
        }
    }
    pub(crate) fn sum(self) -> i32 {
        [self.plus, self.minus].into_iter().flatten().map(|c| c.tenths).sum()
    }
}

/// 100 / (1 + e^(-x/10)) for x from -50 to 50, rounded, held to 1..99.
#[rustfmt::skip]
const PERCENT: [u8; 101] = [
    1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 8, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18,
    20, 21, 23, 25, 27, 29, 31, 33, 35, 38, 40, 43, 45, 48, 50, 52, 55, 57, 60, 62, 65, 67, 69, 71, 73, 75, 77, 79, 80,
    82, 83, 85, 86, 87, 88, 89, 90, 91, 92, 92, 93, 94, 94, 95, 95, 96, 96, 96, 97, 97, 97, 98, 98, 98, 98, 98, 99, 99,
    99, 99, 99, 99, 99, 99, 99,
];

/// Confidence in per cent, 1 to 99.
pub(crate) fn percent(tenths: i32) -> u8 {
    usize::try_from(tenths.clamp(-50, 50) + 50).ok().and_then(|i| PERCENT.get(i)).copied().unwrap_or(1)
}

/// The log-odds, in tenths, at which a confidence is reached.
pub(crate) fn odds_of(confidence: u8) -> i32 {
    (0i32..).zip(PERCENT).find(|(_, p)| *p >= confidence).map_or(50, |(i, _)| i - 50)
}

/// Without a word for it, a class in need of context stays below the medium band (65 %).
pub(crate) const LOW_MAX: i32 = 5;
