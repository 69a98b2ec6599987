//! Where in China: prefectures of GB/T 2260 and telephone areas. Tables of facts; a number outside them is not
//! refused by the callers, it only loses a bonus.

/// First four digits of GB/T 2260 codes that were ever given out, as ranges: prefectures and prefecture-level
/// cities, counties under a province (90), and the districts of former times (21 and on). Resident numbers keep the
/// code of the year they were issued in. Compared with the table of python-stdnum 2.2 (1980 to 2024).
#[rustfmt::skip]
const PREFECTURES: [(u16, u16); 76] = [
    (1101, 1102), (1201, 1202), (1301, 1311), (1321, 1330), (1390, 1390), (1401, 1411), (1421, 1427), (1490, 1490),
    (1501, 1509), (1521, 1529), (2101, 2114), (2121, 2122), (2190, 2190), (2201, 2208), (2221, 2226), (2290, 2290),
    (2301, 2312), (2321, 2327), (2390, 2390), (3101, 3102), (3201, 3213), (3221, 3227), (3290, 3290), (3301, 3311),
    (3321, 3328), (3390, 3390), (3401, 3418), (3421, 3429), (3501, 3509), (3521, 3527), (3590, 3590), (3601, 3611),
    (3621, 3626), (3701, 3717), (3721, 3729), (3790, 3790), (4101, 4117), (4121, 4130), (4190, 4190), (4201, 4213),
    (4221, 4229), (4290, 4290), (4301, 4313), (4321, 4331), (4390, 4390), (4401, 4429), (4451, 4453), (4490, 4490),
    (4501, 4514), (4521, 4528), (4601, 4604), (4690, 4690), (5001, 5003), (5101, 5139), (5190, 5190), (5201, 5206),
    (5221, 5227), (5301, 5309), (5321, 5335), (5401, 5406), (5421, 5427), (6101, 6110), (6121, 6127), (6201, 6212),
    (6221, 6230), (6301, 6302), (6321, 6328), (6401, 6405), (6421, 6422), (6501, 6505), (6521, 6532), (6540, 6543),
    (6590, 6590), (7100, 7100), (8100, 8100), (8200, 8300),
];

/// True for the first four digits of a region code that was given out.
pub(super) fn is_prefecture(code: u32) -> bool {
    PREFECTURES.iter().any(|(low, high)| (u32::from(*low)..=u32::from(*high)).contains(&code))
}

/// Telephone areas of three digits: 010, 020 to 025, 027 to 029.
const SHORT_AREAS: [u16; 10] = [10, 20, 21, 22, 23, 24, 25, 27, 28, 29];
/// Telephone areas of four digits without their zero, and what merged into another since (numbers in old lists).
/// Written down from the numbering plan in force since 1998.
#[rustfmt::skip]
const LONG_AREAS: [(u16, u16); 66] = [
    (310, 319), (335, 335), (349, 349), (350, 359), (370, 379), (391, 396), (398, 398), (410, 419), (421, 421), (427, 427),
    (429, 429), (431, 440), (448, 448), (451, 459), (464, 464), (467, 469), (470, 479), (482, 483), (510, 519), (523, 523),
    (527, 527), (530, 539), (543, 543), (546, 546), (550, 559), (561, 566), (570, 580), (591, 599), (631, 635), (660, 660),
    (662, 663), (668, 668), (691, 692), (701, 701), (710, 719), (722, 722), (724, 724), (728, 728), (730, 739), (743, 746),
    (750, 760), (762, 763), (766, 766), (768, 779), (790, 799), (812, 813), (816, 818), (825, 827), (830, 839), (851, 859),
    (870, 879), (883, 883), (886, 888), (891, 898), (901, 903), (906, 906), (908, 909), (910, 917), (919, 919), (930, 939),
    (941, 941), (943, 943), (951, 955), (970, 977), (979, 979), (990, 999),
];

/// Length of the area code (with its zero) at the beginning of `digits`, which begin with 0.
pub(super) fn area(digits: &[u8]) -> Option<usize> {
    let number = |n: usize| digits.get(1..n).and_then(super::number).and_then(|v| u16::try_from(v).ok());
    let short = number(3)?;
    if SHORT_AREAS.contains(&short) {
        return Some(3);
    }
    let long = number(4)?;
    LONG_AREAS.iter().any(|(low, high)| (*low..=*high).contains(&long)).then_some(4)
}

/// Names of the provinces, longest form first where one begins another.
#[rustfmt::skip]
pub(super) const NAMES: [&str; 68] = [
    "北京市", "天津市", "上海市", "重庆市", "北京", "天津", "上海", "重庆", "河北省", "山西省", "辽宁省", "吉林省", "黑龙江省", "江苏省",
    "浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "海南省", "四川省", "贵州省", "云南省", "陕西省",
    "甘肃省", "青海省", "台湾省", "内蒙古自治区", "广西壮族自治区", "西藏自治区", "宁夏回族自治区", "新疆维吾尔自治区", "香港特别行政区",
    "澳门特别行政区", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东",
    "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_known_by_their_cities() {
        // Beijing, Shanghai, Xi'an, Shijiazhuang, Suzhou, Shenzhen, Dongguan, Urumqi, Lhasa, Haikou.
        let good = ["010", "021", "029", "0311", "0512", "0755", "0769", "0991", "0891", "0898"];
        for code in good {
            assert_eq!(area(format!("{code}88886666").as_bytes()), Some(code.len()), "{code}");
        }
        for code in ["026", "0300", "0111", "0499", "0699", "0809", "0980", "0000"] {
            assert_eq!(area(format!("{code}88886666").as_bytes()), None, "{code}");
        }
        assert_eq!(area(b"0"), None);
    }

    #[test]
    fn prefectures() {
        for code in [1101, 3205, 4403, 4201, 5101, 6590, 8100, 8300, 3729] {
            assert!(is_prefecture(code), "{code}");
        }
        for code in [1100, 1103, 4454, 6533, 9999, 3219, 0] {
            assert!(!is_prefecture(code), "{code}");
        }
    }
}
