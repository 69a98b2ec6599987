//! The system and its programs with their makers: what is there, in which version, until when its maker mends it, what
//! could stand in for it, and what on this host needs it.
//!
//! Programs of the lists of origin are looked up like those of the product packs, and those packs' own finds (maps,
//! remote maintenance, clouds, backup, protection) are in the inventory too. What needs a program is told by what the
//! host itself says: packages that depend on its package, enabled units that name its unit, programs that are connected
//! to a port on which it listens. That is a part of the truth: a program may need a database that it reaches by a way
//! that none of these shows.

use super::products::{self, Traces};
use crate::host::Look;
use crate::origin::{self, Made};
use crate::out::Out;
use crate::{collect, packs, parse};
use evidence::{FactValue, GapReason};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["origin.component"];
const ID: &str = "origin.component";

/// Dependants that are named; the rest is counted.
pub(crate) const NAMED_MAX: usize = 40;
/// Kinds of the finds of the product packs.
pub(crate) const OTHERS: [(&str, &str); 5] = [
    ("geo.software", "geo"),
    ("remote.tool", "remote"),
    ("cloud.client", "cloud"),
    ("backup.tool", "backup"),
    ("endpoint.protection", "endpoint"),
];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    system(out);
    let mut look = out.look();
    let traces = products::traces(out, &mut look);
    let (needs, closed) = Needs::read(out, &mut look, stop);
    if let Some(path) = closed {
        // What is connected is not fully known; what is there is: the table stays whole.
        out.field_gap("origin.component.depends", GapReason::PermissionDenied, &path);
    }
    for made in origin::products().iter().filter(|p| p.kind != "os") {
        let Some(found) = products::find(out, &mut look, &traces, &made.traces()) else { continue };
        let mut row = component(made, found.how, found.version.as_deref().unwrap_or_default());
        let by_system = found.how == "package" && by_system(made, &found.trace);
        if found.how == "package" {
            collect::with(&mut row, "maintained", Some(if by_system { "system" } else { "maker" }));
        }
        needs.put(&mut row, made);
        out.fact(ID, row, found.at);
    }
    others(out, &mut look, &traces);
    out.gaps(FACTS, &look.misses);
    let (packages, units) = (&out.shared.packages(out.host).misses, &out.shared.units(out.host).misses);
    out.gaps(FACTS, packages);
    out.gaps(FACTS, units);
}

/// A distribution mends its own packages; those of the maker's repositories carry a mark or another name.
fn by_system(made: &Made, trace: &str) -> bool {
    let name = trace.split(' ').next().unwrap_or_default();
    made.system_packages.iter().any(|p| p == name) && !trace.to_lowercase().contains("pgdg")
}

/// The row of a product of the lists, without what depends on it.
pub(crate) fn component(made: &Made, how: &str, version: &str) -> FactValue {
    let mut row = FactValue::row([
        ("component", format!("{} {}", made.kind, made.id).into()),
        ("kind", made.kind.as_str().into()),
        ("name", made.name.as_str().into()),
        ("known", how.into()),
    ]);
    collect::with(&mut row, "version", Some(parse::printable(version)).filter(|v| !v.is_empty()));
    collect::with(&mut row, "support_end", made.support_end(version).map(FactValue::time));
    let counterparts = made.counterparts();
    if !counterparts.is_empty() {
        collect::with(&mut row, "counterparts", Some(FactValue::Texts(counterparts)));
    }
    origin::made_by(&mut row, made.maker(), "");
    row
}

/// The system, by os-release.
fn system(out: &mut Out<'_>) {
    let mut look = out.look();
    if let Some(f) = ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|p| look.read(p)) {
        let release = parse::os_release(&f.text());
        let get = |key: &str| release.get(key).map(|(_, v)| parse::printable(v));
        let (id, version) = (get("ID").unwrap_or_default(), get("VERSION_ID").unwrap_or_default());
        let named = get("PRETTY_NAME").or_else(|| get("NAME")).unwrap_or_else(|| id.clone());
        let line = release.get("ID").map_or(1, |(n, _)| *n);
        let mut row = match origin::products().iter().find(|p| p.kind == "os" && p.id.eq_ignore_ascii_case(&id)) {
            Some(made) => component(made, "os-release", &version),
            None => {
                let mut row = FactValue::row([
                    ("component", format!("os {id}").into()),
                    ("kind", "os".into()),
                    ("known", "os-release".into()),
                ]);
                collect::with(&mut row, "version", Some(version.clone()).filter(|v| !v.is_empty()));
                let vendor = get("VENDOR_NAME").unwrap_or_default();
                origin::made_by(&mut row, origin::by_text(&vendor).or_else(|| origin::by_text(&named)), &vendor);
                row
            }
        };
        collect::with(&mut row, "name", Some(named).filter(|n| !n.is_empty()));
        collect::with(&mut row, "support_end", packs::support_end(&id, &version).map(FactValue::time));
        collect::with(&mut row, "maintained", Some("maker"));
        out.fact(ID, row, f.line(line));
    }
    out.gaps(FACTS, &look.misses);
}

/// Finds of the product packs. Their lists hold the country; the maker is known where its name is the product's.
fn others(out: &mut Out<'_>, look: &mut Look<'_>, traces: &Traces) {
    let products = std::sync::Arc::clone(&out.shared.products);
    for (fact, kind) in OTHERS {
        for p in products.of(fact) {
            let Some(found) = products::find(out, look, traces, p) else { continue };
            let row = other(p, kind, found.how, found.version.as_deref().unwrap_or_default());
            out.fact(ID, row, found.at);
        }
    }
}
/// The row of a product of the product packs.
pub(crate) fn other(p: &packs::Product, kind: &str, how: &str, version: &str) -> FactValue {
    let mut row = FactValue::row([
        ("component", format!("{kind} {}", p.id).into()),
        ("kind", kind.into()),
        ("name", p.name.as_str().into()),
        ("known", how.into()),
    ]);
    // A list of others names no countries: then there is nothing to be sure of.
    collect::with(&mut row, "country", p.country());
    collect::with(&mut row, "sure", p.country().map(|_| "M"));
    collect::with(&mut row, "version", Some(parse::printable(version)).filter(|v| !v.is_empty()));
    let maker = origin::by_text(&p.name).filter(|s| s.country == p.origin);
    collect::with(&mut row, "supplier", maker.map(|s| s.name.as_str()));
    row
}

/// By port: the process that listens there, and the programs that are connected to it.
type Ports = BTreeMap<u16, (String, BTreeSet<String>)>;

/// Who needs what, as the host itself says.
struct Needs {
    /// Packages by the name that they depend on.
    packages: HashMap<String, BTreeSet<String>>,
    /// Enabled units by the unit that they name.
    units: HashMap<String, BTreeSet<String>>,
    /// Connections within the host.
    ports: Ports,
}
impl Needs {
    fn read(out: &Out<'_>, look: &mut Look<'_>, stop: &Stop) -> (Self, Option<PathBuf>) {
        let mut packages: HashMap<String, BTreeSet<String>> = HashMap::new();
        if let Some(f) = look.read("/var/lib/dpkg/status") {
            for (package, needed) in parse::dpkg_depends(&f.text()) {
                packages.entry(needed.to_owned()).or_default().insert(package.to_owned());
            }
        }
        for p in &out.shared.packages(out.host).value.rpm {
            for needed in &p.requires {
                packages.entry(needed.clone()).or_default().insert(p.name.clone());
            }
        }
        let mut units: HashMap<String, BTreeSet<String>> = HashMap::new();
        for unit in out.shared.units(out.host).value.iter().filter(|u| u.kind != "generator") {
            let Ok(f) = look.host.read(&unit.path) else { continue };
            for line in parse::ini(&f.text()).iter().filter(|l| l.section == "Unit") {
                if ["After", "Requires", "Wants", "BindsTo", "Requisite", "PartOf"].contains(&line.key.as_str()) {
                    for named in line.value.split_whitespace() {
                        units.entry(named.to_owned()).or_default().insert(unit.name.clone());
                    }
                }
            }
        }
        let (ports, closed) = if out.host.live { connected(out, look, stop) } else { Default::default() };
        (Self { packages, units, ports }, closed)
    }

    /// Adds to a row what needs the product.
    fn put(&self, row: &mut FactValue, made: &Made) {
        let own: HashSet<&String> = made.packages.iter().chain(&made.system_packages).collect();
        let mut all = BTreeSet::new();
        for name in &own {
            let needing = self.packages.get(*name).into_iter().flatten().filter(|p| !own.contains(p));
            all.extend(needing.map(|p| format!("package {p}")));
        }
        for unit in &made.units {
            let needing = self.units.get(unit).into_iter().flatten().filter(|u| !made.units.contains(u));
            all.extend(needing.map(|u| format!("unit {u}")));
        }
        for (port, (listener, programs)) in &self.ports {
            if made.processes.contains(listener) {
                let needing = programs.iter().filter(|p| !made.processes.contains(p));
                all.extend(needing.map(|p| format!("connection {p}:{port}")));
            }
        }
        if all.is_empty() {
            return;
        }
        collect::with(row, "dependants", i64::try_from(all.len()).ok());
        let named = all.iter().take(NAMED_MAX).map(|d| parse::printable(d)).collect();
        collect::with(row, "depends", Some(FactValue::Texts(named)));
    }
}

/// Programs of this host that are connected to a port of this host, by that port.
fn connected(out: &Out<'_>, look: &mut Look<'_>, stop: &Stop) -> (Ports, Option<PathBuf>) {
    let (mut waiting, mut joined) = (BTreeMap::new(), Vec::new());
    for proto in ["tcp", "tcp6"] {
        let Some(f) = look.read(Path::new("/proc/net").join(proto)) else { continue };
        for s in parse::proc_net(&f.text()) {
            match s.state {
                parse::SocketState::Listening => drop(waiting.insert(s.port, s.inode)),
                parse::SocketState::Connected => joined.push(s),
                parse::SocketState::Other => {}
            }
        }
    }
    // The near end of a connection within the host has the far end's address among its own sockets.
    let here: HashSet<_> = joined.iter().map(|s| (s.address, s.port)).collect();
    joined.retain(|s| waiting.contains_key(&s.peer.1) && here.contains(&s.peer));
    let mut wanted: Vec<u64> = joined.iter().map(|s| s.inode).collect();
    wanted.extend(joined.iter().filter_map(|s| waiting.get(&s.peer.1)));
    let (holders, closed) = super::sockets::holders(out, stop, &wanted);
    let mut found = Ports::new();
    for s in &joined {
        let listener = waiting.get(&s.peer.1).and_then(|i| holders.get(i)).map(|p| p.base());
        if let (Some(listener), Some(program)) = (listener, holders.get(&s.inode)) {
            found.entry(s.peer.1).or_insert_with(|| (listener, BTreeSet::new())).1.insert(program.base());
        }
    }
    (found, closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_of_no_known_country_says_none() {
        let entry = "Name: Fernwartung\nDetails:\n  InstallationPaths:\n    - /opt/fernwartung/bin\n";
        let lists = packs::Products::with(&[("x.yaml".to_owned(), entry.to_owned())]);
        let product = |name: &str| lists.of("remote.tool").iter().find(|p| p.name == name).unwrap();
        let row = other(product("Fernwartung"), "remote", "config", "");
        assert_eq!((row.field("country"), row.field("sure")), (None, None));
        let row = other(product("AnyDesk"), "remote", "config", "");
        assert_eq!((row.field("country"), row.field("sure")), (Some(&"DE".into()), Some(&"M".into())));
    }
}
