//! A compiled pack: one file that is searched where it lies.
//!
//! Sections of fixed-size entries that are found by binary search, and blobs of what they point to (`docs/specs/advisory-pack-v1.md`
//! §2). Opening reads the header alone; what a search touches is checked when it is touched, and damage is an error, never a
//! missing answer. [`Pack::check`] reads everything, for the moment at which a pack is taken in.
//!
//! Refused: a database file. Nothing is written after the pack is built, and a pure room has no file to give it.

mod build;
mod read;

pub use build::build;
pub(crate) use read::Row;
pub use read::{Record, Standing};

use crate::import::LeftOut;
use evidence::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest pack, in bytes: places in it are 32 bits.
pub const PACK_BYTES_MAX: usize = 1 << 31;
/// Largest description in a pack, in bytes.
pub const ABOUT_BYTES_MAX: usize = 1 << 20;
/// First bytes of every pack of this version.
pub const MAGIC: &[u8; 24] = b"watchfire-advisories-v1\n";

const HEADER_BYTES: usize = 64;
const ECOSYSTEM_BYTES: usize = 12;
const INDEX_BYTES: usize = 8;
const OFFSET_BYTES: usize = 4;
const ROW_BYTES: usize = 16;

/// What a pack answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Which versions of a package have which vulnerability.
    Advisories,
    /// Which vulnerabilities are known to be exploited.
    Exploited,
    /// How likely a vulnerability is exploited.
    Likelihoods,
}
impl Kind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Advisories, Self::Exploited, Self::Likelihoods];
    fn number(self) -> u32 {
        match self {
            Self::Advisories => 1,
            Self::Exploited => 2,
            Self::Likelihoods => 3,
        }
    }
}

/// What a pack says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct About {
    /// The name that it was given.
    pub name: String,
    /// Where the data came from, in the importer's words.
    pub source: String,
    /// What it answers.
    pub kind: Kind,
    /// Newest time of change that the data states, seconds since 1970; `None` if it states none. The caller judges its age.
    pub dated: Option<i64>,
    /// Rows in it: advisories, or ids.
    pub rows: u64,
    /// Advisories by ecosystem; one that speaks of several counts in each.
    pub ecosystems: BTreeMap<String, u64>,
    /// Files that were read.
    pub files: u64,
    /// Digest over these files, hexadecimal.
    pub inputs: String,
    /// Rows, or parts of them, that could not be read.
    pub refused: u64,
    /// Advisories left out because their publisher withdrew them.
    pub withdrawn: u64,
    /// Ranges of commits left out.
    pub commit_ranges: u64,
}
impl About {
    /// What was left out on purpose.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        LeftOut { withdrawn: self.withdrawn, commit_ranges: self.commit_ranges }
    }
    /// Digest over the files that it was made from.
    #[must_use]
    pub fn inputs(&self) -> Option<Digest> {
        Digest::from_hex(&self.inputs).ok()
    }
}

/// Why bytes are no pack, or cannot be read on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PackError {
    /// Not a pack, or one of another version.
    NotAPack,
    /// Cut short or grown: bytes that its header counts, bytes that there are.
    Length(u64, u64),
    /// More than [`PACK_BYTES_MAX`], or than a number in it can count.
    TooLarge,
    /// This part is damaged.
    Damaged(&'static str),
    /// Nothing to build it from: an empty pack would read as "nothing found".
    Empty,
}
impl std::fmt::Display for PackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAPack => f.write_str("not an advisory pack of version 1"),
            Self::Length(want, got) => write!(f, "the pack should have {want} bytes and has {got}"),
            Self::TooLarge => write!(f, "more than {PACK_BYTES_MAX} bytes"),
            Self::Damaged(part) => write!(f, "the pack is damaged: {part}"),
            Self::Empty => f.write_str("there is nothing to make a pack of"),
        }
    }
}
impl std::error::Error for PackError {}

/// An open pack, over the bytes of its file.
#[derive(Clone, Debug)]
pub struct Pack<'a> {
    about: About,
    strings: &'a [u8],
    ecosystems: &'a [u8],
    index: &'a [u8],
    bodies: &'a [u8],
    advisories: &'a [u8],
    records: &'a [u8],
    rows: &'a [u8],
}

impl<'a> Pack<'a> {
    /// Builds a pack; see [`build()`].
    ///
    /// # Errors
    /// Nothing of that kind was imported, or it is too large for a pack.
    pub fn build(
        name: &str,
        source: &str,
        kind: Kind,
        imported: &crate::import::Imported,
    ) -> Result<Vec<u8>, PackError> {
        build(name, source, kind, imported)
    }
    /// Opens a pack. Reads its header and description alone.
    ///
    /// # Errors
    /// It is no pack, of another length than its header says, or its description is damaged.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PackError> {
        let (header, mut rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(PackError::NotAPack)?;
        let (magic, counts) = header.split_at_checked(MAGIC.len()).ok_or(PackError::NotAPack)?;
        if magic != MAGIC {
            return Err(PackError::NotAPack);
        }
        if bytes.len() > PACK_BYTES_MAX {
            return Err(PackError::TooLarge);
        }
        let count = |n: usize| read::u32_at(counts, n * 4).map(u64::from).ok_or(PackError::NotAPack);
        let (kind, reserved) = (count(0)?, count(9)?);
        let sizes = [
            count(1)?,
            count(2)?,
            count(3)? * ECOSYSTEM_BYTES as u64,
            count(4)? * INDEX_BYTES as u64,
            count(5)?,
            count(6)? * OFFSET_BYTES as u64,
            count(7)?,
            count(8)? * ROW_BYTES as u64,
        ];
        let want = HEADER_BYTES as u64 + sizes.iter().sum::<u64>();
        if want != bytes.len() as u64 || reserved != 0 {
            return Err(PackError::Length(want, bytes.len() as u64));
        }
        let mut section = |size: u64| -> Result<&'a [u8], PackError> {
            let size = usize::try_from(size).map_err(|_| PackError::TooLarge)?;
            let (taken, after) = rest.split_at_checked(size).ok_or(PackError::Damaged("length"))?;
            rest = after;
            Ok(taken)
        };
        let [about, strings, ecosystems, index, bodies, advisories, records, rows] = sizes;
        let about = section(about)?;
        if about.len() > ABOUT_BYTES_MAX {
            return Err(PackError::Damaged("description"));
        }
        let about: About = serde_json::from_slice(about).map_err(|_| PackError::Damaged("description"))?;
        if u64::from(about.kind.number()) != kind {
            return Err(PackError::Damaged("kind"));
        }
        Ok(Self {
            about,
            strings: section(strings)?,
            ecosystems: section(ecosystems)?,
            index: section(index)?,
            bodies: section(bodies)?,
            advisories: section(advisories)?,
            records: section(records)?,
            rows: section(rows)?,
        })
    }
    /// What it says of itself.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }
}
