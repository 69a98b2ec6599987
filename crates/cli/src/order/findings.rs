//! `watchfire order findings`: what an order asks for - looked at, given or refused by the enterprise, opened by who asked.

use super::{kept, line};
use crate::args::{FindingsAct, Format, OrderSaid};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::Say;
use judge::{FindingsContent, ShownFinding};
use plan::{CheckedPlan, Days};
use report::{oversight as tables, words};
use serde_json::json;

pub(crate) fn run(
    face: &Face,
    order: &str,
    act: &FindingsAct,
    (reason, said): (&str, &OrderSaid),
) -> Result<u8, CliError> {
    let plan = face.plan()?;
    let author = said.author.as_deref();
    // Also for a look: pseudonyms are made with the node's own secret.
    let node = face.node()?;
    if act.preview {
        return preview(face, &plan, &node, order, said.format);
    }
    let file = node.order_file(order)?;
    if let Some(seen) = &act.give {
        let file = node.order_give(&plan, file, seen, author)?;
        return kept(face, &plan, &file, ("order_given", said.format));
    }
    if act.refuse {
        let file = node.order_withhold(&plan, file, reason, author)?;
        return kept(face, &plan, &file, ("order_withheld", said.format));
    }
    let (file, opened) = node.order_open(&plan, file, reason, author)?;
    if said.format == Format::Json {
        print_json(&json!({"order": file.id, "findings": opened.content, "doubts": opened.doubts}));
        return Ok(exit::DONE);
    }
    print(&line(face, &plan, &super::view(&plan, &file)?));
    show(face, &plan, &opened.content);
    for d in &opened.doubts {
        print(&face.say(&Say::new("cli.say.oversight_doubt").with("note", said_of(face, &plan, &d.say))));
    }
    print(&face.say(&Say::new("cli.say.order_read").with("order", &file.id)));
    Ok(exit::DONE)
}

fn preview(face: &Face, plan: &CheckedPlan, node: &node::Node, order: &str, format: Format) -> Result<u8, CliError> {
    let file = node.order_file(order)?;
    let preview = node.order_findings(plan, &file)?;
    if format == Format::Json {
        print_json(&json!({
            "order": file.id, "digest": preview.digest, "bytes": preview.bytes, "findings": preview.content,
        }));
        return Ok(exit::DONE);
    }
    print(&line(face, plan, &super::view(plan, &file)?));
    if let Some(w) = super::view(plan, &file)?.text.wants.as_ref() {
        print(&face.say(&super::wants(face, plan, w)));
    }
    show(face, plan, &preview.content);
    let say = Say::new("cli.say.order_would_leave").with("bytes", preview.bytes).with("digest", preview.digest);
    print(&face.say(&say));
    let say = Say::new("cli.say.order_decide").with("order", &file.id).with("digest", preview.digest.short());
    print(&face.say(&say));
    Ok(exit::DONE)
}

/// A doubt; scenarios are named as the plan names them.
fn said_of(face: &Face, plan: &CheckedPlan, say: &Say) -> String {
    let mut say = say.clone();
    if let Some(id) = say.with.get("scenario").cloned() {
        say = say.with("scenario", tables::planned(plan, face.lang, "scenario", &id));
    }
    words::say(face.lang, &say)
}

/// Every finding, as it stands in what leaves or came.
fn show(face: &Face, plan: &CheckedPlan, content: &FindingsContent) {
    let names = if content.names { "order_findings_names" } else { "order_findings_pseudonyms" };
    let at = Days::of(plan.calendar()).local(content.as_of);
    let say = Say::new("cli.say.order_findings").with("count", content.findings.len()).with("left", content.left_out);
    let say = say.with("time", at).with("report", content.report.short()).with("judgement", content.judgement.short());
    print(&face.say(&say));
    print(&face.say(&Say::new(format!("cli.say.{names}"))));
    for f in &content.findings {
        print(&face.say(&row(face, plan, f)));
        let cited: Vec<String> = f
            .evidence
            .iter()
            .map(|c| c.item.map_or_else(|| c.leaf.short(), |n| format!("{}#{n}", c.leaf.short())))
            .collect();
        if !cited.is_empty() {
            print(&face.say(&Say::new("cli.say.order_finding_shown").with("records", cited.join(", "))));
        }
    }
}

fn row(face: &Face, plan: &CheckedPlan, f: &ShownFinding) -> Say {
    let word = |key: &str| words::text(face.lang, key).to_owned();
    let mut state: Vec<String> = f.measures.iter().map(|s| word(&format!("finding-state.{}", s.name()))).collect();
    if f.approved && state.is_empty() {
        state.push(word("finding-state.approved"));
    }
    if state.is_empty() {
        state.push(word("finding-state.found"));
    }
    let or_none = |text: &str| if text.is_empty() { "–".to_owned() } else { attest::clean(text) };
    Say::new("cli.say.order_finding")
        .with("severity", f.severity.name())
        .with("check", attest::clean(f.check.as_str()))
        .with("title", tables::finding_title(plan, face.lang, f))
        .with("host", or_none(&f.host))
        .with("object", or_none(&f.object))
        .with("state", state.join(", "))
        .with("scenario", tables::planned(plan, face.lang, "scenario", f.scenario.as_str()))
}
