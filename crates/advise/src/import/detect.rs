//! Which form a file has, by its content.

/// A form of advisory data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Form {
    /// OSV schema, JSON: one object, an array, or one object after the other.
    OsvJson,
    /// OSV schema, YAML (pypa).
    OsvYaml,
    /// RustSec advisory-db: Markdown with a TOML front.
    RustSec,
    /// CSAF 2.0 (also its VEX profile).
    Csaf,
    /// OVAL definitions, XML.
    Oval,
    /// CISA's known exploited vulnerabilities, JSON.
    KevJson,
    /// The same, CSV.
    KevCsv,
    /// FIRST's EPSS scores, CSV.
    EpssCsv,
}
impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::OsvJson => "OSV JSON",
            Self::OsvYaml => "OSV YAML",
            Self::RustSec => "RustSec advisory",
            Self::Csaf => "CSAF",
            Self::Oval => "OVAL",
            Self::KevJson => "KEV JSON",
            Self::KevCsv => "KEV CSV",
            Self::EpssCsv => "EPSS CSV",
        })
    }
}

/// What shows at first sight; which JSON it is, its keys tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rough {
    Json,
    Yaml,
    RustSec,
    Oval,
    KevCsv,
    EpssCsv,
}
impl Rough {
    /// Held as a tree while it is read.
    pub(super) fn is_tree(self) -> bool {
        matches!(self, Self::Json | Self::Yaml | Self::RustSec)
    }
}

/// Bytes at the front of a file in which its form must show.
const FRONT_BYTES_MAX: usize = 16 << 10;

pub(super) fn rough(text: &str) -> Option<Rough> {
    let text = text.trim_start();
    let mut end = text.len().min(FRONT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let front = text.get(..end)?;
    let first = front.lines().next().unwrap_or_default();
    match front.as_bytes().first()? {
        b'{' | b'[' => return Some(Rough::Json),
        b'<' => return front.contains("oval_definitions").then_some(Rough::Oval),
        _ => {}
    }
    if first.starts_with("```toml") || first == "+++" {
        return Some(Rough::RustSec);
    }
    let lower = first.to_ascii_lowercase();
    if lower.starts_with("#model_version") || lower.starts_with("cve,epss") {
        return Some(Rough::EpssCsv);
    }
    if lower.trim_start_matches('"').starts_with("cveid") {
        return Some(Rough::KevCsv);
    }
    let keyed = |key: &str| front.lines().any(|l| l.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    (keyed("id") && (keyed("modified") || keyed("affected") || keyed("details"))).then_some(Rough::Yaml)
}
