//! What the room says of a scope: a level, a score, and every reason with its numbers. Codes and numbers only; the sentences
//! are in `words/`.

use crate::event::Scope;
use evidence::Say;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the guard should do about it. It decides by standing orders, the room only says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing against it.
    Calm,
    /// Some evidence; to be shown.
    Suspect,
    /// Over the threshold, by more than one kind of evidence, or a canary: hold it.
    Hold,
}

/// Kinds of evidence that do not imply each other. A hold needs two (a canary apart).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Files that were of a format and are no longer.
    Format,
    /// What the changed bytes look like.
    Bytes,
    /// Names: extensions, renames.
    Names,
    /// Files gone or cut.
    Loss,
    /// How the work goes over the tree: folders, formats, pace.
    Spread,
    /// What happens beside it: notes, services, the vault.
    Around,
    /// A canary.
    Canary,
}

/// A reason, by its stable code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// A canary was touched. `files`.
    Canary,
    /// Valid before and broken after. `files`, `formats`.
    FormatBroken,
    /// The changed bytes look random and did not before. `bytes`, `chi` (tenths), `chi_before` (tenths), `files`.
    RandomChange,
    /// Changes come at a regular distance. `stride` (bytes), `files`, `places`.
    Stride,
    /// Files of several kinds got one new extension. `files`, `formats`.
    Extension,
    /// Existing files were renamed in numbers. `files`.
    RenameBurst,
    /// Existing files of others were removed in numbers. `files`.
    DeleteBurst,
    /// Existing files were cut to a part or to nothing. `files`.
    CutBurst,
    /// An unreadable new file took the place of a removed one. `files`.
    Swapped,
    /// Damaged or lost files lie in several folders and are of several formats. `folders`, `formats`.
    Breadth,
    /// Files were read and then changed, over several folders. `files`, `folders`.
    ReadThenWrite,
    /// Several processes damaged files together. `processes`.
    Together,
    /// The same note in several folders. `folders`.
    Note,
    /// Services stopped just before. `services`, `seconds`.
    ServiceStops,
    /// The vault fills. `percent`.
    VaultPressure,
}

impl Code {
    /// Every code, in the order in which reasons stand in a verdict.
    pub const ALL: [Code; 15] = [
        Self::Canary,
        Self::FormatBroken,
        Self::RandomChange,
        Self::Stride,
        Self::Extension,
        Self::RenameBurst,
        Self::DeleteBurst,
        Self::CutBurst,
        Self::Swapped,
        Self::Breadth,
        Self::ReadThenWrite,
        Self::Together,
        Self::Note,
        Self::ServiceStops,
        Self::VaultPressure,
    ];
    /// The code as it is written.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::FormatBroken => "format-broken",
            Self::RandomChange => "random-change",
            Self::Stride => "stride",
            Self::Extension => "extension",
            Self::RenameBurst => "rename-burst",
            Self::DeleteBurst => "delete-burst",
            Self::CutBurst => "cut-burst",
            Self::Swapped => "swapped",
            Self::Breadth => "breadth",
            Self::ReadThenWrite => "read-then-write",
            Self::Together => "together",
            Self::Note => "note",
            Self::ServiceStops => "service-stops",
            Self::VaultPressure => "vault-pressure",
        }
    }
    /// The names of its numbers.
    #[must_use]
    pub fn numbers(self) -> &'static [&'static str] {
        match self {
            Self::Canary | Self::RenameBurst | Self::DeleteBurst | Self::CutBurst | Self::Swapped => &["files"],
            Self::FormatBroken | Self::Extension => &["files", "formats"],
            Self::RandomChange => &["bytes", "chi", "chi_before", "files"],
            Self::Stride => &["files", "places", "stride"],
            Self::Breadth => &["folders", "formats"],
            Self::ReadThenWrite => &["files", "folders"],
            Self::Together => &["processes"],
            Self::Note => &["folders"],
            Self::ServiceStops => &["seconds", "services"],
            Self::VaultPressure => &["percent"],
        }
    }
    /// The kind of evidence that it is.
    #[must_use]
    pub fn family(self) -> Family {
        match self {
            Self::Canary => Family::Canary,
            Self::FormatBroken => Family::Format,
            Self::RandomChange | Self::Stride => Family::Bytes,
            Self::Extension | Self::RenameBurst => Family::Names,
            Self::DeleteBurst | Self::CutBurst | Self::Swapped => Family::Loss,
            Self::Breadth | Self::ReadThenWrite | Self::Together => Family::Spread,
            Self::Note | Self::ServiceStops | Self::VaultPressure => Family::Around,
        }
    }
}

/// One reason with what it rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Which.
    pub code: Code,
    /// Points that it adds to the score.
    pub points: u32,
    /// Its numbers, by the names that [`Code`] gives them.
    pub numbers: BTreeMap<String, u64>,
}
impl Reason {
    pub(crate) fn new(code: Code, points: u32, numbers: &[(&str, u64)]) -> Self {
        Self { code, points, numbers: numbers.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect() }
    }
    /// The sentence `ransom.reason.CODE` with its numbers and `points` as holes; chi-squares with their tenth.
    #[must_use]
    pub fn say(&self) -> Say {
        let say = Say::new(format!("ransom.reason.{}", self.code.id())).with("points", self.points);
        self.numbers.iter().fold(say, |say, (name, n)| match name.starts_with("chi") {
            true => say.with(name, format!("{}.{}", n / 10, n % 10)),
            false => say.with(name, n),
        })
    }
}

/// What the room says of one scope at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Of whom.
    pub scope: Scope,
    /// What to do.
    pub level: Level,
    /// Sum of the reasons' points.
    pub score: u32,
    /// Why, in the order of [`Code::ALL`]; empty when calm.
    pub reasons: Vec<Reason>,
    /// Existing files that it changed, removed, renamed or cut within the long window. The count saturates at `victims_max`.
    pub files_touched: u64,
    /// Existing files that it has open for writing and that nobody compared yet. The count saturates at twice `pending_max`.
    pub pending: u64,
    /// There are so many of them (`pending_max`) that the guard should compare them, and send what it finds, before it answers the
    /// scope's next open. Not suspicion: the price of a bound on what can be lost unseen.
    pub examine: bool,
    /// When its first evidence that still counts was seen, `at_ms`; absent when calm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<u64>,
    /// When this was said, `at_ms`.
    pub at_ms: u64,
}
