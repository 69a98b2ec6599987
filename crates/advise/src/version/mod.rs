//! Version order of every package scheme: which of two versions is the later one.
//!
//! Each scheme turns a text into a list of tokens whose order is total, and compares the lists token by token. So
//! every text has a place, garbage too, and the order is a total preorder by construction: reflexive, antisymmetric
//! up to equality (`1.0` = `1.0.0` in most schemes), transitive. A comparator that answers "cannot compare" was
//! refused: an advisory whose range cannot be decided would be a silent skip.
//!
//! Where a scheme's own program is not transitive on odd texts, its published rules win and the difference is
//! written at the scheme. The order of each scheme is in `docs/specs/advisory-pack-v1.md` §5.

mod apk;
mod composer;
mod deb;
mod gem;
mod maven;
mod pep440;
mod plain;
mod rpm;
mod semver;

use std::cmp::Ordering;

/// A rule by which versions are ordered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Scheme {
    /// Dots, digits and words, for whatever has no scheme of its own: firmware, products.
    Plain,
    /// dpkg: Debian Policy §5.6.12.
    Deb,
    /// rpm: `rpm-version(7)`, epoch:version-release.
    Rpm,
    /// Alpine's apk, also Wolfi and Chainguard.
    Apk,
    /// Semantic Versioning 2.0.0 §11, with a lenient front: crates.io, npm, Hex, Pub and others.
    Semver,
    /// PEP 440: PyPI; texts outside it sort below all others.
    Pep440,
    /// Maven's version order specification (POM reference).
    Maven,
    /// Go modules: semver, pseudo-versions, and names of releases such as `go1.21rc2`.
    Go,
    /// RubyGems: `Gem::Version`.
    Gem,
    /// NuGet: semver with a fourth number, labels without case.
    NuGet,
    /// Packagist: Composer over PHP's `version_compare`.
    Composer,
    /// pacman: `vercmp(8)`.
    Alpm,
}

impl Scheme {
    /// Every scheme, in the order of [`Scheme::number`].
    pub const ALL: [Self; 12] = [
        Self::Plain,
        Self::Deb,
        Self::Rpm,
        Self::Apk,
        Self::Semver,
        Self::Pep440,
        Self::Maven,
        Self::Go,
        Self::Gem,
        Self::NuGet,
        Self::Composer,
        Self::Alpm,
    ];
    /// The number that stands in a pack.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
    /// The scheme of that number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
    /// Its name, as reports show it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "generic",
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
            Self::Semver => "semver",
            Self::Pep440 => "pep440",
            Self::Maven => "maven",
            Self::Go => "go",
            Self::Gem => "gem",
            Self::NuGet => "nuget",
            Self::Composer => "composer",
            Self::Alpm => "alpm",
        }
    }
    /// The scheme of an ecosystem by its OSV name, with or without a release; [`Scheme::Plain`] for an unknown one.
    /// The names: OSV schema 1.7, "Defined ecosystems".
    #[must_use]
    pub fn of(ecosystem: &str) -> Self {
        let family = ecosystem.split(':').next().unwrap_or_default().to_ascii_lowercase();
        match family.as_str() {
            "debian" | "ubuntu" | "echo" | "kylin" => Self::Deb,
            "almalinux" | "rocky linux" | "red hat" | "suse" | "opensuse" | "openeuler" | "fedora" | "azure linux"
            | "mageia" | "photon os" | "amazon linux" | "oracle linux" | "anolis os" | "opencloudos" | "centos" => {
                Self::Rpm
            }
            "alpine" | "wolfi" | "chainguard" | "alpaquita" | "bellsoft hardened containers" | "minimos" => Self::Apk,
            "crates.io" | "npm" | "hex" | "pub" | "swifturl" | "bitnami" | "github actions" | "julia" => Self::Semver,
            "pypi" => Self::Pep440,
            "maven" => Self::Maven,
            "go" => Self::Go,
            "rubygems" => Self::Gem,
            "nuget" => Self::NuGet,
            "packagist" => Self::Composer,
            "arch linux" => Self::Alpm,
            _ => Self::Plain,
        }
    }
}

/// Which of two versions is the later one. Total over all texts; `Equal` also for two spellings of one version.
#[must_use]
pub fn compare(scheme: Scheme, a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (a, b) = (a.trim(), b.trim());
    match scheme {
        Scheme::Plain => plain::compare(a, b),
        Scheme::Deb => deb::compare(a, b),
        Scheme::Rpm => rpm::compare(a, b),
        Scheme::Apk => apk::compare(a, b),
        Scheme::Semver => semver::compare(a, b),
        Scheme::Pep440 => pep440::compare(a, b),
        Scheme::Maven => maven::compare(a, b),
        Scheme::Go => semver::go(a, b),
        Scheme::Gem => gem::compare(a, b),
        Scheme::NuGet => semver::nuget(a, b),
        Scheme::Composer => composer::compare(a, b),
        Scheme::Alpm => rpm::alpm(a, b),
    }
}

/// A run of decimal digits of any length as a number: leading zeros carry nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Number<'a>(&'a [u8]);

impl<'a> Number<'a> {
    const ZERO: Number<'static> = Number(&[]);
    fn new(digits: &'a [u8]) -> Self {
        let zeros = digits.iter().take_while(|b| **b == b'0').count();
        Self(digits.get(zeros..).unwrap_or_default())
    }
    fn is_zero(self) -> bool {
        self.0.is_empty()
    }
}
impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0))
    }
}
impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Splits off the longest front of bytes that fit.
fn front(text: &[u8], fits: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let len = text.iter().take_while(|b| fits(**b)).count();
    text.split_at_checked(len).unwrap_or((text, &[]))
}

/// Compares two lists token by token; `end` is the token that stands behind the end of both.
fn by_token<T: Ord + Copy>(a: impl Iterator<Item = T>, b: impl Iterator<Item = T>, end: T) -> Ordering {
    let (mut a, mut b) = (a.fuse(), b.fuse());
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) => (x.unwrap_or(end), y.unwrap_or(end)),
        };
        match x.cmp(&y) {
            Ordering::Equal => {}
            other => return other,
        }
    }
}

/// Epoch and the rest of `epoch:rest`; an epoch that is no number is part of the version.
fn epoch(text: &str) -> (Number<'_>, &str) {
    match text.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|b| b.is_ascii_digit()) => (Number::new(epoch.as_bytes()), rest),
        _ => (Number::ZERO, text),
    }
}
