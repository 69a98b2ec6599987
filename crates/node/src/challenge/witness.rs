//! The word of a second person, who has an account of their own and therefore a home and a key of their own.
//!
//! A plant's home is for its account alone: nobody else can sign there, and nobody else should. So the plant writes a *ticket* - which runs were
//! made for which order -, the witness signs it in their own log with their own key and hands back a *word*, and the plant puts
//! that beside the runs. The key comes with the word: the node that an entry names is the id of that key, so it speaks for nobody else.
//!
//! Refused: a word of the account that answers, here and by the judge.

use super::{SignedChallenge, wrong};
use crate::{Node, NodeError, home};
use evidence::{
    Authenticated, ChallengeEntry, ChallengeMove, Digest, NodeId, PathText, Record, Say, Time, Witnessed, canonical,
};
use proof::{Envelope, PublicKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest ticket or word, in bytes.
pub const WITNESS_FILE_BYTES_MAX: usize = 1 << 20;
/// Most runs of a ticket: one a thing that was drawn.
const RUNS_MAX: usize = judge::THINGS_MAX as usize;
const TICKET: &str = "watchfire-witness-ticket-v1";
const WORD: &str = "watchfire-witness-v1";

/// A run that a second person is to have seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketRun {
    /// Leaf of the examination.
    pub examination: Digest,
    /// The host that it was made on.
    pub host: String,
    /// Folders that it read.
    pub folders: Vec<PathText>,
    /// When it began.
    pub started: Time,
    /// When it ended.
    pub ended: Time,
}

/// What a witness is asked to sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    format: String,
    /// The challenge.
    pub challenge: String,
    /// Leaf of its order.
    pub order: Digest,
    /// The node that made the runs.
    pub node: NodeId,
    /// The runs.
    pub runs: Vec<TicketRun>,
}

/// What a witness signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    format: String,
    /// The witness's evidence key, PEM.
    key: String,
    envelopes: Vec<Envelope>,
}

/// Words of a witness, their signatures checked: by the leaf of the run.
#[derive(Clone, Default, Debug)]
pub struct Words {
    order: Option<Digest>,
    by_run: BTreeMap<Digest, Envelope>,
    key: String,
}
impl Words {
    /// The word about a run, with the key that it is signed with.
    pub(super) fn of(&self, order: Digest, run: Digest) -> Option<(Envelope, String)> {
        let envelope = self.by_run.get(&run).filter(|_| self.order == Some(order))?;
        Some((envelope.clone(), self.key.clone()))
    }
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8], key: &str) -> Result<T, NodeError> {
    let say = |why: String| {
        let why = attest::clean(&why.chars().take(200).collect::<String>());
        NodeError::Entry(Say::new(format!("error.challenge-{key}")).with("why", why))
    };
    if bytes.len() > WITNESS_FILE_BYTES_MAX {
        return Err(say(format!("more than {WITNESS_FILE_BYTES_MAX} bytes")));
    }
    canonical::from_slice(bytes).map_err(|e| say(e.to_string()))
}

/// Reads a ticket. Nothing of it is signed: whoever signs it looks at what it says.
pub fn witness_ticket(bytes: &[u8]) -> Result<Ticket, NodeError> {
    let ticket: Ticket = read(bytes, "ticket")?;
    let named = ticket.challenge.strip_prefix("c-").is_some_and(|id| id.bytes().all(|b| b.is_ascii_hexdigit()));
    if ticket.format != TICKET || !named || ticket.runs.is_empty() || ticket.runs.len() > RUNS_MAX {
        return Err(NodeError::Entry(Say::new("error.challenge-ticket").with("why", TICKET)));
    }
    Ok(ticket)
}

impl Node {
    /// The ticket over runs of this log that were made for an order.
    pub(super) fn ticket(&self, order: &SignedChallenge, runs: &[Digest]) -> Result<Vec<u8>, NodeError> {
        let mut of = Vec::with_capacity(runs.len());
        for leaf in runs {
            let Record::Examination(run) = self.store().witness(*leaf)?.record.into_value() else { continue };
            of.push(TicketRun {
                examination: *leaf,
                host: run.subject.host.clone(),
                folders: run.subject.folders.clone(),
                started: run.started,
                ended: run.ended,
            });
        }
        let (format, challenge) = (TICKET.to_owned(), order.entry.challenge.clone());
        let ticket = Ticket { format, challenge, order: order.leaf, node: self.id(), runs: of };
        canonical::to_vec(&ticket).map_err(|e| NodeError::Internal(e.to_string()))
    }

    /// Signs, as the account that runs this and with this home's own key, that the runs of a ticket were seen being made. The word, for whoever
    /// made them.
    pub fn challenge_witness_ticket(&self, ticket: &Ticket) -> Result<Vec<u8>, NodeError> {
        if ticket.node == self.id() {
            return Err(wrong("witness-own"));
        }
        let mut envelopes = Vec::with_capacity(ticket.runs.len());
        for run in &ticket.runs {
            let what = ChallengeMove::Witnessed(Witnessed { order: ticket.order, examination: run.examination });
            let kept = self.challenge_append(self.challenge_entry(ticket.challenge.clone(), None, what), Vec::new())?;
            envelopes.push(self.store().envelope(kept.leaf)?);
        }
        let id = self.id();
        let keys = self.store().keys().evidence_keys();
        // A key that was changed since would be another node's: the id of a node is that of its first key.
        let signed_by = |key: &&PublicKey| envelopes.iter().all(|e| e.signatures().iter().any(|s| s.keyid == key.id()));
        let key = keys.iter().find(|k| k.id() == id.as_str()).filter(signed_by).ok_or_else(|| wrong("witness-key"))?;
        let word = Word { format: WORD.to_owned(), key: key.to_pem(), envelopes };
        canonical::to_vec(&word).map_err(|e| NodeError::Internal(e.to_string()))
    }

    /// Reads the word of a witness: signed by a key that is its node's, under another account than the one that runs this.
    pub fn challenge_words(&self, bytes: &[u8]) -> Result<Words, NodeError> {
        let word: Word = read(bytes, "word")?;
        let shape = |why: &str| NodeError::Entry(Say::new("error.challenge-word").with("why", why));
        if word.format != WORD || word.envelopes.is_empty() || word.envelopes.len() > RUNS_MAX {
            return Err(shape(WORD));
        }
        let key = PublicKey::from_pem(&word.key).map_err(|_| shape("key"))?;
        let mut out = Words { order: None, by_run: BTreeMap::new(), key: word.key };
        for envelope in word.envelopes {
            let record = proof::verify_envelope(&envelope, std::slice::from_ref(&key));
            let record = record.map_err(|e| shape(&attest::clean(&e.to_string())))?;
            let Record::Challenge(entry) = record.into_value() else { return Err(shape("record")) };
            let ChallengeEntry { node, author, what: ChallengeMove::Witnessed(seen), .. } = *entry else {
                return Err(shape("record"));
            };
            if node.as_str() != key.id() || out.order.is_some_and(|o| o != seen.order) {
                return Err(shape("node"));
            }
            match author.authenticated {
                Authenticated::OsAccount { uid, account } if uid == home::account().1 => {
                    return Err(NodeError::Entry(Say::new("error.challenge-witness-same").with("account", account)));
                }
                Authenticated::OsAccount { .. } | Authenticated::NodeAccount { .. } => {}
                Authenticated::TypedName => return Err(wrong("witness-typed")),
            }
            out.order = Some(seen.order);
            out.by_run.insert(seen.examination, envelope);
        }
        Ok(out)
    }
}
