//! Numbers, addresses and instants as logs write them.

use std::net::{IpAddr, Ipv6Addr};

/// A whole number; `-` is none.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    text.iter().try_fold(0_u64, |n, b| b.is_ascii_digit().then(|| n * 10 + u64::from(b - b'0')))
}

/// An address, also in brackets; an IPv4 address in IPv6 form is that IPv4 address.
pub(crate) fn address(text: &[u8]) -> Option<IpAddr> {
    let text = text.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]")).unwrap_or(text);
    if text.len() > 45 {
        return None;
    }
    let parsed: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(parsed.to_canonical())
}

/// True for addresses that are nobody's place on the Internet: private, loopback, link-local, shared, multicast, reserved.
pub(crate) fn internal(at: IpAddr) -> bool {
    match at {
        IpAddr::V4(a) => {
            let [first, second, ..] = a.octets();
            a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || first == 0
                || first >= 224
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(a) => {
            let first = a.segments()[0];
            a.is_loopback()
                || a == Ipv6Addr::UNSPECIFIED
                || a.is_multicast()
                || (first & 0xfe00) == 0xfc00
                || (first & 0xffc0) == 0xfe80
        }
    }
}

/// Milliseconds since 1970 of `seconds[.fraction]`.
pub(crate) fn epoch(text: &[u8]) -> Option<i64> {
    let (whole, rest) = match memchr::memchr(b'.', text) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &text[..0]),
    };
    let seconds = i64::try_from(number(whole).filter(|_| whole.len() <= 11)?).ok()?;
    let mut millis = 0;
    for n in 0..3 {
        let digit = rest.get(n).copied().unwrap_or(b'0');
        if !digit.is_ascii_digit() {
            return None;
        }
        millis = millis * 10 + i64::from(digit - b'0');
    }
    Some(seconds * 1000 + millis)
}

/// Days since 1970 of a date of the calendar (proleptic Gregorian; algorithm of H. Hinnant, "days from civil").
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..=9998).contains(&year) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y - era * 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Year, month and day of days since 1970 (the same source, "civil from days").
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let m = (5 * of_year + 2) / 153;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (years + era * 400 + i64::from(month <= 2), month, of_year - (153 * m + 2) / 5 + 1)
}

fn two(text: &[u8], at: usize) -> Option<i64> {
    number(text.get(at..at + 2)?).and_then(|n| i64::try_from(n).ok())
}

/// Milliseconds of `HH:MM:SS[.fff]`.
fn clock(text: &[u8]) -> Option<i64> {
    let (h, m, s) = (two(text, 0)?, two(text, 3)?, two(text, 6)?);
    let marks = text.get(2) == Some(&b':') && text.get(5) == Some(&b':');
    if !marks || h > 23 || m > 59 || s > 60 {
        return None;
    }
    let rest = text.get(8..).unwrap_or_default();
    let millis = match rest.strip_prefix(b".") {
        Some(f) => (0..3).try_fold(0, |n, i| {
            let d = f.get(i).copied().unwrap_or(b'0');
            d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0'))
        })?,
        None => 0,
    };
    Some(((h * 60 + m) * 60 + s) * 1000 + millis)
}

/// Milliseconds since 1970 of `2026-01-02 03:04:05[.123]`, `2026/01/02T03:04:05`, with `Z`, `+08:00` or no zone (read as
/// UTC), of a date alone, or of seconds since 1970.
pub(crate) fn instant(text: &[u8]) -> Option<i64> {
    if let Some(at) = epoch(text) {
        return Some(at);
    }
    let mark = *text.get(4)?;
    if !matches!(mark, b'-' | b'/') || text.get(7) != Some(&mark) {
        return None;
    }
    let year = i64::try_from(number(text.get(..4)?)?).ok()?;
    let day = days(year, two(text, 5)?, two(text, 8)?)? * 86_400_000;
    let Some(rest) = text.get(11..).filter(|r| !r.is_empty()) else { return Some(day) };
    Some(day + clock(rest)? - offset(rest))
}

/// Milliseconds by which a zone at the end of a time is ahead of UTC.
fn offset(time: &[u8]) -> i64 {
    let Some(at) = memchr::memrchr2(b'+', b'-', time) else { return 0 };
    let zone = &time[at + 1..];
    let minutes = two(zone, 0).map(|h| h * 60 + two(zone, if zone.get(2) == Some(&b':') { 3 } else { 2 }).unwrap_or(0));
    minutes.unwrap_or(0) * 60_000 * if time[at] == b'-' { -1 } else { 1 }
}

/// Milliseconds since 1970 of `02/Jan/2026:03:04:05 +0800`.
pub(crate) fn logged(text: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let month = MONTHS.iter().position(|m| text.get(3..6) == Some(*m))? + 1;
    let year = i64::try_from(number(text.get(7..11)?)?).ok()?;
    let day = days(year, i64::try_from(month).ok()?, two(text, 0)?)? * 86_400_000;
    let time = text.get(12..)?;
    Some(day + clock(time.get(..8)?)? - offset(time.get(8..).unwrap_or_default()))
}

/// Milliseconds since 1970 of `Jan  2 03:04:05`, read as UTC, in the last year in which it is not after `newest`.
pub(crate) fn month_day(text: &[u8], newest: i64) -> Option<i64> {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let month = MONTHS.iter().position(|m| text.get(..3) == Some(*m))? + 1;
    let day = number(text.get(4..6)?.trim_ascii_start()).and_then(|n| i64::try_from(n).ok())?;
    let time = clock(text.get(7..15)?)?;
    let (year, ..) = civil(newest.div_euclid(86_400_000));
    // A day of leeway: the host's clock may be ahead of ours. The 29th of February is not of every year.
    (0..9).find_map(|back| {
        let at = days(year - back, i64::try_from(month).ok()?, day)? * 86_400_000 + time;
        let leap = month != 2 || day < 29 || civil(at.div_euclid(86_400_000)).1 == 2;
        (at <= newest + 86_400_000 && leap).then_some(at)
    })
}

/// Host and port of an absolute address or of `host:port`; `None` of a path.
pub(crate) fn target(url: &[u8]) -> Option<(&[u8], Option<u16>)> {
    let (scheme, rest) = match memchr::memmem::find(url, b"://") {
        Some(at) => (&url[..at], &url[at + 3..]),
        None if url.starts_with(b"/") => return None,
        None => (&url[..0], url),
    };
    let end = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let authority = &rest[..end];
    let authority = match memchr::memrchr(b'@', authority) {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    let colon = memchr::memrchr(b':', authority).filter(|at| !authority[*at..].contains(&b']'));
    let (host, port) = match colon {
        Some(at) => (&authority[..at], number(&authority[at + 1..]).and_then(|n| u16::try_from(n).ok())),
        None => (authority, None),
    };
    let usual = match scheme {
        b"http" => Some(80),
        b"https" => Some(443),
        b"ftp" => Some(21),
        _ => None,
    };
    let good = !host.is_empty() && host.len() <= 255 && host.iter().all(u8::is_ascii_graphic);
    good.then_some((host, port.or(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_as_logs_write_them() {
        // date -u -d '2026-01-02T03:04:05Z' +%s = 1767323045
        let want = Some(1_767_323_045_000);
        assert_eq!(instant(b"2026-01-02 03:04:05"), want);
        assert_eq!(instant(b"2026/01/02T03:04:05.000"), want);
        assert_eq!(instant(b"2026-01-02T11:04:05+08:00"), want);
        assert_eq!(instant(b"1767323045.25"), Some(1_767_323_045_250));
        assert_eq!(logged(b"02/Jan/2026:11:04:05 +0800"), want);
        assert_eq!(logged(b"01/Jan/2026:22:04:05 -0500"), want);
        for bad in ["", "2026-13-01", "2026-01-02 25:00:00", "yesterday", "2026-01-0", "99999999999999.1"] {
            assert_eq!(instant(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn hosts_of_addresses() {
        let of = |t: &str| target(t.as_bytes()).map(|(h, p)| (String::from_utf8_lossy(h).into_owned(), p));
        assert_eq!(of("http://u:p@example.com/a?b"), Some(("example.com".to_owned(), Some(80))));
        assert_eq!(of("example.com:443"), Some(("example.com".to_owned(), Some(443))));
        assert_eq!(of("https://[2001:db8::1]:8443/x"), Some(("[2001:db8::1]".to_owned(), Some(8443))));
        assert_eq!((of("/index.html"), of("http:///x")), (None, None));
        assert!(internal("100.64.1.1".parse().unwrap()) && internal("fd00::1".parse().unwrap()));
        assert!(!internal("100.128.1.1".parse().unwrap()) && !internal("2400::1".parse().unwrap()));
    }
}
