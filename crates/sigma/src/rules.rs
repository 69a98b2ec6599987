//! The rule set: immutable, shared by threads.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::event::{Event, FieldId, Fields};
use crate::explain::{self, Explanation};
use crate::logsource::Logsource;
use crate::notice::Notice;
use crate::predicate::{Pred, PredId, Test};
use crate::rule::{Body, Rule, RuleId};
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
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.entry(rules).or_insert_with_key(|rules| Plan(Arc::new(Inner::new(self, rules)))).clone()
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
            Body::Detection(d) => d.evaluate(&mut |p| self.pred(p).holds(event)),
            Body::Correlation(_) => false,
        }
    }

    pub(crate) fn pred(&self, id: PredId) -> &Pred {
        &self.preds[id.0 as usize]
    }

    /// What can only be said of rules when all are read.
    pub(crate) fn doubts(&self) -> Vec<Notice> {
        Vec::new()
    }

    /// Fields that a detection reads, and whether it has keywords.
    fn reads(&self, id: RuleId, fields: &mut HashSet<FieldId>) -> bool {
        let Body::Detection(detection) = &self.get(id).body else { return false };
        let mut keywords = false;
        let filters = detection.filters.iter().flat_map(|f| &f.selections);
        for selection in detection.selections.iter().chain(filters) {
            self.expr_reads(&selection.expr, fields, &mut keywords);
        }
        keywords
    }

    fn expr_reads(&self, expr: &Expr, fields: &mut HashSet<FieldId>, keywords: &mut bool) {
        match expr {
            Expr::Pred(p) => {
                let pred = self.pred(*p);
                *keywords |= pred.field.is_none();
                fields.extend(pred.field);
                if let Test::FieldRef { other, .. } = pred.test {
                    fields.insert(other);
                }
            }
            Expr::And(all) | Expr::Or(all) => all.iter().for_each(|e| self.expr_reads(e, fields, keywords)),
            Expr::Not(e) => self.expr_reads(e, fields, keywords),
        }
    }
}

/// The rules for events of certain log sources, ready to be scanned with.
#[derive(Clone)]
pub struct Plan(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) rules: Box<[RuleId]>,
    reads: Box<[bool]>,
    keywords: bool,
}

impl Inner {
    fn new(rules: &Rules, ids: &[RuleId]) -> Self {
        let mut fields = HashSet::new();
        let mut keywords = false;
        for id in ids {
            keywords |= rules.reads(*id, &mut fields);
        }
        for rule in &rules.rules {
            if let Body::Correlation(c) = &rule.body {
                fields.extend(c.group_fields.iter().chain(&c.value_fields).flatten());
            }
        }
        let mut reads = vec![false; rules.fields.len()];
        fields.iter().for_each(|f| reads[f.0 as usize] = true);
        Self { rules: ids.into(), reads: reads.into(), keywords }
    }
}

impl Plan {
    /// The rules in it, ascending.
    #[must_use]
    pub fn rules(&self) -> &[RuleId] {
        &self.0.rules
    }

    /// Whether no rule is in it: such events need not be built.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.rules.is_empty()
    }

    /// Whether a rule or a correlation looks at this field; others may be left out if not [`Plan::reads_every_value`].
    #[must_use]
    pub fn reads(&self, field: FieldId) -> bool {
        self.0.reads.get(field.0 as usize).copied().unwrap_or(false)
    }

    /// Whether a rule has keywords, which look at every value.
    #[must_use]
    pub fn reads_every_value(&self) -> bool {
        self.0.keywords
    }
}
