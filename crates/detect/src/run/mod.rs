//! Rules over logs: files are opened, events read, named and matched; what matched becomes alerts.
//!
//! Reading order: `rules` (folders of rules), here (one worker and one event), `files` (what lies under a path, chunks in
//! parallel), `collect` (correlations, equal alerts together, counts), `mask` (what of a value may be shown).
//!
//! An event is matched by the worker that read it, without an order between workers; what matched is then taken in the
//! order of its log, so that correlations and the output do not depend on how many workers there are.

mod collect;
mod files;
mod mask;
mod rules;

pub use collect::{AlertsMax, Found, Summary};
pub use files::{Counts, FILES_MAX, FOLDERS_MAX, LogGap, Outcome};
pub use mask::masked;
pub use rules::{Loaded, RULE_BYTES_MAX, RULE_FILES_MAX, RuleText, load};

use crate::event::{Event, Kind};
use crate::logs::Clock;
use crate::mappings::Mappings;
use evidence::{Alert, Digest};
use sigma::{FieldId, Level, Plan, RuleId, Rules, Scanner, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// What is looked for, and in which span of time.
pub struct Order<'a> {
    /// The rules.
    pub rules: &'a Loaded,
    /// How events are named.
    pub mappings: &'a Mappings,
    /// How times without a zone or year are read.
    pub clock: Clock,
    /// Events before are not looked at, in milliseconds since 1970.
    pub from: Option<i64>,
    /// Events at or after are not looked at.
    pub to: Option<i64>,
    /// Matches of lesser rules are left out.
    pub level: Option<Level>,
    /// How many chunks are read at once.
    pub workers: usize,
    /// At the end of a file of lines, wait for more until stopped.
    pub follow: bool,
    /// One event or one alert is asked about instead.
    pub question: Option<Question>,
}

/// What is asked about.
#[derive(Clone, Debug)]
pub enum Question {
    /// Why an alert was raised: the first digits of its id.
    Alert(String),
    /// Why a rule does or does not match the event of a number.
    WhyNot(RuleId, u64),
}

/// The answer to a [`Question`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which rule.
    pub rule: RuleId,
    /// Which event.
    pub position: crate::event::Position,
    /// The log sources that the event belongs to.
    pub logsources: Vec<String>,
    /// Whether the rule looks at events of these log sources at all.
    pub looked_at: bool,
    /// Selections, items and values; values are masked.
    pub explanation: Option<sigma::Explanation>,
}

/// One event that matched something.
pub(crate) struct Matched {
    pub(crate) found: Vec<Found>,
    /// For correlations, if there are any.
    pub(crate) seen: Option<(sigma::Event, Vec<RuleId>)>,
    pub(crate) time: i64,
    pub(crate) number: u64,
}

/// Reads names, finds plans, matches. One a thread.
pub(crate) struct Worker<'a> {
    order: &'a Order<'a>,
    rules: Arc<Rules>,
    scanner: Scanner,
    event: sigma::Event,
    sources: Vec<usize>,
    plans: HashMap<Vec<usize>, Plan>,
    fields: HashMap<Box<str>, FieldId>,
    pub(crate) counts: Counts,
    pub(crate) answer: Option<Answer>,
    correlations: bool,
}

/// Names that a worker remembers; logs with more (keys made of values) are asked about anew.
const NAMES_MAX: usize = 65_536;
/// Longest value in an alert, in characters.
const VALUE_CHARS_MAX: usize = 512;
/// Most fields of an alert.
const ALERT_FIELDS_MAX: usize = 24;

impl<'a> Worker<'a> {
    pub(crate) fn new(order: &'a Order<'a>) -> Self {
        let rules = Arc::clone(&order.rules.rules);
        let correlations = rules.all().iter().any(|r| matches!(r.body, sigma::Body::Correlation(_)));
        Self {
            order,
            scanner: Scanner::new(&rules),
            rules,
            event: sigma::Event::new(),
            sources: Vec::new(),
            plans: HashMap::new(),
            fields: HashMap::new(),
            counts: Counts::default(),
            answer: None,
            correlations,
        }
    }

    /// Takes one event; what it matched, if it did.
    pub(crate) fn event(&mut self, event: &mut Event, form: &str, log: &Arc<str>) -> Option<Matched> {
        let order = self.order;
        self.counts.events += 1;
        self.counts.cut += u64::from(event.cut);
        order.mappings.apply(event, form, order.clock, &mut self.sources);
        self.counts.unzoned += u64::from(event.time.is_some() && !event.zoned);
        if let Some(at) = event.time {
            if order.from.is_some_and(|from| at < from) || order.to.is_some_and(|to| at >= to) {
                self.counts.outside += 1;
                return None;
            }
            let (first, last) = self.counts.span.unwrap_or((at, at));
            self.counts.span = Some((first.min(at), last.max(at)));
        } else {
            self.counts.untimed += 1;
        }
        if self.sources.is_empty() {
            self.counts.unmapped += 1;
        }
        let plan = self.plan();
        let asked = matches!(order.question, Some(Question::WhyNot(_, number)) if number == event.position.number);
        if plan.is_empty() && !asked {
            return None;
        }
        self.translate(event, &plan, asked);
        if let (Some(Question::WhyNot(rule, _)), true) = (&order.question, asked) {
            self.answer = Some(self.explained(*rule, event, &plan));
            return None;
        }
        let ids: Vec<RuleId> = self.scanner.scan(&plan, &self.event).to_vec();
        if ids.is_empty() {
            return None;
        }
        let shown = |id: &&RuleId| {
            let rule = self.rules.get(**id);
            rule.alone && order.level.is_none_or(|least| rule.level.is_some_and(|l| l >= least))
        };
        let found: Vec<Found> = ids.iter().filter(shown).map(|id| self.found(*id, event, log)).collect();
        if let Some(Question::Alert(digits)) = &order.question {
            let asked = found.iter().find(|f| f.id.to_string().contains(digits.as_str()));
            if let Some(rule) = asked.map(|f| f.rule) {
                self.answer = Some(self.explained(rule, event, &plan));
            }
            return None;
        }
        let time = event.time.unwrap_or_default();
        let seen = (self.correlations && event.time.is_some()).then(|| (self.event.clone(), ids.clone()));
        Some(Matched { found, seen, time, number: event.position.number })
    }

    fn plan(&mut self) -> Plan {
        if let Some(plan) = self.plans.get(&self.sources) {
            return plan.clone();
        }
        let of = |at: &usize| self.order.mappings.logsource(*at).cloned();
        let sources: Vec<_> = self.sources.iter().filter_map(of).collect();
        let plan = self.rules.plan(&sources);
        self.plans.insert(self.sources.clone(), plan.clone());
        plan
    }

    /// The event as rules see it.
    fn translate(&mut self, event: &Event, plan: &Plan, whole: bool) {
        self.event.clear();
        let every = plan.reads_every_value() || whole;
        for (name, value, kind) in event.iter() {
            let field = match self.fields.get(name) {
                Some(field) => *field,
                None => {
                    let field = self.rules.field(name);
                    if self.fields.len() < NAMES_MAX {
                        self.fields.insert(name.into(), field);
                    }
                    field
                }
            };
            if every || plan.reads(field) {
                let value = match kind {
                    Kind::Null => Value::Null,
                    Kind::Bool => Value::Bool(value == "true"),
                    Kind::Number => value.parse().map_or(Value::Text(value), Value::Int),
                    Kind::Text => Value::Text(value),
                };
                self.event.push(field, value);
            }
        }
    }

    fn found(&self, rule: RuleId, event: &Event, log: &Arc<str>) -> Found {
        let told = self.rules.get(rule);
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: &str| {
            if fields.len() < ALERT_FIELDS_MAX && !fields.iter().any(|(n, _)| n == name) {
                fields.push((name.to_owned(), masked(name, &cut(value))));
            }
        };
        let explained = self.rules.explain(rule, &self.event);
        let parts = explained.iter().flat_map(|e| &e.parts).filter(|p| p.holds && p.filter.is_none());
        for (name, value) in parts.flat_map(|p| &p.reasons).filter_map(|r| r.found.as_ref()) {
            add(name, value);
        }
        for name in &told.fields {
            if let Some(value) = event.get(name) {
                add(name, value);
            }
        }
        let digest = self.order.rules.digest(rule);
        let at = if event.position.offset > 0 { event.position.offset } else { event.position.number };
        Found {
            id: Alert::id_of(&digest, log, at),
            rule,
            time: event.time,
            log: Arc::clone(log),
            position: event.position,
            host: self.order.mappings.host(event).map(str::to_owned),
            fields,
            count: 1,
            last: event.time,
            correlated: None,
        }
    }

    fn explained(&self, rule: RuleId, event: &Event, plan: &Plan) -> Answer {
        let mut explanation = self.rules.explain(rule, &self.event);
        for reason in explanation.iter_mut().flat_map(|e| &mut e.parts).flat_map(|p| &mut p.reasons) {
            if let Some((name, value)) = &mut reason.found {
                *value = masked(name, &cut(value));
            }
        }
        let of = |at: &usize| self.order.mappings.logsource(*at).map(ToString::to_string);
        Answer {
            rule,
            position: event.position,
            logsources: self.sources.iter().filter_map(of).collect(),
            looked_at: plan.rules().contains(&rule),
            explanation,
        }
    }
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(VALUE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// The digest of a rule: of its file's text and the line it begins at.
pub(crate) fn digest_of(text: &Digest, line: usize) -> Digest {
    Digest::of(format!("sigma-rule\n{text}\n{line}").as_bytes())
}
