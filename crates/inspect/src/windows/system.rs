//! Which Windows this is, how far it is patched, and until when its maker mends it.

use super::World;
use super::data::filetime;
use super::view::{Query, Root};
use crate::out::Out;
use crate::packs;
use crate::parse::printable;
use evidence::{FactValue, Place, Time};
use std::collections::BTreeMap;

/// Facts of this collector.
pub(crate) const FACTS: &[&str] =
    &["host.name", "os.family", "os.id", "os.name", "os.support_end", "os.version", "windows.patch_level"];
/// Facts about patches.
pub(crate) const PATCH_FACTS: &[&str] = &["windows.hotfix", "windows.last_update"];

const CURRENT: &str = "Microsoft\\Windows NT\\CurrentVersion";
const PACKAGES: &str = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages";
/// State of a package that is installed (`CbsInstallState`).
const INSTALLED: i64 = 112;
/// First build that is Windows 11.
const WINDOWS_11: u32 = 22_000;

/// A version such as 10.0.19045.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Build.
    pub build: u32,
}
impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

/// The version and where it stands.
pub(crate) fn version(q: &mut Query<'_>) -> Option<(Version, Place)> {
    let number = |n: i64| u32::try_from(n).ok();
    let build =
        q.first(&[(Root::Software, CURRENT, "CurrentBuildNumber"), (Root::Software, CURRENT, "CurrentBuild")])?;
    let at = build.at.clone();
    let build = number(build.int()?)?;
    // Since Windows 10 the old text says 6.3 for ever.
    if let Some(major) = q.value(Root::Software, CURRENT, "CurrentMajorVersionNumber")?.int() {
        let minor = q.value(Root::Software, CURRENT, "CurrentMinorVersionNumber")?.int().unwrap_or(0);
        return Some((Version { major: number(major)?, minor: number(minor)?, build }, at));
    }
    let text = q.value(Root::Software, CURRENT, "CurrentVersion")?.text()?;
    let (major, minor) = text.split_once('.')?;
    Some((Version { major: major.parse().ok()?, minor: minor.parse().ok()?, build }, at))
}

/// The host's name and where it stands.
pub(crate) fn host_name(q: &mut Query<'_>) -> Option<(String, Place)> {
    let seen = q.first(&[
        (Root::System, "Services\\Tcpip\\Parameters", "Hostname"),
        (Root::System, "Control\\ComputerName\\ComputerName", "ComputerName"),
    ])?;
    Some((printable(&seen.text()?), seen.at))
}

/// Collects.
pub(crate) fn collect(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    // Which system it is was told by what was opened, whatever its registry answers.
    let whole = || crate::host::place(std::path::Path::new("/"));
    out.fact("os.family", "windows", world.bundle.as_ref().map_or_else(whole, |b| b.at.clone()));
    if let Some((name, at)) = host_name(&mut q) {
        out.fact("host.name", name, at);
    }
    q.settle(out, &["host.name"]);
    let Some((version, at)) = version(&mut q) else {
        q.settle(out, &["os.id", "os.name", "os.support_end", "os.version", "windows.patch_level"]);
        return;
    };
    out.fact("os.id", "windows", at.clone());
    out.fact("os.version", version.to_string(), at.clone());
    q.settle(out, &["os.id", "os.version"]);
    if let Some(ubr) = q.value(Root::Software, CURRENT, "UBR") {
        // Before Windows 10 the patch level is no number; the hotfixes tell it.
        if let Some(n) = ubr.int() {
            out.fact("windows.patch_level", format!("{version}.{n}"), ubr.at);
        }
    }
    q.settle(out, &["windows.patch_level"]);
    let (name, end) = name_and_end(&mut q, version);
    if let Some(name) = name {
        out.fact("os.name", name, at.clone());
    }
    q.settle(out, &["os.name", "os.support_end"]);
    if let Some(end) = end {
        out.fact("os.support_end", FactValue::time(end), at);
    }
}

/// Name with release and service pack, and the end of support.
pub(crate) fn name_and_end(q: &mut Query<'_>, version: Version) -> (Option<String>, Option<Time>) {
    let mut text = |name: &str| q.value(Root::Software, CURRENT, name).and_then(|s| s.text());
    let (kind, edition) = (text("InstallationType"), text("EditionID"));
    let edition = edition.unwrap_or_default();
    let server = kind.as_deref().is_some_and(|k| k.starts_with("Server")) || edition.starts_with("Server");
    let name = text("ProductName").map(|name| {
        let name = if version.build >= WINDOWS_11 && !server { name.replace("Windows 10", "Windows 11") } else { name };
        let release = text("DisplayVersion").or_else(|| text("ReleaseId"));
        let pack = text("CSDVersion");
        let whole: Vec<String> = [Some(name), release, pack].into_iter().flatten().collect();
        printable(&whole.join(" "))
    });
    let lines = support_lines(server, &edition);
    (name, lines.iter().find_map(|os| packs::support_end(os, &version.to_string())))
}

/// Names of the table of releases to look in, the most special first.
fn support_lines(server: bool, edition: &str) -> &'static [&'static str] {
    match edition {
        _ if server => &["windows-server"],
        "IoTEnterpriseS" => &["windows-iot-ltsc", "windows-ltsc", "windows"],
        "EnterpriseS" | "EnterpriseSN" => &["windows-ltsc", "windows"],
        e if e.starts_with("Enterprise") || e.starts_with("Education") || e == "IoTEnterprise" => {
            &["windows-enterprise", "windows"]
        }
        _ => &["windows"],
    }
}

/// `KB5005565` of `Package_for_KB5005565~31bf…~amd64~~19041.1.2`, or `19041.1237` of a rollup, which has no number.
fn hotfix_id(package: &str) -> Option<String> {
    let rest = package.strip_prefix("Package_for_").or_else(|| package.strip_prefix("package_for_"))?;
    let mut parts = rest.split('~');
    let name = parts.next()?;
    if name.eq_ignore_ascii_case("RollupFix") {
        let version = parts.next_back()?;
        let short: Vec<&str> = version.split('.').take(2).collect();
        return Some(format!("rollup {}", short.join(".")));
    }
    let digits: String = name.get(2..)?.chars().take_while(char::is_ascii_digit).collect();
    (name.get(..2)?.eq_ignore_ascii_case("kb") && digits.len() >= 5).then(|| format!("KB{digits}"))
}

/// Collects the installed patches.
pub(crate) fn patches(out: &mut Out<'_>, world: &World) {
    let mut q = world.ask();
    let mut newest: BTreeMap<String, (Option<Time>, Place)> = BTreeMap::new();
    for package in q.subkeys(Root::Software, PACKAGES).unwrap_or_default() {
        let Some(id) = hotfix_id(&package) else { continue };
        let key = format!("{PACKAGES}\\{package}");
        let Some(state) = q.value(Root::Software, &key, "CurrentState") else { continue };
        if state.int() != Some(INSTALLED) {
            continue;
        }
        let half = |seen: Option<super::view::Seen>| seen.and_then(|s| s.int()).and_then(|n| u64::try_from(n).ok());
        let high = half(q.value(Root::Software, &key, "InstallTimeHigh"));
        let low = half(q.value(Root::Software, &key, "InstallTimeLow"));
        let at = high.zip(low).and_then(|(h, l)| filetime((h << 32) | (l & 0xffff_ffff)));
        let entry = newest.entry(id).or_insert_with(|| (at, state.at.clone()));
        if at > entry.0 {
            *entry = (at, state.at);
        }
    }
    let last = newest.values().filter_map(|(t, at)| t.map(|t| (t, at))).max_by_key(|(t, _)| *t);
    if let Some((time, at)) = last {
        out.fact("windows.last_update", FactValue::time(time), at.clone());
    }
    for (id, (time, at)) in newest {
        let mut row = FactValue::row([("id", id.into())]);
        crate::collect::with(&mut row, "installed", time.map(FactValue::time));
        out.fact("windows.hotfix", row, at);
    }
    q.settle(out, PATCH_FACTS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_packages() {
        let id = |n: &str| hotfix_id(n);
        assert_eq!(id("Package_for_KB5005565~31bf3856ad364e35~amd64~~19041.1.2").as_deref(), Some("KB5005565"));
        assert_eq!(id("Package_for_KB2533552_SP1~31bf3856ad364e35~amd64~~6.1.1.1").as_deref(), Some("KB2533552"));
        assert_eq!(
            id("Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.1237.1.8").as_deref(),
            Some("rollup 19041.1237")
        );
        assert_eq!(
            (id("Package_1_for_KB2533552~x"), id("Microsoft-Windows-X~y"), id("Package_for_é")),
            (None, None, None)
        );
    }
}
