//! A parent commits to chance before reports come, and draws afterwards.
//!
//! The seed of a round is open from its first draw on. So a report is drawn under a round only if its receipt stands in the log after
//! the commitment and before the first draw: neither the parent nor the child could choose its side of the draw knowing the other.

use super::{CHALLENGE_DAYS, CarriedOrder, DAY_MILLIS, bytes_of, carried, committed, id_of, order_of, round_id, wrong};
use crate::{Node, NodeError, ReceivedRecord, home};
use data_encoding::HEXLOWER;
use evidence::{
    ChallengeEntry, ChallengeMove, Digest, Member, NodeId, OpeningOrder, ProgrammeReport, Record, RecordKind,
    ReobservationOrder, Say, SeedCommitted, Time, canonical, seed_commitment,
};
use std::collections::{BTreeMap, HashMap};
use store::LetterKey;

/// Longest name of a round, in characters.
const ROUND_CHARS_MAX: usize = 64;

/// An entry, and its leaf in this log.
#[derive(Clone, Debug)]
pub struct SignedChallenge {
    /// The entry.
    pub entry: ChallengeEntry,
    /// Its leaf.
    pub leaf: Digest,
}

/// What is wanted of a child.
#[derive(Clone, Copy, Debug)]
pub struct OrderWanted<'a> {
    /// How many items or things.
    pub count: u64,
    /// Days for the answer.
    pub days: i64,
    /// Round to draw under; absent: the newest that fits.
    pub round: Option<&'a str>,
    /// Who orders it.
    pub author: Option<&'a str>,
}

/// Orders that wait for an answer, by child; kept up to date by the size of the log.
#[derive(Default)]
pub(crate) struct Waiting {
    next: u64,
    by_child: HashMap<NodeId, BTreeMap<String, Digest>>,
    child_of: HashMap<String, NodeId>,
}

impl Node {
    /// Binds this node to a seed that nobody knows, for a round.
    pub fn challenge_commit(&self, round: &str, author: Option<&str>) -> Result<SignedChallenge, NodeError> {
        let round = round.trim();
        if round.is_empty() || round.chars().count() > ROUND_CHARS_MAX || round.chars().any(char::is_control) {
            return Err(wrong("round"));
        }
        let _desk = self.desk()?;
        let taken = |e: &ChallengeEntry| matches!(&e.what, ChallengeMove::Committed(c) if c.round == round);
        if self.challenge_entries()?.iter().any(|(e, _)| taken(e)) {
            return Err(NodeError::Entry(Say::new("error.challenge-round-taken").with("round", attest::clean(round))));
        }
        let seed = home::secret()?;
        let commitment = seed_commitment(&seed);
        // The seed is kept before anybody is bound to it: a crash between the two leaves a seed that nothing commits to.
        let mut secrets = self.challenge_secrets()?;
        secrets.keep_seed(commitment, &seed);
        self.keep_challenge_secrets(&secrets)?;
        let what = ChallengeMove::Committed(SeedCommitted { round: round.to_owned(), seed: commitment });
        self.challenge_append(self.challenge_entry(round_id(commitment), author, what), Vec::new())
    }

    /// Draws items of the newest report of a child, to be opened.
    pub fn challenge_open(&self, named: &str, wanted: &OrderWanted<'_>) -> Result<SignedChallenge, NodeError> {
        let due = due(wanted)?;
        let _desk = self.desk()?;
        let (member, received, report) = self.reported(named)?;
        let items: u64 = report.examinations.iter().map(|e| e.items).fold(0, u64::saturating_add);
        if items == 0 {
            return Err(wrong("nothing-to-open"));
        }
        if wanted.count == 0 || wanted.count > judge::DRAWS_MAX {
            return Err(NodeError::Entry(Say::new("error.challenge-count").with("max", judge::DRAWS_MAX)));
        }
        let entries = self.challenge_entries()?;
        let received_at = self.index(received.receipt)?.ok_or_else(|| wrong("waits"))?;
        let mut secrets = self.challenge_secrets()?;
        let (round, leaf) = self.round_for(&entries, wanted.round, received_at)?;
        let seed = secrets.seed(round.seed).ok_or_else(|| wrong("no-seed"))?;
        let twice = |e: &ChallengeEntry| {
            matches!(&e.what, ChallengeMove::Drawn(o)
                if o.child == member.child && o.report == received.leaf && o.committed == leaf)
        };
        if let Some((before, _)) = entries.iter().find(|(e, _)| twice(e)) {
            let say = Say::new("error.challenge-already").with("challenge", &before.challenge);
            return Err(NodeError::Entry(say));
        }
        let key = LetterKey::new()?;
        let id = id_of(&key.public());
        secrets.keep_key(id.clone(), &key);
        self.keep_challenge_secrets(&secrets)?;
        let order = OpeningOrder {
            child: member.child,
            round: round.round,
            committed: leaf,
            seed: HEXLOWER.encode(&seed),
            report: received.leaf,
            count: wanted.count,
            due,
            key: HEXLOWER.encode(&key.public()),
        };
        self.challenge_append(self.challenge_entry(id, wanted.author, ChallengeMove::Drawn(order)), Vec::new())
    }

    /// Draws things of the declared scope of a child, to be observed anew.
    pub fn challenge_reobserve(&self, named: &str, wanted: &OrderWanted<'_>) -> Result<SignedChallenge, NodeError> {
        let due = due(wanted)?;
        let _desk = self.desk()?;
        let (member, received, report) = self.reported(named)?;
        if wanted.count == 0 || wanted.count > judge::THINGS_MAX {
            return Err(NodeError::Entry(Say::new("error.challenge-count").with("max", judge::THINGS_MAX)));
        }
        let nonce = home::secret()?;
        let things = judge::draw_things(&nonce, &member.child, received.leaf, &report.scope, wanted.count);
        if things.is_empty() {
            return Err(wrong("nothing-to-observe"));
        }
        let key = LetterKey::new()?;
        let id = id_of(&key.public());
        let mut secrets = self.challenge_secrets()?;
        secrets.keep_key(id.clone(), &key);
        self.keep_challenge_secrets(&secrets)?;
        let order = ReobservationOrder {
            child: member.child,
            report: received.leaf,
            nonce: HEXLOWER.encode(&nonce),
            things,
            due,
            key: HEXLOWER.encode(&key.public()),
        };
        self.challenge_append(self.challenge_entry(id, wanted.author, ChallengeMove::Ordered(order)), Vec::new())
    }

    /// A child, and the newest report of it that nothing is wrong with.
    fn reported(&self, named: &str) -> Result<(Member, ReceivedRecord, ProgrammeReport), NodeError> {
        let member = self.member(named)?.member;
        if let Some(part) = self.part()? {
            self.allowed(&part, judge::Act::Order, &member.part.uscc)?;
        }
        let of_child = |r: &ReceivedRecord| r.child == member.child && r.path.is_empty() && r.doubts.is_empty();
        let all = self.received(RecordKind::ProgrammeReport)?.into_iter().filter(of_child);
        let newest = all.max_by_key(|r| r.index).ok_or_else(|| wrong("no-report"))?;
        match newest.witness.record.value() {
            Record::ProgrammeReport(report) => {
                let report = (**report).clone();
                Ok((member, newest, report))
            }
            _ => Err(wrong("no-report")),
        }
    }

    /// The newest round under which a report that was received at this index of the log may be drawn.
    fn round_for(
        &self,
        entries: &[(ChallengeEntry, Digest)],
        named: Option<&str>,
        received_at: u64,
    ) -> Result<(SeedCommitted, Digest), NodeError> {
        for (entry, leaf) in entries.iter().rev() {
            let ChallengeMove::Committed(round) = &entry.what else { continue };
            if named.is_some_and(|n| n != round.round) {
                continue;
            }
            let opened = entries.iter().find(|(e, _)| committed(e) == Some(*leaf)).map(|(_, l)| self.index(*l));
            let opened = opened.transpose()?.flatten();
            let before = self.index(*leaf)?.is_some_and(|at| at < received_at);
            if before && opened.is_none_or(|at| received_at < at) {
                return Ok((round.clone(), *leaf));
            }
            if named.is_some() {
                break;
            }
        }
        Err(wrong("no-round"))
    }

    /// An order as a file for the child. Errors: unknown, not an order of this node.
    pub fn challenge_order_file(&self, leaf: Digest) -> Result<Vec<u8>, NodeError> {
        canonical::to_vec(&self.carried_order(leaf)?).map_err(|e| NodeError::Internal(e.to_string()))
    }

    fn carried_order(&self, leaf: Digest) -> Result<CarriedOrder, NodeError> {
        let witness = self.store().witness(leaf)?;
        let committed = match witness.record.value() {
            Record::Challenge(e) => committed(e).map(|leaf| self.store().bundle(leaf)).transpose()?,
            _ => None,
        };
        Ok(carried::order(self.store().bundle(leaf)?, committed))
    }

    /// Orders that a child has not answered, for the answer to its package.
    pub(crate) fn orders_for(&self, child: &NodeId) -> Result<Vec<serde_json::Value>, NodeError> {
        let leaves: Vec<Digest> = {
            let mut waiting = self.federation.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            self.noticed(&mut waiting)?;
            waiting.by_child.get(child).map_or_else(Vec::new, |w| w.values().copied().collect())
        };
        let order = |leaf: Digest| {
            let order = self.carried_order(leaf)?;
            serde_json::to_value(&order).map_err(|e| NodeError::Internal(e.to_string()))
        };
        leaves.into_iter().take(super::ORDERS_MAX).map(order).collect()
    }

    fn noticed(&self, waiting: &mut Waiting) -> Result<(), NodeError> {
        if self.store().size()? <= waiting.next {
            return Ok(());
        }
        let (records, next) = self.store().records_from(&[RecordKind::Challenge], waiting.next)?;
        for w in records {
            let leaf = w.record.leaf();
            let Record::Challenge(entry) = w.record.into_value() else { continue };
            if let Some(order) = order_of(&entry) {
                let child = order.child.clone();
                waiting.by_child.entry(child.clone()).or_default().insert(entry.challenge.clone(), leaf);
                waiting.child_of.insert(entry.challenge, child);
            } else if matches!(entry.what, ChallengeMove::Judged(_))
                && let Some(child) = waiting.child_of.get(&entry.challenge)
                && let Some(orders) = waiting.by_child.get_mut(child)
            {
                orders.remove(&entry.challenge);
            }
        }
        waiting.next = next;
        Ok(())
    }
}

fn due(wanted: &OrderWanted<'_>) -> Result<Time, NodeError> {
    if !(1..=CHALLENGE_DAYS.1).contains(&wanted.days) {
        return Err(NodeError::Entry(Say::new("error.challenge-days").with("max", CHALLENGE_DAYS.1)));
    }
    Ok(Time::from_millis(home::now().millis().saturating_add(wanted.days * DAY_MILLIS)))
}

/// The seed of an order, as bytes.
pub(crate) fn seed_of(order: &OpeningOrder) -> Option<[u8; 32]> {
    bytes_of(&order.seed)
}
