//! Installed packages, how fresh their lists are, and whether updates come by themselves.

use crate::host::{Look, place};
use crate::out::Out;
use crate::{collect, parse};
use evidence::{FactValue, Place, Time};
use std::path::PathBuf;
use stdx::Stop;

/// Facts about packages.
pub(crate) const FACTS: &[&str] = &["package", "package.count"];
/// Facts about updates.
pub(crate) const REFRESH_FACTS: &[&str] = &["package.lists_refreshed", "update.automatic"];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    let packages = out.shared.packages(out.host);
    let native = out.shared.owned(out.host).value.as_ref().map(|o| o.native()).unwrap_or_default();
    for (set, p) in packages.value.all() {
        if stop.requested() {
            return out.gap_at(FACTS, evidence::GapReason::Stopped, &PathBuf::from("/var/lib"));
        }
        let mut row = FactValue::row([("name", parse::printable(&p.name).into()), ("manager", set.manager.into())]);
        let known = |text: &str| Some(parse::printable(text)).filter(|t| !t.is_empty());
        collect::with(&mut row, "version", known(&p.version));
        collect::with(&mut row, "arch", known(&p.arch));
        collect::with(&mut row, "source", p.source.as_deref().and_then(known));
        collect::with(&mut row, "source_version", p.source_version.as_deref().and_then(known));
        // Snaps and flatpaks may be called like a package with a list.
        let listed = !super::running::LISTLESS.contains(&set.manager);
        collect::with(&mut row, "native", native.get(p.name.as_str()).copied().filter(|_| listed));
        // A binary database has no lines.
        let at = if p.line == 0 { set.at.clone() } else { set.at.clone().line(p.line as u64) };
        out.fact("package", row, at);
    }
    if let Some(first) = packages.value.sets.first() {
        let count = i64::try_from(packages.value.all().count()).unwrap_or(i64::MAX);
        out.fact("package.count", count, first.at.clone());
    }
    out.gaps(FACTS, &packages.misses);
}

/// Collects.
pub(crate) fn refreshed(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut newest: Option<(i64, PathBuf)> = None;
    for (dir, fits) in [
        ("/var/lib/apt/lists", &["Release", "Packages", "Packages.lz4", "Packages.xz"][..]),
        ("/var/lib/apt/periodic", &["update-success-stamp"][..]),
        ("/var/cache/dnf", &["last_makecache", ".solv"][..]),
        ("/var/cache/libdnf5", &["repomd.xml"][..]),
        ("/var/cache/yum", &["timedhosts"][..]),
        ("/var/cache/zypp/solv/@System", &["solv"][..]),
        ("/var/cache/apk", &[".tar.gz"][..]),
        ("/lib/apk/db", &["scripts.tar"][..]),
        ("/var/lib/pacman/sync", &[".db"][..]),
    ] {
        // The database of installed packages says nothing about lists.
        if dir == "/lib/apk/db" {
            continue;
        }
        for e in look.list(dir) {
            if fits.iter().any(|s| e.text().ends_with(s))
                && let Some(meta) = look.stat(&e.path)
                && newest.as_ref().is_none_or(|(t, _)| *t < meta.mtime)
            {
                newest = Some((meta.mtime, e.path));
            }
        }
    }
    if let Some((t, path)) = newest {
        out.fact("package.lists_refreshed", FactValue::time(Time::from_secs(t)), place(&path));
    }
    out.gaps(&["package.lists_refreshed"], &look.misses);
    automatic(out);
}

fn automatic(out: &mut Out<'_>) {
    let mut look = out.look();
    let (on, at) = if look.stat("/var/lib/dpkg").is_some() {
        apt(&mut look)
    } else if let Some(f) =
        ["/etc/dnf/automatic.conf", "/etc/dnf/dnf5-plugins/automatic.conf"].iter().find_map(|p| look.read(p))
    {
        let set = parse::ini(&f.text()).into_iter().find(|l| l.key == "apply_updates");
        let timer = ["dnf-automatic.timer", "dnf5-automatic.timer", "dnf-automatic-install.timer"];
        let timer = timer.iter().any(|t| out.shared.unit_enabled(out.host, t));
        (
            timer && set.as_ref().is_some_and(|l| parse::is_yes(&l.value)),
            set.map_or_else(|| f.place(), |l| f.line(l.line)),
        )
    } else {
        let timers = ["transactional-update.timer", "yum-cron.service", "packagekit-background.timer"];
        let on = timers.iter().any(|t| out.shared.unit_enabled(out.host, t));
        (on, collect::at("/etc/systemd/system"))
    };
    out.fact("update.automatic", on, at);
    out.gaps(&["update.automatic"], &look.misses);
}

/// apt works by itself if the setting is not 0 and the program is there.
fn apt(look: &mut Look<'_>) -> (bool, Place) {
    let mut files = look.drop_ins("/etc/apt/apt.conf.d", "");
    files.extend(look.read("/etc/apt/apt.conf"));
    let set = files.iter().rev().find_map(|f| {
        let all = parse::apt_conf(&f.text());
        let (line, _, v) = all.into_iter().rfind(|(_, k, _)| k == "APT::Periodic::Unattended-Upgrade")?;
        Some((v, f.line(line)))
    });
    let program = collect::program(look, "unattended-upgrade");
    match (set, program) {
        (Some((value, at)), Some(_)) => (value != "0" && !value.is_empty(), at),
        (Some((_, at)), None) => (false, at),
        (None, _) => (false, collect::at("/etc/apt/apt.conf.d")),
    }
}
