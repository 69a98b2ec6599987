//! Settings that open a container engine: whoever talks to one without a certificate is root on the host.

use crate::host::{Look, place};
use crate::out::Out;
use crate::parse;
use evidence::{FactValue, Place};
use serde::Deserialize;
use std::path::Path;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["container.setting"];

const DAEMON: &str = "/etc/docker/daemon.json";

#[derive(Deserialize, Default)]
struct Daemon {
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    tlsverify: bool,
    #[serde(default, rename = "insecure-registries")]
    insecure: Vec<String>,
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, _stop: &Stop) {
    let mut look = out.look();
    let mut rows: Vec<(&str, String, bool, Place)> = Vec::new();
    if let Some(f) = look.read(DAEMON) {
        match serde_json::from_str::<Daemon>(&f.text()) {
            Ok(daemon) => {
                for host in &daemon.hosts {
                    rows.push(("docker.host", host.clone(), open(host, daemon.tlsverify), f.place()));
                }
                rows.extend(daemon.insecure.into_iter().map(|r| ("docker.insecure-registry", r, true, f.place())));
            }
            Err(_) if f.text().trim().is_empty() => {}
            Err(_) => look.miss(evidence::GapReason::Corrupt, Path::new(DAEMON)),
        }
    }
    started(out, &mut rows);
    socket(&mut look, &mut rows);
    registries(&mut look, &mut rows);
    for (name, value, open, at) in rows {
        let value = parse::printable(&parse::strip_userinfo(&value));
        let row = FactValue::row([("name", name.into()), ("value", value.into()), ("open", open.into())]);
        out.fact("container.setting", row, at);
    }
    out.gaps(FACTS, &look.misses);
    let units = out.shared.units(out.host).misses.clone();
    out.gaps(FACTS, &units);
}

/// Reached over the network by whoever likes.
fn open(host: &str, verified: bool) -> bool {
    host.strip_prefix("tcp://").is_some_and(|address| {
        let name = address.rsplit_once(':').map_or(address, |(name, _)| name).trim_matches(['[', ']']);
        let local = name == "localhost" || name == "::1" || name.starts_with("127.");
        !verified && !local
    })
}

/// `-H` and `--host` of the daemon's units.
fn started(out: &Out<'_>, rows: &mut Vec<(&str, String, bool, Place)>) {
    for unit in &out.shared.units(out.host).value {
        if !unit.words.first().is_some_and(|w| w.ends_with("/dockerd")) {
            continue;
        }
        let verified = unit.words.iter().any(|w| w == "--tlsverify" || w == "--tlsverify=true");
        let mut words = unit.words.iter();
        while let Some(word) = words.next() {
            let host = match word.as_str() {
                "-H" | "--host" => words.next().cloned(),
                other => other.strip_prefix("--host=").or_else(|| other.strip_prefix("-H")).map(str::to_owned),
            };
            if let Some(host) = host {
                rows.push(("docker.host", host.clone(), open(&host, verified), unit.at.clone()));
            }
        }
    }
}

/// The socket of the daemon, when it is there.
fn socket(look: &mut Look<'_>, rows: &mut Vec<(&str, String, bool, Place)>) {
    for path in ["/run/docker.sock", "/var/run/docker.sock"] {
        if let Some(meta) = look.stat(path) {
            let value = format!("{path} {:04o}", meta.mode);
            rows.push(("docker.socket", value, meta.mode & 0o002 != 0, place(Path::new(path))));
            return;
        }
    }
}

/// Registries of podman and its kin whose certificate is not checked, in both versions of the format.
fn registries(look: &mut Look<'_>, rows: &mut Vec<(&str, String, bool, Place)>) {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        registry: Vec<Registry>,
        #[serde(default)]
        registries: Old,
    }
    #[derive(Deserialize)]
    struct Registry {
        prefix: Option<String>,
        location: Option<String>,
        #[serde(default)]
        insecure: bool,
    }
    #[derive(Deserialize, Default)]
    struct Old {
        #[serde(default)]
        insecure: List,
    }
    #[derive(Deserialize, Default)]
    struct List {
        #[serde(default)]
        registries: Vec<String>,
    }
    let mut files: Vec<_> = look.read("/etc/containers/registries.conf").into_iter().collect();
    files.extend(look.drop_ins("/etc/containers/registries.conf.d", ".conf"));
    for f in files {
        match toml::from_str::<File>(&f.text()) {
            Ok(all) => {
                let new = all.registry.into_iter().filter(|r| r.insecure).filter_map(|r| r.location.or(r.prefix));
                let names = new.chain(all.registries.insecure.registries);
                rows.extend(names.map(|r| ("podman.insecure-registry", r, true, f.place())));
            }
            Err(_) => look.miss(evidence::GapReason::Corrupt, &f.path),
        }
    }
}
