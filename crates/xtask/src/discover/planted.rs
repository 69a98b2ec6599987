//! What was found of what was planted.
//!
//! The rule: in a file, each planted value takes one hit (medium or better) of a class that stands for its kind, the most
//! particular class first. What is left over of such classes is *extra*; classes that no kind stands for are only named.
//! Hits are matched by file, class and number: the records hold a few places of a file, not all.

use crate::seen::{Bands, Seen};
use std::collections::BTreeMap;
use std::path::Path;
use testing::kinds::KINDS;
use testing::mixture::Grown;

/// Hits that no planted value took yet.
type Left = BTreeMap<(String, String), u64>;

fn left(seen: &Seen, of: fn(Bands) -> u64) -> Left {
    let mut all = Left::new();
    for h in &seen.hits {
        *all.entry((h.path.clone(), h.class.clone())).or_default() += of(h.bands);
    }
    all
}

/// Takes one hit for a value of a kind in a file.
fn take(left: &mut Left, path: &str, classes: &[&str]) -> bool {
    let from = (path.to_owned(), String::new());
    let keys: Vec<String> = left
        .range(from..)
        .take_while(|((p, _), _)| p == path)
        .filter(|(_, n)| **n > 0)
        .map(|((_, c), _)| c.clone())
        .collect();
    let class = classes.iter().find_map(|part| keys.iter().find(|c| c.contains(part)));
    class.and_then(|c| left.get_mut(&(path.to_owned(), c.clone()))).map(|n| *n -= 1).is_some()
}

/// Prints a row a kind, what is extra, and what was not looked at.
pub(super) fn compare(seen: &Seen, grown: &Grown, root: &Path) {
    let (mut sure, mut high) = (left(seen, Bands::sure), left(seen, |b| b.high));
    let mut rows: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    let mut by_wrap: BTreeMap<(String, &str), [u64; 2]> = BTreeMap::new();
    // Kinds in the order of the table: what is particular takes its hits before what would take any token.
    for kind in &KINDS {
        for p in grown.planted.iter().filter(|p| p.class == kind.id) {
            let path = root.join(&p.path).display().to_string();
            let found = [true, take(&mut sure, &path, kind.classes), take(&mut high, &path, kind.classes)];
            let row = rows.entry(kind.id).or_default();
            row.iter_mut().zip(found).for_each(|(n, f)| *n += u64::from(f));
            let row = by_wrap.entry((format!("{:?}", p.wrap), kind.id)).or_default();
            row.iter_mut().zip(found).for_each(|(n, f)| *n += u64::from(f));
        }
    }
    println!("\n| planted | values | found | found high |\n| --- | --- | --- | --- |");
    for (kind, [n, found, high]) in &rows {
        println!("| {kind} | {n} | {found} | {high} |");
    }
    let any = |class: &str| KINDS.iter().any(|k| k.classes.iter().any(|c| class.contains(c)));
    let (mut extra, mut other) = (BTreeMap::<&str, u64>::new(), BTreeMap::<&str, u64>::new());
    for ((_, class), n) in sure.iter().filter(|(_, n)| **n > 0) {
        *if any(class) { &mut extra } else { &mut other }.entry(class).or_default() += n;
    }
    let known = rows.values().filter(|r| r[1] > 0).fold((0, 0), |s, r| (s.0 + r[0], s.1 + r[1]));
    println!("\nfound {} of {} in the kinds that were found at all", known.1, known.0);
    let mut shares: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for ((wrap, _), n) in by_wrap.iter().filter(|((_, kind), _)| rows.get(kind).is_some_and(|r| r[1] > 0)) {
        let share = shares.entry(wrap).or_default();
        share.iter_mut().zip(n).for_each(|(all, n)| *all += n);
    }
    println!("of these by storage, planted and found: {shares:?}");
    println!("extra at medium or better: {extra:?}; classes that nothing was planted for: {other:?}");
    println!("gaps: {:?}; looked at: {:?}", seen.gaps, seen.counts);
}
