//! Items that were shown, held against what the report says.
//!
//! A shown item is wrong if it is not what its examination committed to, or if its examination is not the one that the report rests
//! on. It *contradicts* if more checks fail by what was shown than the report says failed, were excepted or not examined: a check that fails by a
//! part of the facts fails by all of them, as long as it counts no rows - and only such checks are asked.

use super::content::OpeningContent;
use super::{count, draw, draws_digest};
use crate::choose::{self, Subject};
use evidence::{
    Body, Digest, Examination, FactId, FactValue, Item, NodeId, OpeningNumbers, OpeningOrder, Origin, ProgrammeReport,
    Record, Shape, canonical, fact,
};
use plan::{CheckKind, CheckedPlan, Machine, Rule, Scene, Told};
use proof::PublicKey;
use std::collections::{BTreeMap, BTreeSet};

/// The sensor that reads bills of materials: what its facts mean is asked elsewhere.
const SBOM: &str = "sbom";
/// What a keyed digest begins with in canonical bytes.
const KEYED: &str = "\"hmac-sha256-128:";

/// An order, the report that it is about, and what was shown.
pub struct OpeningCase<'a> {
    /// The plan of who judges; a report under another text of it is not asked for contradictions.
    pub plan: &'a CheckedPlan,
    /// The order.
    pub order: &'a OpeningOrder,
    /// The seed of the order.
    pub seed: [u8; 32],
    /// The report.
    pub report: &'a ProgrammeReport,
    /// Index of the report in the child's log.
    pub report_index: u64,
    /// Evidence keys of the child, past and present.
    pub keys: &'a [PublicKey],
    /// Index of a leaf in the mirror of the child's log.
    pub place: &'a dyn Fn(Digest) -> Option<u64>,
    /// What was shown.
    pub shown: &'a OpeningContent,
}

/// What an item says, as a digest: to be compared with what other enterprises showed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ShownBody {
    /// SHA-256 of the canonical bytes of its body.
    pub digest: Digest,
    /// It carries a keyed digest: two enterprises cannot both have it by chance.
    pub telling: bool,
}

/// An opening in numbers, not yet compared with those of other enterprises.
pub struct OpeningJudged {
    /// The numbers; `shared` and `alike` are 0.
    pub numbers: OpeningNumbers,
    /// What the items that held say.
    pub bodies: Vec<ShownBody>,
}

/// An examination that was shown, or why it is wrong.
type Shown = Result<Examination, &'static str>;

/// Holds what was shown against the order and the report.
#[must_use]
pub fn judged_opening(case: &OpeningCase<'_>) -> OpeningJudged {
    let (order, report) = (case.order, case.report);
    let draws = draw(&case.seed, &order.child, order.report, &report.examinations, order.count);
    let examinations = examinations(case);
    let (mut held, mut missing, mut wrong) = (0, 0, BTreeMap::new());
    let mut good: BTreeMap<Digest, BTreeMap<u64, &Item>> = BTreeMap::new();
    for (leaf, n) in &draws {
        let shown = case.shown.items.iter().find(|s| s.examination == *leaf && s.opening.item.n == *n);
        let Some(shown) = shown else {
            missing += 1;
            continue;
        };
        let told = match examinations.get(leaf) {
            None => Err("no-examination"),
            Some(Err(why)) => Err(*why),
            Some(Ok(e)) => proof::verify_opening(&shown.opening, &e.items).map_err(|_| "path"),
        };
        match told {
            Ok(()) => {
                held += 1;
                good.entry(*leaf).or_default().insert(*n, &shown.opening.item);
            }
            Err(why) => count(&mut wrong, why),
        }
    }
    let bodies = good.values().flat_map(|items| items.values()).map(|item| body(item)).collect();
    // What says which system it is was not drawn; it counts neither as held nor as wrong.
    for shown in &case.shown.items {
        if let Some(Ok(e)) = examinations.get(&shown.examination)
            && proof::verify_opening(&shown.opening, &e.items).is_ok()
        {
            good.entry(shown.examination).or_default().entry(shown.opening.item.n).or_insert(&shown.opening.item);
        }
    }
    let contradicted = contradicted(case, &examinations, &good);
    let draws = draws_digest(&draws);
    let (shared, alike, shared_with) = (0, 0, Vec::new());
    let numbers = OpeningNumbers { draws, held, missing, wrong, contradicted, shared, alike, shared_with };
    OpeningJudged { numbers, bodies }
}

fn body(item: &Item) -> ShownBody {
    let bytes = canonical::to_vec(&item.body).unwrap_or_default();
    let telling = std::str::from_utf8(&bytes).is_ok_and(|text| text.contains(KEYED));
    ShownBody { digest: Digest::of(&bytes), telling }
}

/// The examinations that were shown, by their leaf. One whose signature is not the child's has none that can be trusted and stands
/// under the leaf that its bytes have.
fn examinations(case: &OpeningCase<'_>) -> BTreeMap<Digest, Shown> {
    let mut out: BTreeMap<Digest, Shown> = BTreeMap::new();
    for envelope in &case.shown.examinations {
        if let Ok(record) = proof::verify_envelope(envelope, case.keys) {
            let leaf = record.leaf();
            let shown = match record.into_value() {
                Record::Examination(e) => checked(case, leaf, e),
                _ => Err("no-examination"),
            };
            out.insert(leaf, shown);
        }
    }
    out
}

fn checked(case: &OpeningCase<'_>, leaf: Digest, e: Examination) -> Shown {
    let Some(named) = case.report.examinations.iter().find(|n| n.leaf == leaf) else { return Err("not-reported") };
    match (case.place)(leaf) {
        None => return Err("not-in-log"),
        Some(at) if at > case.report_index => return Err("after-report"),
        Some(_) => {}
    }
    let node: &NodeId = &case.order.child;
    if e.node != *node {
        return Err("node");
    }
    if e.items.count != named.items {
        return Err("count");
    }
    if e.origin == Origin::Drill {
        return Err("origin");
    }
    if e.ended < e.started || e.ended > case.report.as_of {
        return Err("times");
    }
    Ok(e)
}

/// How many checks fail by what was shown, more than the report has room for.
fn contradicted(
    case: &OpeningCase<'_>,
    examinations: &BTreeMap<Digest, Shown>,
    good: &BTreeMap<Digest, BTreeMap<u64, &Item>>,
) -> u64 {
    if case.plan.digest() != case.report.plan.digest {
        return 0;
    }
    let mut newest: BTreeMap<Subject, (&Examination, Digest)> = BTreeMap::new();
    for (leaf, e) in examinations {
        let Ok(e) = e else { continue };
        if e.counts.facts == 0 || e.sensors.iter().any(|s| s.sensor.as_str() == SBOM) {
            continue;
        }
        let kept = newest.entry(choose::subject(e)).or_insert((e, *leaf));
        if (kept.0.ended, kept.1) < (e.ended, *leaf) {
            *kept = (e, *leaf);
        }
    }
    let mut failing: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, leaf) in newest.values() {
        let Some(items) = good.get(leaf) else { continue };
        for scenario in failing_checks(case, items.values().copied()) {
            *failing.entry(scenario).or_default() += 1;
        }
    }
    let room = |scenario: &str| {
        let of = case.report.scenarios.iter().find(|s| s.scenario == scenario);
        of.map_or(0, |s| s.failed.saturating_add(s.accepted).saturating_add(s.not_examined))
    };
    failing.into_iter().map(|(scenario, fails)| fails.saturating_sub(room(scenario))).sum()
}

/// The scenario of every check that fails by these items of one examination.
fn failing_checks<'a>(case: &OpeningCase<'a>, items: impl Iterator<Item = &'a Item>) -> Vec<&'a str> {
    let mut ones: BTreeMap<&FactId, &FactValue> = BTreeMap::new();
    let mut rows: BTreeMap<&FactId, Vec<&FactValue>> = BTreeMap::new();
    let mut twice: BTreeSet<&FactId> = BTreeSet::new();
    for item in items {
        let Body::Fact(f) = &item.body else { continue };
        match (fact::validate(f), fact::find(f.fact.as_str()).map(|d| d.shape)) {
            (Ok(()), Some(Shape::One(_))) => {
                let before = ones.insert(&f.fact, &f.value);
                twice.extend(before.filter(|b| **b != f.value).map(|_| &f.fact));
            }
            (Ok(()), Some(Shape::Many(_))) => rows.entry(&f.fact).or_default().push(&f.value),
            _ => {}
        }
    }
    ones.retain(|id, _| !twice.contains(id));
    let scene = Scene::new(ones.iter().map(|(id, v)| (*id, *v)), [], case.report.as_of, case.plan.parameters());
    let fails = |machine: &Machine| {
        let table = match &machine.rule {
            Rule::Each { fact, .. } => rows.get(fact).map(Vec::as_slice),
            Rule::Pass(_) => Some(&[][..]),
        };
        matches!(machine.tell(&scene, table), Told::Fail { .. })
    };
    let of_part = |machine: &Machine| {
        let counts = match &machine.rule {
            Rule::Each { fail, .. } => fail.counts().len(),
            Rule::Pass(pass) => pass.counts().len(),
        };
        machine.with_data.is_none() && counts == 0 && machine.applies.as_ref().is_none_or(|a| a.counts().is_empty())
    };
    let checks = case.plan.checks().iter().filter_map(|c| match &c.kind {
        CheckKind::Machine(machine) if of_part(machine) && fails(machine) => Some(c.scenario.as_str()),
        _ => None,
    });
    checks.collect()
}
