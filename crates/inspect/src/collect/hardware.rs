//! Hardware and firmware with their makers, as the kernel shows them: the table of the firmware (DMI), the device tree,
//! PCI, disks, network interfaces, the processor, the management controller.
//!
//! An image has none of it: hardware is not in files. Serial numbers stand beside everything that is read here; none is
//! opened. Devices of one kind are one row with their number, because a server has a hundred PCI functions of three
//! makers. `depends` names what stands on a part: file systems on a disk, interfaces on a card.
//!
//! Refused: asking the management controller or a disk by commands (IPMI, SMART): that writes to the device.

use crate::host::{Look, place};
use crate::origin::{self, Supplier};
use crate::out::Out;
use crate::{collect, parse};
use evidence::{FactValue, GapReason, Place, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use stdx::Stop;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &["origin.hardware"];
const ID: &str = "origin.hardware";

/// The table of the firmware.
const TABLE: &str = "/sys/firmware/dmi/tables/DMI";
/// Largest table, in bytes; the standard's own limit for its 32-bit form is 64 KiB.
const TABLE_BYTES_MAX: u64 = 1 << 20;
/// Largest attribute of the kernel, in bytes.
const ATTRIBUTE_BYTES_MAX: u64 = 64 << 10;
/// Most devices below a device (a volume on a raid on a cipher …).
const BELOW_MAX: usize = 16;

/// One part.
#[derive(Default)]
struct Part {
    component: String,
    kind: &'static str,
    name: String,
    version: Option<String>,
    supplier: Option<&'static Supplier>,
    told: String,
    known: &'static str,
    dated: Option<Time>,
    count: Option<i64>,
    rotational: Option<bool>,
    driver: Option<String>,
    depends: BTreeSet<String>,
}
impl Part {
    fn put(self, out: &mut Out<'_>, at: Place) {
        let mut row = FactValue::row([
            ("component", parse::printable(&self.component).into()),
            ("kind", self.kind.into()),
            ("known", self.known.into()),
        ]);
        collect::with(&mut row, "name", Some(parse::printable(&self.name)).filter(|n| !n.is_empty()));
        collect::with(&mut row, "version", self.version.map(|v| parse::printable(&v)).filter(|v| !v.is_empty()));
        collect::with(&mut row, "dated", self.dated.map(FactValue::time));
        collect::with(&mut row, "count", self.count);
        collect::with(&mut row, "rotational", self.rotational);
        collect::with(&mut row, "driver", self.driver.map(|d| parse::printable(&d)));
        let depends: Vec<String> = self.depends.iter().map(|d| parse::printable(d)).collect();
        collect::with(&mut row, "depends", Some(FactValue::Texts(depends)).filter(|_| !self.depends.is_empty()));
        origin::made_by(&mut row, self.supplier, &self.told);
        out.fact(ID, row, at);
    }
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, stop: &Stop) {
    if !out.host.live {
        // Of an image nothing of the hardware can be told.
        return out.gap(ID, GapReason::NotLive, None);
    }
    let mut look = out.look();
    let described = firmware(out, &mut look) | device_tree(out, &mut look);
    if !described {
        look.miss(GapReason::Missing, Path::new("/sys/class/dmi/id"));
    }
    processor(out, &mut look);
    controller(out, &mut look);
    let on_top = on_top(&mut look);
    if !stop.requested() {
        pci(out, &mut look, &on_top);
        disks(out, &mut look);
    }
    out.gaps(FACTS, &look.misses);
}

/// An attribute of the kernel as text; nothing if it is not there or empty.
fn attribute(look: &mut Look<'_>, path: &Path) -> Option<String> {
    match look.host.bytes(path, ATTRIBUTE_BYTES_MAX) {
        Ok((bytes, _)) => {
            let text = String::from_utf8_lossy(&bytes);
            Some(text.trim_matches(['\0', '\n', ' ']).to_owned()).filter(|t| !t.is_empty())
        }
        Err(crate::host::Miss::Gap(GapReason::PermissionDenied)) => {
            look.miss(GapReason::PermissionDenied, path);
            None
        }
        // A device that has no such attribute, or that refuses to be read just now.
        Err(_) => None,
    }
}

/// `09/08/2023`, as the standard writes the day of firmware.
pub(crate) fn day(text: &str) -> Option<Time> {
    let mut parts = text.trim().split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    // Two digits of a year are of the last century, by the standard.
    let year = if year.len() == 2 { format!("19{year}") } else { year.to_owned() };
    Time::from_date(&format!("{year}-{month:0>2}-{day:0>2}")).ok()
}

/// What DMI says: the whole table if it may be read, else the attributes that everybody may read.
fn firmware(out: &mut Out<'_>, look: &mut Look<'_>) -> bool {
    let path = Path::new(TABLE);
    match look.host.bytes(path, TABLE_BYTES_MAX) {
        Ok((bytes, _)) => {
            let (all, whole) = parse::smbios(&bytes);
            if !whole {
                look.miss(GapReason::Corrupt, path);
            }
            structures(out, &all, &place(path).digest(evidence::Digest::of(&bytes)));
            return !all.is_empty();
        }
        Err(crate::host::Miss::Gap(reason)) => look.miss(reason, path),
        Err(crate::host::Miss::Absent) => {}
    }
    let base = Path::new("/sys/class/dmi/id");
    let mut get = |name: &str| attribute(look, &base.join(name)).as_deref().and_then(parse::told);
    let mut found = false;
    for (component, kind, maker, name, version) in [
        ("system", "system", "sys_vendor", "product_name", "product_version"),
        ("board", "board", "board_vendor", "board_name", "board_version"),
        ("firmware", "firmware", "bios_vendor", "bios_version", "bios_release"),
    ] {
        let told = get(maker).unwrap_or_default();
        let (name, version) = if kind == "firmware" { (None, get(name)) } else { (get(name), get(version)) };
        if told.is_empty() && name.is_none() && version.is_none() {
            continue;
        }
        found = true;
        let dated = if kind == "firmware" { get("bios_date").as_deref().and_then(day) } else { None };
        Part {
            component: component.into(),
            kind,
            name: name.unwrap_or_default(),
            version,
            supplier: origin::by_text(&told),
            told,
            known: "dmi",
            dated,
            ..Part::default()
        }
        .put(out, place(&base.join(maker)));
    }
    found
}

/// Structures of the table; memory of one maker and number is one row.
fn structures(out: &mut Out<'_>, all: &[parse::Structure<'_>], at: &Place) {
    let mut memory: BTreeMap<(String, String), i64> = BTreeMap::new();
    for s in all {
        // Offsets: DSP0134 3.7.0, chapters 7.1, 7.2, 7.3, 7.5, 7.18, 7.39.
        let (component, kind, maker, name, version) = match s.kind {
            0 => ("firmware", "firmware", s.text(4), None, s.text(5)),
            1 => ("system", "system", s.text(4), s.text(5), s.text(6)),
            2 => ("board", "board", s.text(4), s.text(5), s.text(6)),
            17 => {
                // Size 0 is an empty slot.
                if (s.byte(0x0c), s.byte(0x0d)) != (Some(0), Some(0)) {
                    let part = (s.text(0x17).unwrap_or_default(), s.text(0x1a).unwrap_or_default());
                    *memory.entry(part).or_default() += 1;
                }
                continue;
            }
            38 => {
                let version = s.byte(5).map(|v| format!("IPMI {}.{}", v >> 4, v & 0x0f));
                let name = Some("management controller".to_owned());
                ("bmc", "bmc", None, name, version)
            }
            _ => continue,
        };
        let told = maker.unwrap_or_default();
        let dated = if s.kind == 0 { s.text(8).as_deref().and_then(day) } else { None };
        if told.is_empty() && name.is_none() && version.is_none() {
            continue;
        }
        Part {
            component: component.into(),
            kind,
            name: name.unwrap_or_default(),
            version,
            supplier: origin::by_text(&told),
            told,
            known: "dmi",
            dated,
            ..Part::default()
        }
        .put(out, at.clone());
    }
    for ((told, number), count) in memory {
        let component = format!("memory {told} {number}").trim().to_owned();
        Part {
            component,
            kind: "memory",
            name: number,
            supplier: origin::by_text(&told),
            told,
            known: "dmi",
            count: Some(count),
            ..Part::default()
        }
        .put(out, at.clone());
    }
}

/// The model and maker of a board that has a device tree instead of DMI.
fn device_tree(out: &mut Out<'_>, look: &mut Look<'_>) -> bool {
    let base = Path::new("/sys/firmware/devicetree/base");
    let Some(model) = attribute(look, &base.join("model")) else { return false };
    let compatible = attribute(look, &base.join("compatible")).unwrap_or_default();
    // `raspberrypi,4-model-b\0brcm,bcm2711`: the first maker made the board.
    let maker = compatible.split(['\0', ',']).next().unwrap_or_default().to_owned();
    Part {
        component: "system".into(),
        kind: "system",
        supplier: origin::by_text(&maker).or_else(|| origin::by_text(&model)),
        name: model,
        told: maker,
        known: "device-tree",
        ..Part::default()
    }
    .put(out, place(&base.join("model")));
    true
}

/// The processor by its own words.
fn processor(out: &mut Out<'_>, look: &mut Look<'_>) {
    let Some(f) = look.read("/proc/cpuinfo") else { return };
    let text = f.text();
    let lines = || text.lines().enumerate().filter_map(|(n, l)| Some((n, l.split_once(':')?)));
    let first = |names: &[&str]| lines().find(|(_, (k, _))| names.contains(&k.trim())).map(|(n, (_, v))| (n, v.trim()));
    let vendor = first(&["vendor_id", "CPU implementer", "system type", "vendor"]);
    let model = first(&["model name", "Model Name", "cpu model", "cpu"]);
    let (Some((line, told)), name) = (vendor.or(model), model.map(|m| m.1.to_owned()).unwrap_or_default()) else {
        return;
    };
    let supplier = origin::by_cpu(told).or_else(|| origin::by_text(&name)).or_else(|| origin::by_text(told));
    let sockets: BTreeSet<&str> =
        lines().filter(|(_, (k, _))| k.trim() == "physical id").map(|(_, (_, v))| v.trim()).collect();
    Part {
        component: "cpu".into(),
        kind: "cpu",
        name: if name.is_empty() { told.to_owned() } else { name },
        supplier,
        told: told.to_owned(),
        known: "cpuinfo",
        count: i64::try_from(sockets.len()).ok().filter(|n| *n > 0),
        ..Part::default()
    }
    .put(out, place(&f.path).line(line as u64 + 1));
}

/// A management controller that the kernel has a driver for.
fn controller(out: &mut Out<'_>, look: &mut Look<'_>) {
    for e in look.list("/sys/class/ipmi") {
        let base = e.path.join("device/bmc");
        let told = attribute(look, &base.join("manufacturer_id")).unwrap_or_default();
        let number = told.trim_start_matches("0x");
        let supplier = u32::from_str_radix(number, 16).ok().and_then(origin::by_iana);
        Part {
            component: format!("bmc {}", e.text()),
            kind: "bmc",
            name: "management controller".into(),
            version: attribute(look, &base.join("firmware_revision")),
            supplier,
            told: if told.is_empty() { told } else { format!("IANA {told}") },
            known: "ipmi",
            ..Part::default()
        }
        .put(out, place(&e.path));
    }
}

/// The address of the PCI function nearest to a device, from the path of its link in /sys.
fn function(target: &str) -> Option<&str> {
    let address = |part: &&str| {
        let b = part.as_bytes();
        b.len() == 12 && b.get(4) == Some(&b':') && b.get(7) == Some(&b':') && b.get(10) == Some(&b'.')
    };
    target.split('/').rfind(address)
}

/// Interfaces and disks by the PCI function that they hang on.
fn on_top(look: &mut Look<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for class in ["/sys/class/net", "/sys/block"] {
        for e in look.list(class) {
            let Ok(target) = look.host.read_link(&e.path) else { continue };
            if let Some(address) = function(&target.to_string_lossy()) {
                out.entry(address.to_owned()).or_default().insert(e.text().into_owned());
            }
        }
    }
    out
}

/// Kind of a PCI function by its class (PCI Code and ID Assignment Specification, chapter 1).
fn class(code: &str) -> &'static str {
    match code.trim_start_matches("0x").get(..2) {
        Some("01") => "storage",
        Some("02" | "0d") => "network",
        Some("03") => "display",
        Some("0c") => "bus",
        Some("10") => "crypto",
        Some("12" | "0b") => "accelerator",
        _ => "pci",
    }
}

/// PCI functions, one row a kind of device.
fn pci(out: &mut Out<'_>, look: &mut Look<'_>, on_top: &BTreeMap<String, BTreeSet<String>>) {
    let mut found: BTreeMap<(String, String), (Part, std::path::PathBuf)> = BTreeMap::new();
    for e in look.list("/sys/bus/pci/devices") {
        let hex = |t: String| t.trim_start_matches("0x").to_lowercase();
        let Some(vendor) = attribute(look, &e.path.join("vendor")).map(hex) else { continue };
        let device = attribute(look, &e.path.join("device")).map(hex).unwrap_or_default();
        let kind = class(&attribute(look, &e.path.join("class")).unwrap_or_default());
        let version = attribute(look, &e.path.join("revision")).map(|r| format!("rev {}", hex(r)));
        let driver = look.host.read_link(&e.path.join("driver")).ok();
        let driver = driver.and_then(|d| Some(d.file_name()?.to_string_lossy().into_owned()));
        let (part, _) = found.entry((vendor.clone(), device.clone())).or_insert_with(|| {
            let part = Part {
                component: format!("pci {vendor}:{device}"),
                kind,
                name: format!("{vendor}:{device}"),
                version,
                supplier: origin::by_pci(&vendor),
                told: format!("PCI {vendor}"),
                known: "pci",
                count: Some(0),
                driver: None,
                ..Part::default()
            };
            (part, e.path.clone())
        });
        part.count = part.count.map(|n| n + 1);
        part.driver = part.driver.take().or(driver);
        part.depends.extend(on_top.get(e.text().as_ref()).into_iter().flatten().cloned());
    }
    for (part, path) in found.into_values() {
        part.put(out, place(&path.join("vendor")));
    }
}

/// Disks with what is mounted from them.
fn disks(out: &mut Out<'_>, look: &mut Look<'_>) {
    let mounted = mounted(look);
    for e in look.list("/sys/block") {
        let name = e.text().into_owned();
        let device = e.path.join("device");
        // Without a device it is made by the kernel: loops, memory, volumes.
        if look.host.stat(&device).is_err() {
            continue;
        }
        let mut get = |file: &str| attribute(look, &device.join(file));
        let (vendor, model) = (get("vendor").unwrap_or_default(), get("model").unwrap_or_default());
        let version = get("firmware_rev").or_else(|| get("rev"));
        // Disks at an ATA controller all say `ATA` for their maker; the model then begins with it.
        let told = if vendor == "ATA" || vendor.is_empty() { model.clone() } else { vendor.clone() };
        let number = vendor.strip_prefix("0x").map(str::to_lowercase);
        let supplier = match &number {
            Some(number) => origin::by_pci(number),
            None => origin::by_text(&model).or_else(|| origin::by_text(&told)),
        };
        let rotational = attribute(look, &e.path.join("queue/rotational")).map(|r| r == "1");
        Part {
            component: format!("disk {name}"),
            kind: "disk",
            name: if model.is_empty() { name.clone() } else { model },
            version,
            supplier,
            told,
            known: "sysfs",
            // A disk of a virtual machine turns nothing, whatever its driver says.
            rotational: rotational.filter(|_| number.is_none()),
            depends: mounted.get(&name).cloned().unwrap_or_default(),
            ..Part::default()
        }
        .put(out, place(&device));
    }
}

/// Where each disk's file systems are mounted; partitions, volumes and ciphers are followed down to their disks.
fn mounted(look: &mut Look<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let Some(f) = look.read("/proc/self/mounts") else { return out };
    for m in parse::mount_table(&f.text()) {
        let Some(device) = m.source.strip_prefix("/dev/") else { continue };
        let device = match device.strip_prefix("mapper/") {
            Some(_) => {
                let link = look.host.read_link(&Path::new("/dev").join(device)).ok();
                link.and_then(|t| Some(t.file_name()?.to_string_lossy().into_owned())).unwrap_or_default()
            }
            None => device.to_owned(),
        };
        let mut todo = vec![device];
        for _ in 0..BELOW_MAX {
            let Some(name) = todo.pop().filter(|n| !n.is_empty() && !n.contains('/')) else { break };
            let dir = Path::new("/sys/class/block").join(&name);
            todo.extend(look.list(dir.join("slaves")).iter().map(|e| e.text().into_owned()));
            let disk = match look.host.stat(&dir.join("partition")) {
                // …/block/sda/sda1
                Ok(_) => look
                    .host
                    .read_link(&dir)
                    .ok()
                    .and_then(|t| Some(t.parent()?.file_name()?.to_string_lossy().into_owned())),
                Err(_) => Some(name),
            };
            if let Some(disk) = disk {
                out.entry(disk).or_default().insert(m.target.clone());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_firmware() {
        let date = |t: &str| day(t).map(Time::date);
        assert_eq!(date("09/08/2023").as_deref(), Some("2023-09-08"));
        assert_eq!(date("4/1/2014").as_deref(), Some("2014-04-01"));
        assert_eq!(date("12/31/98").as_deref(), Some("1998-12-31"));
        for bad in ["", "2023-09-08", "13/45/2023", "//", "a/b/c"] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_function_is_the_nearest_one() {
        let of = |t: &str| function(t).map(str::to_owned);
        let nvme = "../devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1";
        assert_eq!(of(nvme).as_deref(), Some("0000:03:00.0"));
        assert_eq!(of("../../devices/virtual/net/lo"), None);
    }
}
