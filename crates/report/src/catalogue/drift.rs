//! What changed between two catalogues, for people and for programs.

use super::{DRIFT_FORMAT, DriftInput, span};
use crate::Style;
use crate::clean::clean;
use crate::discover::bytes;
use crate::json::{Both, Texts, escape};
use crate::paper::{Ink, Paper};
use crate::view::{Own, Tongue};
use evidence::{Carrier, Digest, Filing, Span, Time};
use judge::{Change, ItemChange, KindDrift, Verdict};
use serde::Serialize;
use std::fmt::Display;

/// Items shown; the rest is counted.
const ROWS_MAX: usize = 40;

fn percent(c: &Change, tongue: Tongue<'_>) -> String {
    let bounds = match (c.percent_least, c.percent_most) {
        (least, Some(most)) if least == most => least.to_string(),
        (least, Some(most)) => format!("{least}–{most}"),
        (least, None) => format!("≥ {least}"),
    };
    tongue.f("report.data.percent", &[("n", &bounds)])
}

fn sizes(s: Span) -> String {
    match (s.known(), s.most) {
        (Some(n), _) => bytes(n),
        (None, Some(most)) => format!("{}–{}", bytes(s.least), bytes(most)),
        (None, None) => format!("≥ {}", bytes(s.least)),
    }
}

/// What became of the duty, in sentences.
fn result(input: &DriftInput<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let d = input.drift;
    let at = d.from.as_ref().map(|l| tongue.level(l)).unwrap_or_default();
    let bound = d.percent.unwrap_or(0);
    let mut out = Vec::new();
    match &d.due {
        Some(due) => {
            let until = due.until.map_or_else(|| tongue.t("drift.no-figure").to_owned(), Time::date);
            let name = tongue.plan_word(&format!("duty.{}.name", due.duty)).map_or_else(|| due.duty.clone(), clean);
            let with: [(&str, &dyn Display); 4] =
                [("duty", &name), ("until", &until), ("percent", &bound), ("level", &at)];
            out.push(tongue.f("drift.due", &with));
        }
        None if d.verdict() == Verdict::Possible => {
            out.push(tongue.f("drift.possible-due", &[("percent", &bound)]));
        }
        None => out.push(tongue.f("drift.none", &[("percent", &bound)])),
    }
    if d.proposals > 0 {
        out.push(tongue.f("drift.proposals", &[("count", &d.proposals), ("level", &at)]));
    }
    out
}

pub(crate) fn text(input: &DriftInput<'_>, tongue: Tongue<'_>, style: Style) -> String {
    let t = |key| tongue.t(key);
    let d = input.drift;
    let mut paper = Paper::new(tongue, style);
    paper.title(t("drift.title"));
    for (n, sentence) in result(input, tongue).iter().enumerate() {
        paper.para("", (n == 0).then_some(Ink::Bold), sentence);
    }
    paper.line("");
    let line = |time: Time, leaf: Digest| format!("{}  {}", crate::gather::instant(time), leaf.short());
    let filed = input.filed.map(|f| tongue.f("drift.filed", &[("date", &f.date.date())]));
    let before = std::iter::once(line(d.between.0, input.leaves.0)).chain(filed).collect();
    paper.pairs(
        "",
        &[
            crate::view::Labelled { label: t("drift.before").to_owned(), values: before },
            crate::view::Labelled {
                label: t("drift.after").to_owned(),
                values: vec![line(d.between.1, input.leaves.1)],
            },
        ],
    );
    paper.heading(t("drift.kinds"));
    if d.kinds.is_empty() {
        paper.para("  ", None, t("drift.no-kinds"));
    } else {
        let head = [
            (t("drift.kind"), false),
            (t("catalogue.assets"), true),
            (t("drift.records"), true),
            (t("drift.bytes"), true),
            (t("drift.verdict"), false),
        ];
        let row = |k: &KindDrift| {
            let both = |c: &Change, show: &dyn Fn(Span) -> String| {
                format!("{} → {}  {}", show(c.before), show(c.after), percent(c, tongue))
            };
            vec![
                format!("{} · {}", tongue.level(&k.level), tongue.category(&k.category)),
                format!("{} → {}", k.assets.0, k.assets.1),
                both(&k.records, &span),
                k.bytes.as_ref().map_or_else(|| "–".to_owned(), |b| both(b, &sizes)),
                tongue.code("drift", k.verdict().name()),
            ]
        };
        let rows: Vec<Vec<String>> = d.kinds.iter().map(row).collect();
        paper.table(&head, &rows);
    }
    paper.heading(&format!("{} ({})", t("drift.items"), d.items.len()));
    for item in d.items.iter().take(ROWS_MAX) {
        paper.para("  · ", None, &item_text(item, tongue));
    }
    paper.more("catalogue.more", d.items.len().saturating_sub(ROWS_MAX));
    paper.into_text()
}

fn item_text(item: &ItemChange, tongue: Tongue<'_>) -> String {
    let place = clean(&item.carrier.to_string());
    let key = match item.there {
        (false, _) => "drift.came",
        (_, false) => "drift.went",
        _ => {
            let field = |f: &judge::FieldChange| {
                let value = |v: &str| match (f.field, v) {
                    (_, "") => "–".to_owned(),
                    ("level", v) => tongue.level(&v.into()),
                    ("category", v) => tongue.category(&v.into()),
                    (_, v) => clean(v),
                };
                let name = field_name(f.field, tongue);
                format!("{name}{}{} → {}", tongue.t("report.label-join"), value(&f.before), value(&f.after))
            };
            let list: Vec<String> = item.fields.iter().map(field).collect();
            return format!("{place}{}{}", tongue.t("report.label-join"), list.join(tongue.t("report.value-join")));
        }
    };
    tongue.f(key, &[("place", &place)])
}

fn field_name(field: &str, tongue: Tongue<'_>) -> String {
    let word = tongue.plan_word(&format!("form.catalogue.field.{}", field.replace('_', "-")));
    word.map_or_else(|| tongue.t("catalogue.column.name").to_owned(), str::to_owned)
}

#[derive(Serialize)]
struct Out<'a> {
    format: &'static str,
    text: Texts,
    before: Side,
    after: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    filed: Option<&'a Filing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_percent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_level: Option<&'a str>,
    verdict: &'static str,
    kinds: Vec<Kind<'a>>,
    items: Vec<Item<'a>>,
    proposals: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Due<'a>>,
}

#[derive(Serialize)]
struct Side {
    leaf: Digest,
    as_of: Time,
}

#[derive(Serialize)]
struct Kind<'a> {
    level: &'a str,
    category: &'a str,
    assets_before: u64,
    assets_after: u64,
    records: ChangeOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<ChangeOut>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct ChangeOut {
    before: Span,
    after: Span,
    percent_least: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent_most: Option<u64>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: Digest,
    carrier: &'a Carrier,
    was_there: bool,
    is_there: bool,
    fields: Vec<Field<'a>>,
    text: Texts,
}

#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    before: &'a str,
    after: &'a str,
}

#[derive(Serialize)]
struct Due<'a> {
    duty: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
}

pub(crate) fn json(input: &DriftInput<'_>) -> String {
    let own = Own::default();
    let both = Both::new(input.plan, &own);
    let d = input.drift;
    let change = |c: &Change| ChangeOut {
        before: c.before,
        after: c.after,
        percent_least: c.percent_least,
        percent_most: c.percent_most,
        verdict: c.verdict.name(),
    };
    let kind = |k| -> Kind<'_> {
        let k: &KindDrift = k;
        Kind {
            level: k.level.as_str(),
            category: k.category.as_str(),
            assets_before: k.assets.0,
            assets_after: k.assets.1,
            records: change(&k.records),
            bytes: k.bytes.as_ref().map(change),
            verdict: k.verdict().name(),
        }
    };
    let item = |i| -> Item<'_> {
        let i: &ItemChange = i;
        let fields = i.fields.iter().map(|f| Field { field: f.field, before: &f.before, after: &f.after });
        Item {
            id: i.id,
            carrier: &i.carrier,
            was_there: i.there.0,
            is_there: i.there.1,
            fields: fields.collect(),
            text: both.say(|t| item_text(i, t)),
        }
    };
    let out = Out {
        format: DRIFT_FORMAT,
        text: both.say(|t| result(input, t).join(" ")),
        before: Side { leaf: input.leaves.0, as_of: d.between.0 },
        after: Side { leaf: input.leaves.1, as_of: d.between.1 },
        filed: input.filed,
        change_percent: d.percent,
        from_level: d.from.as_ref().map(evidence::LevelId::as_str),
        verdict: d.verdict().name(),
        kinds: d.kinds.iter().map(kind).collect(),
        items: d.items.iter().map(item).collect(),
        proposals: d.proposals,
        due: d.due.as_ref().map(|x| Due { duty: &x.duty, clock: x.clock.as_deref(), until: x.until }),
    };
    escape(&serde_json::to_string_pretty(&out).expect("texts, numbers and maps with text keys"))
}
