//! Platforms as CSAF and OVAL name them, as ecosystems; package URLs and names with a version in them, as packages.

use super::TOKEN_BYTES_MAX;
use crate::advisory::Names;
use crate::purl::{Kept, Purl};
use crate::{ecosystem, text};

/// Words by which a platform begins, and the ecosystem; the release is the first word with a digit that follows.
const NAMES: &[(&str, &str)] = &[
    ("debian gnu/linux", "Debian"),
    ("debian linux", "Debian"),
    ("debian", "Debian"),
    ("ubuntu", "Ubuntu"),
    ("red hat enterprise linux", "Red Hat"),
    ("rhel", "Red Hat"),
    ("almalinux", "AlmaLinux"),
    ("rocky linux", "Rocky Linux"),
    ("oracle linux", "Oracle Linux"),
    ("amazon linux", "Amazon Linux"),
    ("azure linux", "Azure Linux"),
    ("azurelinux", "Azure Linux"),
    ("cbl-mariner", "Azure Linux"),
    ("mariner", "Azure Linux"),
    ("openeuler", "openEuler"),
    ("kylin", "Kylin"),
    ("anolis os", "Anolis OS"),
    ("opencloudos", "OpenCloudOS"),
    ("photon os", "Photon OS"),
    ("alpine linux", "Alpine"),
    ("alpine", "Alpine"),
    ("fedora", "Fedora"),
    ("mageia", "Mageia"),
    ("opensuse leap", "openSUSE"),
    ("suse linux enterprise server", "SUSE"),
    ("suse linux enterprise desktop", "SUSE"),
];

/// The ecosystem of a platform by its name; `None` if none is known.
pub(super) fn of_name(name: &str) -> Option<String> {
    let lower = name.trim().to_ascii_lowercase();
    let (front, family) = NAMES.iter().find(|(front, _)| {
        lower.strip_prefix(front).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })?;
    let rest = name.trim().get(front.len()..)?.trim_start_matches([' ', '-', ':', '(']);
    if *family == "openEuler" || *family == "Kylin" {
        let release = rest.split([' ', ')', ':']).next().filter(|r| !r.is_empty())?;
        return Some(format!("{family}:{release}"));
    }
    let release =
        rest.split([' ', ')', ':']).find(|w| w.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()))?;
    match *family {
        "SUSE" => {
            let product = if front.ends_with("server") { "Server" } else { "Desktop" };
            let pack = rest.split(' ').find(|w| w.len() > 2 && w.to_ascii_uppercase().starts_with("SP"));
            let pack = pack.map(|p| format!(" {}", p.to_ascii_uppercase())).unwrap_or_default();
            Some(format!("SUSE:Linux Enterprise {product} {release}{pack}"))
        }
        "openSUSE" => Some(format!("openSUSE:Leap {release}")),
        "Red Hat" | "Oracle Linux" | "Azure Linux" | "Mageia" | "Debian" => {
            Some(format!("{family}:{}", release.split('.').next().unwrap_or(release)))
        }
        _ => Some(ecosystem::canonical(&format!("{family}:{release}"))),
    }
}

/// The ecosystem of a platform by its CPE, of either binding; `None` if none is known.
pub(super) fn of_cpe(cpe: &str) -> Option<String> {
    let lower = cpe.trim().to_ascii_lowercase();
    let rest = lower.strip_prefix("cpe:/").or_else(|| lower.strip_prefix("cpe:2.3:"))?;
    let mut parts = rest.split(':').skip(1);
    let (vendor, product, version) = (parts.next()?, parts.next()?, parts.next()?);
    let family = match (vendor, product) {
        ("redhat", "enterprise_linux") => "red hat enterprise linux",
        ("debian", "debian_linux") => "debian",
        ("canonical", "ubuntu_linux") => "ubuntu",
        ("openeuler", "openeuler") => {
            let at = cpe.rfind(':')?;
            return Some(format!("openEuler:{}", cpe.get(at + 1..).filter(|v| v.eq_ignore_ascii_case(version))?));
        }
        ("almalinux", "almalinux") => "almalinux",
        ("rocky", _) => "rocky linux",
        ("oracle", "linux") => "oracle linux",
        ("suse", "sles") => {
            let pack = parts.next().filter(|p| p.starts_with("sp")).unwrap_or_default();
            return of_name(&format!("suse linux enterprise server {version} {pack}"));
        }
        ("opensuse", "leap") => "opensuse leap",
        ("microsoft", "azure_linux" | "cbl-mariner") => "azure linux",
        _ => return None,
    };
    of_name(&format!("{family} {version}"))
}

/// A package as a product names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Named {
    pub(super) ecosystem: String,
    pub(super) name: String,
    pub(super) names: Names,
    pub(super) version: Option<String>,
}

/// A package URL (purl); a distribution's package belongs to the platform, if one is given.
pub(super) fn of_purl(purl: &str, platform: Option<&str>) -> Option<Named> {
    let purl = Purl::parse(purl)?;
    let ecosystem = match purl.kept()? {
        Kept::Language(ecosystem) if ecosystem == "Maven" && purl.namespace.is_empty() => return None,
        Kept::Language(ecosystem) => ecosystem.to_owned(),
        Kept::System(_) => {
            let named = || of_name(&purl.qualifier("distro")?.replacen('-', " ", 1));
            platform.map(ToOwned::to_owned).or_else(|| purl.distribution()).or_else(named)?
        }
    };
    let names = match (purl.kept(), purl.qualifier("arch")) {
        (Some(Kept::System(_)), Some("src" | "source")) => Names::Source,
        (Some(Kept::System(_)), Some(_)) => Names::Binary,
        _ => Names::Any,
    };
    // Of Go advisories write the version with its `v` or without: the order of versions knows both.
    named(ecosystem, &purl.full_name(), names, purl.full_version())
}

fn named(ecosystem: String, name: &str, names: Names, version: Option<String>) -> Option<Named> {
    let name = ecosystem::name(&ecosystem, text::token(name, TOKEN_BYTES_MAX)?);
    let version = match version {
        Some(version) => Some(text::token(&version, TOKEN_BYTES_MAX)?.to_owned()),
        None => None,
    };
    Some(Named { ecosystem, name, names, version })
}

const ARCHITECTURES: &[&str] = &[
    "x86_64",
    "aarch64",
    "noarch",
    "src",
    "i686",
    "i386",
    "ppc64le",
    "s390x",
    "loongarch64",
    "riscv64",
    "armv7hl",
    "sw_64",
];

/// A component of an rpm platform: `name`, `name-[epoch:]version-release[.arch][.rpm]`.
pub(super) fn of_component(text: &str, platform: &str) -> Option<Named> {
    let text = text.trim();
    let text = text.strip_suffix(".rpm").unwrap_or(text);
    let (text, names) = match text.rsplit_once('.') {
        Some((rest, "src")) => (rest, Names::Source),
        Some((rest, arch)) if ARCHITECTURES.contains(&arch) => (rest, Names::Binary),
        _ => (text, Names::Any),
    };
    let parts = text.rsplit_once('-').and_then(|(rest, release)| Some((rest.rsplit_once('-')?, release)));
    match parts.filter(|((_, version), _)| version.starts_with(|c: char| c.is_ascii_digit())) {
        Some(((name, version), release)) => {
            let version = version.strip_prefix("0:").unwrap_or(version);
            named(platform.to_owned(), name, names, Some(format!("{version}-{release}")))
        }
        None if text.contains(char::is_whitespace) => None,
        None => named(platform.to_owned(), text, names, None),
    }
}
