//! The built-in lists of products: what programs are called, where they lie, where they come from.
//!
//! Data, not code: each entry is a few names and a note on where they are known from. The lists are our own and
//! their digest goes into every record that used them.

use evidence::{Digest, Time};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Files of the packs with the fact that their entries become.
const FILES: [(&str, &str); 7] = [
    ("remote.tool", include_str!("../../../packs/products/remote.toml")),
    ("geo.software", include_str!("../../../packs/products/geo.toml")),
    ("cloud.client", include_str!("../../../packs/products/cloud.toml")),
    ("copy.tool", include_str!("../../../packs/products/copy.toml")),
    ("backup.tool", include_str!("../../../packs/products/backup.toml")),
    ("endpoint.protection", include_str!("../../../packs/products/endpoint.toml")),
    ("snapshot.tool", include_str!("../../../packs/products/snapshot.toml")),
];
const OS: &str = include_str!("../../../packs/products/os.toml");
const TILES: &str = include_str!("../../../packs/products/tiles.toml");

/// A program that leaves traces on a host.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Stable name, `[a-z0-9-]`.
    pub id: String,
    /// Name as people know it.
    pub name: String,
    /// Kind, where the fact has one.
    #[serde(default)]
    pub kind: String,
    /// ISO 3166 code of the vendor's country, or `oss`.
    pub origin: String,
    /// Programs: file names looked for in the usual folders, or absolute paths.
    #[serde(default)]
    pub binaries: Vec<String>,
    /// File names telling enough to be recognised in any folder.
    #[serde(default)]
    pub anywhere: Vec<String>,
    /// Units with their suffix.
    #[serde(default)]
    pub units: Vec<String>,
    /// Packages.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Process names beyond the programs' own.
    #[serde(default)]
    pub processes: Vec<String>,
    /// Configuration or data: absolute, or from a home folder with `~/`.
    #[serde(default)]
    pub configs: Vec<String>,
    /// Ports it listens on unless configured otherwise.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Installed programs of Windows: names as they are shown, in any case, `*` for any letters.
    #[serde(default)]
    pub windows_names: Vec<String>,
    /// Services of Windows by name, in any case, `*` for any letters.
    #[serde(default)]
    pub windows_services: Vec<String>,
    /// Files of Windows: names of programs, or paths from the system's drive (`/…`) or a profile (`~/…`) with slashes.
    #[serde(default)]
    pub windows_files: Vec<String>,
    /// Where these names are known from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    product: Vec<Product>,
}

/// End of security support of one release.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// `ID` of os-release; for Windows one of the lines of support that the file names.
    pub os: String,
    /// `VERSION_ID`, or its beginning up to a dot.
    pub version: String,
    /// Last day with security updates for every user (long-term support by the project included, paid not).
    pub end: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OsPack {
    #[expect(dead_code, reason = "said in the file for its readers")]
    source: String,
    release: Vec<Release>,
}

/// Hosts of a provider of maps, positions or search.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TileServer {
    /// Names in lower case, `*` for any letters, `?` for one.
    pub hosts: Vec<String>,
    /// Who runs them.
    pub provider: String,
    /// ISO 3166 code of the provider's seat, or `oss`.
    pub country: String,
    /// tiles, imagery, geocoding, routing, service or call-home.
    #[serde(rename = "use")]
    pub used_for: String,
    /// Where this is known from.
    pub source: String,
    /// How well it is known, a letter as in plans.
    pub sure: String,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TilePack {
    server: Vec<TileServer>,
}
static TILE_SERVERS: LazyLock<Vec<TileServer>> =
    LazyLock::new(|| toml::from_str::<TilePack>(TILES).expect("the built-in table is read by a test").server);

static PRODUCTS: LazyLock<Vec<(&'static str, Vec<Product>)>> = LazyLock::new(|| {
    let read = |text: &str| toml::from_str::<Pack>(text).expect("a built-in pack is read by a test").product;
    FILES.iter().map(|(fact, text)| (*fact, read(text))).collect()
});
static RELEASES: LazyLock<Vec<Release>> =
    LazyLock::new(|| toml::from_str::<OsPack>(OS).expect("the built-in table is read by a test").release);

/// Products whose traces become `fact`.
#[must_use]
pub fn products(fact: &str) -> &'static [Product] {
    PRODUCTS.iter().find(|(f, _)| *f == fact).map_or(&[], |(_, p)| p)
}
/// The provider whose pattern fits a host best: the one with the most letters of its own.
#[must_use]
pub fn tile_server(host: &str) -> Option<&'static TileServer> {
    let host = host.to_lowercase();
    let own = |pattern: &String| pattern.chars().filter(|c| !matches!(c, '*' | '?')).count();
    let all = TILE_SERVERS.iter().flat_map(|s| s.hosts.iter().map(move |h| (s, h)));
    all.filter(|(_, h)| crate::parse::glob(h, &host)).max_by_key(|(_, h)| own(h)).map(|(s, _)| s)
}
/// Every product with its fact.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Product)> {
    PRODUCTS.iter().flat_map(|(f, p)| p.iter().map(move |p| (*f, p)))
}
/// File names that are recognised in any folder.
#[must_use]
pub fn names_anywhere() -> HashSet<&'static str> {
    all().flat_map(|(_, p)| p.anywhere.iter().map(String::as_str)).collect()
}
/// End of security support: the longest table entry that the version begins with.
#[must_use]
pub fn support_end(os: &str, version: &str) -> Option<Time> {
    let fits = |r: &&Release| {
        r.os == os && (version == r.version || version.strip_prefix(&r.version).is_some_and(|v| v.starts_with('.')))
    };
    let best = RELEASES.iter().filter(fits).max_by_key(|r| r.version.len())?;
    Time::from_date(&best.end).ok()
}
/// Digest over all packs, in a fixed order, each with its length in front.
#[must_use]
pub fn digest() -> Digest {
    let mut all = Vec::new();
    for text in FILES.iter().map(|(_, t)| *t).chain([OS, TILES]) {
        all.extend_from_slice(&(text.len() as u64).to_be_bytes());
        all.extend_from_slice(text.as_bytes());
    }
    Digest::of(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_are_whole_and_wide_enough() {
        for (fact, least) in [
            ("remote.tool", 60),
            ("geo.software", 25),
            ("backup.tool", 20),
            ("cloud.client", 10),
            ("copy.tool", 40),
            ("endpoint.protection", 8),
            ("snapshot.tool", 5),
        ] {
            assert!(products(fact).len() >= least, "{fact}: {}", products(fact).len());
        }
        let kinds = ["remote-control", "tunnel", "vpn", "monitoring", "terminal-server"];
        let mut seen = HashSet::new();
        for (fact, p) in all() {
            assert!(seen.insert((fact, &p.id)), "{} twice", p.id);
            assert!(p.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", p.id);
            assert!(!p.source.is_empty() && !p.name.is_empty(), "{}", p.id);
            assert!(
                p.origin == "oss" || (p.origin.len() == 2 && p.origin.bytes().all(|b| b.is_ascii_uppercase())),
                "{}",
                p.id
            );
            assert!(fact != "remote.tool" || kinds.contains(&p.kind.as_str()), "{}", p.id);
            assert!(p.units.iter().all(|u| u.contains('.')), "{}", p.id);
            assert!(p.configs.iter().all(|c| c.starts_with('/') || c.starts_with("~/")), "{}", p.id);
            let windows = p.windows_names.len() + p.windows_services.len() + p.windows_files.len();
            let linux = p.binaries.len() + p.anywhere.len() + p.units.len() + p.packages.len() + p.configs.len();
            let traces = linux + windows;
            // A pattern of stars would be every program.
            let telling =
                |t: &String| t.chars().filter(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>() >= 3;
            assert!(p.windows_names.iter().chain(&p.windows_services).all(telling), "{}", p.id);
            assert!(p.windows_files.iter().all(|f| !f.contains('\\') && telling(f)), "{}", p.id);
            assert!(traces > 0, "{}", p.id);
        }
    }

    #[test]
    fn servers_of_maps_are_known_by_their_hosts() {
        let hosts: usize = TILE_SERVERS.iter().map(|s| s.hosts.len()).sum();
        assert!(TILE_SERVERS.len() >= 60 && hosts >= 60, "{hosts}");
        let mut seen = HashSet::new();
        for s in TILE_SERVERS.iter() {
            for h in &s.hosts {
                assert!(seen.insert(h), "{h} twice");
                assert!(h.contains('.') && *h == h.to_lowercase() && !h.contains('/'), "{h}");
                assert!(h.chars().filter(char::is_ascii_alphanumeric).count() >= 5, "{h}");
            }
            assert!(
                ["tiles", "imagery", "geocoding", "routing", "service", "call-home"].contains(&s.used_for.as_str())
            );
            assert!(s.country == "oss" || s.country.len() == 2, "{}", s.provider);
        }
        let of = |h: &str| tile_server(h).map(|s| (s.country.as_str(), s.used_for.as_str()));
        assert_eq!(of("a.tile.openstreetmap.org"), Some(("GB", "tiles")));
        assert_eq!(of("mt1.google.com"), Some(("US", "tiles")));
        assert_eq!(of("events.mapbox.com"), Some(("US", "call-home")));
        assert_eq!(of("t3.tianditu.gov.cn"), Some(("CN", "tiles")));
        assert_eq!(of("geocode.arcgis.com"), Some(("US", "geocoding")));
        assert_eq!(of("www.google.com"), None);
        assert_eq!(of("tile.openstreetmap.org.evil.example"), None);
    }

    #[test]
    fn releases_have_dates() {
        assert!(RELEASES.iter().all(|r| Time::from_date(&r.end).is_ok()));
        // Debian 12: end of LTS as published by the Debian LTS team.
        assert_eq!(support_end("debian", "12").map(Time::date).as_deref(), Some("2028-06-30"));
        assert_eq!(support_end("rocky", "9.4").map(Time::date).as_deref(), Some("2032-05-31"));
        assert_eq!(support_end("debian", "120"), None);
    }
}
