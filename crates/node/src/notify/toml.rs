//! TOML with places: every fault has its line and key. The first fault ends the reading; nothing is sent by half a file.

use evidence::Say;
use std::cell::RefCell;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Brackets open at once on one line, at most.
const DEPTH_MAX: usize = 32;

/// What is wrong with a file, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Line, from 1.
    pub(crate) line: usize,
    /// What; key `error.notify-…`, to which `path` and `line` are added.
    pub(crate) say: Say,
}

/// A table that is being read.
pub(crate) struct Table<'a> {
    text: &'a str,
    table: &'a DeTable<'a>,
    at: usize,
    asked: RefCell<BTreeSet<&'static str>>,
}

/// The root table of a file.
pub(crate) fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Fault> {
    let fault =
        |at: usize, why: &str| Fault { line: line(text, at), say: Say::new("error.notify-syntax").with("why", why) };
    if text.lines().any(|l| l.bytes().filter(|b| matches!(b, b'[' | b'{')).count() > DEPTH_MAX) {
        return Err(fault(0, "too many brackets on a line"));
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    match errors.first() {
        Some(e) => Err(fault(e.span().map_or(0, |s| s.start), e.message())),
        None => Ok(table),
    }
}

fn line(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1
}

impl<'a> Table<'a> {
    pub(crate) fn root(text: &'a str, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self { text, table: table.get_ref(), at: 0, asked: RefCell::default() }
    }
    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.table.get(key).is_some()
    }
    /// A fault at a key, or at the table if the key is not there.
    pub(crate) fn fault(&self, key: &str, say: Say) -> Fault {
        let at = self.table.get(key).map_or(self.at, |v| v.span().start);
        Fault { line: line(self.text, at), say: say.with("key", key) }
    }
    /// The value of a key is none that it takes.
    pub(crate) fn bad(&self, key: &str, value: impl std::fmt::Display, takes: &str) -> Fault {
        self.fault(key, Say::new("error.notify-value").with("value", value).with("takes", takes))
    }
    fn kind(&self, key: &str) -> Fault {
        self.fault(key, Say::new("error.notify-type"))
    }
    fn missing(&self, key: &str) -> Fault {
        self.fault(key, Say::new("error.notify-missing"))
    }
    /// A text; empty is like absent.
    pub(crate) fn text(&self, key: &'static str) -> Result<Option<String>, Fault> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::String(s)) if s.trim().is_empty() => Ok(None),
            Some(DeValue::String(s)) => Ok(Some(s.clone().into_owned())),
            Some(_) => Err(self.kind(key)),
        }
    }
    pub(crate) fn must(&self, key: &'static str) -> Result<String, Fault> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }
    /// An id: letters, digits, `.`, `_`, `-`.
    pub(crate) fn id(&self, key: &'static str) -> Result<String, Fault> {
        let id = self.must(key)?;
        let good = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if good { Ok(id) } else { Err(self.bad(key, id, "a-z A-Z 0-9 . _ -")) }
    }
    /// A whole number within bounds.
    pub(crate) fn number(&self, key: &'static str, min: i64, max: i64) -> Result<Option<i64>, Fault> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::Integer(i)) => {
                let n = i64::from_str_radix(i.as_str(), i.radix()).ok().filter(|n| (min..=max).contains(n));
                n.map(Some).ok_or_else(|| self.bad(key, i.as_str(), &format!("{min}–{max}")))
            }
            Some(_) => Err(self.kind(key)),
        }
    }
    pub(crate) fn flag(&self, key: &'static str, default: bool) -> Result<bool, Fault> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(default),
            Some(DeValue::Boolean(b)) => Ok(*b),
            Some(_) => Err(self.kind(key)),
        }
    }
    pub(crate) fn texts(&self, key: &'static str) -> Result<Vec<String>, Fault> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value.get_ref() else { return Err(self.kind(key)) };
        let text = |v: &Spanned<DeValue<'_>>| match v.get_ref() {
            DeValue::String(s) => Ok(s.clone().into_owned()),
            _ => Err(self.kind(key)),
        };
        items.iter().map(text).collect()
    }
    /// One of some words.
    pub(crate) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)], default: Option<T>) -> Result<T, Fault> {
        let typed = match (self.text(key)?, default) {
            (Some(t), _) => t,
            (None, Some(d)) => return Ok(d),
            (None, None) => return Err(self.missing(key)),
        };
        let known = || words.iter().map(|w| w.0).collect::<Vec<_>>().join(", ");
        words.iter().find(|w| w.0 == typed).map(|w| w.1).ok_or_else(|| self.bad(key, &typed, &known()))
    }
    /// Tables below: of `[[key]]`, or of a list of tables.
    pub(crate) fn tables(&self, key: &'static str) -> Result<Vec<Table<'a>>, Fault> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value.get_ref() else { return Err(self.kind(key)) };
        items.iter().map(|v| self.child(key, v)).collect()
    }
    /// A table below.
    pub(crate) fn table(&self, key: &'static str) -> Result<Option<Table<'a>>, Fault> {
        self.get(key).map(|v| self.child(key, v)).transpose()
    }
    fn child(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Result<Table<'a>, Fault> {
        let DeValue::Table(table) = value.get_ref() else { return Err(self.kind(key)) };
        Ok(Table { text: self.text, table, at: value.span().start, asked: RefCell::default() })
    }
    /// Texts by free names.
    pub(crate) fn pairs(&self) -> Result<Vec<(String, String)>, Fault> {
        let pair = |(k, v): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| match v.get_ref() {
            DeValue::String(s) => Ok((k.get_ref().clone().into_owned(), s.clone().into_owned())),
            _ => Err(self.kind(k.get_ref())),
        };
        self.table.iter().map(pair).collect()
    }
    /// No key may be left that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        let asked = self.asked.borrow();
        match self.table.keys().map(::toml::Spanned::get_ref).find(|k| !asked.contains(k.as_ref())) {
            Some(k) => Err(self.fault(k, Say::new("error.notify-unknown"))),
            None => Ok(()),
        }
    }
}
