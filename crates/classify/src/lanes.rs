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
    /// Third units of what may be the beginning of a literal, see [`Fingers`].
    pub(crate) third: u64,
}

/// The first three bytes of literals, in eight groups: of each group which half-bytes stand at each of the three places
/// (the fingerprints of Teddy, from the Hyperscan project). What passes may be a literal; what does not is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fingers {
    low: [[u8; 16]; 3],
    high: [[u8; 16]; 3],
}
impl Fingers {
    /// For these beginnings, each of ASCII.
    pub(crate) fn new(mut threes: Vec<[u8; 3]>) -> Self {
        let mut this = Self { low: [[0; 16]; 3], high: [[0; 16]; 3] };
        // Neighbours in a group share their half-bytes.
        threes.sort_unstable();
        threes.dedup();
        let each = threes.len().div_ceil(8).max(1);
        for (group, threes) in (0..8).zip(threes.chunks(each)) {
            for three in threes {
                for (place, b) in three.iter().enumerate() {
                    this.low[place][usize::from(b & 15)] |= 1 << group;
                    this.high[place][usize::from(b >> 4)] |= 1 << group;
                }
            }
        }
        this
    }
    /// True if three units may begin a literal.
    fn may(&self, three: [u8; 3]) -> bool {
        let at = |place: usize| {
            let b = three[place];
            self.low[place][usize::from(b & 15)] & self.high[place][usize::from(b >> 4)]
        };
        at(0) & at(1) & at(2) != 0
    }
}

/// Blocks that are made at once: their masks stay in the first-level cache.
pub(crate) const TILE: usize = 64;

/// The masks of up to [`TILE`] blocks.
pub(crate) type Tile = [Block; TILE];

/// Fills `out` with the masks of `units`, which are no more than a tile; the last block is filled up with zero bytes.
/// Says how many blocks that is. Without `fingers`, only digits and capitals are looked for; the other masks are zero.
/// What begins before `units` does not end in it.
pub(crate) fn blocks(fingers: Option<&Fingers>, units: &[u8], out: &mut Tile) -> usize {
    let (whole, rest) = units.as_chunks::<BLOCK>();
    let n = whole.len().min(TILE);
    pass(fingers, &whole[..n], &mut out[..n]);
    match out.get_mut(n) {
        Some(block) if !rest.is_empty() => {
            let mut last = [0; BLOCK];
            last[..rest.len()].copy_from_slice(rest);
            *block = scalar(fingers, whole.last(), &last);
            n + 1
        }
        _ => n,
    }
}

fn pass(fingers: Option<&Fingers>, whole: &[[u8; BLOCK]], out: &mut [Block]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        match fingers {
            // SAFETY: the processor has AVX2, as just asked.
            Some(fingers) => unsafe { wide::all(fingers, whole, out) },
            // SAFETY: the same.
            None => unsafe { wide::runs(whole, out) },
        }
        return;
    }
    twin(fingers, whole, out);
}
fn twin(fingers: Option<&Fingers>, whole: &[[u8; BLOCK]], out: &mut [Block]) {
    let before = std::iter::once(None).chain(whole.iter().map(Some));
    for ((block, before), units) in out.iter_mut().zip(before).zip(whole) {
        *block = scalar(fingers, before, units);
    }
}

/// The same by looking at one unit after the other: what the vector pass is held to.
pub(crate) fn scalar(fingers: Option<&Fingers>, before: Option<&[u8; BLOCK]>, units: &[u8; BLOCK]) -> Block {
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
    let Some(fingers) = fingers else {
        return Block { digit: b.digit, upper: b.upper, ..Block::default() };
    };
    for i in 0..BLOCK {
        let at = |back: usize| match i.checked_sub(back) {
            Some(i) => Some(units[i]),
            None => before.map(|before| before[BLOCK + i - back]),
        };
        if let (Some(first), Some(second)) = (at(2), at(1)) {
            b.third |= u64::from(fingers.may([first, second, units[i]])) << i;
        }
    }
    b
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{BLOCK, Block, Fingers};
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_add_epi8, _mm256_alignr_epi8, _mm256_and_si256,
        _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_permute2x128_si256, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
        _mm256_srli_epi16,
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
    fn table(of: &[u8; 16]) -> __m256i {
        // SAFETY: 16 bytes of an array of 16; the load needs no alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(of.as_ptr().cast::<__m128i>()) })
    }
    /// `v`, moved by `BY` bytes behind the last ones of what came before.
    #[target_feature(enable = "avx2")]
    fn behind<const BY: i32>(v: __m256i, before: __m256i) -> __m256i {
        // The upper half of what came before, then the lower half of `v`.
        let between = _mm256_permute2x128_si256::<0x21>(before, v);
        if BY == 1 { _mm256_alignr_epi8::<15>(v, between) } else { _mm256_alignr_epi8::<14>(v, between) }
    }
    /// The groups that each unit may belong to at each of the three places.
    #[target_feature(enable = "avx2")]
    fn groups(tables: &[[__m256i; 2]; 3], v: __m256i) -> [__m256i; 3] {
        let half = _mm256_set1_epi8(15);
        let (low, high) = (_mm256_and_si256(v, half), _mm256_and_si256(_mm256_srli_epi16::<4>(v), half));
        tables.map(|[l, h]| _mm256_and_si256(_mm256_shuffle_epi8(l, low), _mm256_shuffle_epi8(h, high)))
    }
    /// Which units are the third of what may be a literal, as a vector of groups.
    #[target_feature(enable = "avx2")]
    fn third(this: [__m256i; 3], before: [__m256i; 3]) -> __m256i {
        let two = _mm256_and_si256(behind::<2>(this[0], before[0]), behind::<1>(this[1], before[1]));
        _mm256_and_si256(two, this[2])
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn all(fingers: &Fingers, whole: &[[u8; BLOCK]], out: &mut [Block]) {
        let mut tables = [[_mm256_setzero_si256(); 2]; 3];
        for ((to, low), high) in tables.iter_mut().zip(&fingers.low).zip(&fingers.high) {
            *to = [table(low), table(high)];
        }
        let zero = _mm256_setzero_si256();
        let mut before = [zero; 3];
        for (block, units) in out.iter_mut().zip(whole) {
            let (a, b) = (load(units, 0), load(units, 1));
            let (first, second) = (groups(&tables, a), groups(&tables, b));
            let none = |v| _mm256_cmpeq_epi8(v, zero);
            let third = !bits(none(third(first, before)), none(third(second, first)));
            before = second;
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
                third,
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
        let fingers = Fingers::new([*b"xxx", *b"abc", *b".DB", *b"AKI", *b"x7x", *b"-x-"].to_vec());
        for (cut, all) in [0, 1, 63, 64, 65, units.len()].into_iter().flat_map(|cut| [(cut, true), (cut, false)]) {
            let fingers = all.then_some(&fingers);
            let (mut out, mut expect) = (Vec::new(), Vec::new());
            let mut tile = [Block::default(); TILE];
            for part in units[..cut].chunks(BLOCK * TILE) {
                let n = blocks(fingers, part, &mut tile);
                out.extend_from_slice(&tile[..n]);
                let mut last: Option<[u8; BLOCK]> = None;
                for c in part.chunks(BLOCK) {
                    let mut block = [0; BLOCK];
                    block[..c.len()].copy_from_slice(c);
                    expect.push(scalar(fingers, last.as_ref(), &block));
                    last = Some(block);
                }
            }
            assert_eq!(out, expect, "{cut} units");
        }
        let mut tile = [Block::default(); TILE];
        blocks(Some(&fingers), b"a.DB1 abcabd", &mut tile);
        assert_eq!(tile[0].third, 1 << 3 | 1 << 8, "of what is no literal's beginning nothing passes here");
    }
}
