//! Passwords: which are taken, and their digests (argon2id, RFC 9106).

use crate::NodeError;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

/// Fewest characters (NIST SP 800-63B-4 §3.1.1.2 asks for 15 where nothing else is shown, for 8 beside a second factor).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most bytes: a digest of more would only cost time.
pub const PASSWORD_BYTES_MAX: usize = 512;
/// Memory of one digest, in KiB, and its passes: the first of the settings that OWASP's password storage sheet names for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// Words that stand at the head of every list of broken passwords; whoever has one of them in it with little else has chosen none.
const COMMON: [&str; 24] = [
    "password",
    "passw0rd",
    "p@ssw0rd",
    "123456",
    "12345678",
    "1234567890",
    "qwerty",
    "qwertyuiop",
    "admin",
    "administrator",
    "letmein",
    "welcome",
    "iloveyou",
    "abc123",
    "111111",
    "000000",
    "woaini",
    "5201314",
    "watchfire",
    "changeme",
    "monkey",
    "dragon",
    "1qaz2wsx",
    "asdfghjkl",
];

/// Why a password is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weak {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    Short,
    /// More than [`PASSWORD_BYTES_MAX`] bytes.
    Long,
    /// Few different characters, or a row of neighbours.
    Simple,
    /// One of the best-known ones, with little else.
    Common,
    /// Little else than the login or the name.
    Own,
}
impl Weak {
    /// Its name in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
            Self::Simple => "simple",
            Self::Common => "common",
            Self::Own => "own",
        }
    }
}

/// Looks whether a password is worth its name. No rules of composition: length, and not what everybody tries first.
pub(super) fn check(password: &str, login: &str, name: &str) -> Result<(), Weak> {
    let chars: Vec<char> = password.chars().collect();
    if chars.len() < PASSWORD_CHARS_MIN {
        return Err(Weak::Short);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(Weak::Long);
    }
    let different: std::collections::BTreeSet<_> = chars.iter().collect();
    let step = |w: &[char]| (i64::from(u32::from(w[1])) - i64::from(u32::from(w[0]))).abs() <= 1;
    let neighbours = chars.windows(2).filter(|w| step(w)).count();
    if different.len() < 5 || neighbours * 4 > chars.len() * 3 {
        return Err(Weak::Simple);
    }
    let small = password.to_lowercase();
    let rest = |part: &str| {
        let left = small.replace(part, "");
        left.chars().filter(|c| c.is_alphabetic()).count() < 4 && left.chars().count() < PASSWORD_CHARS_MIN
    };
    let own = [login, name].map(|p| p.trim().to_lowercase());
    if own.iter().any(|p| p.chars().count() >= 3 && small.contains(p.as_str()) && rest(p)) {
        return Err(Weak::Own);
    }
    if COMMON.iter().any(|c| small.contains(c) && rest(c)) {
        return Err(Weak::Common);
    }
    Ok(())
}

fn argon() -> Result<Argon2<'static>, NodeError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|e| NodeError::Internal(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The digest of a password under a salt of 16 bytes, as a PHC text.
pub(super) fn digest(password: &str, salt: &[u8; 16]) -> Result<String, NodeError> {
    let done = argon()?.hash_password_with_salt(password.as_bytes(), salt);
    Ok(done.map_err(|e| NodeError::Internal(e.to_string()))?.to_string())
}

/// True if the password is the one of the digest. Without a digest as much time goes by as with one: nobody learns by the clock which logins there are.
pub(super) fn is(password: &str, phc: Option<&str>) -> Result<bool, NodeError> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Ok(false);
    }
    let Some(phc) = phc else {
        digest(password, &[0; 16])?;
        return Ok(false);
    };
    let parsed = PasswordHash::new(phc).map_err(|e| NodeError::Internal(e.to_string()))?;
    Ok(argon()?.verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_not_taken() {
        for (password, why) in [
            ("short-one", Weak::Short),
            ("aaaaaaaaaaaaaaaa", Weak::Simple),
            ("abcdefghijklmn", Weak::Simple),
            ("123456789012", Weak::Simple),
            ("Password2026", Weak::Common),
            ("wangfang2026!", Weak::Own),
        ] {
            assert_eq!(check(password, "wangfang", "王芳"), Err(why), "{password}");
        }
        assert_eq!(check(&"a long one ".repeat(60), "a", "b"), Err(Weak::Long));
        for good in ["correct horse battery", "烽火台上看长江日夜流去不回", "password of my grandmother"] {
            assert_eq!(check(good, "wangfang", "王芳"), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_digest_knows_its_password_alone() {
        let phc = digest("correct horse battery", &[7; 16]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(is("correct horse battery", Some(&phc)).unwrap());
        assert!(!is("correct horse batterz", Some(&phc)).unwrap());
        assert!(!is("correct horse battery", None).unwrap());
    }
}
