//! Numbers that states give to people: identity documents of the mainland, Hong Kong, Macao and Taiwan, passports
//! and their machine-readable lines, dates of birth.

use super::region::is_prefecture;
use super::{Validity, is_date, is_province, number, resident_id};
use Validity::{Fair, No, Strong, Weak};

fn digits(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(u8::is_ascii_digit)
}
fn part(value: &[u8], from: usize, to: usize) -> u32 {
    value.get(from..to).and_then(number).unwrap_or(0)
}

/// GB 11643. One random 18-digit string in 60,000 passes; with a prefecture that was given out, one in 200,000.
pub(super) fn resident(value: &[u8]) -> Validity {
    if !resident_id(value) {
        return No;
    }
    // The number may be one of those given out before anybody wrote the tables down: a bonus, no gate.
    let known = value[0] == b'9' || is_prefecture(part(value, 0, 4));
    if known { Strong } else { Fair }
}

/// The number of before 1999: region, two-digit year, three digits. One in 80 passes by chance.
pub(super) fn resident_15(value: &[u8]) -> Validity {
    let real = value.len() == 15
        && digits(value)
        && is_province(part(value, 0, 2))
        && is_date(1900 + part(value, 6, 8), part(value, 8, 10), part(value, 10, 12))
        && part(value, 12, 15) > 0;
    if !real {
        No
    } else if is_prefecture(part(value, 0, 4)) {
        Fair
    } else {
        Weak
    }
}

/// Foreigner's permanent residence card until 2023: nationality (three letters), region, date of birth, two digits.
pub(super) fn foreigner_old(value: &[u8]) -> Validity {
    let (Some(state), Some(rest)) = (value.get(..3), value.get(3..)) else { return No };
    if rest.len() != 12 || !digits(rest) || !state.iter().all(u8::is_ascii_uppercase) {
        return No;
    }
    let year = part(rest, 4, 6);
    let date = |century: u32| is_date(century + year, part(rest, 6, 8), part(rest, 8, 10));
    if is_province(part(rest, 0, 2)) && (date(1900) || date(2000)) { Fair } else { Weak }
}

/// Mainland travel permit of residents of Hong Kong and Macao: H or M, eight digits, old ones two more.
pub(super) fn home_return(value: &[u8]) -> Validity {
    let shape = matches!(value.first(), Some(b'H' | b'M')) && matches!(value.len(), 9 | 11) && digits(&value[1..]);
    Weak.when(shape)
}

/// Mainland travel permit of residents of Taiwan: eight digits; old ones ten and a letter in brackets or without.
pub(super) fn taiwan_permit(value: &[u8]) -> Validity {
    let old = value.len() == 11 && digits(&value[..10]) && value[10].is_ascii_uppercase();
    Weak.when(old || (value.len() == 8 && digits(value)))
}

/// The value without brackets (ASCII or full width), if there is nothing odd about them.
fn without_brackets(value: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(value).ok()?.replace('（', "(").replace('）', ")");
    match text.split_once('(') {
        None => Some(text.into_bytes()),
        Some((body, check)) => {
            let check = check.strip_suffix(')').filter(|c| c.len() == 1)?;
            Some(format!("{body}{check}").into_bytes())
        }
    }
}

/// Hong Kong identity card: one or two letters, six digits, check digit in brackets. One in eleven passes.
pub(super) fn hong_kong(value: &[u8]) -> Validity {
    let Some(plain) = without_brackets(value) else { return No };
    let letters = plain.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let Some((check, body)) = plain.split_last() else { return No };
    if !matches!(letters, 1 | 2) || plain.len() != letters + 7 || !digits(body.get(letters..).unwrap_or_default()) {
        return No;
    }
    let code = |b: u8| if b.is_ascii_digit() { u32::from(b - b'0') } else { u32::from(b - b'A') + 10 };
    let blank = if letters == 1 { 36 * 9 } else { 0 };
    let first = if letters == 1 { 8 } else { 9 };
    let sum: u32 = blank + body.iter().zip((2..=first).rev()).map(|(b, w)| code(*b) * w).sum::<u32>();
    let expect = match (11 - sum % 11) % 11 {
        10 => b'A',
        n => b'0' + u8::try_from(n).unwrap_or(0),
    };
    Fair.when(*check == expect)
}

/// Macao identity card: 1, 5 or 7 first, the check digit (its rule is not public) in brackets.
pub(super) fn macao(value: &[u8]) -> Validity {
    let bracketed = value.ends_with(b")") || value.ends_with("）".as_bytes());
    let plain = without_brackets(value).filter(|p| p.len() == 8 && digits(p) && matches!(p[0], b'1' | b'5' | b'7'));
    Weak.when(bracketed && plain.is_some())
}

/// National identity card of Taiwan and residence certificates since 2021. One in ten passes.
pub(super) fn taiwan(value: &[u8]) -> Validity {
    const ORDER: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some(place) = value.first().and_then(|b| ORDER.iter().position(|o| o == b)) else { return No };
    if value.len() != 10 || !digits(&value[1..]) || !matches!(value[1], b'1' | b'2' | b'4' | b'8' | b'9') {
        return No;
    }
    let place = u32::try_from(place).unwrap_or(0) + 10;
    let weights = [8, 7, 6, 5, 4, 3, 2, 1, 1];
    let tail: u32 = value[1..].iter().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    Fair.when((place / 10 + place % 10 * 9 + tail).is_multiple_of(10))
}

/// Chinese passports: ordinary (E), official (SE, PE, DE), former series, Hong Kong (K, KJ) and Macao (MA).
pub(super) fn passport(value: &[u8]) -> Validity {
    let tail = |n: usize, count: usize| value.len() == n + count && digits(value.get(n..).unwrap_or_default());
    let (first, second) = (value.first().copied().unwrap_or(0), value.get(1).copied().unwrap_or(0));
    let letter = second.is_ascii_uppercase() && !matches!(second, b'I' | b'O');
    match (first, second) {
        (b'S' | b'P' | b'D', b'E') | (b'K', b'J') | (b'M', b'A') => Fair.when(tail(2, 7)),
        (b'E', _) if letter => Fair.when(tail(2, 7)),
        (b'E' | b'G' | b'K', b'0'..=b'9') => Weak.when(tail(1, 8)),
        (b'S', b'0'..=b'9') => Weak.when(tail(1, 7) || tail(1, 8)),
        (b'P' | b'D', b'0'..=b'9') => Weak.when(tail(1, 7)),
        (b'1', b'4' | b'5') => Weak.when(tail(2, 7)),
        _ => No,
    }
}

/// Check digit of ICAO 9303-3 4.9: weights 7 3 1, letters from 10, `<` is 0.
fn mrz_check(field: &[u8]) -> Option<u8> {
    let mut sum = 0u32;
    for (b, w) in field.iter().zip([7, 3, 1].into_iter().cycle()) {
        sum += w * match b {
            b'0'..=b'9' => u32::from(b - b'0'),
            b'A'..=b'Z' => u32::from(b - b'A') + 10,
            b'<' => 0,
            _ => return None,
        };
    }
    u8::try_from(sum % 10).ok().map(|d| b'0' + d)
}

/// Second line of a passport (44) or of an official document of size 2 (36): number, birth, expiry and the whole
/// each under a check digit. One random line in 10,000 passes. Visas have no last digit: three in a row are enough.
pub(super) fn mrz(value: &[u8]) -> Validity {
    if !matches!(value.len(), 36 | 44) {
        return No;
    }
    let good = |from: usize, to: usize| {
        value.get(from..to).and_then(mrz_check).is_some_and(|c| value.get(to).is_some_and(|v| *v == c))
    };
    let sex = matches!(value[20], b'M' | b'F' | b'<' | b'X');
    let whole = value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'<');
    Strong.when(whole && sex && good(0, 9) && good(13, 19) && good(21, 27))
}

/// A date that somebody alive may have been born on: `19900101`, `1990-1-1`, `1990/01/01`, `1990.1.1`, `1990年1月1日`.
pub(super) fn birth_date(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let (year, month, day) = if value.len() == 8 && digits(value) {
        (part(value, 0, 4), part(value, 4, 6), part(value, 6, 8))
    } else {
        let text = text.strip_suffix(['日', '号']).unwrap_or(text);
        let mut parts =
            text.split(['-', '/', '.', '年', '月']).map(|p| if p.len() <= 4 { number(p.as_bytes()) } else { None });
        let (Some(Some(y)), Some(Some(m)), Some(Some(d)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return No;
        };
        (y, m, d)
    };
    Weak.when((1900..=2035).contains(&year) && is_date(year, month, day))
}

/// Disabled person's card: the resident's number, kind (1 to 7) and grade (1 to 4) of the disability, and for a
/// reissued card `B` and a digit.
pub(super) fn disability_card(value: &[u8]) -> Validity {
    let known = matches!(value.get(18), Some(b'1'..=b'7')) && matches!(value.get(19), Some(b'1'..=b'4'));
    let reissued = value.len() == 22 && value[20] == b'B' && value[21].is_ascii_digit();
    if known && (value.len() == 20 || reissued) { resident(&value[..18]) } else { No }
}

/// Social security: the resident's number, or the number printed on the card (a letter and eight digits, or nine of
/// letters and digits: not confirmed by a public standard, therefore never more than weak).
pub(super) fn social_security(value: &[u8]) -> Validity {
    if value.len() == 18 {
        return resident(value);
    }
    let shape = value.len() == 9
        && value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && value.iter().filter(|b| b.is_ascii_digit()).count() >= 5;
    Weak.when(shape)
}

/// Officer's card: a word of the branch, `字第`, six to eight digits, `号`.
pub(super) fn officer_card(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let Some((branch, rest)) = text.split_once("字第") else { return No };
    let number = rest.strip_suffix('号').unwrap_or(rest);
    let known = "军兵士文职政后装海空北沈兰成济南广武警参".contains(branch) && !branch.is_empty();
    if digits(number.as_bytes()) && (4..=8).contains(&number.len()) { if known { Fair } else { Weak } } else { No }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Validity;

    type Check = fn(&[u8]) -> Validity;

    /// ICAO 9303 parts 3, 4 and 6, python-stdnum's documentation, the public-security notices' forms.
    #[test]
    fn numbers_of_people() {
        let table: &[(Check, &str, Validity)] = &[
            (resident, "11010519491231002X", Strong),
            (resident, "360426199101010071", Strong),
            (resident, "11010519491231002Y", No),
            (resident_15, "110105491231002", Fair),
            (resident_15, "110105491331002", No),
            (resident_15, "110105491231000", No),
            (resident_15, "119905491231002", Weak),
            (resident_15, "160105491231002", No),
            (resident_15, "11010549123100", No),
            (foreigner_old, "USA110105491231", Weak),
            (foreigner_old, "CAN110190060112", Fair),
            (foreigner_old, "USA160190010112", Weak),
            (foreigner_old, "USA3101900101123", No),
            (foreigner_old, "USA310190010I12", No),
            (home_return, "H12345678", Weak),
            (home_return, "M1234567801", Weak),
            (home_return, "A12345678", No),
            (home_return, "H1234567", No),
            (taiwan_permit, "12345678", Weak),
            (taiwan_permit, "1234567890B", Weak),
            (taiwan_permit, "123456789", No),
            (hong_kong, "A123456(3)", Fair),
            (hong_kong, "A123456（3）", Fair),
            (hong_kong, "A1234563", Fair),
            (hong_kong, "A123456(4)", No),
            (hong_kong, "A123456((3)", No),
            (hong_kong, "AB987654(3)", Fair),
            (hong_kong, "AB987654(2)", No),
            (hong_kong, "a123456(3)", No),
            (macao, "1234567(8)", Weak),
            (macao, "2234567(8)", No),
            (macao, "12345678", No),
            (taiwan, "A123456789", Fair),
            (taiwan, "A123456788", No),
            (taiwan, "A323456789", No),
            (passport, "E12345678", Weak),
            (passport, "EA1234567", Fair),
            (passport, "EI1234567", No),
            (passport, "SE1234567", Fair),
            (passport, "G12345678", Weak),
            (passport, "147654321", Weak),
            (passport, "KJ1234567", Fair),
            (passport, "MA1234567", Fair),
            (passport, "E1234567", No),
            (passport, "B12345678", No),
            (mrz, "L898902C36UTO7408122F1204159ZE184226B<<<<<10", Strong),
            (mrz, "D231458907UTO7408122F1204159<<<<<<<6", Strong),
            (mrz, "L898902C36UTO7408123F1204159ZE184226B<<<<<10", No),
            (mrz, "L898902C36UTO7408122F1204159ZE184226B<<<<10", No),
            (birth_date, "19900101", Weak),
            (birth_date, "1990-1-31", Weak),
            (birth_date, "1990年12月31日", Weak),
            (birth_date, "1990-02-30", No),
            (birth_date, "18991231", No),
            (birth_date, "1990-01-01-01", No),
            (birth_date, "1990.12.", No),
            (disability_card, "11010519491231002X44", Strong),
            (disability_card, "11010519491231002X44B1", Strong),
            (disability_card, "11010519491231002X48", No),
            (disability_card, "11010519491231002144", No),
            (social_security, "11010519491231002X", Strong),
            (social_security, "A12345678", Weak),
            (social_security, "ABCDEFGHI", No),
            (officer_card, "军字第1234567号", Fair),
            (officer_card, "某字第1234567号", Weak),
            (officer_card, "军字第号", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }

    /// Every single digit changed in a number with a check digit breaks it.
    #[test]
    fn neighbours_fail() {
        for (check, value) in [(hong_kong as Check, "A1234563"), (taiwan, "A123456789")] {
            for i in 1..value.len() {
                let mut other = value.as_bytes().to_vec();
                other[i] = b'0' + (other[i] - b'0' + 1) % 10;
                // A step of one changes the sum by the weight, which no modulus here divides.
                assert!(check(&other) == No, "{value} at {i}");
            }
        }
    }
}
