//! Check digits, value ranges and grammars, each from its standard, under names that detectors in `packs/` use.
//!
//! A validator gets exactly the value's bytes (UTF-8; what a finder cut out of another encoding comes here
//! transcoded) and grades its form alone; what stands around the value is the scanner's business. The grade says
//! how seldom a value gets it that only *looks* like the class, so that a detector's base needs one number only.
//!
//! Refused: validators with parameters (a name in a pack must mean one thing for ever), dictionaries that need a
//! file, anything that asks a network whether a token works.

mod body;
mod device;
mod finance;
mod geo;
mod han;
mod industry;
mod mail;
mod name;
mod organisation;
mod password;
mod people;
mod phone;
mod place;
mod region;
mod table;
mod token;
mod vehicle;

pub use geo::{bd09, gcj02};
pub use table::{VALIDATORS, validator};

/// How much the form of a value says, by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Validity {
    /// It is none.
    No,
    /// The shape is right; at least one in ten strings of the same length and alphabet has it too, or nobody knows
    /// how many, or the value looks like a dummy.
    Weak,
    /// Between one in ten and one in a thousand such strings pass (one check digit, a short list of prefixes).
    Fair,
    /// Fewer than one in a thousand pass (several independent checks, a checksum of 20 bits or more).
    Strong,
}
impl Validity {
    /// Tenths of log-odds to add to a detector's base, which is set for [`Validity::Fair`]; nothing for `No`.
    #[must_use]
    pub fn tenths(self) -> Option<i32> {
        match self {
            Self::No => None,
            Self::Weak => Some(-8),
            Self::Fair => Some(0),
            Self::Strong => Some(10),
        }
    }
    /// `self` if `condition` holds, else `No`.
    fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::No }
    }
}

/// First two digits of GB/T 2260 codes; 81, 82 and 83 are the residence permits of Hong Kong, Macao and Taiwan.
pub const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65, 71, 81, 82, 83,
];
const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const USCC_CHARS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const VIN_WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
/// Years of birth that are taken for possible.
const BIRTH_YEARS: std::ops::RangeInclusive<u32> = 1880..=2035;

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |n, b| {
        let digit = b.is_ascii_digit().then(|| u32::from(b - b'0'))?;
        n.checked_mul(10)?.checked_add(digit)
    })
}
fn is_province(code: u32) -> bool {
    PROVINCES.iter().any(|p| u32::from(*p) == code)
}
fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    BIRTH_YEARS.contains(&year) && (1..=days).contains(&day)
}

/// GB 11643: 17 digits and a check character by ISO 7064 MOD 11-2, a province, a date that exists. A number
/// that begins with 9 is a foreigner's permanent-residence card (since 2023): its province stands at 2 and 3.
#[must_use]
pub fn resident_id(value: &[u8]) -> bool {
    let (Some(body), [.., last]) = (value.get(..17), value) else { return false };
    if value.len() != 18 || !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let part = |a: usize, b: usize| body.get(a..b).and_then(number).unwrap_or(0);
    let region = if body[0] == b'9' { part(1, 3) } else { part(0, 2) };
    if !is_province(region) || !is_date(part(6, 10), part(10, 12), part(12, 14)) {
        return false;
    }
    let sum: u32 = body.iter().zip(ID_WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    b"10X98765432"[(sum % 11) as usize] == last.to_ascii_uppercase()
}

/// GB 32100: 18 of 31 characters, weights 3^i mod 31, check character; characters 3 to 8 are a region code
/// (province first, or 10 for bodies registered nationally). The first two may be letters.
#[must_use]
pub fn uscc(value: &[u8]) -> bool {
    let Some(region) = value.get(2..8).filter(|_| value.len() == 18).and_then(number) else { return false };
    if !matches!(value[0], b'1'..=b'9' | b'A' | b'N' | b'Y') || !(region / 10_000 == 10 || is_province(region / 10_000))
    {
        return false;
    }
    let place = |b: &u8| USCC_CHARS.iter().position(|c| c == b);
    let mut sum = 0;
    let mut weight = 1;
    for b in &value[..17] {
        let Some(v) = place(b) else { return false };
        sum += v * weight;
        weight = weight * 3 % 31;
    }
    place(&value[17]) == Some((31 - sum % 31) % 31)
}

/// ISO/IEC 7812-1 annex B (Luhn) over digits.
#[must_use]
pub fn luhn(digits: &[u8]) -> bool {
    let mut sum = 0;
    for (i, b) in digits.iter().rev().enumerate() {
        let Some(d) = b.is_ascii_digit().then(|| u32::from(b - b'0')) else { return false };
        sum += if i % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 };
    }
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// How a card number's first digits look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Issuer {
    /// 62: the UnionPay standard.
    UnionPay,
    /// Another international range of the right length.
    International,
    /// A domestic range from before the 62 standard.
    OldDomestic,
}
/// The issuer range for a number of this length, if there is one.
pub(crate) fn issuer(digits: &[u8]) -> Option<Issuer> {
    let first = |n: usize| digits.get(..n).and_then(number).unwrap_or(0);
    let (two, three, four) = (first(2), first(3), first(4));
    let length = digits.len();
    match length {
        16..=19 if two == 62 => Some(Issuer::UnionPay),
        13 | 16 | 19 if digits[0] == b'4' => Some(Issuer::International),
        16 if matches!(two, 51..=55 | 65)
            || matches!(four, 2221..=2720 | 3528..=3589 | 6011)
            || (644..=649).contains(&three) =>
        {
            Some(Issuer::International)
        }
        15 if matches!(two, 34 | 37) => Some(Issuer::International),
        14 if matches!(two, 36 | 38 | 39) || (300..=305).contains(&three) => Some(Issuer::International),
        16..=19 if matches!(four, 9558 | 9559 | 9843) || matches!(three, 603) => Some(Issuer::OldDomestic),
        _ => None,
    }
}

/// Segments of mainland mobile numbers, eleven digits.
#[must_use]
pub fn mobile(digits: &[u8]) -> bool {
    let &[b'1', second, third, ..] = digits else { return false };
    let segment = match second {
        b'3' | b'8' => true,
        b'4' => matches!(third, b'5' | b'7' | b'9'),
        b'5' => third != b'4',
        b'6' => matches!(third, b'2' | b'5' | b'6' | b'7'),
        b'7' => third <= b'8',
        b'9' => third != b'4',
        _ => false,
    };
    segment && digits.len() == 11 && digits.iter().all(u8::is_ascii_digit)
}

/// ISO 3779 structure with the check digit at position 9 that GB 16735 requires. Any 17 allowed characters.
#[must_use]
pub fn vin(value: &[u8]) -> bool {
    if value.len() != 17 {
        return false;
    }
    let mut sum = 0;
    for (b, w) in value.iter().zip(VIN_WEIGHTS) {
        let v = match b {
            b'0'..=b'9' => b - b'0',
            b'A'..=b'H' => b - b'A' + 1,
            b'J'..=b'N' => b - b'J' + 1,
            b'P' => 7,
            b'R' => 9,
            b'S'..=b'Z' => b - b'S' + 2,
            _ => return false,
        };
        sum += u32::from(v) * w;
    }
    b"0123456789X"[(sum % 11) as usize] == value[8]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors from the standards' examples and python-stdnum's documentation.
    #[test]
    fn published_numbers_pass_and_their_neighbours_fail() {
        type Check = fn(&[u8]) -> bool;
        let table: [(Check, &[&str]); 4] = [
            (resident_id, &["360426199101010071", "11010519491231002X", "11010519491231002x"]),
            (uscc, &["91110000600037341L", "91350100M000100Y43"]),
            (luhn, &["6228480402564890018", "4111111111111111", "490154203237518"]),
            (vin, &["LATPAB071W1005301", "1M8GDM9AXKP042788", "11111111111111111"]),
        ];
        for (check, values) in table {
            for value in values {
                assert!(check(value.as_bytes()), "{value}");
                for i in 0..value.len() {
                    let mut other = value.as_bytes().to_vec();
                    other[i] = if other[i] == b'1' { b'2' } else { b'1' };
                    let same = other.eq_ignore_ascii_case(value.as_bytes());
                    // The VIN's letters share values with digits (A and J are 1), so a few swaps keep the sum.
                    let blind = value.len() == 17 && matches!(value.as_bytes()[i], b'A' | b'J');
                    assert!(same || blind || !check(&other), "{value} changed at {i}");
                }
                // Luhn knows no length, so a cut number may pass by chance.
                assert!(value.len() < 17 || value.len() == 19 || !check(&value.as_bytes()[1..]), "{value} cut");
            }
        }
        assert!(!check_empty());
    }
    fn check_empty() -> bool {
        resident_id(b"") || uscc(b"") || luhn(b"") || vin(b"") || mobile(b"")
    }

    #[test]
    fn permits_count_and_impossible_dates_do_not() {
        // Check characters computed by hand with the weights of GB 11643.
        assert!(resident_id(&with_check("81000019900101001")));
        assert!(resident_id(&with_check("83000019900101001")));
        assert!(resident_id(&with_check("91115619900101001")));
        assert!(!resident_id(&with_check("11010519490230002")));
        assert!(!resident_id(&with_check("11010519001301002")));
        assert!(!resident_id(&with_check("99010519490228002")));
    }
    fn with_check(body: &str) -> Vec<u8> {
        let sum: u32 = body.bytes().zip(ID_WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
        let mut all = body.as_bytes().to_vec();
        all.push(b"10X98765432"[(sum % 11) as usize]);
        all
    }

    #[test]
    fn mobile_segments() {
        for good in ["13800138000", "14512345678", "16212345678", "17812345678", "19212345678", "19912345678"] {
            assert!(mobile(good.as_bytes()), "{good}");
        }
        for bad in
            ["12345678901", "14012345678", "15412345678", "16112345678", "17912345678", "19412345678", "1380013800"]
        {
            assert!(!mobile(bad.as_bytes()), "{bad}");
        }
    }
}
