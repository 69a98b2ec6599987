//! Whether USB mass storage is kept out, and which devices the kernel saw being plugged in.

use crate::collect;
use crate::host::{Miss, place};
use crate::out::Out;
use crate::parse;
use evidence::{FactValue, GapReason, Place, Time};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["usb.storage_blocked"];

/// Facts from logs.
pub(crate) const EVENT_FACTS: &[&str] = &["usb.event"];

/// Logs that carry messages of the kernel, by the beginnings of their names.
const LOGS: [&str; 3] = ["kern.log", "messages", "syslog"];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut at = None;
    for dir in ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"] {
        for f in look.drop_ins(dir, ".conf") {
            let text = f.text();
            let blocks = |l: &str| {
                let l = l.replace('_', "-");
                let mut w = l.split_whitespace();
                match (w.next(), w.next(), w.next()) {
                    (Some("blacklist"), Some("usb-storage"), _) => true,
                    (Some("install"), Some("usb-storage"), Some(c)) => c.ends_with("/true") || c.ends_with("/false"),
                    _ => false,
                }
            };
            if let Some((n, _)) = parse::lines(&text).find(|(_, l)| blocks(l)) {
                at.get_or_insert(f.line(n));
            }
        }
    }
    let units = out.shared.units(out.host);
    let guard = units.value.iter().find(|u| u.name == "usbguard.service").map(|u| u.at.clone());
    let at = at.or(guard);
    out.fact("usb.storage_blocked", at.is_some(), at.unwrap_or_else(|| collect::at("/etc/modprobe.d")));
    out.gaps(FACTS, &units.misses);
    out.gaps(FACTS, &look.misses);
}

/// Devices in the logs of the system. Each message stands in several logs (`kern.log` and `syslog`), so only the first of
/// them that is there is read, with its rotated files.
pub(crate) fn events(out: &mut Out<'_>, stop: &Stop) {
    let mut look = out.look();
    let all = look.list("/var/log");
    let log = LOGS.iter().find(|log| all.iter().any(|e| e.text() == **log));
    let Some(log) = log else {
        // The journal is a format of its own.
        if look.stat("/var/log/journal").is_some() || look.stat("/run/log/journal").is_some() {
            look.miss(GapReason::Unsupported, Path::new("/var/log/journal"));
        }
        return out.gaps(EVENT_FACTS, &look.misses);
    };
    let mut seen = BTreeMap::new();
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    for e in all.iter().filter(|e| e.text().starts_with(log)) {
        if stop.requested() {
            return out.gap_at(EVENT_FACTS, GapReason::Stopped, &e.path);
        }
        let (bytes, meta) = match out.host.bytes(&e.path, out.host.limits.log_bytes_max) {
            Ok(read) => read,
            Err(Miss::Gap(reason)) => {
                look.miss(reason, &e.path);
                continue;
            }
            Err(Miss::Absent) => continue,
        };
        let bytes = match e.text().rsplit('.').next() {
            Some("gz") => match unpacked(&bytes, out.host.limits.log_bytes_max) {
                Ok(bytes) => bytes,
                Err(reason) => {
                    look.miss(reason, &e.path);
                    continue;
                }
            },
            Some("xz" | "bz2" | "zst") => {
                look.miss(GapReason::Unsupported, &e.path);
                continue;
            }
            _ => bytes,
        };
        parse::usb_events(&String::from_utf8_lossy(&bytes), Time::from_secs(meta.mtime), &mut seen);
        for (device, event) in &seen {
            let at = || place(&e.path).line(event.line as u64);
            places.entry(device.clone()).or_insert_with(at);
        }
    }
    for (device, event) in seen {
        let at = places.remove(&device).unwrap_or_else(|| collect::at("/var/log"));
        let row = FactValue::row([
            ("device", device.into()),
            ("first", FactValue::time(event.first)),
            ("last", FactValue::time(event.last)),
            ("count", event.count.into()),
            ("storage", event.storage.into()),
        ]);
        out.fact("usb.event", row, at);
    }
    out.gaps(EVENT_FACTS, &look.misses);
}

/// The content of a gzip file that has no more than `bytes_max` bytes.
fn unpacked(packed: &[u8], bytes_max: u64) -> Result<Vec<u8>, GapReason> {
    let mut out = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(packed).take(bytes_max.saturating_add(1));
    match reader.read_to_end(&mut out) {
        Ok(_) if out.len() as u64 > bytes_max => Err(GapReason::Bomb),
        Ok(_) => Ok(out),
        Err(_) => Err(GapReason::Corrupt),
    }
}
