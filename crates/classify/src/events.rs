//! From bit masks to the few places worth a closer look.
//!
//! Everything that identifiers have in common is told from eight masks a block: runs of digits and capitals, groups
//! of digits with something between them, dotted and colon-parted numbers, `@`, a capital after a character that is
//! not ASCII (a number plate). A place is a hint, never a hit: it costs a look and nothing else. Most blocks
//! of prose hold no digit and no capital run and are left after a few operations on words of 64 bits.

use crate::lanes::{self, BLOCK, Block, Fingers, TILE};

/// What may be at a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Event {
    /// A run of at least [`RUN_MIN`] digits and capitals begins, with a digit among its first units or behind.
    Run,
    /// A gap between two groups of at least three digits.
    Groups,
    /// Two dots between digits, two to four apart: an address of the network.
    Dotted,
    /// A decimal number with two or three digits before its point and at least four behind: a coordinate.
    Decimal,
    /// Three colons or four dashes, three apart: a hardware address.
    Colons,
    /// `@`.
    At,
    /// A sign between a name that wakes detectors and its value.
    Label,
    /// What begins like a literal that wakes detectors.
    Literal,
    /// A bracket after at least six digits.
    Bracket,
    /// A capital after a character outside ASCII, then five more digits or capitals.
    Plate,
}

/// A place and what may be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spotted {
    /// Of a run its first unit, of a gap, dot, colon or `@` the place of it, of a plate its capital.
    pub(crate) at: u32,
    pub(crate) event: Event,
}

/// Shortest run of digits and capitals that is looked at.
pub(crate) const RUN_MIN: usize = 8;

/// Which events are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub(crate) groups: bool,
    pub(crate) net: bool,
    pub(crate) decimal: bool,
    pub(crate) at: bool,
    pub(crate) plate: bool,
    pub(crate) bracket: bool,
    /// Which units are outside ASCII.
    pub(crate) high: bool,
}

impl Wanted {
    fn is_more_than_runs(self) -> bool {
        self.groups || self.net || self.decimal || self.at || self.plate || self.bracket || self.high
    }
}

/// This block and the next as one word.
fn pair(this: u64, next: u64) -> u128 {
    u128::from(next) << 64 | u128::from(this)
}
/// The units one before: bit `i` says what bit `i - 1` said; the carry is the block before.
fn back(this: u64, before: u64, by: u32) -> u64 {
    this << by | before >> (64 - by)
}
fn ahead(this: u64, next: u64, by: u32) -> u64 {
    this >> by | next << (64 - by)
}

/// Appends every event of `units` to `out`, by block, within a block by kind; to `high`, 64 units a word, which of them
/// are outside ASCII (only if more than runs is wanted).
pub(crate) fn spot(units: &[u8], wanted: Wanted, triggers: &Triggers, out: &mut Vec<Spotted>, high: &mut Vec<u64>) {
    let mut tile = [Block::default(); TILE];
    let mut spotter = Spotter { wanted, triggers, units, before: Block::default(), runs_before: 0 };
    let all = wanted.is_more_than_runs() || !triggers.is_empty();
    let fingers = all.then_some(&triggers.fingers);
    let mut base = 0;
    while base < units.len() {
        let n = lanes::blocks(fingers, &units[base..(base + BLOCK * TILE).min(units.len())], &mut tile);
        // The last block of a full tile is begun again in the next, where the one after it is known.
        let ends = base + n * BLOCK >= units.len();
        let done = if ends { n } else { n - 1 };
        for i in 0..done {
            let next = if i + 1 < n { tile[i + 1] } else { Block::default() };
            spotter.block(base + i * BLOCK, &tile[i], &next, out);
        }
        high.extend(tile[..done].iter().map(|b| b.high));
        base += done * BLOCK;
    }
}

fn push(out: &mut Vec<Spotted>, base: usize, mut bits: u64, event: Event) {
    while bits != 0 {
        let at = base + bits.trailing_zeros() as usize;
        out.push(Spotted { at: u32::try_from(at).unwrap_or(u32::MAX), event });
        bits &= bits - 1;
    }
}

/// Words that a label may end in after the word that wakes: `passport number:`, `engine no.`, `aws_secret_access_key`.
pub(crate) const CONTINUED: [&str; 9] = ["no", "num", "number", "id", "key", "secret", "token", "code", "address"];

/// Which beginnings of words and which ends of names wake a detector: one bit each of three letters' hash.
pub(crate) struct Triggers {
    fingers: Fingers,
    begins: Vec<u64>,
    ends: Vec<u64>,
    has_literals: bool,
    has_labels: bool,
}
impl Triggers {
    /// Least length of a literal, in bytes.
    pub(crate) const LITERAL_MIN: usize = 3;

    pub(crate) fn new<'w>(literals: impl Iterator<Item = &'w [u8]>, labels: impl Iterator<Item = &'w str>) -> Self {
        let threes: Vec<[u8; 3]> = literals.filter_map(|l| l.first_chunk().copied()).collect();
        let labels: Vec<&str> = labels.collect();
        let (mut begins, mut ends) = (vec![0; 1024], vec![0; 1024]);
        threes.iter().for_each(|three| set(&mut begins, hash(*three)));
        // Without a name that wakes, those that go on one wake nothing.
        let continued = if labels.is_empty() { &[][..] } else { &CONTINUED[..] };
        for label in labels.iter().chain(continued) {
            match *label.as_bytes() {
                [.., a, b, c] => set(&mut ends, hash([a, b, c])),
                // What stands before a name of two letters is open.
                [b, c] => (b'a'..=b'z').chain([0]).for_each(|a| set(&mut ends, hash([a, b, c]))),
                _ => {}
            }
        }
        let (has_literals, has_labels) = (!threes.is_empty(), !labels.is_empty());
        Self { fingers: Fingers::new(threes), begins, ends, has_literals, has_labels }
    }
    fn is_empty(&self) -> bool {
        !self.has_labels && !self.has_literals
    }
    #[inline]
    fn is_literal(&self, units: &[u8], at: usize) -> bool {
        units.get(at..).and_then(<[u8]>::first_chunk::<3>).is_some_and(|three| get(&self.begins, hash(*three)))
    }
    /// True if the name before the sign at `at` may be a label.
    #[inline]
    fn is_label(&self, units: &[u8], at: usize) -> bool {
        let Some(end) = name_end(units, at) else { return false };
        let small = |i: usize| match end.checked_sub(i).and_then(|i| units.get(i)) {
            Some(b) if b.is_ascii_alphabetic() => b | 0x20,
            _ => 0,
        };
        small(1) != 0 && small(2) != 0 && get(&self.ends, hash([small(3), small(2), small(1)]))
    }
}
/// Where the name before the sign at `at` ends: quotes, brackets, digits and blanks may stand between.
pub(crate) fn name_end(units: &[u8], at: usize) -> Option<usize> {
    let between = |b: &u8| matches!(b, b' ' | b'"' | b'\'' | b']' | b'\t' | b'_' | b'-' | b'0'..=b'9');
    let passed = units.get(..at)?.iter().rev().take(4).take_while(|b| between(b)).count();
    Some(at - passed)
}
/// 16 bits of three bytes.
pub(crate) fn hash(three: [u8; 3]) -> usize {
    let word = u32::from_le_bytes([three[0], three[1], three[2], 0]);
    (word.wrapping_mul(0x9E37_79B1) >> 16) as usize
}
fn set(bits: &mut [u64], at: usize) {
    bits[at / 64] |= 1 << (at % 64);
}
fn get(bits: &[u64], at: usize) -> bool {
    bits[at / 64] >> (at % 64) & 1 != 0
}

struct Spotter<'t> {
    wanted: Wanted,
    triggers: &'t Triggers,
    units: &'t [u8],
    before: Block,
    runs_before: u64,
}
impl Spotter<'_> {
    #[inline]
    fn block(&mut self, base: usize, this: &Block, next: &Block, out: &mut Vec<Spotted>) {
        let Self { wanted, triggers, units, before, runs_before } = self;
        let run = this.digit | this.upper;
        if run != 0 {
            let both = pair(run, next.digit | next.upper);
            let two = both & both >> 1;
            let four = two & two >> 2;
            let eight = (four & four >> 4) as u64;
            // A run of capitals alone is a word; a digit shows in one of the two blocks that it may lie in.
            let begins = eight & !back(eight, *runs_before, 1);
            if begins != 0 && this.digit | next.digit != 0 {
                push(out, base, begins, Event::Run);
            }
            if wanted.plate && this.upper != 0 && this.high | before.high != 0 {
                let after_high = this.upper & back(this.high, before.high, 1);
                let six = (four & four >> 2) as u64;
                // `京A·12345`: the dot is outside ASCII, one to three units long.
                let five = four & both >> 4;
                let dotted = (five >> 2 | five >> 3 | five >> 4) as u64 & ahead(this.high, next.high, 1);
                push(out, base, after_high & (six | dotted), Event::Plate);
            }
            *runs_before = eight;
        } else {
            *runs_before = 0;
        }
        // Shifts over two words are slow on some processors: each step is taken only where the one before left a place.
        let digits_back = |by| back(this.digit, before.digit, by);
        let signs = this.dot | this.gap;
        if signs != 0 && this.digit | before.digit != 0 {
            let behind = signs & digits_back(1);
            let gaps = behind & this.gap;
            if wanted.groups && gaps != 0 {
                let gaps = gaps & digits_back(2) & digits_back(3);
                if gaps != 0 {
                    let ahead_by = |by| ahead(this.digit, next.digit, by);
                    push(out, base, gaps & ahead_by(1) & ahead_by(2) & ahead_by(3), Event::Groups);
                }
            }
            let points = behind & this.dot;
            if (wanted.net || wanted.decimal) && points != 0 {
                let ahead_by = |by| ahead(this.digit, next.digit, by);
                let points = points & ahead_by(1);
                if wanted.net && points != 0 {
                    let again =
                        ahead(this.dot, next.dot, 2) | ahead(this.dot, next.dot, 3) | ahead(this.dot, next.dot, 4);
                    push(out, base, points & again, Event::Dotted);
                }
                if wanted.decimal && points != 0 {
                    let points = points & ahead_by(2) & ahead_by(3);
                    if points != 0 {
                        push(out, base, points & ahead_by(4) & digits_back(2) & !digits_back(4), Event::Decimal);
                    }
                }
            }
        }
        if wanted.bracket && this.bracket != 0 && this.digit | before.digit != 0 {
            let back_by = |by| back(this.digit, before.digit, by);
            let six = (1..=6).fold(this.bracket, |all, by| all & back_by(by));
            push(out, base, six, Event::Bracket);
        }
        if this.colon | this.equals | this.greater != 0 && triggers.has_labels {
            // One sign alone, `=>`, or the end of a tag; `::`, `==`, `->` and `>>` part other things.
            let (single, single_before) = (this.colon | this.equals, before.colon | before.equals);
            let beside = back(single | this.greater, single_before | before.greater, 1)
                | ahead(single | this.greater, next.colon | next.equals | next.greater, 1);
            let mut signs = single & !beside;
            if this.greater != 0 {
                let arrow = this.greater & back(this.equals, before.equals, 1) & !back(this.equals, before.equals, 2);
                let others = (single | this.greater | this.gap, single_before | before.greater | before.gap);
                signs |= arrow | (this.greater & !back(others.0, others.1, 1));
            }
            while signs != 0 {
                let at = base + signs.trailing_zeros() as usize;
                if triggers.is_label(units, at) {
                    out.push(Spotted { at: u32::try_from(at).unwrap_or(u32::MAX), event: Event::Label });
                }
                signs &= signs - 1;
            }
        }
        // A word begins here, or it is a literal of signs.
        let mut begins = ahead(this.third, next.third, 2);
        if begins != 0 {
            begins &= !(this.word & back(this.word, before.word, 1));
            while begins != 0 {
                let at = base + begins.trailing_zeros() as usize;
                if triggers.is_literal(units, at) {
                    out.push(Spotted { at: u32::try_from(at).unwrap_or(u32::MAX), event: Event::Literal });
                }
                begins &= begins - 1;
            }
        }
        if wanted.net && this.colon != 0 {
            let twice = this.colon & ahead(this.colon, next.colon, 3);
            if twice != 0 {
                push(out, base, twice & ahead(this.colon, next.colon, 6), Event::Colons);
            }
        }
        if wanted.net && this.gap != 0 && this.digit | next.digit != 0 {
            let twice = this.gap & ahead(this.gap, next.gap, 3);
            if twice != 0 {
                let thrice = twice & ahead(this.gap, next.gap, 6);
                push(out, base, thrice & ahead(this.gap, next.gap, 9), Event::Colons);
            }
        }
        if wanted.at && this.at != 0 {
            push(out, base, this.at, Event::At);
        }
        *before = *this;
    }
}
