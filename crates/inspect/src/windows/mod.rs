//! Facts about a Windows host: from a mounted disk, or from the bundle that the collector script wrote on it.
//!
//! Most of what matters about Windows stands in its registry, so one set of collectors asks one [`view`] of it, which
//! lies over hives of a disk or over the answers in a bundle. What only a running system knows (sockets, shadow
//! copies, events) comes from the bundle's other files and is a gap for a disk.
//!
//! Refused: reading labels of tools, which are in the host's language; hives and values that hold secrets (SECURITY,
//! passwords of automatic log-ins, hashes in SAM); and asking an image anything by running it.

mod accounts;
mod autorun;
pub(crate) mod bundle;
mod command;
pub mod data;
mod disk;
mod geo;
pub mod hive;
mod log;
mod logs;
pub mod manifest;
mod network;
mod origin;
pub mod output;
mod products;
mod protect;
pub mod reg;
mod search;
mod services;
mod settings;
pub mod sid;
mod software;
mod system;
mod tasks;
mod text;
mod view;
mod xml;

pub use command::{WindowsCommand, windows_command};
pub(crate) use disk::is_windows;
pub use tasks::{TaskFile, task_file};
pub use text::decode;

use crate::host::Host;
use crate::out::Out;
use bundle::Bundle;
use evidence::{DigestKey, GapReason, Place, Time, fact};
use std::collections::BTreeMap;
use stdx::{Progress, Stop};
use view::{Answers, Query, Registry};

/// When a bundle was collected, by the clock of its host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Collected {
    /// Begin, if the host could tell.
    pub started: Option<Time>,
    /// End.
    pub ended: Option<Time>,
    /// The collector came to its end.
    pub whole: bool,
}

/// The collector: file names and texts.
pub const COLLECTOR: [(&str, &str); 3] = [
    ("README.md", include_str!("../../collectors/windows/README.md")),
    ("collect.cmd", include_str!("../../collectors/windows/collect.cmd")),
    ("collect.ps1", include_str!("../../collectors/windows/collect.ps1")),
];

/// People and services with a profile.
const PROFILES: &str = "Microsoft\\Windows NT\\CurrentVersion\\ProfileList";

/// A Windows host, read as far as all collectors need it.
#[derive(Debug)]
pub(crate) struct World {
    /// The registry.
    pub registry: Registry,
    /// The bundle, unless this is a disk.
    pub bundle: Option<Bundle>,
    /// Version, if it can be told.
    pub version: Option<system::Version>,
    /// Under which serial numbers are digested.
    pub key: DigestKey,
}

impl World {
    /// Reads a mounted disk.
    pub(crate) fn disk(host: &Host, key: &DigestKey) -> Self {
        Self::new(Registry::Hives(Box::new(disk::hives(host))), None, key)
    }
    /// Takes a bundle.
    pub(crate) fn bundle(bundle: Bundle, key: &DigestKey) -> Self {
        Self::new(Registry::Answers(Box::new(Answers::new(&bundle))), Some(bundle), key)
    }
    fn new(registry: Registry, bundle: Option<Bundle>, key: &DigestKey) -> Self {
        let version = system::version(&mut Query::new(&registry)).map(|(v, _)| v);
        Self { registry, bundle, version, key: key.clone() }
    }
    /// Questions to the registry.
    pub(crate) fn ask(&self) -> Query<'_> {
        Query::new(&self.registry)
    }
    /// Name of a user whose settings can be asked for: of a disk the profile's folder; of a bundle that folder too, by the
    /// list of profiles, else the identifier.
    fn user_name(&self, name: &str) -> String {
        if self.bundle.is_none() {
            return name.to_owned();
        }
        let seen = self.ask().value(view::Root::Software, &format!("{PROFILES}\\{name}"), "ProfileImagePath");
        let path = seen.and_then(|s| s.text());
        path.and_then(|p| p.rsplit('\\').next().map(str::to_owned)).unwrap_or_else(|| name.to_owned())
    }
    /// Notes for `ids` that a bundle lacks the settings of people who have a profile and were not logged in: their hives
    /// were not loaded.
    fn absent_users(&self, out: &mut Out<'_>, ids: &[&'static str]) {
        let Some(bundle) = &self.bundle else { return };
        let mut q = self.ask();
        let here = self.registry.users();
        for profile in q.subkeys(view::Root::Software, PROFILES).unwrap_or_default() {
            // Other identifiers belong to services of Windows.
            if profile.starts_with("S-1-5-21-") && !here.iter().any(|(_, sid)| sid.eq_ignore_ascii_case(&profile)) {
                ids.iter().for_each(|id| out.gap(id, GapReason::Missing, Some(bundle.at.clone())));
            }
        }
        q.settle(out, ids);
    }
    /// Name of the host.
    pub(crate) fn host_name(&self) -> Option<String> {
        system::host_name(&mut self.ask()).map(|(n, _)| n)
    }
    /// What tells this machine from others: the identifier that Windows made when it was installed.
    pub(crate) fn machine(&self) -> Option<String> {
        self.ask().value(view::Root::Software, "Microsoft\\Cryptography", "MachineGuid")?.text()
    }
    /// True if the collector had an administrator's rights; of a disk, `None`.
    pub(crate) fn elevated(&self) -> Option<bool> {
        self.bundle.as_ref().map(|b| b.manifest.elevated)
    }
    /// When the collector began and ended, by the host's own clock; `None` for a disk.
    pub(crate) fn collected(&self) -> Option<Collected> {
        let manifest = &self.bundle.as_ref()?.manifest;
        Some(Collected { started: manifest.started, ended: manifest.ended, whole: manifest.whole })
    }
    /// The answer of a tool in the bundle; else a gap of `ids`, for a disk with the reason `disk`.
    fn answer(&self, out: &mut Out<'_>, ids: &[&'static str], file: &str, disk: GapReason) -> Option<(String, Place)> {
        let (reason, at) = match &self.bundle {
            None => (disk, None),
            Some(bundle) => match bundle.answer(file) {
                Ok(found) => return Some(found),
                Err(reason) => (reason, Some(bundle.at.clone())),
            },
        };
        ids.iter().for_each(|id| out.gap(id, reason, at.clone()));
        None
    }
    /// The rows of a table in the bundle; rows that cannot be told apart are a gap of `ids`.
    fn table(
        &self,
        out: &mut Out<'_>,
        ids: &[&'static str],
        file: &str,
        disk: GapReason,
    ) -> Option<(Vec<BTreeMap<String, String>>, Place)> {
        let (text, at) = self.answer(out, ids, file, disk)?;
        let (rows, bad) = output::csv_table(&text);
        if bad > 0 {
            ids.iter().for_each(|id| out.gap(id, GapReason::Corrupt, Some(at.clone())));
        }
        Some((rows, at))
    }
}

/// A collector.
pub(crate) struct Row {
    /// Facts it provides.
    pub facts: &'static [&'static str],
    run: Run,
}
/// The function of a collector; one that may take long is told when to stop.
enum Run {
    Short(fn(&mut Out<'_>, &World)),
    Long(fn(&mut Out<'_>, &World, &Stop)),
}
const fn row(facts: &'static [&'static str], run: fn(&mut Out<'_>, &World)) -> Row {
    Row { facts, run: Run::Short(run) }
}
const fn long(facts: &'static [&'static str], run: fn(&mut Out<'_>, &World, &Stop)) -> Row {
    Row { facts, run: Run::Long(run) }
}

/// Every collector. Facts of the dictionary that are in no row do not exist on Windows.
pub(crate) const TABLE: &[Row] = &[
    row(system::FACTS, system::collect),
    row(system::PATCH_FACTS, system::patches),
    row(settings::FACTS, settings::collect),
    row(accounts::FACTS, accounts::collect),
    row(accounts::RULE_FACTS, accounts::rules),
    row(network::FACTS, network::collect),
    row(network::LISTEN_FACTS, network::listen),
    row(autorun::FACTS, autorun::collect),
    row(services::FACTS, services::collect),
    row(tasks::FACTS, tasks::collect),
    row(software::FACTS, software::collect),
    long(products::FACTS, products::collect),
    long(geo::FACTS, geo::collect),
    row(origin::FACTS, origin::collect),
    row(origin::HARDWARE_FACTS, origin::hardware),
    row(protect::FACTS, protect::collect),
    row(protect::STORAGE_FACTS, protect::storage),
    row(logs::FACTS, logs::collect),
    row(logs::EVENT_FACTS, logs::events),
];

/// Runs one collector and closes its facts.
pub(crate) fn run_row(row: &Row, mut out: Out<'_>, world: &World, stop: &Stop, progress: &dyn Progress) {
    if world.bundle.is_none() {
        for id in row.facts.iter().filter(|id| fact::find(id).is_some_and(|d| d.live_only)) {
            out.gap(id, GapReason::NotLive, None);
        }
    }
    if stop.requested() {
        row.facts.iter().for_each(|id| out.gap(id, GapReason::Stopped, None));
    } else if !out.closed() {
        match row.run {
            Run::Short(run) => run(&mut out, world),
            Run::Long(run) => run(&mut out, world, stop),
        }
    }
    // A bundle that was cut short may miss a part of any answer.
    if let Some(bundle) = world.bundle.as_ref().filter(|b| !b.manifest.whole) {
        row.facts.iter().for_each(|id| out.gap(id, GapReason::Stopped, Some(bundle.at.clone())));
    }
    out.close();
    progress.advance(row.facts.len() as u64, 0);
}
