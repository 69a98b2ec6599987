//! Sets of Chinese characters that answer in one step: a bit for each of U+4E00 to U+9FFF, laid down at compile time.

const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;

/// True for the characters that names and addresses are written with.
pub(super) fn is_han(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

/// A set of characters of the basic block.
pub(super) struct HanSet([u64; 328]);
impl HanSet {
    /// All characters of `text` that lie in the block; blanks and line ends are left out.
    pub(super) const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut bits = [0u64; 328];
        let mut i = 0;
        while i < bytes.len() {
            if bytes[i] & 0xF0 == 0xE0 {
                let c = (bytes[i] as u32 & 0x0F) << 12 | (bytes[i + 1] as u32 & 0x3F) << 6 | bytes[i + 2] as u32 & 0x3F;
                if c >= FIRST && c <= LAST {
                    let n = (c - FIRST) as usize;
                    bits[n / 64] |= 1 << (n % 64);
                }
                i += 3;
            } else {
                i += 1;
            }
        }
        Self(bits)
    }
    /// True if `c` is in the set.
    pub(super) fn has(&self, c: char) -> bool {
        let n = u32::from(c).wrapping_sub(FIRST) as usize;
        self.0.get(n / 64).is_some_and(|word| word >> (n % 64) & 1 == 1)
    }
    /// How many characters are in it.
    #[cfg(test)]
    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_strangers() {
        let set = HanSet::of("王李 一\n龥ab");
        assert_eq!(set.count(), 4);
        assert!(set.has('王') && set.has('李') && set.has('一') && set.has('龥'));
        assert!(!set.has('丁') && !set.has('a') && !set.has('\u{10FFFF}') && !set.has('\0'));
    }
}
