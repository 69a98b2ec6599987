//! Conditions: CEL over the fact dictionary, compiled once, with guard rails.
//!
//! A condition sees *one* facts by their id, the row `it` of a table, the number of rows `count.<table>`, `now` and
//! `day` in seconds, and `param.<id>`.
//! It is typed by the dictionary *before* it runs, because CEL itself says `false` to `true == 'yes'` and a check
//! that can never fail is worse than none. What cannot be told (a missing fact, a field that was not read) is an
//! error of the evaluation and reads as "cannot tell", except where `||` and `&&` do not need it.
//!
//! Refused: regular expressions, conversions, floats, time arithmetic on texts, user functions. None is needed by
//! the dictionary, and each is a way to write a condition that is slow or that nobody can explain.

use crate::model::{Machine, Parameter, Rule, System};
use crate::typing::{Ty, Typing};
use cel::common::ast::IdedExpr;
use cel::parser::Parser;
use cel::{Context, Env, ExecutionError, Value};
use evidence::{FactDef, FactId, FactValue, Shape, Time, Type, fact};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

/// Longest condition, in bytes.
pub(crate) const CONDITION_BYTES_MAX: usize = 2_000;
/// Deepest nesting of a condition.
pub(crate) const DEPTH_MAX: usize = 40;
/// Most nodes of a condition.
pub(crate) const NODES_MAX: usize = 600;
/// Most answers that are kept while one table is gone through.
const ANSWERS_MAX: usize = 1_000;
/// Seconds of a day, read as `day`.
pub(crate) const DAY_SECONDS: i64 = 86_400;
/// Functions that a condition may call besides the operators.
pub(crate) const FUNCTIONS: [&str; 7] = ["size", "contains", "startsWith", "endsWith", "exists", "all", "has"];

/// `package` is a reserved word of CEL and the root of dictionary facts. It is read and kept under a name of the
/// same length, so that places stay right.
pub(crate) const RESERVED: (&str, &str) = ("package", "packag_");

/// The text with the reserved root respelled, outside of quoted texts.
fn respell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = quote.is_none()
            && rest.strip_prefix(RESERVED.0).is_some_and(|r| r.starts_with('.'))
            && !out.ends_with(|b: char| b.is_alphanumeric() || matches!(b, '_' | '.'));
        if word {
            out.push_str(RESERVED.1);
            rest = &rest[RESERVED.0.len()..];
            continue;
        }
        quote = match quote {
            None if matches!(c, '\'' | '"') => Some(c),
            Some(q) if q == c => None,
            other => other,
        };
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// The name of a fact as the compiled condition knows it.
fn variable(fact: &str) -> String {
    match fact.strip_prefix(RESERVED.0) {
        Some(rest) if rest.starts_with('.') => format!("{}{rest}", RESERVED.1),
        _ => fact.to_owned(),
    }
}

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A compiled condition.
#[derive(Clone)]
pub struct Condition {
    text: String,
    expr: Arc<IdedExpr>,
    facts: Vec<FactId>,
    counts: Vec<FactId>,
    fields: Vec<String>,
    table: Option<&'static FactDef>,
}
impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Condition({:?})", self.text)
    }
}
impl Condition {
    /// As written in the plan.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The *one* facts that it reads, sorted.
    #[must_use]
    pub fn facts(&self) -> &[FactId] {
        &self.facts
    }
    /// The tables whose rows it counts, sorted.
    #[must_use]
    pub fn counts(&self) -> &[FactId] {
        &self.counts
    }
    /// The fields of `it` that it reads, sorted.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Whether the condition is true of `scene` and, for a condition over rows, of `row`.
    pub fn holds(&self, scene: &Scene, row: Option<&FactValue>) -> Result<bool, EvalError> {
        let value = match row {
            None => Value::resolve(&self.expr, &scene.context),
            Some(row) => {
                let mut inner = scene.context.new_inner_scope();
                inner.add_variable_from_value("it", self.row_value(row));
                Value::resolve(&self.expr, &inner)
            }
        };
        match value {
            Ok(Value::Bool(b)) => Ok(b),
            Ok(other) => Err(EvalError::Defect(format!("comes out as {other:?}, not as true or false"))),
            Err(ExecutionError::NoSuchKey(field)) => Err(EvalError::Field(field.as_str().to_owned())),
            Err(ExecutionError::UndeclaredReference(_)) => {
                match self.facts.iter().chain(&self.counts).find(|f| !scene.known.contains(*f)) {
                    Some(fact) => Err(EvalError::Fact(fact.clone())),
                    None => Err(EvalError::Defect("reads a name that is not defined".to_owned())),
                }
            }
            Err(e) => Err(EvalError::Defect(e.to_string())),
        }
    }

    /// The fields that the condition reads, as a CEL map.
    fn row_value(&self, row: &FactValue) -> Value {
        let mut map: std::collections::HashMap<String, Value> = std::collections::HashMap::new();
        for name in &self.fields {
            if let (Some(value), Some(ty)) = (row.field(name), self.field_type(name)) {
                map.insert(name.clone(), cel_value(value, ty));
            }
        }
        Value::from(map)
    }

    fn field_type(&self, name: &str) -> Option<Type> {
        match self.table?.shape {
            Shape::Many(fields) => fields.iter().find(|f| f.0 == name).map(|f| f.1),
            Shape::One(_) => None,
        }
    }
}

/// Why a condition has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EvalError {
    /// This fact is not known.
    Fact(FactId),
    /// This field of the row was not read.
    Field(String),
    /// Anything else: a defect of the plan.
    Defect(String),
}

/// What conditions of one host see.
pub struct Scene<'a> {
    context: Context<'a, 'static>,
    known: BTreeSet<FactId>,
    system: Option<System>,
}
impl Scene<'_> {
    /// From *one* facts, numbers of rows of tables, the instant that stands for now, and the plan's parameters.
    /// Facts that are not in the dictionary, or are tables, are left out. A number of rows belongs here only if the
    /// table was looked at to the end, or as a lower bound if it is not zero.
    #[must_use]
    pub fn new<'f>(
        facts: impl IntoIterator<Item = (&'f FactId, &'f FactValue)>,
        counts: impl IntoIterator<Item = (&'f FactId, i64)>,
        now: Time,
        parameters: &[Parameter],
    ) -> Self {
        let mut context = Context::with_env(Arc::clone(&ENV));
        let mut known = BTreeSet::new();
        let mut family = None;
        for (id, value) in facts {
            if id.as_str() == System::FACT {
                family = Some(value);
            }
            if let Some(FactDef { shape: Shape::One(ty), .. }) = fact::find(id.as_str()) {
                context.add_variable_from_value(variable(id.as_str()), cel_value(value, *ty));
                known.insert(id.clone());
            }
        }
        for (id, n) in counts {
            context.add_variable_from_value(format!("count.{id}"), n);
            known.insert(id.clone());
        }
        context.add_variable_from_value("now", now.secs());
        context.add_variable_from_value("day", DAY_SECONDS);
        for p in parameters {
            context.add_variable_from_value(format!("param.{}", p.id), p.value);
        }
        Self { context, known, system: System::of(family) }
    }
}

fn cel_value(value: &FactValue, ty: Type) -> Value {
    match value {
        FactValue::Bool(b) => Value::Bool(*b),
        FactValue::Int(i) => Value::Int(*i),
        FactValue::Text(t) if ty == Type::Time => t.parse::<Time>().map_or(Value::Null, |t| Value::Int(t.secs())),
        FactValue::Text(t) => Value::from(t.as_str()),
        FactValue::Texts(list) => Value::from(list.iter().map(|t| Value::from(t.as_str())).collect::<Vec<_>>()),
        FactValue::Row(_) => Value::Null,
    }
}

/// What a machine check says about one host, before anybody asks whether its facts are complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// The host runs a system that the check is not for.
    OtherSystem,
    /// Does not apply.
    NotApplicable,
    /// No violation among what was given.
    Pass,
    /// Violated; the indexes of the violating rows (none for a condition without a table), and how many other
    /// rows could not be told.
    Fail {
        /// Indexes into the rows given.
        rows: Vec<usize>,
        /// Rows that could not be told.
        unclear: usize,
        /// The first field that they lack; empty if `unclear` is 0.
        field: String,
    },
    /// This fact is not known.
    Missing(FactId),
    /// No row violates, but some lack a field.
    Unclear {
        /// How many rows.
        rows: usize,
        /// The first such field.
        field: String,
    },
    /// The condition itself is wrong.
    Defect(String),
}

impl Machine {
    /// Applies the check. `rows` are all rows of its table that are known; `None` if nothing is known of it.
    #[must_use]
    pub fn tell(&self, scene: &Scene, rows: Option<&[&FactValue]>) -> Told {
        if !scene.system.is_some_and(|s| self.on.contains(&s)) {
            // Of a host that nothing is known of, nobody can say that it runs another system.
            return if scene.known.is_empty() { Told::Missing(System::FACT.into()) } else { Told::OtherSystem };
        }
        match self.applies.as_ref().map(|a| a.holds(scene, None)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return Told::NotApplicable,
            Some(Err(e)) => return Told::from(e),
        }
        if let Some(fact) = self.requires.iter().find(|f| is_one(f) && !scene.known.contains(*f)) {
            return Told::Missing(fact.clone());
        }
        match &self.rule {
            Rule::Pass(pass) => match pass.holds(scene, None) {
                Ok(true) => Told::Pass,
                Ok(false) => Told::Fail { rows: Vec::new(), unclear: 0, field: String::new() },
                Err(e) => Told::from(e),
            },
            Rule::Each { fact, fail } => match rows {
                None => Told::Missing(fact.clone()),
                Some(rows) => tell_rows(fail, scene, rows),
            },
        }
    }
}

fn tell_rows(fail: &Condition, scene: &Scene, rows: &[&FactValue]) -> Told {
    let mut bad = Vec::new();
    let mut unclear = 0;
    let mut field = None;
    // Rows that agree in what the condition reads have the same answer; most tables have few such combinations.
    let mut answers: BTreeMap<Vec<Option<&FactValue>>, Result<bool, EvalError>> = BTreeMap::new();
    for (n, row) in rows.iter().enumerate() {
        let read: Vec<Option<&FactValue>> = fail.fields.iter().map(|f| row.field(f)).collect();
        let answer = match answers.get(&read) {
            Some(known) => known.clone(),
            None => {
                let answer = fail.holds(scene, Some(row));
                if answers.len() < ANSWERS_MAX {
                    answers.insert(read, answer.clone());
                }
                answer
            }
        };
        match answer {
            Ok(true) => bad.push(n),
            Ok(false) => {}
            Err(EvalError::Field(name)) => {
                unclear += 1;
                field.get_or_insert(name);
            }
            Err(e) => return Told::from(e),
        }
    }
    match (bad.is_empty(), field) {
        (false, field) => Told::Fail { rows: bad, unclear, field: field.unwrap_or_default() },
        (true, Some(field)) => Told::Unclear { rows: unclear, field },
        (true, None) => Told::Pass,
    }
}

impl From<EvalError> for Told {
    fn from(e: EvalError) -> Self {
        match e {
            EvalError::Fact(f) => Self::Missing(f),
            EvalError::Field(field) => Self::Defect(format!("reads the field {field} outside a row")),
            EvalError::Defect(why) => Self::Defect(why),
        }
    }
}

pub(crate) fn is_one(id: &FactId) -> bool {
    matches!(fact::find(id.as_str()), Some(FactDef { shape: Shape::One(_), .. }))
}

/// A fault of a condition: code, holes, byte range within the condition, hint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) with: Vec<(&'static str, String)>,
    pub(crate) span: Option<std::ops::Range<usize>>,
    pub(crate) hint: Option<String>,
}

/// What is in scope of a condition besides the dictionary.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) table: Option<&'static FactDef>,
    pub(crate) parameters: &'a BTreeSet<String>,
}

/// Compiles a condition, or names everything that is wrong with it.
pub(crate) fn compile(text: &str, scope: Scope) -> Result<Condition, Vec<Fault>> {
    let limit = |why: String| vec![Fault { code: "cel-limit", with: vec![("why", why)], span: None, hint: None }];
    if text.len() > CONDITION_BYTES_MAX {
        return Err(limit(format!("{} bytes, more than {CONDITION_BYTES_MAX}", text.len())));
    }
    if nesting(text) > DEPTH_MAX {
        return Err(limit(format!("nested deeper than {DEPTH_MAX}")));
    }
    let spelled = respell(text);
    let (expr, info) = Parser::default().parse_with_source_info(&spelled).map_err(|e| {
        e.errors
            .iter()
            .map(|e| {
                let line: usize = usize::try_from(e.pos.0).unwrap_or(1).max(1);
                let column = usize::try_from(e.pos.1).unwrap_or(1).max(1);
                let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
                let at = start + column - 1;
                let why = e.msg.lines().next().unwrap_or("").to_owned();
                Fault { code: "cel-syntax", with: vec![("why", why)], span: Some(at..at + 1), hint: None }
            })
            .collect::<Vec<_>>()
    })?;
    let mut typing = Typing::new(scope, &info, &spelled);
    let ty = typing.of(&expr, 0);
    if !matches!(ty, Ty::Bool | Ty::Unknown) {
        typing.fault("cel-type", &expr, vec![("why", format!("it is {}, not true or false", ty.name()))], None);
    }
    if typing.nodes > NODES_MAX {
        return Err(limit(format!("more than {NODES_MAX} parts")));
    }
    let reads_nothing = typing.facts.is_empty() && typing.fields.is_empty() && typing.counts.is_empty();
    if reads_nothing && typing.faults.is_empty() {
        typing.faults.push(Fault { code: "cel-constant", with: Vec::new(), span: None, hint: None });
    }
    if !typing.faults.is_empty() {
        return Err(typing.faults);
    }
    let facts = typing.facts.iter().cloned().collect();
    let fields = typing.fields.iter().cloned().collect();
    let counts = typing.counts.iter().cloned().collect();
    Ok(Condition { text: text.to_owned(), expr: Arc::new(expr), facts, counts, fields, table: scope.table })
}

/// Brackets open at once, at most: a cheap bound before the recursive parser sees the text.
fn nesting(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0_usize);
    let mut chain = 0_usize;
    for b in text.bytes() {
        match b {
            b'(' | b'[' | b'{' => now += 1,
            b')' | b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
        // A run of `!` or `-` nests without brackets.
        chain = if matches!(b, b'!' | b'-' | b' ') { chain + usize::from(b != b' ') } else { 0 };
        most = most.max(now + chain);
    }
    most
}

/// One sample scene per seed: every fact of the dictionary with a value of its type.
pub(crate) fn sample_scene(seed: u64, parameters: &[Parameter]) -> Scene<'static> {
    let facts: BTreeMap<FactId, FactValue> = fact::DICTIONARY
        .iter()
        .enumerate()
        .filter_map(|(n, d)| match d.shape {
            Shape::One(ty) => Some((FactId::from(d.id), sample(ty, seed.rotate_right(n as u32)))),
            Shape::Many(_) => None,
        })
        .collect();
    let tables: Vec<FactId> =
        fact::DICTIONARY.iter().filter(|d| matches!(d.shape, Shape::Many(_))).map(|d| FactId::from(d.id)).collect();
    let counts = tables.iter().map(|t| (t, i64::from(seed.count_ones() % 3)));
    Scene::new(&facts, counts, Time::from_secs(1_800_000_000), parameters)
}

/// A sample row of a table.
pub(crate) fn sample_row(def: &FactDef, seed: u64) -> FactValue {
    let Shape::Many(fields) = def.shape else { return FactValue::Row(BTreeMap::new()) };
    let row = fields.iter().enumerate().map(|(n, f)| (f.0.to_owned(), sample(f.1, seed.rotate_right(n as u32))));
    FactValue::Row(row.collect())
}

fn sample(ty: Type, bits: u64) -> FactValue {
    let yes = bits & 1 == 1;
    match ty {
        Type::Bool => FactValue::Bool(yes),
        Type::Int => FactValue::Int(if yes { 4096 } else { 1 }),
        Type::Text => FactValue::from(if yes { "yes" } else { "sample" }),
        Type::Time => FactValue::time(Time::from_secs(if yes { 1_799_999_000 } else { 1_500_000_000 })),
        Type::Texts => FactValue::Texts(if yes { vec!["yes".to_owned()] } else { Vec::new() }),
    }
}
