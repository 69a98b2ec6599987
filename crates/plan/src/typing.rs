//! The typing walk over a condition: every name is in the dictionary, every operator gets what it takes.
//!
//! It runs once, when a plan is checked, and collects what the condition reads and everything that is wrong with it.

use crate::cond::{DEPTH_MAX, FUNCTIONS, Fault, NODES_MAX, RESERVED, Scope};
use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};
use evidence::{FactDef, FactId, Shape, Type, fact};
use std::collections::BTreeSet;

const OPERATORS: [&str; 18] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::NOT_STRICTLY_FALSE,
    operators::IN,
];

/// Types of conditions. Times are integers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ty {
    Bool,
    Int,
    Text,
    Texts,
    Ints,
    Unknown,
}
impl Ty {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int => "a number",
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::Ints => "a list of numbers",
            Self::Unknown => "of unknown type",
        }
    }
    fn fits(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }
    fn element(self) -> Self {
        match self {
            Self::Texts => Self::Text,
            Self::Ints => Self::Int,
            _ => Self::Unknown,
        }
    }
}
impl From<Type> for Ty {
    fn from(ty: Type) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int | Type::Time => Self::Int,
            Type::Text => Self::Text,
            Type::Texts => Self::Texts,
        }
    }
}

/// One walk over a condition: types, names and limits.
pub(crate) struct Typing<'a> {
    scope: Scope<'a>,
    info: &'a cel::common::ast::SourceInfo,
    text: &'a str,
    locals: Vec<(String, Ty)>,
    pub(crate) facts: BTreeSet<FactId>,
    pub(crate) counts: BTreeSet<FactId>,
    pub(crate) fields: BTreeSet<String>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) nodes: usize,
    loops: usize,
}

impl<'a> Typing<'a> {
    pub(crate) fn new(scope: Scope<'a>, info: &'a cel::common::ast::SourceInfo, text: &'a str) -> Self {
        Self {
            scope,
            info,
            text,
            locals: Vec::new(),
            facts: BTreeSet::new(),
            counts: BTreeSet::new(),
            fields: BTreeSet::new(),
            faults: Vec::new(),
            nodes: 0,
            loops: 0,
        }
    }

    pub(crate) fn fault(
        &mut self,
        code: &'static str,
        e: &IdedExpr,
        with: Vec<(&'static str, String)>,
        hint: Option<String>,
    ) {
        self.faults.push(Fault { code, with, span: self.span(e), hint });
    }

    /// Byte range of the leftmost name of an expression, or of its operator.
    fn span(&self, e: &IdedExpr) -> Option<std::ops::Range<usize>> {
        let (mut at, mut path) = (e, String::new());
        while let Expr::Select(s) = &at.expr {
            path = format!(".{}{path}", s.field);
            at = &s.operand;
        }
        if let Expr::Ident(root) = &at.expr {
            path = format!("{root}{path}");
        }
        let (start, stop) = self.info.offset_for(at.id)?;
        let byte = |chars: u32| {
            let n = usize::try_from(chars).unwrap_or(usize::MAX);
            self.text.char_indices().nth(n).map_or(self.text.len(), |c| c.0)
        };
        let (from, to) = (byte(start), byte(stop.saturating_add(1)));
        let to = if self.text.get(from..).is_some_and(|t| t.starts_with(&path)) { from + path.len() } else { to };
        (from < to).then_some(from..to)
    }

    fn want(&mut self, e: &IdedExpr, depth: usize, want: Ty) {
        let got = self.of(e, depth);
        if !got.fits(want) {
            let why = format!("{} where {} is wanted", got.name(), want.name());
            self.fault("cel-type", e, vec![("why", why)], None);
        }
    }

    pub(crate) fn of(&mut self, e: &IdedExpr, depth: usize) -> Ty {
        self.nodes += 1;
        if depth > 4 * DEPTH_MAX || self.nodes > 4 * NODES_MAX {
            self.nodes = self.nodes.max(NODES_MAX + 1);
            return Ty::Unknown;
        }
        match &e.expr {
            Expr::Literal(l) => self.literal(e, l),
            Expr::Ident(_) | Expr::Select(_) => self.name(e),
            Expr::Call(call) => self.call(e, call, depth + 1),
            Expr::List(list) => {
                let mut ty = Ty::Unknown;
                for element in &list.elements {
                    let got = self.of(element, depth + 1);
                    if !got.fits(ty) {
                        self.fault("cel-type", element, vec![("why", "a list of mixed types".to_owned())], None);
                    }
                    ty = got;
                }
                match ty {
                    Ty::Text => Ty::Texts,
                    Ty::Int => Ty::Ints,
                    _ => Ty::Unknown,
                }
            }
            Expr::Comprehension(c) => {
                self.loops += 1;
                if self.loops > 1 {
                    self.fault("cel-limit", e, vec![("why", "one loop inside another".to_owned())], None);
                }
                let range = self.of(&c.iter_range, depth + 1);
                let accu = self.of(&c.accu_init, depth + 1);
                self.locals.push((c.iter_var.clone(), range.element()));
                self.locals.push((c.accu_var.clone(), accu));
                self.of(&c.loop_cond, depth + 1);
                self.of(&c.loop_step, depth + 1);
                let ty = self.of(&c.result, depth + 1);
                self.locals.truncate(self.locals.len().saturating_sub(2));
                self.loops -= 1;
                ty
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.fault("cel-function", e, vec![("name", "{…}".to_owned())], None);
                Ty::Unknown
            }
        }
    }

    fn literal(&mut self, e: &IdedExpr, l: &LiteralValue) -> Ty {
        match l {
            LiteralValue::Boolean(_) => Ty::Bool,
            LiteralValue::Int(_) => Ty::Int,
            LiteralValue::String(_) => Ty::Text,
            LiteralValue::Bytes(_) | LiteralValue::Double(_) | LiteralValue::Null | LiteralValue::UInt(_) => {
                let why = "only whole numbers, texts, true and false can be written".to_owned();
                self.fault("cel-type", e, vec![("why", why)], None);
                Ty::Unknown
            }
        }
    }

    /// A name, or a chain of selections on one.
    fn name(&mut self, e: &IdedExpr) -> Ty {
        let mut segments = Vec::new();
        let mut at = e;
        let mut test = false;
        while let Expr::Select(s) = &at.expr {
            test |= s.test;
            segments.push(s.field.clone());
            at = &s.operand;
        }
        let Expr::Ident(root) = &at.expr else {
            self.fault("cel-type", e, vec![("why", "only names have fields".to_owned())], None);
            return Ty::Unknown;
        };
        segments.push(if root == RESERVED.1 { RESERVED.0.to_owned() } else { root.clone() });
        segments.reverse();
        let full = segments.join(".");
        if let (Some((_, ty)), 1) = (self.locals.iter().rev().find(|l| &l.0 == root), segments.len()) {
            return *ty;
        }
        let ty = match (root.as_str(), segments.as_slice()) {
            ("it", [_, field]) if self.scope.table.is_some() => self.field(e, field),
            ("it", _) if self.scope.table.is_some() => {
                let hint = Some("a row is read by its fields: `it.<field>`".to_owned());
                self.fault("cel-unknown", e, vec![("name", full), ("what", "a field of the row".to_owned())], hint);
                Ty::Unknown
            }
            ("now" | "day", [_]) => Ty::Int,
            ("param", [_, name]) if self.scope.parameters.contains(name) => Ty::Int,
            ("param", [_, name, ..]) => {
                let hint = crate::error::nearest(name, self.scope.parameters.iter().map(String::as_str));
                self.fault(
                    "cel-unknown",
                    e,
                    vec![("name", full), ("what", "a parameter of the plan".to_owned())],
                    hint,
                );
                Ty::Unknown
            }
            ("count", [_, ..]) => self.count(e, &full),
            _ => self.one(e, &full),
        };
        if test && root != "it" {
            let hint = "a missing fact reads as \"cannot tell\" by itself; has() is for fields of `it`".to_owned();
            self.fault("cel-function", e, vec![("name", "has".to_owned())], Some(hint));
        }
        if test { Ty::Bool } else { ty }
    }

    fn field(&mut self, e: &IdedExpr, field: &str) -> Ty {
        let Some(FactDef { shape: Shape::Many(fields), id, .. }) = self.scope.table else { return Ty::Unknown };
        match fields.iter().find(|f| f.0 == field) {
            Some((name, ty)) => {
                self.fields.insert((*name).to_owned());
                Ty::from(*ty)
            }
            None => {
                let hint = crate::error::nearest(field, fields.iter().map(|f| f.0)).or_else(|| {
                    Some(format!("its fields are {}", fields.iter().map(|f| f.0).collect::<Vec<_>>().join(", ")))
                });
                let with = vec![("name", format!("it.{field}")), ("what", format!("a field of {id}"))];
                self.fault("cel-unknown", e, with, hint);
                Ty::Unknown
            }
        }
    }

    fn count(&mut self, e: &IdedExpr, full: &str) -> Ty {
        let table = full.trim_start_matches("count.");
        if let Some(FactDef { shape: Shape::Many(_), .. }) = fact::find(table) {
            self.counts.insert(FactId::from(table));
        } else {
            let known = fact::DICTIONARY.iter().filter(|d| matches!(d.shape, Shape::Many(_))).map(|d| d.id);
            let with = vec![("name", full.to_owned()), ("what", "the number of rows of a table".to_owned())];
            self.fault("cel-unknown", e, with, crate::error::nearest(table, known));
        }
        Ty::Int
    }

    fn one(&mut self, e: &IdedExpr, full: &str) -> Ty {
        match fact::find(full) {
            Some(FactDef { shape: Shape::One(ty), .. }) => {
                self.facts.insert(FactId::from(full));
                Ty::from(*ty)
            }
            Some(_) => {
                let hint = format!("{full} is a table: write `each = \"{full}\"` and read `it.<field>`");
                let with = vec![("name", full.to_owned()), ("what", "a single value".to_owned())];
                self.fault("cel-unknown", e, with, Some(hint));
                Ty::Unknown
            }
            None => {
                let known = fact::DICTIONARY.iter().filter(|d| matches!(d.shape, Shape::One(_))).map(|d| d.id);
                let hint = crate::error::nearest(full, known);
                let with = vec![("name", full.to_owned()), ("what", "a fact of the dictionary".to_owned())];
                self.fault("cel-unknown", e, with, hint);
                Ty::Unknown
            }
        }
    }

    fn call(&mut self, e: &IdedExpr, call: &cel::common::ast::CallExpr, depth: usize) -> Ty {
        let args: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        let name = call.func_name.as_str();
        match (name, args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [a, b]) => {
                self.want(a, depth, Ty::Bool);
                self.want(b, depth, Ty::Bool);
                Ty::Bool
            }
            (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [a]) => {
                self.want(a, depth, Ty::Bool);
                Ty::Bool
            }
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => self.alike(e, a, b, depth, Ty::Bool),
            (operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS, [a, b]) => {
                self.want(a, depth, Ty::Int);
                self.want(b, depth, Ty::Int);
                Ty::Bool
            }
            (
                operators::SUBSTRACT | operators::ADD | operators::MULTIPLY | operators::DIVIDE | operators::MODULO,
                [a, b],
            ) => {
                self.want(a, depth, Ty::Int);
                self.want(b, depth, Ty::Int);
                Ty::Int
            }
            (operators::NEGATE, [a]) => {
                self.want(a, depth, Ty::Int);
                Ty::Int
            }
            (operators::CONDITIONAL, [condition, yes, no]) => {
                self.want(condition, depth, Ty::Bool);
                let ty = self.of(yes, depth);
                self.alike(e, yes, no, depth, ty)
            }
            (operators::IN, [a, b]) => {
                let (item, list) = (self.of(a, depth), self.of(b, depth));
                if !list.element().fits(item) || !matches!(list, Ty::Texts | Ty::Ints | Ty::Unknown) {
                    let why = format!("{} in {}", item.name(), list.name());
                    self.fault("cel-type", e, vec![("why", why)], None);
                }
                Ty::Bool
            }
            ("size", [a]) => {
                let ty = self.of(a, depth);
                if matches!(ty, Ty::Bool | Ty::Int) {
                    self.fault("cel-type", e, vec![("why", format!("size of {}", ty.name()))], None);
                }
                Ty::Int
            }
            ("contains" | "startsWith" | "endsWith", [a, b]) => {
                self.want(a, depth, Ty::Text);
                self.want(b, depth, Ty::Text);
                Ty::Bool
            }
            _ => {
                let hint = crate::error::nearest(name, FUNCTIONS)
                    .or_else(|| Some(format!("allowed are {} and the operators", FUNCTIONS.join(", "))));
                let shown = if OPERATORS.contains(&name) { name.replace('_', "") } else { name.to_owned() };
                self.fault("cel-function", e, vec![("name", shown)], hint);
                Ty::Unknown
            }
        }
    }

    fn alike(&mut self, e: &IdedExpr, a: &IdedExpr, b: &IdedExpr, depth: usize, ty: Ty) -> Ty {
        let (x, y) = (self.of(a, depth), self.of(b, depth));
        if !x.fits(y) {
            let why = format!("{} beside {}", x.name(), y.name());
            self.fault("cel-type", e, vec![("why", why)], None);
        }
        ty
    }
}
