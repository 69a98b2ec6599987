//! Warnings in colours: issued and lifted by two people, taken note of and acted on here.

use super::incidents::tier;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Gate, Route, Takes, get, may_be, needed, post};
use evidence::{Consent, Origin, Time};
use judge::{Concern, WarningState, WarningView};
use maud::{Markup, html};
use node::accounts::{Act, Asked};
use node::{Profile, WantedWarning, WarningFile};
use report::{Speech, WarningInput};
use serde_json::{Value, json};

/// Warnings of a page.
const LINES: usize = 50;
const SEE: Gate = Gate::May(Act::SeeWarnings);
const NOTE: Gate = Gate::May(Act::ManageIncidents);

pub(crate) const ROUTES: &[Route] = &[
    get("/warnings", SEE, list)
        .query(&[may_be("all", Takes::Yes), may_be("drill", Takes::Yes), may_be("after", Takes::Line(40))])
        .noted(),
    post(
        "/warnings",
        Gate::May(Act::IssueWarning),
        &[
            needed("level", Takes::Line(130)),
            may_be("areas", Takes::Lines(100)),
            may_be("sectors", Takes::Lines(100)),
            may_be("start", Takes::Line(40)),
            may_be("set", Takes::Lines(100)),
            may_be("approval_actor", Takes::Line(64)),
            may_be("approval_person", Takes::Line(200)),
            may_be("drill", Takes::Yes),
        ],
        issue,
    ),
    get("/warnings/{id}", SEE, one)
        .query(&[may_be("as", Takes::OneOf(&["html"]))])
        .gives(&["application/json", "text/html"])
        .noted(),
    post("/warnings/{id}/lift", Gate::May(Act::IssueWarning), &[needed("reason", Takes::Text(2_000))], lift),
    post("/warnings/{id}/acknowledge", NOTE, &[may_be("note", Takes::Text(2_000))], acknowledge),
    post(
        "/warnings/{id}/duties",
        NOTE,
        &[needed("duty", Takes::Line(64)), may_be("skipped", Takes::Yes), may_be("note", Takes::Text(2_000))],
        duty,
    ),
];

/// What reads a warning at this node.
struct Reader {
    node: evidence::NodeId,
    profile: Profile,
    actors: Vec<String>,
}
impl Reader {
    fn of(ask: &Ask<'_>) -> Result<Self, Fault> {
        let node = ask.node();
        let profile = Profile::load(node.store().home())?;
        let actors = node::own_actors(ask.plan(), &profile);
        Ok(Self { node: node.id(), profile, actors })
    }
    fn view<'f>(&self, ask: &Ask<'_>, file: &'f WarningFile) -> Option<WarningView<'f>> {
        file.view(ask.plan(), file.now(), &self.node, (&self.profile, &self.actors))
    }
}

fn colour<'a>(ask: &'a Ask<'_>, v: &WarningView<'_>) -> &'a str {
    let levels = ask.plan().incident_levels();
    levels.iter().find(|l| l.regime == v.text.regime && l.id == v.text.level).map_or("", |l| l.colour.as_str())
}

fn state(ask: &Ask<'_>, v: &WarningView<'_>) -> Markup {
    match v.state {
        WarningState::InForce => parts::mark("warn", ask.t("console.warn.in-force")),
        WarningState::Announced => parts::mark("calm", ask.t("console.warn.announced")),
        WarningState::Lifted => parts::mark("good", ask.t("console.warn.lifted")),
    }
}

fn concern(ask: &Ask<'_>, v: &WarningView<'_>) -> Markup {
    match v.concern() {
        Concern::Yes => parts::mark("warn", ask.t("console.warn.concerns")),
        Concern::Unknown => parts::mark("warn", ask.t("console.warn.concern-unknown")),
        Concern::No => parts::mark("calm", ask.t("console.warn.concerns-not")),
    }
}

fn places(speech: Speech<'_>, all: &[String], every: &str) -> String {
    if all.is_empty() {
        every.to_owned()
    } else {
        all.iter().map(|a| speech.code("area", a)).collect::<Vec<_>>().join(", ")
    }
}

fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (files, reader) = (ask.node().warning_files()?, Reader::of(ask)?);
    let (all, drill) = (!ask.wanted("all").is_empty(), !ask.wanted("drill").is_empty());
    let views: Vec<(WarningView<'_>, Time)> = files
        .iter()
        .filter_map(|f| Some((reader.view(ask, f)?, f.now())))
        .filter(|(v, _)| {
            (v.origin == Origin::Drill) == drill
                && v.origin != Origin::Replay
                && (all || v.state != WarningState::Lifted)
        })
        .collect();
    let mut shown: Vec<WarningInput<'_>> =
        views.iter().map(|(view, now)| WarningInput { plan: ask.plan(), view, now: *now }).collect();
    shown.sort_by_key(report::warning_order);
    let (here, next) = parts::after(&shown, ask.wanted("after"), |i| i.view.warning.to_owned(), LINES);
    ask.page(
        ask.t("console.place.warnings"),
        || {
            let speech = Speech::new(ask.plan(), ask.lang);
            let heads = [ask.t("console.warn.level"), ask.t("console.warn.warning"), ask.t("console.state"), ask.t("console.warn.concern"), ask.t("console.areas"), ask.t("console.warn.duties"), ask.t("console.head.since")];
            html! {
                @if drill { p { (parts::mark("warn", ask.t("incident.is-drill"))) } }
                (form::filter(ask, html! { (form::tick("all", ask.t("console.warn.with-lifted"), all)) (form::tick("drill", ask.t("console.inc.drills"), drill)) }))
                @if here.is_empty() { (parts::empty(ask.t("console.warn.none"), ask.t("console.warn.none-hint"))) }
                @else {
                    (parts::table(ask.t("console.place.warnings"), &heads, here.iter().map(|i| {
                        let v = i.view;
                        let ours = v.duties.iter().filter(|d| d.ours).count();
                        let done = v.duties.iter().filter(|d| d.ours && d.taken.is_some()).count();
                        vec![
                            tier(colour(ask, v), &speech.incident_level(&v.text.regime, &v.text.level)), html! { a href={ "/warnings/" (v.warning) } { code { (v.warning) } } },
                            state(ask, v), concern(ask, v), html! { (places(speech, &v.text.areas, ask.t("console.exam.all"))) }, html! { (done) " / " (ours) }, time(ask, v.since),
                        ]
                    }).collect()))
                    (parts::next(ask, &[("all", ask.wanted("all")), ("drill", ask.wanted("drill"))], next.as_deref()))
                }
                @if ask.may(Act::IssueWarning) { (issuing(ask, speech)) }
            }
        },
        || {
            let mut value = report::warning_list_json(here);
            value["next"] = json!(next);
            value
        },
    )
}

fn issuing(ask: &Ask<'_>, speech: Speech<'_>) -> Markup {
    let with = ask.plan().incident_levels().iter().filter(|l| l.warning.is_some());
    let levels: Vec<(String, String)> =
        with.map(|l| (format!("{}/{}", l.regime, l.id), speech.incident_level(&l.regime, &l.id))).collect();
    let levels: Vec<(&str, String)> = levels.iter().map(|l| (l.0.as_str(), l.1.clone())).collect();
    let form = ask.plan().forms().iter().find(|f| f.stages.iter().any(|s| s == "warning"));
    // A line for each field that the form asks for; level and start have fields of their own here.
    let own =
        form.into_iter().flat_map(|f| &f.fields).map(|f| &f.id).filter(|f| !matches!(f.as_str(), "level" | "start"));
    let lines = own.map(|f| format!("{f}=")).collect::<Vec<_>>().join("\n");
    html! {
        h2 { (ask.t("console.warn.issue")) }
        @if levels.is_empty() { (parts::empty(ask.t("console.warn.no-levels"), "")) }
        @else {
            p.small { (ask.t("console.warn.issue-about")) }
            (form::form(ask, "/warnings", html! {
                (form::choice("level", ask.t("console.warn.level"), &levels, ""))
                (form::text("areas", ask.t("console.areas"), Line { hint: ask.t("console.warn.areas-hint"), ..Line::default() }))
                (form::text("sectors", ask.t("console.warn.sectors"), Line { hint: ask.t("console.warn.sectors-hint"), ..Line::default() }))
                (form::line("start", ask.t("console.warn.start"), Line { fill: "off", hint: ask.t("console.inc.at-hint"), ..Line::default() }))
                (form::text("set", ask.t("console.warn.fields"), Line { value: &lines, hint: ask.t("console.warn.fields-hint"), ..Line::default() }))
                @if let Some(f) = form { details { summary { (ask.t("console.warn.known-fields")) } ul { @for field in &f.fields { li { code { (field.id) } " " (speech.plan_text(&format!("form.{}.field.{}", f.id, field.id), &field.id)) } } } } }
                (form::line("approval_actor", ask.t("console.warn.approval-actor"), Line { fill: "off", hint: ask.t("console.warn.approval-hint"), ..Line::default() }))
                (form::line("approval_person", ask.t("console.warn.approval-person"), Line { fill: "off", ..Line::default() }))
                (form::tick("drill", ask.t("console.inc.is-drill"), false))
            }, ask.t("console.warn.ask-for")))
        }
    }
}

fn file(ask: &Ask<'_>) -> Result<WarningFile, Fault> {
    ask.node().warning_file(ask.part("id")).map_err(|_| Fault::none())
}

fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (file, reader) = (file(ask)?, Reader::of(ask)?);
    let view = reader.view(ask, &file).ok_or_else(Fault::none)?;
    let input = WarningInput { plan: ask.plan(), view: &view, now: file.now() };
    if ask.wanted("as") == "html" {
        let page = report::warning_html(&input, ask.lang).ok_or_else(Fault::none)?;
        return Ok(Answer::File("text/html; charset=utf-8", format!("{}.html", view.warning), page.into_bytes()));
    }
    ask.page(view.warning, || shown(ask, &view), || report::warning_json(&input))
}

fn shown(ask: &Ask<'_>, v: &WarningView<'_>) -> Markup {
    let speech = Speech::new(ask.plan(), ask.lang);
    let here = format!("/warnings/{}", v.warning);
    let what = |id: &str| speech.plan_text(&format!("duty.{id}.name"), id);
    let heads = [ask.t("console.warn.duty"), ask.t("console.warn.whose"), ask.t("console.state")];
    let owed: Vec<(&str, String)> =
        v.duties.iter().filter(|d| d.ours && d.taken.is_none()).map(|d| (d.duty.as_str(), what(&d.duty))).collect();
    html! {
        p.links { a href="/warnings" { (ask.t("console.place.warnings")) } a href={ (here) "?as=html" } { "HTML" } }
        @if v.origin == Origin::Drill { p { (parts::mark("warn", ask.t("incident.is-drill"))) } }
        p { (tier(colour(ask, v), &speech.incident_level(&v.text.regime, &v.text.level))) " " (state(ask, v)) " " (concern(ask, v)) }
        dl.facts {
            dt { (ask.t("console.warn.issuer")) } dd { (speech.actor(&v.text.issuer)) }
            @if let Some(c) = &v.text.approval { dt { (ask.t("console.warn.approval-person")) } dd { (speech.actor(&c.actor)) " · " (speech.text(&c.person)) } }
            dt { (ask.t("console.areas")) } dd { (places(speech, &v.text.areas, ask.t("console.exam.all"))) }
            dt { (ask.t("console.warn.sectors")) } dd { @if v.text.sectors.is_empty() { (ask.t("console.exam.all")) } @else { (speech.text(&v.text.sectors.join(", "))) } }
            dt { (ask.t("console.warn.start")) } dd { (time(ask, v.text.start)) }
            dt { (ask.t("console.inc.version")) } dd { (v.version) " · " (time(ask, v.since)) }
            @if let Some(l) = &v.lifted { dt { (ask.t("console.warn.lifted")) } dd { (time(ask, l.at)) " · " (speech.text(l.reason)) } }
        }
        h2 { (ask.t("console.warn.duties")) }
        @if v.duties.is_empty() { (parts::empty(ask.t("console.warn.no-duties"), "")) }
        @else {
            (parts::table(ask.t("console.warn.duties"), &heads, v.duties.iter().map(|d| vec![
                html! { (what(&d.duty)) }, html! { (speech.actor(&d.actor)) @if d.ours { " · " (ask.t("console.warn.ours")) } },
                match &d.taken { Some(_) => parts::mark("good", ask.t("console.inc.step-done")), None if d.ours => parts::mark("warn", ask.t("console.inc.step-open")), None => parts::mark("calm", ask.t("console.inc.step-open")) },
            ]).collect()))
        }
        @if ask.may(Act::ManageIncidents) && !owed.is_empty() {
            details { summary { (ask.t("console.inc.take-step")) }
                (form::form(ask, &format!("{here}/duties"), html! {
                    (form::choice("duty", ask.t("console.warn.duty"), &owed, ""))
                    (form::tick("skipped", ask.t("console.inc.skip"), false))
                    (form::text("note", ask.t("console.inc.note"), Line { of: "duty", ..Line::default() }))
                }, ask.t("console.exam.record-it")))
            }
        }
        h2 { (ask.t("console.warn.acknowledged")) " (" (v.acknowledged.len()) ")" }
        @if v.acknowledged.is_empty() { (parts::empty(ask.t("console.warn.nobody-noted"), "")) }
        ul { @for a in &v.acknowledged { li { (speech.text(a.by)) " · " (time(ask, a.at)) @if !a.note.is_empty() { " · " (speech.text(a.note)) } } } }
        @if ask.may(Act::ManageIncidents) { (form::form(ask, &format!("{here}/acknowledge"), form::text("note", ask.t("console.inc.note"), Line { of: "ack", ..Line::default() }), ask.t("console.warn.acknowledge"))) }
        @if ask.may(Act::IssueWarning) && v.lifted.is_none() {
            details { summary { (ask.t("console.warn.lift")) } (form::form(ask, &format!("{here}/lift"), form::text("reason", ask.t("console.head.reason"), Line { needed: true, of: "lift", ..Line::default() }), ask.t("console.warn.ask-for"))) }
        }
        @if !v.doubts.is_empty() { details { summary { (ask.t("console.exam.doubts")) " (" (v.doubts.len()) ")" } ul { @for d in &v.doubts { li { (speech.say(&d.say)) } } } } }
    }
}

/// Asked for; done when a second person agrees.
fn asked(ask: &Ask<'_>, to: &str, about: &str, body: &Value) -> Result<Answer, Fault> {
    let id = ask.site.accounts().ask(ask.who()?, Act::IssueWarning, about, &body.to_string())?;
    ask.done(to, "asked-two", json!({"format": "watchfire-asked-v1", "id": id, "act": Act::IssueWarning.name()}))
}

fn issue(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    let bad = || Fault::field("level", "console.fault.not-one-of").with("name", "level");
    let (regime, level) = ask.text("level").split_once('/').ok_or_else(bad)?;
    let known = node::warning_level(plan, Some(regime), (None, Some(level)))?;
    // What cannot be read is said to whoever asks, not to whoever agrees.
    let areas: Vec<String> = ask.texts("areas").into_iter().map(|a| node::area(plan, a)).collect::<Result<_, _>>()?;
    let sectors: Vec<String> = ask.texts("sectors").into_iter().map(node::sector).collect::<Result<_, _>>()?;
    let start = if ask.text("start").trim().is_empty() { None } else { Some(node::instant(plan, ask.text("start"))?) };
    let pair = |t: &str| t.split_once('=').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()));
    let set: Vec<(String, String)> = ask
        .texts("set")
        .into_iter()
        .map(|t| pair(t).ok_or_else(|| Fault::field("set", "error.incident-pair").with("value", t)))
        .filter(|p| p.as_ref().is_err() || p.as_ref().is_ok_and(|p| !p.1.is_empty()))
        .collect::<Result<_, _>>()?;
    let body = json!({
        "do": "issue", "regime": known.regime, "level": known.id, "areas": areas, "sectors": sectors, "start": start, "set": set,
        "approval": [ask.text("approval_actor"), ask.text("approval_person")], "drill": ask.yes("drill"),
    });
    let node = ask.node();
    wanted(&body, ask.now, |w| Ok(node.warning_could(plan, w)?))?;
    let speech = Speech::new(plan, ask.lang);
    let about = format!(
        "{} · {}",
        speech.incident_level(&known.regime, &known.id),
        places(speech, &areas, ask.t("console.exam.all"))
    );
    asked(ask, "/warnings", &about, &body)
}

fn lift(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let file = file(ask)?;
    let body = json!({"do": "lift", "warning": file.id, "reason": ask.text("reason")});
    asked(ask, &format!("/warnings/{}", file.id), &format!("{} · {}", file.id, ask.t("console.warn.lift")), &body)
}

/// What two people agreed on: a warning is issued, or lifted.
pub(super) fn agreed(ask: &Ask<'_>, asked: &Asked) -> Result<Value, Fault> {
    let body: Value = serde_json::from_str(&asked.kept.body).map_err(Fault::inside)?;
    let (node, plan) = (ask.node(), ask.plan());
    let text = |name: &str| body[name].as_str().filter(|t| !t.is_empty());
    if body["do"] == "lift" {
        let file = node.warning_file(text("warning").unwrap_or_default())?;
        let file = node.warning_lift(plan, file, (text("reason").unwrap_or_default(), None), None)?;
        return Ok(json!({"format": "watchfire-warning-done-v1", "warning": file.id}));
    }
    let origin = if body["drill"] == true { Origin::Drill } else { Origin::Live };
    let file = wanted(&body, asked.kept.asked, |w| Ok(node.warning_issue(plan, w, origin, None)?))?;
    Ok(json!({"format": "watchfire-warning-done-v1", "warning": file.id}))
}

/// What was asked for, as the node takes it; whoever agreed did so when it was asked for.
fn wanted<R>(body: &Value, asked: Time, with: impl FnOnce(&WantedWarning<'_>) -> Result<R, Fault>) -> Result<R, Fault> {
    let text = |name: &str| body[name].as_str().filter(|t| !t.is_empty());
    let list = |name: &str| serde_json::from_value::<Vec<String>>(body[name].clone()).map_err(Fault::inside);
    let (areas, sectors) = (list("areas")?, list("sectors")?);
    let set: Vec<(String, String)> = serde_json::from_value(body["set"].clone()).map_err(Fault::inside)?;
    let start: Option<Time> = serde_json::from_value(body["start"].clone()).map_err(Fault::inside)?;
    let by = |n: usize| body["approval"][n].as_str().unwrap_or_default();
    let approval = match (by(0), by(1)) {
        ("", "") => None,
        (actor, person) => {
            Some(Consent { actor: actor.to_owned(), person: person.to_owned(), at: asked, document: None })
        }
    };
    with(&WantedWarning {
        regime: text("regime"),
        level: text("level"),
        colour: None,
        issuer: None,
        approval,
        areas: Some(&areas),
        sectors: Some(&sectors),
        start,
        set: &set,
    })
}

fn said(ask: &Ask<'_>, file: &WarningFile) -> Result<Answer, Fault> {
    let reader = Reader::of(ask)?;
    let view = reader.view(ask, file).ok_or_else(Fault::none)?;
    let value = report::warning_json(&WarningInput { plan: ask.plan(), view: &view, now: file.now() });
    ask.done(&format!("/warnings/{}", file.id), "incident-said", value)
}

fn acknowledge(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let by = ask.who()?.account.name.clone();
    let file = ask.node().warning_acknowledge(file(ask)?, (&by, ask.text("note")), None)?;
    said(ask, &file)
}

fn duty(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let file = ask.node().warning_duty(
        ask.plan(),
        file(ask)?,
        (ask.text("duty"), !ask.yes("skipped"), ask.text("note")),
        None,
    )?;
    said(ask, &file)
}
