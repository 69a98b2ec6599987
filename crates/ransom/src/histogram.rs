//! How often each byte value occurs, and whether that looks like chance.
//!
//! Chi-square against the even distribution, in whole tenths so that every machine computes the same. Entropy was refused: a
//! compressed block has as much of it as an encrypted one, and 64 encrypted bytes in 4 KiB of text do not move it. What
//! chance looks like does not depend on which value is which, so a guard counts *veiled* values ([`Veil`]).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Chi-square with 255 degrees of freedom lies below this for 99.9 % of random contents. Tenths.
pub const CHI_RANDOM_MAX: u64 = 3_300;
/// And above this for 99.9 %: a content more even than chance (a counter, a test picture) is not random either. Tenths.
pub const CHI_RANDOM_MIN: u64 = 1_850;
/// Chi-square is not asked of fewer bytes.
pub const CHI_BYTES_MIN: u64 = 64;

/// A permutation of the byte values. With a secret one, a recorded histogram does not say which letters or digits a change held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Veil(Box<[u8; 256]>);
impl Veil {
    /// Leaves every value as it is: for tests.
    #[must_use]
    pub fn none() -> Self {
        let mut all = Box::new([0; 256]);
        all.iter_mut().zip(0..=255).for_each(|(slot, value)| *slot = value);
        Self(all)
    }
    /// From 256 random bytes (Fisher and Yates; slightly uneven, which does no harm here). The same veil serves a whole trace.
    #[must_use]
    pub fn from_random(bytes: &[u8; 256]) -> Self {
        let mut veil = Self::none();
        for at in (1..256).rev() {
            veil.0.swap(at, usize::from(bytes[at]) % (at + 1));
        }
        veil
    }
    pub(crate) fn of(&self, byte: u8) -> u8 {
        self.0[usize::from(byte)]
    }
}

/// Counts of the 256 byte values. In a trace: an array of 256 numbers, or an empty one if nothing was counted.
#[derive(Clone, PartialEq, Eq)]
pub struct Histogram(Box<[u32; 256]>);
impl Default for Histogram {
    fn default() -> Self {
        Self(Box::new([0; 256]))
    }
}
impl Histogram {
    /// The histogram of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        bytes.iter().for_each(|b| all.add(*b));
        all
    }
    /// Counts one more. Saturates.
    pub fn add(&mut self, byte: u8) {
        let slot = &mut self.0[usize::from(byte)];
        *slot = slot.saturating_add(1);
    }
    /// Adds the counts of another. Saturates.
    pub fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0.iter()).for_each(|(a, b)| *a = a.saturating_add(*b));
    }
    /// How many bytes were counted.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|n| u64::from(*n)).sum()
    }
    /// Chi-square against the even distribution, in tenths; `None` under [`CHI_BYTES_MIN`] bytes.
    #[must_use]
    pub fn chi(&self) -> Option<u64> {
        let n = u128::from(self.bytes());
        if n < u128::from(CHI_BYTES_MIN) {
            return None;
        }
        let squares: u128 = self.0.iter().map(|c| u128::from(*c) * u128::from(*c)).sum();
        u64::try_from((2560 * squares / n).saturating_sub(10 * n)).ok()
    }
    /// Whether the counts are those of chance. Under 64 KiB much that is compressed looks so too; see `docs/specs/ransom-v1.md` §4.
    #[must_use]
    pub fn looks_random(&self) -> bool {
        self.chi().is_some_and(|chi| (CHI_RANDOM_MIN..=CHI_RANDOM_MAX).contains(&chi))
    }
}
impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Histogram({} bytes, chi {:?})", self.bytes(), self.chi())
    }
}
impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let all: &[u32] = if self.bytes() == 0 { &[] } else { self.0.as_slice() };
        all.serialize(s)
    }
}
impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let all = Vec::<u32>::deserialize(d)?;
        if all.is_empty() {
            return Ok(Self::default());
        }
        let counts: Box<[u32; 256]> =
            all.try_into().map_err(|_| D::Error::custom("a histogram has 0 or 256 counts"))?;
        if counts.iter().all(|n| *n == 0) {
            return Err(D::Error::custom("a histogram of nothing is written as an empty array"));
        }
        Ok(Self(counts))
    }
}
