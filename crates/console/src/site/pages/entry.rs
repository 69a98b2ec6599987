//! The way in: the first account, login, second factor, the way out.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::{self, Shown, encoded};
use crate::site::route::{Faces, Gate, Route, Takes, get, may_be, needed, post};
use evidence::{Lang, NodeRole};
use maud::{Markup, html};
use node::accounts::{AccountRole, AccountScope, Came, PASSWORD_CHARS_MIN, Refused, Wanted};

pub(crate) const ROUTES: &[Route] = &[
    get("/first", Gate::Everybody, first).on(Faces::Console),
    post(
        "/first",
        Gate::Everybody,
        &[
            needed("code", Takes::Line(80)),
            needed("login", Takes::Line(64)),
            needed("name", Takes::Line(100)),
            needed("password", Takes::Secret),
            needed("again", Takes::Secret),
        ],
        first_made,
    )
    .on(Faces::Console),
    get("/enter", Gate::Everybody, enter).on(Faces::Console),
    post(
        "/enter",
        Gate::Everybody,
        &[needed("login", Takes::Line(64)), needed("password", Takes::Secret), may_be("back", Takes::Line(400))],
        entered,
    )
    .on(Faces::Console),
    get("/enter/code", Gate::Everybody, code).on(Faces::Console),
    post("/enter/code", Gate::Everybody, &[needed("code", Takes::Line(64)), may_be("back", Takes::Line(400))], coded)
        .on(Faces::Console),
    post("/leave", Gate::Session, &[], leave).on(Faces::Console),
    get("/lang/{lang}", Gate::Everybody, lang).on(Faces::Console),
];

fn shown(ask: &Ask<'_>, title: &str, body: Markup) -> Answer {
    Answer::Html(frame::page(&Shown { visitor: None, ..Shown::of(ask, title) }, body))
}

/// Why it did not work, above the form.
fn why(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p.fault role="alert" { (text) } } }
}

fn first(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if !ask.site.accounts().none()? {
        return Ok(Answer::Go("/enter".to_owned(), Vec::new()));
    }
    Ok(first_form(ask, None))
}

fn first_form(ask: &Ask<'_>, fault: Option<&str>) -> Answer {
    let needed = |value, hint, kind, fill| Line { value, hint, needed: true, kind, fill, ..Line::default() };
    let min = ask.say(&evidence::Say::new("console.first.password-hint").with("min", PASSWORD_CHARS_MIN));
    let body = html! {
        p { (ask.t("console.first.about")) }
        (why(fault))
        (form::form(ask, "/first", html! {
            (form::line("code", ask.t("console.first.code"), needed(ask.text("code"), ask.t("console.first.code-hint"), "text", "off")))
            (form::line("login", ask.t("console.login"), needed(ask.text("login"), "", "text", "username")))
            (form::line("name", ask.t("console.person"), needed(ask.text("name"), "", "text", "name")))
            (form::line("password", ask.t("console.password"), needed("", &min, "password", "new-password")))
            (form::line("again", ask.t("console.again"), needed("", "", "password", "new-password")))
        }, ask.t("console.first.make")))
    };
    shown(ask, ask.t("console.first.title"), body)
}

fn first_made(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if !ask.site.accounts().none()? {
        return Err(Fault::forbidden());
    }
    if ask.text("password") != ask.text("again") {
        return Ok(first_form(ask, Some(ask.t("console.first.differ"))));
    }
    let code = ask.text("code").to_owned();
    if !ask.site.take_first(&code) {
        return Ok(first_form(ask, Some(ask.t("console.first.wrong-code"))));
    }
    let wanted = Wanted {
        login: ask.text("login"),
        name: ask.text("name"),
        role: AccountRole::Administrator,
        scope: AccountScope::default(),
        lang: if ask.lang == Lang::Zh { "zh" } else { "en" },
    };
    let made = ask.site.accounts().make(&wanted, Some(ask.text("password")));
    match made {
        Ok((account, _)) => {
            ask.site.accounts().note(&account.login, "POST /first", "", "done", &ask.peer)?;
            let to = format!("/enter?done=first&back={}", encoded("/accounts"));
            Ok(Answer::Go(to, Vec::new()))
        }
        Err(e) => {
            // The code has not served yet.
            ask.site.give_back_first(code);
            let fault = Fault::from(e);
            if fault.status != 422 {
                return Err(fault);
            }
            Ok(first_form(ask, Some(&ask.say(&fault.say))))
        }
    }
}

fn back<'a>(ask: &'a Ask<'_>) -> &'a str {
    let back = if ask.wanted("back").is_empty() { ask.text("back") } else { ask.wanted("back") };
    // Only here: an address of elsewhere would send people there with what they just typed in mind.
    if back.starts_with('/') && !back.starts_with("//") && !back.contains('\\') { back } else { "/" }
}

fn enter(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if ask.site.accounts().none()? {
        return Ok(Answer::Go("/first".to_owned(), Vec::new()));
    }
    Ok(enter_form(ask, None))
}

fn enter_form(ask: &Ask<'_>, fault: Option<&str>) -> Answer {
    let body = html! {
        (why(fault))
        (form::form(ask, "/enter", html! {
            input type="hidden" name="back" value=(back(ask));
            (form::line("login", ask.t("console.login"), Line { value: ask.text("login"), needed: true, fill: "username", ..Line::default() }))
            (form::line("password", ask.t("console.password"), Line { needed: true, kind: "password", fill: "current-password", ..Line::default() }))
        }, ask.t("console.enter")))
        p.small { (ask.t("console.lost")) }
    };
    shown(ask, ask.t("console.enter-title"), body)
}

/// The cookie of a session; an empty one takes it away.
fn cookie(ask: &Ask<'_>, token: &str) -> String {
    let secure = if ask.site.secure { "; Secure" } else { "" };
    let gone = if token.is_empty() { "; Max-Age=0" } else { "" };
    format!("{}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{gone}", ask.site.cookie())
}

fn refused(ask: &Ask<'_>, why: Refused) -> String {
    match why {
        Refused::Wrong => ask.t("console.wrong").to_owned(),
        Refused::TooLate => ask.t("console.too-late").to_owned(),
        Refused::Locked(until) => {
            let minutes = (until.millis() - ask.now.millis()).max(0) / 60_000 + 1;
            ask.say(&evidence::Say::new("console.locked").with("minutes", minutes))
        }
    }
}

fn entered(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (login, peer) = (ask.text("login"), ask.peer.as_str());
    let accounts = ask.site.accounts();
    let came = accounts.come(login, ask.text("password"), peer, &ask.agent)?;
    let outcome = if matches!(came, Came::Refused(_)) { "refused" } else { "done" };
    // Of a login that there is not nothing is kept: people type their password there.
    let known = accounts.by_login(login)?.map(|a| a.login).unwrap_or_default();
    accounts.note(&known, "POST /enter", "", outcome, peer)?;
    match came {
        Came::In(token) => Ok(Answer::Go(back(ask).to_owned(), vec![cookie(ask, &token)])),
        Came::Half(token) => {
            Ok(Answer::Go(format!("/enter/code?back={}", encoded(back(ask))), vec![cookie(ask, &token)]))
        }
        Came::Refused(why) => Ok(enter_form(ask, Some(&refused(ask, why)))),
    }
}

fn code(ask: &Ask<'_>) -> Result<Answer, Fault> {
    Ok(code_form(ask, None))
}

fn code_form(ask: &Ask<'_>, fault: Option<&str>) -> Answer {
    let body = html! {
        (why(fault))
        (form::form(ask, "/enter/code", html! {
            input type="hidden" name="back" value=(back(ask));
            (form::line("code", ask.t("console.code"), Line { needed: true, hint: ask.t("console.code-hint"), fill: "one-time-code", ..Line::default() }))
        }, ask.t("console.enter")))
    };
    shown(ask, ask.t("console.code-title"), body)
}

fn coded(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let half = ask.half.as_deref().unwrap_or_default();
    match ask.site.accounts().come_further(half, ask.text("code"), &ask.peer, &ask.agent)? {
        Came::In(token) => {
            if let Some(v) = ask.site.accounts().visitor(&token)? {
                ask.site.accounts().note(&v.account.login, "POST /enter/code", "", "done", &ask.peer)?;
            }
            Ok(Answer::Go(back(ask).to_owned(), vec![cookie(ask, &token)]))
        }
        Came::Half(_) => Err(Fault::inside("a second factor led to a second factor")),
        Came::Refused(Refused::TooLate) => Ok(enter_form(ask, Some(&refused(ask, Refused::TooLate)))),
        Came::Refused(why) => Ok(code_form(ask, Some(&refused(ask, why)))),
    }
}

fn leave(ask: &Ask<'_>) -> Result<Answer, Fault> {
    if let Some(session) = &ask.who()?.session {
        ask.site.accounts().leave(session)?;
    }
    Ok(Answer::Go("/enter?done=left".to_owned(), vec![cookie(ask, "")]))
}

fn lang(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let lang = if ask.part("lang") == "zh" { "zh" } else { "en" };
    if let Some(v) = ask.visitor {
        ask.site.accounts().set_lang(v.account.id, lang)?;
    }
    let secure = if ask.site.secure { "; Secure" } else { "" };
    let cookie = format!("watchfire-lang={lang}; Path=/; SameSite=Lax; Max-Age=31536000{secure}");
    Ok(Answer::Go(back(ask).to_owned(), vec![cookie]))
}

/// What the node's level is called, for pages that say it.
pub(crate) fn level(ask: &Ask<'_>, role: NodeRole) -> String {
    ask.word("node-role", role.name())
}
