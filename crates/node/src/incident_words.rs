//! What people type about an incident: read by the plan's words, and refused before it is signed if it could not count.

use crate::incidents::{IncidentFile, TEXT_CHARS_MAX, entry};
use crate::{NodeError, home};
use evidence::{
    Answered, ClockStanding, ClockState, Happening, IncidentJudgement, Reported, Response, Say, StepTaken, Time,
};
use plan::{CheckedPlan, Days, Dimension, DimensionKind};
use std::collections::BTreeSet;

/// A text as typed, with its lines, without characters that steer a terminal.
pub(crate) fn lines(typed: &str) -> String {
    let kept = |c: char| if c == '\t' { Some(' ') } else { (c == '\n' || !c.is_control()).then_some(c) };
    typed.replace("\r\n", "\n").chars().filter_map(kept).collect::<String>().trim().to_owned()
}

/// Reads an instant as people type it: in the zone of the plan's calendar, or RFC 3339, or so long ago (`20m`, `3h`, `2d`), or `now`.
pub fn instant(plan: &CheckedPlan, typed: &str) -> Result<Time, NodeError> {
    let ago = || {
        let text = typed.strip_prefix('-').unwrap_or(typed).trim_end_matches(" ago");
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let minutes = match unit {
            "m" => 1,
            "h" => 60,
            "d" => 24 * 60,
            _ => return None,
        };
        let n: i64 = number.parse().ok()?;
        home::now().plus_minutes(n.checked_mul(minutes)?.checked_neg()?)
    };
    let written = || {
        let plain =
            typed.strip_suffix('Z').map(|t| if t.contains('.') { format!("{t}Z") } else { format!("{t}.000Z") });
        plain.and_then(|t| t.parse().ok())
    };
    let read = match typed.trim() {
        "now" => Some(home::now()),
        _ => written().or_else(ago).or_else(|| Days::of(plan.calendar()).read(typed)),
    };
    read.ok_or_else(|| entry("incident-time", typed))
}

/// A text of a person: with its lines, not empty, not longer than the limit. Nothing is cut in silence.
pub fn text(what: &str, typed: &str, chars_max: usize) -> Result<String, NodeError> {
    let text = optional_text(what, typed, chars_max)?;
    if text.is_empty() {
        return Err(NodeError::Entry(Say::new("error.text-empty").with("what", what)));
    }
    Ok(text)
}

/// The same, where it may be empty.
pub fn optional_text(what: &str, typed: &str, chars_max: usize) -> Result<String, NodeError> {
    let text = lines(typed);
    let chars = text.chars().count();
    if chars > chars_max {
        let say = Say::new("error.text-long").with("what", what).with("chars", chars).with("max", chars_max);
        return Err(NodeError::Entry(say));
    }
    Ok(text)
}

/// Actors that the plan's incident clocks know.
#[must_use]
pub fn actors(plan: &CheckedPlan) -> BTreeSet<&str> {
    plan.clocks().iter().filter(|c| !c.incident.is_empty()).map(|c| c.actor.as_str()).collect()
}

/// Branches that criteria or the plan's regimes know.
#[must_use]
pub fn branches(plan: &CheckedPlan) -> BTreeSet<&str> {
    plan.incident_levels()
        .iter()
        .flat_map(|l| &l.criteria)
        .map(|c| c.branch.as_str())
        .filter(|b| !b.is_empty())
        .collect()
}

/// Moments of incidents that the plan declares.
#[must_use]
pub fn moments(plan: &CheckedPlan) -> BTreeSet<&str> {
    plan.moments().iter().map(|m| m.id.as_str()).collect()
}

/// Refuses a profile with actors or branches that the plan does not know.
pub fn check_profile(plan: &CheckedPlan, profile: &crate::Profile) -> Result<(), NodeError> {
    known(&profile.actors, actors(plan), "incident-actor")?;
    known(&profile.branches, branches(plan), "incident-branch")
}

pub(crate) fn known(typed: &[String], known: BTreeSet<&str>, what: &str) -> Result<(), NodeError> {
    match typed.iter().find(|t| !known.contains(t.as_str())) {
        None => Ok(()),
        Some(t) => {
            let known = known.into_iter().collect::<Vec<_>>().join(", ");
            let say = Say::new(format!("error.{what}")).with("value", attest::clean(t)).with("known", known);
            Err(NodeError::Entry(say))
        }
    }
}

/// The dimension that somebody means: its id, its alias, or a beginning that no other has; `_` stands for `-`.
pub fn dimension<'p>(plan: &'p CheckedPlan, typed: &str) -> Result<&'p Dimension, NodeError> {
    let name = typed.trim().replace('_', "-");
    let all = plan.dimensions();
    if let Some(d) = all.iter().find(|d| d.id == name || (!d.alias.is_empty() && d.alias == name)) {
        return Ok(d);
    }
    let mut fits = all.iter().filter(|d| !name.is_empty() && d.id.starts_with(&name));
    match (fits.next(), fits.next()) {
        (Some(d), None) => Ok(d),
        _ => {
            let known = all.iter().map(|d| d.id.as_str()).collect::<Vec<_>>().join(", ");
            let say = Say::new("error.incident-dimension").with("value", attest::clean(typed)).with("known", known);
            Err(NodeError::Entry(say))
        }
    }
}

/// Reads what somebody typed as an answer: `1200000`, `1,200,000`, `>=100`, `<=5`, `10..20`, `unknown`; or a level's id, `none`, `yes`.
pub fn answer(plan: &CheckedPlan, d: &Dimension, typed: &str, reason: &str) -> Result<Answered, NodeError> {
    let typed = typed.trim();
    let bad = |known: String| {
        let say = Say::new("error.incident-answer").with("dimension", &d.id).with("value", attest::clean(typed));
        NodeError::Entry(say.with("known", known))
    };
    if matches!(typed, "unknown" | "?" | "未知" | "尚不明确") {
        return Ok(Answered::Unknown);
    }
    if d.kind == DimensionKind::Number {
        let (least, most) =
            bounds(typed).ok_or_else(|| bad("12000, >=12000, <=12000, 100..200, unknown".to_owned()))?;
        return Ok(Answered::Number { least, most });
    }
    let mut known: Vec<&str> = match d.kind {
        DimensionKind::DataLevel => plan.levels().iter().map(|l| l.id.as_str()).collect(),
        DimensionKind::Confirmation => plan.incident_levels().iter().map(|l| l.id.as_str()).collect(),
        _ => {
            let of = plan.incident_levels().iter().filter(|l| l.criteria.iter().any(|c| c.dimension == d.id));
            of.map(|l| l.id.as_str()).collect()
        }
    };
    known.sort_unstable();
    known.dedup();
    let value = match typed {
        "yes" | "是" if d.kind == DimensionKind::Words && known.len() == 1 => known[0],
        "no" | "none" | "否" | "无" if d.kind == DimensionKind::Words => "none",
        other => match known.iter().find(|k| k.eq_ignore_ascii_case(other)) {
            Some(k) => k,
            None => {
                known.extend((d.kind == DimensionKind::Words).then_some("none"));
                known.push("unknown");
                return Err(bad(known.join(", ")));
            }
        },
    };
    let reason = optional_text("--reason", reason, TEXT_CHARS_MAX)?;
    if reason.is_empty() && d.kind != DimensionKind::DataLevel && value != "none" {
        let say = Say::new("error.incident-reason").with("dimension", &d.id);
        return Err(NodeError::Entry(say));
    }
    Ok(Answered::Chosen { value: value.to_owned(), reason })
}

/// Inclusive bounds of what was typed.
fn bounds(typed: &str) -> Option<(Option<i64>, Option<i64>)> {
    let number = |t: &str| {
        let plain: String = t.trim().chars().filter(|c| !matches!(c, ',' | '_' | ' ' | '，')).collect();
        let units = [('万', 10_000), ('亿', 100_000_000)];
        let unit = units.iter().find_map(|(u, n)| Some((plain.strip_suffix(*u)?, *n)));
        let (digits, scale) = unit.unwrap_or((&plain, 1));
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let n = digits.parse::<i64>().ok()?.checked_mul(scale)?;
        (n <= evidence::canonical::INTEGER_MAX).then_some(n)
    };
    if let Some(least) = typed.strip_prefix(">=").or_else(|| typed.strip_prefix('≥')) {
        return Some((Some(number(least)?), None));
    }
    if let Some(most) = typed.strip_prefix("<=").or_else(|| typed.strip_prefix('≤')) {
        return Some((None, Some(number(most)?)));
    }
    if let Some((least, most)) = typed.split_once("..") {
        let (least, most) = (number(least)?, number(most)?);
        return (least <= most).then_some((Some(least), Some(most)));
    }
    let n = number(typed)?;
    Some((Some(n), Some(n)))
}

/// Refuses what could not count.
pub(crate) fn check_all(
    plan: &CheckedPlan,
    file: &IncidentFile,
    what: &[Happening],
    now: Time,
) -> Result<(), NodeError> {
    for h in what {
        match h {
            Happening::Moment(m) => {
                known(std::slice::from_ref(&m.moment), moments(plan), "incident-moment")?;
                not_ahead(plan, m.at, now)?;
            }
            Happening::Reported(r) => check_report(plan, r, now)?,
            Happening::Response(r) => {
                let running = file.view(plan, now).and_then(|v| v.response.map(|r| r.last.level.is_some()));
                if r.level.is_none() && running != Some(true) {
                    return Err(entry("incident-no-response", &file.id));
                }
                check_response(plan, r, now)?;
            }
            Happening::Step(s) => check_step(plan, s, now)?,
            Happening::Noted { at, .. } => not_ahead(plan, *at, now)?,
            Happening::Seen(s) => not_ahead(plan, s.at, now)?,
            Happening::Custody(c) => not_ahead(plan, c.at, now)?,
            Happening::Closed { anyway, .. } => {
                let open = file.judge(plan, now).map_or_else(Vec::new, |j| owed(&j));
                if !open.is_empty() && anyway.is_empty() {
                    let say = Say::new("error.incident-owed").with("value", &file.id).with("clocks", open.join(", "));
                    return Err(NodeError::Entry(say));
                }
            }
            Happening::Reopened { .. } if file.view(plan, now).is_none_or(|v| v.closed.is_none()) => {
                return Err(entry("incident-not-closed", &file.id));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Clocks of this node that certainly apply and are not met, by id: those that run, and those that are late.
#[must_use]
pub fn owed(j: &IncidentJudgement) -> Vec<String> {
    let open = |c: &&ClockStanding| {
        c.ours && c.certain && !matches!(c.state, ClockState::Met | ClockState::MetLate | ClockState::Waiting)
    };
    j.clocks.iter().filter(open).map(|c| c.clock.clone()).collect()
}

/// What happened lies in the past. A minute of grace: clocks of people and machines differ.
fn not_ahead(plan: &CheckedPlan, at: Time, now: Time) -> Result<(), NodeError> {
    let latest = now.plus_minutes(1).unwrap_or(now);
    if at <= latest {
        return Ok(());
    }
    let days = Days::of(plan.calendar());
    let say = Say::new("error.incident-ahead").with("at", days.local(at)).with("now", days.local(now));
    Err(NodeError::Entry(say))
}

fn check_report(plan: &CheckedPlan, r: &Reported, now: Time) -> Result<(), NodeError> {
    let clocks = plan.clocks().iter().filter(|c| !c.incident.is_empty()).map(|c| c.id.as_str()).collect();
    known(&r.clocks, clocks, "incident-clock")?;
    known(std::slice::from_ref(&r.channel), ["phone", "written", "form", "other"].into(), "incident-channel")?;
    if r.to.trim().is_empty() {
        return Err(NodeError::Entry(Say::new("error.incident-told-whom")));
    }
    if r.clocks.is_empty() {
        return Err(NodeError::Entry(Say::new("error.incident-told-nothing")));
    }
    not_ahead(plan, r.at, now)
}

fn check_response(plan: &CheckedPlan, r: &Response, now: Time) -> Result<(), NodeError> {
    let with_response = plan.incident_levels().iter().filter(|l| l.response.is_some());
    let regimes = with_response.clone().map(|l| l.regime.as_str()).collect();
    known(std::slice::from_ref(&r.regime), regimes, "incident-regime")?;
    if let Some(level) = &r.level {
        let levels = with_response.filter(|l| l.regime == r.regime).map(|l| l.id.as_str()).collect();
        known(std::slice::from_ref(level), levels, "incident-level")?;
    }
    let mut deciders = actors(plan);
    for rule in plan.incident_levels().iter().filter_map(|l| l.response.as_ref()) {
        deciders.extend(rule.started_by.iter().chain(&rule.ended_by).map(String::as_str));
        deciders.extend([rule.led_by.as_str(), rule.change_consent.as_str()].into_iter().filter(|a| !a.is_empty()));
    }
    known(std::slice::from_ref(&r.by), deciders.clone(), "incident-actor")?;
    for c in &r.consents {
        known(std::slice::from_ref(&c.actor), deciders.clone(), "incident-actor")?;
        if c.person.trim().is_empty() {
            return Err(NodeError::Entry(Say::new("error.incident-consent").with("value", &c.actor)));
        }
        not_ahead(plan, c.at, now)?;
    }
    not_ahead(plan, r.at, now)
}

fn check_step(plan: &CheckedPlan, s: &StepTaken, now: Time) -> Result<(), NodeError> {
    known(std::slice::from_ref(&s.step), plan.steps().iter().map(|s| s.id.as_str()).collect(), "incident-step")?;
    if !s.done && s.note.trim().is_empty() {
        return Err(NodeError::Entry(Say::new("error.incident-skip-why").with("step", &s.step)));
    }
    not_ahead(plan, s.at, now)
}
