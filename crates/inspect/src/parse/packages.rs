//! Package databases in text form, and apt's settings.

use super::words;

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Line of its name.
    pub line: usize,
    /// Name.
    pub name: String,
    /// Version as the manager writes it.
    pub version: String,
    /// Architecture.
    pub arch: String,
    /// Name of the source package where it is another than its own.
    pub source: Option<String>,
    /// Version of the source package where it is another than its own.
    pub source_version: Option<String>,
}
impl Installed {
    /// A package of which only the name is known yet.
    #[must_use]
    pub fn named(line: usize, name: &str) -> Self {
        let name = name.trim().to_owned();
        Self { line, name, version: String::new(), arch: String::new(), source: None, source_version: None }
    }
    /// Notes the source package, `name` or `name (version)`, as far as it differs.
    fn comes_from(&mut self, source: &str) {
        let (name, version) = source.trim().split_once(' ').unwrap_or((source.trim(), ""));
        let version = version.trim().trim_start_matches('(').trim_end_matches(')');
        self.source = Some(name.to_owned()).filter(|n| !n.is_empty() && *n != self.name);
        self.source_version = Some(version.to_owned()).filter(|v| !v.is_empty() && *v != self.version);
    }
}
impl From<&super::RpmPackage> for Installed {
    fn from(p: &super::RpmPackage) -> Self {
        let mut out = Self { version: p.version.clone(), arch: p.arch.clone(), ..Self::named(0, &p.name) };
        if let Some((name, version)) = &p.source {
            out.source = Some(name.clone()).filter(|n| *n != p.name);
            let own = p.version.split_once(':').map_or(p.version.as_str(), |v| v.1);
            out.source_version = Some(version.clone()).filter(|v| v != own);
        }
        out
    }
}

/// Installed packages of a dpkg status file.
#[must_use]
pub fn dpkg_status(text: &str) -> Vec<Installed> {
    let mut out = Vec::new();
    let mut now: Option<Installed> = None;
    let mut installed = false;
    let mut flush = |now: &mut Option<Installed>, installed: &mut bool| {
        let done = now.take().filter(|p| *installed && !p.version.is_empty());
        out.extend(done);
        *installed = false;
    };
    for (n, l) in text.lines().enumerate() {
        if l.is_empty() {
            flush(&mut now, &mut installed);
        } else if let Some(name) = l.strip_prefix("Package: ") {
            now = Some(Installed::named(n + 1, name));
            // Distroless images keep stanzas without a state.
            installed = true;
        } else if let Some(state) = l.strip_prefix("Status: ") {
            installed = state.trim().ends_with(" installed");
        } else if let Some(p) = now.as_mut() {
            if let Some(v) = l.strip_prefix("Version: ") {
                v.trim().clone_into(&mut p.version);
            } else if let Some(a) = l.strip_prefix("Architecture: ") {
                a.trim().clone_into(&mut p.arch);
            } else if let Some(source) = l.strip_prefix("Source: ") {
                p.comes_from(source);
            }
        }
    }
    flush(&mut now, &mut installed);
    out
}

/// What each installed package of a dpkg status file depends on (`Depends`, `Pre-Depends`): package and name, alternatives
/// included, because which of them is used is not told.
#[must_use]
pub fn dpkg_depends(text: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    for stanza in text.split("\n\n") {
        let field = |name: &str| stanza.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
        let (Some(package), true) =
            (field("Package"), field("Status").is_none_or(|s| s.trim().ends_with(" installed")))
        else {
            continue;
        };
        let all = [field("Depends"), field("Pre-Depends")].into_iter().flatten();
        let names = all
            .flat_map(|list| list.split([',', '|']))
            .filter_map(|one| one.trim().split([' ', ':', '(']).next().filter(|n| !n.is_empty()));
        out.extend(names.map(|name| (package.trim(), name)));
    }
    out
}

/// Absolute paths of a dpkg `*.list` file.
pub fn dpkg_list(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|b| *b == b'\n').filter(|l| l.first() == Some(&b'/'))
}

/// Packages and owned paths (without the leading `/`), each with the place of its package in the list, of apk's database.
#[must_use]
pub fn apk_installed(text: &str) -> (Vec<Installed>, Vec<(usize, String)>) {
    let mut packages: Vec<Installed> = Vec::new();
    let mut files = Vec::new();
    let mut folder = String::new();
    for (n, l) in text.lines().enumerate() {
        let Some((key, value)) = l.split_once(':') else { continue };
        match key {
            "P" => packages.push(Installed::named(n + 1, value)),
            "o" => packages.last_mut().into_iter().for_each(|p| p.comes_from(value)),
            "V" => packages.last_mut().into_iter().for_each(|p| value.clone_into(&mut p.version)),
            "A" => packages.last_mut().into_iter().for_each(|p| value.clone_into(&mut p.arch)),
            "F" => value.clone_into(&mut folder),
            "R" => {
                let path = if folder.is_empty() { value.to_owned() } else { format!("{folder}/{value}") };
                files.push((packages.len().saturating_sub(1), path));
            }
            _ => {}
        }
    }
    (packages, files)
}

/// The package of a pacman `desc` file.
#[must_use]
pub fn pacman_desc(text: &str) -> Option<Installed> {
    let all: Vec<&str> = text.lines().collect();
    let after = |key: &str| {
        let at = all.iter().position(|l| *l == key)?;
        Some((at + 2, (*all.get(at + 1)?).to_owned()))
    };
    let (line, name) = after("%NAME%")?;
    let version = after("%VERSION%")?.1;
    let mut out =
        Installed { version, arch: after("%ARCH%").map(|a| a.1).unwrap_or_default(), ..Installed::named(line, &name) };
    out.comes_from(&after("%BASE%").map(|b| b.1).unwrap_or_default());
    Some(out)
}

/// Settings of an apt configuration file in `Key::Sub "value";` form: (line, key, value).
#[must_use]
pub fn apt_conf(text: &str) -> Vec<(usize, String, String)> {
    words::lines(text)
        .filter(|(_, l)| !l.starts_with("//"))
        .filter_map(|(n, l)| {
            let (key, rest) = l.split_once(char::is_whitespace)?;
            let value = rest.trim().trim_end_matches(';').trim().trim_matches('"');
            Some((n, key.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dpkg_counts_what_is_installed() {
        let t = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2-3\nDescription: x\n Package: no\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: c\nVersion: 2\n";
        let p = dpkg_status(t);
        assert_eq!(
            p.iter().map(|p| (p.line, p.name.as_str(), p.version.as_str())).collect::<Vec<_>>(),
            [(1, "a", "1:2-3"), (12, "c", "2")]
        );
    }

    #[test]
    fn other_managers() {
        let (p, f) = apk_installed("P:musl\nV:1.2-r0\nA:x86_64\nF:lib\nR:ld-musl.so\n\n");
        assert_eq!(
            (p[0].name.as_str(), p[0].version.as_str(), &f[0]),
            ("musl", "1.2-r0", &(0, "lib/ld-musl.so".to_owned()))
        );
        let d = pacman_desc("%NAME%\nbash\n\n%VERSION%\n5.2-1\n\n%ARCH%\nx86_64\n").unwrap();
        assert_eq!((d.line, d.name.as_str(), d.version.as_str()), (2, "bash", "5.2-1"));
        assert_eq!(
            apt_conf("// x\nAPT::Periodic::Unattended-Upgrade \"1\";\n"),
            [(2, "APT::Periodic::Unattended-Upgrade".into(), "1".into())]
        );
    }
}
