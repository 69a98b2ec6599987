//! What the level above does to check what a plant said, and what the plant answers (`docs/specs/challenge-v1.md`): a commitment to
//! chance, orders to open or to observe anew, answers, and what came of them - as counts.
//!
//! No content of an answer is in a record: what a plant shows lies beside its record, sealed to the key of the order.

use crate::{Author, Digest, NodeId, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry about one challenge; nothing is edited.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeEntry {
    /// Which node.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When, by the node's own clock.
    pub stated_at: Time,
    /// The challenge: `c-` and the first 16 hexadecimal digits of SHA-256 over the order's key, the same at both ends; of a commitment
    /// `r-` and the first 16 of the commitment.
    pub challenge: String,
    /// What is said.
    pub what: ChallengeMove,
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ChallengeMove {
    /// The parent bound itself to a seed that nobody else knows.
    Committed(SeedCommitted),
    /// The parent drew items of a report to be opened.
    Drawn(OpeningOrder),
    /// The parent drew things of the declared scope to be observed anew.
    Ordered(ReobservationOrder),
    /// The child answered.
    Opened(SealedAnswer),
    /// A second person at the child saw a run being made.
    Witnessed(Witnessed),
    /// The parent judged the answer, or that there was none.
    Judged(Box<ChallengeJudged>),
}
impl ChallengeMove {
    /// Names of all kinds, for words.
    pub const NAMES: [&'static str; 6] = ["committed", "drawn", "ordered", "opened", "witnessed", "judged"];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Committed(_) => "committed",
            Self::Drawn(_) => "drawn",
            Self::Ordered(_) => "ordered",
            Self::Opened(_) => "opened",
            Self::Witnessed(_) => "witnessed",
            Self::Judged(_) => "judged",
        }
    }
}

/// A commitment to chance, before the reports that it will be used on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCommitted {
    /// Name of the round.
    pub round: String,
    /// SHA-256 of `watchfire-seed-v1` LF and the 32 bytes of the seed.
    pub seed: Digest,
}

/// Items of a report are to be opened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningOrder {
    /// Of which child.
    pub child: NodeId,
    /// Name of the round.
    pub round: String,
    /// Leaf of the commitment.
    pub committed: Digest,
    /// The seed, now open: 64 hexadecimal digits.
    pub seed: String,
    /// Leaf of the report.
    pub report: Digest,
    /// So many draws.
    pub count: u64,
    /// Answers that come later are late.
    pub due: Time,
    /// X25519 public key that the answer is sealed to: 64 hexadecimal digits.
    pub key: String,
}

/// Things of the declared scope are to be observed anew.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReobservationOrder {
    /// Of which child.
    pub child: NodeId,
    /// Leaf of the report.
    pub report: Digest,
    /// 32 random bytes, 64 hexadecimal digits: they stand in the run that is made for it, and draw the things.
    pub nonce: String,
    /// The things: kind, and number among the declared entries of that kind in the order of the scope, from 0.
    pub things: Vec<(String, u64)>,
    /// Answers that come later are late.
    pub due: Time,
    /// X25519 public key that the answer is sealed to: 64 hexadecimal digits.
    pub key: String,
}

/// An answer lies beside this record, sealed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedAnswer {
    /// Leaf of the order, in the parent's log.
    pub order: Digest,
    /// SHA-256 of the sealed bytes.
    pub sealed: Digest,
    /// Their number.
    pub bytes: u64,
    /// So many things or items are in it.
    pub shown: u64,
    /// So many are not at hand any more.
    pub missing: u64,
}

/// A second person saw a run being made for an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    /// Leaf of the order, in the parent's log.
    pub order: Digest,
    /// Leaf of the examination.
    pub examination: Digest,
}

/// What came of a challenge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeVerdict {
    /// Everything that was asked for was shown and fits.
    Kept,
    /// Something is missing or wrong.
    Failed,
    /// The answer came after its due date.
    Late,
    /// No answer came.
    None,
}
impl ChallengeVerdict {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kept, Self::Failed, Self::Late, Self::None];
    /// The name in records. Words `challenge-verdict.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Failed => "failed",
            Self::Late => "late",
            Self::None => "none",
        }
    }
}

/// Who witnessed a run, as far as that can be told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WitnessKind {
    /// Nobody.
    Nobody,
    /// A name that was typed: not a second person.
    TypedName,
    /// The account that made the run.
    SameAccount,
    /// Another account of the operating system.
    OtherAccount,
}
impl WitnessKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nobody, Self::TypedName, Self::SameAccount, Self::OtherAccount];
    /// The name in records. Words `challenge-witness.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::TypedName => "typed-name",
            Self::SameAccount => "same-account",
            Self::OtherAccount => "other-account",
        }
    }
}

/// An opening in numbers. `held`, `missing` and `wrong` together are the items that were drawn, each once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningNumbers {
    /// SHA-256 over the canonical list of the drawn items, each examination and number, in the order of the draws.
    pub draws: Digest,
    /// Shown, and what the examination committed to.
    pub held: u64,
    /// Not shown.
    pub missing: u64,
    /// Shown, and wrong, by reason.
    pub wrong: BTreeMap<String, u64>,
    /// Checks that fail by what was shown, more than the report has room for.
    pub contradicted: u64,
    /// Items that carry a keyed digest and were shown by another enterprise too: they cannot be equal by chance.
    pub shared: u64,
    /// Other items that another enterprise showed too: they may be equal by chance.
    pub alike: u64,
    /// Leaves of the orders that the shared ones were shown for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<Digest>,
}

/// A re-observation in numbers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReobservationNumbers {
    /// Things that were ordered.
    pub things: u64,
    /// Of these, observed anew with the nonce.
    pub observed: u64,
    /// Answers of checks and classes of data that are as they were.
    pub same: u64,
    /// Better.
    pub better: u64,
    /// Worse.
    pub worse: u64,
    /// Not to be told any more.
    pub gone: u64,
    /// What is wrong with the answer, by reason.
    pub wrong: BTreeMap<String, u64>,
    /// Who saw the runs: the weakest of all.
    pub witness: WitnessKind,
}

/// What came of a challenge, in counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeJudged {
    /// Of which child.
    pub child: NodeId,
    /// Its credit code, as the parent certified it.
    pub uscc: String,
    /// By which judge.
    pub judge: String,
    /// Leaf of the order.
    pub order: Digest,
    /// Leaf of the report.
    pub report: Digest,
    /// Leaf of the answer in the child's log; absent: none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Digest>,
    /// When the answer came, by the parent's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Time>,
    /// What came of it.
    pub verdict: ChallengeVerdict,
    /// Of an opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<OpeningNumbers>,
    /// Of a re-observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reobservation: Option<ReobservationNumbers>,
}

/// The commitment to a seed: SHA-256 of `watchfire-seed-v1` LF and its bytes.
#[must_use]
pub fn seed_commitment(seed: &[u8; 32]) -> Digest {
    Digest::of(&[b"watchfire-seed-v1\n".as_slice(), seed].concat())
}
