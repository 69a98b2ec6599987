//! The window of one group: what is in it, and what a condition is asked of.
//!
//! A condition that more events can only make true (`gt`, `gte` of counts and sums, all rules of a temporal type) is asked *at once*, over the
//! timespan that ends with each event: the window slides. One that more events can make false (`lt`, `lte`, `eq`, `neq`, ranges; averages and
//! percentiles; expressions with `not`) is asked *at the end* of a window that the group's first event opens; the next event opens the next one.

use std::collections::{HashMap, VecDeque};

use crate::condition::Condition;
use crate::correlation::{Bound, Compare, Correlation, CorrelationKind};
use crate::event::number;
use crate::pattern::fold;

/// When a condition is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    AtOnce,
    AtEnd,
}

/// What of an event counts.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Counted {
    Nothing,
    Text(Box<str>),
    Number(f64),
}

/// A match in a window.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Entry {
    pub(crate) time: i64,
    pub(crate) seq: u64,
    pub(crate) position: u64,
    pub(crate) place: usize,
    pub(crate) value: Counted,
}

/// One group of one correlation.
pub(crate) struct Group<B> {
    pub(crate) spelled: Box<[Box<str>]>,
    pub(crate) window: VecDeque<Entry>,
    /// How often each text is in the window.
    texts: HashMap<Box<str>, usize>,
    /// How often each rule is in the window, by its place.
    places: Vec<usize>,
    /// Of each length of an ordered chain the latest start, and the event that ended it.
    chains: Vec<Option<(i64, u64)>>,
    /// When it was last told, while it holds.
    pub(crate) told: Option<i64>,
    /// When it ends if nothing comes.
    pub(crate) end: i64,
    /// Fields of its newest event.
    pub(crate) bag: Option<B>,
}
impl<B> Group<B> {
    pub(crate) fn new(spelled: Box<[Box<str>]>) -> Self {
        Self {
            spelled,
            window: VecDeque::new(),
            texts: HashMap::new(),
            places: Vec::new(),
            chains: Vec::new(),
            told: None,
            end: i64::MIN,
            bag: None,
        }
    }

    fn drop_oldest(&mut self) {
        let Some(old) = self.window.pop_front() else { return };
        self.places[old.place] -= 1;
        if let Counted::Text(text) = &old.value
            && let Some(count) = self.texts.get_mut(text)
        {
            *count -= 1;
            if *count == 0 {
                self.texts.remove(text);
            }
        }
    }
}

/// Largest window that a large bound can ask for.
const WINDOW_HARD_MAX: usize = 1_000_000;
/// Most rules of an ordered correlation with an expression: its subsets are tried.
pub(crate) const ORDERED_EXPRESSION_MAX: usize = 12;

/// How a correlation measures.
pub(crate) struct Measure<'c> {
    of: &'c Correlation,
    pub(crate) mode: Mode,
}

impl<'c> Measure<'c> {
    pub(crate) fn new(of: &'c Correlation) -> Self {
        let falls = |b: &Bound| !matches!(b.compare, Compare::Gt | Compare::Gte);
        let wavers = matches!(of.kind, CorrelationKind::ValueAvg | CorrelationKind::ValuePercentile);
        let at_end = wavers || of.bounds.iter().any(falls) || of.expression.as_ref().is_some_and(negates);
        Self { of, mode: if at_end { Mode::AtEnd } else { Mode::AtOnce } }
    }

    /// What counts of an event, given the values of the condition's fields. None: the event does not count.
    pub(crate) fn value<'v, I: Iterator<Item = &'v str>>(&self, values: impl Fn(usize) -> I) -> Option<Counted> {
        match self.of.kind {
            CorrelationKind::EventCount | CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => {
                Some(Counted::Nothing)
            }
            CorrelationKind::ValueCount => self.text(values),
            CorrelationKind::ValuePercentile if self.of.percentile.is_none() => self.text(values),
            _ => values(0).find_map(number).filter(|n| n.is_finite()).map(Counted::Number),
        }
    }

    /// The values of all fields as one; in any case of letters.
    fn text<'v, I: Iterator<Item = &'v str>>(&self, values: impl Fn(usize) -> I) -> Option<Counted> {
        let fields = self.of.value_fields.first().map_or(0, Vec::len);
        let mut joined = String::new();
        for n in 0..fields {
            fold(values(n).next()?, &mut joined);
            joined.push('\u{1f}');
        }
        Some(Counted::Text(joined.into()))
    }

    /// Takes an entry in and lets go what its time has left behind; how many went for want of room.
    pub(crate) fn enter<B>(&self, group: &mut Group<B>, entry: Entry, window_max: usize) -> u64 {
        let span = self.of.timespan_ms;
        let time = entry.time;
        if self.mode == Mode::AtOnce {
            while group.window.front().is_some_and(|e| time.saturating_sub(e.time) > span) {
                group.drop_oldest();
            }
            group.end = time.saturating_add(span);
        } else if group.window.is_empty() {
            group.end = time.saturating_add(span);
        }
        let asked = self.of.bounds.iter().map(|b| b.value.abs()).fold(0.0, f64::max);
        let counts = matches!(self.of.kind, CorrelationKind::EventCount | CorrelationKind::ValueCount);
        let asked = if counts { (asked.min(WINDOW_HARD_MAX as f64) as usize).saturating_add(2) } else { 0 };
        let max = window_max.max(asked).max(1);
        let mut evicted = 0;
        while group.window.len() >= max {
            group.drop_oldest();
            evicted += 1;
        }
        group.places.resize(self.of.rules.len(), 0);
        group.places[entry.place] += 1;
        if let Counted::Text(text) = &entry.value {
            *group.texts.entry(text.clone()).or_insert(0) += 1;
        }
        if self.of.kind == CorrelationKind::TemporalOrdered {
            chain(&mut group.chains, self.of.rules.len(), &entry, span);
        }
        group.window.push_back(entry);
        evicted
    }

    /// The figure, if the condition holds of it.
    pub(crate) fn holds<B>(&self, group: &mut Group<B>) -> Option<f64> {
        if group.window.is_empty() {
            return None;
        }
        if let Some(expression) = &self.of.expression {
            let present = group.places.iter().filter(|n| **n > 0).count() as f64;
            return self.expression(expression, group).then_some(present);
        }
        let figures = self.figures(group);
        let temporal = matches!(self.of.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
        let all = [Bound { compare: Compare::Gte, value: self.of.rules.len() as f64 }];
        let bounds = if temporal && self.of.bounds.is_empty() { &all[..] } else { &self.of.bounds };
        figures.into_iter().find(|figure| bounds.iter().all(|b| b.holds(*figure)))
    }

    /// The figures that the condition may be true of: one, but for the share of values.
    fn figures<B>(&self, group: &Group<B>) -> Vec<f64> {
        let numbers = || {
            group.window.iter().filter_map(|e| match e.value {
                Counted::Number(n) => Some(n),
                _ => None,
            })
        };
        let count = group.window.len() as f64;
        let one = match self.of.kind {
            CorrelationKind::EventCount => count,
            CorrelationKind::ValueCount => group.texts.len() as f64,
            CorrelationKind::Temporal => group.places.iter().filter(|n| **n > 0).count() as f64,
            CorrelationKind::TemporalOrdered => {
                let newest = group.window.back().map_or(0, |e| e.time);
                let within = |c: &Option<(i64, u64)>| {
                    c.is_some_and(|(start, _)| newest.saturating_sub(start) <= self.of.timespan_ms)
                };
                group.chains.iter().rposition(within).map_or(0.0, |at| (at + 1) as f64)
            }
            CorrelationKind::ValueSum => numbers().sum(),
            CorrelationKind::ValueAvg => numbers().sum::<f64>() / count,
            CorrelationKind::ValuePercentile => match self.of.percentile {
                Some(p) => percentile(numbers().collect(), p),
                None => {
                    let mut shares: Vec<f64> = group.texts.values().map(|n| *n as f64 * 100.0 / count).collect();
                    shares.sort_by(f64::total_cmp);
                    return shares;
                }
            },
        };
        vec![one]
    }

    fn expression<B>(&self, expression: &Condition, group: &Group<B>) -> bool {
        let there: Vec<bool> = group.places.iter().map(|n| *n > 0).collect();
        if self.of.kind == CorrelationKind::Temporal {
            return expression.evaluate(&mut |place| there[place]);
        }
        // Some of the rules that are there, in their order, must satisfy it; with `not`, all that are there.
        let rules = there.len().min(ORDERED_EXPRESSION_MAX);
        let all: u32 = (0..rules).filter(|p| there[*p]).fold(0, |m, p| m | 1 << p);
        let subsets: Box<dyn Iterator<Item = u32>> = if negates(expression) {
            Box::new([all].into_iter())
        } else {
            Box::new((1..1u32 << rules).filter(move |m| m & !all == 0))
        };
        let mut subsets = subsets;
        subsets.any(|mask| expression.evaluate(&mut |p| mask >> p & 1 == 1) && in_order(group.window.iter(), mask))
    }
}

fn negates(condition: &Condition) -> bool {
    match condition {
        Condition::Not(_) => true,
        Condition::And(all) | Condition::Or(all) => all.iter().any(negates),
        Condition::Selection(_) | Condition::Of(..) => false,
    }
}

/// Whether the rules of the mask are there one after the other, by different events.
fn in_order<'e>(window: impl Iterator<Item = &'e Entry>, mut mask: u32) -> bool {
    let mut last = None;
    for entry in window {
        if mask != 0 && entry.place as u32 == mask.trailing_zeros() && last != Some(entry.position) {
            mask &= mask - 1;
            last = Some(entry.position);
        }
    }
    mask == 0
}

/// For each length of a chain its latest start. One event is one link; links may have the same time.
fn chain(chains: &mut Vec<Option<(i64, u64)>>, rules: usize, entry: &Entry, span: i64) {
    chains.resize(rules, None);
    let before = match entry.place {
        0 => Some(entry.time),
        n => chains[n - 1].filter(|(_, ended)| *ended != entry.position).map(|(start, _)| start),
    };
    let Some(start) = before.filter(|s| entry.time.saturating_sub(*s) <= span) else { return };
    let slot = &mut chains[entry.place];
    if slot.is_none_or(|(old, _)| old <= start) {
        *slot = Some((start, entry.position));
    }
}

/// By nearest rank.
fn percentile(mut numbers: Vec<f64>, p: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let rank = (p / 100.0 * numbers.len() as f64).ceil() as usize;
    numbers.get(rank.clamp(1, numbers.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
}
