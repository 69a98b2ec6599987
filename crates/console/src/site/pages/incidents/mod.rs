//! Incidents: the board, one incident with its grades and clocks, what people say of it, its forms.

mod act;
mod board;
mod forms;
mod one;
mod parts_of;

pub(super) use one::tier;

use crate::site::answer::DOCX;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form::PAPER;
use crate::site::route::{Field, Gate, Route, Takes, get, may_be, needed, post};
use evidence::Time;
use node::accounts::Act;
use node::{IncidentFile, NodeError};

const SEE: Gate = Gate::May(Act::SeeIncidents);
const MANAGE: Gate = Gate::May(Act::ManageIncidents);
/// An instant as people type it.
const AT: Field = may_be("at", Takes::Line(40));

const OPEN: &[Field] = &[
    needed("title", Takes::Line(200)),
    may_be("actors", Takes::Lines(20)),
    may_be("branches", Takes::Lines(20)),
    may_be("discovered", Takes::Line(40)),
    may_be("occurred", Takes::Line(40)),
    may_be("finding", Takes::Lines(20)),
    may_be("drill", Takes::Yes),
];
const TOLD: &[Field] = &[
    needed("clocks", Takes::Lines(50)),
    needed("to", Takes::Line(400)),
    may_be("by", Takes::Line(200)),
    needed("channel", Takes::OneOf(&["phone", "written", "form", "other"])),
    may_be("form", Takes::Line(100)),
    may_be("note", Takes::Text(20_000)),
    AT,
    PAPER[0],
    PAPER[1],
    PAPER[2],
];

pub(crate) const ROUTES: &[Route] = &[
    get("/incidents", SEE, board::page)
        .query(&[may_be("all", Takes::Yes), may_be("drill", Takes::Yes), may_be("after", Takes::Line(20))])
        .noted(),
    post("/incidents", MANAGE, OPEN, act::open),
    get("/incidents/{id}", SEE, one::page).noted(),
    get("/incidents/{id}/timeline", SEE, one::timeline).query(&[may_be("after", Takes::Line(64))]).noted(),
    post(
        "/incidents/{id}/facts",
        MANAGE,
        &[
            needed("dimension", Takes::Line(64)),
            needed("value", Takes::Line(100)),
            may_be("reason", Takes::Text(2_000)),
            AT,
        ],
        act::fact,
    ),
    post("/incidents/{id}/notes", MANAGE, &[needed("text", Takes::Text(20_000)), AT], act::note),
    post(
        "/incidents/{id}/moments",
        MANAGE,
        &[needed("moment", Takes::Line(64)), may_be("note", Takes::Text(2_000)), AT],
        act::moment,
    ),
    post("/incidents/{id}/told", MANAGE, TOLD, act::told),
    post(
        "/incidents/{id}/tasks",
        MANAGE,
        &[needed("text", Takes::Text(2_000)), may_be("owner", Takes::Line(200)), may_be("due", Takes::Line(40))],
        act::task,
    ),
    post(
        "/incidents/{id}/tasks/{number}",
        MANAGE,
        &[needed("state", Takes::OneOf(&["done", "dropped"]))],
        act::task_over,
    ),
    post(
        "/incidents/{id}/steps",
        MANAGE,
        &[needed("step", Takes::Line(64)), may_be("skipped", Takes::Yes), may_be("note", Takes::Text(2_000)), AT],
        act::step,
    ),
    post(
        "/incidents/{id}/close",
        MANAGE,
        &[needed("lessons", Takes::Text(20_000)), may_be("anyway", Takes::Text(2_000))],
        act::close,
    ),
    post("/incidents/{id}/reopen", MANAGE, &[needed("reason", Takes::Text(2_000))], act::reopen),
    post(
        "/incidents/{id}/forms",
        MANAGE,
        &[
            needed("form", Takes::Line(64)),
            may_be("how", Takes::OneOf(&["draft", "next", "amend"])),
            may_be("field", Takes::Line(64)),
            may_be("value", Takes::Text(20_000)),
        ],
        forms::draft,
    ),
    get("/incidents/{id}/forms/{form}/{number}", SEE, forms::one)
        .query(&[may_be("as", Takes::OneOf(&["html", "docx", "json"]))])
        .gives(&["application/json", "text/html", DOCX])
        .noted(),
    post(
        "/incidents/{id}/forms/{form}/{number}",
        MANAGE,
        &[
            needed("step", Takes::OneOf(&["reviewed", "frozen", "printed", "sealed", "voided"])),
            may_be("reason", Takes::Line(2_000)),
            may_be("signatory", Takes::Line(200)),
            may_be("code", Takes::Line(40)),
            PAPER[0],
            PAPER[1],
            PAPER[2],
        ],
        forms::step,
    ),
];

/// The incident that is meant, to add to it.
fn writing(ask: &Ask<'_>) -> Result<IncidentFile, Fault> {
    ask.node().incident_for_writing(ask.part("id")).map_err(|e| match e {
        NodeError::Entry(_) => Fault::none(),
        other => other.into(),
    })
}

/// The instant in a field; now, if nothing was typed.
fn instant(ask: &Ask<'_>, name: &'static str) -> Result<Time, Fault> {
    match ask.text(name).trim() {
        "" => Ok(node::now()),
        typed => node::instant(ask.plan(), typed).map_err(|e| Fault { field: Some(name), ..Fault::from(e) }),
    }
}
