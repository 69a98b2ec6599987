//! Texts that are the whole of a value, its beginning or its end: by hash of the value, or of as many of its first or last bytes as a few sizes allow.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Keys of these maps are hashes or small numbers of rules, never of events: no event can choose them.
pub(crate) type Quick<K, V> = HashMap<K, V, BuildHasherDefault<Mixed>>;

pub(crate) fn quick<K, V>() -> Quick<K, V> {
    Quick::default()
}

/// One multiplication.
#[derive(Default)]
pub(crate) struct Mixed(u64);
impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes) ^ self.0.rotate_left(7);
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        let wide = u128::from(n ^ self.0 ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        self.0 = (wide as u64) ^ (wide >> 64) as u64;
    }
}

/// Eight bytes at a time.
#[inline]
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9fb2_1c65_1e98_df25;
    let mix = |h: u64, n: u64| {
        let wide = u128::from(h ^ n) * u128::from(K);
        (wide as u64) ^ (wide >> 64) as u64
    };
    let mut h = 0x2545_f491_4f6c_dd1d ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        h = mix(h, u64::from_le_bytes(chunk.try_into().expect("it is eight bytes")));
    }
    let mut rest = 0;
    for byte in chunks.remainder() {
        rest = rest << 8 | u64::from(*byte);
    }
    mix(h, rest.wrapping_add(0x517c_c1b7_2722_0a95))
}

/// Sizes of beginnings and ends that are hashed.
const SIZES: [usize; 9] = [1, 2, 3, 4, 6, 8, 12, 16, 24];

/// Which part of a value is compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Side {
    Whole,
    Start,
    End,
}

/// Texts of one side.
pub(crate) struct Ends {
    side: Side,
    /// The sizes that occur, as bits of `SIZES`.
    sizes: u16,
    table: Quick<u64, Box<[u32]>>,
    texts: Box<[Box<[u8]>]>,
}

impl Ends {
    /// Texts are known by their place in the list. An empty one is only sought as a whole.
    pub(crate) fn new(side: Side, texts: &[&[u8]]) -> Self {
        let mut sizes = 0;
        let mut table: Quick<u64, Vec<u32>> = quick();
        for (at, text) in texts.iter().enumerate() {
            let key = match side {
                Side::Whole => hash(text),
                _ => {
                    let Some(n) = SIZES.iter().rposition(|s| *s <= text.len()) else { continue };
                    sizes |= 1 << n;
                    hash(part(side, text, SIZES[n]))
                }
            };
            table.entry(key).or_default().push(u32::try_from(at).expect("limits on files keep texts few"));
        }
        let table = table.into_iter().map(|(k, v)| (k, v.into_boxed_slice())).collect();
        Self { side, sizes, table, texts: texts.iter().map(|t| (*t).into()).collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Says each text that the value is, begins with or ends with, once.
    #[inline]
    pub(crate) fn find(&self, value: &[u8], mut found: impl FnMut(u32)) {
        if self.side == Side::Whole {
            if let Some(same) = self.table.get(&hash(value)) {
                same.iter().filter(|n| &*self.texts[**n as usize] == value).for_each(|n| found(*n));
            }
            return;
        }
        let mut sizes = self.sizes;
        while sizes != 0 {
            let size = SIZES[sizes.trailing_zeros() as usize];
            sizes &= sizes - 1;
            if size > value.len() {
                return;
            }
            if let Some(same) = self.table.get(&hash(part(self.side, value, size))) {
                for n in same {
                    let text = &*self.texts[*n as usize];
                    let there = if self.side == Side::Start { value.starts_with(text) } else { value.ends_with(text) };
                    if there {
                        found(*n);
                    }
                }
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.texts.iter().map(|t| t.len() + 16).sum::<usize>() + self.table.len() * 48
    }
}

fn part(side: Side, text: &[u8], size: usize) -> &[u8] {
    if side == Side::Start { &text[..size] } else { &text[text.len() - size..] }
}
