//! Packages against advisories: which installed versions have known vulnerabilities, and from which version on they have not.
//!
//! Foreign data ([`import`]) becomes a pack ([`pack`]), one file that is searched without being parsed; packs and the
//! packages of a host become matches ([`matcher`]) by the version order of each ecosystem ([`version`]). An ecosystem for
//! which no pack speaks is named, never passed over: empty or old data cannot give a clean result. The room knows no
//! clock: a pack says how new its data is, the caller judges.
//!
//! Bills of materials ([`sbom`]) are another source of packages: what a document says, not what a sensor saw.
//!
//! Formats and rules: `docs/specs/advisory-pack-v1.md`, `docs/specs/sbom-v1.md`.
#![forbid(unsafe_code)]

pub mod advisory;
pub mod cvss;
pub mod ecosystem;
pub mod import;
pub mod matcher;
pub mod pack;
pub mod purl;
pub mod sbom;
pub mod version;

mod text;

/// Longest summary of an advisory, in characters.
pub const SUMMARY_CHARS_MAX: usize = 200;
