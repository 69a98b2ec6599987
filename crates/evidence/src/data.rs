//! What is seen of data beside single hits: what a confidence is made of, columns of tables, telling formats.

use crate::{ClassId, Place};
use serde::{Deserialize, Serialize};

/// One part of a confidence.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// Which part; texts in the words under `why.<by>`.
    pub by: WhyKind,
    /// What it adds to the log-odds, in tenths of a natural unit.
    pub tenths: i64,
    /// The word of the detector's list, or the name of the check; never a piece of the text that is not such a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// From the value to the word, in code units; negative before it. Absent for headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<i64>,
}

/// The parts of a confidence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyKind {
    /// Structure and check: what the value's looks say.
    Structure,
    /// A word nearby speaks for the class.
    Word,
    /// A word nearby speaks against it.
    Against,
    /// The column's header speaks for the class.
    Header,
    /// The column's header speaks against it.
    HeaderAgainst,
    /// A value known from manuals and tests.
    Dummy,
    /// Tied to a neighbour by a dash or underscore.
    Joined,
    /// Held down: the class needs a word for it and there is none.
    NoContext,
}
impl WhyKind {
    /// Every kind; `words` must know each.
    pub const ALL: [WhyKind; 8] = [
        Self::Structure,
        Self::Word,
        Self::Against,
        Self::Header,
        Self::HeaderAgainst,
        Self::Dummy,
        Self::Joined,
        Self::NoContext,
    ];
    /// The name as it stands in records and in the key `why.<name>` of the words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Word => "word",
            Self::Against => "against",
            Self::Header => "header",
            Self::HeaderAgainst => "header-against",
            Self::Dummy => "dummy",
            Self::Joined => "joined",
            Self::NoContext => "no-context",
        }
    }
}

/// What one column of one table holds of one class. Two verdicts that are never mixed: the column *is* of the class
/// (its filled values are, whole), or it *contains* values of it. Tables without hits are told by `covered` alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Which class.
    pub class: ClassId,
    /// The file or database, and the table inside it; no spot.
    pub at: Place,
    /// Column name, or its number from 1 if it has none.
    pub column: String,
    /// Which of the two.
    pub verdict: ColumnVerdict,
    /// Per cent, 1 to 99.
    pub confidence: u8,
    /// Rows looked at.
    pub sampled: u64,
    /// Rows of the table, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Values looked at that are not empty.
    pub filled: u64,
    /// Of these, values that are of the class as a whole.
    pub whole: u64,
    /// Of these, values that are of the class or hold one that is.
    pub holding: u64,
    /// Distinct values of the class among them.
    pub distinct: u64,
    /// The header names the class.
    pub header: bool,
}

/// What is said of a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnVerdict {
    /// The column is of the class.
    Is,
    /// Values in the column hold the class.
    Contains,
}

/// A file whose format alone says what kind of data it is: a PLC project, a drawing, a map, a key store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Format, as in formats-v1.
    pub format: String,
    /// The class of data that the format stands for.
    pub class: ClassId,
    /// The file, and the member in it.
    pub at: Place,
    /// How it was told.
    pub how: FormatTold,
    /// Version or variant, as the format itself names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Size in bytes, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// How a format was told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatTold {
    /// By its first bytes.
    Magic,
    /// By what its container holds.
    Container,
    /// By the root element of its XML.
    Root,
    /// By the words and structure of its text.
    Content,
    /// By its name alone: a hint, no proof.
    NameHint,
}
