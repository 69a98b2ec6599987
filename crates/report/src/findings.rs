//! Findings, data and gaps, each with what shows it.

use crate::clean::clean;
use crate::view::{DataRow, EvidenceLine, FindingRow, GapRow, Group, SampleRow, Tongue, place};
use crate::{Input, notes};
use evidence::{Body, Cited, DataGroup, Finding, GapCount, Hits, Item, Place, Sample};
use plan::{CheckKind, Days};
use std::collections::{BTreeMap, BTreeSet};

/// Masked samples shown of one group of data, and of one file of it.
const SAMPLES_MAX: usize = 6;
/// Of one file; the rest of the places come from other files.
const SAMPLES_OF_FILE_MAX: usize = 2;
/// Examples shown of one kind of gap.
const GAP_EXAMPLES_MAX: usize = 3;

/// The item that `cited` points to, if it belongs to the run of this report.
pub(crate) fn item<'i>(input: &Input<'i>, cited: &Cited) -> Option<&'i Item> {
    let run = input.runs().find(|r| r.leaf == cited.leaf)?;
    let at = run.items.binary_search_by_key(&cited.item?, |i| i.n).ok()?;
    run.items.get(at)
}

/// Where an item was seen.
pub(crate) fn place_of(item: &Item) -> Option<&Place> {
    match &item.body {
        Body::Fact(f) => Some(&f.at),
        Body::Hits(h) => Some(&h.at),
        Body::Gap(g) => g.at.as_ref(),
        Body::Column(c) => Some(&c.at),
        Body::Content(c) => Some(&c.at),
        Body::Measured(m) => Some(&m.at),
        Body::Covered(_) | Body::Tally(_) | Body::Alert(_) => None,
    }
}

/// Findings by check, in the order of the judgement (worst first).
pub(crate) fn groups<'f>(
    input: &Input<'_>,
    tongue: Tongue<'_>,
    findings: impl Iterator<Item = &'f Finding>,
) -> Vec<Group> {
    let mut lists: Vec<Vec<&Finding>> = Vec::new();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        let n = *at.entry(finding.check.as_str()).or_insert(lists.len());
        match lists.get_mut(n) {
            Some(list) => list.push(finding),
            None => lists.push(vec![finding]),
        }
    }
    lists.iter().filter_map(|list| Some(group(input, tongue, list.first()?, list))).collect()
}

/// What all findings of a list fill in alike; the rest is left to the rows.
fn common(list: &[&Finding]) -> BTreeMap<String, String> {
    let mut out = list.first().map(|f| f.with.clone()).unwrap_or_default();
    out.retain(|hole, value| list.iter().all(|f| f.with.get(hole) == Some(value)));
    out
}

fn group(input: &Input<'_>, tongue: Tongue<'_>, first: &Finding, all: &[&Finding]) -> Group {
    let check = input.plan.check(&first.check);
    let with = common(all);
    let title = tongue.check(&first.check, "title", &with);
    let list = |items: Vec<String>| clean(&items.join(tongue.t("report.list-join")));
    Group {
        id: clean(first.check.as_str()),
        title: match check.map(|c| &c.kind) {
            // The title of an organisational check says what should be; of a machine check, what is wrong.
            Some(CheckKind::Answer(_)) => tongue.f("report.findings.not-fulfilled", &[("title", &title)]),
            _ => title,
        },
        severity: all.iter().map(|f| f.severity).max().unwrap_or(first.severity),
        scenario: tongue.scenario(&first.scenario),
        why: tongue.check(&first.check, "why", &with),
        remedy: tongue.check(&first.check, "remedy", &with),
        rule: check.map(|c| clean(&c.sourced.source)).unwrap_or_default(),
        rule_sure: check.map(|c| tongue.how_sure(c.sourced.sure, c.sourced.draft)).unwrap_or_default(),
        plan_rows: check.map(|c| list(c.rows.iter().map(ToString::to_string).collect())).unwrap_or_default(),
        mappings: check.map(|c| list(c.mappings.clone())).unwrap_or_default(),
        rows: all.iter().map(|f| row(input, tongue, f)).collect(),
    }
}

fn row(input: &Input<'_>, tongue: Tongue<'_>, finding: &Finding) -> FindingRow {
    let object = match (finding.object.is_empty(), finding.host.is_empty()) {
        (false, _) => clean(&finding.object),
        (true, false) => tongue.t("report.whole-host").to_owned(),
        (true, true) => tongue.t("report.whole-node").to_owned(),
    };
    FindingRow {
        host: clean(&finding.host),
        object,
        place: finding.at.as_ref().map(place),
        measures: measures(input, tongue, finding),
        id: finding.id.short(),
        evidence: finding.evidence.iter().map(|c| evidence_line(input, tongue, c)).collect(),
        notes: notes::of(input, tongue, finding),
    }
}

/// What people do about a finding: each measure with how it stands and until when.
fn measures(input: &Input<'_>, tongue: Tongue<'_>, finding: &Finding) -> Vec<String> {
    let of = input.judgement.measures.iter().filter(|m| m.finding == finding.id);
    of.map(|m| {
        let until = Days::of(tongue.plan.calendar()).day_named(m.until);
        tongue.f(&format!("measure.stands.{}", m.stands.name()), &[("measure", &clean(&m.measure)), ("until", &until)])
    })
    .collect()
}

fn evidence_line(input: &Input<'_>, tongue: Tongue<'_>, cited: &Cited) -> EvidenceLine {
    if let Some(item) = item(input, cited) {
        return shown(tongue, &item.body);
    }
    let number = cited.item.map(|n| n.to_string()).unwrap_or_default();
    let key = if cited.item.is_some() { "report.not-in-run" } else { "report.not-in-run-record" };
    let with: [(&str, &dyn std::fmt::Display); 2] = [("item", &number), ("leaf", &cited.leaf.short())];
    EvidenceLine { what: tongue.f(key, &with), value: String::new(), place: String::new(), digest: None }
}

/// What an item shows.
pub(crate) fn shown(tongue: Tongue<'_>, body: &Body) -> EvidenceLine {
    let line = |what: String, value: String, at: Option<&Place>| EvidenceLine {
        what,
        value,
        place: at.map(place).unwrap_or_default(),
        digest: at.and_then(|p| p.digest.as_ref()).map(short),
    };
    match body {
        Body::Fact(f) => line(tongue.code("fact", f.fact.as_str()), tongue.fact_value(f), Some(&f.at)),
        Body::Hits(h) => line(tongue.class(&h.class), h.bands.all().to_string(), Some(&h.at)),
        Body::Tally(t) => line(tongue.class(&t.class), t.bands.all().to_string(), None),
        Body::Covered(c) => line(area_name(tongue, &c.what), tongue.t("report.none").to_owned(), None),
        Body::Gap(g) => line(area_name(tongue, &g.what), tongue.code("gap", g.reason.name()), g.at.as_ref()),
        Body::Alert(a) => line(tongue.scenario(&a.scenario), a.id.short(), None),
        Body::Column(c) => line(tongue.class(&c.class), c.holding.to_string(), Some(&c.at)),
        Body::Content(c) => line(tongue.class(&c.class), clean(&c.format), Some(&c.at)),
        Body::Measured(m) => line(tongue.class(&m.class), String::new(), Some(&m.at)),
    }
}

/// What a gap is about, for people.
pub(crate) fn gap_area(tongue: Tongue<'_>, area: &str) -> String {
    match area {
        "fact" | "folder" | "run" => tongue.code("report.gaps", &format!("area-{area}")),
        other => area_name(tongue, other),
    }
}

/// Twelve digits of a digest, with the kind before it: enough to compare by eye.
pub(crate) fn short(digest: &evidence::ContentDigest) -> String {
    let text = digest.to_string();
    match text.split_once(':') {
        Some((kind, hex)) => format!("{kind}:{}", hex.chars().take(12).collect::<String>()),
        None => text,
    }
}

/// `fact:<id>` and `folder:<path>` for people.
fn area_name(tongue: Tongue<'_>, what: &str) -> String {
    match what.split_once(':') {
        Some(("fact", id)) => tongue.code("fact", id),
        Some(("folder", path)) => clean(path),
        _ => clean(what),
    }
}

/// Groups of data, in the order of the judgement (highest level first).
pub(crate) fn data(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<DataRow> {
    let row = |g: &DataGroup| DataRow {
        host: clean(&g.host),
        root: clean(g.root.as_str()),
        category: tongue.category(&g.category),
        class: tongue.class(&g.class),
        level: tongue.level(&g.level.level),
        proposed: g.level.proposed,
        files: g.files,
        hits: g.hits,
        distinct: if g.distinct_is_floor {
            tongue.f("report.data.floor", &[("count", &g.distinct)])
        } else {
            g.distinct.to_string()
        },
        because: g.level.because.iter().map(|s| tongue.say(s)).collect(),
        samples: samples(input, g),
    };
    input.judgement.data.iter().map(row).collect()
}

/// Groups of data by level, in the order of the plan, highest first; levels without data are shown as 0.
pub(crate) fn by_level(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<(String, u64)> {
    let count = |level: &evidence::LevelId| input.judgement.data.iter().filter(|d| d.level.level == *level).count();
    input.plan.levels().iter().rev().map(|l| (tongue.level(&l.id), count(&l.id) as u64)).collect()
}

/// Files of the run with hits of the group's class under its root, the fullest first.
fn files<'i>(input: &Input<'i>, group: &DataGroup) -> Vec<&'i Hits> {
    let here = input.examination.is_some_and(|(e, _)| e.subject.host == group.host);
    let mut found: Vec<&Hits> = input
        .items
        .iter()
        .filter_map(|i| match &i.body {
            Body::Hits(h) if here && h.class == group.class && under(&h.at, group.root.as_str()) => Some(h),
            _ => None,
        })
        .collect();
    found.sort_by(|a, b| (b.bands.high, b.bands.all(), &a.at).cmp(&(a.bands.high, a.bands.all(), &b.at)));
    found
}

fn under(at: &Place, root: &str) -> bool {
    let root = root.trim_end_matches('/');
    let path = at.path.as_str();
    path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}

/// Masked samples of a group with their places: a few of each file, the fullest files first.
pub(crate) fn picked<'i>(input: &Input<'i>, group: &DataGroup) -> Vec<(&'i Sample, Place)> {
    let at = |h: &Hits, s: &Sample| Place { spot: Some(s.spot.clone()), ..h.at.clone() };
    let of_file = |h: &'i Hits| h.samples.iter().take(SAMPLES_OF_FILE_MAX).map(move |s| (s, at(h, s)));
    files(input, group).into_iter().flat_map(of_file).take(SAMPLES_MAX).collect()
}

fn samples(input: &Input<'_>, group: &DataGroup) -> Vec<SampleRow> {
    let row = |(s, at): (&Sample, Place)| SampleRow {
        mask: clean(s.mask.as_str()),
        place: place(&at),
        confidence: s.confidence,
    };
    picked(input, group).into_iter().map(row).collect()
}

/// Gaps, by host, area and reason, the largest first.
pub(crate) fn gaps(input: &Input<'_>, tongue: Tongue<'_>) -> Vec<GapRow> {
    let row = |g: &GapCount| GapRow {
        host: clean(&g.host),
        area: gap_area(tongue, &g.area),
        reason: tongue.code("gap", g.reason.name()),
        count: g.count,
        examples: gap_examples(input, tongue, g),
    };
    let mut sorted: Vec<&GapCount> = input.judgement.gaps.iter().collect();
    sorted.sort_by(|a, b| (&a.area, b.count, a).cmp(&(&b.area, a.count, b)));
    sorted.into_iter().map(row).collect()
}

fn gap_examples(input: &Input<'_>, tongue: Tongue<'_>, count: &GapCount) -> Vec<String> {
    let here = input.runs().filter(|r| r.examination.subject.host == count.host);
    let mut seen = BTreeSet::new();
    let of_area = |what: &str| what == count.area || what.split(':').next() == Some(count.area.as_str());
    for item in here.flat_map(|r| r.items) {
        let Body::Gap(gap) = &item.body else { continue };
        if gap.reason != count.reason || !of_area(&gap.what) {
            continue;
        }
        let named = match (&gap.at, gap.what.split_once(':')) {
            (Some(at), Some(("fact", id))) => {
                format!("{}{}{}", tongue.code("fact", id), tongue.t("report.label-join"), place(at))
            }
            (Some(at), _) => place(at),
            (None, _) => area_name(tongue, &gap.what),
        };
        seen.insert(named);
        if seen.len() >= GAP_EXAMPLES_MAX {
            break;
        }
    }
    seen.into_iter().collect()
}
