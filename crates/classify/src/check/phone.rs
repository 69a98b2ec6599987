//! Telephone numbers of mainland China as people write them: with country code, separators, full-width digits.

use super::Validity;
use super::region::area;
use Validity::{Fair, No, Weak};

/// Digits of a number, with what may stand between them taken out; whether `+86` or `0086` stood before.
///
/// Full-width forms become ASCII. Anything but digits, blanks, dashes, dots, brackets and a leading plus: none.
fn bare(value: &[u8]) -> Option<(Vec<u8>, bool)> {
    let text = std::str::from_utf8(value).ok().filter(|t| t.chars().count() <= 32)?;
    let mut digits = Vec::with_capacity(20);
    let mut plus = false;
    for (i, c) in text.chars().enumerate() {
        match c {
            '0'..='9' => digits.push(u8::try_from(c).ok()?),
            '０'..='９' => digits.push(u8::try_from(u32::from(c) - u32::from('０')).ok()? + b'0'),
            '+' | '＋' if i == 0 => plus = true,
            ' ' | '-' | '.' | '(' | ')' | '－' | '（' | '）' | '\u{3000}' | '\u{a0}' => {}
            _ => return None,
        }
    }
    let coded = if plus { digits.strip_prefix(b"86") } else { digits.strip_prefix(b"0086") };
    match coded.map(<[u8]>::to_vec) {
        Some(rest) => Some((rest, true)),
        None if plus => None,
        None => match digits.strip_prefix(b"86") {
            Some(rest) if matches!(rest.len(), 11) && rest[0] == b'1' => Some((rest.to_vec(), true)),
            _ => Some((digits, false)),
        },
    }
}

/// Mobile number; one string of eleven digits in 14 passes. Separators only as 3-4-4.
pub(super) fn mobile(value: &[u8]) -> Validity {
    let Some((digits, coded)) = bare(value) else { return No };
    if !super::mobile(&digits) || !spaced_as_written(value) {
        return No;
    }
    if coded { Fair } else { Weak }
}
/// Separators, where there are any, cut the last eleven digits into 3, 4 and 4 (or 4 and 7, as in `1391-2345678`).
fn spaced_as_written(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let groups: Vec<usize> = text
        .split([' ', '-', '.', '－', '\u{3000}', '\u{a0}', '(', ')', '（', '）'])
        .map(|g| g.chars().filter(|c| !matches!(c, '+' | '＋')).count())
        .filter(|n| *n > 0)
        .collect();
    let tail = match groups.as_slice() {
        [2 | 4, rest @ ..] if rest.iter().sum::<usize>() == 11 => rest,
        all => all,
    };
    matches!(tail, [11 | 13 | 15] | [3, 4, 4] | [3, 8] | [4, 7] | [4, 3, 4] | [4 | 5 | 7, 4, 4])
}

/// Thirteen-digit numbers of things: 1410, 1440, 1441, 146, 148 and the older 1064.
///
/// The first ones read like milliseconds of 2014 to 2017: a word for it must stand near.
pub(super) fn mobile_iot(value: &[u8]) -> Validity {
    let head = ["1410", "1440", "1441", "146", "148", "1064"];
    Weak.when(
        value.len() == 13
            && value.iter().all(u8::is_ascii_digit)
            && head.iter().any(|h| value.starts_with(h.as_bytes())),
    )
}

/// The intermediate number behind which a customer's own hides: 700 and twelve digits (a trial since July 2025).
pub(super) fn privacy_number(value: &[u8]) -> Validity {
    Weak.when(value.len() == 15 && value.iter().all(u8::is_ascii_digit) && value.starts_with(b"700"))
}

/// Fixed line: area code in use, subscriber's number of seven or eight digits that begins with 2 to 8, extension.
///
/// One string of twelve digits with a leading zero in five passes.
pub(super) fn landline(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let (main, extension) = match text.find(['转', '#', '*', 'x', 'X']) {
        Some(i) => (text.get(..i).unwrap_or_default(), text.get(i..).unwrap_or_default()),
        None => (text, ""),
    };
    let extra = extension.trim_start_matches(['转', '#', '*', 'x', 'X', ' ']);
    let dialled = (1..=6).contains(&extra.len()) && extra.bytes().all(|b| b.is_ascii_digit());
    if !extension.is_empty() && !dialled {
        return No;
    }
    let Some((digits, coded)) = bare(main.as_bytes()) else { return No };
    // Abroad the zero is left out: +86 10 …
    let full = if coded && digits.first() != Some(&b'0') { [b"0", digits.as_slice()].concat() } else { digits };
    let Some(code) = area(&full) else { return No };
    let line = full.get(code..).unwrap_or_default();
    let long = if code == 3 { line.len() == 8 } else { matches!(line.len(), 7 | 8) };
    if !long || !matches!(line.first(), Some(b'2'..=b'8')) || line.iter().all(|b| *b == line[0]) {
        return No;
    }
    // A separator where the area code ends is how people write it; a bare run of digits may be anything.
    let written = main.contains(['-', '－', ')', '）']) || coded;
    if written { Fair } else { Weak }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (mobile, "13961835674", Weak),
            (mobile, "+8613961835674", Fair),
            (mobile, "+86 139 6183 5674", Fair),
            (mobile, "+86-139-6183-5674", Fair),
            (mobile, "008613961835674", Fair),
            (mobile, "8613961835674", Fair),
            (mobile, "139-6183-5674", Weak),
            (mobile, "139 6183 5674", Weak),
            (mobile, "１３９６１８３５６７４", Weak),
            (mobile, "13-96183567-4", No),
            (mobile, "+113961835674", No),
            (mobile, "+13961835674", No),
            (mobile, "1396183567", No),
            (mobile, "12961835674", No),
            (mobile, "139618356745", No),
            (mobile, "139O1835674", No),
            (mobile_iot, "1440123456789", Weak),
            (mobile_iot, "1489123456789", Weak),
            (mobile_iot, "1430123456789", No),
            (mobile_iot, "144012345678", No),
            (privacy_number, "700123456789012", Weak),
            (privacy_number, "701123456789012", No),
            (landline, "010-88886666", Fair),
            (landline, "010-82345678", Fair),
            (landline, "(0512)68095123", Fair),
            (landline, "0512-68095123-801", No),
            (landline, "0512-68095123转801", Fair),
            (landline, "0755 26771234", Weak),
            (landline, "+86 10 82345678", Fair),
            (landline, "+86-512-68095123", Fair),
            (landline, "01082345678", Weak),
            (landline, "0991-4567890", Fair),
            (landline, "010-1234567", No),
            (landline, "026-82345678", No),
            (landline, "0300-8234567", No),
            (landline, "0512-18095123", No),
            (landline, "", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
        assert_eq!(landline(b"010-66666666"), No, "one digit eight times is nobody's line");
    }
}
