//! A TOML tree, read by hand so that every error is named, not only the first.
//!
//! A [`Table`] remembers which keys were asked for; [`Table::finish`] names the others. A key that is missing or of
//! a wrong type is an error and reads as an empty value, so that reading goes on and finds the next error.

use crate::error::{At, Errors, nearest};
use crate::model::{HowSure, Sourced};
use evidence::Time;
use std::cell::RefCell;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Deepest nesting of tables and arrays that is read.
const DEPTH_MAX: usize = 24;

/// One table of one file.
pub(crate) struct Table<'a> {
    table: &'a DeTable<'a>,
    pub(crate) at: At,
    asked: RefCell<BTreeSet<&'static str>>,
}

/// Parses a file; syntax errors are named, and what could be read is returned.
pub(crate) fn parse<'a>(file: &str, text: &'a str, errors: &mut Errors) -> Option<Spanned<DeTable<'a>>> {
    if depth(text) > DEPTH_MAX {
        let why = format!("nested deeper than {DEPTH_MAX}");
        errors.add(&At { file: file.to_owned(), span: 0..0 }, "syntax", &[("why", &why)], None);
        return None;
    }
    let (table, found) = DeTable::parse_recoverable(text);
    for e in &found {
        let at = At { file: file.to_owned(), span: e.span().unwrap_or(0..0) };
        errors.add(&at, "syntax", &[("why", e.message())], None);
    }
    // A recovered tree of a broken file would only echo the same fault as missing keys.
    found.is_empty().then_some(table)
}

/// Brackets open at once outside of strings, at most (brackets in strings count too: a bound, not a parse).
fn depth(text: &str) -> usize {
    text.lines()
        .map(|line| {
            let (mut now, mut most) = (0_usize, 0_usize);
            for b in line.bytes() {
                match b {
                    b'[' | b'{' => now += 1,
                    b']' | b'}' => now = now.saturating_sub(1),
                    _ => {}
                }
                most = most.max(now);
            }
            most
        })
        .max()
        .unwrap_or(0)
}

impl<'a> Table<'a> {
    pub(crate) fn root(file: &str, table: &'a Spanned<DeTable<'a>>) -> Self {
        let at = At { file: file.to_owned(), span: 0..0 };
        Self { table: table.get_ref(), at, asked: RefCell::default() }
    }

    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    /// Where the value of a key stands; the table itself if there is none.
    pub(crate) fn at(&self, key: &str) -> At {
        let span = self.table.get(key).map_or_else(|| self.at.span.clone(), Spanned::span);
        At { file: self.at.file.clone(), span }
    }

    fn missing(&self, errors: &mut Errors, key: &str) {
        errors.add(&self.at, "missing-key", &[("key", key)], None);
    }
    fn wrong(&self, errors: &mut Errors, key: &str, want: &str) {
        errors.add(&self.at(key), "wrong-type", &[("key", key), ("want", want)], None);
    }

    pub(crate) fn opt_text(&self, errors: &mut Errors, key: &'static str) -> Option<String> {
        match self.get(key)?.get_ref() {
            DeValue::String(s) => Some(s.clone().into_owned()),
            _ => {
                self.wrong(errors, key, "a text");
                None
            }
        }
    }
    pub(crate) fn text(&self, errors: &mut Errors, key: &'static str) -> String {
        if self.get(key).is_none() {
            self.missing(errors, key);
        }
        let text = self.opt_text(errors, key).unwrap_or_default();
        if text.trim().is_empty() && matches!(self.get(key).map(Spanned::get_ref), Some(DeValue::String(_))) {
            errors.add(&self.at(key), "bad-value", &[("key", key), ("want", "a text"), ("got", "nothing")], None);
        }
        text
    }
    pub(crate) fn text_or(&self, errors: &mut Errors, key: &'static str, default: &str) -> String {
        self.opt_text(errors, key).unwrap_or_else(|| default.to_owned())
    }
    pub(crate) fn id(&self, errors: &mut Errors, key: &'static str) -> String {
        let id = self.text(errors, key);
        let good = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if !good {
            errors.add(&self.at(key), "bad-id", &[("id", &id)], None);
        }
        id
    }
    pub(crate) fn opt_int(&self, errors: &mut Errors, key: &'static str) -> Option<i64> {
        match self.get(key)?.get_ref() {
            DeValue::Integer(i) => {
                let read = i64::from_str_radix(i.as_str(), i.radix()).ok().filter(|n| n.unsigned_abs() < 1 << 53);
                if read.is_none() {
                    let got = i.to_string();
                    errors.add(
                        &self.at(key),
                        "bad-value",
                        &[("key", key), ("want", "a whole number within ±(2^53 − 1)"), ("got", &got)],
                        None,
                    );
                }
                read
            }
            _ => {
                self.wrong(errors, key, "a whole number");
                None
            }
        }
    }
    pub(crate) fn int(&self, errors: &mut Errors, key: &'static str) -> i64 {
        if self.get(key).is_none() {
            self.missing(errors, key);
        }
        self.opt_int(errors, key).unwrap_or(0)
    }
    /// A whole number of at least 0 that fits 32 bits.
    pub(crate) fn small(&self, errors: &mut Errors, key: &'static str) -> u32 {
        let n = self.int(errors, key);
        u32::try_from(n).unwrap_or_else(|_| {
            let got = n.to_string();
            errors.add(&self.at(key), "bad-value", &[("key", key), ("want", "a small number"), ("got", &got)], None);
            0
        })
    }
    pub(crate) fn flag(&self, errors: &mut Errors, key: &'static str) -> bool {
        match self.get(key).map(Spanned::get_ref) {
            None => false,
            Some(DeValue::Boolean(b)) => *b,
            Some(_) => {
                self.wrong(errors, key, "true or false");
                false
            }
        }
    }
    pub(crate) fn texts(&self, errors: &mut Errors, key: &'static str) -> Vec<String> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(errors, key, "a list of texts");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in list.iter() {
            match item.get_ref() {
                DeValue::String(s) => out.push(s.clone().into_owned()),
                _ => self.wrong(errors, key, "a list of texts"),
            }
        }
        out
    }
    pub(crate) fn numbers(&self, errors: &mut Errors, key: &'static str) -> Vec<u32> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(errors, key, "a list of numbers");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_integer().and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok()) {
                Some(n) => out.push(n),
                None => self.wrong(errors, key, "a list of small numbers"),
            }
        }
        out
    }
    /// A date `YYYY-MM-DD`, as a text.
    pub(crate) fn opt_date(&self, errors: &mut Errors, key: &'static str) -> Option<Time> {
        let text = self.opt_text(errors, key)?;
        match read_time(&text) {
            Some(time) => Some(time),
            None => {
                let with = [("key", key), ("want", "a date \"YYYY-MM-DD\""), ("got", text.as_str())];
                errors.add(&self.at(key), "bad-value", &with, None);
                None
            }
        }
    }
    /// One of named values; the first of `all` if it is none.
    pub(crate) fn choice<T: Copy>(
        &self,
        errors: &mut Errors,
        key: &'static str,
        all: &[(&'static str, T)],
    ) -> Option<T> {
        if self.get(key).is_none() {
            self.missing(errors, key);
            return None;
        }
        let text = self.opt_text(errors, key)?;
        let found = all.iter().find(|c| c.0 == text).map(|c| c.1);
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|c| c.0).collect();
            let want = format!("one of {}", names.join(", "));
            let hint = nearest(&text, names);
            errors.add(&self.at(key), "bad-value", &[("key", key), ("want", &want), ("got", &text)], hint);
        }
        found
    }
    /// The tables of an array of tables.
    pub(crate) fn tables(&self, errors: &mut Errors, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(errors, key, "a list of tables");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in list.iter() {
            match item.get_ref() {
                DeValue::Table(t) => out.push(self.child(item, t)),
                _ => self.wrong(errors, key, "a list of tables"),
            }
        }
        out
    }
    /// A table, if it is there.
    pub(crate) fn table(&self, errors: &mut Errors, key: &'static str) -> Option<Table<'a>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(t) => Some(self.child(value, t)),
            _ => {
                self.wrong(errors, key, "a table");
                None
            }
        }
    }
    fn child(&self, value: &'a Spanned<DeValue<'a>>, table: &'a DeTable<'a>) -> Table<'a> {
        let at = At { file: self.at.file.clone(), span: value.span() };
        Table { table, at, asked: RefCell::default() }
    }
    /// Is the key there at all.
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }
    /// Every leaf below, under its dotted name.
    pub(crate) fn leaves(&self) -> Vec<(String, At, &'a DeValue<'a>)> {
        let mut out = Vec::new();
        leaves(self.table, "", &self.at.file, &mut out);
        out
    }
    /// The raw value of a key.
    pub(crate) fn raw(&self, key: &'static str) -> Option<&'a DeValue<'a>> {
        self.get(key).map(Spanned::get_ref)
    }

    /// `source`, `sure` and `draft` of an element.
    pub(crate) fn sourced(&self, errors: &mut Errors) -> Sourced {
        let letters: Vec<(&'static str, HowSure)> = HowSure::ALL.iter().map(|s| (s.letter(), *s)).collect();
        Sourced {
            source: self.text(errors, "source"),
            sure: self.choice(errors, "sure", &letters).unwrap_or(HowSure::Memory),
            draft: self.flag(errors, "draft"),
            at: self.at.clone(),
        }
    }

    /// Names every key that nobody asked for.
    pub(crate) fn finish(&self, errors: &mut Errors) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(name) {
                let at = At { file: self.at.file.clone(), span: key.span() };
                let hint = nearest(name, asked.iter().copied()).or_else(|| {
                    Some(format!("known here are {}", asked.iter().copied().collect::<Vec<_>>().join(", ")))
                });
                errors.add(&at, "unknown-key", &[("key", name)], hint);
            }
        }
    }
}

fn leaves<'a>(table: &'a DeTable<'a>, prefix: &str, file: &str, out: &mut Vec<(String, At, &'a DeValue<'a>)>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        match value.get_ref() {
            DeValue::Table(t) => leaves(t, &name, file, out),
            leaf => out.push((name, At { file: file.to_owned(), span: key.span() }, leaf)),
        }
    }
}

/// A date or an instant as text.
pub(crate) fn read_time(text: &str) -> Option<Time> {
    Time::from_date(text).ok().or_else(|| text.parse().ok())
}
