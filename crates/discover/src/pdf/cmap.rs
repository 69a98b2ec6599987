//! CMaps: from codes to text (ToUnicode) and from codes to glyph numbers (ISO 32000-1, 9.7.5 and 9.10.3).
//!
//! Ranges stay ranges, so that `<0000> <FFFF> <0000>` takes sixteen bytes. Of ranges that overlap the one that begins
//! last counts, which is what the writers of such maps meant.

use super::cjk::{Predefined, predefined};
use super::document::Document;
use super::object::{Object, Stream};
use super::syntax::{Lexer, Token};
use evidence::GapReason;

/// Entries of one map; those beyond are a gap (`TooMany`).
const ENTRIES_MAX: usize = 1 << 17;
/// Text of one code, in units of UTF-16; the rest is dropped. (The standard allows 256.)
const TEXT_UNITS_MAX: usize = 32;
/// Text of all codes that stand for more than a character, in units of UTF-16; more is a gap (`TooMany`).
const UNITS_MAX: usize = 1 << 18;
/// Ranges that may overlap where a code is looked up.
const OVERLAP_MAX: usize = 8;
/// Maps that build on maps; deeper is a gap (`TooDeep`).
const DEPTH_MAX: usize = 4;

#[derive(Clone, Copy)]
enum To {
    /// A character or a glyph number, that of the range's first code.
    Number(u32),
    /// Units of UTF-16: where, and how many.
    Text(u32, u8),
}
struct Range {
    low: u32,
    high: u32,
    to: To,
}

/// A map of a document.
#[derive(Default)]
pub(super) struct CMap {
    /// Length of a code in bytes, lowest and highest.
    spaces: Vec<(usize, u32, u32)>,
    ranges: Vec<Range>,
    units: Vec<u16>,
    pub(super) vertical: bool,
    /// What it builds on.
    pub(super) base: Option<Predefined>,
}

fn code(bytes: &[u8]) -> Option<u32> {
    (1..=4).contains(&bytes.len()).then(|| bytes.iter().fold(0, |v, b| v << 8 | u32::from(*b)))
}
/// Texts are UTF-16, big end first; a lone byte is one character.
fn units(bytes: &[u8]) -> Vec<u16> {
    match bytes {
        [one] => vec![u16::from(*one)],
        _ => bytes.as_chunks::<2>().0.iter().take(TEXT_UNITS_MAX).map(|p| u16::from_be_bytes(*p)).collect(),
    }
}

/// The ends of a range; nothing behind the last.
fn pair(lexer: &mut Lexer<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let Token::Text(low) = lexer.token() else { return None };
    let Token::Text(high) = lexer.token() else { return None };
    Some((low, high))
}

impl CMap {
    /// What it takes in memory. Bytes.
    pub(super) fn bytes(&self) -> usize {
        self.ranges.len() * size_of::<Range>() + self.units.len() * 2
    }
    /// Reads a map; what is broken is noted, and what was read of it is used.
    pub(super) fn read(document: &Document<'_>, stream: &Stream) -> Self {
        let mut this = Self::default();
        this.add(document, stream, 0);
        this.ranges.sort_by_key(|r| r.low);
        this
    }
    fn add(&mut self, document: &Document<'_>, stream: &Stream, depth: usize) {
        match &*document.entry(&stream.dict, b"UseCMap") {
            Object::Name(name) => self.base = predefined(name),
            Object::Stream(_) if depth >= DEPTH_MAX => document.note(GapReason::TooDeep),
            Object::Stream(other) => self.add(document, other, depth + 1),
            _ => {}
        }
        let src = match document.read(stream) {
            Ok(src) => src,
            Err(reason) => return document.note(reason),
        };
        let mut lexer = Lexer::content(src);
        if let Err(reason) = self.tokens(&mut lexer) {
            document.note(reason);
        }
        if let Some(reason) = lexer.take_fault() {
            document.note(reason);
        }
    }
    fn tokens(&mut self, lexer: &mut Lexer<'_>) -> Result<(), GapReason> {
        let mut before = Token::End;
        let mut key_is_mode = false;
        loop {
            let token = lexer.token();
            match &token {
                Token::End => return Ok(()),
                Token::Word(word) => match word.bytes() {
                    b"begincodespacerange" => self.spaces(lexer),
                    b"beginbfchar" => self.chars(lexer, true)?,
                    b"begincidchar" => self.chars(lexer, false)?,
                    b"beginbfrange" => self.ranges(lexer, true)?,
                    b"begincidrange" => self.ranges(lexer, false)?,
                    b"usecmap" => {
                        if let Token::Name(name) = &before {
                            self.base = predefined(name);
                        }
                    }
                    _ => {}
                },
                Token::Int(mode) if key_is_mode => self.vertical = *mode == 1,
                _ => {}
            }
            key_is_mode = matches!(&token, Token::Name(n) if n == b"WMode");
            before = token;
        }
    }
    fn spaces(&mut self, lexer: &mut Lexer<'_>) {
        while let Some((low, high)) = pair(lexer) {
            if let (Some(a), Some(b)) = (code(&low), code(&high))
                && low.len() == high.len()
                && self.spaces.len() < 256
            {
                self.spaces.push((low.len(), a, b));
            }
        }
    }
    fn chars(&mut self, lexer: &mut Lexer<'_>, text: bool) -> Result<(), GapReason> {
        while let Token::Text(from) = lexer.token() {
            let to = lexer.token();
            if let Some(from) = code(&from) {
                self.put(from, from, &to, text)?;
            }
        }
        Ok(())
    }
    fn ranges(&mut self, lexer: &mut Lexer<'_>, text: bool) -> Result<(), GapReason> {
        while let Some((low, high)) = pair(lexer) {
            let (low, high) = (code(&low), code(&high));
            match lexer.token() {
                Token::ArrayOpen => {
                    let mut next = low;
                    loop {
                        let to = lexer.token();
                        if matches!(to, Token::ArrayClose | Token::End) {
                            break;
                        }
                        if let Some(at) = next {
                            self.put(at, at, &to, text)?;
                        }
                        next = next.and_then(|n| n.checked_add(1)).filter(|n| high.is_some_and(|h| *n <= h));
                    }
                }
                to => {
                    if let (Some(low), Some(high)) = (low, high) {
                        self.put(low, high, &to, text)?;
                    }
                }
            }
        }
        Ok(())
    }
    fn put(&mut self, low: u32, high: u32, to: &Token, text: bool) -> Result<(), GapReason> {
        let to = match to {
            Token::Int(cid) if !text => u32::try_from(*cid).ok().map(To::Number),
            Token::Text(bytes) if text => self.text_of(&units(bytes))?,
            // Names of glyphs, which nobody writes.
            _ => None,
        };
        let Some(to) = to.filter(|_| low <= high) else { return Ok(()) };
        if self.ranges.len() >= ENTRIES_MAX {
            return Err(GapReason::TooMany);
        }
        self.ranges.push(Range { low, high, to });
        Ok(())
    }
    fn text_of(&mut self, units: &[u16]) -> Result<Option<To>, GapReason> {
        let mut characters = char::decode_utf16(units.iter().copied());
        if let (Some(Ok(c)), None) = (characters.next(), characters.next()) {
            return Ok(Some(To::Number(c.into())));
        }
        if units.is_empty() {
            return Ok(None);
        }
        if self.units.len() + units.len() > UNITS_MAX {
            return Err(GapReason::TooMany);
        }
        let (at, length) = (u32::try_from(self.units.len()), u8::try_from(units.len()));
        self.units.extend_from_slice(units);
        Ok(at.ok().zip(length.ok()).map(|(at, length)| To::Text(at, length)))
    }

    fn find(&self, code: u32) -> Option<(To, u32)> {
        let end = self.ranges.partition_point(|r| r.low <= code);
        let near = self.ranges.get(end.saturating_sub(OVERLAP_MAX)..end)?;
        near.iter().rev().find(|r| code <= r.high).map(|r| (r.to, code - r.low))
    }
    /// Puts the text of a code behind `out`; false if there is none.
    pub(super) fn text(&self, code: u32, out: &mut String) -> bool {
        match self.find(code) {
            Some((To::Number(first), by)) => {
                let c = first.checked_add(by).and_then(char::from_u32);
                // What stands for nothing is none: the zero, the replacement, the areas for private use.
                let c = c.filter(|c| !matches!(c, '\0' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..));
                out.extend(c);
                c.is_some()
            }
            Some((To::Text(at, length), by)) => {
                let at = at as usize;
                let mut units = self.units.get(at..at + usize::from(length)).unwrap_or_default().to_vec();
                if let (Some(last), Ok(by)) = (units.last_mut(), u16::try_from(by)) {
                    *last = last.wrapping_add(by);
                }
                let text: String = char::decode_utf16(units).filter_map(Result::ok).filter(|c| *c != '\0').collect();
                out.push_str(&text);
                !text.is_empty()
            }
            None => false,
        }
    }
    /// The glyph number of a code.
    pub(super) fn cid(&self, code: u32) -> Option<u32> {
        match self.find(code)? {
            (To::Number(first), by) => first.checked_add(by),
            (To::Text(..), _) => None,
        }
    }
    /// How many bytes of `bytes` are the next code; at least one, if there are any.
    pub(super) fn length(&self, bytes: &[u8]) -> usize {
        let within = |(n, low, high): &(usize, u32, u32)| {
            let Some(value) = bytes.get(..*n).and_then(code) else { return false };
            // Each byte has its own bounds (9.7.6.2).
            (0..*n).all(|i| {
                let byte = |v: u32| v >> (8 * i) & 0xFF;
                (byte(*low)..=byte(*high)).contains(&byte(value))
            })
        };
        let fits = (1..=4).find(|n| self.spaces.iter().any(|s| s.0 == *n && within(s)));
        let n = match (fits, &self.base) {
            (Some(n), _) => n,
            (None, Some(base)) => base.length(bytes),
            (None, None) => self.spaces.iter().map(|s| s.0).min().unwrap_or(2),
        };
        n.min(bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> CMap {
        let mut map = CMap::default();
        map.tokens(&mut Lexer::content(text.as_bytes())).unwrap();
        map.ranges.sort_by_key(|r| r.low);
        map
    }

    #[test]
    fn codes_become_text() {
        let map = map("/WMode 1 def 1 begincodespacerange <00> <80> <8140> <FEFE> endcodespacerange \
            2 beginbfchar <01> <4E2D> <02> <00660069> endbfchar \
            4 beginbfrange <10> <12> <0041> <20> <22> [<0058> <D840DC0B> <0059>] <0030> <FFFF> <0030> <0040> <0041> <00660061> endbfrange \
            1 beginbfchar <0031> <0000> endbfchar");
        let table = [
            (0x01, Some("中")),
            (0x02, Some("fi")),
            (0x12, Some("C")),
            (0x21, Some("\u{2000B}")),
            (0x22, Some("Y")),
            (0x23, None),
            (0x31, None),
            (0x39, Some("9")),
            (0x41, Some("fb")),
            (0xFFFF_FFFF, None),
        ];
        for (code, expect) in table {
            let mut text = String::new();
            assert_eq!(map.text(code, &mut text).then_some(text.as_str()), expect, "{code}");
        }
        assert!(map.vertical);
        let lengths = [&b"A\x81"[..], b"\x81\x40", b"\x81\x20", b"\xFF", b""].map(|b| map.length(b));
        assert_eq!(lengths, [1, 2, 1, 1, 0]);
    }

    #[test]
    fn glyph_numbers_and_what_a_map_builds_on() {
        let map =
            map("/GBK-EUC-H usecmap 2 begincidrange <A1A1> <A1FE> 96 endcidrange 1 begincidchar <20> 7716 endcidchar");
        assert_eq!([0xA1A2, 0x20, 0x21].map(|c| map.cid(c)), [Some(97), Some(7716), None]);
        assert!(map.base.is_some());
        assert_eq!(map.length(b"\xD6\xD0"), 2);
    }

    #[test]
    fn a_map_of_too_many_entries_keeps_the_first() {
        let mut many = String::from("beginbfchar");
        for i in 0..=ENTRIES_MAX {
            many.push_str(&format!("<{i:06X}><0041>"));
        }
        let mut map = CMap::default();
        assert_eq!(map.tokens(&mut Lexer::content(many.as_bytes())), Err(GapReason::TooMany));
        assert_eq!(map.ranges.len(), ENTRIES_MAX);
    }
}
