//! Articles that findings and incidents touch: for a terminal, as JSON and CSV (`docs/specs/exposure-v1.md`).
//!
//! Information with its sources. Amounts stand as the text has them, a row an article; there is no sum.

use crate::Style;
use crate::clean::clean;
use crate::discover::{safe, write};
use crate::paper::{Ink, Paper};
use crate::view::{Own, Tongue};
use evidence::{Digest, Lang, Time};
use judge::{Because, Touched, Toucher};
use plan::{CheckedPlan, Days, Penalty};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Things that touch an article shown by id; the rest is counted.
const NAMED_MAX: usize = 3;
/// Digits of a finding's id that are shown: enough to name it.
const ID_DIGITS: usize = 12;
/// The columns of the CSV. Fixed: programs read them.
const HEAD: [&str; 18] = [
    "penalty",
    "basis",
    "offence",
    "currency",
    "from",
    "to",
    "person_from",
    "person_to",
    "revenue_per_mille",
    "serious",
    "touched",
    "certain",
    "findings",
    "incidents",
    "transfers",
    "source",
    "sure",
    "unconfirmed",
];

/// Everything that the list is made of.
#[derive(Clone, Copy)]
pub struct ExposureInput<'a> {
    /// The plan that was applied.
    pub plan: &'a CheckedPlan,
    /// What is touched, in the plan's order.
    pub touched: &'a [Touched<'a>],
    /// Show the articles that nothing touches too.
    pub all: bool,
    /// The judgement whose findings were looked at: leaf and instant; `None` if the log has none, or if findings were named.
    pub judgement: Option<(Digest, Time)>,
    /// How many findings, incidents and transfers were looked at.
    pub looked_at: [usize; 3],
}
impl<'a> ExposureInput<'a> {
    /// The rows: each article with why it is touched.
    fn rows(&self) -> Vec<(&'a Penalty, &'a [Because])> {
        let touched = self.touched.iter().map(|t| (t.penalty, t.because.as_slice()));
        if !self.all {
            return touched.collect();
        }
        let why: BTreeMap<&str, &[Because]> = touched.map(|(p, b)| (p.id.as_str(), b)).collect();
        let of = |p: &'a Penalty| (p, why.get(p.id.as_str()).copied().unwrap_or_default());
        self.plan.penalties().iter().map(of).collect()
    }
}

/// `50,000 to 500,000 yuan`, `up to 1,000,000 yuan`.
fn amount(t: Tongue<'_>, currency: &str, from: i64, to: i64) -> String {
    let currency = t.code("exposure.currency", currency);
    let to = crate::incident::number(to);
    if from == 0 {
        return t.f("exposure.up-to", &[("to", &to), ("currency", &currency)]);
    }
    let from = crate::incident::number(from);
    t.f("exposure.from-to", &[("from", &from), ("to", &to), ("currency", &currency)])
}

/// Thousandths as per cent: 50 is `5`, 14 is `1.4`.
fn per_cent(thousandths: i64) -> String {
    match thousandths % 10 {
        0 => (thousandths / 10).to_string(),
        rest => format!("{}.{rest}", thousandths / 10),
    }
}

/// What touches it, in words: the plan's own for rows, scenarios, checks, levels, clocks.
fn via(t: Tongue<'_>, text: &str) -> String {
    let Some((kind, id)) = text.split_once(':') else { return t.t("exposure.via-incident-any").to_owned() };
    let name = match kind {
        "row" => t.plan_text(&format!("row.{id}.title"), id),
        "scenario" => t.scenario(&id.into()),
        "check" => t.check(&id.into(), "title", &BTreeMap::new()),
        "incident" => match id.split_once('.') {
            Some((regime, level)) => {
                format!(
                    "{}, {}",
                    t.plan_text(&format!("regime.{regime}.name"), regime),
                    t.incident_level(regime, level)
                )
            }
            None => t.plan_text(&format!("regime.{id}.name"), id),
        },
        "data" => t.level(&id.into()),
        "clock" => t.clock(id),
        "people" => t.plan_text(&format!("dimension.{id}.name"), id),
        _ => clean(id),
    };
    t.f(&format!("exposure.via-{kind}"), &[("name", &name), ("id", &clean(id))])
}

fn shown_id(b: &Because) -> String {
    match b.what {
        Toucher::Finding => b.id.chars().take(ID_DIGITS).collect(),
        _ => clean(&b.id),
    }
}

/// For a terminal.
#[must_use]
pub fn exposure_text(input: &ExposureInput<'_>, lang: Lang, style: Style) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan: input.plan, own: &own };
    let mut paper = Paper::new(t, style);
    paper.title(t.t("exposure.title"));
    paper.para("", Some(Ink::Bold), t.t("exposure.no-advice"));
    paper.para("", None, t.t("exposure.no-sum"));
    let [findings, incidents, transfers] = input.looked_at;
    let with: [(&str, &dyn std::fmt::Display); 3] =
        [("findings", &findings), ("incidents", &incidents), ("transfers", &transfers)];
    paper.para("", None, &t.f("exposure.looked-at", &with));
    if let Some((leaf, at)) = input.judgement {
        let at = Days::of(input.plan.calendar()).local(at);
        paper.para("", Some(Ink::Dim), &t.f("exposure.judgement", &[("leaf", &leaf.short()), ("at", &at)]));
    } else if findings == 0 {
        paper.para("", None, t.t("exposure.no-judgement"));
    }
    if input.touched.is_empty() {
        paper.line("");
        paper.para("", Some(Ink::Bold), t.t("exposure.nothing"));
    }
    for (p, because) in input.rows() {
        row(&mut paper, t, p, because);
    }
    paper.into_text()
}

/// Why nothing that this program sees touches an article.
fn untouched(t: Tongue<'_>, p: &Penalty) -> Option<String> {
    p.touches.is_empty().then(|| t.plan_text(&format!("penalty.{}.untouched", p.id), t.t("exposure.not-touched")))
}

fn row(paper: &mut Paper<'_>, t: Tongue<'_>, p: &Penalty, because: &[Because]) {
    paper.heading(&clean(&p.basis));
    paper.para("  ", None, &t.plan_text(&format!("penalty.{}.name", p.id), &p.id));
    paper.para("  ", Some(Ink::Bold), &amount(t, &p.currency, p.from, p.to));
    if let Some(share) = p.revenue_per_mille {
        paper.para("  ", None, &t.f("exposure.revenue", &[("share", &per_cent(share))]));
    }
    if let Some((from, to)) = p.person {
        paper.para("  ", None, &t.f("exposure.persons", &[("amount", &amount(t, &p.currency, from, to))]));
    }
    if p.serious {
        paper.para("  ! ", Some(Ink::Yellow), t.t("exposure.serious"));
    }
    match untouched(t, p) {
        Some(why) => paper.para("  ", Some(Ink::Dim), &why),
        None if because.is_empty() => paper.para("  ", Some(Ink::Dim), t.t("exposure.not-touched")),
        None => {}
    }
    for what in Toucher::ALL {
        let of: Vec<&Because> = because.iter().filter(|b| b.what == what).collect();
        let mut ways: Vec<&str> = Vec::new();
        for b in &of {
            if !ways.contains(&b.via.as_str()) {
                ways.push(&b.via);
            }
        }
        for way in ways {
            let those: Vec<&&Because> = of.iter().filter(|b| b.via == way).collect();
            let ids: Vec<String> = those.iter().take(NAMED_MAX).map(|b| shown_id(b)).collect();
            let mut ids = ids.join(t.t("report.list-join"));
            if those.len() > NAMED_MAX {
                ids = format!("{ids} … +{}", those.len() - NAMED_MAX);
            }
            let thing = t.code("exposure.by", what.name());
            let mut line = format!("{} ← {thing} {ids}", via(t, way));
            if those.iter().all(|b| !b.certain) {
                line = t.f("exposure.possible", &[("what", &line)]);
            }
            paper.para("  · ", None, &line);
        }
    }
    let sure = t.how_sure(p.sourced.sure, p.sourced.draft);
    let source = t.f("incident.source-line", &[("source", &clean(&p.sourced.source)), ("sure", &sure)]);
    paper.para("  ", Some(Ink::Dim), &source);
    if p.sourced.is_unconfirmed() {
        paper.para("  ? ", Some(Ink::Yellow), t.t("exposure.unconfirmed"));
    }
}

/// For programs: ids and amounts as they are, with the words of both languages beside them.
#[must_use]
pub fn exposure_json(input: &ExposureInput<'_>) -> Value {
    let own = Own::default();
    let both = |text: &dyn Fn(Tongue<'_>) -> String| {
        let of = |lang| text(Tongue { lang, plan: input.plan, own: &own });
        json!({ "en": of(Lang::En), "zh-CN": of(Lang::Zh) })
    };
    let row = |(p, because): (&Penalty, &[Because])| {
        let because: Vec<Value> = because
            .iter()
            .map(|b| {
                let check = (!b.check.is_empty()).then_some(&b.check);
                json!({"what": b.what.name(), "id": b.id, "check": check, "via": b.via, "certain": b.certain,
                       "words": both(&|t| via(t, &b.via))})
            })
            .collect();
        json!({
            "penalty": p.id, "basis": p.basis, "words": both(&|t| t.plan_text(&format!("penalty.{}.name", p.id), &p.id)),
            "currency": p.currency, "from": p.from, "to": p.to, "revenue_per_mille": p.revenue_per_mille,
            "person": p.person.map(|(from, to)| json!({"from": from, "to": to})), "serious": p.serious,
            "because": because,
            "untouched": p.touches.is_empty().then(|| both(&|t| untouched(t, p).unwrap_or_default())), "source": p.sourced.source, "sure": p.sourced.sure.letter(), "draft": p.sourced.draft,
            "unconfirmed": p.sourced.is_unconfirmed(),
        })
    };
    let [findings, incidents, transfers] = input.looked_at;
    json!({
        "plan": input.plan.reference(), "judgement": input.judgement.map(|(leaf, at)| json!({"leaf": leaf, "as_of": at})),
        "looked_at": {"findings": findings, "incidents": incidents, "transfers": transfers},
        "notes": [both(&|t| t.t("exposure.no-advice").to_owned()), both(&|t| t.t("exposure.no-sum").to_owned())],
        "touched": input.touched.len(), "penalties": input.rows().into_iter().map(row).collect::<Vec<_>>(),
    })
}

/// As CSV (RFC 4180), a row an article. No cell begins a formula.
#[must_use]
pub fn exposure_csv(input: &ExposureInput<'_>, lang: Lang) -> String {
    let own = Own::default();
    let t = Tongue { lang, plan: input.plan, own: &own };
    let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
    let row = |(p, because): (&Penalty, &[Because])| {
        let ids = |what: Toucher| {
            because.iter().filter(|b| b.what == what).map(|b| b.id.clone()).collect::<Vec<_>>().join(" ")
        };
        let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let cells = [
            p.id.clone(),
            p.basis.clone(),
            t.plan_text(&format!("penalty.{}.name", p.id), &p.id),
            p.currency.clone(),
            p.from.to_string(),
            p.to.to_string(),
            number(p.person.map(|x| x.0)),
            number(p.person.map(|x| x.1)),
            number(p.revenue_per_mille),
            yes(p.serious),
            yes(!because.is_empty()),
            yes(because.iter().any(|b| b.certain)),
            ids(Toucher::Finding),
            ids(Toucher::Incident),
            ids(Toucher::Transfer),
            p.sourced.source.clone(),
            p.sourced.sure.letter().to_owned(),
            yes(p.sourced.is_unconfirmed()),
        ];
        cells.iter().map(|c| safe(c)).collect()
    };
    write(std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(input.rows().into_iter().map(row)))
}
