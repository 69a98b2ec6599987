//! Products of the packs by their traces on Windows: an installed program, a service, a file, a process.
//!
//! One row a product, by its strongest trace. `how` is `package`, `unit`, `binary`, `config` or `process`.

use super::World;
use super::command::base;
use super::disk;
use super::output;
use super::search::{self, Met};
use super::services::services;
use super::software::programs;
use crate::collect::with;
use crate::host::{Miss, path_text, place};
use crate::out::Out;
use crate::packs::{self, Product};
use crate::parse::{glob, printable};
use evidence::{FactValue, GapReason, Place};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] =
    &["backup.tool", "cloud.client", "endpoint.protection", "geo.software", "remote.tool", "snapshot.tool"];

/// What the host offers to look products up in.
pub(super) struct Traces {
    /// Installed programs: name in lower case, text, place.
    programs: Vec<(String, String, Place)>,
    /// Services: name in lower case, file of the program, starts by itself, place.
    services: Vec<(String, String, bool, Place)>,
    /// Processes: file name in lower case, place; none for a disk.
    processes: Option<BTreeMap<String, Place>>,
    homes: Vec<PathBuf>,
    /// Programs met by their names.
    met: Met,
    /// There are files to look at.
    disk: bool,
    /// Whose gaps it is what could not be looked at.
    ids: &'static [&'static str],
}

/// Reads what products are looked up in; what could not be told is a gap of `ids`.
pub(super) fn traces(out: &mut Out<'_>, world: &World, ids: &'static [&'static str]) -> Traces {
    let programs = programs(out, world, ids).into_iter().map(|p| {
        let text = format!("{} {}", p.name, p.version.unwrap_or_default());
        (p.name.to_lowercase(), printable(&text), p.at)
    });
    let programs = programs.collect();
    let found = services(out, world, ids);
    let services = found.into_iter().map(|s| {
        let (at, file) = (s.at(), s.command.base());
        (s.name.to_lowercase(), file, s.automatic, at)
    });
    let services = services.collect();
    let mut processes = None;
    if world.bundle.is_some()
        && let Some((text, at)) = world.answer(out, ids, "tasklist.csv", GapReason::NotLive)
    {
        processes = Some(output::tasklist(&text).into_values().map(|n| (n.to_lowercase(), at.clone())).collect());
    }
    let homes = if world.bundle.is_none() { disk::homes(out.host) } else { Vec::new() };
    Traces { programs, services, processes, homes, met: Met::new(), disk: world.bundle.is_none(), ids }
}

/// How a product shows.
pub(super) struct Found {
    /// `package`, `unit`, `binary`, `config` or `process`.
    pub how: &'static str,
    /// The text of its trace.
    pub trace: String,
    /// Where.
    pub at: Place,
}

/// The strongest trace of a product.
pub(super) fn find(out: &mut Out<'_>, t: &Traces, p: &Product) -> Option<Found> {
    let (how, trace, at) = strongest(out, t, p)?;
    Some(Found { how, trace, at })
}
fn strongest(out: &mut Out<'_>, t: &Traces, p: &Product) -> Option<(&'static str, String, Place)> {
    let like = |patterns: &[String], name: &str| patterns.iter().any(|x| glob(&x.to_lowercase(), name));
    if let Some((_, text, at)) = t.programs.iter().find(|(n, ..)| like(&p.windows_names, n)) {
        return Some(("package", text.clone(), at.clone()));
    }
    let files: Vec<String> = p.windows_files.iter().map(|f| base(f)).filter(|f| f.ends_with(".exe")).collect();
    let service = t.services.iter().find(|(n, file, ..)| like(&p.windows_services, n) || files.contains(file));
    if let Some((name, _, _, at)) = service {
        return Some(("unit", printable(name), at.clone()));
    }
    let looked_at = p.windows_files.iter().filter(|f| t.disk && f.starts_with(['/', '~']));
    for file in looked_at {
        if let Some(found) = on_disk(out, t, file) {
            let how = if file.ends_with(".exe") { "binary" } else { "config" };
            return Some((how, path_text(&found), place(&found)));
        }
    }
    if let Some((path, at)) = files.iter().find_map(|f| t.met.get(f)) {
        return Some(("binary", printable(path), at.clone()));
    }
    let process = t.processes.as_ref()?.iter().find(|(n, _)| files.contains(n))?;
    Some(("process", printable(process.0), process.1.clone()))
}
fn on_disk(out: &mut Out<'_>, t: &Traces, file: &str) -> Option<PathBuf> {
    let paths = match file.strip_prefix("~/") {
        Some(rest) => t.homes.iter().map(|h| format!("{}/{rest}", h.display())).collect(),
        None => vec![file.to_owned()],
    };
    for path in paths {
        match disk::find(out.host, &path) {
            Ok(found) => return Some(found),
            Err(Miss::Absent) => {}
            Err(Miss::Gap(reason)) => out.gap_at(t.ids, reason, std::path::Path::new(&path)),
        }
    }
    None
}

/// Names of programs that are looked for in every folder: those of products that work without being installed.
fn telling(products: &packs::Products) -> HashSet<String> {
    let carried = ["cloud.client", "geo.software", "remote.tool"];
    let all = products.all().filter(|(fact, _)| carried.contains(fact)).flat_map(|(_, p)| &p.windows_files);
    all.map(|f| base(f)).filter(|f| f.ends_with(".exe")).collect()
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World, stop: &Stop) {
    let products = std::sync::Arc::clone(&out.shared.products);
    for refused in products.refused() {
        out.gap_at(FACTS, GapReason::Unsupported, std::path::Path::new(&refused.file));
    }
    let mut t = traces(out, world, FACTS);
    t.met = search::programs(out, world, stop, &telling(&products), FACTS);
    for id in FACTS {
        for p in products.of(id) {
            let Some(Found { how, trace, at }) = find(out, &t, p) else { continue };
            let mut row = FactValue::row([("name", p.name.as_str().into()), ("how", how.into())]);
            if ["cloud.client", "geo.software", "remote.tool"].contains(id) {
                with(&mut row, "trace", Some(trace));
            }
            if ["geo.software", "remote.tool"].contains(id) {
                with(&mut row, "origin", p.country());
            }
            if *id == "remote.tool" {
                with(&mut row, "kind", Some(p.kind.as_str()));
                let files: Vec<String> = p.windows_files.iter().map(|f| base(f)).collect();
                let running = t.processes.as_ref().map(|all| files.iter().any(|f| all.contains_key(f)));
                with(&mut row, "running", running);
                let own = |n: &str| p.windows_services.iter().any(|x| glob(&x.to_lowercase(), n));
                let starts = t.services.iter().any(|(n, file, auto, _)| *auto && (own(n) || files.contains(file)));
                with(&mut row, "autostart", Some(starts));
            }
            out.fact(id, row, at);
        }
    }
}
