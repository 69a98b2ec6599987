//! The log: its newest checkpoint, its records, one record with its proof - and what checks that proof in the reader's own browser.

use crate::site::answer::Answer;
use crate::site::ask::Ask;
use crate::site::asset;
use crate::site::fault::Fault;
use crate::site::form;
use crate::site::frame::time;
use crate::site::parts;
use crate::site::route::{Gate, Route, Takes, get, may_be};
use evidence::{Digest, NodeRole, RecordKind, Say};
use maud::{Markup, html};
use node::accounts::Act;
use node::{Cited, LogLine, LoggedRecord};
use serde_json::{Value, json};

/// Lines of a page.
const LINES: u32 = 50;
/// Most bytes of a record that its page shows; larger ones are downloaded.
const SHOWN_BYTES_MAX: usize = 48 << 10;
/// Most links of a list.
const LINKS_MAX: usize = 50;

/// Names of all kinds of record, as a filter takes them.
const KINDS: &[&str] = &[
    "examination",
    "attestation",
    "judgement",
    "scope",
    "measure",
    "catalogue",
    "incident",
    "incident-judgement",
    "warning",
    "notice",
    "transfer",
    "transfer-judgement",
    "registry",
    "selection-judgement",
    "member",
    "receipt",
    "equivocation",
    "programme-report",
    "programme-entry",
    "roll",
    "progress-judgement",
    "training",
    "expert",
    "order",
    "challenge",
];

pub(crate) const ROUTES: &[Route] = &[
    get("/evidence", Gate::May(Act::SeeEvidence), list)
        .query(&[may_be("kind", Takes::OneOf(KINDS)), may_be("after", Takes::Whole(1, i64::MAX))]),
    get("/evidence/{leaf}", Gate::May(Act::SeeEvidence), one).noted(),
    get("/evidence/{leaf}/download/bundle", Gate::May(Act::SeeEvidence), bundle).noted(),
    get("/evidence/{leaf}/download/evidence", Gate::May(Act::SeeEvidence), file).noted(),
];

/// The name of a kind in records and words.
pub(super) fn name(kind: RecordKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn kind_named(name_: &str) -> Option<RecordKind> {
    RecordKind::ALL.iter().copied().find(|k| name(*k) == name_)
}

/// The whole log speaks of everybody: what records say is for those whose scope is everything that the node sees. Others see the hashes.
pub(super) fn sees_all(ask: &Ask<'_>) -> Result<bool, Fault> {
    let scope = &ask.who()?.scope;
    if scope.is_all() {
        return Ok(true);
    }
    let part = ask.site.node().part()?;
    // A plant's log speaks of the plant.
    Ok(part.is_some_and(|p| p.role == NodeRole::Plant && scope.covers(&p.uscc, Some(&p.area))))
}

fn at(leaf: &Digest) -> String {
    format!("/evidence/{}", leaf.hex())
}

fn value(line: &LogLine, all: bool) -> Value {
    let mut value = json!({"index": line.index, "leaf": line.leaf, "kind": line.kind, "at": line.at});
    if all {
        value["author"] = json!(line.author);
    }
    value
}

fn list(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let kind = kind_named(ask.wanted("kind"));
    let page = ask.site.node().log_page(kind, ask.wanted("after").parse().ok(), LINES)?;
    let all = sees_all(ask)?;
    let next = page.next.map(|n| n.to_string());
    let kinds: Vec<(&str, String)> = std::iter::once(("", ask.t("console.evidence.all-kinds").to_owned()))
        .chain(KINDS.iter().map(|k| (*k, ask.word("console.kind", k))))
        .collect();
    ask.page(
        ask.t("console.place.evidence"),
        || {
            html! {
                p { (ask.t("console.evidence.about")) }
                @if !all { p.note { (parts::mark("warn", ask.t("console.evidence.scoped"))) } }
                @match &page.checkpoint {
                    None => (parts::empty(ask.t("console.evidence.none"), ask.t("console.evidence.none-hint"))),
                    Some(c) => {
                        h2 { (ask.t("console.evidence.checkpoint")) }
                        dl.facts {
                            dt { (ask.t("console.evidence.size")) } dd { (c.size()) " " (ask.t("console.overview.leaves")) }
                            dt { (ask.t("console.evidence.root")) } dd { code { (c.root()) } }
                            dt { (ask.t("console.evidence.origin")) } dd { code { (c.log().origin()) } }
                            dt { (ask.t("console.evidence.log-key")) } dd { code { (c.log().vkey()) } }
                            dt { (ask.t("console.evidence.newest")) } dd { (newest(ask, &page.lines, kind.is_none())) }
                        }
                        details { summary { (ask.t("console.evidence.note")) } pre.json tabindex="0" { (c.note()) } }
                        h2 { (ask.t("console.evidence.records")) }
                        (form::filter(ask, form::choice("kind", ask.t("console.head.kind"), &kinds, ask.wanted("kind"))))
                        @if page.lines.is_empty() { (parts::empty(ask.t("console.evidence.none-of-kind"), "")) }
                        @else {
                            (parts::table(ask.t("console.evidence.records"), &["#", ask.t("console.head.kind"), ask.t("console.head.when"), ask.t("console.head.author"), ask.t("console.head.leaf")],
                                page.lines.iter().map(|l| vec![
                                    html! { (l.index) },
                                    html! { a href=(at(&l.leaf)) { (ask.word("console.kind", &name(l.kind))) } },
                                    l.at.map_or_else(|| html! { "–" }, |t| time(ask, t)),
                                    html! { @if !all { "–" } @else { (l.author.as_deref().unwrap_or("–")) } },
                                    html! { code title=(l.leaf) { (l.leaf.short()) } },
                                ]).collect()))
                            (parts::next(ask, &[("kind", ask.wanted("kind"))], next.as_deref()))
                            p.small { (ask.t("console.evidence.times")) }
                        }
                    }
                }
            }
        },
        || {
            let mut value = json!({
                "format": "watchfire-log-page-v1", "size": 0, "root": Digest::of(b""), "origin": null, "key": null, "checkpoint": null,
                "records": page.lines.iter().map(|l| value(l, all)).collect::<Vec<_>>(), "next": page.next,
            });
            if let Some(c) = &page.checkpoint {
                value["size"] = json!(c.size());
                value["root"] = json!(c.root());
                value["origin"] = json!(c.log().origin());
                value["key"] = json!(c.log().vkey());
                value["checkpoint"] = json!(c.note());
            }
            value
        },
    )
}

/// When the newest record was stated: a checkpoint itself names no time.
fn newest(ask: &Ask<'_>, lines: &[LogLine], whole: bool) -> Markup {
    match lines.first().and_then(|l| l.at) {
        Some(at) if whole && ask.wanted("after").is_empty() => time(ask, at),
        _ => html! { "–" },
    }
}

fn leaf(ask: &Ask<'_>) -> Result<Digest, Fault> {
    let text = ask.part("leaf");
    Digest::from_hex(text.strip_prefix("sha256:").unwrap_or(text)).map_err(|_| Fault::none())
}

fn found(ask: &Ask<'_>) -> Result<LoggedRecord, Fault> {
    if !sees_all(ask)? {
        return Err(Fault::forbidden());
    }
    ask.site.node().logged(leaf(ask)?)?.ok_or_else(Fault::none)
}

fn one(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let record = found(ask)?;
    let kind = name(record.line.kind);
    let title = format!("{} · {}", ask.word("console.kind", &kind), record.line.leaf.short());
    ask.page(
        &title,
        || shown(ask, &record),
        || {
            let cited = |all: &[Cited]| -> Vec<Value> {
                all.iter().map(|c| json!({"index": c.index, "leaf": c.leaf, "kind": c.kind})).collect()
            };
            let inclusion = &record.inclusion;
            let mut value = value(&record.line, true);
            value["format"] = json!("watchfire-record-v1");
            value["predicate"] = record.predicate.clone();
            value["envelope"] = json!(record.envelope);
            value["inclusion"] = json!({
                "size": inclusion.checkpoint.size(), "root": inclusion.checkpoint.root(), "path": inclusion.path,
                "checkpoint": inclusion.checkpoint.note(),
            });
            value["cites"] = json!(cited(&record.cites));
            value["cited_by"] = json!(cited(&record.cited_by));
            value["cited_by_looked_to"] = json!(record.looked_to);
            value
        },
    )
}

fn shown(ask: &Ask<'_>, record: &LoggedRecord) -> Markup {
    let line = &record.line;
    let here = at(&line.leaf);
    let text = format!("{:#}", record.predicate);
    let whole = text.len() <= SHOWN_BYTES_MAX;
    let checkpoint = &record.inclusion.checkpoint;
    let signature = record.envelope.signatures().first();
    html! {
        dl.facts {
            dt { (ask.t("console.evidence.index")) } dd { (line.index) " / " (checkpoint.size()) }
            dt { (ask.t("console.head.leaf")) } dd { code { (line.leaf) } }
            dt { (ask.t("console.head.when")) } dd { (line.at.map_or_else(|| html! { "–" }, |t| time(ask, t))) " " span.small { (ask.t("console.evidence.self-declared")) } }
            dt { (ask.t("console.head.author")) } dd { (line.author.as_deref().unwrap_or("–")) @if let Some(how) = record.predicate["author"]["authenticated"].get("how").and_then(Value::as_str) { " · " code { (how) } } }
            dt { (ask.t("console.evidence.key")) } dd { code { (signature.map_or("–", |s| s.keyid.as_str())) } }
        }
        p.links {
            a href={ (here) "/download/bundle" } { (ask.t("console.evidence.bundle")) }
            a href={ (here) "/download/evidence" } { (ask.t("console.evidence.file")) }
        }
        h2 { (ask.t("console.evidence.says")) }
        @if whole { pre.json #record tabindex="0" { (text) } }
        @else { (parts::empty(&ask.say(&Say::new("console.evidence.too-large").with("bytes", text.len())), ask.t("console.evidence.too-large-hint"))) }
        (verification(ask, &here, &line.leaf))
        h2 { (ask.t("console.evidence.cites")) }
        (links(ask, &record.cites, ask.t("console.evidence.cites-none")))
        h2 { (ask.t("console.evidence.cited-by")) }
        (links(ask, &record.cited_by, ask.t("console.evidence.cited-by-none")))
        @let looked = record.looked_to - line.index - 1;
        p.small { (ask.say(&Say::new("console.evidence.looked").with("looked", looked).with("later", checkpoint.size().max(record.looked_to) - line.index - 1))) }
        h2 { (ask.t("console.evidence.proof")) }
        dl.facts {
            dt { (ask.t("console.evidence.root")) } dd { code { (checkpoint.root()) } }
            dt { (ask.t("console.evidence.path")) } dd {
                @if record.inclusion.path.is_empty() { (ask.t("console.evidence.path-empty")) }
                @else { ol.path { @for hash in &record.inclusion.path { li { code { (hash) } } } } }
            }
            dt { (ask.t("console.evidence.payload-type")) } dd { code { (record.envelope.payload_type()) } }
        }
        details { summary { (ask.t("console.evidence.note")) } pre.json tabindex="0" { (checkpoint.note()) } }
    }
}

fn links(ask: &Ask<'_>, all: &[Cited], none: &str) -> Markup {
    html! {
        @if all.is_empty() { p.small { (none) } }
        @else {
            ul {
                @for c in all.iter().take(LINKS_MAX) {
                    li { "#" (c.index) " " a href=(at(&c.leaf)) { (ask.word("console.kind", &name(c.kind))) } " " code { (c.leaf.short()) } }
                }
            }
            @if all.len() > LINKS_MAX { p.small { (ask.say(&Say::new("console.evidence.more").with("count", all.len() - LINKS_MAX))) } }
        }
    }
}

/// The steps that the script goes through, in their order.
const STEPS: [&str; 8] = ["shape", "key", "signature", "shown", "leaf", "path", "agrees", "checkpoint"];

/// What the script needs: where the bundle is, the keys, and every sentence that it may say. Without it the page says how it is done by hand.
fn verification(ask: &Ask<'_>, here: &str, leaf: &Digest) -> Markup {
    let keys = ask.site.node().store().keys();
    let word = |key: &str| ask.t(&format!("console.verify.{key}"));
    html! {
        section #verify.card data-bundle={ (here) "/download/bundle" } data-leaf=(leaf.hex()) {
            h2 { (word("title")) }
            p { (word("about")) }
            noscript { p { (parts::mark("warn", word("no-script"))) } }
            p #verify-insecure hidden { (parts::mark("warn", word("insecure"))) }
            div #verify-go hidden {
                p { button #verify-page type="button" { (word("go")) } }
                p.field { label for="verify-file" { (word("other")) } input #verify-file type="file" accept=".json,application/json"; span.hint { (word("other-hint")) } }
            }
            ol.steps {
                @for step in STEPS {
                    li data-step=(step) {
                        (word(&format!("{step}.what"))) " "
                        span.verdict { (parts::mark("calm", word("not-yet"))) }
                        span.detail {}
                        span hidden data-say="good" { (word("good")) }
                        span hidden data-say="bad" { (word(&format!("{step}.bad"))) }
                        span hidden data-say="cannot" { (if step == "checkpoint" { word("checkpoint.cannot") } else if step == "shown" { word("shown.cannot") } else { word("skipped") }) }
                        span hidden data-say="skipped" { (word("skipped")) }
                    }
                }
            }
            p #verify-whole role="status" aria-live="polite" {
                span hidden data-whole="good" { (word("whole-good")) }
                span hidden data-whole="cannot" { (word("whole-cannot")) }
                span hidden data-whole="bad" { (word("whole-bad")) }
                span hidden data-whole="unread" { (word("unread")) }
            }
            p { (word("by-hand")) }
            pre.json tabindex="0" { "watchfire verify evidence-" (leaf.short()) ".json" }
            details {
                summary { (word("keys")) }
                p.small { (word("keys-about")) }
                ul {
                    @for key in keys.evidence_keys() { li { (word("evidence-key")) " " code data-evidence-key=(base64(key.spki_der())) { (key.id()) } } }
                    @for key in keys.log_keys() { li { (word("log-key")) " " code data-log-key=(base64(key.key().raw())) data-origin=(key.origin()) { (key.vkey()) } } }
                }
            }
            script src=(asset::VERIFY.address()) defer {}
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

/// The Sigstore bundle: the same bytes as `watchfire log bundle` prints.
fn bundle(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let leaf = found(ask)?.line.leaf;
    let bundle = ask.site.node().store().bundle(leaf).map_err(Fault::inside)?;
    let name = format!("bundle-{}.json", leaf.short());
    Ok(Answer::File("application/json", name, format!("{bundle:#}\n").into_bytes()))
}

/// The evidence that `watchfire verify` takes.
fn file(ask: &Ask<'_>) -> Result<Answer, Fault> {
    let leaf = found(ask)?.line.leaf;
    let bytes = ask.site.node().evidence_about(leaf, ask.plan())?;
    Ok(Answer::File("application/json", format!("evidence-{}.json", leaf.short()), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_record_can_be_asked_for_and_has_a_word() {
        let all: Vec<String> = RecordKind::ALL.iter().map(|k| name(*k)).collect();
        assert_eq!(all, KINDS);
        for lang in evidence::Lang::ALL {
            for kind in KINDS {
                assert!(report::words::find(lang, &format!("console.kind.{kind}")).is_some(), "{lang:?} {kind}");
            }
        }
    }
}
