//! A pull tokeniser for the XML of office documents: tags and text out of one buffer of fixed size.
//!
//! Office documents are machine-written and their members may unpack to gigabytes, of which we want the text of a
//! few elements. So there is no tree, no copy per node and no check of names; text comes in pieces as the buffer
//! has them. Refused: a general XML library, which took half of all the time a workbook took and held up to eight
//! megabytes for one stretch of text; document types (they are skipped, their entities are not expanded: only the
//! five predefined ones and character references are); any encoding but UTF-8 (a gap, `Corrupt`).

use crate::text::fill;
use crate::unpack;
use evidence::GapReason;
use memchr::memmem;
use std::io::Read;

/// Elements inside elements.
const DEPTH_MAX: usize = 256;
/// Longest reference that is resolved, with `&` and `;`.
const REFERENCE_BYTES_MAX: usize = 16;

/// What a handler is told. Names are local names.
pub(crate) enum Node<'a> {
    Open(&'a [u8], Tag<'a>),
    Close(&'a [u8]),
    /// A piece of text, maybe not all of it.
    Text(&'a [u8]),
}
/// What stands behind a tag's name.
#[derive(Clone, Copy)]
pub(crate) struct Tag<'a>(&'a [u8]);

fn local(name: &[u8]) -> &[u8] {
    name.iter().position(|b| *b == b':').map_or(name, |colon| &name[colon + 1..])
}
fn split(bytes: &[u8], ends: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|b| ends(*b)).unwrap_or(bytes.len()))
}
impl Tag<'_> {
    /// Calls `on` with the local name and the raw value of every attribute.
    pub(crate) fn attributes(self, mut on: impl FnMut(&[u8], &[u8])) {
        let mut rest = self.0.trim_ascii_start();
        while !rest.is_empty() {
            let (name, after) = split(rest, |b| b == b'=' || b.is_ascii_whitespace());
            let Some(after) = after.trim_ascii_start().strip_prefix(b"=") else { return };
            let after = after.trim_ascii_start();
            let Some((quote @ (b'"' | b'\''), body)) = after.split_first() else { return };
            let Some(end) = memchr::memchr(*quote, body) else { return };
            on(local(name), &body[..end]);
            rest = body[end + 1..].trim_ascii_start();
        }
    }
    /// An attribute's value, by its local name.
    pub(crate) fn attribute(self, name: &[u8]) -> Option<String> {
        let mut found = None;
        self.attributes(|local, raw| {
            if local == name && found.is_none() {
                found = Some(unescaped(raw));
            }
        });
        found
    }
}

fn unescaped(mut raw: &[u8]) -> String {
    let mut out = Vec::new();
    while let Some(at) = memchr::memchr(b'&', raw) {
        out.extend_from_slice(&raw[..at]);
        let (c, length) = reference(&raw[at..]);
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        raw = &raw[at + length..];
    }
    out.extend_from_slice(raw);
    String::from_utf8_lossy(&out).into_owned()
}
/// The character for the reference that begins with the `&` of `bytes`, and its length. A lone `&` is itself; an
/// entity that is not known is a blank.
fn reference(bytes: &[u8]) -> (char, usize) {
    let near = &bytes[1..bytes.len().min(REFERENCE_BYTES_MAX)];
    let (name, rest) = split(near, |b| matches!(b, b';' | b'<' | b'&' | b' ' | b'\n'));
    if rest.first() != Some(&b';') || name.is_empty() {
        return ('&', 1);
    }
    let number = |digits: &[u8], radix| {
        let text = std::str::from_utf8(digits).ok()?;
        char::from_u32(u32::from_str_radix(text, radix).ok()?)
    };
    let c = match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x', hex @ ..] => number(hex, 16).unwrap_or(' '),
        [b'#', digits @ ..] => number(digits, 10).unwrap_or(' '),
        _ => ' ',
    };
    (c, name.len() + 2)
}

/// Where the tokeniser stands.
#[derive(Clone, Copy)]
enum Inside {
    Content,
    /// Something without interest, up to and with these bytes.
    Skipped(&'static [u8]),
    CData,
    /// A document type: open brackets, and the quote that is open.
    DocType(usize, Option<u8>),
}
/// A document under way.
pub(crate) struct Pull<'b, 's> {
    buf: &'b mut [u8],
    src: &'s mut dyn Read,
    at: usize,
    filled: usize,
    /// Up to here the bytes are known to be UTF-8.
    valid: usize,
    ended: bool,
    /// Why the bytes ended early, if they did.
    fault: Option<GapReason>,
    inside: Inside,
    depth: usize,
}
impl<'b, 's> Pull<'b, 's> {
    /// Reads `src` through `buf`. A tag must fit into `buf`.
    pub(crate) fn open(buf: &'b mut [u8], src: &'s mut dyn Read) -> Self {
        let inside = Inside::Content;
        let mut this = Self { buf, src, at: 0, filled: 0, valid: 0, ended: false, fault: None, inside, depth: 0 };
        this.more();
        if this.buf[..this.filled].starts_with(b"\xEF\xBB\xBF") {
            this.at = 3;
        }
        this
    }
    /// Makes room and reads on; false if there is no more, or no room.
    fn more(&mut self) -> bool {
        if self.ended || (self.at == 0 && self.filled == self.buf.len()) {
            return false;
        }
        // Of a character that the end of the buffer cut, what was told already is kept too: its rest is nothing alone.
        let keep = self.at.min(self.valid);
        self.buf.copy_within(keep..self.filled, 0);
        (self.filled, self.valid, self.at) = (self.filled - keep, self.valid - keep, self.at - keep);
        let before = self.filled;
        match fill(self.src, self.buf, &mut self.filled) {
            Ok(ended) => self.ended = ended,
            Err(e) => (self.ended, self.fault) = (true, Some(unpack::reason(&e))),
        }
        match std::str::from_utf8(&self.buf[self.valid..self.filled]) {
            Ok(_) => self.valid = self.filled,
            // A character cut by the end of the buffer is looked at again with its rest.
            Err(e) if e.error_len().is_none() && !self.ended => self.valid += e.valid_up_to(),
            Err(e) => {
                self.filled = self.valid + e.valid_up_to();
                (self.ended, self.fault) = (true, self.fault.or(Some(GapReason::Corrupt)));
            }
        }
        self.filled > before
    }
    /// What is at hand, at least `n` bytes if there are so many.
    fn at_least(&mut self, n: usize) -> &[u8] {
        if self.filled - self.at < n {
            self.more();
        }
        &self.buf[self.at..self.filled]
    }
    /// The end: a fault of the source, or a document that is not whole, or well.
    fn end(&self) -> Result<bool, GapReason> {
        let whole = self.depth == 0 && matches!(self.inside, Inside::Content);
        match self.fault {
            Some(fault) => Err(fault),
            None if whole && self.at == self.filled => Ok(false),
            None => Err(GapReason::Corrupt),
        }
    }
    /// Tells `on` of what comes next, if it is of interest; false at the end.
    pub(crate) fn next(&mut self, on: &mut impl FnMut(Node<'_>)) -> Result<bool, GapReason> {
        if self.at == self.filled && !self.more() {
            return self.end();
        }
        match self.inside {
            Inside::Content => self.content(on),
            Inside::Skipped(end) => self.until(end, &mut |_| {}),
            Inside::CData => self.until(b"]]>", on),
            Inside::DocType(open, quote) => {
                self.doctype(open, quote);
                Ok(true)
            }
        }
    }
    fn content(&mut self, on: &mut impl FnMut(Node<'_>)) -> Result<bool, GapReason> {
        match self.buf[self.at] {
            b'<' => self.markup(on),
            b'&' => {
                let (c, length) = reference(self.at_least(REFERENCE_BYTES_MAX));
                self.at += length;
                on(Node::Text(c.encode_utf8(&mut [0; 4]).as_bytes()));
                Ok(true)
            }
            _ => {
                let here = &self.buf[self.at..self.filled];
                let text = &here[..memchr::memchr2(b'<', b'&', here).unwrap_or(here.len())];
                self.at += text.len();
                on(Node::Text(text));
                Ok(true)
            }
        }
    }
    fn markup(&mut self, on: &mut impl FnMut(Node<'_>)) -> Result<bool, GapReason> {
        let (inside, length) = match self.at_least(9) {
            [b'<', b'!', b'-', b'-', ..] => (Inside::Skipped(b"-->"), 4),
            [b'<', b'?', ..] => (Inside::Skipped(b"?>"), 2),
            here if here.starts_with(b"<![CDATA[") => (Inside::CData, 9),
            [b'<', b'!', ..] => (Inside::DocType(0, None), 2),
            _ => return self.tag(on),
        };
        (self.inside, self.at) = (inside, self.at + length);
        Ok(true)
    }
    fn tag(&mut self, on: &mut impl FnMut(Node<'_>)) -> Result<bool, GapReason> {
        let length = loop {
            if let Some(length) = tag_end(&self.buf[self.at..self.filled]) {
                break length;
            }
            if !self.more() {
                return if self.ended { self.end() } else { Err(GapReason::TooLarge) };
            }
        };
        let inner = &self.buf[self.at + 1..self.at + length];
        self.at += length + 1;
        if let Some(name) = inner.strip_prefix(b"/") {
            self.depth = self.depth.checked_sub(1).ok_or(GapReason::Corrupt)?;
            on(Node::Close(local(name.trim_ascii_end())));
            return Ok(true);
        }
        let (inner, empty) = inner.strip_suffix(b"/").map_or((inner, false), |i| (i, true));
        let (name, rest) = split(inner, |b| b.is_ascii_whitespace());
        let name = local(name);
        if self.depth >= DEPTH_MAX {
            return Err(GapReason::TooDeep);
        }
        on(Node::Open(name, Tag(rest)));
        if empty {
            on(Node::Close(name));
        } else {
            self.depth += 1;
        }
        Ok(true)
    }
    /// Tells of text up to `end`, then goes on with content.
    fn until(&mut self, end: &'static [u8], on: &mut impl FnMut(Node<'_>)) -> Result<bool, GapReason> {
        let here = self.at_least(end.len());
        if let Some(length) = memmem::find(here, end) {
            on(Node::Text(&here[..length]));
            (self.inside, self.at) = (Inside::Content, self.at + length + end.len());
            return Ok(true);
        }
        // The end may be cut by the buffer's: so much stays, unless nothing follows.
        let length = (here.len() + 1).saturating_sub(end.len());
        on(Node::Text(&here[..length]));
        self.at += length;
        if length == 0 && !self.more() { self.end() } else { Ok(true) }
    }
    fn doctype(&mut self, mut open: usize, mut quote: Option<u8>) {
        for (i, b) in self.buf[self.at..self.filled].iter().enumerate() {
            match (quote, b) {
                (Some(q), b) if q == *b => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(*b),
                (None, b'[') => open += 1,
                (None, b']') => open = open.saturating_sub(1),
                (None, b'>') if open == 0 => {
                    (self.inside, self.at) = (Inside::Content, self.at + i + 1);
                    return;
                }
                _ => {}
            }
        }
        (self.inside, self.at) = (Inside::DocType(open, quote), self.filled);
    }
}

/// Where the tag at the beginning of `bytes` ends: at the first `>` outside quotes.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', bytes.get(at..)?)?;
        let found = bytes[at];
        if found == b'>' {
            return Some(at);
        }
        at += memchr::memchr(found, bytes.get(at + 1..)?)? + 2;
    }
}

/// Reads `src` through `buf`, telling `on` of every node, to the end or until `on` has enough or `stopped` is true.
pub(crate) fn read(
    buf: &mut [u8],
    src: &mut dyn Read,
    stopped: &dyn Fn() -> bool,
    mut on: impl FnMut(Node<'_>) -> Result<(), GapReason>,
) -> Result<(), GapReason> {
    let mut pull = Pull::open(buf, src);
    let (mut told, mut more) = (Ok(()), true);
    while more && told.is_ok() && !stopped() {
        // One step may tell of two nodes.
        more = pull.next(&mut |node| {
            if told.is_ok() {
                told = on(node);
            }
        })?;
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(document: &[u8], buffer_bytes: usize) -> (String, Result<(), GapReason>) {
        let mut out = String::new();
        let mut src = document;
        let result = read(&mut vec![0; buffer_bytes], &mut src, &|| false, |node| {
            match node {
                Node::Open(name, tag) => {
                    out.push_str(&format!("<{}", String::from_utf8_lossy(name)));
                    tag.attributes(|n, _| {
                        let value = tag.attribute(n).unwrap_or_default();
                        out.push_str(&format!(" {}={value}", String::from_utf8_lossy(n)));
                    });
                    out.push('>');
                }
                Node::Close(name) => out.push_str(&format!("</{}>", String::from_utf8_lossy(name))),
                Node::Text(text) => out.push_str(std::str::from_utf8(text).unwrap_or("?")),
            }
            Ok(())
        });
        (out, result)
    }

    #[test]
    fn a_character_cut_by_the_buffer_is_no_fault() {
        let text = "设备运行正常".repeat(40);
        let document = format!("<t>{text}</t><![CDATA[{text}]]><!-- {text} --><t>a{text}</t>");
        for buffer_bytes in 40..80 {
            let mut pieces = Vec::new();
            let mut src = document.as_bytes();
            let result = read(&mut vec![0; buffer_bytes], &mut src, &|| false, |node| {
                if let Node::Text(text) = node {
                    pieces.extend_from_slice(text);
                }
                Ok(())
            });
            assert_eq!(result, Ok(()), "{buffer_bytes}");
            assert_eq!(String::from_utf8(pieces).unwrap(), format!("{text}{text}a{text}"), "{buffer_bytes}");
        }
        let (_, cut) = told(&document.as_bytes()[..10], 64);
        assert_eq!(cut, Err(GapReason::Corrupt), "a character that the end cuts is one");
    }

    #[test]
    fn the_same_is_told_through_a_buffer_of_any_size() {
        let document = "\u{FEFF}<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a \">\"> ]><w:d a='>' r:id = \"1&amp;2\"><!-- <w:t> -->\
            <w:t>a&lt;b&#x4E2D;&#22269; & &unknown; 设备</w:t><![CDATA[<raw> ]] &amp;]]><w:e/></w:d >";
        let expect = "<d a=> id=1&2><t>a<b中国 &   设备</t><raw> ]] &amp;<e></e></d>";
        for buffer_bytes in 40..200 {
            // A piece of text may end inside a character; then the pieces are not text one by one.
            let (out, result) = told(document.as_bytes(), buffer_bytes);
            assert_eq!(result, Ok(()), "{buffer_bytes}");
            if !out.contains('?') {
                assert_eq!(out, expect, "{buffer_bytes}");
            }
        }
        assert_eq!(told(document.as_bytes(), 4096).0, expect);
    }

    #[test]
    fn a_document_without_a_node_of_interest_can_be_stopped() {
        let document = format!("<a>{}", "<!-- -->".repeat(1000));
        let (mut src, asked) = (document.as_bytes(), std::cell::Cell::new(0));
        let stopped = || asked.replace(asked.get() + 1) >= 10;
        // The element is left open: only a stop ends this well.
        assert_eq!(read(&mut [0; 64], &mut src, &stopped, |_| Ok(())), Ok(()));
        assert!(!src.is_empty());
    }

    #[test]
    fn what_is_not_well_is_said() {
        use GapReason::{Corrupt, TooDeep, TooLarge};
        let deep = "<a>".repeat(300);
        let long = format!("<a b='{}'/>", "x".repeat(100));
        let wide: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let table: [(&[u8], GapReason); 9] = [
            (b"<a>", Corrupt),
            (b"<a", Corrupt),
            (b"<a b='", Corrupt),
            (b"</a>", Corrupt),
            (b"<a/><!-- ", Corrupt),
            (b"<a>\xFF</a>", Corrupt),
            (&[&b"\xFF\xFE"[..], &wide].concat(), Corrupt),
            (deep.as_bytes(), TooDeep),
            (long.as_bytes(), TooLarge),
        ];
        for (document, reason) in table {
            assert_eq!(told(document, 64).1, Err(reason), "{}", String::from_utf8_lossy(document));
        }
        assert_eq!(told(b"", 64).1, Ok(()));
    }
}
