//! What matched, taken in order: correlations are fed, equal alerts put together, everything counted.

use super::{Matched, Order};
use crate::event::Position;
use evidence::{Alert, Digest, Masked, Origin, ScenarioId, Severity, Time};
use sigma::{Correlated, Correlator, CorrelatorLimits, Counters, Level, RuleId, Seen};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Most different alerts of a run; later ones are counted by rule and not kept.
#[derive(Clone, Copy, Debug)]
pub struct AlertsMax(pub usize);
impl Default for AlertsMax {
    fn default() -> Self {
        Self(100_000)
    }
}

/// A rule that matched an event, or several equal ones.
#[derive(Clone, Debug)]
pub struct Found {
    /// The id of the alert: the same event under the same rule is the same alert.
    pub id: Digest,
    /// Which rule.
    pub rule: RuleId,
    /// When, in milliseconds since 1970, by the log.
    pub time: Option<i64>,
    /// Which log.
    pub log: Arc<str>,
    /// Where in it.
    pub position: Position,
    /// The host that the event names.
    pub host: Option<String>,
    /// What matched, masked.
    pub fields: Vec<(String, String)>,
    /// How many equal ones there were.
    pub count: u64,
    /// When the last of them was.
    pub last: Option<i64>,
    /// Of a correlation: the events of the window, and the figure that its condition was asked of.
    pub correlated: Option<(usize, f64)>,
}

impl Found {
    /// The record.
    #[must_use]
    pub fn alert(&self, order: &Order<'_>, origin: Origin) -> Alert {
        let rule = order.rules.rules.get(self.rule);
        // A rule that names a scenario of the plan says so in a tag of its own.
        let scenario = rule.tags.iter().find_map(|t| t.strip_prefix("watchfire.scenario.")).unwrap_or("unassigned");
        let masked = |(name, value): &(String, String)| {
            (name.clone(), Masked::keep(value, value.chars().count() / 6, value.chars().count() / 6))
        };
        Alert {
            id: self.id,
            observed_at: Time::from_millis(self.time.unwrap_or_default()),
            origin,
            actor: None,
            scenario: ScenarioId::new(scenario),
            severity: severity(rule.level),
            fields: self.fields.iter().map(masked).collect(),
        }
    }
}

/// A level of Sigma as a severity; what is for enrichment only is low.
#[must_use]
pub(crate) fn severity(level: Option<Level>) -> Severity {
    match level {
        Some(Level::Critical) => Severity::Critical,
        Some(Level::High) => Severity::High,
        Some(Level::Medium) => Severity::Medium,
        _ => Severity::Low,
    }
}

/// What a run came to.
#[derive(Clone, Default, Debug)]
pub struct Summary {
    /// Matches by rule, also of those that were put together or not kept.
    pub by_rule: BTreeMap<usize, u64>,
    /// Matches by host.
    pub by_host: BTreeMap<String, u64>,
    /// Matches by hour, in hours since 1970.
    pub by_hour: BTreeMap<i64, u64>,
    /// Matches that were not kept for want of room.
    pub unkept: u64,
    /// What correlations left out.
    pub correlations: Counters,
}

/// Most hosts and hours that are counted apart.
const GROUPS_MAX: usize = 10_000;

pub(super) struct Collector<'a> {
    order: &'a Order<'a>,
    correlator: Correlator,
    max: AlertsMax,
    pub(super) found: Vec<Found>,
    equal: HashMap<Digest, usize>,
    pub(super) summary: Summary,
    out: Vec<Correlated>,
    log: Arc<str>,
    /// Told of each new alert as it comes.
    take: &'a mut dyn FnMut(&Found),
}

impl<'a> Collector<'a> {
    pub(super) fn new(order: &'a Order<'a>, max: AlertsMax, take: &'a mut dyn FnMut(&Found)) -> Self {
        let correlator = Correlator::new(&order.rules.rules, CorrelatorLimits::default());
        Self {
            order,
            correlator,
            max,
            found: Vec::new(),
            equal: HashMap::new(),
            summary: Summary::default(),
            out: Vec::new(),
            log: Arc::from(""),
            take,
        }
    }

    pub(super) fn matched(&mut self, matched: Matched, log: &Arc<str>) {
        matched.found.into_iter().for_each(|f| self.add(f));
        if let Some((event, ids)) = &matched.seen {
            self.log = Arc::clone(log);
            let seen = Seen { time_ms: matched.time, position: matched.number, event, matches: ids };
            self.correlator.feed(seen, &mut self.out);
            self.correlated();
        }
    }

    pub(super) fn finish(mut self) -> (Vec<Found>, Summary) {
        self.correlator.finish(&mut self.out);
        self.correlated();
        self.summary.correlations = self.correlator.counters();
        (self.found, self.summary)
    }

    fn correlated(&mut self) {
        for c in std::mem::take(&mut self.out) {
            let rule = self.order.rules.rules.get(c.rule);
            if !rule.alone || self.order.level.is_some_and(|least| rule.level.is_none_or(|l| l < least)) {
                continue;
            }
            let group: Vec<String> = c.group.iter().map(|(n, v)| format!("{n}={v}")).collect();
            let source = format!("{}\n{}", self.log, group.join("\n"));
            let found = Found {
                id: Alert::id_of(&self.order.rules.digest(c.rule), &source, c.last_ms.unsigned_abs()),
                rule: c.rule,
                time: Some(c.first_ms),
                log: Arc::clone(&self.log),
                position: Position { number: c.positions.last().copied().unwrap_or_default(), offset: 0 },
                host: None,
                fields: c.group.iter().map(|(n, v)| (n.clone(), super::masked(n, v))).collect(),
                count: 1,
                last: Some(c.last_ms),
                correlated: Some((c.events, c.figure)),
            };
            self.add(found);
        }
    }

    fn add(&mut self, found: Found) {
        let s = &mut self.summary;
        *s.by_rule.entry(found.rule.index()).or_default() += 1;
        if let Some(host) = &found.host
            && (s.by_host.len() < GROUPS_MAX || s.by_host.contains_key(host))
        {
            *s.by_host.entry(host.clone()).or_default() += 1;
        }
        if let Some(hour) = found.time.map(|t| t.div_euclid(3_600_000))
            && (s.by_hour.len() < GROUPS_MAX || s.by_hour.contains_key(&hour))
        {
            *s.by_hour.entry(hour).or_default() += 1;
        }
        let key = key(&found);
        if let Some(at) = self.equal.get(&key) {
            let same = &mut self.found[*at];
            same.count += 1;
            same.last = same.last.max(found.last);
        } else if self.found.len() >= self.max.0 {
            s.unkept += 1;
        } else {
            (self.take)(&found);
            self.equal.insert(key, self.found.len());
            self.found.push(found);
        }
    }
}

/// Alerts of one rule on one host that show the same are equal.
fn key(found: &Found) -> Digest {
    let mut text = format!("{}\n{}", found.rule.index(), found.host.as_deref().unwrap_or_default());
    for (name, value) in &found.fields {
        text.push('\n');
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    if found.fields.is_empty() || found.correlated.is_some() {
        text.push_str(&found.id.to_string());
    }
    Digest::of(text.as_bytes())
}
