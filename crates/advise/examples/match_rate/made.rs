//! Advisories and packages in realistic proportions, from a seed.

use advise::advisory::{Advisory, Affected, Bound, Names, Severity, Span, Status};
use advise::ecosystem;
use advise::import::{Exploited, Imported, Likelihood};
use advise::matcher::Package;
use advise::version::Scheme;

/// Numbers by xorshift.
struct Chance(u64);
impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (n as u64).max(1)).unwrap_or_default()
    }
    /// Small numbers more often.
    fn skewed(&mut self, n: usize) -> usize {
        let top = self.below(n) + 1;
        self.below(top)
    }
}

/// Ecosystem, share of the advisories and of the packages in percent, names.
const ECOSYSTEMS: &[(&str, usize, usize, usize)] = &[
    ("Debian:12", 40, 60, 3000),
    ("AlmaLinux:9", 8, 0, 1500),
    ("npm", 20, 15, 5000),
    ("PyPI", 10, 10, 3000),
    ("Maven", 8, 5, 2000),
    ("Go", 5, 4, 1500),
    ("crates.io", 3, 3, 800),
    ("RubyGems", 2, 1, 500),
    ("NuGet", 2, 1, 500),
    ("Packagist", 2, 1, 800),
];

fn version(chance: &mut Chance, ecosystem: &str) -> String {
    let (a, b, c) = (chance.skewed(8), chance.skewed(20), chance.skewed(15));
    match ecosystem {
        "Debian:12" => format!("{a}.{b}.{c}-{}+deb12u{}", chance.below(4) + 1, chance.below(5)),
        "AlmaLinux:9" => format!("{a}.{b}.{c}-{}.el9_{}", chance.below(9) + 1, chance.below(5)),
        "PyPI" if chance.below(10) == 0 => format!("{a}.{b}rc{c}"),
        "Maven" if chance.below(4) == 0 => format!("{a}.{b}.{c}.Final"),
        "Go" => format!("v{a}.{b}.{c}"),
        _ if chance.below(12) == 0 => format!("{a}.{b}.{c}-beta.{}", chance.below(5)),
        _ => format!("{a}.{b}.{c}"),
    }
}

fn span(chance: &mut Chance, ecosystem: &str) -> Span {
    let bound = |version: String, inclusive| Some(Bound { version, inclusive });
    let low = (chance.below(3) == 0).then(|| version(chance, ecosystem)).and_then(|v| bound(v, true));
    let high = match chance.below(10) {
        0 => None,
        1 => bound(version(chance, ecosystem), true),
        _ => bound(version(chance, ecosystem), false),
    };
    let fix = high.as_ref().is_some_and(|h| !h.inclusive);
    Span { low, high, fix }
}

/// A name of an ecosystem; the first few are in many advisories, as a kernel or a browser is.
fn name(chance: &mut Chance, ecosystem: &str, names: usize) -> String {
    let n = if chance.below(8) == 0 { chance.below(5) } else { chance.below(names) };
    match ecosystem {
        "Maven" => format!("org.example.g{}:artifact-{n}", n % 50),
        "Go" => format!("example.org/group{}/module{n}", n % 90),
        "Packagist" => format!("vendor{}/package-{n}", n % 70),
        "npm" if n % 3 == 0 => format!("@scope{}/package-{n}", n % 40),
        _ => format!("package-{n}"),
    }
}

/// One of the names that are in many advisories.
fn is_heavy(name: &str) -> bool {
    let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    matches!(name.get(digits..), Some("0" | "1" | "2" | "3" | "4"))
}

/// So many advisories, an eighth of them under a second id too.
pub fn imported(seed: u64, count: usize) -> Imported {
    let mut chance = Chance(seed | 1);
    let mut out = Imported::default();
    for n in 0..count {
        let mut at = chance.below(100);
        let (ecosystem, _, _, names) = ECOSYSTEMS
            .iter()
            .find(|e| {
                at < e.1 || {
                    at -= e.1;
                    false
                }
            })
            .unwrap_or(&ECOSYSTEMS[0]);
        let source = *ecosystem == "Debian:12";
        let spans = (0..chance.skewed(3) + 1).map(|_| span(&mut chance, ecosystem)).collect();
        let affected = Affected {
            ecosystem: ecosystem::canonical(ecosystem),
            name: ecosystem::name(ecosystem, &name(&mut chance, ecosystem, *names)),
            names: if source { Names::Source } else { Names::Any },
            scheme: Scheme::of(ecosystem),
            status: Status::Affected,
            spans,
            versions: Vec::new(),
        };
        // Every eighth speaks of the vulnerability before it, of its own package.
        let cve = if n % 8 == 7 { n - 1 } else { n };
        out.advisories.push(Advisory {
            id: format!("MADE-{n}"),
            aliases: vec![format!("CVE-2024-{cve:06}")],
            covers: Vec::new(),
            summary: format!("A flaw of kind {} in what reads input of kind {}", n % 97, n % 1013),
            modified: Some(1_700_000_000 + i64::try_from(n).unwrap_or_default()),
            severity: Severity::ALL[chance.below(6)],
            score: Some(u16::try_from(chance.below(101)).unwrap_or_default()),
            malicious: false,
            affected: vec![affected],
        });
        out.dated = Some(1_700_000_000);
    }
    out
}

/// Lists about a part of these.
pub fn lists(count: usize) -> (Imported, Imported) {
    let (mut exploited, mut likely) = (Imported::default(), Imported::default());
    for n in 0..count {
        let id = format!("CVE-2024-{n:06}");
        if n % 70 == 0 {
            exploited.exploited.push(Exploited {
                id: id.clone(),
                ransomware: n % 210 == 0,
                added: Some(1_700_000_000),
                due: None,
            });
        }
        likely.likelihoods.push(Likelihood { id, per_ten_thousand: u16::try_from(n % 10_000).unwrap_or_default() });
    }
    (exploited, likely)
}

/// How a host is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// Versions as random as those of the advisories: half of all that is said of its packages holds. No real host is so.
    Random,
    /// Newer than most fixes; few packages of the names that are in very many advisories.
    Kept,
}

/// So many installed packages; those of the distribution with their source.
pub fn packages(seed: u64, count: usize, host: Host) -> Vec<Package> {
    let mut chance = Chance(seed | 1);
    let mut out = Vec::new();
    for n in 0..count {
        let mut at = chance.below(100);
        let share = ECOSYSTEMS.iter().find(|e| {
            let here = at < e.2;
            at = at.saturating_sub(e.2);
            here
        });
        let (ecosystem, _, _, names) = share.unwrap_or(&ECOSYSTEMS[0]);
        let mut own = name(&mut chance, ecosystem, *names);
        let mut version = version(&mut chance, ecosystem);
        if host == Host::Kept {
            while is_heavy(&own) && chance.below(12) > 0 {
                own = name(&mut chance, ecosystem, *names);
            }
            let major = 4 + chance.below(4);
            version = match version.strip_prefix('v').unwrap_or(&version).split_once('.') {
                Some((_, rest)) => format!("{}{major}.{rest}", if version.starts_with('v') { "v" } else { "" }),
                None => version,
            };
        }
        let source = (*ecosystem == "Debian:12").then(|| (own.clone(), version.clone()));
        let name = if source.is_some() && n % 3 == 0 { format!("{own}-data") } else { own };
        out.push(Package { ecosystem: (*ecosystem).to_owned(), name, version, source });
    }
    out
}
