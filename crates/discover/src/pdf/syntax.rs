//! Tokens and what they make up (ISO 32000-1, 7.2 and 7.3), out of any reader through a small buffer.
//!
//! The same lexer serves objects in the file, objects in object streams, cross-reference tables, content streams and
//! CMaps. It holds one buffer and one token; what is broken is read as far as it makes sense, because real files
//! are.

use super::meter;
use super::object::{Dict, Id, Object};
use evidence::GapReason;
use std::io::Read;

/// Arrays and dictionaries inside each other; deeper ones are read as empty, and a fault (`TooDeep`).
const DEPTH_MAX: usize = 64;
/// Bytes of one string or name; the rest is dropped, and a fault (`TooLarge`).
const STRING_BYTES_MAX: usize = 1 << 20;
/// Bytes of all strings and names of one object, likewise.
const STRINGS_BYTES_MAX: usize = 4 << 20;
/// Items of one object, all levels together; what follows is dropped, and a fault (`TooLarge`).
const ITEMS_MAX: usize = 1 << 17;
/// Bytes of a keyword; longer ones are none that we know.
const WORD_BYTES_MAX: usize = 22;
/// The buffer begins so small, for most objects are, and grows to the other. Bytes.
const BUFFER_BYTES_MIN: usize = 512;
const BUFFER_BYTES_MAX: usize = 16 << 10;
/// A keyword or an operator.
#[derive(Clone, Copy)]
pub(super) struct Word {
    bytes: [u8; WORD_BYTES_MAX],
    length: u8,
}
impl Word {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

pub(super) enum Token {
    Int(i64),
    Real(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    ArrayOpen,
    ArrayClose,
    DictOpen,
    DictClose,
    Word(Word),
    End,
}
impl Token {
    pub(super) fn is_word(&self, word: &[u8]) -> bool {
        matches!(self, Self::Word(w) if w.bytes() == word)
    }
}

pub(super) fn is_space(b: u8) -> bool {
    matches!(b, 0 | 9 | 10 | 12 | 13 | 32)
}
fn is_delimiter(b: u8) -> bool {
    matches!(b, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}
fn is_regular(b: u8) -> bool {
    !is_space(b) && !is_delimiter(b)
}
fn hex(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// Reads tokens and objects out of `src`.
pub(super) struct Lexer<'a> {
    src: Box<dyn Read + 'a>,
    buf: Vec<u8>,
    at: usize,
    end: usize,
    /// Where the buffer begins, in bytes of `src`.
    base: u64,
    ended: bool,
    /// What went wrong first.
    fault: Option<GapReason>,
    /// Tokens that were read ahead, the next last.
    ahead: Vec<Token>,
    items: usize,
    /// Bytes of strings of the object at hand.
    bytes: usize,
    /// `1 0 R` is a reference here.
    references: bool,
}
impl<'a> Lexer<'a> {
    /// For objects, which may hold references.
    pub(super) fn objects(src: impl Read + 'a) -> Self {
        Self::new(Box::new(src), true)
    }
    /// For content streams and CMaps, which hold none.
    pub(super) fn content(src: impl Read + 'a) -> Self {
        Self::new(Box::new(src), false)
    }
    fn new(src: Box<dyn Read + 'a>, references: bool) -> Self {
        Self {
            src,
            buf: Vec::new(),
            at: 0,
            end: 0,
            base: 0,
            ended: false,
            fault: None,
            ahead: Vec::new(),
            items: 0,
            bytes: 0,
            references,
        }
    }
    /// What went wrong first, once.
    pub(super) fn take_fault(&mut self) -> Option<GapReason> {
        self.fault.take()
    }
    fn faulty(&mut self, reason: GapReason) {
        self.fault.get_or_insert(reason);
    }
    /// Where the next byte stands. Of no use while tokens are read ahead.
    pub(super) fn position(&self) -> u64 {
        self.base + self.at as u64
    }

    fn refill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.base += self.end as u64;
        (self.at, self.end) = (0, 0);
        let want = (self.buf.len() * 4).clamp(BUFFER_BYTES_MIN, BUFFER_BYTES_MAX);
        self.buf.resize(want, 0);
        loop {
            match self.src.read(&mut self.buf) {
                Ok(n) => {
                    self.end = n;
                    self.ended = n == 0;
                    return n > 0;
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.faulty(meter::reason(&e));
                    self.ended = true;
                    return false;
                }
            }
        }
    }
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        if self.at >= self.end && !self.refill() {
            return None;
        }
        self.buf.get(self.at).copied()
    }
    #[inline]
    pub(super) fn byte(&mut self) -> Option<u8> {
        let b = self.peek()?;
        self.at += 1;
        Some(b)
    }
    fn skip(&mut self) {
        while let Some(b) = self.peek() {
            if b == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else if is_space(b) {
                self.at += 1;
            } else {
                return;
            }
        }
    }
    /// Passes the line end behind `stream` (7.3.8.1); a lone carriage return is taken for one too.
    pub(super) fn end_of_line(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        if self.peek() == Some(b'\r') {
            self.at += 1;
        }
        if self.peek() == Some(b'\n') {
            self.at += 1;
        }
    }

    /// The next token.
    pub(super) fn token(&mut self) -> Token {
        if let Some(token) = self.ahead.pop() {
            return token;
        }
        self.skip();
        let Some(b) = self.peek() else { return Token::End };
        if is_regular(b) {
            return if matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.') { self.number() } else { self.word() };
        }
        self.at += 1;
        match b {
            b'/' => Token::Name(self.name()),
            b'(' => Token::Text(self.literal()),
            b'[' => Token::ArrayOpen,
            b']' => Token::ArrayClose,
            b'<' if self.peek() == Some(b'<') => {
                self.at += 1;
                Token::DictOpen
            }
            b'<' => Token::Text(self.hexadecimal()),
            b'>' if self.peek() == Some(b'>') => {
                self.at += 1;
                Token::DictClose
            }
            _ => {
                let mut word = Word { bytes: [0; WORD_BYTES_MAX], length: 1 };
                word.bytes[0] = b;
                Token::Word(word)
            }
        }
    }
    fn number(&mut self) -> Token {
        let (mut negative, mut whole, mut digits) = (false, 0i64, false);
        while let Some(b @ (b'+' | b'-')) = self.peek() {
            negative |= b == b'-';
            self.at += 1;
        }
        while let Some(b @ b'0'..=b'9') = self.peek() {
            whole = whole.saturating_mul(10).saturating_add(i64::from(b - b'0'));
            digits = true;
            self.at += 1;
        }
        let sign = if negative { -1 } else { 1 };
        if self.peek() != Some(b'.') {
            // A lone sign, or one inside (`1-2`): what follows is read as the next token.
            return if digits { Token::Int(whole * sign) } else { Token::Int(0) };
        }
        self.at += 1;
        let (mut part, mut scale) = (0f64, 1f64);
        while let Some(b @ b'0'..=b'9') = self.peek() {
            if scale < 1e15 {
                part = part * 10.0 + f64::from(b - b'0');
                scale *= 10.0;
            }
            self.at += 1;
        }
        // `1.2.3` and `0.-5`, which broken writers make.
        while self.peek().is_some_and(|b| matches!(b, b'0'..=b'9' | b'.' | b'-')) {
            self.at += 1;
        }
        #[expect(clippy::cast_precision_loss, reason = "coordinates and widths")]
        let value = whole as f64 + part / scale;
        Token::Real(if negative { -value } else { value })
    }
    fn word(&mut self) -> Token {
        let mut word = Word { bytes: [0; WORD_BYTES_MAX], length: 0 };
        while let Some(b) = self.peek().filter(|b| is_regular(*b)) {
            // A longer one is cut: no keyword is as long.
            if let Some(slot) = word.bytes.get_mut(usize::from(word.length)) {
                *slot = b;
                word.length += 1;
            }
            self.at += 1;
        }
        Token::Word(word)
    }
    fn put(&mut self, out: &mut Vec<u8>, b: u8) {
        if out.len() < STRING_BYTES_MAX && self.bytes < STRINGS_BYTES_MAX {
            self.bytes += 1;
            out.push(b);
        } else {
            self.faulty(GapReason::TooLarge);
        }
    }
    fn name(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(b) = self.peek().filter(|b| is_regular(*b)) {
            self.at += 1;
            if b != b'#' {
                self.put(&mut out, b);
                continue;
            }
            let high = self.peek().and_then(hex);
            let Some(high) = high else {
                self.put(&mut out, b);
                continue;
            };
            let first = self.byte().unwrap_or(b'0');
            if let Some(low) = self.peek().and_then(hex) {
                self.at += 1;
                self.put(&mut out, high << 4 | low);
            } else {
                self.put(&mut out, b'#');
                self.put(&mut out, first);
            }
        }
        out
    }
    fn literal(&mut self) -> Vec<u8> {
        let (mut out, mut open) = (Vec::new(), 0usize);
        while let Some(b) = self.byte() {
            match b {
                b'(' => open += 1,
                b')' if open == 0 => return out,
                b')' => open -= 1,
                b'\\' => {
                    if let Some(b) = self.escaped() {
                        self.put(&mut out, b);
                    }
                    continue;
                }
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    self.put(&mut out, b'\n');
                    continue;
                }
                _ => {}
            }
            self.put(&mut out, b);
        }
        self.faulty(GapReason::Corrupt);
        out
    }
    fn escaped(&mut self) -> Option<u8> {
        let b = self.byte()?;
        Some(match b {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            b'0'..=b'7' => {
                let mut value = u16::from(b - b'0');
                for _ in 0..2 {
                    let Some(b @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u16::from(b - b'0');
                    self.at += 1;
                }
                // High-order overflow is ignored (7.3.4.2).
                (value & 0xFF).to_le_bytes()[0]
            }
            b'\n' => return None,
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
                return None;
            }
            other => other,
        })
    }
    fn hexadecimal(&mut self) -> Vec<u8> {
        let (mut out, mut half) = (Vec::new(), None);
        while let Some(b) = self.byte().filter(|b| *b != b'>') {
            let Some(digit) = hex(b) else { continue };
            match half.take() {
                None => half = Some(digit),
                Some(high) => self.put(&mut out, high << 4 | digit),
            }
        }
        if let Some(high) = half {
            self.put(&mut out, high << 4);
        }
        out
    }

    /// The next object; nothing at the end, or at what begins none.
    pub(super) fn object(&mut self) -> Option<Object> {
        (self.items, self.bytes) = (0, 0);
        let token = self.token();
        self.value(token, 0)
    }
    /// The object that `token` begins; nothing if it begins none.
    pub(super) fn value_of(&mut self, token: Token) -> Option<Object> {
        (self.items, self.bytes) = (0, 0);
        self.value(token, 0)
    }
    fn value(&mut self, token: Token, depth: usize) -> Option<Object> {
        Some(match token {
            Token::Int(n) if self.references => self.reference(n).map_or(Object::Int(n), Object::Ref),
            Token::Int(n) => Object::Int(n),
            Token::Real(r) => Object::Real(r),
            Token::Name(n) => Object::Name(n),
            Token::Text(t) => Object::Text(t),
            Token::ArrayOpen => Object::Array(self.array(depth)),
            Token::DictOpen => Object::Dict(self.dict(depth)),
            Token::Word(w) => match w.bytes() {
                b"null" => Object::Null,
                b"true" => Object::Bool(true),
                b"false" => Object::Bool(false),
                _ => {
                    self.ahead.push(Token::Word(w));
                    return None;
                }
            },
            Token::End => return None,
            close @ (Token::ArrayClose | Token::DictClose) => {
                self.ahead.push(close);
                return None;
            }
        })
    }
    fn reference(&mut self, number: i64) -> Option<Id> {
        let number = u32::try_from(number).ok()?;
        let generation = self.token();
        let Token::Int(g) = generation else {
            self.ahead.push(generation);
            return None;
        };
        let r = self.token();
        if let (true, Ok(generation)) = (r.is_word(b"R"), u32::try_from(g)) {
            return Some(Id { number, generation });
        }
        self.ahead.extend([r, generation]);
        None
    }
    /// Counts an item; false if there are too many.
    fn item(&mut self) -> bool {
        self.items += 1;
        if self.items > ITEMS_MAX {
            self.faulty(GapReason::TooLarge);
        }
        self.items <= ITEMS_MAX
    }
    /// The depth of what is inside, if it may be.
    fn deeper(&mut self, depth: usize) -> Option<usize> {
        if depth >= DEPTH_MAX {
            self.faulty(GapReason::TooDeep);
        }
        (depth < DEPTH_MAX).then_some(depth + 1)
    }
    fn array(&mut self, depth: usize) -> Vec<Object> {
        let mut out = Vec::new();
        let Some(depth) = self.deeper(depth) else { return out };
        loop {
            match self.token() {
                Token::ArrayClose => return out,
                Token::End => {
                    self.faulty(GapReason::Corrupt);
                    return out;
                }
                token => match self.value(token, depth) {
                    Some(object) if self.item() => out.push(object),
                    Some(_) => {}
                    None if self.is_over() => return out,
                    None => _ = self.ahead.pop(),
                },
            }
        }
    }
    fn dict(&mut self, depth: usize) -> Dict {
        let mut out = Vec::new();
        let Some(depth) = self.deeper(depth) else { return Dict::default() };
        loop {
            match self.token() {
                Token::DictClose => break,
                Token::End => {
                    self.faulty(GapReason::Corrupt);
                    break;
                }
                Token::Name(key) => {
                    let token = self.token();
                    match self.value(token, depth) {
                        Some(object) if self.item() => out.push((key, object)),
                        Some(_) => {}
                        None if self.is_over() => break,
                        // `/Key >>`: the close is read again; anything else is passed over.
                        None if matches!(self.ahead.last(), Some(Token::DictClose)) => {}
                        None => _ = self.ahead.pop(),
                    }
                }
                token @ Token::Word(_) => {
                    self.ahead.push(token);
                    if self.is_over() {
                        break;
                    }
                    self.ahead.pop();
                }
                _ => {}
            }
        }
        Dict::new(out)
    }
    /// True if what is read next cannot be inside an object: it was never closed.
    fn is_over(&mut self) -> bool {
        let over = match self.ahead.last() {
            None => true,
            Some(Token::Word(w)) => matches!(w.bytes(), b"endobj" | b"stream" | b"endstream" | b"obj" | b"xref"),
            Some(_) => false,
        };
        if over {
            self.faulty(GapReason::Corrupt);
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(object: &Object) -> String {
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        match object {
            Object::Null => "null".into(),
            Object::Bool(b) => b.to_string(),
            Object::Int(n) => n.to_string(),
            Object::Real(r) => format!("{r}r"),
            Object::Name(n) => format!("/{}", text(n)),
            Object::Text(t) => format!("({})", text(t)),
            Object::Array(a) => format!("[{}]", a.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Object::Dict(d) => {
                let all: Vec<_> = d.iter().map(|(k, v)| format!("{}={}", text(k), shown(v))).collect();
                format!("<{}>", all.join(" "))
            }
            Object::Stream(_) => "stream".into(),
            Object::Ref(id) => format!("{}.{}R", id.number, id.generation),
        }
    }

    #[test]
    fn objects_are_read_as_the_standard_says_and_broken_ones_as_far_as_they_go() {
        let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
        let table: [(&str, &str, Option<GapReason>); 19] = [
            ("<</A 1/B[1 0 R 2 3]/C(x)>>", "<A=1 B=[1.0R 2 3] C=(x)>", None),
            ("[1 2 3 0 R]", "[1 2 3.0R]", None),
            ("-.5", "-0.5r", None),
            ("+17", "17", None),
            ("99999999999999999999", "9223372036854775807", None),
            ("--5", "-5", None),
            ("(a(b)c\\)\\101\\\n\\r)", "(a(b)c)A\r)", None),
            ("(a\r\nb)", "(a\nb)", None),
            ("<48 65 6C6c6>", "(Hell`)", None),
            ("/A#20B#zz", "/A B#zz", None),
            ("[/a/b<</c null/d true>>]", "[/a /b <c=null d=true>]", None),
            ("<</A>>", "<>", None),
            ("<</A 1/A 2>>", "<A=1 A=2>", None),
            ("% a comment\n7", "7", None),
            ("[1 2", "[1 2]", Some(GapReason::Corrupt)),
            ("(open", "(open)", Some(GapReason::Corrupt)),
            ("<</A 1 endobj", "<A=1>", Some(GapReason::Corrupt)),
            ("[1 } 2]", "[1 2]", None),
            (&deep, &format!("{}{}", "[".repeat(64), "]".repeat(64)), Some(GapReason::TooDeep)),
        ];
        for (text, expect, fault) in table {
            let mut lexer = Lexer::objects(text.as_bytes());
            let object = lexer.object().unwrap();
            if fault != Some(GapReason::TooDeep) {
                assert_eq!(shown(&object), expect, "{text}");
            }
            assert_eq!(lexer.take_fault(), fault, "{text}");
        }
        let mut lexer = Lexer::objects(&b"<</A 1/A 2>>"[..]);
        assert!(matches!(lexer.object().unwrap().dict().unwrap().get(b"A"), Object::Int(2)));
    }

    #[test]
    fn large_dictionaries_are_searched_and_the_last_of_a_name_counts() {
        let text: String = (0..200).map(|i| format!("/K{} {i}", i % 100)).collect();
        let mut lexer = Lexer::objects(std::io::Cursor::new(format!("<<{text}>>")));
        let object = lexer.object().unwrap();
        for i in 0..100 {
            let value = object.dict().unwrap().get(format!("K{i}").as_bytes()).int();
            assert_eq!(value, Some(i + 100));
        }
    }
}
