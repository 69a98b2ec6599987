//! The overview: how long it still is, where the programme stands, what needs somebody today; and progress in full.

use super::enterprises::{behind, matters};
use super::eyes;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Gate, Route, get};
use evidence::{NodeRole, Say, Time};
use judge::{Forecast, GuideState, ListFilter};
use maud::{Markup, html};
use node::accounts::Act;
use node::{ProgressShown, TargetSeries};
use report::plot::{Burn, HeatCell, HeatRow, Tile, burn_up, heat, tile_grid};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use stdx::{Silent, Stop};

pub(crate) const ROUTES: &[Route] = &[
    get("/", Gate::Session, overview),
    get("/progress", Gate::May(Act::SeeOverview), progress),
    get("/guide", Gate::May(Act::SeeExamination), guide),
];

const DAY: i64 = 86_400_000;
/// Matters and steps that the overview shows.
const FIRST: usize = 10;

fn overview(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if !ask.may(Act::SeeOverview) && ask.face == crate::site::ask::Face::Console {
        // Who keeps accounts begins there.
        let first = super::PLACES.iter().find(|p| ask.visitor.is_some_and(|v| p.open_to(v)));
        return Ok(Answer::Go(first.map_or("/me", |p| p.path).to_owned(), Vec::new()));
    }
    if !ask.may(Act::SeeOverview) {
        return Err(Fault::forbidden());
    }
    if ask.site.accounts().level() == NodeRole::Plant { plant(ask) } else { above(ask) }
}

/// Days to the last day of the plan, and its name.
fn days(ask: &Ask<'_>) -> Markup {
    let last = ask.plan().targets().iter().map(|t| t.due).max();
    let plan = ask.plan();
    html! {
        @if let Some(last) = last {
            @let left = (last.millis() - ask.now.millis()).div_euclid(DAY);
            (parts::tile(&ask.say(&Say::new("above.days-left").with("day", last.date())), &left.to_string(), &format!("{} {}", plan.id(), plan.version())))
        }
    }
}

fn above(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let pages = node.pages_as_kept(ask.plan())?;
    let shown = seen(ask, pages.progress()?)?;
    let filter = ListFilter::default();
    let scope = eyes::eyes(ask)?.scope;
    let see = ask.may(Act::SeeEnterprises);
    let queue = if see { Some(pages.queue(&scope, &[], &filter, None, FIRST)?) } else { None };
    let counts = if see { Some(pages.counts(&scope, &filter)?) } else { None };
    ask.page(
        ask.t("console.place.overview"),
        || {
            html! {
                (behind(ask, pages.behind()))
                div.tiles {
                    (days(ask))
                    @if let Some(c) = &counts {
                        (parts::tile(ask.t("oversight.list.key"), &c.key.to_string(), &ask.say(&Say::new("above.of").with("count", c.enterprises))))
                        (parts::tile(ask.t("above.reporting"), &shown.reporting.to_string(), &ask.say(&Say::new("above.of").with("count", shown.enterprises))))
                        (parts::tile(ask.t("oversight.list.risk"), &c.risk.to_string(), ""))
                    }
                }
                (targets(ask, &shown))
                @if let Some(queue) = &queue {
                    h2 { (ask.t("above.today")) }
                    @if queue.items.is_empty() { (parts::empty(ask.t("above.no-matter"), "")) }
                    @else { (matters(ask, &queue.items)) p { a href="/queue" { (ask.t("above.whole-queue")) @if let Some(total) = queue.total { " (" (total) ")" } } } }
                }
                (grid(ask, &shown))
                (provinces(ask, &shown))
            }
        },
        || {
            let mut value = progress_json(&shown);
            value["format"] = json!("watchfire-overview-v1");
            value["behind"] = json!(pages.behind());
            if let Some(c) = &counts {
                value["counts"] = json!({"enterprises": c.enterprises, "key": c.key, "risk": c.risk, "measures": c.measures});
            }
            value
        },
    )
}

/// Progress as this visitor may see it: sums are everybody's, what is whose in them is for whoever sees all.
fn seen(ask: &Ask<'_>, mut shown: ProgressShown) -> Result<ProgressShown, Fault> {
    if !ask.who()?.scope.is_all() {
        for t in &mut shown.targets {
            t.target.by.clear();
        }
    }
    Ok(shown)
}

fn amount(t: &TargetSeries) -> u64 {
    let t = &t.target;
    t.ladder.iter().find(|r| r.rung == t.rung_min).map_or(0, |r| r.at_least)
}

/// The bound as an amount; of a share, of what it is a share of.
fn bound(t: &TargetSeries) -> Option<u64> {
    let bound = u64::try_from(t.target.bound).ok()?;
    let bound = if t.target.unit == "percent" { t.target.of? * bound / 100 } else { bound };
    Some(bound + u64::from(t.target.exclusive && t.target.unit != "percent"))
}

fn name(ask: &Ask<'_>, target: &str) -> String {
    ask.plan().words(ask.lang).get(&format!("target.{target}.name")).unwrap_or(target).to_owned()
}

fn forecast(ask: &Ask<'_>, f: Forecast) -> String {
    ask.say(&match f {
        Forecast::Reached => Say::new("progress.forecast-reached"),
        Forecast::On(day) => Say::new("progress.forecast-on").with("day", day.date()),
        Forecast::Short(count) => Say::new("progress.forecast-short").with("count", count),
        Forecast::CannotTell => Say::new("progress.forecast-cannot"),
    })
}

fn bound_said(ask: &Ask<'_>, t: &TargetSeries) -> String {
    let (bound, unit) = (t.target.bound, ask.word("progress-unit", &t.target.unit));
    let key = match (t.target.unit.as_str(), t.target.exclusive) {
        ("percent", _) => "progress.bound-share",
        (_, true) => "progress.bound-more",
        (_, false) => "progress.bound-least",
    };
    ask.say(&Say::new(key).with("bound", bound).with("unit", unit))
}

/// Every target as a line: what counts, of what, on which rungs.
fn targets(ask: &Ask<'_>, shown: &ProgressShown) -> Markup {
    let rungs = ["declared", "documented", "machine-evidenced", "re-observed"].map(|r| ask.word("sure", r));
    let mut heads =
        vec![ask.t("progress.target"), ask.t("progress.stands"), ask.t("above.counts"), ask.t("above.bound")];
    heads.extend(rungs.iter().map(String::as_str));
    let line = |t: &TargetSeries| {
        let (reached, of) = (t.target.reached, t.target.of);
        let mut cells = vec![
            html! { a href={ "/progress#" (t.target.target) } { (t.target.target) } " " (name(ask, &t.target.target)) },
            if reached {
                parts::mark("good", ask.t("progress.reached"))
            } else {
                parts::mark("warn", ask.t("above.not-reached"))
            },
            html! { b { (amount(t)) } @if let Some(of) = of { " / " (of) } },
            html! { (bound_said(ask, t)) },
        ];
        cells.extend(t.target.ladder.iter().map(|r| html! { (r.at_least) }));
        cells
    };
    html! {
        h2 { (ask.t("progress.targets")) }
        p.small { (ask.t("above.ladder")) }
        (parts::table(ask.t("progress.targets"), &heads, shown.targets.iter().map(line).collect()))
    }
}

/// Provinces as squares: key enterprises that count for the first target with supervisors.
fn grid(ask: &Ask<'_>, shown: &ProgressShown) -> Markup {
    let with = |cells: bool| {
        shown.targets.iter().find(|t| t.target.by.contains_key("province") && (t.target.cells.is_some() || !cells))
    };
    let Some(t) = with(true).or_else(|| with(false)) else { return html! {} };
    let cells = by_province(t);
    if cells.is_empty() {
        return html! {};
    }
    let tile = |code: &str| {
        let cell = cells.iter().find(|c| c.0 == code);
        Tile {
            code: code.to_owned(),
            name: ask.word("above.province", code),
            value: cell.map_or_else(
                || "–".to_owned(),
                |(_, n, of)| of.map_or_else(|| n.to_string(), |of| format!("{n} / {of}")),
            ),
            full: cell.and_then(|c| c.2.filter(|of| *of > 0).map(|of| c.1 * 100 / of)),
            link: (cell.is_some() && ask.may(Act::SeeEnterprises)).then(|| format!("/enterprises?supervisor={code}")),
        }
    };
    let tiles: Vec<Tile> = report::plot::provinces().map(tile).collect();
    let title = ask.say(&Say::new("above.grid").with("target", &t.target.target));
    html! {
        h2 { (title) }
        p.small { (ask.t("above.grid-about")) }
        (tile_grid(&tiles, &title, ask.t("above.grid-about")))
        details {
            summary { (ask.t("above.as-table")) }
            (parts::table(&title, &[ask.t("progress.by.province"), ask.t("above.counts"), ask.t("progress.of")],
                cells.iter().map(|(code, n, of)| vec![html! { (ask.word("supervisor", code)) }, html! { (n) }, html! { (of.map_or_else(|| "–".to_owned(), |o| o.to_string())) }]).collect()))
        }
    }
}

/// A province's code, what counts there, and of how many.
type InProvince = (String, u64, Option<u64>);

/// What counts of a target in each province, and of how many: amounts of the judge's progress from the rung on that counts.
fn by_province(t: &TargetSeries) -> Vec<InProvince> {
    let min = t.target.ladder.iter().position(|r| r.rung == t.target.rung_min).unwrap_or(0);
    let groups = t.target.by.get("province").into_iter().flatten();
    groups.map(|g| (g.group.clone(), g.own.iter().skip(min).sum(), g.of)).collect()
}

/// Every target that is counted by province, in every province that has any of it.
fn provinces(ask: &Ask<'_>, shown: &ProgressShown) -> Markup {
    let counted: Vec<(&TargetSeries, Vec<InProvince>)> =
        shown.targets.iter().map(|t| (t, by_province(t))).filter(|c| !c.1.is_empty()).collect();
    let codes: BTreeSet<&String> = counted.iter().flat_map(|c| c.1.iter().map(|p| &p.0)).collect();
    if codes.is_empty() {
        return html! {};
    }
    let told = |n: u64, of: Option<u64>| of.map_or_else(|| n.to_string(), |of| format!("{n} / {of}"));
    let cell = |code: &String, all: &[InProvince]| {
        let (_, n, of) = all.iter().find(|p| p.0 == *code)?;
        Some(HeatCell { value: told(*n, *of), full: of.filter(|of| *of > 0).map(|of| n * 100 / of) })
    };
    let rows: Vec<HeatRow> = codes
        .iter()
        .map(|code| HeatRow {
            name: ask.word("above.province", code),
            cells: counted.iter().map(|(_, all)| cell(code, all)).collect(),
        })
        .collect();
    let heads: Vec<String> = counted.iter().map(|c| c.0.target.target.clone()).collect();
    let named: Vec<String> = heads.iter().map(|h| format!("{h} {}", name(ask, h))).collect();
    let mut table_heads = vec![ask.t("progress.by.province")];
    table_heads.extend(named.iter().map(String::as_str));
    let title = ask.t("console.plot.provinces");
    html! {
        h2 { (title) }
        p.small { (ask.t("console.plot.provinces-about")) }
        (heat("heat", title, ask.t("console.plot.provinces-about"), &heads, &rows))
        details {
            summary { (ask.t("above.as-table")) }
            (parts::table(title, &table_heads, codes.iter().zip(&rows).map(|(code, row)| {
                let mut line = vec![html! { (ask.word("supervisor", code)) }];
                line.extend(row.cells.iter().map(|c| html! { (c.as_ref().map_or("–", |c| c.value.as_str())) }));
                line
            }).collect()))
        }
    }
}

fn progress(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let pages = node.pages_as_kept(ask.plan())?;
    let shown = seen(ask, pages.progress()?)?;
    ask.page(
        ask.t("progress.title"),
        || {
            html! {
                (behind(ask, pages.behind()))
                p { (ask.t("above.counted-at")) " " (time(ask, shown.counted_at)) " · " (ask.say(&Say::new("above.registry").with("enterprises", shown.enterprises).with("above", shown.above_size).with("reporting", shown.reporting))) }
                (provinces(ask, &shown))
                @for t in &shown.targets { (target(ask, t)) }
                @for d in &shown.doubts { p.small { (ask.t("above.doubt")) " " (ask.say(&d.say)) } }
            }
        },
        || {
            let mut value = progress_json(&shown);
            value["format"] = json!("watchfire-progress-page-v1");
            value["behind"] = json!(pages.behind());
            value
        },
    )
}

fn target(ask: &Ask<'_>, t: &TargetSeries) -> Markup {
    let day = |at: Time| at.millis().div_euclid(DAY);
    let points: Vec<(i64, u64)> = t.series.iter().map(|(at, n)| (day(*at), *n)).collect();
    let due = t.target.due.date();
    let ahead = match t.forecast {
        Forecast::Short(short) => bound(t).map(|b| b.saturating_sub(short)),
        _ => None,
    };
    let counts = amount(t);
    let title = format!("{} {}", t.target.target, name(ask, &t.target.target));
    let about =
        format!("{} · {} {} · {}", bound_said(ask, t), ask.t("above.counts"), counts, forecast(ask, t.forecast));
    let from = t.series.first().map_or_else(String::new, |p| p.0.date());
    let burn = Burn {
        points: &points,
        bound: bound(t),
        due: Some((day(t.target.due), due.as_str())),
        forecast: ahead,
        from: &from,
        now: "",
        title: &title,
        about: &about,
        names: [ask.t("above.counts"), ask.t("above.bound"), ask.t("above.forecast")],
    };
    let list = |family: &str, of: &std::collections::BTreeMap<String, u64>| {
        of.iter()
            .map(|(k, n)| format!("{} {n}", ask.word(family, k)))
            .collect::<Vec<_>>()
            .join(ask.t("oversight.separator"))
    };
    let short = bound(t).map(|b| b.saturating_sub(counts));
    html! {
        section.card id=(t.target.target) {
            h2 { (title) }
            p {
                @if t.target.reached { (parts::mark("good", ask.t("progress.reached"))) }
                @else if let Some(short) = short { (parts::mark("warn", &ask.say(&Say::new("progress.short").with("count", short)))) }
                @else { (parts::mark("warn", ask.t("progress.nothing-of"))) }
                " " b { (counts) } @if let Some(of) = t.target.of { " / " (of) } " · " (bound_said(ask, t)) " · " (ask.say(&Say::new("progress.due").with("day", &due)))
            }
            p { (forecast(ask, t.forecast)) }
            (burn_up(&burn))
            (parts::table(ask.t("above.rungs"), &[ask.t("above.rung"), ask.t("above.at-least"), ask.t("above.own")],
                t.target.ladder.iter().map(|r| vec![html! { (ask.word("sure", r.rung.name())) @if r.rung == t.target.rung_min { " " (parts::mark("calm", ask.t("above.counts-from"))) } }, html! { (r.at_least) }, html! { (r.own) }]).collect()))
            @if let Some(of) = &t.target.reading_of { p.small { (ask.say(&Say::new("progress.reading").with("target", of))) } }
            @if let Some(c) = t.target.cells { p.small { (ask.say(&Say::new("progress.cells").with("covered", c.covered).with("cells", c.cells))) } }
            @if !t.target.left.is_empty() { p.small { (ask.say(&Say::new("progress.left").with("list", list("progress-left", &t.target.left)))) } }
            @if !t.target.fell.is_empty() { p.small { (ask.say(&Say::new("progress.fell").with("list", list("progress-fell", &t.target.fell)))) } }
            p.small { (ask.t("above.prove")) " " code { "watchfire progress --prove " (t.target.target) " --out proof.json" } }
            @if !points.is_empty() {
                details {
                    summary { (ask.t("above.as-table")) }
                    (parts::table(&title, &[ask.t("above.day"), ask.t("above.counts")], t.series.iter().rev().take(60).map(|(at, n)| vec![html! { (at.date()) }, html! { (n) }]).collect()))
                }
            }
        }
    }
}

fn progress_json(shown: &ProgressShown) -> Value {
    let forecast = |f: Forecast| match f {
        Forecast::Reached => json!({"says": "reached"}),
        Forecast::On(day) => json!({"says": "on", "day": day}),
        Forecast::Short(n) => json!({"says": "short", "by": n}),
        Forecast::CannotTell => json!({"says": "cannot-tell"}),
    };
    let target = |t: &TargetSeries| {
        let mut value = serde_json::to_value(&t.target).unwrap_or_default();
        value["series"] = t.series.iter().map(|(at, n)| json!([at, n])).collect();
        value["forecast"] = forecast(t.forecast);
        value
    };
    json!({
        "counted_at": shown.counted_at,
        "enterprises": shown.enterprises,
        "above_size": shown.above_size,
        "reporting": shown.reporting,
        "targets": shown.targets.iter().map(target).collect::<Vec<_>>(),
        "doubts": shown.doubts,
    })
}

/// The overview of a plant: what is still to be done, in which order.
fn plant(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (report, guide) = match looked(ask) {
        Ok(found) => found,
        // A plant without its credit code has no standing yet; what is missing is said by its sentence.
        Err(fault) if fault.status == 422 => {
            let why = ask.say(&fault.say);
            return ask.page(
                ask.t("console.place.overview"),
                || html! { div.tiles { (days(ask)) } (parts::empty(&why, ask.t("above.no-part-hint"))) },
                || json!({"format": "watchfire-overview-v1", "why": fault.say}),
            );
        }
        Err(fault) => return Err(fault),
    };
    let open: Vec<_> = guide.items.iter().filter(|i| i.state != GuideState::Done).collect();
    let overdue = guide.items.iter().filter(|i| i.state == GuideState::Overdue).count();
    ask.page(
        ask.t("console.place.overview"),
        || {
            html! {
                div.tiles {
                    (days(ask))
                    (parts::tile(ask.t("above.steps-open"), &open.len().to_string(), &ask.say(&Say::new("above.of").with("count", guide.items.len()))))
                    (parts::tile(ask.t("above.steps-overdue"), &overdue.to_string(), ""))
                    (parts::tile(ask.t("above.incidents"), &report.incidents.open.to_string(), ""))
                    (parts::tile(ask.t("above.own-measures"), &report.measures.open.to_string(), &ask.say(&Say::new("above.of-overdue").with("count", report.measures.overdue))))
                }
                h2 { (ask.t("guide.title")) }
                (steps(ask, open.iter().copied().take(FIRST)))
                p { a href="/guide" { (ask.t("above.all-steps")) " (" (guide.items.len()) ")" } }
                h2 { (ask.t("standing-up.scope")) }
                @if report.scope.is_empty() { (parts::empty(ask.t("above.no-scope"), ask.t("above.no-scope-hint"))) }
                @else {
                    (parts::table(ask.t("standing-up.scope"), &[ask.t("above.kind-of"), ask.t("above.examined"), ask.t("above.undeclared")],
                        report.scope.iter().map(|s| vec![html! { (ask.word("scope", &s.kind)) }, html! { (s.examined) " / " (s.declared) }, html! { (s.undeclared) }]).collect()))
                }
            }
        },
        || json!({"format": "watchfire-overview-v1", "report": report, "open": open.len(), "overdue": overdue}),
    )
}

type Looked = (evidence::ProgrammeReport, judge::Guide);

fn looked(ask: &Ask<'_>) -> Result<Looked, Fault> {
    let kept = ask.node().standing(ask.plan(), None, &Silent, &Stop::new())?;
    let guide = judge::guide(ask.plan(), &kept.report, kept.report.as_of);
    Ok((kept.report, guide))
}

fn steps<'g>(ask: &Ask<'_>, items: impl Iterator<Item = &'g judge::GuideItem>) -> Markup {
    let word = |lead: &str, part: &str| {
        ask.plan().words(ask.lang).get(&format!("lead.{lead}.{part}")).unwrap_or(lead).to_owned()
    };
    let lines: Vec<_> = items
        .map(|i| {
            let tone = match i.state {
                GuideState::Overdue => "bad",
                GuideState::Next => "warn",
                GuideState::Done => "good",
                GuideState::Waiting => "calm",
            };
            let when = match i.start_by {
                Some(by) => ask.say(&Say::new("guide.start-by").with("day", by.date()).with("days", i.days)),
                None => ask.say(&Say::new("guide.no-day").with("days", i.days)),
            };
            let before: Vec<String> = i.before.iter().map(|b| word(b, "what")).collect();
            vec![
                html! { b { (parts::ticked(&word(&i.lead, "what"))) } br; span.small { (parts::ticked(&word(&i.lead, "why"))) } },
                html! {
                    (parts::mark(tone, &ask.word("guide-state", i.state.name())))
                    @if !before.is_empty() && i.state != GuideState::Done { br; span.small { (ask.say(&Say::new("guide.after").with("list", before.join(ask.t("oversight.separator"))))) } }
                    @if let Some(fact) = &i.unknown { br; span.small { (ask.say(&Say::new("guide.unknown").with("fact", fact))) } }
                },
                html! { (when) },
                html! { (i.targets.join(", ")) },
            ]
        })
        .collect();
    parts::table(
        ask.t("guide.title"),
        &[ask.t("guide.step"), ask.t("guide.stands"), ask.t("guide.when"), ask.t("guide.for")],
        lines,
    )
}

fn guide(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (_, guide) = looked(ask)?;
    let program = concat!("watchfire ", env!("CARGO_PKG_VERSION"));
    ask.page(
        ask.t("guide.title"),
        || html! { p { (ask.t("guide.subtitle")) } (steps(ask, guide.items.iter())) },
        || {
            let input = report::programme::GuideInput { guide: &guide, plan: ask.plan(), program };
            report::programme::guide_json(&input)
        },
    )
}
