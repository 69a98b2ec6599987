//! How the clock is kept right.

use crate::collect;
use crate::host::place;
use crate::out::Out;
use evidence::GapReason;
use std::path::Path;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["time.sync", "time.synchronized"];

/// Name, units, programs.
const DAEMONS: [(&str, &[&str], &[&str]); 5] = [
    ("chrony", &["chrony.service", "chronyd.service"], &["chronyd"]),
    ("ntpsec", &["ntpsec.service"], &[]),
    ("ntp", &["ntp.service", "ntpd.service"], &["ntpd"]),
    ("openntpd", &["openntpd.service"], &["/usr/sbin/openntpd"]),
    ("systemd-timesyncd", &["systemd-timesyncd.service"], &[]),
];

/// Collects: an enabled unit first, then a program on a host without units.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let units = out.shared.units(out.host);
    let enabled = DAEMONS.iter().find_map(|(name, names, _)| {
        let unit = units.value.iter().find(|u| names.contains(&u.name.as_str()))?;
        Some((*name, unit.at.clone()))
    });
    let mut look = out.look();
    let runs_units = look.stat("/usr/lib/systemd/systemd").is_some() || look.stat("/lib/systemd/systemd").is_some();
    let by_program = DAEMONS.iter().filter(|_| !runs_units).find_map(|(name, _, programs)| {
        let path = programs.iter().find_map(|p| collect::program(&mut look, p))?;
        Some((*name, place(&path)))
    });
    let found = enabled.or(by_program);
    let none = ("none", collect::at("/etc/systemd/system"));
    let (name, at) = found.unwrap_or(none);
    out.fact("time.sync", name, at);
    out.gaps(&["time.sync"], &units.misses);
    out.gaps(&["time.sync"], &look.misses);
    if !out.host.live {
        return;
    }
    // systemd-timesyncd leaves a file once the clock is right; the others say it only over their own sockets.
    let stamp = Path::new("/run/systemd/timesync/synchronized");
    if name == "systemd-timesyncd" || out.host.stat(stamp).is_ok() {
        out.fact("time.synchronized", out.host.stat(stamp).is_ok(), place(stamp));
    } else {
        out.gap("time.synchronized", GapReason::Unsupported, None);
    }
}
