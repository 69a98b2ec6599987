//! Which rows are looked at where not all are.

use crate::content::Worker;
use crate::gather::short;

/// Numbers without a pattern, from a seed; the same seed gives the same (SplitMix64, Steele and others 2014).
///
/// The seed comes from the node's key: who hides a value in a table cannot know which rows will be looked at, and a
/// second look at the same table looks at the same rows.
pub(crate) struct Lot(u64);
impl Lot {
    /// For the table `what`.
    pub(crate) fn new(worker: &Worker<'_>, what: &[u8]) -> Self {
        Self(short(worker.config().key.digest("lot", what)))
    }
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u128) -> u128 {
        let drawn = u128::from(self.next()) << 64 | u128::from(self.next());
        drawn % n.max(1)
    }
    /// A key drawn from one of so many equal parts of the `keys` that begin at `first`, and the last key of that part.
    pub(crate) fn key(&mut self, first: i128, keys: u128, part: u64, parts: u64) -> (i128, i128) {
        let parts = u128::from(parts.max(1));
        // In two steps, so that the product stays in 128 bits.
        let edge = |n: u128| keys / parts * n + keys % parts * n / parts;
        let (low, high) = (edge(u128::from(part)), edge(u128::from(part) + 1));
        let at = |n: u128| first.saturating_add(i128::try_from(n).unwrap_or(i128::MAX));
        (at(low + self.below(high - low)), at(high.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_meet_and_every_key_can_be_drawn() {
        let mut lot = Lot(7);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            for part in 0..4 {
                let (key, last) = lot.key(-5, 10, part, 4);
                assert!(key <= last && (-5..5).contains(&key), "{key} {last}");
                seen.insert(key);
            }
        }
        assert_eq!(seen.len(), 10);
        let (_, last) = lot.key(i128::from(i64::MIN), 1 << 64, 9, 10);
        assert_eq!(last, i128::from(i64::MAX));
    }
}
