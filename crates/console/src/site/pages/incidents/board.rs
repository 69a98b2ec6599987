//! The board: incidents by colour, with their clocks.

use super::one::{bar, clock_plot, tier};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use evidence::{ClockStanding, ClockState, IncidentJudgement, Origin, Say};
use judge::IncidentView;
use maud::{Markup, html};
use node::accounts::Act;
use plan::CheckedPlan;
use report::{IncidentInput, Speech};

/// Incidents of a page.
const LINES: usize = 50;
/// Clocks of the picture above the board.
const URGENT: usize = 12;
/// Clocks that a card shows.
const CLOCKS: usize = 3;

/// Where an incident stands on the board: the colour of the first regime that has one, as far as it is certain.
pub(super) fn colour(plan: &CheckedPlan, j: &IncidentJudgement) -> String {
    let regimes = plan.regimes().iter().map(|r| &r.id);
    let of = |regime: &String| {
        let grade = j.grades.iter().find(|g| &g.regime == regime)?;
        let level = |id: &str| plan.incident_levels().iter().find(|l| &l.regime == regime && l.id == id);
        plan.incident_levels().iter().any(|l| &l.regime == regime && !l.colour.is_empty()).then_some(())?;
        Some(level(&grade.at_least).map_or_else(String::new, |l| l.colour.clone()))
    };
    regimes.clone().find_map(of).unwrap_or_default()
}

/// The clocks that run, the most urgent first.
pub(super) fn running(j: &IncidentJudgement) -> Vec<&ClockStanding> {
    let open = |c: &&ClockStanding| {
        c.ours && c.certain && !matches!(c.state, ClockState::Met | ClockState::MetLate | ClockState::Waiting)
    };
    let mut clocks: Vec<&ClockStanding> = j.clocks.iter().filter(open).collect();
    clocks.sort_by_key(|c| (c.state != ClockState::Late, c.due.is_none(), c.due));
    clocks
}

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    let files = ask.node().incident_files()?;
    let (all, drill) = (!ask.wanted("all").is_empty(), !ask.wanted("drill").is_empty());
    let judged: Vec<_> = files
        .iter()
        .filter_map(|f| Some((f, f.view(plan, f.now())?, f.judge(plan, f.now())?)))
        .filter(|(_, v, j)| {
            (v.origin == Origin::Drill) == drill && (all || v.closed.is_none() || !node::owed(j).is_empty())
        })
        .collect();
    let mut shown: Vec<IncidentInput<'_>> = judged
        .iter()
        .map(|(f, view, judgement)| IncidentInput {
            plan,
            view,
            judgement,
            leaf: f.judged().map(|j| j.1),
            now: f.now(),
        })
        .collect();
    shown.sort_by_key(|i| (!report::incident_is_late(i), report::incident_next_due(i), i.view.opened_at));
    let (here, next) = parts::after(&shown, ask.wanted("after"), |i| i.view.incident.to_owned(), LINES);
    ask.page(
        ask.t("console.place.incidents"),
        || {
            let late = shown.iter().filter(|i| report::incident_is_late(i)).count();
            let of = ask.say(&Say::new("console.inc.of").with("count", shown.len()));
            let open = shown.iter().filter(|i| i.view.closed.is_none()).count();
            html! {
                @if drill { p { (parts::mark("warn", ask.t("incident.is-drill"))) } }
                div.tiles {
                    (parts::tile(ask.t("console.inc.open"), &open.to_string(), &of))
                    (parts::tile(ask.t("console.inc.late"), &late.to_string(), &of))
                }
                (form::filter(ask, html! { (form::tick("all", ask.t("console.inc.with-closed"), all)) (form::tick("drill", ask.t("console.inc.drills"), drill)) }))
                @if shown.is_empty() { (parts::empty(ask.t("console.inc.none"), ask.t("console.inc.none-hint"))) }
                @else { (urgent(ask, here)) (board(ask, here)) (parts::next(ask, &[("all", ask.wanted("all")), ("drill", ask.wanted("drill"))], next.as_deref())) }
                @if ask.may(Act::ManageIncidents) { (opening(ask)) }
            }
        },
        || {
            let mut value = report::incident_list_json(here);
            value["next"] = serde_json::json!(next);
            value
        },
    )
}

/// The clocks of all incidents of the page that run, the most urgent first.
fn urgent(ask: &Ask<'_>, here: &[IncidentInput<'_>]) -> Markup {
    let speech = Speech::new(ask.plan(), ask.lang);
    let mut all: Vec<(String, &ClockStanding)> =
        here.iter().flat_map(|i| running(i.judgement).into_iter().map(|c| (i.view.incident.to_owned(), c))).collect();
    all.retain(|(_, c)| c.due.is_some() && c.started.is_some());
    all.sort_by_key(|(_, c)| c.due);
    all.truncate(URGENT);
    let Some(now) = here.first().map(|i| i.now).filter(|_| !all.is_empty()) else { return html! {} };
    html! {
        h2 { (ask.t("console.plot.urgent")) }
        p.small { (ask.t("console.plot.clocks-about")) }
        (clock_plot(ask, speech, &all, now))
    }
}

fn board(ask: &Ask<'_>, here: &[IncidentInput<'_>]) -> Markup {
    let mut colours: Vec<&str> = Vec::new();
    for l in ask.plan().incident_levels() {
        if !l.colour.is_empty() && !colours.contains(&l.colour.as_str()) {
            colours.push(&l.colour);
        }
    }
    let speech = Speech::new(ask.plan(), ask.lang);
    let column = |colour: &str| {
        here.iter().filter(|i| super::board::colour(ask.plan(), i.judgement) == colour).collect::<Vec<_>>()
    };
    html! {
        @for c in &colours {
            @let of = column(c);
            @let named = ask.plan().incident_levels().iter().find(|l| l.colour == *c).map(|l| speech.incident_level(&l.regime, &l.id)).unwrap_or_default();
            section.lane {
                h2 { (tier(c, &named)) " " span.count { (of.len()) } }
                @if of.is_empty() { p.small { (ask.t("console.inc.none-of-colour")) } }
                @for i in of { (card(ask, speech, i)) }
            }
        }
        @let of = column("");
        @if !of.is_empty() {
            section.lane { h2 { (ask.t("console.inc.no-level")) " " span.count { (of.len()) } } @for i in of { (card(ask, speech, i)) } }
        }
    }
}

fn card(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>) -> Markup {
    let v: &IncidentView<'_> = i.view;
    let clocks = running(i.judgement);
    html! {
        section.card {
            h3 { a href={ "/incidents/" (v.incident) } { (speech.text(&v.opened.title)) } " " code { (v.incident) } }
            p.small { (ask.t("console.inc.opened")) " " (time(ask, v.opened_at)) @if let Some(e) = v.closed { " · " (parts::mark("calm", ask.t("console.inc.closed"))) " " (time(ask, e.stated_at)) } }
            ul { @for g in &i.judgement.grades { li { (speech.plan_text(&format!("regime.{}.name", g.regime), &g.regime)) ": " (speech.grade(g)) } } }
            @if clocks.is_empty() { p.small { (ask.t("incident.no-clocks")) } }
            @for c in clocks.iter().take(CLOCKS) { (bar(ask, speech, c, i.now)) }
            @if clocks.len() > CLOCKS { p.small { (ask.say(&Say::new("console.exam.more").with("count", clocks.len() - CLOCKS))) } }
        }
    }
}

fn opening(ask: &Ask<'_>) -> Markup {
    let (plan, speech) = (ask.plan(), Speech::new(ask.plan(), ask.lang));
    let actors: Vec<(&str, String)> = node::actors(plan).into_iter().map(|a| (a, speech.actor(a))).collect();
    let branches: Vec<(&str, String)> =
        node::branches(plan).into_iter().map(|b| (b, speech.plan_text(&format!("branch.{b}.name"), b))).collect();
    let occurs = plan.moments().iter().any(|m| m.comes == plan::Comes::Occurred);
    html! {
        h2 { (ask.t("console.inc.new")) }
        p.small { (ask.t("console.inc.new-about")) }
        (form::form(ask, "/incidents", html! {
            (form::line("title", ask.t("console.inc.title"), Line { needed: true, fill: "off", ..Line::default() }))
            (form::line("discovered", ask.t("console.inc.discovered"), Line { fill: "off", hint: ask.t("console.inc.at-hint"), ..Line::default() }))
            @if occurs { (form::line("occurred", ask.t("console.inc.occurred"), Line { fill: "off", ..Line::default() })) }
            details {
                summary { (ask.t("console.inc.more-fields")) }
                (form::ticks("actors", ask.t("console.inc.actors"), &actors, &[]))
                (form::ticks("branches", ask.t("console.inc.branches"), &branches, &[]))
                (form::tick("drill", ask.t("console.inc.is-drill"), false))
            }
        }, ask.t("console.inc.open-it")))
    }
}
