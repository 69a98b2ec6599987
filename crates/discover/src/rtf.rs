//! Rich Text Format (1.9.1): its text, in whatever character sets its fonts have, and the objects embedded in it.
//!
//! A stream of groups, control words and bytes, read as it comes; only the state of open groups is kept. Numbers
//! that formats split stay whole, because a control word that is no break puts nothing into the text. Pictures and
//! tables of fonts, colours and styles are passed over; every other destination, known or not, is text.

use crate::charset;
use crate::content::Worker;
use crate::legacy::below;
use crate::ole::u32_at;
use crate::turn::{Turn, Turned, Units};
use evidence::{GapReason, PathText};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::rc::Rc;

/// Open groups; deeper is a gap (`TooDeep`).
const GROUPS_MAX: usize = 4096;
/// Fonts with a character set of their own; those beyond have the document's.
const FONTS_MAX: usize = 4096;
/// Text that waits for the end of its line stands where it is from here on. Bytes.
const LATER_BYTES_MAX: usize = 64 << 10;
/// Text that waits for its character set is decoded from here on. Bytes.
const LITERAL_BYTES: usize = 4096;
/// Longest control word, with its number; the rest of a longer one is text.
const WORD_BYTES_MAX: usize = 64;

/// What becomes of a group's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum To {
    Text,
    /// Text that stands at the end of its line, for it is no part of what surrounds it: tags, instructions.
    Later,
    Fonts,
    Nothing,
    Object,
}
/// The state of a group.
#[derive(Clone, Copy)]
struct Group {
    to: To,
    /// Code page of the font, if it has one.
    page: Option<u16>,
    /// Characters that follow each `\u` for readers without Unicode.
    stand_ins: u8,
    /// The group stands apart from what surrounds it.
    apart: bool,
}

/// Objects found on the way, which are read when the text is done.
#[derive(Default)]
struct Objects {
    all: Vec<Vec<u8>>,
    bytes: u64,
    half: Option<u8>,
    too_large: bool,
}

struct Rtf {
    groups: Vec<Group>,
    here: Group,
    page: u16,
    fonts: HashMap<i32, u16>,
    font: i32,
    /// Bytes of text that wait to be decoded, and their code page.
    bytes: Vec<u8>,
    units: Units,
    /// Text that waits for the end of its line.
    later: Vec<u8>,
    /// Stand-ins that are still to be passed over.
    passed: u8,
    /// `\*` was met: an unknown destination follows.
    starred: bool,
    /// Bytes of `\bin` that are still to come.
    raw: u64,
    ended: bool,
    objects: Rc<RefCell<Objects>>,
    objects_bytes_max: u64,
}

/// Reads an RTF document.
pub(crate) fn read(worker: &mut Worker<'_>, src: &mut dyn Read, inside: &[PathText]) {
    let objects = Rc::new(RefCell::new(Objects::default()));
    let group = Group { to: To::Text, page: None, stand_ins: 1, apart: false };
    let rtf = Rtf {
        groups: Vec::new(),
        here: group,
        page: 1252,
        fonts: HashMap::new(),
        font: 0,
        bytes: Vec::new(),
        units: Units::default(),
        later: Vec::new(),
        passed: 0,
        starred: false,
        raw: 0,
        ended: false,
        objects: Rc::clone(&objects),
        objects_bytes_max: worker.config().limits.nested_bytes_max,
    };
    if let Err(reason) = worker.plain(&mut Turned::new(src, rtf), inside) {
        worker.gap(reason, inside);
    }
    let found = std::mem::take(&mut *objects.borrow_mut());
    if found.too_large {
        worker.gap(GapReason::TooLarge, inside);
    }
    for (i, object) in (1..).zip(found.all) {
        let inner = below(inside, &format!("object {i}"));
        if inner.len() > worker.config().limits.container_depth_max {
            worker.gap(GapReason::TooDeep, &inner);
            continue;
        }
        // In front of the bytes stands who made them (MS-OLEDS 2.2.5); if not, they are read as they are.
        let start = native_start(&object).unwrap_or(0);
        worker.content(&mut Cursor::new(object.get(start..).unwrap_or_default()), &inner);
    }
}
/// Where an embedded object's own bytes begin: behind a version, a kind, three texts and a size.
fn native_start(object: &[u8]) -> Option<usize> {
    if u32_at(object, 4)? != 2 {
        return None;
    }
    let mut at = 8usize;
    for _ in 0..3 {
        at = at.checked_add(4)?.checked_add(u32_at(object, at)? as usize)?;
    }
    (at + 4 < object.len()).then_some(at + 4)
}

impl Turn for Rtf {
    fn turn(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        if last && input.is_empty() {
            self.decode(out);
            self.put_later(out);
            // A document ends when its first group does.
            return if self.ended { Ok(0) } else { Err(GapReason::Corrupt) };
        }
        let mut used = 0;
        while let Some(rest) = input.get(used..).filter(|r| !r.is_empty()) {
            let n = self.step(rest, last, out)?;
            if n == 0 {
                break;
            }
            used += n;
        }
        Ok(used)
    }
}

impl Rtf {
    /// One group mark, control word, or stretch of bytes; returns what it took, nothing if there is too little.
    fn step(&mut self, rest: &[u8], last: bool, out: &mut Vec<u8>) -> Result<usize, GapReason> {
        if self.raw > 0 {
            let n = rest.len().min(usize::try_from(self.raw).unwrap_or(usize::MAX));
            self.raw -= n as u64;
            if self.here.to == To::Object {
                rest[..n].iter().for_each(|b| self.object_byte(*b));
            }
            return Ok(n);
        }
        match rest[0] {
            b'{' => self.open(out)?,
            b'}' => self.close(out),
            b'\\' => return Ok(self.control(rest, last, out)),
            b'\r' | b'\n' => {}
            _ => return Ok(self.literal(rest, out)),
        }
        Ok(1)
    }
    fn open(&mut self, out: &mut Vec<u8>) -> Result<(), GapReason> {
        self.decode(out);
        if self.groups.len() >= GROUPS_MAX {
            return Err(GapReason::TooDeep);
        }
        self.groups.push(self.here);
        self.here.apart = false;
        (self.passed, self.starred) = (0, false);
        Ok(())
    }
    fn close(&mut self, out: &mut Vec<u8>) {
        self.decode(out);
        let inner = self.here;
        (self.passed, self.starred) = (0, false);
        if let Some(outer) = self.groups.pop() {
            self.here = outer;
        }
        if inner.apart && inner.to == To::Text {
            out.push(b'\n');
        }
        self.ended |= self.groups.is_empty();
    }
    /// Bytes that are text, up to the next mark.
    fn literal(&mut self, rest: &[u8], out: &mut Vec<u8>) -> usize {
        let end = rest.iter().position(|b| matches!(b, b'{' | b'}' | b'\\' | b'\r' | b'\n')).unwrap_or(rest.len());
        if self.here.to == To::Object {
            rest[..end].iter().for_each(|b| self.object_digit(*b));
            return end;
        }
        let passed = end.min(self.passed.into());
        self.passed -= u8::try_from(passed).unwrap_or(0);
        if self.is_text() {
            self.bytes.extend_from_slice(&rest[passed..end]);
            if self.bytes.len() >= LITERAL_BYTES {
                self.decode_most(out);
            }
        }
        end
    }
    fn is_text(&self) -> bool {
        matches!(self.here.to, To::Text | To::Later)
    }
    /// A byte of text.
    fn byte(&mut self, byte: u8) {
        if self.passed > 0 {
            self.passed -= 1;
        } else if self.is_text() {
            self.bytes.push(byte);
        }
    }
    /// The code page of text here: the font's, or the document's.
    fn page_here(&self) -> u16 {
        self.here.page.unwrap_or(self.page)
    }
    fn decode(&mut self, out: &mut Vec<u8>) {
        let set = charset::by_page(self.page_here());
        let to = if self.here.to == To::Later { &mut self.later } else { &mut *out };
        if self.bytes.is_ascii() {
            to.append(&mut self.bytes);
        } else {
            charset::text(set, &self.bytes, to);
            self.bytes.clear();
        }
        if self.later.len() >= LATER_BYTES_MAX {
            self.put_later(out);
        }
    }
    fn put_later(&mut self, out: &mut Vec<u8>) {
        if !self.later.is_empty() {
            out.push(b' ');
            out.append(&mut self.later);
        }
    }
    /// Decodes up to a byte that is no part of a longer character; if there is none, all.
    fn decode_most(&mut self, out: &mut Vec<u8>) {
        let whole = self.bytes.iter().rposition(|b| *b < 0x30).map_or(self.bytes.len(), |i| i + 1);
        let rest = self.bytes.split_off(whole);
        self.decode(out);
        self.bytes = rest;
    }
    fn put(&mut self, text: &str, out: &mut Vec<u8>) {
        if self.passed > 0 {
            self.passed -= 1;
        } else if self.here.to == To::Later {
            // Its own breaks would be the line's.
            self.bytes.push(b' ');
        } else if self.here.to == To::Text {
            self.decode(out);
            if text == "\n" {
                self.put_later(out);
            }
            out.extend_from_slice(text.as_bytes());
        }
    }
    /// What begins with a backslash.
    fn control(&mut self, rest: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        let Some(symbol) = rest.get(1) else { return usize::from(last) };
        if !symbol.is_ascii_alphabetic() {
            return self.symbol(*symbol, rest, last, out);
        }
        let near = &rest[1..rest.len().min(1 + WORD_BYTES_MAX)];
        let letters = near.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let minus = usize::from(near.get(letters) == Some(&b'-'));
        let tail = near.get(letters + minus..).unwrap_or_default();
        let digits = tail.iter().take_while(|b| b.is_ascii_digit()).count();
        let end = if digits > 0 { letters + minus + digits } else { letters };
        if end >= near.len() && near.len() < WORD_BYTES_MAX && !last {
            return 0;
        }
        let number: Option<i64> =
            (digits > 0).then(|| std::str::from_utf8(&near[letters..end]).ok()?.parse().ok()).flatten();
        // One blank belongs to the word.
        let blank = usize::from(near.get(end) == Some(&b' '));
        self.word(&near[..letters], number, out);
        1 + end + blank
    }
    fn symbol(&mut self, symbol: u8, rest: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        match symbol {
            b'\'' => {
                let Some(digits) = rest.get(2..4) else { return if last { rest.len() } else { 0 } };
                let text = std::str::from_utf8(digits).ok();
                match text.and_then(|t| u8::from_str_radix(t, 16).ok()) {
                    Some(byte) => self.byte(byte),
                    None => return 2,
                }
                return 4;
            }
            b'*' => self.starred = true,
            b'~' => self.put(" ", out),
            b'_' => self.put("-", out),
            b'\r' | b'\n' => self.put("\n", out),
            b'\t' => self.put("\t", out),
            b'{' | b'}' | b'\\' => self.byte(symbol),
            // Hyphens that show only at the end of a line, marks of indexes and formulas.
            _ => {}
        }
        2
    }
    fn word(&mut self, word: &[u8], number: Option<i64>, out: &mut Vec<u8>) {
        let starred = std::mem::take(&mut self.starred);
        match word {
            b"u" => self.unicode(number.unwrap_or(0), out),
            b"uc" => self.here.stand_ins = u8::try_from(number.unwrap_or(1)).unwrap_or(u8::MAX),
            b"bin" => self.raw = number.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
            b"ansicpg" => self.page = number.and_then(|n| u16::try_from(n).ok()).filter(|n| *n != 0).unwrap_or(1252),
            b"mac" => self.page = 10000,
            b"f" | b"af" | b"loch" | b"hich" | b"dbch" | b"plain" => self.font(word, number, out),
            b"fcharset" if self.here.to == To::Fonts => self.font_set(number.unwrap_or(0)),
            b"par" | b"line" | b"row" | b"nestrow" | b"sect" | b"page" | b"column" | b"softline" => self.put("\n", out),
            b"tab" | b"cell" | b"nestcell" => self.put("\t", out),
            b"emspace" | b"enspace" | b"qmspace" => self.put(" ", out),
            b"emdash" | b"endash" => self.put("-", out),
            b"lquote" | b"rquote" => self.put("'", out),
            b"ldblquote" | b"rdblquote" => self.put("\"", out),
            _ => self.destination(word, starred, out),
        }
    }
    fn unicode(&mut self, number: i64, out: &mut Vec<u8>) {
        if self.is_text() {
            self.decode(out);
            let to = if self.here.to == To::Later { &mut self.later } else { out };
            // Signed sixteen bits; some writers give more.
            self.units.push((number & 0xFFFF) as u16, to);
        }
        self.passed = self.here.stand_ins;
    }
    fn font(&mut self, word: &[u8], number: Option<i64>, out: &mut Vec<u8>) {
        let number = number.and_then(|n| i32::try_from(n).ok());
        if self.here.to == To::Fonts {
            self.font = number.unwrap_or(0);
            return;
        }
        if word == b"f" || word == b"plain" {
            self.decode(out);
            let page = number.and_then(|n| self.fonts.get(&n)).copied();
            self.here.page = if word == b"f" { page } else { None };
        }
    }
    /// The character set of a font, as Windows numbers them.
    fn font_set(&mut self, set: i64) {
        let page = match set {
            77 => 10000,
            128 => 932,
            129 => 949,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            163 => 1258,
            177 => 1255,
            178 => 1256,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            // The document's own, which Chinese writers mean by "Western" too.
            _ => return,
        };
        if self.fonts.len() < FONTS_MAX {
            self.fonts.insert(self.font, page);
        }
    }
    /// A word that opens a destination, or any other.
    fn destination(&mut self, word: &[u8], starred: bool, out: &mut Vec<u8>) {
        if self.here.to == To::Nothing {
            return;
        }
        let to = match word {
            b"fonttbl" => To::Fonts,
            b"objdata" => {
                let mut objects = self.objects.borrow_mut();
                objects.half = None;
                objects.all.push(Vec::new());
                To::Object
            }
            b"pict"
            | b"colortbl"
            | b"stylesheet"
            | b"listtable"
            | b"listoverridetable"
            | b"rsidtbl"
            | b"themedata"
            | b"colorschememapping"
            | b"latentstyles"
            | b"datastore"
            | b"generator"
            | b"xmlnstbl"
            | b"filetbl"
            | b"revtbl"
            | b"pgdsctbl"
            | b"mmathPr"
            | b"bkmkstart"
            | b"bkmkend"
            | b"atrfstart"
            | b"atrfend"
            | b"blipuid"
            | b"panose"
            | b"falt"
            | b"fname"
            | b"objclass"
            | b"oleclsid"
            | b"datafield"
            | b"sn"
            | b"pnseclvl"
            | b"listtext"
            | b"pntext"
            | b"atndate"
            | b"atnref"
            | b"nonshppict"
            | b"background"
            | b"passwordhash"
            | b"protusertbl"
            | b"template"
            | b"wgrffmtfilter"
            | b"defchp"
            | b"defpap" => To::Nothing,
            b"footnote" | b"header" | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl" | b"footerr"
            | b"footerf" | b"annotation" | b"shptxt" | b"title" | b"subject" | b"author" | b"manager" | b"company"
            | b"operator" | b"category" | b"keywords" | b"comment" | b"doccomm" | b"hlinkbase" | b"propname"
            | b"staticval" | b"sv" => To::Text,
            b"fldinst" => To::Later,
            _ if starred && self.is_text() => To::Later,
            _ => return,
        };
        self.decode(out);
        // What is text of its own does not run on from what stands around it.
        match word {
            b"propname" | b"staticval" | b"sv" => out.push(b' '),
            _ if to == To::Text => {
                out.push(b'\n');
                self.here.apart = true;
            }
            _ => {}
        }
        self.here.to = to;
    }

    fn object_digit(&mut self, digit: u8) {
        let Some(value) = char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok()) else { return };
        let half = self.objects.borrow_mut().half.take();
        match half {
            Some(high) => self.object_byte(high << 4 | value),
            None => self.objects.borrow_mut().half = Some(value),
        }
    }
    fn object_byte(&mut self, byte: u8) {
        let mut objects = self.objects.borrow_mut();
        objects.bytes += 1;
        if objects.bytes > self.objects_bytes_max {
            objects.too_large = true;
        } else if let Some(object) = objects.all.last_mut() {
            object.push(byte);
        }
    }
}
