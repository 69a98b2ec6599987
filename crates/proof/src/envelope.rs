//! The signed envelope: DSSE v1 around an in-toto statement.

use crate::{KeyKind, ProofError, PublicKey, Verified, leaf};
use data_encoding::BASE64;
use evidence::{PAYLOAD_TYPE, Record};
use serde::{Deserialize, Serialize};

/// Largest envelope that is read, in bytes: a record of 64 MiB in base64, with room for its frame.
pub const ENVELOPE_BYTES_MAX: usize = 96 << 20;
/// Most signatures of one envelope.
pub const SIGNATURES_MAX: usize = 8;
/// Largest single signature, in bytes (a P-256 signature in DER has at most 72).
const SIGNATURE_BYTES_MAX: usize = 1024;

/// One signature of an envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Id of the key, see [`PublicKey::id`].
    pub keyid: String,
    /// The signature; of ECDSA in DER.
    pub sig: Vec<u8>,
}

/// A DSSE envelope, not yet verified. Inside another JSON file it stands in its own JSON form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Envelope {
    payload: Vec<u8>,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WireSignature>,
}
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// DSSE v1 pre-authentication encoding: the bytes that are signed.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// An envelope around a statement, with its first signature.
    #[must_use]
    pub fn new(statement: Vec<u8>, keyid: String, sig: Vec<u8>) -> Self {
        Self { payload: statement, payload_type: PAYLOAD_TYPE.to_owned(), signatures: vec![Signature { keyid, sig }] }
    }
    /// Reads an envelope from JSON. Unknown and doubled fields, white space inside base64 and missing padding are
    /// refused.
    pub fn from_json(json: &[u8]) -> Result<Self, ProofError> {
        if json.len() > ENVELOPE_BYTES_MAX {
            return Err(ProofError::TooLarge { what: "envelope", max: ENVELOPE_BYTES_MAX as u64 });
        }
        Self::from_wire(&serde_json::from_slice(json).map_err(|e| ProofError::shape("DSSE envelope", e))?)
    }
    pub(crate) fn from_wire(wire: &Wire) -> Result<Self, ProofError> {
        let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|e| ProofError::shape("DSSE envelope", e));
        if wire.signatures.is_empty() {
            return Err(ProofError::shape("DSSE envelope", "no signature"));
        }
        if wire.signatures.len() > SIGNATURES_MAX {
            return Err(ProofError::TooLarge { what: "list of signatures", max: SIGNATURES_MAX as u64 });
        }
        let mut signatures = Vec::with_capacity(wire.signatures.len());
        for s in &wire.signatures {
            let sig = bytes(&s.sig)?;
            if sig.len() > SIGNATURE_BYTES_MAX {
                return Err(ProofError::TooLarge { what: "signature", max: SIGNATURE_BYTES_MAX as u64 });
            }
            signatures.push(Signature { keyid: s.keyid.clone(), sig });
        }
        Ok(Self { payload: bytes(&wire.payload)?, payload_type: wire.payload_type.clone(), signatures })
    }
    /// The JSON form, one spelling: fields in alphabetical order, no white space.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.to_wire()).expect("texts alone always become JSON")
    }
    pub(crate) fn to_wire(&self) -> Wire {
        let signature = |s: &Signature| WireSignature { keyid: s.keyid.clone(), sig: BASE64.encode(&s.sig) };
        Wire {
            payload: BASE64.encode(&self.payload),
            payload_type: self.payload_type.clone(),
            signatures: self.signatures.iter().map(signature).collect(),
        }
    }
    /// The signed bytes: canonical JSON of an in-toto statement.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
    /// The type of the payload.
    #[must_use]
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }
    /// Its signatures; the first is the one that the log keeps.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
    /// The bytes that are signed.
    #[must_use]
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }
    pub(crate) fn first(&self) -> Result<&Signature, ProofError> {
        self.signatures.first().ok_or_else(|| ProofError::shape("DSSE envelope", "no signature"))
    }
}

impl TryFrom<Wire> for Envelope {
    type Error = ProofError;
    fn try_from(wire: Wire) -> Result<Self, ProofError> {
        Self::from_wire(&wire)
    }
}
impl From<Envelope> for Wire {
    fn from(envelope: Envelope) -> Self {
        envelope.to_wire()
    }
}

/// Checks the first signature of `envelope` against those of `keys` that are ECDSA P-256 and reads the record.
/// Further signatures (of another suite) are neither needed nor looked at.
pub fn verify_envelope(envelope: &Envelope, keys: &[PublicKey]) -> Result<Verified<Record>, ProofError> {
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(ProofError::shape("record", format!("payload type {:?}", envelope.payload_type)));
    }
    let first = envelope.first()?;
    let key = keys.iter().find(|k| k.kind() == KeyKind::EcdsaP256 && k.id() == first.keyid);
    let key = key.ok_or_else(|| ProofError::UnknownKey(first.keyid.clone()))?;
    let signed = envelope.pae();
    key.verify("envelope", &signed, &first.sig)?;
    let value = Record::from_statement(&envelope.payload)?;
    let body = leaf::body_of(&signed, &first.sig, key);
    Ok(Verified { value, leaf: evidence::leaf_hash(&body), key_id: key.id().to_owned() })
}
