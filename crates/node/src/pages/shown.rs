//! A page: a scope and a filter become a cell and what is asked of each row beyond it, and rows are read in the order of an index.

use super::follow::At;
use super::{
    CaughtShown, Counts, EnterpriseFilter, EnterpriseLife, EnterprisePage, EnterpriseSort, LIMIT_MAX, MatterPage,
    Pages, ProgressKept, ProgressShown, ReceiptPage, ReceiptShown, Scope, TargetSeries, TrainingShown, kind, read,
    sums,
};
use crate::NodeError;
use evidence::{Digest, Enterprise, NodeId, NodeRole, Registry, Say, Time, supervisor_of};
use judge::{EnterpriseStanding, EnterpriseState, Life, ListFilter, ListOf, QueueItem};
use plan::MatterKind;
use std::collections::BTreeMap;
use store::{EnterpriseLine, Narrow, PageTables};

/// Points by which a forecast looks back, in milliseconds.
const WEEK_MILLIS: i64 = 7 * 86_400_000;
/// Most equivocations that are shown.
const CAUGHT_MAX: i64 = 1_000;

type ListKey = (i64, i64, String);

fn no_place(after: &str) -> NodeError {
    NodeError::Entry(Say::new("error.oversight-after").with("value", attest::clean(after)))
}

/// `most.least.code`.
fn list_key(after: &str) -> Option<ListKey> {
    let mut parts = after.splitn(3, '.');
    let mut back = || Some(parts.next()?.parse::<i64>().ok().filter(|n| *n >= 0)?.saturating_neg());
    let (most, least) = (back()?, back()?);
    Some((most, least, parts.next()?.to_owned()))
}
fn list_text((most, least, code): &ListKey) -> String {
    format!("{}.{}.{code}", most.unsigned_abs(), least.unsigned_abs())
}

/// The cell of a scope and a filter; `None`: nobody is in both.
pub(super) fn narrow(scope: &Scope, filter: &ListFilter) -> Option<Narrow> {
    let mut out = Narrow { group: filter.group.clone(), industry: filter.industry.clone(), ..Narrow::default() };
    let mut supervisor = filter.supervisor.clone();
    let mut areas = vec![filter.province.clone(), filter.city.clone()];
    if let Scope::Part(part) = scope {
        // As `judge::may` says it, row by row.
        let mut supervised = |by: &str| {
            let same = supervisor.is_empty() || supervisor == by;
            by.clone_into(&mut supervisor);
            same && !by.is_empty()
        };
        let some = match part.role {
            NodeRole::Ministry => true,
            NodeRole::Province => supervised(&part.area),
            NodeRole::City => {
                if part.area != "65-XPCC" {
                    areas.push(part.area.clone());
                }
                !part.area.is_empty() && supervised(supervisor_of(&part.area).unwrap_or_default())
            }
            NodeRole::Group => {
                out.own = Some(part.uscc.clone());
                true
            }
            NodeRole::Plant => {
                out.only = Some(part.uscc.clone());
                !part.uscc.is_empty()
            }
        };
        if !some {
            return None;
        }
    }
    // Each area begins the next finer one, or nobody is in all of them.
    areas.sort_by_key(String::len);
    let area = areas.last().cloned().unwrap_or_default();
    if !areas.iter().all(|a| area.starts_with(a.as_str())) {
        return None;
    }
    let first = |text: &str, n: usize| -> Option<String> {
        (text.chars().count() >= n).then(|| text.chars().take(n).collect())
    };
    if !out.group.is_empty() {
        out.cell = format!("g{}", std::mem::take(&mut out.group));
        (out.area, out.supervisor) = (area, supervisor);
        return Some(out);
    }
    let mut cell = String::new();
    if let Some(city) = first(&area, 4) {
        cell = format!("c{city}");
        out.supervisor = supervisor;
        if area != city {
            out.area = area;
        }
    } else if !supervisor.is_empty() {
        cell = format!("s{supervisor}");
        out.area = area;
    } else if let Some(province) = first(&area, 2) {
        cell = format!("p{province}");
        if area != province {
            out.area = area;
        }
    } else {
        out.area = area;
    }
    if let Some(division) = first(&out.industry, 3) {
        cell.push('d');
        cell.push_str(&division);
        if out.industry == division {
            out.industry.clear();
        }
    }
    out.cell = cell;
    Some(out)
}

fn standing(tables: &mut PageTables, e: EnterpriseLine) -> Result<EnterpriseStanding, NodeError> {
    let text = match e.reasons.strip_prefix('@') {
        Some(id) => tables.shared(id)?,
        None => e.reasons,
    };
    let reasons = if text.is_empty() { Vec::new() } else { read(&text).unwrap_or_default() };
    Ok(EnterpriseStanding {
        uscc: e.code,
        name: e.name,
        area: e.area,
        supervisor: e.supervisor,
        industry: e.industry,
        group: e.group,
        listed: e.listed,
        selected: e.selected,
        enrolled: e.enrolled,
        report: e.report_at.zip(e.report_leaf).map(|(at, leaf)| (Time::from_millis(at), leaf)),
        least: e.least,
        most: e.most,
        reasons,
        orders: e.orders,
        measures: e.measures,
    })
}

fn state_of(n: i64) -> EnterpriseState {
    usize::try_from(n).ok().and_then(|n| EnterpriseState::ALL.get(n)).copied().unwrap_or(EnterpriseState::Outside)
}
fn number_of(state: EnterpriseState) -> i64 {
    EnterpriseState::ALL.iter().position(|s| *s == state).and_then(|n| i64::try_from(n).ok()).unwrap_or(0)
}

impl Pages<'_> {
    /// A page of enterprises.
    pub fn enterprises(
        &self,
        scope: &Scope,
        filter: &EnterpriseFilter,
        sort: EnterpriseSort,
        after: Option<&str>,
        limit: usize,
    ) -> Result<EnterprisePage, NodeError> {
        let Some(mut narrow) = narrow(scope, &filter.list) else { return self.nobody(after) };
        let cell = narrow.cell.clone();
        let whole = narrow.is_whole();
        // The list that says most; what it does not say is asked of each row.
        let (mut list, mut counted) = (0, Some(0));
        match filter.state {
            Some(EnterpriseState::Outside) => narrow.state = Some(0),
            Some(state) => (list, counted) = (10 + number_of(state), Some(10 + number_of(state))),
            None => {}
        }
        if filter.selected {
            if list == 0 {
                (list, counted) = (1, Some(1));
            } else {
                narrow.selected = true;
            }
        }
        if filter.state == Some(EnterpriseState::Outside) || narrow.selected {
            counted = None;
        }
        let total = |tables: &mut PageTables| match counted {
            Some(list) if whole => Ok::<_, NodeError>(Some(tables.total(list, &cell)?)),
            _ => Ok(None),
        };
        if sort == EnterpriseSort::Code {
            return self.page((list, &narrow), after, limit, total);
        }
        // First those with points, then the others by code.
        let mut first = narrow.clone();
        if list >= 10 {
            first.state = Some(list - 10);
        }
        first.selected |= list == 1;
        let rest = Narrow { pointless: true, ..narrow };
        let place = after.map(|a| list_key(a).ok_or_else(|| no_place(a))).transpose()?;
        let mut page = if place.as_ref().is_none_or(|k| k.0 < 0) {
            self.page((2, &first), after, limit, total)?
        } else {
            return self.page((list, &rest), after, limit, total);
        };
        let room = limit.clamp(1, LIMIT_MAX).saturating_sub(page.rows.len());
        if page.next.is_none() {
            if room == 0 {
                page.next = Some("0.0.".to_owned());
                return Ok(page);
            }
            let more = self.page((list, &rest), Some("0.0."), room, |_| Ok(None))?;
            page.rows.extend(more.rows);
            page.next = more.next;
        }
        Ok(page)
    }

    /// A page of one of the lists, as `judge::Oversight::list` gives it.
    pub fn list(
        &self,
        scope: &Scope,
        of: ListOf,
        filter: &ListFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<EnterprisePage, NodeError> {
        let Some(narrow) = narrow(scope, filter) else { return self.nobody(after) };
        let list = match of {
            ListOf::Key => 1,
            ListOf::Risk => 2,
            ListOf::Measures => 3,
        };
        let (cell, whole) = (narrow.cell.clone(), narrow.is_whole());
        self.page((list, &narrow), after, limit, |tables| {
            Ok(if whole { Some(tables.total(list, &cell)?) } else { None })
        })
    }

    fn nobody(&self, after: Option<&str>) -> Result<EnterprisePage, NodeError> {
        after.map(|a| list_key(a).ok_or_else(|| no_place(a))).transpose()?;
        Ok(EnterprisePage { rows: Vec::new(), total: Some(0), next: None })
    }

    fn page(
        &self,
        (list, narrow): (i64, &Narrow),
        after: Option<&str>,
        limit: usize,
        total: impl FnOnce(&mut PageTables) -> Result<Option<u64>, NodeError>,
    ) -> Result<EnterprisePage, NodeError> {
        let after = after.map(|a| list_key(a).ok_or_else(|| no_place(a))).transpose()?;
        let limit = limit.clamp(1, LIMIT_MAX);
        self.node.with_pages(|tables| {
            let page = tables.list(list, narrow, after.as_ref(), limit)?;
            let rows = page.rows.into_iter().map(|e| standing(tables, e)).collect::<Result<_, _>>()?;
            Ok(EnterprisePage { rows, total: total(tables)?, next: page.next.as_ref().map(list_text) })
        })
    }

    /// Everything about one enterprise; none: nothing names it, or it is not the scope's to see.
    pub fn enterprise(&self, scope: &Scope, uscc: &str) -> Result<Option<EnterpriseLife>, NodeError> {
        let found = self.node.with_pages(|tables| {
            let Some(line) = tables.line(uscc)?.filter(|l| l.seen && sees(scope, l)) else { return Ok(None) };
            let none = Life { return_state: "not-asked".to_owned(), ..Life::default() };
            let mut life: Life = read(&tables.life(uscc)?).unwrap_or(none);
            life.matters = tables.matters_of(uscc)?.iter().filter_map(|m| read(m)).collect();
            let state = state_of(line.state);
            Ok(Some((standing(tables, line)?, state, life)))
        })?;
        let Some((standing, state, life)) = found else { return Ok(None) };
        Ok(Some(EnterpriseLife { years: self.years(uscc)?, standing, state, life }))
    }

    /// Its rows, by year, from the read table of each; one that is not there is made.
    fn years(&self, uscc: &str) -> Result<Vec<(i64, Enterprise<'static>)>, NodeError> {
        let registries: Vec<Registry> =
            self.node.with_pages(|tables| Ok(read(&tables.word("years")?).unwrap_or_default()))?;
        let mut out = Vec::new();
        for registry in registries {
            if let Some(line) = self.node.table_of(&registry)?.one(uscc)? {
                out.push((registry.year, crate::registry::owned(&line)?.0));
            }
        }
        Ok(out)
    }

    /// A page of the queue, as `judge::Oversight::queue` gives it; no kinds: of all.
    pub fn queue(
        &self,
        scope: &Scope,
        kinds: &[MatterKind],
        filter: &ListFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<MatterPage, NodeError> {
        let after = after.map(|a| matter_key(a).ok_or_else(|| no_place(a))).transpose()?;
        let none = MatterPage { items: Vec::new(), total: Some(0), next: None };
        let Some(narrow) = narrow(scope, filter) else { return Ok(none) };
        let limit = limit.clamp(1, LIMIT_MAX);
        let loose = *scope == Scope::Node && *filter == ListFilter::default();
        let mut ranks: Vec<i64> = self
            .plan
            .matters()
            .iter()
            .filter(|m| kinds.is_empty() || kinds.contains(&m.kind))
            .map(|m| i64::from(m.rank))
            .collect();
        ranks.sort_unstable();
        self.node.with_pages(|tables| {
            let mut page = MatterPage { items: Vec::new(), total: None, next: None };
            if narrow.is_whole() {
                let mut total = 0;
                for rank in &ranks {
                    total += tables.total(100 + rank, &narrow.cell)?;
                }
                if !loose && narrow.cell.is_empty() {
                    let hidden = tables.matters_of("")?;
                    let hidden = hidden.iter().filter_map(|m| read::<QueueItem>(m));
                    let hidden = hidden.filter(|m| ranks.contains(&i64::from(m.rank))).count() as u64;
                    total = total.saturating_sub(hidden);
                }
                page.total = Some(total);
            }
            let left = ranks.iter().filter(|r| after.as_ref().is_none_or(|a| **r >= a.0));
            let left: Vec<i64> = left.copied().collect();
            for (n, rank) in left.iter().enumerate() {
                let behind = after.as_ref().filter(|a| a.0 == *rank);
                let room = limit - page.items.len();
                let found = tables.queue(*rank, (&narrow, loose), behind, room)?;
                let last =
                    found.rows.last().map(|m| (m.rank, most_back(m.most), m.due, m.code.clone(), m.about.clone()));
                page.items.extend(found.rows.iter().filter_map(|m| read::<QueueItem>(&m.doc)));
                if let Some(next) = found.next {
                    page.next = Some(matter_text(&next));
                    return Ok(page);
                }
                if page.items.len() == limit {
                    // Is there anything of a later kind?
                    for later in left.iter().skip(n + 1) {
                        if !tables.queue(*later, (&narrow, loose), None, 1)?.rows.is_empty() {
                            page.next = last.as_ref().map(matter_text);
                            break;
                        }
                    }
                    return Ok(page);
                }
            }
            Ok(page)
        })
    }

    /// How many of each list and state there are; a group, and what is finer than a cell, are not looked at.
    pub fn counts(&self, scope: &Scope, filter: &ListFilter) -> Result<Counts, NodeError> {
        let filter = ListFilter { group: String::new(), ..filter.clone() };
        let mut out = Counts::default();
        let totals = match narrow(scope, &filter) {
            Some(narrow) => self.node.with_pages(|tables| Ok(tables.totals(&narrow.cell)?))?,
            None => BTreeMap::new(),
        };
        let of = |list: i64| totals.get(&list).copied().unwrap_or(0);
        (out.enterprises, out.key, out.risk, out.measures) = (of(0), of(1), of(2), of(3));
        let mut inside = 0;
        for state in EnterpriseState::ALL.into_iter().skip(1) {
            let n = of(10 + number_of(state));
            inside += n;
            out.states.insert(state, n);
        }
        out.states.insert(EnterpriseState::Outside, out.enterprises.saturating_sub(inside));
        for m in self.plan.matters() {
            out.matters.insert(m.kind, of(100 + i64::from(m.rank)));
        }
        Ok(out)
    }

    /// How far the programme has come.
    pub fn progress(&self) -> Result<ProgressShown, NodeError> {
        let (kept, points) = self.node.with_pages(|tables| {
            let at = At::read(tables)?;
            Ok((read::<ProgressKept>(at.word("progress")).unwrap_or_default(), tables.points()?))
        })?;
        let mut series: BTreeMap<String, Vec<(Time, u64)>> = BTreeMap::new();
        for (target, at, n) in points {
            series.entry(target).or_default().push((Time::from_millis(at), n));
        }
        let target = |t: judge::TargetShown| {
            let mut series = series.remove(&t.target).unwrap_or_default();
            series.push((self.as_of, sums::counting(&t)));
            let weeks = weeks(&series);
            let forecast = self.plan.targets().iter().find(|p| p.id == t.target);
            let forecast = forecast.map_or(judge::Forecast::CannotTell, |p| judge::forecast(p, &weeks, t.of));
            TargetSeries { target: t, series, forecast }
        };
        Ok(ProgressShown {
            counted_at: kept.counted_at.unwrap_or(self.as_of),
            targets: kept.targets.into_iter().map(target).collect(),
            enterprises: kept.enterprises,
            above_size: kept.above_size,
            reporting: kept.reporting,
            doubts: kept.doubts,
        })
    }

    /// Receipts, the newest first: given here, and those that came up from below.
    pub fn receipts(
        &self,
        child: Option<&NodeId>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ReceiptPage, NodeError> {
        let place = |text: &str| -> Option<(i64, Digest)> {
            let (back, leaf) = text.split_once('.')?;
            Some((back.parse::<i64>().ok()?.saturating_neg(), Digest::from_hex(leaf).ok()?))
        };
        let after = after.map(|a| place(a).ok_or_else(|| no_place(a))).transpose()?;
        self.node.with_pages(|tables| {
            let page = tables.receipts(child.map(NodeId::as_str), after, limit.clamp(1, LIMIT_MAX))?;
            let mut rows = Vec::with_capacity(page.rows.len());
            let mut names = BTreeMap::new();
            for r in page.rows {
                let (name, _) = named(tables, &mut names, &r.child)?;
                rows.push(ReceiptShown {
                    leaf: r.leaf,
                    by: NodeId::new(r.node),
                    child: NodeId::new(r.child),
                    name,
                    at: Time::from_millis(r.at),
                    size: r.size,
                    records: r.records,
                    doubted: r.doubted,
                });
            }
            let next = page.next.map(|(back, leaf)| format!("{}.{}", back.unsigned_abs(), leaf.hex()));
            Ok(ReceiptPage { rows, next })
        })
    }

    /// Nodes that signed two histories, the newest first; at most a thousand.
    pub fn equivocations(&self) -> Result<Vec<CaughtShown>, NodeError> {
        self.node.with_pages(|tables| {
            let (mut out, mut names) = (Vec::new(), BTreeMap::new());
            for store::CaughtLine { leaf, node: by, child, at, size } in tables.caught_all(CAUGHT_MAX)? {
                let (name, uscc) = named(tables, &mut names, &child)?;
                let (by, child) = (NodeId::new(by), NodeId::new(child));
                out.push(CaughtShown { leaf, by, child, name, uscc, at: Time::from_millis(at), size });
            }
            Ok(out)
        })
    }

    /// What training comes to.
    pub fn training(&self) -> Result<TrainingShown, NodeError> {
        self.node.with_pages(|tables| Ok(read(&tables.word("training")?).unwrap_or_default()))
    }
}

/// Name and code of a node, by the enterprise that it is of; of an authority the code is empty.
fn named(
    tables: &mut PageTables,
    known: &mut BTreeMap<String, (String, String)>,
    node: &str,
) -> Result<(String, String), NodeError> {
    if let Some(known) = known.get(node) {
        return Ok(known.clone());
    }
    let held = tables.held_about(node, kind::MEMBER)?;
    let newest = held.iter().max_by_key(|h| (h.at, h.leaf));
    let code = newest.map_or_else(String::new, |h| h.code.clone());
    let name = if code.is_empty() { None } else { tables.line(&code)? }.map_or_else(String::new, |l| l.name);
    known.insert(node.to_owned(), (name.clone(), code.clone()));
    Ok((name, code))
}

fn sees(scope: &Scope, line: &EnterpriseLine) -> bool {
    let Scope::Part(part) = scope else { return true };
    let whose = judge::Whose { uscc: &line.code, area: &line.area, supervisor: &line.supervisor, member: line.member };
    judge::may(part, judge::Act::See, &whose)
}

fn most_back(most: u64) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX).saturating_neg()
}

/// A place in the queue: rank, points that go down, due, code, about.
type MatterKey = (i64, i64, i64, String, String);
fn matter_key(after: &str) -> Option<MatterKey> {
    let mut parts = after.splitn(5, '.');
    let rank = parts.next()?.parse().ok()?;
    let most: u64 = parts.next()?.parse().ok()?;
    let due = parts.next()?.parse().ok()?;
    Some((rank, most_back(most), due, parts.next()?.to_owned(), parts.next()?.to_owned()))
}
fn matter_text((rank, most, due, code, about): &MatterKey) -> String {
    format!("{rank}.{}.{due}.{code}.{about}", most.unsigned_abs())
}

/// The points a week apart, back from the last; where nothing is known there is no point.
fn weeks(series: &[(Time, u64)]) -> Vec<(Time, u64)> {
    let Some(last) = series.last() else { return Vec::new() };
    let mut out = vec![*last];
    for back in 1..judge::FORECAST_WEEKS {
        let at = last.0.millis().saturating_sub(back * WEEK_MILLIS);
        // The newest within the week before; older ones say nothing of it.
        let near = series.iter().rev().find(|p| p.0.millis() <= at + 86_400_000 && p.0.millis() > at - WEEK_MILLIS);
        let Some(near) = near else { break };
        out.push((Time::from_millis(at), near.1));
    }
    out.reverse();
    out
}
