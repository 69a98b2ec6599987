//! tar: `ustar` at 257 (POSIX.1-1988), then the names of the members whose headers are at hand.

use super::bytes::Bytes;
use super::table::Id;
use super::zip::{Members, by_members};
use super::{Found, Need};

const BLOCK_BYTES: u64 = 512;
/// Headers that are looked at.
const MEMBERS_MAX: usize = 256;

pub(super) fn ask(bytes: &Bytes<'_>) -> Option<Found> {
    let (mut members, mut at, mut whole) = (Members::default(), 0u64, false);
    for _ in 0..MEMBERS_MAX {
        let Some(header) = bytes.get(at, BLOCK_BYTES as usize) else { break };
        let name = header.get(..100).unwrap_or_default();
        if name.first() == Some(&0) {
            whole = true;
            break;
        }
        members.add(name.split(|b| *b == 0).next().unwrap_or_default());
        let Some(size) = octal(header.get(124..136).unwrap_or_default()) else { break };
        let Some(next) = size.div_ceil(BLOCK_BYTES).checked_add(1).and_then(|n| n.checked_mul(BLOCK_BYTES)) else {
            break;
        };
        let Some(next) = at.checked_add(next) else { break };
        at = next;
    }
    let tar = Found::magic(Id::Tar);
    Some(by_members(&members, Id::Tar).unwrap_or(if whole { tar } else { tar.needing(Need::Members) }))
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| (b'0'..=b'7').contains(*b));
    let mut value = None;
    for digit in digits {
        value = Some(value.unwrap_or(0u64).checked_mul(8)?.checked_add(u64::from(digit - b'0'))?);
    }
    value
}
