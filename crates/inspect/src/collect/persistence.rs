//! Further places from which something starts by itself: rules of udev, modules, the first file system, jobs of at.

use crate::collect::{self, with};
use crate::host::{Look, place};
use crate::out::Out;
use crate::{parse, shared};
use evidence::{FactValue, Time};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["at.job", "initramfs.hook", "module.autoload", "persistence.udev"];

/// Folders of scripts for the first file system.
const HOOKS: [&str; 9] = [
    "/etc/initramfs-tools/hooks",
    "/etc/initramfs-tools/scripts",
    "/usr/share/initramfs-tools/hooks",
    "/usr/share/initramfs-tools/scripts",
    "/usr/lib/dracut/modules.d",
    "/etc/dracut/modules.d",
    "/etc/initcpio/hooks",
    "/etc/initcpio/install",
    "/usr/lib/initcpio/install",
];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let owned = out.shared.owned(out.host).misses.clone();
    out.gaps(&["initramfs.hook", "module.autoload", "persistence.udev"], &owned);
    udev(out);
    modules(out);
    hooks(out);
    jobs(out);
}

/// Files of a folder that exists below several tops; a name in an earlier one hides the same name in a later one.
fn layered(look: &mut Look<'_>, tops: &[&str], folder: &str, suffix: &str) -> Vec<PathBuf> {
    let mut by_name: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    for top in tops {
        for e in look.list(Path::new(top).join(folder)) {
            if e.text().ends_with(suffix) {
                by_name.entry(e.name).or_insert(e.path);
            }
        }
    }
    by_name.into_values().collect()
}

fn udev(out: &mut Out<'_>) {
    let mut look = out.look();
    for path in layered(&mut look, &["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"], "udev/rules.d", ".rules") {
        let Some(file) = look.read(&path) else { continue };
        for (line, program) in parse::udev_programs(&file.text()) {
            let mut row = FactValue::row([
                ("file", shared::text_of(&path).into()),
                ("line", i64::try_from(line).unwrap_or(i64::MAX).into()),
                ("program", parse::scrub(&program).into()),
            ]);
            with(&mut row, "packaged", out.shared.packaged(out.host, &path));
            out.fact("persistence.udev", row, file.line(line));
        }
    }
    out.gaps(&["persistence.udev"], &look.misses);
}

fn modules(out: &mut Out<'_>) {
    let mut look = out.look();
    let tops = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"];
    let mut files = layered(&mut look, &tops, "modules-load.d", ".conf");
    files.push("/etc/modules".into());
    for path in files {
        let Some(file) = look.read(&path) else { continue };
        for (line, name) in parse::lines(&file.text()).filter(|(_, l)| !l.starts_with(';')) {
            let name = name.split_whitespace().next().unwrap_or_default();
            module(out, (name, "load", None), &path, file.line(line));
        }
    }
    for path in layered(&mut look, &tops, "modprobe.d", ".conf") {
        let Some(file) = look.read(&path) else { continue };
        for (line, name, command) in parse::modprobe_installs(&file.text()) {
            module(out, (&name, "install", Some(&command)), &path, file.line(line));
        }
    }
    out.gaps(&["module.autoload"], &look.misses);
}
fn module(out: &mut Out<'_>, (name, how, command): (&str, &str, Option<&str>), path: &Path, at: evidence::Place) {
    let mut row = FactValue::row([
        ("module", parse::printable(name).into()),
        ("how", how.into()),
        ("file", shared::text_of(path).into()),
    ]);
    with(&mut row, "command", command.map(parse::scrub));
    with(&mut row, "packaged", out.shared.packaged(out.host, path));
    out.fact("module.autoload", row, at);
}

fn hooks(out: &mut Out<'_>) {
    let mut look = out.look();
    for top in HOOKS {
        // Scripts of initramfs-tools and modules of dracut lie one folder deeper.
        let mut files = Vec::new();
        for e in look.list(top) {
            match look.stat(&e.path) {
                Some(m) if m.is_dir() => files.extend(look.list(&e.path).into_iter().map(|e| e.path)),
                Some(_) => files.push(e.path),
                None => {}
            }
        }
        for path in files {
            let Some(meta) = look.stat(&path).filter(crate::host::Meta::is_file) else { continue };
            let packaged = out.shared.packaged(out.host, &path);
            if packaged == Some(true) {
                continue;
            }
            let mut row = FactValue::row([
                ("path", shared::text_of(&path).into()),
                ("writable", meta.writable_by_others().into()),
            ]);
            with(&mut row, "packaged", packaged);
            let at = look.read(&path).map_or_else(|| place(&path), |f| f.place());
            out.fact("initramfs.hook", row, at);
        }
    }
    out.gaps(&["initramfs.hook"], &look.misses);
}

fn jobs(out: &mut Out<'_>) {
    let mut look = out.look();
    let accounts = out.shared.accounts(out.host);
    for folder in ["/var/spool/cron/atjobs", "/var/spool/at", "/var/spool/atjobs"] {
        for e in look.list(folder) {
            let Some(when) = parse::at_time(&e.text()) else { continue };
            let Some(file) = look.read(&e.path) else { continue };
            let owner = accounts.value.iter().find(|a| a.uid == file.meta.uid);
            let user = owner.map_or_else(|| file.meta.uid.to_string(), |a| parse::printable(&a.name));
            let mut row = FactValue::row([
                ("file", shared::text_of(&e.path).into()),
                ("user", user.into()),
                ("at", FactValue::time(Time::from_secs(when))),
            ]);
            let command = parse::at_command(&file.text());
            with(&mut row, "command", command.as_ref().map(|(_, c)| parse::scrub(c)));
            out.fact("at.job", row, command.map_or_else(|| file.place(), |(line, _)| file.line(line)));
        }
    }
    out.gaps(&["at.job"], &accounts.misses);
    out.gaps(&["at.job"], &look.misses);
}

/// The fact of core dumps.
pub(crate) const DUMP_FACTS: &[&str] = &["core.dump"];

/// Where the memory of a program goes that dies: the kernel's pattern, then the program that it names, then limits.
pub(crate) fn dumps(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut at = collect::at("/proc/sys/kernel/core_pattern");
    let mut pattern = String::from("core");
    if out.host.live {
        match look.read("/proc/sys/kernel/core_pattern") {
            Some(f) => {
                f.text().trim().clone_into(&mut pattern);
                at = f.line(1);
            }
            None => {
                return out.gap_at(
                    DUMP_FACTS,
                    evidence::GapReason::Missing,
                    Path::new("/proc/sys/kernel/core_pattern"),
                );
            }
        }
    } else {
        for f in super::kernel::sysctl_files(&mut look) {
            if let Some((n, _, v)) = parse::sysctl(&f.text()).into_iter().rfind(|(_, k, _)| k == "kernel.core_pattern")
            {
                (pattern, at) = (v, f.line(n));
            }
        }
    }
    let (mut value, mut at) = match pattern.strip_prefix('|') {
        Some(program) if program.contains("systemd-coredump") => systemd_dumps(&mut look, at),
        Some(_) => ("pipe", at),
        None if pattern.is_empty() => ("none", at),
        None => ("file", at),
    };
    // A pipe is fed whatever the limit says.
    if value == "file"
        && let Some(limit) = no_dumps(&mut look)
    {
        (value, at) = ("none", limit);
    }
    out.fact("core.dump", value, at);
    out.gaps(DUMP_FACTS, &look.misses);
}

/// `Storage=` of coredump.conf: `external` and `journal` keep it.
fn systemd_dumps(look: &mut Look<'_>, at: evidence::Place) -> (&'static str, evidence::Place) {
    let mut files: Vec<_> =
        ["/usr/lib/systemd/coredump.conf", "/etc/systemd/coredump.conf"].iter().filter_map(|p| look.read(p)).collect();
    for dir in ["/usr/lib/systemd/coredump.conf.d", "/run/systemd/coredump.conf.d", "/etc/systemd/coredump.conf.d"] {
        files.extend(look.drop_ins(dir, ".conf"));
    }
    let set = files.iter().rev().find_map(|f| {
        let found = parse::ini(&f.text()).into_iter().rfind(|l| l.key == "Storage")?;
        Some((found.value, f.line(found.line)))
    });
    match set {
        Some((value, at)) if value.eq_ignore_ascii_case("none") => ("none", at),
        Some((_, at)) => ("systemd", at),
        None => ("systemd", at),
    }
}

/// Where `* hard core 0` (or `* - core 0`) stands.
fn no_dumps(look: &mut Look<'_>) -> Option<evidence::Place> {
    let mut files: Vec<_> = look.read("/etc/security/limits.conf").into_iter().collect();
    files.extend(look.drop_ins("/etc/security/limits.d", ".conf"));
    let mut found = None;
    for f in &files {
        for (n, l) in parse::lines(&f.text()) {
            if let [who, kind, item, value, ..] = l.split_whitespace().collect::<Vec<_>>().as_slice()
                && *who == "*"
                && matches!(*kind, "hard" | "-")
                && *item == "core"
            {
                found = (*value == "0").then(|| f.line(n));
            }
        }
    }
    found
}
