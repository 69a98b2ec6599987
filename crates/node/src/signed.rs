//! What files of other nodes have in common: whose keys they are signed with, how these follow each other, and why one is not believed.
//!
//! A file that leaves this node carries its changes of key beside what it says, so that a receiver who has the keys of last year reads the file of today
//! (`proof::succession`). The receiver's own copy of the keys stays the root: a file adds to it for itself alone.

use crate::{Node, NodeError};
use evidence::{Record, RecordKind, Say};
use proof::{ChangeFault, EVIDENCE_ROLE, Envelope, KEY_CHANGES_MAX, ProofError, PublicKey};
use serde_json::Value;

impl Node {
    /// This node's changes of the key that signs records, in the order of the log, as a file carries them. Of more than [`KEY_CHANGES_MAX`] the newest.
    pub(crate) fn key_changes(&self) -> Result<Vec<Value>, NodeError> {
        let mut out = Vec::new();
        // Who never changed a key is spared the search.
        if self.store().keys().evidence_keys().len() > 1 {
            for w in self.store().records(&[RecordKind::Attestation])? {
                let Record::Attestation(a) = w.record.value() else { continue };
                if a.node == self.id() && a.as_key_change().is_some_and(|c| c.role == EVIDENCE_ROLE) {
                    let json = self.store().envelope(w.record.leaf())?.to_json();
                    out.push(serde_json::from_slice(&json).map_err(|e| NodeError::Internal(e.to_string()))?);
                }
            }
        }
        Ok(out.split_off(out.len().saturating_sub(KEY_CHANGES_MAX)))
    }
}

/// The keys that a file may be signed with: those that its reader knows, and what follows from them by the changes that it carries.
pub(crate) fn keys_after(of: &str, known: &[PublicKey], changes: &[Value]) -> Result<Vec<PublicKey>, Say> {
    if changes.len() > KEY_CHANGES_MAX {
        return Err(Say::new(format!("{of}-keys")).with("max", KEY_CHANGES_MAX));
    }
    let no_change = |n: usize| ProofError::Change { number: n + 1, fault: ChangeFault::Kind };
    let changes = changes.iter().enumerate().map(|(n, c)| envelope(c).map_err(|_| no_change(n)));
    let changes = changes.collect::<Result<Vec<_>, _>>().map_err(|e| unproven(of, &e))?;
    proof::succession(known, &changes).map_err(|e| unproven(of, &e))
}

/// An envelope out of a file.
pub(crate) fn envelope(value: &Value) -> Result<Envelope, ProofError> {
    Envelope::from_json(value.to_string().as_bytes())
}

/// The id of the newest key that a file led to, if its reader did not know it.
pub(crate) fn newer(known: &[PublicKey], keys: &[PublicKey]) -> Option<String> {
    keys.get(known.len()..).and_then(<[PublicKey]>::last).map(|k| k.id().to_owned())
}

/// Why a file is not believed, as a sentence that begins with `of`: `error.warning-file`, `error.not-published`.
pub(crate) fn unproven(of: &str, why: &ProofError) -> Say {
    let said = |fault: &str| Say::new(format!("{of}-unproven")).with("fault", fault);
    match why {
        ProofError::UnknownKey(key) => Say::new(format!("{of}-key")).with("value", attest::clean(key)),
        ProofError::Signature { .. } => Say::new(format!("{of}-signature")),
        ProofError::Change { number, fault } => {
            Say::new(format!("{of}-change")).with("number", number).with("change", fault.name())
        }
        ProofError::TooLarge { .. } => said("large"),
        ProofError::Key => said("public-key"),
        ProofError::Statement(_) => said("statement"),
        _ => said("shape"),
    }
}

/// What is not JSON of the expected form: line and column are all that a reader of any language can use.
pub(crate) fn unread(of: &str, why: &serde_json::Error) -> Say {
    Say::new(format!("{of}-json")).with("line", why.line()).with("column", why.column())
}
