//! The code of an invitation: 130 random bits that a person carries - read aloud, typed, sent by letter.
//!
//! 26 characters of Crockford's base32, in groups. Reading forgives what people do to such texts: lower case, O for 0, I and L
//! for 1, any hyphens and spaces. The code never travels over a line; both sides prove with it that they know it.

use crate::{NodeError, home};
use data_encoding::BASE64;
use evidence::Digest;
use ring::hmac;

/// Characters of a code: 26 × 5 bits.
pub const CODE_CHARS: usize = 26;
/// Longest text that is looked at as a code, in characters.
const TYPED_CHARS_MAX: usize = 200;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Where the groups of a shown code end.
const GROUP: usize = 5;

/// A code, in its one spelling. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);
impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// In which direction a message goes: the same bytes never serve as the other's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    Request,
    Answer,
}

impl Code {
    /// A new code from the system's randomness.
    pub(crate) fn random() -> Result<Self, NodeError> {
        let bytes = home::secret()?;
        // 32 values a character and 256 a byte: the low five bits are as random as the byte.
        let chars = bytes.iter().take(CODE_CHARS).map(|b| char::from(ALPHABET[usize::from(b & 31)]));
        Ok(Self(chars.collect()))
    }

    /// Reads what a person typed; `None` if it is no code.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let mut code = String::with_capacity(CODE_CHARS);
        for (n, c) in typed.chars().enumerate() {
            if n >= TYPED_CHARS_MAX {
                return None;
            }
            let c = match c.to_ascii_uppercase() {
                c if c.is_whitespace() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '_') => continue,
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            if !u8::try_from(c).is_ok_and(|c| ALPHABET.contains(&c)) || code.len() == CODE_CHARS {
                return None;
            }
            code.push(c);
        }
        (code.len() == CODE_CHARS).then_some(Self(code))
    }

    /// As it is shown, in groups.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut out = String::new();
        for (n, c) in self.0.chars().enumerate() {
            if n > 0 && n % GROUP == 0 && n < CODE_CHARS - 1 {
                out.push('-');
            }
            out.push(c);
        }
        out
    }

    /// The spelling that is kept.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// What may stand in a record: 130 random bits are not found again from their digest.
    pub(crate) fn commitment(&self) -> Digest {
        Digest::of(format!("watchfire-enrol-v1\n{}", self.0).as_bytes())
    }

    /// The name of the invitation: who knows the code knows it.
    pub(crate) fn invitation(&self) -> String {
        invitation_id(self.commitment())
    }

    fn tag(&self, way: Way, body: &[u8]) -> hmac::Context {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        let mut mac = hmac::Context::with_key(&key);
        mac.update(head(way));
        mac.update(body);
        mac
    }
    /// Proves to the other side that this one knows the code, base64.
    pub(crate) fn mac(&self, way: Way, body: &[u8]) -> String {
        BASE64.encode(self.tag(way, body).sign().as_ref())
    }
    /// True if who made this knew the code.
    pub(crate) fn made(&self, way: Way, body: &[u8], mac: &str) -> bool {
        let Ok(mac) = BASE64.decode(mac.as_bytes()) else { return false };
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        // In constant time.
        hmac::verify(&key, &[head(way), body].concat(), &mac).is_ok()
    }
}

fn head(way: Way) -> &'static [u8] {
    match way {
        Way::Request => b"watchfire-enrol-request-v1\n",
        Way::Answer => b"watchfire-enrol-answer-v1\n",
    }
}

/// The name of the invitation with this commitment.
pub(crate) fn invitation_id(commitment: Digest) -> String {
    format!("n-{}", commitment.hex().chars().take(8).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_do_to_a_code_is_forgiven_and_nothing_else() {
        let code = Code::read("0123456789ABCDEFGHJKMNPQRS").unwrap();
        assert_eq!(code.shown(), "01234-56789-ABCDE-FGHJK-MNPQRS");
        for typed in [
            "o1234-56789-abcde-fghjk-mnpqrs",
            "  O I 2 3 4 5 6 7 8 9 A B C D E F G H J K M N P Q R S\n",
            "0l23456789ABCDEFGHJKMNPQRS",
            "01234\u{2011}56789\u{2013}ABCDE_FGHJKMNPQRS",
        ] {
            assert_eq!(Code::read(typed), Some(code.clone()), "{typed}");
        }
        let long = "-".repeat(300);
        for wrong in
            ["", "0123456789ABCDEFGHJKMNPQR", "0123456789ABCDEFGHJKMNPQRST", "U123456789ABCDEFGHJKMNPQRS", "０", &long]
        {
            assert_eq!(Code::read(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "Code(…)");
    }

    #[test]
    fn codes_are_random_and_come_back() {
        let (a, b) = (Code::random().unwrap(), Code::random().unwrap());
        assert_ne!(a, b);
        assert_eq!(Code::read(&a.shown().to_lowercase()), Some(a));
    }

    /// Computed with Python: `hashlib.sha256(b"watchfire-enrol-v1\n0123456789ABCDEFGHJKMNPQRS")` and
    /// `hmac.new(b"0123456789ABCDEFGHJKMNPQRS", b"watchfire-enrol-request-v1\n{}", "sha256")`.
    #[test]
    fn commitment_and_mac_by_another_implementation() {
        let code = Code::read("0123456789ABCDEFGHJKMNPQRS").unwrap();
        assert_eq!(code.commitment().hex(), COMMITMENT);
        assert_eq!(code.invitation(), format!("n-{}", &COMMITMENT[..8]));
        assert_eq!(code.mac(Way::Request, b"{}"), MAC);
        assert!(code.made(Way::Request, b"{}", MAC));
        for (way, body, mac) in [
            (Way::Answer, &b"{}"[..], MAC),
            (Way::Request, b"{ }", MAC),
            (Way::Request, b"{}", ""),
            (Way::Request, b"{}", "AA=="),
        ] {
            assert!(!code.made(way, body, mac));
        }
    }
    const COMMITMENT: &str = "0aec06cdf0a7f2db4c1b482abc0fb428b19cc4e8315c93abb46356dd2b00522d";
    const MAC: &str = "xWaC7BRW3qQj+h+LbYnCQ7fexsDf1snusOPKuyvV0Zo=";
}
