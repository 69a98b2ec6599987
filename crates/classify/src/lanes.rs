//! The vector pass: for each block of 64 units, which of them are digits, capitals, `@` and so on, as bit masks.
//!
//! This is the one module with `unsafe`: AVX2 intrinsics, behind a check that the processor has them. Its scalar
//! twin ([`scalar`]) defines what is right; a property test holds both equal. Nothing here decides anything: what
//! a pattern of bits means is said in [`events`](crate::events), so that the unsafe part has no branches on data.
//!
//! Refused: one mask per detector (their number would decide the speed); wider registers (AVX-512 saves little
//! beside the scalar work that follows each block).
#![expect(unsafe_code, reason = "AVX2 intrinsics; the scalar twin is tested to give the same")]

/// Units in a block.
pub(crate) const BLOCK: usize = 64;

/// What stands in 64 units; bit `i` is unit `i`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Block {
    /// `0` to `9`.
    pub(crate) digit: u64,
    /// `A` to `Z`.
    pub(crate) upper: u64,
    /// 0x80 and above.
    pub(crate) high: u64,
    /// `@`.
    pub(crate) at: u64,
    /// `.`.
    pub(crate) dot: u64,
    /// `-`, a blank, or a tab.
    pub(crate) gap: u64,
    /// `:`.
    pub(crate) colon: u64,
    /// `=`.
    pub(crate) equals: u64,
    /// `>`.
    pub(crate) greater: u64,
    /// Letters, digits and `_`: what words of programs are made of.
    pub(crate) word: u64,
    /// `(`.
    pub(crate) bracket: u64,
}

/// Blocks that are made at once: their masks stay in the first-level cache.
pub(crate) const TILE: usize = 64;

/// The masks of up to [`TILE`] blocks.
pub(crate) type Tile = [Block; TILE];

/// Fills `out` with the masks of `units`, which are no more than a tile; the last block is filled up with zero bytes.
/// Says how many blocks that is. Without `all`, only digits and capitals are looked for; the other masks are zero.
pub(crate) fn blocks(all: bool, units: &[u8], out: &mut Tile) -> usize {
    let (whole, rest) = units.as_chunks::<BLOCK>();
    let n = whole.len().min(TILE);
    pick(all)(&whole[..n], &mut out[..n]);
    match out.get_mut(n) {
        Some(block) if !rest.is_empty() => {
            let mut last = [0; BLOCK];
            last[..rest.len()].copy_from_slice(rest);
            *block = narrowed(all, scalar(&last));
            n + 1
        }
        _ => n,
    }
}

type Pass = fn(&[[u8; BLOCK]], &mut [Block]);

fn pick(all: bool) -> Pass {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return if all {
            // SAFETY: the processor has AVX2, as just asked.
            |whole, out| unsafe { wide::all(whole, out) }
        } else {
            // SAFETY: the same.
            |whole, out| unsafe { wide::runs(whole, out) }
        };
    }
    if all {
        |whole, out| out.iter_mut().zip(whole).for_each(|(block, units)| *block = scalar(units))
    } else {
        |whole, out| out.iter_mut().zip(whole).for_each(|(block, units)| *block = narrowed(false, scalar(units)))
    }
}
/// The masks that are wanted.
fn narrowed(all: bool, block: Block) -> Block {
    if all { block } else { Block { digit: block.digit, upper: block.upper, ..Block::default() } }
}

/// The same by looking at one unit after the other: what the vector pass is held to.
pub(crate) fn scalar(units: &[u8; BLOCK]) -> Block {
    let mut b = Block::default();
    for (i, u) in units.iter().enumerate() {
        let bit = 1u64 << i;
        match u {
            b'0'..=b'9' => b.digit |= bit,
            b'A'..=b'Z' => b.upper |= bit,
            0x80.. => b.high |= bit,
            b'@' => b.at |= bit,
            b'.' => b.dot |= bit,
            b'-' | b' ' | b'\t' => b.gap |= bit,
            b':' => b.colon |= bit,
            b'=' => b.equals |= bit,
            b'>' => b.greater |= bit,
            b'(' => b.bracket |= bit,
            _ => {}
        }
        b.word |= if u.is_ascii_alphanumeric() || *u == b'_' { bit } else { 0 };
    }
    b
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{BLOCK, Block};
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi8, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8,
    };

    #[target_feature(enable = "avx2")]
    fn load(units: &[u8; BLOCK], half: usize) -> __m256i {
        // SAFETY: 32 bytes from the beginning or from the middle of an array of 64; the load needs no alignment.
        unsafe { _mm256_loadu_si256(units.as_ptr().add(half * 32).cast()) }
    }

    /// Bytes from `low` to `low + count - 1`: shifted so that the range begins at the least signed byte, it ends
    /// below one bound.
    #[target_feature(enable = "avx2")]
    fn within(v: __m256i, low: u8, count: u8) -> __m256i {
        let shifted = _mm256_add_epi8(v, _mm256_set1_epi8((0x80u8).wrapping_sub(low).cast_signed()));
        _mm256_cmpgt_epi8(_mm256_set1_epi8((0x80u8).wrapping_add(count).cast_signed()), shifted)
    }
    #[target_feature(enable = "avx2")]
    fn is(v: __m256i, byte: u8) -> __m256i {
        _mm256_cmpeq_epi8(v, _mm256_set1_epi8(byte.cast_signed()))
    }
    #[target_feature(enable = "avx2")]
    fn bits(low: __m256i, high: __m256i) -> u64 {
        let (low, high) = (_mm256_movemask_epi8(low).cast_unsigned(), _mm256_movemask_epi8(high).cast_unsigned());
        u64::from(low) | u64::from(high) << 32
    }
    #[target_feature(enable = "avx2")]
    fn gap(v: __m256i) -> __m256i {
        _mm256_or_si256(_mm256_or_si256(is(v, b'-'), is(v, b' ')), is(v, b'\t'))
    }
    #[target_feature(enable = "avx2")]
    fn word(v: __m256i) -> __m256i {
        // Letters differ from small ones in one bit.
        let letter = within(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), b'a', 26);
        _mm256_or_si256(_mm256_or_si256(letter, within(v, b'0', 10)), is(v, b'_'))
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn runs(whole: &[[u8; BLOCK]], out: &mut [Block]) {
        for (block, units) in out.iter_mut().zip(whole) {
            let (a, b) = (load(units, 0), load(units, 1));
            *block = Block {
                digit: bits(within(a, b'0', 10), within(b, b'0', 10)),
                upper: bits(within(a, b'A', 26), within(b, b'A', 26)),
                ..Block::default()
            };
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn all(whole: &[[u8; BLOCK]], out: &mut [Block]) {
        for (block, units) in out.iter_mut().zip(whole) {
            let (a, b) = (load(units, 0), load(units, 1));
            *block = Block {
                digit: bits(within(a, b'0', 10), within(b, b'0', 10)),
                upper: bits(within(a, b'A', 26), within(b, b'A', 26)),
                high: bits(a, b),
                at: bits(is(a, b'@'), is(b, b'@')),
                dot: bits(is(a, b'.'), is(b, b'.')),
                gap: bits(gap(a), gap(b)),
                colon: bits(is(a, b':'), is(b, b':')),
                equals: bits(is(a, b'='), is(b, b'=')),
                greater: bits(is(a, b'>'), is(b, b'>')),
                word: bits(word(a), word(b)),
                bracket: bits(is(a, b'('), is(b, b'(')),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector pass and its twin, on every byte at every place and on a stream of chance.
    #[test]
    fn both_passes_give_the_same() {
        let mut units: Vec<u8> =
            (0..=255u8).flat_map(|b| (0..BLOCK).map(move |i| if i % 7 == 0 { b } else { b'x' })).collect();
        let mut seed = 0x2545_F491_4F6C_DD1Du64;
        for _ in 0..100_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            units.push(seed.to_le_bytes()[3]);
        }
        for (cut, all) in [0, 1, 63, 64, 65, units.len()].into_iter().flat_map(|cut| [(cut, true), (cut, false)]) {
            let mut out = Vec::new();
            let mut tile = [Block::default(); TILE];
            for part in units[..cut].chunks(BLOCK * TILE) {
                let n = blocks(all, part, &mut tile);
                out.extend_from_slice(&tile[..n]);
            }
            let twin: Vec<Block> = units[..cut]
                .chunks(BLOCK)
                .map(|c| {
                    let mut block = [0; BLOCK];
                    block[..c.len()].copy_from_slice(c);
                    narrowed(all, scalar(&block))
                })
                .collect();
            assert_eq!(out, twin, "{cut} units");
        }
    }
}
