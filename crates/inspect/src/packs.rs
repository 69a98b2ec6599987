//! The built-in lists of products: what programs are called, where they lie, where they come from.
//!
//! Data, not code: each entry is a few names and a note on where they are known from. The lists are our own and
//! their digest goes into every record that used them.

use crate::lists;
use evidence::{Digest, Time};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

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

/// Facts that a list can be of.
pub fn facts() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|f| f.0)
}

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
    /// ISO 3166 code of the vendor's country, or `oss`; empty where a list of others does not say.
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

static BUILTIN: LazyLock<Arc<Products>> = LazyLock::new(|| {
    let read = |text: &str| toml::from_str::<Pack>(text).expect("a built-in pack is read by a test").product;
    let lists = FILES.iter().map(|(fact, text)| (*fact, read(text))).collect();
    Arc::new(Products { lists, digest: digest_of(FILES.iter().map(|f| f.1).chain([OS, TILES])), refused: Vec::new() })
});
static RELEASES: LazyLock<Vec<Release>> =
    LazyLock::new(|| toml::from_str::<OsPack>(OS).expect("the built-in table is read by a test").release);

/// The provider whose pattern fits a host best: the one with the most letters of its own.
#[must_use]
pub fn tile_server(host: &str) -> Option<&'static TileServer> {
    let host = host.to_lowercase();
    let own = |pattern: &String| pattern.chars().filter(|c| !matches!(c, '*' | '?')).count();
    let all = TILE_SERVERS.iter().flat_map(|s| s.hosts.iter().map(move |h| (s, h)));
    all.filter(|(_, h)| crate::parse::glob(h, &host)).max_by_key(|(_, h)| own(h)).map(|(s, _)| s)
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
/// Digest over texts in their order, each with its length in front.
fn digest_of<'t>(texts: impl Iterator<Item = &'t str>) -> Digest {
    let mut all = Vec::new();
    for text in texts {
        all.extend_from_slice(&(text.len() as u64).to_be_bytes());
        all.extend_from_slice(text.as_bytes());
    }
    Digest::of(&all)
}

/// A file of a user's lists that was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedList {
    /// Its name.
    pub file: String,
    /// Why, with the place where it is known.
    pub why: String,
}

/// The lists of products of a run: the built-in ones, and what a user loads beside them.
#[derive(Debug, Clone)]
pub struct Products {
    lists: Vec<(&'static str, Vec<Product>)>,
    digest: Digest,
    refused: Vec<RefusedList>,
}

impl Products {
    /// The built-in lists.
    #[must_use]
    pub fn builtin() -> Arc<Self> {
        Arc::clone(&BUILTIN)
    }
    /// The built-in lists and the files of a user, name and text of each: our own form, or entries of LOLRMM
    /// (`docs/specs/products-v1.md`). A product of a name that is known already brings its traces to that one.
    #[must_use]
    pub fn with(files: &[(String, String)]) -> Arc<Self> {
        let mut all = Self::clone(&BUILTIN);
        all.digest = digest_of([all.digest.to_string().as_str()].into_iter().chain(files.iter().map(|f| f.1.as_str())));
        for (file, text) in files {
            match lists::read(file, text) {
                Ok((fact, products)) => products.into_iter().for_each(|p| all.add(fact, p)),
                Err(why) => all.refused.push(RefusedList { file: file.clone(), why }),
            }
        }
        Arc::new(all)
    }
    /// What the files of a user say alone, without the built-in lists; the error names the first that is refused.
    ///
    /// # Errors
    /// The file, and why it was not taken.
    pub fn only(files: &[(String, String)]) -> Result<Vec<(&'static str, Product)>, RefusedList> {
        let mut out = Vec::new();
        for (file, text) in files {
            let (fact, products) = lists::read(file, text).map_err(|why| RefusedList { file: file.clone(), why })?;
            out.extend(products.into_iter().map(|p| (fact, p)));
        }
        Ok(out)
    }
    /// These entries alone.
    #[must_use]
    pub fn of_entries(entries: impl Iterator<Item = (&'static str, Product)>) -> Self {
        let lists = FILES.iter().map(|f| (f.0, Vec::new())).collect();
        let mut all = Self { lists, digest: Digest::of(b""), refused: Vec::new() };
        entries.for_each(|(fact, p)| all.add(fact, p));
        all
    }
    fn add(&mut self, fact: &'static str, product: Product) {
        let Some((_, list)) = self.lists.iter_mut().find(|(f, _)| *f == fact) else { return };
        match list.iter_mut().find(|p| p.name.to_lowercase() == product.name.to_lowercase()) {
            Some(known) => known.join(product),
            None => list.push(product),
        }
    }
    /// Products whose traces become `fact`.
    #[must_use]
    pub fn of(&self, fact: &str) -> &[Product] {
        self.lists.iter().find(|(f, _)| *f == fact).map_or(&[], |(_, p)| p)
    }
    /// Every product with its fact.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Product)> {
        self.lists.iter().flat_map(|(f, p)| p.iter().map(move |p| (*f, p)))
    }
    /// File names that are recognised in any folder.
    #[must_use]
    pub fn names_anywhere(&self) -> HashSet<&str> {
        self.all().flat_map(|(_, p)| p.anywhere.iter().map(String::as_str)).collect()
    }
    /// Digest over all lists, refused ones too, and the tables of releases and of servers of maps.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// Files that were not taken.
    #[must_use]
    pub fn refused(&self) -> &[RefusedList] {
        &self.refused
    }
}

impl Product {
    /// Takes the traces of another list's entry for the same product.
    fn join(&mut self, other: Product) {
        let add = |to: &mut Vec<String>, from: Vec<String>| {
            for text in from {
                if !to.contains(&text) {
                    to.push(text);
                }
            }
        };
        add(&mut self.binaries, other.binaries);
        add(&mut self.anywhere, other.anywhere);
        add(&mut self.units, other.units);
        add(&mut self.packages, other.packages);
        add(&mut self.processes, other.processes);
        add(&mut self.configs, other.configs);
        add(&mut self.windows_names, other.windows_names);
        add(&mut self.windows_services, other.windows_services);
        add(&mut self.windows_files, other.windows_files);
    }
    /// The vendor's country, if the list says it.
    pub(crate) fn country(&self) -> Option<&str> {
        Some(self.origin.as_str()).filter(|o| !o.is_empty())
    }
    /// How many traces it has, of every kind.
    #[must_use]
    pub fn traces(&self) -> usize {
        let linux = self.binaries.len() + self.anywhere.len() + self.units.len() + self.packages.len();
        let windows = self.windows_names.len() + self.windows_services.len() + self.windows_files.len();
        linux + windows + self.configs.len() + self.processes.len()
    }
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
            let products = BUILTIN.of(fact);
            assert!(products.len() >= least, "{fact}: {}", products.len());
        }
        let kinds = ["remote-control", "tunnel", "vpn", "monitoring", "terminal-server"];
        let mut seen = HashSet::new();
        for (fact, p) in BUILTIN.all() {
            assert!(seen.insert((fact, &p.id)), "{} twice", p.id);
            assert_eq!(lists::well_made(fact, p), Ok(()), "{}", p.id);
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
