//! Which system this is, and until when its vendor mends it.

use crate::host::{Look, path_text};
use crate::out::Out;
use crate::{collect, packs, parse};
use evidence::{FactValue, Place, Time};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &[
    "host.boot_time",
    "host.name",
    "kernel.release",
    "os.family",
    "os.id",
    "os.name",
    "os.release",
    "os.support_end",
    "os.version",
];

/// The host's name and where it was read.
pub(crate) fn host_name(look: &mut Look<'_>) -> Option<(String, Place)> {
    let mut paths = vec!["/etc/hostname", "/etc/HOSTNAME"];
    if look.host.live {
        paths.insert(0, "/proc/sys/kernel/hostname");
    }
    paths.into_iter().find_map(|p| {
        let f = look.read(p)?;
        let text = f.text();
        let (line, name) = parse::lines(&text).next()?;
        Some((parse::printable(name), f.line(line)))
    })
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    out.fact("os.family", "linux", collect::at("/"));
    if let Some((name, place)) = host_name(&mut look) {
        out.fact("host.name", name, place);
    }
    out.gaps(&["host.name"], &look.misses);
    release(out);
    kernel_release(out);
    if out.host.live {
        boot_time(out);
    }
}

fn release(out: &mut Out<'_>) {
    let mut look = out.look();
    if let Some(f) = ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|p| look.read(p)) {
        let release = parse::os_release(&f.text());
        let told =
            [("ID", "os.id"), ("PRETTY_NAME", "os.name"), ("VERSION", "os.release"), ("VERSION_ID", "os.version")];
        for (key, id) in told {
            if let Some((line, value)) = release.get(key) {
                out.fact(id, parse::printable(value), f.line(*line));
            }
        }
        if let (Some((_, os)), Some((line, version))) = (release.get("ID"), release.get("VERSION_ID"))
            && let Some(end) = packs::support_end(os, version)
        {
            out.fact("os.support_end", FactValue::time(end), f.line(*line));
        }
    }
    out.gaps(&["os.id", "os.name", "os.release", "os.version", "os.support_end"], &look.misses);
}

/// The running kernel, or the newest one in the image's `/lib/modules`.
fn kernel_release(out: &mut Out<'_>) {
    let mut look = out.look();
    if out.host.live {
        if let Some(f) = look.read("/proc/sys/kernel/osrelease") {
            out.fact("kernel.release", parse::printable(&f.text()), f.line(1));
        }
    } else if let Some(newest) = ["/lib/modules", "/usr/lib/modules"]
        .iter()
        .find_map(|d| look.list(d).into_iter().max_by_key(|e| numbers(&e.text())))
    {
        let place = crate::host::place(&newest.path);
        let name = path_text(newest.name.as_ref());
        out.fact("kernel.release", name, place);
    }
    out.gaps(&["kernel.release"], &look.misses);
}
/// The numbers in a version, so that 6.10 comes after 6.9.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
}

fn boot_time(out: &mut Out<'_>) {
    let mut look = out.look();
    if let Some(f) = look.read("/proc/stat") {
        let text = f.text();
        let found =
            text.lines().enumerate().find_map(|(n, l)| Some((n, l.strip_prefix("btime ")?.trim().parse().ok()?)));
        if let Some((n, secs)) = found {
            out.fact(
                "host.boot_time",
                FactValue::time(Time::from_secs(secs)),
                crate::host::place(&f.path).line(n as u64 + 1),
            );
        }
    }
    out.gaps(&["host.boot_time"], &look.misses);
}
