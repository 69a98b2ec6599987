//! What stands in the log about an envelope: a hashedrekord 0.0.2 entry, so that Sigstore's verifiers read it.
//!
//! The leaf names the digest of what was signed, the signature and the key. It does not contain the record: a log
//! can be shown to anyone without showing what was examined.

use crate::{Envelope, KeyKind, ProofError, PublicKey};
use data_encoding::BASE64;
use evidence::Digest;

/// The canonical JSON (RFC 8785) of the leaf about `envelope`, signed first by `key`. Checks no signature.
pub fn leaf_body(envelope: &Envelope, key: &PublicKey) -> Result<Vec<u8>, ProofError> {
    let first = envelope.first()?;
    if key.kind() != KeyKind::EcdsaP256 {
        return Err(ProofError::Key);
    }
    if first.keyid != key.id() {
        return Err(ProofError::UnknownKey(first.keyid.clone()));
    }
    Ok(body_of(&envelope.pae(), &first.sig, key))
}

/// The leaf hash (RFC 6962 §2.1) of the leaf about `envelope`. Checks no signature.
pub fn leaf_hash(envelope: &Envelope, key: &PublicKey) -> Result<Digest, ProofError> {
    leaf_body(envelope, key).map(|body| evidence::leaf_hash(&body))
}

/// Written as text: every value is base64 or a constant, so nothing needs escaping and the order is visible here.
pub(crate) fn body_of(signed: &[u8], sig: &[u8], key: &PublicKey) -> Vec<u8> {
    let digest = BASE64.encode(&Digest::of(signed).0);
    let sig = BASE64.encode(sig);
    let details = key.kind().details();
    let raw = BASE64.encode(key.spki_der());
    format!(
        "{{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{{\"hashedRekordV002\":{{\
         \"data\":{{\"algorithm\":\"SHA2_256\",\"digest\":\"{digest}\"}},\
         \"signature\":{{\"content\":\"{sig}\",\"verifier\":{{\"keyDetails\":\"{details}\",\
         \"publicKey\":{{\"rawBytes\":\"{raw}\"}}}}}}}}}}}}"
    )
    .into_bytes()
}
