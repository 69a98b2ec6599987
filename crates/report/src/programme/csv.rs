//! Progress as CSV: one row a target and group. The columns are fixed: programs read them.

use super::ProgressView;
use super::view::counting;
use crate::discover::{safe, write};
use evidence::{Rung, TargetProgress};

const HEAD: [&str; 19] = [
    "as_of",
    "target",
    "counter",
    "reading_of",
    "by",
    "group",
    "declared",
    "documented",
    "machine_evidenced",
    "re_observed",
    "counts_from",
    "counts",
    "of",
    "bound",
    "exclusive",
    "unit",
    "due",
    "reached",
    "members_root",
];

/// Progress as CSV (RFC 4180), without a byte order mark. Amounts stand on their rung alone; `counts` is what counts for the target. The row
/// of a target as a whole has an empty `by`. No cell begins a formula.
#[must_use]
pub fn progress_csv(v: &ProgressView<'_>) -> String {
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    for p in &v.judgement.targets {
        let own: Vec<u64> = p.ladder.iter().map(|r| r.own).collect();
        rows.push(row(v, p, ("", ""), &own, counting(p), p.of, Some(p.reached)));
        let by = v.by.map(super::GroupBy::name);
        for (name, groups) in p.by.iter().filter(|(name, _)| by.is_none_or(|b| b == name.as_str())) {
            for g in groups {
                let from = Rung::ALL.iter().position(|r| *r == p.rung_min).unwrap_or(0);
                let counts = g.own.iter().skip(from).fold(0_u64, |sum, n| sum.saturating_add(*n));
                rows.push(row(v, p, (name, &g.group), &g.own, counts, g.of, None));
            }
        }
    }
    write(rows.into_iter())
}

fn row(
    v: &ProgressView<'_>,
    p: &TargetProgress,
    (by, group): (&str, &str),
    own: &[u64],
    counts: u64,
    of: Option<u64>,
    reached: Option<bool>,
) -> Vec<String> {
    let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
    let mut cells = vec![
        v.judgement.as_of.to_string(),
        p.target.clone(),
        p.counter.clone(),
        p.reading_of.clone().unwrap_or_default(),
        by.to_owned(),
        group.to_owned(),
    ];
    cells.extend((0..4).map(|n| own.get(n).copied().unwrap_or(0).to_string()));
    cells.extend([
        p.rung_min.name().to_owned(),
        counts.to_string(),
        of.map(|o| o.to_string()).unwrap_or_default(),
        p.bound.to_string(),
        yes(p.exclusive),
        p.unit.clone(),
        p.due.date(),
        reached.map(yes).unwrap_or_default(),
        reached.map(|_| p.members.root.to_string()).unwrap_or_default(),
    ]);
    cells.iter().map(|c| safe(c)).collect()
}
