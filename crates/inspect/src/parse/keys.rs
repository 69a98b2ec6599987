//! Keys: lines of `authorized_keys` with their fingerprints, and the look of private key files.

use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE, BASE64_NOPAD};
use evidence::Digest;

/// A key that opens an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizedKey {
    /// Line.
    pub line: usize,
    /// `SHA256:` and the digest of the key as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// Key type without the `ssh-` noise: `rsa`, `dsa`, `ecdsa`, `ed25519`, `sk-ecdsa`, `sk-ed25519`, or as written.
    pub kind: String,
    /// Size in bits, if the type tells it.
    pub bits: Option<i64>,
    /// An option limits what the key may do or from where.
    pub restricted: bool,
}

/// Lines of `authorized_keys`; lines without a readable key are left out.
#[must_use]
pub fn authorized_keys(text: &str) -> Vec<AuthorizedKey> {
    super::words::lines(text).filter_map(|(line, l)| one_key(line, l)).collect()
}

fn one_key(line: usize, l: &str) -> Option<AuthorizedKey> {
    let (options, rest) = split_options(l);
    let mut f = rest.split_whitespace();
    let (kind, blob) = (f.next()?, f.next()?);
    let blob = BASE64.decode(blob.as_bytes()).or_else(|_| BASE64_NOPAD.decode(blob.as_bytes())).ok()?;
    let mut fields = Fields(&blob);
    let inner = String::from_utf8(fields.next()?.to_vec()).ok()?;
    if !inner.starts_with("ssh-") && !inner.starts_with("ecdsa-") && !inner.starts_with("sk-") {
        return None;
    }
    let bits = match inner.as_str() {
        "ssh-rsa" => fields.next().and_then(|_exponent| fields.next()).map(bit_length),
        "ssh-dss" => fields.next().map(bit_length),
        "ssh-ed25519" | "sk-ssh-ed25519@openssh.com" => Some(256),
        name if name.contains("nistp256") => Some(256),
        name if name.contains("nistp384") => Some(384),
        name if name.contains("nistp521") => Some(521),
        _ => None,
    };
    let limits = ["restrict", "command=", "from=", "no-pty", "no-port-forwarding", "permitopen="];
    let restricted = options.split(',').any(|o| limits.iter().any(|r| o.trim().to_ascii_lowercase().starts_with(r)));
    let fingerprint = format!("SHA256:{}", BASE64_NOPAD.encode(&Digest::of(&blob).0));
    Some(AuthorizedKey { line, fingerprint, kind: short_kind(kind, &inner), bits, restricted })
}

fn short_kind(written: &str, inner: &str) -> String {
    let name = match inner {
        "ssh-rsa" => "rsa",
        "ssh-dss" => "dsa",
        "ssh-ed25519" => "ed25519",
        "sk-ssh-ed25519@openssh.com" => "sk-ed25519",
        n if n.starts_with("ecdsa-") => "ecdsa",
        n if n.starts_with("sk-ecdsa-") => "sk-ecdsa",
        _ => written,
    };
    name.to_owned()
}

/// Options end at the first blank outside quotes, and are there only if the line does not begin with a key type.
fn split_options(l: &str) -> (&str, &str) {
    let first = l.split_whitespace().next().unwrap_or_default();
    if first.starts_with("ssh-") || first.starts_with("ecdsa-sha2-") || first.starts_with("sk-") {
        return ("", l);
    }
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in l.char_indices() {
        match c {
            '"' if !escaped => quoted = !quoted,
            c if c.is_whitespace() && !quoted => return l.split_at(at),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    (l, "")
}

/// Length-prefixed strings of the ssh wire format (RFC 4251, section 5).
struct Fields<'a>(&'a [u8]);
impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.0.split_first_chunk::<4>()?;
        let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
        let out = rest.get(..len)?;
        self.0 = rest.get(len..)?;
        Some(out)
    }
}
/// Bits of a positive big-endian integer.
fn bit_length(mpint: &[u8]) -> i64 {
    let digits: &[u8] = mpint.iter().position(|b| *b != 0).and_then(|at| mpint.get(at..)).unwrap_or_default();
    let top = digits.first().map_or(0, |b| i64::from(8 - b.leading_zeros()));
    i64::try_from(digits.len().saturating_sub(1)).unwrap_or(0).saturating_mul(8) + top
}

/// What a private key file shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    /// Line of the header, from 1.
    pub line: usize,
    /// A passphrase protects it; unknown for forms that hide it.
    pub protected: Option<bool>,
}

/// Finds the header of a private key in PEM, OpenSSH or PuTTY form.
#[must_use]
pub fn private_key(bytes: &[u8]) -> Option<PrivateKey> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().enumerate();
    while let Some((n, l)) = lines.next() {
        let l = l.trim();
        if l.starts_with("PuTTY-User-Key-File-") {
            let encryption = text.lines().find_map(|l| l.strip_prefix("Encryption: "));
            return Some(PrivateKey { line: n + 1, protected: encryption.map(|e| e.trim() != "none") });
        }
        let Some(label) = l.strip_prefix("-----BEGIN ").and_then(|l| l.strip_suffix("-----")) else { continue };
        if !label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK") {
            continue;
        }
        let body: Vec<&str> =
            lines.by_ref().map(|(_, l)| l.trim()).take_while(|l| !l.starts_with("-----END")).collect();
        let protected = match label {
            "OPENSSH PRIVATE KEY" => openssh_protected(&body.concat()),
            "ENCRYPTED PRIVATE KEY" => Some(true),
            "PGP PRIVATE KEY BLOCK" => None,
            _ => Some(body.iter().take(3).any(|l| l.starts_with("Proc-Type:") && l.contains("ENCRYPTED"))),
        };
        return Some(PrivateKey { line: n + 1, protected });
    }
    None
}
/// The name of the cipher follows the magic `openssh-key-v1\0`; `none` means no passphrase.
fn openssh_protected(body: &str) -> Option<bool> {
    let head = body.get(..body.len().min(64) / 4 * 4)?;
    let raw = BASE64_MIME_PERMISSIVE.decode(head.as_bytes()).ok()?;
    let cipher = Fields(raw.strip_prefix(b"openssh-key-v1\0")?).next()?;
    Some(cipher != b"none")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The host key that GitHub publishes.
    const ED: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl x";

    #[test]
    fn options_and_types() {
        let line = format!("from=\"10.0.0.1, a b\",no-pty {ED}");
        let k = authorized_keys(&format!("# c\n\n{line}\nssh-rsa broken\n{ED}\n"));
        assert_eq!((k.len(), k[0].line, k[0].restricted, k[0].bits), (2, 3, true, Some(256)));
        assert_eq!((k[1].line, k[1].restricted, k[1].kind.as_str()), (5, false, "ed25519"));
        // GitHub's published fingerprint of this host key.
        assert_eq!(k[1].fingerprint, "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
    }

    #[test]
    fn bits_of_integers() {
        for (bytes, bits) in [(&[0u8, 0x80, 0][..], 16), (&[1], 1), (&[], 0), (&[0, 0], 0), (&[0x7f, 0xff], 15)] {
            assert_eq!(bit_length(bytes), bits);
        }
    }

    #[test]
    fn private_keys_and_their_protection() {
        let none = BASE64.encode(b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01\0\0\0\x33");
        let aes = BASE64.encode(b"openssh-key-v1\0\0\0\0\x0aaes256-ctr\0\0\0\x06bcrypt\0\0\0\x18\0\0\0\x10");
        let pem = |label: &str, body: &str| format!("x\n-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        for (text, want) in [
            (pem("OPENSSH PRIVATE KEY", &none), Some(Some(false))),
            (pem("OPENSSH PRIVATE KEY", &aes), Some(Some(true))),
            (pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: x"), Some(Some(true))),
            (pem("PRIVATE KEY", "MII"), Some(Some(false))),
            (pem("CERTIFICATE", "MII"), None),
        ] {
            let got = private_key(text.as_bytes());
            assert_eq!(got.map(|k| k.protected), want, "{text}");
            assert!(got.is_none_or(|k| k.line == 2));
        }
    }
}
