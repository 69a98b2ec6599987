//! One-time passwords by time: RFC 6238 with HMAC-SHA-1, steps of 30 s, six digits - what every authenticator program knows.

use evidence::Time;
use ring::hmac;

/// Seconds of a step.
const STEP: i64 = 30;
/// Bytes of a secret (RFC 4226 §4 R6 recommends 160 bits).
pub(super) const SECRET_BYTES: usize = 20;

/// The password of a step (RFC 4226 §5.3).
fn code(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    let word = u32::from_be_bytes([tag[at] & 127, tag[at + 1], tag[at + 2], tag[at + 3]]);
    word % 1_000_000
}

/// The step whose password this is: the one of now, the one before or the one after (RFC 6238 §5.2).
pub(super) fn step_of(secret: &[u8], typed: &str, now: Time) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let typed: u32 = digits.parse().ok()?;
    let here = now.secs().div_euclid(STEP);
    [here, here - 1, here + 1].into_iter().find(|s| code(secret, *s) == typed)
}

/// The address that an authenticator program reads from a QR code.
pub(super) fn address(secret: &[u8], login: &str, issuer: &str) -> String {
    let encode = |t: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        t.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect::<String>()
    };
    let (issuer, login) = (encode(issuer), encode(login));
    format!("otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}", written(secret))
}

/// A secret as people type it: base32 without padding.
pub(super) fn written(secret: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, SHA-1, the last six of the eight digits.
    #[test]
    fn the_vectors_of_the_standard() {
        let secret = b"12345678901234567890";
        for (at, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(secret, digits, Time::from_secs(at)), Some(at / 30), "{at}");
        }
        assert_eq!(step_of(secret, "287 082", Time::from_secs(59 + 30)), Some(1));
        assert_eq!(step_of(secret, "287082", Time::from_secs(59 + 61)), None);
        for bad in ["", "28708", "2870822", "28708x", "２８７０８２"] {
            assert_eq!(step_of(secret, bad, Time::from_secs(59)), None, "{bad}");
        }
    }

    #[test]
    fn an_address_keeps_what_is_in_it_apart() {
        let address = address(b"12345678901234567890", "wang&x=1", "江苏 A/B");
        assert!(address.starts_with("otpauth://totp/%E6%B1%9F%E8%8B%8F%20A%2FB:wang%26x%3D1?secret=GEZDGNBVGY3TQOJQ"));
        assert_eq!(address.matches('&').count(), 1);
    }
}
