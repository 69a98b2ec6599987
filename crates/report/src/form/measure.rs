//! How much room a text takes on paper, estimated from above.
//!
//! A page must be numbered before a browser lays it out, because browsers that are in use cannot count pages in a header. So the
//! estimate has to be an upper bound: every character is taken as wide as it is in the widest of the usual fonts. Lengths are tenths of a
//! millimetre, widths of characters thousandths of the font size.

/// How a text is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ink {
    Plain,
    Strong,
    /// Smaller, for glosses and notes.
    Soft,
}

/// How large a table is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Size {
    Normal,
    /// For a table that has to fit on one page.
    Small,
}

/// Font size and height of a line, tenths of a millimetre; `style.css` and the DOCX face set the same.
pub(super) fn font(size: Size, ink: Ink) -> (u32, u32) {
    match (size, ink) {
        (Size::Normal, Ink::Plain | Ink::Strong) => (37, 56),
        (Size::Normal, Ink::Soft) => (30, 44),
        (Size::Small, Ink::Plain | Ink::Strong) => (28, 37),
        (Size::Small, Ink::Soft) => (25, 34),
    }
}

/// The same with a font size that bounds the widths of letters: bold ones are an eighth wider.
pub(super) fn bound(size: Size, ink: Ink) -> (u32, u32) {
    let (em, line) = font(size, ink);
    (if ink == Ink::Strong { em * 9 / 8 } else { em }, line)
}

/// Width of a character, thousandths of the font size. Letters are those of DejaVu Sans, the widest of the fonts that a page like this
/// is shown in; ideographs are square in every font.
fn width(c: char) -> u32 {
    match c {
        ' ' => 320,
        'i' | 'j' | 'l' | 'I' | 'f' | 'J' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '/' | '\\' | '-' => 370,
        'r' | 't' | '(' | ')' | '[' | ']' => 420,
        'c' | 's' | 'z' | '_' | '"' | '?' | '*' => 560,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1000,
        '=' | '+' | '<' | '>' | '~' | '^' | '#' | '&' => 850,
        '\u{21}'..='\u{7e}' if c.is_ascii_uppercase() => 790,
        '\u{21}'..='\u{7e}' => 650,
        '\u{a1}'..='\u{24f}' => 900,
        '\u{300}'..='\u{36f}' => 0,
        c if is_ideograph(c) || matches!(u32::from(c), 0x3000..=0x303f | 0xff01..=0xff60) => 1000,
        c if matches!(u32::from(c), 0x1f000..=0x1ffff) => 1400,
        _ => 1050,
    }
}

fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x3041..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x20000..=0x3fffd)
}

/// Whether a line may end between two characters. Only where every browser would break, or the estimate is no bound.
fn may_break(before: char, after: char) -> bool {
    const CLOSING: &str = "，。、；：！？）》」』】〉〕”’…％·—～々ー";
    const OPENING: &str = "（《「『【〈〔“‘";
    if after == ' ' {
        return false;
    }
    before == ' '
        || ((is_ideograph(before) || is_ideograph(after)) && !CLOSING.contains(after) && !OPENING.contains(before))
            && (is_ideograph(after) || OPENING.contains(after) || after.is_ascii_alphanumeric())
            && (is_ideograph(before) || CLOSING.contains(before) || before.is_ascii_alphanumeric())
}

/// Lines that a text takes, and where the text behind them begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Filled {
    pub(super) lines: u32,
    /// Byte offset of what did not fit; the length of the text if all did.
    pub(super) end: usize,
}

/// Sets `text` in lines of `room` tenths of a millimetre with a font of `em`, at most `lines_max` of them. Reads no further than that.
pub(super) fn fill(text: &str, room: u32, em: u32, lines_max: u32) -> Filled {
    let room = (room * 1000 / em).max(3000);
    let (mut lines, mut used, mut word, mut word_at) = (1, 0, 0, 0);
    let mut last = None;
    for (at, c) in text.char_indices() {
        if last.is_some_and(|l| may_break(l, c)) {
            (word, word_at) = (0, at);
        }
        let w = width(c);
        if used + w > room && c != ' ' {
            let moved = word < used && word + w <= room;
            if lines >= lines_max {
                return Filled { lines, end: if moved { word_at } else { at } };
            }
            lines += 1;
            (used, word) = if moved { (word, word) } else { (0, 0) };
        }
        used += w;
        word += w;
        last = Some(c);
    }
    Filled { lines, end: text.len() }
}

/// Height of `text`, at most a little over `height_max`.
pub(super) fn height(text: &str, room: u32, (em, line): (u32, u32), height_max: u32) -> u32 {
    fill(text, room, em, height_max / line + 2).lines * line
}

/// Height of boxes to tick, which stand beside each other and are not broken within unless they are longer than a line.
pub(super) fn height_of_boxes(boxes: &[(bool, String)], room: u32, size: Size) -> u32 {
    let line = font(size, Ink::Plain).1;
    let (mut lines, mut used) = (1, 0);
    for (ticked, text) in boxes {
        let em = bound(size, if *ticked { Ink::Strong } else { Ink::Plain }).0;
        // The box, the space behind it and the gap to the next one.
        let own = text.chars().map(width).sum::<u32>() * em / 1000 + em * 13 / 10 + 72;
        if used > 0 && used + own > room {
            lines += 1;
            used = 0;
        }
        if own > room {
            lines += own.div_ceil(room.max(1));
        }
        used += own;
    }
    lines * line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_spaces_and_between_ideographs_and_long_words_are_cut() {
        // Room for ten ideographs.
        let cut = |text: &str, lines| fill(text, 105, 10, lines);
        assert_eq!(cut("一二三四五六七八九十", 9), Filled { lines: 1, end: 30 });
        assert_eq!(cut("一二三四五六七八九十一", 1), Filled { lines: 1, end: 30 });
        assert_eq!(cut("一二三四五六七八九十，", 1), Filled { lines: 1, end: 27 }, "no line begins with a comma");
        let words = "aaaa bbbb cccc dddd eeee";
        let first = cut(words, 1).end;
        assert_eq!(&words[first..], "dddd eeee");
        assert_eq!(cut("", 3), Filled { lines: 1, end: 0 });
        let long = "x".repeat(1000);
        assert_eq!(cut(&long, 1).end, 16, "10.5 em at 0.64 em");
        assert_eq!(cut(&long, 1000).lines, 63);
    }

    #[test]
    fn a_part_and_the_rest_take_as_many_lines_as_the_whole() {
        let text =
            "数据安全事件 data security incident，影响范围 https://example.org/a/very/long/path?x=1 和其他".repeat(40);
        let (whole, mut rest, mut lines) = (fill(&text, 1060, 37, u32::MAX).lines, text.as_str(), 0);
        while !rest.is_empty() {
            let part = fill(rest, 1060, 37, 7);
            assert!(part.end > 0);
            lines += part.lines;
            rest = &rest[part.end..];
        }
        assert_eq!(lines, whole);
    }
}
