//! What another node's selection selected, one by one: a judgement keeps sums and digests, and the lists follow.

use super::rank::Grouping;
use super::{SelectionRows, read};
use evidence::{Adjust, SelectionJudgement};
use plan::CheckedPlan;
use std::collections::BTreeMap;

/// The lists of a judgement that was made elsewhere, by rule (places in [`SelectionRows::rows`], ascending), made again from the rows
/// that it is of and the words that stand in it. A rule whose list has another digest than was signed is not there.
#[must_use]
pub fn restated(
    plan: &CheckedPlan,
    rows: &SelectionRows<'_>,
    judgement: &SelectionJudgement,
) -> BTreeMap<String, Vec<u32>> {
    let place = |uscc: &str| rows.rows().binary_search_by(|r| r.uscc.as_ref().cmp(uscc)).ok();
    let words = judgement.adjusted.iter();
    let words: BTreeMap<u32, Adjust> =
        words.filter_map(|(uscc, act)| Some((u32::try_from(place(uscc)?).ok()?, *act))).collect();
    let mut out = BTreeMap::new();
    for signed in &judgement.readings {
        let Some(rule) = plan.selection().iter().find(|r| r.id == signed.rule) else { continue };
        let Ok(grouping) = Grouping::of(rule) else { continue };
        let (reading, list) = read(plan, rule, &grouping, rows.rows(), &words);
        if reading.file == signed.file {
            out.insert(signed.rule.clone(), list);
        }
    }
    out
}
