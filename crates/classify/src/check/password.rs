//! Values that stand where a password stands, and passwords that were hashed.
//!
//! In configuration and in sources most of what follows `password =` is no password: a variable, a call, a template,
//! a type, the word itself. What is left is graded by how much it looks like something to type or to draw by lot.

use super::Validity;
use super::token::{is_placeholder, surprise};
use Validity::{Fair, No, Strong, Weak};

/// Values that name what should stand there.
#[rustfmt::skip]
const NAMES: &str = " password passwd passwort pass pwd passphrase secret secrets token key apikey credential credentials auth null nil none true false undefined \
string str text bytes int integer bool boolean number object any void char varchar required optional default empty value values input hidden prompt ask env \
disabled enabled yes no on off username user login email name admin_password db_password user_password test example todo fixme var let const self this \
return function async await new class public private static final ";
/// What code and templates look like.
const CODE: [&str; 28] = [
    "${",
    "{{",
    "}}",
    "$(",
    "<%",
    "%(",
    "%s",
    "#{",
    "process.env",
    "os.environ",
    "getenv",
    "environment",
    "System.get",
    "config.",
    "settings.",
    "self.",
    "this.",
    "request.",
    "params",
    "args.",
    "=>",
    "->",
    "::",
    "\\n",
    "\\f",
    "&quot",
    "&lt",
    "&amp",
];
/// The passwords that people choose first: real, and known to everybody.
const COMMON: &str = " admin root 123456 12345678 123456789 password1 qwerty abc123 admin123 root123 123123 111111 000000 888888 666666 a123456 letmein welcome \
guest oracle postgres mysql sa manager tiger scott system toor raspberry ";

/// A call, a variable with its sigil, a path, an opening bracket: something that a program or a shell reads.
fn is_expression(text: &str) -> bool {
    let name = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let letters = |s: &str| s.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    let word = |s: &str| s.len() >= 3 && name(s) && (letters(s) || s.contains(['_', '.']));
    let called = |f: &str, rest: &str| word(f) || (f.is_empty() && letters(rest)) || (name(f) && rest.is_empty());
    let call = text.split_once('(').is_some_and(|(f, rest)| called(f, rest));
    let variable = text.strip_prefix(['$', '@', '&', '%', '!', '*']).is_some_and(letters)
        || text.strip_prefix('$').is_some_and(name);
    let in_path = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'~');
    let path = text.starts_with(['/', '~']) && text.bytes().all(in_path);
    call || variable || path || text.starts_with(['<', '{', '[']) || text.ends_with(['{', '['])
}

/// The value of a password, token or key in an assignment.
///
/// None: placeholders, variables, calls, names of types, masks. Weak: words without digits, the passwords that
/// everybody knows. Fair: letters with digits or signs. Strong: reads like no language.
pub(super) fn value(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    // The end of a statement or of an argument list came along.
    let text = text.trim_end_matches([')', ']', '}', ':', ',', ';']);
    let value = text.as_bytes();
    let length = text.chars().count();
    if !(4..=128).contains(&length)
        || text.chars().any(|c| c.is_control() || c == ' ')
        || text.contains(['，', '。', '：', '（', '、'])
    {
        return No;
    }
    let lower = text.to_ascii_lowercase();
    let named = |list: &str| list.contains(&format!(" {lower} "));
    let code = CODE.iter().any(|c| text.contains(c)) || is_expression(text);
    if named(NAMES) || code || (is_placeholder(value) && !named(COMMON)) {
        return No;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let other = length.saturating_sub(digits + letters);
    let path =
        text.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'-' | b'/' | b':')) && other > 0;
    let words = lower.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() >= 3);
    // `db_password`, `token-value`, `user.pwd`: an identifier that says what it is.
    let says = words.clone().any(|w| NAMES.contains(&format!(" {w} ")));
    if path && (says || length < 8 || !text.contains(['-', '/'])) {
        return No;
    }
    let han = !text.is_ascii();
    if han || named(COMMON) || (digits == 0 && other == 0) && surprise(value) < 38 {
        return if han && letters == 0 { No } else { Weak };
    }
    // 12.5, 2024-01-31, 08:00: a measure, a date, a time.
    if letters == 0
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b':' | b'/'))
        && other > 0
    {
        return No;
    }
    if digits == length {
        // A number: a port, a date, a limit more often than a password.
        return if length >= 6 { Weak } else { No };
    }
    match surprise(value) {
        38.. if length >= 12 && digits > 0 && letters >= 4 => Strong,
        _ if letters > 0 && (digits > 0 || other > 0) => {
            if length >= 6 {
                Fair
            } else {
                Weak
            }
        }
        36.. if length >= 16 => Fair,
        _ => Weak,
    }
}

fn crypt_text(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/'))
}
/// A hashed password of crypt(3): `$1$`, `$5$`, `$6$`, `$y$`, `$2a$` to `$2y$`, and Argon2's form. Lengths are exact.
pub(super) fn crypt(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let parts: Vec<&str> = text.split('$').skip(1).collect();
    if !text.starts_with('$') || text.len() > 512 {
        return No;
    }
    let good = match parts.as_slice() {
        ["1", salt, sum] => salt.len() <= 8 && sum.len() == 22 && crypt_text(salt) && crypt_text(sum),
        [kind @ ("5" | "6"), rest @ ..] => {
            let rest = if rest.first().is_some_and(|r| r.starts_with("rounds=")) { &rest[1..] } else { rest };
            matches!(rest, [salt, sum] if salt.len() <= 16 && sum.len() == if *kind == "5" { 43 } else { 86 } && crypt_text(sum))
        }
        ["2a" | "2b" | "2x" | "2y", cost, sum] => {
            cost.len() == 2 && cost.bytes().all(|b| b.is_ascii_digit()) && sum.len() == 53 && crypt_text(sum)
        }
        ["y" | "gy", _, salt, sum] => !salt.is_empty() && sum.len() == 43 && crypt_text(sum),
        ["argon2id" | "argon2i" | "argon2d", version, cost, salt, sum] => {
            version.starts_with("v=") && cost.starts_with("m=") && salt.len() >= 11 && sum.len() >= 22
        }
        _ => false,
    };
    Strong.when(good)
}

/// A line of a dump of Windows accounts: `user:rid:LM:NT:::`. The empty hashes stand for no password.
pub(super) fn ntlm(value: &[u8]) -> Validity {
    const EMPTY: &str = "31d6cfe0d16ae931b73c59d7e0c089c0";
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let parts: Vec<&str> = text.split(':').collect();
    let hex = |p: &str| p.len() == 32 && p.bytes().all(|b| b.is_ascii_hexdigit());
    let [user, rid, lm, nt, ..] = parts.as_slice() else { return No };
    let line = !user.is_empty()
        && rid.parse::<u32>().is_ok_and(|r| r >= 500)
        && (hex(lm) || *lm == "NO PASSWORD*********************")
        && hex(nt);
    if !line {
        No
    } else if nt.eq_ignore_ascii_case(EMPTY) {
        Weak
    } else {
        Strong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_passwords() {
        for (text, expect) in [
            ("Xk9$mPq2vL7!", Strong),
            ("q7Tz-93Kd-Vw4m", Strong),
            ("Sunshine2024!", Fair),
            ("Plant@2023", Fair),
            ("abc@1234", Fair),
            ("admin123", Weak),
            ("admin", Weak),
            ("sunshine", Weak),
            ("20240101", Weak),
            ("password", No),
            ("changeme", No),
            ("<password>", No),
            ("${DB_PASSWORD}", No),
            ("{{ vault_pass }}", No),
            ("$DB_PASS", No),
            ("os.environ['X']", No),
            ("get_password()", No),
            ("getenv(", No),
            ("unquote(passwd", No),
            ("None):", No),
            ("utf8_to_utf16_dup(v)", No),
            ("(PasswordData", No),
            ("{password}", No),
            ("&9WJKc%ho_", Fair),
            ("_+Z3K(mv%J", Fair),
            ("&password", No),
            ("/etc/db/pass", No),
            ("user.password", No),
            ("db_password", No),
            ("String", No),
            ("None", No),
            ("xxxxxxxx", No),
            ("********", No),
            ("your-password-here", No),
            ("8080", No),
            ("12.5", No),
            ("2024-01-31", No),
            ("", No),
            ("不能为空", No),
            ("请输入密码。", No),
        ] {
            assert_eq!(value(text.as_bytes()), expect, "{text}");
        }
    }

    /// Hashes made by libxcrypt (through Python's `crypt`); Argon2's from its reference program's manual.
    #[test]
    fn hashes() {
        for (text, expect) in [
            ("$1$abcdefgh$pIsEF3P.t2iODmpL0QHBB1", Strong),
            ("$5$rounds=10000$saltstringsalt$JbgbU76Y3oO.FWX9i/5dhA.LJqrOkrSOC7PVCBtz5Y1", Strong),
            (
                "$6$saltstring$/mLAmdGcqnvxvutvkgZmPTDvGfYYd8pFXoN/kttGe9dtfGlgNC6sz7CcGYKuOV9unQf9mUCfKS9jSbBrsdTag1",
                Strong,
            ),
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$6foLM1JhGupouWKMU70wxK61Kw9ZnecbACjJwRadqM2", Strong),
            ("$2b$05$abcdefghijklmnopqrstuuhKF09ZYWwH2zP/0fwE1X8e/Q1YNx/hO", Strong),
            ("$2b$05$abcdefghijklmnopqrstuuhKF09ZYWwH2", No),
            ("$6$saltstring$/mLAmdGcqnvxvutvkgZmPTDvGfYYd8pFXoN/kttGe9dtfGlgNC6sz7CcGYKuOV9unQf9mUCfKS9jSbBrsdTag", No),
            ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG", Strong),
            ("$9$x$y", No),
            ("", No),
        ] {
            assert_eq!(crypt(text.as_bytes()), expect, "{text}");
        }
        let nt = "8846f7eaee8fb117ad06bdd830b7586c";
        let empty = "aad3b435b51404eeaad3b435b51404ee";
        assert_eq!(ntlm(format!("Administrator:500:{empty}:{nt}:::").as_bytes()), Strong);
        assert_eq!(ntlm(format!("Guest:501:{empty}:31d6cfe0d16ae931b73c59d7e0c089c0:::").as_bytes()), Weak);
        assert_eq!(ntlm(b"a:b:c:d"), No);
    }
}
