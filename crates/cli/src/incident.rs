//! `watchfire incident`: what happened, how grave it is, who must be told by when, and what was done.

mod paper;

use crate::args::{self, Format, Incident, IncidentVerb, MeasureFormat, Said};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json, width};
use evidence::{
    Answered, Consent, Custody, Happening, Moment, Origin, Reported, Response, Say, StepTaken, Task, TaskState, Time,
};
use node::{IncidentFile, KeptIncident, Node, NodeError, Opening, Profile};
use plan::{CheckedPlan, Comes};
use report::{IncidentInput, words};
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

/// Longest text, in characters.
const MAX: usize = node::TEXT_CHARS_MAX;

pub(crate) fn run(face: &Face, a: &Incident) -> Result<u8, CliError> {
    match &a.what {
        IncidentVerb::Open(o) => open(face, o),
        IncidentVerb::Grade(g) => grade(face, g),
        IncidentVerb::Show { incident, format } => {
            let plan = face.plan()?;
            let file = face.node_read_only()?.incident_file(incident)?;
            shown(face, &plan, &file, *format)?;
            Ok(exit::DONE)
        }
        IncidentVerb::List { late, all, drill, format } => list(face, (*late, *all, *drill), *format),
        IncidentVerb::Timeline { incident, format } => timeline(face, incident, *format),
        IncidentVerb::Report(r) => paper::report(face, r),
        IncidentVerb::Form { what } => paper::form(face, what),
        IncidentVerb::Kit { regime, out, format } => paper::kit(face, regime.as_deref(), out, format),
        IncidentVerb::Profile { .. } => profile(face, &a.what),
        IncidentVerb::Touch { incident, assets, said } => touch(face, incident, assets, said),
        other => say(face, other),
    }
}

/// Reads an instant as people type it: in the zone of the plan's calendar, or RFC 3339, or so long ago (`20m`, `3h`, `2d`).
pub(crate) fn instant(plan: &CheckedPlan, typed: &str) -> Result<Time, CliError> {
    Ok(node::instant(plan, typed)?)
}

/// The same; of a day alone its end.
fn due_instant(plan: &CheckedPlan, typed: &str) -> Result<Time, CliError> {
    let at = instant(plan, typed)?;
    let day = attest::date(typed.trim()).is_some();
    Ok(if day { at.plus_minutes(24 * 60).unwrap_or(at) } else { at })
}

fn at(plan: &CheckedPlan, said: &Said) -> Result<Time, CliError> {
    said.at.as_deref().map_or_else(|| Ok(node::now()), |t| instant(plan, t))
}

/// `name=value` as typed.
pub(crate) fn pair(typed: &str) -> Result<(String, String), CliError> {
    let bad = || CliError::new(Say::new("error.incident-pair").with("value", attest::clean(typed)));
    let (name, value) = typed.split_once('=').ok_or_else(bad)?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

pub(crate) fn input<'a>(
    plan: &'a CheckedPlan,
    view: &'a judge::IncidentView<'a>,
    judgement: &'a evidence::IncidentJudgement,
    file: &IncidentFile,
    now: Time,
) -> IncidentInput<'a> {
    IncidentInput { plan, view, judgement, leaf: file.judged().map(|j| j.1), now }
}

/// An incident as it stands now.
fn shown(face: &Face, plan: &CheckedPlan, file: &IncidentFile, format: Format) -> Result<(), CliError> {
    let missing = || CliError::new(Say::new("error.unknown-incident").with("value", &file.id));
    let as_of = file.now();
    let (view, judgement) = (file.view(plan, as_of).ok_or_else(missing)?, file.judge(plan, as_of).ok_or_else(missing)?);
    let input = input(plan, &view, &judgement, file, as_of);
    match format {
        Format::Json => print_json(&report::incident_json(&input)),
        Format::Text => {
            let style = report::Style { colour: face.colour(), width: width() };
            print(&report::incident_text(&input, face.lang, style));
        }
    }
    Ok(())
}

/// Tells that something was written down, with the incident as it stands now.
pub(crate) fn kept(face: &Face, plan: &CheckedPlan, kept: &KeptIncident, format: Format) -> Result<(), CliError> {
    shown(face, plan, &kept.file, format)?;
    if format == Format::Text {
        let say = match kept.leaf {
            Some(leaf) => Say::new("cli.say.incident_judged").with("leaf", leaf.short()),
            None => Say::new("cli.say.incident_kept"),
        };
        print(&face.say(&say.with("id", &kept.file.id)));
    }
    Ok(())
}

fn open(face: &Face, o: &args::Open) -> Result<u8, CliError> {
    if o.from_drill.is_some() {
        return Err(CliError::new(Say::new("error.incident-no-drill")));
    }
    // What cannot be named is said before a home is made for it.
    if let Some(alert) = o.from_alert.first() {
        match face.node_read_only() {
            Ok(node) => drop(node.seen_alert(alert)?),
            Err(e) if e.no_log() => return Err(CliError::new(Say::new("error.incident-no-alert"))),
            Err(e) => return Err(e),
        }
    }
    let (plan, node) = (face.plan()?, face.node()?);
    let profile = Profile::load(node.store().home())?;
    let chosen = |typed: &[String], kept: &[String], own: Option<&str>| match (typed.is_empty(), kept.is_empty()) {
        (false, _) => typed.to_vec(),
        (true, false) => kept.to_vec(),
        (true, true) => own.into_iter().map(str::to_owned).collect(),
    };
    let actors = chosen(&o.actor, &profile.actors, plan.own_actor());
    let branches = chosen(&o.branch, &profile.branches, plan.own_branch());
    let discovered = o.discovered.as_deref().map_or_else(|| Ok(node::now()), |t| instant(&plan, t))?;
    let occurred = o.occurred.as_deref().map(|t| instant(&plan, t)).transpose()?;
    // Of a plan that knows both, who discovers an incident is aware of it.
    if occurred.is_some() && !plan.moments().iter().any(|m| m.comes == Comes::Occurred) {
        let say = Say::new("error.incident-moment").with("value", "--occurred");
        return Err(CliError::new(say.with("known", node::moments(&plan).into_iter().collect::<Vec<_>>().join(", "))));
    }
    let when = |comes: Comes| match comes {
        Comes::Opened => Some(discovered),
        Comes::Occurred => occurred,
        _ => None,
    };
    let moments: Vec<(String, Time)> =
        plan.moments().iter().filter_map(|m| Some((m.id.clone(), when(m.comes)?))).collect();
    let mut seen = Vec::new();
    for id in &o.from_alert {
        seen.push(node.seen_alert(id)?);
    }
    for id in &o.from_finding {
        seen.push(node.seen_finding(id)?);
    }
    let origin = if o.drill { Origin::Drill } else { Origin::Live };
    let opening = Opening { title: o.title.clone(), actors, branches, moments, origin, seen };
    let mut opened = node.incident_open(&plan, opening, o.author.as_deref())?;
    if o.interactive {
        opened = ask(face, &node, &plan, opened, o.author.as_deref())?;
    }
    kept(face, &plan, &opened, o.format)?;
    Ok(exit::DONE)
}

fn grade(face: &Face, g: &args::Weigh) -> Result<u8, CliError> {
    let (plan, node) = (face.plan()?, face.node()?);
    let file = node.incident_for_writing(&g.incident)?;
    let mut reasons = BTreeMap::new();
    for r in &g.reason {
        let (name, text) = pair(r)?;
        reasons.insert(node::dimension(&plan, &name)?.id.clone(), text);
    }
    let mut answers: BTreeMap<String, Answered> = BTreeMap::new();
    for s in &g.set {
        let (name, value) = pair(s)?;
        let d = node::dimension(&plan, &name)?;
        let reason = reasons.remove(&d.id).unwrap_or_default();
        answers.insert(d.id.clone(), node::answer(&plan, d, &value, &reason)?);
    }
    if let Some(d) = reasons.into_keys().next() {
        return Err(CliError::new(Say::new("error.incident-reason-alone").with("dimension", d)));
    }
    let said = (at(&plan, &g.said)?, g.said.author.as_deref());
    let mut done = node.incident_grade(&plan, file, answers, said)?;
    if g.interactive {
        done = ask(face, &node, &plan, done, g.said.author.as_deref())?;
    }
    kept(face, &plan, &done, g.said.format)?;
    Ok(exit::DONE)
}

/// Asks on the terminal, the question that matters most first, until there is none or an empty line.
fn ask(
    face: &Face,
    node: &Node,
    plan: &CheckedPlan,
    mut kept: KeptIncident,
    author: Option<&str>,
) -> Result<KeptIncident, CliError> {
    let mut passed: Vec<String> = Vec::new();
    loop {
        let open = kept.judgement.ask.iter().find(|a| !passed.contains(&a.dimension));
        let Some(question) = open.cloned() else { return Ok(kept) };
        for line in report::question(plan, &question, face.lang) {
            eprintln!("{line}");
        }
        eprintln!("{}", face.say(&Say::new("cli.say.incident_ask")));
        let d = node::dimension(plan, &question.dimension)?;
        let Some(typed) = line(face)? else { return Ok(kept) };
        if typed.is_empty() {
            passed.push(question.dimension);
            continue;
        }
        let needs_reason = d.kind != plan::DimensionKind::Number && !matches!(typed.as_str(), "unknown" | "?" | "none");
        let mut reason = String::new();
        if needs_reason && node::answer(plan, d, &typed, "-").is_ok() {
            eprintln!("{}", face.say(&Say::new("cli.say.incident_why")));
            reason = line(face)?.unwrap_or_default();
        }
        match node::answer(plan, d, &typed, &reason) {
            // What was typed is no answer: said, and asked again.
            Err(e) => eprintln!("{}", CliError::from(e).text(face.lang)),
            Ok(Answered::Unknown) => passed.push(question.dimension),
            Ok(answer) => {
                let answers = [(question.dimension, answer)].into();
                kept = node.incident_grade(plan, kept.file, answers, (node::now(), author))?;
            }
        }
    }
}

/// A line of standard input; `None` at its end.
fn line(face: &Face) -> Result<Option<String>, CliError> {
    if std::io::stdin().is_terminal() {
        eprint!("> ");
        let _ = std::io::stderr().flush();
    }
    let mut text = String::new();
    let read = std::io::stdin().read_line(&mut text);
    let read = read.map_err(|e| CliError::new(Say::new("error.input").with("why", e)))?;
    Ok((read > 0 && !face.stop.requested()).then(|| text.trim().to_owned()))
}

/// The verbs that say one thing.
fn say(face: &Face, verb: &IncidentVerb) -> Result<u8, CliError> {
    let (plan, node) = (face.plan()?, face.node()?);
    let clean = attest::clean;
    let (incident, said) = match verb {
        IncidentVerb::Note { incident, said, .. }
        | IncidentVerb::Moment { incident, said, .. }
        | IncidentVerb::Step { incident, said, .. }
        | IncidentVerb::Task { incident, said, .. }
        | IncidentVerb::Attach { incident, said, .. }
        | IncidentVerb::Close { incident, said, .. }
        | IncidentVerb::Reopen { incident, said, .. } => (incident, said),
        IncidentVerb::Told(t) => (&t.incident, &t.said),
        IncidentVerb::Respond(r) => (&r.incident, &r.said),
        _ => return Ok(exit::DONE),
    };
    let file = node.incident_for_writing(incident)?;
    let at = at(&plan, said)?;
    let author = said.author.as_deref();
    let who = |typed: &str| {
        let typed = clean(typed);
        // Who does not say is the account that runs the program.
        if typed.is_empty() { author.map_or_else(|| node::account().0, clean) } else { typed }
    };
    let what = match verb {
        IncidentVerb::Note { text, .. } => Happening::Noted { at, text: node::text("TEXT", text, MAX)? },
        IncidentVerb::Moment { moment, note, .. } => {
            Happening::Moment(Moment { moment: moment.clone(), at, note: node::optional_text("--note", note, MAX)? })
        }
        IncidentVerb::Step { step, skip, by, note, document, .. } => Happening::Step(StepTaken {
            step: step.clone(),
            done: !skip,
            at,
            by: who(by),
            note: node::optional_text("--note", note, MAX)?,
            document: document.as_deref().map(node::document).transpose()?,
        }),
        IncidentVerb::Task { add, owner, due, done, dropped, .. } => {
            let due = due.as_deref().map(|d| due_instant(&plan, d)).transpose()?;
            task(&plan, &file, (add.as_deref(), &who(owner), due), (*done, *dropped))?
        }
        IncidentVerb::Attach { file, what, from, to, note, .. } => Happening::Custody(Custody {
            document: node::document(file)?,
            what: node::optional_text("--what", what, MAX)?,
            from: node::text("--from", from, MAX)?,
            to: node::text("--to", to, MAX)?,
            at,
            note: node::optional_text("--note", note, MAX)?,
        }),
        IncidentVerb::Close { lessons, measure, anyway, .. } => {
            let known = measure.iter().map(|m| Ok(node.measure(m)?.measure.id));
            let measures = known.collect::<Result<Vec<_>, CliError>>()?;
            let lessons = node::text("--lessons", lessons, MAX)?;
            Happening::Closed { lessons, measures, anyway: node::optional_text("--anyway", anyway, MAX)? }
        }
        IncidentVerb::Reopen { reason, .. } => Happening::Reopened { reason: node::text("--reason", reason, MAX)? },
        IncidentVerb::Told(t) => {
            let told = told(&plan, &file, t, at, who(&t.by))?;
            let done = node.incident_told(&plan, file, told, author)?;
            kept(face, &plan, &done, said.format)?;
            return Ok(exit::DONE);
        }
        IncidentVerb::Respond(r) => respond(&plan, &file, r, at)?,
        _ => return Ok(exit::DONE),
    };
    let done = node.incident_add(&plan, file, vec![what], author).map_err(|e| owed(face, &plan, e))?;
    kept(face, &plan, &done, said.format)?;
    Ok(exit::DONE)
}

fn told(plan: &CheckedPlan, file: &IncidentFile, t: &args::Told, at: Time, by: String) -> Result<Reported, CliError> {
    let form = t.form.as_deref().map(|s| node::form_reference(plan, file, s)).transpose()?;
    let channel = t.channel.clone().unwrap_or_else(|| if form.is_some() { "form" } else { "phone" }.to_owned());
    let receipt = t.receipt.as_deref().map(node::document).transpose()?;
    let (to, note) = (node::text("--to", &t.to, MAX)?, node::optional_text("--note", &t.note, MAX)?);
    Ok(Reported { clocks: t.clock.clone(), channel, at, by, to, form, receipt, note })
}

fn respond(plan: &CheckedPlan, file: &IncidentFile, r: &args::Respond, at: Time) -> Result<Happening, CliError> {
    let document = r.document.as_deref().map(node::document).transpose()?;
    let mut consents = Vec::new();
    for c in &r.consent {
        let (actor, person) = pair(c)?;
        consents.push(Consent { actor, person: attest::clean(person.trim()), at, document: document.clone() });
    }
    let running = file.view(plan, file.now()).and_then(|v| v.response.map(|r| r.last.regime.clone()));
    let first = plan.incident_levels().iter().find(|l| l.response.is_some()).map(|l| l.regime.clone());
    let regime = r.regime.clone().or(running).or(first).unwrap_or_default();
    let (level, by) = (r.level.clone(), r.by.clone());
    let note = node::optional_text("--note", &r.note, MAX)?;
    Ok(Happening::Response(Response { regime, level, at, by, consents, note }))
}

type NewTask<'a> = (Option<&'a str>, &'a str, Option<Time>);

fn task(
    plan: &CheckedPlan,
    file: &IncidentFile,
    (add, owner, due): NewTask<'_>,
    (done, dropped): (Option<u32>, Option<u32>),
) -> Result<Happening, CliError> {
    let view = file.view(plan, file.now());
    let tasks = view.map(|v| v.tasks.into_iter().cloned().collect::<Vec<Task>>()).unwrap_or_default();
    if let Some(text) = add {
        let number = tasks.iter().map(|t| t.number).max().unwrap_or(0) + 1;
        let (text, owner) = (node::text("--add", text, MAX)?, owner.to_owned());
        return Ok(Happening::Task(Task { number, text, owner, due, state: TaskState::Open }));
    }
    let (number, state) = match (done, dropped) {
        (Some(n), _) => (n, TaskState::Done),
        (None, Some(n)) => (n, TaskState::Dropped),
        (None, None) => return Err(CliError::new(Say::new("error.incident-task-what"))),
    };
    let known = tasks.into_iter().find(|t| t.number == number);
    let task = known.ok_or_else(|| CliError::new(Say::new("error.incident-task").with("value", number)))?;
    Ok(Happening::Task(Task { state, ..task }))
}

/// Assets of the catalogue that the incident touches; the highest of their levels is the level of the data.
fn touch(face: &Face, incident: &str, assets: &[String], said: &Said) -> Result<u8, CliError> {
    let (plan, node) = (face.plan()?, face.node()?);
    let file = node.incident_for_writing(incident)?;
    let at = at(&plan, said)?;
    let node::Touched { what, levels } = node.touched(&plan, &file, assets, at)?;
    let done = node.incident_add(&plan, file, what, said.author.as_deref())?;
    kept(face, &plan, &done, said.format)?;
    if said.format == Format::Text {
        for (asset, level) in levels {
            let level = plan.words(face.lang).get(&format!("level.{level}.name")).unwrap_or(&level).to_owned();
            print(&face.say(&Say::new("cli.say.incident_touched").with("asset", asset).with("level", level)));
        }
    }
    Ok(exit::DONE)
}

fn list(face: &Face, (late, all, drill): (bool, bool, bool), format: MeasureFormat) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let files = match face.node_read_only() {
        Ok(node) => node.incident_files()?,
        Err(e) if e.no_log() => Vec::new(),
        Err(e) => return Err(e),
    };
    let judged: Vec<_> = files
        .iter()
        .filter_map(|f| Some((f, f.view(&plan, f.now())?, f.judge(&plan, f.now())?)))
        // What is still owed of a closed incident is not out of sight.
        .filter(|(_, v, j)| {
            (v.origin == Origin::Drill) == drill && (all || late || v.closed.is_none() || !node::owed(j).is_empty())
        })
        .collect();
    let mut shown: Vec<IncidentInput<'_>> = judged.iter().map(|(f, v, j)| input(&plan, v, j, f, f.now())).collect();
    let any_late = |i: &IncidentInput<'_>| report::incident_is_late(i);
    if late {
        shown.retain(any_late);
    }
    // Late ones first, then what is due next.
    shown.sort_by_key(|i| (!any_late(i), report::incident_next_due(i), i.view.opened_at));
    match format {
        MeasureFormat::Json => print_json(&report::incident_list_json(&shown)),
        MeasureFormat::Csv => print(&format!("{CSV_MARK}{}", report::incidents_csv(&plan, &shown))),
        MeasureFormat::Text => {
            let style = report::Style { colour: face.colour(), width: width() };
            print(&report::incident_list_text(&plan, &shown, face.lang, style));
        }
    }
    Ok(if late && !shown.is_empty() { exit::FINDINGS } else { exit::DONE })
}

fn timeline(face: &Face, incident: &str, format: Format) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let file = face.node_read_only()?.incident_file(incident)?;
    let now = file.now();
    let missing = || CliError::new(Say::new("error.unknown-incident").with("value", &file.id));
    let (view, judgement) = (file.view(&plan, now).ok_or_else(missing)?, file.judge(&plan, now).ok_or_else(missing)?);
    let input = input(&plan, &view, &judgement, &file, now);
    match format {
        Format::Json => print_json(&report::incident_timeline_json(&input)),
        Format::Text => {
            let style = report::Style { colour: face.colour(), width: width() };
            print(&report::incident_timeline_text(&input, face.lang, style));
        }
    }
    Ok(exit::DONE)
}

fn profile(face: &Face, verb: &IncidentVerb) -> Result<u8, CliError> {
    let IncidentVerb::Profile { unit, name, contact, mobile, actor, branch, format } = verb else {
        return Ok(exit::DONE);
    };
    let node = face.node()?;
    let home = node.store().home().to_owned();
    let mut profile = Profile::load(&home)?;
    let before = profile.clone();
    for (kept, typed) in [
        (&mut profile.unit, unit),
        (&mut profile.name, name),
        (&mut profile.contact, contact),
        (&mut profile.mobile, mobile),
    ] {
        if let Some(typed) = typed {
            *kept = attest::clean(typed);
        }
    }
    let plan = face.plan()?;
    if !actor.is_empty() {
        profile.actors.clone_from(actor);
    }
    if !branch.is_empty() {
        profile.branches.clone_from(branch);
    }
    node::check_profile(&plan, &profile)?;
    if profile != before {
        profile.save(&home)?;
    }
    if *format == Format::Json {
        print_json(&serde_json::json!(profile));
        return Ok(exit::DONE);
    }
    let rows = [
        ("unit", profile.unit.clone()),
        ("name", profile.name.clone()),
        ("contact", profile.contact.clone()),
        ("mobile", profile.mobile.clone()),
        ("actors", named(face, &plan, "actor", &profile.actors)),
        ("branches", named(face, &plan, "branch", &profile.branches)),
    ];
    for (key, value) in rows {
        let value = if value.is_empty() { "–".to_owned() } else { value };
        print(&face.say(&Say::new(format!("cli.say.profile_{key}")).with("value", value)));
    }
    Ok(exit::DONE)
}

/// Ids of the plan with their names, as a list.
fn named(face: &Face, plan: &CheckedPlan, kind: &str, ids: &[String]) -> String {
    let name = |id: &String| match plan.words(face.lang).get(&format!("{kind}.{id}.name")) {
        Some(name) => words::say(face.lang, &Say::new("incident.beside").with("words", name).with("more", id)),
        None => id.clone(),
    };
    ids.iter().map(name).collect::<Vec<_>>().join(words::text(face.lang, "report.list-join"))
}

/// Clocks that are still owed are said by their names too.
fn owed(face: &Face, plan: &CheckedPlan, e: NodeError) -> CliError {
    match e {
        NodeError::Entry(say) if say.key == "error.incident-owed" => {
            let ids = say.with.get("clocks").map_or("", String::as_str).split(", ").map(str::to_owned);
            let clocks = named(face, plan, "clock", &ids.collect::<Vec<_>>());
            CliError::new(say.with("clocks", clocks))
        }
        other => other.into(),
    }
}
