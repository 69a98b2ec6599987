//! `Field|modifier|modifier`: the chain is read first, checked as a whole, then applied to each value.

use crate::notice::{Code, Fault};
use crate::predicate::{How, Order, Part};

/// What changes a value's text, in the order it stands in the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    Windash,
    Wide(crate::encode::Wide),
    Base64,
    Base64Offset,
    Expand,
}

/// What kind of comparison the chain asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Text,
    Regex { i: bool, m: bool, s: bool },
    Exists,
    Cidr,
    Number(Order),
    Time(Part, Order),
    FieldRef,
}

/// A field with its modifiers. No field: keywords.
#[derive(Clone, Debug)]
pub(crate) struct Chain<'k> {
    pub(crate) field: Option<&'k str>,
    pub(crate) kind: Kind,
    pub(crate) how: How,
    pub(crate) all: bool,
    pub(crate) neq: bool,
    pub(crate) cased: bool,
    pub(crate) changes: Vec<Change>,
}

/// Most modifiers of one field.
const MODIFIERS_MAX: usize = 16;

/// Reads a key of a selection.
pub(crate) fn read(key: &str, line: usize) -> Result<Chain<'_>, Fault> {
    let mut parts = key.split('|');
    let field = parts.next().filter(|f| !f.is_empty());
    let names: Vec<&str> = parts.collect();
    if names.len() > MODIFIERS_MAX {
        return Err(Fault::new(Code::Limit, line).with("limit", "modifiers_max").with("max", MODIFIERS_MAX));
    }
    let mut reader = Reader { line, kind: None, order: None, how: None, seen: Vec::new(), changes: Vec::new() };
    for name in &names {
        reader.take(name)?;
    }
    reader.chain(field)
}

struct Reader<'k> {
    line: usize,
    /// With the modifier that said so.
    kind: Option<(Kind, &'k str)>,
    order: Option<(Order, &'k str)>,
    how: Option<(How, &'k str)>,
    seen: Vec<&'k str>,
    changes: Vec<Change>,
}

impl<'k> Reader<'k> {
    fn conflict(&self, modifier: &str, other: &str) -> Fault {
        Fault::new(Code::ModifierConflict, self.line).with("modifier", modifier).with("other", other)
    }

    fn take(&mut self, name: &'k str) -> Result<(), Fault> {
        if self.seen.contains(&name) {
            return Err(self.conflict(name, name));
        }
        let before = self.seen.last().copied();
        self.seen.push(name);
        match name {
            "all" | "neq" | "cased" => Ok(()),
            "contains" => self.how(How::Within, name),
            "startswith" => self.how(How::Start, name),
            "endswith" => self.how(How::End, name),
            "windash" => self.change(Change::Windash, name),
            "expand" => self.change(Change::Expand, name),
            "base64" => self.change(Change::Base64, name),
            "base64offset" => self.change(Change::Base64Offset, name),
            "wide" | "utf16le" => self.change(Change::Wide(crate::encode::Wide::Little), name),
            "utf16be" => self.change(Change::Wide(crate::encode::Wide::Big), name),
            "utf16" => self.change(Change::Wide(crate::encode::Wide::Marked), name),
            "re" => self.kind(Kind::Regex { i: false, m: false, s: false }, name),
            "i" | "ignorecase" | "m" | "multiline" | "s" | "dotall" => self.flag(name, before),
            "exists" => self.kind(Kind::Exists, name),
            "cidr" => self.kind(Kind::Cidr, name),
            "fieldref" => self.kind(Kind::FieldRef, name),
            "lt" => self.order(Order::Less, name),
            "lte" => self.order(Order::AtMost, name),
            "gt" => self.order(Order::More, name),
            "gte" => self.order(Order::AtLeast, name),
            "minute" => self.time(Part::Minute, name),
            "hour" => self.time(Part::Hour, name),
            "day" => self.time(Part::Day, name),
            "week" => self.time(Part::Week, name),
            "month" => self.time(Part::Month, name),
            "year" => self.time(Part::Year, name),
            _ => Err(Fault::new(Code::UnknownModifier, self.line).with("modifier", name)),
        }
    }

    fn kind(&mut self, kind: Kind, name: &'k str) -> Result<(), Fault> {
        if let Some((_, other)) = self.kind {
            return Err(self.conflict(name, other));
        }
        self.kind = Some((kind, name));
        Ok(())
    }

    fn time(&mut self, part: Part, name: &'k str) -> Result<(), Fault> {
        self.kind(Kind::Time(part, Order::Equal), name)
    }

    fn order(&mut self, order: Order, name: &'k str) -> Result<(), Fault> {
        if let Some((_, other)) = self.order {
            return Err(self.conflict(name, other));
        }
        self.order = Some((order, name));
        Ok(())
    }

    fn how(&mut self, how: How, name: &'k str) -> Result<(), Fault> {
        if let Some((_, other)) = self.how {
            return Err(self.conflict(name, other));
        }
        self.how = Some((how, name));
        Ok(())
    }

    /// What encodes comes before what says where in the field it stands: an encoded `*` would be a star, no wildcard.
    fn change(&mut self, change: Change, name: &'k str) -> Result<(), Fault> {
        let encodes = matches!(change, Change::Base64 | Change::Base64Offset | Change::Wide(_));
        if let Some((_, other)) = self.how.filter(|_| encodes) {
            return Err(self.conflict(name, other));
        }
        let coded = |c: &Change| matches!(c, Change::Base64 | Change::Base64Offset);
        if self.changes.iter().any(coded) {
            return Err(self.conflict(name, "base64"));
        }
        self.changes.push(change);
        Ok(())
    }

    fn flag(&mut self, name: &'k str, before: Option<&'k str>) -> Result<(), Fault> {
        let Some((Kind::Regex { i, m, s }, _)) = &mut self.kind else {
            return Err(self.conflict(name, before.unwrap_or("")));
        };
        match name {
            "i" | "ignorecase" => *i = true,
            "m" | "multiline" => *m = true,
            _ => *s = true,
        }
        Ok(())
    }

    fn has(&self, name: &str) -> bool {
        self.seen.contains(&name)
    }

    fn chain(self, field: Option<&'k str>) -> Result<Chain<'k>, Fault> {
        let (mut kind, by) = self.kind.unwrap_or((Kind::Text, ""));
        if let Some((order, name)) = self.order {
            kind = match kind {
                Kind::Text => Kind::Number(order),
                Kind::Time(part, _) => Kind::Time(part, order),
                _ => return Err(self.conflict(name, by)),
            };
        }
        let by = self.order.map_or(by, |o| if by.is_empty() { o.1 } else { by });
        if let Some((_, how)) = self.how.filter(|_| !matches!(kind, Kind::Text | Kind::FieldRef)) {
            return Err(self.conflict(how, by));
        }
        // Placeholders may stand in a network or an expression; the other changes are of plain text.
        let may = |c: &Change| match c {
            Change::Expand => matches!(kind, Kind::Text | Kind::Cidr | Kind::Regex { .. }),
            _ => kind == Kind::Text,
        };
        if let Some(at) = self.changes.iter().position(|c| !may(c)) {
            return Err(self.conflict(by, self.change_name(at)));
        }
        if self.has("cased") && !matches!(kind, Kind::Text | Kind::FieldRef) {
            return Err(self.conflict("cased", by));
        }
        let (all, neq) = (self.has("all"), self.has("neq"));
        if all && neq {
            return Err(self.conflict("neq", "all"));
        }
        if kind == Kind::Exists && (all || neq) {
            return Err(self.conflict("exists", if all { "all" } else { "neq" }));
        }
        if field.is_none() {
            self.keywords(kind, by, neq)?;
        }
        let how = self.how.map_or(if field.is_none() { How::Within } else { How::Whole }, |h| h.0);
        Ok(Chain { field, kind, how, all, neq, cased: self.has("cased"), changes: self.changes })
    }

    fn change_name(&self, at: usize) -> &'static str {
        match self.changes.get(at) {
            Some(Change::Windash) => "windash",
            Some(Change::Expand) => "expand",
            Some(Change::Wide(_)) => "utf16",
            Some(Change::Base64) => "base64",
            _ => "base64offset",
        }
    }

    /// Keywords are texts, or expressions.
    fn keywords(&self, kind: Kind, by: &str, neq: bool) -> Result<(), Fault> {
        if neq {
            return Err(self.conflict("neq", "keywords"));
        }
        match kind {
            Kind::Text | Kind::Regex { .. } => Ok(()),
            _ => Err(self.conflict(by, "keywords")),
        }
    }
}
