//! What is done to notices: a way is tried, switched off and on; a duty is handed over for a while and taken back.

use super::{person, read};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::{encoded, time};
use crate::site::parts;
use evidence::Delegation;
use maud::{Markup, html};
use node::NodeError;
use node::accounts::Act;
use node::notify::{About, Config, NewDelegation, Roster, Switch, Test};
use serde_json::json;

/// What `notify.toml` does not know, a person's mistake in a form, and what went wrong within.
fn said(e: NodeError) -> Fault {
    match e {
        NodeError::UnknownInNotify(_) | NodeError::UnknownDelegation(_) => Fault::none(),
        NodeError::BadDelegation(say) => Fault { status: 422, say: *say, field: None, within: None },
        other => other.into(),
    }
}

/// The configuration, and the channel that the path names.
fn channel(ask: &Ask<'_>) -> Result<(Config, Roster), Fault> {
    let known = read(ask)?.ok_or_else(Fault::none)?;
    if known.0.channel(ask.part("channel")).is_some() { Ok(known) } else { Err(Fault::none()) }
}

/// The buttons of a way.
pub(super) fn of_channel(ask: &Ask<'_>, config: &Config, id: &str) -> Markup {
    let here = format!("/notices/{}", encoded(id));
    let (to, word, tone) = match config.is_off(id) {
        Some(_) => ("on", ask.t("console.notices.switch-on"), "quiet"),
        None => ("off", ask.t("console.notices.switch-off"), "danger"),
    };
    html! {
        (form::button(ask, &format!("{here}/test"), &[], ask.t("console.notices.try"), "quiet"))
        (form::button(ask, &format!("{here}/switch"), &[("to", to)], word, tone))
    }
}

pub(super) fn switched(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (config, _) = channel(ask)?;
    let (id, off) = (ask.part("channel"), ask.text("to") == "off");
    let to = if off { Switch::Off } else { Switch::On };
    node::notify::switch(ask.site.node().store().home(), &config, id, to, &ask.who()?.account.login).map_err(said)?;
    ask.done("/notices", "saved", json!({"format": "watchfire-notice-switch-v1", "channel": id, "off": off}))
}

pub(super) fn tested(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (config, roster) = channel(ask)?;
    let to = Some(ask.text("person")).filter(|p| !p.is_empty());
    let sent = ask.node().notify_test(&config, &roster, Test::Channel(ask.part("channel"), to)).map_err(said)?;
    let heads = [
        ask.t("console.person"),
        ask.t("console.notices.channels"),
        ask.t("console.state"),
        ask.t("console.notices.proof"),
    ];
    ask.page(
        ask.t("console.notices.tried"),
        || {
            html! {
                (parts::table(ask.t("console.notices.tried"), &heads, sent.iter().map(|n| {
                    let tone = if n.state.name() == "delivered" { "good" } else { "bad" };
                    vec![html! { (person(ask, &config, &n.to)) }, html! { code { (n.channel) } }, parts::mark(tone, &ask.word("notify.state", n.state.name())), html! { (n.proof) }]
                }).collect()))
                p { a href="/notices" { (ask.t("console.place.notices")) } }
            }
        },
        || {
            let all: Vec<_> = sent.iter().map(|n| json!({"channel": n.channel, "to": n.to, "state": n.state.name(), "proof": n.proof})).collect();
            json!({"format": "watchfire-notice-test-v1", "sent": all})
        },
    )
}

/// Duties that are handed over, and the form for a new one.
pub(super) fn delegations(ask: &Ask<'_>, config: &Config, roster: &Roster) -> Markup {
    let all: Vec<&Delegation> = roster.delegations().into_iter().filter(|d| d.until > ask.now).collect();
    let manage = ask.may(Act::ManageNotices);
    let heads = [
        ask.t("console.role"),
        ask.t("console.head.from"),
        ask.t("console.head.to"),
        ask.t("console.scope"),
        ask.t("console.head.since"),
        ask.t("console.head.until"),
        "",
    ];
    let scope = |d: &Delegation| {
        let kinds = d.scope.kinds.iter().map(|k| ask.word("console.notices.what", k));
        let all: Vec<String> = d.scope.areas.iter().cloned().chain(kinds).collect();
        if all.is_empty() { ask.t("console.everything").to_owned() } else { all.join(ask.t("report.list-join")) }
    };
    html! {
        h2 { (ask.t("console.notices.duties")) }
        @if all.is_empty() { (parts::empty(ask.t("console.notices.no-duties"), "")) }
        @else {
            (parts::table(ask.t("console.notices.duties"), &heads, all.iter().map(|d| vec![
                html! { code { (d.role) } }, html! { (person(ask, config, &d.from)) }, html! { (person(ask, config, &d.to)) }, html! { (scope(d)) }, time(ask, d.since), time(ask, d.until),
                if d.revoked { parts::mark("calm", ask.t("console.revoked")) } else if manage { form::button(ask, &format!("/notices/delegations/{}/revoke", d.id), &[], ask.t("console.take-back"), "quiet") } else { html! {} },
            ]).collect()))
        }
        @if manage && !config.rotas.is_empty() { (handing_over(ask, config)) }
    }
}

fn handing_over(ask: &Ask<'_>, config: &Config) -> Markup {
    let roles: Vec<(&str, String)> = config.rotas.iter().map(|r| (r.role.as_str(), r.role.clone())).collect();
    let persons: Vec<(&str, String)> =
        config.persons.iter().map(|p| (p.id.as_str(), person(ask, config, &p.id))).collect();
    let kinds: Vec<(&str, String)> =
        About::ALL.iter().map(|k| (k.name(), ask.word("console.notices.what", k.name()))).collect();
    let day = |needed| Line { kind: "date", needed, ..Line::default() };
    html! {
        details {
            summary { (ask.t("console.notices.hand-over")) }
            (form::form(ask, "/notices/delegations", html! {
                (form::choice("role", ask.t("console.role"), &roles, ""))
                (form::choice("from", ask.t("console.head.from"), &persons, ""))
                (form::choice("to", ask.t("console.head.to"), &persons, ""))
                (form::line("since", ask.t("console.head.since"), day(false)))
                (form::line("until", ask.t("console.head.until"), day(true)))
                (form::text("areas", ask.t("console.areas"), Line { hint: ask.t("console.areas-hint"), ..Line::default() }))
                (form::ticks("kinds", ask.t("console.notices.kinds"), &kinds, &[]))
            }, ask.t("console.notices.hand-over")))
        }
    }
}

pub(super) fn delegated(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (config, _) = read(ask)?.ok_or_else(|| Fault::new(422, "console.notices.none"))?;
    let days = ask.site.days();
    let since = days.read(ask.text("since")).unwrap_or(ask.now);
    let last =
        evidence::Time::from_date(ask.text("until")).map_err(|_| Fault::field("until", "console.fault.not-date"))?;
    // The day that is named is a day on which it still holds, in the plan's zone.
    let until = days.day_ends(last);
    let own = |name: &str| -> Vec<String> { ask.texts(name).into_iter().map(str::to_owned).collect() };
    let (areas, kinds) = (own("areas"), own("kinds"));
    let wanted = NewDelegation {
        role: ask.text("role"),
        from: ask.text("from"),
        to: ask.text("to"),
        since,
        until,
        areas: &areas,
        kinds: &kinds,
    };
    // Whom a field names is no place on this site: what is wrong is the field, not the address.
    let named = |e: NodeError| match &e {
        NodeError::UnknownInNotify(_) => Fault { status: 422, say: e.say(), field: None, within: None },
        _ => said(e),
    };
    let (made, leaf) = ask.node().notify_delegate(&config, &wanted, None).map_err(named)?;
    ask.done("/notices", "delegated", json!({"format": "watchfire-delegated-v1", "id": made.id, "record": leaf}))
}

pub(super) fn revoked(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (d, leaf) = ask.node().notify_revoke(ask.part("id"), None).map_err(said)?;
    ask.done("/notices", "undelegated", json!({"format": "watchfire-dropped-v1", "id": d.id, "record": leaf}))
}
