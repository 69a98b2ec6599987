//! One incident: what happened, how grave it is by each regime, who must be told by when, what to find out next.

use super::board::{colour, running};
use super::parts_of;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use evidence::{ClockStanding, ClockState, Grade, Origin, Say, Time};
use maud::{Markup, html};
use node::IncidentFile;
use node::accounts::Act;
use report::{IncidentInput, Speech, plot};
use serde_json::Value;

/// Lines of the timeline on the page of an incident; all of them are a page of their own.
const TIMELINE: usize = 20;
/// Lines of a page of the timeline.
const LINES: usize = 50;

/// A level with its colour, its numeral and its word.
pub(in crate::site::pages) fn tier(colour: &str, named: &str) -> Markup {
    let class = match colour {
        "red" => "tier tier-red",
        "orange" => "tier tier-orange",
        "yellow" => "tier tier-yellow",
        "blue" => "tier tier-blue",
        _ => "tier",
    };
    html! { span class=(class) { (named) } }
}

/// How much of a clock's time is gone, in hundredths.
fn gone(c: &ClockStanding, now: Time) -> Option<u64> {
    let (started, due) = (c.started?.millis(), c.due?.millis());
    let (all, over) = (due.saturating_sub(started).max(1), now.millis().saturating_sub(started).max(0));
    u64::try_from(over.saturating_mul(100) / all).ok()
}

/// The end of a limit: the last instant of a day is its 24:00.
pub(super) fn due_by(ask: &Ask<'_>, due: Time) -> Markup {
    html! { time datetime=(due) { (ask.site.days().local_end(due)) } }
}

/// A clock with the share of its time that is gone, and when it is over.
pub(super) fn bar(ask: &Ask<'_>, speech: Speech<'_>, c: &ClockStanding, now: Time) -> Markup {
    let (tone, bar) = match c.state {
        ClockState::Late | ClockState::MetLate => ("bad", "bad"),
        ClockState::Due | ClockState::Warned => ("warn", "warn"),
        ClockState::Met => ("good", "good"),
        ClockState::Running | ClockState::Waiting => ("calm", "calm"),
    };
    let word = match (c.state, c.due) {
        (ClockState::Due, None) => ask.t("incident.clock-owed").to_owned(),
        _ => ask.word("incident.clock", c.state.name()),
    };
    let left = speech.left(c, now);
    html! {
        div.clock {
            p { (parts::mark(tone, &word)) " " strong { (speech.clock(&c.clock)) } " · " (left) }
            @if let Some(gone) = gone(c, now).filter(|_| c.met.is_none()) {
                (plot::gauge(gone, bar, &ask.say(&Say::new("console.inc.gone").with("share", gone.min(100)).with("left", &left))))
            }
            p.small { (speech.limit(c)) @if let Some(due) = c.due { " · " (ask.t("console.head.until")) " " (due_by(ask, due)) } }
        }
    }
}

/// Running clocks as bars, each by its own limit, with the table behind; of those without a limit in time there is nothing to draw. Each with
/// the name of its incident, where there are several.
pub(super) fn clock_plot(ask: &Ask<'_>, speech: Speech<'_>, clocks: &[(String, &ClockStanding)], now: Time) -> Markup {
    let drawn: Vec<(String, String, u64, &ClockStanding)> = clocks
        .iter()
        .filter_map(|(of, c)| {
            let name =
                if of.is_empty() { speech.clock(&c.clock) } else { format!("{of} · {}", speech.clock(&c.clock)) };
            Some((name, speech.left(c, now), gone(c, now)?, *c))
        })
        .collect();
    if drawn.is_empty() {
        return html! {};
    }
    let bars: Vec<plot::ClockBar<'_>> =
        drawn.iter().map(|(name, left, gone, _)| plot::ClockBar { name, left, gone: *gone }).collect();
    let (title, about) = (ask.t("console.plot.clocks"), ask.t("console.plot.clocks-about"));
    let heads = [
        ask.t("console.plot.clock"),
        ask.t("console.plot.started"),
        ask.t("console.head.until"),
        ask.t("console.plot.gone"),
        ask.t("console.plot.left"),
    ];
    html! {
        (plot::clock_bars("clocks", (title, about, ask.t("console.plot.limit")), &bars))
        details {
            summary { (ask.t("above.as-table")) }
            (parts::table(title, &heads, drawn.iter().map(|(name, left, gone, c)| vec![
                html! { (name) }, html! { @if let Some(at) = c.started { (time(ask, at)) } }, html! { @if let Some(at) = c.due { (due_by(ask, at)) } }, html! { (gone) " %" }, html! { (left) },
            ]).collect()))
        }
    }
}

/// The incident for programs, as it stands now.
pub(super) fn value(ask: &Ask<'_>, file: &IncidentFile) -> Result<Value, Fault> {
    let (plan, now) = (ask.plan(), file.now());
    let view = file.view(plan, now).ok_or_else(Fault::none)?;
    let judgement = file.judge(plan, now).ok_or_else(Fault::none)?;
    let input = IncidentInput { plan, view: &view, judgement: &judgement, leaf: file.judged().map(|j| j.1), now };
    Ok(report::incident_json(&input))
}

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let file = ask.node().incident_file(ask.part("id")).map_err(|_| Fault::none())?;
    let (plan, now) = (ask.plan(), file.now());
    let view = file.view(plan, now).ok_or_else(Fault::none)?;
    let judgement = file.judge(plan, now).ok_or_else(Fault::none)?;
    let input = IncidentInput { plan, view: &view, judgement: &judgement, leaf: file.judged().map(|j| j.1), now };
    let speech = Speech::new(plan, ask.lang);
    ask.page(
        &speech.text(&view.opened.title),
        || {
            let here = format!("/incidents/{}", file.id);
            let may = ask.may(Act::ManageIncidents);
            let open = may && view.closed.is_none();
            html! {
                p.links { a href="/incidents" { (ask.t("console.inc.to-board")) } a href={ (here) "/timeline" } { (ask.t("console.inc.timeline")) } }
                (head(ask, speech, &input))
                h2 { (ask.t("incident.clocks-heading")) }
                (clocks(ask, speech, &input))
                @if may { (parts_of::told(ask, speech, &input, &here)) }
                h2 { (ask.t("incident.grade-heading")) }
                @for g in &judgement.grades { (grade(ask, speech, g)) }
                (questions(ask, speech, &input))
                (known(ask, speech, &input))
                @if open { (parts_of::fact(ask, speech, &input, &here)) }
                (parts_of::forms(ask, speech, &input, &here, may))
                (parts_of::tasks(ask, speech, &input, &here, open))
                (parts_of::steps(ask, speech, &input, &here, open))
                h2 { (ask.t("console.inc.timeline")) }
                (lines(ask, speech, &input, view.entries.len().saturating_sub(TIMELINE), TIMELINE))
                @if may { (parts_of::say(ask, speech, &input, &here)) }
                @if !judgement.doubts.is_empty() { details { summary { (ask.t("console.exam.doubts")) " (" (judgement.doubts.len()) ")" } ul { @for d in &judgement.doubts { li { (speech.say(&d.say)) } } } } }
            }
        },
        || report::incident_json(&input),
    )
}

fn head(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>) -> Markup {
    let v = i.view;
    let level = ask.plan().incident_levels();
    let colour = colour(i.plan, i.judgement);
    let grade = i.judgement.grades.iter().find(|g| {
        level.iter().any(|l| l.regime == g.regime && l.id == g.at_least && l.colour == colour && !colour.is_empty())
    });
    let late = running(i.judgement).iter().filter(|c| c.state == ClockState::Late).count();
    html! {
        @if v.origin == Origin::Drill { p { (parts::mark("warn", ask.t("incident.is-drill"))) } }
        p {
            @if let Some(g) = grade { (tier(&colour, &speech.incident_level(&g.regime, &g.at_least))) " " }
            code { (v.incident) } " "
            @match v.closed { Some(e) => { (parts::mark("calm", ask.t("console.inc.closed"))) " " (time(ask, e.stated_at)) }, None => (parts::mark("warn", ask.t("console.inc.open"))) }
            @if late > 0 { " " (parts::mark("bad", &ask.say(&Say::new("console.inc.late-clocks").with("count", late)))) }
        }
        dl.facts {
            dt { (ask.t("console.inc.opened")) } dd { (time(ask, v.opened_at)) }
            @for m in v.moments.values() { dt { (speech.moment(&m.moment)) } dd { (time(ask, m.at)) @if !m.note.is_empty() { " · " (speech.text(&m.note)) } } }
            dt { (ask.t("console.inc.actors")) } dd { (v.opened.actors.iter().map(|a| speech.actor(a)).collect::<Vec<_>>().join(ask.t("report.list-join"))) }
            @if !v.opened.branches.is_empty() { dt { (ask.t("console.inc.branches")) } dd { (v.opened.branches.iter().map(|b| speech.plan_text(&format!("branch.{b}.name"), b)).collect::<Vec<_>>().join(ask.t("report.list-join"))) } }
        }
    }
}

fn clocks(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>) -> Markup {
    let run = running(i.judgement);
    let of = |ours: bool, certain: bool| {
        i.judgement.clocks.iter().filter(|c| c.ours == ours && c.certain == certain).collect::<Vec<_>>()
    };
    let met: Vec<&ClockStanding> =
        of(true, true).into_iter().filter(|c| !run.iter().any(|r| r.clock == c.clock)).collect();
    let possible = of(true, false);
    let others: Vec<&ClockStanding> = i.judgement.clocks.iter().filter(|c| !c.ours).collect();
    let list = |key: &str, clocks: &[&ClockStanding]| html! { @if !clocks.is_empty() { details { summary { (ask.t(key)) " (" (clocks.len()) ")" } @for c in clocks { (bar(ask, speech, c, i.now)) } } } };
    html! {
        @if run.is_empty() { p { (ask.t("incident.no-clocks")) } }
        (clock_plot(ask, speech, &run.iter().map(|c| (String::new(), *c)).collect::<Vec<_>>(), i.now))
        @for c in &run { (bar(ask, speech, c, i.now)) }
        (list("console.inc.clocks-over", &met))
        (list("incident.clocks-possible", &possible))
        (list("incident.clocks-of-others", &others))
    }
}

/// A regime's grade: what is met, by which rule.
fn grade(ask: &Ask<'_>, speech: Speech<'_>, g: &Grade) -> Markup {
    let levels = ask.plan().incident_levels();
    let colour = levels.iter().find(|l| l.regime == g.regime && l.id == g.at_least).map_or("", |l| l.colour.as_str());
    let criteria = || levels.iter().flat_map(|l| &l.criteria);
    html! {
        section.card {
            h3 { (speech.plan_text(&format!("regime.{}.name", g.regime), &g.regime)) }
            p { (tier(colour, &speech.grade(g))) }
            @if g.met.is_empty() { p.small { (ask.t("incident.nothing-met")) } }
            ul {
                @for m in &g.met {
                    li {
                        (parts::mark("bad", ask.t("console.inc.met"))) " " (speech.plan_text(&format!("criterion.{}.what", m.criterion), &m.criterion)) ": " (speech.met(&g.regime, &m.value))
                        " → " (speech.incident_level(&g.regime, &m.level))
                        @if let Some(c) = criteria().find(|c| c.id == m.criterion) { @let (source, sure) = speech.source(&c.sourced); br; span.small { (source) " · " (sure) } }
                    }
                }
            }
        }
    }
}

/// What is unknown, and what each answer would change.
fn questions(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>) -> Markup {
    html! {
        @if !i.judgement.ask.is_empty() && i.view.closed.is_none() {
            h3 { (ask.t("incident.ask-heading")) " (" (i.judgement.ask.len()) ")" }
            ol {
                @for a in &i.judgement.ask {
                    li {
                        (parts::mark("warn", ask.t("incident.unknown"))) " " (speech.plan_text(&format!("dimension.{}.question", a.dimension), &a.dimension))
                        ul.small { @for line in speech.consequences(a) { li { (line) } } }
                    }
                }
            }
        }
    }
}

fn known(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>) -> Markup {
    let heads = [ask.t("console.inc.dimension"), ask.t("console.inc.known")];
    let dimensions = ask.plan().dimensions();
    let lines: Vec<Vec<Markup>> = dimensions
        .iter()
        .filter_map(|d| {
            let a = i.view.answers.get(d.id.as_str())?;
            Some(vec![
                html! { (speech.plan_text(&format!("dimension.{}.name", d.id), &d.id)) },
                html! { (speech.answered(&d.id, a)) },
            ])
        })
        .collect();
    let (known, of) = (lines.len(), dimensions.len());
    html! {
        h3 { (ask.t("incident.answers-heading")) " (" (known) " / " (of) ")" }
        @if lines.is_empty() { (parts::empty(ask.t("console.inc.nothing-known"), ask.t("console.inc.nothing-known-hint"))) }
        @else { (parts::table(ask.t("incident.answers-heading"), &heads, lines)) }
    }
}

/// Lines of the timeline from `skip` on.
fn lines(ask: &Ask<'_>, speech: Speech<'_>, i: &IncidentInput<'_>, skip: usize, most: usize) -> Markup {
    let mut all: Vec<_> = i.view.entries.iter().collect();
    all.sort_by_key(|(leaf, e)| (Speech::happened(e), e.stated_at, *leaf));
    let heads =
        [ask.t("console.head.when"), ask.t("console.inc.entry"), ask.t("console.inc.by"), ask.t("console.exam.record")];
    html! {
        @if skip > 0 && most == TIMELINE { p.small { (ask.say(&Say::new("console.inc.earlier").with("count", skip))) } }
        (parts::table(ask.t("console.inc.timeline"), &heads, all.into_iter().skip(skip).take(most).map(|(leaf, e)| vec![
            time(ask, Speech::happened(e)), html! { (speech.entry(e)) }, html! { (speech.text(&e.author.name)) }, html! { code title=(leaf.hex()) { (leaf.short()) } },
        ]).collect()))
    }
}

pub(super) fn timeline(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let file = ask.node().incident_file(ask.part("id")).map_err(|_| Fault::none())?;
    let (plan, now) = (ask.plan(), file.now());
    let view = file.view(plan, now).ok_or_else(Fault::none)?;
    let judgement = file.judge(plan, now).ok_or_else(Fault::none)?;
    let input = IncidentInput { plan, view: &view, judgement: &judgement, leaf: file.judged().map(|j| j.1), now };
    let from: usize = ask.wanted("after").parse().unwrap_or(0);
    let next = (from + LINES < view.entries.len()).then(|| (from + LINES).to_string());
    ask.page(
        &ask.say(&Say::new("console.inc.timeline-of").with("id", &file.id)),
        || {
            let speech = Speech::new(plan, ask.lang);
            html! {
                p.links { a href={ "/incidents/" (file.id) } { (speech.text(&view.opened.title)) } }
                (lines(ask, speech, &input, from, LINES))
                @if let Some(next) = &next { nav.pager { a href={ "/incidents/" (file.id) "/timeline?after=" (next) } rel="next" { (ask.t("console.next-page")) } } }
            }
        },
        || report::incident_timeline_json(&input),
    )
}

/// A field for an instant.
pub(super) fn at(ask: &Ask<'_>, of: &str) -> Markup {
    form::line(
        "at",
        ask.t("console.inc.at"),
        Line { fill: "off", hint: ask.t("console.inc.at-hint"), of, ..Line::default() },
    )
}
