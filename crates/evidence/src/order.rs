//! Orders of an authority to an enterprise: what is to be mended, until when, what was answered and what came of looking again
//! (`docs/specs/oversight-v1.md` §5).
//!
//! One entry a step, never edited. Which entry counts follows from the state before it (`judge::order_view`).

use crate::{Author, Digest, Document, NodeId, PlanRef, Severity, Time};
use serde::{Deserialize, Serialize};

/// One entry about one order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderEntry {
    /// Which node.
    pub node: NodeId,
    /// By whom.
    pub author: Author,
    /// When, by the node's own clock.
    pub stated_at: Time,
    /// The order: `o-` and eight hexadecimal digits, the same at every node that receives it.
    pub order: String,
    /// What is said.
    pub what: OrderMove,
}

/// What an order says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderText {
    /// Unified social credit code of the enterprise that it is to.
    pub uscc: String,
    /// Who issues it, by name; empty if the node has none.
    pub issuer: String,
    /// The plan under whose calendar and basis it stands.
    pub plan: PlanRef,
    /// What it rests on: id of the plan.
    pub basis: String,
    /// What is to be done, in words.
    pub demand: String,
    /// Reasons of the plan that it answers, sorted; may be empty.
    pub reasons: Vec<String>,
    /// Working days that it gives.
    pub working_days: i64,
    /// Its end: 24:00 of the last of these days, by the plan's calendar.
    pub due: Time,
    /// The order on paper, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Findings that it asks for, sealed to its key; absent: it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wants: Option<FindingsWanted>,
}

/// Which findings an order asks for (`docs/specs/oversight-v1.md` §7).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingsWanted {
    /// Scenarios of the plan, sorted; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
    /// Of this severity and worse; absent: of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Shown by something that was seen or stated at or after this instant; absent: whenever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// So many at most, the worst first.
    pub most: u64,
    /// X25519 public key that the answer is sealed to: 64 hexadecimal digits.
    pub key: String,
}
impl FindingsWanted {
    /// Most findings that one order may ask for.
    pub const MOST_MAX: u64 = 1_000;
}

/// Findings lie beside this record, sealed to the key of the order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingsGiven {
    /// Leaf, in the log of who gives them, of the report that they stand behind.
    pub report: Digest,
    /// Leaf there of the judgement that they are taken from.
    pub judgement: Digest,
    /// SHA-256 of the sealed bytes.
    pub sealed: Digest,
    /// Their number.
    pub bytes: u64,
    /// So many findings are in it.
    pub shown: u64,
    /// So many more were asked for and are beyond what the order takes.
    pub left_out: u64,
}

/// What came of looking again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mending {
    /// It is mended.
    Mended,
    /// It is not.
    NotMended,
}
impl Mending {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mended, Self::NotMended];
    /// The name in records. Words `mending.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mended => "mended",
            Self::NotMended => "not-mended",
        }
    }
}

/// What an entry of an order says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum OrderMove {
    /// The authority issues it.
    Issued(Box<OrderText>),
    /// The enterprise has it.
    Received {},
    /// The enterprise answers; or the authority brings in what came on paper.
    Answered {
        /// What was done, in words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        says: String,
        /// Documents that show it, by digest.
        documents: Vec<Document>,
        /// It came on paper, on this day: the authority says so, not the enterprise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_paper: Option<Time>,
    },
    /// The authority gives more time.
    Extended {
        /// Why.
        reason: String,
        /// So many working days more, counted from the end before.
        working_days: i64,
        /// The new end.
        due: Time,
    },
    /// The authority looked again.
    Examined {
        /// What came of it.
        result: Mending,
        /// The report or challenge that shows it; absent if somebody looked on the spot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Digest>,
        /// What was seen.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// The authority ends it: mended.
    Closed {
        /// What else.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// The authority takes it back.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// The enterprise gives the findings that were asked for.
    Given(FindingsGiven),
    /// The enterprise does not give them.
    Withheld {
        /// Why.
        reason: String,
    },
    /// Somebody at the authority reads them.
    Read {
        /// Leaf of the entry that gave them, in the log of who made it.
        of: Digest,
        /// Why.
        reason: String,
    },
    /// An entry of another node came in, its signature checked.
    Carried {
        /// The node that made it.
        from: NodeId,
        /// Leaf of its entry in its own log.
        statement: Digest,
        /// When it was made there, by that node's own clock.
        stated_at: Time,
        /// What it says: never itself carried.
        what: Box<OrderMove>,
    },
}
impl OrderMove {
    /// The name in records. Words `order-move.<name>`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Issued(_) => "issued",
            Self::Received {} => "received",
            Self::Answered { .. } => "answered",
            Self::Extended { .. } => "extended",
            Self::Examined { .. } => "examined",
            Self::Closed { .. } => "closed",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Given(_) => "given",
            Self::Withheld { .. } => "withheld",
            Self::Read { .. } => "read",
            Self::Carried { .. } => "carried",
        }
    }
    /// True for what the enterprise says. An answer that came on paper the authority brings in.
    #[must_use]
    pub fn is_of_enterprise(&self) -> bool {
        matches!(
            self,
            Self::Received {} | Self::Answered { on_paper: None, .. } | Self::Given(_) | Self::Withheld { .. }
        )
    }
}
