//! Programs, the system and the hardware of a Windows host with their makers.
//!
//! Every installed program tells its publisher in its uninstall entry, so here the inventory is of all programs: those of
//! the lists with version, end of support and counterparts, the others by their publisher alone. Hardware stands in the
//! hive SYSTEM: what the firmware says (`Control\SystemInformation`), PCI functions and disks as they were ever seen
//! (`Enum`). The keys below a device hold serial numbers and are not opened. A bundle does not ask for these keys, so of
//! a bundle hardware is a gap.

use super::World;
use super::products::{self, Traces};
use super::software::programs;
use super::view::{Query, Root};
use super::{system, view};
use crate::collect::origin::{OTHERS, component, other};
use crate::collect::with;
use crate::origin;
use crate::out::Out;
use crate::parse::{glob, printable, told};
use evidence::{FactValue, Place, Time};
use std::collections::BTreeMap;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["origin.component"];
/// Facts about hardware.
pub(crate) const HARDWARE_FACTS: &[&str] = &["origin.hardware"];

const INFORMATION: &str = "Control\\SystemInformation";
/// Most kinds of devices of one bus.
const DEVICES_MAX: usize = 4096;

/// Collects programs and the system.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    operating_system(out, world);
    let traces = products::traces(out, world, FACTS);
    let all = programs(out, world, FACTS);
    let made: Vec<_> = origin::products().iter().filter(|p| p.kind != "os").collect();
    for p in &made {
        if let Some(found) = products::find(out, &traces, &p.traces()) {
            let version = version_of(&found.trace, &all);
            let mut row = component(p, found.how, &version);
            with(&mut row, "maintained", Some("maker"));
            out.fact("origin.component", row, found.at);
        }
    }
    let products = std::sync::Arc::clone(&out.shared.products);
    others(out, &traces, &all);
    let listed = |name: &str| {
        let like = |patterns: &[String]| patterns.iter().any(|x| glob(&x.to_lowercase(), name));
        made.iter().any(|p| like(&p.windows_names))
            || OTHERS.iter().any(|(f, _)| products.of(f).iter().any(|p| like(&p.windows_names)))
    };
    for p in all.iter().filter(|p| !listed(&p.name.to_lowercase())) {
        let publisher = p.publisher.as_deref().unwrap_or_default();
        let mut row = FactValue::row([
            ("component", format!("application {}", printable(&p.name)).into()),
            ("kind", "application".into()),
            ("name", printable(&p.name).into()),
            ("known", "package".into()),
        ]);
        with(&mut row, "version", p.version.as_deref().map(printable).filter(|v| !v.is_empty()));
        origin::made_by(&mut row, origin::by_text(publisher), publisher);
        out.fact("origin.component", row, p.at.clone());
    }
}

/// The version of the program whose name and version a trace is.
fn version_of(trace: &str, all: &[super::software::Program]) -> String {
    let named = all.iter().find(|p| {
        let version = p.version.as_deref().unwrap_or_default();
        printable(&format!("{} {version}", p.name)) == trace
    });
    named.and_then(|p| p.version.clone()).unwrap_or_default()
}

fn others(out: &mut Out<'_>, traces: &Traces, all: &[super::software::Program]) {
    let products = std::sync::Arc::clone(&out.shared.products);
    for (fact, kind) in OTHERS {
        for p in products.of(fact) {
            if let Some(found) = products::find(out, traces, p) {
                let row = other(p, kind, found.how, &version_of(&found.trace, all));
                out.fact("origin.component", row, found.at);
            }
        }
    }
}

fn operating_system(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    if let Some((version, at)) = system::version(&mut q)
        && let Some(made) = origin::product("windows")
    {
        let mut row = component(made, "registry", &version.to_string());
        let (name, end) = system::name_and_end(&mut q, version);
        with(&mut row, "name", name);
        with(&mut row, "support_end", end.map(FactValue::time));
        with(&mut row, "maintained", Some("maker"));
        out.fact("origin.component", row, at);
    }
    q.settle(out, FACTS);
}

/// Collects hardware.
pub(crate) fn hardware(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    firmware(out, &mut q);
    processors(out, &mut q);
    pci(out, &mut q);
    disks(out, &mut q);
    q.settle(out, HARDWARE_FACTS);
}

fn text(q: &mut Query<'_>, name: &str) -> Option<(String, Place)> {
    let seen: view::Seen = q.value(Root::System, INFORMATION, name)?;
    let text = told(&seen.text()?)?;
    Some((text, seen.at))
}
fn part(component: &str, kind: &str, name: &str, known: &str) -> FactValue {
    let mut row =
        FactValue::row([("component", printable(component).into()), ("kind", kind.into()), ("known", known.into())]);
    with(&mut row, "name", Some(printable(name)).filter(|n| !n.is_empty()));
    row
}

fn firmware(out: &mut Out<'_>, q: &mut Query<'_>) {
    let maker = text(q, "SystemManufacturer");
    let name = text(q, "SystemProductName");
    if let Some((_, at)) = maker.as_ref().or(name.as_ref()) {
        let told = maker.as_ref().map(|m| m.0.clone()).unwrap_or_default();
        let mut row = part("system", "system", name.as_ref().map_or("", |n| n.0.as_str()), "registry");
        origin::made_by(&mut row, origin::by_text(&told), &told);
        out.fact("origin.hardware", row, at.clone());
    }
    if let Some((version, at)) = text(q, "BIOSVersion") {
        let mut row = part("firmware", "firmware", "", "registry");
        with(&mut row, "version", Some(version));
        let dated = text(q, "BIOSReleaseDate").and_then(|(t, _)| crate::collect::hardware_day(&t));
        with(&mut row, "dated", dated.map(|t: Time| FactValue::time(t)));
        out.fact("origin.hardware", row, at);
    }
}

/// Names of keys right below a bus, at most [`DEVICES_MAX`].
fn devices(q: &mut Query<'_>, bus: &str) -> Vec<String> {
    let mut all = q.subkeys(Root::System, &format!("Enum\\{bus}")).unwrap_or_default();
    all.truncate(DEVICES_MAX);
    all
}
/// The place of a device: the value that every device has, of its key.
fn place_of(q: &mut Query<'_>, key: &str) -> Option<Place> {
    Some(q.value(Root::System, key, "DeviceDesc")?.at)
}

/// `ACPI\GenuineIntel_-_Intel64_Family_6_Model_85_…`
fn processors(out: &mut Out<'_>, q: &mut Query<'_>) {
    for name in devices(q, "ACPI").into_iter().filter(|n| n.contains("_-_")) {
        let (vendor, model) = name.split_once("_-_").unwrap_or((&name, ""));
        let Some(at) = place_of(q, &format!("Enum\\ACPI\\{name}")) else { continue };
        let mut row = part("cpu", "cpu", &model.replace('_', " "), "registry");
        origin::made_by(&mut row, origin::by_cpu(vendor), vendor);
        out.fact("origin.hardware", row, at);
    }
}

/// `PCI\VEN_8086&DEV_1237&SUBSYS_…&REV_02`, one row a kind of device.
fn pci(out: &mut Out<'_>, q: &mut Query<'_>) {
    let mut found: BTreeMap<(String, String), String> = BTreeMap::new();
    for name in devices(q, "PCI") {
        let low = name.to_lowercase();
        let get = |field: &str| low.split('&').find_map(|p| p.strip_prefix(field)).map(str::to_owned);
        if let (Some(vendor), Some(device)) = (get("ven_"), get("dev_")) {
            found.entry((vendor, device)).or_insert(name);
        }
    }
    for ((vendor, device), name) in found {
        let Some(at) = place_of(q, &format!("Enum\\PCI\\{name}")) else { continue };
        let number = format!("{vendor}:{device}");
        let mut row = part(&format!("pci {number}"), "pci", &number, "pci");
        origin::made_by(&mut row, origin::by_pci(&vendor), &format!("PCI {vendor}"));
        out.fact("origin.hardware", row, at);
    }
}

/// `SCSI\Disk&Ven_NVMe&Prod_SAMSUNG_MZVL2512` and `IDE\DiskST4000NM0035-1V4107____`.
fn disks(out: &mut Out<'_>, q: &mut Query<'_>) {
    for bus in ["SCSI", "IDE"] {
        for name in devices(q, bus).into_iter().filter(|n| n.to_lowercase().starts_with("disk")) {
            let model = match name.split_once("Prod_") {
                Some((_, product)) => product.to_owned(),
                None => name.get(4..).unwrap_or_default().split("__").next().unwrap_or_default().to_owned(),
            };
            let model = model.replace('_', " ");
            let vendor = name.split_once("Ven_").and_then(|(_, v)| v.split('&').next()).unwrap_or_default();
            let vendor = vendor.replace('_', " ");
            let Some(at) = place_of(q, &format!("Enum\\{bus}\\{name}")) else { continue };
            let mut row = part(&format!("disk {}", model.trim()), "disk", model.trim(), "registry");
            let supplier = origin::by_text(&model).or_else(|| origin::by_text(&vendor));
            origin::made_by(&mut row, supplier, if vendor.trim().is_empty() { &model } else { &vendor });
            out.fact("origin.hardware", row, at);
        }
    }
}
