//! The rule set: immutable, shared by threads.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::condition::Condition;
use crate::event::{Event, FieldId, Fields};
use crate::explain::{self, Explanation};
use crate::logsource::Logsource;
use crate::notice::{Code, Notice};
use crate::plan::Plan;
use crate::predicate::{Pred, PredId, Room, Test};
use crate::required;
use crate::rule::{Body, Rule, RuleId, Selection};
use crate::selection::Expr;

/// Rules that were read, and what matches them.
pub struct Rules {
    pub(crate) rules: Vec<Rule>,
    pub(crate) fields: Fields,
    pub(crate) preds: Vec<Pred>,
    by_source: HashMap<Logsource, Vec<RuleId>>,
    names: HashMap<String, RuleId>,
    plans: Mutex<HashMap<Box<[RuleId]>, Plan>>,
}
impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rules over {} predicates", self.rules.len(), self.preds.len())
    }
}

impl Rules {
    pub(crate) fn new(rules: Vec<Rule>, fields: Fields, preds: Vec<Pred>) -> Self {
        let mut by_source: HashMap<Logsource, Vec<RuleId>> = HashMap::new();
        let mut names = HashMap::new();
        for (at, rule) in rules.iter().enumerate() {
            let id = RuleId(u32::try_from(at).expect("rules_max"));
            if matches!(rule.body, Body::Detection(_)) {
                by_source.entry(rule.logsource.clone()).or_default().push(id);
            }
            for name in rule.id.iter().chain(&rule.name) {
                names.entry(name.to_lowercase()).or_insert(id);
            }
        }
        Self { rules, fields, preds, by_source, names, plans: Mutex::default() }
    }

    /// The number of a field name; [`FieldId::OTHER`] if no rule and no correlation reads it.
    #[must_use]
    pub fn field(&self, name: &str) -> FieldId {
        self.fields.find(name)
    }

    /// The name of a number.
    #[must_use]
    pub fn field_name(&self, field: FieldId) -> Option<&str> {
        self.fields.name(field)
    }

    /// Rules in the order they were read; a [`RuleId`] is a place in it.
    #[must_use]
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule by its number.
    #[must_use]
    pub fn get(&self, id: RuleId) -> &Rule {
        &self.rules[id.index()]
    }

    /// A rule by its id or name, in any case.
    #[must_use]
    pub fn find(&self, reference: &str) -> Option<RuleId> {
        self.names.get(&reference.to_lowercase()).copied()
    }

    /// Log sources that rules name, and how many rules name each.
    pub fn logsources(&self) -> impl Iterator<Item = (&Logsource, usize)> {
        self.by_source.iter().map(|(source, rules)| (source, rules.len()))
    }

    /// The plan for events that belong to all of these log sources. Cheap the second time; keep it where events of one shape come often.
    #[must_use]
    pub fn plan(&self, sources: &[Logsource]) -> Plan {
        let covering = self.by_source.iter().filter(|(s, _)| sources.iter().any(|event| s.covers(event)));
        let mut rules: Vec<RuleId> = covering.flat_map(|(_, rules)| rules).copied().collect();
        rules.sort_unstable();
        self.plan_of(rules.into())
    }

    /// The plan for all rules, whatever their log source.
    #[must_use]
    pub fn plan_of_all(&self) -> Plan {
        let mut rules: Vec<RuleId> = self.by_source.values().flatten().copied().collect();
        rules.sort_unstable();
        self.plan_of(rules.into())
    }

    fn plan_of(&self, rules: Box<[RuleId]>) -> Plan {
        // Making a plan under the lock: two threads that want the same one wait for it rather than make it twice.
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.entry(rules).or_insert_with_key(|rules| Plan::new(self, rules)).clone()
    }

    /// Why a detection does or does not match an event. None for a correlation.
    #[must_use]
    pub fn explain(&self, id: RuleId, event: &Event) -> Option<Explanation> {
        explain::explain(self, id, event)
    }

    /// Whether a detection matches, evaluated plainly, item by item: the reference that the scanner is held against.
    #[must_use]
    pub fn matches_plainly(&self, id: RuleId, event: &Event) -> bool {
        match &self.get(id).body {
            Body::Detection(d) => {
                let mut room = Room::default();
                d.evaluate(&mut |p| self.pred(p).holds(event, &mut room))
            }
            Body::Correlation(_) => false,
        }
    }

    pub(crate) fn pred(&self, id: PredId) -> &Pred {
        &self.preds[id.0 as usize]
    }

    /// What can only be said of rules when all are read: those that no text finds.
    pub(crate) fn doubts(&self) -> Vec<Notice> {
        let slow = |rule: &&Rule| match &rule.body {
            Body::Detection(d) => !self.found_by_text(&d.condition, &d.selections),
            Body::Correlation(_) => false,
        };
        let notice = |rule: &Rule| Notice {
            code: Code::Slow,
            file: rule.file.clone(),
            line: rule.line,
            title: Some(rule.title.clone()),
            id: rule.id.clone(),
            params: Vec::new(),
        };
        self.rules.iter().filter(slow).map(notice).collect()
    }

    /// Whether whatever satisfies the condition holds a text that can be sought.
    fn found_by_text(&self, condition: &Condition, selections: &[Selection]) -> bool {
        match condition {
            Condition::And(all) => all.iter().any(|c| self.found_by_text(c, selections)),
            Condition::Or(all) => all.iter().all(|c| self.found_by_text(c, selections)),
            Condition::Not(_) => false,
            Condition::Selection(n) => self.expr_found(&selections[*n].expr),
            Condition::Of(wanted, all) => {
                let found = all.iter().filter(|n| self.expr_found(&selections[**n].expr)).count();
                found > all.len() - wanted
            }
        }
    }

    fn expr_found(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Pred(p) => match &self.pred(*p).test {
                Test::Text { pattern, .. } => pattern.as_literal().is_some() || required::of_pattern(pattern).is_some(),
                Test::Regex(regex) => required::of_regex(&regex.hir).is_some(),
                _ => false,
            },
            Expr::And(all) => all.iter().any(|e| self.expr_found(e)),
            Expr::Or(all) => all.iter().all(|e| self.expr_found(e)),
            Expr::Not(_) => false,
        }
    }
}
