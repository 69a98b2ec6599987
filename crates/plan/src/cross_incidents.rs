//! The incident room seen as a whole: criteria and their dimensions, groups, clocks that follow one another, forms, steps,
//! calendars, penalties.
//!
//! What an engine would otherwise find out in the night of an incident is a fault of the plan here: a level that can
//! never be reached, a clock that waits for itself, a form that is filled from nothing.

use crate::cross::Names;
use crate::error::{At, Errors, nearest};
use crate::model::{Calendar, Criterion, DimensionKind, Draft, Group, IncidentLevel, Measured};
use std::collections::{BTreeMap, BTreeSet};

/// Parts of a response in which a step can stand.
const PHASES: [&str; 3] = ["first", "response", "end"];
/// Persons who can have a step to do.
const ROLES: [&str; 4] = ["first-responsible", "direct-responsible", "duty", "anyone"];
/// What a form can serve.
const STAGES: [&str; 5] = ["initial", "progress", "summary", "warning", "judgement"];
/// What a field can be filled from, besides `moment.<moment>`, `answer.<dimension>` and `grade.<regime>`.
const PREFILLS: [&str; 9] = [
    "catalogue.level",
    "catalogue.bytes",
    "catalogue.records",
    "profile.name",
    "profile.contact",
    "profile.mobile",
    "profile.unit",
    "host.names",
    "title",
];

pub(crate) fn check(plan: &Draft, errors: &mut Errors) {
    let regimes = Names::new("regime", plan.regimes.iter().map(|r| r.id.as_str()));
    let levels = Levels(plan);
    for i in &plan.incidents {
        regimes.need(&i.regime, &i.sourced.at, errors);
        groups(i, errors);
        response(i, errors);
    }
    dimensions(plan, errors);
    clocks(plan, &regimes, &levels, errors);
    forms(plan, &regimes, &levels, errors);
    for s in &plan.steps {
        let at = &s.sourced.at;
        regimes.need(&s.regime, at, errors);
        levels.need(&s.regime, &s.levels, at, errors);
        if s.levels.is_empty() {
            wrong(&s.id, "names no level at which it is to be done", at, errors);
        }
        one_of("phase", &s.phase, &PHASES, at, errors);
        one_of("role", &s.role, &ROLES, at, errors);
    }
    plan.calendars.iter().for_each(|c| calendar(c, errors));
    penalties(plan, errors);
}

fn wrong(id: &str, why: &str, at: &At, errors: &mut Errors) {
    errors.add(at, "bounds", &[("id", id), ("why", why)], None);
}

fn one_of(key: &str, got: &str, known: &[&str], at: &At, errors: &mut Errors) {
    if !known.contains(&got) {
        let want = format!("one of {}", known.join(", "));
        errors.add(
            at,
            "bad-value",
            &[("key", key), ("want", &want), ("got", got)],
            nearest(got, known.iter().copied()),
        );
    }
}

/// The levels of each regime.
struct Levels<'a>(&'a Draft);
impl Levels<'_> {
    fn need(&self, regime: &str, named: &[String], at: &At, errors: &mut Errors) {
        // Of a regime that there is not, its levels would only echo.
        if !self.0.regimes.iter().any(|r| r.id == regime) {
            return;
        }
        let of = self.0.incidents.iter().filter(|i| i.regime == regime).map(|i| i.id.as_str());
        let known = Names::new("incident level", of);
        named.iter().for_each(|l| known.need(l, at, errors));
    }
}

/// Every criterion is measured in a dimension that is answered in its way; words belong to one regime, because a chosen
/// word is one of its levels.
fn dimensions(plan: &Draft, errors: &mut Errors) {
    let known = Names::new("dimension", plan.dimensions.iter().map(|d| d.id.as_str()));
    let mut of_words: BTreeMap<&str, &str> = BTreeMap::new();
    for (level, c) in plan.incidents.iter().flat_map(|i| i.criteria.iter().map(move |c| (i, c))) {
        let at = &c.sourced.at;
        known.need(&c.dimension, at, errors);
        let Some(dimension) = plan.dimensions.iter().find(|d| d.id == c.dimension) else { continue };
        if let Some(why) = unfit(dimension.kind, &c.measured) {
            wrong(&c.id, &format!("{}: {why}", c.dimension), at, errors);
        }
        if dimension.kind == DimensionKind::Words {
            let regime = of_words.entry(&c.dimension).or_insert(&level.regime);
            if *regime != level.regime {
                let why = format!(
                    "{} is answered with a level of {regime}; a dimension by words belongs to one regime",
                    c.dimension
                );
                wrong(&c.id, &why, at, errors);
            }
        }
        let asks_data = matches!(&c.measured, Measured::Words { data } if !data.is_empty());
        if asks_data && !plan.dimensions.iter().any(|d| d.kind == DimensionKind::DataLevel) {
            wrong(&c.id, "names levels of data, but no dimension of kind data-level asks for them", at, errors);
        }
    }
    for kind in [DimensionKind::DataLevel, DimensionKind::Confirmation] {
        for d in plan.dimensions.iter().filter(|d| d.kind == kind).skip(1) {
            wrong(&d.id, "the plan already has a dimension of this kind, and may have one", &d.sourced.at, errors);
        }
    }
}

/// Why a criterion cannot be measured by answers of a kind.
fn unfit(kind: DimensionKind, measured: &Measured) -> Option<&'static str> {
    match (kind, measured) {
        (DimensionKind::Number, Measured::Bounds { .. }) | (DimensionKind::Words, Measured::Words { .. }) => None,
        (DimensionKind::Number, Measured::Words { .. }) => {
            Some("is answered with a number, and the criterion is by words")
        }
        (DimensionKind::Words, Measured::Bounds { .. }) => Some("is answered with words, and the criterion has bounds"),
        (DimensionKind::DataLevel, _) => Some("is the level of the data: name it in `data` of a criterion by words"),
        (DimensionKind::Confirmation, _) => Some("confirms what the plan proposes; no criterion is measured in it"),
    }
}

fn groups(level: &IncidentLevel, errors: &mut Errors) {
    let at = &level.sourced.at;
    let criteria = Names::new("criterion of this level", level.criteria.iter().map(|c| c.id.as_str()));
    let ids = Names::new("group of this level", level.groups.iter().map(|g| g.id.as_str()));
    let mut seen = BTreeSet::new();
    for g in &level.groups {
        if !seen.insert(&g.id) {
            wrong(&g.id, "this level has two groups of that id", at, errors);
        }
        g.requires.iter().for_each(|r| criteria.need(r, at, errors));
        group(level, g, errors);
    }
    for c in level.criteria.iter().filter(|c| !c.group.is_empty()) {
        ids.need(&c.group, &c.sourced.at, errors);
    }
}

fn group(level: &IncidentLevel, g: &Group, errors: &mut Errors) {
    let members = level.criteria.iter().filter(|c| c.group == g.id).count();
    if g.needs < 1 || g.needs as usize > members {
        let why = format!("needs {} of {members} members", g.needs);
        wrong(&g.id, &why, &level.sourced.at, errors);
    }
    // A criterion in no group is enough alone: required by a group, it would make that group idle.
    let alone = |c: &&Criterion| c.group.is_empty() && g.requires.contains(&c.id);
    for c in level.criteria.iter().filter(alone) {
        let why = format!("{} requires it, but it is in no group and so enough alone", g.id);
        wrong(&c.id, &why, &c.sourced.at, errors);
    }
}

fn response(level: &IncidentLevel, errors: &mut Errors) {
    let Some(rule) = &level.response else { return };
    for (by, key) in [(&rule.started_by, "started_by"), (&rule.ended_by, "ended_by")] {
        if by.is_empty() {
            errors.add(&level.sourced.at, "missing-key", &[("key", key)], None);
        }
    }
}

fn clocks(plan: &Draft, regimes: &Names, levels: &Levels, errors: &mut Errors) {
    let known = Names::new("clock", plan.clocks.iter().map(|c| c.id.as_str()));
    let data = Names::new("data level", plan.levels.iter().map(|l| l.id.as_str()));
    for c in &plan.clocks {
        let at = &c.sourced.at;
        c.data.iter().for_each(|l| data.need(l.as_str(), at, errors));
        if c.incident.is_empty() {
            if !c.levels.is_empty() || !c.data.is_empty() {
                let hint = Some("`levels` and `data` are those of an incident: say of which regime".to_owned());
                errors.add(at, "missing-key", &[("key", "incident")], hint);
            }
        } else {
            regimes.need(&c.incident, at, errors);
            levels.need(&c.incident, &c.levels, at, errors);
        }
        if c.unless.contains(&c.actor) {
            wrong(&c.id, &format!("is of {} unless it is {}", c.actor, c.actor), at, errors);
        }
        if let Some(after) = &c.after {
            known.need(after, at, errors);
            if follows_itself(plan, &c.id) {
                wrong(&c.id, "waits for itself: its `after` leads back to it", at, errors);
            }
        }
    }
}

/// Does the chain of `after` come back to this clock.
fn follows_itself(plan: &Draft, id: &str) -> bool {
    let before = |id: &str| plan.clocks.iter().find(|c| c.id == id).and_then(|c| c.after.as_deref());
    // A chain longer than there are clocks runs in a circle; only those in the circle are named.
    std::iter::successors(before(id), |at| before(at)).take(plan.clocks.len()).any(|at| at == id)
}

fn forms(plan: &Draft, regimes: &Names, levels: &Levels, errors: &mut Errors) {
    let clocks = Names::new("clock", plan.clocks.iter().map(|c| c.id.as_str()));
    let dimensions = Names::new("dimension", plan.dimensions.iter().map(|d| d.id.as_str()));
    for f in &plan.forms {
        let at = &f.sourced.at;
        f.meets.iter().for_each(|c| clocks.need(c, at, errors));
        f.stages.iter().for_each(|s| one_of("stages", s, &STAGES, at, errors));
        if f.regime.is_empty() {
            if !f.sealed_for.is_empty() || !f.meets.is_empty() || !f.stages.is_empty() {
                let hint = Some("`stages`, `meets` and `sealed_for` are those of an incident: say of which regime");
                errors.add(at, "missing-key", &[("key", "regime")], hint.map(str::to_owned));
            }
        } else {
            regimes.need(&f.regime, at, errors);
            levels.need(&f.regime, &f.sealed_for, at, errors);
        }
        let mut seen = BTreeSet::new();
        for field in &f.fields {
            if !seen.insert(&field.id) {
                wrong(&format!("{}.{}", f.id, field.id), "the form has two fields of that id", at, errors);
            }
            match field.prefill.split_once('.') {
                _ if field.prefill.is_empty() => {}
                Some(("moment", moment)) if !moment.is_empty() => {}
                Some(("answer", dimension)) => dimensions.need(dimension, at, errors),
                Some(("grade", regime)) => regimes.need(regime, at, errors),
                _ => one_of("prefill", &field.prefill, &PREFILLS, at, errors),
            }
        }
    }
}

fn calendar(c: &Calendar, errors: &mut Errors) {
    let at = &c.sourced.at;
    if let Err(e) = jiff::tz::TimeZone::posix(&c.zone_rule) {
        let hint = Some(format!("{e}; a rule of POSIX.1 `TZ`, such as CST-8 or CET-1CEST,M3.5.0,M10.5.0/3"));
        let with = [("key", "zone_rule"), ("want", "a rule of a time zone"), ("got", c.zone_rule.as_str())];
        errors.add(at, "bad-value", &with, hint);
    }
    let distinct: BTreeSet<&u32> = c.rest.iter().collect();
    if c.rest.iter().any(|d| !(1..=7).contains(d)) || distinct.len() != c.rest.len() || c.rest.len() == 7 {
        let got = format!("{:?}", c.rest);
        let with =
            [("key", "rest"), ("want", "days of the week from 1 (Monday) to 7, each once, not all"), ("got", &got)];
        errors.add(at, "bad-value", &with, None);
    }
    for year in &c.years {
        let at = &year.sourced.at;
        let id = format!("{}.{}", c.id, year.year);
        let mut seen = BTreeSet::new();
        for (day, works) in year.off.iter().map(|d| (d, false)).chain(year.work.iter().map(|d| (d, true))) {
            // The loader has named days that are none.
            let Ok(date) = day.parse::<jiff::civil::Date>() else { continue };
            if i64::from(date.year()) != year.year {
                wrong(&id, &format!("{day} is of another year"), at, errors);
            }
            if !seen.insert(day) {
                wrong(&id, &format!("{day} stands twice"), at, errors);
            }
            let weekday = date.weekday().to_monday_one_offset().unsigned_abs();
            if works && !c.rest.contains(&u32::from(weekday)) {
                let why = format!("{day} is day {weekday} of the week, which is worked anyway");
                wrong(&id, &why, at, errors);
            }
        }
    }
}

fn penalties(plan: &Draft, errors: &mut Errors) {
    for p in &plan.penalties {
        let at = &p.sourced.at;
        if p.from < 0 || p.from > p.to {
            wrong(&p.id, &format!("from {} to {} is nothing", p.from, p.to), at, errors);
        }
        if let Some((from, to)) = p.person
            && (from < 0 || from > to)
        {
            wrong(&p.id, &format!("for a person from {from} to {to} is nothing"), at, errors);
        }
        if p.revenue_per_mille.is_some_and(|m| !(1..=1000).contains(&m)) {
            wrong(&p.id, "a share of revenue is 1 to 1000 thousandths", at, errors);
        }
        let actors = || plan.clocks.iter().map(|c| c.actor.as_str());
        if !p.actor.is_empty() && !actors().any(|a| a == p.actor) {
            wrong(&p.id, &format!("no clock of the plan knows the actor {}", p.actor), at, errors);
        }
        for t in &p.touches {
            touches(plan, t, at, errors);
        }
    }
}

/// `incident`, or a kind and an id.
fn touches(plan: &Draft, text: &str, at: &At, errors: &mut Errors) {
    let Some((kind, id)) = text.split_once(':') else {
        let kinds = ["incident"];
        let hint = nearest(text, kinds).or_else(|| {
            Some(
                "`incident`, or row:, check:, scenario:, incident:, data:, clock:, transfer:, people: and an id"
                    .to_owned(),
            )
        });
        if text != "incident" {
            let with = [("key", "touches"), ("want", "a kind and an id, such as row:8"), ("got", text)];
            errors.add(at, "bad-value", &with, hint);
        }
        return;
    };
    let owned: Vec<String> = match kind {
        "row" => plan.rows.iter().map(|r| r.number.to_string()).collect(),
        "incident" => {
            let levels = plan.incidents.iter().map(|i| format!("{}.{}", i.regime, i.id));
            plan.regimes.iter().map(|r| r.id.clone()).chain(levels).collect()
        }
        "check" => plan.checks.iter().map(|c| c.id.to_string()).collect(),
        "scenario" => plan.scenarios.iter().map(|s| s.id.to_string()).collect(),
        "data" => plan.levels.iter().map(|l| l.id.to_string()).collect(),
        "clock" => plan.clocks.iter().map(|c| c.id.clone()).collect(),
        "transfer" => plan.transfers.iter().flat_map(|t| [t.id.clone(), t.needs.clone()]).collect(),
        "people" => {
            let numbers = plan.dimensions.iter().filter(|d| d.kind == DimensionKind::Number);
            numbers.map(|d| d.id.clone()).collect()
        }
        _ => {
            let kinds = ["row", "check", "scenario", "incident", "data", "clock", "transfer", "people"];
            one_of("touches", kind, &kinds, at, errors);
            return;
        }
    };
    // A check that could not be read has its own fault already.
    if kind == "check" && plan.broken_checks.iter().any(|c| c.as_str() == id) {
        return;
    }
    let what = match kind {
        "row" => "row",
        "incident" => "regime or incident level",
        "check" => "check",
        "scenario" => "scenario",
        "data" => "data level",
        "clock" => "clock",
        "people" => "dimension of kind number",
        _ => "transfer",
    };
    Names::new(what, owned.iter().map(String::as_str)).need(id, at, errors);
}
