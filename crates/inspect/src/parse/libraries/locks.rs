//! Lock files that are lines of text. Formats are those that the tools document or write themselves.

use super::Library;
use crate::parse::words::lines;
use std::collections::HashMap;

/// `requirements.txt`: what is pinned with `==` to one version. Options, addresses and ranges are left out.
#[must_use]
pub fn requirements(text: &str) -> Vec<Library> {
    let of = |(line, l): (usize, &str)| {
        let l = l.split([';', '#']).next()?;
        let (name, rest) = l.split_once("==")?;
        let name = name.split('[').next()?.trim();
        let version = rest.trim_start_matches('=').split_whitespace().next()?.trim_end_matches(['\\', ',']);
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+!".contains(&b));
        (plain(name) && plain(version)).then(|| Library::new("PyPI", name, version, line)).flatten()
    };
    lines(text).filter_map(of).collect()
}

/// One `[[package]]` of a lock file in TOML, read by lines.
#[derive(Default)]
struct Block {
    line: usize,
    name: String,
    version: String,
    source: String,
}

/// The `[[package]]` tables of Cargo, Poetry and uv, which their tools write one key a line.
fn blocks(text: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    // `None`: in another table; else whether in the source of a package.
    let mut inside = None;
    for (line, l) in lines(text) {
        if l.starts_with('[') {
            inside = match l {
                "[[package]]" => {
                    out.push(Block { line, ..Block::default() });
                    Some(false)
                }
                "[package.source]" => Some(true),
                _ => None,
            };
            continue;
        }
        let (Some(in_source), Some(block), Some((key, value))) = (inside, out.last_mut(), l.split_once('=')) else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        let plain = value.trim_matches('"');
        match key {
            "name" if !in_source => plain.clone_into(&mut block.name),
            "version" if !in_source => plain.clone_into(&mut block.version),
            "source" if !in_source => value.clone_into(&mut block.source),
            "type" if in_source => plain.clone_into(&mut block.source),
            _ => {}
        }
    }
    out
}

/// `Cargo.lock`: packages of the registry; others have no name that advisories know.
#[must_use]
pub fn cargo_lock(text: &str) -> Vec<Library> {
    let registry = |b: &Block| b.source.contains("registry+") || b.source.contains("sparse+");
    let all = blocks(text).into_iter().filter(registry);
    all.filter_map(|b| Library::new("crates.io", &b.name, &b.version, b.line)).collect()
}

/// `poetry.lock` and `uv.lock`: packages of an index, not of a folder or a repository.
#[must_use]
pub fn python_toml_lock(text: &str) -> Vec<Library> {
    let local = ["virtual", "editable", "directory", "git", "file", "path"];
    let index = |b: &Block| !local.iter().any(|k| b.source == *k || b.source.starts_with(&format!("{{ {k} =")));
    let all = blocks(text).into_iter().filter(index);
    all.filter_map(|b| Library::new("PyPI", &b.name, &b.version, b.line)).collect()
}

/// `name@range`, also of a scope, `@scope/name@range`: name and range.
fn at(spec: &str) -> Option<(&str, &str)> {
    let place = spec.char_indices().skip(1).find(|(_, c)| *c == '@')?.0;
    Some((spec.get(..place)?, spec.get(place + 1..)?))
}

/// `yarn.lock`, of version 1 and of Berry.
#[must_use]
pub fn yarn_lock(text: &str) -> Vec<Library> {
    let mut out = Vec::new();
    let mut now: Option<(usize, String)> = None;
    for (n, l) in text.lines().enumerate() {
        if l.starts_with([' ', '\t']) {
            let value = l.trim().strip_prefix("version").map(|v| v.trim_start_matches(':').trim().trim_matches('"'));
            if let (Some(version), Some((line, name))) = (value, now.as_ref().filter(|_| l.starts_with("  version"))) {
                out.extend(Library::new("npm", name, version, *line));
                now = None;
            }
        } else if l.ends_with(':') && !l.starts_with('#') {
            let first = l.trim_end_matches(':').split(',').next().unwrap_or_default().trim().trim_matches('"');
            now = at(first).filter(|(_, range)| !range.starts_with("workspace:") && !range.starts_with("link:")).map(
                |(name, range)| {
                    // `alias@npm:real@range` stands for another package.
                    let real = range.strip_prefix("npm:").and_then(at).map_or(name, |(real, _)| real);
                    (n + 1, real.to_owned())
                },
            );
        }
    }
    out
}

/// `pnpm-lock.yaml`: the keys below `packages:`, as versions 5 (`/name/1.0`), 6 (`/name@1.0`) and 9 (`name@1.0`) spell
/// them.
#[must_use]
pub fn pnpm_lock(text: &str) -> Vec<Library> {
    let mut out = Vec::new();
    let mut packages = false;
    for (n, l) in text.lines().enumerate() {
        if !l.starts_with(' ') && !l.is_empty() {
            packages = l.trim_end() == "packages:";
        } else if packages && l.starts_with("  ") && !l.starts_with("   ") {
            let Some(key) = l.trim().strip_suffix(':') else { continue };
            let key = key.trim_matches(['\'', '"']).trim_start_matches('/');
            let key = key.split('(').next().unwrap_or(key);
            let split = slashed(key).or_else(|| at(key));
            let numbered = split.filter(|(_, v)| v.starts_with(|c: char| c.is_ascii_digit()));
            out.extend(numbered.and_then(|(name, version)| Library::new("npm", name, version, n + 1)));
        }
    }
    out
}

/// `name/1.0`, also of a scope, with what it was resolved beside behind a `_`.
fn slashed(key: &str) -> Option<(&str, &str)> {
    let digit = |at: &usize| key.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    let whole = |at: &usize| key.get(..*at).is_some_and(|n| !n.starts_with('@') || n.contains('/'));
    let place = key.match_indices('/').map(|(at, _)| at).find(|at| digit(at) && whole(at))?;
    Some((key.get(..place)?, key.get(place + 1..)?.split('_').next()?))
}

/// `Gemfile.lock`: the gems of the section `GEM`, platforms cut off.
#[must_use]
pub fn gem_lock(text: &str) -> Vec<Library> {
    let mut out = Vec::new();
    let mut gems = false;
    for (n, l) in text.lines().enumerate() {
        if !l.starts_with(' ') {
            gems = l.trim_end() == "GEM";
        } else if gems && l.starts_with("    ") && !l.starts_with("     ") {
            let Some((name, rest)) = l.trim().split_once(" (") else { continue };
            let version = rest.trim_end_matches(')').split('-').next().unwrap_or_default();
            out.extend(Library::new("RubyGems", name, version, n + 1));
        }
    }
    out
}

/// `gradle.lockfile`: `group:artifact:version=configurations`.
#[must_use]
pub fn gradle_lock(text: &str) -> Vec<Library> {
    let of = |(line, l): (usize, &str)| {
        let (name, version) = l.split('=').next()?.rsplit_once(':')?;
        name.contains(':').then(|| Library::new("Maven", name, version, line)).flatten()
    };
    lines(text).filter_map(of).collect()
}

/// A version of Go without its `v`.
fn go_version(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}

/// `go.sum`: modules whose content is listed. It may list more versions than the build takes.
#[must_use]
pub fn go_sum(text: &str) -> Vec<Library> {
    let of = |(line, l): (usize, &str)| {
        let mut words = l.split_whitespace();
        let (name, version) = (words.next()?, words.next()?);
        (!version.ends_with("/go.mod")).then(|| Library::new("Go", name, go_version(version), line)).flatten()
    };
    lines(text).filter_map(of).collect()
}

/// `go.mod`: required modules, replacements applied; a module replaced by a folder is left out.
#[must_use]
pub fn go_mod(text: &str) -> Vec<Library> {
    let mut required: Vec<(usize, &str, &str)> = Vec::new();
    let mut replaced: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut block = "";
    for (line, l) in lines(text) {
        let l = l.split("//").next().unwrap_or_default().trim();
        if l == ")" {
            block = "";
            continue;
        }
        let mut words: Vec<&str> = l.split_whitespace().collect();
        if words.last() == Some(&"(") {
            block = words.first().copied().unwrap_or_default();
            continue;
        }
        let verb = if block.is_empty() && !words.is_empty() { words.remove(0) } else { block };
        match (verb, words.as_slice()) {
            ("require", [name, version]) => required.push((line, name, version)),
            ("replace", [name, rest @ ..]) => {
                let target = rest.iter().skip_while(|w| **w != "=>").skip(1).copied().collect();
                replaced.insert(name, target);
            }
            _ => {}
        }
    }
    let of = |(line, name, version): (usize, &str, &str)| match replaced.get(name).map(Vec::as_slice) {
        None => Library::new("Go", name, go_version(version), line),
        Some([other, version]) => Library::new("Go", other, go_version(version), line),
        Some(_) => None,
    };
    required.into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(all: &[Library]) -> Vec<String> {
        all.iter().map(|l| format!("{}:{} {}", l.line, l.name, l.version)).collect()
    }

    // Each text is cut from a file that the tool itself wrote, or from the tool's documentation.

    #[test]
    fn python() {
        let text = "# x\n-r base.txt\nrequests[socks]==2.31.0 ; python_version > '3' --hash=sha256:aa\nflask>=2\ndjango==4.*\nurllib3==1.26.5 \\\n    --hash=sha256:b\ngit+https://h/x@v1==2\n";
        assert_eq!(seen(&requirements(text)), ["3:requests 2.31.0", "6:urllib3 1.26.5"]);
        let poetry = "[[package]]\nname = \"attrs\"\nversion = \"23.1.0\"\ndescription = \"x\"\n\n[package.extras]\nname = \"no\"\n\n[[package]]\nname = \"own\"\nversion = \"0.1\"\n\n[package.source]\ntype = \"directory\"\nurl = \"..\"\n\n[metadata]\nname = \"z\"\n";
        assert_eq!(seen(&python_toml_lock(poetry)), ["1:attrs 23.1.0"]);
        let uv = "version = 1\n\n[[package]]\nname = \"anyio\"\nversion = \"4.4.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\n";
        assert_eq!(seen(&python_toml_lock(uv)), ["3:anyio 4.4.0"]);
    }

    #[test]
    fn rust_and_go() {
        let cargo = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"cfg-if\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        assert_eq!(seen(&cargo_lock(cargo)), ["7:cfg-if 1.0.0"]);
        let module = "module example.com/m\n\ngo 1.21\n\nrequire golang.org/x/net v0.17.0 // indirect\nrequire (\n\tgithub.com/a/b v1.2.3\n\tgithub.com/old/c v1.0.0\n\tgithub.com/own/d v0.0.0\n)\nreplace (\n\tgithub.com/old/c => github.com/new/c v1.0.1\n\tgithub.com/own/d v0.0.0 => ../d\n)\n";
        assert_eq!(
            seen(&go_mod(module)),
            ["5:golang.org/x/net 0.17.0", "7:github.com/a/b 1.2.3", "8:github.com/new/c 1.0.1"]
        );
        let sum = "github.com/a/b v1.2.3 h1:x=\ngithub.com/a/b v1.2.3/go.mod h1:y=\n";
        assert_eq!(seen(&go_sum(sum)), ["1:github.com/a/b 1.2.3"]);
    }

    #[test]
    fn node() {
        let one = "# yarn lockfile v1\n\n\n\"@babel/core@^7.0.0\", \"@babel/core@^7.1.0\":\n  version \"7.23.2\"\n  resolved \"https://r\"\n  dependencies:\n    version \"9\"\n\nold@npm:lodash@^4:\n  version \"4.17.21\"\n";
        assert_eq!(seen(&yarn_lock(one)), ["4:@babel/core 7.23.2", "10:lodash 4.17.21"]);
        let berry = "__metadata:\n  version: 6\n\n\"ms@npm:2.1.2\":\n  version: 2.1.2\n  resolution: \"ms@npm:2.1.2\"\n\n\"own@workspace:.\":\n  version: 0.0.0\n";
        assert_eq!(seen(&yarn_lock(berry)), ["4:ms 2.1.2"]);
        let pnpm = "lockfileVersion: 5.4\n\npackages:\n\n  /@s/n/1.0.0_a@2.0.0:\n    resolution: {integrity: x}\n  /ms/2.1.2:\n    dev: true\n";
        assert_eq!(seen(&pnpm_lock(pnpm)), ["5:@s/n 1.0.0", "7:ms 2.1.2"]);
        let pnpm =
            "lockfileVersion: '6.0'\npackages:\n  /ms@2.1.2:\n  /react-dom@18.2.0(react@18.2.0):\nother:\n  x@1.0.0:\n";
        assert_eq!(seen(&pnpm_lock(pnpm)), ["3:ms 2.1.2", "4:react-dom 18.2.0"]);
        let pnpm =
            "lockfileVersion: '9.0'\npackages:\n\n  '@s/n@1.2.3':\n    resolution: x\nsnapshots:\n  '@s/n@1.2.3': {}\n";
        assert_eq!(seen(&pnpm_lock(pnpm)), ["4:@s/n 1.2.3"]);
    }

    #[test]
    fn ruby_and_java() {
        let gems = "PATH\n  remote: .\n  specs:\n    own (1.0)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.15.4-x86_64-linux)\n      racc (~> 1.4)\n    rack (2.2.8)\n\nPLATFORMS\n  ruby\n";
        assert_eq!(seen(&gem_lock(gems)), ["9:nokogiri 1.15.4", "11:rack 2.2.8"]);
        let gradle = "# This is a Gradle generated file\ncom.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath\nempty=annotationProcessor\n";
        assert_eq!(seen(&gradle_lock(gradle)), ["2:com.google.guava:guava 31.1-jre"]);
    }
}
