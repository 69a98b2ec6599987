//! Sums: what one enterprise adds to them, and the targets that they come to.

use super::json;
use evidence::{Digest, Doubt, Rung, Say};
use judge::{CounterSums, EnterpriseClaims, SumsPlace, TargetShown};
use plan::{CheckedPlan, Denominator};
use std::collections::{BTreeMap, BTreeSet};
use store::{EnterpriseLine, TallyKey};

/// Where an enterprise is, as [`SumsPlace::of`] says of its row.
pub(super) fn place_of(line: &EnterpriseLine) -> SumsPlace {
    SumsPlace {
        supervisor: line.supervisor.clone(),
        province: line.area.get(..2).unwrap_or_default().to_owned(),
        division: line.industry.get(..3).unwrap_or_default().to_owned(),
    }
}

/// What one enterprise adds.
pub(super) fn contributions(
    plan: &CheckedPlan,
    rules: &BTreeSet<String>,
    line: &EnterpriseLine,
    place: &SumsPlace,
) -> Vec<(TallyKey, i64)> {
    let plain = |counter: &str, what: String| TallyKey { counter: counter.to_owned(), what, ..TallyKey::default() };
    let placed = |counter: &str, what: String| TallyKey {
        counter: counter.to_owned(),
        what,
        supervisor: place.supervisor.clone(),
        province: place.province.clone(),
        division: place.division.clone(),
    };
    let mut out = Vec::new();
    if line.listed {
        out.push((plain("", "enterprises".to_owned()), 1));
        if line.above {
            out.push((plain("", "above".to_owned()), 1));
        }
        for counter in plan.counters() {
            let is_in = match &counter.of {
                Some(Denominator::AboveSize) => line.above,
                Some(Denominator::Selected(rule)) => {
                    let at = plan.selection().iter().position(|s| s.id == *rule).filter(|_| rules.contains(rule));
                    at.is_some_and(|n| line.tops.checked_shr(u32::try_from(n).unwrap_or(63)).unwrap_or(0) & 1 == 1)
                }
                None => false,
            };
            if is_in {
                out.push((placed(&counter.id, "of".to_owned()), 1));
            }
        }
    }
    if line.seen && !line.listed {
        out.push((plain("", "outside".to_owned()), 1));
    }
    if line.claims.is_empty() {
        return out;
    }
    let Ok(claims) = serde_json::from_str::<EnterpriseClaims>(&line.claims) else { return out };
    if claims.reporting {
        out.push((plain("", "reporting".to_owned()), 1));
    }
    for (key, n) in &claims.doubts {
        out.push((plain("", format!("doubt:{key}")), i64::try_from(*n).unwrap_or(i64::MAX)));
    }
    for (counter, claim) in &claims.by {
        if let Some(rung) = claim.rung {
            out.push((placed(counter, format!("rung:{}", rung.name())), 1));
        }
        out.extend(claim.fell.iter().map(|why| (plain(counter, format!("fell:{why}")), 1)));
        out.extend(claim.left.iter().map(|why| (plain(counter, format!("left:{why}")), 1)));
        for (is, what) in [(claim.held, "held"), (claim.refuted, "refuted")] {
            if is {
                out.push((plain(counter, what.to_owned()), 1));
            }
        }
    }
    out
}

/// What sums say of numbers that no target has.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) enterprises: u64,
    pub(super) above: u64,
    pub(super) reporting: u64,
    /// Seen, and not in the registry.
    pub(super) outside: u64,
    pub(super) doubts: Vec<Doubt>,
}

/// Sums by counter, and the numbers.
pub(super) fn sums(tally: BTreeMap<TallyKey, i64>) -> (BTreeMap<String, CounterSums>, Numbers) {
    let (mut by, mut numbers): (BTreeMap<String, CounterSums>, _) = (BTreeMap::new(), Numbers::default());
    for (key, n) in tally {
        let n = u64::try_from(n).unwrap_or(0);
        if key.counter.is_empty() {
            match key.what.as_str() {
                "enterprises" => numbers.enterprises = n,
                "above" => numbers.above = n,
                "reporting" => numbers.reporting = n,
                "outside" => numbers.outside = n,
                other => {
                    let say = other.strip_prefix("doubt:").map(|key| Say::new(format!("doubt.{key}")).with("count", n));
                    numbers.doubts.extend(say.map(|say| Doubt { say, cited: None }));
                }
            }
            continue;
        }
        let of = by.entry(key.counter).or_default();
        let place = SumsPlace { supervisor: key.supervisor, province: key.province, division: key.division };
        match key.what.split_once(':') {
            Some(("rung", name)) => {
                if let Some(rung) = Rung::ALL.into_iter().find(|r| r.name() == name) {
                    of.counted.insert((place, rung), n);
                }
            }
            Some(("left", why)) => drop(of.left.insert(why.to_owned(), n)),
            Some(("fell", why)) => drop(of.fell.insert(why.to_owned(), n)),
            _ if key.what == "of" => drop(of.members.insert(place, n)),
            _ if key.what == "held" => of.held = n,
            _ if key.what == "refuted" => of.refuted = n,
            _ => {}
        }
    }
    (by, numbers)
}

/// What counts for a target: the amount on the rung that counts and all that are surer.
pub(super) fn counting(target: &TargetShown) -> u64 {
    target.ladder.iter().find(|r| r.rung == target.rung_min).map_or(0, |r| r.at_least)
}

/// Names what pages are kept for: another one is another set of rows.
pub(super) fn key(plan: &CheckedPlan, part: Option<&evidence::Part>) -> String {
    let part = part.map_or_else(String::new, json);
    Digest::of(format!("{} {} {part}", plan.digest(), judge::VERSION).as_bytes()).hex()
}
