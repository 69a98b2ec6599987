//! Digests: plain ones for what anyone may recompute, keyed ones for what could be guessed.
//!
//! A SHA-256 of an eleven-digit phone number hides nothing: there are 10^11 of them. Values and the contents of
//! the plant's data files are therefore named by HMAC under a key that never leaves the node.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// A text is not a digest of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestText(String);
impl std::fmt::Display for DigestText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a digest: {:?}", self.0)
    }
}
impl std::error::Error for DigestText {}

impl Digest {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
    /// The 64 hexadecimal digits alone, as in an in-toto subject.
    #[must_use]
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
    /// From 64 lower-case hexadecimal digits.
    pub fn from_hex(hex: &str) -> Result<Self, DigestText> {
        let raw = HEXLOWER.decode(hex.as_bytes()).ok().and_then(|v| v.try_into().ok());
        raw.map(Self).ok_or_else(|| DigestText(hex.to_owned()))
    }
    /// The first 12 hexadecimal digits: enough to tell records apart on a screen, never used as a key.
    #[must_use]
    pub fn short(&self) -> String {
        self.hex()[..12].to_owned()
    }
}
impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}
impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
impl std::str::FromStr for Digest {
    type Err = DigestText;
    fn from_str(s: &str) -> Result<Self, DigestText> {
        s.strip_prefix("sha256:").ok_or_else(|| DigestText(s.to_owned())).and_then(Self::from_hex)
    }
}

/// A SHA-256 digest under way, for bytes that come in pieces.
#[derive(Default)]
pub struct Hasher(Sha256);
impl Hasher {
    /// Over no bytes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    /// The digest of all bytes taken in.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// HMAC-SHA-256 under the node's [`DigestKey`], cut to 128 bits; written `hmac-sha256-128:` and 32 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyedDigest(pub [u8; 16]);

impl std::fmt::Display for KeyedDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "hmac-sha256-128:{}", HEXLOWER.encode(&self.0))
    }
}
impl std::fmt::Debug for KeyedDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
impl std::str::FromStr for KeyedDigest {
    type Err = DigestText;
    fn from_str(s: &str) -> Result<Self, DigestText> {
        let hex = s.strip_prefix("hmac-sha256-128:");
        let raw = hex.and_then(|h| HEXLOWER.decode(h.as_bytes()).ok()).and_then(|v| v.try_into().ok());
        raw.map(Self).ok_or_else(|| DigestText(s.to_owned()))
    }
}

/// The digest of a file's content: plain for configuration and programs, keyed for the plant's data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContentDigest {
    /// SHA-256 of the bytes as read.
    Plain(Digest),
    /// Keyed digest of the bytes as read.
    Keyed(KeyedDigest),
}
impl std::fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(d) => d.fmt(f),
            Self::Keyed(d) => d.fmt(f),
        }
    }
}
impl std::str::FromStr for ContentDigest {
    type Err = DigestText;
    fn from_str(s: &str) -> Result<Self, DigestText> {
        s.parse().map(Self::Plain).or_else(|_| s.parse().map(Self::Keyed))
    }
}

macro_rules! as_text {
    ($($t:ty),*) => {$(
        impl Serialize for $t {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}
as_text!(Digest, KeyedDigest, ContentDigest);

/// The secret under which sensitive values are digested. Held by the node, never in a record.
#[derive(Clone)]
pub struct DigestKey([u8; 32]);

impl std::fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigestKey(…)")
    }
}
impl DigestKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }
    /// The digest of `value` in `domain`: equal values of one domain are equal, across domains unlinkable.
    #[must_use]
    pub fn digest(&self, domain: &str, value: &[u8]) -> KeyedDigest {
        let mut d = self.begin(domain);
        d.update(value);
        d.finish()
    }
    /// A digest over bytes that come in pieces.
    #[must_use]
    pub fn begin(&self, domain: &str) -> KeyedDigester {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        KeyedDigester(mac)
    }
}

/// A keyed digest under way; a clone goes on from the same bytes.
#[derive(Clone)]
pub struct KeyedDigester(Hmac<Sha256>);
impl KeyedDigester {
    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    /// The digest of all bytes taken in.
    #[must_use]
    pub fn finish(self) -> KeyedDigest {
        let full = self.0.finalize().into_bytes();
        let mut cut = [0; 16];
        cut.copy_from_slice(&full[..16]);
        KeyedDigest(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 test case 2 uses key "Jefe", which is not 32 bytes long; the construction is checked through
    /// the domain prefix instead: HMAC(key, domain ‖ 0 ‖ value) computed with Python's `hmac` module:
    /// `hmac.new(bytes(range(32)), b"phone\0" + b"13800138000", "sha256").hexdigest()[:32]`.
    #[test]
    fn keyed_digest_is_hmac_sha256_over_domain_and_value() {
        let key = DigestKey::new(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        let d = key.digest("phone", b"13800138000");
        assert_eq!(d.to_string(), "hmac-sha256-128:60b1a06f8bb341d015b2c5d4de216b21");
        assert_ne!(d, key.digest("card", b"13800138000"));
        assert_eq!(format!("{key:?}"), "DigestKey(…)");
    }

    #[test]
    fn digests_have_one_text_form() {
        let d = Digest::of(b"abc"); // FIPS 180-4 example
        let text = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(d.to_string(), text);
        assert_eq!(text.parse(), Ok(d));
        assert!(text.to_uppercase().parse::<Digest>().is_err());
        assert!("sha256:ab".parse::<ContentDigest>().is_err());
    }
}
