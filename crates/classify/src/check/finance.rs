//! Numbers of money: cards with their issuers, international accounts, legal entities.

use super::{Issuer, Validity, issuer, luhn};
use Validity::{Fair, No, Strong, Weak};

/// First six digits of cards of well-known Chinese issuers, from what the banks print. A bonus, no gate: the full
/// register is not public and changes every month.
#[rustfmt::skip]
const ISSUERS: [u32; 96] = [
    // ICBC, ABC, BOC, CCB
    622200, 622202, 622203, 622208, 622210, 622211, 622230, 621225, 621226, 621227, 621558, 620058, 620200, 620302,
    622848, 622845, 622846, 622849, 622821, 622822, 622823, 622824, 622825, 622836, 622837, 621282, 623018, 620059,
    621660, 621661, 621663, 621667, 621668, 621669, 621666, 621785, 621790, 621756, 621757, 622750, 622751, 622752,
    622700, 621700, 622280, 621284, 621488, 621499, 621081, 622966, 622988, 623668, 622707, 625362,
    // BoCom, CMB, PSBC, CITIC
    622260, 622262, 622261, 622258, 622259, 621069, 622580, 622588, 622598, 622609, 621483, 621485, 621486, 622575,
    621098, 622188, 622150, 622151, 622199, 621095, 622810, 622811, 622690, 622691, 622692, 622696, 622698, 622998,
    // Minsheng, SPDB, Industrial, Everbright, Huaxia, Guangfa, Ping An
    622622, 622615, 622617, 622521, 622522, 622908, 622909, 622660, 622630, 622568, 622155, 622538, 622298, 622986,
];

fn known(value: &[u8]) -> bool {
    value.get(..6).and_then(super::number).is_some_and(|bin| ISSUERS.contains(&bin))
}

/// Card number: an issuer's range and Luhn (ISO/IEC 7812-1). One run of 16 digits in 40 passes; with an issuer of
/// the table one in 100,000. Blanks or dashes between groups of four are taken out.
pub(super) fn bank_card(value: &[u8]) -> Validity {
    let Some(digits) = grouped(value) else { return No };
    let Some(kind) = issuer(&digits).filter(|_| luhn(&digits)) else { return No };
    let flat = digits.iter().skip(6).all(|b| *b == digits[6]);
    match kind {
        _ if flat => Weak,
        Issuer::UnionPay if known(&digits) => Strong,
        Issuer::UnionPay | Issuer::International => Fair,
        Issuer::OldDomestic => Weak,
    }
}

/// The digits of a number that is written in one piece or in groups of four (American Express: 4, 6, 5).
fn grouped(value: &[u8]) -> Option<Vec<u8>> {
    let groups: Vec<&[u8]> = value.split(|b| matches!(b, b' ' | b'-')).collect();
    let tail = groups.len() - 1;
    let fours = groups[..tail].iter().all(|g| g.len() == 4) && (1..=4).contains(&groups[tail].len());
    let express = matches!(groups.as_slice(), [a, b, c] if (a.len(), b.len(), c.len()) == (4, 6, 5));
    let all = groups.concat();
    ((tail == 0 || fours || express) && !all.is_empty() && all.iter().all(u8::is_ascii_digit)).then_some(all)
}

/// Remainder of digits and letters (A is 10) by 97, ISO 7064 MOD 97-10.
fn mod_97(mut value: impl Iterator<Item = u8>) -> Option<u32> {
    value.try_fold(0u32, |rest, b| match b {
        b'0'..=b'9' => Some((rest * 10 + u32::from(b - b'0')) % 97),
        b'A'..=b'Z' => Some((rest * 100 + u32::from(b - b'A') + 10) % 97),
        _ => None,
    })
}

/// Lengths of IBANs by country (SWIFT's register), countries of use in trade with Europe and the Gulf.
#[rustfmt::skip]
const IBAN_LENGTHS: [(&[u8; 2], usize); 40] = [
    (b"AD", 24), (b"AE", 23), (b"AT", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22), (b"BY", 28), (b"CH", 21), (b"CY", 28),
    (b"CZ", 24), (b"DE", 22), (b"DK", 18), (b"EE", 20), (b"ES", 24), (b"FI", 18), (b"FR", 27), (b"GB", 22), (b"GE", 22),
    (b"GR", 27), (b"HR", 21), (b"HU", 28), (b"IE", 22), (b"IL", 23), (b"IT", 27), (b"KW", 30), (b"KZ", 20), (b"LI", 21),
    (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"NL", 18), (b"NO", 15), (b"PL", 28), (b"PT", 25), (b"QA", 29), (b"RO", 24),
    (b"SA", 24), (b"SE", 24), (b"SK", 24), (b"TR", 26),
];

/// ISO 13616: country and length, two check digits. One string of the right length in 100 passes.
pub(super) fn iban(value: &[u8]) -> Validity {
    let plain: Vec<u8> = value.iter().copied().filter(|b| *b != b' ').collect();
    let right = IBAN_LENGTHS.iter().any(|(c, n)| plain.starts_with(*c) && plain.len() == *n);
    if !right || !plain[2..4].iter().all(u8::is_ascii_digit) {
        return No;
    }
    Strong.when(mod_97(plain[4..].iter().chain(&plain[..4]).copied()) == Some(1))
}

/// ISO 17442 legal entity identifier: twenty characters, the last two MOD 97-10.
pub(super) fn lei(value: &[u8]) -> Validity {
    let tail = value.get(18..).is_some_and(|t| t.len() == 2 && t.iter().all(u8::is_ascii_digit));
    // All digits pass once in 97 as well and are something else.
    let mixed = value.iter().any(u8::is_ascii_uppercase);
    Fair.when(tail && mixed && mod_97(value.iter().copied()) == Some(1))
}

/// ISO 9362: bank, country, place, branch. Letters only is also a shouted word of eight.
pub(super) fn swift(value: &[u8]) -> Validity {
    const COUNTRIES: &str =
        "CN HK MO TW US GB DE FR JP KR SG CH NL BE IT ES SE NO DK FI AU CA RU IN AE SA MY TH VN ID TR PL";
    let shape = matches!(value.len(), 8 | 11)
        && value[..6].iter().all(u8::is_ascii_uppercase)
        && value[6..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let country = value.get(4..6).and_then(|c| std::str::from_utf8(c).ok());
    Weak.when(shape && country.is_some_and(|c| COUNTRIES.split(' ').any(|k| k == c)))
}

/// Account numbers of banks have no public rule: 12 to 30 digits, not one digit over and over.
pub(super) fn account(value: &[u8]) -> Validity {
    let digits: Vec<u8> = value.iter().copied().filter(|b| !matches!(b, b' ' | b'-')).collect();
    let shape = (9..=30).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    Weak.when(shape && digits.iter().any(|b| *b != digits[0]))
}

/// Any digits under Luhn, for detectors that know length and prefix by their pattern.
pub(super) fn luhn_digits(value: &[u8]) -> Validity {
    Fair.when(luhn(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ISO's and networks' examples, python-stdnum's documentation.
    #[test]
    fn numbers_of_money() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (bank_card, "6228480402564890018", Strong),
            (bank_card, "6228 4804 0256 4890 018", Strong),
            (bank_card, "6228-4804-0256-4890-018", Strong),
            (bank_card, "62284 804025 6489 0018", No),
            (bank_card, "6228480402564890019", No),
            (bank_card, "4111111111111111", Weak),
            (bank_card, "4012888888881881", Fair),
            (bank_card, "3782 822463 10005", Fair),
            (bank_card, "1234567812345670", No),
            (bank_card, "", No),
            (iban, "GR1601101050000010547023795", Strong),
            (iban, "GR16 0110 1050 0000 1054 7023 795", Strong),
            (iban, "DE89370400440532013000", Strong),
            (iban, "DE89370400440532013001", No),
            (iban, "XX89370400440532013000", No),
            (lei, "213800KUD8LAJWSQ9D15", Fair),
            (lei, "213800KUD8LXJWSQ9D15", No),
            (swift, "BKCHCNBJ", Weak),
            (swift, "ICBKCNBJSHI", Weak),
            (swift, "PASSWORD", No),
            (account, "11001234567890123456", Weak),
            (account, "0000000000000", No),
            (luhn_digits, "490154203237518", Fair),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }
}
