//! Platforms as CSAF and OVAL name them, as ecosystems; package URLs and names with a version in them, as packages.

use super::TOKEN_BYTES_MAX;
use crate::advisory::Names;
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
    let rest = purl.trim().strip_prefix("pkg:")?;
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let qualifiers = qualifiers.split('#').next().unwrap_or_default();
    let qualifier = |key: &str| {
        qualifiers.split('&').filter_map(|q| q.split_once('=')).find(|(k, _)| *k == key).map(|(_, v)| decoded(v))
    };
    let (path, version) = match rest.rsplit_once('@') {
        // An at sign of a scope (`pkg:npm/@scope/x`) is no version.
        Some((path, version)) if !version.contains('/') => (path, Some(decoded(version))),
        _ => (rest, None),
    };
    let (kind, path) = path.trim_start_matches('/').split_once('/')?;
    let path = decoded(path);
    let (space, base) = path.rsplit_once('/').map_or((None, path.as_str()), |(s, b)| (Some(s), b));
    let (ecosystem, name) = match kind {
        "pypi" => ("PyPI".to_owned(), base.to_owned()),
        "npm" => ("npm".to_owned(), path.clone()),
        "cargo" => ("crates.io".to_owned(), base.to_owned()),
        "golang" => ("Go".to_owned(), path.clone()),
        "gem" => ("RubyGems".to_owned(), base.to_owned()),
        "nuget" => ("NuGet".to_owned(), base.to_owned()),
        "composer" => ("Packagist".to_owned(), path.clone()),
        "maven" => ("Maven".to_owned(), format!("{}:{base}", space?.replace('/', "."))),
        "deb" | "rpm" | "apk" => {
            let distro = qualifier("distro").and_then(|d| of_name(&d.replacen('-', " ", 1)));
            let plain = space.filter(|s| matches!(*s, "wolfi" | "chainguard")).map(ecosystem::canonical);
            (platform.map(ToOwned::to_owned).or(distro).or(plain)?, base.to_owned())
        }
        _ => return None,
    };
    let names = match (kind, qualifier("arch").as_deref()) {
        ("rpm" | "deb" | "apk", Some("src" | "source")) => Names::Source,
        ("rpm" | "deb" | "apk", Some(_)) => Names::Binary,
        _ => Names::Any,
    };
    let epoch = qualifier("epoch").filter(|e| kind == "rpm" && e != "0" && !e.is_empty());
    let version = version.map(|v| epoch.map_or_else(|| v.clone(), |e| format!("{e}:{v}")));
    named(ecosystem, &name, names, version)
}

fn named(ecosystem: String, name: &str, names: Names, version: Option<String>) -> Option<Named> {
    let name = ecosystem::name(&ecosystem, text::token(name, TOKEN_BYTES_MAX)?);
    let version = match version {
        Some(version) => Some(text::token(&version, TOKEN_BYTES_MAX)?.to_owned()),
        None => None,
    };
    Some(Named { ecosystem, name, names, version })
}

/// Percent signs undone; what is no text then stays as it was.
fn decoded(text: &str) -> String {
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
