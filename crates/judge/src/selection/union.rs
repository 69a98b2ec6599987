//! One registry out of those of several supervisors (`docs/specs/registry-v1.md` §7).
//!
//! What comes out follows from the rows alone, in whatever order they came: a tie that was decided by who came first would make
//! two nodes that hold the same sign different registries.

use super::SelectionRows;
use evidence::{Enterprise, EnterpriseFile, Merged, MergedSource, NodeId, TWICE_MAX, Twice, supervisor_of};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The registry of one supervisor, and who signed it.
#[derive(Clone, Copy, Debug)]
pub struct UnionPart<'a> {
    /// One of the 37.
    pub supervisor: &'a str,
    /// The node.
    pub node: &'a NodeId,
    /// Its rows; those of other supervisors are passed over.
    pub rows: &'a SelectionRows<'a>,
}

/// A union.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Union {
    /// Its rows.
    pub file: EnterpriseFile,
    /// What it was made of.
    pub merged: Merged,
    /// Rows whose size follows from their revenue.
    pub derived: u64,
    /// Rows that its sources left out, by reason.
    pub left_out: BTreeMap<String, u64>,
}

/// A row, and how strong its claim to its code is: the smaller rank counts.
struct Claim<'a> {
    uscc: &'a str,
    rank: (bool, bool, &'a str),
    row: &'a Enterprise<'a>,
}

fn claim<'a>(row: &'a Enterprise<'a>, is_base: bool) -> Claim<'a> {
    // Digits 3 to 8 of a credit code are the area of whoever gave it out (GB 32100).
    let given_out = row.uscc.get(2..8).and_then(supervisor_of);
    let elsewhere = given_out != Some(row.supervisor.as_ref());
    Claim { uscc: &row.uscc, rank: (is_base, elsewhere, &row.supervisor), row }
}

/// The union of what supervisors reported, and of the rows of `base` whose supervisors did not. `parts` has one of a supervisor; of
/// several the first in order of leaves counts, so that the order they stand in does not matter.
#[must_use]
pub fn union(base: Option<&SelectionRows<'_>>, parts: &[UnionPart<'_>]) -> Union {
    let mut of: BTreeMap<&str, &UnionPart<'_>> = BTreeMap::new();
    for part in parts {
        let kept = of.entry(part.supervisor).or_insert(part);
        if part.rows.leaf() < kept.rows.leaf() {
            *kept = part;
        }
    }
    let mut claims: Vec<Claim<'_>> = Vec::new();
    for (supervisor, part) in &of {
        let own = part.rows.rows().iter().filter(|r| r.supervisor == *supervisor);
        claims.extend(own.map(|r| claim(r, false)));
    }
    if let Some(base) = base {
        let rest = base.rows().iter().filter(|r| !of.contains_key(r.supervisor.as_ref()));
        claims.extend(rest.map(|r| claim(r, true)));
    }
    claims.sort_unstable_by(|a, b| (a.uscc, a.rank).cmp(&(b.uscc, b.rank)));
    let mut told = Told::default();
    let file = EnterpriseFile::write_sorted(claims.iter().filter(|c| told.counts(c)).map(|c| c.row.to_line()));
    let Told { taken, base_rows, derived, twice, twice_first, .. } = told;
    let sources = of.iter().map(|(supervisor, part)| MergedSource {
        supervisor: (*supervisor).to_owned(),
        node: part.node.clone(),
        leaf: part.rows.leaf(),
        stated_at: part.rows.registry().stated_at,
        rows: part.rows.registry().rows,
        taken: taken.get(supervisor).copied().unwrap_or(0),
    });
    let merged =
        Merged { sources: sources.collect(), base: base.map(SelectionRows::leaf), base_rows, twice, twice_first };
    let mut left_out: BTreeMap<String, u64> = BTreeMap::new();
    for r in of.values().map(|p| p.rows.registry()).chain(base.map(SelectionRows::registry)) {
        for (why, count) in &r.left_out {
            let n = left_out.entry(why.clone()).or_default();
            *n = n.saturating_add(*count);
        }
    }
    Union { file, merged, derived, left_out }
}

/// What was taken so far.
#[derive(Default)]
struct Told<'a> {
    last: Option<&'a Enterprise<'a>>,
    taken: BTreeMap<&'a str, u64>,
    base_rows: u64,
    derived: u64,
    twice: u64,
    twice_first: Vec<Twice>,
    counted_twice: bool,
}
impl<'a> Told<'a> {
    /// Whether this claim counts: the first to its code does.
    fn counts(&mut self, c: &Claim<'a>) -> bool {
        if let Some(kept) = self.last.filter(|l| l.uscc == c.uscc) {
            // A third claim to one code is no second code.
            if !std::mem::replace(&mut self.counted_twice, true) {
                self.twice += 1;
            }
            if self.twice_first.len() < TWICE_MAX {
                let own = |t: &Cow<'_, str>| t.clone().into_owned();
                let (uscc, counts, other) = (own(&kept.uscc), own(&kept.supervisor), own(&c.row.supervisor));
                self.twice_first.push(Twice { uscc, counts, other });
            }
            return false;
        }
        (self.last, self.counted_twice) = (Some(c.row), false);
        self.derived += u64::from(c.row.derived);
        if c.rank.0 {
            self.base_rows += 1;
        } else {
            *self.taken.entry(c.row.supervisor.as_ref()).or_default() += 1;
        }
        true
    }
}
