//! Package URLs (ECMA-427) of what was seen on a host.

/// What a package URL is made of, as facts name it.
#[derive(Clone, Copy, Default)]
pub(super) struct Named<'a> {
    /// Package manager or ecosystem.
    pub(super) from: &'a str,
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) arch: &'a str,
    /// Source package and its version, where they are not the package's own.
    pub(super) source: (&'a str, &'a str),
    /// Ecosystem that a bill of materials names for this package.
    pub(super) ecosystem: &'a str,
    /// `ID` and release of the host's system.
    pub(super) os: (&'a str, &'a str),
}

/// Ecosystems of distributions, as a `distro` qualifier begins.
const IDS: &[(&str, &str)] = &[
    ("Debian:", "debian"),
    ("Ubuntu:", "ubuntu"),
    ("Alpine:v", "alpine"),
    ("Red Hat:", "rhel"),
    ("Rocky Linux:", "rocky"),
    ("AlmaLinux:", "almalinux"),
    ("Oracle Linux:", "ol"),
    ("Amazon Linux:", "amzn"),
    ("Azure Linux:", "azurelinux"),
    ("Fedora:", "fedora"),
    ("Mageia:", "mageia"),
    ("Photon OS:", "photon"),
    ("Anolis OS:", "anolis"),
    ("OpenCloudOS:", "opencloudos"),
    ("openEuler:", "openEuler"),
    ("Kylin:", "kylin"),
    ("openSUSE:Leap ", "opensuse-leap"),
    ("openSUSE:Tumbleweed", "opensuse-tumbleweed"),
    ("Arch Linux", "arch"),
    ("Wolfi", "wolfi"),
    ("Chainguard", "chainguard"),
];

impl<'a> Named<'a> {
    /// Namespace and release of the distribution.
    fn distribution(&self) -> (&'a str, &'a str) {
        let named = IDS.iter().find_map(|(front, id)| Some((*id, self.ecosystem.strip_prefix(front)?)));
        match named {
            // The host's own words say more than an ecosystem, which leaves out minor releases.
            Some((id, _)) if id == self.os.0 => self.os,
            Some(named) => named,
            None => self.os,
        }
    }

    /// The package URL; `None` for what has no type there.
    pub(super) fn purl(&self) -> Option<String> {
        let (os, release) = self.distribution();
        let (kind, space, name) = match self.from {
            "dpkg" => ("deb", os.to_owned(), self.name.to_owned()),
            "rpm" => ("rpm", os.to_owned(), self.name.to_owned()),
            "apk" => ("apk", os.to_owned(), self.name.to_owned()),
            "pacman" => ("alpm", os.to_owned(), self.name.to_owned()),
            "PyPI" => ("pypi", String::new(), self.name.to_lowercase().replace('_', "-")),
            "crates.io" => ("cargo", String::new(), self.name.to_owned()),
            "RubyGems" => ("gem", String::new(), self.name.to_owned()),
            "NuGet" => ("nuget", String::new(), self.name.to_owned()),
            "npm" | "Packagist" | "Go" => {
                let (space, last) = self.name.rsplit_once('/').unwrap_or(("", self.name));
                let kind = match self.from {
                    "npm" => "npm",
                    "Go" => "golang",
                    _ => "composer",
                };
                (kind, space.to_owned(), last.to_owned())
            }
            "Maven" => {
                let (group, artifact) = self.name.split_once(':')?;
                ("maven", group.to_owned(), artifact.to_owned())
            }
            _ => return None,
        };
        let of_system = matches!(kind, "deb" | "rpm" | "apk" | "alpm");
        if of_system && space.is_empty() {
            return None;
        }
        let mut out = format!("pkg:{kind}/");
        for part in space.split('/').filter(|s| !s.is_empty()) {
            out.push_str(&encoded(part));
            out.push('/');
        }
        out.push_str(&encoded(&name));
        // An rpm's epoch is a qualifier, not a part of the version.
        let (epoch, version) = match self.version.split_once(':') {
            Some((epoch, version)) if kind == "rpm" => (epoch, version),
            _ => ("", self.version),
        };
        if !version.is_empty() {
            out.push('@');
            out.push_str(&encoded(version));
        }
        let distro = if of_system && !release.is_empty() { format!("{os}-{release}") } else { String::new() };
        let upstream = match self.source {
            (source, version) if of_system && !version.is_empty() => format!("{source}@{version}"),
            (source, _) if of_system => source.to_owned(),
            _ => String::new(),
        };
        let qualifiers = [("arch", self.arch), ("distro", &distro), ("epoch", epoch), ("upstream", &upstream)];
        let qualifiers = qualifiers.iter().filter(|q| !q.1.is_empty()).map(|(k, v)| format!("{k}={}", encoded(v)));
        let qualifiers: Vec<String> = qualifiers.collect();
        if !qualifiers.is_empty() {
            out.push('?');
            out.push_str(&qualifiers.join("&"));
        }
        Some(out)
    }
}

/// Percent-encoding of one part of a package URL: letters, digits and `.-_~:` stand as they are.
fn encoded(part: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for b in part.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b':') {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the package URL specification, by type.
    #[test]
    fn package_urls_are_those_of_the_specification() {
        let debian = ("debian", "12");
        let of = |from: &str, name: &str, version: &str, arch: &str| {
            Named { from, name, version, arch, os: debian, ..Named::default() }.purl().unwrap()
        };
        assert_eq!(of("dpkg", "curl", "7.50.3-1", "i386"), "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=debian-12");
        assert_eq!(of("dpkg", "g++", "4:12.2.0-3", ""), "pkg:deb/debian/g%2B%2B@4:12.2.0-3?distro=debian-12");
        assert_eq!(of("npm", "@angular/animation", "12.3.1", ""), "pkg:npm/%40angular/animation@12.3.1");
        assert_eq!(
            of("Maven", "org.apache.xmlgraphics:batik-anim", "1.9.1", ""),
            "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1"
        );
        assert_eq!(of("PyPI", "Django_Rest", "1.11", ""), "pkg:pypi/django-rest@1.11");
        assert_eq!(of("Go", "google.golang.org/genproto", "0.1.0", ""), "pkg:golang/google.golang.org/genproto@0.1.0");
        assert_eq!(of("crates.io", "rand", "0.7.2", ""), "pkg:cargo/rand@0.7.2");
        let windows = Named { from: "windows", name: "AnyDesk", version: "7", ..Named::default() };
        assert_eq!(windows.purl(), None);
        let fedora = Named { from: "rpm", name: "curl", version: "1:7.50.3-1.fc25", arch: "i386", ..Named::default() };
        let fedora = Named { ecosystem: "Fedora:25", source: ("curl-src", ""), ..fedora };
        assert_eq!(
            fedora.purl().unwrap(),
            "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25&epoch=1&upstream=curl-src"
        );
        assert_eq!(Named { ecosystem: "", ..fedora }.purl(), None, "a package of no distribution has no URL");
    }
}
