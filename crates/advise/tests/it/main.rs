//! What a user of advisories sees: which version is later, what is read and refused, what matches.

mod corpora;
mod import;
mod matching;
mod sbom;
mod versions;

/// A small generator of numbers (xorshift), so that a failing case can be run again.
pub(crate) struct Chance(pub(crate) u64);
impl Chance {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("below a usize")
    }
    /// One of them.
    pub(crate) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
