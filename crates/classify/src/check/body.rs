//! What is written about bodies: codes of diseases, templates of faces, fingers and eyes.

use super::Validity;
use Validity::{Fair, No, Strong, Weak};

/// ICD-10 (WHO) and its Chinese extension: letter (no U but U04 to U85), two digits, and up to three and more
/// digits behind a point, `x` as filler, marks for cause and manifestation. `E10` alone is also a size or a hall.
pub(super) fn icd10(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let text = text.trim_end_matches(['+', '*', '†']);
    let (head, tail) = text.split_once('.').map_or((text, None), |(h, t)| (h, Some(t)));
    let [letter, a, b] = head.as_bytes() else { return No };
    if !letter.is_ascii_uppercase() || !a.is_ascii_digit() || !(b.is_ascii_digit() || matches!(b, b'A' | b'B')) {
        return No;
    }
    match tail {
        None => Weak,
        Some(t) if (1..=6).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'x' | b'X')) => {
            Fair
        }
        Some(_) => No,
    }
}

/// Markers at the beginning of biometric records: ISO/IEC 19794 parts 2 to 10 (a format, a zero byte, a version).
pub(super) fn biometric(value: &[u8]) -> Validity {
    const MARKS: [&[u8; 4]; 6] = [b"FMR\0", b"FIR\0", b"FAC\0", b"IIR\0", b"VIR\0", b"FSR\0"];
    if !MARKS.iter().any(|m| value.starts_with(*m)) {
        return No;
    }
    // The version is text as well: ` 20`, `010`, `020`, `030`, closed by a zero byte.
    let version = value.get(4..8).is_some_and(|v| v[3] == 0 && v[..3].iter().all(|b| b.is_ascii_digit() || *b == b' '));
    if version { Strong } else { Weak }
}

/// Blood group as tables write it.
pub(super) fn blood_group(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let plain = text.trim_end_matches('型').trim_end_matches(['+', '-']).trim_end_matches("Rh").trim();
    Weak.when(matches!(plain, "A" | "B" | "AB" | "O" | "a" | "b" | "ab" | "o"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &[u8], Validity)] = &[
            (icd10, b"I10", Weak),
            (icd10, b"E11.900", Fair),
            (icd10, b"J18.0", Fair),
            (icd10, b"K35.9x1", Fair),
            (icd10, b"I1", No),
            (icd10, b"11.9", No),
            (icd10, b"E11.", No),
            (biometric, b"FMR\0 20\0\0\0\x01\x2c", Strong),
            (biometric, b"FAC\x00030\0", Strong),
            (biometric, b"FAC\0abcd", Weak),
            (biometric, b"FMT\0 20\0", No),
            (blood_group, "AB型".as_bytes(), Weak),
            (blood_group, b"O", Weak),
            (blood_group, b"OB", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value), *expect, "{}", value.escape_ascii());
        }
    }
}
