//! The JSON face of what was found. The rules are those of the report: ids and codes, texts in both languages, exact
//! values, no `null`. The schema is `docs/specs/discover-v1.schema.json`.

use super::found::{Found, Sum, band};
use super::{DISCOVER_FORMAT, found, view};
use crate::Input;
use crate::json::{Both, DoubtOut, Proof, Run, Said, Texts, doubt, escape, proof, run};
use crate::view::Own;
use evidence::{
    Band, Bands, Body, ColumnVerdict, Coverage, Digest, FormatTold, Gap, Hits, Measured, Place, PlanRef, Spot, Time,
    Why,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Places named of one content; all of them stand in `files`.
const PLACES_MAX: usize = 100;

#[derive(Serialize)]
struct Discovered<'a> {
    format: &'static str,
    program: &'a str,
    generated: Time,
    judge: &'a str,
    as_of: Time,
    plan: &'a PlanRef,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    examination: Option<Run<'a>>,
    scope_declared: bool,
    coverage: &'a [Coverage],
    trees: Vec<Tree<'a>>,
    classes: Vec<Class<'a>>,
    files: Vec<File<'a>>,
    copies: Vec<Copies<'a>>,
    columns: Vec<Column<'a>>,
    contents: Vec<Content<'a>>,
    measured: Vec<&'a Measured>,
    gaps: Vec<GapOut<'a>>,
    doubts: Vec<DoubtOut<'a>>,
    proof: Proof<'a>,
}

#[derive(Serialize)]
struct Summary {
    text: Texts,
    files: u64,
    folders: u64,
    bytes: u64,
    hits: Bands,
    levels: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Tree<'a> {
    what: &'a str,
    counts: &'a BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Class<'a> {
    class: &'a str,
    class_name: Texts,
    root: &'a str,
    files: u64,
    hits: Bands,
    distinct: u64,
    distinct_is_floor: bool,
    columns: u64,
    contents: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    graded: Option<Graded<'a>>,
}

#[derive(Serialize)]
struct Graded<'a> {
    category: &'a str,
    category_name: Texts,
    level: &'a str,
    level_name: Texts,
    proposed: bool,
    because: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    id: String,
    class: &'a str,
    at: &'a Place,
    band: Band,
    hits: Bands,
    distinct: u64,
    samples: Vec<Sample<'a>>,
}

/// One content in several places. Of very many the first are named.
#[derive(Serialize)]
struct Copies<'a> {
    content: String,
    count: usize,
    places: Vec<&'a str>,
}

#[derive(Serialize)]
struct Sample<'a> {
    id: String,
    spot: &'a Spot,
    mask: &'a str,
    keyed: String,
    confidence: u8,
    band: Band,
    #[serde(skip_serializing_if = "<[Why]>::is_empty")]
    why: &'a [Why],
}

#[derive(Serialize)]
struct Column<'a> {
    id: String,
    class: &'a str,
    at: &'a Place,
    column: &'a str,
    verdict: ColumnVerdict,
    confidence: u8,
    band: Band,
    sampled: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    filled: u64,
    whole: u64,
    holding: u64,
    distinct: u64,
    header: bool,
}

#[derive(Serialize)]
struct Content<'a> {
    id: String,
    format: &'a str,
    class: &'a str,
    at: &'a Place,
    how: FormatTold,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

#[derive(Serialize)]
struct GapOut<'a> {
    what: &'a str,
    reason: &'static str,
    reason_name: Texts,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a Place>,
}

/// The whole text.
pub(crate) fn render(input: &Input<'_>) -> String {
    let own = Own::of(input.items);
    let both = Both::new(input.plan, &own);
    let found = Found::of(input);
    let text = serde_json::to_string_pretty(&discovered(input, &found, &both));
    escape(&text.expect("texts, numbers and maps with text keys"))
}

fn discovered<'a>(input: &'a Input<'_>, found: &Found<'a>, both: &Both<'_>) -> Discovered<'a> {
    let j = input.judgement;
    let measured = input.items.iter().filter_map(|i| match &i.body {
        Body::Measured(m) => Some(m),
        _ => None,
    });
    Discovered {
        format: DISCOVER_FORMAT,
        program: input.program,
        generated: input.generated,
        judge: &j.judge,
        as_of: j.as_of,
        plan: &j.plan,
        summary: summary(input, found, both),
        examination: input.examination.map(run),
        scope_declared: j.coverage.iter().any(|c| c.declared > 0),
        coverage: &j.coverage,
        trees: found.covered.iter().map(|c| Tree { what: &c.what, counts: &c.counts }).collect(),
        classes: found.sums().into_iter().map(|s| class(both, &s)).collect(),
        files: found.files.iter().map(|h| file(h)).collect(),
        copies: found.copies().into_iter().map(|c| copies(&c)).collect(),
        columns: found.columns.iter().map(|c| column(c)).collect(),
        contents: found.contents.iter().map(|c| content(c)).collect(),
        measured: measured.collect(),
        gaps: found.gaps.iter().map(|g| gap(both, g)).collect(),
        doubts: view::doubts(input).map(|d| doubt(both, d)).collect(),
        proof: proof(input),
    }
}

fn summary(input: &Input<'_>, found: &Found<'_>, both: &Both<'_>) -> Summary {
    let mut levels: BTreeMap<String, u64> = input.plan.levels().iter().map(|l| (l.id.to_string(), 0)).collect();
    for group in &input.judgement.data {
        *levels.entry(group.level.level.to_string()).or_default() += 1;
    }
    Summary {
        text: both.say(|t| view::result(input, t, found).join(" ")),
        files: found.covered_sum("files"),
        folders: found.covered_sum("folders"),
        bytes: found.covered_sum("bytes"),
        hits: found.bands(),
        levels,
    }
}

fn class<'a>(both: &Both<'_>, s: &Sum<'a>) -> Class<'a> {
    let graded = |g: &'a evidence::DataGroup| Graded {
        category: g.category.as_str(),
        category_name: both.say(|t| t.category(&g.category)),
        level: g.level.level.as_str(),
        level_name: both.say(|t| t.level(&g.level.level)),
        proposed: g.level.proposed,
        because: g.level.because.iter().map(|b| both.said(b)).collect(),
    };
    Class {
        class: s.class.as_str(),
        class_name: both.say(|t| t.class(s.class)),
        root: s.root,
        files: s.files,
        hits: s.bands,
        distinct: s.distinct,
        distinct_is_floor: s.floor,
        columns: s.columns,
        contents: s.contents,
        graded: s.group.map(graded),
    }
}

fn file(h: &Hits) -> File<'_> {
    let sample = |s| sample(h, s);
    File {
        id: short(h.id()),
        class: h.class.as_str(),
        at: &h.at,
        band: band(h),
        hits: h.bands,
        distinct: h.distinct,
        samples: h.samples.iter().map(sample).collect(),
    }
}

fn copies<'a>(c: &found::Copies<'a>) -> Copies<'a> {
    let places = c.places.iter().take(PLACES_MAX).map(|p| p.as_str());
    Copies { content: c.content.to_string(), count: c.places.len(), places: places.collect() }
}

fn sample<'a>(h: &Hits, s: &'a evidence::Sample) -> Sample<'a> {
    Sample {
        id: short(h.sample_id(s)),
        spot: &s.spot,
        mask: s.mask.as_str(),
        keyed: s.keyed.to_string(),
        confidence: s.confidence,
        band: Band::of(s.confidence),
        why: &s.why,
    }
}

fn column(c: &evidence::Column) -> Column<'_> {
    Column {
        id: short(c.id()),
        class: c.class.as_str(),
        at: &c.at,
        column: &c.column,
        verdict: c.verdict,
        confidence: c.confidence,
        band: Band::of(c.confidence),
        sampled: c.sampled,
        rows: c.rows,
        filled: c.filled,
        whole: c.whole,
        holding: c.holding,
        distinct: c.distinct,
        header: c.header,
    }
}

fn content(c: &evidence::Content) -> Content<'_> {
    let (format, class) = (c.format.as_str(), c.class.as_str());
    Content { id: short(c.id()), format, class, at: &c.at, how: c.how, detail: c.detail.as_deref(), bytes: c.bytes }
}

fn gap<'a>(both: &Both<'_>, g: &'a Gap) -> GapOut<'a> {
    GapOut {
        what: &g.what,
        reason: g.reason.name(),
        reason_name: both.say(|t| t.code("gap", g.reason.name())),
        count: g.count,
        at: g.at.as_ref(),
    }
}

/// The id as people see it and as `--explain` takes it.
fn short(id: Digest) -> String {
    id.short()
}
