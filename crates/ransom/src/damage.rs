//! What counts as damage to one file: broken, cut, swapped for another.

use crate::event::Standing;
use crate::{Change, Seen};

/// Fewer changed bytes do not tell whether a text was lost.
const TEXT_BYTES_MIN: u64 = 32;
/// Opaque new files of about the size of a removed one: so much longer at most (padding, a wrapped key, a footer).
const SWAP_SLACK_BYTES: u64 = 8 << 10;

pub(crate) fn hash(text: &str) -> u64 {
    // FNV-1a: only equality is asked of it.
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}

/// Whether a new file could have taken the place of a removed one.
pub(crate) fn swaps(new_bytes: u64, new_stem: u64, old_bytes: u64, old_stem: u64) -> bool {
    let size = new_bytes >= old_bytes && new_bytes - old_bytes <= SWAP_SLACK_BYTES + old_bytes / 16;
    size || new_stem == old_stem
}

/// Valid before and not after: broken, of no format, or a text with bytes that no text has. Empty is a cut, not a break.
pub(crate) fn is_broken(before: &Seen, after: &Seen, change: &Change) -> bool {
    let unreadable = matches!(after.standing, Standing::Broken | Standing::Opaque);
    let text_lost = after.standing == Standing::Valid
        && before.format == after.format
        && change.changed_bytes >= TEXT_BYTES_MIN
        && change.controls_before == 0
        && change.controls_after * 20 >= change.changed_bytes;
    before.standing == Standing::Valid && (unreadable || text_lost)
}
pub(crate) fn was_cut(before: &Seen, after: &Seen, change: &Change) -> bool {
    let half = change.after_bytes < change.before_bytes / 2 && after.standing != Standing::Valid;
    before.standing == Standing::Valid && change.before_bytes > 0 && (after.standing == Standing::Empty || half)
}
