//! Following: from the position in the log to its end, in one transaction, and through time.

use super::intake::{Fetch, Intake};
use super::judged::{Bench, CHUNK, LAST, Mark, WEEKS, week_before};
use super::sums::{counting, key, sums};
use super::{Followed, ProgressKept, SERIES_DAYS, TrainingShown, json, kind};
use crate::{Node, NodeError, home};
use evidence::{Digest, Doubt, Enterprise, Record, RecordKind, Registry, Rung, TargetProgress, Time};
use judge::{OversightInput, ProgressInput, SelectionRows, TargetShown};
use plan::CheckedPlan;
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};
use stdx::{Progress, Step, Stop};
use store::{Checked, Mirror, PageTables, ReadTable, StoreError};

/// Records of the own log that are noted at once.
const RECORDS: u64 = 2_000;
/// Enterprises that fell due and are judged at once.
const DUE: i64 = 2_000;
const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// Where what is kept stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct At {
    pub(super) key: String,
    /// Records of the own log that are in it.
    pub(super) position: u64,
    /// When it was followed last, in milliseconds.
    pub(super) followed: i64,
    /// Something falls due then; the greatest number: never.
    pub(super) next: i64,
    words: BTreeMap<String, String>,
}
impl At {
    pub(super) fn read(tables: &mut PageTables) -> Result<Self, NodeError> {
        let words = tables.words()?;
        let text = |name: &str| words.get(name).cloned().unwrap_or_default();
        let number = |name: &str, or: i64| text(name).parse().unwrap_or(or);
        Ok(Self {
            key: text("plan"),
            position: u64::try_from(number("position", 0)).unwrap_or(0),
            followed: number("followed", 0),
            next: number("next", i64::MAX),
            words,
        })
    }
    pub(super) fn word(&self, name: &str) -> &str {
        self.words.get(name).map_or("", String::as_str)
    }
    /// What is kept under the same plan by the same judge is looked at without asking what this node is.
    pub(super) fn is_of(&self, plan: &CheckedPlan) -> bool {
        !self.key.is_empty() && self.word("under") == under(plan)
    }
    /// Nothing falls due before an instant.
    pub(super) fn holds(&self, now: i64) -> bool {
        self.next > now && self.followed.div_euclid(HOUR_MILLIS) >= now.div_euclid(HOUR_MILLIS)
    }
}

fn under(plan: &CheckedPlan) -> String {
    format!("{} {}", plan.digest(), judge::VERSION)
}

/// What all enterprises stand on: the registry, the selection from it, tops of its rules.
struct Ground {
    registry: Option<Witness>,
    selection: Option<Witness>,
}

impl Node {
    /// Follows the log to its end. `anew`: everything is read and judged again.
    pub fn pages_follow(
        &self,
        plan: &CheckedPlan,
        anew: bool,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Followed, NodeError> {
        self.with_pages(|tables| tables.write(|tables| self.follow(plan, tables, anew, (progress, stop))))
    }

    pub(super) fn follow(
        &self,
        plan: &CheckedPlan,
        tables: &mut PageTables,
        anew: bool,
        (progress, stop): (&dyn Progress, &Stop),
    ) -> Result<Followed, NodeError> {
        let mirror = self.mirror_if_any()?;
        let mirror = mirror.as_deref();
        let now = home::now();
        let size = self.store().size()?;
        let mut at = At::read(tables)?;
        let anew = anew || at.position > size;
        if anew {
            tables.clear(true)?;
            at = At::default();
        }
        // Ends of days that went by: what was due until then, before anything later is looked at.
        let mut done = Followed { records: 0, judged: 0, anew };
        if !anew && at.is_of(plan) {
            self.days(plan, tables, mirror, (&at, now), &mut done)?;
        }
        let mut intake = Intake { node: self, tables, mirror, touched: super::intake::Touched::default() };
        progress.begin(Step::Records, Some(size.saturating_sub(at.position)));
        let mut position = at.position;
        while position < size {
            if stop.requested() {
                return Err(NodeError::Stopped);
            }
            let to = size.min(position + RECORDS);
            done.records += intake.own(position, to)?;
            progress.advance(to - position, 0);
            position = to;
        }
        progress.end();
        intake.waiting()?;
        let touched = intake.touched;
        let part = self.part()?;
        let key = key(plan, part.as_ref());
        if touched.ground || at.word("years").is_empty() {
            let years = json(&self.newest_registries()?);
            tables.set_word("years", &years)?;
        }
        let ground_is = |at: &At| at.key == key && !touched.ground;
        let judged = if ground_is(&at) && !anew {
            self.judge_touched(plan, tables, mirror, (&at, &part, now), touched)?
        } else {
            let ground = self.pages_ground(now)?;
            let same = at.key == key
                && at.word("registry") == leaf_text(ground.registry.as_ref())
                && at.word("selection") == leaf_text(ground.selection.as_ref());
            if same && !anew {
                self.judge_touched(plan, tables, mirror, (&at, &part, now), touched)?
            } else {
                self.checks_again(tables, mirror)?;
                self.judge_all(plan, tables, mirror, (&ground, &part, now, at.key.is_empty()), stop)?
            }
        };
        done.judged += judged;
        for (name, value) in [
            ("plan", key),
            ("under", under(plan)),
            ("position", position.to_string()),
            ("followed", now.millis().to_string()),
            ("next", tables.next_due()?.unwrap_or(i64::MAX).to_string()),
        ] {
            tables.set_word(name, &value)?;
        }
        Ok(done)
    }

    /// The newest registry of each year, the newest year first.
    fn newest_registries(&self) -> Result<Vec<Registry>, NodeError> {
        let mut newest: BTreeMap<i64, ((Time, Digest), Registry)> = BTreeMap::new();
        for w in self.store().records(&[RecordKind::Registry])? {
            let leaf = w.record.leaf();
            let Record::Registry(r) = w.record.into_value() else { continue };
            let rank = (r.stated_at, leaf);
            if newest.get(&r.year).is_none_or(|kept| kept.0 < rank) {
                newest.insert(r.year, (rank, *r));
            }
        }
        Ok(newest.into_values().rev().take(store::TABLES_MAX).map(|n| n.1).collect())
    }

    fn pages_ground(&self, now: Time) -> Result<Ground, NodeError> {
        let registry = self.registry_witness(None)?;
        let selection = match &registry {
            Some(w) => self.selection_witness(w.record.leaf(), Some(now))?,
            None => None,
        };
        Ok(Ground { registry, selection })
    }

    fn bench<'a>(
        &'a self,
        plan: &'a CheckedPlan,
        tables: &mut PageTables,
        mirror: Option<&'a Mirror>,
        (at, part, as_of): (&At, &Option<evidence::Part>, Time),
    ) -> Result<Bench<'a>, NodeError> {
        let digest = |text: &str| text.parse::<Digest>().ok();
        let rules = at.word("rules");
        let mut rolls = BTreeMap::new();
        for (leaf, doc) in tables.rolls()? {
            rolls.insert(leaf, serde_json::from_str(&doc).map_err(|e| NodeError::Internal(e.to_string()))?);
        }
        Ok(Bench {
            node: self,
            plan,
            mirror,
            part: part.clone(),
            registry: digest(at.word("registry")),
            selection: digest(at.word("selected")),
            rules: rules.split('\n').filter(|r| !r.is_empty()).map(str::to_owned).collect(),
            rolls,
            as_of,
            bulk: false,
            totals: BTreeMap::new(),
            tally: BTreeMap::new(),
            weeks: BTreeMap::new(),
            judged: 0,
        })
    }

    fn pages_table(&self, registry: Option<Digest>) -> Result<Option<Box<dyn ReadTable>>, NodeError> {
        let Some(leaf) = registry else { return Ok(None) };
        match self.store().witness(leaf)?.record.value() {
            Record::Registry(r) => self.table_of(r).map(Some),
            _ => Ok(None),
        }
    }

    /// Judges what was touched and what fell due.
    fn judge_touched(
        &self,
        plan: &CheckedPlan,
        tables: &mut PageTables,
        mirror: Option<&Mirror>,
        (at, part, now): (&At, &Option<evidence::Part>, Time),
        mut touched: super::intake::Touched,
    ) -> Result<u64, NodeError> {
        if touched.challenges {
            touched.codes.extend(self.checks_again(tables, mirror)?);
        }
        for node in &touched.nodes {
            touched.codes.extend(tables.held_about(node, kind::MEMBER)?.into_iter().map(|h| h.code));
        }
        for order in &touched.orders {
            touched.codes.extend(tables.held_about(order, kind::ORDER)?.into_iter().map(|h| h.code));
        }
        let mut bench = self.bench(plan, tables, mirror, (at, part, now))?;
        let mut table = None;
        loop {
            let due = tables.due(now.millis(), DUE)?;
            let last = due.len() < usize::try_from(DUE).unwrap_or(usize::MAX);
            touched.codes.extend(due);
            if !touched.codes.is_empty() {
                if table.is_none() {
                    table = self.pages_table(bench.registry)?;
                }
                bench.judge_codes(tables, table.as_deref(), &std::mem::take(&mut touched.codes))?;
            }
            if last {
                break;
            }
        }
        if !touched.nodes.is_empty() {
            self.loose(&mut bench, tables, table.as_deref())?;
        }
        let hour = at.followed.div_euclid(HOUR_MILLIS) < now.millis().div_euclid(HOUR_MILLIS);
        let changed = bench.tally.values().any(|n| *n != 0);
        tables.add_totals(&bench.totals)?;
        tables.add_tally(&bench.tally)?;
        if touched.things || hour || at.word("things").is_empty() {
            self.count_things(plan, tables, mirror, now)?;
        }
        if touched.things || hour || changed || at.word("progress").is_empty() {
            put_together(plan, tables, (!at.word("registry").is_empty(), now))?;
        }
        Ok(bench.judged)
    }

    /// Judges everything anew.
    fn judge_all(
        &self,
        plan: &CheckedPlan,
        tables: &mut PageTables,
        mirror: Option<&Mirror>,
        (ground, part, now, first): (&Ground, &Option<evidence::Part>, Time, bool),
        stop: &Stop,
    ) -> Result<u64, NodeError> {
        tables.clear(false)?;
        let file = match ground.registry.as_ref().map(|w| w.record.value()) {
            Some(Record::Registry(r)) => Some(self.registry_file(r)?),
            _ => None,
        };
        let damaged = |why| NodeError::Store(StoreError::Damaged { what: "the rows of the registry".to_owned(), why });
        let rows = match ground.registry.as_ref().zip(file.as_deref()) {
            Some((w, file)) => Some(SelectionRows::open(w, file).map_err(damaged)?),
            None => None,
        };
        let words = self.cited_words(ground.selection.as_ref())?;
        let input = OversightInput {
            part: part.as_ref(),
            registry: rows.as_ref(),
            selection: ground.selection.as_ref(),
            words: &words,
            ..OversightInput::default()
        };
        let (selected, mut doubts) = judge::oversight_selection(plan, &input, now);
        if part.is_none() {
            doubts.push(Doubt { say: evidence::Say::new("doubt.oversight-no-part"), cited: None });
        }
        let counted =
            ProgressInput { registry: rows.as_ref(), selection: ground.selection.as_ref(), ..ProgressInput::default() };
        let (tops, mut of_progress) = judge::tops(plan, &counted);
        if let Some(r) = rows.as_ref().filter(|r| r.registry().stated_at > now) {
            let say = evidence::Say::new("doubt.after-as-of").with("kind", "registry");
            of_progress.push(Doubt { say: say.with("time", r.registry().stated_at), cited: None });
        }
        let mut kept: Vec<(&str, String)> = vec![
            ("registry", leaf_text(ground.registry.as_ref())),
            ("selection", leaf_text(ground.selection.as_ref())),
            ("selected", selected.as_ref().map_or_else(String::new, |s| s.1.to_string())),
            ("rules", tops.keys().cloned().collect::<Vec<_>>().join("\n")),
        ];
        kept.push(("doubts", json(&doubts)));
        kept.push(("progress-doubts", json(&of_progress)));
        for (name, value) in &kept {
            tables.set_word(name, value)?;
        }
        let at = At::read(tables)?;
        let mut bench = self.bench(plan, tables, mirror, (&at, part, now))?;
        bench.bulk = true;
        let order: Vec<Option<&Vec<bool>>> = plan.selection().iter().map(|s| tops.get(&s.id)).collect();
        let mark = |n: usize| Mark {
            selected: selected.as_ref().map(|s| s.0.get(n).copied().unwrap_or(false)),
            tops: order.iter().zip(0_u32..).fold(0, |bits, (top, rule)| {
                let is_in = top.and_then(|t| t.get(n)).copied().unwrap_or(false);
                bits | i64::from(is_in).checked_shl(rule).unwrap_or(0)
            }),
        };
        let all: &[Enterprise<'_>] = rows.as_ref().map_or(&[], SelectionRows::rows);
        let (mut n, mut after) = (0, String::new());
        loop {
            if stop.requested() {
                return Err(NodeError::Stopped);
            }
            let chunk = all.get(n..all.len().min(n + CHUNK)).unwrap_or_default();
            let marks: Vec<Mark> = (n..n + chunk.len()).map(mark).collect();
            n += chunk.len();
            // Behind the last row whoever is not in the registry, in stretches of the same length.
            let held = match chunk.last() {
                Some(row) if n < all.len() => Some(row.uscc.to_string()),
                _ => stretch(tables, chunk.last().map_or(after.as_str(), |r| r.uscc.as_ref()))?,
            };
            let last = held.is_none();
            let to = held.unwrap_or_else(|| LAST.to_owned());
            let from = if after.is_empty() { "\u{1}".to_owned() } else { format!("{after}\u{1}") };
            bench.judge(tables, chunk, &marks, &[(from, to.clone())])?;
            after = to;
            if last {
                break;
            }
        }
        let table = self.pages_table(bench.registry)?;
        self.loose(&mut bench, tables, table.as_deref())?;
        tables.add_tally(&bench.tally)?;
        tables.finish()?;
        self.count_things(plan, tables, mirror, now)?;
        let shown = put_together(plan, tables, (rows.is_some(), now))?;
        if first {
            self.weeks(plan, tables, (mirror, now), (&bench.weeks, &shown))?;
        }
        Ok(bench.judged)
    }

    /// The points of the weeks past, as they are counted now.
    fn weeks(
        &self,
        plan: &CheckedPlan,
        tables: &mut PageTables,
        (mirror, now): (Option<&Mirror>, Time),
        (weeks, shown): (&BTreeMap<String, [u64; WEEKS]>, &[TargetShown]),
    ) -> Result<(), NodeError> {
        let mut points = Vec::new();
        for back in 0..WEEKS {
            let at = week_before(now, back);
            let (things, _) = self.things_kept(plan, tables, mirror, at)?;
            for t in shown {
                let thing = things.iter().find(|p| p.target == t.target && !counts_enterprises(plan, &p.counter));
                let n = match thing {
                    Some(p) => counting(&TargetShown::from(p)),
                    None => weeks.get(&t.counter).map_or(0, |w| w[back]),
                };
                points.push((t.target.clone(), at.millis(), n));
            }
        }
        Ok(tables.set_points(&points, i64::MIN)?)
    }

    /// Matters of nodes that no enterprise is known for.
    fn loose(
        &self,
        bench: &mut Bench<'_>,
        tables: &mut PageTables,
        table: Option<&dyn ReadTable>,
    ) -> Result<(), NodeError> {
        let mut fetch = Fetch::new(self, bench.mirror);
        let (mut equivocations, mut members, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        let mut children = BTreeSet::new();
        for h in tables.held_of(kind::EQUIVOCATION)? {
            equivocations.push(fetch.witness(&h)?);
            children.insert(h.subject);
        }
        let mut codes = BTreeSet::new();
        for child in &children {
            for h in tables.held_about(child, kind::MEMBER)? {
                let witness = fetch.witness(&h)?;
                if let Record::Member(m) = witness.record.value() {
                    codes.insert(m.part.uscc.clone());
                }
                members.push(witness);
            }
        }
        for code in codes.iter().filter(|c| !c.is_empty()) {
            lines.extend(table.map(|t| t.one(code)).transpose()?.flatten());
        }
        let rows: Vec<Enterprise<'_>> =
            lines.iter().map(|l| Enterprise::from_line(l).map_err(NodeError::Internal)).collect::<Result<_, _>>()?;
        let some = judge::SomeRows { registry: bench.registry, rows: &rows, selected: None };
        let input = OversightInput { members: &members, equivocations: &equivocations, ..OversightInput::default() };
        let oversight = judge::Oversight::of_some(bench.plan, some, &input, bench.as_of);
        let matters: Vec<_> = oversight.loose_matters().iter().map(|m| super::matter_line("", m)).collect();
        let mut none = BTreeMap::new();
        let totals = if bench.bulk { &mut none } else { &mut bench.totals };
        Ok(tables.set_matters(("", None, None), &matters, totals)?)
    }

    /// Reads openings and re-observations again; answers whose changed.
    fn checks_again(&self, tables: &mut PageTables, mirror: Option<&Mirror>) -> Result<BTreeSet<String>, NodeError> {
        let mut below = Vec::new();
        let mut fetch = Fetch::new(self, mirror);
        for h in tables.held_of(kind::CHALLENGE)? {
            if let Record::Challenge(e) = fetch.witness(&h)?.record.value() {
                below.push(((**e).clone(), h.leaf));
            }
        }
        let mut all = BTreeSet::new();
        for (kind, list) in (0_i64..).zip(self.checks_with(below)?) {
            let checked =
                |c: judge::Reobserved| Checked { code: c.uscc, kind, at: c.at.millis(), leaf: c.leaf, held: c.held };
            all.extend(list.into_iter().map(checked));
        }
        Ok(tables.set_checked(&all)?)
    }

    fn things_kept(
        &self,
        plan: &CheckedPlan,
        tables: &mut PageTables,
        mirror: Option<&Mirror>,
        as_of: Time,
    ) -> Result<(Vec<TargetProgress>, crate::programme::CountedLists), NodeError> {
        let mut fetch = Fetch::new(self, mirror);
        let mut of = |kind: i64| -> Result<Vec<Witness>, NodeError> {
            let held = tables.held_of(kind)?;
            held.iter().filter(|h| h.seen <= as_of.millis()).map(|h| fetch.witness(h)).collect()
        };
        let below = [of(kind::TRAINING)?, of(kind::EXPERT)?, of(kind::ENTRY)?];
        self.things(plan, as_of, below)
    }

    /// Counts what is counted by lists, whole.
    fn count_things(
        &self,
        plan: &CheckedPlan,
        tables: &mut PageTables,
        mirror: Option<&Mirror>,
        now: Time,
    ) -> Result<(), NodeError> {
        let (targets, lists) = self.things_kept(plan, tables, mirror, now)?;
        let mut shown = TrainingShown::default();
        for c in lists.attendances.iter().filter(|c| c.day <= now && !c.withdrawn) {
            *shown.person_times.entry(c.rung).or_default() += c.amount;
        }
        for rung in Rung::ALL {
            shown.person_times.entry(rung).or_default();
        }
        let there = |c: &&judge::Counted| c.day <= now;
        shown.sessions = lists.sessions.iter().filter(there).filter(|c| !c.withdrawn).count() as u64;
        shown.withdrawn = lists.sessions.iter().filter(there).filter(|c| c.withdrawn).count() as u64;
        shown.professionals = lists.professionals.iter().filter(there).filter(|c| !c.withdrawn).count() as u64;
        tables.set_word("things", &json(&targets))?;
        Ok(tables.set_word("training", &json(&shown))?)
    }

    /// Goes through the ends of days since the last following: what was due until then is judged as of then, and what counts is noted.
    fn days(
        &self,
        plan: &CheckedPlan,
        tables: &mut PageTables,
        mirror: Option<&Mirror>,
        (at, now): (&At, Time),
        done: &mut Followed,
    ) -> Result<(), NodeError> {
        let first = at.followed.div_euclid(DAY_MILLIS) + 1;
        let last = now.millis().div_euclid(DAY_MILLIS);
        let part = self.part()?;
        for day in first.max(last - SERIES_DAYS)..=last {
            let end = Time::from_millis(day * DAY_MILLIS - 1);
            let none = super::intake::Touched::default();
            let at = At::read(tables)?;
            done.judged += self.judge_touched(plan, tables, mirror, (&at, &part, end), none)?;
            tables.set_word("followed", &end.millis().to_string())?;
            let kept: ProgressKept = super::read(&tables.word("progress")?).unwrap_or_default();
            let points: Vec<_> = kept.targets.iter().map(|t| (t.target.clone(), end.millis(), counting(t))).collect();
            tables.set_points(&points, (day - SERIES_DAYS) * DAY_MILLIS)?;
        }
        Ok(())
    }
}

fn counts_enterprises(plan: &CheckedPlan, counter: &str) -> bool {
    let from = plan.counter(counter).map(|c| c.from);
    matches!(from, Some(plan::CountSource::Report | plan::CountSource::Publicity))
}

/// The end of the next stretch of codes that something is held about; none: it is the last.
fn stretch(tables: &mut PageTables, after: &str) -> Result<Option<String>, NodeError> {
    let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    let codes = tables.held_codes(after, limit)?;
    Ok(codes.into_iter().nth(CHUNK - 1))
}

fn leaf_text(witness: Option<&Witness>) -> String {
    witness.map_or_else(String::new, |w| w.record.leaf().to_string())
}

/// Puts the targets together from sums, and keeps them.
fn put_together(
    plan: &CheckedPlan,
    tables: &mut PageTables,
    (registry, now): (bool, Time),
) -> Result<Vec<TargetShown>, NodeError> {
    let (by, mut numbers) = sums(tables.tally()?);
    let things: Vec<TargetProgress> = super::read(&tables.word("things")?).unwrap_or_default();
    let targets = judge::targets_from_sums(plan, &by, &things, registry);
    numbers.doubts.extend(super::read::<Vec<Doubt>>(&tables.word("progress-doubts")?).unwrap_or_default());
    numbers.doubts.sort();
    numbers.doubts.dedup();
    let kept = ProgressKept {
        counted_at: Some(now),
        targets: targets.clone(),
        enterprises: numbers.enterprises,
        above_size: numbers.above,
        reporting: numbers.reporting,
        doubts: numbers.doubts,
    };
    tables.set_word("outside", &numbers.outside.to_string())?;
    tables.set_word("progress", &json(&kept))?;
    Ok(targets)
}
