//! What is said of an incident: each of these is an entry in the log, and the incident is judged anew.

use super::instant;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form;
use evidence::{Happening, Moment, Origin, Reported, StepTaken, Task, TaskState, Time};
use node::{KeptIncident, Opening, Profile, TEXT_CHARS_MAX};
use plan::Comes;
use serde_json::{Value, json};

/// The visitor's own name: nobody types another's.
fn own(ask: &Ask<'_>) -> Result<String, Fault> {
    Ok(ask.who()?.account.name.clone())
}

fn text(ask: &Ask<'_>, name: &'static str) -> Result<String, Fault> {
    node::text(name, ask.text(name), TEXT_CHARS_MAX).map_err(|e| Fault { field: Some(name), ..Fault::from(e) })
}
fn optional(ask: &Ask<'_>, name: &'static str) -> Result<String, Fault> {
    node::optional_text(name, ask.text(name), TEXT_CHARS_MAX).map_err(|e| Fault { field: Some(name), ..Fault::from(e) })
}

/// Where people go on, and the incident as it stands now for programs.
pub(super) fn done(ask: &Ask<'_>, kept: &KeptIncident, word: &str) -> Result<Answer, Fault> {
    let value = super::one::value(ask, &kept.file)?;
    ask.done(&format!("/incidents/{}", kept.file.id), word, value)
}

fn add(ask: &Ask<'_>, what: Happening) -> Result<Answer, Fault> {
    let node = ask.node();
    let file = super::writing(ask)?;
    let kept = node.incident_add(ask.plan(), file, vec![what], None)?;
    done(ask, &kept, "incident-said")
}

pub(super) fn open(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (node, plan) = (ask.node(), ask.plan());
    let profile = Profile::load(node.store().home())?;
    // What nobody says is what the profile says, else the plan.
    let chosen = |typed: Vec<&str>, kept: &[String], own: Option<&str>| -> Vec<String> {
        match (typed.is_empty(), kept.is_empty()) {
            (false, _) => typed.into_iter().map(str::to_owned).collect(),
            (true, false) => kept.to_vec(),
            (true, true) => own.into_iter().map(str::to_owned).collect(),
        }
    };
    let discovered = instant(ask, "discovered")?;
    let occurred = if ask.text("occurred").trim().is_empty() { None } else { Some(instant(ask, "occurred")?) };
    let when = |comes: Comes| match comes {
        Comes::Opened => Some(discovered),
        Comes::Occurred => occurred,
        _ => None,
    };
    let moments: Vec<(String, Time)> =
        plan.moments().iter().filter_map(|m| Some((m.id.clone(), when(m.comes)?))).collect();
    let mut seen = Vec::new();
    for finding in ask.texts("finding") {
        seen.push(node.seen_finding(finding)?);
    }
    let opening = Opening {
        title: ask.text("title").to_owned(),
        actors: chosen(ask.texts("actors"), &profile.actors, plan.own_actor()),
        branches: chosen(ask.texts("branches"), &profile.branches, plan.own_branch()),
        moments,
        origin: if ask.yes("drill") { Origin::Drill } else { Origin::Live },
        seen,
    };
    let kept = node.incident_open(plan, opening, None)?;
    done(ask, &kept, "incident-opened")
}

pub(super) fn fact(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (node, plan) = (ask.node(), ask.plan());
    let dimension = node::dimension(plan, ask.text("dimension"))?;
    let answer = node::answer(plan, dimension, ask.text("value"), ask.text("reason"))?;
    let at = instant(ask, "at")?;
    let file = super::writing(ask)?;
    let kept = node.incident_grade(plan, file, [(dimension.id.clone(), answer)].into(), (at, None))?;
    done(ask, &kept, "incident-graded")
}

pub(super) fn note(ask: &Ask<'_>) -> Result<Answer, Fault> {
    add(ask, Happening::Noted { at: instant(ask, "at")?, text: text(ask, "text")? })
}

pub(super) fn moment(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let moment = ask.text("moment").to_owned();
    add(ask, Happening::Moment(Moment { moment, at: instant(ask, "at")?, note: optional(ask, "note")? }))
}

pub(super) fn told(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (node, plan) = (ask.node(), ask.plan());
    let file = super::writing(ask)?;
    let form = match ask.text("form") {
        "" => None,
        serial => Some(node::form_reference(plan, &file, serial)?),
    };
    let by = if ask.text("by").trim().is_empty() { own(ask)? } else { ask.text("by").trim().to_owned() };
    let told = Reported {
        clocks: ask.texts("clocks").into_iter().map(str::to_owned).collect(),
        channel: ask.text("channel").to_owned(),
        at: instant(ask, "at")?,
        by,
        to: text(ask, "to")?,
        form,
        receipt: form::paper_of(ask)?,
        note: optional(ask, "note")?,
    };
    let kept = node.incident_told(plan, file, told, None)?;
    done(ask, &kept, "incident-told")
}

pub(super) fn task(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let file = super::writing(ask)?;
    let due = if ask.text("due").trim().is_empty() { None } else { Some(instant(ask, "due")?) };
    let owner = if ask.text("owner").trim().is_empty() { own(ask)? } else { ask.text("owner").trim().to_owned() };
    let number =
        file.view(ask.plan(), file.now()).and_then(|v| v.tasks.iter().map(|t| t.number).max()).unwrap_or(0) + 1;
    let task = Task { number, text: text(ask, "text")?, owner, due, state: TaskState::Open };
    let kept = node.incident_add(ask.plan(), file, vec![Happening::Task(task)], None)?;
    done(ask, &kept, "incident-said")
}

pub(super) fn task_over(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let file = super::writing(ask)?;
    let number: u32 = ask.part("number").parse().map_err(|_| Fault::none())?;
    let state = if ask.text("state") == "done" { TaskState::Done } else { TaskState::Dropped };
    let known =
        file.view(ask.plan(), file.now()).and_then(|v| v.tasks.into_iter().find(|t| t.number == number).cloned());
    let task = Task { state, ..known.ok_or_else(Fault::none)? };
    let kept = node.incident_add(ask.plan(), file, vec![Happening::Task(task)], None)?;
    done(ask, &kept, "incident-said")
}

pub(super) fn step(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let taken = StepTaken {
        step: ask.text("step").to_owned(),
        done: !ask.yes("skipped"),
        at: instant(ask, "at")?,
        by: own(ask)?,
        note: optional(ask, "note")?,
        document: None,
    };
    add(ask, Happening::Step(taken))
}

pub(super) fn close(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (lessons, anyway) = (text(ask, "lessons")?, optional(ask, "anyway")?);
    // What follows from it was recorded as measures that name the incident.
    let node = ask.node();
    let file = super::writing(ask)?;
    let mut measures: Vec<String> =
        node.measures()?.into_iter().filter(|k| k.measure.incidents.contains(&file.id)).map(|k| k.measure.id).collect();
    measures.sort();
    let kept = node.incident_add(ask.plan(), file, vec![Happening::Closed { lessons, measures, anyway }], None)?;
    done(ask, &kept, "incident-closed")
}

pub(super) fn reopen(ask: &Ask<'_>) -> Result<Answer, Fault> {
    add(ask, Happening::Reopened { reason: text(ask, "reason")? })
}

/// What was done to a form, for programs.
pub(super) fn form_value(serial: &str) -> Value {
    json!({"format": "watchfire-form-step-v1", "serial": serial})
}
