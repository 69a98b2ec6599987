//! Codes and glyph names of simple fonts (ISO 32000-1, annex D), and the widths every reader knows.

use encoding_rs::{Encoding, GB18030, MACINTOSH, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The encodings that have a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    WinAnsi,
    MacRoman,
    /// Of the font `Symbol`: Greek letters under Latin codes.
    Symbol,
}
impl Base {
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"StandardEncoding" => Self::Standard,
            b"WinAnsiEncoding" => Self::WinAnsi,
            b"MacRomanEncoding" => Self::MacRoman,
            _ => return None,
        })
    }
    /// What a code stands for.
    pub(super) fn text(self, code: u8) -> Option<char> {
        let single = |encoding: &'static Encoding| encoding.decode_without_bom_handling(&[code]).0.chars().next();
        let nth = |table: &str, first: u8| {
            let c = code.checked_sub(first).and_then(|i| table.chars().nth(i.into()));
            c.filter(|c| *c != '\0')
        };
        match (self, code) {
            (_, ..0x20) => None,
            (Self::Standard, b'\'') => Some('’'),
            (Self::Standard, b'`') => Some('‘'),
            (Self::Symbol, 0x41..0x5B) => nth(GREEK_CAPITALS, 0x41),
            (Self::Symbol, 0x61..0x7B) => nth(GREEK_SMALL, 0x61),
            (_, 0x20..0x7F) => Some(code.into()),
            (Self::Standard, _) => nth(STANDARD_HIGH, 0xA1),
            (Self::Symbol, _) => None,
            (Self::WinAnsi, _) => single(WINDOWS_1252).filter(|c| !c.is_control()),
            (Self::MacRoman, _) => single(MACINTOSH),
        }
    }
}

const GREEK_CAPITALS: &str = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";
const GREEK_SMALL: &str = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";
/// StandardEncoding from 0xA1 on.
const STANDARD_HIGH: &str = "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ\0–†‡·\0¶•‚„”»…‰\0¿\0`´ˆ˜¯˘˙¨\0˚¸\0˝˛ˇ—\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0Æ\0ª\0\0\0\0ŁØŒº\0\0\0\0\0æ\0\0\0ı\0\0łøœß";
/// PDFDocEncoding where it is not Latin-1: from 0x18 and from 0x80 on.
const DOCUMENT_LOW: &str = "˘ˇˆ˙˝˛˚˜";
const DOCUMENT_HIGH: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž\u{FFFD}€";

/// What a glyph's name says.
pub(super) enum Glyph {
    Text(String),
    /// A sign that is no text, such as a piece of a large bracket.
    Sign,
    /// Nothing that anybody could know (`g123`).
    Opaque,
}

static GLYPHS: LazyLock<HashMap<&'static str, char>> = LazyLock::new(|| {
    let items = include_str!("data/glyphs.txt").lines().filter(|l| !l.starts_with('#')).flat_map(|l| l.split(", "));
    items.filter_map(|item| item.split_once(' ').and_then(|(name, code)| Some((name, hex(code)?)))).collect()
});
fn hex(digits: &str) -> Option<char> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}

/// The text of a glyph by its name (Adobe Glyph List Specification, 2).
pub(super) fn glyph(name: &[u8]) -> Glyph {
    let Ok(name) = std::str::from_utf8(name) else { return Glyph::Opaque };
    if name.len() > 64 || name == ".notdef" {
        return Glyph::Opaque;
    }
    let stem = name.split('.').next().unwrap_or_default();
    let mut text = String::new();
    for part in stem.split('_') {
        let known = GLYPHS.get(part).copied();
        if let Some(c) = known.or_else(|| part.strip_prefix('u').filter(|d| (4..=6).contains(&d.len())).and_then(hex)) {
            text.push(c);
        } else if let Some(digits) = part.strip_prefix("uni").filter(|d| d.len() % 4 == 0 && d.is_ascii()) {
            text.extend((0..digits.len() / 4).filter_map(|i| hex(digits.get(i * 4..i * 4 + 4)?)));
        }
    }
    if !text.is_empty() {
        return Glyph::Text(text);
    }
    let word = stem.len() >= 3 && stem.bytes().all(|b| b.is_ascii_alphabetic());
    if word { Glyph::Sign } else { Glyph::Opaque }
}

/// The width of an ASCII character in one of the standard fonts, in thousandths of the size; `name` without the
/// prefix of a subset. Other names go by what they say of themselves, as readers do that lack a font.
pub(super) fn standard_widths(name: &str) -> [f32; 95] {
    let has = |part: &str| name.contains(part);
    let (bold, slanted) = (has("Bold") || has("Black"), has("Italic") || has("Oblique"));
    let table = match () {
        () if has("Courier") || has("Mono") || has("Consolas") => return [600.0; 95],
        () if has("Times") || has("Serif") || has("Roman") || has("Georgia") => match (bold, slanted) {
            (false, false) => "Times-Roman",
            (true, false) => "Times-Bold",
            (false, true) => "Times-Italic",
            (true, true) => "Times-BoldItalic",
        },
        () if bold => "Helvetica-Bold",
        () => "Helvetica",
    };
    let mut widths = [500.0; 95];
    let mut lines = include_str!("data/widths.txt").lines().skip_while(|l| *l != table).skip(1);
    let all: String = lines.by_ref().take(4).collect::<Vec<_>>().join(" ");
    for (slot, width) in widths.iter_mut().zip(all.split(' ')) {
        *slot = width.parse().unwrap_or(500.0);
    }
    widths
}

/// A text string (7.9.2.2): UTF-16 or UTF-8 with a mark, or PDFDocEncoding; and GB18030, which Chinese writers put
/// there against the standard, if it is that.
pub(super) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xFF, 0xFE, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => foreign(bytes).unwrap_or_else(|| bytes.iter().map(|b| document(*b)).collect()),
    }
}
/// What the standard does not allow and writers write.
fn foreign(bytes: &[u8]) -> Option<String> {
    if bytes.is_ascii() {
        return None;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
    let (han, all) = text.chars().filter(|c| !c.is_ascii()).fold((0, 0), |(han, all), c| {
        (han + usize::from(matches!(c, '\u{3000}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}')), all + 1)
    });
    // Two letters with accents make a rare character; a Chinese title is made of usual ones.
    let usual = matches!(classify::sniff(bytes), classify::Kind::Text(classify::Encoding::Gb18030, _));
    (han == all && usual).then(|| text.into_owned())
}
fn document(code: u8) -> char {
    let table = match code {
        0x18..0x20 => DOCUMENT_LOW.chars().nth(usize::from(code - 0x18)),
        0x80..=0xA0 => DOCUMENT_HIGH.chars().nth(usize::from(code - 0x80)),
        _ => None,
    };
    table.unwrap_or(char::from(code))
}

/// What stands under the codes of the radicals U+2F00 to U+2FD5. Some writers take them for the characters that look
/// the same, and a word spelt so would not be found.
const RADICALS: &str = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴\
     廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿\
     目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵\
     邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";
static RADICAL: LazyLock<Vec<char>> = LazyLock::new(|| RADICALS.chars().collect());

/// Puts a character behind `out` as it is usually written: ligatures apart, radicals as characters.
pub(super) fn push_plain(c: char, out: &mut String) {
    match c {
        'ﬀ' => out.push_str("ff"),
        'ﬁ' => out.push_str("fi"),
        'ﬂ' => out.push_str("fl"),
        'ﬃ' => out.push_str("ffi"),
        'ﬄ' => out.push_str("ffl"),
        '\u{2F00}'..='\u{2FD5}' => out.push(RADICAL.get(c as usize - 0x2F00).copied().unwrap_or(c)),
        '\u{A0}' => out.push(' '),
        // Line ends are the layout's.
        c if c.is_control() => out.push(' '),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_have_names() {
        let table: [(&str, Option<&str>); 12] = [
            ("A", Some("A")),
            ("seven", Some("7")),
            ("seven.oldstyle", Some("7")),
            ("f_i", Some("fi")),
            ("uni4E2D56FD", Some("中国")),
            ("u2000B", Some("\u{2000B}")),
            ("afii10017", Some("А")),
            ("g12", None),
            ("uniXYZ1", None),
            (".notdef", None),
            ("bracketlefttp", None),
            ("u+41", None),
        ];
        for (name, expect) in table {
            let text = match glyph(name.as_bytes()) {
                Glyph::Text(text) => Some(text),
                Glyph::Sign | Glyph::Opaque => None,
            };
            assert_eq!(text.as_deref(), expect, "{name}");
        }
        assert!(matches!(glyph(b"bracketlefttp"), Glyph::Sign));
    }

    #[test]
    fn codes_of_simple_fonts() {
        let table = [
            (Base::WinAnsi, 0x80, Some('€')),
            (Base::WinAnsi, 0x81, None),
            (Base::WinAnsi, b'\'', Some('\'')),
            (Base::MacRoman, 0x80, Some('Ä')),
            (Base::Standard, b'\'', Some('’')),
            (Base::Standard, 0xFB, Some('ß')),
            (Base::Standard, 0xFF, None),
            (Base::Symbol, b'a', Some('α')),
            (Base::Symbol, b'7', Some('7')),
            (Base::WinAnsi, 0x1F, None),
        ];
        for (base, code, expect) in table {
            assert_eq!(base.text(code), expect, "{code:02x}");
        }
        let digits = standard_widths("ArialMT");
        assert!((digits[17] - 556.0).abs() < 0.1 && (digits[94] - 584.0).abs() < 0.1);
    }

    #[test]
    fn text_strings() {
        let table: [(&[u8], &str); 6] = [
            (b"plain \x80", "plain •"),
            (b"\xFE\xFF\x4E\x2D", "中"),
            (b"\xFF\xFE\x2D\x4E", "中"),
            (b"\xEF\xBB\xBF\xE4\xB8\xAD", "中"),
            // "身份证号" in GB18030, from Python's codec.
            (b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5", "身份证号"),
            (b"caf\xE9", "café"),
        ];
        for (bytes, expect) in table {
            assert_eq!(text_string(bytes), expect);
        }
        let mut text = String::new();
        "⼿机 oﬃce\n".chars().for_each(|c| push_plain(c, &mut text));
        assert_eq!(text, "手机 office ");
        assert_eq!(RADICAL.len(), 214);
    }
}
