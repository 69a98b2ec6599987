//! From bit masks to the few places worth a closer look.
//!
//! Everything that identifiers have in common is told from eight masks a block: runs of digits and capitals, groups
//! of digits with something between them, dotted and colon-parted numbers, `@`, a capital after a character that is
//! not ASCII (a number plate). A place is a hint, never a hit: it costs a look and nothing else. Most blocks
//! of prose hold no digit and no capital run and are left after a few operations on words of 64 bits.

use crate::lanes::{self, BLOCK, Block, TILE};

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
    /// `=`, `:` or `>` that may stand between a name and its value.
    Label,
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
    pub(crate) label: bool,
    pub(crate) bracket: bool,
}

impl Wanted {
    fn is_more_than_runs(self) -> bool {
        self.groups || self.net || self.decimal || self.at || self.plate || self.label || self.bracket
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

/// Appends every event of `units` to `out`, by block, within a block by kind.
pub(crate) fn spot(units: &[u8], wanted: Wanted, out: &mut Vec<Spotted>) {
    let mut tile = [Block::default(); TILE];
    let mut spotter = Spotter { wanted, before: Block::default(), runs_before: 0 };
    let mut base = 0;
    while base < units.len() {
        let n =
            lanes::blocks(wanted.is_more_than_runs(), &units[base..(base + BLOCK * TILE).min(units.len())], &mut tile);
        // The last block of a full tile is begun again in the next, where the one after it is known.
        let ends = base + n * BLOCK >= units.len();
        let done = if ends { n } else { n - 1 };
        for i in 0..done {
            let next = if i + 1 < n { tile[i + 1] } else { Block::default() };
            spotter.block(base + i * BLOCK, &tile[i], &next, out);
        }
        base += done * BLOCK;
    }
}

struct Spotter {
    wanted: Wanted,
    before: Block,
    runs_before: u64,
}
impl Spotter {
    #[inline]
    fn block(&mut self, base: usize, this: &Block, next: &Block, out: &mut Vec<Spotted>) {
        let Self { wanted, before, runs_before } = self;
        let mut push = |mut bits: u64, event: Event| {
            while bits != 0 {
                let at = base + bits.trailing_zeros() as usize;
                out.push(Spotted { at: u32::try_from(at).unwrap_or(u32::MAX), event });
                bits &= bits - 1;
            }
        };
        let run = this.digit | this.upper;
        if run != 0 {
            let both = pair(run, next.digit | next.upper);
            let two = both & both >> 1;
            let four = two & two >> 2;
            let eight = (four & four >> 4) as u64;
            // A run of capitals alone is a word; a digit shows in one of the two blocks that it may lie in.
            let begins = eight & !back(eight, *runs_before, 1);
            if begins != 0 && this.digit | next.digit != 0 {
                push(begins, Event::Run);
            }
            if wanted.plate && this.upper != 0 && this.high | before.high != 0 {
                let after_high = this.upper & back(this.high, before.high, 1);
                let six = (four & four >> 2) as u64;
                // `京A·12345`: the dot is outside ASCII, one to three units long.
                let five = four & both >> 4;
                let dotted = (five >> 2 | five >> 3 | five >> 4) as u64 & ahead(this.high, next.high, 1);
                push(after_high & (six | dotted), Event::Plate);
            }
            *runs_before = eight;
        } else {
            *runs_before = 0;
        }
        if this.digit != 0 {
            let digits = pair(this.digit, next.digit);
            if wanted.groups && this.gap | next.gap != 0 {
                let three_ahead = ((digits >> 1) & (digits >> 2) & (digits >> 3)) as u64;
                let back_by = |by| back(this.digit, before.digit, by);
                push(this.gap & three_ahead & back_by(1) & back_by(2) & back_by(3), Event::Groups);
            }
            if (wanted.net || wanted.decimal) && this.dot != 0 {
                let point = this.dot & back(this.digit, before.digit, 1) & ahead(this.digit, next.digit, 1);
                if wanted.net && point != 0 {
                    let again =
                        ahead(this.dot, next.dot, 2) | ahead(this.dot, next.dot, 3) | ahead(this.dot, next.dot, 4);
                    push(point & again, Event::Dotted);
                }
                if wanted.decimal && point != 0 {
                    let four = ((digits >> 1) & (digits >> 2) & (digits >> 3) & (digits >> 4)) as u64;
                    let back_by = |by| back(this.digit, before.digit, by);
                    push(point & four & back_by(2) & !back_by(4), Event::Decimal);
                }
            }
        }
        if wanted.bracket && this.bracket != 0 && this.digit | before.digit != 0 {
            let back_by = |by| back(this.digit, before.digit, by);
            let six = (1..=6).fold(this.bracket, |all, by| all & back_by(by));
            push(six, Event::Bracket);
        }
        if wanted.label && this.colon | this.sign != 0 {
            // `::`, `==`, `=>`, `>>` and the like: only the last of a row can have a value behind.
            let signs = this.colon | this.sign;
            push(signs & !ahead(signs, next.colon | next.sign, 1), Event::Label);
        }
        if wanted.net && this.colon != 0 {
            let thrice = |m: u64, n: u64| m & ahead(m, n, 3) & ahead(m, n, 6);
            push(thrice(this.colon, next.colon), Event::Colons);
        }
        if wanted.net && this.gap != 0 && this.digit | next.digit != 0 {
            let thrice = this.gap & ahead(this.gap, next.gap, 3) & ahead(this.gap, next.gap, 6);
            push(thrice & ahead(this.gap, next.gap, 9), Event::Colons);
        }
        if wanted.at && this.at != 0 {
            push(this.at, Event::At);
        }
        *before = *this;
    }
}
