//! Correlations over event time.
//!
//! Matches wait until the watermark (newest time less the lateness) has passed them, so any order within the lateness gives the same
//! result. Then they go, oldest first, into the windows of their groups ([`window`](crate::window)). What a correlation completes goes on to those that
//! refer to it. There is no clock: time is what events say.

use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::correlation::Correlation;
use crate::event::{Event, FieldId};
use crate::pattern::fold;
use crate::rule::{Body, RuleId};
use crate::rules::Rules;
use crate::window::{Entry, Group, Measure, Mode};

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

/// Fields of an event that correlations above its rule may ask for.
type Bag = Arc<[(FieldId, Box<str>)]>;

/// A match, or a correlation that held, on its way to those that it feeds.
#[derive(Clone)]
struct Occurrence {
    time: i64,
    seq: u64,
    position: u64,
    rule: RuleId,
    bag: Bag,
}
impl Occurrence {
    /// Earliest first in a heap that gives the greatest.
    fn order(&self) -> (std::cmp::Reverse<i64>, std::cmp::Reverse<u64>) {
        (std::cmp::Reverse(self.time), std::cmp::Reverse(self.seq))
    }
}
impl PartialEq for Occurrence {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}
impl Eq for Occurrence {}
impl PartialOrd for Occurrence {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Occurrence {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// A correlation, and its values folded, each ended by a byte that no text has.
type Key = (u32, Box<[u8]>);

/// Groups that one event with lists in its fields may belong to.
const GROUPS_OF_EVENT_MAX: usize = 16;

/// Keeps windows. One for a whole run: threads hand it what they found.
pub struct Correlator {
    rules: Arc<Rules>,
    limits: CorrelatorLimits,
    counters: Counters,
    /// By rule: the correlations that it feeds, and which of their rules it is.
    feeds: Vec<Vec<(RuleId, usize)>>,
    /// By rule: the fields that those above it ask for.
    needs: Vec<Box<[FieldId]>>,
    waiting: BinaryHeap<Occurrence>,
    seq: u64,
    newest: i64,
    /// Nothing before this is taken any more.
    settled: i64,
    groups: HashMap<Key, Group<Bag>>,
    /// When each group ends if nothing comes, in order.
    ends: BTreeSet<(i64, Key)>,
}

impl Correlator {
    /// Over these rules.
    #[must_use]
    pub fn new(rules: &Arc<Rules>, limits: CorrelatorLimits) -> Self {
        let mut feeds = vec![Vec::new(); rules.all().len()];
        for (at, rule) in rules.all().iter().enumerate() {
            if let Body::Correlation(c) = &rule.body {
                let id = RuleId(u32::try_from(at).expect("rules_max"));
                c.rules.iter().enumerate().for_each(|(place, of)| feeds[of.index()].push((id, place)));
            }
        }
        let needs = needs(rules, &feeds);
        Self {
            rules: rules.clone(),
            limits,
            counters: Counters::default(),
            feeds,
            needs,
            waiting: BinaryHeap::new(),
            seq: 0,
            newest: i64::MIN,
            settled: i64::MIN,
            groups: HashMap::new(),
            ends: BTreeSet::new(),
        }
    }

    /// Whether there is nothing to correlate: then nobody need feed it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.feeds.iter().all(Vec::is_empty)
    }

    /// Takes an event in. What it completes is appended, possibly later than its event was fed: when order is settled.
    pub fn feed(&mut self, seen: Seen<'_>, out: &mut Vec<Correlated>) {
        for rule in seen.matches {
            if self.feeds[rule.index()].is_empty() {
                continue;
            }
            if seen.time_ms < self.settled {
                self.counters.late += 1;
                continue;
            }
            self.counters.taken += 1;
            self.seq += 1;
            let bag = bag(seen.event, &self.needs[rule.index()]);
            let (time, position) = (seen.time_ms, seen.position);
            self.waiting.push(Occurrence { time, seq: self.seq, position, rule: *rule, bag });
        }
        self.newest = self.newest.max(seen.time_ms);
        let watermark = self.newest.saturating_sub(self.limits.lateness_ms);
        self.settle(watermark, out);
        while self.waiting.len() > self.limits.pending_max {
            self.counters.hurried += 1;
            let time = self.waiting.peek().map_or(watermark, |o| o.time);
            self.settle(time, out);
        }
    }

    /// No event will come: what waits is settled, and windows that are judged at their end are judged.
    pub fn finish(&mut self, out: &mut Vec<Correlated>) {
        self.settle(i64::MAX, out);
        self.end_before(i64::MAX, out);
        self.counters.groups = 0;
        self.newest = i64::MIN;
        self.settled = i64::MIN;
    }

    /// What was left out.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters { groups: self.groups.len() as u64, ..self.counters }
    }

    /// Everything that waits up to this time, in order.
    fn settle(&mut self, until: i64, out: &mut Vec<Correlated>) {
        while let Some(next) = self.waiting.peek().filter(|o| o.time <= until) {
            let time = next.time;
            self.end_before(time, out);
            let occurrence = self.waiting.pop().expect("it was just seen");
            self.spread(VecDeque::from([occurrence]), out);
        }
        self.settled = self.settled.max(until.min(self.newest));
    }

    /// Ends windows whose time is over.
    fn end_before(&mut self, time: i64, out: &mut Vec<Correlated>) {
        while let Some((end, _)) = self.ends.first().filter(|(end, _)| *end < time) {
            let end = *end;
            let (_, key) = self.ends.pop_first().expect("it was just seen");
            let Some(mut group) = self.groups.remove(&key) else { continue };
            let id = RuleId(key.0);
            let Some(correlation) = correlation(&self.rules, id) else { continue };
            let measure = Measure::new(correlation);
            if measure.mode == Mode::AtEnd
                && let Some(figure) = measure.holds(&mut group)
                && let Some(bag) = group.bag.clone()
            {
                let done = self.completed(id, &group, figure, true, out);
                self.seq += 1;
                let occurrence = Occurrence { time: end, seq: self.seq, position: done, rule: id, bag };
                self.spread(VecDeque::from([occurrence]), out);
            }
        }
    }

    /// Gives occurrences to the correlations that they feed, and on.
    fn spread(&mut self, mut queue: VecDeque<Occurrence>, out: &mut Vec<Correlated>) {
        while let Some(occurrence) = queue.pop_front() {
            for at in 0..self.feeds[occurrence.rule.index()].len() {
                let (id, place) = self.feeds[occurrence.rule.index()][at];
                self.occur(id, place, &occurrence, &mut queue, out);
            }
        }
    }

    fn occur(
        &mut self,
        id: RuleId,
        place: usize,
        occurrence: &Occurrence,
        queue: &mut VecDeque<Occurrence>,
        out: &mut Vec<Correlated>,
    ) {
        let rules = self.rules.clone();
        let Some(correlation) = correlation(&rules, id) else { return };
        let measure = Measure::new(correlation);
        let Some(value) = measure.value(|n| values(&occurrence.bag, correlation.value_fields[place][n])) else {
            self.counters.valueless += 1;
            return;
        };
        let groups = groups(&occurrence.bag, &correlation.group_fields[place]);
        if groups.is_empty() {
            self.counters.ungrouped += 1;
            return;
        }
        for spelled in groups {
            let key = key(id, &spelled);
            let (time, seq, position) = (occurrence.time, occurrence.seq, occurrence.position);
            let entry = Entry { time, seq, position, place, value: value.clone() };
            let mut group = match self.groups.remove(&key) {
                Some(group) => {
                    self.ends.remove(&(group.end, key.clone()));
                    group
                }
                None => {
                    self.make_room();
                    Group::new(spelled)
                }
            };
            self.counters.window_evicted += measure.enter(&mut group, entry, self.limits.window_max);
            group.bag = Some(occurrence.bag.clone());
            if measure.mode == Mode::AtOnce {
                match measure.holds(&mut group) {
                    None => group.told = None,
                    Some(figure) => {
                        let tell = group.told.is_none_or(|t| time.saturating_sub(t) > correlation.timespan_ms);
                        if tell {
                            group.told = Some(time);
                        }
                        let position = self.completed(id, &group, figure, tell, out);
                        self.seq += 1;
                        let bag = occurrence.bag.clone();
                        queue.push_back(Occurrence { time, seq: self.seq, position, rule: id, bag });
                    }
                }
            }
            self.ends.insert((group.end, key.clone()));
            self.groups.insert(key, group);
        }
    }

    fn make_room(&mut self) {
        while self.groups.len() >= self.limits.groups_max.max(1) {
            let Some((_, key)) = self.ends.pop_first() else { return };
            self.groups.remove(&key);
            self.counters.groups_evicted += 1;
        }
    }

    /// Tells it if it is to be told; the position of its newest event.
    fn completed(&self, id: RuleId, group: &Group<Bag>, figure: f64, tell: bool, out: &mut Vec<Correlated>) -> u64 {
        let newest = group.window.back().map_or(0, |e| e.position);
        let rule = self.rules.get(id);
        let (Body::Correlation(correlation), true) = (&rule.body, tell && rule.alone) else { return newest };
        let from = group.window.len().saturating_sub(self.limits.cited_max);
        out.push(Correlated {
            rule: id,
            first_ms: group.window.front().map_or(0, |e| e.time),
            last_ms: group.window.back().map_or(0, |e| e.time),
            group: correlation.group_by.iter().cloned().zip(group.spelled.iter().map(ToString::to_string)).collect(),
            figure,
            events: group.window.len(),
            positions: group.window.iter().skip(from).map(|e| e.position).collect(),
        });
        newest
    }
}

fn correlation(rules: &Rules, id: RuleId) -> Option<&Correlation> {
    match &rules.get(id).body {
        Body::Correlation(c) => Some(c),
        Body::Detection(_) => None,
    }
}

/// By rule the fields of all correlations above it. References have no cycles, so this ends.
fn needs(rules: &Rules, feeds: &[Vec<(RuleId, usize)>]) -> Vec<Box<[FieldId]>> {
    let mut needs: Vec<HashSet<FieldId>> = vec![HashSet::new(); feeds.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for (rule, of) in feeds.iter().enumerate() {
            for (id, place) in of {
                let Some(c) = correlation(rules, *id) else { continue };
                let above: Vec<FieldId> = needs[id.index()].iter().copied().collect();
                let own = c.group_fields[*place].iter().chain(&c.value_fields[*place]).copied();
                for field in own.chain(above) {
                    changed |= needs[rule].insert(field);
                }
            }
        }
    }
    let sorted = |set: HashSet<FieldId>| {
        let mut all: Vec<FieldId> = set.into_iter().collect();
        all.sort_unstable();
        all.into_boxed_slice()
    };
    needs.into_iter().map(sorted).collect()
}

fn bag(event: &Event, needs: &[FieldId]) -> Bag {
    let mut room = String::new();
    let mut all: Vec<(FieldId, Box<str>)> = Vec::new();
    for field in needs {
        for value in event.values(*field) {
            if let Some(text) = value.text(&mut room) {
                all.push((*field, text.into()));
            }
        }
    }
    all.into()
}

fn values(bag: &Bag, field: FieldId) -> impl Iterator<Item = &str> {
    bag.iter().filter(move |(f, _)| *f == field).map(|(_, v)| v.as_ref())
}

/// Every choice of a value for each field; none if a field has none.
fn groups(bag: &Bag, fields: &[FieldId]) -> Vec<Box<[Box<str>]>> {
    let mut out: Vec<Vec<Box<str>>> = vec![Vec::new()];
    for field in fields {
        let choices: Vec<&str> = values(bag, *field).collect();
        let longer = |g: &Vec<Box<str>>, v: &str| g.iter().cloned().chain([v.into()]).collect();
        out = out.iter().flat_map(|g| choices.iter().map(move |v| longer(g, v))).take(GROUPS_OF_EVENT_MAX).collect();
    }
    out.into_iter().map(Vec::into_boxed_slice).collect()
}

fn key(id: RuleId, spelled: &[Box<str>]) -> Key {
    let mut bytes = Vec::new();
    let mut folded = String::new();
    for value in spelled {
        folded.clear();
        fold(value, &mut folded);
        bytes.extend_from_slice(folded.as_bytes());
        bytes.push(0xff);
    }
    (id.0, bytes.into())
}
