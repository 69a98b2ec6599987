//! Postal addresses, Chinese and English, by their grammar.

use super::Validity;
use super::han::is_han;
use Validity::{Fair, No, Strong, Weak};

/// Levels of a Chinese address, from the province down to the door. Longest ending first in each.
const LEVELS: [&[&str]; 8] = [
    &["自治区", "特别行政区", "省"],
    &["自治州", "地区", "市", "盟", "州"],
    &["开发区", "自治县", "高新区", "新区", "园区", "区", "县", "旗"],
    &["街道办事处", "街道", "镇", "乡", "苏木"],
    &[
        "大街",
        "大道",
        "胡同",
        "社区",
        "小区",
        "花园",
        "新村",
        "公寓",
        "大厦",
        "工业园",
        "路",
        "街",
        "道",
        "巷",
        "弄",
        "村",
        "里",
        "苑",
        "庄",
    ],
    &["号楼", "号", "组", "队"],
    &["单元", "栋", "幢", "座", "楼", "期"],
    &["室", "层", "户", "房"],
];

/// The ending that `text` begins with, at a level of `low` or below it: level and bytes.
fn ending(text: &str, low: usize) -> Option<(usize, usize)> {
    let one = |(level, ends): (usize, &&[&str])| ends.iter().find(|e| text.starts_with(**e)).map(|e| (level, e.len()));
    LEVELS.iter().enumerate().skip(low).find_map(one)
}

/// What an address is made of: which of the eight levels occur, in order, each with something of its own before.
fn levels(text: &str) -> (u8, usize) {
    let mut seen = 0u8;
    let mut rest = text;
    let mut own = 0;
    if let Some(name) = super::region::NAMES.iter().find(|n| text.starts_with(*n)) {
        seen |= 1;
        rest = text.get(name.len()..).unwrap_or_default();
    }
    let mut low = 0;
    while let Some(c) = rest.chars().next() {
        let hit = ending(rest, low).filter(|(_, length)| {
            // 石家庄市, 苏州市: an ending right before another one belongs to the name.
            rest.get(*length..).is_none_or(|after| ending(after, 0).is_none())
        });
        match hit.filter(|_| own > 0) {
            Some((level, length)) => {
                seen |= 1 << level;
                // Roads repeat (a village on a road, a lane off a road); the levels above do not come back.
                low = if level >= 4 { low.max(4) } else { level + 1 };
                rest = rest.get(length..).unwrap_or_default();
                own = 0;
            }
            None => {
                own += 1;
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    (seen, own)
}

/// A Chinese address. With a region and a numbered door or house on a road it is strong; a road and a number, or
/// three levels, are fair; two levels weak (`江苏省苏州市` is a place, not yet somebody's).
pub(super) fn chinese(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let length = text.chars().count();
    let good = |c: char| is_han(c) || c.is_ascii_alphanumeric() || "-－#（）()·、 ".contains(c);
    if !(5..=80).contains(&length) || !text.chars().all(good) || text.starts_with(|c: char| c.is_ascii()) {
        return No;
    }
    let (seen, _) = levels(text);
    let admin = (seen & 0b1111).count_ones();
    let road = seen & 0b1_0000 != 0;
    let door = seen & 0b1110_0000 != 0;
    let number = text.chars().any(|c| c.is_ascii_alphanumeric() || "一二三四五六七八九十百".contains(c));
    match (admin, road, door && number) {
        (2.., true, true) => Strong,
        (1, true, true) | (3.., false, true) | (3.., true, false) => Fair,
        (0, true, true) if seen.count_ones() >= 2 && text.chars().any(|c| c.is_ascii_digit()) => Fair,
        (2.., _, _) => Weak,
        _ => No,
    }
}

const STREETS: &str = " street st avenue ave road rd boulevard blvd lane ln drive dr court ct place pl way parkway pkwy highway hwy square sq terrace \
circle cir crescent close alley row walk ";
#[rustfmt::skip]
const AFTER: &str = " suite ste unit apt floor fl room building bldg district city province north south east west n s e w nw ne sw se ";

/// An English address: house number, one to four words with capitals, a kind of street; a postcode or a state behind
/// it makes it strong. `No. 88 Zhongshan Road, Suzhou` as well.
pub(super) fn english(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    if text.len() > 160 {
        return No;
    }
    let text = text.strip_prefix("No.").or_else(|| text.strip_prefix("No ")).unwrap_or(text).trim_start();
    let words: Vec<&str> = text.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    let Some((number, rest)) = words.split_first() else { return No };
    let house = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if house.is_empty() || house.len() > 6 || !house.bytes().all(|b| b.is_ascii_digit()) {
        return No;
    }
    let is = |list: &str, w: &str| list.contains(&format!(" {} ", w.trim_end_matches('.').to_ascii_lowercase()));
    let Some(at) = rest.iter().take(6).position(|w| is(STREETS, w)) else {
        // America has two hundred kinds of street (`4752 Kennedy Fall`): state and postcode at the end are enough.
        let ends = matches!(rest, [.., _, _, state, zip] if state.len() == 2
            && state.bytes().all(|b| b.is_ascii_uppercase())
            && zip.len() == 5
            && zip.bytes().all(|b| b.is_ascii_digit()));
        return Fair.when(ends && rest[0].starts_with(|c: char| c.is_ascii_uppercase()));
    };
    let named = rest[..at].iter().any(|w| w.len() > 1 && !is(AFTER, w));
    let capitals = rest[..at].iter().all(|w| w.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()));
    if at == 0 || !named || !capitals || !rest[at].starts_with(|c: char| c.is_ascii_uppercase()) {
        return No;
    }
    let tail = &rest[at + 1..];
    let postcode = tail.iter().any(|w| {
        let digits = w.bytes().filter(u8::is_ascii_digit).count();
        (digits == 5 || digits == 6 || digits == 9) && w.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    });
    let state = tail.iter().any(|w| w.len() == 2 && w.bytes().all(|b| b.is_ascii_uppercase()));
    match (postcode, state || tail.iter().any(|w| w.eq_ignore_ascii_case("china"))) {
        (true, _) => Strong,
        (false, true) => Fair,
        _ => Weak,
    }
}

/// Postcode of China: six digits, the first two a postal region (01 to 86 with gaps).
pub(super) fn postcode(value: &[u8]) -> Validity {
    let region = value.get(..2).and_then(super::number).unwrap_or(0);
    let known =
        matches!(region, 1..=7 | 10..=16 | 20..=36 | 40..=47 | 51..=59 | 61..=68 | 71..=75 | 81 | 83 | 84 | 85 | 86);
    Weak.when(value.len() == 6 && value.iter().all(u8::is_ascii_digit) && known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (chinese, "江苏省苏州市吴中区东吴北路98号", Strong),
            (chinese, "北京市海淀区中关村大街27号1101室", Strong),
            (chinese, "上海市浦东新区张江镇祖冲之路887弄85号602室", Strong),
            (chinese, "内蒙古自治区鄂尔多斯市东胜区天骄路10号", Strong),
            (chinese, "吴中区东吴北路98号", Fair),
            (chinese, "人民路12号3栋502室", Fair),
            (chinese, "河北省石家庄市平山县西柏坡镇", Weak),
            (chinese, "江苏省苏州市", Weak),
            (chinese, "流水线号", No),
            (chinese, "工艺路线编号说明", No),
            (chinese, "请在道路右侧停车", No),
            (chinese, "温度上限报警值", No),
            (chinese, "市区", No),
            (english, "1600 Pennsylvania Avenue NW, Washington, DC 20500", Strong),
            (english, "No. 88 Zhongshan Road, Suzhou 215000", Strong),
            (english, "221B Baker Street, London", Weak),
            (english, "350 Fifth Ave, New York, NY", Fair),
            (english, "4752 Kennedy Fall Apt. 405, Smithchester, MN 49831", Fair),
            (english, "3 way valve", No),
            (english, "12 Street", No),
            (english, "2 of the road", No),
            (postcode, "215000", Weak),
            (postcode, "215123", Weak),
            (postcode, "995123", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }
}
