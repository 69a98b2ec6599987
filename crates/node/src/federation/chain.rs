//! The keys of another node over time: those that it showed when it was enrolled, and those that its own changes of keys lead to.
//!
//! A key that was replaced at index k of its node's log signs nothing after it: a stolen old key is worth nothing once the change
//! has gone up. A rotation that was interrupted leaves the same change twice; the later one counts.

use super::fault::Fault;
use super::wire::{KEYS_MAX, clip};
use data_encoding::BASE64;
use evidence::{KeyChange, Member, Record};
use proof::{Checkpoint, Envelope, KeyKind, LogKey, ProofError, PublicKey, Verified};

/// A key, and the index of the change that replaced it.
#[derive(Clone, Debug)]
struct Held<K> {
    key: K,
    until: Option<u64>,
}

/// The keys of one node.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    origin: String,
    evidence: Vec<Held<PublicKey>>,
    log: Vec<Held<LogKey>>,
    /// True once a change added a key that the membership does not name.
    grown: bool,
}

/// Keys from DER in base64, all of one kind.
pub(crate) fn keys(texts: &[String], kind: KeyKind) -> Result<Vec<PublicKey>, ProofError> {
    if texts.is_empty() || texts.len() > KEYS_MAX {
        return Err(ProofError::TooLarge { what: "list of keys", max: KEYS_MAX as u64 });
    }
    let key = |t: &String| {
        let der = BASE64.decode(t.as_bytes()).map_err(|_| ProofError::Key)?;
        PublicKey::from_spki_der(&der).ok().filter(|k| k.kind() == kind).ok_or(ProofError::Key)
    };
    texts.iter().map(key).collect()
}

impl Chain {
    /// The keys that a list of each kind names.
    pub(crate) fn of(origin: &str, evidence: &[String], log: &[String]) -> Result<Self, ProofError> {
        let log = keys(log, KeyKind::Ed25519)?.into_iter().map(|k| LogKey::new(origin, k));
        Ok(Self {
            origin: origin.to_owned(),
            evidence: keys(evidence, KeyKind::EcdsaP256)?.into_iter().map(|key| Held { key, until: None }).collect(),
            log: log.map(|key| Ok(Held { key: key?, until: None })).collect::<Result<_, ProofError>>()?,
            grown: false,
        })
    }

    /// The keys that a membership names.
    pub(crate) fn member(member: &Member) -> Result<Self, ProofError> {
        Self::of(&member.origin, &member.evidence_keys, &member.log_keys)
    }

    /// Takes up a change of keys that stands at `index` of the node's log and was verified under this chain.
    pub(crate) fn change(&mut self, index: u64, change: &KeyChange) -> Result<(), ProofError> {
        let der = BASE64.decode(change.public_key.as_bytes()).map_err(|_| ProofError::Key)?;
        let to = PublicKey::from_spki_der(&der)?;
        if to.id() != change.to {
            return Err(ProofError::Mismatch("the new key and its id"));
        }
        match (change.role.as_str(), to.kind()) {
            ("evidence", KeyKind::EcdsaP256) => self.grown |= replace(&mut self.evidence, index, change, to)?,
            ("log", KeyKind::Ed25519) => {
                let to = LogKey::new(&self.origin, to)?;
                self.grown |= replace(&mut self.log, index, change, to)?;
            }
            _ => return Err(ProofError::Key),
        }
        Ok(())
    }

    /// The same, once a membership names all of its keys.
    pub(crate) fn settled(self) -> Self {
        Self { grown: false, ..self }
    }

    /// True if a change added a key that the membership does not name.
    pub(crate) fn grown(&self) -> bool {
        self.grown
    }

    pub(crate) fn evidence_keys(&self) -> Vec<PublicKey> {
        self.evidence.iter().map(|k| k.key.clone()).collect()
    }
    pub(crate) fn log_keys(&self) -> Vec<LogKey> {
        self.log.iter().map(|k| k.key.clone()).collect()
    }
    /// As a membership names them, the current one last.
    pub(crate) fn texts(&self) -> (Vec<String>, Vec<String>) {
        let text = |k: &PublicKey| BASE64.encode(k.spki_der());
        (self.evidence.iter().map(|k| text(&k.key)).collect(), self.log.iter().map(|k| text(k.key.key())).collect())
    }

    /// A record that claims to stand at `index` of the node's log: signed by one of its keys, and by none that was replaced before.
    pub(crate) fn record(&self, index: u64, envelope: &Envelope) -> Result<Verified<Record>, Fault> {
        let keyid = envelope.signatures().first().map(|s| s.keyid.as_str()).unwrap_or_default();
        let held = self.evidence.iter().find(|k| k.key.id() == keyid);
        let held =
            held.ok_or_else(|| Fault::Record(index, clip(&ProofError::UnknownKey(keyid.to_owned()).to_string())))?;
        let verified = proof::verify_envelope(envelope, std::slice::from_ref(&held.key));
        let verified = verified.map_err(|e| Fault::Record(index, clip(&e.to_string())))?;
        if held.until.is_some_and(|until| index > until) {
            return Err(Fault::RevokedKey(held.key.id().chars().take(16).collect()));
        }
        Ok(verified)
    }

    /// A checkpoint of the node's log, signed by a key that was not replaced before its size.
    pub(crate) fn checkpoint(&self, note: &str) -> Result<Checkpoint, Fault> {
        let checkpoint =
            Checkpoint::verify(note, &self.log_keys()).map_err(|e| Fault::Checkpoint(clip(&e.to_string())))?;
        let until = self.log.iter().find(|k| k.key == *checkpoint.log()).and_then(|k| k.until);
        // The change itself stands at index `until`, under the last checkpoint that the old key signs.
        if until.is_some_and(|until| checkpoint.size() > until + 1) {
            return Err(Fault::RevokedKey(checkpoint.log().key().id().chars().take(16).collect()));
        }
        Ok(checkpoint)
    }
}

trait Named {
    fn id(&self) -> &str;
}
impl Named for PublicKey {
    fn id(&self) -> &str {
        PublicKey::id(self)
    }
}
impl Named for LogKey {
    fn id(&self) -> &str {
        self.key().id()
    }
}

fn replace<K: Named + PartialEq>(
    keys: &mut Vec<Held<K>>,
    index: u64,
    change: &KeyChange,
    to: K,
) -> Result<bool, ProofError> {
    if keys.len() >= KEYS_MAX {
        return Err(ProofError::TooLarge { what: "list of keys", max: KEYS_MAX as u64 });
    }
    let from = keys.iter_mut().find(|k| k.key.id() == change.from);
    let from = from.ok_or_else(|| ProofError::UnknownKey(change.from.clone()))?;
    from.until = Some(from.until.map_or(index, |before| before.max(index)));
    let new = !keys.iter().any(|k| k.key == to);
    if new {
        keys.push(Held { key: to, until: None });
    }
    Ok(new)
}
