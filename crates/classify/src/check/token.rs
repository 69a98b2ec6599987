//! Tokens and keys that vendors give out: checksums where the vendor made one, decoding where the form says what is
//! inside, and a measure of how random a body is where there is nothing else.
//!
//! The measure counts pairs of neighbours: letters that follow each other in English and in identifiers cost little,
//! a change between letters and digits much. It sees through `getUserTokenFromSession`, which has the entropy of a
//! key. Refused: Shannon's entropy of single characters (an identifier of 30 letters beats a random token of 20).

use super::Validity;
use Validity::{Fair, No, Strong, Weak};

/// Pairs of letters that make up two thirds of English text and identifiers.
const PAIRS: &[u8] = b"th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra ld ur ro ri io ic me \
co ne ma li la ta ce el no us om ec om un di ca ll ss ee tr ho ge em pe ac il ch na nc sp ol pl po mo wo rt ay ow we wh if am be bl ke ck ly \
ad ab ag ai ap au av ba bi bo br cl cr ct da do dr du ef ei ek ep ev ex fi fo fr ga gi gr gs id ie ig im ir iv ki ks lo lt lu mi mp mu my ns nu ob od oc oo op os ot pa pr pu qu rd rs ru \
rv ry sc sh sk so su sw sy tu tw ty ub ul um up ut va vi wa wi wn ys";

fn is_pair(a: u8, b: u8) -> bool {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    PAIRS.split(|c| *c == b' ').any(|p| p == [a, b])
}
/// Tenths of a bit that each character adds to the one before it, on average; 0 below four characters.
pub(super) fn surprise(value: &[u8]) -> u32 {
    if value.len() < 4 {
        return 0;
    }
    let mut sum = 0;
    for w in value.windows(2) {
        let (a, b) = (w[0], w[1]);
        sum += match (a.is_ascii_alphabetic(), b.is_ascii_alphabetic()) {
            _ if a == b => 5,
            (true, true) if is_pair(a, b) => 20,
            // `camelCase`: a capital after a small letter, a small one after a capital.
            (true, true) if a.is_ascii_uppercase() != b.is_ascii_uppercase() => 50,
            (true, true) => 55,
            (false, false) if a.is_ascii_digit() && b.is_ascii_digit() && a.abs_diff(b) == 1 => 10,
            (false, false) => 33,
            _ => 45,
        };
    }
    sum / u32::try_from(value.len() - 1).unwrap_or(u32::MAX)
}
fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    value.iter().for_each(|b| seen[usize::from(*b)] = true);
    seen.iter().filter(|s| **s).count()
}

/// What stands for a secret in manuals, templates and tests.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    const MARKS: [&[u8]; 34] = [
        b"example",
        b"xxxx",
        b"yyyy",
        b"****",
        b"....",
        b"----",
        b"your",
        b"placeholder",
        b"changeme",
        b"change_me",
        b"change-me",
        b"replace",
        b"dummy",
        b"fake",
        b"sample",
        b"insert",
        b"todo",
        b"redacted",
        b"hidden",
        b"masked",
        b"0123456789",
        b"1234567890",
        b"abcdefgh",
        b"deadbeef",
        b"cafebabe",
        b"${",
        b"{{",
        b"}}",
        b"$(",
        b"<%",
        b"aaaa",
        b"0000000",
        b"notreal",
        b"undefined",
    ];
    let lower = value.to_ascii_lowercase();
    let marked = MARKS.iter().any(|m| lower.windows(m.len()).any(|w| w == *m));
    let wrapped = matches!(
        (value.first(), value.last()),
        (Some(b'<'), Some(b'>')) | (Some(b'['), Some(b']')) | (Some(b'%'), Some(b'%'))
    );
    let run = value.windows(5).any(|w| w.iter().all(|b| *b == w[0]));
    let climbing = value.windows(7).any(|w| w.windows(2).all(|p| p[1] == p[0].wrapping_add(1)));
    marked || wrapped || run || climbing
}

/// The part of a token that was drawn by lot: its longest piece without separators, if that is long.
fn body(value: &[u8]) -> &[u8] {
    let longest = value.split(|b| matches!(b, b'_' | b'-' | b'.' | b':')).max_by_key(|p| p.len()).unwrap_or(value);
    if longest.len() >= 12 { longest } else { value }
}

/// A body that looks drawn by lot: strong if it reads like no language, fair if it may be one of words and digits,
/// weak if it reads like words, none if it is a placeholder.
pub(super) fn random(value: &[u8]) -> Validity {
    if is_placeholder(value) || value.len() < 12 {
        return No;
    }
    let body = body(value);
    let mixed = body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_alphabetic);
    match surprise(body) {
        _ if distinct(body) < 8 => Weak,
        40.. if mixed || body.len() >= 24 => Strong,
        34.. => Fair,
        _ => Weak,
    }
}

/// Hexadecimal digits drawn by lot: of 32 random ones fewer than one in 10,000 has less than nine different digits.
pub(super) fn hex_secret(value: &[u8]) -> Validity {
    let body = value.rsplit(|b| matches!(b, b'_' | b'-' | b'.')).next().unwrap_or(value);
    if body.len() < 16 || !body.iter().all(u8::is_ascii_hexdigit) || is_placeholder(body) {
        return No;
    }
    let least = if body.len() >= 32 { 9 } else { 7 };
    // Sixteen digits and no letter: a decimal number.
    let letters = body.iter().any(u8::is_ascii_alphabetic);
    if distinct(body) < least || !letters { Weak } else { Fair }
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 })
    })
}
/// True if the last six of `body` are the CRC-32 of what stands before, in base 62.
fn crc_ends(body: &[u8]) -> bool {
    let Some((text, sum)) = body.split_last_chunk::<6>() else { return false };
    let mut n = crc32(text);
    let mut digits = [b'0'; 6];
    for d in digits.iter_mut().rev() {
        *d = BASE62[(n % 62) as usize];
        n /= 62;
    }
    digits == *sum
}
/// `ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_` (GitHub, April 2021): thirty characters and their CRC-32 in six of base 62.
///
/// One random token in four thousand million passes; one that fails was never given out.
pub(super) fn github(value: &[u8]) -> Validity {
    let body = value.get(4..).filter(|b| b.len() == 36 && b.iter().all(u8::is_ascii_alphanumeric));
    let kind = matches!(value.get(..4), Some(b"ghp_" | b"gho_" | b"ghu_" | b"ghs_" | b"ghr_"));
    Strong.when(kind && body.is_some_and(crc_ends))
}
/// `npm_` is built the same way (September 2021). A failed sum is weak only: no outside vector was at hand.
pub(super) fn npm(value: &[u8]) -> Validity {
    match value.strip_prefix(b"npm_").filter(|b| b.len() == 36 && b.iter().all(u8::is_ascii_alphanumeric)) {
        Some(_) if is_placeholder(value) => No,
        Some(body) => {
            if crc_ends(body) {
                Strong
            } else {
                Weak
            }
        }
        None => No,
    }
}
/// Fine-grained GitHub token: 22 characters, `_`, 59.
pub(super) fn github_fine(value: &[u8]) -> Validity {
    let parts = value.strip_prefix(b"github_pat_").and_then(|b| b.split_at_checked(22));
    let Some((id, [b'_', rest @ ..])) = parts else { return No };
    let good = rest.len() == 59 && id.iter().chain(rest).all(u8::is_ascii_alphanumeric);
    if good { random(rest) } else { No }
}

/// Base64 in any of its alphabets, padding or none; nothing if a character is foreign.
fn base64(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    let body = value.strip_suffix(b"==").or_else(|| value.strip_suffix(b"=")).unwrap_or(value);
    for b in body {
        let v = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(v)) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xFF) as u8);
        }
    }
    (body.len() % 4 != 1).then_some(out)
}

/// AWS access key id: sixteen characters of base 32 that hold the account's number (40 bits under a tag bit).
pub(super) fn aws_key_id(value: &[u8]) -> Validity {
    let known = ["AKIA", "ASIA", "ABIA", "ACCA", "AROA", "AIDA"].iter().any(|p| value.starts_with(p.as_bytes()));
    if value.len() != 20 || !known || is_placeholder(value) {
        return No;
    }
    let mut head = 0u64;
    for (i, b) in value[4..].iter().enumerate() {
        let v = match b {
            b'A'..=b'Z' => b - b'A',
            b'2'..=b'7' => b - b'2' + 26,
            _ => return No,
        };
        if i < 10 {
            head = head << 5 | u64::from(v);
        }
    }
    // Ten characters are 50 bits; the number is bits 1 to 40.
    let account = head >> 9 & 0xFF_FFFF_FFFF;
    let dull = distinct(&value[4..]) < 6;
    if dull {
        No
    } else if account <= 999_999_999_999 {
        Strong
    } else {
        Weak
    }
}
/// AWS secret: forty characters of base 64, small, large and digits; a path or a word is none.
pub(super) fn aws_secret(value: &[u8]) -> Validity {
    let all = value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    let kinds = value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_digit);
    let slashes = value.iter().filter(|b| **b == b'/').count();
    if value.len() != 40 || !all || hex || !kinds || slashes > 5 || is_placeholder(value) {
        return No;
    }
    if surprise(value) >= 40 && distinct(value) >= 18 { Strong } else { Weak }
}

/// RFC 7519 in compact form: a header that is a JSON object with `alg`, a payload that is one, a signature.
pub(super) fn jwt(value: &[u8]) -> Validity {
    let parts: Vec<&[u8]> = value.split(|b| *b == b'.').collect();
    let object = |part: &[u8]| {
        base64(part).filter(|t| t.first() == Some(&b'{') && t.last() == Some(&b'}') && std::str::from_utf8(t).is_ok())
    };
    let Some(header) = parts.first().and_then(|p| object(p)) else { return No };
    if !header.windows(5).any(|w| w == b"\"alg\"") {
        return No;
    }
    match parts.as_slice() {
        [_, payload, signature] if object(payload).is_some() && base64(signature).is_some() => {
            if signature.is_empty() {
                Weak
            } else {
                Strong
            }
        }
        // Encrypted (RFC 7516): five parts, nothing to read.
        [_, rest @ ..] if rest.len() == 4 && rest.iter().all(|p| base64(p).is_some()) => Fair,
        _ => No,
    }
}
/// PyPI: a macaroon (version 2) for `pypi.org` or `test.pypi.org`.
pub(super) fn pypi(value: &[u8]) -> Validity {
    let inner = value.strip_prefix(b"pypi-").and_then(base64).unwrap_or_default();
    let site = inner.starts_with(b"\x02\x01\x08pypi.org") || inner.starts_with(b"\x02\x01\x0dtest.pypi.org");
    Strong.when(site && inner.len() >= 60)
}
/// Discord bot: the bot's number in base 64, a time, a signature.
pub(super) fn discord(value: &[u8]) -> Validity {
    let parts: Vec<&[u8]> = value.split(|b| *b == b'.').collect();
    let [id, time, sum] = parts.as_slice() else { return No };
    let number = base64(id).is_some_and(|n| (17..=19).contains(&n.len()) && n.iter().all(u8::is_ascii_digit));
    Strong
        .when(number && time.len() == 6 && (27..=38).contains(&sum.len()) && base64(sum).is_some_and(|s| !s.is_empty()))
}
/// Telegram bot: number, colon, `AA` and 33 characters.
pub(super) fn telegram(value: &[u8]) -> Validity {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let Some((id, secret)) = text.split_once(':') else { return No };
    let good = (8..=10).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_digit())
        && secret.len() == 35
        && secret.starts_with("AA");
    if good { random(secret.as_bytes()) } else { No }
}
/// Azure storage or Cosmos key: base 64 of 64 bytes; a signature of a shared access: of 32 bytes.
pub(super) fn azure_key(value: &[u8]) -> Validity {
    let plain = String::from_utf8_lossy(value).replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let plain = plain.replace("%2b", "+").replace("%2f", "/").replace("%3d", "=");
    let long = base64(plain.as_bytes()).is_some_and(|k| matches!(k.len(), 32 | 64));
    if long && plain.ends_with('=') { random(plain.trim_end_matches('=').as_bytes()) } else { No }
}

/// `AGE-SECRET-KEY-1…`: Bech32 (BIP 173) with its checksum of 30 bits.
pub(super) fn age(value: &[u8]) -> Validity {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = value.to_ascii_lowercase();
    let Some(data) = lower.strip_prefix(b"age-secret-key-1").filter(|d| d.len() == 58) else { return No };
    let person = b"age-secret-key-";
    let expanded = person.iter().map(|b| b >> 5).chain([0]).chain(person.iter().map(|b| b & 31));
    let mut sum = 1u32;
    let mut step = |v: u8| {
        let top = sum >> 25;
        sum = (sum & 0x1FF_FFFF) << 5 ^ u32::from(v);
        for (i, g) in [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3].into_iter().enumerate() {
            if top >> i & 1 == 1 {
                sum ^= g;
            }
        }
    };
    expanded.for_each(&mut step);
    for b in data {
        match ALPHABET.iter().position(|a| a == b).and_then(|p| u8::try_from(p).ok()) {
            Some(v) => step(v),
            None => return No,
        }
    }
    Strong.when(sum == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors: GitHub's announcement (April 2021) and a second sum computed with Python's zlib; RFC 7515 appendix
    /// A.1; the test key of the age project; an AWS key id whose account number was published.
    #[test]
    fn tokens() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (github, "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", Strong),
            (github, "ghs_aB7cD8eF9gH0jK1mN2pQ3rS4tU5vW62M5jQM", Strong),
            (github, "gho_16C7e42F292c6912E7710c838347Ae178B4a", No),
            (github, "ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18", No),
            (github, "ghx_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", No),
            (npm, "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", Strong),
            (npm, "npm_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", No),
            (aws_key_id, "ASIAQNZGKIQY56JQ7WML", Strong),
            (aws_key_id, "AKIAIOSFODNN7EXAMPLE", No),
            (aws_key_id, "AKIAAAAAAAAAAAAAAAAA", No),
            (aws_key_id, "AKIAIOSFODNN1ABCDEFG", No),
            (aws_secret, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", No),
            (aws_secret, "wJ4lrXUtnF9MI/K7MD3NG/bPxRfiCYqZ7mPt2KEV", Strong),
            (aws_secret, "0123456789abcdef0123456789abcdef01234567", No),
            (aws_secret, "getUserTokenFromSessionStorageOrCookie01", Weak),
            (
                jwt,
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                Strong,
            ),
            (jwt, "eyJ0eXAiOiJKV1QifQ.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP", No),
            (jwt, "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.", Weak),
            (jwt, "a.b.c", No),
            (telegram, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", No),
            (telegram, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawq", Strong),
            (discord, "NzkyNzE1NDU0MTk2MDg4ODQy.X-hvzA.Ovy4MCQywSkoMRRclStW4xAYK7I", Strong),
            (discord, "NzkyNzE1.X-hvzA.Ovy4MCQywSkoMRRclStW4xAYK7I", No),
            (age, "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX", Strong),
            (age, "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEY", No),
            (
                azure_key,
                "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
                Strong,
            ),
            (azure_key, "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq==", No),
            (hex_secret, "d41d8cd98f00b204e9800998ecf8427e", Fair),
            (hex_secret, "00000000000000000000000000000000", No),
            (hex_secret, "1311311311311311", Weak),
            (random, "sk_live_4eC39HqLyjWDarjtT1zdp7dc", Strong),
            (random, "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", No),
            (random, "getUserTokenFromSessionStorage", Weak),
            (random, "glpat-Kx7vQ2mZp9TnR4bWcY8L", Strong),
            (random, "short", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
        let fine = format!(
            "github_pat_{}_{}",
            "11ABCDEFG0a1b2c3d4e5f6", "k7Vx9Qm2Lz8Tc5Wd3Nb4Yp6Hj1Fs0RgKa2Mz9Xq4Vt8Bn5Cw7Pd3Lf6Jh1Ys"
        );
        assert_eq!(github_fine(&fine.as_bytes()[..11 + 22 + 60]), Strong);
        assert_eq!(github_fine(fine.as_bytes()), if fine.len() == 93 { Strong } else { No });
        assert_eq!(pypi(b"pypi-AgEIcHlwaS5vcmc"), No, "too short to be one");
    }

    #[test]
    fn crc_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
