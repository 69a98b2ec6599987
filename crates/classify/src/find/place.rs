//! Coordinates: two decimal numbers of at least four decimals side by side, one a longitude, one a latitude.

use super::{Finder, free_left};
use crate::detectors::Native;
use crate::view::View;
use std::ops::Range;

/// Units that may stand between the two: `, `, `","lat":` and the like.
const BETWEEN_MAX: usize = 24;
const NUMBER_MAX: usize = 22;

/// A decimal number: where it stands, its value in millionths (a coordinate has no more to say), its decimals.
struct Decimal {
    range: Range<usize>,
    micro: i64,
    decimals: usize,
}

/// The decimal number whose point stands at `dot`.
fn decimal(view: &View<'_>, dot: usize) -> Option<Decimal> {
    let digits = |b: &&u8| b.is_ascii_digit();
    let whole = view.units[..dot].iter().rev().take(4).take_while(digits).count();
    let decimals = view.units.get(dot + 1..)?.iter().take(NUMBER_MAX).take_while(digits).count();
    if !(1..=3).contains(&whole) || !(4..NUMBER_MAX).contains(&decimals) {
        return None;
    }
    let (start, end) = (dot - whole, dot + 1 + decimals);
    let number = |r: Range<usize>| view.units[r].iter().fold(0i64, |n, b| n * 10 + i64::from(b - b'0'));
    let shown = decimals.min(6);
    let scale = 10i64.pow(u32::try_from(6 - shown).unwrap_or(0));
    let micro = number(start..dot) * 1_000_000 + number(dot + 1..dot + 1 + shown) * scale;
    let negative = view.before(start, 1) == b'-';
    Some(Decimal { range: start..end, micro: if negative { -micro } else { micro }, decimals })
}

const DEGREE: i64 = 1_000_000;
/// The bounds within which China moves its maps: 73.66 to 135.05 east, 3.86 to 53.55 north.
fn in_china(longitude: i64, latitude: i64) -> bool {
    (7366 * DEGREE / 100..=13505 * DEGREE / 100).contains(&longitude)
        && (386 * DEGREE / 100..=5355 * DEGREE / 100).contains(&latitude)
}

impl Finder<'_, '_> {
    /// The point of a decimal number with four or more decimals stands at `dot`.
    pub(super) fn decimal(&mut self, dot: usize) {
        let view = self.view;
        let Some(first) = decimal(view, dot) else { return };
        if view.is_word(first.range.end) || !free_left(view, first.range.start) {
            return;
        }
        let Some(second) = self.second(&first) else { return };
        let (a, b) = (first.micro, second.micro);
        let place = in_china(a, b) || in_china(b, a);
        let world =
            (a.abs() <= 180 * DEGREE && b.abs() <= 90 * DEGREE) || (a.abs() <= 90 * DEGREE && b.abs() <= 180 * DEGREE);
        let decimals = first.decimals.min(second.decimals);
        if !world || decimals > 15 {
            return;
        }
        // Two numbers in the right ranges are what any table of measurements holds: words decide.
        let offset = if place { 6 } else { 0 } + if decimals == 6 { 4 } else { 0 };
        let value = format!("{a},{b}");
        self.native(Native::LatLon, first.range.start..second.range.end, value, offset, None);
    }

    /// The number after `first`, if only a separator or a short key stands between.
    fn second(&self, first: &Decimal) -> Option<Decimal> {
        let view = self.view;
        let mut at = first.range.end;
        let stop = (at + BETWEEN_MAX).min(view.units.len());
        let separator = view.at(at);
        if !matches!(separator, b',' | b' ' | b'\t' | b';' | b'"' | b'<' | b'\n' | b'\r') {
            return None;
        }
        while at < stop && !view.at(at).is_ascii_digit() {
            at += 1;
        }
        let whole = view.units[at..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        let second = (view.at(at + whole) == b'.').then(|| decimal(view, at + whole)).flatten()?;
        (!view.is_word(second.range.end)).then_some(second)
    }
}
