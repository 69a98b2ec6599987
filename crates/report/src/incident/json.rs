//! Incidents for programs: ids, codes and instants as they are, with the words of both languages beside them.

use super::IncidentInput;
use super::say::{self, lines};
use crate::view::{Own, Tongue};
use evidence::Lang;
use plan::Days;
use serde_json::{Value, json};

fn both(input: &IncidentInput<'_>, text: impl Fn(Tongue<'_>) -> String) -> Value {
    let own = Own::default();
    let of = |lang| text(Tongue { lang, plan: input.plan, own: &own });
    json!({ "en": of(Lang::En), "zh-CN": of(Lang::Zh) })
}

/// One incident.
#[must_use]
pub fn incident_json(input: &IncidentInput<'_>) -> Value {
    let v = input.view;
    let grades: Vec<Value> = input
        .judgement
        .grades
        .iter()
        .map(|g| {
            let mut out = json!(g);
            out["words"] = both(input, |t| say::grade(t, g));
            out
        })
        .collect();
    let clocks: Vec<Value> = input
        .judgement
        .clocks
        .iter()
        .map(|c| {
            let mut out = json!(c);
            out["words"] = both(input, |t| say::named(t, &t.clock(&c.clock), &say::left(t, c, input.now)));
            out
        })
        .collect();
    let ask: Vec<Value> = input
        .judgement
        .ask
        .iter()
        .map(|a| {
            let mut out = json!(a);
            let key = format!("dimension.{}.question", a.dimension);
            out["words"] = both(input, |t| t.plan_text(&key, &a.dimension));
            out
        })
        .collect();
    let forms: Vec<Value> = v
        .forms
        .iter()
        .map(|f| {
            json!({"serial": f.serial, "form": f.form, "version": f.version, "state": f.state.name(), "digest": f.digest,
                   "voided_seal": f.voided_seal, "fields": f.fields})
        })
        .collect();
    let steps: Vec<Value> = v.steps.iter().map(|s| json!({"step": s.step, "taken": s.taken})).collect();
    json!({
        "incident": v.incident, "title": v.opened.title, "origin": v.origin, "opened": v.opened_at,
        "actors": v.opened.actors, "branches": v.opened.branches, "moments": v.moments, "answers": v.answers,
        "as_of": input.judgement.as_of, "plan": input.judgement.plan, "judge": input.judgement.judge, "record": input.leaf,
        "grades": grades, "ask": ask, "clocks": clocks, "late": say::incident_is_late(input),
        "response": v.response.as_ref().map(|r| json!({"last": r.last, "since": r.since})),
        "steps": steps, "tasks": v.tasks, "forms": forms, "custody": v.custody,
        "closed": v.closed.map(|e| json!({"at": e.stated_at, "what": e.what})),
        "doubts": input.judgement.doubts,
    })
}

/// The list, a short form of each.
#[must_use]
pub fn incident_list_json(list: &[IncidentInput<'_>]) -> Value {
    let short = |i: &IncidentInput<'_>| {
        json!({
            "incident": i.view.incident, "title": i.view.opened.title, "origin": i.view.origin,
            "opened": i.view.opened_at, "closed": i.view.closed.map(|e| e.stated_at), "late": say::incident_is_late(i),
            "grades": i.judgement.grades, "next": say::next_clock(i),
        })
    };
    json!({ "incidents": list.iter().map(short).collect::<Vec<_>>() })
}

/// What happened, in order of time.
#[must_use]
pub fn incident_timeline_json(input: &IncidentInput<'_>) -> Value {
    let days = Days::of(input.plan.calendar());
    let line = |l: &say::Line<'_>| {
        json!({
            "at": l.at, "record": l.leaf, "stated_at": l.entry.stated_at, "author": l.entry.author, "what": l.entry.what,
            "words": both(input, |t| say::entry(t, &days, l.entry)),
        })
    };
    json!({ "incident": input.view.incident, "timeline": lines(input).iter().map(line).collect::<Vec<_>>() })
}
