//! Verification only: bytes in, [`Verified`] values out. Small enough for an auditor to read in an evening.
//!
//! Reading order: [`PublicKey`] (what a key is), [`Envelope`] (what is signed), `leaf` (what stands in the log about
//! an envelope), [`merkle`] (inclusion and consistency), [`Checkpoint`] (what the log signs), [`verify_cosignature`] (what
//! another log signs about it), [`verify_tlog_proof`] and [`verify_bundle`] (everything together in one file), [`open_items`] (what an
//! examination saw), [`verify_badge`] (certificates of training), [`succession`] (keys that follow keys).
//!
//! A [`Verified`] value has no public constructor: whoever holds one knows that a signature was checked, and no
//! function that judges accepts less. What it proves is who signed which bytes, not that the bytes are true and
//! not when they were signed: times inside are the signer's own until a receipt exists.
//!
//! Refused: signing (it lives in `store`), a general ASN.1 reader (the two kinds of keys have fixed prefixes), a
//! choice of algorithms by the message (the key says what it is), lenient base64 and lenient JSON (a second
//! spelling of a signed thing is a second identity for it).
#![forbid(unsafe_code)]

mod badge;
mod bundle;
mod cosign;
mod envelope;
mod error;
mod items;
mod key;
mod leaf;
pub mod merkle;
mod note;
mod succession;
mod tlog_proof;

pub use badge::{
    BADGE_BYTES_MAX, Badge, STATUS_BYTES_MAX, STATUS_ENTRIES, StatusList, encoded_list, jws_compact, jws_input,
    verify_badge, verify_status_list,
};
pub use bundle::{BUNDLE_BYTES_MAX, BUNDLE_MEDIA_TYPE, Logged, bundle_json, verify_bundle};
pub use cosign::{Cosignature, cosignature_line, cosignature_message, verify_cosignature};
pub use envelope::{ENVELOPE_BYTES_MAX, Envelope, SIGNATURES_MAX, Signature, pae, verify_envelope};
pub use error::ProofError;
pub use items::{ITEM_LINE_BYTES_MAX, ITEMS_BYTES_MAX, VerifiedItems, Witness, open_items, verify_opening};
pub use key::{KeyKind, PublicKey};
pub use leaf::{leaf_body, leaf_hash};
pub use note::{Checkpoint, LogKey, NOTE_BYTES_MAX, ORIGIN_BYTES_MAX, checkpoint_note, checkpoint_text};
pub use succession::{ChangeFault, EVIDENCE_ROLE, KEY_CHANGES_MAX, succession};
pub use tlog_proof::{tlog_proof_text, verify_tlog_proof};

use evidence::Digest;

/// A value whose signature was checked against a key that the caller trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
    leaf: Digest,
    key_id: String,
}
impl<T> Verified<T> {
    /// What was signed.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }
    /// What was signed, without the proof that it was.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
    /// Its leaf hash in the log (RFC 6962 §2.1, over the hashedrekord body): the name by which records cite it.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }
    /// The id of the key that signed it: SHA-256 of the DER `SubjectPublicKeyInfo`, in hexadecimal.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}
