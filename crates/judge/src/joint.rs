//! Joint findings: a program or server on a host, and data of a level in the same run, are together what neither is alone
//! (`docs/specs/joint-v1.md`).
//!
//! Only one examination is joined with itself: a folder that was read on another day, or a share that another host holds,
//! proves nothing about this program. And nothing is claimed to have been sent: only that both are here.

use crate::catalogue::holds;
use crate::choose::{Bench, Host};
use crate::sums::Draft;
use crate::{data, host};
use evidence::{Body, CategoryId, Cited, DataGroup, LevelId, Outcome, RunState, Say, Time};
use plan::{CheckKind, CheckedPlan, Effect, WithData};
use std::collections::BTreeSet;

/// Items of the data that a joint finding cites.
const CITED_MAX: usize = 5;

/// What a run says of data of one kind.
enum Data {
    /// No folder was looked at: silence about data is no pass.
    NotLooked,
    /// There is none, and everything was looked at.
    None,
    /// None was seen, but not everything was.
    Unknown,
    /// There is: where, of which class, at which level, by which items.
    Found { root: String, class: String, level: LevelId, items: Vec<u64> },
}

pub(crate) fn judge(plan: &CheckedPlan, bench: &Bench<'_>, as_of: Time, out: &mut Draft) {
    let joint = |c: &&plan::Check| matches!(&c.kind, CheckKind::Machine(m) if m.with_data.is_some());
    if plan.checks().iter().all(|c| !joint(&c)) {
        return;
    }
    for h in &bench.hosts {
        let mut draft = Draft::default();
        host::judge_those(plan, h, &bench.measures, as_of, &|m| m.with_data.is_some(), &mut draft);
        let groups: Vec<&DataGroup> = out.data.iter().filter(|g| g.evidence.iter().any(|c| c.leaf == h.leaf)).collect();
        let mut gone = BTreeSet::new();
        for result in &mut draft.checks {
            let Some(CheckKind::Machine(machine)) = plan.check(&result.check).map(|c| &c.kind) else { continue };
            let Some(with) = &machine.with_data else { continue };
            let (outcome, because) = match (look(plan, h, &groups, with), result.outcome) {
                // Without a row that violates, data does not matter.
                (_, Outcome::NotApplicable | Outcome::Pass) => continue,
                (Data::None, _) => (Outcome::Pass, "because.no-such-data"),
                (_, Outcome::CannotTell) => continue,
                (Data::NotLooked, _) => (Outcome::CannotTell, "because.no-folder"),
                (Data::Unknown, _) => (Outcome::CannotTell, "because.data-incomplete"),
                (Data::Found { root, class, level, items }, _) => {
                    let approved = draft.approved.iter_mut().map(|a| &mut a.finding);
                    for f in draft.findings.iter_mut().chain(approved).filter(|f| f.check == result.check) {
                        f.with.insert("data.root".to_owned(), root.clone());
                        f.with.insert("data.class".to_owned(), class.clone());
                        f.with.insert("data.level".to_owned(), level.to_string());
                        f.evidence.extend(items.iter().map(|n| Cited { leaf: h.leaf, item: Some(*n) }));
                    }
                    continue;
                }
            };
            result.outcome = outcome;
            result.because = Some(Say::new(because).with("category", &with.category));
            result.sure = (outcome != Outcome::CannotTell).then_some(evidence::Sure::MachineEvidenced);
            result.findings = 0;
            gone.insert(result.check.clone());
        }
        draft.findings.retain(|f| !gone.contains(&f.check));
        draft.approved.retain(|a| !gone.contains(&a.finding.check));
        out.checks.append(&mut draft.checks);
        out.findings.append(&mut draft.findings);
        out.approved.append(&mut draft.approved);
    }
}

fn look(plan: &CheckedPlan, h: &Host<'_>, groups: &[&DataGroup], with: &WithData) -> Data {
    if h.examination.subject.folders.is_empty() {
        return Data::NotLooked;
    }
    let rank = |id: &LevelId| plan.levels().iter().find(|l| l.id == *id).map_or(0, |l| l.rank);
    let bound = rank(&with.at_least);
    let group = groups.iter().filter(|g| g.category == with.category && rank(&g.level.level) >= bound);
    if let Some(g) = group.max_by_key(|g| rank(&g.level.level)) {
        let items = g.evidence.iter().filter(|c| c.leaf == h.leaf).filter_map(|c| c.item).take(CITED_MAX).collect();
        let (root, class) = (g.root.to_string(), g.class.to_string());
        return Data::Found { root, class, level: g.level.level.clone(), items };
    }
    if let Some(found) = measured(plan, h, &with.category, &|level| rank(level) >= bound) {
        return found;
    }
    if whole(h) { Data::None } else { Data::Unknown }
}

/// True if the run ended by itself, something lies under each root that was named, and nothing but facts about the host was
/// left unseen: a folder, a database, a row that was lost on the way.
fn whole(h: &Host<'_>) -> bool {
    let unseen = |i: &evidence::Item| matches!(&i.body, Body::Gap(g) if !g.what.starts_with("fact:"));
    let holds = |root: &evidence::PathText| {
        let what = format!("folder:{root}");
        h.items.iter().any(|i| match &i.body {
            Body::Covered(c) if c.what == what => c.counts.get("files").is_some_and(|n| *n > 0),
            _ => false,
        })
    };
    h.examination.state == RunState::Complete
        && !h.items.iter().any(unseen)
        && h.examination.subject.folders.iter().all(holds)
}

/// Files that say of themselves what the plan bounds: extent, scale, distance of contours.
fn measured(plan: &CheckedPlan, h: &Host<'_>, of: &CategoryId, enough: &dyn Fn(&LevelId) -> bool) -> Option<Data> {
    let own = data::own(h.items);
    let mut best: Option<(LevelId, String, String, Vec<u64>)> = None;
    for effect in plan.effects() {
        let Effect::Measured { category, when, level, .. } = effect else { continue };
        if category != of || !enough(level) {
            continue;
        }
        for item in h.items {
            let Body::Measured(m) = &item.body else { continue };
            if data::about(plan, &own, &m.class).category != *of || holds(when, m).is_none() {
                continue;
            }
            let class = m.class.to_string();
            let (.., items) = best.get_or_insert_with(|| (level.clone(), m.at.path.to_string(), class, Vec::new()));
            if items.len() < CITED_MAX {
                items.push(item.n);
            }
        }
    }
    best.map(|(level, root, class, items)| Data::Found { root, class, level, items })
}
