//! A Windows disk under a root: finding files whatever the case of their names, and the hives.

use super::view::{Hives, Part};
use crate::host::{Host, Miss};
use evidence::GapReason;
use std::path::{Path, PathBuf};

/// Folder of the hives.
const CONFIG: &str = "/Windows/System32/config";
/// Most profiles whose settings are read.
const USERS_MAX: usize = 500;
/// Profiles that belong to nobody.
const NOBODY: [&str; 4] = ["all users", "default", "default user", "public"];

/// The path as it is spelled on the disk, if it is there. Links are followed inside the root only.
pub(crate) fn find(host: &Host, path: &str) -> Result<PathBuf, Miss> {
    if host.stat(Path::new(path)).is_ok() {
        return Ok(PathBuf::from(path));
    }
    let mut at = PathBuf::from("/");
    for name in path.split('/').filter(|n| !n.is_empty()) {
        let wanted = name.to_lowercase();
        let entries = host.list(&at)?;
        at = entries.into_iter().find(|e| e.text().to_lowercase() == wanted).ok_or(Miss::Absent)?.path;
    }
    Ok(at)
}

/// Windows lies under this root.
pub(crate) fn is_windows(host: &Host) -> bool {
    find(host, CONFIG).is_ok_and(|p| host.stat(&p).is_ok_and(|m| m.is_dir()))
}

fn part(host: &Host, path: &str) -> Part {
    let found = match find(host, path) {
        Ok(found) => found,
        Err(Miss::Absent) => return Part::missing(Path::new(path)),
        Err(Miss::Gap(reason)) => return Part::new(Path::new(path), Err(reason), &[]),
    };
    let read = |p: &Path| host.bytes(p, host.limits.hive_bytes_max).map(|(b, _)| b);
    let bytes = read(&found).map_err(|e| match e {
        // A link to nowhere.
        Miss::Absent => GapReason::Missing,
        Miss::Gap(reason) => reason,
    });
    // A log that cannot be read leaves the hive dirty, which is said there.
    let log = |end: &str| find(host, &format!("{path}{end}")).ok().and_then(|p| read(&p).ok());
    let logs: Vec<Vec<u8>> = [".LOG1", ".LOG2"].iter().filter_map(|e| log(e)).collect();
    Part::new(&found, bytes, &logs)
}

/// The hives of the disk. SECURITY is never opened.
pub(crate) fn hives(host: &Host) -> Hives {
    let machine = |name: &str| part(host, &format!("{CONFIG}/{name}"));
    Hives::new(machine("SYSTEM"), machine("SOFTWARE"), machine("SAM"), users(host))
}
fn users(host: &Host) -> Vec<(String, Part)> {
    let refused = |reason| vec![("?".to_owned(), Part::new(Path::new("/Users"), Err(reason), &[]))];
    let listed = find(host, "/Users").and_then(|folder| host.list(&folder));
    let entries = match listed {
        Ok(entries) => entries,
        Err(Miss::Absent) => return Vec::new(),
        Err(Miss::Gap(reason)) => return refused(reason),
    };
    let mut out = Vec::new();
    for entry in entries {
        let name = entry.text().into_owned();
        let own = host.stat(&entry.path).is_ok_and(|m| m.is_dir()) && !NOBODY.contains(&name.to_lowercase().as_str());
        let path = format!("{}/NTUSER.DAT", entry.path.display());
        if own && !matches!(find(host, &path), Err(Miss::Absent)) {
            if out.len() >= USERS_MAX {
                out.extend(refused(GapReason::TooMany));
                break;
            }
            out.push((name, part(host, &path)));
        }
    }
    out
}
/// Home folders of the profiles.
pub(crate) fn homes(host: &Host) -> Vec<PathBuf> {
    let Ok(folder) = find(host, "/Users") else { return Vec::new() };
    let entries = host.list(&folder).unwrap_or_default();
    entries
        .into_iter()
        .take(USERS_MAX)
        .filter(|e| host.stat(&e.path).is_ok_and(|m| m.is_dir()))
        .map(|e| e.path)
        .collect()
}
