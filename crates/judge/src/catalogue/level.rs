//! The level of an asset: what the plan proposes from what was found, and what people decided.

use super::gather::Draft;
use super::sources::Graded;
use evidence::{
    AssetLevel, Authenticated, CategoryId, Counts, GradedBy, LevelBasis, LevelId, ListedAsset, Measured, Say, Span,
};
use plan::{CheckedPlan, Effect};
use std::collections::BTreeMap;

/// Category of personal information, by the plan's transfer rules.
pub(crate) const PERSONAL: &str = "personal";
/// Category of sensitive personal information.
pub(crate) const SENSITIVE: &str = "sensitive-personal";

/// People of an asset: all, and those whose sensitive information lies there.
pub(crate) fn people(draft: &Draft<'_>) -> (Span, Span) {
    let none = Span::exact(0);
    let (mut all, mut sensitive) = (none, none);
    for class in draft.classes.values() {
        let Some(about) = class.about.as_ref().filter(|a| a.counts == Counts::People) else { continue };
        let is_sensitive = about.category.as_str() == SENSITIVE || about.sensitive;
        if is_sensitive {
            sensitive = sensitive.joined(class.distinct);
        }
        if is_sensitive || about.category.as_str() == PERSONAL {
            all = all.joined(class.distinct);
        }
    }
    (all, sensitive)
}

/// What the plan proposes: the level and why.
pub(crate) fn proposal(plan: &CheckedPlan, draft: &Draft<'_>) -> (LevelId, Vec<Say>) {
    let rank = |id: &LevelId| plan.levels().iter().find(|l| &l.id == id).map_or(0, |l| l.rank);
    let mut by: BTreeMap<&CategoryId, Span> = BTreeMap::new();
    for class in draft.classes.values() {
        if let Some(about) = class.about.as_ref().filter(|a| a.counts == Counts::People) {
            let sum = by.entry(&about.category).or_insert(Span::exact(0));
            *sum = sum.joined(class.distinct);
        }
    }
    let mut met: Vec<(LevelId, Say)> = Vec::new();
    let mut near: Vec<(LevelId, Say)> = Vec::new();
    for effect in plan.effects() {
        match effect {
            Effect::Found { id, category, at_least, level, .. } => {
                let people = by.get(category).copied().unwrap_or(Span::exact(0));
                let bound = u64::try_from(*at_least).unwrap_or(u64::MAX);
                let say = |key: String| Say::new(key).with("distinct", people.least).with("at_least", at_least);
                if people.least >= bound {
                    met.push((level.clone(), say(format!("effect.{id}.because"))));
                } else if people.least > 0 && people.most.is_none_or(|m| m >= bound) {
                    let say = say("because.may-reach".to_owned()).with("level", level);
                    near.push((level.clone(), say));
                }
            }
            Effect::Measured { id, category, when, level, .. } => {
                let of = |m: &&&Measured| {
                    draft.classes.get(&m.class).and_then(|c| c.about.as_ref()).is_some_and(|a| a.category == *category)
                };
                for m in draft.measured.iter().filter(of) {
                    if let Some(values) = holds(when, m) {
                        met.push((level.clone(), Say::new(format!("effect.{id}.because")).with("values", values)));
                    }
                }
            }
            Effect::Cell { .. } => {}
        }
    }
    met.sort_by(|a, b| (rank(&b.0), &a.1).cmp(&(rank(&a.0), &b.1)));
    met.dedup();
    let lowest = || plan.levels().first().map_or_else(|| LevelId::from("general"), |l| l.id.clone());
    let level = met.first().map_or_else(lowest, |m| m.0.clone());
    let mut because: Vec<Say> = met.into_iter().filter(|m| m.0 == level).map(|m| m.1).collect();
    if because.is_empty() {
        because.push(Say::new("because.level-found"));
    }
    because.extend(near.into_iter().filter(|n| rank(&n.0) > rank(&level)).map(|n| n.1));
    because.extend(unmeasured(plan, draft));
    (level, because)
}

/// Whether what a file says of itself is as a rule says: the first condition must be about something that it says, and
/// all that it says must hold. The answer names what was said, and with `?` what was not.
pub(crate) fn holds(when: &[plan::MeasureRule], m: &Measured) -> Option<String> {
    let mut said = Vec::new();
    for (n, rule) in when.iter().enumerate() {
        match m.values.get(&rule.measure) {
            Some(value) if rule.holds(*value) => said.push(format!("{}={value}", rule.measure)),
            None if n > 0 => said.push(format!("{}=?", rule.measure)),
            Some(_) | None => return None,
        }
    }
    (!said.is_empty()).then(|| said.join(", "))
}

/// Categories whose level depends on an extent that no file there tells.
fn unmeasured(plan: &CheckedPlan, draft: &Draft<'_>) -> Vec<Say> {
    let mut out: Vec<Say> = Vec::new();
    for effect in plan.effects() {
        let Effect::Measured { category, .. } = effect else { continue };
        let of = |class: &evidence::ClassId| {
            draft.classes.get(class).and_then(|c| c.about.as_ref()).is_some_and(|a| a.category == *category)
        };
        let told = draft.measured.iter().any(|m| of(&m.class));
        let has = draft.classes.iter().any(|(class, c)| c.contents > 0 && of(class));
        let say = Say::new("because.not-measured").with("category", category);
        if has && !told && !out.contains(&say) {
            out.push(say);
        }
    }
    out
}

/// The level in force: what a person graded, else what the list says, else the proposal.
pub(crate) fn level(
    plan: &CheckedPlan,
    draft: Option<&Draft<'_>>,
    listed: Option<&ListedAsset>,
    graded: Option<&Graded<'_>>,
) -> AssetLevel {
    let proposed = draft.map(|d| proposal(plan, d));
    let lowest = || plan.levels().first().map_or_else(|| LevelId::from("general"), |l| l.id.clone());
    let (proposal, because) = proposed.map_or((None, Vec::new()), |(l, b)| (Some(l), b));
    let from_list = listed.and_then(|l| l.level.clone());
    let (level, basis) = match (graded, from_list) {
        (Some(g), _) if g.grading.confirmed => (g.grading.level.clone(), LevelBasis::Confirmed),
        (Some(g), _) => (g.grading.level.clone(), LevelBasis::Rejected),
        (None, Some(level)) => (level, LevelBasis::Listed),
        (None, None) => (proposal.clone().unwrap_or_else(lowest), LevelBasis::Found),
    };
    let only_proposed = plan.levels().iter().any(|l| l.id == level && l.proposed_only);
    let by = graded.map(|g| GradedBy {
        leaf: g.leaf,
        stated_at: g.attestation.stated_at,
        by: g.grading.by.clone(),
        account: match &g.attestation.author.authenticated {
            Authenticated::OsAccount { account, .. } => account.clone(),
            Authenticated::NodeAccount { login, .. } => login.clone(),
            Authenticated::TypedName => String::new(),
        },
        document: g.grading.document.clone(),
    });
    AssetLevel { proposed: basis == LevelBasis::Found && only_proposed, level, basis, proposal, because, by }
}
