//! Foreign text made fit to be shown and stored.

/// One line: control characters and those that turn the direction of text are removed, runs of space become one, the rest is
/// cut at `chars_max`.
pub(crate) fn line(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut chars = 0;
    for c in text.chars() {
        let space = c.is_whitespace();
        if (c.is_control() && !space) || is_direction(c) || (space && (out.is_empty() || out.ends_with(' '))) {
            continue;
        }
        if chars == chars_max {
            break;
        }
        out.push(if space { ' ' } else { c });
        chars += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// An id, a name or a version: not empty, of printable characters, within a length in bytes.
pub(crate) fn token(text: &str, bytes_max: usize) -> Option<&str> {
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= bytes_max && !text.chars().any(|c| c.is_control() || is_direction(c));
    fits.then_some(text)
}

/// Seconds since 1970 of an instant or a date, as publishers write them: RFC 3339 with any offset, or `YYYY-MM-DD`.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.len() == 10 {
        return evidence::Time::from_date(text).ok().map(evidence::Time::secs);
    }
    let instant: jiff::Timestamp = text.parse().ok()?;
    // Within the years that evidence can write.
    Some(evidence::Time::from_millis(instant.as_millisecond()).secs())
}
