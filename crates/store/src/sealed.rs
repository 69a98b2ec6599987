//! Bytes under a passphrase: PBKDF2-HMAC-SHA256 makes the key, ChaCha20-Poly1305 closes the box.
//!
//! The parameters stand in the file, so that they can grow; a reader refuses fewer iterations than
//! [`ITERATIONS_MIN`] (a weakened file) and more than [`ITERATIONS_MAX`] (a file that only costs time).

use crate::{StoreError, durable};
use data_encoding::BASE64;
use ring::{aead, pbkdf2};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Iterations of new files (OWASP password storage guidance for PBKDF2-HMAC-SHA256: at least 600,000).
pub(crate) const ITERATIONS: u32 = 600_000;
const ITERATIONS_MIN: u32 = 600_000;
const ITERATIONS_MAX: u32 = 20_000_000;
const KDF: &str = "pbkdf2-hmac-sha256";
const CIPHER: &str = "chacha20-poly1305";

/// A closed box and how it was closed.
#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    kdf: String,
    iterations: u32,
    salt: String,
    cipher: String,
    nonce: String,
    sealed: String,
}

/// Closes `secret`. `about` (such as the role of a key) is bound to the box: it opens only under the same.
pub(crate) fn seal(secret: &[u8], passphrase: &str, about: &str) -> Result<Sealed, StoreError> {
    let salt = durable::random::<16>()?;
    let nonce = durable::random::<12>()?;
    let key = key(passphrase, &salt, ITERATIONS)?;
    let mut data = secret.to_vec();
    key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(about), &mut data)
        .map_err(|_| StoreError::TooLarge { what: "secret", max: u64::from(u32::MAX) })?;
    Ok(Sealed {
        kdf: KDF.into(),
        iterations: ITERATIONS,
        salt: BASE64.encode(&salt),
        cipher: CIPHER.into(),
        nonce: BASE64.encode(&nonce),
        sealed: BASE64.encode(&data),
    })
}

/// Opens a box; `Ok(None)` if its parameters are not such a box.
pub(crate) fn open(boxed: &Sealed, passphrase: &str, about: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let parts = (|| {
        let salt: [u8; 16] = BASE64.decode(boxed.salt.as_bytes()).ok()?.try_into().ok()?;
        let nonce: [u8; 12] = BASE64.decode(boxed.nonce.as_bytes()).ok()?.try_into().ok()?;
        let data = BASE64.decode(boxed.sealed.as_bytes()).ok()?;
        let known = boxed.kdf == KDF && boxed.cipher == CIPHER;
        let bounded = (ITERATIONS_MIN..=ITERATIONS_MAX).contains(&boxed.iterations);
        (known && bounded).then_some((salt, nonce, data))
    })();
    let Some((salt, nonce, mut data)) = parts else { return Ok(None) };
    let key = key(passphrase, &salt, boxed.iterations)?;
    let opened = key.open_in_place(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(about), &mut data);
    opened.map(|plain| Some(plain.to_vec())).map_err(|_| StoreError::WrongPassphrase)
}

fn key(passphrase: &str, salt: &[u8], iterations: u32) -> Result<aead::LessSafeKey, StoreError> {
    let iterations = NonZeroU32::new(iterations).ok_or(StoreError::WrongPassphrase)?;
    let mut raw = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, passphrase.as_bytes(), &mut raw);
    let unbound = aead::UnboundKey::new(&aead::CHACHA20_POLY1305, &raw).map_err(|_| StoreError::WrongPassphrase)?;
    Ok(aead::LessSafeKey::new(unbound))
}
