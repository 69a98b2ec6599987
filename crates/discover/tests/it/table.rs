//! Tables of every kind pass one trial: what each column is and contains, where the values lie, how much that speaks of.

mod csv;
mod parquet;
mod servers;
mod sqlite;

use evidence::{Body, Column, ColumnVerdict, Covered};

pub(crate) fn columns(bodies: &[Body]) -> Vec<&Column> {
    bodies.iter().filter_map(|b| if let Body::Column(c) = b { Some(c) } else { None }).collect()
}
/// What was covered of tables, without the file's path: `!staff rows=3 …`. How many columns have a telling name depends
/// on the packs of detectors: see [`named`].
pub(crate) fn covered(bodies: &[Body], file: &str) -> Vec<String> {
    let table = |c: &Covered| {
        let place = c.what.strip_prefix("table:")?.strip_prefix(file)?;
        let counts = c.counts.iter().filter(|(name, _)| *name != "named");
        let counts: Vec<String> = counts.map(|(name, n)| format!("{name}={n}")).collect();
        Some(format!("{place} {}", counts.join(" ")))
    };
    let mut all: Vec<_> =
        bodies.iter().filter_map(|b| if let Body::Covered(c) = b { table(c) } else { None }).collect();
    all.sort();
    all
}
/// The verdicts as text, in the order of their places: `!staff.sfzh cn.resident-id is 3/3/3 of 3`.
pub(crate) fn verdicts(bodies: &[Body], file: &str) -> Vec<String> {
    let say = |c: &&Column| {
        let place = c.at.to_string();
        let verdict = if c.verdict == ColumnVerdict::Is { "is" } else { "contains" };
        let place = place.strip_prefix(file).unwrap_or(&place);
        format!("{place}.{} {} {verdict} {}/{}/{} of {}", c.column, c.class, c.whole, c.holding, c.distinct, c.filled)
    };
    let mut all: Vec<_> = columns(bodies).iter().map(say).collect();
    all.sort();
    all
}
/// Identity numbers made by the rule's own arithmetic.
pub(crate) fn id(n: u64) -> String {
    let body =
        format!("110105{}{:02}{:02}{:03}", 1960 + n / 1000 % 40, 1 + n / 40_000 % 12, 1 + n / 480_000 % 28, n % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][sum as usize % 11])
}
/// How many columns of a table have a name that speaks for a class.
pub(crate) fn named(bodies: &[Body], table: &str) -> u64 {
    let one = |b: &Body| match b {
        Body::Covered(c) if c.what.starts_with("table:") && c.what.ends_with(table) => c.counts.get("named").copied(),
        _ => None,
    };
    bodies.iter().find_map(one).expect("the table was covered")
}
/// Every class of the built-in packs, not those alone that the trial plants.
pub(crate) fn all_detectors(limits: discover::Limits) -> discover::Config {
    discover::Config { limits, ..discover::Config::new(evidence::DigestKey::new([7; 32]), 2) }
}
