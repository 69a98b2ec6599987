//! Numbers and names of organisations.

use super::{Validity, is_province, number, uscc};
use Validity::{Fair, No, Strong, Weak};

/// The unified code (GB 32100). One run of digits in 120 passes, and such runs are serial numbers: only weak.
pub(super) fn social_credit(value: &[u8]) -> Validity {
    if !uscc(value) {
        No
    } else if value.iter().all(u8::is_ascii_digit) {
        Weak
    } else {
        Strong
    }
}

/// GB 11714: eight digits or letters, a dash perhaps, the check. One in eleven passes; digits only are weak.
pub(super) fn organisation_code(value: &[u8]) -> Validity {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let (Some(body), Some(rest)) = (value.get(..8), value.get(8..)) else { return No };
    let [check] = rest.strip_prefix(b"-").unwrap_or(rest) else { return No };
    let mut sum = 0;
    for (b, w) in body.iter().zip(WEIGHTS) {
        sum += w * match b {
            b'0'..=b'9' => u32::from(b - b'0'),
            b'A'..=b'Z' => u32::from(b - b'A') + 10,
            _ => return No,
        };
    }
    let expect = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        n => b'0' + u8::try_from(n).unwrap_or(0),
    };
    if *check != expect || body.iter().all(|b| *b == body[0]) {
        No
    } else if rest.len() == 2 || body.iter().any(u8::is_ascii_uppercase) {
        Fair
    } else {
        Weak
    }
}

/// Taxpayer's number: the unified code; region and organisation code (15); a person's number with two digits (20).
pub(super) fn tax_number(value: &[u8]) -> Validity {
    match value.len() {
        18 if super::resident_id(value) => Fair,
        18 => social_credit(value),
        15 if value.get(..2).and_then(number).is_some_and(is_province)
            && value[2..6].iter().all(u8::is_ascii_digit) =>
        {
            organisation_code(&value[6..])
        }
        17 if super::people::resident_15(&value[..15]) != No && value[15..].iter().all(u8::is_ascii_digit) => Weak,
        20 if super::resident_id(&value[..18]) && value[18..].iter().all(u8::is_ascii_digit) => Fair,
        _ => No,
    }
}

/// Registration number of the market authority before 2015 (GS 15-2006): ISO 7064 MOD 11,10 over fifteen digits and
/// a region. One run of digits in 30 passes.
pub(super) fn registration(value: &[u8]) -> Validity {
    if value.len() != 15 || !value.iter().all(u8::is_ascii_digit) {
        return No;
    }
    let place = value.get(..2).and_then(number).is_some_and(|p| p == 10 || is_province(p));
    let mut carry = 5u32;
    for b in &value[..14] {
        carry = (if carry == 0 { 10 } else { carry } * 2) % 11 + u32::from(b - b'0');
        carry %= 10;
    }
    let last = (if carry == 0 { 10 } else { carry } * 2) % 11 + u32::from(value[14] - b'0');
    Fair.when(place && last % 10 == 1)
}

/// How names of companies end, longest first.
#[rustfmt::skip]
const ENDS: [&str; 26] = [
    "股份有限公司", "有限责任公司", "集团有限公司", "（集团）有限公司", "有限公司", "集团公司", "股份公司", "总公司", "分公司", "子公司",
    "合伙企业（有限合伙）", "合伙企业(有限合伙)", "（有限合伙）", "(有限合伙)", "（普通合伙）", "合伙企业", "个人独资企业", "专业合作社", "律师事务所", "会计师事务所",
    "研究院有限公司", "研究院", "设计院", "研究所", "集团", "厂",
];
/// Trades that stand before the ending in most names.
#[rustfmt::skip]
const TRADES: [&str; 44] = [
    "科技", "技术", "电子", "机械", "设备", "制造", "工业", "实业", "贸易", "商贸", "化工", "材料", "能源", "电力", "电气", "自动化", "软件", "信息",
    "网络", "通信", "汽车", "钢铁", "石油", "石化", "医药", "药业", "生物", "食品", "纺织", "服饰", "建筑", "建设", "工程", "物流", "运输", "环保", "仪器",
    "仪表", "精密", "模具", "半导体", "光电", "重工", "投资",
];
/// What is said of a company rather than its name.
#[rustfmt::skip]
const SAID: [&str; 26] = [
    "本", "该", "我", "贵", "某", "各", "此", "其", "一家", "两家", "多家", "这家", "任何", "所有", "外国", "其他", "国有独资", "一人", "股份", "设立", "成立", "变更为",
    "上市", "控股", "母", "关联",
];

/// A company's name: a name of its own before one of the usual endings. With a trade and a place it is strong.
pub(super) fn company(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let Some(end) = ENDS.iter().find(|e| text.ends_with(*e)) else { return No };
    let own = text.strip_suffix(end).unwrap_or_default();
    let length = own.chars().count();
    let letters = own.chars().all(|c| super::han::is_han(c) || c.is_ascii_alphanumeric() || "（）()·".contains(c));
    let said = SAID.iter().any(|s| own == *s || own.ends_with(s) || (own.starts_with(s) && length <= 4));
    // Two companies in a row are a sentence; a branch carries its parent's name.
    let sentence = own.contains("公司") && !matches!(*end, "分公司" | "子公司");
    if sentence || !(2..=36).contains(&length) || !letters || said || own.contains('的') {
        return No;
    }
    let trade = TRADES.iter().any(|t| own.contains(t));
    let place = super::region::NAMES.iter().any(|n| own.starts_with(n)) || own.contains(['市', '省', '县', '（', '(']);
    match (trade, place) {
        (true, true) => Strong,
        (true, false) | (false, true) => Fair,
        (false, false) if end.chars().count() >= 4 && length >= 3 => Fair,
        (false, false) => Weak,
    }
}

/// Customs registration of a Chinese trader: ten digits or letters, region first, kind of enterprise at 6.
pub(super) fn customs_code(value: &[u8]) -> Validity {
    let shape = value.len() == 10
        && value[..6].iter().all(u8::is_ascii_digit)
        && value[6..].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let place = value.get(..2).and_then(number).is_some_and(is_province);
    Weak.when(shape && place && matches!(value[5], b'1'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (social_credit, "91350100M000100Y43", Strong),
            (social_credit, "91350100M000100Y44", No),
            // The organisation codes inside two published unified codes.
            (organisation_code, "M000100Y4", Fair),
            (organisation_code, "60003734-1", Fair),
            (organisation_code, "600037341", Weak),
            (organisation_code, "60003734-2", No),
            (organisation_code, "D2143569-X", Fair),
            (organisation_code, "00000000-0", No),
            (organisation_code, "6000373", No),
            (tax_number, "91110000600037341L", Strong),
            (tax_number, "110105600037341", Weak),
            (tax_number, "110105600037342", No),
            (tax_number, "11010519491231002X01", Fair),
            (tax_number, "12345", No),
            (registration, "110108000000016", Fair),
            (registration, "110108000000017", No),
            (registration, "160108000000016", No),
            (company, "江苏沙钢集团有限公司", Fair),
            (company, "苏州市吴江精密机械有限公司", Strong),
            (company, "华为技术有限公司", Fair),
            (company, "阿里巴巴（中国）有限公司", Fair),
            (company, "本有限公司", No),
            (company, "该有限公司", No),
            (company, "有限公司", No),
            (company, "乙方的有限公司", No),
            (company, "公司", No),
            (company, "本公司与该有限公司", No),
            (company, "依法设立的有限公司", No),
            (company, "江苏恒达电气有限公司苏州分公司", Strong),
            (customs_code, "3205910123", Weak),
            (customs_code, "32059401BC", Weak),
            (customs_code, "16059401BC", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }
}
