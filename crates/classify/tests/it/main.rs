//! What a user would notice: found or not, how sure, and the same in every encoding.
mod column;
mod corpora;
mod formats;
mod packs;

use classify::{Detectors, Encoding, Scanner, Text};

type Id = &'static str;
const RESIDENT_ID: Id = "cn.resident-id";
const USCC: Id = "cn.uscc";
const VIN: Id = "vin";
const BANK_CARD: Id = "bank-card";
const MOBILE: Id = "cn.mobile";
const EMAIL: Id = "email";
const PRIVATE_KEY: Id = "private-key";

fn scan(bytes: &[u8], encoding: Encoding) -> Vec<(String, usize, u8)> {
    let mut scanner = Scanner::new(Detectors::builtin());
    let header = scanner.header(bytes, encoding);
    let set = Detectors::builtin();
    let mut out = Vec::new();
    let text = Text { header: header.as_ref(), ..Text::whole(bytes, encoding) };
    scanner.scan(&text, &mut |m| out.push((set.id(m.class).to_string(), m.range.start, m.confidence)));
    out.sort_unstable();
    out
}
/// The same with ids that a table can hold.
fn seen(text: &str) -> Vec<(Id, &'static str)> {
    sure(text).into_iter().map(|(id, band)| (&*id.leak(), band)).collect()
}
fn sure(text: &str) -> Vec<(String, &'static str)> {
    let band = |c: u8| {
        if c >= 85 {
            "high"
        } else if c >= 65 {
            "medium"
        } else {
            "low"
        }
    };
    scan(text.as_bytes(), Encoding::Utf8).into_iter().map(|m| (m.0, band(m.2))).collect()
}

#[test]
fn published_numbers_in_their_context() {
    let table: &[(&str, &[(Id, &str)])] = &[
        ("身份证号：360426199101010071。", &[(RESIDENT_ID, "high")]),
        ("11010519491231002X", &[(RESIDENT_ID, "high")]),
        ("11010519491231002x", &[(RESIDENT_ID, "high")]),
        ("示例 身份证号 11010519491231002X", &[(RESIDENT_ID, "high")]),
        ("统一社会信用代码 91350100M000100Y43", &[(USCC, "high")]),
        ("91110000600037341L", &[(USCC, "high")]),
        ("银行卡号 6228480402564890018", &[(BANK_CARD, "high")]),
        ("6228480402564890018", &[(BANK_CARD, "low")]),
        ("手机：13961835674", &[(MOBILE, "high")]),
        ("13967345678", &[(MOBILE, "low")]),
        ("+8613967345678", &[(MOBILE, "medium")]),
        ("VIN: LATPAB071W1005301", &[(VIN, "high")]),
        ("LATPAB071W1005301", &[(VIN, "medium")]),
        ("邮箱 wang.wei@plant.com.cn", &[(EMAIL, "high")]),
        ("wang.wei@plant.com.cn", &[(EMAIL, "medium")]),
        ("a@example.com", &[(EMAIL, "low")]),
    ];
    for (text, expect) in table {
        assert_eq!(seen(text), *expect, "{text}");
    }
    // Manuals' values are found, but never as high.
    for text in ["phone 13800138000", "card 4111111111111111", "VIN 1M8GDM9AXKP042788"] {
        assert!(sure(text).iter().all(|m| m.1 != "high"), "{text}");
    }
    assert_eq!(seen("VIN 11111111111111111"), [], "digits alone are no VIN here");
}

#[test]
fn what_only_looks_like_it_is_none() {
    for text in [
        "身份证号 360426199101010072",          // neighbour of a valid number
        "1700000000000 1700000000000000",       // epoch in ms and µs
        "550e8400-e29b-41d4-a716-446655440000", // RFC 4122 example
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "0.13961835674 3.14159265358979",
        "a13961835674 13961835674b X13961835674",
        "139618356741396183567413961835674",
        "电话 12345678901",
        "icon@2x.png lodash@4.17.21 getty@tty1.service user@host",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----",
        "order 20240101123045123",
        "phone: +13961835674", // country code 1, not 86
    ] {
        assert_eq!(seen(text), [], "{text}");
    }
}

#[test]
fn a_set_of_one_class_finds_it_wherever_it_stands() {
    // Each is woken in a way of its own, and must be when nothing else wakes: by a word outside ASCII, by a literal.
    let key = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", "MIIEpAIBAAKCAQEA".repeat(4));
    for (id, value) in [("cn.address", "浙江省杭州市西湖区文三路90号"), (PRIVATE_KEY, &key)] {
        let mut scanner = Scanner::new(Detectors::only(&[id]));
        // Across the borders of the blocks of 64 units and of the tiles of 64 blocks.
        for before in (0..130).chain(3960..4230) {
            let text = format!("{}\n{value}\n", "x".repeat(before));
            let mut found = 0;
            scanner.scan(&Text::whole(text.as_bytes(), Encoding::Utf8), &mut |m| {
                found += usize::from(m.range.start == before + 1);
            });
            assert_eq!(found, 1, "{id} at {before}");
        }
    }
}

#[test]
fn the_same_in_every_encoding() {
    let text = "姓名,身份证号,手机\n张三,360426199101010071,13961835674\n李四丂丄,11010519491231002X，13967345678\n车架号LATPAB071W1005301；邮箱wang@plant.cn\n";
    let utf8 = scan(text.as_bytes(), Encoding::Utf8);
    // Six numbers; and 张三, whom the header makes a name (a known placeholder, so not high).
    assert_eq!(utf8.len(), 7);
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let kinds = |found: &[(String, usize, u8)]| found.iter().map(|m| (m.0.clone(), m.2 >= 85)).collect::<Vec<_>>();
    for (bytes, encoding) in [(&gb[..], Encoding::Gb18030), (&le, Encoding::Utf16Le), (&be, Encoding::Utf16Be)] {
        assert_eq!(kinds(&scan(bytes, encoding)), kinds(&utf8), "{encoding:?}");
    }
    for (class, at, _) in scan(&le, Encoding::Utf16Le) {
        if class == VIN {
            assert_eq!(&le[at..at + 4], b"L\0A\0");
        }
    }
}

#[test]
fn a_trail_byte_is_no_letter() {
    // 丂 is 81 40, 亊 81 81, 侫 is 82 61 (ends in an `a`), 俛 is 82 7A (ends in a `z`): from Python's gb18030 codec.
    for lead in [&b"\x82\x61"[..], b"\x82\x7a", b"\x81\x81\x82\x61", b"\x81\x30\x81\x30"] {
        let bytes = [lead, b"360426199101010071"].concat();
        assert_eq!(scan(&bytes, Encoding::Gb18030).len(), 1, "{lead:x?}");
    }
    assert_eq!(scan(b"\x81\x81a360426199101010071", Encoding::Gb18030).len(), 0);
}

#[test]
fn keys() {
    let body = "MIIEpAIBAAKCAQEA".repeat(8);
    let key = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    assert_eq!(seen(&key("RSA PRIVATE KEY", &body)), [(PRIVATE_KEY, "high")]);
    assert_eq!(seen(&key("ENCRYPTED PRIVATE KEY", &body)), [(PRIVATE_KEY, "medium")]);
    assert_eq!(
        seen(&key("OPENSSH PRIVATE KEY", &format!("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU{body}"))),
        [(PRIVATE_KEY, "high")]
    );
    assert_eq!(seen(&key("PUBLIC KEY", &body)), []);
    assert_eq!(
        seen(&format!("{{\"key\":\"{}\"}}", key("PRIVATE KEY", &body).replace('\n', "\\n"))),
        [(PRIVATE_KEY, "high")]
    );
}

#[test]
fn windows_find_what_the_whole_finds() {
    let text = "phone 13961835674, card 6228480402564890018\n".repeat(40);
    let whole = scan(text.as_bytes(), Encoding::Utf8);
    for cut in [1, 7, 100, 771, 1500] {
        let mut scanner = Scanner::new(Detectors::builtin());
        let mut out = Vec::new();
        for core in [0..cut, cut..text.len()] {
            let text = Text { bytes: text.as_bytes(), encoding: Encoding::Utf8, core, header: None };
            scanner.scan(&text, &mut |m| {
                out.push((Detectors::builtin().id(m.class).to_string(), m.range.start, m.confidence));
            });
        }
        out.sort_unstable();
        assert_eq!(out, whole, "{cut}");
    }
}
