//! How often a value passes a check by luck, and what a rate of passing says.

use super::fixed::{ONE, ln};

/// What is known of luck with a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Chance {
    /// Values of the right length and letters that pass, per million, if they are none.
    pub(crate) ppm: u32,
    /// There is a check digit or signature. Without, numbers given out one after the other pass together.
    pub(crate) checked: bool,
}

/// From this rate on luck explains hits: below, each hit speaks for itself (resident ID: 45 in a million).
const WEAK_PPM: u32 = 10_000;
/// Fewer values than this say nothing about a rate.
const TRIED_MIN: u64 = 10;

/// Chances by class id. Of a class that is not here nothing is known, and the scanner alone decides.
///
/// Resident ID: date 4.9e-4 times check 1/11, the province given. Credit code 1/31, card (Luhn) and IMEI 1/10,
/// organisation code 1/11, VIN 1/11: one over the modulus. Mobile: of eleven digits the share that begins with a
/// segment in use.
const CHANCES: &[(&str, Chance)] = &[
    ("bank-card", Chance { ppm: 100_000, checked: true }),
    ("cn.mobile", Chance { ppm: 70_000, checked: false }),
    ("cn.organisation-code", Chance { ppm: 90_909, checked: true }),
    ("cn.resident-id", Chance { ppm: 45, checked: true }),
    ("cn.uscc", Chance { ppm: 32_258, checked: true }),
    ("imei", Chance { ppm: 100_000, checked: true }),
    ("vin", Chance { ppm: 90_909, checked: true }),
];

pub(crate) fn chance(class: &str) -> Option<Chance> {
    CHANCES.iter().find(|c| c.0 == class).map(|c| c.1)
}

impl Chance {
    /// True if luck alone gives half of what passed, or more.
    pub(crate) fn explains(self, passed: u64, tried: u64) -> bool {
        let expected = u128::from(tried) * u128::from(self.ppm);
        self.ppm >= WEAK_PPM && tried >= TRIED_MIN && 2 * expected >= u128::from(passed) * 1_000_000
    }
}

/// How much more likely `passed` of `tried` is at the rate they show than at the rate of chance: the logarithm of the
/// ratio (binomial), in tenths. 0 if they pass no more often than by chance.
pub(crate) fn speaks(passed: u64, tried: u64, chance_ppm: u32) -> i64 {
    const MILLION: u64 = 1_000_000;
    // Beyond a trillion the products would leave 64 bits; the answer has long been certain.
    let scale = (tried >> 40) + 1;
    let (k, n) = (passed.min(tried) / scale, tried / scale);
    let chance = u64::from(chance_ppm.clamp(1, 999_999));
    if n == 0 || u128::from(k) * u128::from(MILLION) <= u128::from(n) * u128::from(chance) {
        return 0;
    }
    // ln(k / n q) = ln k + ln 10^6 − ln n − ln q
    let odds = |part: u64, share: u64| ln(part) + ln(MILLION) - ln(n) - ln(share);
    let mut sum = i128::from(k) * odds(k, chance);
    if k < n {
        sum += i128::from(n - k) * odds(n - k, MILLION - chance);
    }
    i64::try_from(sum * 10 / ONE).unwrap_or(i64::MAX)
}

/// Ten times the logarithm of `n`: what is asked of evidence that was looked for in `n` places.
pub(crate) fn price(n: u64) -> i64 {
    i64::try_from(ln(n.max(1)) * 10 / ONE).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten times k ln(k/nq) + (n−k) ln((n−k)/n(1−q)), computed with Python's `math`, cut to whole numbers.
    #[test]
    fn a_rate_speaks_as_loud_as_the_binomial_says() {
        for (passed, tried, ppm, want) in [
            (45, 50, 90_909, 921),
            (50, 50, 90_909, 1198),
            (5, 50, 100_000, 0),
            (11, 50, 100_000, 30),
            (15, 50, 100_000, 76),
            (1, 1, 90_909, 23),
            (1, 1000, 45, 21),
            (3, 100_000, 17, 4),
            (0, 50, 90_909, 0),
            (0, 0, 90_909, 0),
        ] {
            let got = speaks(passed, tried, ppm);
            assert_eq!(got, want, "{passed} of {tried} at {ppm}");
        }
        assert!(speaks(1 << 50, 1 << 50, 100_000) > 1_000_000_000);
        assert_eq!((price(1), price(1200)), (0, 70));
    }

    #[test]
    fn luck_explains_nine_per_cent_and_not_ninety() {
        let luhn = chance("bank-card").unwrap();
        for (passed, tried, want) in
            [(4, 50, true), (5, 50, true), (10, 50, true), (11, 50, false), (45, 50, false), (1, 9, false)]
        {
            assert_eq!(luhn.explains(passed, tried), want, "{passed} of {tried}");
        }
        // One identity number in a million numbers of 18 digits: each speaks for itself.
        assert!(!chance("cn.resident-id").unwrap().explains(1, 1_000_000));
        assert_eq!(chance("no-such-class"), None);
    }
}
