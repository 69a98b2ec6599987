//! Whether USB mass storage is kept out.

use crate::collect;
use crate::out::Out;
use crate::parse;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["usb.storage_blocked"];

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
