//! Warnings in colours, and what was said to whom about anything urgent (`docs/specs/warnings-v1.md`,
//! `docs/specs/notify-v1.md`).

use crate::{Author, Consent, Digest, FieldValue, NodeId, Origin, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry about one warning; as with incidents nothing is edited.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningEntry {
    /// Which node.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When, by the node's own clock.
    pub stated_at: Time,
    /// The warning: `w-` and eight hexadecimal digits, the same at every node that receives it.
    pub warning: String,
    /// From which world.
    pub origin: Origin,
    /// What is said.
    pub what: WarningMove,
}

/// What an entry of a warning says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum WarningMove {
    /// Issued here.
    Issued(WarningText),
    /// Its level or text changed; replaces the text before.
    Changed(WarningText),
    /// Taken back: the risk is gone.
    Lifted {
        /// Why.
        reason: String,
        /// Who agreed, where the plan asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<Consent>,
    },
    /// An entry of another node came in, its signature checked.
    Received {
        /// The node that made it.
        from: NodeId,
        /// Leaf of its entry in its own log.
        statement: Digest,
        /// When it was made there, by that node's own clock: the order of entries is that of where they were made.
        stated_at: Time,
        /// As whom whoever received it knows that node, in the plan's words; empty: nobody said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        known_as: String,
        /// What it says: never itself a receipt.
        what: Box<WarningMove>,
    },
    /// What leaves the node instead of an entry that names people: the same without names and notes. It says nothing here.
    Outward {
        /// Leaf of the entry.
        of: Digest,
        /// What it says outside: that somebody took note, that a duty was done or passed over.
        what: Box<WarningMove>,
    },
    /// Somebody here took note of it.
    Acknowledged {
        /// Who.
        by: String,
        /// What else.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// A duty that the warning brings was done or passed over.
    Duty {
        /// Duty of the plan.
        duty: String,
        /// False: passed over; the note says why.
        done: bool,
        /// What else.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
}

impl WarningMove {
    /// Names of all kinds, for words.
    pub const NAMES: [&'static str; 7] = ["issued", "changed", "lifted", "received", "outward", "acknowledged", "duty"];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Issued(_) => "issued",
            Self::Changed(_) => "changed",
            Self::Lifted { .. } => "lifted",
            Self::Received { .. } => "received",
            Self::Outward { .. } => "outward",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Duty { .. } => "duty",
        }
    }
}

/// What a warning says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningText {
    /// Regime.
    pub regime: String,
    /// Level that is foreseen: it has the colour.
    pub level: String,
    /// Who issues it, in the plan's words: `mechanism`, `local-regulator`.
    pub issuer: String,
    /// Who agreed, where the plan asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Consent>,
    /// Areas: codes of GB/T 2260 or of the plan's country; empty: everywhere.
    pub areas: Vec<String>,
    /// Sectors; empty: all.
    pub sectors: Vec<String>,
    /// From when.
    pub start: Time,
    /// What the plan's form of a warning asks for: field → value.
    pub fields: BTreeMap<String, FieldValue>,
}

/// What became of one message to one recipient.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    /// The other side took it.
    Delivered,
    /// It did not; it is tried again.
    Failed,
    /// It did not, and no more attempts are made on this way.
    GivenUp,
    /// A drill in quiet mode: nothing went out.
    Quiet,
    /// The channel takes no more messages in this minute: it waits for its turn.
    Waiting,
    /// A person said that they have it.
    Acknowledged,
}
impl NoticeState {
    /// All of them.
    pub const ALL: [NoticeState; 6] =
        [Self::Delivered, Self::Failed, Self::GivenUp, Self::Quiet, Self::Waiting, Self::Acknowledged];
    /// The name in records and word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::GivenUp => "given-up",
            Self::Quiet => "quiet",
            Self::Waiting => "waiting",
            Self::Acknowledged => "acknowledged",
        }
    }
}

/// A message about something urgent: number, colour and deadline, never contents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Which node.
    pub node: NodeId,
    /// By whom: the account that runs the program, or who acknowledged.
    pub author: Author,
    /// When.
    pub stated_at: Time,
    /// The message: `n-` and eight hexadecimal digits, the same over all its attempts.
    pub notice: String,
    /// What it is about: an incident, a warning, a measure; `test`.
    pub about: String,
    /// The clock, if it is about one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clock: String,
    /// From which world.
    pub origin: Origin,
    /// Way of the configuration.
    pub channel: String,
    /// Role or person of the rota, as the configuration names them.
    pub to: String,
    /// Step of the escalation: 1 is the first.
    pub step: u32,
    /// Attempt on this way: 1 is the first.
    pub attempt: u32,
    /// What became of it.
    pub state: NoticeState,
    /// What the other side answered, or why it failed: a status, a message id; never contents.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proof: String,
}
