//! Packs of advisories that one node hands to another, signed (`docs/specs/advisory-pack-v1.md` §6).
//!
//! A province compiles what its plants may not fetch themselves; a plant must know that nobody took rows out on the way.
//! The file is the publisher's own statement about the pack, as it stands in the publisher's log, and the pack's bytes.
//! Whoever imports it says whose key it must be signed with; a file is never believed about its own key.

use crate::{Node, NodeError, home, signed};
use evidence::{AdvisoryPack, Attestation, Digest, Publisher, Record, Say, canonical};
use proof::PublicKey;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `format` of the file.
const FORMAT: &str = "watchfire-pack-v1";
/// The first bytes of every such file, for the eye that must tell it from advisories.
const BEGINS: &[u8] = b"{\"envelope\":";
/// What sentences about a pack that is not taken begin with.
const OF: &str = "error.not-published";
/// Longest first line, in bytes.
const HEAD_BYTES_MAX: usize = 1 << 20;
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    envelope: serde_json::Value,
    format: String,
    /// Changes of the publisher's key, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<serde_json::Value>,
}

/// What came of a signed pack.
pub struct TookPack {
    /// The pack as it was stated here.
    pub pack: AdvisoryPack,
    /// The publisher's newest key, if the file led to one that was not given.
    pub newer_key: Option<String>,
}

/// True if a file is a signed pack. One that cannot be read is not; reading it again says why.
pub(crate) fn is_published(path: &Path) -> bool {
    use std::io::Read as _;
    let mut start = [0; BEGINS.len()];
    std::fs::File::open(path).and_then(|mut f| f.read_exact(&mut start)).is_ok() && start == BEGINS
}

impl Node {
    /// The bytes of a signed pack: the newest statement of that name, and what it speaks of.
    pub fn advisories_export(&self, name: &str) -> Result<Vec<u8>, NodeError> {
        let unknown = || NodeError::UnknownPack(attest::clean(name));
        let kept = self.advisory_packs()?.into_iter().find(|k| k.pack.name == name).ok_or_else(unknown)?;
        let envelope = self.store().envelope(kept.leaf)?.to_json();
        let envelope = serde_json::from_slice(&envelope).map_err(|e| NodeError::Internal(e.to_string()))?;
        let head = Head { envelope, format: FORMAT.to_owned(), keys: self.key_changes()? };
        let mut out = canonical::to_vec(&head).map_err(|e| NodeError::Internal(e.to_string()))?;
        out.push(b'\n');
        out.extend(self.store().artifact(kept.pack.digest)?);
        Ok(out)
    }

    /// Takes a signed pack under a name of this node's own.
    pub fn advisories_take(
        &self,
        path: &Path,
        name: &str,
        publisher: &[PublicKey],
        author: Option<&str>,
    ) -> Result<TookPack, NodeError> {
        let bytes = home::read(path, FILE_BYTES_MAX)?;
        let not = |say: Say| NodeError::NotPublished(path.to_owned(), Box::new(say));
        let (pack, body, newer_key) = open(&bytes, publisher).map_err(not)?;
        let pack = AdvisoryPack { name: name.to_owned(), ..pack };
        // An old pack is as well signed as a new one: what was known already must not be forgotten.
        let of = |p: &AdvisoryPack| p.publisher.as_ref().map(|p| (p.node.clone(), p.stated_at));
        let newer =
            self.advisory_packs()?.into_iter().filter(|k| k.pack.name == name).find(
                |k| matches!((of(&k.pack), of(&pack)), (Some((a, kept)), Some((b, this))) if a == b && kept > this),
            );
        if newer.is_some() {
            return Err(not(fault("older")));
        }
        let stated = Attestation::advisory_pack(self.id(), self.author(author), home::now(), pack.clone());
        self.append(&Record::Attestation(stated), None, vec![body.to_vec()])?;
        Ok(TookPack { pack, newer_key })
    }
}

/// Why a pack is not taken.
fn fault(key: &str) -> Say {
    Say::new(format!("{OF}-{key}"))
}

/// What the publisher states, with the publisher named; the bytes of the pack; the publisher's newest key, if that was not given.
fn open<'b>(bytes: &'b [u8], publisher: &[PublicKey]) -> Result<(AdvisoryPack, &'b [u8], Option<String>), Say> {
    let end = bytes.iter().take(HEAD_BYTES_MAX).position(|b| *b == b'\n').ok_or_else(|| fault("line"))?;
    let (line, body) = (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default());
    let head: Head = serde_json::from_slice(line).map_err(|e| signed::unread(OF, &e))?;
    if head.format != FORMAT {
        return Err(fault("format").with("value", attest::clean(&head.format)).with("known", FORMAT));
    }
    let keys = signed::keys_after(OF, publisher, &head.keys)?;
    let record = signed::envelope(&head.envelope).and_then(|e| proof::verify_envelope(&e, &keys));
    let record = record.map_err(|e| signed::unproven(OF, &e))?;
    let Record::Attestation(stated) = record.value() else { return Err(fault("kind")) };
    let Some(pack) = stated.as_advisory_pack() else { return Err(fault("kind")) };
    if pack.digest != Digest::of(body) {
        return Err(fault("bytes"));
    }
    if pack.dropped {
        return Err(fault("dropped"));
    }
    advise::pack::Pack::open(body).and_then(|p| p.check()).map_err(|_| fault("pack"))?;
    let signed_by = Publisher { node: stated.node.clone(), statement: record.leaf(), stated_at: stated.stated_at };
    Ok((AdvisoryPack { publisher: Some(signed_by), ..pack.clone() }, body, signed::newer(publisher, &keys)))
}
