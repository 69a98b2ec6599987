//! Who read and did what.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Gate, Route, Takes, get, may_be};
use evidence::Say;
use maud::html;
use node::AccessFilter;
use node::accounts::Act;
use serde_json::json;

/// Lines of a page.
const LINES: u32 = 100;

pub(crate) const ROUTES: &[Route] = &[get("/accesses", Gate::May(Act::SeeAccesses), list)
    .query(&[may_be("login", Takes::Line(64)), may_be("after", Takes::Whole(1, i64::MAX)), may_be("check", Takes::Yes)])
    .noted()];

fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let login = Some(ask.wanted("login").to_lowercase()).filter(|l| !l.is_empty());
    let filter = AccessFilter { login: login.clone(), before: ask.wanted("after").parse().ok() };
    let page = ask.site.accounts().accesses(&filter, LINES)?;
    let check = if ask.wanted("check").is_empty() { None } else { Some(ask.site.accounts().accesses_check()?) };
    let next = page.next.map(|n| n.to_string());
    let outcome = |o: &str| match o {
        "done" => parts::mark("good", ask.t("console.outcome.done")),
        "refused" => parts::mark("warn", ask.t("console.outcome.refused")),
        _ => parts::mark("bad", ask.t("console.outcome.failed")),
    };
    ask.page(
        ask.t("console.access.title"),
        || {
            html! {
                p { (ask.t("console.access.about")) " " a href="/accesses?check=1" { (ask.t("console.access.check")) } }
                @if let Some((count, wrong)) = check {
                    @match wrong {
                        None => p.done role="status" { (ask.say(&Say::new("console.access.whole").with("count", count))) },
                        Some(line) => p.fault role="alert" { (ask.say(&Say::new("console.access.broken").with("line", line))) },
                    }
                }
                (form::filter(ask, form::line("login", ask.t("console.login"), Line { value: login.as_deref().unwrap_or_default(), ..Line::default() })))
                @if page.lines.is_empty() { (parts::empty(ask.t("console.access.none"), "")) }
                @else {
                    (parts::table(ask.t("console.access.title"), &["#", ask.t("console.head.when"), ask.t("console.login"), ask.t("console.head.act"), ask.t("console.head.of"), ask.t("console.head.outcome"), ask.t("console.head.peer")],
                        page.lines.iter().map(|l| vec![html! { (l.seq) }, time(ask, l.at), html! { code { (l.login) } }, html! { code { (l.act) } }, html! { (l.about) }, outcome(&l.outcome), html! { code { (l.peer) } }]).collect()))
                    (parts::next(ask, &[("login", login.as_deref().unwrap_or_default())], next.as_deref()))
                }
            }
        },
        || {
            let lines: Vec<_> = page.lines.iter().map(|l| json!({"seq": l.seq, "at": l.at, "login": l.login, "act": l.act, "about": l.about, "outcome": l.outcome, "peer": l.peer})).collect();
            let mut value = json!({"format": "watchfire-accesses-v1", "accesses": lines, "next": next});
            if let Some((count, wrong)) = check {
                value["check"] = json!({"lines": count, "first_wrong": wrong});
            }
            value
        },
    )
}
