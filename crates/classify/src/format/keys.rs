//! Keys and certificates in binary form, told by their ASN.1 or packet frame.

use super::Found;
use super::bytes::{Bytes, has};
use super::table::Id;

/// Object identifiers as they lie in DER.
const OID_RSA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
const OID_EC: &[u8] = b"\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01";
const OID_PKCS7: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07";

/// A DER (or BER) sequence: X.509, PKCS#12, PKCS#8, PKCS#7, by what stands first in it.
pub(super) fn der(bytes: &Bytes<'_>) -> Option<Found> {
    let (length, inside) = header(bytes.head.get(1..)?)?;
    // The outer length must be that of the file, if both are known; an indefinite one is BER.
    if let (Some(length), Some(size)) = (length, bytes.size)
        && (bytes.head.len() - inside.len()) as u64 + length as u64 != size
    {
        return None;
    }
    let id = match inside {
        [0x02, 0x01, 0x03, 0x30, ..] => Id::Pkcs12,
        [0x02, 0x01, 0x00, 0x30, rest @ ..] if has(rest, 32, OID_RSA) || has(rest, 32, OID_EC) => Id::Pkcs8Der,
        [0x02, 0x01, 0x00, 0x02, 0x82, ..] => Id::Pkcs8Der,
        [0x02, 0x01, 0x01, 0x04, 0x20 | 0x30 | 0x42, ..] => Id::Pkcs8Der,
        [0x06, ..] if inside.starts_with(OID_PKCS7) => Id::Pkcs7,
        [0x30, rest @ ..] if is_certificate(rest) => Id::DerCert,
        _ => return None,
    };
    Some(Found::content(id))
}
/// `tbsCertificate` begins with its version in a context tag, then the serial number (RFC 5280, 4.1).
fn is_certificate(rest: &[u8]) -> bool {
    header(rest).is_some_and(|(_, tbs)| tbs.starts_with(b"\xA0\x03\x02\x01\x02\x02"))
}
/// Length and content of a DER value, from its length field on. No length: indefinite.
fn header(bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    match bytes {
        [0x80, rest @ ..] => Some((None, rest)),
        [0x81, n, rest @ ..] if *n >= 0x80 => Some((Some(usize::from(*n)), rest)),
        [0x82, a, b, rest @ ..] if *a > 0 => Some((Some(usize::from(u16::from_be_bytes([*a, *b]))), rest)),
        [0x83, a, b, c, rest @ ..] if *a > 0 => Some((Some(u32::from_be_bytes([0, *a, *b, *c]) as usize), rest)),
        [n @ 0..0x80, rest @ ..] => Some((Some(usize::from(*n)), rest)),
        _ => None,
    }
}

/// An OpenPGP key packet of version 4 with a known algorithm (RFC 4880, 4.2, 5.5).
pub(super) fn pgp(bytes: &Bytes<'_>) -> Option<Found> {
    let head = bytes.head;
    let body = match head {
        [0x98 | 0x94, len, rest @ ..] if *len >= 0x30 => rest,
        [0x99 | 0x95, a, _, rest @ ..] if *a < 0x20 => rest,
        [0xC6 | 0xC5, len, rest @ ..] if (0x30..192).contains(len) => rest,
        [0xC6 | 0xC5, 192..=223, _, rest @ ..] => rest,
        _ => return None,
    };
    // Version, four bytes of time (after 1991), algorithm.
    let [4, t, _, _, _, algorithm, a, b, ..] = body else { return None };
    let bits = u16::from_be_bytes([*a, *b]);
    let sane = match algorithm {
        1..=3 | 16 | 17 => (512..=16384).contains(&bits) && bits.is_multiple_of(8),
        18 | 19 | 22 => (5..=10).contains(a),
        _ => false,
    };
    (sane && (0x28..0x80).contains(t)).then_some(Found::magic(Id::PgpBinary))
}
