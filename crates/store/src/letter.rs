//! Bytes sealed to a key that was made for one answer: X25519 with a fresh key of the sender, HKDF-SHA-256, ChaCha20-Poly1305
//! (`docs/specs/challenge-v1.md` §3).
//!
//! The key of the cipher serves once, so its nonce is zero. Both public keys go into the derivation: a letter cannot be turned into
//! one to another key. `about` (the leaf of the order) is bound to the letter: it opens under no other order.
//!
//! Refused: a long-lived key to seal to (who steals it reads everything that was ever sent), and ring's agreement (its secret keys
//! cannot be kept until the answer comes).

use crate::{StoreError, durable};
use ring::{aead, hkdf};
use x25519_dalek::{PublicKey, StaticSecret};

/// Largest letter, in bytes: what goes up beside a record.
pub const LETTER_BYTES_MAX: usize = 8 << 20;
/// Bytes that a letter is longer than what is in it: the sender's key and the tag.
pub const LETTER_EXTRA_BYTES: usize = 32 + 16;
/// What the key of the cipher is derived under.
const INFO: &[u8] = b"watchfire-sealed-v1";

/// The secret that opens the letters to one public key.
#[derive(Clone)]
pub struct LetterKey(StaticSecret);
impl std::fmt::Debug for LetterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LetterKey")
    }
}
impl LetterKey {
    /// Makes one.
    pub fn new() -> Result<Self, StoreError> {
        Ok(Self::from_bytes(durable::random::<32>()?))
    }
    /// From the bytes that were kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(StaticSecret::from(bytes))
    }
    /// The bytes, to be kept where nobody else reads.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }
    /// The key that letters are sealed to.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        PublicKey::from(&self.0).to_bytes()
    }
    /// Opens a letter. Errors: [`StoreError::Letter`] if it is too short or long, sealed to another key, about something else, or changed.
    pub fn open(&self, letter: &[u8], about: &[u8]) -> Result<Vec<u8>, StoreError> {
        if letter.len() > LETTER_BYTES_MAX {
            return Err(StoreError::TooLarge { what: "sealed answer", max: LETTER_BYTES_MAX as u64 });
        }
        let (sender, body) = letter.split_first_chunk::<32>().ok_or(StoreError::Letter)?;
        let key = cipher(&self.0, sender, &self.public(), sender).ok_or(StoreError::Letter)?;
        let mut data = body.to_vec();
        let nonce = aead::Nonce::assume_unique_for_key([0; 12]);
        let plain = key.open_in_place(nonce, aead::Aad::from(about), &mut data).map_err(|_| StoreError::Letter)?;
        Ok(plain.to_vec())
    }
}

/// Seals `clear` to a public key. Errors: too large, a key that is none.
pub fn seal_to(to: &[u8; 32], clear: &[u8], about: &[u8]) -> Result<Vec<u8>, StoreError> {
    seal_from(&StaticSecret::from(durable::random::<32>()?), to, clear, about)
}

fn seal_from(from: &StaticSecret, to: &[u8; 32], clear: &[u8], about: &[u8]) -> Result<Vec<u8>, StoreError> {
    if clear.len() + LETTER_EXTRA_BYTES > LETTER_BYTES_MAX {
        return Err(StoreError::TooLarge { what: "sealed answer", max: LETTER_BYTES_MAX as u64 });
    }
    let sender = PublicKey::from(from).to_bytes();
    let key = cipher(from, to, to, &sender).ok_or(StoreError::Letter)?;
    let mut data = clear.to_vec();
    let nonce = aead::Nonce::assume_unique_for_key([0; 12]);
    key.seal_in_place_append_tag(nonce, aead::Aad::from(about), &mut data).map_err(|_| StoreError::Letter)?;
    Ok([sender.as_slice(), &data].concat())
}

/// The key of the cipher: HKDF over what the two keys share, salted with both public keys. `None`: a public key of small order.
fn cipher(own: &StaticSecret, other: &[u8; 32], to: &[u8; 32], sender: &[u8; 32]) -> Option<aead::LessSafeKey> {
    let shared = own.diffie_hellman(&PublicKey::from(*other));
    if !shared.was_contributory() {
        return None;
    }
    let salt = [sender.as_slice(), to].concat();
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &salt).extract(shared.as_bytes());
    let expanded = extracted.expand(&[INFO], &aead::CHACHA20_POLY1305).ok()?;
    Some(aead::LessSafeKey::new(expanded.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    fn hex(text: &str) -> [u8; 32] {
        HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
    }

    /// RFC 7748 §6.1: Alice's and Bob's keys, and what they share.
    #[test]
    fn the_agreement_is_that_of_rfc_7748() {
        let alice = LetterKey::from_bytes(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
        let bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        assert_eq!(alice.public(), hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
        let bob = LetterKey::from_bytes(bob);
        assert_eq!(bob.public(), hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
        let shared = alice.0.diffie_hellman(&PublicKey::from(bob.public()));
        assert_eq!(*shared.as_bytes(), hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
    }

    #[test]
    fn a_letter_opens_under_its_key_and_order_alone() {
        let key = LetterKey::new().unwrap();
        let letter = seal_to(&key.public(), b"facts", b"order").unwrap();
        assert_eq!(letter.len(), 5 + LETTER_EXTRA_BYTES);
        assert_eq!(key.open(&letter, b"order").unwrap(), b"facts");
        let closed =
            |key: &LetterKey, letter: &[u8], about: &[u8]| matches!(key.open(letter, about), Err(StoreError::Letter));
        assert!(closed(&key, &letter, b"another order"));
        assert!(closed(&LetterKey::new().unwrap(), &letter, b"order"));
        for at in 0..letter.len() {
            let mut other = letter.clone();
            other[at] ^= 1;
            assert!(closed(&key, &other, b"order"), "byte {at}");
            assert!(closed(&key, &letter[..at], b"order"), "cut at {at}");
        }
        // A sender's key of small order shares nothing secret.
        let mut small = letter.clone();
        small[..32].fill(0);
        assert!(closed(&key, &small, b"order"));
        assert!(matches!(seal_to(&[0; 32], b"facts", b"order"), Err(StoreError::Letter)));
        let much = vec![0; LETTER_BYTES_MAX];
        assert!(matches!(seal_to(&key.public(), &much, b""), Err(StoreError::TooLarge { .. })));
    }

    /// The same letter by somebody else's implementation: `cryptography` of Python, keys as given here.
    const ORACLE: &str = r#"
import sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
own = X25519PrivateKey.from_private_bytes(bytes([7] * 32))
letter = bytes.fromhex(sys.argv[1])
sender = letter[:32]
public = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
shared = own.exchange(X25519PublicKey.from_public_bytes(sender))
key = HKDF(hashes.SHA256(), 32, sender + public, b"watchfire-sealed-v1").derive(shared)
print(ChaCha20Poly1305(key).decrypt(bytes(12), letter[32:], b"the order").decode())
"#;

    #[test]
    fn another_implementation_opens_it_too() {
        let key = LetterKey::from_bytes([7; 32]);
        let letter = seal_to(&key.public(), "甲 and B".as_bytes(), b"the order").unwrap();
        let ran = std::process::Command::new("python3").args(["-c", ORACLE, &HEXLOWER.encode(&letter)]).output();
        match ran {
            Ok(out) if out.status.success() => assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "甲 and B"),
            _ => println!("SKIPPED: another_implementation_opens_it_too: no python3 with cryptography"),
        }
    }
}
