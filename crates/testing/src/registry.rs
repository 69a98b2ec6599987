//! Registries of enterprises made from a seed: as many rows as asked for, over 31 provinces and the 41 industrial divisions.

use std::fmt::Write as _;

/// First two digits of the provinces.
const PROVINCES: [u32; 31] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65,
];
const CHARS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code with its check character (GB 32100): number `n` of a region of six digits.
#[must_use]
pub fn uscc(region: u32, n: u64) -> String {
    let body = format!("91{region:06}{n:09}");
    let value = |b: u8| CHARS.iter().position(|c| *c == b).unwrap_or(0);
    let (mut sum, mut weight) = (0, 1);
    for b in body.bytes() {
        sum += value(b) * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(CHARS[(31 - sum % 31) % 31]))
}

/// The table as CSV with the columns uscc, name, area, industry, revenue: revenues from 20 million yuan up, few of them
/// large, in whole thousands, so that some tie. Provinces are not of one size.
#[must_use]
pub fn csv(seed: u64, rows: u64) -> String {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut out = String::from("uscc,name,area,industry,revenue\n");
    for n in 0..rows {
        // The smaller of two draws: the first provinces have most.
        let at = next(31).min(next(31));
        let province = PROVINCES[usize::try_from(at).unwrap_or(0)];
        let region = province * 10_000 + (1 + u32::try_from(next(12)).unwrap_or(0)) * 100;
        let division = 6 + next(41).min(next(41));
        let letter = match division {
            6..=12 => 'B',
            13..=43 => 'C',
            _ => 'D',
        };
        let (spread, scale) = (next(1_000_000), 1 + next(30));
        let revenue = (20_000 + spread * scale * scale / 100) * 1_000;
        let _ = writeln!(
            out,
            "{},模拟制造企业{n:06}有限公司,{region:06},{letter}{division:02}{:02},{revenue}",
            uscc(region, n),
            10 + next(80)
        );
    }
    out
}
