//! Foreign text made inert: a host name, a path or an account name must not steer a terminal or turn a line around.

/// Longest text from a record that is shown in full, in characters; what follows is counted, not shown.
pub(crate) const TEXT_CHARS_MAX: usize = 400;

/// `text` with control, bidirectional, invisible and line-breaking characters written as `\u{…}`, and cut at
/// [`TEXT_CHARS_MAX`].
pub(crate) fn clean(text: &str) -> String {
    harmless(text, TEXT_CHARS_MAX, inert)
}

/// `text` with every character that is not `kept` written as `\u{…}`, and cut at `chars_max`; what follows is counted.
#[must_use]
pub fn harmless(text: &str, chars_max: usize, kept: impl Fn(char) -> bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len().min(chars_max));
    let mut chars = text.chars();
    for c in chars.by_ref().take(chars_max) {
        if kept(c) {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
    let rest = chars.count();
    if rest > 0 {
        let _ = write!(out, "… (+{rest})");
    }
    out
}

/// A text of the plan on one line: white space joined, the rest as in [`clean`]. A plan's texts may be long.
pub(crate) fn clean_plan(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let rest: Vec<char> = word.chars().collect();
        for piece in rest.chunks(TEXT_CHARS_MAX) {
            out.push_str(&clean(&piece.iter().collect::<String>()));
        }
    }
    out
}

/// Shows as itself and changes nothing around it. Refused are: Cc; the bidirectional controls of UAX #9 (§2);
/// zero-width and invisible characters; line and paragraph separators; variation selectors, tags and the
/// interlinear and replacement marks, which hide text from the eye.
#[must_use]
pub fn inert(c: char) -> bool {
    !(c.is_control()
        || matches!(u32::from(c),
            0x00ad | 0x034f | 0x061c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164
            | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff9..=0xfffb
            | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_spelled_out_and_what_reads_stays() {
        assert_eq!(clean("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(clean("a\u{202e}txt.exe"), "a\\u{202e}txt.exe");
        assert_eq!(clean("x\u{200b}y\nz\u{85}"), "x\\u{200b}y\\u{a}z\\u{85}");
        assert_eq!(clean("/数据/é ä <b>&\"'"), "/数据/é ä <b>&\"'");
        assert_eq!(clean(&"x".repeat(500)), format!("{}… (+100)", "x".repeat(400)));
    }
}
