//! What a correlation asks for: which rules, grouped by what, within which time, under which condition.

use crate::condition::{self, Condition};
use crate::event::{FieldId, Fields};
use crate::notice::{Code, Fault};
use crate::predicate::rule_number;
use crate::rule::RuleId;
use crate::selection::truth;
use crate::window::ORDERED_EXPRESSION_MAX;
use crate::yaml::Node;

/// The seven types of Sigma 2.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CorrelationKind {
    /// How many events.
    EventCount,
    /// How many different values.
    ValueCount,
    /// All rules, in any order.
    Temporal,
    /// All rules, in the order they are listed.
    TemporalOrdered,
    /// The sum of a number.
    ValueSum,
    /// The average of a number.
    ValueAvg,
    /// A percentile of a number, or the share of a value in percent.
    ValuePercentile,
}

/// A comparison of a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compare {
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Equal.
    Eq,
    /// Different.
    Neq,
}

/// One bound; several must all hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bound {
    /// How.
    pub compare: Compare,
    /// With what.
    pub value: f64,
}
impl Bound {
    /// Whether a figure satisfies it.
    #[must_use]
    pub fn holds(&self, figure: f64) -> bool {
        match self.compare {
            Compare::Gt => figure > self.value,
            Compare::Gte => figure >= self.value,
            Compare::Lt => figure < self.value,
            Compare::Lte => figure <= self.value,
            Compare::Eq => figure == self.value,
            Compare::Neq => figure != self.value,
        }
    }
}

/// A correlation whose references are resolved.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// Its type.
    pub kind: CorrelationKind,
    /// The rules, in the order they are listed.
    pub rules: Vec<RuleId>,
    /// The names it groups by: fields or aliases.
    pub group_by: Vec<String>,
    /// Milliseconds.
    pub timespan_ms: i64,
    /// The condition's bounds.
    pub bounds: Vec<Bound>,
    /// Whether its rules are also reported by themselves.
    pub generate: bool,
    /// For a temporal type: which rules must (not) be there, by their place in `rules` (proposal 198 of the specification).
    pub expression: Option<Condition>,
    /// For each rule the fields of `group_by`.
    pub(crate) group_fields: Vec<Vec<FieldId>>,
    /// For each rule the fields of the condition.
    pub(crate) value_fields: Vec<Vec<FieldId>>,
    /// Between 0 and 100.
    pub(crate) percentile: Option<f64>,
}

/// Longest timespan: a hundred years, in milliseconds.
const TIMESPAN_MS_MAX: i64 = 100 * 366 * 86_400_000;
/// Most rules of one correlation.
const REFERENCES_MAX: usize = 1024;
/// Most fields of `group-by` and of a condition.
const FIELDS_MAX: usize = 32;

/// A correlation as it stands, before its references are looked up.
pub(crate) struct Draft {
    kind: CorrelationKind,
    pub(crate) references: Vec<(String, usize)>,
    group_by: Vec<String>,
    timespan_ms: i64,
    bounds: Vec<Bound>,
    pub(crate) generate: bool,
    expression: Option<(String, usize)>,
    /// Alias, then reference and field.
    aliases: Aliases,
    fields: Vec<String>,
    percentile: Option<f64>,
}

fn missing(part: &str, line: usize) -> Fault {
    Fault::new(Code::Missing, line).with("part", part)
}

fn form(part: &str, expected: &str, line: usize) -> Fault {
    Fault::new(Code::Form, line).with("part", part).with("expected", expected)
}

fn texts(node: &Node, part: &str) -> Result<Vec<String>, Fault> {
    let each = node.each().iter().map(|n| n.text().map(str::to_owned).ok_or_else(|| form(part, "texts", n.line)));
    each.collect()
}

/// Reads the section `correlation`; `generate` may stand in it or beside it.
pub(crate) fn read(doc: &Node, section: &Node) -> Result<Draft, Fault> {
    let line = section.line;
    if section.map().is_none() {
        return Err(form("correlation", "a map", line));
    }
    let need = |part: &'static str| section.get(part).ok_or_else(|| missing(part, line));
    let kind = kind(need("type")?)?;
    let rules = need("rules")?;
    let references: Vec<(String, usize)> =
        texts(rules, "rules")?.into_iter().zip(rules.each().iter().map(|n| n.line)).collect();
    if references.is_empty() {
        return Err(Fault::new(Code::Empty, rules.line).with("part", "rules"));
    }
    let group_by = section.get("group-by").map_or(Ok(Vec::new()), |n| texts(n, "group-by"))?;
    let timespan = need("timespan")?;
    let timespan_ms = timespan
        .text()
        .and_then(timespan_of)
        .ok_or_else(|| Fault::new(Code::Timespan, timespan.line).with("value", timespan.text().unwrap_or("")))?;
    let generate = match section.get("generate").or_else(|| doc.get("generate")) {
        None => false,
        Some(node) => node.text().and_then(truth).ok_or_else(|| form("generate", "true, false", node.line))?,
    };
    let mut draft = Draft {
        kind,
        references,
        group_by,
        timespan_ms,
        bounds: Vec::new(),
        generate,
        expression: None,
        aliases: aliases(section)?,
        fields: Vec::new(),
        percentile: None,
    };
    draft.condition(section.get("condition"), line)?;
    for (limit, count, max) in [
        ("references_max", draft.references.len(), REFERENCES_MAX),
        ("fields_max", draft.group_by.len().max(draft.fields.len()), FIELDS_MAX),
    ] {
        if count > max {
            return Err(Fault::new(Code::Limit, line).with("limit", limit).with("max", max));
        }
    }
    Ok(draft)
}

fn kind(node: &Node) -> Result<CorrelationKind, Fault> {
    Ok(match node.text().unwrap_or_default() {
        "event_count" => CorrelationKind::EventCount,
        "value_count" => CorrelationKind::ValueCount,
        "temporal" => CorrelationKind::Temporal,
        "temporal_ordered" | "ordered_temporal" => CorrelationKind::TemporalOrdered,
        "value_sum" => CorrelationKind::ValueSum,
        "value_avg" => CorrelationKind::ValueAvg,
        "value_percentile" => CorrelationKind::ValuePercentile,
        other => return Err(Fault::new(Code::UnknownCorrelation, node.line).with("type", other)),
    })
}

/// Seconds, minutes, hours, days; weeks too, as other tools write them. In milliseconds.
fn timespan_of(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 7 * 86_400_000,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i64>().ok())??;
    number.checked_mul(unit).filter(|ms| (1..=TIMESPAN_MS_MAX).contains(ms))
}

type Aliases = Vec<(String, usize, Vec<(String, String)>)>;

fn aliases(section: &Node) -> Result<Aliases, Fault> {
    let Some(node) = section.get("aliases") else { return Ok(Vec::new()) };
    let bad = |alias: &str, line: usize| Fault::new(Code::Alias, line).with("alias", alias);
    let Some(map) = node.map() else { return Err(form("aliases", "a map", node.line)) };
    map.iter()
        .map(|(alias, of)| {
            let fields = of.map().ok_or_else(|| bad(&alias.text, of.line))?.iter().map(|(rule, field)| {
                let field = field.text().filter(|f| !f.is_empty()).ok_or_else(|| bad(&alias.text, field.line))?;
                Ok((rule.text.clone(), field.to_owned()))
            });
            Ok((alias.text.clone(), alias.line, fields.collect::<Result<_, Fault>>()?))
        })
        .collect()
}

impl Draft {
    fn is_temporal(&self) -> bool {
        matches!(self.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered)
    }

    fn condition(&mut self, node: Option<&Node>, line: usize) -> Result<(), Fault> {
        let Some(node) = node else {
            return if self.is_temporal() { Ok(()) } else { Err(missing("condition", line)) };
        };
        if let (true, Some(text)) = (self.is_temporal(), node.text()) {
            self.expression = Some((text.to_owned(), node.line));
            return Ok(());
        }
        let map = node.map().ok_or_else(|| form("condition", "a map", node.line))?;
        for (key, value) in map {
            let number = || {
                let n = value.text().and_then(rule_number);
                n.ok_or_else(|| form(&key.text, "a number", value.line))
            };
            let compare = match key.text.as_str() {
                "field" => {
                    self.fields = texts(value, "field")?;
                    continue;
                }
                "percentile" => {
                    let p = number()?;
                    if !(0.0..=100.0).contains(&p) {
                        return Err(form("percentile", "0 … 100", value.line));
                    }
                    self.percentile = Some(p);
                    continue;
                }
                "gt" => Compare::Gt,
                "gte" => Compare::Gte,
                "lt" => Compare::Lt,
                "lte" => Compare::Lte,
                "eq" => Compare::Eq,
                "neq" => Compare::Neq,
                other => return Err(form(other, "gt, gte, lt, lte, eq, neq, field", key.line)),
            };
            self.bounds.push(Bound { compare, value: number()? });
        }
        let counts = matches!(self.kind, CorrelationKind::EventCount) || self.is_temporal();
        if !counts && self.fields.is_empty() {
            return Err(missing("condition.field", node.line));
        }
        if self.bounds.is_empty() {
            return Err(missing("condition.gte", node.line));
        }
        if self.fields.len() > 1 && self.kind != CorrelationKind::ValueCount {
            return Err(form("field", "one field", node.line));
        }
        Ok(())
    }

    /// With its references looked up: `find` says which rule one is, `labels` by which names aliases may call it.
    pub(crate) fn resolve(
        &self,
        fields: &mut Fields,
        rules: Vec<RuleId>,
        labels: &dyn Fn(RuleId) -> Vec<String>,
    ) -> Result<Correlation, Fault> {
        let called = |at: usize, name: &str| {
            self.references[at].0 == name || labels(rules[at]).iter().any(|label| label == name)
        };
        for (alias, line, of) in &self.aliases {
            let stray = of.iter().any(|(rule, _)| !(0..rules.len()).any(|at| called(at, rule)));
            if stray || of.is_empty() {
                return Err(Fault::new(Code::Alias, *line).with("alias", alias));
            }
        }
        let mut of = |names: &[String]| -> Vec<Vec<FieldId>> {
            let mut per_rule = Vec::with_capacity(rules.len());
            for at in 0..rules.len() {
                let mut ids = Vec::with_capacity(names.len());
                for name in names {
                    let alias = self.aliases.iter().find(|a| a.0 == *name);
                    let of = alias.and_then(|a| a.2.iter().find(|(rule, _)| called(at, rule)));
                    ids.push(fields.of(of.map_or(name, |(_, field)| field)));
                }
                per_rule.push(ids);
            }
            per_rule
        };
        let (group_fields, value_fields) = (of(&self.group_by), of(&self.fields));
        let expression = match &self.expression {
            None => None,
            Some((_, line))
                if self.kind == CorrelationKind::TemporalOrdered && rules.len() > ORDERED_EXPRESSION_MAX =>
            {
                let fault = Fault::new(Code::Limit, *line);
                return Err(fault.with("limit", "ordered_expression_max").with("max", ORDERED_EXPRESSION_MAX));
            }
            Some((text, line)) => {
                let names: Vec<String> = self.references.iter().map(|r| r.0.clone()).collect();
                Some(condition::read(text, &names, *line)?)
            }
        };
        Ok(Correlation {
            kind: self.kind,
            rules,
            group_by: self.group_by.clone(),
            timespan_ms: self.timespan_ms,
            bounds: self.bounds.clone(),
            generate: self.generate,
            expression,
            group_fields,
            value_fields,
            percentile: self.percentile,
        })
    }
}
