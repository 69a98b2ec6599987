//! Package URLs (ECMA-427, <https://github.com/package-url/purl-spec>), read leniently: what a publisher wrote is taken apart, and the
//! ecosystem that it belongs to is named as OSV names it.
//!
//! Refused: a table of all types. A type without an ecosystem of its own order of versions is told as such.

use crate::ecosystem;
use std::collections::BTreeMap;

/// A package URL, taken apart and decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Purl {
    /// Its type, in small letters: `deb`, `npm`.
    pub kind: String,
    /// Its namespace, parts joined by `/`; empty without one.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its version, if it has one.
    pub version: Option<String>,
    /// Its qualifiers.
    pub qualifiers: BTreeMap<String, String>,
}

/// How a type's packages are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// By the package manager of a distribution, of this name.
    System(&'static str),
    /// By a language's or platform's own, in this ecosystem.
    Language(&'static str),
}

impl Purl {
    /// Takes a text apart; `None` if it is no package URL.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("pkg:")?;
        let rest = rest.split('#').next().unwrap_or(rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (path, version) = match rest.rsplit_once('@') {
            // An at sign of a scope (`pkg:npm/@scope/x`) is no version.
            Some((path, version)) if !version.contains('/') => (path, Some(decoded(version))),
            _ => (rest, None),
        };
        let (kind, path) = path.trim_start_matches('/').split_once('/')?;
        let path = decoded(path.trim_matches('/'));
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path.as_str()));
        if kind.is_empty() || name.is_empty() {
            return None;
        }
        let pairs = query.split('&').filter_map(|q| q.split_once('='));
        Some(Self {
            kind: kind.to_ascii_lowercase(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            version: version.filter(|v| !v.is_empty()),
            qualifiers: pairs.map(|(k, v)| (k.to_ascii_lowercase(), decoded(v))).collect(),
        })
    }

    /// A qualifier that says something.
    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.get(key).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// How packages of this type are kept; `None` of a type that no advisories are ordered for.
    #[must_use]
    pub fn kept(&self) -> Option<Kept> {
        Some(match self.kind.as_str() {
            "deb" => Kept::System("dpkg"),
            "rpm" => Kept::System("rpm"),
            "apk" => Kept::System("apk"),
            "alpm" => Kept::System("pacman"),
            "pypi" => Kept::Language("PyPI"),
            "npm" => Kept::Language("npm"),
            "cargo" => Kept::Language("crates.io"),
            "golang" => Kept::Language("Go"),
            "gem" => Kept::Language("RubyGems"),
            "nuget" => Kept::Language("NuGet"),
            "composer" => Kept::Language("Packagist"),
            "maven" => Kept::Language("Maven"),
            "hex" => Kept::Language("Hex"),
            "pub" => Kept::Language("Pub"),
            "swift" => Kept::Language("SwiftURL"),
            "bitnami" => Kept::Language("Bitnami"),
            _ => return None,
        })
    }

    /// The package's name as its ecosystem spells it: with the namespace where names have one there.
    #[must_use]
    pub fn full_name(&self) -> String {
        match (self.kind.as_str(), self.namespace.as_str()) {
            ("npm" | "golang" | "composer" | "swift", space) if !space.is_empty() => format!("{space}/{}", self.name),
            ("maven", space) if !space.is_empty() => format!("{}:{}", space.replace('/', "."), self.name),
            _ => self.name.clone(),
        }
    }

    /// The version as the ecosystem's advisories write it: of rpm with the epoch, of Go without the `v`.
    #[must_use]
    pub fn full_version(&self) -> Option<String> {
        let version = self.version.as_deref()?;
        let epoch = self.qualifier("epoch").filter(|e| self.kind == "rpm" && *e != "0");
        match epoch {
            Some(epoch) if !version.contains(':') => Some(format!("{epoch}:{version}")),
            _ if self.kind == "golang" => Some(version.strip_prefix('v').unwrap_or(version).to_owned()),
            _ => Some(version.to_owned()),
        }
    }

    /// The distribution that a qualifier names, with its release; or a distribution without releases that the namespace
    /// names. `None` if no release is known.
    #[must_use]
    pub fn distribution(&self) -> Option<String> {
        let named = [self.qualifier("distro"), self.qualifier("distro_name")].into_iter().flatten();
        let by_name = named.filter_map(|d| of_distro(d, &self.namespace)).next();
        by_name.or_else(|| ecosystem::of_os(&self.namespace, ""))
    }
}

/// Names of releases that stand for their number.
const CODENAMES: &[(&str, &str, &str)] = &[
    ("jessie", "debian", "8"),
    ("stretch", "debian", "9"),
    ("buster", "debian", "10"),
    ("bullseye", "debian", "11"),
    ("bookworm", "debian", "12"),
    ("trixie", "debian", "13"),
    ("xenial", "ubuntu", "16.04"),
    ("bionic", "ubuntu", "18.04"),
    ("focal", "ubuntu", "20.04"),
    ("jammy", "ubuntu", "22.04"),
    ("noble", "ubuntu", "24.04"),
];

/// The ecosystem of a `distro` qualifier: `debian-12`, `opensuse-leap-15.5`, `bookworm`, `12` beside its namespace.
fn of_distro(distro: &str, namespace: &str) -> Option<String> {
    let last = distro.rsplit('-').next().unwrap_or(distro).to_ascii_lowercase();
    if let Some((_, id, release)) = CODENAMES.iter().find(|c| c.0 == last) {
        return ecosystem::of_os(id, release);
    }
    let splits = distro.match_indices('-').map(|(at, _)| (&distro[..at], &distro[at + 1..]));
    let told = splits.filter_map(|(id, release)| ecosystem::of_os(id, release)).next();
    told.or_else(|| ecosystem::of_os(distro, "")).or_else(|| ecosystem::of_os(namespace, distro))
}

/// Percent signs undone; what is no text then stays as it was.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair = (b == b'%').then(|| Some((hex(ahead.next()?)?, hex(ahead.next()?)?))).flatten();
        match pair {
            Some((high, low)) => {
                out.push(high << 4 | low);
                bytes = ahead;
            }
            None => out.push(b),
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
fn hex(c: u8) -> Option<u8> {
    char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Package URLs as the specification and the tools syft, Trivy and cdxgen write them, with what they mean.
    #[test]
    fn package_urls_name_the_package_of_an_ecosystem() {
        #[track_caller]
        fn check(purl: &str, distribution: Option<&str>, name: &str, version: &str) {
            let p = Purl::parse(purl).unwrap();
            assert_eq!(p.distribution().as_deref(), distribution, "{purl}");
            assert_eq!(
                (p.full_name().as_str(), p.full_version().unwrap_or_default().as_str()),
                (name, version),
                "{purl}"
            );
        }
        check("pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", Some("Debian:8"), "curl", "7.50.3-1");
        check("pkg:deb/debian/g%2B%2B@4%3A12.2.0-3?distro=debian-12.5", Some("Debian:12"), "g++", "4:12.2.0-3");
        check("pkg:deb/ubuntu/dpkg@1.19.0.4?distro=ubuntu-22.04", Some("Ubuntu:22.04"), "dpkg", "1.19.0.4");
        check(
            "pkg:rpm/redhat/curl@7.61.1-22.el8?arch=x86_64&distro=rhel-8.6&epoch=1",
            Some("Red Hat:8"),
            "curl",
            "1:7.61.1-22.el8",
        );
        check(
            "pkg:rpm/opensuse/curl@7.56.1-1.1.?distro=opensuse-leap-15.5",
            Some("openSUSE:Leap 15.5"),
            "curl",
            "7.56.1-1.1.",
        );
        check(
            "pkg:rpm/openEuler/curl@7-1?distro=openEuler-22.03-LTS-SP1",
            Some("openEuler:22.03-LTS-SP1"),
            "curl",
            "7-1",
        );
        check("pkg:apk/alpine/curl@7.83.0-r0?distro=alpine-3.18.4", Some("Alpine:v3.18"), "curl", "7.83.0-r0");
        check("pkg:apk/wolfi/curl@7.83.0-r0?distro=wolfi-20230201", Some("Wolfi"), "curl", "7.83.0-r0");
        check("pkg:alpm/arch/pacman@6.0.1-1?arch=x86_64", Some("Arch Linux"), "pacman", "6.0.1-1");
        check("pkg:deb/debian/curl@7.50.3-1", None, "curl", "7.50.3-1");
        check("pkg:rpm/centos/curl@7-1?distro=centos-7", None, "curl", "7-1");
        check("pkg:npm/%40angular/animation@12.3.1", None, "@angular/animation", "12.3.1");
        check("pkg:npm/@angular/animation@12.3.1", None, "@angular/animation", "12.3.1");
        check(
            "pkg:golang/google.golang.org/genproto@v0.1.0#googleapis/api",
            None,
            "google.golang.org/genproto",
            "0.1.0",
        );
        check(
            "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?type=pom",
            None,
            "org.apache.xmlgraphics:batik-anim",
            "1.9.1",
        );
        check("pkg:composer/laravel/laravel@5.5.0", None, "laravel/laravel", "5.5.0");
        check("pkg:PYPI/Django@1.11", None, "Django", "1.11");
        for wrong in ["", "pkg:", "pkg:npm", "pkg:npm/", "npm/x@1", "pkg:/x", "pkg:deb/debian/"] {
            let parsed = Purl::parse(wrong);
            assert!(parsed.as_ref().is_none_or(|p| !p.name.is_empty()), "{wrong} {parsed:?}");
        }
        assert_eq!(Purl::parse("pkg:npm/"), None);
    }
}
