//! Finds runs of digits and capital letters without looking at every byte.
//!
//! A run of at least eleven covers every eleventh position, so only those are tested; a hit is widened only if
//! the run also reaches five to one side, which every run of eleven around that position does.

use crate::view::{DIGIT, KIND, UPPER, View};
use std::ops::Range;

/// Shortest run of interest: a mobile number.
const STRIDE: usize = 11;
const HALF: usize = STRIDE / 2;
const IN_RUN: u8 = DIGIT | UPPER;

fn inside(units: &[u8], i: usize) -> bool {
    units.get(i).is_some_and(|b| KIND[usize::from(*b)] & IN_RUN != 0)
}

/// Calls `on` with every maximal run of digits and capitals, at least eleven long, that begins in `core`.
pub(crate) fn runs(view: &View<'_>, core: Range<usize>, mut on: impl FnMut(Range<usize>)) {
    let units = view.units;
    let mut at = core.start + STRIDE - 1;
    while let Some(byte) = units.get(at) {
        if KIND[usize::from(*byte)] & IN_RUN == 0 || !(inside(units, at - HALF) || inside(units, at + HALF)) {
            at += STRIDE;
            if at >= core.end + STRIDE {
                return;
            }
            continue;
        }
        let mut start = at - units[..at].iter().rev().take_while(|b| KIND[usize::from(**b)] & IN_RUN != 0).count();
        let end = at + units[at..].iter().take_while(|b| KIND[usize::from(**b)] & IN_RUN != 0).count();
        if view.is_trail(start) {
            start += 1;
        }
        if start >= core.end {
            return;
        }
        if end - start >= STRIDE && start >= core.start {
            on(start..end);
        }
        at = end + STRIDE;
    }
}
