//! Bills of materials: what a document says is inside a product or machine (docs/specs/sbom-v1.md).
//!
//! Each form is read into one neutral tree (`Node`), and one place decides what a component is: a package of a distribution, a
//! library of an ecosystem, the operating system, or something that nobody orders versions of. The last is kept by its name: a
//! component that cannot be held against advisories is told, never dropped.
//!
//! Refused: SPDX 3, whose JSON-LD may spell one thing in many ways; licences and hashes, which no check asks for.

mod cyclonedx;
mod part;
mod spdx;
mod xml;

use crate::{SUMMARY_CHARS_MAX, text};

/// What is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a document.
    pub file_bytes_max: usize,
    /// Bytes of a document in JSON, which is held in memory as a whole: a value of three bytes takes many times that.
    pub json_bytes_max: usize,
    /// Objects of a document in JSON, of some 650 bytes each in memory.
    pub json_objects_max: usize,
    /// Components of a document.
    pub components_max: usize,
    /// Deepest nesting of components, in levels.
    pub depth_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes_max: 128 << 20,
            json_bytes_max: 16 << 20,
            json_objects_max: 500_000,
            components_max: 100_000,
            depth_max: 128,
        }
    }
}

/// Why a document gives nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SbomError {
    /// Larger than this, in bytes.
    TooLarge(usize),
    /// Not UTF-8 at this byte.
    NotUtf8(usize),
    /// None of the forms that are read.
    UnknownForm,
    /// SPDX 3.
    Spdx3,
    /// A version of a known form that is not read.
    Version(String),
    /// Broken; the reader's own message.
    Broken(String),
    /// More objects of JSON than this.
    TooManyObjects(usize),
    /// More components than this.
    TooMany(usize),
    /// Nested deeper than this.
    TooDeep(usize),
    /// Nothing says what the document is about.
    NoName,
    /// Several devices, of which one must be named.
    Several(Vec<String>),
}
impl std::fmt::Display for SbomError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge(max) => write!(f, "larger than {max} bytes"),
            Self::NotUtf8(at) => write!(f, "not UTF-8 at byte {at}"),
            Self::UnknownForm => f.write_str(
                "not a bill of materials of a known form (CycloneDX JSON or XML, SPDX 2.2 or 2.3 JSON or tag-value)",
            ),
            Self::Spdx3 => f.write_str("SPDX 3 is not read; ask for SPDX 2.3 or CycloneDX"),
            Self::Version(v) => write!(f, "version {v:?} of this form is not read"),
            Self::Broken(why) => write!(f, "broken: {why}"),
            Self::TooManyObjects(max) => write!(f, "more than {max} objects of JSON"),
            Self::TooMany(max) => write!(f, "more than {max} components"),
            Self::TooDeep(max) => write!(f, "components nested deeper than {max} levels"),
            Self::NoName => f.write_str("it does not say what it is about; name it with --name"),
            Self::Several(names) => {
                write!(f, "it is about several devices; say which with --name: {}", names.join(", "))
            }
        }
    }
}
impl std::error::Error for SbomError {}

/// What a document says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bill {
    /// Form and version: `CycloneDX 1.5 JSON`.
    pub form: String,
    /// What it is about: the name given, or that of the main component.
    pub name: String,
    /// Version of the main component; empty if it has none.
    pub version: String,
    /// When it says to have been made, seconds since 1970.
    pub made: Option<i64>,
    /// By which tool, with its version; empty if it does not say.
    pub maker: String,
    /// Id and release of the operating system, as `os-release` writes them.
    pub system: Option<(String, String)>,
    /// Software, in the order of the document.
    pub parts: Vec<Part>,
    /// Components that are files, data, models or keys without a package URL.
    pub files: u64,
    /// Numbers of components without a usable name.
    pub bad: Vec<u64>,
    /// Compositions that the document itself does not call complete.
    pub incomplete: u64,
}

/// A piece of software.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Number of the component in the document, from 1.
    pub number: u64,
    /// Its name in its ecosystem.
    pub name: String,
    /// Its version; empty if none is stated.
    pub version: String,
    /// The package manager of a distribution that keeps it; `None` of everything else.
    pub manager: Option<&'static str>,
    /// Architecture.
    pub arch: Option<String>,
    /// Source package with its version, if it is not the package's own name.
    pub source: Option<(String, Option<String>)>,
    /// Ecosystem, of a distribution with its release; `None`: no advisories can be asked.
    pub ecosystem: Option<String>,
    /// It is said to belong to a package of the distribution, and the document names such packages.
    pub packaged: bool,
    /// It is what the document is about, and nothing in it.
    pub subject: bool,
}

/// A component as a document gives it.
#[derive(Clone, Debug, Default)]
struct Node {
    id: String,
    kind: String,
    group: String,
    name: String,
    version: String,
    purl: Option<String>,
    /// Those properties that are read, by name.
    properties: Vec<(String, String)>,
    inside: Vec<Node>,
}

/// A document of any form.
#[derive(Debug, Default)]
struct Document {
    form: String,
    /// The document's own name.
    title: String,
    made: Option<i64>,
    maker: String,
    /// What it is about.
    main: Option<Node>,
    nodes: Vec<Node>,
    /// Compositions that are not called complete.
    incomplete: u64,
}

/// Reads a bill of materials. `wanted` names the subject; of a document about several devices it picks one.
///
/// # Errors
/// The document is over a limit, of no form that is read, broken, or does not say what it is about.
pub fn read(bytes: &[u8], wanted: Option<&str>, limits: &Limits) -> Result<Bill, SbomError> {
    if bytes.len() > limits.file_bytes_max {
        return Err(SbomError::TooLarge(limits.file_bytes_max));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| SbomError::NotUtf8(e.valid_up_to()))?;
    let document = match text.trim_start().as_bytes().first() {
        Some(b'{') if bytes.len() > limits.json_bytes_max => return Err(SbomError::TooLarge(limits.json_bytes_max)),
        Some(b'{') if stdx::json::objects(bytes) > limits.json_objects_max => {
            return Err(SbomError::TooManyObjects(limits.json_objects_max));
        }
        Some(b'{') => {
            let value = serde_json::from_str(text).map_err(|e| SbomError::Broken(text::line(&e.to_string(), 200)))?;
            json(&value, limits)?
        }
        Some(b'<') => xml::read(text, limits)?,
        _ => spdx::tag_value(text, limits)?,
    };
    part::bill(document, wanted, limits)
}

fn json(value: &serde_json::Value, limits: &Limits) -> Result<Document, SbomError> {
    let said = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
    let context = value.get("@context").map(ToString::to_string).unwrap_or_default();
    if said("bomFormat") == Some("CycloneDX") {
        cyclonedx::read(value, limits)
    } else if said("spdxVersion").is_some() {
        spdx::json(value, limits)
    } else if context.contains("spdx.org/rdf/3") {
        Err(SbomError::Spdx3)
    } else {
        Err(SbomError::UnknownForm)
    }
}

/// Properties of a component that are read.
const PROPERTIES: &[&str] = &[
    "watchfire:packaged",
    "aquasecurity:trivy:SrcName",
    "aquasecurity:trivy:SrcEpoch",
    "aquasecurity:trivy:SrcVersion",
    "aquasecurity:trivy:SrcRelease",
];

/// Versions of CycloneDX whose components are read; they are spelt alike in all of them.
fn cyclonedx_version(version: &str) -> Result<&str, SbomError> {
    let known = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
    if known.contains(&version) { Ok(version) } else { Err(SbomError::Version(text::line(version, 40))) }
}

/// Of all words for how much of a composition is named, one says that it is all.
fn complete(aggregate: &str) -> bool {
    aggregate.trim() == "complete"
}

/// A name of a tool and its version.
fn tool(name: &str, version: &str) -> String {
    text::line(&format!("{name} {version}"), SUMMARY_CHARS_MAX)
}
