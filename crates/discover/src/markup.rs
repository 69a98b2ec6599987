//! HTML, XML and escapes: what a reader sees of a text whose bytes say it otherwise.
//!
//! The whole text is kept - tags, attributes, scripts, comments - and scanned once: entities become characters, and
//! in HTML the tags that only dress text (`<b>`, `<span …>`) are taken out from between its characters and put
//! behind it, so that `139<b>6183</b>5674` is one number. Lines stay what they were; columns count the text as it is
//! read. Refused: a parser of HTML (what we want needs no tree, and broken HTML is usual); a second look at the same
//! text, which counts everything twice.

use crate::charset::Decode;
use crate::content::Worker;
use crate::turn::{Turn, Turned};
use classify::Encoding;
use evidence::{GapReason, PathText};
use std::io::Read;

/// Longest tag that is looked at as one; the beginning of a longer one is text. Bytes.
const TAG_BYTES_MAX: usize = 8 << 10;
/// Longest entity. Bytes.
const ENTITY_BYTES_MAX: usize = 32;
/// Tags that wait for the end of their line. Bytes; then they are put where they stand.
const WAITING_BYTES_MAX: usize = 64 << 10;
/// A number this long may be whole, and one this long or shorter beside it is no part of it.
const WHOLE_DIGITS: usize = 11;
const CRUMB_DIGITS: usize = 3;

/// What marks up a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Markup {
    Html,
    Xml,
}

/// Elements of HTML that begin documents or pieces of them.
const HTML: [&[u8]; 24] = [
    b"html", b"head", b"body", b"div", b"p", b"table", b"span", b"font", b"br", b"b", b"a", b"meta", b"title",
    b"style", b"script", b"h1", b"h2", b"ul", b"ol", b"img", b"center", b"form", b"tr", b"td",
];
/// Elements that dress text and do not part it.
const DRESS: [&[u8]; 22] = [
    b"b", b"i", b"u", b"em", b"strong", b"span", b"font", b"small", b"big", b"sub", b"sup", b"mark", b"s", b"strike",
    b"del", b"ins", b"code", b"tt", b"wbr", b"nobr", b"bdo", b"bdi",
];
/// Named entities that can stand in or beside a value (HTML 13.5).
const ENTITIES: [(&[u8], char); 26] = [
    (b"amp", '&'),
    (b"lt", '<'),
    (b"gt", '>'),
    (b"quot", '"'),
    (b"apos", '\''),
    (b"nbsp", ' '),
    (b"ensp", ' '),
    (b"emsp", ' '),
    (b"thinsp", ' '),
    (b"Tab", ' '),
    (b"NewLine", ' '),
    (b"commat", '@'),
    (b"period", '.'),
    (b"comma", ','),
    (b"colon", ':'),
    (b"semi", ';'),
    (b"lowbar", '_'),
    (b"hyphen", '-'),
    (b"dash", '-'),
    (b"ndash", '-'),
    (b"plus", '+'),
    (b"num", '#'),
    (b"sol", '/'),
    (b"equals", '='),
    (b"lpar", '('),
    (b"rpar", ')'),
];

/// What `head`, the beginning of a text, is marked up in.
pub(crate) fn markup(head: &[u8]) -> Option<Markup> {
    let start = head.iter().position(|b| !b.is_ascii_whitespace())?;
    let head = &head[start..head.len().min(start + 1024)];
    let name = head.strip_prefix(b"<")?;
    if !name.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'!' | b'?')) {
        return None;
    }
    let lower = head.to_ascii_lowercase();
    let names_html = [&b"<html"[..], b"<!doctype html"].iter().any(|m| memchr::memmem::find(&lower, m).is_some());
    let first = element(&lower[1..]);
    Some(if names_html || HTML.contains(&first) { Markup::Html } else { Markup::Xml })
}
fn element(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b':').unwrap_or(tag.len());
    &tag[..end]
}

/// The character set that a document names in its first bytes.
fn declared(head: &[u8]) -> Option<Vec<u8>> {
    let lower = head[..head.len().min(2048)].to_ascii_lowercase();
    let mark: &[u8] = if lower.trim_ascii_start().starts_with(b"<?xml") { b"encoding" } else { b"charset" };
    let find = |mark: &[u8]| memchr::memmem::find(&lower, mark).map(|at| at + mark.len());
    let at = find(mark).or_else(|| find(b"charset"))?;
    let rest = lower[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'_')).unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_vec())
}

/// Reads a text of which `head` is the beginning, without its mark, in the encoding that it seems to have.
pub(crate) fn read(
    worker: &mut Worker<'_>,
    (head, encoding): (&[u8], Encoding),
    src: &mut dyn Read,
    kind: Option<Markup>,
    inside: &[PathText],
) -> Result<(), GapReason> {
    let mut whole = head.chain(src);
    let escapes = has_escapes(head);
    let decode = match encoding {
        Encoding::Utf8 => return turned(worker, &mut whole, kind, escapes, inside),
        Encoding::Utf16Le => Decode::of(encoding_rs::UTF_16LE),
        Encoding::Utf16Be => Decode::of(encoding_rs::UTF_16BE),
        _ => Decode::labelled(kind.and_then(|_| declared(head)).as_deref()),
    };
    turned(worker, &mut Turned::new(&mut whole, decode), kind, escapes, inside)
}
/// Reads HTML in UTF-8.
pub(crate) fn html(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) -> Result<(), GapReason> {
    turned(worker, src, Some(Markup::Html), false, inside)
}
fn turned(
    worker: &mut Worker<'_>,
    src: &mut dyn Read,
    kind: Option<Markup>,
    escapes: bool,
    inside: &[PathText],
) -> Result<(), GapReason> {
    match (kind, escapes) {
        (Some(kind), false) => worker.plain(&mut Turned::new(src, Shown::new(kind)), inside),
        (Some(kind), true) => {
            let mut shown = Turned::new(src, Shown::new(kind));
            worker.plain(&mut Turned::new(&mut shown, Escapes), inside)
        }
        (None, _) => worker.plain(&mut Turned::new(src, Escapes), inside),
    }
}

/// Shows marked up text.
struct Shown {
    kind: Markup,
    /// Tags that were taken out of their line.
    waiting: Vec<u8>,
    /// Inside a script or a style, which ends with this.
    verbatim: Option<&'static [u8]>,
    /// Letters and digits at the end of what was shown, and whether a tag was taken out behind them.
    run: usize,
    joined: bool,
}
impl Shown {
    fn new(kind: Markup) -> Self {
        Self { kind, waiting: Vec::new(), verbatim: None, run: 0, joined: false }
    }
    fn put(&mut self, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(text);
        let tail = text.iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
        self.run = if tail == text.len() { self.run + tail } else { tail };
    }
    fn put_char(&mut self, c: char, out: &mut Vec<u8>) {
        self.joined = false;
        match c {
            // Line breaks would move the lines; these two show nothing.
            '\n' | '\r' => self.put(b" ", out),
            '\u{AD}' | '\u{200B}' => {}
            _ => self.put(c.encode_utf8(&mut [0; 4]).as_bytes(), out),
        }
    }
    fn put_waiting(&mut self, out: &mut Vec<u8>) {
        if !self.waiting.is_empty() {
            out.push(b' ');
            out.append(&mut self.waiting);
            (self.run, self.joined) = (0, false);
        }
    }
    /// Text up to the next mark; returns what it took, nothing if more must be seen.
    fn text(&mut self, text: &[u8], cut: bool, out: &mut Vec<u8>) -> usize {
        if self.joined && self.run > 0 {
            let next = text.iter().take(2 * WHOLE_DIGITS).take_while(|b| b.is_ascii_alphanumeric()).count();
            if cut && next == text.len() && next < 2 * WHOLE_DIGITS {
                return 0;
            }
            // Two numbers side by side, or a number and its footnote, are no one number.
            if next > 0 && self.run >= WHOLE_DIGITS && !(CRUMB_DIGITS + 1..WHOLE_DIGITS).contains(&next) {
                self.put(b" ", out);
            }
        }
        self.joined = false;
        self.put(text, out);
        text.len()
    }
    /// A tag, with its brackets.
    fn tag(&mut self, tag: &[u8], out: &mut Vec<u8>) {
        let closing = tag.starts_with(b"</");
        let lower = tag[..tag.len().min(16)].to_ascii_lowercase();
        let name = element(&lower[if closing { 2 } else { 1 }..]);
        if self.kind == Markup::Html && DRESS.contains(&name) {
            // A tag that holds nothing but its name says nothing.
            let bare = tag.len() <= name.len() + 4;
            if !bare {
                self.waiting.extend_from_slice(tag);
            }
            self.joined = true;
            if self.waiting.len() > WAITING_BYTES_MAX {
                self.put_waiting(out);
            }
            return;
        }
        self.put_waiting(out);
        unescape(tag, out);
        (self.run, self.joined) = (0, false);
        if self.kind == Markup::Html && !closing {
            self.verbatim = match name {
                b"script" => Some(b"</script"),
                b"style" => Some(b"</style"),
                _ => None,
            };
        }
    }
    /// A script or style up to its end, which is left.
    fn verbatim(&mut self, end: &[u8], rest: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        let found = memchr::memchr_iter(b'<', rest)
            .find(|i| rest.get(*i..i + end.len()).is_some_and(|t| t.eq_ignore_ascii_case(end)));
        if found.is_some() {
            self.verbatim = None;
        }
        let used = found.unwrap_or(if last { rest.len() } else { (rest.len() + 1).saturating_sub(end.len()) });
        out.extend_from_slice(&rest[..used]);
        used
    }
    /// What comes next; returns what it took, nothing if more must be seen.
    fn step(&mut self, rest: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        if let Some(end) = self.verbatim {
            let used = self.verbatim(end, rest, last, out);
            return if self.verbatim.is_none() && used == 0 { self.step(rest, last, out) } else { used };
        }
        let plain = memchr::memchr3(b'<', b'&', b'\n', rest);
        match (plain, rest[0]) {
            (Some(0), b'<') => match tag_end(rest) {
                Some(end) => {
                    self.tag(&rest[..=end], out);
                    end + 1
                }
                None if !last && rest.len() < TAG_BYTES_MAX && may_be_tag(rest) => 0,
                None => self.text(&rest[..1], false, out),
            },
            (Some(0), b'&') => match entity(rest) {
                Some((c, length)) => {
                    self.put_char(c, out);
                    length
                }
                None if !last && rest.len() < ENTITY_BYTES_MAX && memchr::memchr(b';', rest).is_none() => 0,
                None => self.text(&rest[..1], false, out),
            },
            (Some(0), _) => {
                self.put_waiting(out);
                self.joined = false;
                self.put(b"\n", out);
                1
            }
            (end, _) => self.text(&rest[..end.unwrap_or(rest.len())], end.is_none() && !last, out),
        }
    }
}
impl Turn for Shown {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        let mut used = 0;
        while let Some(rest) = input.get(used..).filter(|r| !r.is_empty()) {
            let n = self.step(rest, last, out);
            if n == 0 {
                break;
            }
            used += n;
        }
        if last && input.is_empty() {
            self.put_waiting(out);
        }
        Ok(used)
    }
}

/// True if `bytes` can be the beginning of a tag whose end is to come.
fn may_be_tag(bytes: &[u8]) -> bool {
    match bytes {
        [_, b'/', rest @ ..] | [_, rest @ ..] => rest.first().is_none_or(u8::is_ascii_alphabetic),
        [] => false,
    }
}
/// Where the tag at the beginning of `bytes` ends; comments and what is no tag have no end here, and are text. A tag
/// in which another begins is none, so that no byte is looked at again and again.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let name = bytes.get(1).filter(|b| **b == b'/').map_or(1, |_| 2);
    bytes.get(name)?.is_ascii_alphabetic().then_some(())?;
    let mut quote = None;
    for (i, b) in bytes.iter().enumerate().take(TAG_BYTES_MAX).skip(name) {
        match (quote, b) {
            (Some(q), b) if q == *b => quote = None,
            (None, b'"' | b'\'') => quote = Some(*b),
            (None, b'>') => return Some(i),
            (None, b'<') => return None,
            _ => {}
        }
    }
    None
}
/// The character of the entity at the beginning of `bytes`, and its length.
fn entity(bytes: &[u8]) -> Option<(char, usize)> {
    let near = bytes.get(1..bytes.len().min(ENTITY_BYTES_MAX))?;
    let end = memchr::memchr(b';', near)?;
    let number = |digits: &[u8], radix| {
        let text = std::str::from_utf8(digits).ok()?;
        char::from_u32(u32::from_str_radix(text, radix).ok()?)
    };
    let c = match &near[..end] {
        [b'#', b'x' | b'X', hex @ ..] => number(hex, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        name => ENTITIES.iter().find(|(n, _)| *n == name)?.1,
    };
    (c != '\0').then_some((c, end + 2))
}
fn unescape(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(b'&', text) {
        out.extend_from_slice(&text[..at]);
        let (c, length) = entity(&text[at..]).unwrap_or(('&', 1));
        let c = if matches!(c, '\n' | '\r') { ' ' } else { c };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        text = &text[at + length..];
    }
    out.extend_from_slice(text);
}

/// True if a text holds escapes as JSON and many languages have them, `\u8eab`.
pub(crate) fn has_escapes(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"\\u").any(|at| unit(&text[at..]).is_some())
}
/// The unit that the escape at the beginning of `bytes` stands for.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
/// Turns escapes into characters. Those of control characters, quotes and backslashes stay, and so do halves of pairs.
struct Escapes;
impl Turn for Escapes {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        const PAIR_BYTES: usize = 12;
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'\\', &input[at..]) {
            out.extend_from_slice(&input[at..at + found]);
            at += found;
            let rest = &input[at..];
            if rest.len() < PAIR_BYTES && !last {
                return Ok(at);
            }
            let Some(first) = unit(rest) else {
                // An escaped backslash escapes nothing.
                let n = if rest.starts_with(b"\\\\") { 2 } else { 1 };
                out.extend_from_slice(&rest[..n]);
                at += n;
                continue;
            };
            let second = rest.get(6..).and_then(unit);
            let (c, length) = match second.filter(|_| first & 0xFC00 == 0xD800) {
                Some(second) => (char::decode_utf16([first, second]).next().and_then(Result::ok), 12),
                None => (char::from_u32(first.into()), 6),
            };
            match c.filter(|c| !c.is_control() && !matches!(c, '"' | '\\')) {
                Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => out.extend_from_slice(&rest[..length]),
            }
            at += length;
        }
        out.extend_from_slice(&input[at..]);
        Ok(input.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::all;

    fn shown(kind: Markup, text: &str) -> String {
        let mut out = Vec::new();
        all(Shown::new(kind), text.as_bytes(), &mut out);
        let mut pieces = Vec::new();
        let mut src = ByThree(text.as_bytes());
        Turned::new(&mut src, Shown::new(kind)).read_to_end(&mut pieces).unwrap();
        assert_eq!(String::from_utf8_lossy(&pieces), String::from_utf8_lossy(&out));
        String::from_utf8(out).unwrap()
    }
    struct ByThree<'a>(&'a [u8]);
    impl Read for ByThree<'_> {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            let n = buf.len().min(3);
            self.0.read(&mut buf[..n])
        }
    }

    #[test]
    fn a_page_is_shown_whole() {
        for (html, expect) in [
            ("<p>139<b>6183</b>5674</p>", "<p>13961835674</p>"),
            ("<p>139<span class=\"x\">6183</span>5674\n<br>", "<p>13961835674 <span class=\"x\">\n<br>"),
            ("a&#49;&#x33;9&nbsp;&shy;&copy;&amp;b&#10;c", "a139 &shy;&copy;&b c"),
            ("<td>1</td><td>2</td>", "<td>1</td><td>2</td>"),
            ("<a href='&#109;ailto:x'>y</a>z", "<a href='mailto:x'>y</a>z"),
            ("<script>if (a<b && '&#49;')</script>&#49;", "<script>if (a<b && '&#49;')</script>1"),
            ("<!-- <b>1</b> -->a < b & c", "<!-- 1 -->a < b & c"),
            // Numbers that can stand for themselves are not joined.
            ("<b>13961835674</b><b>13705196231</b>", "13961835674 13705196231"),
            ("<b>13961835674</b><sup>2</sup>", "13961835674 2"),
            ("<b>36042619910101</b>0071", "360426199101010071"),
        ] {
            assert_eq!(shown(Markup::Html, html), expect);
        }
        assert_eq!(shown(Markup::Xml, "<b>1&#x4e2d;</b>2<![CDATA[&#49;]]>"), "<b>1中</b>2<![CDATA[1]]>");
    }

    #[test]
    fn escapes_become_characters() {
        for (text, expect) in [
            ("{\"\\u8eab\\u4efd\\u8bc1\": \"1\"}", "{\"身份证\": \"1\"}"),
            ("\\u0031\\u0040\\u000a\\u0022 \\ud83d\\ude00 \\ud83d", "1@\\u000a\\u0022 😀 \\ud83d"),
            ("C:\\users \\\\u8eab \\n \\", "C:\\users \\\\u8eab \\n \\"),
        ] {
            let mut out = Vec::new();
            all(Escapes, text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expect);
            let (mut src, mut pieces) = (ByThree(text.as_bytes()), String::new());
            Turned::new(&mut src, Escapes).read_to_string(&mut pieces).unwrap();
            assert_eq!(pieces, expect);
        }
        assert!(has_escapes(b"a \\user \\u8eab") && !has_escapes(b"C:\\users\\uncle"));
    }

    #[test]
    fn what_marks_up_is_told_from_the_beginning() {
        use Markup::{Html, Xml};
        for (head, expect) in [
            ("<!DOCTYPE html>", Some(Html)),
            ("\n <DIV class=x>", Some(Html)),
            ("<?xml version='1.0'?><html xmlns='x'>", Some(Html)),
            ("<?xml version='1.0'?><list/>", Some(Xml)),
            ("<134>Oct 1", None),
            ("a <b>", None),
            ("<", None),
        ] {
            assert_eq!(markup(head.as_bytes()), expect, "{head}");
        }
        for (head, expect) in [
            ("<?xml version=\"1.0\" encoding='GB18030'?>", Some("gb18030")),
            ("<html><meta http-equiv=a content=\"text/html; charset=gb2312\">", Some("gb2312")),
            ("<meta charset = \"Big5\">", Some("big5")),
            ("<html>", None),
        ] {
            assert_eq!(declared(head.as_bytes()).as_deref(), expect.map(str::as_bytes), "{head}");
        }
    }
}
