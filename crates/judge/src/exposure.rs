//! Which articles findings and incidents touch (`docs/specs/exposure-v1.md`).
//!
//! Refused: a sum. Amounts are per offence and within an authority's discretion; adding them up would be a number that nobody ever owes.

use evidence::{ClockState, Finding, Grade, IncidentJudgement};
use plan::{CheckedPlan, Penalty};
use std::collections::BTreeMap;

/// An incident that may touch articles.
#[derive(Clone, Copy, Debug)]
pub struct Happened<'a> {
    /// How it is judged.
    pub judgement: &'a IncidentJudgement,
    /// The level of its data, as somebody answered it.
    pub data: Option<&'a str>,
    /// What was answered in numbers, by dimension: at least, at most.
    pub numbers: &'a BTreeMap<String, (i64, Option<i64>)>,
}

/// What touches an article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Toucher {
    /// A finding.
    Finding,
    /// An incident.
    Incident,
    /// A transfer of data that somebody asks about.
    Transfer,
}
impl Toucher {
    /// All of them.
    pub const ALL: [Toucher; 3] = [Self::Finding, Self::Incident, Self::Transfer];
    /// The name in JSON and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Incident => "incident",
            Self::Transfer => "transfer",
        }
    }
}

/// Why an article is touched.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Because {
    /// What kind of thing.
    pub what: Toucher,
    /// Its id: a finding's in full, an incident's, a rule of transfers or a need.
    pub id: String,
    /// The check of a finding; empty otherwise.
    pub check: String,
    /// The plan's words for what touches: `row:8`, `incident:miit.II`.
    pub via: String,
    /// False as long as something unknown could still make it untrue.
    pub certain: bool,
}

/// An article that is touched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Touched<'p> {
    /// The article and its amounts.
    pub penalty: &'p Penalty,
    /// Why, each thing once: findings, incidents, transfers; each by id.
    pub because: Vec<Because>,
}

/// Articles of the plan that something touches, in the plan's order; of those for certain actors only what this node is.
#[must_use]
pub fn exposure<'p>(
    plan: &'p CheckedPlan,
    findings: &[Finding],
    incidents: &[Happened<'_>],
    transfers: &[String],
    actors: &[String],
) -> Vec<Touched<'p>> {
    let of = |penalty: &'p Penalty| {
        let mut because = Vec::new();
        for via in &penalty.touches {
            because.extend(findings.iter().filter(|f| finding(plan, f, via)).map(|f| Because {
                what: Toucher::Finding,
                id: f.id.hex(),
                check: f.check.to_string(),
                via: via.clone(),
                certain: true,
            }));
            because.extend(incidents.iter().filter_map(|i| {
                let certain = incident(plan, i, via)?;
                let id = i.judgement.incident.clone();
                Some(Because { what: Toucher::Incident, id, check: String::new(), via: via.clone(), certain })
            }));
            because.extend(transfers.iter().filter_map(|t| {
                let certain = transfer(plan, t, via)?;
                Some(Because {
                    what: Toucher::Transfer,
                    id: t.clone(),
                    check: String::new(),
                    via: via.clone(),
                    certain,
                })
            }));
        }
        // Of several ways in which one thing touches an article the certain one is named, then the plan's first.
        because.sort_by(|a, b| (a.what, &a.id, !a.certain).cmp(&(b.what, &b.id, !b.certain)));
        because.dedup_by(|later, first| (later.what, &later.id) == (first.what, &first.id));
        Touched { penalty, because }
    };
    let whose = |p: &&Penalty| p.actor.is_empty() || actors.contains(&p.actor);
    plan.penalties().iter().filter(whose).map(of).filter(|t| !t.because.is_empty()).collect()
}

fn finding(plan: &CheckedPlan, f: &Finding, via: &str) -> bool {
    match via.split_once(':') {
        Some(("row", n)) => {
            let rows = plan.check(&f.check).map(|c| c.rows.as_slice()).unwrap_or_default();
            rows.iter().any(|r| r.to_string() == n)
        }
        Some(("scenario", s)) => f.scenario.as_str() == s,
        Some(("check", c)) => f.check.as_str() == c,
        _ => false,
    }
}

/// `Some(true)` if an incident touches it for certain, `Some(false)` if it may.
fn incident(plan: &CheckedPlan, i: &Happened<'_>, via: &str) -> Option<bool> {
    match via.split_once(':') {
        None => (via == "incident").then_some(true),
        Some(("incident", of)) => match of.split_once('.') {
            None => i.judgement.grades.iter().any(|g| g.regime == of).then_some(true),
            Some((regime, level)) => {
                let grade = i.judgement.grades.iter().find(|g| g.regime == regime)?;
                at_level(plan, grade, level)
            }
        },
        // People are concerned, may be, or are known not to be.
        Some(("people", dimension)) => match i.numbers.get(dimension) {
            Some((least, _)) if *least > 0 => Some(true),
            Some((_, Some(0))) => None,
            _ => Some(false),
        },
        Some(("data", level)) => (i.data == Some(level)).then_some(true),
        Some(("clock", id)) => {
            let late = i
                .judgement
                .clocks
                .iter()
                .find(|c| c.clock == id && c.ours && matches!(c.state, ClockState::Late | ClockState::MetLate))?;
            Some(late.certain)
        }
        Some(_) => None,
    }
}

fn at_level(plan: &CheckedPlan, g: &Grade, level: &str) -> Option<bool> {
    let rank = |id: &str| plan.incident_levels().iter().find(|l| l.regime == g.regime && l.id == id).map(|l| l.rank);
    let (this, least, most) = (rank(level)?, rank(&g.at_least)?, rank(&g.at_most)?);
    // Rank 1 is the gravest.
    let possible = (most..=least).contains(&this) || g.proposed.as_deref() == Some(level);
    possible.then_some(most == least && this == least && g.proposed.is_none())
}

/// A rule touches its own articles and those of what it needs; a need, which some rule has, may touch that rule's.
fn transfer(plan: &CheckedPlan, typed: &str, via: &str) -> Option<bool> {
    let ("transfer", of) = via.split_once(':')? else { return None };
    let needs = |id: &str| plan.transfers().iter().find(|t| t.id == id).map(|t| t.needs.as_str());
    match () {
        () if typed == of || needs(typed) == Some(of) => Some(true),
        () if needs(of) == Some(typed) => Some(false),
        () => None,
    }
}
