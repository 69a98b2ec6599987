//! Certificates and lists of revocation as others write them too: Open Badges 3.0 and Bitstring Status List, each a compact
//! JWS signed with Ed25519 (`docs/specs/training-v1.md` §6).
//!
//! What is checked is who signed and that the two halves of the payload - the credential, and the JWT claims beside it - say the same;
//! a reader that looks at one half must not see another certificate than one that looks at the other. Refused: any other algorithm,
//! critical headers, the `vc` claim of VC 1.1, contexts fetched from the network (nothing here reads them), lenient base64.

use crate::{KeyKind, ProofError, PublicKey};
use data_encoding::BASE64URL_NOPAD;
use evidence::{Digest, Time};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read as _;

/// Largest certificate, in bytes.
pub const BADGE_BYTES_MAX: usize = 64 << 10;
/// Largest list of revocation, in bytes.
pub const STATUS_BYTES_MAX: usize = 1 << 20;
/// Largest list, unpacked, in bytes.
const BITS_BYTES_MAX: u64 = 1 << 20;
/// Fewest entries of a list (Bitstring Status List §2.1: herd privacy).
pub const STATUS_ENTRIES: u64 = 131_072;
/// Multicodec of an Ed25519 public key (0xed as a varint).
const ED25519_CODEC: [u8; 2] = [0xed, 0x01];
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Longest text of base58 that is read, in characters: a key has 48.
const BASE58_CHARS_MAX: usize = 128;

const WHAT: &str = "certificate";
const LIST: &str = "list of revocation";

fn shape(what: &'static str, why: &str) -> ProofError {
    ProofError::Shape { what, why: why.to_owned() }
}

/// A certificate whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The payload: credential and claims.
    pub payload: Value,
    /// Its id (`jti`).
    pub id: String,
    /// Who issued it: `did:key` of the key.
    pub issuer: String,
    /// From when.
    pub from: Time,
    /// Until when; absent: for ever.
    pub until: Option<Time>,
    /// The list of revocation and the place in it.
    pub status: Option<(String, u64)>,
    /// SHA-256 of the compact JWS.
    pub digest: Digest,
    /// The key that signed.
    pub key: PublicKey,
}

/// A list of revocation whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    /// Its id, which certificates name.
    pub id: String,
    /// Who issued it.
    pub issuer: String,
    /// From when it speaks.
    pub from: Time,
    bits: Vec<u8>,
}
impl StatusList {
    /// True: revoked. `None`: the list has no such place.
    #[must_use]
    pub fn revoked(&self, index: u64) -> Option<bool> {
        let byte = self.bits.get(usize::try_from(index / 8).ok()?)?;
        Some(byte & (0x80 >> (index % 8)) != 0)
    }
    /// Places that are revoked.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.bits.iter().map(|b| u64::from(b.count_ones())).sum()
    }
}

impl PublicKey {
    /// The `did:key` of an Ed25519 key: base58btc over the multicodec prefix and the raw key.
    #[must_use]
    pub fn did(&self) -> String {
        format!("did:key:z{}", base58(&[&ED25519_CODEC, self.raw()].concat()))
    }
    /// From a `did:key` of an Ed25519 key.
    pub fn from_did(did: &str) -> Result<Self, ProofError> {
        let text = did.strip_prefix("did:key:z").ok_or(ProofError::Key)?;
        // A verification method repeats the key behind `#`.
        let text = text.split('#').next().unwrap_or_default();
        let raw = from_base58(text).ok_or(ProofError::Key)?;
        Self::from_raw(KeyKind::Ed25519, raw.strip_prefix(&ED25519_CODEC).ok_or(ProofError::Key)?)
    }
    /// As a JSON Web Key (RFC 8037).
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        serde_json::json!({"crv": "Ed25519", "kty": "OKP", "x": BASE64URL_NOPAD.encode(self.raw())})
    }
    /// From a JSON Web Key of an Ed25519 key (RFC 8037).
    pub fn from_jwk(jwk: &Value) -> Result<Self, ProofError> {
        let text = |name| jwk.get(name).and_then(Value::as_str);
        if (text("kty"), text("crv")) != (Some("OKP"), Some("Ed25519")) {
            return Err(ProofError::Key);
        }
        let raw = BASE64URL_NOPAD.decode(text("x").unwrap_or_default().as_bytes()).map_err(|_| ProofError::Key)?;
        Self::from_raw(KeyKind::Ed25519, &raw)
    }
    /// From what a file of a key holds: PEM, JWK or `did:key`.
    pub fn from_any(text: &str) -> Result<Self, ProofError> {
        let text = text.trim();
        if text.starts_with("did:") {
            return Self::from_did(text);
        }
        if text.starts_with('{') && text.len() <= BADGE_BYTES_MAX {
            return Self::from_jwk(&serde_json::from_str(text).map_err(|_| ProofError::Key)?);
        }
        Self::from_pem(text).and_then(|key| if key.kind() == KeyKind::Ed25519 { Ok(key) } else { Err(ProofError::Key) })
    }
}

/// base58btc (the alphabet of Bitcoin).
fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u32> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let letter = |d: u32| char::from(*BASE58.get(d as usize).unwrap_or(&b'1'));
    std::iter::repeat_n('1', zeros).chain(digits.into_iter().rev().map(letter)).collect()
}

fn from_base58(text: &str) -> Option<Vec<u8>> {
    if text.len() > BASE58_CHARS_MAX {
        return None;
    }
    let mut bytes: Vec<u32> = Vec::new();
    for letter in text.bytes() {
        let mut carry = u32::try_from(BASE58.iter().position(|b| *b == letter)?).ok()?;
        for byte in &mut bytes {
            carry += *byte * 58;
            *byte = carry & 0xff;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(carry & 0xff);
            carry >>= 8;
        }
    }
    let zeros = text.bytes().take_while(|b| *b == b'1').count();
    let all = std::iter::repeat_n(0, zeros).chain(bytes.into_iter().rev());
    all.map(|b| u8::try_from(b).ok()).collect()
}

/// What is signed by a compact JWS of these two halves: `header.payload` in base64url.
#[must_use]
pub fn jws_input(header: &Value, payload: &Value) -> String {
    let part = |v: &Value| BASE64URL_NOPAD.encode(v.to_string().as_bytes());
    format!("{}.{}", part(header), part(payload))
}

/// The compact JWS.
#[must_use]
pub fn jws_compact(input: &str, signature: &[u8]) -> String {
    format!("{input}.{}", BASE64URL_NOPAD.encode(signature))
}

/// Reads a compact JWS. Without `key` the one that its header names is taken: then it is only consistent with itself.
fn read_jws(
    text: &str,
    key: Option<&PublicKey>,
    what: &'static str,
    max: usize,
) -> Result<(Value, PublicKey), ProofError> {
    let text = text.trim();
    if text.len() > max {
        return Err(ProofError::TooLarge { what, max: max as u64 });
    }
    let (input, signature) = text.rsplit_once('.').ok_or_else(|| shape(what, "not three parts"))?;
    let (header, payload) = input.split_once('.').ok_or_else(|| shape(what, "not three parts"))?;
    let part =
        |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| shape(what, "not base64url without padding"));
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).map_err(|_| shape(what, "not JSON"));
    let header = json(&part(header)?)?;
    if header.get("alg").and_then(Value::as_str) != Some("EdDSA") {
        return Err(shape(what, "alg is not EdDSA"));
    }
    if header.get("crit").is_some() {
        return Err(shape(what, "a critical header that nobody here knows"));
    }
    let key = match (key, header.get("jwk"), header.get("kid").and_then(Value::as_str)) {
        (Some(key), _, _) => key.clone(),
        (None, Some(jwk), _) => PublicKey::from_jwk(jwk)?,
        (None, None, Some(kid)) => PublicKey::from_did(kid)?,
        (None, None, None) => return Err(ProofError::UnknownKey(String::new())),
    };
    if key.kind() != KeyKind::Ed25519 {
        return Err(ProofError::Key);
    }
    key.verify(what, input.as_bytes(), &part(signature)?)?;
    Ok((json(&part(payload)?)?, key))
}

/// A text or integer of the payload by its path.
fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(value, |v, name| v.get(name)).and_then(Value::as_str)
}

/// An instant as XML Schema spells it, to the second or better.
fn time(text: &str) -> Option<Time> {
    text.parse().ok().or_else(|| text.strip_suffix('Z').and_then(|t| format!("{t}.000Z").parse().ok()))
}

/// What a certificate and a list have alike: the issuer is the key, both halves have one id and one time.
fn claims(p: &Value, key: &PublicKey, kind: &str, what: &'static str) -> Result<(String, String, Time), ProofError> {
    let issuer = p.get("issuer").and_then(|i| i.as_str().or_else(|| at(i, &["id"]))).unwrap_or_default();
    let types = p.get("type").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is = |t: &str| types.iter().any(|x| x.as_str() == Some(t));
    let id = at(p, &["id"]).unwrap_or_default();
    let from = at(p, &["validFrom"]).and_then(time).ok_or_else(|| shape(what, "validFrom is no time"))?;
    let holds = [
        (p.get("vc").is_none(), "the vc claim of VC 1.1"),
        (is("VerifiableCredential") && is(kind), "not of its type"),
        (!id.is_empty() && at(p, &["jti"]) == Some(id), "jti is not id"),
        (at(p, &["iss"]) == Some(issuer), "iss is not issuer"),
        (issuer == key.did(), "the issuer is not the key that signed"),
        (p.get("nbf").and_then(Value::as_i64) == Some(from.secs()), "nbf is not validFrom"),
        (at(p, &["sub"]) == at(p, &["credentialSubject", "id"]), "sub is not the subject"),
    ];
    match holds.iter().find(|h| !h.0) {
        Some((_, why)) => Err(shape(what, why)),
        None => Ok((id.to_owned(), issuer.to_owned(), from)),
    }
}

/// Reads a certificate and checks its signature by `key`, or without one by its own. Says nothing about time or revocation.
pub fn verify_badge(text: &str, key: Option<&PublicKey>) -> Result<Badge, ProofError> {
    let (payload, key) = read_jws(text, key, WHAT, BADGE_BYTES_MAX)?;
    let (id, issuer, from) = claims(&payload, &key, "OpenBadgeCredential", WHAT)?;
    let until = match payload.get("validUntil") {
        None => None,
        Some(v) => Some(v.as_str().and_then(time).ok_or_else(|| shape(WHAT, "validUntil is no time"))?),
    };
    if payload.get("exp").map(Value::as_i64) != until.map(|u| Some(u.secs())) {
        return Err(shape(WHAT, "exp is not validUntil"));
    }
    let status = payload.get("credentialStatus").map(|s| {
        let index = at(s, &["statusListIndex"]).and_then(|i| i.parse().ok());
        let fits = at(s, &["type"]) == Some("BitstringStatusListEntry")
            && at(s, &["statusPurpose"]) == Some("revocation")
            && s.get("statusSize").is_none();
        let list = at(s, &["statusListCredential"]).filter(|_| fits);
        list.zip(index).map(|(l, i)| (l.to_owned(), i)).ok_or_else(|| shape(WHAT, "an unknown credentialStatus"))
    });
    let status = status.transpose()?;
    Ok(Badge { payload, id, issuer, from, until, status, digest: Digest::of(text.trim().as_bytes()), key })
}

/// Reads a list of revocation and checks its signature.
pub fn verify_status_list(text: &str, key: Option<&PublicKey>) -> Result<StatusList, ProofError> {
    let (payload, key) = read_jws(text, key, LIST, STATUS_BYTES_MAX)?;
    let (id, issuer, from) = claims(&payload, &key, "BitstringStatusListCredential", LIST)?;
    let subject = payload.get("credentialSubject").unwrap_or(&Value::Null);
    if at(subject, &["type"]) != Some("BitstringStatusList") || at(subject, &["statusPurpose"]) != Some("revocation") {
        return Err(shape(LIST, "not a list of revocations"));
    }
    let encoded = at(subject, &["encodedList"]).and_then(|e| e.strip_prefix('u'));
    let packed = encoded.and_then(|e| BASE64URL_NOPAD.decode(e.as_bytes()).ok());
    let packed = packed.ok_or_else(|| shape(LIST, "encodedList is not multibase base64url"))?;
    let mut bits = Vec::new();
    let read = GzDecoder::new(&packed[..]).take(BITS_BYTES_MAX + 1).read_to_end(&mut bits);
    read.map_err(|_| shape(LIST, "encodedList does not unpack"))?;
    if bits.len() as u64 > BITS_BYTES_MAX {
        return Err(ProofError::TooLarge { what: LIST, max: BITS_BYTES_MAX });
    }
    if (bits.len() as u64) < STATUS_ENTRIES / 8 {
        return Err(shape(LIST, "fewer than 131072 places"));
    }
    Ok(StatusList { id, issuer, from, bits })
}

/// The bits of a list in which these places are revoked, as `encodedList` has them.
pub fn encoded_list(revoked: &[u64]) -> Result<String, ProofError> {
    let mut bits = vec![0_u8; usize::try_from(STATUS_ENTRIES / 8).unwrap_or(0)];
    for index in revoked {
        let byte = usize::try_from(index / 8).ok().and_then(|n| bits.get_mut(n));
        *byte.ok_or(ProofError::TooLarge { what: LIST, max: STATUS_ENTRIES })? |= 0x80 >> (index % 8);
    }
    let mut packed = Vec::new();
    // The same bits give the same bytes: no name and no time in the header.
    let mut encoder = flate2::bufread::GzEncoder::new(&bits[..], flate2::Compression::best());
    encoder.read_to_end(&mut packed).map_err(|_| shape(LIST, "cannot be packed"))?;
    Ok(format!("u{}", BASE64URL_NOPAD.encode(&packed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037 appendix A.2: the public key `11qYAYKx…` of RFC 8032 test 1. Its `did:key` was computed with Python:
    /// `base58.b58encode(b"\xed\x01" + key)`.
    #[test]
    fn a_key_has_the_forms_that_others_write() {
        let jwk =
            serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let key = PublicKey::from_jwk(&jwk).unwrap();
        assert_eq!(key.did(), "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw");
        for form in [key.did(), format!("{0}#{0}", key.did()), jwk.to_string(), key.to_pem()] {
            assert_eq!(PublicKey::from_any(&form), Ok(key.clone()), "{form}");
        }
        for wrong in ["did:key:z0OIl", "did:web:example.com", "{}", "", "did:key:z6Mk"] {
            assert!(PublicKey::from_any(wrong).is_err(), "{wrong}");
        }
        assert_eq!(base58(&[0, 0, 1]), "112");
        assert_eq!(from_base58("112"), Some(vec![0, 0, 1]));
    }

    /// The example of RFC 8037 appendix A.4 signs a text that is no JSON: the signature is read before the payload.
    #[test]
    fn the_signature_is_checked_first() {
        let key = PublicKey::from_jwk(
            &serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
        );
        let jws = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let key = key.unwrap();
        assert_eq!(verify_badge(jws, Some(&key)), Err(shape(WHAT, "not JSON")));
        let flipped = jws.replace("RXhh", "RXhi");
        assert_eq!(verify_badge(&flipped, Some(&key)), Err(ProofError::Signature { what: WHAT }));
        for (wrong, why) in [("a.b", "not base64url without padding"), ("", "not three parts")] {
            assert!(matches!(verify_badge(wrong, None), Err(ProofError::Shape { .. })), "{wrong}: {why}");
        }
        // {"alg":"none"}
        assert_eq!(verify_badge("eyJhbGciOiJub25lIn0.e30.", Some(&key)), Err(shape(WHAT, "alg is not EdDSA")));
    }
}
