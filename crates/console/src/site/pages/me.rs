//! One's own account: password, second factor, sessions, tokens, delegations.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Faces, Gate, Route, Takes, get, may_be, needed, post};
use crate::site::said::account_json;
use evidence::{Say, Time};
use maud::{Markup, html};
use node::accounts::{AccountScope, Act, PASSWORD_CHARS_MIN, TOKEN_DAYS_MAX};
use serde_json::{Value, json};

pub(crate) const ROUTES: &[Route] = &[
    get("/me", Gate::Session, me),
    get("/me/password", Gate::Session, password).on(Faces::Console),
    post(
        "/me/password",
        Gate::Session,
        &[needed("old", Takes::Secret), needed("new", Takes::Secret), needed("again", Takes::Secret)],
        password_set,
    )
    .on(Faces::Console),
    get("/me/second", Gate::Session, second).on(Faces::Console),
    post(
        "/me/second",
        Gate::Session,
        &[needed("secret", Takes::Line(64)), needed("code", Takes::Line(10))],
        second_set,
    )
    .on(Faces::Console),
    post("/me/second/off", Gate::Session, &[needed("password", Takes::Secret)], second_off).on(Faces::Console),
    post("/me/sessions/end", Gate::Session, &[may_be("session", Takes::Line(64))], sessions_end),
    post(
        "/me/tokens",
        Gate::Session,
        &[
            needed("label", Takes::Line(100)),
            needed("acts", Takes::SomeOf(ACTS)),
            needed("days", Takes::Whole(1, TOKEN_DAYS_MAX)),
        ],
        token_make,
    ),
    post("/me/tokens/{id}/drop", Gate::Session, &[], token_drop),
    post(
        "/me/delegations",
        Gate::May(Act::Delegate),
        &[
            needed("to", Takes::Line(64)),
            may_be("areas", Takes::Lines(100)),
            may_be("enterprises", Takes::Lines(1_000)),
            may_be("since", Takes::Date),
            needed("until", Takes::Date),
            needed("reason", Takes::Line(400)),
        ],
        delegate,
    ),
    post("/me/delegations/{id}/revoke", Gate::Session, &[], undelegate),
];

/// Names of all acts that one person may do alone.
const ACTS: &[&str] = &{
    let mut names = [""; Act::ALL.len()];
    let mut n = 0;
    while n < Act::ALL.len() {
        names[n] = Act::ALL[n].name();
        n += 1;
    }
    names
};

fn me(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let who = ask.who()?;
    // A token learns of its account what it needs to know of itself.
    let id = who.account.id;
    let accounts = ask.site.accounts();
    let (sessions, tokens, left) =
        (accounts.sessions(Some(id))?, accounts.tokens(Some(id))?, accounts.recovery_left(id)?);
    let given: Vec<_> = accounts.delegations()?.into_iter().filter(|d| d.giver == id || d.taker == id).collect();
    let all = accounts.list()?;
    let login = |id: i64| all.iter().find(|a| a.id == id).map_or("?", |a| a.login.as_str());
    let acts: Vec<Act> = Act::ALL.iter().copied().filter(|a| who.may(*a)).collect();
    let title = ask.t("console.me.title");
    ask.page(
        title,
        || {
            html! {
                dl.facts {
                    dt { (ask.t("console.login")) } dd { code { (who.account.login) } }
                    dt { (ask.t("console.role")) } dd { (ask.word("account.role", who.account.role.name())) }
                    dt { (ask.t("console.scope")) } dd { (scope(ask, &who.scope)) }
                    dt { (ask.t("console.second")) } dd {
                        @if who.account.second_factor { (parts::mark("good", ask.t("console.second-on"))) " " (ask.say(&Say::new("console.codes-left").with("count", left))) }
                        @else { (parts::mark("warn", ask.t("console.second-off"))) }
                    }
                }
                p.links { a href="/me/password" { (ask.t("console.me.password")) } a href="/me/second" { (ask.t("console.me.second")) } }
                h2 { (ask.t("console.me.sessions")) }
                (parts::table(ask.t("console.me.sessions"), &[ask.t("console.head.since"), ask.t("console.head.used"), ask.t("console.head.peer"), ask.t("console.head.agent"), ""],
                    sessions.iter().map(|s| {
                        let own = who.session == Some(s.token);
                        vec![
                            time(ask, s.made), time(ask, s.seen), html! { code { (s.peer) } }, html! { (s.agent) },
                            if own { html! { (ask.t("console.this-one")) } } else { form::button(ask, "/me/sessions/end", &[("session", &s.token.hex())], ask.t("console.end"), "quiet") },
                        ]
                    }).collect()))
                h2 { (ask.t("console.me.tokens")) }
                p { (ask.t("console.me.tokens-about")) }
                @if tokens.is_empty() { (parts::empty(ask.t("console.me.no-tokens"), "")) }
                @else {
                    (parts::table(ask.t("console.me.tokens"), &[ask.t("console.head.label"), ask.t("console.head.acts"), ask.t("console.head.until"), ask.t("console.head.used"), ""],
                        tokens.iter().map(|t| vec![
                            html! { (t.label) }, html! { code { (t.acts) } }, time(ask, t.until), time(ask, t.used),
                            form::button(ask, &format!("/me/tokens/{}/drop", t.id), &[], ask.t("console.take-back"), "quiet"),
                        ]).collect()))
                }
                details {
                    summary { (ask.t("console.me.token-new")) }
                    (form::form(ask, "/me/tokens", html! {
                        (form::line("label", ask.t("console.head.label"), Line { needed: true, ..Line::default() }))
                        (form::line("days", ask.t("console.me.days"), Line { needed: true, kind: "number", value: "90", ..Line::default() }))
                        (form::ticks("acts", ask.t("console.head.acts"), &acts.iter().filter(|a| !a.takes_two()).map(|a| (a.name(), ask.word("account.act", a.name()))).collect::<Vec<_>>(), &[]))
                    }, ask.t("console.make")))
                }
                @if who.may(Act::Delegate) || !given.is_empty() {
                    h2 { (ask.t("console.me.delegations")) }
                    @if given.is_empty() { (parts::empty(ask.t("console.me.no-delegations"), "")) }
                    @else {
                        (parts::table(ask.t("console.me.delegations"), &[ask.t("console.head.from"), ask.t("console.head.to"), ask.t("console.scope"), ask.t("console.head.until"), ask.t("console.head.reason"), ""],
                            given.iter().map(|d| {
                                let part: AccountScope = serde_json::from_str(&d.scope).unwrap_or_default();
                                vec![
                                    html! { code { (login(d.giver)) } }, html! { code { (login(d.taker)) } }, scope(ask, &part), time(ask, d.until), html! { (d.reason) },
                                    if d.revoked { parts::mark("calm", ask.t("console.revoked")) } else if d.giver == id { form::button(ask, &format!("/me/delegations/{}/revoke", d.id), &[], ask.t("console.take-back"), "quiet") } else { html! {} },
                                ]
                            }).collect()))
                    }
                    @if who.may(Act::Delegate) {
                        details {
                            summary { (ask.t("console.me.delegate")) }
                            (form::form(ask, "/me/delegations", html! {
                                (form::line("to", ask.t("console.login"), Line { needed: true, ..Line::default() }))
                                (form::text("areas", ask.t("console.areas"), Line { hint: ask.t("console.areas-hint"), ..Line::default() }))
                                (form::text("enterprises", ask.t("console.enterprises"), Line { hint: ask.t("console.enterprises-hint"), ..Line::default() }))
                                (form::line("until", ask.t("console.head.until"), Line { needed: true, kind: "date", ..Line::default() }))
                                (form::line("reason", ask.t("console.head.reason"), Line { needed: true, ..Line::default() }))
                            }, ask.t("console.me.delegate")))
                        }
                    }
                }
            }
        },
        || {
            let mut value = account_json(&who.account);
            value["format"] = json!("watchfire-me-v1");
            value["acts"] = json!(acts.iter().map(|a| a.name()).collect::<Vec<_>>());
            value["scope"] = json!({"areas": who.scope.areas, "enterprises": who.scope.enterprises});
            value["sessions"] = sessions.iter().map(|s| json!({"id": &s.token.hex()[..16], "made": s.made, "seen": s.seen, "peer": s.peer})).collect();
            value["tokens"] = tokens.iter().map(token).collect();
            value["delegations"] = given.iter().map(|d| json!({"id": d.id, "from": login(d.giver), "to": login(d.taker), "since": d.since, "until": d.until, "reason": d.reason, "revoked": d.revoked})).collect();
            value
        },
    )
}

fn token(t: &node::ApiToken) -> Value {
    json!({
        "id": t.id, "label": t.label, "acts": t.acts.split(' ').collect::<Vec<_>>(), "made": t.made, "until": t.until,
        "used": (t.used.millis() != 0).then_some(t.used),
    })
}

/// A scope as people read it.
pub(crate) fn scope(ask: &Ask<'_>, scope: &AccountScope) -> Markup {
    html! {
        @if scope.is_all() { (ask.t("console.everything")) }
        @else {
            @for area in &scope.areas { span.chip { code { (area) } @if let Some(name) = report::words::find(ask.lang, &format!("supervisor.{area}")) { " " (name) } } " " }
            @for uscc in &scope.enterprises { span.chip { code { (uscc) } } " " }
        }
    }
}

fn password(ask: &Ask<'_>) -> Result<Answer, Fault> {
    Ok(password_form(ask, None))
}

fn password_form(ask: &Ask<'_>, fault: Option<&str>) -> Answer {
    let must = ask.visitor.is_some_and(|v| v.account.must_change);
    let min = ask.say(&Say::new("console.first.password-hint").with("min", PASSWORD_CHARS_MIN));
    let secret = |hint, fill| Line { hint, needed: true, kind: "password", fill, ..Line::default() };
    let body = html! {
        @if must { p { (ask.t("console.me.must-change")) } }
        @if let Some(fault) = fault { p.fault role="alert" { (fault) } }
        (form::form(ask, "/me/password", html! {
            (form::line("old", ask.t("console.me.old"), secret("", "current-password")))
            (form::line("new", ask.t("console.me.new"), secret(&min, "new-password")))
            (form::line("again", ask.t("console.again"), secret("", "new-password")))
        }, ask.t("console.me.password")))
    };
    Answer::Html(crate::site::frame::page(&crate::site::frame::Shown::of(ask, ask.t("console.me.password")), body))
}

fn password_set(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if ask.text("new") != ask.text("again") {
        return Ok(password_form(ask, Some(ask.t("console.first.differ"))));
    }
    match ask.site.accounts().change_password(ask.who()?, ask.text("old"), ask.text("new")).map_err(Fault::from) {
        Ok(()) => ask.done("/me", "password", Value::Null),
        Err(fault) if fault.status == 422 => Ok(password_form(ask, Some(&ask.say(&fault.say)))),
        Err(fault) => Err(fault),
    }
}

fn second(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let who = ask.who()?;
    if who.account.second_factor {
        let body = html! {
            p { (ask.t("console.me.second-is-on")) }
            (form::form(ask, "/me/second/off", html! {
                (form::line("password", ask.t("console.password"), Line { needed: true, kind: "password", fill: "current-password", ..Line::default() }))
            }, ask.t("console.me.second-off")))
        };
        return ask.page(ask.t("console.me.second"), || body, || Value::Null);
    }
    let (secret, address) = ask.site.accounts().second_factor_new(who)?;
    Ok(second_form(ask, &secret, &address, None))
}

fn second_form(ask: &Ask<'_>, secret: &str, address: &str, fault: Option<&str>) -> Answer {
    let picture = report::form::qr(address);
    let body = html! {
        p { (ask.t("console.me.second-about")) }
        @if let Some(fault) = fault { p.fault role="alert" { (fault) } }
        @if let Some((side, path)) = picture {
            svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(ask.t("console.me.second-picture")) {
                rect width="100%" height="100%" fill="#fff" {}
                path d=(path) fill="#000" {}
            }
        }
        p { (ask.t("console.me.second-typed")) " " code { (secret) } }
        (form::form(ask, "/me/second", html! {
            input type="hidden" name="secret" value=(secret);
            (form::line("code", ask.t("console.code"), Line { needed: true, fill: "one-time-code", ..Line::default() }))
        }, ask.t("console.me.second-set")))
    };
    Answer::Html(crate::site::frame::page(&crate::site::frame::Shown::of(ask, ask.t("console.me.second")), body))
}

fn second_set(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (who, secret) = (ask.who()?, ask.text("secret"));
    match ask.site.accounts().second_factor_set(who, secret, ask.text("code")).map_err(Fault::from) {
        Ok(codes) => {
            let body = html! {
                p { (ask.t("console.me.codes-about")) }
                ul.codes { @for code in &codes { li { code { (code) } } } }
                p { a href="/me" { (ask.t("console.me.codes-kept")) } }
            };
            ask.page(ask.t("console.me.codes"), || body, || Value::Null)
        }
        Err(fault) if fault.status == 422 => {
            let address = ask.site.accounts().second_factor_address(who, secret).ok_or_else(Fault::none)?;
            Ok(second_form(ask, secret, &address, Some(&ask.say(&fault.say))))
        }
        Err(fault) => Err(fault),
    }
}

fn second_off(ask: &Ask<'_>) -> Result<Answer, Fault> {
    ask.site.accounts().second_factor_off(ask.who()?, ask.text("password"))?;
    ask.done("/me", "second-off", Value::Null)
}

fn sessions_end(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let which = Some(ask.text("session")).filter(|s| !s.is_empty());
    let ended = ask.site.accounts().end_sessions(ask.who()?.account.id, which)?;
    ask.done("/me", "session-ended", json!({"format": "watchfire-ended-v1", "ended": ended}))
}

fn token_make(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let acts: Vec<Act> = ask.texts("acts").into_iter().filter_map(Act::named).collect();
    let who = ask.who()?;
    if who.session.is_none() {
        // A token that makes tokens would outlive its own end.
        return Err(Fault::forbidden());
    }
    let made = ask.site.accounts().token_make(who, ask.text("label"), &acts, ask.whole("days").unwrap_or(90))?;
    ask.page(
        ask.t("console.me.token-made"),
        || {
            html! {
                p { (ask.t("console.me.token-once")) }
                p.secret { code { (made.token) } }
                p { a href="/me" { (ask.t("console.me.codes-kept")) } }
            }
        },
        || {
            let mut value = token(&made.kept);
            value["format"] = json!("watchfire-token-v1");
            value["token"] = json!(made.token);
            value
        },
    )
}

fn token_drop(ask: &Ask<'_>) -> Result<Answer, Fault> {
    ask.site.accounts().token_drop(ask.who()?, ask.part("id"))?;
    ask.done("/me", "token-dropped", json!({"format": "watchfire-dropped-v1", "id": ask.part("id")}))
}

fn delegate(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let own = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    let scope = AccountScope { areas: own(ask.texts("areas")), enterprises: own(ask.texts("enterprises")) };
    let day = |name: &str| Time::from_date(ask.text(name)).ok();
    let since = day("since").unwrap_or(ask.now);
    // The day that is named is a day on which it still holds.
    let until = day("until").and_then(|d| d.plus_minutes(24 * 60)).unwrap_or(ask.now);
    let made = ask.site.accounts().delegate(ask.who()?, ask.text("to"), &scope, (since, until), ask.text("reason"))?;
    ask.done("/me", "delegated", json!({"format": "watchfire-delegated-v1", "id": made.id}))
}

fn undelegate(ask: &Ask<'_>) -> Result<Answer, Fault> {
    ask.site.accounts().undelegate(ask.who()?, ask.part("id"))?;
    ask.done("/me", "undelegated", json!({"format": "watchfire-dropped-v1", "id": ask.part("id")}))
}
