//! What changes something about transfers: each is one call of the node.

use super::{day, maybe_day, tabs};
use crate::site::answer::Answer;
use crate::site::ask::{Ask, Face};
use crate::site::fault::Fault;
use crate::site::form;
use crate::site::parts;
use evidence::{AuthorityRequest, Decided, Grant, Granted, Provided, RequestMoved, RequestStep, Say, Span};
use maud::html;
use serde_json::json;

/// The member of a family by its name; the route has checked that it is one.
fn member<T: Copy>(all: &[T], name: fn(T) -> &'static str, field: &'static str, typed: &str) -> Result<T, Fault> {
    let bad = || Fault::field(field, "console.fault.not-one-of").with("name", field);
    all.iter().copied().find(|t| name(*t) == typed).ok_or_else(bad)
}

pub(super) fn add(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let typed = |field: &str| match field {
        "assets" | "hosts" | "holds" => ask.texts(field).join("; "),
        "cii" | "disjoint" => if ask.yes(field) { "yes" } else { "" }.to_owned(),
        known if super::ADD.iter().any(|f| f.name == known) => ask.text(field).to_owned(),
        _ => String::new(),
    };
    let (row, leaf) = ask.node().transfer_add(ask.plan(), &typed, form::paper_of(ask)?, None)?;
    let value = json!({"flow": row.flow, "counted": row.counted, "record": leaf});
    ask.done(&format!("/transfers/flows/{}", row.flow.id), "transfer-kept", value)
}

pub(super) fn assess(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let (_, judgement, leaf) = ask.node().transfer_assess(ask.plan())?;
    ask.done("/transfers", "transfer-judged", json!({"judgement": judgement, "record": leaf}))
}

/// A table that was put into the page. What came of it is shown at once: bad rows by number and reason, good ones counted.
pub(super) fn table(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let name = Some(ask.text("name").trim()).filter(|n| !n.is_empty()).unwrap_or("table.csv");
    let got = ask.node().transfer_import_text(ask.plan(), (name, ask.text("table").as_bytes()), None)?;
    let bad: Vec<_> = got.read.bad.iter().map(|b| json!({"row": b.row, "say": b.say})).collect();
    let value = json!({
        "record": got.leaf, "rows": got.read.rows.len(), "same": got.same, "left_out": bad, "left_out_count": got.read.left_out, "unused": got.read.unused,
    });
    if let (Face::Api, true, Some(first)) = (ask.face, got.read.rows.is_empty(), got.read.bad.first()) {
        let fault = Fault::field("table", "console.transfer.no-good-row").with("count", got.read.bad.len());
        return Err(fault.with("row", first.row).with("because", ask.say(&first.say)));
    }
    let heads = [ask.t("console.transfer.row"), ask.t("console.head.reason")];
    ask.page(
        ask.t("console.transfer.brought"),
        || {
            let taken = got.read.rows.len() - got.same;
            html! {
                (tabs(ask))
                @if got.leaf.is_some() { p { (parts::mark("good", &ask.say(&Say::new("console.transfer.taken").with("count", taken)))) } }
                @else { p { (parts::mark("warn", ask.t("console.transfer.nothing-taken"))) } }
                @if got.same > 0 { p { (ask.say(&Say::new("cli.say.transfer_same").with("count", got.same))) } }
                @if !got.read.unused.is_empty() { p { (ask.say(&Say::new("cli.say.transfer_unused").with("columns", got.read.unused.join(", ")))) } }
                @if !got.read.bad.is_empty() {
                    h2 { (ask.t("console.transfer.left-out")) " (" (got.read.left_out) ")" }
                    (parts::table(ask.t("console.transfer.left-out"), &heads, got.read.bad.iter().take(200).map(|b| vec![html! { (b.row) }, html! { (ask.say(&b.say)) }]).collect()))
                }
                p { a href="/transfers" { (ask.t("console.transfer.back")) } }
            }
        },
        || value,
    )
}

fn people(ask: &Ask<'_>, field: &'static str) -> Result<Span, Fault> {
    let typed = Some(ask.text(field).trim()).filter(|t| !t.is_empty()).unwrap_or("0");
    Ok(node::people_said(typed)?)
}

fn back(ask: &Ask<'_>) -> String {
    format!("/transfers/flows/{}", ask.part("id"))
}

/// The flow or request of the path, which must be there under exactly this id.
fn known(ask: &Ask<'_>, request: bool) -> Result<String, Fault> {
    let (register, id) = (ask.node().transfer_register()?, ask.part("id"));
    let there = if request { register.requests.contains_key(id) } else { register.flows.contains_key(id) };
    if there { Ok(id.to_owned()) } else { Err(Fault::none()) }
}

pub(super) fn count(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let flow = known(ask, false)?;
    let people = (people(ask, "personal")?, people(ask, "sensitive")?);
    let when = (ask.whole("year"), maybe_day(ask, "as_of")?);
    let (counted, leaf) = ask.node().transfer_count(ask.plan(), &flow, people, when, None)?;
    ask.done(&back(ask), "transfer-said", json!({"counted": counted, "record": leaf}))
}

pub(super) fn decide(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let decided = Decided {
        flows: vec![known(ask, false)?],
        grant: member(Grant::ALL, Grant::name, "grant", ask.text("grant"))?,
        outcome: member(Granted::ALL, Granted::name, "outcome", ask.text("outcome"))?,
        number: ask.text("number").to_owned(),
        since: day(ask, "since")?,
        until: maybe_day(ask, "until")?,
        document: form::paper_of(ask)?,
    };
    let (decided, leaf) = ask.node().transfer_decide(decided, None)?;
    ask.done(&back(ask), "transfer-said", json!({"decided": decided, "record": leaf}))
}

pub(super) fn end(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let flow = known(ask, false)?;
    let (flow, leaf) = ask.node().transfer_end(&flow, day(ask, "at")?, ask.text("reason"), None)?;
    ask.done(&back(ask), "transfer-said", json!({"ended": flow, "record": leaf}))
}

pub(super) fn request(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let request = AuthorityRequest {
        id: String::new(),
        authority: ask.text("authority").to_owned(),
        country: ask.text("country").to_owned(),
        asked: ask.text("asked").to_owned(),
        basis: ask.text("basis").to_owned(),
        received: day(ask, "received")?,
        document: form::paper_of(ask)?,
    };
    let (request, leaf) = ask.node().transfer_request(request, None)?;
    ask.done("/transfers/requests", "transfer-said", json!({"request": request, "record": leaf}))
}

pub(super) fn step(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let moved = RequestMoved {
        request: known(ask, true)?,
        step: member(RequestStep::ALL, RequestStep::name, "step", ask.text("step"))?,
        at: day(ask, "at")?,
        document: form::paper_of(ask)?,
        note: ask.text("note").to_owned(),
    };
    let (moved, leaf) = ask.node().transfer_request_move(moved, None)?;
    ask.done("/transfers/requests", "transfer-said", json!({"moved": moved, "record": leaf}))
}

pub(super) fn provided(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let provided = Provided {
        id: String::new(),
        flow: ask.text("flow").trim().to_owned(),
        recipient: ask.text("recipient").to_owned(),
        data: ask.text("data").to_owned(),
        purpose: ask.text("purpose").to_owned(),
        entrusted: ask.yes("entrusted"),
        at: day(ask, "at")?,
        contract: form::paper_of(ask)?,
    };
    let (provided, leaf) = ask.node().transfer_provided(provided, None)?;
    ask.done("/transfers/provided", "transfer-said", json!({"provided": provided, "record": leaf}))
}
