//! The lists of origin: who makes what, in which country the maker has its seat, which products do the like, and until
//! when a maker mends a release.
//!
//! Data, not code, in `packs/origin/`, with a digest of its own that goes into every record. A supplier is found by what a
//! host tells of itself: a vendor number, the name that a processor gives itself, or a text of DMI, a disk or an
//! installer. Nothing here says "domestic": what is home is a matter of the plan.
//!
//! Refused: guessing. A text that fits no alias stays a text without a country; counting such things as "unknown" is the
//! report's task.

use crate::packs::Product;
use crate::parse::glob;
use evidence::{Digest, FactValue, Time};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const SUPPLIERS: &str = include_str!("../../../packs/origin/suppliers.toml");
const COUNTERPARTS: &str = include_str!("../../../packs/origin/counterparts.toml");
const PRODUCTS: [&str; 3] = [
    include_str!("../../../packs/origin/software.toml"),
    include_str!("../../../packs/origin/engineering.toml"),
    include_str!("../../../packs/origin/industrial.toml"),
];

/// A maker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplier {
    /// Stable name, `[a-z0-9]`.
    pub id: String,
    /// Name as people know it.
    pub name: String,
    /// Chinese name, if it has one.
    #[serde(default)]
    pub zh: String,
    /// ISO 3166-1 code of its seat, or `oss`.
    pub country: String,
    /// What it makes, for readers of the list.
    pub kinds: Vec<String>,
    /// Names as hosts tell them, in lower case, `*` and `?` for any letters.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Vendor numbers of PCI, four hexadecimal digits.
    #[serde(default)]
    pub pci: Vec<String>,
    /// What its processors call themselves: a vendor text (x86) or the number of the implementer (Arm).
    #[serde(default)]
    pub cpu: String,
    /// Number that a management controller tells (IANA private enterprise number); 0 is none.
    #[serde(default)]
    pub iana: u32,
    /// Where this is known from; changes of ownership.
    pub source: String,
    /// How well it is known, a letter as in plans.
    pub sure: String,
}

/// Until when a release is mended free of charge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Beginning of the version up to a dot; empty is every version.
    pub version: String,
    /// Last day, `YYYY-MM-DD`.
    pub end: String,
}

/// A product with its maker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Stable name; of a system the `ID` of os-release.
    pub id: String,
    /// Name as people know it.
    pub name: String,
    /// Chinese name, if it has one.
    #[serde(default)]
    pub zh: String,
    /// Kind of component.
    pub kind: String,
    /// Id of the supplier.
    pub supplier: String,
    /// Id of the list of products that do the like.
    #[serde(default)]
    pub like: String,
    /// Packages that the maker publishes.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Packages of distributions, which mend them by themselves.
    #[serde(default)]
    pub system_packages: Vec<String>,
    /// Programs and folders.
    #[serde(default)]
    pub binaries: Vec<String>,
    /// Units with their suffix.
    #[serde(default)]
    pub units: Vec<String>,
    /// Names of its processes.
    #[serde(default)]
    pub processes: Vec<String>,
    /// Configuration or data.
    #[serde(default)]
    pub configs: Vec<String>,
    /// Ports that it listens on unless configured otherwise.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// As in the lists of products.
    #[serde(default)]
    pub windows_names: Vec<String>,
    /// As in the lists of products.
    #[serde(default)]
    pub windows_services: Vec<String>,
    /// As in the lists of products.
    #[serde(default)]
    pub windows_files: Vec<String>,
    /// Ends of support.
    #[serde(default)]
    pub support: Vec<Support>,
    /// Where this is known from.
    pub source: String,
    /// How well it is known, a letter as in plans.
    pub sure: String,
}
impl Made {
    /// Its maker.
    #[must_use]
    pub fn maker(&self) -> Option<&'static Supplier> {
        LISTS.suppliers.iter().find(|s| s.id == self.supplier)
    }
    /// The same traces in the form of the lists of products, so that one search serves both.
    pub(crate) fn traces(&self) -> Product {
        Product {
            id: self.id.clone(),
            name: self.name.clone(),
            kind: self.kind.clone(),
            origin: String::new(),
            binaries: self.binaries.clone(),
            anywhere: Vec::new(),
            units: self.units.clone(),
            packages: [self.packages.as_slice(), &self.system_packages].concat(),
            processes: self.processes.clone(),
            configs: self.configs.clone(),
            ports: self.ports.clone(),
            windows_names: self.windows_names.clone(),
            windows_services: self.windows_services.clone(),
            windows_files: self.windows_files.clone(),
            source: String::new(),
        }
    }
    /// End of the maker's support for a version: the longest entry that the version begins with.
    #[must_use]
    pub fn support_end(&self, version: &str) -> Option<Time> {
        let version = version.split_once(':').map_or(version, |(_, v)| v);
        let fits = |s: &&Support| {
            let more = |rest: &str| rest.is_empty() || !rest.starts_with(|c: char| c.is_ascii_digit());
            s.version.is_empty() || version.strip_prefix(&s.version).is_some_and(more)
        };
        let best = self.support.iter().filter(fits).max_by_key(|s| s.version.len())?;
        Time::from_date(&best.end).ok()
    }
    /// Other products that do the like: `NAME (SUPPLIER, COUNTRY)`, at most so many as the list holds.
    #[must_use]
    pub fn counterparts(&self) -> Vec<String> {
        let Some(like) = LISTS.likes.iter().find(|l| l.id == self.like) else { return Vec::new() };
        let others = like.products.iter().filter(|id| **id != self.id).filter_map(|id| product(id));
        let named = others.filter_map(|p| {
            let maker = p.maker()?;
            let shown = |en: &str, zh: &str| if zh.is_empty() { en.to_owned() } else { format!("{zh} {en}") };
            (maker.id != self.supplier)
                .then(|| format!("{} ({}, {})", shown(&p.name, &p.zh), shown(&maker.name, &maker.zh), maker.country))
        });
        named.collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Like {
    id: String,
    products: Vec<String>,
    #[expect(dead_code, reason = "said in the file for its readers")]
    source: String,
    #[expect(dead_code, reason = "said in the file for its readers")]
    sure: String,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SupplierFile {
    supplier: Vec<Supplier>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductFile {
    product: Vec<Made>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LikeFile {
    like: Vec<Like>,
}

struct Lists {
    suppliers: Vec<Supplier>,
    products: Vec<Made>,
    likes: Vec<Like>,
    pci: BTreeMap<String, usize>,
}
static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let why = "a built-in pack is read by a test";
    let suppliers = toml::from_str::<SupplierFile>(SUPPLIERS).expect(why).supplier;
    let products = PRODUCTS.iter().flat_map(|t| toml::from_str::<ProductFile>(t).expect(why).product).collect();
    let likes = toml::from_str::<LikeFile>(COUNTERPARTS).expect(why).like;
    let pci = suppliers.iter().enumerate().flat_map(|(n, s)| s.pci.iter().map(move |p| (p.clone(), n))).collect();
    Lists { suppliers, products, likes, pci }
});

/// Every supplier.
#[must_use]
pub fn suppliers() -> &'static [Supplier] {
    &LISTS.suppliers
}
/// Every product.
#[must_use]
pub fn products() -> &'static [Made] {
    &LISTS.products
}
/// The product of this id.
#[must_use]
pub fn product(id: &str) -> Option<&'static Made> {
    LISTS.products.iter().find(|p| p.id == id)
}
/// Whose vendor number of PCI this is (four hexadecimal digits, lower case).
#[must_use]
pub fn by_pci(number: &str) -> Option<&'static Supplier> {
    LISTS.suppliers.get(*LISTS.pci.get(number)?)
}
/// Whose processor calls itself so.
#[must_use]
pub fn by_cpu(name: &str) -> Option<&'static Supplier> {
    LISTS.suppliers.iter().find(|s| !s.cpu.is_empty() && s.cpu.trim().eq_ignore_ascii_case(name.trim()))
}
/// Whose management controller tells this number.
#[must_use]
pub fn by_iana(number: u32) -> Option<&'static Supplier> {
    LISTS.suppliers.iter().find(|s| s.iana == number && number != 0)
}
/// The supplier whose alias fits a text best: the one with the most letters of its own.
#[must_use]
pub fn by_text(text: &str) -> Option<&'static Supplier> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return None;
    }
    let own = |alias: &String| alias.chars().filter(|c| !matches!(c, '*' | '?')).count();
    let all = LISTS.suppliers.iter().flat_map(|s| s.aliases.iter().map(move |a| (s, a)));
    all.filter(|(_, a)| glob(a, &text)).max_by_key(|(_, a)| own(a)).map(|(s, _)| s)
}
/// Digest over the lists, in a fixed order, each with its length in front.
#[must_use]
pub fn digest() -> Digest {
    let mut all = Vec::new();
    for text in [SUPPLIERS, COUNTERPARTS].into_iter().chain(PRODUCTS) {
        all.extend_from_slice(&(text.len() as u64).to_be_bytes());
        all.extend_from_slice(text.as_bytes());
    }
    Digest::of(&all)
}

/// Adds to a row who made it: the supplier of the lists, else the text of the host, without a country.
pub(crate) fn made_by(row: &mut FactValue, supplier: Option<&Supplier>, told: &str) {
    let FactValue::Row(fields) = row else { return };
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(name.to_owned(), value.into());
        }
    };
    match supplier {
        Some(s) => {
            put("supplier", &s.name);
            put("country", &s.country);
            put("sure", &s.sure);
        }
        None => put("supplier", &crate::parse::printable(told.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const KINDS: [&str; 18] = [
        "os",
        "database",
        "middleware",
        "office",
        "browser",
        "virtualisation",
        "cad",
        "cae",
        "eda",
        "scada",
        "dcs",
        "plc",
        "historian",
        "opc",
        "mes",
        "application",
        "geo",
        "remote",
    ];

    #[test]
    fn the_lists_are_whole_and_wide_enough() {
        assert!(suppliers().len() >= 150 && products().len() >= 120, "{} {}", suppliers().len(), products().len());
        let mut ids = HashSet::new();
        let mut numbers = HashSet::new();
        let mut aliases = HashSet::new();
        for s in suppliers() {
            assert!(ids.insert(&s.id), "{} twice", s.id);
            assert!(!s.source.is_empty() && !s.name.is_empty() && !s.kinds.is_empty(), "{}", s.id);
            let code = s.country.len() == 2 && s.country.bytes().all(|b| b.is_ascii_uppercase());
            assert!(s.country == "oss" || code, "{}", s.id);
            for p in &s.pci {
                assert!(numbers.insert(p), "{p} twice");
                assert!(p.len() == 4 && p.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f')), "{p}");
            }
            for a in &s.aliases {
                assert!(aliases.insert(a), "{a} twice");
                assert_eq!(*a, a.to_lowercase());
                assert!(a.chars().filter(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>() >= 2, "{a}");
            }
            assert!(["F", "T", "D", "E", "S", "M"].contains(&s.sure.as_str()), "{}", s.id);
        }
        let mut seen = HashSet::new();
        for p in products() {
            assert!(seen.insert(&p.id), "{} twice", p.id);
            assert!(p.maker().is_some(), "{}: no supplier {}", p.id, p.supplier);
            assert!(KINDS.contains(&p.kind.as_str()), "{}: {}", p.id, p.kind);
            assert!(p.like.is_empty() || LISTS.likes.iter().any(|l| l.id == p.like), "{}: {}", p.id, p.like);
            assert!(p.support.iter().all(|s| Time::from_date(&s.end).is_ok()), "{}", p.id);
            assert!(!p.source.is_empty(), "{}", p.id);
            let telling =
                |t: &String| t.chars().filter(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>() >= 2;
            assert!(p.windows_names.iter().chain(&p.windows_services).all(telling), "{}", p.id);
        }
        for l in &LISTS.likes {
            assert!(l.products.iter().all(|id| product(id).is_some()), "{}", l.id);
        }
    }

    #[test]
    fn suppliers_are_found_by_what_hosts_tell() {
        let id = |s: Option<&Supplier>| s.map(|s| s.id.clone());
        // Texts as DMI tables and disks have them.
        assert_eq!(id(by_text("Dell Inc.")).as_deref(), Some("dell"));
        assert_eq!(id(by_text("LENOVO")).as_deref(), Some("lenovo"));
        assert_eq!(id(by_text("American Megatrends International, LLC.")).as_deref(), Some("ami"));
        assert_eq!(id(by_text("ST4000NM0035-1V4107")).as_deref(), Some("seagate"));
        assert_eq!(id(by_text("INTEL SSDSC2KB480G8")).as_deref(), Some("solidigm"));
        assert_eq!(id(by_text("珠海金山办公软件有限公司")).as_deref(), Some("kingsoft"));
        assert_eq!(id(by_text("Nobody's Workshop")), None);
        assert_eq!(id(by_text("")), None);
        // Vendor numbers of the PCI id list.
        assert_eq!(id(by_pci("8086")).as_deref(), Some("intel"));
        assert_eq!(id(by_pci("19e5")).as_deref(), Some("huawei"));
        assert_eq!(id(by_pci("ffff")), None);
        // Vendor texts of x86 (CPUID leaf 0) and numbers of implementers (MIDR).
        assert_eq!(id(by_cpu("HygonGenuine")).as_deref(), Some("hygon"));
        assert_eq!(id(by_cpu("0x70")).as_deref(), Some("phytium"));
        assert_eq!(id(by_cpu("  Shanghai  ")).as_deref(), Some("zhaoxin"));
        assert_eq!(id(by_cpu("")), None);
    }

    #[test]
    fn ends_of_support_go_by_the_beginning_of_a_version() {
        let end = |id: &str, version: &str| product(id).unwrap().support_end(version).map(Time::date);
        // PostgreSQL versioning policy; MySQL 5.7 as Oracle's life-time support policy has it.
        assert_eq!(end("postgresql", "13.4-1.pgdg").as_deref(), Some("2025-11-13"));
        assert_eq!(end("postgresql", "9.6.24").as_deref(), Some("2021-11-11"));
        assert_eq!(end("mysql", "5.7.44-1debian11").as_deref(), Some("2023-10-31"));
        assert_eq!(end("sqlserver", "15.0.2000.5").as_deref(), Some("2030-01-08"));
        assert_eq!(end("office-2010", "14.0.7015.1000").as_deref(), Some("2020-10-13"));
        assert_eq!(end("postgresql", "130.1"), None);
        assert_eq!(end("oracle-db", ""), None);
    }

    #[test]
    fn a_counterpart_is_never_of_the_same_maker() {
        let of = |id: &str| product(id).unwrap().counterparts();
        assert!(of("oracle-db").iter().any(|c| c.contains("达梦") && c.ends_with(", CN)")), "{:?}", of("oracle-db"));
        assert!(of("dm").is_empty() && of("memcached").is_empty());
        assert!(of("kylin").is_empty() || of("kylin").iter().all(|c| !c.contains("KylinSoft")));
    }
}
