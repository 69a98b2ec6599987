//! Which bytes of a file change, and into what: an exclusive or with a stream that looks random, its own inverse.

/// Which bytes of a file are changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pattern {
    /// All.
    Whole,
    /// The first so many.
    Head(u64),
    /// Of every `period` bytes the first `on`.
    Period {
        /// Changed bytes.
        on: u64,
        /// Distance between the beginnings.
        period: u64,
    },
}

impl Pattern {
    /// Whether the byte at an offset is changed.
    #[must_use]
    pub fn covers(self, offset: u64) -> bool {
        match self {
            Self::Whole => true,
            Self::Head(bytes) => offset < bytes,
            Self::Period { on, period } => offset % period < on,
        }
    }
    /// Ranges of a file of `bytes` bytes: beginning and end.
    #[must_use]
    pub fn ranges(self, bytes: u64) -> Vec<(u64, u64)> {
        let (on, period) = match self {
            Self::Whole => (bytes, bytes),
            Self::Head(head) => (head, bytes),
            Self::Period { on, period } => (on, period),
        };
        let begins = (0..bytes).step_by(usize::try_from(period.max(1)).unwrap_or(usize::MAX));
        begins.map(|from| (from, (from + on).min(bytes))).collect()
    }
}

/// The key of a run: on disk before the first change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key(pub u64);

impl Key {
    /// Changes a content in the places of a pattern; a second time, it is as it was. `file` is its number.
    pub fn apply(self, pattern: Pattern, file: u64, bytes: &mut [u8]) {
        for (from, to) in pattern.ranges(bytes.len() as u64) {
            let (from, to) = (usize::try_from(from).unwrap_or(usize::MAX), usize::try_from(to).unwrap_or(usize::MAX));
            for (at, byte) in bytes[from..to].iter_mut().enumerate() {
                *byte ^= self.stream(file, (from + at) as u64);
            }
        }
    }
    /// The byte of the stream at an offset (SplitMix64's finaliser over key, file and block).
    fn stream(self, file: u64, offset: u64) -> u8 {
        let mut z =
            self.0 ^ file.wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ (offset / 8).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).to_le_bytes()[(offset % 8) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_is_never_and_only_the_pattern_changes() {
        let plain: Vec<u8> = (0..20_000_u32).map(|n| (n % 97) as u8).collect();
        for pattern in [
            Pattern::Whole,
            Pattern::Head(4096),
            Pattern::Period { on: 16, period: 32 },
            Pattern::Period { on: 64, period: 4096 },
        ] {
            let mut other = plain.clone();
            Key(7).apply(pattern, 3, &mut other);
            let outside = (0_u64..).zip(plain.iter().zip(&other)).filter(|(at, _)| !pattern.covers(*at));
            assert!(outside.clone().all(|(_, (a, b))| a == b), "{pattern:?}");
            assert!(other != plain);
            Key(7).apply(pattern, 3, &mut other);
            assert_eq!(other, plain);
        }
    }
}
