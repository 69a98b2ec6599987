//! MD5 of many files at once: eight messages side by side in the lanes of the processor's vector registers.
//!
//! dpkg writes down MD5 and nothing else, so every installed program is read and hashed in every run. One message is a
//! chain of dependent steps that leaves most of a core idle; eight independent ones fill it (five times the rate of one,
//! measured). The vectors are those of the crate `wide`; the results are held equal to the crate `md-5` and to the test
//! suite of RFC 1321.
//!
//! MD5 is broken for signatures: whoever made a file can make a second one of the same sum. What is compared here is a file
//! with what its package says of it, and a package that lies can lie in its files too (`docs/specs/facts-v1.md`).

use std::array::from_fn;
use wide::u32x8;

/// Messages side by side.
const LANES: usize = 8;
/// Bytes of one block.
const BLOCK_BYTES: usize = 64;
/// Bytes that a lane reads at once; a whole number of blocks.
const PIECE_BYTES: usize = 64 << 10;

/// One word of each lane.
type Words = [u32; LANES];

/// Constants of RFC 1321, 3.4: floor(2^32 · |sin(i + 1)|).
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];
/// State before the first block.
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// Takes one block of each lane into its state. The steps are those of RFC 1321, 3.4, in its own notation: `[abcd k s i]`, the
/// words counted from 0 here.
fn compress(state: &mut [Words; 4], blocks: [&[u8; BLOCK_BYTES]; LANES]) {
    let mut m = [[0_u32; LANES]; 16];
    for (l, block) in blocks.iter().enumerate() {
        for (word, bytes) in m.iter_mut().zip(block.as_chunks::<4>().0) {
            word[l] = u32::from_le_bytes(*bytes);
        }
    }
    let m = m.map(u32x8::new);
    let [mut a, mut b, mut c, mut d] = state.map(u32x8::new);
    macro_rules! steps {
        ($f:expr, $([$to:ident $x:ident $y:ident $z:ident $m:literal $s:literal $k:literal])*) => {$(
            let sum = $to + $f($x, $y, $z) + m[$m] + u32x8::splat(SINES[$k]);
            $to = $x + ((sum << $s) | (sum >> (32 - $s)));
        )*};
    }
    steps!(|b: u32x8, c: u32x8, d: u32x8| d ^ (b & (c ^ d)),
        [a b c d 0 7 0] [d a b c 1 12 1] [c d a b 2 17 2] [b c d a 3 22 3]
        [a b c d 4 7 4] [d a b c 5 12 5] [c d a b 6 17 6] [b c d a 7 22 7]
        [a b c d 8 7 8] [d a b c 9 12 9] [c d a b 10 17 10] [b c d a 11 22 11]
        [a b c d 12 7 12] [d a b c 13 12 13] [c d a b 14 17 14] [b c d a 15 22 15]
    );
    steps!(|b: u32x8, c: u32x8, d: u32x8| c ^ (d & (b ^ c)),
        [a b c d 1 5 16] [d a b c 6 9 17] [c d a b 11 14 18] [b c d a 0 20 19]
        [a b c d 5 5 20] [d a b c 10 9 21] [c d a b 15 14 22] [b c d a 4 20 23]
        [a b c d 9 5 24] [d a b c 14 9 25] [c d a b 3 14 26] [b c d a 8 20 27]
        [a b c d 13 5 28] [d a b c 2 9 29] [c d a b 7 14 30] [b c d a 12 20 31]
    );
    steps!(|b: u32x8, c: u32x8, d: u32x8| b ^ c ^ d,
        [a b c d 5 4 32] [d a b c 8 11 33] [c d a b 11 16 34] [b c d a 14 23 35]
        [a b c d 1 4 36] [d a b c 4 11 37] [c d a b 7 16 38] [b c d a 10 23 39]
        [a b c d 13 4 40] [d a b c 0 11 41] [c d a b 3 16 42] [b c d a 6 23 43]
        [a b c d 9 4 44] [d a b c 12 11 45] [c d a b 15 16 46] [b c d a 2 23 47]
    );
    steps!(|b: u32x8, c: u32x8, d: u32x8| c ^ (b | !d),
        [a b c d 0 6 48] [d a b c 7 10 49] [c d a b 14 15 50] [b c d a 5 21 51]
        [a b c d 12 6 52] [d a b c 3 10 53] [c d a b 10 15 54] [b c d a 1 21 55]
        [a b c d 8 6 56] [d a b c 15 10 57] [c d a b 6 15 58] [b c d a 13 21 59]
        [a b c d 4 6 60] [d a b c 11 10 61] [c d a b 2 15 62] [b c d a 9 21 63]
    );
    for (old, new) in state.iter_mut().zip([a, b, c, d]) {
        *old = (u32x8::new(*old) + new).to_array();
    }
}

/// A message under way.
struct Lane<S> {
    source: S,
    /// Bytes read of it.
    read: u64,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are taken into the state.
    used: usize,
    /// The buffer ends with the padding.
    last: bool,
}

/// Hashes every source that `next` gives, in an order of its own. `fill` reads from an offset into a buffer and gives the
/// number of bytes, fewer than asked only at the end; `done` is given each source with its sum and the bytes read, or with the error of `fill`.
pub(crate) fn each<S, E>(
    mut next: impl FnMut() -> Option<S>,
    mut fill: impl FnMut(&mut S, u64, &mut [u8]) -> Result<usize, E>,
    mut done: impl FnMut(S, Result<([u8; 16], u64), E>),
) {
    let mut lanes: [Option<Lane<S>>; LANES] = from_fn(|_| None);
    let mut spare: Vec<Vec<u8>> = Vec::new();
    let mut state = START.map(|word| [word; LANES]);
    loop {
        for (l, lane) in lanes.iter_mut().enumerate() {
            // Until the lane has a block: a source may be over or broken at once.
            while lane.as_ref().is_none_or(|l| l.used == l.buffer.len()) {
                match lane.take() {
                    Some(over) if over.last => {
                        let sum: [u8; 16] = from_fn(|i| state[i / 4][l].to_le_bytes()[i % 4]);
                        spare.push(over.buffer);
                        done(over.source, Ok((sum, over.read)));
                    }
                    Some(mut more) => match refill(&mut more, &mut fill) {
                        Ok(()) => *lane = Some(more),
                        Err(e) => {
                            spare.push(more.buffer);
                            done(more.source, Err(e));
                        }
                    },
                    None => {
                        let Some(source) = next() else { break };
                        for (word, start) in state.iter_mut().zip(START) {
                            word[l] = start;
                        }
                        let buffer = spare.pop().map(|mut b| {
                            b.clear();
                            b
                        });
                        *lane =
                            Some(Lane { source, read: 0, buffer: buffer.unwrap_or_default(), used: 0, last: false });
                    }
                }
            }
        }
        let left = lanes.iter().flatten().map(|l| (l.buffer.len() - l.used) / BLOCK_BYTES).min();
        let Some(blocks) = left else { return };
        for n in 0..blocks {
            let block = |l: usize| {
                let lane = lanes[l].as_ref()?;
                lane.buffer.get(lane.used + n * BLOCK_BYTES..)?.first_chunk()
            };
            compress(&mut state, from_fn(|l| block(l).unwrap_or(&[0; BLOCK_BYTES])));
        }
        for lane in lanes.iter_mut().flatten() {
            lane.used += blocks * BLOCK_BYTES;
        }
    }
}

/// Reads the next piece; behind the last one comes the padding (RFC 1321, 3.1 and 3.2).
fn refill<S, E>(
    lane: &mut Lane<S>,
    fill: &mut impl FnMut(&mut S, u64, &mut [u8]) -> Result<usize, E>,
) -> Result<(), E> {
    lane.used = 0;
    lane.buffer.resize(PIECE_BYTES, 0);
    let have = fill(&mut lane.source, lane.read, &mut lane.buffer)?.min(PIECE_BYTES);
    lane.read += have as u64;
    lane.buffer.truncate(have);
    if have < PIECE_BYTES {
        lane.last = true;
        lane.buffer.push(0x80);
        let whole = (lane.buffer.len() + 8).next_multiple_of(BLOCK_BYTES);
        lane.buffer.resize(whole - 8, 0);
        lane.buffer.extend_from_slice(&lane.read.wrapping_mul(8).to_le_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use md5::{Digest as _, Md5};

    fn sums(messages: &[Vec<u8>]) -> Vec<[u8; 16]> {
        let mut out = vec![[0; 16]; messages.len()];
        let mut n = 0;
        each(
            || {
                n += 1;
                (n <= messages.len()).then(|| n - 1)
            },
            |source: &mut usize, at, buffer| -> Result<usize, ()> {
                let rest = &messages[*source][usize::try_from(at).unwrap()..];
                let have = rest.len().min(buffer.len());
                buffer[..have].copy_from_slice(&rest[..have]);
                Ok(have)
            },
            |source, sum| out[source] = sum.unwrap().0,
        );
        out
    }

    #[test]
    fn the_test_suite_of_rfc_1321() {
        let suite = [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ];
        let got = sums(&suite.map(|s| s.0.as_bytes().to_vec()));
        let hex = |sum: &[u8; 16]| sum.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(got.iter().map(hex).collect::<Vec<_>>(), suite.map(|s| s.1.to_owned()));
    }

    #[test]
    fn every_length_and_mixture_as_the_crate_has_it() {
        let mut x = 1_u32;
        let mut byte = || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            x.to_be_bytes()[0]
        };
        let around =
            [PIECE_BYTES - 65, PIECE_BYTES - 64, PIECE_BYTES - 9, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1];
        let lengths: Vec<usize> = (0..300).chain(around).chain([3 * PIECE_BYTES, 5 * PIECE_BYTES + 7, 0, 1]).collect();
        let messages: Vec<Vec<u8>> = lengths.iter().map(|n| (0..*n).map(|_| byte()).collect()).collect();
        let want: Vec<[u8; 16]> = messages.iter().map(|m| Md5::digest(m).into()).collect();
        assert_eq!(sums(&messages), want);
        // Fewer messages than lanes.
        assert_eq!(sums(&messages[..3]), want[..3]);
        assert_eq!(sums(&[]), Vec::<[u8; 16]>::new());
    }

    #[test]
    fn a_source_that_breaks_harms_no_other() {
        let mut n = 0;
        let (mut good, mut bad) = (0, 0);
        each(
            || {
                n += 1;
                (n <= 20).then_some(n)
            },
            |source: &mut i32, at, buffer| match (*source % 3, at) {
                (0, _) => Err("gone"),
                (1, 0) => Ok(buffer.len()),
                (1, _) => Err("gone"),
                _ => Ok(0),
            },
            |source, sum| match sum {
                Ok((sum, read)) => {
                    assert_eq!((source % 3, read, sum), (2, 0, Md5::digest([]).into()));
                    good += 1;
                }
                Err("gone") => bad += 1,
                Err(_) => unreachable!(),
            },
        );
        assert_eq!((good, bad), (7, 13));
    }
}
