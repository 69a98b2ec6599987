//! Groups, ranks and the cut; and why one enterprise is in or out.

use evidence::{Adjust, Enterprise};
use plan::{CheckedPlan, Selection};
use std::collections::BTreeMap;

/// A group, as a number: what its values come to, packed. Sorts as its names do.
pub(crate) type Key = u128;

/// What enterprises can be grouped by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    Province,
    Supervisor,
    Industry,
}
impl By {
    fn of(name: &str) -> Option<Self> {
        match name {
            "province" => Some(Self::Province),
            "supervisor" => Some(Self::Supervisor),
            "industry" => Some(Self::Industry),
            _ => None,
        }
    }
    fn value<'e>(self, row: &'e Enterprise<'_>) -> &'e str {
        match self {
            Self::Province => row.province(),
            Self::Supervisor => &row.supervisor,
            Self::Industry => row.division(),
        }
    }
}

/// How a rule groups and cuts.
pub(crate) struct Grouping<'p> {
    rule: &'p Selection,
    by: Vec<By>,
}

/// An enterprise within its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) key: Key,
    pub(crate) revenue: i64,
    pub(crate) row: u32,
}

/// Where a group is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cut {
    /// The rounded share.
    pub(crate) share: usize,
    /// The share and all that tie with its last one.
    pub(crate) top: usize,
}

impl<'p> Grouping<'p> {
    /// Of a rule; of one that nobody here knows, the word that is not known.
    pub(crate) fn of(rule: &'p Selection) -> Result<Self, String> {
        if rule.by != "revenue-year" {
            return Err(rule.by.clone());
        }
        if rule.among != "above-designated-size" {
            return Err(rule.among.clone());
        }
        let by: Result<Vec<By>, String> = rule.per.iter().map(|p| By::of(p).ok_or_else(|| p.clone())).collect();
        let by = by?;
        // Two fit into a key; more would repeat one.
        if by.len() > 2 { Err(rule.per.join(", ")) } else { Ok(Self { rule, by }) }
    }

    pub(crate) fn key(&self, row: &Enterprise<'_>) -> Key {
        self.by.iter().fold(0, |key, by| {
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(by.value(row).bytes()).for_each(|(to, from)| *to = from);
            (key << 64) | Key::from(u64::from_be_bytes(bytes))
        })
    }

    pub(crate) fn names(&self, row: &Enterprise<'_>) -> Vec<String> {
        self.by.iter().map(|by| by.value(row).to_owned()).collect()
    }

    /// Whether it is of the population.
    pub(crate) fn counts(row: &Enterprise<'_>) -> bool {
        row.above && row.is_industrial()
    }

    /// Cuts a ranked group: the share rounded as the rule says, at least one, and whoever ties with the last one.
    pub(crate) fn cut(&self, group: &[Place]) -> Cut {
        let percent = usize::try_from(self.rule.top_percent).unwrap_or(0);
        let exact = group.len() * percent;
        let share = if self.rule.rounding == "floor" { exact / 100 } else { exact.div_ceil(100) };
        let share = share.max(1).min(group.len());
        let Some(last) = group.get(share.saturating_sub(1)) else { return Cut { share: 0, top: 0 } };
        let tied = group.iter().skip(share).take_while(|p| p.revenue == last.revenue).count();
        Cut { share, top: if self.rule.ties == "all" { share + tied } else { share } }
    }
}

/// The population in groups, each ranked: by revenue, the largest first; of equals the smaller code.
pub(crate) fn groups(grouping: &Grouping<'_>, rows: &[Enterprise<'_>]) -> Vec<Vec<Place>> {
    let mut groups: BTreeMap<Key, Vec<Place>> = BTreeMap::new();
    for (row, e) in (0_u32..).zip(rows).filter(|(_, e)| Grouping::counts(e)) {
        let key = grouping.key(e);
        groups.entry(key).or_default().push(Place { key, revenue: e.revenue, row });
    }
    let mut out: Vec<Vec<Place>> = groups.into_values().collect();
    // Rows come in the order of their codes, so the place tells which code is smaller.
    out.iter_mut().for_each(|g| g.sort_unstable_by_key(|p| (std::cmp::Reverse(p.revenue), p.row)));
    out
}

/// Why an enterprise is in or out. Words `selection-why.<name>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// It is of the top share.
    Top,
    /// It ties with the last one of the share.
    Tied,
    /// Its revenue is below the cut.
    Below,
    /// A person added it.
    Added,
    /// A person removed it.
    Removed,
    /// It is below the designated size.
    Small,
    /// Its industry is none of mining, manufacturing, or supply of electricity, heat, gas and water.
    NotIndustrial,
}
impl Reason {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Top, Self::Tied, Self::Below, Self::Added, Self::Removed, Self::Small, Self::NotIndustrial];
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Tied => "tied",
            Self::Below => "below",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Small => "small",
            Self::NotIndustrial => "not-industrial",
        }
    }
}

/// The next one in a ranking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Neighbour {
    /// Its code.
    pub uscc: String,
    /// Its name.
    pub name: String,
    /// Its revenue in yuan.
    pub revenue: i64,
}

/// Where an enterprise stands under one rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// The rule.
    pub rule: String,
    /// The rule of which it is another reading.
    pub reading_of: Option<String>,
    /// Its group.
    pub group: Vec<String>,
    /// Enterprises of the group that are ranked.
    pub enterprises: u64,
    /// Its rank, from 1; absent if it is not of the population.
    pub rank: Option<u64>,
    /// The rounded share of the group.
    pub share: u64,
    /// The top with ties.
    pub top: u64,
    /// Revenue of the last one of the top.
    pub lowest: Option<i64>,
    /// The next larger one.
    pub above: Option<Neighbour>,
    /// The next smaller one.
    pub below: Option<Neighbour>,
    /// In or out.
    pub selected: bool,
    /// Why.
    pub why: Reason,
}

/// Says of one enterprise where it stands under every rule. `rows` hold all rows of its groups, in ascending order of the
/// code; others do no harm. `None` if it is not among them.
#[must_use]
pub fn explain(
    plan: &CheckedPlan,
    rows: &[Enterprise<'_>],
    uscc: &str,
    adjusted: Option<Adjust>,
) -> Option<Vec<Placed>> {
    let at = rows.binary_search_by(|r| r.uscc.as_ref().cmp(uscc)).ok()?;
    let row = rows.get(at)?;
    let rules = plan.selection().iter().filter_map(|rule| Some((rule, Grouping::of(rule).ok()?)));
    Some(rules.map(|(rule, grouping)| place(rule, &grouping, rows, (at, row), adjusted)).collect())
}

fn place(
    rule: &Selection,
    grouping: &Grouping<'_>,
    rows: &[Enterprise<'_>],
    (at, row): (usize, &Enterprise<'_>),
    adjusted: Option<Adjust>,
) -> Placed {
    let key = grouping.key(row);
    let counted = (0_u32..).zip(rows).filter(|(_, e)| Grouping::counts(e) && grouping.key(e) == key);
    let mut group: Vec<Place> = counted.map(|(n, e)| Place { key, revenue: e.revenue, row: n }).collect();
    group.sort_unstable_by_key(|p| (std::cmp::Reverse(p.revenue), p.row));
    let cut = grouping.cut(&group);
    let rank = group.iter().position(|p| p.row as usize == at);
    let of = |n: Option<usize>| {
        let e = rows.get(group.get(n?)?.row as usize)?;
        Some(Neighbour { uscc: e.uscc.to_string(), name: e.name.to_string(), revenue: e.revenue })
    };
    let top = rank.is_some_and(|r| r < cut.top);
    let why = match (adjusted, rank) {
        (Some(Adjust::Add), _) if !top => Reason::Added,
        (Some(Adjust::Remove), _) if top => Reason::Removed,
        (_, Some(r)) if r < cut.share => Reason::Top,
        (_, Some(_)) if top => Reason::Tied,
        (_, Some(_)) => Reason::Below,
        (_, None) if !row.is_industrial() => Reason::NotIndustrial,
        (_, None) => Reason::Small,
    };
    Placed {
        rule: rule.id.clone(),
        reading_of: rule.reading_of.clone(),
        group: grouping.names(row),
        enterprises: group.len() as u64,
        rank: rank.map(|r| r as u64 + 1),
        share: cut.share as u64,
        top: cut.top as u64,
        lowest: cut.top.checked_sub(1).and_then(|n| group.get(n)).map(|p| p.revenue),
        above: of(rank.and_then(|r| r.checked_sub(1))),
        below: of(rank.map(|r| r + 1)),
        selected: matches!(why, Reason::Top | Reason::Tied | Reason::Added),
        why,
    }
}
