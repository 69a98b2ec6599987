//! How many columns a text takes on a terminal, and how to break it.
//!
//! Widths follow UAX #11: wide and fullwidth characters take two columns, combining marks none. The ranges below are
//! the blocks in which such characters lie; single exceptions inside a block are not worth a table of thousands.

/// Columns of one character.
fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f
        | 0x0483..=0x0489
        | 0x0591..=0x05bd
        | 0x064b..=0x065f
        | 0x0e34..=0x0e3a
        | 0x0e47..=0x0e4e
        | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff
        | 0x20d0..=0x20ff
        | 0x302a..=0x302f
        | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0x33ff
        | 0x3400..=0x4dbf
        | 0x4e00..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe10..=0xfe19
        | 0xfe30..=0xfe6f
        | 0xff01..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Columns of a text without control characters.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// `text` filled with spaces to `columns` on the right.
pub(crate) fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` filled with spaces to `columns` on the left.
pub(crate) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` in at most `columns` columns; what does not fit is replaced by `…` in the middle, so that both the
/// beginning and the end of a path stay.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let mut head = String::new();
    let mut used = 0;
    for c in text.chars() {
        if used + char_width(c) > room / 3 {
            break;
        }
        used += char_width(c);
        head.push(c);
    }
    let mut tail: Vec<char> = Vec::new();
    for c in text.chars().rev() {
        if used + char_width(c) > room {
            break;
        }
        used += char_width(c);
        tail.push(c);
    }
    head.push('…');
    head.extend(tail.into_iter().rev());
    head
}

/// The beginning of `text` in at most `columns` columns, with `…` if something was left off.
pub(crate) fn head(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += char_width(c);
        if used > columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Breaks `text` into lines of at most `columns` columns: at spaces, and between wide characters unless the next is
/// a closing mark. A word longer than a line is cut.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for piece in pieces(text) {
        let wide = width(piece.trim_end());
        if used > 0 && used + wide > columns {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        for c in piece.chars() {
            if used + char_width(c) > columns && c != ' ' {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0;
            }
            line.push(c);
            used += char_width(c);
        }
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Parts of a text between which a line may break.
fn pieces(text: &str) -> Vec<&str> {
    const CLOSING: &str = "，。、；：！？）》」』”’…％";
    const OPENING: &str = "（《「『“‘";
    let mut out = Vec::new();
    let mut from = 0;
    let mut last: Option<char> = None;
    for (at, c) in text.char_indices() {
        if let Some(before) = last {
            let after_space = before == ' ' && c != ' ';
            let between_wide = (char_width(before) == 2 || char_width(c) == 2)
                && before != ' '
                && !CLOSING.contains(c)
                && !OPENING.contains(before);
            if after_space || between_wide {
                out.push(&text[from..at]);
                from = at;
            }
        }
        last = Some(c);
    }
    out.push(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns_and_combining_marks_none() {
        assert_eq!(width("检查 ok"), 7);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(left("检查", 6), "检查  ");
        assert_eq!(right("7", 3), "  7");
    }

    #[test]
    fn lines_break_at_spaces_and_between_wide_characters_but_not_before_closing_marks() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("数据安全风险", 8), ["数据安全", "风险"]);
        assert_eq!(wrap("数据安全，好", 8), ["数据安", "全，好"]);
        assert_eq!(wrap("abcdefghijkl", 8), ["abcdefgh", "ijkl"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn a_cut_keeps_both_ends() {
        assert_eq!(fit("/very/long/path/file.csv", 12), "/ve…file.csv");
        assert_eq!(fit("short", 12), "short");
        assert_eq!(head("检查报告", 6), "检查…");
    }
}
