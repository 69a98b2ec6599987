//! Content streams: follows the operators that show and move text (ISO 32000-1, annex A), and passes over the rest.

use super::document::Document;
use super::encoding::text_string;
use super::font::{Font, Kind};
use super::layout::{Frame, Mark, Pieces};
use super::object::{Dict, Object, Stream};
use super::syntax::{Lexer, Token, Word, is_space};
use evidence::GapReason;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

/// Forms drawn by forms; deeper is a gap (`TooDeep`).
const FORM_DEPTH_MAX: usize = 12;
/// Saved states (`q`); more are a gap (`TooDeep`). The standard's own limit is 28.
const STATES_MAX: usize = 512;
/// Operands kept for an operator; of more the last count.
const OPERANDS_MAX: usize = 64;
/// Marked content inside marked content that is told apart.
const MARKS_MAX: usize = 256;
/// Fonts kept loaded: how many, and what they take; and what all may take that a saved state still holds. Bytes.
const FONTS_MAX: usize = 256;
const FONTS_BYTES_MAX: usize = 16 << 20;
const FONTS_HELD_BYTES_MAX: usize = 48 << 20;
/// Work to draw a form or to choose a font, and to load one, beyond the bytes that are read.
const CALL_WORK: u64 = 256;
const FONT_WORK: u64 = 8 << 10;

/// The fonts of a document.
#[derive(Default)]
pub(super) struct Fonts {
    by_number: RefCell<HashMap<u32, Rc<Font>>>,
    held: Rc<Cell<usize>>,
    kept: Cell<usize>,
}
impl Fonts {
    fn load(&self, document: &Document<'_>, object: &Object) -> Option<Rc<Font>> {
        let id = object.id();
        if let Some(font) = id.and_then(|id| self.by_number.borrow().get(&id.number).cloned()) {
            return Some(font);
        }
        let resolved = document.get(object);
        let dict = resolved.dict()?;
        let mut kept = self.by_number.borrow_mut();
        if kept.len() >= FONTS_MAX || self.kept.get() > FONTS_BYTES_MAX {
            kept.clear();
            self.kept.set(0);
        }
        if !document.spend(FONT_WORK) {
            return None;
        }
        if self.held.get() > FONTS_HELD_BYTES_MAX {
            document.note(GapReason::TooMany);
            return None;
        }
        let font = Rc::new(Font::load(document, dict, &self.held));
        if let Some(id) = id {
            self.kept.set(self.kept.get() + font.bytes());
            kept.insert(id.number, Rc::clone(&font));
        }
        Some(font)
    }
}

/// A transformation: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy)]
pub(super) struct Matrix([f64; 6]);
impl Matrix {
    pub(super) const UNIT: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    /// This one first, then `after`.
    fn then(&self, after: &Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, after.0);
        Self([a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l])
    }
    fn moved(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }
    /// Six numbers, as operands or as an array.
    pub(super) fn of(numbers: &[Object]) -> Option<Self> {
        let mut out = [0.0; 6];
        let last = numbers.get(numbers.len().checked_sub(6)?..)?;
        for (slot, object) in out.iter_mut().zip(last) {
            *slot = object.number()?;
        }
        Some(Self(out))
    }
    /// The area that the unit square takes.
    fn area(&self) -> f64 {
        (self.0[0] * self.0[3] - self.0[1] * self.0[2]).abs()
    }
}

/// What `q` saves.
#[derive(Clone)]
struct State {
    space: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    spacing: f64,
    word_spacing: f64,
    /// Horizontal scale, from 1.
    scale: f64,
    leading: f64,
    rise: f64,
}
/// The resources of a page or a form, parts of it looked up when they are needed.
struct Resources<'r> {
    dict: &'r Dict,
    fonts: OnceCell<Dict>,
    drawn: OnceCell<Dict>,
    marks: OnceCell<Dict>,
}
impl<'r> Resources<'r> {
    fn new(dict: &'r Dict) -> Self {
        Self { dict, fonts: OnceCell::new(), drawn: OnceCell::new(), marks: OnceCell::new() }
    }
    fn part<'c>(&self, document: &Document<'_>, cell: &'c OnceCell<Dict>, key: &[u8]) -> &'c Dict {
        cell.get_or_init(|| document.entry(self.dict, key).dict().cloned().unwrap_or_default())
    }
}

/// What a page shows, gathered.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) pieces: Pieces,
    /// Images drawn, and the area of the largest.
    pub(super) images: u64,
    pub(super) image_area: f64,
    /// Visible characters.
    pub(super) characters: u64,
    /// Glyphs whose text is not known, by the kind of their font.
    pub(super) unread: [u64; Kind::COUNT],
}

/// Called when so much was gathered that it should be looked at.
pub(super) type Flush<'f> = dyn FnMut(&mut Pieces) + 'f;

/// A page, or a form on it, under way.
pub(super) struct Interpreter<'p, 'd> {
    pub(super) document: &'p Document<'d>,
    pub(super) fonts: &'p Fonts,
    pub(super) seen: Seen,
    pub(super) flush: &'p mut Flush<'p>,
    /// Forms that are being drawn.
    open: Vec<u64>,
}

/// One content stream under way.
struct Frames<'r> {
    resources: &'r Resources<'r>,
    state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
    operands: Vec<Object>,
    marks: Vec<Option<Replaced>>,
    /// The last font that was chosen by a name here.
    chosen: Option<(Vec<u8>, Option<Rc<Font>>)>,
}
/// Marked content with a text that replaces it (14.9.4).
struct Replaced {
    text: String,
    mark: Mark,
    unread: [u64; Kind::COUNT],
}

impl<'p, 'd> Interpreter<'p, 'd> {
    pub(super) fn new(document: &'p Document<'d>, fonts: &'p Fonts, flush: &'p mut Flush<'p>) -> Self {
        Self { document, fonts, seen: Seen::default(), flush, open: Vec::new() }
    }
    /// Follows a content stream.
    pub(super) fn run(&mut self, src: impl Read + 'p, resources: &Dict, space: Matrix) {
        let resources = Resources::new(resources);
        let state = State {
            space,
            font: None,
            size: 1.0,
            spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        self.stream(Lexer::content(src), &resources, state);
    }
    fn stream(&mut self, mut lexer: Lexer<'_>, resources: &Resources<'_>, state: State) {
        let mut at = Frames {
            resources,
            state,
            saved: Vec::new(),
            text: Matrix::UNIT,
            line: Matrix::UNIT,
            operands: Vec::new(),
            marks: Vec::new(),
            chosen: None,
        };
        loop {
            match lexer.token() {
                Token::End => break,
                Token::Word(word) if !matches!(word.bytes(), b"true" | b"false" | b"null") => {
                    if !self.document.spend(1) {
                        break;
                    }
                    self.operator(&mut at, &word, &mut lexer);
                    at.operands.clear();
                }
                token => {
                    let Some(object) = lexer.value_of(token) else {
                        // A close that closes nothing.
                        let _ = lexer.token();
                        continue;
                    };
                    if at.operands.len() >= OPERANDS_MAX {
                        at.operands.remove(0);
                    }
                    at.operands.push(object);
                }
            }
        }
        while let Some(mark) = at.marks.pop() {
            self.end_mark(mark);
        }
        if let Some(reason) = lexer.take_fault() {
            self.document.note(reason);
        }
    }

    fn operator(&mut self, at: &mut Frames<'_>, word: &Word, lexer: &mut Lexer<'_>) {
        let number = |at: &Frames<'_>, from_end: usize| {
            let i = at.operands.len().checked_sub(from_end);
            i.and_then(|i| at.operands.get(i)).and_then(Object::number).filter(|n| n.is_finite()).unwrap_or(0.0)
        };
        if matches!(word.bytes(), b"BT" | b"Td" | b"TD" | b"Tm" | b"T*" | b"'" | b"\"") {
            self.seen.pieces.moved();
        }
        match word.bytes() {
            b"q" if at.saved.len() < STATES_MAX => at.saved.push(at.state.clone()),
            b"q" => self.document.note(GapReason::TooDeep),
            b"Q" => {
                if let Some(state) = at.saved.pop() {
                    at.state = state;
                }
            }
            b"cm" => {
                if let Some(matrix) = Matrix::of(&at.operands) {
                    at.state.space = matrix.then(&at.state.space);
                }
            }
            b"BT" => (at.text, at.line) = (Matrix::UNIT, Matrix::UNIT),
            b"Tf" => {
                at.state.size = number(at, 1);
                self.choose(at);
            }
            b"Tc" => at.state.spacing = number(at, 1),
            b"Tw" => at.state.word_spacing = number(at, 1),
            b"Tz" => at.state.scale = number(at, 1) / 100.0,
            b"TL" => at.state.leading = number(at, 1),
            b"Ts" => at.state.rise = number(at, 1),
            b"Td" => at.next_line(number(at, 2), number(at, 1)),
            b"TD" => {
                at.state.leading = -number(at, 1);
                at.next_line(number(at, 2), number(at, 1));
            }
            b"Tm" => {
                if let Some(matrix) = Matrix::of(&at.operands) {
                    (at.text, at.line) = (matrix, matrix);
                }
            }
            b"T*" => at.next_line(0.0, -at.state.leading),
            b"Tj" => self.show_last(at),
            b"'" => {
                at.next_line(0.0, -at.state.leading);
                self.show_last(at);
            }
            b"\"" => {
                (at.state.word_spacing, at.state.spacing) = (number(at, 3), number(at, 2));
                at.next_line(0.0, -at.state.leading);
                self.show_last(at);
            }
            b"TJ" => self.show_array(at),
            b"Do" => self.draw(at),
            b"gs" => self.graphics(at),
            b"BDC" => self.begin_mark(at),
            b"BMC" if at.marks.len() < MARKS_MAX => at.marks.push(None),
            b"EMC" => {
                if let Some(mark) = at.marks.pop() {
                    self.end_mark(mark);
                }
            }
            b"BI" => self.inline_image(at, lexer),
            _ => {}
        }
    }

    fn choose(&mut self, at: &mut Frames<'_>) {
        let Some(name) = at.operands.iter().rev().find_map(Object::name) else { return };
        if at.chosen.as_ref().is_none_or(|(chosen, _)| chosen != name) {
            if !self.document.spend(CALL_WORK) {
                return;
            }
            let fonts = at.resources.part(self.document, &at.resources.fonts, b"Font");
            let font = self.fonts.load(self.document, fonts.get(name));
            at.chosen = Some((name.to_vec(), font));
        }
        at.state.font = at.chosen.as_ref().and_then(|(_, font)| font.clone());
    }
    /// A font may come with a graphics state (8.4.5).
    fn graphics(&mut self, at: &mut Frames<'_>) {
        let Some(name) = at.operands.last().and_then(Object::name) else { return };
        let states = self.document.entry(at.resources.dict, b"ExtGState");
        let Some(state) = states.dict().map(|d| self.document.entry(d, name)) else { return };
        let Some(pair) = state.dict().map(|d| self.document.entry(d, b"Font")) else { return };
        if let Some([font, size]) = pair.array() {
            at.state.font = self.fonts.load(self.document, font);
            at.state.size = size.number().unwrap_or(1.0);
        }
    }

    fn show_last(&mut self, at: &mut Frames<'_>) {
        if let Some(Object::Text(text)) = at.operands.pop() {
            self.show(at, &text);
        }
    }
    fn show_array(&mut self, at: &mut Frames<'_>) {
        let Some(Object::Array(items)) = at.operands.pop() else { return };
        for item in &items {
            if let Object::Text(text) = item {
                self.show(at, text);
            } else if let Some(by) = item.number().filter(|n| n.is_finite()) {
                at.push(-by / 1000.0 * at.state.size);
            }
        }
    }
    /// Shows a string: each of its glyphs has a place on the page.
    fn show(&mut self, at: &mut Frames<'_>, bytes: &[u8]) {
        let state = at.state.clone();
        let Some(font) = state.font else {
            // Text without a font: whoever draws it shows nothing, but bytes are there.
            if bytes.iter().any(|b| !is_space(*b)) {
                self.seen.unread[Kind::Type1 as usize] += bytes.len() as u64;
            }
            return;
        };
        let scale = if font.vertical { 1.0 } else { state.scale };
        let space = at.text.then(&state.space);
        let [a, b, c, d, ..] = space.0;
        let size = state.size;
        let frame = if font.vertical {
            Frame::new(-c * size, -d * size, (size * a.hypot(b)).abs(), font.em)
        } else {
            Frame::new(a * size * scale, b * size * scale, (size * c.hypot(d)).abs(), font.em)
        };
        let frame = if font.exact { frame.exact() } else { frame };
        let origin = Matrix::moved(0.0, state.rise).then(&space);
        let (mut pen, down) = frame.place(origin.0[4], origin.0[5]);
        // From the pen's own units to those along the frame, which turns with the sign of the size.
        let unit = if size * scale == 0.0 { 0.0 } else { frame.reach / (size * scale).abs() };
        let turned = if size * scale < 0.0 { -1.0 } else { 1.0 };
        let (mut rest, mut moved, mut text) = (bytes, 0.0, String::new());
        let mut worked = 0;
        while let Some(shown) = font.next(rest, &mut text) {
            rest = rest.get(shown.length..).unwrap_or_default();
            let spacing = state.spacing + if shown.blank { state.word_spacing } else { 0.0 };
            // Downwards a negative spacing parts the glyphs (9.3.2).
            let spacing = if font.vertical { -spacing } else { spacing };
            let go = (shown.advance * size + spacing) * scale;
            // Characters that are spaced out belong together all the same.
            let ink = shown.advance * frame.reach + (spacing * turned * scale * unit).max(0.0);
            self.seen.pieces.glyph(&frame, pen, pen + ink, down, &text);
            if !text.trim().is_empty() {
                self.seen.characters += 1;
            }
            if !shown.known {
                self.seen.unread[font.kind as usize] += 1;
            }
            moved += go;
            pen += go * turned * unit;
            worked += text.len() as u64;
            text.clear();
            if self.seen.pieces.is_full() {
                (self.flush)(&mut self.seen.pieces);
            }
        }
        self.document.spend(worked);
        at.push_by(moved, font.vertical);
    }

    fn draw(&mut self, at: &mut Frames<'_>) {
        let Some(name) = at.operands.last().and_then(Object::name) else { return };
        if !self.document.spend(CALL_WORK) {
            return;
        }
        let drawn = at.resources.part(self.document, &at.resources.drawn, b"XObject");
        let object = self.document.get(drawn.get(name));
        let Object::Stream(stream) = &*object else { return };
        match self.document.entry(&stream.dict, b"Subtype").name() {
            Some(b"Image") => self.image(&at.state.space),
            Some(b"Form") => self.form(stream, at.resources, &at.state),
            _ => {}
        }
    }
    fn image(&mut self, space: &Matrix) {
        self.seen.images += 1;
        self.seen.image_area = self.seen.image_area.max(space.area());
    }
    /// Draws a form (8.10); without resources of its own it has those of who draws it.
    fn form(&mut self, stream: &Stream, outer: &Resources<'_>, state: &State) {
        if self.open.contains(&stream.at) {
            // A form that draws itself is never done.
            return self.document.note(GapReason::Corrupt);
        }
        if self.open.len() >= FORM_DEPTH_MAX {
            return self.document.note(GapReason::TooDeep);
        }
        let src = match self.document.read(stream) {
            Ok(src) => src,
            Err(reason) => return self.document.note(reason),
        };
        let matrix = self.document.entry(&stream.dict, b"Matrix");
        let matrix = matrix.array().and_then(Matrix::of).unwrap_or(Matrix::UNIT);
        let state = State { space: matrix.then(&state.space), ..state.clone() };
        let own = self.document.entry(&stream.dict, b"Resources");
        self.open.push(stream.at);
        match own.dict() {
            Some(dict) => self.stream(Lexer::content(src), &Resources::new(dict), state),
            None => self.stream(Lexer::content(src), &Resources::new(outer.dict), state),
        }
        self.open.pop();
    }
    /// Draws a form by itself, as an annotation does.
    pub(super) fn form_at(&mut self, stream: &Stream, x: f64, y: f64) {
        let empty = Dict::default();
        let state = State {
            space: Matrix::moved(x, y),
            font: None,
            size: 1.0,
            spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        self.form(stream, &Resources::new(&empty), &state);
    }

    fn begin_mark(&mut self, at: &mut Frames<'_>) {
        if at.marks.len() >= MARKS_MAX {
            return;
        }
        let within = at.marks.iter().any(Option::is_some);
        let properties = match at.operands.pop() {
            Some(Object::Dict(dict)) => dict,
            Some(Object::Name(name)) => {
                let all = at.resources.part(self.document, &at.resources.marks, b"Properties");
                self.document.entry(all, &name).dict().cloned().unwrap_or_default()
            }
            _ => Dict::default(),
        };
        let actual = self.document.entry(&properties, b"ActualText");
        let replaced = actual.text().filter(|_| !within).map(|text| Replaced {
            text: text_string(text),
            mark: self.seen.pieces.mark(),
            unread: self.seen.unread,
        });
        at.marks.push(replaced);
    }
    /// The replacement counts only where the glyphs cannot be read: what is shown is what people see, and a
    /// replacement could hide it.
    fn end_mark(&mut self, mark: Option<Replaced>) {
        let Some(Replaced { text, mark, unread }) = mark else { return };
        if self.seen.unread != unread && !text.is_empty() {
            self.seen.unread = unread;
            self.seen.pieces.replace(mark, &text);
        }
    }

    /// Passes over an image that stands in the content itself (8.9.7).
    fn inline_image(&mut self, at: &Frames<'_>, lexer: &mut Lexer<'_>) {
        self.image(&at.state.space);
        loop {
            match lexer.token() {
                Token::Word(word) if word.bytes() == b"ID" => break,
                Token::End => return,
                _ => {}
            }
        }
        // The bytes end at `EI` between blanks.
        let mut last = [b' '; 3];
        while let Some(b) = lexer.byte() {
            if is_space(b) && last[1..] == *b"EI" && is_space(last[0]) {
                return;
            }
            last = [last[1], last[2], b];
        }
        if last[1..] != *b"EI" {
            self.document.note(GapReason::Corrupt);
        }
    }
}

impl Frames<'_> {
    fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::moved(x, y).then(&self.line);
        self.text = self.line;
    }
    /// Moves the pen by so much of the text's own units, before the horizontal scale.
    fn push(&mut self, by: f64) {
        let vertical = self.state.font.as_ref().is_some_and(|f| f.vertical);
        let by = if vertical { -by } else { by * self.state.scale };
        self.push_by(by, vertical);
    }
    /// Moves the pen; in vertical writing by so much downwards.
    fn push_by(&mut self, by: f64, vertical: bool) {
        let moved = if vertical { Matrix::moved(0.0, -by) } else { Matrix::moved(by, 0.0) };
        self.text = moved.then(&self.text);
    }
}
