//! This node, its parents, what is owed to them, what would leave, and receipts.

use super::{links, part, short, tone};
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form;
use crate::site::frame::{encoded, time};
use crate::site::parts;
use crate::site::said::{owed_json, parent_json, preview_json, receipt_json, submitted_json};
use evidence::{NodeRole, Say};
use maud::{Markup, html};
use node::accounts::Act;
use node::{Calling, Owed, Parent, SubmitState, Submitted};
use serde_json::{Value, json};
use std::time::Duration;
use stdx::Stop;

/// How long a person waits at most for a parent's answer; what is not done by then is owed, and sent again.
const WAIT: Duration = Duration::from_secs(45);
/// Lines of a page.
const LINES: usize = 50;
/// Most bytes of a record that a preview shows; the API gives all of it.
const SHOWN_BYTES_MAX: usize = 4 << 10;
/// Most records whose fields a page of a preview shows.
const SHOWN_MAX: usize = 12;

pub(super) fn overview(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.site.node();
    let (own, parents, owed) = (node.part()?, node.parents()?, node.outbox_view()?);
    let members = node.members()?;
    let checkpoint = node.checkpoint_text()?;
    let above = own.as_ref().is_some_and(|p| p.role != NodeRole::Plant);
    ask.page(
        ask.t("console.place.nodes"),
        || {
            html! {
                (links(ask))
                h2 { (ask.t("console.nodes.this")) }
                @match &own {
                    Some(p) => p { (part(ask, p)) },
                    None => (parts::empty(ask.t("console.no-part"), "")),
                }
                dl.facts {
                    dt { (ask.t("console.nodes.id")) } dd { code { (node.id()) } }
                    dt { (ask.t("console.evidence.size")) } dd { (checkpoint.lines().nth(1).unwrap_or("0")) " " (ask.t("console.overview.leaves")) }
                    @if above { dt { (ask.t("console.nodes.members")) } dd { a href="/nodes/members" { (members.len()) } } }
                }
                (keys(ask))
                h2 { (ask.t("console.nodes.parents")) }
                @if parents.is_empty() {
                    (parts::empty(ask.t("console.nodes.no-parent"), if own.as_ref().is_some_and(|p| p.role == NodeRole::Ministry) { "" } else { ask.t("console.nodes.no-parent-hint") }))
                }
                @for p in &parents { (above_us(ask, p, owed.iter().find(|o| o.parent == p.node))) }
            }
        },
        || {
            json!({
                "node": node.id(), "part": own, "parents": parents.iter().map(parent_json).collect::<Vec<_>>(), "members": members.len(),
                "checkpoint": checkpoint, "outbox": owed.iter().map(owed_json).collect::<Vec<_>>(),
            })
        },
    )
}

/// The public keys of this node, past and present; what is secret of them is nowhere but in its home.
fn keys(ask: &Ask<'_>) -> Markup {
    let keys = ask.site.node().store().keys();
    html! {
        h2 { (ask.t("console.nodes.keys")) }
        p.small { (ask.t("console.nodes.keys-about")) " " code { "watchfire key" } }
        (parts::table(ask.t("console.nodes.keys"), &[ask.t("console.nodes.key-for"), "#", ask.t("console.nodes.key-id"), ask.t("console.state")],
            keys.known().iter().map(|k| vec![
                html! { (ask.word("console.nodes.key-role", k.role.name())) }, html! { (k.number) }, html! { code { (k.public.id()) } },
                if k.current { parts::mark("good", ask.t("console.nodes.key-signs")) } else { parts::mark("calm", ask.t("console.nodes.key-past")) },
            ]).collect()))
    }
}

fn above_us(ask: &Ask<'_>, p: &Parent, owed: Option<&Owed>) -> Markup {
    let at = |t: Option<evidence::Time>| t.map_or_else(|| html! { "–" }, |t| time(ask, t));
    html! {
        section.card {
            h3 { (part(ask, &p.part)) }
            dl.facts {
                dt { (ask.t("console.nodes.id")) } dd { code { (short(p.node.as_str())) } }
                dt { (ask.t("console.head.since")) } dd { (time(ask, p.since)) }
                dt { (ask.t("console.nodes.standing")) } dd { (parts::mark(tone(p.member.standing), &ask.word("member-standing", p.member.standing.name()))) }
                dt { (ask.t("console.nodes.address")) } dd { @match &p.address { Some(a) => code { (a) }, None => (ask.t("console.nodes.by-file")) } }
                @if let Some(o) = owed {
                    dt { (ask.t("console.nodes.owed")) } dd {
                        @let left = o.size - o.acknowledged;
                        (parts::mark(if left == 0 { "good" } else { "warn" }, &ask.say(&Say::new("console.nodes.owed-of").with("owed", left).with("size", o.size))))
                    }
                    dt { (ask.t("console.nodes.answered")) } dd { (at(o.answered)) }
                    @if o.differs { dt { (ask.t("console.state")) } dd { span.note { (parts::mark("bad", ask.t("console.nodes.differs"))) } } }
                    @if let Some(fault) = &o.fault {
                        dt { (ask.t("console.nodes.fault")) } dd {
                            span.note { (parts::mark("bad", &ask.say(fault))) }
                            p.small { (ask.say(&Say::new("console.nodes.attempts").with("count", o.attempts))) " " (at(o.next)) }
                        }
                    }
                }
            }
            @if ask.may(Act::SeeEvidence) { p { a href={ "/nodes/preview?parent=" (encoded(p.node.as_str())) } { (ask.t("console.nodes.preview")) } } }
            @if ask.may(Act::Submit) {
                @if p.address.is_some() { (form::button(ask, "/nodes/submit", &[("parent", p.node.as_str())], ask.t("console.nodes.submit"), "go")) }
                @else { p.small { (ask.t("console.nodes.carry")) " " code { "watchfire submit --out FILE" } } }
            }
        }
    }
}

/// The parent that was named; 64 digits name one, a name does too.
fn named(typed: &str) -> Option<&str> {
    Some(typed).filter(|t| !t.is_empty())
}

pub(super) fn preview(ask: &Ask<'_>) -> Result<Answer, Fault> {
    // Every field of every record that goes up: for whom the log is open as a whole.
    if !super::super::evidence::sees_all(ask)? {
        return Err(Fault::forbidden());
    }
    let p = ask.site.node().submit_preview(named(ask.wanted("parent")), None)?;
    let kind = |k: evidence::RecordKind| ask.word("console.kind", &super::super::evidence::name(k));
    ask.page(
        ask.t("console.nodes.preview"),
        || {
            html! {
                p { (ask.say(&Say::new("console.nodes.preview-about").with("node", short(p.parent.as_str())).with("from", p.start).with("size", p.size).with("bytes", p.bytes))) }
                h2 { (ask.t("console.evidence.checkpoint")) }
                pre.json tabindex="0" { (p.checkpoint) }
                @if let Some(plan) = &p.plan { p { (ask.t("console.plan.digest")) " " code { (plan) } } }
                h2 { (ask.t("console.nodes.preview-records")) " · " (p.records.len()) }
                @if p.records.is_empty() { (parts::empty(ask.t("console.nodes.preview-none"), "")) }
                @for r in p.records.iter().take(SHOWN_MAX) {
                    details {
                        summary { "#" (r.index) " " (kind(r.kind)) " · " (short(r.node.as_str())) " · " (ask.say(&Say::new("console.nodes.preview-files").with("count", r.artifacts.len()))) }
                        @let text = format!("{:#}", r.statement);
                        @let cut: String = text.chars().take(SHOWN_BYTES_MAX).collect();
                        pre.json tabindex="0" { (cut) }
                        @if cut.len() < text.len() { p.small { (ask.t("console.nodes.preview-cut")) } }
                    }
                }
                @if p.records.len() > SHOWN_MAX { p.small { (ask.say(&Say::new("console.nodes.preview-more").with("count", p.records.len() - SHOWN_MAX))) " " code { "watchfire submit --preview" } } }
                p { (ask.say(&Say::new("console.nodes.preview-leaves").with("count", p.leaves_only))) }
                @if ask.may(Act::Submit) { (form::button(ask, "/nodes/submit", &[("parent", p.parent.as_str())], ask.t("console.nodes.submit"), "go")) }
                p { a href="/nodes" { (ask.t("console.place.nodes")) } }
            }
        },
        || preview_json(&p),
    )
}

pub(super) fn submit(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let typed = named(ask.text("parent"));
    let parents: Vec<Parent> = match typed {
        Some(_) => vec![node.parent(typed)?],
        None => node.parents()?,
    };
    if parents.is_empty() {
        // Says that there is none.
        node.parent(None)?;
    }
    let stop = Stop::new();
    let timer = stop.clone();
    std::thread::spawn(move || {
        std::thread::sleep(WAIT);
        timer.request();
    });
    let mut done = Vec::new();
    for p in &parents {
        let Some(address) = &p.address else {
            return Err(Fault::field("parent", "error.no-address").with("name", &p.part.name));
        };
        let how = Calling { ca: p.ca.clone(), answer_within: WAIT, stop: stop.clone(), ..Calling::default() };
        let line = node::http_line_with(address, &how)?;
        done.push(node.submit_from(Some(p.node.as_str()), None, &*line, &stop)?);
    }
    ask.page(
        ask.t("console.nodes.submitted"),
        || {
            html! {
                @for d in &done { p { span.note { (outcome(ask, d)) } } }
                p { a href="/nodes" { (ask.t("console.place.nodes")) } }
            }
        },
        || json!({"submitted": done.iter().map(submitted_json).collect::<Vec<_>>()}),
    )
}

fn outcome(ask: &Ask<'_>, d: &Submitted) -> Markup {
    let say = |key: &str| {
        let say = Say::new(format!("cli.say.{key}")).with("name", &d.name).with("node", short(d.parent.as_str()));
        say.with("size", d.size).with("own", d.own).with("root", d.root).with("packages", d.packages)
    };
    let (tone, said) = match &d.state {
        SubmitState::Equal if d.packages == 0 => ("good", say("submit_unasked")),
        SubmitState::Equal => ("good", say("submit_equal")),
        SubmitState::Refused(why) => ("bad", say("submit_refused").with("why", ask.say(why))),
        SubmitState::Unanswered(why) => ("warn", say("submit_unanswered").with("why", ask.say(why))),
        SubmitState::Differs => ("bad", say("submit_differs")),
        SubmitState::Stuck => ("warn", say("submit_short")),
        SubmitState::Stopped => ("warn", say("submit_stopped")),
    };
    parts::mark(tone, &ask.say(&said))
}

pub(super) fn receipts(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let mut all = ask.site.node().receipts()?;
    all.sort_by(|a, b| b.1.size.cmp(&a.1.size).then(a.0.node.cmp(&b.0.node)));
    let total = all.len();
    // Keyset: from a size on downwards; receipts of one size stay together.
    if let Ok(after) = ask.wanted("after").parse::<u64>() {
        all.retain(|r| r.1.size < after);
    }
    let mut next = None;
    if all.len() > LINES {
        let last = all[LINES - 1].1.size;
        let end = all.iter().position(|r| r.1.size < last).unwrap_or(all.len());
        if end < all.len() {
            next = Some(last.to_string());
        }
        all.truncate(end);
    }
    ask.page(
        ask.t("console.nodes.receipts"),
        || {
            html! {
                (links(ask))
                p { (ask.t("console.nodes.receipts-about")) }
                @if total == 0 { (parts::empty(ask.t("console.nodes.no-receipts"), ask.t("console.nodes.no-receipts-hint"))) }
                @else {
                    p.links { a href="/nodes/receipts/download" { (ask.t("console.nodes.receipts-file")) } }
                    (parts::table(ask.t("console.nodes.receipts"), &[ask.t("console.nodes.parent"), ask.t("console.evidence.size"), ask.t("console.nodes.received"), ask.t("console.nodes.receipt-leaf")],
                        all.iter().map(|(p, r)| vec![html! { (p.part.name) }, html! { (r.size) }, time(ask, r.at), html! { code title=(r.leaf) { (r.leaf.short()) } }]).collect()))
                    (parts::next(ask, &[], next.as_deref()))
                }
            }
        },
        || {
            let rows: Vec<Value> = all.iter().map(|(p, r)| receipt_json(p, r)).collect();
            json!({"receipts": rows, "next": next})
        },
    )
}

/// The file that `watchfire verify --receipt` takes.
pub(super) fn receipts_file(ask: &Ask<'_>) -> Result<Answer, Fault> {
    Ok(Answer::File("application/json", "receipts.json".to_owned(), ask.site.node().receipts_file()?))
}
