//! Backups: where to, when, and whether the last one ended well.

use crate::host::{File, Look, place};
use crate::out::Out;
use crate::parse::{self, MountRow};
use evidence::{FactValue, Place, Time};
use std::collections::BTreeSet;
use std::path::Path;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["backup.destination", "backup.last_success", "backup.schedule"];

/// Network file systems, for a destination that is a folder.
const NETWORK: [&str; 8] = ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "glusterfs", "davfs"];
/// Variables that name a repository.
const REPOSITORY_NAMES: [&str; 5] =
    ["RESTIC_REPOSITORY", "BORG_REPO", "PBS_REPOSITORY", "KOPIA_REPOSITORY", "RUSTIC_REPOSITORY"];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mounts = ["/proc/self/mounts", "/etc/fstab"];
    let mounts = mounts.iter().filter(|p| out.host.live || **p == "/etc/fstab").filter_map(|p| look.read(p));
    let mounts: Vec<MountRow> = mounts.flat_map(|f| parse::mount_table(&f.text())).collect();
    let mut seen = BTreeSet::new();
    for (target, tool, at) in destinations(out, &mut look) {
        let target = parse::printable(&parse::strip_userinfo(&target));
        if target.is_empty() || !seen.insert((target.clone(), tool.clone())) {
            continue;
        }
        let row = FactValue::row([
            ("separate", separate(&target, &mounts).into()),
            ("target", target.into()),
            ("tool", tool.into()),
        ]);
        out.fact("backup.destination", row, at);
    }
    out.gaps(&["backup.destination"], &look.misses);
    schedule(out);
    last_success(out);
}

/// Another host, or a folder on a network file system.
fn separate(target: &str, mounts: &[MountRow]) -> bool {
    if let Some(path) = target.strip_prefix("file://").or(Some(target)).filter(|t| t.starts_with('/')) {
        let best = mounts.iter().filter(|m| Path::new(path).starts_with(&m.target)).max_by_key(|m| m.target.len());
        return best.is_some_and(|m| NETWORK.contains(&m.fstype.as_str()));
    }
    target.contains(':')
}

fn destinations(out: &Out<'_>, look: &mut Look<'_>) -> Vec<(String, String, Place)> {
    let mut all = Vec::new();
    let mut add = |target: &str, tool: &str, at: Place| all.push((target.to_owned(), tool.to_owned(), at));
    if let Some(f) = look.read("/etc/rsnapshot.conf") {
        for (n, k, v) in parse::space_conf(&f.text()) {
            if k == "snapshot_root" {
                add(v.first().map_or("", String::as_str), "rsnapshot", f.line(n));
            }
        }
    }
    let mut yaml: Vec<(File, &str)> = Vec::new();
    yaml.extend(look.read("/etc/borgmatic/config.yaml").map(|f| (f, "borgmatic")));
    for suffix in [".yaml", ".yml"] {
        yaml.extend(look.drop_ins("/etc/borgmatic.d", suffix).into_iter().map(|f| (f, "borgmatic")));
    }
    yaml.extend(look.read("/etc/autorestic/autorestic.yml").map(|f| (f, "autorestic")));
    for (f, tool) in &yaml {
        for (n, k, v) in parse::yaml_keys(&f.text()) {
            let here = match *tool {
                "borgmatic" => {
                    ["repositories", "repositories.path", "location.repositories", "location.repositories.path"]
                        .contains(&k.as_str())
                }
                _ => k.starts_with("backends.") && k.ends_with(".path"),
            };
            if here {
                add(&v, tool, f.line(n));
            }
        }
    }
    // Files of assignments beside the tools.
    let mut env: Vec<File> = ["/etc/default/restic", "/etc/sysconfig/restic", "/etc/environment"]
        .iter()
        .filter_map(|p| look.read(p))
        .collect();
    for dir in ["/etc/restic", "/etc/borg", "/etc/backup", "/etc/proxmox-backup-client"] {
        env.extend(look.drop_ins(dir, ""));
    }
    for f in &env {
        for name in REPOSITORY_NAMES {
            for (n, v) in parse::shell_assignments(&f.text(), name) {
                add(&v, tool_of(name), f.line(n));
            }
        }
    }
    for dir in look.list("/etc/duply") {
        if let Some(f) = look.read(dir.path.join("conf")) {
            for (n, v) in parse::shell_assignments(&f.text(), "TARGET") {
                add(&v, "duply", f.line(n));
            }
        }
    }
    for j in &out.shared.jobs(out.host).value {
        for (target, tool) in targets_of(&parse::exec_words(&j.command)) {
            add(&target, tool, j.at.clone());
        }
        for name in REPOSITORY_NAMES {
            for (_, v) in parse::shell_assignments(&j.command, name) {
                add(&v, tool_of(name), j.at.clone());
            }
        }
    }
    for u in &out.shared.units(out.host).value {
        for (target, tool) in targets_of(&u.words) {
            add(&target, tool, u.at.clone());
        }
        for l in u.lines.iter().filter(|l| l.key == "Environment") {
            for name in REPOSITORY_NAMES {
                let set = parse::split_words(&l.value);
                if let Some(v) = set.iter().find_map(|w| w.strip_prefix(name)?.strip_prefix('=')) {
                    add(v, tool_of(name), place(&u.path).line(l.line as u64));
                }
            }
        }
    }
    all
}

fn tool_of(variable: &str) -> &'static str {
    match variable {
        "BORG_REPO" => "borg",
        "PBS_REPOSITORY" => "proxmox-backup-client",
        "KOPIA_REPOSITORY" => "kopia",
        "RUSTIC_REPOSITORY" => "rustic",
        _ => "restic",
    }
}

/// Destinations on a command line.
fn targets_of(words: &[String]) -> Vec<(String, &'static str)> {
    let Some(program) = words.first().map(|w| w.rsplit('/').next().unwrap_or(w)) else { return Vec::new() };
    let after = |options: &[&str]| {
        let at = words.iter().position(|w| options.contains(&w.as_str()))?;
        words.get(at + 1).cloned()
    };
    let glued = |option: &str| words.iter().find_map(|w| w.strip_prefix(option).map(str::to_owned));
    match program {
        "restic" => after(&["-r", "--repo"]).or_else(|| glued("--repo=")).map(|t| (t, "restic")).into_iter().collect(),
        "borg" => words
            .iter()
            .skip(1)
            .find_map(|w| w.split_once("::").map(|(repo, _)| repo.to_owned()))
            .map(|t| (t, "borg"))
            .into_iter()
            .collect(),
        "proxmox-backup-client" => after(&["--repository"]).map(|t| (t, "proxmox-backup-client")).into_iter().collect(),
        "duplicity" => {
            words.iter().rfind(|w| w.contains("://")).map(|t| (t.clone(), "duplicity")).into_iter().collect()
        }
        "rdiff-backup" => {
            words.last().filter(|_| words.len() > 2).map(|t| (t.clone(), "rdiff-backup")).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Jobs and timers that start a backup program of the pack, or rsync or a script that says backup in its name.
fn schedule(out: &mut Out<'_>) {
    let products = std::sync::Arc::clone(&out.shared.products);
    let name_of = |words: &[String]| {
        let base = words.first().map(|w| w.rsplit('/').next().unwrap_or(w).to_owned())?;
        let known = products
            .of("backup.tool")
            .iter()
            .find(|p| p.binaries.iter().chain(&p.anywhere).any(|b| b.rsplit('/').next() == Some(base.as_str())));
        let other = base.to_ascii_lowercase().contains("backup");
        known.map(|p| p.name.clone()).or_else(|| other.then_some(base))
    };
    let (jobs, units) = (out.shared.jobs(out.host), out.shared.units(out.host));
    let mut rows = Vec::new();
    for j in &jobs.value {
        if let Some(tool) = name_of(&parse::exec_words(&j.command)) {
            rows.push((tool, "cron", j.schedule.clone(), j.at.clone()));
        }
    }
    for u in units.value.iter().filter(|u| u.name.ends_with(".timer")) {
        let by_unit = products.of("backup.tool").iter().find(|p| p.units.contains(&u.name)).map(|p| p.name.clone());
        if u.name != "dpkg-db-backup.timer"
            && let Some(tool) = by_unit.or_else(|| name_of(&u.words))
        {
            rows.push((tool, "timer", u.when.clone().unwrap_or_default(), u.at.clone()));
        }
    }
    for (tool, how, when, at) in rows {
        let row = FactValue::row([
            ("tool", parse::printable(&tool).into()),
            ("how", how.into()),
            ("when", parse::printable(&when).into()),
        ]);
        out.fact("backup.schedule", row, at);
    }
    out.gaps(&["backup.schedule"], &jobs.misses);
    out.gaps(&["backup.schedule"], &units.misses);
}

/// Logs, the words by which their tool reports success, and whether the line itself carries the time.
const SUCCESS: [(&str, &str, bool); 7] = [
    ("rsnapshot.log", "completed successfully", true),
    ("rsnapshot", "completed successfully", true),
    ("borgmatic.log", "terminating with success status, rc 0", true),
    ("borg.log", "terminating with success status, rc 0", true),
    ("restic.log", " saved", false),
    ("duplicity.log", "Errors 0", false),
    ("backup.log", "completed successfully", true),
];

/// The newest time at which a tool itself wrote that it succeeded. Stamps of timers and locks prove a start only.
fn last_success(out: &mut Out<'_>) {
    let mut look = out.look();
    let mut newest: Option<(i64, Place)> = None;
    let mut files = Vec::new();
    for dir in
        ["/var/log", "/var/log/restic", "/var/log/borg", "/var/log/borgmatic", "/var/log/duplicity", "/var/log/backup"]
    {
        files.extend(look.list(dir).into_iter().filter_map(|e| {
            let name = e.text().into_owned();
            SUCCESS.iter().find(|(n, _, _)| *n == name).map(|s| (e.path, s.1, s.2))
        }));
    }
    for (path, words, stamped) in files {
        if !look.stat(&path).is_some_and(|m| m.is_file()) {
            continue;
        }
        let Some(f) = look.read(&path) else { continue };
        let text = f.text();
        let hits = text
            .lines()
            .enumerate()
            .filter(|(_, l)| l.contains(words) && (words != " saved" || l.starts_with("snapshot ")));
        let found = if stamped {
            hits.filter_map(|(n, l)| Some((parse::log_time(l)?, n))).max()
        } else {
            // Without stamps the file's own time counts, if success is the last thing it tells.
            let last = text.lines().count().saturating_sub(8);
            hits.filter(|(n, _)| *n >= last).last().map(|(n, _)| (f.meta.mtime, n))
        };
        if let Some((t, n)) = found
            && newest.as_ref().is_none_or(|(have, _)| *have < t)
        {
            newest = Some((t, f.line(n + 1)));
        }
    }
    if let Some((t, at)) = newest.filter(|(t, _)| *t <= out.shared.now.secs().saturating_add(86_400)) {
        out.fact("backup.last_success", FactValue::time(Time::from_secs(t)), at);
    }
    out.gaps(&["backup.last_success"], &look.misses);
}
