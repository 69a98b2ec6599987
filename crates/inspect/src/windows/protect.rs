//! Protection of the host and of what is plugged in: Defender, updates, BitLocker, USB storage, time, macros.

use super::World;
use super::data::{Data, filetime};
use super::output;
use super::view::{Query, Root};
use crate::collect::with;
use crate::out::Out;
use crate::parse::printable;
use evidence::{FactValue, GapReason, Time};

/// Facts of this collector.
pub(crate) const FACTS: &[&str] = &[
    "time.sync",
    "time.synchronized",
    "update.automatic",
    "windows.defender_enabled",
    "windows.defender_exclusion",
    "windows.macro_policy",
    "windows.powershell_v2",
    "windows.writable_folder",
];
/// Facts about storage.
pub(crate) const STORAGE_FACTS: &[&str] =
    &["disk.encrypted", "usb.storage_blocked", "windows.bitlocker", "windows.usb_device"];

const DEFENDER: &str = "Microsoft\\Windows Defender";
const DEFENDER_POLICY: &str = "Policies\\Microsoft\\Windows Defender";
const UPDATE_POLICY: &str = "Policies\\Microsoft\\Windows\\WindowsUpdate\\AU";
const REMOVABLE: &str = "Policies\\Microsoft\\Windows\\RemovableStorageDevices";
/// Class of removable disks in that policy.
const DISKS: &str = "{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}";
/// Versions of Office with a setting of their own: 2010, 2013, 2016 and later.
const OFFICE: [&str; 3] = ["14.0", "15.0", "16.0"];
const OFFICE_PROGRAMS: [&str; 4] = ["Word", "Excel", "PowerPoint", "Access"];

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    defender(out, world);
    updates(out, world);
    time(out, world);
    macros(out, world);
    folders(out, world);
    // State 1 is "enabled" (Win32_OptionalFeature).
    let features = world.table(out, &["windows.powershell_v2"], "features.csv", GapReason::NotLive);
    if let Some((rows, at)) = features {
        // Every Windows has features; an empty list is no answer.
        if rows.is_empty() {
            out.gap("windows.powershell_v2", GapReason::Unsupported, Some(at));
            return;
        }
        let on = |r: &std::collections::BTreeMap<String, String>| {
            r.get("name").is_some_and(|n| n.eq_ignore_ascii_case("MicrosoftWindowsPowerShellV2"))
                && r.get("installstate").is_some_and(|s| s.trim() == "1")
        };
        // Windows 7 has version 2 as its only one, not as a feature.
        let seven = world.version.is_some_and(|v| (v.major, v.minor) == (6, 1));
        out.fact("windows.powershell_v2", seven || rows.iter().any(on), at);
    }
}

/// Folders right below those of programs and the system's drive; names in a list of rights lack the folder above.
fn folders(out: &mut Out<'_>, world: &World) {
    const IDS: &[&str] = &["windows.writable_folder"];
    let lists = [("programs", "%ProgramFiles%"), ("programs-x86", "%ProgramFiles(x86)%"), ("drive", "%SystemDrive%")];
    for (list, above) in lists {
        let file = format!("folder-acls-{list}.txt");
        // A 32-bit Windows has one folder of programs, and its collector does not ask for the second.
        let asked = |b: &super::bundle::Bundle| b.manifest.sources.iter().any(|s| s.file == file);
        if list == "programs-x86" && !world.bundle.as_ref().is_some_and(asked) {
            continue;
        }
        let Some((text, at)) = world.answer(out, IDS, &file, GapReason::Unsupported) else { continue };
        for (line, folder, who) in output::saved_acls(&text) {
            for who in who {
                let path = printable(&format!("{above}\\{folder}"));
                let row = FactValue::row([("path", path.into()), ("who", who.into())]);
                out.fact("windows.writable_folder", row, at.clone().line(line as u64));
            }
        }
    }
}

/// Defender guards: its service starts, and neither policy nor setting switches it or its watching off.
fn defender(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let mut look = || {
        let start = q.value(Root::System, "Services\\WinDefend", "Start")?;
        let realtime = |base: &str| format!("{base}\\Real-Time Protection");
        let (local, policy) = (realtime(DEFENDER), realtime(DEFENDER_POLICY));
        let offs = [
            (Root::Software, DEFENDER_POLICY, "DisableAntiSpyware"),
            (Root::Software, DEFENDER, "DisableAntiSpyware"),
            (Root::Software, DEFENDER, "DisableAntiVirus"),
            (Root::Software, policy.as_str(), "DisableRealtimeMonitoring"),
            (Root::Software, local.as_str(), "DisableRealtimeMonitoring"),
        ];
        for (root, key, name) in offs {
            let seen = q.value(root, key, name)?;
            if seen.int().is_some_and(|v| v != 0) {
                return Some((false, seen.at));
            }
        }
        // Before Windows 8 the service of this name looked for spyware only.
        let version = world.version?;
        let on = start.int().is_some_and(|s| s <= 2) && (version.major, version.minor) >= (6, 2);
        Some((on, start.at))
    };
    match look() {
        Some((on, at)) => out.fact("windows.defender_enabled", on, at),
        None if world.version.is_none() => out.gap("windows.defender_enabled", GapReason::Missing, None),
        None => {}
    }
    q.settle(out, &["windows.defender_enabled"]);
    for base in [DEFENDER, DEFENDER_POLICY] {
        for kind in ["Extensions", "IpAddresses", "Paths", "Processes"] {
            for (name, _, at) in q.values(Root::Software, &format!("{base}\\Exclusions\\{kind}")).unwrap_or_default() {
                let row = FactValue::row([("value", printable(&name).into()), ("kind", kind.to_lowercase().into())]);
                out.fact("windows.defender_exclusion", row, at);
            }
        }
    }
    q.settle(out, &["windows.defender_exclusion"]);
}

/// Updates install themselves: option 4 (or 5, left to the administrator of the host, does not count); where nothing
/// is set, Windows 10 and later do so.
fn updates(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let mut look = || {
        let start = q.value(Root::System, "Services\\wuauserv", "Start")?;
        if start.int().is_none_or(|s| s == 4) {
            return Some((false, start.at));
        }
        let never = q.value(Root::Software, UPDATE_POLICY, "NoAutoUpdate")?;
        if never.int() == Some(1) {
            return Some((false, never.at));
        }
        let option = q.first(&[
            (Root::Software, UPDATE_POLICY, "AUOptions"),
            (Root::Software, "Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update", "AUOptions"),
        ])?;
        let on = option.int().map_or(world.version?.major >= 10, |o| o == 4);
        Some((on, option.at))
    };
    match look() {
        Some((on, at)) => out.fact("update.automatic", on, at),
        None if world.version.is_none() => out.gap("update.automatic", GapReason::Missing, None),
        None => {}
    }
    q.settle(out, &["update.automatic"]);
}

fn time(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let start = q.value(Root::System, "Services\\W32Time", "Start");
    let kind = q.value(Root::System, "Services\\W32Time\\Parameters", "Type");
    if let (Some(start), Some(kind)) = (start, kind) {
        let off = start.int().is_none_or(|s| s == 4) || kind.text().is_some_and(|t| t.eq_ignore_ascii_case("NoSync"));
        let at = if kind.data.is_some() { kind.at } else { start.at };
        out.fact("time.sync", if off { "none" } else { "w32time" }, at);
    }
    q.settle(out, &["time.sync"]);
    if world.bundle.is_some()
        && let Some((text, at)) = world.answer(out, &["time.synchronized"], "time-status.txt", GapReason::NotLive)
    {
        match output::leap_indicator(&text) {
            Some(right) => out.fact("time.synchronized", right, at.line(1)),
            None => out.gap("time.synchronized", GapReason::Unsupported, Some(at)),
        }
    }
}

/// Level 1 runs every macro, 2 asks, 3 runs signed ones, 4 runs none.
fn macros(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    world.absent_users(out, &["windows.macro_policy"]);
    for (n, user) in world.registry.users() {
        let user = world.user_name(&user);
        for version in OFFICE {
            for program in OFFICE_PROGRAMS {
                let policy = format!("Software\\Policies\\Microsoft\\Office\\{version}\\{program}\\Security");
                let own = format!("Software\\Microsoft\\Office\\{version}\\{program}\\Security");
                let both = |name| [(Root::User(n), policy.as_str(), name), (Root::User(n), own.as_str(), name)];
                let Some(level) = q.first(&both("VBAWarnings")) else { continue };
                let internet = q.first(&both("blockcontentexecutionfrominternet")).and_then(|s| s.int());
                if level.data.is_none() && internet.is_none() {
                    continue;
                }
                let mut row = FactValue::row([
                    ("application", format!("{program} {version}").into()),
                    ("user", printable(&user).into()),
                ]);
                with(&mut row, "level", level.int());
                with(&mut row, "internet_blocked", internet.map(|v| v != 0));
                out.fact("windows.macro_policy", row, level.at);
            }
        }
    }
    q.settle(out, &["windows.macro_policy"]);
}

/// Collects what is known about storage.
pub(crate) fn storage(out: &mut Out<'_>, world: &World) {
    usb_blocked(out, world);
    usb_devices(out, world);
    if world.bundle.is_none() {
        // What is mounted here has been opened already, or was never closed.
        return out.gap("disk.encrypted", GapReason::NotLive, None);
    }
    let ids = &["windows.bitlocker", "disk.encrypted"];
    let Some((rows, at)) = world.table(out, ids, "bitlocker.csv", GapReason::NotLive) else { return };
    let mut system = None;
    for row in rows {
        // ProtectionStatus 1 is on; ConversionStatus 1 is fully encrypted (Win32_EncryptableVolume).
        let number = |name: &str| row.get(name).and_then(|v| v.trim().parse::<i64>().ok());
        let volume = row.get("driveletter").map(|l| l.trim()).filter(|l| !l.is_empty()).unwrap_or("?").to_owned();
        let protected = number("protectionstatus").map(|v| v == 1);
        if volume.eq_ignore_ascii_case("C:") {
            system = protected;
        }
        let mut fact = FactValue::row([("volume", printable(&volume).into())]);
        with(&mut fact, "protected", protected);
        with(&mut fact, "encrypted", number("conversionstatus").map(|v| v == 1));
        out.fact("windows.bitlocker", fact, at.clone());
    }
    match system {
        Some(on) => out.fact("disk.encrypted", on, at),
        None => out.gap("disk.encrypted", GapReason::Missing, Some(at)),
    }
}

fn usb_blocked(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let mut look = || {
        let driver = q.value(Root::System, "Services\\USBSTOR", "Start")?;
        if driver.int() == Some(4) {
            return Some((true, driver.at));
        }
        let all = q.value(Root::Software, REMOVABLE, "Deny_All")?;
        if all.int() == Some(1) {
            return Some((true, all.at));
        }
        let disks = format!("{REMOVABLE}\\{DISKS}");
        let read = q.value(Root::Software, &disks, "Deny_Read")?;
        let write = q.value(Root::Software, &disks, "Deny_Write")?;
        Some((read.int() == Some(1) && write.int() == Some(1), driver.at))
    };
    if let Some((blocked, at)) = look() {
        out.fact("usb.storage_blocked", blocked, at);
    }
    q.settle(out, &["usb.storage_blocked"]);
}

/// The history of USB storage: kinds of devices, and below each kind one key a device, named by its serial number.
fn usb_devices(out: &mut Out<'_>, world: &World) {
    const KEY: &str = "Enum\\USBSTOR";
    /// Where a device's key keeps its times: first plugged in, last plugged in (`DEVPKEY_Device_*`).
    const TIMES: &str = "Properties\\{83da6326-97a6-4088-9453-a1923f573b29}";
    let mut q = world.ask();
    for kind in q.subkeys(Root::System, KEY).unwrap_or_default() {
        for serial in q.subkeys(Root::System, &format!("{KEY}\\{kind}")).unwrap_or_default() {
            let key = format!("{KEY}\\{kind}\\{serial}");
            let name = q.value(Root::System, &key, "FriendlyName");
            let Some(name) = name else { continue };
            let shown = name.text().unwrap_or_else(|| kind.replace('&', " "));
            // The last part counts the sockets of one device.
            let own = serial.rsplit_once('&').map_or(serial.as_str(), |(own, _)| own);
            let digest = world.key.digest("usb-serial", own.to_uppercase().as_bytes());
            let mut row = FactValue::row([("device", printable(&shown).into()), ("serial", digest.to_string().into())]);
            if world.bundle.is_none() {
                let time = |q: &mut Query<'_>, n: &str| device_time(q, &format!("{key}\\{TIMES}\\{n}"));
                with(&mut row, "first", time(&mut q, "0064").map(FactValue::time));
                with(&mut row, "last", time(&mut q, "0066").map(FactValue::time));
            }
            // The place names the key, and the key the serial number.
            let mut at = name.at;
            at.inside.clear();
            out.fact("windows.usb_device", row, at);
        }
    }
    // Nor may a gap name the key.
    q.hide_keys();
    q.settle(out, &["windows.usb_device"]);
}
fn device_time(q: &mut Query<'_>, key: &str) -> Option<Time> {
    match q.value(Root::System, key, "")?.data? {
        Data::Bytes(b) => filetime(u64::from_le_bytes(b.get(..8)?.try_into().ok()?)),
        Data::Int(n) => filetime(n),
        _ => None,
    }
}
