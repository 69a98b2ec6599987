//! Keys that follow keys: what a reader who knows a node's key may believe after the node changed it.
//!
//! A change is a record, `key-change`, signed with the key that is left. So whoever knows that key can check the step to the next one, and from there the
//! step after it, without asking anybody. Only evidence keys (ECDSA P-256) follow each other here: they sign what is handed on.
//!
//! A key that was left still verifies what it signed: nothing says when a signature was made. What it may not do is give way twice. A thief of an
//! old key can therefore sign in the past of its node, and name no other heir to a reader who knows the true one.
//!
//! Refused: believing the newest key of a file because an old one vouches for it somewhere in between. The chain is walked from what is known, step by
//! step, and breaks where a step is missing.

use crate::{Envelope, KeyKind, ProofError, PublicKey, verify_envelope};
use data_encoding::BASE64;
use evidence::{KeyChange, Record};

/// Most changes that are read of one node.
pub const KEY_CHANGES_MAX: usize = 100;
/// `role` of a change of the key that signs records.
pub const EVIDENCE_ROLE: &str = "evidence";

/// What is wrong with a change of key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeFault {
    /// Not a record about a key, or not about one that signs records.
    Kind,
    /// Signed by a key that is not known at this point of the chain.
    UnknownKey,
    /// The signature does not belong to these bytes.
    Signature,
    /// It speaks of another node than the one whose first key is known.
    OtherNode,
    /// It is signed by another key than the one that it says is left.
    OtherKey,
    /// The new key is none, or not the one whose id it gives.
    NewKey,
    /// The key gave way to another one before.
    Twice,
}
impl ChangeFault {
    /// All of them.
    pub const ALL: [ChangeFault; 7] =
        [Self::Kind, Self::UnknownKey, Self::Signature, Self::OtherNode, Self::OtherKey, Self::NewKey, Self::Twice];
    /// The name in word keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::UnknownKey => "unknown-key",
            Self::Signature => "signature",
            Self::OtherNode => "other-node",
            Self::OtherKey => "other-key",
            Self::NewKey => "new-key",
            Self::Twice => "twice",
        }
    }
}

/// The keys of a node after its changes: those that are known, oldest first, and behind them each new one that follows from the one before.
///
/// `known` begins with the node's first key, whose id is the node's id, and ends with the newest that the reader knows. A change to a key that is
/// known already is checked and passed over, so that a whole history may be handed in to a reader who knows a part of it.
///
/// # Errors
/// More than [`KEY_CHANGES_MAX`] changes; [`ProofError::Change`] with the number of the first that does not hold, from 1. Nothing is believed then.
pub fn succession(known: &[PublicKey], changes: &[Envelope]) -> Result<Vec<PublicKey>, ProofError> {
    if changes.len() > KEY_CHANGES_MAX {
        return Err(ProofError::TooLarge { what: "list of key changes", max: KEY_CHANGES_MAX as u64 });
    }
    let mut keys: Vec<PublicKey> = known.to_vec();
    for (n, envelope) in changes.iter().enumerate() {
        let new = step(&keys, envelope).map_err(|fault| ProofError::Change { number: n + 1, fault })?;
        keys.extend(new);
    }
    Ok(keys)
}

/// The key that a change adds; `None` if it is known.
fn step(keys: &[PublicKey], envelope: &Envelope) -> Result<Option<PublicKey>, ChangeFault> {
    let record = verify_envelope(envelope, keys).map_err(|e| match e {
        ProofError::UnknownKey(_) => ChangeFault::UnknownKey,
        ProofError::Signature { .. } => ChangeFault::Signature,
        _ => ChangeFault::Kind,
    })?;
    let Record::Attestation(stated) = record.value() else { return Err(ChangeFault::Kind) };
    let change = stated.as_key_change().filter(|c| c.role == EVIDENCE_ROLE).ok_or(ChangeFault::Kind)?;
    if keys.first().is_none_or(|k| k.id() != stated.node.as_str()) {
        return Err(ChangeFault::OtherNode);
    }
    if change.from != record.key_id() {
        return Err(ChangeFault::OtherKey);
    }
    let new = new_key(change).ok_or(ChangeFault::NewKey)?;
    if keys.contains(&new) {
        return Ok(None);
    }
    // The newest key alone has an heir to name: an older one named its own.
    let newest = keys.last().is_some_and(|k| k.id() == change.from);
    if newest { Ok(Some(new)) } else { Err(ChangeFault::Twice) }
}

fn new_key(change: &KeyChange) -> Option<PublicKey> {
    let der = BASE64.decode(change.public_key.as_bytes()).ok()?;
    let key = PublicKey::from_spki_der(&der).ok()?;
    (key.kind() == KeyKind::EcdsaP256 && key.id() == change.to).then_some(key)
}
