//! Numbers of devices and their places in networks: IMEI, IMSI, ICCID, MAC, IP.

use super::{Validity, luhn};
use Validity::{Fair, No, Strong, Weak};

fn digits(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(u8::is_ascii_digit)
}

/// Reporting bodies (first two digits of the TAC) that gave out numbers: GSMA's list.
const BODIES: [&[u8; 2]; 10] = [b"01", b"35", b"86", b"99", b"91", b"44", b"45", b"49", b"52", b"98"];

/// 3GPP TS 23.003: 14 digits and Luhn. One run of 15 digits in ten passes; with a reporting body one in 100.
pub(super) fn imei(value: &[u8]) -> Validity {
    let plain: Vec<u8> = value.iter().copied().filter(|b| !matches!(b, b'-' | b' ' | b'/')).collect();
    if plain.len() != 15 || !digits(&plain) || !luhn(&plain) || plain[..14].iter().all(|b| *b == plain[0]) {
        return No;
    }
    if BODIES.iter().any(|b| plain.starts_with(*b)) { Fair } else { Weak }
}
/// With the software version in place of the check digit: sixteen digits, nothing to check but the body.
pub(super) fn imeisv(value: &[u8]) -> Validity {
    let known = value.starts_with(b"35") || value.starts_with(b"86");
    Weak.when(value.len() == 16 && digits(value) && known && value[2..].iter().any(|b| *b != value[2]))
}

/// Subscriber of a Chinese network: 460 and an operator's number (ITU-T E.212). One run of 15 digits in 7,700.
pub(super) fn imsi(value: &[u8]) -> Validity {
    const NETWORKS: [&[u8; 2]; 13] =
        [b"00", b"01", b"02", b"03", b"04", b"05", b"06", b"07", b"08", b"09", b"11", b"15", b"20"];
    let network = value.get(3..5).is_some_and(|n| NETWORKS.iter().any(|k| *k == n));
    Fair.when(value.len() == 15 && digits(value) && value.starts_with(b"460") && network)
}

/// SIM card: 89 86, operator, 19 digits and Luhn, or twenty characters as Chinese operators print them.
pub(super) fn iccid(value: &[u8]) -> Validity {
    let head = value.strip_prefix(b"8986");
    let Some(rest) = head.filter(|r| r.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())) else { return No };
    match rest.len() {
        15 if luhn(value) => Strong,
        16 if value.iter().filter(|b| b.is_ascii_uppercase()).count() <= 1 => Fair,
        _ => No,
    }
}

/// IEEE 802 address in pairs (`:` or `-`) or fours (`.`). Broadcast, null and other patterns are none; addresses
/// that a device makes up itself (second bit of the first octet) and multicast ones are weak.
pub(super) fn mac(value: &[u8]) -> Validity {
    let separator = match value.get(2).copied() {
        Some(b @ (b':' | b'-')) => b,
        _ if value.get(4) == Some(&b'.') => b'.',
        _ => return No,
    };
    let size = if separator == b'.' { 4 } else { 2 };
    let groups: Vec<&[u8]> = value.split(|b| *b == separator).collect();
    if groups.len() != 12 / size || !groups.iter().all(|g| g.len() == size && g.iter().all(u8::is_ascii_hexdigit)) {
        return No;
    }
    let hex = groups.concat().to_ascii_lowercase();
    let octets: Vec<u8> = hex
        .chunks(2)
        .filter_map(|p| std::str::from_utf8(p).ok().and_then(|p| u8::from_str_radix(p, 16).ok()))
        .collect();
    let flat = octets.iter().all(|o| *o == octets[0]);
    // 00:1A:2B:3C:4D:5E, aa:bb:cc:dd:ee:ff, 11:22:33:44:55:66, 01:02:03:04:05:06: typed, not read off.
    let ladder = octets
        .get(1..)
        .unwrap_or_default()
        .windows(2)
        .all(|w| w[1] == w[0].wrapping_add(1) || w[1] == w[0].wrapping_add(0x11));
    if flat || ladder || octets[..3] == [0, 0, 0] || octets.len() != 6 {
        return No;
    }
    // 33:33 and 01:00:5e are groups of IPv6 and IPv4, not devices.
    if octets[0] & 1 == 1 || octets[0] & 2 == 2 { Weak } else { Fair }
}

/// What an address of IPv4 is for (IANA's special-purpose registry).
fn ipv4_kind(octets: [u8; 4]) -> Validity {
    match octets {
        [0 | 127 | 224..=255, ..] | [169, 254, ..] => No,
        // Documentation: 192.0.2, 198.51.100, 203.0.113; benchmarks: 198.18/15.
        [192, 0, 2 | 0, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18 | 19, ..] | [192, 88, 99, _] => No,
        // The resolvers and examples that everybody types.
        [8, 8, 8 | 4, _] | [1, 1, 1, 1] | [1, 2, 3, 4] | [114, 114, 114 | 115, _] => No,
        // A plant's inside: this is what a network plan is made of.
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Fair,
        // Looks like a version (1.2.0.0, 16.0.1.2): small numbers.
        [a, b, c, d] if a < 20 && b < 20 && c < 20 && d < 20 => No,
        _ => Weak,
    }
}
/// Four octets without leading zeros. Private ranges are fair, public ones weak (they look like versions), reserved
/// ones (loopback, multicast, documentation) none. A prefix length behind a slash is read over.
pub(super) fn ipv4(value: &[u8]) -> Validity {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    if prefix.is_some_and(|p| p.parse::<u8>().is_ok_and(|n| n > 32) || p.parse::<u8>().is_err()) {
        return No;
    }
    address.parse::<std::net::Ipv4Addr>().map_or(No, |a| ipv4_kind(a.octets()))
}
/// RFC 4291 text. Global unicast and unique local are fair; loopback, link-local, multicast, documentation none.
pub(super) fn ipv6(value: &[u8]) -> Validity {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let address = text.split(['/', '%']).next().unwrap_or_default();
    let Ok(parsed) = address.parse::<std::net::Ipv6Addr>() else { return No };
    let [first, second, ..] = parsed.segments();
    let groups = address.split(':').filter(|g| !g.is_empty()).count();
    match first {
        0x2001 if second == 0x0db8 => No,
        // `a::b` is C++ as often as an address: three groups at least.
        0x2000..=0x3fff | 0xfc00..=0xfdff if groups >= 3 => Fair,
        _ => No,
    }
}

/// Identifier that a phone's system gives to advertisers or programs: a UUID of version 4, or 64 hexadecimal digits
/// (OAID), or sixteen (Android). Any other UUID looks the same.
pub(super) fn device_id(value: &[u8]) -> Validity {
    let hex = |v: &[u8]| v.iter().all(u8::is_ascii_hexdigit) && v.iter().any(|b| *b != v[0]);
    let groups: Vec<&[u8]> = value.split(|b| *b == b'-').collect();
    let uuid = groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(|g| hex(g));
    Weak.when(uuid || (matches!(value.len(), 16 | 32 | 64) && hex(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (imei, "490154203237518", Fair),
            (imei, "35-209900-176148-1", Fair),
            (imei, "490154203237517", No),
            (imei, "000000000000000", No),
            (imeisv, "3520990017614823", Weak),
            (imeisv, "1520990017614823", No),
            (imsi, "460001357924680", Fair),
            (imsi, "460121357924680", No),
            (imsi, "310150123456789", No),
            (iccid, "8986061203006384157", No),
            (iccid, "89860120801300002434", Fair),
            (iccid, "8985012080130000243", No),
            (mac, "00:1A:2B:3C:4D:5E", No),
            (mac, "3c:52:82:7f:01:9a", Fair),
            (mac, "3C-52-82-7F-01-9A", Fair),
            (mac, "3c52.827f.019a", Fair),
            (mac, "33:33:00:00:00:01", Weak),
            (mac, "02:42:ac:11:00:02", Weak),
            (mac, "ff:ff:ff:ff:ff:ff", No),
            (mac, "00:00:00:00:00:00", No),
            (mac, "aa:bb:cc:dd:ee:ff", No),
            (mac, "3c:52:82:7f:01", No),
            (mac, "12:30:45", No),
            (ipv4, "192.168.10.25", Fair),
            (ipv4, "10.1.2.0/24", Fair),
            (ipv4, "10.1.2.0/33", No),
            (ipv4, "58.213.46.10", Weak),
            (ipv4, "127.0.0.1", No),
            (ipv4, "203.0.113.7", No),
            (ipv4, "1.2.3.4", No),
            (ipv4, "256.1.1.1", No),
            (ipv4, "010.1.1.1", No),
            (ipv6, "240e:3a1:5c42:8810::1", Fair),
            (ipv6, "fd12:3456:789a:1::1", Fair),
            (ipv6, "2001:db8::1", No),
            (ipv6, "fe80::1", No),
            (ipv6, "::1", No),
            (ipv6, "std::vec", No),
            (device_id, "6D92078A-8246-4BA4-AE5B-76104861E7DC", Weak),
            (device_id, "9774d56d682e549c", Weak),
            (device_id, "0000000000000000", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }
}
