//! The grammar of conditions: `or` binds least, then `and`, `not`, `x of`, brackets.

use crate::notice::{Code, Fault};

/// A condition over the selections of a rule, by their number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// All must hold.
    And(Vec<Condition>),
    /// One must hold.
    Or(Vec<Condition>),
    /// It must not hold.
    Not(Box<Condition>),
    /// The selection of this number.
    Selection(usize),
    /// At least so many of these selections: `1 of x*`, `all of them`.
    Of(usize, Vec<usize>),
}

impl Condition {
    /// Selections that it names, each as often as it does.
    pub(crate) fn uses(&self, out: &mut Vec<usize>) {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().for_each(|c| c.uses(out)),
            Self::Not(c) => c.uses(out),
            Self::Selection(n) => out.push(*n),
            Self::Of(_, all) => out.extend(all),
        }
    }

    /// Whether it holds where `holds` says so of each selection.
    pub fn evaluate(&self, holds: &mut dyn FnMut(usize) -> bool) -> bool {
        match self {
            Self::And(all) => all.iter().all(|c| c.evaluate(holds)),
            Self::Or(all) => all.iter().any(|c| c.evaluate(holds)),
            Self::Not(c) => !c.evaluate(holds),
            Self::Selection(n) => holds(*n),
            Self::Of(wanted, all) => all.iter().filter(|n| holds(**n)).take(*wanted).count() >= *wanted,
        }
    }
}

/// Longest condition, in bytes.
pub(crate) const CONDITION_BYTES_MAX: usize = 64 * 1024;
/// Deepest nesting of brackets and `not`.
pub(crate) const CONDITION_DEPTH_MAX: usize = 64;

/// Reads a condition over selections of these names.
pub(crate) fn read(text: &str, names: &[String], line: usize) -> Result<Condition, Fault> {
    if text.len() > CONDITION_BYTES_MAX {
        return Err(Fault::new(Code::Limit, line)
            .with("limit", "condition_bytes_max")
            .with("max", CONDITION_BYTES_MAX));
    }
    if text.contains('|') {
        return Err(Fault::new(Code::OldAggregation, line));
    }
    let tokens = tokens(text);
    let mut reader = Reader { tokens: &tokens, at: 0, names, line, end: text.chars().count() + 1 };
    let condition = reader.or(0)?;
    match reader.peek() {
        None => Ok(condition),
        Some(_) => Err(reader.expected("and, or")),
    }
}

/// Tokens with their column, from 1.
fn tokens(text: &str) -> Vec<(&str, usize)> {
    let mut out = Vec::new();
    let mut start: Option<(usize, usize)> = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]).enumerate();
    for (column, (at, c)) in ends {
        if c.is_whitespace() || matches!(c, '(' | ')') {
            if let Some((from, column)) = start.take() {
                out.push((&text[from..at], column));
            }
            if !c.is_whitespace() {
                out.push((&text[at..at + 1], column + 1));
            }
        } else if start.is_none() {
            start = Some((at, column + 1));
        }
    }
    out
}

struct Reader<'t> {
    tokens: &'t [(&'t str, usize)],
    at: usize,
    names: &'t [String],
    line: usize,
    end: usize,
}
impl<'t> Reader<'t> {
    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).map(|t| t.0)
    }

    fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| t.eq_ignore_ascii_case(word))
    }

    fn eat(&mut self, word: &str) -> bool {
        let there = self.is(word);
        self.at += usize::from(there);
        there
    }

    fn expected(&self, what: &str) -> Fault {
        let column = self.tokens.get(self.at).map_or(self.end, |t| t.1);
        Fault::new(Code::Condition, self.line).with("column", column).with("expected", what)
    }

    fn or(&mut self, depth: usize) -> Result<Condition, Fault> {
        let mut all = vec![self.and(depth)?];
        while self.eat("or") {
            all.push(self.and(depth)?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Condition::Or(all) })
    }

    fn and(&mut self, depth: usize) -> Result<Condition, Fault> {
        let mut all = vec![self.not(depth)?];
        while self.eat("and") {
            all.push(self.not(depth)?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Condition::And(all) })
    }

    fn not(&mut self, depth: usize) -> Result<Condition, Fault> {
        if depth > CONDITION_DEPTH_MAX {
            let fault = Fault::new(Code::Limit, self.line);
            return Err(fault.with("limit", "condition_depth_max").with("max", CONDITION_DEPTH_MAX));
        }
        if self.eat("not") {
            return Ok(Condition::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.eat("(") {
            let inner = self.or(depth + 1)?;
            return if self.eat(")") { Ok(inner) } else { Err(self.expected(")")) };
        }
        self.operand()
    }

    fn operand(&mut self) -> Result<Condition, Fault> {
        let Some(word) = self.peek().filter(|w| *w != ")" && !self.is("and") && !self.is("or")) else {
            return Err(self.expected("a selection, not, ("));
        };
        self.at += 1;
        let lower = word.to_ascii_lowercase();
        let counts = lower == "all" || lower == "any" || lower.bytes().all(|b| b.is_ascii_digit());
        if counts && self.eat("of") {
            return self.of(&lower);
        }
        match self.names.iter().position(|n| n == word) {
            Some(n) => Ok(Condition::Selection(n)),
            None => Err(Fault::new(Code::UnknownSelection, self.line).with("name", word)),
        }
    }

    fn of(&mut self, count: &str) -> Result<Condition, Fault> {
        let Some(pattern) = self.peek().filter(|w| !matches!(*w, "(" | ")")) else {
            return Err(self.expected("them, a pattern of names"));
        };
        self.at += 1;
        let them = pattern.eq_ignore_ascii_case("them");
        let fits = |name: &str| if them { !name.starts_with('_') } else { glob(pattern, name) };
        let all: Vec<usize> = (0..self.names.len()).filter(|n| fits(&self.names[*n])).collect();
        if all.is_empty() {
            return Err(Fault::new(Code::NoSuchSelections, self.line).with("pattern", pattern));
        }
        let wanted = match count {
            "all" => all.len(),
            "any" => 1,
            digits => digits.parse().unwrap_or(usize::MAX),
        };
        if wanted == 0 || wanted > all.len() {
            let fault = Fault::new(Code::TooFewSelections, self.line);
            return Err(fault.with("wanted", count).with("there", all.len()));
        }
        Ok(Condition::Of(wanted, all))
    }
}

/// `*` stands for any number of characters, anywhere in the pattern.
fn glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let parts: Vec<&str> = parts.collect();
    let (last, middle) = parts.split_last().expect("a pattern with * has a last part");
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
