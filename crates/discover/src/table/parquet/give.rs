//! From the bytes of a value to a cell: what a column's type makes of them.

use super::meta::{Meaning, Physical};
use super::{Column, NUMBER_MIN};
use crate::table::Table;

/// The whole part of a decimal number fits sixteen bytes in all usual writers.
pub(super) const DECIMAL_BYTES_MAX: usize = 16;

/// Gives a value that `times` rows hold, `row` first.
pub(super) fn give(into: &mut Table<'_, '_>, c: &Column<'_>, row: u64, bytes: &[u8], times: u64) {
    into.at_row(row);
    match (c.leaf.physical, c.leaf.meaning) {
        (Physical::Bytes | Physical::Fixed(_), Meaning::Plain) => into.bytes(c.number, bytes, times),
        (Physical::Bytes | Physical::Fixed(_), Meaning::Decimal(scale)) => {
            // Big end first, in two's complement.
            let Some(first) = bytes.first().filter(|_| bytes.len() <= DECIMAL_BYTES_MAX) else {
                return into.plain(c.number, 0, times);
            };
            let sign = if *first >= 0x80 { -1 } else { 0 };
            decimal(into, c.number, bytes.iter().fold(sign, |n, b| n << 8 | i128::from(*b)), scale, times);
        }
        (Physical::Int64 | Physical::Int32, Meaning::Day(units)) => {
            day(into, c.number, whole(bytes).div_euclid(units), times);
        }
        (Physical::Int64 | Physical::Int32, meaning) => {
            let scale = if let Meaning::Decimal(scale) = meaning { scale } else { 0 };
            decimal(into, c.number, i128::from(whole(bytes)), scale, times);
        }
        (Physical::Double, _) => into.real(c.number, bytes.try_into().map_or(0.0, f64::from_le_bytes), times),
        (Physical::Float, _) => into.real(c.number, f64::from(bytes.try_into().map_or(0.0, f32::from_le_bytes)), times),
        (Physical::Nothing | Physical::Bool, _) | (_, Meaning::Nothing | Meaning::Day(_)) => {
            into.plain(c.number, 0, times);
        }
    }
}

/// A whole number of four or eight bytes.
pub(super) fn whole(bytes: &[u8]) -> i64 {
    if let Ok(four) = bytes.try_into() {
        return i64::from(i32::from_le_bytes(four));
    }
    bytes.try_into().map_or(0, i64::from_le_bytes)
}

fn day(into: &mut Table<'_, '_>, column: usize, day: i64, times: u64) {
    match civil(day) {
        Some((year, month, date)) => into.printed(column, format_args!("{year:04}-{month:02}-{date:02}"), times),
        None => into.plain(column, 0, times),
    }
}

/// Year, month and day of the day so many days after 1970-01-01 (Hinnant, `civil_from_days`); four thousand years to both sides,
/// beyond it is no date.
pub(super) fn civil(day: i64) -> Option<(i64, i64, i64)> {
    if !(-1_500_000..1_500_000).contains(&day) {
        return None;
    }
    let z = day + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (month, date) = (if shifted < 10 { shifted + 3 } else { shifted - 9 }, of_year - (153 * shifted + 2) / 5 + 1);
    Some((year + era * 400 + i64::from(month <= 2), month, date))
}

fn decimal(into: &mut Table<'_, '_>, column: usize, value: i128, scale: u32, times: u64) {
    let Some(unit) = 10u128.checked_pow(scale) else { return into.plain(column, 0, times) };
    let (whole, part) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let sign = if value < 0 { "-" } else { "" };
    if part == 0 && whole < u128::from(NUMBER_MIN) && !into.wants(column) {
        return into.plain(column, 0, times);
    }
    let digits = usize::try_from(scale).unwrap_or(0);
    if part == 0 {
        into.printed(column, format_args!("{sign}{whole}"), times);
    } else {
        into.printed(column, format_args!("{sign}{whole}.{part:0digits$}"), times);
    }
}
