//! Self-examination: where this node stands, what was found, what nobody looked at, what is done about it, and what people have still to answer.

mod answers;
mod assessment;
mod changes;
mod finding;
mod list;
mod measures;
mod risk;
mod scope;

use crate::site::ask::Ask;
use crate::site::form::PAPER;
use crate::site::parts;
use crate::site::route::{Faces, Field, Gate, Route, Takes, get, may_be, needed, post};
use maud::Markup;
use node::accounts::Act;

/// Lines of a page.
const LINES: usize = 50;
/// Severities by name, for filters.
const SEVERITIES: &[&str] = &["critical", "high", "medium", "low"];
/// What of a judgement is listed: findings that stand, those that an exception answers, or checks by their outcome.
const OUTCOMES: &[&str] = &["fail", "approved", "cannot-tell", "pass", "not-applicable"];
const SEE: Gate = Gate::May(Act::SeeExamination);
const KINDS: &[&str] = &["host", "share", "database", "control-network", "person"];

const ADD: &[Field] = &[
    needed("finding", Takes::Lines(1_000)),
    needed("kind", Takes::OneOf(&["measure", "exception"])),
    needed("action", Takes::Text(2_000)),
    needed("owner", Takes::Line(200)),
    may_be("deputy", Takes::Line(200)),
    needed("until", Takes::Date),
    may_be("approver", Takes::Line(200)),
    may_be("since", Takes::Date),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];
const CHANGE: &[Field] = &[
    needed("action", Takes::Text(2_000)),
    needed("owner", Takes::Line(200)),
    may_be("deputy", Takes::Line(200)),
    needed("until", Takes::Date),
];
const STATE: &[Field] =
    &[needed("state", Takes::OneOf(&["running", "done", "verified", "withdrawn"])), PAPER[0], PAPER[1], PAPER[2]];
const ANSWER: &[Field] = &[
    needed("fulfilled", Takes::OneOf(&["yes", "no"])),
    needed("effective", Takes::Date),
    needed("approver", Takes::Line(200)),
    PAPER[0],
    PAPER[1],
    PAPER[2],
];

pub(crate) const ROUTES: &[Route] = &[
    get("/examination", SEE, list::page)
        .query(&[
            may_be("run", Takes::Line(64)),
            may_be("scenario", Takes::Line(64)),
            may_be("severity", Takes::OneOf(SEVERITIES)),
            may_be("outcome", Takes::OneOf(OUTCOMES)),
            may_be("host", Takes::Line(255)),
            may_be("after", Takes::Line(400)),
        ])
        .noted(),
    get("/examination/findings/{id}", SEE, finding::one).noted(),
    get("/examination/changes", SEE, changes::page).query(&[may_be("host", Takes::Line(255))]).noted(),
    get("/examination/measures", SEE, measures::list)
        .query(&[may_be("show", Takes::OneOf(&["open", "late", "all"])), may_be("after", Takes::Line(20))])
        .noted(),
    post("/examination/measures", Gate::May(Act::Assign), ADD, measures::add),
    get("/examination/measures/{id}", SEE, measures::one).noted(),
    post("/examination/measures/{id}", Gate::May(Act::Assign), CHANGE, measures::change),
    post("/examination/measures/{id}/state", Gate::May(Act::Assign), STATE, measures::state),
    get("/examination/answers", SEE, answers::list),
    get("/examination/answers/{check}", SEE, answers::one),
    post("/examination/answers/{check}", Gate::May(Act::Answer), ANSWER, answers::say),
    get("/examination/assessment", SEE, assessment::page).noted(),
    post("/examination/assessment", Gate::May(Act::Answer), assessment::WRITE, assessment::write),
    get("/examination/assessment/file", SEE, assessment::file)
        .query(&[needed("as", Takes::OneOf(assessment::KINDS))])
        .on(Faces::Console)
        .noted(),
    get("/examination/scope", SEE, scope::list).query(&[may_be("after", Takes::Line(400))]).noted(),
    post(
        "/examination/scope",
        Gate::May(Act::Answer),
        &[
            needed("kind", Takes::OneOf(KINDS)),
            needed("id", Takes::Line(300)),
            may_be("label", Takes::Line(200)),
            may_be("site", Takes::Line(200)),
            may_be("country", Takes::Line(10)),
        ],
        scope::add,
    ),
];

fn tabs(ask: &Ask<'_>) -> Markup {
    parts::tabs(
        ask,
        &[
            ("/examination", "console.exam.tab-findings"),
            ("/examination/changes", "console.exam.tab-changes"),
            ("/examination/measures", "console.exam.tab-measures"),
            ("/examination/answers", "console.exam.tab-answers"),
            ("/examination/scope", "console.exam.tab-scope"),
            ("/examination/assessment", "console.exam.tab-assessment"),
        ],
    )
}
