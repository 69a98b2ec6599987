//! Kernel settings and foreign modules.

use crate::host::{File, Look, place};
use crate::out::Out;
use crate::parse;
use evidence::{FactValue, GapReason};
use std::collections::BTreeMap;
use std::path::Path;
use stdx::Stop;

/// Facts about settings.
pub(crate) const FACTS: &[&str] = &[
    "kernel.accept_redirects",
    "kernel.accept_source_route",
    "kernel.aslr",
    "kernel.dmesg_restrict",
    "kernel.forwarding",
    "kernel.kexec_load_disabled",
    "kernel.kptr_restrict",
    "kernel.lockdown",
    "kernel.log_martians",
    "kernel.modules_disabled",
    "kernel.perf_event_paranoid",
    "kernel.protected_fifos",
    "kernel.protected_hardlinks",
    "kernel.protected_regular",
    "kernel.protected_symlinks",
    "kernel.ptrace_scope",
    "kernel.rp_filter",
    "kernel.send_redirects",
    "kernel.suid_dumpable",
    "kernel.syn_cookies",
    "kernel.sysrq",
    "kernel.unprivileged_bpf_disabled",
];
/// Facts about modules.
pub(crate) const MODULE_FACTS: &[&str] = &["kernel.taint", "module.foreign"];

/// Fact, setting, and the value that every kernel starts with (its own documentation: admin-guide/sysctl, ip-sysctl); none
/// where the build or the distribution decides.
const SETTINGS: [(&str, &str, Option<i64>); 20] = [
    ("kernel.accept_redirects", "net.ipv4.conf.all.accept_redirects", Some(1)),
    ("kernel.accept_source_route", "net.ipv4.conf.all.accept_source_route", Some(0)),
    ("kernel.aslr", "kernel.randomize_va_space", Some(2)),
    ("kernel.dmesg_restrict", "kernel.dmesg_restrict", None),
    ("kernel.kexec_load_disabled", "kernel.kexec_load_disabled", Some(0)),
    ("kernel.kptr_restrict", "kernel.kptr_restrict", Some(0)),
    ("kernel.log_martians", "net.ipv4.conf.all.log_martians", Some(0)),
    ("kernel.modules_disabled", "kernel.modules_disabled", Some(0)),
    ("kernel.perf_event_paranoid", "kernel.perf_event_paranoid", None),
    ("kernel.protected_fifos", "fs.protected_fifos", Some(0)),
    ("kernel.protected_hardlinks", "fs.protected_hardlinks", Some(0)),
    ("kernel.protected_regular", "fs.protected_regular", Some(0)),
    ("kernel.protected_symlinks", "fs.protected_symlinks", Some(0)),
    ("kernel.ptrace_scope", "kernel.yama.ptrace_scope", None),
    ("kernel.rp_filter", "net.ipv4.conf.all.rp_filter", Some(0)),
    ("kernel.send_redirects", "net.ipv4.conf.all.send_redirects", Some(1)),
    ("kernel.suid_dumpable", "fs.suid_dumpable", Some(0)),
    ("kernel.syn_cookies", "net.ipv4.tcp_syncookies", Some(1)),
    ("kernel.sysrq", "kernel.sysrq", None),
    ("kernel.unprivileged_bpf_disabled", "kernel.unprivileged_bpf_disabled", None),
];
const FORWARDING: [&str; 2] = ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"];

/// Collects the running values, or for an image the configured ones.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    if out.host.live {
        running(out);
        lockdown(out);
    } else {
        configured(out);
    }
}

fn running(out: &mut Out<'_>) {
    let read = |look: &mut Look<'_>, key: &str| {
        let f = look.read(Path::new("/proc/sys").join(key.replace('.', "/")))?;
        let value = f.text().trim().parse::<i64>().ok()?;
        Some((value, f.line(1)))
    };
    for (id, key, _) in SETTINGS {
        let mut look = out.look();
        if let Some((value, at)) = read(&mut look, key) {
            out.fact(id, value, at);
        }
        out.gaps(&[id], &look.misses);
    }
    let mut look = out.look();
    let values: Vec<_> = FORWARDING.iter().filter_map(|k| read(&mut look, k)).collect();
    if let Some((value, at)) = values.iter().find(|(v, _)| *v != 0).or(values.first()) {
        out.fact("kernel.forwarding", *value != 0, at.clone());
    }
    out.gaps(&["kernel.forwarding"], &look.misses);
}

/// How far the kernel keeps root out of itself: the word in brackets.
fn lockdown(out: &mut Out<'_>) {
    let mut look = out.look();
    if let Some(f) = look.read("/sys/kernel/security/lockdown")
        && let Some(word) = f.text().split('[').nth(1).and_then(|t| t.split(']').next())
    {
        out.fact("kernel.lockdown", parse::printable(word), f.line(1));
    }
    out.gaps(&["kernel.lockdown"], &look.misses);
}

/// Files of sysctl.d(5): a name in an earlier folder hides the same name in a later one; then by name; the last
/// value wins; `/etc/sysctl.conf` comes last, as Debian links it.
pub(super) fn sysctl_files(look: &mut Look<'_>) -> Vec<File> {
    let mut by_name: BTreeMap<std::ffi::OsString, std::path::PathBuf> = BTreeMap::new();
    for dir in ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"] {
        for e in look.list(dir) {
            if e.text().ends_with(".conf") {
                by_name.entry(e.name).or_insert(e.path);
            }
        }
    }
    let mut files: Vec<File> = by_name.values().filter_map(|p| look.read(p)).collect();
    files.extend(look.read("/etc/sysctl.conf"));
    files
}

fn configured(out: &mut Out<'_>) {
    let mut look = out.look();
    let files = sysctl_files(&mut look);
    // `-KEY` alone keeps a key out of what a pattern says.
    let kept_out = |key: &str| files.iter().any(|f| f.text().lines().any(|l| l.trim().strip_prefix('-') == Some(key)));
    let last = |key: &str| {
        let spared = kept_out(key);
        let fits = |k: &str| k == key || (k.contains('*') && !spared && parse::glob(k, key));
        let of =
            |f: &File| parse::sysctl(&f.text()).into_iter().rfind(|(_, k, _)| fits(k)).map(|(n, _, v)| (v, f.line(n)));
        let (value, at) = files.iter().rev().find_map(of)?;
        Some((value.parse::<i64>().ok()?, at))
    };
    let default_at = || place(Path::new("/etc/sysctl.d"));
    for (id, key, default) in SETTINGS {
        match (last(key), default) {
            (Some((value, at)), _) => out.fact(id, value, at),
            (None, Some(value)) => out.fact(id, value, default_at()),
            (None, None) => out.gap(id, GapReason::NotLive, None),
        }
    }
    let set: Vec<_> = FORWARDING.iter().filter_map(|k| last(k)).collect();
    let (value, at) = set.iter().find(|(v, _)| *v != 0).or(set.first()).cloned().unwrap_or((0, default_at()));
    out.fact("kernel.forwarding", value != 0, at);
    out.gaps(FACTS, &look.misses);
}

/// The kernel's taint and the modules that are not its own.
pub(crate) fn modules(out: &mut Out<'_>, _stop: &Stop) {
    if !out.host.live {
        return;
    }
    let mut look = out.look();
    if let Some(f) = look.read("/proc/sys/kernel/tainted")
        && let Ok(value) = f.text().trim().parse::<i64>()
    {
        out.fact("kernel.taint", value, f.line(1));
    }
    out.gaps(&["kernel.taint"], &look.misses);
    let mut look = out.look();
    // A kernel without modules has no table.
    if let Some(f) = look.read("/proc/modules") {
        for (line, name, flags) in parse::proc_modules(&f.text()) {
            if parse::tainting(&flags) {
                let row = FactValue::row([
                    ("name", parse::printable(&name).into()),
                    ("flags", parse::printable(&flags).into()),
                ]);
                out.fact("module.foreign", row, f.line(line));
            }
        }
    }
    out.gaps(&["module.foreign"], &look.misses);
}
