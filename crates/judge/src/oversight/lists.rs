//! Lists: whom, in which order, a page at a time.

use super::ground::Oversight;
use super::standing::EnterpriseStanding;
use std::cmp::Reverse;

/// Which list. Words `oversight-list.<name>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ListOf {
    /// Key enterprises: those that the plan selects, by code.
    Key,
    /// Risk: whoever has points, by most, then least, then code.
    Risk,
    /// Measures: whoever has orders or measures of its own, by code.
    Measures,
}
impl ListOf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Key, Self::Risk, Self::Measures];
    /// The name in JSON and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Risk => "risk",
            Self::Measures => "measures",
        }
    }
}

/// Of which enterprises; what is empty asks nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListFilter {
    /// One of the 37 local supervisors.
    pub supervisor: String,
    /// First two digits of the area.
    pub province: String,
    /// First four digits of the area.
    pub city: String,
    /// Beginning of the industry's code.
    pub industry: String,
    /// Code of the group.
    pub group: String,
}
impl ListFilter {
    pub(crate) fn takes(&self, w: &super::ground::Who<'_>) -> bool {
        let is = |want: &str, have: &str| want.is_empty() || want == have;
        is(&self.supervisor, w.supervisor)
            && is(&self.group, w.group)
            && w.area.starts_with(self.province.as_str())
            && w.area.starts_with(self.city.as_str())
            && w.industry.starts_with(self.industry.as_str())
    }
}

/// A page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListPage {
    /// The enterprises.
    pub rows: Vec<EnterpriseStanding>,
    /// How many the whole list has.
    pub total: u64,
    /// After what the next page begins; `None`: this was the last.
    pub next: Option<String>,
}

/// The place of an enterprise in a list.
type Key<'s> = (Reverse<u64>, Reverse<u64>, &'s str);

/// `most.least.code`, as [`ListPage::next`] writes it.
fn read(after: &str) -> Option<Key<'_>> {
    let mut parts = after.splitn(3, '.');
    let mut number = || parts.next()?.parse().ok();
    let (most, least) = (number()?, number()?);
    Some((Reverse(most), Reverse(least), parts.next()?))
}

impl Oversight<'_> {
    /// A page of at most `limit` rows behind `after`. `None` if `after` is no place.
    #[must_use]
    pub fn list(&self, of: ListOf, filter: &ListFilter, after: Option<&str>, limit: usize) -> Option<ListPage> {
        let after = match after {
            Some(text) => Some(read(text)?),
            None => None,
        };
        let mut rows: Vec<(Key<'_>, u32)> = Vec::new();
        for (n, _) in (0_u32..).zip(&self.seen).filter(|(_, seen)| **seen) {
            if !self.belongs(of, n) {
                continue;
            }
            let who = self.who(n);
            if filter.takes(&who) {
                let (least, most) = if of == ListOf::Risk { self.points(n) } else { (0, 0) };
                rows.push(((Reverse(most), Reverse(least), who.uscc), n));
            }
        }
        rows.sort_unstable();
        let total = rows.len() as u64;
        let from = after.map_or(0, |a| rows.partition_point(|r| r.0 <= a));
        let page = rows.get(from..).unwrap_or_default();
        let more = page.len() > limit;
        let page = page.get(..limit.min(page.len())).unwrap_or_default();
        let next =
            page.last().filter(|_| more).map(|((most, least, uscc), _)| format!("{}.{}.{uscc}", most.0, least.0));
        Some(ListPage { rows: page.iter().map(|r| self.of(r.1)).collect(), total, next })
    }

    fn belongs(&self, of: ListOf, n: u32) -> bool {
        match of {
            ListOf::Key => self.is_selected(n) == Some(true),
            ListOf::Risk => self.points(n).1 > 0,
            ListOf::Measures => self.held.get(&n).is_some_and(|h| {
                let own = h.report().map(|r| &r.report().measures);
                !h.orders.is_empty() || own.is_some_and(|m| m.open > 0 || m.done > 0)
            }),
        }
    }
}
