//! Many texts sought in one text at once.
//!
//! Of every needle four bytes are chosen, as rare as can be. The haystack is passed once, four bytes at each place are hashed and looked up in a bit
//! table that fits the first cache; only where a bit is set the chosen bytes are looked up, then the needles compared. No step waits for the one
//! before, as each does in an automaton, and 7,000 needles take some 300 KiB and some milliseconds where a dense automaton takes 30 MiB.
//! Needles of two and three bytes go by a table of all two-byte values, of one byte by a table of bytes.

use crate::ends::quick;

/// What is common in logs: four bytes from here are a bad choice.
const COMMON: &str = "c:\\windows\\system32\\ c:\\program files (x86)\\ c:\\programdata\\microsoft\\windows\\ c:\\users\\administrator\\appdata\\local\\temp\\ \
    appdata\\roaming\\microsoft\\ .exe .dll .ps1 .bat .cmd .vbs .tmp .txt .log .dat .sys \\registry\\machine\\software\\microsoft\\windows\\currentversion\\ \
    hklm\\system\\currentcontrolset\\services\\ hkcu\\software\\ hku\\s-1-5-21- wow6432node\\ \\explorer \\run \\policies\\ \\windowspowershell\\v1.0\\powershell.exe \
    cmd.exe /c svchost.exe -k netsvcs -p -s rundll32.exe regsvr32.exe microsoft.net\\framework64\\ system.management.automation \
    http://www. https:// .com .org .net .microsoft.com 0x00 00000000 127.0.0.1 md5= sha1= sha256= imphash= nt authority\\system \
    microsoft corporation windows operating system defender service control manager -command -noprofile -executionpolicy bypass \
    new-object system.net. invoke- get-item set-item write-host function param( string int32 -path $env: \\device\\harddiskvolume";

pub(crate) struct Needles {
    /// One bit a hash of four bytes.
    seen: Box<[u64]>,
    shift: u32,
    /// From the four bytes to a range of `items`; open addressing, an empty slot has no items.
    slots: Box<[Slot]>,
    items: Box<[Item]>,
    /// One bit for each two bytes that begin a needle of two or three; empty if there is none.
    pairs: Box<[u64]>,
    /// Sorted by the two bytes, as number.
    short: Box<[(u16, u32)]>,
    /// Needles of one byte.
    bytes: Box<[(u8, u32)]>,
    bytes_set: [u64; 4],
    /// All needles' bytes, and where each ends.
    text: Box<[u8]>,
    bounds: Box<[u32]>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    gram: u32,
    from: u32,
    len: u32,
}

#[derive(Clone, Copy)]
struct Item {
    needle: u32,
    /// Where in the needle the chosen bytes are.
    offset: u32,
}

fn spread(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1)
}

fn gram_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Needles {
    /// Needles are known by their place in the list; an empty one is never found.
    pub(crate) fn new(needles: &[&[u8]]) -> Self {
        let mut text = Vec::new();
        let mut bounds = vec![0u32];
        for needle in needles {
            text.extend_from_slice(needle);
            bounds.push(u32::try_from(text.len()).expect("limits on files keep needles below 4 GiB"));
        }
        let mut common = quick::<u32, u32>();
        for window in COMMON.as_bytes().windows(4) {
            *common.entry(gram_at(window, 0)).or_insert(0) += 1;
        }
        let mut load = quick::<u32, u32>();
        let mut chosen: Vec<(u32, Item)> = Vec::new();
        for (at, needle) in needles.iter().enumerate().filter(|(_, n)| n.len() >= 4) {
            let cost = |offset: &usize| {
                let gram = gram_at(needle, *offset);
                let known = common.get(&gram).copied().unwrap_or(0).min(8) * 64;
                known + load.get(&gram).copied().unwrap_or(0)
            };
            // Long needles are no better chosen than their first hundred places allow.
            let offset = (0..=(needle.len() - 4).min(100)).min_by_key(cost).expect("it has at least four bytes");
            let gram = gram_at(needle, offset);
            *load.entry(gram).or_insert(0) += 1;
            let (needle, offset) = (number(at), number(offset));
            chosen.push((gram, Item { needle, offset }));
        }
        chosen.sort_by_key(|(gram, _)| *gram);
        let bits = (load.len().max(64) * 24).next_power_of_two().trailing_zeros().min(20);
        let mut made = Self {
            seen: vec![0; (1 << bits) / 64].into(),
            shift: 32 - bits,
            slots: vec![Slot::default(); (load.len() * 2 + 1).next_power_of_two()].into(),
            items: chosen.iter().map(|(_, item)| *item).collect(),
            pairs: Box::default(),
            short: Box::default(),
            bytes: Box::default(),
            bytes_set: [0; 4],
            text: text.into(),
            bounds: bounds.into(),
        };
        made.fill(&chosen);
        made.fill_short(needles);
        made
    }

    fn fill(&mut self, chosen: &[(u32, Item)]) {
        let mut from = 0;
        for group in chosen.chunk_by(|a, b| a.0 == b.0) {
            let gram = group[0].0;
            let bit = spread(gram) >> self.shift;
            self.seen[bit as usize / 64] |= 1 << (bit % 64);
            let mask = self.slots.len() - 1;
            let mut at = spread(gram) as usize >> 7 & mask;
            while self.slots[at].len != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = Slot { gram, from: number(from), len: number(group.len()) };
            from += group.len();
        }
    }

    fn fill_short(&mut self, needles: &[&[u8]]) {
        let of_len = |len: std::ops::RangeInclusive<usize>| {
            needles.iter().enumerate().filter(move |(_, n)| len.contains(&n.len()))
        };
        let pair = |n: &[u8]| u16::from_le_bytes([n[0], n[1]]);
        let mut short: Vec<(u16, u32)> = of_len(2..=3).map(|(at, n)| (pair(n), number(at))).collect();
        short.sort_unstable();
        if !short.is_empty() {
            self.pairs = vec![0; 1024].into();
        }
        for (pair, _) in &short {
            self.pairs[*pair as usize / 64] |= 1 << (pair % 64);
        }
        self.short = short.into();
        self.bytes = of_len(1..=1).map(|(at, n)| (n[0], number(at))).collect();
        for (byte, _) in &self.bytes {
            self.bytes_set[*byte as usize / 64] |= 1 << (byte % 64);
        }
    }

    fn needle(&self, n: u32) -> &[u8] {
        &self.text[self.bounds[n as usize] as usize..self.bounds[n as usize + 1] as usize]
    }

    /// Says each needle that is in the text, some more than once.
    #[inline]
    pub(crate) fn find(&self, text: &[u8], mut found: impl FnMut(u32)) {
        if !self.items.is_empty() {
            for (at, window) in text.windows(4).enumerate() {
                let gram = u32::from_le_bytes([window[0], window[1], window[2], window[3]]);
                let bit = spread(gram) >> self.shift;
                if self.seen[bit as usize / 64] >> (bit % 64) & 1 != 0 {
                    self.look(text, at, gram, &mut found);
                }
            }
        }
        if !self.short.is_empty() {
            for (at, window) in text.windows(2).enumerate() {
                let pair = u16::from_le_bytes([window[0], window[1]]);
                if self.pairs[pair as usize / 64] >> (pair % 64) & 1 != 0 {
                    let from = self.short.partition_point(|s| s.0 < pair);
                    let same = self.short[from..].iter().take_while(|s| s.0 == pair);
                    same.filter(|s| text[at..].starts_with(self.needle(s.1))).for_each(|s| found(s.1));
                }
            }
        }
        if !self.bytes.is_empty() {
            for byte in text.iter().filter(|b| self.bytes_set[**b as usize / 64] >> (**b % 64) & 1 != 0) {
                self.bytes.iter().filter(|(b, _)| b == byte).for_each(|(_, n)| found(*n));
            }
        }
    }

    #[inline(never)]
    fn look(&self, text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(u32)) {
        let mask = self.slots.len() - 1;
        let mut slot = spread(gram) as usize >> 7 & mask;
        let slot = loop {
            let here = self.slots[slot];
            if here.len == 0 {
                return;
            }
            if here.gram == gram {
                break here;
            }
            slot = (slot + 1) & mask;
        };
        for item in &self.items[slot.from as usize..(slot.from + slot.len) as usize] {
            let needle = self.needle(item.needle);
            let Some(from) = at.checked_sub(item.offset as usize) else { continue };
            if text.get(from..from + needle.len()) == Some(needle) {
                found(item.needle);
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.seen.len() * 8
            + self.slots.len() * 12
            + self.items.len() * 8
            + self.pairs.len() * 8
            + self.text.len()
            + self.bounds.len() * 4
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).expect("limits on files keep this below 4 G")
}

/// Whether this text is part of what every log is full of.
pub(crate) fn is_common(text: &str) -> bool {
    COMMON.contains(text)
}
