//! Packages of a host against packs.
//!
//! Per package every statement about it is found, by its source's name and its own; statements about one vulnerability (ids and
//! aliases that meet) are weighed together and give one match or none (spec §4): what a publisher says of exactly this
//! release counts before what is said of the distribution in general, and its "not affected" clears. What cleared a match
//! is told too. Packages of an ecosystem that no pack speaks for are named: they were not examined.

mod merge;
mod worst;

pub use worst::{Summary, summaries, worst_first};

use crate::advisory::{Severity, Status};
use crate::pack::{Kind, Pack, PackError, Standing};
use crate::{ecosystem, version::Scheme};
use std::collections::{BTreeMap, HashMap};

/// An installed package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Package {
    /// OSV name of its ecosystem with the release of a distribution: `Debian:12`, `PyPI`; see [`crate::ecosystem::of_os`].
    pub ecosystem: String,
    /// Its name.
    pub name: String,
    /// Its version. Empty: it cannot be judged, and is told so.
    pub version: String,
    /// Name and version of the source package that it was built from.
    pub source: Option<(String, String)>,
}

/// Which pack says so, and under which id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Told {
    /// Place in the packs that were given.
    pub pack: usize,
    /// The advisory's id there.
    pub id: String,
}

/// A package with a known vulnerability.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// Place in the packages that were given.
    pub package: usize,
    /// The id of the advisory that counts most.
    pub id: String,
    /// Other ids of the same vulnerability, sorted.
    pub aliases: Vec<String>,
    /// Ids of the vulnerabilities that a bulletin covers, sorted.
    pub covers: Vec<String>,
    /// One line.
    pub summary: String,
    /// Rating.
    pub severity: Severity,
    /// CVSS base score in tenths.
    pub score: Option<u16>,
    /// What the publisher says; never [`Status::NotAffected`].
    pub status: Status,
    /// The version from which on the package is no longer affected: of several publishers' the latest; `None` if nobody names one.
    pub fixed: Option<String>,
    /// In a list of vulnerabilities that are exploited.
    pub exploited: bool,
    /// And by ransomware.
    pub ransomware: bool,
    /// By when the list wants it mended, seconds since 1970.
    pub due: Option<i64>,
    /// Probability of exploitation, in parts of ten thousand.
    pub epss: Option<u16>,
    /// The package itself is the attack.
    pub malicious: bool,
    /// Every pack that says so.
    pub told: Vec<Told>,
}

/// A vulnerability that one statement finds and a stronger one clears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cleared {
    /// Place in the packages that were given.
    pub package: usize,
    /// The finding that does not count.
    pub found: Told,
    /// The statement by which it does not.
    pub by: Told,
}

/// Packages that were not examined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unanswered {
    /// Their ecosystem.
    pub ecosystem: String,
    /// How many.
    pub packages: u64,
}

/// What was found, and what was not looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Matches, in the order of packages.
    pub matches: Vec<Match>,
    /// What was cleared.
    pub cleared: Vec<Cleared>,
    /// Ecosystems for which no pack has a single advisory.
    pub unanswered: Vec<Unanswered>,
    /// Packages without a version, by place.
    pub unversioned: Vec<usize>,
    /// Packs that are damaged where they were read: their answers are incomplete.
    pub damaged: Vec<(usize, PackError)>,
}

/// Finds what advisories say of packages. No pack, or none for an ecosystem, is told in [`Outcome::unanswered`].
#[must_use]
pub fn matches<'a>(packs: &[Pack<'a>], packages: &'a [Package]) -> Outcome {
    let mut search = Search { packs, damaged: BTreeMap::new(), known: HashMap::new() };
    let mut out = Outcome::default();
    let mut ecosystems: BTreeMap<&str, Place> = BTreeMap::new();
    for (n, package) in packages.iter().enumerate() {
        let place = ecosystems.entry(&package.ecosystem).or_insert_with(|| search.place(&package.ecosystem));
        place.packages += 1;
        if package.version.trim().is_empty() {
            out.unversioned.push(n);
        } else if place.answered {
            merge::package(&mut search, place, n, package, &mut out);
        }
    }
    let mut unanswered: BTreeMap<String, u64> = BTreeMap::new();
    for place in ecosystems.into_values().filter(|p| !p.answered) {
        *unanswered.entry(place.ecosystem).or_default() += place.packages;
    }
    out.unanswered = unanswered.into_iter().map(|(ecosystem, packages)| Unanswered { ecosystem, packages }).collect();
    out.damaged = search.damaged.into_iter().collect();
    out
}

/// Where advisories about packages of one ecosystem lie.
struct Place {
    ecosystem: String,
    /// The ecosystem without its release, if it has one.
    family: Option<String>,
    scheme: Scheme,
    answered: bool,
    packages: u64,
}

struct Search<'a, 'p> {
    packs: &'p [Pack<'a>],
    damaged: BTreeMap<usize, PackError>,
    /// What lists say of ids that were asked for already: packages of one source share them.
    known: HashMap<&'a str, Lists>,
}

impl<'a> Search<'a, '_> {
    fn place(&mut self, name: &str) -> Place {
        let ecosystem = ecosystem::canonical(name);
        let family = ecosystem::family(&ecosystem);
        let family = (family != ecosystem).then(|| family.to_owned());
        let scheme = Scheme::of(&ecosystem);
        let mut answered = false;
        for (n, pack) in self.packs.iter().enumerate().filter(|(_, p)| p.about().kind == Kind::Advisories) {
            for name in std::iter::once(&ecosystem).chain(&family) {
                match pack.speaks_for(name) {
                    Ok(yes) => answered |= yes,
                    Err(e) => drop(self.damaged.entry(n).or_insert(e)),
                }
            }
        }
        Place { ecosystem, family, scheme, answered, packages: 0 }
    }
    /// What the lists say of a set of ids: exploited, by ransomware, due, likelihood.
    fn standing(&mut self, ids: impl Iterator<Item = &'a str>) -> Lists {
        let mut out = Lists::default();
        for id in ids {
            if let Some(known) = self.known.get(id) {
                out.add(known);
                continue;
            }
            let mut said = Lists::default();
            for (n, pack) in self.packs.iter().enumerate().filter(|(_, p)| p.about().kind != Kind::Advisories) {
                match pack.standing(id) {
                    Ok(standing) => said.hear(standing),
                    Err(e) => drop(self.damaged.entry(n).or_insert(e)),
                }
            }
            out.add(&said);
            self.known.insert(id, said);
        }
        out
    }
}

#[derive(Default)]
struct Lists {
    exploited: bool,
    ransomware: bool,
    due: Option<i64>,
    epss: Option<u16>,
}
impl Lists {
    fn hear(&mut self, standing: Option<Standing>) {
        match standing {
            None => {}
            Some(Standing::Likelihood(value)) => self.epss = self.epss.max(Some(value)),
            Some(Standing::Exploited { ransomware, due, .. }) => {
                self.add(&Self { exploited: true, ransomware, due, epss: None });
            }
        }
    }
    fn add(&mut self, other: &Self) {
        self.exploited |= other.exploited;
        self.ransomware |= other.ransomware;
        self.due = [self.due, other.due].into_iter().flatten().min();
        self.epss = self.epss.max(other.epss);
    }
}
