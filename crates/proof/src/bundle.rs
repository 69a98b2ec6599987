//! Sigstore bundle v0.3: envelope, leaf, inclusion proof and checkpoint of one record in one JSON file.
//!
//! The reader is strict: exactly the fields that Watchfire writes, each held against every other that says the
//! same. A general Sigstore verifier may accept more; it never accepts less (`tests/outside`).

use crate::items::PATH_MAX;
use crate::note::{decimal, hash};
use crate::{
    Checkpoint, ENVELOPE_BYTES_MAX, Envelope, LogKey, NOTE_BYTES_MAX, ProofError, PublicKey, Verified, envelope, leaf,
    merkle, verify_envelope,
};
use data_encoding::BASE64;
use evidence::{Digest, Record};
use serde::{Deserialize, Serialize};

/// Media type of the bundle.
pub const BUNDLE_MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// Largest bundle that is read, in bytes.
pub const BUNDLE_BYTES_MAX: usize = ENVELOPE_BYTES_MAX + (1 << 20);
const WHAT: &str = "bundle";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Bundle {
    media_type: String,
    verification_material: Material,
    dsse_envelope: envelope::Wire,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Material {
    public_key: KeyHint,
    tlog_entries: [Entry; 1],
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyHint {
    hint: String,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    log_index: String,
    log_id: LogId,
    kind_version: KindVersion,
    inclusion_proof: InclusionProof,
    canonicalized_body: String,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LogId {
    key_id: String,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindVersion {
    kind: String,
    version: String,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InclusionProof {
    log_index: String,
    root_hash: String,
    tree_size: String,
    hashes: Vec<String>,
    checkpoint: Note,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    envelope: String,
}

/// A record that stands in a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logged {
    /// The record.
    pub record: Verified<Record>,
    /// Its index in the log.
    pub index: u64,
    /// The checkpoint that includes it.
    pub checkpoint: Checkpoint,
}

/// The bundle about leaf `index` of the tree of `checkpoint`: JSON without white space. Checks nothing: what it
/// is given must belong together.
pub fn bundle_json(
    envelope: &Envelope,
    key: &PublicKey,
    index: u64,
    path: &[Digest],
    checkpoint: &Checkpoint,
) -> Result<Vec<u8>, ProofError> {
    let entry = Entry {
        log_index: index.to_string(),
        log_id: LogId { key_id: BASE64.encode(&checkpoint.log().id().0) },
        kind_version: KindVersion { kind: "hashedrekord".into(), version: "0.0.2".into() },
        inclusion_proof: InclusionProof {
            log_index: index.to_string(),
            root_hash: BASE64.encode(&checkpoint.root().0),
            tree_size: checkpoint.size().to_string(),
            hashes: path.iter().map(|h| BASE64.encode(&h.0)).collect(),
            checkpoint: Note { envelope: checkpoint.note().to_owned() },
        },
        canonicalized_body: BASE64.encode(&leaf::leaf_body(envelope, key)?),
    };
    let bundle = Bundle {
        media_type: BUNDLE_MEDIA_TYPE.into(),
        verification_material: Material { public_key: KeyHint { hint: key.id().to_owned() }, tlog_entries: [entry] },
        dsse_envelope: envelope.to_wire(),
    };
    serde_json::to_vec(&bundle).map_err(|e| ProofError::shape(WHAT, e))
}

/// Checks a bundle: the envelope's signature by one of `evidence_keys`, the leaf about exactly this envelope, the
/// path from it to the root, the root in a checkpoint signed by one of `logs`, and every field that repeats another.
pub fn verify_bundle(json: &[u8], evidence_keys: &[PublicKey], logs: &[LogKey]) -> Result<Logged, ProofError> {
    if json.len() > BUNDLE_BYTES_MAX {
        return Err(ProofError::TooLarge { what: WHAT, max: BUNDLE_BYTES_MAX as u64 });
    }
    let bundle: Bundle = serde_json::from_slice(json).map_err(|e| ProofError::shape(WHAT, e))?;
    if bundle.media_type != BUNDLE_MEDIA_TYPE {
        return Err(ProofError::shape(WHAT, format!("media type {:?}", bundle.media_type)));
    }
    let record = verify_envelope(&Envelope::from_wire(&bundle.dsse_envelope)?, evidence_keys)?;
    let [entry] = &bundle.verification_material.tlog_entries;
    must(bundle.verification_material.public_key.hint == record.key_id(), "the key hint and the key that signed")?;
    must(entry.kind_version.kind == "hashedrekord", "the kind of the entry and hashedrekord")?;
    must(entry.kind_version.version == "0.0.2", "the version of the entry and 0.0.2")?;
    let (index, checkpoint) = verify_entry(entry, record.leaf(), logs)?;
    Ok(Logged { record, index, checkpoint })
}

fn verify_entry(entry: &Entry, leaf: Digest, logs: &[LogKey]) -> Result<(u64, Checkpoint), ProofError> {
    let wrong = |why: &str| ProofError::shape(WHAT, why);
    let proof = &entry.inclusion_proof;
    let body = BASE64.decode(entry.canonicalized_body.as_bytes()).map_err(|_| wrong("canonicalizedBody"))?;
    must(evidence::leaf_hash(&body) == leaf, "the entry and the envelope")?;
    if proof.hashes.len() > PATH_MAX {
        return Err(ProofError::TooLarge { what: "audit path", max: PATH_MAX as u64 });
    }
    if proof.checkpoint.envelope.len() > NOTE_BYTES_MAX {
        return Err(ProofError::TooLarge { what: "checkpoint", max: NOTE_BYTES_MAX as u64 });
    }
    let path: Option<Vec<Digest>> = proof.hashes.iter().map(|h| hash(h)).collect();
    let path = path.ok_or_else(|| wrong("hashes"))?;
    let index = decimal(&entry.log_index).ok_or_else(|| wrong("logIndex"))?;
    must(proof.log_index == entry.log_index, "the two indices")?;
    let checkpoint = Checkpoint::verify(&proof.checkpoint.envelope, logs)?;
    must(decimal(&proof.tree_size) == Some(checkpoint.size()), "the tree size and the checkpoint")?;
    must(hash(&proof.root_hash) == Some(checkpoint.root()), "the root and the checkpoint")?;
    must(hash(&entry.log_id.key_id) == Some(checkpoint.log().id()), "the log id and the checkpoint's key")?;
    merkle::verify_inclusion(index, checkpoint.size(), leaf, &path, checkpoint.root())?;
    Ok((index, checkpoint))
}

fn must(holds: bool, what: &'static str) -> Result<(), ProofError> {
    if holds { Ok(()) } else { Err(ProofError::Mismatch(what)) }
}
