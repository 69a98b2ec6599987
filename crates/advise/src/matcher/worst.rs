//! What to mend first, and what mends a package.

use super::{Match, Package};
use crate::advisory::Severity;
use crate::version::{Scheme, compare};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The matches of one package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Place in the packages that were given.
    pub package: usize,
    /// Matches.
    pub count: u64,
    /// The worst rating among them.
    pub worst: Severity,
    /// The highest CVSS base score among them, in tenths.
    pub score: Option<u16>,
    /// How many are known to be exploited.
    pub exploited: u64,
    /// One of them says that the package itself is the attack.
    pub malicious: bool,
    /// The smallest version that is not before any match's fix; `None` if one has no fix.
    pub fixed_all: Option<String>,
}

/// What is worse comes first: malicious, exploited by ransomware, exploited, rating, score, likelihood; then by package and id.
pub fn worst_first(matches: &mut [Match]) {
    matches.sort_by(|a, b| {
        let badness = |m: &Match| (m.malicious, m.ransomware, m.exploited, m.severity, m.score, m.epss);
        Reverse(badness(a)).cmp(&Reverse(badness(b))).then(a.package.cmp(&b.package)).then_with(|| a.id.cmp(&b.id))
    });
}

/// One summary for each package that has a match, worst first. `packages` are those that the matches were found in.
#[must_use]
pub fn summaries(matches: &[Match], packages: &[Package]) -> Vec<Summary> {
    let mut by_package: BTreeMap<usize, Vec<&Match>> = BTreeMap::new();
    for m in matches {
        by_package.entry(m.package).or_default().push(m);
    }
    let mut out: Vec<Summary> = by_package
        .into_iter()
        .map(|(package, all)| {
            let scheme = packages.get(package).map_or(Scheme::Plain, |p| Scheme::of(&p.ecosystem));
            let fixes: Option<Vec<&String>> = all.iter().map(|m| m.fixed.as_ref()).collect();
            let exploited = all.iter().filter(|m| m.exploited).count();
            Summary {
                package,
                count: all.len() as u64,
                worst: all.iter().map(|m| m.severity).max().unwrap_or_default(),
                score: all.iter().filter_map(|m| m.score).max(),
                exploited: exploited as u64,
                malicious: all.iter().any(|m| m.malicious),
                fixed_all: fixes.and_then(|f| f.into_iter().max_by(|a, b| compare(scheme, a, b)).cloned()),
            }
        })
        .collect();
    out.sort_by_key(|s| (Reverse((s.malicious, s.exploited > 0, s.worst, s.score)), s.package));
    out
}
