//! Lock files that are JSON. One that does not parse gives nothing at all, so that the reader can say so.

use super::Library;
use serde::Deserialize;
use std::collections::BTreeMap;

type Map<T> = BTreeMap<String, T>;

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Option<T> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}
fn of(ecosystem: &'static str, name: &str, version: Option<&str>) -> Option<Library> {
    Library::new(ecosystem, name, version?, 0)
}

/// `Pipfile.lock`: what is pinned with `==`.
#[must_use]
pub fn pipfile_lock(text: &str) -> Option<Vec<Library>> {
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        default: Map<Entry>,
        #[serde(default)]
        develop: Map<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        version: Option<String>,
    }
    let lock: Lock = read(text)?;
    let all = lock.default.iter().chain(&lock.develop);
    Some(all.filter_map(|(n, e)| of("PyPI", n, e.version.as_deref()?.strip_prefix("=="))).collect())
}

/// `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.
#[must_use]
pub fn npm_lock(text: &str) -> Option<Vec<Library>> {
    #[derive(Deserialize)]
    struct Lock {
        packages: Option<Map<Entry>>,
        #[serde(default)]
        dependencies: Map<Old>,
    }
    #[derive(Deserialize)]
    struct Entry {
        name: Option<String>,
        version: Option<String>,
        #[serde(default)]
        link: bool,
    }
    #[derive(Deserialize)]
    struct Old {
        version: Option<String>,
        #[serde(default)]
        dependencies: Map<Old>,
    }
    // The depth is limited by the parser of JSON.
    fn below(all: &Map<Old>, out: &mut Vec<Library>) {
        for (name, entry) in all {
            // Addresses and folders stand where a version does.
            let version = entry.version.as_deref().filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
            out.extend(of("npm", name, version));
            below(&entry.dependencies, out);
        }
    }
    let lock: Lock = read(text)?;
    let mut out = Vec::new();
    let Some(packages) = lock.packages else {
        below(&lock.dependencies, &mut out);
        return Some(out);
    };
    for (path, entry) in packages.iter().filter(|(_, e)| !e.link) {
        if let Some((_, name)) = path.rsplit_once("node_modules/") {
            out.extend(of("npm", entry.name.as_deref().unwrap_or(name), entry.version.as_deref()));
        }
    }
    Some(out)
}

/// `composer.lock`, and the list `vendor/composer/installed.json` of what is installed.
#[must_use]
pub fn composer_lock(text: &str) -> Option<Vec<Library>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lock {
        Plain(Vec<Entry>),
        Whole {
            #[serde(default)]
            packages: Vec<Entry>,
            #[serde(default, rename = "packages-dev")]
            dev: Vec<Entry>,
        },
    }
    #[derive(Deserialize)]
    struct Entry {
        name: Option<String>,
        version: Option<String>,
    }
    let all: Vec<Entry> = match read(text)? {
        Lock::Plain(all) => all,
        Lock::Whole { packages, dev } => packages.into_iter().chain(dev).collect(),
    };
    Some(all.iter().filter_map(|e| of("Packagist", e.name.as_deref()?, e.version.as_deref())).collect())
}

/// `packages.lock.json` of NuGet; projects of the solution itself are left out.
#[must_use]
pub fn nuget_lock(text: &str) -> Option<Vec<Library>> {
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        dependencies: Map<Map<Entry>>,
    }
    #[derive(Deserialize)]
    struct Entry {
        resolved: Option<String>,
    }
    let lock: Lock = read(text)?;
    let all = lock.dependencies.values().flatten();
    let mut out: Vec<Library> = all.filter_map(|(n, e)| of("NuGet", n, e.resolved.as_deref())).collect();
    // Frameworks repeat each other.
    out.sort();
    out.dedup();
    Some(out)
}

/// `NAME.deps.json`, which .NET writes beside a program: its packages.
#[must_use]
pub fn deps_json(text: &str) -> Option<Vec<Library>> {
    #[derive(Deserialize)]
    struct Deps {
        #[serde(default)]
        libraries: Map<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    let deps: Deps = read(text)?;
    let packages = deps.libraries.iter().filter(|(_, e)| e.kind.as_deref() == Some("package"));
    let split = packages.filter_map(|(key, _)| key.split_once('/'));
    Some(split.filter_map(|(name, version)| of("NuGet", name, Some(version))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(all: Option<Vec<Library>>) -> Vec<String> {
        all.unwrap().iter().map(|l| format!("{} {}", l.name, l.version)).collect()
    }

    #[test]
    fn each_tool() {
        let text = r#"{"_meta":{},"default":{"requests":{"hashes":[],"version":"==2.31.0"},"own":{"path":"."}},"develop":{"pytest":{"version":"==7.4.0"}}}"#;
        assert_eq!(seen(pipfile_lock(text)), ["requests 2.31.0", "pytest 7.4.0"]);
        let old = r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","requires":{"b":"^1"},"dependencies":{"b":{"version":"1.1.0"}}},"g":{"version":"git+ssh://x"}}}"#;
        assert_eq!(seen(npm_lock(old)), ["a 1.0.0", "b 1.1.0"]);
        let new = r#"{"lockfileVersion":3,"packages":{"":{"name":"own","version":"1.0.0"},"node_modules/@s/a":{"version":"1.0.0"},"node_modules/a/node_modules/b":{"version":"2.0.0","dependencies":{"c":"^1"}},"node_modules/own2":{"link":true},"node_modules/x":{"name":"y","version":"3.0.0"}}}"#;
        assert_eq!(seen(npm_lock(new)), ["@s/a 1.0.0", "b 2.0.0", "y 3.0.0"]);
        let composer = r#"{"packages":[{"name":"monolog/monolog","version":"2.9.1"}],"packages-dev":[{"name":"phpunit/phpunit","version":"9.6.0"}]}"#;
        assert_eq!(seen(composer_lock(composer)), ["monolog/monolog 2.9.1", "phpunit/phpunit 9.6.0"]);
        assert_eq!(seen(composer_lock(r#"[{"name":"a/b","version":"1"}]"#)), ["a/b 1"]);
        let nuget = r#"{"version":1,"dependencies":{"net6.0":{"Newtonsoft.Json":{"type":"Direct","requested":"[13.0.1, )","resolved":"13.0.1"},"own":{"type":"Project"}}}}"#;
        assert_eq!(seen(nuget_lock(nuget)), ["Newtonsoft.Json 13.0.1"]);
        let deps =
            r#"{"libraries":{"own/1.0.0":{"type":"project"},"Serilog/2.12.0":{"type":"package","serviceable":true}}}"#;
        assert_eq!(seen(deps_json(deps)), ["Serilog 2.12.0"]);
    }

    #[test]
    fn what_is_no_json_gives_nothing() {
        let deep = format!("{}{}", "{\"dependencies\":{\"a\":".repeat(10_000), "1");
        for text in ["", "{", "[1", "nul", &deep] {
            assert_eq!(npm_lock(text), None);
            assert_eq!(composer_lock(text), None);
            assert_eq!(pipfile_lock(text), None);
        }
    }
}
