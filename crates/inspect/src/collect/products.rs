//! Products of the packs: remote maintenance, maps, clouds, backup, protection, snapshots.
//!
//! One row a product, by its strongest trace: a package, a program, a unit, a configuration, a process, or a file
//! of that name met anywhere by the walk.

use crate::host::Look;
use crate::out::Out;
use crate::packs::Product;
use crate::{collect, parse, shared};
use evidence::{FactValue, GapReason, Place};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &[
    "backup.tool",
    "cloud.client",
    "copy.tool",
    "endpoint.protection",
    "geo.software",
    "remote.tool",
    "snapshot.tool",
];

/// What the host offers to look products up in.
pub(super) struct Traces {
    programs: HashMap<String, PathBuf>,
    units: HashMap<String, PathBuf>,
    met: HashMap<String, PathBuf>,
    running: HashSet<String>,
    started: HashSet<String>,
    enabled: HashSet<String>,
    homes: Vec<PathBuf>,
}

/// Reads what products are looked up in.
pub(super) fn traces(out: &Out<'_>, look: &mut Look<'_>) -> Traces {
    let mut programs = HashMap::new();
    for dir in collect::PROGRAM_FOLDERS {
        for e in look.list(dir) {
            programs.entry(e.text().into_owned()).or_insert(e.path);
        }
    }
    let mut units = HashMap::new();
    for dir in collect::UNIT_FOLDERS {
        for e in look.list(dir) {
            units.entry(e.text().into_owned()).or_insert(e.path);
        }
    }
    let mut met = HashMap::new();
    for path in out.shared.met() {
        if let Some(name) = path.file_name().map(|n| n.to_string_lossy().into_owned()) {
            met.entry(name).or_insert(path);
        }
    }
    let base = |w: &String| w.rsplit('/').next().unwrap_or(w).to_owned();
    let enabled = &out.shared.units(out.host).value;
    let jobs = &out.shared.jobs(out.host).value;
    let mut started: HashSet<String> = enabled.iter().flat_map(|u| u.words.iter().take(1).map(base)).collect();
    started
        .extend(jobs.iter().flat_map(|j| parse::exec_words(&j.command).iter().take(1).map(base).collect::<Vec<_>>()));
    for path in ["/etc/rc.local", "/etc/rc.d/rc.local"] {
        if let Some(f) = look.read(path) {
            started.extend(
                parse::lines(&f.text())
                    .flat_map(|(_, l)| parse::exec_words(l).iter().take(1).map(base).collect::<Vec<_>>()),
            );
        }
    }
    let homes = shared::homes(&out.shared.accounts(out.host).value).into_iter().map(|(_, h)| h).collect();
    Traces {
        programs,
        units,
        met,
        running: out.shared.processes(out.host).value.iter().flat_map(|p| [p.base(), p.name.clone()]).collect(),
        started,
        enabled: enabled.iter().map(|u| u.name.clone()).collect(),
        homes,
    }
}

/// How a product shows.
pub(super) struct Found {
    /// `package`, `binary`, `unit`, `config` or `process`.
    pub how: &'static str,
    /// The text of its trace; of a package its name and version.
    pub trace: String,
    /// Version, where the trace has one.
    pub version: Option<String>,
    /// Where.
    pub at: Place,
}

/// The strongest trace of a product.
pub(super) fn find(out: &Out<'_>, look: &mut Look<'_>, t: &Traces, p: &Product) -> Option<Found> {
    let packages = &out.shared.packages(out.host).value;
    for name in &p.packages {
        if let Some((set, found)) = packages.get(name) {
            let text = format!("{} {}", found.name, found.version);
            let at = if found.line == 0 { set.at.clone() } else { set.at.clone().line(found.line as u64) };
            let version = Some(found.version.clone()).filter(|v| !v.is_empty());
            return Some(Found { how: "package", trace: parse::printable(&text), version, at });
        }
    }
    let found = |how, trace, at| Some(Found { how, trace, version: None, at });
    let file = |how, path: &Path| found(how, shared::text_of(path), crate::host::place(path));
    for name in p.binaries.iter().chain(&p.anywhere) {
        if name.starts_with('/') {
            if look.stat(name).is_some() {
                return file("binary", Path::new(name));
            }
        } else if let Some(path) = t.programs.get(name) {
            return file("binary", path);
        }
    }
    if let Some(path) = p.anywhere.iter().find_map(|n| t.met.get(n)) {
        return file("binary", path);
    }
    if let Some(path) = p.units.iter().find_map(|n| t.units.get(n)) {
        return file("unit", path);
    }
    for config in &p.configs {
        match config.strip_prefix("~/") {
            Some(rest) => {
                if let Some(path) = t.homes.iter().map(|h| h.join(rest)).find(|p| look.stat(p).is_some()) {
                    return file("config", &path);
                }
            }
            None if look.stat(config).is_some() => return file("config", Path::new(config)),
            None => {}
        }
    }
    let process = out.shared.processes(out.host).value.iter().find(|x| {
        let base = x.base();
        p.anywhere.contains(&base) || p.processes.contains(&base) || p.processes.contains(&x.name)
    })?;
    let path = PathBuf::from(format!("/proc/{}/exe", process.pid));
    found("process", process.base(), crate::host::place(&path))
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let t = traces(out, &mut look);
    let starts = [&out.shared.units(out.host).misses, &out.shared.jobs(out.host).misses];
    let unseen = starts.into_iter().flatten().next().cloned();
    let mut unsure = false;
    let products = std::sync::Arc::clone(&out.shared.products);
    for refused in products.refused() {
        out.gap_at(FACTS, GapReason::Unsupported, Path::new(&refused.file));
    }
    for id in FACTS {
        for p in products.of(id) {
            let Some(Found { how, trace, at, .. }) = find(out, &mut look, &t, p) else { continue };
            let mut row = FactValue::row([("name", p.name.as_str().into()), ("how", how.into())]);
            match *id {
                "cloud.client" | "copy.tool" => collect::with(&mut row, "trace", Some(trace)),
                "geo.software" => {
                    collect::with(&mut row, "trace", Some(trace));
                    collect::with(&mut row, "origin", p.country());
                }
                "remote.tool" => {
                    collect::with(&mut row, "trace", Some(trace));
                    collect::with(&mut row, "origin", p.country());
                    collect::with(&mut row, "kind", Some(p.kind.as_str()));
                    let names = || p.binaries.iter().chain(&p.anywhere).chain(&p.processes);
                    let base = |n: &String| n.rsplit('/').next().unwrap_or(n).to_owned();
                    let running = names().any(|n| t.running.contains(&base(n)));
                    collect::with(&mut row, "running", out.host.live.then_some(running));
                    let autostart = p.units.iter().any(|u| t.enabled.contains(u) || instance_enabled(u, &t.enabled))
                        || names().any(|n| t.started.contains(&base(n)));
                    // A job that may not be read could start it.
                    let told = autostart || unseen.is_none();
                    unsure |= !told;
                    collect::with(&mut row, "autostart", told.then_some(autostart));
                }
                _ => {}
            }
            out.fact(id, row, at);
        }
    }
    if let (true, Some((reason, path))) = (unsure, unseen) {
        out.field_gap("remote.tool.autostart", reason, &path);
    }
    out.gaps(FACTS, &look.misses);
    // Names are recognised in every folder, so a folder that was not walked could hold one.
    out.gaps(FACTS, &out.shared.unwalked());
    // Without the package database a product could be there under its package's name only.
    let packages = &out.shared.packages(out.host).misses;
    out.gaps(FACTS, packages);
}

/// `wg-quick@.service` is enabled as `wg-quick@wg0.service`.
fn instance_enabled(unit: &str, enabled: &HashSet<String>) -> bool {
    match unit.split_once("@.") {
        Some((base, suffix)) => {
            enabled.iter().any(|e| e.strip_prefix(base).is_some_and(|r| r.starts_with('@') && r.ends_with(suffix)))
        }
        None => false,
    }
}
