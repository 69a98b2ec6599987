//! Challenges: how the level above checks what a plant said (`docs/specs/challenge-v1.md`). One log holds both halves: a parent commits,
//! draws, orders and judges; a child answers. A node in the middle does both.
//!
//! Reading order: `order` (a parent draws), `carried` (what travels, and what a child believes of it), `answer` (a child opens items,
//! observes anew), `witness` (a second person's word), `judged` (a parent takes answers in), `audit`. `secrets` keeps seeds and keys out of the log.
//!
//! An answer is judged as a whole or refused as a whole: what does not open, belongs to another order or was judged already changes
//! nothing, and is said. The clear text of an answer lives in memory between opening and judging and nowhere else.
//!
//! What came over the line `watchfire serve` judges when it has answered the package, under its own plan; what came as a file waits for
//! `challenge take`.
//!
//! Refused: judging within the transaction that takes a package in (a receipt must not wait for a judge), and a way to keep the clear text.

mod answer;
mod audit;
mod carried;
mod judged;
mod order;
mod secrets;
mod witness;

pub use answer::{AnsweredOrder, Answering};
pub use carried::{ANSWER_FILE_BYTES_MAX, ORDER_FILE_BYTES_MAX};
pub use judged::Took;
pub use order::{OrderWanted, SignedChallenge};
pub use witness::{Ticket, TicketRun, WITNESS_FILE_BYTES_MAX, Words, witness_ticket};

pub(crate) use carried::{CarriedOrder, ORDERS_MAX};
pub(crate) use order::Waiting;

use crate::{Node, NodeError, home};
use data_encoding::HEXLOWER;
use evidence::{
    ChallengeEntry, ChallengeJudged, ChallengeMove, ChallengeVerdict, Digest, NodeId, Record, RecordKind, Say, Time,
};
use std::collections::BTreeMap;

/// Days that a child has for an answer, if nobody says otherwise, and at most.
pub const CHALLENGE_DAYS: (i64, i64) = (10, 90);
/// Days after the due date until which an answer is still taken, as late. Then the key is destroyed.
const GRACE_DAYS: i64 = 30;
/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// Where a challenge stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChallengeState {
    /// A commitment: nothing was drawn under it yet.
    Committed,
    /// A commitment whose seed is open: no report that comes from now on is drawn under it.
    Drawn,
    /// Waits for an answer.
    Open,
    /// No answer, and the due date is over.
    Overdue,
    /// Answered here; the level above judges.
    Answered,
    /// Runs of another node were seen being made, by an account that has this home.
    Witnessed,
    /// Judged.
    Judged(ChallengeVerdict),
}
impl ChallengeState {
    /// The name. Words `challenge-state.<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Drawn => "drawn",
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Answered => "answered",
            Self::Witnessed => "witnessed",
            Self::Judged(verdict) => verdict.name(),
        }
    }
    /// Names of all that are not verdicts, for words.
    pub const NAMES: [&'static str; 6] = ["committed", "drawn", "open", "overdue", "answered", "witnessed"];
}

/// A challenge as this node knows it.
#[derive(Clone, Debug)]
pub struct KeptChallenge {
    /// Its entries in the order of the log, with their leaves; of an order that came from above, that order first.
    pub entries: Vec<(ChallengeEntry, Digest)>,
    /// Where it stands.
    pub state: ChallengeState,
    /// It came from above.
    pub from_above: bool,
}
impl KeptChallenge {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.entries.first().map_or("", |e| e.0.challenge.as_str())
    }
    /// What was made of it, if it was judged.
    #[must_use]
    pub fn judged(&self) -> Option<&ChallengeJudged> {
        self.entries.iter().find_map(|(e, _)| match &e.what {
            ChallengeMove::Judged(j) => Some(&**j),
            _ => None,
        })
    }
}

/// The order in an entry: child, report, due date and key.
pub(crate) struct OrderRef<'a> {
    pub(crate) child: &'a NodeId,
    pub(crate) report: Digest,
    pub(crate) due: Time,
    pub(crate) key: &'a str,
}
pub(crate) fn order_of(entry: &ChallengeEntry) -> Option<OrderRef<'_>> {
    match &entry.what {
        ChallengeMove::Drawn(o) => Some(OrderRef { child: &o.child, report: o.report, due: o.due, key: &o.key }),
        ChallengeMove::Ordered(o) => Some(OrderRef { child: &o.child, report: o.report, due: o.due, key: &o.key }),
        _ => None,
    }
}

/// 32 bytes from 64 hexadecimal digits.
pub(crate) fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

/// The id of a challenge: of its order's key.
pub(crate) fn id_of(key: &[u8; 32]) -> String {
    format!("c-{}", Digest::of(key).hex().get(..16).unwrap_or_default())
}

/// The id of a commitment.
pub(crate) fn round_id(commitment: Digest) -> String {
    format!("r-{}", commitment.hex().get(..16).unwrap_or_default())
}

pub(crate) fn wrong(key: &str) -> NodeError {
    NodeError::Entry(Say::new(format!("error.challenge-{key}")))
}

/// An answer or order that is not taken, with its reason.
pub(crate) fn refused(key: &str) -> Say {
    Say::new(format!("refused.challenge-{key}"))
}

/// Keys of the sentences with which orders and answers are refused, for the test of the words.
pub(crate) const REFUSALS: &[(&str, &[&str])] = &[
    ("refused.challenge-shape", &["why"]),
    ("refused.challenge-stranger", &[]),
    ("refused.challenge-not-for-me", &[]),
    ("refused.challenge-commitment", &[]),
    ("refused.challenge-no-order", &[]),
    ("refused.challenge-other-order", &[]),
    ("refused.challenge-judged", &["challenge"]),
    ("refused.challenge-signature", &["why"]),
    ("refused.challenge-seal", &[]),
    ("refused.challenge-content", &["why"]),
    ("refused.challenge-no-key", &["challenge"]),
];

impl Node {
    pub(crate) fn challenge_entry(
        &self,
        challenge: String,
        author: Option<&str>,
        what: ChallengeMove,
    ) -> ChallengeEntry {
        ChallengeEntry { node: self.id(), author: self.author(author), stated_at: home::now(), challenge, what }
    }

    pub(crate) fn challenge_append(
        &self,
        entry: ChallengeEntry,
        artifacts: Vec<Vec<u8>>,
    ) -> Result<SignedChallenge, NodeError> {
        let kept = self.append(&Record::Challenge(Box::new(entry.clone())), None, artifacts)?;
        Ok(SignedChallenge { entry, leaf: kept.witness.record.leaf() })
    }

    /// The entries of this log, in its order.
    pub(crate) fn challenge_entries(&self) -> Result<Vec<(ChallengeEntry, Digest)>, NodeError> {
        let all = self.store().records(&[RecordKind::Challenge])?;
        let entries = all.into_iter().filter_map(|w| {
            let leaf = w.record.leaf();
            match w.record.into_value() {
                Record::Challenge(entry) => Some((*entry, leaf)),
                _ => None,
            }
        });
        Ok(entries.collect())
    }

    /// Every challenge that this node made or was given, the oldest first.
    pub fn challenges(&self) -> Result<Vec<KeptChallenge>, NodeError> {
        let now = home::now();
        let entries = self.challenge_entries()?;
        let opened: Vec<Digest> = entries.iter().filter_map(|(e, _)| committed(e)).collect();
        let mut order: Vec<String> = Vec::new();
        let mut by_id: BTreeMap<String, Vec<(ChallengeEntry, Digest)>> = BTreeMap::new();
        let given = self.orders_given()?.into_iter().map(|g| (g.entry, g.leaf));
        for (entry, leaf) in given.chain(entries) {
            let id = entry.challenge.clone();
            if !by_id.contains_key(&id) {
                order.push(id.clone());
            }
            by_id.entry(id).or_default().push((entry, leaf));
        }
        let kept = order.into_iter().filter_map(|id| {
            let entries = by_id.remove(&id)?;
            let from_above = entries.first().is_some_and(|(e, _)| e.node != self.id());
            let state = state(&entries, &opened, now);
            Some(KeptChallenge { entries, state, from_above })
        });
        Ok(kept.collect())
    }

    /// One challenge by the first characters of its id.
    pub fn challenge(&self, named: &str) -> Result<KeptChallenge, NodeError> {
        let mut fitting = self.challenges()?.into_iter().filter(|c| !named.is_empty() && c.id().starts_with(named));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(NodeError::Entry(Say::new("error.challenge-unknown").with("value", attest::clean(named)))),
        }
    }
}

/// The commitment whose seed an entry opens.
fn committed(entry: &ChallengeEntry) -> Option<Digest> {
    match &entry.what {
        ChallengeMove::Drawn(o) => Some(o.committed),
        _ => None,
    }
}

fn state(entries: &[(ChallengeEntry, Digest)], opened: &[Digest], now: Time) -> ChallengeState {
    let mut out = ChallengeState::Committed;
    for (entry, leaf) in entries {
        out = match (&entry.what, out) {
            (ChallengeMove::Judged(j), _) => ChallengeState::Judged(j.verdict),
            (ChallengeMove::Opened(_), ChallengeState::Open | ChallengeState::Overdue) => ChallengeState::Answered,
            (ChallengeMove::Committed(_), _) if opened.contains(leaf) => ChallengeState::Drawn,
            (ChallengeMove::Committed(_), _) => ChallengeState::Committed,
            (ChallengeMove::Drawn(_) | ChallengeMove::Ordered(_), _) => match order_of(entry) {
                Some(o) if o.due < now => ChallengeState::Overdue,
                _ => ChallengeState::Open,
            },
            (ChallengeMove::Witnessed(_), ChallengeState::Committed) => ChallengeState::Witnessed,
            (_, before) => before,
        };
    }
    out
}
