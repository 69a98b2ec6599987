//! Accounts: who may come in, as whom, with which scope.

use super::{entry, me};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Field, Gate, Route, Takes, get, may_be, needed, post};
use crate::site::said::account_json;
use maud::{Markup, html};
use node::accounts::{Account, AccountRole, AccountScope, Act, Wanted};
use node::{AccountDelegation, SessionRow};
use serde_json::json;

const ROLES: &[&str] = &["administrator", "officer", "analyst", "trainer", "duty", "auditor"];
const WHO: &[Field] = &[
    needed("name", Takes::Line(100)),
    needed("role", Takes::OneOf(ROLES)),
    may_be("areas", Takes::Lines(100)),
    may_be("enterprises", Takes::Lines(1_000)),
    may_be("disabled", Takes::Yes),
];

pub(crate) const ROUTES: &[Route] = &[
    get("/accounts", Gate::May(Act::SeeAccounts), list).noted(),
    post(
        "/accounts",
        Gate::May(Act::ManageAccounts),
        &[
            needed("login", Takes::Line(64)),
            needed("name", Takes::Line(100)),
            needed("role", Takes::OneOf(ROLES)),
            may_be("areas", Takes::Lines(100)),
            may_be("enterprises", Takes::Lines(1_000)),
            may_be("lang", Takes::OneOf(&["en", "zh"])),
        ],
        make,
    ),
    get("/accounts/{login}", Gate::May(Act::SeeAccounts), one).noted(),
    post("/accounts/{login}", Gate::May(Act::ManageAccounts), WHO, change),
    post("/accounts/{login}/reset", Gate::May(Act::ManageAccounts), &[], reset),
    post("/accounts/{login}/sessions/end", Gate::May(Act::ManageAccounts), &[may_be("session", Takes::Line(64))], end),
];

fn state(ask: &Ask<'_>, a: &Account) -> Markup {
    if a.disabled {
        parts::mark("bad", ask.t("console.account.disabled"))
    } else if a.locked_until > ask.now {
        parts::mark("warn", ask.t("console.account.locked"))
    } else if a.must_change {
        parts::mark("warn", ask.t("console.account.must-change"))
    } else {
        parts::mark("good", ask.t("console.account.open"))
    }
}

fn roles(ask: &Ask<'_>) -> Vec<(&'static str, String)> {
    AccountRole::ALL.iter().map(|r| (r.name(), ask.word("account.role", r.name()))).collect()
}

fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let all = ask.site.accounts().list()?;
    ask.page(
        ask.t("console.account.title"),
        || {
            html! {
                p { (ask.t("console.account.about")) }
                (parts::table(ask.t("console.account.title"), &[ask.t("console.login"), ask.t("console.person"), ask.t("console.role"), ask.t("console.scope"), ask.t("console.second"), ask.t("console.state"), ask.t("console.head.used")],
                    all.iter().map(|a| vec![
                        html! { a href={ "/accounts/" (a.login) } { code { (a.login) } } }, html! { (a.name) }, html! { (ask.word("account.role", a.role.name())) }, me::scope(ask, &a.scope),
                        if a.second_factor { parts::mark("good", ask.t("console.second-on")) } else { parts::mark("warn", ask.t("console.second-off")) },
                        state(ask, a), time(ask, a.seen),
                    ]).collect()))
                @if ask.may(Act::ManageAccounts) {
                    h2 { (ask.t("console.account.new")) }
                    (form::form(ask, "/accounts", html! {
                        (form::line("login", ask.t("console.login"), Line { needed: true, fill: "off", hint: ask.t("console.account.login-hint"), ..Line::default() }))
                        (form::line("name", ask.t("console.person"), Line { needed: true, fill: "off", ..Line::default() }))
                        (form::choice("role", ask.t("console.role"), &roles(ask), "officer"))
                        (form::text("areas", ask.t("console.areas"), Line { hint: ask.t("console.areas-hint"), ..Line::default() }))
                        (form::text("enterprises", ask.t("console.enterprises"), Line { hint: ask.t("console.enterprises-hint"), ..Line::default() }))
                    }, ask.t("console.make")))
                    (what(ask))
                }
            }
        },
        || json!({"format": "watchfire-accounts-v1", "accounts": all.iter().map(account_json).collect::<Vec<_>>()}),
    )
}

/// Which role may do what, at this node.
fn what(ask: &Ask<'_>) -> Markup {
    let accounts = ask.site.accounts();
    let heads: Vec<String> =
        std::iter::once(ask.t("console.head.act").to_owned()).chain(roles(ask).into_iter().map(|r| r.1)).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let may = |r: AccountRole, a: Act| node::accounts::may(r, a, accounts.level());
    let lines = Act::ALL.iter().filter(|a| AccountRole::ALL.into_iter().any(|r| may(r, **a))).map(|a| {
        let two = if a.takes_two() { ask.t("console.two-people") } else { "" };
        let mut line = vec![html! { (ask.word("account.act", a.name())) @if !two.is_empty() { " (" (two) ")" } }];
        line.extend(AccountRole::ALL.into_iter().map(|r| {
            if may(r, *a) {
                html! { span aria-label=(ask.t("console.yes")) { "●" } }
            } else {
                html! { span aria-label=(ask.t("console.no")) { "–" } }
            }
        }));
        line
    });
    html! {
        details {
            summary { (ask.t("console.account.matrix")) " · " (entry::level(ask, accounts.level())) }
            (parts::table(ask.t("console.account.matrix"), &heads, lines.collect()))
        }
    }
}

fn scope(ask: &Ask<'_>) -> AccountScope {
    let own = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    AccountScope { areas: own(ask.texts("areas")), enterprises: own(ask.texts("enterprises")) }
}

fn wanted<'a>(ask: &'a Ask<'_>, login: &'a str) -> Result<Wanted<'a>, Fault> {
    let role = AccountRole::named(ask.text("role")).ok_or_else(|| Fault::field("role", "console.fault.not-one-of"))?;
    Ok(Wanted { login, name: ask.text("name"), role, scope: scope(ask), lang: ask.text("lang") })
}

fn make(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (account, given) = ask.site.accounts().make(&wanted(ask, ask.text("login"))?, None)?;
    handed(ask, &account, &given.unwrap_or_default())
}

/// A made-up password, shown once.
fn handed(ask: &Ask<'_>, account: &Account, given: &str) -> Result<Answer, Fault> {
    ask.page(
        ask.t("console.account.made"),
        || {
            html! {
                p { (ask.t("console.account.once")) }
                dl.facts { dt { (ask.t("console.login")) } dd { code { (account.login) } } dt { (ask.t("console.password")) } dd.secret { code { (given) } } }
                p { a href="/accounts" { (ask.t("console.place.accounts")) } }
            }
        },
        || {
            let mut value = account_json(account);
            value["format"] = json!("watchfire-account-v1");
            value["password"] = json!(given);
            value
        },
    )
}

fn known(ask: &Ask<'_>) -> Result<Account, Fault> {
    ask.site.accounts().by_login(ask.part("login"))?.ok_or_else(Fault::none)
}

fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let account = known(ask)?;
    let sessions = ask.site.accounts().sessions(Some(account.id))?;
    let here = format!("/accounts/{}", account.login);
    let given: Vec<AccountDelegation> = ask
        .site
        .accounts()
        .delegations()?
        .into_iter()
        .filter(|d| d.giver == account.id || d.taker == account.id)
        .collect();
    ask.page(
        &account.login.clone(),
        || {
            html! {
                p { (account.name) " · " (ask.word("account.role", account.role.name())) " · " (state(ask, &account)) }
                p { (ask.t("console.head.since")) " " (time(ask, account.made)) " · " (ask.t("console.head.used")) " " (time(ask, account.seen)) " · " (sessions.len()) " " (ask.t("console.sessions")) }
                (within(ask, &account, &sessions, &given))
                @if ask.may(Act::ManageAccounts) {
                    (form::form(ask, &here, html! {
                        (form::line("name", ask.t("console.person"), Line { value: &account.name, needed: true, fill: "off", ..Line::default() }))
                        (form::choice("role", ask.t("console.role"), &roles(ask), account.role.name()))
                        (form::text("areas", ask.t("console.areas"), Line { value: &account.scope.areas.join("\n"), hint: ask.t("console.areas-hint"), ..Line::default() }))
                        (form::text("enterprises", ask.t("console.enterprises"), Line { value: &account.scope.enterprises.join("\n"), hint: ask.t("console.enterprises-hint"), ..Line::default() }))
                        (form::tick("disabled", ask.t("console.account.disable"), account.disabled))
                    }, ask.t("console.save")))
                    h2 { (ask.t("console.account.lost")) }
                    p { (ask.t("console.account.lost-about")) }
                    (form::button(ask, &format!("{here}/reset"), &[], ask.t("console.account.reset"), "danger"))
                    (form::button(ask, &format!("{here}/sessions/end"), &[], ask.t("console.account.end"), "quiet"))
                }
            }
        },
        || {
            let mut value = account_json(&account);
            value["format"] = json!("watchfire-account-v1");
            value
        },
    )
}

/// Sessions of an account and what it gave or was given, each to be ended by who keeps accounts.
fn within(ask: &Ask<'_>, account: &Account, sessions: &[SessionRow], given: &[AccountDelegation]) -> Markup {
    let manage = ask.may(Act::ManageAccounts);
    let all = ask.site.accounts().list().unwrap_or_default();
    let login = |id: i64| all.iter().find(|a| a.id == id).map_or("?", |a| a.login.as_str());
    let end = format!("/accounts/{}/sessions/end", account.login);
    html! {
        @if !sessions.is_empty() {
            h2 { (ask.t("console.me.sessions")) }
            (parts::table(ask.t("console.me.sessions"), &[ask.t("console.head.since"), ask.t("console.head.used"), ask.t("console.head.peer"), ask.t("console.head.agent"), ""],
                sessions.iter().map(|s| vec![
                    time(ask, s.made), time(ask, s.seen), html! { code { (s.peer) } }, html! { (s.agent) },
                    html! { @if manage { (form::button(ask, &end, &[("session", &s.token.hex()[..16])], ask.t("console.end"), "quiet")) } },
                ]).collect()))
        }
        @if !given.is_empty() {
            h2 { (ask.t("console.me.delegations")) }
            (parts::table(ask.t("console.me.delegations"), &[ask.t("console.head.from"), ask.t("console.head.to"), ask.t("console.scope"), ask.t("console.head.until"), ask.t("console.head.reason"), ""],
                given.iter().map(|d| {
                    let part: AccountScope = serde_json::from_str(&d.scope).unwrap_or_default();
                    vec![
                        html! { code { (login(d.giver)) } }, html! { code { (login(d.taker)) } }, me::scope(ask, &part), time(ask, d.until), html! { (d.reason) },
                        if d.revoked { parts::mark("calm", ask.t("console.revoked")) } else if manage { form::button(ask, &format!("/me/delegations/{}/revoke", d.id), &[], ask.t("console.take-back"), "quiet") } else { html! {} },
                    ]
                }).collect()))
        }
    }
}

fn change(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let account = known(ask)?;
    if account.id == ask.who()?.account.id && ask.yes("disabled") {
        return Err(Fault::new(422, "console.account.not-oneself"));
    }
    let changed = ask.site.accounts().change(&account.login, &wanted(ask, &account.login)?, ask.yes("disabled"))?;
    let mut value = account_json(&changed);
    value["format"] = json!("watchfire-account-v1");
    ask.done(&format!("/accounts/{}", account.login), "saved", value)
}

fn reset(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let account = known(ask)?;
    let given = ask.site.accounts().reset(&account.login)?;
    handed(ask, &account, &given)
}

fn end(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let account = known(ask)?;
    let which = Some(ask.text("session")).filter(|s| !s.is_empty());
    let ended = ask.site.accounts().end_sessions(account.id, which)?;
    let to = format!("/accounts/{}", account.login);
    ask.done(&to, "session-ended", json!({"format": "watchfire-ended-v1", "ended": ended}))
}
