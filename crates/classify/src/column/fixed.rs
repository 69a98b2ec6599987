//! Logarithms and powers in whole numbers.
//!
//! What decides must come out the same on every platform; `f64::ln` and `f64::exp` are the platform's. Numbers are
//! fixed-point with 60 bits behind the point; errors stay below 2^-50, far below the last digit anybody prints.

/// Bits behind the point.
pub(crate) const POINT: u32 = 60;
/// 1.
pub(crate) const ONE: i128 = 1 << POINT;
/// ln 2 (OEIS A002162), 60 bits.
const LN_2: i128 = 799_144_290_325_165_978;

/// The natural logarithm of `x`; of 0 that of 1.
pub(crate) fn ln(x: u64) -> i128 {
    let x = x.max(1);
    let whole = x.ilog2();
    // The mantissa, from 1 to 2, with 63 bits behind the point; squared once a bit of the logarithm.
    let mut mantissa = u128::from(x) << (63 - whole);
    let mut log2 = i128::from(whole);
    for _ in 0..POINT {
        mantissa = (mantissa * mantissa) >> 63;
        log2 <<= 1;
        if mantissa >= 1 << 64 {
            mantissa >>= 1;
            log2 |= 1;
        }
    }
    // At most 64 · 2^60 · 0.7 · 2^60: it fits.
    (log2 * LN_2) >> POINT
}

/// e to the power of minus `x`, for `x` not below 0.
pub(crate) fn exp_minus(x: i128) -> i128 {
    let x = x.max(0);
    let halvings = x / LN_2;
    if halvings > i128::from(POINT) {
        return 0;
    }
    let rest = x - halvings * LN_2;
    // The series of e^-r for r below ln 2: 21 terms leave less than the last bit.
    let (mut sum, mut term) = (ONE, ONE);
    for i in 1..=21 {
        term = -((term * rest) >> POINT) / i;
        sum += term;
    }
    sum >> u32::try_from(halvings).unwrap_or(POINT)
}

/// Minus ln(1 − p), for p from 0 to 1 exclusive: how much one more row that holds nothing tells.
pub(crate) fn minus_ln_one_less(ppm: u32) -> i128 {
    const MILLION: u64 = 1_000_000;
    if ppm >= 10_000 {
        return ln(MILLION) - ln(MILLION - u64::from(ppm.min(999_999)));
    }
    // p + p²/2 + p³/3 …: the difference of logarithms would lose the digits that matter.
    let p = i128::from(ppm) * ONE / i128::from(MILLION);
    let (mut sum, mut power) = (0, p);
    for i in 1..=9 {
        sum += power / i;
        power = (power * p) >> POINT;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from Python's `decimal` with 50 digits, times 2^60, rounded down.
    #[test]
    fn logarithms_and_powers_are_those_of_an_outside_calculator() {
        let close = |got: i128, want: i128, within: i128| assert!((got - want).abs() <= within, "{got} {want}");
        for (x, want) in LN {
            close(ln(*x), *want, 1 << 8);
        }
        for (x, want) in EXP {
            close(exp_minus(*x), *want, 1 << 6);
        }
        for (ppm, want) in LESS {
            close(minus_ln_one_less(*ppm), *want, 1 << 8);
        }
    }
    #[rustfmt::skip]
    const LN: &[(u64, i128)] = &[
        (1, 0), (2, 799144290325165978), (3, 1266613732830808727), (10, 2654699869899991813), (100, 5309399739799983627),
        (1000, 7964099609699975441), (7919, 10349799652253548503), (1_000_000, 15928199219399950882),
        (123_456_789_012, 29444643366997136900), (9_223_372_036_854_788_153, 50346090290485458203),
    ];
    #[rustfmt::skip]
    const EXP: &[(i128, i128)] = &[
        (0, 1152921504606846976), (1 << 20, 1152921504605798400), (1 << 40, 1152920405095743487),
        (1 << 55, 1117449839007427528), (1 << 59, 699282240786072831), (1 << 60, 424136118829305329),
        (3 * ONE + 12345, 57400581772641039), (11 * ONE, 19255750004583),
    ];
    #[rustfmt::skip]
    const LESS: &[(u32, i128)] = &[
        (1, 1152922081067), (10, 11529272692528), (100, 115297915452543), (999, 1152344274952207),
        (9_999, 11586083767434815), (10_000, 11587248334023021), (500_000, 799144290325165978),
        (999_999, 15928199219399950882),
    ];
}
