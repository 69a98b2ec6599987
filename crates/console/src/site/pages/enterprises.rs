//! Enterprises: lists, one enterprise's life, and what waits for the authority.

use super::eyes::{self, Eyes, eyes};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::{encoded, time};
use crate::site::parts;
use crate::site::route::{Field, Gate, Route, Takes, get, may_be, needed, post};
use evidence::{SUPERVISORS, Say};
use judge::{EnterpriseStanding, EnterpriseState, ListFilter, ListOf, ListPage, QueueItem, QueuePage};
use maud::{Markup, html};
use node::accounts::Act;
use node::{EnterpriseFilter, EnterpriseLife, EnterpriseSort};
use plan::MatterKind;
use serde_json::json;

/// Lines of a page.
const LINES: usize = 50;
const LISTS: &[&str] = &["all", "key", "risk", "measures"];
const STATES: &[&str] = &["outside", "not-enrolled", "silent", "doubted", "expired", "reporting"];
const FILTER: &[Field] = &[
    may_be("list", Takes::OneOf(LISTS)),
    may_be("within", Takes::Line(32)),
    may_be("supervisor", Takes::OneOf(&SUPERVISORS)),
    may_be("industry", Takes::Line(8)),
    may_be("group", Takes::Line(18)),
    may_be("state", Takes::OneOf(STATES)),
    may_be("sort", Takes::OneOf(&["code", "points"])),
    may_be("after", Takes::Line(200)),
];

pub(crate) const ROUTES: &[Route] = &[
    get("/enterprises", Gate::May(Act::SeeEnterprises), list).query(FILTER),
    post(
        "/enterprises/views",
        Gate::Session,
        &[needed("name", Takes::Line(80)), may_be("query", Takes::Line(2_000))],
        view,
    ),
    get("/enterprises/{uscc}", Gate::May(Act::SeeEnterprises), one).noted(),
    get("/queue", Gate::May(Act::SeeEnterprises), queue).query(&[
        may_be("within", Takes::Line(32)),
        may_be("supervisor", Takes::OneOf(&SUPERVISORS)),
        may_be("kind", Takes::OneOf(KINDS)),
        may_be("after", Takes::Line(200)),
    ]),
];
const KINDS: &[&str] = &[
    "equivocation",
    "refuted",
    "order-overdue",
    "incident-late",
    "order-answered",
    "report-doubted",
    "report-expiring",
    "not-enrolled",
    "silent",
    "membership",
];

fn state_mark(ask: &Ask<'_>, state: EnterpriseState) -> Markup {
    let tone = match state {
        EnterpriseState::Reporting => "good",
        EnterpriseState::Doubted => "bad",
        EnterpriseState::Silent | EnterpriseState::Expired | EnterpriseState::NotEnrolled => "warn",
        EnterpriseState::Outside => "calm",
    };
    parts::mark(tone, &ask.word("above.state", state.name()))
}

/// Points as a range: what cannot be told is not nothing.
fn points(ask: &Ask<'_>, least: u64, most: u64) -> Markup {
    if least == most {
        return html! { (least) };
    }
    html! { (least) "–" (most) span.small { " " (ask.t("above.unknown")) } }
}

fn query(ask: &Ask<'_>) -> Vec<(&'static str, String)> {
    ["list", "within", "supervisor", "industry", "group", "state", "sort"].map(|n| (n, ask.wanted(n).to_owned())).into()
}

fn filter(ask: &Ask<'_>) -> ListFilter {
    let upper = |name: &str| ask.wanted(name).trim().to_uppercase();
    ListFilter {
        supervisor: ask.wanted("supervisor").to_owned(),
        province: String::new(),
        city: String::new(),
        industry: upper("industry"),
        group: upper("group"),
    }
}

fn supervisor(ask: &Ask<'_>, code: &str) -> String {
    if code.is_empty() { "–".to_owned() } else { ask.word("supervisor", code) }
}

fn after<'a>(ask: &'a Ask<'_>) -> Option<&'a str> {
    Some(ask.wanted("after")).filter(|a| !a.is_empty())
}

/// The parts of one's scope to choose from.
fn within(ask: &Ask<'_>, eyes: &Eyes) -> Markup {
    html! {
        @if eyes.parts.len() > 1 {
            (form::choice("within", ask.t("console.scope"), &eyes.parts.iter().map(|p| (p.as_str(), format!("{p} {}", report::words::find(ask.lang, &format!("supervisor.{p}")).unwrap_or_default()))).collect::<Vec<_>>(), &eyes.within))
        }
    }
}

fn supervisors(ask: &Ask<'_>) -> Vec<(&'static str, String)> {
    let all = std::iter::once(("", ask.t("above.any").to_owned()));
    all.chain(SUPERVISORS.iter().map(|s| (*s, format!("{s} {}", ask.word("supervisor", s))))).collect()
}

fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let pages = node.pages_as_kept(ask.plan())?;
    let eyes = eyes(ask)?;
    let of = ListOf::ALL.into_iter().find(|l| l.name() == ask.wanted("list"));
    let filter = filter(ask);
    let page = match of {
        Some(of) => pages.list(&eyes.scope, of, &filter, after(ask), LINES),
        None => {
            let state = EnterpriseState::ALL.into_iter().find(|s| s.name() == ask.wanted("state"));
            let sort = if ask.wanted("sort") == "points" { EnterpriseSort::Points } else { EnterpriseSort::Code };
            let which = EnterpriseFilter { list: filter.clone(), state, selected: false };
            pages.enterprises(&eyes.scope, &which, sort, after(ask), LINES)
        }
    }?;
    let own = query(ask);
    let own: Vec<(&str, &str)> = own.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let views = ask.site.accounts().views(ask.who()?.account.id, "enterprises")?;
    let counts = if ask.face == crate::site::ask::Face::Console && after(ask).is_none() {
        Some(pages.counts(&eyes.scope, &filter)?)
    } else {
        None
    };
    let of_name = of.map_or("all", ListOf::name);
    ask.page(
        ask.t("above.enterprises"),
        || {
            html! {
                (behind(ask, pages.behind()))
                @if let Some(c) = &counts {
                    div.tiles {
                        (parts::tile(ask.t("above.all"), &c.enterprises.to_string(), ""))
                        (parts::tile(ask.t("oversight.list.key"), &c.key.to_string(), &ask.say(&Say::new("above.of").with("count", c.enterprises))))
                        (parts::tile(ask.t("oversight.list.risk"), &c.risk.to_string(), &ask.say(&Say::new("above.of").with("count", c.enterprises))))
                        @if let Some(n) = c.states.get(&EnterpriseState::Reporting) { (parts::tile(&ask.word("above.state", "reporting"), &n.to_string(), &ask.say(&Say::new("above.of").with("count", c.enterprises)))) }
                    }
                }
                nav.tabs aria-label=(ask.t("above.lists")) {
                    @for name in LISTS {
                        a href={ "/enterprises?list=" (name) } aria-current=[(*name == of_name).then_some("true")] {
                            (if *name == "all" { ask.t("above.all").to_owned() } else { ask.word("oversight.list", name) })
                        }
                    }
                }
                (form::filter(ask, html! {
                    input type="hidden" name="list" value=(of_name);
                    (within(ask, &eyes))
                    (form::choice("supervisor", ask.t("oversight.column.supervisor"), &supervisors(ask), ask.wanted("supervisor")))
                    (form::line("industry", ask.t("oversight.column.industry"), Line { value: ask.wanted("industry"), ..Line::default() }))
                    (form::line("group", ask.t("oversight.column.group"), Line { value: ask.wanted("group"), ..Line::default() }))
                    @if of.is_none() {
                        (form::choice("state", ask.t("console.state"), &std::iter::once(("", ask.t("above.any").to_owned())).chain(STATES.iter().map(|s| (*s, ask.word("above.state", s)))).collect::<Vec<_>>(), ask.wanted("state")))
                        (form::choice("sort", ask.t("above.sort"), &[("code", ask.t("oversight.column.uscc").to_owned()), ("points", ask.t("above.points").to_owned())], ask.wanted("sort")))
                    }
                }))
                @if page.rows.is_empty() { (parts::empty(ask.t("above.none"), ask.t("above.none-hint"))) }
                @else {
                    @if let Some(total) = page.total { p.small { (ask.say(&Say::new("above.total").with("count", total))) } }
                    (standings(ask, &page.rows))
                    (parts::next(ask, &own, page.next.as_deref()))
                }
                (saved(ask, &own, &views))
                @for d in pages.doubts() { p.small { (ask.t("above.doubt")) " " (ask.say(&d.say)) } }
            }
        },
        || {
            let shown = ListPage { rows: page.rows.clone(), total: page.total.unwrap_or_default(), next: page.next.clone() };
            let mut value = report::oversight::list_json(of.unwrap_or(ListOf::Key), &shown);
            value["format"] = json!("watchfire-enterprises-v1");
            value["list"] = json!(of_name);
            value["total"] = json!(page.total);
            value["behind"] = json!(pages.behind());
            value
        },
    )
}

/// Records that are not in what is shown yet.
pub(crate) fn behind(ask: &Ask<'_>, count: u64) -> Markup {
    html! { @if count > 0 { p role="status" { (parts::mark("warn", &ask.say(&Say::new("above.behind").with("count", count)))) } } }
}

fn standings(ask: &Ask<'_>, rows: &[EnterpriseStanding]) -> Markup {
    let heads =
        ["uscc", "name", "supervisor", "industry", "selected", "report"].map(|c| ask.word("oversight.column", c));
    let mut heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    heads.extend([ask.t("above.points"), ask.t("oversight.column.reasons")]);
    let name = |r: &str| report::oversight::planned(ask.plan(), ask.lang, "reason", r);
    let line = |s: &EnterpriseStanding| {
        let reasons: Vec<String> = s.reasons.iter().filter(|r| r.holds).map(|r| name(&r.reason)).collect();
        vec![
            html! { a href={ "/enterprises/" (encoded(&s.uscc)) } { code { (s.uscc) } } },
            html! { (s.name) },
            html! { (supervisor(ask, &s.supervisor)) },
            html! { code { (s.industry) } },
            html! { (match s.selected { Some(true) => ask.t("oversight.yes"), Some(false) => ask.t("oversight.no"), None => ask.t("oversight.unknown") }) },
            s.report.map_or_else(|| html! { "–" }, |r| time(ask, r.0)),
            points(ask, s.least, s.most),
            html! { (reasons.join(ask.t("oversight.separator"))) },
        ]
    };
    parts::table(ask.t("above.enterprises"), &heads, rows.iter().map(line).collect())
}

fn saved(ask: &Ask<'_>, own: &[(&str, &str)], views: &[node::SavedView]) -> Markup {
    let text: Vec<_> =
        own.iter().filter(|p| !p.1.is_empty()).map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
    html! {
        details {
            summary { (ask.t("above.views")) " (" (views.len()) ")" }
            @for v in views {
                p { a href={ "/enterprises?" (v.query) } { (v.name) } " " (form::button(ask, "/enterprises/views", &[("name", &v.name), ("query", "")], ask.t("above.view-drop"), "quiet")) }
            }
            (form::form(ask, "/enterprises/views", html! {
                input type="hidden" name="query" value=(text.join("&"));
                (form::line("name", ask.t("above.view-name"), Line { needed: true, ..Line::default() }))
            }, ask.t("console.save")))
        }
    }
}

fn view(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if !ask.may(Act::SeeEnterprises) {
        return Err(Fault::forbidden());
    }
    ask.site.accounts().keep_view(ask.who()?.account.id, "enterprises", ask.text("name"), ask.text("query"))?;
    ask.done("/enterprises", "saved", json!({"format": "watchfire-view-v1", "name": ask.text("name")}))
}

fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let pages = node.pages_as_kept(ask.plan())?;
    let uscc = ask.part("uscc").to_uppercase();
    let mut found = None;
    for scope in eyes::all(ask)? {
        found = pages.enterprise(&scope, &uscc)?;
        if found.is_some() {
            break;
        }
    }
    let life = found.ok_or_else(Fault::none)?;
    let s = &life.standing;
    let title = if s.name.is_empty() { s.uscc.clone() } else { s.name.clone() };
    ask.page(&title, || lived(ask, &life), || life_json(&life))
}

fn lived(ask: &Ask<'_>, e: &EnterpriseLife) -> Markup {
    let (s, l) = (&e.standing, &e.life);
    let c = |k: &str| ask.word("oversight.column", k);
    let reason = |r: &str| report::oversight::planned(ask.plan(), ask.lang, "reason", r);
    html! {
        dl.facts {
            dt { (c("uscc")) } dd { code { (s.uscc) } }
            dt { (ask.t("console.state")) } dd { (state_mark(ask, e.state)) }
            dt { (c("supervisor")) } dd { (supervisor(ask, &s.supervisor)) " " code { (s.area) } }
            dt { (c("industry")) } dd { code { (s.industry) } }
            @if !s.group.is_empty() { dt { (c("group")) } dd { a href={ "/enterprises?group=" (encoded(&s.group)) } { code { (s.group) } } } }
            dt { (c("selected")) } dd { (match s.selected { Some(true) => ask.t("oversight.yes"), Some(false) => ask.t("oversight.no"), None => ask.t("oversight.unknown") }) }
            dt { (ask.t("above.points")) } dd { (points(ask, s.least, s.most)) }
            dt { (ask.t("above.return")) } dd { (ask.word("returns-state", &l.return_state)) @if !l.asked_by.is_empty() { " · " (l.asked_by) } }
        }
        h2 { (ask.t("above.why")) }
        @if s.reasons.is_empty() { (parts::empty(ask.t("above.no-reason"), "")) }
        @else {
            (parts::table(ask.t("above.why"), &[&c("reasons"), ask.t("above.points"), ask.t("console.state"), &c("records")],
                s.reasons.iter().map(|r| vec![
                    html! { (reason(&r.reason)) }, html! { (r.points) },
                    if r.holds { parts::mark("bad", ask.t("above.holds")) } else { html! { (parts::mark("warn", ask.t("above.cannot-tell"))) " " (r.missing.iter().map(|m| ask.word("oversight.fact", m)).collect::<Vec<_>>().join(ask.t("oversight.separator"))) } },
                    html! { @for leaf in &r.from { a href={ "/evidence/" (leaf.hex()) } { code { (leaf.short()) } } " " } },
                ]).collect()))
        }
        h2 { (ask.t("above.matters")) }
        @if l.matters.is_empty() { (parts::empty(ask.t("above.no-matter"), "")) } @else { (matters(ask, &l.matters)) }
        h2 { (ask.t("above.reports")) }
        @if l.reports.is_empty() { (parts::empty(ask.t("above.no-report"), ask.t("above.no-report-hint"))) }
        @else {
            (parts::table(ask.t("above.reports"), &[ask.t("above.as-of"), ask.t("above.received"), ask.t("console.state"), ask.t("above.examined"), ask.t("above.graded"), ask.t("above.incidents"), ask.t("above.own-measures"), &c("records")],
                l.reports.iter().map(|r| vec![
                    time(ask, r.as_of), time(ask, r.received_at), standing_mark(ask, &r.standing), html! { (r.examined) " / " (r.declared) },
                    html! { @match (r.graded, r.ungraded) { (Some(g), Some(u)) => { (g) " / " (g + u) }, _ => "–" } },
                    html! { (r.incidents.0) @if r.incidents.1 > 0 { " (" (r.incidents.1) " " (ask.t("above.late")) ")" } },
                    html! { (r.measures.0) @if r.measures.1 > 0 { " (" (r.measures.1) " " (ask.t("above.overdue")) ")" } },
                    html! { a href={ "/evidence/" (r.leaf.hex()) } { code { (r.leaf.short()) } } },
                ]).collect()))
            @if l.reports_more > 0 { p.small { (ask.say(&Say::new("above.older").with("count", l.reports_more))) } }
        }
        h2 { (ask.t("oversight.orders")) }
        @if l.orders.is_empty() { (parts::empty(ask.t("above.no-order"), "")) }
        @else {
            (parts::table(ask.t("oversight.orders"), &[&c("order"), &c("basis"), &c("state"), &c("issued"), &c("due")],
                l.orders.iter().map(|o| vec![
                    html! { code { (o.order) } }, html! { (report::oversight::planned(ask.plan(), ask.lang, "basis", &o.basis)) },
                    html! { (ask.word("order-state", &o.state)) @if o.overdue { " " (parts::mark("bad", ask.t("above.overdue"))) } @if o.late { " " (parts::mark("warn", &c("late"))) } },
                    time(ask, o.issued_at), time(ask, o.due),
                ]).collect()))
        }
        h2 { (ask.t("above.nodes")) }
        @if l.members.is_empty() { (parts::empty(ask.t("above.no-node"), "")) }
        @else {
            (parts::table(ask.t("above.nodes"), &[ask.t("above.node"), &c("name"), ask.t("console.role"), ask.t("console.state"), ask.t("console.head.since")],
                l.members.iter().map(|m| vec![
                    html! { code { (m.node.to_string().get(..16).unwrap_or_default()) } }, html! { (m.name) }, html! { (ask.word("node-role", m.role.name())) },
                    html! { (ask.word("member-standing", m.standing.name())) }, time(ask, m.since),
                ]).collect()))
        }
        h2 { (ask.t("above.years")) }
        @if e.years.is_empty() { (parts::empty(ask.t("above.not-listed"), "")) }
        @else {
            (parts::table(ask.t("above.years"), &[ask.t("above.year"), &c("name"), &c("area"), &c("industry"), ask.t("above.revenue")],
                e.years.iter().map(|(year, r)| vec![html! { (year) }, html! { (r.name) }, html! { code { (r.area) } }, html! { code { (r.industry) } }, html! { (money(ask.lang, r.revenue)) }]).collect()))
        }
    }
}

fn standing_mark(ask: &Ask<'_>, standing: &str) -> Markup {
    parts::mark(if standing == "good" { "good" } else { "warn" }, &ask.word("above.report", standing))
}

/// Yuan in 元, 万元 and 亿元, or in millions.
fn money(lang: evidence::Lang, yuan: i64) -> String {
    let part = |unit: i64| {
        let (whole, rest) = ((yuan / unit).unsigned_abs(), (yuan % unit).unsigned_abs() * 100 / unit.unsigned_abs());
        let sign = if yuan < 0 { "-" } else { "" };
        if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:02}") }
    };
    match (lang, yuan.unsigned_abs()) {
        (evidence::Lang::Zh, 100_000_000..) => format!("{} 亿元", part(100_000_000)),
        (evidence::Lang::Zh, 10_000..) => format!("{} 万元", part(10_000)),
        (evidence::Lang::Zh, _) => format!("{yuan} 元"),
        (evidence::Lang::En, 1_000_000..) => format!("{} million yuan", part(1_000_000)),
        (evidence::Lang::En, _) => format!("{yuan} yuan"),
    }
}

fn life_json(e: &EnterpriseLife) -> serde_json::Value {
    let mut value = report::oversight::standing_json(&e.standing);
    value["format"] = json!("watchfire-enterprise-v1");
    value["state"] = json!(e.state.name());
    value["return"] = json!({"state": e.life.return_state, "asked_by": e.life.asked_by});
    value["reports"] = e.life.reports.iter().map(|r| json!({"leaf": r.leaf, "node": r.node, "as_of": r.as_of, "received_at": r.received_at, "receipt": r.receipt, "standing": r.standing, "declared": r.declared, "examined": r.examined, "graded": r.graded, "ungraded": r.ungraded, "incidents": {"open": r.incidents.0, "late": r.incidents.1}, "measures": {"open": r.measures.0, "overdue": r.measures.1, "done": r.measures.2}, "doubts": r.doubts})).collect();
    value["orders"] = e.life.orders.iter().map(|o| json!({"order": o.order, "basis": o.basis, "state": o.state, "issued_at": o.issued_at, "due": o.due, "overdue": o.overdue, "late": o.late, "leaf": o.leaf})).collect();
    value["nodes"] = e.life.members.iter().map(|m| json!({"node": m.node, "by": m.by, "role": m.role.name(), "name": m.name, "area": m.area, "standing": m.standing.name(), "since": m.since})).collect();
    value["matters"] = json!(e.life.matters);
    value["years"] = e.years.iter().map(|(y, r)| json!({"year": y, "name": r.name, "area": r.area, "industry": r.industry, "revenue": r.revenue, "above": r.above})).collect();
    value
}

/// Matters as a table: why each, and until when.
pub(crate) fn matters(ask: &Ask<'_>, items: &[QueueItem]) -> Markup {
    let c = |k: &str| ask.word("oversight.column", k);
    parts::table(
        ask.t("oversight.queue"),
        &[&c("why"), &c("name"), &c("supervisor"), ask.t("above.points"), &c("due")],
        items
            .iter()
            .map(|i| {
                let overdue = i.due.is_some_and(|d| d <= ask.now);
                let name = if i.name.is_empty() { i.uscc.as_str() } else { i.name.as_str() };
                vec![
                    html! { (ask.say(&i.why)) @if !i.command.is_empty() { br; code.small { (i.command) } } },
                    html! { @if i.uscc.is_empty() { (name) } @else { a href={ "/enterprises/" (encoded(&i.uscc)) } { (name) } } },
                    html! { (supervisor(ask, &i.supervisor)) },
                    points(ask, i.points.0, i.points.1),
                    html! { @if let Some(due) = i.due { (time(ask, due)) @if overdue { " " (parts::mark("bad", ask.t("above.overdue"))) } } @else { "–" } },
                ]
            })
            .collect(),
    )
}

fn queue(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let pages = node.pages_as_kept(ask.plan())?;
    let eyes = eyes(ask)?;
    let kinds: Vec<MatterKind> = MatterKind::ALL.into_iter().filter(|k| k.name() == ask.wanted("kind")).collect();
    let filter = filter(ask);
    let page = pages.queue(&eyes.scope, &kinds, &filter, after(ask), LINES)?;
    ask.page(
        ask.t("oversight.queue"),
        || {
            html! {
                p { (ask.t("above.queue-about")) }
                (behind(ask, pages.behind()))
                (form::filter(ask, html! {
                    (within(ask, &eyes))
                    (form::choice("supervisor", ask.t("oversight.column.supervisor"), &supervisors(ask), ask.wanted("supervisor")))
                    (form::choice("kind", ask.t("oversight.column.kind"), &std::iter::once(("", ask.t("above.any").to_owned())).chain(KINDS.iter().map(|k| (*k, ask.word("above.kind", k)))).collect::<Vec<_>>(), ask.wanted("kind")))
                }))
                @if page.items.is_empty() { (parts::empty(ask.t("above.no-matter"), "")) }
                @else {
                    @if let Some(total) = page.total { p.small { (ask.say(&Say::new("above.total").with("count", total))) } }
                    (matters(ask, &page.items))
                    (parts::next(ask, &[("within", &eyes.within), ("supervisor", ask.wanted("supervisor")), ("kind", ask.wanted("kind"))], page.next.as_deref()))
                }
            }
        },
        || {
            let shown = QueuePage { items: page.items.clone(), total: page.total.unwrap_or_default(), next: page.next.clone() };
            let mut value = report::oversight::queue_json(&shown);
            value["format"] = json!("watchfire-queue-v1");
            value["total"] = json!(page.total);
            value["behind"] = json!(pages.behind());
            value
        },
    )
}

#[cfg(test)]
mod tests {
    use super::money;
    use evidence::Lang::{En, Zh};

    #[test]
    fn money_is_told_in_the_units_that_its_readers_count_in() {
        let told: Vec<String> =
            [0, 9_999, 10_000, 123_456_789, 99_999_999, 100_000_000, -25_000].map(|y| money(Zh, y)).into();
        assert_eq!(told, ["0 元", "9999 元", "1 万元", "1.23 亿元", "9999.99 万元", "1 亿元", "-2.50 万元"]);
        assert_eq!([999, 2_500_000].map(|y| money(En, y)), ["999 yuan", "2.50 million yuan"]);
    }
}
