//! A certificate of one's own making, so that a closed site needs no other tool. It vouches for itself and for nothing else: whoever
//! trusts it (`--ca FILE`) trusts this one key under these names, not an authority that could issue more.

use crate::error::ConsoleError;
use crate::tls::fingerprint;
use evidence::Time;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Most names of a certificate.
pub const NAMES_MAX: usize = 32;
/// Longest life of a certificate, in days.
pub const DAYS_MAX: u32 = 3650;
/// Longest name, in characters (RFC 1035 §2.3.4).
const NAME_CHARS_MAX: usize = 253;

/// A certificate and its key.
pub struct Made {
    /// The certificate as PEM, to be handed out.
    pub certificate: String,
    /// The private key as PEM (PKCS 8).
    pub key: String,
    /// SHA-256 of the certificate's bytes (DER), hexadecimal: what people read to each other over the telephone.
    pub fingerprint: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: String,
}

/// Makes a certificate for these names of hosts and addresses, for `days` from `now` on (at least one, at most [`DAYS_MAX`]), with a key of ECDSA P-256. It serves as a
/// server's and as a client's.
pub fn make(names: &[String], days: u32, now: Time) -> Result<Made, ConsoleError> {
    let defect = |e: rcgen::Error| ConsoleError::Tls(e.to_string());
    let first = names.first().ok_or_else(|| ConsoleError::Name(String::new()))?;
    if let Some(bad) = names.iter().find(|n| !is_name(n)).or_else(|| names.get(NAMES_MAX)) {
        return Err(ConsoleError::Name(bad.clone()));
    }
    let mut params = CertificateParams::new(names).map_err(|_| ConsoleError::Name(names.join(" ")))?;
    params.distinguished_name.push(DnType::CommonName, first.as_str());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    // Clocks of plants are wrong by hours: it holds from yesterday on.
    let day = |plus: i64| now.plus_minutes(plus * 24 * 60).map(Time::date).unwrap_or_else(|| now.date());
    let days = i64::from(days.clamp(1, DAYS_MAX));
    let midnight = |date: &str| {
        let (year, month, day) = parts(date);
        date_time_ymd(year, month, day)
    };
    (params.not_before, params.not_after) = (midnight(&day(-1)), midnight(&day(days + 1)));
    let key = KeyPair::generate().map_err(defect)?;
    let certificate = params.self_signed(&key).map_err(defect)?;
    let fingerprint = fingerprint(certificate.der());
    Ok(Made { certificate: certificate.pem(), key: key.serialize_pem(), fingerprint, until: day(days) })
}

/// Year, month and day of a date `YYYY-MM-DD`, which is one because a [`Time`] wrote it.
fn parts(date: &str) -> (i32, u8, u8) {
    let number = |range: std::ops::Range<usize>| date.get(range).and_then(|p| p.parse::<u16>().ok()).unwrap_or(1);
    let small = |n: u16| u8::try_from(n).unwrap_or(1);
    (i32::from(number(0..4)), small(number(5..7)), small(number(8..10)))
}

/// Letters, digits, dots, hyphens; colons for addresses of IPv6; a star as the first label.
fn is_name(name: &str) -> bool {
    let plain = name.strip_prefix("*.").unwrap_or(name);
    let host = plain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let label = |l: &str| !l.is_empty() && l.len() <= 63;
    let named = host && plain.split('.').all(label) && name.len() <= NAME_CHARS_MAX;
    named || name.parse::<std::net::IpAddr>().is_ok()
}

/// Writes both, the key for its owner alone; what is there already stays.
pub fn write(made: &Made, certificate: &Path, key: &Path) -> Result<(), ConsoleError> {
    // The key first: a certificate without a key would be handed out.
    put(key, 0o600, &made.key)?;
    put(certificate, 0o644, &made.certificate)
}

fn put(path: &Path, mode: u32, text: &str) -> Result<(), ConsoleError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e: std::io::Error| ConsoleError::file(path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_hosts_and_addresses() {
        for good in ["parent.example", "*.plant.cn", "127.0.0.1", "::1", "a_b", "xn--fiq228c.cn"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "a..b", "https://a", "a b", "a/24", "省级节点", ".a", &"a".repeat(64), &"a.".repeat(127)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn no_name_and_too_many_are_refused() {
        let now = Time::from_secs(1_790_000_000);
        assert!(matches!(make(&[], 1, now), Err(ConsoleError::Name(n)) if n.is_empty()));
        let many: Vec<String> = (0..=NAMES_MAX).map(|n| format!("h{n}")).collect();
        assert!(matches!(make(&many, 1, now), Err(ConsoleError::Name(n)) if n == "h32"));
        // 1,790,000,000 s is 2026-09-21 UTC; two days later.
        assert_eq!(make(&many[..1], 2, now).map(|m| m.until).ok().as_deref(), Some("2026-09-23"));
    }
}
