//! Names of ecosystems and of packages in them: one spelling for packs and for hosts.
//!
//! The names are those of the OSV schema ("Defined ecosystems"), with what varies between publishers taken out: Ubuntu's
//! `:LTS`, the repository at the end of Red Hat's. Products of vendors, which no ecosystem has, are `vendor:<vendor>`.

/// One spelling of an ecosystem's name: `Ubuntu:22.04:LTS` is `Ubuntu:22.04`, `Red Hat:enterprise_linux:9::baseos` is
/// `Red Hat:9`, `pypi` is `PyPI`.
#[must_use]
pub fn canonical(ecosystem: &str) -> String {
    let text = ecosystem.trim();
    let (family, release) = text.split_once(':').map_or((text, None), |(f, r)| (f, Some(r)));
    let known = KNOWN.iter().find(|k| k.eq_ignore_ascii_case(family)).copied();
    let Some(known) = known else {
        return text.to_owned();
    };
    let Some(release) = release.filter(|r| !r.is_empty()) else {
        return known.to_owned();
    };
    let release = match known {
        "Ubuntu" => release.strip_suffix(":LTS").unwrap_or(release),
        "Red Hat" => {
            let stream = release.strip_prefix("enterprise_linux:").unwrap_or(release);
            let stream = stream.split("::").next().unwrap_or(stream);
            // Minor releases of the main stream are not kept apart.
            if release.starts_with("enterprise_linux:") { major(stream) } else { stream }
        }
        "vendor" => return format!("vendor:{}", folded(release)),
        "Alpine" | "AlmaLinux" | "Rocky Linux" | "Debian" => release.trim(),
        _ => release,
    };
    match known {
        "Alpine" if release.starts_with(|c: char| c.is_ascii_digit()) => format!("Alpine:v{release}"),
        "AlmaLinux" | "Rocky Linux" => format!("{known}:{}", major(release)),
        _ => format!("{known}:{release}"),
    }
}

/// Ecosystems that are known by name.
const KNOWN: &[&str] = &[
    "AlmaLinux",
    "Alpaquita",
    "Alpine",
    "Amazon Linux",
    "Anolis OS",
    "Arch Linux",
    "Azure Linux",
    "Bitnami",
    "Chainguard",
    "CRAN",
    "crates.io",
    "Debian",
    "Fedora",
    "GitHub Actions",
    "Go",
    "Hackage",
    "Hex",
    "Julia",
    "Kylin",
    "Linux",
    "Mageia",
    "Maven",
    "MinimOS",
    "npm",
    "NuGet",
    "OpenCloudOS",
    "openEuler",
    "openSUSE",
    "Oracle Linux",
    "Packagist",
    "Photon OS",
    "Pub",
    "PyPI",
    "Red Hat",
    "Rocky Linux",
    "RubyGems",
    "SUSE",
    "SwiftURL",
    "Ubuntu",
    "Wolfi",
    "vendor",
];

/// One spelling of a package's name in a (canonical) ecosystem. PyPI: PEP 503; NuGet, Packagist, Hex and vendors' products:
/// without case; npm, Go, Maven, crates.io and distributions: as it is.
#[must_use]
pub fn name(ecosystem: &str, name: &str) -> String {
    let name = name.trim();
    match ecosystem.split(':').next().unwrap_or_default() {
        "PyPI" => {
            let mut out = String::with_capacity(name.len());
            for c in name.chars() {
                match c {
                    '-' | '_' | '.' if out.ends_with('-') => {}
                    '-' | '_' | '.' => out.push('-'),
                    c => out.push(c.to_ascii_lowercase()),
                }
            }
            out
        }
        "NuGet" | "Packagist" | "Hex" => name.to_ascii_lowercase(),
        "vendor" => folded(name),
        _ => name.to_owned(),
    }
}

/// Lower case, one space where several stood.
fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `22.03 (LTS-SP1)` as `22.03-LTS-SP1`.
fn dashed(version: &str) -> String {
    version.split([' ', '(', ')']).filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-")
}

/// What stands before the first dot.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// The family of an ecosystem, without its release.
#[must_use]
pub fn family(ecosystem: &str) -> &str {
    ecosystem.split(':').next().unwrap_or(ecosystem)
}

/// The ecosystem of a host by `ID` and `VERSION_ID` of its `os-release`; `None` if no publisher's name for it is known.
///
/// Kylin and openEuler are named as their own publishers do, which takes their `VERSION` (`22.03 (LTS-SP1)`): give that one in
/// place of `VERSION_ID`, which leaves the service pack out. A rolling distribution (Wolfi, Arch) has no release.
#[must_use]
pub fn of_os(id: &str, version_id: &str) -> Option<String> {
    let (id, version) = (id.trim().to_ascii_lowercase(), version_id.trim());
    let rolling = match id.as_str() {
        "wolfi" => Some("Wolfi"),
        "chainguard" => Some("Chainguard"),
        "arch" | "archarm" => Some("Arch Linux"),
        "opensuse-tumbleweed" => Some("openSUSE:Tumbleweed"),
        _ => None,
    };
    if let Some(rolling) = rolling {
        return Some(rolling.to_owned());
    }
    if !version.starts_with(|c: char| c.is_ascii_digit() || c == 'V' || c == 'v') || version.len() > 40 {
        return None;
    }
    Some(match id.as_str() {
        "debian" | "raspbian" => format!("Debian:{}", major(version)),
        "ubuntu" => format!("Ubuntu:{version}"),
        "alpine" => {
            let mut parts = version.split('.');
            format!("Alpine:v{}.{}", parts.next()?, parts.next()?)
        }
        "almalinux" => format!("AlmaLinux:{}", major(version)),
        "rocky" => format!("Rocky Linux:{}", major(version)),
        "rhel" => format!("Red Hat:{}", major(version)),
        "ol" => format!("Oracle Linux:{}", major(version)),
        "amzn" => format!("Amazon Linux:{version}"),
        "fedora" => format!("Fedora:{version}"),
        "openeuler" => format!("openEuler:{}", dashed(version)),
        "kylin" => format!("Kylin:{}", dashed(version)),
        "anolis" => format!("Anolis OS:{version}"),
        "opencloudos" => format!("OpenCloudOS:{version}"),
        "opensuse-leap" => format!("openSUSE:Leap {version}"),
        "sles" | "sled" | "sles_sap" => {
            let product = if id == "sled" { "Desktop" } else { "Server" };
            match version.split_once('.') {
                Some((major, pack)) if major.len() <= 2 && major != "16" => {
                    format!("SUSE:Linux Enterprise {product} {major} SP{pack}")
                }
                _ => format!("SUSE:Linux Enterprise {product} {version}"),
            }
        }
        "azurelinux" => format!("Azure Linux:{}", major(version)),
        "mariner" => format!("Azure Linux:{}", major(version)),
        "mageia" => format!("Mageia:{}", major(version)),
        "photon" => format!("Photon OS:{version}"),
        _ => return None,
    })
}
