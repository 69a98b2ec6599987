//! What the kernel wrote into logs about devices on USB.

use evidence::Time;
use std::collections::BTreeMap;

/// A kind of device in a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsbSeen {
    /// First time.
    pub first: Time,
    /// Last time.
    pub last: Time,
    /// How often it was plugged in.
    pub count: i64,
    /// It was mass storage at least once.
    pub storage: bool,
    /// Line of its first message.
    pub line: usize,
}

/// Most kinds of devices that are kept apart.
const DEVICES_MAX: usize = 20_000;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The time at the beginning of a line of syslog. A stamp of RFC 3164 has no year: it takes that of `written`, the time
/// at which the file was last written, or the year before where it would lie after it.
#[must_use]
pub fn syslog_time(line: &str, written: Time) -> Option<Time> {
    let first = line.split_whitespace().next()?;
    if first.len() >= 19 && first.as_bytes().get(10) == Some(&b'T') {
        let local = super::log_time(first)?;
        return Some(Time::from_secs(local - zone_seconds(first)));
    }
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let month = MONTHS.iter().position(|m| *m == name)? + 1;
    let day: u32 = words.next()?.parse().ok().filter(|d| (1..=31).contains(d))?;
    let clock = words.next().filter(|c| c.len() == 8)?;
    let written_date = written.date();
    let year: i32 = written_date.get(..4)?.parse().ok()?;
    let of = |year: i32| format!("{year:04}-{month:02}-{day:02}T{clock}.000Z").parse::<Time>().ok();
    // A day of grace: the file's time and its stamps may be of different zones.
    of(year).filter(|t| t.secs() <= written.secs() + 86_400).or_else(|| of(year - 1))
}

/// Seconds east of UTC at the end of an ISO stamp, `+08:00`; none where there is no zone.
fn zone_seconds(stamp: &str) -> i64 {
    let zone = stamp.len().checked_sub(6).and_then(|at| stamp.get(at..)).unwrap_or_default();
    let sign = match zone.get(..1) {
        Some("+") => 1,
        Some("-") => -1,
        _ => return 0,
    };
    let number = |range| zone.get(range).and_then(|t: &str| t.parse::<i64>().ok());
    match (number(1..3), zone.get(3..4), number(4..6)) {
        (Some(hours), Some(":"), Some(minutes)) => sign * (hours * 3600 + minutes * 60),
        _ => 0,
    }
}

/// Devices by `vendor:product`, added to what is known already.
pub fn usb_events(text: &str, written: Time, into: &mut BTreeMap<String, UsbSeen>) {
    // Which device was last seen at a port, `1-2`.
    let mut ports: BTreeMap<&str, String> = BTreeMap::new();
    for (n, l) in text.lines().enumerate() {
        if let Some((head, tail)) = l.split_once(": New USB device found, idVendor=") {
            let number =
                |s: &str| s.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit())).map(str::to_lowercase);
            let product = tail.split_once("idProduct=").and_then(|(_, t)| number(t));
            let (Some(vendor), Some(product), Some(time)) = (number(tail), product, syslog_time(l, written)) else {
                continue;
            };
            let device = format!("{vendor}:{product}");
            if let Some(port) = head.rsplit(' ').next() {
                ports.insert(port, device.clone());
            }
            if into.len() >= DEVICES_MAX && !into.contains_key(&device) {
                continue;
            }
            let fresh = UsbSeen { first: time, last: time, count: 0, storage: false, line: n + 1 };
            let seen = into.entry(device).or_insert(fresh);
            seen.first = seen.first.min(time);
            seen.last = seen.last.max(time);
            seen.count += 1;
        } else if let Some((head, _)) = l.split_once(": USB Mass Storage device detected") {
            // `usb-storage 1-2:1.0` is an interface of the device at port `1-2`.
            let port = head.rsplit(' ').next().and_then(|i| i.split(':').next()).unwrap_or_default();
            if let Some(seen) = ports.get(port).and_then(|d| into.get_mut(d)) {
                seen.storage = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_without_a_year_lie_before_the_file() {
        let written = "2026-01-02T10:00:00.000Z".parse::<Time>().unwrap();
        let of = |l: &str| syslog_time(l, written).map(|t| t.to_string());
        assert_eq!(of("Jan  2 09:59:00 h kernel: x").as_deref(), Some("2026-01-02T09:59:00.000Z"));
        assert_eq!(of("Dec 31 23:00:00 h kernel: x").as_deref(), Some("2025-12-31T23:00:00.000Z"));
        assert_eq!(of("2026-01-01T05:00:00.123456+00:00 h kernel: x").as_deref(), Some("2026-01-01T05:00:00.000Z"));
        assert_eq!(of("2026-01-01T05:00:00.123456+08:00 h x").as_deref(), Some("2025-12-31T21:00:00.000Z"));
        assert_eq!(of("Foo 99 x"), None);
        assert_eq!(of(""), None);
    }
}
