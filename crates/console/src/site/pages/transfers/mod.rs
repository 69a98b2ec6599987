//! Transfers: what leaves the country, what each flow needs and has, what the logs show against it, requests of foreign authorities, records of providing.
//!
//! Everything is `watchfire transfer …` on a page, but for reading logs and bringing in the table of countries: both are files on the node's machine, and a page
//! names no file there. What they came to is shown on `/transfers/seen`.

mod act;
mod list;
mod one;
mod registers;
mod seen;

use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::PAPER;
use crate::site::parts;
use crate::site::route::{Faces, Field, Gate, Route, Takes, get, may_be, needed, post};
use evidence::{FlowState, Span, Time, TransferJudgement};
use maud::Markup;
use node::TransferRegister;
use node::accounts::Act;
use report::transfers::TransferInput;

/// Lines of a page.
const LINES: usize = 50;
/// Longest table that a page takes, in characters: a form of 1 MiB holds it in every script.
const TABLE_CHARS_MAX: usize = 100_000;
const SEE: Gate = Gate::May(Act::SeeTransfers);
const CHANGE: Gate = Gate::May(Act::ManageTransfers);
const STATES: &[&str] = &["expired", "missing", "unclear", "renew", "in-hand", "exempt", "ended"];
const HOLDS: &[&str] = &["personal", "sensitive-personal", "important", "core"];
const WAYS: &[&str] = &["sent", "remote-access", "carried"];
const GRANTS: &[&str] = &["assessment", "contract", "certification"];
const OUTCOMES: &[&str] = &["filed", "granted", "refused", "withdrawn"];
const STEPS: &[&str] = &["passed", "approved", "refused", "answered", "declined", "withdrawn"];
const SEEN: &[&str] =
    &["after-end", "undeclared", "unmeasured", "other-country", "country-unknown", "small", "declared", "home"];

const ADD: &[Field] = &[
    needed("recipient", Takes::Line(200)),
    needed("country", Takes::Line(60)),
    needed("purpose", Takes::Line(200)),
    may_be("system", Takes::Line(200)),
    may_be("assets", Takes::Lines(200)),
    may_be("holds", Takes::SomeOf(HOLDS)),
    may_be("personal", Takes::Line(40)),
    may_be("sensitive", Takes::Line(40)),
    may_be("exporter", Takes::Line(200)),
    may_be("cii", Takes::Yes),
    may_be("group", Takes::Line(200)),
    may_be("way", Takes::OneOf(WAYS)),
    may_be("hosts", Takes::Lines(200)),
    may_be("ground", Takes::Line(200)),
    may_be("case", Takes::Line(64)),
    may_be("reason", Takes::Line(200)),
    may_be("disjoint", Takes::Yes),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];
const COUNT: &[Field] = &[
    needed("personal", Takes::Line(40)),
    may_be("sensitive", Takes::Line(40)),
    may_be("year", Takes::Whole(2000, 9999)),
    may_be("as_of", Takes::Date),
];
const DECIDE: &[Field] = &[
    needed("grant", Takes::OneOf(GRANTS)),
    needed("outcome", Takes::OneOf(OUTCOMES)),
    may_be("number", Takes::Line(100)),
    needed("since", Takes::Date),
    may_be("until", Takes::Date),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];
const REQUEST: &[Field] = &[
    needed("authority", Takes::Line(200)),
    needed("country", Takes::Line(2)),
    needed("asked", Takes::Text(1_000)),
    may_be("basis", Takes::Line(200)),
    needed("received", Takes::Date),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];
const STEP: &[Field] = &[
    needed("step", Takes::OneOf(STEPS)),
    needed("at", Takes::Date),
    may_be("note", Takes::Text(1_000)),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];
const PROVIDED: &[Field] = &[
    needed("recipient", Takes::Line(200)),
    needed("data", Takes::Line(200)),
    needed("purpose", Takes::Line(200)),
    may_be("flow", Takes::Line(20)),
    may_be("entrusted", Takes::Yes),
    needed("at", Takes::Date),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];

pub(crate) const ROUTES: &[Route] = &[
    get("/transfers", SEE, list::page)
        .query(&[may_be("state", Takes::OneOf(STATES)), may_be("after", Takes::Line(20))])
        .noted(),
    post("/transfers", CHANGE, ADD, act::add),
    post("/transfers/assess", CHANGE, &[], act::assess),
    post(
        "/transfers/table",
        CHANGE,
        &[may_be("name", Takes::Line(255)), needed("table", Takes::Text(TABLE_CHARS_MAX))],
        act::table,
    ),
    get("/transfers/export", SEE, list::export)
        .query(&[needed("as", Takes::OneOf(&["csv", "xlsx", "json"]))])
        .on(Faces::Console)
        .noted(),
    get("/transfers/seen", SEE, seen::page)
        .query(&[may_be("as", Takes::OneOf(SEEN)), may_be("after", Takes::Line(400))])
        .noted(),
    get("/transfers/flows/{id}", SEE, one::page).noted(),
    post("/transfers/flows/{id}/count", CHANGE, COUNT, act::count),
    post("/transfers/flows/{id}/decide", CHANGE, DECIDE, act::decide),
    post(
        "/transfers/flows/{id}/end",
        CHANGE,
        &[needed("at", Takes::Date), may_be("reason", Takes::Line(200))],
        act::end,
    ),
    get("/transfers/requests", SEE, registers::requests).query(&[may_be("after", Takes::Line(20))]).noted(),
    post("/transfers/requests", CHANGE, REQUEST, act::request),
    post("/transfers/requests/{id}/steps", CHANGE, STEP, act::step),
    get("/transfers/provided", SEE, registers::provided).query(&[may_be("after", Takes::Line(20))]).noted(),
    post("/transfers/provided", CHANGE, PROVIDED, act::provided),
];

fn tabs(ask: &Ask<'_>) -> Markup {
    parts::tabs(
        ask,
        &[
            ("/transfers", "console.transfer.tab-flows"),
            ("/transfers/seen", "console.transfer.tab-seen"),
            ("/transfers/requests", "console.transfer.tab-requests"),
            ("/transfers/provided", "console.transfer.tab-provided"),
        ],
    )
}

/// Words of a family for a choice, in the given order.
fn options(ask: &Ask<'_>, family: &str, names: &[&'static str]) -> Vec<(&'static str, String)> {
    names.iter().map(|n| (*n, ask.word(family, n))).collect()
}

/// Numbers as people read them: one, a range, at least.
fn span(s: Span) -> String {
    match s.most {
        Some(most) if most == s.least => most.to_string(),
        Some(most) => format!("{}–{most}", s.least),
        None => format!("≥ {}", s.least),
    }
}

fn state(ask: &Ask<'_>, state: FlowState) -> Markup {
    let tone = match state {
        FlowState::Expired | FlowState::Missing => "bad",
        FlowState::Unclear | FlowState::Renew => "warn",
        FlowState::InHand => "good",
        FlowState::Exempt | FlowState::Ended => "calm",
    };
    parts::mark(tone, &ask.word("flow-state", state.name()))
}

/// How transfers are shown from what the node knows.
fn shown<'a>(ask: &'a Ask<'_>, (register, judgement): &'a (TransferRegister, TransferJudgement)) -> TransferInput<'a> {
    TransferInput { judgement, leaf: None, flows: &register.flows, counted: &register.counted, plan: ask.plan() }
}

/// The country's name, or its code.
fn country(ask: &Ask<'_>, code: &str) -> String {
    if code.is_empty() { "–".to_owned() } else { ask.word("country", code) }
}

/// Today in the plan's zone, for fields of days.
fn today(ask: &Ask<'_>) -> String {
    plan::Days::of(ask.plan().calendar()).date(ask.now)
}

/// A day of the body, which the route has checked.
fn day(ask: &Ask<'_>, field: &'static str) -> Result<Time, Fault> {
    Time::from_date(ask.text(field)).map_err(|_| Fault::field(field, "console.fault.not-date"))
}
fn maybe_day(ask: &Ask<'_>, field: &'static str) -> Result<Option<Time>, Fault> {
    if ask.text(field).trim().is_empty() { Ok(None) } else { day(ask, field).map(Some) }
}
