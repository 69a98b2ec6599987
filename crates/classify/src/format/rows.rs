//! Lines of a text and the numbers in them.

use super::bytes::first;

/// Lines without their ends, whichever of the three ends they have.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = if memchr::memchr(b'\n', text).is_some() { b'\n' } else { b'\r' };
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = memchr::memchr(end, text);
        rest = at.and_then(|at| text.get(at + 1..));
        let line = first(text, at.unwrap_or(text.len()));
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}
/// The lines that are certainly whole: the last one of a piece may be cut off.
pub(super) fn whole(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(memchr::memrchr2(b'\n', b'\r', text).map_or(text, |end| first(text, end)))
}
/// Lines that are not blank, without the blanks around them.
pub(super) fn filled(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    whole(text).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}
pub(super) fn is_number(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_digit)
        && word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E' | b'd' | b'D'))
        && word.first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
}
/// How many numbers a line consists of, or nothing if something in it is none.
pub(super) fn numbers(line: &[u8]) -> Option<usize> {
    let words = line.split(|b| matches!(b, b' ' | b'\t' | b',' | b'\r')).filter(|w| !w.is_empty());
    words.map(|w| is_number(w).then_some(1)).sum()
}
