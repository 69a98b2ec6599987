//! `watchfire order`: orders to enterprises, from issue to close, and from node to node.

mod findings;

use crate::args::{Format, MeasureFormat, OrderArgs, OrderSaid, OrderVerb};
use crate::error::{CliError, exit};
use crate::{CSV_MARK, Face, print, print_json};
use evidence::{FindingsWanted, PathText, Say, Time};
use judge::OrderView;
use node::{NewAnswer, NewOrder, NewWanted, Node, OrderFile};
use plan::{CheckedPlan, Days};
use report::{oversight as tables, words};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn run(face: &Face, a: &OrderArgs) -> Result<u8, CliError> {
    match &a.what {
        OrderVerb::Issue { uscc, basis, demand, because, days, document, wants, said } => {
            let (plan, node) = (face.plan()?, face.node()?);
            let since = wants.since.as_deref().map(|typed| day(&plan, typed)).transpose()?;
            let severity = wants.severity.map(Into::into);
            let wanted = NewWanted { scenarios: &wants.scenario, severity, since, most: wants.most };
            let new = NewOrder {
                uscc,
                basis,
                demand,
                reasons: because,
                working_days: *days,
                document: document.as_deref().map(node::document).transpose()?,
                wants: wants.findings.then_some(wanted),
                author: said.author.as_deref(),
            };
            let file = node.order_issue(&plan, new)?;
            let goes = if node.order_goes_by_line(&view(&plan, &file)?.text.uscc)? { "line" } else { "file" };
            if said.format == Format::Json {
                let mut shown = tables::order_json(&view(&plan, &file)?);
                shown["goes_by"] = json!(goes);
                print_json(&shown);
                return Ok(exit::DONE);
            }
            let key = if goes == "line" { "order_issued_line" } else { "order_issued" };
            kept(face, &plan, &file, (key, said.format))
        }
        OrderVerb::Receive { file, publisher, said } => match (file, publisher) {
            (Some(file), Some(publisher)) => receive(face, (file, publisher), said),
            _ => fetch(face, said.format),
        },
        OrderVerb::Findings { order, act, reason, said } => findings::run(face, order, act, (reason, said)),
        OrderVerb::Answer { order, says, document, paper, said } => {
            let documents = document.iter().map(|d| node::document(d)).collect::<Result<Vec<_>, _>>()?;
            let paper = paper.as_deref();
            say(face, (order, said), "order_answered", |node, plan, file, author| {
                let on_paper = paper.map(|typed| day(plan, typed)).transpose()?;
                Ok(node.order_answer(plan, file, NewAnswer { says, documents, on_paper, author })?)
            })
        }
        OrderVerb::Extend { order, days, reason, said } => {
            say(face, (order, said), "order_extended", |node, plan, file, author| {
                Ok(node.order_extend(plan, file, (*days, reason), author)?)
            })
        }
        OrderVerb::Examine { order, result, by, note, said } => {
            say(face, (order, said), "order_examined", |node, plan, file, author| {
                Ok(node.order_examine(plan, file, ((*result).into(), by.as_deref(), note), author)?)
            })
        }
        OrderVerb::Close { order, note, said } => {
            say(face, (order, said), "order_closed", |node, plan, file, author| {
                Ok(node.order_close(plan, file, note, author)?)
            })
        }
        OrderVerb::Withdraw { order, reason, said } => {
            say(face, (order, said), "order_withdrawn", |node, plan, file, author| {
                Ok(node.order_withdraw(plan, file, reason, author)?)
            })
        }
        OrderVerb::List { all, uscc, format } => list(face, (*all, uscc), *format),
        OrderVerb::Show { order, format } => {
            let file = face.node_read_only()?.order_file(order)?;
            show(face, &face.plan()?, &file, *format)
        }
        OrderVerb::Export { order, out, format } => {
            let node = face.node_read_only()?;
            let file = node.order_file(order)?;
            node::write(out, &node.order_export(&file)?)?;
            let shown = PathText::from_bytes(out.as_os_str().as_encoded_bytes());
            face.tell(&Say::new("cli.say.order_exported").with("order", &file.id).with("path", shown), *format);
            Ok(exit::DONE)
        }
    }
}

/// Writes one entry of an order down and shows what has become of it.
fn say(
    face: &Face,
    (order, said): (&str, &OrderSaid),
    key: &str,
    act: impl FnOnce(&Node, &CheckedPlan, OrderFile, Option<&str>) -> Result<OrderFile, CliError>,
) -> Result<u8, CliError> {
    let (plan, node) = (face.plan()?, face.node()?);
    let file = node.order_file(order)?;
    let file = act(&node, &plan, file, said.author.as_deref())?;
    kept(face, &plan, &file, (key, said.format))
}

fn kept(face: &Face, plan: &CheckedPlan, file: &OrderFile, (key, format): (&str, Format)) -> Result<u8, CliError> {
    show(face, plan, file, format)?;
    if format == Format::Text {
        print(&face.say(&Say::new(format!("cli.say.{key}")).with("order", &file.id)));
    }
    Ok(exit::DONE)
}

fn receive(face: &Face, (path, keys): (&Path, &Path), said: &OrderSaid) -> Result<u8, CliError> {
    let (plan, keys) = (face.plan()?, crate::verify::keys(keys)?.evidence);
    let took = face.node()?.order_receive(&plan, path, &keys, said.author.as_deref())?;
    show(face, &plan, &took.file, said.format)?;
    if said.format == Format::Text {
        let key = if took.new > 0 { "order_received" } else { "order_known" };
        let say = Say::new(format!("cli.say.{key}")).with("order", &took.file.id).with("node", &took.from);
        print(&face.say(&say.with("new", took.new).with("known", took.known)));
        if let Some(key) = &took.newer_key {
            print(&face.say(&Say::new("cli.say.newer_key").with("key", key)));
        }
    }
    Ok(exit::DONE)
}

/// Asks the parents over the line; then what is open here.
fn fetch(face: &Face, format: Format) -> Result<u8, CliError> {
    let node = face.node()?;
    if !node.parents()?.iter().any(|p| p.address.is_some()) {
        return Err(CliError::new(Say::new("error.order-no-line")));
    }
    let came = crate::challenge::ask(face, &node)?;
    match format {
        Format::Json => print_json(&json!({"new": came})),
        Format::Text => print(&face.say(&Say::new("cli.say.order_fetched").with("new", came))),
    }
    Ok(exit::DONE)
}

/// A day as it was typed, at its begin.
fn day(plan: &CheckedPlan, typed: &str) -> Result<Time, CliError> {
    let bad = || CliError::new(Say::new("error.bad-date").with("value", attest::clean(typed)));
    Days::of(plan.calendar()).read(typed).ok_or_else(bad)
}

fn view<'f>(plan: &CheckedPlan, file: &'f OrderFile) -> Result<OrderView<'f>, CliError> {
    // An entry may be dated a millisecond after now.
    let none = || CliError::new(Say::new("error.order-unknown").with("value", &file.id));
    file.view(plan, file.now()).ok_or_else(none)
}

/// An order on one line.
pub(crate) fn line(face: &Face, plan: &CheckedPlan, v: &OrderView<'_>) -> String {
    let days = Days::of(plan.calendar());
    let key = match (v.overdue, v.state.is_open()) {
        (true, _) => "cli.say.order_line_overdue",
        (false, true) => "cli.say.order_line",
        (false, false) => "cli.say.order_line_over",
    };
    let say = Say::new(key).with("order", v.order).with("uscc", &v.text.uscc).with("state", state(face, v));
    let say = say.with("basis", tables::planned(plan, face.lang, "basis", &v.text.basis));
    face.say(&say.with("due", tables::last_day(&days, v.due)))
}

fn state(face: &Face, v: &OrderView<'_>) -> String {
    words::text(face.lang, &format!("order-state.{}", v.state.name())).to_owned()
}

fn show(face: &Face, plan: &CheckedPlan, file: &OrderFile, format: Format) -> Result<u8, CliError> {
    let v = view(plan, file)?;
    if format == Format::Json {
        print_json(&tables::order_json(&v));
        return Ok(exit::DONE);
    }
    print(&line(face, plan, &v));
    let days = Days::of(plan.calendar());
    let or_none = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    let say = Say::new("cli.say.order_by").with("who", or_none(&v.text.issuer)).with("node", v.issuer);
    print(&face.say(&say.with("date", days.date(v.issued_at))));
    print(&face.say(&Say::new("cli.say.order_demand").with("demand", &v.text.demand)));
    for r in &v.text.reasons {
        let name = tables::planned(plan, face.lang, "reason", r);
        print(&face.say(&Say::new("cli.say.order_because").with("name", name)));
    }
    if let Some(w) = &v.text.wants {
        print(&face.say(&wants(face, plan, w)));
    }
    for s in &v.steps {
        let what = tables::order_step(plan, face.lang, s.what);
        let say = Say::new("cli.say.order_step").with("time", days.local(s.at)).with("what", what);
        print(&face.say(&say.with("leaf", s.leaf.short())));
    }
    if v.late() {
        print(&face.say(&Say::new("cli.say.order_late")));
    }
    for d in &v.doubts {
        print(&face.say(&Say::new("cli.say.oversight_doubt").with("note", words::say(face.lang, &d.say))));
    }
    Ok(exit::DONE)
}

/// What findings an order asks for, as a sentence.
fn wants(face: &Face, plan: &CheckedPlan, w: &FindingsWanted) -> Say {
    let any = words::text(face.lang, "cli.say.order_wants_any").to_owned();
    let scenarios: Vec<String> = w.scenarios.iter().map(|s| tables::planned(plan, face.lang, "scenario", s)).collect();
    let scenarios = if scenarios.is_empty() { any.clone() } else { scenarios.join(", ") };
    let least =
        w.severity.map_or(any.clone(), |s| words::text(face.lang, &format!("severity.{}", s.name())).to_owned());
    let since = w.since.map_or(any, |s| Days::of(plan.calendar()).date(s));
    let say = Say::new("cli.say.order_wants").with("scenarios", scenarios).with("least", least);
    say.with("since", since).with("most", w.most)
}

fn list(face: &Face, (all, uscc): (bool, &str), format: MeasureFormat) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let files = match face.node_read_only() {
        Ok(node) => node.order_files()?,
        Err(e) if e.no_log() => Vec::new(),
        Err(e) => return Err(e),
    };
    let code = uscc.trim().to_uppercase();
    let mut views: Vec<OrderView<'_>> = files.iter().filter_map(|f| f.view(&plan, f.now())).collect();
    views.retain(|v| (all || v.state.is_open()) && (code.is_empty() || v.text.uscc == code));
    views.sort_by(|a, b| (!a.overdue, a.due, a.order).cmp(&(!b.overdue, b.due, b.order)));
    match format {
        MeasureFormat::Json => {
            let orders: Vec<Value> = views.iter().map(tables::order_json).collect();
            print_json(&json!({"orders": orders}));
        }
        MeasureFormat::Csv => {
            print(&format!("{CSV_MARK}{}", tables::orders(&plan, face.lang, &views).csv()));
        }
        MeasureFormat::Text => {
            views.iter().for_each(|v| print(&line(face, &plan, v)));
            if views.is_empty() {
                print(&face.say(&Say::new("cli.say.order_none")));
            }
        }
    }
    Ok(exit::DONE)
}
