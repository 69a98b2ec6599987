//! What waits for a second person.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::{self, Line};
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Gate, Route, Takes, get, may_be, needed, post};
use maud::html;
use node::accounts::{Act, Asked, Decided};
use serde_json::{Value, json};

pub(crate) const ROUTES: &[Route] = &[
    get("/two", Gate::Session, list),
    post(
        "/two/{id}",
        Gate::Session,
        &[needed("decision", Takes::OneOf(&["yes", "no"])), may_be("reason", Takes::Line(400))],
        decide,
    ),
];

/// Does what two people agreed on: who asked and who decided are known to it.
pub(crate) type Doer = fn(&Ask<'_>, &Asked) -> Result<Value, Fault>;

/// How each act that takes two is done. An act that is not here is refused when it is asked for, not when it is decided.
pub(crate) const DOERS: &[(Act, Doer)] =
    &[(Act::ConfirmCore, super::catalogue::confirm_core), (Act::IssueWarning, super::warnings::agreed)];

fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let who = ask.who()?;
    // One sees what one could ask or decide, and what one asked.
    let sees = |a: &Asked| a.kept.asker == who.account.id || Act::named(&a.kept.act).is_some_and(|act| who.may(act));
    let all: Vec<Asked> = ask.site.accounts().asked()?.into_iter().filter(sees).collect();
    let name = |a: &Option<node::accounts::Account>| {
        a.as_ref().map_or_else(|| "?".to_owned(), |a| format!("{} ({})", a.name, a.login))
    };
    let open = |a: &Asked| a.kept.state == "waiting" && !a.late;
    ask.page(
        ask.t("console.place.two"),
        || {
            html! {
                p { (ask.t("console.two.about")) }
                @if all.is_empty() { (parts::empty(ask.t("console.two.none"), ask.t("console.two.hint"))) }
                @for a in &all {
                    section.card {
                        h2 { (ask.word("account.act", &a.kept.act)) }
                        p { (a.kept.about) }
                        p.small { (ask.t("console.two.asked-by")) " " (name(&a.asker)) ", " (time(ask, a.kept.asked)) " · " (ask.t("console.head.until")) " " (time(ask, a.kept.until)) }
                        @if open(a) {
                            @if a.kept.asker == who.account.id { p { (parts::mark("warn", ask.t("console.two.waits"))) } }
                            @else {
                                (form::form(ask, &format!("/two/{}", a.kept.id), html! {
                                    input type="hidden" name="decision" value="yes";
                                    (form::line("reason", ask.t("console.head.reason"), Line::default()))
                                }, ask.t("console.two.yes")))
                                (form::button(ask, &format!("/two/{}", a.kept.id), &[("decision", "no")], ask.t("console.two.no"), "danger"))
                            }
                        } @else {
                            p { (parts::mark(if a.kept.state == "done" { "good" } else { "calm" }, &ask.word("console.two.state", if a.late { "late" } else { &a.kept.state })))
                                @if a.decider.is_some() { " " (name(&a.decider)) } @if !a.kept.reason.is_empty() { ": " (a.kept.reason) } }
                        }
                    }
                }
            }
        },
        || {
            let one = |a: &Asked| json!({
                "id": a.kept.id, "act": a.kept.act, "about": a.kept.about, "asked": a.kept.asked, "until": a.kept.until,
                "asked_by": a.asker.as_ref().map(|a| &a.login), "decided_by": a.decider.as_ref().map(|a| &a.login),
                "state": if a.late { "late" } else { &a.kept.state }, "reason": a.kept.reason,
            });
            json!({"format": "watchfire-two-v1", "acts": all.iter().map(one).collect::<Vec<_>>()})
        },
    )
}

fn decide(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let how = if ask.text("decision") == "yes" { Decided::Yes } else { Decided::No };
    let asked = ask.site.accounts().decide(ask.who()?, ask.part("id"), how, ask.text("reason"))?;
    let done = match how {
        Decided::No => json!({"format": "watchfire-decided-v1", "state": "refused"}),
        Decided::Yes => {
            let doer = DOERS.iter().find(|d| d.0.name() == asked.kept.act).ok_or_else(Fault::none)?.1;
            match doer(ask, &asked) {
                Ok(done) => done,
                Err(fault) => {
                    ask.site.accounts().undone(&asked.kept.id, &ask.say(&fault.say))?;
                    return Err(fault);
                }
            }
        }
    };
    ask.done("/two", "decided", done)
}
