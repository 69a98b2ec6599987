//! A plant's own records become counts, standings and digests.

use crate::VERSION;
use evidence::{
    Asset, AssetStanding, CarrierKind, Catalogue, CatalogueCounts, CheckResult, ClockState, Digest, ExaminedItems,
    Filing, IncidentCounts, Judgement, Measure, MeasureCounts, MeasureState, NodeId, Origin, Outcome, ProgrammeReport,
    Record, RecordKind, Rung, ScenarioCounts, Scope, ScopeKind, ScopeShare, Time,
};
use plan::CheckedPlan;
use proof::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// Who reports, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Reporter<'a> {
    /// The node.
    pub node: &'a NodeId,
    /// Unified social credit code.
    pub uscc: &'a str,
}

/// The newest of its kind, with its leaf.
type Newest<'a, T> = Option<(Time, Digest, &'a T)>;

fn newer<'a, T>(kept: &mut Newest<'a, T>, at: Time, leaf: Digest, value: &'a T) {
    if kept.as_ref().is_none_or(|k| (k.0, k.1) < (at, leaf)) {
        *kept = Some((at, leaf, value));
    }
}

/// What of a plant's log a report rests on.
#[derive(Default)]
struct Chosen<'a> {
    judgement: Newest<'a, Judgement>,
    catalogue: Newest<'a, Catalogue>,
    scope: Newest<'a, Scope>,
    filing: Newest<'a, Filing>,
    measures: BTreeMap<&'a str, (Time, Digest, &'a Measure)>,
    incidents: BTreeMap<&'a str, Vec<&'a Witness>>,
    /// Number of items.
    examinations: BTreeMap<Digest, u64>,
    doubts: BTreeMap<String, u64>,
}

/// Says where a plant stands. `records` may hold more than is needed; whatever is later than `as_of` or was judged under another plan is
/// not read.
#[must_use]
pub fn programme_report(plan: &CheckedPlan, records: &[Witness], who: &Reporter<'_>, as_of: Time) -> ProgrammeReport {
    let mut chosen = choose(plan, records, as_of);
    let mut cites: BTreeSet<(Digest, RecordKind)> = BTreeSet::new();
    if let Some((_, leaf, j)) = chosen.judgement {
        cites.insert((leaf, RecordKind::Judgement));
        said(&mut chosen.doubts, j.doubts.iter().map(|d| d.say.key.as_str()));
    }
    if let Some((_, leaf, c)) = chosen.catalogue {
        cites.insert((leaf, RecordKind::Catalogue));
        if c.plan.digest != plan.digest() {
            chosen.doubts.insert("catalogue-other-text".to_owned(), 1);
        }
        said(&mut chosen.doubts, c.doubts.iter().map(|d| d.say.key.as_str()));
    }
    let examinations = examinations(chosen.judgement.map(|j| j.2), &chosen.examinations);
    cites.extend(examinations.iter().map(|e| (e.leaf, RecordKind::Examination)));
    cites.extend(chosen.scope.map(|s| (s.1, RecordKind::Scope)));
    cites.extend(chosen.filing.map(|f| (f.1, RecordKind::Attestation)));
    cites.extend(chosen.measures.values().map(|m| (m.1, RecordKind::Measure)));
    let scope = scope(&mut chosen);
    let scenarios = chosen.judgement.map_or_else(Vec::new, |j| scenarios(plan, &j.2.checks));
    let incidents = incidents(plan, &chosen.incidents, as_of, &mut cites);
    ProgrammeReport {
        node: who.node.clone(),
        uscc: who.uscc.to_owned(),
        plan: plan.reference(),
        judge: VERSION.to_owned(),
        as_of,
        cites: cites.into_iter().collect(),
        scope,
        scenarios,
        examinations,
        catalogue: chosen.catalogue.map(|(_, leaf, c)| catalogue(leaf, c, chosen.filing.map(|f| f.0))),
        // Nothing rehearses yet.
        drills: None,
        incidents,
        measures: measures(chosen.measures.values().map(|m| m.2), as_of),
        doubts: chosen.doubts,
    }
}

fn choose<'a>(plan: &CheckedPlan, records: &'a [Witness], as_of: Time) -> Chosen<'a> {
    let mut out = Chosen::default();
    let by_leaf: BTreeMap<Digest, &Witness> = records.iter().map(|w| (w.record.leaf(), w)).collect();
    for (leaf, w) in by_leaf {
        match w.record.value() {
            Record::Judgement(j) if j.as_of <= as_of && j.plan.digest == plan.digest() => {
                newer(&mut out.judgement, j.as_of, leaf, &**j);
            }
            Record::Catalogue(c) if c.as_of <= as_of && c.plan.id == *plan.id() => {
                newer(&mut out.catalogue, c.as_of, leaf, &**c);
            }
            Record::Scope(s) if s.stated_at <= as_of => newer(&mut out.scope, s.stated_at, leaf, s),
            Record::Attestation(a) if a.stated_at <= as_of => {
                if let Some(f) = a.as_filing().filter(|f| f.date <= as_of) {
                    newer(&mut out.filing, f.date, leaf, f);
                }
            }
            Record::Measure(m) if m.stated_at <= as_of => {
                let new = (m.stated_at, leaf, m);
                let kept = out.measures.entry(m.id.as_str()).or_insert(new);
                if (kept.0, kept.1) < (new.0, new.1) {
                    *kept = new;
                }
            }
            Record::Examination(e) => {
                out.examinations.insert(leaf, e.items.count);
            }
            Record::Incident(e) if e.stated_at <= as_of => {
                out.incidents.entry(e.incident.as_str()).or_default().push(w);
            }
            _ => {}
        }
    }
    out
}

/// The examinations that a judgement cites and that are at hand, in the order of their leaves.
fn examinations(judged: Option<&Judgement>, at_hand: &BTreeMap<Digest, u64>) -> Vec<ExaminedItems> {
    let cites = judged.map_or(&[][..], |j| j.cites.as_slice());
    let cited = cites.iter().filter(|(_, kind)| *kind == RecordKind::Examination);
    cited.filter_map(|(leaf, _)| at_hand.get(leaf).map(|items| ExaminedItems { leaf: *leaf, items: *items })).collect()
}

/// Counts doubts by their codes; what they say stays in the plant.
fn said<'k>(doubts: &mut BTreeMap<String, u64>, keys: impl Iterator<Item = &'k str>) {
    for key in keys {
        *doubts.entry(key.trim_start_matches("doubt.").to_owned()).or_default() += 1;
    }
}

fn scope(chosen: &mut Chosen<'_>) -> Vec<ScopeShare> {
    let covered = chosen.judgement.map(|j| j.2);
    let judged = |leaf: Digest| covered.is_some_and(|j| j.cites.contains(&(leaf, RecordKind::Scope)));
    // A scope that the judgement has not seen makes the denominators; what it covers cannot be more than that.
    let fresh = chosen.scope.filter(|s| !judged(s.1)).map(|s| s.2);
    if fresh.is_some() && covered.is_some() {
        chosen.doubts.insert("scope-newer".to_owned(), 1);
    }
    let share = |kind: ScopeKind| {
        let coverage = covered.and_then(|j| j.coverage.iter().find(|c| c.kind == kind));
        let (mut declared, mut examined, undeclared) =
            coverage.map_or((0, 0, 0), |c| (c.declared, c.examined, c.undeclared));
        if let Some(scope) = fresh {
            declared = scope.entries.iter().filter(|e| e.kind == kind).count() as u64;
            examined = examined.min(declared);
        }
        ScopeShare { kind: kind.name().to_owned(), declared, examined, undeclared }
    };
    ScopeKind::ALL.map(share).to_vec()
}

fn scenarios(plan: &CheckedPlan, checks: &[CheckResult]) -> Vec<ScenarioCounts> {
    let of = |id: &evidence::ScenarioId| {
        let mut out = ScenarioCounts {
            scenario: id.to_string(),
            passed: 0,
            failed: 0,
            accepted: 0,
            not_applicable: 0,
            not_examined: 0,
        };
        for c in checks.iter().filter(|c| c.scenario == *id) {
            let approved = c.because.as_ref().is_some_and(|b| b.key == "because.approved");
            match c.outcome {
                Outcome::Pass if approved => out.accepted += 1,
                Outcome::Pass => out.passed += 1,
                Outcome::Fail => out.failed += 1,
                Outcome::NotApplicable => out.not_applicable += 1,
                Outcome::CannotTell => out.not_examined += 1,
            }
        }
        out
    };
    plan.scenarios().iter().map(|s| of(&s.id)).collect()
}

/// How sure the level of one asset is.
fn asset_rung(asset: &Asset) -> Rung {
    match asset.standing {
        AssetStanding::Both | AssetStanding::Found => Rung::MachineEvidenced,
        _ if asset.level.by.as_ref().is_some_and(|b| b.document.is_some()) => Rung::Documented,
        _ => Rung::Declared,
    }
}

fn catalogue(leaf: Digest, c: &Catalogue, filed: Option<Time>) -> CatalogueCounts {
    let (mut levels, mut ungraded, mut confirmed) = (BTreeMap::new(), 0, 0);
    for a in &c.assets {
        if a.level.proposed {
            ungraded += 1;
        } else {
            *levels.entry(a.level.level.to_string()).or_default() += 1;
        }
        confirmed +=
            u64::from(matches!(a.level.basis, evidence::LevelBasis::Confirmed | evidence::LevelBasis::Rejected));
    }
    // A cabinet and a system known by its name are nothing that a sensor can look at.
    let seen = c.assets.iter().filter(|a| a.carrier.kind != CarrierKind::Elsewhere).map(asset_rung).min();
    let rung = seen.or_else(|| c.assets.iter().map(asset_rung).min()).unwrap_or(Rung::Declared);
    CatalogueCounts { leaf, as_of: c.as_of, rung, levels, ungraded, confirmed, filed }
}

fn measures<'m>(all: impl Iterator<Item = &'m Measure>, as_of: Time) -> MeasureCounts {
    let mut out = MeasureCounts::default();
    for m in all {
        match m.state {
            MeasureState::Planned | MeasureState::Running => {
                out.open += 1;
                out.overdue += u64::from(m.due < as_of);
            }
            MeasureState::Done | MeasureState::Verified => out.done += 1,
            MeasureState::Excepted | MeasureState::Withdrawn => {}
        }
    }
    out
}

/// Incidents of the live world; a rehearsed one is none.
fn incidents(
    plan: &CheckedPlan,
    all: &BTreeMap<&str, Vec<&Witness>>,
    as_of: Time,
    cites: &mut BTreeSet<(Digest, RecordKind)>,
) -> IncidentCounts {
    let mut out = IncidentCounts::default();
    for (id, entries) in all {
        // Only its own entries: a plant with many incidents must not read all for each.
        let entries: Vec<Witness> = entries.iter().map(|w| (*w).clone()).collect();
        let judged = crate::incident(plan, &entries, id, as_of).filter(|j| j.origin == Origin::Live);
        let Some(judged) = judged else { continue };
        cites.extend(entries.iter().map(|w| (w.record.leaf(), RecordKind::Incident)));
        let closed = crate::incident_view(plan, &entries, id, as_of).is_some_and(|v| v.closed.is_some());
        out.open += u64::from(!closed);
        out.late += u64::from(judged.clocks.iter().any(|c| c.ours && c.certain && c.state == ClockState::Late));
        let first = judged.grades.first().map(|g| g.at_least.as_str()).filter(|l| !l.is_empty());
        *out.levels.entry(first.unwrap_or("none").to_owned()).or_default() += 1;
    }
    out
}
