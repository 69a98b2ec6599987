//! Checks: their conditions are compiled here, and their examples are read by the types of the dictionary.

use crate::cond::{Condition, Fault, Scope, compile, is_one};
use crate::error::{At, Errors, nearest};
use crate::model::{Answerable, Check, CheckKind, Draft, Example, Expected, Machine, Rule, System, WithData};
use crate::read::{Table, read_time};
use evidence::{
    CategoryId, CheckId, Fact, FactDef, FactId, FactValue, LevelId, Place, ScenarioId, Severity, Shape, Time, Type,
    fact,
};
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeValue;

/// The day on which an example plays if it does not say.
pub(crate) const EXAMPLE_DAY: &str = "2026-06-01";

pub(crate) fn checks(root: &Table, parameters: &BTreeSet<String>, plan: &mut Draft, errors: &mut Errors) {
    for t in root.tables(errors, "check") {
        let sourced = t.sourced(errors);
        let severities: Vec<(&'static str, Severity)> = Severity::ALL.iter().map(|s| (s.name(), *s)).collect();
        let id = CheckId::new(t.id(errors, "id"));
        let scenario = ScenarioId::new(t.id(errors, "scenario"));
        let severity = t.choice(errors, "severity", &severities).unwrap_or(Severity::Low);
        let rows = t.numbers(errors, "rows");
        let mappings = t.texts(errors, "mappings");
        let kind = match t.choice(errors, "kind", &[("machine", true), ("answer", false)]) {
            Some(true) => machine(&t, parameters, errors).map(|m| CheckKind::Machine(Box::new(m))),
            Some(false) => Some(answer(&t, errors)),
            None => None,
        };
        // A check whose condition is broken is kept out; its words and references would be judged without it.
        match kind {
            Some(kind) => plan.checks.push(Check { id, scenario, severity, kind, rows, mappings, sourced }),
            None => {
                plan.broken_checks.insert(id);
            }
        }
        if t.has("kind") {
            t.finish(errors);
        }
    }
}

fn answer(t: &Table, errors: &mut Errors) -> CheckKind {
    CheckKind::Answer(Answerable { valid_days: days(t, "valid_days", errors) })
}

/// A number of days, at least one.
fn days(t: &Table, key: &'static str, errors: &mut Errors) -> Option<i64> {
    let days = t.opt_int(errors, key);
    if let Some(got) = days.filter(|d| *d < 1) {
        let got = got.to_string();
        let with = [("key", key), ("want", "at least 1"), ("got", got.as_str())];
        errors.add(&t.at(key), "bad-value", &with, None);
    }
    days
}

fn machine(t: &Table, parameters: &BTreeSet<String>, errors: &mut Errors) -> Option<Machine> {
    let scope = Scope { table: None, parameters };
    let applies = t.opt_text(errors, "applies");
    let has_applies = applies.is_some();
    let applies = applies.and_then(|text| condition(t, "applies", &text, scope, errors));
    let requires: Vec<FactId> = t.texts(errors, "requires").into_iter().map(FactId::new).collect();
    for r in &requires {
        if !is_one(r) {
            let known = fact::DICTIONARY.iter().map(|d| d.id);
            let hint = nearest(r.as_str(), known);
            let with = [("what", "single fact"), ("id", r.as_str())];
            errors.add(&t.at("requires"), "dangling-id", &with, hint);
        }
    }
    let rule = rule(t, scope, errors);
    let table = match &rule {
        Some(Rule::Each { fact, .. }) => fact::find(fact.as_str()),
        _ => None,
    };
    let examples = t.tables(errors, "example").iter().filter_map(|e| example(e, table, errors)).collect();
    let rule = rule?;
    let on = systems(t, errors);
    let approval_days = days(t, "approval_days", errors);
    let with_data = with_data(t, &rule, errors);
    (has_applies == applies.is_some()).then_some(Machine {
        on,
        applies,
        requires,
        rule,
        approval_days,
        with_data,
        examples,
    })
}

/// The data that a joint check asks for: a category and a level, and only beside `each`.
fn with_data(t: &Table, rule: &Rule, errors: &mut Errors) -> Option<WithData> {
    let (category, level) = (t.opt_text(errors, "with_category"), t.opt_text(errors, "at_least"));
    if (category.is_some() || level.is_some()) && matches!(rule, Rule::Pass(_)) {
        errors.add(
            &t.at,
            "missing-key",
            &[("key", "each")],
            Some("`with_category` belongs to a check with `each`".to_owned()),
        );
    }
    match (category, level) {
        (Some(category), Some(level)) => {
            Some(WithData { category: CategoryId::new(category), at_least: LevelId::new(level) })
        }
        (None, None) => None,
        (category, _) => {
            let key = if category.is_some() { "at_least" } else { "with_category" };
            errors.add(&t.at, "missing-key", &[("key", key)], None);
            None
        }
    }
}

/// The systems of `on`; Linux if it does not say.
fn systems(t: &Table, errors: &mut Errors) -> Vec<System> {
    let mut out = Vec::new();
    for name in t.texts(errors, "on") {
        match System::ALL.into_iter().find(|s| s.name() == name) {
            Some(s) => out.push(s),
            None => {
                let hint = nearest(&name, System::ALL.into_iter().map(System::name));
                let with = [("key", "on"), ("want", "linux, windows or control-network"), ("got", name.as_str())];
                errors.add(&t.at("on"), "bad-value", &with, hint);
            }
        }
    }
    if out.is_empty() { vec![System::Linux] } else { out }
}

fn rule(t: &Table, scope: Scope, errors: &mut Errors) -> Option<Rule> {
    let (pass, each, fail) = (t.opt_text(errors, "pass"), t.opt_text(errors, "each"), t.opt_text(errors, "fail"));
    match (pass, each, fail) {
        (Some(pass), None, None) => condition(t, "pass", &pass, scope, errors).map(Rule::Pass),
        (None, Some(each), Some(fail)) => {
            let Some(def @ FactDef { shape: Shape::Many(_), .. }) = fact::find(&each) else {
                let known = fact::DICTIONARY.iter().filter(|d| matches!(d.shape, Shape::Many(_))).map(|d| d.id);
                let hint = nearest(&each, known);
                errors.add(&t.at("each"), "dangling-id", &[("what", "table of facts"), ("id", &each)], hint);
                return None;
            };
            let scope = Scope { table: Some(def), ..scope };
            let fail = condition(t, "fail", &fail, scope, errors)?;
            Some(Rule::Each { fact: FactId::new(each), fail })
        }
        (None, None, None) => {
            let hint = Some("give `pass = '…'`, or `each = \"…\"` with `fail = '…'`".to_owned());
            errors.add(&t.at, "missing-key", &[("key", "pass")], hint);
            None
        }
        (pass, each, _) => {
            let key = if pass.is_some() && each.is_some() {
                "each"
            } else if each.is_some() {
                "fail"
            } else {
                "each"
            };
            let hint = Some("a check has either `pass`, or `each` and `fail`".to_owned());
            let code = if pass.is_some() { "unknown-key" } else { "missing-key" };
            errors.add(&t.at, code, &[("key", key)], hint);
            None
        }
    }
}

pub(crate) fn condition(
    t: &Table,
    key: &'static str,
    text: &str,
    scope: Scope,
    errors: &mut Errors,
) -> Option<Condition> {
    match compile(text, scope) {
        Ok(c) => Some(c),
        Err(faults) => {
            for fault in faults {
                let at = inside(&t.at(key), text, &fault, errors);
                let with: Vec<(&str, &str)> = fault.with.iter().map(|(k, v)| (*k, v.as_str())).collect();
                errors.add(&at, fault.code, &with, fault.hint.clone());
            }
            None
        }
    }
}

/// The place of a fault within a condition, if the condition stands in the file as it is (no escapes).
fn inside(value: &At, text: &str, fault: &Fault, errors: &Errors) -> At {
    let narrowed = fault.span.as_ref().and_then(|span| {
        let raw = errors.text(&value.file).get(value.span.clone())?;
        let from = value.span.start + raw.find(text)?;
        Some(At { file: value.file.clone(), span: from + span.start..from + span.end })
    });
    narrowed.unwrap_or_else(|| value.clone())
}

fn example(t: &Table, table: Option<&'static FactDef>, errors: &mut Errors) -> Option<Example> {
    let outcomes: Vec<(&'static str, Expected)> = Expected::ALL.iter().map(|e| (e.name(), *e)).collect();
    let expect = t.choice(errors, "expect", &outcomes);
    let now = t.opt_date(errors, "now").or_else(|| Time::from_date(EXAMPLE_DAY).ok())?;
    let mut facts = BTreeMap::new();
    for (name, at, leaf) in t.table(errors, "facts").iter().flat_map(Table::leaves) {
        let value = match fact::find(&name) {
            Some(FactDef { shape: Shape::One(ty), .. }) => value(leaf, *ty),
            _ => None,
        };
        let id = FactId::new(name);
        match value {
            Some(value) => {
                facts.insert(id, value);
            }
            None => {
                let known = fact::DICTIONARY.iter().filter(|d| matches!(d.shape, Shape::One(_))).map(|d| d.id);
                let (hint, why) = match is_one(&id) {
                    true => (None, format!("{id} has another type")),
                    false => (nearest(id.as_str(), known), format!("{id} is not a single fact")),
                };
                errors.add(&at, "example-fact", &[("why", &why)], hint);
            }
        }
    }
    let counts = counts(t, errors);
    let rows = rows(t, table, errors);
    t.finish(errors);
    Some(Example { expect: expect?, facts, counts, rows, now, at: t.at.clone() })
}

fn counts(t: &Table, errors: &mut Errors) -> BTreeMap<FactId, i64> {
    let mut out = BTreeMap::new();
    for (name, at, leaf) in t.table(errors, "counts").iter().flat_map(Table::leaves) {
        let table = matches!(fact::find(&name), Some(FactDef { shape: Shape::Many(_), .. }));
        match value(leaf, Type::Int) {
            Some(FactValue::Int(n)) if table => {
                out.insert(FactId::new(name), n);
            }
            _ => {
                let known = fact::DICTIONARY.iter().filter(|d| matches!(d.shape, Shape::Many(_))).map(|d| d.id);
                let why = format!("{name} is not a table with a number of rows");
                errors.add(&at, "example-fact", &[("why", &why)], nearest(&name, known));
            }
        }
    }
    out
}

fn rows(t: &Table, table: Option<&'static FactDef>, errors: &mut Errors) -> Option<Vec<FactValue>> {
    let DeValue::Array(list) = t.raw("rows")? else {
        errors.add(&t.at("rows"), "wrong-type", &[("key", "rows"), ("want", "a list of tables")], None);
        return None;
    };
    let Some(def @ FactDef { shape: Shape::Many(fields), .. }) = table else {
        let hint = Some("rows belong to a check with `each`".to_owned());
        errors.add(&t.at("rows"), "unknown-key", &[("key", "rows")], hint);
        return None;
    };
    let mut out = Vec::new();
    for item in list.iter() {
        let mut row = BTreeMap::new();
        for (key, field) in item.get_ref().as_table().into_iter().flatten() {
            let name = key.get_ref().as_ref();
            let ty = fields.iter().find(|f| f.0 == name).map(|f| f.1);
            match ty.and_then(|ty| value(field.get_ref(), ty)) {
                Some(v) => {
                    row.insert(name.to_owned(), v);
                }
                None => {
                    let at = At { file: t.at.file.clone(), span: key.span() };
                    let why = format!("{name} is not a field of {} or has another type", def.id);
                    errors.add(&at, "example-fact", &[("why", &why)], nearest(name, fields.iter().map(|f| f.0)));
                }
            }
        }
        let fact = Fact { fact: FactId::from(def.id), value: FactValue::Row(row), at: Place::file("example") };
        if let Err(e) = fact::validate(&fact) {
            let at = At { file: t.at.file.clone(), span: item.span() };
            errors.add(&at, "example-fact", &[("why", &e.to_string())], None);
        }
        out.push(fact.value);
    }
    Some(out)
}

pub(crate) fn value(leaf: &DeValue, ty: Type) -> Option<FactValue> {
    match (ty, leaf) {
        (Type::Bool, DeValue::Boolean(b)) => Some(FactValue::Bool(*b)),
        (Type::Int, DeValue::Integer(i)) => i64::from_str_radix(i.as_str(), i.radix()).ok().map(FactValue::Int),
        (Type::Text, DeValue::String(s)) => Some(FactValue::from(s.as_ref())),
        (Type::Time, DeValue::String(s)) => read_time(s).map(FactValue::time),
        (Type::Texts, DeValue::Array(list)) => {
            let texts: Option<Vec<String>> = list.iter().map(|v| v.get_ref().as_str().map(str::to_owned)).collect();
            texts.map(FactValue::Texts)
        }
        _ => None,
    }
}
