//! The plan in force, as people read it: what is to be reached, what is asked, how it is graded, which clocks run, what orders rest on - and how sure each of it is.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Gate, Route, Takes, get, may_be};
use evidence::Say;
use maud::{Markup, html};
use node::accounts::Act;
use plan::{CheckKind, CheckedPlan, Clock, Effect, HowSure, Limit, Measured, Sourced};
use serde_json::{Value, json};

pub(crate) const ROUTES: &[Route] = &[
    get("/plan", Gate::May(Act::SeePlan), overview),
    get("/plan/checks", Gate::May(Act::SeePlan), checks).query(&[may_be("scenario", Takes::Line(60))]),
    get("/plan/levels", Gate::May(Act::SeePlan), levels),
    get("/plan/clocks", Gate::May(Act::SeePlan), clocks),
    get("/plan/bases", Gate::May(Act::SeePlan), bases),
    get("/plan/unconfirmed", Gate::May(Act::SeePlan), unconfirmed),
];

/// The parts of the plan that have pages of their own.
const PARTS: [(&str, &str); 6] = [
    ("/plan", "console.plan.targets"),
    ("/plan/checks", "console.plan.checks"),
    ("/plan/levels", "console.plan.levels"),
    ("/plan/clocks", "console.plan.clocks"),
    ("/plan/bases", "console.plan.bases"),
    ("/plan/unconfirmed", "console.plan.unconfirmed"),
];

/// A text of the plan.
fn word(ask: &Ask<'_>, key: &str) -> String {
    report::plan_word(ask.plan(), ask.lang, key)
}

/// Of a family of the plan's words the name of a member, else the member itself.
fn named(ask: &Ask<'_>, family: &str, member: &str) -> String {
    let key = format!("{family}.{member}.name");
    let said = word(ask, &key);
    if said == key { member.to_owned() } else { said }
}

/// Where something comes from, and how sure it is.
fn source(ask: &Ask<'_>, s: &Sourced) -> Markup {
    html! { span.small { (plain(&s.source)) } " " (sure(ask, s.sure, s.draft)) }
}

/// Addresses are shown without their scheme: a source is to be read, not to be followed from here.
fn plain(source: &str) -> String {
    source.replace("https://", "").replace("http://", "")
}

fn sure(ask: &Ask<'_>, sure: HowSure, draft: bool) -> Markup {
    let tone =
        if draft || matches!(sure, HowSure::Excerpt | HowSure::Secondary | HowSure::Memory) { "warn" } else { "good" };
    let mut said = format!("{} · {}", sure.letter(), ask.t(&format!("how-sure.{}", sure.letter())));
    if draft {
        said.push_str(" · ");
        said.push_str(ask.t("console.plan.draft"));
    }
    parts::mark(tone, &said)
}

/// The head of each part: which plan, where else to look.
fn head(ask: &Ask<'_>) -> Markup {
    let plan = ask.plan();
    html! {
        p { strong { (word(ask, "plan.name")) } " · " code { (plan.id()) " " (plan.version()) } }
        p.links { @for (path, key) in PARTS { a href=(path) aria-current=[(path == ask.route.path).then_some("page")] { (ask.t(key)) } " " } }
    }
}

/// Whole days from one instant to another where the plan counts; a day that has begun counts.
fn days(plan: &CheckedPlan, from: evidence::Time, due: evidence::Time) -> i64 {
    let days = plan::Days::of(plan.calendar());
    let end = days.day_ends(due).millis();
    let begin = days.day_begins(from).millis();
    (end - begin).div_euclid(86_400_000)
}

fn overview(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    let (from, until) = plan.span();
    let last = until.or_else(|| plan.targets().iter().map(|t| t.due).max());
    let left = last.map(|l| days(plan, ask.now, l));
    let open = plan.unconfirmed().len();
    ask.page(
        ask.t("console.place.plan"),
        || {
            html! {
                (head(ask))
                p { (word(ask, "plan.what")) }
                div.tiles {
                    @if let (Some(left), Some(last)) = (left, last) {
                        (parts::tile(ask.t("console.plan.left"), &left.max(0).to_string(), &ask.say(&Say::new("console.plan.until").with("date", last.date()))))
                    }
                    (parts::tile(ask.t("console.plan.targets"), &plan.targets().len().to_string(), ""))
                    (parts::tile(ask.t("console.plan.checks"), &plan.checks().len().to_string(), ""))
                    (parts::tile(ask.t("console.plan.unconfirmed"), &open.to_string(), ask.t("console.plan.unconfirmed-of")))
                }
                dl.facts {
                    dt { (ask.t("console.plan.digest")) } dd { code { (plan.digest()) } }
                    @if let (Some(from), Some(until)) = (from, until) { dt { (ask.t("console.plan.span")) } dd { (from.date()) " – " (until.date()) } }
                }
                h2 { (ask.t("console.plan.targets")) }
                @if plan.targets().is_empty() { (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))) }
                @else { (targets(ask)) }
                h2 { (ask.t("console.plan.counters")) }
                @if plan.counters().is_empty() { (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))) }
                @else { (counters(ask)) }
                h2 { (ask.t("console.plan.selection")) }
                @if plan.selection().is_empty() { (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))) }
                @else {
                    (parts::table(ask.t("console.plan.selection"), &[ask.t("console.head.id"), ask.t("console.head.name"), ask.t("console.plan.source")],
                        plan.selection().iter().map(|s| vec![html! { code { (s.id) } }, html! { (named(ask, "selection", &s.id)) }, source(ask, &s.sourced)]).collect()))
                }
            }
        },
        || {
            let targets: Vec<Value> = plan.targets().iter().map(|t| json!({
                "id": t.id, "name": named(ask, "target", &t.id), "counter": t.counter, "bound": t.bound, "unit": t.unit, "exclusive": t.exclusive, "per": t.per,
                "reading_of": t.reading_of, "due": t.due, "source": t.sourced.source, "sure": t.sourced.sure.letter(), "draft": t.sourced.draft,
            })).collect();
            let counters: Vec<Value> = plan.counters().iter().map(|c| json!({
                "id": c.id, "name": named(ask, "counter", &c.id), "unit": c.unit, "counts": c.counts.name(), "from": c.from.name(), "when": c.when.text(),
                "rung_min": c.rung_min.name(), "coverage_percent": c.coverage_percent, "valid_days": c.valid_days, "source": c.sourced.source, "sure": c.sourced.sure.letter(),
            })).collect();
            json!({
                "format": "watchfire-plan-v1", "plan": plan.reference(), "from": from, "until": until, "days_left": left,
                "targets": targets, "counters": counters, "unconfirmed": open,
            })
        },
    )
}

fn targets(ask: &Ask<'_>) -> Markup {
    let plan = ask.plan();
    let bound = |t: &plan::Target| {
        let unit = ask.word("progress-unit", &t.unit);
        let key = if t.exclusive { "progress.bound-more" } else { "progress.bound-least" };
        let say = if t.unit == "percent" && !t.exclusive { Say::new("progress.bound-share") } else { Say::new(key) };
        ask.say(&say.with("bound", t.bound).with("unit", unit))
    };
    let lines = plan.targets().iter().map(|t| {
        vec![
            html! { code { (t.id) } },
            html! {
                (named(ask, "target", &t.id))
                @if let Some(of) = &t.reading_of { p.small { (ask.say(&Say::new("progress.reading").with("target", of))) } }
            },
            html! { (bound(t)) @if !t.per.is_empty() { p.small { (ask.t("console.plan.per")) " " @for (n, p) in t.per.iter().enumerate() { @if n > 0 { " × " } (ask.word("progress.by", p)) } } } },
            html! { code { (t.counter) } },
            html! { (t.due.date()) },
            source(ask, &t.sourced),
        ]
    });
    parts::table(
        ask.t("console.plan.targets"),
        &[
            ask.t("console.head.id"),
            ask.t("console.head.name"),
            ask.t("console.plan.bound"),
            ask.t("console.plan.counter"),
            ask.t("console.plan.due"),
            ask.t("console.plan.source"),
        ],
        lines.collect(),
    )
}

fn counters(ask: &Ask<'_>) -> Markup {
    let lines = ask.plan().counters().iter().map(|c| {
        vec![
            html! { code { (c.id) } },
            html! { (named(ask, "counter", &c.id)) p.small { (ask.t("console.plan.counted-in")) " " (ask.word("progress-unit", &c.unit)) } },
            html! {
                code { (c.when.text()) }
                @if let Some(percent) = c.coverage_percent { p.small { (ask.say(&Say::new("console.plan.coverage").with("percent", percent))) } }
                @if let Some(days) = c.valid_days { p.small { (ask.say(&Say::new("console.plan.valid").with("days", days))) } }
            },
            html! { (ask.word("sure", c.rung_min.name())) },
            source(ask, &c.sourced),
        ]
    });
    parts::table(
        ask.t("console.plan.counters"),
        &[
            ask.t("console.head.id"),
            ask.t("console.head.name"),
            ask.t("console.plan.when"),
            ask.t("console.plan.rung"),
            ask.t("console.plan.source"),
        ],
        lines.collect(),
    )
}

fn checks(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    let wanted = ask.wanted("scenario");
    let all = plan.scenarios();
    let chosen = match all.iter().find(|s| s.id.as_str() == wanted) {
        Some(s) => Some(s),
        None if wanted.is_empty() => all.first(),
        None => return Err(Fault::none()),
    };
    let of = |id: &str| plan.checks().iter().filter(|c| c.scenario.as_str() == id).count();
    ask.page(
        ask.t("console.plan.checks"),
        || {
            html! {
                (head(ask))
                p { (ask.t("console.plan.checks-about")) }
                ul.choices {
                    @for s in all {
                        li { a href={ "/plan/checks?scenario=" (s.id) } aria-current=[chosen.filter(|c| c.id == s.id).map(|_| "true")] { (named(ask, "scenario", s.id.as_str())) } " " span.small { (of(s.id.as_str())) " / " (plan.checks().len()) } }
                    }
                }
                @match chosen {
                    None => (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))),
                    Some(s) => {
                        h2 { (named(ask, "scenario", s.id.as_str())) }
                        p { (word(ask, &format!("scenario.{}.what", s.id))) " " (source(ask, &s.sourced)) }
                        (parts::table(&named(ask, "scenario", s.id.as_str()), &[ask.t("console.head.id"), ask.t("console.plan.check"), ask.t("console.plan.severity"), ask.t("console.plan.asked"), ask.t("console.plan.source")],
                            plan.checks().iter().filter(|c| c.scenario == s.id).map(|c| vec![
                                html! { code { (c.id) } },
                                html! { (word(ask, &format!("check.{}.title", c.id))) },
                                html! { (ask.word("severity", c.severity.name())) },
                                html! { (match c.kind { CheckKind::Machine(_) => ask.t("console.plan.by-machine"), CheckKind::Answer(_) => ask.t("console.plan.by-person") }) },
                                source(ask, &c.sourced),
                            ]).collect()))
                    }
                }
            }
        },
        || {
            let mut value = report::plan_json(plan, ask.lang);
            if let (Some(list), false) = (value["checks"].as_array_mut(), wanted.is_empty()) {
                list.retain(|c| c["scenario"] == wanted);
            }
            value
        },
    )
}

fn levels(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    ask.page(
        ask.t("console.plan.levels"),
        || {
            html! {
                (head(ask))
                h2 { (ask.t("console.plan.data-levels")) }
                @if plan.levels().is_empty() { (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))) }
                @else {
                    (parts::table(ask.t("console.plan.data-levels"), &[ask.t("console.plan.rank"), ask.t("console.head.name"), ask.t("console.plan.decided-by"), ask.t("console.plan.source")],
                        plan.levels().iter().map(|l| vec![html! { (l.rank) }, html! { (named(ask, "level", l.id.as_str())) }, html! { (ask.t(if l.proposed_only { "console.plan.person-only" } else { "console.plan.machine-too" })) }, source(ask, &l.sourced)]).collect()))
                    (effects(ask))
                }
                @for regime in plan.regimes() {
                    h2 { (ask.t("console.plan.incident-levels")) ": " (named(ask, "regime", &regime.id)) }
                    p { (source(ask, &regime.sourced)) }
                    @for level in plan.incident_levels().iter().filter(|l| l.regime == regime.id) {
                        details {
                            summary { (level.numeral) " · " (word(ask, &format!("incident.{}.{}.name", level.regime, level.id))) @if !level.colour.is_empty() { " · " (named(ask, "colour", &level.colour)) } " · " (level.criteria.len()) " " (ask.t("console.plan.criteria")) }
                            p { (source(ask, &level.sourced)) }
                            @if !level.criteria.is_empty() { ul {
                                @for c in &level.criteria { li { (word(ask, &format!("criterion.{}.what", c.id))) " " span.small { (bounds(&c.measured)) } " " (source(ask, &c.sourced)) } }
                            } }
                        }
                    }
                }
            }
        },
        || {
            let data: Vec<Value> = plan.levels().iter().map(|l| json!({"id": l.id, "name": named(ask, "level", l.id.as_str()), "rank": l.rank, "proposed_only": l.proposed_only, "source": l.sourced.source, "sure": l.sourced.sure.letter()})).collect();
            let incident: Vec<Value> = plan.incident_levels().iter().map(|l| json!({
                "id": l.id, "regime": l.regime, "rank": l.rank, "numeral": l.numeral, "colour": l.colour, "source": l.sourced.source, "sure": l.sourced.sure.letter(),
                "criteria": l.criteria.iter().map(|c| json!({"id": c.id, "what": word(ask, &format!("criterion.{}.what", c.id)), "bounds": bounds(&c.measured), "source": c.sourced.source, "sure": c.sourced.sure.letter()})).collect::<Vec<_>>(),
            })).collect();
            json!({"format": "watchfire-plan-levels-v1", "plan": plan.reference(), "data": data, "incidents": incident})
        },
    )
}

/// The bounds of a criterion; one of words has none.
fn bounds(measured: &Measured) -> String {
    match measured {
        Measured::Bounds { unit, min, below, .. } => {
            let min = min.map_or(String::new(), |m| format!("≥ {m}"));
            let below = below.map_or(String::new(), |b| format!("< {b}"));
            [min, below, unit.clone()].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ")
        }
        Measured::Words { .. } => String::new(),
    }
}

/// Which level what is found or weighed is proposed.
fn effects(ask: &Ask<'_>) -> Markup {
    let level = |l: &evidence::LevelId| named(ask, "level", l.as_str());
    let lines = ask.plan().effects().iter().map(|e| match e {
        Effect::Cell { object, harm, level: l, sourced } => {
            vec![
                html! { (named(ask, "object", object)) " × " (named(ask, "harm", harm)) },
                html! { (level(l)) },
                source(ask, sourced),
            ]
        }
        Effect::Found { id, category, at_least, level: l, sourced } => {
            vec![
                html! { (named(ask, "category", category.as_str())) " ≥ " (at_least) " " code { (id) } },
                html! { (level(l)) },
                source(ask, sourced),
            ]
        }
        Effect::Measured { id, category, level: l, sourced, .. } => {
            vec![
                html! { (named(ask, "category", category.as_str())) " " code { (id) } },
                html! { (level(l)) },
                source(ask, sourced),
            ]
        }
    });
    html! {
        details {
            summary { (ask.t("console.plan.effects")) " · " (ask.plan().effects().len()) }
            (parts::table(ask.t("console.plan.effects"), &[ask.t("console.plan.what"), ask.t("console.plan.level"), ask.t("console.plan.source")], lines.collect()))
        }
    }
}

/// How long a clock gives.
fn limit(ask: &Ask<'_>, limit: Limit) -> String {
    match limit {
        Limit::Immediately => ask.t("incident.limit-immediately").to_owned(),
        Limit::Unstated => ask.t("incident.limit-unstated").to_owned(),
        Limit::By(month, day) => format!("{month:02}-{day:02}"),
        Limit::Within(n, unit) => ask.say(&Say::new(format!("incident.limit-{}", unit.name())).with("count", n)),
    }
}

fn clocks(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    let line = |c: &Clock| {
        vec![
            html! { (named(ask, "clock", &c.id)) p.small { code { (c.id) } } },
            html! { (named(ask, "actor", &c.actor)) " → " (named(ask, "actor", &c.recipient)) },
            html! { (named(ask, "moment", &c.starts)) @if !c.levels.is_empty() { p.small { (ask.t("console.plan.level")) " " (c.levels.join(", ")) } } },
            html! { (limit(ask, c.limit)) },
            source(ask, &c.sourced),
        ]
    };
    ask.page(
        ask.t("console.plan.clocks"),
        || {
            html! {
                (head(ask))
                p { (ask.t("console.plan.clocks-about")) }
                @if plan.clocks().is_empty() { (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))) }
                @else { (parts::table(ask.t("console.plan.clocks"), &[ask.t("console.head.name"), ask.t("console.plan.who"), ask.t("console.plan.starts"), ask.t("console.plan.limit"), ask.t("console.plan.source")], plan.clocks().iter().map(line).collect())) }
            }
        },
        || {
            let all: Vec<Value> = plan.clocks().iter().map(|c| json!({
                "id": c.id, "name": named(ask, "clock", &c.id), "regime": c.regime, "actor": c.actor, "recipient": c.recipient, "channel": c.channel, "starts": c.starts,
                "levels": c.levels, "limit": limit(ask, c.limit), "source": c.sourced.source, "sure": c.sourced.sure.letter(), "draft": c.sourced.draft,
            })).collect();
            json!({"format": "watchfire-plan-clocks-v1", "plan": plan.reference(), "clocks": all})
        },
    )
}

fn bases(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    ask.page(
        ask.t("console.plan.bases"),
        || {
            html! {
                (head(ask))
                p { (ask.t("console.plan.bases-about")) }
                @if plan.bases().is_empty() { (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))) }
                @else {
                    (parts::table(ask.t("console.plan.bases"), &[ask.t("console.head.name"), ask.t("console.plan.issuers"), ask.t("console.plan.working-days"), ask.t("console.plan.extension"), ask.t("console.plan.source")],
                        plan.bases().iter().map(|b| vec![
                            html! { (named(ask, "basis", &b.id)) p.small { code { (b.id) } } },
                            html! { @for (n, i) in b.issuers.iter().enumerate() { @if n > 0 { ", " } (ask.word("node-role", i.name())) } },
                            html! { (b.working_days) },
                            html! { (ask.say(&Say::new("console.plan.extended").with("times", b.extend_times).with("days", b.extend_working_days))) },
                            source(ask, &b.sourced),
                        ]).collect()))
                }
                h2 { (ask.t("console.plan.reasons")) }
                @if plan.reasons().is_empty() { (parts::empty(ask.t("console.plan.nothing"), ask.t("console.plan.nothing-hint"))) }
                @else {
                    (parts::table(ask.t("console.plan.reasons"), &[ask.t("console.head.name"), ask.t("console.plan.points"), ask.t("console.plan.source")],
                        plan.reasons().iter().map(|r| vec![html! { (named(ask, "reason", &r.id)) p.small { code { (r.id) } } }, html! { (r.points) }, source(ask, &r.sourced)]).collect()))
                }
            }
        },
        || {
            let bases: Vec<Value> = plan.bases().iter().map(|b| json!({"id": b.id, "name": named(ask, "basis", &b.id), "issuers": b.issuers.iter().map(|i| i.name()).collect::<Vec<_>>(), "working_days": b.working_days, "extend_times": b.extend_times, "extend_working_days": b.extend_working_days, "source": b.sourced.source, "sure": b.sourced.sure.letter()})).collect();
            let reasons: Vec<Value> = plan.reasons().iter().map(|r| json!({"id": r.id, "name": named(ask, "reason", &r.id), "points": r.points, "source": r.sourced.source, "sure": r.sourced.sure.letter()})).collect();
            json!({"format": "watchfire-plan-bases-v1", "plan": plan.reference(), "bases": bases, "reasons": reasons})
        },
    )
}

fn unconfirmed(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let plan = ask.plan();
    let open = plan.unconfirmed();
    ask.page(
        ask.t("console.plan.unconfirmed"),
        || {
            html! {
                (head(ask))
                p { (ask.say(&Say::new("console.plan.unconfirmed-about").with("count", open.len()))) }
                @if open.is_empty() { (parts::empty(ask.t("console.plan.all-confirmed"), "")) }
                @else {
                    (parts::table(ask.t("console.plan.unconfirmed"), &[ask.t("console.plan.element"), ask.t("console.plan.file"), ask.t("console.plan.source"), ask.t("console.plan.sure")],
                        open.iter().map(|u| vec![html! { code { (u.id) } }, html! { code { (u.file) } }, html! { (plain(&u.source)) }, sure(ask, u.sure, u.draft)]).collect()))
                }
                p.small { (ask.t("console.plan.as-of")) " " (time(ask, ask.now)) }
            }
        },
        || report::unconfirmed_json(plan),
    )
}
