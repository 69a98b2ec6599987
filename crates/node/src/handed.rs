//! What goes from node to node as a signed file: one node's own entries about one warning or one order, as they stand in its log.
//!
//! Whoever receives it says with whose keys it must be signed; a file is never believed about its own key. It is taken as a whole or not at
//! all. What a kind of entry adds to that - what may not be handed on, what fits what is known - is its own room's to say ([`Entry`]).

use crate::signed;
use crate::{Node, NodeError};
use data_encoding::BASE64;
use evidence::{Digest, NodeId, Record, Say, Time, canonical};
use proof::{PublicKey, Witness};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Largest file, in bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 4 << 20;
/// Most entries of a file.
pub(crate) const FILE_ENTRIES_MAX: usize = 1_000;
/// Most letters of a file: sealed bytes that its entries name by digest.
const LETTERS_MAX: usize = 100;
/// Hexadecimal digits of an id, behind its letter.
const ID_DIGITS: usize = 8;

/// An entry that can be handed on.
pub(crate) trait Entry: Sized {
    /// `format` of its file.
    const FORMAT: &'static str;
    /// What sentences about a file that is not taken begin with.
    const OF: &'static str;
    /// The name of what it is about, as the file's field and in `other-…`.
    const ABOUT: &'static str;
    /// What an id begins with.
    const PREFIX: &'static str;
    /// The entry in a record, if it is of this kind.
    fn of(record: &Record) -> Option<&Self>;
    /// The same, taken out.
    fn out_of(record: Record) -> Option<Self>;
    /// Id of what it is about.
    fn about(&self) -> &str;
    /// Who made it.
    fn node(&self) -> &NodeId;
    /// When, by that node's clock.
    fn stated_at(&self) -> Time;
    /// Leaf of the statement that it takes over from another node, where it does.
    fn taken_over(&self) -> Option<Digest>;
    /// Why it is none that may be handed on, behind the `first` of the file.
    fn misfit(&self, first: Option<&Self>) -> Option<&'static str>;
    /// SHA-256 of sealed bytes that lie beside it.
    fn letter(&self) -> Option<Digest>;
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Handed {
    envelopes: Vec<serde_json::Value>,
    format: String,
    /// Changes of the key of the node that made the entries, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<serde_json::Value>,
    /// What entries name by digest, base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    letters: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// An entry whose signature was checked.
pub(crate) struct Checked<E> {
    /// Its leaf, in the log of who made it.
    pub(crate) leaf: Digest,
    pub(crate) entry: E,
}

/// A file whose signatures were checked.
pub(crate) struct Opened<E> {
    /// What it is about.
    pub(crate) id: String,
    pub(crate) entries: Vec<Checked<E>>,
    /// The newest key of who made them, if the file led to one that was not given.
    pub(crate) newer_key: Option<String>,
    /// Sealed bytes that entries name.
    pub(crate) letters: Vec<Vec<u8>>,
}
impl<E: Entry> Opened<E> {
    /// Whose entries they are; `Err` if there are none, or if they are `own`.
    pub(crate) fn from(&self, own: &NodeId) -> Result<NodeId, Say> {
        match self.entries.first().map(|c| c.entry.node()) {
            None => Err(fault::<E>("empty")),
            Some(from) if from == own => Err(fault::<E>("own")),
            Some(from) => Ok(from.clone()),
        }
    }
}

/// Why a file is not taken.
pub(crate) fn fault<E: Entry>(key: &str) -> Say {
    Say::new(format!("{}-{key}", E::OF))
}

/// Leaves of the statements that are known: taken over from others, or made here.
pub(crate) fn statements<E: Entry>(records: &[Witness]) -> BTreeSet<Digest> {
    let of = |w: &Witness| E::of(w.record.value()).and_then(E::taken_over).unwrap_or_else(|| w.record.leaf());
    records.iter().map(of).collect()
}

impl Node {
    /// The bytes of a file with entries of this log; of letters those that are at hand.
    pub(crate) fn hand_out<E: Entry>(&self, id: &str, entries: &[(&E, Digest)]) -> Result<Vec<u8>, NodeError> {
        let inside = |e: &dyn std::fmt::Display| NodeError::Internal(e.to_string());
        let (mut envelopes, mut letters) = (Vec::with_capacity(entries.len()), Vec::new());
        for (entry, leaf) in entries {
            let json = self.store().envelope(*leaf)?.to_json();
            envelopes.push(serde_json::from_slice(&json).map_err(|e| inside(&e))?);
            if let Some(letter) = entry.letter() {
                letters.push(BASE64.encode(&self.store().artifact(letter)?));
            }
        }
        let about = |kind: &str| (E::ABOUT == kind).then(|| id.to_owned());
        let (format, keys) = (E::FORMAT.to_owned(), self.key_changes()?);
        let handed = Handed { envelopes, format, keys, letters, order: about("order"), warning: about("warning") };
        let mut out = canonical::to_vec(&handed).map_err(|e| inside(&e))?;
        out.push(b'\n');
        Ok(out)
    }
}

/// Reads a file and checks every limit and every signature.
pub(crate) fn open<E: Entry>(bytes: &[u8], publisher: &[PublicKey]) -> Result<Opened<E>, Say> {
    let handed: Handed = serde_json::from_slice(bytes).map_err(|e| signed::unread(E::OF, &e))?;
    if handed.format != E::FORMAT {
        return Err(fault::<E>("format").with("value", attest::clean(&handed.format)).with("known", E::FORMAT));
    }
    let (id, other) = if E::ABOUT == "order" { (handed.order, handed.warning) } else { (handed.warning, handed.order) };
    let id = id.filter(|_| other.is_none()).ok_or_else(|| fault::<E>("id"))?;
    let digits = id.strip_prefix(E::PREFIX).unwrap_or_default();
    if digits.len() != ID_DIGITS || !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(fault::<E>("id"));
    }
    if handed.envelopes.len() > FILE_ENTRIES_MAX {
        return Err(fault::<E>("many").with("max", FILE_ENTRIES_MAX));
    }
    let keys = signed::keys_after(E::OF, publisher, &handed.keys)?;
    let mut out: Vec<Checked<E>> = Vec::with_capacity(handed.envelopes.len());
    for (at, value) in handed.envelopes.iter().enumerate() {
        let n = at + 1;
        let envelope = signed::envelope(value);
        let record = envelope.and_then(|e| proof::verify_envelope(&e, &keys));
        let record = record.map_err(|e| signed::unproven(E::OF, &e).with("entry", n))?;
        let leaf = record.leaf();
        let entry = E::out_of(record.into_value()).ok_or_else(|| fault::<E>("kind").with("entry", n))?;
        let first = out.first().map(|c| &c.entry);
        let (other, misfit) = (format!("other-{}", E::ABOUT), entry.misfit(first));
        let key = match first {
            _ if entry.about() != id => Some(other.as_str()),
            _ if misfit.is_some() => misfit,
            Some(first) if first.node() != entry.node() => Some("mixed"),
            // A node's id is the id of its first key, and the first key of the file is that: another node's key beside it must
            // not speak for it.
            None if publisher.first().is_none_or(|k| k.id() != entry.node().as_str()) => Some("node"),
            _ if out.last().is_some_and(|c| c.entry.stated_at() > entry.stated_at()) => Some("order"),
            _ => None,
        };
        if let Some(key) = key {
            return Err(fault::<E>(key).with("entry", n));
        }
        out.push(Checked { leaf, entry });
    }
    let letters = letters(&out, &handed.letters).ok_or_else(|| fault::<E>("letters"))?;
    let newer_key = signed::newer(publisher, &keys);
    Ok(Opened { id, entries: out, newer_key, letters })
}

/// What lies beside the entries: each letter is one that an entry names, and none that is named is missing.
fn letters<E: Entry>(entries: &[Checked<E>], texts: &[String]) -> Option<Vec<Vec<u8>>> {
    let named: BTreeSet<Digest> = entries.iter().filter_map(|c| c.entry.letter()).collect();
    if texts.len() > LETTERS_MAX {
        return None;
    }
    let bytes: Vec<Vec<u8>> = texts.iter().map(|t| BASE64.decode(t.as_bytes()).ok()).collect::<Option<_>>()?;
    let came: BTreeSet<Digest> = bytes.iter().map(|b| Digest::of(b)).collect();
    (came == named).then_some(bytes)
}
