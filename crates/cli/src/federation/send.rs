//! `watchfire submit`, `outbox`, `receipts`: what goes to the level above, and what came back.

use super::{line_to, path_text, short};
use crate::args::{Format, Outbox, Receipts, Submit};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use console::said::{owed_json, preview_json, receipt_json, submitted_json};
use evidence::{NodeId, Say};
use node::{PACKAGE_BYTES_MAX, Preview, SubmitState, Submitted};
use report::words;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(crate) fn submit(face: &Face, a: &Submit) -> Result<u8, CliError> {
    let named = a.parent.as_deref();
    if a.preview {
        let preview = face.node_read_only()?.submit_preview(named, a.from)?;
        show_preview(face, &preview, a.format);
        return Ok(exit::DONE);
    }
    let node = face.node()?;
    if let Some(out) = &a.out {
        return files(face, &node, a, out);
    }
    if !a.answer.is_empty() {
        let mut last = None;
        for file in &a.answer {
            last = Some(node.submit_answer(named, &node::read(file, PACKAGE_BYTES_MAX as u64)?)?);
        }
        return Ok(last.map_or(exit::DONE, |done| told(face, &done, true, a.format)));
    }
    // Without a name to every parent that has an address.
    let parents: Vec<NodeId> = match named {
        Some(_) => vec![node.parent(named)?.node],
        None => node.parents()?.into_iter().map(|p| p.node).collect(),
    };
    if parents.is_empty() {
        node.parent(None)?;
    }
    let (mut code, mut rows) = (exit::DONE, Vec::new());
    for parent in parents {
        let line = line_to(face, &node, Some(parent.as_str()))?;
        let done = node.submit_and_ask(Some(parent.as_str()), a.from, &*line, &face.stop)?;
        match a.format {
            Format::Json => rows.push(submitted_json(&done)),
            Format::Text => drop(told(face, &done, false, a.format)),
        }
        code = code.max(code_of(&done));
    }
    if a.format == Format::Json {
        print_json(&json!({"submitted": rows}));
    }
    Ok(code)
}

fn code_of(done: &Submitted) -> u8 {
    if done.state == SubmitState::Equal { exit::DONE } else { exit::COULD_NOT }
}

/// "Root X at size N equals yours", or why not. `answered`: an answer was carried here.
fn told(face: &Face, done: &Submitted, answered: bool, format: Format) -> u8 {
    if format == Format::Json {
        print_json(&json!({"submitted": [submitted_json(done)]}));
        return code_of(done);
    }
    let say = |key: &str| {
        let say = Say::new(format!("cli.say.{key}")).with("name", &done.name).with("node", short(done.parent.as_str()));
        say.with("size", done.size).with("own", done.own).with("root", done.root).with("packages", done.packages)
    };
    let line = match &done.state {
        // Nobody was asked: what was acknowledged before is said as that.
        SubmitState::Equal if !answered && done.packages == 0 => face.say(&say("submit_unasked")),
        SubmitState::Equal => face.say(&say("submit_equal")),
        SubmitState::Refused(why) => face.say(&say("submit_refused").with("why", words::say(face.lang, why))),
        SubmitState::Unanswered(why) => face.say(&say("submit_unanswered").with("why", words::say(face.lang, why))),
        SubmitState::Differs => face.say(&say("submit_differs")),
        SubmitState::Stuck => face.say(&say("submit_short")),
        SubmitState::Stopped => face.say(&say("submit_stopped")),
    };
    print(&line);
    if done.orders.1 > 0 {
        print(&face.say(&Say::new("cli.say.submit_orders").with("new", done.orders.1)));
    }
    if done.orders.0 > 0 {
        print(&face.say(&Say::new("cli.say.submit_challenges").with("count", done.orders.0)));
    }
    code_of(done)
}

/// Packages to be carried: one file, or as many as there are packages.
fn files(face: &Face, node: &node::Node, a: &Submit, out: &Path) -> Result<u8, CliError> {
    let built = node.submit_files(a.parent.as_deref(), a.from)?;
    let mut rows = Vec::new();
    for (n, package) in built.iter().enumerate() {
        let path = numbered(out, n);
        node::write(&path, &package.bytes)?;
        if a.format == Format::Text {
            let say = Say::new("cli.say.submit_file").with("path", path_text(&path)).with("from", package.start);
            print(&face.say(&say.with("size", package.end).with("bytes", package.bytes.len())));
        }
        rows.push(
            json!({"file": path_text(&path), "start": package.start, "end": package.end, "bytes": package.bytes.len()}),
        );
    }
    match a.format {
        Format::Json => print_json(&json!({"files": rows})),
        Format::Text if built.is_empty() => print(&face.say(&Say::new("cli.say.submit_nothing"))),
        Format::Text => {}
    }
    Ok(exit::DONE)
}

/// `FILE`, `FILE-2`, `FILE-3`, …, before the ending.
fn numbered(out: &Path, n: usize) -> PathBuf {
    if n == 0 {
        return out.to_owned();
    }
    let mut name = out.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{}", n + 1));
    if let Some(ending) = out.extension() {
        name.push(".");
        name.push(ending);
    }
    out.with_file_name(name)
}

fn show_preview(face: &Face, p: &Preview, format: Format) {
    if format == Format::Json {
        print_json(&preview_json(p));
        return;
    }
    let say = Say::new("cli.say.preview").with("node", short(p.parent.as_str())).with("from", p.start);
    print(&face.say(&say.with("size", p.size).with("bytes", p.bytes)));
    print(&face.say(&Say::new("cli.say.preview_checkpoint")));
    print(&indented(&p.checkpoint));
    if let Some(plan) = &p.plan {
        print(&face.say(&Say::new("cli.say.preview_plan").with("digest", plan)));
    }
    for r in &p.records {
        let kind = serde_json::to_value(r.kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let say = Say::new("cli.say.preview_record").with("index", r.index).with("kind", kind);
        print(&face.say(&say.with("node", short(r.node.as_str())).with("count", r.artifacts.len())));
        print(&indented(&format!("{:#}", r.statement)));
    }
    print(&face.say(&Say::new("cli.say.preview_leaves").with("count", p.leaves_only)));
}

fn indented(text: &str) -> String {
    text.lines().map(|l| format!("    {}\n", report::harmless(l, usize::MAX, report::inert))).collect()
}

pub(crate) fn outbox(face: &Face, a: &Outbox) -> Result<u8, CliError> {
    let owed = face.node_read_only()?.outbox_view()?;
    if a.format == Format::Json {
        print_json(&json!({"outbox": owed.iter().map(owed_json).collect::<Vec<_>>()}));
        return Ok(exit::DONE);
    }
    for o in &owed {
        let at = |t: Option<evidence::Time>| t.map_or_else(|| "-".to_owned(), |t| t.to_string());
        let say = Say::new("cli.say.outbox").with("name", &o.name).with("node", short(o.parent.as_str()));
        let say = say.with("owed", o.size - o.acknowledged).with("size", o.acknowledged).with("at", at(o.answered));
        print(&face.say(&say));
        if o.differs {
            print(&face.say(&Say::new("cli.say.outbox_differs")));
        }
        if let Some(fault) = &o.fault {
            let say = Say::new("cli.say.outbox_fault").with("why", words::say(face.lang, fault));
            print(&face.say(&say.with("attempts", o.attempts).with("at", at(o.next))));
        }
    }
    if owed.is_empty() {
        print(&face.say(&Say::new("cli.say.outbox_none")));
    }
    Ok(exit::DONE)
}

pub(crate) fn receipts(face: &Face, a: &Receipts) -> Result<u8, CliError> {
    let node = face.node_read_only()?;
    if let Some(out) = &a.export {
        node::write(out, &node.receipts_file()?)?;
        face.tell(&Say::new("cli.say.receipts_exported").with("path", path_text(out)), a.format);
        return Ok(exit::DONE);
    }
    let kept = node.receipts()?;
    if a.format == Format::Json {
        print_json(&json!({"receipts": kept.iter().map(|(p, r)| receipt_json(p, r)).collect::<Vec<_>>()}));
        return Ok(exit::DONE);
    }
    for (parent, r) in &kept {
        let say = Say::new("cli.say.receipt").with("name", &parent.part.name).with("size", r.size);
        print(&face.say(&say.with("at", r.at).with("leaf", r.leaf.short())));
    }
    if kept.is_empty() {
        print(&face.say(&Say::new("cli.say.receipts_none")));
    }
    Ok(exit::DONE)
}
