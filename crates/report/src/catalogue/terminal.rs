//! The catalogue on a terminal: the list, one asset, what transfers would need.

use super::table::{basis, carrier, gaps, size};
use super::{CatalogueInput, span};
use crate::Style;
use crate::clean::clean;
use crate::gather::instant;
use crate::paper::{Ink, Paper};
use crate::view::{Labelled, Tongue};
use evidence::{Asset, AssetStanding, ListedTexts, Span};
use judge::{Need, TransferCounts};
use std::fmt::Display;

/// Assets shown of the list; the rest is counted.
const ROWS_MAX: usize = 30;
/// Doubts shown.
const DOUBTS_MAX: usize = 6;

/// The result in sentences.
pub(crate) fn result(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let assets: Vec<&Asset> = input.assets().collect();
    let count = |s: AssetStanding| assets.iter().filter(|a| a.standing == s).count();
    let all: [(&str, &dyn Display); 5] = [
        ("assets", &assets.len()),
        ("both", &count(AssetStanding::Both)),
        ("found", &count(AssetStanding::Found)),
        ("missing", &count(AssetStanding::Missing)),
        ("unseen", &count(AssetStanding::NotExamined)),
    ];
    let mut out = vec![tongue.f("catalogue.result.assets", &all)];
    let levels: Vec<String> = by_level(input, tongue).into_iter().map(|(l, n)| format!("{l} {n}")).collect();
    let proposed = assets.iter().filter(|a| a.level.proposed).count();
    let list = levels.join(tongue.t("report.list-join"));
    out.push(tongue.f("catalogue.result.levels", &[("levels", &list), ("proposed", &proposed)]));
    let none = Span::exact(0);
    let people = assets.iter().fold(none, |s, a| s.joined(a.people));
    let sensitive = assets.iter().fold(none, |s, a| s.joined(a.sensitive_people));
    out.push(tongue.f("catalogue.result.people", &[("people", &span(people)), ("sensitive", &span(sensitive))]));
    let differs = assets.iter().filter(|a| !a.differs.is_empty()).count();
    if differs > 0 {
        out.push(tongue.f("catalogue.result.differs", &[("count", &differs)]));
    }
    out
}

/// Assets by level, highest first.
pub(crate) fn by_level(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Vec<(String, u64)> {
    let count = |id: &evidence::LevelId| input.assets().filter(|a| a.level.level == *id).count() as u64;
    input.plan.levels().iter().rev().map(|l| (tongue.level(&l.id), count(&l.id))).collect()
}

/// Labels and values about the catalogue as a whole.
pub(crate) fn about(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Vec<Labelled> {
    let mut out: Vec<Labelled> = super::xlsx::origin(input, tongue)
        .into_iter()
        .map(|(label, value)| Labelled { label, values: vec![clean(&value)] })
        .collect();
    let roots: Vec<String> = input
        .catalogue
        .roots
        .iter()
        .map(|r| {
            let with: [(&str, &dyn Display); 3] =
                [("host", &clean(&r.host)), ("root", &clean(r.root.as_str())), ("time", &instant(r.ended))];
            tongue.f("catalogue.root-line", &with)
        })
        .collect();
    out.push(Labelled { label: tongue.t("catalogue.roots").to_owned(), values: roots });
    out
}

pub(crate) fn list(input: &CatalogueInput<'_>, tongue: Tongue<'_>, style: Style) -> String {
    let t = |key| tongue.t(key);
    let mut paper = Paper::new(tongue, style);
    paper.title(t("catalogue.title"));
    for (n, sentence) in result(input, tongue).iter().enumerate() {
        paper.para("", (n == 0).then_some(Ink::Bold), sentence);
    }
    paper.line("");
    paper.pairs("", &about(input, tongue));
    paper.heading(t("catalogue.assets"));
    let head = [
        (t("catalogue.column.carrier"), false),
        (t("report.data.level"), false),
        (t("catalogue.column.basis"), false),
        (t("catalogue.column.standing"), false),
        (t("catalogue.column.people-short"), true),
        (t("catalogue.column.id"), false),
    ];
    let row = |a: &Asset| {
        let people = if a.seen.is_some() { span(a.people) } else { "–".to_owned() };
        let basis = tongue.code("basis", a.level.basis.name());
        vec![
            clean(&carrier(a)),
            tongue.level(&a.level.level),
            if a.level.proposed { tongue.f("catalogue.only-proposed", &[("basis", &basis)]) } else { basis },
            tongue.code("standing", a.standing.name()),
            people,
            a.id.short(),
        ]
    };
    let assets: Vec<&Asset> = input.assets().collect();
    let rows: Vec<Vec<String>> = assets.iter().take(ROWS_MAX).map(|a| row(a)).collect();
    if rows.is_empty() {
        paper.para("  ", None, t("catalogue.empty"));
    } else {
        paper.table(&head, &rows);
    }
    paper.more("catalogue.more", assets.len().saturating_sub(ROWS_MAX));
    let doubts = &input.catalogue.doubts;
    if !doubts.is_empty() {
        paper.heading(&format!("{} ({})", t("report.doubts.heading"), doubts.len()));
        for d in doubts.iter().take(DOUBTS_MAX) {
            paper.para("  ? ", None, &tongue.say(&d.say));
        }
        paper.more("catalogue.more", doubts.len().saturating_sub(DOUBTS_MAX));
    }
    paper.heading(t("report.next.heading"));
    for text in next(input, tongue) {
        paper.para("  → ", Some(Ink::Green), &text);
    }
    paper.into_text()
}

/// What to do next.
pub(crate) fn next(input: &CatalogueInput<'_>, tongue: Tongue<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let proposed = input.assets().find(|a| a.level.proposed);
    if let Some(a) = proposed {
        let command = format!("watchfire catalogue confirm {} --level LEVEL --by NAME --document FILE", a.id.short());
        out.push(tongue.f("catalogue.next.confirm", &[("command", &command)]));
    }
    if input.assets().all(|a| a.listed.is_none()) {
        out.push(tongue.f("catalogue.next.import", &[("command", &"watchfire catalogue import TABLE --dry-run")]));
    }
    let filed = input.plan.duties().iter().find(|d| d.change_percent.is_some()).and_then(|d| d.level.as_ref());
    let from = filed.map(|l| format!(" --from {l}")).unwrap_or_default();
    let command = format!("watchfire catalogue export --format xlsx{from} --out DIR");
    out.push(tongue.f("catalogue.next.export", &[("command", &command)]));
    out
}

pub(crate) fn asset(a: &Asset, tongue: Tongue<'_>, style: Style) -> String {
    let mut paper = Paper::new(tongue, style);
    paper.title(&tongue.f("catalogue.asset", &[("id", &a.id.short())]));
    let mut pairs = Vec::new();
    let mut add = |key: &str, values: Vec<String>| {
        let values: Vec<String> = values.into_iter().filter(|v| !v.is_empty()).collect();
        if !values.is_empty() {
            pairs.push(Labelled { label: tongue.t(key).to_owned(), values });
        }
    };
    let listed = a.listed.as_ref();
    add("catalogue.column.name", vec![listed.map(|l| clean(&l.name)).unwrap_or_default()]);
    add("catalogue.column.carrier", vec![clean(&carrier(a)), tongue.code("carrier", a.carrier.kind.name())]);
    add("catalogue.column.standing", vec![tongue.code("standing", a.standing.name())]);
    let categories = a.categories.iter().filter(|c| **c != a.category).map(|c| tongue.category(c));
    add("report.data.category", std::iter::once(tongue.category(&a.category)).chain(categories).collect());
    add("report.data.level", vec![tongue.level(&a.level.level), basis(tongue, a)]);
    let proposal = a.level.proposal.as_ref().map(|p| tongue.level(p)).unwrap_or_default();
    add("catalogue.proposal", std::iter::once(proposal).chain(a.level.because.iter().map(|b| tongue.say(b))).collect());
    add("catalogue.column.differs", a.differs.iter().map(|d| tongue.say(d)).collect());
    add("catalogue.size", vec![size(tongue, a)]);
    if a.seen.is_some() {
        add("catalogue.column.people", vec![span(a.people)]);
        add("catalogue.column.sensitive", vec![span(a.sensitive_people)]);
    }
    add("catalogue.column.since", vec![a.since.map(instant).unwrap_or_default()]);
    add("catalogue.column.seen", vec![a.seen.map(instant).unwrap_or_default()]);
    add("catalogue.column.gaps", vec![gaps(tongue, a)]);
    let declared =
        |t: &Option<String>| t.as_ref().map_or_else(|| tongue.t("catalogue.not-declared").to_owned(), |t| clean(t));
    add("catalogue.column.site", vec![declared(&a.site)]);
    add("catalogue.column.country", vec![declared(&a.country)]);
    for field in ListedTexts::FIELDS {
        let word = tongue.plan_word(&format!("form.catalogue.field.{}", field.replace('_', "-")));
        if let Some(text) = listed.map(|l| l.texts.get(field)).filter(|t| !t.is_empty()) {
            pairs.push(Labelled { label: word.unwrap_or(field).to_owned(), values: vec![clean(text)] });
        }
    }
    paper.pairs("", &pairs);
    if !a.classes.is_empty() {
        paper.heading(tongue.t("catalogue.column.classes"));
        let t = |key| tongue.t(key);
        let head = [
            (t("report.data.class"), false),
            (t("report.data.category"), false),
            (t("report.data.files"), true),
            (t("report.data.hits"), true),
            (t("report.data.distinct"), true),
        ];
        let rows: Vec<Vec<String>> = a
            .classes
            .iter()
            .map(|c| {
                let distinct = if c.hits > 0 || c.columns > 0 { span(c.distinct) } else { "–".to_owned() };
                vec![
                    tongue.class(&c.class),
                    tongue.category(&c.category),
                    c.files.to_string(),
                    c.hits.to_string(),
                    distinct,
                ]
            })
            .collect();
        paper.table(&head, &rows);
    }
    paper.into_text()
}

/// A rule in words, or that none holds.
pub(crate) fn need(tongue: Tongue<'_>, need: Option<&Need>) -> String {
    need.map_or_else(
        || tongue.t("catalogue.transfers.no-rule").to_owned(),
        |n| {
            let word = |key: String| tongue.plan_word(&key).map_or_else(|| key.clone(), clean);
            format!(
                "{}{}{}",
                word(format!("need.{}.name", n.needs)),
                tongue.t("report.label-join"),
                word(format!("transfer.{}.name", n.rule))
            )
        },
    )
}

pub(crate) fn country(tongue: Tongue<'_>, code: &str) -> String {
    if code.is_empty() { tongue.t("catalogue.not-declared").to_owned() } else { clean(code) }
}

pub(crate) fn transfers(input: &CatalogueInput<'_>, tongue: Tongue<'_>, style: Style) -> String {
    let t = |key| tongue.t(key);
    let mut paper = Paper::new(tongue, style);
    paper.title(t("catalogue.transfers.heading"));
    paper.para("", None, t("catalogue.transfers.intro"));
    paper.line("");
    let (least, most) =
        (need(tongue, input.transfers.needs.0.as_ref()), need(tongue, input.transfers.needs.1.as_ref()));
    let values = if least == most {
        vec![least]
    } else {
        vec![
            tongue.f("catalogue.transfers.at-least", &[("need", &least)]),
            tongue.f("catalogue.transfers.at-most", &[("need", &most)]),
        ]
    };
    paper.pairs("", &[Labelled { label: t("catalogue.transfers.needs").to_owned(), values }]);
    paper.line("");
    let head = [
        (t("catalogue.column.country"), false),
        (t("catalogue.assets"), true),
        (t("catalogue.column.people"), true),
        (t("catalogue.column.sensitive"), true),
        (t("catalogue.transfers.important"), true),
        (t("catalogue.transfers.core"), true),
        (t("catalogue.column.since"), false),
    ];
    let row = |name: String, c: &TransferCounts| {
        vec![
            name,
            c.assets.to_string(),
            span(c.people),
            span(c.sensitive_people),
            c.important.to_string(),
            c.core.to_string(),
            c.since.map(evidence::Time::date).unwrap_or_default(),
        ]
    };
    let mut rows: Vec<Vec<String>> =
        input.transfers.by_country.iter().map(|(code, c)| row(country(tongue, code), c)).collect();
    rows.push(row(t("report.total").to_owned(), &input.transfers.all));
    paper.table(&head, &rows);
    if input.transfers.all.proposed > 0 {
        paper.line("");
        paper.para(
            "! ",
            Some(Ink::Yellow),
            &tongue.f("catalogue.transfers.proposed", &[("count", &input.transfers.all.proposed)]),
        );
    }
    paper.line("");
    paper.para("", Some(Ink::Dim), t("catalogue.transfers.note"));
    paper.into_text()
}
