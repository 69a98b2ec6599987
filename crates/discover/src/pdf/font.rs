//! Fonts: what a code stands for, and how far it moves the pen (ISO 32000-1, 9.6 to 9.10).
//!
//! The font's own map to Unicode comes first, then a predefined CMap, then the names of glyphs. A code that none of
//! them knows is written as U+FFFD, so that its neighbours do not run together, and counted.

use super::cff;
use super::cjk::{Cid, Collection, Predefined, predefined};
use super::cmap::CMap;
use super::document::Document;
use super::encoding::{Base, Glyph, glyph, push_plain, standard_widths};
use super::object::{Dict, Object, Stream};
use super::syntax::{Lexer, Token};
use evidence::GapReason;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// Widths of one font; those beyond are a gap (`TooMany`).
const WIDTHS_MAX: usize = 1 << 17;
/// Codes of one font whose text is kept at hand; then they are looked up anew.
const MEMORY_MAX: usize = 1 << 14;
/// What is read of a font program for its encoding. Bytes.
const PROGRAM_BYTES_MAX: u64 = 64 << 10;
/// The same of one in the compact format, where it may stand anywhere.
const COMPACT_BYTES_MAX: u64 = 1 << 20;

/// The kinds of fonts, of which each has its own way to be unreadable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Type1,
    TrueType,
    Type3,
    Composite,
}
impl Kind {
    pub(super) const COUNT: usize = 4;
}

/// What a code of a simple font stands for.
#[derive(Clone, Default)]
enum Meaning {
    Text(Box<str>),
    Sign,
    #[default]
    Unknown,
}
struct Simple {
    meanings: Vec<Meaning>,
    widths: Vec<f32>,
}
enum Coding {
    /// Two bytes, which are the glyph's number.
    Identity,
    Predefined(Predefined),
    Map(CMap),
}
struct Composite {
    coding: Coding,
    collection: Option<Collection>,
    /// First and last glyph number, width.
    widths: Vec<(u32, u32, f32)>,
    default_width: f32,
    /// Texts of codes that were met: where in `texts`, how long, whether known, the width.
    met: RefCell<HashMap<u32, (usize, usize, bool, f32)>>,
    texts: RefCell<String>,
}
enum Codes {
    Simple(Simple),
    Composite(Box<Composite>),
}

/// A font that is loaded.
pub(super) struct Font {
    pub(super) kind: Kind,
    codes: Codes,
    to_unicode: Option<CMap>,
    /// From a font's own units to the size.
    unit: f64,
    /// How large a letter is for a size of one.
    pub(super) em: f64,
    /// The font says how wide its glyphs are.
    pub(super) exact: bool,
    pub(super) vertical: bool,
    /// The advance of every glyph in vertical writing, in thousandths.
    down: f64,
    held: Held,
}

/// What all fonts that are alive take in memory. Bytes.
pub(super) struct Held {
    all: Rc<Cell<usize>>,
    own: usize,
}
impl Drop for Held {
    fn drop(&mut self) {
        self.all.set(self.all.get().saturating_sub(self.own));
    }
}

/// One glyph that is shown.
pub(super) struct Shown {
    /// Bytes of its code.
    pub(super) length: usize,
    /// How far it moves the pen, for a size of one.
    pub(super) advance: f64,
    /// It is the single byte 32, which word spacing is added to.
    pub(super) blank: bool,
    pub(super) known: bool,
}

impl Font {
    /// Loads a font; what is broken is noted. `all` is what all fonts take, this one added.
    pub(super) fn load(document: &Document<'_>, dict: &Dict, all: &Rc<Cell<usize>>) -> Self {
        let to_unicode = match &*document.entry(dict, b"ToUnicode") {
            Object::Stream(stream) => Some(CMap::read(document, stream)),
            _ => None,
        };
        let mut unit = 0.001;
        let (mut vertical, mut down, mut em) = (false, -1000.0, 1.0);
        let mut exact = document.entry(dict, b"Widths").array().is_some();
        let kind = match document.entry(dict, b"Subtype").name() {
            Some(b"Type0") => Kind::Composite,
            Some(b"Type3") => Kind::Type3,
            Some(b"TrueType") => Kind::TrueType,
            _ => Kind::Type1,
        };
        let codes = if kind == Kind::Composite {
            let (composite, v, d) = Composite::load(document, dict);
            (vertical, down) = (v, d);
            // A predefined CMap's glyph numbers are not known, so neither are their widths.
            exact = !matches!(composite.coding, Coding::Predefined(_));
            Codes::Composite(Box::new(composite))
        } else {
            if kind == Kind::Type3 {
                let matrix = document.entry(dict, b"FontMatrix");
                let first = matrix.array().and_then(<[_]>::first).and_then(Object::number);
                unit = first.filter(|x| x.is_finite()).map_or(0.001, f64::abs);
            }
            let mut simple = Simple::load(document, dict, kind);
            if let Some(map) = &to_unicode {
                simple.overlay(map);
            }
            if kind == Kind::Type3 {
                em = simple.em(unit);
            }
            Codes::Simple(simple)
        };
        let to_unicode = to_unicode.filter(|_| kind == Kind::Composite);
        let own = size_of::<Self>()
            + to_unicode.as_ref().map_or(0, CMap::bytes)
            + match &codes {
                Codes::Simple(_) => 256 * (size_of::<Meaning>() + 8),
                Codes::Composite(c) => c.bytes(),
            };
        all.set(all.get() + own);
        Self { kind, codes, to_unicode, unit, em, exact, vertical, down, held: Held { all: Rc::clone(all), own } }
    }
    /// What it takes in memory. Bytes.
    pub(super) fn bytes(&self) -> usize {
        self.held.own
    }
    /// Reads the code that `bytes` begins with; puts its text behind `out`.
    pub(super) fn next(&self, bytes: &[u8], out: &mut String) -> Option<Shown> {
        let first = *bytes.first()?;
        match &self.codes {
            Codes::Simple(simple) => {
                let known = simple.text(first, out);
                let width = simple.widths.get(usize::from(first)).copied().unwrap_or(0.0);
                let advance = f64::from(width) * self.unit;
                Some(Shown { length: 1, advance, blank: first == b' ', known })
            }
            Codes::Composite(composite) => {
                let length = composite.length(bytes).max(1);
                let code = bytes.get(..length)?;
                let (known, width) = composite.look_up(code, self.to_unicode.as_ref(), out);
                let advance = if self.vertical { -self.down * 0.001 } else { f64::from(width) * 0.001 };
                Some(Shown { length, advance, blank: length == 1 && first == b' ', known })
            }
        }
    }
}

/// Puts behind `out` what `put` says, plainly written; false if that is nothing.
fn plain(out: &mut String, put: impl FnOnce(&mut String) -> bool) -> bool {
    let mut raw = String::new();
    let known = put(&mut raw);
    raw.chars().for_each(|c| push_plain(c, out));
    known
}

impl Simple {
    fn load(document: &Document<'_>, dict: &Dict, kind: Kind) -> Self {
        let name = document.entry(dict, b"BaseFont");
        let name = String::from_utf8_lossy(name.name().unwrap_or_default()).into_owned();
        let name = name.split_once('+').map_or(name.as_str(), |(_, n)| n);
        let descriptor = document.entry(dict, b"FontDescriptor");
        let descriptor = descriptor.dict();
        Self {
            meanings: Self::meanings(document, dict, descriptor, kind, name),
            widths: Self::widths(document, dict, descriptor, kind, name),
        }
    }
    fn meanings(
        document: &Document<'_>,
        dict: &Dict,
        descriptor: Option<&Dict>,
        kind: Kind,
        name: &str,
    ) -> Vec<Meaning> {
        let mut meanings = vec![Meaning::Unknown; 256];
        let encoding = document.entry(dict, b"Encoding");
        let named = encoding.name().map(<[u8]>::to_vec);
        let named = named
            .or_else(|| encoding.dict().and_then(|d| document.entry(d, b"BaseEncoding").name().map(<[u8]>::to_vec)));
        let base = named.as_deref().and_then(Base::named);
        let flags = descriptor.map_or(0, |d| document.entry(d, b"Flags").int().unwrap_or(0));
        let symbolic = flags & 4 != 0;
        // A symbolic TrueType font without an encoding has codes of its own; nobody knows them.
        let base = match base {
            Some(base) => Some(base),
            None if kind == Kind::Type3 => None,
            None if name == "Symbol" => Some(Base::Symbol),
            None if name == "ZapfDingbats" => {
                meanings.fill(Meaning::Sign);
                None
            }
            None if kind == Kind::TrueType && symbolic => None,
            None if kind == Kind::TrueType => Some(Base::WinAnsi),
            None => Some(Base::Standard),
        };
        if let Some(base) = base {
            for (code, meaning) in (0..=255).zip(&mut meanings) {
                *meaning = base.text(code).map_or(Meaning::Unknown, |c| meaning_of(c.encode_utf8(&mut [0; 4])));
            }
        }
        if named.is_none() && kind == Kind::Type1 {
            own_encoding(document, descriptor, &mut meanings);
        }
        if let Some(dict) = encoding.dict() {
            let mut code = 0usize;
            for item in document.entry(dict, b"Differences").array().unwrap_or_default() {
                match &*document.get(item) {
                    Object::Int(n) => code = usize::try_from(*n).unwrap_or(usize::MAX),
                    Object::Name(name) => {
                        set(&mut meanings, code, name);
                        code = code.saturating_add(1);
                    }
                    _ => {}
                }
            }
        }
        meanings
    }
    fn widths(document: &Document<'_>, dict: &Dict, descriptor: Option<&Dict>, kind: Kind, name: &str) -> Vec<f32> {
        let missing = descriptor.and_then(|d| document.entry(d, b"MissingWidth").number());
        let mut widths = vec![narrow(missing.unwrap_or(0.0)); 256];
        let given = document.entry(dict, b"Widths");
        let Some(given) = given.array() else {
            if kind != Kind::Type3 {
                widths.fill(556.0);
                for (slot, width) in widths[32..].iter_mut().zip(standard_widths(name)) {
                    *slot = width;
                }
            }
            return widths;
        };
        let first = document.entry(dict, b"FirstChar").int().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        for (slot, width) in widths.iter_mut().skip(first).zip(given) {
            if let Some(width) = document.get(width).number() {
                *slot = narrow(width);
            }
        }
        widths
    }
    /// What the font's own map says comes first.
    fn overlay(&mut self, map: &CMap) {
        for (code, meaning) in (0..).zip(&mut self.meanings) {
            let mut text = String::new();
            if map.text(code, &mut text) {
                *meaning = meaning_of(&text);
            }
        }
    }
    /// Drawn letters have units of their own, and their size says nothing: a letter is taken to be twice as high as
    /// it is wide.
    fn em(&self, unit: f64) -> f64 {
        let wide = |w: &&f32| **w > 0.0;
        let count = self.widths.iter().filter(wide).count().max(1);
        let sum: f64 = self.widths.iter().filter(wide).map(|w| f64::from(*w)).sum();
        #[expect(clippy::cast_precision_loss, reason = "at most 256")]
        let em = 2.0 * unit * sum / count as f64;
        if em.is_finite() && em > 1e-6 { em } else { 1.0 }
    }
    fn text(&self, code: u8, out: &mut String) -> bool {
        match self.meanings.get(usize::from(code)) {
            Some(Meaning::Text(text)) => {
                out.push_str(text);
                true
            }
            Some(Meaning::Sign) => {
                out.push('\u{FFFD}');
                true
            }
            _ => {
                out.push('\u{FFFD}');
                false
            }
        }
    }
}
fn meaning_of(text: &str) -> Meaning {
    let mut plain = String::new();
    text.chars().for_each(|c| push_plain(c, &mut plain));
    Meaning::Text(plain.into())
}
fn set(meanings: &mut [Meaning], code: usize, name: &[u8]) {
    if let Some(slot) = meanings.get_mut(code) {
        *slot = match glyph(name) {
            Glyph::Text(text) => meaning_of(&text),
            Glyph::Sign => Meaning::Sign,
            Glyph::Opaque => Meaning::Unknown,
        };
    }
}
fn narrow(width: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "widths are small; a wild one becomes infinite and is dropped")]
    let width = width as f32;
    if width.is_finite() { width.clamp(-1e6, 1e6) } else { 0.0 }
}
/// The encoding that a font program brings along.
fn own_encoding(document: &Document<'_>, descriptor: Option<&Dict>, meanings: &mut [Meaning]) {
    let Some(descriptor) = descriptor else { return };
    if let Object::Stream(program) = &*document.entry(descriptor, b"FontFile3") {
        let mut own = vec![Meaning::Unknown; 256];
        let font = document.bytes(program, COMPACT_BYTES_MAX);
        if cff::encoding(&font, &mut |code, name| set(&mut own, code, name)) {
            meanings.clone_from_slice(&own);
        }
    } else if let Object::Stream(program) = &*document.entry(descriptor, b"FontFile") {
        clear_encoding(document, program, meanings);
    }
}
/// That in the clear part of a Type 1 font program: `dup 65 /A put`.
fn clear_encoding(document: &Document<'_>, program: &Stream, meanings: &mut [Meaning]) {
    let Ok(src) = document.read(program) else { return };
    let mut lexer = Lexer::content(std::io::Read::take(src, PROGRAM_BYTES_MAX));
    let mut begun = false;
    loop {
        match lexer.token() {
            Token::Name(name) if name == b"Encoding" => begun = true,
            Token::Word(word) => match word.bytes() {
                b"eexec" => return,
                b"StandardEncoding" if begun => return,
                b"array" if begun => meanings.fill(Meaning::Unknown),
                b"dup" if begun => {
                    if let (Token::Int(code), Token::Name(name)) = (lexer.token(), lexer.token()) {
                        set(meanings, usize::try_from(code).unwrap_or(usize::MAX), &name);
                    }
                }
                b"def" | b"readonly" if begun => return,
                _ => {}
            },
            Token::End => return,
            _ => {}
        }
    }
}

impl Composite {
    /// The font, whether it writes from top to bottom, and how far a glyph goes then.
    fn load(document: &Document<'_>, dict: &Dict) -> (Self, bool, f64) {
        let (coding, vertical) = match &*document.entry(dict, b"Encoding") {
            Object::Name(name) => match predefined(name) {
                Some(map) => (Coding::Predefined(map), map.vertical),
                None => (Coding::Identity, name.ends_with(b"-V")),
            },
            Object::Stream(stream) => {
                let map = CMap::read(document, stream);
                let vertical = map.vertical || stream.dict.get(b"WMode").int() == Some(1);
                (Coding::Map(map), vertical)
            }
            _ => (Coding::Identity, false),
        };
        let descendants = document.entry(dict, b"DescendantFonts");
        let first = descendants.array().and_then(<[_]>::first).map(|o| document.get(o));
        let empty = Dict::default();
        let descendant = first.as_deref().and_then(Object::dict).unwrap_or(&empty);
        let info = document.entry(descendant, b"CIDSystemInfo");
        let ordering = info.dict().map(|d| document.entry(d, b"Ordering"));
        let collection = ordering.as_deref().and_then(Object::text).and_then(Collection::named);
        let down = document.entry(descendant, b"DW2").array().and_then(|a| a.get(1)?.number());
        let this = Self {
            coding,
            collection,
            widths: widths(document, descendant),
            default_width: narrow(document.entry(descendant, b"DW").number().unwrap_or(1000.0)),
            met: RefCell::default(),
            texts: RefCell::default(),
        };
        (this, vertical, down.filter(|d| d.is_finite()).unwrap_or(-1000.0))
    }
    fn bytes(&self) -> usize {
        let map = if let Coding::Map(map) = &self.coding { map.bytes() } else { 0 };
        // What is remembered of codes grows later: it is counted as if it were there.
        map + self.widths.len() * size_of::<(u32, u32, f32)>() + MEMORY_MAX * 8
    }
    fn length(&self, bytes: &[u8]) -> usize {
        match &self.coding {
            Coding::Identity => 2.min(bytes.len()),
            Coding::Predefined(map) => map.length(bytes),
            Coding::Map(map) => map.length(bytes),
        }
    }
    /// Puts the text of a code behind `out`; whether it is known, and the glyph's width.
    fn look_up(&self, code: &[u8], to_unicode: Option<&CMap>, out: &mut String) -> (bool, f32) {
        let number = code.iter().fold(0, |v: u32, b| v << 8 | u32::from(*b));
        // Codes of other lengths have other numbers.
        let key = number ^ u32::try_from(code.len()).unwrap_or(0) << 30;
        if let Some((at, length, known, width)) = self.met.borrow().get(&key).copied() {
            out.push_str(self.texts.borrow().get(at..at + length).unwrap_or_default());
            return (known, width);
        }
        let start = out.len();
        let (cid, width) = self.glyph(code, number);
        let known = plain(out, |out| {
            to_unicode.is_some_and(|map| map.text(number, out))
                || self.text(code, out)
                || self.collection.zip(cid).is_some_and(|(c, cid)| c.text(cid, out))
        });
        if out.len() == start {
            out.push('\u{FFFD}');
        }
        let (mut met, mut texts) = (self.met.borrow_mut(), self.texts.borrow_mut());
        if met.len() < MEMORY_MAX {
            let text = out.get(start..).unwrap_or_default();
            met.insert(key, (texts.len(), text.len(), known, width));
            texts.push_str(text);
        }
        (known, width)
    }
    /// What the code itself says, if it is an encoding's.
    fn text(&self, code: &[u8], out: &mut String) -> bool {
        match &self.coding {
            Coding::Identity => false,
            Coding::Predefined(map) => map.text(code, out),
            Coding::Map(map) => map.base.is_some_and(|base| base.text(code, out)),
        }
    }
    /// The glyph's number, where it is known, and its width.
    fn glyph(&self, code: &[u8], number: u32) -> (Option<u32>, f32) {
        let base = match &self.coding {
            Coding::Identity => return (Some(number), self.width(number)),
            Coding::Predefined(map) => map,
            Coding::Map(map) => match (map.cid(number), &map.base) {
                (Some(cid), _) => return (Some(cid), self.width(cid)),
                (None, Some(base)) => base,
                (None, None) => return (None, self.default_width),
            },
        };
        match base.cid(code) {
            Cid::Number(cid) => (Some(cid), self.width(cid)),
            Cid::Half => (None, 500.0),
            Cid::Unknown => (None, self.default_width),
        }
    }
    fn width(&self, cid: u32) -> f32 {
        let i = self.widths.partition_point(|w| w.0 <= cid);
        let entry = i.checked_sub(1).and_then(|i| self.widths.get(i));
        entry.filter(|w| cid <= w.1).map_or(self.default_width, |w| w.2)
    }
}
/// The widths of a CIDFont (9.7.4.3).
fn widths(document: &Document<'_>, dict: &Dict) -> Vec<(u32, u32, f32)> {
    let mut out = Vec::new();
    let all = document.entry(dict, b"W");
    let mut items = all.array().unwrap_or_default().iter();
    let number = |o: &Object| document.get(o).int().and_then(|n| u32::try_from(n).ok());
    while let (Some(first), Some(second)) = (items.next().and_then(number), items.next()) {
        match &*document.get(second) {
            Object::Array(each) => {
                let each =
                    (first..).zip(each).filter_map(|(cid, w)| Some((cid, cid, narrow(document.get(w).number()?))));
                out.extend(each);
            }
            last => {
                let last = last.int().and_then(|n| u32::try_from(n).ok());
                let width = items.next().and_then(|o| document.get(o).number());
                if let (Some(last), Some(width)) = (last, width) {
                    out.push((first, last, narrow(width)));
                }
            }
        }
        if out.len() > WIDTHS_MAX {
            document.note(GapReason::TooMany);
            break;
        }
    }
    out.sort_by_key(|w| w.0);
    out
}
