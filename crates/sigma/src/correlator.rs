//! Correlations over event time.

use std::sync::Arc;

use crate::event::Event;
use crate::rule::RuleId;
use crate::rules::Rules;

/// What correlations keep at most, and how long they wait.
#[derive(Clone, Debug)]
pub struct CorrelatorLimits {
    /// How far an event may be behind the newest one, in milliseconds; within it any order gives the same result.
    pub lateness_ms: i64,
    /// Matches that wait for order; beyond it the oldest go on, and events behind them are late.
    pub pending_max: usize,
    /// Groups of all correlations together; beyond it the one that was silent longest is forgotten.
    pub groups_max: usize,
    /// Matches in one group's window; beyond it the oldest is forgotten.
    pub window_max: usize,
    /// Positions that a result cites.
    pub cited_max: usize,
}
impl Default for CorrelatorLimits {
    fn default() -> Self {
        Self { lateness_ms: 60_000, pending_max: 200_000, groups_max: 1_000_000, window_max: 10_000, cited_max: 64 }
    }
}

/// An event that matched something.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'e> {
    /// Milliseconds since 1970 UTC, by the event.
    pub time_ms: i64,
    /// Where it lies, in the reader's own counting: results cite it.
    pub position: u64,
    /// The event.
    pub event: &'e Event,
    /// What [`Scanner::scan`](crate::Scanner::scan) said.
    pub matches: &'e [RuleId],
}

/// A correlation that holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Correlated {
    /// Which.
    pub rule: RuleId,
    /// Time of the first event of the window, in milliseconds since 1970 UTC.
    pub first_ms: i64,
    /// Time of the last.
    pub last_ms: i64,
    /// Names of `group-by` with their values, as first spelled.
    pub group: Vec<(String, String)>,
    /// The count, sum, average, percentile or number of rules that the condition was asked of.
    pub figure: f64,
    /// Events in the window.
    pub events: usize,
    /// Positions of the newest events in the window, ascending by time; at most `cited_max`.
    pub positions: Vec<u64>,
}

/// What was not taken into account, and why: never silent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Matches that were taken in, per correlation that they feed.
    pub taken: u64,
    /// Behind the watermark: left out.
    pub late: u64,
    /// Went on before their time because too many waited.
    pub hurried: u64,
    /// Without a field of `group-by`: left out.
    pub ungrouped: u64,
    /// Without a (numeric) value of the condition's field: left out.
    pub valueless: u64,
    /// Groups forgotten for want of room.
    pub groups_evicted: u64,
    /// Matches forgotten because a window was full.
    pub window_evicted: u64,
    /// Groups now.
    pub groups: u64,
}

/// Keeps windows. One for a whole run: threads hand it what they found.
pub struct Correlator {
    rules: Arc<Rules>,
    limits: CorrelatorLimits,
    counters: Counters,
}
impl Correlator {
    /// Over these rules.
    #[must_use]
    pub fn new(rules: &Arc<Rules>, limits: CorrelatorLimits) -> Self {
        Self { rules: rules.clone(), limits, counters: Counters::default() }
    }
    /// Takes an event in. What it completes is appended, possibly later than its event was fed: when order is settled.
    pub fn feed(&mut self, seen: Seen<'_>, out: &mut Vec<Correlated>) {
        let _ = (&self.rules, &self.limits, seen, out);
    }
    /// No event will come: what waits is settled.
    pub fn finish(&mut self, out: &mut Vec<Correlated>) {
        let _ = out;
    }
    /// What was left out.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }
}
