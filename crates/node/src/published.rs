//! Packs of advisories that one node hands to another, signed (`docs/specs/advisory-pack-v1.md` §6).
//!
//! A province compiles what its plants may not fetch themselves; a plant must know that nobody took rows out on the way.
//! The file is the publisher's own statement about the pack, as it stands in the publisher's log, and the pack's bytes.
//! Whoever imports it says whose key it must be signed with; a file is never believed about its own key.

use crate::{Node, NodeError, home};
use evidence::{AdvisoryPack, Attestation, Digest, Publisher, Record, canonical};
use proof::{Envelope, PublicKey};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `format` of the file.
const FORMAT: &str = "watchfire-pack-v1";
/// The first bytes of every such file, for the eye that must tell it from advisories.
const BEGINS: &[u8] = b"{\"envelope\":";
/// Longest first line, in bytes.
const HEAD_BYTES_MAX: usize = 1 << 20;
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    envelope: serde_json::Value,
    format: String,
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
        let head = Head { envelope, format: FORMAT.to_owned() };
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
    ) -> Result<AdvisoryPack, NodeError> {
        let bytes = home::read(path, FILE_BYTES_MAX)?;
        let (pack, body) = open(path, &bytes, publisher)?;
        let pack = AdvisoryPack { name: name.to_owned(), ..pack };
        // An old pack is as well signed as a new one: what was known already must not be forgotten.
        let of = |p: &AdvisoryPack| p.publisher.as_ref().map(|p| (p.node.clone(), p.stated_at));
        let newer =
            self.advisory_packs()?.into_iter().filter(|k| k.pack.name == name).find(
                |k| matches!((of(&k.pack), of(&pack)), (Some((a, kept)), Some((b, this))) if a == b && kept > this),
            );
        if newer.is_some() {
            let why = "a newer pack of this publisher is kept under this name";
            return Err(NodeError::NotPublished(path.to_owned(), why.to_owned()));
        }
        let stated = Attestation::advisory_pack(self.id(), Self::author(author), home::now(), pack.clone());
        self.append(&Record::Attestation(stated), None, vec![body.to_vec()])?;
        Ok(pack)
    }
}

/// What the publisher states, with the publisher named, and the bytes of the pack.
fn open<'b>(path: &Path, bytes: &'b [u8], publisher: &[PublicKey]) -> Result<(AdvisoryPack, &'b [u8]), NodeError> {
    let refused =
        |why: &dyn std::fmt::Display| NodeError::NotPublished(path.to_owned(), attest::clean(&why.to_string()));
    let end = bytes.iter().take(HEAD_BYTES_MAX).position(|b| *b == b'\n').ok_or_else(|| refused(&"no first line"))?;
    let (line, body) = (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default());
    let head: Head = serde_json::from_slice(line).map_err(|e| refused(&e))?;
    if head.format != FORMAT {
        return Err(refused(&format!("format {:?} is not {FORMAT}", head.format)));
    }
    let envelope = serde_json::to_vec(&head.envelope).map_err(|e| refused(&e))?;
    let envelope = Envelope::from_json(&envelope).map_err(|e| refused(&e))?;
    let record = proof::verify_envelope(&envelope, publisher).map_err(|e| refused(&e))?;
    let Record::Attestation(stated) = record.value() else { return Err(refused(&"not a statement about a pack")) };
    let Some(pack) = stated.as_advisory_pack() else { return Err(refused(&"not a statement about a pack")) };
    if pack.digest != Digest::of(body) {
        return Err(refused(&"its bytes are not those that the publisher signed"));
    }
    if pack.dropped {
        return Err(refused(&"its publisher does not use it any more"));
    }
    advise::pack::Pack::open(body).and_then(|p| p.check()).map_err(|e| refused(&e))?;
    let signed_by = Publisher { node: stated.node.clone(), statement: record.leaf(), stated_at: stated.stated_at };
    Ok((AdvisoryPack { publisher: Some(signed_by), ..pack.clone() }, body))
}
