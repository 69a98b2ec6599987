//! Libraries of programming languages: what is installed, what lock files pin, what programs carry inside.
//!
//! Names and versions are those of the ecosystems, spelt as their own tools spell them; ecosystems are named as in
//! the OSV schema. Only what is fixed to one version counts: a range says nothing about what runs.

mod archive;
mod locks;
mod locks_json;
mod program;
mod trees;

pub use archive::{Member, jar_libraries, zip_content, zip_members};
pub use locks::{
    cargo_lock, gem_lock, go_mod, go_sum, gradle_lock, pnpm_lock, python_toml_lock, requirements, yarn_lock,
};
pub use locks_json::{composer_lock, deps_json, npm_lock, nuget_lock, pipfile_lock};
pub use program::{SECTIONS_MAX, program_libraries};
pub use trees::{gemspec_name, node_package, python_metadata};

/// A library at one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Library {
    /// Name in its ecosystem; of Maven `group:artifact`, or the artifact alone where the group is not told.
    pub name: String,
    /// Version; of Go without the leading `v`.
    pub version: String,
    /// `PyPI`, `npm`, `crates.io`, `Go`, `Maven`, `RubyGems`, `Packagist` or `NuGet`.
    pub ecosystem: &'static str,
    /// Line, or 0 in a file whose lines say nothing.
    pub line: usize,
}
impl Library {
    fn new(ecosystem: &'static str, name: &str, version: &str, line: usize) -> Option<Self> {
        let (name, version) = (name.trim(), version.trim());
        let whole = !name.is_empty() && !version.is_empty();
        whole.then(|| Self { name: name.to_owned(), version: version.to_owned(), ecosystem, line })
    }
}

/// Reads `length` bytes at an offset of a file, fewer at its end; nothing if it cannot be read.
pub type ReadAt<'r> = dyn FnMut(u64, usize) -> Option<Vec<u8>> + 'r;

/// Bytes in memory as something to read at offsets.
pub fn in_memory(bytes: &[u8]) -> impl FnMut(u64, usize) -> Option<Vec<u8>> + '_ {
    |offset, length| {
        let from = usize::try_from(offset).ok()?.min(bytes.len());
        bytes.get(from..from.saturating_add(length).min(bytes.len())).map(<[u8]>::to_vec)
    }
}
