//! What changed between the two newest runs of a host.

use super::tabs;
use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::fault::Fault;
use crate::site::form;
use crate::site::frame::time;
use crate::site::parts;
use evidence::{Finding, Outcome, Say};
use judge::{Changed, Compared, Reweighed, Told};
use maud::{Markup, html};
use node::NodeError;
use report::Speech;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Judgements in which hosts are looked for.
const BACK: usize = 50;
/// Lines of one list; the rest is counted.
const LINES: usize = 50;

pub(super) fn page(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let node = ask.node();
    let judged = node.judgements(BACK)?;
    let hosts: BTreeSet<String> = judged.iter().flat_map(|j| j.hosts()).map(str::to_owned).collect();
    let newest = judged.iter().find_map(|j| j.hosts().into_iter().next().map(str::to_owned));
    let host = Some(ask.wanted("host").to_owned()).filter(|h| !h.is_empty()).or(newest).unwrap_or_default();
    let pair = match node.newest_pair_of(&host) {
        Ok(pair) => Some(pair),
        Err(NodeError::NothingToCompare) => None,
        Err(e) => return Err(e.into()),
    };
    let speech = Speech::new(ask.plan(), ask.lang);
    let choice: Vec<(&str, String)> = hosts.iter().map(|h| (h.as_str(), speech.text(h))).collect();
    let chooser = || html! { @if !choice.is_empty() { (form::filter(ask, form::choice("host", ask.t("console.exam.host"), &choice, &host))) } };
    let title = ask.t("console.exam.changes");
    let Some((before, after)) = pair else {
        let body = || html! { (tabs(ask)) (chooser()) (parts::empty(ask.t("console.exam.no-pair"), ask.t("console.exam.no-pair-hint"))) };
        return ask.page(
            title,
            body,
            || json!({"format": report::host::COMPARE_FORMAT, "host": host, "compared": null}),
        );
    };
    let compared = judge::compare(&before.judgement, &after.judgement);
    ask.page(
        title,
        || {
            let c = &compared;
            html! {
                (tabs(ask))
                (chooser())
                p { (speech.text(&host)) ": " (time(ask, before.judgement.as_of)) " → " (time(ask, after.judgement.as_of)) }
                @if c.other_plan { p { (parts::mark("warn", ask.t("compare.other-plan"))) } }
                (sums(ask, c))
                (changed(ask, speech, "compare.new", &c.new))
                (reweighed(ask, speech, "compare.worse", &c.worse))
                (changed(ask, speech, "compare.first-seen", &c.first_seen))
                (changed(ask, speech, "compare.unseen", &c.unseen))
                (told(ask, speech, "compare.blind", &c.blind))
                (changed(ask, speech, "compare.mended", &c.mended))
                (changed(ask, speech, "compare.approved", &c.approved))
                (reweighed(ask, speech, "compare.better", &c.better))
                (told(ask, speech, "compare.sighted", &c.sighted))
            }
        },
        || {
            let leaves = [before.leaf, after.leaf];
            serde_json::from_str(&report::host::compare_json(&compared, leaves, ask.plan())).unwrap_or(Value::Null)
        },
    )
}

fn sums(ask: &Ask<'_>, c: &Compared) -> Markup {
    let of = |n: usize| n.to_string();
    let all = c.new.len()
        + c.first_seen.len()
        + c.worse.len()
        + c.better.len()
        + c.approved.len()
        + usize::try_from(c.same).unwrap_or(0);
    let now = ask.say(&Say::new("console.exam.of-now").with("count", all));
    let tiles = [
        ("compare.new", of(c.new.len()), now.as_str()),
        ("compare.worse", of(c.worse.len()), &now),
        ("console.exam.same", c.same.to_string(), &now),
        ("compare.mended", of(c.mended.len()), ""),
        ("console.exam.gone-unseen", of(c.unseen.len()), ""),
        ("compare.blind", of(c.blind.len()), ""),
    ];
    html! { div.tiles { @for (key, value, of) in tiles { (parts::tile(ask.t(key), &value, of)) } } }
}

fn section(ask: &Ask<'_>, key: &str, count: usize, table: &Markup) -> Markup {
    html! {
        @if count > 0 {
            h2 { (ask.t(key)) " (" (count) ")" }
            (table)
            @if count > LINES { p.small { (ask.say(&Say::new("console.exam.more").with("count", count - LINES))) } }
        }
    }
}

fn outcome(ask: &Ask<'_>, o: Option<Outcome>) -> Markup {
    match o {
        Some(o) => parts::outcome(ask, o),
        None => html! { (ask.t("compare.not-asked")) },
    }
}

fn cells(ask: &Ask<'_>, speech: Speech<'_>, f: &Finding) -> Vec<Markup> {
    vec![
        parts::severity(ask, f.severity),
        html! { a href={ "/examination/findings/" (f.id.hex()) } { (super::list::title(ask, speech, f)) } },
        html! { (super::list::object(ask, f)) },
    ]
}

fn changed(ask: &Ask<'_>, speech: Speech<'_>, key: &str, list: &[Changed]) -> Markup {
    let heads = [
        ask.t("console.exam.severity"),
        ask.t("console.exam.finding"),
        ask.t("console.exam.object"),
        ask.t("console.exam.other-run"),
    ];
    let line = |c: &Changed| {
        let mut line = cells(ask, speech, &c.finding);
        line.push(outcome(ask, c.other));
        line
    };
    section(ask, key, list.len(), &parts::table(ask.t(key), &heads, list.iter().take(LINES).map(line).collect()))
}

fn reweighed(ask: &Ask<'_>, speech: Speech<'_>, key: &str, list: &[Reweighed]) -> Markup {
    let heads = [
        ask.t("console.exam.severity"),
        ask.t("console.exam.finding"),
        ask.t("console.exam.object"),
        ask.t("console.exam.before"),
    ];
    let line = |r: &Reweighed| {
        let mut line = cells(ask, speech, &r.finding);
        line.push(parts::severity(ask, r.before));
        line
    };
    section(ask, key, list.len(), &parts::table(ask.t(key), &heads, list.iter().take(LINES).map(line).collect()))
}

fn told(ask: &Ask<'_>, speech: Speech<'_>, key: &str, list: &[Told]) -> Markup {
    let heads = [ask.t("console.exam.check"), ask.t("console.exam.before"), ask.t("console.exam.after")];
    let line = |t: &Told| {
        vec![
            html! { (speech.check(&t.check, "title", &BTreeMap::new())) },
            outcome(ask, t.before),
            outcome(ask, t.after),
        ]
    };
    section(ask, key, list.len(), &parts::table(ask.t(key), &heads, list.iter().take(LINES).map(line).collect()))
}
