//! What installed libraries say about themselves.

use super::Library;
use serde::Deserialize;

/// `METADATA` of a wheel and `PKG-INFO` of an egg: a head as in mail.
#[must_use]
pub fn python_metadata(text: &str) -> Option<Library> {
    let head = || text.lines().enumerate().take_while(|(_, l)| !l.trim().is_empty());
    let get = |key: &str| head().find_map(|(n, l)| Some((n + 1, l.strip_prefix(key)?.trim())));
    let (line, name) = get("Name:")?;
    Library::new("PyPI", name, get("Version:")?.1, line)
}

/// `package.json` of an installed package.
#[must_use]
pub fn node_package(text: &str) -> Option<Library> {
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let p: Package = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    Library::new("npm", &p.name, &p.version, 0)
}

/// The gem that a file `NAME-VERSION[-PLATFORM].gemspec` describes.
#[must_use]
pub fn gemspec_name(file: &str) -> Option<Library> {
    let stem = file.strip_suffix(".gemspec")?;
    let starts =
        || stem.match_indices('-').filter(|(at, _)| stem.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit));
    let version = |at: usize| stem.get(at + 1..).and_then(|r| r.split('-').next()).unwrap_or_default();
    // A version has a dot; a number of a platform (`darwin-21`) behind it, or of a name before it, has none.
    let (at, _) = starts().find(|(at, _)| version(*at).contains('.')).or_else(|| starts().next_back())?;
    Library::new("RubyGems", stem.get(..at)?, version(at), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_its_name() {
        // The head of a wheel as pip installs it.
        let l = python_metadata("Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\nName: no\n").unwrap();
        assert_eq!((l.line, l.name.as_str(), l.version.as_str()), (2, "requests", "2.31.0"));
        assert_eq!(python_metadata("Metadata-Version: 2.1\n\nName: x\nVersion: 1\n"), None);
        assert_eq!(node_package(r#"{"name":"@s/n","version":"1.0.0","x":[]}"#).unwrap().name, "@s/n");
        assert_eq!(node_package("{\"type\":\"module\"}"), None);
        let gem = |f: &str| gemspec_name(f).map(|l| format!("{} {}", l.name, l.version)).unwrap_or_default();
        assert_eq!(gem("nokogiri-1.15.4-x86_64-linux.gemspec"), "nokogiri 1.15.4");
        assert_eq!(gem("net-http-0.3.2.gemspec"), "net-http 0.3.2");
        assert_eq!(gem("sassc-2.4.0-arm64-darwin-21.gemspec"), "sassc 2.4.0");
        assert_eq!(gem("a-3.gemspec"), "a 3");
        assert_eq!(gem("a.gemspec"), "");
    }
}
