//! The catalogue as JSON: the record's own fields, and the words of both languages beside the ids.

use super::{CATALOGUE_FORMAT, CatalogueInput, terminal};
use crate::json::{Both, Said, Texts, escape};
use crate::view::Own;
use evidence::{Asset, CatalogueRoot, Digest, Filing, PlanRef, Span, Time};
use judge::{Need, TransferCounts};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Out<'a> {
    format: &'static str,
    program: &'a str,
    generated: Time,
    leaf: Digest,
    judge: &'a str,
    as_of: Time,
    plan: &'a PlanRef,
    skipped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filed: Option<&'a Filing>,
    summary: Summary,
    roots: &'a [CatalogueRoot],
    assets: Vec<AssetOut<'a>>,
    transfers: Transfers<'a>,
    doubts: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct Summary {
    text: Texts,
    assets: usize,
    levels: BTreeMap<String, u64>,
    standings: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct AssetOut<'a> {
    #[serde(flatten)]
    asset: &'a Asset,
    short: String,
    category_name: Texts,
    level_name: Texts,
    because_text: Vec<Texts>,
    differs_text: Vec<Texts>,
}

#[derive(Serialize)]
struct Transfers<'a> {
    all: Counts,
    by_country: BTreeMap<&'a str, Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_at_least: Option<NeedOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_at_most: Option<NeedOut<'a>>,
}

#[derive(Serialize)]
struct NeedOut<'a> {
    rule: &'a str,
    needs: &'a str,
    text: Texts,
}

#[derive(Serialize)]
struct Counts {
    assets: u64,
    people: Span,
    sensitive_people: Span,
    important: u64,
    core: u64,
    proposed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
}
impl From<&TransferCounts> for Counts {
    fn from(c: &TransferCounts) -> Self {
        Self {
            assets: c.assets,
            people: c.people,
            sensitive_people: c.sensitive_people,
            important: c.important,
            core: c.core,
            proposed: c.proposed,
            since: c.since,
        }
    }
}

fn asset<'a>(a: &'a Asset, both: &Both<'_>) -> AssetOut<'a> {
    AssetOut {
        short: a.id.short(),
        category_name: both.say(|t| t.category(&a.category)),
        level_name: both.say(|t| t.level(&a.level.level)),
        because_text: a.level.because.iter().map(|b| both.say(|t| t.say(b))).collect(),
        differs_text: a.differs.iter().map(|d| both.say(|t| t.say(d))).collect(),
        asset: a,
    }
}

fn need<'a>(n: &'a Need, both: &Both<'_>) -> NeedOut<'a> {
    NeedOut { rule: &n.rule, needs: &n.needs, text: both.say(|t| terminal::need(t, Some(n))) }
}

pub(crate) fn render(input: &CatalogueInput<'_>) -> String {
    let own = Own::default();
    let both = Both::new(input.plan, &own);
    let c = input.catalogue;
    let mut levels: BTreeMap<String, u64> = input.plan.levels().iter().map(|l| (l.id.to_string(), 0)).collect();
    let mut standings: BTreeMap<&'static str, u64> = evidence::AssetStanding::ALL.map(|s| (s.name(), 0)).into();
    for a in input.assets() {
        *levels.entry(a.level.level.to_string()).or_default() += 1;
        *standings.entry(a.standing.name()).or_default() += 1;
    }
    let out = Out {
        format: CATALOGUE_FORMAT,
        program: input.program,
        generated: input.generated,
        leaf: input.leaf,
        judge: &c.judge,
        as_of: c.as_of,
        plan: &c.plan,
        skipped: c.skipped,
        previous: c.previous,
        filed: input.filed,
        summary: Summary {
            text: both.say(|t| terminal::result(input, t).join(" ")),
            assets: input.assets().count(),
            levels,
            standings,
        },
        roots: &c.roots,
        assets: input.assets().map(|a| asset(a, &both)).collect(),
        transfers: Transfers {
            all: (&input.transfers.all).into(),
            by_country: input.transfers.by_country.iter().map(|(k, v)| (k.as_str(), v.into())).collect(),
            needs_at_least: input.transfers.needs.0.as_ref().map(|n| need(n, &both)),
            needs_at_most: input.transfers.needs.1.as_ref().map(|n| need(n, &both)),
        },
        doubts: c.doubts.iter().map(|d| both.said(&d.say)).collect(),
    };
    escape(&serde_json::to_string_pretty(&out).expect("texts, numbers and maps with text keys"))
}
