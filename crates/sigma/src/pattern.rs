//! Texts of rules: wildcards, the backslash table, folding of case, and the plain matcher.
//!
//! Case: each character is folded to one character (upper, then lower, where each is one character), the same for rules and events,
//! so a `?` stands for one character before and after. The dotless `ı` stays what it is: it is no spelling of `i`.

/// A piece of a pattern.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Piece {
    Text(String),
    /// `?`: one character.
    One,
    /// `*`: any number of characters.
    Many,
    /// One of the five characters that begin a flag (modifier `windash`).
    Dash,
}

/// The five of `windash`: hyphen-minus, slash, en dash, em dash, horizontal bar.
pub(crate) const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Pieces in order; no two texts and no two `*` beside each other, no empty text.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Pattern {
    pub(crate) pieces: Vec<Piece>,
}

impl Pattern {
    /// A value as it stands in a rule: specification, *String Wildcard* and *Escape Character*.
    pub(crate) fn read(value: &str) -> Self {
        let mut pattern = Self::default();
        let mut chars = value.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek()) {
                ('\\', Some(next @ ('\\' | '*' | '?'))) => {
                    pattern.push_char(*next);
                    chars.next();
                }
                ('*', _) => pattern.push(Piece::Many),
                ('?', _) => pattern.push(Piece::One),
                (c, _) => pattern.push_char(c),
            }
        }
        pattern
    }

    /// A text without wildcards.
    pub(crate) fn literal(text: &str) -> Self {
        let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::Text(text.to_owned())] };
        Self { pieces }
    }

    fn push_char(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.pieces.push(Piece::Text(c.into())),
        }
    }

    pub(crate) fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Many), Piece::Many) => {}
            (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
            (_, Piece::Text(text)) if text.is_empty() => {}
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// The text, if there is nothing but text.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// With `*` before and after as asked.
    pub(crate) fn open(self, before: bool, after: bool) -> Self {
        let mut opened = Self::default();
        if before {
            opened.push(Piece::Many);
        }
        self.pieces.into_iter().for_each(|p| opened.push(p));
        if after {
            opened.push(Piece::Many);
        }
        opened
    }

    pub(crate) fn folded(mut self) -> Self {
        for piece in &mut self.pieces {
            if let Piece::Text(text) = piece {
                let mut folded = String::with_capacity(text.len());
                fold(text, &mut folded);
                *text = folded;
            }
        }
        self
    }

    /// A dash or slash that begins a word, with no word before it, may be any of the five: as pySigma reads `windash` (`\B[-/]\b`).
    pub(crate) fn windash(self) -> Self {
        let mut out = Self::default();
        for piece in &self.pieces {
            let Piece::Text(text) = piece else {
                out.push(piece.clone());
                continue;
            };
            let chars: Vec<char> = text.chars().collect();
            let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
            for (i, c) in chars.iter().enumerate() {
                let before = i.checked_sub(1).and_then(|i| chars.get(i));
                let flag = DASHES.contains(c) && !word(before) && word(chars.get(i + 1));
                out.push(if flag { Piece::Dash } else { Piece::Text(c.to_string()) });
            }
        }
        out
    }

    /// Whether the whole of `text` is what the pattern says. Both must be folded alike.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let (mut piece, mut at) = (0, 0);
        // Where to go on when what follows the last `*` does not fit here: the piece after it, and the next place to try.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let rest = &text[at..];
            let step = match self.pieces.get(piece) {
                None if rest.is_empty() => return true,
                None => None,
                Some(Piece::Many) => {
                    piece += 1;
                    if piece == self.pieces.len() {
                        return true;
                    }
                    retry = Some((piece, at));
                    continue;
                }
                Some(Piece::Text(wanted)) => rest.starts_with(wanted.as_str()).then_some(wanted.len()),
                Some(Piece::One) => rest.chars().next().map(char::len_utf8),
                Some(Piece::Dash) => rest.chars().next().filter(|c| DASHES.contains(c)).map(char::len_utf8),
            };
            if let Some(step) = step {
                at += step;
                piece += 1;
                continue;
            }
            let Some((again, from)) = retry else { return false };
            let Some(c) = text[from..].chars().next() else { return false };
            at = from + c.len_utf8();
            piece = again;
            retry = Some((again, at));
        }
    }

    /// As a rule would write it.
    pub(crate) fn shown(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(&text.replace('*', "\\*").replace('?', "\\?")),
                Piece::One => out.push('?'),
                Piece::Many => out.push('*'),
                Piece::Dash => out.push('-'),
            }
        }
        out
    }
}

/// Appends the folded text.
pub(crate) fn fold(text: &str, out: &mut String) {
    if text.is_ascii() {
        let from = out.len();
        out.push_str(text);
        out[from..].make_ascii_lowercase();
        return;
    }
    out.extend(text.chars().map(fold_char));
}

/// One character folded to one character.
pub(crate) fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    if c == 'ı' {
        return c;
    }
    let single = |mut it: std::char::ToLowercase, c: char| match (it.next(), it.next()) {
        (Some(one), None) => one,
        _ => c,
    };
    let mut upper = c.to_uppercase();
    let up = match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    };
    single(up.to_lowercase(), up)
}
