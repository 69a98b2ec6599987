//! The numbers that the plan's rules of transfers abroad read, from the catalogue: what would be needed if all of it left.

use evidence::{Asset, Catalogue, LevelId, Span, Time};
use plan::{CheckedPlan, Transfer};
use std::collections::BTreeMap;

/// Counts of some assets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferCounts {
    /// How many assets.
    pub assets: u64,
    /// People with personal information, sensitive or not: at least the fullest asset's, at most all added up.
    pub people: Span,
    /// People with sensitive personal information.
    pub sensitive_people: Span,
    /// Assets that are above the lowest level, and not the highest: important data.
    pub important: u64,
    /// Assets of the highest level: core data.
    pub core: u64,
    /// Of those, only proposed: nobody has decided.
    pub proposed: u64,
    /// When the first of them was first seen.
    pub since: Option<Time>,
}
impl Default for TransferCounts {
    fn default() -> Self {
        let none = Span::exact(0);
        Self { assets: 0, people: none, sensitive_people: none, important: 0, core: 0, proposed: 0, since: None }
    }
}

/// What a rule of the plan asks for, at one end of the bounds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// Id of the first rule that holds.
    pub rule: String,
    /// What it needs: `assessment`, `contract-or-certification`, `exempt`.
    pub needs: String,
}

/// The counts of a catalogue, in all and by country, and what would be needed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransferInput {
    /// Everything.
    pub all: TransferCounts,
    /// By declared country; under the empty text what is not declared.
    pub by_country: BTreeMap<String, TransferCounts>,
    /// If all of it were sent abroad, by an exporter of no special kind and in no special case: at the lower bounds and
    /// at the upper ones.
    pub needs: (Option<Need>, Option<Need>),
}

/// The numbers that the transfer rules read.
#[must_use]
pub fn transfer_input(plan: &CheckedPlan, catalogue: &Catalogue) -> TransferInput {
    let mut all = TransferCounts::default();
    let mut by_country: BTreeMap<String, TransferCounts> = BTreeMap::new();
    for asset in &catalogue.assets {
        add(plan, &mut all, asset);
        add(plan, by_country.entry(asset.country.clone().unwrap_or_default()).or_default(), asset);
    }
    let people = |s: Span, most: bool| if most { s.most.unwrap_or(u64::MAX) } else { s.least };
    let need = |most: bool| {
        let (personal, sensitive) = (people(all.people, most), people(all.sensitive_people, most));
        let important =
            if most { all.important + all.core } else { (all.important + all.core).saturating_sub(all.proposed) };
        plan.transfers()
            .iter()
            .find(|t| holds(t, personal, sensitive, important))
            .map(|t| Need { rule: t.id.clone(), needs: t.needs.clone() })
    };
    TransferInput { needs: (need(false), need(true)), all, by_country }
}

fn add(plan: &CheckedPlan, sum: &mut TransferCounts, asset: &Asset) {
    let rank = |id: &LevelId| plan.levels().iter().find(|l| &l.id == id).map_or(0, |l| l.rank);
    let highest = plan.levels().last().map_or(0, |l| l.rank);
    sum.assets += 1;
    sum.people = sum.people.joined(asset.people);
    sum.sensitive_people = sum.sensitive_people.joined(asset.sensitive_people);
    match rank(&asset.level.level) {
        r if r == highest && r > 1 => sum.core += 1,
        2.. => sum.important += 1,
        _ => {}
    }
    sum.proposed += u64::from(asset.level.proposed);
    sum.since = match (sum.since, asset.since) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
}

/// Whether a rule without exporter and case holds of so many.
fn holds(t: &Transfer, personal: u64, sensitive: u64, important: u64) -> bool {
    if !t.exporter.is_empty() || !t.case.is_empty() {
        return false;
    }
    let number = match t.about.as_str() {
        "important-data" => return important > 0,
        "personal" => personal,
        "sensitive-personal" => sensitive,
        _ => return false,
    };
    let at_least = t.min.is_none_or(|m| u64::try_from(m).is_ok_and(|m| number >= m));
    at_least && t.below.is_none_or(|b| u64::try_from(b).is_ok_and(|b| number < b))
}
