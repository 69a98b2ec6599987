//! A range of levels in each regime: what is certain, what is possible, what the plan proposes.

use super::fold::Folded;
use crate::choose::doubt;
use evidence::{Answered, Doubt, Grade, Happening, LevelId, Met, Say, Time};
use plan::{CheckedPlan, Criterion, DimensionKind, Form, IncidentLevel, Measured};
use std::collections::{BTreeMap, BTreeSet};

/// Most earlier states of knowledge that are looked back at.
const FELL_MAX: usize = 50;

/// What is known of one dimension.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fact {
    /// Bounds, inclusive.
    Number { least: i64, most: Option<i64> },
    /// A level's id, or `none`.
    Chosen(String),
}

/// What is known of an incident, as far as the plan can read it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) branches: BTreeSet<String>,
    pub(crate) facts: BTreeMap<String, Fact>,
}

impl Known {
    /// Reads the answers; what does not fit the plan is unknown, with a doubt.
    pub(crate) fn new(plan: &CheckedPlan, folded: &Folded<'_>, doubts: &mut Vec<Doubt>) -> Self {
        Self::read(plan, &folded.opened.branches, &folded.answers, doubts)
    }

    fn read(
        plan: &CheckedPlan,
        branches: &[String],
        answers: &BTreeMap<&str, &Answered>,
        doubts: &mut Vec<Doubt>,
    ) -> Self {
        let mut facts = BTreeMap::new();
        for (id, answer) in answers {
            let Some(dimension) = plan.dimensions().iter().find(|d| d.id == *id) else {
                doubts.push(doubt(Say::new("doubt.answer-dimension").with("dimension", id), None));
                continue;
            };
            let fact = match (answer, dimension.kind) {
                (Answered::Unknown, _) => continue,
                (Answered::Number { least, most }, DimensionKind::Number)
                    if most.is_none_or(|m| m >= 0 && m >= least.unwrap_or(0)) && least.is_none_or(|l| l >= 0) =>
                {
                    Some(Fact::Number { least: least.unwrap_or(0), most: *most })
                }
                (Answered::Chosen { value, .. }, kind) if fits(plan, id, kind, value) => {
                    Some(Fact::Chosen(value.clone()))
                }
                _ => None,
            };
            match fact {
                Some(fact) => {
                    facts.insert((*id).to_owned(), fact);
                }
                None => doubts.push(doubt(Say::new("doubt.answer-value").with("dimension", id), None)),
            }
        }
        Self { branches: branches.iter().cloned().collect(), facts }
    }

    /// What was known at an earlier instant.
    pub(crate) fn as_of(plan: &CheckedPlan, folded: &Folded<'_>, at: Time) -> Self {
        let mut answers = BTreeMap::new();
        for (_, e) in folded.entries.iter().filter(|e| e.1.stated_at <= at) {
            if let Happening::Answered { answers: said } = &e.what {
                answers.extend(said.iter().map(|(d, a)| (d.as_str(), a)));
            }
        }
        Self::read(plan, &folded.opened.branches, &answers, &mut Vec::new())
    }

    /// The level of the data, if somebody said it.
    pub(crate) fn data(&self, plan: &CheckedPlan) -> Option<LevelId> {
        let id = data_dimension(plan)?;
        match self.facts.get(id)? {
            Fact::Chosen(level) => Some(LevelId::new(level.clone())),
            Fact::Number { .. } => None,
        }
    }

    /// The same with one more fact.
    pub(crate) fn with(&self, dimension: &str, fact: Fact) -> Self {
        let mut more = self.clone();
        more.facts.insert(dimension.to_owned(), fact);
        more
    }

    fn applies(&self, c: &Criterion) -> bool {
        c.branch.is_empty() || self.branches.contains(&c.branch)
    }
}

/// Whether a chosen word is one that the dimension knows.
fn fits(plan: &CheckedPlan, id: &str, kind: DimensionKind, value: &str) -> bool {
    match kind {
        DimensionKind::Number => false,
        DimensionKind::DataLevel => plan.levels().iter().any(|l| l.id.as_str() == value),
        DimensionKind::Confirmation => plan.incident_levels().iter().any(|l| l.id == value),
        DimensionKind::Words => {
            let mut of = plan.incident_levels().iter().filter(|l| l.criteria.iter().any(|c| c.dimension == id));
            value == "none" || of.any(|l| l.id == value)
        }
    }
}

pub(crate) fn data_dimension(plan: &CheckedPlan) -> Option<&str> {
    plan.dimensions().iter().find(|d| d.kind == DimensionKind::DataLevel).map(|d| d.id.as_str())
}

/// Whether a criterion holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Holds {
    No,
    Maybe,
    Yes,
}

/// Levels of one regime, gravest first.
pub(crate) fn levels<'p>(plan: &'p CheckedPlan, regime: &str) -> Vec<&'p IncidentLevel> {
    plan.incident_levels().iter().filter(|l| l.regime == regime).collect()
}

/// A range by index into [`levels`]: smaller is graver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) proposed: Option<usize>,
}
impl Range {
    /// The gravest level that clocks and faces must reckon with already.
    pub(crate) fn reached(&self) -> usize {
        self.proposed.map_or(self.least, |p| p.min(self.least))
    }
}

/// Grades in every regime.
pub(crate) fn all(plan: &CheckedPlan, known: &Known, doubts: &mut Vec<Doubt>) -> Vec<Grade> {
    let mut out = Vec::new();
    for regime in plan.regimes() {
        let levels = levels(plan, &regime.id);
        let Some(range) = range(plan, known, &levels) else { continue };
        let name = |n: usize| levels.get(n).map_or_else(String::new, |l| l.id.clone());
        let met = met(plan, known, &levels);
        for m in met.iter().filter(|m| m.level == name(range.least)) {
            let criterion = levels.iter().flat_map(|l| &l.criteria).find(|c| c.id == m.criterion);
            if let Some(c) = criterion.filter(|c| c.sourced.is_unconfirmed()) {
                let say = Say::new("doubt.criterion-unconfirmed").with("criterion", &c.id);
                doubts.push(doubt(say.with("source", &c.sourced.source), None));
            }
        }
        out.push(Grade {
            regime: regime.id.clone(),
            at_least: name(range.least),
            at_most: name(range.most),
            proposed: range.proposed.map(name),
            met,
        });
    }
    out
}

/// Whether a form must be sealed at the level that was known at an instant: who learns later that it is graver did no wrong before.
/// What is proposed is reckoned with as if it were certain.
pub(crate) fn must_be_sealed(plan: &CheckedPlan, folded: &Folded<'_>, form: &Form, at: Time) -> bool {
    let known = Known::as_of(plan, folded, at);
    let levels = levels(plan, &form.regime);
    let reached = range(plan, &known, &levels).and_then(|r| levels.get(r.reached()));
    reached.is_some_and(|l| form.sealed_for.contains(&l.id))
}

/// Says where a level fell: what ran by the graver one may have been late, and is not shown any more.
pub(crate) fn fell(plan: &CheckedPlan, folded: &Folded<'_>, now: &Known, doubts: &mut Vec<Doubt>) {
    let answered: Vec<Time> = folded
        .entries
        .iter()
        .filter(|e| matches!(e.1.what, Happening::Answered { .. }))
        .map(|e| e.1.stated_at)
        .collect();
    // The newest state is `now` itself.
    let before = answered.iter().rev().skip(1).take(FELL_MAX).map(|at| Known::as_of(plan, folded, *at));
    let before: Vec<Known> = before.collect();
    for regime in plan.regimes() {
        let levels = levels(plan, &regime.id);
        let Some(range) = range(plan, now, &levels) else { continue };
        let gravest = before.iter().filter_map(|k| self::range(plan, k, &levels)).map(|r| r.least).min();
        if let Some(was) = gravest.filter(|g| *g < range.least) {
            let name = |n: usize| levels.get(n).map_or("", |l| l.id.as_str());
            let say = Say::new("doubt.level-fell").with("regime", &regime.id);
            doubts.push(doubt(say.with("before", name(was)).with("after", name(range.least)), None));
        }
    }
}

/// The range in one regime; `None` if it has no levels.
pub(crate) fn range(plan: &CheckedPlan, known: &Known, levels: &[&IncidentLevel]) -> Option<Range> {
    let floor = levels.len().checked_sub(1)?;
    // An unknown level of the data is each of them in turn: the hull holds whichever it proves to be.
    let possible: Vec<Option<u32>> = match known.data(plan) {
        Some(id) => vec![rank(plan, &id)],
        None if plan.levels().is_empty() => vec![None],
        None => plan.levels().iter().map(|l| Some(l.rank)).collect(),
    };
    let ranges = possible.into_iter().map(|data| with_data(plan, known, levels, floor, data));
    ranges.reduce(|a, b| Range {
        least: a.least.max(b.least),
        most: a.most.min(b.most),
        // Only what every possible level of the data proposes is proposed.
        proposed: a.proposed.and(b.proposed),
    })
}

fn rank(plan: &CheckedPlan, id: &LevelId) -> Option<u32> {
    plan.levels().iter().find(|l| &l.id == id).map(|l| l.rank)
}

fn with_data(plan: &CheckedPlan, known: &Known, levels: &[&IncidentLevel], floor: usize, data: Option<u32>) -> Range {
    let at = |want: Holds| {
        let holds = |l: &&IncidentLevel| level(plan, known, levels, l, data) >= want;
        levels.iter().position(holds).unwrap_or(floor)
    };
    let (least, most) = (at(Holds::Yes), at(Holds::Maybe));
    let mut range = Range { least, most: most.min(least), proposed: None };
    let Some(proposed) = undefined(plan, known, levels, data) else { return range };
    let confirmation = plan.dimensions().iter().find(|d| d.kind == DimensionKind::Confirmation);
    let confirmed = confirmation.and_then(|d| match known.facts.get(&d.id) {
        Some(Fact::Chosen(id)) => levels.iter().position(|l| &l.id == id),
        _ => None,
    });
    match confirmed {
        Some(level) => {
            range.least = range.least.min(level);
            range.most = range.most.min(level);
        }
        None if proposed < range.least => {
            range.proposed = Some(proposed);
            range.most = range.most.min(proposed);
        }
        None => {}
    }
    range
}

/// The gravest level whose words name this level of data, if the words that a person chose hold only because the data is graver than what the
/// text names beside them: the text leaves that case without a level.
fn undefined(plan: &CheckedPlan, known: &Known, levels: &[&IncidentLevel], data: Option<u32>) -> Option<usize> {
    let data = data?;
    let listed = |ids: &[LevelId]| ids.iter().any(|l| rank(plan, l) == Some(data));
    for (n, l) in levels.iter().enumerate() {
        for c in l.criteria.iter().filter(|c| known.applies(c)) {
            let Measured::Words { data: ids } = &c.measured else { continue };
            let held = !ids.is_empty() && criterion(plan, known, levels, n, c, Some(data)) == Holds::Yes;
            if !held {
                continue;
            }
            if listed(ids) {
                // The gravest level that holds is one that the text gives.
                return None;
            }
            let names = |c2: &Criterion| match &c2.measured {
                Measured::Words { data: ids } => c2.dimension == c.dimension && listed(ids),
                Measured::Bounds { .. } => false,
            };
            return levels.iter().position(|l| l.criteria.iter().any(names)).filter(|p| *p < n);
        }
    }
    None
}

/// A level holds if a criterion outside groups does, or a group has as many as it needs.
fn level(plan: &CheckedPlan, known: &Known, levels: &[&IncidentLevel], l: &IncidentLevel, data: Option<u32>) -> Holds {
    let at = levels.iter().position(|x| x.id == l.id).unwrap_or(0);
    let held: Vec<(&Criterion, Holds)> = l
        .criteria
        .iter()
        .map(|c| (c, if known.applies(c) { criterion(plan, known, levels, at, c, data) } else { Holds::No }))
        .collect();
    let required = |c: &Criterion| l.groups.iter().any(|g| g.requires.contains(&c.id));
    let alone = held.iter().filter(|(c, _)| c.group.is_empty() && !required(c)).map(|h| h.1);
    let groups = l.groups.iter().map(|g| {
        let enough = |want: Holds| {
            let members = held.iter().filter(|(c, h)| c.group == g.id && *h >= want).count();
            let rest = held.iter().filter(|(c, _)| g.requires.contains(&c.id)).all(|h| h.1 >= want);
            rest && members >= g.needs as usize
        };
        match (enough(Holds::Yes), enough(Holds::Maybe)) {
            (true, _) => Holds::Yes,
            (_, true) => Holds::Maybe,
            _ => Holds::No,
        }
    });
    alone.chain(groups).max().unwrap_or(Holds::No)
}

/// `at` is the index of the criterion's level; `data` the rank of the data's level, if the plan has levels of data.
fn criterion(
    plan: &CheckedPlan,
    known: &Known,
    levels: &[&IncidentLevel],
    at: usize,
    c: &Criterion,
    data: Option<u32>,
) -> Holds {
    let fact = known.facts.get(&c.dimension);
    match (&c.measured, fact) {
        (Measured::Bounds { min, .. }, fact) => {
            // "Below so much" holds of any known amount: the least level takes what no graver one does.
            let min = min.unwrap_or(1);
            match fact {
                Some(Fact::Number { least, .. }) if *least >= min => Holds::Yes,
                Some(Fact::Number { most: Some(most), .. }) if *most < min => Holds::No,
                _ => Holds::Maybe,
            }
        }
        (Measured::Words { data: ids }, fact) => {
            let named = ids.is_empty() || ids.iter().any(|l| rank(plan, l) <= data);
            match fact {
                _ if !named => Holds::No,
                Some(Fact::Chosen(word)) => match levels.iter().position(|l| &l.id == word) {
                    Some(chosen) if chosen <= at => Holds::Yes,
                    _ => Holds::No,
                },
                _ => Holds::Maybe,
            }
        }
    }
}

/// Criteria that certainly hold, gravest first, one a dimension.
fn met(plan: &CheckedPlan, known: &Known, levels: &[&IncidentLevel]) -> Vec<Met> {
    let mut out: Vec<Met> = Vec::new();
    let mut seen = BTreeSet::new();
    let lowest = plan.levels().first().map(|l| l.rank);
    let data = known.data(plan).map_or(lowest, |id| rank(plan, &id));
    for (n, l) in levels.iter().enumerate() {
        for c in l.criteria.iter().filter(|c| known.applies(c)) {
            let holds = criterion(plan, known, levels, n, c, data) == Holds::Yes;
            // Members of a group are named one by one: each is a part of what makes the level.
            let key = if c.group.is_empty() { c.dimension.clone() } else { c.id.clone() };
            if holds && seen.insert(key) {
                let value = known.facts.get(&c.dimension).map_or_else(String::new, told);
                out.push(Met { criterion: c.id.clone(), level: l.id.clone(), value });
            }
        }
    }
    out
}

/// A fact in one word: `1200000`, `>=100`, `5..9`, `II`.
fn told(fact: &Fact) -> String {
    match fact {
        Fact::Number { least, most: Some(most) } if least == most => least.to_string(),
        Fact::Number { least, most: Some(most) } => format!("{least}..{most}"),
        Fact::Number { least, most: None } => format!(">={least}"),
        Fact::Chosen(word) => word.clone(),
    }
}
