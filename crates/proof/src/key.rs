//! Public keys: ECDSA P-256 for evidence, Ed25519 for the log's checkpoints.
//!
//! A `SubjectPublicKeyInfo` of either kind is a fixed prefix and the raw key, so it is compared, not parsed.

use crate::ProofError;
use data_encoding::{BASE64, HEXLOWER};
use evidence::Digest;
use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey};

/// What kind of key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// ECDSA on P-256 with SHA-256, signatures in DER; signs evidence.
    EcdsaP256,
    /// Ed25519 (RFC 8032); signs checkpoints.
    Ed25519,
}
impl KeyKind {
    /// RFC 5480 (id-ecPublicKey, prime256v1, uncompressed point follows) and RFC 8410 (id-Ed25519).
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::EcdsaP256 => &[
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
                0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ],
            Self::Ed25519 => &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00],
        }
    }
    /// Length of the raw key in bytes.
    fn raw_bytes(self) -> usize {
        match self {
            Self::EcdsaP256 => 65,
            Self::Ed25519 => 32,
        }
    }
    /// The name of the suite as Sigstore's `PublicKeyDetails` spells it.
    #[must_use]
    pub fn details(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "PKIX_ECDSA_P256_SHA_256",
            Self::Ed25519 => "PKIX_ED25519",
        }
    }
}

/// Largest PEM file that is read, in bytes.
const PEM_BYTES_MAX: usize = 4096;
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: KeyKind,
    der: Vec<u8>,
    id: String,
}
impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({:?} {})", self.kind, self.id)
    }
}
impl PublicKey {
    /// From the raw key: the uncompressed point (0x04 ‖ x ‖ y) or the 32 bytes of Ed25519.
    pub fn from_raw(kind: KeyKind, raw: &[u8]) -> Result<Self, ProofError> {
        let point_is_uncompressed = kind != KeyKind::EcdsaP256 || raw.first() == Some(&4);
        if raw.len() != kind.raw_bytes() || !point_is_uncompressed {
            return Err(ProofError::Key);
        }
        let der = [kind.prefix(), raw].concat();
        let id = Digest::of(&der).hex();
        Ok(Self { kind, der, id })
    }
    /// From DER `SubjectPublicKeyInfo`.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, ProofError> {
        [KeyKind::EcdsaP256, KeyKind::Ed25519]
            .into_iter()
            .find_map(|kind| Self::from_raw(kind, der.strip_prefix(kind.prefix())?).ok())
            .ok_or(ProofError::Key)
    }
    /// From a PEM file with one `PUBLIC KEY` block.
    pub fn from_pem(pem: &str) -> Result<Self, ProofError> {
        if pem.len() > PEM_BYTES_MAX {
            return Err(ProofError::TooLarge { what: "public key", max: PEM_BYTES_MAX as u64 });
        }
        let body = pem.trim().strip_prefix(PEM_BEGIN).and_then(|b| b.strip_suffix(PEM_END)).ok_or(ProofError::Key)?;
        let text: String = body.split_ascii_whitespace().collect();
        Self::from_spki_der(&BASE64.decode(text.as_bytes()).map_err(|_| ProofError::Key)?)
    }
    /// As a PEM file.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let text = BASE64.encode(&self.der);
        let mut out = format!("{PEM_BEGIN}\n");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            out.push_str(line);
            out.push('\n');
            rest = after;
        }
        out + PEM_END + "\n"
    }
    /// DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.der
    }
    /// The raw key.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        self.der.strip_prefix(self.kind.prefix()).expect("built from this prefix")
    }
    /// What kind of key.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }
    /// Its id: SHA-256 of the DER form, in hexadecimal.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The id of a log that signs with this key under `origin` (C2SP signed-note, not cut to its first four bytes):
    /// SHA-256(origin ‖ 0x0a ‖ 0x01 ‖ raw key).
    #[must_use]
    pub fn log_id(&self, origin: &str) -> Digest {
        Digest::of(&[origin.as_bytes(), b"\n\x01", self.raw()].concat())
    }
    /// The C2SP verifier key line of an Ed25519 key: `origin+hash+key`.
    #[must_use]
    pub fn vkey(&self, origin: &str) -> String {
        let hash = self.log_id(origin).0;
        let key = [&[1], self.raw()].concat();
        format!("{origin}+{}+{}", HEXLOWER.encode(&hash[..4]), BASE64.encode(&key))
    }
    /// Checks `signature` over `message`.
    pub(crate) fn verify(&self, what: &'static str, message: &[u8], signature: &[u8]) -> Result<(), ProofError> {
        let done = match self.kind {
            KeyKind::EcdsaP256 => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.raw()).verify(message, signature)
            }
            KeyKind::Ed25519 => UnparsedPublicKey::new(&ED25519, self.raw()).verify(message, signature),
        };
        done.map_err(|_| ProofError::Signature { what })
    }
}
