//! Plates, vehicle and engine numbers.

use super::{Validity, vin};
use Validity::{Fair, No, Strong, Weak};

const PLACES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";
const LAST: &str = "挂学警港澳使领试超应急";

fn plain(c: char) -> bool {
    c.is_ascii_digit() || (c.is_ascii_uppercase() && !matches!(c, 'I' | 'O'))
}
/// The characters of a plate: province, office, the number; a point or blank after the office is left out.
fn characters(value: &[u8]) -> Option<(char, char, Vec<char>)> {
    let text = std::str::from_utf8(value).ok()?;
    let mut chars = text.chars().filter(|c| !matches!(c, '·' | '•' | '.' | ' ' | '-'));
    let (place, office) = (chars.next()?, chars.next()?);
    let good = PLACES.contains(place) && office.is_ascii_uppercase() && office != 'I';
    good.then(|| (place, office, chars.take(8).collect()))
}

/// GA 36: province, office, five letters or digits without I and O; the last may say trailer, school, police, Hong
/// Kong, Macao. At least two digits: letters only are a word behind a Chinese character.
pub(super) fn plate(value: &[u8]) -> Validity {
    let Some((_, _, number)) = characters(value) else { return No };
    let [head @ .., last] = number.as_slice() else { return No };
    let shape = head.len() == 4 && head.iter().all(|c| plain(*c)) && (plain(*last) || LAST.contains(*last));
    let digits = number.iter().filter(|c| c.is_ascii_digit()).count();
    let flat = number.windows(2).all(|w| w[0] == w[1]);
    if !shape || digits < 2 {
        No
    } else if flat || number.iter().collect::<String>() == "12345" {
        Weak
    } else {
        Fair
    }
}

/// New energy (GA 36-2018): six characters; small cars begin with D or F (later A to K), large ones end so.
pub(super) fn plate_new_energy(value: &[u8]) -> Validity {
    let Some((_, _, n)) = characters(value) else { return No };
    if n.len() != 6 || !n.iter().all(|c| plain(*c)) {
        return No;
    }
    let digit = |range: std::ops::Range<usize>| n[range].iter().all(char::is_ascii_digit);
    let kind = |c: char| matches!(c, 'A'..='H' | 'J' | 'K');
    let small = kind(n[0]) && digit(2..6);
    let large = digit(0..5) && kind(n[5]);
    if !small && !large {
        No
    } else if matches!(n[0], 'D' | 'F') || matches!(n[5], 'D' | 'F') {
        Strong
    } else {
        Fair
    }
}

/// Makers by the first three characters, mostly of China (SAE J1044 and GB 16737): a bonus.
const MAKERS: &str = "LSV LFV LSG LBV LE4 LHG LVH LVG LTV LFM LGB LGX LC0 LGW LB3 L6T LVS LS5 LS4 LSJ LVV LVT LDC LBE LJD LJ1 LRW LW4 LNB LPA \
LZW LK6 LFP LVR LLV LSY LYV LMG LGJ LGA LGH LFW LZZ LZG LVB LRD LZY LKL LL3 LA6 L1N LKC LMC LS6 LUX LBP LAE LVA LUC LWV LVU LJ8 LJX LMV LNP LPS LGL \
LM8 LAT LA9 LGK LFB LFN WBA WDB WDC WDD WVW WAU WP0 JTD JTE JTH JHM JN1 KMH KNA SAL VF1 YV1 1HG 1FA 1FT 1G1 5YJ 7SA 2HG 3VW 4T1 5UX 5TD SHH TMB ZFF";

/// ISO 3779 with the check digit of GB 16735. One string of 17 in eleven passes; with digits at the end, a possible
/// year and a maker of the table one in 50,000.
pub(super) fn vehicle(value: &[u8]) -> Validity {
    let upper = value.to_ascii_uppercase();
    let digits = upper.iter().filter(|b| b.is_ascii_digit()).count();
    if !vin(&upper) || !(5..17).contains(&digits) {
        return No;
    }
    let serial = upper[13..].iter().all(u8::is_ascii_digit);
    let year = !matches!(upper[9], b'U' | b'Z' | b'0');
    let maker = std::str::from_utf8(&upper[..3]).is_ok_and(|m| MAKERS.split(' ').any(|k| k == m));
    match (serial && year, maker) {
        (true, true) => Strong,
        (true, false) => Fair,
        (false, true) if year => Fair,
        _ => Weak,
    }
}

/// Engine numbers follow the maker's own habit: 6 to 20 letters and digits, both or digits only, no long sameness.
pub(super) fn engine(value: &[u8]) -> Validity {
    let plain: Vec<u8> = value.iter().copied().filter(|b| !matches!(b, b' ' | b'-' | b'*' | b'.')).collect();
    let shape = (6..=20).contains(&plain.len())
        && plain.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && plain.iter().filter(|b| b.is_ascii_digit()).count() >= 4
        && plain.iter().any(|b| *b != plain[0]);
    Weak.when(shape)
}

/// GB/T 34014: coding of automotive traction batteries, 24 characters (14 of design, 10 of production).
pub(super) fn battery(value: &[u8]) -> Validity {
    let shape = value.len() == 24
        && value.iter().all(|b| b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'O' | b'Q')))
        && matches!(value[3], b'P' | b'M' | b'C')
        && matches!(value[4], b'A'..=b'H' | b'Z');
    Fair.when(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vehicles() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (plate, "苏E12A45", Fair),
            (plate, "京A·12345", Weak),
            (plate, "沪A6F582", Fair),
            (plate, "粤B1234挂", Fair),
            (plate, "粤Z12A4港", Fair),
            (plate, "苏I12A45", No),
            (plate, "苏E12O45", No),
            (plate, "中A12345", No),
            (plate, "京ABCDEF", No),
            (plate, "京A1234", No),
            (plate_new_energy, "苏ED12345", Strong),
            (plate_new_energy, "京AF12345", Strong),
            (plate_new_energy, "粤B12345D", Strong),
            (plate_new_energy, "沪AA12345", Fair),
            (plate_new_energy, "苏EL12345", No),
            (plate_new_energy, "苏ED1234A", No),
            (plate_new_energy, "苏ED1234", No),
            (vehicle, "LATPAB071W1005301", Strong),
            (vehicle, "1M8GDM9AXKP042788", Fair),
            (vehicle, "1m8gdm9axkp042788", Fair),
            (vehicle, "1M8GDM9A1KP042788", No),
            (vehicle, "11111111111111111", No),
            (engine, "EA211-123456", Weak),
            (engine, "ABCDEFGH", No),
            (engine, "12345", No),
            (battery, "001PB08A000101A1B0000001", Fair),
            (battery, "001XB08A000101A1B0000001", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }
}
