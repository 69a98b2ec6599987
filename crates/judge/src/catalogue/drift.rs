//! What changed between two catalogues, kind by kind and item by item, and whether that must be filed.

use super::place::ByPlace;
use evidence::{Asset, Carrier, Catalogue, CategoryId, Digest, LevelId, ListedTexts, Span, Time};
use plan::{CheckedPlan, Duty, Limit, LimitUnit};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a change reaches the bound of the duty.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// It does not.
    No,
    /// It may: the numbers are not known well enough.
    Possible,
    /// It does, whatever the numbers are within their bounds.
    Certain,
}
impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 3] = [Self::No, Self::Possible, Self::Certain];
    /// The name in JSON and the key `drift.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Possible => "possible",
            Self::Certain => "certain",
        }
    }
}

/// A number before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Before.
    pub before: Span,
    /// After.
    pub after: Span,
    /// By at least so many per cent of the number before, rounded down.
    pub percent_least: u64,
    /// By at most so many per cent; `None` without a bound.
    pub percent_most: Option<u64>,
    /// Against the bound of the duty.
    pub verdict: Verdict,
}

/// One kind of data: a level and a main category.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KindDrift {
    /// Level.
    pub level: LevelId,
    /// Main category.
    pub category: CategoryId,
    /// Assets before and after.
    pub assets: (u64, u64),
    /// Records.
    pub records: Change,
    /// Bytes; `None` if no size is known on either side.
    pub bytes: Option<Change>,
}
impl KindDrift {
    /// The graver of the two.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.records.verdict.max(self.bytes.map_or(Verdict::No, |b| b.verdict))
    }
}

/// One field of an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldChange {
    /// `level`, `category`, `name`, or a field of [`ListedTexts`].
    pub field: &'static str,
    /// Before; empty: nothing was said.
    pub before: String,
    /// After.
    pub after: String,
}

/// One filed item that changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemChange {
    /// Id of the asset.
    pub id: Digest,
    /// Its place.
    pub carrier: Carrier,
    /// Whether it was there before and is there after.
    pub there: (bool, bool),
    /// Fields that differ; empty for one that came or went.
    pub fields: Vec<FieldChange>,
}

/// The duty that arises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// The plan's duty.
    pub duty: String,
    /// Its clock.
    pub clock: Option<String>,
    /// Until when; `None` if the plan gives no figure that can be counted.
    pub until: Option<Time>,
}

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drift {
    /// Instants of the two catalogues.
    pub between: (Time, Time),
    /// The plan's bound, in per cent; `None` if the plan has no such duty.
    pub percent: Option<u64>,
    /// From this level on things are filed.
    pub from: Option<LevelId>,
    /// Every kind that is in either, by level and category.
    pub kinds: Vec<KindDrift>,
    /// Items that changed, by place.
    pub items: Vec<ItemChange>,
    /// Assets at or above the level that are only proposed: nobody has decided on them yet.
    pub proposals: u64,
    /// The duty, if one arises for certain.
    pub due: Option<Due>,
}
impl Drift {
    /// The gravest verdict on any kind.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.kinds.iter().map(KindDrift::verdict).max().unwrap_or(Verdict::No)
    }
}

/// Compares two catalogues under the plan's duty about changes.
#[must_use]
pub fn diff(plan: &CheckedPlan, before: &Catalogue, after: &Catalogue) -> Drift {
    let duty = plan.duties().iter().find(|d| d.change_percent.is_some());
    let percent = duty.and_then(|d| d.change_percent).and_then(|p| u64::try_from(p).ok());
    let from = duty.and_then(|d| d.level.clone());
    let rank = |id: &LevelId| plan.levels().iter().find(|l| &l.id == id).map_or(0, |l| l.rank);
    let bound = from.as_ref().map_or(0, rank);
    let filed = |a: &&Asset| rank(&a.level.level) >= bound && !a.level.proposed;
    let (old, new): (Vec<&Asset>, Vec<&Asset>) =
        (before.assets.iter().filter(filed).collect(), after.assets.iter().filter(filed).collect());
    let kinds = kinds(&old, &new, percent.unwrap_or(u64::MAX));
    let items = items(&old, &new);
    let proposals = after.assets.iter().filter(|a| rank(&a.level.level) >= bound && a.level.proposed).count();
    let certain = kinds.iter().any(|k| k.verdict() == Verdict::Certain) || !items.is_empty();
    let due = duty.filter(|_| certain).map(|d| due(plan, d, after.as_of));
    Drift { between: (before.as_of, after.as_of), percent, from, kinds, items, proposals: proposals as u64, due }
}

fn due(plan: &CheckedPlan, duty: &Duty, changed: Time) -> Due {
    let clock = duty.clock.as_ref().and_then(|c| plan.clocks().iter().find(|k| k.id == *c));
    let until = clock.and_then(|c| match c.limit {
        Limit::Within(n, LimitUnit::Minutes) => changed.plus_minutes(n),
        Limit::Within(n, LimitUnit::Hours) => changed.plus_minutes(n.checked_mul(60)?),
        Limit::Within(n, LimitUnit::Days) => changed.plus_minutes(n.checked_mul(24 * 60)?),
        Limit::Within(n, LimitUnit::Months) => changed.plus_months(n),
        Limit::Within(n, LimitUnit::Years) => changed.plus_months(n.checked_mul(12)?),
        // Working days need a calendar of holidays.
        Limit::Within(_, LimitUnit::WorkingDays) | Limit::By(..) | Limit::Immediately | Limit::Unstated => None,
    });
    Due { duty: duty.id.clone(), clock: duty.clock.clone(), until }
}

/// Records and bytes of an asset: what was found, else what the list says.
fn size(a: &Asset) -> (Span, Option<Span>) {
    let found = a.seen.is_some();
    let listed = a.listed.as_ref();
    if found {
        return (a.size.records, a.size.bytes);
    }
    let records = listed.and_then(|l| l.records).map_or(Span::default(), Span::exact);
    (records, listed.and_then(|l| l.bytes).map(Span::exact))
}

#[derive(Clone, Copy)]
struct Sum {
    assets: u64,
    records: Span,
    bytes: Span,
    sized: bool,
}

fn sums<'a>(assets: &[&'a Asset]) -> BTreeMap<(&'a LevelId, &'a CategoryId), Sum> {
    let mut out: BTreeMap<(&LevelId, &CategoryId), Sum> = BTreeMap::new();
    for a in assets {
        let zero = Sum { assets: 0, records: Span::exact(0), bytes: Span::exact(0), sized: false };
        let sum = out.entry((&a.level.level, &a.category)).or_insert(zero);
        let (records, bytes) = size(a);
        sum.assets += 1;
        sum.records = sum.records.plus(records);
        sum.bytes = sum.bytes.plus(bytes.unwrap_or_default());
        sum.sized |= bytes.is_some();
    }
    out
}

fn kinds(old: &[&Asset], new: &[&Asset], percent: u64) -> Vec<KindDrift> {
    let (before, after) = (sums(old), sums(new));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let zero = Sum { assets: 0, records: Span::exact(0), bytes: Span::exact(0), sized: false };
    keys.into_iter()
        .map(|key| {
            let (b, a) = (before.get(&key).copied().unwrap_or(zero), after.get(&key).copied().unwrap_or(zero));
            KindDrift {
                level: key.0.clone(),
                category: key.1.clone(),
                assets: (b.assets, a.assets),
                records: change(b.records, a.records, percent),
                bytes: (b.sized || a.sized).then(|| change(b.bytes, a.bytes, percent)),
            }
        })
        .collect()
}

/// How far two numbers are apart, in per cent of the first, at least and at most.
fn change(before: Span, after: Span, percent: u64) -> Change {
    let of = |part: u64, whole: u64| match (part, whole) {
        (0, _) => 0,
        (_, 0) => 100,
        _ => u64::try_from(u128::from(part) * 100 / u128::from(whole)).unwrap_or(u64::MAX),
    };
    let grown = before.most.map_or(0, |bm| of(after.least.saturating_sub(bm), bm));
    let shrunk = after.most.map_or(0, |am| of(before.least.saturating_sub(am), before.least));
    let percent_least = grown.max(shrunk);
    let up = after.most.map(|am| of(am.saturating_sub(before.least), before.least));
    let down = before.most.map_or(100, |bm| of(bm.saturating_sub(after.least), bm));
    let percent_most = up.map(|u| u.max(down));
    let verdict = match (percent_least >= percent, percent_most.is_none_or(|m| m >= percent)) {
        (true, _) => Verdict::Certain,
        (false, true) => Verdict::Possible,
        (false, false) => Verdict::No,
    };
    Change { before, after, percent_least, percent_most, verdict }
}

fn items(old: &[&Asset], new: &[&Asset]) -> Vec<ItemChange> {
    let mut out = Vec::new();
    let there = ByPlace::new(new.iter().copied());
    let mut met = BTreeSet::new();
    for b in old {
        match there.find(&b.carrier) {
            Some(a) => {
                met.insert(a.id);
                let fields = fields(b, a);
                if !fields.is_empty() {
                    out.push(ItemChange { id: a.id, carrier: a.carrier.clone(), there: (true, true), fields });
                }
            }
            None => {
                out.push(ItemChange { id: b.id, carrier: b.carrier.clone(), there: (true, false), fields: Vec::new() });
            }
        }
    }
    for a in new.iter().filter(|a| !met.contains(&a.id)) {
        out.push(ItemChange { id: a.id, carrier: a.carrier.clone(), there: (false, true), fields: Vec::new() });
    }
    out.sort_by(|a, b| a.carrier.cmp(&b.carrier));
    out
}

fn fields(before: &Asset, after: &Asset) -> Vec<FieldChange> {
    let texts = |a: &Asset| a.listed.as_ref().map(|l| l.texts.clone()).unwrap_or_default();
    let name = |a: &Asset| a.listed.as_ref().map(|l| l.name.clone()).unwrap_or_default();
    let (old, new) = (texts(before), texts(after));
    let mut pairs = vec![
        ("level", before.level.level.to_string(), after.level.level.to_string()),
        ("category", before.category.to_string(), after.category.to_string()),
        ("name", name(before), name(after)),
    ];
    pairs.extend(ListedTexts::FIELDS.map(|f| (f, old.get(f).to_owned(), new.get(f).to_owned())));
    let changed = pairs.into_iter().filter(|(_, b, a)| b != a);
    changed.map(|(field, before, after)| FieldChange { field, before, after }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Before, after, at least, at most, verdict at 30 %.
    #[track_caller]
    fn check(before: Span, after: Span, least: u64, most: Option<u64>, verdict: Verdict) {
        let c = change(before, after, 30);
        assert_eq!((c.percent_least, c.percent_most, c.verdict), (least, most, verdict), "{before:?} {after:?}");
    }

    #[test]
    fn a_change_is_certain_only_if_the_nearest_values_say_so() {
        let e = Span::exact;
        check(e(100), e(129), 29, Some(29), Verdict::No);
        check(e(100), e(130), 30, Some(30), Verdict::Certain);
        check(e(100), e(71), 29, Some(29), Verdict::No);
        check(e(100), e(70), 30, Some(30), Verdict::Certain);
        check(e(0), e(0), 0, Some(0), Verdict::No);
        check(e(0), e(1), 100, Some(100), Verdict::Certain);
        check(e(1), e(0), 100, Some(100), Verdict::Certain);
        check(Span::between(90, 110), e(130), 18, Some(44), Verdict::Possible);
        check(Span::between(90, 100), e(131), 31, Some(45), Verdict::Certain);
        check(e(100), Span::at_least(100), 0, None, Verdict::Possible);
        check(e(100), Span::at_least(140), 40, None, Verdict::Certain);
        check(Span::at_least(100), e(100), 0, Some(100), Verdict::Possible);
        check(Span::at_least(100), e(50), 50, Some(100), Verdict::Certain);
        check(e(u64::MAX), e(0), 100, Some(100), Verdict::Certain);
    }
}
