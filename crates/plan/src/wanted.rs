//! Which words a plan must have, and which holes each may use.

use crate::error::At;
use crate::model::{Check, CheckKind, Draft, Effect, FieldRule, Rule};
use evidence::{FactDef, Shape, fact};
use std::collections::{BTreeMap, BTreeSet};

/// One key that must have words.
pub(crate) struct Want {
    /// The element that needs it.
    pub(crate) at: At,
    /// Holes that will be filled.
    pub(crate) holes: BTreeSet<String>,
}

/// Every key.
pub(crate) fn keys(plan: &Draft) -> BTreeMap<String, Want> {
    let mut out = Keys { out: BTreeMap::new(), plan };
    if !plan.id.is_empty() {
        out.add("plan.name", &plan.head);
        out.add("plan.what", &plan.head);
    }
    out.structure();
    out.programme();
    out.incidents();
    for c in &plan.checks {
        let holes = check_holes(c, plan);
        for part in ["title", "why", "remedy"] {
            out.with(&format!("check.{}.{part}", c.id), &c.sourced.at, holes.clone());
        }
    }
    out.out
}

/// Holes of a check's words: the fields of its row, the single facts that it reads, the parameters.
fn check_holes(check: &Check, plan: &Draft) -> BTreeSet<String> {
    let mut holes: BTreeSet<String> = plan.parameters.iter().map(|p| format!("param.{}", p.id)).collect();
    if let CheckKind::Machine(m) = &check.kind {
        holes.extend(m.one_facts().iter().map(|f| f.as_str().to_owned()));
        if m.with_data.is_some() {
            holes.extend(["data.root", "data.class", "data.level"].map(str::to_owned));
        }
        if let Rule::Each { fact: table, .. } = &m.rule
            && let Some(FactDef { shape: Shape::Many(fields), .. }) = fact::find(table.as_str())
        {
            holes.extend(fields.iter().map(|f| f.0.to_owned()));
        }
    }
    holes
}

struct Keys<'a> {
    out: BTreeMap<String, Want>,
    plan: &'a Draft,
}
impl Keys<'_> {
    fn with(&mut self, key: &str, at: &At, holes: BTreeSet<String>) {
        self.out.entry(key.to_owned()).or_insert_with(|| Want { at: at.clone(), holes });
    }
    fn add(&mut self, key: &str, at: &At) {
        self.with(key, at, BTreeSet::new());
    }

    fn structure(&mut self) {
        let plan = self.plan;
        for p in &plan.parameters {
            self.with(&format!("param.{}.name", p.id), &p.sourced.at, ["value".to_owned()].into());
        }
        for s in &plan.scenarios {
            self.add(&format!("scenario.{}.name", s.id), &s.sourced.at);
            self.add(&format!("scenario.{}.what", s.id), &s.sourced.at);
        }
        for r in &plan.rows {
            self.add(&format!("row.{}.title", r.number), &r.sourced.at);
        }
        for c in &plan.categories {
            self.add(&format!("category.{}.name", c.id), &c.sourced.at);
        }
        for c in &plan.classes {
            self.add(&format!("class.{}.name", c.class), &c.sourced.at);
        }
        for l in &plan.levels {
            self.add(&format!("level.{}.name", l.id), &l.sourced.at);
        }
        for e in &plan.effects {
            match e {
                Effect::Cell { object, harm, sourced, .. } => {
                    self.add(&format!("object.{object}.name"), &sourced.at);
                    self.add(&format!("harm.{harm}.name"), &sourced.at);
                }
                Effect::Found { id, sourced, .. } => {
                    let holes = ["distinct".to_owned(), "at_least".to_owned()].into();
                    self.with(&format!("effect.{id}.because"), &sourced.at, holes);
                }
                Effect::Measured { id, sourced, .. } => {
                    self.with(&format!("effect.{id}.because"), &sourced.at, ["values".to_owned()].into());
                }
            }
        }
    }

    fn programme(&mut self) {
        let plan = self.plan;
        for t in &plan.targets {
            self.add(&format!("target.{}.name", t.id), &t.sourced.at);
            self.add(&format!("counter.{}.name", t.counter), &t.sourced.at);
            if let Some(together) = &t.together {
                self.add(&format!("together.{together}.name"), &t.sourced.at);
            }
        }
        for c in &plan.counters {
            self.add(&format!("counter.{}.name", c.id), &c.sourced.at);
        }
        for l in &plan.leads {
            self.add(&format!("lead.{}.what", l.id), &l.sourced.at);
            self.add(&format!("lead.{}.why", l.id), &l.sourced.at);
        }
        for s in &plan.selection {
            self.add(&format!("selection.{}.name", s.id), &s.sourced.at);
        }
        for r in &plan.reasons {
            self.add(&format!("reason.{}.name", r.id), &r.sourced.at);
        }
        for m in &plan.matters {
            self.add(&format!("matter.{}.name", m.kind.name()), &m.sourced.at);
        }
        for b in &plan.bases {
            self.add(&format!("basis.{}.name", b.id), &b.sourced.at);
        }
        for d in &plan.drills {
            self.add(&format!("drill.{}.name", d.id), &d.sourced.at);
        }
        for o in &plan.standing_orders {
            self.add(&format!("standing-order.{}.name", o.id), &o.sourced.at);
        }
        for d in &plan.duties {
            self.add(&format!("duty.{}.name", d.id), &d.sourced.at);
            self.add(&format!("actor.{}.name", d.actor), &d.sourced.at);
        }
        for t in &plan.transfers {
            self.add(&format!("transfer.{}.name", t.id), &t.sourced.at);
            self.add(&format!("need.{}.name", t.needs), &t.sourced.at);
        }
    }

    fn incidents(&mut self) {
        let plan = self.plan;
        for m in plan.moments.iter().filter(|m| m.words) {
            self.add(&format!("moment.{}.name", m.id), &m.at);
        }
        for r in &plan.regimes {
            self.add(&format!("regime.{}.name", r.id), &r.sourced.at);
        }
        for d in &plan.dimensions {
            self.add(&format!("dimension.{}.name", d.id), &d.sourced.at);
            self.add(&format!("dimension.{}.question", d.id), &d.sourced.at);
        }
        for s in &plan.steps {
            self.add(&format!("step.{}.what", s.id), &s.sourced.at);
            self.add(&format!("role.{}.name", s.role), &s.sourced.at);
            self.add(&format!("actor.{}.name", s.actor), &s.sourced.at);
        }
        for c in &plan.calendars {
            self.add(&format!("calendar.{}.name", c.id), &c.sourced.at);
        }
        for p in &plan.penalties {
            self.add(&format!("penalty.{}.name", p.id), &p.sourced.at);
            if p.touches.is_empty() {
                self.add(&format!("penalty.{}.untouched", p.id), &p.sourced.at);
            }
        }
        for i in &plan.incidents {
            for r in i.response.iter() {
                let by = r.started_by.iter().chain(&r.ended_by).chain([&r.led_by, &r.change_consent]);
                for actor in by.filter(|a| !a.is_empty()) {
                    self.add(&format!("actor.{actor}.name"), &i.sourced.at);
                }
            }
            for w in i.warning.iter() {
                for actor in [&w.issuer, &w.approval].into_iter().filter(|a| !a.is_empty()) {
                    self.add(&format!("actor.{actor}.name"), &i.sourced.at);
                }
            }
            self.add(&format!("incident.{}.{}.name", i.regime, i.id), &i.sourced.at);
            if !i.colour.is_empty() {
                self.add(&format!("colour.{}.name", i.colour), &i.sourced.at);
            }
            for c in &i.criteria {
                self.add(&format!("criterion.{}.what", c.id), &c.sourced.at);
                if !c.branch.is_empty() {
                    self.add(&format!("branch.{}.name", c.branch), &c.sourced.at);
                }
            }
        }
        for c in &plan.clocks {
            self.add(&format!("clock.{}.name", c.id), &c.sourced.at);
            self.add(&format!("moment.{}.name", c.starts), &c.sourced.at);
            self.add(&format!("actor.{}.name", c.actor), &c.sourced.at);
            self.add(&format!("actor.{}.name", c.recipient), &c.sourced.at);
        }
        for f in &plan.forms {
            self.add(&format!("form.{}.name", f.id), &f.sourced.at);
            for field in &f.fields {
                self.add(&format!("form.{}.field.{}", f.id, field.id), &f.sourced.at);
                self.add(&format!("form.{}.group.{}", f.id, field.group), &f.sourced.at);
                if let Some(moment) = field.prefill.strip_prefix("moment.") {
                    self.add(&format!("moment.{moment}.name"), &f.sourced.at);
                }
                if let FieldRule::Choice(choices) = &field.kind {
                    for c in choices {
                        self.add(&format!("form.{}.choice.{c}", f.id), &f.sourced.at);
                    }
                }
            }
        }
    }
}
