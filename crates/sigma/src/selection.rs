//! Selections: maps, lists and keywords become expressions over predicates.

use std::collections::BTreeMap;

use crate::collection::Limits;
use crate::encode;
use crate::event::Fields;
use crate::modifier::{self, Chain, Change, Kind};
use crate::notice::{Code, Fault};
use crate::pattern::{Pattern, Piece};
use crate::predicate::{How, Net, Number, Order, Pred, PredId, Regex, Test, rule_number};
use crate::yaml::{Data, Node};

/// A formula over predicates.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Expr {
    Pred(PredId),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
}
impl Expr {
    pub(crate) fn and(mut all: Vec<Self>) -> Self {
        if all.len() == 1 { all.swap_remove(0) } else { Self::And(all) }
    }

    pub(crate) fn or(mut all: Vec<Self>) -> Self {
        if all.len() == 1 { all.swap_remove(0) } else { Self::Or(all) }
    }

    pub(crate) fn evaluate(&self, holds: &mut dyn FnMut(PredId) -> bool) -> bool {
        match self {
            Self::Pred(p) => holds(*p),
            Self::And(all) => all.iter().all(|e| e.evaluate(holds)),
            Self::Or(all) => all.iter().any(|e| e.evaluate(holds)),
            Self::Not(e) => !e.evaluate(holds),
        }
    }
}

/// What selections are read into: fields and predicates get their numbers here.
pub(crate) struct Maker<'c> {
    pub(crate) fields: &'c mut Fields,
    pub(crate) preds: &'c mut Preds,
    pub(crate) placeholders: &'c BTreeMap<String, Vec<String>>,
    pub(crate) limits: &'c Limits,
    /// Values of this rule so far.
    pub(crate) values: usize,
    pub(crate) warnings: Vec<Fault>,
}

/// All predicates of a rule set, each once.
#[derive(Default)]
pub(crate) struct Preds {
    pub(crate) all: Vec<Pred>,
    ids: std::collections::HashMap<Pred, PredId>,
}
impl Preds {
    fn of(&mut self, pred: Pred) -> PredId {
        if let Some(id) = self.ids.get(&pred) {
            return *id;
        }
        let id = PredId(u32::try_from(self.all.len()).expect("limits on files keep predicates few"));
        self.all.push(pred.clone());
        self.ids.insert(pred, id);
        id
    }
}

/// A value on its way through the changes.
enum Text {
    Pattern(Pattern),
    Bytes(Vec<u8>),
}

impl Maker<'_> {
    /// A selection: a map, a list of maps and keywords, or one keyword.
    pub(crate) fn selection(&mut self, node: &Node, name: &str) -> Result<Expr, Fault> {
        match &node.data {
            Data::Map(_) => self.map(node, name),
            Data::List(list) if list.is_empty() => Err(Fault::new(Code::Empty, node.line).with("part", name)),
            Data::List(list) => {
                let each = list.iter().map(|n| match n.data {
                    Data::Map(_) => self.map(n, name),
                    _ => self.keyword(n, name),
                });
                Ok(Expr::or(each.collect::<Result<_, _>>()?))
            }
            _ => self.keyword(node, name),
        }
    }

    fn keyword(&mut self, node: &Node, name: &str) -> Result<Expr, Fault> {
        if node.text().is_none_or(str::is_empty) {
            let fault = Fault::new(if node.is_null() { Code::Empty } else { Code::Form }, node.line);
            return Err(fault.with("part", name).with("expected", "a map, a list, a text"));
        }
        let chain = modifier::read("", node.line)?;
        self.value(&chain, node)
    }

    fn map(&mut self, node: &Node, name: &str) -> Result<Expr, Fault> {
        let map = node.map().unwrap_or_default();
        if map.is_empty() {
            return Err(Fault::new(Code::Empty, node.line).with("part", name));
        }
        let items = map.iter().map(|(key, value)| self.item(&key.text, key.line, value));
        Ok(Expr::and(items.collect::<Result<_, _>>()?))
    }

    fn item(&mut self, key: &str, line: usize, value: &Node) -> Result<Expr, Fault> {
        let chain = modifier::read(key, line)?;
        let values = value.each();
        if values.is_empty() {
            return Err(Fault::new(Code::Empty, line).with("part", key));
        }
        if values.len() > 1 && values.iter().any(Node::is_null) {
            return Err(Fault::new(Code::NullInList, line).with("part", key));
        }
        if chain.all && values.len() == 1 {
            self.warnings.push(Fault::new(Code::AllOfOne, line).with("part", key));
        }
        if chain.kind == Kind::Exists && values.len() > 1 {
            return Err(bad(&chain, value));
        }
        let each = values.iter().map(|v| self.value(&chain, v)).collect::<Result<Vec<_>, _>>()?;
        let expr = if chain.all { Expr::and(each) } else { Expr::or(each) };
        if !chain.neq {
            return Ok(expr);
        }
        // Different from every value, and there.
        let there = self.pred(&chain, Test::Present);
        let null = value.is_null();
        Ok(if null { there } else { Expr::And(vec![there, Expr::Not(Box::new(expr))]) })
    }

    fn pred(&mut self, chain: &Chain<'_>, test: Test) -> Expr {
        let field = chain.field.map(|f| self.fields.of(f));
        Expr::Pred(self.preds.of(Pred { field, test }))
    }

    /// One value of an item.
    fn value(&mut self, chain: &Chain<'_>, node: &Node) -> Result<Expr, Fault> {
        self.values += 1;
        if self.values > self.limits.rule_values_max {
            let fault = Fault::new(Code::Limit, node.line);
            return Err(fault.with("limit", "rule_values_max").with("max", self.limits.rule_values_max));
        }
        let plain = chain.kind == Kind::Text && chain.changes.is_empty() && chain.how == How::Whole;
        let (text, unquoted) = match &node.data {
            Data::Null if plain => return Ok(self.pred(chain, Test::Null)),
            Data::Text { text, plain } => (text.as_str(), *plain),
            _ => return Err(bad(chain, node)),
        };
        match chain.kind {
            Kind::Text => self.texts(chain, node, text, unquoted && plain),
            Kind::Regex { i, m, s } => self.regexes(chain, node, text, (i, m, s)),
            Kind::Exists => {
                let exists = self.pred(chain, Test::Exists);
                match truth(text) {
                    Some(true) => Ok(exists),
                    Some(false) => Ok(Expr::Not(Box::new(exists))),
                    None => Err(bad(chain, node)),
                }
            }
            Kind::Cidr => self.cidrs(chain, node, text),
            Kind::Number(order) => {
                let n = rule_number(text).ok_or_else(|| bad(chain, node))?;
                Ok(self.pred(chain, Test::Compare(order, Number::new(n))))
            }
            Kind::Time(part, order) => {
                let n = rule_number(text).ok_or_else(|| bad(chain, node))?;
                Ok(self.pred(chain, Test::Time(part, order, Number::new(n))))
            }
            Kind::FieldRef if text.is_empty() => Err(bad(chain, node)),
            Kind::FieldRef => {
                let other = self.fields.of(text);
                Ok(self.pred(chain, Test::FieldRef { other, how: chain.how, cased: chain.cased }))
            }
        }
    }

    fn texts(&mut self, chain: &Chain<'_>, node: &Node, text: &str, unquoted: bool) -> Result<Expr, Fault> {
        let mut texts: Vec<Text> = if chain.changes.contains(&Change::Expand) {
            self.expand(node, text)?.into_iter().map(Text::Pattern).collect()
        } else if unquoted {
            self.readings(node.line, text).iter().map(|t| Text::Pattern(Pattern::read(t))).collect()
        } else {
            vec![Text::Pattern(Pattern::read(text))]
        };
        let mut encoded = false;
        for change in &chain.changes {
            let each = texts.into_iter().map(|t| changed(t, *change).ok_or_else(|| bad(chain, node)));
            texts = each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            encoded |= matches!(change, Change::Base64 | Change::Base64Offset);
        }
        // Base64 spells with case: the same letters in another case are another text.
        let cased = chain.cased || encoded;
        let mut each = Vec::with_capacity(texts.len());
        for text in texts {
            let pattern = match text {
                Text::Pattern(pattern) => pattern,
                Text::Bytes(bytes) => {
                    let text = String::from_utf8(bytes).map_err(|_| bad(chain, node))?;
                    Pattern::literal(&text)
                }
            };
            let pattern = pattern
                .open(matches!(chain.how, How::Within | How::End), matches!(chain.how, How::Within | How::Start));
            if chain.field.is_none() && pattern.pieces.iter().all(|p| *p == Piece::Many) {
                return Err(bad(chain, node));
            }
            let pattern = if cased { pattern } else { pattern.folded() };
            each.push(self.pred(chain, Test::Text { pattern, cased }));
        }
        Ok(Expr::or(each))
    }

    /// What an unquoted scalar may mean: as it is written, and as YAML 1.1 or 1.2 reads it.
    fn readings(&mut self, line: usize, text: &str) -> Vec<String> {
        let word = match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" => Some("true".to_owned()),
            "no" | "off" | "n" => Some("false".to_owned()),
            _ => None,
        };
        let word = word.filter(|_| text.len() > 1);
        let numeric = || {
            let bare = text.trim_start_matches('+');
            let n = rule_number(text)?;
            let digits = bare.strip_prefix('-').unwrap_or(bare);
            let shown = if digits.bytes().all(|b| b.is_ascii_digit()) {
                let trimmed = digits.trim_start_matches('0');
                let minus = if bare.starts_with('-') { "-" } else { "" };
                format!("{minus}{}", if trimmed.is_empty() { "0" } else { trimmed })
            } else {
                n.to_string()
            };
            (shown != text).then_some(shown)
        };
        match word.or_else(numeric) {
            None => vec![text.to_owned()],
            Some(other) => {
                self.warnings.push(Fault::new(Code::PlainScalar, line).with("value", text).with("other", &other));
                vec![text.to_owned(), other]
            }
        }
    }

    fn regexes(
        &mut self,
        chain: &Chain<'_>,
        node: &Node,
        text: &str,
        flags: (bool, bool, bool),
    ) -> Result<Expr, Fault> {
        let sources = self.raw(chain, node, text)?;
        let mut each = Vec::new();
        for source in sources {
            let regex = Regex::read(&source, flags.0, flags.1, flags.2)
                .map_err(|why| Fault::new(Code::Regex, node.line).with("pattern", &source).with("why", why))?;
            each.push(self.pred(chain, Test::Regex(regex)));
        }
        Ok(Expr::or(each))
    }

    fn cidrs(&mut self, chain: &Chain<'_>, node: &Node, text: &str) -> Result<Expr, Fault> {
        let mut each = Vec::new();
        for source in self.raw(chain, node, text)? {
            let Some((net, host)) = Net::read(&source) else {
                return Err(Fault::new(Code::Cidr, node.line).with("value", source));
            };
            if host {
                self.warnings.push(Fault::new(Code::CidrHostBits, node.line).with("value", &source));
            }
            each.push(self.pred(chain, Test::Cidr(net)));
        }
        Ok(Expr::or(each))
    }

    /// A value that is no pattern, with its placeholders replaced if the chain says so.
    fn raw(&self, chain: &Chain<'_>, node: &Node, text: &str) -> Result<Vec<String>, Fault> {
        if !chain.changes.contains(&Change::Expand) {
            return Ok(vec![text.to_owned()]);
        }
        let mut out = vec![String::new()];
        for piece in pieces(text) {
            out = match piece {
                Ok(plain) => out.into_iter().map(|o| o + &plain.replace("\\%", "%")).collect(),
                Err(name) => {
                    let list = self.list(node.line, name)?;
                    out.iter().flat_map(|o| list.iter().map(move |v| o.clone() + v)).collect()
                }
            };
            self.bounded(node.line, out.len())?;
        }
        Ok(out)
    }

    /// The patterns that a value with placeholders stands for. What a list holds is read as a value: `srv*` has a wildcard.
    fn expand(&self, node: &Node, text: &str) -> Result<Vec<Pattern>, Fault> {
        let mut out = vec![Pattern::default()];
        for piece in pieces(text) {
            let choices: Vec<Pattern> = match piece {
                Ok(plain) => vec![Pattern::read(&plain.replace("\\%", "%"))],
                Err(name) => self.list(node.line, name)?.iter().map(|v| Pattern::read(v)).collect(),
            };
            let join = |a: &Pattern, b: &Pattern| {
                let mut joined = a.clone();
                b.pieces.iter().for_each(|p| joined.push(p.clone()));
                joined
            };
            out = out.iter().flat_map(|a| choices.iter().map(move |b| join(a, b))).collect();
            self.bounded(node.line, out.len())?;
        }
        Ok(out)
    }

    fn list(&self, line: usize, name: &str) -> Result<&[String], Fault> {
        match self.placeholders.get(name) {
            Some(list) if !list.is_empty() => Ok(list),
            _ => Err(Fault::new(Code::Placeholder, line).with("name", name)),
        }
    }

    fn bounded(&self, line: usize, count: usize) -> Result<(), Fault> {
        if count <= self.limits.expansions_max {
            return Ok(());
        }
        Err(Fault::new(Code::Limit, line).with("limit", "expansions_max").with("max", self.limits.expansions_max))
    }
}

/// Plain text and names of placeholders: `%name%`; `\%` is a percent sign, and so is one without a partner.
fn pieces(text: &str) -> Vec<Result<&str, &str>> {
    let mut out = Vec::new();
    let sign = |from: usize| {
        let mut at = from;
        let mut escaped = false;
        for c in text[from..].chars() {
            if c == '%' && !escaped {
                return Some(at);
            }
            escaped = c == '\\' && !escaped;
            at += c.len_utf8();
        }
        None
    };
    let mut from = 0;
    while let Some(open) = sign(from) {
        let name = |close: &usize| {
            let name = &text[open + 1..*close];
            !name.is_empty() && !name.contains(char::is_whitespace)
        };
        let Some(close) = sign(open + 1).filter(name) else {
            break;
        };
        out.push(Ok(&text[from..open]));
        out.push(Err(&text[open + 1..close]));
        from = close + 1;
    }
    out.push(Ok(&text[from..]));
    out
}

fn changed(text: Text, change: Change) -> Option<Vec<Text>> {
    let bytes = |text: &Text| match text {
        Text::Pattern(p) => p.as_literal().filter(|t| !t.is_empty()).map(|t| t.as_bytes().to_vec()),
        Text::Bytes(b) => Some(b.clone()),
    };
    let literal = |t: String| Text::Pattern(Pattern::literal(&t));
    Some(match (change, text) {
        (Change::Expand, text) => vec![text],
        (Change::Windash, Text::Pattern(p)) => vec![Text::Pattern(p.windash())],
        (Change::Windash, Text::Bytes(_)) => return None,
        (Change::Wide(wide), Text::Pattern(p)) => {
            vec![Text::Bytes(encode::utf16(p.as_literal().filter(|t| !t.is_empty())?, wide))]
        }
        (Change::Wide(_), Text::Bytes(_)) => return None,
        (Change::Base64, text) => vec![literal(encode::base64(&bytes(&text)?))],
        (Change::Base64Offset, text) => {
            let each = encode::base64_offsets(&bytes(&text)?);
            if each.iter().any(String::is_empty) {
                return None;
            }
            each.into_iter().map(literal).collect()
        }
    })
}

/// Yes or no as YAML 1.1 spells it.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn bad(chain: &Chain<'_>, node: &Node) -> Fault {
    let modifier = match chain.kind {
        Kind::Exists => "exists",
        Kind::Cidr => "cidr",
        Kind::FieldRef => "fieldref",
        Kind::Regex { .. } => "re",
        Kind::Number(Order::Less) => "lt",
        Kind::Number(Order::AtMost) => "lte",
        Kind::Number(Order::More) => "gt",
        Kind::Number(_) => "gte",
        Kind::Time(..) => "time",
        Kind::Text => match chain.changes.last() {
            Some(Change::Windash) => "windash",
            Some(Change::Wide(_)) => "utf16",
            Some(Change::Base64) => "base64",
            Some(Change::Base64Offset) => "base64offset",
            Some(Change::Expand) => "expand",
            None => "value",
        },
    };
    let value = match &node.data {
        Data::Null => "null",
        Data::Text { text, .. } => text,
        Data::List(_) => "[…]",
        Data::Map(_) => "{…}",
    };
    Fault::new(Code::ModifierValue, node.line).with("modifier", modifier).with("value", value)
}
