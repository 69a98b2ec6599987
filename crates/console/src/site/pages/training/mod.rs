//! Training and experts: sessions with who was there, certificates, the pool of experts, and the public page that checks a certificate.

mod certificates;
mod experts;
mod sessions;

use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::route::{Gate, Route, Takes, get, may_be, needed, post};
use evidence::{ConflictKind, TakenBack, Time};
use maud::{Markup, html};
use node::accounts::Act;

const REASONS: &[&str] = &["error", "not-held", "request", "misconduct", "expired-papers", "other"];
const TIES: &[&str] = &["employment", "contract", "ownership", "family", "other"];
const STATES: &[&str] = &["valid", "expired", "revoked"];
/// Longest certificate that is looked at, in characters: `proof::BADGE_BYTES_MAX`.
const BADGE_CHARS_MAX: usize = 64 << 10;

pub(crate) const ROUTES: &[Route] = &[
    get("/training", Gate::May(Act::SeeTraining), sessions::list).query(&[may_be("after", Takes::Line(60))]),
    post(
        "/training/sessions",
        Gate::May(Act::ManageTraining),
        &[needed("course", Takes::Line(80)), needed("day", Takes::Date), may_be("last_day", Takes::Date)],
        sessions::add,
    ),
    get("/training/sessions/{id}", Gate::May(Act::SeeTraining), sessions::one)
        .query(&[may_be("names", Takes::Yes), may_be("after", Takes::Line(80))])
        .noted(),
    post(
        "/training/sessions/{id}/attend",
        Gate::May(Act::ManageTraining),
        &[needed("names", Takes::Lines(500))],
        sessions::attend,
    ),
    post(
        "/training/sessions/{id}/door",
        Gate::May(Act::ManageTraining),
        &[needed("minutes", Takes::Whole(1, 720))],
        sessions::door,
    ),
    post("/training/sessions/{id}/close", Gate::May(Act::ManageTraining), &[], sessions::close),
    post(
        "/training/sessions/{id}/withdraw",
        Gate::May(Act::ManageTraining),
        &[needed("reason", Takes::OneOf(REASONS))],
        sessions::withdraw,
    ),
    get("/training/certificates", Gate::May(Act::SeeTraining), certificates::list)
        .query(&[may_be("state", Takes::OneOf(STATES)), may_be("after", Takes::Line(80))]),
    get("/experts", Gate::May(Act::SeeTraining), experts::list)
        .query(&[may_be("state", Takes::OneOf(STATES)), may_be("after", Takes::Line(80))])
        .noted(),
    post(
        "/experts",
        Gate::May(Act::ManageExperts),
        &[
            needed("person", Takes::Line(200)),
            needed("field", Takes::Line(200)),
            needed("until", Takes::Date),
            may_be("employer", Takes::Line(200)),
            may_be("contact", Takes::Line(200)),
        ],
        experts::certify,
    ),
    get("/experts/{id}", Gate::May(Act::SeeTraining), experts::one).noted(),
    post("/experts/{id}/renew", Gate::May(Act::ManageExperts), &[needed("expires", Takes::Date)], experts::renew),
    post(
        "/experts/{id}/revoke",
        Gate::May(Act::ManageExperts),
        &[needed("reason", Takes::OneOf(REASONS))],
        experts::revoke,
    ),
    post(
        "/experts/{id}/conflict",
        Gate::May(Act::ManageExperts),
        &[
            needed("enterprise", Takes::Line(18)),
            needed("kind", Takes::OneOf(TIES)),
            may_be("since", Takes::Date),
            may_be("until", Takes::Date),
        ],
        experts::conflict,
    ),
    get("/verify-certificate", Gate::Everybody, certificates::verify_form),
    post(
        "/verify-certificate",
        Gate::Everybody,
        &[
            needed("certificate", Takes::Text(BADGE_CHARS_MAX)),
            may_be("key", Takes::Text(4_000)),
            may_be("status", Takes::Text(1 << 20)),
        ],
        certificates::verify,
    ),
];

/// Where else to look.
fn links(ask: &Ask<'_>) -> Markup {
    let all = [
        ("/training", "console.place.training"),
        ("/training/certificates", "console.training.certificates"),
        ("/experts", "console.place.experts"),
        ("/verify-certificate", "console.training.verify"),
    ];
    html! { p.links { @for (path, key) in all { a href=(path) aria-current=[(path == ask.route.path).then_some("page")] { (ask.t(key)) } " " } } }
}

fn reasons(ask: &Ask<'_>) -> Vec<(&'static str, String)> {
    REASONS.iter().map(|r| (*r, ask.word("training-reason", r))).collect()
}

fn reason(ask: &Ask<'_>) -> Result<TakenBack, Fault> {
    let name = ask.text("reason");
    TakenBack::ALL
        .iter()
        .copied()
        .find(|r| r.name() == name)
        .ok_or_else(|| Fault::field("reason", "console.fault.not-one-of"))
}

fn tie(ask: &Ask<'_>) -> Result<ConflictKind, Fault> {
    let name = ask.text("kind");
    ConflictKind::ALL
        .iter()
        .copied()
        .find(|k| k.name() == name)
        .ok_or_else(|| Fault::field("kind", "console.fault.not-one-of"))
}

/// A day of the body as it begins.
fn day(ask: &Ask<'_>, name: &str) -> Option<Time> {
    Time::from_date(ask.text(name)).ok()
}

/// The last instant of a day of the body, where the plan counts: who says "until the 30th" has all of it.
fn day_ends(ask: &Ask<'_>, name: &str) -> Option<Time> {
    day(ask, name).map(|d| plan::Days::of(ask.plan().calendar()).day_ends(d))
}
