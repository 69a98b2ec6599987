//! Values of binary XML as text, as Windows writes them in XML.

use crate::event::{Kind, Text};

/// Types of [MS-EVEN6] 2.2.12 that need a name here.
pub(super) const NULL: u8 = 0;
pub(super) const STRING: u8 = 1;
pub(super) const BINXML: u8 = 0x21;
/// Set where a value is a list of its type.
pub(super) const ARRAY: u8 = 0x80;

/// What kind a type is.
pub(super) fn kind(of: u8) -> Kind {
    match of {
        NULL => Kind::Null,
        3..=10 | 16 => Kind::Number,
        13 => Kind::Bool,
        _ => Kind::Text,
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.first_chunk::<N>().copied()
}

/// Writes one value; `false` if its bytes do not make one.
pub(super) fn write(of: u8, bytes: &[u8], out: &mut Text<'_>) -> bool {
    put(of, bytes, out).is_some()
}

fn put(of: u8, bytes: &[u8], out: &mut Text<'_>) -> Option<()> {
    match of {
        NULL => {}
        STRING => out.utf16(bytes.strip_suffix(&[0, 0]).filter(|b| b.len() % 2 == 0).unwrap_or(bytes)),
        2 => bytes.iter().take_while(|b| **b != 0).for_each(|b| out.format(format_args!("{}", char::from(*b)))),
        3 => out.format(format_args!("{}", i8::from_le_bytes(fixed(bytes)?))),
        4 => out.format(format_args!("{}", u8::from_le_bytes(fixed(bytes)?))),
        5 => out.format(format_args!("{}", i16::from_le_bytes(fixed(bytes)?))),
        6 => out.format(format_args!("{}", u16::from_le_bytes(fixed(bytes)?))),
        7 => out.format(format_args!("{}", i32::from_le_bytes(fixed(bytes)?))),
        8 => out.format(format_args!("{}", u32::from_le_bytes(fixed(bytes)?))),
        9 => out.format(format_args!("{}", i64::from_le_bytes(fixed(bytes)?))),
        10 => out.format(format_args!("{}", u64::from_le_bytes(fixed(bytes)?))),
        11 => out.format(format_args!("{}", f32::from_le_bytes(fixed(bytes)?))),
        12 => out.format(format_args!("{}", f64::from_le_bytes(fixed(bytes)?))),
        13 => out.push(if bytes.iter().any(|b| *b != 0) { "true" } else { "false" }),
        14 => bytes.iter().for_each(|b| out.format(format_args!("{b:02X}"))),
        15 => guid(&fixed::<16>(bytes)?, out),
        16 | 20 | 21 => hexadecimal(bytes, out)?,
        17 => time(u64::from_le_bytes(fixed(bytes)?), out),
        18 => system_time(bytes, out)?,
        19 => sid(bytes, out)?,
        _ => return None,
    }
    Some(())
}

fn hexadecimal(bytes: &[u8], out: &mut Text<'_>) -> Option<()> {
    let n =
        if bytes.len() >= 8 { u64::from_le_bytes(fixed(bytes)?) } else { u64::from(u32::from_le_bytes(fixed(bytes)?)) };
    out.format(format_args!("{n:#x}"));
    Some(())
}

fn guid(b: &[u8; 16], out: &mut Text<'_>) {
    let (a, c, d) = (
        u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
        u16::from_le_bytes([b[4], b[5]]),
        u16::from_le_bytes([b[6], b[7]]),
    );
    out.format(format_args!("{a:08X}-{c:04X}-{d:04X}-{:02X}{:02X}-", b[8], b[9]));
    b[10..].iter().for_each(|x| out.format(format_args!("{x:02X}")));
}

fn sid(bytes: &[u8], out: &mut Text<'_>) -> Option<()> {
    let [revision, count, a, b, c, d, e, f] = fixed::<8>(bytes)?;
    out.format(format_args!("S-{revision}-{}", u64::from_be_bytes([0, 0, a, b, c, d, e, f])));
    let (subs, _) = bytes.get(8..8 + usize::from(count) * 4)?.as_chunks::<4>();
    subs.iter().for_each(|s| out.format(format_args!("-{}", u32::from_le_bytes(*s))));
    Some(())
}

/// Milliseconds since 1970 of a count of 100 ns since 1601.
pub(super) fn millis(filetime: u64) -> Option<i64> {
    i64::try_from(filetime / 10_000).ok().map(|m| m - 11_644_473_600_000)
}

fn time(filetime: u64, out: &mut Text<'_>) {
    let Some(ms) = millis(filetime) else { return };
    let (y, m, d) = crate::text::civil(ms.div_euclid(86_400_000));
    let s = ms.rem_euclid(86_400_000) / 1000;
    let micros = filetime / 10 % 1_000_000;
    out.format(format_args!("{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}.{micros:06}Z", s / 3600, s / 60 % 60, s % 60));
}

fn system_time(bytes: &[u8], out: &mut Text<'_>) -> Option<()> {
    let (w, _) = bytes.get(..16)?.as_chunks::<2>();
    let n = |i: usize| w.get(i).map_or(0, |p| u16::from_le_bytes(*p));
    out.format(format_args!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        n(0),
        n(1),
        n(3),
        n(4),
        n(5),
        n(6),
        u32::from(n(7)) * 1000
    ));
    Some(())
}

/// How many bytes one element of a list takes; 0 for texts, which end with a zero each.
pub(super) fn width(of: u8) -> Option<usize> {
    Some(match of {
        STRING | 2 => 0,
        3 | 4 => 1,
        5 | 6 => 2,
        7 | 8 | 11 | 13 | 20 => 4,
        9 | 10 | 12 | 17 | 21 => 8,
        15 | 18 => 16,
        _ => return None,
    })
}
