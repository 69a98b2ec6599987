//! Certificates: which there are, and - for everybody - whether one holds.

use super::links;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::said::{badge_json, certificate_json, certificate_state};
use evidence::Say;
use maud::{Markup, html};
use node::{BadgeVerdict, Revoked};
use serde_json::{Value, json};

/// Lines of a page.
const LINES: usize = 50;

fn tone(state: &str) -> &'static str {
    match state {
        "valid" => "good",
        "expired" => "warn",
        _ => "bad",
    }
}

pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let mut all = ask.site.node().certificates()?;
    all.reverse();
    let total = all.len();
    let wanted = ask.wanted("state");
    all.retain(|c| wanted.is_empty() || certificate_state(c, ask.now) == wanted);
    let fitting = all.len();
    let from = match ask.wanted("after") {
        "" => 0,
        after => all.iter().position(|c| c.0.id == after).map_or(fitting, |n| n + 1),
    };
    let page: Vec<_> = all.iter().skip(from).take(LINES).collect();
    let next = if from + page.len() < fitting { page.last().map(|c| c.0.id.clone()) } else { None };
    let choices: Vec<(&str, String)> = std::iter::once(("", ask.t("console.nodes.all-standings").to_owned()))
        .chain(super::STATES.iter().map(|s| (*s, ask.word("expert-state", s))))
        .collect();
    ask.page(
        ask.t("console.training.certificates"),
        || {
            html! {
                (links(ask))
                p { (ask.t("console.training.certificates-about")) }
                @if total == 0 { (parts::empty(ask.t("console.training.no-certificates"), ask.t("console.training.no-certificates-hint"))) }
                @else {
                    (form::filter(ask, form::choice("state", ask.t("console.state"), &choices, wanted)))
                    p.small { (ask.say(&Say::new("console.nodes.shown").with("shown", page.len()).with("fitting", fitting).with("all", total))) }
                    (parts::table(ask.t("console.training.certificates"), &[ask.t("console.head.id"), ask.t("console.training.person"), ask.t("console.training.issued"), ask.t("console.head.until"), ask.t("console.state")],
                        page.iter().map(|c| {
                            let state = certificate_state(c, ask.now);
                            vec![
                                html! { code { (c.0.id) } },
                                html! { code { (c.1.to_string()) } },
                                time(ask, c.0.issued),
                                c.0.expires.map_or_else(|| html! { (ask.t("console.training.no-end")) }, |t| time(ask, t)),
                                html! { (parts::mark(tone(state), &ask.word("expert-state", state))) @if let Some(why) = c.2 { p.small { (ask.word("training-reason", why.name())) } } },
                            ]
                        }).collect()))
                    (parts::next(ask, &[("state", wanted)], next.as_deref()))
                }
            }
        },
        || json!({"certificates": page.iter().map(|c| certificate_json(c, ask.now)).collect::<Vec<_>>(), "next": next}),
    )
}

fn fields(ask: &Ask<'_>) -> Markup {
    form::form(
        ask,
        "/verify-certificate",
        html! {
            (form::text("certificate", ask.t("console.verify-certificate.text"), Line { value: ask.text("certificate"), needed: true, hint: ask.t("console.verify-certificate.text-hint"), ..Line::default() }))
            (form::text("key", ask.t("console.verify-certificate.key"), Line { value: ask.text("key"), hint: ask.t("console.verify-certificate.key-hint"), ..Line::default() }))
            (form::text("status", ask.t("console.verify-certificate.status"), Line { value: ask.text("status"), hint: ask.t("console.verify-certificate.status-hint"), ..Line::default() }))
        },
        ask.t("console.verify-certificate.go"),
    )
}

pub(super) fn verify_form(ask: &Ask<'_>) -> Result<Answer, Fault> {
    ask.page(
        ask.t("console.training.verify"),
        || {
            html! {
                p { (ask.t("console.verify-certificate.about")) }
                (fields(ask))
            }
        },
        || json!({"format": "watchfire-verify-certificate-v1"}),
    )
}

/// Looks at the text that was sent. Nothing that a stranger types is taken for the name of a file here.
pub(super) fn verify(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let text: String = ask.text("certificate").split_whitespace().collect();
    let status = Some(ask.text("status").trim()).filter(|s| !s.is_empty());
    let given = Some(ask.text("key").trim()).filter(|k| !k.is_empty());
    let key = match given {
        Some(key) => Some(node::badge_key_said(key)?),
        None => ask.site.node().certificate_key().ok(),
    };
    let own = given.is_none() && key.is_some();
    let seen = node::badge_said(&text, key.as_ref(), status, ask.now);
    // Without a key of the reader's it is looked at with this node's; if it is of somebody else it can still be said what it says.
    let seen = match (seen, own) {
        (Err(_), true) => node::badge_said(&text, None, status, ask.now),
        (seen, _) => seen,
    };
    let mut verdict = match seen.map_err(Fault::from) {
        Ok(v) => v,
        Err(fault) if fault.status < 500 => return refused(ask, Some(&fault)),
        // What no signature holds for is a certificate that does not hold, and no failure within.
        Err(_) => return refused(ask, None),
    };
    // This node knows of its own certificates whether they were taken back, without a list.
    let taken = own && verdict.trusted;
    if taken && matches!(verdict.revoked, Revoked::NotChecked) {
        let known = ask
            .site
            .node()
            .certificates()?
            .into_iter()
            .find(|c| c.0.id == verdict.badge.id && c.0.digest == verdict.badge.digest);
        verdict.revoked = match known {
            Some((_, _, Some(_))) => Revoked::Yes(ask.now),
            Some(_) => Revoked::No(ask.now),
            None => Revoked::NotChecked,
        };
    }
    ask.page(ask.t("console.training.verify"), || shown(ask, &verdict, taken), || badge_json(&verdict))
}

fn refused(ask: &Ask<'_>, fault: Option<&Fault>) -> Result<Answer, Fault> {
    ask.page(
        ask.t("console.training.verify"),
        || {
            html! {
                div.fault role="alert" {
                    p { (ask.t("console.verify-certificate.refused")) }
                    @if let Some(fault) = fault { p.small { (ask.say(&fault.say)) } }
                }
                (fields(ask))
            }
        },
        || json!({"holds": false}),
    )
}

fn shown(ask: &Ask<'_>, v: &BadgeVerdict, own: bool) -> Markup {
    let text = |path: &str| v.badge.payload.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let holder = match text("/credentialSubject/identifier/0/identityHash") {
        none if none.is_empty() => text("/sub"),
        name => name,
    };
    let say = |key: &str| Say::new(format!("cli.say.{key}"));
    let until = v.badge.until.map_or_else(|| "…".to_owned(), evidence::Time::date);
    let (time_tone, time_key) = match (v.begun, v.expired) {
        (false, _) => ("bad", "badge_early"),
        (_, true) => ("bad", "badge_expired"),
        _ => ("good", "badge_in_time"),
    };
    let (back_tone, back_key, at) = match v.revoked {
        Revoked::NotChecked => ("warn", "badge_not_checked", String::new()),
        Revoked::No(at) => ("good", "badge_not_revoked", at.to_string()),
        Revoked::Yes(at) => ("bad", "badge_revoked", at.to_string()),
    };
    let signed = match (v.trusted, own) {
        (true, true) => ask.t("console.verify-certificate.own").to_owned(),
        (true, false) => ask.say(&say("badge_trusted").with("issuer", &v.badge.issuer)),
        (false, _) => ask.say(&say("badge_self").with("issuer", &v.badge.issuer)),
    };
    let known = own && !matches!(v.revoked, Revoked::NotChecked);
    let back = match (known, v.revoked) {
        (true, Revoked::Yes(_)) => ask.t("console.verify-certificate.taken-back").to_owned(),
        (true, _) => ask.t("console.verify-certificate.not-taken-back").to_owned(),
        (false, _) => ask.say(&say(back_key).with("at", at)),
    };
    html! {
        p role="status" { span.note { (parts::mark(if v.holds() { "good" } else { "bad" }, ask.t(if v.holds() { "console.verify-certificate.holds" } else { "console.verify-certificate.holds-not" }))) } }
        dl.facts {
            dt { (ask.t("console.verify-certificate.what")) } dd { (text("/credentialSubject/achievement/name")) }
            dt { (ask.t("console.verify-certificate.holder")) } dd { (holder) }
            dt { (ask.t("console.verify-certificate.by")) } dd { (text("/issuer/name")) }
            dt { (ask.t("console.head.id")) } dd { code { (v.badge.id) } }
        }
        ul.steps {
            li { span.note { (parts::mark(if v.trusted { "good" } else { "warn" }, &signed)) } }
            li { span.note { (parts::mark(time_tone, &ask.say(&say(time_key).with("from", v.badge.from.date()).with("until", &until)))) } }
            li { span.note { (parts::mark(back_tone, &back)) } }
        }
        p { a href="/verify-certificate" { (ask.t("console.verify-certificate.another")) } }
    }
}
